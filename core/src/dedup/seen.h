/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The bounded seen-set: which envelope ids came by. Two generations; the older one is dropped when the younger one is
 * full or old enough. It saves work and stops loops. That nothing is delivered twice does not rest on it: messages
 * have replay windows (window.h) and records a sequence, which no flood of other ids can push out.
 */
#ifndef NKT_DEDUP_SEEN_H
#define NKT_DEDUP_SEEN_H

#include <stddef.h>
#include <stdint.h>

#include "wire/limits.h"

typedef struct nkt_seen_generation {
    uint64_t *ids; /* open addressing, 0: free */
    size_t slot_count;
    size_t count;
} nkt_seen_generation_t;

typedef struct nkt_seen {
    nkt_seen_generation_t young, old;
    uint64_t begun_ms; /* when the young one began */
    size_t count_max;  /* of a generation */
    uint64_t factor;   /* odd and secret: where an id stands cannot be chosen from outside */
} nkt_seen_t;

/** count_max: ids in one generation, at most NKT_SEEN_COUNT_MAX. seed: unpredictable. No allocation. */
void nkt_seen_init(nkt_seen_t *seen, size_t count_max, uint64_t seed);
void nkt_seen_deinit(nkt_seen_t *seen);

/** id: 16 bytes of a hash. 1 or 0. */
int nkt_seen_has(const nkt_seen_t *seen, const uint8_t id[16]);

/** Remembers an id. NKT_E_MEMORY. */
int nkt_seen_add(nkt_seen_t *seen, const uint8_t id[16], uint64_t now_ms);

#endif
