/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The report: everything a person or a program may want to know of the peer's state, as JSON. */
#include <string.h>

#include <cJSON.h>

#include "base/base58.h"
#include "links/links.h"
#include "routing/routing.h"
#include "state/state.h"
#include "state/swarm.h"
#include "store/store.h"

enum { PARTITION_COUNT_MIN = 3 }; /* fewer who are silent say nothing about the swarm */

static const char *const tally_names[NKT_TALLY_COUNT] = {
    "framesIn", "framesOut", "forwarded", "messagesIn", "messagesOut",  "messagesIgnored", "groupIn",       "groupOut",    "rekeys",
    "retries",  "restarts",  "mailKept",  "mailHanded", "mailGot",      "lettersKept",     "lettersHanded", "lettersRead",
    "piecesGot", "piecesGiven", "piecesTwice", "bridged", "bridgeSpared",
};

static const char *const link_states[] = {
    [NKT_LINK_OPENING] = "connecting",   [NKT_LINK_OFFERING] = "offering", [NKT_LINK_OFFERED] = "offered",
    [NKT_LINK_ANSWERING] = "answering",  [NKT_LINK_JOINING] = "connecting", [NKT_LINK_PROVING] = "authenticating",
    [NKT_LINK_LIVE] = "open",
};

static int address_add(cJSON *tree, const char *name, const nkt_address_t *address)
{
    char text[NKT_ADDRESS_TEXT_SIZE];
    nkt_address_format(address, text);
    return cJSON_AddStringToObject(tree, name, text) != NULL;
}

static int endpoints_add(cJSON *tree, const char *name, const nkt_swarm_t *swarm, nkt_link_kind_t kind)
{
    cJSON *list = cJSON_AddArrayToObject(tree, name);
    for (size_t i = 0; list != NULL && i < swarm->endpoint_count; i++) {
        const nkt_endpoint_t *endpoint = &swarm->endpoints[i];
        if (endpoint->kind != kind)
            continue;
        cJSON *item = cJSON_CreateObject();
        if (item == NULL || !cJSON_AddItemToArray(list, item))
            return 0;
        cJSON_AddStringToObject(item, "url", endpoint->url);
        cJSON_AddStringToObject(item, "state",
                                endpoint->socket.is_up ? "open" : endpoint->link != NULL ? "connecting" : "waiting");
        cJSON_AddStringToObject(item, "lastError", endpoint->socket.last_error);
        if (endpoint->socket.is_foreign)
            cJSON_AddStringToObject(item, "code", "NKT_E_VERSION");
        cJSON_AddNumberToObject(item, "peers", endpoint->socket.peer_count);
        if (endpoint->link == NULL && nkt_timer_is_set(&endpoint->socket.timer))
            cJSON_AddNumberToObject(item, "retryMs",
                                    endpoint->socket.timer.at_ms > swarm->now_ms ? (double)(endpoint->socket.timer.at_ms - swarm->now_ms)
                                                                          : 0);
    }
    return list != NULL;
}

static int links_add(cJSON *tree, nkt_swarm_t *swarm)
{
    cJSON *list = cJSON_AddArrayToObject(tree, "links");
    for (size_t i = 0; list != NULL && i < swarm->link_count; i++) {
        const nkt_link_t *link = swarm->links[i];
        if (link->kind != NKT_LINK_RTC || link->state == NKT_LINK_DRAINING || nkt_is_zero(link->rtc.peer.b, NKT_ADDRESS_SIZE))
            continue; /* offers that nobody took yet are links to nobody; in the place of one that goes there is another */
        cJSON *item = cJSON_CreateObject();
        if (item == NULL || !cJSON_AddItemToArray(list, item))
            return 0;
        address_add(item, "address", &link->rtc.peer);
        cJSON_AddStringToObject(item, "kind", "webrtc");
        cJSON_AddStringToObject(item, "state", link->pulse.is_suspect ? "suspect" : link_states[link->state]);
        cJSON_AddStringToObject(item, "via", link->rtc.invitation != NULL ? "invite" : link->endpoint != NULL ? "tracker" : "swarm");
        cJSON_AddBoolToObject(item, "pressed", link->pulse.is_pressed);
        cJSON_AddStringToObject(item, "tree", nkt_tree_is_way(swarm, link) ? "eager" : "lazy");
    }
    return list != NULL;
}

/* How each user is reached. */
static int paths_add(cJSON *tree, nkt_swarm_t *swarm)
{
    cJSON *list = cJSON_AddArrayToObject(tree, "paths");
    for (size_t i = 0; list != NULL && i < swarm->users.count; i++) {
        const nkt_user_t *user = swarm->user_list[i];
        const nkt_link_t *path = nkt_link_find(swarm, nkt_paths_get(&swarm->paths, &user->address));
        cJSON *item = cJSON_CreateObject();
        if (item == NULL || !cJSON_AddItemToArray(list, item))
            return 0;
        const char *by = "flood";
        if (user->mesh.link != NULL)
            by = "link";
        else if (user->presence.relay_bits != 0)
            by = "relay";
        else if (!nkt_post_can_reach(swarm, user) || nkt_user_reach(user) == NKT_REACH_NONE)
            by = "none";
        else if (path != NULL && path->state == NKT_LINK_LIVE)
            by = "peer";
        address_add(item, "address", &user->address);
        cJSON_AddStringToObject(item, "by", by);
        if (strcmp(by, "peer") == 0)
            address_add(item, "via", &path->rtc.peer);
        else
            cJSON_AddNullToObject(item, "via");
    }
    return list != NULL;
}

static int overlay_add(cJSON *tree, nkt_swarm_t *swarm)
{
    size_t eager_count = 0, lazy_count = 0, unreachable_count = 0;
    for (size_t i = 0; i < swarm->link_count; i++) {
        const nkt_link_t *link = swarm->links[i];
        if (link->kind == NKT_LINK_RTC && link->state == NKT_LINK_LIVE)
            *(nkt_tree_is_way(swarm, link) ? &eager_count : &lazy_count) += 1;
    }
    for (size_t i = 0; i < swarm->users.count; i++) {
        const nkt_user_t *user = swarm->user_list[i];
        unreachable_count += nkt_user_reach(user) == NKT_REACH_NONE && user->clock.bye_ms == 0 && user->presence.heard_at_ms != 0;
    }
    int is_relay_up = nkt_endpoints_up(swarm, NKT_LINK_RELAY) > 0;
    int is_isolated = swarm->users.count > 0 && eager_count + lazy_count == 0 && !is_relay_up;
    cJSON *overlay = cJSON_AddObjectToObject(tree, "overlay");
    if (overlay == NULL)
        return 0;
    cJSON_AddStringToObject(overlay, "mode", nkt_view_is_mesh(swarm) ? "mesh" : "tree");
    cJSON_AddNumberToObject(overlay, "degree", (double)(eager_count + lazy_count));
    cJSON_AddNumberToObject(overlay, "degreeMax", (double)swarm->settings.link_count_max);
    cJSON_AddNumberToObject(overlay, "eager", (double)eager_count);
    cJSON_AddNumberToObject(overlay, "lazy", (double)lazy_count);
    cJSON_AddNumberToObject(overlay, "known", (double)swarm->users.count);
    cJSON_AddNumberToObject(overlay, "recent", (double)swarm->recent.count);
    cJSON_AddNumberToObject(overlay, "missing", (double)swarm->missing.count);
    cJSON_AddBoolToObject(overlay, "isolated", is_isolated);
    /* most of those we heard went silent without a good-bye: rather we are cut off than they are gone */
    cJSON_AddBoolToObject(overlay, "partitioned",
                          !is_relay_up && unreachable_count >= PARTITION_COUNT_MIN && unreachable_count * 2 > swarm->users.count);
    return 1;
}

static int dropped_add(cJSON *tree, const nkt_swarm_t *swarm)
{
    cJSON *dropped = cJSON_AddObjectToObject(tree, "dropped");
    for (int i = 1; dropped != NULL && i < NKT_DROP_COUNT; i++) {
        if (swarm->counters.dropped[i] > 0)
            cJSON_AddNumberToObject(dropped, nkt_err_name(-200 - i), (double)swarm->counters.dropped[i]);
    }
    return dropped != NULL;
}

static void keeper_add(cJSON *tree, const nkt_swarm_t *swarm)
{
    size_t keeper_count = 0;
    for (size_t i = 0; i < swarm->users.count; i++)
        keeper_count += swarm->user_list[i]->record.capabilities & NKT_CAPABILITY_KEEPER && nkt_user_is_open(swarm->user_list[i]);
    cJSON *keeper = cJSON_AddObjectToObject(tree, "keeper");
    if (keeper == NULL)
        return;
    cJSON_AddBoolToObject(keeper, "on", swarm->settings.keeper);
    cJSON_AddNumberToObject(keeper, "others", (double)keeper_count);
    cJSON_AddNumberToObject(keeper, "count", (double)swarm->kept.ids.count);
    cJSON_AddNumberToObject(keeper, "bytes", (double)swarm->kept.size);
    cJSON_AddNumberToObject(keeper, "toKeepers", (double)swarm->letters.size);
}

static void counts_add(cJSON *tree, const nkt_swarm_t *swarm)
{
    size_t session_count = 0, unreachable_count = 0;
    for (size_t i = 0; i < swarm->users.count; i++) {
        session_count += swarm->user_list[i]->talk.state == NKT_SESSION_ESTABLISHED;
        unreachable_count += nkt_user_reach(swarm->user_list[i]) == NKT_REACH_NONE;
    }
    cJSON_AddNumberToObject(tree, "degree", (double)nkt_rtc_count(swarm, 1));
    cJSON_AddNumberToObject(tree, "users", (double)swarm->users.count);
    cJSON_AddNumberToObject(tree, "unreachable", (double)unreachable_count);
    cJSON_AddNumberToObject(tree, "ignored", (double)swarm->ignored.count);
    cJSON_AddNumberToObject(tree, "sessions", (double)session_count);
    cJSON_AddNumberToObject(tree, "invites", (double)nkt_invite_count(swarm));
    cJSON *outbox = cJSON_AddObjectToObject(tree, "outbox");
    if (outbox != NULL) {
        cJSON_AddNumberToObject(outbox, "count", (double)swarm->outbox.count);
        cJSON_AddNumberToObject(outbox, "bytes", (double)swarm->outbox.size);
        cJSON_AddBoolToObject(outbox, "pressed", swarm->outbox.is_pressed);
    }
    cJSON *mailbox = cJSON_AddObjectToObject(tree, "mailbox");
    if (mailbox != NULL) {
        cJSON_AddNumberToObject(mailbox, "count", (double)swarm->mailbox.count);
        cJSON_AddNumberToObject(mailbox, "bytes", (double)swarm->mailbox.size);
    }
    keeper_add(tree, swarm);
    if (swarm->own.is_renamed)
        cJSON_AddBoolToObject(tree, "addressChanged", 1);
    cJSON *counters = cJSON_AddObjectToObject(tree, "counters");
    if (counters == NULL)
        return;
    for (int i = 0; i < NKT_TALLY_COUNT; i++)
        cJSON_AddNumberToObject(counters, tally_names[i], (double)swarm->counters.counts[i]);
    cJSON_AddNumberToObject(counters, "recordsQuarantined", (double)swarm->store.failed_count);
}

static int clock_add(cJSON *tree, nkt_swarm_t *swarm)
{
    uint32_t people_count;
    int64_t offset_ms = nkt_clock_offset(swarm, &people_count);
    cJSON *clock = cJSON_AddObjectToObject(tree, "clock");
    if (clock == NULL)
        return 0;
    cJSON_AddNumberToObject(clock, "offsetMs", (double)offset_ms);
    cJSON_AddNumberToObject(clock, "people", people_count);
    cJSON_AddBoolToObject(clock, "off", swarm->clock.is_off);
    return 1;
}

int nkt_health_print(nkt_swarm_t *swarm, const char **json, size_t *size)
{
    cJSON *tree = cJSON_CreateObject();
    if (tree == NULL)
        return NKT_E_MEMORY;
    int ok = address_add(tree, "address", &swarm->identity.address) &&
             cJSON_AddStringToObject(tree, "nick", swarm->settings.nick) != NULL &&
             endpoints_add(tree, "relays", swarm, NKT_LINK_RELAY) &&
             endpoints_add(tree, "trackers", swarm, NKT_LINK_TRACKER) && links_add(tree, swarm) &&
             paths_add(tree, swarm) && overlay_add(tree, swarm) && clock_add(tree, swarm) && dropped_add(tree, swarm);
    counts_add(tree, swarm);
    cJSON_free(swarm->store.health);
    swarm->store.health = ok ? cJSON_PrintUnformatted(tree) : NULL;
    cJSON_Delete(tree);
    if (swarm->store.health == NULL)
        return NKT_E_MEMORY;
    *json = swarm->store.health;
    *size = strlen(swarm->store.health);
    return NKT_OK;
}
