/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reverse paths: by which link what a sender said last came with the fewest hops. What goes back to him takes that link, as does
 * the next hop there. The next hop heard from him as late or later, and if not later from nearer by: so there are no rings
 * (as with the sequence numbers of DSDV, Perkins and Bhagwat 1994; here the time by the sender's clock, in steps, since what
 * he says within one may come by several ways). A cache: small, of a fixed size, the oldest of a few places makes room; what
 * it forgot is flooded.
 */
#ifndef NKT_OVERLAY_PATH_H
#define NKT_OVERLAY_PATH_H

#include "nkt.h"
#include "wire/limits.h"

typedef struct nkt_path {
    nkt_address_t to; /* zero: free */
    uint32_t link;
    uint8_t hops;      /* to the recipient */
    uint8_t is_proven; /* the recipient is no mere stranger */
    uint64_t epoch;    /* when it said what came this way, in steps of NKT_PATH_STEP_MS of its clock */
    uint64_t heard_ms;
} nkt_path_t;

typedef struct nkt_paths {
    nkt_path_t *places; /* NKT_PATH_COUNT_MAX of them, or NULL: none yet */
    uint64_t factor;    /* of base/place.h: an attacker who grinds addresses cannot aim at another's
                           place */
} nkt_paths_t;

/** No allocation. */
void nkt_paths_init(nkt_paths_t *paths, uint64_t seed);
void nkt_paths_deinit(nkt_paths_t *paths);

/** An envelope of that sender, created then, came by that link with so many hops. What was said earlier, or in the same step and
 *  came a longer way, counts only when nothing was heard of him for NKT_PATH_MS. Without memory nothing is remembered.
 *  is_proven: he is one whom no stranger displaces, until he was not heard of for so long. */
void nkt_paths_set(nkt_paths_t *paths, const nkt_address_t *to, uint32_t link, uint8_t hops, uint64_t created_ms, uint64_t now_ms,
                   int is_proven);

/** The link, 0: none is known. */
uint32_t nkt_paths_get(const nkt_paths_t *paths, const nkt_address_t *to);

/** That link is gone. */
void nkt_paths_forget_link(nkt_paths_t *paths, uint32_t link);

/** It may lead nowhere. */
void nkt_paths_drop(nkt_paths_t *paths, const nkt_address_t *to);

#endif
