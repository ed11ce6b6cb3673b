/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A host sleeps, for half an hour to weeks, with a clock that runs or stands; or it is gone for a second, and back as another. */
#include "scenarios.h"

enum { MINUTE_MS = 60000, HOUR_MS = 3600000, DAY_MS = 86400000 };

static void sleep_once(uint64_t seed, int clock_stops, double *talk_ms, double *attempts, double *told)
{
    enum { COUNT = 5, SLEEPER = 2 };
    sim_options_t options = sim_defaults(seed);
    sim_t *sim = sim_new(&options);
    sim_peers_start(sim, COUNT, 50);
    sim_until(sim, sim_all_are_linked, 30000, "links");
    sim_peer_t *sleeper = sim->peers[SLEEPER];
    sim_peer_sleep(sleeper, HOUR_MS / 2, clock_stops);
    sim_run(sim, HOUR_MS / 2 - 60000);
    uint32_t meanwhile = sim_say(sim->peers[0], NULL);
    sim_run(sim, 59999);
    for (uint32_t i = 0; i < COUNT; i++)
        sim_peer_count_reset(sim->peers[i]);
    sim_run(sim, 1);
    sim_say(sleeper, NULL);
    sim_say(sim->peers[1], sleeper);
    uint64_t ms = sim_until(sim, sim_all_delivered, 5000, "delivered after waking");
    SIM_CHECK(sim, sim_heard_count(sim, meanwhile, sleeper) == 1);
    *talk_ms = (double)ms > *talk_ms ? (double)ms : *talk_ms;
    sim_run(sim, 10000 - ms);
    const sim_peer_counts_t *counts = &sleeper->counts;
    double tried = (double)(counts->socket_opens + counts->rtc_offers + counts->rtc_answers);
    *attempts = tried > *attempts ? tried : *attempts;
    SIM_CHECK(sim, tried <= 10);
    for (uint32_t i = 0; i < COUNT; i++) {
        double of_one = (double)sim_view(sim->peers[i], sleeper)->user_count;
        *told = of_one > *told ? of_one : *told;
    }
    sim_until(sim, sim_all_are_linked, 30000, "links again");
    sim_free(sim);
}

void scenario_sleep(const sim_run_options_t *run)
{
    double talk_ms = 0, attempts = 0, told = 0;
    sleep_once(run->seed, 0, &talk_ms, &attempts, &told);
    sleep_once(run->seed, 1, &talk_ms, &attempts, &told);
    sim_options_t options = sim_defaults(run->seed);
    sim_t *sim = sim_new(&options);
    sim_figures(sim, "talk_ms", talk_ms, "attempts_10s", attempts, "user_effects_of_one", told, NULL);
    sim_free(sim);
}

static double doubted(const sim_t *sim, uint32_t but)
{
    double count = 0;
    for (uint32_t i = 0; i < sim->peer_count; i++)
        count += i == but ? 0 : sim_peer_health(sim->peers[i], "dropped.NKT_E_EXPIRED");
    return count;
}

/* doubts: it goes by the relay alone, and they are what the others did not believe of the sleeper once it was awake. NULL: by
 * all ways. */
static double sleep_run(uint64_t seed, uint64_t ms, int clock_stops, int persist, double *doubts, double *attempts)
{
    enum { COUNT = 4, SLEEPER = 2 };
    sim_options_t options = sim_defaults(seed);
    options.persist = persist;
    options.cut_permille = doubts != NULL ? 1000 : 0;
    options.tracker_count = doubts != NULL ? 0 : options.tracker_count;
    int (*all_are_there)(sim_t *) = doubts != NULL ? sim_all_have_sessions : sim_all_are_linked;
    sim_t *sim = sim_new(&options);
    sim_peers_start(sim, COUNT, 50);
    sim_until(sim, all_are_there, 30000, "links");
    sim_peer_t *sleeper = sim->peers[SLEEPER];
    sim_run(sim, 40 * MINUTE_MS); /* its record is not fresh */
    sim_peer_sleep(sleeper, ms, clock_stops);
    sim_run(sim, ms - 1);
    sim->trace.count = 0;
    sim_peer_count_reset(sleeper);
    sim_run(sim, 2);
    uint64_t begun_ms = sim->now_ms;
    double before = doubted(sim, SLEEPER);
    uint32_t first = sim_say(sleeper, NULL); /* to those whom it knows: it forgot nobody */
    sim_until(sim, sim_all_met, 5000, "met after waking");
    sim_say(sleeper, NULL);
    sim_say(sim->peers[1], sleeper);
    sim_until(sim, sim_all_delivered, 5000, "delivered after waking");
    for (uint32_t i = 0; i < COUNT; i++)
        SIM_CHECK(sim, i == SLEEPER || sim_heard_count(sim, first, sim->peers[i]) == 1);
    double talk_ms = (double)(sim->now_ms - begun_ms);
    sim_run(sim, 10000 - (uint64_t)talk_ms);
    const sim_peer_counts_t *counts = &sleeper->counts;
    *attempts = sim_larger(*attempts,
                       (double)(counts->socket_opens + counts->rtc_offers + counts->rtc_answers));
    if (doubts != NULL)
        *doubts = sim_larger(*doubts, doubted(sim, SLEEPER) - before);
    sim_until(sim, all_are_there, 30000, "links again");
    for (uint32_t i = 0; i < COUNT; i++)
        SIM_CHECK(sim, sim_peer_health(sim->peers[i], "users") == COUNT - 1);
    sim_free(sim);
    return talk_ms;
}

void scenario_sleep_long(const sim_run_options_t *run)
{
    static const uint64_t sleeps[] = {2 * HOUR_MS + 10 * MINUTE_MS, 3 * HOUR_MS, 30 * HOUR_MS,
                                      21 * (uint64_t)DAY_MS};
    sim_figure_list_t figures = {0};
    double talk_ms = 0, weeks_ms = 0, attempts = 0;
    for (size_t i = 0; i < sizeof sleeps / sizeof sleeps[0]; i++) {
        for (int how = 0; how < 4; how++) {
            if (sleeps[i] > 2 * (uint64_t)DAY_MS && how != 1 && how != 2)
                continue; /* one with storage, one without: it takes a while */
            double ms = sleep_run(run->seed, sleeps[i], how & 1, how >> 1, NULL, &attempts);
            double *most = sleeps[i] > 2 * (uint64_t)DAY_MS ? &weeks_ms : &talk_ms;
            *most = sim_larger(*most, ms);
        }
    }
    sim_options_t options = sim_defaults(run->seed);
    sim_t *sim = sim_new(&options);
    sim_figure_most(&figures, "talk_ms", talk_ms, 5000);
    sim_figure_most(&figures, "talk_after_weeks_ms", weeks_ms, 5000);
    sim_figure_most(&figures, "attempts_10s", attempts, 10);
    sim_figures_print(sim, &figures);
    sim_free(sim);
}

/* What the first puts on any way is lost. */
static sim_verdict_t first_is_lost(void *context, sim_t *sim, const sim_peer_t *from, const sim_peer_t *to, const uint8_t *bytes,
                                   size_t size)
{
    (void)context, (void)sim, (void)to, (void)bytes, (void)size;
    return from->index == 0 ? SIM_DROP : SIM_PASS;
}

static sim_verdict_t first_is_mute(void *context, sim_t *sim, const sim_peer_t *from, const sim_peer_t *to, uint8_t *bytes, size_t *size)
{
    return first_is_lost(context, sim, from, to, bytes, *size);
}

/*
 * One hears what the other said, who falls asleep before it is told so, and sleeps for longer than his record lives; or both run and
 * the clock of one is set by a year. Neither is a reason to forget what was heard, or to give up what waits. Nothing is stored here.
 */
static void unheard_run(uint64_t seed, uint64_t ms, int64_t jump_ms)
{
    sim_options_t options = sim_defaults(seed);
    sim_t *sim = sim_new(&options);
    sim_peers_start(sim, 2, 50);
    sim_until(sim, sim_all_are_linked, 30000, "links");
    sim_peer_t *stays = sim->peers[0], *sleeps = sim->peers[1];
    sim_malice_set(sim, &(sim_malice_t){.relay = first_is_lost, .rtc = first_is_mute});
    uint32_t unsure = sim_say(sleeps, stays);
    sim_run(sim, 200);
    SIM_CHECK(sim, sim_heard_count(sim, unsure, stays) == 1 && sim_delivery_state(sim, unsure, sleeps) != NKT_DELIVERY_DELIVERED);
    sim_peer_sleep(sleeps, ms, 0);
    sim_run(sim, MINUTE_MS);
    uint32_t waits = sim_say(stays, sleeps);
    sim_peer_clock_jump(stays, jump_ms);
    sim_run(sim, ms - MINUTE_MS - 1);
    SIM_CHECK(sim, sim_delivery_state(sim, waits, sleeps) != NKT_DELIVERY_FAILED);
    sim_malice_set(sim, &(sim_malice_t){0});
    sim_until(sim, sim_all_delivered, 5000, "delivered after waking"); /* and once: the book looks */
    sim_free(sim);
}

void scenario_sleep_unheard(const sim_run_options_t *run)
{
    static const struct {
        uint64_t ms;
        int64_t jump_ms;
    } rows[] = {{5 * HOUR_MS, 0}, {20 * HOUR_MS, 0}, {5 * HOUR_MS, 366 * (int64_t)DAY_MS}, {5 * HOUR_MS, -366 * (int64_t)DAY_MS}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        unheard_run(run->seed, rows[i].ms, rows[i].jump_ms);
    sim_options_t options = sim_defaults(run->seed);
    sim_t *sim = sim_new(&options);
    sim_figures(sim, "rows", (double)(sizeof rows / sizeof rows[0]), NULL);
    sim_free(sim);
}

void scenario_sleep_relay(const sim_run_options_t *run)
{
    sim_figure_list_t figures = {0};
    double talk_ms = 0, attempts = 0, doubts = 0;
    for (int clock_stops = 0; clock_stops < 2; clock_stops++) {
        talk_ms = sim_larger(talk_ms, sleep_run(run->seed, 3 * HOUR_MS, clock_stops, clock_stops, &doubts, &attempts));
    }
    sim_options_t options = sim_defaults(run->seed);
    sim_t *sim = sim_new(&options);
    sim_figure_most(&figures, "talk_ms", talk_ms, 5000);
    sim_figure_most(&figures, "doubted", doubts, 1); /* its record was renewed as it woke: nobody has to ask what time it has */
    sim_figure_most(&figures, "attempts_10s", attempts, 10);
    sim_figures_print(sim, &figures);
    sim_free(sim);
}

static int is_back(sim_t *sim)
{
    return sim->peers[1]->neighbour_count > 0;
}

/*
 * Its old links stand at the others' ends, so new, and so alive as far as they know, that the new ones could be taken for a race; and
 * those whose part it is to offer it a link believe that they have one.
 */
static void return_run(uint64_t seed, uint64_t up_ms, uint64_t off_ms, double *back_worst_ms, double *left_least, double *hear_worst_ms)
{
    enum { COUNT = 4, SECOND_MS = 1000, DRAINED_MS = 2500 };
    sim_options_t options = sim_defaults(seed);
    options.persist = 1;
    options.tracker_count = 0;
    sim_t *sim = sim_new(&options);
    sim_peers_start(sim, COUNT, 100);
    sim_until(sim, sim_all_are_linked, 20000, "links");
    sim_run(sim, up_ms);
    sim_peer_t *peer = sim->peers[1];
    sim_peer_crash(peer);
    sim_run(sim, off_ms);
    sim_peer_start(peer);
    uint64_t back_ms = sim_until(sim, is_back, 20000, "a link again");
    sim_run(sim, DRAINED_MS / 5); /* one more, perhaps: not all are offered at once */
    uint32_t had = peer->neighbour_count;
    sim_relay_kill(sim, 0);
    sim_run(sim, DRAINED_MS);
    uint32_t left = peer->neighbour_count;
    sim_say(peer, NULL);
    for (uint32_t i = 0; i < COUNT; i++) {
        if (sim->peers[i] != peer)
            sim_say(sim->peers[i], peer);
    }
    sim_until(sim, sim_all_delivered, 10 * SECOND_MS, "delivered");
    *back_worst_ms = sim_larger(*back_worst_ms, (double)back_ms);
    if ((double)left / had < *left_least)
        *left_least = (double)left / had;
    *hear_worst_ms = sim_larger(*hear_worst_ms, (double)sim_book_wait_ms(sim, 100));
    sim_free(sim);
}

void scenario_return_soon(const sim_run_options_t *run)
{
    double back_ms = 0, left_share = 1, hear_ms = 0, left_new_share = 1;
    return_run(run->seed, 3000, 1000, &back_ms, &left_share, &hear_ms);
    return_run(run->seed, 100, 300, &back_ms, &left_new_share, &hear_ms); /* the new ones are begun within the time of a race */
    sim_options_t options = sim_defaults(run->seed);
    sim_t *sim = sim_new(&options);
    sim_figure_list_t figures = {0};
    sim_figure_most(&figures, "back_ms", back_ms, 4000);
    sim_figure_least(&figures, "left_share", left_share, 1);
    sim_figure_least(&figures, "left_new_share", left_new_share, 1);
    sim_figure_most(&figures, "hear_most_ms", hear_ms, 2000);
    sim_figures_print(sim, &figures);
    sim_free(sim);
}
