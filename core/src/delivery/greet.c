/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whom we greet, and what we give him with it: a one-time prekey of the session that may follow. Whom we ask whether he is there, or
 * what time it is, is greeted for that. */
#include "base/base58.h"
#include "delivery/delivery.h"
#include "routing/routing.h"
#include "state/state.h"
#include "state/swarm.h"

/* The lower address begins the session: it is given a one-time prekey, for it alone. A KEM key is much longer than all the rest: it is
 * for who is there, or asked for it. */
static void keys_give(nkt_swarm_t *swarm, nkt_user_t *user, uint8_t prekey[32], uint8_t kem_key[NKT_KEM_KEY_SIZE], nkt_greeting_t *more)
{
    const int is_new = user->talk.state == NKT_SESSION_NONE;
    const int is_lower = nkt_address_compare(&user->address, &swarm->identity.address) < 0;
    if (is_new && is_lower && nkt_session_give_prekey(swarm->sessions, &user->session, prekey) == NKT_OK) {
        more->prekey_id = user->session.prekey_id;
        more->prekey = prekey;
        nkt_own_touch(swarm);
        if (!nkt_user_is_stranger(swarm, user) && nkt_session_give_kem_key(&user->session, kem_key) == NKT_OK) {
            more->kem_key = kem_key; /* a stranger is not worth the making of one */
            more->kem_key_id = more->prekey_id;
        }
    }
    if (more->kem_key == NULL && user->talk.is_key_wanted)
        more->kem_key = swarm->identity.kem_public;
    user->talk.is_key_wanted = 0;
    if (!nkt_key_may_begin(user) && (user->talk.is_key_asked || (is_new && !is_lower))) {
        more->flags |= NKT_GREETING_WANT_KEY;
        user->talk.key_sought_ms = swarm->now_ms;
    }
}

void nkt_greet_via(nkt_swarm_t *swarm, nkt_user_t *user, unsigned flags, nkt_link_t *link)
{
    uint8_t prekey[32], kem_key[NKT_KEM_KEY_SIZE];
    nkt_greeting_t more = {0};
    if (user->presence.flags & NKT_USER_MUTED)
        return;
    keys_give(swarm, user, prekey, kem_key, &more);
    nkt_greeting_post(swarm, user, flags | more.flags, &more, link);
}

int nkt_greet_wanted(nkt_swarm_t *swarm, nkt_user_t *user, const nkt_greeting_t *greeting)
{
    if (!(greeting->flags & NKT_GREETING_WANT_KEY))
        return 0;
    user->talk.is_key_wanted = 1;
    if (user->talk.key_told_ms != 0 && swarm->now_ms - user->talk.key_told_ms < NKT_KEY_TELL_MS_MIN)
        return 0; /* with the next one */
    user->talk.key_told_ms = swarm->now_ms;
    return 1;
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
