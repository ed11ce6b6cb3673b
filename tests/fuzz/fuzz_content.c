/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libFuzzer: the room of contents, see content_input.h. */
#include "content_input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    content_input(data, size);
    return 0;
}
