/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * WebRTC links: who offers to whom, what becomes of offers and answers, and the proof at both ends. In small swarms
 * everybody is linked with everybody; the lower address offers, the higher one only when that takes too long. In larger
 * ones view.c says whom to offer a link.
 */
#include <stdlib.h>
#include <string.h>

#include "base/base58.h"
#include "swarm/invite.h"
#include "swarm/swarm.h"

enum {
    HIGHER_WAIT_MS = 4000, /* the lower address has had its chance by then */
    RACE_MS = 10000,       /* two links of one pair that came up within this time raced each other */
};

nkt_link_t *nkt_mesh_new(nkt_swarm_t *swarm, int is_offerer, nkt_endpoint_t *via)
{
    size_t live_count = nkt_rtc_count(swarm, 1); /* and each that is under way may become one */
    size_t taken_count = is_offerer && via != NULL ? live_count : nkt_view_taken(swarm);
    size_t pending_max = is_offerer && via != NULL ? NKT_RTC_PENDING_COUNT_MAX / 2 : NKT_RTC_PENDING_COUNT_MAX;
    if (taken_count >= nkt_view_cap(swarm) ||
        nkt_rtc_count(swarm, 0) - live_count >= pending_max)
        return NULL;
    nkt_link_t *link = nkt_link_open(swarm, NKT_LINK_RTC, via);
    if (link == NULL)
        return NULL;
    link->is_offerer = is_offerer;
    link->origin = is_offerer ? NKT_ORIGIN_OURS : NKT_ORIGIN_GIVEN;
    link->state = is_offerer ? NKT_LINK_OFFERING : NKT_LINK_ANSWERING;
    uint8_t *nonce = is_offerer ? link->auth.offerer_nonce : link->auth.answerer_nonce;
    if (swarm->host.entropy(swarm->host.context, nonce, NKT_NONCE_SIZE) < 0 ||
        swarm->host.entropy(swarm->host.context, link->attempt, NKT_ATTEMPT_SIZE) < 0) {
        nkt_link_close(swarm, link, 0);
        return NULL;
    }
    *(is_offerer ? &link->auth.offerer : &link->auth.answerer) = swarm->identity.address;
    nkt_timer_set(&swarm->timers, &link->timer, swarm->now_ms + NKT_RTC_SETUP_MS);
    return link;
}

/* An attempt with that peer that has not come up yet. */
static nkt_link_t *pending_find(nkt_swarm_t *swarm, const nkt_address_t *peer)
{
    for (size_t i = 0; i < swarm->link_count; i++) {
        nkt_link_t *link = swarm->links[i];
        if (link->kind == NKT_LINK_RTC && link->state != NKT_LINK_LIVE && nkt_address_compare(&link->peer, peer) == 0 &&
            link->invitation == NULL) /* which may wait for minutes, and must not stand in another's way */
            return link;
    }
    return NULL;
}

int nkt_mesh_is_pending(nkt_swarm_t *swarm, const nkt_address_t *peer)
{
    return pending_find(swarm, peer) != NULL;
}

/* ---- wanting a link ---- */

int nkt_mesh_offer_to(nkt_swarm_t *swarm, nkt_user_t *user, nkt_link_origin_t origin)
{
    nkt_link_t *link = nkt_post_can_reach(swarm, user) ? nkt_mesh_new(swarm, 1, NULL) : NULL;
    if (link == NULL)
        return 0;
    link->origin = origin;
    link->peer = user->address;
    memcpy(link->peer_sign_key, user->record.sign_key, 32);
    link->auth.answerer = user->address;
    nkt_emit(swarm, &(nkt_effect_t){.kind = NKT_FX_RTC_OFFER, .link = link->id, .value = NKT_RTC_GATHER_MS});
    return 1;
}

static uint64_t retry_wait(nkt_swarm_t *swarm, const nkt_user_t *user)
{
    return nkt_prng_backoff(&swarm->prng, user->rtc_attempt - 1, NKT_RTC_RETRY_MS_BASE, NKT_RTC_RETRY_MS_MAX);
}

void nkt_mesh_want(nkt_swarm_t *swarm, nkt_user_t *user, int at_once)
{
    if (user->link != NULL)
        return;
    if (!at_once && nkt_connect_find(swarm, &user->address) == NULL && !nkt_view_is_mesh(swarm)) {
        if (user->rtc_attempt > 0) /* a memo: it is no candidate until then */
            nkt_timer_set(&swarm->timers, &user->mesh_timer, swarm->now_ms + retry_wait(swarm, user));
        nkt_view_want(swarm, user->rtc_attempt > 0);
        return;
    }
    uint64_t wait_ms = NKT_MESH_DELAY_MS;
    if (user->rtc_attempt > 0)
        wait_ms += retry_wait(swarm, user);
    if (nkt_address_compare(&swarm->identity.address, &user->address) > 0)
        wait_ms += HIGHER_WAIT_MS;
    nkt_timer_set_by(&swarm->timers, &user->mesh_timer, swarm->now_ms + (at_once ? 0 : wait_ms));
}

void nkt_mesh_timer(nkt_swarm_t *swarm, nkt_user_t *user)
{
    if (user->link != NULL || pending_find(swarm, &user->address) != NULL)
        return;
    int is_sought = nkt_connect_find(swarm, &user->address) != NULL;
    if (!is_sought && (user->flags != 0 || nkt_rtc_count(swarm, 1) >= swarm->settings.link_count_max))
        return;
    if (!is_sought && (!nkt_view_is_mesh(swarm) || nkt_user_is_stranger(swarm, user)))
        return; /* the swarm has grown meanwhile; or wanted again when it shows itself */
    if (!is_sought && user->is_lost && nkt_endpoints_up(swarm, NKT_LINK_RELAY) > 0)
        return; /* it left the relay as well: wanted again when it is heard of */
    if (is_sought && nkt_rtc_count(swarm, 1) >= nkt_view_cap(swarm))
        nkt_view_make_room(swarm, NKT_ROOM_FOR_OURS);
    if (!nkt_mesh_offer_to(swarm, user, NKT_ORIGIN_OURS)) {
        user->rtc_attempt++;
        nkt_mesh_want(swarm, user, 0);
    }
}

/* ---- signalling ---- */

/* Sends what is to be told the peer of a link, sealed to its identity key. */
static void signal_send(nkt_swarm_t *swarm, nkt_user_t *user, const nkt_signalling_t *signal)
{
    uint8_t ends[NKT_ENDS_SIZE];
    const nkt_seal_for_t recipient = {
        .public_key = user->record.identity_key, .context = ends, .context_size = sizeof ends};
    nkt_ends_derive(ends, swarm->room.network, &swarm->identity.address, &user->address);
    nkt_buf_clear(&swarm->payload);
    if (nkt_signal_encode(&swarm->scratch, signal) == NKT_OK &&
        nkt_seal_to(&swarm->payload, &recipient, swarm->scratch.data, swarm->scratch.size,
                    &swarm->host) == NKT_OK)
        nkt_post(swarm, NKT_KIND_SIGNAL, user);
}

void nkt_mesh_describe(nkt_swarm_t *swarm, const nkt_link_t *link, const char *sdp, size_t size)
{
    nkt_user_t *user = nkt_user_find(swarm, &link->peer);
    char *text = nkt_text_copy(sdp, size);
    if (user != NULL && text != NULL)
        signal_send(swarm, user,
                    &(nkt_signalling_t){
                        .type = link->is_offerer ? NKT_SIGNAL_OFFER : NKT_SIGNAL_ANSWER,
                        .attempt = link->attempt,
                        .nonce = link->is_offerer ? link->auth.offerer_nonce : link->auth.answerer_nonce,
                        .sdp = text,
                        .target = nkt_connect_find(swarm, &user->address) != NULL ? &user->address : NULL,
                        .is_restart = link->state == NKT_LINK_LIVE,
                    });
    free(text);
}

void nkt_mesh_local(nkt_swarm_t *swarm, nkt_link_t *link, const char *sdp, size_t size)
{
    uint8_t *fingerprint = link->is_offerer ? link->auth.offerer_fingerprint : link->auth.answerer_fingerprint;
    if (link->kind == NKT_LINK_RTC && link->state == NKT_LINK_LIVE) {
        nkt_restart_local(swarm, link, sdp, size);
        return;
    }
    if (link->kind != NKT_LINK_RTC || (link->state != NKT_LINK_OFFERING && link->state != NKT_LINK_ANSWERING))
        return;
    if (size > NKT_SDP_SIZE_MAX || nkt_sdp_fingerprint(sdp, size, fingerprint) < 0) {
        nkt_link_close(swarm, link, 1);
        return;
    }
    link->state = link->is_offerer ? NKT_LINK_OFFERED : NKT_LINK_JOINING;
    if (link->invitation != NULL) {
        nkt_invite_local(swarm, link, sdp, size);
    } else if (link->endpoint == NULL) {
        nkt_mesh_describe(swarm, link, sdp, size);
    } else if (link->is_offerer) {
        link->sealed_offer = nkt_announce_seal(swarm, link, NKT_SIGNAL_OFFER, sdp, size);
        nkt_announce_offer(swarm, link);
    } else {
        nkt_announce_answer(swarm, link, sdp, size);
    }
}

/* Who wanted the link that is offered. Where everybody is linked with everybody, or there is room, nobody has to be kept out. */
static nkt_link_origin_t offer_origin(nkt_swarm_t *swarm, const nkt_user_t *user, const nkt_signalling_t *signal,
                                      const nkt_endpoint_t *via)
{
    int is_found = via == NULL && nkt_view_offered(swarm) && signal->target == NULL;
    if (is_found || nkt_connect_find(swarm, &user->address) != NULL)
        return NKT_ORIGIN_OURS;
    int is_for_all = signal->target == NULL || (nkt_view_is_mesh(swarm) && nkt_view_taken(swarm) < nkt_view_cap(swarm));
    return is_for_all ? NKT_ORIGIN_GIVEN : NKT_ORIGIN_ASKED;
}

int nkt_mesh_offer(nkt_swarm_t *swarm, nkt_user_t *user, const nkt_signalling_t *signal, nkt_endpoint_t *via,
                   nkt_link_t **out)
{
    nkt_link_t *pending = pending_find(swarm, &user->address);
    if (user->flags & NKT_USER_MUTED)
        return NKT_OK;
    uint8_t fingerprint[NKT_FINGERPRINT_SIZE];
    size_t sdp_size = strlen(signal->sdp);
    if (nkt_sdp_fingerprint(signal->sdp, sdp_size, fingerprint) < 0)
        return NKT_E_PAYLOAD;
    /* a tracker hands offers to anybody: one link is enough; an offer sent to us alone means that its link is gone */
    if (via != NULL && (pending != NULL || (signal->target == NULL && user->link != NULL)))
        return NKT_OK;
    /* glare: the lower address keeps its offer */
    if (pending != NULL && pending->is_offerer && swarm->now_ms - pending->heard_ms < HIGHER_WAIT_MS &&
        nkt_address_compare(&swarm->identity.address, &user->address) < 0)
        return NKT_OK;
    if (pending != NULL)
        nkt_link_close(swarm, pending, 1);
    nkt_link_origin_t origin = offer_origin(swarm, user, signal, via);
    if (user->link != NULL) /* takes its place */
        origin = user->link->origin;
    else if ((origin == NKT_ORIGIN_ASKED || (origin == NKT_ORIGIN_GIVEN && via == NULL)) && !nkt_view_admit(swarm, origin))
        return NKT_E_TABLE_FULL;
    /* to one whom no link leads to, we may be the only way in */
    int is_outside = user->flags & NKT_USER_UNREACHABLE || nkt_paths_get(&swarm->paths, &user->address) == 0;
    if (via != NULL && user->link == NULL && is_outside && nkt_view_taken(swarm) >= nkt_view_cap(swarm))
        nkt_view_make_room(swarm, NKT_ROOM_FOR_OTHERS);
    nkt_link_t *link = nkt_mesh_new(swarm, 0, via);
    if (link == NULL)
        return NKT_E_TABLE_FULL;
    link->peer = link->auth.offerer = user->address;
    memcpy(link->peer_sign_key, user->record.sign_key, 32);
    memcpy(link->attempt, signal->attempt, NKT_ATTEMPT_SIZE);
    memcpy(link->auth.offerer_nonce, signal->nonce, NKT_NONCE_SIZE);
    memcpy(link->auth.offerer_fingerprint, fingerprint, NKT_FINGERPRINT_SIZE);
    link->origin = origin;
    nkt_emit(swarm, &(nkt_effect_t){.kind = NKT_FX_RTC_ANSWER,
                                    .link = link->id,
                                    .value = via == NULL ? NKT_RTC_GATHER_MS : NKT_RTC_GATHER_TRACKER_MS,
                                    .text = signal->sdp,
                                    .text_size = sdp_size});
    if (out != NULL)
        *out = link;
    return NKT_OK;
}

int nkt_mesh_answer(nkt_swarm_t *swarm, nkt_link_t *link, nkt_user_t *user, const nkt_signalling_t *signal)
{
    size_t sdp_size = strlen(signal->sdp);
    if (link->state != NKT_LINK_OFFERED || memcmp(link->attempt, signal->attempt, NKT_ATTEMPT_SIZE) != 0)
        return NKT_E_PAYLOAD;
    if (!nkt_address_is_zero(&link->target) && nkt_address_compare(&link->target, &user->address) != 0)
        return NKT_E_PAYLOAD;
    if (link->endpoint != NULL && nkt_address_is_zero(&link->target)) {
        nkt_link_t *pending = pending_find(swarm, &user->address);
        int is_answered = pending != NULL && pending->is_offerer && pending->state >= NKT_LINK_JOINING;
        /* glare: both answer the lower address's offer; an own offer by another way may never be answered */
        int is_theirs = pending != NULL && !pending->is_offerer &&
                        nkt_address_compare(&swarm->identity.address, &user->address) > 0;
        if (user->link != NULL || is_answered || is_theirs) {
            nkt_link_close(swarm, link, 1);
            return NKT_OK;
        }
        if (pending != NULL && !pending->is_offerer)
            nkt_link_close(swarm, pending, 1);
    }
    if (nkt_sdp_fingerprint(signal->sdp, sdp_size, link->auth.answerer_fingerprint) < 0)
        return NKT_E_PAYLOAD;
    link->peer = link->auth.answerer = user->address;
    memcpy(link->peer_sign_key, user->record.sign_key, 32);
    memcpy(link->auth.answerer_nonce, signal->nonce, NKT_NONCE_SIZE);
    link->state = NKT_LINK_JOINING;
    nkt_timer_set(&swarm->timers, &link->timer, swarm->now_ms + NKT_RTC_SETUP_MS);
    nkt_emit(swarm, &(nkt_effect_t){
                        .kind = NKT_FX_RTC_ACCEPT, .link = link->id, .text = signal->sdp, .text_size = sdp_size});
    return NKT_OK;
}

/* That very attempt of ours: others with the same peer, through a tracker, may be under way. */
static nkt_link_t *attempt_find(nkt_swarm_t *swarm, const nkt_user_t *user, const uint8_t *attempt)
{
    for (size_t i = 0; i < swarm->link_count; i++) {
        nkt_link_t *link = swarm->links[i];
        if (link->kind == NKT_LINK_RTC && link->is_offerer && link->state != NKT_LINK_LIVE &&
            nkt_address_compare(&link->peer, &user->address) == 0 && memcmp(link->attempt, attempt, NKT_ATTEMPT_SIZE) == 0)
            return link;
    }
    return NULL;
}

int nkt_mesh_signal(nkt_swarm_t *swarm, nkt_user_t *user, const nkt_envelope_t *envelope)
{
    nkt_signalling_t signal;
    if (!nkt_bucket_take(&user->signal_bucket, swarm->now_ms, NKT_SIGNAL_PER_ORIGIN_BURST, NKT_SIGNAL_PER_ORIGIN_PER_S))
        return NKT_E_RATE;
    uint8_t ends[NKT_ENDS_SIZE];
    const nkt_seal_for_t recipient = {.public_key = swarm->identity.identity_public,
                                      .context = ends,
                                      .context_size = sizeof ends};
    nkt_ends_derive(ends, envelope->network, &envelope->from, &envelope->to);
    int err = nkt_seal_open_from(&swarm->plain, swarm->identity.identity_private, &recipient,
                                 envelope->payload, envelope->payload_size);
    if (err == NKT_OK)
        err = nkt_signal_decode(&signal, swarm->plain.data, swarm->plain.size);
    if (err < 0)
        return err;
    nkt_link_t *link = NULL;
    if (nkt_restart_is_meant(user->link, &signal)) {
        err = nkt_restart_signal(swarm, user->link, &signal);
        nkt_signal_deinit(&signal);
        return err;
    }
    switch (signal.type) {
    case NKT_SIGNAL_OFFER:
        err = signal.is_restart ? NKT_E_TABLE_FULL : nkt_mesh_offer(swarm, user, &signal, NULL, NULL);
        if (err == NKT_E_TABLE_FULL) { /* no room, or the link is gone here */
            signal_send(swarm, user,
                        &(nkt_signalling_t){.type = NKT_SIGNAL_REJECT, .attempt = signal.attempt});
            err = NKT_OK;
        }
        break;
    case NKT_SIGNAL_ANSWER:
        link = attempt_find(swarm, user, signal.attempt);
        err = link == NULL ? NKT_OK : nkt_mesh_answer(swarm, link, user, &signal);
        break;
    case NKT_SIGNAL_REJECT:
        link = attempt_find(swarm, user, signal.attempt);
        if (link != NULL)
            nkt_link_close(swarm, link, 1);
        break;
    }
    nkt_signal_deinit(&signal);
    return err;
}

/* ---- the proof, and after ---- */

void nkt_mesh_opened(nkt_swarm_t *swarm, nkt_link_t *link)
{
    uint8_t frame[NKT_LINKAUTH_FRAME_SIZE];
    if (link->state != NKT_LINK_JOINING)
        return;
    link->state = NKT_LINK_PROVING;
    if (link->invitation != NULL)
        nkt_invite_opened(swarm, link);
    nkt_linkauth_sign(frame, &link->auth, link->is_offerer, swarm->room.is_open ? swarm->room.key : NULL,
                      swarm->identity.sign_secret);
    nkt_emit_send(swarm, link, frame, sizeof frame, 0, 0);
}

/* A peer without a room of its own joins the swarm of the one it asked for. */
void nkt_mesh_adopt(nkt_swarm_t *swarm, const uint8_t *room_key, int is_open)
{
    if (room_key == NULL || swarm->settings.room != NULL || memcmp(room_key, swarm->room.key, 32) == 0)
        return;
    nkt_room_from_key(&swarm->room, room_key);
    swarm->room.is_open = is_open;
    memcpy(swarm->adopted.key, room_key, sizeof swarm->adopted.key);
    swarm->adopted.is_open = (uint8_t)is_open;
    swarm->adopted.is_there = swarm->adopted.is_dirty = 1;
    nkt_room_membership(&swarm->room, swarm->record.signature, swarm->membership);
    for (size_t i = 0; i < swarm->endpoint_count; i++) {
        nkt_endpoint_t *endpoint = &swarm->endpoints[i];
        if (!endpoint->is_up)
            continue;
        if (endpoint->kind == NKT_LINK_RELAY)
            nkt_relay_hello(swarm, endpoint->link);
        else
            nkt_timer_set(&swarm->timers, &endpoint->announce_timer, swarm->now_ms);
    }
}

static void link_live(nkt_swarm_t *swarm, nkt_link_t *link, nkt_user_t *user)
{
    link->state = NKT_LINK_LIVE;
    link->live_ms = swarm->now_ms;
    nkt_timer_set(&swarm->timers, &link->timer, swarm->now_ms + nkt_prng_jitter(&swarm->prng, NKT_PING_MS));
    user->link = link;
    nkt_user_prove(swarm, user, NKT_PROOF_LINKED | (link->invitation != NULL ? NKT_PROOF_SOUGHT : 0));
    user->rtc_attempt = 0;
    nkt_timer_clear(&swarm->timers, &user->mesh_timer);
    nkt_emit(swarm, &(nkt_effect_t){.kind = NKT_FX_LINK, .address = user->address, .link = link->id, .value = 1});
    user->heard_at_ms = nkt_clock_passing(swarm);
    user->heard_ms = swarm->now_ms;
    nkt_user_believe(user);
    user->flags &= (uint8_t)~NKT_USER_UNREACHABLE;
    nkt_away_return(swarm, user);
    nkt_user_tell(swarm, user, NKT_USER_NEW);
    nkt_invite_live(swarm, user); /* first: the greeting tells what a member may know */
    nkt_greet(swarm, user, NKT_GREETING_ANSWER);
    nkt_user_reachability(swarm, user);
    nkt_timer_set_by(&swarm->timers, &user->digest_timer, swarm->now_ms);
    nkt_tree_link_up(swarm, link);
    nkt_view_gained(swarm);
    nkt_connect_live(swarm, &user->address);
}

int nkt_mesh_proof(nkt_swarm_t *swarm, nkt_link_t *link, const uint8_t *bytes, size_t size)
{
    const uint8_t *room_key = NULL;
    if (link->state == NKT_LINK_PROVING && link->invitation != NULL && bytes[0] == NKT_FRAME_RECORD)
        return nkt_invite_record(swarm, link, bytes, size);
    nkt_user_t *user = nkt_user_find(swarm, &link->peer);
    if (link->state != NKT_LINK_PROVING || user == NULL ||
        nkt_linkauth_verify(bytes, size, &link->auth, !link->is_offerer, link->peer_sign_key, &room_key) < 0) {
        nkt_link_close(swarm, link, 1);
        return NKT_E_LINK_AUTH;
    }
    nkt_link_t *other = user->link;
    if (other != NULL) {
        /* both ends keep the same one: of two that raced the one with the lower name, otherwise the newer */
        int has_slept = swarm->woke_ms >= other->live_ms; /* by a clock that may have stood still: the other side gave it up */
        int is_in_doubt = other->ping_ms != 0 || other->is_shaky || has_slept;
        int is_race = swarm->now_ms - other->live_ms < RACE_MS && !is_in_doubt;
        if (is_race && memcmp(other->attempt, link->attempt, NKT_ATTEMPT_SIZE) < 0) {
            nkt_link_close(swarm, link, 1);
            return NKT_OK;
        }
        user->link = NULL;
        nkt_link_close(swarm, other, 1);
    }
    int is_full = nkt_rtc_count(swarm, 1) >= nkt_view_cap(swarm);
    int is_sought = nkt_connect_find(swarm, &user->address) != NULL;
    int is_dear = is_sought || link->invitation != NULL;
    if (other == NULL && is_full && (!is_dear || !nkt_view_make_room(swarm, NKT_ROOM_FOR_OURS))) {
        nkt_link_close(swarm, link, 1); /* offers at trackers were taken all at once */
        return NKT_OK;
    }
    if (is_sought || nkt_invite_is_accepted(link))
        nkt_mesh_adopt(swarm, room_key, 1);
    link_live(swarm, link, user);
    return NKT_OK;
}

void nkt_mesh_lost(nkt_swarm_t *swarm, nkt_link_t *link)
{
    if (nkt_address_is_zero(&link->peer) || swarm->is_stopped)
        return;
    nkt_user_t *user = nkt_user_find(swarm, &link->peer);
    if (user == NULL)
        return;
    if (user->link == link) {
        user->link = NULL;
        nkt_emit(swarm, &(nkt_effect_t){.kind = NKT_FX_LINK, .address = user->address, .link = link->id, .value = 0});
        nkt_user_reachability(swarm, user);
        nkt_user_tell(swarm, user, 0);
        nkt_view_want(swarm, 0);
        nkt_announce_lost(swarm);
    } else if (user->link == NULL && link->state != NKT_LINK_LIVE) {
        user->rtc_attempt++;
        nkt_mesh_want(swarm, user, 0);
    }
}
