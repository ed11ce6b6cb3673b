/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who is where, by a hash of the place: rows of ids in ascending order. What keeps a world of thousands from searching. */
#ifndef SIM_INDEX_H
#define SIM_INDEX_H

#include <stddef.h>
#include <stdint.h>

typedef struct sim_row {
    uint64_t key;  /* 0: free */
    uint32_t *ids; /* ascending, each once */
    uint32_t count, capacity;
} sim_row_t;

typedef struct sim_index {
    sim_row_t *rows; /* open addressing */
    size_t capacity; /* power of two, or 0 */
    size_t used;     /* rows with a key; those without ids go when the table grows */
} sim_index_t;

/** Of what names a place; never 0. Two places may share a key once in 2^64: callers look at what they find. */
uint64_t sim_index_key(const void *bytes, size_t size);

void sim_index_add(sim_index_t *index, uint64_t key, uint32_t id);
void sim_index_remove(sim_index_t *index, uint64_t key, uint32_t id);

/** NULL: nobody is there. Valid until the next change. */
const sim_row_t *sim_index_find(const sim_index_t *index, uint64_t key);
int sim_index_has(const sim_index_t *index, uint64_t key, uint32_t id);

/** Empties it; to be used again, or thrown away. */
void sim_index_clear(sim_index_t *index);

/** Bytes on the heap. */
size_t sim_index_size(const sim_index_t *index);

#endif
