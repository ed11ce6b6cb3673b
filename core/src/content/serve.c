/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What neighbours ask for: read from the host, verified, sent in parts, so that a message has to wait for a few of them at most. */
#include <assert.h>
#include <string.h>

#include "content/content.h"
#include "state/state.h"

enum { DATA_HEAD_SIZE = 2 + NKT_CONTENT_TAG_SIZE + 5 };

_Static_assert(NKT_BULK_LOW_SIZE >= NKT_PIECE_PART_SIZE + DATA_HEAD_SIZE, "told while a part is left ...");
_Static_assert(NKT_BULK_LOW_SIZE + NKT_PIECE_PART_SIZE + DATA_HEAD_SIZE <= NKT_BULK_QUEUE_SIZE, "... there is room for another");

/* ---- requests ---- */

static void refuse_send(nkt_swarm_t *swarm, nkt_source_t *source, const nkt_feed_t *feed, uint32_t index)
{
    if (nkt_content_frame_begin(&swarm->contents.frame, NKT_CONTENT_REFUSE, feed->tag_out) == NKT_OK &&
        nkt_content_frame_add_index(&swarm->contents.frame, index) == NKT_OK)
        nkt_content_send(swarm, source, NKT_SEND_BULK); /* in one order with DATA */
}

static void asked_remove(nkt_source_t *source, uint32_t at)
{
    nkt_buf_free(&source->asked[at].proven);
    memmove(&source->asked[at], &source->asked[at + 1], (--source->asked_count - at) * sizeof source->asked[0]);
    if (at == 0)
        source->sent_part = 0;
}

static uint32_t asked_find(const nkt_source_t *source, const nkt_feed_t *feed, uint32_t index)
{
    uint32_t at = 0;
    while (at < source->asked_count && (source->asked[at].feed != feed || source->asked[at].index != index))
        at++;
    return at;
}

void nkt_asked_drop(nkt_swarm_t *swarm, nkt_source_t *source, const nkt_feed_t *feed, int refuse)
{
    for (uint32_t i = source->asked_count; i-- > 0;) {
        const nkt_serving_t *asked = &source->asked[i];
        if (feed != NULL && asked->feed != feed)
            continue;
        if (refuse && i == 0 && source->sent_part > 0)
            continue; /* the rest of it is its answer */
        if (refuse)
            refuse_send(swarm, source, asked->feed, asked->index);
        asked_remove(source, i);
    }
}

int nkt_content_asked(nkt_swarm_t *swarm, nkt_source_t *source, nkt_feed_t *feed, const nkt_content_frame_t *frame)
{
    int err = NKT_OK;
    source->asked_ms = swarm->now_ms;
    nkt_content_later(swarm); /* what hinders an answer now, a link full of messages, may end without a word */
    for (size_t i = 0; i < frame->count; i++) {
        uint32_t index = nkt_content_frame_index(frame, i);
        if (source->asked_count == NKT_REQUEST_COUNT_MAX)
            return NKT_E_RATE; /* more than it was allowed: not answered */
        if (index >= feed->blob->piece_count || asked_find(source, feed, index) < source->asked_count)
            return NKT_E_PIECE_MISSING;
        if (source->is_allowed && nkt_blob_holds(feed->blob, index)) {
            nkt_feed_settle(feed, index, 1);
            source->asked[source->asked_count++] = (nkt_serving_t){.feed = feed, .index = index};
            continue;
        }
        if (!nkt_bucket_take(&source->bucket, swarm->now_ms, NKT_CONTENT_BURST, NKT_CONTENT_PER_S))
            return NKT_E_RATE;
        if (source->is_allowed)
            err = NKT_E_PIECE_MISSING;
        refuse_send(swarm, source, feed, index);
    }
    return err;
}

int nkt_content_cancelled(nkt_swarm_t *swarm, nkt_source_t *source, nkt_feed_t *feed, const nkt_content_frame_t *frame)
{
    for (size_t i = 0; i < frame->count; i++) {
        uint32_t at = asked_find(source, feed, nkt_content_frame_index(frame, i));
        if (at == source->asked_count || (at == 0 && source->sent_part > 0))
            continue; /* it is on its way, or was answered before this came */
        refuse_send(swarm, source, feed, source->asked[at].index);
        asked_remove(source, at);
    }
    return NKT_OK;
}

/* ---- from the host ---- */

static int is_read(const nkt_swarm_t *swarm, const nkt_blob_t *blob, uint32_t index)
{
    for (const nkt_source_t *source = swarm->contents.sources; source != NULL; source = source->next) {
        for (uint32_t i = 0; i < source->asked_count; i++) {
            if (source->asked[i].is_reading && source->asked[i].feed->blob == blob && source->asked[i].index == index)
                return 1;
        }
    }
    return 0;
}

/* Several at once: a host asks another thread, and to wake it costs more than what is read. */
static void source_load(nkt_swarm_t *swarm, nkt_source_t *source)
{
    uint32_t loaded_count = 0;
    for (uint32_t i = 0; i < source->asked_count && i < NKT_SERVE_LOADED_COUNT; i++)
        loaded_count += source->asked[i].is_reading || source->asked[i].proven.size > 0;
    if (loaded_count > NKT_SERVE_LOADED_COUNT / 2)
        return;
    for (uint32_t i = 0; i < source->asked_count && i < NKT_SERVE_LOADED_COUNT; i++) {
        nkt_serving_t *asked = &source->asked[i];
        if (asked->is_reading || asked->proven.size > 0)
            continue;
        int is_under_way = is_read(swarm, asked->feed->blob, asked->index);
        asked->is_reading = 1;
        if (!is_under_way)
            nkt_emit(swarm, &(nkt_effect_t){.kind = NKT_FX_CONTENT_READ,
                                            .ticket = asked->feed->blob->ticket,
                                            .value = (int32_t)asked->index});
    }
}

void nkt_content_loaded(nkt_swarm_t *swarm, nkt_blob_t *blob, uint32_t index, const nkt_buf_t *proven)
{
    for (nkt_source_t *source = swarm->contents.sources; source != NULL; source = source->next) {
        for (uint32_t i = source->asked_count; i-- > 0;) {
            nkt_serving_t *asked = &source->asked[i];
            if (asked->feed->blob != blob || asked->index != index || asked->proven.size > 0)
                continue;
            if (asked->is_reading) {
                asked->is_reading = 0; /* without memory it is asked for again */
                nkt_buf_set(&asked->proven, proven->data, proven->size);
            }
        }
    }
    swarm->contents.is_due = 1;
}

void nkt_content_unload(nkt_swarm_t *swarm, const nkt_blob_t *blob)
{
    for (nkt_source_t *source = swarm->contents.sources; source != NULL; source = source->next) {
        for (uint32_t i = source->asked_count; i-- > 0;) {
            const nkt_serving_t *asked = &source->asked[i];
            if (asked->feed->blob != blob || nkt_blob_holds(blob, asked->index) || asked->proven.size > 0)
                continue;
            refuse_send(swarm, source, asked->feed, asked->index);
            asked_remove(source, i);
        }
    }
    swarm->contents.is_due = 1;
}

/* ---- to the neighbour ---- */

static int part_send(nkt_swarm_t *swarm, nkt_source_t *source)
{
    nkt_serving_t *asked = &source->asked[0];
    nkt_buf_t *frame = &swarm->contents.frame;
    if (source->asked_count == 0 || asked->proven.size == 0)
        return 0;
    size_t part_size = nkt_content_part_size(source);
    size_t from = source->sent_part * part_size, left = asked->proven.size - from;
    size_t size = left < part_size ? left : part_size, queued = size + DATA_HEAD_SIZE;
    if (source->queued + queued > NKT_BULK_QUEUE_SIZE || swarm->contents.bulk_size + queued > NKT_BULK_TOTAL_SIZE ||
        (source->link != NULL ? source->link->pulse.is_pressed : source->queued > 0))
        return 0;
    if (nkt_content_frame_begin(frame, NKT_CONTENT_DATA, asked->feed->tag_out) < 0 ||
        nkt_content_frame_add_index(frame, asked->index) < 0 || nkt_buf_append_u8(frame, (uint8_t)source->sent_part) < 0 ||
        nkt_buf_append(frame, asked->proven.data + from, size) < 0)
        return 0;
    assert(frame->size == queued);
    nkt_content_send(swarm, source, NKT_SEND_BULK);
    source->queued += (uint32_t)queued;
    swarm->contents.bulk_size += (uint32_t)queued;
    source->given_size += size;
    source->sent_part++;
    if (size == left) {
        nkt_count(swarm, NKT_TALLY_PIECES_GIVEN, 1);
        asked_remove(source, 0);
        source_load(swarm, source);
    }
    return 1;
}

void nkt_content_give(nkt_swarm_t *swarm)
{
    for (nkt_source_t *source = swarm->contents.sources; source != NULL; source = source->next)
        source_load(swarm, source);
    for (size_t idle = 0; idle < swarm->contents.source_count && swarm->contents.bulk_size < NKT_BULK_TOTAL_SIZE;) {
        nkt_source_t *source = swarm->contents.sources;
        idle = !nkt_source_is_gone(source) && part_send(swarm, source) ? 0 : idle + 1;
        nkt_source_behind(swarm, source);
    }
}

void nkt_content_queued(nkt_swarm_t *swarm, nkt_link_t *link, uint32_t size)
{
    nkt_source_t *source = link->content.source;
    if (source == NULL)
        return;
    uint32_t queued = size < source->queued ? size : source->queued; /* messages are in it too */
    swarm->contents.bulk_size -= source->queued - queued;
    source->queued = queued;
    swarm->contents.is_due = 1;
}
