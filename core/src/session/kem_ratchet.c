/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/kem_ratchet.h"

#include <string.h>

#include <sodium.h>

#include "session/kem_keys.h"

_Static_assert((int)NKT_KEM_KEY_SIZE == (int)crypto_kem_mlkem768_PUBLICKEYBYTES, "ML-KEM-768");
_Static_assert((int)NKT_KEM_SECRET_SIZE == (int)crypto_kem_mlkem768_SECRETKEYBYTES, "ML-KEM-768");
_Static_assert((int)NKT_KEM_ANSWER_SIZE == (int)crypto_kem_mlkem768_CIPHERTEXTBYTES, "ML-KEM-768");
_Static_assert((int)NKT_KEM_SEED_SIZE == (int)crypto_kem_mlkem768_SEEDBYTES, "ML-KEM-768");

/* In an expanded secret key the public one lies behind the vector of 3 polynomials of 12 bits (FIPS
 * 203, algorithm 16). */
enum { PUBLIC_AT = 3 * 256 * 12 / 8 };

void nkt_kem_deinit(nkt_kem_t *kem)
{
    nkt_buf_free(&kem->secret);
    nkt_buf_free(&kem->key);
    nkt_buf_free(&kem->answer);
    nkt_buf_free(&kem->skipped);
    sodium_memzero(kem, sizeof *kem);
}

/* ---- the beginning ---- */

/* An answer to a key of the other's: its secret, and the ciphertext into out. */
static int encapsulate(nkt_buf_t *out, uint8_t shared[32], const uint8_t key[NKT_KEM_KEY_SIZE],
                       const nkt_host_t *host)
{
    uint8_t random[32], answer[NKT_KEM_ANSWER_SIZE];
    if (host->entropy(host->context, random, sizeof random) < 0)
        return NKT_E_ENTROPY;
    int err = crypto_kem_mlkem768_enc_deterministic(answer, shared, key, random) == 0 ? NKT_OK
                                                                                      : NKT_E_KEY;
    sodium_memzero(random, sizeof random);
    if (err == NKT_OK && sodium_is_zero(shared, 32))
        err = NKT_E_KEY;
    if (err == NKT_OK)
        err = nkt_buf_set(out, answer, sizeof answer);
    return err;
}

static int decapsulate(uint8_t shared[32], const uint8_t answer[NKT_KEM_ANSWER_SIZE], const uint8_t secret[NKT_KEM_SECRET_SIZE])
{
    return crypto_kem_mlkem768_dec(shared, answer, secret) != 0 || sodium_is_zero(shared, 32) ? NKT_E_DECRYPT : NKT_OK;
}

int nkt_kem_initiate(nkt_kem_t *kem, const uint8_t key[NKT_KEM_KEY_SIZE], uint32_t key_id,
                     const uint8_t context[32], const nkt_host_t *host)
{
    nkt_kem_keys_t keys;
    uint8_t shared[32];
    int err = encapsulate(&kem->answer, shared, key, host);
    if (err == NKT_OK) {
        kem->is_there = kem->is_initiator = kem->is_offerer = kem->is_turn = 1;
        kem->answer_id = key_id;
        nkt_kem_tag_derive(kem->tag, kem->answer.data);
        nkt_kem_epoch_derive(&keys, context, 0, shared);
        nkt_kem_epoch_enter(kem, &keys, 0);
        sodium_memzero(&keys, sizeof keys);
    }
    sodium_memzero(shared, sizeof shared);
    return err;
}

int nkt_kem_first_key_id(const uint8_t *header, size_t size, uint32_t *key_id)
{
    nkt_kem_message_t first;
    int err = nkt_kem_parse(&first, header, size);
    if (err == NKT_OK && (first.flags & NKT_KEM_IS_FIRST) == 0)
        err = NKT_E_DECRYPT;
    if (err == NKT_OK)
        *key_id = first.answer_id;
    return err;
}

int nkt_kem_respond(nkt_kem_t *kem, const uint8_t secret_key[NKT_KEM_SECRET_SIZE],
                    const uint8_t *header, size_t size, const uint8_t context[32])
{
    nkt_kem_message_t first;
    nkt_kem_keys_t keys;
    uint8_t shared[32], tag[NKT_KEM_TAG_SIZE];
    int err = nkt_kem_parse(&first, header, size);
    if (err < 0 || (first.flags & NKT_KEM_IS_FIRST) == 0)
        return NKT_E_DECRYPT;
    nkt_kem_tag_derive(tag, first.answer);
    if (memcmp(tag, first.tag, sizeof tag) != 0 || decapsulate(shared, first.answer, secret_key) < 0)
        return NKT_E_DECRYPT;
    kem->is_there = 1;
    memcpy(kem->tag, tag, sizeof tag);
    nkt_kem_epoch_derive(&keys, context, 0, shared);
    nkt_kem_epoch_enter(kem, &keys, 0);
    sodium_memzero(&keys, sizeof keys);
    sodium_memzero(shared, sizeof shared);
    return NKT_OK;
}

int nkt_kem_is_of(const nkt_kem_t *kem, const uint8_t *header, size_t size)
{
    return kem->is_there && size >= NKT_KEM_HEADER_SIZE &&
           memcmp(header + 4, kem->tag, sizeof kem->tag) == 0;
}

/* ---- what is due before a message ---- */

static int answer_offer(nkt_kem_t *kem, const nkt_host_t *host)
{
    nkt_kem_keys_t keys;
    uint8_t shared[32];
    int err = encapsulate(&kem->answer, shared, kem->key.data, host);
    if (err == NKT_OK) {
        kem->answer_id = kem->key_id;
        nkt_kem_epoch_derive(&keys, kem->root, kem->epoch + 1, shared);
        nkt_kem_epoch_enter(kem, &keys, kem->epoch + 1);
        kem->is_offerer = 1;
        sodium_memzero(&keys, sizeof keys);
    } else if (err == NKT_E_KEY) {
        nkt_buf_clear(&kem->key);
    }
    sodium_memzero(shared, sizeof shared);
    return err;
}

/* The secret key of an offer, expanded; the last one that was asked for is kept. */
static int secret_make(nkt_kem_t *kem, const nkt_kem_offer_t *offer, const uint8_t **secret)
{
    uint8_t key[NKT_KEM_KEY_SIZE];
    nkt_buf_t *kept = &kem->secret;
    if (kept->size != NKT_KEM_SEED_SIZE + NKT_KEM_SECRET_SIZE ||
        sodium_memcmp(kept->data, offer->seed, NKT_KEM_SEED_SIZE) != 0) {
        nkt_buf_clear(kept);
        int err = nkt_buf_reserve(kept, NKT_KEM_SEED_SIZE + NKT_KEM_SECRET_SIZE);
        if (err < 0)
            return err;
        memcpy(kept->data, offer->seed, NKT_KEM_SEED_SIZE);
        if (crypto_kem_mlkem768_seed_keypair(key, kept->data + NKT_KEM_SEED_SIZE, offer->seed) != 0)
            return NKT_E_CRYPTO;
        kept->size = NKT_KEM_SEED_SIZE + NKT_KEM_SECRET_SIZE;
    }
    *secret = kept->data + NKT_KEM_SEED_SIZE;
    return NKT_OK;
}

static int offer_make(nkt_kem_t *kem, const nkt_host_t *host)
{
    nkt_kem_offer_t fresh = {.id = kem->offers[0].id + 1};
    const uint8_t *secret;
    if (host->entropy(host->context, fresh.seed, sizeof fresh.seed) < 0)
        return NKT_E_ENTROPY;
    int err = secret_make(kem, &fresh, &secret);
    if (err == NKT_OK) {
        memmove(&kem->offers[1], &kem->offers[0],
                (NKT_KEM_OFFER_COUNT - 1) * sizeof kem->offers[0]);
        kem->offers[0] = fresh;
        kem->offered_at = kem->sending.next;
    }
    sodium_memzero(&fresh, sizeof fresh);
    return err;
}

/* The first offer of an epoch is made in our second turn, so that three turns cost one; further
 * ones when nobody answers, as long as all can be kept: whichever the other heard first it has
 * answered perhaps, and answers no other. */
static int is_offer_due(const nkt_kem_t *kem)
{
    if (!kem->is_offerer || kem->offers[NKT_KEM_OFFER_COUNT - 1].id != 0)
        return 0;
    if (kem->offers[0].id != 0)
        return kem->sending.next - kem->offered_at >= NKT_KEM_OFFER_MESSAGE_COUNT;
    return kem->turn_count + kem->is_turn >= NKT_KEM_OFFER_TURN_COUNT ||
           kem->sending.next + kem->opened_count >= NKT_KEM_OFFER_MESSAGE_COUNT;
}

static int is_answer_due(const nkt_kem_t *kem)
{
    return !kem->is_offerer && kem->key.size > 0;
}

int nkt_kem_is_due(const nkt_kem_t *kem)
{
    return is_answer_due(kem) || is_offer_due(kem);
}

int nkt_kem_prepare(nkt_kem_t *kem, const nkt_host_t *host, int *has_changed)
{
    int err = NKT_OK;
    *has_changed = 0;
    if (is_answer_due(kem)) {
        err = answer_offer(kem, host);
        err = err == NKT_E_KEY ? NKT_OK : err; /* a bad key is dropped: the other may offer a better one */
        *has_changed = 1;
    }
    if (err == NKT_OK && is_offer_due(kem)) {
        err = offer_make(kem, host);
        *has_changed = 1;
    }
    return err;
}

/* ---- saying ---- */

/* What is offered travels again and again: in the first message of each turn, and in one of a few.
 */
static int is_offer_said(const nkt_kem_t *kem)
{
    return kem->offers[0].id != 0 &&
           (kem->is_turn ||
            (kem->sending.next - kem->offered_at) % NKT_KEM_OFFER_REPEAT_COUNT == 0);
}

static int head_write(nkt_kem_t *kem, nkt_buf_t *out)
{
    uint8_t head[NKT_KEM_HEADER_SIZE] = {0}, id[4];
    const uint8_t *secret;
    const int has_offer = is_offer_said(kem), has_answer = kem->answer.size > 0;
    head[0] =
        (uint8_t)((has_offer ? NKT_KEM_HAS_OFFER : 0) |
                  (has_answer ? NKT_KEM_HAS_ANSWER | (kem->epoch == 0 ? NKT_KEM_IS_FIRST : 0) : 0));
    head[1] = (uint8_t)kem->epoch;
    head[2] = (uint8_t)(kem->sending.next >> 8);
    head[3] = (uint8_t)kem->sending.next;
    memcpy(head + 4, kem->tag, sizeof kem->tag);
    nkt_buf_clear(out);
    int err = nkt_buf_append(out, head, sizeof head);
    if (err == NKT_OK && has_offer) {
        nkt_put_u32be(id, kem->offers[0].id);
        err = secret_make(kem, &kem->offers[0], &secret);
        if (err == NKT_OK)
            err = nkt_buf_append(out, id, sizeof id);
        if (err == NKT_OK)
            err = nkt_buf_append(out, secret + PUBLIC_AT, NKT_KEM_KEY_SIZE);
    }
    if (err == NKT_OK && has_answer) {
        nkt_put_u32be(id, kem->answer_id);
        err = nkt_buf_append(out, id, sizeof id);
        if (err == NKT_OK)
            err = nkt_buf_append(out, kem->answer.data, kem->answer.size);
    }
    return err;
}

int nkt_kem_say(nkt_kem_t *kem, nkt_buf_t *out, uint8_t key[32])
{
    if (!kem->is_there || kem->sending.next > NKT_KEM_PLACE_MAX)
        return NKT_E_NO_SESSION;
    int err = head_write(kem, out);
    if (err < 0)
        return err;
    nkt_kem_chain_key(&kem->sending, key);
    return NKT_OK;
}

void nkt_kem_said(nkt_kem_t *kem)
{
    nkt_kem_chain_step(&kem->sending);
    if (kem->is_turn && kem->turn_count < UINT8_MAX)
        kem->turn_count++;
    kem->is_turn = 0;
}

void nkt_kem_skip(nkt_kem_t *kem, uint32_t count)
{
    for (uint32_t i = 0; i < count && kem->is_there && kem->sending.next <= NKT_KEM_PLACE_MAX; i++)
        nkt_kem_chain_step(&kem->sending);
}

/* ---- hearing ---- */

/* The key of a place: one that was skipped, or the chain's, which goes on in news. */
static int key_find(const nkt_kem_t *kem, uint32_t place, uint8_t key[32], nkt_kem_news_t *news)
{
    nkt_kem_chain_t *chain = &news->chain;
    uint8_t row[NKT_KEM_ROW_SIZE];
    if (place < chain->next) {
        for (size_t at = 0; at < kem->skipped.size; at += NKT_KEM_ROW_SIZE) {
            if (nkt_get_u32be(kem->skipped.data + at) != chain->epoch ||
                nkt_get_u32be(kem->skipped.data + at + 4) != place)
                continue;
            memcpy(key, kem->skipped.data + at + 8, 32);
            news->used_at = at;
            return NKT_OK;
        }
        return NKT_E_DUPLICATE;
    }
    if (place - chain->next > NKT_KEM_SKIP_MAX)
        return NKT_E_DECRYPT;
    int err = nkt_buf_reserve(&news->skipped, (place - chain->next) * NKT_KEM_ROW_SIZE);
    while (err == NKT_OK && chain->next < place) {
        nkt_put_u32be(row, chain->epoch);
        nkt_put_u32be(row + 4, chain->next);
        nkt_kem_chain_next(chain, row + 8);
        err = nkt_buf_append(&news->skipped, row, sizeof row);
    }
    if (err == NKT_OK)
        nkt_kem_chain_next(chain, key);
    sodium_memzero(row, sizeof row);
    return err;
}

/* The message answers an offer of ours: the epoch that begins with it. */
static int epoch_open(nkt_kem_t *kem, const nkt_kem_message_t *message, nkt_kem_news_t *news)
{
    uint8_t shared[32];
    const uint8_t *secret;
    const nkt_kem_offer_t *offer = NULL;
    for (size_t i = 0; i < NKT_KEM_OFFER_COUNT; i++) {
        if (kem->offers[i].id != 0 && kem->offers[i].id == message->answer_id)
            offer = &kem->offers[i];
    }
    if (!kem->is_offerer || message->answer == NULL || (message->flags & NKT_KEM_IS_FIRST) != 0 ||
        offer == NULL)
        return NKT_E_DECRYPT;
    int err = secret_make(kem, offer, &secret);
    if (err == NKT_OK)
        err = decapsulate(shared, message->answer, secret);
    if (err == NKT_OK) {
        nkt_kem_epoch_derive(&news->keys, kem->root, kem->epoch + 1, shared);
        news->chain = (nkt_kem_chain_t){.epoch = kem->epoch + 1, .is_used = 1};
        memcpy(news->chain.key, news->keys.chain[kem->is_initiator], 32);
    }
    sodium_memzero(shared, sizeof shared);
    return err;
}

/* Of which chain is the message? */
static int chain_find(nkt_kem_t *kem, const nkt_kem_message_t *message, nkt_kem_news_t *news)
{
    for (size_t i = 0; i < NKT_KEM_CHAIN_COUNT; i++) {
        if (!kem->heard[i].is_used || (uint8_t)kem->heard[i].epoch != message->epoch)
            continue;
        news->chain_index = i;
        news->chain = kem->heard[i];
        return NKT_OK;
    }
    if ((uint8_t)(kem->epoch + 1) != message->epoch)
        return NKT_E_DECRYPT;
    news->chain_index = NKT_KEM_CHAIN_COUNT;
    return epoch_open(kem, message, news);
}

static void offer_read(const nkt_kem_t *kem, const nkt_kem_message_t *message, nkt_kem_news_t *news)
{
    const int is_new_epoch =
        news->chain_index == NKT_KEM_CHAIN_COUNT; /* in it we are not the offerer */
    if (message->offer == NULL || message->offer_id == 0 ||
        (!is_new_epoch && (kem->is_offerer || news->chain_index != 0)) ||
        (!is_new_epoch && kem->key.size > 0 && message->offer_id <= kem->key_id))
        return;
    news->has_offer = 1;
    news->offer_id = message->offer_id;
    memcpy(news->offer, message->offer, NKT_KEM_KEY_SIZE);
}

int nkt_kem_hear(nkt_kem_t *kem, const uint8_t *header, size_t size, uint8_t key[32],
                 nkt_kem_news_t *news)
{
    nkt_kem_message_t message;
    *news = (nkt_kem_news_t){.used_at = SIZE_MAX};
    int err = nkt_kem_parse(&message, header, size);
    if (err == NKT_OK && !nkt_kem_is_of(kem, header, size))
        err = NKT_E_DECRYPT;
    if (err == NKT_OK)
        err = chain_find(kem, &message, news);
    if (err == NKT_OK)
        err = key_find(kem, message.place, key, news);
    if (err == NKT_OK)
        offer_read(kem, &message, news);
    if (err == NKT_OK) /* room now: accepting cannot fail */
        err = nkt_buf_reserve(&kem->skipped, news->skipped.size);
    if (err == NKT_OK && news->has_offer && kem->key.size == 0)
        err = nkt_buf_reserve(&kem->key, NKT_KEM_KEY_SIZE);
    if (err < 0) {
        sodium_memzero(key, 32);
        nkt_kem_reject(news);
    }
    return err;
}

static void rows_drop(nkt_kem_t *kem, size_t at, size_t size)
{
    nkt_buf_t *rows = &kem->skipped;
    memmove(rows->data + at, rows->data + at + size, rows->size - at - size);
    sodium_memzero(rows->data + rows->size - size, size);
    rows->size -= size;
}

/* Keys of chains that are gone go with them; of the others the newest are kept. */
static void rows_trim(nkt_kem_t *kem)
{
    const uint32_t oldest =
        kem->heard[NKT_KEM_CHAIN_COUNT - 1].is_used ? kem->heard[NKT_KEM_CHAIN_COUNT - 1].epoch : 0;
    for (size_t at = 0; at < kem->skipped.size;) {
        if (nkt_get_u32be(kem->skipped.data + at) < oldest)
            rows_drop(kem, at, NKT_KEM_ROW_SIZE);
        else
            at += NKT_KEM_ROW_SIZE;
    }
    const size_t size_max = NKT_KEM_SKIP_MAX * NKT_KEM_ROW_SIZE;
    if (kem->skipped.size > size_max)
        rows_drop(kem, 0, kem->skipped.size - size_max);
}

void nkt_kem_accept(nkt_kem_t *kem, nkt_kem_news_t *news)
{
    const int is_new_epoch = news->chain_index == NKT_KEM_CHAIN_COUNT;
    if (news->used_at != SIZE_MAX)
        rows_drop(kem, news->used_at, NKT_KEM_ROW_SIZE);
    if (is_new_epoch) {
        nkt_kem_epoch_enter(kem, &news->keys, kem->epoch + 1);
        kem->is_offerer = 0;
        news->chain_index = 0;
    }
    kem->heard[news->chain_index] = news->chain;
    if (news->skipped.size > 0)
        (void)nkt_buf_append(&kem->skipped, news->skipped.data, news->skipped.size); /* reserved */
    rows_trim(kem);
    if (news->chain_index == 0) { /* said in this epoch: our answer arrived, or began it */
        nkt_buf_clear(&kem->answer);
        kem->opened_count++;
    }
    if (news->has_offer) {
        (void)nkt_buf_set(&kem->key, news->offer, sizeof news->offer); /* reserved */
        kem->key_id = news->offer_id;
    }
    kem->is_turn = 1;
    nkt_kem_reject(news);
}

void nkt_kem_reject(nkt_kem_news_t *news)
{
    nkt_buf_free(&news->skipped);
    sodium_memzero(news, sizeof *news);
}
