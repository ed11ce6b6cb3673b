/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Those who left: who said good-bye, or has been out of reach for long. What is said to everybody is not for them: they
 * are no recipients, no tick waits for them, and they cost a message nothing, however many they are.
 *
 * Whoever comes back gets what it missed all the same, untold ("quiet"): our newest messages to everybody are held, and of
 * each who left we know from which one on it was given none. That is noted when it leaves, not when something is said: a
 * message writes nothing down about those who are away. The few who left last are followed instead, for an hour: they get
 * parcels at once, for the mailboxes (share.c), since we may be gone when they are back.
 *
 * Messages are counted over all our lives (order): nothing here hangs on clocks, but in which order people left.
 */
#include <string.h>

#include "base/base58.h"
#include "delivery/delivery.h"
#include "state/state.h"
#include "state/swarm.h"

enum { QUIET_COUNT_MAX = NKT_MAIL_POST_COUNT_MAX }; /* parcels of one who is followed: more than mailboxes would take */

/* From that message on it is given none. */
static void miss(nkt_swarm_t *swarm, nkt_user_t *user, uint64_t from)
{
    nkt_away_unfollow(swarm, user);
    nkt_away_miss(user, from);
    nkt_user_touch(user);
}

/* Of what is said from now on. Whoever is not addressed is owed nothing: it may be one day, and then for what is said since. */
void nkt_away_miss_next(nkt_swarm_t *swarm, nkt_user_t *user)
{
    if (nkt_user_is_addressed(swarm, user))
        miss(swarm, user, swarm->lately.order + 1);
    else
        nkt_away_unfollow(swarm, user);
}

/* Those who left last. */
static void follow(nkt_swarm_t *swarm, nkt_user_t *user)
{
    if (user->away.is_followed || user->away.missed_from != 0)
        return;
    if (!user->standing.is_member || !nkt_session_exists(&user->session)) {
        nkt_away_miss_next(swarm, user);
        return;
    }
    if (nkt_away_follow(swarm, user) <= NKT_MAIL_SHARE_COUNT_MAX)
        return;
    nkt_user_t *first = user;
    for (size_t i = 0; i < swarm->users.count; i++) {
        nkt_user_t *other = swarm->user_list[i];
        if (other->away.is_followed && other->away.left_ms < first->away.left_ms)
            first = other;
    }
    nkt_away_miss_next(swarm, first);
}

/* ---- leaving and coming back ---- */

void nkt_away_leave(nkt_swarm_t *swarm, nkt_user_t *user)
{
    if (nkt_away_has_left(user))
        return;
    nkt_away_mark(swarm, user);
    nkt_user_touch(user);
    follow(swarm, user);
    nkt_user_tell(swarm, user, 0);
}

void nkt_away_elsewhere(nkt_swarm_t *swarm, nkt_user_t *user)
{
    nkt_away_unfollow(swarm, user);
    if (nkt_away_has_left(user))
        return;
    nkt_away_mark(swarm, user);
}

void nkt_away_exclude(nkt_swarm_t *swarm, nkt_user_t *user)
{
    nkt_away_unfollow(swarm, user);
    nkt_away_miss(user, 0);
    nkt_user_touch(user);
}

/* Stored before it was stored that the user is back: a crash lay in between. */
static int is_under_way(const nkt_message_t *message, const nkt_user_t *user)
{
    for (const nkt_parcel_t *parcel = message->parcels; parcel != NULL; parcel = parcel->sibling) {
        if (nkt_address_compare(&parcel->to, &user->address) == 0)
            return 1;
    }
    return 0;
}

void nkt_away_return(nkt_swarm_t *swarm, nkt_user_t *user)
{
    uint64_t from = user->away.missed_from;
    if (user->away.since_ms != 0)
        nkt_group_unheld(user);
    nkt_away_end(user);
    if (!nkt_away_has_left(user) && from == 0)
        return;
    nkt_away_unmark(swarm, user);
    nkt_away_miss(user, 0);
    nkt_user_touch(user);
    nkt_away_unfollow(swarm, user);
    if (from == 0 || !nkt_user_is_addressed(swarm, user))
        return;
    for (nkt_message_t *message = swarm->lately.first; message != NULL; message = message->later) {
        if (message->order >= from && memcmp(message->network, swarm->room.network, NKT_NETWORK_SIZE) == 0 &&
            !is_under_way(message, user))
            nkt_outbox_add_quiet(swarm, user, message);
    }
}

/* Lets the oldest go. */
static void lately_drop(nkt_swarm_t *swarm)
{
    nkt_lately_t *lately = &swarm->lately;
    nkt_message_t *message = lately->first;
    lately->first = message->later;
    if (lately->first == NULL)
        lately->last = NULL;
    lately->count--;
    lately->size -= message->size;
    message->later = NULL;
    message->is_held = 0;
    nkt_journal_changed(swarm, message);
    if (message->parcel_count == 0)
        nkt_journal_settled(swarm, message);
}

void nkt_lately_trim(nkt_swarm_t *swarm)
{
    nkt_lately_t *lately = &swarm->lately;
    while (lately->first != NULL && (lately->count > NKT_LATELY_COUNT_MAX || lately->size > NKT_LATELY_SIZE_MAX ||
                                     lately->first->until_ms <= swarm->now_ms))
        lately_drop(swarm);
}

/* Is there anybody whom it may have to be told later? */
static int is_worth_holding(nkt_swarm_t *swarm)
{
    for (size_t i = 0; i < swarm->users.count; i++) {
        const nkt_user_t *user = swarm->user_list[i];
        if (user->away.missed_from != 0 && nkt_user_is_addressed(swarm, user))
            return 1;
    }
    return 0;
}

void nkt_away_said(nkt_swarm_t *swarm, nkt_message_t *message)
{
    message->order = ++swarm->lately.order;
    for (size_t i = 0; i < swarm->users.count; i++) {
        nkt_user_t *user = swarm->user_list[i];
        if (!nkt_away_has_left(user) || user->away.missed_from != 0 || !nkt_user_is_addressed(swarm, user))
            continue;
        if (user->away.is_followed && user->delivery.queue_count + user->delivery.flight_count < QUIET_COUNT_MAX)
            nkt_outbox_add_quiet(swarm, user, message);
        else
            miss(swarm, user, message->order); /* or it is addressed since a moment ago */
    }
    if (is_worth_holding(swarm))
        nkt_lately_append(&swarm->lately, message);
    nkt_lately_trim(swarm);
}

/* ---- from time to time ---- */

void nkt_away_start(nkt_swarm_t *swarm)
{
    nkt_lately_t *lately = &swarm->lately;
    if (lately->last != NULL && lately->last->order > lately->order)
        lately->order = lately->last->order;
    for (size_t i = 0; i < swarm->users.count; i++) {
        nkt_user_t *user = swarm->user_list[i];
        if (user->away.missed_from > lately->order)
            lately->order = user->away.missed_from;
    }
    for (size_t i = 0; i < swarm->users.count; i++) {
        nkt_user_t *user = swarm->user_list[i];
        if (nkt_away_has_left(user))
            follow(swarm, user);
        else
            nkt_away_begin(swarm, user); /* it was there when we were last: it may be still */
    }
}

void nkt_away_deinit(nkt_swarm_t *swarm)
{
    while (swarm->lately.first != NULL)
        lately_drop(swarm);
}
