/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The relay as one more link. What it says itself (welcome, nobody, left) is a hint, never more. */
#include <sodium.h>

#include "base/base58.h"
#include "inbound/inbound.h"
#include "relay/relay.h"
#include "routing/routing.h"
#include "state/state.h"
#include "state/swarm.h"

/* The relay wants to know that the address is ours; once a connection, since a signature costs 0.1 ms. */
static int challenged(nkt_swarm_t *swarm, nkt_link_t *link, const uint8_t *challenge)
{
    const nkt_buf_t *wrapped = nkt_lent(swarm, NKT_LENT_WRAPPED);
    uint8_t to_sign[NKT_RELAY_PROOF_SIGNED_SIZE], signature[NKT_SIGN_SIZE];
    if (link->endpoint->socket.is_proved)
        return NKT_E_RELAY;
    link->endpoint->socket.is_proved = 1;
    nkt_relay_proof_signed_form(to_sign, challenge);
    crypto_sign_detached(signature, NULL, to_sign, sizeof to_sign, swarm->identity.sign_secret);
    int err = nkt_relay_encode_proof(nkt_lend(swarm, NKT_LENT_WRAPPED), swarm->identity.sign_public, swarm->identity.identity_public,
                                     signature);
    if (err == NKT_OK)
        nkt_emit_send(swarm, link, wrapped->data, wrapped->size, 0, 0);
    return err;
}

/* Tell the room who we are; the others answer. One who doubts our time asks first, and not twice in a moment, and what is said
 * once may be lost: while nobody there has shown that he heard it, it is said again, less and less often and in the end over
 * that relay alone. To hear somebody is no such sign: he may never have heard of us. */
static void room_greet(nkt_swarm_t *swarm, nkt_endpoint_t *endpoint)
{
    if (nkt_greeting_pack(swarm, 1, 0, NULL) == NKT_OK) {
        if (endpoint->socket.greet_count < NKT_RELAY_GREET_MISSED_COUNT)
            nkt_post(swarm, NKT_KIND_GREETING, NULL);
        else
            nkt_post_over(swarm, NKT_KIND_GREETING, endpoint->link);
    }
    uint64_t wait_ms = (uint64_t)NKT_RELAY_GREET_MS << (endpoint->socket.greet_count < 8 ? endpoint->socket.greet_count : 8);
    if (wait_ms > NKT_RELAY_GREET_MS_MAX)
        wait_ms = NKT_RELAY_GREET_MS_MAX;
    endpoint->socket.greet_count++;
    nkt_alarm_set(swarm, &endpoint->socket.greet_timer, swarm->now_ms + nkt_chance_jitter(swarm, wait_ms));
}

/*
 * Has nobody there shown that he heard us, or are fewer heard than there were said to be? The latter may be out of date, or a lie:
 * it is not believed for long, and in a crowd not all would answer. Nor is it the former, when others are reached some other way:
 * this relay may pass nothing on.
 */
static int is_greeting_missed(const nkt_swarm_t *swarm, const nkt_endpoint_t *endpoint)
{
    int is_late = endpoint->socket.greet_count > NKT_RELAY_GREET_MISSED_COUNT;
    uint32_t heard_count = 0;
    int knows_us = 0;
    for (size_t i = 0; i < swarm->users.count; i++) {
        const nkt_user_t *user = swarm->user_list[i];
        int is_there = (user->presence.relay_bits & 1u << endpoint->index) != 0;
        heard_count += (uint32_t)is_there;
        knows_us |= is_there && (user->standing.has_answered || nkt_user_is_proven(swarm, user));
        knows_us |= is_late && nkt_user_is_proven(swarm, user) && nkt_user_reach(user) >= NKT_REACH_OTHERS;
    }
    int is_short = heard_count < endpoint->socket.peer_count && heard_count < NKT_GREETING_ANSWER_COUNT;
    return !knows_us || (is_short && !is_late);
}

void nkt_relay_greet_timer(nkt_swarm_t *swarm, nkt_endpoint_t *endpoint)
{
    if (endpoint->socket.is_up && is_greeting_missed(swarm, endpoint))
        room_greet(swarm, endpoint);
}

/* A relay may say it as often as it likes; but what follows goes over all links, and others pass on only so much of ours. */
static void welcomed(nkt_swarm_t *swarm, nkt_link_t *link, uint32_t count)
{
    nkt_endpoint_t *relay = link->endpoint;
    relay->socket.peer_count = count;
    relay->socket.is_welcome = relay->socket.was_up = 1;
    relay->socket.is_foreign = 0;
    relay->socket.last_error[0] = '\0';
    relay->socket.attempt = relay->socket.refused_count = 0;
    if (count > 0 && nkt_bucket_take(&relay->socket.welcome_bucket, swarm->now_ms, NKT_WELCOME_BURST, NKT_WELCOME_PER_S)) {
        relay->socket.greet_count = 0;
        room_greet(swarm, relay);
    }
    nkt_status_changed(swarm);
}

/* It may say so (4002), or, of an older version, understand nothing of our first words: not once, which may be chance. */
int nkt_relay_closed(nkt_endpoint_t *relay, int32_t code)
{
    if (code == NKT_RELAY_CLOSE_PROTOCOL && !relay->socket.is_welcome)
        relay->socket.refused_count += relay->socket.refused_count < NKT_RELAY_REFUSED_COUNT;
    relay->socket.is_foreign = code == NKT_RELAY_CLOSE_VERSION || relay->socket.refused_count == NKT_RELAY_REFUSED_COUNT;
    return relay->socket.is_foreign;
}

int nkt_relay_data(nkt_swarm_t *swarm, nkt_link_t *link, const uint8_t *bytes, size_t size)
{
    nkt_relay_message_t message;
    int err = nkt_relay_decode(&message, bytes, size);
    if (err == NKT_E_VERSION) {
        static const char reason[] = "this relay speaks another version of the protocol";
        link->endpoint->socket.is_foreign = 1;
        nkt_endpoint_down(swarm, link->endpoint, reason, sizeof reason - 1);
    }
    if (err < 0)
        return err;
    nkt_user_t *user;
    switch (message.type) {
    case NKT_RELAY_WELCOME:
        welcomed(swarm, link, message.count);
        return NKT_OK;
    case NKT_RELAY_DIRECTED:
        if (nkt_address_compare(&message.address, &swarm->identity.address) != 0)
            return NKT_E_RECIPIENT;
        return nkt_receive(swarm, link, message.frame, message.frame_size);
    case NKT_RELAY_BROADCAST:
        nkt_bridge_overheard(swarm, link, message.frame, message.frame_size);
        return nkt_receive(swarm, link, message.frame, message.frame_size);
    case NKT_RELAY_NOBODY:
    case NKT_RELAY_LEFT:
        user = nkt_user_find(swarm, &message.address);
        if (user != NULL)
            nkt_user_left_relay(swarm, user, 1u << link->endpoint->index);
        return NKT_OK;
    case NKT_RELAY_CHALLENGE:
        return challenged(swarm, link, message.frame);
    case NKT_RELAY_PONG:
        return NKT_OK;
    case NKT_RELAY_HELLO:
    case NKT_RELAY_PING:
    case NKT_RELAY_PROOF:
    default:
        return NKT_E_RELAY;
    }
}
