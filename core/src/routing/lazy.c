/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The lazy links of the broadcast tree (Leitao, Pereira, Rodrigues 2007, "Epidemic Broadcast Trees"): ids of broadcasts are
 * gathered and told in one IHAVE. What answers it is tree.c.
 */
#include "routing/routing.h"
#include "state/state.h"
#include "state/swarm.h"

int nkt_tree_is_flood(nkt_swarm_t *swarm, size_t size)
{
    return size <= NKT_FLOOD_SIZE_MAX && nkt_view_size(swarm) <= NKT_FLOOD_USER_COUNT_MAX + 1;
}

static void tidings_flush(nkt_swarm_t *swarm, nkt_link_t *link)
{
    if (link->tree.tidings.size == 0)
        return;
    nkt_emit_send(swarm, link, link->tree.tidings.data, link->tree.tidings.size, 0, 0);
    nkt_buf_clear(&link->tree.tidings);
    link->tree.told_ms = swarm->now_ms;
}

static void tidings_add(nkt_swarm_t *swarm, nkt_link_t *link, const nkt_broadcast_t *broadcast, unsigned flags)
{
    if (link->tree.tidings.size == 0 && nkt_treeframe_begin(&link->tree.tidings, NKT_FRAME_IHAVE, flags) < 0)
        return;
    nkt_treeframe_ihave_add(&link->tree.tidings, broadcast->id, broadcast->hops);
    if (nkt_treeframe_ihave_count(link->tree.tidings.size) >= NKT_IHAVE_COUNT_MAX)
        tidings_flush(swarm, link);
}

/* Plumtree, lazy push: announcements need not be quick, so many share one frame. */
void nkt_tree_announce(nkt_swarm_t *swarm, nkt_link_t *link, const nkt_broadcast_t *broadcast)
{
    tidings_add(swarm, link, broadcast, 0);
    uint64_t due_ms = swarm->now_ms + NKT_IHAVE_DELAY_MS;
    if (due_ms < link->tree.told_ms + NKT_IHAVE_MS_MIN)
        due_ms = link->tree.told_ms + NKT_IHAVE_MS_MIN;
    nkt_alarm_set_by(swarm, &swarm->tree.tidings_timer, due_ms);
}

void nkt_tree_tidings_timer(nkt_swarm_t *swarm)
{
    for (size_t i = 0; i < swarm->link_count; i++) {
        nkt_link_t *link = swarm->links[i];
        if (!nkt_link_is_live(link) || link->tree.tidings.size == 0)
            continue;
        uint64_t due_ms = link->tree.told_ms + NKT_IHAVE_MS_MIN;
        if (due_ms <= swarm->now_ms)
            tidings_flush(swarm, link);
        else
            nkt_alarm_set_by(swarm, &swarm->tree.tidings_timer, due_ms);
    }
}

/* Anti-entropy (Demers et al. 1987): all that is recent is announced, and what is missed is fetched. */
static void digest_to(nkt_swarm_t *swarm, nkt_link_t *link)
{
    nkt_recent_expire(&swarm->recent, swarm->now_ms);
    tidings_flush(swarm, link);
    for (const nkt_broadcast_t *entry = swarm->recent.oldest; entry != NULL; entry = entry->newer)
        tidings_add(swarm, link, entry, NKT_TREE_FLAG);
    tidings_flush(swarm, link);
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

/* Plumtree, dynamic membership: a new neighbour is eager. Here only until there are some: the rest would be pruned at once. */
void nkt_tree_link_up(nkt_swarm_t *swarm, nkt_link_t *link)
{
    link->tree.is_lazy = eager_count(swarm) > NKT_EAGER_COUNT_NEW; /* with this one */
    if (swarm->recent.newest != NULL)
        digest_to(swarm, link);
}

/* Plumtree, dynamic membership: what it announced is asked of others. */
void nkt_tree_link_down(nkt_swarm_t *swarm, nkt_link_t *link)
{
    nkt_missing_forget_link(&swarm->missing, link->id);
    nkt_paths_forget_link(&swarm->paths, link->id);
    nkt_buf_free(&link->tree.tidings);
}
