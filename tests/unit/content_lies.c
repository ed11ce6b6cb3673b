/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Neighbours who say that they have all, and give nothing, each in another way; they came last, and one slow and honest source is there
 * as well. Whoever fetches has all of it soon after what that line takes.
 */
#include <string.h>

#include "check.h"
#include "content_rig.h"
#include "state/state.h"

enum { STEP_MS = 50, PIECE_MS = 300, VICTIM = 1, LIAR_FIRST = 2, LIAR_COUNT = 6, ASKED_MAX = 32 };

/** What one of them was asked for, and did not answer. */
typedef struct lies {
    uint32_t asked[RIG_PEER_COUNT_MAX][ASKED_MAX];
    size_t count[RIG_PEER_COUNT_MAX];
} lies_t;

static lies_t lies;

/* Frames to them are read here; peer 0 gives a piece, and then waits until it may go on. */
static int lies_watch(rig_t *rig, size_t from, size_t to, uint8_t *bytes, size_t size)
{
    nkt_content_frame_t frame;
    CHECK_OK(nkt_content_frame_read(&frame, bytes, size));
    if (from == 0 && frame.word == NKT_CONTENT_DATA && frame.part == 1)
        rig->peers[0].to[VICTIM]->pulse.is_pressed = 1;
    for (size_t i = 0; to >= LIAR_FIRST && frame.word == NKT_CONTENT_REQUEST && i < frame.count; i++) {
        CHECK(lies.count[to] < ASKED_MAX);
        lies.asked[to][lies.count[to]++] = nkt_content_frame_index(&frame, i);
    }
    return to < LIAR_FIRST;
}

/* Says that about the content; of OFFER and ALLOW there is nothing more to say. */
static void lie(rig_t *rig, size_t from, nkt_content_word_t word, const void *bytes, size_t size)
{
    uint8_t tag[NKT_CONTENT_TAG_SIZE];
    nkt_buf_t frame = {0};
    int has_tag = word != NKT_CONTENT_OFFER && word != NKT_CONTENT_ALLOW;
    const nkt_blob_t *blob = nkt_blob_find(rig->peers[0].swarm, RIG_TICKET);
    nkt_content_tag(tag, blob->access, &rig->peers[from].swarm->identity.address, &rig->peers[VICTIM].swarm->identity.address);
    CHECK_OK(nkt_content_frame_begin(&frame, word, has_tag ? tag : NULL));
    CHECK_OK(nkt_buf_append(&frame, word == NKT_CONTENT_OFFER ? tag : bytes, word == NKT_CONTENT_OFFER ? sizeof tag : size));
    (void)rig_frame(rig, from, VICTIM, &frame);
    nkt_buf_free(&frame);
}

static void lie_about(rig_t *rig, size_t from, nkt_content_word_t word, uint32_t index)
{
    const uint8_t bytes[4] = {0, 0, (uint8_t)(index >> 8), (uint8_t)index};
    lie(rig, from, word, bytes, sizeof bytes);
}

/* Says that it may be asked, and has all. */
static void liar_come(rig_t *rig, size_t at, uint32_t piece_count)
{
    static const uint8_t allowed = NKT_REQUEST_COUNT_MAX;
    uint8_t all[4 + RIG_PIECE_COUNT_MAX / 8] = {0};
    for (uint32_t i = 0; i < piece_count; i++)
        all[4 + i / 8] |= (uint8_t)(0x80 >> i % 8);
    rig_join(rig, at, VICTIM);
    lie(rig, at, NKT_CONTENT_OFFER, NULL, 0);
    lie(rig, at, NKT_CONTENT_ALLOW, &allowed, 1);
    lie(rig, at, NKT_CONTENT_FIELD, all, 4 + (piece_count + 7) / 8);
}

typedef void liar_act_t(rig_t *rig, size_t at);

/* How long it takes with six who do that every 50 ms. */
static uint32_t fetch_ms(uint32_t piece_count, liar_act_t *liar_act)
{
    enum { LIMIT_MS = 60000 };
    rig_t rig;
    uint32_t ms = 0;
    memset(&lies, 0, sizeof lies);
    rig_init(&rig, LIAR_FIRST + LIAR_COUNT);
    rig_share(&rig, (size_t)piece_count * NKT_PIECE_PLAIN_SIZE, 0);
    rig.on_frame = lies_watch;
    rig_open(&rig, VICTIM);
    rig_join(&rig, 0, VICTIM);
    for (size_t i = LIAR_FIRST; i < rig.peer_count; i++)
        liar_come(&rig, i, piece_count);
    const nkt_blob_t *blob = nkt_blob_find(rig.peers[VICTIM].swarm, RIG_TICKET);
    for (; ms < LIMIT_MS && !nkt_blob_is_whole(blob); ms += STEP_MS) {
        if (ms % PIECE_MS == 0)
            rig.peers[0].to[VICTIM]->pulse.is_pressed = 0;
        for (size_t i = LIAR_FIRST; i < rig.peer_count; i++)
            liar_act(&rig, i);
        rig_run(&rig, STEP_MS);
    }
    rig_free(&rig);
    return ms;
}

/* Of few pieces, all are asked of them first; of many, what is left at the end is what they were asked for. */
static void all_come(liar_act_t *liar_act)
{
    static const uint32_t piece_counts[] = {1, 3, 12, 40};
    for (size_t i = 0; i < sizeof piece_counts / sizeof piece_counts[0]; i++)
        CHECK(fetch_ms(piece_counts[i], liar_act) <= piece_counts[i] * PIECE_MS + LIAR_COUNT * NKT_REQUEST_LATE_MS);
}

/* Has it again at once. */
static void refuse(rig_t *rig, size_t at)
{
    size_t count = lies.count[at];
    lies.count[at] = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t index = lies.asked[at][i];
        lie_about(rig, at, NKT_CONTENT_REFUSE, index);
        lie_about(rig, at, NKT_CONTENT_HAVE, index);
    }
}

/* May not be asked, and then may. */
static void shut(rig_t *rig, size_t at)
{
    static const uint8_t none = 0, allowed = NKT_REQUEST_COUNT_MAX;
    size_t count = lies.count[at];
    lies.count[at] = 0;
    if (count > 0)
        lie(rig, at, NKT_CONTENT_ALLOW, &none, 1);
    for (size_t i = 0; i < count; i++)
        lie_about(rig, at, NKT_CONTENT_REFUSE, lies.asked[at][i]);
    if (count > 0)
        lie(rig, at, NKT_CONTENT_ALLOW, &allowed, 1);
}

static void be_silent(rig_t *rig, size_t at)
{
    (void)rig;
    lies.count[at] = 0;
}

TEST(content_comes_from_one_honest_source_among_those_who_refuse)
{
    all_come(refuse);
}

TEST(content_comes_from_one_honest_source_among_those_who_shut_and_open)
{
    all_come(shut);
}

TEST(content_comes_from_one_honest_source_among_those_who_are_silent)
{
    all_come(be_silent);
}
