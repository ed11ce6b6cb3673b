/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Joining by an address alone. */
#include <string.h>

#include "scenarios.h"

static int is_answered(sim_t *sim)
{
    return sim->peers[0]->connect_result != 1;
}

/* p0 has no room, p1 and p2 are in one; all know the servers of the options. */
static sim_t *world_new(const sim_options_t *options)
{
    sim_t *sim = sim_new(options);
    sim_peer_options_t alone = sim_peer_defaults(sim);
    alone.room = alone.secret = NULL;
    sim_peer_start(sim_peer_add(sim, &alone));
    sim_peers_start(sim, 2, 50);
    sim_run(sim, 3000);
    SIM_CHECK(sim, !sim_view(sim->peers[0], sim->peers[1])->is_known);
    SIM_CHECK(sim, !sim_view(sim->peers[1], sim->peers[0])->is_known);
    return sim;
}

static uint64_t found(const sim_options_t *options)
{
    sim_t *sim = world_new(options);
    sim_peer_t *seeker = sim->peers[0], *sought = sim->peers[1];
    sim_peer_connect(seeker, &sought->address, 20000);
    uint64_t found_ms = sim_until(sim, is_answered, 20000, "an answer");
    SIM_CHECK(sim, seeker->connect_result == 0);
    SIM_CHECK(sim, sim_view(seeker, sought)->is_linked);
    sim_until(sim, sim_all_have_sessions, 40000, "it is in the room");
    sim_say(seeker, NULL);
    sim_say(sim->peers[2], seeker);
    sim_say(sought, NULL);
    sim_until(sim, sim_all_delivered, 3000, "delivered");
    sim_free(sim);
    return found_ms;
}

/* Whoever found one of a secret room by its address is not in that room. */
static void found_in_secret(uint64_t seed)
{
    sim_options_t options = sim_defaults(seed);
    options.secret = "pssst";
    sim_t *sim = world_new(&options);
    sim_peer_t *seeker = sim->peers[0], *sought = sim->peers[1];
    sim_peer_connect(seeker, &sought->address, 20000);
    sim_until(sim, is_answered, 20000, "an answer");
    SIM_CHECK(sim, seeker->connect_result == 0);
    sim_run(sim, 40000);
    uint32_t to_room = sim_say(sought, NULL);
    uint32_t to_seeker = sim_say(sought, seeker);
    sim_until(sim, sim_all_delivered, 3000, "delivered");
    SIM_CHECK(sim, sim_heard_count(sim, to_room, seeker) == 0 && sim_heard_count(sim, to_room, sim->peers[2]) == 1);
    SIM_CHECK(sim, sim_heard_count(sim, to_seeker, seeker) == 1);
    SIM_CHECK(sim, !sim_view(seeker, sim->peers[2])->is_known && !sim_view(sim->peers[2], seeker)->is_known);
    sim_free(sim);
}

static uint64_t not_found(const sim_options_t *options, int expected, int is_dead)
{
    sim_t *sim = world_new(options);
    sim_peer_t *seeker = sim->peers[0];
    nkt_address_t nobody = sim->peers[1]->address;
    nobody.b[7] ^= 1;
    if (is_dead) {
        sim_relay_kill(sim, 0);
        sim_tracker_kill(sim, 0);
        sim_run(sim, 1000);
    }
    sim_peer_connect(seeker, &nobody, 4000);
    uint64_t answer_ms = sim_until(sim, is_answered, 4100, "an answer");
    SIM_CHECK(sim, seeker->connect_result == expected);
    SIM_CHECK(sim, answer_ms >= 4000 || expected == NKT_E_NO_WAY);
    sim_free(sim);
    return answer_ms;
}

static void refused(uint64_t seed)
{
    sim_options_t options = sim_defaults(seed);
    sim_t *sim = world_new(&options);
    sim_peer_t *seeker = sim->peers[0];
    sim_peer_connect(seeker, &(nkt_address_t){{0}}, 1000);
    SIM_CHECK(sim, seeker->connect_result == NKT_E_ADDRESS);
    sim_peer_connect(seeker, &seeker->address, 1000);
    SIM_CHECK(sim, seeker->connect_result == NKT_E_SELF);
    nkt_address_t nobody = seeker->address;
    nobody.b[0] ^= 1;
    sim_peer_connect(seeker, &nobody, 1000);
    SIM_CHECK(sim, sim_peer_step(seeker, &(nkt_event_t){.kind = NKT_EV_CANCEL, .ticket = 4711}) == NKT_E_ARGUMENT);
    SIM_CHECK(sim, sim_peer_step(seeker, &(nkt_event_t){.kind = NKT_EV_CANCEL, .ticket = seeker->connect_ticket}) == 0);
    SIM_CHECK(sim, seeker->connect_result == NKT_E_CANCELLED);
    sim_free(sim);
}

void scenario_find(const sim_run_options_t *run)
{
    sim_options_t options = sim_defaults(run->seed);
    uint64_t both_ms = found(&options);
    options.tracker_count = 0;
    uint64_t relay_ms = found(&options);
    options.tracker_count = 1;
    options.relay_count = 0;
    uint64_t tracker_ms = found(&options);
    found_in_secret(run->seed);
    refused(run->seed);
    options = sim_defaults(run->seed);
    not_found(&options, NKT_E_NOT_FOUND, 0);
    not_found(&options, NKT_E_NO_WAY, 1);
    sim_options_t fresh = sim_defaults(run->seed);
    sim_t *sim = sim_new(&fresh);
    sim_figures(sim, "both_ms", (double)both_ms, "relay_ms", (double)relay_ms, "tracker_ms", (double)tracker_ms, NULL);
    sim_free(sim);
}
