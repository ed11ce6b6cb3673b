/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whole pieces of the protocol against conversation.txt, which was calculated without this project's code: what we make of the same keys
 * and the same chance is the same byte for byte, and what was made elsewhere is read.
 */
#include <stdlib.h>

#include "check.h"
#include "identity/pad.h"
#include "script.h"

static const char file[] = "conversation.txt";

/* ---- padding ---- */

static void pad_size_row(char *const field[CHECK_FIELD_COUNT_MAX])
{
    CHECK_EQ(nkt_padded_size(strtoul(field[1], NULL, 10)), strtoul(field[2], NULL, 10));
}

TEST(padding_has_the_lengths_of_an_independent_calculation)
{
    check_vectors(file, "pad", pad_size_row);
}

static void pad_row(char *const field[CHECK_FIELD_COUNT_MAX])
{
    nkt_buf_t plain = {0}, padded = {0};
    size_t size;
    script_hex(&plain, field[1]);
    script_hex(&padded, field[2]);
    CHECK_OK(nkt_unpad(padded.data, padded.size, &size));
    CHECK_EQ(size, plain.size);
    CHECK_OK(nkt_pad(&plain));
    script_same(&plain, &padded);
    nkt_buf_free(&plain);
    nkt_buf_free(&padded);
}

TEST(padding_is_that_of_an_independent_calculation)
{
    check_vectors(file, "pad.bytes", pad_row);
}
