/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "state/state.h"
#include "state/swarm.h"

nkt_rank_t nkt_user_rank(const nkt_swarm_t *swarm, const nkt_user_t *user)
{
    if (user->standing.is_pinned)
        return NKT_RANK_PINNED;
    if (user->standing.proof & (NKT_PROOF_TALKED | NKT_PROOF_SOUGHT))
        return NKT_RANK_TALKED;
    if (user->standing.proof & NKT_PROOF_DECRYPTED)
        return NKT_RANK_DECRYPTED;
    if (user->mesh.link != NULL || user->standing.proof & NKT_PROOF_LINKED)
        return NKT_RANK_LINKED;
    if (!user->standing.is_member)
        return NKT_RANK_SEEKER;
    return swarm->room.is_open ? NKT_RANK_STRANGER : NKT_RANK_MEMBER;
}

int nkt_user_is_proven(const nkt_swarm_t *swarm, const nkt_user_t *user)
{
    return nkt_user_rank(swarm, user) >= NKT_RANK_LINKED;
}

int nkt_user_is_stranger(nkt_swarm_t *swarm, const nkt_user_t *user)
{
    if (user->standing.has_answered || user->standing.met_ms == 0 || nkt_user_rank(swarm, user) > NKT_RANK_STRANGER)
        return 0;
    const nkt_user_t *introducer = nkt_user_find(swarm, &user->standing.introducer);
    return introducer == NULL || !nkt_user_is_proven(swarm, introducer);
}

int nkt_user_is_dearer(const nkt_swarm_t *swarm, const nkt_user_t *user, const nkt_user_t *than)
{
    nkt_rank_t rank = nkt_user_rank(swarm, user), other = nkt_user_rank(swarm, than);
    return rank != other ? rank > other : user->standing.met_ms < than->standing.met_ms;
}

/* From its first appearance to its last leaving, over all our lives. */
static uint64_t stay_ms(const nkt_user_t *user)
{
    return user->away.left_ms > user->standing.known_ms ? user->away.left_ms - user->standing.known_ms : 0;
}

int nkt_user_is_closer(const nkt_swarm_t *swarm, const nkt_user_t *user, const nkt_user_t *than)
{
    nkt_rank_t rank = nkt_user_rank(swarm, user), other = nkt_user_rank(swarm, than);
    int is_sought = (user->standing.proof & NKT_PROOF_SOUGHT) != 0, is_other_sought = (than->standing.proof & NKT_PROOF_SOUGHT) != 0;
    if (rank != other)
        return rank > other;
    if (is_sought != is_other_sought)
        return is_sought;
    return stay_ms(user) != stay_ms(than) ? stay_ms(user) > stay_ms(than) : user->away.left_ms > than->away.left_ms;
}
