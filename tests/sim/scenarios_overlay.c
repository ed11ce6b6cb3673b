/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A small swarm with few links each: no full mesh, no relay, and a tracker for the beginning alone. */
#include "swarm.h"

#include <stdlib.h>

#include "wire/limits.h"

enum {
    COUNT = 24,
    DEGREE = 4,
    SLACK = (DEGREE + NKT_RTC_SLACK_DIVISOR - 1) / NKT_RTC_SLACK_DIVISOR, /* over the cap while links are decided */
    JOIN_GAP_MS = 200,
    JOIN_MS_MAX = 120000,
    HEAL_MS_MAX = 20000, /* from links that are there to as many as are sought */
    JOINED_MS_MAX = NKT_TRACKER_CALM_MS + 60000, /* parts that miss no links are joined by their next calm announce */
    SOUGHT = DEGREE - 1, /* links each peer looks for: view.c */
    LARGE = 3 * NKT_FLOOD_SIZE_MAX, /* what is so large is not flooded: it is announced and fetched */
};

/* ---- conditions ---- */

static int is_connected(sim_t *sim)
{
    return sim_swarm_connected(sim) >= 1;
}

/* Everything that was said to all was heard by all, whenever they were told of each other. */
static int all_heard(sim_t *sim)
{
    for (uint32_t n = 0; n < sim->book.said_count; n++) {
        for (uint32_t i = 0; i < sim->peer_count; i++) {
            const sim_said_t *said = &sim->book.said[n];
            if (said->to == SIM_NOBODY && said->from != i && sim_heard_count(sim, n, sim->peers[i]) == 0)
                return 0;
        }
    }
    return 1;
}

static int is_answered(sim_t *sim)
{
    for (uint32_t i = 0; i < sim->peer_count; i++) {
        if (sim->peers[i]->connect_ticket != 0 && sim->peers[i]->connect_result == 1)
            return 0;
    }
    return 1;
}

/* ---- what is done ---- */

static sim_t *swarm_new(const sim_run_options_t *run, uint32_t tracker_count)
{
    sim_options_t options = sim_defaults(run->seed);
    uint32_t count = sim_swarm_size(run, COUNT);
    options.relay_count = 0;
    options.tracker_count = tracker_count;
    options.link_count_max = run->degree > 0 ? run->degree : DEGREE;
    options.peer_count_max = count;
    sim_t *sim = sim_new(&options);
    sim_peers_start(sim, count, JOIN_GAP_MS);
    sim_until(sim, is_connected, JOIN_MS_MAX, "one component");
    sim_until(sim, sim_all_know_all, JOIN_MS_MAX, "acquaintance");
    return sim;
}

static void servers_die(sim_t *sim)
{
    sim_swarm_servers(sim, 1, 0);
    sim_run(sim, 1000);
}

/* Everybody says one thing to all in clear and one encrypted; large ones take the tree. */
static uint64_t round_run(sim_t *sim, size_t size, const char *what)
{
    for (uint32_t i = 0; i < sim->peer_count; i++) {
        sim_say_size(sim->peers[i], NULL, size);
        sim_say_clear(sim->peers[i]);
        sim_run(sim, 20);
    }
    uint64_t heard_ms = sim_until(sim, all_heard, 15000, what);
    sim_until(sim, sim_all_delivered, 30000, what);
    return heard_ms;
}

/* Nobody has more links than allowed, nor ever had more under way. */
static uint32_t degree_check(sim_t *sim)
{
    uint32_t most = 0;
    for (uint32_t i = 0; i < sim->peer_count; i++) {
        const sim_peer_t *peer = sim->peers[i];
        most = peer->neighbour_count > most ? peer->neighbour_count : most;
        SIM_CHECK(sim, peer->counts.rtc_count_max <= DEGREE + SLACK + NKT_RTC_PENDING_COUNT_MAX);
    }
    SIM_CHECK(sim, most <= DEGREE + SLACK);
    return most;
}

/* One end closes it, as pc.close() does. */
static void link_close(sim_peer_t *peer, const sim_link_t *link)
{
    uint32_t number = link->link;
    sim_rtc_close(peer->sim, link->id);
    sim_peer_link_down(peer, number, "closed by hand");
}

/* Numbers the peers of one component by how they are reached from `peer`; tree[i] is whom i was reached by. */
static void tree_grow(const sim_t *sim, const sim_peer_t *peer, uint32_t *tree)
{
    for (uint32_t k = 0; k < peer->neighbour_count; k++) {
        uint32_t next = peer->neighbours[k];
        if (tree[next] != SIM_NOBODY)
            continue;
        tree[next] = peer->index;
        tree_grow(sim, sim->peers[next], tree);
    }
}

/*
 * Closes about half of the links: where nothing else could join the parts again, all but those that hold the swarm
 * together (which leaves 23 of 24 peers' links); else any, by chance. Returns how many.
 */
static uint32_t half_close(sim_t *sim, int keeps_together)
{
    uint32_t *tree = sim_alloc(sim->peer_count, sizeof *tree), count = 0;
    for (uint32_t i = 0; i < sim->peer_count; i++)
        tree[i] = SIM_NOBODY;
    tree[0] = 0;
    tree_grow(sim, sim->peers[0], tree);
    for (uint32_t i = 0; i < sim->peer_count; i++) {
        sim_peer_t *peer = sim->peers[i];
        for (size_t k = peer->link_count; k-- > 0;) {
            const sim_end_t *end = peer->links[k].is_rtc ? sim->ends.list[peer->links[k].id] : NULL;
            const sim_end_t *other = end == NULL || !end->is_up ? NULL : sim->ends.list[end->remote];
            if (other == NULL || other->peer < i)
                continue; /* each link once */
            if (keeps_together ? tree[i] == other->peer || tree[other->peer] == i : sim_random_below(&sim->random, 2) == 0)
                continue;
            link_close(peer, &peer->links[k]);
            count++;
        }
    }
    free(tree);
    return count;
}

/* ---- scenarios ---- */

void scenario_overlay(const sim_run_options_t *run)
{
    sim_t *sim = swarm_new(run, 1);
    uint64_t joined_ms = sim->now_ms;
    servers_die(sim);
    uint64_t heard_ms = round_run(sim, 0, "heard by all");
    uint64_t large_ms = round_run(sim, LARGE, "large ones heard by all");
    double tree_count = 0, retries = 0;
    for (uint32_t i = 0; i < sim->peer_count; i++) {
        tree_count += sim_peer_health(sim->peers[i], "overlay.lazy");
        retries += sim_peer_health(sim->peers[i], "counters.retries");
    }
    uint32_t most = degree_check(sim);
    sim_figures(sim, "joined_ms", (double)joined_ms, "heard_ms", (double)heard_ms, "large_ms", (double)large_ms, "lazy_ends",
                tree_count, "degree", sim_swarm_degree(sim), "degree_max", (double)most, "retries", retries, NULL);
    sim_free(sim);
}

static int is_dense(sim_t *sim)
{
    return is_connected(sim) && sim_swarm_degree(sim) >= SOUGHT;
}

/* Half of the links are closed; in the end the swarm is whole, and everybody has links again. */
static uint64_t heal(sim_t *sim, int keeps_together)
{
    double before = sim_swarm_degree(sim);
    SIM_CHECK(sim, half_close(sim, keeps_together) >= sim->peer_count / 2);
    sim_run(sim, 100);
    SIM_CHECK(sim, sim_swarm_degree(sim) < before * 0.8);
    SIM_CHECK(sim, !keeps_together || is_connected(sim));
    uint64_t healed_ms = sim_until(sim, is_dense, keeps_together ? HEAL_MS_MAX : JOINED_MS_MAX, "whole again");
    degree_check(sim);
    round_run(sim, 0, "heard by all over new links");
    return healed_ms;
}

void scenario_overlay_heal(const sim_run_options_t *run)
{
    sim_t *sim = swarm_new(run, 1);
    uint64_t parted_ms = heal(sim, 0); /* in parts: the tracker joins them */
    servers_die(sim);
    uint64_t alone_ms = heal(sim, 1);
    sim_figures(sim, "healed_by_tracker_ms", (double)parted_ms, "healed_alone_ms", (double)alone_ms, "degree",
                sim_swarm_degree(sim), NULL);
    sim_free(sim);
}

void scenario_overlay_find(const sim_run_options_t *run)
{
    enum { PAIR_COUNT = 4 };
    sim_t *sim = swarm_new(run, 1);
    servers_die(sim);
    uint64_t most_ms = 0;
    for (uint32_t pair = 0; pair < PAIR_COUNT; pair++) {
        sim_peer_t *seeker = sim_swarm_any(sim), *sought = sim_swarm_any(sim);
        while (seeker == sought || sim_peer_is_linked(seeker, sought)) {
            seeker = sim_swarm_any(sim);
            sought = sim_swarm_any(sim);
        }
        sim_peer_connect(seeker, &sought->address, 20000);
        uint64_t found_ms = sim_until(sim, is_answered, 21000, "an answer");
        if (seeker->connect_result != 0)
            sim_fail(sim, "%s did not find %s: %s", seeker->name, sought->name, nkt_err_name(seeker->connect_result));
        most_ms = found_ms > most_ms ? found_ms : most_ms;
        SIM_CHECK(sim, sim_peer_is_linked(seeker, sought));
        sim_run(sim, 100); /* the last word of the proof */
        SIM_CHECK(sim, sim_peer_is_linked(sought, seeker));
    }
    sim_run(sim, HEAL_MS_MAX); /* whoever lost a link for it has another */
    SIM_CHECK(sim, is_connected(sim));
    degree_check(sim);
    round_run(sim, 0, "heard by all");
    sim_figures(sim, "found_ms", (double)most_ms, "degree", sim_swarm_degree(sim), NULL);
    sim_free(sim);
}

/* Each half has a tracker of its own; together they know both. */
static void halves_set(sim_t *sim)
{
    for (uint32_t i = 0; i < sim->peer_count; i++)
        sim->peers[i]->side = (uint8_t)(i & 1);
    for (uint32_t i = 0; i < sim->options.tracker_count; i++)
        sim_server_sides(sim, 1, i, 1u << i);
    sim_split(sim);
}

void scenario_overlay_apart(const sim_run_options_t *run)
{
    enum { APART_MS = 60000, SAY_MS = 5000, MEET_MS = 120000, TOGETHER_MS = 60000 };
    sim_t *sim = swarm_new(run, 2);
    halves_set(sim);
    for (uint64_t ms = 0; ms < APART_MS; ms += SAY_MS) {
        sim_say_clear(sim->peers[ms / SAY_MS % sim->peer_count]);
        sim_run(sim, SAY_MS);
    }
    SIM_CHECK(sim, !all_heard(sim) && sim_swarm_connected(sim) <= 0.5);
    sim_unite(sim);
    sim_peer_connect(sim->peers[0], &sim->peers[1]->address, MEET_MS);
    uint64_t met_ms = sim_until(sim, is_connected, MEET_MS, "one component again");
    servers_die(sim); /* the links that there are have to do */
    uint64_t heard_ms = sim_until(sim, all_heard, TOGETHER_MS, "what each half said, heard by the other");
    round_run(sim, 0, "heard by all");
    degree_check(sim);
    sim_figures(sim, "met_ms", (double)met_ms, "heard_ms", (double)heard_ms, "degree", sim_swarm_degree(sim), NULL);
    sim_free(sim);
}
