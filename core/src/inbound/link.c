/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Links of every kind: up, down, and bytes on them. */
#include <string.h>

#include "content/content.h"
#include "delivery/delivery.h"
#include "inbound/inbound.h"
#include "links/links.h"
#include "relay/relay.h"
#include "routing/routing.h"
#include "state/state.h"
#include "state/swarm.h"

/* ---- what the host reports ---- */

void nkt_link_pressed(nkt_swarm_t *swarm, nkt_link_t *link, int is_pressed)
{
    link->pulse.is_pressed = (uint8_t)is_pressed;
    if (!is_pressed)
        nkt_outbox_pump_all(swarm);
}

void nkt_link_up(nkt_swarm_t *swarm, nkt_link_t *link)
{
    link->pulse.heard_ms = swarm->now_ms;
    nkt_status_changed(swarm);
    if (link->kind == NKT_LINK_RTC) {
        nkt_mesh_opened(swarm, link);
    } else if (link->state == NKT_LINK_OPENING) {
        nkt_link_state_set(link, NKT_LINK_LIVE);
        nkt_link_rest(swarm, link);
        nkt_endpoint_up(swarm, link->endpoint);
    }
}

void nkt_link_down(nkt_swarm_t *swarm, nkt_link_t *link, int32_t code, const char *reason, size_t size)
{
    if (link->kind == NKT_LINK_RTC) {
        nkt_link_close(swarm, link, 0);
        return;
    }
    nkt_endpoint_t *endpoint = link->endpoint;
    nkt_link_close(swarm, link, 0);
    if (endpoint->kind == NKT_LINK_RELAY && nkt_relay_closed(endpoint, code) && code != NKT_RELAY_CLOSE_VERSION) {
        static const char guess[] = "the relay refuses our first words (code 1002): it seems to speak another version of the protocol";
        reason = guess;
        size = sizeof guess - 1;
    }
    nkt_endpoint_down(swarm, endpoint, reason, size);
}

static int rtc_data(nkt_swarm_t *swarm, nkt_link_t *link, const uint8_t *bytes, size_t size)
{
    if (size == 0 || size > NKT_FRAME_SIZE_MAX)
        return NKT_E_FRAME_LENGTH;
    if (!nkt_frame_is_ours(bytes)) {
        if (link->state < NKT_LINK_LIVE)
            nkt_link_close(swarm, link, 1);
        return NKT_E_VERSION;
    }
    if (link->state < NKT_LINK_LIVE && bytes[0] == NKT_FRAME_EPHEMERAL)
        return NKT_E_FRAME_TYPE; /* by a channel of no order it may have come before the proof */
    if (link->state < NKT_LINK_LIVE)
        return nkt_mesh_proof(swarm, link, bytes, size);
    switch (bytes[0]) {
    case NKT_FRAME_ENVELOPE:
        return nkt_receive(swarm, link, bytes, size);
    case NKT_FRAME_DIRECT:
        return nkt_receive_direct(swarm, link, bytes, size);
    case NKT_FRAME_PING: {
        if (size != NKT_PING_FRAME_SIZE)
            return NKT_E_FRAME_LENGTH;
        uint8_t pong[NKT_PING_FRAME_SIZE];
        memcpy(pong, bytes, size);
        pong[0] = NKT_FRAME_PONG;
        nkt_emit_send(swarm, link, pong, sizeof pong, 0, 0);
        return NKT_OK;
    }
    case NKT_FRAME_IHAVE:
    case NKT_FRAME_GRAFT:
        return nkt_tree_frame(swarm, link, bytes, size);
    case NKT_FRAME_CONTENT:
        return nkt_content_frame(swarm, link, bytes, size);
    case NKT_FRAME_EPHEMERAL:
        return nkt_ephemeral_frame(swarm, link, bytes, size);
    case NKT_FRAME_ROOM:
        return nkt_invite_room(swarm, link, bytes, size);
    case NKT_FRAME_PONG:
        return size == NKT_PING_FRAME_SIZE ? NKT_OK : NKT_E_FRAME_LENGTH;
    case NKT_FRAME_AUTH:
    default:
        return NKT_E_FRAME_TYPE;
    }
}

int nkt_link_data(nkt_swarm_t *swarm, nkt_link_t *link, const uint8_t *bytes, size_t size)
{
    int err;
    uint32_t id = link->id;
    link->pulse.heard_ms = swarm->now_ms;
    link->pulse.ping_ms = 0;
    nkt_restart_heard(link);
    nkt_count(swarm, NKT_TALLY_FRAMES_IN, 1);
    /* one that sends rubbish is not listened to for a while; a relay is not to blame for what it passes on */
    if (link->kind == NKT_LINK_RTC && !nkt_bucket_has(&link->pulse.bad_bucket, swarm->now_ms, NKT_BAD_BURST, NKT_BAD_PER_S))
        return nkt_drop(swarm, NKT_E_RATE);
    nkt_blame_begin(swarm, link);
    if (link->kind == NKT_LINK_RTC)
        err = rtc_data(swarm, link, bytes, size);
    else if (link->kind == NKT_LINK_RELAY)
        err = nkt_relay_data(swarm, link, bytes, size);
    else
        err = nkt_tracker_data(swarm, link, bytes, size);
    nkt_blame_end(swarm);
    if (err >= 0 || err <= -300)
        return err;
    link = nkt_link_find(swarm, id); /* it may have been closed */
    if (link != NULL && err != NKT_E_DUPLICATE && err != NKT_E_REPLAY && !swarm->blame.is_blameless)
        nkt_bucket_take(&link->pulse.bad_bucket, swarm->now_ms, NKT_BAD_BURST, NKT_BAD_PER_S);
    return nkt_drop(swarm, err);
}
