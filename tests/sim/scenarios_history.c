/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was said and heard, remembered. */
#include <string.h>

#include "scenarios.h"
#include "wire/limits.h"

/* How many messages a peer remembers. */
static uint32_t past_count(sim_peer_t *peer)
{
    peer->past_count = peer->past_open_count = 0;
    memset(peer->past_from, 0, sizeof peer->past_from);
    peer->past_ms = 0;
    sim_peer_step(peer, &(nkt_event_t){.kind = NKT_EV_HISTORY});
    return peer->past_count;
}

void scenario_history(const sim_run_options_t *run)
{
    enum { COUNT = 50, MANY = 2400 };
    sim_options_t options = sim_defaults(run->seed);
    options.persist = 1;
    options.put_ms = (sim_range_t){1, 20};
    sim_t *sim = sim_new(&options);
    sim_peers_start(sim, 2, 50);
    sim_peer_t *a = sim->peers[0], *b = sim->peers[1];
    sim_until(sim, sim_all_have_sessions, 10000, "sessions");
    sim_peer_count_reset(a);
    sim_peer_count_reset(b);
    for (int i = 0; i < COUNT; i++) {
        sim_say(a, i % 2 == 0 ? NULL : b);
        sim_run(sim, 500);
    }
    sim_until(sim, sim_all_delivered, 3000, "delivered");
    double puts_out = (double)a->counts.puts / COUNT, puts_in = (double)b->counts.puts / COUNT;
    for (int i = 0; i < COUNT; i++)
        sim_say(b, a);
    sim_until(sim, sim_all_delivered, 3000, "delivered");
    sim_run(sim, 1100); /* the last states as well */
    for (uint32_t k = 0; k < 2; k++) {
        sim_peer_crash(sim->peers[k]);
        sim_peer_start(sim->peers[k]);
        SIM_CHECK(sim, past_count(sim->peers[k]) == 2 * COUNT);
        SIM_CHECK(sim, sim->peers[k]->past_open_count == 0);
    }
    /* what is not delivered stays when the rest is cleared, and goes when it is */
    sim_peer_stop(b);
    sim_run(sim, 200);
    sim_say(a, b);
    SIM_CHECK(sim, past_count(a) == 2 * COUNT + 1 && a->past_open_count == 1);
    sim_peer_step(a, &(nkt_event_t){.kind = NKT_EV_FORGET});
    SIM_CHECK(sim, past_count(a) == 0);
    sim_run(sim, 100);
    sim_peer_crash(a);
    SIM_CHECK(sim, sim_peer_record(a, "log/", 0) != NULL);
    sim_peer_start(a);
    SIM_CHECK(sim, past_count(a) == 0);
    sim_peer_start(b);
    sim_until(sim, sim_all_delivered, 15000, "delivered after the clearing");
    sim_run(sim, 2000);
    SIM_CHECK(sim, past_count(a) == 0 && sim_peer_record(a, "log/", 0) == NULL);
    SIM_CHECK(sim, past_count(b) == 2 * COUNT + 1);
    /* bounded */
    for (int i = 0; i < MANY; i++) {
        sim_say(a, b);
        sim_run(sim, 3);
    }
    sim_until(sim, sim_all_delivered, 10000, "delivered");
    uint32_t kept = past_count(a);
    SIM_CHECK(sim, kept <= NKT_HISTORY_COUNT_MAX && kept > NKT_HISTORY_COUNT_MAX - 2 * NKT_PAGE_COUNT_MAX);
    /* switched off */
    sim_run(sim, 2000);
    sim_peer_stop(a);
    a->options.history = 0;
    sim_peer_start(a);
    SIM_CHECK(sim, past_count(a) == 0);
    sim_until(sim, sim_all_have_sessions, 10000, "sessions");
    sim_peer_count_reset(a);
    for (int i = 0; i < COUNT; i++) {
        sim_say(a, b);
        sim_say(b, a);
        sim_run(sim, 100);
    }
    sim_until(sim, sim_all_delivered, 3000, "delivered");
    sim_run(sim, 2000);
    SIM_CHECK(sim, past_count(a) == 0 && sim_peer_record(a, "log/", 0) == NULL);
    sim_figures(sim, "puts_said", puts_out, "puts_heard", puts_in, "kept", (double)kept, NULL);
    sim_free(sim);
}

/* Long private messages of one (p1) push out nobody else's words, nor does he push out his own newest. */
void scenario_history_share(const sim_run_options_t *run)
{
    enum { COUNT = 20, LONG = 59000, FLOOD = 40 };
    sim_options_t options = sim_defaults(run->seed);
    options.persist = 1;
    sim_t *sim = sim_new(&options);
    sim_peers_start(sim, 4, 50);
    sim_peer_t *a = sim->peers[0], *flooder = sim->peers[1];
    sim_until(sim, sim_all_have_sessions, 10000, "sessions");
    for (int i = 0; i < COUNT; i++) {
        sim_say(a, NULL);
        sim_say(sim->peers[2], NULL);
        sim_say(sim->peers[3], a);
        sim_run(sim, 200);
    }
    for (int i = 0; i < FLOOD; i++) {
        sim_say_size(flooder, a, LONG);
        sim_run(sim, 500);
    }
    sim_until(sim, sim_all_delivered, 60000, "delivered");
    sim_run(sim, 2000);
    for (int i = 0; i < 2; i++) {
        uint32_t all = past_count(a);
        SIM_CHECK(sim, a->past_from[0] == COUNT && a->past_from[2] == COUNT && a->past_from[3] == COUNT);
        SIM_CHECK(sim, all == 3 * COUNT + a->past_from[1] && a->past_from[1] >= 14 && a->past_from[1] <= 18);
        sim_peer_crash(a);
        sim_peer_start(a); /* and so it is stored */
    }
    /* small ones without end do not either */
    for (int i = 0; i < NKT_HISTORY_COUNT_MAX + 100; i++) {
        sim_say(flooder, a);
        sim_run(sim, 3);
    }
    sim_until(sim, sim_all_delivered, 20000, "delivered");
    uint32_t kept = past_count(a);
    SIM_CHECK(sim, a->past_from[0] == COUNT && a->past_from[2] == COUNT && a->past_from[3] == COUNT);
    SIM_CHECK(sim, kept <= NKT_HISTORY_COUNT_MAX);
    sim_figures(sim, "kept", (double)kept, "of_others", (double)(3 * COUNT), NULL);
    sim_free(sim);
}
