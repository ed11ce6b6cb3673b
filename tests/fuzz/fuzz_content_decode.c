/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libFuzzer: each decoder of the room of contents, see content_decode.h; NKT_FUZZ_DECODER=name is one of them alone. At the end: what each
   accepted and refused. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "content_decode.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int only = -1; /* of content_decoder_t; -1: each input says it */

static void counts_print(void)
{
    for (int i = 0; i < CONTENT_DECODE_COUNT; i++)
        fprintf(stderr, "%s: %" PRIu64 " accepted, %" PRIu64 " refused\n", content_decoder_names[i], content_decode_counts.accepted[i],
                content_decode_counts.refused[i]);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    const char *name = getenv("NKT_FUZZ_DECODER");
    for (int i = 0; name != NULL && i < CONTENT_DECODE_COUNT; i++)
        only = strcmp(name, content_decoder_names[i]) == 0 ? i : only;
    if (name != NULL && only < 0) {
        fprintf(stderr, "NKT_FUZZ_DECODER=%s: no such decoder\n", name);
        exit(2);
    }
    return atexit(counts_print);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (only < 0)
        content_decode(data, size);
    else
        content_decode_as((content_decoder_t)only, data, size);
    return 0;
}
