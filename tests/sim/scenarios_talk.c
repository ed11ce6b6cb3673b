/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two peers, ten peers: they find each other and talk. */
#include <string.h>

#include "scenarios.h"
#include "wire/limits.h"

static void two_talk(sim_t *sim, uint64_t session_limit_ms)
{
    sim_peers_start(sim, 2, 50);
    sim_peer_t *a = sim->peers[0], *b = sim->peers[1];
    uint64_t session_ms = sim_until(sim, sim_all_have_sessions, session_limit_ms, "sessions");
    for (int i = 0; i < 20; i++) {
        sim_say(a, b);
        sim_say(b, NULL);
        sim_run(sim, 20);
    }
    uint64_t delivered_ms = sim_until(sim, sim_all_delivered, 3000, "delivered");
    sim_figures(sim, "session_ms", (double)session_ms, "delivered_ms", (double)delivered_ms, "hear_p50_ms",
                (double)sim_book_wait_ms(sim, 50), "rekeys", (double)(a->counts.rekeys + b->counts.rekeys), NULL);
}

void scenario_relay(const sim_run_options_t *run)
{
    sim_options_t options = sim_defaults(run->seed);
    options.tracker_count = 0;
    options.cut_permille = 1000;
    sim_t *sim = sim_new(&options);
    two_talk(sim, 3000);
    sim_free(sim);
}

void scenario_tracker(const sim_run_options_t *run)
{
    sim_options_t options = sim_defaults(run->seed);
    options.relay_count = 0;
    sim_t *sim = sim_new(&options);
    two_talk(sim, 10000);
    sim_free(sim);
}

void scenario_mesh(const sim_run_options_t *run)
{
    sim_options_t options = sim_defaults(run->seed);
    uint32_t count = run->peer_count != 0 ? run->peer_count : 10;
    options.peer_count_max = count;
    sim_t *sim = sim_new(&options);
    sim_peers_start(sim, count, 100);
    uint64_t session_ms = sim_until(sim, sim_all_have_sessions, 10000, "sessions");
    uint64_t linked_ms = 0;
    if (count <= NKT_RTC_LIVE_COUNT_MAX + 1) /* more than that are no full mesh */
        linked_ms = sim_until(sim, sim_all_are_linked, 30000, "links");
    for (uint32_t round = 0; round < 3; round++) {
        for (uint32_t i = 0; i < count; i++) {
            sim_say(sim->peers[i], NULL);
            sim_say(sim->peers[i], sim->peers[(i + 1 + round) % count]);
        }
        sim_run(sim, 10);
    }
    sim_say_clear(sim->peers[0]);
    uint64_t delivered_ms = sim_until(sim, sim_all_delivered, 5000, "delivered");
    uint32_t clear = sim->book.said_count - 1;
    sim_run(sim, 1000);
    for (uint32_t i = 1; i < count; i++)
        SIM_CHECK(sim, sim_heard_count(sim, clear, sim->peers[i]) == 1);
    for (uint32_t n = 0; n < sim->book.said_count; n++) {
        if (!sim->book.said[n].is_clear && sim->book.said[n].to == SIM_NOBODY)
            SIM_CHECK(sim, sim->book.said[n].recipient_count == count - 1);
    }
    double rekeys = 0;
    for (uint32_t i = 0; i < count; i++)
        rekeys += (double)sim->peers[i]->counts.rekeys;
    sim_figures(sim, "session_ms", (double)session_ms, "linked_ms", (double)linked_ms, "delivered_ms",
                (double)delivered_ms, "hear_p50_ms", (double)sim_book_wait_ms(sim, 50), "hear_p99_ms",
                (double)sim_book_wait_ms(sim, 99), "rekeys", rekeys, NULL);
    sim_free(sim);
}

void scenario_glare(const sim_run_options_t *run)
{
    sim_options_t options = sim_defaults(run->seed);
    uint32_t count = run->peer_count != 0 ? run->peer_count : 6;
    options.peer_count_max = count;
    options.latency_ms = (sim_range_t){20, 20};
    options.gather_ms = options.setup_ms = (sim_range_t){50, 50};
    options.late_ms = (sim_range_t){0, 0};
    sim_t *sim = sim_new(&options);
    sim_peers_start(sim, count, 0);
    sim_until(sim, sim_all_know_all, 2000, "acquaintance");
    for (uint32_t i = 0; i < count; i++) /* so that the higher address has a reason to initiate as well */
        sim_say(sim->peers[i], NULL);
    uint64_t session_ms = sim_until(sim, sim_all_have_sessions, 5000, "sessions");
    uint64_t linked_ms = sim_until(sim, sim_all_are_linked, 10000, "links");
    sim_until(sim, sim_all_delivered, 3000, "delivered");
    for (uint32_t i = 0; i < count; i++)
        SIM_CHECK(sim, sim->peers[i]->link_count <= count + 1 + 3); /* links, relay, tracker, offers at the tracker */
    sim_figures(sim, "session_ms", (double)session_ms, "linked_ms", (double)linked_ms, NULL);
    sim_free(sim);
}

/* Walks, offers through relay and tracker: of some pairs two links come up, and one of them stays, while all talk over them. */
void scenario_race(const sim_run_options_t *run)
{
    enum { COUNT = 20 };
    sim_options_t options = sim_defaults(run->seed);
    options.peer_count_max = COUNT;
    options.latency_ms = (sim_range_t){20, 60};
    sim_t *sim = sim_new(&options);
    sim_peers_start(sim, COUNT, 20);
    sim_until(sim, sim_all_know_all, 10000, "acquaintance");
    sim_until(sim, sim_all_have_sessions, 10000, "sessions");
    for (uint32_t i = 0; i < 4000; i++) { /* each to each other every 0.2 s */
        sim_say(sim->peers[i % COUNT], sim->peers[(i + 1 + i / COUNT % (COUNT - 1)) % COUNT]);
        sim_run(sim, i % 2);
    }
    sim_until(sim, sim_all_delivered, 5000, "delivered");
    double retries = 0;
    for (uint32_t i = 0; i < COUNT; i++)
        retries += sim_peer_health(sim->peers[i], "counters.retries");
    sim_figure_list_t figures = {0};
    sim_figure_most(&figures, "retries", retries, 0);
    sim_figure(&figures, "hear_most_ms", (double)sim_book_wait_ms(sim, 100));
    sim_figures_print(sim, &figures);
    sim_free(sim);
}

/* A quarter comes late: a link keeps its order, but what went over relay and WebRTC at once comes in another one. A
 * twentieth comes twice. */
static sim_verdict_t harsh_verdict(sim_random_t *random)
{
    uint64_t luck = sim_random_below(random, 100);
    return luck < 25 ? SIM_LATE : luck < 30 ? SIM_TWICE : SIM_PASS;
}

static sim_verdict_t harsh_relay(void *context, sim_t *sim, const sim_peer_t *from, const sim_peer_t *to,
                                 const uint8_t *bytes, size_t size)
{
    (void)sim, (void)from, (void)to, (void)bytes, (void)size;
    return harsh_verdict(context);
}

static sim_verdict_t harsh_rtc(void *context, sim_t *sim, const sim_peer_t *from, const sim_peer_t *to, uint8_t *bytes,
                               size_t *size)
{
    (void)sim, (void)from, (void)to, (void)bytes, (void)size;
    return harsh_verdict(context);
}

void scenario_harsh(const sim_run_options_t *run)
{
    enum { COUNT = 4, MESSAGE_COUNT = 250 };
    sim_options_t options = sim_defaults(run->seed);
    options.latency_ms = (sim_range_t){200, 300};
    options.loss_permille = 300;
    options.setup_ms = (sim_range_t){500, 3000};
    sim_t *sim = sim_new(&options);
    sim_random_t random;
    sim_random_init(&random, run->seed, 77);
    sim_malice_set(sim, &(sim_malice_t){.context = &random, .relay = harsh_relay, .rtc = harsh_rtc});
    sim_peers_start(sim, COUNT, 500);
    uint64_t session_ms = sim_until(sim, sim_all_have_sessions, 20000, "sessions");
    for (int i = 0; i < MESSAGE_COUNT; i++) {
        for (uint32_t k = 0; k < COUNT; k++)
            sim_say(sim->peers[k], sim->peers[(k + 1 + (uint32_t)i % (COUNT - 1)) % COUNT]);
        sim_run(sim, 100);
    }
    uint64_t delivered_ms = sim_until(sim, sim_all_delivered, 60000, "delivered");
    uint32_t p50_ms = sim_book_wait_ms(sim, 50), p99_ms = sim_book_wait_ms(sim, 99);
    SIM_CHECK(sim, p50_ms <= 3000 && p99_ms <= 30000);
    sim_figures(sim, "session_ms", (double)session_ms, "delivered_ms", (double)delivered_ms, "hear_p50_ms", (double)p50_ms,
                "hear_p99_ms", (double)p99_ms, NULL);
    sim_free(sim);
}

/* Both kinds, in turns, so that they travel in the same envelopes. */
static void call_and_say(sim_t *sim, int count)
{
    sim_peer_t *a = sim->peers[0], *b = sim->peers[1];
    for (int i = 0; i < count; i++) {
        sim_call(a, b);
        sim_say(a, b);
        sim_say(b, NULL);
        sim_call(b, a);
        sim_run(sim, (uint64_t)(i % 3));
    }
}

void scenario_call(const sim_run_options_t *run)
{
    sim_options_t options = sim_defaults(run->seed);
    options.loss_permille = 300;
    options.persist = 1;
    sim_t *sim = sim_new(&options);
    sim_peers_start(sim, 3, 50);
    sim_peer_t *a = sim->peers[0], *b = sim->peers[1];
    sim_until(sim, sim_all_have_sessions, 20000, "sessions"); /* as in harsh: five in a row were lost in one world of 70 */
    call_and_say(sim, 60);
    uint64_t delivered_ms = sim_until(sim, sim_all_delivered, 30000, "delivered");

    nkt_event_t to_all = {.kind = NKT_EV_SAY, .flags = NKT_SAY_CALL, .bytes = (const uint8_t *)"1", .bytes_size = 1};
    SIM_CHECK(sim, sim_peer_step(a, &to_all) == NKT_E_ARGUMENT);
    to_all.flags |= NKT_SAY_CLEAR;
    to_all.address = b->address;
    SIM_CHECK(sim, sim_peer_step(a, &to_all) == NKT_E_ARGUMENT);

    /* waiting, and on its way: given up, it is not heard when the other returns; what is around it is */
    sim_peer_crash(b);
    uint32_t flying = sim_call(a, b), said = sim_say(a, b);
    sim_run(sim, 60000);
    uint32_t waiting = sim_call(a, b), kept = sim_call(a, b);
    SIM_CHECK(sim, sim_call_cancel(sim, said) == NKT_E_ARGUMENT); /* a message is not given up */
    SIM_CHECK(sim, sim_call_cancel(sim, flying) == NKT_OK && sim_call_cancel(sim, flying) == NKT_E_ARGUMENT);
    SIM_CHECK(sim, sim_call_cancel(sim, waiting) == NKT_OK && sim_call_cancel(sim, waiting) == NKT_E_ARGUMENT);
    SIM_CHECK(sim, sim_delivery_state(sim, flying, b) == NKT_DELIVERY_FAILED);
    SIM_CHECK(sim, sim_delivery_state(sim, waiting, b) == NKT_DELIVERY_FAILED);
    sim_peer_start(b);
    uint64_t begun_ms = sim->now_ms;
    while (sim_heard_count(sim, kept, b) == 0 && sim->now_ms < begun_ms + 30000)
        sim_run(sim, 100);
    sim_run(sim, 30000);
    SIM_CHECK(sim, sim_heard_count(sim, flying, b) == 0 && sim_heard_count(sim, waiting, b) == 0);
    SIM_CHECK(sim, sim_heard_count(sim, said, b) == 1 && sim_heard_count(sim, kept, b) == 1);
    SIM_CHECK(sim, sim_delivery_state(sim, kept, b) == NKT_DELIVERY_DELIVERED);
    call_and_say(sim, 10); /* the streams go on over the gaps */
    sim_run(sim, 30000);
    SIM_CHECK(sim, sim_heard_count(sim, sim->book.said_count - 1, a) == 1);
    sim_figures(sim, "delivered_ms", (double)delivered_ms, NULL);
    sim_free(sim);
}

/* ---- what is lost while more is said ---- */

enum { LANE_COUNT = 16 };

/* What p0 says to p1 over relays: of the one frame, or of every fourth, the first copy is lost. */
typedef struct sim_lane {
    uint64_t names[LANE_COUNT]; /* the ends of the newest frames: copies have the same, and come by another relay, later than others */
    uint32_t name_count, frame_count, lost_count;
    int is_armed, is_often, is_deaf; /* is_deaf: everything is lost */
} sim_lane_t;

static sim_verdict_t lane_verdict(void *context, sim_t *sim, const sim_peer_t *from, const sim_peer_t *to, const uint8_t *bytes,
                                  size_t size)
{
    sim_lane_t *lane = context;
    uint64_t name = 0;
    (void)sim;
    if (from->index != 0 || to == NULL || to->index != 1 || size < sizeof name)
        return SIM_PASS;
    if (lane->is_deaf)
        return SIM_DROP;
    memcpy(&name, bytes + size - sizeof name, sizeof name);
    for (uint32_t i = 0; i < LANE_COUNT; i++) {
        if (name == lane->names[i])
            return SIM_PASS;
    }
    lane->names[lane->name_count++ % LANE_COUNT] = name;
    if (!lane->is_armed && !(lane->is_often && ++lane->frame_count % 4 == 0))
        return SIM_PASS;
    lane->is_armed = 0;
    lane->lost_count++;
    return SIM_DROP;
}

static sim_t *lane_new(uint64_t seed, uint32_t relays, sim_lane_t *lane)
{
    sim_options_t options = sim_defaults(seed);
    options.relay_count = relays;
    options.tracker_count = 0;
    options.cut_permille = 1000;
    sim_t *sim = sim_new(&options);
    sim_peers_start(sim, 2, 50);
    sim_until(sim, sim_all_have_sessions, 10000, "sessions");
    sim_run(sim, 10000);
    sim_malice_set(sim, &(sim_malice_t){.context = lane, .relay = lane_verdict});
    return sim;
}

/* What was said in vain for a minute, by two ways, is not put off by what is acknowledged then. Until it is heard, from when it can be. */
static double put_off_ms(uint64_t seed)
{
    sim_lane_t lane = {.is_deaf = 1};
    sim_t *sim = lane_new(seed, 2, &lane);
    uint32_t first = sim_say(sim->peers[0], sim->peers[1]);
    sim_run(sim, 60000);
    lane.is_deaf = 0;
    uint64_t open_ms = sim->now_ms;
    uint32_t later = sim_say(sim->peers[0], sim->peers[1]);
    while (sim_heard_count(sim, first, sim->peers[1]) == 0 && sim->now_ms < open_ms + 60000)
        sim_run(sim, 10);
    double heard_ms = (double)(sim->now_ms - open_ms);
    SIM_CHECK(sim, sim_heard_count(sim, later, sim->peers[1]) == 1);
    sim_free(sim);
    return heard_ms;
}

/*
 * What was lost is said again as soon as what was said after it is acknowledged, though more is said all the time. Over two relays, each of
 * which is now the quicker, what one of them lost may come by the other yet: it is not said again.
 */
void scenario_overtaken(const sim_run_options_t *run)
{
    enum { GAP_MS = 300, COUNT = 20, QUICK_MS = 20, QUICK_COUNT = 100 };
    sim_figure_list_t figures = {0};
    sim_lane_t lane = {0};
    sim_t *sim = lane_new(run->seed, 1, &lane);
    double before = sim_peer_health(sim->peers[0], "counters.retries");
    lane.is_armed = 1;
    uint32_t lost = sim_say(sim->peers[0], sim->peers[1]);
    uint64_t said_ms = sim->now_ms, heard_ms = 0;
    for (uint32_t ms = 1; ms <= COUNT * GAP_MS; ms++) {
        sim_run(sim, 1);
        if (heard_ms == 0 && sim_heard_count(sim, lost, sim->peers[1]) > 0)
            heard_ms = sim->now_ms - said_ms;
        if (ms % GAP_MS == 0)
            sim_say(sim->peers[0], sim->peers[1]);
    }
    if (heard_ms == 0)
        sim_fail(sim, "what was lost is not heard while more is said");
    double retries = sim_peer_health(sim->peers[0], "counters.retries") - before;
    sim_until(sim, sim_all_delivered, 10000, "delivered");
    SIM_CHECK(sim, lane.lost_count == 1);
    sim_free(sim);

    lane = (sim_lane_t){.is_often = 1};
    sim = lane_new(run->seed, 2, &lane);
    before = sim_peer_health(sim->peers[0], "counters.retries");
    for (uint32_t i = 0; i < QUICK_COUNT; i++) {
        sim_say(sim->peers[0], sim->peers[1]);
        sim_run(sim, QUICK_MS);
    }
    sim_until(sim, sim_all_delivered, 10000, "delivered by the other relay");
    SIM_CHECK(sim, lane.lost_count > 0);
    /* 300 until the next is said, and there and back at most */
    sim_figure_most(&figures, "heard_ms", (double)heard_ms, GAP_MS + 4.0 * sim->options.latency_ms.max + 160);
    sim_figure_most(&figures, "put_off_ms", put_off_ms(run->seed), 3000);
    sim_figure_most(&figures, "retries", retries, 1);
    sim_figure_most(&figures, "retries_two", sim_peer_health(sim->peers[0], "counters.retries") - before, 0);
    sim_figures_print(sim, &figures);
    sim_free(sim);
}
