/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ourselves: the identity, the record that others have of us, the room we are in. */
#include <string.h>

#include <sodium.h>

#include "base/base58.h"
#include "state/state.h"
#include "state/swarm.h"

/* ---- the identity ---- */

int nkt_own_create(nkt_swarm_t *swarm)
{
    if (swarm->own.is_there)
        return NKT_OK;
    int err = nkt_identity_create(&swarm->identity, &swarm->host);
    if (err == NKT_OK)
        swarm->own.is_there = swarm->own.is_dirty = 1;
    return err;
}

void nkt_own_restore(nkt_swarm_t *swarm, const nkt_identity_t *identity)
{
    if (swarm->own.is_there && identity->sequence <= swarm->identity.sequence)
        return; /* either of two records will do; the newer one, if they differ */
    swarm->identity = *identity;
    swarm->own.is_there = 1;
    if (identity->version < NKT_RECORD_VERSION_ADDRESS)
        swarm->own.is_dirty = swarm->own.is_renamed = 1; /* the same keys under another address */
}

void nkt_own_touch(nkt_swarm_t *swarm)
{
    swarm->own.is_dirty = 1;
}

void nkt_own_stored(nkt_swarm_t *swarm)
{
    swarm->own.is_dirty = 0;
}

/* Nobody moves this into the future by a fast clock: then letters of others would not be taken for as long. */
void nkt_own_forgot_by(nkt_swarm_t *swarm, uint64_t newest_ms)
{
    newest_ms = newest_ms < swarm->time_ms ? newest_ms : swarm->time_ms;
    if (newest_ms <= swarm->identity.forgotten_ms)
        return;
    swarm->identity.forgotten_ms = newest_ms;
    nkt_own_touch(swarm);
}

void nkt_own_forgot(nkt_swarm_t *swarm, const nkt_user_t *user)
{
    uint64_t newest_ms = user->clock.newest_ms > user->clock.opened_ms ? user->clock.newest_ms : user->clock.opened_ms;
    if (nkt_session_exists(&user->session) || user->letters.chains != NULL) /* else nothing was heard of it that a keeper could have */
        nkt_own_forgot_by(swarm, newest_ms);
}

/* ---- the record ---- */

void nkt_own_lend_record(const nkt_swarm_t *swarm, nkt_signed_record_t *record)
{
    *record = (nkt_signed_record_t){.bytes = swarm->own.record.bytes,
                                    .bytes_size = swarm->own.record.bytes_size,
                                    .signature = swarm->own.record.signature,
                                    .membership = swarm->own.membership};
}

static void membership_make(nkt_swarm_t *swarm)
{
    nkt_room_membership(&swarm->room, swarm->own.record.signature, swarm->own.membership);
}

/* The oldest time that the wall clock of this machine was seen at, with our age then: clock.c. */
static void identity_date(nkt_swarm_t *swarm)
{
    nkt_identity_t *identity = &swarm->identity;
    identity->wall_ms = swarm->wall_ms;
    identity->age_ms = nkt_clock_age(swarm);
    if (swarm->wall_ms <= identity->most_wall_ms)
        return;
    identity->most_wall_ms = swarm->wall_ms;
    identity->most_age_ms = identity->age_ms;
}

int nkt_own_sign(nkt_swarm_t *swarm)
{
    nkt_record_t record;
    const nkt_record_facts_t facts = {
        .nick = swarm->settings.nick,
        .capabilities = swarm->settings.keeper ? NKT_CAPABILITY_KEEPER : 0,
        .relays = swarm->settings.relays,
        .relay_count = swarm->settings.relay_count,
        .trackers = swarm->settings.trackers,
        .tracker_count = swarm->settings.tracker_count,
    };
    nkt_clock_catch_up(swarm);
    int err = nkt_record_create(&record, &swarm->identity, &facts, swarm->time_ms);
    if (err < 0) {
        nkt_alarm_set(swarm, &swarm->own.timer, swarm->now_ms + NKT_DIGEST_MS); /* it must not run out for that */
        return err;
    }
    nkt_record_deinit(&swarm->own.record);
    swarm->own.record = record;
    identity_date(swarm);
    nkt_clock_renewed(swarm);
    membership_make(swarm);
    swarm->own.is_dirty = 1;
    nkt_alarm_set(swarm, &swarm->own.timer, swarm->now_ms + nkt_chance_jitter(swarm, NKT_RECORD_REFRESH_MS));
    return NKT_OK;
}

void nkt_own_sign_by(nkt_swarm_t *swarm, uint64_t at_ms)
{
    nkt_alarm_set_by(swarm, &swarm->own.timer, at_ms);
}

int nkt_own_sisters(nkt_swarm_t *swarm, const uint8_t *networks, size_t size)
{
    if (size % NKT_NETWORK_SIZE != 0)
        return NKT_E_ARGUMENT;
    if (size > sizeof swarm->own.sisters)
        return NKT_E_SIZE;
    swarm->own.sister_count = size / NKT_NETWORK_SIZE;
    if (size > 0)
        memcpy(swarm->own.sisters, networks, size);
    return NKT_OK;
}

int nkt_own_is_sisters(const nkt_swarm_t *swarm, const uint8_t network[NKT_NETWORK_SIZE])
{
    for (size_t i = 0; i < swarm->own.sister_count; i++) {
        const uint8_t *sister = swarm->own.sisters[i];
        if (memcmp(sodium_is_zero(sister, NKT_NETWORK_SIZE) ? swarm->own.network : sister, network, NKT_NETWORK_SIZE) == 0)
            return memcmp(swarm->room.network, network, NKT_NETWORK_SIZE) != 0;
    }
    return 0;
}

int nkt_own_is_sisters_room(const nkt_swarm_t *swarm, const uint8_t key[32])
{
    nkt_room_t room;
    if (swarm->own.sister_count == 0)
        return 0;
    nkt_room_from_key(&room, key);
    int is_sisters = nkt_own_is_sisters(swarm, room.network);
    sodium_memzero(&room, sizeof room);
    return is_sisters;
}

void nkt_own_show(nkt_swarm_t *swarm, int is_findable)
{
    swarm->own.is_hidden = !is_findable;
}

/* ---- the room ---- */

void nkt_room_enter(nkt_swarm_t *swarm)
{
    nkt_room_of_address(&swarm->own.place, &swarm->identity.address);
    nkt_room_derive(&swarm->room, NULL, NULL, &swarm->identity.address);
    memcpy(swarm->own.network, swarm->room.network, NKT_NETWORK_SIZE);
    if (swarm->settings.room == NULL && swarm->adopted.is_there) {
        nkt_room_from_key(&swarm->room, swarm->adopted.key);
        swarm->room.is_open = swarm->adopted.is_open;
    } else {
        nkt_room_derive(&swarm->room, swarm->settings.room, swarm->settings.secret, &swarm->identity.address);
    }
}

void nkt_room_name(const nkt_swarm_t *swarm, const uint8_t network[NKT_NETWORK_SIZE], char text[NKT_ROOM_TEXT_SIZE])
{
    _Static_assert(NKT_ROOM_TEXT_SIZE == 2 * NKT_NETWORK_SIZE + 1, "hexadecimal");
    if (sodium_is_zero(network, NKT_NETWORK_SIZE))
        text[0] = '\0';
    else if (memcmp(network, swarm->own.network, NKT_NETWORK_SIZE) == 0)
        memcpy(text, "-", 2);
    else
        sodium_bin2hex(text, NKT_ROOM_TEXT_SIZE, network, NKT_NETWORK_SIZE);
}

int nkt_room_adopt(nkt_swarm_t *swarm, const uint8_t *room_key, int is_open)
{
    if (room_key == NULL || swarm->settings.room != NULL || memcmp(room_key, swarm->room.key, sizeof swarm->room.key) == 0 ||
        nkt_own_is_sisters_room(swarm, room_key))
        return 0;
    nkt_room_from_key(&swarm->room, room_key);
    swarm->room.is_open = is_open;
    memcpy(swarm->adopted.key, room_key, sizeof swarm->adopted.key);
    swarm->adopted.is_open = (uint8_t)is_open;
    swarm->adopted.is_there = swarm->adopted.is_dirty = 1;
    membership_make(swarm);
    return 1;
}

void nkt_room_leave(nkt_swarm_t *swarm)
{
    sodium_memzero(swarm->adopted.key, sizeof swarm->adopted.key);
    swarm->adopted.is_there = 0;
    swarm->adopted.is_dirty = 1;
}

void nkt_room_restore(nkt_swarm_t *swarm, const uint8_t key[32], int is_open)
{
    memcpy(swarm->adopted.key, key, sizeof swarm->adopted.key);
    swarm->adopted.is_open = (uint8_t)is_open;
    swarm->adopted.is_there = 1;
}

void nkt_room_stored(nkt_swarm_t *swarm)
{
    swarm->adopted.is_dirty = 0;
}
