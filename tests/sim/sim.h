/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A world in virtual time: real cores, driven through nkt.h only, and a model of everything around them: relays,
 * trackers, WebRTC, storage, clocks, faults. One seed decides all that is left to chance, so a run repeats exactly.
 *
 *     sim_t *sim = sim_new(&options);
 *     sim_peer_t *a = sim_peer_add(sim, NULL), *b = sim_peer_add(sim, NULL);
 *     sim_peer_start(a), sim_peer_start(b);
 *     sim_until(sim, sim_all_have_sessions, 5000, "sessions");
 *     uint32_t number = sim_say(a, b);
 *     sim_until(sim, sim_all_delivered, 2000, "delivered");
 *     sim_free(sim);
 *
 * Safety is checked at every step (book.h): nothing twice, nothing to whom it is not for, no wrong sender, no error that
 * the host did not cause. Whatever fails prints seed, options and the end of the trace, and ends the program.
 */
#ifndef SIM_SIM_H
#define SIM_SIM_H

#include <stddef.h>
#include <stdint.h>

#include "nkt.h"
#include "queue.h"

typedef struct sim_peer sim_peer_t;

/** Both included. */
typedef struct sim_range {
    uint32_t min, max;
} sim_range_t;

typedef struct sim_options {
    uint64_t seed;
    uint32_t peer_count_max; /* 0: 16 */
    uint32_t relay_count, tracker_count;
    sim_range_t latency_ms;  /* one way, of every message */
    int has_pair_latency;    /* one for each pair within that range, instead of one for each message */
    uint32_t bytes_per_s;    /* of a link or socket, each way; 0: no limit */
    uint32_t line_bytes_per_s; /* of a peer's line, each way, shared by all its WebRTC links (line.h); 0: no limit */
    sim_range_t gather_ms;   /* until a local description is there */
    sim_range_t setup_ms;    /* ICE and DTLS, once both ends have both descriptions; no less than its trips take (pipe.h) */
    sim_range_t put_ms;      /* until a record is durable; 0, 0: at once */
    sim_range_t late_ms;     /* by which timers fire after the deadline */
    uint32_t loss_permille;  /* messages that the transport sends again: late, and all behind them */
    uint32_t cut_permille;   /* pairs that can never connect over WebRTC */
    const char *room;        /* NULL: none */
    const char *secret;
    int persist;
    uint32_t link_count_max; /* of a peer's WebRTC links, by sim_peer_defaults(); 0: the core's own */
    int is_light;   /* for thousands: no views, no times of hearing; LINK alone is remembered of what peers are told */
    int is_counted; /* copies of what is said in clear are counted as they arrive */
    int is_timed;   /* CPU time of each core is measured: of one step in eight ... */
    int times_all;  /* ... or of each */
    int is_witnessed; /* what peers pass on is verified */
    int has_progress; /* a long run says on stderr how far it is */
} sim_options_t;

/** A relay, a tracker, latencies of a home network, the room "sim". */
sim_options_t sim_defaults(uint64_t seed);

sim_t *sim_new(const sim_options_t *options);
void sim_free(sim_t *sim);

/* ---- time ---- */

void sim_run(sim_t *sim, uint64_t ms);

/** Runs until `is_done` holds and returns how long that took; fails, naming `what`, when it does not within limit_ms. */
uint64_t sim_until(sim_t *sim, int (*is_done)(sim_t *sim), uint64_t limit_ms, const char *what);

/* ---- conditions for sim_until; peers that are not running (or asleep) do not count ---- */

int sim_all_have_sessions(sim_t *sim);
int sim_all_are_linked(sim_t *sim); /* but pairs that cannot */
int sim_all_know_all(sim_t *sim);
int sim_all_met(sim_t *sim); /* sessions, and whom one knows all know */
int sim_all_delivered(sim_t *sim); /* every message to each of its recipients that runs, and acknowledged */
int sim_relays_up(sim_t *sim);

/* ---- the infrastructure ---- */

void sim_relay_kill(sim_t *sim, uint32_t index);
void sim_relay_revive(sim_t *sim, uint32_t index);
void sim_tracker_kill(sim_t *sim, uint32_t index);
void sim_tracker_revive(sim_t *sim, uint32_t index);

/** From now on these two have no WebRTC between them; a link that is up dies as it does in browsers. */
void sim_cut(sim_t *sim, const sim_peer_t *a, const sim_peer_t *b);
void sim_mend(sim_t *sim, const sim_peer_t *a, const sim_peer_t *b);
/** Their link ends now, and both are told; they may have another. */
void sim_break(sim_t *sim, const sim_peer_t *a, const sim_peer_t *b);

/** The path of their link dies; both notice as browsers do. Another is found when ICE is restarted. */
void sim_path_break(sim_t *sim, const sim_peer_t *a, const sim_peer_t *b);

/** From now on, peers of different sides (sim_peer_t.side) do not reach each other, nor servers of other sides. */
void sim_split(sim_t *sim);
void sim_unite(sim_t *sim);
/** From which sides a server is reached while the world is split; at first from all. */
void sim_server_sides(sim_t *sim, int is_tracker, uint32_t index, uint32_t side_bits);
/** These two can connect, whatever side they are on. */
void sim_bridge(sim_t *sim, const sim_peer_t *a, const sim_peer_t *b);

/* ---- malice: what a relay or tracker of ill will does, decided by a test ---- */

typedef enum sim_verdict { SIM_PASS, SIM_DROP, SIM_TWICE, SIM_LATE } sim_verdict_t;

typedef struct sim_malice {
    void *context;
    int has_strangers; /* users that the test makes up may talk: counted in the book, not judged */
    /** On every relay message that is passed on (frames only); to: NULL for the copies of a broadcast. */
    sim_verdict_t (*relay)(void *context, sim_t *sim, const sim_peer_t *from, const sim_peer_t *to,
                           const uint8_t *bytes, size_t size);
    /** On every message over WebRTC; may change bytes and lower *size. */
    sim_verdict_t (*rtc)(void *context, sim_t *sim, const sim_peer_t *from, const sim_peer_t *to, uint8_t *bytes,
                         size_t *size);
    /** Returns what the tracker passes on in place of the sealed description (heap), or NULL for the original. */
    char *(*tracker)(void *context, sim_t *sim, int is_offer, const char *info_hash, const char *sdp);
    uint32_t claimed_count; /* others who are there, as servers say; 0: the truth */
} sim_malice_t;

void sim_malice_set(sim_t *sim, const sim_malice_t *malice);

/* ---- saying ---- */

/** `to` NULL: everybody. Returns the message's number; the text is made from it. */
uint32_t sim_say(sim_peer_t *from, sim_peer_t *to);
/** The same with at least `size` bytes of text. */
uint32_t sim_say_size(sim_peer_t *from, sim_peer_t *to, size_t size);
uint32_t sim_say_clear(sim_peer_t *from);
/** The same with at least `size` bytes of text. */
uint32_t sim_say_clear_size(sim_peer_t *from, size_t size);
/** From program to program (NKT_SAY_CALL). */
uint32_t sim_call(sim_peer_t *from, sim_peer_t *to);
/** Gives it up: what nkt_step() answers. */
int sim_call_cancel(sim_t *sim, uint32_t number);
/** Times the message reached the peer's application. */
uint32_t sim_heard_count(const sim_t *sim, uint32_t number, const sim_peer_t *by);
/** Last state of its delivery (nkt_delivery_state_t), -1: none. */
int sim_delivery_state(const sim_t *sim, uint32_t number, const sim_peer_t *to);

/* ---- failing ---- */

/** Prints seed, options, the trace's end and the message; ends the program. */
_Noreturn void sim_fail(sim_t *sim, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define SIM_CHECK(sim, condition)                                                                                      \
    do {                                                                                                               \
        if (!(condition))                                                                                              \
            sim_fail((sim), "%s:%d: %s", __FILE__, __LINE__, #condition);                                              \
    } while (0)

/** Memory for the world itself: zeroed, never NULL. */
void *sim_alloc(size_t count, size_t size);

#endif
