/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A room at whose door somebody says hello 200 times a second, each time as somebody else: through the relay from one
 * socket or from many, as a neighbour over WebRTC, or from outside a secret room, looking for one of its members. Honest
 * newcomers come all the while.
 */
#include <stdlib.h>
#include <string.h>

#include "forge.h"
#include "gossip/gossip.h"
#include "relay/relay.h"
#include "swarm.h"
#include "verifies.h"

typedef enum sim_door { DOOR_SOCKET, DOOR_SOCKETS, DOOR_LINKS, DOOR_SEEK } sim_door_t;

enum {
    HONEST_COUNT = 7,
    SILENT_COUNT = 1,       /* of them, who vanish as it begins: they are not to be forgotten */
    SOCKET_COUNT = 4,       /* of the attacker, where he has many */
    GREETING_GAP_MS = 5,    /* 200 a second */
    NEWCOMER_GAP_MS = 20000,
    NEWCOMER_STAY_MS = 60000,
    NEWCOMER_LATE_MS = 5000,
    MINUTES = 10,
    SHORT_COUNT = 4,        /* with no more peers than this: a short run, to see that it works at all */
    SHORT_MS = 40000,
    FORGED_COUNT = 6000,    /* identities: when they come again nobody knows them any more */
    CPU_MS_PER_S = 100,     /* a tenth of a core */
    STRANGER_HONEST_COUNT = 12,
    STRANGER_COUNT = 24,
    STRANGER_BYTES = 1500,       /* an answer and two hellos */
    STRANGER_LINK_BYTES = 12000, /* over links his greeting floods, and what he gives back of the answers is passed on */
};

typedef struct sim_visitor {
    sim_peer_t *peer;
    uint64_t come_ms;
    uint32_t ready_ms;  /* until it had sessions with all; 0: not yet */
    uint32_t linked_ms; /* the same of links */
} sim_visitor_t;

typedef struct sim_siege {
    sim_t *sim;
    sim_door_t door;
    forge_t *forged[FORGED_COUNT];
    uint32_t said_count;
    sim_visitor_t visitors[128];
    uint32_t visitor_count;
    uint32_t honest_count, socket_count;
    uint64_t heard_count; /* greetings times cores that were there */
} sim_siege_t;

/* ---- the attacker ---- */

static forge_t *somebody(sim_siege_t *siege)
{
    uint32_t number = siege->said_count++ % FORGED_COUNT;
    forge_t **forged = &siege->forged[number];
    if (*forged == NULL) {
        *forged = sim_alloc(1, sizeof **forged);
        forge_init(*forged, siege->sim->options.seed << 32 | number, siege->sim->options.room, "x", sim_wall_ms(siege->sim));
    }
    return *forged;
}

static const sim_link_t *link_of(const sim_peer_t *peer, int is_rtc, uint32_t number)
{
    for (size_t i = 0; i < peer->link_count; i++) {
        const sim_link_t *link = &peer->links[(i + number) % peer->link_count];
        if (link->is_rtc == is_rtc)
            return link;
    }
    return NULL;
}

static void relay_say(sim_t *sim, const sim_peer_t *by, const nkt_address_t *to, const nkt_buf_t *frame)
{
    nkt_buf_t message = {0};
    const sim_link_t *link = link_of(by, 0, 0);
    if (link != NULL && nkt_relay_encode_frame(&message, to, frame->data, frame->size) == NKT_OK)
        sim_socket_send(sim, link->id, message.data, message.size, 0);
    nkt_buf_free(&message);
}

static void greeting_say(sim_siege_t *siege)
{
    sim_t *sim = siege->sim;
    forge_t *forged = somebody(siege);
    sim_peer_t *by = sim->peers[siege->honest_count + siege->said_count % siege->socket_count];
    if (siege->door == DOOR_SEEK) {
        const nkt_address_t *victim = &sim->peers[1 + siege->said_count % 2]->address;
        nkt_greeting_t greeting = {.record = forge_record(forged), .flags = NKT_GREETING_SEEK, .wall_ms = sim_wall_ms(sim)};
        greeting.record.membership = NULL;
        if (nkt_gossip_encode_greeting(&forged->payload, &greeting) == NKT_OK)
            forge_envelope(forged, NKT_KIND_GREETING, victim, forged->payload.data, forged->payload.size, sim_wall_ms(sim));
        relay_say(sim, by, victim, &forged->frame);
        return;
    }
    forge_greeting(forged, NULL, sim_wall_ms(sim));
    if (siege->door != DOOR_LINKS) {
        relay_say(sim, by, NULL, &forged->frame);
        return;
    }
    const sim_link_t *link = link_of(by, 1, siege->said_count / siege->socket_count);
    if (link != NULL)
        sim_rtc_send(sim, link->id, forged->frame.data, forged->frame.size, 0);
}

/* ---- the honest ---- */

static int is_met(const sim_peer_t *a, const sim_peer_t *b)
{
    return sim_view(a, b)->session == NKT_SESSION_ESTABLISHED && sim_view(b, a)->session == NKT_SESSION_ESTABLISHED;
}

static void visitor_come(sim_siege_t *siege)
{
    sim_visitor_t *visitor = &siege->visitors[siege->visitor_count++];
    *visitor = (sim_visitor_t){.peer = sim_peer_add(siege->sim, NULL), .come_ms = siege->sim->now_ms};
    sim_peer_start(visitor->peer);
}

static void visitors_look(sim_siege_t *siege)
{
    sim_t *sim = siege->sim;
    for (uint32_t i = 0; i < siege->visitor_count; i++) {
        sim_visitor_t *visitor = &siege->visitors[i];
        uint64_t there_ms = sim->now_ms - visitor->come_ms;
        int has_met = visitor->peer->state == SIM_ON, is_linked = has_met;
        for (uint32_t k = 0; k < siege->honest_count; k++) {
            has_met = has_met && (sim->peers[k]->state != SIM_ON || is_met(visitor->peer, sim->peers[k]));
            is_linked = is_linked && (sim->peers[k]->state != SIM_ON || sim_peer_is_linked(visitor->peer, sim->peers[k]));
        }
        if (has_met && visitor->ready_ms == 0)
            visitor->ready_ms = (uint32_t)there_ms;
        if (is_linked && visitor->linked_ms == 0)
            visitor->linked_ms = (uint32_t)there_ms;
        if (visitor->peer->state == SIM_ON && there_ms >= NEWCOMER_STAY_MS)
            sim_peer_stop(visitor->peer);
    }
}

static double forgotten_count(const sim_siege_t *siege)
{
    double count = 0;
    for (uint32_t i = 0; i < siege->honest_count; i++) {
        for (uint32_t k = 0; siege->sim->peers[i]->state == SIM_ON && k < siege->honest_count; k++) {
            const sim_view_t *view = sim_view(siege->sim->peers[i], siege->sim->peers[k]);
            count += i != k && (!view->is_known || view->session != NKT_SESSION_ESTABLISHED);
        }
    }
    return count;
}

static void hold(sim_siege_t *siege, uint64_t for_ms)
{
    sim_t *sim = siege->sim;
    uint64_t begun_ms = sim->now_ms;
    while (sim->now_ms - begun_ms < for_ms) {
        uint64_t past_ms = sim->now_ms - begun_ms;
        greeting_say(siege);
        for (uint32_t i = 0; i < sim->peer_count; i++)
            siege->heard_count += sim->peers[i]->state == SIM_ON;
        if (past_ms % NEWCOMER_GAP_MS == NEWCOMER_GAP_MS / 2 && past_ms + NEWCOMER_LATE_MS < for_ms)
            visitor_come(siege);
        if (past_ms % 1000 == 0)
            sim_say(sim->peers[SILENT_COUNT + sim_random_below(&sim->random, siege->honest_count - SILENT_COUNT)], NULL);
        if (past_ms % 50 == 0)
            visitors_look(siege);
        sim_run(sim, GREETING_GAP_MS);
    }
}

static void figures_print(sim_siege_t *siege, const uint64_t *before_ns, double seconds)
{
    sim_t *sim = siege->sim;
    sim_share_t in_time = {0};
    double worst_ms = 0, linked_worst_ms = 0, cpu_ns = 0;
    sim_figure_list_t figures = {.count = 0};
    for (uint32_t i = 0; i < siege->visitor_count; i++) {
        uint32_t ready_ms = siege->visitors[i].ready_ms;
        in_time.of++;
        in_time.count += ready_ms != 0 && ready_ms <= NEWCOMER_LATE_MS;
        double ms = ready_ms == 0 ? 1e9 : (double)ready_ms;
        worst_ms = ms > worst_ms ? ms : worst_ms;
        ms = siege->visitors[i].linked_ms == 0 ? 1e9 : siege->visitors[i].linked_ms;
        linked_worst_ms = ms > linked_worst_ms ? ms : linked_worst_ms;
    }
    for (uint32_t i = SILENT_COUNT; i < siege->honest_count; i++) {
        double ns = (double)(sim->peers[i]->cpu_ns - before_ns[i]);
        cpu_ns = ns > cpu_ns ? ns : cpu_ns;
    }
    sim_figure(&figures, "greetings", (double)siege->said_count);
    sim_figure_least(&figures, "newcomers", (double)in_time.of, 1);
    sim_figure_least(&figures, "in_time_share", sim_share(&in_time), 1);
    sim_figure_most(&figures, "newcomer_worst_ms", worst_ms, NEWCOMER_LATE_MS);
    sim_figure_most(&figures, "newcomer_linked_worst_ms", linked_worst_ms, NEWCOMER_LATE_MS);
    sim_figure_most(&figures, "forgotten", forgotten_count(siege), 0);
    sim_figure_most(&figures, "cpu_worst_ms_per_s", cpu_ns / 1e6 / seconds, sim->options.is_timed ? CPU_MS_PER_S : 1e9);
    sim_figure_most(&figures, "verifies_per_greeting", (double)sim_verify_count() / (double)siege->heard_count, 3);
    sim_figures_print(sim, &figures);
}

static void siege_free(sim_siege_t *siege)
{
    sim_free(siege->sim);
    for (uint32_t i = 0; i < FORGED_COUNT; i++) {
        if (siege->forged[i] != NULL)
            forge_deinit(siege->forged[i]);
        free(siege->forged[i]);
    }
    free(siege);
}

static void siege_run(const sim_run_options_t *run, sim_door_t door)
{
    sim_options_t options = sim_defaults(run->seed);
    uint32_t minutes = run->minutes > 0 ? run->minutes : MINUTES;
    uint64_t hold_ms = run->peer_count > 0 && run->peer_count <= SHORT_COUNT ? SHORT_MS : minutes * UINT64_C(60000);
    sim_siege_t *siege = sim_alloc(1, sizeof *siege);
    siege->door = door;
    siege->socket_count = door == DOOR_SOCKET ? 1 : SOCKET_COUNT;
    siege->honest_count = sim_swarm_size(run, HONEST_COUNT);
    options.room = "room";
    options.secret = door == DOOR_SEEK ? "secret" : NULL;
    options.is_timed = 1;
    options.cut_permille = 0;
    options.has_progress = !run->is_quiet;
    options.peer_count_max = siege->honest_count + SOCKET_COUNT + 3 * minutes + 1;
    sim_t *sim = siege->sim = sim_new(&options);
    sim_malice_set(sim, &(sim_malice_t){.has_strangers = 1});
    sim_peers_start(sim, siege->honest_count, 50);
    sim_until(sim, sim_all_have_sessions, 30000, "sessions");
    sim_until(sim, sim_all_are_linked, 60000, "links");
    for (uint32_t i = 0; i < siege->socket_count; i++) {
        sim_peer_options_t attacker = sim_peer_defaults(sim);
        if (door == DOOR_SEEK)
            attacker.room = attacker.secret = NULL;
        attacker.has_rtc = door == DOOR_LINKS;
        sim_peer_t *peer = sim_peer_add(sim, &attacker);
        peer->is_hostile = 1;
        sim_peer_start(peer);
    }
    sim_run(sim, SIM_SETTLE_MS);
    sim_peer_crash(sim->peers[0]);
    uint64_t *before_ns = sim_alloc(siege->honest_count, sizeof *before_ns);
    for (uint32_t i = 0; i < siege->honest_count; i++)
        before_ns[i] = sim->peers[i]->cpu_ns;
    sim_verify_count_reset();
    hold(siege, hold_ms);
    figures_print(siege, before_ns, (double)hold_ms / 1000);
    free(before_ns);
    siege_free(siege);
}

/* ---- a few who say hello and nothing more ---- */

typedef struct sim_spent {
    double bytes, offers;
} sim_spent_t;

static sim_spent_t spent(const sim_siege_t *siege)
{
    sim_spent_t sum = {0};
    for (uint32_t i = 0; i < siege->honest_count; i++) {
        sum.bytes += (double)siege->sim->peers[i]->counts.sent_size;
        sum.offers += (double)siege->sim->peers[i]->counts.rtc_offers;
    }
    return sum;
}

/* What one greeting of somebody who never answers costs all together, beside what they say to each other anyway. */
static sim_spent_t strangers_run(const sim_run_options_t *run, sim_door_t door)
{
    enum { GAP_MS = 10000, TAIL_MS = 120000 };
    sim_options_t options = sim_defaults(run->seed);
    sim_siege_t *siege = sim_alloc(1, sizeof *siege);
    siege->door = door;
    siege->socket_count = 1;
    siege->honest_count = sim_swarm_size(run, STRANGER_HONEST_COUNT);
    options.room = "room";
    options.cut_permille = 0;
    options.peer_count_max = siege->honest_count + 1;
    sim_t *sim = siege->sim = sim_new(&options);
    sim_malice_set(sim, &(sim_malice_t){.has_strangers = 1});
    sim_peers_start(sim, siege->honest_count, 50);
    sim_until(sim, sim_all_are_linked, 60000, "links");
    sim_peer_options_t attacker = sim_peer_defaults(sim);
    attacker.has_rtc = door == DOOR_LINKS;
    sim_peer_t *peer = sim_peer_add(sim, &attacker);
    peer->is_hostile = 1;
    sim_peer_start(peer);
    sim_run(sim, SIM_SETTLE_MS);
    sim_spent_t begun = spent(siege);
    sim_run(sim, STRANGER_COUNT * GAP_MS + TAIL_MS);
    sim_spent_t idle = spent(siege);
    for (uint32_t i = 0; i < STRANGER_COUNT; i++) {
        greeting_say(siege);
        sim_run(sim, GAP_MS);
    }
    sim_run(sim, TAIL_MS);
    sim_spent_t all = spent(siege);
    siege_free(siege);
    return (sim_spent_t){.bytes = (all.bytes - 2 * idle.bytes + begun.bytes) / STRANGER_COUNT,
                         .offers = (all.offers - 2 * idle.offers + begun.offers) / STRANGER_COUNT};
}

void scenario_strangers(const sim_run_options_t *run)
{
    sim_options_t options = sim_defaults(run->seed);
    sim_spent_t by_relay = strangers_run(run, DOOR_SOCKET), by_link = strangers_run(run, DOOR_LINKS);
    double peers = sim_swarm_size(run, STRANGER_HONEST_COUNT);
    sim_figure_list_t figures = {.count = 0};
    sim_figure_most(&figures, "bytes_per_greeting_and_peer", by_relay.bytes / peers, STRANGER_BYTES);
    sim_figure_most(&figures, "offers_per_greeting_and_peer", by_relay.offers / peers, 0.05);
    sim_figure_most(&figures, "by_link_bytes_per_greeting_and_peer", by_link.bytes / peers, STRANGER_LINK_BYTES);
    sim_figure_most(&figures, "by_link_offers_per_greeting_and_peer", by_link.offers / peers, 0.05);
    sim_t *sim = sim_new(&options);
    sim_figures_print(sim, &figures);
    sim_free(sim);
}

void scenario_lockout(const sim_run_options_t *run)
{
    siege_run(run, DOOR_SOCKET);
}

void scenario_lockout_sockets(const sim_run_options_t *run)
{
    siege_run(run, DOOR_SOCKETS);
}

void scenario_lockout_links(const sim_run_options_t *run)
{
    siege_run(run, DOOR_LINKS);
}

void scenario_lockout_seek(const sim_run_options_t *run)
{
    siege_run(run, DOOR_SEEK);
}
