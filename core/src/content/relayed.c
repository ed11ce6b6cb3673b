/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A small content without a link: the same frames, each in an envelope over a relay on which both are. One who fetches begins it, with the
 * author alone, and begins anew when nothing comes; a part every NKT_TELL_MS, so that the relay's budgets and messages are not touched.
 */
#include <string.h>

#include "base/base58.h"
#include "content/content.h"
#include "state/state.h"

static nkt_source_t *relayed_find(const nkt_swarm_t *swarm, const nkt_address_t *address)
{
    nkt_source_t *source = swarm->contents.sources;
    while (source != NULL && (!source->is_relayed || memcmp(&source->address, address, sizeof *address) != 0))
        source = source->next;
    return source;
}

static nkt_source_t *relayed_of(nkt_swarm_t *swarm, const nkt_address_t *address)
{
    size_t count = 0;
    nkt_source_t *found = relayed_find(swarm, address);
    for (const nkt_source_t *source = swarm->contents.sources; found == NULL && source != NULL; source = source->next)
        count += source->is_relayed;
    if (found != NULL || count >= NKT_RELAYED_COUNT_MAX)
        return found;
    return nkt_source_new(swarm, NULL, address);
}

/* ---- begun ---- */

static void seek_relayed(nkt_swarm_t *swarm, nkt_blob_t *blob)
{
    nkt_user_t *author = nkt_user_find(swarm, &blob->author);
    if (blob->size > NKT_RELAYED_SIZE_MAX || blob->feed_count > 0 || author == NULL || author->mesh.link != NULL ||
        swarm->now_ms < blob->opened_ms + NKT_RELAYED_AFTER_MS || nkt_relay_of(swarm, author) == NULL ||
        nkt_source_is_known_bad(swarm, &blob->author))
        return;
    nkt_source_t *source = relayed_of(swarm, &blob->author);
    nkt_feed_t *feed = source == NULL ? NULL : nkt_feed_new(swarm, source, blob);
    if (feed == NULL)
        return;
    source->relayed_ms = swarm->now_ms;
    source->is_ours = 1;
    nkt_content_offer_one(swarm, source, feed->tag_out);
}

/* One who asks over a relay for a small content that he knows. What was before is over. */
static int offered(nkt_swarm_t *swarm, const nkt_address_t *address, const nkt_content_frame_t *frame)
{
    uint8_t tag[NKT_CONTENT_TAG_SIZE];
    for (nkt_blob_t *blob = swarm->contents.blobs; frame->count == 1 && blob != NULL; blob = blob->next) {
        if (!blob->is_open || blob->size > NKT_RELAYED_SIZE_MAX)
            continue;
        nkt_content_tag(tag, blob->access, address, &swarm->identity.address);
        if (memcmp(frame->bytes, tag, sizeof tag) != 0)
            continue;
        nkt_source_t *source = relayed_of(swarm, address);
        nkt_feed_t *feed = source == NULL ? NULL : nkt_feed_of(source, blob);
        if (source == NULL)
            return NKT_E_TABLE_FULL;
        source->relayed_ms = swarm->now_ms;
        if (feed != NULL && source->is_ours)
            return NKT_OK; /* the answer to our own */
        if (feed != NULL)
            nkt_feed_free(swarm, source, feed);
        nkt_content_feed_begin(swarm, source, blob);
        return NKT_OK;
    }
    return NKT_OK; /* none of our business */
}

int nkt_content_relayed(nkt_swarm_t *swarm, const nkt_user_t *user, const uint8_t *bytes, size_t size)
{
    nkt_content_frame_t frame;
    if (size == 0 || bytes[0] != NKT_FRAME_CONTENT)
        return NKT_E_PAYLOAD;
    int err = nkt_content_frame_read(&frame, bytes, size);
    if (err < 0)
        return err;
    if (user->mesh.link != NULL || user->presence.flags & NKT_USER_MUTED)
        return NKT_OK; /* it, or we, will see that there is one */
    nkt_source_t *source = relayed_find(swarm, &user->address);
    swarm->contents.is_due = 1;
    if (frame.word == NKT_CONTENT_OFFER)
        return offered(swarm, &user->address, &frame);
    if (source == NULL)
        return NKT_E_CONTENT_TAG;
    source->relayed_ms = swarm->now_ms;
    return nkt_content_word(swarm, source, &frame);
}

/* ---- time ---- */

void nkt_content_seek(nkt_swarm_t *swarm, nkt_blob_t *blob)
{
    if (!nkt_blob_is_wanted(blob) || blob->feed_count >= NKT_FEED_FEW_COUNT || nkt_address_is_zero(&blob->author))
        return;
    seek_relayed(swarm, blob);
    if (blob->wished_ms != 0 && swarm->now_ms < blob->wished_ms + NKT_PEERS_MS)
        return;
    blob->wished_ms = swarm->now_ms + 1;
    nkt_user_t *author = nkt_user_find(swarm, &blob->author);
    if (author != NULL && !nkt_source_is_known_bad(swarm, &blob->author))
        nkt_mesh_want(swarm, author, 1);
}

int nkt_content_relayed_tend(nkt_swarm_t *swarm)
{
    int is_any = 0;
    for (nkt_source_t *source = swarm->contents.sources; source != NULL; source = source->next) {
        if (!source->is_relayed)
            continue;
        const nkt_user_t *user = nkt_user_find(swarm, &source->address);
        if (user == NULL || user->mesh.link != NULL || swarm->now_ms >= source->relayed_ms + NKT_RELAYED_IDLE_MS || source->is_stalled) {
            source->is_relayed = 0;
            continue;
        }
        swarm->contents.bulk_size -= source->queued;
        source->queued = 0;
        is_any = 1;
    }
    return is_any;
}
