/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Agreements of X25519, where the linker sends the calls: in a world in which both ends are simulated each secret is calculated twice,
 * once at either end, from the one's private and the other's public key. The second is found here. What was not made in this world, a
 * stranger's bytes, is calculated as always.
 */
#ifndef SIM_AGREES_H
#define SIM_AGREES_H

/** From now on; whoever measures CPU time leaves it off. */
void sim_agree_remember(void);

#endif
