/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who waits for something that only time brings is woken when it is due, whatever happened in between. */
#include <string.h>

#include "check.h"
#include "content_rig.h"
#include "state/state.h"

enum { SIZE = 9 * NKT_PIECE_PLAIN_SIZE + 1234, COUNT = 10, PLACE_COUNT = NKT_SERVE_SLOT_COUNT + NKT_SERVE_CHANCE_COUNT };

static nkt_source_t *source_at(const rig_t *rig, size_t of, size_t to)
{
    nkt_source_t *source = rig->peers[of].swarm->contents.sources;
    while (source != NULL && source->link != rig->peers[of].to[to])
        source = source->next;
    CHECK(source != NULL);
    return source;
}

static void pause_open(rig_t *rig, size_t at)
{
    rig_open(rig, at);
    CHECK_OK(nkt_content_pause(rig->peers[at].swarm, RIG_TICKET, 1));
    rig_join(rig, 0, at);
}

/* All places are taken by neighbours who do not ask; then comes one who would, when who may ask was decided a moment ago. */
TEST(content_place_that_is_not_used_goes_to_who_waits)
{
    rig_t rig;
    rig_init(&rig, PLACE_COUNT + 2);
    rig_share(&rig, SIZE, 0);
    for (size_t i = 1; i <= PLACE_COUNT; i++)
        pause_open(&rig, i);
    rig_run(&rig, 2 * NKT_SERVE_ROUND_MS);
    for (size_t i = 1; i <= PLACE_COUNT; i++)
        CHECK(source_at(&rig, 0, i)->is_allowed);
    rig_part(&rig, 0, 1);
    rig_join(&rig, 0, 1); /* a change: the round is held */
    rig_run(&rig, 2 * NKT_TELL_MS);
    CHECK(rig.peers[0].swarm->now_ms < rig.peers[0].swarm->contents.round_ms + NKT_SERVE_ROUND_MS);
    rig_open(&rig, PLACE_COUNT + 1);
    rig_join(&rig, 0, PLACE_COUNT + 1);
    rig_run(&rig, NKT_TELL_MS);
    CHECK(!source_at(&rig, 0, PLACE_COUNT + 1)->is_allowed); /* none is free yet */
    rig_run(&rig, 2 * NKT_SERVE_ROUND_MS);
    CHECK(nkt_blob_is_whole(nkt_blob_find(rig.peers[PLACE_COUNT + 1].swarm, RIG_TICKET)));
    rig_free(&rig);
}

/* More who take places and never ask than there are places: they come last when places are given anew. */
TEST(content_places_are_not_held_by_many_who_never_ask)
{
    rig_t rig;
    size_t last = RIG_PEER_COUNT_MAX - 1;
    rig_init(&rig, RIG_PEER_COUNT_MAX);
    rig_share(&rig, SIZE, 0);
    rig_open(&rig, last);
    rig_join(&rig, 0, last); /* it was given much, they nothing */
    rig.on_frame = NULL;
    rig_run(&rig, 100);
    for (size_t i = 0; i < COUNT; i++)
        nkt_buf_free(&rig.peers[last].pieces[i]);
    rig_part(&rig, 0, last);
    CHECK_OK(nkt_content_end(rig.peers[last].swarm, RIG_TICKET));
    for (size_t i = 1; i < last; i++)
        pause_open(&rig, i);
    rig_run(&rig, NKT_TELL_MS);
    rig_open(&rig, last);
    rig_join(&rig, 0, last);
    source_at(&rig, 0, last)->given_size = COUNT * NKT_PIECE_SIZE;
    rig_run(&rig, 2 * NKT_SERVE_ROUND_MS + 1000);
    CHECK(nkt_blob_is_whole(nkt_blob_find(rig.peers[last].swarm, RIG_TICKET)));
    rig_free(&rig);
}

/* Messages fill the link when a request comes, and nothing of contents is under way that would say when it is free. */
TEST(content_is_given_when_messages_have_left_the_link)
{
    rig_t rig;
    rig_init(&rig, 2);
    rig_share(&rig, SIZE, 0);
    pause_open(&rig, 1);
    rig_run(&rig, 3 * NKT_SERVE_ROUND_MS);
    rig.peers[0].to[1]->pulse.is_pressed = 1;
    CHECK_OK(nkt_content_pause(rig.peers[1].swarm, RIG_TICKET, 0));
    rig_run(&rig, 0);
    CHECK(source_at(&rig, 0, 1)->asked_count > 0);
    CHECK_EQ(rig.data_count, 0);
    rig.peers[0].to[1]->pulse.is_pressed = 0;
    rig_run(&rig, 1000);
    CHECK(nkt_blob_is_whole(nkt_blob_find(rig.peers[1].swarm, RIG_TICKET)));
    rig_free(&rig);
}

/* ---- who reads ---- */

/* What peer 1 gives to peer 2 does not come; peer 0 gives a piece, and then waits until it may go on. */
static int slow_line(rig_t *rig, size_t from, size_t to, uint8_t *bytes, size_t size)
{
    if (to != 2 || bytes[1] != NKT_CONTENT_DATA)
        return 1;
    if (from == 0 && size < NKT_PIECE_PART_SIZE) /* the last part of one */
        rig->peers[0].to[2]->pulse.is_pressed = 1;
    return from == 0;
}

/* A reader asks for pieces in order, as one who plays a film does; one of two who have all of it never answers. */
TEST(content_reader_waits_no_long_for_a_silent_neighbour)
{
    enum { PIECES = 60, AHEAD = 4, STEP_MS = 100 };
    rig_t rig;
    rig_init(&rig, 3);
    rig_share(&rig, PIECES * NKT_PIECE_PLAIN_SIZE, 0);
    rig_open(&rig, 1);
    rig_join(&rig, 0, 1);
    rig_run(&rig, 1000);
    rig.on_frame = slow_line;
    rig_open(&rig, 2);
    rig_join(&rig, 1, 2);
    rig_join(&rig, 0, 2);
    uint32_t asked = 0, read = 0, waited_ms = 0, longest_ms = 0;
    while (read < PIECES / 2) {
        for (; asked < read + AHEAD; asked++)
            CHECK_OK(nkt_content_get(rig.peers[2].swarm, RIG_TICKET, asked));
        rig.peers[0].to[2]->pulse.is_pressed = 0;
        rig_run(&rig, STEP_MS);
        waited_ms = rig.peers[2].text[read].size > 0 ? 0 : waited_ms + STEP_MS;
        longest_ms = waited_ms > longest_ms ? waited_ms : longest_ms;
        while (read < PIECES && rig.peers[2].text[read].size > 0)
            read++;
    }
    CHECK(longest_ms <= 2 * NKT_REQUEST_LATE_MS);
    rig_free(&rig);
}

/* ---- who else is there ---- */

static unsigned told_count; /* frames to peer 1 that name peer 3 */

static int peers_watch(rig_t *rig, size_t from, size_t to, uint8_t *bytes, size_t size)
{
    enum { HEAD_SIZE = 2 + NKT_CONTENT_TAG_SIZE };
    for (size_t at = HEAD_SIZE; from == 0 && to == 1 && bytes[1] == NKT_CONTENT_PEERS && at < size; at += NKT_ADDRESS_SIZE)
        told_count += memcmp(bytes + at, rig->peers[3].swarm->identity.address.b, NKT_ADDRESS_SIZE) == 0;
    return 1;
}

TEST(content_newcomer_is_told_of_soon_after_others_were)
{
    rig_t rig;
    told_count = 0;
    rig_init(&rig, 4);
    rig.on_frame = peers_watch;
    rig_share(&rig, SIZE, 0);
    for (size_t i = 1; i <= 3; i++) {
        pause_open(&rig, i);
        rig.peers[0].swarm->settings.link_count_max = 0; /* so not everybody can have a link with everybody */
        rig_run(&rig, 5000);
        rig.peers[0].swarm->settings.link_count_max = 8;
    }
    CHECK_EQ(told_count, 0); /* it heard of 2 a moment ago */
    rig.peers[0].swarm->settings.link_count_max = 0;
    rig_run(&rig, NKT_PEERS_MS);
    CHECK_EQ(told_count, 1);
    rig_run(&rig, 4 * NKT_PEERS_MS);
    CHECK_EQ(told_count, 1); /* nothing is new */
    rig_free(&rig);
}

/* ---- a person ---- */

TEST(content_that_is_whole_is_said_at_once)
{
    rig_t rig;
    rig_init(&rig, 2);
    rig_join(&rig, 0, 1);
    rig_share(&rig, SIZE, 0);
    rig_open(&rig, 1);
    rig_run(&rig, 0);
    uint64_t began_ms = rig.peers[1].swarm->now_ms;
    while (!nkt_blob_is_whole(nkt_blob_find(rig.peers[1].swarm, RIG_TICKET)))
        rig_run(&rig, 50);
    rig_run(&rig, 50);
    CHECK_EQ(rig.peers[1].state, NKT_CONTENT_COMPLETE);
    CHECK(rig.peers[1].swarm->now_ms < began_ms + NKT_TELL_MS);
    rig_free(&rig);
}

/* After a reload nothing changes any more for one that is whole: nobody would hear of it but by the first word. */
TEST(content_that_was_whole_is_said_to_be_at_once)
{
    rig_t rig;
    rig_init(&rig, 2);
    rig_join(&rig, 0, 1);
    rig_share(&rig, SIZE, 0);
    rig_open(&rig, 1);
    rig_run(&rig, 1000);
    CHECK_OK(nkt_content_end(rig.peers[1].swarm, RIG_TICKET));
    rig.peers[1].state = NKT_CONTENT_WAITING;
    rig_open(&rig, 1);
    rig_run(&rig, 50);
    CHECK_EQ(rig.peers[1].state, NKT_CONTENT_COMPLETE);
    rig_free(&rig);
}

/* A machine that slept finds its requests old, and nobody to blame for that. */
TEST(content_source_is_not_late_for_our_sleep)
{
    enum { SLEPT_MS = 3600000 };
    rig_t rig;
    rig_init(&rig, 2);
    rig_join(&rig, 0, 1);
    rig_share(&rig, SIZE, 0);
    rig.peers[0].is_deaf = 1;
    rig_open(&rig, 1);
    rig_run(&rig, 500);
    CHECK(source_at(&rig, 1, 0)->request_count > 0);
    rig.peers[1].swarm->now_ms += SLEPT_MS;
    nkt_content_excuse(rig.peers[1].swarm);
    rig_run(&rig, NKT_REQUEST_STALL_MS / 2);
    CHECK_EQ(rig_dropped(&rig, 1, NKT_E_PIECE_LATE), 0);
    CHECK(!source_at(&rig, 1, 0)->is_stalled);
    rig_run(&rig, NKT_REQUEST_STALL_MS);
    CHECK_EQ(rig_dropped(&rig, 1, NKT_E_PIECE_LATE), 1); /* awake, it is as late as any other */
    rig_free(&rig);
}

/* ---- many ---- */

static void many_share(rig_t *rig)
{
    static const char json[] = "{}";
    for (uint32_t ticket = 1; ticket <= NKT_BLOB_COUNT_MAX; ticket++) {
        uint8_t plain[2] = {(uint8_t)ticket, (uint8_t)(ticket >> 8)};
        CHECK_OK(nkt_content_share(rig->peers[0].swarm, ticket, json, sizeof json - 1, 0));
        CHECK_OK(nkt_content_plain(rig->peers[0].swarm, ticket, 0, plain, sizeof plain, NKT_CONTENT_LAST));
        rig_run(rig, 0);
        const nkt_buf_t *manifest = &rig->peers[0].manifest;
        CHECK_OK(nkt_content_begin(rig->peers[1].swarm, ticket, manifest->data, manifest->size, &rig->peers[0].swarm->identity.address));
    }
}

static void many_open(rig_t *rig)
{
    for (uint32_t ticket = 1; ticket <= NKT_BLOB_COUNT_MAX; ticket++) {
        CHECK_OK(nkt_content_held(rig->peers[1].swarm, ticket, NULL, 0));
        CHECK_OK(nkt_content_pause(rig->peers[1].swarm, ticket, 1));
    }
    rig_run(rig, 2000);
}

static void many_check(const rig_t *rig)
{
    CHECK_EQ(rig_dropped(rig, 0, NKT_E_RATE) + rig_dropped(rig, 1, NKT_E_RATE), 0);
    const nkt_source_t *source = source_at(rig, 1, 0);
    CHECK(source->allowed > 0);
    CHECK_EQ(source->feed_count, NKT_BLOB_COUNT_MAX);
    for (const nkt_feed_t *feed = source->feeds; feed != NULL; feed = feed->next)
        CHECK(feed->count == 1);
}

/* As many as there may be, opened in one moment, or open when a link comes about: no frame about them is too much. */
TEST(content_all_that_may_be_open_are_told_at_once)
{
    rig_t rig;
    rig_init(&rig, 2);
    rig_join(&rig, 0, 1);
    many_share(&rig);
    many_open(&rig);
    many_check(&rig);
    rig_part(&rig, 0, 1);
    rig_join(&rig, 0, 1);
    rig_run(&rig, 2000);
    many_check(&rig);
    rig_free(&rig);
}

/* Names of contents are kept by place: what comes into the place of one that is gone has names of its own. */
TEST(content_in_the_place_of_another_is_known)
{
    rig_t rig;
    rig_init(&rig, 2);
    rig_join(&rig, 0, 1);
    for (size_t i = 1; i <= 3; i++) {
        rig_share(&rig, SIZE + i, 0);
        rig_open(&rig, 1);
        rig_run(&rig, 5000);
        CHECK(nkt_blob_is_whole(nkt_blob_find(rig.peers[1].swarm, RIG_TICKET)));
        for (size_t at = 0; at < 2; at++)
            CHECK_OK(nkt_content_end(rig.peers[at].swarm, RIG_TICKET));
        for (size_t k = 0; k < COUNT; k++)
            nkt_buf_free(&rig.peers[1].pieces[k]);
        rig_run(&rig, 0);
    }
    rig_free(&rig);
}
