/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines on which one packet takes seconds: a satellite behind a full buffer, the edge of a village. */
#include "scenarios.h"
#include "wire/limits.h"
#include "world.h"

enum { MINUTE_MS = 60000 };

void scenario_slow(const sim_run_options_t *run)
{
    enum { COUNT = 4, MESSAGES = 60 };
    sim_figure_list_t figures = {0};
    sim_options_t options = sim_defaults(run->seed);
    options.latency_ms = (sim_range_t){200, 6000};
    options.loss_permille = 300;
    sim_t *sim = sim_new(&options);
    sim_peers_start(sim, COUNT, 50);
    double session_ms = (double)sim_until(sim, sim_all_have_sessions, 300000, "sessions");
    sim_run(sim, 600000);
    for (uint32_t i = 0; i < COUNT; i++)
        sim_peer_count_reset(sim->peers[i]);
    sim_run(sim, 600000);
    double idle = 0, busy = 0;
    for (uint32_t i = 0; i < COUNT; i++) {
        idle += (double)(sim->peers[i]->counts.rtc_frames + sim->peers[i]->counts.relay_frames);
        sim_peer_count_reset(sim->peers[i]);
    }
    uint64_t begun_ms = sim->now_ms;
    for (int i = 0; i < MESSAGES; i++) {
        sim_say(sim->peers[i % COUNT], i % 2 == 0 ? NULL : sim->peers[(i + 1) % COUNT]);
        sim_run(sim, 10000);
    }
    double delivered_ms = (double)sim_until(sim, sim_all_delivered, 60000, "delivered");
    double minutes = (double)(sim->now_ms - begun_ms) / 60000;
    for (uint32_t i = 0; i < COUNT; i++)
        busy += (double)(sim->peers[i]->counts.rtc_frames + sim->peers[i]->counts.relay_frames);
    sim_figure(&figures, "session_ms", session_ms);
    sim_figure(&figures, "delivered_ms", delivered_ms);
    sim_figure(&figures, "idle_frames_per_min_and_peer", idle / 10 / COUNT);
    sim_figure_most(&figures, "frames_per_delivery", (busy - idle * minutes / 10) / (MESSAGES / 2 * COUNT), 12); /* 4 within a second */
    sim_figure(&figures, "hear_p99_ms", sim_book_wait_ms(sim, 99));
    sim_figures_print(sim, &figures);
    sim_free(sim);
}

/* Two who meet by trackers alone, or by a relay alone, where each packet takes 3 s. */
static sim_t *line_make(const sim_run_options_t *run, uint32_t relay_count)
{
    sim_options_t options = sim_defaults(run->seed);
    options.latency_ms = (sim_range_t){3000, 3050};
    options.relay_count = relay_count;
    options.tracker_count = 1 - relay_count;
    sim_t *sim = sim_new(&options);
    sim_peers_start(sim, 2, 50);
    return sim;
}

/* Linked, and what is said is heard. */
static double line_met_ms(sim_t *sim)
{
    double linked_ms = (double)sim_until(sim, sim_all_are_linked, 2 * MINUTE_MS, "a link");
    sim_until(sim, sim_all_have_sessions, MINUTE_MS, "sessions");
    for (int i = 0; i < 10; i++) {
        sim_say(sim->peers[i % 2], NULL);
        sim_run(sim, 1000);
    }
    sim_until(sim, sim_all_delivered, MINUTE_MS, "delivered");
    sim_run(sim, 10 * MINUTE_MS);
    SIM_CHECK(sim, sim_all_are_linked(sim));
    return linked_ms;
}

static int is_back(sim_t *sim)
{
    uint32_t open_count = 0;
    for (uint32_t i = 0; i < sim->sockets.count; i++)
        open_count += sim->sockets.list[i] != NULL && sim->sockets.list[i]->has_hello;
    return open_count == sim->peer_count;
}

void scenario_slow_line(const sim_run_options_t *run)
{
    enum { OPEN_MS = 6 * 3050 };
    sim_figure_list_t figures = {0};
    sim_t *sim = line_make(run, 0);
    double by_tracker_ms = line_met_ms(sim);
    sim_free(sim);
    sim = line_make(run, 1);
    double by_relay_ms = line_met_ms(sim);
    const sim_server_t *relay = sim_server_find(sim, 0, 0);
    uint64_t connect_count = relay->connect_count;
    sim_peer_count_reset(sim->peers[0]);
    sim_peer_step(sim->peers[0], &(nkt_event_t){.kind = NKT_EV_WAKE}); /* as when the network changed: it asks who is there */
    sim_run(sim, MINUTE_MS);
    SIM_CHECK(sim, relay->connect_count == connect_count && sim->peers[0]->counts.links_down == 0);
    sim_relay_kill(sim, 0);
    sim_run(sim, 2 * MINUTE_MS);
    sim_relay_revive(sim, 0);
    double back_ms = (double)sim_until(sim, is_back, MINUTE_MS, "back at the relay");
    sim_figure(&figures, "by_tracker_ms", by_tracker_ms);
    sim_figure(&figures, "by_relay_ms", by_relay_ms);
    sim_figure_most(&figures, "back_ms", back_ms, 2 * OPEN_MS + NKT_RELAY_RETRY_MS_MAX); /* one that begins too early, and the next */
    sim_figures_print(sim, &figures);
    sim_free(sim);
}
