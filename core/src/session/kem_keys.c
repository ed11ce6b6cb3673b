/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/kem_keys.h"

#include <string.h>

#include <sodium.h>

#include "base/hash.h"

size_t nkt_kem_head_size(uint8_t flags)
{
    return NKT_KEM_HEADER_SIZE + (flags & NKT_KEM_HAS_OFFER ? 4 + NKT_KEM_KEY_SIZE : 0u) +
           (flags & NKT_KEM_HAS_ANSWER ? 4 + NKT_KEM_ANSWER_SIZE : 0u);
}

int nkt_kem_parse(nkt_kem_message_t *message, const uint8_t *bytes, size_t size)
{
    *message = (nkt_kem_message_t){0};
    if (size < NKT_KEM_HEADER_SIZE)
        return NKT_E_DECRYPT;
    message->flags = bytes[0];
    message->epoch = bytes[1];
    message->place = (uint32_t)bytes[2] << 8 | bytes[3];
    message->tag = bytes + 4;
    if ((message->flags & ~(NKT_KEM_HAS_OFFER | NKT_KEM_HAS_ANSWER | NKT_KEM_IS_FIRST)) != 0 ||
        ((message->flags & NKT_KEM_IS_FIRST) != 0 &&
         ((message->flags & NKT_KEM_HAS_ANSWER) == 0 || message->epoch != 0)))
        return NKT_E_DECRYPT;
    if (size != nkt_kem_head_size(message->flags))
        return NKT_E_DECRYPT;
    const uint8_t *at = bytes + NKT_KEM_HEADER_SIZE;
    if (message->flags & NKT_KEM_HAS_OFFER) {
        message->offer_id = nkt_get_u32be(at);
        message->offer = at + 4;
        at += 4 + NKT_KEM_KEY_SIZE;
    }
    if (message->flags & NKT_KEM_HAS_ANSWER) {
        message->answer_id = nkt_get_u32be(at);
        message->answer = at + 4;
    }
    return NKT_OK;
}

void nkt_kem_tag_derive(uint8_t tag[NKT_KEM_TAG_SIZE], const uint8_t answer[NKT_KEM_ANSWER_SIZE])
{
    memcpy(tag, answer, NKT_KEM_TAG_SIZE);
}

/* An ML-KEM secret binds the key (its hash is hashed in) and the ciphertext (decapsulating encrypts again and compares), so neither is
 * hashed here: as in X-Wing (draft-connolly-cfrg-xwing-kem, 5.4; Schmieg 2024 for keys kept as seeds). */
void nkt_kem_epoch_derive(nkt_kem_keys_t *keys, const uint8_t root[32], uint32_t epoch, const uint8_t shared[32])
{
    static const uint8_t initiator = 1, responder = 2;
    uint8_t number[4], secret[32];
    nkt_put_u32be(number, epoch);
    NKT_HASH(secret, sizeof secret, root, NKT_LABEL_KEM_EPOCH, {number, sizeof number}, {shared, 32});
    nkt_hash(keys->root, 32, secret, NKT_LABEL_KEM_ROOT, NULL, 0);
    NKT_HASH(keys->chain[0], 32, secret, NKT_LABEL_KEM_CHAIN, {&initiator, 1});
    NKT_HASH(keys->chain[1], 32, secret, NKT_LABEL_KEM_CHAIN, {&responder, 1});
    sodium_memzero(secret, sizeof secret);
}

void nkt_kem_chain_key(const nkt_kem_chain_t *chain, uint8_t message_key[32])
{
    nkt_hash(message_key, 32, chain->key, NKT_LABEL_KEM_MESSAGE, NULL, 0);
}

void nkt_kem_chain_next(nkt_kem_chain_t *chain, uint8_t message_key[32])
{
    nkt_kem_chain_key(chain, message_key);
    nkt_kem_chain_step(chain);
}

void nkt_kem_chain_step(nkt_kem_chain_t *chain)
{
    uint8_t next[32];
    nkt_hash(next, sizeof next, chain->key, NKT_LABEL_KEM_NEXT, NULL, 0);
    memcpy(chain->key, next, sizeof next);
    sodium_memzero(next, sizeof next);
    chain->next++;
}

void nkt_kem_epoch_enter(nkt_kem_t *kem, const nkt_kem_keys_t *keys, uint32_t epoch)
{
    memmove(&kem->heard[1], &kem->heard[0], (NKT_KEM_CHAIN_COUNT - 1) * sizeof kem->heard[0]);
    kem->sending = kem->heard[0] = (nkt_kem_chain_t){.epoch = epoch, .is_used = 1};
    memcpy(kem->sending.key, keys->chain[!kem->is_initiator], 32);
    memcpy(kem->heard[0].key, keys->chain[kem->is_initiator], 32);
    memcpy(kem->root, keys->root, 32);
    kem->epoch = epoch;
    kem->opened_count = 0;
    kem->turn_count = 0;
    kem->offered_at = 0;
    sodium_memzero(kem->offers, sizeof kem->offers);
    nkt_buf_free(&kem->secret); /* and wipes it */
    nkt_buf_clear(&kem->key);
}
