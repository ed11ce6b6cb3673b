/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "world.h"

void sim_server_add(sim_t *sim, int is_tracker, uint32_t index)
{
    if (sim->server_count == SIM_SERVER_COUNT_MAX)
        sim_fail(sim, "too many servers");
    sim_server_t *server = &sim->servers[sim->server_count++];
    *server = (sim_server_t){.is_tracker = is_tracker, .is_alive = 1, .index = index, .side_bits = UINT32_MAX};
    snprintf(server->url, sizeof server->url, "ws://%s%u", is_tracker ? "tracker" : "relay", index);
}

sim_server_t *sim_server_find(sim_t *sim, int is_tracker, uint32_t index)
{
    for (uint32_t i = 0; i < sim->server_count; i++) {
        if (sim->servers[i].is_tracker == is_tracker && sim->servers[i].index == index)
            return &sim->servers[i];
    }
    sim_fail(sim, "no such server");
}

static void clients_forget(sim_server_t *server)
{
    server->announced_count = server->free_count = 0;
    sim_index_clear(&server->by_room);
    sim_index_clear(&server->by_address);
    sim_index_clear(&server->by_swarm);
    sim_index_clear(&server->by_place);
    sim_index_clear(&server->by_socket);
}

void sim_servers_free(sim_t *sim)
{
    for (uint32_t i = 0; i < sim->sockets.count; i++)
        free(sim->sockets.list[i]);
    free(sim->sockets.list);
    for (uint32_t i = 0; i < sim->server_count; i++) {
        clients_forget(&sim->servers[i]);
        free(sim->servers[i].announced);
        free(sim->servers[i].free);
    }
}

/* ---- sockets ---- */

sim_socket_t *sim_socket_find(sim_t *sim, uint32_t id)
{
    return id < sim->sockets.count ? sim->sockets.list[id] : NULL;
}

static sim_server_t *server_of(sim_t *sim, const sim_socket_t *socket)
{
    return socket->server < sim->server_count ? &sim->servers[socket->server] : NULL;
}

static void socket_free(sim_t *sim, sim_socket_t *socket)
{
    sim->sockets.list[socket->id] = NULL;
    free(socket);
}

static void down_run(sim_t *sim, sim_event_t *event)
{
    sim_peer_link_down(sim->peers[event->peer], event->id, (const char *)event->bytes);
}

/* Tells the client, in order with what was sent to it before, and forgets the socket. */
static void client_lose(sim_t *sim, sim_socket_t *socket, const char *reason)
{
    uint64_t at_ms = sim_arrival(sim, &socket->down, 0);
    sim_later(sim, at_ms - sim->now_ms,
              (sim_event_t){.run = down_run,
                            .peer = socket->peer,
                            .life = socket->life,
                            .id = socket->link,
                            .bytes = sim_copy((const uint8_t *)reason, strlen(reason) + 1)});
    socket_free(sim, socket);
}

void sim_socket_drop(sim_t *sim, sim_socket_t *socket, const char *reason)
{
    sim_server_t *server = server_of(sim, socket);
    sim_socket_t copy = *socket;
    client_lose(sim, socket, reason);
    if (server == NULL || !copy.is_open)
        return;
    if (server->is_tracker)
        sim_tracker_closed(sim, server, &copy);
    else
        sim_relay_closed(sim, server, &copy);
}

static void up_run(sim_t *sim, sim_event_t *event)
{
    if (sim_socket_find(sim, event->id) != NULL)
        sim_peer_link_step(sim->peers[event->peer], &(nkt_event_t){.kind = NKT_EV_LINK_UP, .link = event->value});
}

static int is_reached(const sim_t *sim, const sim_server_t *server, const sim_peer_t *peer)
{
    return peer->blocked_ms <= sim->now_ms && (!sim->is_split || server->side_bits >> peer->side & 1);
}

static void silent_run(sim_t *sim, sim_event_t *event)
{
    sim_socket_t *socket = sim_socket_find(sim, event->id);
    if (socket != NULL && !socket->has_hello)
        sim_socket_drop(sim, socket, "no HELLO");
}

static void connect_run(sim_t *sim, sim_event_t *event)
{
    sim_socket_t *socket = sim_socket_find(sim, event->id);
    if (socket == NULL)
        return;
    sim_server_t *server = server_of(sim, socket);
    if (server == NULL || !server->is_alive || !is_reached(sim, server, sim->peers[socket->peer])) {
        client_lose(sim, socket, "connection refused");
        return;
    }
    server->connect_count++;
    socket->is_open = 1;
    if (!server->is_tracker)
        sim_later(sim, SIM_HELLO_MS, (sim_event_t){.run = silent_run, .peer = SIM_NOBODY, .id = socket->id});
    uint64_t at_ms = sim_arrival(sim, &socket->down, 0);
    sim_later(sim, at_ms - sim->now_ms,
              (sim_event_t){.run = up_run, .peer = socket->peer, .life = socket->life, .id = socket->id,
                            .value = socket->link});
}

uint32_t sim_socket_open(sim_peer_t *peer, uint32_t link, const char *url, size_t url_size)
{
    sim_t *sim = peer->sim;
    sim_sockets_t *sockets = &sim->sockets;
    if (sockets->count == sockets->capacity) {
        sockets->capacity = sockets->capacity == 0 ? 64 : sockets->capacity * 2;
        sockets->list = realloc(sockets->list, sockets->capacity * sizeof(sim_socket_t *));
        if (sockets->list == NULL)
            abort();
    }
    sim_socket_t *socket = sim_alloc(1, sizeof *socket);
    *socket = (sim_socket_t){
        .id = sockets->count, .server = SIM_NOBODY, .peer = peer->index, .life = peer->life, .link = link};
    for (uint32_t i = 0; i < sim->server_count; i++) {
        if (strlen(sim->servers[i].url) == url_size && memcmp(sim->servers[i].url, url, url_size) == 0)
            socket->server = i;
    }
    sockets->list[sockets->count++] = socket;
    if (sim->options.has_pair_latency)
        socket->up.latency_ms = socket->down.latency_ms =
            sim_pair_latency(sim, peer->index, SIM_PLACE_SERVER + socket->server % SIM_SERVER_COUNT_MAX);
    uint64_t at_ms = sim_arrival(sim, &socket->up, 0) + sim_trips(sim, &socket->up, SIM_OPEN_TRIPS - 2);
    socket->up.at_ms = at_ms;
    sim_later(sim, at_ms - sim->now_ms, (sim_event_t){.run = connect_run, .peer = SIM_NOBODY, .id = socket->id});
    return socket->id;
}

static void receive_run(sim_t *sim, sim_event_t *event)
{
    sim_socket_t *socket = sim_socket_find(sim, event->id);
    if (socket == NULL || !socket->is_open)
        return;
    sim_server_t *server = server_of(sim, socket);
    server->message_count++;
    server->byte_count += event->bytes_size;
    if (server->is_tracker)
        sim_tracker_receive(sim, server, socket, event->bytes, event->bytes_size);
    else
        sim_relay_receive(sim, server, socket, event->bytes, event->bytes_size);
}

void sim_socket_send(sim_t *sim, uint32_t id, const uint8_t *bytes, size_t size, uint32_t flags)
{
    sim_socket_t *socket = sim_socket_find(sim, id);
    if (socket == NULL)
        return;
    const sim_server_t *server = server_of(sim, socket);
    if (server != NULL && server->is_tracker != ((flags & NKT_SEND_TEXT) != 0))
        sim_fail(sim, "p%u sends %s to %s", socket->peer, flags & NKT_SEND_TEXT ? "text" : "binary", server->url);
    uint64_t at_ms = sim_arrival(sim, &socket->up, size);
    sim_later(sim, at_ms - sim->now_ms,
              (sim_event_t){.run = receive_run, .peer = SIM_NOBODY, .id = id, .bytes = sim_copy(bytes, size),
                            .bytes_size = size});
}

static void closed_run(sim_t *sim, sim_event_t *event)
{
    sim_socket_t *socket = sim_socket_find(sim, event->id);
    if (socket == NULL)
        return;
    sim_server_t *server = server_of(sim, socket);
    sim_socket_t copy = *socket;
    socket_free(sim, socket);
    if (server == NULL || !copy.is_open)
        return;
    if (server->is_tracker)
        sim_tracker_closed(sim, server, &copy);
    else
        sim_relay_closed(sim, server, &copy);
}

void sim_socket_close(sim_t *sim, uint32_t id)
{
    sim_socket_t *socket = sim_socket_find(sim, id);
    if (socket == NULL)
        return;
    uint64_t at_ms = sim_arrival(sim, &socket->up, 0);
    sim_later(sim, at_ms - sim->now_ms, (sim_event_t){.run = closed_run, .peer = SIM_NOBODY, .id = id});
}

/* What was in the air when the server closed still arrives; not so when the client closed. */
static void data_run(sim_t *sim, sim_event_t *event)
{
    sim_peer_t *peer = sim->peers[event->peer];
    if (sim_peer_link(peer, event->value) == NULL)
        return;
    if (!(event->flags & NKT_SEND_TEXT))
        sim_book_arrives(sim, event->bytes, event->bytes_size, 0);
    sim_peer_link_step(peer, &(nkt_event_t){.kind = NKT_EV_LINK_DATA,
                                            .link = event->value,
                                            .flags = event->flags,
                                            .bytes = event->bytes,
                                            .bytes_size = event->bytes_size});
    sim_book_arrived(sim);
}

void sim_socket_answer(sim_t *sim, sim_socket_t *socket, const uint8_t *bytes, size_t size, uint32_t flags)
{
    uint64_t at_ms = sim_arrival(sim, &socket->down, size);
    sim_later(sim, at_ms - sim->now_ms,
              (sim_event_t){.run = data_run, .peer = socket->peer, .life = socket->life, .value = socket->link,
                            .flags = flags, .bytes = sim_copy(bytes, size), .bytes_size = size});
}

/* ---- a split world ---- */

void sim_sockets_drop_apart(sim_t *sim, sim_peer_t *peer)
{
    for (size_t i = 0; i < peer->link_count; i++) {
        sim_socket_t *socket = peer->links[i].is_rtc ? NULL : sim_socket_find(sim, peer->links[i].id);
        const sim_server_t *server = socket == NULL ? NULL : server_of(sim, socket);
        if (server != NULL && !is_reached(sim, server, peer))
            sim_socket_drop(sim, socket, "network changed");
    }
}

void sim_server_sides(sim_t *sim, int is_tracker, uint32_t index, uint32_t side_bits)
{
    sim_server_find(sim, is_tracker, index)->side_bits = side_bits;
    for (uint32_t i = 0; i < sim->peer_count; i++)
        sim_sockets_drop_apart(sim, sim->peers[i]);
}

/* ---- the death of a server ---- */

static void server_kill(sim_t *sim, sim_server_t *server)
{
    sim_trace(sim, "%s is killed", server->url);
    server->is_alive = 0;
    clients_forget(server);
    for (uint32_t i = 0; i < sim->sockets.count; i++) {
        sim_socket_t *socket = sim->sockets.list[i];
        if (socket != NULL && server_of(sim, socket) == server && socket->is_open)
            client_lose(sim, socket, "connection reset");
    }
}

void sim_relay_kill(sim_t *sim, uint32_t index)
{
    server_kill(sim, sim_server_find(sim, 0, index));
}

void sim_tracker_kill(sim_t *sim, uint32_t index)
{
    server_kill(sim, sim_server_find(sim, 1, index));
}

void sim_relay_revive(sim_t *sim, uint32_t index)
{
    sim_server_find(sim, 0, index)->is_alive = 1;
}

void sim_tracker_revive(sim_t *sim, uint32_t index)
{
    sim_server_find(sim, 1, index)->is_alive = 1;
}
