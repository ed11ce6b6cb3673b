/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One content in a small world: without a link, over a relay; a reload in the middle, with no server left; one who is muted. */
#include "scenarios.h"
#include "wire/limits.h"

enum { SMALL_COUNT = 10, LARGE_COUNT = 40, RELAYED_MS = 30000, PIECE_COUNT = 200, MUTED_MS = 30000 };

static int all_have_it(sim_t *sim)
{
    for (uint32_t i = 0; i < sim->peer_count; i++) {
        if (i != sim->content.author && (sim->peers[i]->state != SIM_ON || !sim->peers[i]->holding.is_done))
            return 0;
    }
    return 1;
}

static sim_t *two_without_links(const sim_run_options_t *run)
{
    sim_options_t options = sim_defaults(run->seed);
    options.tracker_count = 0;
    sim_t *sim = sim_new(&options);
    sim_peer_options_t by_relay = sim_peer_defaults(sim);
    by_relay.has_rtc = 0;
    for (int i = 0; i < 2; i++)
        sim_peer_start(sim_peer_add(sim, &by_relay));
    sim_until(sim, sim_all_have_sessions, 5000, "sessions");
    return sim;
}

void scenario_content_relayed(const sim_run_options_t *run)
{
    sim_t *sim = two_without_links(run);
    sim_content_share(sim->peers[0], SMALL_COUNT);
    sim_content_open(sim->peers[1]);
    uint64_t ms = sim_until(sim, all_have_it, RELAYED_MS, "a small content over the relay");
    double refused = sim_peer_health(sim->peers[0], "dropped.NKT_E_RATE") + sim_peer_health(sim->peers[1], "dropped.NKT_E_RATE");
    SIM_CHECK(sim, refused == 0);
    sim_figures(sim, "relayed_s", (double)ms / 1000, NULL);
    sim_free(sim);

    sim = two_without_links(run); /* a large one waits for a link */
    sim_content_share(sim->peers[0], LARGE_COUNT);
    sim_peer_count_reset(sim->peers[0]);
    sim_content_open(sim->peers[1]);
    sim_run(sim, RELAYED_MS);
    SIM_CHECK(sim, sim->content.data_size == 0 && sim->content.given_size == 0 && !sim->peers[1]->holding.is_done);
    SIM_CHECK(sim, sim->peers[0]->counts.sent_size < NKT_PIECE_SIZE);
    sim_free(sim);
}

static int is_back(sim_t *sim)
{
    return sim->peers[1]->neighbour_count > 0;
}

void scenario_content_reload(const sim_run_options_t *run)
{
    sim_options_t options = sim_defaults(run->seed);
    options.line_bytes_per_s = 1250000;
    options.persist = 1;
    sim_t *sim = sim_new(&options);
    sim_peers_start(sim, 4, 100);
    sim_until(sim, sim_all_are_linked, 20000, "links");
    sim_content_share(sim->peers[0], PIECE_COUNT);
    for (uint32_t i = 1; i < sim->peer_count; i++)
        sim_content_open(sim->peers[i]);
    sim_run(sim, 2000);
    SIM_CHECK(sim, !all_have_it(sim) && sim->peers[1]->holding.count > 0);
    uint32_t had = sim->peers[1]->holding.count;
    sim_peer_crash(sim->peers[1]);
    sim_run(sim, 1000);
    sim_peer_start(sim->peers[1]);
    sim_content_open(sim->peers[1]);
    sim_until(sim, is_back, 60000, "a link again");
    SIM_CHECK(sim, !sim->peers[1]->holding.is_done);
    sim_relay_kill(sim, 0);
    sim_tracker_kill(sim, 0);
    uint64_t ms = sim_until(sim, all_have_it, 60000, "everybody after a reload");
    sim_figures(sim, "had_before", (double)had, "after_s", (double)ms / 1000, "fetched_ratio",
                (double)sim->content.data_size / (double)sim->content.written_size, NULL);
    sim_free(sim);
}

void scenario_content_muted(const sim_run_options_t *run)
{
    sim_options_t options = sim_defaults(run->seed);
    options.line_bytes_per_s = 1250000;
    sim_t *sim = sim_new(&options);
    sim_peers_start(sim, 2, 100);
    sim_until(sim, sim_all_are_linked, 20000, "links");
    sim_content_share(sim->peers[0], PIECE_COUNT);
    sim_content_open(sim->peers[1]);
    sim_run(sim, 2000);
    SIM_CHECK(sim, sim->content.given_size > 0 && !sim->peers[1]->holding.is_done);
    sim_peer_set_flags(sim->peers[0], sim->peers[1], NKT_USER_MUTED);
    uint64_t given = sim->content.given_size;
    sim_run(sim, MUTED_MS);
    SIM_CHECK(sim, sim->content.given_size == given && !sim->peers[1]->holding.is_done);
    sim_peer_set_flags(sim->peers[0], sim->peers[1], 0);
    uint64_t ms = sim_until(sim, all_have_it, 60000, "who is sent something again");
    sim_figures(sim, "after_s", (double)ms / 1000, NULL);
    sim_free(sim);
}
