/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tracker/tracker.h"

#include <stdlib.h>
#include <string.h>

#include <cJSON.h>

#include "base/json.h"

int nkt_tracker_id_create(nkt_tracker_id_t *id, const nkt_host_t *host)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    uint8_t random[NKT_INFO_HASH_SIZE];
    if (host->entropy(host->context, random, sizeof random) < 0)
        return NKT_E_ENTROPY;
    for (size_t i = 0; i < sizeof random; i++)
        id->text[i] = digits[random[i] & 63];
    id->text[NKT_INFO_HASH_SIZE] = '\0';
    return NKT_OK;
}

/* Prints and frees the tree. */
static int tree_print(nkt_buf_t *out, cJSON *tree, int is_complete)
{
    char *text = is_complete ? cJSON_PrintUnformatted(tree) : NULL;
    cJSON_Delete(tree);
    if (text == NULL)
        return NKT_E_MEMORY;
    size_t size = strlen(text);
    int err = size > NKT_TRACKER_FRAME_SIZE_MAX ? NKT_E_SIZE : nkt_buf_set(out, text, size);
    cJSON_free(text);
    return err;
}

static int add_description(cJSON *parent, const char *name, const char *sdp)
{
    cJSON *description = cJSON_AddObjectToObject(parent, name);
    return description != NULL && cJSON_AddStringToObject(description, "type", name) != NULL &&
           cJSON_AddStringToObject(description, "sdp", sdp) != NULL;
}

static int add_offers(cJSON *tree, const nkt_tracker_offer_t *offers, size_t offer_count)
{
    cJSON *list = cJSON_AddArrayToObject(tree, "offers");
    if (list == NULL)
        return 0;
    for (size_t i = 0; i < offer_count; i++) {
        cJSON *item = cJSON_CreateObject();
        if (item == NULL || !cJSON_AddItemToArray(list, item))
            return 0;
        if (!add_description(item, "offer", offers[i].sdp) ||
            cJSON_AddStringToObject(item, "offer_id", offers[i].id.text) == NULL)
            return 0;
    }
    return 1;
}

int nkt_tracker_encode_announce(nkt_buf_t *out, const char *info_hash, const nkt_tracker_id_t *peer_id,
                                const char *event, const nkt_tracker_offer_t *offers, size_t offer_count)
{
    cJSON *tree = cJSON_CreateObject();
    int ok = tree != NULL && cJSON_AddStringToObject(tree, "action", "announce") != NULL &&
             cJSON_AddStringToObject(tree, "info_hash", info_hash) != NULL &&
             cJSON_AddStringToObject(tree, "peer_id", peer_id->text) != NULL &&
             cJSON_AddNumberToObject(tree, "numwant", (double)offer_count) != NULL &&
             cJSON_AddNumberToObject(tree, "uploaded", 0) != NULL &&
             cJSON_AddNumberToObject(tree, "downloaded", 0) != NULL && cJSON_AddNumberToObject(tree, "left", 1) != NULL;
    if (ok && event != NULL)
        ok = cJSON_AddStringToObject(tree, "event", event) != NULL;
    if (ok && offer_count > 0)
        ok = add_offers(tree, offers, offer_count);
    return tree_print(out, tree, ok);
}

int nkt_tracker_encode_answer(nkt_buf_t *out, const char *info_hash, const nkt_tracker_id_t *peer_id,
                              const nkt_tracker_id_t *to_peer_id, const nkt_tracker_id_t *offer_id, const char *sdp)
{
    cJSON *tree = cJSON_CreateObject();
    int ok = tree != NULL && cJSON_AddStringToObject(tree, "action", "announce") != NULL &&
             cJSON_AddStringToObject(tree, "info_hash", info_hash) != NULL &&
             cJSON_AddStringToObject(tree, "peer_id", peer_id->text) != NULL &&
             cJSON_AddStringToObject(tree, "to_peer_id", to_peer_id->text) != NULL &&
             cJSON_AddStringToObject(tree, "offer_id", offer_id->text) != NULL && add_description(tree, "answer", sdp);
    return tree_print(out, tree, ok);
}

/* Reads an id of 20 printable characters. */
static int read_id(const cJSON *tree, const char *name, nkt_tracker_id_t *id)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(tree, name);
    if (!cJSON_IsString(item) || strlen(item->valuestring) != NKT_INFO_HASH_SIZE)
        return 0;
    for (const char *c = item->valuestring; *c != '\0'; c++) {
        if (*c <= ' ' || *c > '~')
            return 0;
    }
    memcpy(id->text, item->valuestring, NKT_TRACKER_ID_SIZE);
    return 1;
}

static uint32_t read_count(const cJSON *tree, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(tree, name);
    if (!cJSON_IsNumber(item) || !(item->valuedouble >= 0 && item->valuedouble <= 1e9))
        return 0;
    return (uint32_t)item->valuedouble;
}

static int read_description(nkt_tracker_message_t *message, const cJSON *description)
{
    const cJSON *sdp = cJSON_GetObjectItemCaseSensitive(description, "sdp");
    if (!cJSON_IsString(sdp))
        return NKT_E_TRACKER;
    size_t size = strlen(sdp->valuestring);
    if (size == 0 || size > NKT_TRACKER_FRAME_SIZE_MAX)
        return NKT_E_TRACKER;
    message->sdp = nkt_text_copy(sdp->valuestring, size);
    return message->sdp == NULL ? NKT_E_MEMORY : NKT_OK;
}

static int read_tree(nkt_tracker_message_t *message, const cJSON *tree)
{
    const cJSON *reason = cJSON_GetObjectItemCaseSensitive(tree, "failure reason");
    const cJSON *offer = cJSON_GetObjectItemCaseSensitive(tree, "offer");
    const cJSON *answer = cJSON_GetObjectItemCaseSensitive(tree, "answer");
    int has_hash = read_id(tree, "info_hash", &message->info_hash);
    if (cJSON_IsString(reason)) {
        size_t size = strlen(reason->valuestring);
        if (size >= NKT_TRACKER_REASON_SIZE || !nkt_text_is_clean(reason->valuestring, size)) {
            reason = NULL;
            size = 0;
        }
        message->type = NKT_TRACKER_FAILURE;
        if (size > 0)
            memcpy(message->reason, reason->valuestring, size);
        return NKT_OK;
    }
    if (!has_hash)
        return NKT_E_TRACKER;
    if (!cJSON_IsObject(offer) && !cJSON_IsObject(answer)) {
        message->type = NKT_TRACKER_RESPONSE;
        message->interval_s = read_count(tree, "interval");
        message->peer_count = read_count(tree, "complete") + read_count(tree, "incomplete");
        return NKT_OK;
    }
    message->type = cJSON_IsObject(offer) ? NKT_TRACKER_OFFER : NKT_TRACKER_ANSWER;
    if (!read_id(tree, "peer_id", &message->peer_id) || !read_id(tree, "offer_id", &message->offer_id))
        return NKT_E_TRACKER;
    return read_description(message, cJSON_IsObject(offer) ? offer : answer);
}

/* cJSON ends a string at an escaped NUL: what follows would be read by others and not by us. */
static int has_escaped_nul(const uint8_t *text, size_t size)
{
    static const char escape[] = "\\u0000";
    for (size_t i = 0; i + sizeof escape - 1 <= size; i++) {
        if (memcmp(text + i, escape, sizeof escape - 1) == 0)
            return 1;
    }
    return 0;
}

int nkt_tracker_decode(nkt_tracker_message_t *message, const uint8_t *text, size_t size)
{
    *message = (nkt_tracker_message_t){0};
    if (size == 0 || size > NKT_TRACKER_FRAME_SIZE_MAX * 2 || has_escaped_nul(text, size) ||
        !nkt_json_is_value((const char *)text, size, NKT_JSON_DEPTH_MAX, NKT_JSON_ITEM_MAX))
        return NKT_E_TRACKER;
    cJSON *tree = cJSON_ParseWithLength((const char *)text, size);
    if (tree == NULL)
        return NKT_E_TRACKER;
    int err = cJSON_IsObject(tree) ? read_tree(message, tree) : NKT_E_TRACKER;
    cJSON_Delete(tree);
    if (err < 0)
        nkt_tracker_message_deinit(message);
    return err;
}

void nkt_tracker_message_deinit(nkt_tracker_message_t *message)
{
    free(message->sdp);
    message->sdp = NULL;
}
