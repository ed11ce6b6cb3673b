/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An author who is alone with a content shows its neighbours different pieces, each to one, so that all of it is out there once before
 * anything is sent twice (super-seeding, BEP 16). It ends when every piece is known to be somewhere else; then all is told as by anybody.
 */
#include <stdlib.h>
#include <string.h>

#include "content/content.h"
#include "state/state.h"

enum { SHOW_COUNT = 4 }; /* pieces shown to one neighbour that it has not asked for, and as many as it waits for: its window may grow */

static int bit_get(const uint8_t *bits, uint32_t index)
{
    return bits[index / 8] >> (7 - index % 8) & 1;
}

static void bit_set(uint8_t *bits, uint32_t index)
{
    bits[index / 8] |= (uint8_t)(0x80 >> index % 8);
}

void nkt_show_begin(nkt_blob_t *blob)
{
    if (blob->piece_count > SHOW_COUNT)
        blob->given = calloc(blob->piece_count, 1); /* without memory all is told at once */
}

void nkt_show_forget(nkt_feed_t *feed)
{
    nkt_blob_t *blob = feed->blob;
    for (uint32_t i = 0; blob->given != NULL && feed->shown != NULL && i < blob->piece_count; i++) {
        if (bit_get(feed->shown, i) && blob->given[i] > 0)
            blob->given[i]--; /* what it got is known of it, and no more when it is gone */
    }
    free(feed->shown);
    free(feed->settled);
    feed->shown = feed->settled = NULL;
    feed->shown_left = 0;
}

static void show_end(nkt_swarm_t *swarm, nkt_blob_t *blob)
{
    free(blob->given);
    blob->given = NULL;
    for (nkt_source_t *source = swarm->contents.sources; source != NULL; source = source->next) {
        nkt_feed_t *feed = nkt_feed_of(source, blob);
        if (feed == NULL)
            continue;
        nkt_show_forget(feed);
        feed->told = NKT_FEED_RETELL;
    }
    nkt_content_later(swarm);
}

/* One that nobody else was shown or has; if there is none, and nobody waits for his, one that fewest have. */
static int pick(nkt_swarm_t *swarm, const nkt_feed_t *feed, int is_idle, uint32_t *index)
{
    const nkt_blob_t *blob = feed->blob;
    uint32_t start = (uint32_t)nkt_chance_below(swarm, blob->piece_count);
    unsigned best = is_idle ? UINT32_MAX : 1;
    int is_found = 0;
    for (uint32_t k = 0; k < blob->piece_count && best > 0; k++) {
        uint32_t i = (start + k) % blob->piece_count;
        unsigned copies = (unsigned)blob->known[i] * 2 + blob->given[i]; /* what was shown may not have come */
        if (copies >= best || bit_get(feed->shown, i) || nkt_feed_has(feed, i) || !nkt_blob_holds(blob, i))
            continue;
        best = copies;
        *index = i;
        is_found = 1;
    }
    return is_found;
}

static void feed_show(nkt_swarm_t *swarm, nkt_source_t *source, nkt_feed_t *feed, int is_idle)
{
    nkt_blob_t *blob = feed->blob;
    nkt_buf_t *frame = &swarm->contents.frame;
    size_t size = (blob->piece_count + 7) / 8;
    uint32_t index;
    if (feed->shown_left >= SHOW_COUNT + source->asked_count)
        return;
    if (feed->shown == NULL) {
        feed->shown = calloc(size, 1);
        feed->settled = calloc(size, 1);
    }
    if (feed->shown == NULL || feed->settled == NULL || nkt_content_frame_begin(frame, NKT_CONTENT_HAVE, feed->tag_out) < 0)
        return;
    size_t head = frame->size;
    while (feed->shown_left < SHOW_COUNT + source->asked_count && pick(swarm, feed, is_idle, &index) &&
           nkt_content_frame_add_index(frame, index) == NKT_OK) {
        bit_set(feed->shown, index);
        blob->given[index] += blob->given[index] < UINT8_MAX;
        feed->shown_left++;
    }
    if (frame->size > head)
        nkt_content_send(swarm, source, 0);
}

void nkt_show_more(nkt_swarm_t *swarm)
{
    int is_idle = 1;
    for (const nkt_source_t *source = swarm->contents.sources; source != NULL; source = source->next)
        is_idle &= source->asked_count == 0;
    for (nkt_blob_t *blob = swarm->contents.blobs; blob != NULL; blob = blob->next) {
        if (blob->given != NULL && memchr(blob->known, 0, blob->piece_count) == NULL)
            show_end(swarm, blob);
    }
    for (nkt_source_t *source = swarm->contents.sources; source != NULL; source = source->next) {
        for (nkt_feed_t *feed = source->feeds; feed != NULL && source->is_allowed; feed = feed->next) {
            if (feed->blob->given != NULL)
                feed_show(swarm, source, feed, is_idle);
        }
    }
}
