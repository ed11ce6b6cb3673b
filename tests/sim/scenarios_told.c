/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whoever's clock is set wrong is told so, whenever it happens and whatever is lost; and told no more once it is right. */
#include "scenarios.h"

enum { MINUTE_MS = 60000, HOUR_MS = 3600000, ROOM_COUNT = 20 };

/* The one whose clock is set is the second of three. */
static int is_told(sim_t *sim)
{
    return sim_peer_health(sim->peers[1], "clock.off") == 1 && sim_peer_health(sim->peers[1], "clock.people") == 2;
}

static int is_told_no_more(sim_t *sim)
{
    return sim_peer_health(sim->peers[1], "clock.off") == 0;
}

static void set(sim_t *sim, int64_t ms)
{
    sim_peer_clock_jump(sim->peers[1], ms);
    SIM_CHECK(sim, sim_peer_step(sim->peers[1], &(nkt_event_t){.kind = NKT_EV_TIME}) == NKT_OK);
}

/* Three who came a moment ago, and greet each other as links come up: who did so last does not answer a greeting to all. */
static double early_run(uint64_t seed, uint64_t after_ms, double *right_ms)
{
    sim_options_t options = sim_defaults(seed);
    sim_t *sim = sim_new(&options);
    sim_peers_start(sim, 3, 50);
    sim_run(sim, after_ms);
    set(sim, -3 * HOUR_MS);
    double told_ms = (double)sim_until(sim, is_told, MINUTE_MS, "told of its clock");
    sim_run(sim, 5 * MINUTE_MS); /* nothing is said */
    sim_peer_clock_jump(sim->peers[1], 3 * HOUR_MS);
    *right_ms = sim_larger(*right_ms, (double)sim_until(sim, is_told_no_more, MINUTE_MS, "told no more"));
    sim_free(sim);
    return told_ms;
}

static sim_verdict_t some(void *context, sim_t *sim, const sim_peer_t *from, const sim_peer_t *to, const uint8_t *bytes, size_t size)
{
    (void)context, (void)from, (void)to, (void)bytes, (void)size;
    return sim_random_below(&sim->random, 5) == 0 ? SIM_DROP : SIM_PASS;
}

static sim_verdict_t all(void *context, sim_t *sim, const sim_peer_t *from, const sim_peer_t *to, const uint8_t *bytes, size_t size)
{
    (void)context, (void)sim, (void)from, (void)to, (void)bytes, (void)size;
    return SIM_DROP;
}

/* Over a relay that from now on loses what the verdict says. */
static sim_t *lost_start(uint64_t seed, const sim_malice_t *malice)
{
    sim_options_t options = sim_defaults(seed);
    options.tracker_count = 0;
    options.cut_permille = 1000;
    sim_t *sim = sim_new(&options);
    sim_peers_start(sim, 3, 50);
    sim_until(sim, sim_all_have_sessions, 10000, "sessions");
    sim_run(sim, 3000);
    sim_malice_set(sim, malice);
    set(sim, -3 * HOUR_MS);
    return sim;
}

static double lost_run(uint64_t seed)
{
    sim_t *sim = lost_start(seed, &(sim_malice_t){.relay = some});
    double told_ms = (double)sim_until(sim, is_told, 10 * MINUTE_MS, "told of its clock, a fifth of all frames lost");
    sim_free(sim);
    return told_ms;
}

/* Two who are there for all one can tell, and never answer, over the first hours. */
static double deaf_run(uint64_t seed)
{
    sim_t *sim = lost_start(seed, &(sim_malice_t){.relay = all});
    double before = sim_peer_health(sim->peers[1], "counters.framesOut");
    sim_run(sim, 2 * HOUR_MS);
    double sent = sim_peer_health(sim->peers[1], "counters.framesOut") - before;
    sim_free(sim);
    return sent;
}

void scenario_clock_told(const sim_run_options_t *run)
{
    double early_ms = 0, right_ms = 0, lost_ms = 0;
    for (uint64_t i = 0; i < ROOM_COUNT; i++) {
        early_ms = sim_larger(early_ms, early_run(run->seed * ROOM_COUNT + i, 2100 + 100 * i, &right_ms));
        lost_ms = sim_larger(lost_ms, lost_run(run->seed * ROOM_COUNT + i));
    }
    sim_figure_list_t figures = {0};
    sim_options_t options = sim_defaults(run->seed);
    sim_t *sim = sim_new(&options);
    sim_figure_most(&figures, "told_ms", early_ms, 10000);
    sim_figure_most(&figures, "right_ms", right_ms, 6000);
    sim_figure(&figures, "fifth_lost_told_ms", lost_ms);
    sim_figure_most(&figures, "frames_to_the_deaf", deaf_run(run->seed), 900);
    sim_figures_print(sim, &figures);
    sim_free(sim);
}
