/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * KEM keys asked for (keyring.c): those of members who are away, of keepers and some neighbours, while something is to be said to them;
 * and, by a keeper, of all whom it meets, themselves: one day somebody may write to them who knows them by their records alone.
 */
#include "base/base58.h"
#include "delivery/delivery.h"
#include "routing/routing.h"
#include "state/state.h"
#include "state/swarm.h"

/** Who is to be asked for a user's key. */
typedef enum nkt_key_need {
    NEED_NONE,
    NEED_OTHERS,
    NEED_ITSELF,
} nkt_key_need_t;

static nkt_key_need_t need_of(nkt_swarm_t *swarm, const nkt_user_t *user)
{
    if (user->talk.kem_key.size > 0 || !user->standing.is_member || user->presence.flags & NKT_USER_MUTED)
        return NEED_NONE;
    if (nkt_letter_is_away(swarm, user))
        return user->talk.is_key_lacked && !nkt_session_exists(&user->session) ? NEED_OTHERS : NEED_NONE;
    return swarm->settings.keeper && nkt_user_reach(user) == NKT_REACH_DIRECT && !nkt_user_is_stranger(swarm, user) ? NEED_ITSELF
                                                                                                                    : NEED_NONE;
}

static void ask(nkt_swarm_t *swarm, nkt_user_t *whom, const nkt_address_t *wanted, size_t count)
{
    if (nkt_gossip_encode_key_want(nkt_lend(swarm, NKT_LENT_PAYLOAD), wanted, count) == NKT_OK)
        nkt_post(swarm, NKT_KIND_WANT, whom);
}

static int is_linked_member(const nkt_user_t *user)
{
    return user->standing.is_member && nkt_user_is_open(user) && user->mesh.link != NULL && nkt_link_is_steady(user->mesh.link);
}

/* Those who keep for us, and some neighbours: one of them may have met it, or have been told. */
static void others_ask(nkt_swarm_t *swarm, const nkt_address_t *wanted, size_t count)
{
    uint32_t asked = 0;
    for (int i = 0; i < NKT_KEEPER_COUNT_MAX; i++) {
        const nkt_letter_keeper_t *keeper = &swarm->letters.keepers[i];
        nkt_user_t *user = keeper->is_used ? nkt_user_find(swarm, &keeper->address) : NULL;
        if (user != NULL && nkt_user_reach(user) > NKT_REACH_LOST)
            ask(swarm, user, wanted, count);
    }
    for (size_t i = 0; i < swarm->users.count && asked < NKT_KEYS_LINKED_COUNT; i++) {
        nkt_user_t *user = swarm->user_list[swarm->keyring.turn++ % swarm->users.count];
        if (!is_linked_member(user) || nkt_keeper_is_chosen(&swarm->letters, &user->address))
            continue;
        ask(swarm, user, wanted, count);
        asked++;
    }
}

void nkt_keys_timer(nkt_swarm_t *swarm)
{
    nkt_address_t wanted[NKT_KEYS_COUNT_MAX];
    size_t wanted_count = 0, itself_count = 0;
    uint64_t next_ms = UINT64_MAX;
    for (size_t i = 0; i < swarm->users.count; i++) {
        nkt_user_t *user = swarm->user_list[i];
        nkt_key_need_t need = need_of(swarm, user);
        if (need == NEED_NONE)
            continue;
        size_t *count = need == NEED_OTHERS ? &wanted_count : &itself_count;
        uint64_t at_ms = swarm->now_ms + NKT_KEYS_LOOK_MS; /* so many are asked for at a time */
        if (user->talk.key_again_ms <= swarm->now_ms && *count < NKT_KEYS_COUNT_MAX) {
            if (need == NEED_OTHERS)
                wanted[*count] = user->address;
            else
                ask(swarm, user, &user->address, 1);
            *count += 1;
            nkt_key_asked(swarm, user);
        }
        if (user->talk.key_again_ms > swarm->now_ms)
            at_ms = user->talk.key_again_ms;
        next_ms = at_ms < next_ms ? at_ms : next_ms;
    }
    if (wanted_count > 0)
        others_ask(swarm, wanted, wanted_count);
    if (next_ms != UINT64_MAX)
        nkt_alarm_set_by(swarm, &swarm->keyring.timer, next_ms);
}
