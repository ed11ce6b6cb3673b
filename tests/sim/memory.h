/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_MEMORY_H
#define SIM_MEMORY_H

#include <stddef.h>
#include <stdint.h>

#include "sim.h"

/**
 * Where allocations are counted, NULL: nowhere. Points to the counter of a core while that core runs, in programs that
 * link memory_wrap.c; elsewhere nothing is counted.
 */
extern int64_t *sim_memory_counter;

/** Bytes on the heap that are in use, of the whole process. */
size_t sim_memory_size(void);

/** The same less the world's own tables, which grow with all that happens: what the cores hold, and a constant. */
double sim_core_memory_size(const sim_t *sim);

#endif
