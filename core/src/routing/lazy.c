/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The lazy links of the broadcast tree (Leitao, Pereira, Rodrigues 2007, "Epidemic Broadcast Trees"): ids of broadcasts are
 * gathered and told in one IHAVE. What answers it is tree.c, which says how that paper is cited.
 */
#include "routing/routing.h"
#include "state/state.h"
#include "state/swarm.h"

int nkt_tree_is_flood(nkt_swarm_t *swarm, size_t size)
{
    return size <= NKT_FLOOD_SIZE_MAX && nkt_view_size(swarm) <= NKT_FLOOD_USER_COUNT_MAX + 1;
}

static void ihave_flush(nkt_swarm_t *swarm, nkt_link_t *link)
{
    if (link->tree.ihave.size == 0)
        return;
    nkt_emit_send(swarm, link, link->tree.ihave.data, link->tree.ihave.size, 0, 0);
    nkt_buf_clear(&link->tree.ihave);
    link->tree.ihave_ms = swarm->now_ms;
}

static void ihave_add(nkt_swarm_t *swarm, nkt_link_t *link, const nkt_broadcast_t *broadcast, unsigned flags)
{
    if (link->tree.ihave.size == 0 && nkt_treeframe_begin(&link->tree.ihave, NKT_FRAME_IHAVE, flags) < 0)
        return;
    nkt_treeframe_ihave_add(&link->tree.ihave, broadcast->id, broadcast->hops);
    if (nkt_treeframe_ihave_count(link->tree.ihave.size) >= NKT_IHAVE_COUNT_MAX)
        ihave_flush(swarm, link);
}

/* Plumtree, LazyPush and dispatch: announcements need not be quick, so many share one frame. */
void nkt_tree_announce(nkt_swarm_t *swarm, nkt_link_t *link, const nkt_broadcast_t *broadcast)
{
    ihave_add(swarm, link, broadcast, 0);
    uint64_t due_ms = swarm->now_ms + NKT_IHAVE_DELAY_MS;
    if (due_ms < link->tree.ihave_ms + NKT_IHAVE_MS_MIN)
        due_ms = link->tree.ihave_ms + NKT_IHAVE_MS_MIN;
    nkt_alarm_set_by(swarm, &swarm->tree.ihave_timer, due_ms);
}

void nkt_tree_ihave_timer(nkt_swarm_t *swarm)
{
    for (size_t i = 0; i < swarm->link_count; i++) {
        nkt_link_t *link = swarm->links[i];
        if (!nkt_link_is_live(link) || link->tree.ihave.size == 0)
            continue;
        uint64_t due_ms = link->tree.ihave_ms + NKT_IHAVE_MS_MIN;
        if (due_ms <= swarm->now_ms)
            ihave_flush(swarm, link);
        else
            nkt_alarm_set_by(swarm, &swarm->tree.ihave_timer, due_ms);
    }
}

/* Anti-entropy (Demers et al. 1987): all that is recent is announced, and what is missed is fetched. */
static void digest_to(nkt_swarm_t *swarm, nkt_link_t *link)
{
    nkt_recent_expire(&swarm->recent, swarm->now_ms);
    ihave_flush(swarm, link);
    for (const nkt_broadcast_t *entry = swarm->recent.oldest; entry != NULL; entry = entry->newer)
        ihave_add(swarm, link, entry, NKT_TREE_FLAG);
    ihave_flush(swarm, link);
}

void nkt_tree_digest(nkt_swarm_t *swarm)
{
    if (swarm->link_count == 0 || swarm->recent.newest == NULL)
        return;
    size_t start = (size_t)nkt_chance_below(swarm, swarm->link_count);
    for (size_t i = 0; i < swarm->link_count; i++) {
        nkt_link_t *link = swarm->links[(start + i) % swarm->link_count];
        if (nkt_link_is_live(link)) {
            digest_to(swarm, link);
            return;
        }
    }
}

/* Links that a broadcast comes by at once. */
static size_t eager_count(const nkt_swarm_t *swarm)
{
    size_t count = 0;
    for (size_t i = 0; i < swarm->link_count; i++)
        count += nkt_link_is_live(swarm->links[i]) && !swarm->links[i]->tree.is_lazy;
    return count;
}

void nkt_tree_arrived(nkt_swarm_t *swarm, const uint8_t *id, nkt_missing_entry_t *told)
{
    *told = nkt_missing_take(&swarm->missing, id);
    if (told->fetch_count > 0)
        swarm->tree.fetch_streak += swarm->tree.fetch_streak < UINT8_MAX;
    else
        swarm->tree.fetch_streak = 0;
}

/* Plumtree, NeighborUp: a new neighbour is eager. Here only until there are some: the rest would be pruned at once. */
void nkt_tree_link_up(nkt_swarm_t *swarm, nkt_link_t *link)
{
    link->tree.is_lazy = eager_count(swarm) > NKT_EAGER_COUNT_NEW; /* with this one */
    if (swarm->recent.newest != NULL)
        digest_to(swarm, link);
}

/* Plumtree, NeighborDown, p. 9: what it announced is asked of others. */
void nkt_tree_link_down(nkt_swarm_t *swarm, nkt_link_t *link)
{
    nkt_missing_forget_link(&swarm->missing, link->id);
    nkt_paths_forget_link(&swarm->paths, link->id);
    nkt_buf_free(&link->tree.ihave);
}
