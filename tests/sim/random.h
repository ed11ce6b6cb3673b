/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one source of chance in a simulated world: xoshiro256** from a 64-bit seed (by splitmix64, Vigna 2015). */
#ifndef SIM_RANDOM_H
#define SIM_RANDOM_H

#include <stddef.h>
#include <stdint.h>

typedef struct sim_random {
    uint64_t s[4];
} sim_random_t;

/** `stream` makes independent generators of one seed. */
void sim_random_init(sim_random_t *random, uint64_t seed, uint64_t stream);
uint64_t sim_random_next(sim_random_t *random);

/** Uniform in [0, bound); 0 when bound is 0. */
uint64_t sim_random_below(sim_random_t *random, uint64_t bound);

void sim_random_fill(sim_random_t *random, uint8_t *bytes, size_t size);

/** A hash of two numbers that follows from the seed alone: properties of pairs that need no table. */
uint64_t sim_random_of_pair(uint64_t seed, uint64_t a, uint64_t b);

#endif
