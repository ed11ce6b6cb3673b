/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Questions to one user, and what the application is told of it. Who gets a place in the table is people/. */
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/base58.h"
#include "state/state.h"
#include "state/swarm.h"
#include "wire/pack.h"

nkt_user_t *nkt_user_find(nkt_swarm_t *swarm, const nkt_address_t *address)
{
    return nkt_map_get(&swarm->users, address->b);
}

void nkt_user_lend_record(const nkt_user_t *user, nkt_signed_record_t *record)
{
    *record = (nkt_signed_record_t){.bytes = user->record.bytes,
                                    .bytes_size = user->record.bytes_size,
                                    .signature = user->record.signature,
                                    .membership = user->standing.is_member ? user->standing.membership : NULL};
}

int nkt_user_is_owed(const nkt_user_t *user)
{
    return user->delivery.queue_count + user->delivery.flight_count > 0;
}

int nkt_user_is_silent(const nkt_swarm_t *swarm, const nkt_user_t *user)
{
    return nkt_user_reach(user) != NKT_REACH_DIRECT && nkt_user_is_owed(user) &&
           swarm->now_ms - user->presence.heard_ms >= NKT_SILENT_MS && swarm->now_ms - user->delivery.progress_ms >= NKT_SILENT_MS;
}

/* For people: when it was heard, by what the wall clock is now. 0: not yet. */
static uint64_t heard_date(const nkt_swarm_t *swarm, const nkt_user_t *user)
{
    uint64_t passed_ms = nkt_clock_passing(swarm) - user->presence.heard_at_ms;
    return user->presence.heard_at_ms == 0 ? 0 : swarm->wall_ms > passed_ms ? swarm->wall_ms - passed_ms : 1;
}

void nkt_user_tell(nkt_swarm_t *swarm, const nkt_user_t *user, uint32_t flags)
{
    nkt_status_changed(swarm);
    if (user->standing.is_doubted)
        return;
    nkt_emit(swarm, &(nkt_effect_t){
                        .kind = NKT_FX_USER,
                        .address = user->address,
                        .flags = flags | user->presence.flags | (user->presence.relay_bits != 0 ? NKT_USER_ON_RELAY : 0u) |
                                 (user->mesh.link != NULL ? NKT_USER_LINKED : 0u) | (nkt_user_was_lost(user) ? NKT_USER_LOST : 0u) |
                                 (nkt_away_has_left(user) ? NKT_USER_LEFT : 0u) | (user->standing.is_ignored ? NKT_USER_IGNORED : 0u) |
                                 (user->record.capabilities & NKT_CAPABILITY_KEEPER ? NKT_USER_KEEPER : 0u),
                        .value = (int32_t)(user->talk.state | (user->mesh.link != NULL ? 1u << 8 : 0u)),
                        .time_ms = heard_date(swarm, user),
                        .text = user->record.nick,
                        .text_size = strlen(user->record.nick),
                    });
}

int nkt_user_is_record_member(const nkt_swarm_t *swarm, const nkt_signed_record_t *record)
{
    uint8_t expected[NKT_MEMBERSHIP_SIZE];
    if (record->membership == NULL)
        return 0;
    nkt_room_membership(&swarm->room, record->signature, expected);
    return sodium_memcmp(expected, record->membership, sizeof expected) == 0;
}

int nkt_user_was_muted(const nkt_swarm_t *swarm, const nkt_address_t *address)
{
    for (size_t i = 0; i < swarm->store.moved_count; i++) {
        if (swarm->store.moved[i].is_muted && nkt_address_compare(&swarm->store.moved[i].to, address) == 0)
            return 1;
    }
    return 0;
}

int nkt_user_is_record_known(const nkt_user_t *user, const nkt_signed_record_t *record)
{
    return user->record.bytes_size == record->bytes_size &&
           memcmp(user->record.bytes, record->bytes, record->bytes_size) == 0 &&
           memcmp(user->record.signature, record->signature, NKT_SIGN_SIZE) == 0;
}

int nkt_user_is_news(const nkt_swarm_t *swarm, const nkt_envelope_t *envelope, uint64_t newest_ms)
{
    const nkt_link_t *link = swarm->blame.from;
    int is_straight = link != NULL && link->kind == NKT_LINK_RTC && link->state == NKT_LINK_LIVE &&
                      nkt_address_compare(&link->rtc.peer, &envelope->from) == 0;
    return is_straight || envelope->created_ms > newest_ms;
}
