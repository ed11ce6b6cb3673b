/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Liveness of WebRTC links: any frame is a sign of life, silence is answered by a ping. As in SWIM (Das, Gupta, Motivala 2002, 4.2) nobody
 * is dead before he was suspect: a link that is suspect, or whose ping is not answered, has a while to show itself.
 */
#include "inbound/inbound.h"
#include "links/links.h"
#include "state/state.h"
#include "state/swarm.h"

static void link_ping(nkt_swarm_t *swarm, nkt_link_t *link, uint64_t patience_ms)
{
    uint8_t ping[NKT_PING_FRAME_SIZE] = {NKT_FRAME_PING};
    nkt_put_u32be(ping + 1, (uint32_t)nkt_chance_next(swarm));
    if (link->pulse.ping_ms == 0)
        link->pulse.ping_ms = swarm->now_ms;
    nkt_emit_send(swarm, link, ping, sizeof ping, 0, 0);
    nkt_link_alarm(swarm, link, swarm->now_ms + patience_ms);
}

static uint64_t suspect_wait(const nkt_swarm_t *swarm)
{
    return (uint64_t)NKT_PING_SUSPECT_MS << nkt_line_patience(swarm);
}

void nkt_link_timer(nkt_swarm_t *swarm, nkt_link_t *link)
{
    if (link->kind != NKT_LINK_RTC) {
        nkt_endpoint_late(swarm, link->endpoint);
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
        link_ping(swarm, link, suspect_wait(swarm));
    if (is_suspect) {
        nkt_view_renew(swarm);
        nkt_view_want(swarm, 0); /* if it comes back there is one link more than sought, no harm */
    }
}

void nkt_link_renewed(nkt_swarm_t *swarm, nkt_link_t *link)
{
    if (link->state == NKT_LINK_LIVE && link->pulse.ping_ms == 0)
        link_ping(swarm, link, NKT_PING_RENEWED_MS);
}

void nkt_links_probe(nkt_swarm_t *swarm)
{
    for (size_t i = 0; i < swarm->link_count; i++) {
        nkt_link_t *link = swarm->links[i];
        if (link->kind != NKT_LINK_RTC || link->state != NKT_LINK_LIVE)
            continue;
        link->pulse.ping_ms = 0;
        link_ping(swarm, link, suspect_wait(swarm));
    }
}
