/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Own envelopes on their way out: signed, and sent over every way that serves; or given to some who keep them. */
#include <string.h>

#include "base/base58.h"
#include "nkt.pb-c.h"
#include "routing/routing.h"
#include "state/state.h"
#include "state/swarm.h"

/* Those who pass it on, or get it, may not know us. */
static int needs_record(nkt_swarm_t *swarm, nkt_kind_t kind, const nkt_user_t *to, unsigned ways)
{
    int is_crowd = nkt_view_known(swarm) >= NKT_CROWD_COUNT_MIN;
    if (kind == NKT_KIND_GREETING)
        return 0; /* it is one */
    if (kind == NKT_KIND_WALK || kind == NKT_KIND_MAIL)
        return 1; /* a recipient who was away knows its neighbours of then */
    if (to == NULL)
        return is_crowd && kind != NKT_KIND_BYE;
    if (kind == NKT_KIND_SIGNAL && to->talk.state != NKT_SESSION_ESTABLISHED)
        return 1; /* amid strangers he may have answered us, and not have kept us: he is to know who offers a link */
    return ways & (NKT_ROUTE_PATH | NKT_ROUTE_FLOOD) && (is_crowd || kind == NKT_KIND_SIGNAL);
}

/* Does a person wait for a link with the recipient? What is said is worth as much without the mark. */
static int is_sought(nkt_swarm_t *swarm, nkt_kind_t kind, const nkt_address_t *to)
{
    return to != NULL && (kind == NKT_KIND_SIGNAL || kind == NKT_KIND_GREETING) && nkt_connect_find(swarm, to) != NULL;
}

/* The frame is held from then on, if all went well. how: NKT_POST_KEEP, NKT_POST_DIRECT. */
static int frame_make(nkt_swarm_t *swarm, const nkt_buf_t *payload, nkt_kind_t kind, const nkt_address_t *to,
                      const nkt_signed_record_t *record, unsigned how, nkt_dispatch_t *dispatch)
{
    int may_keep = (how & NKT_POST_KEEP) != 0;
    const nkt_envelope_parts_t parts = {
        .network = swarm->room.network,
        .from = &swarm->identity.address,
        .to = to,
        .kind = kind,
        .created_ms = swarm->time_ms,
        .ttl_s = may_keep ? NKT_ENVELOPE_TTL_S_MAX : 0,
        .may_keep = may_keep,
        .payload = payload->data,
        .payload_size = payload->size,
        .is_sought = is_sought(swarm, kind, to),
        .record = record,
    };
    *dispatch = (nkt_dispatch_t){.kind = kind, .to = to};
    nkt_buf_t *frame = nkt_lend(swarm, NKT_LENT_FRAME);
    int err = nkt_envelope_encode(frame, &parts, how & NKT_POST_DIRECT ? NULL : swarm->identity.sign_secret, dispatch->digest);
    dispatch->frame = frame->data;
    dispatch->size = frame->size;
    if (err == NKT_OK)
        err = nkt_once(swarm, dispatch->digest);
    if (err == NKT_OK)
        nkt_hold(swarm, NKT_LENT_FRAME);
    return err;
}

/* A proof of our room is nobody else's business. */
static void own_lend(const nkt_swarm_t *swarm, const nkt_user_t *to, nkt_signed_record_t *own)
{
    nkt_own_lend_record(swarm, own);
    if (to != NULL && !to->standing.is_member && !swarm->room.is_open)
        own->membership = NULL;
}

/*
 * What is said in a session goes over the recipient's own link alone, as long as that is not in doubt: a relay need not know of it, and
 * nobody has to prove anything to anybody. What was lost on the way is said again after a second, every way and signed. One who was
 * heard by another way since may have begun anew, and his link not be known to be gone yet.
 */
static unsigned session_ways(const nkt_user_t *to, unsigned ways, unsigned how)
{
    if (!(ways & NKT_ROUTE_LINK) || how & NKT_POST_AGAIN || to->mesh.link->pulse.heard_ms < to->presence.heard_ms)
        return ways;
    return NKT_ROUTE_LINK;
}

/* The one way that it went, if it can be told: not what others do with it. */
static uint32_t way_of(nkt_swarm_t *swarm, const nkt_user_t *to, const nkt_dispatch_t *dispatch)
{
    const nkt_link_t *link = dispatch->count == 1 ? nkt_link_find(swarm, dispatch->link) : NULL;
    return link != NULL && (link->kind == NKT_LINK_RELAY || link == to->mesh.link) ? link->id : 0;
}

/* *dispatch tells how it went. */
static int post(nkt_swarm_t *swarm, const nkt_buf_t *payload, nkt_kind_t kind, nkt_user_t *to, uint32_t ticket, unsigned how,
                nkt_dispatch_t *dispatch)
{
    nkt_signed_record_t own;
    int is_away = to != NULL && nkt_user_reach(to) == NKT_REACH_NONE; /* a path would lead to where it was */
    uint32_t path = to == NULL || is_away ? 0 : nkt_way_path(swarm, &to->address);
    nkt_route_view_t view = nkt_way_view(swarm, to, path);
    unsigned ways = to == NULL ? 0 : nkt_route_directed(NKT_ROUTE_OWN, &view);
    if (to != NULL && to->delivery.queue_count == 0 &&
        !nkt_way_is_worth_flooding(swarm, kind, nkt_connect_find(swarm, &to->address) != NULL))
        ways &= ~(unsigned)NKT_ROUTE_FLOOD;
    if (to != NULL && nkt_user_is_stranger(swarm, to))
        ways = nkt_way_to_stranger(ways);
    if (kind == NKT_KIND_SESSION)
        ways = session_ways(to, ways, how);
    if (kind == NKT_KIND_SESSION && ways == NKT_ROUTE_LINK)
        how = NKT_POST_DIRECT; /* nobody on the way could keep it */
    own_lend(swarm, to, &own);
    int has_record = needs_record(swarm, kind, to, ways);
    const nkt_address_t *address = to == NULL ? NULL : &to->address;
    int err = frame_make(swarm, payload, kind, address, has_record ? &own : NULL, how, dispatch);
    if (err < 0)
        return err;
    dispatch->user = to;
    dispatch->path = path;
    dispatch->ticket = ticket;
    if (to != NULL) {
        nkt_way_directed(swarm, dispatch, ways, NULL, NULL);
        nkt_let_go(swarm, NKT_LENT_FRAME);
        return dispatch->count;
    }
    nkt_casting_t casting = {.edge = {.origin = NKT_ROUTE_OWN}};
    if (nkt_way_is_kept(kind))
        casting.broadcast = nkt_recent_add(&swarm->recent, dispatch->digest, &swarm->identity.address, dispatch->frame,
                                           dispatch->size, swarm->now_ms);
    nkt_way_broadcast(swarm, dispatch, &casting);
    nkt_let_go(swarm, NKT_LENT_FRAME);
    return dispatch->count;
}

/* By one way, the quickest: others have it as well. */
static int post_mail(nkt_swarm_t *swarm, const nkt_buf_t *payload, nkt_user_t *keeper, uint32_t ticket)
{
    nkt_dispatch_t dispatch;
    if (keeper->mesh.link == NULL || !nkt_link_is_steady(keeper->mesh.link))
        return post(swarm, payload, NKT_KIND_MAIL, keeper, ticket, 0, &dispatch);
    int err = frame_make(swarm, payload, NKT_KIND_MAIL, &keeper->address, NULL, 0, &dispatch);
    if (err < 0)
        return err;
    dispatch.ticket = ticket;
    nkt_way_send(swarm, keeper->mesh.link, &dispatch, NULL);
    nkt_let_go(swarm, NKT_LENT_FRAME);
    return 1;
}

static int may_be_keeper(const nkt_swarm_t *swarm, const nkt_user_t *user)
{
    return user->standing.is_member && nkt_user_is_open(user) && nkt_user_reach(user) > NKT_REACH_LOST && nkt_user_is_near(swarm, user);
}

static int is_among(const nkt_user_t *user, nkt_user_t *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (list[i] == user)
            return 1;
    }
    return 0;
}

/* The nearest of those who may keep it, the nearest first. */
static size_t keepers_pick(nkt_swarm_t *swarm, const uint8_t id[NKT_ID_SIZE], nkt_user_t *const *to, size_t to_count,
                           nkt_user_t *keepers[NKT_MAIL_KEEPER_COUNT])
{
    size_t count = 0, count_max = to_count > 1 ? NKT_MAIL_SHARED_KEEPER_COUNT : NKT_MAIL_KEEPER_COUNT;
    for (size_t i = 0; i < swarm->users.count; i++) {
        nkt_user_t *user = swarm->user_list[i];
        if (!may_be_keeper(swarm, user) || is_among(user, to, to_count))
            continue;
        size_t place = count;
        while (place > 0 && nkt_keep_distance(&user->address, id) < nkt_keep_distance(&keepers[place - 1]->address, id))
            place--;
        if (place == count_max)
            continue;
        count += count < count_max;
        memmove(&keepers[place + 1], &keepers[place], (count - 1 - place) * sizeof keepers[0]);
        keepers[place] = user;
    }
    return count;
}

/* The frame that is held goes to some who keep it for others: in their MAIL, after the PUT with that ticket. To how many. */
static int mailbox_give(nkt_swarm_t *swarm, const uint8_t id[NKT_ID_SIZE], nkt_user_t *const *to, size_t to_count, uint32_t ticket)
{
    const nkt_buf_t *made = nkt_lent(swarm, NKT_LENT_FRAME);
    nkt_user_t *keepers[NKT_MAIL_KEEPER_COUNT];
    Nkt__Mail mail = NKT__MAIL__INIT;
    ProtobufCBinaryData frame = nkt_pack_lend(made->data, made->size);
    size_t keeper_count = keepers_pick(swarm, id, to, to_count, keepers);
    mail.frame = &frame;
    mail.n_frame = 1;
    int given_count = 0, err = keeper_count == 0 ? NKT_OK : nkt_pack(nkt_lend(swarm, NKT_LENT_PAYLOAD), &mail.base);
    nkt_let_go(swarm, NKT_LENT_FRAME); /* it is in the payload now */
    for (size_t i = 0; err == NKT_OK && i < keeper_count; i++)
        given_count += post_mail(swarm, nkt_lent(swarm, NKT_LENT_PAYLOAD), keepers[i], ticket) > 0;
    return err < 0 ? err : given_count;
}

int nkt_post(nkt_swarm_t *swarm, nkt_kind_t kind, nkt_user_t *to)
{
    return nkt_post_after(swarm, kind, to, 0);
}

int nkt_post_after(nkt_swarm_t *swarm, nkt_kind_t kind, nkt_user_t *to, uint32_t ticket)
{
    nkt_dispatch_t dispatch;
    return post(swarm, nkt_take(swarm, NKT_LENT_PAYLOAD), kind, to, ticket, 0, &dispatch);
}

static int letter_make(nkt_swarm_t *swarm, nkt_envelope_parts_t *parts, uint8_t id[NKT_ID_SIZE])
{
    const nkt_buf_t *payload = nkt_take(swarm, NKT_LENT_PAYLOAD);
    uint8_t digest[NKT_DIGEST_SIZE];
    parts->network = swarm->room.network;
    parts->from = &swarm->identity.address;
    parts->ttl_s = NKT_ENVELOPE_TTL_S_MAX;
    parts->may_keep = 1;
    parts->payload = payload->data;
    parts->payload_size = payload->size;
    int err = nkt_envelope_encode(nkt_lend(swarm, NKT_LENT_FRAME), parts, swarm->identity.sign_secret, digest);
    memcpy(id, digest, NKT_ID_SIZE);
    return err;
}

int nkt_post_write(nkt_swarm_t *swarm, nkt_kind_t kind, const nkt_address_t *to, uint32_t keep_s, uint64_t created_ms,
                   uint8_t id[NKT_ID_SIZE])
{
    nkt_envelope_parts_t parts = {.to = to, .kind = kind, .keep_s = keep_s, .created_ms = created_ms};
    return letter_make(swarm, &parts, id);
}

int nkt_post_write_to(nkt_swarm_t *swarm, const nkt_user_t *to, uint32_t keep_s, uint64_t created_ms, int has_record,
                      uint8_t id[NKT_ID_SIZE])
{
    nkt_signed_record_t own;
    own_lend(swarm, to, &own);
    nkt_envelope_parts_t parts = {.to = &to->address,
                                  .kind = NKT_KIND_SESSION,
                                  .keep_s = keep_s,
                                  .created_ms = created_ms,
                                  .record = has_record ? &own : NULL};
    return letter_make(swarm, &parts, id);
}

int nkt_post_shared(nkt_swarm_t *swarm, nkt_user_t *const *to, size_t to_count, uint32_t ticket, int has_record)
{
    nkt_dispatch_t dispatch;
    nkt_signed_record_t own;
    const nkt_buf_t *payload = nkt_take(swarm, NKT_LENT_PAYLOAD);
    nkt_own_lend_record(swarm, &own); /* all of them are members */
    int err = frame_make(swarm, payload, NKT_KIND_SHARED, NULL, has_record ? &own : NULL, NKT_POST_KEEP, &dispatch);
    return err < 0 ? err : mailbox_give(swarm, dispatch.digest, to, to_count, ticket);
}

int nkt_post_relayed(nkt_swarm_t *swarm, nkt_kind_t kind, const nkt_user_t *to, nkt_link_t *relay)
{
    nkt_dispatch_t dispatch;
    int err = frame_make(swarm, nkt_take(swarm, NKT_LENT_PAYLOAD), kind, &to->address, NULL, 0, &dispatch);
    if (err < 0)
        return err;
    nkt_way_send(swarm, relay, &dispatch, &to->address);
    nkt_let_go(swarm, NKT_LENT_FRAME);
    return 1;
}

int nkt_post_via(nkt_swarm_t *swarm, nkt_kind_t kind, nkt_user_t *to, nkt_link_t *link)
{
    nkt_dispatch_t dispatch;
    int err = frame_make(swarm, nkt_take(swarm, NKT_LENT_PAYLOAD), kind, &to->address, NULL, 0, &dispatch);
    if (err < 0)
        return err;
    nkt_way_send(swarm, link, &dispatch, NULL);
    nkt_let_go(swarm, NKT_LENT_FRAME);
    return 1;
}

int nkt_post_session(nkt_swarm_t *swarm, nkt_user_t *to, uint32_t ticket, unsigned how, uint32_t *way)
{
    nkt_dispatch_t dispatch;
    nkt_signed_record_t own;
    const nkt_buf_t *payload = nkt_take(swarm, NKT_LENT_PAYLOAD);
    if (way != NULL)
        *way = 0;
    if (how & NKT_POST_KEEP && nkt_user_reach(to) == NKT_REACH_NONE) {
        own_lend(swarm, to, &own); /* it is handed over when we are not there to be asked */
        int err = frame_make(swarm, payload, NKT_KIND_SESSION, &to->address, &own, NKT_POST_KEEP, &dispatch);
        if (err < 0)
            return err;
        nkt_mailbox_posted(swarm, to, dispatch.size);
        return mailbox_give(swarm, dispatch.digest, &to, 1, ticket);
    }
    int result = post(swarm, payload, NKT_KIND_SESSION, to, ticket, how, &dispatch);
    if (way != NULL && result > 0)
        *way = way_of(swarm, to, &dispatch);
    return result;
}

void nkt_post_over(nkt_swarm_t *swarm, nkt_kind_t kind, nkt_link_t *link)
{
    nkt_dispatch_t dispatch;
    nkt_signed_record_t own;
    nkt_own_lend_record(swarm, &own);
    const nkt_signed_record_t *record = kind == NKT_KIND_GREETING ? NULL : &own; /* it is one */
    if (frame_make(swarm, nkt_take(swarm, NKT_LENT_PAYLOAD), kind, NULL, record, 0, &dispatch) < 0)
        return;
    nkt_way_send(swarm, link, &dispatch, NULL);
    nkt_let_go(swarm, NKT_LENT_FRAME);
}

int nkt_post_to_address(nkt_swarm_t *swarm, nkt_link_t *relay, const nkt_address_t *to)
{
    nkt_dispatch_t dispatch;
    int err = frame_make(swarm, nkt_take(swarm, NKT_LENT_PAYLOAD), NKT_KIND_GREETING, to, NULL, 0, &dispatch);
    if (err < 0)
        return err;
    nkt_way_send(swarm, relay, &dispatch, to);
    nkt_let_go(swarm, NKT_LENT_FRAME);
    return NKT_OK;
}

int nkt_post_seek(nkt_swarm_t *swarm, nkt_link_t *relay, const nkt_address_t *to)
{
    int err = nkt_greeting_pack(swarm, 0, NKT_GREETING_SEEK, NULL);
    return err < 0 ? err : nkt_post_to_address(swarm, relay, to);
}

/* Is there anybody who could keep something for that user? */
int nkt_mailbox_has_keeper(const nkt_swarm_t *swarm, const nkt_user_t *away)
{
    for (size_t i = 0; i < swarm->users.count; i++) {
        const nkt_user_t *user = swarm->user_list[i];
        if (user != away && may_be_keeper(swarm, user))
            return 1;
    }
    return 0;
}
