/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Flaps of a network, a day of silence, a day of talk. */
#include "memory.h"
#include "scenarios.h"

#include "wire/limits.h"

enum { HOUR_MS = 3600000 };

void scenario_flap(const sim_run_options_t *run)
{
    enum { COUNT = 4, FLAPS = 10 };
    sim_options_t options = sim_defaults(run->seed);
    sim_t *sim = sim_new(&options);
    sim_peers_start(sim, COUNT, 50);
    sim_until(sim, sim_all_are_linked, 30000, "links");
    sim_run(sim, 60000); /* offers at the tracker have gone */
    for (uint32_t i = 0; i < COUNT; i++)
        sim_peer_count_reset(sim->peers[i]);
    for (int i = 0; i < FLAPS; i++) {
        sim_peer_offline(sim->peers[1], 2000);
        for (int k = 0; k < 50; k++) {
            sim_say(sim->peers[k % COUNT], NULL);
            sim_run(sim, 100);
        }
    }
    uint64_t delivered_ms = sim_until(sim, sim_all_delivered, 10000, "delivered");
    double most = 0;
    for (uint32_t i = 0; i < COUNT; i++)
        most = (double)sim->peers[i]->counts.rtc_count_max > most ? (double)sim->peers[i]->counts.rtc_count_max : most;
    SIM_CHECK(sim, most <= COUNT - 1 + 2);
    sim_figures(sim, "deliveries", (double)sim->book.wait_count, "delivered_ms", (double)delivered_ms, "rtc_count_max", most,
                "hear_p99_ms", (double)sim_book_wait_ms(sim, 99), NULL);
    sim_free(sim);
}

void scenario_idle(const sim_run_options_t *run)
{
    enum { COUNT = 5, HOURS = 24, WARM_HOURS = 3 };
    sim_options_t options = sim_defaults(run->seed);
    sim_t *sim = sim_new(&options);
    sim_peers_start(sim, COUNT, 50);
    sim_until(sim, sim_all_are_linked, 30000, "links");
    sim_run(sim, (uint64_t)WARM_HOURS * HOUR_MS);
    sim->trace.count = 0;
    double before = sim_core_memory_size(sim), most = before;
    for (uint32_t i = 0; i < COUNT; i++)
        sim_peer_count_reset(sim->peers[i]);
    for (int hour = WARM_HOURS; hour < HOURS; hour++) {
        sim_run(sim, HOUR_MS);
        most = sim_core_memory_size(sim) > most ? sim_core_memory_size(sim) : most;
    }
    double after = sim_core_memory_size(sim);
    double frames = 0, relayed = 0, rekeys = 0, downs = 0, opens = 0, users = 0, tracker = 0;
    for (uint32_t i = 0; i < COUNT; i++) {
        sim_peer_t *peer = sim->peers[i];
        frames += (double)(peer->counts.rtc_frames + peer->counts.relay_frames);
        relayed += (double)peer->counts.relay_frames;
        tracker += (double)peer->counts.tracker_frames;
        rekeys += (double)peer->counts.rekeys;
        downs += (double)peer->counts.links_down;
        opens += (double)(peer->counts.socket_opens + peer->counts.rtc_offers);
        users += (double)peer->counts.user_effects;
        SIM_CHECK(sim, sim_peer_health(peer, "users") == COUNT - 1);
        SIM_CHECK(sim, sim_peer_health(peer, "degree") == COUNT - 1);
    }
    double slots = (double)(HOURS - WARM_HOURS) * HOUR_MS / 15000;
    double per_neighbour = frames / slots / COUNT / COUNT; /* the others, and the relay */
    sim_figures(sim, "frames_per_neighbour_15s", per_neighbour, "memory_slope_per_h",
                (after - before) / (HOURS - WARM_HOURS), "memory_span", most - before, "relayed_15s",
                relayed / slots / COUNT, "opens_15s", opens / slots / COUNT, "tracker_frames_15s", tracker / slots / COUNT,
                NULL);
    SIM_CHECK(sim, rekeys == 0 && downs == 0);
    SIM_CHECK(sim, users <= 1.5 * COUNT * (COUNT - 1) * (HOURS - WARM_HOURS)); /* records are renewed every hour */
    SIM_CHECK(sim, per_neighbour <= 1);
    SIM_CHECK(sim, after < before + 65536);
    sim_say(sim->peers[3], NULL);
    sim_until(sim, sim_all_delivered, 1000, "delivered after a day");
    sim_free(sim);
}

/* ---- a day of talk ---- */

enum { SOAK_COUNT = 6, SOAK_HOURS = 24, SOAK_WARM_HOURS = 4 };

/* Somebody goes for a while, with a word or without; the others talk, also to who is away. */
static void soak_round(sim_t *sim, uint64_t luck)
{
    sim_peer_t *goes = sim->peers[luck % SOAK_COUNT];
    if (luck >> 8 & 1)
        sim_peer_crash(goes);
    else
        sim_peer_stop(goes);
    for (int minute = 0; minute < 20; minute++) {
        for (uint32_t i = 0; i < SOAK_COUNT; i++) {
            sim_peer_t *peer = sim->peers[i];
            if (peer->state == SIM_ON)
                sim_say_size(peer, minute % 3 == 0 ? sim->peers[(i + 1) % SOAK_COUNT] : NULL, 40 + (luck >> 16) % 1000);
        }
        sim_run(sim, 60000);
        if (minute == 9)
            sim_peer_start(goes);
    }
    sim_until(sim, sim_all_delivered, 60000, "delivered");
}

/* A history is bounded, and fills up in some hours: that is no growth. It is full before anything is measured. */
static void histories_fill(sim_t *sim)
{
    enum { SIZE = 1000, ROUNDS = NKT_HISTORY_SIZE_MAX / SIZE / SOAK_COUNT + 1 };
    for (int round = 0; round < ROUNDS; round++) {
        for (uint32_t i = 0; i < SOAK_COUNT; i++)
            sim_say_size(sim->peers[i], NULL, SIZE);
        sim_run(sim, 200);
    }
    sim_until(sim, sim_all_delivered, 60000, "delivered");
    sim_run(sim, 2 * NKT_SEEN_GENERATION_MS); /* the ids seen meanwhile are forgotten: no shrinking hides growth */
}

/* Least squares: bytes per hour. */
static double slope(const double *sizes, int from, int to)
{
    double n = to - from, sum_x = 0, sum_y = 0, sum_xx = 0, sum_xy = 0;
    for (int i = from; i < to; i++) {
        sum_x += i, sum_y += sizes[i];
        sum_xx += (double)i * i, sum_xy += i * sizes[i];
    }
    return (n * sum_xy - sum_x * sum_y) / (n * sum_xx - sum_x * sum_x);
}

void scenario_soak(const sim_run_options_t *run)
{
    double sizes[SOAK_HOURS], most = 0;
    int hours = run->minutes >= 120 && run->minutes < SOAK_HOURS * 60 ? (int)run->minutes / 60 : SOAK_HOURS;
    sim_figure_list_t figures = {0};
    sim_options_t options = sim_defaults(run->seed);
    options.persist = 1;
    sim_t *sim = sim_new(&options);
    sim_peers_start(sim, SOAK_COUNT, 50);
    sim_until(sim, sim_all_are_linked, 30000, "links");
    histories_fill(sim);
    for (int hour = 0; hour < hours; hour++) {
        for (int i = 0; i < 3; i++)
            soak_round(sim, sim_random_next(&sim->random));
        sim->trace.count = 0;
        sizes[hour] = 0; /* of the cores, not of the world */
        for (uint32_t i = 0; i < SOAK_COUNT; i++)
            sizes[hour] += (double)sim->peers[i]->core_size;
        most = sizes[hour] > most ? sizes[hour] : most;
    }
    double rekeys = 0, records = 0;
    for (uint32_t i = 0; i < SOAK_COUNT; i++) {
        rekeys += (double)sim->peers[i]->counts.rekeys;
        records += (double)sim->peers[i]->record_count;
    }
    sim_figure_most(&figures, "memory_slope_per_h", slope(sizes, hours > 2 * SOAK_WARM_HOURS ? SOAK_WARM_HOURS : 0, hours), 1048576);
    sim_figure(&figures, "memory", sizes[hours - 1]);
    sim_figure(&figures, "memory_max", most);
    sim_figure(&figures, "deliveries", (double)sim->book.wait_count);
    sim_figure(&figures, "rekeys", rekeys);
    sim_figure(&figures, "records", records);
    sim_figures_print(sim, &figures);
    sim_free(sim);
}
