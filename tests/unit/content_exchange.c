/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pieces from peer to peer: everybody gets what was shared, whatever becomes of links, hosts and sources. */
#include <string.h>

#include "check.h"
#include "content_rig.h"
#include "state/state.h"

enum { SIZE = 9 * NKT_PIECE_PLAIN_SIZE + 1234, COUNT = 10 };

static void whole_check(rig_t *rig, size_t at)
{
    rig_peer_t *peer = &rig->peers[at];
    const nkt_blob_t *blob = nkt_blob_find(peer->swarm, RIG_TICKET);
    CHECK(blob != NULL && nkt_blob_is_whole(blob));
    CHECK_EQ(blob->taken_count, 0);
    rig_run(rig, 2 * NKT_TELL_MS);
    CHECK_EQ(peer->state, NKT_CONTENT_COMPLETE);
    CHECK_EQ(peer->value, COUNT);
    for (uint32_t i = 0; i < COUNT; i++) {
        CHECK_OK(nkt_content_get(peer->swarm, RIG_TICKET, i));
        rig_run(rig, 0);
        check_row("piece %u of peer %zu", i, at);
        CHECK_EQ(peer->text[i].size, nkt_piece_plain_size(SIZE, i));
        for (size_t k = 0; k < peer->text[i].size; k++) {
            if (peer->text[i].data[k] != rig_byte((size_t)i * NKT_PIECE_PLAIN_SIZE + k))
                CHECK_EQ(k, SIZE_MAX);
        }
    }
}

TEST(content_goes_from_one_to_another)
{
    rig_t rig;
    rig_init(&rig, 2);
    rig_join(&rig, 0, 1);
    rig_share(&rig, SIZE, 0);
    rig_open(&rig, 1);
    rig_run(&rig, 1000);
    CHECK_EQ(rig.peers[1].write_count, COUNT);
    CHECK_EQ(rig.data_count, 9 * 2 + 1);
    for (size_t i = 0; i < 2; i++) /* a host that waits for more to store is told when there is none */
        CHECK_EQ(rig.peers[i].last_write, COUNT);
    CHECK_EQ(rig.peers[0].last_count, 1);
    CHECK(rig.peers[1].last_count < COUNT / 2);
    CHECK_EQ(rig.peers[0].swarm->counters.counts[NKT_TALLY_PIECES_GIVEN], COUNT);
    CHECK_EQ(rig.peers[1].swarm->counters.counts[NKT_TALLY_PIECES_GOT], COUNT);
    CHECK_BYTES(rig.peers[1].pieces[9].data, rig.peers[0].pieces[9].data, rig.peers[0].pieces[9].size);
    whole_check(&rig, 1);
    whole_check(&rig, 0);
    rig_free(&rig);
}

TEST(content_passes_through_who_is_between)
{
    rig_t rig;
    rig_init(&rig, 3);
    rig_share(&rig, SIZE, 0);
    rig_open(&rig, 1);
    rig_open(&rig, 2);
    rig_join(&rig, 0, 1);
    rig_join(&rig, 1, 2);
    rig_run(&rig, 3000);
    whole_check(&rig, 1);
    whole_check(&rig, 2);
    rig_free(&rig);
}

/* How many pieces `who` is said to have where the application of `peer` was told last; -1: it was told of no such holder. */
static int64_t held_by(const rig_t *rig, size_t peer, size_t who)
{
    const nkt_buf_t *holders = &rig->peers[peer].holders;
    for (size_t at = 0; at + NKT_HOLDER_SIZE <= holders->size; at += NKT_HOLDER_SIZE) {
        if (memcmp(holders->data + at, rig->peers[who].swarm->identity.address.b, NKT_ADDRESS_SIZE) == 0)
            return nkt_get_u32be(holders->data + at + NKT_ADDRESS_SIZE);
    }
    return -1;
}

TEST(content_tells_who_has_how_much)
{
    rig_t rig;
    rig_init(&rig, 3);
    rig_share(&rig, SIZE, 0);
    rig_open(&rig, 1);
    rig_open(&rig, 2);
    CHECK_OK(nkt_content_pause(rig.peers[2].swarm, RIG_TICKET, 1));
    rig_join(&rig, 0, 1);
    rig_join(&rig, 0, 2);
    rig_join(&rig, 1, 2);
    rig_run(&rig, 10000);
    whole_check(&rig, 1);
    CHECK_EQ(held_by(&rig, 0, 1), COUNT);
    CHECK_EQ(held_by(&rig, 0, 2), 0);
    CHECK_EQ(held_by(&rig, 1, 0), COUNT); /* its author, though he shows it a few at a time */
    CHECK_EQ(held_by(&rig, 2, 1), COUNT);
    CHECK_OK(nkt_content_pause(rig.peers[2].swarm, RIG_TICKET, 0));
    rig_run(&rig, 10000);
    CHECK_EQ(held_by(&rig, 0, 2), COUNT); /* also to who has all: his friends may wonder */
    rig_part(&rig, 0, 1);
    rig_run(&rig, 1000);
    CHECK_EQ(held_by(&rig, 0, 1), -1);
    rig_free(&rig);
}

TEST(content_author_is_spared_what_others_have)
{
    rig_t rig;
    rig_init(&rig, 3);
    rig_share(&rig, SIZE, 0);
    rig_open(&rig, 2);
    rig_join(&rig, 0, 2);
    rig_run(&rig, 3000);
    whole_check(&rig, 2);
    rig_open(&rig, 1);
    nkt_swarm_t *swarm = rig.peers[1].swarm;
    CHECK_OK(nkt_content_pause(swarm, RIG_TICKET, 1));
    rig_join(&rig, 0, 1);
    rig_join(&rig, 1, 2);
    rig_run(&rig, 10000);
    for (nkt_source_t *source = swarm->contents.sources; source != NULL; source = source->next) {
        CHECK(source->allowed > 0);
        source->rate = 10 * NKT_PIECE_SIZE; /* a window of seven */
    }
    CHECK_OK(nkt_content_pause(swarm, RIG_TICKET, 0));
    rig_run(&rig, 20000);
    whole_check(&rig, 1);
    const uint64_t given[] = {rig.peers[0].swarm->counters.counts[NKT_TALLY_PIECES_GIVEN] - COUNT,
                              rig.peers[2].swarm->counters.counts[NKT_TALLY_PIECES_GIVEN]};
    CHECK_EQ(given[0] + given[1], COUNT);
    CHECK(given[0] <= 1); /* one at a time is asked of it */
    rig_free(&rig);
}

TEST(content_is_served_by_who_cannot_read_it)
{
    rig_t rig;
    nkt_manifest_t manifest;
    nkt_buf_t slip = {0};
    rig_init(&rig, 3);
    rig_share(&rig, SIZE, 0);
    CHECK_OK(nkt_manifest_read(&manifest, rig.peers[0].manifest.data, rig.peers[0].manifest.size));
    CHECK_OK(nkt_manifest_write(&slip, &manifest, 1));
    nkt_swarm_t *keeper = rig.peers[1].swarm;
    CHECK_OK(nkt_content_begin(keeper, RIG_TICKET, slip.data, slip.size, &rig.peers[0].swarm->identity.address));
    CHECK_OK(nkt_content_held(keeper, RIG_TICKET, NULL, 0));
    rig_join(&rig, 0, 1);
    rig_run(&rig, 1000);
    rig_part(&rig, 0, 1);
    CHECK(nkt_blob_is_whole(nkt_blob_find(keeper, RIG_TICKET)));
    CHECK_ERR(nkt_content_get(keeper, RIG_TICKET, 0), NKT_E_CONTENT_UNKNOWN);
    rig_open(&rig, 2);
    rig_join(&rig, 1, 2);
    rig_run(&rig, 1000);
    whole_check(&rig, 2);
    nkt_buf_free(&slip);
    rig_free(&rig);
}

TEST(content_is_opened_later_than_the_link_came)
{
    rig_t rig;
    rig_init(&rig, 2);
    rig_share(&rig, SIZE, 0);
    rig_join(&rig, 0, 1);
    rig_run(&rig, 1000);
    CHECK_EQ(rig.frame_count, 1); /* offered to who does not know it: no word of an answer */
    rig_open(&rig, 1);
    rig_run(&rig, 1000);
    whole_check(&rig, 1);
    rig_free(&rig);
}

TEST(content_goes_on_over_another_link)
{
    rig_t rig;
    rig_init(&rig, 2);
    rig_share(&rig, SIZE, 0);
    rig_open(&rig, 1);
    rig.peers[1].is_deaf = 1; /* nothing is stored: the window stays full */
    rig_join(&rig, 0, 1);
    rig_run(&rig, 100);
    unsigned had = rig.peers[1].write_count;
    CHECK(had > 0);
    rig_part(&rig, 0, 1);
    CHECK_EQ(rig.peers[0].swarm->contents.source_count, 0);
    CHECK_EQ(nkt_blob_find(rig.peers[1].swarm, RIG_TICKET)->feed_count, 0);
    rig.peers[1].is_deaf = 0;
    for (uint32_t i = 0; i < COUNT; i++) {
        if (rig.peers[1].pieces[i].size > 0)
            CHECK_OK(nkt_content_written(rig.peers[1].swarm, RIG_TICKET, i, 0));
    }
    rig_join(&rig, 0, 1);
    rig_run(&rig, 1000);
    CHECK_EQ(rig.peers[1].write_count, COUNT); /* none came twice */
    whole_check(&rig, 1);
    rig_free(&rig);
}

TEST(content_goes_on_after_a_reload)
{
    rig_t rig;
    rig_init(&rig, 2);
    rig_share(&rig, SIZE, 0);
    rig_open(&rig, 1);
    rig_join(&rig, 0, 1);
    rig_run(&rig, 1000);
    for (size_t i = 0; i < 2; i++) { /* both begin anew, with what they stored */
        CHECK_OK(nkt_content_end(rig.peers[i].swarm, RIG_TICKET));
        rig_run(&rig, 0);
    }
    for (size_t i = 0; i < 4; i++)
        nkt_buf_free(&rig.peers[1].pieces[i]);
    rig.peers[1].write_count = 0;
    nkt_swarm_t *author = rig.peers[0].swarm;
    const nkt_buf_t *manifest = &rig.peers[0].manifest, *leaves = &rig.peers[0].leaves;
    CHECK_OK(nkt_content_begin(author, RIG_TICKET, manifest->data, manifest->size, &author->identity.address));
    leaves->data[40] ^= 1;
    CHECK_ERR(nkt_content_leaves(author, RIG_TICKET, leaves->data, leaves->size), NKT_E_CONTENT_CHANGED);
    leaves->data[40] ^= 1;
    CHECK_OK(nkt_content_leaves(author, RIG_TICKET, leaves->data, leaves->size));
    CHECK_OK(nkt_content_held(author, RIG_TICKET, NULL, 0));
    rig_open(&rig, 1);
    rig_run(&rig, 1000);
    CHECK_EQ(rig.peers[1].write_count, 4);
    whole_check(&rig, 1);
    whole_check(&rig, 0);
    rig_free(&rig);
}

TEST(content_waits_for_a_disk_that_is_full)
{
    rig_t rig;
    rig_init(&rig, 2);
    rig_share(&rig, SIZE, 0);
    rig.peers[1].no_disk = 1;
    rig_open(&rig, 1);
    rig_join(&rig, 0, 1);
    rig_run(&rig, 1000);
    CHECK_EQ(rig.peers[1].state, NKT_CONTENT_FULL);
    unsigned count = rig.peers[1].write_count;
    CHECK(count <= NKT_REQUEST_COUNT_MAX);
    rig_run(&rig, 5000);
    CHECK_EQ(rig.peers[1].write_count, count); /* nothing is asked for again and again */
    rig.peers[1].no_disk = 0;
    CHECK_OK(nkt_content_pause(rig.peers[1].swarm, RIG_TICKET, 0));
    rig_run(&rig, 1000);
    whole_check(&rig, 1);
    rig_free(&rig);
}

TEST(content_pauses)
{
    rig_t rig;
    rig_init(&rig, 2);
    rig_share(&rig, SIZE, 0);
    rig_open(&rig, 1);
    CHECK_OK(nkt_content_pause(rig.peers[1].swarm, RIG_TICKET, 1));
    rig_join(&rig, 0, 1);
    rig_run(&rig, 1000);
    CHECK_EQ(rig.peers[1].write_count, 0);
    CHECK_EQ(rig.peers[1].state, NKT_CONTENT_PAUSED);
    CHECK_OK(nkt_content_pause(rig.peers[1].swarm, RIG_TICKET, 0));
    rig_run(&rig, 1000);
    whole_check(&rig, 1);
    rig_free(&rig);
}

TEST(content_that_is_damaged_on_disk_is_fetched_again)
{
    rig_t rig;
    rig_init(&rig, 3);
    rig_share(&rig, SIZE, 0);
    rig_open(&rig, 1);
    rig_join(&rig, 0, 1);
    rig_run(&rig, 1000);
    rig.peers[1].pieces[3].data[777] ^= 4;
    rig_open(&rig, 2);
    rig_join(&rig, 1, 2);
    rig_run(&rig, 3000);
    CHECK_EQ(rig_dropped(&rig, 2, NKT_E_PIECE_BAD), 0); /* it was not sent */
    whole_check(&rig, 2);
    whole_check(&rig, 1);
    CHECK_EQ(rig.peers[1].write_count, COUNT + 1);
    rig_free(&rig);
}

TEST(content_of_its_author_is_damaged_and_comes_back_from_others)
{
    rig_t rig;
    rig_init(&rig, 2);
    rig_share(&rig, SIZE, 0);
    rig_open(&rig, 1);
    rig_join(&rig, 0, 1);
    rig_run(&rig, 1000);
    rig.peers[0].pieces[3].data[777] ^= 4;
    CHECK_OK(nkt_content_get(rig.peers[0].swarm, RIG_TICKET, 3));
    rig_run(&rig, 1000);
    whole_check(&rig, 0); /* what is stored of that piece has its path now */
    rig_free(&rig);
}

TEST(content_pieces_that_a_reader_waits_for_come_first)
{
    rig_t rig;
    rig_init(&rig, 2);
    rig_share(&rig, (size_t)60 * NKT_PIECE_PLAIN_SIZE, 0);
    rig_open(&rig, 1);
    CHECK_OK(nkt_content_get(rig.peers[1].swarm, RIG_TICKET, 40));
    rig.peers[1].is_deaf = 1;
    rig_join(&rig, 0, 1);
    rig_run(&rig, 0);
    CHECK(rig.peers[1].pieces[40].size > 0 && rig.peers[1].pieces[41].size > 0);
    for (uint32_t i = 0; i < NKT_BLOB_GET_COUNT_MAX - 1; i++)
        CHECK_OK(nkt_content_get(rig.peers[1].swarm, RIG_TICKET, 1));
    CHECK_ERR(nkt_content_get(rig.peers[1].swarm, RIG_TICKET, 2), NKT_E_CONTENTS_FULL);
    unsigned text_count = rig.peers[1].text_count;
    rig.peers[1].is_deaf = 0;
    CHECK_OK(nkt_content_unget(rig.peers[1].swarm, RIG_TICKET, 1)); /* of all who waited for it */
    CHECK_OK(nkt_content_get(rig.peers[1].swarm, RIG_TICKET, 2));
    CHECK_EQ(nkt_blob_find(rig.peers[1].swarm, RIG_TICKET)->get_count, 2);
    CHECK_OK(nkt_content_unget(rig.peers[1].swarm, RIG_TICKET, 40));
    for (uint32_t i = 0; i < 60; i++) {
        if (rig.peers[1].pieces[i].size > 0)
            CHECK_OK(nkt_content_written(rig.peers[1].swarm, RIG_TICKET, i, 0));
    }
    rig_run(&rig, 15000);
    CHECK_EQ(rig.peers[1].text_count, text_count + 1);
    CHECK(rig.peers[1].text[2].size > 0);
    rig_free(&rig);
}

TEST(content_a_host_that_does_not_store_is_not_flooded)
{
    rig_t rig;
    rig_init(&rig, 2);
    rig_share(&rig, (size_t)60 * NKT_PIECE_PLAIN_SIZE, 0);
    rig_open(&rig, 1);
    rig.peers[1].is_deaf = 1;
    rig_join(&rig, 0, 1);
    rig_run(&rig, 20000);
    CHECK(rig.peers[1].write_count >= NKT_BLOB_WRITING_COUNT_MAX);
    CHECK(rig.peers[1].write_count <= NKT_BLOB_WRITING_COUNT_MAX + NKT_REQUEST_COUNT_MAX);
    rig_free(&rig);
}

/* ---- the author's plaintext ---- */

TEST(content_of_a_file_that_changed_does_not_leave)
{
    static uint8_t plain[NKT_PIECE_PLAIN_SIZE];
    rig_t rig;
    rig_init(&rig, 2);
    rig_share(&rig, SIZE, NKT_CONTENT_AGAIN);
    CHECK_EQ(rig.peers[0].write_count, 0); /* the file is there */
    rig.peers[0].is_deaf = 1;
    rig_open(&rig, 1);
    rig_join(&rig, 0, 1);
    rig_run(&rig, 0);
    CHECK(rig.peers[0].read_count > 0);
    nkt_swarm_t *author = rig.peers[0].swarm;
    size_t before = rig.data_count;
    for (uint32_t i = 0; i < COUNT; i++) {
        size_t size = nkt_piece_plain_size(SIZE, i);
        for (size_t k = 0; k < size; k++)
            plain[k] = rig_byte((size_t)i * NKT_PIECE_PLAIN_SIZE + k);
        plain[5] ^= 1;
        CHECK_ERR(nkt_content_piece(author, RIG_TICKET, i, plain, size, NKT_CONTENT_CLEAR), NKT_E_CONTENT_CHANGED);
    }
    rig_run(&rig, 1000);
    CHECK_EQ(rig.data_count, before);
    CHECK_EQ(nkt_blob_find(author, RIG_TICKET)->held_count, 0);
    rig_free(&rig);
}

TEST(content_of_a_file_is_sealed_again_as_it_was)
{
    static uint8_t plain[NKT_PIECE_PLAIN_SIZE];
    rig_t rig;
    rig_init(&rig, 2);
    rig_share(&rig, SIZE, NKT_CONTENT_AGAIN);
    rig.peers[0].is_deaf = 1;
    rig_open(&rig, 1);
    rig_join(&rig, 0, 1);
    for (int round = 0; round < 20; round++) {
        rig_run(&rig, 100);
        for (uint32_t i = 0; i < COUNT; i++) {
            size_t size = nkt_piece_plain_size(SIZE, i);
            for (size_t k = 0; k < size; k++)
                plain[k] = rig_byte((size_t)i * NKT_PIECE_PLAIN_SIZE + k);
            CHECK_OK(nkt_content_piece(rig.peers[0].swarm, RIG_TICKET, i, plain, size, NKT_CONTENT_CLEAR));
        }
    }
    rig_run(&rig, 1000);
    whole_check(&rig, 1);
    rig_free(&rig);
}

TEST(content_share_says_what_is_wrong)
{
    static const char *const bad[] = {"{\"size\":-1}", "{\"size\":1.5}", "{\"size\":1e18}",
                                      "{\"name\":\"a/b\"}", "{\"type\":\"x\"}", "{\"name\":7}"};
    static uint8_t plain[NKT_PIECE_PLAIN_SIZE + 1];
    rig_t rig;
    rig_init(&rig, 1);
    nkt_swarm_t *swarm = rig.peers[0].swarm;
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        check_row("%s", bad[i]);
        CHECK_ERR(nkt_content_share(swarm, 1, bad[i], strlen(bad[i]), 0), NKT_E_MANIFEST);
    }
    CHECK_ERR(nkt_content_share(swarm, 1, "[]", 2, 0), NKT_E_ARGUMENT);
    CHECK_ERR(nkt_content_share(swarm, 1, "{", 1, 0), NKT_E_ARGUMENT);
    CHECK_ERR(nkt_content_share(swarm, 0, "{}", 2, 0), NKT_E_ARGUMENT);
    CHECK_OK(nkt_content_share(swarm, 1, "{\"size\":65525}", 14, 0));
    CHECK_ERR(nkt_content_share(swarm, 1, "{}", 2, 0), NKT_E_ARGUMENT);
    CHECK_ERR(nkt_content_plain(swarm, 2, 0, plain, NKT_PIECE_PLAIN_SIZE, 0), NKT_E_CONTENT_UNKNOWN);
    CHECK_ERR(nkt_content_plain(swarm, 1, 1, plain, NKT_PIECE_PLAIN_SIZE, 0), NKT_E_SIZE);
    CHECK_ERR(nkt_content_plain(swarm, 1, 0, plain, NKT_PIECE_PLAIN_SIZE + 1, 0), NKT_E_SIZE);
    CHECK_ERR(nkt_content_plain(swarm, 1, 0, plain, 100, 0), NKT_E_SIZE);
    CHECK_ERR(nkt_content_plain(swarm, 1, 0, plain, 100, NKT_CONTENT_LAST), NKT_E_CONTENT_CHANGED);
    CHECK_OK(nkt_content_plain(swarm, 1, 0, plain, NKT_PIECE_PLAIN_SIZE, 0));
    CHECK_ERR(nkt_content_plain(swarm, 1, 1, plain, 6, NKT_CONTENT_LAST), NKT_E_CONTENT_CHANGED);
    CHECK_ERR(nkt_content_held(swarm, 1, NULL, 0), NKT_E_CONTENT_UNKNOWN);
    CHECK_ERR(nkt_content_get(swarm, 1, 0), NKT_E_CONTENT_UNKNOWN);
    CHECK_OK(nkt_content_plain(swarm, 1, 1, plain, 5, NKT_CONTENT_LAST));
    CHECK_ERR(nkt_content_plain(swarm, 1, 2, plain, 5, NKT_CONTENT_LAST), NKT_E_CONTENT_UNKNOWN);
    CHECK_OK(nkt_content_share(swarm, 2, "{}", 2, 0));
    CHECK_OK(nkt_content_plain(swarm, 2, 0, plain, 0, NKT_CONTENT_LAST)); /* an empty content is one */
    CHECK_OK(nkt_content_end(swarm, 2));
    CHECK_ERR(nkt_content_end(swarm, 2), NKT_E_CONTENT_UNKNOWN);
    rig_free(&rig);
}

/* Its offer is answered when it has no content any more; the next one begins anew. */
TEST(content_closed_before_it_was_answered_can_be_opened_again)
{
    rig_t rig;
    rig_init(&rig, 3);
    rig_join(&rig, 0, 1);
    rig_join(&rig, 0, 2); /* who does not know it hears that something is gone: no fault of anybody's */
    rig_share(&rig, SIZE, 0);
    rig_open(&rig, 1);
    CHECK_OK(nkt_content_end(rig.peers[1].swarm, RIG_TICKET));
    rig_run(&rig, 0);
    rig_open(&rig, 1);
    rig_run(&rig, 1000);
    whole_check(&rig, 1);
    CHECK_OK(nkt_content_end(rig.peers[1].swarm, RIG_TICKET));
    CHECK_OK(nkt_content_end(rig.peers[0].swarm, RIG_TICKET));
    rig_run(&rig, 0);
    CHECK_EQ(rig_dropped(&rig, 2, NKT_E_CONTENT_TAG), 0);
    rig_free(&rig);
}

/* What two have in common has no cap of its own: the one that is wanted may be the last. */
TEST(content_of_many_in_common_is_fetched)
{
    rig_t rig;
    nkt_buf_t bytes = {0};
    rig_init(&rig, 2);
    rig_join(&rig, 0, 1);
    nkt_manifest_t manifest = {.has_key = 1, .shape = {.size = 10}};
    for (uint32_t i = 1; i < NKT_BLOB_COUNT_MAX; i++) {
        manifest.shape.root[0] = (uint8_t)i;
        CHECK_OK(nkt_manifest_write(&bytes, &manifest, 0));
        for (size_t k = 0; k < 2; k++) {
            nkt_swarm_t *swarm = rig.peers[k].swarm;
            CHECK_OK(nkt_content_begin(swarm, 100 + i, bytes.data, bytes.size, &rig.peers[1 - k].swarm->identity.address));
            CHECK_OK(nkt_content_held(swarm, 100 + i, NULL, 0));
        }
    }
    rig_run(&rig, 1000);
    rig_share(&rig, SIZE, 0);
    rig_open(&rig, 1);
    rig_run(&rig, 3000);
    whole_check(&rig, 1);
    nkt_buf_free(&bytes);
    rig_free(&rig);
}

TEST(content_tables_are_capped)
{
    rig_t rig;
    nkt_manifest_t manifest = {.has_key = 1};
    nkt_buf_t bytes = {0};
    uint32_t ticket = 1;
    int err = NKT_OK;
    rig_init(&rig, 1);
    nkt_swarm_t *swarm = rig.peers[0].swarm;
    nkt_address_t nobody = {{0}};
    for (; err == NKT_OK; ticket++) { /* two of 16 GiB, and the next is refused */
        manifest.shape.size = (uint64_t)NKT_PIECE_COUNT_MAX * NKT_PIECE_PLAIN_SIZE;
        manifest.shape.root[0] = (uint8_t)ticket;
        CHECK_OK(nkt_manifest_write(&bytes, &manifest, 0));
        err = nkt_content_begin(swarm, ticket, bytes.data, bytes.size, &nobody);
    }
    CHECK_ERR(err, NKT_E_CONTENTS_FULL);
    CHECK_EQ(swarm->contents.count, NKT_BLOB_PIECE_TOTAL_MAX / NKT_PIECE_COUNT_MAX);
    while (swarm->contents.blobs != NULL)
        CHECK_OK(nkt_content_end(swarm, swarm->contents.blobs->ticket));
    manifest.shape.size = 10;
    for (err = NKT_OK; err == NKT_OK; ticket++) {
        manifest.shape.root[0] = (uint8_t)ticket;
        manifest.shape.root[1] = (uint8_t)(ticket >> 8);
        CHECK_OK(nkt_manifest_write(&bytes, &manifest, 0));
        err = nkt_content_begin(swarm, ticket, bytes.data, bytes.size, &nobody);
    }
    CHECK_ERR(err, NKT_E_CONTENTS_FULL);
    CHECK_EQ(swarm->contents.count, NKT_BLOB_COUNT_MAX);
    CHECK_OK(nkt_content_end(swarm, swarm->contents.blobs->ticket));
    CHECK_ERR(nkt_content_begin(swarm, ticket, bytes.data, 5, &nobody), NKT_E_MANIFEST);
    CHECK_OK(nkt_content_begin(swarm, ticket, bytes.data, bytes.size, &nobody));
    CHECK_OK(nkt_content_end(swarm, swarm->contents.blobs->next->ticket));
    CHECK_ERR(nkt_content_begin(swarm, ticket + 1, bytes.data, bytes.size, &nobody), NKT_E_ARGUMENT); /* open already */
    nkt_buf_free(&bytes);
    rig_free(&rig);
}
