/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Relays and trackers die and return; peers that have only one way; whom one knows all know. */
#include <string.h>

#include "swarm.h"

static void everybody_talks(sim_t *sim, int rounds, uint64_t gap_ms)
{
    for (int i = 0; i < rounds; i++) {
        for (uint32_t k = 0; k < sim->peer_count; k++) {
            if (sim->peers[k]->state == SIM_ON)
                sim_say(sim->peers[k], NULL);
        }
        sim_run(sim, gap_ms);
    }
}

void scenario_relay_dies(const sim_run_options_t *run)
{
    enum { COUNT = 4, ROUNDS = 84 }; /* 4 x 84 to 3 others each: 1,008 deliveries */
    sim_options_t options = sim_defaults(run->seed);
    options.tracker_count = 0;
    sim_t *sim = sim_new(&options);
    sim_peers_start(sim, COUNT, 100);
    sim_until(sim, sim_all_are_linked, 30000, "links");
    everybody_talks(sim, ROUNDS / 2, 20);
    sim_relay_kill(sim, 0);
    everybody_talks(sim, ROUNDS / 2, 20);
    uint64_t delivered_ms = sim_until(sim, sim_all_delivered, 5000, "delivered");
    uint32_t p99_ms = sim_book_wait_ms(sim, 99);
    SIM_CHECK(sim, sim->book.wait_count == COUNT * (COUNT - 1) * ROUNDS);
    SIM_CHECK(sim, p99_ms <= 2000);
    sim_figures(sim, "deliveries", (double)sim->book.wait_count, "delivered_ms", (double)delivered_ms, "hear_p99_ms",
                (double)p99_ms, NULL);
    sim_free(sim);
}

void scenario_all_die(const sim_run_options_t *run)
{
    enum { COUNT = 4 };
    sim_options_t options = sim_defaults(run->seed);
    sim_t *sim = sim_new(&options);
    sim_peers_start(sim, COUNT, 100);
    sim_until(sim, sim_all_are_linked, 30000, "links");
    everybody_talks(sim, 5, 50);
    for (uint32_t i = 0; i < COUNT; i++)
        sim_peer_count_reset(sim->peers[i]);
    sim_relay_kill(sim, 0);
    sim_tracker_kill(sim, 0);
    for (int minute = 0; minute < 10; minute++) {
        everybody_talks(sim, 2, 500);
        sim_until(sim, sim_all_delivered, 3000, "delivered with nothing but WebRTC");
        sim_run(sim, 60000);
    }
    sim_peer_t *newcomer = sim_peer_add(sim, NULL);
    sim_peer_start(newcomer);
    sim_run(sim, 60000);
    sim_relay_revive(sim, 0);
    sim_tracker_revive(sim, 0);
    uint64_t relay_ms = sim_until(sim, sim_relays_up, 15000, "all are back at the relay");
    uint64_t session_ms = sim_until(sim, sim_all_have_sessions, 5000, "the newcomer's sessions");
    everybody_talks(sim, 1, 0);
    sim_until(sim, sim_all_delivered, 3000, "delivered after all");
    double reopened = 0;
    for (uint32_t i = 0; i < COUNT; i++) {
        reopened += (double)sim->peers[i]->counts.socket_opens;
        SIM_CHECK(sim, sim->peers[i]->counts.links_down == 0);
    }
    sim_figures(sim, "relay_ms", (double)relay_ms, "session_ms", (double)session_ms, "opens_per_peer", reopened / COUNT,
                NULL);
    sim_free(sim);
}

/* Nobody who is there notices, and a newcomer joins by the relay. */
void scenario_tracker_dies(const sim_run_options_t *run)
{
    enum { COUNT = 4 };
    sim_options_t options = sim_defaults(run->seed);
    sim_t *sim = sim_new(&options);
    sim_peers_start(sim, COUNT, 100);
    sim_until(sim, sim_all_are_linked, 30000, "links");
    sim_tracker_kill(sim, 0);
    for (uint32_t i = 0; i < COUNT; i++)
        sim_peer_count_reset(sim->peers[i]);
    everybody_talks(sim, 20, 50);
    uint64_t delivered_ms = sim_until(sim, sim_all_delivered, 2000, "delivered");
    for (uint32_t i = 0; i < COUNT; i++)
        SIM_CHECK(sim, sim->peers[i]->counts.links_down <= 1); /* the tracker's socket */
    sim_run(sim, 30000);
    sim_peer_start(sim_peer_add(sim, NULL));
    uint64_t session_ms = sim_until(sim, sim_all_have_sessions, 10000, "the newcomer's sessions");
    everybody_talks(sim, 1, 0);
    session_ms += sim_until(sim, sim_all_delivered, 10000 - session_ms, "delivered to and by the newcomer");
    sim_until(sim, sim_all_are_linked, 30000, "the newcomer's links");
    sim_figures(sim, "delivered_ms", (double)delivered_ms, "join_ms", (double)session_ms, NULL);
    sim_free(sim);
}

/* p0 has only relays, p1 WebRTC and the relays given, p2 the first relay and WebRTC. */
static sim_t *bridge_new(uint64_t seed, uint32_t one_relay_bits, uint32_t two_relay_bits)
{
    sim_options_t options = sim_defaults(seed);
    options.relay_count = 2;
    sim_t *sim = sim_new(&options);
    sim_peer_options_t one = sim_peer_defaults(sim), two = sim_peer_defaults(sim), three = sim_peer_defaults(sim);
    one.has_rtc = 0;
    one.tracker_bits = 0;
    one.relay_bits = one_relay_bits;
    two.relay_bits = two_relay_bits;
    three.relay_bits = 1;
    sim_peer_start(sim_peer_add(sim, &one));
    sim_peer_start(sim_peer_add(sim, &two));
    sim_peer_start(sim_peer_add(sim, &three));
    return sim;
}

static uint64_t bridge_talk(sim_t *sim, uint64_t limit_ms, const char *what)
{
    sim_say(sim->peers[0], sim->peers[1]);
    sim_say(sim->peers[1], sim->peers[0]);
    everybody_talks(sim, 3, 30);
    return sim_until(sim, sim_all_delivered, limit_ms, what);
}

void scenario_bridge(const sim_run_options_t *run)
{
    sim_t *sim = bridge_new(run->seed, 1, 0);
    uint64_t session_ms = sim_until(sim, sim_all_have_sessions, 20000, "sessions");
    uint64_t delivered_ms = bridge_talk(sim, 3000, "delivered");
    sim_run(sim, 180000);
    uint64_t later_ms = bridge_talk(sim, 3000, "delivered after three minutes of silence");
    sim_figures(sim, "session_ms", (double)session_ms, "delivered_ms", (double)delivered_ms, "later_ms",
                (double)later_ms, NULL);
    sim_free(sim);
}

static int two_are_linked(sim_t *sim)
{
    return sim_peer_is_linked(sim->peers[1], sim->peers[2]);
}

void scenario_bridge_late(const sim_run_options_t *run)
{
    sim_t *sim = bridge_new(run->seed, 3, 2);
    sim_until(sim, sim_all_have_sessions, 20000, "sessions");
    sim_until(sim, two_are_linked, 20000, "a link, which may come later than sessions from relay to relay");
    bridge_talk(sim, 3000, "delivered directly");
    sim_relay_kill(sim, 1);
    uint64_t at_once_ms = bridge_talk(sim, 5000, "delivered when the direct way is gone");
    sim_run(sim, 120000);
    uint64_t later_ms = bridge_talk(sim, 5000, "delivered after two minutes of silence");
    sim_figures(sim, "at_once_ms", (double)at_once_ms, "later_ms", (double)later_ms, NULL);
    sim_free(sim);
}

static int all_heard_of(sim_t *sim, uint32_t renamed, const char *nick)
{
    for (uint32_t i = 0; i < sim->peer_count; i++) {
        if (i != renamed && strcmp(sim_view(sim->peers[i], sim->peers[renamed])->nick, nick) != 0)
            return 0;
    }
    return 1;
}

static int all_heard_of_zoe(sim_t *sim)
{
    return all_heard_of(sim, 0, "zoe");
}

static int both_are_renamed(sim_t *sim)
{
    return all_heard_of_zoe(sim) && all_heard_of(sim, sim->peer_count / 2, "zed");
}

void scenario_partition(const sim_run_options_t *run)
{
    enum { HALF = 5, APART_MS = 300000 };
    sim_options_t options = sim_defaults(run->seed);
    sim_t *sim = sim_new(&options);
    sim_peers_start(sim, 2 * HALF, 50);
    sim_until(sim, sim_all_are_linked, 30000, "links");
    for (uint32_t i = 0; i < HALF; i++) {
        sim_peer_block(sim->peers[i], APART_MS);
        for (uint32_t k = HALF; k < 2 * HALF; k++)
            sim_cut(sim, sim->peers[i], sim->peers[k]);
    }
    for (int i = 0; i < 5; i++) {
        everybody_talks(sim, 1, 500);
        sim_run(sim, APART_MS / 5 - 500);
    }
    sim_peer_step(sim->peers[0], &(nkt_event_t){.kind = NKT_EV_SET_NICK, .text = "zoe", .text_size = 3}); /* told to a half */
    sim_peer_step(sim->peers[HALF], &(nkt_event_t){.kind = NKT_EV_SET_NICK, .text = "zed", .text_size = 3});
    for (uint32_t i = 0; i < HALF; i++) {
        for (uint32_t k = HALF; k < 2 * HALF; k++)
            sim_mend(sim, sim->peers[i], sim->peers[k]);
    }
    everybody_talks(sim, 1, 0);
    uint64_t delivered_ms = sim_until(sim, sim_all_delivered, 10000, "delivered on the other side");
    uint64_t gossip_ms = delivered_ms + sim_until(sim, both_are_renamed, 15000 - delivered_ms, "both told of the new nicks");
    uint64_t linked_ms = sim_until(sim, sim_all_are_linked, 30000, "links");
    SIM_CHECK(sim, sim->book.wait_count == 6 * 2 * HALF * (2 * HALF - 1));
    sim_figures(sim, "delivered_ms", (double)delivered_ms, "gossip_ms", (double)gossip_ms, "linked_ms", (double)linked_ms, NULL);
    sim_free(sim);
}

void scenario_gossip(const sim_run_options_t *run)
{
    enum { COUNT = 7 };
    sim_options_t options = sim_defaults(run->seed);
    options.relay_count = 2;
    options.tracker_count = 0;
    sim_t *sim = sim_new(&options);
    for (uint32_t i = 0; i < COUNT; i++) { /* three here, three there, and one who knows both relays */
        sim_peer_options_t one = sim_peer_defaults(sim);
        one.relay_bits = i < 3 ? 1 : i < 6 ? 2 : 3;
        sim_peer_start(sim_peer_add(sim, &one));
        sim_run(sim, 100);
    }
    uint64_t known_ms = sim_until(sim, sim_all_know_all, 40000, "all know all");
    uint64_t session_ms = sim_until(sim, sim_all_have_sessions, 10000, "sessions");
    uint64_t linked_ms = sim_until(sim, sim_all_are_linked, 30000, "links");
    sim_peer_step(sim->peers[0], &(nkt_event_t){.kind = NKT_EV_SET_NICK, .text = "zoe", .text_size = 3});
    uint64_t nick_ms = sim_until(sim, all_heard_of_zoe, 2000, "the new nick");
    everybody_talks(sim, 2, 20);
    sim_until(sim, sim_all_delivered, 3000, "delivered");
    sim_figures(sim, "known_ms", (double)known_ms, "session_ms", (double)session_ms, "linked_ms", (double)linked_ms,
                "nick_ms", (double)nick_ms, NULL);
    sim_free(sim);
}

/* ---- a partial view ---- */

enum { FEW_COUNT = 12, FEW_LINKS = 4, FEW_WANTED = 3 }; /* nkt_view_target of 4 links */

static int all_have_enough(sim_t *sim)
{
    for (uint32_t i = 0; i < sim->peer_count; i++) {
        if (sim->peers[i]->neighbour_count < FEW_WANTED)
            return 0;
    }
    return 1;
}

/* A relay hides it when the links alone do not hold the swarm together. */
static int is_one_by_links(sim_t *sim)
{
    return sim_swarm_connected(sim) == 1;
}

static uint32_t root_of(const uint32_t *parents, uint32_t i)
{
    while (parents[i] != i)
        i = parents[i];
    return i;
}

/* As many as can go without anybody being cut off: what is left is a tree. */
static uint32_t break_to_tree(sim_t *sim)
{
    uint32_t parents[FEW_COUNT], broken_count = 0;
    for (uint32_t i = 0; i < FEW_COUNT; i++)
        parents[i] = i;
    for (uint32_t i = 0; i < FEW_COUNT; i++) {
        for (uint32_t k = i + 1; k < FEW_COUNT; k++) {
            if (!sim_peer_is_linked(sim->peers[i], sim->peers[k]))
                continue;
            uint32_t one = root_of(parents, i), other = root_of(parents, k);
            parents[one] = other;
            if (one != other)
                continue;
            sim_break(sim, sim->peers[i], sim->peers[k]);
            broken_count++;
        }
    }
    sim_run(sim, 1);
    SIM_CHECK(sim, !all_have_enough(sim));
    return broken_count;
}

static int one_and_other_are_linked(sim_t *sim)
{
    return sim->peers[0]->connect_result == 0;
}

/* p0 asks for one it has no link with. */
static uint64_t few_connect(sim_t *sim)
{
    uint32_t other = 1;
    while (other + 1 < FEW_COUNT && sim_peer_is_linked(sim->peers[0], sim->peers[other]))
        other++;
    sim_peer_connect(sim->peers[0], &sim->peers[other]->address, 30000);
    uint64_t connect_ms = sim_until(sim, one_and_other_are_linked, 30000, "a link to the one asked for");
    SIM_CHECK(sim, sim_peer_is_linked(sim->peers[0], sim->peers[other]));
    return connect_ms;
}

void scenario_few_links(const sim_run_options_t *run)
{
    sim_options_t options = sim_defaults(run->seed);
    options.link_count_max = FEW_LINKS;
    sim_t *sim = sim_new(&options);
    sim_peers_start(sim, FEW_COUNT, 100);
    sim_until(sim, sim_all_have_sessions, 30000, "sessions");
    uint64_t linked_ms = sim_until(sim, all_have_enough, 60000, "links");
    uint64_t one_ms = sim_until(sim, is_one_by_links, 600000, "one swarm by its links");
    sim_relay_kill(sim, 0);
    sim_tracker_kill(sim, 0);
    everybody_talks(sim, 1, 1000);
    sim_until(sim, sim_all_delivered, 10000, "delivered without servers");
    uint32_t broken_count = break_to_tree(sim);
    everybody_talks(sim, 1, 0);
    uint64_t mended_ms = sim_until(sim, all_have_enough, 30000, "links again");
    sim_until(sim, sim_all_delivered, 10000, "delivered while links were replaced");
    uint64_t connect_ms = few_connect(sim);
    everybody_talks(sim, 1, 1000);
    sim_until(sim, sim_all_delivered, 10000, "delivered at last");
    sim_figures(sim, "linked_ms", (double)linked_ms, "one_ms", (double)one_ms, "broken", (double)broken_count,
                "mended_ms", (double)mended_ms, "connect_ms", (double)connect_ms, NULL);
    sim_free(sim);
}

/* ---- paths that break ---- */

/* No link is replaced: each goes on over another path, and what was under way on it arrives. */
static uint64_t break_and_restart(sim_t *sim)
{
    enum { BACK_MS_MAX = 25000 }; /* noticed after 5 s, doubted for 5 s; gathering, signalling, ICE */
    uint64_t restarted = sim->ends.restarted_count, begun_ms = sim->now_ms;
    uint32_t broken_count = 0;
    for (uint32_t i = 0; i < sim->peer_count; i++) {
        sim_peer_count_reset(sim->peers[i]);
        sim_peer_t *other = sim->peers[(i + 1) % sim->peer_count];
        if (i + 1 == sim->peer_count && sim->peer_count == 2)
            break;
        sim_path_break(sim, sim->peers[i], other);
        sim_say(sim->peers[i], other);
        sim_say(other, sim->peers[i]);
        broken_count++;
    }
    while (sim->ends.restarted_count < restarted + broken_count && sim->now_ms < begun_ms + BACK_MS_MAX)
        sim_run(sim, 100);
    uint64_t back_ms = sim->now_ms - begun_ms;
    sim_run(sim, BACK_MS_MAX); /* none is given up afterwards */
    SIM_CHECK(sim, sim->ends.restarted_count == restarted + broken_count);
    for (uint32_t i = 0; i < sim->peer_count; i++)
        SIM_CHECK(sim, sim->peers[i]->counts.links_down == 0 && sim->peers[i]->counts.links_up == 0);
    sim_until(sim, sim_all_delivered, 1000, "delivered");
    return back_ms;
}

/* Two by the relay alone; then a ring of a small mesh, by the links that are left, twice over. */
void scenario_path_breaks(const sim_run_options_t *run)
{
    sim_options_t options = sim_defaults(run->seed);
    sim_t *sim = sim_new(&options);
    sim_peers_start(sim, 2, 100);
    sim_until(sim, sim_all_are_linked, 30000, "links");
    sim_until(sim, sim_all_have_sessions, 10000, "sessions");
    uint64_t relay_ms = break_and_restart(sim);
    sim_peers_start(sim, 3, 100);
    sim_until(sim, sim_all_are_linked, 30000, "links of five");
    sim_until(sim, sim_all_have_sessions, 10000, "sessions of five");
    sim_relay_kill(sim, 0);
    sim_tracker_kill(sim, 0);
    uint64_t swarm_ms = break_and_restart(sim);
    swarm_ms = break_and_restart(sim) + swarm_ms;
    sim_figures(sim, "relay_ms", (double)relay_ms, "swarm_ms", (double)swarm_ms / 2, NULL);
    sim_free(sim);
}
