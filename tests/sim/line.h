/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The line of a home, with options.line_bytes_per_s: one queue up and one down, which all WebRTC links of a peer share. First come, first
 * served, and nothing is dropped: what waits makes all behind it late, messages as well (a browser lets the channels of one link take
 * turns; what already waits in the line of the house is the same for all).
 */
#ifndef SIM_LINE_H
#define SIM_LINE_H

#include "rtc.h"

/** Bytes (taken over) leave by the line of who is at the other end of `to`, and come by that of who is at this one. */
void sim_line_deliver(sim_t *sim, sim_end_t *to, uint8_t *bytes, size_t size, int is_bulk);
/** The core wants to be told when that end's queue has run low (NKT_SEND_BULK). */
void sim_line_bulk(sim_t *sim, uint32_t id);

#endif
