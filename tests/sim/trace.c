/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "trace.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "world.h"

enum { TIME_SIZE = 14 };

void sim_trace_init(sim_trace_t *trace)
{
    trace->lines = sim_alloc(SIM_LINE_COUNT, SIM_LINE_SIZE);
    trace->hash = 0xcbf29ce484222325u;
}

void sim_trace_deinit(sim_trace_t *trace)
{
    free(trace->lines);
    trace->lines = NULL;
}

void sim_trace(sim_t *sim, const char *format, ...)
{
    sim_trace_t *trace = &sim->trace;
    if (trace->is_off)
        return;
    char *line = trace->lines[trace->count++ % SIM_LINE_COUNT];
    snprintf(line, SIM_LINE_SIZE, "%9llu.%03u ", (unsigned long long)(sim->now_ms / 1000), (unsigned)(sim->now_ms % 1000));
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line + TIME_SIZE, SIM_LINE_SIZE - TIME_SIZE, format, arguments);
    va_end(arguments);
    for (const char *c = line; *c != '\0'; c++)
        trace->hash = (trace->hash ^ (uint8_t)*c) * 0x100000001b3u;
    if (trace->is_loud)
        puts(line);
}

void sim_trace_print_end(const sim_trace_t *trace, size_t line_count)
{
    size_t kept = trace->count < SIM_LINE_COUNT ? trace->count : SIM_LINE_COUNT;
    if (line_count > kept)
        line_count = kept;
    for (size_t i = trace->count - line_count; i < trace->count; i++)
        fprintf(stderr, "%s\n", trace->lines[i % SIM_LINE_COUNT]);
}

size_t sim_trace_count(const sim_t *sim, const char *text)
{
    const sim_trace_t *trace = &sim->trace;
    size_t kept = trace->count < SIM_LINE_COUNT ? trace->count : SIM_LINE_COUNT;
    size_t found = 0;
    for (size_t i = trace->count - kept; i < trace->count; i++)
        found += strstr(trace->lines[i % SIM_LINE_COUNT], text) != NULL;
    return found;
}
