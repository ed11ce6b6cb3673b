/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Wall clocks that are wrong, and are set right. */
#include <string.h>

#include "scenarios.h"

enum { MINUTE_MS = 60000, HOUR_MS = 3600000, DAY_MS = 86400000, OFF_COUNT = 5 };

const int64_t sim_offs[SIM_OFF_COUNT] = {15 * MINUTE_MS, -15 * MINUTE_MS,     2 * HOUR_MS,
                                         -2 * HOUR_MS,   3 * (int64_t)DAY_MS, -3 * (int64_t)DAY_MS};

/* Who is off is told so, by about how much, and nobody else is. */
static void told_check(sim_t *sim)
{
    for (uint32_t i = 0; i < sim->peer_count; i++) {
        sim_peer_t *peer = sim->peers[i];
        double skew_ms = (double)peer->options.skew_ms,
               offset_ms = sim_peer_health(peer, "clock.offsetMs");
        int is_off = skew_ms < -10000 || skew_ms > 10000;
        if (sim_peer_health(peer, "clock.people") < 2)
            sim_fail(sim, "%s heard the time of %g", peer->name,
                     sim_peer_health(peer, "clock.people"));
        if ((sim_peer_health(peer, "clock.off") != 0) != is_off || offset_ms - skew_ms > 10000 ||
            skew_ms - offset_ms > 10000)
            sim_fail(sim, "%s is off by %g and told %g", peer->name, skew_ms, offset_ms);
    }
}

static void all_say(sim_t *sim)
{
    for (uint32_t i = 0; i < sim->peer_count; i++) {
        sim_say(sim->peers[i], NULL);
        sim_say(sim->peers[i], sim->peers[(i + 1) % sim->peer_count]);
    }
}

/* One is off, or two in opposite ways: with relay and tracker, with the relay alone, with the
 * tracker alone. */
static double room_run(uint64_t seed, int relays, int trackers, int64_t off, int64_t other_off,
                       double *delivered_ms)
{
    enum { COUNT = 6 };
    sim_options_t options = sim_defaults(seed);
    options.relay_count = (uint32_t)relays;
    options.tracker_count = (uint32_t)trackers;
    options.persist = seed % 2 == 0;
    if (trackers == 0)
        options.cut_permille = 1000;
    sim_t *sim = sim_new(&options);
    for (uint32_t i = 0; i < COUNT; i++) {
        sim_peer_start(sim_peer_add_skewed(sim, i == 1 ? off : i == 4 ? other_off : 0));
        sim_run(sim, 50);
    }
    double met_ms = (double)sim_until(sim, sim_all_have_sessions, relays > 0 ? 5000 : 60000,
                                      "sessions, whatever the clocks say");
    sim_until(sim, sim_all_know_all, 10000, "acquaintance");
    all_say(sim);
    *delivered_ms =
        sim_larger(*delivered_ms, (double)sim_until(sim, sim_all_delivered, 5000, "delivered"));
    sim_run(sim, 2000);
    told_check(sim);
    if (relays > 0 && trackers > 0)
        sim_run(sim, 3 * HOUR_MS); /* records are renewed, and live as long as others' */
    SIM_CHECK(sim, sim_peer_health(sim->peers[0], "users") == COUNT - 1);
    all_say(sim);
    *delivered_ms = sim_larger(
        *delivered_ms, (double)sim_until(sim, sim_all_delivered, 5000, "delivered after hours"));
    sim_peer_clock_jump(sim->peers[1], -off);
    sim_peer_clock_jump(sim->peers[4], -other_off);
    sim_run(sim, MINUTE_MS);
    told_check(sim); /* goes away when it is right */
    all_say(sim);
    *delivered_ms = sim_larger(*delivered_ms, (double)sim_until(sim, sim_all_delivered, 5000,
                                                            "delivered once it is right"));
    sim_free(sim);
    return met_ms;
}

void scenario_clocks(const sim_run_options_t *run)
{
    double relay_ms = 0, tracker_ms = 0, delivered_ms = 0;
    for (size_t i = 0; i < SIM_OFF_COUNT; i++) {
        relay_ms = sim_larger(relay_ms, room_run(run->seed, 1, 1, sim_offs[i], 0, &delivered_ms));
        relay_ms = sim_larger(relay_ms, room_run(run->seed, 1, 0, sim_offs[i], -sim_offs[i], &delivered_ms));
        tracker_ms = sim_larger(tracker_ms, room_run(run->seed, 0, 1, sim_offs[i],
                                                 i % 2 == 0 ? -sim_offs[i] : 0, &delivered_ms));
    }
    sim_figure_list_t figures = {0};
    sim_options_t options = sim_defaults(run->seed);
    sim_t *sim = sim_new(&options);
    sim_figure_most(&figures, "met_by_relay_ms", relay_ms, 5000);
    sim_figure(&figures, "met_by_tracker_ms", tracker_ms);
    sim_figure_most(&figures, "delivered_ms", delivered_ms, 3000);
    sim_figures_print(sim, &figures);
    sim_free(sim);
}

static sim_t *many_start(const sim_run_options_t *run, uint32_t count)
{
    sim_options_t options = sim_defaults(run->seed);
    options.relay_count = 0;
    options.peer_count_max = count;
    options.link_count_max = 6;
    sim_t *sim = sim_new(&options);
    for (uint32_t i = 0; i < count; i++) {
        int is_off = i % (count / OFF_COUNT) == 3;
        sim_peer_start(sim_peer_add_skewed(sim, is_off ? sim_offs[i / (count / OFF_COUNT)] : 0));
        sim_run(sim, 200);
    }
    return sim;
}

static int has_each_a_link(sim_t *sim)
{
    for (uint32_t i = 0; i < sim->peer_count; i++) {
        if (sim->peers[i]->neighbour_count == 0)
            return 0;
    }
    return 1;
}

void scenario_clocks_many(const sim_run_options_t *run)
{
    enum { COUNT = 40 };
    sim_figure_list_t figures = {0};
    sim_t *sim = many_start(run, COUNT);
    double first_link_ms = (double)sim_until(sim, has_each_a_link, 60000, "a link for each");
    sim_figure(&figures, "first_link_ms", first_link_ms); /* of those whose offers all went to peers with links enough */
    sim_figure_most(&figures, "known_ms",
                    first_link_ms + (double)sim_until(sim, sim_all_know_all, 180000, "acquaintance"), 10000);
    sim_run(sim, MINUTE_MS);
    told_check(sim);
    for (uint32_t i = 0; i < COUNT; i++) {
        sim_say(sim->peers[i], NULL);
        sim_say(sim->peers[i], sim->peers[(i * 7 + 3) % COUNT]);
        sim_run(sim, 200);
    }
    sim_figure_most(&figures, "delivered_ms",
                    (double)sim_until(sim, sim_all_delivered, 60000, "delivered"), 20000);
    double expired = 0;
    for (uint32_t i = 0; i < COUNT; i++)
        expired = sim_larger(expired, sim_peer_health(sim->peers[i], "dropped.NKT_E_EXPIRED"));
    sim_figure(&figures, "doubted_most", expired);
    sim_figures_print(sim, &figures);
    sim_free(sim);
}

/* Where not everybody is asked, and few know one another. */
void scenario_clocks_crowd(const sim_run_options_t *run)
{
    enum { COUNT = 100 };
    sim_figure_list_t figures = {0};
    uint32_t numbers[COUNT];
    sim_t *sim = many_start(run, COUNT);
    sim_run(sim, 2 * MINUTE_MS);
    for (uint32_t i = 0; i < COUNT; i++) {
        numbers[i] = sim_say_clear(sim->peers[i]);
        sim_run(sim, 200);
    }
    sim_run(sim, 20000);
    double heard_off = 0, heard = 0, off_count = 0;
    for (uint32_t i = 0; i < COUNT; i++) {
        int is_off = i % (COUNT / OFF_COUNT) == 3;
        off_count += is_off;
        for (uint32_t k = 0; k < COUNT; k++) {
            if (k != i)
                *(is_off ? &heard_off : &heard) += sim_heard_count(sim, numbers[i], sim->peers[k]);
        }
    }
    sim_figure_least(&figures, "heard_of_right", heard / (COUNT - off_count) / (COUNT - 1), 0.99);
    sim_figure_least(&figures, "heard_of_off", heard_off / off_count / (COUNT - 1), 0.99);
    sim_figures_print(sim, &figures);
    sim_free(sim);
}

/* ---- set right ---- */

/* It says something, and hears something, at once. */
static double talk(sim_t *sim, sim_peer_t *peer, const char *what)
{
    sim_say(peer, NULL);
    sim_say(sim->peers[0], peer);
    return (double)sim_until(sim, sim_all_delivered, 5000, what);
}

/* 25 h ahead: stored and started again so much later; or (0) running, then renamed, then renewed. */
static double fast_run(uint64_t seed, uint64_t away_ms)
{
    int is_running = away_ms == 0;
    enum { COUNT = 4 };
    const int64_t ahead_ms = 25 * (int64_t)HOUR_MS;
    sim_options_t options = sim_defaults(seed);
    options.persist = 1;
    sim_t *sim = sim_new(&options);
    sim_peers_start(sim, COUNT - 1, 50);
    sim_peer_t *fast = sim_peer_add_skewed(sim, ahead_ms);
    sim_peer_start(fast);
    sim_until(sim, sim_all_met, 10000, "met with the clock ahead");
    nkt_address_t address = fast->address;
    talk(sim, fast, "delivered with the clock ahead");
    if (!is_running) {
        sim_peer_stop(fast);
        sim_run(sim, away_ms);
    }
    sim_peer_clock_jump(fast, -ahead_ms);
    uint64_t begun_ms = sim->now_ms;
    if (is_running)
        SIM_CHECK(sim, sim_peer_step(fast, &(nkt_event_t){.kind = NKT_EV_SET_NICK,
                                                          .text = "Ada",
                                                          .text_size = 3}) == NKT_OK);
    else
        sim_peer_start(fast);
    sim_run(sim, 1);
    talk(sim, fast, "delivered at once");
    sim_until(sim, sim_all_met, 10000, "met with the clock right");
    double met_ms = (double)(sim->now_ms - begun_ms);
    SIM_CHECK(sim, memcmp(&address, &fast->address, sizeof address) == 0);
    talk(sim, fast, "delivered with the clock right");
    sim_run(sim, 3 * HOUR_MS);
    talk(sim, fast, "delivered after its record was renewed");
    for (uint32_t i = 0; is_running && i < COUNT - 1; i++)
        SIM_CHECK(sim, strcmp(sim_view(sim->peers[i], fast)->nick, "Ada") == 0);
    sim_free(sim);
    return met_ms;
}

/* The same among two over a relay alone, at once: the other asked it for its time a moment ago. */
static double again_run(uint64_t seed)
{
    const int64_t ahead_ms = 25 * (int64_t)HOUR_MS;
    sim_options_t options = sim_defaults(seed);
    options.persist = 1;
    sim_t *sim = sim_new(&options);
    sim_peer_options_t relayed = sim_peer_defaults(sim);
    relayed.has_rtc = 0;
    sim_peer_start(sim_peer_add(sim, &relayed));
    sim_run(sim, 1000);
    relayed.skew_ms += ahead_ms;
    sim_peer_t *fast = sim_peer_add(sim, &relayed);
    sim_peer_start(fast);
    sim_until(sim, sim_all_met, 5000, "two met with the clock ahead");
    sim_peer_stop(fast);
    sim_peer_forget(fast, "identity"); /* as from a file */
    sim_run(sim, 50);
    sim_peer_clock_jump(fast, -ahead_ms);
    sim_peer_start(fast);
    double met_ms = (double)sim_until(sim, sim_all_met, 5000, "two met at once with the clock right");
    talk(sim, fast, "delivered to the other");
    sim_free(sim);
    return met_ms;
}

void scenario_clock_fast(const sim_run_options_t *run)
{
    double stored_ms = fast_run(run->seed, MINUTE_MS), running_ms = fast_run(run->seed, 0);
    double again_ms = again_run(run->seed);
    sim_figure_list_t figures = {0};
    sim_options_t options = sim_defaults(run->seed);
    sim_t *sim = sim_new(&options);
    sim_figure_most(&figures, "stored_met_ms", stored_ms, 5000);
    sim_figure_most(&figures, "running_met_ms", running_ms, 5000);
    sim_figure_most(&figures, "again_met_ms", again_ms, 1500);
    sim_figures_print(sim, &figures);
    sim_free(sim);
}

/* Off by so much at its start, set right a few seconds or hours later. */
static void set_run(uint64_t seed, int64_t off, uint64_t after_ms, double *before_ms,
                    double *set_ms)
{
    sim_options_t options = sim_defaults(seed);
    options.persist = seed % 2 == 0;
    sim_t *sim = sim_new(&options);
    sim_peers_start(sim, 3, 50);
    sim_peer_t *late = sim_peer_add_skewed(sim, off);
    sim_run(sim, 5000);
    sim_peer_start(late);
    *before_ms = sim_larger(*before_ms, (double)sim_until(sim, sim_all_met, 10000, "met before it is set"));
    sim_run(sim, after_ms);
    sim_peer_clock_jump(late, -off);
    double ms = talk(sim, late, "delivered as soon as it is set");
    uint64_t begun_ms = sim->now_ms;
    sim_until(sim, sim_all_met, 10000, "met once it is set");
    ms += (double)(sim->now_ms - begun_ms);
    *set_ms = sim_larger(*set_ms, ms);
    sim_run(sim, 30000);
    talk(sim, late, "delivered a while later");
    SIM_CHECK(sim, sim_peer_health(late, "clock.off") == 0);
    for (uint32_t i = 0; i < 3; i++)
        SIM_CHECK(sim, sim_peer_health(sim->peers[i], "users") == 3);
    sim_free(sim);
}

void scenario_clock_set(const sim_run_options_t *run)
{
    static const int64_t years[] = {-(int64_t)SIM_WALL_S * 1000, -5 * (int64_t)HOUR_MS,
                                    5 * (int64_t)HOUR_MS, 3650 * (int64_t)DAY_MS,
                                    -40 * (int64_t)DAY_MS};
    double before_ms = 0, set_ms = 0;
    for (size_t i = 0; i < sizeof years / sizeof years[0]; i++) {
        set_run(run->seed, years[i], 3000, &before_ms, &set_ms);
        set_run(run->seed, years[i], 4 * HOUR_MS, &before_ms, &set_ms);
    }
    sim_figure_list_t figures = {0};
    sim_options_t options = sim_defaults(run->seed);
    sim_t *sim = sim_new(&options);
    sim_figure_most(&figures, "met_before_ms", before_ms, 5000);
    sim_figure_most(&figures, "set_right_ms", set_ms, 5000);
    sim_figures_print(sim, &figures);
    sim_free(sim);
}

/* What waits for one who is away, while the clock here is set, over a restart: it fails after its day, not before. */
static void waits_run(uint64_t seed, int64_t running_ms, int64_t off_ms, int64_t started_ms)
{
    sim_options_t options = sim_defaults(seed);
    options.persist = 1;
    sim_t *sim = sim_new(&options);
    sim_peers_start(sim, 2, 50);
    sim_until(sim, sim_all_are_linked, 30000, "links");
    sim_peer_t *author = sim->peers[0], *away = sim->peers[1];
    sim_peer_crash(away);
    sim_run(sim, MINUTE_MS);
    uint32_t waiting = sim_say(author, away);
    sim_peer_clock_jump(author, running_ms);
    sim_run(sim, HOUR_MS);
    sim_peer_crash(author);
    sim_peer_clock_jump(author, off_ms);
    sim_run(sim, HOUR_MS);
    sim_peer_start(author);
    sim_run(sim, 5000);
    sim_peer_clock_jump(author, started_ms);
    /* by the clock it started with its day may be over: then it has an hour */
    sim_run(sim, running_ms != 0 || off_ms <= 0 ? 20 * HOUR_MS : HOUR_MS / 2);
    SIM_CHECK(sim, sim_delivery_state(sim, waiting, away) != NKT_DELIVERY_FAILED);
    if (seed % 2 == 0) {
        sim_run(sim, 4 * HOUR_MS);
        SIM_CHECK(sim, sim_delivery_state(sim, waiting, away) == NKT_DELIVERY_FAILED);
    } else {
        sim_peer_start(away);
        sim_until(sim, sim_all_delivered, 10000, "delivered in time");
    }
    sim_free(sim);
}

void scenario_clock_waits(const sim_run_options_t *run)
{
    static const int64_t far = 5 * (int64_t)DAY_MS;
    static const int64_t jumps[][3] = {{far, 0, 0},    {-far, 0, 0},   {0, -far, 0},  {0, -far, far},
                                       {0, far, -far}, {far, -far, 0}, {-far, far, 0},
                                       {366 * (int64_t)DAY_MS, 0, 0}}; /* longer than anybody is known */
    for (size_t i = 0; i < 2 * (sizeof jumps / sizeof jumps[0]); i++)
        waits_run(run->seed * 2 + i % 2, jumps[i / 2][0], jumps[i / 2][1], jumps[i / 2][2]);
    sim_figure_list_t figures = {0};
    sim_options_t options = sim_defaults(run->seed);
    sim_t *sim = sim_new(&options);
    sim_figure(&figures, "jumps", sizeof jumps / sizeof jumps[0]);
    sim_figures_print(sim, &figures);
    sim_free(sim);
}
