/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Ways to users open and close: who is heard, lost, asked after, given up, forgotten, and what follows from it for links, sessions
 * and what waits.
 */
#include "content/content.h"
#include "delivery/delivery.h"
#include "inbound/inbound.h"
#include "links/links.h"
#include "people/people.h"
#include "routing/routing.h"
#include "state/state.h"
#include "state/swarm.h"

enum {
    ANSWER_MS = 5000,       /* ... and without an answer in this time not tried until heard of again */
    ALONE_MS = 3000,        /* nobody is left through whom it could be: not waited for longer than a reload takes */
    BRIDGED_MS = 60000,     /* who answers through others is asked so often ... */
    BRIDGED_DIVISOR = 2,    /* ... and more seldom, the more users there are */
};

/* Is anybody there who could pass something on to it? */
static int has_carrier(const nkt_swarm_t *swarm, const nkt_user_t *user)
{
    for (size_t i = 0; i < swarm->users.count; i++) {
        const nkt_user_t *other = swarm->user_list[i];
        if (other != user && nkt_user_reach(other) == NKT_REACH_DIRECT)
            return 1;
    }
    return 0;
}

/* is_heard: just now, in whatever way. */
static void ways_changed(nkt_swarm_t *swarm, nkt_user_t *user, int is_heard)
{
    nkt_status_changed(swarm);
    nkt_outbox_weigh(swarm, user);
    nkt_user_ask_end(user);
    if (user->mesh.link != NULL || user->presence.relay_bits != 0) {
        nkt_presence_bridged(user, 0);
        nkt_user_set_lost(user, 0);
        nkt_presence_sure(swarm, user);
    } else {
        /* a crowd changes its links all the time */
        nkt_user_set_lost(user, !is_heard && nkt_view_known(swarm) < NKT_CROWD_COUNT_MIN);
        uint64_t wait_ms = has_carrier(swarm, user) ? NKT_ABSENT_MS : ALONE_MS;
        nkt_presence_look(swarm, user, swarm->now_ms + wait_ms);
    }
    nkt_talk_want(swarm, user); /* both look whether there is any way, be it through others */
    nkt_mesh_want(swarm, user, 0);
    nkt_outbox_hurry(swarm, user);
}

void nkt_user_reachability(nkt_swarm_t *swarm, nkt_user_t *user)
{
    ways_changed(swarm, user, 0);
}

/* Somebody new is heard through that relay: unless somebody there shows that he knows us, we say again who we are. */
static void relay_found(nkt_swarm_t *swarm, uint32_t index)
{
    for (size_t i = 0; i < swarm->endpoint_count; i++) {
        nkt_endpoint_t *endpoint = &swarm->endpoints[i];
        if (endpoint->kind == NKT_LINK_RELAY && endpoint->index == index && !nkt_timer_is_set(&endpoint->socket.greet_timer))
            nkt_alarm_set(swarm, &endpoint->socket.greet_timer, swarm->now_ms + nkt_chance_jitter(swarm, NKT_RELAY_GREET_MS));
    }
}

void nkt_user_heard(nkt_swarm_t *swarm, nkt_user_t *user, int relay)
{
    nkt_presence_heard(swarm, user);
    nkt_talk_heard(swarm, user);
    uint32_t bit = relay < 0 ? 0 : 1u << relay;
    nkt_reach_t reach = nkt_user_reach(user);
    int was_unreachable = reach == NKT_REACH_NONE, was_lost = reach == NKT_REACH_LOST;
    int is_new_way = (user->presence.relay_bits & bit) != bit;
    nkt_user_set_lost(user, 0);
    if (was_lost)
        nkt_group_unheld(user);
    if (!was_unreachable && !is_new_way) {
        if (was_lost) { /* it is there, through others */
            nkt_user_ask_end(user);
            nkt_user_tell(swarm, user, 0);
            nkt_mesh_want(swarm, user, 0);
            nkt_outbox_hurry(swarm, user);
        }
        return;
    }
    int was_on_relay = user->presence.relay_bits != 0;
    nkt_presence_on_relays(user, bit);
    nkt_presence_reached(user);
    nkt_away_return(swarm, user);
    if (was_unreachable || !was_on_relay)
        nkt_user_tell(swarm, user, NKT_USER_NEW);
    if (is_new_way)
        relay_found(swarm, (uint32_t)relay);
    ways_changed(swarm, user, 1);
}

void nkt_user_left_relay(nkt_swarm_t *swarm, nkt_user_t *user, uint32_t relay_bits)
{
    if ((user->presence.relay_bits & relay_bits) == 0)
        return;
    nkt_presence_off_relays(user, relay_bits);
    if (user->presence.relay_bits == 0) {
        nkt_user_reachability(swarm, user);
        nkt_user_tell(swarm, user, 0);
    }
}

/* SWIM, 4.2: who is suspected is asked, and refutes it by any frame of his; else he is unreachable. There the others are told of both,
 * here each finds out for himself, so nobody can be slandered. */
void nkt_user_absent(nkt_swarm_t *swarm, nkt_user_t *user)
{
    nkt_reach_t reach = nkt_user_reach(user);
    if (reach == NKT_REACH_DIRECT || reach == NKT_REACH_NONE)
        return;
    if (nkt_user_is_stranger(swarm, user) && nkt_view_is_mesh(swarm)) { /* nobody floods in search of who may never have been */
        nkt_user_give_up(swarm, user);
        nkt_away_leave(swarm, user);
        return;
    }
    int is_lost = reach == NKT_REACH_LOST, is_alone = is_lost && !has_carrier(swarm, user);
    if (is_alone || (user->greeting.asked_ms != 0 && user->presence.heard_ms < user->greeting.asked_ms)) {
        nkt_user_give_up(swarm, user);
        return;
    }
    if (user->greeting.asked_ms != 0)
        nkt_presence_bridged(user, 1);
    nkt_user_ask_end(user);
    if (nkt_view_known(swarm) >= NKT_CROWD_COUNT_MIN && !is_lost)
        return; /* in a crowd nobody asks after everybody: a record lives until it expires */
    uint64_t bridged_ms = (uint64_t)BRIDGED_MS * (1 + nkt_view_known(swarm) / BRIDGED_DIVISOR);
    int is_known_far = user->presence.is_bridged || (!is_lost && !nkt_view_is_mesh(swarm)); /* where most are reached through others */
    uint64_t due_ms = user->presence.heard_ms + (is_known_far ? bridged_ms : NKT_ABSENT_MS);
    if (swarm->now_ms < due_ms) {
        nkt_presence_look(swarm, user, due_ms);
        return;
    }
    int has_path = nkt_link_find(swarm, nkt_paths_get(&swarm->paths, &user->address)) != NULL;
    if (!nkt_view_is_mesh(swarm) && nkt_endpoints_up(swarm, NKT_LINK_RELAY) == 0 && !has_path) {
        nkt_user_give_up(swarm, user); /* who wants it asks the whole swarm */
        return;
    }
    nkt_user_ask(swarm, user);
    nkt_presence_look(swarm, user, swarm->now_ms + ANSWER_MS);
}

/* Who took them for a crowd did not begin to talk, and wanted so many links as in a crowd, not one with each. */
void nkt_crowd_ended(nkt_swarm_t *swarm)
{
    for (size_t i = 0; i < swarm->users.count; i++) {
        nkt_talk_want(swarm, swarm->user_list[i]);
        nkt_mesh_want(swarm, swarm->user_list[i], 0);
    }
}

void nkt_user_set_flags(nkt_swarm_t *swarm, nkt_user_t *user, uint8_t flags)
{
    int changed = nkt_presence_set_flags(user, flags);
    if (changed == 0)
        return;
    int risen = changed & user->presence.flags;
    nkt_user_touch(user);
    if (risen & NKT_USER_UNREACHABLE)
        nkt_away_begin(swarm, user);
    nkt_outbox_weigh(swarm, user);
    nkt_user_tell(swarm, user, 0);
    if (nkt_user_is_given_up(user))
        nkt_mailbox_want(swarm, user);
    if (risen & NKT_USER_MUTED) {
        nkt_letters_renew(swarm);
        nkt_away_exclude(swarm, user);
        nkt_outbox_drop(swarm, user, NKT_E_MUTED);
    }
    if (changed & NKT_USER_MUTED)
        nkt_content_muted(swarm, user);
    if (nkt_user_is_open(user))
        nkt_outbox_hurry(swarm, user);
}

void nkt_user_give_up(nkt_swarm_t *swarm, nkt_user_t *user)
{
    nkt_user_set_flags(swarm, user, user->presence.flags | NKT_USER_UNREACHABLE);
}

void nkt_users_expire(nkt_swarm_t *swarm)
{
    nkt_outbox_expire_orphans(swarm, swarm->now_ms, NKT_E_TIMEOUT);
    for (size_t i = swarm->users.count; i-- > 0;) {
        nkt_user_t *user = swarm->user_list[i];
        nkt_outbox_expire(swarm, user);
        if (user->mesh.link == NULL && nkt_user_is_expired(swarm, user))
            nkt_user_forget(swarm, user);
    }
}

/* What is said then is kept for minutes: hardly for one who is away for so long. */
static void followed_look(nkt_swarm_t *swarm, nkt_user_t *user)
{
    if (user->away.is_followed && swarm->time_ms - user->away.left_ms >= NKT_FOLLOWED_MS && swarm->time_ms >= user->away.left_ms)
        nkt_away_miss_next(swarm, user);
}

/* Whoever is silent for too long left, unless it is we who are out of the world, or slept. */
static void silent_look(nkt_swarm_t *swarm, nkt_user_t *user)
{
    int is_direct = nkt_user_reach(user) == NKT_REACH_DIRECT;
    /* where nobody is asked after, as in a crowd; but there each try to tell it something asks everybody */
    int is_unasked = nkt_user_reach(user) == NKT_REACH_OTHERS && nkt_view_known(swarm) >= NKT_CROWD_COUNT_MIN;
    if ((is_unasked && nkt_user_is_silent(swarm, user)) || (!is_direct && swarm->now_ms - user->presence.heard_ms >= NKT_RECORD_TTL_MS))
        nkt_user_give_up(swarm, user);
    if (nkt_user_reach(user) != NKT_REACH_NONE || nkt_away_has_left(user))
        return;
    if (user->away.since_ms < swarm->woke_ms || !nkt_post_can_reach(swarm, user))
        nkt_away_begin(swarm, user);
    if (swarm->now_ms - user->away.since_ms >= NKT_GONE_MS)
        nkt_away_leave(swarm, user);
}

/* Three ways to be remembered: among those who left last, who are likeliest to be back soon and are owed most, ... */
static int is_later(const nkt_swarm_t *swarm, const nkt_user_t *user, const nkt_user_t *than)
{
    nkt_rank_t rank = nkt_user_rank(swarm, user), other = nkt_user_rank(swarm, than);
    return rank != other ? rank > other : user->away.left_ms > than->away.left_ms;
}

/* ... or among the closest: however many came and went since, and among the closest of those whom something waits for. A keeper may
 * have letters of such a one for days, and what he said then is heard once only while he is remembered. */
static int is_remembered(const nkt_swarm_t *swarm, const nkt_user_t *user)
{
    size_t later_count = 0, closer_count = 0, owed_count = 0;
    for (size_t i = 0; i < swarm->users.count; i++) {
        const nkt_user_t *other = swarm->user_list[i];
        if (other == user || !nkt_away_has_left(other))
            continue;
        size_t is_behind = (size_t)!nkt_user_is_closer(swarm, user, other);
        later_count += (size_t)!is_later(swarm, user, other);
        closer_count += is_behind;
        owed_count += nkt_user_is_owed(other) ? is_behind : 0;
    }
    return later_count < NKT_GONE_COUNT_MAX || closer_count < NKT_GONE_CLOSE_COUNT_MAX ||
           (nkt_user_is_owed(user) && owed_count < NKT_GONE_OWED_COUNT_MAX);
}

/* The one of whom something could still be said again, or who is needed, stays anyway. */
static int may_be_forgotten(nkt_swarm_t *swarm, const nkt_user_t *user)
{
    int is_fresh = swarm->time_ms - user->away.left_ms < NKT_GONE_MS_MIN && swarm->time_ms >= user->away.left_ms;
    return nkt_away_has_left(user) && !is_fresh && !(user->presence.flags & NKT_USER_MUTED) && user->mesh.link == NULL &&
           user->delivery.letter_count == 0 && nkt_connect_find(swarm, &user->address) == NULL;
}

void nkt_away_tidy(nkt_swarm_t *swarm)
{
    nkt_lately_trim(swarm);
    for (size_t i = 0; i < swarm->users.count; i++) {
        silent_look(swarm, swarm->user_list[i]);
        followed_look(swarm, swarm->user_list[i]);
    }
    if (!nkt_away_sort_due(swarm))
        return;
    for (size_t i = swarm->users.count; i-- > 0 && swarm->away.left_count > NKT_GONE_COUNT_MAX;) {
        nkt_user_t *user = swarm->user_list[i];
        if (may_be_forgotten(swarm, user) && !is_remembered(swarm, user))
            nkt_user_forget(swarm, user);
    }
}
