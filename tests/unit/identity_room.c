/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What follows from a room's name and secret, or from an address. */
#include "identity/room.h"

#include <string.h>

#include "check.h"

static void room_row(char *const field[CHECK_FIELD_COUNT_MAX])
{
    nkt_address_t owner;
    nkt_room_t room;
    uint8_t expected[32], signature[NKT_SIGN_SIZE], membership[NKT_MEMBERSHIP_SIZE];
    const char *name = strcmp(field[1], "-") == 0 ? NULL : field[1];
    const char *secret = strcmp(field[2], "-") == 0 ? NULL : field[2];
    check_hex(field[3], owner.b, sizeof owner.b);
    nkt_room_derive(&room, name, secret, &owner);
    check_hex(field[4], expected, sizeof room.key);
    CHECK_BYTES(room.key, expected, sizeof room.key);
    check_hex(field[5], expected, sizeof room.network);
    CHECK_BYTES(room.network, expected, sizeof room.network);
    check_hex(field[6], expected, sizeof room.relay_room);
    CHECK_BYTES(room.relay_room, expected, sizeof room.relay_room);
    CHECK_TEXT(room.info_hash, field[7]);
    check_hex(field[8], expected, sizeof room.seal_key);
    CHECK_BYTES(room.seal_key, expected, sizeof room.seal_key);
    memset(signature, 0x55, sizeof signature);
    nkt_room_membership(&room, signature, membership);
    check_hex(field[9], expected, sizeof membership);
    CHECK_BYTES(membership, expected, sizeof membership);
    CHECK_EQ(room.is_open, secret == NULL);
}

TEST(room_is_that_of_an_independent_calculation)
{
    check_vectors("derivations.txt", "room", room_row);
}

static void room_of_row(char *const field[CHECK_FIELD_COUNT_MAX])
{
    nkt_address_t address;
    nkt_room_t room;
    uint8_t seal_key[32];
    check_hex(field[1], address.b, sizeof address.b);
    nkt_room_of_address(&room, &address);
    CHECK_TEXT(room.info_hash, field[2]);
    check_hex(field[3], seal_key, sizeof seal_key);
    CHECK_BYTES(room.seal_key, seal_key, sizeof seal_key);
}

TEST(room_of_an_address_is_that_of_an_independent_calculation)
{
    check_vectors("derivations.txt", "room.of", room_of_row);
}

static int rooms_share_something(const nkt_room_t *a, const nkt_room_t *b)
{
    return memcmp(a->key, b->key, sizeof a->key) == 0 || memcmp(a->network, b->network, sizeof a->network) == 0 ||
           memcmp(a->relay_room, b->relay_room, sizeof a->relay_room) == 0 ||
           strcmp(a->info_hash, b->info_hash) == 0 || memcmp(a->seal_key, b->seal_key, sizeof a->seal_key) == 0;
}

TEST(rooms_have_nothing_in_common)
{
    static const struct {
        const char *name, *secret;
        uint8_t owner;
    } rows[] = {
        {NULL, NULL, 1}, {NULL, NULL, 2}, {"", NULL, 1},   {"a", NULL, 1},   {"b", NULL, 1},
        {"a", "b", 1},   {"ab", NULL, 1}, {"", "ab", 1},   {"b", "a", 1},    {"a", "bc", 1},
        {"ab", "c", 1},  {"A", "b", 1},   {"a ", "b", 1},  {"nkt/2 room", NULL, 1},
    };
    nkt_room_t rooms[COUNT_OF(rows)];
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const nkt_address_t owner = {{rows[i].owner}};
        nkt_room_derive(&rooms[i], rows[i].name, rows[i].secret, &owner);
        for (size_t k = 0; k < i; k++) {
            check_row("%zu and %zu", i, k);
            CHECK(!rooms_share_something(&rooms[i], &rooms[k]));
        }
    }
}

TEST(room_with_a_name_does_not_depend_on_its_owner)
{
    const nkt_address_t one = {{1}}, two = {{2}};
    nkt_room_t a, b;
    nkt_room_derive(&a, "name", "secret", &one);
    nkt_room_derive(&b, "name", "secret", &two);
    CHECK_BYTES(a.key, b.key, sizeof a.key);
    CHECK(!a.is_open);
    nkt_room_derive(&a, "name", "", &one);
    nkt_room_derive(&b, "name", NULL, &one);
    CHECK_BYTES(a.key, b.key, sizeof a.key);
    CHECK(a.is_open && b.is_open);
}

TEST(room_values_do_not_repeat_within_a_room)
{
    const nkt_address_t owner = {{1}};
    nkt_room_t room, looked_for;
    nkt_room_derive(&room, NULL, NULL, &owner);
    nkt_room_of_address(&looked_for, &owner);
    CHECK(memcmp(room.network, room.relay_room, sizeof room.network) != 0);
    CHECK(memcmp(room.network, room.key, sizeof room.network) != 0);
    CHECK(memcmp(room.seal_key, room.key, sizeof room.key) != 0);
    CHECK(memcmp(room.seal_key, looked_for.seal_key, sizeof room.seal_key) != 0);
    CHECK(strcmp(room.info_hash, looked_for.info_hash) != 0);
    CHECK_EQ(strlen(room.info_hash), NKT_INFO_HASH_SIZE);
    CHECK_EQ(strlen(looked_for.info_hash), NKT_INFO_HASH_SIZE);
}

TEST(room_from_its_key_is_the_room)
{
    const nkt_address_t owner = {{1}};
    nkt_room_t room, told;
    memset(&told, 0, sizeof told);
    nkt_room_derive(&room, "name", NULL, &owner);
    nkt_room_from_key(&told, room.key);
    CHECK(memcmp(&room.network, &told.network, sizeof room.network) == 0);
    CHECK_BYTES(told.relay_room, room.relay_room, sizeof room.relay_room);
    CHECK_TEXT(told.info_hash, room.info_hash);
    CHECK_BYTES(told.seal_key, room.seal_key, sizeof room.seal_key);
    nkt_room_from_key(&told, told.key); /* its own key, in place */
    CHECK_TEXT(told.info_hash, room.info_hash);
}

TEST(membership_binds_room_and_signature)
{
    const nkt_address_t owner = {{1}};
    nkt_room_t room, other;
    uint8_t signature[NKT_SIGN_SIZE] = {7}, a[NKT_MEMBERSHIP_SIZE], b[NKT_MEMBERSHIP_SIZE];
    nkt_room_derive(&room, "name", "secret", &owner);
    nkt_room_derive(&other, "name", "Secret", &owner);
    nkt_room_membership(&room, signature, a);
    nkt_room_membership(&other, signature, b);
    CHECK(memcmp(a, b, sizeof a) != 0);
    for (size_t bit = 0; bit < sizeof signature * 8; bit++) {
        signature[bit / 8] ^= (uint8_t)(1u << bit % 8);
        nkt_room_membership(&room, signature, b);
        CHECK(memcmp(a, b, sizeof a) != 0);
        signature[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    nkt_room_membership(&room, signature, b);
    CHECK_BYTES(b, a, sizeof a);
}
