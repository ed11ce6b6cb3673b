/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How large the swarm is, as far as can be seen from here, who counts in it, and who can be reached. Nothing here changes
 * anything: every room asks, and the answer is the same for all.
 */
#include <assert.h>

#include "base/base58.h"
#include "relay/relay.h"
#include "state/state.h"
#include "state/swarm.h"

enum {
    VAST_MS = 600000,       /* a swarm too large to know all is taken for one for so long after the last sign of it */
};

enum {
    MESH_SCAN_FACTOR = 4,  /* with so many times more users than links it is no mesh, whoever of them is there */
};

int nkt_user_is_addressed(nkt_swarm_t *swarm, const nkt_user_t *user)
{
    if (user->presence.flags & NKT_USER_MUTED || user->standing.is_doubted)
        return 0;
    if (!nkt_user_is_counted(swarm, user))
        return 0; /* not to hundreds who merely said hello: each would cost a session, and floods in search of it */
    return user->standing.is_member || (user->standing.is_met && swarm->room.is_open);
}

int nkt_user_is_of_room(const nkt_swarm_t *swarm, const nkt_user_t *user)
{
    return (user->standing.is_member || swarm->room.is_open) && !user->standing.is_doubted;
}

/* Are there more users than can all be known? */
static int users_are_vast(const nkt_swarm_t *swarm)
{
    return swarm->door.vast_ms != 0 && swarm->now_ms - swarm->door.vast_ms < VAST_MS;
}

int nkt_strangers_are_many(const nkt_swarm_t *swarm)
{
    return swarm->door.crowded_ms != 0 && swarm->now_ms - swarm->door.crowded_ms < NKT_STRANGER_MS;
}

/* One who came a short while ago, of himself or told of by his like, and has shown nothing but that he can sign. */
int nkt_user_is_newcomer(nkt_swarm_t *swarm, const nkt_user_t *user)
{
    if (user->standing.met_ms == 0 || swarm->now_ms - user->standing.met_ms >= NKT_STRANGER_MS ||
        nkt_user_rank(swarm, user) > NKT_RANK_STRANGER)
        return 0;
    const nkt_user_t *introducer = nkt_user_find(swarm, &user->standing.introducer);
    return introducer == NULL || !nkt_user_is_proven(swarm, introducer);
}

int nkt_user_is_counted(nkt_swarm_t *swarm, const nkt_user_t *user)
{
    return !nkt_strangers_are_many(swarm) || !nkt_user_is_newcomer(swarm, user);
}

size_t nkt_users_known(nkt_swarm_t *swarm)
{
    assert(swarm->away.left_count <= swarm->users.count);
    size_t count = swarm->users.count - swarm->away.left_count;
    if (!nkt_strangers_are_many(swarm))
        return count;
    for (size_t i = 0; i < swarm->users.count; i++) {
        const nkt_user_t *user = swarm->user_list[i];
        count -= (size_t)(!nkt_away_has_left(user) && nkt_user_is_newcomer(swarm, user));
    }
    return count;
}

const nkt_connect_t *nkt_connect_find(nkt_swarm_t *swarm, const nkt_address_t *target)
{
    for (size_t i = 0; i < NKT_CONNECT_COUNT_MAX; i++) {
        const nkt_connect_t *connect = &swarm->connects[i];
        if (connect->is_used && nkt_address_compare(&connect->target, target) == 0)
            return connect;
    }
    return NULL;
}

size_t nkt_view_target(const nkt_swarm_t *swarm)
{
    size_t degree = swarm->settings.link_count_max;
    size_t slack = degree / 4 > 0 ? degree / 4 : 1; /* if all wanted all their places taken, the last would walk for ever */
    return degree > slack ? degree - slack : 1;
}

size_t nkt_view_cap(const nkt_swarm_t *swarm)
{
    size_t degree = swarm->settings.link_count_max;
    size_t slack = (degree + NKT_RTC_SLACK_DIVISOR - 1) / NKT_RTC_SLACK_DIVISOR;
    return degree + (slack < NKT_RTC_SLACK_COUNT ? slack : NKT_RTC_SLACK_COUNT);
}

size_t nkt_view_known(nkt_swarm_t *swarm)
{
    return nkt_users_known(swarm);
}

/*
 * Whoever opens hundreds of connections to an honest server, and says nothing, has it say so as well. Of a crowd those who answered are
 * known soon, and as many as make one after a while. A server that closes the connection again and again is not believed anew each time.
 */
int nkt_claim_is_likely(nkt_swarm_t *swarm, const nkt_endpoint_t *endpoint)
{
    uint64_t age_ms = swarm->now_ms - endpoint->socket.claimed_ms;
    size_t count = endpoint->socket.peer_count, most = age_ms < NKT_CLAIM_LONG_MS ? NKT_GREETING_ANSWER_COUNT : 2 * NKT_CROWD_COUNT_MIN;
    if (age_ms < NKT_CLAIM_MS)
        return 1;
    return nkt_view_known(swarm) >= (count < most ? count : most) / 2;
}

size_t nkt_view_seen(nkt_swarm_t *swarm)
{
    size_t size = nkt_view_known(swarm) + 1;
    return users_are_vast(swarm) && size <= NKT_USER_IDLE_COUNT_MAX ? NKT_USER_IDLE_COUNT_MAX + 1 : size;
}

size_t nkt_view_size(nkt_swarm_t *swarm)
{
    size_t size = nkt_view_seen(swarm);
    int are_many = nkt_strangers_are_many(swarm); /* then a relay counts them as well */
    for (size_t i = 0; i < swarm->endpoint_count; i++) {
        if (are_many && swarm->endpoints[i].kind == NKT_LINK_RELAY)
            continue;
        const nkt_endpoint_socket_t *socket = &swarm->endpoints[i].socket;
        if (socket->is_up && socket->peer_count > size && nkt_claim_is_likely(swarm, &swarm->endpoints[i]))
            size = socket->peer_count;
    }
    return size;
}

int nkt_view_is_mesh(nkt_swarm_t *swarm)
{
    size_t degree = swarm->settings.link_count_max;
    if (nkt_view_size(swarm) > degree * MESH_SCAN_FACTOR)
        return 0; /* a newcomer knows few, and must not take them for all */
    if (nkt_view_known(swarm) <= degree)
        return 1;
    size_t present_count = 0;
    for (size_t i = 0; i < swarm->users.count; i++) {
        const nkt_user_t *user = swarm->user_list[i];
        int is_there = nkt_user_is_open(user) && nkt_user_reach(user) > NKT_REACH_LOST && nkt_user_is_counted(swarm, user);
        present_count += is_there || user->mesh.link != NULL;
    }
    return present_count <= degree;
}

size_t nkt_view_taken(const nkt_swarm_t *swarm)
{
    size_t count = 0;
    for (size_t i = 0; i < swarm->link_count; i++) {
        const nkt_link_t *link = swarm->links[i];
        count += link->kind == NKT_LINK_RTC && link->state != NKT_LINK_DRAINING &&
                 (link->state == NKT_LINK_LIVE || !nkt_address_is_zero(&link->rtc.peer));
    }
    return count;
}

int nkt_endpoints_up(const nkt_swarm_t *swarm, nkt_link_kind_t kind)
{
    int count = 0;
    for (size_t i = 0; i < swarm->endpoint_count; i++)
        count += swarm->endpoints[i].kind == kind && swarm->endpoints[i].socket.is_up;
    return count;
}

int nkt_user_is_lost(nkt_swarm_t *swarm, const nkt_user_t *user)
{
    return nkt_user_reach(user) == NKT_REACH_LOST && nkt_view_is_mesh(swarm) &&
           nkt_link_find(swarm, nkt_paths_get(&swarm->paths, &user->address)) == NULL;
}

int nkt_user_is_near(const nkt_swarm_t *swarm, const nkt_user_t *user)
{
    nkt_reach_t reach = nkt_user_reach(user);
    return reach == NKT_REACH_DIRECT || (reach != NKT_REACH_NONE && nkt_paths_get(&swarm->paths, &user->address) != 0);
}

int nkt_mailbox_is_away(nkt_swarm_t *swarm, const nkt_user_t *user)
{
    nkt_reach_t reach = nkt_user_reach(user);
    if (reach == NKT_REACH_NONE)
        return 1;
    /* where each has few links, no way is known to many who are there, and ways are known to some who left */
    return nkt_view_is_mesh(swarm) ? !nkt_user_is_near(swarm, user)
                                   : reach != NKT_REACH_DIRECT && swarm->now_ms - user->presence.heard_ms >= NKT_MAIL_SILENT_MS;
}

int nkt_post_can_reach(const nkt_swarm_t *swarm, const nkt_user_t *user)
{
    return user->mesh.link != NULL || nkt_endpoints_up(swarm, NKT_LINK_RELAY) > 0 || nkt_rtc_count(swarm, 1) > 0;
}
