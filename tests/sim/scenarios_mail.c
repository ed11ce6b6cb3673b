/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The mailbox: what is said to one who is away, by one who leaves, is there when it returns. */
#include <stdlib.h>

#include "memory.h"
#include "swarm.h"

#include "wire/limits.h"

enum { MINUTE_MS = 60000, NOTICE_MS = 45000 /* that one is gone: link, relay, asking */ };

static double kept(sim_t *sim, const char *what)
{
    double sum = 0;
    for (uint32_t i = 0; i < sim->peer_count; i++) {
        if (sim->peers[i]->state == SIM_ON)
            sum += sim_peer_health(sim->peers[i], what);
    }
    return sum;
}

/* Waits until the message was heard, and returns how long that took. */
static uint64_t hear(sim_t *sim, uint32_t number, const sim_peer_t *by, uint64_t limit_ms)
{
    uint64_t begun_ms = sim->now_ms;
    while (sim_heard_count(sim, number, by) == 0 && sim->now_ms - begun_ms < limit_ms)
        sim_run(sim, 50);
    SIM_CHECK(sim, sim_heard_count(sim, number, by) == 1);
    return sim->now_ms - begun_ms;
}

static uint64_t larger(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* B goes, with a word or without; A says something to B and to all, and goes; B is back, without A. */
static uint64_t once(sim_t *sim, int is_crash, int is_offline)
{
    enum { COUNT = 20, BACK_MS_MAX = 15000 }; /* the longest wait before a relay is tried again is 12 s */
    sim_peer_t *a = sim->peers[0], *b = sim->peers[1];
    uint32_t numbers[COUNT];
    uint64_t away_ms = NOTICE_MS + 5 * MINUTE_MS, slowest_ms = 0;
    if (is_offline)
        sim_peer_offline(b, away_ms);
    else if (is_crash)
        sim_peer_crash(b);
    else
        sim_peer_stop(b);
    sim_run(sim, is_crash || is_offline ? NOTICE_MS : 2000);
    for (uint32_t i = 0; i < COUNT; i++) {
        numbers[i] = sim_say(a, i % 4 == 0 ? NULL : b);
        sim_run(sim, 300);
    }
    sim_run(sim, 3000);
    SIM_CHECK(sim, kept(sim, "mailbox.count") > 0);
    if (is_crash)
        sim_peer_crash(a);
    else
        sim_peer_stop(a);
    sim_run(sim, 5 * MINUTE_MS - COUNT * 300 - 3000);
    if (!is_offline)
        sim_peer_start(b);
    for (uint32_t i = 0; i < COUNT; i++)
        slowest_ms = larger(slowest_ms, hear(sim, numbers[i], b, BACK_MS_MAX));
    sim_run(sim, 5000); /* other keepers come too late: nothing is heard twice (book.c) */
    SIM_CHECK(sim, kept(sim, "mailbox.count") <= kept(sim, "counters.mailKept"));
    sim_peer_start(a);
    sim_until(sim, sim_all_have_sessions, 15000, "sessions with the author");
    sim_say(a, b);
    sim_say(b, a);
    sim_until(sim, sim_all_delivered, 15000, "delivered as before");
    return slowest_ms;
}

void scenario_mail(const sim_run_options_t *run)
{
    uint64_t ms[3];
    double handed = 0, frames = 0;
    for (int way = 0; way < 3; way++) {
        sim_options_t options = sim_defaults(run->seed);
        options.persist = 1;
        sim_t *sim = sim_new(&options);
        sim_peers_start(sim, 6, 50);
        sim_until(sim, sim_all_are_linked, 30000, "links");
        sim_until(sim, sim_all_have_sessions, 10000, "sessions");
        ms[way] = once(sim, way == 1, way == 2);
        handed += kept(sim, "counters.mailHanded");
        frames += kept(sim, "counters.mailKept");
        if (way == 2)
            sim_figures(sim, "left_ms", (double)ms[0], "crashed_ms", (double)ms[1], "offline_ms", (double)ms[2], "handed",
                        handed, "kept", frames, NULL);
        sim_free(sim);
    }
}

/* The author loses its network instead, and is back later: it says all of it again, and nothing is heard twice. */
void scenario_mail_again(const sim_run_options_t *run)
{
    sim_options_t options = sim_defaults(run->seed);
    sim_t *sim = sim_new(&options);
    sim_peers_start(sim, 5, 50);
    sim_until(sim, sim_all_are_linked, 30000, "links");
    sim_until(sim, sim_all_have_sessions, 10000, "sessions");
    sim_peer_t *a = sim->peers[0], *b = sim->peers[1];
    sim_peer_offline(b, 6 * MINUTE_MS);
    sim_run(sim, NOTICE_MS);
    uint32_t first = sim_say(a, b), second = sim_say(a, NULL);
    sim_run(sim, 2000);
    sim_peer_offline(a, 10 * MINUTE_MS);
    sim_run(sim, 6 * MINUTE_MS - NOTICE_MS - 2000);
    uint64_t heard_ms = larger(hear(sim, first, b, 10000), hear(sim, second, b, 10000));
    SIM_CHECK(sim, sim_delivery_state(sim, first, b) == NKT_DELIVERY_QUEUED);
    sim_run(sim, 6 * MINUTE_MS);
    uint64_t acked_ms = sim_until(sim, sim_all_delivered, 10000, "acknowledged to the author");
    SIM_CHECK(sim, sim_heard_count(sim, first, b) == 1 && sim_heard_count(sim, second, b) == 1);
    sim_figures(sim, "heard_ms", (double)heard_ms, "acked_ms", (double)acked_ms, "kept_left", kept(sim, "mailbox.count"), NULL);
    sim_free(sim);
}

/* On its way when its recipient goes, and nobody else is there: who is back later keeps it, but no calls. */
void scenario_mail_late(const sim_run_options_t *run)
{
    sim_options_t options = sim_defaults(run->seed);
    options.persist = 1;
    sim_t *sim = sim_new(&options);
    sim_peers_start(sim, 3, 50);
    sim_until(sim, sim_all_are_linked, 30000, "links");
    sim_until(sim, sim_all_have_sessions, 10000, "sessions");
    sim_peer_t *a = sim->peers[0], *b = sim->peers[1];
    sim_peer_offline(sim->peers[2], 2 * MINUTE_MS);
    sim_peer_crash(b);
    uint32_t flying = sim_say(a, b), call = sim_call(a, b);
    sim_run(sim, MINUTE_MS);
    uint32_t waiting = sim_say(a, b);
    SIM_CHECK(sim, kept(sim, "mailbox.count") == 0);
    sim_run(sim, 2 * MINUTE_MS);
    double frames = kept(sim, "mailbox.count");
    SIM_CHECK(sim, frames > 0);
    sim_peer_crash(a);
    sim_peer_start(b);
    uint64_t heard_ms = larger(hear(sim, flying, b, 10000), hear(sim, waiting, b, 10000));
    sim_run(sim, MINUTE_MS);
    SIM_CHECK(sim, sim_heard_count(sim, call, b) == 0);
    sim_figures(sim, "heard_ms", (double)heard_ms, "kept", frames, NULL);
    sim_free(sim);
}

/* The author is gone when the recipient comes, and the other way round: acknowledgements are kept too. */
void scenario_mail_apart(const sim_run_options_t *run)
{
    sim_options_t options = sim_defaults(run->seed);
    options.persist = 1;
    sim_t *sim = sim_new(&options);
    sim_peers_start(sim, 5, 50);
    sim_until(sim, sim_all_are_linked, 30000, "links");
    sim_until(sim, sim_all_have_sessions, 10000, "sessions");
    sim_peer_t *a = sim->peers[0], *b = sim->peers[1];
    sim_peer_stop(b);
    sim_run(sim, 2000);
    uint32_t first = sim_say(a, b), second = sim_say(a, NULL);
    sim_run(sim, 2000);
    int is_new_life = run->seed % 2 == 0;
    if (is_new_life)
        sim_peer_crash(a);
    else
        sim_peer_offline(a, 3 * MINUTE_MS);
    sim_run(sim, MINUTE_MS);
    sim_peer_start(b);
    uint64_t heard_ms = larger(hear(sim, first, b, 10000), hear(sim, second, b, 10000));
    sim_run(sim, 5000);
    sim_peer_stop(b);
    sim_run(sim, 2 * MINUTE_MS);
    if (is_new_life)
        sim_peer_start(a);
    uint64_t begun_ms = sim->now_ms, acked_ms = 0; /* of those who are there alone is everything "delivered" */
    for (; acked_ms < 15000 && sim_delivery_state(sim, first, b) != NKT_DELIVERY_DELIVERED; acked_ms = sim->now_ms - begun_ms)
        sim_run(sim, 50);
    SIM_CHECK(sim, sim_delivery_state(sim, first, b) == NKT_DELIVERY_DELIVERED);
    SIM_CHECK(sim, sim_delivery_state(sim, second, b) == SIM_STATE_LEFT); /* no tick waits for who had left */
    sim_figures(sim, "heard_ms", (double)heard_ms, "acked_ms", (double)acked_ms, NULL);
    sim_free(sim);
}

/* Few links each, no relay: it is kept somewhere, the recipient comes back somewhere else. */
void scenario_mail_overlay(const sim_run_options_t *run)
{
    enum { COUNT = 24, DEGREE = 4, SAID = 10 };
    sim_options_t options = sim_defaults(run->seed);
    options.relay_count = 0;
    options.link_count_max = DEGREE;
    options.peer_count_max = COUNT;
    options.persist = 1;
    sim_t *sim = sim_new(&options);
    sim_peers_start(sim, COUNT, 200);
    sim_until(sim, sim_all_know_all, 120000, "acquaintance");
    sim_run(sim, MINUTE_MS);
    sim_peer_t *a = sim->peers[3], *b = sim->peers[17];
    sim_say(a, b);
    sim_until(sim, sim_all_delivered, 15000, "a session");
    if (run->seed % 2 == 0)
        sim_peer_stop(b);
    else
        sim_peer_crash(b);
    sim_run(sim, 2 * MINUTE_MS);
    uint32_t numbers[SAID];
    for (int i = 0; i < SAID; i++) {
        numbers[i] = sim_say(a, b);
        sim_run(sim, 500);
    }
    double keepers = 0;
    for (uint32_t i = 0; i < COUNT; i++)
        keepers += sim->peers[i]->state == SIM_ON ? sim_peer_health(sim->peers[i], "mailbox.count") > 0 : 0;
    double copies = kept(sim, "mailbox.count");
    SIM_CHECK(sim, copies > 0);
    sim_peer_crash(a);
    sim_run(sim, 2 * MINUTE_MS);
    /* not by a way that leads to where b was: what was kept for others meanwhile, as it seemed, are one or two */
    SIM_CHECK(sim, kept(sim, "counters.mailHanded") * 10 < copies);
    sim_peer_start(b);
    uint64_t heard_ms = 0;
    for (int i = 0; i < SAID; i++)
        heard_ms = larger(heard_ms, hear(sim, numbers[i], b, MINUTE_MS));
    sim_run(sim, 10000);
    sim_figures(sim, "heard_ms", (double)heard_ms, "keepers", keepers, "copies", copies, "handed",
                kept(sim, "counters.mailHanded"), "left", kept(sim, "mailbox.count"), NULL);
    sim_free(sim);
}

/* Nothing is kept for ever; what its author still has arrives all the same. */
void scenario_mail_expires(const sim_run_options_t *run)
{
    sim_options_t options = sim_defaults(run->seed);
    sim_t *sim = sim_new(&options);
    sim_peers_start(sim, 4, 50);
    sim_until(sim, sim_all_have_sessions, 10000, "sessions");
    sim_peer_t *a = sim->peers[0], *b = sim->peers[1];
    sim_peer_offline(b, 40 * MINUTE_MS);
    sim_run(sim, NOTICE_MS);
    uint32_t number = sim_say(a, b);
    sim_run(sim, 2000);
    SIM_CHECK(sim, kept(sim, "mailbox.count") == 2); /* the two others keep it */
    sim_peer_offline(a, 50 * MINUTE_MS);
    sim_run(sim, NKT_MAIL_MS + MINUTE_MS);
    SIM_CHECK(sim, kept(sim, "mailbox.count") == 0 && kept(sim, "mailbox.bytes") == 0);
    sim_run(sim, 40 * MINUTE_MS - NKT_MAIL_MS);
    SIM_CHECK(sim, sim_heard_count(sim, number, b) == 0);
    uint64_t heard_ms = hear(sim, number, b, 12 * MINUTE_MS);
    sim_until(sim, sim_all_delivered, 10000, "acknowledged");
    sim_figures(sim, "heard_ms", (double)heard_ms, NULL);
    sim_free(sim);
}

/* One who says all it can to those who are away fills nobody's box: what another said is there. */
void scenario_mail_flood(const sim_run_options_t *run)
{
    enum { COUNT = 8, FLOOD = 400, SIZE = 4000, SAID = 5 };
    sim_options_t options = sim_defaults(run->seed);
    options.persist = 1;
    sim_t *sim = sim_new(&options);
    sim_peers_start(sim, COUNT, 50);
    sim_until(sim, sim_all_are_linked, 30000, "links");
    sim_until(sim, sim_all_have_sessions, 10000, "sessions");
    sim_peer_t *a = sim->peers[0], *b = sim->peers[1], *c = sim->peers[2], *loud = sim->peers[3];
    sim_peer_stop(b);
    sim_peer_stop(c);
    sim_run(sim, 2000);
    uint32_t numbers[SAID];
    for (int i = 0; i < SAID; i++)
        numbers[i] = sim_say(a, i % 2 == 0 ? b : c);
    for (int i = 0; i < FLOOD; i++) {
        sim_say_size(loud, i % 2 == 0 ? b : c, SIZE);
        sim_run(sim, 20);
    }
    sim_run(sim, 2000);
    double most_count = 0, most_size = 0;
    for (uint32_t i = 0; i < COUNT; i++) {
        if (sim->peers[i]->state != SIM_ON)
            continue;
        double count = sim_peer_health(sim->peers[i], "mailbox.count"), size = sim_peer_health(sim->peers[i], "mailbox.bytes");
        most_count = count > most_count ? count : most_count;
        most_size = size > most_size ? size : most_size;
    }
    SIM_CHECK(sim, most_count > 0 && most_count <= NKT_MAIL_FROM_COUNT_MAX + SAID);
    SIM_CHECK(sim, most_size <= NKT_MAIL_FROM_SIZE_MAX + SAID * 2000);
    sim_peer_stop(a);
    sim_peer_stop(loud);
    sim_run(sim, MINUTE_MS);
    sim_peer_start(b);
    sim_peer_start(c);
    uint64_t heard_ms = 0;
    for (int i = 0; i < SAID; i++)
        heard_ms = larger(heard_ms, hear(sim, numbers[i], i % 2 == 0 ? b : c, 10000));
    sim_figures(sim, "heard_ms", (double)heard_ms, "count_max", most_count, "bytes_max", most_size, NULL);
    sim_free(sim);
}

/* Much for one who is away: what no keeper would keep does not flood, and arrives from its author. */
void scenario_mail_large(const sim_run_options_t *run)
{
    enum { COUNT = 6, SIZE = 50000, SAID = 100, IDLE_FRAMES = 60 };
    enum { POSTED_MAX = NKT_MAIL_FROM_SIZE_MAX / SIZE + 1 };
    sim_options_t options = sim_defaults(run->seed);
    options.persist = 1;
    sim_t *sim = sim_new(&options);
    sim_peers_start(sim, COUNT, 50);
    sim_until(sim, sim_all_are_linked, 30000, "links");
    sim_until(sim, sim_all_have_sessions, 10000, "sessions");
    sim_peer_t *a = sim->peers[0], *b = sim->peers[1];
    sim_peer_stop(b);
    sim_run(sim, 2000);
    double before = sim_peer_health(a, "counters.framesOut");
    for (int i = 0; i < SAID; i++)
        sim_say_size(a, b, SIZE);
    sim_run(sim, 20000);
    double frames = sim_peer_health(a, "counters.framesOut") - before;
    SIM_CHECK(sim, kept(sim, "mailbox.count") > 0);
    SIM_CHECK(sim, frames <= POSTED_MAX * COUNT + IDLE_FRAMES);
    sim_peer_start(b);
    uint64_t heard_ms = sim_until(sim, sim_all_delivered, 10000, "all of it, from its author and from keepers");
    sim_figures(sim, "heard_ms", (double)heard_ms, "frames", frames, NULL);
    sim_free(sim);
}
