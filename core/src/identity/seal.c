/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "identity/seal.h"

#include <string.h>

#include <sodium.h>

#include "identity/xeddsa.h"

enum {
    NONCE_SIZE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    TAG_SIZE = crypto_aead_xchacha20poly1305_ietf_ABYTES,
};

static void box_nonce(uint8_t nonce[crypto_box_NONCEBYTES], const uint8_t ephemeral[32],
                      const nkt_seal_for_t *recipient)
{
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, crypto_box_NONCEBYTES);
    crypto_generichash_update(&state, ephemeral, 32);
    crypto_generichash_update(&state, recipient->public_key, 32);
    crypto_generichash_update(&state, recipient->context, recipient->context_size);
    crypto_generichash_final(&state, nonce, crypto_box_NONCEBYTES);
}

int nkt_seal_to(nkt_buf_t *out, const nkt_seal_for_t *recipient, const uint8_t *plain, size_t size,
                const nkt_host_t *host)
{
    uint8_t ephemeral_private[32], ephemeral_public[32], nonce[crypto_box_NONCEBYTES];
    int err = nkt_buf_reserve(out, size + crypto_box_SEALBYTES);
    if (err < 0)
        return err;
    if (host->entropy(host->context, ephemeral_private, sizeof ephemeral_private) < 0)
        return NKT_E_ENTROPY;
    nkt_curve_key_derive(ephemeral_private, ephemeral_public);
    box_nonce(nonce, ephemeral_public, recipient);
    uint8_t *at = out->data + out->size;
    memcpy(at, ephemeral_public, 32);
    int failed =
        crypto_box_easy(at + 32, plain, size, nonce, recipient->public_key, ephemeral_private);
    sodium_memzero(ephemeral_private, sizeof ephemeral_private);
    if (failed)
        return NKT_E_KEY;
    out->size += size + crypto_box_SEALBYTES;
    return NKT_OK;
}

int nkt_seal_open_from(nkt_buf_t *out, const uint8_t private_key[32],
                       const nkt_seal_for_t *recipient, const uint8_t *sealed, size_t size)
{
    if (size < crypto_box_SEALBYTES)
        return NKT_E_PAYLOAD;
    size_t plain_size = size - crypto_box_SEALBYTES;
    nkt_buf_clear(out);
    int err = nkt_buf_reserve(out, plain_size + 1);
    if (err < 0)
        return err;
    uint8_t nonce[crypto_box_NONCEBYTES];
    box_nonce(nonce, sealed, recipient);
    if (crypto_box_open_easy(out->data, sealed + 32, size - 32, nonce, sealed, private_key) != 0)
        return NKT_E_PAYLOAD;
    out->size = plain_size;
    return NKT_OK;
}

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
