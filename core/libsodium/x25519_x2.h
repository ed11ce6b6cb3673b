/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Included by libsodium's crypto_scalarmult/curve25519/ref10/x25519_ref10.c (tools/setup/edits.mjs), with its static functions and in
 * its style: X25519 with two field operations at once. A step of the Montgomery ladder has ten of them (one is a product by a
 * constant), which fall into five pairs.
 */
#if defined(__wasm_simd128__) || defined(FE25519_X2)

# include "fe25519_x2.h"

typedef fe25519_i32x4 x25519_points[FE25519_LIMBS]; /* limbs of z2, x2, x3, z3 */

/*
 * (x2 : z2) becomes its double, (x3 : z3) their sum; `factors` is (121666, x1). All limbs are reduced, before and after. In an order in
 * which what a product waits for is not the one before it, where that can be: processors do the end of one and the beginning of the
 * next at a time.
 */
static inline void
x25519_x2_step(x25519_points w, const fe25519_x2 *factors)
{
    static const fe25519_i32x4 signs = { 0, -1, -1, 0 };
    fe25519_x2                 p, q, squares, dacb, e, u, v;

    FE25519_X2_EACH (k) {
        const fe25519_i32x4 x = FE25519_X2_LANES(w[k], w[k], 1, 1, 2, 2), z = FE25519_X2_LANES(w[k], w[k], 0, 0, 3, 3);
        const fe25519_i32x4 sum = x + ((z ^ signs) - signs);

        p.v[k] = sum;                                    /* A = x2 + z2, B = x2 - z2 */
        q.v[k] = FE25519_X2_LANES(sum, sum, 2, 3, 2, 3); /* D = x3 - z3, C = x3 + z3 */
    }
    fe25519_x2_sq(&squares, &p);   /* AA, BB */
    fe25519_x2_mul(&dacb, &p, &q); /* DA, CB */
    FE25519_X2_EACH (k) {
        const fe25519_i32x4 aabb = squares.v[k], bbaa = FE25519_X2_SWAP(aabb);

        e.v[k] = aabb - bbaa; /* in lane 0: E = AA - BB */
        p.v[k] = FE25519_X2_BLEND(e.v[k], bbaa);
        q.v[k] = FE25519_X2_BLEND(factors->v[k], aabb);
    }
    fe25519_x2_mul(&v, &p, &q); /* 121666 E, x2 = AA BB */
    FE25519_X2_EACH (k) {
        const fe25519_i32x4 swapped = FE25519_X2_SWAP(dacb.v[k]);

        u.v[k] = FE25519_X2_BLEND(dacb.v[k] + swapped, dacb.v[k] - swapped); /* DA + CB, CB - DA */
    }
    fe25519_x2_sq(&u, &u); /* x3, and what x1 makes z3 */
    FE25519_X2_EACH (k) {
        p.v[k] = FE25519_X2_BLEND(e.v[k], u.v[k]);
        q.v[k] = FE25519_X2_BLEND(FE25519_X2_SWAP(squares.v[k]) + v.v[k], factors->v[k]); /* BB + 121666 E, x1 */
    }
    fe25519_x2_mul(&p, &p, &q); /* z2, z3 */
    FE25519_X2_EACH (k) {
        w[k] = FE25519_X2_LANES(FE25519_X2_BLEND(p.v[k], v.v[k]), FE25519_X2_BLEND(u.v[k], p.v[k]), 0, 1, 4, 5);
    }
}

/* The two points change places if b is 1. */
static inline void
x25519_x2_cswap(x25519_points w, unsigned int b)
{
    const fe25519_i32x4 mask = fe25519_x2_mask(b);

    FE25519_X2_EACH (k) {
        w[k] ^= mask & (w[k] ^ FE25519_X2_LANES(w[k], w[k], 3, 2, 1, 0));
    }
}

static int
crypto_scalarmult_curve25519_x2(unsigned char *q, const unsigned char *n, const unsigned char *p)
{
    unsigned char t[32];
    x25519_points w;
    fe25519_x2    factors;
    fe25519       x, z;
    int           pos;
    unsigned int  swap, b;

    if (has_small_order(p)) {
        return -1;
    }
    memcpy(t, n, 32);
    t[0] &= 248;
    t[31] &= 127;
    t[31] |= 64;
    fe25519_frombytes(x, p);
    fe25519_x2_set(&factors, 1, x);
    FE25519_X2_EACH (k) {
        factors.v[k][0] = k == 0 ? 121666 : 0;
        w[k] = (fe25519_i32x4){ 0, k == 0, factors.v[k][1], k == 0 }; /* infinity, x1 */
    }
    swap = 0;
    for (pos = 254; pos >= 0; --pos) {
        b = t[pos / 8] >> (pos & 7);
        b &= 1;
        x25519_x2_cswap(w, swap ^ b);
        swap = b;
        x25519_x2_step(w, &factors);
    }
    FE25519_X2_EACH (k) { /* the last bits are 0: the points are where they belong */
        factors.v[k] = w[k];
    }
    fe25519_x2_get(z, &factors, 0);
    fe25519_x2_get(x, &factors, 1);
    fe25519_invert(z, z);
    fe25519_mul(x, x, z);
    fe25519_tobytes(q, x);

    sodium_memzero(t, sizeof t);

    return 0;
}

# define X25519_MULT crypto_scalarmult_curve25519_x2
#else
# define X25519_MULT crypto_scalarmult_curve25519_ref10
#endif
