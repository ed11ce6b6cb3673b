/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "figures.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static unsigned bin_of(uint64_t value)
{
    if (value < FIGURES_STEPS)
        return (unsigned)value;
    unsigned power = 63 - (unsigned)__builtin_clzll(value); /* at least 5 */
    return (power - 4) * FIGURES_STEPS + (unsigned)(value >> (power - 5)) - FIGURES_STEPS;
}

static uint64_t value_of(unsigned bin)
{
    if (bin < FIGURES_STEPS)
        return bin;
    unsigned power = bin / FIGURES_STEPS + 4;
    return (uint64_t)(bin % FIGURES_STEPS + FIGURES_STEPS) << (power - 5);
}

void figures_note(figures_t *figures, uint64_t value)
{
    figures->count++;
    if (value > figures->max)
        figures->max = value;
    figures->bins[bin_of(value)]++;
}

uint64_t figures_quantile(const figures_t *figures, double share)
{
    uint64_t left = (uint64_t)((double)figures->count * share);
    for (unsigned bin = 0; bin < FIGURES_BINS; bin++) {
        if (figures->bins[bin] > left)
            return value_of(bin);
        left -= figures->bins[bin];
    }
    return figures->max;
}

uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

double cpu_seconds(int pid)
{
    char path[64], line[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return 0;
    char *got = fgets(line, sizeof line, file);
    fclose(file);
    const char *after = got == NULL ? NULL : strrchr(line, ')'); /* the name may contain blanks */
    unsigned long user, kernel;
    if (after == NULL || sscanf(after + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &kernel) != 2)
        return 0;
    return (double)(user + kernel) / (double)sysconf(_SC_CLK_TCK);
}
