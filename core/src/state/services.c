/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What every room needs of the swarm: alarms, chance, counts, the word that something changed, and who is to blame for a frame. */
#include "state/state.h"
#include "state/swarm.h"

void nkt_alarm_set(nkt_swarm_t *swarm, nkt_timer_t *timer, uint64_t at_ms)
{
    nkt_timer_set(&swarm->timers, timer, at_ms);
}

void nkt_alarm_set_by(nkt_swarm_t *swarm, nkt_timer_t *timer, uint64_t at_ms)
{
    nkt_timer_set_by(&swarm->timers, timer, at_ms);
}

void nkt_alarm_clear(nkt_swarm_t *swarm, nkt_timer_t *timer)
{
    nkt_timer_clear(&swarm->timers, timer);
}

nkt_timer_t *nkt_alarm_due(nkt_swarm_t *swarm)
{
    return nkt_timers_due(&swarm->timers, swarm->now_ms);
}

uint64_t nkt_chance_next(nkt_swarm_t *swarm)
{
    return nkt_prng_next(&swarm->prng);
}

uint64_t nkt_chance_below(nkt_swarm_t *swarm, uint64_t bound)
{
    return nkt_prng_below(&swarm->prng, bound);
}

uint64_t nkt_chance_jitter(nkt_swarm_t *swarm, uint64_t ms)
{
    return nkt_prng_jitter(&swarm->prng, ms);
}

uint64_t nkt_chance_backoff(nkt_swarm_t *swarm, uint32_t attempt, uint64_t ms_base, uint64_t ms_max)
{
    return nkt_prng_backoff(&swarm->prng, attempt, ms_base, ms_max);
}

void nkt_count(nkt_swarm_t *swarm, nkt_tally_t what, uint64_t by)
{
    swarm->counters.counts[what] += by;
}

int nkt_drop(nkt_swarm_t *swarm, int err)
{
    int index = -200 - err;
    if (index > 0 && index < NKT_DROP_COUNT)
        swarm->counters.dropped[index]++;
    return err;
}

void nkt_status_changed(nkt_swarm_t *swarm)
{
    swarm->status_changed = 1;
}

void nkt_status_tell(nkt_swarm_t *swarm)
{
    if (!swarm->status_changed || !swarm->is_started)
        return;
    swarm->status_changed = 0;
    nkt_emit(swarm, &(nkt_effect_t){.kind = NKT_FX_STATUS});
}

/* ---- stored ---- */

void nkt_user_note(nkt_swarm_t *swarm, nkt_user_t *user)
{
    nkt_change_join(&user->stored.change, &swarm->changes, user);
}

void nkt_user_unnote(nkt_user_t *user)
{
    nkt_change_leave(&user->stored.change);
}

void nkt_user_touch(nkt_user_t *user)
{
    user->stored.is_dirty = 1;
    nkt_change_note(&user->stored.change);
}

void nkt_user_withhold(nkt_user_t *user)
{
    user->stored.is_dirty = 0;
}

void nkt_user_stored(nkt_user_t *user)
{
    user->stored.is_stored = 1;
    user->stored.is_dirty = 0;
}

/* ---- whose bytes are at work ---- */

void nkt_blame_begin(nkt_swarm_t *swarm, nkt_link_t *from)
{
    swarm->blame = (nkt_blame_t){.from = from};
}

void nkt_blame_end(nkt_swarm_t *swarm)
{
    swarm->blame.from = NULL;
}

void nkt_blame_excuse(nkt_swarm_t *swarm, int is_blameless)
{
    swarm->blame.is_blameless = (uint8_t)is_blameless;
}
