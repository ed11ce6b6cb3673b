/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What may be lost: a channel loses, doubles and overtakes it (rtc.c), peers crash. What is heard is in order and once, no key is used
 * twice (ratchet.c), and what is said for good is neither late nor lost for it, nor is more stored.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenarios.h"
#include "wire/limits.h"

enum { COUNT = 3, TICK_MS = 16 };

typedef struct sim_cursors {
    unsigned said[COUNT];         /* last, by each, over its lives */
    unsigned last[COUNT][COUNT];  /* heard, by whom of whom */
    unsigned heard[COUNT][COUNT]; /* so many */
    unsigned left;                /* sendings that left */
} sim_cursors_t;

static void cursor_heard(void *context, const sim_peer_t *peer, const nkt_effect_t *fx)
{
    sim_cursors_t *cursors = context;
    sim_t *sim = peer->sim;
    char text[16] = {0};
    uint32_t from = 0;
    while (from < COUNT && memcmp(sim->peers[from]->address.b, fx->address.b, NKT_ADDRESS_SIZE) != 0)
        from++;
    SIM_CHECK(sim, from < COUNT && from != peer->index && fx->bytes_size < sizeof text);
    memcpy(text, fx->bytes, fx->bytes_size);
    unsigned number = (unsigned)strtoul(text, NULL, 10);
    SIM_CHECK(sim, number > cursors->last[peer->index][from] && number <= cursors->said[from]);
    cursors->last[peer->index][from] = number;
    cursors->heard[peer->index][from]++;
}

static void cursor_say(sim_cursors_t *cursors, sim_peer_t *peer)
{
    char text[16];
    if (peer->state != SIM_ON)
        return;
    int size = snprintf(text, sizeof text, "%u", ++cursors->said[peer->index]);
    int left = sim_peer_step(peer, &(nkt_event_t){.kind = NKT_EV_EPHEMERAL, .bytes = (const uint8_t *)text, .bytes_size = (size_t)size});
    SIM_CHECK(peer->sim, left >= 0 && left < COUNT);
    cursors->left += (unsigned)left;
}

/* Everybody moves for so long, and says something for good now and then. */
static void move(sim_t *sim, sim_cursors_t *cursors, uint64_t ms)
{
    for (uint64_t at = 0; at < ms; at += TICK_MS) {
        for (uint32_t i = 0; i < COUNT; i++)
            cursor_say(cursors, sim->peers[i]);
        if (at % (50 * TICK_MS) == 0 && sim->peers[1]->state == SIM_ON)
            sim_say(sim->peers[1], NULL);
        sim_run(sim, TICK_MS);
    }
}

static double puts_of(sim_t *sim)
{
    double total = 0;
    for (uint32_t i = 0; i < COUNT; i++)
        total += (double)sim->peers[i]->counts.puts;
    return total;
}

static unsigned heard_least(const sim_cursors_t *cursors)
{
    unsigned least = UINT32_MAX;
    for (uint32_t i = 0; i < COUNT * COUNT; i++) {
        if (i % COUNT != i / COUNT && cursors->heard[i / COUNT][i % COUNT] < least)
            least = cursors->heard[i / COUNT][i % COUNT];
    }
    return least;
}

static sim_t *world(const sim_run_options_t *run, sim_cursors_t *cursors, int has_rtc)
{
    sim_options_t options = sim_defaults(run->seed);
    options.persist = 1;
    options.put_ms = (sim_range_t){1, 20};
    sim_t *sim = sim_new(&options);
    sim->ephemeral.heard = cursor_heard;
    sim->ephemeral.context = cursors;
    for (uint32_t i = 0; i < COUNT; i++) {
        sim_peer_options_t peer = sim_peer_defaults(sim);
        peer.has_rtc = has_rtc;
        sim_peer_start(sim_peer_add(sim, &peer));
        sim_run(sim, 50);
    }
    sim_until(sim, sim_all_have_sessions, 10000, "sessions");
    if (has_rtc)
        sim_until(sim, sim_all_are_linked, 20000, "links");
    sim_run(sim, 2000);
    return sim;
}

void scenario_ephemeral(const sim_run_options_t *run)
{
    enum { CRASH_COUNT = 6, MOVE_MS = 10000 };
    sim_cursors_t cursors = {0};
    sim_t *sim = world(run, &cursors, 1);
    double puts = puts_of(sim);
    move(sim, &cursors, MOVE_MS);
    sim_until(sim, sim_all_delivered, 2000, "delivered beside it");
    sim_figure_list_t figures = {0};
    sim_figure_most(&figures, "puts", puts_of(sim) - puts, 200); /* of 3,750 that were said: those of the messages */
    /* 90 % come, some of them overtaken: five are on their way at once */
    sim_figure_least(&figures, "heard_share", (double)heard_least(&cursors) / cursors.said[0], 0.35);
    for (int i = 0; i < CRASH_COUNT; i++) {
        sim_peer_t *fragile = sim->peers[i % COUNT];
        sim_peer_crash(fragile);
        move(sim, &cursors, 200 + 800 * (uint64_t)(i % 3));
        sim_peer_start(fragile);
        sim_until(sim, sim_all_are_linked, 30000, "links");
        memset(cursors.heard, 0, sizeof cursors.heard);
        move(sim, &cursors, 6000);
        SIM_CHECK(sim, heard_least(&cursors) > 30); /* whoever begins anew is told the key, and tells his */
        sim_until(sim, sim_all_delivered, 10000, "delivered after a crash");
    }
    sim_figures_print(sim, &figures);
    sim_free(sim);
}

void scenario_ephemeral_relayed(const sim_run_options_t *run)
{
    enum { MOVE_MS = 10000 };
    sim_cursors_t cursors = {0};
    sim_t *sim = world(run, &cursors, 0);
    move(sim, &cursors, MOVE_MS);
    sim_until(sim, sim_all_delivered, 2000, "delivered beside it");
    const double s = MOVE_MS / 1000.0;
    sim_figure_list_t figures = {0};
    sim_figure_least(&figures, "heard_per_s", heard_least(&cursors) / s, NKT_EPHEMERAL_RELAY_PER_S);
    sim_figure_most(&figures, "left_per_s", cursors.left / s / COUNT / (COUNT - 1),
                    NKT_EPHEMERAL_RELAY_PER_S + NKT_EPHEMERAL_RELAY_BURST / s + 0.1);
    sim_figures_print(sim, &figures);
    sim_free(sim);
}
