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

static nkt_announcer_t sure(uint32_t link)
{
    return (nkt_announcer_t){.link = link};
}

static nkt_announcer_t doubted(uint32_t link)
{
    return (nkt_announcer_t){.link = link, .is_doubted = 1};
}

/* The id that is due at now_ms is asked for, again after 100 ms; fails when it is another. The link to ask, 0: none is due. */
static uint32_t ask(nkt_missing_t *missing, uint64_t now_ms, uint32_t number, int is_doubted)
{
    nkt_missing_entry_t *entry = nkt_missing_due(missing, now_ms, 0);
    if (entry == NULL)
        return 0;
    CHECK_BYTES(entry->id, id_of(number), NKT_ID_SIZE);
    uint32_t link = entry->links[0];
    CHECK(nkt_missing_due(missing, now_ms, link) == entry);
    CHECK(nkt_missing_due(missing, now_ms, UINT32_MAX) == NULL);
    nkt_missing_asked(missing, entry, now_ms, now_ms + 100, is_doubted);
    return link;
}

static uint32_t due(nkt_missing_t *missing, uint64_t now_ms, uint32_t number)
{
    return ask(missing, now_ms, number, 0);
}

TEST(missing_is_due_when_it_should_be)
{
    nkt_missing_t missing = {0};
    CHECK(nkt_missing_next_ms(&missing) == UINT64_MAX);
    CHECK_EQ(due(&missing, UINT64_MAX, 1), 0);
    nkt_missing_add(&missing, id_of(1), sure(7), 0, 500);
    nkt_missing_add(&missing, id_of(2), sure(7), 0, 400);
    CHECK_EQ(nkt_missing_next_ms(&missing), 400);
    CHECK_EQ(due(&missing, 399, 2), 0);
    CHECK_EQ(due(&missing, 400, 2), 7);
    CHECK_EQ(due(&missing, 400, 2), 0); /* asked: again at 500 */
    CHECK_EQ(nkt_missing_next_ms(&missing), 500);
    CHECK_EQ(due(&missing, 500, 1), 7);
    CHECK_EQ(due(&missing, 500, 2), 7);
    CHECK_EQ(due(&missing, 500, 1), 0);
    CHECK_EQ(nkt_missing_next_ms(&missing), 600);
    nkt_missing_add(&missing, id_of(1), sure(8), 500, 20); /* it is asked for already: nothing is put off or brought forward */
    CHECK_EQ(nkt_missing_next_ms(&missing), 600);
    nkt_missing_add(&missing, id_of(3), sure(7), 1000, 400);
    nkt_missing_add(&missing, id_of(3), sure(8), 1010, 400); /* the second halves the wait */
    nkt_missing_add(&missing, id_of(3), sure(8), 1011, 400); /* who tells twice does not */
    CHECK_EQ(nkt_missing_take(&missing, id_of(3)).due_ms, 1210);
    nkt_missing_add(&missing, id_of(4), sure(7), 1000, 400);
    nkt_missing_add(&missing, id_of(4), sure(8), 1390, 400); /* late: the first wait ends before */
    nkt_missing_add(&missing, id_of(4), sure(9), 1391, 20);  /* sooner: a digest told of it */
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
        nkt_missing_add(&missing, id_of(1), sure(link), 0, 0);
    nkt_missing_add(&missing, id_of(1), sure(12), 0, 0); /* who tells twice is not asked twice as often */
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
    nkt_missing_add(&missing, id_of(1), sure(11), 0, 0);
    for (uint64_t i = 0; i < NKT_FETCH_COUNT_MAX; i++) {
        check_row("time %u", (unsigned)i);
        CHECK_EQ(due(&missing, 100 * i, 1), 11);
    }
    CHECK_EQ(missing.count, 0);
    nkt_missing_add(&missing, id_of(1), sure(11), 0, 0); /* told of again with the next digest */
    CHECK_EQ(due(&missing, 0, 1), 11);
    nkt_missing_deinit(&missing);
}

TEST(missing_remembers_so_many_announcers)
{
    nkt_missing_t missing = {0};
    for (uint32_t link = 1; link <= NKT_ANNOUNCER_COUNT_MAX + 5; link++)
        nkt_missing_add(&missing, id_of(1), sure(link), 0, 0);
    for (uint32_t i = 0; i < NKT_FETCH_COUNT_MAX; i++) {
        check_row("time %u", i);
        CHECK_EQ(due(&missing, 100 * i, 1), 1 + i % NKT_ANNOUNCER_COUNT_MAX);
    }
    nkt_missing_deinit(&missing);
}

/* Who told and did not give is asked after those of whom that is not known, whenever they tell. */
TEST(missing_asks_doubted_ones_last)
{
    static const uint32_t order[] = {13, 14, 11, 12, 13};
    nkt_missing_t missing = {0};
    nkt_missing_add(&missing, id_of(1), doubted(11), 0, 0);
    nkt_missing_add(&missing, id_of(1), doubted(12), 0, 0);
    nkt_missing_add(&missing, id_of(1), sure(13), 0, 0);
    nkt_missing_add(&missing, id_of(1), sure(14), 0, 0);
    for (size_t i = 0; i < COUNT_OF(order); i++) {
        check_row("time %zu", i);
        CHECK_EQ(due(&missing, 100 * i, 1), order[i]);
    }
    nkt_missing_add(&missing, id_of(1), sure(15), 450, 0); /* before all who were asked, though not before its time */
    CHECK_EQ(due(&missing, 499, 1), 0);
    CHECK_EQ(due(&missing, 500, 1), 15);
    nkt_missing_deinit(&missing);
}

/* A doubted one who alone told is asked at once, and not waited for when another tells. */
TEST(missing_does_not_wait_for_doubted_ones)
{
    nkt_missing_t missing = {0};
    nkt_missing_add(&missing, id_of(1), doubted(11), 0, 0);
    CHECK_EQ(ask(&missing, 0, 1, 1), 11);
    CHECK_EQ(nkt_missing_next_ms(&missing), 100);
    nkt_missing_add(&missing, id_of(1), doubted(12), 10, 0);
    CHECK_EQ(nkt_missing_next_ms(&missing), 100);
    nkt_missing_add(&missing, id_of(1), sure(13), 20, 0);
    CHECK_EQ(nkt_missing_next_ms(&missing), 20);
    CHECK_EQ(due(&missing, 20, 1), 13);
    nkt_missing_entry_t taken = nkt_missing_take(&missing, id_of(1));
    CHECK_EQ(taken.asked, 13);
    CHECK_EQ(taken.asked_ms, 20);
    nkt_missing_deinit(&missing);
}

/* Eight liars do not keep one who gives off the list. */
TEST(missing_makes_room_for_who_is_not_doubted)
{
    nkt_missing_t missing = {0};
    for (uint32_t link = 1; link <= NKT_ANNOUNCER_COUNT_MAX; link++)
        nkt_missing_add(&missing, id_of(1), doubted(link), 0, 0);
    nkt_missing_add(&missing, id_of(1), doubted(98), 0, 0);
    nkt_missing_add(&missing, id_of(1), sure(99), 0, 0);
    CHECK_EQ(due(&missing, 0, 1), 99);
    nkt_missing_entry_t taken = nkt_missing_take(&missing, id_of(1));
    CHECK_EQ(taken.link_count, NKT_ANNOUNCER_COUNT_MAX);
    CHECK_EQ(taken.links[0], 1);
    nkt_missing_deinit(&missing);
}

/* A table full of what was asked for in vain has room for what is told of now, but by one who is doubted. */
TEST(missing_that_is_full_of_lies_has_room)
{
    nkt_missing_t missing = {0};
    for (uint32_t number = 0; number < NKT_MISSING_COUNT_MAX; number++)
        nkt_missing_add(&missing, id_of(number), sure(1 + number % 8), 0, 0);
    CHECK_EQ(missing.count, NKT_MISSING_COUNT_MAX);
    nkt_missing_add(&missing, id_of(9000), sure(9), 0, 0); /* none of them was asked for yet */
    CHECK_EQ(nkt_missing_take(&missing, id_of(9000)).link_count, 0);
    for (int round = 0; round < 2; round++) {
        nkt_missing_entry_t *entry;
        while ((entry = nkt_missing_due(&missing, 100u * (unsigned)round, 0)) != NULL)
            nkt_missing_asked(&missing, entry, 0, 100u * (unsigned)round + 100, round == 1);
    }
    nkt_missing_add(&missing, id_of(9001), doubted(1), 150, 0);
    CHECK_EQ(nkt_missing_take(&missing, id_of(9001)).link_count, 0);
    nkt_missing_add(&missing, id_of(9002), sure(9), 150, 0);
    CHECK_EQ(missing.count, NKT_MISSING_COUNT_MAX);
    CHECK_EQ(due(&missing, 150, 9002), 9);
    nkt_missing_deinit(&missing);
}

/* What a link was asked for that is gone is asked of the next at once. */
TEST(missing_does_not_wait_for_who_is_gone)
{
    nkt_missing_t missing = {0};
    nkt_missing_add(&missing, id_of(1), sure(7), 0, 0);
    nkt_missing_add(&missing, id_of(1), sure(8), 0, 0);
    CHECK_EQ(due(&missing, 0, 1), 7);
    nkt_missing_forget_link(&missing, 7, 30);
    CHECK_EQ(nkt_missing_next_ms(&missing), 30);
    CHECK_EQ(due(&missing, 30, 1), 8);
    nkt_missing_deinit(&missing);
}

TEST(missing_is_taken_when_it_comes)
{
    nkt_missing_t missing = {0};
    nkt_missing_entry_t taken = nkt_missing_take(&missing, id_of(1));
    CHECK_EQ(taken.link_count + taken.fetch_count, 0);
    for (uint32_t number = 1; number <= 5; number++)
        nkt_missing_add(&missing, id_of(number), sure(10 + number), 0, number);
    nkt_missing_add(&missing, id_of(2), sure(99), 0, 2);
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
    nkt_missing_forget_link(&missing, 7, 0);
    nkt_missing_add(&missing, id_of(1), sure(7), 0, 0); /* alone */
    nkt_missing_add(&missing, id_of(2), sure(7), 0, 0); /* the first of two */
    nkt_missing_add(&missing, id_of(2), sure(8), 0, 0);
    nkt_missing_add(&missing, id_of(3), sure(8), 0, 1000); /* not at all */
    nkt_missing_add(&missing, id_of(4), sure(8), 0, 2000); /* the last */
    nkt_missing_add(&missing, id_of(4), sure(7), 1000, 2000);
    nkt_missing_add(&missing, id_of(5), sure(7), 0, 0); /* alone, the last of the table */
    nkt_missing_forget_link(&missing, 7, 0);
    CHECK_EQ(missing.count, 3);
    CHECK_EQ(due(&missing, 0, 2), 8);
    CHECK_EQ(due(&missing, 0, 2), 0);
    nkt_missing_take(&missing, id_of(2));
    CHECK_EQ(due(&missing, 1000, 3), 8);
    nkt_missing_take(&missing, id_of(3));
    CHECK_EQ(due(&missing, 2000, 4), 8);
    CHECK_EQ(due(&missing, 2100, 4), 8);
    nkt_missing_forget_link(&missing, 8, 0);
    CHECK_EQ(missing.count, 0);
    CHECK(nkt_missing_next_ms(&missing) == UINT64_MAX);
    nkt_missing_deinit(&missing);
}

TEST(missing_is_capped_and_one_link_gets_a_quarter)
{
    enum { QUARTER = NKT_MISSING_COUNT_MAX / 4 };
    nkt_missing_t missing = {0};
    for (uint32_t number = 0; number < 1000; number++)
        nkt_missing_add(&missing, id_of(number), sure(7), 0, 0);
    CHECK_EQ(missing.count, QUARTER);
    nkt_missing_add(&missing, id_of(5000), sure(8), 0, 0); /* room for others */
    CHECK_EQ(missing.count, QUARTER + 1);
    nkt_missing_add(&missing, id_of(0), sure(8), 0, 0); /* what another tells as well is no lie of its alone */
    nkt_missing_add(&missing, id_of(5001), sure(7), 0, 0);
    CHECK_EQ(missing.count, QUARTER + 2);
    nkt_missing_add(&missing, id_of(5002), sure(7), 0, 0);
    CHECK_EQ(missing.count, QUARTER + 2);
    for (uint32_t number = 6000; number < 16000; number++)
        nkt_missing_add(&missing, id_of(number), sure(number), 0, 0); /* many links: the cap of all */
    CHECK_EQ(missing.count, NKT_MISSING_COUNT_MAX);
    CHECK(missing.capacity <= NKT_MISSING_COUNT_MAX);
    nkt_missing_add(&missing, id_of(1), sure(99), 0, 0); /* known: one more who has it */
    nkt_missing_entry_t taken = nkt_missing_take(&missing, id_of(1));
    CHECK_EQ(taken.link_count, 2);
    nkt_missing_forget_link(&missing, 7, 0);
    CHECK(missing.count < NKT_MISSING_COUNT_MAX - QUARTER + 5);
    uint64_t now_ms = 0;
    for (int round = 0; round < NKT_FETCH_COUNT_MAX; round++, now_ms += 100) {
        nkt_missing_entry_t *entry;
        while ((entry = nkt_missing_due(&missing, now_ms, 0)) != NULL)
            nkt_missing_asked(&missing, entry, now_ms, now_ms + 100, 0);
    }
    CHECK_EQ(missing.count, 0); /* what never comes does not stay */
    nkt_missing_deinit(&missing);
}

TEST(missing_without_memory_keeps_what_it_has)
{
    nkt_missing_t missing = {0};
    check_allocations_fail_at(1);
    nkt_missing_add(&missing, id_of(0), sure(7), 0, 0);
    CHECK(check_allocation_failed());
    check_allocations_fail_at(0);
    CHECK_EQ(missing.count, 0);
    uint32_t number = 0;
    do
        nkt_missing_add(&missing, id_of(number++), sure(7), 0, 5);
    while (missing.count < missing.capacity);
    check_allocations_fail_at(1); /* growing */
    nkt_missing_add(&missing, id_of(900), sure(7), 0, 0);
    CHECK(check_allocation_failed());
    check_allocations_fail_at(0);
    CHECK_EQ(missing.count, number);
    nkt_missing_add(&missing, id_of(900), sure(7), 0, 0);
    CHECK_EQ(due(&missing, 0, 900), 7);
    nkt_missing_deinit(&missing);
}
