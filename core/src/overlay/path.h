/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reverse paths: by which link a sender's envelope came with the fewest hops, of late. What goes back to him takes that link,
 * as does the next hop there: it is nearer to him, so there are no rings. A cache: small, of a fixed size, the oldest of a few
 * places makes room; what it forgot is flooded.
 */
#ifndef NKT_OVERLAY_PATH_H
#define NKT_OVERLAY_PATH_H

#include "nkt.h"
#include "wire/limits.h"

typedef struct nkt_path {
    nkt_address_t to; /* zero: free */
    uint32_t link;
    uint8_t hops; /* to the recipient */
    uint64_t heard_ms;
} nkt_path_t;

typedef struct nkt_paths {
    nkt_path_t *places; /* NKT_PATH_COUNT_MAX of them, or NULL: none yet */
    uint64_t seed;      /* an attacker who grinds addresses cannot aim at another's place */
} nkt_paths_t;

/** No allocation. */
void nkt_paths_init(nkt_paths_t *paths, uint64_t seed);
void nkt_paths_deinit(nkt_paths_t *paths);

/** An envelope of that sender came by that link, with so many hops. A longer way than the one known takes its place only when
 *  that was not heard of for NKT_PATH_MS. Without memory nothing is remembered. */
void nkt_paths_set(nkt_paths_t *paths, const nkt_address_t *to, uint32_t link, uint8_t hops, uint64_t now_ms);

/** The link, 0: none is known. */
uint32_t nkt_paths_get(const nkt_paths_t *paths, const nkt_address_t *to);

/** That link is gone. */
void nkt_paths_forget_link(nkt_paths_t *paths, uint32_t link);

/** It may lead nowhere. */
void nkt_paths_drop(nkt_paths_t *paths, const nkt_address_t *to);

#endif
