/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "kem_pair.h"

#include <string.h>

#include <sodium.h>

const uint8_t kem_context[32] = "who they are, and what with whom";

void kem_pair_init(kem_pair_t *pair, uint64_t seed)
{
    uint8_t secret_seed[NKT_KEM_SEED_SIZE];
    *pair = (kem_pair_t){.entropy = {{.seed = 2 * seed}, {.seed = 2 * seed + 1}}};
    pair->host[0] = check_host(&pair->entropy[0]);
    pair->host[1] = check_host(&pair->entropy[1]);
    check_fill(secret_seed, sizeof secret_seed, seed);
    CHECK_EQ(crypto_kem_mlkem768_seed_keypair(pair->public_key, pair->secret_key, secret_seed), 0);
    CHECK_OK(nkt_kem_initiate(&pair->end[0], pair->public_key, KEM_PREKEY_ID, kem_context,
                              &pair->host[0]));
}

void kem_pair_init_established(kem_pair_t *pair, uint64_t seed)
{
    kem_pair_init(pair, seed);
    kem_pass(pair, 0, "hello");
    kem_pass(pair, 1, "welcome");
}

void kem_pair_deinit(kem_pair_t *pair)
{
    nkt_kem_deinit(&pair->end[0]);
    nkt_kem_deinit(&pair->end[1]);
}

int kem_say(kem_pair_t *pair, int from, const char *text, nkt_buf_t *bytes)
{
    int has_changed;
    CHECK_OK(nkt_kem_prepare(&pair->end[from], &pair->host[from], &has_changed));
    CHECK_OK(nkt_kem_seal(&pair->end[from], (const uint8_t *)text, strlen(text), bytes));
    return has_changed;
}

int kem_hear(kem_pair_t *pair, int to, const nkt_buf_t *bytes, nkt_buf_t *text)
{
    nkt_kem_t *end = &pair->end[to], fresh = {0};
    nkt_kem_news_t news;
    uint32_t key_id;
    nkt_buf_clear(text);
    if (!end->is_there) {
        int err = nkt_kem_first_key_id(bytes->data, bytes->size, &key_id);
        if (err == NKT_OK && key_id != KEM_PREKEY_ID)
            err = NKT_E_DECRYPT;
        if (err == NKT_OK)
            err = nkt_kem_respond(&fresh, pair->secret_key, bytes->data, bytes->size, kem_context);
        if (err < 0)
            return err;
        end = &fresh;
    }
    const int err = nkt_kem_open(end, bytes->data, bytes->size, text, &news);
    if (err == NKT_OK) {
        nkt_kem_accept(end, &news);
        pair->end[to] = *end;
    } else if (end == &fresh) {
        nkt_kem_deinit(&fresh);
    }
    return err;
}

void kem_hear_text(kem_pair_t *pair, int to, const nkt_buf_t *bytes, const char *text)
{
    nkt_buf_t out = {0};
    CHECK_OK(kem_hear(pair, to, bytes, &out));
    CHECK_EQ(out.size, strlen(text));
    CHECK_BYTES(out.data, text, out.size);
    nkt_buf_free(&out);
}

void kem_refuse(kem_pair_t *pair, int to, const nkt_buf_t *bytes, int err)
{
    nkt_buf_t out = {0}, before = {0}, after = {0};
    const int is_there = pair->end[to].is_there;
    CHECK_OK(nkt_kem_write(&pair->end[to], &before));
    CHECK_ERR(kem_hear(pair, to, bytes, &out), err);
    CHECK_EQ(out.size, 0);
    CHECK_OK(nkt_kem_write(&pair->end[to], &after));
    CHECK_EQ(pair->end[to].is_there, is_there);
    CHECK_EQ(after.size, before.size);
    CHECK_BYTES(after.data, before.data, after.size);
    nkt_buf_free(&out);
    nkt_buf_free(&before);
    nkt_buf_free(&after);
}

void kem_pass(kem_pair_t *pair, int from, const char *text)
{
    nkt_buf_t bytes = {0};
    kem_say(pair, from, text, &bytes);
    kem_hear_text(pair, !from, &bytes, text);
    nkt_buf_free(&bytes);
}
