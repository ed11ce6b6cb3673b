/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A recorded run of one core: every fact it was told and, byte for byte, every effect it answered with. */
#ifndef SIM_TAPE_H
#define SIM_TAPE_H

#include <stddef.h>
#include <stdint.h>

#include "nkt.h"

typedef struct sim_fact {
    nkt_event_t event; /* bytes and text are copies on the heap */
    int code;          /* what nkt_step() returned */
    uint64_t deadline_ms;
    size_t effect_count; /* on the tape after it was drained */
    size_t effects_size; /* the same in bytes */
} sim_fact_t;

typedef struct sim_tape {
    sim_fact_t *facts;
    size_t fact_count, fact_capacity;
    uint8_t *effects; /* every effect, serialised */
    size_t effects_size, effects_capacity;
    size_t effect_count;
} sim_tape_t;

void sim_tape_deinit(sim_tape_t *tape);
void sim_tape_fact(sim_tape_t *tape, const nkt_event_t *event);
void sim_tape_effect(sim_tape_t *tape, const nkt_effect_t *fx);
/** After the effects of the last fact. */
void sim_tape_end_step(sim_tape_t *tape, int code, uint64_t deadline_ms);

/**
 * Tells a fresh core all facts and compares all answers. Returns the number of facts that agreed: tape->fact_count
 * when all did.
 */
size_t sim_tape_replay(const sim_tape_t *tape, nkt_core_t *core);

#endif
