/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keepers: what is said to those who are away for days, by authors who never come back. */
#include <stdlib.h>
#include <string.h>

#include "scenarios.h"

#include "wire/limits.h"

enum { SECOND_MS = 1000, MINUTE_MS = 60000, HOUR_MS = 3600000, DAY_MS = 86400000, BACK_MS_MAX = 5000 };

typedef struct cast {
    sim_t *sim;
    sim_peer_t *a, *b, *keeper, *second; /* author, recipient, keepers */
} cast_t;

static sim_peer_t *keeper_add(sim_t *sim)
{
    sim_peer_options_t options = sim_peer_defaults(sim);
    options.keeper = 1;
    return sim_peer_add(sim, &options);
}

static cast_t cast_make(uint64_t seed, int keeper_count, uint32_t others)
{
    sim_options_t options = sim_defaults(seed);
    options.persist = 1;
    options.put_ms = (sim_range_t){1, 10};
    options.peer_count_max = 8 + others;
    cast_t cast = {.sim = sim_new(&options)};
    cast.a = sim_peer_add(cast.sim, NULL);
    cast.b = sim_peer_add(cast.sim, NULL);
    cast.keeper = keeper_add(cast.sim);
    cast.second = keeper_count > 1 ? keeper_add(cast.sim) : NULL;
    for (uint32_t i = 0; i < cast.sim->peer_count; i++)
        sim_peer_start(cast.sim->peers[i]);
    sim_peers_start(cast.sim, others, 20);
    sim_until(cast.sim, others > 10 ? sim_all_know_all : sim_all_are_linked, 60000, "links");
    sim_until(cast.sim, sim_all_have_sessions, 60000, "sessions");
    return cast;
}

static double kept(const sim_peer_t *keeper, const char *what)
{
    sim_peer_t *peer = (sim_peer_t *)(uintptr_t)keeper;
    return sim_peer_health(peer, what);
}

/* Runs until that peer has heard all of them, in order, and returns how long that took. */
static uint64_t all_heard(sim_t *sim, const sim_peer_t *by, uint32_t first, uint32_t end, uint64_t limit_ms)
{
    uint64_t begun_ms = sim->now_ms;
    for (uint32_t n = first; n < end;) {
        const sim_said_t *said = &sim->book.said[n];
        if (said->to != SIM_NOBODY && said->to != by->index)
            n++;
        else if (sim_heard_count(sim, n, by) > 0)
            n++;
        else if (sim->now_ms - begun_ms >= limit_ms)
            sim_fail(sim, "%s did not hear #%u of %u-%u", by->name, n, first, end - 1);
        else
            sim_run(sim, 10);
    }
    uint64_t took_ms = sim->now_ms - begun_ms;
    uint32_t before = 0;
    for (uint32_t n = first; n < end; n++) {
        const sim_said_t *said = &sim->book.said[n];
        if (said->to != SIM_NOBODY && said->to != by->index)
            continue;
        SIM_CHECK(sim, sim_heard_count(sim, n, by) == 1);
        if (said->heard_place[by->index] <= before)
            sim_fail(sim, "%s heard #%u out of order", by->name, n);
        before = said->heard_place[by->index];
    }
    return took_ms;
}

/* All of them, for the keepers to have. */
static void all_kept(sim_t *sim, sim_peer_t *author)
{
    uint64_t begun_ms = sim->now_ms;
    do {
        sim_run(sim, 200);
        SIM_CHECK(sim, sim->now_ms - begun_ms < 20000);
    } while (sim_peer_health(author, "keeper.toKeepers") > 0);
}

static void keeper_again(sim_t *sim, sim_peer_t *keeper, int is_crash)
{
    if (is_crash)
        sim_peer_crash(keeper);
    else
        sim_peer_stop(keeper);
    sim_run(sim, MINUTE_MS);
    sim_peer_start(keeper);
}

/* Says so many, to b and to all, and leaves for good. */
static void speak_and_go(cast_t *cast, uint32_t count, uint32_t gap_ms)
{
    for (uint32_t i = 0; i < count; i++) {
        sim_say(cast->a, i % 3 == 0 ? NULL : cast->b);
        sim_run(cast->sim, gap_ms);
    }
    all_kept(cast->sim, cast->a);
    sim_peer_crash(cast->a);
}

void scenario_keeper(const sim_run_options_t *run)
{
    static const uint64_t away_ms[] = {HOUR_MS, DAY_MS, 6 * (uint64_t)DAY_MS};
    double ms[3], bytes = 0;
    for (int i = 0; i < 3; i++) {
        cast_t cast = cast_make(run->seed, 1, 0);
        sim_t *sim = cast.sim;
        if (i % 2 == 0)
            sim_peer_stop(cast.b);
        else
            sim_peer_crash(cast.b);
        sim_run(sim, MINUTE_MS);
        uint32_t first = sim->book.said_count;
        speak_and_go(&cast, 30, 300);
        sim_run(sim, away_ms[i] / 2);
        keeper_again(sim, cast.keeper, i % 2);
        sim_run(sim, away_ms[i] / 2);
        bytes = kept(cast.keeper, "keeper.bytes");
        sim_peer_start(cast.b);
        ms[i] = (double)all_heard(sim, cast.b, first, sim->book.said_count, BACK_MS_MAX);
        sim_run(sim, MINUTE_MS);
        keeper_again(sim, cast.keeper, 1);
        sim_peer_crash(cast.b);
        sim_run(sim, MINUTE_MS);
        sim_peer_start(cast.b); /* nothing is heard twice (book.c) */
        sim_run(sim, 20 * MINUTE_MS);
        if (i == 2)
            sim_figures(sim, "hour_ms", ms[0], "day_ms", ms[1], "six_days_ms", ms[2], "kept_bytes", bytes, "left",
                        kept(cast.keeper, "keeper.count"), NULL);
        sim_free(sim);
    }
}

/* More than a session may skip, one by one, and again after it was back for a moment. */
void scenario_keeper_thousand(const sim_run_options_t *run)
{
    enum { COUNT = 1000 };
    cast_t cast = cast_make(run->seed, 1, 0);
    sim_t *sim = cast.sim;
    sim_peer_stop(cast.b);
    sim_run(sim, MINUTE_MS);
    uint32_t first = sim->book.said_count;
    for (uint32_t i = 0; i < COUNT; i++) {
        sim_say(cast.a, i % 2 == 0 ? NULL : cast.b);
        sim_run(sim, i % 100 == 0 ? HOUR_MS : 150);
    }
    all_kept(sim, cast.a);
    sim_peer_crash(cast.a);
    sim_run(sim, 5 * (uint64_t)DAY_MS);
    double letters = kept(cast.keeper, "keeper.count"), bytes = kept(cast.keeper, "keeper.bytes");
    sim_peer_start(cast.b);
    uint64_t ms = all_heard(sim, cast.b, first, sim->book.said_count, BACK_MS_MAX);
    sim_figures(sim, "heard_ms", (double)ms, "letters", letters, "bytes", bytes, "puts", (double)cast.keeper->counts.puts, NULL);
    sim_free(sim);
}

/* Life after life of one author, on other days; then two of its keepers have the same. */
void scenario_keeper_lives(const sim_run_options_t *run)
{
    enum { LIFE_COUNT = 10, SAY_COUNT = 6 };
    cast_t cast = cast_make(run->seed, 2, 0);
    sim_t *sim = cast.sim;
    sim_peer_crash(cast.b);
    sim_run(sim, MINUTE_MS);
    uint32_t first = sim->book.said_count;
    for (uint32_t life = 0; life < LIFE_COUNT; life++) {
        speak_and_go(&cast, SAY_COUNT, 500);
        sim_run(sim, 12 * HOUR_MS);
        if (life < LIFE_COUNT - 1)
            sim_peer_start(cast.a);
        sim_run(sim, MINUTE_MS);
    }
    sim_peer_start(cast.b);
    uint64_t ms = all_heard(sim, cast.b, first, sim->book.said_count, BACK_MS_MAX);
    sim_run(sim, MINUTE_MS);
    sim_peer_start(cast.a); /* it says again what it does not know to be heard */
    sim_until(sim, sim_all_delivered, 30000, "known to be heard");
    sim_figures(sim, "heard_ms", (double)ms, NULL);
    sim_free(sim);
}

/* Its author stays: what a keeper has does not fail after a day, and is known to be heard when it was. */
void scenario_keeper_waits(const sim_run_options_t *run)
{
    cast_t cast = cast_make(run->seed, 1, 0);
    sim_t *sim = cast.sim;
    sim_peer_stop(cast.b);
    sim_run(sim, MINUTE_MS);
    uint32_t first = sim->book.said_count;
    for (uint32_t i = 0; i < 5; i++)
        sim_say(cast.a, cast.b);
    all_kept(sim, cast.a);
    sim_run(sim, DAY_MS + 6 * HOUR_MS);
    if (run->seed % 2 == 0) {
        sim_peer_crash(cast.a);
        sim_peer_start(cast.a);
    }
    sim_run(sim, DAY_MS);
    for (uint32_t n = first; n < sim->book.said_count; n++)
        SIM_CHECK(sim, sim_delivery_state(sim, n, cast.b) != NKT_DELIVERY_FAILED);
    sim_peer_start(cast.b);
    uint64_t ms = all_heard(sim, cast.b, first, sim->book.said_count, BACK_MS_MAX);
    uint64_t acked_ms = sim_until(sim, sim_all_delivered, 30000, "known to be heard");
    sim_figures(sim, "heard_ms", (double)ms, "acked_ms", (double)acked_ms, NULL);
    sim_free(sim);
}

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
    cast_t cast = cast_make(run->seed, 1, 0);
    sim_t *sim = cast.sim;
    sim_peer_stop(cast.b);
    sim_run(sim, MINUTE_MS);
    uint32_t first = sim->book.said_count;
    speak_and_go(&cast, 30, 100);
    size_t count;
    sim_record_t *backup = storage_copy(cast.keeper, &count);
    sim_peer_start(cast.b);
    all_heard(sim, cast.b, first, sim->book.said_count, BACK_MS_MAX);
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
    SIM_CHECK(sim, kept(cast.keeper, "counters.lettersHanded") > 0); /* and nothing was heard twice (book.c) */
    sim_figures(sim, "handed", kept(cast.keeper, "counters.lettersHanded"), "replays", kept(cast.b, "dropped.NKT_E_REPLAY"), NULL);
    sim_free(sim);
}

/* Two keepers: one is gone for good, the other lost some of it. */
void scenario_keeper_damaged(const sim_run_options_t *run)
{
    cast_t cast = cast_make(run->seed, 2, 0);
    sim_t *sim = cast.sim;
    sim_peer_stop(cast.b);
    sim_run(sim, MINUTE_MS);
    uint32_t first = sim->book.said_count;
    for (uint32_t i = 0; i < 90; i++) {
        sim_say_size(cast.a, i % 3 == 0 ? NULL : cast.b, 1000);
        sim_run(sim, 300);
    }
    all_kept(sim, cast.a);
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
    cast_t cast = cast_make(run->seed, 1, 1);
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
    all_kept(sim, cast.a);
    for (uint32_t i = 0; i < FLOOD; i++) {
        sim_say_size(loud, i % 2 == 0 ? NULL : cast.b, SIZE);
        sim_run(sim, 500);
    }
    all_kept(sim, loud);
    double bytes = kept(cast.keeper, "keeper.bytes");
    SIM_CHECK(sim, bytes <= NKT_KEPT_FROM_SIZE_MAX + SAID * 2000 && bytes > NKT_KEPT_FROM_SIZE_MAX / 2);
    sim_peer_crash(cast.a);
    sim_peer_crash(loud);
    sim_run(sim, DAY_MS);
    sim_peer_start(cast.b);
    uint64_t ms = all_heard(sim, cast.b, first, end, BACK_MS_MAX);
    sim_run(sim, MINUTE_MS);
    sim_figures(sim, "heard_ms", (double)ms, "bytes", bytes, "memory_mib", (double)cast.keeper->core_size_max / 1048576, NULL);
    sim_free(sim);
}

/* Nothing is kept for ever: after 7 days letters are gone, a day later their keys. */
void scenario_keeper_expires(const sim_run_options_t *run)
{
    cast_t cast = cast_make(run->seed, 1, 0);
    sim_t *sim = cast.sim;
    sim_peer_stop(cast.b);
    sim_run(sim, MINUTE_MS);
    uint32_t first = sim->book.said_count;
    speak_and_go(&cast, 9, 300);
    SIM_CHECK(sim, kept(cast.keeper, "keeper.count") > 3);
    sim_run(sim, 3 * (uint64_t)DAY_MS);
    keeper_again(sim, cast.keeper, 0);
    sim_run(sim, 4 * (uint64_t)DAY_MS);
    double keys = kept(cast.keeper, "keeper.count");
    SIM_CHECK(sim, keys >= 1 && keys <= 3);
    sim_run(sim, DAY_MS);
    SIM_CHECK(sim, kept(cast.keeper, "keeper.count") == 0 && sim_peer_record(cast.keeper, "kept/", 0) == NULL &&
                       sim_peer_record(cast.keeper, "keys/", 0) == NULL);
    sim_peer_start(cast.b);
    sim_run(sim, MINUTE_MS);
    for (uint32_t n = first; n < sim->book.said_count; n++)
        SIM_CHECK(sim, sim_heard_count(sim, n, cast.b) == 0);
    sim_figures(sim, "keys_after_7_days", keys, NULL);
    sim_free(sim);
}

/* Many are away: a message to all costs one letter, however many they are. Those who are here get it under the sender key. */
void scenario_keeper_many(const sim_run_options_t *run)
{
    enum { AWAY = 12, HERE = 18, SAID = 40 };
    cast_t cast = cast_make(run->seed, 1, AWAY + HERE);
    sim_t *sim = cast.sim;
    for (uint32_t i = 0; i < AWAY; i++) /* half of them say good-bye; that the others are gone shows when they do not answer */
        i % 2 == 0 ? sim_peer_crash(sim->peers[3 + i]) : sim_peer_stop(sim->peers[3 + i]);
    sim_peer_crash(cast.b);
    sim_run(sim, MINUTE_MS);
    uint32_t first = sim->book.said_count;
    sim_say(cast.a, NULL);
    sim_run(sim, NKT_LETTER_STALL_MS + 15000); /* the keys are given */
    double before = kept(cast.keeper, "keeper.count"), broadcast = kept(cast.a, "counters.groupOut");
    for (uint32_t i = 1; i < SAID; i++) {
        sim_say(cast.a, NULL);
        sim_run(sim, 1000);
    }
    all_kept(sim, cast.a);
    double letters = kept(cast.keeper, "keeper.count") - before;
    SIM_CHECK(sim, kept(cast.a, "counters.groupOut") - broadcast > SAID / 2);
    sim_peer_crash(cast.a);
    sim_run(sim, HOUR_MS);
    uint64_t slowest_ms = 0;
    for (uint32_t i = 0; i <= AWAY; i++) {
        sim_peer_t *back = i == AWAY ? cast.b : sim->peers[3 + i];
        sim_peer_start(back);
        uint64_t ms = all_heard(sim, back, first, first + SAID, BACK_MS_MAX);
        slowest_ms = ms > slowest_ms ? ms : slowest_ms;
    }
    SIM_CHECK(sim, letters >= SAID - 1 && letters <= SAID + 2 * (AWAY + 1)); /* not SAID times AWAY: some are noticed late */
    sim_run(sim, MINUTE_MS);
    sim_peer_start(cast.a); /* says again in sessions what it does not know to be heard: nothing twice (book.c) */
    sim_until(sim, sim_all_delivered, 60000, "known to be heard");
    sim_figures(sim, "heard_ms", (double)slowest_ms, "letters", letters, NULL);
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
        keeper_again(sim, keeper, i % 2);
    }
}

void scenario_keeper_clock(const sim_run_options_t *run)
{
    static const int64_t far = 30 * (int64_t)DAY_MS;
    const keeper_jump_t jumps[] = {{far, 0, 0}, {-far, 0, 0}, {0, -far, 0}, {0, far, -far}, {0, -far, far}, {far, -far, 0}, {-far, far, 0}};
    double slowest_ms = 0, left = 0;
    for (size_t i = 0; i < sizeof jumps / sizeof jumps[0]; i++) {
        cast_t cast = cast_make(run->seed, 1, 0);
        sim_t *sim = cast.sim;
        sim_peer_stop(cast.b);
        sim_peer_t *late = sim_peer_add(sim, NULL); /* known, and away for longer */
        sim_peer_start(late);
        sim_until(sim, sim_all_have_sessions, 60000, "sessions");
        sim_peer_crash(late);
        sim_run(sim, MINUTE_MS);
        uint32_t first = sim->book.said_count;
        speak_and_go(&cast, 9, 300);
        jump_run(sim, cast.keeper, &jumps[i]);
        sim_peer_start(cast.b);
        double ms = (double)all_heard(sim, cast.b, first, sim->book.said_count, BACK_MS_MAX);
        slowest_ms = ms > slowest_ms ? ms : slowest_ms;
        sim_peer_stop(cast.b);
        for (int k = 0; k < 7; k++) {
            sim_run(sim, 12 * HOUR_MS);
            keeper_again(sim, cast.keeper, 0);
        }
        sim_run(sim, 2 * HOUR_MS);
        left = kept(cast.keeper, "keeper.count") > left ? kept(cast.keeper, "keeper.count") : left;
        sim_free(sim);
    }
    sim_options_t options = sim_defaults(run->seed);
    sim_t *sim = sim_new(&options);
    SIM_CHECK(sim, left == 0);
    sim_figures(sim, "heard_ms", slowest_ms, "left", left, NULL);
    sim_free(sim);
}
