/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "overlay/recent.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/place.h"

enum { SLOT_COUNT_MIN = 64 };

static size_t slot_of(const nkt_recent_t *recent, const uint8_t *id)
{
    size_t i = nkt_place_of(id, recent->factor, recent->slot_count);
    while (recent->slots[i] != NULL && memcmp(recent->slots[i]->id, id, NKT_ID_SIZE) != 0)
        i = (i + 1) & (recent->slot_count - 1);
    return i;
}

static int slots_reserve(nkt_recent_t *recent)
{
    if ((recent->count + 1) * 2 <= recent->slot_count)
        return NKT_OK;
    nkt_recent_t grown = *recent;
    grown.slot_count = recent->slot_count == 0 ? SLOT_COUNT_MIN : recent->slot_count * 2;
    grown.slots = calloc(grown.slot_count, sizeof(nkt_broadcast_t *));
    if (grown.slots == NULL)
        return NKT_E_MEMORY;
    for (nkt_broadcast_t *entry = recent->oldest; entry != NULL; entry = entry->newer)
        grown.slots[slot_of(&grown, entry->id)] = entry;
    free(recent->slots);
    *recent = grown;
    return NKT_OK;
}

/* Linear probing: what stands behind the hole moves up. */
static void slot_clear(nkt_recent_t *recent, size_t hole)
{
    size_t mask = recent->slot_count - 1;
    recent->slots[hole] = NULL;
    for (size_t i = (hole + 1) & mask; recent->slots[i] != NULL; i = (i + 1) & mask) {
        nkt_broadcast_t *entry = recent->slots[i];
        recent->slots[i] = NULL;
        recent->slots[slot_of(recent, entry->id)] = entry;
    }
}

/* before: the one that is older by one, NULL: it is the oldest. */
static void entry_drop(nkt_recent_t *recent, nkt_broadcast_t *before, nkt_broadcast_t *entry)
{
    slot_clear(recent, slot_of(recent, entry->id));
    if (before == NULL)
        recent->oldest = entry->newer;
    else
        before->newer = entry->newer;
    if (recent->newest == entry)
        recent->newest = before;
    recent->count--;
    recent->size -= entry->size;
    assert((recent->oldest == NULL) == (recent->count == 0) && (recent->count > 0 || recent->size == 0));
    free(entry);
}

static void oldest_drop(nkt_recent_t *recent)
{
    entry_drop(recent, NULL, recent->oldest);
}

/* One author's broadcasts, however many, leave room for all others'. Most of the time there is nothing to count. */
static void author_bound(nkt_recent_t *recent, const nkt_address_t *author, size_t size)
{
    size_t count = 0, sum = size;
    if (recent->count < NKT_RECENT_AUTHOR_COUNT_MAX && recent->size + size <= NKT_RECENT_AUTHOR_SIZE_MAX)
        return;
    for (const nkt_broadcast_t *entry = recent->oldest; entry != NULL; entry = entry->newer) {
        int is_his = memcmp(entry->author.b, author->b, NKT_ADDRESS_SIZE) == 0;
        count += (size_t)is_his;
        sum += is_his ? entry->size : 0;
    }
    nkt_broadcast_t *before = NULL, *entry = recent->oldest;
    while (entry != NULL && (count >= NKT_RECENT_AUTHOR_COUNT_MAX || sum > NKT_RECENT_AUTHOR_SIZE_MAX)) {
        nkt_broadcast_t *newer = entry->newer;
        if (memcmp(entry->author.b, author->b, NKT_ADDRESS_SIZE) == 0) {
            count--;
            sum -= entry->size;
            entry_drop(recent, before, entry);
        } else {
            before = entry;
        }
        entry = newer;
    }
}

void nkt_recent_init(nkt_recent_t *recent, uint64_t seed)
{
    *recent = (nkt_recent_t){.factor = seed | 1};
}

void nkt_recent_deinit(nkt_recent_t *recent)
{
    while (recent->oldest != NULL)
        oldest_drop(recent);
    free(recent->slots);
    *recent = (nkt_recent_t){.factor = recent->factor};
}

nkt_broadcast_t *nkt_recent_add(nkt_recent_t *recent, const uint8_t id[NKT_ID_SIZE], const nkt_address_t *author,
                                const uint8_t *frame, size_t size, uint64_t now_ms)
{
    nkt_broadcast_t *entry = nkt_recent_find(recent, id);
    if (entry != NULL)
        return entry;
    author_bound(recent, author, size);
    while (recent->oldest != NULL && (recent->count >= NKT_RECENT_COUNT_MAX || recent->size + size > NKT_RECENT_SIZE_MAX))
        oldest_drop(recent);
    entry = slots_reserve(recent) < 0 ? NULL : calloc(1, sizeof *entry + size);
    if (entry == NULL)
        return NULL;
    memcpy(entry->id, id, NKT_ID_SIZE);
    entry->author = *author;
    memcpy(entry->frame, frame, size);
    entry->size = size;
    entry->arrived_ms = now_ms;
    recent->slots[slot_of(recent, id)] = entry;
    if (recent->newest != NULL)
        recent->newest->newer = entry;
    else
        recent->oldest = entry;
    recent->newest = entry;
    recent->count++;
    recent->size += size;
    return entry;
}

nkt_broadcast_t *nkt_recent_find(const nkt_recent_t *recent, const uint8_t id[NKT_ID_SIZE])
{
    return recent->slot_count == 0 ? NULL : recent->slots[slot_of(recent, id)];
}

void nkt_recent_expire(nkt_recent_t *recent, uint64_t now_ms)
{
    while (recent->oldest != NULL && now_ms - recent->oldest->arrived_ms >= NKT_RECENT_MS)
        oldest_drop(recent);
}
