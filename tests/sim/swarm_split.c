/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two halves of a swarm that do not reach each other, and then are held together by one link alone. */
#include "swarm.h"

enum { APART_MS = 300000, SAY_MS = 10000, TOGETHER_MS = 60000, FIND_MS = 60000 };

static sim_peer_t *any_of_side(sim_t *sim, uint8_t side)
{
    for (;;) {
        sim_peer_t *peer = sim_swarm_any(sim);
        if (peer->side == side)
            return peer;
    }
}

/* The tracker is on the first side. Each half says its own. */
static void apart(sim_t *sim)
{
    for (uint32_t i = 0; i < sim->peer_count; i++)
        sim->peers[i]->side = (uint8_t)(i & 1);
    for (uint32_t i = 0; i < sim->options.tracker_count; i++)
        sim_server_sides(sim, 1, i, 1);
    for (uint32_t i = 0; i < sim->options.relay_count; i++)
        sim_server_sides(sim, 0, i, 1);
    sim_split(sim);
    for (uint64_t ms = 0; ms < APART_MS; ms += SAY_MS) {
        sim_say_clear(any_of_side(sim, 0));
        sim_say_clear(any_of_side(sim, 1));
        sim_run(sim, SAY_MS);
    }
}

/* One of each side may connect; the tracker tells the two of each other, and nobody else of the second side. */
static int together(sim_t *sim, uint64_t *link_ms)
{
    sim_peer_t *one = any_of_side(sim, 0), *other = any_of_side(sim, 1);
    uint64_t begun_ms = sim->now_ms;
    for (uint32_t i = 0; i < sim->peer_count; i++) {
        if (sim->peers[i]->side == 1 && sim->peers[i] != other)
            sim_peer_block(sim->peers[i], FIND_MS + TOGETHER_MS + SAY_MS);
    }
    sim_bridge(sim, one, other);
    for (uint32_t i = 0; i < sim->options.tracker_count; i++)
        sim_server_sides(sim, 1, i, 3);
    sim_peer_connect(one, &other->address, FIND_MS);
    while (sim->now_ms < begun_ms + FIND_MS && !(sim_peer_is_linked(one, other) && sim_peer_is_linked(other, one)))
        sim_run(sim, SIM_TICK_MS);
    *link_ms = sim->now_ms - begun_ms;
    return sim_peer_is_linked(one, other);
}

void scenario_partition5(const sim_run_options_t *run)
{
    sim_options_t options = sim_swarm_options(run);
    sim_t *sim = sim_swarm_ready(&options, sim_swarm_size(run, 200));
    sim_figure_list_t figures = {.count = 0};
    uint32_t first = sim->book.said_count;
    uint64_t link_ms = 0, done_ms = 0;
    apart(sim);
    double before = sim_swarm_delivered(sim, first, sim->book.said_count, 0);
    double is_linked = together(sim, &link_ms), delivered = before;
    for (uint64_t begun_ms = sim->now_ms; done_ms < TOGETHER_MS && delivered < 1; done_ms = sim->now_ms - begun_ms) {
        sim_run(sim, SIM_TICK_MS * 10);
        delivered = sim_swarm_delivered(sim, first, sim->book.said_count, 0);
    }
    sim_figure_least(&figures, "delivered_share", delivered, 1);
    sim_figure(&figures, "done_ms", (double)done_ms);
    sim_figure_least(&figures, "delivered_before_share", before, 0);
    sim_figure_least(&figures, "is_linked", is_linked, 1);
    sim_figure(&figures, "link_ms", (double)link_ms);
    sim_figure_least(&figures, "connected_share", sim_swarm_connected(sim), 1);
    sim_figure(&figures, "degree", sim_swarm_degree(sim));
    sim_swarm_costs(sim, &figures);
    sim_swarm_caps(sim, &figures);
    sim_figures_print(sim, &figures);
    sim_free(sim);
}
