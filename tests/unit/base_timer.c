/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The heap of deadlines. */
#include "base/timer.h"

#include "base/prng.h"
#include "check.h"

enum { TIMER_COUNT = 200 };

static nkt_timer_t timers_of_all[TIMER_COUNT];

static void timers_make(nkt_timers_t *timers)
{
    *timers = (nkt_timers_t){0};
    for (uint32_t i = 0; i < TIMER_COUNT; i++)
        nkt_timer_init(&timers_of_all[i], i, NULL);
}

static int64_t due(nkt_timers_t *timers, uint64_t now_ms)
{
    const nkt_timer_t *timer = nkt_timers_due(timers, now_ms);
    return timer == NULL ? -1 : (int64_t)timer->kind;
}

TEST(timers_fire_in_order_and_when_due)
{
    static const uint64_t at_ms[] = {500, 100, 300, 200, 400, 0, UINT64_MAX};
    static const int order[] = {5, 1, 3, 2, 4, 0, 6};
    nkt_timers_t timers;
    timers_make(&timers);
    CHECK(nkt_timers_next_ms(&timers) == UINT64_MAX);
    CHECK_EQ(due(&timers, UINT64_MAX), -1);
    for (size_t i = 0; i < COUNT_OF(at_ms); i++)
        nkt_timer_set(&timers, &timers_of_all[i], at_ms[i]);
    for (size_t i = 0; i < COUNT_OF(order); i++) {
        uint64_t next_ms = at_ms[order[i]];
        check_row("place %zu", i);
        CHECK(nkt_timers_next_ms(&timers) == next_ms);
        if (next_ms > 0)
            CHECK_EQ(due(&timers, next_ms - 1), -1);
        CHECK_EQ(due(&timers, next_ms), order[i]);
        CHECK(!nkt_timer_is_set(&timers_of_all[order[i]]));
    }
    CHECK_EQ(due(&timers, UINT64_MAX), -1);
    nkt_timers_deinit(&timers);
}

TEST(timers_of_one_deadline_fire_as_they_were_set)
{
    nkt_timers_t timers;
    timers_make(&timers);
    for (int i = 0; i < 50; i++)
        nkt_timer_set(&timers, &timers_of_all[i * 37 % 50], 100);
    nkt_timer_set(&timers, &timers_of_all[0], 100); /* set again: last */
    nkt_timer_clear(&timers, &timers_of_all[37]);
    for (int i = 0; i < 50; i++) {
        if (i * 37 % 50 != 0 && i != 1)
            CHECK_EQ(due(&timers, 100), i * 37 % 50);
    }
    CHECK_EQ(due(&timers, 100), 0);
    CHECK_EQ(due(&timers, 100), -1);
    nkt_timers_deinit(&timers);
}

TEST(timer_is_moved_set_by_and_cleared)
{
    nkt_timers_t timers;
    timers_make(&timers);
    nkt_timer_t *timer = &timers_of_all[0];
    nkt_timer_clear(&timers, timer);
    nkt_timer_set_by(&timers, timer, 100);
    nkt_timer_set_by(&timers, timer, 200); /* armed for earlier */
    CHECK_EQ(nkt_timers_next_ms(&timers), 100);
    nkt_timer_set_by(&timers, timer, 50);
    CHECK_EQ(nkt_timers_next_ms(&timers), 50);
    nkt_timer_set(&timers, timer, 300);
    CHECK_EQ(nkt_timers_next_ms(&timers), 300);
    CHECK_EQ(timers.count, 1);
    nkt_timer_clear(&timers, timer);
    nkt_timer_clear(&timers, timer);
    CHECK(!nkt_timer_is_set(timer));
    CHECK(nkt_timers_next_ms(&timers) == UINT64_MAX);
    nkt_timers_deinit(&timers);
}

/* The earliest of a plain list; among equals the one set first. */
static int64_t model_first(const uint64_t *at_ms, const uint64_t *order, const int *is_set)
{
    int64_t first = -1;
    for (int i = 0; i < TIMER_COUNT; i++) {
        if (is_set[i] && (first < 0 || at_ms[i] < at_ms[first] || (at_ms[i] == at_ms[first] && order[i] < order[first])))
            first = i;
    }
    return first;
}

TEST(timers_agree_with_a_plain_list)
{
    uint64_t at_ms[TIMER_COUNT] = {0}, order[TIMER_COUNT] = {0}, now_ms = 0;
    int is_set[TIMER_COUNT] = {0};
    uint8_t seed[32] = {1};
    nkt_prng_t prng;
    nkt_timers_t timers;
    nkt_prng_init(&prng, seed);
    timers_make(&timers);
    for (uint64_t step = 0; step < 20000; step++) {
        int i = (int)nkt_prng_below(&prng, TIMER_COUNT);
        check_row("step %u, timer %d", (unsigned)step, i);
        switch (nkt_prng_below(&prng, 4)) {
        case 0:
        case 1:
            at_ms[i] = now_ms + nkt_prng_below(&prng, 50);
            order[i] = step;
            is_set[i] = 1;
            nkt_timer_set(&timers, &timers_of_all[i], at_ms[i]);
            break;
        case 2:
            is_set[i] = 0;
            nkt_timer_clear(&timers, &timers_of_all[i]);
            break;
        default:
            now_ms += nkt_prng_below(&prng, 3);
            int64_t first = model_first(at_ms, order, is_set);
            if (first >= 0 && at_ms[first] > now_ms)
                first = -1;
            CHECK_EQ(due(&timers, now_ms), first);
            if (first >= 0)
                is_set[first] = 0;
            break;
        }
        CHECK_EQ(nkt_timer_is_set(&timers_of_all[i]), is_set[i]);
    }
    nkt_timers_deinit(&timers);
}

TEST(timer_without_memory_is_not_armed)
{
    nkt_timers_t timers;
    timers_make(&timers);
    check_allocations_fail_at(1);
    nkt_timer_set(&timers, &timers_of_all[0], 10);
    CHECK(timers.failed && !nkt_timer_is_set(&timers_of_all[0]));
    timers.failed = 0;
    for (int i = 0; i < 32; i++)
        nkt_timer_set(&timers, &timers_of_all[i], 10);
    CHECK(!timers.failed);
    check_allocations_fail_at(1);
    nkt_timer_set_by(&timers, &timers_of_all[32], 5);
    check_allocations_fail_at(0);
    CHECK(timers.failed && !nkt_timer_is_set(&timers_of_all[32]));
    CHECK_EQ(timers.count, 32);
    for (int i = 0; i < 32; i++)
        CHECK_EQ(due(&timers, 10), i);
    nkt_timers_deinit(&timers);
}
