/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "overlay/bridge.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/base58.h"

enum {
    HOPS_PLACE = 1, /* in a frame; it is all that may differ, see wire/envelope.h */
    CAPACITY_FIRST = 16,
};

void nkt_bridge_deinit(nkt_bridge_t *bridge)
{
    for (size_t i = 0; i < bridge->count; i++)
        free(bridge->crossings[i]);
    free(bridge->crossings);
    *bridge = (nkt_bridge_t){0};
}

int nkt_bridge_has_room(const nkt_bridge_t *bridge, size_t size)
{
    return bridge->count < NKT_BRIDGE_COUNT_MAX && bridge->size + size <= NKT_BRIDGE_SIZE_MAX;
}

static int grow(nkt_bridge_t *bridge)
{
    size_t capacity = bridge->capacity == 0 ? CAPACITY_FIRST : bridge->capacity * 2;
    nkt_crossing_t **crossings = realloc(bridge->crossings, capacity * sizeof *crossings);
    if (crossings == NULL)
        return NKT_E_MEMORY;
    bridge->crossings = crossings;
    bridge->capacity = capacity;
    return NKT_OK;
}

/* Has its author as many here as he may, or, as one of them, all strangers? */
static int is_over(const nkt_bridge_t *bridge, const nkt_crossing_t *head)
{
    size_t count = 0;
    for (size_t i = 0; i < bridge->count; i++) {
        const nkt_crossing_t *crossing = bridge->crossings[i];
        count += head->is_stray ? crossing->is_stray : nkt_address_compare(&crossing->author, &head->author) == 0;
    }
    return count >= NKT_BRIDGE_AUTHOR_COUNT_MAX;
}

int nkt_bridge_add(nkt_bridge_t *bridge, const nkt_crossing_t *head, const uint8_t *frame, size_t size)
{
    assert(size > NKT_HEADER_SIZE && nkt_bridge_has_room(bridge, size));
    if (is_over(bridge, head))
        return NKT_E_RATE;
    if (bridge->count == bridge->capacity && grow(bridge) < 0)
        return NKT_E_MEMORY;
    nkt_crossing_t *crossing = malloc(sizeof *crossing + size);
    if (crossing == NULL)
        return NKT_E_MEMORY;
    *crossing = *head;
    crossing->size = size;
    memcpy(crossing->frame, frame, size);
    bridge->crossings[bridge->count++] = crossing;
    bridge->size += size;
    return NKT_OK;
}

void nkt_bridge_evict(nkt_bridge_t *bridge, size_t place)
{
    assert(place < bridge->count);
    nkt_crossing_t *crossing = bridge->crossings[place];
    bridge->size -= crossing->size;
    bridge->crossings[place] = bridge->crossings[--bridge->count];
    free(crossing);
}

static int is_as_good(const nkt_crossing_t *ours, const uint8_t *frame, size_t size)
{
    return ours->size == size && frame[0] == ours->frame[0] && frame[HOPS_PLACE] <= ours->frame[HOPS_PLACE] + NKT_BRIDGE_HOPS_SLACK &&
           memcmp(frame + NKT_HEADER_SIZE, ours->frame + NKT_HEADER_SIZE, size - NKT_HEADER_SIZE) == 0;
}

int nkt_bridge_heard(nkt_bridge_t *bridge, uint32_t relay, const uint8_t *frame, size_t size)
{
    for (size_t i = 0; i < bridge->count; i++) {
        nkt_crossing_t *crossing = bridge->crossings[i];
        if (!(crossing->relays >> relay & 1) || !is_as_good(crossing, frame, size))
            continue;
        crossing->relays &= ~(1u << relay);
        if (crossing->relays == 0)
            nkt_bridge_evict(bridge, i);
        return 1;
    }
    return 0;
}

const nkt_crossing_t *nkt_bridge_first(const nkt_bridge_t *bridge)
{
    const nkt_crossing_t *first = NULL;
    for (size_t i = 0; i < bridge->count; i++) {
        if (first == NULL || bridge->crossings[i]->due_ms < first->due_ms)
            first = bridge->crossings[i];
    }
    return first;
}

void nkt_bridge_drop(nkt_bridge_t *bridge, const nkt_crossing_t *crossing)
{
    for (size_t i = 0; i < bridge->count; i++) {
        if (bridge->crossings[i] == crossing) {
            nkt_bridge_evict(bridge, i);
            return;
        }
    }
}
