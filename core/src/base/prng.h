/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Seeded generator for jitter and choices among equals (xoshiro256**, Blackman and Vigna 2018). Never for keys.
 * Beside it the full-jitter back-off every reconnection uses.
 */
#ifndef NKT_BASE_PRNG_H
#define NKT_BASE_PRNG_H

#include <stdint.h>

typedef struct nkt_prng {
    uint64_t s[4];
} nkt_prng_t;

void nkt_prng_init(nkt_prng_t *prng, const uint8_t seed[32]);
uint64_t nkt_prng_next(nkt_prng_t *prng);

/** Uniform in [0, bound); 0 when bound is 0. The bias for bounds below 2^32 is under 2^-32. */
uint64_t nkt_prng_below(nkt_prng_t *prng, uint64_t bound);

/** ms +-20 %. */
uint64_t nkt_prng_jitter(nkt_prng_t *prng, uint64_t ms);

/** Full jitter (Brooker 2015): uniform in (0, min(max, base * 2^attempt)]. */
uint64_t nkt_prng_backoff(nkt_prng_t *prng, uint32_t attempt, uint64_t ms_base, uint64_t ms_max);

#endif
