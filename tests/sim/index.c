/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "index.h"

#include <stdlib.h>
#include <string.h>

#include "sim.h"

enum { ROW_COUNT_MIN = 64 };

uint64_t sim_index_key(const void *bytes, size_t size)
{
    const uint8_t *at = bytes;
    uint64_t hash = 0xcbf29ce484222325u; /* FNV-1a, then mixed: the low bits choose the row */
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ at[i]) * 0x100000001b3u;
    hash = (hash ^ (hash >> 29)) * 0xbf58476d1ce4e5b9u;
    hash ^= hash >> 32;
    return hash == 0 ? 1 : hash;
}

static sim_row_t *row_of(const sim_index_t *index, uint64_t key)
{
    size_t i = (size_t)key & (index->capacity - 1);
    while (index->rows[i].key != 0 && index->rows[i].key != key)
        i = (i + 1) & (index->capacity - 1);
    return &index->rows[i];
}

static void grow(sim_index_t *index)
{
    const sim_index_t old = *index;
    size_t live_count = 0;
    for (size_t i = 0; i < old.capacity; i++)
        live_count += old.rows[i].count > 0;
    index->capacity = ROW_COUNT_MIN;
    while (index->capacity < live_count * 4)
        index->capacity *= 2;
    index->rows = sim_alloc(index->capacity, sizeof *index->rows);
    index->used = live_count;
    for (size_t i = 0; i < old.capacity; i++) {
        if (old.rows[i].count > 0)
            *row_of(index, old.rows[i].key) = old.rows[i];
        else
            free(old.rows[i].ids);
    }
    free(old.rows);
}

/* Where the id is, or belongs. */
static uint32_t place_of(const sim_row_t *row, uint32_t id)
{
    uint32_t low = 0, high = row->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (row->ids[middle] < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void sim_index_add(sim_index_t *index, uint64_t key, uint32_t id)
{
    if ((index->used + 1) * 2 > index->capacity)
        grow(index);
    sim_row_t *row = row_of(index, key);
    index->used += row->key == 0;
    row->key = key;
    uint32_t place = place_of(row, id);
    if (place < row->count && row->ids[place] == id)
        return;
    if (row->count == row->capacity) {
        row->capacity = row->capacity == 0 ? 1 : row->capacity * 2;
        row->ids = realloc(row->ids, row->capacity * sizeof *row->ids);
        if (row->ids == NULL)
            abort();
    }
    memmove(row->ids + place + 1, row->ids + place, (row->count - place) * sizeof *row->ids);
    row->ids[place] = id;
    row->count++;
}

void sim_index_remove(sim_index_t *index, uint64_t key, uint32_t id)
{
    if (index->capacity == 0)
        return;
    sim_row_t *row = row_of(index, key);
    uint32_t place = place_of(row, id);
    if (place == row->count || row->ids[place] != id)
        return;
    row->count--;
    memmove(row->ids + place, row->ids + place + 1, (row->count - place) * sizeof *row->ids);
}

const sim_row_t *sim_index_find(const sim_index_t *index, uint64_t key)
{
    const sim_row_t *row = index->capacity == 0 ? NULL : row_of(index, key);
    return row == NULL || row->count == 0 ? NULL : row;
}

int sim_index_has(const sim_index_t *index, uint64_t key, uint32_t id)
{
    const sim_row_t *row = sim_index_find(index, key);
    if (row == NULL)
        return 0;
    uint32_t place = place_of(row, id);
    return place < row->count && row->ids[place] == id;
}

void sim_index_clear(sim_index_t *index)
{
    for (size_t i = 0; i < index->capacity; i++)
        free(index->rows[i].ids);
    free(index->rows);
    *index = (sim_index_t){0};
}

size_t sim_index_size(const sim_index_t *index)
{
    size_t size = index->capacity * sizeof *index->rows;
    for (size_t i = 0; i < index->capacity; i++)
        size += index->rows[i].capacity * sizeof(uint32_t);
    return size;
}
