/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The relay as tools/relay/ does it: rooms, broadcast, delivery to every socket of an address. Formats: relay/relay.h. */
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/base58.h"
#include "identity/identity.h"
#include "relay/relay.h"
#include "world.h"

enum { HELLO_SIZE = 2 + 20 + NKT_ADDRESS_SIZE, DIRECTED_HEADER_SIZE = 1 + NKT_ADDRESS_SIZE };

/* Sockets of a room, or of an address, in the order they were opened; NULL: none. */
static const sim_row_t *room_find(const sim_server_t *server, const uint8_t room[20])
{
    return sim_index_find(&server->by_room, sim_index_key(room, 20));
}

static const sim_row_t *address_find(const sim_server_t *server, const nkt_address_t *address)
{
    return sim_index_find(&server->by_address, sim_index_key(address->b, NKT_ADDRESS_SIZE));
}

static int has_room(const uint8_t room[20])
{
    return !nkt_is_zero(room, 20);
}

/* Passes a frame on, as far as ill will allows. */
static void pass_on(sim_t *sim, const sim_socket_t *from, sim_socket_t *to, const uint8_t *bytes, size_t size,
                    int is_broadcast)
{
    sim_verdict_t verdict = SIM_PASS;
    if (sim->malice.relay != NULL)
        verdict = sim->malice.relay(sim->malice.context, sim, sim->peers[from->peer],
                                    is_broadcast ? NULL : sim->peers[to->peer], bytes, size);
    if (verdict == SIM_DROP)
        return;
    sim_socket_answer(sim, to, bytes, size, 0);
    if (verdict == SIM_TWICE)
        sim_socket_answer(sim, to, bytes, size, 0);
    if (verdict == SIM_LATE)
        sim_pipe_late(sim, &to->down);
}

static void to_room(sim_t *sim, const sim_server_t *server, const sim_socket_t *from, const uint8_t *bytes, size_t size)
{
    const sim_row_t *row = room_find(server, from->room);
    for (uint32_t i = 0; row != NULL && i < row->count; i++) {
        if (row->ids[i] != from->id)
            pass_on(sim, from, sim_socket_find(sim, row->ids[i]), bytes, size, 1);
    }
}

static void with_address(sim_t *sim, sim_socket_t *to, uint8_t type, const nkt_address_t *address)
{
    uint8_t message[1 + NKT_ADDRESS_SIZE] = {type};
    memcpy(message + 1, address->b, NKT_ADDRESS_SIZE);
    sim_socket_answer(sim, to, message, sizeof message, 0);
}

static void directed(sim_t *sim, const sim_server_t *server, sim_socket_t *from, const uint8_t *bytes, size_t size)
{
    nkt_address_t address;
    int count = 0;
    memcpy(address.b, bytes + 1, NKT_ADDRESS_SIZE);
    const sim_row_t *row = address_find(server, &address);
    for (uint32_t i = 0; row != NULL && i < row->count; i++) {
        pass_on(sim, from, sim_socket_find(sim, row->ids[i]), bytes, size, 0);
        count++;
    }
    if (count == 0)
        with_address(sim, from, NKT_RELAY_NOBODY, &address);
}

/* Takes it out of its room, and tells that room when it was the last socket of its address. */
static void leave(sim_t *sim, sim_server_t *server, const sim_socket_t *gone)
{
    if (!gone->has_hello)
        return;
    sim_index_remove(&server->by_room, sim_index_key(gone->room, 20), gone->id);
    sim_index_remove(&server->by_address, sim_index_key(gone->address.b, NKT_ADDRESS_SIZE), gone->id);
    if (!has_room(gone->room))
        return;
    const sim_row_t *row = address_find(server, &gone->address);
    for (uint32_t i = 0; row != NULL && i < row->count; i++) {
        if (memcmp(sim_socket_find(sim, row->ids[i])->room, gone->room, 20) == 0)
            return;
    }
    row = room_find(server, gone->room);
    for (uint32_t i = 0; row != NULL && i < row->count; i++)
        with_address(sim, sim_socket_find(sim, row->ids[i]), NKT_RELAY_LEFT, &gone->address);
}

/* What a socket is to sign: another for each. */
static void challenge_of(const sim_socket_t *socket, uint8_t challenge[NKT_RELAY_CHALLENGE_SIZE])
{
    crypto_generichash(challenge, NKT_RELAY_CHALLENGE_SIZE, (const uint8_t *)&socket->id, sizeof socket->id, NULL, 0);
}

static void challenge(sim_t *sim, sim_socket_t *socket)
{
    uint8_t message[1 + NKT_RELAY_CHALLENGE_SIZE] = {NKT_RELAY_CHALLENGE};
    challenge_of(socket, message + 1);
    sim_socket_answer(sim, socket, message, sizeof message, 0);
}

/* Every peer here is a real core, so its address is its own: all of them must be able to show it. */
static void proof(sim_t *sim, const sim_socket_t *socket, const uint8_t *bytes)
{
    uint8_t asked[NKT_RELAY_CHALLENGE_SIZE], to_verify[NKT_RELAY_PROOF_SIGNED_SIZE];
    nkt_address_t address;
    nkt_address_derive(&address, bytes + 1, bytes + 33);
    challenge_of(socket, asked);
    nkt_relay_proof_signed_form(to_verify, asked);
    if (nkt_address_compare(&address, &socket->address) != 0 ||
        crypto_sign_verify_detached(bytes + 65, to_verify, sizeof to_verify, bytes + 1) != 0)
        sim_fail(sim, "p%u proves another's address to the relay, or another's challenge", socket->peer);
}

static void hello(sim_t *sim, sim_server_t *server, sim_socket_t *socket, const uint8_t *bytes)
{
    if (!socket->has_hello)
        challenge(sim, socket);
    leave(sim, server, socket);
    socket->has_hello = 1;
    memcpy(socket->room, bytes + 2, 20);
    memcpy(socket->address.b, bytes + 22, NKT_ADDRESS_SIZE);
    sim_index_add(&server->by_room, sim_index_key(socket->room, 20), socket->id);
    sim_index_add(&server->by_address, sim_index_key(socket->address.b, NKT_ADDRESS_SIZE), socket->id);
    uint8_t welcome[6] = {NKT_RELAY_WELCOME, NKT_RELAY_VERSION};
    uint32_t count = has_room(socket->room) ? room_find(server, socket->room)->count - 1 : 0;
    nkt_put_u32be(welcome + 2, sim->malice.claimed_count > 0 ? sim->malice.claimed_count : count);
    sim_socket_answer(sim, socket, welcome, sizeof welcome, 0);
}

void sim_relay_receive(sim_t *sim, sim_server_t *server, sim_socket_t *socket, const uint8_t *bytes, size_t size)
{
    uint8_t type = size > 0 ? bytes[0] : 0;
    int is_sound = (socket->has_hello || type == NKT_RELAY_HELLO) && size <= NKT_FRAME_SIZE_MAX + DIRECTED_HEADER_SIZE;
    if (is_sound && type == NKT_RELAY_HELLO && size == HELLO_SIZE && bytes[1] == NKT_RELAY_VERSION) {
        hello(sim, server, socket, bytes);
    } else if (is_sound && type == NKT_RELAY_BROADCAST && size > 1) {
        to_room(sim, server, socket, bytes, size);
    } else if (is_sound && type == NKT_RELAY_DIRECTED && size > DIRECTED_HEADER_SIZE) {
        directed(sim, server, socket, bytes, size);
    } else if (is_sound && type == NKT_RELAY_PING && size == 5) {
        uint8_t pong[5];
        memcpy(pong, bytes, size);
        pong[0] = NKT_RELAY_PONG;
        sim_socket_answer(sim, socket, pong, sizeof pong, 0);
    } else if (is_sound && type == NKT_RELAY_PROOF && size == 1 + 2 * NKT_CURVE_KEY_SIZE + NKT_SIGN_SIZE) {
        proof(sim, socket, bytes);
    } else if (sim->peers[socket->peer]->may_die) {
        sim_socket_drop(sim, socket, "protocol error"); /* it forgot its HELLO for lack of memory */
    } else {
        sim_fail(sim, "p%u sends the relay what it must refuse: type 0x%02x, %zu bytes", socket->peer, type, size);
    }
}

void sim_relay_closed(sim_t *sim, sim_server_t *server, const sim_socket_t *socket)
{
    leave(sim, server, socket);
}
