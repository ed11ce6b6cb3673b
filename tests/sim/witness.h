/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A witness at the wire: what an honest peer passes on of others is an envelope with a sound signature of the one it
 * names. Each frame is looked at once, however many carry it; keys are learnt from the greetings that pass by.
 */
#ifndef SIM_WITNESS_H
#define SIM_WITNESS_H

#include "index.h"
#include "sim.h"

typedef struct sim_key sim_key_t;

typedef struct sim_witness {
    uint64_t *frames; /* hashes of those that are sound: open addressing, 0: free */
    size_t capacity, count;
    sim_key_t *keys;
    uint32_t key_count, key_capacity;
    sim_index_t by_address; /* keys */
    uint64_t direct_count; /* direct frames */
    uint64_t checked_count, unknown_count; /* frames of others; those whose author's key was not known */
} sim_witness_t;

/** Looks at a frame that leaves a peer, over a relay or WebRTC; fails the run when it should not have been sent. */
void sim_witness_watch(sim_t *sim, const sim_peer_t *peer, const uint8_t *bytes, size_t size, int is_relay);

void sim_witness_deinit(sim_witness_t *witness);

#endif
