/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/map.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "nkt.h"

enum { SLOT_COUNT_MIN = 16 };

void nkt_map_init(nkt_map_t *map, size_t key_size, size_t key_offset, size_t count_max, uint64_t seed)
{
    assert(key_size >= sizeof(uint64_t)); /* hash_of() reads whole words */
    *map = (nkt_map_t){.key_size = key_size, .key_offset = key_offset, .count_max = count_max, .seed = seed};
}

void nkt_map_deinit(nkt_map_t *map)
{
    free(map->slots);
    map->slots = NULL;
    map->slot_count = 0;
    map->count = 0;
}

static const uint8_t *key_of(const nkt_map_t *map, const void *value)
{
    return (const uint8_t *)value + map->key_offset;
}

static uint64_t hash_of(const nkt_map_t *map, const uint8_t *key)
{
    uint64_t hash = map->seed;
    uint64_t word;
    for (size_t i = 0; i < map->key_size; i += sizeof word) {
        size_t at = i + sizeof word <= map->key_size ? i : map->key_size - sizeof word;
        memcpy(&word, key + at, sizeof word);
        hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
        hash ^= hash >> 29;
    }
    return hash;
}

/* The slot that holds the key, or the free one where it belongs. */
static size_t slot_find(const nkt_map_t *map, const uint8_t *key, uint64_t hash)
{
    size_t mask = map->slot_count - 1;
    size_t i = (size_t)hash & mask;
    while (map->slots[i].value != NULL) {
        if (map->slots[i].hash == hash && memcmp(key_of(map, map->slots[i].value), key, map->key_size) == 0)
            return i;
        i = (i + 1) & mask;
    }
    return i;
}

static int map_grow(nkt_map_t *map)
{
    size_t slot_count = map->slot_count == 0 ? SLOT_COUNT_MIN : map->slot_count * 2;
    nkt_map_slot_t *slots = calloc(slot_count, sizeof *slots);
    if (slots == NULL)
        return NKT_E_MEMORY;
    nkt_map_t old = *map;
    map->slots = slots;
    map->slot_count = slot_count;
    for (size_t i = 0; i < old.slot_count; i++) {
        if (old.slots[i].value == NULL)
            continue;
        size_t at = (size_t)old.slots[i].hash & (slot_count - 1);
        while (slots[at].value != NULL)
            at = (at + 1) & (slot_count - 1);
        slots[at] = old.slots[i];
    }
    free(old.slots);
    return NKT_OK;
}

void *nkt_map_get(const nkt_map_t *map, const uint8_t *key)
{
    if (map->count == 0)
        return NULL;
    return map->slots[slot_find(map, key, hash_of(map, key))].value;
}

int nkt_map_put(nkt_map_t *map, void *value)
{
    if (map->count >= map->count_max)
        return NKT_E_TABLE_FULL;
    if ((map->count + 1) * 4 > map->slot_count * 3) {
        int err = map_grow(map);
        if (err < 0)
            return err;
    }
    const uint8_t *key = key_of(map, value);
    uint64_t hash = hash_of(map, key);
    size_t at = slot_find(map, key, hash);
    assert(map->slots[at].value == NULL); /* its owner would lose the other one */
    map->count++;
    map->slots[at] = (nkt_map_slot_t){.value = value, .hash = hash};
    return NKT_OK;
}

void *nkt_map_remove(nkt_map_t *map, const uint8_t *key)
{
    if (map->count == 0)
        return NULL;
    size_t mask = map->slot_count - 1;
    size_t hole = slot_find(map, key, hash_of(map, key));
    void *value = map->slots[hole].value;
    if (value == NULL)
        return NULL;
    /* close the gap, so that probing never meets a tombstone: Knuth, vol. 3, 6.4, algorithm R */
    for (size_t i = (hole + 1) & mask; map->slots[i].value != NULL; i = (i + 1) & mask) {
        size_t home = (size_t)map->slots[i].hash & mask;
        if (((i - home) & mask) >= ((i - hole) & mask)) {
            map->slots[hole] = map->slots[i];
            hole = i;
        }
    }
    map->slots[hole] = (nkt_map_slot_t){0};
    map->count--;
    return value;
}
