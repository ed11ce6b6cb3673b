/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A peer of the world: made and freed; what its user does, and sees. */
#include "peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cJSON.h>

#include "peer_core.h"
#include "world.h"

/* ---- making ---- */

/* Where a monotonic clock begins is its host's: at a page's load, a machine's start, half a minute before 32 bits of it are full. */
static uint64_t origin_ms(sim_t *sim)
{
    enum { SPREAD_MS = 100000, FULL_MS = 30000 };
    uint64_t luck = sim_random_next(&sim->random), spread_ms = luck / 4 % SPREAD_MS;
    return luck % 4 == 0 ? (1ull << 32) - FULL_MS + spread_ms : luck % 4 == 1 ? luck / 4 % (1ull << 42) : spread_ms;
}

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
        .origin_ms = origin_ms(sim),
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

sim_peer_t *sim_peer_add_skewed(sim_t *sim, int64_t skew_ms)
{
    sim_peer_options_t options = sim_peer_defaults(sim);
    options.skew_ms += skew_ms;
    return sim_peer_add(sim, &options);
}

void sim_peers_start(sim_t *sim, uint32_t count, uint64_t gap_ms)
{
    for (uint32_t i = 0; i < count; i++) {
        sim_peer_start(sim_peer_add(sim, NULL));
        sim_run(sim, gap_ms);
    }
}

void sim_peers_free(sim_t *sim)
{
    for (uint32_t i = 0; i < sim->peer_count; i++) {
        sim_peer_t *peer = sim->peers[i];
        sim_core_free(peer);
        sim_host_reset(peer, 1);
        sim_host_records_free(peer);
        free(peer->links);
        free(peer->puts);
        sim_views_clear(peer);
        free(peer->views);
        free(peer->neighbours);
        free(peer->holding.pieces);
        free(peer->invited);
        free(peer);
    }
    free(sim->peers);
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
