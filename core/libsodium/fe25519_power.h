/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Included by libsodium's crypto_core/ed25519/ref10/ed25519_ref10.c (tools/setup/edits.mjs), in its style, where no products of 128 bits
 * are to be had: its two powers, 1 / z and z^((p - 5) / 8), each 254 squarings in a row. These gain more from 9 limbs of 29 bits
 * (45 products instead of 55) in local variables than from lanes, of which one would be idle.
 *
 * A number is the sum of limb[k] 2^(29 k), each limb from 0 to 2^29 - 1, but limb 0 may be 2^24 more; 2^261 = 1216 (mod p).
 */
#ifndef HAVE_TI_MODE

# include "fe25519_limbs.h"

/*
 * h = f g, of which h may be one. A column is below 9 * 2^29.1^2 < 2^61.4, with a carry below 2^33 and 1216 2^29 beside it. What is above
 * column 16 is below 2^31, so limb 8 ends below 2^42 and hands less than 1216 2^13 < 2^24 on to limb 0.
 */
static inline __attribute__((always_inline)) void
fe25519_power_mul(int64_t h[9], const int64_t f[9], const int64_t g[9], const int is_square)
{
    int64_t digit[10], limb[9], carry = 0;

    FE25519_LIMBS_UNROLL
    for (int k = 8; k < 26; k++) {
        const int n = k < 17 ? k : k - 17; /* columns 8 to 16, then 0 to 8 */
        int64_t   column = k == 25 ? digit[0] : 0;

        FE25519_LIMBS_UNROLL
        for (int i = n < 9 ? 0 : n - 8; k != 25 && i <= (is_square ? n / 2 : n < 9 ? n : 8); i++) {
            column += is_square && 2 * i < n ? 2 * f[i] * f[n - i] : f[i] * g[n - i];
        }
        if (k >= 17) {
            column += 1216 * digit[n + 1];
        }
        column += carry;
        carry = column >> FE25519_LIMBS_BITS;
        if (k < 17) {
            digit[k - 8] = column & FE25519_LIMBS_MASK;
        } else {
            limb[n] = column & FE25519_LIMBS_MASK;
        }
        if (k == 16) {
            digit[9] = carry;
            carry    = 0;
        }
    }
    limb[0] += 1216 * carry;
    memcpy(h, limb, sizeof limb);
}

/* h = f^(2^n) g */
static __attribute__((noinline)) void
fe25519_power_step(int64_t h[9], const int64_t f[9], int n, const int64_t g[9])
{
    int64_t t[9];

    memcpy(t, f, sizeof t);
    while (n-- > 0) {
        fe25519_power_mul(t, t, t, 1);
    }
    fe25519_power_mul(h, t, g, 0);
}

/* z^(2^250 - 1), and z^11 on the way */
static void
fe25519_power_250(int64_t h[9], int64_t z11[9], const int64_t z[9])
{
    int64_t z2[9], z9[9], t[9], u[9];

    fe25519_power_mul(z2, z, z, 1);
    fe25519_power_step(z9, z2, 2, z);
    fe25519_power_mul(z11, z9, z2, 0);
    fe25519_power_step(t, z11, 1, z9); /* 2^5 - 1 */
    fe25519_power_step(t, t, 5, t);    /* 2^10 - 1 */
    fe25519_power_step(u, t, 10, t);   /* 2^20 - 1 */
    fe25519_power_step(u, u, 20, u);   /* 2^40 - 1 */
    fe25519_power_step(t, u, 10, t);   /* 2^50 - 1 */
    fe25519_power_step(u, t, 50, t);   /* 2^100 - 1 */
    fe25519_power_step(u, u, 100, u);  /* 2^200 - 1 */
    fe25519_power_step(h, u, 50, t);
}

/* out = 1 / z = z^(2^255 - 21) */
void
fe25519_invert(fe25519 out, const fe25519 z)
{
    int64_t t[9], z11[9];

    fe25519_limbs_set(t, z);
    fe25519_power_250(t, z11, t);
    fe25519_power_step(t, t, 5, z11);
    fe25519_limbs_get(out, t);
}

/* out = z^(2^252 - 3) */
static void
fe25519_pow22523(fe25519 out, const fe25519 z)
{
    int64_t t[9], u[9], z11[9];

    fe25519_limbs_set(t, z);
    fe25519_power_250(u, z11, t);
    fe25519_power_step(t, u, 2, t);
    fe25519_limbs_get(out, t);
}

/* libsodium's own */
# define FE25519_INVERT fe25519_invert_by_25
# define FE25519_POW22523 fe25519_pow22523_by_25
#else
# define FE25519_INVERT fe25519_invert
# define FE25519_POW22523 fe25519_pow22523
#endif
