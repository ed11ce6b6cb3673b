/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * WebRTC: ends that become a link once each has the other's description. Where other simulations cheat: nothing connects
 * unless both descriptions came through some living path, and the certificate at the other end is the one they name.
 */
#ifndef SIM_RTC_H
#define SIM_RTC_H

#include "index.h"
#include "nkt.h"
#include "pipe.h"
#include "sim.h"

enum { SIM_FINGERPRINT_SIZE = 32 };

/** What the transport sends again until there is a path. */
typedef struct sim_waiting {
    uint8_t *bytes;
    size_t size;
    int is_bulk;
} sim_waiting_t;

typedef struct sim_end {
    uint32_t id; /* also its ICE user fragment */
    uint32_t peer, life, link; /* peer SIM_NOBODY: a man in the middle's */
    uint32_t twin;  /* of a man in the middle: where what arrives goes on */
    uint8_t fingerprint[SIM_FINGERPRINT_SIZE];
    uint8_t has_local, has_remote;
    uint8_t is_joined; /* the two are connecting or connected */
    uint8_t is_up;     /* LINK_UP is decided */
    uint32_t remote;   /* id of the other end, by its description */
    uint8_t remote_fingerprint[SIM_FINGERPRINT_SIZE];
    sim_pipe_t in, in_bulk; /* to this end: its two channels, each in order, one overtaking the other */
    size_t queued_size; /* of contents from this end, not out of the house yet: with options.line_bytes_per_s */
    uint8_t is_bulk;    /* its core is to be told when that is little (line.c) */
    uint8_t is_broken; /* its path is dead: what is sent to it waits ... */
    uint8_t is_restarting; /* ... for ICE to be restarted */
    uint32_t break_count;
    sim_waiting_t *held;
    size_t held_count, held_capacity;
} sim_end_t;

typedef struct sim_ends {
    sim_end_t **list; /* by id; NULL: gone */
    uint32_t count, capacity;
    uint64_t joined_count, opened_count; /* pairs of ends that had both descriptions; of those, that came up */
    uint64_t restarted_count; /* links whose ICE was restarted */
} sim_ends_t;

/** Unordered pairs of peers. */
typedef struct sim_pairs {
    sim_index_t index;
} sim_pairs_t;

void sim_pairs_add(sim_pairs_t *pairs, uint32_t a, uint32_t b);
void sim_pairs_remove(sim_pairs_t *pairs, uint32_t a, uint32_t b);
int sim_pairs_has(const sim_pairs_t *pairs, uint32_t a, uint32_t b);

/** RTC_OFFER, RTC_ANSWER (with the offer), RTC_ACCEPT, RTC_RESTART (sdp: of the offer, NULL: ours), SEND, LINK_CLOSE. */
uint32_t sim_rtc_offer(sim_peer_t *peer, uint32_t link);
uint32_t sim_rtc_answer(sim_peer_t *peer, uint32_t link, const char *sdp, size_t size);
void sim_rtc_accept(sim_peer_t *peer, uint32_t id, const char *sdp, size_t size);
void sim_rtc_restart(sim_peer_t *peer, uint32_t id, const char *sdp, size_t size);
/** is_bulk: by the channel of contents (NKT_SEND_BULK). */
void sim_rtc_send(sim_t *sim, uint32_t id, const uint8_t *bytes, size_t size, int is_bulk);
/** The same by a channel of no order, which loses some. */
void sim_rtc_send_lossy(sim_t *sim, uint32_t id, const uint8_t *bytes, size_t size);
/** Bytes (taken over) reach that end after so long. */
void sim_end_arrive(sim_t *sim, const sim_end_t *to, uint64_t after_ms, uint8_t *bytes, size_t size, int is_bulk);
void sim_rtc_close(sim_t *sim, uint32_t id);

/** This side falls silent: the other notices late. is_gone: it will not come back. */
void sim_rtc_silence(sim_t *sim, uint32_t id, int is_gone);
/** It woke up: what the other side gave up meanwhile dies here too. */
void sim_rtc_wake(sim_t *sim, uint32_t id);

void sim_rtc_free(sim_t *sim);

/** The description of an end (heap). */
char *sim_rtc_describe(const sim_end_t *end);
/** Reads one; 0 when it is none of this world's. */
int sim_rtc_parse(const char *sdp, size_t size, uint32_t *id, uint8_t fingerprint[SIM_FINGERPRINT_SIZE]);

/**
 * A man in the middle of two ends to come: to whoever reads *to_answerer (in place of offer) it is the offerer, to
 * whoever reads *to_offerer (in place of the answer) the answerer; what arrives at one side leaves at the other. Heap.
 */
void sim_rtc_intercept(sim_t *sim, const char *offer, char **to_answerer, char **to_offerer);
/** The answer to *to_answerer, which the offerer never sees. */
void sim_rtc_intercept_answer(sim_t *sim, const char *answer);

#endif
