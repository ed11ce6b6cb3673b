/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames of the broadcast tree on a link. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hostile.h"
#include "overlay/missing.h"
#include "overlay/treeframe.h"

enum {
    FRAME_GAP_MS = 200, /* frames of a link come no faster, unless they are meant to */
    COLLECT_MS = 10000, /* every id that never comes was asked for as often as it may, and given up */
    UNKNOWN_COUNT = 1000,
};

/* What the victim does about it. */
typedef struct ears {
    uint64_t graft_count, grafted_count; /* frames; ids asked for */
    uint64_t envelope_count, copy_count; /* all; with the digest looked for */
    uint8_t id[NKT_ID_SIZE];             /* of the envelope that came last, while is_learning */
    int is_learning;
} ears_t;

static void overhear(void *context, stage_entry_t by, const uint8_t *bytes, size_t size)
{
    ears_t *ears = context;
    uint8_t digest[NKT_DIGEST_SIZE];
    if (by != STAGE_RTC)
        return;
    if (bytes[0] == NKT_FRAME_GRAFT && nkt_treeframe_graft_count(size) >= 0) {
        ears->graft_count++;
        ears->grafted_count += (uint64_t)nkt_treeframe_graft_count(size);
    }
    if (nkt_envelope_digest(bytes, size, digest) < 0)
        return;
    ears->envelope_count++;
    if (ears->is_learning)
        memcpy(ears->id, digest, NKT_ID_SIZE);
    ears->copy_count += memcmp(ears->id, digest, NKT_ID_SIZE) == 0;
}

static void frame_fill(stage_t *stage, nkt_buf_t *frame, uint8_t type, unsigned flags, size_t count)
{
    uint8_t id[NKT_ID_SIZE];
    if (nkt_treeframe_begin(frame, type, flags) < 0)
        abort();
    for (size_t i = 0; i < count; i++) {
        sim_random_fill(&stage->mallory.random, id, sizeof id);
        if (type == NKT_FRAME_IHAVE ? nkt_treeframe_ihave_add(frame, id, (uint8_t)i) : nkt_treeframe_graft_add(frame, id))
            abort();
    }
}

static void length_rows(stage_t *stage)
{
    static const struct {
        uint8_t type;
        size_t item_size, count_max;
        const char *name;
    } types[] = {
        {NKT_FRAME_IHAVE, 1 + NKT_ID_SIZE, NKT_IHAVE_COUNT_MAX, "IHAVE"},
        {NKT_FRAME_GRAFT, NKT_ID_SIZE, NKT_GRAFT_COUNT_MAX, "GRAFT"},
    };
    uint8_t *bytes = sim_alloc(NKT_FRAME_SIZE_MAX + 1, 1);
    char what[64];
    for (size_t t = 0; t < sizeof types / sizeof types[0]; t++) {
        size_t full = 2 + types[t].count_max * types[t].item_size;
        const size_t sizes[] = {full - 1, full, full + 1, full + types[t].item_size, 20000, NKT_FRAME_SIZE_MAX};
        for (size_t i = 0; i < 40 + sizeof sizes / sizeof sizes[0]; i++) {
            size_t size = i < 40 ? 1 + i : sizes[i - 40];
            int is_sound = size >= 2 && size <= full && (size - 2) % types[t].item_size == 0;
            sim_random_fill(&stage->mallory.random, bytes, size);
            bytes[0] = types[t].type;
            snprintf(what, sizeof what, "%zu bytes", size);
            hostile_frame(stage, types[t].name, what, STAGE_RTC, bytes, size, is_sound ? NKT_OK : NKT_E_FRAME_LENGTH);
        }
        hostile_frame(stage, types[t].name, "longer than any frame", STAGE_RTC, bytes, NKT_FRAME_SIZE_MAX + 1, NKT_E_FRAME_LENGTH);
        hostile_frame(stage, types[t].name, "by the relay", STAGE_RELAY, bytes, full, NKT_E_FRAME_TYPE);
    }
    free(bytes);
}

/* More frames at once than a link may send. */
static void rate_rows(stage_t *stage)
{
    static const uint8_t types[] = {NKT_FRAME_IHAVE, NKT_FRAME_GRAFT};
    nkt_buf_t frame = {0};
    for (size_t t = 0; t < sizeof types; t++) {
        sim_run(stage->sim, COLLECT_MS);
        for (int i = 0; i < NKT_TREE_BURST + 20; i++) {
            frame_fill(stage, &frame, types[t], 0, 1);
            hostile_view_t before = hostile_before(stage, i < NKT_TREE_BURST ? NKT_OK : NKT_E_RATE);
            hostile_after(stage, &before, "tree", "a flood of frames", stage_put(stage, STAGE_RTC, frame.data, frame.size));
        }
    }
    nkt_buf_free(&frame);
}

/* Ids by the thousand that never come: a quarter of the table, asked for as often as allowed, and then nothing is left. */
static void lies_rows(stage_t *stage, ears_t *ears)
{
    enum { SHARE = NKT_MISSING_COUNT_MAX / 4, FLOOD_MS = 20000 };
    nkt_buf_t frame = {0};
    double most = 0;
    uint64_t told = 0;
    sim_run(stage->sim, COLLECT_MS);
    ears->graft_count = ears->grafted_count = 0;
    for (uint64_t ms = 0; ms < FLOOD_MS; ms += FRAME_GAP_MS) {
        frame_fill(stage, &frame, NKT_FRAME_IHAVE, ms / FRAME_GAP_MS % 2, NKT_IHAVE_COUNT_MAX);
        hostile_frame(stage, "IHAVE", "of what is not there", STAGE_RTC, frame.data, frame.size, NKT_OK);
        told += NKT_IHAVE_COUNT_MAX;
        double missing = sim_peer_health(stage->victim, "overlay.missing");
        most = missing > most ? missing : most;
    }
    hostile_expect(most == SHARE, "IHAVE", "the table of missing ones is capped", most);
    sim_run(stage->sim, COLLECT_MS);
    hostile_expect(sim_peer_health(stage->victim, "overlay.missing") == 0, "IHAVE", "what never comes is given up",
           sim_peer_health(stage->victim, "overlay.missing"));
    /* each id of the table is asked for ten times, NKT_GRAFT_AGAIN_MS and more apart: so much asking, however much is told */
    uint64_t allowed = (uint64_t)SHARE * (1 + (FLOOD_MS + COLLECT_MS) / NKT_GRAFT_AGAIN_MS);
    hostile_expect(ears->grafted_count > SHARE && ears->grafted_count <= allowed && allowed < told, "IHAVE", "asking is bounded",
           (double)ears->grafted_count);
    uint64_t asked = ears->graft_count;
    sim_run(stage->sim, COLLECT_MS);
    hostile_expect(ears->graft_count == asked, "IHAVE", "asking ends", (double)(ears->graft_count - asked));
    nkt_buf_free(&frame);
}

/* A link that is gone takes along what it alone told of. */
static void lost_rows(stage_t *stage)
{
    nkt_buf_t frame = {0};
    frame_fill(stage, &frame, NKT_FRAME_IHAVE, 0, 100);
    hostile_frame(stage, "IHAVE", "before the link is lost", STAGE_RTC, frame.data, frame.size, NKT_OK);
    hostile_expect(sim_peer_health(stage->victim, "overlay.missing") == 100, "IHAVE", "is remembered",
           sim_peer_health(stage->victim, "overlay.missing"));
    for (size_t i = 0; i < stage->victim->link_count; i++) {
        if (stage->victim->links[i].is_rtc)
            sim_rtc_silence(stage->sim, stage->victim->links[i].id, 1);
    }
    for (size_t i = stage->victim->link_count; i-- > 0;) {
        if (stage->victim->links[i].is_rtc)
            sim_peer_link_down(stage->victim, stage->victim->links[i].link, "test");
    }
    hostile_expect(sim_peer_health(stage->victim, "overlay.missing") == 0, "IHAVE", "is forgotten with its link",
           sim_peer_health(stage->victim, "overlay.missing"));
    sim_until(stage->sim, sim_all_are_linked, 120000, "another link");
    nkt_buf_free(&frame);
}

static void graft_rows(stage_t *stage, ears_t *ears)
{
    nkt_buf_t frame = {0};
    sim_run(stage->sim, COLLECT_MS);
    uint64_t envelopes = ears->envelope_count;
    for (size_t i = 0; i < UNKNOWN_COUNT / NKT_GRAFT_COUNT_MAX; i++) {
        frame_fill(stage, &frame, NKT_FRAME_GRAFT, i % 2, NKT_GRAFT_COUNT_MAX);
        hostile_view_t before = hostile_before(stage, NKT_OK);
        hostile_after(stage, &before, "GRAFT", "of what is not there", stage_put(stage, STAGE_RTC, frame.data, frame.size));
    }
    hostile_expect(ears->envelope_count == envelopes, "GRAFT", "of what is not there is not answered",
           (double)(ears->envelope_count - envelopes));
    ears->is_learning = 1;
    sim_say_clear(stage->victim);
    sim_run(stage->sim, 4); /* before anything else is sent */
    ears->is_learning = 0;
    hostile_expect(sim_peer_health(stage->victim, "overlay.recent") > 0, "GRAFT", "a broadcast is kept", 0);
    for (int i = 0; i < 30; i++) { /* the friend hears them all, and shows one */
        if (nkt_treeframe_begin(&frame, NKT_FRAME_GRAFT, 0) < 0)
            abort();
        for (int k = 0; k < NKT_GRAFT_COUNT_MAX; k++) {
            if (nkt_treeframe_graft_add(&frame, ears->id) < 0)
                abort();
        }
        ears->copy_count = i == 0 ? 0 : ears->copy_count;
        hostile_frame(stage, "GRAFT", "for one id", STAGE_RTC, frame.data, frame.size, NKT_OK);
    }
    sim_run(stage->sim, COLLECT_MS);
    hostile_expect(ears->copy_count > 0 && ears->copy_count <= NKT_FETCH_COUNT_MAX + NKT_RTC_LIVE_COUNT_MAX, "GRAFT",
           "copies of one broadcast are limited", (double)ears->copy_count);
    nkt_buf_free(&frame);
}

void hostile_tree(uint64_t seed)
{
    stage_t *stage = stage_new(seed);
    ears_t ears = {0};
    stage->overhear = overhear;
    stage->overhear_context = &ears;
    length_rows(stage);
    rate_rows(stage);
    lies_rows(stage, &ears);
    graft_rows(stage, &ears);
    lost_rows(stage);
    stage_check_talk(stage);
    sim_say_clear(stage->friend_);
    sim_say_clear(stage->victim);
    sim_until(stage->sim, sim_all_delivered, 10000, "broadcasts still go both ways");
    stage_free(stage);
}
