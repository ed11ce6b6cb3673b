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
        if (link->kind == NKT_LINK_RTC && link->state != NKT_LINK_LIVE && nkt_address_compare(&link->rtc.peer, peer) == 0 &&
            link->rtc.invitation == NULL) /* which may wait for minutes, and must not stand in another's way */
            return link;
    }
    return NULL;
}

int nkt_mesh_is_pending(nkt_swarm_t *swarm, const nkt_address_t *peer)
{
    return nkt_link_pending(swarm, peer) != NULL;
}

nkt_link_t *nkt_link_open(nkt_swarm_t *swarm, nkt_link_kind_t kind, nkt_endpoint_t *endpoint)
{
    if (swarm->link_count == NKT_LINK_COUNT_MAX)
        return NULL;
    nkt_link_t *link = calloc(1, sizeof *link);
    if (link == NULL)
        return NULL;
    link->id = ++swarm->next_link_id;
    link->kind = kind;
    link->endpoint = endpoint;
    link->pulse.heard_ms = swarm->now_ms;
    nkt_timer_init(&link->timer, NKT_TIMER_LINK, link);
    swarm->links[swarm->link_count++] = link;
    return link;
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

void nkt_link_free(nkt_link_t *link)
{
    free(link->rtc.sealed_offer);
    free(link->rtc.invitation);
    nkt_buf_free(&link->tree.tidings);
    sodium_memzero(link, sizeof *link);
    free(link);
}

void nkt_links_deinit(nkt_swarm_t *swarm)
{
    for (size_t i = 0; i < swarm->link_count; i++)
        nkt_link_free(swarm->links[i]);
    swarm->link_count = 0;
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
    return link->kind == NKT_LINK_RTC && link->state == NKT_LINK_LIVE && !link->pulse.is_shaky;
}
