/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rtc_ends.h"

#include <stdlib.h>
#include <string.h>

#include "line.h"
#include "wire/kinds.h"
#include "world.h"

/* ---- ends ---- */

sim_end_t *sim_end_find(sim_t *sim, uint32_t id)
{
    return id < sim->ends.count ? sim->ends.list[id] : NULL;
}

static sim_end_t *end_new(sim_t *sim, uint32_t peer, uint32_t life, uint32_t link)
{
    sim_ends_t *ends = &sim->ends;
    if (ends->count == ends->capacity) {
        ends->capacity = ends->capacity == 0 ? 64 : ends->capacity * 2;
        ends->list = realloc(ends->list, ends->capacity * sizeof(sim_end_t *));
        if (ends->list == NULL)
            abort();
    }
    sim_end_t *end = sim_alloc(1, sizeof *end);
    *end = (sim_end_t){.id = ends->count, .peer = peer, .life = life, .link = link, .twin = SIM_NOBODY,
                       .remote = SIM_NOBODY};
    sim_random_fill(&sim->random, end->fingerprint, sizeof end->fingerprint);
    ends->list[ends->count++] = end;
    return end;
}

static void end_free(sim_t *sim, sim_end_t *end)
{
    sim->ends.list[end->id] = NULL;
    for (size_t i = 0; i < end->held_count; i++)
        free(end->held[i].bytes);
    free(end->held);
    free(end);
}

void sim_rtc_free(sim_t *sim)
{
    for (uint32_t i = 0; i < sim->ends.count; i++) {
        if (sim->ends.list[i] != NULL)
            end_free(sim, sim->ends.list[i]);
    }
    free(sim->ends.list);
    sim_index_clear(&sim->cut.index);
    sim_index_clear(&sim->bridges.index);
}

/* An event for the host of an end. */
void sim_end_tell(sim_t *sim, const sim_end_t *end, uint64_t after_ms, void (*run)(sim_t *, sim_event_t *))
{
    if (end->peer != SIM_NOBODY)
        sim_later(sim, after_ms,
                  (sim_event_t){.run = run, .peer = end->peer, .life = end->life, .id = end->id, .value = end->link});
}

void sim_end_local_run(sim_t *sim, sim_event_t *event)
{
    sim_end_t *end = sim_end_find(sim, event->id);
    if (end == NULL)
        return;
    end->has_local = 1;
    char *sdp = sim_rtc_describe(end);
    sim_peer_link_step(sim->peers[end->peer],
                       &(nkt_event_t){.kind = NKT_EV_RTC_LOCAL, .link = end->link, .text = sdp, .text_size = strlen(sdp)});
    free(sdp);
}

void sim_end_down_run(sim_t *sim, sim_event_t *event)
{
    sim_end_t *end = sim_end_find(sim, event->id);
    if (end == NULL)
        return;
    end_free(sim, end);
    sim_peer_link_down(sim->peers[event->peer], event->value, "connection failed");
}

void sim_end_suspect_run(sim_t *sim, sim_event_t *event)
{
    if (sim_end_find(sim, event->id) != NULL)
        sim_peer_link_step(sim->peers[event->peer],
                           &(nkt_event_t){.kind = NKT_EV_LINK_SUSPECT, .link = event->value, .value = 1});
}

/* The browser of that end notices that the other one does not answer. */
void sim_end_fade(sim_t *sim, const sim_end_t *end)
{
    sim_end_tell(sim, end, SIM_SUSPECT_MS, sim_end_suspect_run);
    sim_end_tell(sim, end, SIM_FAILED_MS, sim_end_down_run);
}

/* ---- connecting ---- */

static void up_run(sim_t *sim, sim_event_t *event)
{
    sim_end_t *end = sim_end_find(sim, event->id);
    if (end != NULL)
        sim_peer_link_step(sim->peers[end->peer], &(nkt_event_t){.kind = NKT_EV_LINK_UP, .link = end->link});
}

static void side_open(sim_t *sim, sim_end_t *end)
{
    end->is_up = 1;
    uint64_t at_ms = sim_arrival(sim, &end->in, 0);
    sim_end_tell(sim, end, at_ms - sim->now_ms, up_run);
}

static void join_run(sim_t *sim, sim_event_t *event)
{
    sim_end_t *one = sim_end_find(sim, event->id), *two = sim_end_find(sim, event->value);
    if (one == NULL || two == NULL)
        return;
    int is_asleep = (one->peer != SIM_NOBODY && sim->peers[one->peer]->state != SIM_ON) ||
                    (two->peer != SIM_NOBODY && sim->peers[two->peer]->state != SIM_ON);
    if (is_asleep || sim_pair_is_cut(sim, one->peer, two->peer))
        return; /* ICE goes on trying; the core gives up first */
    if (memcmp(one->remote_fingerprint, two->fingerprint, SIM_FINGERPRINT_SIZE) != 0 ||
        memcmp(two->remote_fingerprint, one->fingerprint, SIM_FINGERPRINT_SIZE) != 0) {
        sim_trace(sim, "DTLS refuses p%u and p%u", one->peer, two->peer);
        sim_end_tell(sim, one, 1, sim_end_down_run);
        sim_end_tell(sim, two, 1, sim_end_down_run);
        return;
    }
    sim->ends.opened_count++;
    side_open(sim, one);
    side_open(sim, two);
}

static void pair_settle(const sim_t *sim, sim_end_t *end, uint32_t other)
{
    if (sim->options.has_pair_latency && end->peer != SIM_NOBODY && other != SIM_NOBODY)
        end->in.latency_ms = end->in_bulk.latency_ms = sim_pair_latency(sim, end->peer, other);
}

/* As long as it takes, and no less than its trips do. */
static uint64_t setup_wait(sim_t *sim, const sim_end_t *end)
{
    uint64_t setup_ms = sim_between(sim, sim->options.setup_ms), trips_ms = sim_trips(sim, &end->in, SIM_SETUP_TRIPS - 1);
    return setup_ms > trips_ms ? setup_ms : trips_ms;
}

/* Both have their descriptions? */
static void join(sim_t *sim, sim_end_t *one)
{
    sim_end_t *two = sim_end_find(sim, one->remote);
    if (two == NULL || one->is_joined || two->is_joined || !one->has_local || !two->has_local || !two->has_remote ||
        two->remote != one->id)
        return;
    one->is_joined = two->is_joined = 1;
    sim->ends.joined_count++;
    pair_settle(sim, one, two->peer);
    pair_settle(sim, two, one->peer);
    sim_later(sim, setup_wait(sim, one),
              (sim_event_t){.run = join_run, .peer = SIM_NOBODY, .id = one->id, .value = two->id});
}

static uint32_t local_begin(sim_peer_t *peer, uint32_t link, const char *sdp, size_t size)
{
    sim_t *sim = peer->sim;
    sim_end_t *end = end_new(sim, peer->index, peer->life, link);
    if (!peer->options.has_rtc || (sdp != NULL && !sim_rtc_parse(sdp, size, &end->remote, end->remote_fingerprint))) {
        sim_end_tell(sim, end, 0, sim_end_down_run);
        return end->id;
    }
    end->has_remote = sdp != NULL;
    sim_end_tell(sim, end, sim_between(sim, sim->options.gather_ms), sim_end_local_run);
    return end->id;
}

uint32_t sim_rtc_offer(sim_peer_t *peer, uint32_t link)
{
    return local_begin(peer, link, NULL, 0);
}

uint32_t sim_rtc_answer(sim_peer_t *peer, uint32_t link, const char *sdp, size_t size)
{
    return local_begin(peer, link, sdp, size);
}

void sim_rtc_accept(sim_peer_t *peer, uint32_t id, const char *sdp, size_t size)
{
    sim_t *sim = peer->sim;
    sim_end_t *end = sim_end_find(sim, id);
    if (end == NULL)
        return;
    if (end->is_up && end->is_restarting) {
        sim_path_accept(sim, end, sdp, size);
        return;
    }
    if (end->has_remote || !sim_rtc_parse(sdp, size, &end->remote, end->remote_fingerprint)) {
        sim_end_tell(sim, end, 0, sim_end_down_run);
        return;
    }
    end->has_remote = 1;
    join(sim, end);
}

/* ---- data ---- */

static void data_run(sim_t *sim, sim_event_t *event)
{
    sim_end_t *end = sim_end_find(sim, event->id);
    if (end == NULL)
        return;
    if (end->peer == SIM_NOBODY) {
        const sim_end_t *twin = sim_end_find(sim, end->twin);
        if (twin != NULL && twin->is_up)
            sim_rtc_send(sim, twin->id, event->bytes, event->bytes_size, (int)event->flags);
        return;
    }
    int is_content = event->bytes_size > 0 && event->bytes[0] == NKT_FRAME_CONTENT; /* nothing that is said is in one */
    if (is_content)
        sim_contents_arrive(sim, event->bytes, event->bytes_size);
    else
        sim_book_arrives(sim, event->bytes, event->bytes_size, 1);
    sim_peer_link_step(sim->peers[end->peer], &(nkt_event_t){.kind = NKT_EV_LINK_DATA,
                                                            .link = end->link,
                                                            .bytes = event->bytes,
                                                            .bytes_size = event->bytes_size});
    if (!is_content)
        sim_book_arrived(sim);
}

/* What is sent meanwhile is sent again when the network is back. */
static void wait_for_network(const sim_t *sim, uint32_t peer, sim_pipe_t *pipe)
{
    if (peer != SIM_NOBODY && sim->peers[peer]->offline_ms > pipe->at_ms)
        pipe->at_ms = sim->peers[peer]->offline_ms;
}

void sim_end_arrive(sim_t *sim, const sim_end_t *to, uint64_t after_ms, uint8_t *bytes, size_t size, int is_bulk)
{
    sim_later(sim, after_ms,
              (sim_event_t){.run = data_run, .peer = to->peer, .life = to->life, .id = to->id, .bytes = bytes,
                            .bytes_size = size, .flags = (uint32_t)is_bulk});
}

/* The two channels share what the link carries. */
static uint64_t bulk_arrival(sim_t *sim, sim_end_t *to, size_t size)
{
    to->in_bulk.busy_us = to->in.busy_us;
    uint64_t at_ms = sim_arrival(sim, &to->in_bulk, size);
    to->in.busy_us = to->in_bulk.busy_us;
    return at_ms;
}

void sim_end_deliver(sim_t *sim, sim_end_t *to, uint8_t *bytes, size_t size, int is_bulk)
{
    if (sim->options.line_bytes_per_s != 0 && to->peer != SIM_NOBODY)
        sim_line_deliver(sim, to, bytes, size, is_bulk);
    else
        sim_end_arrive(sim, to, (is_bulk ? bulk_arrival(sim, to, size) : sim_arrival(sim, &to->in, size)) - sim->now_ms, bytes, size,
                       is_bulk);
}

void sim_rtc_send(sim_t *sim, uint32_t id, const uint8_t *bytes, size_t size, int is_bulk)
{
    const sim_end_t *end = sim_end_find(sim, id);
    sim_end_t *other = end == NULL || !end->is_up ? NULL : sim_end_find(sim, end->remote);
    if (other == NULL || !other->is_up || sim_pair_is_cut(sim, end->peer, other->peer))
        return;
    sim_pipe_t *pipe = is_bulk ? &other->in_bulk : &other->in;
    uint8_t *copy = sim_copy(bytes, size);
    sim_verdict_t verdict = SIM_PASS;
    if (size > 0 && bytes[0] == NKT_FRAME_CONTENT)
        sim_contents_sent(sim, end->peer, bytes, size);
    if (sim->malice.rtc != NULL && end->peer != SIM_NOBODY && other->peer != SIM_NOBODY)
        verdict = sim->malice.rtc(sim->malice.context, sim, sim->peers[end->peer], sim->peers[other->peer], copy, &size);
    if (verdict == SIM_DROP) {
        free(copy);
        return;
    }
    if (other->is_broken) {
        sim_path_hold(other, copy, size, is_bulk);
        return;
    }
    wait_for_network(sim, end->peer, pipe);
    wait_for_network(sim, other->peer, pipe);
    if (verdict == SIM_TWICE)
        sim_end_deliver(sim, other, sim_copy(copy, size), size, is_bulk);
    sim_end_deliver(sim, other, copy, size, is_bulk);
    if (verdict == SIM_LATE)
        sim_pipe_late(sim, pipe);
}

void sim_rtc_send_lossy(sim_t *sim, uint32_t id, const uint8_t *bytes, size_t size)
{
    enum { LOST_PERMILLE = 100, TWICE_PERMILLE = 50, LATE_MS_MAX = 80 };
    const sim_end_t *end = sim_end_find(sim, id);
    const sim_end_t *other = end == NULL || !end->is_up ? NULL : sim_end_find(sim, end->remote);
    if (other == NULL || !other->is_up || other->is_broken || sim_pair_is_cut(sim, end->peer, other->peer))
        return;
    uint64_t luck = sim_between(sim, (sim_range_t){0, 999});
    for (int i = luck < LOST_PERMILLE ? 0 : luck < LOST_PERMILLE + TWICE_PERMILLE ? 2 : 1; i > 0; i--)
        sim_end_arrive(sim, other, sim_between(sim, (sim_range_t){1, LATE_MS_MAX}), sim_copy(bytes, size), size, 0);
}

/* ---- ending ---- */

void sim_rtc_close(sim_t *sim, uint32_t id)
{
    sim_end_t *end = sim_end_find(sim, id);
    if (end == NULL)
        return;
    sim_end_t *other = sim_end_find(sim, end->remote);
    if (end->is_up && other != NULL && other->is_up && other->peer != SIM_NOBODY) {
        if (sim_pair_is_cut(sim, end->peer, other->peer))
            sim_end_fade(sim, other);
        else
            sim_end_tell(sim, other, sim_arrival(sim, &other->in, 0) - sim->now_ms, sim_end_down_run);
    }
    end_free(sim, end);
}

static void silent_run(sim_t *sim, sim_event_t *event)
{
    sim_end_t *end = sim_end_find(sim, event->id), *other = sim_end_find(sim, event->value);
    if (other == NULL || (end != NULL && sim->peers[end->peer]->state == SIM_ON))
        return; /* it is back */
    event->run = event->flags ? sim_end_down_run : sim_end_suspect_run;
    event->id = other->id;
    event->value = other->link;
    event->peer = other->peer;
    event->life = other->life;
    if (sim->peers[other->peer]->state == SIM_ON && sim->peers[other->peer]->life == other->life)
        event->run(sim, event);
}

void sim_rtc_silence(sim_t *sim, uint32_t id, int is_gone)
{
    sim_end_t *end = sim_end_find(sim, id);
    if (end == NULL)
        return;
    const sim_end_t *other = end->is_up ? sim_end_find(sim, end->remote) : NULL;
    if (other != NULL && other->peer != SIM_NOBODY) { /* a man in the middle goes on */
        sim_event_t event = {.run = silent_run, .peer = SIM_NOBODY, .id = end->id, .value = other->id};
        sim_later(sim, SIM_SUSPECT_MS, event);
        event.flags = 1;
        sim_later(sim, SIM_FAILED_MS, event);
    }
    if (is_gone)
        end_free(sim, end);
}

void sim_rtc_wake(sim_t *sim, uint32_t id)
{
    const sim_end_t *end = sim_end_find(sim, id);
    if (end != NULL && end->is_up && sim_end_find(sim, end->remote) == NULL)
        sim_end_fade(sim, end);
}

void sim_break(sim_t *sim, const sim_peer_t *a, const sim_peer_t *b)
{
    for (size_t i = 0; i < a->link_count; i++) {
        const sim_end_t *end = a->links[i].is_rtc ? sim_end_find(sim, a->links[i].id) : NULL;
        const sim_end_t *other = end == NULL || !end->is_up ? NULL : sim_end_find(sim, end->remote);
        if (other == NULL || other->peer != b->index)
            continue;
        sim_end_tell(sim, end, 0, sim_end_down_run);
        sim_end_tell(sim, other, 0, sim_end_down_run);
    }
}

/* ---- a man in the middle ---- */

void sim_rtc_intercept(sim_t *sim, const char *offer, char **to_answerer, char **to_offerer)
{
    sim_end_t *far = end_new(sim, SIM_NOBODY, 0, 0), *near = end_new(sim, SIM_NOBODY, 0, 0);
    far->twin = near->id;
    near->twin = far->id;
    far->has_local = near->has_local = near->has_remote = 1;
    if (!sim_rtc_parse(offer, strlen(offer), &near->remote, near->remote_fingerprint))
        sim_fail(sim, "nothing to intercept in %s", offer);
    *to_answerer = sim_rtc_describe(far);
    *to_offerer = sim_rtc_describe(near);
}

void sim_rtc_intercept_answer(sim_t *sim, const char *answer)
{
    uint32_t id;
    uint8_t fingerprint[SIM_FINGERPRINT_SIZE];
    if (!sim_rtc_parse(answer, strlen(answer), &id, fingerprint))
        sim_fail(sim, "nothing to intercept in %s", answer);
    const sim_end_t *answerer = sim_end_find(sim, id);
    sim_end_t *far = answerer == NULL ? NULL : sim_end_find(sim, answerer->remote);
    if (far == NULL || far->peer != SIM_NOBODY)
        return;
    far->remote = id;
    far->has_remote = 1;
    memcpy(far->remote_fingerprint, fingerprint, sizeof fingerprint);
    join(sim, far);
}
