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
#include "swarm/swarm.h"

enum { BASE64 = sodium_base64_VARIANT_ORIGINAL_NO_PADDING };

char *nkt_announce_seal(nkt_swarm_t *swarm, const nkt_link_t *link, nkt_signal_t type, const char *sdp, size_t size)
{
    char *text = nkt_text_copy(sdp, size);
    char *sealed = NULL;
    nkt_signalling_t signal = {
        .type = type,
        .attempt = link->attempt,
        .nonce = link->is_offerer ? link->auth.offerer_nonce : link->auth.answerer_nonce,
        .sdp = text,
        .has_record = 1,
        .target = nkt_address_is_zero(&link->target) ? NULL : &link->target,
    };
    nkt_own_lend_record(swarm, &signal.record);
    if (!swarm->room.is_open && strcmp(link->place.info_hash, swarm->room.info_hash) != 0)
        signal.record.membership = NULL;
    nkt_buf_clear(&swarm->sealed);
    if (text != NULL && nkt_signal_encode(&swarm->scratch, &signal) == NKT_OK &&
        nkt_seal_with(&swarm->sealed, link->place.seal_key, NULL, 0, swarm->scratch.data, swarm->scratch.size,
                      &swarm->host) == NKT_OK) {
        size_t sealed_size = sodium_base64_encoded_len(swarm->sealed.size, BASE64);
        sealed = malloc(sealed_size);
        if (sealed != NULL)
            sodium_bin2base64(sealed, sealed_size, swarm->sealed.data, swarm->sealed.size, BASE64);
    }
    free(text);
    return sealed;
}

static void text_send(nkt_swarm_t *swarm, const nkt_endpoint_t *endpoint)
{
    if (endpoint->link != NULL && endpoint->is_up)
        nkt_emit_send(swarm, endpoint->link, swarm->frame.data, swarm->frame.size, NKT_SEND_TEXT, 0);
}

static void announce(nkt_swarm_t *swarm, nkt_endpoint_t *endpoint, const char *info_hash, const char *event)
{
    nkt_tracker_offer_t offers[NKT_TRACKER_OFFER_COUNT];
    size_t count = 0;
    for (size_t i = 0; i < swarm->link_count && count < NKT_TRACKER_OFFER_COUNT; i++) {
        const nkt_link_t *link = swarm->links[i];
        if (link->kind != NKT_LINK_RTC || link->endpoint != endpoint || link->state != NKT_LINK_OFFERED ||
            link->sealed_offer == NULL || strcmp(link->place.info_hash, info_hash) != 0)
            continue;
        offers[count++] = (nkt_tracker_offer_t){.id = link->offer_id, .sdp = link->sealed_offer};
    }
    int err;
    do {
        err = nkt_tracker_encode_announce(&swarm->frame, info_hash, &endpoint->peer_id, event, offers, count);
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
                 strcmp(link->place.info_hash, info_hash) == 0;
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
        link->place = *place;
        if (target != NULL)
            link->target = *target;
        nkt_timer_set(&swarm->timers, &link->timer, swarm->now_ms + NKT_RTC_OFFER_MS);
        if (nkt_tracker_id_create(&link->offer_id, &swarm->host) < 0) {
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
    int has_others = !nkt_view_is_mesh(swarm) || endpoint->peer_count > nkt_view_known(swarm) + 1;
    return has_others && nkt_rtc_count(swarm, 1) < nkt_view_target(swarm) / 2;
}

/* How many others are looked for already (in a mesh: all that are known), or the links lead to, as far as is known: whoever
 * moved since may be there all the same. */
static size_t reached_count(nkt_swarm_t *swarm)
{
    size_t count = 0;
    if (nkt_view_is_mesh(swarm))
        return nkt_view_known(swarm);
    for (size_t i = 0; i < swarm->users.count; i++) {
        const nkt_user_t *user = swarm->user_list[i];
        count += user->link != NULL || nkt_link_find(swarm, nkt_paths_get(&swarm->paths, &user->address)) != NULL;
    }
    return count;
}

/* The tracker counts peers to whom no link leads: an island beside ours, or ghosts. Looked for a few times after each loss. */
static int is_blind(nkt_swarm_t *swarm, const nkt_endpoint_t *endpoint)
{
    return endpoint->blind_count < NKT_TRACKER_BLIND_COUNT && endpoint->peer_count <= NKT_DIGEST_USER_COUNT_MAX &&
           endpoint->peer_count > reached_count(swarm) + 1;
}

/* Does it make sense to look for others in the room's place now? */
static size_t offers_wanted(nkt_swarm_t *swarm, const nkt_endpoint_t *endpoint)
{
    size_t degree = nkt_rtc_count(swarm, 1), target = nkt_view_target(swarm);
    if (degree > 0 && is_poor(swarm, endpoint))
        return target - degree < NKT_TRACKER_OFFER_COUNT ? target - degree : NKT_TRACKER_OFFER_COUNT;
    if (degree > 0 && is_blind(swarm, endpoint))
        return 1;
    if (degree > 0) /* one: two swarms that do not know each other may meet; in a large one not all need to look */
        return endpoint->announce_count > 1 && nkt_prng_below(&swarm->prng, endpoint->peer_count) < NKT_TRACKER_CALM_COUNT;
    if (endpoint->announce_count > 0 && endpoint->peer_count <= 1)
        return 0; /* alone there: whoever comes will offer */
    if (endpoint->announce_count == 0 && nkt_endpoints_up(swarm, NKT_LINK_RELAY) > 0)
        return 0; /* the relay is quicker */
    return NKT_TRACKER_OFFER_COUNT;
}

void nkt_announce_timer(nkt_swarm_t *swarm, nkt_endpoint_t *endpoint)
{
    if (!endpoint->is_up)
        return;
    int is_first = endpoint->announce_count == 0;
    nkt_announce_want(swarm, endpoint, &swarm->room, NULL, offers_wanted(swarm, endpoint));
    announce(swarm, endpoint, swarm->room.info_hash, is_first ? "started" : NULL);
    if (strcmp(swarm->own_place.info_hash, swarm->room.info_hash) != 0)
        announce(swarm, endpoint, swarm->own_place.info_hash, is_first ? "started" : NULL);
    uint64_t wait_ms = NKT_TRACKER_CALM_MS;
    size_t degree = nkt_rtc_count(swarm, 1);
    if (degree > 0 && is_blind(swarm, endpoint)) {
        wait_ms = NKT_TRACKER_POOR_MS;
        endpoint->blind_count++;
    }
    if (degree > 0 && is_poor(swarm, endpoint))
        wait_ms = NKT_TRACKER_POOR_MS;
    if (degree == 0) {
        wait_ms = (uint64_t)NKT_TRACKER_FAST_MS << (endpoint->announce_count < 4 ? endpoint->announce_count : 4);
        if (wait_ms > NKT_TRACKER_SLOW_MS)
            wait_ms = NKT_TRACKER_SLOW_MS;
        if (is_first && nkt_endpoints_up(swarm, NKT_LINK_RELAY) > 0)
            wait_ms = NKT_TRACKER_HEAD_START_MS;
    }
    endpoint->announce_count++;
    nkt_timer_set(&swarm->timers, &endpoint->announce_timer, swarm->now_ms + nkt_prng_jitter(&swarm->prng, wait_ms));
}

void nkt_announce_lost(nkt_swarm_t *swarm)
{
    for (size_t i = 0; i < swarm->endpoint_count; i++) {
        nkt_endpoint_t *endpoint = &swarm->endpoints[i];
        endpoint->blind_count = 0;
        if (endpoint->kind == NKT_LINK_TRACKER && endpoint->is_up && is_blind(swarm, endpoint))
            nkt_timer_set_by(&swarm->timers, &endpoint->announce_timer,
                             swarm->now_ms + nkt_prng_jitter(&swarm->prng, NKT_TRACKER_POOR_MS));
    }
}

void nkt_announce_hurry(nkt_swarm_t *swarm)
{
    if (nkt_rtc_count(swarm, 1) > 0)
        return;
    for (size_t i = 0; i < swarm->endpoint_count; i++) {
        nkt_endpoint_t *endpoint = &swarm->endpoints[i];
        if (endpoint->kind == NKT_LINK_TRACKER && endpoint->is_up && endpoint->announce_count == 1)
            nkt_timer_set(&swarm->timers, &endpoint->announce_timer, swarm->now_ms);
    }
}

void nkt_announce_offer(nkt_swarm_t *swarm, nkt_link_t *link)
{
    nkt_endpoint_t *endpoint = link->endpoint;
    for (size_t i = 0; i < swarm->link_count; i++) {
        const nkt_link_t *other = swarm->links[i];
        if (other->kind == NKT_LINK_RTC && other->endpoint == endpoint && other->state == NKT_LINK_OFFERING &&
            strcmp(other->place.info_hash, link->place.info_hash) == 0)
            return; /* the last one that is ready sends them all */
    }
    announce(swarm, endpoint, link->place.info_hash, NULL);
}

void nkt_announce_answer(nkt_swarm_t *swarm, nkt_link_t *link, const char *sdp, size_t size)
{
    char *sealed = nkt_announce_seal(swarm, link, NKT_SIGNAL_ANSWER, sdp, size);
    if (sealed != NULL && nkt_tracker_encode_answer(&swarm->frame, link->place.info_hash, &link->endpoint->peer_id,
                                                    &link->remote_peer_id, &link->offer_id, sealed) == NKT_OK)
        text_send(swarm, link->endpoint);
    free(sealed);
}

void nkt_announce_stop(nkt_swarm_t *swarm, nkt_endpoint_t *endpoint)
{
    if (!endpoint->is_up)
        return;
    if (nkt_tracker_encode_announce(&swarm->frame, swarm->room.info_hash, &endpoint->peer_id, "stopped", NULL, 0) ==
        NKT_OK)
        text_send(swarm, endpoint);
    if (nkt_tracker_encode_announce(&swarm->frame, swarm->own_place.info_hash, &endpoint->peer_id, "stopped", NULL,
                                    0) == NKT_OK)
        text_send(swarm, endpoint);
}

/* ---- what trackers send ---- */

/* Opens the sealed "sdp" into swarm->plain and parses it. Deinit on success only. */
static int sdp_open(nkt_swarm_t *swarm, const char *text, const uint8_t seal_key[32], nkt_signalling_t *signal)
{
    size_t text_size = strlen(text), size = 0;
    nkt_buf_clear(&swarm->sealed);
    if (nkt_buf_reserve(&swarm->sealed, text_size) < 0)
        return NKT_E_MEMORY;
    if (sodium_base642bin(swarm->sealed.data, swarm->sealed.capacity, text, text_size, NULL, &size, NULL, BASE64) != 0)
        return NKT_E_TRACKER;
    int err = nkt_seal_open_with(&swarm->plain, seal_key, NULL, 0, swarm->sealed.data, size);
    if (err == NKT_OK)
        err = nkt_signal_decode(signal, swarm->plain.data, swarm->plain.size);
    if (err == NKT_OK && !signal->has_record) {
        nkt_signal_deinit(signal);
        err = NKT_E_TRACKER;
    }
    return err;
}

static int offer_arrived(nkt_swarm_t *swarm, nkt_endpoint_t *endpoint, const nkt_tracker_message_t *message)
{
    const nkt_room_t *place = NULL;
    if (strcmp(message->info_hash.text, swarm->room.info_hash) == 0)
        place = &swarm->room;
    else if (strcmp(message->info_hash.text, swarm->own_place.info_hash) == 0)
        place = &swarm->own_place;
    else
        return NKT_OK; /* of somebody else who looks for whom we look for */
    nkt_signalling_t signal;
    int err = sdp_open(swarm, message->sdp, place->seal_key, &signal);
    if (err < 0)
        return err;
    nkt_user_t *user = NULL;
    nkt_link_t *link = NULL;
    int is_for_us = signal.target == NULL || nkt_address_compare(signal.target, &swarm->identity.address) == 0;
    if (signal.type != NKT_SIGNAL_OFFER || !is_for_us)
        err = NKT_E_TRACKER;
    else
        err = nkt_user_accept(swarm, &signal.record, &swarm->identity.address,
                              NKT_ACCEPT_DOUBTED | (signal.target != NULL ? NKT_ACCEPT_LEAVE : 0u), 0, &user);
    if (err >= 0)
        err = nkt_mesh_offer(swarm, user, &signal, endpoint, &link);
    if (err >= 0 && link != NULL) {
        link->place = *place;
        link->offer_id = message->offer_id;
        link->remote_peer_id = message->peer_id;
    }
    nkt_signal_deinit(&signal);
    return err == NKT_E_DUPLICATE ? NKT_OK : err;
}

static int answer_arrived(nkt_swarm_t *swarm, const nkt_endpoint_t *endpoint, const nkt_tracker_message_t *message)
{
    nkt_link_t *link = NULL;
    for (size_t i = 0; i < swarm->link_count && link == NULL; i++) {
        nkt_link_t *candidate = swarm->links[i];
        if (candidate->kind == NKT_LINK_RTC && candidate->endpoint == endpoint &&
            candidate->state == NKT_LINK_OFFERED && strcmp(candidate->offer_id.text, message->offer_id.text) == 0)
            link = candidate;
    }
    if (link == NULL)
        return NKT_OK; /* a second answer, or one that came too late */
    nkt_signalling_t signal;
    int err = sdp_open(swarm, message->sdp, link->place.seal_key, &signal);
    if (err < 0)
        return err;
    nkt_user_t *user = NULL;
    nkt_address_t address;
    uint64_t sequence;
    if (signal.type != NKT_SIGNAL_ANSWER)
        err = NKT_E_TRACKER;
    else
        err = nkt_record_peek(signal.record.bytes, signal.record.bytes_size, &address, &sequence, NULL);
    if (err == NKT_OK) {
        int is_target = nkt_address_compare(&address, &link->target) == 0;
        err = nkt_address_is_zero(&link->target) || is_target
                  ? nkt_user_accept(swarm, &signal.record, &swarm->identity.address,
                                    NKT_ACCEPT_DOUBTED | (is_target ? NKT_ACCEPT_LEAVE : 0u), 0, &user)
                  : NKT_E_TRACKER;
    }
    if (err >= 0)
        err = nkt_mesh_answer(swarm, link, user, &signal);
    nkt_signal_deinit(&signal);
    return err == NKT_E_DUPLICATE ? NKT_OK : err;
}

int nkt_tracker_data(nkt_swarm_t *swarm, nkt_link_t *link, const uint8_t *bytes, size_t size)
{
    nkt_tracker_message_t message;
    nkt_endpoint_t *endpoint = link->endpoint;
    int err = nkt_tracker_decode(&message, bytes, size);
    if (err < 0)
        return err;
    switch (message.type) {
    case NKT_TRACKER_FAILURE:
        nkt_endpoint_failed(endpoint, message.reason, strlen(message.reason));
        swarm->status_changed = 1;
        break;
    case NKT_TRACKER_RESPONSE:
        if (strcmp(message.info_hash.text, swarm->room.info_hash) == 0)
            endpoint->peer_count = message.peer_count;
        endpoint->attempt = 0; /* it works, not only opens */
        break;
    case NKT_TRACKER_OFFER:
        err = offer_arrived(swarm, endpoint, &message);
        break;
    case NKT_TRACKER_ANSWER:
        err = answer_arrived(swarm, endpoint, &message);
        break;
    }
    nkt_tracker_message_deinit(&message);
    return err;
}
