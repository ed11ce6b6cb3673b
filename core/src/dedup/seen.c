/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dedup/seen.h"

#include <stdlib.h>
#include <string.h>

#include "base/place.h"
#include "nkt.h"

void nkt_seen_init(nkt_seen_t *seen, size_t count_max, uint64_t seed)
{
    *seen = (nkt_seen_t){.count_max = count_max, .factor = seed | 1};
}

void nkt_seen_deinit(nkt_seen_t *seen)
{
    free(seen->young.ids);
    free(seen->old.ids);
    *seen = (nkt_seen_t){0};
}

/* 64 bits of an unpredictable hash: a collision among 131,072 ids is a 1 in 10^9 event and costs one message's retry. */
static uint64_t short_id(const uint8_t id[16])
{
    uint64_t value;
    memcpy(&value, id, sizeof value);
    return value == 0 ? 1 : value;
}

static size_t slot_find(const uint64_t *ids, size_t slot_count, uint64_t value, uint64_t factor)
{
    size_t i = nkt_place(value, factor, slot_count);
    while (ids[i] != 0 && ids[i] != value)
        i = (i + 1) & (slot_count - 1);
    return i;
}

static int generation_has(const nkt_seen_generation_t *generation, uint64_t value, uint64_t factor)
{
    return generation->count > 0 && generation->ids[slot_find(generation->ids, generation->slot_count, value, factor)] != 0;
}

static int generation_grow(nkt_seen_generation_t *generation, uint64_t factor)
{
    size_t slot_count = generation->slot_count == 0 ? NKT_SEEN_COUNT_MIN : generation->slot_count * 2;
    uint64_t *ids = calloc(slot_count, sizeof *ids);
    if (ids == NULL)
        return NKT_E_MEMORY;
    for (size_t i = 0; i < generation->slot_count; i++) {
        if (generation->ids[i] != 0)
            ids[slot_find(ids, slot_count, generation->ids[i], factor)] = generation->ids[i];
    }
    free(generation->ids);
    generation->ids = ids;
    generation->slot_count = slot_count;
    return NKT_OK;
}

int nkt_seen_has(const nkt_seen_t *seen, const uint8_t id[16])
{
    uint64_t value = short_id(id);
    return generation_has(&seen->young, value, seen->factor) || generation_has(&seen->old, value, seen->factor);
}

int nkt_seen_add(nkt_seen_t *seen, const uint8_t id[16], uint64_t now_ms)
{
    int is_full = seen->young.count >= seen->count_max;
    if (seen->young.count > 0 && (is_full || now_ms - seen->begun_ms >= NKT_SEEN_GENERATION_MS)) {
        free(seen->old.ids);
        seen->old = seen->young;
        seen->young = (nkt_seen_generation_t){0};
    }
    if (seen->young.count == 0)
        seen->begun_ms = now_ms;
    if ((seen->young.count + 1) * 2 > seen->young.slot_count && generation_grow(&seen->young, seen->factor) < 0)
        return NKT_E_MEMORY;
    uint64_t value = short_id(id);
    size_t i = slot_find(seen->young.ids, seen->young.slot_count, value, seen->factor);
    if (seen->young.ids[i] == 0) {
        seen->young.ids[i] = value;
        seen->young.count++;
    }
    return NKT_OK;
}
