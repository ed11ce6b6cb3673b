/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A peer's core, for peer*.c. */
#ifndef SIM_PEER_CORE_H
#define SIM_PEER_CORE_H

#include "peer.h"

/** Makes the core of this life; peer->core is NULL when that failed and may. */
void sim_core_start(sim_peer_t *peer);
void sim_core_free(sim_peer_t *peer);

/** nkt_step(), nkt_poll(). */
int sim_core_step(sim_peer_t *peer, const nkt_event_t *event);
int sim_core_poll(sim_peer_t *peer, nkt_effect_t *fx);

#endif
