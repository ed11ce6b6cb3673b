/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is remembered of envelopes that came by: that they did, and the way that led to their authors. */
#include "base/base58.h"
#include "routing/routing.h"
#include "state/state.h"
#include "state/swarm.h"

int nkt_once(nkt_swarm_t *swarm, const uint8_t digest[NKT_DIGEST_SIZE])
{
    return nkt_seen_add(&swarm->seen, digest, swarm->now_ms);
}

void nkt_way_learn(nkt_swarm_t *swarm, const nkt_envelope_t *envelope, const nkt_link_t *link, int is_proven)
{
    if (link->state == NKT_LINK_DRAINING)
        return; /* nothing goes out over it */
    nkt_paths_set(&swarm->paths, &envelope->from, link->id, envelope->hops, envelope->created_ms, swarm->now_ms, is_proven);
}

void nkt_way_guess(nkt_swarm_t *swarm, const nkt_address_t *to, const nkt_link_t *link, int is_proven)
{
    if (link->state != NKT_LINK_DRAINING && nkt_paths_get(&swarm->paths, to) == 0)
        nkt_paths_set(&swarm->paths, to, link->id, UINT8_MAX, 0, swarm->now_ms, is_proven);
}

void nkt_way_forget(nkt_swarm_t *swarm, const nkt_address_t *to)
{
    nkt_paths_drop(&swarm->paths, to);
}

void nkt_tree_tidy(nkt_swarm_t *swarm)
{
    nkt_recent_expire(&swarm->recent, swarm->now_ms);
}
