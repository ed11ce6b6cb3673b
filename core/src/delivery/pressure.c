/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How much waits for those who can be reached: what the application is told to slow down by. */
#include <assert.h>

#include "delivery/delivery.h"
#include "state/state.h"
#include "state/swarm.h"

enum { STALL_MS = 30000 };

int nkt_outbox_is_active(const nkt_swarm_t *swarm, const nkt_user_t *user)
{
    if (nkt_user_is_owed(user) && swarm->now_ms - user->delivery.progress_ms >= STALL_MS)
        return 0; /* it takes nothing: its share must not hold up the others */
    return nkt_user_is_open(user) && nkt_user_reach(user) == NKT_REACH_DIRECT;
}

static void pressure_update(nkt_swarm_t *swarm)
{
    int is_pressed = swarm->outbox.is_pressed;
    /* what was broadcast once is not one burden for each of its holders */
    size_t share = swarm->group.holder_count > 0 ? swarm->group.holder_count : 1;
    size_t count = swarm->outbox.busy_count + swarm->group.busy_count / share;
    size_t size = swarm->outbox.busy_size + swarm->group.busy_size / share;
    size_t parcels = swarm->group.busy_count; /* each of them waits for its acknowledgement */
    if (count >= NKT_OUTBOX_HIGH_COUNT || size >= NKT_OUTBOX_HIGH_SIZE || parcels >= NKT_PARCEL_COUNT_MAX / 2)
        is_pressed = 1;
    else if (count < NKT_OUTBOX_LOW_COUNT && size < NKT_OUTBOX_HIGH_SIZE / 2 && parcels < NKT_PARCEL_COUNT_MAX / 4)
        is_pressed = 0;
    if (is_pressed == swarm->outbox.is_pressed)
        return;
    swarm->outbox.is_pressed = is_pressed;
    nkt_emit(swarm, &(nkt_effect_t){.kind = NKT_FX_PRESSURE, .value = is_pressed});
}

void nkt_outbox_weigh(nkt_swarm_t *swarm, nkt_user_t *user)
{
    nkt_user_group_t *group = &user->group;
    uint32_t group_count = nkt_outbox_is_active(swarm, user) ? group->flight_count : 0;
    size_t group_size = nkt_outbox_is_active(swarm, user) ? group->flight_size : 0;
    uint32_t count = nkt_outbox_is_active(swarm, user) ? user->delivery.queue_count + user->delivery.flight_count - group_count : 0;
    size_t size = nkt_outbox_is_active(swarm, user) ? user->delivery.queue_size + user->delivery.flight_size - group_size : 0;
    assert(swarm->group.busy_count >= group->weight_count && swarm->outbox.busy_count >= user->delivery.weight_count);
    swarm->group.busy_count = swarm->group.busy_count - group->weight_count + group_count;
    swarm->group.busy_size = swarm->group.busy_size - group->weight_size + group_size;
    group->weight_count = group_count;
    group->weight_size = group_size;
    swarm->outbox.busy_count = swarm->outbox.busy_count - user->delivery.weight_count + count;
    swarm->outbox.busy_size = swarm->outbox.busy_size - user->delivery.weight_size + size;
    user->delivery.weight_count = count;
    user->delivery.weight_size = size;
    pressure_update(swarm);
}
