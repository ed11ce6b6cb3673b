/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The own keys, their stored form, and the address. */
#include "identity/identity.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "identity/xeddsa.h"
#include "nkt.pb-c.h"

static void identity_make(nkt_identity_t *identity, uint64_t seed)
{
    check_entropy_t entropy = {.seed = seed};
    const nkt_host_t host = check_host(&entropy);
    CHECK_OK(nkt_identity_create(identity, &host));
}

static void address_row(char *const field[CHECK_FIELD_COUNT_MAX])
{
    uint8_t sign_key[32], identity_key[32], expected[NKT_ADDRESS_SIZE];
    nkt_address_t address;
    check_hex(field[1], sign_key, sizeof sign_key);
    check_hex(field[2], identity_key, sizeof identity_key);
    check_hex(field[3], expected, sizeof expected);
    nkt_address_derive(&address, sign_key, identity_key);
    CHECK_BYTES(address.b, expected, sizeof expected);
}

TEST(address_of_keys_is_that_of_an_independent_calculation)
{
    check_vectors("derivations.txt", "address.derive", address_row);
}

static void binding_row(char *const field[CHECK_FIELD_COUNT_MAX])
{
    nkt_identity_t identity, other;
    nkt_buf_t stored = {0};
    uint8_t sign_key[32], identity_key[32], expected[NKT_SIGN_SIZE];
    identity_make(&identity, 1);
    check_hex(field[1], identity.sign_seed, 32);
    check_hex(field[2], identity.identity_private, 32);
    check_hex(field[3], sign_key, 32);
    check_hex(field[4], identity_key, 32);
    check_hex(field[5], expected, sizeof expected);
    CHECK_OK(nkt_identity_encode(&identity, &stored));
    CHECK_OK(nkt_identity_decode(&other, stored.data, stored.size)); /* all that follows from the private halves */
    CHECK_BYTES(other.sign_public, sign_key, 32);
    CHECK_BYTES(other.identity_public, identity_key, 32);
    CHECK_BYTES(other.binding, expected, sizeof expected);
    CHECK_OK(nkt_binding_verify(expected, sign_key, identity_key));
    sign_key[0] ^= 1;
    CHECK_ERR(nkt_binding_verify(expected, sign_key, identity_key), NKT_E_SIGNATURE);
    nkt_buf_free(&stored);
}

TEST(binding_is_that_of_an_independent_calculation)
{
    check_vectors("derivations.txt", "binding", binding_row);
}

static void ends_row(char *const field[CHECK_FIELD_COUNT_MAX])
{
    uint8_t network[NKT_NETWORK_SIZE], ends[NKT_ENDS_SIZE], expected[NKT_ENDS_SIZE];
    nkt_address_t from, to;
    check_hex(field[1], network, sizeof network);
    check_hex(field[2], from.b, NKT_ADDRESS_SIZE);
    check_hex(field[3], to.b, NKT_ADDRESS_SIZE);
    check_hex(field[4], expected, sizeof expected);
    nkt_ends_derive(ends, network, &from, &to);
    CHECK_BYTES(ends, expected, sizeof expected);
}

TEST(ends_are_those_of_an_independent_calculation)
{
    check_vectors("derivations.txt", "ends", ends_row);
}

TEST(identity_is_well_formed)
{
    for (uint64_t seed = 0; seed < 50; seed++) {
        nkt_identity_t identity;
        nkt_address_t address;
        uint8_t prekey[33] = {5};
        identity_make(&identity, seed);
        check_row("seed %u", (unsigned)seed);
        CHECK(identity.registration_id >= 1 && identity.registration_id <= 16380);
        CHECK(identity.signed_prekey_id >= 1 && identity.signed_prekey_id <= NKT_PREKEY_ID_MAX);
        CHECK(identity.next_prekey_id >= 1 && identity.next_prekey_id <= NKT_PREKEY_ID_MAX);
        CHECK(identity.next_prekey_id != identity.signed_prekey_id);
        CHECK_OK(nkt_curve_key_check(identity.identity_public));
        CHECK(memcmp(identity.identity_public, identity.signed_prekey_public, 32) != 0);
        memcpy(prekey + 1, identity.signed_prekey_public, 32);
        CHECK_OK(nkt_xeddsa_verify(identity.signed_prekey_signature, identity.identity_public, prekey, sizeof prekey));
        nkt_address_derive(&address, identity.sign_public, identity.identity_public);
        CHECK_BYTES(identity.address.b, address.b, sizeof address.b);
    }
}

TEST(identity_without_entropy_is_refused)
{
    check_entropy_t entropy = {.fail_at = 1};
    const nkt_host_t host = check_host(&entropy);
    nkt_identity_t identity;
    CHECK_ERR(nkt_identity_create(&identity, &host), NKT_E_ENTROPY);
    CHECK_EQ(entropy.call_count, 1);
}

TEST(identity_comes_back_from_its_stored_form)
{
    nkt_identity_t identity, back;
    nkt_buf_t stored = {0};
    identity_make(&identity, 1);
    identity.sequence = UINT64_C(1700000000000);
    CHECK_OK(nkt_identity_encode(&identity, &stored));
    CHECK_OK(nkt_identity_decode(&back, stored.data, stored.size));
    CHECK_BYTES(&back, &identity, sizeof back);
    nkt_identity_wipe(&back);
    uint8_t zeros[sizeof back] = {0};
    CHECK_BYTES(&back, zeros, sizeof back);
    nkt_buf_free(&stored);
}

TEST(identity_of_a_later_version_is_left_alone)
{
    static const uint8_t versions[][2] = {{0x78, NKT_RECORD_VERSION}, {0x78, NKT_RECORD_VERSION + 1}}; /* field 15 */
    check_entropy_t entropy = {.seed = 1};
    const nkt_host_t host = check_host(&entropy);
    nkt_identity_t identity, back;
    nkt_buf_t stored = {0};
    CHECK_OK(nkt_identity_create(&identity, &host));
    for (size_t i = 0; i < 2; i++) {
        CHECK_OK(nkt_identity_encode(&identity, &stored));
        CHECK_OK(nkt_buf_append(&stored, versions[i], 2));
        CHECK(nkt_identity_decode(&back, stored.data, stored.size) == (i == 0 ? NKT_OK : NKT_E_NEWER));
    }
    nkt_buf_free(&stored);
}

TEST(identity_cut_anywhere_is_refused)
{
    nkt_identity_t identity, back;
    nkt_buf_t stored = {0};
    identity_make(&identity, 1);
    CHECK_OK(nkt_identity_encode(&identity, &stored));
    for (size_t cut = 0; cut < stored.size; cut++) {
        uint8_t *copy = malloc(cut + 1);
        CHECK(copy != NULL);
        memcpy(copy, stored.data, cut);
        check_row("%zu bytes", cut);
        int err = nkt_identity_decode(&back, copy, cut); /* cut before its version it is one of the first */
        CHECK(err == NKT_E_RECORD || (err == NKT_OK && back.version == 1));
        free(copy);
    }
    nkt_buf_free(&stored);
}

static uint8_t some[65];

static void short_seed(Nkt__StoredIdentity *it)
{
    it->sign_seed.len = 31;
}
static void long_private_key(Nkt__StoredIdentity *it)
{
    it->identity_private = (ProtobufCBinaryData){.data = some, .len = 33};
}
static void empty_prekey(Nkt__StoredIdentity *it)
{
    it->signed_prekey_private.len = 0;
}
static void long_signature(Nkt__StoredIdentity *it)
{
    it->signed_prekey_signature = (ProtobufCBinaryData){.data = some, .len = 65};
}
static void no_signature(Nkt__StoredIdentity *it)
{
    it->signed_prekey_signature.len = 0; /* what libsignal answers with an assert */
}
static void no_registration(Nkt__StoredIdentity *it)
{
    it->registration_id = 0;
}
static void no_prekey_id(Nkt__StoredIdentity *it)
{
    it->signed_prekey_id = 0;
}
static void no_next_id(Nkt__StoredIdentity *it)
{
    it->next_prekey_id = 0;
}
static void next_id_never_deleted(Nkt__StoredIdentity *it)
{
    it->next_prekey_id = 0xffffff;
}

TEST(identity_that_is_inconsistent_is_refused)
{
    static const struct {
        const char *what;
        void (*change)(Nkt__StoredIdentity *it);
    } rows[] = {
        {"seed too short", short_seed},         {"private key too long", long_private_key},
        {"no private prekey", empty_prekey},    {"signature too long", long_signature},
        {"no signature", no_signature},         {"registration id 0", no_registration},
        {"signed prekey id 0", no_prekey_id},   {"next prekey id 0", no_next_id},
        {"next prekey id 0xffffff", next_id_never_deleted},
    };
    nkt_identity_t identity, back;
    nkt_buf_t stored = {0};
    identity_make(&identity, 1);
    CHECK_OK(nkt_identity_encode(&identity, &stored));
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        Nkt__StoredIdentity *it = nkt__stored_identity__unpack(NULL, stored.size, stored.data);
        CHECK(it != NULL);
        Nkt__StoredIdentity copy = *it;
        uint8_t bytes[512];
        rows[i].change(&copy);
        size_t size = nkt__stored_identity__pack(&copy, bytes);
        nkt__stored_identity__free_unpacked(it, NULL);
        check_row("%s", rows[i].what);
        CHECK_ERR(nkt_identity_decode(&back, bytes, size), NKT_E_RECORD);
    }
    nkt_buf_free(&stored);
}

TEST(prekey_ids_wrap_before_the_one_that_is_never_deleted)
{
    static const struct {
        uint32_t next, after;
    } rows[] = {
        {1, 2}, {2, 3}, {0xfffffd, 0xfffffe}, {0xfffffe, 1},
    };
    nkt_identity_t identity;
    identity_make(&identity, 1);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        identity.next_prekey_id = rows[i].next;
        check_row("%u", (unsigned)rows[i].next);
        CHECK_EQ(nkt_identity_next_prekey_id(&identity), rows[i].next);
        CHECK_EQ(identity.next_prekey_id, rows[i].after);
    }
}
