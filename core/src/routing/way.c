/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One signed frame over the links that overlay/route.h names: to one recipient, or to everybody. */
#include <string.h>

#include "base/base58.h"
#include "routing/routing.h"
#include "state/state.h"
#include "state/swarm.h"

static int is_relay_up(const nkt_link_t *link)
{
    return link->kind == NKT_LINK_RELAY && link->state == NKT_LINK_LIVE;
}

/* The neighbour through whom that address was heard, if it is there. */
uint32_t nkt_way_path(const nkt_swarm_t *swarm, const nkt_address_t *to)
{
    uint32_t id = nkt_paths_get(&swarm->paths, to);
    for (size_t i = 0; id != 0 && i < swarm->link_count; i++) {
        if (swarm->links[i]->id == id)
            return nkt_link_is_steady(swarm->links[i]) ? id : 0;
    }
    return 0;
}

nkt_route_view_t nkt_way_view(const nkt_swarm_t *swarm, const nkt_user_t *user, uint32_t path)
{
    return (nkt_route_view_t){
        .is_linked = user != NULL && user->mesh.link != NULL && nkt_link_is_steady(user->mesh.link),
        .is_on_relay = user != NULL && user->presence.relay_bits != 0,
        .is_relay_up = nkt_endpoints_up(swarm, NKT_LINK_RELAY) > 0,
        .has_path = path != 0,
    };
}

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

void nkt_way_send(nkt_swarm_t *swarm, nkt_link_t *link, nkt_dispatch_t *dispatch, const nkt_address_t *relay_to)
{
    if (link->kind == NKT_LINK_RELAY)
        nkt_relay_send(swarm, link, relay_to, dispatch->frame, dispatch->size, dispatch->ticket);
    else
        nkt_emit_send(swarm, link, dispatch->frame, dispatch->size, 0, dispatch->ticket);
    nkt_count(swarm, NKT_TALLY_FRAMES_OUT, 1);
    dispatch->count++;
    dispatch->link = link->id;
    if (!dispatch->is_forwarded)
        frame_tell(swarm, link, dispatch);
}

/* Does the relay ask the neighbour whether it knows one who is lost? Once is enough, as nobody waits for the answer. */
static int is_told(nkt_swarm_t *swarm, const nkt_dispatch_t *dispatch, unsigned ways, const nkt_link_t *link)
{
    const nkt_user_t *neighbour = nkt_user_find(swarm, &link->rtc.peer);
    return ways & NKT_ROUTE_RELAY_ALL && dispatch->kind == NKT_KIND_GREETING && dispatch->user != NULL &&
           nkt_user_was_lost(dispatch->user) && neighbour != NULL && neighbour->presence.relay_bits != 0;
}

/* Sends over the ways given; `from` is where it came from, its author `sender` is not sent it back. */
void nkt_way_directed(nkt_swarm_t *swarm, nkt_dispatch_t *dispatch, unsigned ways, const nkt_link_t *from,
                         const nkt_user_t *sender)
{
    size_t flood_count = 0;
    for (size_t i = 0; i < swarm->link_count; i++) {
        nkt_link_t *link = swarm->links[i];
        if (link == from || (sender != NULL && sender->mesh.link == link))
            continue;
        if (is_relay_up(link)) {
            int is_there = sender != NULL && sender->presence.relay_bits >> link->endpoint->index & 1; /* who asked all there himself */
            if (ways & NKT_ROUTE_RELAY_ALL && !is_there)
                nkt_way_send(swarm, link, dispatch, NULL);
            else if (ways & NKT_ROUTE_RELAY_TO && dispatch->user->presence.relay_bits >> link->endpoint->index & 1)
                nkt_way_send(swarm, link, dispatch, dispatch->to);
        } else if (nkt_link_is_live(link)) {
            int is_direct = dispatch->user != NULL && dispatch->user->mesh.link == link; /* also if its path is in doubt */
            int is_path = ways & NKT_ROUTE_PATH && dispatch->path == link->id;
            int is_flood = ways & NKT_ROUTE_FLOOD && flood_count < NKT_FLOOD_LINK_COUNT_MAX && !is_told(swarm, dispatch, ways, link);
            flood_count += is_flood != 0;
            if (is_direct || is_path || is_flood)
                nkt_way_send(swarm, link, dispatch, NULL);
        }
    }
}

/* Is a broadcast of that kind kept for neighbours who missed it? What keeps the swarm together heals by digests of users. */
int nkt_way_is_kept(unsigned kind)
{
    return kind == NKT_KIND_CLEAR || kind == NKT_KIND_GROUP || kind >= NKT_KIND_COUNT;
}

static int has_told(const nkt_missing_entry_t *told, uint32_t link)
{
    for (size_t i = 0; i < told->link_count; i++) {
        if (told->links[i] == link)
            return 1;
    }
    return 0;
}

static void link_cast(nkt_swarm_t *swarm, nkt_link_t *link, nkt_dispatch_t *dispatch, nkt_casting_t *casting)
{
    if (has_told(&casting->told, link->id))
        return;
    const nkt_user_t *neighbour = nkt_user_find(swarm, &link->rtc.peer);
    casting->edge.is_early = casting->push_count < casting->push_max;
    casting->edge.is_neighbour_on_relay = neighbour != NULL && neighbour->presence.relay_bits != 0;
    nkt_route_choice_t choice = nkt_route_broadcast_edge(&casting->edge);
    if (choice == NKT_ROUTE_PUSH && (casting->is_told || (link->pulse.is_pressed && casting->broadcast != NULL)))
        choice = NKT_ROUTE_ANNOUNCE; /* it, or its author, has enough to carry: fetched when there is room */
    if (choice == NKT_ROUTE_PUSH && casting->edge.is_flood && casting->push_count >= NKT_FLOOD_LINK_COUNT_MAX &&
        casting->edge.origin != NKT_ROUTE_OWN)
        choice = NKT_ROUTE_SKIP;
    if (choice == NKT_ROUTE_PUSH) {
        nkt_way_send(swarm, link, dispatch, NULL);
        casting->push_count++;
    } else if (choice == NKT_ROUTE_ANNOUNCE && casting->broadcast != NULL) {
        nkt_tree_announce(swarm, link, casting->broadcast);
    }
}

void nkt_way_broadcast(nkt_swarm_t *swarm, nkt_dispatch_t *dispatch, nkt_casting_t *casting)
{
    casting->edge.is_relay_up = nkt_endpoints_up(swarm, NKT_LINK_RELAY) > 0;
    casting->edge.is_author_on_relay = casting->author == NULL || casting->author->presence.relay_bits != 0;
    casting->edge.is_flood = nkt_tree_is_flood(swarm, dispatch->size);
    casting->push_max = nkt_tree_push_max(swarm, casting->hops);
    int is_relayed = nkt_route_broadcast_relay(casting->edge.origin, casting->edge.is_relay_up, casting->edge.is_author_on_relay);
    /* from a random link on: a flood over some of them must not always leave out the same */
    size_t start = (size_t)nkt_chance_below(swarm, swarm->link_count);
    for (size_t i = 0; i < swarm->link_count; i++) {
        nkt_link_t *link = swarm->links[(start + i) % swarm->link_count];
        if (link == casting->from || (casting->author != NULL && casting->author->mesh.link == link))
            continue;
        if (is_relay_up(link) && is_relayed && casting->is_told)
            nkt_drop(swarm, NKT_E_RATE); /* who is on the relay alone cannot fetch it: what he misses is counted here at least */
        else if (is_relay_up(link) && is_relayed)
            nkt_way_send(swarm, link, dispatch, NULL);
        else if (nkt_link_is_live(link))
            link_cast(swarm, link, dispatch, casting);
    }
}

/*
 * Gossip with one user finds its way or is not missed; what people say, and whom they look for, is worth asking everybody.
 * The signals for a link that a walk found are not in a crowd: the next walk costs less than asking thousands.
 */
int nkt_way_is_gossip(unsigned kind)
{
    return kind == NKT_KIND_GREETING || kind == NKT_KIND_DIGEST || kind == NKT_KIND_WANT || kind == NKT_KIND_RECORDS ||
           kind == NKT_KIND_KEEP || kind == NKT_KIND_RECEIPT; /* these are said again */
}

int nkt_way_is_worth_flooding(nkt_swarm_t *swarm, unsigned kind, int is_sought)
{
    if (is_sought || (nkt_way_is_gossip(kind) && nkt_view_is_mesh(swarm)))
        return 1;
    return !nkt_way_is_gossip(kind) && (kind != NKT_KIND_SIGNAL || nkt_view_size(swarm) < NKT_CROWD_COUNT_MIN);
}

/* One of whom nobody knows whether he is there gets it by the way he was heard, or not at all. */
unsigned nkt_way_to_stranger(unsigned ways)
{
    ways &= ~(unsigned)NKT_ROUTE_FLOOD;
    return ways & NKT_ROUTE_PATH ? ways & ~(unsigned)NKT_ROUTE_RELAY_ALL : ways;
}

void nkt_post_again(nkt_swarm_t *swarm, nkt_link_t *link, const nkt_broadcast_t *broadcast)
{
    nkt_dispatch_t dispatch = {.frame = broadcast->frame, .size = broadcast->size, .is_forwarded = 1};
    nkt_way_send(swarm, link, &dispatch, NULL);
}
