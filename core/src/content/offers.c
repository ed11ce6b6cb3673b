/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who knows which content, and who has which of its pieces: told to neighbours who know it, and to nobody else. */
#include <string.h>

#include "base/base58.h"
#include "content/content.h"
#include "state/state.h"

/* ---- offers ---- */

static void words_send(nkt_swarm_t *swarm, nkt_source_t *source, nkt_content_word_t word, const uint8_t *tag)
{
    if (nkt_content_frame_begin(&swarm->contents.frame, word, NULL) == NKT_OK &&
        nkt_buf_append(&swarm->contents.frame, tag, NKT_CONTENT_TAG_SIZE) == NKT_OK)
        nkt_content_send(swarm, source, 0);
}

void nkt_content_offer_one(nkt_swarm_t *swarm, nkt_source_t *source, const uint8_t *tag)
{
    words_send(swarm, source, NKT_CONTENT_OFFER, tag);
}

/* What we know, all in as few frames as may be. */
static void offer_all(nkt_swarm_t *swarm, nkt_source_t *source)
{
    nkt_buf_t *frame = &swarm->contents.frame;
    uint8_t tag[NKT_CONTENT_TAG_SIZE];
    size_t count = 0;
    for (const nkt_blob_t *blob = swarm->contents.blobs; blob != NULL; blob = blob->next) {
        if (!blob->is_open)
            continue;
        if (count == 0 && nkt_content_frame_begin(frame, NKT_CONTENT_OFFER, NULL) < 0)
            return;
        nkt_content_tag(tag, blob->access, &swarm->identity.address, &source->address);
        if (nkt_buf_append(frame, tag, sizeof tag) < 0)
            return;
        if (++count == NKT_CONTENT_OFFER_COUNT) {
            nkt_content_send(swarm, source, 0);
            count = 0;
        }
    }
    if (count > 0)
        nkt_content_send(swarm, source, 0);
}

void nkt_content_link_up(nkt_swarm_t *swarm, nkt_link_t *link)
{
    int is_for_it = swarm->contents.count > 0 && !nkt_source_is_muted(swarm, &link->rtc.peer);
    nkt_source_t *source = is_for_it ? nkt_source_of(swarm, link) : NULL;
    if (source != NULL)
        offer_all(swarm, source);
}

void nkt_content_announce(nkt_swarm_t *swarm, nkt_blob_t *blob)
{
    uint8_t tag[NKT_CONTENT_TAG_SIZE];
    for (size_t i = 0; i < swarm->link_count; i++) {
        nkt_link_t *link = swarm->links[i];
        int is_for_it = nkt_link_is_live(link) && !nkt_source_is_muted(swarm, &link->rtc.peer);
        nkt_source_t *source = is_for_it ? nkt_source_of(swarm, link) : NULL;
        if (source == NULL)
            continue;
        nkt_content_tag(tag, blob->access, &swarm->identity.address, &source->address);
        words_send(swarm, source, NKT_CONTENT_OFFER, tag);
    }
}

/* Whoever was offered it is told, though it may not have answered yet: else it has a feed then, and an offer made later begins none. */
void nkt_content_withdraw(nkt_swarm_t *swarm, nkt_blob_t *blob)
{
    uint8_t tag[NKT_CONTENT_TAG_SIZE];
    if (!blob->is_open)
        return;
    for (nkt_source_t *source = swarm->contents.sources; source != NULL; source = source->next) {
        nkt_feed_t *feed = nkt_feed_of(source, blob);
        if (feed == NULL && source->is_relayed)
            continue; /* the author alone is offered anything there, with a feed */
        nkt_content_tag(tag, blob->access, &swarm->identity.address, &source->address);
        words_send(swarm, source, NKT_CONTENT_GONE, tag);
        if (feed != NULL)
            nkt_feed_free(swarm, source, feed);
    }
}

void nkt_content_muted(nkt_swarm_t *swarm, const nkt_user_t *user)
{
    int is_muted = (user->presence.flags & NKT_USER_MUTED) != 0;
    for (nkt_source_t *source = swarm->contents.sources; is_muted && source != NULL; source = source->next) {
        if (nkt_address_compare(&source->address, &user->address) != 0)
            continue;
        while (source->feeds != NULL) { /* it is told that much: else it would wait for what it asked, and take no later offer */
            words_send(swarm, source, NKT_CONTENT_GONE, source->feeds->tag_out);
            nkt_feed_free(swarm, source, source->feeds);
        }
        source->is_relayed = 0; /* swept at the end of the step */
        swarm->contents.is_due = 1;
    }
    if (!is_muted && user->mesh.link != NULL && nkt_link_is_live(user->mesh.link))
        nkt_content_link_up(swarm, user->mesh.link); /* what it offered meanwhile was not heard: it answers ours */
}

/* ---- bit fields ---- */

static void field_send(nkt_swarm_t *swarm, nkt_source_t *source, nkt_feed_t *feed)
{
    const nkt_blob_t *blob = feed->blob;
    nkt_buf_t *frame = &swarm->contents.frame;
    size_t size = (blob->piece_count + 7) / 8;
    feed->told = blob->held_count;
    for (size_t from = 0; from < size; from += NKT_CONTENT_FIELD_SIZE) {
        size_t part = size - from < NKT_CONTENT_FIELD_SIZE ? size - from : NKT_CONTENT_FIELD_SIZE;
        if (nkt_content_frame_begin(frame, NKT_CONTENT_FIELD, feed->tag_out) < 0 ||
            nkt_content_frame_add_index(frame, (uint32_t)from * 8) < 0 || nkt_buf_append(frame, blob->held + from, part) < 0)
            return; /* it will ask for nothing, or for what it is told of later */
        nkt_content_send(swarm, source, 0);
    }
}

void nkt_content_feed_begin(nkt_swarm_t *swarm, nkt_source_t *source, nkt_blob_t *blob)
{
    nkt_feed_t *feed = nkt_feed_new(swarm, source, blob);
    if (feed == NULL)
        return;
    words_send(swarm, source, NKT_CONTENT_OFFER, feed->tag_out); /* ours may have come when it was not known there */
    if (blob->held_count > 0 && blob->given == NULL)
        field_send(swarm, source, feed);
    if (source->is_allowed && source->feed_count == 1) /* may ask since before: it did not know what for */
        source->allowed_ms = swarm->now_ms;
}

int nkt_content_offered(nkt_swarm_t *swarm, nkt_source_t *source, const nkt_content_frame_t *frame)
{
    if (nkt_source_is_muted(swarm, &source->address))
        return NKT_OK;
    for (nkt_blob_t *blob = swarm->contents.blobs; blob != NULL; blob = blob->next) {
        const uint8_t *tag = blob->is_open ? nkt_source_tag(swarm, source, blob) : NULL;
        for (size_t i = 0; tag != NULL && i < frame->count; i++) {
            if (memcmp(frame->bytes + i * NKT_CONTENT_TAG_SIZE, tag, NKT_CONTENT_TAG_SIZE) != 0 || nkt_feed_of(source, blob) != NULL)
                continue;
            nkt_content_feed_begin(swarm, source, blob);
            break;
        }
    }
    return NKT_OK; /* what is not known here is none of our business */
}

int nkt_content_gone(nkt_swarm_t *swarm, nkt_source_t *source, const nkt_content_frame_t *frame)
{
    for (size_t i = 0; i < frame->count; i++) {
        nkt_feed_t *feed = nkt_feed_find(source, frame->bytes + i * NKT_CONTENT_TAG_SIZE);
        if (feed != NULL)
            nkt_feed_free(swarm, source, feed);
    }
    return NKT_OK; /* what is not known here is none of our business: it was offered to all */
}

int nkt_content_field(nkt_swarm_t *swarm, nkt_feed_t *feed, const nkt_content_frame_t *frame)
{
    uint32_t count = feed->blob->piece_count, first = frame->index;
    if (first % 8 != 0 || first >= count || frame->bytes_size > (count - first + 7) / 8)
        return NKT_E_FRAME_SYNTAX;
    size_t end = first + frame->bytes_size * 8;
    if (end > count && frame->bytes[frame->bytes_size - 1] & ((1u << (end - count)) - 1))
        return NKT_E_FRAME_SYNTAX; /* bits of pieces that there are not */
    for (uint32_t i = 0; first == 0 && feed->count > 0 && i < count; i++)
        nkt_feed_lose(feed, i);
    for (uint32_t i = first; i < end && i < count; i++) {
        if (frame->bytes[(i - first) / 8] >> (7 - i % 8) & 1)
            nkt_feed_gain(feed, i);
    }
    nkt_blob_changed(swarm, feed->blob);
    return NKT_OK;
}

int nkt_content_have(nkt_swarm_t *swarm, nkt_feed_t *feed, const nkt_content_frame_t *frame)
{
    for (size_t i = 0; i < frame->count; i++) {
        if (nkt_content_frame_index(frame, i) >= feed->blob->piece_count)
            return NKT_E_FRAME_SYNTAX;
    }
    for (size_t i = 0; i < frame->count; i++)
        nkt_feed_gain(feed, nkt_content_frame_index(frame, i));
    nkt_blob_changed(swarm, feed->blob);
    return NKT_OK;
}

/* ---- who else is there ---- */

static void peers_tell(nkt_swarm_t *swarm, nkt_source_t *to, nkt_feed_t *feed)
{
    nkt_buf_t *frame = &swarm->contents.frame;
    size_t count = 0;
    if (feed->count == feed->blob->piece_count)
        return; /* it seeks nobody */
    if (feed->peers_ms != 0 && swarm->now_ms < feed->peers_ms + NKT_PEERS_MS) {
        if (feed->peers_count != feed->blob->feed_count)
            nkt_alarm_set_by(swarm, &swarm->contents.timer, feed->peers_ms + NKT_PEERS_MS);
        return;
    }
    if (nkt_view_is_mesh(swarm) || nkt_content_frame_begin(frame, NKT_CONTENT_PEERS, feed->tag_out) < 0)
        return; /* in a full mesh everybody is everybody's neighbour */
    feed->peers_ms = swarm->now_ms + 1;
    feed->peers_count = feed->blob->feed_count;
    for (const nkt_source_t *source = swarm->contents.sources; source != NULL && count < NKT_CONTENT_PEERS_COUNT; source = source->next) {
        if (source == to || source->is_bad || source->is_relayed || nkt_feed_of(source, feed->blob) == NULL)
            continue;
        if (nkt_buf_append(frame, source->address.b, NKT_ADDRESS_SIZE) < 0)
            return;
        count++;
    }
    if (count > 0)
        nkt_content_send(swarm, to, 0);
}

int nkt_content_peers(nkt_swarm_t *swarm, nkt_feed_t *feed, const nkt_content_frame_t *frame)
{
    if (feed->heard_ms != 0 && swarm->now_ms < feed->heard_ms + NKT_PEERS_MS / 2)
        return NKT_E_RATE; /* each may make us set up links */
    feed->heard_ms = swarm->now_ms;
    if (!nkt_blob_is_wanted(feed->blob) || feed->blob->feed_count >= NKT_FEED_FEW_COUNT)
        return NKT_OK;
    for (size_t i = 0; i < frame->count; i++) {
        nkt_address_t address;
        memcpy(address.b, frame->bytes + i * NKT_ADDRESS_SIZE, NKT_ADDRESS_SIZE);
        nkt_user_t *user = nkt_user_find(swarm, &address);
        if (user != NULL && !nkt_source_is_known_bad(swarm, &address))
            nkt_mesh_want(swarm, user, 1);
    }
    return NKT_OK;
}

/* ---- what is new ---- */

/* Pieces that came since the other end was told. One that has all hears of it when we have. */
static int have_tell(nkt_swarm_t *swarm, nkt_source_t *source, nkt_feed_t *feed)
{
    const nkt_blob_t *blob = feed->blob;
    nkt_buf_t *frame = &swarm->contents.frame;
    if (blob->given != NULL)
        return 0;
    if (feed->told == NKT_FEED_RETELL) {
        field_send(swarm, source, feed);
        return 0;
    }
    if (feed->told == blob->held_count || (feed->count == blob->piece_count && !nkt_blob_is_whole(blob)))
        return 0;
    if (blob->held_count - feed->told > (blob->piece_count + 7) / 8 / 4) { /* the field is shorter */
        field_send(swarm, source, feed);
        return 0;
    }
    if (nkt_content_frame_begin(frame, NKT_CONTENT_HAVE, feed->tag_out) < 0)
        return 1;
    for (size_t i = 0; i < NKT_CONTENT_HAVE_COUNT && feed->told < blob->held_count; i++) {
        if (nkt_content_frame_add_index(frame, blob->told[feed->told]) < 0)
            return 1;
        feed->told++;
    }
    nkt_content_send(swarm, source, 0);
    return feed->told < blob->held_count;
}

int nkt_content_tell(nkt_swarm_t *swarm)
{
    int is_more = 0;
    for (nkt_source_t *source = swarm->contents.sources; source != NULL; source = source->next) {
        for (nkt_feed_t *feed = source->feeds; feed != NULL; feed = feed->next) {
            is_more |= have_tell(swarm, source, feed);
            peers_tell(swarm, source, feed);
        }
    }
    return is_more;
}
