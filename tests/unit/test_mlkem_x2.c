/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What core/libsodium/mlkem768_x2.h does for two at once in WebAssembly, here in plain C with sanitizers, beside libsodium's own for one.
 * Its file is included, since what is compared is its own. NKT_KEM_ROUNDS: how many random inputs each comparison takes.
 */
#define MLKEM768_X2 /* as WebAssembly has it */
#include <stdlib.h>

#include <crypto_kem/mlkem768/ref/kem_mlkem768_ref.c> /* NOLINT(bugprone-suspicious-include) */

#include "crypto_core_keccak1600.h"

#include "check.h"

static int rounds(int usual)
{
    const char *wanted = getenv("NKT_KEM_ROUNDS");
    return wanted != NULL ? atoi(wanted) : usual;
}

/* Row 0 is all zeros, then each bit of the state alone in one lane, then random states. */
TEST(two_permutations_are_libsodiums)
{
    for (int n = 0; n < 1 + 1600 + rounds(500); n++) {
        uint64_t lanes[2][25] = {{0}};
        keccak_x2 both[25];
        check_row("%d", n);
        if (n > 1600)
            check_fill(lanes, sizeof lanes, (uint64_t)n);
        else if (n > 0)
            lanes[n & 1][(n - 1) / 64] = 1ULL << (n - 1) % 64;
        for (int i = 0; i < 25; i++)
            both[i] = (keccak_x2){lanes[0][i], lanes[1][i]};
        keccak_x2_permute(both);
        for (int lane = 0; lane < 2; lane++) {
            crypto_core_keccak1600_state one;
            crypto_core_keccak1600_init(&one);
            crypto_core_keccak1600_xor_bytes(&one, (const unsigned char *)lanes[lane], 0, 200);
            crypto_core_keccak1600_permute_24(&one);
            crypto_core_keccak1600_extract_bytes(&one, (unsigned char *)lanes[lane], 0, 200);
            for (int i = 0; i < 25; i++)
                CHECK(both[i][lane] == lanes[lane][i]);
        }
    }
}

/* Among 200 matrices some need a fourth block, for one of two or for both. */
TEST(matrices_are_libsodiums)
{
    for (int n = 0; n < rounds(200); n++) {
        unsigned char seed[32];
        polyvec got[MLKEM768_K], expected[MLKEM768_K];
        check_row("%d", n);
        check_fill(seed, sizeof seed, (uint64_t)n);
        for (int transposed = 0; transposed < 2; transposed++) {
            memset(got, 0, sizeof got);
            memset(expected, 0xff, sizeof expected);
            gen_matrix(got, seed, transposed);
            gen_matrix_one_by_one(expected, seed, transposed);
            CHECK_BYTES(got, expected, sizeof got);
        }
    }
}

TEST(noise_is_libsodiums)
{
    for (int n = 0; n < rounds(200); n++) {
        unsigned char seed[32];
        poly got[2], expected[2];
        check_row("%d", n);
        check_fill(seed, sizeof seed, (uint64_t)n);
        const uint8_t nonce0 = (uint8_t)n, nonce1 = (uint8_t)(n + MLKEM768_K);
        poly_getnoise_eta2_x2(&got[0], &got[1], seed, nonce0, nonce1);
        poly_getnoise_eta2(&expected[0], seed, nonce0);
        poly_getnoise_eta2(&expected[1], seed, nonce1);
        CHECK_BYTES(got, expected, sizeof got);
    }
}

/* The whole of it with pairs: both ends have the same secret, and another one where a bit was turned. */
TEST(both_ends_agree)
{
    for (int n = 0; n < rounds(50); n++) {
        unsigned char key[crypto_kem_mlkem768_PUBLICKEYBYTES], secret[crypto_kem_mlkem768_SECRETKEYBYTES],
            answer[crypto_kem_mlkem768_CIPHERTEXTBYTES], theirs[32], ours[32], seed[64], random[32];
        check_row("%d", n);
        check_fill(seed, sizeof seed, (uint64_t)n);
        check_fill(random, sizeof random, (uint64_t)n + 1000);
        CHECK_EQ(mlkem768_ref_seed_keypair(key, secret, seed), 0);
        CHECK_EQ(mlkem768_ref_enc_deterministic(answer, theirs, key, random), 0);
        CHECK_EQ(mlkem768_ref_dec(ours, answer, secret), 0);
        CHECK_BYTES(ours, theirs, 32);
        answer[n] ^= 1;
        CHECK_EQ(mlkem768_ref_dec(ours, answer, secret), 0);
        CHECK(memcmp(ours, theirs, 32) != 0);
    }
}
