/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "identity/room.h"

#include <string.h>

#include <sodium.h>

#include "base/bytes.h"

static void hash_text(crypto_generichash_state *state, const char *text)
{
    uint8_t length[4];
    size_t size = text == NULL ? 0 : strlen(text);
    nkt_put_u32be(length, (uint32_t)size);
    crypto_generichash_update(state, length, sizeof length);
    if (size > 0)
        crypto_generichash_update(state, (const uint8_t *)text, size);
}

/* out = BLAKE2b(domain, input), domain as length-prefixed text */
static void derive(uint8_t *out, size_t out_size, const char *domain, const uint8_t *input, size_t input_size)
{
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, out_size);
    hash_text(&state, domain);
    crypto_generichash_update(&state, input, input_size);
    crypto_generichash_final(&state, out, out_size);
}

/* 20 characters of 6 bits each */
static void derive_info_hash(char out[NKT_INFO_HASH_TEXT_SIZE], const char *domain, const uint8_t *input, size_t size)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    uint8_t hash[crypto_generichash_BYTES];
    derive(hash, sizeof hash, domain, input, size);
    for (size_t i = 0; i < NKT_INFO_HASH_SIZE; i++)
        out[i] = digits[hash[i] & 63];
    out[NKT_INFO_HASH_SIZE] = '\0';
}

void nkt_room_from_key(nkt_room_t *room, const uint8_t key[32])
{
    memmove(room->key, key, 32);
    derive(room->network, sizeof room->network, "nkt network v1", room->key, 32);
    derive(room->relay_room, sizeof room->relay_room, "nkt relay room v1", room->key, 32);
    derive(room->seal_key, sizeof room->seal_key, "nkt room seal v1", room->key, 32);
    derive_info_hash(room->info_hash, "nkt room info hash v1", room->key, 32);
    room->is_open = 1;
}

void nkt_room_derive(nkt_room_t *room, const char *name, const char *secret, const nkt_address_t *owner)
{
    uint8_t key[32];
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, sizeof key);
    if (name == NULL) {
        hash_text(&state, "nkt swarm of v1");
        crypto_generichash_update(&state, owner->b, NKT_ADDRESS_SIZE);
    } else {
        hash_text(&state, "nkt room v1");
        hash_text(&state, name);
        hash_text(&state, secret);
    }
    crypto_generichash_final(&state, key, sizeof key);
    nkt_room_from_key(room, key);
    room->is_open = secret == NULL || secret[0] == '\0';
    sodium_memzero(key, sizeof key);
}

void nkt_room_of_address(nkt_room_t *room, const nkt_address_t *address)
{
    *room = (nkt_room_t){.is_open = 1};
    derive(room->seal_key, sizeof room->seal_key, "nkt address seal v1", address->b, NKT_ADDRESS_SIZE);
    derive_info_hash(room->info_hash, "nkt address info hash v1", address->b, NKT_ADDRESS_SIZE);
}

void nkt_room_membership(const nkt_room_t *room, const uint8_t signature[NKT_SIGN_SIZE],
                         uint8_t membership[NKT_MEMBERSHIP_SIZE])
{
    crypto_generichash(membership, NKT_MEMBERSHIP_SIZE, signature, NKT_SIGN_SIZE, room->key, sizeof room->key);
}
