/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames about contents that arrived: each to the file that it concerns. */
#include "content/content.h"
#include "state/state.h"

static int feed_word(nkt_swarm_t *swarm, nkt_source_t *source, const nkt_content_frame_t *frame)
{
    nkt_feed_t *feed = nkt_feed_find(source, frame->tag);
    if (feed == NULL)
        return NKT_E_CONTENT_TAG;
    switch (frame->word) {
    case NKT_CONTENT_FIELD:
        return source->is_bad ? NKT_OK : nkt_content_field(swarm, feed, frame);
    case NKT_CONTENT_HAVE:
        return source->is_bad ? NKT_OK : nkt_content_have(swarm, feed, frame);
    case NKT_CONTENT_REQUEST:
        return nkt_content_asked(swarm, source, feed, frame);
    case NKT_CONTENT_CANCEL:
        return nkt_content_cancelled(swarm, source, feed, frame);
    case NKT_CONTENT_PEERS:
    default:
        return nkt_content_peers(swarm, feed, frame);
    }
}

int nkt_content_word(nkt_swarm_t *swarm, nkt_source_t *source, const nkt_content_frame_t *frame)
{
    swarm->contents.is_due = 1;
    switch (frame->word) {
    case NKT_CONTENT_DATA:
        return nkt_content_data(swarm, source, frame);
    case NKT_CONTENT_REFUSE:
        return nkt_content_refused(swarm, source, frame);
    case NKT_CONTENT_REQUEST: /* as many as may wait here, see there */
        return feed_word(swarm, source, frame);
    default:
        break;
    }
    if (!nkt_bucket_take(&source->bucket, swarm->now_ms, NKT_CONTENT_BURST, NKT_CONTENT_PER_S))
        return NKT_E_RATE;
    switch (frame->word) {
    case NKT_CONTENT_OFFER:
        return nkt_content_offered(swarm, source, frame);
    case NKT_CONTENT_GONE:
        return nkt_content_gone(swarm, source, frame);
    case NKT_CONTENT_ALLOW:
        source->allowed = frame->number < NKT_REQUEST_COUNT_MAX ? frame->number : NKT_REQUEST_COUNT_MAX;
        return NKT_OK;
    default:
        return feed_word(swarm, source, frame);
    }
}

int nkt_content_frame(nkt_swarm_t *swarm, nkt_link_t *link, const uint8_t *bytes, size_t size)
{
    nkt_content_frame_t frame;
    int err = nkt_content_frame_read(&frame, bytes, size);
    if (err < 0)
        return err;
    if (link->content.source != NULL)
        return nkt_content_word(swarm, link->content.source, &frame);
    /* no contents are open here: what is offered is none of our business, all else is not asked for */
    int is_offer = frame.word == NKT_CONTENT_OFFER || frame.word == NKT_CONTENT_GONE || frame.word == NKT_CONTENT_ALLOW;
    return is_offer ? NKT_OK : NKT_E_CONTENT_TAG;
}
