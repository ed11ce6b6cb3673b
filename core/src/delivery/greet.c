/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whom we greet, and what we give him with it: a one-time prekey of the session that may follow. Whom we ask whether he is there, or
 * what time it is, is greeted for that. */
#include "base/base58.h"
#include "delivery/delivery.h"
#include "routing/routing.h"
#include "state/state.h"
#include "state/swarm.h"

/* The lower address initiates the session: it is given one, for it alone. */
static void prekey_give(nkt_swarm_t *swarm, nkt_user_t *user, uint8_t prekey[32], nkt_greeting_t *more)
{
    if (user->talk.state != NKT_SESSION_NONE || nkt_address_compare(&user->address, &swarm->identity.address) >= 0 ||
        nkt_session_give_prekey(swarm->sessions, &user->session, prekey) != NKT_OK)
        return;
    more->prekey = prekey;
    more->prekey_id = user->session.prekey_id;
    nkt_own_touch(swarm);
}

void nkt_greet_via(nkt_swarm_t *swarm, nkt_user_t *user, unsigned flags, nkt_link_t *link)
{
    uint8_t prekey[32];
    nkt_greeting_t more = {0};
    if (user->presence.flags & NKT_USER_MUTED)
        return;
    prekey_give(swarm, user, prekey, &more);
    nkt_greeting_post(swarm, user, flags, &more, link);
}

void nkt_greet(nkt_swarm_t *swarm, nkt_user_t *user, unsigned flags)
{
    nkt_greet_via(swarm, user, flags, NULL);
}

void nkt_user_ask(nkt_swarm_t *swarm, nkt_user_t *user)
{
    if (nkt_ask_begin(swarm, user))
        nkt_greet(swarm, user, 0);
}

/* Is it there to be asked for its time, in a crowd without asking others for the way? */
static int may_ask_time(nkt_swarm_t *swarm, const nkt_user_t *user)
{
    nkt_reach_t reach = nkt_user_reach(user);
    return nkt_clock_is_curious(swarm, user) && nkt_user_is_open(user) && !nkt_user_is_stranger(swarm, user) &&
           (reach == NKT_REACH_DIRECT || (reach == NKT_REACH_OTHERS && nkt_view_known(swarm) < NKT_CROWD_COUNT_MIN));
}

void nkt_clock_ask_some(nkt_swarm_t *swarm)
{
    size_t count = 0, start = (size_t)swarm->clock.ask_count * NKT_CLOCK_AGAIN_COUNT; /* others each time, should these not answer */
    for (size_t i = 0; nkt_clock_is_short(swarm) && i < swarm->users.count && count < NKT_CLOCK_AGAIN_COUNT; i++) {
        nkt_user_t *user = swarm->user_list[(start + i) % swarm->users.count];
        if (!may_ask_time(swarm, user) || (nkt_user_reach(user) != NKT_REACH_DIRECT && !nkt_ask_may(swarm)))
            continue;
        nkt_greet(swarm, user, NKT_GREETING_ANSWER | NKT_GREETING_ASK);
        count++;
    }
    nkt_clock_asked_some(swarm, count);
}
