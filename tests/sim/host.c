/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A peer's platform: carries out effects. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static void link_add(sim_peer_t *peer, uint32_t link, uint32_t id, int is_rtc)
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

void sim_peer_link_down(sim_peer_t *peer, uint32_t number, const char *reason)
{
    sim_link_t *link = sim_peer_link(peer, number);
    if (link == NULL)
        return;
    link_remove(peer, link);
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

void sim_host_reset(sim_peer_t *peer, int is_gone)
{
    while (peer->link_count > 0) {
        link_end(peer, &peer->links[peer->link_count - 1], is_gone);
        link_remove(peer, &peer->links[peer->link_count - 1]);
    }
    for (size_t i = 0; i < peer->put_count; i++) {
        free(peer->puts[i].record.name);
        free(peer->puts[i].record.bytes);
    }
    peer->put_count = 0;
}

/* ---- sending ---- */

static void transmit(sim_peer_t *peer, const sim_link_t *link, const uint8_t *bytes, size_t size, uint32_t flags)
{
    if (peer->options.persist && !(flags & NKT_SEND_TEXT))
        sim_ratchets_watch(peer->sim, peer, bytes, size);
    if (peer->sim->options.is_witnessed && !(flags & NKT_SEND_TEXT))
        sim_witness_watch(peer->sim, peer, bytes, size, !link->is_rtc);
    if (link->is_rtc)
        sim_rtc_send(peer->sim, link->id, bytes, size);
    else
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

static void send_effect(sim_peer_t *peer, const nkt_effect_t *fx)
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
    if (link->held_count > 0 || fx->ticket > peer->put_done)
        hold(link, fx, 0);
    else
        transmit(peer, link, fx->bytes, fx->bytes_size, fx->flags);
}

static void close_effect(sim_peer_t *peer, const nkt_effect_t *fx)
{
    sim_link_t *link = sim_peer_link(peer, fx->link);
    if (link == NULL)
        return;
    if (link->held_count > 0)
        hold(link, fx, 1);
    else
        link_close(peer, link);
}

static void release(sim_peer_t *peer)
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

/* ---- storing ---- */

sim_record_t *sim_peer_record(sim_peer_t *peer, const char *prefix, size_t skip)
{
    for (size_t i = 0; i < peer->record_count; i++) {
        if (strncmp(peer->records[i].name, prefix, strlen(prefix)) == 0 && skip-- == 0)
            return &peer->records[i];
    }
    return NULL;
}

static void record_write(sim_peer_t *peer, sim_record_t *written)
{
    size_t i = 0;
    while (i < peer->record_count && strcmp(peer->records[i].name, written->name) != 0)
        i++;
    if (i < peer->record_count) {
        free(peer->records[i].name);
        free(peer->records[i].bytes);
        if (written->bytes != NULL) {
            peer->records[i] = *written;
        } else {
            free(written->name);
            peer->records[i] = peer->records[--peer->record_count];
        }
        return;
    }
    if (written->bytes == NULL) {
        free(written->name);
        return;
    }
    if (peer->record_count == peer->record_capacity) {
        peer->record_capacity = peer->record_capacity == 0 ? 16 : peer->record_capacity * 2;
        peer->records = realloc(peer->records, peer->record_capacity * sizeof *peer->records);
        if (peer->records == NULL)
            abort();
    }
    peer->records[peer->record_count++] = *written;
}

void sim_host_records_free(sim_peer_t *peer)
{
    for (size_t i = 0; i < peer->record_count; i++) {
        free(peer->records[i].name);
        free(peer->records[i].bytes);
    }
    free(peer->records);
}

void sim_peer_forget(sim_peer_t *peer, const char *keep)
{
    for (size_t i = peer->record_count; i-- > 0;) {
        if (keep != NULL && strncmp(peer->records[i].name, keep, strlen(keep)) == 0)
            continue;
        free(peer->records[i].name);
        free(peer->records[i].bytes);
        peer->records[i] = peer->records[--peer->record_count];
    }
    sim_book_lost(peer->sim, peer->index, 0);
}

static void puts_apply(sim_peer_t *peer, uint32_t ticket)
{
    size_t count = 0;
    for (; count < peer->put_count && peer->puts[count].ticket <= ticket; count++)
        record_write(peer, &peer->puts[count].record);
    if (count > 0)
        memmove(peer->puts, peer->puts + count, (peer->put_count - count) * sizeof *peer->puts);
    peer->put_count -= count;
    peer->put_done = ticket;
    release(peer);
}

static void put_run(sim_t *sim, sim_event_t *event)
{
    sim_peer_t *peer = sim->peers[event->peer];
    if (event->value <= peer->put_done)
        return;
    puts_apply(peer, event->value);
    sim_peer_step(peer, &(nkt_event_t){.kind = NKT_EV_PUT_DONE, .ticket = event->value});
}

static void put_effect(sim_peer_t *peer, const nkt_effect_t *fx)
{
    sim_t *sim = peer->sim;
    if (!peer->options.persist)
        sim_fail(sim, "%s: PUT without options.persist", peer->name);
    if (peer->put_count == peer->put_capacity) {
        peer->put_capacity = peer->put_capacity == 0 ? 16 : peer->put_capacity * 2;
        peer->puts = realloc(peer->puts, peer->put_capacity * sizeof *peer->puts);
        if (peer->puts == NULL)
            abort();
    }
    char *name = sim_alloc(fx->text_size + 1, 1);
    memcpy(name, fx->text, fx->text_size);
    peer->puts[peer->put_count++] =
        (sim_put_t){.ticket = fx->ticket,
                    .put_ms = sim->now_ms,
                    .record = {.name = name,
                               .bytes = fx->bytes_size > 0 ? sim_copy(fx->bytes, fx->bytes_size) : NULL,
                               .bytes_size = fx->bytes_size}};
    peer->counts.puts++;
    peer->counts.put_size += fx->bytes_size;
    if (sim->options.put_ms.max == 0)
        return;
    uint64_t at_ms = sim->now_ms + sim_between(sim, sim->options.put_ms);
    if (at_ms < peer->put_pipe_ms)
        at_ms = peer->put_pipe_ms;
    peer->put_pipe_ms = at_ms;
    sim_later(sim, at_ms - sim->now_ms,
              (sim_event_t){.run = put_run, .peer = peer->index, .life = peer->life, .value = fx->ticket});
}

int sim_host_commit(sim_peer_t *peer)
{
    if (peer->put_count == 0 || peer->sim->options.put_ms.max != 0)
        return 0;
    puts_apply(peer, peer->puts[peer->put_count - 1].ticket);
    return 1;
}

/* ---- what the application is told ---- */

static const sim_peer_t *other_of(const sim_peer_t *peer, const nkt_address_t *address, const char **name)
{
    const sim_peer_t *other = sim_peer_of(peer->sim, address);
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
    link_add(peer, fx->link, sim_socket_open(peer, fx->link, fx->text, fx->text_size), 0);
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
        link_add(peer, fx->link, sim_rtc_offer(peer, fx->link), 1);
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
        link_add(peer, fx->link, sim_rtc_answer(peer, fx->link, fx->text, fx->text_size), 1);
        break;
    case NKT_FX_RTC_ACCEPT:
    default:
        link = sim_peer_link(peer, fx->link);
        if (link != NULL)
            sim_rtc_accept(peer, link->id, fx->text, fx->text_size);
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
        close_effect(peer, fx);
        break;
    case NKT_FX_SEND:
        send_effect(peer, fx);
        break;
    case NKT_FX_RTC_OFFER:
    case NKT_FX_RTC_ANSWER:
    case NKT_FX_RTC_ACCEPT:
    case NKT_FX_RTC_RESTART:
        rtc_effect(peer, fx);
        break;
    case NKT_FX_PUT:
        put_effect(peer, fx);
        break;
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
    case NKT_FX_EXPORTED:
    case NKT_FX_NONE:
    case NKT_FX_FRAME:
    case NKT_FX_STATUS:
    case NKT_FX_COUNT:
        break;
    }
}
