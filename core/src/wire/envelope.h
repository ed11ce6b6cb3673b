/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Envelopes: everything that travels is body bytes and an Ed25519 signature, plus a hop count outside of it.
 *
 *     frame = 0x21 | hops u8 | signature 64 | body (protobuf Body)
 *     digest = H_32(T("envelope", body)) (base/hash.h); the signature is over it; id = first 16 bytes of it
 *
 * What goes over its recipient's own link alone needs no signature, which would prove to others who said it: 0x2a | body. Digest and id are
 * the same, so either form is known again as the other. It is read by nkt_direct_digest() alone, and never verifies: whoever takes it
 * has to know by the link that it is its author's.
 *
 * Sign and hash the bytes as they are, never a re-serialised form.
 */
#ifndef NKT_WIRE_ENVELOPE_H
#define NKT_WIRE_ENVELOPE_H

#include "base/bytes.h"
#include "nkt.h"
#include "wire/kinds.h"
#include "wire/limits.h"
#include "wire/pack.h"

enum { NKT_DIGEST_SIZE = 32 };

/** A parsed envelope. Its pointers lead into the frame or into `unpacked`. */
typedef struct nkt_envelope {
    const uint8_t *frame;
    size_t frame_size;
    uint8_t hops;
    const uint8_t *signature; /* NULL: a direct frame */
    uint8_t digest[NKT_DIGEST_SIZE]; /* the id is its beginning */
    uint8_t network[NKT_NETWORK_SIZE];
    nkt_address_t from;
    nkt_address_t to; /* zero: everybody */
    uint32_t kind;
    uint64_t created_ms; /* by its author's clock, at most NKT_TIME_MS_MAX */
    uint32_t ttl_s;
    int may_keep; /* for a recipient who is away */
    uint32_t keep_s; /* ... by a keeper, so long; 0: not */
    const uint8_t *payload;
    size_t payload_size;
    int is_sought; /* somebody asked for the recipient: worth asking everybody */
    int has_record;
    int is_doubted; /* for who receives it: its time is not plausible, and it is no sign of its author's life */
    nkt_signed_record_t record; /* the sender's, unverified */
    void *unpacked;
} nkt_envelope_t;

/** What an envelope is made of. */
typedef struct nkt_envelope_parts {
    const uint8_t *network; /* NKT_NETWORK_SIZE bytes */
    const nkt_address_t *from;
    const nkt_address_t *to; /* NULL: everybody */
    nkt_kind_t kind;
    uint64_t created_ms;
    uint32_t ttl_s; /* 0: NKT_ENVELOPE_TTL_S */
    int may_keep;   /* others may keep it for a recipient who is away */
    uint32_t keep_s; /* ... by a keeper, so long; 0: not */
    const uint8_t *payload;
    size_t payload_size;
    int is_sought;
    const nkt_signed_record_t *record; /* the sender's; NULL: whoever gets this knows him */
} nkt_envelope_parts_t;

/** Replaces out by the signed frame; sign_secret NULL: by a direct one. digest may be NULL. NKT_E_SIZE, NKT_E_MEMORY. */
int nkt_envelope_encode(nkt_buf_t *out, const nkt_envelope_parts_t *parts, const uint8_t sign_secret[64],
                        uint8_t digest[NKT_DIGEST_SIZE]);

/** Hash of the body of a frame, without parsing: enough to tell a duplicate. NKT_E_FRAME_LENGTH, NKT_E_FRAME_TYPE,
 *  NKT_E_VERSION. */
int nkt_envelope_digest(const uint8_t *frame, size_t size, uint8_t digest[NKT_DIGEST_SIZE]);

/** The same of a direct frame, which no other function takes for an envelope. NKT_E_FRAME_LENGTH, NKT_E_FRAME_TYPE. */
int nkt_direct_digest(const uint8_t *frame, size_t size, uint8_t digest[NKT_DIGEST_SIZE]);

/** Parses; digest is the one of the frame. Whether it is fresh is judged with its author's clock (state/clock.h). Deinit on
 *  success only. NKT_E_FRAME_SYNTAX; NKT_E_EXPIRED: a time or a time to live that nobody may claim. */
int nkt_envelope_decode(nkt_envelope_t *envelope, const uint8_t *frame, size_t size,
                        const uint8_t digest[NKT_DIGEST_SIZE]);

/** NKT_E_SIGNATURE, also where there is none. */
int nkt_envelope_verify(const nkt_envelope_t *envelope, const uint8_t sign_key[32]);

void nkt_envelope_deinit(nkt_envelope_t *envelope);

#endif
