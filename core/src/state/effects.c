/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "state/state.h"
#include "state/swarm.h"

enum { RING_CAPACITY_MIN = 64 };

void nkt_effects_deinit(nkt_effects_t *effects)
{
    for (size_t i = 0; i < effects->count; i++)
        free(effects->ring[(effects->first + i) % effects->capacity].owned);
    free(effects->ring);
    free(effects->lent);
    *effects = (nkt_effects_t){0};
}

static int ring_grow(nkt_effects_t *effects)
{
    if (effects->count >= NKT_EFFECT_COUNT_MAX)
        return NKT_E_MEMORY;
    size_t capacity = effects->capacity == 0 ? RING_CAPACITY_MIN : effects->capacity * 2;
    nkt_queued_effect_t *ring = calloc(capacity, sizeof *ring);
    if (ring == NULL)
        return NKT_E_MEMORY;
    for (size_t i = 0; i < effects->count; i++)
        ring[i] = effects->ring[(effects->first + i) % effects->capacity];
    free(effects->ring);
    effects->ring = ring;
    effects->capacity = capacity;
    effects->first = 0;
    return NKT_OK;
}

/* Appends an effect whose bytes and text are copied; NULL when there is no memory. */
static nkt_queued_effect_t *ring_append(nkt_effects_t *effects, const nkt_effect_t *fx)
{
    if (effects->count == effects->capacity && ring_grow(effects) < 0)
        goto fail;
    uint8_t *owned = NULL;
    if (fx->bytes_size + fx->text_size > 0) {
        owned = malloc(fx->bytes_size + fx->text_size);
        if (owned == NULL)
            goto fail;
        if (fx->bytes_size > 0)
            memcpy(owned, fx->bytes, fx->bytes_size);
        if (fx->text_size > 0)
            memcpy(owned + fx->bytes_size, fx->text, fx->text_size);
    }
    nkt_queued_effect_t *queued = &effects->ring[(effects->first + effects->count) % effects->capacity];
    *queued = (nkt_queued_effect_t){.fx = *fx, .owned = owned};
    queued->fx.bytes = fx->bytes_size > 0 ? owned : NULL;
    queued->fx.text = fx->text_size > 0 ? (const char *)owned + fx->bytes_size : "";
    effects->count++;
    effects->step_count++;
    effects->size += fx->bytes_size + fx->text_size;
    return queued;
fail:
    effects->failed = 1;
    return NULL;
}

void nkt_emit(nkt_swarm_t *swarm, const nkt_effect_t *fx)
{
    ring_append(&swarm->effects, fx);
}

void nkt_emit_send(nkt_swarm_t *swarm, const nkt_link_t *link, const uint8_t *bytes, size_t size, unsigned flags,
                   uint32_t ticket)
{
    assert(ticket <= swarm->put_ticket || ticket == NKT_TICKET_STEP); /* of a PUT that was made, or is at this step's end */
    ring_append(&swarm->effects, &(nkt_effect_t){.kind = NKT_FX_SEND,
                                                 .link = link->id,
                                                 .ticket = swarm->settings.persist ? ticket : 0,
                                                 .flags = flags,
                                                 .bytes = bytes,
                                                 .bytes_size = size});
}

void nkt_effects_begin(nkt_swarm_t *swarm)
{
    swarm->effects.step_count = 0;
}

void nkt_effects_fail(nkt_swarm_t *swarm)
{
    swarm->effects.failed = 1;
}

void nkt_effects_bind(nkt_swarm_t *swarm, uint32_t ticket)
{
    nkt_effects_t *effects = &swarm->effects;
    assert(effects->step_count <= effects->count);
    for (size_t i = effects->count - effects->step_count; i < effects->count; i++) {
        nkt_queued_effect_t *queued = &effects->ring[(effects->first + i) % effects->capacity];
        if (queued->fx.kind == NKT_FX_SEND && queued->fx.ticket == NKT_TICKET_STEP)
            queued->fx.ticket = ticket;
    }
}

int nkt_effects_poll(nkt_swarm_t *swarm, nkt_effect_t *out)
{
    nkt_effects_t *effects = &swarm->effects;
    free(effects->lent);
    effects->lent = NULL;
    if (effects->count == 0) {
        *out = (nkt_effect_t){.kind = NKT_FX_NONE, .text = ""};
        return 0;
    }
    nkt_queued_effect_t *queued = &effects->ring[effects->first];
    *out = queued->fx;
    assert(out->kind != NKT_FX_SEND || out->ticket != NKT_TICKET_STEP); /* it would be held, and its link with it, for ever */
    effects->lent = queued->owned;
    queued->owned = NULL;
    effects->size -= out->bytes_size + out->text_size;
    effects->first = (effects->first + 1) % effects->capacity;
    effects->count--;
    if (effects->step_count > effects->count)
        effects->step_count = effects->count;
    return 1;
}
