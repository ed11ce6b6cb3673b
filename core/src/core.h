/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The core as a whole: core.c takes facts in and hands effects out, facts.c does what the application asks for, life.c makes and ends. */
#ifndef NKT_CORE_H
#define NKT_CORE_H

#include "nkt.h"
#include "state/swarm.h"

struct nkt_core {
    nkt_swarm_t swarm;
};

/* ---- facts.c: errors as in nkt.h ---- */

int nkt_core_start(nkt_swarm_t *swarm);
void nkt_core_stop(nkt_swarm_t *swarm);
int nkt_core_say(nkt_swarm_t *swarm, const nkt_event_t *event);
int nkt_core_ephemeral(nkt_swarm_t *swarm, const nkt_event_t *event);
int nkt_core_cancel(nkt_swarm_t *swarm, const nkt_event_t *event);
int nkt_core_set_flags(nkt_swarm_t *swarm, const nkt_event_t *event);
int nkt_core_talk(nkt_swarm_t *swarm, const nkt_event_t *event);
int nkt_core_mark(nkt_swarm_t *swarm, nkt_mark_t mark, const nkt_event_t *event);
int nkt_core_sisters(nkt_swarm_t *swarm, const nkt_event_t *event);
int nkt_core_set_nick(nkt_swarm_t *swarm, const nkt_event_t *event);

#endif
