/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One member says a hundred messages a second: what the others say is heard as soon as without him, nearly. */
#include <stdlib.h>

#include "malice.h"
#include "swarm.h"

enum {
    FLOOD_MS = 20000,
    FLOOD_GAP_MS = 10,   /* 100 a second ... */
    FLOOD_SIZE = 600,    /* ... of about a kilobyte each with its envelope */
    HONEST_GAP_MS = 200,
    BYTES_PER_S = 30000, /* of each link: a poor one */
    LATE_MS = 20000,
};

typedef struct sim_flood {
    sim_t *sim;
    double p50_ms, p99_ms, delivered, frames, dropped;
} sim_flood_t;

static int order(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Of what honest ones said, when honest ones heard it. */
static void waits(sim_flood_t *flood, uint32_t first)
{
    const sim_t *sim = flood->sim;
    uint64_t *list = sim_alloc((size_t)(sim->book.said_count - first) * sim->peer_count + 1, sizeof *list);
    size_t count = 0;
    sim_share_t share = {0};
    for (uint32_t i = first; i < sim->book.said_count; i++) {
        const sim_said_t *said = &sim->book.said[i];
        if (sim->peers[said->from]->is_hostile)
            continue;
        sim_swarm_heard(sim, i, 0, &share);
        for (uint32_t k = 0; k < sim->peer_count; k++) {
            if (!sim->peers[k]->is_hostile && k != said->from && said->heard[k])
                list[count++] = said->heard_ms[k] - said->said_ms;
        }
    }
    qsort(list, count, sizeof *list, order);
    flood->p50_ms = count == 0 ? 0 : (double)list[count / 2];
    flood->p99_ms = count == 0 ? 0 : (double)list[count * 99 / 100];
    flood->delivered = sim_share(&share);
    free(list);
}

static double frames_of(const sim_t *sim)
{
    double sum = 0;
    for (uint32_t i = 0; i < sim->peer_count; i++)
        sum += sim->peers[i]->is_hostile ? 0 : (double)sim->peers[i]->counts.rtc_frames;
    return sum;
}

static sim_flood_t flood_run(const sim_run_options_t *run, int is_flooded)
{
    sim_options_t options = sim_swarm_options(run);
    uint32_t count = sim_swarm_size(run, 60);
    options.bytes_per_s = run->bytes_per_s > 0 ? run->bytes_per_s : BYTES_PER_S;
    options.link_count_max = run->degree > 0 ? run->degree : 6;
    options.is_light = options.is_counted = options.is_witnessed = 0;
    sim_flood_t flood = {.sim = sim_swarm_new(&options, count, 0)};
    sim_t *sim = flood.sim;
    sim_swarm_join(sim, count, sim_swarm_join_ms(count));
    sim_run(sim, SIM_SETTLE_MS);
    sim_peer_t *flooder = sim->peers[count / 2];
    flooder->is_hostile = 1;
    uint32_t first = sim->book.said_count;
    flood.frames = -frames_of(sim);
    for (uint32_t ms = 0; ms < FLOOD_MS; ms += FLOOD_GAP_MS) {
        if (ms % HONEST_GAP_MS == 0)
            sim_say_clear(sim_swarm_any(sim));
        if (is_flooded) {
            sim_malice_unbound(flooder);
            sim_say_clear_size(flooder, FLOOD_SIZE);
        }
        sim_run(sim, FLOOD_GAP_MS);
    }
    flood.frames += frames_of(sim);
    sim_run(sim, LATE_MS);
    waits(&flood, first);
    for (uint32_t i = 0; i < count; i++)
        flood.dropped += sim_peer_health(sim->peers[i], "dropped.NKT_E_RATE");
    return flood;
}

void scenario_flooder(const sim_run_options_t *run)
{
    const double said = FLOOD_MS / FLOOD_GAP_MS;
    sim_flood_t calm = flood_run(run, 0), flooded = flood_run(run, 1);
    double peers = flooded.sim->peer_count - 1;
    sim_figure_list_t figures = {.count = 0};
    sim_figure_least(&figures, "delivered_share", flooded.delivered, 1);
    sim_figure(&figures, "calm_p50_ms", calm.p50_ms);
    sim_figure(&figures, "p50_ms", flooded.p50_ms);
    sim_figure(&figures, "calm_p99_ms", calm.p99_ms);
    sim_figure_most(&figures, "p99_ms", flooded.p99_ms, 2 * calm.p99_ms);
    sim_figure(&figures, "frames_per_flood_and_peer", (flooded.frames - calm.frames) / said / peers);
    sim_figure(&figures, "not_passed_on", flooded.dropped);
    sim_figures_print(flooded.sim, &figures);
    sim_free(calm.sim);
    sim_free(flooded.sim);
}
