/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "swarm.h"

#include <stdlib.h>

#include "memory.h"
#include "wire/limits.h"

enum {
    DEGREE = 16,
    LIGHT_COUNT = 200,      /* above: no views, no trace */
    JOIN_MS_MIN = 30000,    /* overlay.md: "over some tens of seconds"; */
    JOIN_MS_PER_PEER = 30,  /* thousands come at 33 a second */
    CAP_SAMPLE_COUNT = 200, /* of peers that are asked for their health: each answer is a JSON text */
    ANY_TRY_COUNT = 64,
};

double sim_share(const sim_share_t *share)
{
    return share->of == 0 ? 1 : (double)share->count / (double)share->of;
}

/* ---- a world ---- */

sim_options_t sim_swarm_options(const sim_run_options_t *run)
{
    sim_options_t options = sim_defaults(run->seed);
    options.relay_count = run->relay_count >= 0 ? (uint32_t)run->relay_count : 0;
    options.tracker_count = run->tracker_count >= 0 ? (uint32_t)run->tracker_count : 1;
    options.latency_ms = (sim_range_t){10, 150};
    options.setup_ms = (sim_range_t){400, 1600};
    options.loss_permille = run->loss_permille >= 0 ? (uint32_t)run->loss_permille : 0;
    options.cut_permille = run->cut_permille >= 0 ? (uint32_t)run->cut_permille : 100;
    options.bytes_per_s = run->bytes_per_s;
    options.link_count_max = run->degree > 0 ? run->degree : DEGREE;
    options.has_pair_latency = options.is_counted = options.is_witnessed = 1;
    options.is_timed = run->is_timed;
    options.has_progress = !run->is_quiet;
    options.room = "swarm";
    return options;
}

uint32_t sim_swarm_size(const sim_run_options_t *run, uint32_t peer_count)
{
    return run->peer_count > 0 ? run->peer_count : peer_count;
}

sim_t *sim_swarm_new(const sim_options_t *options, uint32_t peer_count, uint32_t more_count)
{
    sim_options_t all = *options;
    all.peer_count_max = peer_count + more_count;
    all.is_light = all.peer_count_max > LIGHT_COUNT;
    return sim_new(&all);
}

void sim_swarm_join(sim_t *sim, uint32_t count, uint64_t over_ms)
{
    uint64_t begun_ms = sim->now_ms;
    for (uint32_t i = 0; i < count; i++) {
        sim_run(sim, begun_ms + over_ms * i / count - sim->now_ms);
        sim_peer_start(sim_peer_add(sim, NULL));
    }
    sim_run(sim, begun_ms + over_ms - sim->now_ms);
}

uint64_t sim_swarm_join_ms(uint32_t count)
{
    uint64_t ms = (uint64_t)count * JOIN_MS_PER_PEER;
    return ms < JOIN_MS_MIN ? JOIN_MS_MIN : ms;
}

sim_t *sim_swarm_ready(const sim_options_t *options, uint32_t count)
{
    sim_t *sim = sim_swarm_new(options, count, 0);
    sim_swarm_join(sim, count, sim_swarm_join_ms(count));
    sim_run(sim, SIM_SETTLE_MS);
    return sim;
}

/* ---- its peers ---- */

static int is_counted(const sim_peer_t *peer)
{
    return peer->state == SIM_ON && !peer->is_hostile;
}

uint32_t sim_swarm_count(const sim_t *sim)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < sim->peer_count; i++)
        count += (uint32_t)is_counted(sim->peers[i]);
    return count;
}

sim_peer_t *sim_swarm_any(sim_t *sim)
{
    for (int i = 0; i < ANY_TRY_COUNT && sim->peer_count > 0; i++) {
        sim_peer_t *peer = sim->peers[sim_random_below(&sim->random, sim->peer_count)];
        if (is_counted(peer))
            return peer;
    }
    uint32_t count = sim_swarm_count(sim); /* few are left: count them out */
    uint64_t chosen = sim_random_below(&sim->random, count);
    for (uint32_t i = 0; count > 0 && i < sim->peer_count; i++) {
        if (is_counted(sim->peers[i]) && chosen-- == 0)
            return sim->peers[i];
    }
    return NULL;
}

void sim_swarm_crash(sim_t *sim, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        sim_peer_t *peer = sim_swarm_any(sim);
        if (peer != NULL)
            sim_peer_crash(peer);
    }
}

void sim_swarm_servers(sim_t *sim, int is_tracker, int is_alive)
{
    uint32_t count = is_tracker ? sim->options.tracker_count : sim->options.relay_count;
    for (uint32_t i = 0; i < count; i++) {
        if (is_tracker)
            (is_alive ? sim_tracker_revive : sim_tracker_kill)(sim, i);
        else
            (is_alive ? sim_relay_revive : sim_relay_kill)(sim, i);
    }
}

uint32_t sim_swarm_talk(sim_t *sim, uint32_t count, uint64_t gap_ms)
{
    uint32_t first = sim->book.said_count;
    for (uint32_t i = 0; i < count; i++) {
        sim_peer_t *peer = sim_swarm_any(sim);
        if (peer != NULL)
            sim_say_clear(peer);
        sim_run(sim, gap_ms);
    }
    return first;
}

/* ---- the graph of links ---- */

static uint32_t root_of(uint32_t *parents, uint32_t i)
{
    while (parents[i] != i) {
        parents[i] = parents[parents[i]];
        i = parents[i];
    }
    return i;
}

double sim_swarm_connected(const sim_t *sim)
{
    uint32_t *parents = sim_alloc(sim->peer_count, sizeof *parents);
    uint32_t *sizes = sim_alloc(sim->peer_count, sizeof *sizes);
    for (uint32_t i = 0; i < sim->peer_count; i++)
        parents[i] = i;
    for (uint32_t i = 0; i < sim->peer_count; i++) {
        const sim_peer_t *peer = sim->peers[i];
        for (uint32_t k = 0; is_counted(peer) && k < peer->neighbour_count; k++) {
            const sim_peer_t *other = sim->peers[peer->neighbours[k]];
            if (is_counted(other) && sim_peer_is_linked(other, peer) && !sim_pair_is_cut(sim, i, other->index))
                parents[root_of(parents, i)] = root_of(parents, other->index);
        }
    }
    sim_share_t largest = {.of = sim_swarm_count(sim)};
    for (uint32_t i = 0; i < sim->peer_count; i++) {
        if (is_counted(sim->peers[i]) && ++sizes[root_of(parents, i)] > largest.count)
            largest.count = sizes[root_of(parents, i)];
    }
    free(parents);
    free(sizes);
    return sim_share(&largest);
}

double sim_swarm_degree(const sim_t *sim)
{
    uint64_t sum = 0, count = 0;
    for (uint32_t i = 0; i < sim->peer_count; i++) {
        sum += is_counted(sim->peers[i]) ? sim->peers[i]->neighbour_count : 0;
        count += (uint64_t)is_counted(sim->peers[i]);
    }
    return count == 0 ? 0 : (double)sum / (double)count;
}

/* ---- what was delivered ---- */

void sim_swarm_heard(const sim_t *sim, uint32_t number, uint64_t present_ms, sim_share_t *share)
{
    const sim_said_t *said = &sim->book.said[number];
    const sim_peer_t *from = sim->peers[said->from];
    sim_share_t one = {0};
    for (uint32_t i = 0; i < sim->peer_count; i++) {
        const sim_peer_t *peer = sim->peers[i];
        if (!is_counted(peer) || i == said->from || peer->started_ms + present_ms > said->said_ms)
            continue;
        one.of++;
        one.count += said->heard[i] != 0;
    }
    if (one.count == 0 && (from->state != SIM_ON || from->life != said->life))
        return; /* it died with its sender */
    share->of += one.of;
    share->count += one.count;
}

double sim_swarm_delivered(const sim_t *sim, uint32_t first, uint32_t end, uint64_t present_ms)
{
    sim_share_t share = {0};
    for (uint32_t i = first; i < end; i++)
        sim_swarm_heard(sim, i, present_ms, &share);
    return sim_share(&share);
}

/* ---- caps and costs ---- */

void sim_swarm_caps(sim_t *sim, sim_figure_list_t *figures)
{
    uint32_t asked = 0, count = sim_swarm_count(sim), worst = 0;
    uint32_t live_max = sim->options.link_count_max + NKT_RTC_SLACK_COUNT;
    for (uint32_t i = 0; i < sim->peer_count; i++) {
        sim_peer_t *peer = sim->peers[i];
        if (!is_counted(peer))
            continue;
        worst = peer->neighbour_count > worst ? peer->neighbour_count : worst;
        if (peer->counts.rtc_count_max > live_max + NKT_RTC_PENDING_COUNT_MAX)
            sim_fail(sim, "%s had %llu WebRTC links of all states, with a cap of %u", peer->name,
                     (unsigned long long)peer->counts.rtc_count_max, peer->options.link_count_max);
        if (asked >= CAP_SAMPLE_COUNT || (count > CAP_SAMPLE_COUNT && i % (count / CAP_SAMPLE_COUNT) != 0))
            continue;
        asked++;
        if (sim_peer_health(peer, "users") > NKT_USER_COUNT_MAX)
            sim_fail(sim, "%s knows more users than its table allows", peer->name);
    }
    sim_figure_most(figures, "degree_max", worst, live_max);
}

void sim_swarm_costs(const sim_t *sim, sim_figure_list_t *figures)
{
    double core_sum = 0, all_sum = 0, cpu_sum = 0, cpu_max = 0, size_max = 0;
    uint32_t count = 0;
    for (uint32_t i = 0; i < sim->peer_count; i++) {
        const sim_peer_t *peer = sim->peers[i];
        all_sum += (double)peer->core_size;
        if (!is_counted(peer))
            continue;
        count++;
        core_sum += (double)peer->core_size;
        size_max = (double)peer->core_size_max > size_max ? (double)peer->core_size_max : size_max;
        cpu_sum += (double)peer->cpu_ns;
        cpu_max = (double)peer->cpu_ns > cpu_max ? (double)peer->cpu_ns : cpu_max;
    }
    if (count == 0)
        return;
    sim_figure(figures, "memory_kb", core_sum / count / 1000);
    sim_figure(figures, "memory_max_kb", size_max / 1000);
    if (sim->options.is_timed) {
        sim_figure(figures, "cpu_ms_per_peer", cpu_sum / count / 1e6);
        sim_figure(figures, "cpu_max_ms", cpu_max / 1e6);
    }
    sim_figure(figures, "world_kb_per_peer", ((double)sim_memory_size() - all_sum) / sim->peer_count / 1000);
    sim_figure(figures, "events", (double)sim->event_count);
}
