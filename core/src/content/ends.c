/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Contents, neighbours, and what those two have to do with each other end: nobody refers to them any more. */
#include <assert.h>
#include <stdlib.h>

#include <sodium.h>

#include "content/content.h"
#include "state/state.h"

void nkt_feed_free(nkt_swarm_t *swarm, nkt_source_t *source, nkt_feed_t *feed)
{
    nkt_feed_t **at = &source->feeds;
    nkt_show_forget(feed);
    nkt_content_forget(source, feed);
    nkt_asked_drop(swarm, source, feed, 0);
    for (uint32_t i = 0; feed->count > 0 && i < feed->blob->piece_count; i++) {
        if (nkt_feed_has(feed, i))
            nkt_feed_lose(feed, i);
    }
    while (*at != feed)
        at = &(*at)->next;
    *at = feed->next;
    source->feed_count--;
    feed->blob->feed_count--;
    nkt_blob_changed(swarm, feed->blob);
    free(feed->bits);
    free(feed);
}

static void blob_detach(nkt_swarm_t *swarm, const nkt_blob_t *blob)
{
    for (nkt_source_t *source = swarm->contents.sources; source != NULL; source = source->next) {
        source->is_tagged[blob->slot] = 0;
        nkt_feed_t *feed = nkt_feed_of(source, blob);
        if (feed != NULL)
            nkt_feed_free(swarm, source, feed);
    }
}

void nkt_blob_free(nkt_swarm_t *swarm, nkt_blob_t *blob)
{
    nkt_contents_t *contents = &swarm->contents;
    nkt_blob_t **at = &contents->blobs;
    blob_detach(swarm, blob);
    while (*at != blob)
        at = &(*at)->next;
    *at = blob->next;
    contents->count--;
    if (blob->is_ready)
        contents->piece_total -= blob->piece_count;
    if (blob->is_own)
        contents->leaf_total -= blob->is_ready ? blob->piece_count : blob->tree.size / NKT_PIECE_NODE_SIZE;
    for (uint32_t i = 0; blob->taken != NULL && i < blob->piece_count; i++)
        contents->writing_count -= blob->taken[i] == NKT_BLOB_WRITING;
    nkt_buf_free(&blob->tree);
    free(blob->held);
    free(blob->taken);
    free(blob->known);
    free(blob->told);
    free(blob->given);
    sodium_memzero(blob, sizeof *blob);
    free(blob);
}

void nkt_contents_deinit(nkt_swarm_t *swarm)
{
    while (swarm->contents.sources != NULL)
        nkt_source_free(swarm, swarm->contents.sources);
    while (swarm->contents.blobs != NULL)
        nkt_blob_free(swarm, swarm->contents.blobs);
    nkt_buf_free(&swarm->contents.frame);
    nkt_buf_free(&swarm->contents.plain);
}

void nkt_source_free(nkt_swarm_t *swarm, nkt_source_t *source)
{
    nkt_contents_t *contents = &swarm->contents;
    nkt_source_t **at = &contents->sources;
    while (source->feeds != NULL)
        nkt_feed_free(swarm, source, source->feeds);
    assert(source->asked_count == 0);
    while (*at != source)
        at = &(*at)->next;
    *at = source->next;
    contents->source_count--;
    contents->bulk_size -= source->queued;
    if (source->link != NULL)
        source->link->content.source = NULL;
    nkt_buf_free(&source->arriving);
    free(source);
}
