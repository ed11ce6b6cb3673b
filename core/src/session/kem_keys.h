/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What follows from what in the KEM ratchet, and how its messages look. For kem_ratchet.c and
 * kem_stored.c. */
#ifndef NKT_SESSION_KEM_KEYS_H
#define NKT_SESSION_KEM_KEYS_H

#include "session/kem_ratchet.h"

enum {
    NKT_KEM_HAS_OFFER = 1,
    NKT_KEM_HAS_ANSWER = 2,
    NKT_KEM_IS_FIRST = 4, /* the answer is for a published key: it begins the session */
    NKT_KEM_HEADER_SIZE = 4 + NKT_KEM_TAG_SIZE,
    NKT_KEM_ROW_SIZE = 40, /* of skipped keys: epoch u32be, place u32be, key */
};

/** A header, taken apart; the pointers are into it. */
typedef struct nkt_kem_message {
    uint8_t flags;
    uint8_t epoch; /* its lowest 8 bits */
    uint32_t place;
    const uint8_t *tag;
    uint32_t offer_id;
    const uint8_t *offer; /* NULL: none */
    uint32_t answer_id;
    const uint8_t *answer; /* NULL: none */
} nkt_kem_message_t;

/** How long is a header with those flags? */
size_t nkt_kem_head_size(uint8_t flags);

/** NKT_E_DECRYPT: it does not parse. */
int nkt_kem_parse(nkt_kem_message_t *message, const uint8_t *bytes, size_t size);

/** The name of the session that this ciphertext begins. */
void nkt_kem_tag_derive(uint8_t tag[NKT_KEM_TAG_SIZE], const uint8_t answer[NKT_KEM_ANSWER_SIZE]);

/** The keys of an epoch: of the root before it (of the first: its context) and the secret. */
void nkt_kem_epoch_derive(nkt_kem_keys_t *keys, const uint8_t root[32], uint32_t epoch, const uint8_t shared[32]);

/** The next key of a chain; the step past it; both. */
void nkt_kem_chain_key(const nkt_kem_chain_t *chain, uint8_t message_key[32]);
void nkt_kem_chain_step(nkt_kem_chain_t *chain);
void nkt_kem_chain_next(nkt_kem_chain_t *chain, uint8_t message_key[32]);

/** Makes room at the beginning of the heard chains for the one of a new epoch, and sets up both
 * chains of it. */
void nkt_kem_epoch_enter(nkt_kem_t *kem, const nkt_kem_keys_t *keys, uint32_t epoch);

#endif
