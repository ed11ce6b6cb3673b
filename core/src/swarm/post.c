/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Envelopes on their way out: own ones over every way that serves, others' forwarded once. */
#include <string.h>

#include "base/base58.h"
#include "swarm/swarm.h"

static int is_relay_up(const nkt_link_t *link)
{
    return link->kind == NKT_LINK_RELAY && link->state == NKT_LINK_LIVE;
}

static int is_rtc_live(const nkt_link_t *link)
{
    return link->kind == NKT_LINK_RTC && link->state == NKT_LINK_LIVE;
}

static nkt_route_view_t view_of(const nkt_swarm_t *swarm, const nkt_user_t *user)
{
    return (nkt_route_view_t){
        .is_linked = user != NULL && user->link != NULL,
        .is_on_relay = user != NULL && user->relay_bits != 0,
        .is_relay_up = nkt_endpoints_up(swarm, NKT_LINK_RELAY) > 0,
    };
}

int nkt_post_can_reach(const nkt_swarm_t *swarm, const nkt_user_t *user)
{
    return user->link != NULL || nkt_endpoints_up(swarm, NKT_LINK_RELAY) > 0 || nkt_rtc_count(swarm, 1) > 0;
}

/* ---- own envelopes ---- */

/* One signed frame, and what is needed to send it. */
typedef struct nkt_dispatch {
    const uint8_t *frame;
    size_t size;
    nkt_kind_t kind;
    const nkt_address_t *to; /* NULL: everybody */
    nkt_user_t *user;        /* NULL: everybody, or nobody known */
    uint8_t digest[NKT_DIGEST_SIZE];
    uint32_t ticket; /* of the PUT it has to wait for */
    int is_forwarded;
    int count;
} nkt_dispatch_t;

/* "once per frame": tell the application what leaves over a link. */
static void frame_tell(nkt_swarm_t *swarm, const nkt_link_t *link, const nkt_dispatch_t *dispatch)
{
    const char *name = nkt_kind_name(dispatch->kind);
    nkt_effect_t fx = {
        .kind = NKT_FX_FRAME,
        .flags = NKT_FRAME_OUT | (link->kind == NKT_LINK_RTC ? NKT_FRAME_WEBRTC : 0u),
        .value = (int32_t)dispatch->size,
        .time_ms = swarm->wall_ms,
        .address = swarm->identity.address,
        .text = name,
        .text_size = strlen(name),
    };
    if (dispatch->to != NULL)
        fx.peer = *dispatch->to;
    memcpy(fx.id, dispatch->digest, NKT_ID_SIZE);
    nkt_emit(swarm, &fx);
}

static void send_over(nkt_swarm_t *swarm, nkt_link_t *link, nkt_dispatch_t *dispatch, const nkt_address_t *relay_to)
{
    if (link->kind == NKT_LINK_RELAY)
        nkt_relay_send(swarm, link, relay_to, dispatch->frame, dispatch->size, dispatch->ticket);
    else
        nkt_emit_send(swarm, link, dispatch->frame, dispatch->size, 0, dispatch->ticket);
    swarm->counters.frames_out++;
    dispatch->count++;
    if (!dispatch->is_forwarded)
        frame_tell(swarm, link, dispatch);
}

/* Sends over the ways given; `from` is where it came from, its author `sender` is not sent it back. */
static void dispatch_run(nkt_swarm_t *swarm, nkt_dispatch_t *dispatch, unsigned ways, const nkt_link_t *from,
                         const nkt_user_t *sender)
{
    for (size_t i = 0; i < swarm->link_count; i++) {
        nkt_link_t *link = swarm->links[i];
        if (link == from || (sender != NULL && sender->link == link))
            continue;
        if (is_relay_up(link)) {
            if (ways & NKT_ROUTE_RELAY_ALL)
                send_over(swarm, link, dispatch, NULL);
            else if (ways & NKT_ROUTE_RELAY_TO && dispatch->user->relay_bits >> link->endpoint->index & 1)
                send_over(swarm, link, dispatch, dispatch->to);
        } else if (is_rtc_live(link)) {
            int is_direct = dispatch->user != NULL && dispatch->user->link == link;
            int is_flood = (ways & NKT_ROUTE_FLOOD) != 0;
            if (ways & NKT_ROUTE_FLOOD_OFF_RELAY) {
                const nkt_user_t *neighbour = nkt_user_find(swarm, &link->peer);
                is_flood = neighbour == NULL || neighbour->relay_bits == 0;
            }
            if (is_flood || (is_direct && ways & NKT_ROUTE_LINK))
                send_over(swarm, link, dispatch, NULL);
        }
    }
}

static int frame_make(nkt_swarm_t *swarm, nkt_kind_t kind, const nkt_address_t *to, nkt_dispatch_t *dispatch)
{
    const nkt_envelope_parts_t parts = {
        .network = swarm->room.network,
        .from = &swarm->identity.address,
        .to = to,
        .kind = kind,
        .created_ms = swarm->wall_ms,
        .payload = swarm->payload.data,
        .payload_size = swarm->payload.size,
    };
    *dispatch = (nkt_dispatch_t){.kind = kind, .to = to};
    int err = nkt_envelope_encode(&swarm->frame, &parts, swarm->identity.sign_secret, dispatch->digest);
    dispatch->frame = swarm->frame.data;
    dispatch->size = swarm->frame.size;
    if (err == NKT_OK)
        err = nkt_seen_add(&swarm->seen, dispatch->digest, swarm->now_ms);
    return err;
}

static int post(nkt_swarm_t *swarm, nkt_kind_t kind, nkt_user_t *to, uint32_t ticket)
{
    nkt_dispatch_t dispatch;
    int err = frame_make(swarm, kind, to == NULL ? NULL : &to->address, &dispatch);
    if (err < 0)
        return err;
    dispatch.user = to;
    dispatch.ticket = ticket;
    nkt_route_view_t view = view_of(swarm, to);
    unsigned ways = to != NULL ? nkt_route_directed(NKT_ROUTE_OWN, &view)
                               : nkt_route_broadcast(NKT_ROUTE_OWN, view.is_relay_up, 1);
    dispatch_run(swarm, &dispatch, ways, NULL, NULL);
    return dispatch.count;
}

int nkt_post(nkt_swarm_t *swarm, nkt_kind_t kind, nkt_user_t *to)
{
    return post(swarm, kind, to, 0);
}

int nkt_post_session(nkt_swarm_t *swarm, nkt_user_t *to, uint32_t ticket)
{
    return post(swarm, NKT_KIND_SESSION, to, ticket);
}

int nkt_post_to_address(nkt_swarm_t *swarm, nkt_link_t *relay, const nkt_address_t *to)
{
    nkt_dispatch_t dispatch;
    int err = frame_make(swarm, NKT_KIND_GREETING, to, &dispatch);
    if (err == NKT_OK)
        send_over(swarm, relay, &dispatch, to);
    return err;
}

int nkt_post_seek(nkt_swarm_t *swarm, nkt_link_t *relay, const nkt_address_t *to)
{
    nkt_gossip_record_t own;
    nkt_own_lend_record(swarm, &own);
    if (!swarm->room.is_open)
        own.membership = NULL;
    int err = nkt_gossip_encode_greeting(&swarm->payload, &own, 0, NULL, NKT_GREETING_SEEK);
    return err < 0 ? err : nkt_post_to_address(swarm, relay, to);
}

/* ---- forwarding ---- */

void nkt_forward(nkt_swarm_t *swarm, const nkt_envelope_t *envelope, nkt_link_t *from, const nkt_user_t *sender)
{
    if (envelope->hops >= NKT_HOPS_MAX) {
        nkt_drop(swarm, NKT_E_HOPS);
        return;
    }
    if (!nkt_bucket_take(&from->forward_bucket, swarm->now_ms, NKT_FORWARD_BURST, NKT_FORWARD_PER_S)) {
        nkt_drop(swarm, NKT_E_RATE);
        return;
    }
    if (nkt_buf_set(&swarm->frame, envelope->frame, envelope->frame_size) < 0)
        return;
    swarm->frame.data[1] = (uint8_t)(envelope->hops + 1);
    nkt_route_origin_t origin = from->kind == NKT_LINK_RELAY ? NKT_ROUTE_FROM_RELAY : NKT_ROUTE_FROM_LINK;
    nkt_dispatch_t dispatch = {.frame = swarm->frame.data, .size = swarm->frame.size, .is_forwarded = 1};
    unsigned ways;
    if (nkt_address_is_zero(&envelope->to)) {
        ways = nkt_route_broadcast(origin, nkt_endpoints_up(swarm, NKT_LINK_RELAY) > 0, sender->relay_bits != 0);
    } else {
        dispatch.to = &envelope->to;
        dispatch.user = nkt_user_find(swarm, &envelope->to);
        nkt_route_view_t view = view_of(swarm, dispatch.user);
        ways = nkt_route_directed(origin, &view);
    }
    dispatch_run(swarm, &dispatch, ways, from, sender);
    swarm->counters.forwarded += dispatch.count > 0;
}
