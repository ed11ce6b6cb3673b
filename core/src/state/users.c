/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Questions to one user, what the application is told of it, and its end. Who gets a place in the table is people/. */
#include <assert.h>
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

void nkt_own_lend_record(const nkt_swarm_t *swarm, nkt_signed_record_t *record)
{
    *record = (nkt_signed_record_t){.bytes = swarm->own.record.bytes,
                                    .bytes_size = swarm->own.record.bytes_size,
                                    .signature = swarm->own.record.signature,
                                    .membership = swarm->own.membership};
}

/* For people: when it was heard, by what the wall clock is now. 0: not yet. */
static uint64_t heard_date(const nkt_swarm_t *swarm, const nkt_user_t *user)
{
    uint64_t passed_ms = nkt_clock_passing(swarm) - user->presence.heard_at_ms;
    return user->presence.heard_at_ms == 0 ? 0 : swarm->wall_ms > passed_ms ? swarm->wall_ms - passed_ms : 1;
}

void nkt_user_tell(nkt_swarm_t *swarm, const nkt_user_t *user, uint32_t flags)
{
    swarm->status_changed = 1;
    if (user->standing.is_doubted)
        return;
    nkt_emit(swarm, &(nkt_effect_t){
                        .kind = NKT_FX_USER,
                        .address = user->address,
                        .flags = flags | user->presence.flags | (user->presence.relay_bits != 0 ? NKT_USER_ON_RELAY : 0u) |
                                 (user->mesh.link != NULL ? NKT_USER_LINKED : 0u) | (user->away.is_lost ? NKT_USER_LOST : 0u) |
                                 (nkt_away_has_left(user) ? NKT_USER_LEFT : 0u) | (user->standing.is_ignored ? NKT_USER_IGNORED : 0u) |
                                 (user->record.capabilities & NKT_CAPABILITY_KEEPER ? NKT_USER_KEEPER : 0u),
                        .value = (int32_t)(user->talk.state | (user->mesh.link != NULL ? 1u << 8 : 0u)),
                        .time_ms = heard_date(swarm, user),
                        .text = user->record.nick,
                        .text_size = strlen(user->record.nick),
                    });
}

static void user_group_deinit(nkt_user_t *user)
{
    for (int i = 0; i < NKT_GROUP_KEY_COUNT; i++)
        nkt_group_key_deinit(&user->group.keys[i]);
}

static void user_letters_deinit(nkt_user_t *user)
{
    if (user->letters.keys != NULL)
        sodium_memzero(user->letters.keys, NKT_LETTER_KEY_COUNT * sizeof *user->letters.keys);
    free(user->letters.keys);
    sodium_memzero(&user->letters, sizeof user->letters);
}

void nkt_user_free(nkt_user_t *user)
{
    nkt_record_deinit(&user->record);
    nkt_session_deinit(&user->session);
    free(user->delivery.acks);
    user_group_deinit(user);
    user_letters_deinit(user);
    for (int i = 0; i < NKT_STREAM_PER_USER_MAX; i++)
        nkt_window_deinit(&user->windows[i]);
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

int nkt_user_is_record_member(const nkt_swarm_t *swarm, const nkt_signed_record_t *record)
{
    uint8_t expected[NKT_MEMBERSHIP_SIZE];
    if (record->membership == NULL)
        return 0;
    nkt_room_membership(&swarm->room, record->signature, expected);
    return sodium_memcmp(expected, record->membership, sizeof expected) == 0;
}

int nkt_user_is_record_known(const nkt_user_t *user, const nkt_signed_record_t *record)
{
    return user->record.bytes_size == record->bytes_size &&
           memcmp(user->record.bytes, record->bytes, record->bytes_size) == 0 &&
           memcmp(user->record.signature, record->signature, NKT_SIGN_SIZE) == 0;
}

void nkt_user_believe(nkt_user_t *user)
{
    if (!user->standing.is_doubted)
        return;
    user->standing.is_doubted = 0;
    user->standing.is_member = user->standing.is_claimed;
    user->stored.is_dirty = 1;
}

int nkt_user_is_news(const nkt_swarm_t *swarm, const nkt_envelope_t *envelope, uint64_t newest_ms)
{
    const nkt_link_t *link = swarm->blame.from;
    int is_straight = link != NULL && link->kind == NKT_LINK_RTC && link->state == NKT_LINK_LIVE &&
                      nkt_address_compare(&link->rtc.peer, &envelope->from) == 0;
    return is_straight || envelope->created_ms > newest_ms;
}

void nkt_letters_renew(nkt_swarm_t *swarm)
{
    swarm->letters.key.epoch = 0;
    swarm->letters.base_ms = 0;
}

int nkt_away_has_left(const nkt_user_t *user)
{
    return user->away.left_ms != 0;
}

void nkt_away_unfollow(nkt_swarm_t *swarm, nkt_user_t *user)
{
    assert(swarm->away.followed_count >= user->away.is_followed);
    swarm->away.followed_count -= user->away.is_followed;
    user->away.is_followed = 0;
}

void nkt_away_forget(nkt_swarm_t *swarm, nkt_user_t *user)
{
    nkt_away_unfollow(swarm, user);
    assert(swarm->away.left_count >= (size_t)nkt_away_has_left(user));
    swarm->away.left_count -= (size_t)nkt_away_has_left(user);
    user->away.left_ms = 0;
}
