/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include <cJSON.h>
#include <sodium.h>

#include "base/json.h"
#include "state/state.h"
#include "state/swarm.h"

void nkt_settings_deinit(nkt_settings_t *settings)
{
    if (settings->secret != NULL)
        sodium_memzero(settings->secret, strlen(settings->secret));
    free(settings->nick);
    free(settings->room);
    free(settings->secret);
    for (size_t i = 0; i < settings->relay_count; i++)
        free(settings->relays[i]);
    for (size_t i = 0; i < settings->tracker_count; i++)
        free(settings->trackers[i]);
    sodium_memzero(settings, sizeof *settings);
}

/* A checked copy of text in *out; NULL text leaves NULL. */
static int text_take(char **out, const char *text, size_t size_max)
{
    if (text == NULL)
        return NKT_OK;
    size_t size = strlen(text);
    if (size > size_max || !nkt_text_is_clean(text, size))
        return NKT_E_OPTIONS;
    *out = nkt_text_copy(text, size);
    return *out == NULL ? NKT_E_MEMORY : NKT_OK;
}

static int url_take(char **list, size_t *count, const char *url)
{
    if (url == NULL || (strncmp(url, "ws://", 5) != 0 && strncmp(url, "wss://", 6) != 0) ||
        *count == NKT_URL_COUNT_MAX)
        return NKT_E_OPTIONS;
    int err = text_take(&list[*count], url, NKT_URL_SIZE_MAX);
    if (err == NKT_OK)
        (*count)++;
    return err;
}

int nkt_settings_copy(nkt_settings_t *settings, const nkt_options_t *options)
{
    *settings = (nkt_settings_t){
        .persist = options->persist, .history = options->history, .keeper = options->keeper,
        .link_count_max = options->link_count_max};
    memcpy(settings->store_key, options->store_key, NKT_KEY_SIZE);
    if (options->keeper && !options->persist)
        return NKT_E_OPTIONS; /* what it keeps has to outlive it */
    int err = text_take(&settings->nick, options->nick == NULL ? "" : options->nick, NKT_NICK_SIZE_MAX);
    if (err == NKT_OK)
        err = text_take(&settings->room, options->room, NKT_ROOM_SIZE_MAX);
    if (err == NKT_OK)
        err = text_take(&settings->secret, options->secret, NKT_ROOM_SIZE_MAX);
    for (size_t i = 0; err == NKT_OK && i < options->relay_count; i++)
        err = url_take(settings->relays, &settings->relay_count, options->relays[i]);
    for (size_t i = 0; err == NKT_OK && i < options->tracker_count; i++)
        err = url_take(settings->trackers, &settings->tracker_count, options->trackers[i]);
    if (settings->link_count_max == 0 || settings->link_count_max > NKT_RTC_LIVE_COUNT_MAX)
        settings->link_count_max = NKT_RTC_LIVE_COUNT_MAX;
    return err;
}

static int tree_text(const cJSON *tree, const char *name, const char **text)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(tree, name);
    *text = cJSON_IsString(item) ? item->valuestring : NULL;
    return item == NULL || cJSON_IsNull(item) || cJSON_IsString(item) ? NKT_OK : NKT_E_OPTIONS;
}

static int tree_urls(const cJSON *tree, const char *name, const char *urls[NKT_URL_COUNT_MAX], size_t *count)
{
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(tree, name);
    *count = 0;
    if (list == NULL || cJSON_IsNull(list))
        return NKT_OK;
    if (!cJSON_IsArray(list) || cJSON_GetArraySize(list) > NKT_URL_COUNT_MAX)
        return NKT_E_OPTIONS;
    const cJSON *item;
    cJSON_ArrayForEach(item, list) {
        if (!cJSON_IsString(item))
            return NKT_E_OPTIONS;
        urls[(*count)++] = item->valuestring;
    }
    return NKT_OK;
}

static int tree_read(nkt_settings_t *settings, const cJSON *tree)
{
    const char *relays[NKT_URL_COUNT_MAX], *trackers[NKT_URL_COUNT_MAX];
    nkt_options_t options = {.relays = relays, .trackers = trackers};
    const cJSON *cap = cJSON_GetObjectItemCaseSensitive(tree, "linkCountMax");
    if (!cJSON_IsObject(tree) || tree_text(tree, "nick", &options.nick) < 0 ||
        tree_text(tree, "room", &options.room) < 0 || tree_text(tree, "secret", &options.secret) < 0 ||
        tree_urls(tree, "relays", relays, &options.relay_count) < 0 ||
        tree_urls(tree, "trackers", trackers, &options.tracker_count) < 0)
        return NKT_E_OPTIONS;
    if (cap != NULL && !cJSON_IsNull(cap)) {
        if (!cJSON_IsNumber(cap) || !(cap->valuedouble >= 0 && cap->valuedouble <= NKT_RTC_LIVE_COUNT_MAX))
            return NKT_E_OPTIONS;
        options.link_count_max = (uint32_t)cap->valuedouble;
    }
    options.history = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(tree, "history"));
    options.persist = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(tree, "persist"));
    options.keeper = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(tree, "keeper"));
    return nkt_settings_copy(settings, &options);
}

int nkt_settings_parse(nkt_settings_t *settings, const char *json, size_t size)
{
    *settings = (nkt_settings_t){0};
    if (json == NULL || !nkt_json_is_value(json, size, NKT_JSON_DEPTH_MAX, NKT_JSON_ITEM_MAX))
        return NKT_E_OPTIONS;
    cJSON *tree = cJSON_ParseWithLength(json, size);
    if (tree == NULL)
        return NKT_E_OPTIONS;
    int err = tree_read(settings, tree);
    cJSON_Delete(tree);
    return err;
}

void nkt_settings_rename(nkt_swarm_t *swarm, char *nick)
{
    free(swarm->settings.nick);
    swarm->settings.nick = nick;
}

static size_t urls_adopt(char **list, size_t *count, char **wanted, size_t wanted_count)
{
    size_t before = *count;
    for (size_t i = 0; i < wanted_count && *count < NKT_URL_COUNT_MAX; i++) {
        size_t k = 0;
        while (k < *count && strcmp(list[k], wanted[i]) != 0)
            k++;
        if (k < *count)
            continue;
        list[(*count)++] = wanted[i];
        wanted[i] = NULL;
    }
    return *count - before;
}

size_t nkt_settings_adopt(nkt_swarm_t *swarm, nkt_settings_t *wanted)
{
    nkt_settings_t *own = &swarm->settings;
    return urls_adopt(own->relays, &own->relay_count, wanted->relays, wanted->relay_count) +
           urls_adopt(own->trackers, &own->tracker_count, wanted->trackers, wanted->tracker_count);
}
