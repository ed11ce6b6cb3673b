/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who may ask: a few at a time, so that each gets a whole piece soon and can pass it on (Cohen 2003). Those who gave most lately; from who
 * has everything, those who were given least; and one by chance, who may turn out to give more.
 */
#include "content/content.h"
#include "state/state.h"

/* Does it know of a content of which it has not all that we have? */
static int is_interested(const nkt_source_t *source)
{
    for (const nkt_feed_t *feed = source->feeds; feed != NULL; feed = feed->next) {
        const nkt_blob_t *blob = feed->blob;
        if (feed->count < blob->held_count)
            return 1;
        for (uint32_t i = 0; feed->count < blob->piece_count && i < (blob->piece_count + 7) / 8; i++) {
            if (blob->held[i] & (uint8_t)~feed->bits[i])
                return 1;
        }
    }
    return 0;
}

/* It may ask and does not: its place is better used by another. */
static int is_idle(const nkt_swarm_t *swarm, const nkt_source_t *source)
{
    uint64_t since_ms = source->allowed_ms > source->asked_ms ? source->allowed_ms : source->asked_ms;
    return source->is_allowed && source->asked_count == 0 && swarm->now_ms >= since_ms + NKT_SERVE_ROUND_MS;
}

static void allow(nkt_swarm_t *swarm, nkt_source_t *source, int is_allowed)
{
    if (source->is_allowed == is_allowed || nkt_source_is_gone(source))
        return;
    source->is_allowed = (uint8_t)is_allowed;
    source->is_chance &= (uint8_t)is_allowed;
    source->allowed_ms = swarm->now_ms;
    if (nkt_content_frame_begin(&swarm->contents.frame, NKT_CONTENT_ALLOW, NULL) == NKT_OK &&
        nkt_buf_append_u8(&swarm->contents.frame, is_allowed ? NKT_REQUEST_COUNT_MAX : 0) == NKT_OK)
        nkt_content_send(swarm, source, NKT_SEND_BULK); /* before what is refused because of it */
    if (!is_allowed)
        nkt_asked_drop(swarm, source, NULL, 1);
}

static int is_fetching(const nkt_swarm_t *swarm)
{
    for (const nkt_blob_t *blob = swarm->contents.blobs; blob != NULL; blob = blob->next) {
        if (nkt_blob_is_wanted(blob))
            return 1;
    }
    return 0;
}

/* It had a place last time and asked for nothing: whoever takes places that way, and be it many, comes after who would use one. */
static int is_unused(const nkt_source_t *source)
{
    return source->allowed_ms > source->asked_ms;
}

static int is_better(const nkt_source_t *source, const nkt_source_t *than, int by_gift)
{
    if (is_unused(source) != is_unused(than))
        return is_unused(than);
    if (by_gift && source->got_size != than->got_size)
        return source->got_size > than->got_size;
    return source->given_size < than->given_size;
}

/* The best of those who want something and have no place, or one by chance. NULL: there is none. */
static nkt_source_t *candidate(nkt_swarm_t *swarm, int by_chance)
{
    nkt_source_t *best = NULL;
    int by_gift = is_fetching(swarm);
    uint64_t count = 0;
    for (nkt_source_t *source = swarm->contents.sources; source != NULL; source = source->next) {
        if (source->is_allowed || nkt_source_is_gone(source) || !is_interested(source) ||
            nkt_source_is_muted(swarm, &source->address))
            continue;
        count++;
        if (best == NULL || (by_chance ? nkt_chance_below(swarm, count) == 0 : is_better(source, best, by_gift)))
            best = source;
    }
    return best;
}

static size_t allowed_count(const nkt_swarm_t *swarm)
{
    size_t count = 0;
    for (const nkt_source_t *source = swarm->contents.sources; source != NULL; source = source->next)
        count += source->is_allowed;
    return count;
}

void nkt_turns_fill(nkt_swarm_t *swarm)
{
    size_t count = allowed_count(swarm);
    for (; count < NKT_SERVE_SLOT_COUNT + NKT_SERVE_CHANCE_COUNT; count++) {
        nkt_source_t *source = candidate(swarm, count >= NKT_SERVE_SLOT_COUNT);
        if (source == NULL)
            return;
        source->is_chance = count >= NKT_SERVE_SLOT_COUNT;
        allow(swarm, source, 1);
        nkt_content_later(swarm);
    }
}

/* The worst of those with a place of their own. */
static nkt_source_t *worst(const nkt_swarm_t *swarm, int by_gift)
{
    nkt_source_t *found = NULL;
    for (nkt_source_t *source = swarm->contents.sources; source != NULL; source = source->next) {
        if (source->is_allowed && !source->is_chance && (found == NULL || is_better(found, source, by_gift)))
            found = source;
    }
    return found;
}

/* Those whose place is better used by another who waits for one. */
static void places_clear(nkt_swarm_t *swarm)
{
    int by_gift = is_fetching(swarm);
    for (nkt_source_t *source = swarm->contents.sources; source != NULL; source = source->next) {
        if (is_idle(swarm, source) || (source->is_chance && swarm->contents.round_count % NKT_SERVE_CHANCE_ROUNDS == 0))
            allow(swarm, source, 0);
    }
    nkt_source_t *last = worst(swarm, by_gift);
    const nkt_source_t *next = candidate(swarm, 0);
    if (last != NULL && next != NULL && is_better(next, last, by_gift) &&
        allowed_count(swarm) >= NKT_SERVE_SLOT_COUNT + NKT_SERVE_CHANCE_COUNT)
        allow(swarm, last, 0); /* one a round: who comes and goes with every round gets nothing whole */
}

int nkt_turns_round(nkt_swarm_t *swarm)
{
    nkt_contents_t *contents = &swarm->contents;
    int is_busy = 0;
    for (const nkt_source_t *source = contents->sources; source != NULL; source = source->next)
        is_busy |= source->asked_count > 0;
    if (swarm->now_ms < contents->round_ms + NKT_SERVE_ROUND_MS) {
        if (candidate(swarm, 0) != NULL) /* nobody else may wake us for who waits */
            nkt_alarm_set_by(swarm, &contents->timer, contents->round_ms + NKT_SERVE_ROUND_MS);
        return is_busy;
    }
    contents->round_ms = swarm->now_ms;
    contents->round_count++;
    for (nkt_source_t *source = contents->sources; source != NULL; source = source->next) {
        if (source->is_allowed && (!is_interested(source) || nkt_source_is_muted(swarm, &source->address)))
            allow(swarm, source, 0);
    }
    if (candidate(swarm, 0) != NULL) {
        is_busy = 1;
        places_clear(swarm);
    }
    for (nkt_source_t *source = contents->sources; source != NULL; source = source->next) {
        source->got_size /= 2;
        source->given_size /= 2;
    }
    nkt_turns_fill(swarm);
    return is_busy;
}
