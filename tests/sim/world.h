/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The world's structures, for the files of this folder and for tests that look inside.
 *
 *   sim.c      the loop, conditions           queue.c    what will happen         random.c   chance
 *   peer*.c    one host: core, life, steps    say.c      what is said             trace.c    readable lines
 *   host*.c    its platform: links, store     book.c     who said and heard what  index.c    who is where
 *   server.c   sockets of relays and trackers relay.c    the relay's model        tracker.c  the tracker's model
 *   rtc*.c     WebRTC links, their paths      reach.c    who can reach whom       tape.c     a recorded run
   view.c     what a peer was told           witness.c  what is passed on        ratchet.c  keys used once
 */
#ifndef SIM_WORLD_H
#define SIM_WORLD_H

#include "book.h"
#include "contents.h"
#include "index.h"
#include "peer.h"
#include "pipe.h"
#include "queue.h"
#include "random.h"
#include "ratchet.h"
#include "rtc.h"
#include "server.h"
#include "sim.h"
#include "trace.h"
#include "witness.h"

enum {
    SIM_WALL_S = 1700000000, /* where wall clocks begin */
    SIM_SERVER_COUNT_MAX = 8,
    SIM_SUSPECT_MS = 5000, /* a browser says "disconnected" after so much silence (overlay.md, measured) */
    SIM_FAILED_MS = 15000, /* and "failed" after this */
    SIM_SOCKET_DEAD_MS = 50000, /* a server's pings miss a client that sleeps */
    SIM_RESEND_MS = 200,   /* a lost packet comes so much later */
};

struct sim {
    sim_options_t options;
    uint64_t now_ms;
    sim_queue_t queue;
    sim_random_t random;
    sim_peer_t **peers;
    uint32_t peer_count;
    sim_server_t servers[SIM_SERVER_COUNT_MAX];
    uint32_t server_count;
    sim_sockets_t sockets;
    sim_ends_t ends;
    sim_index_t by_address; /* peers */
    sim_pairs_t cut;     /* pairs that tests cut, beside those that options.cut_permille decides */
    int is_split;        /* peers of different sides do not reach each other ... */
    sim_pairs_t bridges; /* ... but for these, whom nothing but `cut` parts */
    sim_malice_t malice;
    struct {
        void (*heard)(void *context, const sim_peer_t *peer, const nkt_effect_t *fx);
        void *context;
    } ephemeral; /* what may be lost: the scenario looks at it */
    sim_content_t content;
    sim_book_t book;
    sim_ratchets_t ratchets;
    sim_witness_t witness;
    sim_trace_t trace;
    uint64_t event_count;
    uint64_t progress_s; /* when something was last said about the progress of the run, by the real clock */
    char note[64]; /* of the test, printed when it fails */
};

/** Something that happens `after_ms` from now; fields of `event` beside time and order are kept. */
void sim_later(sim_t *sim, uint64_t after_ms, sim_event_t event);

/** Says on stderr how far the run is, now and then. */
void sim_progress(sim_t *sim);

/** Of a host whose clock is right. */
uint64_t sim_wall_ms(const sim_t *sim);
/** Uniform within the range. */
uint32_t sim_between(sim_t *sim, sim_range_t range);

/** A copy of bytes on the heap. */
uint8_t *sim_copy(const uint8_t *bytes, size_t size);

/** The peer with that address, or NULL. */
sim_peer_t *sim_peer_of(sim_t *sim, const nkt_address_t *address);

int sim_pair_is_cut(const sim_t *sim, uint32_t a, uint32_t b);

#endif
