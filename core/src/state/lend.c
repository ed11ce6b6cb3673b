/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Buffers that all rooms use, one after another, so that no frame costs an allocation. */
#include <assert.h>

#include "state/state.h"
#include "state/swarm.h"

nkt_buf_t *nkt_lend(nkt_swarm_t *swarm, nkt_lent_t which)
{
    nkt_loan_t *loan = &swarm->loans[which];
    assert(!loan->is_held); /* somebody who needs it waits for the end of what is done here */
    loan->is_filled = 1;
    nkt_buf_clear(&loan->buf);
    return &loan->buf;
}

const nkt_buf_t *nkt_lent(const nkt_swarm_t *swarm, nkt_lent_t which)
{
    return &swarm->loans[which].buf;
}

const nkt_buf_t *nkt_take(nkt_swarm_t *swarm, nkt_lent_t which)
{
    nkt_loan_t *loan = &swarm->loans[which];
    assert(loan->is_filled); /* else it is what somebody took before, or nobody's */
    loan->is_filled = 0;
    return &loan->buf;
}

void nkt_hold(nkt_swarm_t *swarm, nkt_lent_t which)
{
    assert(!swarm->loans[which].is_held);
    swarm->loans[which].is_held = 1;
}

void nkt_let_go(nkt_swarm_t *swarm, nkt_lent_t which)
{
    assert(swarm->loans[which].is_held);
    swarm->loans[which].is_held = 0;
}
