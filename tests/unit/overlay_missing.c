/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Broadcasts told of and not here: whom to ask, when, how often. */
#include "overlay/missing.h"

#include <string.h>

#include "check.h"

static const uint8_t *id_of(uint32_t number)
{
    static uint8_t id[NKT_ID_SIZE];
    memcpy(id, &number, sizeof number);
    return id;
}

/* The id that is due at now_ms, again after 100 ms; fails when it is another. The link to ask, 0: none is due. */
static uint32_t due(nkt_missing_t *missing, uint64_t now_ms, uint32_t number)
{
    uint8_t id[NKT_ID_SIZE] = {0};
    uint32_t link = nkt_missing_due(missing, now_ms, now_ms + 100, id);
    if (link != 0)
        CHECK_BYTES(id, id_of(number), NKT_ID_SIZE);
    return link;
}

TEST(missing_is_due_when_it_should_be)
{
    nkt_missing_t missing = {0};
    CHECK(nkt_missing_next_ms(&missing) == UINT64_MAX);
    CHECK_EQ(due(&missing, UINT64_MAX, 1), 0);
    nkt_missing_add(&missing, id_of(1), 7, 0, 500);
    nkt_missing_add(&missing, id_of(2), 7, 0, 400);
    CHECK_EQ(nkt_missing_next_ms(&missing), 400);
    CHECK_EQ(due(&missing, 399, 2), 0);
    CHECK_EQ(due(&missing, 400, 2), 7);
    CHECK_EQ(due(&missing, 400, 2), 0); /* asked: again at 500 */
    CHECK_EQ(nkt_missing_next_ms(&missing), 500);
    CHECK_EQ(due(&missing, 500, 1), 7);
    CHECK_EQ(due(&missing, 500, 2), 7);
    CHECK_EQ(due(&missing, 500, 1), 0);
    CHECK_EQ(nkt_missing_next_ms(&missing), 600);
    nkt_missing_add(&missing, id_of(1), 8, 500, 20); /* it is asked for already: nothing is put off or brought forward */
    CHECK_EQ(nkt_missing_next_ms(&missing), 600);
    nkt_missing_add(&missing, id_of(3), 7, 1000, 400);
    nkt_missing_add(&missing, id_of(3), 8, 1010, 400); /* the second halves the wait */
    nkt_missing_add(&missing, id_of(3), 8, 1011, 400); /* who tells twice does not */
    CHECK_EQ(nkt_missing_take(&missing, id_of(3)).due_ms, 1210);
    nkt_missing_add(&missing, id_of(4), 7, 1000, 400);
    nkt_missing_add(&missing, id_of(4), 8, 1390, 400); /* late: the first wait ends before */
    nkt_missing_add(&missing, id_of(4), 9, 1391, 20);  /* sooner: a digest told of it */
    CHECK_EQ(nkt_missing_take(&missing, id_of(4)).due_ms, 1396);
    nkt_missing_deinit(&missing);
    CHECK_EQ(missing.count, 0);
}

TEST(missing_asks_announcers_in_turn)
{
    static const uint32_t order[] = {11, 12, 13, 11, 12, 13, 11, 12, 13, 11};
    nkt_missing_t missing = {0};
    CHECK_EQ(COUNT_OF(order), NKT_FETCH_COUNT_MAX);
    for (uint32_t link = 11; link <= 13; link++)
        nkt_missing_add(&missing, id_of(1), link, 0, 0);
    nkt_missing_add(&missing, id_of(1), 12, 0, 0); /* who tells twice is not asked twice as often */
    CHECK_EQ(missing.count, 1);
    for (size_t i = 0; i < COUNT_OF(order); i++) {
        check_row("time %zu", i);
        CHECK_EQ(due(&missing, 100 * i, 1), order[i]);
        CHECK_EQ(due(&missing, 100 * i, 1), 0);
    }
    CHECK_EQ(missing.count, 0); /* so often and no more */
    CHECK(nkt_missing_next_ms(&missing) == UINT64_MAX);
    nkt_missing_deinit(&missing);
}

TEST(missing_asks_a_single_announcer_again)
{
    nkt_missing_t missing = {0};
    nkt_missing_add(&missing, id_of(1), 11, 0, 0);
    for (uint64_t i = 0; i < NKT_FETCH_COUNT_MAX; i++) {
        check_row("time %u", (unsigned)i);
        CHECK_EQ(due(&missing, 100 * i, 1), 11);
    }
    CHECK_EQ(missing.count, 0);
    nkt_missing_add(&missing, id_of(1), 11, 0, 0); /* told of again with the next digest */
    CHECK_EQ(due(&missing, 0, 1), 11);
    nkt_missing_deinit(&missing);
}

TEST(missing_remembers_so_many_announcers)
{
    nkt_missing_t missing = {0};
    for (uint32_t link = 1; link <= NKT_ANNOUNCER_COUNT_MAX + 5; link++)
        nkt_missing_add(&missing, id_of(1), link, 0, 0);
    for (uint32_t i = 0; i < NKT_FETCH_COUNT_MAX; i++) {
        check_row("time %u", i);
        CHECK_EQ(due(&missing, 100 * i, 1), 1 + i % NKT_ANNOUNCER_COUNT_MAX);
    }
    nkt_missing_deinit(&missing);
}

TEST(missing_is_taken_when_it_comes)
{
    nkt_missing_t missing = {0};
    nkt_missing_entry_t taken = nkt_missing_take(&missing, id_of(1));
    CHECK_EQ(taken.link_count + taken.fetch_count, 0);
    for (uint32_t number = 1; number <= 5; number++)
        nkt_missing_add(&missing, id_of(number), 10 + number, 0, number);
    nkt_missing_add(&missing, id_of(2), 99, 0, 2);
    CHECK_EQ(due(&missing, 1, 1), 11);
    taken = nkt_missing_take(&missing, id_of(2));
    CHECK_EQ(taken.link_count, 2);
    CHECK(taken.links[0] == 12 && taken.links[1] == 99);
    CHECK_EQ(taken.fetch_count, 0);
    taken = nkt_missing_take(&missing, id_of(1));
    CHECK_EQ(taken.fetch_count, 1);
    CHECK_EQ(missing.count, 3);
    taken = nkt_missing_take(&missing, id_of(1));
    CHECK_EQ(taken.link_count + taken.fetch_count, 0);
    for (uint32_t number = 3; number <= 5; number++) { /* the others are as they were */
        taken = nkt_missing_take(&missing, id_of(number));
        check_row("id %u", number);
        CHECK_EQ(taken.link_count, 1);
        CHECK_EQ(taken.links[0], 10 + number);
        CHECK_EQ(taken.due_ms, number);
    }
    CHECK_EQ(missing.count, 0);
    nkt_missing_deinit(&missing);
}

TEST(missing_forgets_a_link_that_is_gone)
{
    nkt_missing_t missing = {0};
    nkt_missing_forget_link(&missing, 7);
    nkt_missing_add(&missing, id_of(1), 7, 0, 0); /* alone */
    nkt_missing_add(&missing, id_of(2), 7, 0, 0); /* the first of two */
    nkt_missing_add(&missing, id_of(2), 8, 0, 0);
    nkt_missing_add(&missing, id_of(3), 8, 0, 1000); /* not at all */
    nkt_missing_add(&missing, id_of(4), 8, 0, 2000); /* the last */
    nkt_missing_add(&missing, id_of(4), 7, 1000, 2000);
    nkt_missing_add(&missing, id_of(5), 7, 0, 0); /* alone, the last of the table */
    nkt_missing_forget_link(&missing, 7);
    CHECK_EQ(missing.count, 3);
    CHECK_EQ(due(&missing, 0, 2), 8);
    CHECK_EQ(due(&missing, 0, 2), 0);
    nkt_missing_take(&missing, id_of(2));
    CHECK_EQ(due(&missing, 1000, 3), 8);
    nkt_missing_take(&missing, id_of(3));
    CHECK_EQ(due(&missing, 2000, 4), 8);
    CHECK_EQ(due(&missing, 2100, 4), 8);
    nkt_missing_forget_link(&missing, 8);
    CHECK_EQ(missing.count, 0);
    CHECK(nkt_missing_next_ms(&missing) == UINT64_MAX);
    nkt_missing_deinit(&missing);
}

TEST(missing_is_capped_and_one_link_gets_a_quarter)
{
    enum { QUARTER = NKT_MISSING_COUNT_MAX / 4 };
    nkt_missing_t missing = {0};
    for (uint32_t number = 0; number < 1000; number++)
        nkt_missing_add(&missing, id_of(number), 7, 0, 0);
    CHECK_EQ(missing.count, QUARTER);
    nkt_missing_add(&missing, id_of(5000), 8, 0, 0); /* room for others */
    CHECK_EQ(missing.count, QUARTER + 1);
    nkt_missing_add(&missing, id_of(0), 8, 0, 0); /* what another tells as well is no lie of its alone */
    nkt_missing_add(&missing, id_of(5001), 7, 0, 0);
    CHECK_EQ(missing.count, QUARTER + 2);
    nkt_missing_add(&missing, id_of(5002), 7, 0, 0);
    CHECK_EQ(missing.count, QUARTER + 2);
    for (uint32_t number = 6000; number < 16000; number++)
        nkt_missing_add(&missing, id_of(number), number, 0, 0); /* many links: the cap of all */
    CHECK_EQ(missing.count, NKT_MISSING_COUNT_MAX);
    CHECK(missing.capacity <= NKT_MISSING_COUNT_MAX);
    nkt_missing_add(&missing, id_of(1), 99, 0, 0); /* known: one more who has it */
    nkt_missing_entry_t taken = nkt_missing_take(&missing, id_of(1));
    CHECK_EQ(taken.link_count, 2);
    nkt_missing_forget_link(&missing, 7);
    CHECK(missing.count < NKT_MISSING_COUNT_MAX - QUARTER + 5);
    uint64_t now_ms = 0;
    uint8_t id[NKT_ID_SIZE];
    for (int round = 0; round < NKT_FETCH_COUNT_MAX; round++, now_ms += 100) {
        while (nkt_missing_due(&missing, now_ms, now_ms + 100, id) != 0)
            ;
    }
    CHECK_EQ(missing.count, 0); /* what never comes does not stay */
    nkt_missing_deinit(&missing);
}

TEST(missing_without_memory_keeps_what_it_has)
{
    nkt_missing_t missing = {0};
    check_allocations_fail_at(1);
    nkt_missing_add(&missing, id_of(0), 7, 0, 0);
    CHECK(check_allocation_failed());
    check_allocations_fail_at(0);
    CHECK_EQ(missing.count, 0);
    uint32_t number = 0;
    do
        nkt_missing_add(&missing, id_of(number++), 7, 0, 5);
    while (missing.count < missing.capacity);
    check_allocations_fail_at(1); /* growing */
    nkt_missing_add(&missing, id_of(900), 7, 0, 0);
    CHECK(check_allocation_failed());
    check_allocations_fail_at(0);
    CHECK_EQ(missing.count, number);
    nkt_missing_add(&missing, id_of(900), 7, 0, 0);
    CHECK_EQ(due(&missing, 0, 900), 7);
    nkt_missing_deinit(&missing);
}
