/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A link is wanted: with one user, with anybody, through a tracker. Nothing happens here but that a timer is set; what it leads
 * to is links/view.c and links/announce.c.
 */
#include "base/base58.h"
#include "state/state.h"
#include "state/swarm.h"

enum {
    SOON_MS = 50,          /* lets what happens together be counted together */
    BUSY_MS = 500,         /* as many links are being set up as may be: most take this long, and any may be through with it */
    AGAIN_MS = 1000,       /* an attempt failed: the next candidate */
};

/* How many others are looked for already (in a mesh: all that are known), or the links lead to, as far as is known: whoever
 * moved since may be there all the same. */
static size_t reached_count(nkt_swarm_t *swarm)
{
    size_t count = 0;
    if (nkt_view_is_mesh(swarm))
        return nkt_view_known(swarm);
    for (size_t i = 0; i < swarm->users.count; i++) {
        const nkt_user_t *user = swarm->user_list[i];
        count += user->mesh.link != NULL || nkt_link_find(swarm, nkt_paths_get(&swarm->paths, &user->address)) != NULL;
    }
    return count;
}

/* The tracker counts peers to whom no link leads: an island beside ours, or ghosts. Looked for a few times after each loss. */
int nkt_announce_is_blind(nkt_swarm_t *swarm, const nkt_endpoint_t *endpoint)
{
    return endpoint->wish.blind_count < NKT_TRACKER_BLIND_COUNT && endpoint->socket.peer_count <= NKT_DIGEST_USER_COUNT_MAX &&
           endpoint->socket.peer_count > reached_count(swarm) + 1;
}

/* Whoever has no link left, as a newcomer whose first one was turned away by a peer with enough of them, hears nothing of the others. */
static uint64_t lost_wait(nkt_swarm_t *swarm)
{
    if (nkt_rtc_count(swarm, 1) == 0)
        return 1 + nkt_chance_below(swarm, NKT_TRACKER_FAST_MS);
    return nkt_chance_jitter(swarm, NKT_TRACKER_POOR_MS);
}

void nkt_announce_lost(nkt_swarm_t *swarm)
{
    for (size_t i = 0; i < swarm->endpoint_count; i++) {
        nkt_endpoint_t *endpoint = &swarm->endpoints[i];
        endpoint->wish.blind_count = 0;
        if (endpoint->kind == NKT_LINK_TRACKER && endpoint->socket.is_up && nkt_announce_is_blind(swarm, endpoint))
            nkt_alarm_set_by(swarm, &endpoint->wish.timer, swarm->now_ms + lost_wait(swarm));
    }
}

void nkt_announce_soon(nkt_swarm_t *swarm, nkt_endpoint_t *endpoint)
{
    nkt_alarm_set(swarm, &endpoint->wish.timer, swarm->now_ms);
}

void nkt_announce_rest(nkt_swarm_t *swarm, nkt_endpoint_t *endpoint)
{
    nkt_alarm_clear(swarm, &endpoint->wish.timer);
}

void nkt_announce_hurry(nkt_swarm_t *swarm)
{
    if (nkt_rtc_count(swarm, 1) > 0)
        return;
    for (size_t i = 0; i < swarm->endpoint_count; i++) {
        nkt_endpoint_t *endpoint = &swarm->endpoints[i];
        if (endpoint->kind == NKT_LINK_TRACKER && endpoint->socket.is_up && endpoint->announce.count == 1)
            nkt_announce_soon(swarm, endpoint);
    }
}

static uint64_t retry_wait(nkt_swarm_t *swarm, const nkt_user_t *user)
{
    return nkt_chance_backoff(swarm, user->mesh.attempt - 1, NKT_RTC_RETRY_MS_BASE, NKT_RTC_RETRY_MS_MAX);
}

void nkt_mesh_want(nkt_swarm_t *swarm, nkt_user_t *user, int at_once)
{
    if (user->mesh.link != NULL)
        return;
    if (!at_once && nkt_connect_find(swarm, &user->address) == NULL && !nkt_view_is_mesh(swarm)) {
        if (user->mesh.attempt > 0) /* a memo: it is no candidate until then */
            nkt_alarm_set(swarm, &user->wish.timer, swarm->now_ms + retry_wait(swarm, user));
        nkt_view_want(swarm, user->mesh.attempt > 0);
        return;
    }
    uint64_t wait_ms = NKT_MESH_DELAY_MS;
    if (user->mesh.attempt > 0)
        wait_ms += retry_wait(swarm, user);
    if (nkt_address_compare(&swarm->identity.address, &user->address) > 0)
        wait_ms += NKT_GLARE_MS;
    nkt_alarm_set_by(swarm, &user->wish.timer, swarm->now_ms + (at_once ? 0 : wait_ms));
}

void nkt_mesh_want_soon(nkt_swarm_t *swarm, nkt_user_t *user)
{
    if (user->mesh.link == NULL)
        nkt_alarm_set_by(swarm, &user->wish.timer, swarm->now_ms + nkt_chance_jitter(swarm, BUSY_MS));
}

void nkt_view_want(nkt_swarm_t *swarm, int has_failed)
{
    if (swarm->walks.attempt >= NKT_WALK_FEW_ROUND_COUNT && nkt_timer_is_set(&swarm->wish.timer))
        return; /* that somebody is known, or was not reached, is no news to one who found nobody for so long */
    uint64_t wait_ms = has_failed ? AGAIN_MS : SOON_MS;
    nkt_alarm_set_by(swarm, &swarm->wish.timer, swarm->now_ms + nkt_chance_jitter(swarm, wait_ms));
}

void nkt_view_later(nkt_swarm_t *swarm, uint64_t wait_ms)
{
    nkt_alarm_set(swarm, &swarm->wish.timer, swarm->now_ms + wait_ms);
}

void nkt_view_wish_end(nkt_swarm_t *swarm)
{
    nkt_alarm_clear(swarm, &swarm->wish.timer);
}

void nkt_mesh_wish_end(nkt_swarm_t *swarm, nkt_user_t *user)
{
    nkt_alarm_clear(swarm, &user->wish.timer);
}

void nkt_announce_later(nkt_swarm_t *swarm, nkt_endpoint_t *endpoint, uint64_t wait_ms)
{
    nkt_alarm_set(swarm, &endpoint->wish.timer, swarm->now_ms + wait_ms);
}

void nkt_announce_was_blind(nkt_endpoint_t *endpoint)
{
    endpoint->wish.blind_count++;
}

void nkt_announce_wish_again(nkt_endpoint_t *endpoint)
{
    endpoint->wish.blind_count = 0;
}
