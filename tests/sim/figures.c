/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "figures.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "world.h"

/* One program, one summary. */
static struct {
    const char *scenario;
    int has_options;
    sim_figure_list_t *runs;
    size_t run_count, run_capacity;
} all;

static void add(sim_figure_list_t *figures, sim_figure_t figure)
{
    if (figures->count == SIM_FIGURE_COUNT_MAX)
        abort();
    figures->list[figures->count++] = figure;
}

void sim_figure(sim_figure_list_t *figures, const char *name, double value)
{
    add(figures, (sim_figure_t){.name = name, .value = value});
}

void sim_figure_least(sim_figure_list_t *figures, const char *name, double value, double bar)
{
    add(figures, (sim_figure_t){.name = name, .value = value, .bar = bar, .side = 1});
}

void sim_figure_most(sim_figure_list_t *figures, const char *name, double value, double bar)
{
    add(figures, (sim_figure_t){.name = name, .value = value, .bar = bar, .side = -1});
}

double sim_larger(double a, double b)
{
    return a > b ? a : b;
}

static int is_missed(const sim_figure_t *figure)
{
    return (figure->side > 0 && !(figure->value >= figure->bar)) || (figure->side < 0 && !(figure->value <= figure->bar));
}

/* ---- a line per run ---- */

static void options_print(const sim_options_t *o, uint32_t peer_count)
{
    printf(",\"options\":{\"peers\":%u,\"relays\":%u,\"trackers\":%u,\"latency_ms\":[%u,%u],\"latency_by\":\"%s\","
           "\"gather_ms\":[%u,%u],\"setup_ms\":[%u,%u],\"put_ms\":[%u,%u],\"late_ms\":[%u,%u],\"bytes_per_s\":%u,"
           "\"loss_permille\":%u,\"cut_permille\":%u,\"degree\":%u,\"persist\":%d}",
           peer_count, o->relay_count, o->tracker_count, o->latency_ms.min, o->latency_ms.max,
           o->has_pair_latency ? "pair" : "message", o->gather_ms.min, o->gather_ms.max, o->setup_ms.min, o->setup_ms.max,
           o->put_ms.min, o->put_ms.max, o->late_ms.min, o->late_ms.max, o->bytes_per_s, o->loss_permille,
           o->cut_permille, o->link_count_max, o->persist);
}

static void keep(const sim_figure_list_t *figures)
{
    if (all.run_count == all.run_capacity) {
        all.run_capacity = all.run_capacity == 0 ? 16 : all.run_capacity * 2;
        all.runs = realloc(all.runs, all.run_capacity * sizeof *all.runs);
        if (all.runs == NULL)
            abort();
    }
    all.runs[all.run_count++] = *figures;
}

void sim_figures_print(const sim_t *sim, const sim_figure_list_t *figures)
{
    unsigned missed_count = 0;
    printf("{\"seed\":%llu", (unsigned long long)sim->options.seed);
    for (size_t i = 0; i < figures->count; i++)
        printf(",\"%s\":%.6g", figures->list[i].name, figures->list[i].value);
    for (size_t i = 0; i < figures->count; i++) {
        if (is_missed(&figures->list[i]))
            printf("%s\"%s\"", missed_count++ == 0 ? ",\"missed\":[" : ",", figures->list[i].name);
    }
    printf("%s", missed_count > 0 ? "]" : "");
    if (all.has_options)
        options_print(&sim->options, sim->peer_count);
    puts("}");
    fflush(stdout);
    keep(figures);
}

void sim_figures(const sim_t *sim, const char *name, ...)
{
    sim_figure_list_t figures = {.count = 0};
    va_list arguments;
    va_start(arguments, name);
    while (name != NULL) {
        sim_figure(&figures, name, va_arg(arguments, double));
        name = va_arg(arguments, const char *);
    }
    va_end(arguments);
    sim_figures_print(sim, &figures);
}

/* ---- the summary ---- */

void sim_figures_begin(const char *scenario, int has_options)
{
    all.scenario = scenario;
    all.has_options = has_options;
    all.run_count = 0;
}

static int value_order(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static void summary_print(size_t i)
{
    const sim_figure_t *figure = &all.runs[0].list[i];
    double *values = sim_alloc(all.run_count, sizeof *values);
    size_t half = all.run_count / 2;
    for (size_t k = 0; k < all.run_count; k++)
        values[k] = all.runs[k].list[i].value;
    qsort(values, all.run_count, sizeof *values, value_order);
    double median = all.run_count % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
    printf(",\"%s\":{\"median\":%.6g,\"worst\":%.6g", figure->name, median,
           figure->side > 0 ? values[0] : values[all.run_count - 1]);
    if (figure->side != 0)
        printf(",\"bar\":%.6g", figure->bar);
    printf("}");
    free(values);
}

unsigned sim_figures_end(void)
{
    unsigned missed_count = 0;
    size_t figure_count = all.run_count > 0 ? all.runs[0].count : 0;
    for (size_t k = 0; k < all.run_count; k++) {
        if (all.runs[k].count < figure_count)
            figure_count = all.runs[k].count;
        for (size_t i = 0; i < all.runs[k].count; i++)
            missed_count += is_missed(&all.runs[k].list[i]);
    }
    if (all.run_count > 1) {
        printf("{\"summary\":\"%s\",\"runs\":%zu", all.scenario, all.run_count);
        for (size_t i = 0; i < figure_count; i++)
            summary_print(i);
        printf(",\"missed\":%u}\n", missed_count);
    }
    free(all.runs);
    all.runs = NULL;
    all.run_count = all.run_capacity = 0;
    return missed_count;
}
