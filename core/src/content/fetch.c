/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is asked of whom: the rarest piece first (Legout, Urvoy-Keller, Michiardi 2006), each link kept as full as its own rate says; what
 * comes, verified before anything else is done with it.
 */
#include <assert.h>
#include <string.h>

#include "content/content.h"
#include "state/state.h"

enum { FOCUS_COUNT = 16 }; /* pieces behind the one that a reader waits for, which come before all others */

int nkt_blob_is_wanted(const nkt_blob_t *blob)
{
    return blob->is_open && !blob->is_paused && !blob->is_full && !nkt_blob_is_whole(blob);
}

/* ---- requests ---- */

/* What was asked for is not waited for any more; its answer may still come. */
static void request_let_go(nkt_request_t *request)
{
    nkt_blob_t *blob = request->feed->blob;
    assert(blob->taken[request->index] & NKT_BLOB_TAKEN_MASK);
    if (--blob->taken[request->index] == 0)
        blob->taken_count--;
    request->feed = NULL;
}

static void request_remove(nkt_source_t *source, uint32_t at)
{
    memmove(&source->requests[at], &source->requests[at + 1], (--source->request_count - at) * sizeof source->requests[0]);
    if (at == 0) {
        nkt_buf_clear(&source->arriving);
        source->part = 0;
    }
}

static void cancel_send(nkt_swarm_t *swarm, nkt_source_t *source, const nkt_request_t *request)
{
    if (nkt_content_frame_begin(&swarm->contents.frame, NKT_CONTENT_CANCEL, request->feed->tag_out) == NKT_OK &&
        nkt_content_frame_add_index(&swarm->contents.frame, request->index) == NKT_OK)
        nkt_content_send(swarm, source, 0);
}

void nkt_content_release(nkt_swarm_t *swarm, nkt_source_t *source)
{
    for (uint32_t i = 0; i < source->request_count; i++) {
        nkt_request_t *request = &source->requests[i];
        if (request->feed == NULL)
            continue;
        cancel_send(swarm, source, request);
        request_let_go(request);
    }
}

void nkt_content_forget(nkt_source_t *source, const nkt_feed_t *feed)
{
    for (uint32_t i = source->request_count; i-- > 0;) {
        nkt_request_t *request = &source->requests[i];
        if (memcmp(request->tag, feed->tag_in, sizeof request->tag) != 0)
            continue;
        if (request->feed != NULL)
            request_let_go(request);
        request_remove(source, i);
    }
}

static void unask(nkt_swarm_t *swarm, const nkt_blob_t *blob, uint32_t index)
{
    for (nkt_source_t *source = swarm->contents.sources; source != NULL; source = source->next) {
        for (uint32_t i = 0; i < source->request_count; i++) {
            nkt_request_t *request = &source->requests[i];
            if (request->feed == NULL || request->feed->blob != blob || request->index != index)
                continue;
            cancel_send(swarm, source, request);
            request_let_go(request);
        }
    }
}

/* ---- which ---- */

/* The author of a content has all of it, whatever it shows (show.c), as long as it refuses nothing. */
static int is_worth_asking(const nkt_blob_t *blob, const nkt_feed_t *feed, uint32_t index)
{
    return (feed->is_author || nkt_feed_has(feed, index)) && !nkt_blob_holds(blob, index) && blob->taken[index] == 0;
}

/* What a reader waits for. */
static int pick_awaited(const nkt_blob_t *blob, const nkt_feed_t *feed, uint32_t *index)
{
    for (uint32_t i = 0; i < blob->get_count; i++) {
        if (is_worth_asking(blob, feed, blob->gets[i])) {
            *index = blob->gets[i];
            return 1;
        }
    }
    return 0;
}

/* What it soon will. */
static int pick_next(const nkt_blob_t *blob, const nkt_feed_t *feed, uint32_t *index)
{
    for (uint32_t i = blob->focus; blob->get_count > 0 && i < blob->piece_count && i < blob->focus + FOCUS_COUNT; i++) {
        if (is_worth_asking(blob, feed, i)) {
            *index = i;
            return 1;
        }
    }
    return 0;
}

static int is_awaited(const nkt_blob_t *blob, uint32_t index)
{
    for (uint32_t i = 0; i < blob->get_count; i++) {
        if (blob->gets[i] == index)
            return 1;
    }
    return 0;
}

/* What a reader waits for, and one who is slow, or says nothing, was asked for it: who is quicker is asked as well. */
static int pick_slow(const nkt_swarm_t *swarm, const nkt_source_t *source, const nkt_feed_t *feed, uint32_t *index)
{
    const nkt_blob_t *blob = feed->blob;
    uint64_t oldest_ms = UINT64_MAX;
    for (const nkt_source_t *other = swarm->contents.sources; blob->get_count > 0 && other != NULL; other = other->next) {
        for (uint32_t i = 0; other->rate < source->rate && i < other->request_count; i++) {
            const nkt_request_t *request = &other->requests[i];
            if (request->feed == NULL || request->feed->blob != blob || request->sent_ms >= oldest_ms ||
                swarm->now_ms < request->sent_ms + NKT_REQUEST_LATE_MS || blob->taken[request->index] >= NKT_REQUEST_END_COUNT ||
                !is_awaited(blob, request->index) || !(feed->is_author || nkt_feed_has(feed, request->index)))
                continue;
            oldest_ms = request->sent_ms;
            *index = request->index;
        }
    }
    return oldest_ms != UINT64_MAX;
}

/* Of the 64 pieces from there on, is there one that it has and we have not? Most of a large content is what both have, or neither. */
static int is_any_new(const uint8_t *has, const uint8_t *held)
{
    uint64_t theirs, ours;
    memcpy(&theirs, has, sizeof theirs);
    memcpy(&ours, held, sizeof ours);
    return (theirs & ~ours) != 0;
}

/* The rarest, from a place by chance on, so that of those that are equally rare each neighbour is asked for others. */
static int pick_rarest(nkt_swarm_t *swarm, const nkt_blob_t *blob, const nkt_feed_t *feed, uint32_t *index)
{
    uint32_t byte_count = (blob->piece_count + 7) / 8, start = (uint32_t)nkt_chance_below(swarm, byte_count);
    unsigned best = UINT8_MAX + 1, tie_count = 0;
    for (uint32_t k = 0; k < byte_count; k++) {
        uint32_t at = (start + k) % byte_count;
        if (k + 8 <= byte_count && at + 8 <= byte_count && !is_any_new(feed->bits + at, blob->held + at)) {
            k += 7;
            continue;
        }
        unsigned bits = feed->bits[at] & (unsigned)~blob->held[at] & 0xffu;
        for (uint32_t i = at * 8; bits != 0; bits = bits << 1 & 0xff, i++) {
            if (!(bits & 0x80) || blob->taken[i] != 0 || blob->known[i] > best)
                continue;
            tie_count = blob->known[i] < best ? 1 : tie_count + 1;
            best = blob->known[i];
            if (tie_count == 1 || nkt_chance_below(swarm, tie_count) == 0)
                *index = i;
        }
        if (best == 1 && tie_count >= FOCUS_COUNT)
            break; /* none is rarer */
    }
    return tie_count > 0;
}

/* When all that was asked of it should be here. */
static uint64_t expected_ms(const nkt_source_t *source)
{
    uint64_t size = (uint64_t)source->request_count * NKT_PIECE_SIZE;
    return NKT_REQUEST_LATE_MS + (source->rate > 0 ? size * 1000 / source->rate : 0);
}

/* Of those who were asked for it none has just been, and none gives as quickly as that one: most of them give nothing. */
static int is_held_up(const nkt_swarm_t *swarm, const nkt_source_t *by, const nkt_blob_t *blob, uint32_t index)
{
    for (const nkt_source_t *source = swarm->contents.sources; source != NULL; source = source->next) {
        for (uint32_t i = 0; i < source->request_count; i++) {
            const nkt_request_t *request = &source->requests[i];
            if (request->feed != NULL && request->feed->blob == blob && request->index == index &&
                (swarm->now_ms < request->sent_ms + NKT_REQUEST_LATE_MS || (source->rate > 0 && source->rate >= by->rate)))
                return 0;
        }
    }
    return 1;
}

/* Everything that is missing was asked for: one that is late is asked of one more. Of more than two one after the other, who give quicker
 * than those: else many who say nothing would hold it, two at a time. */
static int pick_late(const nkt_swarm_t *swarm, const nkt_source_t *by, const nkt_feed_t *feed, uint32_t *index)
{
    const nkt_blob_t *blob = feed->blob;
    uint64_t oldest_ms = UINT64_MAX;
    if (blob->held_count + blob->taken_count < blob->piece_count)
        return 0;
    for (const nkt_source_t *source = swarm->contents.sources; source != NULL; source = source->next) {
        for (uint32_t i = 0; i < source->request_count; i++) {
            const nkt_request_t *request = &source->requests[i];
            if (request->feed == NULL || request->feed->blob != blob || request->sent_ms >= oldest_ms ||
                swarm->now_ms < request->sent_ms + expected_ms(source) || !nkt_feed_has(feed, request->index) ||
                (blob->taken[request->index] >= NKT_REQUEST_END_COUNT && !is_held_up(swarm, by, blob, request->index)))
                continue;
            oldest_ms = request->sent_ms;
            *index = request->index;
        }
    }
    return oldest_ms != UINT64_MAX;
}

/* May somebody else be asked for it? */
static int is_elsewhere(const nkt_swarm_t *swarm, const nkt_source_t *source, const nkt_blob_t *blob, uint32_t index)
{
    for (const nkt_source_t *other = swarm->contents.sources; other != NULL; other = other->next) {
        if (other == source || other->is_bad || other->is_stalled || other->allowed == 0)
            continue;
        const nkt_feed_t *feed = nkt_feed_of(other, blob);
        if (feed != NULL && nkt_feed_has(feed, index))
            return 1;
    }
    return 0;
}

/* The author's line is for what nobody else gives yet: of the rest one piece at a time is asked of it. */
static int is_spared(const nkt_swarm_t *swarm, const nkt_source_t *source, const nkt_blob_t *blob, uint32_t index)
{
    return source->request_count > 0 && memcmp(&source->address, &blob->author, sizeof blob->author) == 0 &&
           is_elsewhere(swarm, source, blob, index);
}

static nkt_feed_t *pick(nkt_swarm_t *swarm, nkt_source_t *source, uint32_t *index)
{
    for (nkt_feed_t *feed = source->feeds; feed != NULL; feed = feed->next) {
        if (nkt_blob_is_wanted(feed->blob) &&
            (pick_awaited(feed->blob, feed, index) || pick_slow(swarm, source, feed, index) || pick_next(feed->blob, feed, index) ||
             (feed->count > 0 && pick_rarest(swarm, feed->blob, feed, index) && !is_spared(swarm, source, feed->blob, *index))))
            return feed;
    }
    for (nkt_feed_t *feed = source->feeds; feed != NULL && source->request_count == 0; feed = feed->next) {
        if (feed->count > 0 && nkt_blob_is_wanted(feed->blob) && pick_late(swarm, source, feed, index))
            return feed;
    }
    return NULL;
}

/* ---- how many ---- */

static uint32_t window_of(const nkt_source_t *source)
{
    if (source->is_bad || source->is_stalled || nkt_source_is_gone(source))
        return 0;
    uint64_t ahead = (uint64_t)source->rate * NKT_REQUEST_AHEAD_MS / 1000 / NKT_PIECE_SIZE;
    uint64_t window = NKT_REQUEST_WINDOW_MIN + ahead;
    return window < source->allowed ? (uint32_t)window : source->allowed;
}

/* It was asked for it before, did not want it meanwhile, and may still get it. */
static int is_unanswered(const nkt_source_t *source, const nkt_feed_t *feed, uint32_t index)
{
    for (uint32_t i = 0; i < source->request_count; i++) {
        if (source->requests[i].index == index && memcmp(source->requests[i].tag, feed->tag_in, sizeof feed->tag_in) == 0)
            return 1;
    }
    return 0;
}

static void request_add(nkt_swarm_t *swarm, nkt_source_t *source, nkt_feed_t *feed, uint32_t index)
{
    nkt_request_t *request = &source->requests[source->request_count++];
    *request = (nkt_request_t){
        .feed = feed,
        .index = index,
        .proven_size = (uint32_t)nkt_piece_proven_size(feed->blob->size, index),
        .sent_ms = swarm->now_ms,
    };
    memcpy(request->tag, feed->tag_in, sizeof request->tag);
    if (feed->blob->taken[index]++ == 0)
        feed->blob->taken_count++;
}

/* A fuller window at once, or none: one frame for several requests. */
static void source_ask(nkt_swarm_t *swarm, nkt_source_t *source, uint32_t window)
{
    nkt_buf_t *frame = &swarm->contents.frame;
    const nkt_feed_t *of = NULL;
    if (source->request_count == 0) {
        source->rate_ms = swarm->now_ms; /* before, nothing was to come */
        source->rate_size = 0;
    }
    while (source->request_count < window) {
        uint32_t index = 0;
        nkt_feed_t *feed = pick(swarm, source, &index);
        if (feed == NULL || is_unanswered(source, feed, index))
            break;
        if (feed != of) {
            if (of != NULL)
                nkt_content_send(swarm, source, 0);
            of = NULL;
            if (nkt_content_frame_begin(frame, NKT_CONTENT_REQUEST, feed->tag_out) < 0)
                return;
            of = feed;
        }
        if (nkt_content_frame_add_index(frame, index) < 0)
            break;
        request_add(swarm, source, feed, index);
        nkt_content_later(swarm); /* it may be late */
    }
    if (of != NULL)
        nkt_content_send(swarm, source, 0);
}

void nkt_content_ask(nkt_swarm_t *swarm)
{
    if (swarm->contents.writing_count >= NKT_BLOB_WRITING_COUNT_MAX)
        return; /* the host is slower than our neighbours */
    for (nkt_source_t *source = swarm->contents.sources; source != NULL; source = source->next) {
        uint32_t window = window_of(source);
        if (source->request_count < window && (source->request_count == 0 || window - source->request_count >= window / 4))
            source_ask(swarm, source, window);
    }
}

/* ---- what comes ---- */

static void source_condemn(nkt_swarm_t *swarm, nkt_source_t *source)
{
    nkt_contents_t *contents = &swarm->contents;
    if (source->is_bad)
        return;
    source->is_bad = 1;
    contents->bad[contents->bad_next] = source->address;
    contents->bad_next = (contents->bad_next + 1) % NKT_SOURCE_BAD_COUNT_MAX;
    if (contents->bad_count < NKT_SOURCE_BAD_COUNT_MAX)
        contents->bad_count++;
    for (uint32_t i = 0; i < source->request_count; i++) {
        if (source->requests[i].feed != NULL) /* what is on its way is verified like everything else, and may be good */
            cancel_send(swarm, source, &source->requests[i]);
    }
    for (nkt_feed_t *feed = source->feeds; feed != NULL; feed = feed->next) {
        for (uint32_t i = 0; feed->count > 0 && i < feed->blob->piece_count; i++)
            nkt_feed_lose(feed, i); /* nothing is rarer or less rare for what it says it has */
        nkt_blob_changed(swarm, feed->blob);
    }
}

/* Was a piece of it asked for that is not here yet? */
static int is_under_way(const nkt_swarm_t *swarm, const nkt_blob_t *blob)
{
    for (const nkt_source_t *source = swarm->contents.sources; source != NULL; source = source->next) {
        for (uint32_t i = 0; i < source->request_count; i++) {
            if (source->requests[i].feed != NULL && source->requests[i].feed->blob == blob)
                return 1;
        }
    }
    return 0;
}

static int piece_arrived(nkt_swarm_t *swarm, nkt_source_t *source, nkt_blob_t *blob, uint32_t index)
{
    nkt_shape_t shape = nkt_blob_shape(blob);
    if (nkt_piece_verify(&shape, index, source->arriving.data, source->arriving.size) < 0) {
        source_condemn(swarm, source);
        return NKT_E_PIECE_BAD;
    }
    source->got_size += source->arriving.size;
    nkt_count(swarm, NKT_TALLY_PIECES_GOT, 1);
    if (nkt_blob_holds(blob, index) || blob->taken[index] == NKT_BLOB_WRITING)
        return NKT_OK;
    unask(swarm, blob, index);
    assert(blob->taken[index] == 0);
    blob->taken[index] = NKT_BLOB_WRITING;
    blob->taken_count++;
    swarm->contents.writing_count++;
    nkt_emit(swarm, &(nkt_effect_t){
                        .kind = NKT_FX_CONTENT_WRITE,
                        .ticket = blob->ticket,
                        .flags = is_under_way(swarm, blob) ? 0 : NKT_CONTENT_LAST,
                        .value = (int32_t)index,
                        .bytes = source->arriving.data,
                        .bytes_size = source->arriving.size,
                    });
    return NKT_OK;
}

static void rate_measure(nkt_swarm_t *swarm, nkt_source_t *source, size_t size)
{
    uint64_t passed_ms = swarm->now_ms - source->rate_ms;
    source->rate_size += (uint32_t)size;
    if (passed_ms < (source->rate == 0 ? NKT_REQUEST_FIRST_MS : NKT_REQUEST_RATE_MS))
        return;
    source->rate = (uint32_t)((uint64_t)source->rate_size * 1000 / passed_ms);
    source->rate_ms = swarm->now_ms;
    source->rate_size = 0;
}

int nkt_content_data(nkt_swarm_t *swarm, nkt_source_t *source, const nkt_content_frame_t *frame)
{
    nkt_request_t *request = &source->requests[0];
    if (source->request_count == 0 || request->index != frame->index || source->part != frame->part ||
        memcmp(request->tag, frame->tag, sizeof request->tag) != 0)
        return nkt_feed_find(source, frame->tag) == NULL ? NKT_E_CONTENT_TAG : NKT_E_PIECE_UNASKED;
    size_t part_size = nkt_content_part_size(source);
    size_t from = source->part * part_size, left = request->proven_size - from;
    if (frame->bytes_size != (left < part_size ? left : part_size))
        return NKT_E_FRAME_LENGTH;
    source->heard_ms = swarm->now_ms;
    source->is_stalled = 0;
    source->part++;
    rate_measure(swarm, source, frame->bytes_size);
    int is_kept = request->feed != NULL;
    if (is_kept && nkt_buf_append(&source->arriving, frame->bytes, frame->bytes_size) < 0) {
        request_let_go(request); /* no memory for it now */
        is_kept = 0;
    }
    if (left > frame->bytes_size)
        return NKT_OK;
    if (!is_kept) {
        nkt_count(swarm, NKT_TALLY_PIECES_TWICE, 1);
        request_remove(source, 0);
        return NKT_OK;
    }
    nkt_blob_t *blob = request->feed->blob;
    uint32_t index = request->index;
    request_let_go(request);
    int err = piece_arrived(swarm, source, blob, index);
    request_remove(source, 0);
    return err;
}

int nkt_content_refused(nkt_swarm_t *swarm, nkt_source_t *source, const nkt_content_frame_t *frame)
{
    for (size_t i = 0; i < frame->count; i++) {
        uint32_t index = nkt_content_frame_index(frame, i), at = 0;
        while (at < source->request_count && (source->requests[at].index != index ||
                                              memcmp(source->requests[at].tag, frame->tag, NKT_CONTENT_TAG_SIZE) != 0))
            at++;
        if (at == source->request_count || (at == 0 && source->part > 0))
            return NKT_E_PIECE_UNASKED; /* nobody asked, or it is on its way already */
        nkt_feed_t *feed = source->requests[at].feed;
        if (feed != NULL) {
            request_let_go(&source->requests[at]);
            if (source->allowed > 0) { /* else it may not be asked at all, for now */
                nkt_feed_lose(feed, index);
                feed->is_author = 0;
            }
            nkt_source_behind(swarm, source); /* it may say at once that it has it again: others are asked first */
        }
        request_remove(source, at);
    }
    return NKT_OK;
}

int nkt_content_stalled(nkt_swarm_t *swarm)
{
    int is_waiting = 0;
    nkt_source_t *next;
    for (nkt_source_t *source = swarm->contents.sources; source != NULL; source = next) {
        next = source->next;
        if (source->is_stalled && swarm->now_ms >= source->stalled_ms + NKT_REQUEST_PAUSE_MS) {
            source->is_stalled = 0; /* for another try */
            swarm->contents.is_due = 1;
        }
        is_waiting |= source->is_stalled;
        if (source->request_count == 0 || source->is_stalled)
            continue;
        uint64_t since_ms = source->requests[0].sent_ms > source->heard_ms ? source->requests[0].sent_ms : source->heard_ms;
        since_ms = since_ms > source->stalled_ms ? since_ms : source->stalled_ms;
        is_waiting = 1;
        if (swarm->now_ms < since_ms + NKT_REQUEST_STALL_MS)
            continue;
        nkt_drop(swarm, NKT_E_PIECE_LATE);
        source->is_stalled = 1;
        source->stalled_ms = swarm->now_ms;
        source->rate = 0;
        nkt_content_release(swarm, source);
        nkt_source_behind(swarm, source);
    }
    return is_waiting;
}

void nkt_content_excuse(nkt_swarm_t *swarm)
{
    for (nkt_source_t *source = swarm->contents.sources; source != NULL; source = source->next) {
        source->heard_ms = source->rate_ms = source->relayed_ms = swarm->now_ms;
        source->rate_size = 0;
        for (uint32_t i = 0; i < source->request_count; i++)
            source->requests[i].sent_ms = swarm->now_ms;
    }
}
