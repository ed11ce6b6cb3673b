/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames that wait for another relay: only the same frame, of use there as ours would be, replaces ours. */
#include "overlay/bridge.h"

#include <string.h>

#include "check.h"

enum { SIZE = 100, HOPS = 3 };

/* A frame of its own for each number. */
static const uint8_t *frame_of(uint64_t number)
{
    static uint8_t frame[SIZE];
    check_fill(frame, sizeof frame, number);
    frame[0] = 0x21;
    frame[1] = HOPS;
    return frame;
}

static void add(nkt_bridge_t *bridge, uint64_t number, uint32_t relays, uint64_t due_ms)
{
    nkt_crossing_t head = {.due_ms = due_ms, .relays = relays};
    check_fill(head.author.b, sizeof head.author.b, number);
    CHECK_OK(nkt_bridge_add(bridge, &head, frame_of(number), SIZE));
}

TEST(bridge_gives_what_is_due_first)
{
    nkt_bridge_t bridge = {0};
    CHECK(nkt_bridge_first(&bridge) == NULL);
    add(&bridge, 1, 2, 300);
    add(&bridge, 2, 2, 100);
    add(&bridge, 3, 2, 200);
    for (uint64_t due_ms = 100; due_ms <= 300; due_ms += 100) {
        const nkt_crossing_t *first = nkt_bridge_first(&bridge);
        CHECK(first != NULL);
        CHECK_EQ(first->due_ms, due_ms);
        CHECK_EQ(first->size, SIZE);
        nkt_bridge_drop(&bridge, first);
    }
    CHECK_EQ(bridge.count, 0);
    CHECK_EQ(bridge.size, 0);
    nkt_bridge_deinit(&bridge);
}

TEST(bridge_says_nothing_that_was_heard_there)
{
    nkt_bridge_t bridge = {0};
    add(&bridge, 1, 2 | 4, 100);
    add(&bridge, 2, 2, 100);
    CHECK_EQ(nkt_bridge_heard(&bridge, 0, frame_of(1), SIZE), 0);
    CHECK_EQ(nkt_bridge_heard(&bridge, 1, frame_of(3), SIZE), 0);
    CHECK_EQ(bridge.count, 2);
    CHECK_EQ(nkt_bridge_heard(&bridge, 1, frame_of(1), SIZE), 1);
    CHECK_EQ(nkt_bridge_heard(&bridge, 1, frame_of(1), SIZE), 0); /* once is enough */
    CHECK_EQ(bridge.count, 2);                                    /* it waits for the other relay still */
    CHECK_EQ(nkt_bridge_heard(&bridge, 2, frame_of(1), SIZE), 1);
    CHECK_EQ(bridge.count, 1);
    CHECK_EQ(bridge.size, SIZE);
    CHECK_BYTES(nkt_bridge_first(&bridge)->frame, frame_of(2), SIZE);
    nkt_bridge_deinit(&bridge);
}

TEST(bridge_is_kept_from_nothing_by_what_is_not_as_good)
{
    static const struct {
        const char *what;
        size_t place, size;
        uint8_t by;
        int is_as_good;
    } rows[] = {
        {"of another type", 0, SIZE, 1, 0},
        {"with a few hops more", 1, SIZE, NKT_BRIDGE_HOPS_SLACK, 1},
        {"with more hops than are passed on", 1, SIZE, NKT_BRIDGE_HOPS_SLACK + 1, 0},
        {"with another signature", NKT_HEADER_SIZE, SIZE, 1, 0},
        {"with another body", SIZE - 1, SIZE, 1, 0},
        {"cut short", 0, SIZE - 1, 0, 0},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        nkt_bridge_t bridge = {0};
        uint8_t copy[SIZE];
        check_row("%s", rows[i].what);
        add(&bridge, 1, 2, 100);
        memcpy(copy, frame_of(1), SIZE);
        copy[rows[i].place] = (uint8_t)(copy[rows[i].place] + rows[i].by);
        CHECK_EQ(nkt_bridge_heard(&bridge, 1, copy, rows[i].size), rows[i].is_as_good);
        CHECK_EQ(bridge.count, !rows[i].is_as_good);
        nkt_bridge_deinit(&bridge);
    }
}

TEST(bridge_is_full_at_its_caps)
{
    nkt_bridge_t bridge = {0};
    for (uint64_t i = 0; i < NKT_BRIDGE_COUNT_MAX; i++) {
        CHECK(nkt_bridge_has_room(&bridge, SIZE));
        add(&bridge, i, 1, i);
    }
    CHECK(!nkt_bridge_has_room(&bridge, SIZE));
    nkt_bridge_evict(&bridge, NKT_BRIDGE_COUNT_MAX - 1);
    CHECK(nkt_bridge_has_room(&bridge, NKT_BRIDGE_SIZE_MAX - bridge.size));
    CHECK(!nkt_bridge_has_room(&bridge, NKT_BRIDGE_SIZE_MAX - bridge.size + 1));
    nkt_bridge_deinit(&bridge);
}

/* Whoever says a lot leaves room for others; and so do strangers, whoever they say they are. */
TEST(bridge_has_a_share_for_each_author)
{
    for (int is_stray = 0; is_stray <= 1; is_stray++) {
        nkt_bridge_t bridge = {0};
        nkt_crossing_t head = {.due_ms = 1, .relays = 1, .is_stray = (uint8_t)is_stray};
        check_row("strangers %d", is_stray);
        for (uint64_t i = 0; i <= NKT_BRIDGE_AUTHOR_COUNT_MAX; i++) {
            if (is_stray)
                check_fill(head.author.b, sizeof head.author.b, i);
            CHECK_ERR(nkt_bridge_add(&bridge, &head, frame_of(i), SIZE), i < NKT_BRIDGE_AUTHOR_COUNT_MAX ? NKT_OK : NKT_E_RATE);
        }
        add(&bridge, 1000, 1, 2);
        CHECK_EQ(bridge.count, NKT_BRIDGE_AUTHOR_COUNT_MAX + 1);
        nkt_bridge_deinit(&bridge);
    }
}

TEST(bridge_without_memory_waits_for_nothing)
{
    nkt_bridge_t bridge = {0};
    const nkt_crossing_t head = {.due_ms = 1, .relays = 1};
    for (unsigned nth = 1; nth <= 2; nth++) { /* the list, and the frame in it */
        check_allocations_fail_at(nth);
        CHECK_ERR(nkt_bridge_add(&bridge, &head, frame_of(1), SIZE), NKT_E_MEMORY);
        CHECK(check_allocation_failed());
        check_allocations_fail_at(0);
        CHECK_EQ(bridge.count, 0);
        CHECK_EQ(bridge.size, 0);
        nkt_bridge_deinit(&bridge);
    }
}
