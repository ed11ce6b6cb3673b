/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Time passed: the wall clock was set, or the machine slept. */
#include <assert.h>

#include "inbound/inbound.h"
#include "routing/routing.h"
#include "state/state.h"
#include "state/swarm.h"

enum {
    RECORD_AGE_MS = 600000, /* 10 min: after a shorter sleep the record that others have will do */
};

/* Our record is signed anew, and everybody is told and asked for his time: at once, or soon. */
static void renew(nkt_swarm_t *swarm)
{
    uint64_t at_ms = swarm->clock.renewed_ms + NKT_CLOCK_RENEW_MS_MIN;
    swarm->clock.asks_all = 1;
    if (swarm->now_ms >= at_ms)
        nkt_own_record_renew(swarm); /* on an error it has set its timer */
    else
        nkt_timer_set_by(&swarm->timers, &swarm->own.timer, at_ms);
}

void nkt_clock_woke(nkt_swarm_t *swarm)
{
    nkt_clock_t *clock = &swarm->clock;
    if (swarm->now_ms >=
        clock->grace_ms +
            NKT_CLOCK_GRACE_MS) /* one that wakes every hour forgets in every other one */
        clock->grace_ms = swarm->now_ms + NKT_CLOCK_GRACE_MS;
    if (swarm->time_ms - swarm->own.record.issued_ms >= RECORD_AGE_MS)
        renew(swarm); /* it may have run out meanwhile, and others may have forgotten us */
}

int nkt_clock_step(nkt_swarm_t *swarm)
{
    nkt_clock_t *clock = &swarm->clock;
    if (!swarm->is_started) {
        swarm->time_ms = swarm->wall_ms;
        return 0;
    }
    int64_t jump_ms = (int64_t)(swarm->wall_ms - swarm->now_ms - clock->difference_ms);
    assert(swarm->now_ms + clock->lead_ms >= swarm->time_ms); /* our own time never goes back */
    swarm->time_ms = swarm->now_ms + clock->lead_ms;
    if (jump_ms < NKT_SLEEP_GAP_MS && jump_ms > -NKT_SLEEP_GAP_MS) {
        if (clock->is_stale && swarm->now_ms - clock->counted_ms >= NKT_CLOCK_COUNT_MS)
            nkt_clock_offset(swarm, NULL);
        return 0;
    }
    clock->difference_ms = swarm->wall_ms - swarm->now_ms;
    if (jump_ms > 0) { /* set forward; or now_ms stood still in our sleep */
        clock->slept_ms += (uint64_t)jump_ms;
        clock->ahead_ms += (uint64_t)jump_ms;
    } else { /* so it had been ahead when we started, or less than that is set back */
        uint64_t back_ms = (uint64_t)-jump_ms < clock->gap_ms ? (uint64_t)-jump_ms : clock->gap_ms;
        clock->gap_ms -= back_ms;
        clock->age_ms -= back_ms;
    }
    /* which of the two it was is not known, and so is how late it is with the others now */
    for (size_t i = 0; i < swarm->users.count; i++)
        swarm->user_list[i]->clock.has_wall = 0;
    nkt_clock_forget(swarm);
    renew(swarm);
    return jump_ms > 0;
}
