/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keepers: what is said to those who are away for days, by authors who never come back. */
#include <stdlib.h>
#include <string.h>

#include "keepers.h"
#include "scenarios.h"
#include "wire/limits.h"

enum { SECOND_MS = 1000, MINUTE_MS = 60000, HOUR_MS = 3600000, DAY_MS = 86400000, BACK_MS_MAX = 5000 };

void scenario_keeper(const sim_run_options_t *run)
{
    static const uint64_t away_ms[] = {HOUR_MS, DAY_MS, 6 * (uint64_t)DAY_MS};
    double ms[3], bytes = 0;
    for (int i = 0; i < 3; i++) {
        keepers_t cast = keepers_make(run->seed, 1, 0);
        sim_t *sim = cast.sim;
        if (i % 2 == 0)
            sim_peer_stop(cast.b);
        else
            sim_peer_crash(cast.b);
        sim_run(sim, MINUTE_MS);
        uint32_t first = sim->book.said_count;
        keepers_speak_and_go(&cast, 30, 300);
        sim_run(sim, away_ms[i] / 2);
        keepers_restart(sim, cast.keeper, i % 2);
        sim_run(sim, away_ms[i] / 2);
        bytes = keepers_figure(cast.keeper, "keeper.bytes");
        sim_peer_start(cast.b);
        ms[i] = (double)keepers_all_heard(sim, cast.b, first, sim->book.said_count, BACK_MS_MAX);
        sim_run(sim, MINUTE_MS);
        keepers_restart(sim, cast.keeper, 1);
        sim_peer_crash(cast.b);
        sim_run(sim, MINUTE_MS);
        sim_peer_start(cast.b); /* nothing is heard twice (book.c) */
        sim_run(sim, 20 * MINUTE_MS);
        if (i == 2)
            sim_figures(sim, "hour_ms", ms[0], "day_ms", ms[1], "six_days_ms", ms[2], "kept_bytes", bytes, "left",
                        keepers_figure(cast.keeper, "keeper.count"), NULL);
        sim_free(sim);
    }
}

/* More than a session may skip, one by one, and again after it was back for a moment. */
void scenario_keeper_thousand(const sim_run_options_t *run)
{
    enum { COUNT = 1000 };
    keepers_t cast = keepers_make(run->seed, 1, 0);
    sim_t *sim = cast.sim;
    sim_peer_stop(cast.b);
    sim_run(sim, MINUTE_MS);
    uint32_t first = sim->book.said_count;
    for (uint32_t i = 0; i < COUNT; i++) {
        sim_say(cast.a, i % 2 == 0 ? NULL : cast.b);
        sim_run(sim, i % 100 == 0 ? HOUR_MS : 150);
    }
    keepers_all_kept(sim, cast.a);
    sim_peer_crash(cast.a);
    sim_run(sim, 5 * (uint64_t)DAY_MS);
    double letters = keepers_figure(cast.keeper, "keeper.count"), bytes = keepers_figure(cast.keeper, "keeper.bytes");
    sim_peer_start(cast.b);
    uint64_t ms = keepers_all_heard(sim, cast.b, first, sim->book.said_count, BACK_MS_MAX);
    sim_figures(sim, "heard_ms", (double)ms, "letters", letters, "bytes", bytes, "puts", (double)cast.keeper->counts.puts, NULL);
    sim_free(sim);
}

/* Life after life of one author, on other days; then two of its keepers have the same. */
void scenario_keeper_lives(const sim_run_options_t *run)
{
    enum { LIFE_COUNT = 10, SAY_COUNT = 6 };
    keepers_t cast = keepers_make(run->seed, 2, 0);
    sim_t *sim = cast.sim;
    sim_peer_crash(cast.b);
    sim_run(sim, MINUTE_MS);
    uint32_t first = sim->book.said_count;
    for (uint32_t life = 0; life < LIFE_COUNT; life++) {
        keepers_speak_and_go(&cast, SAY_COUNT, 500);
        sim_run(sim, 12 * HOUR_MS);
        if (life < LIFE_COUNT - 1)
            sim_peer_start(cast.a);
        sim_run(sim, MINUTE_MS);
    }
    sim_peer_start(cast.b);
    uint64_t ms = keepers_all_heard(sim, cast.b, first, sim->book.said_count, BACK_MS_MAX);
    sim_run(sim, MINUTE_MS);
    sim_peer_start(cast.a); /* it says again what it does not know to be heard */
    sim_until(sim, sim_all_delivered, 30000, "known to be heard");
    sim_figures(sim, "heard_ms", (double)ms, NULL);
    sim_free(sim);
}

/* Its author stays: what a keeper has does not fail after a day, and is known to be heard when it was. */
void scenario_keeper_waits(const sim_run_options_t *run)
{
    keepers_t cast = keepers_make(run->seed, 1, 0);
    sim_t *sim = cast.sim;
    sim_peer_stop(cast.b);
    sim_run(sim, MINUTE_MS);
    uint32_t first = sim->book.said_count;
    for (uint32_t i = 0; i < 5; i++)
        sim_say(cast.a, cast.b);
    keepers_all_kept(sim, cast.a);
    sim_run(sim, DAY_MS + 6 * HOUR_MS);
    if (run->seed % 2 == 0) {
        sim_peer_crash(cast.a);
        sim_peer_start(cast.a);
    }
    sim_run(sim, DAY_MS);
    for (uint32_t n = first; n < sim->book.said_count; n++)
        SIM_CHECK(sim, sim_delivery_state(sim, n, cast.b) != NKT_DELIVERY_FAILED);
    sim_peer_start(cast.b);
    uint64_t ms = keepers_all_heard(sim, cast.b, first, sim->book.said_count, BACK_MS_MAX);
    uint64_t acked_ms = sim_until(sim, sim_all_delivered, 30000, "known to be heard");
    sim_figures(sim, "heard_ms", (double)ms, "acked_ms", (double)acked_ms, NULL);
    sim_free(sim);
}

/* Many are away: a message to all costs one letter, however many they are. Those who are here get it under the sender key. */
void scenario_keeper_many(const sim_run_options_t *run)
{
    enum { AWAY = 12, HERE = 18, SAID = 40 };
    keepers_t cast = keepers_make(run->seed, 1, AWAY + HERE);
    sim_t *sim = cast.sim;
    for (uint32_t i = 0; i < AWAY; i++) /* half of them say good-bye; that the others are gone shows when they do not answer */
        i % 2 == 0 ? sim_peer_crash(sim->peers[3 + i]) : sim_peer_stop(sim->peers[3 + i]);
    sim_peer_crash(cast.b);
    sim_run(sim, MINUTE_MS);
    uint32_t first = sim->book.said_count;
    sim_say(cast.a, NULL);
    sim_run(sim, NKT_SILENT_MS + 15000); /* the keys are given */
    double before = keepers_figure(cast.keeper, "keeper.count"), broadcast = keepers_figure(cast.a, "counters.groupOut");
    for (uint32_t i = 1; i < SAID; i++) {
        sim_say(cast.a, NULL);
        sim_run(sim, 1000);
    }
    keepers_all_kept(sim, cast.a);
    double letters = keepers_figure(cast.keeper, "keeper.count") - before;
    SIM_CHECK(sim, keepers_figure(cast.a, "counters.groupOut") - broadcast > SAID / 2);
    sim_peer_crash(cast.a);
    sim_run(sim, HOUR_MS);
    uint64_t slowest_ms = 0;
    for (uint32_t i = 0; i <= AWAY; i++) {
        sim_peer_t *back = i == AWAY ? cast.b : sim->peers[3 + i];
        sim_peer_start(back);
        uint64_t ms = keepers_all_heard(sim, back, first, first + SAID, BACK_MS_MAX);
        slowest_ms = ms > slowest_ms ? ms : slowest_ms;
    }
    SIM_CHECK(sim, letters >= SAID - 1 && letters <= SAID + 2 * (AWAY + 1)); /* not SAID times AWAY: some are noticed late */
    sim_run(sim, MINUTE_MS);
    sim_peer_start(cast.a); /* says again in sessions what it does not know to be heard: nothing twice (book.c) */
    sim_until(sim, sim_all_delivered, 60000, "known to be heard");
    sim_figures(sim, "heard_ms", (double)slowest_ms, "letters", letters, NULL);
    sim_free(sim);
}
