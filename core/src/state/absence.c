/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who is away, since when, whether he left, and what he missed: written down here, decided in delivery/away.c and inbound/presence.c. */
#include <assert.h>

#include "state/state.h"
#include "state/swarm.h"

int nkt_away_has_left(const nkt_user_t *user)
{
    return user->away.left_ms != 0;
}

void nkt_away_begin(const nkt_swarm_t *swarm, nkt_user_t *user)
{
    user->away.since_ms = swarm->now_ms;
}

void nkt_away_end(nkt_user_t *user)
{
    user->away.since_ms = 0;
}

/* It is in the table no more, though somebody may hold it still: it is not counted among those who are. */
static int is_forgotten(const nkt_user_t *user)
{
    return (user->news.kinds & NKT_NEWS_FORGOTTEN) != 0;
}

void nkt_away_mark(nkt_swarm_t *swarm, nkt_user_t *user)
{
    if (is_forgotten(user))
        return;
    swarm->away.left_count += (size_t)!nkt_away_has_left(user);
    user->away.left_ms = swarm->time_ms > 0 ? swarm->time_ms : 1; /* 0: it has not left */
}

void nkt_away_unmark(nkt_swarm_t *swarm, nkt_user_t *user)
{
    assert(swarm->away.left_count >= (size_t)nkt_away_has_left(user));
    swarm->away.left_count -= (size_t)nkt_away_has_left(user);
    user->away.left_ms = 0;
}

int nkt_away_sort_due(nkt_swarm_t *swarm)
{
    if (swarm->away.left_count <= NKT_GONE_COUNT_MAX ||
        (swarm->away.sorted_ms != 0 && swarm->now_ms - swarm->away.sorted_ms < NKT_GONE_SORT_MS))
        return 0;
    swarm->away.sorted_ms = swarm->now_ms;
    return 1;
}

void nkt_away_miss(nkt_user_t *user, uint64_t from)
{
    user->away.missed_from = from;
}

size_t nkt_away_follow(nkt_swarm_t *swarm, nkt_user_t *user)
{
    swarm->away.followed_count += (size_t)(!user->away.is_followed && !is_forgotten(user));
    user->away.is_followed = (uint8_t)!is_forgotten(user);
    return swarm->away.followed_count;
}

void nkt_away_unfollow(nkt_swarm_t *swarm, nkt_user_t *user)
{
    assert(swarm->away.followed_count >= user->away.is_followed);
    swarm->away.followed_count -= user->away.is_followed;
    user->away.is_followed = 0;
}

void nkt_away_forget(nkt_swarm_t *swarm, nkt_user_t *user)
{
    nkt_away_unfollow(swarm, user);
    nkt_away_unmark(swarm, user);
}

void nkt_away_recall(nkt_swarm_t *swarm, nkt_user_t *user, uint64_t left_ms, uint64_t missed_from)
{
    user->away.left_ms = left_ms;
    user->away.missed_from = missed_from;
    swarm->away.left_count += left_ms != 0;
}
