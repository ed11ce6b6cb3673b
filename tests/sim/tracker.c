/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The WebTorrent tracker as bittorrent-tracker does it: each offer to one other random peer, answers to who offered. */
#include <stdlib.h>
#include <string.h>

#include <cJSON.h>

#include "wire/limits.h"
#include "world.h"

enum { OFFER_COUNT_MAX = 10, INTERVAL_S = 120 };

static const char *text_of(sim_t *sim, const cJSON *tree, const char *name, int is_id)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(tree, name));
    if (text == NULL || (is_id && strlen(text) != NKT_INFO_HASH_SIZE))
        sim_fail(sim, "a tracker message has no sound %s", name);
    return text;
}

static void answer_json(sim_t *sim, uint32_t socket_id, cJSON *tree)
{
    sim_socket_t *socket = sim_socket_find(sim, socket_id);
    char *text = cJSON_PrintUnformatted(tree);
    if (socket != NULL)
        sim_socket_answer(sim, socket, (const uint8_t *)text, strlen(text), NKT_SEND_TEXT);
    cJSON_free(text);
    cJSON_Delete(tree);
}

/* ---- who is announced where ---- */

static sim_announced_t *announced_find(sim_server_t *server, const char *info_hash, const char *peer_id)
{
    for (size_t i = 0; i < server->announced_count; i++) {
        sim_announced_t *one = &server->announced[i];
        if (strcmp(one->info_hash, info_hash) == 0 && strcmp(one->peer_id, peer_id) == 0)
            return one;
    }
    return NULL;
}

/* A peer id that somebody else holds is not taken over. */
static void announced_add(sim_server_t *server, const char *info_hash, const char *peer_id, uint32_t socket)
{
    if (announced_find(server, info_hash, peer_id) != NULL)
        return;
    if (server->announced_count == server->announced_capacity) {
        server->announced_capacity = server->announced_capacity == 0 ? 32 : server->announced_capacity * 2;
        server->announced = realloc(server->announced, server->announced_capacity * sizeof *server->announced);
        if (server->announced == NULL)
            abort();
    }
    sim_announced_t *one = &server->announced[server->announced_count++];
    memcpy(one->info_hash, info_hash, SIM_HASH_SIZE);
    memcpy(one->peer_id, peer_id, SIM_HASH_SIZE);
    one->socket = socket;
}

static void announced_remove(sim_server_t *server, const char *info_hash, uint32_t socket)
{
    for (size_t i = server->announced_count; i-- > 0;) {
        sim_announced_t *one = &server->announced[i];
        if (one->socket == socket && (info_hash == NULL || strcmp(one->info_hash, info_hash) == 0))
            *one = server->announced[--server->announced_count];
    }
}

static uint32_t swarm_count(const sim_server_t *server, const char *info_hash)
{
    uint32_t count = 0;
    for (size_t i = 0; i < server->announced_count; i++)
        count += strcmp(server->announced[i].info_hash, info_hash) == 0;
    return count;
}

/* ---- offers and answers ---- */

static cJSON *passed_on(sim_t *sim, const char *info_hash, const char *name, const cJSON *description, const char *offer_id,
                        const char *peer_id)
{
    const char *sdp = text_of(sim, description, "sdp", 0);
    char *changed = NULL;
    if (sim->malice.tracker != NULL)
        changed = sim->malice.tracker(sim->malice.context, sim, strcmp(name, "offer") == 0, info_hash, sdp);
    cJSON *tree = cJSON_CreateObject();
    cJSON_AddStringToObject(tree, "action", "announce");
    cJSON *inner = cJSON_AddObjectToObject(tree, name);
    cJSON_AddStringToObject(inner, "type", name);
    cJSON_AddStringToObject(inner, "sdp", changed != NULL ? changed : sdp);
    cJSON_AddStringToObject(tree, "offer_id", offer_id);
    cJSON_AddStringToObject(tree, "peer_id", peer_id);
    cJSON_AddStringToObject(tree, "info_hash", info_hash);
    free(changed);
    return tree;
}

static void offers_spread(sim_t *sim, sim_server_t *server, uint32_t socket_id, const cJSON *tree, const char *info_hash,
                          const char *peer_id)
{
    uint32_t others[64];
    size_t other_count = 0;
    for (size_t i = 0; i < server->announced_count && other_count < 64; i++) {
        const sim_announced_t *one = &server->announced[i];
        if (strcmp(one->info_hash, info_hash) == 0 && strcmp(one->peer_id, peer_id) != 0 && one->socket != socket_id)
            others[other_count++] = one->socket;
    }
    const cJSON *offers = cJSON_GetObjectItemCaseSensitive(tree, "offers");
    const cJSON *offer;
    int count = 0;
    cJSON_ArrayForEach(offer, offers) {
        if (other_count == 0 || count++ == OFFER_COUNT_MAX)
            return;
        size_t chosen = (size_t)sim_random_below(&sim->random, other_count);
        uint32_t to = others[chosen];
        others[chosen] = others[--other_count];
        answer_json(sim, to,
                    passed_on(sim, info_hash, "offer", cJSON_GetObjectItemCaseSensitive(offer, "offer"),
                              text_of(sim, offer, "offer_id", 1), peer_id));
    }
}

static void answer_pass(sim_t *sim, sim_server_t *server, const cJSON *tree, const cJSON *answer, const char *info_hash,
                        const char *peer_id)
{
    const sim_announced_t *to = announced_find(server, info_hash, text_of(sim, tree, "to_peer_id", 1));
    if (to == NULL)
        return;
    answer_json(sim, to->socket,
                passed_on(sim, info_hash, "answer", answer, text_of(sim, tree, "offer_id", 1), peer_id));
}

void sim_tracker_receive(sim_t *sim, sim_server_t *server, sim_socket_t *socket, const uint8_t *bytes, size_t size)
{
    if (size > NKT_TRACKER_FRAME_SIZE_MAX)
        sim_fail(sim, "p%u sends a tracker %zu bytes", socket->peer, size);
    cJSON *tree = cJSON_ParseWithLength((const char *)bytes, size);
    if (tree == NULL || strcmp(text_of(sim, tree, "action", 0), "announce") != 0)
        sim_fail(sim, "p%u sends a tracker what is no announce", socket->peer);
    const char *info_hash = text_of(sim, tree, "info_hash", 1);
    const char *peer_id = text_of(sim, tree, "peer_id", 1);
    const char *event = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(tree, "event"));
    const cJSON *answer = cJSON_GetObjectItemCaseSensitive(tree, "answer");
    if (answer != NULL) {
        answer_pass(sim, server, tree, answer, info_hash, peer_id);
    } else if (event != NULL && strcmp(event, "stopped") == 0) {
        announced_remove(server, info_hash, socket->id);
    } else {
        announced_add(server, info_hash, peer_id, socket->id);
        cJSON *response = cJSON_CreateObject();
        cJSON_AddStringToObject(response, "action", "announce");
        cJSON_AddNumberToObject(response, "interval", INTERVAL_S);
        cJSON_AddStringToObject(response, "info_hash", info_hash);
        cJSON_AddNumberToObject(response, "complete", 0);
        cJSON_AddNumberToObject(response, "incomplete", swarm_count(server, info_hash));
        answer_json(sim, socket->id, response);
        offers_spread(sim, server, socket->id, tree, info_hash, peer_id);
    }
    cJSON_Delete(tree);
}

void sim_tracker_closed(sim_t *sim, sim_server_t *server, const sim_socket_t *socket)
{
    (void)sim;
    announced_remove(server, NULL, socket->id);
}
