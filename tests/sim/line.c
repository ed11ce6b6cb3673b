/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "line.h"

#include "rtc_ends.h"
#include "wire/limits.h"
#include "world.h"

/* What its core waits to be told: nothing, that little is left, that nothing is. */
enum { BULK_NOT, BULK_LOW, BULK_EMPTY };

/* When a line that is busy until then has carried so many bytes more. */
static uint64_t line_take(const sim_t *sim, uint64_t *busy_us, size_t size)
{
    if (*busy_us < sim->now_ms * 1000)
        *busy_us = sim->now_ms * 1000;
    *busy_us += (uint64_t)size * 1000000 / sim->options.line_bytes_per_s;
    return (*busy_us + 999) / 1000;
}

static void queued_tell(sim_t *sim, sim_end_t *end)
{
    if (end->queued_size > (end->is_bulk == BULK_LOW ? NKT_BULK_LOW_SIZE : 0) || end->is_bulk == BULK_NOT)
        return;
    end->is_bulk = end->queued_size > 0 ? BULK_EMPTY : BULK_NOT;
    sim_peer_step(sim->peers[end->peer],
                  &(nkt_event_t){.kind = NKT_EV_LINK_QUEUED, .link = end->link, .value = (int32_t)end->queued_size});
}

static void queued_run(sim_t *sim, sim_event_t *event)
{
    sim_end_t *end = sim_end_find(sim, event->id);
    if (end != NULL)
        queued_tell(sim, end);
}

/* So many bytes of an end have left the house. */
static void left_run(sim_t *sim, sim_event_t *event)
{
    sim_end_t *end = sim_end_find(sim, event->id);
    if (end == NULL)
        return;
    end->queued_size -= event->value;
    queued_tell(sim, end);
}

/* They are at the other house. */
static void came_run(sim_t *sim, sim_event_t *event)
{
    sim_end_t *to = sim_end_find(sim, event->id);
    if (to == NULL)
        return;
    uint64_t at_ms = line_take(sim, &sim->peers[to->peer]->line_down_us, event->bytes_size);
    sim_end_arrive(sim, to, at_ms - sim->now_ms, event->bytes, event->bytes_size, (int)event->flags);
    event->bytes = NULL;
}

void sim_line_deliver(sim_t *sim, sim_end_t *to, uint8_t *bytes, size_t size, int is_bulk)
{
    sim_end_t *from = sim_end_find(sim, to->remote);
    sim_peer_t *sender = from == NULL || from->peer == SIM_NOBODY ? NULL : sim->peers[from->peer];
    uint64_t left_ms = sender == NULL ? sim->now_ms : line_take(sim, &sender->line_up_us, size);
    if (sender != NULL && is_bulk) {
        from->queued_size += size;
        sim_later(sim, left_ms - sim->now_ms,
                  (sim_event_t){.run = left_run, .peer = from->peer, .life = from->life, .id = from->id, .value = (uint32_t)size});
    }
    uint64_t at_ms = sim_arrival_from(sim, is_bulk ? &to->in_bulk : &to->in, left_ms);
    sim_later(sim, at_ms - sim->now_ms,
              (sim_event_t){.run = came_run, .peer = to->peer, .life = to->life, .id = to->id, .bytes = bytes, .bytes_size = size,
                              .flags = (uint32_t)is_bulk});
}

void sim_line_bulk(sim_t *sim, uint32_t id)
{
    sim_end_t *end = sim_end_find(sim, id);
    if (end == NULL || end->is_bulk == BULK_LOW)
        return;
    end->is_bulk = BULK_LOW;
    if (end->queued_size > NKT_BULK_LOW_SIZE)
        return; /* when it has left */
    sim_later(sim, 0, (sim_event_t){.run = queued_run, .peer = end->peer, .life = end->life, .id = end->id});
}
