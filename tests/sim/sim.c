/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "world.h"

enum { TRACE_END_COUNT = 60, OWED_PRINT_COUNT = 5, LOSS_IN_A_ROW_MAX = 5, PROGRESS_EVENT_MASK = 0x3fff, PROGRESS_S = 5 };

void *sim_alloc(size_t count, size_t size)
{
    void *memory = calloc(count > 0 ? count : 1, size > 0 ? size : 1);
    if (memory == NULL)
        abort();
    return memory;
}

uint8_t *sim_copy(const uint8_t *bytes, size_t size)
{
    uint8_t *copy = sim_alloc(size + 1, 1);
    if (size > 0)
        memcpy(copy, bytes, size);
    return copy;
}

sim_options_t sim_defaults(uint64_t seed)
{
    return (sim_options_t){
        .seed = seed,
        .relay_count = 1,
        .tracker_count = 1,
        .latency_ms = {5, 60},
        .gather_ms = {10, 300},
        .setup_ms = {30, 400},
        .late_ms = {0, 4},
        .room = "sim",
    };
}

sim_t *sim_new(const sim_options_t *options)
{
    sim_t *sim = sim_alloc(1, sizeof *sim);
    sim->options = *options;
    if (sim->options.peer_count_max == 0)
        sim->options.peer_count_max = 16;
    sim_random_init(&sim->random, options->seed, 1);
    sim_trace_init(&sim->trace);
    sim->book.arriving_hops = -1;
    sim->trace.is_loud = getenv("SIM_TRACE") != NULL;
    sim->trace.is_off = options->is_light && !sim->trace.is_loud;
    sim->peers = sim_alloc(sim->options.peer_count_max, sizeof(sim_peer_t *));
    for (uint32_t i = 0; i < options->relay_count; i++)
        sim_server_add(sim, 0, i);
    for (uint32_t i = 0; i < options->tracker_count; i++)
        sim_server_add(sim, 1, i);
    return sim;
}

void sim_free(sim_t *sim)
{
    sim_peers_free(sim);
    sim_content_deinit(&sim->content);
    sim_servers_free(sim);
    sim_rtc_free(sim);
    sim_index_clear(&sim->by_address);
    sim_book_deinit(&sim->book);
    sim_witness_deinit(&sim->witness);
    sim_ratchets_deinit(&sim->ratchets);
    sim_trace_deinit(&sim->trace);
    sim_queue_deinit(&sim->queue);
    free(sim);
}

void sim_malice_set(sim_t *sim, const sim_malice_t *malice)
{
    sim->malice = *malice;
}

sim_peer_t *sim_peer_of(sim_t *sim, const nkt_address_t *address)
{
    const sim_row_t *row = sim_index_find(&sim->by_address, sim_index_key(address->b, NKT_ADDRESS_SIZE));
    return row == NULL ? NULL : sim->peers[row->ids[0]];
}

/* ---- time ---- */

void sim_later(sim_t *sim, uint64_t after_ms, sim_event_t event)
{
    event.at_ms = sim->now_ms + after_ms;
    event.order = 0;
    sim_queue_put(&sim->queue, &event);
}

uint64_t sim_wall_ms(const sim_t *sim)
{
    return SIM_WALL_S * UINT64_C(1000) + sim->now_ms;
}

uint32_t sim_between(sim_t *sim, sim_range_t range)
{
    return range.min + (uint32_t)sim_random_below(&sim->random, (uint64_t)range.max - range.min + 1);
}

uint32_t sim_pair_latency(const sim_t *sim, uint32_t a, uint32_t b)
{
    const sim_range_t *range = &sim->options.latency_ms;
    uint64_t luck = sim_random_of_pair(~sim->options.seed, a < b ? a : b, a < b ? b : a);
    return range->min + (uint32_t)(luck % ((uint64_t)range->max - range->min + 1));
}

static uint32_t latency(sim_t *sim, const sim_pipe_t *pipe)
{
    return pipe->latency_ms != 0 ? pipe->latency_ms : sim_between(sim, sim->options.latency_ms);
}

uint64_t sim_trips(sim_t *sim, const sim_pipe_t *pipe, int count)
{
    uint64_t trips_ms = 0;
    for (int i = 0; i < count; i++)
        trips_ms += latency(sim, pipe);
    return trips_ms;
}

/* When the last of those bytes has left. */
static uint64_t transfer(const sim_t *sim, sim_pipe_t *pipe, size_t size)
{
    if (sim->options.bytes_per_s == 0)
        return sim->now_ms;
    if (pipe->busy_us < sim->now_ms * 1000)
        pipe->busy_us = sim->now_ms * 1000;
    pipe->busy_us += (uint64_t)size * 1000000 / sim->options.bytes_per_s;
    return (pipe->busy_us + 999) / 1000;
}

void sim_pipe_late(const sim_t *sim, sim_pipe_t *pipe)
{
    if (pipe->at_ms < sim->now_ms + SIM_LATE_MS)
        pipe->at_ms = sim->now_ms + SIM_LATE_MS;
}

/* Late by what was lost on the way, and behind all that went before. */
static uint64_t arrival(sim_t *sim, sim_pipe_t *pipe, uint64_t at_ms)
{
    for (uint64_t wait_ms = SIM_RESEND_MS, i = 0; i < LOSS_IN_A_ROW_MAX; i++, wait_ms *= 2) {
        if (sim_random_below(&sim->random, 1000) >= sim->options.loss_permille)
            break;
        at_ms += wait_ms;
    }
    if (at_ms < pipe->at_ms)
        at_ms = pipe->at_ms; /* in order */
    pipe->at_ms = at_ms;
    return at_ms;
}

uint64_t sim_arrival(sim_t *sim, sim_pipe_t *pipe, size_t size)
{
    uint32_t latency_ms = latency(sim, pipe);
    return arrival(sim, pipe, transfer(sim, pipe, size) + latency_ms);
}

uint64_t sim_arrival_from(sim_t *sim, sim_pipe_t *pipe, uint64_t left_ms)
{
    uint32_t latency_ms = latency(sim, pipe);
    return arrival(sim, pipe, left_ms + latency_ms);
}

void sim_progress(sim_t *sim)
{
    uint64_t now_s = (uint64_t)time(NULL);
    if (sim->progress_s == 0)
        sim->progress_s = now_s;
    if (now_s < sim->progress_s + PROGRESS_S)
        return;
    sim->progress_s = now_s;
    fprintf(stderr, "  seed %llu: %llu.%u s, %u peers, %llu events, %zu to come, %u messages\n",
            (unsigned long long)sim->options.seed, (unsigned long long)(sim->now_ms / 1000),
            (unsigned)(sim->now_ms % 1000 / 100), sim->peer_count, (unsigned long long)sim->event_count, sim->queue.count,
            sim->book.said_count);
}

/* 1 if it happened, 0 if it waits, or was for somebody who is gone. */
static int event_run(sim_t *sim, sim_event_t *event)
{
    if (event->peer != SIM_NOBODY) {
        sim_peer_t *peer = sim->peers[event->peer];
        if (peer->life != event->life || peer->state == SIM_OFF)
            return 0;
        if (peer->state == SIM_ASLEEP && sim->now_ms >= peer->wake_ms)
            sim_peer_wake(peer);
        if (peer->state == SIM_ASLEEP) {
            event->at_ms = peer->wake_ms;
            sim_queue_put(&sim->queue, event);
            event->bytes = NULL;
            return 0;
        }
    }
    if ((++sim->event_count & PROGRESS_EVENT_MASK) == 0 && sim->options.has_progress)
        sim_progress(sim);
    event->run(sim, event);
    return 1;
}

static int run_one(sim_t *sim, uint64_t until_ms)
{
    sim_event_t event;
    if (!sim_queue_take(&sim->queue, until_ms, &event))
        return 0;
    sim->now_ms = event.at_ms;
    event_run(sim, &event);
    free(event.bytes);
    return 1;
}

void sim_run(sim_t *sim, uint64_t ms)
{
    uint64_t until_ms = sim->now_ms + ms;
    while (run_one(sim, until_ms))
        ;
    sim->now_ms = until_ms;
}

uint64_t sim_until(sim_t *sim, int (*is_done)(sim_t *sim), uint64_t limit_ms, const char *what)
{
    uint64_t begun_ms = sim->now_ms, until_ms = sim->now_ms + limit_ms;
    while (!is_done(sim)) {
        uint64_t next_ms = sim->queue.count == 0 ? until_ms + 1 : sim->queue.heap[0].at_ms;
        if (next_ms > until_ms && is_done == sim_all_delivered)
            sim_book_owed_print(sim, OWED_PRINT_COUNT);
        if (next_ms > until_ms)
            sim_fail(sim, "%s: not within %llu ms", what, (unsigned long long)limit_ms);
        while (run_one(sim, next_ms))
            ;
    }
    return sim->now_ms - begun_ms;
}

/* ---- conditions ---- */

static int for_all_pairs(sim_t *sim, int (*is_so)(sim_t *sim, const sim_peer_t *a, const sim_peer_t *b))
{
    for (uint32_t i = 0; i < sim->peer_count; i++) {
        for (uint32_t k = 0; k < sim->peer_count; k++) {
            const sim_peer_t *a = sim->peers[i], *b = sim->peers[k];
            if (i != k && a->state == SIM_ON && b->state == SIM_ON && !is_so(sim, a, b))
                return 0;
        }
    }
    return 1;
}

static int has_session(sim_t *sim, const sim_peer_t *a, const sim_peer_t *b)
{
    (void)sim;
    return sim_view(a, b)->session == NKT_SESSION_ESTABLISHED;
}

static int is_linked(sim_t *sim, const sim_peer_t *a, const sim_peer_t *b)
{
    return sim_view(a, b)->is_linked || sim_pair_is_cut(sim, a->index, b->index) || !a->options.has_rtc ||
           !b->options.has_rtc;
}

static int is_known(sim_t *sim, const sim_peer_t *a, const sim_peer_t *b)
{
    (void)sim;
    return sim_view(a, b)->is_known;
}

int sim_all_have_sessions(sim_t *sim)
{
    return for_all_pairs(sim, has_session);
}

int sim_all_are_linked(sim_t *sim)
{
    return for_all_pairs(sim, is_linked);
}

int sim_all_know_all(sim_t *sim)
{
    return for_all_pairs(sim, is_known);
}

int sim_all_met(sim_t *sim)
{
    return sim_all_have_sessions(sim) && sim_all_know_all(sim);
}

int sim_relays_up(sim_t *sim)
{
    for (uint32_t i = 0; i < sim->peer_count; i++) {
        int is_up = sim->peers[i]->state != SIM_ON || sim->peers[i]->options.relay_bits == 0;
        for (size_t k = 0; !is_up && k < sim->peers[i]->link_count; k++) {
            const sim_link_t *link = &sim->peers[i]->links[k];
            const sim_socket_t *socket = link->is_rtc ? NULL : sim_socket_find(sim, link->id);
            is_up = socket != NULL && socket->has_hello;
        }
        if (!is_up)
            return 0;
    }
    return 1;
}

/* ---- failing ---- */

void sim_fail(sim_t *sim, const char *format, ...)
{
    const sim_options_t *o = &sim->options;
    fflush(stdout);
    sim_trace_print_end(&sim->trace, TRACE_END_COUNT);
    fprintf(stderr,
            "seed %llu, peers %u of %u, relays %u, trackers %u, latency %u-%u, gather %u-%u, setup %u-%u, put %u-%u, late "
            "%u-%u ms, %s, %u bytes/s, loss %u, cut %u permille, room %s, secret %s, persist %d\n",
            (unsigned long long)o->seed, sim->peer_count, o->peer_count_max, o->relay_count, o->tracker_count,
            o->latency_ms.min, o->latency_ms.max, o->gather_ms.min, o->gather_ms.max, o->setup_ms.min, o->setup_ms.max,
            o->put_ms.min, o->put_ms.max, o->late_ms.min, o->late_ms.max,
            o->has_pair_latency ? "latency by pair" : "latency by message", o->bytes_per_s, o->loss_permille,
            o->cut_permille,
            o->room == NULL ? "none" : o->room, o->secret == NULL ? "none" : o->secret, o->persist);
    fprintf(stderr, "FAILED at %llu ms: %s", (unsigned long long)sim->now_ms, sim->note);
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    fflush(stderr);
    _Exit(1); /* without a report of leaks that nobody asked for */
}
