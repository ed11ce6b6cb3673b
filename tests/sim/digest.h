/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A digest of all that the cores of a run answered, in order: every effect whole (records that are stored too), what each
 * step returned and when the next is due, and the report of each core before it ends. Two builds that give the same digest
 * did the same. It knows nothing of where things lie in memory. One program, one digest at a time.
 */
#ifndef SIM_DIGEST_H
#define SIM_DIGEST_H

#include <stdint.h>

#include "nkt.h"

enum { SIM_DIGEST_SIZE = 16, SIM_DIGEST_TEXT_SIZE = 2 * SIM_DIGEST_SIZE + 1 };

/** From now on all is taken in, until sim_digest_end(). */
void sim_digest_begin(void);

void sim_digest_effect(uint32_t peer, const nkt_effect_t *fx);
/** After its effects. */
void sim_digest_step(uint32_t peer, uint64_t now_ms, int code, uint64_t deadline_ms);
/** Before it is freed; not after a fatal error. */
void sim_digest_report(uint32_t peer, nkt_core_t *core);

/** Hexadecimal. Returns how many effects it covers. */
uint64_t sim_digest_end(char text[SIM_DIGEST_TEXT_SIZE]);

#endif
