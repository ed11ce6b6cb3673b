/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hostile bytes against the room of contents alone: frames of three neighbours, facts of the host, in any order. */
#ifndef FUZZ_CONTENT_INPUT_H
#define FUZZ_CONTENT_INPUT_H

#include <stddef.h>
#include <stdint.h>

/**
 * One input on a fresh swarm, which shares a content of three pieces, fetches another, and serves a third that it cannot read. Acts:
 *
 *     what u8, from u8, size u8, that many bytes
 *
 * what % 8: a frame as it is; a frame about content `from >> 2` with the right tag (3 of 8: word, then what follows); a fact of the host;
 * time; a manifest. Traps when a count and what it counts differ.
 */
void content_input(const uint8_t *data, size_t size);

/** What all inputs so far brought about: pieces that were verified, pieces given, frames dropped by each code from -200 down. */
typedef struct content_input_counts {
    uint64_t got, given, dropped[32];
} content_input_counts_t;

extern content_input_counts_t content_input_counts;

#endif
