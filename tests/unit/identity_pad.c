/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "identity/pad.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "wire/limits.h"

TEST(pad_sizes_are_few_and_near)
{
    size_t distinct = 0, last = 0;
    for (size_t size = 0; size <= NKT_FRAME_SIZE_MAX; size++) {
        const size_t padded = nkt_padded_size(size);
        check_row("%zu", size);
        CHECK(padded > size && padded >= last);
        if (size >= NKT_PAD_SIZE_MIN)
            CHECK(padded - size <= size / (size + 1 < NKT_PAD_LONG_SIZE ? 4 : 8) + 1);
        CHECK_EQ(nkt_padded_size(padded - 1), padded); /* a length that something has */
        distinct += padded != last;
        last = padded;
    }
    CHECK(distinct <= 64);
    CHECK_EQ(nkt_padded_size(0), NKT_PAD_SIZE_MIN);
    CHECK_EQ(nkt_padded_size(NKT_PAD_SIZE_MIN - 1), NKT_PAD_SIZE_MIN);
    CHECK_EQ(nkt_padded_size(NKT_PAD_SIZE_MIN), 160);
    CHECK_EQ(nkt_padded_size(255), 256);
    CHECK_EQ(nkt_padded_size(256), 320);
    CHECK_EQ(nkt_padded_size(4095), 4096);
    CHECK_EQ(nkt_padded_size(4096), 4608);
    CHECK_EQ(nkt_padded_size(60500), 61440);
    CHECK_EQ(nkt_padded_size_from(68, NKT_PAD_PART_SIZE_MIN), 96); /* one place or two: the same length */
    CHECK_EQ(nkt_padded_size_from(95, NKT_PAD_PART_SIZE_MIN), 96);
    CHECK_EQ(nkt_padded_size_from(96, NKT_PAD_PART_SIZE_MIN), 112);
    CHECK_EQ(nkt_padded_size_from(300, NKT_PAD_PART_SIZE_MIN), nkt_padded_size(300));
}

TEST(pad_is_taken_off_again)
{
    for (size_t size = 0; size < 1000; size += size < 5 ? 1 : 37) {
        nkt_buf_t buf = {0};
        size_t plain_size = 0;
        uint8_t plain[1000];
        check_row("%zu", size);
        check_fill(plain, sizeof plain, size);
        if (size > 2)
            plain[size - 1] = 0, plain[size - 2] = 0x80; /* what looks like padding is none */
        CHECK_OK(nkt_buf_set(&buf, plain, size));
        CHECK_OK(nkt_pad(&buf));
        CHECK_EQ(buf.size, nkt_padded_size(size));
        CHECK_OK(nkt_unpad(buf.data, buf.size, &plain_size));
        CHECK_EQ(plain_size, size);
        CHECK_BYTES(buf.data, plain, size);
        nkt_buf_free(&buf);
    }
}

TEST(pad_refuses_other_endings)
{
    uint8_t bytes[200] = {0};
    size_t plain_size = 77;
    CHECK_ERR(nkt_unpad(bytes, 0, &plain_size), NKT_E_PAYLOAD);
    CHECK_ERR(nkt_unpad(bytes, sizeof bytes, &plain_size), NKT_E_PAYLOAD);
    for (unsigned last = 0; last < 256; last++) {
        bytes[100] = (uint8_t)last;
        check_row("%u", last);
        CHECK_ERR(nkt_unpad(bytes, sizeof bytes, &plain_size), last == 0x80 ? NKT_OK : NKT_E_PAYLOAD);
    }
    CHECK_EQ(plain_size, 100);
    bytes[0] = 0x80;
    CHECK_OK(nkt_unpad(bytes, 1, &plain_size));
    CHECK_EQ(plain_size, 0);
}

TEST(pad_fails_without_memory)
{
    nkt_buf_t buf = {0};
    CHECK_OK(nkt_buf_set(&buf, "x", 1));
    check_allocations_fail_at(1);
    CHECK_ERR(nkt_pad(&buf), NKT_E_MEMORY);
    check_allocations_fail_at(0);
    CHECK_EQ(buf.size, 1);
    nkt_buf_free(&buf);
}
