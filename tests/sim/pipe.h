/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One direction of a link or socket: reliable and in order, late by its latency, its bandwidth and by loss. */
#ifndef SIM_PIPE_H
#define SIM_PIPE_H

#include <stdint.h>

#include "queue.h"

typedef struct sim_pipe {
    uint64_t at_ms;      /* last arrival */
    uint64_t busy_us;    /* until when what was sent fills it, with options.bytes_per_s */
    uint32_t latency_ms; /* of all that goes through; 0: chosen for each message */
} sim_pipe_t;

/** When `size` bytes that leave now arrive. */
uint64_t sim_arrival(sim_t *sim, sim_pipe_t *pipe, size_t size);

/** When what leaves then, by a line of its own, arrives at the other house. */
uint64_t sim_arrival_from(sim_t *sim, sim_pipe_t *pipe, uint64_t left_ms);

/** How long so many trips take, one after the other, of packets of no size. */
uint64_t sim_trips(sim_t *sim, const sim_pipe_t *pipe, int count);

/** Somebody holds up what leaves from now on, by SIM_LATE_MS and not by more, however often he does. */
void sim_pipe_late(const sim_t *sim, sim_pipe_t *pipe);

/** With options.has_pair_latency: of all that travels between two places. Servers are numbered from SIM_PLACE_SERVER. */
uint32_t sim_pair_latency(const sim_t *sim, uint32_t a, uint32_t b);

enum {
    SIM_HELLO_MS = 20000, /* which a relay waits for the first words (tools/relay/limits.js) */
    SIM_OPEN_TRIPS = 6,  /* of a wss: socket, to and fro: SYN and its answer, TLS 1.3, HTTP */
    SIM_SETUP_TRIPS = 8, /* of a WebRTC link: a check of ICE, two flights of DTLS 1.2 each way, SCTP (RFC 9260, 5.1) with the first data */
};

enum { SIM_PLACE_SERVER = 1 << 30, SIM_LATE_MS = 1000 /* by which a message of ill will is late */ };

#endif
