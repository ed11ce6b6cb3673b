/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Those who left: who said good-bye, or has been out of reach for long. What is said to everybody is not for them: they
 * are no recipients, no tick waits for them, and they cost a message nothing, however many they are.
 *
 * Whoever comes back gets what it missed all the same, untold ("quiet"): our newest messages to everybody are held, and of
 * each who left we know from which one on it was given none. The few who left last are followed instead: they get parcels at
 * once, for the mailboxes (share.c), since we may be gone when they are back.
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

/* Those who left last. */
static void follow(nkt_swarm_t *swarm, nkt_user_t *user)
{
    if (user->is_followed || user->missed_from != 0 || !user->is_member || !nkt_session_exists(&user->session))
        return;
    user->is_followed = 1;
    if (++swarm->followed_count <= NKT_MAIL_SHARE_COUNT_MAX)
        return;
    nkt_user_t *first = user;
    for (size_t i = 0; i < swarm->users.count; i++) {
        nkt_user_t *other = swarm->user_list[i];
        if (other->is_followed && other->left_wall_ms < first->left_wall_ms)
            first = other;
    }
    unfollow(swarm, first);
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
    if (nkt_away_has_left(user))
        return;
    user->left_wall_ms = swarm->time_ms > 0 ? swarm->time_ms : 1;
    swarm->left_count++;
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
        if (message->order >= from)
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
    for (size_t i = 0; i < swarm->users.count; i++) {
        nkt_user_t *user = swarm->user_list[i];
        if (!nkt_away_has_left(user) || user->missed_from != 0 || !nkt_user_is_addressed(swarm, user))
            continue;
        if (user->is_followed && user->queue_count + user->flight_count < QUIET_COUNT_MAX) {
            nkt_outbox_add_quiet(swarm, user, message);
            continue;
        }
        unfollow(swarm, user);
        user->missed_from = message->order;
        user->is_dirty = 1;
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
        if (nkt_away_has_left(user))
            follow(swarm, user);
        else
            user->away_ms = swarm->now_ms; /* it was there when we were last: it may be still */
    }
    lately_trim(swarm);
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

/* The one who goes first, if any may: the least dear. */
static nkt_user_t *forgotten_find(nkt_swarm_t *swarm, size_t *count)
{
    nkt_user_t *found = NULL;
    *count = 0;
    for (size_t i = 0; i < swarm->users.count; i++) {
        nkt_user_t *user = swarm->user_list[i];
        if (!nkt_away_has_left(user))
            continue;
        ++*count;
        int is_fresh = swarm->time_ms - user->left_wall_ms < NKT_GONE_MS_MIN && swarm->time_ms >= user->left_wall_ms;
        if (is_fresh || user->flags & NKT_USER_MUTED || user->link != NULL || user->letter_count > 0 ||
            nkt_connect_find(swarm, &user->address) != NULL)
            continue;
        int rank = (int)nkt_user_rank(swarm, user), than = found == NULL ? 0 : (int)nkt_user_rank(swarm, found);
        if (found == NULL || rank < than || (rank == than && user->left_wall_ms < found->left_wall_ms))
            found = user;
    }
    return found;
}

void nkt_away_tidy(nkt_swarm_t *swarm)
{
    lately_trim(swarm);
    for (size_t i = 0; i < swarm->users.count; i++)
        silent_look(swarm, swarm->user_list[i]);
    size_t count;
    nkt_user_t *user = forgotten_find(swarm, &count);
    for (; user != NULL && count > NKT_GONE_COUNT_MAX; user = forgotten_find(swarm, &count))
        nkt_user_forget(swarm, user);
}

void nkt_away_deinit(nkt_swarm_t *swarm)
{
    while (swarm->lately.first != NULL)
        lately_drop(swarm);
}
