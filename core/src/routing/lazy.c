/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who is sent a broadcast, and who is told of it (Plumtree's lazy push): ids are gathered and told in one IHAVE. What answers it is
 * tree.c, which says how that paper is cited.
 */
#include "routing/routing.h"
#include "state/state.h"
#include "state/swarm.h"

int nkt_tree_is_flood(nkt_swarm_t *swarm, size_t size)
{
    return size <= NKT_FLOOD_SIZE_MAX && nkt_view_size(swarm) <= NKT_FLOOD_USER_COUNT_MAX + 1;
}

/*
 * While few have it a push is hardly ever a second copy, and takes one way where announcing takes three; once many have it nearly all
 * are. So the author sends it to all neighbours, and those who get it go on until a part of the swarm was sent it: push first, then
 * pull (Karp, Schindelhauer, Shenker, Voecking 2000, "Randomized Rumor Spreading"). How far it is, its hops tell, and degrees alike.
 */
size_t nkt_tree_push_max(nkt_swarm_t *swarm, unsigned hops)
{
    if (hops == 0)
        return SIZE_MAX;
    size_t most = nkt_view_size(swarm) / NKT_PUSH_DIVISOR;
    for (; hops > 0 && most > 0; hops--)
        most /= swarm->settings.link_count_max;
    return most;
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

void nkt_tree_fetch_arm(nkt_swarm_t *swarm)
{
    uint64_t next_ms = nkt_missing_next_ms(&swarm->missing);
    if (next_ms != UINT64_MAX)
        nkt_alarm_set_by(swarm, &swarm->tree.fetch_timer, next_ms);
}

/* Asked links learn from what comes: how long one takes, and that one gives. */
void nkt_tree_arrived(nkt_swarm_t *swarm, nkt_link_t *from, const uint8_t *id, nkt_missing_entry_t *told)
{
    *told = nkt_missing_take(&swarm->missing, id);
    if (from->kind != NKT_LINK_RTC)
        return;
    from->tree.doubt -= from->tree.doubt > 0;
    if (told->asked != from->id)
        return;
    uint64_t took_ms = swarm->now_ms - told->asked_ms;
    uint32_t sample_ms = took_ms < NKT_GRAFT_AGAIN_MS_MAX ? (uint32_t)took_ms : NKT_GRAFT_AGAIN_MS_MAX;
    uint32_t smooth_ms = from->tree.give_ms == 0 ? sample_ms : (from->tree.give_ms * 7u + sample_ms) / 8; /* RFC 6298, 2 */
    from->tree.give_ms = (uint16_t)(smooth_ms > 0 ? smooth_ms : 1);
}

/* Plumtree, NeighborUp: here all that a new neighbour may have missed. */
void nkt_tree_link_up(nkt_swarm_t *swarm, nkt_link_t *link)
{
    if (swarm->recent.newest != NULL)
        digest_to(swarm, link);
}

/* Plumtree, NeighborDown, p. 9: what it announced is asked of others. */
void nkt_tree_link_down(nkt_swarm_t *swarm, nkt_link_t *link)
{
    nkt_missing_forget_link(&swarm->missing, link->id, swarm->now_ms);
    nkt_tree_fetch_arm(swarm);
    nkt_paths_forget_link(&swarm->paths, link->id);
    nkt_buf_free(&link->tree.ihave);
}
