/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Contents, neighbours, and what those two have to do with each other: made, found, counted, freed. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/base58.h"
#include "content/content.h"
#include "state/state.h"

static int bit_get(const uint8_t *bits, uint32_t index)
{
    return bits[index / 8] >> (7 - index % 8) & 1;
}

static void bit_set(uint8_t *bits, uint32_t index, int value)
{
    uint8_t mask = (uint8_t)(0x80 >> index % 8);
    bits[index / 8] = (uint8_t)(value ? bits[index / 8] | mask : bits[index / 8] & ~mask);
}

/* ---- contents ---- */

nkt_blob_t *nkt_blob_find(const nkt_swarm_t *swarm, uint32_t ticket)
{
    nkt_blob_t *blob = swarm->contents.blobs;
    while (blob != NULL && blob->ticket != ticket)
        blob = blob->next;
    return blob;
}

static uint32_t slot_free(const nkt_swarm_t *swarm)
{
    uint8_t is_used[NKT_BLOB_COUNT_MAX] = {0};
    uint32_t slot = 0;
    for (const nkt_blob_t *blob = swarm->contents.blobs; blob != NULL; blob = blob->next)
        is_used[blob->slot] = 1;
    while (is_used[slot])
        slot++;
    return slot;
}

int nkt_blob_new(nkt_swarm_t *swarm, uint32_t ticket, nkt_blob_t **out)
{
    if (ticket == 0 || nkt_blob_find(swarm, ticket) != NULL)
        return NKT_E_ARGUMENT;
    if (swarm->contents.count >= NKT_BLOB_COUNT_MAX)
        return NKT_E_CONTENTS_FULL;
    nkt_blob_t *blob = calloc(1, sizeof *blob);
    if (blob == NULL)
        return NKT_E_MEMORY;
    blob->ticket = ticket;
    blob->slot = slot_free(swarm);
    blob->next = swarm->contents.blobs;
    swarm->contents.blobs = blob;
    swarm->contents.count++;
    *out = blob;
    return NKT_OK;
}

int nkt_blob_size(nkt_swarm_t *swarm, nkt_blob_t *blob, uint64_t size)
{
    uint32_t count = nkt_piece_count(size);
    assert(count > 0 && !blob->is_ready);
    if (swarm->contents.piece_total + count > NKT_BLOB_PIECE_TOTAL_MAX)
        return NKT_E_CONTENTS_FULL;
    blob->size = size;
    blob->piece_count = count;
    blob->held = calloc((count + 7) / 8, 1);
    blob->taken = calloc(count, 1);
    blob->known = calloc(count, 1);
    blob->told = calloc(count, sizeof *blob->told);
    blob->is_ready = 1;
    swarm->contents.piece_total += count;
    return blob->held == NULL || blob->taken == NULL || blob->known == NULL || blob->told == NULL ? NKT_E_MEMORY : NKT_OK;
}

nkt_shape_t nkt_blob_shape(const nkt_blob_t *blob)
{
    nkt_shape_t shape = {.size = blob->size, .piece_count = blob->piece_count};
    memcpy(shape.root, blob->root, sizeof shape.root);
    return shape;
}

int nkt_blob_holds(const nkt_blob_t *blob, uint32_t index)
{
    return bit_get(blob->held, index);
}

void nkt_blob_hold(nkt_blob_t *blob, uint32_t index)
{
    assert(index < blob->piece_count && !bit_get(blob->held, index));
    bit_set(blob->held, index, 1);
    blob->told[blob->held_count++] = index;
}

/* They are told the whole field, soon: what they ask for meanwhile is refused. */
static void blob_retell(nkt_swarm_t *swarm, nkt_blob_t *blob)
{
    for (nkt_source_t *source = swarm->contents.sources; source != NULL; source = source->next) {
        nkt_feed_t *feed = nkt_feed_of(source, blob);
        if (feed != NULL)
            feed->told = NKT_FEED_RETELL;
    }
    swarm->contents.is_due = 1;
    nkt_blob_changed(swarm, blob);
}

void nkt_blob_lose(nkt_swarm_t *swarm, nkt_blob_t *blob, uint32_t index)
{
    uint32_t at = 0;
    if (!bit_get(blob->held, index))
        return;
    bit_set(blob->held, index, 0);
    while (blob->told[at] != index)
        at++;
    memmove(&blob->told[at], &blob->told[at + 1], (--blob->held_count - at) * sizeof *blob->told);
    blob_retell(swarm, blob);
}

void nkt_blob_lose_all(nkt_swarm_t *swarm, nkt_blob_t *blob)
{
    memset(blob->held, 0, (blob->piece_count + 7) / 8);
    blob->held_count = 0;
    blob_retell(swarm, blob);
}

int nkt_blob_is_whole(const nkt_blob_t *blob)
{
    return blob->held_count == blob->piece_count;
}

void nkt_blob_changed(nkt_swarm_t *swarm, nkt_blob_t *blob)
{
    blob->is_changed = 1;
    nkt_content_later(swarm);
}

/* ---- neighbours ---- */

nkt_source_t *nkt_source_new(nkt_swarm_t *swarm, nkt_link_t *link, const nkt_address_t *address)
{
    nkt_contents_t *contents = &swarm->contents;
    nkt_source_t *source = calloc(1, sizeof *source);
    if (source == NULL)
        return NULL;
    source->link = link;
    source->is_relayed = link == NULL;
    source->address = *address;
    source->is_bad = (uint8_t)nkt_source_is_known_bad(swarm, &source->address);
    source->next = contents->sources;
    contents->sources = source;
    contents->source_count++;
    if (link != NULL)
        link->content.source = source;
    return source;
}

void nkt_source_behind(nkt_swarm_t *swarm, nkt_source_t *source)
{
    nkt_source_t **at = &swarm->contents.sources;
    while (*at != source)
        at = &(*at)->next;
    *at = source->next;
    while (*at != NULL)
        at = &(*at)->next;
    *at = source;
    source->next = NULL;
}

nkt_source_t *nkt_source_of(nkt_swarm_t *swarm, nkt_link_t *link)
{
    return link->content.source != NULL ? link->content.source : nkt_source_new(swarm, link, &link->rtc.peer);
}

int nkt_source_is_muted(nkt_swarm_t *swarm, const nkt_address_t *address)
{
    const nkt_user_t *user = nkt_user_find(swarm, address);
    return user != NULL && user->presence.flags & NKT_USER_MUTED;
}

int nkt_source_is_known_bad(const nkt_swarm_t *swarm, const nkt_address_t *address)
{
    for (size_t i = 0; i < swarm->contents.bad_count; i++) {
        if (nkt_address_compare(&swarm->contents.bad[i], address) == 0)
            return 1;
    }
    return 0;
}

/* ---- what a neighbour and a content have to do with each other ---- */

const uint8_t *nkt_source_tag(const nkt_swarm_t *swarm, nkt_source_t *source, const nkt_blob_t *blob)
{
    uint8_t *tag = source->tags[blob->slot];
    if (!source->is_tagged[blob->slot])
        nkt_content_tag(tag, blob->access, &source->address, &swarm->identity.address);
    source->is_tagged[blob->slot] = 1;
    return tag;
}

nkt_feed_t *nkt_feed_find(const nkt_source_t *source, const uint8_t *tag_in)
{
    nkt_feed_t *feed = source->feeds;
    while (feed != NULL && memcmp(feed->tag_in, tag_in, sizeof feed->tag_in) != 0)
        feed = feed->next;
    return feed;
}

nkt_feed_t *nkt_feed_of(const nkt_source_t *source, const nkt_blob_t *blob)
{
    nkt_feed_t *feed = source->feeds;
    while (feed != NULL && feed->blob != blob)
        feed = feed->next;
    return feed;
}

nkt_feed_t *nkt_feed_new(nkt_swarm_t *swarm, nkt_source_t *source, nkt_blob_t *blob)
{
    assert(nkt_feed_of(source, blob) == NULL && source->feed_count < NKT_BLOB_COUNT_MAX);
    nkt_feed_t *feed = calloc(1, sizeof *feed);
    uint8_t *bits = calloc((blob->piece_count + 7) / 8, 1);
    if (feed == NULL || bits == NULL) {
        free(feed);
        free(bits);
        return NULL;
    }
    feed->blob = blob;
    feed->bits = bits;
    feed->is_author = !blob->is_own && nkt_address_compare(&blob->author, &source->address) == 0;
    memcpy(feed->tag_in, nkt_source_tag(swarm, source, blob), sizeof feed->tag_in);
    nkt_content_tag(feed->tag_out, blob->access, &swarm->identity.address, &source->address);
    feed->next = source->feeds;
    source->feeds = feed;
    source->feed_count++;
    blob->feed_count++;
    nkt_blob_changed(swarm, blob);
    return feed;
}

void nkt_feed_settle(nkt_feed_t *feed, uint32_t index, int is_asked)
{
    uint8_t *given = feed->blob->given;
    if (given == NULL || feed->shown == NULL || bit_get(feed->settled, index))
        return;
    if (bit_get(feed->shown, index)) {
        bit_set(feed->settled, index, 1);
        feed->shown_left--;
    } else if (is_asked) { /* a reader there could not wait until it is shown */
        bit_set(feed->settled, index, 1);
        bit_set(feed->shown, index, 1);
        given[index] += given[index] < UINT8_MAX;
    }
}

int nkt_feed_has(const nkt_feed_t *feed, uint32_t index)
{
    return bit_get(feed->bits, index);
}

void nkt_feed_gain(nkt_feed_t *feed, uint32_t index)
{
    assert(index < feed->blob->piece_count);
    if (bit_get(feed->bits, index))
        return;
    bit_set(feed->bits, index, 1);
    feed->count++;
    nkt_feed_settle(feed, index, 0);
    feed->blob->known[index]++; /* one for each link at most: NKT_LINK_COUNT_MAX */
}

void nkt_feed_lose(nkt_feed_t *feed, uint32_t index)
{
    if (!bit_get(feed->bits, index))
        return;
    bit_set(feed->bits, index, 0);
    feed->count--;
    feed->blob->known[index]--;
}
