/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Same seed, same facts in the same order: the same effects, byte for byte. */
#include <stdlib.h>
#include <string.h>

#include "scenarios.h"

enum { COUNT = 5, TAPED = 2 };

/* A bit of everything. */
static sim_t *eventful_run(uint64_t seed, sim_tape_t *tape)
{
    sim_options_t options = sim_defaults(seed);
    options.relay_count = options.tracker_count = 2;
    options.loss_permille = 20;
    options.put_ms = (sim_range_t){1, 20};
    options.persist = 1;
    sim_t *sim = sim_new(&options);
    for (uint32_t i = 0; i < COUNT; i++) {
        sim_peer_t *peer = sim_peer_add(sim, NULL);
        peer->tape = i == TAPED ? tape : NULL;
        sim_peer_start(peer);
        sim_run(sim, 77);
    }
    sim_peer_t *taped = sim->peers[TAPED], *other = sim->peers[0];
    sim_until(sim, sim_all_have_sessions, 20000, "sessions");
    for (uint32_t i = 0; i < 30; i++) {
        sim_say(sim->peers[i % COUNT], i % 3 == 0 ? NULL : sim->peers[(i + 1) % COUNT]);
        if (i == 10)
            sim_relay_kill(sim, 0);
        if (i == 15)
            sim_say_clear(taped);
        if (i == 20)
            sim_peer_set_flags(taped, other, NKT_USER_MUTED);
        if (i == 25)
            sim_peer_set_flags(taped, other, 0);
        sim_run(sim, 50);
    }
    sim_peer_connect(taped, &other->address, 2000);
    sim_peer_step(taped, &(nkt_event_t){.kind = NKT_EV_SET_NICK, .text = "zoe", .text_size = 3});
    sim_relay_revive(sim, 0);
    sim_tracker_kill(sim, 1);
    sim_cut(sim, taped, other);
    sim_peer_crash(sim->peers[4]);
    sim_run(sim, 40000);
    sim_peer_start(sim->peers[4]);
    sim_peer_sleep(taped, 90000, 0);
    sim_run(sim, 95000);
    sim_say(taped, NULL);
    sim_run(sim, 20000);
    sim_until(sim, sim_all_delivered, 60000, "delivered");
    sim_peer_step(taped, &(nkt_event_t){.kind = NKT_EV_STOP});
    return sim;
}

void scenario_repeat(const sim_run_options_t *run)
{
    sim_tape_t tape = {0}, again = {0};
    sim_t *sim = eventful_run(run->seed, &tape);
    sim_random_t random;
    nkt_core_t *core = sim_peer_core_again(sim->peers[TAPED], 1, &random);
    size_t agreed = sim_tape_replay(&tape, core);
    if (agreed != tape.fact_count)
        sim_fail(sim, "the replay differs at fact %zu of %zu: %s", agreed, tape.fact_count,
                 nkt_event_name(tape.facts[agreed].event.kind));
    const char *json[2];
    size_t json_size[2];
    SIM_CHECK(sim, nkt_health_json(core, &json[0], &json_size[0]) == 0);
    SIM_CHECK(sim, nkt_health_json(sim->peers[TAPED]->core, &json[1], &json_size[1]) == 0);
    SIM_CHECK(sim, json_size[0] == json_size[1] && memcmp(json[0], json[1], json_size[0]) == 0);
    nkt_free(core);

    /* the world repeats as well: what fails once can be looked at again */
    sim_t *twin = eventful_run(run->seed, &again);
    SIM_CHECK(sim, sim->trace.hash == twin->trace.hash && sim->event_count == twin->event_count);
    SIM_CHECK(sim, again.effects_size == tape.effects_size && memcmp(again.effects, tape.effects, tape.effects_size) == 0);
    sim_figures(sim, "facts", (double)tape.fact_count, "effects", (double)tape.effect_count, "effect_bytes",
                (double)tape.effects_size, NULL);
    sim_free(twin);
    sim_free(sim);
    sim_tape_deinit(&tape);
    sim_tape_deinit(&again);
}
