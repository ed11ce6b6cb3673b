/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Random conversations over a network that loses, doubles and reorders, between ends that crash:
 * everything that can be read is read once, no key seals twice, both go on. And the attacker, who
 * copies both ends' states and is shown every message from then on (whatever X25519 protects is
 * open to him): what he reads ends.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/prng.h"
#include "kem_pair.h"

enum {
    SEED_COUNT = 100,
    MESSAGE_COUNT_MAX = 1200,
    TEXT_SIZE = 16,
    RESERVED_COUNT = 32,
    FLYING_COUNT_MAX = 12,
    EPOCH_COUNT_MAX = MESSAGE_COUNT_MAX,
};

/** KEM keys by the epoch in which they were offered, and their id. */
typedef nkt_kem_offer_t secrets_t[EPOCH_COUNT_MAX][NKT_KEM_OFFER_COUNT + 1];

typedef struct message {
    nkt_buf_t bytes;
    int from;
    int turn; /* of the conversation since the copy; 0: before */
    int is_heard;
    uint32_t epoch, place; /* under whose key */
    char text[TEXT_SIZE];
} message_t;

typedef struct model {
    kem_pair_t pair;
    nkt_prng_t prng;
    nkt_buf_t stored[2];
    uint32_t reserved[2]; /* places that the stored state leaves behind */
    int is_dirty[2];
    int turn[2];
    message_t messages[MESSAGE_COUNT_MAX];
    int count;
    int is_copied;
    nkt_kem_t copy[2];
    secrets_t secrets; /* of both */
} model_t;

static int chance(model_t *model, uint32_t percent)
{
    return nkt_prng_below(&model->prng, 100) < percent;
}

static void store(model_t *model, int side)
{
    nkt_buf_clear(&model->stored[side]);
    CHECK_OK(nkt_kem_write(&model->pair.end[side], &model->stored[side]));
    model->reserved[side] = RESERVED_COUNT;
    model->is_dirty[side] = 0;
}

/* As the core does after a start: what was reserved may have been used. */
static void crash(model_t *model, int side)
{
    if (model->stored[side].size == 0)
        return;
    nkt_kem_deinit(&model->pair.end[side]);
    CHECK_OK(
        nkt_kem_read(&model->pair.end[side], model->stored[side].data, model->stored[side].size));
    nkt_kem_skip(&model->pair.end[side], RESERVED_COUNT);
    store(model, side);
}

static message_t *say(model_t *model, int from)
{
    message_t *message = &model->messages[model->count];
    CHECK(model->count < MESSAGE_COUNT_MAX);
    snprintf(message->text, sizeof message->text, "message %d", model->count++);
    message->from = from;
    int has_changed;
    nkt_kem_t *end = &model->pair.end[from];
    CHECK_OK(nkt_kem_prepare(end, &model->pair.host[from], &has_changed));
    if (has_changed || model->is_dirty[from] || model->reserved[from] == 0)
        store(model, from);
    model->reserved[from]--;
    message->epoch = end->epoch;
    message->place = end->sending.next;
    CHECK_OK(
        kem_seal(end, (const uint8_t *)message->text, sizeof message->text, &message->bytes));
    if (end->offers[0].id != 0)
        model->secrets[end->epoch][end->offers[0].id] = end->offers[0];
    if (model->is_copied) {
        if (model->turn[from] == 0)
            model->turn[from] = 1;
        message->turn = model->turn[from];
    }
    return message;
}

/* Heard: whoever speaks next begins a turn after it. */
static int hear(model_t *model, message_t *message)
{
    const int to = !message->from;
    nkt_buf_t out = {0};
    const int err = kem_hear(&model->pair, to, &message->bytes, &out);
    if (err == NKT_OK) {
        CHECK_EQ(message->is_heard, 0);
        CHECK_EQ(out.size, sizeof message->text);
        CHECK_BYTES(out.data, message->text, sizeof message->text);
        message->is_heard = 1;
        model->is_dirty[to] = 1;
        if (message->turn >= model->turn[to] && message->turn > 0)
            model->turn[to] = message->turn + 1;
    } else {
        CHECK(err == NKT_E_DUPLICATE || err == NKT_E_DECRYPT);
    }
    nkt_buf_free(&out);
    return err;
}

static model_t *model_new(uint64_t seed)
{
    uint8_t bytes[32];
    model_t *model = calloc(1, sizeof *model);
    CHECK(model != NULL);
    check_fill(bytes, sizeof bytes, seed);
    nkt_prng_init(&model->prng, bytes);
    kem_pair_init(&model->pair, seed);
    return model;
}

static void model_free(model_t *model)
{
    for (int i = 0; i < model->count; i++)
        nkt_buf_free(&model->messages[i].bytes);
    for (int side = 0; side < 2; side++) {
        nkt_buf_free(&model->stored[side]);
        nkt_kem_deinit(&model->copy[side]);
    }
    kem_pair_deinit(&model->pair);
    free(model);
}

/* ---- loss, order, crashes ---- */

static void keys_check_used_once(const model_t *model)
{
    for (int i = 0; i < model->count; i++)
        for (int j = 0; j < i; j++) {
            const message_t *a = &model->messages[i], *b = &model->messages[j];
            CHECK(a->from != b->from || a->epoch != b->epoch || a->place != b->place ||
                  (a->bytes.size == b->bytes.size &&
                   memcmp(a->bytes.data, b->bytes.data, a->bytes.size) == 0));
        }
}

TEST(kem_model_loss_order_crashes)
{
    for (uint64_t seed = 1; seed <= SEED_COUNT; seed++) {
        model_t *model = model_new(seed);
        message_t *flying[FLYING_COUNT_MAX];
        int flying_count = 0, crash_count = 0;
        const uint32_t loss = (uint32_t)nkt_prng_below(&model->prng, 40);
        check_row("seed %d, %u %% lost", (int)seed, loss);
        hear(model, say(model, 0));
        for (int step = 0; step < 600; step++) {
            if (flying_count < FLYING_COUNT_MAX && chance(model, 55)) {
                flying[flying_count++] = say(model, chance(model, 50));
            } else if (flying_count > 0) {
                const uint64_t at = nkt_prng_below(&model->prng, (uint64_t)flying_count);
                message_t *message = flying[at];
                if (!chance(model, loss))
                    hear(model, message);
                if (!chance(model, 5)) /* else it comes once more */
                    flying[at] = flying[--flying_count];
            }
            if (chance(model, 3) && model->pair.end[1].is_there) {
                const int side = chance(model, 50);
                /* what was heard and not stored may be heard again: that it is shown once is not
                 * this layer's */
                const int was_dirty = model->is_dirty[side];
                crash(model, side);
                for (int i = 0; was_dirty && i < model->count; i++)
                    model->messages[i].is_heard =
                        model->messages[i].from == side ? model->messages[i].is_heard : 0;
                crash_count++;
            }
            for (int side = 0; side < 2; side++)
                if (model->is_dirty[side] && chance(model, 60))
                    store(model, side);
        }
        CHECK(crash_count > 0);
        keys_check_used_once(model);
        const uint32_t epoch = model->pair.end[0].epoch;
        for (int turn = 0; turn < 12; turn++) /* the network is well again: all that is said is
                                                 heard, and the ratchet turns */
            CHECK_OK(hear(model, say(model, turn % 2)));
        CHECK(model->pair.end[0].epoch >= epoch + 2);
        const int64_t apart = (int64_t)model->pair.end[0].epoch - model->pair.end[1].epoch;
        CHECK(apart >= -1 && apart <= 1);
        model_free(model);
    }
}

/* ---- the attacker ---- */

typedef struct attacker {
    uint8_t is_root[EPOCH_COUNT_MAX];
    uint8_t root[EPOCH_COUNT_MAX][32];
    nkt_kem_chain_t chain[EPOCH_COUNT_MAX][2]; /* by who says it */
    secrets_t secrets;
} attacker_t;

static void attacker_chain(attacker_t *attacker, const nkt_kem_chain_t *chain, int from)
{
    nkt_kem_chain_t *known = &attacker->chain[chain->epoch][from];
    if (chain->is_used && (!known->is_used || chain->next < known->next))
        *known = *chain;
}

/* Everything that is in the two copies. */
static void attacker_init(attacker_t *attacker, const nkt_kem_t copy[2])
{
    for (int side = 0; side < 2; side++) {
        const nkt_kem_t *kem = &copy[side];
        attacker->is_root[kem->epoch] = 1;
        memcpy(attacker->root[kem->epoch], kem->root, 32);
        attacker_chain(attacker, &kem->sending, side);
        for (size_t i = 0; i < NKT_KEM_CHAIN_COUNT; i++)
            attacker_chain(attacker, &kem->heard[i], !side);
        for (size_t i = 0; i < NKT_KEM_OFFER_COUNT; i++) {
            if (kem->offers[i].id != 0)
                attacker->secrets[kem->epoch][kem->offers[i].id] = kem->offers[i];
        }
    }
}

/* A message that answers a key whose secret he has gives him the epoch that it begins. */
static void attacker_follow(attacker_t *attacker, const message_t *message)
{
    nkt_kem_message_t parsed;
    nkt_kem_keys_t keys;
    uint8_t public_key[NKT_KEM_KEY_SIZE], secret_key[NKT_KEM_SECRET_SIZE], shared[32];
    const uint32_t epoch = message->epoch;
    CHECK_OK(nkt_kem_parse(&parsed, message->bytes.data, kem_head_size(message->bytes.data, message->bytes.size)));
    if (parsed.answer == NULL || epoch == 0 || attacker->is_root[epoch] ||
        !attacker->is_root[epoch - 1])
        return;
    const nkt_kem_offer_t *secret = &attacker->secrets[epoch - 1][parsed.answer_id];
    if (secret->id == 0)
        return;
    CHECK_EQ(crypto_kem_mlkem768_seed_keypair(public_key, secret_key, secret->seed), 0);
    CHECK_EQ(crypto_kem_mlkem768_dec(shared, parsed.answer, secret_key), 0);
    nkt_kem_epoch_derive(&keys, attacker->root[epoch - 1], epoch, shared);
    attacker->is_root[epoch] = 1;
    memcpy(attacker->root[epoch], keys.root, 32);
    for (int side = 0; side < 2; side++) {
        attacker->chain[epoch][side] = (nkt_kem_chain_t){.epoch = epoch, .is_used = 1};
        memcpy(attacker->chain[epoch][side].key, keys.chain[side], 32);
    }
}

static int attacker_reads(const attacker_t *attacker, const message_t *message)
{
    static const uint8_t no_nonce[24];
    nkt_kem_chain_t chain = attacker->chain[message->epoch][message->from];
    uint8_t key[32], out[TEXT_SIZE];
    if (!chain.is_used || chain.next > message->place)
        return 0;
    do
        nkt_kem_chain_next(&chain, key);
    while (chain.next <= message->place);
    const size_t head_size = kem_head_size(message->bytes.data, message->bytes.size);
    return crypto_aead_xchacha20poly1305_ietf_decrypt(out, NULL, NULL, message->bytes.data + head_size, message->bytes.size - head_size,
                                                      message->bytes.data, head_size, no_nonce, key) == 0;
}

static void copy_take(model_t *model)
{
    nkt_buf_t bytes = {0};
    for (int side = 0; side < 2; side++) {
        nkt_buf_clear(&bytes);
        CHECK_OK(nkt_kem_write(&model->pair.end[side], &bytes));
        CHECK_OK(nkt_kem_read(&model->copy[side], bytes.data, bytes.size));
    }
    nkt_buf_free(&bytes);
    model->is_copied = 1;
}

/* Who speaks says one word, a few, or very many; everything arrives. The copy is taken at a random
 * step. Returns the turn from which on nothing may be read: the fifth, or the one after an answer
 * to 64 messages one way. */
static int conversation(model_t *model)
{
    const int copy_at = 4 + (int)nkt_prng_below(&model->prng, 200);
    int safe_turn = 5, from = 0;
    while (model->count < copy_at + 400) {
        const uint64_t kind = nkt_prng_below(&model->prng, 20);
        const int size = kind == 0  ? 64 + (int)nkt_prng_below(&model->prng, 30)
                         : kind < 6 ? 2 + (int)kind
                                    : 1;
        int said_count = 0;
        for (int i = 0; i < size && model->count < copy_at + 400; i++) {
            message_t *message = say(model, from);
            said_count += message->turn > 0;
            if (model->count == copy_at && copy_at % 2 == 0)
                copy_take(model); /* while it is on its way */
            CHECK_OK(hear(model, message));
            if (model->count == copy_at && copy_at % 2 == 1)
                copy_take(model);
        }
        if (said_count >= 64 && model->turn[from] + 2 < safe_turn)
            safe_turn = model->turn[from] + 2;
        from = !from;
    }
    return safe_turn;
}

/* Returns how many of the messages since the copy he reads; the last turn of which he reads one. */
static int attack(model_t *model, int has_all_secrets, int *last_turn)
{
    attacker_t *attacker = calloc(1, sizeof *attacker);
    int read_count = 0;
    CHECK(attacker != NULL);
    attacker_init(attacker, model->copy);
    if (has_all_secrets)
        memcpy(attacker->secrets, model->secrets, sizeof attacker->secrets);
    *last_turn = 0;
    for (int i = 0; i < model->count; i++)
        attacker_follow(attacker, &model->messages[i]);
    for (int i = 0; i < model->count; i++) {
        const message_t *message = &model->messages[i];
        if (message->turn == 0 || !attacker_reads(attacker, message))
            continue;
        read_count++;
        if (message->turn > *last_turn)
            *last_turn = message->turn;
    }
    free(attacker);
    return read_count;
}

TEST(kem_attacker_reads_four_turns_at_most)
{
    int read_sum = 0, last_turns[6] = {0};
    for (uint64_t seed = 1; seed <= SEED_COUNT; seed++) {
        model_t *model = model_new(1000 + seed);
        const int safe_turn = conversation(model);
        int last_turn, since_count = 0;
        check_row("seed %d, safe from turn %d", (int)seed, safe_turn);
        for (int i = 0; i < model->count; i++)
            since_count += model->messages[i].turn > 0;
        CHECK(since_count >= 300);
        read_sum += attack(model, 0, &last_turn);
        CHECK(last_turn < safe_turn);
        last_turns[last_turn]++;
        CHECK_EQ(attack(model, 1, &last_turn), since_count); /* without the KEM he would read all */
        model_free(model);
    }
    CHECK(read_sum > SEED_COUNT); /* he does read something */
    CHECK(last_turns[3] + last_turns[4] > 0);
    printf("  read to turn 0..4 in %d %d %d %d %d conversations\n", last_turns[0], last_turns[1],
           last_turns[2], last_turns[3], last_turns[4]);
}
