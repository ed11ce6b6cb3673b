/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libFuzzer: each decoder of the room of contents, see content_decode.h. At the end: what each accepted and refused. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "content_decode.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void counts_print(void)
{
    for (int i = 0; i < CONTENT_DECODE_COUNT; i++)
        fprintf(stderr, "%s: %" PRIu64 " accepted, %" PRIu64 " refused\n", content_decoder_names[i], content_decode_counts.accepted[i],
                content_decode_counts.refused[i]);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    return atexit(counts_print);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    content_decode(data, size);
    return 0;
}
