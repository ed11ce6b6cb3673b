/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Looking for one user by address: through every relay (whoever holds the address there answers our greeting), every
 * tracker (its owner is announced in a place derived from the address) and the swarm, all at once.
 */
#include <string.h>

#include "base/base58.h"
#include "links/links.h"
#include "people/people.h"
#include "routing/routing.h"
#include "state/state.h"
#include "state/swarm.h"

static void connect_end(nkt_swarm_t *swarm, nkt_connect_t *connect, int err)
{
    const char *reason = err == NKT_OK ? "" : nkt_err_text(err);
    nkt_alarm_clear(swarm, &connect->timer);
    connect->is_used = 0;
    nkt_emit(swarm, &(nkt_effect_t){.kind = NKT_FX_CONNECTED,
                                    .ticket = connect->ticket,
                                    .address = connect->target,
                                    .value = err,
                                    .text = reason,
                                    .text_size = strlen(reason)});
}

void nkt_connect_endpoint(nkt_swarm_t *swarm, nkt_endpoint_t *endpoint)
{
    for (size_t i = 0; i < NKT_CONNECT_COUNT_MAX; i++) {
        nkt_connect_t *connect = &swarm->connects[i];
        if (!connect->is_used)
            continue;
        if (endpoint->kind == NKT_LINK_RELAY)
            nkt_post_seek(swarm, endpoint->link, &connect->target);
        else
            nkt_announce_want(swarm, endpoint, &connect->room, &connect->target, NKT_TRACKER_OFFER_COUNT);
    }
}

static void search(nkt_swarm_t *swarm, nkt_connect_t *connect)
{
    nkt_user_t *user = nkt_user_find(swarm, &connect->target);
    if (user != NULL) {
        nkt_user_met(user);
        nkt_user_prove(swarm, user, NKT_PROOF_SOUGHT);
        nkt_mesh_want(swarm, user, 1);
    }
    for (size_t i = 0; i < swarm->endpoint_count; i++) {
        nkt_endpoint_t *endpoint = &swarm->endpoints[i];
        if (!endpoint->socket.is_up)
            continue;
        if (endpoint->kind == NKT_LINK_RELAY) {
            nkt_post_seek(swarm, endpoint->link, &connect->target);
            continue;
        }
        nkt_announce_want(swarm, endpoint, &connect->room, &connect->target, NKT_TRACKER_OFFER_COUNT);
        for (size_t k = 0; k < swarm->link_count; k++) {
            nkt_link_t *link = swarm->links[k];
            if (link->endpoint == endpoint && link->state == NKT_LINK_OFFERED &&
                strcmp(link->rtc.place.info_hash, connect->room.info_hash) == 0) {
                nkt_announce_offer(swarm, link); /* the same offers again: they may have met other seekers */
                break;
            }
        }
    }
    uint64_t again_ms = swarm->now_ms + NKT_CONNECT_ANNOUNCE_MS;
    nkt_alarm_set(swarm, &connect->timer, again_ms < connect->until_ms ? again_ms : connect->until_ms);
}

int nkt_connect_begin(nkt_swarm_t *swarm, const nkt_address_t *target, uint32_t ticket, uint64_t wait_ms)
{
    if (nkt_address_is_zero(target))
        return NKT_E_ADDRESS;
    if (nkt_address_compare(target, &swarm->identity.address) == 0)
        return NKT_E_SELF;
    nkt_connect_t *connect = NULL;
    for (size_t i = 0; i < NKT_CONNECT_COUNT_MAX && connect == NULL; i++) {
        if (!swarm->connects[i].is_used)
            connect = &swarm->connects[i];
    }
    if (connect == NULL)
        return NKT_E_STATE;
    *connect = (nkt_connect_t){.is_used = 1, .ticket = ticket, .target = *target};
    connect->until_ms = swarm->now_ms + (wait_ms == 0 ? NKT_CONNECT_MS : wait_ms);
    nkt_room_of_address(&connect->room, target);
    nkt_timer_init(&connect->timer, NKT_TIMER_CONNECT, connect);
    const nkt_user_t *user = nkt_user_find(swarm, target);
    if (user != NULL && user->mesh.link != NULL)
        connect_end(swarm, connect, NKT_OK);
    else
        search(swarm, connect);
    return NKT_OK;
}

int nkt_connect_cancel(nkt_swarm_t *swarm, uint32_t ticket)
{
    for (size_t i = 0; i < NKT_CONNECT_COUNT_MAX; i++) {
        if (swarm->connects[i].is_used && swarm->connects[i].ticket == ticket) {
            connect_end(swarm, &swarm->connects[i], NKT_E_CANCELLED);
            return NKT_OK;
        }
    }
    return NKT_E_ARGUMENT;
}

void nkt_connect_timer(nkt_swarm_t *swarm, nkt_connect_t *connect)
{
    if (swarm->now_ms < connect->until_ms) {
        search(swarm, connect);
        return;
    }
    int has_way = nkt_endpoints_up(swarm, NKT_LINK_RELAY) + nkt_endpoints_up(swarm, NKT_LINK_TRACKER) > 0 ||
                  nkt_rtc_count(swarm, 1) > 0;
    connect_end(swarm, connect, has_way ? NKT_E_NOT_FOUND : NKT_E_NO_WAY);
}

void nkt_connect_live(nkt_swarm_t *swarm, const nkt_address_t *address)
{
    for (size_t i = 0; i < NKT_CONNECT_COUNT_MAX; i++) {
        nkt_connect_t *connect = &swarm->connects[i];
        if (connect->is_used && nkt_address_compare(&connect->target, address) == 0)
            connect_end(swarm, connect, NKT_OK);
    }
}

void nkt_connect_stop(nkt_swarm_t *swarm)
{
    for (size_t i = 0; i < NKT_CONNECT_COUNT_MAX; i++) {
        if (swarm->connects[i].is_used)
            connect_end(swarm, &swarm->connects[i], NKT_E_STOPPED);
    }
}
