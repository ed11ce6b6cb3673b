/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "identity/room.h"

#include <string.h>

#include <sodium.h>

#include "base/hash.h"

/* 20 characters of 6 bits each */
static void info_hash_of(char out[NKT_INFO_HASH_TEXT_SIZE], const uint8_t hash[NKT_HASH_SIZE])
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for (size_t i = 0; i < NKT_INFO_HASH_SIZE; i++)
        out[i] = digits[hash[i] & 63];
    out[NKT_INFO_HASH_SIZE] = '\0';
}

/* What follows from a room's key alone. */
static void derive(uint8_t *out, size_t size, const uint8_t key[32], nkt_label_t label)
{
    nkt_hash(out, size, key, label, NULL, 0);
}

static size_t size_of(const char *text)
{
    return text == NULL ? 0 : strlen(text);
}

void nkt_room_from_key(nkt_room_t *room, const uint8_t key[32])
{
    uint8_t hash[NKT_HASH_SIZE];
    memmove(room->key, key, 32);
    derive(room->network, sizeof room->network, room->key, NKT_LABEL_NETWORK);
    derive(room->relay_room, sizeof room->relay_room, room->key, NKT_LABEL_RELAY_ROOM);
    derive(room->seal_key, sizeof room->seal_key, room->key, NKT_LABEL_ROOM_SEAL);
    derive(hash, sizeof hash, room->key, NKT_LABEL_ROOM_INFO_HASH);
    info_hash_of(room->info_hash, hash);
    room->is_open = 1;
}

void nkt_room_derive(nkt_room_t *room, const char *name, const char *secret, const nkt_address_t *owner)
{
    uint8_t key[32];
    if (name == NULL)
        NKT_HASH(key, sizeof key, NULL, NKT_LABEL_SWARM_OF, {owner->b, NKT_ADDRESS_SIZE});
    else
        NKT_HASH(key, sizeof key, NULL, NKT_LABEL_ROOM, {name, strlen(name)}, {secret, size_of(secret)});
    nkt_room_from_key(room, key);
    room->is_open = secret == NULL || secret[0] == '\0';
    sodium_memzero(key, sizeof key);
}

void nkt_room_of_address(nkt_room_t *room, const nkt_address_t *address)
{
    uint8_t hash[NKT_HASH_SIZE];
    *room = (nkt_room_t){.is_open = 1};
    NKT_HASH(room->seal_key, sizeof room->seal_key, NULL, NKT_LABEL_ADDRESS_SEAL, {address->b, NKT_ADDRESS_SIZE});
    NKT_HASH(hash, sizeof hash, NULL, NKT_LABEL_ADDRESS_INFO_HASH, {address->b, NKT_ADDRESS_SIZE});
    info_hash_of(room->info_hash, hash);
}

void nkt_room_membership(const nkt_room_t *room, const uint8_t signature[NKT_SIGN_SIZE],
                         uint8_t membership[NKT_MEMBERSHIP_SIZE])
{
    NKT_HASH(membership, NKT_MEMBERSHIP_SIZE, room->key, NKT_LABEL_MEMBERSHIP, {signature, NKT_SIGN_SIZE});
}
