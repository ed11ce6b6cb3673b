/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A peer's platform, for host*.c. */
#ifndef SIM_HOST_H
#define SIM_HOST_H

#include "peer.h"

/** id: of the socket, or of the end. */
void sim_host_link_add(sim_peer_t *peer, uint32_t link, uint32_t id, int is_rtc);
/** SEND, LINK_CLOSE, PUT. */
void sim_host_send(sim_peer_t *peer, const nkt_effect_t *fx);
void sim_host_close(sim_peer_t *peer, const nkt_effect_t *fx);
void sim_host_put(sim_peer_t *peer, const nkt_effect_t *fx);
/** Sends what waited for what is durable by now. */
void sim_host_release(sim_peer_t *peer);

/** All are closed; is_gone: silently. */
void sim_host_links_end(sim_peer_t *peer, int is_gone);
/** What is not durable never will be. */
void sim_host_puts_drop(sim_peer_t *peer);

#endif
