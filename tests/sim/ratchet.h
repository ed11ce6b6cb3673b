/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A witness at the wire: no key of a session seals two different messages, whatever crashed in between. */
#ifndef SIM_RATCHET_H
#define SIM_RATCHET_H

#include <stddef.h>
#include <stdint.h>

#include "sim.h"

typedef struct sim_ratchet_use sim_ratchet_use_t;

typedef struct sim_ratchets {
    sim_ratchet_use_t *uses; /* open addressing by what names the key */
    size_t capacity;         /* power of two, or 0 */
    size_t count;
} sim_ratchets_t;

/** Looks at a message that leaves a peer, over a relay or WebRTC; fails the run when a message key was used before. */
void sim_ratchets_watch(sim_t *sim, const sim_peer_t *peer, const uint8_t *bytes, size_t size);

void sim_ratchets_deinit(sim_ratchets_t *ratchets);

#endif
