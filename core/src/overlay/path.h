/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reverse paths: by which link the last envelope of a sender came first. What goes back to him takes that link, as does the
 * next hop there. A cache: small, of a fixed size, the oldest of a few places makes room; what it forgot is flooded.
 */
#ifndef NKT_OVERLAY_PATH_H
#define NKT_OVERLAY_PATH_H

#include "nkt.h"
#include "wire/limits.h"

typedef struct nkt_path {
    nkt_address_t to; /* zero: free */
    uint32_t link;
    uint64_t heard_ms;
} nkt_path_t;

typedef struct nkt_paths {
    nkt_path_t *places; /* NKT_PATH_COUNT_MAX of them, or NULL: none yet */
    uint64_t seed;      /* an attacker who grinds addresses cannot aim at another's place */
} nkt_paths_t;

/** No allocation. */
void nkt_paths_init(nkt_paths_t *paths, uint64_t seed);
void nkt_paths_deinit(nkt_paths_t *paths);

/** Without memory nothing is remembered. */
void nkt_paths_set(nkt_paths_t *paths, const nkt_address_t *to, uint32_t link, uint64_t now_ms);

/** The link, 0: none is known. */
uint32_t nkt_paths_get(const nkt_paths_t *paths, const nkt_address_t *to);

/** It may lead nowhere. */
void nkt_paths_drop(nkt_paths_t *paths, const nkt_address_t *to);

#endif
