/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>

#include <sodium.h>

#include "base/base58.h"
#include "base/hash.h"
#include "state/state.h"
#include "state/swarm.h"

enum {
    COUNT_FEW = 32,         /* with fewer at once */
    CURIOUS_COUNT = 8,      /* with fewer still whoever comes is asked, which costs a greeting */
};

/* ---- our own time ---- */

/*
 * For how long we were away: as long as the wall clock says that passed since it was stored. It may
 * have been slow then, and be right now; so not longer than since it last said something as late.
 */
static uint64_t gap_between(const nkt_identity_t *identity, uint64_t wall_ms, uint64_t passed_ms)
{
    uint64_t age_ms = identity->most_age_ms + (wall_ms - identity->most_wall_ms);
    if (identity->most_wall_ms != 0 && wall_ms >= identity->most_wall_ms && age_ms < identity->age_ms + passed_ms)
        passed_ms = age_ms > identity->age_ms ? age_ms - identity->age_ms : 0;
    return passed_ms <= NKT_WALL_MS_MAX ? passed_ms : 0;
}

int nkt_clock_start(nkt_swarm_t *swarm)
{
    nkt_clock_t *clock = &swarm->clock;
    const nkt_identity_t *identity = &swarm->identity;
    if (swarm->host.entropy(swarm->host.context, clock->secret, sizeof clock->secret) < 0)
        return NKT_E_ENTROPY;
    uint64_t time_ms = swarm->wall_ms, last_ms = identity->sequence;
    uint64_t last_wall_ms = identity->wall_ms != 0 ? identity->wall_ms : last_ms;
    /* a clock that was set back since does not say how long ago that was, nor how far we came after
     * it was stored */
    uint64_t passed_ms =
        swarm->wall_ms >= last_wall_ms ? swarm->wall_ms - last_wall_ms : NKT_CLOCK_RESERVE_MS;
    if (last_ms != 0 && last_ms + passed_ms <= NKT_WALL_MS_MAX && last_ms + passed_ms > time_ms)
        time_ms = last_ms + passed_ms;
    if (last_ms >= time_ms)
        time_ms = last_ms + 1;
    clock->gap_ms = last_ms != 0 ? gap_between(identity, swarm->wall_ms, passed_ms) : 0;
    clock->age_ms = identity->age_ms + clock->gap_ms - swarm->now_ms;
    clock->lead_ms = time_ms - swarm->now_ms;
    clock->difference_ms = swarm->wall_ms - swarm->now_ms;
    clock->grace_ms = swarm->now_ms + NKT_CLOCK_GRACE_MS;
    swarm->time_ms = time_ms;
    return NKT_OK;
}

/* The wall clock went ahead of now_ms, or back, by so much. Which of the causes it was is not known, and so is how late it is with the
 * others now. */
static void jumped(nkt_swarm_t *swarm, int64_t jump_ms)
{
    nkt_clock_t *clock = &swarm->clock;
    clock->difference_ms = swarm->wall_ms - swarm->now_ms;
    if (jump_ms > 0) { /* set forward; or now_ms stood still in our sleep */
        clock->slept_ms += (uint64_t)jump_ms;
        clock->ahead_ms += (uint64_t)jump_ms;
    } else { /* so it had been ahead when we started, or less than that is set back */
        uint64_t back_ms = (uint64_t)-jump_ms < clock->gap_ms ? (uint64_t)-jump_ms : clock->gap_ms;
        clock->gap_ms -= back_ms;
        clock->age_ms -= back_ms;
    }
    for (size_t i = 0; i < swarm->users.count; i++)
        swarm->user_list[i]->clock.has_wall = 0;
    nkt_clock_forget(swarm);
}

int64_t nkt_clock_pass(nkt_swarm_t *swarm)
{
    nkt_clock_t *clock = &swarm->clock;
    if (!swarm->is_started) {
        swarm->time_ms = swarm->wall_ms;
        return 0;
    }
    int64_t jump_ms = (int64_t)(swarm->wall_ms - swarm->now_ms - clock->difference_ms);
    assert(swarm->now_ms + clock->lead_ms >= swarm->time_ms); /* our own time never goes back */
    swarm->time_ms = swarm->now_ms + clock->lead_ms;
    if (jump_ms >= NKT_SLEEP_GAP_MS || jump_ms <= -NKT_SLEEP_GAP_MS) {
        jumped(swarm, jump_ms);
        return jump_ms;
    }
    if (clock->is_stale && swarm->now_ms - clock->counted_ms >= NKT_CLOCK_COUNT_MS)
        nkt_clock_offset(swarm, NULL);
    return 0;
}

uint64_t nkt_clock_due_ms(const nkt_swarm_t *swarm)
{
    const nkt_clock_t *clock = &swarm->clock;
    if (!swarm->is_started)
        return UINT64_MAX;
    uint64_t count_ms = clock->is_stale ? clock->counted_ms + NKT_CLOCK_COUNT_MS : UINT64_MAX;
    uint64_t look_ms = clock->is_off ? swarm->now_ms + NKT_CLOCK_LOOK_MS : UINT64_MAX;
    return count_ms < look_ms ? count_ms : look_ms;
}

void nkt_clock_spare(nkt_swarm_t *swarm)
{
    if (swarm->now_ms >= swarm->clock.grace_ms + NKT_CLOCK_GRACE_MS) /* one that wakes every hour forgets in every other one */
        swarm->clock.grace_ms = swarm->now_ms + NKT_CLOCK_GRACE_MS;
}

void nkt_clock_ask_all(nkt_swarm_t *swarm)
{
    swarm->clock.asks_all = 1;
}

int nkt_clock_asks_all(nkt_swarm_t *swarm)
{
    int asks = swarm->clock.asks_all;
    swarm->clock.asks_all = 0;
    return asks;
}

void nkt_clock_renewed(nkt_swarm_t *swarm)
{
    nkt_clock_reach(swarm, swarm->identity.sequence);
    swarm->clock.renewed_ms = swarm->now_ms;
}

void nkt_clock_reach(nkt_swarm_t *swarm, uint64_t time_ms)
{
    if (time_ms <= swarm->time_ms || time_ms > NKT_TIME_MS_MAX)
        return;
    swarm->clock.lead_ms += time_ms - swarm->time_ms;
    swarm->time_ms = time_ms;
}

uint64_t nkt_clock_age(const nkt_swarm_t *swarm)
{
    return swarm->now_ms + swarm->clock.age_ms;
}

uint64_t nkt_clock_age_sure(const nkt_swarm_t *swarm)
{
    return nkt_clock_age(swarm) - (swarm->now_ms < swarm->clock.grace_ms ? swarm->clock.gap_ms : 0);
}

/* ---- others' ---- */

uint64_t nkt_clock_passing(const nkt_swarm_t *swarm)
{
    return swarm->now_ms + swarm->clock.slept_ms;
}

static int offset_order(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static int64_t magnitude(int64_t value)
{
    return value < 0 ? -value : value;
}

/* The median of all wall clocks, ours too; of the two in the middle the one nearer to ours, so that
 * one against one is none. */
static void count(nkt_swarm_t *swarm)
{
    nkt_clock_t *clock = &swarm->clock;
    int64_t offsets[NKT_USER_COUNT_MAX + 1];
    size_t size = 0;
    offsets[size++] = 0;
    for (size_t i = 0; i < swarm->users.count; i++) {
        const nkt_user_clock_t *other = &swarm->user_list[i]->clock;
        if (other->is_proven && other->has_wall)
            offsets[size++] = (int64_t)(swarm->wall_ms - swarm->now_ms - other->wall_ms);
    }
    qsort(offsets, size, sizeof offsets[0], offset_order);
    int64_t low = offsets[(size - 1) / 2], high = offsets[size / 2];
    clock->offset_ms = magnitude(low) <= magnitude(high) ? low : high;
    clock->people_count = (uint32_t)(size - 1);
    clock->counted_ms = swarm->now_ms;
    clock->is_stale = 0;
    uint8_t is_off = clock->people_count > 1 && magnitude(clock->offset_ms) >= NKT_CLOCK_OFF_MS;
    if (is_off != clock->is_off)
        nkt_status_changed(swarm);
    clock->is_off = is_off;
}

/* What time others take it to be: of most wall clocks, or without enough of them our own time. */
static uint64_t clock_swarm_ms(nkt_swarm_t *swarm)
{
    const nkt_clock_t *clock = &swarm->clock;
    if (clock->people_count < NKT_CLOCK_PEOPLE_MIN)
        return swarm->time_ms;
    return (uint64_t)((int64_t)swarm->wall_ms - clock->offset_ms);
}

/* How far others' clocks can lead us. */
static uint64_t goal_ms(nkt_swarm_t *swarm)
{
    uint64_t swarm_ms = clock_swarm_ms(swarm);
    return swarm_ms < NKT_WALL_MS_MAX ? swarm_ms : NKT_WALL_MS_MAX;
}

/* Whoever is behind all others is taken for one who says again what is old, by those who do not
 * know him: he goes on from the time that it is. So far only as wall clocks say, which no such step
 * moves. */
static int is_behind(nkt_swarm_t *swarm)
{
    return swarm->clock.people_count >= NKT_CLOCK_PEOPLE_MIN &&
           goal_ms(swarm) >= swarm->time_ms + NKT_CLOCK_SLACK_MS / 2;
}

/* The end of this step; but others may say that it is ever later, and each record goes to all. */
static uint64_t follow_at_ms(const nkt_swarm_t *swarm)
{
    uint64_t at_ms = swarm->clock.followed_ms + NKT_CLOCK_RENEW_MS_MIN;
    return swarm->clock.followed_ms == 0 || at_ms < swarm->now_ms ? swarm->now_ms : at_ms;
}

void nkt_clock_catch_up(nkt_swarm_t *swarm)
{
    uint64_t time_ms = swarm->time_ms + swarm->clock.ahead_ms;
    swarm->clock.ahead_ms = 0;
    if (is_behind(swarm)) {
        swarm->clock.followed_ms = swarm->now_ms;
        time_ms = goal_ms(swarm) > time_ms ? goal_ms(swarm) : time_ms;
    }
    if (time_ms <= NKT_WALL_MS_MAX)
        nkt_clock_reach(swarm, time_ms);
}

int64_t nkt_clock_offset(nkt_swarm_t *swarm, uint32_t *people_count)
{
    nkt_clock_t *clock = &swarm->clock;
    if (clock->is_stale &&
        (clock->people_count < COUNT_FEW || swarm->now_ms - clock->counted_ms >= NKT_CLOCK_COUNT_MS)) {
        count(swarm);
        if (is_behind(swarm)) {
            clock->asks_all = 1;
            nkt_alarm_set_by(swarm, &swarm->own.timer, follow_at_ms(swarm));
        }
    }
    if (people_count != NULL)
        *people_count = clock->people_count;
    return clock->offset_ms;
}

uint64_t nkt_clock_of(nkt_swarm_t *swarm, const nkt_user_t *user)
{
    if (user == NULL || !user->clock.is_heard)
        return clock_swarm_ms(swarm);
    return user->clock.said_ms + (nkt_clock_passing(swarm) - user->clock.heard_ms);
}

nkt_freshness_t nkt_clock_judge(nkt_swarm_t *swarm, const nkt_user_t *user, uint64_t created_ms,
                                uint64_t ttl_ms)
{
    uint64_t his_ms = nkt_clock_of(swarm, user), swarm_ms = clock_swarm_ms(swarm);
    if (created_ms + ttl_ms + NKT_CLOCK_SLACK_MS < his_ms)
        return NKT_STALE;
    if (created_ms <= his_ms + NKT_CLOCK_SLACK_MS || created_ms <= swarm_ms + NKT_CLOCK_SLACK_MS)
        return NKT_FRESH;
    return NKT_AHEAD;
}

void nkt_clock_forget(nkt_swarm_t *swarm)
{
    swarm->clock.is_stale = 1;
}

/* ---- asking ---- */

static void nonce_make(const nkt_swarm_t *swarm, uint64_t number,
                       uint8_t nonce[NKT_CLOCK_NONCE_SIZE])
{
    NKT_HASH(nonce, NKT_CLOCK_NONCE_SIZE, swarm->clock.secret, NKT_LABEL_CLOCK_NONCE, {&number, sizeof number});
}

void nkt_clock_nonce(const nkt_swarm_t *swarm, uint8_t nonce[NKT_CLOCK_NONCE_SIZE])
{
    nonce_make(swarm, nkt_clock_passing(swarm) / NKT_CLOCK_NONCE_MS, nonce);
}

int nkt_clock_is_ours(const nkt_swarm_t *swarm, const uint8_t *nonce)
{
    uint64_t number = nkt_clock_passing(swarm) / NKT_CLOCK_NONCE_MS;
    uint8_t ours[NKT_CLOCK_NONCE_SIZE];
    for (int i = 0; nonce != NULL && i < 2; i++) {
        nonce_make(swarm, number - (uint64_t)i, ours);
        if (sodium_memcmp(ours, nonce, sizeof ours) == 0)
            return 1;
    }
    return 0;
}

int nkt_clock_is_short(const nkt_swarm_t *swarm)
{
    return swarm->clock.people_count < CURIOUS_COUNT;
}

int nkt_clock_is_curious(const nkt_swarm_t *swarm, const nkt_user_t *user)
{
    return nkt_clock_is_short(swarm) && !user->clock.has_wall;
}

void nkt_clock_asked_all(nkt_swarm_t *swarm)
{
    swarm->clock.ask_count = 0;
    nkt_alarm_set(swarm, &swarm->clock.ask_timer, swarm->now_ms + nkt_chance_jitter(swarm, NKT_CLOCK_AGAIN_MS));
}

void nkt_clock_asked_some(nkt_swarm_t *swarm, size_t count)
{
    nkt_clock_t *clock = &swarm->clock;
    clock->ask_count = count > 0 ? clock->ask_count + 1 : 0;
    if (count == 0)
        return;
    uint64_t wait_ms = (uint64_t)NKT_CLOCK_AGAIN_MS << (clock->ask_count < 8 ? clock->ask_count : 8);
    if (wait_ms > NKT_CLOCK_AGAIN_MS_MAX)
        wait_ms = NKT_CLOCK_AGAIN_MS_MAX;
    nkt_alarm_set(swarm, &swarm->clock.ask_timer, swarm->now_ms + nkt_chance_jitter(swarm, wait_ms));
}

int nkt_clock_may_ask(nkt_swarm_t *swarm, const nkt_address_t *address)
{
    nkt_clock_t *clock = &swarm->clock;
    for (size_t i = 0; i < NKT_CLOCK_ASK_COUNT_MAX; i++) {
        nkt_asked_t *asked = &clock->asked[i];
        if (asked->at_ms != 0 && swarm->now_ms - asked->at_ms < NKT_CLOCK_ASK_MS &&
            nkt_address_compare(&asked->address, address) == 0)
            return asked->count++ < NKT_CLOCK_ASK_BURST;
    }
    clock->asked[clock->asked_next] = (nkt_asked_t){.address = *address, .at_ms = swarm->now_ms, .count = 1};
    clock->asked_next = (clock->asked_next + 1) % NKT_CLOCK_ASK_COUNT_MAX;
    return 1;
}

/* ---- for people ---- */

uint64_t nkt_clock_local(const nkt_swarm_t *swarm, const nkt_user_t *user, uint64_t date_ms)
{
    if (user->clock.has_wall && date_ms <= NKT_WALL_MS_MAX) {
        int64_t offset_ms = (int64_t)(swarm->wall_ms - swarm->now_ms - user->clock.wall_ms);
        if (magnitude(offset_ms) >= NKT_CLOCK_OFF_MS && (int64_t)date_ms + offset_ms > 0)
            date_ms = (uint64_t)((int64_t)date_ms + offset_ms);
    }
    return date_ms < swarm->wall_ms ? date_ms : swarm->wall_ms;
}

uint64_t nkt_clock_date(nkt_swarm_t *swarm, const nkt_user_t *user, uint64_t created_ms)
{
    uint64_t his_ms = nkt_clock_of(swarm, user),
             age_ms = his_ms > created_ms ? his_ms - created_ms : 0;
    return age_ms < swarm->wall_ms ? swarm->wall_ms - age_ms : swarm->wall_ms;
}
