/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From one relay to another that knows nothing of it: whoever is at both passes on what those cannot hear who are at the other alone. All
 * who could do it wait, in an order that each frame draws anew, and whoever hears it there meanwhile leaves it. What is decided here
 * is which frames, to which relays, and how soon; what waits is overlay/bridge.h.
 */
#include <string.h>

#include "base/base58.h"
#include "routing/routing.h"
#include "state/state.h"
#include "state/swarm.h"

/* What there is to decide by. */
typedef struct nkt_span {
    uint32_t ways;  /* relays that it may be put on: they are up, and it did not come by them */
    uint32_t known; /* where it was heard, or its author was */
    size_t others, before; /* others who could do it, and of them those who are to do it before us; many: not all are counted */
} nkt_span_t;

static uint32_t relays_up(const nkt_swarm_t *swarm)
{
    uint32_t bits = 0;
    for (size_t i = 0; i < swarm->endpoint_count; i++) {
        const nkt_endpoint_t *endpoint = &swarm->endpoints[i];
        if (endpoint->kind == NKT_LINK_RELAY && endpoint->socket.is_welcome)
            bits |= 1u << endpoint->index;
    }
    return bits;
}

static nkt_link_t *relay_at(const nkt_swarm_t *swarm, uint32_t index)
{
    for (size_t i = 0; i < swarm->endpoint_count; i++) {
        const nkt_endpoint_t *endpoint = &swarm->endpoints[i];
        if (endpoint->kind == NKT_LINK_RELAY && endpoint->index == index && endpoint->socket.is_welcome)
            return endpoint->link;
    }
    return NULL;
}

static uint32_t relay_bit(const nkt_link_t *link)
{
    return link->kind == NKT_LINK_RELAY ? 1u << link->endpoint->index : 0;
}

static int is_one_bit(uint32_t bits)
{
    return (bits & (bits - 1)) == 0;
}

/* Of these ways: where somebody is who is nowhere where it is known. */
static uint32_t audience_of(const nkt_swarm_t *swarm, const nkt_envelope_t *envelope, const nkt_span_t *span)
{
    uint32_t audience = 0;
    for (size_t i = 0; i < swarm->users.count && audience != span->ways; i++) {
        const nkt_user_t *user = swarm->user_list[i];
        uint32_t there = user->presence.relay_bits & span->ways, here = user->presence.relay_bits & span->known;
        if (there != 0 && is_one_bit(here) && nkt_address_compare(&user->address, &envelope->from) != 0)
            audience |= here == 0 ? there : there & here;
    }
    return audience;
}

/* Strangers may be any number, and pass nothing on. */
static void others_count(nkt_swarm_t *swarm, const nkt_envelope_t *envelope, nkt_span_t *span)
{
    uint32_t own = nkt_keep_distance(&swarm->identity.address, envelope->digest);
    for (size_t i = 0; i < swarm->users.count && (span->before <= NKT_BRIDGE_BEFORE_MAX || span->others < NKT_BRIDGE_SHARE_MAX); i++) {
        const nkt_user_t *user = swarm->user_list[i];
        uint32_t there = user->presence.relay_bits & span->ways, here = user->presence.relay_bits & span->known;
        int is_before = nkt_keep_distance(&user->address, envelope->digest) < own;
        if (there == 0 || here == 0 || is_one_bit(here | there) || (!is_before && span->others >= NKT_BRIDGE_SHARE_MAX) ||
            nkt_address_compare(&user->address, &envelope->from) == 0 || nkt_address_compare(&user->address, &envelope->to) == 0 ||
            nkt_user_is_stranger(swarm, user))
            continue;
        span->others++;
        span->before += (size_t)is_before;
    }
}

static uint64_t span_wait(nkt_swarm_t *swarm, const nkt_span_t *span, int is_author_there)
{
    size_t before = span->before < NKT_BRIDGE_BEFORE_MAX ? span->before : NKT_BRIDGE_BEFORE_MAX;
    uint64_t wait_ms = before * NKT_BRIDGE_STEP_MS + nkt_chance_below(swarm, NKT_BRIDGE_CHANCE_MS);
    if (span->before > NKT_BRIDGE_BEFORE_MAX) /* these are in no order */
        wait_ms += nkt_chance_below(swarm, (uint64_t)NKT_BRIDGE_BEFORE_MAX * NKT_BRIDGE_STEP_MS);
    return is_author_there ? wait_ms + NKT_BRIDGE_AUTHOR_MS : wait_ms;
}

/*
 * What others make us say to those who never asked for it: of one author, and of all; strangers have one budget together. All who could
 * say it share each budget, so a flood crosses as if there were one of them. What we have no budget left for, the next one says.
 */
static int crossing_take(nkt_swarm_t *swarm, const nkt_crossing_t *crossing)
{
    nkt_user_t *author = nkt_user_find(swarm, &crossing->author);
    nkt_bridging_t *all = &swarm->bridging;
    uint32_t sharers = 1 + (crossing->others < NKT_BRIDGE_SHARE_MAX ? crossing->others : NKT_BRIDGE_SHARE_MAX);
    uint32_t cost = sharers * (1 + (uint32_t)(crossing->size / NKT_CAST_UNIT_SIZE));
    if (author == NULL || nkt_user_is_stranger(swarm, author))
        return nkt_bucket_take_many(&all->stray_bucket, swarm->now_ms, NKT_BRIDGE_STRAY_BURST, NKT_BRIDGE_STRAY_PER_S, cost);
    return nkt_bucket_has(&all->bucket, swarm->now_ms, NKT_BRIDGE_BURST, NKT_BRIDGE_PER_S) &&
           nkt_bucket_take_many(&author->cast.bridge_bucket, swarm->now_ms, NKT_BRIDGE_AUTHOR_BURST, NKT_BRIDGE_AUTHOR_PER_S, cost) &&
           nkt_bucket_take_many(&all->bucket, swarm->now_ms, NKT_BRIDGE_BURST, NKT_BRIDGE_PER_S, cost);
}

static void crossing_send(nkt_swarm_t *swarm, const nkt_crossing_t *crossing)
{
    nkt_dispatch_t dispatch = {.frame = crossing->frame, .size = crossing->size, .is_forwarded = 1};
    const nkt_user_t *to = nkt_address_is_zero(&crossing->to) ? NULL : nkt_user_find(swarm, &crossing->to);
    for (uint32_t index = 0; crossing->relays >> index != 0; index++) {
        nkt_link_t *relay = crossing->relays >> index & 1 ? relay_at(swarm, index) : NULL;
        if (relay == NULL)
            continue; /* it is gone, or was no goal */
        if (!crossing_take(swarm, crossing)) {
            nkt_drop(swarm, NKT_E_RATE);
            return;
        }
        int is_there = to != NULL && to->presence.relay_bits >> index & 1;
        nkt_way_send(swarm, relay, &dispatch, is_there ? &to->address : NULL);
        nkt_count(swarm, NKT_TALLY_BRIDGED, 1);
    }
}

static void arm(nkt_swarm_t *swarm)
{
    const nkt_crossing_t *first = nkt_bridge_first(&swarm->bridging.waiting);
    if (first != NULL)
        nkt_alarm_set_by(swarm, &swarm->bridging.timer, first->due_ms);
}

void nkt_bridge_timer(nkt_swarm_t *swarm)
{
    nkt_bridge_t *waiting = &swarm->bridging.waiting;
    for (size_t budget = NKT_BRIDGE_COUNT_MAX; budget > 0; budget--) {
        const nkt_crossing_t *first = nkt_bridge_first(waiting);
        if (first == NULL || first->due_ms > swarm->now_ms)
            break;
        crossing_send(swarm, first);
        nkt_bridge_drop(waiting, first);
    }
    arm(swarm);
}

static void span_cross(nkt_swarm_t *swarm, const nkt_envelope_t *envelope, const nkt_dispatch_t *dispatch, const nkt_user_t *author,
                       nkt_span_t *span)
{
    nkt_bridge_t *waiting = &swarm->bridging.waiting;
    int is_author_there = author != NULL && author->presence.relay_bits & span->ways;
    others_count(swarm, envelope, span);
    const nkt_crossing_t head = {
        .due_ms = swarm->now_ms + span_wait(swarm, span, is_author_there),
        .relays = span->ways,
        .author = envelope->from,
        .to = span->others == 0 ? envelope->to : (nkt_address_t){{0}}, /* nobody else has to hear that it is said */
        .others = (uint32_t)span->others,
        .is_stray = author == NULL || nkt_user_is_stranger(swarm, author),
    };
    while (!nkt_bridge_has_room(waiting, dispatch->size)) {
        nkt_bridge_evict(waiting, (size_t)nkt_chance_below(swarm, waiting->count));
        nkt_drop(swarm, NKT_E_RATE);
    }
    int err = nkt_bridge_add(waiting, &head, dispatch->frame, dispatch->size);
    if (err < 0)
        nkt_drop(swarm, err);
    else
        arm(swarm);
}

void nkt_bridge_broadcast(nkt_swarm_t *swarm, const nkt_envelope_t *envelope, const nkt_dispatch_t *dispatch, const nkt_link_t *from,
                          const nkt_user_t *author)
{
    uint32_t up = relays_up(swarm), author_bits = author == NULL ? 0 : author->presence.relay_bits;
    if (is_one_bit(up) || (from->kind != NKT_LINK_RELAY && author_bits == 0))
        return; /* of one who is on no relay it was put on all */
    nkt_span_t span = {.ways = up & ~relay_bit(from), .known = author_bits | relay_bit(from)};
    span.ways = audience_of(swarm, envelope, &span);
    if (span.ways != 0)
        span_cross(swarm, envelope, dispatch, author, &span);
}

/* Where it was heard through others, unless that is long ago. */
static uint32_t far_of(const nkt_swarm_t *swarm, const nkt_user_t *user)
{
    const nkt_user_cast_t *cast = &user->cast;
    uint64_t age_ms = swarm->now_ms - cast->far_ms;
    if (age_ms >= 2 * (uint64_t)NKT_BRIDGE_FAR_MS)
        return 0;
    return age_ms < NKT_BRIDGE_FAR_MS ? cast->far_bits | cast->far_former_bits : cast->far_bits;
}

void nkt_bridge_directed(nkt_swarm_t *swarm, const nkt_envelope_t *envelope, const nkt_dispatch_t *dispatch, const nkt_link_t *from,
                         const nkt_user_t *author)
{
    const nkt_user_t *to = dispatch->user;
    if (from->kind != NKT_LINK_RELAY || to == NULL || nkt_user_reach(to) == NKT_REACH_NONE)
        return;
    if (to->mesh.link != NULL && nkt_link_is_steady(to->mesh.link))
        return; /* it went over that */
    uint32_t theirs = to->presence.relay_bits | far_of(swarm, to);
    nkt_span_t span = {.ways = relays_up(swarm) & ~relay_bit(from) & theirs, .known = relay_bit(from)};
    if (span.ways != 0)
        span_cross(swarm, envelope, dispatch, author, &span);
}

void nkt_bridge_learn(const nkt_swarm_t *swarm, nkt_user_t *author, const nkt_link_t *link, const nkt_envelope_t *envelope)
{
    nkt_user_cast_t *cast = &author->cast;
    uint64_t age_ms = swarm->now_ms - cast->far_ms;
    if (envelope->hops == 0 || link->kind != NKT_LINK_RELAY)
        return;
    if (age_ms >= NKT_BRIDGE_FAR_MS) {
        int is_fresh = age_ms < 2 * (uint64_t)NKT_BRIDGE_FAR_MS;
        cast->far_former_bits = is_fresh ? cast->far_bits : 0;
        cast->far_ms = is_fresh ? cast->far_ms + NKT_BRIDGE_FAR_MS : swarm->now_ms;
        cast->far_bits = 0;
    }
    cast->far_bits |= relay_bit(link);
}

void nkt_bridge_overheard(nkt_swarm_t *swarm, const nkt_link_t *relay, const uint8_t *frame, size_t size)
{
    if (swarm->bridging.waiting.count > 0 && nkt_bridge_heard(&swarm->bridging.waiting, relay->endpoint->index, frame, size))
        nkt_count(swarm, NKT_TALLY_BRIDGE_SPARED, 1);
}
