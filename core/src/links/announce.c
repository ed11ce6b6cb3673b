/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Trackers: we are announced in the room's place (with offers when we look for others) and in our own place (without,
 * to receive the offers of those who look for us). What trackers call "sdp" is sealed with a key that follows from the
 * room or the address; the link's authentication is what makes it safe.
 */
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/base58.h"
#include "identity/pad.h"
#include "links/links.h"
#include "state/state.h"
#include "state/swarm.h"

enum { BASE64 = sodium_base64_VARIANT_ORIGINAL_NO_PADDING };

char *nkt_announce_seal(nkt_swarm_t *swarm, const nkt_link_t *link, nkt_signal_t type, const char *sdp, size_t size)
{
    char *text = nkt_text_copy(sdp, size);
    char *sealed = NULL;
    nkt_signalling_t signal = {
        .type = type,
        .attempt = link->rtc.attempt,
        .nonce = link->rtc.is_offerer ? link->rtc.auth.offerer_nonce : link->rtc.auth.answerer_nonce,
        .sdp = text,
        .has_record = 1,
        .target = nkt_address_is_zero(&link->rtc.target) ? NULL : &link->rtc.target,
    };
    nkt_own_lend_record(swarm, &signal.record);
    if (!swarm->room.is_open && strcmp(link->rtc.place.info_hash, swarm->room.info_hash) != 0)
        signal.record.membership = NULL;
    nkt_buf_t *plain = nkt_lend(swarm, NKT_LENT_PLAIN), *sealed_bytes = nkt_lend(swarm, NKT_LENT_SEALED);
    if (text != NULL && nkt_signal_encode(plain, &signal) == NKT_OK && nkt_pad(plain) == NKT_OK &&
        nkt_seal_with(sealed_bytes, link->rtc.place.seal_key, NULL, 0, plain->data, plain->size, &swarm->host) == NKT_OK) {
        size_t sealed_size = sodium_base64_encoded_len(sealed_bytes->size, BASE64);
        sealed = malloc(sealed_size);
        if (sealed != NULL)
            sodium_bin2base64(sealed, sealed_size, sealed_bytes->data, sealed_bytes->size, BASE64);
    }
    free(text);
    return sealed;
}

static void text_send(nkt_swarm_t *swarm, const nkt_endpoint_t *endpoint)
{
    const nkt_buf_t *frame = nkt_lent(swarm, NKT_LENT_FRAME);
    if (endpoint->link != NULL && endpoint->socket.is_up)
        nkt_emit_send(swarm, endpoint->link, frame->data, frame->size, NKT_SEND_TEXT, 0);
}

static void announce(nkt_swarm_t *swarm, nkt_endpoint_t *endpoint, const char *info_hash, const char *event)
{
    nkt_tracker_offer_t offers[NKT_TRACKER_OFFER_COUNT];
    size_t count = 0;
    for (size_t i = 0; i < swarm->link_count && count < NKT_TRACKER_OFFER_COUNT; i++) {
        const nkt_link_t *link = swarm->links[i];
        if (link->kind != NKT_LINK_RTC || link->endpoint != endpoint || link->state != NKT_LINK_OFFERED ||
            link->rtc.sealed_offer == NULL || strcmp(link->rtc.place.info_hash, info_hash) != 0)
            continue;
        offers[count++] = (nkt_tracker_offer_t){.id = link->rtc.offer_id, .sdp = link->rtc.sealed_offer};
    }
    int err;
    do {
        err = nkt_tracker_encode_announce(nkt_lend(swarm, NKT_LENT_FRAME), info_hash, &endpoint->socket.peer_id, event, offers, count);
    } while (err == NKT_E_SIZE && count-- > 0);
    if (err == NKT_OK)
        text_send(swarm, endpoint);
}

/* Offers of ours that are still to be had (or being made) in a place at a tracker. */
static size_t offer_count(const nkt_swarm_t *swarm, const nkt_endpoint_t *endpoint, const char *info_hash)
{
    size_t count = 0;
    for (size_t i = 0; i < swarm->link_count; i++) {
        const nkt_link_t *link = swarm->links[i];
        count += link->kind == NKT_LINK_RTC && link->endpoint == endpoint &&
                 (link->state == NKT_LINK_OFFERING || link->state == NKT_LINK_OFFERED) &&
                 strcmp(link->rtc.place.info_hash, info_hash) == 0;
    }
    return count;
}

void nkt_announce_want(nkt_swarm_t *swarm, nkt_endpoint_t *endpoint, const nkt_room_t *place,
                       const nkt_address_t *target, size_t count)
{
    for (size_t have = offer_count(swarm, endpoint, place->info_hash); have < count; have++) {
        nkt_link_t *link = nkt_mesh_new(swarm, 1, endpoint);
        if (link == NULL)
            return;
        link->rtc.place = *place;
        if (target != NULL)
            link->rtc.target = *target;
        nkt_link_alarm(swarm, link, swarm->now_ms + NKT_RTC_OFFER_MS);
        if (nkt_tracker_id_create(&link->rtc.offer_id, &swarm->host) < 0) {
            nkt_link_close(swarm, link, 0);
            return;
        }
        nkt_emit(swarm, &(nkt_effect_t){
                            .kind = NKT_FX_RTC_OFFER, .link = link->id, .value = NKT_RTC_GATHER_TRACKER_MS});
    }
}

void nkt_announce_start(nkt_swarm_t *swarm, nkt_endpoint_t *endpoint)
{
    /* without a relay every moment counts: the offers are made while the socket opens */
    if (swarm->settings.relay_count == 0 && swarm->settings.room != NULL)
        nkt_announce_want(swarm, endpoint, &swarm->room, NULL, NKT_TRACKER_OFFER_COUNT);
}

/* Few links, though there are others to be had: of a large swarm, or one that is not known from here. */
static int is_poor(nkt_swarm_t *swarm, const nkt_endpoint_t *endpoint)
{
    int has_others = !nkt_view_is_mesh(swarm) || endpoint->socket.peer_count > nkt_view_known(swarm) + 1;
    return has_others && nkt_rtc_count(swarm, 1) < nkt_view_target(swarm) / 2;
}

/* Does it make sense to look for others in the room's place now? */
static size_t offers_wanted(nkt_swarm_t *swarm, const nkt_endpoint_t *endpoint)
{
    size_t degree = nkt_rtc_count(swarm, 1), target = nkt_view_target(swarm);
    if (degree > 0 && is_poor(swarm, endpoint))
        return target - degree < NKT_TRACKER_OFFER_COUNT ? target - degree : NKT_TRACKER_OFFER_COUNT;
    if (degree > 0 && nkt_announce_is_blind(swarm, endpoint))
        return 1;
    if (degree > 0) /* one: two swarms that do not know each other may meet; in a large one not all need to look */
        return endpoint->announce.count > 1 && nkt_chance_below(swarm, endpoint->socket.peer_count) < NKT_TRACKER_CALM_COUNT;
    if (endpoint->announce.count > 0 && endpoint->socket.peer_count <= 1)
        return 0; /* alone there: whoever comes will offer */
    if (endpoint->announce.count == 0 && nkt_endpoints_up(swarm, NKT_LINK_RELAY) > 0)
        return 0; /* the relay is quicker */
    return NKT_TRACKER_OFFER_COUNT;
}

/* Are we announced where people look for us by address? */
static int has_own_place(const nkt_swarm_t *swarm)
{
    return !swarm->own.is_hidden;
}

void nkt_announce_timer(nkt_swarm_t *swarm, nkt_endpoint_t *endpoint)
{
    if (!endpoint->socket.is_up)
        return;
    int is_first = endpoint->announce.count == 0;
    nkt_announce_want(swarm, endpoint, &swarm->room, NULL, offers_wanted(swarm, endpoint));
    announce(swarm, endpoint, swarm->room.info_hash, is_first ? "started" : NULL);
    if (has_own_place(swarm))
        announce(swarm, endpoint, swarm->own.place.info_hash, is_first ? "started" : NULL);
    uint64_t wait_ms = NKT_TRACKER_CALM_MS;
    size_t degree = nkt_rtc_count(swarm, 1);
    if (degree > 0 && nkt_announce_is_blind(swarm, endpoint)) {
        wait_ms = NKT_TRACKER_POOR_MS;
        nkt_announce_was_blind(endpoint);
    }
    if (degree > 0 && is_poor(swarm, endpoint))
        wait_ms = NKT_TRACKER_POOR_MS;
    if (degree == 0) {
        wait_ms = (uint64_t)NKT_TRACKER_FAST_MS << (endpoint->announce.count < 5 ? endpoint->announce.count : 5);
        if (wait_ms > NKT_TRACKER_SLOW_MS)
            wait_ms = NKT_TRACKER_SLOW_MS;
        if (is_first && nkt_endpoints_up(swarm, NKT_LINK_RELAY) > 0)
            wait_ms = NKT_TRACKER_HEAD_START_MS;
    }
    endpoint->announce.count++;
    nkt_announce_later(swarm, endpoint, nkt_chance_jitter(swarm, wait_ms));
}

void nkt_announce_offer(nkt_swarm_t *swarm, nkt_link_t *link)
{
    nkt_endpoint_t *endpoint = link->endpoint;
    for (size_t i = 0; i < swarm->link_count; i++) {
        const nkt_link_t *other = swarm->links[i];
        if (other->kind == NKT_LINK_RTC && other->endpoint == endpoint && other->state == NKT_LINK_OFFERING &&
            strcmp(other->rtc.place.info_hash, link->rtc.place.info_hash) == 0)
            return; /* the last one that is ready sends them all */
    }
    announce(swarm, endpoint, link->rtc.place.info_hash, NULL);
}

void nkt_announce_answer(nkt_swarm_t *swarm, nkt_link_t *link, const char *sdp, size_t size)
{
    char *sealed = nkt_announce_seal(swarm, link, NKT_SIGNAL_ANSWER, sdp, size);
    nkt_buf_t *frame = nkt_lend(swarm, NKT_LENT_FRAME);
    if (sealed != NULL && nkt_tracker_encode_answer(frame, link->rtc.place.info_hash, &link->endpoint->socket.peer_id,
                                                    &link->rtc.remote_peer_id, &link->rtc.offer_id, sealed) == NKT_OK)
        text_send(swarm, link->endpoint);
    free(sealed);
}

static void leave(nkt_swarm_t *swarm, nkt_endpoint_t *endpoint, const char *info_hash)
{
    nkt_buf_t *frame = nkt_lend(swarm, NKT_LENT_FRAME);
    if (nkt_tracker_encode_announce(frame, info_hash, &endpoint->socket.peer_id, "stopped", NULL, 0) == NKT_OK)
        text_send(swarm, endpoint);
}

void nkt_announce_stop(nkt_swarm_t *swarm, nkt_endpoint_t *endpoint)
{
    leave(swarm, endpoint, swarm->room.info_hash);
    if (has_own_place(swarm))
        leave(swarm, endpoint, swarm->own.place.info_hash);
}

void nkt_announce_findable(nkt_swarm_t *swarm, int is_findable)
{
    int was_there = has_own_place(swarm);
    nkt_own_show(swarm, is_findable);
    int is_there = has_own_place(swarm);
    for (size_t i = 0; is_there != was_there && i < swarm->endpoint_count; i++) {
        nkt_endpoint_t *endpoint = &swarm->endpoints[i];
        if (endpoint->kind != NKT_LINK_TRACKER || endpoint->announce.count == 0)
            continue; /* it is not up, or nothing was said there yet */
        if (is_there)
            announce(swarm, endpoint, swarm->own.place.info_hash, "started");
        else
            leave(swarm, endpoint, swarm->own.place.info_hash);
    }
}

void nkt_announce_met(nkt_link_t *link, const nkt_room_t *place, const nkt_tracker_id_t *offer_id, const nkt_tracker_id_t *peer_id)
{
    link->rtc.place = *place;
    link->rtc.offer_id = *offer_id;
    link->rtc.remote_peer_id = *peer_id;
}

void nkt_announce_afresh(nkt_endpoint_t *endpoint)
{
    endpoint->announce.count = 0;
    nkt_announce_wish_again(endpoint);
}
