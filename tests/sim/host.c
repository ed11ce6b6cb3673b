/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A peer's platform: which part carries out each effect; what the application is told. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"
#include "world.h"

void sim_host_reset(sim_peer_t *peer, int is_gone)
{
    sim_host_links_end(peer, is_gone);
    sim_host_puts_drop(peer);
}

/* ---- what the application is told ---- */

static const sim_peer_t *other_of(const sim_peer_t *peer, const nkt_address_t *address, const char **name)
{
    const sim_peer_t *other = sim_peer_seen(peer, address);
    *name = other == NULL ? "?" : other->name;
    return other;
}

static void user_effect(sim_peer_t *peer, const nkt_effect_t *fx)
{
    const char *name;
    const sim_peer_t *other = other_of(peer, &fx->address, &name);
    peer->counts.user_effects++;
    sim_trace(peer->sim, "%s USER %s%s%s%s%s%s%s session %d", peer->name, name, fx->flags & NKT_USER_NEW ? " new" : "",
              fx->flags & NKT_USER_GONE ? " gone" : "", fx->flags & NKT_USER_MUTED ? " muted" : "",
              fx->flags & NKT_USER_LEFT ? " left" : fx->flags & NKT_USER_UNREACHABLE ? " unreachable" : "",
              fx->flags & NKT_USER_ON_RELAY ? " relay" : "",
              fx->flags & NKT_USER_LINKED ? " linked" : "", fx->value & 0xff);
    if (other == peer)
        sim_fail(peer->sim, "%s is told of itself", peer->name);
    sim_view_t *view = other == NULL ? NULL : sim_view_make(peer, other);
    if (view == NULL)
        return;
    view->is_known = !(fx->flags & NKT_USER_GONE);
    if (!view->is_known)
        sim_book_forgot(peer->sim, peer->index, other->index);
    view->flags = fx->flags;
    snprintf(view->nick, sizeof view->nick, "%.*s", (int)fx->text_size, fx->text);
    view->session = (uint8_t)(fx->value & 0xff);
    view->user_count++;
}

static void session_effect(sim_peer_t *peer, const nkt_effect_t *fx)
{
    const char *name;
    const sim_peer_t *other = other_of(peer, &fx->address, &name);
    sim_trace(peer->sim, "%s SESSION %s %d", peer->name, name, fx->value);
    peer->counts.rekeys += fx->value == NKT_SESSION_REKEYED;
    sim_view_t *view = other == NULL ? NULL : sim_view_make(peer, other);
    if (view == NULL)
        return;
    view->session = (uint8_t)(fx->value == NKT_SESSION_REKEYED ? NKT_SESSION_ESTABLISHED : fx->value);
    view->session_count++;
    view->rekey_count += fx->value == NKT_SESSION_REKEYED;
}

static void link_effect(sim_peer_t *peer, const nkt_effect_t *fx)
{
    const char *name;
    const sim_peer_t *other = other_of(peer, &fx->address, &name);
    sim_trace(peer->sim, "%s LINK %s %d", peer->name, name, fx->value);
    *(fx->value ? &peer->counts.links_up : &peer->counts.links_down) += 1;
    if (other != NULL)
        sim_peer_linked(peer, other, fx->value != 0);
    sim_view_t *view = other == NULL ? NULL : sim_view_make(peer, other);
    if (view == NULL)
        return;
    view->is_linked = fx->value != 0;
    view->link_count++;
}

static void open_effect(sim_peer_t *peer, const nkt_effect_t *fx)
{
    sim_trace(peer->sim, "%s opens %.*s", peer->name, (int)fx->text_size, fx->text);
    peer->counts.socket_opens++;
    sim_host_link_add(peer, fx->link, sim_socket_open(peer, fx->link, fx->text, fx->text_size), 0);
}

static void connected_effect(sim_peer_t *peer, const nkt_effect_t *fx)
{
    const char *name;
    other_of(peer, &fx->address, &name);
    sim_trace(peer->sim, "%s CONNECTED %s %s", peer->name, name, fx->value == 0 ? "" : nkt_err_name(fx->value));
    if (fx->ticket == peer->connect_ticket)
        peer->connect_result = fx->value;
}

static void invited_effect(sim_peer_t *peer, const nkt_effect_t *fx)
{
    sim_trace(peer->sim, "%s INVITED %zu characters", peer->name, fx->text_size);
    if (fx->ticket != peer->connect_ticket)
        return;
    free(peer->invited);
    peer->invited = sim_alloc(fx->text_size + 1, 1);
    memcpy(peer->invited, fx->text, fx->text_size);
    peer->invited_until_ms = fx->time_ms;
}

static void self_effect(sim_peer_t *peer, const nkt_effect_t *fx)
{
    sim_t *sim = peer->sim;
    if (peer->has_address && memcmp(peer->address.b, fx->address.b, NKT_ADDRESS_SIZE) != 0) {
        sim_trace(sim, "%s is somebody else now", peer->name);
        sim_index_remove(&sim->by_address, sim_index_key(peer->address.b, NKT_ADDRESS_SIZE), peer->index);
        for (uint32_t i = 0; i < sim->peer_count && !sim->options.is_light; i++)
            *sim_view_make(sim->peers[i], peer) = (sim_view_t){.of = peer->index};
    }
    sim_index_add(&sim->by_address, sim_index_key(fx->address.b, NKT_ADDRESS_SIZE), peer->index);
    peer->address = fx->address;
    peer->has_address = 1;
}

static void rtc_effect(sim_peer_t *peer, const nkt_effect_t *fx)
{
    const sim_link_t *link;
    sim_trace(peer->sim, "%s %s %u", peer->name, nkt_effect_name(fx->kind), fx->link);
    switch (fx->kind) {
    case NKT_FX_RTC_OFFER:
        peer->counts.rtc_offers++;
        sim_host_link_add(peer, fx->link, sim_rtc_offer(peer, fx->link), 1);
        break;
    case NKT_FX_RTC_RESTART:
        link = sim_peer_link(peer, fx->link);
        if (link != NULL)
            sim_rtc_restart(peer, link->id, NULL, 0);
        break;
    case NKT_FX_RTC_ANSWER:
        link = sim_peer_link(peer, fx->link);
        if (link != NULL) {
            sim_rtc_restart(peer, link->id, fx->text, fx->text_size);
            break;
        }
        peer->counts.rtc_answers++;
        sim_host_link_add(peer, fx->link, sim_rtc_answer(peer, fx->link, fx->text, fx->text_size), 1);
        break;
    case NKT_FX_RTC_ACCEPT:
    default:
        link = sim_peer_link(peer, fx->link);
        if (link != NULL)
            sim_rtc_accept(peer, link->id, fx->text, fx->text_size);
        break;
    }
}

/* What is for the application. */
static void told_effect(sim_peer_t *peer, const nkt_effect_t *fx)
{
    switch (fx->kind) {
    case NKT_FX_SELF:
        self_effect(peer, fx);
        break;
    case NKT_FX_USER:
        user_effect(peer, fx);
        break;
    case NKT_FX_SESSION:
        session_effect(peer, fx);
        break;
    case NKT_FX_LINK:
        link_effect(peer, fx);
        break;
    case NKT_FX_MESSAGE:
        peer->counts.messages++;
        sim_book_message(peer, fx);
        break;
    case NKT_FX_SAID:
        sim_book_said(peer, fx);
        break;
    case NKT_FX_DELIVERY:
        sim_book_delivery(peer, fx);
        break;
    case NKT_FX_PAST:
        sim_book_past(peer, fx);
        break;
    case NKT_FX_PRESSURE:
        peer->is_pressed = fx->value;
        break;
    case NKT_FX_PIN:
        peer->counts.pins += fx->value == 1;
        peer->counts.unpins += fx->value == 0;
        break;
    case NKT_FX_IGNORED:
        peer->counts.ignored += fx->value == 1;
        break;
    case NKT_FX_CONNECTED:
        connected_effect(peer, fx);
        break;
    case NKT_FX_INVITED:
        invited_effect(peer, fx);
        break;
    case NKT_FX_EPHEMERAL:
        if (peer->sim->ephemeral.heard != NULL)
            peer->sim->ephemeral.heard(peer->sim->ephemeral.context, peer, fx);
        break;
    case NKT_FX_CONTENT_LOOKED:
    case NKT_FX_CONTENT_MADE:
    case NKT_FX_CONTENT_KEEP_LEAVES:
    case NKT_FX_CONTENT_READ:
    case NKT_FX_CONTENT_WRITE:
    case NKT_FX_CONTENT_TEXT:
    case NKT_FX_CONTENT:
        sim_content_effect(peer, fx);
        break;
    default:
        break;
    }
}

void sim_host_effect(sim_peer_t *peer, const nkt_effect_t *fx)
{
    switch (fx->kind) {
    case NKT_FX_SOCKET_OPEN:
        open_effect(peer, fx);
        break;
    case NKT_FX_LINK_CLOSE:
        sim_host_close(peer, fx);
        break;
    case NKT_FX_SEND:
        sim_host_send(peer, fx);
        break;
    case NKT_FX_RTC_OFFER:
    case NKT_FX_RTC_ANSWER:
    case NKT_FX_RTC_ACCEPT:
    case NKT_FX_RTC_RESTART:
        rtc_effect(peer, fx);
        break;
    case NKT_FX_PUT:
        sim_host_put(peer, fx);
        break;
    default:
        told_effect(peer, fx);
        break;
    }
}
