/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Recent broadcasts, whole: what neighbours who miss one may fetch (Plumtree's GRAFT, Leitão et al. 2007), and what is
 * told of on a new link. Bounded in bytes, count and age; the oldest makes room.
 */
#ifndef NKT_OVERLAY_RECENT_H
#define NKT_OVERLAY_RECENT_H

#include <stddef.h>
#include <stdint.h>

#include "nkt.h"
#include "wire/limits.h"

typedef struct nkt_broadcast {
    uint8_t id[NKT_ID_SIZE]; /* key of the table */
    struct nkt_broadcast *newer;
    uint64_t arrived_ms;
    nkt_address_t author;
    uint8_t hops;                     /* it has behind it when it is passed on; 0: our own */
    uint64_t given_once, given_twice; /* who fetched it from us, by link id modulo 64 */
    size_t size;
    uint8_t frame[];
} nkt_broadcast_t;

typedef struct nkt_recent {
    nkt_broadcast_t **slots; /* open addressing by id */
    size_t slot_count;       /* power of two, or 0 */
    nkt_broadcast_t *oldest, *newest;
    size_t count, size;
    uint64_t factor; /* of base/place.h */
} nkt_recent_t;

/** seed: unpredictable. No allocation. */
void nkt_recent_init(nkt_recent_t *recent, uint64_t seed);
/** Empty, and usable. */
void nkt_recent_deinit(nkt_recent_t *recent);

/** Keeps a copy of the frame. An author makes room for himself at NKT_RECENT_AUTHOR_*; otherwise the oldest does. The
 *  entry, or NULL when memory is short: it is only not to be had from us. */
nkt_broadcast_t *nkt_recent_add(nkt_recent_t *recent, const uint8_t id[NKT_ID_SIZE], const nkt_address_t *author,
                                const uint8_t *frame, size_t size, uint64_t now_ms);

/** NULL: not, or not any more. Valid until the next add or expire. */
nkt_broadcast_t *nkt_recent_find(const nkt_recent_t *recent, const uint8_t id[NKT_ID_SIZE]);

/** Drops what is older than NKT_RECENT_MS. */
void nkt_recent_expire(nkt_recent_t *recent, uint64_t now_ms);

#endif
