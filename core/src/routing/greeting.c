/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Our record as a greeting. */
#include <string.h>

#include "routing/routing.h"
#include "state/state.h"
#include "state/swarm.h"

int nkt_greeting_pack(nkt_swarm_t *swarm, int has_proof, unsigned flags, const nkt_greeting_t *more)
{
    uint8_t nonce[NKT_CLOCK_NONCE_SIZE];
    nkt_greeting_t greeting = more != NULL ? *more : (nkt_greeting_t){0};
    nkt_own_lend_record(swarm, &greeting.record);
    if (!has_proof && !swarm->room.is_open)
        greeting.record.membership = NULL;
    greeting.flags = flags;
    greeting.wall_ms = swarm->wall_ms;
    nkt_clock_nonce(swarm, nonce);
    if (flags & NKT_GREETING_ASK || !(flags & NKT_GREETING_ANSWER))
        greeting.nonce = nonce;
    return nkt_gossip_encode_greeting(nkt_lend(swarm, NKT_LENT_PAYLOAD), &greeting);
}
