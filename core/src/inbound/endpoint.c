/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Relays and trackers: connected as long as we run, with back-off and full jitter, none of them needed. */
#include <assert.h>
#include <string.h>

#include "inbound/inbound.h"
#include "links/links.h"
#include "relay/relay.h"
#include "routing/routing.h"
#include "state/state.h"
#include "state/swarm.h"

static void endpoint_connect(nkt_swarm_t *swarm, nkt_endpoint_t *endpoint)
{
    assert(endpoint->link == NULL);
    nkt_link_t *link = nkt_link_open(swarm, endpoint->kind, endpoint);
    if (link == NULL)
        return;
    endpoint->socket.begun_ms = swarm->now_ms;
    nkt_link_alarm(swarm, link, swarm->now_ms + ((uint64_t)NKT_SOCKET_OPEN_MS << endpoint->socket.patience));
    nkt_emit(swarm, &(nkt_effect_t){.kind = NKT_FX_SOCKET_OPEN,
                                    .link = link->id,
                                    .text = endpoint->url,
                                    .text_size = strlen(endpoint->url)});
}

static void endpoint_add(nkt_swarm_t *swarm, nkt_link_kind_t kind, size_t index, const char *url)
{
    endpoint_connect(swarm, nkt_endpoint_make(swarm, kind, index, url));
}

void nkt_endpoints_start(nkt_swarm_t *swarm)
{
    for (size_t i = 0; i < swarm->settings.relay_count; i++)
        endpoint_add(swarm, NKT_LINK_RELAY, i, swarm->settings.relays[i]);
    for (size_t i = 0; i < swarm->settings.tracker_count; i++)
        endpoint_add(swarm, NKT_LINK_TRACKER, i, swarm->settings.trackers[i]);
    for (size_t i = 0; i < swarm->endpoint_count; i++) {
        if (swarm->endpoints[i].kind == NKT_LINK_TRACKER)
            nkt_announce_start(swarm, &swarm->endpoints[i]);
    }
}

int nkt_endpoints_add(nkt_swarm_t *swarm, const char *json, size_t size)
{
    nkt_settings_t wanted;
    size_t relay_count = swarm->settings.relay_count, tracker_count = swarm->settings.tracker_count;
    int err = nkt_settings_parse(&wanted, json, size);
    size_t added = err == NKT_OK ? nkt_settings_adopt(swarm, &wanted) : 0;
    nkt_settings_deinit(&wanted);
    if (err < 0 || added == 0 || !swarm->is_started)
        return err;
    for (size_t i = relay_count; i < swarm->settings.relay_count; i++)
        endpoint_add(swarm, NKT_LINK_RELAY, i, swarm->settings.relays[i]);
    for (size_t i = tracker_count; i < swarm->settings.tracker_count; i++) {
        endpoint_add(swarm, NKT_LINK_TRACKER, i, swarm->settings.trackers[i]);
        nkt_announce_start(swarm, &swarm->endpoints[swarm->endpoint_count - 1]);
    }
    nkt_status_changed(swarm);
    return nkt_own_record_renew(swarm);
}

void nkt_endpoints_deinit(nkt_swarm_t *swarm)
{
    swarm->endpoint_count = 0;
}

static uint64_t ping_wait(nkt_swarm_t *swarm)
{
    return swarm->now_ms + nkt_chance_jitter(swarm, NKT_RELAY_PING_MS);
}

/* As a retransmission timeout (RFC 6298): it has twice as long as it took, which is known once it is up, and doubles until then. */
static void patience_learn(const nkt_swarm_t *swarm, nkt_endpoint_t *endpoint)
{
    uint64_t took_ms = swarm->now_ms - endpoint->socket.begun_ms;
    uint8_t patience = 0;
    while (patience < NKT_SOCKET_PATIENCE_MAX && (uint64_t)NKT_SOCKET_OPEN_MS << patience < 2 * took_ms)
        patience++;
    endpoint->socket.patience = patience;
}

void nkt_endpoint_late(nkt_swarm_t *swarm, nkt_endpoint_t *endpoint)
{
    static const char reason[] = "did not open in time";
    endpoint->socket.patience += endpoint->socket.patience < NKT_SOCKET_PATIENCE_MAX;
    nkt_endpoint_down(swarm, endpoint, reason, sizeof reason - 1);
}

void nkt_endpoint_up(nkt_swarm_t *swarm, nkt_endpoint_t *endpoint)
{
    patience_learn(swarm, endpoint);
    endpoint->socket.is_up = 1;
    if (endpoint->socket.claimed_ms == 0 || swarm->now_ms - endpoint->socket.claimed_ms >= NKT_CLAIM_AGAIN_MS)
        endpoint->socket.claimed_ms = swarm->now_ms;
    nkt_alarm_set(swarm, &endpoint->socket.claim_timer, swarm->now_ms + NKT_CLAIM_MS);
    if (endpoint->kind == NKT_LINK_RELAY)
        endpoint->socket.is_welcome = 0; /* a relay that closes what it has opened is as good as away */
    else
        endpoint->socket.was_up = 1;
    if (!endpoint->socket.is_foreign)
        endpoint->socket.last_error[0] = '\0'; /* else until it lets us in */
    endpoint->socket.ping_ms = 0;
    endpoint->socket.is_probing = endpoint->socket.is_proved = 0;
    if (endpoint->kind == NKT_LINK_RELAY) {
        nkt_relay_hello(swarm, endpoint->link);
        nkt_alarm_set(swarm, &endpoint->socket.timer, ping_wait(swarm));
    } else {
        nkt_announce_afresh(endpoint);
        nkt_tracker_id_create(&endpoint->socket.peer_id, &swarm->host);
        nkt_announce_timer(swarm, endpoint);
    }
    nkt_connect_endpoint(swarm, endpoint);
}

void nkt_endpoint_failed(nkt_endpoint_t *endpoint, const char *reason, size_t size)
{
    if (size >= sizeof endpoint->socket.last_error)
        size = sizeof endpoint->socket.last_error - 1;
    if (size == 0 || !nkt_text_is_clean(reason, size)) {
        reason = "connection closed";
        size = strlen(reason);
    }
    memcpy(endpoint->socket.last_error, reason, size);
    endpoint->socket.last_error[size] = '\0';
}

/* Who was only reachable there is not any more. */
static void relay_lost(nkt_swarm_t *swarm, const nkt_endpoint_t *endpoint)
{
    for (size_t i = 0; i < swarm->users.count; i++)
        nkt_user_left_relay(swarm, swarm->user_list[i], 1u << endpoint->index);
}

/*
 * A relay that was there is lost to all its clients at once, and they must not come back at once: neither the first
 * time nor, when it is away for longer, after each failure, which would bring together those who tried meanwhile.
 * Where every WebRTC link broke as well it is rather our own network that is away, and no crowd waits with us.
 */
static uint64_t relay_wait(nkt_swarm_t *swarm, const nkt_endpoint_t *endpoint, int is_lost)
{
    if (endpoint->socket.is_foreign) /* until somebody renews it, or us */
        return NKT_RELAY_FOREIGN_MS - nkt_chance_below(swarm, NKT_RELAY_FOREIGN_MS / 2);
    int has_slept = swarm->woke_ms != 0 && swarm->now_ms - swarm->woke_ms < NKT_RELAY_LOST_MS; /* lost by us alone */
    if (is_lost)
        return 1 + nkt_chance_below(swarm, has_slept ? NKT_RELAY_WOKE_MS : NKT_RELAY_LOST_MS);
    if (endpoint->socket.was_up && !has_slept && swarm->walks.is_announced && nkt_rtc_count(swarm, 1) == 0)
        return NKT_RELAY_ALONE_MS - nkt_chance_below(swarm, NKT_RELAY_ALONE_MS - NKT_RELAY_RETRY_MS_BASE);
    if (endpoint->socket.was_up && !has_slept)
        return NKT_RELAY_RETRY_MS_MAX - nkt_chance_below(swarm, NKT_RELAY_AGAIN_MS);
    return nkt_chance_backoff(swarm, endpoint->socket.attempt, NKT_RELAY_RETRY_MS_BASE, NKT_RELAY_RETRY_MS_MAX);
}

/* Who lost nearly all needs a tracker that comes back more than those who hardly miss it. */
static uint64_t tracker_wait(nkt_swarm_t *swarm, const nkt_endpoint_t *endpoint)
{
    int is_alone = endpoint->socket.was_up && nkt_rtc_count(swarm, 1) < nkt_view_target(swarm) / 2;
    return nkt_chance_backoff(swarm, endpoint->socket.attempt, NKT_TRACKER_RETRY_MS_BASE,
                            is_alone ? NKT_TRACKER_ALONE_MS_MAX : NKT_TRACKER_RETRY_MS_MAX);
}

/* Who was patient has waited already: a server that comes back is found no later. */
static uint64_t waited(nkt_swarm_t *swarm, const nkt_endpoint_t *endpoint, uint64_t wait_ms)
{
    uint64_t least_ms = 1 + nkt_chance_below(swarm, NKT_RELAY_RETRY_MS_BASE), spent_ms = swarm->now_ms - endpoint->socket.begun_ms;
    if (spent_ms <= NKT_SOCKET_OPEN_MS || wait_ms <= least_ms)
        return wait_ms;
    uint64_t left_ms = wait_ms + NKT_SOCKET_OPEN_MS;
    return left_ms > spent_ms + least_ms ? left_ms - spent_ms : least_ms;
}

void nkt_endpoint_down(nkt_swarm_t *swarm, nkt_endpoint_t *endpoint, const char *reason, size_t size)
{
    int was_up = endpoint->socket.is_up, is_lost = was_up && (endpoint->kind != NKT_LINK_RELAY || endpoint->socket.is_welcome);
    endpoint->socket.is_up = endpoint->socket.is_welcome = 0;
    nkt_endpoint_failed(endpoint, reason, size);
    nkt_announce_rest(swarm, endpoint);
    nkt_alarm_clear(swarm, &endpoint->socket.greet_timer);
    nkt_alarm_clear(swarm, &endpoint->socket.claim_timer);
    if (endpoint->link != NULL)
        nkt_link_close(swarm, endpoint->link, 1);
    if (was_up && endpoint->kind == NKT_LINK_RELAY)
        relay_lost(swarm, endpoint);
    if (endpoint->kind == NKT_LINK_RELAY)
        nkt_announce_hurry(swarm);
    uint64_t wait_ms = endpoint->kind == NKT_LINK_TRACKER ? tracker_wait(swarm, endpoint) : relay_wait(swarm, endpoint, is_lost);
    if (!was_up)
        wait_ms = waited(swarm, endpoint, wait_ms);
    endpoint->socket.attempt++;
    nkt_alarm_set(swarm, &endpoint->socket.timer, swarm->now_ms + wait_ms);
    nkt_status_changed(swarm);
}

void nkt_endpoint_claim_timer(nkt_swarm_t *swarm, nkt_endpoint_t *endpoint)
{
    if (swarm->now_ms - endpoint->socket.claimed_ms < NKT_CLAIM_LONG_MS)
        nkt_alarm_set(swarm, &endpoint->socket.claim_timer, endpoint->socket.claimed_ms + NKT_CLAIM_LONG_MS);
    if (endpoint->socket.is_up && endpoint->socket.peer_count > nkt_view_known(swarm) + 1 && !nkt_claim_is_likely(swarm, endpoint))
        nkt_crowd_ended(swarm);
}

/* A ping that must be answered soon; one that is under way already keeps its time. */
static void relay_probe(nkt_swarm_t *swarm, nkt_endpoint_t *endpoint)
{
    const nkt_buf_t *wrapped = nkt_lent(swarm, NKT_LENT_WRAPPED);
    if (endpoint->socket.is_probing)
        return;
    endpoint->socket.is_probing = 1;
    endpoint->socket.ping_ms = swarm->now_ms + 1; /* what is heard in this very step is no answer */
    endpoint->socket.ping_number++;
    if (nkt_relay_encode_ping(nkt_lend(swarm, NKT_LENT_WRAPPED), endpoint->socket.ping_number) == NKT_OK)
        nkt_emit_send(swarm, endpoint->link, wrapped->data, wrapped->size, 0, 0);
    nkt_alarm_set(swarm, &endpoint->socket.timer, swarm->now_ms + ((uint64_t)NKT_PING_SUSPECT_MS << endpoint->socket.patience));
}

void nkt_endpoints_hurry(nkt_swarm_t *swarm)
{
    for (size_t i = 0; i < swarm->endpoint_count; i++) {
        nkt_endpoint_t *endpoint = &swarm->endpoints[i];
        if (endpoint->socket.is_foreign)
            continue;
        if (endpoint->link != NULL && !endpoint->socket.is_up && swarm->now_ms - endpoint->socket.begun_ms >= NKT_SOCKET_OPEN_MS)
            nkt_link_close(swarm, endpoint->link, 1); /* it may wait for what went out by another network */
        if (endpoint->link == NULL)
            endpoint_connect(swarm, endpoint);
        else if (endpoint->socket.is_up && endpoint->kind == NKT_LINK_RELAY)
            relay_probe(swarm, endpoint);
        else if (endpoint->socket.is_up)
            nkt_announce_soon(swarm, endpoint);
    }
}

static void relay_ping(nkt_swarm_t *swarm, nkt_endpoint_t *endpoint)
{
    const nkt_buf_t *wrapped = nkt_lent(swarm, NKT_LENT_WRAPPED);
    endpoint->socket.is_probing = 0;
    if (endpoint->socket.ping_ms != 0 && endpoint->link->pulse.heard_ms < endpoint->socket.ping_ms) {
        static const char reason[] = "does not answer";
        nkt_endpoint_down(swarm, endpoint, reason, sizeof reason - 1);
        return;
    }
    if (swarm->now_ms - endpoint->link->pulse.heard_ms >= NKT_RELAY_PING_MS / 2) {
        endpoint->socket.ping_ms = swarm->now_ms;
        endpoint->socket.ping_number++;
        if (nkt_relay_encode_ping(nkt_lend(swarm, NKT_LENT_WRAPPED), endpoint->socket.ping_number) == NKT_OK)
            nkt_emit_send(swarm, endpoint->link, wrapped->data, wrapped->size, 0, 0);
    } else {
        endpoint->socket.ping_ms = 0;
    }
    nkt_alarm_set(swarm, &endpoint->socket.timer, ping_wait(swarm));
}

void nkt_endpoint_timer(nkt_swarm_t *swarm, nkt_endpoint_t *endpoint)
{
    if (endpoint->link == NULL)
        endpoint_connect(swarm, endpoint);
    else if (endpoint->socket.is_up && endpoint->kind == NKT_LINK_RELAY)
        relay_ping(swarm, endpoint);
}
