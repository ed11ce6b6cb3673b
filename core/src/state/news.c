/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a room below saw, and rooms above have to act upon. A bit per kind in the user, and a list through the users that have
 * any: nothing is allocated, so it cannot overflow, and what happens twice before it is looked at is one piece of news. What
 * follows is decided by the state of then, not by what it was (inbound/news.c).
 */
#include "state/state.h"
#include "state/swarm.h"

void nkt_news_report(nkt_swarm_t *swarm, nkt_user_t *user, unsigned kinds)
{
    int is_listed = user->news.kinds != 0;
    user->news.kinds |= (uint8_t)kinds;
    if (is_listed)
        return;
    user->news.next = NULL;
    if (swarm->news.last != NULL)
        swarm->news.last->news.next = user;
    else
        swarm->news.first = user;
    swarm->news.last = user;
}

nkt_user_t *nkt_news_take(nkt_swarm_t *swarm, unsigned *kinds)
{
    nkt_user_t *user = swarm->news.first;
    if (user == NULL)
        return NULL;
    swarm->news.first = user->news.next;
    if (swarm->news.first == NULL)
        swarm->news.last = NULL;
    *kinds = user->news.kinds;
    user->news.kinds = 0;
    user->news.next = NULL;
    return user;
}
