/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Broadcasts that neighbours told of and that did not come (yet): when and from whom to fetch them. Plumtree's table of
 * missing messages. Capped: one too many is simply told of again with the next digest. Who tells and does not give when asked
 * is doubted: asked after all others, not waited for when another tells, and what he told of makes room first.
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
    uint32_t links[NKT_ANNOUNCER_COUNT_MAX]; /* who has it, in the order they are asked */
    uint8_t link_count;
    uint8_t sure_count;  /* the first of them gave what they were asked for so far, and were not asked for this one */
    uint8_t fetch_count; /* how often it was asked for */
    uint8_t is_doubted;  /* whoever was asked last failed to give not long ago */
    uint32_t asked;      /* who was asked last, 0: nobody, or it is gone */
    uint64_t asked_ms;
    uint64_t due_ms;     /* when to ask (the next one) */
} nkt_missing_entry_t;

typedef struct nkt_missing {
    nkt_missing_entry_t *entries; /* unordered */
    size_t count, capacity;
} nkt_missing_t;

void nkt_missing_deinit(nkt_missing_t *missing);

/** Who tells. */
typedef struct nkt_announcer {
    uint32_t link;
    int is_doubted; /* it did not give what it was asked for, not long ago */
} nkt_announcer_t;

/**
 * A link told of an id that we have not; asked for after wait_ms unless it came by then. With every further one that tells
 * of it the wait is halved: the wave has passed by. The table may be full: then the id that was asked for most in vain makes room,
 * unless he who tells is doubted.
 */
void nkt_missing_add(nkt_missing_t *missing, const uint8_t id[NKT_ID_SIZE], nkt_announcer_t by, uint64_t now_ms,
                     uint32_t wait_ms);

/** It came. Takes the entry out; zeroes if nobody had told of it. */
nkt_missing_entry_t nkt_missing_take(nkt_missing_t *missing, const uint8_t id[NKT_ID_SIZE]);

/** That link is gone: what it was asked for is due at once. */
void nkt_missing_forget_link(nkt_missing_t *missing, uint32_t link, uint64_t now_ms);

/**
 * One that is due, of which links[0] is the next to ask; only: from that link, 0: from any. NULL: none. Valid until the next call
 * that is not of a const table. If asked is not 0, that link did not give it in time.
 */
nkt_missing_entry_t *nkt_missing_due(nkt_missing_t *missing, uint64_t now_ms, uint32_t only);

/** links[0] is asked. It is due again at again_ms, from the next announcer, until NKT_FETCH_COUNT_MAX: then it is dropped. */
void nkt_missing_asked(nkt_missing_t *missing, nkt_missing_entry_t *entry, uint64_t now_ms, uint64_t again_ms, int is_doubted);

/** The earliest due_ms, UINT64_MAX: none. */
uint64_t nkt_missing_next_ms(const nkt_missing_t *missing);

#endif
