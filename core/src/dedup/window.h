/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Replay windows: which positions of a stream were delivered. Exactly-once for the application for as long as the window is
 * kept, in constant memory, whatever else is going on. A stream is named by an id that its sender chose, from the time and at
 * random (nkt_talk_stream()); a sender that lost its state begins a new one.
 *
 * The window is that of RFC 4303, 3.4.3, without its shift: as in RFC 6479 the bits are a ring, and a position has its bit wherever
 * the window stands. That document clears whole words as the window moves, so that up to a word of it is always unused; positions of ours
 * come one by one, so each bit is cleared by itself and all NKT_WINDOW_BIT_COUNT positions count.
 */
#ifndef NKT_DEDUP_WINDOW_H
#define NKT_DEDUP_WINDOW_H

#include <stddef.h>
#include <stdint.h>

#include "wire/limits.h"

enum { NKT_WINDOW_BYTE_COUNT = NKT_WINDOW_BIT_COUNT / 8 };

typedef struct nkt_window {
    uint64_t stream_id; /* 0: unused */
    uint64_t top;   /* highest position delivered, 0: none */
    uint8_t *bits;  /* ring of NKT_WINDOW_BIT_COUNT, position p at bit p % count; NULL until used */
} nkt_window_t;

void nkt_window_deinit(nkt_window_t *window);

/** The windows of one sender, as many as its streams need. All zero: none. */
typedef struct nkt_windows {
    nkt_window_t *list;
    int count; /* of the list; some may be unused */
} nkt_windows_t;

void nkt_windows_deinit(nkt_windows_t *windows);

/** 1: not delivered yet, and within the window; 0: delivered before, too old, or position 0. */
int nkt_window_is_new(const nkt_window_t *window, uint64_t position);

/** Marks a position that is new. NKT_E_MEMORY: unchanged. */
int nkt_window_mark(nkt_window_t *window, uint64_t position);

/** Of its bits so many bytes, from the first on, are all that is not zero: what has to be stored. */
size_t nkt_window_used_size(const nkt_window_t *window);

/** Left of the window: whether it was delivered is not known any more. */
int nkt_window_is_past(const nkt_window_t *window, uint64_t position);

/**
 * A set of windows of one sender: the one of that stream, or a fresh one in place of that with the lowest id. count >= 1.
 * Ids grow from one incarnation to the next, and who was long away is told life by life: what makes room raises *floor, as little
 * as can be, and up to there none is fresh any more (NULL), so what was heard once is not heard again when its window is gone.
 */
nkt_window_t *nkt_window_of(nkt_window_t *windows, int count, uint64_t stream_id, uint64_t *floor);

/** The same of a set that grows up to count_max. *window: NULL if the stream is none that is fresh any more. NKT_E_MEMORY: unchanged. */
int nkt_windows_of(nkt_windows_t *windows, int count_max, uint64_t stream_id, uint64_t *floor, nkt_window_t **window);

#endif
