/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ratchet.h"

#include <stdlib.h>
#include <string.h>

#include <protocol.h>
#include <sodium.h>

#include "nkt.pb-c.h"
#include "relay/relay.h"
#include "wire/envelope.h"
#include "world.h"

enum {
    KEY_SIZE = 33, /* of a ratchet key as libsignal writes it */
    PREKEY_MESSAGE_FIELD = 4,
};

struct sim_ratchet_use {
    uint64_t name[2];    /* of ratchet key and counter; zero: free */
    uint64_t message[2]; /* what was encrypted with it */
};

static int varint_read(const uint8_t **at, const uint8_t *end, uint64_t *value)
{
    *value = 0;
    for (unsigned shift = 0; *at < end && shift < 64; shift += 7) {
        uint8_t byte = *(*at)++;
        *value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return 1;
    }
    return 0;
}

/* Field `number` of a protobuf message, which must be of bytes; NULL: there is none. */
static const uint8_t *field_find(const uint8_t *at, const uint8_t *end, uint64_t number, size_t *size)
{
    uint64_t tag, value;
    while (varint_read(&at, end, &tag) && varint_read(&at, end, &value)) {
        if ((tag & 7) != 2)
            continue;
        if (value > (uint64_t)(end - at))
            return NULL;
        *size = (size_t)value;
        if (tag >> 3 == number)
            return at;
        at += value;
    }
    return NULL;
}

static sim_ratchet_use_t *slot_of(sim_ratchets_t *ratchets, const uint64_t name[2])
{
    size_t i = (size_t)name[0] & (ratchets->capacity - 1);
    while (ratchets->uses[i].name[0] != 0 && memcmp(ratchets->uses[i].name, name, sizeof ratchets->uses[i].name) != 0)
        i = (i + 1) & (ratchets->capacity - 1);
    return &ratchets->uses[i];
}

static void grow(sim_ratchets_t *ratchets)
{
    sim_ratchets_t old = *ratchets;
    ratchets->capacity = old.capacity == 0 ? 1024 : old.capacity * 2;
    ratchets->uses = sim_alloc(ratchets->capacity, sizeof *ratchets->uses);
    for (size_t i = 0; i < old.capacity; i++) {
        if (old.uses[i].name[0] != 0)
            *slot_of(ratchets, old.uses[i].name) = old.uses[i];
    }
    free(old.uses);
}

/* name: of the message key, as the wire tells it */
static void use_watch(sim_t *sim, const sim_peer_t *peer, const uint8_t *key_name, size_t name_size, const uint8_t *message,
                      size_t size)
{
    uint64_t name[2], digest[2];
    crypto_generichash((uint8_t *)name, sizeof name, key_name, name_size, NULL, 0);
    crypto_generichash((uint8_t *)digest, sizeof digest, message, size, NULL, 0);
    if (sim->ratchets.count * 2 >= sim->ratchets.capacity)
        grow(&sim->ratchets);
    sim_ratchet_use_t *use = slot_of(&sim->ratchets, name);
    if (use->name[0] == 0) {
        memcpy(use->name, name, sizeof name);
        memcpy(use->message, digest, sizeof digest);
        sim->ratchets.count++;
    } else if (memcmp(use->message, digest, sizeof digest) != 0) {
        sim_fail(sim, "%s encrypts a second message with the same key and counter", peer->name);
    }
}

/* message: libsignal's, from its version byte on */
static void message_watch(sim_t *sim, const sim_peer_t *peer, uint32_t type, const uint8_t *message, size_t size)
{
    size_t inner_size = size;
    if (type == CIPHERTEXT_PREKEY_TYPE && size > 1)
        message = field_find(message + 1, message + size, PREKEY_MESSAGE_FIELD, &inner_size);
    size_t key_size = 0;
    const uint8_t *key = message == NULL || inner_size < 1 ? NULL : field_find(message + 1, message + inner_size, 1, &key_size);
    if (key == NULL || key_size != KEY_SIZE || key + KEY_SIZE >= message + inner_size || key[KEY_SIZE] != 0x10)
        sim_fail(sim, "%s sends what libsignal would not have made", peer->name);
    const uint8_t *counter_end = key + KEY_SIZE + 1;
    uint64_t counter;
    varint_read(&counter_end, message + inner_size, &counter);
    use_watch(sim, peer, key, (size_t)(counter_end - key), message, inner_size);
}

/* The same under a sender key: its id and the counter stand first. */
static void group_watch(sim_t *sim, const sim_peer_t *peer, const uint8_t *message, size_t size)
{
    uint8_t name[NKT_ADDRESS_SIZE + 16];
    const uint8_t *end = message + 1;
    uint64_t value;
    for (int i = 0; i < 4; i++) { /* tag, id, tag, counter */
        if (!varint_read(&end, message + size, &value))
            sim_fail(sim, "%s sends what libsignal would not have made", peer->name);
    }
    size_t name_size = (size_t)(end - message - 1);
    memcpy(name, peer->address.b, NKT_ADDRESS_SIZE);
    memcpy(name + NKT_ADDRESS_SIZE, message + 1, name_size < 16 ? name_size : 16);
    use_watch(sim, peer, name, NKT_ADDRESS_SIZE + (name_size < 16 ? name_size : 16), message, size);
}

void sim_ratchets_watch(sim_t *sim, const sim_peer_t *peer, const uint8_t *bytes, size_t size)
{
    nkt_relay_message_t relayed;
    if (nkt_relay_decode(&relayed, bytes, size) == NKT_OK && relayed.frame != NULL) {
        bytes = relayed.frame;
        size = relayed.frame_size;
    }
    uint8_t digest[NKT_DIGEST_SIZE];
    nkt_envelope_t envelope;
    if (nkt_envelope_digest(bytes, size, digest) != NKT_OK || nkt_envelope_decode(&envelope, bytes, size, digest) != NKT_OK)
        return;
    if ((envelope.kind == NKT_KIND_SESSION || envelope.kind == NKT_KIND_GROUP) &&
        memcmp(envelope.from.b, peer->address.b, NKT_ADDRESS_SIZE) == 0) {
        Nkt__Ciphertext *ciphertext = nkt__ciphertext__unpack(NULL, envelope.payload_size, envelope.payload);
        if (envelope.kind == NKT_KIND_SESSION)
            message_watch(sim, peer, ciphertext->type, ciphertext->message.data, ciphertext->message.len);
        else
            group_watch(sim, peer, ciphertext->message.data, ciphertext->message.len);
        nkt__ciphertext__free_unpacked(ciphertext, NULL);
    }
    nkt_envelope_deinit(&envelope);
}

void sim_ratchets_deinit(sim_ratchets_t *ratchets)
{
    free(ratchets->uses);
}
