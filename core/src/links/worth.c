/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a link is worth, and which gives way. Whoever knows our address may ask for a link (startWebRTCClient), and anybody may
 * say that he has hardly another; if that pushed out what we have, a few who ask again and again would be all that we are
 * linked with. So those who ask for us have a quarter of the view among themselves, and displace one another; who comes by
 * chance takes what is free; and what we chose, or what brought broadcasts that no other link brought sooner, stays.
 */
#include "links/links.h"
#include "routing/routing.h"
#include "state/state.h"
#include "state/swarm.h"

enum {
    SETTLED_MS = 10000, /* a younger link is not closed for another: both ends would run in circles */
    POOR_MS = 10000,    /* who said that it has few links is spared for so long: it walks at least every 6 s */
};

/* ---- room ---- */

/* How many are reached through a link, beside its other end. Of a link that holds two parts together: a whole part. */
static size_t routed_count(const nkt_swarm_t *swarm, const nkt_link_t *link)
{
    size_t count = 0;
    for (size_t i = 0; i < swarm->users.count; i++)
        count += swarm->user_list[i]->mesh.link == NULL && nkt_paths_get(&swarm->paths, &swarm->user_list[i]->address) == link->id;
    return count;
}

static int may_close(nkt_swarm_t *swarm, const nkt_link_t *link)
{
    if (!nkt_link_is_live(link) || swarm->now_ms - link->rtc.live_ms < SETTLED_MS || link->rtc.gives_way ||
        nkt_connect_find(swarm, &link->rtc.peer) != NULL)
        return 0;
    return link->rtc.poor_ms == 0 || swarm->now_ms - link->rtc.poor_ms >= POOR_MS; /* else it may be all that its other end has */
}

/* The lowest goes first: those who asked for us, those who came by chance, those that we chose; in each the useful last. */
static size_t worth_of(const nkt_swarm_t *swarm, const nkt_link_t *link)
{
    size_t kind = link->rtc.origin == NKT_ORIGIN_ASKED ? 0 : link->rtc.origin == NKT_ORIGIN_GIVEN ? 1 : 2;
    return nkt_link_is_useful(swarm, link) ? 3 + kind : kind;
}

/* Of those that are worth no more than that: the least, of these the one through which fewest are reached, of these any. */
static nkt_link_t *victim_find(nkt_swarm_t *swarm, size_t worth_max, int is_asked_only)
{
    nkt_link_t *picked = NULL;
    uint64_t count = 0;
    size_t least = SIZE_MAX, least_routed = SIZE_MAX;
    /* a crowd is an expander: any link will do. In a small swarm the wrong one parts it, for good if there is no server */
    int is_crowd = nkt_view_known(swarm) >= NKT_CROWD_COUNT_MIN;
    for (size_t i = 0; i < swarm->link_count; i++) {
        nkt_link_t *link = swarm->links[i];
        /* who asks over a link does not push it out; but in the part of those who ask it gives way as any other of them */
        if (!may_close(swarm, link) || (is_asked_only ? link->rtc.origin != NKT_ORIGIN_ASKED : link == swarm->blame.from))
            continue;
        size_t worth = worth_of(swarm, link), routed = is_crowd ? 0 : routed_count(swarm, link);
        if (worth > worth_max || worth > least || (worth == least && routed > least_routed))
            continue;
        if (worth < least || routed < least_routed)
            count = 0;
        least = worth;
        least_routed = routed;
        if (nkt_chance_below(swarm, ++count) == 0)
            picked = link;
    }
    return picked;
}

/* HyParView, JOIN, p. 6, drops any of a full active view; here the one that is worth least. */
int nkt_view_make_room(nkt_swarm_t *swarm, nkt_room_for_t whom)
{
    int is_for_ours = whom == NKT_ROOM_FOR_OURS;
    nkt_link_t *link = victim_find(swarm, whom == NKT_ROOM_FOR_OTHERS ? NKT_ORIGIN_GIVEN : SIZE_MAX, 0);
    uint64_t *gave_ms = &swarm->walks.gave_ms[whom == NKT_ROOM_FOR_ASKED];
    if (link == NULL || (!is_for_ours && *gave_ms != 0 && swarm->now_ms - *gave_ms < NKT_LINK_GIVE_MS))
        return 0;
    if (!is_for_ours)
        *gave_ms = swarm->now_ms;
    nkt_link_close(swarm, link, 1);
    return 1;
}

/* ---- those who ask for us ---- */

size_t nkt_view_asked_max(const nkt_swarm_t *swarm)
{
    size_t quarter = swarm->settings.link_count_max / NKT_LINK_ASKED_DIVISOR;
    return quarter > 0 ? quarter : 1;
}

/* What is said over it just now is still heeded, and answered by the same way: such a one goes a little later. */
static void give_way(nkt_swarm_t *swarm, nkt_link_t *link)
{
    if (link != swarm->blame.from) {
        nkt_link_close(swarm, link, 1);
        return;
    }
    link->rtc.gives_way = 1;
    nkt_link_alarm(swarm, link, swarm->now_ms + NKT_RTC_DRAIN_MS);
}

int nkt_view_gave_way(nkt_swarm_t *swarm, nkt_link_t *link)
{
    int was_to_go = link->rtc.gives_way;
    link->rtc.gives_way = 0;
    if (!was_to_go || !may_close(swarm, link))
        return 0; /* its other end has hardly another by now, or is sought */
    nkt_link_close(swarm, link, 1);
    return 1;
}

static size_t asked_count(const nkt_swarm_t *swarm)
{
    size_t count = 0;
    for (size_t i = 0; i < swarm->link_count; i++)
        count += swarm->links[i]->kind == NKT_LINK_RTC && swarm->links[i]->rtc.origin == NKT_ORIGIN_ASKED;
    return count;
}

int nkt_view_admit(nkt_swarm_t *swarm, nkt_link_origin_t origin)
{
    size_t taken = nkt_view_taken(swarm), part = nkt_view_asked_max(swarm), count = asked_count(swarm);
    if (nkt_view_is_mesh(swarm) && taken < nkt_view_cap(swarm))
        return 1;
    if (origin == NKT_ORIGIN_GIVEN) /* unasked: not in the place of those who have to come to us */
        return taken + (part > count ? part - count : 0) < nkt_view_cap(swarm) || taken < swarm->settings.link_count_max;
    if (count >= part) {
        nkt_link_t *other = victim_find(swarm, SIZE_MAX, 1);
        if (other == NULL)
            return 0;
        give_way(swarm, other);
    }
    /* no more than their part ever goes to them, so it may cost any link: what is useful goes last */
    return nkt_view_taken(swarm) < nkt_view_cap(swarm) || nkt_view_make_room(swarm, NKT_ROOM_FOR_ASKED);
}
