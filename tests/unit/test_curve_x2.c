/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The arithmetic of core/libsodium that only WebAssembly uses (fe25519_x2.h, ge25519_x2.h, x25519_x2.h, fe25519_power.h), here in plain C,
 * with sanitizers and each factor's bound asserted, beside libsodium's own for limbs of 25 bits. Its files are included, since what
 * is compared is their own. NKT_CURVE_ROUNDS: how many random inputs each comparison takes.
 */
#define FE25519_X2         /* as WebAssembly has it */
#define FE25519_X2_CHECKED /* with bounds */
#include <stdlib.h>

#include <crypto_core/ed25519/ref10/ed25519_ref10.c> /* NOLINT(bugprone-suspicious-include) */
#include <crypto_scalarmult/curve25519/ref10/x25519_ref10.c> /* NOLINT(bugprone-suspicious-include) */

#include "check.h"

static uint64_t seed;

static int rounds(int usual)
{
    const char *wanted = getenv("NKT_CURVE_ROUNDS");
    return wanted != NULL ? atoi(wanted) : usual;
}

static void next_bytes(unsigned char *s, size_t size)
{
    check_fill(s, size, ++seed);
}

static uint32_t next_number(void)
{
    uint32_t number;
    next_bytes((unsigned char *)&number, sizeof number);
    return number;
}

/* Numbers at which carries and comparisons turn: around 0, p, 2^255 and single bits; little-endian. Count of them: EDGES */
enum { EDGES = 48 + 255 };

static void edge(unsigned char s[32], int n)
{
    memset(s, n < 16 ? 0 : 0xff, 32);
    if (n < 16)
        s[0] = (unsigned char)n;
    else if (n < 48) { /* 2^255 - 32 to 2^255 - 1, p among them */
        s[31] = 0x7f;
        s[0] = (unsigned char)(0xe0 + n - 16);
    } else { /* all bits below one */
        memset(s, 0, 32);
        for (int bit = 0; bit < n - 47; bit++)
            s[bit / 8] |= (unsigned char)(1 << bit % 8);
    }
}

static void check_same(const fe25519 got, const fe25519 expected)
{
    unsigned char a[32], b[32];
    fe25519_tobytes(a, got);
    fe25519_tobytes(b, expected);
    CHECK_BYTES(a, b, 32);
}

/* ---- numbers ---- */

TEST(biases_of_a_product_add_up_to_nothing)
{
    fe25519_x2 zero, h;
    fe25519 got, expected;
    memset(&zero, 0, sizeof zero);
    fe25519_0(expected);
    fe25519_x2_mul(&h, &zero, &zero);
    for (int lane = 0; lane < 2; lane++) {
        fe25519_x2_get(got, &h, lane);
        check_same(got, expected);
    }
    fe25519_x2_sq(&h, &zero);
    fe25519_x2_get(got, &h, 1);
    check_same(got, expected);
}

TEST(numbers_go_into_lanes_and_come_back)
{
    unsigned char s[32];
    for (int n = 0; n < EDGES + rounds(500); n++) {
        fe25519_x2 h;
        fe25519 f, got;
        check_row("%d", n);
        n < EDGES ? edge(s, n) : next_bytes(s, 32);
        fe25519_frombytes(f, s);
        memset(&h, 0, sizeof h);
        fe25519_x2_set(&h, n & 1, f);
        fe25519_x2_check(&h, 1);
        fe25519_x2_get(got, &h, n & 1);
        check_same(got, f);
    }
}

/* Limbs within m R: all at the bound, with one sign or with any, or by chance */
static void any_limbs(fe25519_x2 *f, int m, int kind)
{
    const int32_t bound = m * FE25519_X2_R;
    for (int k = 0; k < FE25519_LIMBS; k++)
        for (int lane = 0; lane < 4; lane++) {
            const uint32_t chance = next_number();
            int32_t limb = (int32_t)((int64_t)(chance % (2 * (uint32_t)bound + 1)) - bound);
            if (kind == 1)
                limb = bound;
            else if (kind == 2)
                limb = -bound;
            else if (kind == 3)
                limb = chance & 1 ? bound : -bound;
            f->v[k][lane] = limb; /* in lanes 2 and 3 it has to make no difference */
        }
}

static void products(int m, int n, int kind_f, int kind_g)
{
    fe25519_x2 f, g, h;
    fe25519 a, b, got, expected;
    any_limbs(&f, m, kind_f);
    any_limbs(&g, n, kind_g);
    fe25519_x2_mul(&h, &f, &g);
    fe25519_x2_check(&h, 1);
    for (int lane = 0; lane < 2; lane++) {
        fe25519_x2_get(a, &f, lane);
        fe25519_x2_get(b, &g, lane);
        fe25519_mul(expected, a, b);
        fe25519_x2_get(got, &h, lane);
        check_same(got, expected);
    }
}

TEST(products_are_libsodiums_up_to_the_bounds)
{
    for (int round = 0; round < rounds(40); round++)
        for (int m = 1; m <= 7; m++)
            for (int n = 1; n <= 7 && m * n <= 12; n++)
                for (int kinds = 0; kinds < 16; kinds++) {
                    check_row("%d R times %d R, kinds %d", m, n, kinds);
                    products(m, n, kinds / 4, kinds % 4);
                }
}

TEST(squares_are_libsodiums_up_to_the_bounds)
{
    for (int round = 0; round < rounds(200); round++)
        for (int m = 1; m <= 3; m++)
            for (int kind = 0; kind < 4; kind++) {
                fe25519_x2 f, h;
                fe25519 a, got, expected;
                check_row("%d R, kind %d", m, kind);
                any_limbs(&f, m, kind);
                fe25519_x2_sq(&h, &f);
                fe25519_x2_check(&h, 1);
                for (int lane = 0; lane < 2; lane++) {
                    fe25519_x2_get(a, &f, lane);
                    fe25519_sq(expected, a);
                    fe25519_x2_get(got, &h, lane);
                    check_same(got, expected);
                }
                fe25519_x2_sq(&f, &f); /* in place */
                CHECK_BYTES(&f, &h, sizeof h);
            }
}

TEST(powers_are_libsodiums)
{
    unsigned char s[32];
    for (int n = 0; n < EDGES + rounds(300); n++) {
        fe25519 f, got, expected;
        check_row("%d", n);
        n < EDGES ? edge(s, n) : next_bytes(s, 32);
        fe25519_frombytes(f, s);
        fe25519_invert(got, f);
        fe25519_invert_by_25(expected, f);
        check_same(got, expected);
        fe25519_pow22523(got, f);
        fe25519_pow22523_by_25(expected, f);
        check_same(got, expected);
    }
}

/* Limbs as large as they may be, all the way through a chain */
TEST(long_rows_of_squares_are_libsodiums)
{
    int64_t limb[9];
    fe25519 f;
    for (int k = 0; k < 9; k++)
        limb[k] = FE25519_LIMBS_MASK + (k == 0 ? 1 << 24 : 0);
    int64_t copy[9];
    memcpy(copy, limb, sizeof copy);
    fe25519_limbs_get(f, copy);
    for (int n = 0; n < rounds(20000); n++) {
        fe25519 got;
        fe25519_power_mul(limb, limb, limb, 1);
        fe25519_sq(f, f);
        CHECK(limb[0] <= FE25519_LIMBS_MASK + (1 << 24) && limb[8] <= FE25519_LIMBS_MASK);
        memcpy(copy, limb, sizeof copy);
        fe25519_limbs_get(got, copy);
        check_same(got, f);
    }
}

/* ---- points ---- */

/* Scalars at which digits turn: see edge(); digits of 8 and of 7 throughout, L and its neighbours */
static void any_scalar(unsigned char s[32], int n)
{
    static const unsigned char order[32] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7,
                                            0xa2, 0xde, 0xf9, 0xde, 0x14, 0,    0,    0,    0,    0,    0,
                                            0,    0,    0,    0,    0,    0,    0,    0,    0,    0x10};
    if (n < EDGES)
        edge(s, n);
    else if (n < EDGES + 3) {
        memcpy(s, order, 32);
        s[0] = (unsigned char)(s[0] + n - EDGES - 1);
    } else if (n < EDGES + 19)
        memset(s, 0x11 * (n - EDGES - 3), 32);
    else
        next_bytes(s, 32);
    s[31] &= 0x7f;
}

enum { SCALAR_EDGES = EDGES + 19 };

TEST(multiples_of_the_base_are_libsodiums)
{
    unsigned char s[32], got[32], expected[32];
    for (int n = 0; n < SCALAR_EDGES + rounds(200); n++) {
        ge25519_p3 p;
        fe25519 xy, zt;
        check_row("%d", n);
        any_scalar(s, n);
        ge25519_scalarmult_base_by_one(&p, s);
        ge25519_p3_tobytes(expected, &p);
        memset(&p, 0xa5, sizeof p);
        ge25519_scalarmult_base(&p, s);
        ge25519_p3_tobytes(got, &p);
        CHECK_BYTES(got, expected, 32);
        fe25519_mul(xy, p.X, p.Y); /* T is right as well */
        fe25519_mul(zt, p.Z, p.T);
        check_same(xy, zt);
    }
}

static void check_sum(const unsigned char a[32], const ge25519_p3 *A, const unsigned char b[32])
{
    unsigned char got[32], expected[32];
    ge25519_p2 r;
    ge25519_double_scalarmult_vartime_by_one(&r, a, A, b);
    ge25519_tobytes(expected, &r);
    ge25519_double_scalarmult_vartime(&r, a, A, b);
    ge25519_tobytes(got, &r);
    CHECK_BYTES(got, expected, 32);
}

TEST(sums_of_two_multiples_are_libsodiums)
{
    unsigned char a[32], b[32], k[32];
    for (int n = 0; n < 2 * SCALAR_EDGES + rounds(200); n++) {
        ge25519_p3 A;
        check_row("%d", n);
        next_bytes(k, 32);
        k[31] &= 0x7f;
        if (n % 5 == 0) /* of any order: times a point outside the group of the base */
            while (ge25519_frombytes_negate_vartime(&A, k) != 0)
                next_bytes(k, 32);
        else
            ge25519_scalarmult_base_by_one(&A, k);
        any_scalar(a, n % SCALAR_EDGES);
        any_scalar(b, n < SCALAR_EDGES ? SCALAR_EDGES : (n * 7) % SCALAR_EDGES);
        if (n >= 2 * SCALAR_EDGES) {
            next_bytes(a, 32);
            next_bytes(b, 32);
            a[31] &= 0x7f;
            b[31] &= 0x7f;
        }
        check_sum(a, &A, b);
    }
}

/* A key that comes again has tables of its own, until others need the room: verify with more keys than there is room for, each of them
 * a few times, in an order that leaves some and brings others back. */
TEST(sums_are_the_same_for_keys_that_come_again)
{
    enum { KEYS = GE25519_X2_KEYS + 4 };
    ge25519_p3 key[KEYS];
    int seen[KEYS] = {0};
    unsigned char a[32], b[32];
    for (int i = 0; i < KEYS; i++) {
        next_bytes(a, 32);
        a[31] &= 0x7f;
        ge25519_scalarmult_base_by_one(&key[i], a);
    }
    for (int n = 0; n < rounds(600); n++) {
        const int i = (int)(next_number() % (n % 200 < 100 ? 4 : KEYS)); /* a few at a time, then all */
        check_row("%d, key %d", n, i);
        any_scalar(a, n % (2 * SCALAR_EDGES)); /* from SCALAR_EDGES on by chance */
        any_scalar(b, (n * 7) % (2 * SCALAR_EDGES));
        check_sum(a, &key[i], b);
        const ge25519_x2_key *first = &ge25519_x2_keys.key[ge25519_x2_keys.order[0]];
        CHECK_BYTES(&first->A, &key[i], sizeof key[i]);
        seen[i]++;
        CHECK(first->uses == 2 || (first->uses == 1 && (seen[i] == 1 || n >= 100)));
    }
    unsigned here = 0; /* every entry is in the order once */
    for (int i = 0; i < GE25519_X2_KEYS; i++)
        here |= 1u << ge25519_x2_keys.order[i];
    CHECK_EQ(here, (1u << GE25519_X2_KEYS) - 1);
}

/* Points that are their own negatives, small orders, the identity: formulas have to be complete */
TEST(multiples_of_points_of_small_order_are_libsodiums)
{
    static const char *const points[] = {
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    };
    for (size_t i = 0; i < COUNT_OF(points); i++) {
        unsigned char s[32], a[32], b[32];
        ge25519_p3 A;
        check_hex(points[i], s, sizeof s);
        CHECK_EQ(ge25519_frombytes_negate_vartime(&A, s), 0);
        for (int n = 0; n < SCALAR_EDGES; n++) {
            check_row("%s, %d", points[i], n);
            any_scalar(a, n);
            any_scalar(b, (n + (int)i) % SCALAR_EDGES);
            check_sum(a, &A, b);
        }
    }
}

/* ---- agreements ---- */

TEST(agreements_are_libsodiums)
{
    unsigned char n[32], p[32], got[32], expected[32];
    for (int i = 0; i < EDGES + rounds(200); i++) {
        check_row("%d", i);
        next_bytes(n, 32); /* any bits: both clamp */
        if (i < EDGES) {
            edge(p, i);
            p[31] |= i & 1 ? 0x80 : 0;
        } else
            next_bytes(p, 32); /* on the curve or on its twist */
        memset(got, 0, 32);
        memset(expected, 0, 32);
        CHECK_EQ(crypto_scalarmult_curve25519_x2(got, n, p), crypto_scalarmult_curve25519_ref10(expected, n, p));
        CHECK_BYTES(got, expected, 32);
        memcpy(got, n, 32); /* in place */
        if (crypto_scalarmult_curve25519_x2(got, got, p) == 0)
            CHECK_BYTES(got, expected, 32);
    }
}
