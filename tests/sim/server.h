/* SPDX-License-Identifier: GPL-3.0-or-later */
/* WebSocket servers and the sockets to them. Ordered both ways; what a dead server had in the air is lost. */
#ifndef SIM_SERVER_H
#define SIM_SERVER_H

#include "nkt.h"
#include "index.h"
#include "pipe.h"
#include "sim.h"

enum { SIM_URL_SIZE = 32, SIM_HASH_SIZE = 21 };

typedef struct sim_socket {
    uint32_t id;
    uint32_t server;
    uint32_t peer, life, link;
    uint8_t is_open;
    uint8_t has_hello; /* relay: said who it is */
    uint8_t room[20];
    nkt_address_t address;
    sim_pipe_t up, down; /* to the server, from it */
} sim_socket_t;

/** By id; a socket that is gone leaves NULL. Ids are never used again. */
typedef struct sim_sockets {
    sim_socket_t **list;
    uint32_t count, capacity;
} sim_sockets_t;

/** One peer id in one swarm of a tracker. */
typedef struct sim_announced {
    char info_hash[SIM_HASH_SIZE];
    char peer_id[SIM_HASH_SIZE];
    uint32_t socket;
} sim_announced_t;

typedef struct sim_server {
    int is_tracker;
    int is_alive;
    uint32_t index; /* among its kind */
    char url[SIM_URL_SIZE];
    uint32_t side_bits; /* from which sides of a split world it is reached */
    sim_index_t by_room, by_address; /* relays: ids of sockets */
    sim_announced_t *announced; /* trackers: by place; places that are free are in `free` */
    uint32_t announced_count, announced_capacity;
    uint32_t *free;
    uint32_t free_count;
    sim_index_t by_swarm, by_place, by_socket; /* places by info hash, by info hash and peer id, by socket */
    uint64_t message_count, byte_count;
    uint64_t connect_count;
} sim_server_t;

void sim_server_add(sim_t *sim, int is_tracker, uint32_t index);
sim_server_t *sim_server_find(sim_t *sim, int is_tracker, uint32_t index);
void sim_servers_free(sim_t *sim);

/** A peer opens a socket. Returns its id. */
uint32_t sim_socket_open(sim_peer_t *peer, uint32_t link, const char *url, size_t url_size);
void sim_socket_send(sim_t *sim, uint32_t id, const uint8_t *bytes, size_t size, uint32_t flags);
/** The peer closes it, or died: the server hears of it soon. */
void sim_socket_close(sim_t *sim, uint32_t id);

/* ---- for relay.c and tracker.c ---- */

sim_socket_t *sim_socket_find(sim_t *sim, uint32_t id);
/** Sends to the client, in order. */
void sim_socket_answer(sim_t *sim, sim_socket_t *socket, const uint8_t *bytes, size_t size, uint32_t flags);
/** Those of the peer to servers that a split world keeps from it break. */
void sim_sockets_drop_apart(sim_t *sim, sim_peer_t *peer);
/** The server closes it. */
void sim_socket_drop(sim_t *sim, sim_socket_t *socket, const char *reason);

void sim_relay_receive(sim_t *sim, sim_server_t *server, sim_socket_t *socket, const uint8_t *bytes, size_t size);
void sim_relay_closed(sim_t *sim, sim_server_t *server, const sim_socket_t *socket);
void sim_tracker_receive(sim_t *sim, sim_server_t *server, sim_socket_t *socket, const uint8_t *bytes, size_t size);
void sim_tracker_closed(sim_t *sim, sim_server_t *server, const sim_socket_t *socket);

#endif
