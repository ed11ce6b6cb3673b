/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Users, links and endpoints are made and ended here, all of their parts at once: no room's own work, and the one place in state/ that
 * touches what is another's (tools/tidy/rooms.mjs). What follows from an end is decided before, by whoever ends them.
 */
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "state/state.h"
#include "state/swarm.h"

/* ---- users ---- */

nkt_user_t *nkt_user_make(const nkt_swarm_t *swarm, const nkt_record_t *record)
{
    nkt_user_t *user = calloc(1, sizeof *user);
    if (user == NULL)
        return NULL;
    user->address = record->address;
    user->standing.introducer = user->session.address = user->address;
    user->session.change = &user->stored.change;
    memcpy(user->session.identity_key, record->identity_key, sizeof user->session.identity_key);
    user->presence.heard_ms = swarm->now_ms;
    user->standing.met_ms = swarm->is_started ? swarm->now_ms : 0;
    user->standing.known_ms = swarm->time_ms;
    nkt_timer_init(&user->delivery.ack_timer, NKT_TIMER_ACK, user);
    nkt_timer_init(&user->delivery.retry_timer, NKT_TIMER_RETRY, user);
    nkt_timer_init(&user->delivery.pump_timer, NKT_TIMER_PUMP, user);
    nkt_timer_init(&user->delivery.loss_timer, NKT_TIMER_LOSS, user);
    nkt_timer_init(&user->talk.timer, NKT_TIMER_SESSION, user);
    nkt_timer_init(&user->wish.timer, NKT_TIMER_MESH, user);
    nkt_timer_init(&user->presence.absent_timer, NKT_TIMER_ABSENT, user);
    nkt_timer_init(&user->greeting.digest_timer, NKT_TIMER_DIGEST_TO, user);
    return user;
}

void nkt_user_still(nkt_swarm_t *swarm, nkt_user_t *user)
{
    nkt_alarm_clear(swarm, &user->delivery.ack_timer);
    nkt_alarm_clear(swarm, &user->delivery.retry_timer);
    nkt_alarm_clear(swarm, &user->delivery.pump_timer);
    nkt_alarm_clear(swarm, &user->delivery.loss_timer);
    nkt_alarm_clear(swarm, &user->talk.timer);
    nkt_alarm_clear(swarm, &user->wish.timer);
    nkt_alarm_clear(swarm, &user->presence.absent_timer);
    nkt_alarm_clear(swarm, &user->greeting.digest_timer);
}

static void letters_deinit(nkt_user_letters_t *letters)
{
    if (letters->chains != NULL)
        sodium_memzero(letters->chains, sizeof *letters->chains);
    free(letters->chains);
}

void nkt_user_free(nkt_user_t *user)
{
    nkt_record_deinit(&user->record);
    nkt_session_deinit(&user->session);
    nkt_buf_free(&user->talk.kem_once);
    nkt_buf_free(&user->talk.kem_key);
    free(user->delivery.acks);
    for (int i = 0; i < NKT_GROUP_KEY_COUNT; i++)
        nkt_group_key_deinit(&user->group.keys[i]);
    letters_deinit(&user->letters);
    if (user->ephemeral != NULL)
        sodium_memzero(user->ephemeral, sizeof *user->ephemeral);
    free(user->ephemeral);
    nkt_windows_deinit(&user->windows);
    sodium_memzero(user, sizeof *user);
    free(user);
}

void nkt_users_deinit(nkt_swarm_t *swarm)
{
    for (size_t i = 0; i < swarm->users.count; i++)
        nkt_user_free(swarm->user_list[i]);
    free(swarm->user_list);
    swarm->user_list = NULL;
    nkt_map_deinit(&swarm->users);
}

/* ---- links ---- */

nkt_link_t *nkt_link_open(nkt_swarm_t *swarm, nkt_link_kind_t kind, nkt_endpoint_t *endpoint)
{
    if (swarm->link_count == NKT_LINK_COUNT_MAX)
        return NULL;
    nkt_link_t *link = calloc(1, sizeof *link);
    if (link == NULL)
        return NULL;
    link->id = ++swarm->next_link_id;
    link->kind = kind;
    link->endpoint = endpoint;
    link->pulse.heard_ms = swarm->now_ms;
    nkt_timer_init(&link->timer, NKT_TIMER_LINK, link);
    swarm->links[swarm->link_count++] = link;
    if (kind != NKT_LINK_RTC)
        endpoint->link = link;
    return link;
}

void nkt_link_free(nkt_link_t *link)
{
    if (link->content.source != NULL)
        link->content.source->link = NULL; /* content/ sees it at the end of the step */
    free(link->rtc.sealed_offer);
    free(link->rtc.told);
    free(link->rtc.invitation);
    nkt_buf_free(&link->tree.ihave);
    sodium_memzero(link, sizeof *link);
    free(link);
}

void nkt_links_deinit(nkt_swarm_t *swarm)
{
    for (size_t i = 0; i < swarm->link_count; i++)
        nkt_link_free(swarm->links[i]);
    swarm->link_count = 0;
}

/* ---- endpoints ---- */

nkt_endpoint_t *nkt_endpoint_make(nkt_swarm_t *swarm, nkt_link_kind_t kind, size_t index, const char *url)
{
    nkt_endpoint_t *endpoint = &swarm->endpoints[swarm->endpoint_count++];
    *endpoint = (nkt_endpoint_t){.kind = kind, .index = (uint32_t)index, .url = url};
    nkt_timer_init(&endpoint->socket.timer, NKT_TIMER_ENDPOINT, endpoint);
    nkt_timer_init(&endpoint->socket.greet_timer, NKT_TIMER_RELAY_GREET, endpoint);
    nkt_timer_init(&endpoint->socket.claim_timer, NKT_TIMER_CLAIM, endpoint);
    nkt_timer_init(&endpoint->wish.timer, NKT_TIMER_ANNOUNCE, endpoint);
    return endpoint;
}
