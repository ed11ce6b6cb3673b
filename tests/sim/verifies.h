/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How many Ed25519 signatures were verified: the work that a stranger can make. Counted where the linker sends the calls. */
#ifndef SIM_VERIFIES_H
#define SIM_VERIFIES_H

#include <stdint.h>

uint64_t sim_verify_count(void);
void sim_verify_count_reset(void);

#endif
