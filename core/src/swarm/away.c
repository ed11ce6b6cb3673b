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

#include "swarm/swarm.h"

enum { QUIET_COUNT_MAX = NKT_MAIL_POST_COUNT_MAX }; /* parcels of one who is followed: more than mailboxes would take */

int nkt_away_has_left(const nkt_user_t *user)
{
    return user->left_wall_ms != 0;
}

/* ---- who is followed ---- */

static void unfollow(nkt_swarm_t *swarm, nkt_user_t *user)
{
    swarm->followed_count -= user->is_followed;
    user->is_followed = 0;
}

/* From that message on it is given none. */
static void miss(nkt_swarm_t *swarm, nkt_user_t *user, uint64_t from)
{
    unfollow(swarm, user);
    user->missed_from = from;
    user->is_dirty = 1;
}

/* Of what is said from now on. Whoever is not addressed is owed nothing: it may be one day, and then for what is said since. */
static void miss_next(nkt_swarm_t *swarm, nkt_user_t *user)
{
    if (nkt_user_is_addressed(swarm, user))
        miss(swarm, user, swarm->lately.order + 1);
    else
        unfollow(swarm, user);
}

/* Those who left last. */
static void follow(nkt_swarm_t *swarm, nkt_user_t *user)
{
    if (user->is_followed || user->missed_from != 0)
        return;
    if (!user->is_member || !nkt_session_exists(&user->session)) {
        miss_next(swarm, user);
        return;
    }
    user->is_followed = 1;
    if (++swarm->followed_count <= NKT_MAIL_SHARE_COUNT_MAX)
        return;
    nkt_user_t *first = user;
    for (size_t i = 0; i < swarm->users.count; i++) {
        nkt_user_t *other = swarm->user_list[i];
        if (other->is_followed && other->left_wall_ms < first->left_wall_ms)
            first = other;
    }
    miss_next(swarm, first);
}

/* ---- leaving and coming back ---- */

void nkt_away_leave(nkt_swarm_t *swarm, nkt_user_t *user)
{
    if (nkt_away_has_left(user))
        return;
    user->left_wall_ms = swarm->time_ms > 0 ? swarm->time_ms : 1;
    swarm->left_count++;
    user->is_dirty = 1;
    follow(swarm, user);
    nkt_user_tell(swarm, user, 0);
}

void nkt_away_elsewhere(nkt_swarm_t *swarm, nkt_user_t *user)
{
    unfollow(swarm, user);
    if (nkt_away_has_left(user))
        return;
    user->left_wall_ms = swarm->time_ms > 0 ? swarm->time_ms : 1;
    swarm->left_count++;
}

void nkt_away_exclude(nkt_swarm_t *swarm, nkt_user_t *user)
{
    unfollow(swarm, user);
    user->missed_from = 0;
    user->is_dirty = 1;
}

void nkt_away_return(nkt_swarm_t *swarm, nkt_user_t *user)
{
    uint64_t from = user->missed_from;
    user->away_ms = 0;
    user->is_lost = 0;
    if (!nkt_away_has_left(user) && from == 0)
        return;
    swarm->left_count -= (size_t)nkt_away_has_left(user);
    user->left_wall_ms = user->missed_from = 0;
    user->is_dirty = 1;
    unfollow(swarm, user);
    if (from == 0 || !nkt_user_is_addressed(swarm, user))
        return;
    for (nkt_message_t *message = swarm->lately.first; message != NULL; message = message->later) {
        if (message->order >= from && memcmp(message->network, swarm->room.network, NKT_NETWORK_SIZE) == 0)
            nkt_outbox_add_quiet(swarm, user, message);
    }
}

void nkt_away_forget(nkt_swarm_t *swarm, nkt_user_t *user)
{
    unfollow(swarm, user);
    swarm->left_count -= (size_t)nkt_away_has_left(user);
    user->left_wall_ms = 0;
}

/* ---- what was said of late ---- */

static void lately_append(nkt_lately_t *lately, nkt_message_t *message)
{
    nkt_message_t **at = &lately->first;
    if (lately->last != NULL && lately->last->order < message->order)
        at = &lately->last->later;
    while (*at != NULL && (*at)->order < message->order)
        at = &(*at)->later;
    message->later = *at;
    *at = message;
    if (message->later == NULL)
        lately->last = message;
    lately->count++;
    lately->size += message->size;
    message->is_held = 1;
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

static void lately_trim(nkt_swarm_t *swarm)
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
        if (user->missed_from != 0 && nkt_user_is_addressed(swarm, user))
            return 1;
    }
    return 0;
}

void nkt_away_said(nkt_swarm_t *swarm, nkt_message_t *message)
{
    message->order = ++swarm->lately.order;
    memcpy(message->network, swarm->room.network, NKT_NETWORK_SIZE);
    for (size_t i = 0; i < swarm->users.count; i++) {
        nkt_user_t *user = swarm->user_list[i];
        if (!nkt_away_has_left(user) || user->missed_from != 0 || !nkt_user_is_addressed(swarm, user))
            continue;
        if (user->is_followed && user->queue_count + user->flight_count < QUIET_COUNT_MAX)
            nkt_outbox_add_quiet(swarm, user, message);
        else
            miss(swarm, user, message->order); /* or it is addressed since a moment ago */
    }
    if (is_worth_holding(swarm))
        lately_append(&swarm->lately, message);
    lately_trim(swarm);
}

void nkt_away_restore(nkt_swarm_t *swarm, nkt_message_t *message)
{
    lately_append(&swarm->lately, message);
}

/* ---- from time to time ---- */

void nkt_away_start(nkt_swarm_t *swarm)
{
    nkt_lately_t *lately = &swarm->lately;
    if (lately->last != NULL && lately->last->order > lately->order)
        lately->order = lately->last->order;
    for (size_t i = 0; i < swarm->users.count; i++) {
        nkt_user_t *user = swarm->user_list[i];
        if (user->missed_from > lately->order)
            lately->order = user->missed_from;
    }
    for (size_t i = 0; i < swarm->users.count; i++) {
        nkt_user_t *user = swarm->user_list[i];
        if (nkt_away_has_left(user))
            follow(swarm, user);
        else
            user->away_ms = swarm->now_ms; /* it was there when we were last: it may be still */
    }
    lately_trim(swarm);
}

/* What is said then is kept for minutes: hardly for one who is away for so long. */
static void followed_look(nkt_swarm_t *swarm, nkt_user_t *user)
{
    if (user->is_followed && swarm->time_ms - user->left_wall_ms >= NKT_FOLLOWED_MS && swarm->time_ms >= user->left_wall_ms)
        miss_next(swarm, user);
}

/* Whoever is silent for too long left, unless it is we who are out of the world, or slept. */
static void silent_look(nkt_swarm_t *swarm, nkt_user_t *user)
{
    int is_out = user->link == NULL && user->relay_bits == 0;
    if (is_out && swarm->now_ms - user->heard_ms >= NKT_RECORD_TTL_MS) /* where nobody is asked after, as in a crowd */
        nkt_user_set_flags(swarm, user, user->flags | NKT_USER_UNREACHABLE);
    if (!(user->flags & NKT_USER_UNREACHABLE) || nkt_away_has_left(user))
        return;
    if (user->away_ms < swarm->woke_ms || !nkt_post_can_reach(swarm, user))
        user->away_ms = swarm->now_ms;
    if (swarm->now_ms - user->away_ms >= NKT_GONE_MS)
        nkt_away_leave(swarm, user);
}

/* Two ways to be remembered: among those who left last, who are likeliest to be back soon and are owed most, ... */
static int is_later(const nkt_swarm_t *swarm, const nkt_user_t *user, const nkt_user_t *than)
{
    nkt_rank_t rank = nkt_user_rank(swarm, user), other = nkt_user_rank(swarm, than);
    return rank != other ? rank > other : user->left_wall_ms > than->left_wall_ms;
}

/* ... or among the closest: however many came and went since. A keeper may have letters of such a one for days, and what he said
 * then is heard once only while he is remembered. */
static int is_remembered(const nkt_swarm_t *swarm, const nkt_user_t *user)
{
    size_t later_count = 0, closer_count = 0;
    for (size_t i = 0; i < swarm->users.count; i++) {
        const nkt_user_t *other = swarm->user_list[i];
        if (other == user || !nkt_away_has_left(other))
            continue;
        later_count += (size_t)!is_later(swarm, user, other);
        closer_count += (size_t)!nkt_user_is_closer(swarm, user, other);
    }
    return later_count < NKT_GONE_COUNT_MAX || closer_count < NKT_GONE_CLOSE_COUNT_MAX;
}

/* The one of whom something could still be said again, or who is needed, stays anyway. */
static int may_be_forgotten(nkt_swarm_t *swarm, const nkt_user_t *user)
{
    int is_fresh = swarm->time_ms - user->left_wall_ms < NKT_GONE_MS_MIN && swarm->time_ms >= user->left_wall_ms;
    return nkt_away_has_left(user) && !is_fresh && !(user->flags & NKT_USER_MUTED) && user->link == NULL &&
           user->letter_count == 0 && nkt_connect_find(swarm, &user->address) == NULL;
}

void nkt_away_tidy(nkt_swarm_t *swarm)
{
    lately_trim(swarm);
    for (size_t i = 0; i < swarm->users.count; i++) {
        silent_look(swarm, swarm->user_list[i]);
        followed_look(swarm, swarm->user_list[i]);
    }
    for (size_t i = swarm->users.count; i-- > 0 && swarm->left_count > NKT_GONE_COUNT_MAX;) {
        nkt_user_t *user = swarm->user_list[i];
        if (may_be_forgotten(swarm, user) && !is_remembered(swarm, user))
            nkt_user_forget(swarm, user);
    }
}

void nkt_away_deinit(nkt_swarm_t *swarm)
{
    while (swarm->lately.first != NULL)
        lately_drop(swarm);
}
