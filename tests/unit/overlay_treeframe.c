/* SPDX-License-Identifier: GPL-3.0-or-later */
/* IHAVE and GRAFT as bytes. */
#include "overlay/treeframe.h"

#include <string.h>

#include "check.h"
#include "wire/kinds.h"

enum { HEAD_SIZE = 2, IHAVE_ENTRY_SIZE = 1 + NKT_ID_SIZE };

static const uint8_t *id_of(size_t number)
{
    static uint8_t id[NKT_ID_SIZE];
    check_fill(id, sizeof id, number);
    return id;
}

TEST(treeframe_ihave_round_trip)
{
    nkt_buf_t frame = {0};
    for (unsigned flags = 0; flags <= NKT_TREE_FLAG; flags++) {
        CHECK_OK(nkt_treeframe_begin(&frame, NKT_FRAME_IHAVE, flags));
        for (size_t i = 0; i < NKT_IHAVE_COUNT_MAX; i++) {
            CHECK_EQ(nkt_treeframe_ihave_count(frame.size), i);
            CHECK_OK(nkt_treeframe_ihave_add(&frame, id_of(i), (uint8_t)i));
        }
        CHECK_EQ(frame.data[0], NKT_FRAME_IHAVE);
        CHECK_EQ(frame.data[1], flags);
        CHECK_EQ(nkt_treeframe_ihave_count(frame.size), NKT_IHAVE_COUNT_MAX);
        for (size_t i = 0; i < NKT_IHAVE_COUNT_MAX; i++) {
            nkt_ihave_t ihave = nkt_treeframe_ihave_get(frame.data, i);
            check_row("id %zu", i);
            CHECK_EQ(ihave.hops, i & 0xff);
            CHECK_BYTES(ihave.id, id_of(i), NKT_ID_SIZE);
        }
    }
    CHECK(frame.size <= 9000); /* limits.h: 8.7 KiB */
    nkt_buf_free(&frame);
}

TEST(treeframe_graft_round_trip)
{
    nkt_buf_t frame = {0};
    for (unsigned flags = 0; flags <= NKT_TREE_FLAG; flags++) {
        CHECK_OK(nkt_treeframe_begin(&frame, NKT_FRAME_GRAFT, flags));
        for (size_t i = 0; i < NKT_GRAFT_COUNT_MAX; i++) {
            CHECK_EQ(nkt_treeframe_graft_count(frame.size), i);
            CHECK_OK(nkt_treeframe_graft_add(&frame, id_of(i)));
        }
        CHECK_EQ(frame.data[0], NKT_FRAME_GRAFT);
        CHECK_EQ(frame.data[1], flags);
        CHECK_EQ(nkt_treeframe_graft_count(frame.size), NKT_GRAFT_COUNT_MAX);
        for (size_t i = 0; i < NKT_GRAFT_COUNT_MAX; i++) {
            check_row("id %zu", i);
            CHECK_BYTES(nkt_treeframe_graft_get(frame.data, i), id_of(i), NKT_ID_SIZE);
        }
    }
    nkt_buf_free(&frame);
}

TEST(treeframe_bytes_are_as_written_down)
{
    static const uint8_t ihave[] = {0x25, 1, 9, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    static const uint8_t graft[] = {0x26, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    nkt_buf_t frame = {0};
    CHECK_OK(nkt_treeframe_begin(&frame, NKT_FRAME_IHAVE, NKT_TREE_FLAG));
    CHECK_OK(nkt_treeframe_ihave_add(&frame, graft + 2, 9));
    CHECK_EQ(frame.size, sizeof ihave);
    CHECK_BYTES(frame.data, ihave, sizeof ihave);
    CHECK_OK(nkt_treeframe_begin(&frame, NKT_FRAME_GRAFT, 0)); /* in place of what was there */
    CHECK_OK(nkt_treeframe_graft_add(&frame, graft + 2));
    CHECK_EQ(frame.size, sizeof graft);
    CHECK_BYTES(frame.data, graft, sizeof graft);
    nkt_buf_free(&frame);
}

TEST(treeframe_refuses_other_lengths)
{
    for (size_t size = 0; size <= HEAD_SIZE + (NKT_IHAVE_COUNT_MAX + 2) * IHAVE_ENTRY_SIZE; size++) {
        size_t items = size < HEAD_SIZE ? 0 : size - HEAD_SIZE;
        int is_ihave = size >= HEAD_SIZE && items % IHAVE_ENTRY_SIZE == 0 && items / IHAVE_ENTRY_SIZE <= NKT_IHAVE_COUNT_MAX;
        int is_graft = size >= HEAD_SIZE && items % NKT_ID_SIZE == 0 && items / NKT_ID_SIZE <= NKT_GRAFT_COUNT_MAX;
        check_row("%zu bytes", size);
        CHECK_EQ(nkt_treeframe_ihave_count(size), is_ihave ? (int)(items / IHAVE_ENTRY_SIZE) : NKT_E_FRAME_LENGTH);
        CHECK_EQ(nkt_treeframe_graft_count(size), is_graft ? (int)(items / NKT_ID_SIZE) : NKT_E_FRAME_LENGTH);
    }
    CHECK_ERR(nkt_treeframe_ihave_count(SIZE_MAX), NKT_E_FRAME_LENGTH);
    CHECK_ERR(nkt_treeframe_graft_count(SIZE_MAX), NKT_E_FRAME_LENGTH);
}

TEST(treeframe_without_memory)
{
    nkt_buf_t frame = {0};
    check_allocations_fail_at(1);
    CHECK_ERR(nkt_treeframe_begin(&frame, NKT_FRAME_IHAVE, 0), NKT_E_MEMORY);
    check_allocations_fail_at(1);
    CHECK_ERR(nkt_treeframe_begin(&frame, NKT_FRAME_GRAFT, 0), NKT_E_MEMORY);
    check_allocations_fail_at(0);
    CHECK_OK(nkt_treeframe_begin(&frame, NKT_FRAME_IHAVE, 0));
    /* what could not be added whole must not make a frame that its reader refuses */
    for (size_t i = 0; i < NKT_IHAVE_COUNT_MAX; i++) {
        check_allocations_fail_at(1);
        int err = nkt_treeframe_ihave_add(&frame, id_of(i), 0);
        check_allocations_fail_at(0);
        check_row("id %zu", i);
        CHECK(err == NKT_OK || err == NKT_E_MEMORY);
        CHECK(nkt_treeframe_ihave_count(frame.size) >= 0);
        if (err == NKT_E_MEMORY)
            CHECK_OK(nkt_treeframe_ihave_add(&frame, id_of(i), 0));
    }
    nkt_buf_free(&frame);
}
