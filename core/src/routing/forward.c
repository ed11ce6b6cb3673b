/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Others' envelopes, passed on once, as far as their authors' budgets go. */
#include <string.h>

#include "base/base58.h"
#include "routing/routing.h"
#include "state/state.h"
#include "state/swarm.h"

/*
 * What others may make us send, whichever links it comes by: so many frames and bytes of one author at once and a second
 * are pushed; what is more is announced, and each fetches it once; what is far more goes no further. Authors have budgets
 * of their own, so nobody waits for another's flood. What this version does not know is announced only.
 */
typedef enum nkt_cast { NKT_CAST_PUSH, NKT_CAST_TELL, NKT_CAST_DROP } nkt_cast_t;

/* The frame with one hop more: held, if it may be passed on (1). */
static int hop_take(nkt_swarm_t *swarm, const nkt_envelope_t *envelope, nkt_link_t *from, nkt_dispatch_t *dispatch,
                    uint8_t hops_max)
{
    if (envelope->hops >= hops_max) {
        nkt_drop(swarm, NKT_E_HOPS);
        return 0;
    }
    if (from != NULL && !nkt_bucket_take(&from->cast.forward_bucket, swarm->now_ms, NKT_FORWARD_BURST, NKT_FORWARD_PER_S)) {
        nkt_drop(swarm, NKT_E_RATE);
        return 0;
    }
    nkt_buf_t *frame = nkt_lend(swarm, NKT_LENT_FRAME);
    if (nkt_buf_set(frame, envelope->frame, envelope->frame_size) < 0)
        return 0;
    frame->data[1] = (uint8_t)(envelope->hops + 1);
    *dispatch = (nkt_dispatch_t){.frame = frame->data, .size = frame->size, .is_forwarded = 1};
    nkt_hold(swarm, NKT_LENT_FRAME);
    return 1;
}

static nkt_route_origin_t origin_of(const nkt_link_t *from)
{
    return from->kind == NKT_LINK_RELAY ? NKT_ROUTE_FROM_RELAY : NKT_ROUTE_FROM_LINK;
}

static nkt_cast_t cast_take(nkt_swarm_t *swarm, nkt_user_t *author, nkt_link_t *from, const nkt_envelope_t *envelope)
{
    if (author == NULL) /* a stranger at the door, whom we have no room for: all of a link's together */
        return nkt_bucket_take_many(&from->cast.stray_bucket, swarm->now_ms, NKT_STRAY_BURST, NKT_STRAY_PER_S, NKT_CAST_LOUD_COST)
                   ? NKT_CAST_PUSH
                   : NKT_CAST_DROP;
    uint32_t cost = nkt_way_is_kept(envelope->kind) ? 1 + (uint32_t)(envelope->frame_size / NKT_CAST_UNIT_SIZE) : NKT_CAST_LOUD_COST;
    if (!nkt_bucket_take_many(&author->cast.tell_bucket, swarm->now_ms, NKT_CAST_TELL_BURST, NKT_CAST_TELL_PER_S, cost))
        return NKT_CAST_DROP;
    if (envelope->kind >= NKT_KIND_COUNT)
        return NKT_CAST_TELL;
    if (nkt_bucket_take_many(&author->cast.push_bucket, swarm->now_ms, NKT_CAST_PUSH_BURST, NKT_CAST_PUSH_PER_S, cost))
        return NKT_CAST_PUSH;
    return nkt_way_is_kept(envelope->kind) ? NKT_CAST_TELL : NKT_CAST_DROP;
}

static void broadcast_forward(nkt_swarm_t *swarm, const nkt_envelope_t *envelope, nkt_link_t *from, nkt_user_t *sender)
{
    nkt_dispatch_t dispatch;
    nkt_casting_t casting = {.edge = {.origin = origin_of(from)}, .from = from, .author = sender};
    nkt_tree_arrived(swarm, from, envelope->digest, &casting.told);
    nkt_worth_heard(swarm, from, &envelope->from);
    nkt_cast_t cast = cast_take(swarm, sender, from, envelope);
    casting.is_told = cast == NKT_CAST_TELL;
    if (cast == NKT_CAST_DROP) {
        nkt_drop(swarm, NKT_E_RATE);
        return;
    }
    if (!hop_take(swarm, envelope, from, &dispatch, NKT_HOPS_MAX))
        return;
    if (nkt_way_is_kept(envelope->kind))
        casting.broadcast = nkt_recent_add(&swarm->recent, envelope->digest, &envelope->from, dispatch.frame, dispatch.size,
                                           swarm->now_ms);
    casting.hops = (uint8_t)(envelope->hops + 1);
    if (casting.broadcast != NULL)
        casting.broadcast->hops = casting.hops;
    nkt_way_broadcast(swarm, &dispatch, &casting);
    if (!casting.is_told)
        nkt_bridge_broadcast(swarm, envelope, &dispatch, from, sender);
    nkt_let_go(swarm, NKT_LENT_FRAME);
    nkt_count(swarm, NKT_TALLY_FORWARDED, dispatch.count > 0);
}

/*
 * In a mesh its author has asked all neighbours, and each of them knows a way or there is hardly one: if all of them asked all of theirs,
 * one who is away would cost everybody's links squared. Not so where somebody waits for a link, and not of what people say to one
 * whom we still hold for present: perhaps a bridge is between us.
 */
static int is_vain(nkt_swarm_t *swarm, const nkt_envelope_t *envelope, const nkt_user_t *to)
{
    if (envelope->is_sought || !nkt_view_is_mesh(swarm))
        return 0;
    return nkt_way_is_gossip(envelope->kind) || (to != NULL && nkt_user_reach(to) <= NKT_REACH_LOST);
}

/* To be asked of all: that costs its author, and more when its recipient is known to nobody here. */
static int stray_take(nkt_swarm_t *swarm, nkt_link_t *from, nkt_user_t *sender, const nkt_user_t *to)
{
    nkt_bucket_t *bucket = sender != NULL ? &sender->cast.stray_bucket : &from->cast.stray_bucket;
    return nkt_bucket_take_many(bucket, swarm->now_ms, NKT_STRAY_BURST, NKT_STRAY_PER_S, to == NULL ? NKT_STRAY_LOST_COST : 1);
}

static void directed_forward(nkt_swarm_t *swarm, const nkt_envelope_t *envelope, nkt_link_t *from, nkt_user_t *sender)
{
    nkt_dispatch_t dispatch;
    nkt_user_t *to = nkt_user_find(swarm, &envelope->to);
    uint32_t path = nkt_way_path(swarm, &envelope->to);
    if (path == from->id || (to != NULL && nkt_user_reach(to) == NKT_REACH_NONE))
        path = 0; /* that is where it comes from; or where the recipient was */
    nkt_mailbox_keep(swarm, envelope, from, to);
    nkt_route_view_t view = nkt_way_view(swarm, to, path);
    unsigned ways = nkt_route_directed(origin_of(from), &view);
    /* in a small swarm a flood costs no more for going all the way, and with few links a peer it may be a long one */
    int is_crowd = nkt_view_known(swarm) >= NKT_CROWD_COUNT_MIN;
    if ((is_crowd && envelope->hops >= NKT_FLOOD_HOPS_MAX) || !nkt_way_is_worth_flooding(swarm, envelope->kind, envelope->is_sought) ||
        is_vain(swarm, envelope, to))
        ways &= ~(unsigned)NKT_ROUTE_FLOOD;
    if (to != NULL && !envelope->is_sought && nkt_user_is_stranger(swarm, to))
        ways = nkt_way_to_stranger(ways);
    if (ways & (NKT_ROUTE_FLOOD | NKT_ROUTE_RELAY_ALL) && !stray_take(swarm, from, sender, to)) {
        ways &= ~(unsigned)(NKT_ROUTE_FLOOD | NKT_ROUTE_RELAY_ALL);
        nkt_drop(swarm, NKT_E_RATE);
    }
    if (!hop_take(swarm, envelope, from, &dispatch, NKT_DIRECTED_HOPS_MAX))
        return;
    dispatch.to = &envelope->to;
    dispatch.user = to;
    dispatch.path = path;
    nkt_way_directed(swarm, &dispatch, ways, from, sender);
    nkt_bridge_directed(swarm, envelope, &dispatch, from, sender);
    nkt_let_go(swarm, NKT_LENT_FRAME);
    nkt_count(swarm, NKT_TALLY_FORWARDED, dispatch.count > 0);
}

void nkt_forward(nkt_swarm_t *swarm, const nkt_envelope_t *envelope, nkt_link_t *from, nkt_user_t *sender)
{
    if (nkt_address_is_zero(&envelope->to))
        broadcast_forward(swarm, envelope, from, sender);
    else
        directed_forward(swarm, envelope, from, sender);
}

void nkt_forward_over(nkt_swarm_t *swarm, const nkt_envelope_t *envelope, nkt_link_t *link)
{
    nkt_dispatch_t dispatch;
    if (!hop_take(swarm, envelope, NULL, &dispatch, NKT_WALK_HOPS_MAX))
        return;
    nkt_way_send(swarm, link, &dispatch, NULL);
    nkt_let_go(swarm, NKT_LENT_FRAME);
    nkt_count(swarm, NKT_TALLY_FORWARDED, 1);
}
