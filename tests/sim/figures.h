/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Figures of runs: one line of JSON per seed, and at the end one of medians and worst values. A figure may have a bar:
 * a run that misses it goes on, is named, and makes the program fail at its end.
 */
#ifndef SIM_FIGURES_H
#define SIM_FIGURES_H

#include "sim.h"

enum { SIM_FIGURE_COUNT_MAX = 48 };

typedef struct sim_figure {
    const char *name; /* static */
    double value;
    double bar;
    int side; /* 0: no bar, larger is worse; 1: at least the bar; -1: at most */
} sim_figure_t;

typedef struct sim_figure_list {
    sim_figure_t list[SIM_FIGURE_COUNT_MAX];
    size_t count;
} sim_figure_list_t;

void sim_figure(sim_figure_list_t *figures, const char *name, double value);
void sim_figure_least(sim_figure_list_t *figures, const char *name, double value, double bar);
void sim_figure_most(sim_figure_list_t *figures, const char *name, double value, double bar);

double sim_larger(double a, double b);

/** Prints them as one line, with the seed, and keeps them for the summary. */
void sim_figures_print(const sim_t *sim, const sim_figure_list_t *figures);

/** The same for figures without bars: name and value, the last name NULL. */
void sim_figures(const sim_t *sim, const char *name, ...);

/** Whose figures come next; has_options: every line tells the options of its world. */
void sim_figures_begin(const char *scenario, int has_options);
/** Prints the summary of what came since; returns how many bars were missed. */
unsigned sim_figures_end(void);

#endif
