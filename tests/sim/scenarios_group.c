/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Swarms that are large enough for sender keys: everything once, nothing to whom it is not for, whatever is lost. */
#include "scenarios.h"
#include "wire/limits.h"

enum { COUNT = NKT_GROUP_COUNT_MIN + 3 };

static double sum(sim_t *sim, const char *path)
{
    double total = 0;
    for (uint32_t i = 0; i < sim->peer_count; i++) {
        if (sim->peers[i]->state == SIM_ON)
            total += sim_peer_health(sim->peers[i], path);
    }
    return total;
}

static sim_t *swarm_new(const sim_run_options_t *run, sim_options_t *options, uint32_t extra)
{
    uint32_t count = run->peer_count != 0 ? run->peer_count : COUNT;
    options->peer_count_max = count + extra;
    sim_t *sim = sim_new(options);
    sim_peers_start(sim, count, 50);
    sim_until(sim, sim_all_know_all, 20000, "acquaintance");
    sim_until(sim, sim_all_have_sessions, 90000, "sessions");
    return sim;
}

/* Everybody says one thing to everybody, and is heard. */
static void round_run(sim_t *sim, const char *what)
{
    for (uint32_t i = 0; i < sim->peer_count; i++) {
        if (sim->peers[i]->state == SIM_ON)
            sim_say(sim->peers[i], NULL);
        sim_run(sim, 5);
    }
    sim_until(sim, sim_all_delivered, 8000, what);
}

void scenario_group(const sim_run_options_t *run)
{
    sim_options_t options = sim_defaults(run->seed);
    sim_t *sim = swarm_new(run, &options, 0);
    round_run(sim, "delivered with the keys");
    double before = sum(sim, "counters.groupOut"), frames = sum(sim, "counters.framesOut");
    SIM_CHECK(sim, before == 0);
    for (int i = 0; i < 3; i++)
        round_run(sim, "delivered by broadcast");
    SIM_CHECK(sim, sum(sim, "counters.groupOut") == 3 * sim->peer_count); /* each message once, and none in sessions */
    SIM_CHECK(sim, sum(sim, "counters.groupIn") == 3 * sim->peer_count * (sim->peer_count - 1));
    SIM_CHECK(sim, sum(sim, "counters.retries") == 0);
    frames = (sum(sim, "counters.framesOut") - frames) / (3 * sim->peer_count);
    for (int i = 0; i < 40; i++) { /* a burst, small and large, with private words between */
        sim_say_size(sim->peers[0], NULL, i % 4 == 0 ? 3000 : 0);
        sim_say(sim->peers[0], sim->peers[1 + i % 3]);
        sim_run(sim, 3);
    }
    sim_until(sim, sim_all_delivered, 8000, "delivered a burst");
    for (uint32_t n = 0; n < sim->book.said_count; n++)
        SIM_CHECK(sim, sim->book.said[n].to != SIM_NOBODY || sim->book.said[n].recipient_count == sim->peer_count - 1);
    sim_figures(sim, "frames_per_message", frames, "hear_p50_ms", (double)sim_book_wait_ms(sim, 50), "hear_p99_ms",
                (double)sim_book_wait_ms(sim, 99), "retries", sum(sim, "counters.retries"), NULL);
    sim_free(sim);
}

void scenario_group_turns(const sim_run_options_t *run)
{
    enum { CROWD = 2 * NKT_TURN_EFFORT };
    sim_options_t options = sim_defaults(run->seed);
    sim_run_options_t crowd = *run;
    if (crowd.peer_count == 0)
        crowd.peer_count = CROWD;
    sim_t *sim = swarm_new(&crowd, &options, 0);
    sim_peer_t *a = sim->peers[0], *b = sim->peers[1];
    double before = sim_peer_health(a, "counters.framesOut");
    sim_say(a, NULL); /* with the key, to each in its session: a turn at a time */
    double at_once = sim_peer_health(a, "counters.framesOut") - before;
    SIM_CHECK(sim, at_once >= NKT_TURN_EFFORT && at_once < 2 * NKT_TURN_EFFORT);
    sim_until(sim, sim_all_delivered, 8000, "delivered in turns");
    uint32_t last = sim_say(b, NULL);
    sim_peer_stop(b); /* there is no later */
    sim_run(sim, 5000);
    uint32_t heard_count = 0; /* what is in the air when a link is closed is lost here */
    for (uint32_t i = 2; i < sim->peer_count; i++)
        heard_count += sim_heard_count(sim, last, sim->peers[i]);
    SIM_CHECK(sim, heard_count > NKT_TURN_EFFORT + NKT_TURN_EFFORT / 2);
    sim_figures(sim, "frames_at_once", at_once, "heard_of_who_stops", (double)heard_count, NULL);
    sim_free(sim);
}

void scenario_group_mute(const sim_run_options_t *run)
{
    sim_options_t options = sim_defaults(run->seed);
    sim_t *sim = swarm_new(run, &options, 0);
    sim_peer_t *a = sim->peers[0], *b = sim->peers[1];
    round_run(sim, "delivered with the keys");
    round_run(sim, "delivered by broadcast");
    sim_peer_set_flags(a, b, NKT_USER_MUTED);
    double before = sim_peer_health(a, "counters.groupOut");
    double early = sim_peer_health(b, "dropped.NKT_E_RATE"); /* a digest that overtook the answer of who sent it */
    uint32_t first = sim->book.said_count;
    for (int i = 0; i < 5; i++) { /* that b does not hear them is held against it by the book */
        sim_say(a, NULL);
        sim_until(sim, sim_all_delivered, 8000, "delivered to the others");
    }
    SIM_CHECK(sim, sim_peer_health(a, "counters.groupOut") == before + 4); /* and by its key alone: it gets the bytes */
    SIM_CHECK(sim, sim_peer_health(b, "dropped.NKT_E_NO_SESSION") >= 4);
    for (int i = 0; i < 2 * NKT_BAD_BURST; i++) { /* nobody who passes them on to it is blamed for it */
        sim_say(a, NULL);
        sim_run(sim, 2);
    }
    SIM_CHECK(sim, sim_peer_health(b, "dropped.NKT_E_RATE") == early);
    sim_run(sim, 60000);
    for (uint32_t n = first; n < sim->book.said_count; n++)
        SIM_CHECK(sim, sim_heard_count(sim, n, b) == 0 && sim_heard_count(sim, n, sim->peers[2]) == 1);
    uint32_t others = sim_say(sim->peers[2], NULL);
    sim_peer_set_flags(a, b, 0);
    uint32_t again = sim_say(a, NULL);
    sim_until(sim, sim_all_delivered, 8000, "delivered to all");
    SIM_CHECK(sim, sim_heard_count(sim, others, b) == 1 && sim_heard_count(sim, again, b) == 1);
    round_run(sim, "delivered to all by broadcast");
    sim_figures(sim, "frames_b_could_not_read", sim_peer_health(b, "dropped.NKT_E_NO_SESSION"), NULL);
    sim_free(sim);
}

void scenario_group_join(const sim_run_options_t *run)
{
    enum { NEWCOMERS = 3 };
    sim_options_t options = sim_defaults(run->seed);
    sim_t *sim = swarm_new(run, &options, NEWCOMERS);
    round_run(sim, "delivered with the keys");
    for (int n = 0; n < NEWCOMERS; n++) {
        sim_peer_t *newcomer = sim_peer_add(sim, NULL);
        sim_peer_start(newcomer);
        for (int i = 0; i < 100; i++) { /* whoever is no recipient yet must not hear it: the book looks */
            sim_say(sim->peers[i % 5], NULL);
            sim_run(sim, 10);
        }
        sim_until(sim, sim_all_know_all, 20000, "acquaintance");
        sim_say(newcomer, NULL);
        sim_until(sim, sim_all_delivered, 10000, "delivered to the newcomer as well");
        if (n == 0)
            sim_peer_stop(newcomer); /* leaves with the keys: they are renewed */
    }
    sim_run(sim, NKT_GROUP_LEAVE_MS);
    round_run(sim, "delivered after one left");
    round_run(sim, "delivered with new keys");
    sim_figures(sim, "group_out", sum(sim, "counters.groupOut"), "retries", sum(sim, "counters.retries"), NULL);
    sim_free(sim);
}

/* Keys are not stored: who comes back after a crash asks for them, and misses nothing meanwhile. */
void scenario_group_crash(const sim_run_options_t *run)
{
    sim_options_t options = sim_defaults(run->seed);
    options.persist = 1;
    options.put_ms = (sim_range_t){1, 40};
    sim_t *sim = swarm_new(run, &options, 0);
    round_run(sim, "delivered with the keys");
    for (uint32_t round = 0; round < 4; round++) {
        sim_peer_t *fragile = sim->peers[round];
        for (int i = 0; i < 20; i++) {
            sim_say(sim->peers[4], NULL);
            sim_say(fragile, NULL);
            sim_run(sim, 11);
        }
        sim_peer_crash(fragile);
        sim_run(sim, round % 2 == 0 ? 100 : 20000);
        sim_peer_start(fragile);
        sim_run(sim, 300);
        for (int i = 0; i < 5; i++) {
            sim_say(sim->peers[4], NULL);
            sim_run(sim, 500);
        }
        sim_until(sim, sim_all_delivered, 20000, "delivered after a restart");
        double heard = sim_peer_health(fragile, "counters.groupIn");
        sim_say(sim->peers[4], NULL);
        sim_say(sim->peers[4], NULL);
        sim_until(sim, sim_all_delivered, 8000, "delivered with a key asked for");
        SIM_CHECK(sim, sim_peer_health(fragile, "counters.groupIn") > heard);
    }
    sim_figures(sim, "deliveries", (double)sim->book.wait_count, "group_out", sum(sim, "counters.groupOut"), "retries",
                sum(sim, "counters.retries"), NULL);
    sim_free(sim);
}

static sim_verdict_t relay_loses(void *context, sim_t *sim, const sim_peer_t *from, const sim_peer_t *to,
                                 const uint8_t *bytes, size_t size)
{
    (void)from, (void)to, (void)bytes, (void)size;
    uint64_t luck = sim_random_next(&sim->random) % 100;
    if (!*(int *)context)
        return SIM_PASS;
    return luck < 30 ? SIM_DROP : luck < 40 ? SIM_TWICE : luck < 60 ? SIM_LATE : SIM_PASS;
}

void scenario_group_loss(const sim_run_options_t *run)
{
    int is_evil = 0;
    sim_options_t options = sim_defaults(run->seed);
    options.tracker_count = 0;
    options.cut_permille = 1000; /* nothing but the relay */
    sim_t *sim = swarm_new(run, &options, 0);
    sim_malice_set(sim, &(sim_malice_t){.context = &is_evil, .relay = relay_loses});
    round_run(sim, "delivered with the keys");
    is_evil = 1;
    for (int i = 0; i < 60; i++) {
        sim_say(sim->peers[0], NULL);
        if (i % 10 == 0)
            sim_say(sim->peers[1 + i / 10], NULL);
        sim_run(sim, 50);
    }
    /* each try may be lost, and they come every 30 s at last: 20 to 150 s, seldom more */
    uint64_t delivered_ms = sim_until(sim, sim_all_delivered, 300000, "delivered, all but once lost");
    is_evil = 0;
    sim_run(sim, 61000); /* whom broadcasts did not reach is tried again */
    double retries = sum(sim, "counters.retries"), replays = sum(sim, "dropped.NKT_E_REPLAY");
    round_run(sim, "delivered after it");
    SIM_CHECK(sim, retries > 0 && replays > 0);
    sim_figures(sim, "delivered_ms", (double)delivered_ms, "retries", retries, "replays", replays, "p99_ms",
                (double)sim_book_wait_ms(sim, 99), NULL);
    sim_free(sim);
}

/* One is cut off while so much is said that its key cannot follow: a key from further on heals it. */
void scenario_group_behind(const sim_run_options_t *run)
{
    sim_options_t options = sim_defaults(run->seed);
    options.tracker_count = 0;
    options.cut_permille = 1000; /* nothing but the relay, which keeps nothing for whom it cannot reach */
    sim_t *sim = swarm_new(run, &options, 0);
    sim_peer_t *a = sim->peers[0], *b = sim->peers[1];
    round_run(sim, "delivered with the keys");
    sim_peer_offline(b, 4000);
    for (int i = 0; i < NKT_GROUP_LAG_MAX / 2 + 100; i++) {
        sim_say(a, NULL);
        sim_run(sim, 10);
    }
    uint64_t delivered_ms = sim_until(sim, sim_all_delivered, 60000, "delivered after it was behind");
    sim_run(sim, 61000);
    round_run(sim, "delivered to all");
    SIM_CHECK(sim, sim_peer_health(b, "dropped.NKT_E_DECRYPT") > 0);
    double heard = sim_peer_health(b, "counters.groupIn");
    round_run(sim, "delivered to all by broadcast");
    SIM_CHECK(sim, sim_peer_health(b, "counters.groupIn") > heard);
    sim_figures(sim, "delivered_ms", (double)delivered_ms, "retries", sum(sim, "counters.retries"), NULL);
    sim_free(sim);
}

/* A key is renewed after so many messages, and after so long: one message goes out in sessions then, and takes the next along. */
void scenario_group_renew(const sim_run_options_t *run)
{
    sim_options_t options = sim_defaults(run->seed);
    options.latency_ms = (sim_range_t){5, 10};
    sim_t *sim = swarm_new(run, &options, 0);
    sim_peer_t *a = sim->peers[0];
    sim_say(a, NULL);
    sim_until(sim, sim_all_delivered, 8000, "delivered with the first key");
    for (uint32_t i = 0; i < NKT_GROUP_KEY_MESSAGE_COUNT; i++) {
        sim_say(a, NULL);
        sim_run(sim, 3);
    }
    sim_until(sim, sim_all_delivered, 8000, "delivered under the first key");
    SIM_CHECK(sim, sim_peer_health(a, "counters.groupOut") == NKT_GROUP_KEY_MESSAGE_COUNT);
    sim_say(a, NULL);
    sim_until(sim, sim_all_delivered, 8000, "delivered with the second key");
    SIM_CHECK(sim, sim_peer_health(a, "counters.groupOut") == NKT_GROUP_KEY_MESSAGE_COUNT);
    sim_say(a, NULL);
    sim_until(sim, sim_all_delivered, 8000, "delivered under the second key");
    SIM_CHECK(sim, sim_peer_health(a, "counters.groupOut") == NKT_GROUP_KEY_MESSAGE_COUNT + 1);
    sim_run(sim, NKT_GROUP_KEY_MS);
    sim_say(a, NULL);
    sim_until(sim, sim_all_delivered, 8000, "delivered with the third key");
    SIM_CHECK(sim, sim_peer_health(a, "counters.groupOut") == NKT_GROUP_KEY_MESSAGE_COUNT + 1);
    sim_say(a, NULL);
    sim_until(sim, sim_all_delivered, 8000, "delivered under the third key");
    SIM_CHECK(sim, sim_peer_health(a, "counters.groupOut") == NKT_GROUP_KEY_MESSAGE_COUNT + 2);
    sim_figures(sim, "hear_p99_ms", (double)sim_book_wait_ms(sim, 99), "retries", sum(sim, "counters.retries"), NULL);
    sim_free(sim);
}

typedef struct sim_loss {
    int is_armed, is_broadcast;
} sim_loss_t;

/* Loses the next of p0's frames: a copy of a broadcast, or what is for p1. */
static sim_verdict_t relay_loses_one(void *context, sim_t *sim, const sim_peer_t *from, const sim_peer_t *to,
                                     const uint8_t *bytes, size_t size)
{
    (void)sim, (void)bytes, (void)size;
    sim_loss_t *loss = context;
    if (!loss->is_armed || from->index != 0 || loss->is_broadcast != (to == NULL) || (to != NULL && to->index != 1))
        return SIM_PASS;
    loss->is_armed = 0;
    return SIM_DROP;
}

/* What was lost in the midst of a steady stream of broadcasts does not wait for its end: their acknowledgements are none of it. */
void scenario_group_flow(const sim_run_options_t *run)
{
    sim_options_t options = sim_defaults(run->seed);
    sim_loss_t loss = {0};
    options.tracker_count = 0;
    options.cut_permille = 1000; /* nothing but the relay */
    sim_t *sim = swarm_new(run, &options, 0);
    sim_peer_t *a = sim->peers[0], *b = sim->peers[1];
    sim_malice_set(sim, &(sim_malice_t){.context = &loss, .relay = relay_loses_one});
    round_run(sim, "delivered with the keys");
    for (loss.is_broadcast = 0; loss.is_broadcast < 2; loss.is_broadcast++) {
        for (int i = 0; i < 50; i++) {
            sim_say(a, NULL);
            sim_run(sim, 20);
        }
        loss.is_armed = 1;
        uint32_t lost = sim_say(a, loss.is_broadcast ? NULL : b);
        for (int i = 0; i < 200; i++) {
            sim_say(a, NULL);
            sim_run(sim, 20);
        }
        SIM_CHECK(sim, loss.is_armed == 0);
        for (uint32_t k = 1; k < sim->peer_count; k++)
            SIM_CHECK(sim, sim_heard_count(sim, lost, sim->peers[k]) == (loss.is_broadcast || k == 1));
    }
    sim_until(sim, sim_all_delivered, 8000, "delivered all");
    sim_figures(sim, "retries", sum(sim, "counters.retries"), NULL);
    sim_free(sim);
}
