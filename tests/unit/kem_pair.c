/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "kem_pair.h"

#include <string.h>

#include <sodium.h>

static const uint8_t no_nonce[crypto_aead_xchacha20poly1305_ietf_NPUBBYTES];

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

/* As with a content, but that the key is the ratchet's alone. */
int kem_seal(nkt_kem_t *kem, const uint8_t *plain, size_t size, nkt_buf_t *out)
{
    uint8_t key[32];
    unsigned long long sealed_size;
    int err = nkt_kem_say(kem, out, key);
    if (err == NKT_OK)
        nkt_kem_said(kem);
    if (err < 0)
        return err;
    err = nkt_buf_reserve(out, size + crypto_aead_xchacha20poly1305_ietf_ABYTES);
    if (err < 0)
        return err;
    crypto_aead_xchacha20poly1305_ietf_encrypt(out->data + out->size, &sealed_size, plain, size, out->data, out->size, NULL, no_nonce, key);
    out->size += (size_t)sealed_size;
    return NKT_OK;
}

size_t kem_head_size(const uint8_t *bytes, size_t size)
{
    const size_t head_size = size > 0 ? nkt_kem_head_size(bytes[0]) : 0;
    return head_size < size ? head_size : size;
}

int kem_open(nkt_kem_t *kem, const uint8_t *bytes, size_t size, nkt_buf_t *out, nkt_kem_news_t *news)
{
    const size_t head_size = kem_head_size(bytes, size);
    unsigned long long opened_size;
    uint8_t key[32];
    nkt_buf_clear(out);
    int err = nkt_kem_hear(kem, bytes, head_size, key, news);
    if (err < 0)
        return err;
    if (nkt_buf_reserve(out, size - head_size + 1) < 0) {
        nkt_kem_reject(news);
        return NKT_E_MEMORY;
    }
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(out->data, &opened_size, NULL, bytes + head_size, size - head_size, bytes, head_size,
                                                   no_nonce, key) != 0) {
        nkt_kem_reject(news);
        return NKT_E_DECRYPT;
    }
    out->size = (size_t)opened_size;
    return NKT_OK;
}

int kem_say(kem_pair_t *pair, int from, const char *text, nkt_buf_t *bytes)
{
    int has_changed;
    CHECK_OK(nkt_kem_prepare(&pair->end[from], &pair->host[from], &has_changed));
    CHECK_OK(kem_seal(&pair->end[from], (const uint8_t *)text, strlen(text), bytes));
    return has_changed;
}

int kem_hear(kem_pair_t *pair, int to, const nkt_buf_t *bytes, nkt_buf_t *text)
{
    nkt_kem_t *end = &pair->end[to], fresh = {0};
    nkt_kem_news_t news;
    uint32_t key_id;
    const size_t head_size = kem_head_size(bytes->data, bytes->size);
    nkt_buf_clear(text);
    if (!end->is_there) {
        int err = nkt_kem_first_key_id(bytes->data, head_size, &key_id);
        if (err == NKT_OK && key_id != KEM_PREKEY_ID)
            err = NKT_E_DECRYPT;
        if (err == NKT_OK)
            err = nkt_kem_respond(&fresh, pair->secret_key, bytes->data, head_size, kem_context);
        if (err < 0)
            return err;
        end = &fresh;
    }
    const int err = kem_open(end, bytes->data, bytes->size, text, &news);
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
