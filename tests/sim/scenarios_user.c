/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Users that are muted, leave, crash and return. */
#include <string.h>

#include "scenarios.h"
#include "wire/limits.h"

static int all_gave_up_p1(sim_t *sim)
{
    for (uint32_t i = 0; i < sim->peer_count; i++) {
        const sim_view_t *view = sim_view(sim->peers[i], sim->peers[1]);
        if (i != 1 && (view->is_linked || !(view->flags & NKT_USER_UNREACHABLE)))
            return 0;
    }
    return 1;
}

/* Frames from p0 to p1 alone; pings keep the link alive and say nothing. */
typedef struct sim_listener {
    uint32_t frames;
} sim_listener_t;

static sim_verdict_t relay_listen(void *context, sim_t *sim, const sim_peer_t *from, const sim_peer_t *to,
                                  const uint8_t *bytes, size_t size)
{
    (void)sim, (void)bytes, (void)size;
    ((sim_listener_t *)context)->frames += from->index == 0 && to != NULL && to->index == 1;
    return SIM_PASS;
}

static sim_verdict_t rtc_listen(void *context, sim_t *sim, const sim_peer_t *from, const sim_peer_t *to, uint8_t *bytes,
                                size_t *size)
{
    (void)sim, (void)bytes;
    ((sim_listener_t *)context)->frames += from->index == 0 && to->index == 1 && *size > 5;
    return SIM_PASS;
}

void scenario_muted(const sim_run_options_t *run)
{
    sim_options_t options = sim_defaults(run->seed);
    sim_listener_t listener = {0};
    sim_t *sim = sim_new(&options);
    sim_malice_set(sim, &(sim_malice_t){.context = &listener, .relay = relay_listen, .rtc = rtc_listen});
    sim_peers_start(sim, 3, 50);
    sim_peer_t *a = sim->peers[0], *b = sim->peers[1], *c = sim->peers[2];
    sim_until(sim, sim_all_are_linked, 30000, "links");
    sim_run(sim, 2000);
    sim_peer_set_flags(a, b, NKT_USER_MUTED);
    listener.frames = 0;
    uint32_t to_all = sim_say(a, NULL);
    nkt_event_t to_muted = {.kind = NKT_EV_SAY, .bytes = (const uint8_t *)"1", .bytes_size = 1, .address = b->address};
    SIM_CHECK(sim, sim_peer_step(a, &to_muted) == NKT_E_MUTED);
    uint32_t from_muted = sim_say(b, NULL);
    sim_until(sim, sim_all_delivered, 3000, "delivered to the others");
    sim_run(sim, 60000);
    SIM_CHECK(sim, sim_heard_count(sim, to_all, b) == 0 && sim_heard_count(sim, to_all, c) == 1);
    SIM_CHECK(sim, sim_heard_count(sim, from_muted, a) == 1);
    SIM_CHECK(sim, listener.frames <= 2); /* the acknowledgement of what it said, by both ways */
    sim_figures(sim, "frames_to_muted", (double)listener.frames, NULL);
    sim_peer_set_flags(a, b, 0);
    uint32_t after = sim_say(a, NULL);
    sim_until(sim, sim_all_delivered, 3000, "delivered to all");
    SIM_CHECK(sim, sim_heard_count(sim, to_all, b) == 0 && sim_heard_count(sim, after, b) == 1);

    /* what waits for a user when it is muted has failed, and says so */
    sim_peer_crash(b);
    uint32_t waiting = sim_say(a, b);
    sim_run(sim, 1000);
    sim_peer_set_flags(a, b, NKT_USER_MUTED);
    SIM_CHECK(sim, sim_delivery_state(sim, waiting, b) == NKT_DELIVERY_FAILED);
    sim_free(sim);
}

static int pin(sim_peer_t *peer, const nkt_address_t *address, const char *nick, int is_set)
{
    nkt_event_t event = {
        .kind = NKT_EV_PIN, .address = *address, .text = nick, .text_size = strlen(nick), .value = is_set};
    return sim_peer_step(peer, &event);
}

/* It goes and comes back, and is told of as many pins as there should be. */
static void return_with_pins(sim_t *sim, sim_peer_t *peer, uint64_t count)
{
    sim_run(sim, 1000);
    sim_peer_crash(peer);
    uint64_t before = peer->counts.pins;
    sim_peer_start(peer);
    SIM_CHECK(sim, peer->counts.pins == before + count);
    sim_until(sim, sim_all_have_sessions, 15000, "sessions after a crash");
}

void scenario_pins(const sim_run_options_t *run)
{
    sim_options_t options = sim_defaults(run->seed);
    options.persist = 1;
    sim_t *sim = sim_new(&options);
    sim_peers_start(sim, 3, 50);
    sim_peer_t *a = sim->peers[0], *b = sim->peers[1], *c = sim->peers[2];
    sim_until(sim, sim_all_have_sessions, 10000, "sessions");
    char ab[NKT_SAFETY_DIGIT_COUNT + 1], ba[NKT_SAFETY_DIGIT_COUNT + 1], ac[NKT_SAFETY_DIGIT_COUNT + 1];
    nkt_address_t stranger = {{1}};
    SIM_CHECK(sim, nkt_safety_number(a->core, &b->address, ab) == NKT_OK && nkt_safety_number(b->core, &a->address, ba) == NKT_OK);
    SIM_CHECK(sim, nkt_safety_number(a->core, &c->address, ac) == NKT_OK);
    SIM_CHECK(sim, strcmp(ab, ba) == 0 && strcmp(ab, ac) != 0);
    SIM_CHECK(sim, nkt_safety_number(a->core, &stranger, ab) == NKT_E_UNKNOWN_USER);
    SIM_CHECK(sim, nkt_safety_number(a->core, &a->address, ab) == NKT_E_UNKNOWN_USER);

    SIM_CHECK(sim, pin(a, &b->address, "bob", 1) == NKT_OK && pin(a, &c->address, "", 1) == NKT_OK);
    SIM_CHECK(sim, pin(a, &b->address, "bob", 1) == NKT_OK && a->counts.pins == 2); /* nothing new: nothing told */
    SIM_CHECK(sim, pin(a, &b->address, "robert", 1) == NKT_OK && a->counts.pins == 3);
    SIM_CHECK(sim, pin(a, &b->address, "a\nb", 1) == NKT_E_ARGUMENT && pin(a, &(nkt_address_t){{0}}, "x", 1) == NKT_E_ARGUMENT);
    SIM_CHECK(sim, pin(a, &a->address, "me", 1) == NKT_E_SELF && pin(a, &stranger, "", 0) == NKT_E_UNKNOWN_USER);
    return_with_pins(sim, a, 2);
    SIM_CHECK(sim, pin(a, &c->address, "", 0) == NKT_OK && a->counts.unpins == 1);
    return_with_pins(sim, a, 1);
    for (unsigned i = 1; i < NKT_PIN_COUNT_MAX; i++)
        SIM_CHECK(sim, pin(a, &(nkt_address_t){{9, (uint8_t)i, 1}}, "somebody", 1) == NKT_OK);
    SIM_CHECK(sim, pin(a, &c->address, "carol", 1) == NKT_E_PINS_FULL && pin(a, &b->address, "bob", 1) == NKT_OK);
    return_with_pins(sim, a, NKT_PIN_COUNT_MAX);

    /* whatever else was known of b is lost: the pin is not, and the number is the same when they meet again */
    sim_run(sim, 1000);
    for (size_t i = 0; i < 2; i++)
        sim_peer_record(a, "peer/", i)->bytes[40] ^= 1;
    return_with_pins(sim, a, NKT_PIN_COUNT_MAX);
    SIM_CHECK(sim, nkt_safety_number(a->core, &b->address, ab) == NKT_OK && strcmp(ab, ba) == 0);

    sim_record_t *record = sim_peer_record(a, "pins", 0); /* damaged: put aside, and nothing else is lost */
    record->bytes[record->bytes_size / 2] ^= 1;
    return_with_pins(sim, a, 0);
    SIM_CHECK(sim, pin(a, &b->address, "bob", 1) == NKT_OK);
    return_with_pins(sim, a, 1);
    sim_figures(sim, "pins", (double)a->counts.pins, NULL);
    sim_free(sim);
}

static int ignore(sim_peer_t *peer, const nkt_address_t *address, int is_set)
{
    nkt_event_t event = {.kind = NKT_EV_IGNORE, .address = *address, .text = "b", .text_size = 1, .value = is_set};
    return sim_peer_step(peer, &event);
}

static double ignored_count(sim_peer_t *peer)
{
    return sim_peer_health(peer, "counters.messagesIgnored");
}

/* Everything that b says reaches c and, of a, nothing: neither its application nor an acknowledgement. */
static void check_ignored(sim_t *sim, sim_peer_t *a, sim_peer_t *b, sim_peer_t *c)
{
    uint64_t told = a->counts.messages;
    double before = ignored_count(a);
    uint32_t to_all = sim_say(b, NULL), to_a = sim_say(b, a), clear = sim_say_clear(b);
    sim_run(sim, 40000);
    SIM_CHECK(sim, sim_heard_count(sim, to_all, c) == 1 && sim_delivery_state(sim, to_all, c) == NKT_DELIVERY_DELIVERED);
    SIM_CHECK(sim, sim_heard_count(sim, to_all, a) == 0 && sim_heard_count(sim, to_a, a) == 0);
    SIM_CHECK(sim, sim_heard_count(sim, clear, c) == 1 && sim_heard_count(sim, clear, a) == 0);
    SIM_CHECK(sim, sim_delivery_state(sim, to_all, a) == NKT_DELIVERY_SENT && sim_delivery_state(sim, to_a, a) == NKT_DELIVERY_SENT);
    SIM_CHECK(sim, a->counts.messages == told && ignored_count(a) >= before + 3);
    uint32_t mine = sim_say(a, NULL), more = sim_say(a, b); /* it is not muted */
    sim_run(sim, 5000);
    SIM_CHECK(sim, sim_delivery_state(sim, mine, b) == NKT_DELIVERY_DELIVERED && sim_heard_count(sim, more, b) == 1);
}

void scenario_ignored(const sim_run_options_t *run)
{
    sim_options_t options = sim_defaults(run->seed);
    options.persist = 1;
    sim_t *sim = sim_new(&options);
    sim_peers_start(sim, 3, 50);
    sim_peer_t *a = sim->peers[0], *b = sim->peers[1], *c = sim->peers[2];
    sim_until(sim, sim_all_have_sessions, 10000, "sessions");
    SIM_CHECK(sim, ignore(a, &a->address, 1) == NKT_E_SELF && ignore(a, &(nkt_address_t){{0}}, 1) == NKT_E_ARGUMENT);
    SIM_CHECK(sim, ignore(a, &b->address, 0) == NKT_E_UNKNOWN_USER);
    SIM_CHECK(sim, ignore(a, &b->address, 1) == NKT_OK && ignore(a, &b->address, 1) == NKT_OK && a->counts.ignored == 1);
    SIM_CHECK(sim, sim_view(a, b)->flags & NKT_USER_IGNORED);
    check_ignored(sim, a, b, c);

    /* over a crash, and when whatever else was known of it is lost */
    for (int i = 0; i < 2; i++) {
        sim_run(sim, 1000);
        sim_peer_crash(a);
        if (i == 1) {
            for (size_t k = 0; k < 2; k++)
                sim_peer_record(a, "peer/", k)->bytes[40] ^= 1;
        }
        sim_peer_start(a);
        SIM_CHECK(sim, a->counts.ignored == 2 + (uint64_t)i);
        sim_until(sim, sim_all_have_sessions, 15000, "sessions after a crash");
        SIM_CHECK(sim, sim_view(a, b)->flags & NKT_USER_IGNORED);
        check_ignored(sim, a, b, c);
    }
    nkt_event_t history = {.kind = NKT_EV_HISTORY, .ticket = 77};
    SIM_CHECK(sim, sim_peer_step(a, &history) == 6); /* what a itself said */

    SIM_CHECK(sim, ignore(a, &b->address, 0) == NKT_OK && !(sim_view(a, b)->flags & NKT_USER_IGNORED));
    uint64_t back_ms = sim_until(sim, sim_all_delivered, 60000, "what waited is heard, for it was never acknowledged");
    for (unsigned i = 0; i < NKT_PIN_COUNT_MAX; i++)
        SIM_CHECK(sim, ignore(a, &(nkt_address_t){{9, (uint8_t)i, 1}}, 1) == NKT_OK);
    SIM_CHECK(sim, ignore(a, &b->address, 1) == NKT_E_IGNORED_FULL);
    sim_figures(sim, "heard_again_ms", (double)back_ms, NULL);
    sim_free(sim);
}

void scenario_leave(const sim_run_options_t *run)
{
    sim_options_t options = sim_defaults(run->seed);
    options.persist = 1;
    sim_t *sim = sim_new(&options);
    sim_peers_start(sim, 3, 50);
    sim_peer_t *a = sim->peers[0], *b = sim->peers[1];
    sim_until(sim, sim_all_are_linked, 30000, "links");

    sim_peer_stop(b);
    uint64_t bye_ms = sim_until(sim, all_gave_up_p1, 500, "the good-bye");
    uint32_t waiting = sim_say(a, b);
    sim_run(sim, 60000);
    SIM_CHECK(sim, sim_delivery_state(sim, waiting, b) == NKT_DELIVERY_QUEUED);
    sim_peer_start(b);
    uint64_t return_ms = sim_until(sim, sim_all_delivered, 10000, "delivered after the return");
    SIM_CHECK(sim, sim_heard_count(sim, waiting, b) == 1);
    sim_until(sim, sim_all_are_linked, 20000, "links again");

    sim_peer_crash(b);
    uint64_t death_ms = sim_until(sim, all_gave_up_p1, 40000, "the death");
    waiting = sim_say(a, b);
    sim_say(sim->peers[2], NULL);
    sim_run(sim, 600000);
    sim_peer_start(b);
    uint64_t second_ms = sim_until(sim, sim_all_delivered, 10000, "delivered after the second return");
    SIM_CHECK(sim, sim_heard_count(sim, waiting, b) == 1);
    SIM_CHECK(sim, b->counts.rekeys == 0 && a->counts.rekeys == 0); /* the sessions were kept */
    sim_figures(sim, "bye_ms", (double)bye_ms, "return_ms", (double)return_ms, "death_ms", (double)death_ms, "second_ms",
                (double)second_ms, NULL);
    sim_free(sim);
}
