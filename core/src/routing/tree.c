/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Broadcasts from link to link. In a large swarm one is pushed while few have it (lazy.c), then announced (IHAVE) and fetched at
 * once (GRAFT) from the first who tells: his was the quickest way. So each broadcast finds a tree of its own, which nothing has to
 * repair. Who tells and does not give is asked last from then on. The same announcements, of all that is recent, heal what a partition
 * kept apart when a link between the parts comes up.
 *
 * "Plumtree" below is "Epidemic Broadcast Trees" (Leitão, Pereira, Rodrigues, SRDS 2007), its events as its pseudo code names them, its
 * pages as in the authors' copy (srds07-leitao.pdf). Of it there are lazy push and repair, and not the tree: see core/README.md.
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

/* What a digest tells of is on no way to us; the rest may be, if a relay carries it as well. */
static uint32_t wait_of(const nkt_swarm_t *swarm, unsigned flags)
{
    if (flags & NKT_TREE_FLAG)
        return NKT_GRAFT_SOON_MS;
    return nkt_endpoints_up(swarm, NKT_LINK_RELAY) > 0 ? NKT_GRAFT_FIRST_MS : 0;
}

/* Plumtree, Receive(IHAVE), p. 8. */
static int ihave_receive(nkt_swarm_t *swarm, nkt_link_t *link, const uint8_t *frame, size_t size)
{
    int count = nkt_treeframe_ihave_count(size);
    if (count < 0)
        return count;
    uint32_t wait_ms = wait_of(swarm, frame[1]);
    nkt_announcer_t by = {.link = link->id, .is_doubted = link->tree.doubt > 0};
    for (int i = 0; i < count; i++) {
        nkt_ihave_t ihave = nkt_treeframe_ihave_get(frame, (size_t)i);
        if (nkt_recent_find(&swarm->recent, ihave.id) == NULL && !nkt_seen_has(&swarm->seen, ihave.id))
            nkt_missing_add(&swarm->missing, ihave.id, by, swarm->now_ms, wait_ms);
    }
    nkt_tree_fetch_arm(swarm);
    return NKT_OK;
}

/* Plumtree, Receive(GRAFT): gives what is missed. Unlike there nothing else follows. */
static int graft_receive(nkt_swarm_t *swarm, nkt_link_t *link, const uint8_t *frame, size_t size)
{
    int count = nkt_treeframe_graft_count(size);
    if (count < 0)
        return count;
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
    return frame[0] == NKT_FRAME_IHAVE ? ihave_receive(swarm, link, frame, size) : graft_receive(swarm, link, frame, size);
}

/* ---- what is asked of them ---- */

/* How long a link that is asked is waited for. */
static uint32_t patience_ms(const nkt_link_t *link)
{
    uint32_t ms = link->tree.give_ms == 0 ? NKT_GRAFT_AGAIN_MS : link->tree.give_ms * 2u + NKT_GRAFT_GAP_MS;
    if (ms < NKT_GRAFT_AGAIN_MS_MIN)
        return NKT_GRAFT_AGAIN_MS_MIN;
    return ms < NKT_GRAFT_AGAIN_MS_MAX ? ms : NKT_GRAFT_AGAIN_MS_MAX;
}

/* It did not give in time: perhaps it is slower than was thought, perhaps it never will. */
static void withheld(nkt_link_t *link)
{
    link->tree.give_ms = (uint16_t)patience_ms(link);
    link->tree.doubt = link->tree.doubt + NKT_DOUBT_COST < NKT_DOUBT_MAX ? (uint8_t)(link->tree.doubt + NKT_DOUBT_COST) : NKT_DOUBT_MAX;
}

/* All that is due from one link, in as many frames as it takes. */
static void link_ask(nkt_swarm_t *swarm, nkt_link_t *link)
{
    nkt_buf_t *frame = nkt_lend(swarm, NKT_LENT_FRAME);
    size_t count = 0;
    int is_doubted = link->tree.doubt > 0;
    uint64_t again_ms = swarm->now_ms + patience_ms(link);
    if (nkt_treeframe_begin(frame, NKT_FRAME_GRAFT, 0) < 0)
        return;
    nkt_missing_entry_t *entry;
    while (count < NKT_GRAFT_COUNT_MAX && (entry = nkt_missing_due(&swarm->missing, swarm->now_ms, link->id)) != NULL) {
        nkt_link_t *late = entry->asked == 0 ? NULL : nkt_link_find(swarm, entry->asked);
        if (late != NULL)
            withheld(late);
        if (nkt_treeframe_graft_add(frame, entry->id) < 0)
            break;
        nkt_missing_asked(&swarm->missing, entry, swarm->now_ms, again_ms, is_doubted);
        count++;
    }
    if (count > 0)
        nkt_emit_send(swarm, link, frame->data, frame->size, 0, 0);
}

/* Plumtree, Timer, p. 9: asks for what is due. There each GRAFT makes its link eager. */
void nkt_tree_fetch_timer(nkt_swarm_t *swarm)
{
    for (size_t budget = NKT_MISSING_COUNT_MAX; budget > 0; budget--) {
        const nkt_missing_entry_t *entry = nkt_missing_due(&swarm->missing, swarm->now_ms, 0);
        if (entry == NULL)
            break;
        uint32_t link_id = entry->links[0];
        nkt_link_t *link = nkt_link_find(swarm, link_id);
        if (link != NULL && nkt_link_is_live(link))
            link_ask(swarm, link);
        else
            nkt_missing_forget_link(&swarm->missing, link_id, swarm->now_ms);
    }
    nkt_tree_fetch_arm(swarm);
}
