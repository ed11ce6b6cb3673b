/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A seeded mutator: what libFuzzer does, without it, so that the same runs in every test. */
#ifndef FUZZ_MUTATOR_H
#define FUZZ_MUTATOR_H

#include <stddef.h>
#include <stdint.h>

#include "random.h"

/** Changes bytes in place, a few times; returns the new size, at most capacity. other: something to splice in. */
size_t mutate(sim_random_t *random, uint8_t *bytes, size_t size, size_t capacity, const uint8_t *other,
              size_t other_size);

#endif
