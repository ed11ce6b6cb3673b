/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libsignal's crypto provider: HMAC-SHA256 and SHA-512 by libsodium, AES-256-CBC by BearSSL's constant-time aes_ct64. */
#include <stdlib.h>
#include <string.h>

#include <bearssl_block.h>
#include <sodium.h>

#include "session/internal.h"

enum { AES_BLOCK_SIZE = 16, AES_KEY_SIZE = 32 };

static int random_func(uint8_t *data, size_t size, void *user_data)
{
    nkt_sessions_t *sessions = user_data;
    if (sessions->host->entropy(sessions->host->context, data, size) >= 0)
        return SG_SUCCESS;
    sessions->has_no_entropy = 1; /* libsignal has no error for it */
    return SG_ERR_UNKNOWN;
}

/* In constant time; sodium_memcmp() takes the bytes one by one. */
static int is_same_key(const uint8_t a[NKT_HMAC_KEY_SIZE], const uint8_t b[NKT_HMAC_KEY_SIZE])
{
    uint64_t x[NKT_HMAC_KEY_SIZE / 8], y[NKT_HMAC_KEY_SIZE / 8], differs = 0;
    memcpy(x, a, sizeof x);
    memcpy(y, b, sizeof y);
    for (size_t i = 0; i < NKT_HMAC_KEY_SIZE / 8; i++)
        differs |= x[i] ^ y[i];
    return differs == 0;
}

static void hmac_key_make(nkt_hmac_key_t *made, const uint8_t *key)
{
    memcpy(made->key, key, sizeof made->key);
    crypto_auth_hmacsha256_init(&made->state, key, sizeof made->key);
    made->is_there = 1;
}

/* Of 34 compressions of SHA-256 for a message 12 were of pads that had been hashed before. */
static const nkt_hmac_key_t *hmac_key_find(nkt_sessions_t *sessions, const uint8_t *key)
{
    if (is_same_key(sessions->no_salt.key, key))
        return &sessions->no_salt;
    for (size_t i = 0; i < NKT_HMAC_KEY_COUNT; i++) {
        const nkt_hmac_key_t *known = &sessions->hmac_keys[i];
        if (known->is_there && is_same_key(known->key, key))
            return known;
    }
    nkt_hmac_key_t *fresh = &sessions->hmac_keys[sessions->hmac_at++ % NKT_HMAC_KEY_COUNT];
    hmac_key_make(fresh, key);
    return fresh;
}

void nkt_provider_rest(nkt_sessions_t *sessions)
{
    for (size_t i = 0; i < NKT_HMAC_KEY_COUNT; i++) {
        if (sessions->hmac_keys[i].is_there)
            sodium_memzero(&sessions->hmac_keys[i], sizeof sessions->hmac_keys[i]);
    }
    sessions->hmac_at = 0;
}

/* On an error *out is NULL, here and below: libsignal cleans up what it did not initialise. */
static int hmac_init(void **out, const uint8_t *key, size_t key_size, void *user_data)
{
    nkt_sessions_t *sessions = user_data;
    const int is_at_work = sessions->current != NULL || sessions->group_key != NULL; /* else nobody would wipe it */
    crypto_auth_hmacsha256_state *state = NULL;
    if (!sessions->is_hmac_taken) { /* libsignal calculates one at a time */
        sessions->is_hmac_taken = 1;
        state = &sessions->hmac;
    } else {
        state = malloc(sizeof *state);
    }
    *out = state;
    if (state == NULL)
        return SG_ERR_NOMEM;
    if (is_at_work && key_size == NKT_HMAC_KEY_SIZE)
        *state = hmac_key_find(sessions, key)->state;
    else
        crypto_auth_hmacsha256_init(state, key, key_size);
    return SG_SUCCESS;
}

static int hmac_update(void *state, const uint8_t *data, size_t size, void *user_data)
{
    (void)user_data;
    crypto_auth_hmacsha256_update(state, data, size);
    return SG_SUCCESS;
}

static int hmac_final(void *state, signal_buffer **out, void *user_data)
{
    (void)user_data;
    uint8_t mac[crypto_auth_hmacsha256_BYTES];
    crypto_auth_hmacsha256_final(state, mac);
    *out = signal_buffer_create(mac, sizeof mac);
    sodium_memzero(mac, sizeof mac);
    return *out == NULL ? SG_ERR_NOMEM : SG_SUCCESS;
}

static void hmac_cleanup(void *state, void *user_data)
{
    nkt_sessions_t *sessions = user_data;
    if (state != NULL)
        sodium_memzero(state, sizeof(crypto_auth_hmacsha256_state));
    if (state == &sessions->hmac)
        sessions->is_hmac_taken = 0;
    else
        free(state);
}

static int sha512_init(void **out, void *user_data)
{
    (void)user_data;
    crypto_hash_sha512_state *state = *out = malloc(sizeof *state);
    if (state == NULL)
        return SG_ERR_NOMEM;
    crypto_hash_sha512_init(state);
    return SG_SUCCESS;
}

static int sha512_update(void *state, const uint8_t *data, size_t size, void *user_data)
{
    (void)user_data;
    crypto_hash_sha512_update(state, data, size);
    return SG_SUCCESS;
}

static int sha512_final(void *state, signal_buffer **out, void *user_data)
{
    (void)user_data;
    uint8_t hash[crypto_hash_sha512_BYTES];
    crypto_hash_sha512_final(state, hash);
    crypto_hash_sha512_init(state); /* libsignal goes on with it: each round of a fingerprint */
    *out = signal_buffer_create(hash, sizeof hash);
    return *out == NULL ? SG_ERR_NOMEM : SG_SUCCESS;
}

static void sha512_cleanup(void *state, void *user_data)
{
    (void)user_data;
    if (state != NULL)
        sodium_memzero(state, sizeof(crypto_hash_sha512_state));
    free(state);
}

/* Sessions of version 3 use CBC with PKCS #7 only; what asks for another mode is not ours. */
static int is_cipher_ok(int cipher, size_t key_size, size_t iv_size)
{
    return cipher == SG_CIPHER_AES_CBC_PKCS5 && key_size == AES_KEY_SIZE && iv_size == AES_BLOCK_SIZE;
}

static int aes_encrypt(signal_buffer **out, int cipher, const uint8_t *key, size_t key_size, const uint8_t *iv,
                       size_t iv_size, const uint8_t *plain, size_t size, void *user_data)
{
    (void)user_data;
    *out = NULL;
    if (!is_cipher_ok(cipher, key_size, iv_size))
        return SG_ERR_INVAL;
    size_t pad = AES_BLOCK_SIZE - size % AES_BLOCK_SIZE;
    signal_buffer *buffer = signal_buffer_alloc(size + pad);
    if (buffer == NULL)
        return SG_ERR_NOMEM;
    uint8_t *data = signal_buffer_data(buffer);
    if (size > 0)
        memcpy(data, plain, size);
    memset(data + size, (int)pad, pad);
    br_aes_ct64_cbcenc_keys keys;
    uint8_t chain[AES_BLOCK_SIZE];
    memcpy(chain, iv, sizeof chain);
    br_aes_ct64_cbcenc_init(&keys, key, key_size);
    br_aes_ct64_cbcenc_run(&keys, chain, data, size + pad);
    sodium_memzero(&keys, sizeof keys);
    *out = buffer;
    return SG_SUCCESS;
}

static int aes_decrypt(signal_buffer **out, int cipher, const uint8_t *key, size_t key_size, const uint8_t *iv,
                       size_t iv_size, const uint8_t *sealed, size_t size, void *user_data)
{
    (void)user_data;
    *out = NULL;
    if (!is_cipher_ok(cipher, key_size, iv_size) || size == 0 || size % AES_BLOCK_SIZE != 0)
        return SG_ERR_INVAL;
    uint8_t *data = malloc(size);
    if (data == NULL)
        return SG_ERR_NOMEM;
    memcpy(data, sealed, size);
    br_aes_ct64_cbcdec_keys keys;
    uint8_t chain[AES_BLOCK_SIZE];
    memcpy(chain, iv, sizeof chain);
    br_aes_ct64_cbcdec_init(&keys, key, key_size);
    br_aes_ct64_cbcdec_run(&keys, chain, data, size);
    sodium_memzero(&keys, sizeof keys);
    /* the MAC was checked before: a wrong padding tells nobody anything */
    uint8_t pad = data[size - 1];
    int result = pad == 0 || pad > AES_BLOCK_SIZE ? SG_ERR_UNKNOWN : SG_SUCCESS;
    for (size_t i = 1; result == SG_SUCCESS && i <= pad; i++) {
        if (data[size - i] != pad)
            result = SG_ERR_UNKNOWN;
    }
    if (result == SG_SUCCESS) {
        *out = signal_buffer_create(data, size - pad);
        result = *out == NULL ? SG_ERR_NOMEM : SG_SUCCESS;
    }
    sodium_memzero(data, size);
    free(data);
    return result;
}

int nkt_provider_install(nkt_sessions_t *sessions)
{
    static const uint8_t no_salt[NKT_HMAC_KEY_SIZE];
    const signal_crypto_provider provider = {
        .random_func = random_func,
        .hmac_sha256_init_func = hmac_init,
        .hmac_sha256_update_func = hmac_update,
        .hmac_sha256_final_func = hmac_final,
        .hmac_sha256_cleanup_func = hmac_cleanup,
        .sha512_digest_init_func = sha512_init,
        .sha512_digest_update_func = sha512_update,
        .sha512_digest_final_func = sha512_final,
        .sha512_digest_cleanup_func = sha512_cleanup,
        .encrypt_func = aes_encrypt,
        .decrypt_func = aes_decrypt,
        .user_data = sessions,
    };
    hmac_key_make(&sessions->no_salt, no_salt);
    return signal_context_set_crypto_provider(sessions->context, &provider);
}
