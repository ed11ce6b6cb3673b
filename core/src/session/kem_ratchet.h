/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The ratchet of ML-KEM keys beside the Double Ratchet: a key for each message, beside the one that
 * libsignal has for it (content.h). docs/protocol.md, section 8.3, says how it goes; this is
 * one end of one session. No clock, no storage, entropy by the host's hook.
 *
 * An epoch is what follows from one KEM secret: a chain of message keys each way. In each epoch one
 * end, the offerer, owes the other a fresh KEM key. The other answers with a ciphertext, and by
 * that begins the next epoch, in which it is the offerer. So two ends never begin one at the same
 * time.
 *
 * The order for the caller: nkt_kem_prepare() before each message (what it changes has to be durable
 * before the message leaves), nkt_kem_say(), nkt_kem_said(). On arrival nkt_kem_hear(), then whether anything opens
 * with that key, then nkt_kem_accept() or nkt_kem_reject().
 */
#ifndef NKT_SESSION_KEM_RATCHET_H
#define NKT_SESSION_KEM_RATCHET_H

#include "base/bytes.h"
#include "nkt.h"
#include "wire/limits.h"

/** Message keys of one epoch, one direction. */
typedef struct nkt_kem_chain {
    uint32_t epoch;
    uint32_t next; /* place of the next key */
    uint8_t is_used;
    uint8_t key[32];
} nkt_kem_chain_t;

/** A KEM key of ours that was offered. */
typedef struct nkt_kem_offer {
    uint32_t id; /* 0: none */
    uint8_t seed[NKT_KEM_SEED_SIZE];
} nkt_kem_offer_t;

/** What follows from one KEM secret. */
typedef struct nkt_kem_keys {
    uint8_t root[32];
    uint8_t chain[2][32]; /* of the session's initiator, of the other */
} nkt_kem_keys_t;

/** One end of one session; embedded. All zero: none. */
typedef struct nkt_kem {
    uint8_t tag[NKT_KEM_TAG_SIZE]; /* names the session in every message */
    uint8_t is_there;
    uint8_t is_initiator;
    uint8_t is_offerer; /* in this epoch */
    uint8_t is_turn; /* something was heard since we sealed last: what we seal next begins a turn */
    uint8_t turn_count; /* our own turns in this epoch; stays at 255 */
    uint32_t epoch;
    uint8_t root[32];
    nkt_kem_chain_t sending;
    uint32_t opened_count;                       /* messages of this epoch that were heard */
    nkt_kem_chain_t heard[NKT_KEM_CHAIN_COUNT];  /* newest first */
    nkt_kem_offer_t offers[NKT_KEM_OFFER_COUNT]; /* newest first */
    uint32_t offered_at; /* place of the sending chain at which the newest was made */
    nkt_buf_t secret;   /* of an offer: seed and expanded secret key, or empty: can be made again, so it is not stored */
    uint32_t key_id;    /* the other's offer, to be answered ... */
    nkt_buf_t key;      /* ... empty: none */
    uint32_t answer_id; /* which offer our answer is for ... */
    nkt_buf_t answer; /* ... the ciphertext, said until the other is known to have it; else empty */
    nkt_buf_t skipped; /* keys passed over, oldest first: rows of epoch, place, key */
} nkt_kem_t;

/** What a message that is heard changes, not yet done. */
typedef struct nkt_kem_news {
    nkt_kem_chain_t chain; /* as it is afterwards */
    size_t chain_index;    /* which; NKT_KEM_CHAIN_COUNT: that of a new epoch */
    nkt_kem_keys_t keys;   /* of the new epoch */
    nkt_buf_t skipped;     /* rows to be kept */
    size_t used_at;        /* offset of the row that was used; SIZE_MAX: none */
    uint8_t has_offer;
    uint32_t offer_id;
    uint8_t offer[NKT_KEM_KEY_SIZE];
} nkt_kem_news_t;

/** Wipes and frees. */
void nkt_kem_deinit(nkt_kem_t *kem);

/**
 * Begins a session with a KEM key of the other's, whose origin the caller has proved. context (32
 * bytes) names both ends and all that they must agree on. kem must be all zero. NKT_E_KEY: not a
 * canonical key; NKT_E_ENTROPY, NKT_E_MEMORY.
 */
int nkt_kem_initiate(nkt_kem_t *kem, const uint8_t key[NKT_KEM_KEY_SIZE], uint32_t key_id,
                     const uint8_t context[32], const nkt_host_t *host);

/** Which key of ours does the header of that first message name? NKT_E_DECRYPT: it is no first message. */
int nkt_kem_first_key_id(const uint8_t *header, size_t size, uint32_t *key_id);

/** The other end of it, from any message that names a key of ours; whose key is to be asked of it then. kem
 * must be all zero. NKT_E_DECRYPT: it is no first message. */
int nkt_kem_respond(nkt_kem_t *kem, const uint8_t secret_key[NKT_KEM_SECRET_SIZE],
                    const uint8_t *header, size_t size, const uint8_t context[32]);

/** Is that message of this session, by its name? */
int nkt_kem_is_of(const nkt_kem_t *kem, const uint8_t *header, size_t size);

/**
 * What is due before the next message: answering the other's offer, offering. *has_changed: store
 * the state before that message leaves. NKT_E_ENTROPY, NKT_E_MEMORY: nothing is lost but this turn.
 */
int nkt_kem_prepare(nkt_kem_t *kem, const nkt_host_t *host, int *has_changed);

/** Is anything due before the next message? Without, nkt_kem_prepare() changes nothing. */
int nkt_kem_is_due(const nkt_kem_t *kem);

/** The key of the next message; out is replaced by the header that travels with it, and that it is to be bound to.
 * NKT_E_NO_SESSION: so many messages without an answer that a new session is due; NKT_E_MEMORY. The state changes only when
 * it is said: nkt_kem_said(). */
int nkt_kem_say(nkt_kem_t *kem, nkt_buf_t *out, uint8_t key[32]);
void nkt_kem_said(nkt_kem_t *kem);

/** Passes over so many places of the sending chain. */
void nkt_kem_skip(nkt_kem_t *kem, uint32_t count);

/**
 * The key of the message with that header; the state does not change. news, uninitialised, has to be
 * accepted or rejected after NKT_OK. NKT_E_DUPLICATE: a place that was used; NKT_E_DECRYPT: of
 * another session, or too old; NKT_E_MEMORY.
 */
int nkt_kem_hear(nkt_kem_t *kem, const uint8_t *header, size_t size, uint8_t key[32],
                 nkt_kem_news_t *news);
void nkt_kem_accept(nkt_kem_t *kem, nkt_kem_news_t *news);
void nkt_kem_reject(nkt_kem_news_t *news);

/** The stored form: appended to out. NKT_E_MEMORY. */
int nkt_kem_write(const nkt_kem_t *kem, nkt_buf_t *out);

/** nkt_kem_is_of() by the stored form alone. */
int nkt_kem_stored_is_of(const uint8_t *stored, size_t stored_size, const uint8_t *message, size_t size);

/** kem must be all zero, and is so after an error. The places that were reserved are the caller's
 * to skip. NKT_E_RECORD, NKT_E_MEMORY. */
int nkt_kem_read(nkt_kem_t *kem, const uint8_t *bytes, size_t size);

#endif
