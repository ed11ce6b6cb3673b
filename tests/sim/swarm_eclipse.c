/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Peers who want one victim for themselves: each looks for it by address, again and again, and passes nothing on. When the
 * servers are dead nothing but the victim's links is left to it.
 */
#include "swarm.h"

enum {
    HONEST_COUNT = 40,
    HOSTILE_PER_HONEST = 1,
    HOSTILE_MANY_PER_HONEST = 3,
    JOIN_MS = 30000,
    TALK_MS = 30000,   /* before they come, and before the servers die */
    ATTACK_MS = 60000,
    TICK_MS = 1000,
    HUNT_MS = 10000,
    LATE_MS = 30000,
    LAST_COUNT = 60,   /* messages said when all servers are dead, every other by the victim */
};

static sim_verdict_t swallow(void *context, sim_t *sim, const sim_peer_t *from, const sim_peer_t *to, uint8_t *bytes, size_t *size)
{
    (void)context, (void)sim, (void)to;
    return from->is_hostile && !sim_swarm_is_own(from, bytes, *size) ? SIM_DROP : SIM_PASS;
}

static void hunt(sim_t *sim, sim_peer_t *victim, uint32_t honest_count, uint64_t for_ms)
{
    for (uint64_t ms = 0; ms < for_ms; ms += TICK_MS) {
        for (uint32_t i = honest_count; i < sim->peer_count; i++) {
            if ((ms / TICK_MS + i) % (HUNT_MS / TICK_MS) == 0 && !sim_peer_is_linked(sim->peers[i], victim))
                sim_peer_connect(sim->peers[i], &victim->address, HUNT_MS);
        }
        sim_say_clear(sim_swarm_any(sim));
        sim_run(sim, TICK_MS);
    }
}

static void eclipse(const sim_run_options_t *run, uint32_t hostile_per_honest)
{
    sim_options_t options = sim_swarm_options(run);
    uint32_t honest_count = sim_swarm_size(run, HONEST_COUNT), hostile_count = honest_count * hostile_per_honest;
    sim_t *sim = sim_swarm_new(&options, honest_count, hostile_count);
    sim_malice_set(sim, &(sim_malice_t){.rtc = swallow});
    sim_swarm_join(sim, honest_count, JOIN_MS);
    sim_swarm_talk(sim, TALK_MS / TICK_MS, TICK_MS);
    sim_peer_t *victim = sim->peers[0];
    sim_swarm_hostile_join(sim, hostile_count, JOIN_MS);
    hunt(sim, victim, honest_count, ATTACK_MS);
    double honest_share = 1 - sim_swarm_hostile_share(sim, victim), links = victim->neighbour_count;
    sim_swarm_servers(sim, 0, 0);
    sim_swarm_servers(sim, 1, 0);
    hunt(sim, victim, honest_count, TALK_MS);
    uint32_t first = sim->book.said_count;
    for (uint32_t i = 0; i < LAST_COUNT; i++) {
        sim_say_clear(i % 2 == 0 ? victim : sim_swarm_any(sim));
        sim_run(sim, TICK_MS / 2);
    }
    sim_run(sim, LATE_MS);
    sim_share_t all = {0}, of_victim = {0};
    sim_figure_list_t figures = {.count = 0};
    sim_swarm_victim_shares(sim, first, victim, &all, &of_victim);
    sim_figure_least(&figures, "delivered_share", sim_share(&all), 0.99);
    sim_figure_least(&figures, "victim_share", sim_share(&of_victim), 0.99);
    sim_figure(&figures, "links", links);
    sim_figure_least(&figures, "honest_links_share", honest_share, 1.0 / 3);
    sim_figure_least(&figures, "honest_links_share_at_end", 1 - sim_swarm_hostile_share(sim, victim), 1.0 / 3);
    sim_figures_print(sim, &figures);
    sim_free(sim);
}

void scenario_eclipse(const sim_run_options_t *run)
{
    eclipse(run, HOSTILE_PER_HONEST);
}

void scenario_eclipse_many(const sim_run_options_t *run)
{
    eclipse(run, HOSTILE_MANY_PER_HONEST);
}
