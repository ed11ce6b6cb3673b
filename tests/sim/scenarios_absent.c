/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Those who came and left: what a message to everybody costs must not depend on how many they are. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../cost/count.h"
#include "scenarios.h"
#include "spent.h"
#include "wire/limits.h"

enum { SECOND_MS = 1000, MINUTE_MS = 60000, HOUR_MS = 3600000 };

/* ---- empty chairs ---- */

/* So many come, talk with all, and leave: every second one without a word. */
static void chairs_empty(sim_t *sim, uint32_t present, uint32_t absent)
{
    enum { AT_ONCE = 6, GAP_MS = 20000 }; /* no more at a time than are no crowd, with those who are not given up yet */
    for (uint32_t done = 0; done < absent;) {
        uint32_t first = sim->peer_count, count = absent - done < AT_ONCE ? absent - done : AT_ONCE;
        sim_peers_start(sim, count, 20);
        sim_until(sim, sim_all_have_sessions, MINUTE_MS, "sessions with those who come");
        sim_say(sim->peers[done % present], NULL);
        sim_until(sim, sim_all_delivered, MINUTE_MS, "delivered to all");
        for (uint32_t i = 0; i < count; i++)
            sim_peer_leave(sim->peers[first + i], (done + i) % 2 != 0);
        sim_run(sim, GAP_MS);
        done += count;
    }
}

/* Per message to everybody: 10 s each, two of each, one by one. */
static sim_spent_t message_cost(sim_t *sim, uint32_t present)
{
    enum { GAP_MS = 10 * SECOND_MS };
    uint32_t count = 2 * present;
    sim_spent_t at[2];
    at[0] = sim_spent(sim);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t number = sim_say(sim->peers[i % present], NULL);
        sim_run(sim, GAP_MS);
        SIM_CHECK(sim, sim->book.said[number].recipient_count == present - 1);
    }
    at[1] = sim_spent(sim);
    for (uint32_t i = 0; i < present; i++) {
        for (uint32_t k = 0; k < sim->book.said_count; k++)
            SIM_CHECK(sim, sim->book.said[k].states[i] < 0 || sim->book.said[k].states[i] == NKT_DELIVERY_DELIVERED);
    }
    return sim_spent_since(&at[0], &at[1], count);
}

static sim_spent_t chairs_run(const sim_run_options_t *run, uint32_t present, uint32_t absent, double *parted)
{
    enum { WARM_COUNT = 96 };
    sim_options_t options = sim_defaults(run->seed);
    options.persist = options.is_timed = options.times_all = 1;
    options.peer_count_max = present + absent;
    sim_t *sim = sim_new(&options);
    sim->trace.is_off = !sim->trace.is_loud;
    sim_peers_start(sim, present, 50);
    sim_until(sim, sim_all_are_linked, 30 * SECOND_MS, "links");
    sim_until(sim, sim_all_have_sessions, 30 * SECOND_MS, "sessions");
    for (uint32_t i = 0; i < WARM_COUNT; i++) { /* sessions and pages are as large as they become */
        sim_say(sim->peers[i % present], NULL);
        sim_run(sim, 200);
    }
    chairs_empty(sim, present, absent);
    sim_spent_t before = sim_spent(sim);
    sim_say(sim->peers[0], NULL); /* while the last of them are missed */
    sim_run(sim, 10 * SECOND_MS);
    sim_spent_t after = sim_spent(sim);
    *parted = sim_spent_since(&before, &after, 1).frames;
    sim_run(sim, NKT_GONE_MS + 2 * MINUTE_MS);
    for (uint32_t i = 0; i < present; i++) { /* those who spoke to more than 17 go on with broadcasts: not in a new life */
        sim_peer_stop(sim->peers[i]);
        sim_peer_start(sim->peers[i]);
        sim_until(sim, sim_all_have_sessions, MINUTE_MS, "sessions after a restart");
    }
    sim_run(sim, 2 * MINUTE_MS);
    message_cost(sim, present); /* the first words of a life cost more, whoever is away */
    char label[32];
    snprintf(label, sizeof label, "away_%u", absent);
    count_begin(); /* tools/bench/chairs.mjs */
    sim_spent_t cost = message_cost(sim, present);
    count_end(label, 2 * present);
    count_rest();
    for (uint32_t i = 0; i < present; i++)
        SIM_CHECK(sim, sim_peer_health(sim->peers[i], "users") <= NKT_GONE_COUNT_MAX + NKT_GONE_CLOSE_COUNT_MAX + present + 512);
    sim_free(sim);
    return cost;
}

void scenario_empty_chairs(const sim_run_options_t *run)
{
    static const char *const names[][4] = {
        {"frames_0", "wire_0", "put_0", "cpu_ms_0"},
        {"frames_44", "wire_44", "put_44", "cpu_ms_44"},
        {"frames_200", "wire_200", "put_200", "cpu_ms_200"},
        {"frames_1000", "wire_1000", "put_1000", "cpu_ms_1000"},
        {"frames_away", "wire_away", "put_away", "cpu_ms_away"},
    };
    static const char *const ratios[][4] = {{""},
                                            {"ratio_44", "wire_ratio_44", "put_ratio_44", "cpu_ratio_44"},
                                            {"ratio_200", "wire_ratio_200", "put_ratio_200", "cpu_ratio_200"},
                                            {"ratio_1000", "wire_ratio_1000", "put_ratio_1000", "cpu_ratio_1000"},
                                            {"ratio_away", "wire_ratio_away", "put_ratio_away", "cpu_ratio_away"}};
    static const char *const parteds[] = {"parted_0", "parted_44", "parted_200", "parted_1000", "parted_away"};
    const uint32_t counts[] = {0, 44, 200, 1000, run->away > 0 ? run->away : 3 * run->peer_count};
    int is_small = run->peer_count > 0; /* so many present, and three times as many absent */
    int is_one = is_small || run->away > 0;
    uint32_t present = is_small ? run->peer_count : 16;
    sim_figure_list_t figures = {0};
    sim_spent_t base = {0};
    sim_options_t shown = sim_defaults(run->seed);
    for (size_t i = 0; i < (is_one ? 5 : 4); i += is_one ? 4 : 1) {
        double parted;
        sim_spent_t cost = chairs_run(run, present, counts[i], &parted);
        sim_figure(&figures, names[i][0], cost.frames);
        sim_figure(&figures, parteds[i], parted);
        sim_figure(&figures, names[i][1], cost.wire_bytes);
        sim_figure(&figures, names[i][2], cost.put_bytes);
        sim_figure(&figures, names[i][3], cost.cpu_ms);
        if (i == 0) {
            base = cost;
            continue;
        }
        /* among few each is told over his own link alone, some 20 frames: the mailboxes' three weigh more beside them */
        sim_figure_most(&figures, ratios[i][0], cost.frames / base.frames, is_small ? 1.35 : 1.2);
        sim_figure_most(&figures, ratios[i][1], cost.wire_bytes / base.wire_bytes, is_small ? 3 : 1.3);
        sim_figure_most(&figures, ratios[i][2], cost.put_bytes / base.put_bytes, 1.3);
        /* of 1,000 those who left within NKT_GONE_MS_MIN are known still, and every step looks through all who are known */
        sim_figure_most(&figures, ratios[i][3], cost.cpu_ms / base.cpu_ms, is_small ? 1e9 : counts[i] > 200 ? 2 : 1.3);
    }
    sim_t *sim = sim_new(&shown);
    sim_figures_print(sim, &figures);
    sim_free(sim);
}

/* ---- whom one remembers ---- */

/*
 * A friend who was here for an hour leaves; then so many come for a few minutes each that not all who left can be remembered.
 * The friend is: it gets what a keeper has for it, in the session of before, and what its author has.
 */
void scenario_old_friend(const sim_run_options_t *run)
{
    enum { GUEST_COUNT = NKT_GONE_COUNT_MAX + NKT_GONE_CLOSE_COUNT_MAX + 16, AT_ONCE = 4, SAID_COUNT = 6 };
    sim_options_t options = sim_defaults(run->seed);
    options.persist = 1;
    options.peer_count_max = 3 + GUEST_COUNT;
    sim_t *sim = sim_new(&options);
    sim->trace.is_off = !sim->trace.is_loud;
    sim_peer_t *author = sim_peer_add(sim, NULL), *friend = sim_peer_add(sim, NULL);
    sim_peer_options_t keeping = sim_peer_defaults(sim);
    keeping.keeper = 1;
    sim_peer_t *keeper = sim_peer_add(sim, &keeping);
    for (uint32_t i = 0; i < 3; i++)
        sim_peer_start(sim->peers[i]);
    sim_until(sim, sim_all_are_linked, MINUTE_MS, "links");
    sim_until(sim, sim_all_have_sessions, MINUTE_MS, "sessions");
    sim_say(friend, NULL);
    sim_say(author, NULL);
    sim_run(sim, HOUR_MS);
    sim_peer_stop(friend);
    sim_run(sim, 5 * SECOND_MS);
    uint32_t said[SAID_COUNT];
    for (uint32_t done = 0, k = 0; done < GUEST_COUNT; done += AT_ONCE) {
        sim_peers_start(sim, AT_ONCE, 20);
        sim_until(sim, sim_all_have_sessions, MINUTE_MS, "sessions with those who come");
        if (done > NKT_MAIL_SHARE_COUNT_MAX) { /* the friend is followed no more: nothing waits for him that he would be remembered for */
            uint32_t number = sim_say(author, NULL);
            if (k < SAID_COUNT - 1)
                said[k++] = number;
            sim_until(sim, sim_all_delivered, MINUTE_MS, "delivered to all who are there");
        }
        for (uint32_t i = 0; i < AT_ONCE; i++)
            sim_peer_stop(sim->peers[3 + done + i]);
        sim_run(sim, MINUTE_MS / 2);
    }
    sim_run(sim, NKT_GONE_MS_MIN + 2 * MINUTE_MS);
    SIM_CHECK(sim, sim_peer_health(author, "users") < GUEST_COUNT); /* not all of them */
    SIM_CHECK(sim, sim_view(author, friend)->is_known);
    said[SAID_COUNT - 1] = sim_say(author, NULL); /* it is for the friend as well */
    sim_run(sim, 10 * SECOND_MS);
    int is_author_here = run->seed % 2 != 0;
    if (!is_author_here)
        sim_peer_stop(author);
    sim_run(sim, 2 * HOUR_MS);
    sim_peer_start(friend);
    uint64_t begun_ms = sim->now_ms, limit_ms = 5 * SECOND_MS;
    for (uint32_t k = 0; k < SAID_COUNT; k++) {
        while (sim_heard_count(sim, said[k], friend) == 0 && sim->now_ms - begun_ms < limit_ms)
            sim_run(sim, 10);
        SIM_CHECK(sim, sim_heard_count(sim, said[k], friend) == 1);
    }
    uint64_t heard_ms = sim->now_ms - begun_ms;
    if (!is_author_here)
        sim_peer_start(author);
    sim_run(sim, MINUTE_MS);
    sim_say(author, friend);
    sim_say(friend, author);
    sim_until(sim, sim_all_delivered, MINUTE_MS, "both talk");
    SIM_CHECK(sim, author->counts.rekeys == 0 && friend->counts.rekeys == 0);
    SIM_CHECK(sim, sim_peer_health(keeper, "keeper.count") > 0);
    sim_figures(sim, "heard_ms", (double)heard_ms, "users", sim_peer_health(author, "users"), NULL);
    sim_free(sim);
}

/*
 * Something is said to all at the moment at which a guest of seconds leaves; then so many come and go that not all who left can be
 * remembered. The guest hears it when he is back.
 */
void scenario_left_owed(const sim_run_options_t *run)
{
    enum { GUEST_COUNT = NKT_GONE_COUNT_MAX + NKT_GONE_CLOSE_COUNT_MAX + 16, AT_ONCE = 4 };
    sim_options_t options = sim_defaults(run->seed);
    options.persist = 1;
    options.peer_count_max = 2 + GUEST_COUNT;
    sim_t *sim = sim_new(&options);
    sim->trace.is_off = !sim->trace.is_loud;
    sim_peers_start(sim, 2, 100);
    sim_until(sim, sim_all_are_linked, MINUTE_MS, "links");
    sim_until(sim, sim_all_have_sessions, MINUTE_MS, "sessions");
    sim_peer_t *author = sim->peers[0], *guest = sim->peers[1];
    sim_run(sim, SECOND_MS);
    sim_peer_stop(guest);
    uint32_t said = sim_say(author, NULL);
    sim_run(sim, 5 * SECOND_MS);
    for (uint32_t done = 0; done < GUEST_COUNT; done += AT_ONCE) {
        sim_peers_start(sim, AT_ONCE, 20);
        sim_until(sim, sim_all_have_sessions, MINUTE_MS, "sessions with those who come");
        sim_run(sim, 3 * MINUTE_MS); /* longer than the guest */
        for (uint32_t i = 0; i < AT_ONCE; i++)
            sim_peer_stop(sim->peers[2 + done + i]);
        sim_run(sim, 2 * MINUTE_MS);
    }
    sim_run(sim, NKT_GONE_MS_MIN + 2 * MINUTE_MS);
    SIM_CHECK(sim, sim_peer_health(author, "users") < GUEST_COUNT); /* not all of them */
    SIM_CHECK(sim, sim_heard_count(sim, said, guest) == 0);
    sim_peer_start(guest);
    uint64_t begun_ms = sim->now_ms;
    sim_until(sim, sim_all_delivered, 10 * SECOND_MS, "what was under way when the guest left");
    SIM_CHECK(sim, sim_heard_count(sim, said, guest) == 1);
    sim_figures(sim, "heard_ms", (double)(sim->now_ms - begun_ms), "users", sim_peer_health(author, "users"), NULL);
    sim_free(sim);
}

/* Whoever is sent nothing while he is away gets nothing of what was said meanwhile when he is back, though he is sent again by then. */
void scenario_left_excluded(const sim_run_options_t *run)
{
    enum { LATER_COUNT = NKT_MAIL_SHARE_COUNT_MAX + 1 };
    sim_options_t options = sim_defaults(run->seed);
    options.persist = 1;
    sim_t *sim = sim_new(&options);
    sim_peers_start(sim, 3 + LATER_COUNT, 50);
    sim_until(sim, sim_all_are_linked, MINUTE_MS, "links");
    sim_until(sim, sim_all_have_sessions, MINUTE_MS, "sessions");
    sim_peer_t *a = sim->peers[0], *b = sim->peers[1];
    sim_peer_stop(b);
    sim_run(sim, 2 * SECOND_MS);
    for (uint32_t i = 0; i < LATER_COUNT; i++) /* they are followed, b is not */
        sim_peer_stop(sim->peers[3 + i]);
    sim_run(sim, 2 * SECOND_MS);
    sim_say(a, NULL);
    sim_run(sim, SECOND_MS);
    sim_peer_set_flags(a, b, NKT_USER_MUTED);
    uint32_t secret = sim_say(a, NULL);
    sim_run(sim, MINUTE_MS);
    if (run->seed % 2 == 0) {
        sim_peer_stop(a);
        sim_run(sim, MINUTE_MS);
        sim_peer_start(a);
        sim_run(sim, MINUTE_MS);
    }
    sim_peer_set_flags(a, b, 0);
    uint32_t open = sim_say(a, NULL);
    sim_run(sim, MINUTE_MS);
    sim_peer_start(b);
    uint64_t begun_ms = sim->now_ms;
    while (sim_heard_count(sim, open, b) == 0 && sim->now_ms - begun_ms < 20 * SECOND_MS)
        sim_run(sim, 50);
    uint64_t heard_ms = sim->now_ms - begun_ms;
    sim_run(sim, MINUTE_MS);
    SIM_CHECK(sim, sim_heard_count(sim, open, b) == 1);
    SIM_CHECK(sim, sim_heard_count(sim, secret, b) == 0);
    sim_figures(sim, "heard_ms", (double)heard_ms, NULL);
    sim_free(sim);
}

/* A relay that loses every second frame of the first peer, as long as it is to. */
static sim_verdict_t loses_of_first(void *is_bad, sim_t *sim, const sim_peer_t *from, const sim_peer_t *to, const uint8_t *bytes,
                                    size_t size)
{
    (void)to, (void)bytes, (void)size;
    return from->index == 0 && *(const int *)is_bad && sim_random_below(&sim->random, 2) == 0 ? SIM_DROP : SIM_PASS;
}

/* The author of what somebody missed crashes while that one comes back: before he is known to be there, or told, or has said that he
 * heard. */
void scenario_left_crash(const sim_run_options_t *run)
{
    enum { ROUND_COUNT = 60, CRASH_MS_MAX = 8 * SECOND_MS };
    sim_options_t options = sim_defaults(run->seed);
    options.persist = 1;
    options.latency_ms = (sim_range_t){200, 400}; /* much lies between that he is there and that he heard */
    options.put_ms = run->seed % 2 == 0 ? (sim_range_t){1, 400} : (sim_range_t){0, 0};
    sim_t *sim = sim_new(&options);
    int is_bad = 0;
    sim_malice_set(sim, &(sim_malice_t){.context = &is_bad, .relay = loses_of_first});
    sim_peers_start(sim, 2, 50);
    sim_until(sim, sim_all_have_sessions, MINUTE_MS, "sessions");
    uint32_t late_count = 0;
    sim_peer_t *author = sim->peers[0], *other = sim->peers[1];
    for (uint32_t i = 0; i < ROUND_COUNT; i++) {
        sim_peer_stop(other);
        sim_run(sim, 2 * HOUR_MS); /* not followed any more: one of those who may miss something */
        uint32_t said = sim_say(author, NULL);
        sim_run(sim, MINUTE_MS);
        is_bad = 1;
        sim_peer_start(other);
        sim_run(sim, sim_random_below(&sim->random, CRASH_MS_MAX));
        sim_peer_crash(author);
        is_bad = 0;
        late_count += sim_heard_count(sim, said, other) == 0;
        sim_run(sim, 2 * SECOND_MS);
        sim_peer_start(author);
        while (sim_heard_count(sim, said, other) == 0 && sim->now_ms - sim->book.said[said].said_ms < 3 * MINUTE_MS)
            sim_run(sim, 100);
        SIM_CHECK(sim, sim_heard_count(sim, said, other) == 1);
        sim_run(sim, MINUTE_MS);
        SIM_CHECK(sim, sim_heard_count(sim, said, other) == 1);
    }
    sim_figures(sim, "late", (double)late_count, NULL);
    sim_free(sim);
}

/* What is said in another room meanwhile is not told to those of the first who were away. */
void scenario_left_elsewhere(const sim_run_options_t *run)
{
    enum { LATER_COUNT = NKT_MAIL_SHARE_COUNT_MAX + 2, FIRST_COUNT = 2 + LATER_COUNT };
    sim_options_t options = sim_defaults(run->seed);
    options.persist = 1;
    options.peer_count_max = 2 * FIRST_COUNT;
    sim_t *sim = sim_new(&options);
    sim_peers_start(sim, FIRST_COUNT, 50);
    sim_peer_options_t elsewhere = sim_peer_defaults(sim);
    const char *first_room = elsewhere.room;
    elsewhere.room = "elsewhere";
    for (uint32_t i = 0; i < FIRST_COUNT; i++)
        sim_peer_start(sim_peer_add(sim, &elsewhere));
    sim_run(sim, MINUTE_MS);
    sim_peer_t *a = sim->peers[0], *b = sim->peers[1];
    sim_say(a, NULL);
    sim_run(sim, 5 * SECOND_MS);
    for (uint32_t i = 1; i < FIRST_COUNT; i++) { /* b, and then those who are followed */
        sim_peer_stop(sim->peers[i]);
        sim_run(sim, 200);
    }
    sim_peer_stop(a);
    a->options.room = "elsewhere";
    sim_peer_start(a);
    sim_run(sim, MINUTE_MS);
    for (uint32_t i = 0; i < LATER_COUNT; i++) {
        sim_peer_stop(sim->peers[FIRST_COUNT + i]);
        sim_run(sim, 200);
    }
    uint32_t secret = sim_say(a, NULL);
    sim_run(sim, 5 * SECOND_MS);
    SIM_CHECK(sim, sim->book.said[secret].recipient_count == FIRST_COUNT - LATER_COUNT);
    sim_peer_stop(a);
    a->options.room = first_room;
    sim_peer_start(a);
    sim_run(sim, 10 * SECOND_MS);
    sim_peer_start(b);
    uint32_t open = sim_say(a, NULL);
    sim_run(sim, MINUTE_MS);
    SIM_CHECK(sim, sim_heard_count(sim, open, b) == 1);
    for (uint32_t i = 0; i < FIRST_COUNT; i++)
        SIM_CHECK(sim, sim_heard_count(sim, secret, sim->peers[i]) == 0);
    sim_figures(sim, "heard", (double)sim->book.said[secret].heard_count, NULL);
    sim_free(sim);
}
