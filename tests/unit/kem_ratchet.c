/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The KEM ratchet as it should go, and what it refuses. Random conversations are in kem_model.c. */
#include <string.h>

#include <sodium.h>

#include "kem_pair.h"

/* 24 bytes more than what is sealed; in turns of one message each an exchange of keys lasts three
 * turns. */
TEST(kem_costs)
{
    enum { TURN_COUNT = 60 };
    int offer_count = 0, answer_count = 0;
    kem_pair_t pair;
    nkt_buf_t bytes = {0};
    kem_pair_init_established(&pair, 1);
    for (int turn = 0; turn < TURN_COUNT; turn++) {
        kem_say(&pair, turn % 2, "words", &bytes);
        const int has_offer = (bytes.data[0] & NKT_KEM_HAS_OFFER) != 0,
                  has_answer = (bytes.data[0] & NKT_KEM_HAS_ANSWER) != 0;
        check_row("turn %d", turn);
        CHECK_EQ(bytes.size, 24 + 5 + has_offer * (4 + NKT_KEM_KEY_SIZE) +
                                 has_answer * (4 + NKT_KEM_ANSWER_SIZE));
        CHECK(!(has_offer && has_answer));
        offer_count += has_offer;
        answer_count += has_answer;
        kem_hear_text(&pair, !(turn % 2), &bytes, "words");
    }
    CHECK_EQ(offer_count, TURN_COUNT / 3);
    CHECK_EQ(answer_count, TURN_COUNT / 3);
    CHECK(pair.end[0].epoch >= TURN_COUNT / 3 - 1);
    nkt_buf_free(&bytes);
    kem_pair_deinit(&pair);
}

/* Until somebody answers, each message can be the first; a stripped, changed or foreign ciphertext
 * begins nothing. */
TEST(kem_first_messages)
{
    kem_pair_t pair;
    nkt_buf_t first = {0}, second = {0}, bad = {0};
    kem_pair_init(&pair, 2);
    kem_say(&pair, 0, "one", &first);
    kem_say(&pair, 0, "two", &second);
    CHECK_OK(nkt_buf_set(&bad, first.data, first.size));
    bad.data[0] = 0; /* the flag alone */
    kem_refuse(&pair, 1, &bad, NKT_E_DECRYPT);
    CHECK_OK(nkt_buf_set(&bad, first.data, NKT_KEM_HEADER_SIZE)); /* the ciphertext as well */
    CHECK_OK(nkt_buf_append(&bad, first.data + first.size - 19, 19));
    bad.data[0] = 0;
    kem_refuse(&pair, 1, &bad, NKT_E_DECRYPT);
    for (size_t at = 0; at < first.size; at += at < 24 ? 1 : 61) {
        check_row("byte %zu", at);
        CHECK_OK(nkt_buf_set(&bad, first.data, first.size));
        bad.data[at] ^= 0x10;
        kem_refuse(&pair, 1, &bad, NKT_E_DECRYPT);
    }
    kem_hear_text(&pair, 1, &second, "two");
    kem_hear_text(&pair, 1, &first, "one");
    kem_refuse(&pair, 1, &first, NKT_E_DUPLICATE);
    kem_refuse(&pair, 0, &first, NKT_E_DECRYPT); /* its own, thrown back */
    kem_pass(&pair, 1, "welcome");
    kem_say(&pair, 0, "no ciphertext any more", &first);
    CHECK_EQ(first.data[0] & NKT_KEM_HAS_ANSWER, 0);
    kem_hear_text(&pair, 1, &first, "no ciphertext any more");
    nkt_buf_free(&first);
    nkt_buf_free(&second);
    nkt_buf_free(&bad);
    kem_pair_deinit(&pair);
}

/* Another context, another secret key, a key that is not canonical: nothing is read. */
TEST(kem_handshake_is_bound)
{
    kem_pair_t pair;
    nkt_buf_t bytes = {0}, out = {0};
    nkt_kem_t other = {0};
    nkt_kem_news_t news;
    uint8_t context[32], secret_key[NKT_KEM_SECRET_SIZE], public_key[NKT_KEM_KEY_SIZE],
        seed[NKT_KEM_SEED_SIZE] = {1};
    kem_pair_init(&pair, 3);
    kem_say(&pair, 0, "hello", &bytes);
    memcpy(context, kem_context, sizeof context);
    context[31] ^= 1;
    CHECK_OK(nkt_kem_respond(&other, pair.secret_key, bytes.data, kem_head_size(bytes.data, bytes.size), context));
    CHECK_ERR(kem_open(&other, bytes.data, bytes.size, &out, &news), NKT_E_DECRYPT);
    nkt_kem_deinit(&other);
    CHECK_EQ(crypto_kem_mlkem768_seed_keypair(public_key, secret_key, seed), 0);
    CHECK_OK(nkt_kem_respond(&other, secret_key, bytes.data, kem_head_size(bytes.data, bytes.size),
                             kem_context)); /* ML-KEM refuses implicitly */
    CHECK_ERR(kem_open(&other, bytes.data, bytes.size, &out, &news), NKT_E_DECRYPT);
    nkt_kem_deinit(&other);
    memset(public_key, 0xff, 3); /* coefficients of 4095 */
    CHECK_ERR(nkt_kem_initiate(&other, public_key, 1, kem_context, &pair.host[0]), NKT_E_KEY);
    nkt_kem_deinit(&other);
    nkt_buf_free(&bytes);
    nkt_buf_free(&out);
    kem_pair_deinit(&pair);
}

/* Every byte of a message counts, in each of its forms: plain, with an offer, with an answer. */
TEST(kem_changed_messages_change_nothing)
{
    kem_pair_t pair;
    nkt_buf_t bytes = {0}, bad = {0};
    kem_pair_init_established(&pair, 4);
    for (int turn = 0; turn < 8; turn++) {
        kem_say(&pair, turn % 2, "words", &bytes);
        for (size_t at = 0; at < bytes.size; at += at < 16 || at + 24 > bytes.size ? 1 : 97) {
            check_row("turn %d, byte %zu", turn, at);
            CHECK_OK(nkt_buf_set(&bad, bytes.data, bytes.size));
            bad.data[at] ^= 0x40;
            kem_refuse(&pair, !(turn % 2), &bad, NKT_E_DECRYPT);
        }
        for (size_t size = 0; size < bytes.size; size += size < 32 ? 1 : 113) {
            check_row("turn %d, %zu bytes", turn, size);
            CHECK_OK(nkt_buf_set(&bad, bytes.data, size));
            kem_refuse(&pair, !(turn % 2), &bad, NKT_E_DECRYPT);
        }
        kem_hear_text(&pair, !(turn % 2), &bytes, "words");
        kem_refuse(&pair, !(turn % 2), &bytes, NKT_E_DUPLICATE);
    }
    nkt_buf_free(&bytes);
    nkt_buf_free(&bad);
    kem_pair_deinit(&pair);
}

/* Backwards, over three epochs; then all again. What more than the cap is skipped is refused, and
 * costs nothing of what is kept. */
TEST(kem_out_of_order_and_each_once)
{
    enum { COUNT = 36 };
    nkt_buf_t bytes[COUNT] = {{0}};
    kem_pair_t pair;
    kem_pair_init_established(&pair, 5);
    for (int i = 0; i < COUNT; i++) {
        kem_say(&pair, 0, "words", &bytes[i]);
        if (i % 4 == 0)
            kem_hear_text(&pair, 1, &bytes[i], "words");
        if (i % 4 == 3)
            kem_pass(&pair, 1, "yes");
    }
    const uint32_t epoch = pair.end[1].epoch;
    CHECK(epoch >= 3);
    int late_count = 0;
    for (int i = COUNT - 1; i >= 0; i--) {
        check_row("message %d", i);
        if (i % 4 == 0)
            continue;
        if ((uint32_t)bytes[i].data[1] + NKT_KEM_CHAIN_COUNT > epoch) {
            kem_hear_text(&pair, 1, &bytes[i], "words");
            late_count++;
        } else {
            kem_refuse(&pair, 1, &bytes[i], NKT_E_DECRYPT); /* of an epoch that is forgotten */
        }
    }
    CHECK(late_count >= 9);
    CHECK_EQ(pair.end[1].skipped.size, 0);
    nkt_kem_skip(&pair.end[0], NKT_KEM_SKIP_MAX);
    kem_say(&pair, 0, "after as many as may be lost", &bytes[0]);
    nkt_kem_skip(&pair.end[0], 1);
    kem_say(&pair, 0, "one too many", &bytes[1]);
    kem_refuse(&pair, 1, &bytes[1], NKT_E_DECRYPT);
    kem_hear_text(&pair, 1, &bytes[0], "after as many as may be lost");
    kem_hear_text(&pair, 1, &bytes[1], "one too many");
    CHECK_EQ(pair.end[1].skipped.size, NKT_KEM_SKIP_MAX * NKT_KEM_ROW_SIZE);
    for (int i = 0; i < COUNT; i++)
        nkt_buf_free(&bytes[i]);
    kem_pair_deinit(&pair);
}

/* One that is away: a chain has an end, and offers are made anew until no more can be kept. */
TEST(kem_one_way_without_an_answer)
{
    kem_pair_t pair;
    nkt_buf_t bytes = {0}, first_offer = {0};
    uint32_t offer_id = 0;
    kem_pair_init_established(&pair, 6);
    for (int i = 0; i < 400; i++) {
        kem_say(&pair, 0, "words", &bytes);
        if (pair.end[0].offers[0].id != offer_id) {
            offer_id = pair.end[0].offers[0].id;
            CHECK(bytes.data[0] & NKT_KEM_HAS_OFFER); /* said with the very next message */
            if (offer_id == 1)
                CHECK_OK(nkt_buf_set(&first_offer, bytes.data, bytes.size));
        }
    }
    CHECK_EQ(offer_id, NKT_KEM_OFFER_COUNT);
    kem_hear_text(&pair, 1, &first_offer, "words"); /* the answer may be to any of them */
    kem_pass(&pair, 1, "yes");
    CHECK_EQ(pair.end[0].epoch, 1);
    nkt_kem_skip(&pair.end[0], NKT_KEM_PLACE_MAX);
    int has_changed;
    CHECK_OK(nkt_kem_prepare(&pair.end[0], &pair.host[0], &has_changed));
    CHECK_OK(kem_seal(&pair.end[0], (const uint8_t *)"", 0, &bytes));
    CHECK_ERR(kem_seal(&pair.end[0], (const uint8_t *)"", 0, &bytes), NKT_E_NO_SESSION);
    nkt_buf_free(&bytes);
    nkt_buf_free(&first_offer);
    kem_pair_deinit(&pair);
}

/* What is stored reads back to the same; what is short, long or out of range does not read. */
TEST(kem_stored_form)
{
    kem_pair_t pair;
    nkt_buf_t bytes = {0}, stored = {0}, again = {0};
    kem_pair_init(&pair, 7);
    kem_pass(&pair, 0, "hello");
    for (int turn = 0; turn < 12; turn++) {
        const int from = turn % 2 == 0;
        kem_say(&pair, from, "lost", &bytes);
        kem_pass(&pair, from, "words");
        for (int side = 0; side < 2; side++) {
            nkt_kem_t copy = {0};
            check_row("turn %d, side %d", turn, side);
            nkt_buf_clear(&stored);
            nkt_buf_clear(&again);
            CHECK_OK(nkt_kem_write(&pair.end[side], &stored));
            for (size_t size = 0; size < stored.size; size += size < 256 ? 1 : 31)
                CHECK_ERR(nkt_kem_read(&copy, stored.data, size), NKT_E_RECORD);
            CHECK_OK(nkt_buf_append_u8(&stored, 0));
            CHECK_ERR(nkt_kem_read(&copy, stored.data, stored.size), NKT_E_RECORD);
            stored.size--;
            CHECK_OK(nkt_kem_read(&copy, stored.data, stored.size));
            CHECK_OK(nkt_kem_write(&copy, &again));
            CHECK_EQ(again.size, stored.size);
            CHECK_BYTES(again.data, stored.data, stored.size);
            nkt_kem_deinit(&pair.end[side]);
            pair.end[side] = copy; /* goes on with it */
        }
    }
    for (size_t at = 0; at < stored.size; at++) {
        nkt_kem_t copy = {0};
        const uint8_t was = stored.data[at];
        stored.data[at] = (uint8_t)(was + 0x81);
        (void)nkt_kem_read(&copy, stored.data, stored.size); /* whatever it is, it is in bounds */
        nkt_kem_deinit(&copy);
        stored.data[at] = was;
    }
    nkt_buf_free(&bytes);
    nkt_buf_free(&stored);
    nkt_buf_free(&again);
    kem_pair_deinit(&pair);
}

/* Without entropy or memory nothing is half done: the next attempt goes on. */
TEST(kem_without_entropy_or_memory)
{
    kem_pair_t pair;
    nkt_buf_t bytes = {0}, before = {0}, after = {0};
    nkt_kem_news_t news;
    int has_changed, failures = 0;
    kem_pair_init_established(&pair, 8);
    for (int turn = 0; turn < 9; turn++) {
        nkt_kem_t *from = &pair.end[turn % 2], *to = &pair.end[!(turn % 2)];
        nkt_buf_clear(&before);
        nkt_buf_clear(&after);
        CHECK_OK(nkt_kem_write(from, &before));
        pair.entropy[turn % 2].fail_at = 1;
        if (nkt_kem_prepare(from, &pair.host[turn % 2], &has_changed) < 0) {
            failures++;
            CHECK_OK(nkt_kem_write(from, &after));
            CHECK_EQ(after.size, before.size);
            CHECK_BYTES(after.data, before.data, after.size);
        }
        pair.entropy[turn % 2].fail_at = 0;
        for (unsigned n = 1;; n++) {
            check_row("turn %d, allocation %u", turn, n);
            check_allocations_fail_at(n);
            int err = nkt_kem_prepare(from, &pair.host[turn % 2], &has_changed);
            if (err == NKT_OK)
                err = kem_seal(from, (const uint8_t *)"words", 5, &bytes);
            const int has_failed = check_allocation_failed();
            check_allocations_fail_at(0);
            CHECK_EQ(err, has_failed ? NKT_E_MEMORY : NKT_OK);
            if (!has_failed)
                break;
            nkt_buf_free(&bytes);
        }
        for (unsigned n = 1;; n++) {
            nkt_buf_t out = {0};
            check_row("turn %d, allocation %u of opening", turn, n);
            check_allocations_fail_at(n);
            const int err = kem_open(to, bytes.data, bytes.size, &out, &news);
            const int has_failed = check_allocation_failed();
            if (err == NKT_OK)
                nkt_kem_accept(to, &news);
            check_allocations_fail_at(0);
            CHECK_EQ(err, has_failed ? NKT_E_MEMORY : NKT_OK);
            nkt_buf_free(&out);
            if (!has_failed)
                break;
        }
    }
    CHECK(failures >= 5);
    nkt_buf_free(&bytes);
    nkt_buf_free(&before);
    nkt_buf_free(&after);
    kem_pair_deinit(&pair);
}
