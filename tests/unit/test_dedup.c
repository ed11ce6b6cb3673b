/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The replay window and the seen-set. */
#include <string.h>

#include "base/prng.h"
#include "check.h"
#include "dedup/seen.h"
#include "dedup/window.h"

#define BITS ((uint64_t)NKT_WINDOW_BIT_COUNT)
#define SEED UINT64_C(0x5dee5dee5dee5dee)

/* ---- window ---- */

/* Takes the position: 1 if it was new, as the caller of the window does it. */
static int take(nkt_window_t *window, uint64_t position)
{
    if (!nkt_window_is_new(window, position))
        return 0;
    CHECK_OK(nkt_window_mark(window, position));
    CHECK(!nkt_window_is_new(window, position));
    return 1;
}

TEST(window_edges)
{
    static const struct {
        const char *what;
        uint64_t position;
        int is_new;
    } rows[] = {
        {"position 0 is none", 0, 0},
        {"the first", 1, 1},
        {"again", 1, 0},
        {"the next", 2, 1},
        {"a gap", 5, 1},
        {"in the gap", 3, 1},
        {"in the gap again", 3, 0},
        {"the other of the gap", 4, 1},
        {"the top again", 5, 0},
        {"the last that keeps 6 within", 5 + BITS, 1},
        {"just out of the window", 5, 0},
        {"the lowest within", 6, 1},
        {"the lowest within again", 6, 0},
        {"the second lowest", 7, 1},
        {"one more: the bit of 6 is used again", 6 + BITS, 1},
        {"6 is out now", 6, 0},
        {"7 is the lowest, taken", 7, 0},
        {"8 is free", 8, 1},
        {"a jump by all but one", 5 + 2 * BITS, 1},
        {"the old top is the lowest now, taken", 6 + BITS, 0},
        {"its neighbour is free", 7 + BITS, 1},
        {"a jump by exactly the window", 5 + 3 * BITS, 1},
        {"the old top is out", 5 + 2 * BITS, 0},
        {"nothing of the old is left", 6 + 2 * BITS, 1},
        {"a jump by many windows", 1000 * BITS, 1},
        {"all below it is free", 999 * BITS + 1, 1},
        {"but no further", 999 * BITS, 0},
        {"far behind", 1, 0},
        {"the same bit as the top", 1000 * BITS - BITS, 0},
        {"a jump to the end of all numbers", UINT64_MAX, 1},
        {"again", UINT64_MAX, 0},
        {"the one before it", UINT64_MAX - 1, 1},
        {"nothing wraps to 1", 1, 0},
        {"lowest within", UINT64_MAX - BITS + 1, 1},
        {"out", UINT64_MAX - BITS, 0},
    };
    nkt_window_t window = {.stream_id = 1};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        check_row("%zu: %s", i, rows[i].what);
        CHECK_EQ(take(&window, rows[i].position), rows[i].is_new);
    }
    CHECK(window.top == UINT64_MAX);
    nkt_window_deinit(&window);
}

TEST(window_first_position_may_be_anywhere)
{
    static const uint64_t positions[] = {1, 2, BITS - 1, BITS, BITS + 1, UINT64_MAX};
    for (size_t i = 0; i < COUNT_OF(positions); i++) {
        nkt_window_t window = {.stream_id = 1};
        check_row("position %zu", i);
        CHECK_EQ(take(&window, positions[i]), 1);
        CHECK_EQ(take(&window, positions[i]), 0);
        nkt_window_deinit(&window);
    }
}

/* Forgets nothing that is within: as a set of all positions that were taken. */
TEST(window_agrees_with_a_plain_set)
{
    enum { SPAN = 3 * NKT_WINDOW_BIT_COUNT };
    static uint8_t is_taken[SPAN + 1];
    uint8_t seed[32] = {5};
    nkt_prng_t prng;
    nkt_window_t window = {.stream_id = 1};
    uint64_t top = 0;
    nkt_prng_init(&prng, seed);
    memset(is_taken, 0, sizeof is_taken);
    for (int step = 0; step < 30000; step++) {
        uint64_t position = 1 + nkt_prng_below(&prng, top + 1); /* anywhere behind */
        if (step % 3 == 0 && top + 3 < SPAN)
            position = top + 1 + nkt_prng_below(&prng, 3); /* on */
        if (step % 3 == 1 && top > 60)
            position = top - nkt_prng_below(&prng, 60); /* shortly behind */
        int is_within = position > top || top - position < BITS;
        check_row("step %d: %u, top %u", step, (unsigned)position, (unsigned)top);
        CHECK_EQ(take(&window, position), is_within && !is_taken[position]);
        is_taken[position] |= (uint8_t)is_within;
        top = position > top ? position : top;
    }
    CHECK(top > 2 * BITS);
    nkt_window_deinit(&window);
}

TEST(window_without_memory_is_unchanged)
{
    nkt_window_t window = {.stream_id = 1};
    check_allocations_fail_at(1);
    CHECK_ERR(nkt_window_mark(&window, 7), NKT_E_MEMORY);
    check_allocations_fail_at(0);
    CHECK_EQ(window.top, 0);
    CHECK_EQ(take(&window, 7), 1);
    nkt_window_deinit(&window);
}

TEST(windows_of_a_sender_keep_the_newest_streams)
{
    enum { STREAM_COUNT = 3 };
    static const struct {
        const char *what;
        uint64_t stream_id;
        int has_its_history, is_given_up;
    } rows[] = {
        {"the newest first, as after a reload", 44, 0, 0}, {"an older one", 22, 0, 0},       {"another", 33, 0, 0},
        {"all are there", 44, 1, 0},                       {"22 as well", 22, 1, 0},         {"a newer one takes 22", 55, 0, 0},
        {"22 is given up", 22, 0, 1},                      {"and whatever is older", 7, 0, 1}, {"the others stay: 33", 33, 1, 0},
        {"what was not heard yet is: 40", 40, 0, 0},       {"which took 33", 33, 0, 1},      {"44 is there still", 44, 1, 0},
        {"and 55", 55, 1, 0},
    };
    nkt_window_t windows[STREAM_COUNT] = {{0}};
    uint64_t floor = 0;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        check_row("%zu: %s", i, rows[i].what);
        nkt_window_t *window = nkt_window_of(windows, STREAM_COUNT, rows[i].stream_id, &floor);
        CHECK_EQ(window == NULL, rows[i].is_given_up);
        if (window == NULL)
            continue;
        CHECK_EQ(window->stream_id, rows[i].stream_id);
        CHECK_EQ(!take(window, 1), rows[i].has_its_history);
    }
    for (int i = 0; i < STREAM_COUNT; i++)
        nkt_window_deinit(&windows[i]);
}

TEST(windows_that_grow_do_as_those_that_are_all_there)
{
    enum { COUNT_MAX = 6, STREAM_MAX = 20, CALL_COUNT = 5000 };
    nkt_window_t all[COUNT_MAX] = {{0}};
    nkt_windows_t growing = {0};
    uint64_t all_floor = 0, growing_floor = 0;
    uint32_t dice = 1;
    nkt_window_t *none;
    check_allocations_fail_at(1);
    CHECK_ERR(nkt_windows_of(&growing, COUNT_MAX, 1, &growing_floor, &none), NKT_E_MEMORY);
    check_allocations_fail_at(0);
    CHECK(none == NULL && growing.count == 0);
    for (uint64_t i = 1; i <= CALL_COUNT; i++) {
        dice = dice * 1664525 + 1013904223;
        uint64_t stream_id = 1 + i / 50 + (dice >> 16) % STREAM_MAX, position = 1 + (dice >> 8) % 5;
        nkt_window_t *one = nkt_window_of(all, COUNT_MAX, stream_id, &all_floor), *other;
        CHECK_OK(nkt_windows_of(&growing, COUNT_MAX, stream_id, &growing_floor, &other));
        CHECK((one == NULL) == (other == NULL));
        CHECK(all_floor == growing_floor);
        if (one == NULL || other == NULL)
            continue;
        CHECK(one - all == other - growing.list);
        CHECK(nkt_window_is_new(one, position) == nkt_window_is_new(other, position));
        if (nkt_window_is_new(one, position)) {
            CHECK_OK(nkt_window_mark(one, position));
            CHECK_OK(nkt_window_mark(other, position));
        }
    }
    CHECK(growing.count == COUNT_MAX);
    nkt_windows_deinit(&growing);
    for (int i = 0; i < COUNT_MAX; i++)
        nkt_window_deinit(&all[i]);
}

TEST(windows_that_are_unused_are_taken_first)
{
    nkt_window_t windows[3] = {{0}};
    uint64_t floor = 0;
    for (uint64_t stream_id = 3; stream_id >= 1; stream_id--)
        CHECK_OK(nkt_window_mark(nkt_window_of(windows, 3, stream_id, &floor), 1));
    for (uint64_t stream_id = 1; stream_id <= 3; stream_id++)
        CHECK(!nkt_window_is_new(nkt_window_of(windows, 3, stream_id, &floor), 1));
    for (int i = 0; i < 3; i++)
        nkt_window_deinit(&windows[i]);
}

/* ---- seen-set ---- */

static const uint8_t *id_of(uint64_t number)
{
    static uint8_t id[16];
    check_fill(id, sizeof id, number * 16);
    return id;
}

TEST(seen_remembers)
{
    nkt_seen_t seen;
    nkt_seen_init(&seen, NKT_SEEN_COUNT_MAX, SEED);
    CHECK(!nkt_seen_has(&seen, id_of(1)));
    CHECK_OK(nkt_seen_add(&seen, id_of(1), 1000));
    CHECK(nkt_seen_has(&seen, id_of(1)));
    CHECK(!nkt_seen_has(&seen, id_of(2)));
    CHECK_OK(nkt_seen_add(&seen, id_of(1), 1000));
    CHECK_EQ(seen.young.count, 1);
    static const uint8_t zero[16] = {0};
    CHECK(!nkt_seen_has(&seen, zero));
    CHECK_OK(nkt_seen_add(&seen, zero, 1000)); /* 0 marks a free slot inside: must not get lost */
    CHECK(nkt_seen_has(&seen, zero));
    nkt_seen_deinit(&seen);
    CHECK(!nkt_seen_has(&seen, zero));
}

TEST(seen_generations_change_with_time)
{
    static const struct {
        const char *what;
        uint64_t at_ms;
        uint64_t add;
        int has[4]; /* ids 1..4, after that */
    } rows[] = {
        {"begun", 1000, 1, {1, 0, 0, 0}},
        {"not old enough", 1000 + NKT_SEEN_GENERATION_MS - 1, 2, {1, 1, 0, 0}},
        {"old enough: 1 and 2 are the old generation", 1000 + NKT_SEEN_GENERATION_MS, 3, {1, 1, 1, 0}},
        {"the next: 1 and 2 are gone", 1000 + 2 * NKT_SEEN_GENERATION_MS, 4, {0, 0, 1, 1}},
        {"long after: only the last generation", 1000 + 9 * NKT_SEEN_GENERATION_MS, 1, {1, 0, 0, 1}},
    };
    nkt_seen_t seen;
    nkt_seen_init(&seen, NKT_SEEN_COUNT_MAX, SEED);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        CHECK_OK(nkt_seen_add(&seen, id_of(rows[i].add), rows[i].at_ms));
        for (uint64_t id = 1; id <= 4; id++) {
            check_row("%s, id %u", rows[i].what, (unsigned)id);
            CHECK_EQ(nkt_seen_has(&seen, id_of(id)), rows[i].has[id - 1]);
        }
    }
    nkt_seen_deinit(&seen);
}

TEST(seen_outlives_what_it_must)
{
    /* an id is kept for a whole generation at least; an envelope may come from the future and is accepted for its life and
     * the skew of clocks */
    CHECK(NKT_SEEN_GENERATION_MS > NKT_ENVELOPE_TTL_S_MAX * 1000 + 2 * NKT_CLOCK_SLACK_MS);
}

TEST(seen_is_capped_and_forgets_the_oldest_first)
{
    static const size_t caps[] = {1, 2, 255, 256, 257, 1000};
    for (size_t i = 0; i < COUNT_OF(caps); i++) {
        nkt_seen_t seen;
        nkt_seen_init(&seen, caps[i], SEED);
        for (uint64_t id = 0; id < 10 * caps[i]; id++) {
            CHECK_OK(nkt_seen_add(&seen, id_of(id), 5));
            check_row("cap %zu, id %u", caps[i], (unsigned)id);
            CHECK(seen.young.count <= caps[i] && seen.old.count <= caps[i]);
            CHECK(seen.young.slot_count <= 4 * (caps[i] + NKT_SEEN_COUNT_MIN));
        }
        for (uint64_t back = 1; back <= 2 * caps[i]; back++) {
            check_row("cap %zu, %u back", caps[i], (unsigned)back);
            CHECK(nkt_seen_has(&seen, id_of(10 * caps[i] - back)));
        }
        CHECK(!nkt_seen_has(&seen, id_of(10 * caps[i] - 2 * caps[i] - 1)));
        nkt_seen_deinit(&seen);
    }
}

TEST(seen_grows_to_its_full_size)
{
    nkt_seen_t seen;
    nkt_seen_init(&seen, NKT_SEEN_COUNT_MAX, SEED);
    for (uint64_t id = 0; id < NKT_SEEN_COUNT_MAX; id++)
        CHECK_OK(nkt_seen_add(&seen, id_of(id), 5));
    CHECK_EQ(seen.young.count, NKT_SEEN_COUNT_MAX);
    CHECK_EQ(seen.old.count, 0);
    CHECK_EQ(seen.young.slot_count * sizeof *seen.young.ids, 1 << 20); /* limits.h: 1 MiB each */
    for (uint64_t id = 0; id < NKT_SEEN_COUNT_MAX; id++)
        CHECK(nkt_seen_has(&seen, id_of(id)));
    nkt_seen_deinit(&seen);
}

/* The longest row of slots in use: what a lookup may have to walk along. */
static size_t longest_run(const nkt_seen_generation_t *generation)
{
    size_t longest = 0, run = 0;
    for (size_t i = 0; i < 2 * generation->slot_count; i++) { /* around its end */
        run = generation->ids[i % generation->slot_count] != 0 ? run + 1 : 0;
        longest = run > longest ? run : longest;
    }
    return longest;
}

TEST(seen_stays_quick_whoever_chose_the_ids)
{
    static const size_t alike[] = {0, 2, 3, 4}; /* bytes that are the same in all, at either end of what is looked at */
    for (size_t at_end = 0; at_end < 2; at_end++) {
        for (size_t i = 0; i < COUNT_OF(alike); i++) {
            nkt_seen_t seen;
            nkt_seen_init(&seen, NKT_SEEN_COUNT_MAX, SEED);
            for (uint64_t number = 0; number < 20000; number++) {
                uint8_t id[16];
                memcpy(id, id_of(number), sizeof id);
                memset(id + (at_end ? 8 - alike[i] : 0), 0x5a, alike[i]);
                CHECK_OK(nkt_seen_add(&seen, id, 5));
            }
            check_row("%zu bytes alike at the %s", alike[i], at_end ? "end" : "beginning");
            CHECK(longest_run(&seen.young) < 200);
            nkt_seen_deinit(&seen);
        }
    }
}

TEST(seen_without_memory_is_unchanged)
{
    nkt_seen_t seen;
    nkt_seen_init(&seen, NKT_SEEN_COUNT_MAX, SEED);
    check_allocations_fail_at(1);
    CHECK_ERR(nkt_seen_add(&seen, id_of(0), 5), NKT_E_MEMORY);
    for (uint64_t id = 0; id < NKT_SEEN_COUNT_MIN / 2; id++)
        CHECK_OK(nkt_seen_add(&seen, id_of(id), 5));
    check_allocations_fail_at(1);
    CHECK_ERR(nkt_seen_add(&seen, id_of(NKT_SEEN_COUNT_MIN), 5), NKT_E_MEMORY);
    for (uint64_t id = 0; id < NKT_SEEN_COUNT_MIN / 2; id++)
        CHECK(nkt_seen_has(&seen, id_of(id)));
    nkt_seen_deinit(&seen);
}
