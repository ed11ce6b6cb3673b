/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Joining with no server at all: an invite and its answer, carried by people. */
#include <stdlib.h>
#include <string.h>

#include "scenarios.h"
#include "wire/limits.h"

enum { MINUTE_MS = 60000, SIDE_COUNT = 4 };

static int is_text_there(sim_t *sim)
{
    for (uint32_t i = 0; i < sim->peer_count; i++) {
        if (sim->peers[i]->connect_ticket != 0 && sim->peers[i]->connect_result == 1 && sim->peers[i]->invited == NULL)
            return 0;
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

static void text_wait(sim_t *sim)
{
    sim_until(sim, is_text_there, NKT_INVITE_GATHER_MS, "a text to pass on");
}

/* Both directions, by two people who take their time. Returns how long the link took once the answer was there. */
static uint64_t meet(sim_t *sim, sim_peer_t *host, sim_peer_t *guest, uint64_t pause_ms)
{
    SIM_CHECK(sim, sim_peer_invite(host) == NKT_OK);
    text_wait(sim);
    sim_run(sim, pause_ms);
    SIM_CHECK(sim, sim_peer_accept(guest, host->invited) == NKT_OK);
    text_wait(sim);
    SIM_CHECK(sim, strlen(guest->invited) <= NKT_INVITE_TEXT_SIZE_MAX);
    sim_run(sim, pause_ms);
    SIM_CHECK(sim, !sim_view(host, guest)->is_known && !sim_view(guest, host)->is_known);
    char *answer = (char *)sim_copy((const uint8_t *)guest->invited, strlen(guest->invited) + 1);
    SIM_CHECK(sim, sim_peer_complete(host, answer) == NKT_OK);
    free(answer);
    uint64_t linked_ms = sim_until(sim, is_answered, 10000, "a link");
    SIM_CHECK(sim, host->connect_result == NKT_OK && guest->connect_result == NKT_OK);
    SIM_CHECK(sim, sim_peer_is_linked(host, guest) && sim_peer_is_linked(guest, host));
    return linked_ms;
}

static char *text_copy(const char *text)
{
    return (char *)sim_copy((const uint8_t *)text, strlen(text) + 1);
}

/* Two invites of one inviter are accepted, and the first answer is passed on: neither is waited for without end. */
static void accept_two(sim_t *sim, sim_peer_t *host, sim_peer_t *guest)
{
    SIM_CHECK(sim, sim_peer_invite(host) == NKT_OK);
    text_wait(sim);
    SIM_CHECK(sim, sim_peer_accept(guest, host->invited) == NKT_OK);
    text_wait(sim);
    char *answer = text_copy(guest->invited);
    SIM_CHECK(sim, sim_peer_invite(host) == NKT_OK);
    text_wait(sim);
    SIM_CHECK(sim, sim_peer_accept(guest, host->invited) == NKT_OK);
    text_wait(sim);
    SIM_CHECK(sim, sim_peer_complete(host, answer) == NKT_OK);
    free(answer);
    sim_until(sim, is_answered, 10000, "an answer to both");
    SIM_CHECK(sim, guest->connect_result == NKT_OK && sim_peer_is_linked(host, guest));
}

/* Each world has a relay of its own. */
static int is_each_linked(sim_t *sim)
{
    for (uint32_t i = 0; i < sim->peer_count; i++) {
        if (sim->peers[i]->neighbour_count < SIDE_COUNT - 1)
            return 0;
    }
    return 1;
}

void scenario_invite(const sim_run_options_t *run)
{
    sim_options_t options = sim_defaults(run->seed);
    options.relay_count = 2;
    options.tracker_count = 0;
    sim_t *sim = sim_new(&options);
    for (uint32_t i = 0; i < 2 * SIDE_COUNT; i++) {
        sim_peer_options_t own = sim_peer_defaults(sim);
        own.relay_bits = 1u << i / SIDE_COUNT;
        sim_peer_start(sim_peer_add(sim, &own));
        sim_run(sim, 50);
    }
    sim_until(sim, is_each_linked, 60000, "links within each world");
    sim_relay_kill(sim, 0);
    sim_relay_kill(sim, 1);
    sim_run(sim, MINUTE_MS);
    sim_peer_t *host = sim->peers[1], *guest = sim->peers[SIDE_COUNT + 2];
    SIM_CHECK(sim, !sim_view(host, guest)->is_known);
    uint64_t linked_ms = meet(sim, host, guest, 5 * MINUTE_MS);
    uint64_t session_ms = sim_until(sim, sim_all_have_sessions, 60000, "the two worlds are one");
    for (uint32_t i = 0; i < sim->peer_count; i++)
        sim_say(sim->peers[i], NULL);
    uint64_t delivered_ms = sim_until(sim, sim_all_delivered, 5000, "delivered");
    for (uint32_t n = 0; n < sim->book.said_count; n++) {
        for (uint32_t i = 0; i < sim->peer_count; i++)
            SIM_CHECK(sim, sim->book.said[n].from == i || sim_heard_count(sim, n, sim->peers[i]) == 1);
    }
    sim_figures(sim, "linked_ms", (double)linked_ms, "session_ms", (double)session_ms, "delivered_ms", (double)delivered_ms,
                "answer_size", (double)strlen(guest->invited), NULL);
    sim_free(sim);
}

void scenario_invite_secret(const sim_run_options_t *run)
{
    sim_options_t options = sim_defaults(run->seed);
    options.tracker_count = 0;
    options.secret = "pssst";
    sim_t *sim = sim_new(&options);
    sim_peers_start(sim, 3, 50);
    sim_until(sim, sim_all_are_linked, 30000, "links");
    sim_relay_kill(sim, 0);
    uint32_t before = sim_say(sim->peers[0], NULL);
    sim_run(sim, MINUTE_MS);
    sim_peer_options_t alone = sim_peer_defaults(sim);
    alone.room = alone.secret = NULL;
    alone.relay_bits = alone.tracker_bits = 0;
    sim_peer_t *guest = sim_peer_add(sim, &alone), *host = sim->peers[2];
    sim_peer_start(guest);
    sim_run(sim, 1000);
    meet(sim, host, guest, MINUTE_MS);
    uint64_t session_ms = sim_until(sim, sim_all_have_sessions, 60000, "it is in the room");
    sim_say(guest, NULL);
    sim_say(sim->peers[0], NULL);
    sim_until(sim, sim_all_delivered, 5000, "delivered");
    SIM_CHECK(sim, sim_heard_count(sim, before, guest) == 0);
    /* what it was told it can tell: it invites the next one, who is in the same room by its secret */
    sim_peer_options_t knows = sim_peer_defaults(sim);
    knows.relay_bits = knows.tracker_bits = 0;
    sim_peer_t *next = sim_peer_add(sim, &knows);
    sim_peer_start(next);
    meet(sim, guest, next, 1000);
    sim_until(sim, sim_all_have_sessions, 60000, "that one as well");
    sim_say(next, NULL);
    sim_until(sim, sim_all_delivered, 5000, "delivered");
    sim_peer_t *twice = sim_peer_add(sim, &alone);
    sim_peer_start(twice);
    sim_run(sim, 1000);
    accept_two(sim, host, twice);
    sim_until(sim, sim_all_have_sessions, 60000, "and one who was invited twice");
    sim_figures(sim, "session_ms", (double)session_ms, NULL);
    sim_free(sim);
}

/* One without a room was taken into one, and names another: the people of the first are forgotten, wherever it goes then. */
void scenario_invite_left(const sim_run_options_t *run)
{
    sim_options_t options = sim_defaults(run->seed);
    options.tracker_count = 0;
    options.persist = 1;
    options.secret = run->seed % 2 == 0 ? NULL : "pssst";
    sim_t *sim = sim_new(&options);
    sim_peers_start(sim, 3, 50);
    sim_until(sim, sim_all_are_linked, 30000, "links");
    sim_peer_options_t alone = sim_peer_defaults(sim);
    alone.room = alone.secret = NULL;
    sim_peer_t *guest = sim_peer_add(sim, &alone), *host = sim->peers[2];
    sim_peer_start(guest);
    sim_run(sim, 1000);
    meet(sim, host, guest, 1000);
    sim_until(sim, sim_all_have_sessions, 60000, "it is in the room");
    sim_say(guest, NULL);
    sim_until(sim, sim_all_delivered, 5000, "delivered");
    sim_run(sim, 5000);
    sim_peer_stop(guest);
    sim_peer_start(guest); /* none named: back there */
    sim_until(sim, sim_all_have_sessions, 60000, "it is in the room again");
    static const char *const rooms[] = {"elsewhere", NULL, "sim elsewhere"};
    for (size_t i = 0; i < sizeof rooms / sizeof rooms[0]; i++) {
        sim_peer_stop(guest);
        guest->options.room = rooms[i];
        sim_peer_start(guest);
        sim_run(sim, 20000);
        uint32_t number = sim_say(guest, NULL);
        sim_run(sim, 20000);
        SIM_CHECK(sim, sim->book.said[number].recipient_count == 0 && sim->book.said[number].heard_count == 0);
        SIM_CHECK(sim, sim_peer_health(guest, "users") == 0);
        SIM_CHECK(sim, sim_peer_record(guest, "peer/", 0) == NULL);
    }
    sim_figures(sim, "records", (double)guest->record_count, NULL);
    sim_free(sim);
}

/* ---- invites that come to nothing ---- */

static void expect(sim_t *sim, int code, int expected, const char *what)
{
    if (code != expected)
        sim_fail(sim, "%s: %s, expected %s", what, nkt_err_name(code), nkt_err_name(expected));
}

static char *kept(const sim_peer_t *peer)
{
    return (char *)sim_copy((const uint8_t *)peer->invited, strlen(peer->invited) + 1);
}

/* What is wrong with each text at once; p0 invites, p1 is of the room, p2 of another, p3 of none. */
static void used_rows(sim_t *sim, sim_peer_t *host, sim_peer_t *guest, sim_peer_t *stranger)
{
    SIM_CHECK(sim, sim_peer_invite(host) == NKT_OK);
    text_wait(sim);
    char *invite = kept(host);
    expect(sim, sim_peer_accept(host, invite), NKT_E_SELF, "one's own invite");
    expect(sim, sim_peer_complete(host, invite), NKT_E_INVITE_KIND, "an invite as an answer");
    expect(sim, sim_peer_accept(stranger, invite), NKT_E_INVITE_ROOM, "an invite to another room");
    expect(sim, sim_peer_accept(guest, invite), NKT_OK, "a sound invite");
    text_wait(sim);
    char *answer = kept(guest);
    expect(sim, sim_peer_accept(guest, invite), NKT_E_INVITE_USED, "an invite twice");
    expect(sim, sim_peer_accept(guest, answer), NKT_E_INVITE_KIND, "an answer as an invite");
    expect(sim, sim_peer_complete(guest, answer), NKT_E_INVITE_FOREIGN, "one's own answer");
    expect(sim, sim_peer_complete(stranger, answer), NKT_E_INVITE_FOREIGN, "an answer to somebody else's invite");
    expect(sim, sim_peer_complete(host, answer), NKT_OK, "a sound answer");
    expect(sim, sim_peer_complete(host, answer), NKT_E_INVITE_USED, "an answer twice");
    sim_run(sim, 20000);
    SIM_CHECK(sim, sim_peer_is_linked(host, guest));
    expect(sim, sim_peer_complete(host, answer), NKT_E_INVITE_USED, "an answer again, once linked");
    expect(sim, sim_peer_accept(guest, invite), NKT_E_INVITE_LINKED, "an invite again, once linked");
    free(invite);
    free(answer);
}

static void late_rows(sim_t *sim, sim_peer_t *host, sim_peer_t *guest)
{
    SIM_CHECK(sim, sim_peer_invite(host) == NKT_OK);
    text_wait(sim);
    char *invite = kept(host);
    expect(sim, sim_peer_accept(guest, invite), NKT_OK, "a sound invite");
    text_wait(sim);
    char *answer = kept(guest);
    sim_run(sim, NKT_INVITE_MS);
    expect(sim, host->connect_result, NKT_E_INVITE_EXPIRED, "an invite that nobody answered");
    expect(sim, sim_peer_complete(host, answer), NKT_E_INVITE_FOREIGN, "an answer to an invite that expired");
    sim_run(sim, NKT_INVITE_SETUP_MS);
    expect(sim, guest->connect_result, NKT_E_INVITE_EXPIRED, "an answer that nobody used");
    expect(sim, sim_peer_accept(guest, invite), NKT_OK, "an invite of long ago: only who made it knows how late it is");
    text_wait(sim);
    sim_run(sim, NKT_INVITE_MS + NKT_INVITE_SETUP_MS);
    expect(sim, guest->connect_result, NKT_E_INVITE_EXPIRED, "and he does not answer");
    free(invite);
    free(answer);
}

static void many_rows(sim_t *sim, sim_peer_t *host)
{
    uint32_t first = host->connect_ticket + 1;
    for (int i = 0; i < NKT_INVITE_COUNT_MAX; i++)
        expect(sim, sim_peer_invite(host), NKT_OK, "one of several");
    expect(sim, sim_peer_invite(host), NKT_E_INVITE_FULL, "one too many");
    SIM_CHECK(sim, sim_peer_health(host, "invites") == NKT_INVITE_COUNT_MAX);
    expect(sim, sim_peer_step(host, &(nkt_event_t){.kind = NKT_EV_CANCEL, .ticket = first}), NKT_OK, "cancelled");
    expect(sim, sim_peer_step(host, &(nkt_event_t){.kind = NKT_EV_CANCEL, .ticket = first}), NKT_E_ARGUMENT, "cancelled twice");
    expect(sim, sim_peer_invite(host), NKT_OK, "room for another");
    sim_run(sim, NKT_INVITE_MS + 1000);
    SIM_CHECK(sim, sim_peer_health(host, "invites") == 0);
}

/* The answer comes, but the two cannot reach each other. */
static void cut_rows(sim_t *sim, sim_peer_t *host, sim_peer_t *guest)
{
    sim_cut(sim, host, guest);
    SIM_CHECK(sim, sim_peer_invite(host) == NKT_OK);
    text_wait(sim);
    SIM_CHECK(sim, sim_peer_accept(guest, host->invited) == NKT_OK);
    text_wait(sim);
    SIM_CHECK(sim, sim_peer_complete(host, guest->invited) == NKT_OK);
    sim_run(sim, NKT_INVITE_SETUP_MS + 1000);
    expect(sim, host->connect_result, NKT_E_INVITE_LOST, "no way between the two");
    sim_mend(sim, host, guest);
}

void scenario_invite_ends(const sim_run_options_t *run)
{
    sim_options_t options = sim_defaults(run->seed);
    options.relay_count = options.tracker_count = 0;
    sim_t *sim = sim_new(&options);
    sim_peers_start(sim, 2, 50);
    sim_peer_options_t other = sim_peer_defaults(sim);
    other.room = "other";
    sim_peer_t *stranger = sim_peer_add(sim, &other), *third = sim_peer_add(sim, NULL);
    sim_peer_start(stranger);
    sim_peer_start(third);
    sim_run(sim, 1000);
    used_rows(sim, sim->peers[0], sim->peers[1], stranger);
    late_rows(sim, sim->peers[0], third);
    cut_rows(sim, sim->peers[0], third);
    many_rows(sim, sim->peers[0]);
    sim_peer_stop(stranger); /* whom nobody has a session with */
    meet(sim, third, sim->peers[0], 1000);
    sim_until(sim, sim_all_have_sessions, 60000, "after all that an invite works");
    sim_figures(sim, "invite_size", (double)strlen(sim->peers[0]->invited), NULL);
    sim_free(sim);
}
