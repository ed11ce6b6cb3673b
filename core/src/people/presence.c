/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether a user is there, and how it was heard: written down here; what follows is inbound/presence.c. */
#include "people/people.h"
#include "state/state.h"
#include "state/swarm.h"

void nkt_presence_heard(const nkt_swarm_t *swarm, nkt_user_t *user)
{
    user->presence.heard_at_ms = nkt_clock_passing(swarm);
    user->presence.heard_ms = swarm->now_ms;
}

void nkt_presence_excuse(nkt_swarm_t *swarm)
{
    for (size_t i = 0; i < swarm->users.count; i++)
        swarm->user_list[i]->presence.heard_ms = swarm->now_ms;
}

void nkt_presence_on_relays(nkt_user_t *user, uint32_t relay_bits)
{
    user->presence.relay_bits |= relay_bits;
}

void nkt_presence_off_relays(nkt_user_t *user, uint32_t relay_bits)
{
    user->presence.relay_bits &= ~relay_bits;
}

void nkt_presence_bridged(nkt_user_t *user, int is_bridged)
{
    user->presence.is_bridged = (uint8_t)is_bridged;
}

int nkt_presence_set_flags(nkt_user_t *user, uint8_t flags)
{
    uint8_t before = user->presence.flags;
    user->presence.flags = flags & (NKT_USER_MUTED | NKT_USER_UNREACHABLE);
    return user->presence.flags ^ before;
}

void nkt_presence_reached(nkt_user_t *user)
{
    nkt_presence_set_flags(user, user->presence.flags & (uint8_t)~NKT_USER_UNREACHABLE);
}

void nkt_presence_look(nkt_swarm_t *swarm, nkt_user_t *user, uint64_t at_ms)
{
    nkt_alarm_set(swarm, &user->presence.absent_timer, at_ms);
}

void nkt_presence_sure(nkt_swarm_t *swarm, nkt_user_t *user)
{
    nkt_alarm_clear(swarm, &user->presence.absent_timer);
}
