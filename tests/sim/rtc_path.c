/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The path of a link breaks without the link: what is sent waits until ICE was restarted by both ends, or it is given up. */
#include <stdlib.h>
#include <string.h>

#include "rtc_ends.h"
#include "world.h"

static void path_suspect_run(sim_t *sim, sim_event_t *event)
{
    const sim_end_t *end = sim_end_find(sim, event->id);
    if (end != NULL && end->is_broken && end->break_count == event->flags)
        sim_end_suspect_run(sim, event);
}

static void path_failed_run(sim_t *sim, sim_event_t *event)
{
    const sim_end_t *end = sim_end_find(sim, event->id);
    if (end != NULL && end->is_broken && end->break_count == event->flags && !end->is_restarting)
        sim_end_down_run(sim, event);
}

static void path_end_break(sim_t *sim, sim_end_t *end)
{
    sim_event_t event = {.run = path_suspect_run, .peer = end->peer, .life = end->life, .id = end->id, .value = end->link};
    end->is_broken = 1;
    event.flags = ++end->break_count;
    sim_later(sim, SIM_SUSPECT_MS, event);
    event.run = path_failed_run;
    sim_later(sim, SIM_FAILED_MS, event);
}

void sim_path_break(sim_t *sim, const sim_peer_t *a, const sim_peer_t *b)
{
    for (size_t i = 0; i < a->link_count; i++) {
        sim_end_t *end = a->links[i].is_rtc ? sim_end_find(sim, a->links[i].id) : NULL;
        sim_end_t *other = end == NULL || !end->is_up ? NULL : sim_end_find(sim, end->remote);
        if (other == NULL || other->peer != b->index)
            continue;
        sim_trace(sim, "the path of %s and %s breaks", a->name, b->name);
        path_end_break(sim, end);
        path_end_break(sim, other);
    }
}

void sim_path_hold(sim_end_t *to, uint8_t *bytes, size_t size, int is_bulk)
{
    if (to->held_count == to->held_capacity) {
        to->held_capacity = to->held_capacity == 0 ? 8 : to->held_capacity * 2;
        to->held = realloc(to->held, to->held_capacity * sizeof *to->held);
        if (to->held == NULL)
            abort();
    }
    to->held[to->held_count++] = (sim_waiting_t){bytes, size, is_bulk};
}

static void path_end_mend(sim_t *sim, sim_end_t *end)
{
    end->is_broken = end->is_restarting = 0;
    sim_peer_link_step(sim->peers[end->peer], &(nkt_event_t){.kind = NKT_EV_LINK_SUSPECT, .link = end->link, .value = 0});
    for (size_t i = 0; i < end->held_count; i++)
        sim_end_deliver(sim, end, end->held[i].bytes, end->held[i].size, end->held[i].is_bulk);
    end->held_count = 0;
}

static void mended_run(sim_t *sim, sim_event_t *event)
{
    sim_end_t *one = sim_end_find(sim, event->id), *two = sim_end_find(sim, event->value);
    if (one == NULL || two == NULL || sim_pair_is_cut(sim, one->peer, two->peer))
        return; /* ICE goes on trying */
    sim->ends.restarted_count++;
    uint32_t other = two->id;
    path_end_mend(sim, one);
    two = sim_end_find(sim, other);
    if (two != NULL)
        path_end_mend(sim, two);
}

void sim_rtc_restart(sim_peer_t *peer, uint32_t id, const char *sdp, size_t size)
{
    sim_t *sim = peer->sim;
    sim_end_t *end = sim_end_find(sim, id);
    uint32_t remote;
    uint8_t print[SIM_FINGERPRINT_SIZE];
    if (end == NULL || !end->is_up)
        return;
    if (sdp != NULL && (!sim_rtc_parse(sdp, size, &remote, print) || remote != end->remote ||
                        memcmp(print, end->remote_fingerprint, sizeof print) != 0))
        sim_fail(sim, "%s restarts a link with somebody else", peer->name);
    end->is_restarting = 1;
    sim_end_tell(sim, end, sim_between(sim, sim->options.gather_ms), sim_end_local_run);
}

void sim_path_accept(sim_t *sim, const sim_end_t *end, const char *sdp, size_t size)
{
    uint32_t remote;
    uint8_t print[SIM_FINGERPRINT_SIZE];
    const sim_end_t *other = sim_end_find(sim, end->remote);
    if (!sim_rtc_parse(sdp, size, &remote, print) || remote != end->remote ||
        memcmp(print, end->remote_fingerprint, sizeof print) != 0)
        sim_fail(sim, "p%u restarts a link with somebody else", end->peer);
    if (other != NULL && other->is_restarting)
        sim_later(sim, sim_between(sim, sim->options.setup_ms),
                  (sim_event_t){.run = mended_run, .peer = SIM_NOBODY, .id = end->id, .value = other->id});
}
