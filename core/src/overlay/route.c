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
    ways = NKT_ROUTE_FLOOD;
    if (view->is_relay_up && origin != NKT_ROUTE_FROM_RELAY)
        ways |= NKT_ROUTE_RELAY_ALL;
    return ways;
}

unsigned nkt_route_broadcast(nkt_route_origin_t origin, int is_relay_up, int is_sender_on_relay)
{
    switch (origin) {
    case NKT_ROUTE_OWN:
        return NKT_ROUTE_FLOOD | (is_relay_up ? NKT_ROUTE_RELAY_ALL : 0u);
    case NKT_ROUTE_FROM_RELAY:
        /* everybody on the relay has it: bridge to those who are not */
        return NKT_ROUTE_FLOOD_OFF_RELAY;
    case NKT_ROUTE_FROM_LINK:
    default:
        return NKT_ROUTE_FLOOD | (is_relay_up && !is_sender_on_relay ? NKT_ROUTE_RELAY_ALL : 0u);
    }
}
