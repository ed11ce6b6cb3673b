/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The links of a peer's core, and what is sent on them: a SEND with a ticket waits for that PUT, and all behind it on its link. */
#include <stdlib.h>
#include <string.h>

#include "host.h"
#include "line.h"
#include "world.h"

/* ---- links ---- */

sim_link_t *sim_peer_link(sim_peer_t *peer, uint32_t link)
{
    for (size_t i = peer->link_count; i-- > 0;) {
        if (peer->links[i].link == link)
            return &peer->links[i];
    }
    return NULL;
}

void sim_host_link_add(sim_peer_t *peer, uint32_t link, uint32_t id, int is_rtc)
{
    if (peer->link_count == peer->link_capacity) {
        peer->link_capacity = peer->link_capacity == 0 ? 16 : peer->link_capacity * 2;
        peer->links = realloc(peer->links, peer->link_capacity * sizeof *peer->links);
        if (peer->links == NULL)
            abort();
    }
    peer->links[peer->link_count++] = (sim_link_t){.link = link, .id = id, .is_rtc = (uint8_t)is_rtc};
    uint64_t rtc_count = 0;
    for (size_t i = 0; i < peer->link_count; i++)
        rtc_count += peer->links[i].is_rtc;
    if (rtc_count > peer->counts.rtc_count_max)
        peer->counts.rtc_count_max = rtc_count;
}

static void held_free(sim_link_t *link)
{
    for (size_t i = 0; i < link->held_count; i++)
        free(link->held[i].bytes);
    free(link->held);
    link->held = NULL;
    link->held_count = link->held_capacity = 0;
}

static void link_remove(sim_peer_t *peer, sim_link_t *link)
{
    held_free(link);
    *link = peer->links[--peer->link_count];
}

void sim_peer_link_step(sim_peer_t *peer, nkt_event_t *event)
{
    const sim_link_t *link = sim_peer_link(peer, event->link);
    if (link != NULL && !link->is_closed)
        sim_peer_step(peer, event);
}

void sim_peer_link_down(sim_peer_t *peer, uint32_t number, const char *reason)
{
    sim_link_t *link = sim_peer_link(peer, number);
    if (link == NULL)
        return;
    int is_closed = link->is_closed;
    link_remove(peer, link);
    if (!is_closed)
        sim_peer_step(peer, &(nkt_event_t){
                                .kind = NKT_EV_LINK_DOWN, .link = number, .text = reason, .text_size = strlen(reason)});
}

static void link_end(sim_peer_t *peer, const sim_link_t *link, int is_gone)
{
    if (!link->is_rtc)
        sim_socket_close(peer->sim, link->id);
    else if (is_gone)
        sim_rtc_silence(peer->sim, link->id, 1);
    else
        sim_rtc_close(peer->sim, link->id);
}

void sim_host_links_end(sim_peer_t *peer, int is_gone)
{
    while (peer->link_count > 0) {
        link_end(peer, &peer->links[peer->link_count - 1], is_gone);
        link_remove(peer, &peer->links[peer->link_count - 1]);
    }
}

/* ---- sending ---- */

static void transmit(sim_peer_t *peer, const sim_link_t *link, const uint8_t *bytes, size_t size, uint32_t flags)
{
    if (peer->options.persist && !(flags & NKT_SEND_TEXT))
        sim_ratchets_watch(peer->sim, peer, bytes, size);
    if (peer->sim->options.is_witnessed && !(flags & NKT_SEND_TEXT))
        sim_witness_watch(peer->sim, peer, bytes, size, !link->is_rtc);
    if (link->is_rtc && flags & NKT_SEND_LOSSY)
        sim_rtc_send_lossy(peer->sim, link->id, bytes, size);
    else if (link->is_rtc)
        sim_rtc_send(peer->sim, link->id, bytes, size, (flags & NKT_SEND_BULK) != 0);
    if (link->is_rtc && flags & NKT_SEND_BULK)
        sim_line_bulk(peer->sim, link->id);
    if (!link->is_rtc)
        sim_socket_send(peer->sim, link->id, bytes, size, flags);
}

static void hold(sim_link_t *link, const nkt_effect_t *fx, int is_close)
{
    if (link->held_count == link->held_capacity) {
        link->held_capacity = link->held_capacity == 0 ? 8 : link->held_capacity * 2;
        link->held = realloc(link->held, link->held_capacity * sizeof *link->held);
        if (link->held == NULL)
            abort();
    }
    link->held[link->held_count++] = (sim_held_t){
        .ticket = is_close ? 0 : fx->ticket,
        .flags = fx->flags,
        .bytes = is_close ? NULL : sim_copy(fx->bytes, fx->bytes_size),
        .bytes_size = fx->bytes_size,
    };
}

static void link_close(sim_peer_t *peer, sim_link_t *link)
{
    link_end(peer, link, 0);
    link_remove(peer, link);
}

void sim_host_send(sim_peer_t *peer, const nkt_effect_t *fx)
{
    sim_link_t *link = sim_peer_link(peer, fx->link);
    if (link == NULL)
        return;
    if (link->is_rtc)
        peer->counts.rtc_frames++;
    else if (fx->flags & NKT_SEND_TEXT)
        peer->counts.tracker_frames++;
    else
        peer->counts.relay_frames++;
    peer->counts.sent_size += fx->bytes_size;
    if (!(fx->flags & (NKT_SEND_LOSSY | NKT_SEND_BULK)) && (link->held_count > 0 || fx->ticket > peer->put_done))
        hold(link, fx, 0);
    else
        transmit(peer, link, fx->bytes, fx->bytes_size, fx->flags);
}

void sim_host_close(sim_peer_t *peer, const nkt_effect_t *fx)
{
    sim_link_t *link = sim_peer_link(peer, fx->link);
    if (link == NULL)
        return;
    link->is_closed = 1;
    if (link->held_count > 0)
        hold(link, fx, 1);
    else
        link_close(peer, link);
}

void sim_host_release(sim_peer_t *peer)
{
    for (size_t i = peer->link_count; i-- > 0;) {
        sim_link_t *link = &peer->links[i];
        size_t count = 0;
        int is_closed = 0;
        for (; count < link->held_count && link->held[count].ticket <= peer->put_done; count++) {
            sim_held_t *held = &link->held[count];
            is_closed |= held->bytes == NULL;
            if (held->bytes != NULL)
                transmit(peer, link, held->bytes, held->bytes_size, held->flags);
            free(held->bytes);
            held->bytes = NULL;
        }
        if (count > 0)
            memmove(link->held, link->held + count, (link->held_count - count) * sizeof *link->held);
        link->held_count -= count;
        if (is_closed)
            link_close(peer, link);
    }
}
