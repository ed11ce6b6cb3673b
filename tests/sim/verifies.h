/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Ed25519 signatures that are verified, where the linker sends the calls: how many, the work that a stranger can make; and what was
 * found, so that in a world of n cores, which all verify the same signature, it is not calculated n times; nor once where it was made
 * in that world.
 */
#ifndef SIM_VERIFIES_H
#define SIM_VERIFIES_H

#include <stdint.h>

uint64_t sim_verify_count(void);
void sim_verify_count_reset(void);

/** From now on what was signed here, or found for the same signature, message and key, is found again. Not for measuring CPU time. */
void sim_verify_remember(void);

#endif
