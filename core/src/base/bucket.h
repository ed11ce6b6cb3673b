/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Token bucket: so many at once, so many a second. */
#ifndef NKT_BASE_BUCKET_H
#define NKT_BASE_BUCKET_H

#include <stdint.h>

typedef struct nkt_bucket {
    uint64_t filled_ms; /* when it was last brought up to date */
    uint32_t millitokens_used;
} nkt_bucket_t;

/** Refills for the time passed; 1 if a token is left. Takes none. */
int nkt_bucket_has(nkt_bucket_t *bucket, uint64_t now_ms, uint32_t burst, uint32_t per_s);

/** Takes a token: 1, or 0 when there is none. burst <= 4,000,000. */
int nkt_bucket_take(nkt_bucket_t *bucket, uint64_t now_ms, uint32_t burst, uint32_t per_s);

/** Takes so many at once, if one is left: what is large may overdraw, and is waited for. count <= 10,000. */
int nkt_bucket_take_many(nkt_bucket_t *bucket, uint64_t now_ms, uint32_t burst, uint32_t per_s, uint32_t count);

#endif
