/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ratchet.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "nkt.pb-c.h"
#include "relay/relay.h"
#include "session/kem_keys.h"
#include "wire/envelope.h"
#include "world.h"

struct sim_ratchet_use {
    uint64_t name[2];    /* of a key: session, epoch, place; zero: free */
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

/* The number of an epoch, of which the wire tells the lowest byte: it only grows, but for a crash, and by little. */
static uint32_t epoch_of(sim_ratchets_t *ratchets, const sim_peer_t *peer, const nkt_kem_message_t *message)
{
    uint8_t key_name[NKT_ADDRESS_SIZE + NKT_KEM_TAG_SIZE];
    uint64_t name[2];
    memcpy(key_name, peer->address.b, NKT_ADDRESS_SIZE);
    memcpy(key_name + NKT_ADDRESS_SIZE, message->tag, NKT_KEM_TAG_SIZE);
    crypto_generichash((uint8_t *)name, sizeof name, key_name, sizeof key_name, NULL, 0);
    if (ratchets->count * 2 >= ratchets->capacity)
        grow(ratchets);
    sim_ratchet_use_t *newest = slot_of(ratchets, name);
    if (newest->name[0] == 0) {
        memcpy(newest->name, name, sizeof name);
        newest->message[0] = message->epoch;
        ratchets->count++;
    }
    const uint64_t epoch = newest->message[0] + (uint64_t)(int64_t)(int8_t)(message->epoch - (uint8_t)newest->message[0]);
    if (epoch > newest->message[0])
        newest->message[0] = epoch;
    return (uint32_t)epoch;
}

/* Its KEM header names the key; libsignal's message is encrypted with one of the same state, and what both protect is bound to both. */
static void message_watch(sim_t *sim, const sim_peer_t *peer, const Nkt__Ciphertext *ciphertext)
{
    nkt_kem_message_t message;
    uint8_t name[NKT_ADDRESS_SIZE + NKT_KEM_TAG_SIZE + 8];
    if (!ciphertext->has_kem || nkt_kem_parse(&message, ciphertext->kem.data, ciphertext->kem.len) != NKT_OK)
        sim_fail(sim, "%s sends what no session would have made", peer->name);
    memcpy(name, peer->address.b, NKT_ADDRESS_SIZE);
    memcpy(name + NKT_ADDRESS_SIZE, message.tag, NKT_KEM_TAG_SIZE);
    nkt_put_u32be(name + NKT_ADDRESS_SIZE + NKT_KEM_TAG_SIZE, epoch_of(&sim->ratchets, peer, &message));
    nkt_put_u32be(name + NKT_ADDRESS_SIZE + NKT_KEM_TAG_SIZE + 4, message.place);
    use_watch(sim, peer, name, sizeof name, ciphertext->content.data, ciphertext->content.len);
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

/* Epoch and number stand first. */
static void ephemeral_watch(sim_t *sim, const sim_peer_t *peer, const uint8_t *message, size_t size)
{
    enum { HEAD_SIZE = 12 };
    uint8_t name[NKT_ADDRESS_SIZE + HEAD_SIZE];
    if (size <= HEAD_SIZE)
        sim_fail(sim, "%s says nothing that may be lost", peer->name);
    memcpy(name, peer->address.b, NKT_ADDRESS_SIZE);
    memcpy(name + NKT_ADDRESS_SIZE, message, HEAD_SIZE);
    use_watch(sim, peer, name, sizeof name, message, size);
}

void sim_ratchets_watch(sim_t *sim, const sim_peer_t *peer, const uint8_t *bytes, size_t size)
{
    nkt_relay_message_t relayed;
    if (nkt_relay_decode(&relayed, bytes, size) == NKT_OK && relayed.frame != NULL) {
        bytes = relayed.frame;
        size = relayed.frame_size;
    }
    if (size > 0 && bytes[0] == NKT_FRAME_EPHEMERAL)
        ephemeral_watch(sim, peer, bytes + 1, size - 1);
    uint8_t digest[NKT_DIGEST_SIZE];
    nkt_envelope_t envelope;
    if ((nkt_envelope_digest(bytes, size, digest) != NKT_OK && nkt_direct_digest(bytes, size, digest) != NKT_OK) ||
        nkt_envelope_decode(&envelope, bytes, size, digest) != NKT_OK)
        return;
    if ((envelope.kind == NKT_KIND_SESSION || envelope.kind == NKT_KIND_GROUP) &&
        memcmp(envelope.from.b, peer->address.b, NKT_ADDRESS_SIZE) == 0) {
        Nkt__Ciphertext *ciphertext = nkt__ciphertext__unpack(NULL, envelope.payload_size, envelope.payload);
        if (envelope.kind == NKT_KIND_SESSION)
            message_watch(sim, peer, ciphertext);
        else
            group_watch(sim, peer, ciphertext->message.data, ciphertext->message.len);
        nkt__ciphertext__free_unpacked(ciphertext, NULL);
    }
    if (envelope.kind == NKT_KIND_EPHEMERAL && memcmp(envelope.from.b, peer->address.b, NKT_ADDRESS_SIZE) == 0)
        ephemeral_watch(sim, peer, envelope.payload, envelope.payload_size);
    nkt_envelope_deinit(&envelope);
}

void sim_ratchets_deinit(sim_ratchets_t *ratchets)
{
    free(ratchets->uses);
}
