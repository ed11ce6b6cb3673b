/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/bucket.h"

enum { MILLI = 1000 };

int nkt_bucket_has(nkt_bucket_t *bucket, uint64_t now_ms, uint32_t burst, uint32_t per_s)
{
    uint64_t gained = now_ms > bucket->filled_ms ? (now_ms - bucket->filled_ms) * per_s : 0; /* per_s/1000 tokens a ms */
    bucket->filled_ms = now_ms;
    bucket->millitokens_used = gained >= bucket->millitokens_used ? 0 : bucket->millitokens_used - (uint32_t)gained;
    return bucket->millitokens_used + MILLI <= burst * MILLI;
}

int nkt_bucket_take_many(nkt_bucket_t *bucket, uint64_t now_ms, uint32_t burst, uint32_t per_s, uint32_t count)
{
    if (!nkt_bucket_has(bucket, now_ms, burst, per_s))
        return 0;
    bucket->millitokens_used += count * MILLI;
    return 1;
}

int nkt_bucket_take(nkt_bucket_t *bucket, uint64_t now_ms, uint32_t burst, uint32_t per_s)
{
    return nkt_bucket_take_many(bucket, now_ms, burst, per_s, 1);
}
