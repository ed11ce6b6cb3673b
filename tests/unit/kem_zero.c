/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A KEM secret of zeros: no key or ciphertext of ML-KEM gives one, so here the library does. What would follow from it anybody knows. */
#include <string.h>

#include <sodium.h>

#include "kem_pair.h"

static int is_zero;

int __real_crypto_kem_mlkem768_enc_deterministic(unsigned char *answer, unsigned char *secret, const unsigned char *key,
                                                 const unsigned char *random);
int __wrap_crypto_kem_mlkem768_enc_deterministic(unsigned char *answer, unsigned char *secret, const unsigned char *key,
                                                 const unsigned char *random);
int __real_crypto_kem_mlkem768_dec(unsigned char *secret, const unsigned char *answer, const unsigned char *key);
int __wrap_crypto_kem_mlkem768_dec(unsigned char *secret, const unsigned char *answer, const unsigned char *key);

int __wrap_crypto_kem_mlkem768_enc_deterministic(unsigned char *answer, unsigned char *secret, const unsigned char *key,
                                                 const unsigned char *random)
{
    const int result = __real_crypto_kem_mlkem768_enc_deterministic(answer, secret, key, random);
    if (is_zero)
        memset(secret, 0, crypto_kem_mlkem768_SHAREDSECRETBYTES);
    return result;
}

int __wrap_crypto_kem_mlkem768_dec(unsigned char *secret, const unsigned char *answer, const unsigned char *key)
{
    const int result = __real_crypto_kem_mlkem768_dec(secret, answer, key);
    if (is_zero)
        memset(secret, 0, crypto_kem_mlkem768_SHAREDSECRETBYTES);
    return result;
}

TEST(kem_secret_of_zeros_begins_no_session)
{
    kem_pair_t pair;
    nkt_kem_t other = {0};
    nkt_buf_t bytes = {0};
    kem_pair_init(&pair, 5);
    kem_say(&pair, 0, "hello", &bytes);
    is_zero = 1;
    CHECK_ERR(nkt_kem_initiate(&other, pair.public_key, KEM_PREKEY_ID, kem_context, &pair.host[0]), NKT_E_KEY);
    CHECK(!other.is_there);
    nkt_kem_deinit(&other);
    CHECK_ERR(nkt_kem_respond(&other, pair.secret_key, bytes.data, kem_head_size(bytes.data, bytes.size), kem_context), NKT_E_DECRYPT);
    CHECK(!other.is_there);
    nkt_kem_deinit(&other);
    is_zero = 0;
    kem_hear_text(&pair, 1, &bytes, "hello");
    nkt_buf_free(&bytes);
    kem_pair_deinit(&pair);
}

/* The message as anybody could seal it who knows the root of the epoch before, were the secret one of zeros. */
static void zeros_seal(nkt_buf_t *bytes, const uint8_t root[32], const nkt_kem_t *from, const char *text)
{
    static const uint8_t zeros[32], no_nonce[crypto_aead_xchacha20poly1305_ietf_NPUBBYTES];
    const size_t head_size = kem_head_size(bytes->data, bytes->size);
    nkt_kem_chain_t chain = {.epoch = from->epoch};
    nkt_kem_keys_t keys;
    uint8_t key[32];
    nkt_kem_epoch_derive(&keys, root, from->epoch, zeros);
    memcpy(chain.key, keys.chain[!from->is_initiator], sizeof chain.key);
    nkt_kem_chain_key(&chain, key);
    CHECK_EQ(bytes->size, head_size + strlen(text) + crypto_aead_xchacha20poly1305_ietf_ABYTES);
    crypto_aead_xchacha20poly1305_ietf_encrypt(bytes->data + head_size, NULL, (const uint8_t *)text, strlen(text), bytes->data, head_size,
                                               NULL, no_nonce, key);
}

/* The epoch that would begin with it does not; the present one, and its keys, go on. */
TEST(kem_secret_of_zeros_begins_no_epoch)
{
    kem_pair_t pair;
    nkt_buf_t bytes = {0}, bad = {0};
    uint8_t root[32];
    int from = 0;
    kem_pair_init_established(&pair, 6);
    for (int turn = 0; turn < 8 && pair.end[from].key.size == 0; turn++) { /* until an offer was heard */
        from = !from;
        kem_pass(&pair, !from, "words");
    }
    CHECK(pair.end[from].key.size > 0);
    const uint32_t epoch = pair.end[from].epoch;
    is_zero = 1; /* who would answer */
    kem_pass(&pair, from, "in the old epoch");
    CHECK_EQ(pair.end[from].epoch, epoch);
    CHECK_EQ(pair.end[!from].epoch, epoch);
    is_zero = 0;
    kem_pass(&pair, !from, "and an offer again"); /* the same */
    memcpy(root, pair.end[from].root, sizeof root);
    kem_say(&pair, from, "an answer", &bytes);
    CHECK_EQ(pair.end[from].epoch, epoch + 1);
    CHECK_OK(nkt_buf_set(&bad, bytes.data, bytes.size));
    zeros_seal(&bad, root, &pair.end[from], "an answer");
    is_zero = 1; /* who would hear it */
    kem_refuse(&pair, !from, &bad, NKT_E_DECRYPT);
    CHECK_EQ(pair.end[!from].epoch, epoch);
    is_zero = 0;
    kem_hear_text(&pair, !from, &bytes, "an answer");
    CHECK_EQ(pair.end[!from].epoch, epoch + 1);
    nkt_buf_free(&bytes);
    nkt_buf_free(&bad);
    kem_pair_deinit(&pair);
}
