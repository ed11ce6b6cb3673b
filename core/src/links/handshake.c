/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Offers, answers and rejections, of ours and of others, until both ends have both descriptions. In small swarms everybody is linked
 * with everybody; the lower address offers, the higher one only when that takes too long. In larger ones view.c says whom to
 * offer a link. The proof at both ends is inbound/welcome.c.
 */
#include <string.h>

#include "base/base58.h"
#include "links/links.h"
#include "state/state.h"
#include "state/swarm.h"

void nkt_mesh_local(nkt_swarm_t *swarm, nkt_link_t *link, const char *sdp, size_t size)
{
    uint8_t *fingerprint = link->rtc.is_offerer ? link->rtc.auth.offerer_fingerprint : link->rtc.auth.answerer_fingerprint;
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
    nkt_link_state_set(link, link->rtc.is_offerer ? NKT_LINK_OFFERED : NKT_LINK_JOINING);
    if (link->rtc.invitation != NULL) {
        nkt_invite_local(swarm, link, sdp, size);
    } else if (link->endpoint == NULL) {
        nkt_mesh_describe(swarm, link, sdp, size);
    } else if (link->rtc.is_offerer) {
        link->rtc.sealed_offer = nkt_announce_seal(swarm, link, NKT_SIGNAL_OFFER, sdp, size);
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

/* That very attempt with him, ours or his: others, through a tracker, may be under way. */
static nkt_link_t *attempt_find(nkt_swarm_t *swarm, const nkt_user_t *user, const uint8_t *attempt, int is_ours)
{
    for (size_t i = 0; i < swarm->link_count; i++) {
        nkt_link_t *link = swarm->links[i];
        if (link->kind == NKT_LINK_RTC && link->rtc.is_offerer == is_ours &&
            nkt_address_compare(&link->rtc.peer, &user->address) == 0 && memcmp(link->rtc.attempt, attempt, NKT_ATTEMPT_SIZE) == 0)
            return link;
    }
    return NULL;
}

int nkt_mesh_offer(nkt_swarm_t *swarm, nkt_user_t *user, const nkt_signalling_t *signal, nkt_endpoint_t *via,
                   nkt_link_t **out)
{
    nkt_link_t *pending = nkt_link_pending(swarm, &user->address);
    if (user->presence.flags & NKT_USER_MUTED)
        return NKT_OK;
    nkt_link_t *same = via == NULL ? attempt_find(swarm, user, signal->attempt, 0) : NULL;
    if (same != NULL) { /* told again, or its first copy comes late: one of both, or our answer, was lost */
        if (same->state == NKT_LINK_JOINING)
            nkt_mesh_tell_again(swarm, same);
        return NKT_OK;
    }
    uint8_t fingerprint[NKT_FINGERPRINT_SIZE];
    size_t sdp_size = strlen(signal->sdp);
    if (nkt_sdp_fingerprint(signal->sdp, sdp_size, fingerprint) < 0)
        return NKT_E_PAYLOAD;
    /* a tracker hands offers to anybody: one link is enough; an offer sent to us alone means that its link is gone. One of ours that
     * nobody has answered is none: where we know of each other through others alone it may lead nowhere */
    int is_answered = pending != NULL && (!pending->rtc.is_offerer || pending->state >= NKT_LINK_JOINING);
    if (via != NULL && (is_answered || (signal->target == NULL && user->mesh.link != NULL)))
        return NKT_OK;
    /* glare: the lower address keeps its offer */
    uint64_t glare_ms = (uint64_t)NKT_GLARE_MS << nkt_mesh_patience(swarm, user);
    if (pending != NULL && pending->rtc.is_offerer && swarm->now_ms - pending->pulse.heard_ms < glare_ms &&
        nkt_address_compare(&swarm->identity.address, &user->address) < 0)
        return NKT_OK;
    if (pending != NULL)
        nkt_link_close(swarm, pending, 1);
    nkt_link_origin_t origin = offer_origin(swarm, user, signal, via);
    if (user->mesh.link != NULL) /* takes its place */
        origin = user->mesh.link->rtc.origin;
    else if ((origin == NKT_ORIGIN_ASKED || (origin == NKT_ORIGIN_GIVEN && via == NULL)) && !nkt_view_admit(swarm, origin))
        return NKT_E_TABLE_FULL;
    /* to one whom no link leads to, we may be the only way in */
    int is_outside = nkt_user_reach(user) == NKT_REACH_NONE || nkt_paths_get(&swarm->paths, &user->address) == 0;
    if (via != NULL && user->mesh.link == NULL && is_outside && nkt_view_taken(swarm) >= nkt_view_cap(swarm))
        nkt_view_make_room(swarm, NKT_ROOM_FOR_OTHERS);
    nkt_link_t *link = nkt_mesh_new(swarm, 0, via);
    if (link == NULL)
        return NKT_E_TABLE_FULL;
    link->rtc.peer = link->rtc.auth.offerer = user->address;
    memcpy(link->rtc.peer_sign_key, user->record.sign_key, 32);
    memcpy(link->rtc.attempt, signal->attempt, NKT_ATTEMPT_SIZE);
    memcpy(link->rtc.auth.offerer_nonce, signal->nonce, NKT_NONCE_SIZE);
    memcpy(link->rtc.auth.offerer_fingerprint, fingerprint, NKT_FINGERPRINT_SIZE);
    link->rtc.origin = origin;
    nkt_mesh_give_time(swarm, link, user);
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
    if (link->state > NKT_LINK_OFFERED && nkt_address_compare(&link->rtc.peer, &user->address) == 0 &&
        memcmp(link->rtc.auth.answerer_nonce, signal->nonce, NKT_NONCE_SIZE) == 0)
        return NKT_OK; /* told again */
    if (link->state != NKT_LINK_OFFERED || memcmp(link->rtc.attempt, signal->attempt, NKT_ATTEMPT_SIZE) != 0)
        return NKT_E_PAYLOAD;
    if (!nkt_address_is_zero(&link->rtc.target) && nkt_address_compare(&link->rtc.target, &user->address) != 0)
        return NKT_E_PAYLOAD;
    if (link->endpoint != NULL && nkt_address_is_zero(&link->rtc.target)) {
        nkt_link_t *pending = nkt_link_pending(swarm, &user->address);
        int is_answered = pending != NULL && pending->rtc.is_offerer && pending->state >= NKT_LINK_JOINING;
        /* glare: both answer the lower address's offer; an own offer by another way may never be answered */
        int is_theirs = pending != NULL && !pending->rtc.is_offerer &&
                        nkt_address_compare(&swarm->identity.address, &user->address) > 0;
        if (user->mesh.link != NULL || is_answered || is_theirs) {
            nkt_link_close(swarm, link, 1);
            return NKT_OK;
        }
        if (pending != NULL && !pending->rtc.is_offerer)
            nkt_link_close(swarm, pending, 1);
    }
    if (nkt_sdp_fingerprint(signal->sdp, sdp_size, link->rtc.auth.answerer_fingerprint) < 0)
        return NKT_E_PAYLOAD;
    if (nkt_address_is_zero(&link->rtc.peer))
        link->rtc.begun_ms = swarm->now_ms;
    link->rtc.peer = link->rtc.auth.answerer = user->address;
    memcpy(link->rtc.peer_sign_key, user->record.sign_key, 32);
    memcpy(link->rtc.auth.answerer_nonce, signal->nonce, NKT_NONCE_SIZE);
    nkt_link_state_set(link, NKT_LINK_JOINING);
    nkt_mesh_has_come(link);
    nkt_mesh_give_time(swarm, link, user);
    nkt_emit(swarm, &(nkt_effect_t){
                        .kind = NKT_FX_RTC_ACCEPT, .link = link->id, .text = signal->sdp, .text_size = sdp_size});
    return NKT_OK;
}

int nkt_mesh_signal(nkt_swarm_t *swarm, nkt_user_t *user, const nkt_envelope_t *envelope)
{
    const nkt_buf_t *plain = nkt_lent(swarm, NKT_LENT_PLAIN);
    nkt_signalling_t signal;
    if (!nkt_bucket_take(&user->mesh.signal_bucket, swarm->now_ms, NKT_SIGNAL_PER_ORIGIN_BURST, NKT_SIGNAL_PER_ORIGIN_PER_S))
        return NKT_E_RATE;
    uint8_t ends[NKT_ENDS_SIZE];
    const nkt_seal_for_t recipient = {.public_key = swarm->identity.identity_public,
                                      .context = ends,
                                      .context_size = sizeof ends};
    nkt_ends_derive(ends, envelope->network, &envelope->from, &envelope->to);
    int err = nkt_seal_open_from(nkt_lend(swarm, NKT_LENT_PLAIN), swarm->identity.identity_private, &recipient,
                                 envelope->payload, envelope->payload_size);
    if (err == NKT_OK)
        err = nkt_signal_decode(&signal, plain->data, plain->size);
    if (err < 0)
        return err;
    nkt_link_t *link = NULL;
    if (nkt_restart_is_meant(user->mesh.link, &signal)) {
        err = nkt_restart_signal(swarm, user->mesh.link, &signal);
        nkt_signal_deinit(&signal);
        return err;
    }
    switch (signal.type) {
    case NKT_SIGNAL_OFFER:
        err = signal.is_restart ? NKT_E_TABLE_FULL : nkt_mesh_offer(swarm, user, &signal, NULL, NULL);
        if (err == NKT_E_TABLE_FULL) { /* no room, or the link is gone here */
            if (!signal.is_restart && nkt_mesh_is_busy(swarm))
                nkt_mesh_want_soon(swarm, user); /* we have room for him, and a moment later time as well: then we offer it */
            nkt_mesh_signal_send(swarm, user,
                        &(nkt_signalling_t){.type = NKT_SIGNAL_REJECT, .attempt = signal.attempt});
            err = NKT_OK;
        }
        break;
    case NKT_SIGNAL_ANSWER:
        link = attempt_find(swarm, user, signal.attempt, 1);
        err = link == NULL ? NKT_OK : nkt_mesh_answer(swarm, link, user, &signal);
        break;
    case NKT_SIGNAL_REJECT:
        link = attempt_find(swarm, user, signal.attempt, 1);
        if (link != NULL && link->state < NKT_LINK_LIVE)
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
    nkt_link_state_set(link, NKT_LINK_PROVING);
    nkt_mesh_has_come(link);
    if (link->rtc.invitation != NULL)
        nkt_invite_opened(swarm, link);
    nkt_linkauth_sign(frame, &link->rtc.auth, link->rtc.is_offerer, swarm->room.is_open ? swarm->room.key : NULL,
                      swarm->identity.sign_secret);
    nkt_emit_send(swarm, link, frame, sizeof frame, 0, 0);
}
