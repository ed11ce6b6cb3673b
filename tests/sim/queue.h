/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is going to happen, in virtual time. Equal times happen in the order they were decided. */
#ifndef SIM_QUEUE_H
#define SIM_QUEUE_H

#include <stddef.h>
#include <stdint.h>

typedef struct sim sim_t;
typedef struct sim_event sim_event_t;

#define SIM_NOBODY UINT32_MAX

/** One thing to happen. `run` may take `bytes` over by setting it to NULL. */
struct sim_event {
    uint64_t at_ms;
    uint64_t order;
    void (*run)(sim_t *sim, sim_event_t *event);
    uint32_t peer; /* to whom it happens; waits while that one is asleep. SIM_NOBODY: the world */
    uint32_t life; /* of the peer: an event for an earlier life is dropped */
    uint32_t id;   /* of a socket, an end of a WebRTC link, ... */
    uint32_t value;
    uint32_t flags;
    uint8_t *bytes; /* on the heap, freed after the event, or NULL */
    size_t bytes_size;
};

typedef struct sim_queue {
    sim_event_t *heap;
    size_t count, capacity;
    uint64_t order;
} sim_queue_t;

void sim_queue_deinit(sim_queue_t *queue);

/** Takes event->bytes over. Keeps event->order if it is set. */
void sim_queue_put(sim_queue_t *queue, const sim_event_t *event);

/** 1, or 0 when nothing is due by until_ms. The caller frees event->bytes. */
int sim_queue_take(sim_queue_t *queue, uint64_t until_ms, sim_event_t *event);

#endif
