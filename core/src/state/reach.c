/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Can this user be reached? One answer, from four facts that are kept with the user: the link, the relays it was heard on, whether
 * its last direct way was lost, whether it was given up. Nothing is remembered that follows from them, so nothing can disagree.
 */
#include <assert.h>

#include "state/state.h"
#include "state/swarm.h"

nkt_reach_t nkt_user_reach(const nkt_user_t *user)
{
    int is_direct = user->mesh.link != NULL || user->presence.relay_bits != 0;
    assert(!user->away.is_lost || !is_direct);
    if (user->presence.flags & NKT_USER_UNREACHABLE)
        return NKT_REACH_NONE;
    return is_direct ? NKT_REACH_DIRECT : user->away.is_lost ? NKT_REACH_LOST : NKT_REACH_OTHERS;
}

void nkt_user_set_lost(nkt_user_t *user, int is_lost)
{
    user->away.is_lost = is_lost != 0;
}

int nkt_user_was_lost(const nkt_user_t *user)
{
    return user->away.is_lost;
}

int nkt_user_is_open(const nkt_user_t *user)
{
    return user->presence.flags == 0;
}

int nkt_user_is_given_up(const nkt_user_t *user)
{
    return user->presence.flags == NKT_USER_UNREACHABLE;
}
