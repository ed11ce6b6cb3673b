/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * XEdDSA (Perrin 2016, "The XEdDSA and VXEdDSA Signature Schemes", in the form libsignal ships: the sign bit of the
 * Edwards key travels in the top bit of s) on libsodium, and the checks of Curve25519 keys.
 */
#ifndef NKT_IDENTITY_XEDDSA_H
#define NKT_IDENTITY_XEDDSA_H

#include <stddef.h>
#include <stdint.h>

/** Signs with a clamped Curve25519 private key. random64: fresh and unpredictable. NKT_E_KEY, NKT_E_MEMORY. */
int nkt_xeddsa_sign(uint8_t signature[64], const uint8_t private_key[32], const uint8_t *message, size_t message_size,
                    const uint8_t random64[64]);

/** NKT_E_SIGNATURE: wrong, malleable (S not reduced), or by a key that nkt_curve_key_check() refuses. */
int nkt_xeddsa_verify(const uint8_t signature[64], const uint8_t public_key[32], const uint8_t *message,
                      size_t message_size);

/** NKT_E_KEY: not canonical (RFC 7748: below 2^255-19, top bit clear) or of low order. */
int nkt_curve_key_check(const uint8_t public_key[32]);

/** A clamped private key of 32 unpredictable bytes (in place), and its public key. */
void nkt_curve_key_derive(uint8_t private_key[32], uint8_t public_key[32]);

#endif
