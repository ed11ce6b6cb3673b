/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A user is forgotten: out of the table at once, and freed at the end of the fact that is at work. In between it can be asked,
 * changed and armed without harm by whoever holds it, but not found.
 */
#include <assert.h>

#include "people/people.h"
#include "state/state.h"
#include "state/swarm.h"

void nkt_user_forget(nkt_swarm_t *swarm, nkt_user_t *user)
{
    assert(user->mesh.link == NULL); /* who is linked is needed */
    nkt_away_forget(swarm, user);
    nkt_own_forgot(swarm, user);
    nkt_user_still(swarm, user);
    nkt_user_t *introducer = nkt_user_find(swarm, &user->standing.introducer);
    if (introducer != NULL && introducer->standing.introduced_count > 0)
        introducer->standing.introduced_count--;
    assert(user->mesh.link == NULL && swarm->user_list[user->place] == user); /* nobody's link is given up with his place */
    nkt_map_remove(&swarm->users, user->address.b);
    nkt_user_t *last = swarm->user_list[swarm->users.count];
    swarm->user_list[user->place] = last;
    last->place = user->place;
    nkt_user_unnote(user);
    nkt_presence_set_flags(user, 0);
    nkt_user_tell(swarm, user, NKT_USER_GONE);
    nkt_persist_delete_user(swarm, user);
    nkt_clock_forget(swarm);
    nkt_news_report(swarm, user, NKT_NEWS_FORGOTTEN);
}

void nkt_user_bury(nkt_swarm_t *swarm, nkt_user_t *user)
{
    assert(nkt_user_find(swarm, &user->address) != user && user->delivery.queue_head == NULL && user->delivery.flight_head == NULL);
    nkt_user_still(swarm, user);
    nkt_user_free(user);
}
