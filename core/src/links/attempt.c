/* SPDX-License-Identifier: GPL-3.0-or-later */
/* WebRTC links that we set up: made, offered, described to their other end; and a room that was told over one. */
#include <stdlib.h>
#include <string.h>

#include "links/links.h"
#include "routing/routing.h"
#include "state/state.h"
#include "state/swarm.h"

/* Being set up, be it that they wait at a tracker; not those that are heard out. */
static size_t pending_count(const nkt_swarm_t *swarm)
{
    size_t count = 0;
    for (size_t i = 0; i < swarm->link_count; i++)
        count += swarm->links[i]->kind == NKT_LINK_RTC && swarm->links[i]->state < NKT_LINK_LIVE;
    return count;
}

int nkt_mesh_is_busy(const nkt_swarm_t *swarm)
{
    return pending_count(swarm) >= NKT_RTC_PENDING_COUNT_MAX;
}

nkt_link_t *nkt_mesh_new(nkt_swarm_t *swarm, int is_offerer, nkt_endpoint_t *via)
{
    size_t live_count = nkt_rtc_count(swarm, 1); /* and each that is under way may become one */
    size_t taken_count = is_offerer && via != NULL ? live_count : nkt_view_taken(swarm);
    size_t pending_max = is_offerer && via != NULL ? NKT_RTC_PENDING_COUNT_MAX / 2 : NKT_RTC_PENDING_COUNT_MAX;
    if (taken_count >= nkt_view_cap(swarm) ||
        pending_count(swarm) >= pending_max)
        return NULL;
    nkt_link_t *link = nkt_link_open(swarm, NKT_LINK_RTC, via);
    if (link == NULL)
        return NULL;
    link->rtc.is_offerer = is_offerer;
    link->rtc.begun_ms = swarm->now_ms;
    link->rtc.origin = is_offerer ? NKT_ORIGIN_OURS : NKT_ORIGIN_GIVEN;
    nkt_link_state_set(link, is_offerer ? NKT_LINK_OFFERING : NKT_LINK_ANSWERING);
    uint8_t *nonce = is_offerer ? link->rtc.auth.offerer_nonce : link->rtc.auth.answerer_nonce;
    if (swarm->host.entropy(swarm->host.context, nonce, NKT_NONCE_SIZE) < 0 ||
        swarm->host.entropy(swarm->host.context, link->rtc.attempt, NKT_ATTEMPT_SIZE) < 0) {
        nkt_link_close(swarm, link, 0);
        return NULL;
    }
    *(is_offerer ? &link->rtc.auth.offerer : &link->rtc.auth.answerer) = swarm->identity.address;
    nkt_mesh_until(swarm, link, NKT_RTC_SETUP_MS);
    return link;
}

void nkt_mesh_until(nkt_swarm_t *swarm, nkt_link_t *link, uint64_t wait_ms)
{
    link->rtc.until_ms = swarm->now_ms + wait_ms;
    nkt_link_alarm(swarm, link, link->rtc.until_ms);
}

uint32_t nkt_line_patience(const nkt_swarm_t *swarm)
{
    uint32_t patience = NKT_RTC_PATIENCE_MAX;
    for (size_t i = 0; i < swarm->endpoint_count; i++) {
        if (swarm->endpoints[i].socket.is_up && swarm->endpoints[i].socket.patience < patience)
            patience = swarm->endpoints[i].socket.patience;
    }
    return nkt_endpoints_up(swarm, NKT_LINK_RELAY) + nkt_endpoints_up(swarm, NKT_LINK_TRACKER) > 0 ? patience : 0;
}

uint32_t nkt_mesh_patience(const nkt_swarm_t *swarm, const nkt_user_t *user)
{
    uint32_t line = nkt_line_patience(swarm), failed = user->mesh.attempt > 1 ? user->mesh.attempt - 1 : 0;
    if (failed > NKT_RTC_PATIENCE_MAX)
        failed = NKT_RTC_PATIENCE_MAX;
    return failed > line ? failed : line;
}

/* A line so slow that descriptions and checks do not come through in time fails as one that does not lead anywhere: only more time tells.
 * As long as many attempts are under way they need the place. */
void nkt_mesh_give_time(nkt_swarm_t *swarm, nkt_link_t *link, const nkt_user_t *user)
{
    int is_scarce = pending_count(swarm) > NKT_RTC_PENDING_COUNT_MAX / 2;
    int is_hearsay = link->state == NKT_LINK_OFFERING && user->presence.heard_at_ms == 0; /* nobody may be there at all */
    nkt_mesh_until(swarm, link, (uint64_t)NKT_RTC_SETUP_MS << (is_scarce || is_hearsay ? 0 : nkt_mesh_patience(swarm, user)));
}

int nkt_mesh_offer_to(nkt_swarm_t *swarm, nkt_user_t *user, nkt_link_origin_t origin)
{
    nkt_link_t *link = nkt_post_can_reach(swarm, user) ? nkt_mesh_new(swarm, 1, NULL) : NULL;
    if (link == NULL)
        return 0;
    link->rtc.origin = origin;
    link->rtc.peer = user->address;
    memcpy(link->rtc.peer_sign_key, user->record.sign_key, 32);
    link->rtc.auth.answerer = user->address;
    nkt_mesh_give_time(swarm, link, user);
    nkt_emit(swarm, &(nkt_effect_t){.kind = NKT_FX_RTC_OFFER, .link = link->id, .value = NKT_RTC_GATHER_MS});
    return 1;
}

/* Sends what is to be told the peer of a link, sealed to its identity key. */
void nkt_mesh_signal_send(nkt_swarm_t *swarm, nkt_user_t *user, const nkt_signalling_t *signal)
{
    uint8_t ends[NKT_ENDS_SIZE];
    const nkt_seal_for_t recipient = {
        .public_key = user->record.identity_key, .context = ends, .context_size = sizeof ends};
    nkt_ends_derive(ends, swarm->room.network, &swarm->identity.address, &user->address);
    nkt_buf_t *plain = nkt_lend(swarm, NKT_LENT_PLAIN);
    if (nkt_signal_encode(plain, signal) == NKT_OK &&
        nkt_seal_to(nkt_lend(swarm, NKT_LENT_PAYLOAD), &recipient, plain->data, plain->size, &swarm->host) == NKT_OK)
        nkt_post(swarm, NKT_KIND_SIGNAL, user);
}

/* Whoever shows no sign of life for as long as an attempt takes, or refuses all that we say, would not hear it the second time either;
 * then the next attempt, ever more seldom, asks him once. */
static int is_listening(nkt_swarm_t *swarm, const nkt_link_t *link)
{
    const nkt_user_t *user = nkt_user_find(swarm, &link->rtc.peer);
    return user != NULL && swarm->now_ms - user->presence.heard_ms < NKT_RTC_SETUP_MS;
}

static void tell(nkt_swarm_t *swarm, const nkt_link_t *link, char *sdp)
{
    nkt_user_t *user = nkt_user_find(swarm, &link->rtc.peer);
    if (user != NULL)
        nkt_mesh_signal_send(swarm, user,
                    &(nkt_signalling_t){
                        .type = link->rtc.is_offerer ? NKT_SIGNAL_OFFER : NKT_SIGNAL_ANSWER,
                        .attempt = link->rtc.attempt,
                        .nonce = link->rtc.is_offerer ? link->rtc.auth.offerer_nonce : link->rtc.auth.answerer_nonce,
                        .sdp = sdp,
                        .target = nkt_connect_find(swarm, &user->address) != NULL ? &user->address : NULL,
                        .is_restart = link->state == NKT_LINK_LIVE,
                    });
}

/* Where the timer waits for an answer: an offer. */
static void again_later(nkt_swarm_t *swarm, nkt_link_t *link)
{
    uint64_t wait_ms = nkt_chance_jitter(swarm, (uint64_t)NKT_RTC_AGAIN_MS << link->rtc.told_again_count);
    uint64_t at_ms = swarm->now_ms + wait_ms;
    int is_last = link->rtc.told_again_count >= NKT_RTC_AGAIN_COUNT || at_ms > link->rtc.until_ms;
    nkt_link_alarm(swarm, link, is_last ? link->rtc.until_ms : at_ms);
}

void nkt_mesh_describe(nkt_swarm_t *swarm, nkt_link_t *link, const char *sdp, size_t size)
{
    char *text = nkt_text_copy(sdp, size);
    if (text == NULL)
        return;
    tell(swarm, link, text);
    if (link->state == NKT_LINK_LIVE) { /* a restart: what it is to save may come back by itself */
        free(text);
        return;
    }
    link->rtc.told = text;
    if (link->rtc.is_offerer)
        again_later(swarm, link);
}

int nkt_mesh_tell_again(nkt_swarm_t *swarm, nkt_link_t *link)
{
    if (link->rtc.told == NULL || swarm->now_ms >= link->rtc.until_ms)
        return 0;
    if (link->rtc.told_again_count < NKT_RTC_AGAIN_COUNT && is_listening(swarm, link)) {
        link->rtc.told_again_count++;
        tell(swarm, link, link->rtc.told);
    }
    if (link->rtc.is_offerer)
        again_later(swarm, link);
    return 1;
}

void nkt_mesh_has_come(nkt_link_t *link)
{
    free(link->rtc.told);
    link->rtc.told = NULL;
}

void nkt_mesh_adopt(nkt_swarm_t *swarm, const uint8_t *room_key, int is_open)
{
    if (!nkt_room_adopt(swarm, room_key, is_open))
        return;
    for (size_t i = 0; i < swarm->endpoint_count; i++) {
        nkt_endpoint_t *endpoint = &swarm->endpoints[i];
        if (!endpoint->socket.is_up)
            continue;
        if (endpoint->kind == NKT_LINK_RELAY)
            nkt_relay_hello(swarm, endpoint->link);
        else
            nkt_announce_soon(swarm, endpoint);
    }
}

/* ---- it is there ---- */

void nkt_mesh_come(nkt_swarm_t *swarm, nkt_link_t *link, nkt_user_t *user)
{
    nkt_link_state_set(link, NKT_LINK_LIVE);
    link->rtc.live_ms = swarm->now_ms;
    nkt_link_alarm(swarm, link, swarm->now_ms + nkt_chance_jitter(swarm, NKT_PING_MS));
    user->mesh.link = link;
}

void nkt_mesh_settle(nkt_swarm_t *swarm, nkt_user_t *user)
{
    user->mesh.attempt = 0;
    nkt_mesh_wish_end(swarm, user);
}

void nkt_mesh_replace(nkt_swarm_t *swarm, nkt_user_t *user, int is_good)
{
    nkt_link_t *link = user->mesh.link;
    user->mesh.link = NULL;
    if (is_good)
        nkt_link_drain(swarm, link);
    else
        nkt_link_close(swarm, link, 1);
}
