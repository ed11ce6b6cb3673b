/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a tracker can do that knows the room's name and so the key of what travels as "sdp": open a description, change
 * it, seal it again. The only file of this folder that uses the core's inside.
 */
#ifndef SIM_MALICE_H
#define SIM_MALICE_H

#include "sim.h"

/** Opens what travels in the place of an open room (name), lets `change` replace the SDP (heap, or NULL to keep it), and
 *  seals it again. NULL: not of that room. Heap. */
char *sim_malice_reseal(sim_t *sim, const char *room_name, const char *sealed,
                        char *(*change)(void *context, sim_t *sim, const char *sdp), void *context);

/** The peer's lasting KEM key: whoever greets it and asks gets it. Its core's. */
const uint8_t *sim_malice_kem_key(const sim_peer_t *peer);

/** Its core forgets that user, as it does when there are too many. */
void sim_malice_forget(sim_peer_t *peer, const nkt_address_t *address);

/** From now on until the next call its core keeps no budget of what it says in clear. */
void sim_malice_unbound(sim_peer_t *peer);

#endif
