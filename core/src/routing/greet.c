/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Greetings that we send: to one, to all, to one of whose time nothing is known; and our own record, signed anew. */
#include <string.h>

#include "base/base58.h"
#include "routing/routing.h"
#include "state/state.h"
#include "state/swarm.h"

enum {
    ASK_BURST = 32, /* questions after somebody, known or not, each of which may flood: at once, of all links ... */
    ASK_PER_S = 8,
};

void nkt_user_ask(nkt_swarm_t *swarm, nkt_user_t *user)
{
    if (user->greeting.asked_ms != 0 || !nkt_ask_may(swarm))
        return;
    user->greeting.asked_ms = swarm->now_ms;
    nkt_greet(swarm, user, 0);
}

void nkt_user_ask_end(nkt_user_t *user)
{
    user->greeting.asked_ms = 0;
}

int nkt_ask_may(nkt_swarm_t *swarm)
{
    return nkt_bucket_take(&swarm->tree.ask_bucket, swarm->now_ms, ASK_BURST, ASK_PER_S);
}

void nkt_greet_renew(nkt_user_t *user)
{
    user->greeting.greeted_ms = 0;
}

void nkt_digest_want(nkt_swarm_t *swarm, nkt_user_t *user, uint64_t at_ms)
{
    nkt_alarm_set_by(swarm, &user->greeting.digest_timer, at_ms);
}

int nkt_own_record_renew(nkt_swarm_t *swarm)
{
    int err = nkt_own_sign(swarm);
    if (err < 0)
        return err;
    int asks = nkt_clock_asks_all(swarm);
    if (swarm->is_started && nkt_greeting_pack(swarm, 1, asks ? 0 : NKT_GREETING_ANSWER, NULL) == NKT_OK)
        nkt_post(swarm, NKT_KIND_GREETING, NULL);
    if (asks)
        nkt_clock_asked_all(swarm);
    return NKT_OK;
}

void nkt_greet_doubted(nkt_swarm_t *swarm, nkt_link_t *link, const nkt_address_t *address,
                       int is_member, const uint8_t *nonce)
{
    const nkt_greeting_t more = {.echo = nonce};
    unsigned seek = nkt_connect_find(swarm, address) != NULL ? NKT_GREETING_SEEK : 0;
    if (nkt_clock_may_ask(swarm, address) &&
        nkt_greeting_pack(swarm, is_member, NKT_GREETING_ANSWER | NKT_GREETING_ASK | seek, &more) ==
            NKT_OK)
        nkt_post_to_address(swarm, link, address);
}

/* Over one link only, or (NULL) whatever way there is. */
void nkt_greet_via(nkt_swarm_t *swarm, nkt_user_t *user, unsigned flags, nkt_link_t *link)
{
    uint8_t prekey[32];
    nkt_greeting_t more = {.echo = user->clock.has_nonce ? user->clock.nonce : NULL,
                           .prekey = prekey};
    if (user->presence.flags & NKT_USER_MUTED)
        return;
    /* the lower address initiates the session: give it a one-time prekey, for it alone */
    if (user->talk.state == NKT_SESSION_NONE &&
        nkt_address_compare(&user->address, &swarm->identity.address) < 0 &&
        nkt_session_give_prekey(swarm->sessions, &user->session, prekey) == NKT_OK) {
        more.prekey_id = user->session.prekey_id;
        nkt_own_touch(swarm);
    }
    user->greeting.greeted_ms = swarm->now_ms;
    int err = nkt_greeting_pack(swarm, user->standing.is_member, flags, &more);
    nkt_clock_asked_by(user, NULL);
    if (err == NKT_OK && link != NULL)
        nkt_post_via(swarm, NKT_KIND_GREETING, user, link);
    else if (err == NKT_OK)
        nkt_post(swarm, NKT_KIND_GREETING, user);
}

void nkt_greet(nkt_swarm_t *swarm, nkt_user_t *user, unsigned flags)
{
    nkt_greet_via(swarm, user, flags, NULL);
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
