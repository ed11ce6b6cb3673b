/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of links, and questions to it. What closing one entails is links/close.c. */
#include <assert.h>
#include <stdlib.h>

#include <sodium.h>

#include "base/base58.h"
#include "state/state.h"
#include "state/swarm.h"

int nkt_link_is_live(const nkt_link_t *link)
{
    return link->kind == NKT_LINK_RTC && link->state == NKT_LINK_LIVE;
}

/* An attempt with that peer that has not come up yet. */
nkt_link_t *nkt_link_pending(nkt_swarm_t *swarm, const nkt_address_t *peer)
{
    for (size_t i = 0; i < swarm->link_count; i++) {
        nkt_link_t *link = swarm->links[i];
        if (link->kind == NKT_LINK_RTC && link->state < NKT_LINK_LIVE && nkt_address_compare(&link->rtc.peer, peer) == 0 &&
            link->rtc.invitation == NULL) /* which may wait for minutes, and must not stand in another's way */
            return link;
    }
    return NULL;
}

int nkt_mesh_is_pending(nkt_swarm_t *swarm, const nkt_address_t *peer)
{
    return nkt_link_pending(swarm, peer) != NULL;
}

void nkt_link_state_set(nkt_link_t *link, nkt_link_state_t state)
{
    assert(state > link->state); /* a link never goes back: what was proved stays proved, what is closed is freed */
    link->state = state;
}

nkt_link_t *nkt_link_find(nkt_swarm_t *swarm, uint32_t id)
{
    for (size_t i = 0; i < swarm->link_count; i++) {
        if (swarm->links[i]->id == id)
            return swarm->links[i];
    }
    return NULL;
}

void nkt_link_alarm(nkt_swarm_t *swarm, nkt_link_t *link, uint64_t at_ms)
{
    nkt_alarm_set(swarm, &link->timer, at_ms);
}

void nkt_link_rest(nkt_swarm_t *swarm, nkt_link_t *link)
{
    nkt_alarm_clear(swarm, &link->timer);
}

void nkt_link_remove(nkt_swarm_t *swarm, nkt_link_t *link)
{
    size_t place = 0;
    while (place < swarm->link_count && swarm->links[place] != link)
        place++;
    assert(place < swarm->link_count); /* closed once */
    swarm->links[place] = swarm->links[--swarm->link_count];
    nkt_link_rest(swarm, link);
    if (swarm->blame.from == link)
        nkt_blame_end(swarm);
}

void nkt_link_unplug(nkt_link_t *link)
{
    if (link->endpoint != NULL)
        link->endpoint->link = NULL;
}

size_t nkt_rtc_count(const nkt_swarm_t *swarm, int live_only)
{
    size_t count = 0;
    for (size_t i = 0; i < swarm->link_count; i++) {
        const nkt_link_t *link = swarm->links[i];
        count += link->kind == NKT_LINK_RTC && (!live_only || link->state == NKT_LINK_LIVE);
    }
    return count;
}

int nkt_link_is_steady(const nkt_link_t *link)
{
    return link->kind == NKT_LINK_RTC && link->state == NKT_LINK_LIVE && !link->pulse.is_suspect;
}

nkt_link_t *nkt_relay_of(const nkt_swarm_t *swarm, const nkt_user_t *user)
{
    for (size_t i = 0; i < swarm->endpoint_count; i++) {
        const nkt_endpoint_t *endpoint = &swarm->endpoints[i];
        if (endpoint->kind == NKT_LINK_RELAY && endpoint->socket.is_welcome && endpoint->link != NULL &&
            endpoint->link->state == NKT_LINK_LIVE && user->presence.relay_bits >> endpoint->index & 1)
            return endpoint->link;
    }
    return NULL;
}
