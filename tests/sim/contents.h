/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One content in a world, and the hosts' storage of it: every piece is kept once, as its author or the first that got it was given it to
 * store, and what others are given is compared with that, byte for byte. Who has which is a bit each.
 */
#ifndef SIM_CONTENTS_H
#define SIM_CONTENTS_H

#include "nkt.h"
#include "queue.h"

typedef struct sim_peer sim_peer_t;

enum { SIM_CONTENT_TICKET = 7 };

typedef struct sim_stored {
    uint8_t *bytes;
    size_t size;
} sim_stored_t;

typedef struct sim_content {
    uint32_t author;
    uint32_t piece_count;
    uint64_t size; /* of the plaintext */
    sim_stored_t manifest, leaves;
    sim_stored_t *sealed, *proven; /* as its author stores a piece, as others do */
    uint64_t given_size; /* bytes of pieces that its author sent */
    uint64_t data_size;  /* ... that arrived at anybody who runs */
    uint64_t written_size; /* ... that were stored */
} sim_content_t;

/** Of one peer, over all its lives. */
typedef struct sim_holding {
    uint8_t *pieces; /* 1: stored */
    uint32_t count;
    uint32_t open_life; /* in which it was opened last, 0: in none */
    uint8_t is_done;
    uint64_t done_ms;
} sim_holding_t;

/** It shares so many pieces; the last one is short. */
void sim_content_share(sim_peer_t *author, uint32_t piece_count);
/** It wants it, and has what it stored. Again after each start. */
void sim_content_open(sim_peer_t *peer);

/** For the world. */
void sim_content_effect(sim_peer_t *peer, const nkt_effect_t *fx);
void sim_contents_sent(sim_t *sim, uint32_t peer, const uint8_t *bytes, size_t size);
void sim_contents_arrive(sim_t *sim, const uint8_t *bytes, size_t size);
void sim_content_deinit(sim_content_t *content);

#endif
