/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The WebTorrent tracker as bittorrent-tracker does it: each offer to one other random peer, answers to who offered. */
#include <stdlib.h>
#include <string.h>

#include <cJSON.h>

#include "wire/limits.h"
#include "world.h"

enum { OFFER_COUNT_MAX = 10, OTHER_COUNT_MAX = 64, INTERVAL_S = 120 };

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

static uint64_t swarm_key(const char *info_hash)
{
    return sim_index_key(info_hash, SIM_HASH_SIZE);
}

static uint64_t place_key(const char *info_hash, const char *peer_id)
{
    char both[2 * SIM_HASH_SIZE];
    memcpy(both, info_hash, SIM_HASH_SIZE);
    memcpy(both + SIM_HASH_SIZE, peer_id, SIM_HASH_SIZE);
    return sim_index_key(both, sizeof both);
}

static sim_announced_t *announced_find(sim_server_t *server, const char *info_hash, const char *peer_id)
{
    const sim_row_t *row = sim_index_find(&server->by_place, place_key(info_hash, peer_id));
    return row == NULL ? NULL : &server->announced[row->ids[0]];
}

static uint32_t announced_place(sim_server_t *server)
{
    if (server->free_count > 0)
        return server->free[--server->free_count];
    if (server->announced_count == server->announced_capacity) {
        server->announced_capacity = server->announced_capacity == 0 ? 32 : server->announced_capacity * 2;
        server->announced = realloc(server->announced, server->announced_capacity * sizeof *server->announced);
        server->free = realloc(server->free, server->announced_capacity * sizeof *server->free);
        if (server->announced == NULL || server->free == NULL)
            abort();
    }
    return server->announced_count++;
}

/* A peer id that somebody else holds is not taken over. */
static void announced_add(sim_server_t *server, const char *info_hash, const char *peer_id, uint32_t socket)
{
    if (announced_find(server, info_hash, peer_id) != NULL)
        return;
    uint32_t place = announced_place(server);
    sim_announced_t *one = &server->announced[place];
    memcpy(one->info_hash, info_hash, SIM_HASH_SIZE);
    memcpy(one->peer_id, peer_id, SIM_HASH_SIZE);
    one->socket = socket;
    sim_index_add(&server->by_swarm, swarm_key(info_hash), place);
    sim_index_add(&server->by_place, place_key(info_hash, peer_id), place);
    sim_index_add(&server->by_socket, sim_index_key(&socket, sizeof socket), place);
}

static void announced_remove(sim_server_t *server, const char *info_hash, uint32_t socket)
{
    uint64_t key = sim_index_key(&socket, sizeof socket);
    const sim_row_t *row = sim_index_find(&server->by_socket, key);
    for (uint32_t i = row == NULL ? 0 : row->count; i-- > 0;) {
        uint32_t place = row->ids[i];
        const sim_announced_t *one = &server->announced[place];
        if (info_hash != NULL && strcmp(one->info_hash, info_hash) != 0)
            continue;
        sim_index_remove(&server->by_swarm, swarm_key(one->info_hash), place);
        sim_index_remove(&server->by_place, place_key(one->info_hash, one->peer_id), place);
        sim_index_remove(&server->by_socket, key, place);
        server->free[server->free_count++] = place;
    }
}

static uint32_t swarm_count(const sim_server_t *server, const char *info_hash)
{
    const sim_row_t *row = sim_index_find(&server->by_swarm, swarm_key(info_hash));
    return row == NULL ? 0 : row->count;
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

/* Sockets of up to count others of the swarm, chosen by chance; all of them in a small one. */
static size_t others_choose(sim_t *sim, const sim_server_t *server, uint32_t socket_id, const char *info_hash,
                            const char *peer_id, uint32_t *others, size_t count)
{
    const sim_row_t *row = sim_index_find(&server->by_swarm, swarm_key(info_hash));
    uint32_t row_count = row == NULL ? 0 : row->count;
    size_t chosen_count = 0;
    for (uint32_t i = 0; i < row_count && i < count; i++) {
        uint32_t at = row_count <= count ? i : (uint32_t)sim_random_below(&sim->random, row_count);
        const sim_announced_t *one = &server->announced[row->ids[at]];
        size_t k = 0;
        while (k < chosen_count && others[k] != one->socket)
            k++;
        if (k == chosen_count && strcmp(one->peer_id, peer_id) != 0 && one->socket != socket_id)
            others[chosen_count++] = one->socket;
    }
    return chosen_count;
}

static void offers_spread(sim_t *sim, sim_server_t *server, uint32_t socket_id, const cJSON *tree, const char *info_hash,
                          const char *peer_id)
{
    uint32_t others[OTHER_COUNT_MAX];
    size_t other_count = others_choose(sim, server, socket_id, info_hash, peer_id, others, OTHER_COUNT_MAX);
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
        uint32_t count = swarm_count(server, info_hash);
        cJSON_AddNumberToObject(response, "incomplete", sim->malice.claimed_count > 0 ? sim->malice.claimed_count : count);
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
