/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "count.h"

#include <stdio.h>
#include <valgrind/callgrind.h>

void count_begin(void)
{
    CALLGRIND_START_INSTRUMENTATION;
    CALLGRIND_ZERO_STATS;
}

void count_end(const char *action, unsigned times)
{
    char label[64];
    snprintf(label, sizeof label, "%s/%u", action, times);
    CALLGRIND_DUMP_STATS_AT(label);
}

void count_rest(void)
{
    CALLGRIND_STOP_INSTRUMENTATION;
}

__attribute__((noinline)) void count_call(void (*call)(void *context), void *context)
{
    call(context);
}
