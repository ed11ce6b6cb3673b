/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list of scenarios: X(name, what it shows). Each is `void scenario_NAME(const sim_run_options_t *run)`. */
#ifndef SIM_SCENARIOS_H
#define SIM_SCENARIOS_H

#include "world.h"

typedef struct sim_run_options {
    uint64_t seed;
    uint32_t peer_count; /* 0: the scenario's own */
} sim_run_options_t;

#define SIM_SCENARIOS(X)                                                                                               \
    X(relay, "two peers by the relay alone")                                                                           \
    X(tracker, "two peers by a tracker alone")                                                                         \
    X(mesh, "10 peers: every session, every message to everybody once")

#define X(name, text) void scenario_##name(const sim_run_options_t *run);
SIM_SCENARIOS(X)
#undef X

/** Figures of a run, printed as one line: name and value, the last name NULL. */
void sim_figures(const sim_t *sim, const char *name, ...);

#endif
