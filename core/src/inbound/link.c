/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Links of every kind: up, down, bytes on them, and silence. */
#include <string.h>

#include "content/content.h"
#include "delivery/delivery.h"
#include "inbound/inbound.h"
#include "links/links.h"
#include "relay/relay.h"
#include "routing/routing.h"
#include "state/state.h"
#include "state/swarm.h"

enum { PING_FRAME_SIZE = 5 };

/* ---- liveness of WebRTC links: any frame is a sign of life, silence is answered by a ping. As in SWIM (Das, Gupta, Motivala 2002,
 * 4.2) nobody is dead before he was suspect: a link that is suspect, or whose ping is not answered, has a while to show itself ---- */

static void link_ping(nkt_swarm_t *swarm, nkt_link_t *link, uint64_t patience_ms)
{
    uint8_t ping[PING_FRAME_SIZE] = {NKT_FRAME_PING};
    nkt_put_u32be(ping + 1, (uint32_t)nkt_chance_next(swarm));
    if (link->pulse.ping_ms == 0)
        link->pulse.ping_ms = swarm->now_ms;
    nkt_emit_send(swarm, link, ping, sizeof ping, 0, 0);
    nkt_link_alarm(swarm, link, swarm->now_ms + patience_ms);
}

void nkt_link_timer(nkt_swarm_t *swarm, nkt_link_t *link)
{
    if (link->kind != NKT_LINK_RTC) {
        static const char reason[] = "did not open in time";
        nkt_endpoint_down(swarm, link->endpoint, reason, sizeof reason - 1);
        return;
    }
    if (link->state != NKT_LINK_LIVE) {
        if (link->state != NKT_LINK_OFFERED || !nkt_mesh_tell_again(swarm, link))
            nkt_link_close(swarm, link, 1);
        return;
    }
    if (nkt_view_gave_way(swarm, link))
        return;
    if (link->pulse.ping_ms != 0) {
        if (!nkt_restart_begin(swarm, link))
            nkt_link_close(swarm, link, 1);
        return;
    }
    uint64_t quiet_ms = swarm->now_ms - link->pulse.heard_ms;
    if (quiet_ms >= NKT_PING_MS)
        link_ping(swarm, link, NKT_PING_LOST_MS);
    else
        nkt_link_alarm(swarm, link, link->pulse.heard_ms + nkt_chance_jitter(swarm, NKT_PING_MS));
}

void nkt_link_suspect(nkt_swarm_t *swarm, nkt_link_t *link, int is_suspect)
{
    link->pulse.is_suspect = (uint8_t)is_suspect;
    nkt_status_changed(swarm);
    if (link->kind != NKT_LINK_RTC || link->state != NKT_LINK_LIVE)
        return;
    if (is_suspect || link->pulse.ping_ms != 0) /* the platform's word that it is back is good for another ping */
        link_ping(swarm, link, NKT_PING_SUSPECT_MS);
    if (is_suspect)
        nkt_view_want(swarm, 0); /* if it comes back there is one link more than sought, no harm */
}

void nkt_link_pressed(nkt_swarm_t *swarm, nkt_link_t *link, int is_pressed)
{
    link->pulse.is_pressed = (uint8_t)is_pressed;
    if (!is_pressed)
        nkt_outbox_pump_all(swarm);
}

void nkt_links_probe(nkt_swarm_t *swarm)
{
    for (size_t i = 0; i < swarm->link_count; i++) {
        nkt_link_t *link = swarm->links[i];
        if (link->kind != NKT_LINK_RTC || link->state != NKT_LINK_LIVE)
            continue;
        link->pulse.ping_ms = 0;
        link_ping(swarm, link, NKT_PING_SUSPECT_MS);
    }
}

/* ---- what the host reports ---- */

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
    if (link->state < NKT_LINK_LIVE)
        return nkt_mesh_proof(swarm, link, bytes, size);
    switch (bytes[0]) {
    case NKT_FRAME_ENVELOPE:
        return nkt_receive(swarm, link, bytes, size);
    case NKT_FRAME_DIRECT:
        return nkt_receive_direct(swarm, link, bytes, size);
    case NKT_FRAME_PING: {
        if (size != PING_FRAME_SIZE)
            return NKT_E_FRAME_LENGTH;
        uint8_t pong[PING_FRAME_SIZE];
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
    case NKT_FRAME_ROOM:
        return nkt_invite_room(swarm, link, bytes, size);
    case NKT_FRAME_PONG:
        return size == PING_FRAME_SIZE ? NKT_OK : NKT_E_FRAME_LENGTH;
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
