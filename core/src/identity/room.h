/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is derived from a room's name and secret (or, without a room, from an address): the network id, the relay's
 * room, the trackers' info hash, and the keys that only those who know the name and secret have.
 */
#ifndef NKT_IDENTITY_ROOM_H
#define NKT_IDENTITY_ROOM_H

#include "nkt.h"
#include "wire/limits.h"

enum { NKT_RELAY_ROOM_SIZE = 20, NKT_INFO_HASH_TEXT_SIZE = NKT_INFO_HASH_SIZE + 1 };

typedef struct nkt_room {
    uint8_t key[32]; /* everything else follows from it */
    uint8_t network[NKT_NETWORK_SIZE];
    uint8_t relay_room[NKT_RELAY_ROOM_SIZE];
    char info_hash[NKT_INFO_HASH_TEXT_SIZE]; /* 20 printable characters: valid on every tracker */
    uint8_t seal_key[32];                    /* hides SDPs from trackers */
    int is_open;                             /* the key may be told to those who link by address */
} nkt_room_t;

/** The room of that name and secret (either may be NULL; both NULL: the swarm of `owner`). */
void nkt_room_derive(nkt_room_t *room, const char *name, const char *secret, const nkt_address_t *owner);

/** The room with that key, as told by one of its members. */
void nkt_room_from_key(nkt_room_t *room, const uint8_t key[32]);

/** Where the owner of an address is looked for: only info_hash and seal_key are meaningful. */
void nkt_room_of_address(nkt_room_t *room, const nkt_address_t *address);

/** Proof that a record's holder knows the room: a hash of the record's signature, keyed with the room's key. */
void nkt_room_membership(const nkt_room_t *room, const uint8_t signature[NKT_SIGN_SIZE],
                         uint8_t membership[NKT_MEMBERSHIP_SIZE]);

#endif
