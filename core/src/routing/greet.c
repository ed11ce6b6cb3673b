/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Greetings on their way: to one, to all, to one of whose time nothing is known; and our own record, signed anew. */
#include <string.h>

#include "base/base58.h"
#include "routing/routing.h"
#include "state/state.h"
#include "state/swarm.h"

enum {
    ASK_BURST = 32, /* questions after somebody, known or not, each of which may flood: at once, of all links ... */
    ASK_PER_S = 8,
};

int nkt_ask_begin(nkt_swarm_t *swarm, nkt_user_t *user)
{
    if (user->greeting.asked_ms != 0 || !nkt_ask_may(swarm))
        return 0;
    user->greeting.asked_ms = swarm->now_ms;
    return 1;
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

void nkt_greeting_post(nkt_swarm_t *swarm, nkt_user_t *user, unsigned flags, const nkt_greeting_t *more, nkt_link_t *link)
{
    nkt_greeting_t greeting = *more;
    if (user->clock.has_nonce)
        greeting.echo = user->clock.nonce;
    user->greeting.greeted_ms = swarm->now_ms;
    int err = nkt_greeting_pack(swarm, user->standing.is_member, flags, &greeting);
    nkt_clock_asked_by(user, NULL);
    if (err == NKT_OK && link != NULL)
        nkt_post_via(swarm, NKT_KIND_GREETING, user, link);
    else if (err == NKT_OK)
        nkt_post(swarm, NKT_KIND_GREETING, user);
}
