/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "random.h"

static uint64_t splitmix(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

void sim_random_init(sim_random_t *random, uint64_t seed, uint64_t stream)
{
    uint64_t state = sim_random_of_pair(seed, stream, ~stream);
    for (int i = 0; i < 4; i++)
        random->s[i] = splitmix(&state);
}

static uint64_t rotl(uint64_t x, int k)
{
    return x << k | x >> (64 - k);
}

uint64_t sim_random_next(sim_random_t *random)
{
    uint64_t *s = random->s;
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

uint64_t sim_random_below(sim_random_t *random, uint64_t bound)
{
    return bound == 0 ? 0 : sim_random_next(random) % bound;
}

void sim_random_fill(sim_random_t *random, uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)(sim_random_next(random) >> 32);
}

uint64_t sim_random_of_pair(uint64_t seed, uint64_t a, uint64_t b)
{
    uint64_t state = seed;
    uint64_t hash = splitmix(&state);
    state ^= a;
    hash ^= splitmix(&state);
    state ^= b * 0x9e3779b97f4a7c15u;
    return hash ^ splitmix(&state);
}
