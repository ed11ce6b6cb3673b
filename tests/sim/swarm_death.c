/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Most of a large swarm dies, at once or bit by bit, and nothing is left to find each other by; or it comes and goes. */
#include "swarm.h"

enum { IN_TIME_MS = 2000, AFTER_MS = 30000 };

static void servers_all(sim_t *sim, int is_alive)
{
    sim_swarm_servers(sim, 0, is_alive);
    sim_swarm_servers(sim, 1, is_alive);
}

/* ---- half at once ---- */

/* Speaks each tick from a second before the deaths to a second after; adds what was heard IN_TIME of it. */
static void speak_and_die(sim_t *sim, uint32_t dying_count, sim_share_t *in_time, double *at_once)
{
    enum { AROUND_MS = 1000, TICK_COUNT = (2 * AROUND_MS + IN_TIME_MS) / SIM_TICK_MS };
    uint32_t first = sim->book.said_count, looked = first;
    for (int tick = 0; tick <= TICK_COUNT; tick++) {
        if (tick * SIM_TICK_MS <= 2 * AROUND_MS)
            sim_say_clear(sim_swarm_any(sim));
        if (tick * SIM_TICK_MS == AROUND_MS) {
            sim_swarm_crash(sim, dying_count);
            servers_all(sim, 0);
            *at_once = sim_swarm_connected(sim);
        }
        sim_run(sim, SIM_TICK_MS);
        while (looked < sim->book.said_count && sim->book.said[looked].said_ms + IN_TIME_MS <= sim->now_ms)
            sim_swarm_heard(sim, looked++, 0, in_time);
    }
}

void scenario_half_dies(const sim_run_options_t *run)
{
    sim_options_t options = sim_swarm_options(run);
    uint32_t count = sim_swarm_size(run, 1000);
    sim_t *sim = sim_swarm_ready(&options, count);
    sim_figure_list_t figures = {.count = 0};
    sim_share_t in_time = {0};
    double at_once = 0, before = sim_swarm_degree(sim);
    uint32_t first = sim->book.said_count;
    speak_and_die(sim, count / 2, &in_time, &at_once);
    sim_run(sim, AFTER_MS);
    sim_figure_least(&figures, "connected_share", sim_swarm_connected(sim), 0.995);
    sim_figure_least(&figures, "delivered_2s_share", sim_share(&in_time), 0.99);
    sim_figure_least(&figures, "delivered_30s_share", sim_swarm_delivered(sim, first, sim->book.said_count, 0), 0);
    sim_figure_least(&figures, "connected_at_once_share", at_once, 0);
    sim_figure(&figures, "degree_before", before);
    sim_figure(&figures, "degree_after", sim_swarm_degree(sim));
    sim_swarm_caps(sim, &figures);
    sim_figures_print(sim, &figures);
    sim_free(sim);
}

/* ---- four fifths ---- */

void scenario_slow_death(const sim_run_options_t *run)
{
    enum { DYING_MS = 60000 };
    sim_options_t options = sim_swarm_options(run);
    uint32_t count = sim_swarm_size(run, 1000), dying_count = count * 4 / 5;
    sim_t *sim = sim_swarm_ready(&options, count);
    sim_figure_list_t figures = {.count = 0};
    servers_all(sim, 0);
    for (uint32_t i = 0; i < dying_count; i++) {
        sim_swarm_crash(sim, 1);
        sim_run(sim, DYING_MS * (uint64_t)(i + 1) / dying_count - DYING_MS * (uint64_t)i / dying_count);
    }
    double at_end = sim_swarm_connected(sim);
    sim_run(sim, AFTER_MS);
    sim_figure_least(&figures, "connected_share", sim_swarm_connected(sim), 0.99);
    sim_figure_least(&figures, "connected_at_end_share", at_end, 0);
    sim_figure(&figures, "degree", sim_swarm_degree(sim));
    uint32_t first = sim_swarm_talk(sim, 10, 200);
    sim_run(sim, AFTER_MS);
    sim_figure_least(&figures, "delivered_share", sim_swarm_delivered(sim, first, sim->book.said_count, 0), 0.98);
    sim_swarm_caps(sim, &figures);
    sim_figures_print(sim, &figures);
    sim_free(sim);
}

void scenario_revive(const sim_run_options_t *run)
{
    sim_options_t options = sim_swarm_options(run);
    uint32_t count = sim_swarm_size(run, 1000);
    sim_t *sim = sim_swarm_ready(&options, count);
    sim_figure_list_t figures = {.count = 0};
    sim_swarm_crash(sim, count * 4 / 5);
    servers_all(sim, 0);
    double at_once = sim_swarm_connected(sim);
    sim_run(sim, AFTER_MS);
    double before = sim_swarm_connected(sim);
    servers_all(sim, 1);
    sim_run(sim, AFTER_MS);
    sim_figure_least(&figures, "connected_share", sim_swarm_connected(sim), 0.99);
    sim_figure_least(&figures, "connected_at_once_share", at_once, 0);
    sim_figure_least(&figures, "connected_before_share", before, 0);
    sim_figure(&figures, "degree", sim_swarm_degree(sim));
    uint32_t first = sim_swarm_talk(sim, 10, 200);
    sim_run(sim, AFTER_MS);
    sim_figure_least(&figures, "delivered_share", sim_swarm_delivered(sim, first, sim->book.said_count, 0), 0.98);
    sim_swarm_caps(sim, &figures);
    sim_figures_print(sim, &figures);
    sim_free(sim);
}

/* ---- coming and going ---- */

enum { PRESENT_MS = 60000 }; /* before and after a message is said, to count as present throughout */

static void churned_heard(const sim_t *sim, uint32_t number, sim_share_t *share)
{
    const sim_said_t *said = &sim->book.said[number];
    for (uint32_t i = 0; i < sim->peer_count; i++) {
        const sim_peer_t *peer = sim->peers[i];
        int is_after = peer->state == SIM_ON ? sim->now_ms >= said->said_ms + PRESENT_MS
                                             : peer->ended_ms >= said->said_ms + PRESENT_MS;
        if (i == said->from || peer->started_ms + PRESENT_MS > said->said_ms || !is_after)
            continue;
        share->of++;
        share->count += said->heard[i] != 0;
    }
}

static int was_present(const sim_t *sim, const sim_said_t *said)
{
    const sim_peer_t *from = sim->peers[said->from];
    return from->state == SIM_ON || from->ended_ms >= said->said_ms + PRESENT_MS;
}

/* Newcomers do not speak: whether they are let in is what they are counted for as hearers. */
static sim_peer_t *speaker(sim_t *sim)
{
    enum { TRY_COUNT = 64 };
    sim_peer_t *peer = sim_swarm_any(sim);
    for (int i = 0; i < TRY_COUNT && peer->started_ms + PRESENT_MS > sim->now_ms; i++)
        peer = sim_swarm_any(sim);
    return peer;
}

/* Half of those who go say good-bye. Somebody's wall clock is set meanwhile. */
static void replace_one(sim_t *sim)
{
    enum { JUMP_MS = 120000 };
    sim_peer_clock_jump(sim_swarm_any(sim), (int64_t)sim_random_below(&sim->random, 2 * JUMP_MS + 1) - JUMP_MS);
    sim_peer_t *peer = sim_swarm_any(sim);
    if (sim_random_below(&sim->random, 2) == 0)
        sim_peer_crash(peer);
    else
        sim_peer_stop(peer);
    sim_peer_start(sim_peer_add(sim, NULL));
}

void scenario_churn(const sim_run_options_t *run)
{
    enum { MINUTES = 120, HALF_MS = 600000, SAY_MS = 10000 };
    sim_options_t options = sim_swarm_options(run);
    uint32_t count = sim_swarm_size(run, 200), minutes = run->minutes > 0 ? run->minutes : MINUTES;
    uint64_t gap_ms = HALF_MS / (count / 2), next_ms, until_ms;
    sim_t *sim = sim_swarm_new(&options, count, (uint32_t)((uint64_t)minutes * 60000 / gap_ms) + 2);
    sim_swarm_join(sim, count, sim_swarm_join_ms(count));
    sim_run(sim, SIM_SETTLE_MS);
    sim_figure_list_t figures = {.count = 0};
    sim_share_t heard = {0};
    double connected_min = 1;
    uint32_t first = sim->book.said_count;
    next_ms = sim->now_ms;
    until_ms = sim->now_ms + (uint64_t)minutes * 60000;
    while (sim->now_ms < until_ms) {
        for (; next_ms <= sim->now_ms; next_ms += gap_ms)
            replace_one(sim);
        sim_say_clear(speaker(sim));
        sim_run(sim, SAY_MS);
        double connected = sim_swarm_connected(sim);
        connected_min = connected < connected_min ? connected : connected_min;
    }
    sim_run(sim, PRESENT_MS);
    for (uint32_t i = first; i < sim->book.said_count; i++) {
        if (was_present(sim, &sim->book.said[i]))
            churned_heard(sim, i, &heard);
    }
    sim_figure_least(&figures, "delivered_share", sim_share(&heard), 0.999);
    sim_figure(&figures, "p99_ms", sim_book_wait_ms(sim, 99));
    sim_figure(&figures, "lives", sim->peer_count);
    sim_figure(&figures, "messages", sim->book.said_count - first);
    sim_figure_least(&figures, "connected_min_share", connected_min, 0);
    sim_figure(&figures, "setups_per_life", (double)sim->ends.joined_count / sim->peer_count);
    sim_swarm_costs(sim, &figures);
    sim_swarm_caps(sim, &figures);
    sim_figures_print(sim, &figures);
    sim_free(sim);
}
