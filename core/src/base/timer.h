/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Deadlines: a binary heap of timers that live inside the objects they belong to. Equal deadlines fire in the order
 * they were set, so a run is repeatable.
 */
#ifndef NKT_BASE_TIMER_H
#define NKT_BASE_TIMER_H

#include <stddef.h>
#include <stdint.h>

typedef struct nkt_timer {
    uint64_t at_ms;
    uint64_t order;
    size_t place;  /* 1-based position in the heap, 0: not set */
    uint32_t kind; /* the owner's own constant */
    void *owner;
} nkt_timer_t;

typedef struct nkt_timers {
    nkt_timer_t **heap;
    size_t count;
    size_t capacity;
    uint64_t order;
    int failed; /* a timer could not be armed for want of memory: whatever waits for it would wait
                   for ever */
} nkt_timers_t;

void nkt_timers_deinit(nkt_timers_t *timers);

/** Names the timer's owner; must be called before any other use. */
void nkt_timer_init(nkt_timer_t *timer, uint32_t kind, void *owner);

/** (Re)arms. Without memory it is not armed, and timers->failed is set: whose timers these are has
 * to end. */
void nkt_timer_set(nkt_timers_t *timers, nkt_timer_t *timer, uint64_t at_ms);

/** As above, unless it is armed for an earlier time already. */
void nkt_timer_set_by(nkt_timers_t *timers, nkt_timer_t *timer, uint64_t at_ms);

/** Disarms; nothing happens if it is not armed. */
void nkt_timer_clear(nkt_timers_t *timers, nkt_timer_t *timer);

int nkt_timer_is_set(const nkt_timer_t *timer);

/** Takes the earliest timer that is due, disarmed, or NULL. */
nkt_timer_t *nkt_timers_due(nkt_timers_t *timers, uint64_t now_ms);

/** The earliest deadline, UINT64_MAX if there is none. */
uint64_t nkt_timers_next_ms(const nkt_timers_t *timers);

#endif
