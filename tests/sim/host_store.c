/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The records that a peer's core stores: durable ones, and writes under way. */
#include <stdlib.h>
#include <string.h>

#include "host.h"
#include "world.h"

sim_record_t *sim_peer_record(sim_peer_t *peer, const char *prefix, size_t skip)
{
    for (size_t i = 0; i < peer->record_count; i++) {
        if (strncmp(peer->records[i].name, prefix, strlen(prefix)) == 0 && skip-- == 0)
            return &peer->records[i];
    }
    return NULL;
}

static void record_write(sim_peer_t *peer, sim_record_t *written)
{
    size_t i = 0;
    while (i < peer->record_count && strcmp(peer->records[i].name, written->name) != 0)
        i++;
    if (i < peer->record_count) {
        free(peer->records[i].name);
        free(peer->records[i].bytes);
        if (written->bytes != NULL) {
            peer->records[i] = *written;
        } else {
            free(written->name);
            peer->records[i] = peer->records[--peer->record_count];
        }
        return;
    }
    if (written->bytes == NULL) {
        free(written->name);
        return;
    }
    if (peer->record_count == peer->record_capacity) {
        peer->record_capacity = peer->record_capacity == 0 ? 16 : peer->record_capacity * 2;
        peer->records = realloc(peer->records, peer->record_capacity * sizeof *peer->records);
        if (peer->records == NULL)
            abort();
    }
    peer->records[peer->record_count++] = *written;
}

void sim_host_records_free(sim_peer_t *peer)
{
    for (size_t i = 0; i < peer->record_count; i++) {
        free(peer->records[i].name);
        free(peer->records[i].bytes);
    }
    free(peer->records);
}

void sim_peer_forget(sim_peer_t *peer, const char *keep)
{
    for (size_t i = peer->record_count; i-- > 0;) {
        if (keep != NULL && strncmp(peer->records[i].name, keep, strlen(keep)) == 0)
            continue;
        free(peer->records[i].name);
        free(peer->records[i].bytes);
        peer->records[i] = peer->records[--peer->record_count];
    }
    sim_book_lost(peer->sim, peer->index, 0);
    sim_book_kept(peer->sim, peer->index, 0);
}

static void puts_apply(sim_peer_t *peer, uint32_t ticket)
{
    size_t count = 0;
    for (; count < peer->put_count && peer->puts[count].ticket <= ticket; count++)
        record_write(peer, &peer->puts[count].record);
    if (count > 0)
        memmove(peer->puts, peer->puts + count, (peer->put_count - count) * sizeof *peer->puts);
    peer->put_count -= count;
    peer->put_done = ticket;
    sim_host_release(peer);
}

static void put_run(sim_t *sim, sim_event_t *event)
{
    sim_peer_t *peer = sim->peers[event->peer];
    if (event->value <= peer->put_done)
        return;
    puts_apply(peer, event->value);
    sim_peer_step(peer, &(nkt_event_t){.kind = NKT_EV_PUT_DONE, .ticket = event->value});
}

void sim_host_put(sim_peer_t *peer, const nkt_effect_t *fx)
{
    sim_t *sim = peer->sim;
    if (!peer->options.persist)
        sim_fail(sim, "%s: PUT without options.persist", peer->name);
    if (peer->put_count == peer->put_capacity) {
        peer->put_capacity = peer->put_capacity == 0 ? 16 : peer->put_capacity * 2;
        peer->puts = realloc(peer->puts, peer->put_capacity * sizeof *peer->puts);
        if (peer->puts == NULL)
            abort();
    }
    char *name = sim_alloc(fx->text_size + 1, 1);
    memcpy(name, fx->text, fx->text_size);
    peer->puts[peer->put_count++] =
        (sim_put_t){.ticket = fx->ticket,
                    .put_ms = sim->now_ms,
                    .record = {.name = name,
                               .bytes = fx->bytes_size > 0 ? sim_copy(fx->bytes, fx->bytes_size) : NULL,
                               .bytes_size = fx->bytes_size}};
    peer->counts.puts++;
    peer->counts.put_size += fx->bytes_size;
    if (sim->options.put_ms.max == 0)
        return;
    uint64_t at_ms = sim->now_ms + sim_between(sim, sim->options.put_ms);
    if (at_ms < peer->put_pipe_ms)
        at_ms = peer->put_pipe_ms;
    peer->put_pipe_ms = at_ms;
    sim_later(sim, at_ms - sim->now_ms,
              (sim_event_t){.run = put_run, .peer = peer->index, .life = peer->life, .value = fx->ticket});
}

void sim_host_puts_drop(sim_peer_t *peer)
{
    for (size_t i = 0; i < peer->put_count; i++) {
        free(peer->puts[i].record.name);
        free(peer->puts[i].record.bytes);
    }
    peer->put_count = 0;
}

int sim_host_commit(sim_peer_t *peer)
{
    if (peer->put_count == 0 || peer->sim->options.put_ms.max != 0)
        return 0;
    puts_apply(peer, peer->puts[peer->put_count - 1].ticket);
    return 1;
}
