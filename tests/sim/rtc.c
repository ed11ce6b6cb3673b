/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rtc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "world.h"

enum { SDP_SIZE_MAX = 1400 };

/* ---- pairs ---- */

static uint64_t pair_key(uint32_t a, uint32_t b)
{
    const uint32_t both[2] = {a < b ? a : b, a < b ? b : a};
    return sim_index_key(both, sizeof both);
}

void sim_pairs_add(sim_pairs_t *pairs, uint32_t a, uint32_t b)
{
    sim_index_add(&pairs->index, pair_key(a, b), a < b ? a : b);
}

void sim_pairs_remove(sim_pairs_t *pairs, uint32_t a, uint32_t b)
{
    sim_index_remove(&pairs->index, pair_key(a, b), a < b ? a : b);
}

int sim_pairs_has(const sim_pairs_t *pairs, uint32_t a, uint32_t b)
{
    return pairs->index.used > 0 && sim_index_has(&pairs->index, pair_key(a, b), a < b ? a : b);
}

/* On different sides of a split world? */
static int is_apart(const sim_t *sim, uint32_t a, uint32_t b)
{
    return sim->is_split && sim->peers[a]->side != sim->peers[b]->side && !sim_pairs_has(&sim->bridges, a, b);
}

int sim_pair_is_cut(const sim_t *sim, uint32_t a, uint32_t b)
{
    if (a == SIM_NOBODY || b == SIM_NOBODY)
        return 0;
    uint64_t luck = sim_random_of_pair(sim->options.seed, a < b ? a : b, a < b ? b : a) % 1000;
    if (luck < sim->options.cut_permille && !sim_pairs_has(&sim->bridges, a, b))
        return 1;
    return sim_pairs_has(&sim->cut, a, b) || is_apart(sim, a, b);
}

/* ---- descriptions ---- */

char *sim_rtc_describe(const sim_end_t *end)
{
    static const char hex[] = "0123456789ABCDEF";
    char print[SIM_FINGERPRINT_SIZE * 3];
    for (size_t i = 0; i < SIM_FINGERPRINT_SIZE; i++) {
        print[i * 3] = hex[end->fingerprint[i] >> 4];
        print[i * 3 + 1] = hex[end->fingerprint[i] & 15];
        print[i * 3 + 2] = ':';
    }
    print[sizeof print - 1] = '\0';
    char *sdp = sim_alloc(SDP_SIZE_MAX, 1);
    snprintf(sdp, SDP_SIZE_MAX,
             "v=0\r\no=- 46117317%u 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\na=extmap-allow-mixed\r\n"
             "a=msid-semantic: WMS\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\n"
             "a=candidate:1 1 udp 2113937151 6f8a0f2c-0000-4000-8000-%012x.local 50000 typ host generation 0 "
             "network-cost 999\r\na=candidate:2 1 udp 1677729535 203.0.113.7 50000 typ srflx raddr 0.0.0.0 rport 0 "
             "generation 0 network-cost 999\r\na=ice-ufrag:%08x\r\na=ice-pwd:0123456789abcdef01234567\r\n"
             "a=ice-options:trickle\r\na=fingerprint:sha-256 %s\r\na=setup:%s\r\na=mid:0\r\na=sctp-port:5000\r\n"
             "a=max-message-size:262144\r\n",
             end->id, end->id, end->id, print, end->has_remote ? "active" : "actpass");
    return sdp;
}

static const char *after(const char *sdp, const char *name)
{
    const char *at = strstr(sdp, name);
    return at == NULL ? NULL : at + strlen(name);
}

int sim_rtc_parse(const char *sdp, size_t size, uint32_t *id, uint8_t fingerprint[SIM_FINGERPRINT_SIZE])
{
    char text[SDP_SIZE_MAX] = {0};
    if (size >= sizeof text)
        return 0;
    memcpy(text, sdp, size);
    const char *fragment = after(text, "a=ice-ufrag:");
    const char *print = after(text, "a=fingerprint:sha-256 ");
    if (fragment == NULL || print == NULL || strlen(print) < SIM_FINGERPRINT_SIZE * 3)
        return 0;
    *id = (uint32_t)strtoul(fragment, NULL, 16);
    for (size_t i = 0; i < SIM_FINGERPRINT_SIZE; i++)
        fingerprint[i] = (uint8_t)strtoul(print + i * 3, NULL, 16);
    return 1;
}

/* ---- ends ---- */

static sim_end_t *end_find(sim_t *sim, uint32_t id)
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
static void tell(sim_t *sim, const sim_end_t *end, uint64_t after_ms, void (*run)(sim_t *, sim_event_t *))
{
    if (end->peer != SIM_NOBODY)
        sim_later(sim, after_ms,
                  (sim_event_t){.run = run, .peer = end->peer, .life = end->life, .id = end->id, .value = end->link});
}

static void local_run(sim_t *sim, sim_event_t *event)
{
    sim_end_t *end = end_find(sim, event->id);
    if (end == NULL)
        return;
    end->has_local = 1;
    char *sdp = sim_rtc_describe(end);
    sim_peer_step(sim->peers[end->peer],
                  &(nkt_event_t){.kind = NKT_EV_RTC_LOCAL, .link = end->link, .text = sdp, .text_size = strlen(sdp)});
    free(sdp);
}

static void down_run(sim_t *sim, sim_event_t *event)
{
    sim_end_t *end = end_find(sim, event->id);
    if (end == NULL)
        return;
    end_free(sim, end);
    sim_peer_link_down(sim->peers[event->peer], event->value, "connection failed");
}

static void shaky_run(sim_t *sim, sim_event_t *event)
{
    if (end_find(sim, event->id) != NULL)
        sim_peer_step(sim->peers[event->peer],
                      &(nkt_event_t){.kind = NKT_EV_LINK_SHAKY, .link = event->value, .value = 1});
}

/* The browser of that end notices that the other one does not answer. */
static void fade(sim_t *sim, const sim_end_t *end)
{
    tell(sim, end, SIM_SHAKY_MS, shaky_run);
    tell(sim, end, SIM_FAILED_MS, down_run);
}

/* ---- connecting ---- */

static void up_run(sim_t *sim, sim_event_t *event)
{
    sim_end_t *end = end_find(sim, event->id);
    if (end != NULL)
        sim_peer_step(sim->peers[end->peer], &(nkt_event_t){.kind = NKT_EV_LINK_UP, .link = end->link});
}

static void side_open(sim_t *sim, sim_end_t *end)
{
    end->is_up = 1;
    const sim_end_t *other = end_find(sim, end->remote);
    if (sim->options.has_pair_latency && end->peer != SIM_NOBODY && other->peer != SIM_NOBODY)
        end->in.latency_ms = sim_pair_latency(sim, end->peer, other->peer);
    uint64_t at_ms = sim_arrival(sim, &end->in, 0);
    tell(sim, end, at_ms - sim->now_ms, up_run);
}

static void join_run(sim_t *sim, sim_event_t *event)
{
    sim_end_t *one = end_find(sim, event->id), *two = end_find(sim, event->value);
    if (one == NULL || two == NULL)
        return;
    int is_asleep = (one->peer != SIM_NOBODY && sim->peers[one->peer]->state != SIM_ON) ||
                    (two->peer != SIM_NOBODY && sim->peers[two->peer]->state != SIM_ON);
    if (is_asleep || sim_pair_is_cut(sim, one->peer, two->peer))
        return; /* ICE goes on trying; the core gives up first */
    if (memcmp(one->remote_fingerprint, two->fingerprint, SIM_FINGERPRINT_SIZE) != 0 ||
        memcmp(two->remote_fingerprint, one->fingerprint, SIM_FINGERPRINT_SIZE) != 0) {
        sim_trace(sim, "DTLS refuses p%u and p%u", one->peer, two->peer);
        tell(sim, one, 1, down_run);
        tell(sim, two, 1, down_run);
        return;
    }
    sim->ends.opened_count++;
    side_open(sim, one);
    side_open(sim, two);
}

/* Both have their descriptions? */
static void join(sim_t *sim, sim_end_t *one)
{
    sim_end_t *two = end_find(sim, one->remote);
    if (two == NULL || one->is_joined || two->is_joined || !one->has_local || !two->has_local || !two->has_remote ||
        two->remote != one->id)
        return;
    one->is_joined = two->is_joined = 1;
    sim->ends.joined_count++;
    sim_later(sim, sim_between(sim, sim->options.setup_ms),
              (sim_event_t){.run = join_run, .peer = SIM_NOBODY, .id = one->id, .value = two->id});
}

static uint32_t local_begin(sim_peer_t *peer, uint32_t link, const char *sdp, size_t size)
{
    sim_t *sim = peer->sim;
    sim_end_t *end = end_new(sim, peer->index, peer->life, link);
    if (!peer->options.has_rtc || (sdp != NULL && !sim_rtc_parse(sdp, size, &end->remote, end->remote_fingerprint))) {
        tell(sim, end, 0, down_run);
        return end->id;
    }
    end->has_remote = sdp != NULL;
    tell(sim, end, sim_between(sim, sim->options.gather_ms), local_run);
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

/* ---- a path that breaks, and ICE restarted ---- */

static void path_shaky_run(sim_t *sim, sim_event_t *event)
{
    const sim_end_t *end = end_find(sim, event->id);
    if (end != NULL && end->is_broken && end->break_count == event->flags)
        shaky_run(sim, event);
}

static void path_failed_run(sim_t *sim, sim_event_t *event)
{
    const sim_end_t *end = end_find(sim, event->id);
    if (end != NULL && end->is_broken && end->break_count == event->flags && !end->is_restarting)
        down_run(sim, event);
}

static void path_end_break(sim_t *sim, sim_end_t *end)
{
    sim_event_t event = {.run = path_shaky_run, .peer = end->peer, .life = end->life, .id = end->id, .value = end->link};
    end->is_broken = 1;
    event.flags = ++end->break_count;
    sim_later(sim, SIM_SHAKY_MS, event);
    event.run = path_failed_run;
    sim_later(sim, SIM_FAILED_MS, event);
}

void sim_path_break(sim_t *sim, const sim_peer_t *a, const sim_peer_t *b)
{
    for (size_t i = 0; i < a->link_count; i++) {
        sim_end_t *end = a->links[i].is_rtc ? end_find(sim, a->links[i].id) : NULL;
        sim_end_t *other = end == NULL || !end->is_up ? NULL : end_find(sim, end->remote);
        if (other == NULL || other->peer != b->index)
            continue;
        sim_trace(sim, "the path of %s and %s breaks", a->name, b->name);
        path_end_break(sim, end);
        path_end_break(sim, other);
    }
}

static void path_hold(sim_end_t *to, uint8_t *bytes, size_t size)
{
    if (to->held_count == to->held_capacity) {
        to->held_capacity = to->held_capacity == 0 ? 8 : to->held_capacity * 2;
        to->held = realloc(to->held, to->held_capacity * sizeof *to->held);
        if (to->held == NULL)
            abort();
    }
    to->held[to->held_count++] = (sim_waiting_t){bytes, size};
}

static void deliver(sim_t *sim, sim_end_t *to, uint8_t *bytes, size_t size);

static void path_end_mend(sim_t *sim, sim_end_t *end)
{
    end->is_broken = end->is_restarting = 0;
    sim_peer_step(sim->peers[end->peer], &(nkt_event_t){.kind = NKT_EV_LINK_SHAKY, .link = end->link, .value = 0});
    for (size_t i = 0; i < end->held_count; i++)
        deliver(sim, end, end->held[i].bytes, end->held[i].size);
    end->held_count = 0;
}

static void mended_run(sim_t *sim, sim_event_t *event)
{
    sim_end_t *one = end_find(sim, event->id), *two = end_find(sim, event->value);
    if (one == NULL || two == NULL || sim_pair_is_cut(sim, one->peer, two->peer))
        return; /* ICE goes on trying */
    sim->ends.restarted_count++;
    uint32_t other = two->id;
    path_end_mend(sim, one);
    two = end_find(sim, other);
    if (two != NULL)
        path_end_mend(sim, two);
}

void sim_rtc_restart(sim_peer_t *peer, uint32_t id, const char *sdp, size_t size)
{
    sim_t *sim = peer->sim;
    sim_end_t *end = end_find(sim, id);
    uint32_t remote;
    uint8_t print[SIM_FINGERPRINT_SIZE];
    if (end == NULL || !end->is_up)
        return;
    if (sdp != NULL && (!sim_rtc_parse(sdp, size, &remote, print) || remote != end->remote ||
                        memcmp(print, end->remote_fingerprint, sizeof print) != 0))
        sim_fail(sim, "%s restarts a link with somebody else", peer->name);
    end->is_restarting = 1;
    tell(sim, end, sim_between(sim, sim->options.gather_ms), local_run);
}

static void restart_accept(sim_t *sim, const sim_end_t *end, const char *sdp, size_t size)
{
    uint32_t remote;
    uint8_t print[SIM_FINGERPRINT_SIZE];
    const sim_end_t *other = end_find(sim, end->remote);
    if (!sim_rtc_parse(sdp, size, &remote, print) || remote != end->remote ||
        memcmp(print, end->remote_fingerprint, sizeof print) != 0)
        sim_fail(sim, "p%u restarts a link with somebody else", end->peer);
    if (other != NULL && other->is_restarting)
        sim_later(sim, sim_between(sim, sim->options.setup_ms),
                  (sim_event_t){.run = mended_run, .peer = SIM_NOBODY, .id = end->id, .value = other->id});
}

void sim_rtc_accept(sim_peer_t *peer, uint32_t id, const char *sdp, size_t size)
{
    sim_t *sim = peer->sim;
    sim_end_t *end = end_find(sim, id);
    if (end == NULL)
        return;
    if (end->is_up && end->is_restarting) {
        restart_accept(sim, end, sdp, size);
        return;
    }
    if (end->has_remote || !sim_rtc_parse(sdp, size, &end->remote, end->remote_fingerprint)) {
        tell(sim, end, 0, down_run);
        return;
    }
    end->has_remote = 1;
    join(sim, end);
}

/* ---- data ---- */

static void data_run(sim_t *sim, sim_event_t *event)
{
    sim_end_t *end = end_find(sim, event->id);
    if (end == NULL)
        return;
    if (end->peer == SIM_NOBODY) {
        const sim_end_t *twin = end_find(sim, end->twin);
        if (twin != NULL && twin->is_up)
            sim_rtc_send(sim, twin->id, event->bytes, event->bytes_size);
        return;
    }
    sim_book_arrives(sim, event->bytes, event->bytes_size, 1);
    sim_peer_step(sim->peers[end->peer], &(nkt_event_t){.kind = NKT_EV_LINK_DATA,
                                                       .link = end->link,
                                                       .bytes = event->bytes,
                                                       .bytes_size = event->bytes_size});
    sim_book_arrived(sim);
}

/* What is sent meanwhile is sent again when the network is back. */
static void wait_for_network(const sim_t *sim, uint32_t peer, sim_end_t *to)
{
    if (peer != SIM_NOBODY && sim->peers[peer]->offline_ms > to->in.at_ms)
        to->in.at_ms = sim->peers[peer]->offline_ms;
}

static void deliver(sim_t *sim, sim_end_t *to, uint8_t *bytes, size_t size)
{
    uint64_t at_ms = sim_arrival(sim, &to->in, size);
    sim_later(sim, at_ms - sim->now_ms,
              (sim_event_t){.run = data_run, .peer = to->peer, .life = to->life, .id = to->id, .bytes = bytes,
                            .bytes_size = size});
}

void sim_rtc_send(sim_t *sim, uint32_t id, const uint8_t *bytes, size_t size)
{
    const sim_end_t *end = end_find(sim, id);
    sim_end_t *other = end == NULL || !end->is_up ? NULL : end_find(sim, end->remote);
    if (other == NULL || !other->is_up || sim_pair_is_cut(sim, end->peer, other->peer))
        return;
    uint8_t *copy = sim_copy(bytes, size);
    sim_verdict_t verdict = SIM_PASS;
    if (sim->malice.rtc != NULL && end->peer != SIM_NOBODY && other->peer != SIM_NOBODY)
        verdict = sim->malice.rtc(sim->malice.context, sim, sim->peers[end->peer], sim->peers[other->peer], copy, &size);
    if (verdict == SIM_DROP) {
        free(copy);
        return;
    }
    if (other->is_broken) {
        path_hold(other, copy, size);
        return;
    }
    wait_for_network(sim, end->peer, other);
    wait_for_network(sim, other->peer, other);
    if (verdict == SIM_TWICE)
        deliver(sim, other, sim_copy(copy, size), size);
    deliver(sim, other, copy, size);
    if (verdict == SIM_LATE)
        sim_pipe_late(sim, &other->in);
}

/* ---- ending ---- */

void sim_rtc_close(sim_t *sim, uint32_t id)
{
    sim_end_t *end = end_find(sim, id);
    if (end == NULL)
        return;
    sim_end_t *other = end_find(sim, end->remote);
    if (end->is_up && other != NULL && other->is_up && other->peer != SIM_NOBODY) {
        if (sim_pair_is_cut(sim, end->peer, other->peer))
            fade(sim, other);
        else
            tell(sim, other, sim_arrival(sim, &other->in, 0) - sim->now_ms, down_run);
    }
    end_free(sim, end);
}

static void silent_run(sim_t *sim, sim_event_t *event)
{
    sim_end_t *end = end_find(sim, event->id), *other = end_find(sim, event->value);
    if (other == NULL || (end != NULL && sim->peers[end->peer]->state == SIM_ON))
        return; /* it is back */
    event->run = event->flags ? down_run : shaky_run;
    event->id = other->id;
    event->value = other->link;
    event->peer = other->peer;
    event->life = other->life;
    if (sim->peers[other->peer]->state == SIM_ON && sim->peers[other->peer]->life == other->life)
        event->run(sim, event);
}

void sim_rtc_silence(sim_t *sim, uint32_t id, int is_gone)
{
    sim_end_t *end = end_find(sim, id);
    if (end == NULL)
        return;
    const sim_end_t *other = end->is_up ? end_find(sim, end->remote) : NULL;
    if (other != NULL && other->peer != SIM_NOBODY) { /* a man in the middle goes on */
        sim_event_t event = {.run = silent_run, .peer = SIM_NOBODY, .id = end->id, .value = other->id};
        sim_later(sim, SIM_SHAKY_MS, event);
        event.flags = 1;
        sim_later(sim, SIM_FAILED_MS, event);
    }
    if (is_gone)
        end_free(sim, end);
}

void sim_rtc_wake(sim_t *sim, uint32_t id)
{
    const sim_end_t *end = end_find(sim, id);
    if (end != NULL && end->is_up && end_find(sim, end->remote) == NULL)
        fade(sim, end);
}

/* What is up between peers that cannot reach each other any more dies as in browsers: both ends notice late. */
static void links_fade(sim_t *sim, const sim_peer_t *peer, const sim_peer_t *other_only)
{
    for (size_t i = 0; i < peer->link_count; i++) {
        const sim_end_t *end = peer->links[i].is_rtc ? end_find(sim, peer->links[i].id) : NULL;
        const sim_end_t *other = end == NULL || !end->is_up ? NULL : end_find(sim, end->remote);
        if (other == NULL || other->peer == SIM_NOBODY || (other_only != NULL && other->peer != other_only->index) ||
            !sim_pair_is_cut(sim, end->peer, other->peer))
            continue;
        fade(sim, end);
        if (other_only != NULL)
            fade(sim, other);
    }
}

void sim_cut(sim_t *sim, const sim_peer_t *a, const sim_peer_t *b)
{
    sim_pairs_add(&sim->cut, a->index, b->index);
    sim_trace(sim, "%s and %s are cut", a->name, b->name);
    links_fade(sim, a, b);
}

void sim_break(sim_t *sim, const sim_peer_t *a, const sim_peer_t *b)
{
    for (size_t i = 0; i < a->link_count; i++) {
        const sim_end_t *end = a->links[i].is_rtc ? end_find(sim, a->links[i].id) : NULL;
        const sim_end_t *other = end == NULL || !end->is_up ? NULL : end_find(sim, end->remote);
        if (other == NULL || other->peer != b->index)
            continue;
        tell(sim, end, 0, down_run);
        tell(sim, other, 0, down_run);
    }
}

void sim_split(sim_t *sim)
{
    sim->is_split = 1;
    sim_trace(sim, "the world is split");
    for (uint32_t i = 0; i < sim->peer_count; i++) {
        links_fade(sim, sim->peers[i], NULL);
        sim_sockets_drop_apart(sim, sim->peers[i]);
    }
}

void sim_unite(sim_t *sim)
{
    sim->is_split = 0;
    sim_trace(sim, "the world is one again");
}

void sim_bridge(sim_t *sim, const sim_peer_t *a, const sim_peer_t *b)
{
    sim_pairs_add(&sim->bridges, a->index, b->index);
}

void sim_mend(sim_t *sim, const sim_peer_t *a, const sim_peer_t *b)
{
    sim_pairs_remove(&sim->cut, a->index, b->index);
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
    const sim_end_t *answerer = end_find(sim, id);
    sim_end_t *far = answerer == NULL ? NULL : end_find(sim, answerer->remote);
    if (far == NULL || far->peer != SIM_NOBODY)
        return;
    far->remote = id;
    far->has_remote = 1;
    memcpy(far->remote_fingerprint, fingerprint, sizeof fingerprint);
    join(sim, far);
}
