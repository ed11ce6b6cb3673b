/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Frames between two neighbours about broadcasts. Unsigned: they concern nobody but the two ends of an authenticated link,
 * and the worst a false one brings about is a copy too many or one fetched later.
 *
 *     IHAVE  0x25 | flags u8 | count x (hops u8, id 16)   these are to be had from me; flags 1: a digest, nothing is on its way
 *     GRAFT  0x26 | flags u8 | count x id 16              send me these; flags 0, no others yet: they are ignored
 */
#ifndef NKT_OVERLAY_TREEFRAME_H
#define NKT_OVERLAY_TREEFRAME_H

#include "base/bytes.h"
#include "nkt.h"
#include "wire/limits.h"

enum { NKT_TREE_FLAG = 1 };

/** An id in IHAVE; lent. */
typedef struct nkt_ihave {
    const uint8_t *id; /* NKT_ID_SIZE bytes */
    uint8_t hops;
} nkt_ihave_t;

/** Begin with an empty frame of that type, then append ids; all NKT_E_MEMORY. */
int nkt_treeframe_begin(nkt_buf_t *out, uint8_t type, unsigned flags);
int nkt_treeframe_ihave_add(nkt_buf_t *out, const uint8_t id[NKT_ID_SIZE], uint8_t hops);
int nkt_treeframe_graft_add(nkt_buf_t *out, const uint8_t id[NKT_ID_SIZE]);

/** How many ids a frame has, at most NKT_IHAVE_COUNT_MAX or NKT_GRAFT_COUNT_MAX. NKT_E_FRAME_LENGTH. */
int nkt_treeframe_ihave_count(size_t size);
int nkt_treeframe_graft_count(size_t size);

/** The i-th of them. */
nkt_ihave_t nkt_treeframe_ihave_get(const uint8_t *frame, size_t i);
const uint8_t *nkt_treeframe_graft_get(const uint8_t *frame, size_t i);

#endif
