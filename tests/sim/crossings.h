/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Worlds of several relays, and what is put on one that was said at another: counted as the relays pass it on. */
#ifndef SIM_CROSSINGS_H
#define SIM_CROSSINGS_H

#include "world.h"

typedef struct sim_cross {
    sim_t *sim;
    uint64_t *seen; /* hashes of what was counted: open addressing */
    uint64_t frame_count, copy_count; /* frames that somebody else than their authors said at a relay, and how often */
    uint64_t hostile_copies; /* the same of those who are hostile, or no peers of this world; they are in no other count */
    int has_rtc; /* of those who are added next */
    /* Called once for each broadcast that somebody says at a relay, as its own or another's; NULL: not. */
    void (*overheard)(void *context, sim_t *sim, const sim_peer_t *from, const uint8_t *frame, size_t size);
    void *context;
} sim_cross_t;

/** There is no tracker. What it returns is to be counted where it is put: sim_cross_add() binds it. */
sim_cross_t sim_cross_new(uint64_t seed, uint32_t relay_count, uint32_t peer_count_max);
void sim_cross_free(sim_cross_t *cross);

/** Adds and starts so many peers at those relays. */
void sim_cross_add(sim_cross_t *cross, uint32_t count, uint32_t relay_bits);
/** Counts anew. */
void sim_cross_reset(sim_cross_t *cross);
/** Of a frame that crossed, said by how many. */
double sim_cross_copies(const sim_cross_t *cross);

#endif
