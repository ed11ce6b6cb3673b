/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/timer.h"

#include <assert.h>
#include <stdlib.h>

enum { TIMER_CAPACITY_MIN = 32 };

void nkt_timers_deinit(nkt_timers_t *timers)
{
    free(timers->heap);
    *timers = (nkt_timers_t){0};
}

void nkt_timer_init(nkt_timer_t *timer, uint32_t kind, void *owner)
{
    *timer = (nkt_timer_t){.kind = kind, .owner = owner};
}

static int is_before(const nkt_timer_t *a, const nkt_timer_t *b)
{
    return a->at_ms != b->at_ms ? a->at_ms < b->at_ms : a->order < b->order;
}

static void heap_place(nkt_timers_t *timers, size_t i, nkt_timer_t *timer)
{
    timers->heap[i] = timer;
    timer->place = i + 1;
}

static void sift_up(nkt_timers_t *timers, size_t i, nkt_timer_t *timer)
{
    while (i > 0) {
        size_t parent = (i - 1) / 2;
        if (!is_before(timer, timers->heap[parent]))
            break;
        heap_place(timers, i, timers->heap[parent]);
        i = parent;
    }
    heap_place(timers, i, timer);
}

static void sift_down(nkt_timers_t *timers, size_t i, nkt_timer_t *timer)
{
    for (;;) {
        size_t child = 2 * i + 1;
        if (child >= timers->count)
            break;
        if (child + 1 < timers->count && is_before(timers->heap[child + 1], timers->heap[child]))
            child++;
        if (!is_before(timers->heap[child], timer))
            break;
        heap_place(timers, i, timers->heap[child]);
        i = child;
    }
    heap_place(timers, i, timer);
}

void nkt_timer_set(nkt_timers_t *timers, nkt_timer_t *timer, uint64_t at_ms)
{
    nkt_timer_clear(timers, timer);
    if (timers->count == timers->capacity) {
        size_t capacity = timers->capacity == 0 ? TIMER_CAPACITY_MIN : timers->capacity * 2;
        nkt_timer_t **heap = realloc(timers->heap, capacity * sizeof(nkt_timer_t *));
        if (heap == NULL) {
            timers->failed = 1;
            return;
        }
        timers->heap = heap;
        timers->capacity = capacity;
    }
    timer->at_ms = at_ms;
    timer->order = timers->order++;
    sift_up(timers, timers->count++, timer);
}

void nkt_timer_set_by(nkt_timers_t *timers, nkt_timer_t *timer, uint64_t at_ms)
{
    if (!nkt_timer_is_set(timer) || timer->at_ms > at_ms)
        nkt_timer_set(timers, timer, at_ms);
}

void nkt_timer_clear(nkt_timers_t *timers, nkt_timer_t *timer)
{
    if (timer->place == 0)
        return;
    size_t i = timer->place - 1;
    assert(i < timers->count && timers->heap[i] == timer); /* else it was freed, or written over, while it was set */
    timer->place = 0;
    nkt_timer_t *last = timers->heap[--timers->count];
    if (last == timer)
        return;
    if (i > 0 && is_before(last, timers->heap[(i - 1) / 2]))
        sift_up(timers, i, last);
    else
        sift_down(timers, i, last);
}

int nkt_timer_is_set(const nkt_timer_t *timer)
{
    return timer->place != 0;
}

nkt_timer_t *nkt_timers_due(nkt_timers_t *timers, uint64_t now_ms)
{
    if (timers->count == 0 || timers->heap[0]->at_ms > now_ms)
        return NULL;
    nkt_timer_t *timer = timers->heap[0];
    nkt_timer_clear(timers, timer);
    return timer;
}

uint64_t nkt_timers_next_ms(const nkt_timers_t *timers)
{
    return timers->count == 0 ? UINT64_MAX : timers->heap[0]->at_ms;
}
