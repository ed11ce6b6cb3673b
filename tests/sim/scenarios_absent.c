/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Those who came and left: what a message to everybody costs must not depend on how many they are. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenarios.h"
#include "wire/limits.h"

enum { SECOND_MS = 1000, MINUTE_MS = 60000, HOUR_MS = 3600000 };

/* What all who run have spent since they were reset. */
typedef struct sim_spent {
    double frames, wire_bytes, put_bytes, cpu_ms;
} sim_spent_t;

static sim_spent_t spent(const sim_t *sim)
{
    sim_spent_t sum = {0};
    for (uint32_t i = 0; i < sim->peer_count; i++) {
        const sim_peer_t *peer = sim->peers[i];
        sum.frames += (double)(peer->counts.rtc_frames + peer->counts.relay_frames);
        sum.wire_bytes += (double)peer->counts.sent_size;
        sum.put_bytes += (double)peer->counts.put_size;
        sum.cpu_ms += (double)peer->cpu_ns / 1e6;
    }
    return sum;
}

static sim_spent_t since(const sim_spent_t *before, const sim_spent_t *now, double share)
{
    return (sim_spent_t){.frames = (now->frames - before->frames) / share,
                         .wire_bytes = (now->wire_bytes - before->wire_bytes) / share,
                         .put_bytes = (now->put_bytes - before->put_bytes) / share,
                         .cpu_ms = (now->cpu_ms - before->cpu_ms) / share};
}

static void leave(sim_peer_t *peer, int is_silent)
{
    if (is_silent)
        sim_peer_crash(peer);
    else
        sim_peer_stop(peer);
}

/* Of one running peer: records at rest, and what its core holds. */
static double stored_size(const sim_peer_t *peer)
{
    double size = 0;
    for (size_t i = 0; i < peer->record_count; i++)
        size += (double)peer->records[i].bytes_size;
    return size;
}

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
            leave(sim->peers[first + i], (done + i) % 2 != 0);
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
    at[0] = spent(sim);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t number = sim_say(sim->peers[i % present], NULL);
        sim_run(sim, GAP_MS);
        SIM_CHECK(sim, sim->book.said[number].recipient_count == present - 1);
    }
    at[1] = spent(sim);
    for (uint32_t i = 0; i < present; i++) {
        for (uint32_t k = 0; k < sim->book.said_count; k++)
            SIM_CHECK(sim, sim->book.said[k].states[i] < 0 || sim->book.said[k].states[i] == NKT_DELIVERY_DELIVERED);
    }
    return since(&at[0], &at[1], count);
}

static sim_spent_t chairs_run(const sim_run_options_t *run, uint32_t present, uint32_t absent, double *parted)
{
    enum { WARM_COUNT = 96 };
    sim_options_t options = sim_defaults(run->seed);
    options.persist = options.is_timed = 1;
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
    sim_spent_t before = spent(sim);
    sim_say(sim->peers[0], NULL); /* while the last of them are missed */
    sim_run(sim, 10 * SECOND_MS);
    sim_spent_t after = spent(sim);
    *parted = since(&before, &after, 1).frames;
    sim_run(sim, NKT_GONE_MS + 2 * MINUTE_MS);
    for (uint32_t i = 0; i < present; i++) { /* those who spoke to more than 17 go on with broadcasts: not in a new life */
        sim_peer_stop(sim->peers[i]);
        sim_peer_start(sim->peers[i]);
        sim_until(sim, sim_all_have_sessions, MINUTE_MS, "sessions after a restart");
    }
    sim_run(sim, 2 * MINUTE_MS);
    message_cost(sim, present); /* the first words of a life cost more, whoever is away */
    sim_spent_t cost = message_cost(sim, present);
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
    };
    static const char *const ratios[][4] = {{""},
                                            {"ratio_44", "wire_ratio_44", "put_ratio_44", "cpu_ratio_44"},
                                            {"ratio_200", "wire_ratio_200", "put_ratio_200", "cpu_ratio_200"},
                                            {"ratio_1000", "wire_ratio_1000", "put_ratio_1000", "cpu_ratio_1000"}};
    static const char *const parteds[] = {"parted_0", "parted_44", "parted_200", "parted_1000"};
    static const uint32_t counts[] = {0, 44, 200, 1000};
    int is_small = run->peer_count > 0; /* so many present, and three times as many absent */
    uint32_t present = is_small ? run->peer_count : 16;
    sim_figure_list_t figures = {0};
    sim_spent_t base = {0};
    sim_options_t shown = sim_defaults(run->seed);
    for (size_t i = 0; i < (is_small ? 2 : 4); i++) {
        double parted;
        sim_spent_t cost = chairs_run(run, present, is_small ? (uint32_t)i * 3 * present : counts[i], &parted);
        sim_figure(&figures, names[i][0], cost.frames);
        sim_figure(&figures, parteds[i], parted);
        sim_figure(&figures, names[i][1], cost.wire_bytes);
        sim_figure(&figures, names[i][2], cost.put_bytes);
        sim_figure(&figures, names[i][3], cost.cpu_ms);
        if (i == 0) {
            base = cost;
            continue;
        }
        sim_figure_most(&figures, ratios[i][0], cost.frames / base.frames, 1.2);
        sim_figure_most(&figures, ratios[i][1], cost.wire_bytes / base.wire_bytes, is_small ? 2 : 1.3);
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
    enum { GUEST_COUNT = NKT_GONE_COUNT_MAX + NKT_GONE_CLOSE_COUNT_MAX + 16, AT_ONCE = 16, SAID_COUNT = 6 };
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
        uint32_t number = sim_say(author, NULL);
        if (k < SAID_COUNT - 1)
            said[k++] = number;
        sim_until(sim, sim_all_delivered, MINUTE_MS, "delivered to all who are there");
        for (uint32_t i = 0; i < AT_ONCE; i++)
            sim_peer_stop(sim->peers[3 + done + i]);
        sim_run(sim, 2 * MINUTE_MS);
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

/* ---- a long life ---- */

/*
 * A room by day: some come every morning, with what they stored, and the others' chairs are taken by one after the other, all new
 * but for a few; half of all who leave say good-bye. At night nobody is there.
 */
typedef struct sim_room {
    uint32_t regular_count, chair_count, message_count, day_count;
    uint64_t day_ms; /* that the room is open */
    uint32_t guest_count; /* in a day */
} sim_room_t;

enum { CHAIR_COUNT_MAX = 16, HISTORY_TEXT_SIZE = 600 };

typedef struct sim_chairs {
    sim_peer_t *sitting[CHAIR_COUNT_MAX];
    uint32_t next; /* chair */
    uint32_t returned;
} sim_chairs_t;

/* Whoever sits on the next chair leaves, and another comes: each tenth was here before. */
static void guest_change(sim_t *sim, const sim_room_t *room, sim_chairs_t *chairs)
{
    uint32_t chair = chairs->next++ % room->chair_count;
    uint64_t luck = sim_random_next(&sim->random);
    if (chairs->sitting[chair] != NULL && chairs->sitting[chair]->state == SIM_ON)
        leave(chairs->sitting[chair], (int)(luck & 1));
    chairs->sitting[chair] = NULL;
    uint32_t guests = sim->peer_count - room->regular_count;
    sim_peer_t *guest = NULL;
    if (luck / 2 % 10 == 0 && guests > 0)
        guest = sim->peers[room->regular_count + (uint32_t)(luck / 32 % guests)];
    if (guest != NULL && guest->state == SIM_OFF)
        chairs->returned++;
    else
        guest = sim_peer_add(sim, NULL);
    sim_peer_start(guest);
    chairs->sitting[chair] = guest;
}

static sim_peer_t *anybody(sim_t *sim, const sim_room_t *room, const sim_chairs_t *chairs)
{
    for (;;) {
        uint64_t luck = sim_random_below(&sim->random, room->regular_count + room->chair_count);
        sim_peer_t *peer = luck < room->regular_count ? sim->peers[luck] : chairs->sitting[luck - room->regular_count];
        if (peer != NULL && peer->state == SIM_ON)
            return peer;
    }
}

/* Before anything is measured the histories are full: they are bounded, and that is no growth. */
static void histories_fill(sim_t *sim, uint32_t count)
{
    for (uint32_t i = 0; i < NKT_HISTORY_SIZE_MAX / HISTORY_TEXT_SIZE / count + 1; i++) {
        for (uint32_t k = 0; k < count; k++)
            sim_say_size(sim->peers[k], NULL, HISTORY_TEXT_SIZE);
        sim_run(sim, 500);
    }
    sim_until(sim, sim_all_delivered, MINUTE_MS, "delivered");
}

/* One day; what it cost, per message. */
static sim_spent_t day_run(sim_t *sim, const sim_room_t *room, sim_chairs_t *chairs)
{
    sim_spent_t before = spent(sim);
    uint32_t said = 0, came = 0;
    for (uint64_t at_ms = 0; at_ms < room->day_ms; at_ms += MINUTE_MS) {
        while (came < (at_ms + MINUTE_MS) * room->guest_count / room->day_ms) {
            guest_change(sim, room, chairs);
            came++;
        }
        while (said < (at_ms + MINUTE_MS) * room->message_count / room->day_ms) {
            sim_peer_t *from = anybody(sim, room, chairs), *to = NULL;
            if (said % 10 == 9)
                while ((to = anybody(sim, room, chairs)) == from)
                    ;
            if (to == NULL || sim_view(from, to)->is_known)
                sim_say_size(from, to, HISTORY_TEXT_SIZE);
            said++;
            sim_run(sim, 200);
        }
        sim_run(sim, at_ms + MINUTE_MS < room->day_ms ? MINUTE_MS - sim->now_ms % MINUTE_MS : SECOND_MS);
    }
    sim_until(sim, sim_all_delivered, 2 * MINUTE_MS, "delivered to those who are there");
    sim_spent_t after = spent(sim);
    return since(&before, &after, room->message_count);
}

static void night_begin(sim_t *sim, const sim_room_t *room, sim_chairs_t *chairs)
{
    for (uint32_t i = 0; i < room->regular_count; i++)
        leave(sim->peers[i], (int)(sim_random_next(&sim->random) & 1));
    for (uint32_t i = 0; i < room->chair_count; i++) {
        if (chairs->sitting[i] != NULL)
            leave(chairs->sitting[i], (int)(sim_random_next(&sim->random) & 1));
        chairs->sitting[i] = NULL;
    }
    sim->trace.count = 0;
    sim_run(sim, 24 * HOUR_MS - room->day_ms);
}

/* Of a regular, on the average: bytes that its core holds, and that are stored. */
static void sizes_take(const sim_t *sim, const sim_room_t *room, double *memory, double *stored)
{
    *memory = *stored = 0;
    for (uint32_t i = 0; i < room->regular_count; i++) {
        *memory += (double)sim->peers[i]->core_size / room->regular_count;
        *stored += stored_size(sim->peers[i]) / room->regular_count;
    }
}

/* So that a run of minutes shows what grows. */
static void day_print(const sim_t *sim, const sim_room_t *room, uint32_t day, const sim_spent_t *cost)
{
    double memory, stored, pages = 0, people = 0;
    sizes_take(sim, room, &memory, &stored);
    for (uint32_t i = 0; i < room->regular_count; i++) {
        const sim_peer_t *peer = sim->peers[i];
        for (size_t k = 0; k < peer->record_count; k++) {
            double share = (double)peer->records[k].bytes_size / room->regular_count;
            pages += strncmp(peer->records[k].name, "log/", 4) == 0 ? share : 0;
            people += strncmp(peer->records[k].name, "peer/", 5) == 0 ? share : 0;
        }
    }
    fprintf(stderr, "day %u: %.0f frames, %.0f bytes, %.0f put, %.2f ms; %.0f held, %.0f stored: %.0f pages, %.0f people\n", day,
            cost->frames, cost->wire_bytes, cost->put_bytes, cost->cpu_ms, memory, stored, pages, people);
}

void scenario_long_life(const sim_run_options_t *run)
{
    sim_room_t room = {.regular_count = 8, .chair_count = 8, .message_count = 200, .day_count = 14, .day_ms = 8 * HOUR_MS,
                       .guest_count = 2000 / 14 + 1};
    if (run->peer_count > 0) /* so many guests a day, and all smaller */
        room = (sim_room_t){.regular_count = 3, .chair_count = 2, .message_count = 40, .day_count = 4, .day_ms = HOUR_MS / 2,
                            .guest_count = run->peer_count};
    sim_options_t options = sim_defaults(run->seed);
    options.persist = options.is_timed = 1;
    options.peer_count_max = room.regular_count + room.chair_count + room.guest_count * room.day_count;
    sim_t *sim = sim_new(&options);
    sim->trace.is_off = !sim->trace.is_loud;
    sim_chairs_t chairs = {0};
    sim_spent_t early = {0}, late = {0};
    double memory[2] = {0}, stored[2] = {0};
    double most = run->peer_count > 0 ? 1.5 : 1.2; /* a few days with few guests: not all that is bounded is full on the second */
    sim_figure_list_t figures = {0};
    for (uint32_t day = 1; day <= room.day_count; day++) {
        if (day == 1) {
            sim_peers_start(sim, room.regular_count, 100);
        } else {
            for (uint32_t i = 0; i < room.regular_count; i++)
                sim_peer_start(sim->peers[i]);
        }
        sim_until(sim, sim_all_have_sessions, MINUTE_MS, "sessions in the morning");
        if (day == 1)
            histories_fill(sim, room.regular_count);
        sim_spent_t cost = day_run(sim, &room, &chairs);
        if (day == 2 || day == room.day_count) {
            *(day == 2 ? &early : &late) = cost;
            sizes_take(sim, &room, &memory[day != 2], &stored[day != 2]);
        }
        if (!run->is_quiet)
            day_print(sim, &room, day, &cost);
        night_begin(sim, &room, &chairs);
    }
    sim_figure(&figures, "guests", (double)(sim->peer_count - room.regular_count));
    sim_figure(&figures, "returned", chairs.returned);
    sim_figure(&figures, "frames_2", early.frames);
    sim_figure(&figures, "wire_2", early.wire_bytes);
    sim_figure(&figures, "cpu_ms_2", early.cpu_ms);
    sim_figure(&figures, "put_2", early.put_bytes);
    sim_figure(&figures, "memory_2", memory[0]);
    sim_figure(&figures, "stored_2", stored[0]);
    sim_figure_most(&figures, "frames_last", late.frames, most * early.frames);
    sim_figure_most(&figures, "wire_last", late.wire_bytes, most * early.wire_bytes);
    sim_figure_most(&figures, "cpu_ms_last", late.cpu_ms, run->peer_count > 0 ? 1e9 : most * early.cpu_ms);
    /* with few it is chance who was away when on that day: 1.2 to 1.6 times, in runs of one build; what grows with those who left
     * was 17 times */
    sim_figure_most(&figures, "put_last", late.put_bytes, (run->peer_count > 0 ? 2 : most) * early.put_bytes);
    sim_figure_most(&figures, "memory_last", memory[1], most * memory[0]);
    sim_figure_most(&figures, "stored_last", stored[1], most * stored[0]);
    sim_figures_print(sim, &figures);
    sim_free(sim);
}
