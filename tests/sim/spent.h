/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a world has cost. */
#ifndef SIM_SPENT_H
#define SIM_SPENT_H

#include "sim.h"

/** What all who run have spent since they were reset. */
typedef struct sim_spent {
    double frames, wire_bytes, put_bytes, cpu_ms;
} sim_spent_t;

sim_spent_t sim_spent(const sim_t *sim);
/** What came to it, divided. */
sim_spent_t sim_spent_since(const sim_spent_t *before, const sim_spent_t *now, double share);

/** Records of one peer at rest, in bytes. */
double sim_peer_stored_size(const sim_peer_t *peer);

#endif
