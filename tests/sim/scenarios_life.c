/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Weeks of one room: what grows with those who came and left. */
#include <stdio.h>
#include <string.h>

#include "scenarios.h"
#include "spent.h"
#include "wire/limits.h"

enum { SECOND_MS = 1000, MINUTE_MS = 60000, HOUR_MS = 3600000 };

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
        sim_peer_leave(chairs->sitting[chair], (int)(luck & 1));
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
    sim_spent_t before = sim_spent(sim);
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
    sim_spent_t after = sim_spent(sim);
    return sim_spent_since(&before, &after, room->message_count);
}

static void night_begin(sim_t *sim, const sim_room_t *room, sim_chairs_t *chairs)
{
    for (uint32_t i = 0; i < room->regular_count; i++)
        sim_peer_leave(sim->peers[i], (int)(sim_random_next(&sim->random) & 1));
    for (uint32_t i = 0; i < room->chair_count; i++) {
        if (chairs->sitting[i] != NULL)
            sim_peer_leave(chairs->sitting[i], (int)(sim_random_next(&sim->random) & 1));
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
        *stored += sim_peer_stored_size(sim->peers[i]) / room->regular_count;
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
