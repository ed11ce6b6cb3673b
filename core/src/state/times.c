/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Times by an author's own clock: the newest that was heard of him, decrypted, said in good-bye. They only grow, until he proves that
 * his clock was set back: then those that have not come yet are void.
 */
#include <string.h>

#include "state/state.h"
#include "state/swarm.h"

void nkt_clock_heard(nkt_swarm_t *swarm, nkt_user_t *user, uint64_t created_ms)
{
    if (user->clock.is_heard && created_ms <= nkt_clock_of(swarm, user))
        return;
    user->clock.is_heard = 1;
    user->clock.said_ms = created_ms;
    user->clock.heard_ms = nkt_clock_passing(swarm);
}

void nkt_clock_proven(nkt_swarm_t *swarm, nkt_user_t *user, uint64_t created_ms, uint64_t wall_ms)
{
    nkt_user_clock_t *clock = &user->clock;
    clock->is_heard = clock->is_proven = 1;
    clock->said_ms = created_ms; /* also if it was taken for later: it lost its own time, with its storage */
    clock->heard_ms = nkt_clock_passing(swarm);
    uint64_t *const times[] = {&clock->newest_ms, &clock->opened_ms, &clock->group_opened_ms};
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        if (*times[i] > created_ms)
            *times[i] = 0;
    }
    if (clock->bye_ms > created_ms + NKT_LATE_MS) /* else its good-bye came by a quicker way */
        clock->bye_ms = 0;
    if (clock->is_first_new) { /* what we heard first was perhaps said long before */
        clock->first_ms = created_ms;
        clock->is_first_new = 0;
        nkt_user_touch(user);
    }
    if (wall_ms == 0)
        return;
    clock->has_wall = 1;
    clock->wall_ms = wall_ms - swarm->now_ms;
    nkt_clock_forget(swarm);
    nkt_clock_offset(swarm, NULL);
}

int nkt_clock_is_newest(nkt_user_t *user, uint64_t created_ms)
{
    if (created_ms <= user->clock.newest_ms)
        return 0;
    user->clock.newest_ms = created_ms;
    return 1;
}

void nkt_clock_opened(nkt_user_t *user, uint64_t created_ms)
{
    if (created_ms > user->clock.opened_ms)
        user->clock.opened_ms = created_ms;
}

void nkt_clock_group_opened(nkt_user_t *user, uint64_t created_ms)
{
    if (created_ms > user->clock.group_opened_ms)
        user->clock.group_opened_ms = created_ms;
}

void nkt_clock_bye(nkt_user_t *user, uint64_t created_ms)
{
    user->clock.bye_ms = created_ms;
}

int nkt_clock_has_left(const nkt_user_t *user)
{
    const nkt_user_clock_t *clock = &user->clock;
    return clock->bye_ms != 0 && (!clock->is_heard || clock->said_ms <= clock->bye_ms);
}

void nkt_clock_first(nkt_swarm_t *swarm, nkt_user_t *user, uint64_t created_ms)
{
    if (user->clock.first_ms != 0)
        return;
    user->clock.first_ms = user->clock.is_heard ? nkt_clock_of(swarm, user) : created_ms;
    user->clock.is_first_new = !user->clock.is_proven;
    nkt_user_touch(user);
}

void nkt_clock_told(nkt_swarm_t *swarm, nkt_user_t *user)
{
    user->clock.told_ms = swarm->now_ms;
}

void nkt_clock_asked_by(nkt_user_t *user, const uint8_t *nonce)
{
    user->clock.has_nonce = nonce != NULL;
    if (nonce != NULL)
        memcpy(user->clock.nonce, nonce, sizeof user->clock.nonce);
}

void nkt_clock_restore(nkt_user_t *user, uint64_t newest_ms, uint64_t opened_ms, uint64_t first_ms)
{
    user->clock.newest_ms = newest_ms;
    user->clock.opened_ms = opened_ms;
    user->clock.first_ms = first_ms;
}
