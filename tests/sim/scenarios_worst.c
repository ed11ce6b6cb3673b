/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All that can go wrong at once, for days, by chance; then everything is right again, and so must the room be. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenarios.h"
#include "wire/limits.h"

enum { SECOND_MS = 1000, MINUTE_MS = 60000, HOUR_MS = 3600000, COUNT_MAX = 7, HOURS = 12, HEALED_MS = 150000 };

/** What goes wrong at the moment. */
typedef struct sim_wrongs {
    uint32_t deaf_from, deaf_to; /* what that one sends that one by WebRTC is lost; SIM_NOBODY: nobody's */
    uint32_t mute;               /* what that one puts on a relay is lost */
    uint32_t relay_permille;     /* lost, said twice, late: of what a relay passes on */
    int jumps_far;               /* clocks are set by years */
    uint32_t did[16];            /* how often each kind of thing happened */
} sim_wrongs_t;

static sim_verdict_t relay_wrong(void *context, sim_t *sim, const sim_peer_t *from, const sim_peer_t *to, const uint8_t *bytes,
                                 size_t size)
{
    const sim_wrongs_t *wrongs = context;
    (void)to, (void)bytes, (void)size;
    if (from->index == wrongs->mute)
        return SIM_DROP;
    if (sim_random_below(&sim->random, 1000) >= wrongs->relay_permille)
        return SIM_PASS;
    return (sim_verdict_t)(SIM_DROP + sim_random_below(&sim->random, 3));
}

static sim_verdict_t rtc_wrong(void *context, sim_t *sim, const sim_peer_t *from, const sim_peer_t *to, uint8_t *bytes, size_t *size)
{
    const sim_wrongs_t *wrongs = context;
    (void)sim, (void)bytes, (void)size;
    return from->index == wrongs->deaf_from && to->index == wrongs->deaf_to ? SIM_DROP : SIM_PASS;
}

static int64_t clock_step_ms(sim_t *sim, const sim_wrongs_t *wrongs)
{
    static const int64_t near_ms[] = {100, 900, 2500, 6000, 11000, 31000, 61000, 130000};
    static const int64_t far_ms[] = {660000, HOUR_MS, 25 * (int64_t)HOUR_MS, 31 * 24 * (int64_t)HOUR_MS, 366 * 24 * (int64_t)HOUR_MS};
    uint64_t luck = sim_random_next(&sim->random);
    int64_t ms = luck % 3 == 0 && wrongs->jumps_far ? far_ms[luck / 8 % 5] : near_ms[luck / 8 % 8];
    return luck / 4 % 2 == 0 ? ms : -ms;
}

static void talk(sim_t *sim, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        sim_peer_t *from = sim->peers[sim_random_below(&sim->random, sim->peer_count)];
        sim_peer_t *to = sim->peers[sim_random_below(&sim->random, sim->peer_count)];
        if (from->state != SIM_ON)
            continue;
        size_t size = sim_random_below(&sim->random, 20) == 0 ? 20000 : 40 + sim_random_below(&sim->random, 400);
        if (from == to)
            sim_say_size(from, NULL, size);
        else if (sim_view(from, to)->is_known)
            sim_say_size(from, to, size);
        if (sim_random_below(&sim->random, 3) == 0)
            sim_run(sim, sim_random_below(&sim->random, 400));
    }
}

/* Clocks that are far off are so within a life: at a start nobody can say for how long he was away but his clock, and after an hour it
 * is believed (NKT_CLOCK_GRACE_MS). */
static void leave(sim_peer_t *peer, int is_silent)
{
    if (peer->options.skew_ms > NKT_CLOCK_SLACK_MS || peer->options.skew_ms < -NKT_CLOCK_SLACK_MS) {
        sim_peer_clock_jump(peer, -peer->options.skew_ms);
        sim_run(peer->sim, HOUR_MS); /* its record was signed anew */
    }
    if (peer->state == SIM_ON)
        sim_peer_leave(peer, is_silent);
}

static void one_wrong(sim_t *sim, sim_wrongs_t *wrongs)
{
    sim_random_t *random = &sim->random;
    sim_peer_t *peer = sim->peers[sim_random_below(random, sim->peer_count)];
    sim_peer_t *other = sim->peers[sim_random_below(random, sim->peer_count)];
    uint64_t what = sim_random_below(random, 16);
    wrongs->did[what]++;
    switch (what) {
    case 0:
    case 1:
        if (peer->state == SIM_ON)
            leave(peer, what == 0);
        break;
    case 2:
    case 3:
    case 4:
        if (peer->state == SIM_OFF)
            sim_peer_start(peer);
        break;
    case 5:
        if (peer->state == SIM_ON)
            sim_peer_sleep(peer, SECOND_MS + sim_random_below(random, sim_random_below(random, 8) == 0 ? 9 * HOUR_MS : 10 * MINUTE_MS),
                           (int)sim_random_below(random, 2));
        break;
    case 6:
        if (peer->state == SIM_ON)
            sim_peer_offline(peer, sim_random_below(random, 5 * MINUTE_MS));
        break;
    case 7:
        if (peer->state == SIM_ON)
            sim_peer_block(peer, sim_random_below(random, 20 * MINUTE_MS));
        break;
    case 8:
        if (peer->state == SIM_ON)
            sim_peer_clock_jump(peer, clock_step_ms(sim, wrongs));
        break;
    case 9:
        if (sim_random_below(random, 2) == 0)
            sim_relay_kill(sim, peer->index % sim->options.relay_count);
        else
            sim_relay_revive(sim, peer->index % sim->options.relay_count);
        break;
    case 10:
        if (sim_random_below(random, 2) == 0)
            sim_tracker_kill(sim, 0);
        else
            sim_tracker_revive(sim, 0);
        break;
    case 11:
        if (peer != other && sim_random_below(random, 2) == 0)
            sim_cut(sim, peer, other);
        else if (peer != other)
            sim_mend(sim, peer, other);
        break;
    case 12:
        if (peer != other)
            sim_path_break(sim, peer, other);
        break;
    case 13:
        wrongs->deaf_from = sim_random_below(random, 2) == 0 ? peer->index : SIM_NOBODY;
        wrongs->deaf_to = other->index;
        break;
    case 14:
        wrongs->mute = sim_random_below(random, 2) == 0 ? peer->index : SIM_NOBODY;
        break;
    default:
        wrongs->relay_permille = (uint32_t)sim_random_below(random, 2) * 300;
        break;
    }
}

static int all_awake(sim_t *sim)
{
    for (uint32_t i = 0; i < sim->peer_count; i++) {
        if (sim->peers[i]->state == SIM_ASLEEP)
            return 0;
    }
    return 1;
}

/* Everything as it should be; clocks are right when they have been set right. */
static void heal(sim_t *sim, sim_wrongs_t *wrongs)
{
    for (uint32_t i = 0; i < sim->options.relay_count; i++)
        sim_relay_revive(sim, i);
    sim_tracker_revive(sim, 0);
    sim_until(sim, all_awake, 10 * HOUR_MS, "waking");
    *wrongs = (sim_wrongs_t){.deaf_from = SIM_NOBODY, .deaf_to = SIM_NOBODY, .mute = SIM_NOBODY};
    for (uint32_t i = 0; i < sim->peer_count; i++) {
        sim_peer_t *peer = sim->peers[i];
        sim_peer_clock_jump(peer, -peer->options.skew_ms);
        peer->offline_ms = peer->blocked_ms = 0;
        for (uint32_t k = 0; k < i; k++)
            sim_mend(sim, peer, sim->peers[k]);
        if (peer->state == SIM_OFF)
            sim_peer_start(peer);
    }
}

void scenario_worst(const sim_run_options_t *run)
{
    uint64_t luck;
    sim_random_t choices;
    sim_figure_list_t figures = {0};
    sim_random_init(&choices, run->seed, 0x77);
    luck = sim_random_next(&choices);
    sim_options_t options = sim_defaults(run->seed);
    options.persist = 1;
    options.put_ms = luck & 1 ? (sim_range_t){0, 0} : (sim_range_t){1, luck & 2 ? 20 : 400};
    options.latency_ms = luck & 4 ? (sim_range_t){5, 60} : luck & 8 ? (sim_range_t){200, 900} : (sim_range_t){20, 400};
    options.loss_permille = luck & 16 ? 0 : 200;
    uint32_t count = 3 + (uint32_t)(luck / 64 % (COUNT_MAX - 2));
    uint32_t keeper_count = luck >> 40 & 1 ? 1 + (uint32_t)(luck >> 41 & 1) : 0;
    options.relay_count = 1 + (luck >> 42 & 1);
    sim_wrongs_t wrongs = {.deaf_from = SIM_NOBODY, .deaf_to = SIM_NOBODY, .mute = SIM_NOBODY, .jumps_far = luck / 32 % 2};
    sim_t *sim = sim_new(&options);
    snprintf(sim->note, sizeof sim->note, "far %d, ", wrongs.jumps_far);
    sim_malice_set(sim, &(sim_malice_t){.context = &wrongs, .relay = relay_wrong, .rtc = rtc_wrong});
    sim_peer_options_t keeper = sim_peer_defaults(sim);
    keeper.keeper = 1;
    for (uint32_t i = 0; i < count; i++) {
        sim_peer_start(sim_peer_add(sim, i < keeper_count ? &keeper : NULL));
        sim_run(sim, 50);
    }
    sim_until(sim, sim_all_met, 60000, "acquaintance");
    uint64_t hours = run->minutes >= 60 ? run->minutes / 60 : HOURS;
    double met_ms = 0, delivered_ms = 0, steps = 0;
    for (uint64_t hour = 0; hour < hours; hour++) {
        for (uint64_t until_ms = sim->now_ms + HOUR_MS; sim->now_ms < until_ms;) {
            one_wrong(sim, &wrongs);
            talk(sim, (uint32_t)sim_random_below(&sim->random, 8));
            sim_run(sim, sim_random_below(&sim->random, sim_random_below(&sim->random, 3) == 0 ? 5 * MINUTE_MS : 20000));
        }
        if (hour % 6 != 5)
            continue;
        int was_far = wrongs.jumps_far;
        heal(sim, &wrongs);
        wrongs.jumps_far = was_far;
        met_ms = sim_larger(met_ms, (double)sim_until(sim, sim_all_met, HEALED_MS, "acquaintance"));
        sim_until(sim, sim_all_are_linked, HEALED_MS, "links");
        for (uint32_t i = 0; i < count; i++) {
            sim_say(sim->peers[i], NULL);
            sim_say(sim->peers[i], sim->peers[(i + 1) % count]);
        }
        delivered_ms = sim_larger(delivered_ms, (double)sim_until(sim, sim_all_delivered, HEALED_MS, "delivered"));
        sim_run(sim, 5 * MINUTE_MS);
        for (uint32_t i = 0; i < count; i++)
            sim_peer_count_reset(sim->peers[i]);
        sim_run(sim, HOUR_MS);
        for (uint32_t i = 0; i < count; i++) {
            if (sim_peer_health(sim->peers[i], "users") != count - 1)
                sim_fail(sim, "%s knows %g", sim->peers[i]->name, sim_peer_health(sim->peers[i], "users"));
            steps = sim_larger(steps, (double)sim->peers[i]->counts.steps);
        }
        sim->trace.count = 0;
    }
    double memory = 0, records = 0;
    for (uint32_t i = 0; i < count; i++) {
        memory = sim_larger(memory, (double)sim->peers[i]->core_size);
        records = sim_larger(records, (double)sim->peers[i]->record_count);
    }
    sim_figure(&figures, "met_ms", met_ms);
    sim_figure(&figures, "delivered_ms", delivered_ms);
    sim_figure(&figures, "steps_per_h", steps);
    sim_figure(&figures, "memory", memory);
    sim_figure(&figures, "records", records);
    sim_figure(&figures, "deliveries", (double)sim->book.wait_count);
    sim_figures_print(sim, &figures);
    sim_free(sim);
}

/* ---- an older disk ---- */

static void records_copy(sim_record_t *to, const sim_record_t *from, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        to[i].name = (char *)sim_copy((const uint8_t *)from[i].name, strlen(from[i].name) + 1);
        to[i].bytes = sim_copy(from[i].bytes, from[i].bytes_size);
        to[i].bytes_size = from[i].bytes_size;
    }
}

/* One comes back with what was stored an hour or days ago, twice: sessions, windows, outbox and own time of then. */
void scenario_rollback(const sim_run_options_t *run)
{
    enum { COUNT = 4 };
    static const uint64_t ages_ms[] = {HOUR_MS, 30 * (uint64_t)HOUR_MS};
    sim_figure_list_t figures = {0};
    sim_options_t options = sim_defaults(run->seed);
    options.persist = 1;
    sim_t *sim = sim_new(&options);
    sim_peers_start(sim, COUNT, 50);
    sim_until(sim, sim_all_are_linked, 30000, "links");
    sim_peer_t *old = sim->peers[1];
    double delivered_ms = 0;
    for (size_t age = 0; age < sizeof ages_ms / sizeof ages_ms[0]; age++) {
        for (int i = 0; i < 40; i++) {
            sim_say(sim->peers[i % COUNT], i % 3 == 0 ? NULL : sim->peers[(i + 1) % COUNT]);
            sim_run(sim, 300);
        }
        sim_until(sim, sim_all_delivered, 10000, "delivered before");
        sim_run(sim, 5000);
        size_t count = old->record_count;
        uint64_t since_ms = sim->now_ms;
        sim_record_t *kept = sim_alloc(count, sizeof *kept);
        records_copy(kept, old->records, count);
        for (int i = 0; i < 60; i++) {
            sim_say(sim->peers[i % COUNT], i % 3 == 0 ? NULL : sim->peers[(i + 1) % COUNT]);
            sim_run(sim, ages_ms[age] / 60);
        }
        sim_until(sim, sim_all_delivered, 10000, "delivered meanwhile");
        for (int twice = 0; twice < 2; twice++) {
            sim_peer_crash(old);
            sim_host_records_free(old);
            sim_book_lost(sim, old->index, since_ms); /* what it heard since it may hear again, and nothing of before */
            old->records = sim_alloc(count, sizeof *kept);
            old->record_capacity = old->record_count = count;
            records_copy(old->records, kept, count);
            sim_ratchets_deinit(&sim->ratchets); /* what it sends has places that were used: that is what such a disk costs */
            sim->ratchets = (sim_ratchets_t){0};
            sim_run(sim, 20000);
            sim_peer_start(old);
            sim_run(sim, 1);
            for (uint32_t i = 0; i < COUNT; i++) {
                if (i != old->index)
                    sim_say(sim->peers[i], old), sim_say(old, sim->peers[i]);
            }
            sim_say(old, NULL);
            delivered_ms = sim_larger(delivered_ms, (double)sim_until(sim, sim_all_delivered, 30000, "delivered with an older disk"));
        }
        for (size_t i = 0; i < count; i++)
            free(kept[i].name), free(kept[i].bytes);
        free(kept);
    }
    sim_figure_most(&figures, "delivered_ms", delivered_ms, 15000);
    sim_figures_print(sim, &figures);
    sim_free(sim);
}
