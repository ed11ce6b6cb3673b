/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An author, one who is away, and keepers: for the scenarios about them. */
#ifndef SIM_KEEPERS_H
#define SIM_KEEPERS_H

#include "sim.h"

typedef struct keepers {
    sim_t *sim;
    sim_peer_t *a, *b, *keeper, *second; /* author, recipient, keepers */
} keepers_t;

/** All of them started, linked, in session; keeper_count 1 or 2; others: so many more. */
keepers_t keepers_make(uint64_t seed, int keeper_count, uint32_t others);

/** Says so many, to b and to all, and leaves for good. */
void keepers_speak_and_go(keepers_t *cast, uint32_t count, uint32_t gap_ms);
/** All that the author said, for the keepers to have. */
void keepers_all_kept(sim_t *sim, sim_peer_t *author);
/** Runs until that peer has heard all of them, in order, and returns how long that took. */
uint64_t keepers_all_heard(sim_t *sim, const sim_peer_t *by, uint32_t first, uint32_t end, uint64_t limit_ms);

/** Out of its health. */
double keepers_figure(const sim_peer_t *keeper, const char *what);
void keepers_restart(sim_t *sim, sim_peer_t *keeper, int is_crash);

#endif
