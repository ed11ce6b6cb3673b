/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is told of whom: the payloads by which user records spread (greeting, digest, want, records), and what follows
 * from comparing two digests. Pure: the table of users is the caller's.
 */
#ifndef NKT_GOSSIP_GOSSIP_H
#define NKT_GOSSIP_GOSSIP_H

#include "base/bytes.h"
#include "nkt.h"
#include "wire/limits.h"
#include "wire/pack.h"

/** An entry of a digest. */
typedef struct nkt_gossip_known {
    nkt_address_t address;
    uint64_t sequence;
} nkt_gossip_known_t;

enum {
    NKT_GREETING_ANSWER = 1, /* answers a greeting: is not answered, but for a nonce in it, or a key that is wanted */
    NKT_GREETING_SEEK = 2,   /* its sender looks for the recipient by address */
    NKT_GREETING_WANT_KEY = 8, /* its sender lacks a KEM key of the recipient: answered with one, though it be an answer */
};

/** What a greeting says; of a parsed one `unpacked` owns what the pointers lead to. */
typedef struct nkt_greeting {
    nkt_signed_record_t record;
    uint32_t prekey_id; /* 0: none */
    const uint8_t *prekey;
    const uint8_t *kem_key; /* NULL: none */
    uint32_t kem_key_id;    /* prekey_id, or 0: the lasting one */
    unsigned flags;
    const uint8_t *nonce, *echo; /* NKT_CLOCK_NONCE_SIZE bytes, or NULL */
    uint64_t wall_ms;            /* the sender's wall clock, 0: not told */
    void *unpacked;
} nkt_greeting_t;

/** Whose records and whose lasting KEM keys are wanted. */
typedef struct nkt_gossip_want {
    nkt_address_t records[NKT_WANT_COUNT_MAX], keys[NKT_KEYS_COUNT_MAX];
    size_t record_count, key_count;
} nkt_gossip_want_t;

/** A user's lasting KEM key, NKT_KEM_KEY_SIZE bytes: whether it is his only his record says. */
typedef struct nkt_gossip_key {
    nkt_address_t address;
    const uint8_t *key;
} nkt_gossip_key_t;

/** What becomes of what is in a RECORDS payload. on_key NULL: keys are passed over. */
typedef struct nkt_gossip_heed {
    void (*on_record)(void *context, const nkt_signed_record_t *record); /* NULL: one is malformed, the others count */
    void (*on_key)(void *context, const nkt_gossip_key_t *key);
    void *context;
} nkt_gossip_heed_t;

/** All encoders replace out. NKT_E_MEMORY. */
int nkt_gossip_encode_greeting(nkt_buf_t *out, const nkt_greeting_t *greeting);
int nkt_gossip_encode_digest(nkt_buf_t *out, const nkt_gossip_known_t *known, size_t count, int is_answer);
int nkt_gossip_encode_want(nkt_buf_t *out, const nkt_address_t *addresses, size_t count);
int nkt_gossip_encode_key_want(nkt_buf_t *out, const nkt_address_t *addresses, size_t count);
int nkt_gossip_encode_records(nkt_buf_t *out, const nkt_signed_record_t *records, size_t count);
int nkt_gossip_encode_keys(nkt_buf_t *out, const nkt_gossip_key_t *keys, size_t count);

/** NKT_E_PAYLOAD; deinit on success only. */
int nkt_gossip_decode_greeting(nkt_greeting_t *out, const uint8_t *bytes, size_t size);
void nkt_greeting_deinit(nkt_greeting_t *greeting);

/** Fills at most count_max entries, returns how many. NKT_E_PAYLOAD: malformed or more. */
int nkt_gossip_decode_digest(nkt_gossip_known_t *known, size_t count_max, int *is_answer, const uint8_t *bytes,
                             size_t size);

/** NKT_E_PAYLOAD: malformed, or more than there may be of either. */
int nkt_gossip_decode_want(nkt_gossip_want_t *out, const uint8_t *bytes, size_t size);

/** Heeds each record, then each key. NKT_E_PAYLOAD: nothing was heeded. */
int nkt_gossip_decode_records(const uint8_t *bytes, size_t size, const nkt_gossip_heed_t *heed);

#endif
