/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tape.h"

#include <stdlib.h>
#include <string.h>

#include "sim.h"

void sim_tape_deinit(sim_tape_t *tape)
{
    for (size_t i = 0; i < tape->fact_count; i++) {
        free((void *)(uintptr_t)tape->facts[i].event.bytes);
        free((void *)(uintptr_t)tape->facts[i].event.text);
    }
    free(tape->facts);
    free(tape->effects);
    *tape = (sim_tape_t){0};
}

static void *copy(const void *bytes, size_t size)
{
    if (bytes == NULL)
        return NULL;
    uint8_t *made = sim_alloc(size + 1, 1);
    if (size > 0)
        memcpy(made, bytes, size);
    return made;
}

void sim_tape_fact(sim_tape_t *tape, const nkt_event_t *event)
{
    if (tape->fact_count == tape->fact_capacity) {
        tape->fact_capacity = tape->fact_capacity == 0 ? 1024 : tape->fact_capacity * 2;
        tape->facts = realloc(tape->facts, tape->fact_capacity * sizeof *tape->facts);
        if (tape->facts == NULL)
            abort();
    }
    sim_fact_t *fact = &tape->facts[tape->fact_count++];
    *fact = (sim_fact_t){.event = *event};
    fact->event.bytes = copy(event->bytes, event->bytes_size);
    fact->event.text = copy(event->text, event->text_size);
}

static void append(sim_tape_t *tape, const void *bytes, size_t size)
{
    while (tape->effects_size + size > tape->effects_capacity) {
        tape->effects_capacity = tape->effects_capacity == 0 ? 65536 : tape->effects_capacity * 2;
        tape->effects = realloc(tape->effects, tape->effects_capacity);
        if (tape->effects == NULL)
            abort();
    }
    if (size > 0)
        memcpy(tape->effects + tape->effects_size, bytes, size);
    tape->effects_size += size;
}

void sim_tape_effect(sim_tape_t *tape, const nkt_effect_t *fx)
{
    const uint64_t numbers[] = {(uint64_t)fx->kind, fx->link,    fx->ticket,    fx->flags,
                                (uint64_t)fx->value, fx->time_ms, fx->bytes_size, fx->text_size};
    append(tape, numbers, sizeof numbers);
    append(tape, fx->address.b, NKT_ADDRESS_SIZE);
    append(tape, fx->peer.b, NKT_ADDRESS_SIZE);
    append(tape, fx->id, NKT_ID_SIZE);
    append(tape, fx->bytes, fx->bytes_size);
    append(tape, fx->text, fx->text_size);
    tape->effect_count++;
}

void sim_tape_end_step(sim_tape_t *tape, int code, uint64_t deadline_ms)
{
    sim_fact_t *fact = &tape->facts[tape->fact_count - 1];
    fact->code = code;
    fact->deadline_ms = deadline_ms;
    fact->effect_count = tape->effect_count;
    fact->effects_size = tape->effects_size;
}

size_t sim_tape_replay(const sim_tape_t *tape, nkt_core_t *core)
{
    sim_tape_t again = {0};
    size_t i = 0, checked_size = 0;
    for (; i < tape->fact_count; i++) {
        const sim_fact_t *fact = &tape->facts[i];
        nkt_effect_t fx;
        int code = nkt_step(core, &fact->event);
        while (nkt_poll(core, &fx) == 1)
            sim_tape_effect(&again, &fx);
        if (code != fact->code || again.effect_count != fact->effect_count || again.effects_size != fact->effects_size ||
            nkt_deadline_ms(core) != fact->deadline_ms ||
            memcmp(again.effects + checked_size, tape->effects + checked_size, again.effects_size - checked_size) != 0)
            break;
        checked_size = again.effects_size;
    }
    sim_tape_deinit(&again);
    return i;
}
