/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The lasting KEM keys of others: 1.2 KB each, of which a record has the hash alone. Who is there tells his own in a greeting. To one who
 * is away nothing can be said without it, if he never spoke with us: then others are asked (keyask.c). Whether it is his the record says,
 * whoever tells it.
 */
#include <string.h>

#include "delivery/delivery.h"
#include "state/state.h"
#include "state/swarm.h"

/* ---- what is here ---- */

static int is_of_record(const nkt_user_t *user, const uint8_t key[NKT_KEM_KEY_SIZE])
{
    uint8_t hash[32];
    nkt_kem_key_hash(hash, key);
    return memcmp(hash, user->record.kem_hash, sizeof hash) == 0;
}

const uint8_t *nkt_key_of(nkt_user_t *user)
{
    nkt_buf_t *key = &user->talk.kem_key;
    if (key->size > 0 && !is_of_record(user, key->data))
        nkt_buf_clear(key); /* of a record before this one */
    return key->size > 0 ? key->data : NULL;
}

int nkt_key_may_begin(nkt_user_t *user)
{
    return user->talk.kem_once.size > 0 || nkt_key_of(user) != NULL;
}

/* Others are not asked any more, or nobody was asked yet. */
static void ask_end(nkt_user_t *user)
{
    user->talk.key_again_ms = 0;
    user->talk.key_attempt = 0;
}

int nkt_key_take(nkt_user_t *user, const uint8_t key[NKT_KEM_KEY_SIZE])
{
    if (!is_of_record(user, key))
        return NKT_E_KEY;
    if (nkt_key_of(user) != NULL)
        return NKT_OK;
    int err = nkt_buf_set(&user->talk.kem_key, key, NKT_KEM_KEY_SIZE);
    if (err < 0)
        return err;
    nkt_user_touch(user);
    ask_end(user);
    return NKT_OK;
}

/* ---- what is lacking ---- */

static void ask_by(nkt_swarm_t *swarm, const nkt_user_t *user, uint64_t wait_ms)
{
    uint64_t at_ms = swarm->now_ms + wait_ms;
    nkt_alarm_set_by(swarm, &swarm->keyring.timer, user->talk.key_again_ms > at_ms ? user->talk.key_again_ms : at_ms);
}

int nkt_key_told(nkt_swarm_t *swarm, nkt_user_t *user, const uint8_t key[NKT_KEM_KEY_SIZE])
{
    const int was_lacked = user->talk.is_key_lacked;
    int err = was_lacked || swarm->settings.keeper ? nkt_key_take(user, key) : NKT_OK; /* else nobody asked */
    if (err < 0 || !was_lacked)
        return err;
    user->talk.is_key_lacked = 0;
    return 1;
}

void nkt_key_lack(nkt_swarm_t *swarm, nkt_user_t *user)
{
    user->talk.is_key_lacked = 1;
    ask_by(swarm, user, NKT_KEYS_GATHER_MS);
}

int nkt_key_is_awaited(const nkt_swarm_t *swarm, const nkt_user_t *user)
{
    if (!user->talk.is_key_lacked || user->talk.key_attempt > 1)
        return 0;
    return user->talk.key_attempt == 0 ? nkt_timer_is_set(&swarm->keyring.timer) : swarm->now_ms < user->talk.key_again_ms;
}

void nkt_key_heard(nkt_swarm_t *swarm, nkt_user_t *user)
{
    /* it is here: its greeting tells its key. Until that is there its turn stays: who says hello again and again, and tells none, is asked
     * after less and less often */
    user->talk.is_key_lacked = 0;
    if (swarm->settings.keeper && user->talk.kem_key.size == 0 && user->standing.is_member)
        ask_by(swarm, user, NKT_KEYS_LOOK_MS);
}

void nkt_keys_afresh(nkt_swarm_t *swarm)
{
    for (size_t i = 0; i < swarm->users.count; i++) {
        nkt_user_t *user = swarm->user_list[i];
        if (!user->talk.is_key_lacked)
            continue;
        ask_end(user);
        ask_by(swarm, user, NKT_KEYS_GATHER_MS);
    }
}

void nkt_key_asked(const nkt_swarm_t *swarm, nkt_user_t *user)
{
    uint64_t wait_ms = NKT_KEYS_MS;
    for (uint32_t i = 0; i < user->talk.key_attempt && wait_ms < NKT_KEYS_MS_MAX; i++)
        wait_ms *= 2;
    user->talk.key_attempt++;
    user->talk.key_again_ms = swarm->now_ms + (wait_ms < NKT_KEYS_MS_MAX ? wait_ms : NKT_KEYS_MS_MAX);
}
