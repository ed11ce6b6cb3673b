/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Several rooms at once: who is in them has a core for each, with one identity, at the same relays and trackers. */
#include "scenarios.h"

enum { CORE_COUNT = 9, ROUND_COUNT = 24, CLOSED_COUNT_MAX = 3, SECOND_MS = 1000 };

static const char *const names[] = {"x", "y", "z"};

/* Of those who are in a room together and run: do all have sessions? */
static int have_met(sim_t *sim)
{
    for (uint32_t i = 0; i < sim->peer_count; i++) {
        for (uint32_t k = 0; k < sim->peer_count; k++) {
            const sim_peer_t *a = sim->peers[i], *b = sim->peers[k];
            if (a->state == SIM_ON && b->state == SIM_ON && sim_peers_may_meet(a, b) &&
                sim_view(a, b)->session != NKT_SESSION_ESTABLISHED)
                return 0;
        }
    }
    return 1;
}

/* Nobody knows anybody of a room that he is not in. */
static void apart_check(sim_t *sim)
{
    for (uint32_t i = 0; i < CORE_COUNT; i++) {
        for (uint32_t k = 0; k < CORE_COUNT; k++) {
            if (!sim_peers_may_meet(sim->peers[i], sim->peers[k]))
                SIM_CHECK(sim, !sim_view(sim->peers[i], sim->peers[k])->is_known);
        }
    }
}

static sim_peer_t *person_add(sim_t *sim, uint32_t first, uint32_t room_count)
{
    sim_peer_options_t options = sim_peer_defaults(sim);
    options.room = names[first];
    sim_peer_t *home = sim_peer_add(sim, &options);
    sim_peer_start(home);
    for (uint32_t i = 1; i < room_count; i++)
        sim_peer_start(sim_sister_add(home, names[(first + i) % 3]));
    return home;
}

/* Three in all rooms, in another order each; whoever is met in several is the same. */
static sim_t *world_new(const sim_options_t *options)
{
    sim_t *sim = sim_new(options);
    for (uint32_t i = 0; i < 3; i++) {
        person_add(sim, i, 3);
        sim_run(sim, 100);
    }
    sim_until(sim, have_met, 30 * SECOND_MS, "met");
    return sim;
}

/* To all of the room, and to each of it alone. */
static void everybody_says(sim_t *sim)
{
    for (uint32_t i = 0; i < CORE_COUNT; i++) {
        if (sim->peers[i]->state != SIM_ON)
            continue;
        sim_say(sim->peers[i], NULL);
        for (uint32_t k = 0; k < CORE_COUNT; k++) {
            if (sim_peers_may_meet(sim->peers[i], sim->peers[k]) && sim_view(sim->peers[i], sim->peers[k])->is_known)
                sim_say(sim->peers[i], sim->peers[k]);
        }
    }
}

/* One closes a room, another opens it again; or somebody's process dies with all his rooms. */
static void change(sim_t *sim)
{
    uint32_t closed = 0;
    for (uint32_t i = 0; i < CORE_COUNT; i++)
        closed += sim->peers[i]->state == SIM_OFF;
    uint32_t luck = (uint32_t)sim_random_below(&sim->random, CORE_COUNT), is_silent = (uint32_t)sim_random_below(&sim->random, 2);
    if (closed == 0 && is_silent && luck % 3 == 0) {
        for (uint32_t i = luck; i < luck + 3; i++)
            sim_peer_crash(sim->peers[i]);
    } else if (closed < CLOSED_COUNT_MAX && sim->peers[luck]->state == SIM_ON) {
        sim_peer_leave(sim->peers[luck], (int)is_silent);
    } else {
        for (uint32_t i = 0; i < CORE_COUNT; i++) {
            if (sim->peers[i]->state == SIM_OFF)
                sim_peer_start(sim->peers[i]);
        }
    }
}

/* With one core from room to room: he talks with all who are there, and is gone again. */
static void visit(sim_t *sim, sim_peer_t *guest, uint32_t room)
{
    guest->options.room = names[room];
    sim_peer_start(guest);
    sim_until(sim, have_met, 60 * SECOND_MS, "the guest has met them");
    for (uint32_t i = 0; i < CORE_COUNT; i++) {
        if (sim->peers[i]->state != SIM_ON || !sim_peers_may_meet(guest, sim->peers[i]))
            continue;
        sim_say(guest, sim->peers[i]);
        sim_say(sim->peers[i], guest);
    }
    sim_run(sim, 3 * SECOND_MS);
    for (uint32_t number = 0; number < sim->book.said_count; number++) {
        const sim_said_t *said = &sim->book.said[number];
        if (said->from == guest->index || said->to == guest->index)
            SIM_CHECK(sim, said->heard_count == 1);
    }
    sim_peer_stop(guest);
}

static uint64_t rekeys_sum(const sim_t *sim)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < CORE_COUNT; i++)
        sum += sim->peers[i]->counts.rekeys;
    return sum;
}

void scenario_rooms(const sim_run_options_t *run)
{
    sim_options_t options = sim_defaults(run->seed);
    options.persist = 1;
    options.relay_count = 2;
    options.cut_permille = 300;
    sim_t *sim = world_new(&options);
    everybody_says(sim);
    sim_until(sim, sim_all_delivered, 5 * SECOND_MS, "delivered");
    apart_check(sim);
    SIM_CHECK(sim, rekeys_sum(sim) == 0);
    for (int i = 0; i < ROUND_COUNT; i++) {
        change(sim);
        everybody_says(sim);
        sim_run(sim, sim_random_below(&sim->random, 20 * SECOND_MS));
    }
    for (uint32_t i = 0; i < CORE_COUNT; i++) {
        if (sim->peers[i]->state == SIM_OFF)
            sim_peer_start(sim->peers[i]);
    }
    sim_until(sim, have_met, 60 * SECOND_MS, "met again");
    sim_until(sim, sim_all_delivered, 120 * SECOND_MS, "delivered to all who are back");
    apart_check(sim);
    uint64_t churned = rekeys_sum(sim);
    sim_peer_t *guest = sim_peer_add(sim, NULL);
    for (uint32_t i = 0; i < 6; i++)
        visit(sim, guest, i % 3);
    apart_check(sim);
    sim_figures(sim, "rekeys", (double)churned, "rekeys_of_visits", (double)(rekeys_sum(sim) - churned), NULL);
    SIM_CHECK(sim, churned == 0 && rekeys_sum(sim) <= 3 * 6); /* with each whom he visits: they are three in a room */
    sim_free(sim);
}

static int is_answered(sim_t *sim)
{
    return sim->peers[sim->peer_count - 1]->connect_result != 1;
}

static void seek(sim_t *sim, sim_peer_t *seeker, const sim_peer_t *sought)
{
    sim_peer_connect(seeker, &sought->address, 20 * SECOND_MS);
    sim_until(sim, is_answered, 20 * SECOND_MS, "an answer");
    SIM_CHECK(sim, seeker->connect_result == 0);
}

/* What comes from a room of hers is for her, also while it is closed: who looks for the address from there is not taken in another. */
static void passed_over(uint64_t seed, const char *secret)
{
    sim_options_t options = sim_defaults(seed);
    options.persist = 1;
    options.secret = secret;
    sim_t *sim = sim_new(&options);
    const sim_peer_t *home = person_add(sim, 0, 2);
    sim_peer_stop(sim->peers[1]);
    sim_peer_options_t member = sim_peer_defaults(sim);
    member.room = names[1];
    sim_peer_t *seeker = sim_peer_add(sim, &member);
    sim_peer_start(seeker);
    sim_run(sim, 3 * SECOND_MS);
    sim_peer_connect(seeker, &home->address, 20 * SECOND_MS);
    sim_run(sim, 10 * SECOND_MS);
    SIM_CHECK(sim, !sim_view(home, seeker)->is_known && !sim_view(home, seeker)->is_linked);
    sim_peer_start(sim->peers[1]);
    sim_until(sim, have_met, 30 * SECOND_MS, "met in that room");
    sim_say(seeker, sim->peers[1]);
    sim_say(sim->peers[1], seeker);
    sim_until(sim, sim_all_delivered, 10 * SECOND_MS, "delivered in that room");
    SIM_CHECK(sim, !sim_view(home, seeker)->is_known);
    sim_free(sim);
}

static int homes_are_linked(sim_t *sim)
{
    return sim_peer_is_linked(sim->peers[0], sim->peers[2]) && sim_peer_is_linked(sim->peers[2], sim->peers[0]);
}

/* Who is in both rooms as well, and looks for the address in the one: the link in the other stays. */
static void crossed(uint64_t seed, const char *secret)
{
    sim_options_t options = sim_defaults(seed);
    options.persist = 1;
    options.secret = secret;
    sim_t *sim = sim_new(&options);
    sim_peer_t *home = person_add(sim, 0, 2), *other = person_add(sim, 0, 2);
    sim_until(sim, have_met, 30 * SECOND_MS, "met");
    sim_run(sim, 5 * SECOND_MS);
    SIM_CHECK(sim, sim_peer_is_linked(home, other));
    sim_peer_stop(sim->peers[1]);
    sim_run(sim, 2 * SECOND_MS);
    sim_peer_crash(sim->peers[3]);
    sim_peer_forget(sim->peers[3], "identity"); /* nor does she know who that is */
    sim_peer_start(sim->peers[3]);
    sim_run(sim, 5 * SECOND_MS);
    uint64_t lost = home->counts.links_down;
    sim_peer_connect(sim->peers[3], &home->address, 10 * SECOND_MS);
    for (int i = 0; i < 12; i++) {
        sim_say(home, other);
        sim_say(other, home);
        sim_run(sim, SECOND_MS);
    }
    sim_until(sim, sim_all_delivered, 10 * SECOND_MS, "delivered in the other room");
    SIM_CHECK(sim, home->counts.rekeys + other->counts.rekeys == 0);
    SIM_CHECK(sim, secret != NULL || home->counts.links_down == lost); /* a room with a secret is not told by the proof */
    sim_until(sim, homes_are_linked, 30 * SECOND_MS, "linked");
    sim_free(sim);
}

void scenario_rooms_find(const sim_run_options_t *run)
{
    sim_options_t options = sim_defaults(run->seed);
    options.persist = 1;
    sim_t *sim = sim_new(&options);
    sim_peer_t *home = person_add(sim, 0, 2), *sister = sim->peers[1];
    sim_peer_options_t alone = sim_peer_defaults(sim);
    alone.room = "elsewhere";
    sim_peer_t *seeker = sim_peer_add(sim, &alone);
    sim_peer_start(seeker);
    sim_run(sim, 3 * SECOND_MS);
    for (int i = 0; i < 2; i++) {
        seek(sim, seeker, home);
        sim_run(sim, 5 * SECOND_MS);
        sim_peer_t *found = i == 0 ? home : sister;
        SIM_CHECK(sim, sim_peer_health(found, "users") == 1);
        if (found == home)
            SIM_CHECK(sim, sim_peer_health(sister, "users") == 0);
        sim_peer_stop(seeker);
        if (i == 0)
            sim_peer_stop(home);
        sim_run(sim, SECOND_MS);
        sim_peer_forget(seeker, "identity");
        sim_peer_start(seeker);
        sim_run(sim, 3 * SECOND_MS);
    }
    sim_figures(sim, NULL);
    sim_free(sim);
    passed_over(run->seed, NULL);
    passed_over(run->seed, "pssst");
    crossed(run->seed, NULL);
    crossed(run->seed, "pssst");
}
