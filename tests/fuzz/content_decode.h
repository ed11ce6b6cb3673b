/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hostile bytes against each decoder of the room of contents by itself, many times quicker than content_input(). */
#ifndef FUZZ_CONTENT_DECODE_H
#define FUZZ_CONTENT_DECODE_H

#include <stddef.h>
#include <stdint.h>

typedef enum content_decoder {
    CONTENT_DECODE_MANIFEST, /* read; and if it is one, written and read again, looked at, its name and type */
    CONTENT_DECODE_FRAME,
    CONTENT_DECODE_SHARE,    /* the JSON of what is to be shared */
    CONTENT_DECODE_PIECE,    /* a piece with its path, beside its root */
    CONTENT_DECODE_NAME,
    CONTENT_DECODE_TYPE,
    CONTENT_DECODE_COUNT,
} content_decoder_t;

/**
 * which u8, of what u8, then bytes: as they are; or (bit 7 of `which`) edits of a real one, of which `of what` says the kind: place u16,
 * new byte u8, ... Traps when what was accepted is not what it was accepted for.
 */
void content_decode(const uint8_t *data, size_t size);

/** The same for one decoder, whatever the first byte says of it. */
void content_decode_as(content_decoder_t which, const uint8_t *data, size_t size);

/** Of all inputs so far: accepted by each decoder, refused by it. */
typedef struct content_decode_counts {
    uint64_t accepted[CONTENT_DECODE_COUNT], refused[CONTENT_DECODE_COUNT];
} content_decode_counts_t;

extern content_decode_counts_t content_decode_counts;
extern const char *const content_decoder_names[CONTENT_DECODE_COUNT];

#endif
