/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "queue.h"

#include <stdlib.h>

enum { CAPACITY_MIN = 1024 };

void sim_queue_deinit(sim_queue_t *queue)
{
    for (size_t i = 0; i < queue->count; i++)
        free(queue->heap[i].bytes);
    free(queue->heap);
    *queue = (sim_queue_t){0};
}

static int is_before(const sim_event_t *a, const sim_event_t *b)
{
    return a->at_ms != b->at_ms ? a->at_ms < b->at_ms : a->order < b->order;
}

void sim_queue_put(sim_queue_t *queue, const sim_event_t *event)
{
    if (queue->count == queue->capacity) {
        queue->capacity = queue->capacity == 0 ? CAPACITY_MIN : queue->capacity * 2;
        queue->heap = realloc(queue->heap, queue->capacity * sizeof *queue->heap);
        if (queue->heap == NULL)
            abort();
    }
    sim_event_t added = *event;
    if (added.order == 0)
        added.order = ++queue->order;
    size_t i = queue->count++;
    while (i > 0 && is_before(&added, &queue->heap[(i - 1) / 2])) {
        queue->heap[i] = queue->heap[(i - 1) / 2];
        i = (i - 1) / 2;
    }
    queue->heap[i] = added;
}

int sim_queue_take(sim_queue_t *queue, uint64_t until_ms, sim_event_t *event)
{
    if (queue->count == 0 || queue->heap[0].at_ms > until_ms)
        return 0;
    *event = queue->heap[0];
    sim_event_t last = queue->heap[--queue->count];
    size_t i = 0;
    for (;;) {
        size_t child = 2 * i + 1;
        if (child >= queue->count)
            break;
        if (child + 1 < queue->count && is_before(&queue->heap[child + 1], &queue->heap[child]))
            child++;
        if (!is_before(&queue->heap[child], &last))
            break;
        queue->heap[i] = queue->heap[child];
        i = child;
    }
    if (queue->count > 0)
        queue->heap[i] = last;
    return 1;
}
