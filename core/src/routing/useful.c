/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which links are first with broadcasts. What follows from it is links/worth.c. */
#include "base/base58.h"
#include "routing/routing.h"
#include "state/state.h"
#include "state/swarm.h"

void nkt_worth_heard(nkt_swarm_t *swarm, nkt_link_t *from, const nkt_address_t *author)
{
    if (from->kind != NKT_LINK_RTC)
        return; /* what a relay was quicker with says nothing about the links */
    for (size_t i = 0; i < swarm->link_count; i++) {
        nkt_link_t *link = swarm->links[i];
        if (nkt_link_is_live(link) && link != from && nkt_address_compare(&link->rtc.peer, author) != 0)
            link->tree.silent_count += link->tree.silent_count < UINT16_MAX;
    }
    if (nkt_address_compare(&from->rtc.peer, author) != 0) { /* what it says itself it says to whomever it likes */
        if (!nkt_tree_is_way(swarm, from))
            nkt_status_changed(swarm);
        from->tree.silent_count = 0;
        from->tree.useful_ms = swarm->now_ms;
    }
}

/* It was first with something of another's not long ago, and is so now and then. One that serves well and then passes nothing
 * on is worth as little as one that never did. */
int nkt_link_is_useful(const nkt_swarm_t *swarm, const nkt_link_t *link)
{
    return link->tree.useful_ms != 0 && swarm->now_ms - link->tree.useful_ms < NKT_LINK_USEFUL_MS &&
           link->tree.silent_count < NKT_LINK_SILENT_COUNT;
}

int nkt_tree_is_way(nkt_swarm_t *swarm, const nkt_link_t *link)
{
    return nkt_tree_is_flood(swarm, 0) || nkt_link_is_useful(swarm, link);
}
