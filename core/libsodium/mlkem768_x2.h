/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Included by libsodium's crypto_kem/mlkem768/ref/kem_mlkem768_ref.c (tools/setup/edits.mjs), with its static functions and in its style:
 * two states of Keccak at once, one in each lane of a SIMD vector, where ML-KEM has many of one length: nine polynomials of the matrix
 * (FIPS 203, algorithm 7: SHAKE128 of 34 bytes) and six or seven of noise (algorithm 8: SHAKE256 of 33 bytes). No branch and no address
 * depends on a secret; the matrix is public.
 */
#if defined(__wasm_simd128__) || defined(MLKEM768_X2)

typedef uint64_t keccak_x2 __attribute__((vector_size(16)));

# define KECCAK_X2_ROTL(a, n) (((a) << (n)) | ((a) >> (64 - (n))))

/* What theta does to column x: c are the columns' sums. */
# define KECCAK_X2_THETA(d, c, x) d[x] = c[((x) + 4) % 5] ^ KECCAK_X2_ROTL(c[((x) + 1) % 5], 1)

# define KECCAK_X2_SUM(c, a, x) c[x] = a[x] ^ a[(x) + 5] ^ a[(x) + 10] ^ a[(x) + 15] ^ a[(x) + 20]

/* Rho, pi and chi: row y of the state after it. It comes from column (x + 3 y) mod 5 of row x, for each x, turned by the r. */
# define KECCAK_X2_FROM(a, d, x, y) (a[((x) + 3 * (y)) % 5 + 5 * (x)] ^ d[((x) + 3 * (y)) % 5])
# define KECCAK_X2_ROW(e, a, d, y, b0, r1, r2, r3, r4)                             \
    do {                                                                          \
        const keccak_x2 p0 = b0;                                                  \
        const keccak_x2 p1 = KECCAK_X2_ROTL(KECCAK_X2_FROM(a, d, 1, y), r1);      \
        const keccak_x2 p2 = KECCAK_X2_ROTL(KECCAK_X2_FROM(a, d, 2, y), r2);      \
        const keccak_x2 p3 = KECCAK_X2_ROTL(KECCAK_X2_FROM(a, d, 3, y), r3);      \
        const keccak_x2 p4 = KECCAK_X2_ROTL(KECCAK_X2_FROM(a, d, 4, y), r4);      \
        e[5 * (y)]         = p0 ^ (~p1 & p2);                                     \
        e[5 * (y) + 1]     = p1 ^ (~p2 & p3);                                     \
        e[5 * (y) + 2]     = p2 ^ (~p3 & p4);                                     \
        e[5 * (y) + 3]     = p3 ^ (~p4 & p0);                                     \
        e[5 * (y) + 4]     = p4 ^ (~p0 & p1);                                     \
    } while (0)

# define KECCAK_X2_ROUND(e, a, constant)                                                          \
    do {                                                                                          \
        keccak_x2 c[5], d[5];                                                                     \
                                                                                                  \
        KECCAK_X2_SUM(c, a, 0);                                                                   \
        KECCAK_X2_SUM(c, a, 1);                                                                   \
        KECCAK_X2_SUM(c, a, 2);                                                                   \
        KECCAK_X2_SUM(c, a, 3);                                                                   \
        KECCAK_X2_SUM(c, a, 4);                                                                   \
        KECCAK_X2_THETA(d, c, 0);                                                                 \
        KECCAK_X2_THETA(d, c, 1);                                                                 \
        KECCAK_X2_THETA(d, c, 2);                                                                 \
        KECCAK_X2_THETA(d, c, 3);                                                                 \
        KECCAK_X2_THETA(d, c, 4);                                                                 \
        KECCAK_X2_ROW(e, a, d, 0, KECCAK_X2_FROM(a, d, 0, 0), 44, 43, 21, 14);                    \
        KECCAK_X2_ROW(e, a, d, 1, KECCAK_X2_ROTL(KECCAK_X2_FROM(a, d, 0, 1), 28), 20, 3, 45, 61); \
        KECCAK_X2_ROW(e, a, d, 2, KECCAK_X2_ROTL(KECCAK_X2_FROM(a, d, 0, 2), 1), 6, 25, 8, 18);   \
        KECCAK_X2_ROW(e, a, d, 3, KECCAK_X2_ROTL(KECCAK_X2_FROM(a, d, 0, 3), 27), 36, 10, 15, 56); \
        KECCAK_X2_ROW(e, a, d, 4, KECCAK_X2_ROTL(KECCAK_X2_FROM(a, d, 0, 4), 62), 55, 39, 41, 2); \
        e[0] ^= (keccak_x2){ constant, constant };                                                \
    } while (0)

static const uint64_t keccak_x2_constants[24] = {
    0x0000000000000001ULL, 0x0000000000008082ULL, 0x800000000000808aULL, 0x8000000080008000ULL, 0x000000000000808bULL,
    0x0000000080000001ULL, 0x8000000080008081ULL, 0x8000000000008009ULL, 0x000000000000008aULL, 0x0000000000000088ULL,
    0x0000000080008009ULL, 0x000000008000000aULL, 0x000000008000808bULL, 0x800000000000008bULL, 0x8000000000008089ULL,
    0x8000000000008003ULL, 0x8000000000008002ULL, 0x8000000000000080ULL, 0x000000000000800aULL, 0x800000008000000aULL,
    0x8000000080008081ULL, 0x8000000000008080ULL, 0x0000000080000001ULL, 0x8000000080008008ULL
};

/* Keccak-f[1600] (FIPS 202, 3.3) of both. */
static void
keccak_x2_permute(keccak_x2 state[25])
{
    keccak_x2    a[25], e[25];
    unsigned int i;

    memcpy(a, state, sizeof a);
    for (i = 0; i < 24; i += 2) {
        KECCAK_X2_ROUND(e, a, keccak_x2_constants[i]);
        KECCAK_X2_ROUND(a, e, keccak_x2_constants[i + 1]);
    }
    memcpy(state, a, sizeof a);
}

/* Two inputs of one length, with the same 32 bytes first: absorbed and padded. Lane 4 has what differs, and the first padding. */
static void
keccak_x2_absorb(keccak_x2 state[25], const unsigned char seed[32], keccak_x2 rest, unsigned int rate)
{
    uint64_t     lane;
    unsigned int i;

    memset(state, 0, 25 * sizeof state[0]);
    for (i = 0; i < 4; i++) {
        memcpy(&lane, seed + 8 * i, 8);
        state[i] = (keccak_x2){ lane, lane };
    }
    state[4] = rest;
    state[rate / 8 - 1] ^= (keccak_x2){ 1ULL << 63, 1ULL << 63 };
    keccak_x2_permute(state);
}

/* So much of both states' beginning, a multiple of 8 bytes. */
static void
keccak_x2_extract(unsigned char *out0, unsigned char *out1, const keccak_x2 state[25], unsigned int size)
{
    unsigned int i;

    for (i = 0; i < size / 8; i++) {
        const uint64_t lanes[2] = { state[i][0], state[i][1] };

        memcpy(out0 + 8 * i, &lanes[0], 8);
        memcpy(out1 + 8 * i, &lanes[1], 8);
    }
}

/* As poly_getnoise_eta2() twice. */
static void
poly_getnoise_eta2_x2(poly *r0, poly *r1, const unsigned char seed[32], uint8_t nonce0, uint8_t nonce1)
{
    unsigned char buf[2][MLKEM768_ETA2 * MLKEM768_N / 4];
    keccak_x2     state[25];

    keccak_x2_absorb(state, seed, (keccak_x2){ nonce0 | 0x1f00U, nonce1 | 0x1f00U }, crypto_xof_shake256_BLOCKBYTES);
    keccak_x2_extract(buf[0], buf[1], state, sizeof buf[0]);
    poly_cbd_eta2(r0, buf[0]);
    poly_cbd_eta2(r1, buf[1]);
    sodium_memzero(state, sizeof state);
    sodium_memzero(buf, sizeof buf);
}

/* Polynomials of the matrix, `which` are their two indices, behind each other as they are hashed. */
static void
poly_uniform_x2(poly *r0, poly *r1, const unsigned char seed[32], unsigned int which0, unsigned int which1)
{
    unsigned char buf[2][crypto_xof_shake128_BLOCKBYTES];
    keccak_x2     state[25];
    unsigned int  count0, count1;

    keccak_x2_absorb(state, seed, (keccak_x2){ which0 | 0x1f0000U, which1 | 0x1f0000U }, crypto_xof_shake128_BLOCKBYTES);
    count0 = count1 = 0;
    for (;;) { /* a block has 56 pairs of candidates, whole */
        keccak_x2_extract(buf[0], buf[1], state, sizeof buf[0]);
        count0 += rej_uniform(r0->coeffs + count0, MLKEM768_N - count0, buf[0], sizeof buf[0]);
        count1 += rej_uniform(r1->coeffs + count1, MLKEM768_N - count1, buf[1], sizeof buf[1]);
        if (count0 == MLKEM768_N && count1 == MLKEM768_N) {
            return;
        }
        keccak_x2_permute(state);
    }
}

static void
gen_matrix(polyvec *a, const unsigned char seed[32], int transposed)
{
    poly         spare;
    poly        *r[2];
    unsigned int which[2], n, i, j;

    for (n = 0; n < MLKEM768_K * MLKEM768_K + 1; n++) {
        i           = n / MLKEM768_K;
        j           = n % MLKEM768_K;
        r[n & 1]     = i < MLKEM768_K ? &a[i].vec[j] : &spare; /* they are odd in number */
        which[n & 1] = transposed ? i | j << 8 : j | i << 8;
        if (n & 1) {
            poly_uniform_x2(r[0], r[1], seed, which[0], which[1]);
        }
    }
}

/* libsodium's own */
# define GEN_MATRIX __attribute__((unused)) gen_matrix_one_by_one
#else
# define poly_getnoise_eta2_x2(r0, r1, seed, nonce0, nonce1) \
    (poly_getnoise_eta2(r0, seed, nonce0), poly_getnoise_eta2(r1, seed, nonce1))
# define GEN_MATRIX gen_matrix
#endif
