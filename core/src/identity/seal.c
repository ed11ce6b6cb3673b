/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "identity/seal.h"

#include <string.h>

#include <sodium.h>

#include "base/hash.h"
#include "identity/pad.h"
#include "wire/limits.h"
#include "identity/xeddsa.h"

enum {
    KEY_SIZE = crypto_aead_xchacha20poly1305_ietf_KEYBYTES,
    NONCE_SIZE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    TAG_SIZE = crypto_aead_xchacha20poly1305_ietf_ABYTES,
    EPHEMERAL_SIZE = 32,
};

/* ---- a key used once ---- */

static const uint8_t no_nonce[NONCE_SIZE];

int nkt_seal_once_from(nkt_buf_t *out, const uint8_t key[32], const void *data, size_t data_size, const uint8_t *plain, size_t size,
                       size_t pad_min)
{
    size_t padded_size = nkt_padded_size_from(size, pad_min);
    int err = nkt_buf_reserve(out, padded_size + TAG_SIZE);
    if (err < 0)
        return err;
    uint8_t *at = out->data + out->size;
    if (size > 0)
        memcpy(at, plain, size);
    nkt_pad_fill(at, size, padded_size);
    crypto_aead_xchacha20poly1305_ietf_encrypt(at, NULL, at, padded_size, data, data_size, NULL, no_nonce, key);
    out->size += padded_size + TAG_SIZE;
    return NKT_OK;
}

int nkt_seal_once(nkt_buf_t *out, const uint8_t key[32], const void *data, size_t data_size, const uint8_t *plain, size_t size)
{
    return nkt_seal_once_from(out, key, data, data_size, plain, size, NKT_PAD_SIZE_MIN);
}

int nkt_seal_bare(nkt_buf_t *out, const uint8_t key[32], const uint8_t *plain, size_t size)
{
    int err = nkt_buf_reserve(out, size + TAG_SIZE);
    if (err < 0)
        return err;
    crypto_aead_xchacha20poly1305_ietf_encrypt(out->data + out->size, NULL, plain, size, NULL, 0, NULL, no_nonce, key);
    out->size += size + TAG_SIZE;
    return NKT_OK;
}

static int open_once(nkt_buf_t *out, const uint8_t key[32], const void *data, size_t data_size, const uint8_t *sealed, size_t size)
{
    nkt_buf_clear(out);
    if (size < TAG_SIZE)
        return NKT_E_PAYLOAD;
    int err = nkt_buf_reserve(out, size - TAG_SIZE + 1);
    if (err < 0)
        return err;
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(out->data, NULL, NULL, sealed, size, data, data_size, no_nonce, key) != 0)
        return NKT_E_PAYLOAD;
    return NKT_OK;
}

int nkt_seal_open_once(nkt_buf_t *out, const uint8_t key[32], const void *data, size_t data_size, const uint8_t *sealed, size_t size)
{
    int err = open_once(out, key, data, data_size, sealed, size);
    return err < 0 ? err : nkt_unpad(out->data, size - TAG_SIZE, &out->size);
}

int nkt_seal_open_bare(nkt_buf_t *out, const uint8_t key[32], const uint8_t *sealed, size_t size)
{
    int err = open_once(out, key, NULL, 0, sealed, size);
    if (err == NKT_OK)
        out->size = size - TAG_SIZE;
    return err;
}

/* ---- to an identity key ---- */

/* NKT_E_KEY: the key at the other end is of low order, and the secret everybody's. */
static int key_derive(uint8_t key[KEY_SIZE], const uint8_t private_key[32], const uint8_t other_key[32], const uint8_t ephemeral[32],
                      const nkt_seal_for_t *recipient)
{
    uint8_t secret[crypto_scalarmult_curve25519_BYTES];
    int err = crypto_scalarmult_curve25519(secret, private_key, other_key) == 0 ? NKT_OK : NKT_E_KEY;
    if (err == NKT_OK)
        NKT_HASH(key, KEY_SIZE, secret, NKT_LABEL_SEAL, {ephemeral, EPHEMERAL_SIZE}, {recipient->public_key, 32},
                 {recipient->context, recipient->context_size});
    sodium_memzero(secret, sizeof secret);
    return err;
}

int nkt_seal_to(nkt_buf_t *out, const nkt_seal_for_t *recipient, const uint8_t *plain, size_t size,
                const nkt_host_t *host)
{
    uint8_t ephemeral_private[32], ephemeral[EPHEMERAL_SIZE], key[KEY_SIZE];
    size_t was_size = out->size;
    int err = nkt_buf_reserve(out, EPHEMERAL_SIZE + nkt_padded_size(size) + TAG_SIZE);
    if (err < 0)
        return err;
    if (host->entropy(host->context, ephemeral_private, sizeof ephemeral_private) < 0)
        return NKT_E_ENTROPY;
    nkt_curve_key_derive(ephemeral_private, ephemeral);
    err = key_derive(key, ephemeral_private, recipient->public_key, ephemeral, recipient);
    if (err == NKT_OK)
        err = nkt_buf_append(out, ephemeral, sizeof ephemeral);
    if (err == NKT_OK)
        err = nkt_seal_once(out, key, NULL, 0, plain, size);
    if (err < 0)
        out->size = was_size;
    sodium_memzero(ephemeral_private, sizeof ephemeral_private);
    sodium_memzero(key, sizeof key);
    return err;
}

int nkt_seal_open_from(nkt_buf_t *out, const uint8_t private_key[32],
                       const nkt_seal_for_t *recipient, const uint8_t *sealed, size_t size)
{
    uint8_t key[KEY_SIZE];
    nkt_buf_clear(out);
    if (size < EPHEMERAL_SIZE + TAG_SIZE || nkt_curve_key_check(sealed) < 0 ||
        key_derive(key, private_key, sealed, sealed, recipient) < 0)
        return NKT_E_PAYLOAD;
    int err = nkt_seal_open_once(out, key, NULL, 0, sealed + EPHEMERAL_SIZE, size - EPHEMERAL_SIZE);
    sodium_memzero(key, sizeof key);
    return err;
}

/* ---- a key used often ---- */
int nkt_seal_with(nkt_buf_t *out, const uint8_t key[32], const char *name, size_t name_size, const uint8_t *plain,
                  size_t size, const nkt_host_t *host)
{
    int err = nkt_buf_reserve(out, NONCE_SIZE + size + TAG_SIZE);
    if (err < 0)
        return err;
    uint8_t *at = out->data + out->size;
    if (host->entropy(host->context, at, NONCE_SIZE) < 0)
        return NKT_E_ENTROPY;
    crypto_aead_xchacha20poly1305_ietf_encrypt(at + NONCE_SIZE, NULL, plain, size, (const uint8_t *)name, name_size,
                                               NULL, at, key);
    out->size += NONCE_SIZE + size + TAG_SIZE;
    return NKT_OK;
}

int nkt_seal_open_with(nkt_buf_t *out, const uint8_t key[32], const char *name, size_t name_size,
                       const uint8_t *sealed, size_t size)
{
    if (size < NONCE_SIZE + TAG_SIZE)
        return NKT_E_PAYLOAD;
    size_t plain_size = size - NONCE_SIZE - TAG_SIZE;
    nkt_buf_clear(out);
    int err = nkt_buf_reserve(out, plain_size + 1);
    if (err < 0)
        return err;
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(out->data, NULL, NULL, sealed + NONCE_SIZE, size - NONCE_SIZE,
                                                   (const uint8_t *)name, name_size, sealed, key) != 0)
        return NKT_E_PAYLOAD;
    out->size = plain_size;
    return NKT_OK;
}
