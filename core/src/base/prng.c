/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/prng.h"

#include <string.h>

void nkt_prng_init(nkt_prng_t *prng, const uint8_t seed[32])
{
    memcpy(prng->s, seed, sizeof prng->s);
    prng->s[0] |= 1; /* the all-zero state is a fixed point */
    for (int i = 0; i < 16; i++)
        nkt_prng_next(prng);
}

static uint64_t rotl(uint64_t x, int k)
{
    return x << k | x >> (64 - k);
}

uint64_t nkt_prng_next(nkt_prng_t *prng)
{
    uint64_t *s = prng->s;
    uint64_t result = rotl(s[1] * 5, 7) * 9;
    uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotl(s[3], 45);
    return result;
}

uint64_t nkt_prng_below(nkt_prng_t *prng, uint64_t bound)
{
    uint64_t value = nkt_prng_next(prng);
    return bound == 0 ? 0 : value % bound;
}

uint64_t nkt_prng_jitter(nkt_prng_t *prng, uint64_t ms)
{
    return ms - ms / 5 + nkt_prng_below(prng, ms * 2 / 5 + 1);
}

uint64_t nkt_prng_backoff(nkt_prng_t *prng, uint32_t attempt, uint64_t ms_base, uint64_t ms_max)
{
    uint64_t ms = ms_max;
    if (attempt < 32 && ms_base << attempt < ms_max)
        ms = ms_base << attempt;
    return 1 + nkt_prng_below(prng, ms);
}
