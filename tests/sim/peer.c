/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cJSON.h>

#include "digest.h"
#include "memory.h"
#include "world.h"

enum { BURST_COUNT_MAX = 20000, TIMED_PART = 8 };

/* ---- making ---- */

sim_peer_options_t sim_peer_defaults(sim_t *sim)
{
    return (sim_peer_options_t){
        .room = sim->options.room,
        .secret = sim->options.secret,
        .relay_bits = UINT32_MAX,
        .tracker_bits = UINT32_MAX,
        .has_rtc = 1,
        .persist = sim->options.persist,
        .history = sim->options.persist,
        .link_count_max = sim->options.link_count_max,
        .skew_ms = (int64_t)sim_random_below(&sim->random, 4001) - 2000,
        .origin_ms = sim_random_below(&sim->random, 100000),
    };
}

sim_peer_t *sim_peer_add(sim_t *sim, const sim_peer_options_t *options)
{
    if (sim->peer_count == sim->options.peer_count_max)
        sim_fail(sim, "more peers than options.peer_count_max");
    sim_peer_t *peer = sim_alloc(1, sizeof *peer);
    peer->sim = sim;
    peer->index = sim->peer_count;
    peer->options = options != NULL ? *options : sim_peer_defaults(sim);
    peer->timer_ms = UINT64_MAX;
    snprintf(peer->name, sizeof peer->name, "p%u", peer->index);
    sim->peers[sim->peer_count++] = peer;
    return peer;
}

void sim_peers_start(sim_t *sim, uint32_t count, uint64_t gap_ms)
{
    for (uint32_t i = 0; i < count; i++) {
        sim_peer_start(sim_peer_add(sim, NULL));
        sim_run(sim, gap_ms);
    }
}

static void core_free(sim_peer_t *peer)
{
    sim_memory_counter = &peer->core_size;
    if (peer->core != NULL && peer->fatal_code == 0)
        sim_digest_report(peer->index, peer->core);
    nkt_free(peer->core);
    sim_memory_counter = NULL;
    peer->core = NULL;
    peer->core_size = 0; /* what libraries freed for it elsewhere is no debt */
}

void sim_peers_free(sim_t *sim)
{
    for (uint32_t i = 0; i < sim->peer_count; i++) {
        sim_peer_t *peer = sim->peers[i];
        core_free(peer);
        sim_host_reset(peer, 1);
        sim_host_records_free(peer);
        free(peer->links);
        free(peer->puts);
        sim_views_clear(peer);
        free(peer->views);
        free(peer->neighbours);
        free(peer->invited);
        free(peer);
    }
    free(sim->peers);
}

/* ---- its core ---- */

static int entropy(void *context, uint8_t *buf, size_t size)
{
    sim_peer_t *peer = context;
    peer->entropy_count++;
    if (peer->entropy_fails_from != 0 && peer->entropy_count >= peer->entropy_fails_from) {
        peer->entropy_has_failed = 1;
        return -1;
    }
    sim_random_fill(&peer->entropy, buf, size);
    return 0;
}

static int entropy_again(void *context, uint8_t *buf, size_t size)
{
    sim_random_fill(context, buf, size);
    return 0;
}

static size_t urls_make(sim_peer_t *peer, int is_tracker, char text[][SIM_URL_SIZE], const char **urls)
{
    uint32_t bits = is_tracker ? peer->options.tracker_bits : peer->options.relay_bits;
    uint32_t of_world = is_tracker ? peer->sim->options.tracker_count : peer->sim->options.relay_count;
    size_t count = 0;
    for (uint32_t i = 0; i < of_world && i < SIM_SERVER_COUNT_MAX; i++) {
        if (!(bits >> i & 1))
            continue;
        snprintf(text[count], SIM_URL_SIZE, "ws://%s%u", is_tracker ? "tracker" : "relay", i);
        urls[count] = text[count];
        count++;
    }
    return count;
}

static uint64_t cpu_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/*
 * Before and after everything that runs in the core: what it allocates and the time it takes are its own. To ask for the
 * time costs as much as a short step: one step of TIMED_PART is timed, and stands for the others.
 */
static void watch(sim_peer_t *peer, int is_inside)
{
    sim_memory_counter = is_inside ? &peer->core_size : NULL;
    if (!is_inside && peer->core_size > peer->core_size_max)
        peer->core_size_max = peer->core_size;
    if (peer->sim->options.is_timed && peer->counts.steps % TIMED_PART == 0)
        peer->cpu_ns += (is_inside ? 0 - cpu_now_ns() : cpu_now_ns()) * (peer->counts.steps > 0 ? TIMED_PART : 1);
    if (peer->watch != NULL)
        peer->watch(is_inside);
}

static int poll(sim_peer_t *peer, nkt_effect_t *fx)
{
    sim_memory_counter = &peer->core_size;
    int is_there = nkt_poll(peer->core, fx);
    sim_memory_counter = NULL;
    return is_there;
}

static nkt_core_t *core_make(sim_peer_t *peer, uint32_t life, const nkt_host_t *host)
{
    char text[2][SIM_SERVER_COUNT_MAX][SIM_URL_SIZE];
    const char *urls[2][SIM_SERVER_COUNT_MAX];
    nkt_options_t options = {
        .nick = peer->options.nick != NULL ? peer->options.nick : peer->name,
        .room = peer->options.room,
        .secret = peer->options.secret,
        .relays = urls[0],
        .trackers = urls[1],
        .link_count_max = peer->options.link_count_max,
        .persist = peer->options.persist,
        .history = peer->options.history,
        .keeper = peer->options.keeper,
    };
    sim_random_t random;
    options.relay_count = urls_make(peer, 0, text[0], urls[0]);
    options.tracker_count = urls_make(peer, 1, text[1], urls[1]);
    sim_random_init(&random, peer->sim->options.seed, 0x5eed0000u + peer->index);
    sim_random_fill(&random, options.store_key, sizeof options.store_key); /* the same in every life */
    sim_random_init(&random, peer->sim->options.seed, ((uint64_t)life << 32) + peer->index);
    sim_random_fill(&random, options.seed, sizeof options.seed);
    nkt_core_t *core = NULL;
    watch(peer, 1);
    int code = nkt_new(&options, host, &core);
    watch(peer, 0);
    if (code < 0)
        peer->fatal_code = code;
    if (code < 0 && !peer->may_die)
        sim_fail(peer->sim, "%s: nkt_new: %s", peer->name, nkt_err_name(code));
    return core;
}

static void entropy_begin(const sim_peer_t *peer, uint32_t life, sim_random_t *random)
{
    sim_random_init(random, peer->sim->options.seed, ((uint64_t)life << 32 | 0x80000000u) + peer->index);
}

nkt_core_t *sim_peer_core_again(sim_peer_t *peer, uint32_t life, sim_random_t *random)
{
    entropy_begin(peer, life, random);
    return core_make(peer, life, &(nkt_host_t){.entropy = entropy_again, .context = random});
}

/* ---- starting and ending ---- */

void sim_peer_start(sim_peer_t *peer)
{
    sim_t *sim = peer->sim;
    if (peer->state != SIM_OFF)
        sim_fail(sim, "%s runs already", peer->name);
    core_free(peer);
    peer->life++;
    peer->state = SIM_ON;
    peer->put_done = 0;
    peer->frozen_ms = 0;
    peer->timer_ms = UINT64_MAX;
    peer->neighbour_count = 0;
    peer->started_ms = sim->now_ms;
    sim_views_clear(peer);
    entropy_begin(peer, peer->life, &peer->entropy);
    peer->core = core_make(peer, peer->life, &(nkt_host_t){.entropy = entropy, .context = peer});
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
        sim_peer_step(peer, &(nkt_event_t){.kind = NKT_EV_START});
}

static void off(sim_peer_t *peer, int is_gone)
{
    peer->state = SIM_OFF;
    if (!peer->options.persist)
        sim_book_lost(peer->sim, peer->index, 0);
    else if (peer->put_count > 0) /* what the application heard is only as durable as the record of it */
        sim_book_lost(peer->sim, peer->index, peer->puts[0].put_ms);
    sim_host_reset(peer, is_gone);
    core_free(peer);
    sim_views_clear(peer); /* what its user saw is gone with it */
    peer->neighbour_count = 0;
    peer->ended_ms = peer->sim->now_ms;
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
}

void sim_peer_offline(sim_peer_t *peer, uint64_t ms)
{
    peer->offline_ms = peer->sim->now_ms + ms;
    sim_peer_block(peer, ms);
}

/* ---- steps ---- */

static void timer_run(sim_t *sim, sim_event_t *event)
{
    sim_peer_t *peer = sim->peers[event->peer];
    uint64_t planned_ms = (uint64_t)event->id << 32 | event->value;
    if (planned_ms == peer->timer_ms) {
        peer->timer_ms = UINT64_MAX;
        sim_peer_step(peer, &(nkt_event_t){.kind = NKT_EV_TIME});
    }
}

static void timer_arm(sim_peer_t *peer)
{
    sim_t *sim = peer->sim;
    uint64_t deadline_ms = nkt_deadline_ms(peer->core);
    if (deadline_ms == UINT64_MAX)
        return;
    uint64_t at_ms = deadline_ms - peer->options.origin_ms + peer->frozen_ms;
    if (deadline_ms < peer->options.origin_ms || at_ms < sim->now_ms)
        at_ms = sim->now_ms;
    at_ms += sim_between(sim, sim->options.late_ms);
    if (at_ms >= peer->timer_ms)
        return;
    peer->timer_ms = at_ms;
    sim_later(sim, at_ms - sim->now_ms,
              (sim_event_t){.run = timer_run, .peer = peer->index, .life = peer->life, .id = (uint32_t)(at_ms >> 32),
                            .value = (uint32_t)at_ms});
}

static void code_check(sim_peer_t *peer, const nkt_event_t *event, int code)
{
    if (code >= 0)
        return;
    peer->last_error = code;
    sim_trace(peer->sim, "%s %s: %s", peer->name, nkt_event_name(event->kind), nkt_err_name(code));
    if (code <= -200 && code > -300) {
        peer->counts.drops++;
        return;
    }
    if (code <= -300 && !peer->may_die)
        sim_fail(peer->sim, "%s: %s: %s", peer->name, nkt_event_name(event->kind), nkt_err_name(code));
    int is_of_world = event->kind >= NKT_EV_START && event->kind <= NKT_EV_PUT_DONE;
    if (code > -200 && is_of_world)
        sim_fail(peer->sim, "%s: the host is told %s for %s", peer->name, nkt_err_name(code), nkt_event_name(event->kind));
}

static int step_once(sim_peer_t *peer, nkt_event_t *event)
{
    const sim_t *sim = peer->sim;
    event->now_ms = sim->now_ms + peer->options.origin_ms - peer->frozen_ms;
    event->wall_ms = (uint64_t)((int64_t)SIM_WALL_S * 1000 + (int64_t)sim->now_ms + peer->options.skew_ms);
    if (peer->tape != NULL)
        sim_tape_fact(peer->tape, event);
    watch(peer, 1);
    int code = nkt_step(peer->core, event);
    watch(peer, 0);
    nkt_effect_t fx;
    peer->counts.steps++;
    while (poll(peer, &fx) == 1) {
        peer->counts.effects++;
        if (peer->tape != NULL)
            sim_tape_effect(peer->tape, &fx);
        sim_digest_effect(peer->index, &fx);
        if (code > -300)
            sim_host_effect(peer, &fx);
    }
    if (peer->tape != NULL)
        sim_tape_end_step(peer->tape, code, nkt_deadline_ms(peer->core));
    sim_digest_step(peer->index, sim->now_ms, code, nkt_deadline_ms(peer->core));
    code_check(peer, event, code);
    return code;
}

int sim_peer_step(sim_peer_t *peer, nkt_event_t *event)
{
    sim_t *sim = peer->sim;
    if (peer->core == NULL)
        sim_fail(sim, "%s does not run", peer->name);
    if (peer->burst_ms != sim->now_ms)
        peer->burst_count = 0;
    peer->burst_ms = sim->now_ms;
    if (++peer->burst_count > BURST_COUNT_MAX)
        sim_fail(sim, "%s does not come to rest: %s again and again", peer->name, nkt_event_name(event->kind));
    int code = step_once(peer, event), last = code;
    while (last > -300 && sim_host_commit(peer) && event->kind != NKT_EV_STOP)
        last = step_once(peer, &(nkt_event_t){.kind = NKT_EV_PUT_DONE, .ticket = peer->put_done});
    if (last <= -300) {
        peer->fatal_code = last;
        sim_peer_crash(peer);
        return last;
    }
    timer_arm(peer);
    return code;
}

/* ---- what its user does, and sees ---- */

void sim_peer_connect(sim_peer_t *peer, const nkt_address_t *target, uint32_t wait_ms)
{
    peer->connect_result = 1;
    int code = sim_peer_step(peer, &(nkt_event_t){.kind = NKT_EV_CONNECT,
                                                  .ticket = ++peer->connect_ticket,
                                                  .address = *target,
                                                  .value = (int32_t)wait_ms});
    if (code < 0)
        peer->connect_result = code;
}

static int invite_step(sim_peer_t *peer, nkt_event_kind_t kind, const char *text)
{
    free(peer->invited);
    peer->invited = NULL;
    peer->connect_result = 1;
    int code = sim_peer_step(peer, &(nkt_event_t){.kind = kind,
                                                  .ticket = ++peer->connect_ticket,
                                                  .text = text,
                                                  .text_size = text == NULL ? 0 : strlen(text)});
    if (code < 0)
        peer->connect_result = code;
    return code;
}

int sim_peer_invite(sim_peer_t *peer)
{
    return invite_step(peer, NKT_EV_INVITE, NULL);
}

int sim_peer_accept(sim_peer_t *peer, const char *text)
{
    return invite_step(peer, NKT_EV_ACCEPT, text);
}

int sim_peer_complete(sim_peer_t *peer, const char *text)
{
    return invite_step(peer, NKT_EV_COMPLETE, text);
}

void sim_peer_set_flags(sim_peer_t *peer, const sim_peer_t *other, int flags)
{
    int code = sim_peer_step(
        peer, &(nkt_event_t){.kind = NKT_EV_SET_FLAGS, .address = other->address, .value = (int32_t)flags});
    if (code < 0)
        sim_fail(peer->sim, "%s: SET_FLAGS: %s", peer->name, nkt_err_name(code));
}

void sim_peer_count_reset(sim_peer_t *peer)
{
    peer->counts = (sim_peer_counts_t){0};
}

double sim_peer_health(sim_peer_t *peer, const char *path)
{
    const char *json;
    size_t size;
    if (nkt_health_json(peer->core, &json, &size) < 0)
        sim_fail(peer->sim, "%s: no health", peer->name);
    cJSON *tree = cJSON_ParseWithLength(json, size);
    const cJSON *at = tree;
    char name[64];
    while (at != NULL && *path != '\0') {
        size_t length = strcspn(path, ".");
        snprintf(name, sizeof name, "%.*s", (int)length, path);
        at = cJSON_GetObjectItemCaseSensitive(at, name);
        path += length + (path[length] == '.');
    }
    double value = cJSON_IsNumber(at) ? at->valuedouble : cJSON_IsTrue(at);
    cJSON_Delete(tree);
    return value;
}
