/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keepers that fail: damaged, full, with wrong clocks, or of ill will; and what is not kept for ever. */
#include <stdlib.h>
#include <string.h>

#include "keepers.h"
#include "scenarios.h"
#include "wire/limits.h"

enum { SECOND_MS = 1000, MINUTE_MS = 60000, HOUR_MS = 3600000, DAY_MS = 86400000, BACK_MS_MAX = 5000 };

/* What a keeper's storage was at some time, put back later. */
static sim_record_t *storage_copy(const sim_peer_t *peer, size_t *count)
{
    sim_record_t *copy = sim_alloc(peer->record_count + 1, sizeof *copy);
    for (*count = 0; *count < peer->record_count; *count += 1) {
        copy[*count] = peer->records[*count];
        copy[*count].name = sim_alloc(strlen(peer->records[*count].name) + 1, 1);
        memcpy(copy[*count].name, peer->records[*count].name, strlen(peer->records[*count].name));
        copy[*count].bytes = sim_alloc(copy[*count].bytes_size + 1, 1);
        memcpy(copy[*count].bytes, peer->records[*count].bytes, copy[*count].bytes_size);
    }
    return copy;
}

/* Whatever it handed over, it hands over again, days later: from a backup, or of ill will. */
void scenario_keeper_again(const sim_run_options_t *run)
{
    keepers_t cast = keepers_make(run->seed, 1, 0);
    sim_t *sim = cast.sim;
    sim_peer_stop(cast.b);
    sim_run(sim, MINUTE_MS);
    uint32_t first = sim->book.said_count;
    keepers_speak_and_go(&cast, 30, 100);
    size_t count;
    sim_record_t *backup = storage_copy(cast.keeper, &count);
    sim_peer_start(cast.b);
    keepers_all_heard(sim, cast.b, first, sim->book.said_count, BACK_MS_MAX);
    sim_run(sim, 4 * (uint64_t)DAY_MS);
    for (int i = 0; i < 2; i++) {
        sim_peer_crash(i == 0 ? cast.b : cast.keeper);
        sim_peer_crash(i == 0 ? cast.keeper : cast.b);
        sim_host_records_free(cast.keeper);
        size_t at = count;
        cast.keeper->records = i == 0 ? storage_copy(&(sim_peer_t){.records = backup, .record_count = count}, &at) : backup;
        cast.keeper->record_count = cast.keeper->record_capacity = at;
        sim_peer_start(cast.b);
        sim_peer_start(cast.keeper);
        sim_run(sim, DAY_MS / 2);
    }
    SIM_CHECK(sim, keepers_figure(cast.keeper, "counters.lettersHanded") > 0); /* and nothing was heard twice (book.c) */
    sim_figures(sim, "handed", keepers_figure(cast.keeper, "counters.lettersHanded"), "replays",
                keepers_figure(cast.b, "dropped.NKT_E_REPLAY"), NULL);
    sim_free(sim);
}

/* Two keepers: one is gone for good, the other lost some of it. */
void scenario_keeper_damaged(const sim_run_options_t *run)
{
    keepers_t cast = keepers_make(run->seed, 2, 0);
    sim_t *sim = cast.sim;
    sim_peer_stop(cast.b);
    sim_run(sim, MINUTE_MS);
    uint32_t first = sim->book.said_count;
    for (uint32_t i = 0; i < 90; i++) {
        sim_say_size(cast.a, i % 3 == 0 ? NULL : cast.b, 1000);
        sim_run(sim, 300);
    }
    keepers_all_kept(sim, cast.a);
    sim_peer_crash(cast.a);
    sim_peer_crash(cast.second);
    sim_peer_crash(cast.keeper);
    size_t pages = 0, damaged = run->seed % 3;
    while (sim_peer_record(cast.keeper, "kept/", pages) != NULL)
        pages++;
    SIM_CHECK(sim, pages > 5);
    sim_record_t *record = sim_peer_record(cast.keeper, "kept/", damaged); /* the first has keys in it */
    record->bytes[record->bytes_size / 2] ^= 1;
    sim_peer_start(cast.keeper);
    sim_run(sim, HOUR_MS);
    sim_peer_start(cast.b);
    sim_run(sim, BACK_MS_MAX);
    uint32_t lost = 0;
    for (uint32_t n = first; n < sim->book.said_count; n++)
        lost += sim_heard_count(sim, n, cast.b) == 0;
    SIM_CHECK(sim, lost > 0 && lost <= NKT_KEPT_PAGE_COUNT_MAX && lost < 90 / 5);
    sim_peer_start(cast.second); /* it has them all */
    sim_run(sim, 2 * BACK_MS_MAX);
    for (uint32_t n = first; n < sim->book.said_count; n++)
        SIM_CHECK(sim, sim_heard_count(sim, n, cast.b) == 1);
    sim_figures(sim, "pages", (double)pages, "lost", (double)lost, NULL);
    sim_free(sim);
}

/* One fills all that a keeper has for one author, and more: what another said is there. */
void scenario_keeper_full(const sim_run_options_t *run)
{
    enum { FLOOD = 400, SIZE = 50000, SAID = 20 };
    keepers_t cast = keepers_make(run->seed, 1, 1);
    sim_t *sim = cast.sim;
    sim_peer_t *loud = sim->peers[3];
    sim_peer_stop(cast.b);
    sim_run(sim, MINUTE_MS);
    uint32_t first = sim->book.said_count;
    for (uint32_t i = 0; i < SAID; i++) {
        sim_say(cast.a, i % 2 == 0 ? NULL : cast.b);
        sim_run(sim, 100);
    }
    uint32_t end = sim->book.said_count;
    keepers_all_kept(sim, cast.a);
    for (uint32_t i = 0; i < FLOOD; i++) {
        sim_say_size(loud, i % 2 == 0 ? NULL : cast.b, SIZE);
        sim_run(sim, 500);
    }
    keepers_all_kept(sim, loud);
    double bytes = keepers_figure(cast.keeper, "keeper.bytes");
    SIM_CHECK(sim, bytes <= NKT_KEPT_FROM_SIZE_MAX + SAID * 2000 && bytes > NKT_KEPT_FROM_SIZE_MAX / 2);
    sim_peer_crash(cast.a);
    sim_peer_crash(loud);
    sim_run(sim, DAY_MS);
    sim_peer_start(cast.b);
    uint64_t ms = keepers_all_heard(sim, cast.b, first, end, BACK_MS_MAX);
    sim_run(sim, MINUTE_MS);
    sim_figures(sim, "heard_ms", (double)ms, "bytes", bytes, "memory_mib", (double)cast.keeper->core_size_max / 1048576, NULL);
    sim_free(sim);
}

/* Nothing is kept for ever: after 7 days letters are gone, a day later their keys. */
void scenario_keeper_expires(const sim_run_options_t *run)
{
    keepers_t cast = keepers_make(run->seed, 1, 0);
    sim_t *sim = cast.sim;
    sim_peer_stop(cast.b);
    sim_run(sim, MINUTE_MS);
    uint32_t first = sim->book.said_count;
    keepers_speak_and_go(&cast, 9, 300);
    SIM_CHECK(sim, keepers_figure(cast.keeper, "keeper.count") > 3);
    sim_run(sim, 3 * (uint64_t)DAY_MS);
    keepers_restart(sim, cast.keeper, 0);
    sim_run(sim, 4 * (uint64_t)DAY_MS);
    double keys = keepers_figure(cast.keeper, "keeper.count");
    SIM_CHECK(sim, keys >= 1 && keys <= 3);
    sim_run(sim, DAY_MS);
    SIM_CHECK(sim, keepers_figure(cast.keeper, "keeper.count") == 0 && sim_peer_record(cast.keeper, "kept/", 0) == NULL &&
                       sim_peer_record(cast.keeper, "keys/", 0) == NULL);
    sim_peer_start(cast.b);
    sim_run(sim, MINUTE_MS);
    for (uint32_t n = first; n < sim->book.said_count; n++)
        SIM_CHECK(sim, sim_heard_count(sim, n, cast.b) == 0);
    sim_figures(sim, "keys_after_7_days", keys, NULL);
    sim_free(sim);
}

/* A keeper whose wall clock is wrong, or is set, while it runs, while it is off, or after it has started. */
typedef struct keeper_jump {
    int64_t running_ms, off_ms, started_ms;
} keeper_jump_t;

static void jump_run(sim_t *sim, sim_peer_t *keeper, const keeper_jump_t *jump)
{
    sim_peer_clock_jump(keeper, jump->running_ms);
    sim_run(sim, HOUR_MS);
    sim_peer_crash(keeper);
    sim_peer_clock_jump(keeper, jump->off_ms);
    sim_run(sim, HOUR_MS);
    sim_peer_start(keeper);
    sim_run(sim, 10 * SECOND_MS);
    sim_peer_clock_jump(keeper, jump->started_ms);
    for (int i = 0; i < 11; i++) { /* started again twice a day */
        sim_run(sim, 12 * HOUR_MS);
        keepers_restart(sim, keeper, i % 2);
    }
}

void scenario_keeper_clock(const sim_run_options_t *run)
{
    static const int64_t far = 30 * (int64_t)DAY_MS;
    const keeper_jump_t jumps[] = {{far, 0, 0}, {-far, 0, 0}, {0, -far, 0}, {0, far, -far}, {0, -far, far}, {far, -far, 0}, {-far, far, 0}};
    double slowest_ms = 0, left = 0;
    for (size_t i = 0; i < sizeof jumps / sizeof jumps[0]; i++) {
        keepers_t cast = keepers_make(run->seed, 1, 0);
        sim_t *sim = cast.sim;
        sim_peer_stop(cast.b);
        sim_peer_t *late = sim_peer_add(sim, NULL); /* known, and away for longer */
        sim_peer_start(late);
        sim_until(sim, sim_all_have_sessions, 60000, "sessions");
        sim_peer_crash(late);
        sim_run(sim, MINUTE_MS);
        uint32_t first = sim->book.said_count;
        keepers_speak_and_go(&cast, 9, 300);
        jump_run(sim, cast.keeper, &jumps[i]);
        sim_peer_start(cast.b);
        double ms = (double)keepers_all_heard(sim, cast.b, first, sim->book.said_count, BACK_MS_MAX);
        slowest_ms = ms > slowest_ms ? ms : slowest_ms;
        sim_peer_stop(cast.b);
        for (int k = 0; k < 7; k++) {
            sim_run(sim, 12 * HOUR_MS);
            keepers_restart(sim, cast.keeper, 0);
        }
        sim_run(sim, 2 * HOUR_MS);
        left = keepers_figure(cast.keeper, "keeper.count") > left ? keepers_figure(cast.keeper, "keeper.count") : left;
        sim_free(sim);
    }
    sim_options_t options = sim_defaults(run->seed);
    sim_t *sim = sim_new(&options);
    SIM_CHECK(sim, left == 0);
    sim_figures(sim, "heard_ms", slowest_ms, "left", left, NULL);
    sim_free(sim);
}
