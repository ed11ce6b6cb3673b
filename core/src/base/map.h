/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A capped hash map from keys of one fixed size to pointers: open addressing, linear probing, keyed hash (an
 * attacker who grinds addresses cannot aim at a bucket). Does not own the values.
 */
#ifndef NKT_BASE_MAP_H
#define NKT_BASE_MAP_H

#include <stddef.h>
#include <stdint.h>

typedef struct nkt_map_slot {
    void *value; /* NULL: free */
    uint64_t hash;
} nkt_map_slot_t;

typedef struct nkt_map {
    nkt_map_slot_t *slots;
    size_t slot_count; /* power of two, or 0 */
    size_t count;
    size_t count_max;
    size_t key_size;   /* at least 8 */
    size_t key_offset; /* of the key within the value */
    uint64_t seed;
} nkt_map_t;

/** key_offset: where in each value its key lies (offsetof). No allocation. */
void nkt_map_init(nkt_map_t *map, size_t key_size, size_t key_offset, size_t count_max, uint64_t seed);
void nkt_map_deinit(nkt_map_t *map);

/** The value with that key, or NULL. */
void *nkt_map_get(const nkt_map_t *map, const uint8_t *key);

/** Adds a value whose key is not there yet. NKT_E_TABLE_FULL, NKT_E_MEMORY: unchanged. */
int nkt_map_put(nkt_map_t *map, void *value);

/** Removes the value with that key and returns it, or NULL. */
void *nkt_map_remove(nkt_map_t *map, const uint8_t *key);

#endif
