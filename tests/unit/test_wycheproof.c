/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Every primitive in use, as it is used, against vectors that were made to break implementations
 * (tests/vectors/wycheproof.txt), and ML-KEM-768 against those of libsodium and NIST
 * (mlkem768.txt).
 */
#include <stdlib.h>
#include <string.h>

#include <hkdf.h>
#include <signal_protocol_internal.h>
#include <sodium.h>

#include "check.h"
#include "identity/xeddsa.h"
#include "pair.h"
#include "session/internal.h"

int curve25519_donna(uint8_t *out, const uint8_t *secret, const uint8_t *basepoint); /* as libsignal calls it */

typedef struct bytes {
    size_t size;
    uint8_t b[4096];
} bytes_t;

static bytes_t bytes_of(const char *hex)
{
    bytes_t bytes = {.size = strcmp(hex, "-") == 0 ? 0 : strlen(hex) / 2};
    CHECK(bytes.size <= sizeof bytes.b);
    if (bytes.size > 0)
        check_hex(hex, bytes.b, bytes.size);
    return bytes;
}

static int is_valid(const char *result)
{
    return strcmp(result, "valid") == 0;
}

static void ed25519_row(char *const field[CHECK_FIELD_COUNT_MAX])
{
    const bytes_t key = bytes_of(field[2]), message = bytes_of(field[3]),
                  signature = bytes_of(field[4]);
    CHECK_EQ(crypto_sign_verify_detached(signature.b, message.b, message.size, key.b) == 0,
             is_valid(field[1]));
}

TEST(ed25519_verifies_what_is_valid_only)
{
    check_vectors("wycheproof.txt", "ed25519", ed25519_row);
}

/* The rule that docs/protocol.md states: no cofactor, canonical, nothing of small order. Others take some of these. */
static void edge_row(char *const field[CHECK_FIELD_COUNT_MAX])
{
    const bytes_t key = bytes_of(field[2]), message = bytes_of(field[3]), signature = bytes_of(field[4]);
    check_row("%s", field[1]);
    CHECK_EQ(crypto_sign_verify_detached(signature.b, message.b, message.size, key.b) == 0, strcmp(field[5], "good") == 0);
}

TEST(ed25519_is_verified_by_the_rule_that_is_written_down)
{
    check_vectors("derivations.txt", "ed25519.edge", edge_row);
}

/* By libsodium, and as libsignal gets it: that takes no key of low order and no second form of one.
 */
static void x25519_row(char *const field[CHECK_FIELD_COUNT_MAX])
{
    const bytes_t public_key = bytes_of(field[2]), private_key = bytes_of(field[3]),
                  expected = bytes_of(field[4]);
    const int is_zero = strcmp(field[1], "zero") == 0;
    const int is_odd = is_zero || strcmp(field[1], "plain") != 0 || (public_key.b[31] & 0x80) != 0;
    uint8_t shared[32];
    CHECK_EQ(crypto_scalarmult_curve25519(shared, private_key.b, public_key.b), is_zero ? -1 : 0);
    if (!is_zero)
        CHECK_BYTES(shared, expected.b, 32);
    CHECK_EQ(curve25519_donna(shared, private_key.b, public_key.b), is_odd ? -1 : 0);
    if (!is_odd)
        CHECK_BYTES(shared, expected.b, 32);
}

TEST(x25519_agrees_and_refuses_odd_keys)
{
    check_vectors("wycheproof.txt", "x25519", x25519_row);
}

static void xchacha20poly1305_row(char *const field[CHECK_FIELD_COUNT_MAX])
{
    const bytes_t key = bytes_of(field[2]), nonce = bytes_of(field[3]), data = bytes_of(field[4]);
    const bytes_t message = bytes_of(field[5]), tag = bytes_of(field[7]);
    bytes_t sealed = bytes_of(field[6]), opened;
    unsigned long long size;
    memcpy(sealed.b + sealed.size, tag.b, tag.size);
    sealed.size += tag.size;
    CHECK_EQ(crypto_aead_xchacha20poly1305_ietf_decrypt(opened.b, &size, NULL, sealed.b,
                                                        sealed.size, data.b, data.size, nonce.b,
                                                        key.b) == 0,
             is_valid(field[1]));
    if (!is_valid(field[1]))
        return;
    CHECK_EQ(size, message.size);
    CHECK_BYTES(opened.b, message.b, message.size);
    crypto_aead_xchacha20poly1305_ietf_encrypt(opened.b, &size, message.b, message.size, data.b,
                                               data.size, NULL, nonce.b, key.b);
    CHECK_EQ(size, sealed.size);
    CHECK_BYTES(opened.b, sealed.b, sealed.size);
}

TEST(xchacha20poly1305_opens_what_is_valid_only)
{
    check_vectors("wycheproof.txt", "xchacha20poly1305", xchacha20poly1305_row);
}

static void hmac_sha256_row(char *const field[CHECK_FIELD_COUNT_MAX])
{
    const bytes_t key = bytes_of(field[2]), message = bytes_of(field[3]), tag = bytes_of(field[4]);
    crypto_auth_hmacsha256_state state;
    uint8_t out[crypto_auth_hmacsha256_BYTES];
    crypto_auth_hmacsha256_init(&state, key.b, key.size);
    crypto_auth_hmacsha256_update(&state, message.b, message.size);
    crypto_auth_hmacsha256_final(&state, out);
    CHECK_EQ(memcmp(out, tag.b, tag.size) == 0, is_valid(field[1]));
}

TEST(hmac_sha256)
{
    check_vectors("wycheproof.txt", "hmac_sha256", hmac_sha256_row);
}

/* What libsignal makes of our provider. */
static signal_context *context;

static void hkdf_sha256_row(char *const field[CHECK_FIELD_COUNT_MAX])
{
    const bytes_t material = bytes_of(field[1]), info = bytes_of(field[3]),
                  expected = bytes_of(field[4]);
    bytes_t salt = bytes_of(field[2]);
    if (salt.size == 0)
        salt.size =
            32; /* none is as many zeros as a hash has (RFC 5869, 2.2); libsignal always has one */
    hkdf_context *hkdf = NULL;
    uint8_t *out = NULL;
    CHECK_EQ(hkdf_create(&hkdf, 3, context), SG_SUCCESS);
    CHECK_EQ(hkdf_derive_secrets(hkdf, &out, material.b, material.size, salt.b, salt.size, info.b,
                                 info.size, expected.size),
             (int64_t)expected.size);
    CHECK_BYTES(out, expected.b, expected.size);
    free(out);
    SIGNAL_UNREF(hkdf);
}

static void aes256cbc_row(char *const field[CHECK_FIELD_COUNT_MAX])
{
    const bytes_t key = bytes_of(field[2]), iv = bytes_of(field[3]), message = bytes_of(field[4]),
                  sealed = bytes_of(field[5]);
    signal_buffer *out = NULL;
    const int result = signal_decrypt(context, &out, SG_CIPHER_AES_CBC_PKCS5, key.b, key.size, iv.b,
                                      iv.size, sealed.b, sealed.size);
    CHECK_EQ(result == SG_SUCCESS, is_valid(field[1]));
    if (result == SG_SUCCESS) {
        CHECK_EQ(signal_buffer_len(out), message.size);
        CHECK_BYTES(signal_buffer_data(out), message.b, message.size);
        signal_buffer_free(out);
        CHECK_EQ(signal_encrypt(context, &out, SG_CIPHER_AES_CBC_PKCS5, key.b, key.size, iv.b,
                                iv.size, message.b, message.size),
                 SG_SUCCESS);
        CHECK_EQ(signal_buffer_len(out), sealed.size);
        CHECK_BYTES(signal_buffer_data(out), sealed.b, sealed.size);
        signal_buffer_free(out);
    }
}

TEST(hkdf_and_aes_by_libsignal)
{
    person_t person;
    person_init(&person, 1);
    context = person.sessions->context;
    check_vectors("wycheproof.txt", "hkdf_sha256", hkdf_sha256_row);
    check_vectors("wycheproof.txt", "aes256cbc", aes256cbc_row);
    person_deinit(&person);
}

typedef struct kem {
    uint8_t public_key[crypto_kem_mlkem768_PUBLICKEYBYTES];
    uint8_t secret_key[crypto_kem_mlkem768_SECRETKEYBYTES];
    uint8_t ciphertext[crypto_kem_mlkem768_CIPHERTEXTBYTES];
    uint8_t shared[crypto_kem_mlkem768_SHAREDSECRETBYTES];
} kem_t;

static void mlkem768_keygen_row(char *const field[CHECK_FIELD_COUNT_MAX])
{
    const bytes_t seed = bytes_of(field[1]), public_key = bytes_of(field[2]),
                  secret_key = bytes_of(field[3]);
    kem_t kem;
    CHECK_EQ(crypto_kem_mlkem768_seed_keypair(kem.public_key, kem.secret_key, seed.b), 0);
    CHECK_EQ(public_key.size, sizeof kem.public_key);
    CHECK_EQ(secret_key.size, sizeof kem.secret_key);
    CHECK_BYTES(kem.public_key, public_key.b, public_key.size);
    CHECK_BYTES(kem.secret_key, secret_key.b, secret_key.size);
}

/* A public key that is not canonical (FIPS 203, 7.2) is refused. */
static void mlkem768_encaps_row(char *const field[CHECK_FIELD_COUNT_MAX])
{
    const bytes_t random = bytes_of(field[2]), public_key = bytes_of(field[3]),
                  ciphertext = bytes_of(field[4]), shared = bytes_of(field[5]);
    kem_t kem;
    CHECK_EQ(
        crypto_kem_mlkem768_enc_deterministic(kem.ciphertext, kem.shared, public_key.b, random.b),
        is_valid(field[1]) ? 0 : -1);
    CHECK_BYTES(kem.ciphertext, ciphertext.b, ciphertext.size);
    CHECK_BYTES(kem.shared, shared.b, shared.size);
}

static void mlkem768_decaps_row(char *const field[CHECK_FIELD_COUNT_MAX])
{
    const bytes_t seed = bytes_of(field[2]), public_key = bytes_of(field[3]),
                  ciphertext = bytes_of(field[4]), shared = bytes_of(field[5]);
    kem_t kem;
    CHECK(is_valid(field[1]));
    CHECK_EQ(crypto_kem_mlkem768_seed_keypair(kem.public_key, kem.secret_key, seed.b), 0);
    CHECK_BYTES(kem.public_key, public_key.b, public_key.size);
    CHECK_EQ(crypto_kem_mlkem768_dec(kem.shared, ciphertext.b, kem.secret_key), 0);
    CHECK_BYTES(kem.shared, shared.b, sizeof kem.shared);
}

/* Public key and ciphertext as far as they are given; a ciphertext that was changed gives another
 * secret, always the same. */
static void mlkem768_known_row(char *const field[CHECK_FIELD_COUNT_MAX])
{
    const bytes_t seed = bytes_of(field[1]), public_key = bytes_of(field[2]),
                  random = bytes_of(field[3]), ciphertext = bytes_of(field[4]),
                  shared = bytes_of(field[5]);
    kem_t kem;
    uint8_t again[32];
    CHECK_EQ(crypto_kem_mlkem768_seed_keypair(kem.public_key, kem.secret_key, seed.b), 0);
    CHECK_BYTES(kem.public_key, public_key.b, public_key.size);
    CHECK_EQ(
        crypto_kem_mlkem768_enc_deterministic(kem.ciphertext, kem.shared, kem.public_key, random.b),
        0);
    CHECK_BYTES(kem.ciphertext, ciphertext.b, ciphertext.size);
    CHECK_BYTES(kem.shared, shared.b, 32);
    memset(kem.shared, 0, 32);
    CHECK_EQ(crypto_kem_mlkem768_dec(kem.shared, kem.ciphertext, kem.secret_key), 0);
    CHECK_BYTES(kem.shared, shared.b, 32);
    for (size_t at = 0; at < sizeof kem.ciphertext; at += 37) {
        kem.ciphertext[at] ^= 1;
        CHECK_EQ(crypto_kem_mlkem768_dec(kem.shared, kem.ciphertext, kem.secret_key), 0);
        CHECK_EQ(crypto_kem_mlkem768_dec(again, kem.ciphertext, kem.secret_key), 0);
        CHECK(memcmp(kem.shared, shared.b, 32) != 0 && !sodium_is_zero(kem.shared, 32));
        CHECK_BYTES(again, kem.shared, 32);
        kem.ciphertext[at] ^= 1;
    }
}

/* The secret key has the hash of the public one within, as libsodium calculated it, and z at its end (FIPS 203, algorithm 16). */
static void mlkem768_acvp_row(char *const field[CHECK_FIELD_COUNT_MAX])
{
    const bytes_t seed = bytes_of(field[2]), hash = bytes_of(field[3]);
    kem_t kem;
    CHECK_EQ(crypto_kem_mlkem768_seed_keypair(kem.public_key, kem.secret_key, seed.b), 0);
    CHECK_BYTES(kem.secret_key + sizeof kem.secret_key - 64, hash.b, 32);
    CHECK_BYTES(kem.secret_key + sizeof kem.secret_key - 64 - sizeof kem.public_key, kem.public_key, sizeof kem.public_key);
    CHECK_BYTES(kem.secret_key + sizeof kem.secret_key - 32, seed.b + 32, 32);
}

static void mlkem768_acvp_encaps_row(char *const field[CHECK_FIELD_COUNT_MAX])
{
    const bytes_t public_key = bytes_of(field[2]), random = bytes_of(field[3]), ciphertext = bytes_of(field[4]),
                  shared = bytes_of(field[5]);
    kem_t kem;
    CHECK_EQ(public_key.size, sizeof kem.public_key);
    CHECK_EQ(ciphertext.size, sizeof kem.ciphertext);
    CHECK_EQ(crypto_kem_mlkem768_enc_deterministic(kem.ciphertext, kem.shared, public_key.b, random.b), 0);
    CHECK_BYTES(kem.ciphertext, ciphertext.b, sizeof kem.ciphertext);
    CHECK_BYTES(kem.shared, shared.b, sizeof kem.shared);
}

/* A ciphertext that was changed gives the secret that FIPS 203 says, not just another one; that one, and no other, hangs on z, which is
 * the secret key's end. */
static void mlkem768_acvp_decaps_row(char *const field[CHECK_FIELD_COUNT_MAX])
{
    bytes_t secret_key = bytes_of(field[3]);
    const bytes_t ciphertext = bytes_of(field[4]), shared = bytes_of(field[5]);
    kem_t kem;
    CHECK_EQ(secret_key.size, sizeof kem.secret_key);
    CHECK_EQ(ciphertext.size, sizeof kem.ciphertext);
    CHECK_EQ(crypto_kem_mlkem768_dec(kem.shared, ciphertext.b, secret_key.b), 0);
    CHECK_BYTES(kem.shared, shared.b, sizeof kem.shared);
    secret_key.b[secret_key.size - 1] ^= 1;
    CHECK_EQ(crypto_kem_mlkem768_dec(kem.shared, ciphertext.b, secret_key.b), 0);
    CHECK_EQ(memcmp(kem.shared, shared.b, sizeof kem.shared) != 0, strcmp(field[2], "rejected") == 0);
}

TEST(mlkem768)
{
    check_vectors("wycheproof.txt", "mlkem768.keygen", mlkem768_keygen_row);
    check_vectors("wycheproof.txt", "mlkem768.encaps", mlkem768_encaps_row);
    check_vectors("wycheproof.txt", "mlkem768.decaps", mlkem768_decaps_row);
    check_vectors("mlkem768.txt", "mlkem768", mlkem768_known_row);
    check_vectors("mlkem768.txt", "mlkem768.acvp", mlkem768_acvp_row);
    check_vectors("mlkem768.txt", "mlkem768.acvp.encaps", mlkem768_acvp_encaps_row);
    check_vectors("mlkem768.txt", "mlkem768.acvp.decaps", mlkem768_acvp_decaps_row);
}
