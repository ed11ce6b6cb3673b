/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "witness.h"

#include <stdlib.h>
#include <string.h>

#include "gossip/gossip.h"
#include "identity/record.h"
#include "relay/relay.h"
#include "wire/envelope.h"
#include "world.h"

enum { FRAME_COUNT_MIN = 4096 };

struct sim_key {
    nkt_address_t address;
    uint8_t sign_key[32];
};

/* ---- what was looked at ---- */

/* Eight bytes at a time: every frame of a large swarm comes by here. What changes on the way is left out. */
static uint64_t hash_of(const uint8_t *bytes, size_t size)
{
    uint64_t hash = size * 0x9e3779b97f4a7c15u;
    for (size_t i = 0; i < size; i += 8) {
        uint64_t word = 0;
        memcpy(&word, bytes + i, size - i < 8 ? size - i : 8);
        hash = (hash ^ word) * 0xbf58476d1ce4e5b9u;
        hash ^= hash >> 31;
    }
    return hash == 0 ? 1 : hash;
}

static uint64_t *place_of(const sim_witness_t *witness, uint64_t hash)
{
    size_t i = (size_t)hash & (witness->capacity - 1);
    while (witness->frames[i] != 0 && witness->frames[i] != hash)
        i = (i + 1) & (witness->capacity - 1);
    return &witness->frames[i];
}

static void frames_grow(sim_witness_t *witness)
{
    sim_witness_t old = *witness;
    witness->capacity = old.capacity == 0 ? FRAME_COUNT_MIN : old.capacity * 2;
    witness->frames = sim_alloc(witness->capacity, sizeof *witness->frames);
    for (size_t i = 0; i < old.capacity; i++) {
        if (old.frames[i] != 0)
            *place_of(witness, old.frames[i]) = old.frames[i];
    }
    free(old.frames);
}

/* ---- keys ---- */

static const sim_key_t *key_find(const sim_witness_t *witness, const nkt_address_t *address)
{
    const sim_row_t *row = sim_index_find(&witness->by_address, sim_index_key(address->b, NKT_ADDRESS_SIZE));
    return row == NULL ? NULL : &witness->keys[row->ids[0]];
}

/* An address is the hash of the keys in its record: nothing else has to be believed. */
static void key_learn(sim_witness_t *witness, const nkt_envelope_t *envelope)
{
    nkt_greeting_t greeting;
    sim_key_t key;
    uint64_t sequence;
    if (envelope->kind != NKT_KIND_GREETING || key_find(witness, &envelope->from) != NULL ||
        nkt_gossip_decode_greeting(&greeting, envelope->payload, envelope->payload_size) < 0)
        return;
    if (nkt_record_peek(greeting.record.bytes, greeting.record.bytes_size, &key.address, &sequence, key.sign_key) ==
        NKT_OK) {
        if (witness->key_count == witness->key_capacity) {
            witness->key_capacity = witness->key_capacity == 0 ? 64 : witness->key_capacity * 2;
            witness->keys = realloc(witness->keys, witness->key_capacity * sizeof *witness->keys);
            if (witness->keys == NULL)
                abort();
        }
        sim_index_add(&witness->by_address, sim_index_key(key.address.b, NKT_ADDRESS_SIZE), witness->key_count);
        witness->keys[witness->key_count++] = key;
    }
    nkt_greeting_deinit(&greeting);
}

/* ---- looking ---- */

/* 1: need not be looked at again */
static int envelope_check(sim_t *sim, const sim_peer_t *peer, const nkt_envelope_t *envelope)
{
    sim_witness_t *witness = &sim->witness;
    key_learn(witness, envelope);
    if (peer->is_hostile)
        return 0;
    if (memcmp(envelope->from.b, peer->address.b, NKT_ADDRESS_SIZE) == 0)
        return 1; /* of its own making: others would not pass it on otherwise */
    const sim_key_t *key = key_find(witness, &envelope->from);
    witness->checked_count++;
    witness->unknown_count += key == NULL;
    if (key != NULL && nkt_envelope_verify(envelope, key->sign_key) < 0)
        sim_fail(sim, "%s passes on a frame whose signature is wrong", peer->name);
    return key != NULL;
}

/* What nobody signed is its sender's own, said in a session, over a link, and nothing that others could keep. */
static void direct_check(sim_t *sim, const sim_peer_t *peer, const uint8_t *bytes, size_t size, int is_relay)
{
    uint8_t digest[NKT_DIGEST_SIZE];
    nkt_envelope_t envelope;
    int code = nkt_direct_digest(bytes, size, digest);
    if (code == NKT_OK)
        code = nkt_envelope_decode(&envelope, bytes, size, digest);
    if (code != NKT_OK) {
        sim_fail(sim, "%s sends a direct frame that others refuse: %s", peer->name, nkt_err_name(code));
        return;
    }
    if (is_relay || envelope.kind != NKT_KIND_SESSION || envelope.may_keep || envelope.keep_s != 0 || envelope.has_record ||
        memcmp(envelope.from.b, peer->address.b, NKT_ADDRESS_SIZE) != 0)
        sim_fail(sim, "%s sends what is not signed and may not be: kind %u%s", peer->name, envelope.kind, is_relay ? ", by a relay" : "");
    sim->witness.direct_count++;
    nkt_envelope_deinit(&envelope);
}

void sim_witness_watch(sim_t *sim, const sim_peer_t *peer, const uint8_t *bytes, size_t size, int is_relay)
{
    sim_witness_t *witness = &sim->witness;
    nkt_relay_message_t relayed;
    if (is_relay && nkt_relay_decode(&relayed, bytes, size) == NKT_OK && relayed.frame != NULL) {
        bytes = relayed.frame;
        size = relayed.frame_size;
    }
    if (size > 0 && bytes[0] == NKT_FRAME_DIRECT && !peer->is_hostile)
        direct_check(sim, peer, bytes, size, is_relay);
    if (size <= NKT_HEADER_SIZE || bytes[0] != NKT_FRAME_ENVELOPE)
        return;
    if ((witness->count + 1) * 2 > witness->capacity)
        frames_grow(witness);
    uint64_t *place = place_of(witness, hash_of(bytes + NKT_HEADER_SIZE, size - NKT_HEADER_SIZE));
    if (*place != 0)
        return;
    uint8_t digest[NKT_DIGEST_SIZE];
    nkt_envelope_t envelope;
    int code = nkt_envelope_digest(bytes, size, digest);
    if (code == NKT_OK)
        code = nkt_envelope_decode(&envelope, bytes, size, digest);
    if (code != NKT_OK && !peer->is_hostile)
        sim_fail(sim, "%s sends an envelope that others refuse: %s", peer->name, nkt_err_name(code));
    if (code != NKT_OK)
        return;
    if (envelope_check(sim, peer, &envelope)) {
        *place = hash_of(bytes + NKT_HEADER_SIZE, size - NKT_HEADER_SIZE);
        witness->count++;
    }
    nkt_envelope_deinit(&envelope);
}

void sim_witness_deinit(sim_witness_t *witness)
{
    free(witness->frames);
    free(witness->keys);
    sim_index_clear(&witness->by_address);
}
