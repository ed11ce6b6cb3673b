/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The run as lines for people: time, peer, what it was told or did. The last ones are kept. */
#ifndef SIM_TRACE_H
#define SIM_TRACE_H

#include <stddef.h>
#include <stdint.h>

#include "queue.h"

enum { SIM_LINE_COUNT = 4096, SIM_LINE_SIZE = 160 };

typedef struct sim_trace {
    char (*lines)[SIM_LINE_SIZE];
    size_t count; /* of all lines so far */
    uint64_t hash; /* of all lines so far: two runs of one seed have the same */
    int is_loud;  /* print as it happens */
    int is_off;   /* for runs where the lines cost more than all else */
} sim_trace_t;

void sim_trace_init(sim_trace_t *trace);
void sim_trace_deinit(sim_trace_t *trace);
void sim_trace(sim_t *sim, const char *format, ...) __attribute__((format(printf, 2, 3)));
void sim_trace_print_end(const sim_trace_t *trace, size_t line_count);

/** Lines (of those kept) that contain the text. */
size_t sim_trace_count(const sim_t *sim, const char *text);

#endif
