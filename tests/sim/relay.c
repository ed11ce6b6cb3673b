/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The relay as tools/relay/ does it: rooms, broadcast, delivery to every socket of an address. Formats: relay/relay.h. */
#include <stdlib.h>
#include <string.h>

#include "relay/relay.h"
#include "world.h"

enum { HELLO_SIZE = 2 + 20 + NKT_ADDRESS_SIZE, DIRECTED_HEADER_SIZE = 1 + NKT_ADDRESS_SIZE };

static int is_in_room(const sim_socket_t *socket, const sim_server_t *server, const sim_t *sim, const uint8_t room[20])
{
    return socket != NULL && socket->has_hello && &sim->servers[socket->server] == server &&
           memcmp(socket->room, room, 20) == 0;
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
        to->down_ms += 1000;
}

static void to_room(sim_t *sim, const sim_server_t *server, const sim_socket_t *from, const uint8_t *bytes, size_t size)
{
    for (uint32_t i = 0; i < sim->sockets.count; i++) {
        sim_socket_t *socket = sim->sockets.list[i];
        if (socket != NULL && socket->id != from->id && is_in_room(socket, server, sim, from->room))
            pass_on(sim, from, socket, bytes, size, 1);
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
    for (uint32_t i = 0; i < sim->sockets.count; i++) {
        sim_socket_t *socket = sim->sockets.list[i];
        if (socket == NULL || !socket->has_hello || &sim->servers[socket->server] != server ||
            memcmp(socket->address.b, address.b, NKT_ADDRESS_SIZE) != 0)
            continue;
        pass_on(sim, from, socket, bytes, size, 0);
        count++;
    }
    if (count == 0)
        with_address(sim, from, NKT_RELAY_NOBODY, &address);
}

/* Tells its room that the last socket of an address is gone. */
static void leave(sim_t *sim, sim_server_t *server, const sim_socket_t *gone)
{
    if (!gone->has_hello || !has_room(gone->room))
        return;
    for (uint32_t i = 0; i < sim->sockets.count; i++) {
        const sim_socket_t *socket = sim->sockets.list[i];
        if (socket != NULL && socket->id != gone->id && is_in_room(socket, server, sim, gone->room) &&
            memcmp(socket->address.b, gone->address.b, NKT_ADDRESS_SIZE) == 0)
            return;
    }
    for (uint32_t i = 0; i < sim->sockets.count; i++) {
        sim_socket_t *socket = sim->sockets.list[i];
        if (socket != NULL && socket->id != gone->id && is_in_room(socket, server, sim, gone->room))
            with_address(sim, socket, NKT_RELAY_LEFT, &gone->address);
    }
}

static void hello(sim_t *sim, sim_server_t *server, sim_socket_t *socket, const uint8_t *bytes)
{
    uint32_t others = 0;
    leave(sim, server, socket);
    socket->has_hello = 1;
    memcpy(socket->room, bytes + 2, 20);
    memcpy(socket->address.b, bytes + 22, NKT_ADDRESS_SIZE);
    for (uint32_t i = 0; i < sim->sockets.count; i++)
        others += sim->sockets.list[i] != socket && is_in_room(sim->sockets.list[i], server, sim, socket->room);
    uint8_t welcome[6] = {NKT_RELAY_WELCOME, NKT_RELAY_VERSION};
    nkt_put_u32be(welcome + 2, has_room(socket->room) ? others : 0);
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
