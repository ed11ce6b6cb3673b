/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Broadcasts that neighbours told of and that did not come (yet): when and from whom to fetch them. Plumtree's table of
 * missing messages. Capped: one too many is simply told of again with the next digest.
 */
#ifndef NKT_OVERLAY_MISSING_H
#define NKT_OVERLAY_MISSING_H

#include <stddef.h>
#include <stdint.h>

#include "nkt.h"
#include "wire/limits.h"

enum { NKT_ANNOUNCER_COUNT_MAX = 8 }; /* remembered per id; each is asked in turn */

typedef struct nkt_missing_entry {
    uint8_t id[NKT_ID_SIZE];
    uint32_t links[NKT_ANNOUNCER_COUNT_MAX]; /* who has it, in the order they told */
    uint8_t link_count;
    uint8_t fetch_count; /* how often it was asked for */
    uint64_t due_ms;     /* when to ask (the next one) */
} nkt_missing_entry_t;

typedef struct nkt_missing {
    nkt_missing_entry_t *entries; /* unordered */
    size_t count, capacity;
} nkt_missing_t;

void nkt_missing_deinit(nkt_missing_t *missing);

/**
 * A link told of an id that we have not; asked for after wait_ms unless it came by then. With every further one that tells
 * of it the wait is halved: the wave has passed by. The table may be full: nothing happens.
 */
void nkt_missing_add(nkt_missing_t *missing, const uint8_t id[NKT_ID_SIZE], uint32_t link, uint64_t now_ms,
                     uint32_t wait_ms);

/** It came. Takes the entry out; zeroes if nobody had told of it. */
nkt_missing_entry_t nkt_missing_take(nkt_missing_t *missing, const uint8_t id[NKT_ID_SIZE]);

/** That link is gone. */
void nkt_missing_forget_link(nkt_missing_t *missing, uint32_t link);

/**
 * Takes one that is due: fills id, returns the link to ask. It is due again at again_ms, from the next announcer, until
 * NKT_FETCH_COUNT_MAX. 0: none is due.
 */
uint32_t nkt_missing_due(nkt_missing_t *missing, uint64_t now_ms, uint64_t again_ms, uint8_t id[NKT_ID_SIZE]);

/** The earliest due_ms, UINT64_MAX: none. */
uint64_t nkt_missing_next_ms(const nkt_missing_t *missing);

#endif
