/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Broadcasts from link to link. In a large swarm a tree that repairs itself (Plumtree, Leitão, Pereira, Rodrigues 2007):
 * eager links carry every broadcast, lazy ones only announcements of it (IHAVE); who misses one fetches it and makes that link
 * eager (GRAFT); who gets one twice makes the second link lazy (PRUNE). The same announcements, of all that is recent, heal what
 * a partition kept apart when a link between the parts comes up.
 *
 * "Plumtree" below is that paper, "Epidemic Broadcast Trees" (SRDS 2007), its events as its pseudo code names them, its pages as in
 * the authors' copy (srds07-leitao.pdf); what differs from it says so, and why.
 */
#include "routing/routing.h"
#include "state/state.h"
#include "state/swarm.h"

enum {
    FETCH_SIZE_MAX = 262144, /* given in answer to one GRAFT; the rest is asked for again */
    FETCH_BURST = 512,       /* broadcasts one neighbour may fetch at once ... */
    FETCH_PER_S = 128,
};

/* ---- what neighbours tell ---- */

static void fetch_arm(nkt_swarm_t *swarm)
{
    uint64_t next_ms = nkt_missing_next_ms(&swarm->missing);
    if (next_ms != UINT64_MAX)
        nkt_alarm_set_by(swarm, &swarm->tree.fetch_timer, next_ms);
}

/* Plumtree, Receive(GOSSIP) of what was received before: it shows an edge that closes a ring. */
static void prune(nkt_swarm_t *swarm, nkt_link_t *link)
{
    if (!link->tree.is_lazy)
        nkt_status_changed(swarm);
    link->tree.is_lazy = 1; /* said even if it was so: the other end seems to see it otherwise */
    nkt_buf_t *frame = nkt_lend(swarm, NKT_LENT_FRAME);
    if (nkt_treeframe_begin(frame, NKT_FRAME_PRUNE, 0) == NKT_OK)
        nkt_emit_send(swarm, link, frame->data, frame->size, 0, 0);
}

static void graft(nkt_swarm_t *swarm, nkt_link_t *link)
{
    if (link->tree.is_lazy)
        nkt_status_changed(swarm);
    link->tree.is_lazy = 0;
}

/* Plumtree, Optimization: a lazy link would have been much shorter. It takes the place of the one that brought this. */
static void swap(nkt_swarm_t *swarm, nkt_link_t *link, const nkt_broadcast_t *broadcast, uint8_t hops)
{
    nkt_link_t *parent = nkt_link_find(swarm, broadcast->from_link);
    if (!link->tree.is_lazy || parent == NULL || parent == link || hops + 1 + NKT_SWAP_HOPS > broadcast->hops)
        return;
    graft(swarm, link);
    nkt_buf_t *frame = nkt_lend(swarm, NKT_LENT_FRAME);
    if (nkt_treeframe_begin(frame, NKT_FRAME_GRAFT, NKT_TREE_FLAG) == NKT_OK)
        nkt_emit_send(swarm, link, frame->data, frame->size, 0, 0);
    prune(swarm, parent);
}

/* Plumtree, Receive(IHAVE), p. 8: what is announced and missing is fetched after a while, if it did not come by then. */
static int ihave_receive(nkt_swarm_t *swarm, nkt_link_t *link, const uint8_t *frame, size_t size)
{
    int count = nkt_treeframe_ihave_count(size);
    if (count < 0)
        return count;
    uint32_t wait_ms = frame[1] & NKT_TREE_FLAG ? NKT_GRAFT_SOON_MS : NKT_GRAFT_FIRST_MS;
    for (int i = 0; i < count; i++) {
        nkt_ihave_t ihave = nkt_treeframe_ihave_get(frame, (size_t)i);
        const nkt_broadcast_t *known = nkt_recent_find(&swarm->recent, ihave.id);
        if (known != NULL && !(frame[1] & NKT_TREE_FLAG))
            swap(swarm, link, known, ihave.hops);
        else if (known == NULL && !nkt_seen_has(&swarm->seen, ihave.id))
            nkt_missing_add(&swarm->missing, ihave.id, link->id, swarm->now_ms, wait_ms);
    }
    fetch_arm(swarm);
    return NKT_OK;
}

/* Plumtree, Receive(GRAFT): gives what is missed. Unlike there the link becomes eager only if that is asked for. */
static int graft_receive(nkt_swarm_t *swarm, nkt_link_t *link, const uint8_t *frame, size_t size)
{
    int count = nkt_treeframe_graft_count(size);
    if (count < 0)
        return count;
    if (frame[1] & NKT_TREE_FLAG)
        graft(swarm, link);
    size_t given = 0;
    for (int i = 0; i < count && given < FETCH_SIZE_MAX && !link->pulse.is_pressed; i++) {
        nkt_broadcast_t *broadcast = nkt_recent_find(&swarm->recent, nkt_treeframe_graft_get(frame, (size_t)i));
        uint64_t bit = (uint64_t)1 << (link->id & 63);
        if (broadcast == NULL || broadcast->given_twice & bit ||
            !nkt_bucket_take(&link->tree.fetch_bucket, swarm->now_ms, FETCH_BURST, FETCH_PER_S))
            continue;
        broadcast->given_twice |= broadcast->given_once & bit;
        broadcast->given_once |= bit;
        nkt_post_again(swarm, link, broadcast);
        given += broadcast->size;
    }
    return NKT_OK;
}

int nkt_tree_frame(nkt_swarm_t *swarm, nkt_link_t *link, const uint8_t *frame, size_t size)
{
    if (!nkt_bucket_take(&link->tree.frame_bucket, swarm->now_ms, NKT_TREE_BURST, NKT_TREE_PER_S))
        return NKT_E_RATE;
    switch (frame[0]) {
    case NKT_FRAME_IHAVE:
        return ihave_receive(swarm, link, frame, size);
    case NKT_FRAME_GRAFT:
        return graft_receive(swarm, link, frame, size);
    case NKT_FRAME_PRUNE: /* Plumtree, Receive(PRUNE): to its sender this was a second copy */
    default:
        if (size != 1)
            return NKT_E_FRAME_LENGTH;
        if (!link->tree.is_lazy)
            nkt_status_changed(swarm);
        link->tree.is_lazy = 1;
        return NKT_OK;
    }
}

void nkt_tree_duplicate(nkt_swarm_t *swarm, nkt_link_t *link, const uint8_t *id)
{
    const nkt_broadcast_t *broadcast = nkt_recent_find(&swarm->recent, id);
    /* what a relay was quicker with says nothing about the links, which have to do without it one day */
    if (broadcast == NULL || broadcast->is_relayed || link->kind != NKT_LINK_RTC ||
        nkt_tree_is_flood(swarm, broadcast->size) || broadcast->from_link == link->id)
        return;
    prune(swarm, link);
}

/*
 * Plumtree, Timer, p. 9: asks one link for as many as are due from it. There each GRAFT makes its link eager. Here
 * authors are many and the tree is one: that a copy came late by the tree is no fault of it, and a link made eager for every
 * such copy closes a ring that the next copies have to open again. Only who had to fetch several in a row is off the tree.
 */
void nkt_tree_fetch_timer(nkt_swarm_t *swarm)
{
    uint8_t id[NKT_ID_SIZE];
    nkt_link_t *asked = NULL;
    nkt_buf_t *frame = nkt_lend(swarm, NKT_LENT_FRAME);
    size_t count = 0;
    int is_off_tree = swarm->tree.fetch_streak >= NKT_FETCH_STREAK_MAX;
    for (size_t budget = NKT_MISSING_COUNT_MAX; budget > 0; budget--) {
        uint32_t link_id = nkt_missing_due(&swarm->missing, swarm->now_ms, swarm->now_ms + NKT_GRAFT_AGAIN_MS, id);
        nkt_link_t *link = link_id == 0 ? NULL : nkt_link_find(swarm, link_id);
        if (asked != NULL && (link != asked || count == NKT_GRAFT_COUNT_MAX)) {
            nkt_emit_send(swarm, asked, frame->data, frame->size, 0, 0);
            asked = NULL;
        }
        if (link_id == 0)
            break;
        if (link == NULL)
            continue;
        if (asked == NULL) {
            if (nkt_treeframe_begin(frame, NKT_FRAME_GRAFT, is_off_tree ? NKT_TREE_FLAG : 0) < 0)
                break;
            if (is_off_tree)
                graft(swarm, link);
            count = 0;
            asked = link;
        }
        nkt_treeframe_graft_add(frame, id);
        count++;
    }
    fetch_arm(swarm);
}
