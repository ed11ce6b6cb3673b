/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reverse paths: a cache of a fixed size. */
#include "overlay/path.h"

#include <string.h>

#include "check.h"

static const nkt_address_t *address_of(uint64_t number)
{
    static nkt_address_t address;
    check_fill(address.b, sizeof address.b, number);
    return &address;
}

TEST(path_is_the_last_that_was_set)
{
    nkt_paths_t paths;
    nkt_paths_init(&paths, 5);
    CHECK_EQ(nkt_paths_get(&paths, address_of(1)), 0);
    nkt_paths_drop(&paths, address_of(1));
    nkt_paths_set(&paths, address_of(1), 7, 1, 0, 100, 0);
    nkt_paths_set(&paths, address_of(2), 8, 1, 0, 100, 0);
    CHECK_EQ(nkt_paths_get(&paths, address_of(1)), 7);
    nkt_paths_set(&paths, address_of(1), 9, 1, 0, 200, 0);
    CHECK_EQ(nkt_paths_get(&paths, address_of(1)), 9);
    CHECK_EQ(nkt_paths_get(&paths, address_of(2)), 8);
    nkt_paths_drop(&paths, address_of(1));
    CHECK_EQ(nkt_paths_get(&paths, address_of(1)), 0);
    CHECK_EQ(nkt_paths_get(&paths, address_of(2)), 8);
    CHECK_EQ(nkt_paths_get(&paths, address_of(3)), 0);
    nkt_paths_deinit(&paths);
    CHECK_EQ(nkt_paths_get(&paths, address_of(2)), 0);
}

TEST(path_prefers_the_nearer_neighbour_while_it_is_fresh)
{
    nkt_paths_t paths;
    nkt_paths_init(&paths, 1);
    nkt_paths_set(&paths, address_of(1), 7, 3, 0, 1000, 0);
    nkt_paths_set(&paths, address_of(1), 8, 4, 0, 1000 + NKT_PATH_MS - 1, 0);
    CHECK_EQ(nkt_paths_get(&paths, address_of(1)), 7u); /* longer: a ring could come of it */
    nkt_paths_set(&paths, address_of(1), 8, 3, 0, 1001, 0);
    CHECK_EQ(nkt_paths_get(&paths, address_of(1)), 8u); /* as short, and newer */
    nkt_paths_set(&paths, address_of(1), 9, 5, 0, 1001 + NKT_PATH_MS, 0);
    CHECK_EQ(nkt_paths_get(&paths, address_of(1)), 9u); /* the short one was not heard of any more */
    nkt_paths_forget_link(&paths, 9);
    CHECK_EQ(nkt_paths_get(&paths, address_of(1)), 0u);
    nkt_paths_deinit(&paths);
}

TEST(path_of_what_was_said_last_counts_however_long)
{
    static const struct {
        const char *what;
        uint64_t created_ms;
        uint8_t hops;
        uint32_t link, expected;
    } rows[] = {
        {"the first", 10 * NKT_PATH_STEP_MS, 3, 1, 1},
        {"said a moment later, a longer way", 11 * NKT_PATH_STEP_MS - 1, 4, 2, 1},
        {"said a moment earlier, a shorter way", 10 * NKT_PATH_STEP_MS - 1, 1, 3, 1},
        {"said later, a much longer way", 11 * NKT_PATH_STEP_MS, 9, 4, 4},
        {"of the same step, shorter", 11 * NKT_PATH_STEP_MS + 5, 8, 5, 5},
        {"said before, come late", 10 * NKT_PATH_STEP_MS, 1, 6, 5},
    };
    nkt_paths_t paths;
    nkt_paths_init(&paths, 1);
    for (uint32_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        check_row("%s", rows[i].what);
        nkt_paths_set(&paths, address_of(1), rows[i].link, rows[i].hops, rows[i].created_ms, 1000 + i, 0);
        CHECK_EQ(nkt_paths_get(&paths, address_of(1)), rows[i].expected);
    }
    nkt_paths_set(&paths, address_of(1), 7, 9, 0, 1004 + NKT_PATH_MS, 0); /* a clock set back: believed when all else is old */
    CHECK_EQ(nkt_paths_get(&paths, address_of(1)), 7);
    nkt_paths_deinit(&paths);
}

/* Whatever is put in, what was heard last stays, and the size is as it was. */
TEST(path_of_the_oldest_makes_room)
{
    enum { FLOOD = 20 * NKT_PATH_COUNT_MAX };
    nkt_paths_t paths;
    uint32_t kept = 0;
    nkt_paths_init(&paths, 5);
    for (uint32_t i = 1; i <= FLOOD; i++) {
        nkt_paths_set(&paths, address_of(i), i, 1, 0, i, 0);
        CHECK_EQ(nkt_paths_get(&paths, address_of(i)), i);
    }
    for (uint32_t i = 1; i <= FLOOD; i++) {
        uint32_t link = nkt_paths_get(&paths, address_of(i));
        check_row("address %u", i);
        CHECK(link == 0 || link == i);
        kept += link == i;
        CHECK(link == 0 || i > FLOOD / 2); /* nothing old is left */
    }
    CHECK(kept > NKT_PATH_COUNT_MAX * 9 / 10 && kept <= NKT_PATH_COUNT_MAX);
    nkt_paths_deinit(&paths);
}

/* One that is used again and again outlives a flood of others. */
TEST(path_in_use_survives_a_flood)
{
    nkt_paths_t paths;
    nkt_paths_init(&paths, 5);
    for (uint32_t i = 1; i <= 4 * NKT_PATH_COUNT_MAX; i++) {
        nkt_paths_set(&paths, address_of(0), 7, 1, 0, i, 0);
        nkt_paths_set(&paths, address_of(i), 8, 1, 0, i, 0);
    }
    CHECK_EQ(nkt_paths_get(&paths, address_of(0)), 7);
    nkt_paths_deinit(&paths);
}

TEST(path_without_memory_is_not_known)
{
    nkt_paths_t paths;
    nkt_paths_init(&paths, 5);
    check_allocations_fail_at(1);
    nkt_paths_set(&paths, address_of(1), 7, 1, 0, 1, 0);
    CHECK(check_allocation_failed());
    check_allocations_fail_at(0);
    CHECK_EQ(nkt_paths_get(&paths, address_of(1)), 0);
    nkt_paths_set(&paths, address_of(1), 7, 1, 0, 1, 0);
    CHECK_EQ(nkt_paths_get(&paths, address_of(1)), 7);
    nkt_paths_deinit(&paths);
}

/* Those whom somebody talks with keep their places, however many addresses strangers make up, until
 * they fall silent. */
TEST(path_of_the_proven_is_not_displaced_by_strangers)
{
    enum { FRIENDS = 100, STRANGERS = 20000 };
    nkt_paths_t paths;
    uint32_t kept_count = 0, stranger_count = 0;
    nkt_paths_init(&paths, 5);
    for (uint64_t i = 0; i < FRIENDS; i++)
        nkt_paths_set(&paths, address_of(i), 7, 1, 0, 1000, 1);
    for (uint64_t i = 0; i < FRIENDS; i++)
        kept_count += nkt_paths_get(&paths, address_of(i)) == 7;
    CHECK(kept_count > FRIENDS - 8); /* a few share four places with too many of their kind */
    for (uint64_t i = 0; i < STRANGERS; i++)
        nkt_paths_set(&paths, address_of(FRIENDS + i), 9, 1, 0, 1000 + i % (NKT_PATH_MS - 1), 0);
    for (uint64_t i = 0; i < FRIENDS; i++)
        kept_count -= nkt_paths_get(&paths, address_of(i)) == 7;
    CHECK_EQ(kept_count, 0);
    for (uint64_t i = 0; i < STRANGERS; i++)
        stranger_count += nkt_paths_get(&paths, address_of(FRIENDS + i)) == 9;
    CHECK(stranger_count > NKT_PATH_COUNT_MAX / 2); /* what is left is theirs, the newest first */
    for (uint64_t i = 0; i < STRANGERS; i++)
        nkt_paths_set(&paths, address_of(FRIENDS + i), 9, 1, 0, 1000 + NKT_PATH_MS, 0);
    for (uint64_t i = 0; i < FRIENDS; i++)
        kept_count += nkt_paths_get(&paths, address_of(i)) == 7;
    CHECK_EQ(kept_count, 0); /* who is silent for so long is not to be reached that way */
    nkt_paths_deinit(&paths);
}

/* Addresses made to begin alike fill one set of four places each, if their bits are taken as they
 * are. */
TEST(path_has_room_for_addresses_that_begin_or_end_alike)
{
    static const size_t alike[] = {0, 2, 3, 4}; /* bytes, at either end of what is looked at */
    for (size_t at_end = 0; at_end < 2; at_end++) {
        for (size_t i = 0; i < COUNT_OF(alike); i++) {
            nkt_paths_t paths;
            size_t kept_count = 0;
            nkt_paths_init(&paths, 0x5dee5dee5dee5dee);
            for (int is_asking = 0; is_asking < 2; is_asking++) {
                for (uint64_t number = 0; number < NKT_PATH_COUNT_MAX; number++) {
                    nkt_address_t address = *address_of(number);
                    memset(address.b + (at_end ? 8 - alike[i] : 0), 0x5a, alike[i]);
                    if (is_asking)
                        kept_count += nkt_paths_get(&paths, &address) == 7;
                    else
                        nkt_paths_set(&paths, &address, 7, 1, 0, 1000, 0);
                }
            }
            check_row("%zu bytes alike at the %s", alike[i], at_end ? "end" : "beginning");
            CHECK(kept_count > NKT_PATH_COUNT_MAX / 2);
            nkt_paths_deinit(&paths);
        }
    }
}
