/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "content_rig.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "state/state.h"

static int entropy(void *context, uint8_t *buf, size_t size)
{
    (void)context;
    memset(buf, 5, size);
    return NKT_OK;
}

void rig_init(rig_t *rig, size_t peer_count)
{
    memset(rig, 0, sizeof *rig);
    rig->peer_count = peer_count;
    for (size_t i = 0; i < peer_count; i++) {
        nkt_swarm_t *swarm = calloc(1, sizeof *swarm);
        CHECK(swarm != NULL);
        uint8_t seed[32] = {(uint8_t)(i + 1)};
        swarm->host.entropy = entropy;
        swarm->identity.address.b[0] = (uint8_t)(i + 1);
        swarm->now_ms = 1000;
        swarm->settings.link_count_max = 8;
        nkt_prng_init(&swarm->prng, seed);
        nkt_map_init(&swarm->users, NKT_ADDRESS_SIZE, offsetof(nkt_user_t, address), NKT_USER_COUNT_MAX, 1);
        nkt_timer_init(&swarm->contents.timer, NKT_TIMER_CONTENT, swarm);
        rig->peers[i].swarm = swarm;
    }
}

void rig_free(rig_t *rig)
{
    for (size_t i = 0; i < rig->peer_count; i++) {
        rig_peer_t *peer = &rig->peers[i];
        nkt_contents_deinit(peer->swarm);
        CHECK_EQ(peer->swarm->contents.bulk_size, 0);
        CHECK_EQ(peer->swarm->contents.writing_count, 0);
        CHECK_EQ(peer->swarm->contents.piece_total, 0);
        CHECK_EQ(peer->swarm->contents.leaf_total, 0);
        nkt_links_deinit(peer->swarm);
        nkt_users_deinit(peer->swarm);
        nkt_effects_deinit(&peer->swarm->effects);
        nkt_timers_deinit(&peer->swarm->timers);
        free(peer->swarm);
        for (size_t k = 0; k < RIG_PIECE_COUNT_MAX; k++) {
            nkt_buf_free(&peer->pieces[k]);
            nkt_buf_free(&peer->text[k]);
        }
        nkt_buf_free(&peer->leaves);
        nkt_buf_free(&peer->holders);
        nkt_buf_free(&peer->manifest);
    }
}

static void end_open(rig_t *rig, size_t a, size_t b)
{
    nkt_link_t *link = nkt_link_open(rig->peers[a].swarm, NKT_LINK_RTC, NULL);
    CHECK(link != NULL);
    link->rtc.peer = rig->peers[b].swarm->identity.address;
    nkt_link_state_set(link, NKT_LINK_LIVE);
    rig->peers[a].to[b] = link;
    nkt_content_link_up(rig->peers[a].swarm, link);
}

void rig_join(rig_t *rig, size_t a, size_t b)
{
    end_open(rig, a, b);
    end_open(rig, b, a);
}

static void end_close(rig_t *rig, size_t a, size_t b)
{
    nkt_link_t *link = rig->peers[a].to[b];
    nkt_link_remove(rig->peers[a].swarm, link);
    nkt_link_free(link);
    rig->peers[a].to[b] = NULL;
    nkt_content_tend(rig->peers[a].swarm);
}

void rig_part(rig_t *rig, size_t a, size_t b)
{
    end_close(rig, a, b);
    end_close(rig, b, a);
}

int rig_frame(rig_t *rig, size_t from, size_t to, const nkt_buf_t *frame)
{
    nkt_swarm_t *swarm = rig->peers[to].swarm;
    int err = nkt_content_frame(swarm, rig->peers[to].to[from], frame->data, frame->size);
    if (err < 0) {
        rig->peers[to].last_error = err;
        nkt_drop(swarm, err);
    }
    nkt_content_tend(swarm);
    return err;
}

static void send_run(rig_t *rig, size_t from, const nkt_effect_t *fx)
{
    nkt_swarm_t *swarm = rig->peers[from].swarm;
    nkt_link_t *link = nkt_link_find(swarm, fx->link);
    nkt_buf_t frame = {0};
    for (size_t to = 0; to < rig->peer_count; to++) {
        if (link == NULL || rig->peers[from].to[to] != link || rig->peers[to].to[from] == NULL)
            continue;
        CHECK_OK(nkt_buf_set(&frame, fx->bytes, fx->bytes_size));
        CHECK(frame.size >= 2 && frame.data[0] == NKT_FRAME_CONTENT);
        rig->frame_count++;
        rig->data_count += frame.data[1] == NKT_CONTENT_DATA;
        if (rig->on_frame == NULL || rig->on_frame(rig, from, to, frame.data, frame.size))
            rig_frame(rig, from, to, &frame);
        nkt_buf_free(&frame);
    }
    if (fx->flags & NKT_SEND_BULK && link != NULL)
        nkt_content_queued(swarm, link, 0);
}

static void effect_run(rig_t *rig, size_t at, const nkt_effect_t *fx)
{
    rig_peer_t *peer = &rig->peers[at];
    uint32_t index = (uint32_t)fx->value;
    switch (fx->kind) {
    case NKT_FX_SEND:
        send_run(rig, at, fx);
        break;
    case NKT_FX_CONTENT_WRITE:
        peer->write_count++;
        peer->last_count += fx->flags & NKT_CONTENT_LAST ? 1 : 0;
        peer->last_write = fx->flags & NKT_CONTENT_LAST ? peer->write_count : peer->last_write;
        if (!peer->no_disk)
            CHECK_OK(nkt_buf_set(&peer->pieces[index], fx->bytes, fx->bytes_size));
        if (!peer->is_deaf)
            CHECK_OK(nkt_content_written(peer->swarm, fx->ticket, index, peer->no_disk ? NKT_CONTENT_FAILED : 0));
        break;
    case NKT_FX_CONTENT_READ:
        peer->read_count++;
        if (!peer->is_deaf)
            peer->last_error = nkt_content_piece(peer->swarm, fx->ticket, index, peer->pieces[index].data, peer->pieces[index].size, 0);
        break;
    case NKT_FX_CONTENT_KEEP_LEAVES:
        CHECK_OK(nkt_buf_set(&peer->leaves, fx->bytes, fx->bytes_size));
        break;
    case NKT_FX_CONTENT_MADE:
        CHECK_OK(nkt_buf_set(&peer->manifest, fx->bytes, fx->bytes_size));
        break;
    case NKT_FX_CONTENT_TEXT:
        peer->text_count++;
        CHECK_OK(nkt_buf_set(&peer->text[index], fx->bytes, fx->bytes_size));
        break;
    case NKT_FX_CONTENT:
        peer->state = fx->flags & 0x7f;
        peer->value = index;
        CHECK(fx->bytes_size == (size_t)(fx->flags >> 8) * NKT_HOLDER_SIZE);
        CHECK_OK(nkt_buf_set(&peer->holders, fx->bytes, fx->bytes_size));
        break;
    default:
        break;
    }
}

static int settle(rig_t *rig)
{
    int count = 0;
    for (size_t i = 0; i < rig->peer_count; i++) {
        nkt_effect_t fx;
        nkt_content_tend(rig->peers[i].swarm);
        while (nkt_effects_poll(rig->peers[i].swarm, &fx) == 1) {
            effect_run(rig, i, &fx);
            nkt_content_tend(rig->peers[i].swarm);
            count++;
        }
    }
    return count;
}

void rig_run(rig_t *rig, uint64_t ms)
{
    for (uint64_t passed_ms = 0; passed_ms <= ms; passed_ms += 50) {
        while (settle(rig) > 0)
            ;
        for (size_t i = 0; i < rig->peer_count; i++) {
            nkt_swarm_t *swarm = rig->peers[i].swarm;
            swarm->now_ms += passed_ms < ms ? 50 : 0;
            nkt_timer_t *timer = nkt_alarm_due(swarm);
            if (timer != NULL)
                nkt_content_timer(swarm);
        }
    }
    while (settle(rig) > 0)
        ;
}

uint8_t rig_byte(size_t at)
{
    return (uint8_t)(at * 31 + at / 251 + at / 65520 * 7);
}

void rig_share(rig_t *rig, size_t size, unsigned flags)
{
    static uint8_t plain[NKT_PIECE_PLAIN_SIZE];
    nkt_swarm_t *swarm = rig->peers[0].swarm;
    static const char json[] = "{\"type\":\"image/png\",\"name\":\"a.png\"}";
    CHECK_OK(nkt_content_share(swarm, RIG_TICKET, json, sizeof json - 1, flags));
    uint32_t count = nkt_piece_count(size);
    CHECK(count <= RIG_PIECE_COUNT_MAX);
    for (uint32_t i = 0; i < count; i++) {
        size_t from = (size_t)i * NKT_PIECE_PLAIN_SIZE, part = nkt_piece_plain_size(size, i);
        for (size_t k = 0; k < part; k++)
            plain[k] = rig_byte(from + k);
        CHECK_OK(nkt_content_plain(swarm, RIG_TICKET, i, plain, part, i + 1 == count ? NKT_CONTENT_LAST : 0));
    }
    rig_run(rig, 0);
    CHECK(rig->peers[0].manifest.size > 0);
}

void rig_open(rig_t *rig, size_t at)
{
    rig_peer_t *peer = &rig->peers[at];
    uint8_t bits[RIG_PIECE_COUNT_MAX / 8] = {0};
    const nkt_buf_t *manifest = &rig->peers[0].manifest;
    CHECK_OK(nkt_content_begin(peer->swarm, RIG_TICKET, manifest->data, manifest->size, &rig->peers[0].swarm->identity.address));
    uint32_t count = nkt_blob_find(peer->swarm, RIG_TICKET)->piece_count;
    for (size_t i = 0; i < count; i++)
        bits[i / 8] |= (uint8_t)(peer->pieces[i].size > 0 ? 0x80 >> i % 8 : 0);
    CHECK_OK(nkt_content_held(peer->swarm, RIG_TICKET, bits, (count + 7) / 8));
}

uint64_t rig_dropped(const rig_t *rig, size_t peer, int err)
{
    return rig->peers[peer].swarm->counters.dropped[-200 - err];
}
