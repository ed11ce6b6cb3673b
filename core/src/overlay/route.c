/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "overlay/route.h"

unsigned nkt_route_directed(nkt_route_origin_t origin, const nkt_route_view_t *view)
{
    unsigned ways = 0;
    if (view->is_linked)
        ways |= NKT_ROUTE_LINK;
    /* what came by the relay has been offered to its recipient there already */
    if (view->is_on_relay && view->is_relay_up && origin != NKT_ROUTE_FROM_RELAY)
        ways |= NKT_ROUTE_RELAY_TO;
    if (ways != 0)
        return ways;
    ways = view->has_path ? NKT_ROUTE_PATH : NKT_ROUTE_FLOOD;
    if (view->is_relay_up && origin != NKT_ROUTE_FROM_RELAY)
        ways |= NKT_ROUTE_RELAY_ALL;
    return ways;
}

int nkt_route_broadcast_relay(nkt_route_origin_t origin, int is_relay_up, int is_author_on_relay)
{
    return is_relay_up && (origin == NKT_ROUTE_OWN || (origin == NKT_ROUTE_FROM_LINK && !is_author_on_relay));
}

nkt_route_choice_t nkt_route_broadcast_edge(const nkt_route_edge_t *edge)
{
    int is_covered = edge->is_relay_up && edge->is_neighbour_on_relay &&
                     (edge->origin == NKT_ROUTE_FROM_RELAY || edge->is_author_on_relay);
    if (edge->is_flood) {
        /* everybody on the relay has it: bridge to those who are not */
        return edge->origin == NKT_ROUTE_FROM_RELAY && edge->is_neighbour_on_relay ? NKT_ROUTE_SKIP : NKT_ROUTE_PUSH;
    }
    /* a relay is not trusted: whom it should have served is told all the same */
    if (is_covered && edge->origin != NKT_ROUTE_OWN)
        return NKT_ROUTE_ANNOUNCE;
    return edge->is_early ? NKT_ROUTE_PUSH : NKT_ROUTE_ANNOUNCE;
}
