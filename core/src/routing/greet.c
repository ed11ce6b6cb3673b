/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Greetings that we send: to one, to all, to one of whose time nothing is known; and our own record, signed anew. */
#include <string.h>

#include "base/base58.h"
#include "routing/routing.h"
#include "state/state.h"
#include "state/swarm.h"

enum {
    ASK_BURST = 32,         /* of those questions, each of which may flood, at once ... */
    ASK_PER_S = 8,
};

void nkt_user_ask(nkt_swarm_t *swarm, nkt_user_t *user)
{
    if (user->greeting.asked_ms != 0 || !nkt_bucket_take(&swarm->tree.ask_bucket, swarm->now_ms, ASK_BURST, ASK_PER_S))
        return;
    user->greeting.asked_ms = swarm->now_ms;
    nkt_greet(swarm, user, 0);
}

int nkt_own_record_renew(nkt_swarm_t *swarm)
{
    nkt_record_t record;
    const nkt_record_facts_t facts = {
        .nick = swarm->settings.nick,
        .capabilities = swarm->settings.keeper ? NKT_CAPABILITY_KEEPER : 0,
        .relays = swarm->settings.relays,
        .relay_count = swarm->settings.relay_count,
        .trackers = swarm->settings.trackers,
        .tracker_count = swarm->settings.tracker_count,
    };
    nkt_clock_catch_up(swarm);
    int err = nkt_record_create(&record, &swarm->identity, &facts, swarm->time_ms);
    if (err < 0) {
        nkt_timer_set(&swarm->timers, &swarm->own.timer,
                      swarm->now_ms + NKT_DIGEST_MS); /* it must not run out for that */
        return err;
    }
    nkt_record_deinit(&swarm->own.record);
    swarm->own.record = record;
    swarm->identity.wall_ms = swarm->wall_ms;
    swarm->identity.age_ms = nkt_clock_age(swarm);
    if (swarm->wall_ms > swarm->identity.most_wall_ms) {
        swarm->identity.most_wall_ms = swarm->wall_ms;
        swarm->identity.most_age_ms = swarm->identity.age_ms;
    }
    nkt_clock_reach(
        swarm,
        swarm->identity.sequence); /* nothing is said before the record that it is said under */
    swarm->clock.renewed_ms = swarm->now_ms;
    nkt_room_membership(&swarm->room, record.signature, swarm->own.membership);
    swarm->own.is_dirty = 1;
    nkt_timer_set(&swarm->timers, &swarm->own.timer,
                  swarm->now_ms + nkt_prng_jitter(&swarm->prng, NKT_RECORD_REFRESH_MS));
    unsigned flags = swarm->clock.asks_all ? 0 : NKT_GREETING_ANSWER;
    swarm->clock.asks_all = 0;
    if (swarm->is_started && nkt_greeting_pack(swarm, 1, flags, NULL) == NKT_OK)
        nkt_post(swarm, NKT_KIND_GREETING, NULL);
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
        swarm->own.is_dirty = 1;
    }
    user->greeting.greeted_ms = swarm->now_ms;
    int err = nkt_greeting_pack(swarm, user->standing.is_member, flags, &more);
    user->clock.has_nonce = 0;
    if (err == NKT_OK && link != NULL)
        nkt_post_via(swarm, NKT_KIND_GREETING, user, link);
    else if (err == NKT_OK)
        nkt_post(swarm, NKT_KIND_GREETING, user);
}

void nkt_greet(nkt_swarm_t *swarm, nkt_user_t *user, unsigned flags)
{
    nkt_greet_via(swarm, user, flags, NULL);
}
