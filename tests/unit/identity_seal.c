/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sealing: to a key, with a key, and what happens to altered bytes. */
#include "identity/seal.h"

#include <string.h>

#include <sodium.h>

#include "check.h"
#include "identity/pad.h"
#include "wire/limits.h"
#include "identity/xeddsa.h"

static const uint8_t plain[] = "a secret of some length";
static const size_t plain_sizes[] = {0, 1, 15, 16, 17, sizeof plain};

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

static nkt_seal_for_t to(const uint8_t public_key[32])
{
    static const uint8_t context[] = {1, 2, 3};
    return (nkt_seal_for_t){.public_key = public_key, .context = context, .context_size = sizeof context};
}

TEST(seal_to_a_key_comes_back)
{
    check_entropy_t entropy = {.seed = 1};
    const nkt_host_t host = check_host(&entropy);
    const key_pair_t bob = pair_of(1), eve = pair_of(2);
    const nkt_seal_for_t to_bob = to(bob.public_key), to_eve = to(eve.public_key);
    for (size_t i = 0; i < COUNT_OF(plain_sizes); i++) {
        nkt_buf_t sealed = {0}, out = {0};
        check_row("%zu bytes", plain_sizes[i]);
        CHECK_OK(nkt_buf_append_u8(&sealed, 0x77)); /* seals are appended */
        CHECK_OK(nkt_seal_to(&sealed, &to_bob, plain, plain_sizes[i], &host));
        CHECK_EQ(sealed.size, 1 + 32 + NKT_PAD_SIZE_MIN + 16);
        CHECK_EQ(sealed.data[0], 0x77);
        CHECK_OK(nkt_seal_open_from(&out, bob.private_key, &to_bob, sealed.data + 1, sealed.size - 1));
        CHECK_EQ(out.size, plain_sizes[i]);
        CHECK_BYTES(out.data, plain, plain_sizes[i]);
        CHECK_ERR(nkt_seal_open_from(&out, eve.private_key, &to_eve, sealed.data + 1, sealed.size - 1), NKT_E_PAYLOAD);
        CHECK_EQ(out.size, 0);
        nkt_buf_free(&sealed);
        nkt_buf_free(&out);
    }
}

TEST(seal_to_a_key_altered_or_cut_does_not_open)
{
    check_entropy_t entropy = {.seed = 1};
    const nkt_host_t host = check_host(&entropy);
    const key_pair_t bob = pair_of(1);
    const nkt_seal_for_t to_bob = to(bob.public_key);
    nkt_buf_t sealed = {0}, out = {0};
    CHECK_OK(nkt_seal_to(&sealed, &to_bob, plain, sizeof plain, &host));
    for (size_t bit = 0; bit < sealed.size * 8; bit++) {
        sealed.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        check_row("bit %zu", bit);
        CHECK_ERR(nkt_seal_open_from(&out, bob.private_key, &to_bob, sealed.data, sealed.size), NKT_E_PAYLOAD);
        sealed.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    for (size_t cut = 0; cut < sealed.size; cut++) {
        check_row("%zu bytes", cut);
        CHECK_ERR(nkt_seal_open_from(&out, bob.private_key, &to_bob, sealed.data, cut), NKT_E_PAYLOAD);
    }
    memset(sealed.data, 0, 32); /* an ephemeral key of low order: the shared key would be known to all */
    CHECK_ERR(nkt_seal_open_from(&out, bob.private_key, &to_bob, sealed.data, sealed.size), NKT_E_PAYLOAD);
    nkt_buf_free(&sealed);
    nkt_buf_free(&out);
}

/* What Ada sealed to Bob cannot be passed on by Eve as hers. */
TEST(seal_to_a_key_opens_in_its_context_only)
{
    check_entropy_t entropy = {.seed = 1};
    const nkt_host_t host = check_host(&entropy);
    const key_pair_t bob = pair_of(1);
    const uint8_t other[] = {1, 2, 4}, longer[] = {1, 2, 3, 0};
    const nkt_seal_for_t to_bob = to(bob.public_key);
    const nkt_seal_for_t contexts[] = {{bob.public_key, other, sizeof other},
                                       {bob.public_key, other, 2},
                                       {bob.public_key, other, 0},
                                       {bob.public_key, longer, sizeof longer}};
    nkt_buf_t sealed = {0}, out = {0};
    CHECK_OK(nkt_seal_to(&sealed, &to_bob, plain, sizeof plain, &host));
    for (size_t i = 0; i < COUNT_OF(contexts); i++) {
        check_row("context %zu", i);
        CHECK_ERR(nkt_seal_open_from(&out, bob.private_key, &contexts[i], sealed.data, sealed.size), NKT_E_PAYLOAD);
    }
    CHECK_OK(nkt_seal_open_from(&out, bob.private_key, &to_bob, sealed.data, sealed.size));
    nkt_buf_free(&sealed);
    nkt_buf_free(&out);
}

TEST(seal_to_an_odd_key_or_without_entropy_or_memory)
{
    static const uint8_t zero[32] = {0}, one[32] = {1};
    check_entropy_t entropy = {.seed = 1};
    const nkt_host_t host = check_host(&entropy);
    const key_pair_t bob = pair_of(1);
    const nkt_seal_for_t to_bob = to(bob.public_key);
    const nkt_seal_for_t to_zero = to(zero), to_one = to(one);
    nkt_buf_t sealed = {0};
    CHECK_ERR(nkt_seal_to(&sealed, &to_zero, plain, sizeof plain, &host), NKT_E_KEY);
    CHECK_ERR(nkt_seal_to(&sealed, &to_one, plain, sizeof plain, &host), NKT_E_KEY);
    CHECK_EQ(sealed.size, 0);
    entropy.fail_at = 1;
    CHECK_ERR(nkt_seal_to(&sealed, &to_bob, plain, sizeof plain, &host), NKT_E_ENTROPY);
    CHECK_ERR(nkt_seal_with(&sealed, zero, "n", 1, plain, sizeof plain, &host), NKT_E_ENTROPY);
    CHECK_EQ(sealed.size, 0);
    nkt_buf_free(&sealed);
    check_allocations_fail_at(1);
    CHECK_ERR(nkt_seal_to(&sealed, &to_bob, plain, sizeof plain, &host), NKT_E_MEMORY);
    check_allocations_fail_at(1);
    CHECK_ERR(nkt_seal_with(&sealed, zero, "n", 1, plain, sizeof plain, &host), NKT_E_MEMORY);
    CHECK_EQ(sealed.size, 0);
}

static size_t bytes_of(const char *text, uint8_t *bytes)
{
    size_t size = strcmp(text, "-") == 0 ? 0 : strlen(text) / 2;
    if (size > 0)
        check_hex(text, bytes, size);
    return size;
}

static void once_row(char *const field[CHECK_FIELD_COUNT_MAX])
{
    static uint8_t data[512], said[2048], expected[4096];
    uint8_t key[32];
    nkt_buf_t sealed = {0}, out = {0};
    check_hex(field[1], key, sizeof key);
    size_t data_size = bytes_of(field[2], data), size = bytes_of(field[3], said), sealed_size = bytes_of(field[4], expected);
    CHECK_OK(nkt_seal_once(&sealed, key, data, data_size, said, size));
    CHECK_EQ(sealed.size, sealed_size);
    CHECK_BYTES(sealed.data, expected, sealed_size);
    CHECK_OK(nkt_seal_open_once(&out, key, data, data_size, expected, sealed_size));
    CHECK_EQ(out.size, size);
    CHECK_BYTES(out.data, said, size);
    nkt_buf_free(&sealed);
    nkt_buf_free(&out);
}

/* The ephemeral key is the first that entropy gives. */
static int give_ephemeral(void *context, uint8_t *out, size_t size)
{
    CHECK_EQ(size, 32);
    memcpy(out, context, size);
    return 0;
}

static void to_row(char *const field[CHECK_FIELD_COUNT_MAX])
{
    static uint8_t context[512], said[2048], expected[4096];
    uint8_t ephemeral[32];
    key_pair_t pair;
    nkt_buf_t sealed = {0}, out = {0};
    check_hex(field[1], ephemeral, sizeof ephemeral);
    check_hex(field[2], pair.private_key, 32);
    nkt_curve_key_derive(pair.private_key, pair.public_key);
    size_t context_size = bytes_of(field[3], context), size = bytes_of(field[4], said), sealed_size = bytes_of(field[5], expected);
    const nkt_host_t host = {.entropy = give_ephemeral, .context = ephemeral};
    const nkt_seal_for_t recipient = {.public_key = pair.public_key, .context = context, .context_size = context_size};
    CHECK_OK(nkt_seal_to(&sealed, &recipient, said, size, &host));
    CHECK_EQ(sealed.size, sealed_size);
    CHECK_BYTES(sealed.data, expected, sealed_size);
    CHECK_OK(nkt_seal_open_from(&out, pair.private_key, &recipient, expected, sealed_size));
    CHECK_EQ(out.size, size);
    CHECK_BYTES(out.data, said, size);
    nkt_buf_free(&sealed);
    nkt_buf_free(&out);
}

TEST(seals_are_those_of_an_independent_calculation)
{
    check_vectors("derivations.txt", "seal.once", once_row);
    check_vectors("derivations.txt", "seal.to", to_row);
}

TEST(seal_once_altered_cut_or_not_padded_does_not_open)
{
    static const uint8_t key[32] = {9}, nonce[24] = {0};
    nkt_buf_t sealed = {0}, out = {0};
    CHECK_OK(nkt_seal_once(&sealed, key, "ad", 2, plain, sizeof plain));
    for (size_t bit = 0; bit < sealed.size * 8; bit++) {
        sealed.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        CHECK_ERR(nkt_seal_open_once(&out, key, "ad", 2, sealed.data, sealed.size), NKT_E_PAYLOAD);
        sealed.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    for (size_t cut = 0; cut < sealed.size; cut++)
        CHECK_ERR(nkt_seal_open_once(&out, key, "ad", 2, sealed.data, cut), NKT_E_PAYLOAD);
    CHECK_ERR(nkt_seal_open_once(&out, key, "aD", 2, sealed.data, sealed.size), NKT_E_PAYLOAD);
    CHECK_EQ(out.size, 0);
    CHECK_OK(nkt_seal_open_once(&out, key, "ad", 2, sealed.data, sealed.size));
    CHECK_EQ(out.size, sizeof plain);
    /* well sealed by who does not pad: nothing, zeros, another mark */
    static const uint8_t unpadded[][4] = {{0}, {1, 2, 3, 4}, {1, 0x80, 1, 0}, {1, 2, 0x81, 0}};
    for (size_t i = 0; i < COUNT_OF(unpadded); i++) {
        uint8_t made[4 + 16];
        crypto_aead_xchacha20poly1305_ietf_encrypt(made, NULL, unpadded[i], 4, NULL, 0, NULL, nonce, key);
        check_row("ending %zu", i);
        CHECK_ERR(nkt_seal_open_once(&out, key, NULL, 0, made, sizeof made), NKT_E_PAYLOAD);
        CHECK_EQ(out.size, 0);
    }
    nkt_buf_free(&sealed);
    nkt_buf_free(&out);
    check_allocations_fail_at(1);
    CHECK_ERR(nkt_seal_once(&sealed, key, NULL, 0, plain, sizeof plain), NKT_E_MEMORY);
    CHECK_EQ(sealed.size, 0);
}

TEST(seals_of_the_same_differ)
{
    check_entropy_t entropy = {.seed = 1};
    const nkt_host_t host = check_host(&entropy);
    const key_pair_t bob = pair_of(1);
    const nkt_seal_for_t to_bob = to(bob.public_key);
    nkt_buf_t a = {0}, b = {0};
    CHECK_OK(nkt_seal_to(&a, &to_bob, plain, sizeof plain, &host));
    CHECK_OK(nkt_seal_to(&b, &to_bob, plain, sizeof plain, &host));
    CHECK(memcmp(a.data, b.data, 32) != 0);
    nkt_buf_clear(&a);
    nkt_buf_clear(&b);
    CHECK_OK(nkt_seal_with(&a, bob.public_key, "n", 1, plain, sizeof plain, &host));
    CHECK_OK(nkt_seal_with(&b, bob.public_key, "n", 1, plain, sizeof plain, &host));
    CHECK(memcmp(a.data, b.data, 24) != 0);
    nkt_buf_free(&a);
    nkt_buf_free(&b);
}

TEST(seal_of_a_record_comes_back_under_its_name)
{
    static const uint8_t key[32] = {1}, other_key[32] = {2};
    check_entropy_t entropy = {.seed = 1};
    const nkt_host_t host = check_host(&entropy);
    for (size_t i = 0; i < COUNT_OF(plain_sizes); i++) {
        nkt_buf_t sealed = {0}, out = {0};
        check_row("%zu bytes", plain_sizes[i]);
        CHECK_OK(nkt_buf_append_u8(&sealed, 0x77));
        CHECK_OK(nkt_seal_with(&sealed, key, "peer/a", 6, plain, plain_sizes[i], &host));
        const uint8_t *bytes = sealed.data + 1;
        size_t size = sealed.size - 1;
        CHECK_EQ(size, plain_sizes[i] + 40);
        CHECK_OK(nkt_seal_open_with(&out, key, "peer/a", 6, bytes, size));
        CHECK_EQ(out.size, plain_sizes[i]);
        CHECK_BYTES(out.data, plain, plain_sizes[i]);
        CHECK_ERR(nkt_seal_open_with(&out, other_key, "peer/a", 6, bytes, size), NKT_E_PAYLOAD);
        CHECK_ERR(nkt_seal_open_with(&out, key, "peer/b", 6, bytes, size), NKT_E_PAYLOAD);
        CHECK_ERR(nkt_seal_open_with(&out, key, "peer/a", 5, bytes, size), NKT_E_PAYLOAD);
        CHECK_ERR(nkt_seal_open_with(&out, key, "", 0, bytes, size), NKT_E_PAYLOAD);
        CHECK_EQ(out.size, 0);
        nkt_buf_free(&sealed);
        nkt_buf_free(&out);
    }
}

TEST(seal_of_a_record_altered_or_cut_does_not_open)
{
    static const uint8_t key[32] = {1};
    check_entropy_t entropy = {.seed = 1};
    const nkt_host_t host = check_host(&entropy);
    nkt_buf_t sealed = {0}, out = {0};
    CHECK_OK(nkt_seal_with(&sealed, key, "n", 1, plain, sizeof plain, &host));
    for (size_t bit = 0; bit < sealed.size * 8; bit++) {
        sealed.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        check_row("bit %zu", bit);
        CHECK_ERR(nkt_seal_open_with(&out, key, "n", 1, sealed.data, sealed.size), NKT_E_PAYLOAD);
        sealed.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    for (size_t cut = 0; cut < sealed.size; cut++) {
        check_row("%zu bytes", cut);
        CHECK_ERR(nkt_seal_open_with(&out, key, "n", 1, sealed.data, cut), NKT_E_PAYLOAD);
    }
    CHECK_OK(nkt_buf_append_u8(&sealed, 0));
    CHECK_ERR(nkt_seal_open_with(&out, key, "n", 1, sealed.data, sealed.size), NKT_E_PAYLOAD);
    check_allocations_fail_at(1);
    nkt_buf_free(&out);
    CHECK_ERR(nkt_seal_open_with(&out, key, "n", 1, sealed.data, sealed.size - 1), NKT_E_MEMORY);
    CHECK_OK(nkt_seal_open_with(&out, key, "n", 1, sealed.data, sealed.size - 1));
    nkt_buf_free(&sealed);
    nkt_buf_free(&out);
}
