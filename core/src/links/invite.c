/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Joining with no server: an invite and its answer, passed by hand. A link waits for minutes then, and its two ends know of
 * each other nothing but keys; so each sends its record first, then both prove themselves as on every link. The key of a
 * secret room is in no text: the inviter tells it over the proven link to whoever's answer it was given.
 */
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/base58.h"
#include "gossip/gossip.h"
#include "links/links.h"
#include "overlay/invite.h"
#include "people/people.h"
#include "state/state.h"
#include "state/swarm.h"

int nkt_invite_cancel(nkt_swarm_t *swarm, uint32_t ticket)
{
    for (size_t i = 0; i < swarm->link_count; i++) {
        nkt_link_t *link = swarm->links[i];
        if (link->rtc.invitation == NULL || link->rtc.invitation->ticket != ticket)
            continue;
        nkt_invite_end(swarm, link, NKT_E_CANCELLED);
        if (link->state != NKT_LINK_LIVE)
            nkt_link_close(swarm, link, 1);
        return NKT_OK;
    }
    return NKT_E_ARGUMENT;
}

int nkt_invite_is_accepted(const nkt_link_t *link)
{
    return link->rtc.invitation != NULL && !link->rtc.invitation->is_inviter;
}

size_t nkt_invite_count(const nkt_swarm_t *swarm)
{
    size_t count = 0;
    for (size_t i = 0; i < swarm->link_count; i++)
        count += swarm->links[i]->rtc.invitation != NULL;
    return count;
}

/* ---- the three steps ---- */

/* A link that waits until then. NKT_E_INVITE_FULL, NKT_E_MEMORY. */
static int link_make(nkt_swarm_t *swarm, int is_inviter, uint32_t ticket, uint64_t wait_ms, nkt_link_t **out)
{
    if (nkt_invite_count(swarm) >= NKT_INVITE_COUNT_MAX)
        return NKT_E_INVITE_FULL;
    if (nkt_view_taken(swarm) >= nkt_view_cap(swarm))
        nkt_view_make_room(swarm, NKT_ROOM_FOR_OURS);
    nkt_link_t *link = nkt_mesh_new(swarm, is_inviter, NULL);
    if (link == NULL)
        return swarm->fatal < 0 ? swarm->fatal : NKT_E_INVITE_FULL;
    link->rtc.invitation = calloc(1, sizeof *link->rtc.invitation);
    if (link->rtc.invitation == NULL) {
        nkt_link_close(swarm, link, 0);
        return NKT_E_MEMORY;
    }
    link->rtc.invitation->is_inviter = (uint8_t)is_inviter;
    link->rtc.invitation->ticket = ticket;
    link->rtc.invitation->until_ms = swarm->now_ms + NKT_INVITE_MS;
    nkt_link_alarm(swarm, link, swarm->now_ms + wait_ms);
    *out = link;
    return NKT_OK;
}

int nkt_invite_begin(nkt_swarm_t *swarm, uint32_t ticket)
{
    nkt_link_t *link;
    int err = link_make(swarm, 1, ticket, NKT_INVITE_MS, &link);
    if (err < 0)
        return err;
    memcpy(link->rtc.attempt, link->rtc.auth.offerer_nonce, NKT_ATTEMPT_SIZE);
    link->rtc.invitation->expires_s = (uint32_t)((swarm->wall_ms + NKT_INVITE_MS) / 1000);
    nkt_emit(swarm, &(nkt_effect_t){.kind = NKT_FX_RTC_OFFER,
                                    .link = link->id,
                                    .flags = NKT_RTC_PATIENT,
                                    .value = NKT_INVITE_GATHER_MS});
    return NKT_OK;
}

static uint32_t room_hint(const nkt_swarm_t *swarm)
{
    return nkt_get_u32be(swarm->room.network);
}

/* May we follow that invite? */
static int invite_check(const nkt_swarm_t *swarm, const nkt_invite_t *invite, const nkt_address_t *address)
{
    if (nkt_address_compare(address, &swarm->identity.address) == 0)
        return NKT_E_SELF;
    /* whether it has expired only he knows who made it: our clocks may differ by days */
    if (swarm->settings.room != NULL &&
        (invite->has_room != swarm->room.is_open || (invite->has_room && invite->room != room_hint(swarm))))
        return NKT_E_INVITE_ROOM;
    for (size_t i = 0; i < swarm->link_count; i++) {
        const nkt_link_t *link = swarm->links[i];
        if (link->kind != NKT_LINK_RTC || nkt_address_compare(&link->rtc.peer, address) != 0)
            continue;
        if (link->state >= NKT_LINK_LIVE)
            return NKT_E_INVITE_LINKED;
        if (memcmp(link->rtc.attempt, invite->attempt, NKT_ATTEMPT_SIZE) == 0)
            return NKT_E_INVITE_USED;
    }
    return NKT_OK;
}

/* When it expires, by the wall clock here: as it says if that can be, and at the latest when a new one made now would. */
static uint32_t expires_by_ours(const nkt_swarm_t *swarm, const nkt_invite_t *invite)
{
    uint64_t now_s = swarm->wall_ms / 1000, last_s = (swarm->wall_ms + NKT_INVITE_MS) / 1000;
    return invite->expires_s > now_s && invite->expires_s < last_s ? invite->expires_s : (uint32_t)last_s;
}

static int invite_accept(nkt_swarm_t *swarm, const nkt_invite_t *invite, const nkt_buf_t *sdp, uint32_t ticket)
{
    nkt_address_t address;
    nkt_link_t *link = NULL;
    uint8_t fingerprint[NKT_FINGERPRINT_SIZE];
    nkt_address_derive(&address, invite->sign_key, invite->identity_key);
    int err = invite_check(swarm, invite, &address);
    if (err == NKT_OK)
        err = nkt_sdp_fingerprint((const char *)sdp->data, sdp->size, fingerprint);
    if (err == NKT_OK)
        err = link_make(swarm, 0, ticket, NKT_INVITE_MS + NKT_INVITE_SETUP_MS, &link);
    if (err < 0)
        return err;
    link->rtc.peer = link->rtc.auth.offerer = address;
    memcpy(link->rtc.peer_sign_key, invite->sign_key, 32);
    memcpy(link->rtc.attempt, invite->attempt, NKT_ATTEMPT_SIZE);
    memcpy(link->rtc.auth.offerer_nonce, invite->nonce, NKT_NONCE_SIZE);
    memcpy(link->rtc.auth.offerer_fingerprint, fingerprint, NKT_FINGERPRINT_SIZE);
    link->rtc.invitation->is_secret = !invite->has_room;
    link->rtc.invitation->expires_s = expires_by_ours(swarm, invite);
    memcpy(link->rtc.invitation->identity_key, invite->identity_key, NKT_CURVE_KEY_SIZE);
    memcpy(link->rtc.invitation->nick, invite->nick, sizeof link->rtc.invitation->nick);
    nkt_emit(swarm, &(nkt_effect_t){.kind = NKT_FX_RTC_ANSWER,
                                    .link = link->id,
                                    .flags = NKT_RTC_PATIENT,
                                    .value = NKT_INVITE_GATHER_MS,
                                    .text = (const char *)sdp->data,
                                    .text_size = sdp->size});
    return NKT_OK;
}

int nkt_invite_accept(nkt_swarm_t *swarm, const char *text, size_t size, uint32_t ticket)
{
    nkt_invite_t invite;
    nkt_buf_t sdp = {0};
    int err = nkt_invite_decode(&invite, &sdp, text, size, NULL);
    if (err == NKT_OK)
        err = invite_accept(swarm, &invite, &sdp, ticket);
    nkt_buf_free(&sdp);
    return err;
}

static int invite_complete(nkt_swarm_t *swarm, const nkt_invite_t *answer, const nkt_buf_t *sdp, uint32_t ticket)
{
    nkt_address_t address;
    nkt_link_t *link = NULL;
    nkt_address_derive(&address, answer->sign_key, answer->identity_key);
    if (nkt_address_compare(&address, &swarm->identity.address) == 0)
        return NKT_E_SELF;
    for (size_t i = 0; i < swarm->link_count && link == NULL; i++) {
        nkt_link_t *one = swarm->links[i];
        if (one->kind == NKT_LINK_RTC && one->rtc.is_offerer && memcmp(one->rtc.attempt, answer->attempt, NKT_ATTEMPT_SIZE) == 0)
            link = one;
    }
    if (link == NULL)
        return NKT_E_INVITE_FOREIGN;
    if (link->rtc.invitation == NULL || link->state != NKT_LINK_OFFERED)
        return NKT_E_INVITE_USED;
    nkt_user_t *user = nkt_user_find(swarm, &address);
    if (user != NULL && user->presence.flags & NKT_USER_MUTED)
        return NKT_E_MUTED;
    int err = nkt_sdp_fingerprint((const char *)sdp->data, sdp->size, link->rtc.auth.answerer_fingerprint);
    if (err < 0)
        return NKT_E_INVITE_TEXT;
    link->rtc.peer = link->rtc.auth.answerer = address;
    memcpy(link->rtc.peer_sign_key, answer->sign_key, 32);
    memcpy(link->rtc.auth.answerer_nonce, answer->nonce, NKT_NONCE_SIZE);
    link->rtc.invitation->complete_ticket = ticket;
    nkt_link_state_set(link, NKT_LINK_JOINING);
    nkt_link_alarm(swarm, link, swarm->now_ms + NKT_INVITE_SETUP_MS);
    if (user != NULL && user->mesh.link != NULL)
        nkt_invite_live(swarm, user); /* they met another way meanwhile */
    else
        nkt_emit(swarm, &(nkt_effect_t){.kind = NKT_FX_RTC_ACCEPT,
                                        .link = link->id,
                                        .text = (const char *)sdp->data,
                                        .text_size = sdp->size});
    return NKT_OK;
}

int nkt_invite_complete(nkt_swarm_t *swarm, const char *text, size_t size, uint32_t ticket)
{
    nkt_invite_t answer;
    const nkt_invite_seal_t seal = {.inviter = &swarm->identity.address,
                                    .identity_public = swarm->identity.identity_public,
                                    .identity_private = swarm->identity.identity_private};
    nkt_buf_t sdp = {0};
    int err = nkt_invite_decode(&answer, &sdp, text, size, &seal);
    if (err == NKT_OK)
        err = invite_complete(swarm, &answer, &sdp, ticket);
    nkt_buf_free(&sdp);
    return err;
}

void nkt_invite_local(nkt_swarm_t *swarm, nkt_link_t *link, const char *sdp, size_t size)
{
    const nkt_invitation_t *invitation = link->rtc.invitation;
    const nkt_invite_seal_t seal = {
        .inviter = &link->rtc.peer, .identity_public = invitation->identity_key, .host = &swarm->host};
    nkt_invite_t invite = {.expires_s = invitation->expires_s,
                           .has_room = swarm->room.is_open,
                           .room = room_hint(swarm)};
    memcpy(invite.nonce, link->rtc.is_offerer ? link->rtc.auth.offerer_nonce : link->rtc.auth.answerer_nonce,
           NKT_NONCE_SIZE);
    memcpy(invite.attempt, link->rtc.attempt, NKT_ATTEMPT_SIZE);
    memcpy(invite.sign_key, swarm->identity.sign_public, NKT_CURVE_KEY_SIZE);
    memcpy(invite.identity_key, swarm->identity.identity_public, NKT_CURVE_KEY_SIZE);
    memcpy(invite.nick, swarm->settings.nick, strlen(swarm->settings.nick) + 1);
    nkt_buf_t *invite_text = nkt_lend(swarm, NKT_LENT_PLAIN);
    if (nkt_invite_encode(invite_text, &invite, sdp, size, invitation->is_inviter ? NULL : &seal) < 0) {
        nkt_link_close(swarm, link, 1);
        return;
    }
    nkt_emit(swarm, &(nkt_effect_t){.kind = NKT_FX_INVITED,
                                    .ticket = invitation->ticket,
                                    .address = link->rtc.peer,
                                    .time_ms = (uint64_t)invitation->expires_s * 1000,
                                    .bytes = (const uint8_t *)invitation->nick,
                                    .bytes_size = strlen(invitation->nick),
                                    .text = (const char *)invite_text->data,
                                    .text_size = invite_text->size});
}

/* ---- over the link ---- */

void nkt_invite_opened(nkt_swarm_t *swarm, const nkt_link_t *link)
{
    nkt_signed_record_t own;
    nkt_own_lend_record(swarm, &own);
    if (!swarm->room.is_open)
        own.membership = NULL; /* until both ends are proven */
    nkt_buf_t *records = nkt_lend(swarm, NKT_LENT_PAYLOAD), *frame = nkt_lend(swarm, NKT_LENT_FRAME);
    if (nkt_gossip_encode_records(records, &own, 1) == NKT_OK && nkt_buf_append_u8(frame, NKT_FRAME_RECORD) == NKT_OK &&
        nkt_buf_append(frame, records->data, records->size) == NKT_OK)
        nkt_emit_send(swarm, link, frame->data, frame->size, 0, 0);
}

typedef struct nkt_welcoming {
    nkt_swarm_t *swarm;
    const nkt_link_t *link;
    int err, count;
} nkt_welcoming_t;

static void record_welcome(void *context, const nkt_signed_record_t *record)
{
    nkt_welcoming_t *welcoming = context;
    nkt_address_t address;
    uint64_t sequence;
    if (welcoming->count++ > 0 || record == NULL)
        return; /* the first alone, which has to be sound: else NKT_E_LINK_AUTH */
    int err = nkt_record_peek(record->bytes, record->bytes_size, &address, &sequence, NULL);
    if (err == NKT_OK && nkt_address_compare(&address, &welcoming->link->rtc.peer) != 0)
        err = NKT_E_LINK_AUTH;
    if (err == NKT_OK)
        err = nkt_user_accept(welcoming->swarm, record, &address, NKT_ACCEPT_LEAVE | NKT_ACCEPT_DOUBTED, 0, NULL);
    if (err == NKT_E_USER_RECORD && nkt_user_find(welcoming->swarm, &address) != NULL)
        err = NKT_OK; /* a newer one is known */
    welcoming->err = err;
}

int nkt_invite_record(nkt_swarm_t *swarm, nkt_link_t *link, const uint8_t *frame, size_t size)
{
    nkt_welcoming_t welcoming = {.swarm = swarm, .link = link, .err = NKT_E_LINK_AUTH};
    const nkt_gossip_heed_t heed = {.on_record = record_welcome, .context = &welcoming};
    int err = link->rtc.invitation->has_record
                  ? NKT_E_LINK_AUTH
                  : nkt_gossip_decode_records(frame + 1, size - 1, &heed);
    link->rtc.invitation->has_record = 1;
    if (err == NKT_OK)
        err = welcoming.err;
    if (err < 0)
        nkt_link_close(swarm, link, 1);
    return err < 0 ? err : NKT_OK;
}

static void room_tell(nkt_swarm_t *swarm, nkt_user_t *user)
{
    uint8_t frame[NKT_ROOM_FRAME_SIZE] = {NKT_FRAME_ROOM};
    memcpy(frame + 1, swarm->room.key, 32);
    nkt_emit_send(swarm, user->mesh.link, frame, sizeof frame, 0, 0);
    sodium_memzero(frame, sizeof frame);
    nkt_user_join(swarm, user);
}

void nkt_invite_live(nkt_swarm_t *swarm, nkt_user_t *user)
{
    for (size_t i = swarm->link_count; i-- > 0;) {
        nkt_link_t *link = swarm->links[i];
        if (link->rtc.invitation == NULL || nkt_address_compare(&link->rtc.peer, &user->address) != 0)
            continue;
        if (!link->rtc.invitation->is_inviter && link->rtc.invitation->is_secret) { /* goes on until the room is told */
            nkt_invitation_t *invitation = link->rtc.invitation;
            link->rtc.invitation = NULL;
            if (user->mesh.link->rtc.invitation != NULL) { /* two invites of one inviter: the other one goes on */
                nkt_invite_tell(swarm, link, invitation->ticket, NKT_OK);
                free(invitation);
            } else {
                user->mesh.link->rtc.invitation = invitation;
            }
        } else {
            if (link->rtc.invitation->is_inviter && !swarm->room.is_open)
                room_tell(swarm, user);
            nkt_invite_end(swarm, link, NKT_OK);
        }
        if (link != user->mesh.link)
            nkt_link_close(swarm, link, 1);
    }
}
