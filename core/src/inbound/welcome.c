/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A link is proven, or tells the room of an invite: who is at its other end is here now. */
#include <assert.h>
#include <string.h>

#include <sodium.h>

#include "content/content.h"
#include "delivery/delivery.h"
#include "gossip/gossip.h"
#include "inbound/inbound.h"
#include "links/links.h"
#include "overlay/invite.h"
#include "people/people.h"
#include "routing/routing.h"
#include "state/state.h"
#include "state/swarm.h"

enum {
    RACE_MS = 10000,    /* two links of one pair that came up within this time raced each other, ... */
    CROSSING_MS = 2000, /* ... if the second was begun before the first was up, or so soon after it that an offer was on its way */
};

int nkt_invite_room(nkt_swarm_t *swarm, nkt_link_t *link, const uint8_t *frame, size_t size)
{
    nkt_user_t *user = nkt_user_find(swarm, &link->rtc.peer);
    if (link->rtc.invitation == NULL || link->rtc.invitation->is_inviter || user == NULL)
        return NKT_E_FRAME_TYPE;
    if (size != NKT_ROOM_FRAME_SIZE)
        return NKT_E_FRAME_LENGTH;
    if (sodium_memcmp(frame + 1, swarm->room.key, 32) != 0) {
        if (swarm->settings.room != NULL) {
            nkt_invite_end(swarm, link, NKT_E_INVITE_ROOM);
            nkt_link_close(swarm, link, 1);
            return NKT_OK;
        }
        nkt_mesh_adopt(swarm, frame + 1, 0);
    }
    nkt_user_join(swarm, user);
    nkt_user_tell(swarm, user, NKT_USER_NEW);
    nkt_greet(swarm, user, 0);
    nkt_talk_want(swarm, user);
    nkt_digest_want(swarm, user, swarm->now_ms);
    nkt_invite_end(swarm, link, NKT_OK);
    return NKT_OK;
}

static void link_live(nkt_swarm_t *swarm, nkt_link_t *link, nkt_user_t *user)
{
    assert(link->state == NKT_LINK_PROVING && user->mesh.link == NULL); /* one link for each user, and a proven one */
    nkt_mesh_come(swarm, link, user);
    nkt_user_set_lost(user, 0);
    nkt_user_prove(swarm, user, NKT_PROOF_LINKED | (link->rtc.invitation != NULL ? NKT_PROOF_SOUGHT : 0));
    nkt_mesh_settle(swarm, user);
    nkt_emit(swarm, &(nkt_effect_t){.kind = NKT_FX_LINK, .address = user->address, .link = link->id, .value = 1});
    nkt_presence_heard(swarm, user);
    nkt_user_believe(user);
    nkt_presence_reached(user);
    nkt_away_return(swarm, user);
    nkt_user_tell(swarm, user, NKT_USER_NEW);
    nkt_invite_live(swarm, user); /* first: the greeting tells what a member may know */
    nkt_greet(swarm, user, NKT_GREETING_ANSWER);
    nkt_user_reachability(swarm, user);
    nkt_digest_want(swarm, user, swarm->now_ms);
    nkt_tree_link_up(swarm, link);
    nkt_content_link_up(swarm, link);
    nkt_view_gained(swarm);
    nkt_connect_live(swarm, &user->address);
}

int nkt_mesh_part(nkt_swarm_t *swarm, nkt_link_t *link)
{
    nkt_user_t *user = nkt_user_find(swarm, &link->rtc.peer);
    nkt_link_close(swarm, link, 1);
    if (user != NULL && !user->standing.is_member)
        nkt_user_forget(swarm, user);
    return NKT_E_NETWORK;
}

int nkt_mesh_proof(nkt_swarm_t *swarm, nkt_link_t *link, const uint8_t *bytes, size_t size)
{
    const uint8_t *room_key = NULL;
    if (link->state == NKT_LINK_PROVING && link->rtc.invitation != NULL && bytes[0] == NKT_FRAME_RECORD)
        return nkt_invite_record(swarm, link, bytes, size);
    nkt_user_t *user = nkt_user_find(swarm, &link->rtc.peer);
    if (link->state != NKT_LINK_PROVING || user == NULL ||
        nkt_linkauth_verify(bytes, size, &link->rtc.auth, !link->rtc.is_offerer, link->rtc.peer_sign_key, &room_key) < 0) {
        nkt_link_close(swarm, link, 1);
        return NKT_E_LINK_AUTH;
    }
    if (room_key != NULL && nkt_own_is_sisters_room(swarm, room_key))
        return nkt_mesh_part(swarm, link); /* before it takes the place of one with who is in our room as well */
    nkt_link_t *other = user->mesh.link;
    if (other != NULL) {
        /* both ends keep the same one: of two that raced the one with the lower name, otherwise the newer */
        int has_slept = swarm->woke_ms >= other->rtc.live_ms; /* by a clock that may have stood still: the other side gave it up */
        int is_in_doubt = other->pulse.ping_ms != 0 || other->pulse.is_suspect || has_slept;
        /* who offers although a link is up has none any more: he began anew, and what we have of him is dead */
        int has_crossed = link->rtc.begun_ms < other->rtc.live_ms + CROSSING_MS;
        int is_race = has_crossed && swarm->now_ms - other->rtc.live_ms < RACE_MS && !is_in_doubt;
        if (is_race && memcmp(other->rtc.attempt, link->rtc.attempt, NKT_ATTEMPT_SIZE) < 0) {
            nkt_link_drain(swarm, link); /* there it may have come up first, and have been used */
            return NKT_OK;
        }
        nkt_mesh_replace(swarm, user, is_race);
    }
    int is_full = nkt_rtc_count(swarm, 1) >= nkt_view_cap(swarm);
    int is_sought = nkt_connect_find(swarm, &user->address) != NULL;
    int is_dear = is_sought || link->rtc.invitation != NULL;
    if (other == NULL && is_full && (!is_dear || !nkt_view_make_room(swarm, NKT_ROOM_FOR_OURS))) {
        nkt_link_close(swarm, link, 1); /* offers at trackers were taken all at once */
        return NKT_OK;
    }
    if (is_sought || nkt_invite_is_accepted(link))
        nkt_mesh_adopt(swarm, room_key, 1);
    link_live(swarm, link, user);
    return NKT_OK;
}
