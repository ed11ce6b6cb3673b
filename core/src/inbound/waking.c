/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Time passed: the wall clock was set, or the machine slept. */
#include "content/content.h"
#include "inbound/inbound.h"
#include "people/people.h"
#include "routing/routing.h"
#include "state/state.h"
#include "state/swarm.h"

enum {
    RECORD_AGE_MS = 600000, /* 10 min: after a shorter sleep the record that others have will do */
};

/* Our record is signed anew, and everybody is told and asked for his time: at once, or soon. */
static void renew(nkt_swarm_t *swarm)
{
    uint64_t at_ms = swarm->clock.renewed_ms + NKT_CLOCK_RENEW_MS_MIN;
    nkt_clock_ask_all(swarm);
    if (swarm->now_ms >= at_ms)
        nkt_own_record_renew(swarm); /* on an error it has set its timer */
    else
        nkt_own_sign_by(swarm, at_ms);
}

void nkt_clock_woke(nkt_swarm_t *swarm)
{
    nkt_clock_spare(swarm);
    if (swarm->time_ms - swarm->own.record.issued_ms >= RECORD_AGE_MS)
        renew(swarm); /* it may have run out meanwhile, and others may have forgotten us */
}

int nkt_clock_step(nkt_swarm_t *swarm)
{
    int64_t jump_ms = nkt_clock_pass(swarm);
    if (jump_ms != 0)
        renew(swarm);
    return jump_ms > 0;
}

void nkt_silence_excuse(nkt_swarm_t *swarm)
{
    for (size_t i = 0; i < swarm->link_count; i++)
        swarm->links[i]->pulse.heard_ms = swarm->now_ms;
    nkt_content_excuse(swarm);
    nkt_presence_excuse(swarm);
}
