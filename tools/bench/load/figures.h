/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Times in a histogram: 32 steps to a power of two, so that a quantile is right within 3 %, whatever its size, and
 * noting one costs a few instructions.
 */
#ifndef LOAD_FIGURES_H
#define LOAD_FIGURES_H

#include <stdint.h>

enum { FIGURES_STEPS = 32, FIGURES_BINS = 60 * FIGURES_STEPS };

typedef struct figures {
    uint64_t count, max;
    uint32_t bins[FIGURES_BINS];
} figures_t;

void figures_note(figures_t *figures, uint64_t value);

/** The value below which that share (0 to 1) of the values lies; 0 when there is none. */
uint64_t figures_quantile(const figures_t *figures, double share);

/** CLOCK_MONOTONIC in nanoseconds. */
uint64_t now_ns(void);

/** Seconds of CPU a process has used, by /proc; 0 when there is none. */
double cpu_seconds(int pid);

#endif
