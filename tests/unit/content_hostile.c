/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Neighbours who lie, flood, stall or send what nobody asked for: dropped, counted by name, and the content comes from others. */
#include <string.h>

#include "check.h"
#include "content_rig.h"
#include "state/state.h"

enum { SIZE = 9 * NKT_PIECE_PLAIN_SIZE + 1234, COUNT = 10, DATA_HEAD_SIZE = 23 };

static int is_whole(const rig_t *rig, size_t at)
{
    return nkt_blob_is_whole(nkt_blob_find(rig->peers[at].swarm, RIG_TICKET));
}

/* A frame that says something in the name of `from` about the content. */
static void say(const rig_t *rig, nkt_buf_t *frame, nkt_content_word_t word, size_t from, size_t to)
{
    uint8_t tag[NKT_CONTENT_TAG_SIZE];
    const nkt_blob_t *blob = nkt_blob_find(rig->peers[0].swarm, RIG_TICKET);
    nkt_content_tag(tag, blob->access, &rig->peers[from].swarm->identity.address, &rig->peers[to].swarm->identity.address);
    CHECK_OK(nkt_content_frame_begin(frame, word, tag));
}

/* One of ten pieces of peer 0 is corrupted on its way. */
static int corrupt_first(rig_t *rig, size_t from, size_t to, uint8_t *bytes, size_t size)
{
    (void)rig, (void)to;
    if (from == 0 && bytes[1] == NKT_CONTENT_DATA && bytes[DATA_HEAD_SIZE - 2] == 3)
        bytes[size - 1] ^= 1; /* the last byte of the path of piece 3, or of the piece */
    return 1;
}

TEST(content_bad_piece_ends_what_is_asked_of_its_sender)
{
    rig_t rig;
    rig_init(&rig, 3);
    rig_share(&rig, SIZE, 0);
    rig_open(&rig, 2);
    rig_join(&rig, 0, 2);
    rig_run(&rig, 1000); /* 2 has all, and is honest */
    rig.on_frame = corrupt_first;
    rig_open(&rig, 1);
    rig_join(&rig, 0, 1);
    rig_run(&rig, 5000);
    CHECK_EQ(rig_dropped(&rig, 1, NKT_E_PIECE_BAD), 1); /* asked once, and never again ... */
    nkt_buf_t frame = {0};
    say(&rig, &frame, NKT_CONTENT_HAVE, 0, 1);
    CHECK_OK(nkt_content_frame_add_index(&frame, 5));
    CHECK_OK(rig_frame(&rig, 0, 1, &frame));
    CHECK_EQ(rig.peers[1].swarm->contents.sources->feeds->count, 0); /* ... whatever it says that it has */
    nkt_buf_free(&frame);
    CHECK(!is_whole(&rig, 1));
    CHECK_EQ(rig.peers[1].state, NKT_CONTENT_WAITING);
    rig_part(&rig, 0, 1);
    rig_join(&rig, 0, 1); /* under another link neither */
    rig_run(&rig, 5000);
    CHECK_EQ(rig_dropped(&rig, 1, NKT_E_PIECE_BAD), 1);
    CHECK(!is_whole(&rig, 1));
    rig_join(&rig, 1, 2);
    rig_run(&rig, 5000);
    CHECK(is_whole(&rig, 1));
    CHECK_EQ(rig.peers[1].write_count, COUNT);
    rig_free(&rig);
}

TEST(content_is_nobodys_business_who_does_not_know_it)
{
    rig_t rig;
    nkt_buf_t frame = {0};
    uint8_t tag[NKT_CONTENT_TAG_SIZE] = {1};
    rig_init(&rig, 3);
    rig_share(&rig, SIZE, 0);
    rig_join(&rig, 0, 1);
    rig_run(&rig, 0);
    size_t before = rig.frame_count;
    for (unsigned word = NKT_CONTENT_FIELD; word <= NKT_CONTENT_PEERS; word++) {
        if (word == NKT_CONTENT_ALLOW || word == NKT_CONTENT_GONE)
            continue;
        CHECK_OK(nkt_content_frame_begin(&frame, (nkt_content_word_t)word, tag)); /* made up */
        for (int i = 0; i < 5; i++)
            CHECK_OK(nkt_content_frame_add_index(&frame, 0));
        check_row("word %u", word);
        CHECK_ERR(rig_frame(&rig, 1, 0, &frame), word == NKT_CONTENT_REFUSE ? NKT_E_PIECE_UNASKED : NKT_E_CONTENT_TAG);
        say(&rig, &frame, (nkt_content_word_t)word, 2, 0); /* that of another pair */
        for (int i = 0; i < 5; i++)
            CHECK_OK(nkt_content_frame_add_index(&frame, 0));
        CHECK(rig_frame(&rig, 1, 0, &frame) < 0);
    }
    rig_run(&rig, 1000);
    CHECK_EQ(rig.frame_count, before); /* not a word of an answer */
    CHECK_EQ(rig.peers[0].read_count, 0);
    nkt_buf_free(&frame);
    rig_free(&rig);
}

TEST(content_data_that_nobody_asked_for)
{
    static uint8_t part[NKT_PIECE_PART_SIZE];
    rig_t rig;
    nkt_buf_t frame = {0};
    rig_init(&rig, 2);
    rig_share(&rig, SIZE, 0);
    rig_open(&rig, 1);
    rig.peers[0].is_deaf = 1; /* so that what is asked for is not answered */
    rig_join(&rig, 0, 1);
    rig_run(&rig, 0);
    const nkt_source_t *source = rig.peers[1].swarm->contents.sources;
    CHECK(source->request_count >= NKT_REQUEST_WINDOW_MIN);
    uint32_t asked = source->requests[0].index, second = source->requests[1].index;
    static const struct {
        int index, part;
        size_t size;
        int err;
    } rows[] = {
        {1, 0, NKT_PIECE_PART_SIZE, NKT_E_PIECE_UNASKED},       /* not the oldest */
        {2, 0, NKT_PIECE_PART_SIZE, NKT_E_PIECE_UNASKED},       /* none that was asked for */
        {0, 1, NKT_PIECE_PART_SIZE, NKT_E_PIECE_UNASKED},       /* not the next part */
        {0, 0, NKT_PIECE_PART_SIZE - 1, NKT_E_FRAME_LENGTH},
        {0, 0, 1, NKT_E_FRAME_LENGTH},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        uint32_t index = rows[i].index == 0 ? asked : rows[i].index == 1 ? second : UINT32_MAX;
        say(&rig, &frame, NKT_CONTENT_DATA, 0, 1);
        CHECK_OK(nkt_content_frame_add_index(&frame, index));
        CHECK_OK(nkt_buf_append_u8(&frame, (uint8_t)rows[i].part));
        CHECK_OK(nkt_buf_append(&frame, part, rows[i].size));
        check_row("row %zu", i);
        CHECK_ERR(rig_frame(&rig, 0, 1, &frame), nkt_piece_proven_size(SIZE, index < COUNT ? index : 0) < NKT_PIECE_SIZE && i > 2
                                                     ? NKT_E_FRAME_LENGTH
                                                     : rows[i].err);
    }
    CHECK_EQ(source->arriving.size, 0);
    nkt_buf_free(&frame);
    rig_free(&rig);
}

/* Peer 1 knows it and asks for nothing by itself; the author's host does not answer. */
static void paused_pair(rig_t *rig)
{
    rig_init(rig, 2);
    rig_share(rig, SIZE, 0);
    rig_open(rig, 1);
    CHECK_OK(nkt_content_pause(rig->peers[1].swarm, RIG_TICKET, 1));
    rig_join(rig, 0, 1);
    rig_run(rig, 0);
    rig->peers[0].is_deaf = 1;
}

TEST(content_requests_for_what_is_not_here)
{
    rig_t rig;
    nkt_buf_t frame = {0};
    paused_pair(&rig);
    say(&rig, &frame, NKT_CONTENT_REQUEST, 1, 0);
    CHECK_OK(nkt_content_frame_add_index(&frame, COUNT)); /* there are 0 to 9 */
    CHECK_ERR(rig_frame(&rig, 1, 0, &frame), NKT_E_PIECE_MISSING);
    say(&rig, &frame, NKT_CONTENT_REQUEST, 1, 0);
    CHECK_OK(nkt_content_frame_add_index(&frame, 4));
    CHECK_OK(rig_frame(&rig, 1, 0, &frame));
    CHECK_ERR(rig_frame(&rig, 1, 0, &frame), NKT_E_PIECE_MISSING); /* twice */
    CHECK_EQ(rig.peers[0].swarm->contents.sources->asked_count, 1);
    CHECK_OK(nkt_content_lost(rig.peers[0].swarm, RIG_TICKET, 5));
    say(&rig, &frame, NKT_CONTENT_REQUEST, 1, 0);
    CHECK_OK(nkt_content_frame_add_index(&frame, 5));
    CHECK_ERR(rig_frame(&rig, 1, 0, &frame), NKT_E_PIECE_MISSING); /* refused, in a frame of its own */
    say(&rig, &frame, NKT_CONTENT_REQUEST, 0, 1);
    CHECK_OK(nkt_content_frame_add_index(&frame, 1));
    CHECK_OK(rig_frame(&rig, 0, 1, &frame)); /* of who may not ask: refused, it may not know yet */
    rig_run(&rig, 0);
    CHECK_EQ(rig_dropped(&rig, 1, NKT_E_PIECE_UNASKED), 1); /* the refusal of 5 was not asked for by itself */
    nkt_buf_free(&frame);
    rig_free(&rig);
}

TEST(content_floods_are_dropped)
{
    rig_t rig;
    nkt_buf_t frame = {0};
    rig_init(&rig, 2);
    rig_share(&rig, (size_t)60 * NKT_PIECE_PLAIN_SIZE, 0);
    rig_open(&rig, 1);
    CHECK_OK(nkt_content_pause(rig.peers[1].swarm, RIG_TICKET, 1));
    rig_join(&rig, 0, 1);
    rig_run(&rig, 0);
    rig.peers[0].is_deaf = 1;
    say(&rig, &frame, NKT_CONTENT_REQUEST, 1, 0);
    for (uint32_t i = 0; i < 60; i++)
        CHECK_OK(nkt_content_frame_add_index(&frame, i));
    CHECK_ERR(rig_frame(&rig, 1, 0, &frame), NKT_E_RATE);
    CHECK_EQ(rig.peers[0].swarm->contents.sources->asked_count, NKT_REQUEST_COUNT_MAX);
    rig_run(&rig, 0);
    CHECK(rig.peers[0].read_count <= NKT_SERVE_LOADED_COUNT); /* a few in memory, whatever is asked */
    int refused = 0;
    for (int i = 0; i < 2 * NKT_CONTENT_BURST; i++) {
        say(&rig, &frame, NKT_CONTENT_HAVE, 1, 0);
        CHECK_OK(nkt_content_frame_add_index(&frame, 0));
        refused += rig_frame(&rig, 1, 0, &frame) == NKT_E_RATE;
    }
    CHECK(refused >= NKT_CONTENT_BURST - 16);
    nkt_buf_free(&frame);
    rig_free(&rig);
}

TEST(content_fields_that_lie)
{
    static const struct {
        uint32_t first;
        size_t size;
        uint8_t last;
        int err;
    } rows[] = {
        {0, 2, 0x00, NKT_OK},   {0, 2, 0xc0, NKT_OK}, {0, 2, 0x20, NKT_E_FRAME_SYNTAX}, /* bits of pieces 10 and more */
        {0, 3, 0x00, NKT_E_FRAME_SYNTAX}, {8, 1, 0xc0, NKT_OK}, {8, 2, 0, NKT_E_FRAME_SYNTAX}, {4, 1, 0, NKT_E_FRAME_SYNTAX},
        {16, 1, 0, NKT_E_FRAME_SYNTAX},   {0xfffffff8, 1, 0, NKT_E_FRAME_SYNTAX},
    };
    rig_t rig;
    nkt_buf_t frame = {0};
    rig_init(&rig, 2);
    rig_share(&rig, SIZE, 0);
    rig_open(&rig, 1);
    CHECK_OK(nkt_content_pause(rig.peers[1].swarm, RIG_TICKET, 1));
    rig_join(&rig, 0, 1);
    rig_run(&rig, 0);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        say(&rig, &frame, NKT_CONTENT_FIELD, 0, 1);
        CHECK_OK(nkt_content_frame_add_index(&frame, rows[i].first));
        for (size_t k = 1; k < rows[i].size; k++)
            CHECK_OK(nkt_buf_append_u8(&frame, 0xff));
        CHECK_OK(nkt_buf_append_u8(&frame, rows[i].last));
        check_row("row %zu", i);
        CHECK_ERR(rig_frame(&rig, 0, 1, &frame), rows[i].err);
    }
    say(&rig, &frame, NKT_CONTENT_HAVE, 0, 1);
    CHECK_OK(nkt_content_frame_add_index(&frame, 3));
    CHECK_OK(nkt_content_frame_add_index(&frame, COUNT));
    CHECK_ERR(rig_frame(&rig, 0, 1, &frame), NKT_E_FRAME_SYNTAX);
    nkt_buf_free(&frame);
    rig_free(&rig);
}

TEST(content_source_that_stalls_is_left_for_others)
{
    rig_t rig;
    rig_init(&rig, 3);
    rig_share(&rig, SIZE, 0);
    rig_open(&rig, 2);
    rig_join(&rig, 0, 2);
    rig_run(&rig, 1000);
    rig.peers[0].is_deaf = 1; /* its host does not read any more */
    rig_open(&rig, 1);
    rig_join(&rig, 0, 1);
    rig_run(&rig, NKT_REQUEST_STALL_MS + 1000);
    CHECK_EQ(rig_dropped(&rig, 1, NKT_E_PIECE_LATE), 1);
    CHECK(!is_whole(&rig, 1));
    CHECK_EQ(nkt_blob_find(rig.peers[1].swarm, RIG_TICKET)->taken_count, 0);
    rig_join(&rig, 1, 2);
    rig_run(&rig, 2000);
    CHECK(is_whole(&rig, 1));
    CHECK_EQ(rig_dropped(&rig, 1, NKT_E_PIECE_LATE), 1);
    rig_free(&rig);
}

/* Which pieces are asked of peer 0, after it said that it has all; it gives none. */
static int swallow_data(rig_t *rig, size_t from, size_t to, uint8_t *bytes, size_t size)
{
    (void)rig, (void)to, (void)size;
    return from != 0 || bytes[1] != NKT_CONTENT_DATA;
}

TEST(content_source_whose_parts_get_lost_has_no_place_for_ever)
{
    rig_t rig;
    rig_init(&rig, 3);
    rig_share(&rig, SIZE, 0);
    rig_open(&rig, 2);
    rig_join(&rig, 0, 2);
    rig_run(&rig, 1000);
    rig.on_frame = swallow_data; /* a liar: says it sent them */
    rig_open(&rig, 1);
    rig_join(&rig, 0, 1);
    rig_join(&rig, 1, 2);
    rig_run(&rig, NKT_REQUEST_STALL_MS + 5000);
    CHECK(is_whole(&rig, 1));
    rig_free(&rig);
}

TEST(content_closed_in_mid_piece_leaves_nothing_behind)
{
    rig_t rig;
    rig_init(&rig, 2);
    rig_share(&rig, SIZE, 0);
    rig_open(&rig, 1);
    rig.peers[0].is_deaf = 1;
    rig_join(&rig, 0, 1);
    rig_run(&rig, 0);
    CHECK(rig.peers[1].swarm->contents.sources->request_count > 0);
    CHECK_OK(nkt_content_end(rig.peers[0].swarm, RIG_TICKET)); /* GONE: what was asked is not answered */
    rig_run(&rig, 1000);
    CHECK_EQ(rig.peers[1].swarm->contents.sources->request_count, 0);
    CHECK_EQ(nkt_blob_find(rig.peers[1].swarm, RIG_TICKET)->taken_count, 0);
    CHECK_EQ(nkt_blob_find(rig.peers[1].swarm, RIG_TICKET)->feed_count, 0);
    CHECK_EQ(rig.peers[1].state, NKT_CONTENT_WAITING);
    CHECK_OK(nkt_content_end(rig.peers[1].swarm, RIG_TICKET));
    rig_free(&rig);
}

TEST(content_queue_of_a_link_is_bounded)
{
    rig_t rig;
    nkt_effect_t fx;
    size_t queued = 0;
    rig_init(&rig, 2);
    rig_share(&rig, SIZE, 0);
    rig_open(&rig, 1);
    rig_join(&rig, 0, 1);
    nkt_swarm_t *author = rig.peers[0].swarm;
    nkt_buf_t frame = {0};
    rig.peers[1].is_deaf = 1;
    CHECK_OK(nkt_content_pause(rig.peers[1].swarm, RIG_TICKET, 1));
    rig_run(&rig, 0);
    say(&rig, &frame, NKT_CONTENT_REQUEST, 1, 0);
    for (uint32_t i = 0; i < 5; i++)
        CHECK_OK(nkt_content_frame_add_index(&frame, i));
    CHECK_OK(rig_frame(&rig, 1, 0, &frame));
    for (int round = 0; round < 5; round++) { /* nothing leaves the host's queue */
        while (nkt_effects_poll(author, &fx) == 1) {
            if (fx.kind == NKT_FX_CONTENT_READ)
                CHECK_OK(nkt_content_piece(author, RIG_TICKET, (uint32_t)fx.value, rig.peers[0].pieces[fx.value].data,
                                           rig.peers[0].pieces[fx.value].size, 0));
            queued += fx.kind == NKT_FX_SEND && fx.flags & NKT_SEND_BULK ? fx.bytes_size : 0;
        }
        nkt_content_tend(author);
    }
    CHECK(queued > NKT_PIECE_PART_SIZE && queued <= NKT_BULK_QUEUE_SIZE);
    CHECK_EQ(author->contents.bulk_size, queued);
    nkt_content_queued(author, rig.peers[0].to[1], NKT_BULK_LOW_SIZE);
    CHECK_EQ(author->contents.bulk_size, NKT_BULK_LOW_SIZE);
    nkt_content_tend(author);
    CHECK_EQ(nkt_effects_poll(author, &fx), 1);
    CHECK_EQ(fx.kind, NKT_FX_SEND);
    nkt_buf_free(&frame);
    rig_free(&rig);
}

/* ---- each rule by itself ---- */

TEST(content_request_of_one_who_may_not_ask_is_refused)
{
    rig_t rig;
    nkt_buf_t frame = {0};
    int late = 0;
    paused_pair(&rig);
    nkt_source_t *source = rig.peers[0].swarm->contents.sources;
    for (int i = 0; i < 2 * NKT_CONTENT_BURST; i++) {
        source->is_allowed = 0;
        say(&rig, &frame, NKT_CONTENT_REQUEST, 1, 0);
        CHECK_OK(nkt_content_frame_add_index(&frame, 3));
        late += rig_frame(&rig, 1, 0, &frame) == NKT_E_RATE;
        CHECK_EQ(source->asked_count, 0);
    }
    CHECK(late >= NKT_CONTENT_BURST / 2); /* and its refusals have an end too */
    CHECK_EQ(rig.peers[0].read_count, 0);
    nkt_buf_free(&frame);
    rig_free(&rig);
}

TEST(content_tag_that_is_made_up_is_none_of_those_in_common)
{
    static const uint8_t tag[NKT_CONTENT_TAG_SIZE] = {1};
    rig_t rig;
    nkt_buf_t frame = {0};
    paused_pair(&rig);
    CHECK(rig.peers[0].swarm->contents.sources->feeds != NULL);
    CHECK_OK(nkt_content_frame_begin(&frame, NKT_CONTENT_HAVE, tag));
    CHECK_OK(nkt_content_frame_add_index(&frame, 0));
    CHECK_ERR(rig_frame(&rig, 1, 0, &frame), NKT_E_CONTENT_TAG);
    CHECK_EQ(rig.peers[0].swarm->contents.sources->feeds->count, 0);
    nkt_buf_free(&frame);
    rig_free(&rig);
}

TEST(content_peers_are_told_of_now_and_then_only)
{
    static const uint8_t nobody[NKT_ADDRESS_SIZE] = {77};
    rig_t rig;
    nkt_buf_t frame = {0};
    paused_pair(&rig);
    say(&rig, &frame, NKT_CONTENT_PEERS, 0, 1);
    CHECK_OK(nkt_buf_append(&frame, nobody, sizeof nobody));
    CHECK_OK(rig_frame(&rig, 0, 1, &frame));
    CHECK_ERR(rig_frame(&rig, 0, 1, &frame), NKT_E_RATE);
    rig.peers[1].swarm->now_ms += NKT_PEERS_MS;
    CHECK_OK(rig_frame(&rig, 0, 1, &frame));
    nkt_buf_free(&frame);
    rig_free(&rig);
}

TEST(content_is_asked_for_no_more_than_may_wait)
{
    rig_t rig;
    nkt_buf_t frame = {0};
    paused_pair(&rig);
    CHECK_OK(nkt_content_frame_begin(&frame, NKT_CONTENT_ALLOW, NULL));
    CHECK_OK(nkt_buf_append_u8(&frame, 255));
    CHECK_OK(rig_frame(&rig, 0, 1, &frame));
    CHECK_EQ(rig.peers[1].swarm->contents.sources->allowed, NKT_REQUEST_COUNT_MAX);
    nkt_buf_free(&frame);
    rig_free(&rig);
}

TEST(content_piece_that_has_begun_is_not_refused)
{
    rig_t rig;
    nkt_buf_t frame = {0};
    rig_init(&rig, 2);
    rig_share(&rig, SIZE, 0);
    rig_open(&rig, 1);
    rig.peers[0].is_deaf = 1;
    rig_join(&rig, 0, 1);
    rig_run(&rig, 0);
    nkt_source_t *source = rig.peers[1].swarm->contents.sources;
    CHECK(source->request_count > 0);
    source->part = 1; /* its first part is here */
    say(&rig, &frame, NKT_CONTENT_REFUSE, 0, 1);
    CHECK_OK(nkt_content_frame_add_index(&frame, source->requests[0].index));
    CHECK_ERR(rig_frame(&rig, 0, 1, &frame), NKT_E_PIECE_UNASKED);
    source->part = 0;
    CHECK_OK(rig_frame(&rig, 0, 1, &frame));
    nkt_buf_free(&frame);
    rig_free(&rig);
}

TEST(content_manifest_is_as_it_is_written)
{
    enum { FIELD_15 = 15 << 3 | 2, PAD_SIZE = NKT_MANIFEST_SIZE_MAX };
    static const uint8_t pad[PAD_SIZE], head[] = {FIELD_15, (PAD_SIZE & 0x7f) | 0x80, PAD_SIZE >> 7};
    rig_t rig;
    nkt_manifest_t manifest;
    paused_pair(&rig);
    nkt_buf_t *bytes = &rig.peers[0].manifest;
    CHECK_OK(nkt_manifest_read(&manifest, bytes->data, bytes->size));
    CHECK_EQ(bytes->data[bytes->size - 4], '.'); /* of "a.png" */
    bytes->data[bytes->size - 4] = '\0'; /* it would be "a" here, and another name elsewhere */
    CHECK_ERR(nkt_manifest_read(&manifest, bytes->data, bytes->size), NKT_E_MANIFEST);
    bytes->data[bytes->size - 4] = '.';
    CHECK_OK(nkt_buf_append(bytes, head, sizeof head));
    CHECK_OK(nkt_buf_append(bytes, pad, sizeof pad));
    CHECK_ERR(nkt_manifest_read(&manifest, bytes->data, bytes->size), NKT_E_MANIFEST);
    rig_free(&rig);
}
