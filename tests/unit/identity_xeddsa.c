/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * XEdDSA and key agreement, compared with the original: libsignal's own Curve25519, linked as ref_*. Where the original
 * is too lenient (facts: S+L copies, top bit, all-zero key) the test shows that it is, and that ours is not.
 */
#include "identity/xeddsa.h"

#include <string.h>

#include <curve25519/curve25519-donna.h> /* ours: session/curve_sodium.c */

#include "base/bytes.h"
#include "check.h"

int ref_curve25519_donna(uint8_t *out, const uint8_t *secret, const uint8_t *basepoint);
int ref_curve25519_sign(unsigned char *signature, const unsigned char *private_key, const unsigned char *message,
                        unsigned long message_size, const unsigned char *random64);
int ref_curve25519_verify(const unsigned char *signature, const unsigned char *public_key,
                          const unsigned char *message, unsigned long message_size);
int ref_all_fast_tests(int silent);

typedef struct key_pair {
    uint8_t private_key[32], public_key[32];
} key_pair_t;

static key_pair_t pair_of(uint64_t seed)
{
    key_pair_t pair;
    check_fill(pair.private_key, sizeof pair.private_key, seed);
    nkt_curve_key_derive(pair.private_key, pair.public_key);
    return pair;
}

/* The canonical encodings of the points of order 1, 2, 4, 8 (curve and twist). */
static const char *const low_order[] = {
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
};

TEST(original_passes_its_own_tests)
{
    CHECK_EQ(ref_all_fast_tests(1), 0);
}

TEST(xeddsa_signs_as_the_original_byte_for_byte)
{
    uint8_t message[200], random64[64], ours[64], original[64];
    for (uint64_t seed = 0; seed < 100; seed++) {
        const key_pair_t pair = pair_of(seed);
        size_t size = seed * 2;
        check_row("seed %u", (unsigned)seed);
        check_fill(message, sizeof message, seed + 1000);
        check_fill(random64, sizeof random64, seed + 2000);
        CHECK_OK(nkt_xeddsa_sign(ours, pair.private_key, message, size, random64));
        CHECK_EQ(ref_curve25519_sign(original, pair.private_key, message, size, random64), 0);
        CHECK_BYTES(ours, original, sizeof ours);
        CHECK_OK(nkt_xeddsa_verify(original, pair.public_key, message, size));
        CHECK_EQ(ref_curve25519_verify(ours, pair.public_key, message, size), 0);
        message[0] ^= 1;
        CHECK_EQ(nkt_xeddsa_verify(ours, pair.public_key, message, size), size == 0 ? NKT_OK : NKT_E_SIGNATURE);
    }
}

TEST(xeddsa_refuses_every_flipped_bit)
{
    const key_pair_t pair = pair_of(1);
    uint8_t message[40], random64[64], signature[64], key[32];
    check_fill(message, sizeof message, 2);
    check_fill(random64, sizeof random64, 3);
    memcpy(key, pair.public_key, sizeof key);
    CHECK_OK(nkt_xeddsa_sign(signature, pair.private_key, message, sizeof message, random64));
    CHECK_OK(nkt_xeddsa_verify(signature, key, message, sizeof message));
    const struct {
        const char *what;
        uint8_t *bytes;
        size_t size;
    } parts[] = {{"signature", signature, sizeof signature}, {"key", key, sizeof key}, {"message", message, sizeof message}};
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        for (size_t bit = 0; bit < parts[i].size * 8; bit++) {
            parts[i].bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
            check_row("%s, bit %zu", parts[i].what, bit);
            CHECK_ERR(nkt_xeddsa_verify(signature, key, message, sizeof message), NKT_E_SIGNATURE);
            parts[i].bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
    }
    CHECK_ERR(nkt_xeddsa_verify(signature, key, message, sizeof message - 1), NKT_E_SIGNATURE);
    CHECK_OK(nkt_xeddsa_verify(signature, key, message, sizeof message));
}

/* S + L, with the sign bit of the Edwards key left where it is. */
static void add_order(uint8_t signature[64])
{
    uint8_t order[32];
    check_hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010", order, sizeof order);
    unsigned carry = 0;
    uint8_t sign = signature[63] & 0x80;
    signature[63] &= 0x7f;
    for (size_t i = 0; i < 32; i++) {
        carry += (unsigned)signature[32 + i] + order[i];
        signature[32 + i] = (uint8_t)carry;
        carry >>= 8;
    }
    signature[63] |= sign;
}

TEST(xeddsa_refuses_copies_with_the_order_added)
{
    uint8_t signature[64], random64[64];
    int original_accepts = 0;
    for (uint64_t seed = 0; seed < 20; seed++) {
        const key_pair_t pair = pair_of(seed);
        check_fill(random64, sizeof random64, seed);
        CHECK_OK(nkt_xeddsa_sign(signature, pair.private_key, (const uint8_t *)"m", 1, random64));
        for (int times = 1; times <= 6; times++) {
            add_order(signature);
            check_row("seed %u, %d L", (unsigned)seed, times);
            original_accepts += ref_curve25519_verify(signature, pair.public_key, (const uint8_t *)"m", 1) == 0;
            CHECK_ERR(nkt_xeddsa_verify(signature, pair.public_key, (const uint8_t *)"m", 1), NKT_E_SIGNATURE);
        }
    }
    CHECK(original_accepts > 0);
}

TEST(xeddsa_refuses_a_key_with_its_top_bit_set)
{
    const key_pair_t pair = pair_of(5);
    uint8_t signature[64], random64[64] = {1}, key[32];
    CHECK_OK(nkt_xeddsa_sign(signature, pair.private_key, (const uint8_t *)"m", 1, random64));
    memcpy(key, pair.public_key, sizeof key);
    key[31] |= 0x80;
    CHECK_EQ(ref_curve25519_verify(signature, key, (const uint8_t *)"m", 1), 0);
    CHECK_ERR(nkt_xeddsa_verify(signature, key, (const uint8_t *)"m", 1), NKT_E_SIGNATURE);
}

/* R = the neutral point, S = 0: valid for a key of low order whenever the challenge is a multiple of its order. */
TEST(xeddsa_refuses_low_order_keys)
{
    uint8_t signature[64] = {1};
    int original_accepts = 0;
    for (size_t i = 0; i < COUNT_OF(low_order); i++) {
        uint8_t key[32];
        check_hex(low_order[i], key, sizeof key);
        for (uint8_t message = 0; message < 32; message++) {
            for (int sign = 0; sign < 2; sign++) {
                signature[63] = sign ? 0x80 : 0;
                check_row("key %zu, message %d, sign %d", i, message, sign);
                original_accepts += ref_curve25519_verify(signature, key, &message, 1) == 0;
                CHECK_ERR(nkt_xeddsa_verify(signature, key, &message, 1), NKT_E_SIGNATURE);
            }
        }
    }
    CHECK(original_accepts > 0);
}

TEST(keys_that_are_refused)
{
    uint8_t key[32];
    for (size_t i = 0; i < COUNT_OF(low_order); i++) {
        check_row("low order %zu", i);
        check_hex(low_order[i], key, sizeof key);
        CHECK_ERR(nkt_curve_key_check(key), NKT_E_KEY);
        key[31] |= 0x80;
        CHECK_ERR(nkt_curve_key_check(key), NKT_E_KEY);
    }
    memset(key, 0xff, sizeof key);
    for (unsigned low = 0xed; low <= 0xff; low++) { /* 2^255 - 19 .. 2^255 - 1: second forms of 0 .. 18 */
        check_row("2^255 - %u", 0x100 - low);
        key[0] = (uint8_t)low;
        key[31] = 0x7f;
        CHECK_ERR(nkt_curve_key_check(key), NKT_E_KEY);
        key[31] = 0xff;
        CHECK_ERR(nkt_curve_key_check(key), NKT_E_KEY);
    }
}

TEST(keys_that_are_accepted)
{
    static const char *const keys[] = {
        "0900000000000000000000000000000000000000000000000000000000000000",
        "0200000000000000000000000000000000000000000000000000000000000000",
        "ebffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edfffffffffffffffffffffffffffffffffffffffffffffffffffffffffff07f",
        "edfffffffffffffffffffffffffffffffffffffffffffffffffffffffffeff7f",
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7e",
        "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
    };
    uint8_t key[32];
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        check_row("%s", keys[i]);
        check_hex(keys[i], key, sizeof key);
        CHECK_OK(nkt_curve_key_check(key));
    }
    for (uint64_t seed = 0; seed < 200; seed++)
        CHECK_OK(nkt_curve_key_check(pair_of(seed).public_key));
}

/* ---- agreement ---- */

TEST(agreement_is_that_of_rfc_7748)
{
    uint8_t scalar[32], u[32], expected[32], out[32];
    check_row("section 5.2, first vector");
    check_hex("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4", scalar, sizeof scalar);
    check_hex("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c", u, sizeof u);
    check_hex("c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552", expected, sizeof expected);
    CHECK_EQ(curve25519_donna(out, scalar, u), 0);
    CHECK_BYTES(out, expected, sizeof out);

    memset(scalar, 0, sizeof scalar);
    scalar[0] = 9;
    memcpy(u, scalar, sizeof u);
    for (int i = 1; i <= 1000; i++) {
        CHECK_EQ(curve25519_donna(out, scalar, u), 0);
        memcpy(u, scalar, sizeof u);
        memcpy(scalar, out, sizeof scalar);
        check_row("section 5.2, iteration %d", i);
        if (i == 1)
            check_hex("422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079", expected, sizeof expected);
        if (i == 1000)
            check_hex("684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51", expected, sizeof expected);
        if (i == 1 || i == 1000)
            CHECK_BYTES(out, expected, sizeof out);
    }
}

TEST(agreement_is_that_of_the_original)
{
    static const uint8_t base[32] = {9};
    uint8_t ours[32], original[32];
    for (uint64_t seed = 0; seed < 100; seed++) {
        const key_pair_t mine = pair_of(2 * seed), yours = pair_of(2 * seed + 1);
        check_row("seed %u", (unsigned)seed);
        CHECK_EQ(ref_curve25519_donna(original, mine.private_key, base), 0);
        CHECK_BYTES(mine.public_key, original, sizeof original);
        CHECK_EQ(curve25519_donna(ours, mine.private_key, base), 0);
        CHECK_BYTES(ours, original, sizeof original);
        CHECK_EQ(ref_curve25519_donna(original, mine.private_key, yours.public_key), 0);
        CHECK_EQ(curve25519_donna(ours, mine.private_key, yours.public_key), 0);
        CHECK_BYTES(ours, original, sizeof original);
        CHECK_EQ(curve25519_donna(ours, yours.private_key, mine.public_key), 0);
        CHECK_BYTES(ours, original, sizeof original);
    }
}

TEST(agreement_with_a_key_of_low_order_is_refused)
{
    const key_pair_t pair = pair_of(1);
    uint8_t key[32], out[32];
    for (size_t i = 0; i < COUNT_OF(low_order); i++) {
        check_row("low order %zu", i);
        check_hex(low_order[i], key, sizeof key);
        CHECK_EQ(ref_curve25519_donna(out, pair.private_key, key), 0); /* the original does not mind ... */
        CHECK(nkt_is_zero(out, sizeof out));                          /* ... and everybody knows the result */
        CHECK_EQ(curve25519_donna(out, pair.private_key, key), -1);
    }
}

TEST(agreement_with_a_second_form_of_a_key_is_refused)
{
    const key_pair_t mine = pair_of(1), yours = pair_of(2);
    uint8_t key[32], expected[32], out[32];
    memcpy(key, yours.public_key, sizeof key);
    CHECK_EQ(curve25519_donna(expected, mine.private_key, key), 0);
    key[31] |= 0x80;
    CHECK_EQ(ref_curve25519_donna(out, mine.private_key, key), 0);
    CHECK_BYTES(out, expected, sizeof out); /* the original agrees alike on both forms */
    CHECK_EQ(curve25519_donna(out, mine.private_key, key), -1);
    memset(key, 0xff, sizeof key); /* 2^255 - 10, which is 9 */
    key[0] = 0xf6;
    key[31] = 0x7f;
    CHECK_EQ(curve25519_donna(out, mine.private_key, key), -1);
}
