/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whole pieces of the protocol against conversation.txt, which was calculated without this project's code: what we make of the same keys
 * and the same chance is the same byte for byte, and what was made elsewhere is read.
 */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "identity/identity.h"
#include "identity/pad.h"
#include "identity/record.h"
#include "identity/room.h"
#include "identity/xeddsa.h"
#include "script.h"

static const char file[] = "conversation.txt";

/* ---- padding ---- */

static void pad_size_row(char *const field[CHECK_FIELD_COUNT_MAX])
{
    CHECK_EQ(nkt_padded_size(strtoul(field[1], NULL, 10)), strtoul(field[2], NULL, 10));
}

TEST(padding_has_the_lengths_of_an_independent_calculation)
{
    check_vectors(file, "pad", pad_size_row);
}

static void pad_row(char *const field[CHECK_FIELD_COUNT_MAX])
{
    nkt_buf_t plain = {0}, padded = {0};
    size_t size;
    script_hex(&plain, field[1]);
    script_hex(&padded, field[2]);
    CHECK_OK(nkt_unpad(padded.data, padded.size, &size));
    CHECK_EQ(size, plain.size);
    CHECK_OK(nkt_pad(&plain));
    script_same(&plain, &padded);
    nkt_buf_free(&plain);
    nkt_buf_free(&padded);
}

TEST(padding_is_that_of_an_independent_calculation)
{
    check_vectors(file, "pad.bytes", pad_row);
}

/* ---- a record ---- */

static void identity_read(nkt_identity_t *identity, char *const field[CHECK_FIELD_COUNT_MAX])
{
    nkt_identity_t parts = {.registration_id = (uint32_t)strtoul(field[3], NULL, 10),
                            .signed_prekey_id = (uint32_t)strtoul(field[4], NULL, 10),
                            .next_prekey_id = 1};
    uint8_t random[64], prekey[NKT_PREKEY_SIGNED_SIZE];
    nkt_buf_t stored = {0};
    check_hex(field[1], parts.sign_seed, 32);
    check_hex(field[2], parts.identity_private, 32);
    check_hex(field[5], parts.signed_prekey_private, 32);
    check_hex(field[6], random, sizeof random);
    check_hex(field[7], parts.kem_seed, sizeof parts.kem_seed);
    nkt_curve_key_derive(parts.signed_prekey_private, parts.signed_prekey_public);
    nkt_prekey_signed_form(prekey, parts.signed_prekey_public);
    CHECK_OK(nkt_xeddsa_sign(parts.signed_prekey_signature, parts.identity_private, prekey, sizeof prekey, random));
    CHECK_OK(nkt_identity_encode(&parts, &stored));
    CHECK_OK(nkt_identity_decode(identity, stored.data, stored.size)); /* all that follows from the private halves */
    nkt_buf_free(&stored);
}

static void record_row(char *const field[CHECK_FIELD_COUNT_MAX])
{
    nkt_identity_t identity;
    nkt_record_t record, read;
    nkt_room_t room;
    nkt_buf_t nick = {0}, bytes = {0};
    uint8_t room_key[32], signature[NKT_SIGN_SIZE], membership[NKT_MEMBERSHIP_SIZE], expected[NKT_MEMBERSHIP_SIZE];
    identity_read(&identity, field);
    script_hex(&nick, field[8]);
    CHECK_OK(nkt_buf_append_u8(&nick, 0));
    check_hex(field[10], room_key, sizeof room_key);
    script_hex(&bytes, field[11]);
    check_hex(field[12], signature, sizeof signature);
    check_hex(field[13], expected, sizeof expected);
    const nkt_record_facts_t facts = {.nick = (const char *)nick.data};
    CHECK_OK(nkt_record_create(&record, &identity, &facts, strtoull(field[9], NULL, 10)));
    CHECK_EQ(record.bytes_size, bytes.size);
    CHECK_BYTES(record.bytes, bytes.data, bytes.size);
    CHECK_BYTES(record.signature, signature, sizeof signature);
    CHECK_OK(nkt_record_verify(&read, bytes.data, bytes.size, signature));
    CHECK_TEXT(read.nick, facts.nick);
    nkt_room_from_key(&room, room_key);
    nkt_room_membership(&room, signature, membership);
    CHECK_BYTES(membership, expected, sizeof expected);
    nkt_record_deinit(&record);
    nkt_record_deinit(&read);
    nkt_buf_free(&nick);
    nkt_buf_free(&bytes);
}

TEST(record_with_membership_is_that_of_an_independent_calculation)
{
    check_vectors(file, "record", record_row);
}
