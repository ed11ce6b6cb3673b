/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which ways an envelope takes. */
#include "overlay/route.h"

#include "check.h"

enum {
    OWN = NKT_ROUTE_OWN,
    LINK = NKT_ROUTE_FROM_LINK,
    RELAY = NKT_ROUTE_FROM_RELAY,
};

TEST(route_of_directed_envelopes)
{
    static const struct {
        int origin;
        nkt_route_view_t view; /* is_linked, is_on_relay, is_relay_up */
        unsigned ways;
    } rows[] = {
        {OWN, {1, 1, 1}, NKT_ROUTE_LINK | NKT_ROUTE_RELAY_TO},
        {OWN, {1, 0, 1}, NKT_ROUTE_LINK},
        {OWN, {1, 0, 0}, NKT_ROUTE_LINK},
        {OWN, {1, 1, 0}, NKT_ROUTE_LINK},
        {OWN, {0, 1, 1}, NKT_ROUTE_RELAY_TO},
        {OWN, {0, 0, 1}, NKT_ROUTE_FLOOD | NKT_ROUTE_RELAY_ALL},
        {OWN, {0, 1, 0}, NKT_ROUTE_FLOOD},
        {OWN, {0, 0, 0}, NKT_ROUTE_FLOOD},
        {LINK, {1, 1, 1}, NKT_ROUTE_LINK | NKT_ROUTE_RELAY_TO},
        {LINK, {0, 1, 1}, NKT_ROUTE_RELAY_TO},
        {LINK, {0, 0, 1}, NKT_ROUTE_FLOOD | NKT_ROUTE_RELAY_ALL},
        {LINK, {0, 0, 0}, NKT_ROUTE_FLOOD},
        {RELAY, {1, 1, 1}, NKT_ROUTE_LINK},
        {RELAY, {1, 0, 1}, NKT_ROUTE_LINK},
        {RELAY, {0, 1, 1}, NKT_ROUTE_FLOOD}, /* never back to the relay */
        {RELAY, {0, 0, 1}, NKT_ROUTE_FLOOD},
        {RELAY, {0, 0, 0}, NKT_ROUTE_FLOOD},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        check_row("row %zu", i);
        CHECK_EQ(nkt_route_directed((nkt_route_origin_t)rows[i].origin, &rows[i].view), rows[i].ways);
    }
}

TEST(route_of_broadcasts)
{
    static const struct {
        int origin, is_relay_up, is_sender_on_relay;
        unsigned ways;
    } rows[] = {
        {OWN, 1, 0, NKT_ROUTE_FLOOD | NKT_ROUTE_RELAY_ALL}, {OWN, 0, 0, NKT_ROUTE_FLOOD},
        {LINK, 1, 0, NKT_ROUTE_FLOOD | NKT_ROUTE_RELAY_ALL}, {LINK, 1, 1, NKT_ROUTE_FLOOD},
        {LINK, 0, 0, NKT_ROUTE_FLOOD},                      {LINK, 0, 1, NKT_ROUTE_FLOOD},
        {RELAY, 1, 1, NKT_ROUTE_FLOOD_OFF_RELAY},           {RELAY, 1, 0, NKT_ROUTE_FLOOD_OFF_RELAY},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        check_row("row %zu", i);
        CHECK_EQ(nkt_route_broadcast((nkt_route_origin_t)rows[i].origin, rows[i].is_relay_up, rows[i].is_sender_on_relay),
                 rows[i].ways);
    }
}
