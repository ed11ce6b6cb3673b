/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Frames that wait for being put on another relay than those they were heard on, and are not if somebody else does it first: the timers
 * of SRM (Floyd, Jacobson, Liu, McCanne, Zhang 1997, "A Reliable Multicast Framework"), which suppress each other in the same way.
 */
#ifndef NKT_OVERLAY_BRIDGE_H
#define NKT_OVERLAY_BRIDGE_H

#include <stddef.h>
#include <stdint.h>

#include "nkt.h"
#include "wire/limits.h"

typedef struct nkt_crossing {
    uint64_t due_ms;
    uint32_t relays;  /* where it is to be said still, by index */
    nkt_address_t author;
    nkt_address_t to; /* zero: to all who are there; else to that one alone */
    uint32_t others;  /* who could say it as well */
    uint8_t is_stray; /* of a stranger */
    size_t size;
    uint8_t frame[];  /* as it goes out */
} nkt_crossing_t;

typedef struct nkt_bridge {
    nkt_crossing_t **crossings; /* unordered */
    size_t count, capacity, size;
} nkt_bridge_t;

void nkt_bridge_deinit(nkt_bridge_t *bridge);

/** Is there room for a frame of that size? */
int nkt_bridge_has_room(const nkt_bridge_t *bridge, size_t size);

/** Gives up what stands at that place, below count: by chance, so it is mostly of whoever has most. */
void nkt_bridge_evict(nkt_bridge_t *bridge, size_t place);

/** There is room for it. head: all but size and frame, which are copied beside it. NKT_E_RATE: so many of its author, or of all strangers,
 *  wait already; NKT_E_MEMORY. */
int nkt_bridge_add(nkt_bridge_t *bridge, const nkt_crossing_t *head, const uint8_t *frame, size_t size);

/**
 * That frame was said to all on that relay: it need not be said there again. Only if it is ours byte by byte but for its hops, which are
 * hardly more: what others refuse, or do not pass on, replaces nothing. 1, or 0: none waits that would have been said there.
 */
int nkt_bridge_heard(nkt_bridge_t *bridge, uint32_t relay, const uint8_t *frame, size_t size);

/** The first that is due, NULL: none. Valid until the next call. */
const nkt_crossing_t *nkt_bridge_first(const nkt_bridge_t *bridge);

/** It was said, or is not to be. */
void nkt_bridge_drop(nkt_bridge_t *bridge, const nkt_crossing_t *crossing);

#endif
