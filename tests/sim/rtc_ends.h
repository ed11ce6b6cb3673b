/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ends of WebRTC links, for the files that model them. */
#ifndef SIM_RTC_ENDS_H
#define SIM_RTC_ENDS_H

#include "queue.h"
#include "rtc.h"

/** NULL: it is gone. */
sim_end_t *sim_end_find(sim_t *sim, uint32_t id);

/** An event for the host of an end: one of the three below, or another. */
void sim_end_tell(sim_t *sim, const sim_end_t *end, uint64_t after_ms, void (*run)(sim_t *, sim_event_t *));
void sim_end_local_run(sim_t *sim, sim_event_t *event); /* its description is there */
void sim_end_suspect_run(sim_t *sim, sim_event_t *event); /* the other one does not answer ... */
void sim_end_down_run(sim_t *sim, sim_event_t *event);  /* ... and is given up */
/** The browser of that end notices that the other one does not answer. */
void sim_end_fade(sim_t *sim, const sim_end_t *end);

/** Bytes (taken over) are on their way to that end. */
void sim_end_deliver(sim_t *sim, sim_end_t *to, uint8_t *bytes, size_t size, int is_bulk);

/** Its path is broken: they wait for another one. */
void sim_path_hold(sim_end_t *to, uint8_t *bytes, size_t size, int is_bulk);
/** The answer to a restart of ours. */
void sim_path_accept(sim_t *sim, const sim_end_t *end, const char *sdp, size_t size);

#endif
