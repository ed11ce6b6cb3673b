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

/* The neighbour through whom that address was heard, if it is there. */
static uint32_t path_of(const nkt_swarm_t *swarm, const nkt_address_t *to)
{
    uint32_t id = nkt_paths_get(&swarm->paths, to);
    for (size_t i = 0; id != 0 && i < swarm->link_count; i++) {
        if (swarm->links[i]->id == id)
            return nkt_link_is_steady(swarm->links[i]) ? id : 0;
    }
    return 0;
}

static nkt_route_view_t view_of(const nkt_swarm_t *swarm, const nkt_user_t *user, uint32_t path)
{
    return (nkt_route_view_t){
        .is_linked = user != NULL && user->link != NULL && nkt_link_is_steady(user->link),
        .is_on_relay = user != NULL && user->relay_bits != 0,
        .is_relay_up = nkt_endpoints_up(swarm, NKT_LINK_RELAY) > 0,
        .has_path = path != 0,
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
    uint32_t path;           /* the link that leads to the recipient, 0: none */
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

/* ---- to one recipient ---- */

/* Does the relay ask the neighbour whether it knows one who is lost? Once is enough, as nobody waits for the answer. */
static int is_told(nkt_swarm_t *swarm, const nkt_dispatch_t *dispatch, unsigned ways, const nkt_link_t *link)
{
    const nkt_user_t *neighbour = nkt_user_find(swarm, &link->peer);
    return ways & NKT_ROUTE_RELAY_ALL && dispatch->kind == NKT_KIND_GREETING && dispatch->user != NULL &&
           dispatch->user->is_lost && neighbour != NULL && neighbour->relay_bits != 0;
}

/* Sends over the ways given; `from` is where it came from, its author `sender` is not sent it back. */
static void directed_run(nkt_swarm_t *swarm, nkt_dispatch_t *dispatch, unsigned ways, const nkt_link_t *from,
                         const nkt_user_t *sender)
{
    size_t flood_count = 0;
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
            int is_direct = dispatch->user != NULL && dispatch->user->link == link; /* also if its path is in doubt */
            int is_path = ways & NKT_ROUTE_PATH && dispatch->path == link->id;
            int is_flood = ways & NKT_ROUTE_FLOOD && flood_count < NKT_FLOOD_LINK_COUNT_MAX && !is_told(swarm, dispatch, ways, link);
            flood_count += is_flood != 0;
            if (is_direct || is_path || is_flood)
                send_over(swarm, link, dispatch, NULL);
        }
    }
}

/* ---- to everybody ---- */

/* Is a broadcast of that kind kept for neighbours who missed it? What keeps the swarm together heals by digests of users. */
static int is_kept(unsigned kind)
{
    return kind == NKT_KIND_CLEAR || kind == NKT_KIND_GROUP || kind >= NKT_KIND_COUNT;
}

typedef struct nkt_casting {
    nkt_route_edge_t edge;
    const nkt_link_t *from;     /* where it came from, NULL: our own */
    const nkt_user_t *author;   /* NULL: we */
    nkt_broadcast_t *broadcast; /* NULL: not kept */
    nkt_missing_entry_t told;   /* neighbours who have it: they told us before it came */
    size_t push_count;
    int is_told; /* announced only: pushed over no link, and put on no relay */
} nkt_casting_t;

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
    const nkt_user_t *neighbour = nkt_user_find(swarm, &link->peer);
    casting->edge.is_eager = !link->is_lazy;
    casting->edge.is_neighbour_on_relay = neighbour != NULL && neighbour->relay_bits != 0;
    nkt_route_choice_t choice = nkt_route_broadcast_edge(&casting->edge);
    if (choice == NKT_ROUTE_PUSH && (casting->is_told || (link->is_pressed && casting->broadcast != NULL)))
        choice = NKT_ROUTE_ANNOUNCE; /* it, or its author, has enough to carry: fetched when there is room */
    if (choice == NKT_ROUTE_PUSH && casting->edge.is_flood && casting->push_count >= NKT_FLOOD_LINK_COUNT_MAX &&
        casting->edge.origin != NKT_ROUTE_OWN)
        choice = NKT_ROUTE_SKIP;
    if (choice == NKT_ROUTE_PUSH) {
        send_over(swarm, link, dispatch, NULL);
        casting->push_count++;
    } else if (choice == NKT_ROUTE_ANNOUNCE && casting->broadcast != NULL) {
        nkt_tree_announce(swarm, link, casting->broadcast);
    }
}

static void broadcast_run(nkt_swarm_t *swarm, nkt_dispatch_t *dispatch, nkt_casting_t *casting)
{
    casting->edge.is_relay_up = nkt_endpoints_up(swarm, NKT_LINK_RELAY) > 0;
    casting->edge.is_author_on_relay = casting->author == NULL || casting->author->relay_bits != 0;
    casting->edge.is_flood = nkt_tree_is_flood(swarm, dispatch->size);
    int is_relayed = nkt_route_broadcast_relay(casting->edge.origin, casting->edge.is_relay_up, casting->edge.is_author_on_relay);
    /* from a random link on: a flood over some of them must not always leave out the same */
    size_t start = (size_t)nkt_prng_below(&swarm->prng, swarm->link_count);
    for (size_t i = 0; i < swarm->link_count; i++) {
        nkt_link_t *link = swarm->links[(start + i) % swarm->link_count];
        if (link == casting->from || (casting->author != NULL && casting->author->link == link))
            continue;
        if (is_relay_up(link) && is_relayed && casting->is_told)
            nkt_drop(swarm, NKT_E_RATE); /* who is on the relay alone cannot fetch it: what he misses is counted here at least */
        else if (is_relay_up(link) && is_relayed)
            send_over(swarm, link, dispatch, NULL);
        else if (is_rtc_live(link))
            link_cast(swarm, link, dispatch, casting);
    }
}

/* ---- own envelopes ---- */

/*
 * Gossip with one user finds its way or is not missed; what people say, and whom they look for, is worth asking everybody.
 * The signals for a link that a walk found are not in a crowd: the next walk costs less than asking thousands.
 */
static int is_gossip(unsigned kind)
{
    return kind == NKT_KIND_GREETING || kind == NKT_KIND_DIGEST || kind == NKT_KIND_WANT || kind == NKT_KIND_RECORDS ||
           kind == NKT_KIND_KEEP || kind == NKT_KIND_RECEIPT; /* these are said again */
}

static int is_worth_flooding(nkt_swarm_t *swarm, unsigned kind, int is_sought)
{
    if (is_sought || (is_gossip(kind) && nkt_view_is_mesh(swarm)))
        return 1;
    return !is_gossip(kind) && (kind != NKT_KIND_SIGNAL || nkt_view_size(swarm) < NKT_CROWD_COUNT_MIN);
}

/* One of whom nobody knows whether he is there gets it by the way he was heard, or not at all. */
static unsigned ways_to_stranger(unsigned ways)
{
    ways &= ~(unsigned)NKT_ROUTE_FLOOD;
    return ways & NKT_ROUTE_PATH ? ways & ~(unsigned)NKT_ROUTE_RELAY_ALL : ways;
}

/* Those who pass it on, or get it, may not know us. */
static int needs_record(nkt_swarm_t *swarm, nkt_kind_t kind, const nkt_user_t *to, unsigned ways, int may_keep)
{
    int is_crowd = nkt_view_known(swarm) >= NKT_CROWD_COUNT_MIN;
    if (kind == NKT_KIND_GREETING)
        return 0; /* it is one */
    if (kind == NKT_KIND_WALK || kind == NKT_KIND_MAIL)
        return 1; /* a recipient who was away knows its neighbours of then */
    if (may_keep && to->flags & NKT_USER_UNREACHABLE)
        return 1; /* it is handed over when we are not there to be asked */
    if (to == NULL)
        return is_crowd && kind != NKT_KIND_BYE;
    return ways & (NKT_ROUTE_PATH | NKT_ROUTE_FLOOD) && (is_crowd || kind == NKT_KIND_SIGNAL);
}

/* Does a person wait for a link with the recipient? What is said is worth as much without the mark. */
static int is_sought(nkt_swarm_t *swarm, nkt_kind_t kind, const nkt_address_t *to)
{
    return to != NULL && (kind == NKT_KIND_SIGNAL || kind == NKT_KIND_GREETING) && nkt_connect_find(swarm, to) != NULL;
}

static int frame_make(nkt_swarm_t *swarm, nkt_kind_t kind, const nkt_address_t *to, const nkt_signed_record_t *record,
                      int may_keep, nkt_dispatch_t *dispatch)
{
    const nkt_envelope_parts_t parts = {
        .network = swarm->room.network,
        .from = &swarm->identity.address,
        .to = to,
        .kind = kind,
        .created_ms = swarm->time_ms,
        .ttl_s = may_keep ? NKT_ENVELOPE_TTL_S_MAX : 0,
        .may_keep = may_keep,
        .payload = swarm->payload.data,
        .payload_size = swarm->payload.size,
        .is_sought = is_sought(swarm, kind, to),
        .record = record,
    };
    *dispatch = (nkt_dispatch_t){.kind = kind, .to = to};
    int err = nkt_envelope_encode(&swarm->frame, &parts, swarm->identity.sign_secret, dispatch->digest);
    dispatch->frame = swarm->frame.data;
    dispatch->size = swarm->frame.size;
    if (err == NKT_OK)
        err = nkt_seen_add(&swarm->seen, dispatch->digest, swarm->now_ms);
    return err;
}

static int post(nkt_swarm_t *swarm, nkt_kind_t kind, nkt_user_t *to, uint32_t ticket, int may_keep)
{
    nkt_dispatch_t dispatch;
    nkt_signed_record_t own;
    int is_away = to != NULL && to->flags & NKT_USER_UNREACHABLE; /* a path would lead to where it was */
    uint32_t path = to == NULL || is_away ? 0 : path_of(swarm, &to->address);
    nkt_route_view_t view = view_of(swarm, to, path);
    unsigned ways = to == NULL ? 0 : nkt_route_directed(NKT_ROUTE_OWN, &view);
    if (to != NULL && to->queue_count == 0 && !is_worth_flooding(swarm, kind, nkt_connect_find(swarm, &to->address) != NULL))
        ways &= ~(unsigned)NKT_ROUTE_FLOOD;
    if (to != NULL && nkt_user_is_stranger(swarm, to))
        ways = ways_to_stranger(ways);
    nkt_own_lend_record(swarm, &own);
    if (to != NULL && !to->is_member && !swarm->room.is_open)
        own.membership = NULL; /* a proof of our room is nobody else's business */
    int has_record = needs_record(swarm, kind, to, ways, may_keep);
    int err = frame_make(swarm, kind, to == NULL ? NULL : &to->address, has_record ? &own : NULL, may_keep, &dispatch);
    if (err < 0)
        return err;
    dispatch.user = to;
    dispatch.path = path;
    dispatch.ticket = ticket;
    if (to != NULL) {
        if (is_away && may_keep) {
            nkt_mailbox_posted(swarm, to, dispatch.size);
            return nkt_mailbox_give(swarm, dispatch.digest, &to, 1, ticket);
        }
        directed_run(swarm, &dispatch, ways, NULL, NULL);
        return dispatch.count;
    }
    nkt_casting_t casting = {.edge = {.origin = NKT_ROUTE_OWN}};
    if (is_kept(kind))
        casting.broadcast = nkt_recent_add(&swarm->recent, dispatch.digest, &swarm->identity.address, dispatch.frame,
                                           dispatch.size, swarm->now_ms);
    broadcast_run(swarm, &dispatch, &casting);
    return dispatch.count;
}

int nkt_post(nkt_swarm_t *swarm, nkt_kind_t kind, nkt_user_t *to)
{
    return post(swarm, kind, to, 0, 0);
}

int nkt_post_after(nkt_swarm_t *swarm, nkt_kind_t kind, nkt_user_t *to, uint32_t ticket)
{
    return post(swarm, kind, to, ticket, 0);
}

int nkt_post_write(nkt_swarm_t *swarm, nkt_kind_t kind, const nkt_address_t *to, uint32_t keep_s, uint64_t created_ms,
                   uint8_t id[NKT_ID_SIZE])
{
    const nkt_envelope_parts_t parts = {
        .network = swarm->room.network,
        .from = &swarm->identity.address,
        .to = to,
        .kind = kind,
        .created_ms = created_ms,
        .ttl_s = NKT_ENVELOPE_TTL_S_MAX,
        .may_keep = 1,
        .keep_s = keep_s,
        .payload = swarm->payload.data,
        .payload_size = swarm->payload.size,
    };
    uint8_t digest[NKT_DIGEST_SIZE];
    int err = nkt_envelope_encode(&swarm->frame, &parts, swarm->identity.sign_secret, digest);
    memcpy(id, digest, NKT_ID_SIZE);
    return err;
}

/* By one way, the quickest: others have it as well. */
int nkt_post_mail(nkt_swarm_t *swarm, nkt_user_t *keeper, uint32_t ticket)
{
    nkt_dispatch_t dispatch;
    if (keeper->link == NULL || !nkt_link_is_steady(keeper->link))
        return post(swarm, NKT_KIND_MAIL, keeper, ticket, 0);
    int err = frame_make(swarm, NKT_KIND_MAIL, &keeper->address, NULL, 0, &dispatch);
    dispatch.ticket = ticket;
    if (err == NKT_OK)
        send_over(swarm, keeper->link, &dispatch, NULL);
    return err < 0 ? err : 1;
}

int nkt_post_shared(nkt_swarm_t *swarm, nkt_user_t *const *to, size_t to_count, uint32_t ticket)
{
    nkt_dispatch_t dispatch;
    int err = frame_make(swarm, NKT_KIND_SHARED, NULL, NULL, 1, &dispatch); /* who has a session with us has our record */
    return err < 0 ? err : nkt_mailbox_give(swarm, dispatch.digest, to, to_count, ticket);
}

int nkt_post_via(nkt_swarm_t *swarm, nkt_kind_t kind, nkt_user_t *to, nkt_link_t *link)
{
    nkt_dispatch_t dispatch;
    int err = frame_make(swarm, kind, &to->address, NULL, 0, &dispatch);
    if (err == NKT_OK)
        send_over(swarm, link, &dispatch, NULL);
    return err < 0 ? err : 1;
}

int nkt_post_session(nkt_swarm_t *swarm, nkt_user_t *to, uint32_t ticket, int may_keep)
{
    return post(swarm, NKT_KIND_SESSION, to, ticket, may_keep);
}

void nkt_post_over(nkt_swarm_t *swarm, nkt_kind_t kind, nkt_link_t *link)
{
    nkt_dispatch_t dispatch;
    nkt_signed_record_t own;
    nkt_own_lend_record(swarm, &own);
    if (frame_make(swarm, kind, NULL, &own, 0, &dispatch) == NKT_OK)
        send_over(swarm, link, &dispatch, NULL);
}

void nkt_post_again(nkt_swarm_t *swarm, nkt_link_t *link, const nkt_broadcast_t *broadcast)
{
    nkt_dispatch_t dispatch = {.frame = broadcast->frame, .size = broadcast->size, .is_forwarded = 1};
    send_over(swarm, link, &dispatch, NULL);
}

int nkt_post_to_address(nkt_swarm_t *swarm, nkt_link_t *relay, const nkt_address_t *to)
{
    nkt_dispatch_t dispatch;
    int err = frame_make(swarm, NKT_KIND_GREETING, to, NULL, 0, &dispatch);
    if (err == NKT_OK)
        send_over(swarm, relay, &dispatch, to);
    return err;
}

int nkt_post_seek(nkt_swarm_t *swarm, nkt_link_t *relay, const nkt_address_t *to)
{
    int err = nkt_greeting_pack(swarm, 0, NKT_GREETING_SEEK, NULL);
    return err < 0 ? err : nkt_post_to_address(swarm, relay, to);
}

/* ---- forwarding ---- */

/* Puts the frame with one hop more into swarm->frame. 0: it may not be passed on. */
static int hop_take(nkt_swarm_t *swarm, const nkt_envelope_t *envelope, nkt_link_t *from, nkt_dispatch_t *dispatch,
                    uint8_t hops_max)
{
    if (envelope->hops >= hops_max) {
        nkt_drop(swarm, NKT_E_HOPS);
        return 0;
    }
    if (from != NULL && !nkt_bucket_take(&from->forward_bucket, swarm->now_ms, NKT_FORWARD_BURST, NKT_FORWARD_PER_S)) {
        nkt_drop(swarm, NKT_E_RATE);
        return 0;
    }
    if (nkt_buf_set(&swarm->frame, envelope->frame, envelope->frame_size) < 0)
        return 0;
    swarm->frame.data[1] = (uint8_t)(envelope->hops + 1);
    *dispatch = (nkt_dispatch_t){.frame = swarm->frame.data, .size = swarm->frame.size, .is_forwarded = 1};
    return 1;
}

static nkt_route_origin_t origin_of(const nkt_link_t *from)
{
    return from->kind == NKT_LINK_RELAY ? NKT_ROUTE_FROM_RELAY : NKT_ROUTE_FROM_LINK;
}

/*
 * What others may make us send, whichever links it comes by: so many frames and bytes of one author at once and a second
 * are pushed; what is more is announced, and each fetches it once; what is far more goes no further. Authors have budgets
 * of their own, so nobody waits for another's flood. What this version does not know is announced only.
 */
typedef enum nkt_cast { NKT_CAST_PUSH, NKT_CAST_TELL, NKT_CAST_DROP } nkt_cast_t;

static nkt_cast_t cast_take(nkt_swarm_t *swarm, nkt_user_t *author, nkt_link_t *from, const nkt_envelope_t *envelope)
{
    if (author == NULL) /* a stranger at the door, whom we have no room for: all of a link's together */
        return nkt_bucket_take_many(&from->stray_bucket, swarm->now_ms, NKT_STRAY_BURST, NKT_STRAY_PER_S, NKT_CAST_LOUD_COST)
                   ? NKT_CAST_PUSH
                   : NKT_CAST_DROP;
    uint32_t cost = is_kept(envelope->kind) ? 1 + (uint32_t)(envelope->frame_size / NKT_CAST_UNIT_SIZE) : NKT_CAST_LOUD_COST;
    if (!nkt_bucket_take_many(&author->tell_bucket, swarm->now_ms, NKT_CAST_TELL_BURST, NKT_CAST_TELL_PER_S, cost))
        return NKT_CAST_DROP;
    if (envelope->kind >= NKT_KIND_COUNT)
        return NKT_CAST_TELL;
    if (nkt_bucket_take_many(&author->push_bucket, swarm->now_ms, NKT_CAST_PUSH_BURST, NKT_CAST_PUSH_PER_S, cost))
        return NKT_CAST_PUSH;
    return is_kept(envelope->kind) ? NKT_CAST_TELL : NKT_CAST_DROP;
}

static void broadcast_forward(nkt_swarm_t *swarm, const nkt_envelope_t *envelope, nkt_link_t *from, nkt_user_t *sender)
{
    nkt_dispatch_t dispatch;
    nkt_casting_t casting = {.edge = {.origin = origin_of(from)}, .from = from, .author = sender};
    int is_rtc = from->kind == NKT_LINK_RTC;
    nkt_tree_arrived(swarm, envelope->digest, &casting.told);
    nkt_worth_heard(swarm, from, &envelope->from);
    nkt_cast_t cast = cast_take(swarm, sender, from, envelope);
    casting.is_told = cast == NKT_CAST_TELL;
    if (cast == NKT_CAST_DROP) {
        nkt_drop(swarm, NKT_E_RATE);
        return;
    }
    if (!hop_take(swarm, envelope, from, &dispatch, NKT_HOPS_MAX))
        return;
    if (is_kept(envelope->kind))
        casting.broadcast = nkt_recent_add(&swarm->recent, envelope->digest, &envelope->from, dispatch.frame, dispatch.size,
                                           swarm->now_ms);
    if (casting.broadcast != NULL) {
        casting.broadcast->from_link = is_rtc ? from->id : 0;
        casting.broadcast->is_relayed = (uint8_t)!is_rtc;
        casting.broadcast->hops = (uint8_t)(envelope->hops + 1);
    }
    broadcast_run(swarm, &dispatch, &casting);
    swarm->counters.forwarded += dispatch.count > 0;
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
    return is_gossip(envelope->kind) || (to != NULL && (to->flags & NKT_USER_UNREACHABLE || to->is_lost));
}

/* To be asked of all: that costs its author, and more when its recipient is known to nobody here. */
static int stray_take(nkt_swarm_t *swarm, nkt_link_t *from, nkt_user_t *sender, const nkt_user_t *to)
{
    nkt_bucket_t *bucket = sender != NULL ? &sender->stray_bucket : &from->stray_bucket;
    return nkt_bucket_take_many(bucket, swarm->now_ms, NKT_STRAY_BURST, NKT_STRAY_PER_S, to == NULL ? NKT_STRAY_LOST_COST : 1);
}

static void directed_forward(nkt_swarm_t *swarm, const nkt_envelope_t *envelope, nkt_link_t *from, nkt_user_t *sender)
{
    nkt_dispatch_t dispatch;
    nkt_user_t *to = nkt_user_find(swarm, &envelope->to);
    uint32_t path = path_of(swarm, &envelope->to);
    if (path == from->id || (to != NULL && to->flags & NKT_USER_UNREACHABLE))
        path = 0; /* that is where it comes from; or where the recipient was */
    nkt_mailbox_keep(swarm, envelope, from, to);
    nkt_route_view_t view = view_of(swarm, to, path);
    unsigned ways = nkt_route_directed(origin_of(from), &view);
    /* in a small swarm a flood costs no more for going all the way, and with few links a peer it may be a long one */
    int is_crowd = nkt_view_known(swarm) >= NKT_CROWD_COUNT_MIN;
    if ((is_crowd && envelope->hops >= NKT_FLOOD_HOPS_MAX) || !is_worth_flooding(swarm, envelope->kind, envelope->is_sought) ||
        is_vain(swarm, envelope, to))
        ways &= ~(unsigned)NKT_ROUTE_FLOOD;
    if (to != NULL && !envelope->is_sought && nkt_user_is_stranger(swarm, to))
        ways = ways_to_stranger(ways);
    if (ways & (NKT_ROUTE_FLOOD | NKT_ROUTE_RELAY_ALL) && !stray_take(swarm, from, sender, to)) {
        ways &= ~(unsigned)(NKT_ROUTE_FLOOD | NKT_ROUTE_RELAY_ALL);
        nkt_drop(swarm, NKT_E_RATE);
    }
    if (!hop_take(swarm, envelope, from, &dispatch, NKT_DIRECTED_HOPS_MAX))
        return;
    dispatch.to = &envelope->to;
    dispatch.user = to;
    dispatch.path = path;
    directed_run(swarm, &dispatch, ways, from, sender);
    swarm->counters.forwarded += dispatch.count > 0;
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
    send_over(swarm, link, &dispatch, NULL);
    swarm->counters.forwarded++;
}
