/* SPDX-License-Identifier: GPL-3.0-or-later */
/* 9 limbs of 29 bits, as fe25519_power.h and fe25519_x2.h calculate with, from libsodium's numbers and back. */
#ifndef fe25519_limbs_H
#define fe25519_limbs_H

#include <stdint.h>
#include <string.h>

enum { FE25519_LIMBS = 9, FE25519_LIMBS_BITS = 29, FE25519_LIMBS_MASK = (1 << 29) - 1 };

#ifdef __clang__
# define FE25519_LIMBS_UNROLL _Pragma("clang loop unroll(full)")
#else
# define FE25519_LIMBS_UNROLL
#endif

/* h: the sum of h[k] 2^(29 k), h[8] with 23 bits, the number below p */
static void
fe25519_limbs_set(int64_t h[FE25519_LIMBS], const fe25519 f)
{
    unsigned char s[32];
    int           i, k;

    fe25519_tobytes(s, f);
    memset(h, 0, FE25519_LIMBS * sizeof h[0]);
    for (i = 0; i < 256; i += 8) {
        const int64_t bits = (int64_t) s[i / 8] << (i % FE25519_LIMBS_BITS);

        k = i / FE25519_LIMBS_BITS;
        h[k] |= bits & FE25519_LIMBS_MASK;
        if (k < FE25519_LIMBS - 1) {
            h[k + 1] |= bits >> FE25519_LIMBS_BITS;
        }
    }
}

/*
 * f: each limb within 2^31 to either side; it is overwritten. What is above 2^255 comes round as 19. Carried once, the number is between
 * -19 2^8 and 2^255 + 19 2^8; carried twice it is below 2^255, and if anything came round the lowest limb was nearly 0 or nearly 2^29.
 */
static void
fe25519_limbs_get(fe25519 h, int64_t f[FE25519_LIMBS])
{
    unsigned char s[32] = { 0 };
    int           i, k;

    for (i = 0; i < 2; i++) {
        for (k = 0; k < FE25519_LIMBS - 1; k++) {
            f[k + 1] += f[k] >> FE25519_LIMBS_BITS;
            f[k] &= FE25519_LIMBS_MASK;
        }
        f[0] += 19 * (f[8] >> 23);
        f[8] &= (1 << 23) - 1;
    }
    for (i = 0; i < 256; i += 8) {
        k = i / FE25519_LIMBS_BITS;
        s[i / 8] = (unsigned char) (f[k] >> (i % FE25519_LIMBS_BITS));
        if (i % FE25519_LIMBS_BITS > FE25519_LIMBS_BITS - 8) {
            s[i / 8] |= (unsigned char) (f[k + 1] << (FE25519_LIMBS_BITS - i % FE25519_LIMBS_BITS));
        }
    }
    fe25519_frombytes(h, s); /* any number below 2^255 */
}
#endif
