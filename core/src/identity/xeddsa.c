/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "identity/xeddsa.h"

#include <string.h>

#include <sodium.h>
#include <sodium/private/ed25519_ref10.h> /* field arithmetic; the version is pinned */

#include "nkt.h"

static void hash_to_scalar(uint8_t scalar[32], crypto_hash_sha512_state *state)
{
    uint8_t hash[crypto_hash_sha512_BYTES];
    crypto_hash_sha512_final(state, hash);
    crypto_core_ed25519_scalar_reduce(scalar, hash);
    sodium_memzero(hash, sizeof hash);
}

/*
 * XEdDSA (Perrin 2016) in libsignal's form: there the private key is negated where the sign of the public one is set, so that the sign
 * is always 0; here it is kept, and the sign travels in the highest bit of the signature.
 */
int nkt_xeddsa_sign(uint8_t signature[64], const uint8_t private_key[32], const uint8_t *message, size_t message_size,
                    const uint8_t random64[64])
{
    /* hash_1: the prefix 2^256 - 2 separates the nonce from the challenge */
    static const uint8_t prefix[32] = {0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                       0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                       0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    uint8_t edwards[32], nonce[32], challenge[32], product[32];
    crypto_hash_sha512_state state;
    int err = NKT_E_KEY;

    if (crypto_scalarmult_ed25519_base_noclamp(edwards, private_key) != 0)
        goto out;
    crypto_hash_sha512_init(&state);
    crypto_hash_sha512_update(&state, prefix, sizeof prefix);
    crypto_hash_sha512_update(&state, private_key, 32);
    crypto_hash_sha512_update(&state, message, message_size);
    crypto_hash_sha512_update(&state, random64, 64);
    hash_to_scalar(nonce, &state);
    if (crypto_scalarmult_ed25519_base_noclamp(signature, nonce) != 0)
        goto out;
    crypto_hash_sha512_init(&state);
    crypto_hash_sha512_update(&state, signature, 32);
    crypto_hash_sha512_update(&state, edwards, 32);
    crypto_hash_sha512_update(&state, message, message_size);
    hash_to_scalar(challenge, &state);
    crypto_core_ed25519_scalar_mul(product, challenge, private_key);
    crypto_core_ed25519_scalar_add(signature + 32, product, nonce);
    signature[63] |= edwards[31] & 0x80;
    err = NKT_OK;
out:
    sodium_memzero(nonce, sizeof nonce);
    sodium_memzero(product, sizeof product);
    sodium_memzero(&state, sizeof state);
    return err;
}

int nkt_xeddsa_verify(const uint8_t signature[64], const uint8_t public_key[32], const uint8_t *message,
                      size_t message_size)
{
    if (nkt_curve_key_check(public_key) < 0)
        return NKT_E_SIGNATURE;
    /* birational map of RFC 7748, section 4.1: y = (u - 1) / (u + 1) */
    fe25519 u, one, above, below, y;
    fe25519_frombytes(u, public_key);
    fe25519_1(one);
    fe25519_sub(above, u, one);
    fe25519_add(below, u, one);
    fe25519_invert(below, below);
    fe25519_mul(y, above, below);
    uint8_t edwards[32], plain[64];
    fe25519_tobytes(edwards, y);
    edwards[31] |= signature[63] & 0x80;
    memcpy(plain, signature, sizeof plain);
    plain[63] &= 0x7f;
    /* RFC 8032, 5.1.7 */
    if (crypto_sign_ed25519_verify_detached(plain, message, message_size, edwards) != 0)
        return NKT_E_SIGNATURE;
    return NKT_OK;
}

int nkt_curve_key_check(const uint8_t public_key[32])
{
    static const uint8_t prime[32] = {0xed, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                      0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                      0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f};
    /* the canonical points of order 1, 2, 4 and 8 of the curve and its twist (Bernstein, "Curve25519", 2006, validation) */
    static const uint8_t low_order[][32] = {
        {0},
        {1},
        {0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4, 0x6a,
         0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00},
        {0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1, 0x55, 0x9c, 0x83, 0xef, 0x5b,
         0x04, 0x44, 0x5c, 0xc4, 0x58, 0x1c, 0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f, 0x11, 0x57},
        {0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
         0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
    };
    int i = 31;
    while (i > 0 && public_key[i] == prime[i])
        i--;
    if (public_key[i] >= prime[i])
        return NKT_E_KEY;
    for (size_t k = 0; k < sizeof low_order / sizeof low_order[0]; k++) {
        if (memcmp(public_key, low_order[k], 32) == 0)
            return NKT_E_KEY;
    }
    return NKT_OK;
}

void nkt_curve_key_derive(uint8_t private_key[32], uint8_t public_key[32])
{
    /* RFC 7748, section 5, decodeScalar25519 */
    private_key[0] &= 0xf8;
    private_key[31] = (uint8_t)((private_key[31] & 0x7f) | 0x40);
    crypto_scalarmult_curve25519_base(public_key, private_key);
}
