/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "figures.h"

#include <dirent.h>
#include <stdio.h>
#include <time.h>

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

/* Of all its threads, in nanoseconds: /proc/PID/stat counts ticks of 10 ms. */
double cpu_seconds(int pid)
{
    char path[96];
    snprintf(path, sizeof path, "/proc/%d/task", pid);
    DIR *tasks = opendir(path);
    double seconds = 0;
    for (struct dirent *task; tasks != NULL && (task = readdir(tasks)) != NULL;) {
        if (task->d_name[0] == '.')
            continue;
        unsigned long ran_ns = 0;
        snprintf(path, sizeof path, "/proc/%d/task/%.10s/schedstat", pid, task->d_name);
        FILE *file = fopen(path, "r");
        if (file == NULL)
            continue;
        if (fscanf(file, "%lu", &ran_ns) == 1)
            seconds += (double)ran_ns / 1e9;
        fclose(file);
    }
    if (tasks != NULL)
        closedir(tasks);
    return seconds;
}
