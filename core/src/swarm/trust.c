/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "swarm/trust.h"

#include "swarm/swarm.h"

nkt_rank_t nkt_user_rank(const nkt_swarm_t *swarm, const nkt_user_t *user)
{
    if (user->is_pinned)
        return NKT_RANK_PINNED;
    if (user->proof & (NKT_PROOF_TALKED | NKT_PROOF_SOUGHT))
        return NKT_RANK_TALKED;
    if (user->proof & NKT_PROOF_DECRYPTED)
        return NKT_RANK_DECRYPTED;
    if (user->link != NULL || user->proof & NKT_PROOF_LINKED)
        return NKT_RANK_LINKED;
    if (!user->is_member)
        return NKT_RANK_SEEKER;
    return swarm->room.is_open ? NKT_RANK_STRANGER : NKT_RANK_MEMBER;
}

int nkt_user_is_proven(const nkt_swarm_t *swarm, const nkt_user_t *user)
{
    return nkt_user_rank(swarm, user) >= NKT_RANK_LINKED;
}

int nkt_user_is_stranger(nkt_swarm_t *swarm, const nkt_user_t *user)
{
    if (user->has_answered || user->met_ms == 0 || nkt_user_rank(swarm, user) > NKT_RANK_STRANGER)
        return 0;
    const nkt_user_t *introducer = nkt_user_find(swarm, &user->introducer);
    return introducer == NULL || !nkt_user_is_proven(swarm, introducer);
}

/* What waited for that: a link, and to be told of the others. */
static void no_stranger_now(nkt_swarm_t *swarm, nkt_user_t *user)
{
    nkt_mesh_want(swarm, user, 0);
    nkt_timer_set_by(&swarm->timers, &user->digest_timer, swarm->now_ms + nkt_prng_jitter(&swarm->prng, NKT_DIGEST_FIRST_MS));
}

void nkt_user_answered(nkt_swarm_t *swarm, nkt_user_t *user)
{
    int was_stranger = nkt_user_is_stranger(swarm, user);
    user->has_answered = 1;
    if (was_stranger)
        no_stranger_now(swarm, user);
}

void nkt_user_vouch(nkt_swarm_t *swarm, nkt_user_t *user, const nkt_address_t *by)
{
    nkt_user_t *voucher = nkt_user_find(swarm, by), *introducer = nkt_user_find(swarm, &user->introducer);
    if (voucher == NULL || voucher == user || !nkt_user_is_proven(swarm, voucher) || !nkt_user_is_stranger(swarm, user) ||
        voucher->introduced_count >= NKT_USER_PER_INTRODUCER_MAX)
        return;
    if (introducer != NULL && introducer != user && introducer->introduced_count > 0)
        introducer->introduced_count--;
    voucher->introduced_count++;
    user->introducer = *by;
    no_stranger_now(swarm, user);
}

int nkt_user_is_dearer(const nkt_swarm_t *swarm, const nkt_user_t *user, const nkt_user_t *than)
{
    nkt_rank_t rank = nkt_user_rank(swarm, user), other = nkt_user_rank(swarm, than);
    return rank != other ? rank > other : user->met_ms < than->met_ms;
}

/* From its first appearance to its last leaving, over all our lives. */
static uint64_t stay_ms(const nkt_user_t *user)
{
    return user->left_wall_ms > user->known_wall_ms ? user->left_wall_ms - user->known_wall_ms : 0;
}

int nkt_user_is_closer(const nkt_swarm_t *swarm, const nkt_user_t *user, const nkt_user_t *than)
{
    nkt_rank_t rank = nkt_user_rank(swarm, user), other = nkt_user_rank(swarm, than);
    int is_sought = (user->proof & NKT_PROOF_SOUGHT) != 0, is_other_sought = (than->proof & NKT_PROOF_SOUGHT) != 0;
    if (rank != other)
        return rank > other;
    if (is_sought != is_other_sought)
        return is_sought;
    return stay_ms(user) != stay_ms(than) ? stay_ms(user) > stay_ms(than) : user->left_wall_ms > than->left_wall_ms;
}

void nkt_user_prove(nkt_swarm_t *swarm, nkt_user_t *user, unsigned proof)
{
    if ((user->proof | proof) == user->proof)
        return;
    int was_proven = nkt_user_is_proven(swarm, user), was_stranger = nkt_user_is_stranger(swarm, user);
    user->proof |= (uint8_t)proof;
    user->is_dirty = 1;
    if (was_proven || !swarm->is_started)
        return;
    nkt_admit_proven(swarm, user);
    if (was_stranger || nkt_strangers_are_many(swarm))
        no_stranger_now(swarm, user);
}
