/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was said long ago, said again: a relay of ill will keeps a copy of all that goes through it. */
#include <stdlib.h>

#include "scenarios.h"

enum { MINUTE_MS = 60000, HOUR_MS = 3600000 };

typedef struct sim_recorder {
    uint8_t **frames; /* whole relay messages */
    size_t *sizes, count, capacity;
    int is_off;
} sim_recorder_t;

static sim_verdict_t record(void *context, sim_t *sim, const sim_peer_t *from, const sim_peer_t *to,
                            const uint8_t *bytes, size_t size)
{
    sim_recorder_t *recorder = context;
    (void)sim, (void)from, (void)to;
    if (recorder->is_off)
        return SIM_PASS;
    if (recorder->count == recorder->capacity) {
        recorder->capacity = recorder->capacity * 2 + 64;
        recorder->frames = realloc(recorder->frames, recorder->capacity * sizeof *recorder->frames);
        recorder->sizes = realloc(recorder->sizes, recorder->capacity * sizeof *recorder->sizes);
    }
    recorder->frames[recorder->count] = sim_copy(bytes, size);
    recorder->sizes[recorder->count++] = size;
    return SIM_PASS;
}

static uint32_t relay_link(const sim_peer_t *peer)
{
    for (size_t i = 0; i < peer->link_count; i++) {
        if (!peer->links[i].is_rtc)
            return peer->links[i].link;
    }
    return 0;
}

/* All of it again, as often and in the order that a relay of ill will likes. */
static void say_again(sim_t *sim, const sim_recorder_t *recorder, sim_peer_t *victim)
{
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < recorder->count; i++) {
            size_t at = round == 1 ? recorder->count - 1 - i : i;
            sim_peer_step(victim, &(nkt_event_t){.kind = NKT_EV_LINK_DATA,
                                                 .link = relay_link(victim),
                                                 .bytes = recorder->frames[at],
                                                 .bytes_size = recorder->sizes[at]});
            if (i % 8 == 7)
                sim_run(sim, 20);
        }
        sim_run(sim, 1000);
    }
}

/* Those who left are not there, those who are there are not re-keyed, nothing is heard twice
 * (book.c), and it costs little. */
static double judge(sim_t *sim, const sim_recorder_t *recorder, sim_peer_t *victim,
                    sim_peer_t *gone, double *frames)
{
    uint64_t news = sim_view(victim, gone)->user_count, rekeys = victim->counts.rekeys;
    double before = sim_peer_health(victim, "counters.framesOut") +
                    sim_peer_health(victim, "counters.forwarded");
    say_again(sim, recorder, victim);
    SIM_CHECK(sim, victim->counts.rekeys == rekeys);
    uint32_t flags = sim_view(victim, gone)->flags;
    if (sim_view(victim, gone)->user_count != news &&
        !(flags & (NKT_USER_GONE | NKT_USER_UNREACHABLE)))
        sim_fail(sim, "%s is taken for present", gone->name);
    double out = sim_peer_health(victim, "counters.framesOut") +
                 sim_peer_health(victim, "counters.forwarded") - before;
    *frames = sim_larger(*frames, out / (double)(3 * recorder->count));
    return sim_peer_health(victim, "dropped.NKT_E_EXPIRED");
}

/* skew: of the one whose words are said again; to whom it is off, it is asked, and does not answer.
 */
static void replay_run(uint64_t seed, int64_t skew_ms, double *frames, double *expired)
{
    sim_recorder_t recorder = {0};
    sim_options_t options = sim_defaults(seed);
    options.persist = 1;
    options.cut_permille = 1000; /* all goes through the relay, which keeps a copy */
    sim_t *sim = sim_new(&options);
    sim_malice_set(sim, &(sim_malice_t){.context = &recorder, .relay = record});
    sim_peers_start(sim, 3, 50);
    sim_peer_t *victim = sim->peers[0], *gone = sim_peer_add_skewed(sim, skew_ms);
    sim_peer_start(gone);
    sim_until(sim, sim_all_met, 10000, "met");
    for (int i = 0; i < 20; i++) {
        sim_say(gone, i % 2 == 0 ? victim : NULL);
        sim_say_clear(gone);
        sim_run(sim, 500);
    }
    sim_until(sim, sim_all_delivered, 5000, "delivered");
    sim_peer_crash(gone);
    sim_run(sim, 15 * MINUTE_MS);
    recorder.is_off = 1;
    judge(sim, &recorder, victim, gone, frames);
    sim_run(sim, 3 * HOUR_MS);
    judge(sim, &recorder, victim, gone, frames);
    sim_peer_crash(victim); /* its seen-set and what it knew of clocks are gone */
    sim_run(sim, MINUTE_MS);
    sim_peer_start(victim);
    sim_run(sim, 5000);
    sim_until(sim, sim_all_met, 15000, "back");
    *expired += judge(sim, &recorder, victim, gone, frames);
    sim_peer_crash(victim);
    sim_peer_forget(victim, "identity"); /* and it never heard of anybody */
    sim_peer_start(victim);
    sim_run(sim, 5000);
    sim_until(sim, sim_all_have_sessions, 15000, "back with nothing");
    *expired += judge(sim, &recorder, victim, gone, frames);
    sim_say(sim->peers[1], NULL);
    sim_until(sim, sim_all_delivered, 5000, "the others go on");
    for (size_t i = 0; i < recorder.count; i++)
        free(recorder.frames[i]);
    free(recorder.frames);
    free(recorder.sizes);
    sim_free(sim);
}

void scenario_said_again(const sim_run_options_t *run)
{
    double frames = 0, expired = 0;
    replay_run(run->seed, 0, &frames, &expired);
    for (size_t i = 0; i < SIM_OFF_COUNT; i++)
        replay_run(run->seed, sim_offs[i], &frames, &expired);
    sim_figure_list_t figures = {0};
    sim_options_t options = sim_defaults(run->seed);
    sim_t *sim = sim_new(&options);
    sim_figure_most(&figures, "frames_out_per_replay", frames, 0.5);
    sim_figure_least(&figures, "refused_by_time", expired, 1);
    sim_figures_print(sim, &figures);
    sim_free(sim);
}
