/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Relays that know nothing of each other, and nobody with WebRTC: whoever is at both brings together those who are at one. */
#include <stdlib.h>
#include <string.h>

#include "crossings.h"
#include "forge.h"
#include "malice.h"
#include "relay/relay.h"
#include "swarm.h"

enum { AT_A = 1, AT_B = 2, AT_C = 4, AT_BOTH = AT_A | AT_B };

static void all_talk(sim_t *sim, int rounds, uint64_t gap_ms)
{
    for (int i = 0; i < rounds; i++) {
        for (uint32_t k = 0; k < sim->peer_count; k++) {
            if (sim->peers[k]->state == SIM_ON)
                sim_say(sim->peers[k], NULL);
        }
        sim_run(sim, gap_ms);
    }
}

/* Everybody to one at another relay, and back. */
static void pairs_talk(sim_t *sim)
{
    for (uint32_t i = 0; i < sim->peer_count; i++) {
        for (uint32_t k = 0; k < sim->peer_count; k++) {
            const sim_peer_t *one = sim->peers[i], *other = sim->peers[k];
            if (one->state == SIM_ON && other->state == SIM_ON && (one->options.relay_bits & other->options.relay_bits) == 0)
                sim_say(sim->peers[i], sim->peers[k]);
        }
    }
}

/* In clear nobody acknowledges, and nothing is said again: whoever hears it heard the one frame. */
static void clear_talk(sim_t *sim, uint64_t wait_ms)
{
    for (uint32_t i = 0; i < sim->peer_count; i++) {
        if (sim->peers[i]->state != SIM_ON)
            continue;
        uint32_t number = sim_say_clear(sim->peers[i]);
        sim_run(sim, wait_ms);
        for (uint32_t k = 0; k < sim->peer_count; k++) {
            if (k != i && sim->peers[k]->state == SIM_ON && sim_heard_count(sim, number, sim->peers[k]) != 1)
                sim_fail(sim, "%s did not hear what %s said in clear", sim->peers[k]->name, sim->peers[i]->name);
        }
    }
}

/* Privately, to everybody and in clear. How long what is acknowledged took until it all was. */
static uint64_t talk(sim_t *sim, uint64_t gap_ms, uint64_t limit_ms, uint64_t clear_ms)
{
    pairs_talk(sim);
    all_talk(sim, 3, gap_ms);
    uint64_t delivered_ms = sim_until(sim, sim_all_delivered, limit_ms, "delivered");
    clear_talk(sim, clear_ms);
    return delivered_ms;
}

static double bridged(const sim_t *sim, const char *path)
{
    double sum = 0;
    for (uint32_t i = 0; i < sim->peer_count; i++)
        sum += sim->peers[i]->state == SIM_ON ? sim_peer_health(sim->peers[i], path) : 0;
    return sum;
}

void scenario_cross(const sim_run_options_t *run)
{
    sim_cross_t cross = sim_cross_new(run->seed, 2, 16);
    sim_t *sim = cross.sim;
    sim_cross_add(&cross, 3, AT_A);
    sim_cross_add(&cross, 3, AT_B);
    sim_cross_add(&cross, 2, AT_BOTH);
    uint64_t session_ms = sim_until(sim, sim_all_met, 20000, "all have met");
    uint64_t delivered_ms = talk(sim, 30, 5000, 1500);
    sim_run(sim, 180000);
    pairs_talk(sim);
    all_talk(sim, 1, 30);
    uint64_t later_ms = sim_until(sim, sim_all_delivered, 5000, "delivered after three minutes of silence");
    SIM_CHECK(sim, bridged(sim, "counters.bridged") > 0);
    sim_figures(sim, "session_ms", (double)session_ms, "delivered_ms", (double)delivered_ms, "later_ms", (double)later_ms,
                "copies", sim_cross_copies(&cross), NULL);
    sim_cross_free(&cross);
}

/* With WebRTC at one of them: what comes by links crosses as what comes by relays does, and is heard once. */
void scenario_cross_mixed(const sim_run_options_t *run)
{
    sim_cross_t cross = sim_cross_new(run->seed, 2, 16);
    sim_t *sim = cross.sim;
    sim_cross_add(&cross, 2, AT_B);
    cross.has_rtc = 1;
    sim_cross_add(&cross, 3, AT_A);
    sim_cross_add(&cross, 2, AT_BOTH);
    uint64_t session_ms = sim_until(sim, sim_all_met, 20000, "all have met");
    sim_run(sim, 20000);
    sim_cross_reset(&cross);
    uint64_t delivered_ms = talk(sim, 100, 5000, 1500);
    sim_figures(sim, "session_ms", (double)session_ms, "delivered_ms", (double)delivered_ms, "copies", sim_cross_copies(&cross), NULL);
    sim_cross_free(&cross);
}

/* Twenty could do it, and one does. In so large a room a session with one who is not near is set up when there is something to say. */
void scenario_cross_many(const sim_run_options_t *run)
{
    sim_cross_t cross = sim_cross_new(run->seed, 2, 32);
    sim_t *sim = cross.sim;
    sim_cross_add(&cross, 4, AT_A);
    sim_cross_add(&cross, 4, AT_B);
    sim_cross_add(&cross, 20, AT_BOTH);
    uint64_t known_ms = sim_until(sim, sim_all_know_all, 30000, "all know all");
    double start_copies = sim_cross_copies(&cross);
    sim_run(sim, 10000);
    pairs_talk(sim);
    uint64_t first_ms = sim_until(sim, sim_all_delivered, 15000, "sessions, and delivered");
    sim_cross_reset(&cross);
    uint64_t delivered_ms = talk(sim, 300, 15000, 3000);
    double copies = sim_cross_copies(&cross);
    SIM_CHECK(sim, cross.frame_count > 0 && copies <= 1.5);
    sim_figures(sim, "known_ms", (double)known_ms, "start_copies", start_copies, "first_ms", (double)first_ms, "delivered_ms",
                (double)delivered_ms, "copies", copies, "spared", bridged(sim, "counters.bridgeSpared"), NULL);
    sim_cross_free(&cross);
}

/* Who is at one relay is two bridges from nobody, and no frame goes round. */
void scenario_cross_ring(const sim_run_options_t *run)
{
    sim_cross_t cross = sim_cross_new(run->seed, 3, 16);
    sim_t *sim = cross.sim;
    sim_cross_add(&cross, 2, AT_A);
    sim_cross_add(&cross, 2, AT_B);
    sim_cross_add(&cross, 2, AT_C);
    sim_cross_add(&cross, 2, AT_A | AT_B);
    sim_cross_add(&cross, 2, AT_B | AT_C);
    sim_cross_add(&cross, 2, AT_C | AT_A);
    uint64_t session_ms = sim_until(sim, sim_all_met, 30000, "all have met");
    sim_run(sim, 10000);
    sim_cross_reset(&cross);
    uint64_t delivered_ms = talk(sim, 100, 8000, 2000);
    double copies = sim_cross_copies(&cross);
    SIM_CHECK(sim, copies <= 2 * 1.5); /* two relays each */
    sim_figures(sim, "session_ms", (double)session_ms, "delivered_ms", (double)delivered_ms, "copies", copies, NULL);
    sim_cross_free(&cross);
}

/* Three relays in a row: over two bridges. */
void scenario_cross_chain(const sim_run_options_t *run)
{
    sim_cross_t cross = sim_cross_new(run->seed, 3, 16);
    sim_t *sim = cross.sim;
    sim_cross_add(&cross, 2, AT_A);
    sim_cross_add(&cross, 2, AT_C);
    sim_cross_add(&cross, 1, AT_A | AT_B);
    sim_cross_add(&cross, 2, AT_B | AT_C);
    uint64_t session_ms = sim_until(sim, sim_all_met, 30000, "all have met");
    uint64_t delivered_ms = talk(sim, 100, 8000, 2000);
    sim_figures(sim, "session_ms", (double)session_ms, "delivered_ms", (double)delivered_ms, "copies", sim_cross_copies(&cross), NULL);
    sim_cross_free(&cross);
}

/* One bridge dies in mid-conversation, then the other leaves when a third has come. */
void scenario_cross_leave(const sim_run_options_t *run)
{
    sim_cross_t cross = sim_cross_new(run->seed, 2, 16);
    sim_t *sim = cross.sim;
    sim_cross_add(&cross, 2, AT_A);
    sim_cross_add(&cross, 2, AT_B);
    sim_cross_add(&cross, 2, AT_BOTH);
    sim_until(sim, sim_all_met, 20000, "all have met");
    pairs_talk(sim);
    sim_peer_crash(sim->peers[4]);
    all_talk(sim, 3, 50);
    uint64_t crash_ms = sim_until(sim, sim_all_delivered, 5000, "delivered by the other");
    clear_talk(sim, 1500);
    sim_cross_add(&cross, 1, AT_BOTH);
    sim_until(sim, sim_all_met, 20000, "all have met the third");
    pairs_talk(sim);
    sim_peer_stop(sim->peers[5]);
    all_talk(sim, 3, 50);
    uint64_t leave_ms = sim_until(sim, sim_all_delivered, 5000, "delivered by the third");
    clear_talk(sim, 1500);
    sim_figures(sim, "crash_ms", (double)crash_ms, "leave_ms", (double)leave_ms, NULL);
    sim_cross_free(&cross);
}

static int is_found(sim_t *sim)
{
    return sim->peers[2]->connect_result != 1;
}

/*
 * A link with one whom bridges alone make known, who have none themselves: what is said about it crosses. Then they are gone, and the two
 * go on.
 */
void scenario_cross_connect(const sim_run_options_t *run)
{
    enum { WAIT_MS = 20000 };
    sim_cross_t cross = sim_cross_new(run->seed, 2, 16);
    sim_t *sim = cross.sim;
    sim_cross_add(&cross, 2, AT_BOTH);
    cross.has_rtc = 1;
    sim_cross_add(&cross, 1, AT_A);
    sim_cross_add(&cross, 1, AT_B);
    sim_peer_t *seeker = sim->peers[2], *sought = sim->peers[3];
    seeker->connect_result = 1;
    sim_peer_connect(seeker, &sought->address, WAIT_MS);
    uint64_t link_ms = sim_until(sim, is_found, WAIT_MS, "an answer");
    SIM_CHECK(sim, seeker->connect_result == 0);
    sim_run(sim, 5000);
    SIM_CHECK(sim, bridged(sim, "counters.bridged") > 0);
    sim_peer_crash(sim->peers[0]);
    sim_peer_crash(sim->peers[1]);
    sim_say(seeker, sought);
    sim_say(sought, seeker);
    uint64_t delivered_ms = sim_until(sim, sim_all_delivered, 1000, "delivered without any bridge");
    sim_figures(sim, "link_ms", (double)link_ms, "delivered_ms", (double)delivered_ms, "copies", sim_cross_copies(&cross), NULL);
    sim_cross_free(&cross);
}

/* ---- hostile ---- */

static void relay_say(const sim_peer_t *by, size_t relay, const nkt_address_t *to, const uint8_t *frame, size_t size)
{
    nkt_buf_t message = {0};
    if (relay < by->link_count && nkt_relay_encode_frame(&message, to, frame, size) == NKT_OK)
        sim_socket_send(by->sim, by->links[relay].id, message.data, message.size, 0);
    nkt_buf_free(&message);
}

static void strangers_say(sim_cross_t *cross, forge_t *forge)
{
    const sim_t *sim = cross->sim;
    const sim_peer_t *by = sim->peers[0];
    uint8_t text[600] = {0};
    forge_greeting(forge, NULL, sim_wall_ms(sim));
    relay_say(by, 0, NULL, forge->frame.data, forge->frame.size);
    forge_envelope(forge, NKT_KIND_GROUP, NULL, text, sizeof text, sim_wall_ms(sim));
    relay_say(by, 0, NULL, forge->frame.data, forge->frame.size);
    forge_envelope(forge, NKT_KIND_SESSION, &sim->peers[2]->address, text, sizeof text, sim_wall_ms(sim));
    relay_say(by, 0, NULL, forge->frame.data, forge->frame.size);
}

/* The hostile one, with no bounds of its own; or, through its socket, ten new people a second. What came to B of it. */
static double flood_crosses(sim_cross_t *cross, uint64_t seed, int are_strangers)
{
    enum { GAP_MS = 10, FLOOD_MS = 8000, SOMEBODY_ELSE_MS = 100, HONEST_GAP_MS = 500, LATE_MS = 10000 };
    sim_t *sim = cross->sim;
    forge_t forge;
    sim_cross_reset(cross);
    forge_init(&forge, seed, sim->options.room, "x", sim_wall_ms(sim));
    for (uint32_t ms = 0; ms < FLOOD_MS; ms += GAP_MS) {
        if (ms % HONEST_GAP_MS == 0) {
            sim_say(sim->peers[1], sim->peers[2]);
            sim_say(sim->peers[3], NULL);
        }
        if (are_strangers && ms % SOMEBODY_ELSE_MS == 0) {
            forge_deinit(&forge);
            forge_init(&forge, seed << 32 | ms, sim->options.room, "x", sim_wall_ms(sim));
        }
        if (are_strangers) {
            strangers_say(cross, &forge);
        } else {
            sim_malice_unbound(sim->peers[0]);
            sim_say_clear_size(sim->peers[0], 600);
        }
        sim_run(sim, GAP_MS);
    }
    forge_deinit(&forge);
    sim_until(sim, sim_all_delivered, LATE_MS, "what honest people said is delivered");
    sim_run(sim, LATE_MS);
    return (double)cross->hostile_copies;
}

/*
 * A member at A floods. What of it comes to B is what one budget allows, however many bridges there are; and honest people are heard.
 */
void scenario_cross_flood(const sim_run_options_t *run)
{
    enum { FLOOD_S = 8, REST_S = 10 };
    sim_cross_t cross = sim_cross_new(run->seed, 2, 16);
    sim_t *sim = cross.sim;
    sim->malice.has_strangers = 1;
    sim_cross_add(&cross, 2, AT_A);
    sim_cross_add(&cross, 2, AT_B);
    sim_cross_add(&cross, 4, AT_BOTH);
    sim_until(sim, sim_all_met, 20000, "all have met");
    sim->peers[0]->is_hostile = 1;
    sim_run(sim, 10000);
    double member = flood_crosses(&cross, run->seed, 0), member_cap = NKT_BRIDGE_AUTHOR_BURST + NKT_BRIDGE_AUTHOR_PER_S * FLOOD_S;
    double stray = flood_crosses(&cross, run->seed, 1), stray_cap = NKT_BRIDGE_STRAY_BURST + NKT_BRIDGE_STRAY_PER_S * (FLOOD_S + REST_S);
    SIM_CHECK(sim, member > 0 && member <= member_cap);
    SIM_CHECK(sim, stray > 0 && stray <= stray_cap);
    sim_figures(sim, "member", member, "member_cap", member_cap, "strangers", stray, "strangers_cap", stray_cap, NULL);
    sim_cross_free(&cross);
}

/* ---- one who says first what is worth nothing ---- */

typedef struct sim_spoiler {
    sim_cross_t *cross;
    sim_peer_t *peer;
    uint32_t spoilt_count;
} sim_spoiler_t;

/*
 * A hostile member at both relays says at the other, at once, what it hears: with a signature that does not hold; to the bridges alone;
 * with so many hops that nobody passes it on. None of it keeps an honest bridge from saying it.
 */
static void spoil(void *context, sim_t *sim, const sim_peer_t *from, const uint8_t *frame, size_t size)
{
    sim_spoiler_t *spoiler = context;
    uint8_t copy[NKT_FRAME_SIZE_MAX];
    size_t other = from->options.relay_bits == AT_A ? 1 : 0;
    if (from == spoiler->peer || from->options.relay_bits == AT_BOTH)
        return;
    memcpy(copy, frame, size);
    copy[NKT_HEADER_SIZE] ^= 1;
    relay_say(spoiler->peer, other, NULL, copy, size);
    memcpy(copy, frame, size);
    for (uint32_t i = 0; i < sim->peer_count; i++) {
        if (sim->peers[i]->options.relay_bits == AT_BOTH && sim->peers[i] != spoiler->peer)
            relay_say(spoiler->peer, other, &sim->peers[i]->address, copy, size);
    }
    copy[1] = NKT_HOPS_MAX;
    relay_say(spoiler->peer, other, NULL, copy, size);
    spoiler->spoilt_count++;
}

void scenario_cross_spoilt(const sim_run_options_t *run)
{
    sim_cross_t cross = sim_cross_new(run->seed, 2, 16);
    sim_t *sim = cross.sim;
    sim_spoiler_t spoiler = {.cross = &cross};
    sim_cross_add(&cross, 2, AT_A);
    sim_cross_add(&cross, 2, AT_B);
    sim_cross_add(&cross, 3, AT_BOTH);
    spoiler.peer = sim->peers[6];
    sim_until(sim, sim_all_met, 20000, "all have met");
    sim_run(sim, 5000);
    spoiler.peer->is_hostile = 1;
    cross.overheard = spoil;
    cross.context = &spoiler;
    clear_talk(sim, 3000);
    pairs_talk(sim);
    uint64_t delivered_ms = sim_until(sim, sim_all_delivered, 10000, "delivered");
    SIM_CHECK(sim, spoiler.spoilt_count > 0);
    sim_figures(sim, "delivered_ms", (double)delivered_ms, "spoilt", (double)spoiler.spoilt_count, NULL);
    sim_cross_free(&cross);
}
