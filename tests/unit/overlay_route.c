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
        nkt_route_view_t view; /* is_linked, is_on_relay, is_relay_up, has_path */
        unsigned ways;
    } rows[] = {
        {OWN, {1, 1, 1, 1}, NKT_ROUTE_LINK | NKT_ROUTE_RELAY_TO},
        {OWN, {1, 0, 1, 0}, NKT_ROUTE_LINK},
        {OWN, {1, 0, 0, 1}, NKT_ROUTE_LINK},
        {OWN, {1, 1, 0, 0}, NKT_ROUTE_LINK},
        {OWN, {0, 1, 1, 1}, NKT_ROUTE_RELAY_TO},
        {OWN, {0, 0, 1, 0}, NKT_ROUTE_FLOOD | NKT_ROUTE_RELAY_ALL},
        {OWN, {0, 0, 1, 1}, NKT_ROUTE_PATH | NKT_ROUTE_RELAY_ALL},
        {OWN, {0, 1, 0, 0}, NKT_ROUTE_FLOOD},
        {OWN, {0, 1, 0, 1}, NKT_ROUTE_PATH},
        {OWN, {0, 0, 0, 0}, NKT_ROUTE_FLOOD},
        {OWN, {0, 0, 0, 1}, NKT_ROUTE_PATH},
        {LINK, {1, 1, 1, 0}, NKT_ROUTE_LINK | NKT_ROUTE_RELAY_TO},
        {LINK, {0, 1, 1, 0}, NKT_ROUTE_RELAY_TO},
        {LINK, {0, 0, 1, 0}, NKT_ROUTE_FLOOD | NKT_ROUTE_RELAY_ALL},
        {LINK, {0, 0, 0, 0}, NKT_ROUTE_FLOOD},
        {LINK, {0, 0, 0, 1}, NKT_ROUTE_PATH},
        {RELAY, {1, 1, 1, 1}, NKT_ROUTE_LINK},
        {RELAY, {1, 0, 1, 0}, NKT_ROUTE_LINK},
        {RELAY, {0, 1, 1, 0}, NKT_ROUTE_FLOOD}, /* never back to the relay */
        {RELAY, {0, 0, 1, 1}, NKT_ROUTE_PATH},
        {RELAY, {0, 0, 1, 0}, NKT_ROUTE_FLOOD},
        {RELAY, {0, 0, 0, 0}, NKT_ROUTE_FLOOD},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        check_row("row %zu", i);
        CHECK_EQ(nkt_route_directed((nkt_route_origin_t)rows[i].origin, &rows[i].view), rows[i].ways);
    }
}

TEST(route_of_broadcasts_over_relays)
{
    static const struct {
        int origin, is_relay_up, is_author_on_relay, is_relayed;
    } rows[] = {
        {OWN, 1, 0, 1}, {OWN, 0, 0, 0}, {LINK, 1, 0, 1}, {LINK, 1, 1, 0}, {LINK, 0, 0, 0}, {RELAY, 1, 1, 0}, {RELAY, 1, 0, 0},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        check_row("row %zu", i);
        CHECK_EQ(nkt_route_broadcast_relay((nkt_route_origin_t)rows[i].origin, rows[i].is_relay_up, rows[i].is_author_on_relay),
                 rows[i].is_relayed);
    }
}

TEST(route_of_broadcasts_over_links)
{
    enum { SKIP = NKT_ROUTE_SKIP, PUSH = NKT_ROUTE_PUSH, TELL = NKT_ROUTE_ANNOUNCE };
    static const struct {
        int origin, is_flood, is_early, is_relay_up, is_author_on_relay, is_neighbour_on_relay, choice;
    } rows[] = {
        {OWN, 1, 1, 1, 1, 1, PUSH},  {OWN, 1, 0, 0, 1, 0, PUSH},   {LINK, 1, 0, 1, 1, 1, PUSH},  {RELAY, 1, 1, 1, 1, 1, SKIP},
        {RELAY, 1, 1, 1, 1, 0, PUSH}, {OWN, 0, 1, 1, 1, 1, PUSH},  {OWN, 0, 0, 1, 1, 1, TELL},   {LINK, 0, 1, 0, 0, 0, PUSH},
        {LINK, 0, 0, 0, 0, 0, TELL}, {LINK, 0, 1, 1, 1, 1, TELL},  {LINK, 0, 1, 1, 1, 0, PUSH},  {LINK, 0, 1, 1, 0, 1, PUSH},
        {LINK, 0, 1, 0, 1, 1, PUSH}, {RELAY, 0, 1, 1, 1, 1, TELL}, {RELAY, 0, 1, 1, 0, 1, TELL}, {RELAY, 0, 1, 1, 1, 0, PUSH},
        {RELAY, 0, 0, 1, 1, 0, TELL},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const nkt_route_edge_t edge = {
            .origin = (nkt_route_origin_t)rows[i].origin,
            .is_flood = rows[i].is_flood,
            .is_early = rows[i].is_early,
            .is_relay_up = rows[i].is_relay_up,
            .is_author_on_relay = rows[i].is_author_on_relay,
            .is_neighbour_on_relay = rows[i].is_neighbour_on_relay,
        };
        check_row("row %zu", i);
        CHECK_EQ(nkt_route_broadcast_edge(&edge), rows[i].choice);
    }
}
