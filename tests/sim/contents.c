/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "contents.h"

#include <stdlib.h>
#include <string.h>

#include "content/frame.h"
#include "rtc_ends.h"
#include "world.h"

enum { DISK_MS_MIN = 1, DISK_MS_MAX = 6, LAST_SIZE = 1000 };

static sim_stored_t stored_make(const uint8_t *bytes, size_t size)
{
    return (sim_stored_t){.bytes = sim_copy(bytes, size), .size = size};
}

void sim_content_deinit(sim_content_t *content)
{
    for (uint32_t i = 0; i < content->piece_count; i++) {
        free(content->sealed[i].bytes);
        free(content->proven[i].bytes);
    }
    free(content->sealed);
    free(content->proven);
    free(content->manifest.bytes);
    free(content->leaves.bytes);
    *content = (sim_content_t){0};
}

/* ---- plaintext ---- */

static size_t plain_fill(uint8_t *plain, const sim_content_t *content, uint32_t index)
{
    size_t size = index + 1 == content->piece_count ? LAST_SIZE : NKT_PIECE_PLAIN_SIZE;
    sim_random_t random;
    sim_random_init(&random, index, 77);
    sim_random_fill(&random, plain, size);
    return size;
}

void sim_content_share(sim_peer_t *author, uint32_t piece_count)
{
    sim_t *sim = author->sim;
    static const char json[] = "{\"type\":\"video/webm\",\"name\":\"film.webm\"}";
    uint8_t *plain = sim_alloc(1, NKT_PIECE_PLAIN_SIZE);
    sim->content = (sim_content_t){
        .author = author->index,
        .piece_count = piece_count,
        .size = (uint64_t)(piece_count - 1) * NKT_PIECE_PLAIN_SIZE + LAST_SIZE,
        .sealed = sim_alloc(piece_count, sizeof(sim_stored_t)),
        .proven = sim_alloc(piece_count, sizeof(sim_stored_t)),
    };
    SIM_CHECK(sim, sim_peer_step(author, &(nkt_event_t){.kind = NKT_EV_CONTENT_SHARE,
                                                        .ticket = SIM_CONTENT_TICKET,
                                                        .text = json,
                                                        .text_size = sizeof json - 1}) == NKT_OK);
    author->holding.pieces = sim_alloc(piece_count, 1);
    author->holding.open_life = author->life;
    for (uint32_t i = 0; i < piece_count; i++) {
        size_t size = plain_fill(plain, &sim->content, i);
        SIM_CHECK(sim, sim_peer_step(author, &(nkt_event_t){.kind = NKT_EV_CONTENT_PLAIN,
                                                            .ticket = SIM_CONTENT_TICKET,
                                                            .value = (int32_t)i,
                                                            .flags = i + 1 == piece_count ? NKT_CONTENT_LAST : 0,
                                                            .bytes = plain,
                                                            .bytes_size = size}) == NKT_OK);
    }
    free(plain);
    SIM_CHECK(sim, sim->content.manifest.size > 0 && sim->content.leaves.size == (size_t)piece_count * 32);
}

void sim_content_open(sim_peer_t *peer)
{
    sim_t *sim = peer->sim;
    sim_content_t *content = &sim->content;
    uint32_t size = (content->piece_count + 7) / 8;
    uint8_t *bits = sim_alloc(size, 1);
    if (peer->holding.pieces == NULL)
        peer->holding.pieces = sim_alloc(content->piece_count, 1);
    for (uint32_t i = 0; i < content->piece_count; i++)
        bits[i / 8] |= (uint8_t)(peer->holding.pieces[i] ? 0x80 >> i % 8 : 0);
    nkt_event_t open = {.kind = NKT_EV_CONTENT_OPEN,
                        .ticket = SIM_CONTENT_TICKET,
                        .bytes = content->manifest.bytes,
                        .bytes_size = content->manifest.size,
                        .address = sim->peers[content->author]->address};
    SIM_CHECK(sim, sim_peer_step(peer, &open) == NKT_OK);
    if (peer->index == content->author)
        SIM_CHECK(sim, sim_peer_step(peer, &(nkt_event_t){.kind = NKT_EV_CONTENT_LEAVES,
                                                          .ticket = SIM_CONTENT_TICKET,
                                                          .bytes = content->leaves.bytes,
                                                          .bytes_size = content->leaves.size}) == NKT_OK);
    peer->holding.open_life = peer->life;
    SIM_CHECK(sim, sim_peer_step(peer, &(nkt_event_t){.kind = NKT_EV_CONTENT_HELD,
                                                      .ticket = SIM_CONTENT_TICKET,
                                                      .bytes = bits,
                                                      .bytes_size = size}) == NKT_OK);
    free(bits);
}

/* ---- storage ---- */

static void written_run(sim_t *sim, sim_event_t *event)
{
    sim_peer_t *peer = sim->peers[event->peer];
    if (!peer->holding.pieces[event->id]) {
        peer->holding.pieces[event->id] = 1;
        peer->holding.count++;
    }
    sim_peer_step(peer, &(nkt_event_t){.kind = NKT_EV_CONTENT_WRITTEN, .ticket = SIM_CONTENT_TICKET, .value = (int32_t)event->id});
}

static void read_run(sim_t *sim, sim_event_t *event)
{
    sim_peer_t *peer = sim->peers[event->peer];
    const sim_stored_t *from = peer->index == sim->content.author ? sim->content.sealed : sim->content.proven;
    int is_there = peer->holding.pieces[event->id];
    sim_peer_step(peer, &(nkt_event_t){.kind = NKT_EV_CONTENT_PIECE,
                                       .ticket = SIM_CONTENT_TICKET,
                                       .value = (int32_t)event->id,
                                       .bytes = is_there ? from[event->id].bytes : NULL,
                                       .bytes_size = is_there ? from[event->id].size : 0});
}

static void disk_later(sim_peer_t *peer, uint32_t index, void (*run)(sim_t *sim, sim_event_t *event))
{
    sim_later(peer->sim, sim_between(peer->sim, (sim_range_t){DISK_MS_MIN, DISK_MS_MAX}),
              (sim_event_t){.run = run, .peer = peer->index, .life = peer->life, .id = index});
}

static void write_effect(sim_peer_t *peer, const nkt_effect_t *fx)
{
    sim_content_t *content = &peer->sim->content;
    uint32_t index = (uint32_t)fx->value;
    int is_author = peer->index == content->author;
    sim_stored_t *stored = is_author ? &content->sealed[index] : &content->proven[index];
    if (stored->bytes == NULL)
        *stored = stored_make(fx->bytes, fx->bytes_size);
    const sim_stored_t *sealed = &content->sealed[index];
    if (stored->size != fx->bytes_size || memcmp(stored->bytes, fx->bytes, fx->bytes_size) != 0 || sealed->size > fx->bytes_size ||
        memcmp(sealed->bytes, fx->bytes, sealed->size) != 0)
        sim_fail(peer->sim, "%s is to store another piece %u than its author made", peer->name, index);
    if (!is_author && peer->holding.pieces[index])
        sim_fail(peer->sim, "%s is to store piece %u twice", peer->name, index);
    if (!is_author)
        content->written_size += fx->bytes_size;
    disk_later(peer, index, written_run);
}

static void text_effect(const sim_peer_t *peer, const nkt_effect_t *fx)
{
    uint8_t *plain = sim_alloc(1, NKT_PIECE_PLAIN_SIZE);
    size_t size = plain_fill(plain, &peer->sim->content, (uint32_t)fx->value);
    if (size != fx->bytes_size || memcmp(plain, fx->bytes, size) != 0)
        sim_fail(peer->sim, "%s reads another piece %d than was shared", peer->name, fx->value);
    free(plain);
}

void sim_content_effect(sim_peer_t *peer, const nkt_effect_t *fx)
{
    sim_content_t *content = &peer->sim->content;
    switch (fx->kind) {
    case NKT_FX_CONTENT_MADE:
        content->manifest = stored_make(fx->bytes, fx->bytes_size);
        break;
    case NKT_FX_CONTENT_KEEP_LEAVES:
        content->leaves = stored_make(fx->bytes, fx->bytes_size);
        break;
    case NKT_FX_CONTENT_READ:
        disk_later(peer, (uint32_t)fx->value, read_run);
        break;
    case NKT_FX_CONTENT_WRITE:
        write_effect(peer, fx);
        break;
    case NKT_FX_CONTENT_TEXT:
        text_effect(peer, fx);
        break;
    default:
        if ((fx->flags & 0x7f) == NKT_CONTENT_COMPLETE && !peer->holding.is_done) {
            peer->holding.is_done = 1;
            peer->holding.done_ms = peer->sim->now_ms;
        }
        break;
    }
}

static size_t data_size(const uint8_t *bytes, size_t size)
{
    nkt_content_frame_t frame;
    return nkt_content_frame_read(&frame, bytes, size) < 0 || frame.word != NKT_CONTENT_DATA ? 0 : frame.bytes_size;
}

void sim_contents_sent(sim_t *sim, uint32_t peer, const uint8_t *bytes, size_t size)
{
    if (peer == sim->content.author)
        sim->content.given_size += data_size(bytes, size);
}

void sim_contents_arrive(sim_t *sim, const uint8_t *bytes, size_t size)
{
    sim->content.data_size += data_size(bytes, size);
}
