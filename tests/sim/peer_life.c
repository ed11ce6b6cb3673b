/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What becomes of a host: it starts, stops, crashes, sleeps, loses its network; its clock is set. */
#include <stdlib.h>
#include <string.h>

#include "peer_core.h"
#include "wire/limits.h"
#include "world.h"

void sim_peer_start(sim_peer_t *peer)
{
    sim_t *sim = peer->sim;
    if (peer->state != SIM_OFF)
        sim_fail(sim, "%s runs already", peer->name);
    sim_core_free(peer);
    peer->life++;
    peer->state = SIM_ON;
    peer->put_done = 0;
    peer->frozen_ms = 0;
    peer->timer_ms = UINT64_MAX;
    peer->neighbour_count = 0;
    peer->started_ms = sim->now_ms;
    sim_views_clear(peer);
    sim_core_start(peer);
    if (peer->core == NULL) {
        peer->state = SIM_OFF;
        return;
    }
    sim_trace(sim, "%s starts", peer->name);
    size_t count = peer->record_count; /* those stored by now: a bad one is deleted meanwhile */
    sim_record_t *stored = sim_alloc(count + 1, sizeof *stored);
    for (size_t i = 0; i < count; i++) {
        stored[i] = peer->records[i];
        stored[i].name = (char *)sim_copy((const uint8_t *)stored[i].name, strlen(stored[i].name) + 1);
        stored[i].bytes = sim_copy(stored[i].bytes, stored[i].bytes_size);
    }
    for (size_t i = 0; i < count; i++) {
        if (peer->core != NULL)
            sim_peer_step(peer, &(nkt_event_t){.kind = NKT_EV_RESTORE,
                                               .text = stored[i].name,
                                               .text_size = strlen(stored[i].name),
                                               .bytes = stored[i].bytes,
                                               .bytes_size = stored[i].bytes_size});
        free(stored[i].name);
        free(stored[i].bytes);
    }
    free(stored);
    if (peer->core != NULL)
        sim_family_seed(peer);
    if (peer->core != NULL)
        sim_peer_step(peer, &(nkt_event_t){.kind = NKT_EV_START});
    sim_family_tell(sim, peer->index);
}

enum { STORED_LATE_MS = 2 * NKT_JOURNAL_GATHER_MS }; /* what is said is asked to be stored by then, be timers late */

static void off(sim_peer_t *peer, int is_gone)
{
    uint64_t stored_ms = peer->put_count > 0 ? peer->puts[0].put_ms : peer->sim->now_ms;
    peer->state = SIM_OFF;
    if (!peer->options.persist)
        sim_book_lost(peer->sim, peer->index, 0);
    else if (peer->put_count > 0) /* what the application heard is only as durable as the record of it */
        sim_book_lost(peer->sim, peer->index, stored_ms);
    if (peer->options.persist && stored_ms > STORED_LATE_MS)
        sim_book_kept(peer->sim, peer->index, stored_ms - STORED_LATE_MS);
    sim_host_reset(peer, is_gone);
    sim_core_free(peer);
    sim_views_clear(peer); /* what its user saw is gone with it */
    peer->neighbour_count = 0;
    peer->ended_ms = peer->sim->now_ms;
    sim_family_tell(peer->sim, peer->index);
}

void sim_peer_stop(sim_peer_t *peer)
{
    sim_trace(peer->sim, "%s stops", peer->name);
    sim_peer_step(peer, &(nkt_event_t){.kind = NKT_EV_STOP});
    if (peer->state != SIM_OFF)
        off(peer, 1);
}

void sim_peer_crash(sim_peer_t *peer)
{
    sim_trace(peer->sim, "%s crashes", peer->name);
    off(peer, 1);
}

void sim_peer_leave(sim_peer_t *peer, int is_silent)
{
    if (is_silent)
        sim_peer_crash(peer);
    else
        sim_peer_stop(peer);
}

static void wake_run(sim_t *sim, sim_event_t *event)
{
    sim_peer_t *peer = sim->peers[event->id];
    if (peer->state == SIM_ASLEEP && sim->now_ms >= peer->wake_ms)
        sim_peer_wake(peer);
}

static void socket_dead_run(sim_t *sim, sim_event_t *event)
{
    sim_socket_t *socket = sim_socket_find(sim, event->id);
    if (socket != NULL && sim->peers[socket->peer]->state == SIM_ASLEEP &&
        sim->peers[socket->peer]->slept_ms + SIM_SOCKET_DEAD_MS <= sim->now_ms)
        sim_socket_drop(sim, socket, "connection reset");
}

void sim_peer_sleep(sim_peer_t *peer, uint64_t ms, int clock_stops)
{
    sim_t *sim = peer->sim;
    sim_trace(sim, "%s sleeps %llu ms", peer->name, (unsigned long long)ms);
    peer->state = SIM_ASLEEP;
    peer->slept_ms = sim->now_ms;
    peer->wake_ms = sim->now_ms + ms;
    peer->clock_stops = clock_stops;
    sim_later(sim, ms, (sim_event_t){.run = wake_run, .peer = SIM_NOBODY, .id = peer->index});
    for (size_t i = 0; i < peer->link_count; i++) {
        uint32_t id = peer->links[i].id;
        if (peer->links[i].is_rtc)
            sim_rtc_silence(sim, id, 0);
        else
            sim_later(sim, SIM_SOCKET_DEAD_MS, (sim_event_t){.run = socket_dead_run, .peer = SIM_NOBODY, .id = id});
    }
}

void sim_peer_wake(sim_peer_t *peer)
{
    sim_t *sim = peer->sim;
    sim_trace(sim, "%s wakes", peer->name);
    peer->state = SIM_ON;
    for (size_t i = 0; i < peer->link_count; i++) {
        if (peer->links[i].is_rtc)
            sim_rtc_wake(sim, peer->links[i].id);
    }
    if (peer->clock_stops) {
        peer->frozen_ms += sim->now_ms - peer->slept_ms;
        sim_peer_step(peer, &(nkt_event_t){.kind = NKT_EV_WAKE});
    } else {
        sim_peer_step(peer, &(nkt_event_t){.kind = NKT_EV_TIME});
    }
}

void sim_peer_block(sim_peer_t *peer, uint64_t ms)
{
    sim_t *sim = peer->sim;
    sim_trace(sim, "%s is cut off for %llu ms", peer->name, (unsigned long long)ms);
    peer->blocked_ms = sim->now_ms + ms;
    for (size_t i = 0; i < peer->link_count; i++) {
        sim_socket_t *socket = peer->links[i].is_rtc ? NULL : sim_socket_find(sim, peer->links[i].id);
        if (socket != NULL)
            sim_socket_drop(sim, socket, "network changed");
    }
}

void sim_peer_clock_jump(sim_peer_t *peer, int64_t ms)
{
    peer->options.skew_ms += ms;
    sim_trace(peer->sim, "%s sets its clock by %lld ms, it is off by %lld", peer->name, (long long)ms, (long long)peer->options.skew_ms);
}

void sim_peer_offline(sim_peer_t *peer, uint64_t ms)
{
    peer->offline_ms = peer->sim->now_ms + ms;
    sim_peer_block(peer, ms);
}
