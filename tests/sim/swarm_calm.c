/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Large swarms that nothing happens to: what a message costs, what a peer costs, what silence costs; and bad links. */
#include <time.h>

#include "swarm.h"

enum {
    MESSAGE_COUNT = 100,
    MESSAGE_GAP_MS = 200,
    LATE_MS = 30000,              /* what is not there by then does not count as delivered */
    ENCRYPTED_PEER_COUNT_MAX = 100, /* so small a swarm is spoken to encrypted, too */
    ENCRYPTED_COUNT = 10,
};

static double per(double sum, double count)
{
    return count > 0 ? sum / count : 0;
}

/* Copies that came for nothing, for each that was the first. */
static double redundant(const sim_t *sim, uint32_t first, uint32_t end)
{
    double copies = 0, useful = 0;
    for (uint32_t i = first; i < end; i++) {
        copies += sim->book.said[i].copy_count + (double)sim->book.said[i].relayed_count;
        useful += sim->book.said[i].heard_count;
    }
    return useful > 0 ? (copies - useful) / useful : 0;
}

static double encrypted_share(sim_t *sim)
{
    uint32_t first = sim->book.said_count;
    for (int i = 0; i < ENCRYPTED_COUNT; i++) {
        sim_say(sim_swarm_any(sim), NULL);
        sim_run(sim, MESSAGE_GAP_MS);
    }
    sim_run(sim, LATE_MS);
    return sim_swarm_delivered(sim, first, sim->book.said_count, SIM_SETTLE_MS);
}

void scenario_calm(const sim_run_options_t *run)
{
    uint32_t count = sim_swarm_size(run, 1000);
    sim_options_t options = sim_swarm_options(run);
    sim_t *sim = sim_swarm_ready(&options, count);
    sim_figure_list_t figures = {.count = 0};
    double joined = (double)sim->ends.joined_count, opened = (double)sim->ends.opened_count;
    double connected = sim_swarm_connected(sim), degree = sim_swarm_degree(sim);
    uint32_t first = sim_swarm_talk(sim, MESSAGE_COUNT, MESSAGE_GAP_MS);
    sim_run(sim, LATE_MS);
    uint32_t end = sim->book.said_count;
    sim_figure_least(&figures, "delivered_share", sim_swarm_delivered(sim, first, end, 0), 1);
    sim_figure_most(&figures, "redundant", redundant(sim, first, end), count > ENCRYPTED_PEER_COUNT_MAX ? 0.2 : 0.5); /* few are flooded */
    sim_figure(&figures, "p50_ms", sim_book_wait_ms(sim, 50));
    sim_figure_most(&figures, "p99_ms", sim_book_wait_ms(sim, 99), 700);
    sim_figure_most(&figures, "setups_per_peer", per(joined, count), 12);
    sim_figure(&figures, "setups_failed_per_peer", per(joined - opened, count));
    sim_figure(&figures, "hops_p50", sim_book_hops(sim, 50));
    sim_figure(&figures, "hops_last", sim_book_hops(sim, 100));
    sim_figure_least(&figures, "connected_share", connected, 1);
    sim_figure(&figures, "degree", degree);
    if (count <= ENCRYPTED_PEER_COUNT_MAX)
        sim_figure_least(&figures, "encrypted_share", encrypted_share(sim), 1);
    sim_figure(&figures, "frames_sound", (double)sim->witness.count);
    sim_figure(&figures, "frames_unknown", (double)sim->witness.unknown_count);
    sim_swarm_costs(sim, &figures);
    sim_swarm_caps(sim, &figures);
    sim_figures_print(sim, &figures);
    sim_free(sim);
}

void scenario_lossy(const sim_run_options_t *run)
{
    sim_options_t options = sim_swarm_options(run);
    options.loss_permille = run->loss_permille >= 0 ? (uint32_t)run->loss_permille : 100;
    options.cut_permille = run->cut_permille >= 0 ? (uint32_t)run->cut_permille : 250;
    sim_t *sim = sim_swarm_ready(&options, sim_swarm_size(run, 200));
    sim_figure_list_t figures = {.count = 0};
    double connected = sim_swarm_connected(sim);
    uint32_t first = sim_swarm_talk(sim, MESSAGE_COUNT, MESSAGE_GAP_MS);
    sim_run(sim, LATE_MS);
    sim_figure_least(&figures, "delivered_share", sim_swarm_delivered(sim, first, sim->book.said_count, 0), 1);
    sim_figure(&figures, "p50_ms", sim_book_wait_ms(sim, 50));
    sim_figure(&figures, "p99_ms", sim_book_wait_ms(sim, 99));
    sim_figure_most(&figures, "last_ms", sim_book_wait_ms(sim, 100), LATE_MS);
    sim_figure(&figures, "redundant", redundant(sim, first, sim->book.said_count));
    sim_figure_least(&figures, "connected_share", connected, 1);
    sim_figure(&figures, "degree", sim_swarm_degree(sim));
    sim_swarm_costs(sim, &figures);
    sim_swarm_caps(sim, &figures);
    sim_figures_print(sim, &figures);
    sim_free(sim);
}

/* ---- far apart, and much said ---- */

static void spread_print(sim_t *sim, uint32_t first, double p99_most_ms)
{
    sim_figure_list_t figures = {.count = 0};
    sim_figure_least(&figures, "delivered_share", sim_swarm_delivered(sim, first, sim->book.said_count, 0), 1);
    sim_figure(&figures, "p50_ms", sim_book_wait_ms(sim, 50));
    sim_figure_most(&figures, "p99_ms", sim_book_wait_ms(sim, 99), p99_most_ms);
    sim_figure_most(&figures, "redundant", redundant(sim, first, sim->book.said_count), 0.2);
    sim_figure(&figures, "hops_p50", sim_book_hops(sim, 50));
    sim_figure(&figures, "hops_last", sim_book_hops(sim, 100));
    sim_swarm_caps(sim, &figures);
    sim_figures_print(sim, &figures);
    sim_free(sim);
}

/* Half of all pairs are further apart than what was waited for a copy that was asked for. */
void scenario_far(const sim_run_options_t *run)
{
    enum { MOST_MS = 1100 };
    sim_options_t options = sim_swarm_options(run);
    options.latency_ms = (sim_range_t){50, 250};
    sim_t *sim = sim_swarm_ready(&options, sim_swarm_size(run, 150));
    uint32_t first = sim_swarm_talk(sim, MESSAGE_COUNT, MESSAGE_GAP_MS);
    sim_run(sim, LATE_MS);
    spread_print(sim, first, MOST_MS);
}

/* Announcements of one link are gathered for a tenth of a second: here there are five in each. */
void scenario_busy(const sim_run_options_t *run)
{
    enum { BUSY_COUNT = 500, GAP_MS = 20, MOST_MS = 650 };
    sim_options_t options = sim_swarm_options(run);
    sim_t *sim = sim_swarm_ready(&options, sim_swarm_size(run, 150));
    uint32_t first = sim_swarm_talk(sim, BUSY_COUNT, GAP_MS);
    sim_run(sim, LATE_MS);
    spread_print(sim, first, MOST_MS);
}

/* ---- what it costs ---- */

static double cpu_sum_ms(const sim_t *sim)
{
    double sum = 0;
    for (uint32_t i = 0; i < sim->peer_count; i++)
        sum += (double)sim->peers[i]->cpu_ns / 1e6;
    return sum;
}

static double process_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void scenario_scale(const sim_run_options_t *run)
{
    enum { ALLOWED_KB = 400, ALLOWED_S = 900, SMALLER_COUNT_MAX = 1000 };
    uint32_t count = sim_swarm_size(run, 1000);
    sim_options_t options = sim_swarm_options(run);
    options.is_timed = 1;
    double begun_s = process_s();
    sim_t *sim = sim_swarm_ready(&options, count);
    sim_figure_list_t figures = {.count = 0};
    double join_ms = cpu_sum_ms(sim), join_s = process_s() - begun_s;
    uint32_t first = sim_swarm_talk(sim, MESSAGE_COUNT, MESSAGE_GAP_MS);
    sim_run(sim, LATE_MS / 3);
    double talk_ms = cpu_sum_ms(sim) - join_ms, all_s = process_s() - begun_s;
    sim_figure(&figures, "peers", count);
    sim_figure_least(&figures, "delivered_share", sim_swarm_delivered(sim, first, sim->book.said_count, 0), 1);
    sim_figure_most(&figures, "p99_ms", sim_book_wait_ms(sim, 99), count > SMALLER_COUNT_MAX ? 1000 : 700);
    sim_figure_most(&figures, "redundant", redundant(sim, first, sim->book.said_count), count > ENCRYPTED_PEER_COUNT_MAX ? 0.2 : 0.5);
    sim_figure(&figures, "join_cpu_ms_per_peer", per(join_ms, count));
    sim_figure(&figures, "talk_cpu_us_per_peer_message", per(talk_ms * 1000, (double)count * MESSAGE_COUNT));
    sim_figure(&figures, "join_s", join_s);
    sim_figure_most(&figures, "all_s", all_s, ALLOWED_S);
    sim_figure(&figures, "world_us_per_event", per((all_s - (join_ms + talk_ms) / 1000) * 1e6, (double)sim->event_count));
    sim_swarm_costs(sim, &figures);
    double held = 0;
    for (uint32_t i = 0; i < count; i++)
        held += (double)sim->peers[i]->core_size / 1000;
    sim_figure_most(&figures, "memory_mean_kb", per(held, count), ALLOWED_KB);
    sim_swarm_caps(sim, &figures);
    sim_figures_print(sim, &figures);
    sim_free(sim);
}

/* ---- links that people ask for ---- */

static int is_connect_answered(sim_t *sim)
{
    return sim->peers[0]->connect_result != 1;
}

/* The first peer asks for links with strangers whom it knows from gossip: through the swarm, there is nothing else. */
void scenario_connect_crowd(const sim_run_options_t *run)
{
    enum { ASKED_COUNT = 8, WAIT_MS = 20000 };
    sim_options_t options = sim_swarm_options(run);
    options.cut_permille = 0;
    sim_t *sim = sim_swarm_ready(&options, sim_swarm_size(run, 100));
    sim_figure_list_t figures = {.count = 0};
    sim_peer_t *seeker = sim->peers[0];
    sim_swarm_servers(sim, 1, 0);
    sim_run(sim, WAIT_MS);
    uint32_t asked = 0, linked = 0;
    uint64_t most_ms = 0;
    for (uint32_t i = 1; i < sim->peer_count && asked < ASKED_COUNT; i++) {
        sim_peer_t *sought = sim->peers[i];
        const sim_view_t *view = sim_view(seeker, sought);
        if (!view->is_known || view->is_linked)
            continue;
        asked++;
        uint64_t begun_ms = sim->now_ms;
        sim_peer_connect(seeker, &sought->address, WAIT_MS);
        sim_until(sim, is_connect_answered, WAIT_MS + 1000, "an answer");
        linked += seeker->connect_result == 0;
        most_ms = sim->now_ms - begun_ms > most_ms ? sim->now_ms - begun_ms : most_ms;
    }
    SIM_CHECK(sim, asked == ASKED_COUNT);
    sim_figure_least(&figures, "linked_share", per(linked, asked), 1);
    sim_figure(&figures, "most_ms", (double)most_ms);
    sim_swarm_caps(sim, &figures);
    sim_figures_print(sim, &figures);
    sim_free(sim);
}

/* ---- silence ---- */

void scenario_idle_swarm(const sim_run_options_t *run)
{
    enum { QUIET_MS = 600000, UNIT_MS = 15000, BEFORE_MS = 120000 };
    uint32_t count = sim_swarm_size(run, 100);
    sim_options_t options = sim_swarm_options(run);
    sim_t *sim = sim_swarm_ready(&options, count);
    sim_figure_list_t figures = {.count = 0};
    sim_run(sim, BEFORE_MS);
    for (uint32_t i = 0; i < count; i++)
        sim_peer_count_reset(sim->peers[i]);
    sim_run(sim, QUIET_MS);
    double frames = 0, neighbours = 0, worst = 0, servers = 0, offers = 0;
    for (uint32_t i = 0; i < count; i++) {
        const sim_peer_t *peer = sim->peers[i];
        double own = per((double)peer->counts.rtc_frames, peer->neighbour_count * (double)(QUIET_MS / UNIT_MS));
        frames += (double)peer->counts.rtc_frames;
        neighbours += peer->neighbour_count;
        servers += (double)(peer->counts.tracker_frames + peer->counts.relay_frames);
        offers += (double)(peer->counts.rtc_offers + peer->counts.rtc_answers);
        worst = own > worst ? own : worst;
    }
    sim_figure_most(&figures, "frames_per_neighbour_15s", per(frames, neighbours * (QUIET_MS / UNIT_MS)), 1);
    sim_figure(&figures, "worst_peer", worst);
    sim_figure(&figures, "server_frames_per_minute", per(servers, count * (double)(QUIET_MS / 60000)));
    sim_figure(&figures, "offers_per_minute", per(offers, count * (double)(QUIET_MS / 60000)));
    sim_figure(&figures, "degree", sim_swarm_degree(sim));
    sim_figure_least(&figures, "connected_share", sim_swarm_connected(sim), 1);
    sim_swarm_costs(sim, &figures);
    sim_swarm_caps(sim, &figures);
    sim_figures_print(sim, &figures);
    sim_free(sim);
}
