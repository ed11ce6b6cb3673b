/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mutator.h"

#include <string.h>

enum { CHANGE_COUNT_MAX = 4, CHUNK_SIZE_MAX = 64 };

static size_t below(sim_random_t *random, size_t bound)
{
    return (size_t)sim_random_below(random, bound);
}

static uint8_t telling_byte(sim_random_t *random)
{
    static const uint8_t bytes[] = {0, 1, 0x7f, 0x80, 0xff, 0xfe, 0x10, 0x20, '"', '{', '[', '\\', ','};
    return bytes[below(random, sizeof bytes)];
}

static size_t chunk_remove(sim_random_t *random, uint8_t *bytes, size_t size)
{
    size_t at = below(random, size);
    size_t count = 1 + below(random, size - at < CHUNK_SIZE_MAX ? size - at : CHUNK_SIZE_MAX);
    if (count > size - at)
        count = size - at;
    memmove(bytes + at, bytes + at + count, size - at - count);
    return size - count;
}

static size_t chunk_insert(sim_random_t *random, uint8_t *bytes, size_t size, size_t capacity, const uint8_t *other,
                           size_t other_size)
{
    size_t at = below(random, size + 1);
    size_t count = 1 + below(random, CHUNK_SIZE_MAX);
    if (count > capacity - size)
        return size;
    memmove(bytes + at + count, bytes + at, size - at);
    for (size_t i = 0; i < count; i++)
        bytes[at + i] = other_size > 0 ? other[(at + i) % other_size] : telling_byte(random);
    return size + count;
}

size_t mutate(sim_random_t *random, uint8_t *bytes, size_t size, size_t capacity, const uint8_t *other,
              size_t other_size)
{
    size_t changes = 1 + below(random, CHANGE_COUNT_MAX);
    for (size_t i = 0; i < changes; i++) {
        uint64_t luck = sim_random_next(random);
        if (size == 0) {
            size = chunk_insert(random, bytes, size, capacity, NULL, 0);
            continue;
        }
        size_t at = (size_t)(luck >> 8) % size;
        switch (luck % 16) {
        case 0:
            size = at; /* cut short */
            break;
        case 1:
        case 2:
            size = chunk_remove(random, bytes, size);
            break;
        case 3:
        case 4:
            size = chunk_insert(random, bytes, size, capacity, other, other_size);
            break;
        case 5:
            size = chunk_insert(random, bytes, size, capacity, NULL, 0);
            break;
        case 6: /* something else's tail */
            if (at < other_size) {
                size_t count = other_size - at < capacity - at ? other_size - at : capacity - at;
                memcpy(bytes + at, other + at, count);
                size = at + count;
            }
            break;
        case 7:
        case 8:
            bytes[at] = telling_byte(random);
            break;
        case 9:
            bytes[at] = (uint8_t)(bytes[at] + 1);
            break;
        case 10:
            bytes[at] = (uint8_t)(bytes[at] - 1);
            break;
        case 11:
            bytes[below(random, size < 16 ? size : 16)] = (uint8_t)(luck >> 40); /* headers are at the front */
            break;
        default:
            bytes[at] ^= (uint8_t)(1u << (luck >> 60 & 7));
            break;
        }
    }
    return size;
}
