/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Frames between the two ends of a link about pieces of contents. Unsigned: the link proves who says them.
 *
 *     2b || what u8 || ...
 *     01 OFFER    n x tag 16                        I know these contents
 *     02 FIELD    tag, first u32be, bits            these pieces I have (bit 7 of the first byte is piece `first`, a multiple of
 *                                                   8); from 0 on it begins anew
 *     03 HAVE     tag, n x index u32be              and these
 *     04 REQUEST  tag, n x index                    send me these; each is answered once: by DATA, all parts, or by REFUSE
 *     05 CANCEL   tag, n x index                    not any more
 *     06 DATA     tag, index, part u8, bytes        parts in order, in the order of the requests
 *     07 REFUSE   tag, n x index
 *     08 ALLOW    count u8                          so many requests of yours may wait here; 0: none, for now
 *     09 GONE     n x tag                           I do not know these any more
 *     0a PEERS    tag, n x address 20               who else has, or wants, pieces of it
 */
#ifndef NKT_CONTENT_FRAME_H
#define NKT_CONTENT_FRAME_H

#include "base/bytes.h"
#include "nkt.h"
#include "wire/limits.h"

typedef enum nkt_content_word {
    NKT_CONTENT_OFFER = 1,
    NKT_CONTENT_FIELD,
    NKT_CONTENT_HAVE,
    NKT_CONTENT_REQUEST,
    NKT_CONTENT_CANCEL,
    NKT_CONTENT_DATA,
    NKT_CONTENT_REFUSE,
    NKT_CONTENT_ALLOW,
    NKT_CONTENT_GONE,
    NKT_CONTENT_PEERS,
} nkt_content_word_t;

/** One, read; lent. */
typedef struct nkt_content_frame {
    nkt_content_word_t word;
    const uint8_t *tag;   /* NULL: it has none, or several (items) */
    uint32_t index;       /* FIELD: first; DATA */
    uint8_t part, number; /* DATA; ALLOW */
    size_t count;         /* of items */
    const uint8_t *bytes; /* items, bits, or the part */
    size_t bytes_size;
} nkt_content_frame_t;

/** NKT_E_FRAME_LENGTH, NKT_E_FRAME_TYPE. */
int nkt_content_frame_read(nkt_content_frame_t *frame, const uint8_t *bytes, size_t size);
uint32_t nkt_content_frame_index(const nkt_content_frame_t *frame, size_t i);

/** Begins one in place of what is in out. tag NULL: none. NKT_E_MEMORY. */
int nkt_content_frame_begin(nkt_buf_t *out, nkt_content_word_t word, const uint8_t *tag);
int nkt_content_frame_add_index(nkt_buf_t *out, uint32_t index);

#endif
