/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the scenarios of large swarms have in common: a world of the kind that overlay.md measured, joining, dying, the
 * graph of links, shares of what was delivered. All through nkt.h: nothing here knows how the overlay works.
 */
#ifndef SIM_SWARM_H
#define SIM_SWARM_H

#include "scenarios.h"

enum {
    SIM_SETTLE_MS = 60000, /* after the last one has joined */
    SIM_TICK_MS = 100,     /* scenarios look, speak and kill this often */
};

/** What was hoped for, and what came. */
typedef struct sim_share {
    uint64_t count, of;
} sim_share_t;

double sim_share(const sim_share_t *share); /* 1 when nothing was hoped for */

/** Trackers and no relay, links of 10-150 ms, set-ups of 0.4-1.6 s, 10 % of pairs cut, degree 16, and what `run` says. */
sim_options_t sim_swarm_options(const sim_run_options_t *run);
/** peer_count as `run` or else the scenario wants it. */
uint32_t sim_swarm_size(const sim_run_options_t *run, uint32_t peer_count);
/** A world for so many peers and so many more that come later. */
sim_t *sim_swarm_new(const sim_options_t *options, uint32_t peer_count, uint32_t more_count);

/** So many start within that time, evenly. */
void sim_swarm_join(sim_t *sim, uint32_t count, uint64_t over_ms);
/** Half a minute, and longer for thousands. */
uint64_t sim_swarm_join_ms(uint32_t count);
/** Peers of that count join a new world, and it settles. */
sim_t *sim_swarm_ready(const sim_options_t *options, uint32_t count);

/** A running honest peer, by chance; NULL: none. */
sim_peer_t *sim_swarm_any(sim_t *sim);
/** So many of the running honest ones crash at this moment. */
void sim_swarm_crash(sim_t *sim, uint32_t count);
uint32_t sim_swarm_count(const sim_t *sim); /* running and honest */
void sim_swarm_servers(sim_t *sim, int is_tracker, int is_alive);

/** One message each gap_ms by anybody. Returns the number of the first. */
uint32_t sim_swarm_talk(sim_t *sim, uint32_t count, uint64_t gap_ms);

/** Share of the running honest peers that are in the largest component of the graph of links. */
double sim_swarm_connected(const sim_t *sim);
/** Their mean number of links. */
double sim_swarm_degree(const sim_t *sim);

/**
 * Adds who heard a message, of those who should: running and honest, and present for `present_ms` before it was said. A
 * message whose sender is gone counts when somebody heard it.
 */
void sim_swarm_heard(const sim_t *sim, uint32_t number, uint64_t present_ms, sim_share_t *share);
/** The same for messages from `first` up to, not including, `end`. */
double sim_swarm_delivered(const sim_t *sim, uint32_t first, uint32_t end, uint64_t present_ms);

/** Safety at the end: no honest peer had more links, or knows more users, than its caps allow. */
void sim_swarm_caps(sim_t *sim, sim_figure_list_t *figures);

/** What it cost: memory and, with options.is_timed, CPU of the honest cores; the world's own memory. */
void sim_swarm_costs(const sim_t *sim, sim_figure_list_t *figures);

/* ---- swarm_hostile.c ---- */

/** Did that peer make the frame itself? What is no envelope is of the link, and counts as its own. */
int sim_swarm_is_own(const sim_peer_t *peer, const uint8_t *bytes, size_t size);
/** So many hostile peers join. */
void sim_swarm_hostile_join(sim_t *sim, uint32_t count, uint64_t over_ms);
/** Of a peer's neighbours. */
double sim_swarm_hostile_share(const sim_t *sim, const sim_peer_t *peer);
/** Of what honest ones said from message `first` on, what honest ones heard: all, and what the victim heard and said. */
void sim_swarm_victim_shares(const sim_t *sim, uint32_t first, const sim_peer_t *victim, sim_share_t *all,
                             sim_share_t *of_victim);

#endif
