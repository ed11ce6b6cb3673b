/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Arithmetic modulo p = 2^255 - 19 on two numbers at once, for WebAssembly's SIMD: included by ge25519_x2.h and x25519_x2.h, which
 * are included by libsodium's own files, and in their style. WebAssembly has no product of 64 by 64 bits; its widest instruction
 * makes two products of 32 by 32 (i64x2.extmul_low_i32x4). Elsewhere the same code compiles to plain C, for the tests alone.
 *
 * A number is 9 signed limbs, the sum of v[k] 2^(29 k). Vector k has limb k of one number in lane 0 and of the other in lane 1;
 * lanes 2 and 3 are not looked at. So 2^261 = 1216 (mod p), and every column of a product has the same weight: no doublings.
 *
 * Bounds. With R = 2^28 + 2^24, all limbs of a product are within [-R, R] ("reduced"). Sums and differences are not reduced: of m
 * of them each limb is within [-mR, mR]. Factors of mR and nR may be multiplied if m n <= 12 and both limbs fit into 32 bits
 * (m, n <= 7); a square doubles its limbs first, so m <= 3. Why that is enough is said at FE25519_X2_PRODUCT.
 *
 * No branch and no address depends on a value.
 */
#ifndef fe25519_x2_H
#define fe25519_x2_H

#include "fe25519_limbs.h"
#ifdef __wasm_simd128__
# include <wasm_simd128.h>
#endif

typedef int32_t  fe25519_i32x4 __attribute__((vector_size(16)));
typedef int64_t  fe25519_i64x2 __attribute__((vector_size(16)));
typedef uint64_t fe25519_u64x2 __attribute__((vector_size(16)));

enum { FE25519_X2_R = (1 << 28) + (1 << 24) };

typedef struct fe25519_x2 {
    fe25519_i32x4 v[FE25519_LIMBS];
} fe25519_x2;

/* Lanes of `a` (0 to 3) and `b` (4 to 7). What is wanted in lanes 2 and 3 is what is cheapest. */
#define FE25519_X2_LANES(a, b, ...) __builtin_shufflevector((a), (b), __VA_ARGS__)

/* The compiler, knowing that lanes 2 and 3 are not looked at, would leave them to chance, and engines make three instructions of that. */
static inline fe25519_i32x4
fe25519_x2_all_lanes(fe25519_i32x4 a)
{
#ifdef __wasm_simd128__
    __asm__("" : "+r"(a));
#endif
    return a;
}

#define FE25519_X2_SWAP(a) fe25519_x2_all_lanes(FE25519_X2_LANES(a, a, 1, 0, 3, 2))
#define FE25519_X2_BLEND(a, b) fe25519_x2_all_lanes(FE25519_X2_LANES(a, b, 0, 5, 2, 7)) /* lane 0 of a, lane 1 of b */
#define FE25519_X2_EACH(k) for (int k = 0; k < FE25519_LIMBS; k++)

#ifdef FE25519_X2_CHECKED /* by the tests: every factor is within its bound */
# include <assert.h>
static inline void
fe25519_x2_check(const fe25519_x2 *f, int m)
{
    FE25519_X2_EACH (k) {
        for (int lane = 0; lane < 2; lane++) {
            assert(f->v[k][lane] <= (int64_t) m * FE25519_X2_R && f->v[k][lane] >= (int64_t) -m * FE25519_X2_R);
        }
    }
}
#else
# define fe25519_x2_check(f, m) ((void) 0)
#endif

static inline fe25519_u64x2
fe25519_x2_product(const fe25519_i32x4 a, const fe25519_i32x4 b)
{
#ifdef __wasm_simd128__
    return (fe25519_u64x2) wasm_i64x2_extmul_low_i32x4((v128_t) a, (v128_t) b);
#else
    return (fe25519_u64x2) (fe25519_i64x2){ (int64_t) a[0] * b[0], (int64_t) a[1] * b[1] };
#endif
}

static inline fe25519_u64x2
fe25519_x2_times_1216(const fe25519_u64x2 a)
{
    return (a << 10) + (a << 7) + (a << 6);
}

/*
 * What each column of a product begins with: enough that none is ever negative, so that carries need no sign. All of it together is
 * the sum of FE25519_X2_OFFSET 2^(29 k), k < 9, modulo p: taken off at the end, it makes limbs of 0 to 2^29 - 1 signed. The numbers
 * solve that with as few different ones as can be: 1217 (2^63 + 220540) = 38944 2^58 + OFFSET - 38944. tests/unit adds them up.
 */
enum { FE25519_X2_OFFSET = 268436124 }; /* 2^28 + 668 */

static inline fe25519_u64x2
fe25519_x2_bias(int column)
{
    const uint64_t own  = 220540;
    const uint64_t each = (UINT64_C(1) << 63) + own;
    const uint64_t last = (UINT64_C(1) << 60) + own + (own << FE25519_LIMBS_BITS); /* and what a column 17 would have had of it */
    const uint64_t bias = column == 0 ? each + UINT64_C(17173954592) : column < 16 ? each : last;
    return (fe25519_u64x2){ bias, bias };
}

/*
 * The end of a product: digit[0] to digit[7] are columns 8 to 15 and what was carried into them, below 2^29, digit[8] is column 16,
 * digit[9] what is left above it. Columns 0 to 7 are calculated meanwhile, so that little has to be kept (a macro, as their
 * expression differs).
 *
 * Why nothing overflows: of factors mR and nR with m n <= 12 a column is at most 9 * 12 R^2 < 122 2^56 to either side, so with its
 * bias of 2^63 = 128 2^56 it is positive and below 2^64 - 2^58. What is added to it is a carry below 2^35 and 1216 2^29. Column 16 is
 * one product, at most 12 R^2 < 14 2^56, with a bias of 16 2^56: digit[9] < 30 2^27, and column 8 ends below 2^42.2. So limb 0 gets
 * less than 1216 * 9300 < 2^24 at last, and is within R like all others.
 */
#define FE25519_X2_PRODUCT(h, SUM)                                                                            \
    do {                                                                                                      \
        const fe25519_u64x2 mask = { FE25519_LIMBS_MASK, FE25519_LIMBS_MASK };                                \
        fe25519_u64x2       digit[10], limb[FE25519_LIMBS], carry = { 0, 0 };                                 \
        FE25519_LIMBS_UNROLL                                                                                  \
        for (int k = 8; k < 17; k++) {                                                                        \
            fe25519_u64x2 column = fe25519_x2_bias(k);                                                        \
            SUM(column, k);                                                                                   \
            column += carry; /* last, as what one waits for longest */                                        \
            carry        = column >> FE25519_LIMBS_BITS;                                                      \
            digit[k - 8] = column & mask;                                                                     \
        }                                                                                                     \
        digit[9] = carry;                                                                                     \
        carry    = carry ^ carry;                                                                             \
        FE25519_LIMBS_UNROLL                                                                                  \
        for (int k = 0; k < FE25519_LIMBS; k++) {                                                             \
            fe25519_u64x2 column = k == 8 ? digit[0] : fe25519_x2_bias(k);                                    \
            if (k < 8) {                                                                                      \
                SUM(column, k);                                                                               \
            }                                                                                                 \
            column += fe25519_x2_times_1216(digit[k + 1]);                                                    \
            column += carry;                                                                                  \
            carry   = column >> FE25519_LIMBS_BITS;                                                           \
            limb[k] = column & mask;                                                                          \
        }                                                                                                     \
        limb[0] += fe25519_x2_times_1216(carry);                                                              \
        FE25519_LIMBS_UNROLL                                                                                  \
        for (int k = 0; k < FE25519_LIMBS; k++) {                                                             \
            const fe25519_i32x4 all = (fe25519_i32x4) limb[k];                                                \
            (h)->v[k]               = FE25519_X2_LANES(all, all, 0, 2, 0, 2) - FE25519_X2_OFFSET;             \
        }                                                                                                     \
    } while (0)

/* f->v[i] g->v[j] for all i + j = k */
#define FE25519_X2_SUM_MUL(column, k)                                                                         \
    FE25519_LIMBS_UNROLL                                                                                      \
    for (int i = (k) < 9 ? 0 : (k) - 8; i <= ((k) < 9 ? (k) : 8); i++) {                                      \
        (column) += fe25519_x2_product(f->v[i], g->v[(k) - i]);                                               \
    }

/* each pair of different limbs once, doubled */
#define FE25519_X2_SUM_SQ(column, k)                                                                          \
    FE25519_LIMBS_UNROLL                                                                                      \
    for (int i = (k) < 9 ? 0 : (k) - 8; i <= (k) / 2; i++) {                                                  \
        (column) += fe25519_x2_product(2 * i < (k) ? twice.v[i] : f->v[i], f->v[(k) - i]);                    \
    }

/* h = f g. h may be f or g. f within m R, g within n R, m n <= 12 */
static __attribute__((noinline)) void
fe25519_x2_mul(fe25519_x2 *h, const fe25519_x2 *f, const fe25519_x2 *g)
{
    fe25519_x2_check(f, 7);
    fe25519_x2_check(g, 7);
    FE25519_X2_PRODUCT(h, FE25519_X2_SUM_MUL);
}

/* h = f^2. h may be f. f within 3 R */
static __attribute__((noinline)) void
fe25519_x2_sq(fe25519_x2 *h, const fe25519_x2 *f)
{
    fe25519_x2 twice;

    fe25519_x2_check(f, 3);
    FE25519_X2_EACH (k) {
        twice.v[k] = f->v[k] + f->v[k];
    }
    FE25519_X2_PRODUCT(h, FE25519_X2_SUM_SQ);
}

/* All ones if b is 1, zeros if it is 0; of where it comes from the compiler sees nothing, and makes no branch of it. */
static inline fe25519_i32x4
fe25519_x2_mask(unsigned int b)
{
    int32_t all = -(int32_t) b;

    __asm__("" : "+r"(all));
    return (fe25519_i32x4){ all, all, all, all };
}

/* One of libsodium's numbers into a lane, its limbs made signed. The last one has 23 bits. */
static void
fe25519_x2_set(fe25519_x2 *h, int lane, const fe25519 f)
{
    int64_t limb[FE25519_LIMBS];
    int     k;

    fe25519_limbs_set(limb, f);
    for (k = 0; k < FE25519_LIMBS - 1; k++) {
        const int64_t carry = (limb[k] + (1 << 28)) >> FE25519_LIMBS_BITS;

        h->v[k][lane] = (int32_t) (limb[k] - carry * (1 << FE25519_LIMBS_BITS));
        limb[k + 1] += carry;
    }
    h->v[k][lane] = (int32_t) limb[k];
}

/* And back. f within 7 R */
static void
fe25519_x2_get(fe25519 h, const fe25519_x2 *f, int lane)
{
    int64_t limb[FE25519_LIMBS];

    FE25519_X2_EACH (k) {
        limb[k] = f->v[k][lane];
    }
    fe25519_limbs_get(h, limb);
}
#endif
