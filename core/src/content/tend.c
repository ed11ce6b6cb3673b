/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The end of each step, where everything that goes out is decided; the timer; what the application is told. */
#include <string.h>

#include "content/content.h"
#include "state/state.h"

static nkt_content_state_t state_of(const nkt_swarm_t *swarm, const nkt_blob_t *blob)
{
    if (nkt_blob_is_whole(blob))
        return NKT_CONTENT_COMPLETE;
    if (blob->is_paused)
        return NKT_CONTENT_PAUSED;
    if (blob->is_full)
        return NKT_CONTENT_FULL;
    for (const nkt_source_t *source = swarm->contents.sources; source != NULL; source = source->next) {
        const nkt_feed_t *feed = source->is_bad ? NULL : nkt_feed_of(source, blob);
        if (feed != NULL && feed->count > 0)
            return NKT_CONTENT_FETCHING;
    }
    return NKT_CONTENT_WAITING;
}

static int is_relayed(const nkt_swarm_t *swarm, const nkt_blob_t *blob)
{
    for (const nkt_source_t *source = swarm->contents.sources; source != NULL; source = source->next) {
        if (source->is_relayed && nkt_feed_of(source, blob) != NULL)
            return 1;
    }
    return 0;
}

_Static_assert(NKT_HOLDER_SIZE == NKT_ADDRESS_SIZE + 4, "an address, and how many pieces");

/* Who knows it, and how much of it he says he has. Its author has all, whatever he shows. */
static void holders_write(const nkt_swarm_t *swarm, const nkt_blob_t *blob, nkt_buf_t *out)
{
    nkt_buf_clear(out);
    for (const nkt_source_t *source = swarm->contents.sources; source != NULL; source = source->next) {
        uint8_t holder[NKT_HOLDER_SIZE];
        const nkt_feed_t *feed = nkt_feed_of(source, blob);
        if (feed == NULL)
            continue;
        memcpy(holder, source->address.b, NKT_ADDRESS_SIZE);
        nkt_put_u32be(holder + NKT_ADDRESS_SIZE, feed->is_author ? blob->piece_count : feed->count);
        if (nkt_buf_append(out, holder, sizeof holder) < 0)
            return; /* without memory some are not told of */
    }
}

static void blob_tell(nkt_swarm_t *swarm, nkt_blob_t *blob)
{
    nkt_buf_t *holders = &swarm->contents.frame;
    holders_write(swarm, blob, holders);
    nkt_effect_t fx = {
        .kind = NKT_FX_CONTENT,
        .ticket = blob->ticket,
        .value = (int32_t)blob->held_count,
        .flags = (uint32_t)state_of(swarm, blob) | (is_relayed(swarm, blob) ? NKT_CONTENT_RELAYED : 0) | blob->feed_count << 8,
        .bytes = holders->data,
        .bytes_size = holders->size,
    };
    memcpy(fx.id, blob->id, sizeof fx.id);
    blob->is_changed = 0;
    blob->told_ms = swarm->now_ms;
    nkt_emit(swarm, &fx);
    nkt_buf_clear(holders);
}

void nkt_content_timer(nkt_swarm_t *swarm)
{
    int is_more = nkt_content_tell(swarm);
    is_more |= nkt_content_stalled(swarm);
    is_more |= nkt_turns_round(swarm);
    is_more |= nkt_content_relayed_tend(swarm);
    for (nkt_blob_t *blob = swarm->contents.blobs; blob != NULL; blob = blob->next) {
        if (!blob->is_open)
            continue;
        if (blob->is_changed)
            blob_tell(swarm, blob);
        nkt_content_seek(swarm, blob);
        if (nkt_blob_is_wanted(blob)) /* who has what is missing may come; else what comes is looked at when it does */
            nkt_alarm_set_by(swarm, &swarm->contents.timer,
                             swarm->now_ms + (blob->size <= NKT_RELAYED_SIZE_MAX ? NKT_RELAYED_AFTER_MS : NKT_PEERS_MS));
    }
    swarm->contents.is_due = 1;
    if (is_more)
        nkt_content_later(swarm);
}

/* Neighbours whose link is gone. */
static void sources_sweep(nkt_swarm_t *swarm)
{
    nkt_source_t *next;
    for (nkt_source_t *source = swarm->contents.sources; source != NULL; source = next) {
        next = source->next;
        if (!nkt_source_is_gone(source))
            continue;
        nkt_source_free(swarm, source);
        swarm->contents.is_due = 1;
    }
}

void nkt_content_tend(nkt_swarm_t *swarm)
{
    sources_sweep(swarm);
    if (!swarm->contents.is_due)
        return;
    swarm->contents.is_due = 0;
    nkt_turns_fill(swarm);
    nkt_show_more(swarm);
    nkt_content_ask(swarm);
    nkt_content_give(swarm);
}
