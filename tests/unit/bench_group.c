/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bench_group: what a message to everybody costs its author, told to each in its session and told to all under a sender
 * key, by number of recipients. CPU time of a whole "say" of a real core, effects drained; JSON on stdout. To be run
 * from a release build (`node tools/build.mjs release`); compare ratios of one run, never times of two.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "scene.h"

enum { ROUND_COUNT = 31 };

static const char text[] = "{\"text\":\"as long as what people say to each other usually is\"}";

static double cpu_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static int order(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* Median CPU of one message to everybody, in microseconds. */
static double measure(size_t count, int is_group)
{
    double us[ROUND_COUNT];
    scene_t *scene = scene_new(count);
    scene->swarm->group.count_min = is_group ? 2 : SIZE_MAX;
    for (int i = -2; i < ROUND_COUNT; i++) { /* the first takes the keys along */
        scene->now_ms += 10;
        double start = cpu_us();
        scene_step(scene, &(nkt_event_t){.kind = NKT_EV_SAY, .bytes = (const uint8_t *)text, .bytes_size = sizeof text - 1});
        if (i >= 0)
            us[i] = cpu_us() - start;
        scene_settle(scene);
    }
    CHECK(scene->swarm->counters.counts[NKT_TALLY_GROUP_OUT] == (is_group ? ROUND_COUNT + 1 : 0));
    scene_free(scene, count);
    qsort(us, ROUND_COUNT, sizeof us[0], order);
    return us[ROUND_COUNT / 2];
}

TEST(bench)
{
    static const size_t counts[] = {2, 3, 4, 8, 12, 16, 17, 24, 32, 64, 100, 200};
    printf("{\"bench\":\"group\",\"threshold\":%d,\"rows\":[", NKT_GROUP_COUNT_MIN);
    for (size_t i = 0; i < COUNT_OF(counts); i++) {
        double pairwise = measure(counts[i], 0), group = measure(counts[i], 1);
        printf("%s\n {\"recipients\":%zu,\"pairwise_us\":%.0f,\"group_us\":%.0f,\"ratio\":%.1f}", i > 0 ? "," : "", counts[i],
               pairwise, group, pairwise / group);
        fflush(stdout);
    }
    puts("\n]}");
}
