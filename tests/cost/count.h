/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is counted, and of what. Callgrind is asked to collect only inside the functions that tools/bench/cost_native.mjs names
 * (nkt_new, nkt_step, nkt_poll, count_call), so the world around the cores costs nothing; and only between count_begin() and
 * count_end(). Without valgrind nothing of this does anything.
 */
#ifndef NKT_TESTS_COST_COUNT_H
#define NKT_TESTS_COST_COUNT_H

void count_begin(void);

/** Nothing is counted for a while: what is run now is several times quicker. Not between actions that follow each other: all code is
 *  translated anew when counting begins again, for the time of 5 million instructions. */
void count_rest(void);

/** What was counted since count_begin() is of `times` actions of that name; several of one name are added up. */
void count_end(const char *action, unsigned times);

/** Calls it, and all that it does counts. */
void count_call(void (*call)(void *context), void *context);

#endif
