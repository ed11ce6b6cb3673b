/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sealing: XChaCha20-Poly1305 (IETF), and nothing else.
 *
 *     a key used once      the nonce is zero and not sent; what is sealed is padded (identity/pad.h)
 *     a key used often     a random nonce, sent first
 *     to an identity key   e 32 || the first form, under H_32(X25519(e, identity key); T("seal", e, identity key, context))
 */
#ifndef NKT_IDENTITY_SEAL_H
#define NKT_IDENTITY_SEAL_H

#include "base/bytes.h"
#include "nkt.h"

/** Who a sealed text is for, and in which circumstances: it opens in the same ones only. */
typedef struct nkt_seal_for {
    const uint8_t *public_key; /* 32 bytes */
    const uint8_t *context;    /* who says it to whom */
    size_t context_size;
} nkt_seal_for_t;

/** Appends the sealed form to out. NKT_E_ENTROPY, NKT_E_KEY: one that no secret can be shared with; NKT_E_MEMORY. */
int nkt_seal_to(nkt_buf_t *out, const nkt_seal_for_t *recipient, const uint8_t *plain, size_t size,
                const nkt_host_t *host);

/** Replaces out by the plaintext. NKT_E_PAYLOAD: not sealed to this key in this context, or
 * altered; NKT_E_MEMORY. */
int nkt_seal_open_from(nkt_buf_t *out, const uint8_t private_key[32],
                       const nkt_seal_for_t *recipient, const uint8_t *sealed, size_t size);

/** Under a key of which this is the only use, ever. Appends the sealed form; data (may be empty) is authenticated with it. NKT_E_MEMORY. */
int nkt_seal_once(nkt_buf_t *out, const uint8_t key[32], const void *data, size_t data_size, const uint8_t *plain, size_t size);

/** The same, padded as nkt_padded_size_from() says. */
int nkt_seal_once_from(nkt_buf_t *out, const uint8_t key[32], const void *data, size_t data_size, const uint8_t *plain, size_t size,
                       size_t pad_min);

/** The same without padding, for what has a length that everybody knows. */
int nkt_seal_bare(nkt_buf_t *out, const uint8_t key[32], const uint8_t *plain, size_t size);
/** Replaces out by the plaintext. NKT_E_PAYLOAD, NKT_E_MEMORY. */
int nkt_seal_open_bare(nkt_buf_t *out, const uint8_t key[32], const uint8_t *sealed, size_t size);

/** Replaces out by the plaintext. NKT_E_PAYLOAD, NKT_E_MEMORY. */
int nkt_seal_open_once(nkt_buf_t *out, const uint8_t key[32], const void *data, size_t data_size, const uint8_t *sealed, size_t size);

/** Under a key that is used often. Appends the sealed form, not padded; name (may be empty) is authenticated with it. NKT_E_ENTROPY,
 *  NKT_E_MEMORY. */
int nkt_seal_with(nkt_buf_t *out, const uint8_t key[32], const char *name, size_t name_size, const uint8_t *plain,
                  size_t size, const nkt_host_t *host);

/** Replaces out by the plaintext. NKT_E_PAYLOAD, NKT_E_MEMORY. */
int nkt_seal_open_with(nkt_buf_t *out, const uint8_t key[32], const char *name, size_t name_size,
                       const uint8_t *sealed, size_t size);

#endif
