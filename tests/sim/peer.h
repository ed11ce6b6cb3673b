/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One host: a core, the links it opened, the records it stored, and what its application was told. Carries out effects
 * as glue/driver.js does: a SEND with a ticket waits for that PUT, and all behind it on its link.
 */
#ifndef SIM_PEER_H
#define SIM_PEER_H

#include "contents.h"
#include "nkt.h"
#include "queue.h"
#include "random.h"
#include "sim.h"
#include "tape.h"

typedef struct sim_peer_options {
    const char *nick;      /* NULL: "p" and its number */
    const char *room, *secret;
    uint32_t relay_bits;   /* which of the world's relays it knows */
    uint32_t tracker_bits;
    int has_rtc;
    int persist, history, keeper;
    uint32_t link_count_max;
    int64_t skew_ms;       /* of its wall clock */
    uint64_t origin_ms;    /* where its monotonic clock begins */
} sim_peer_options_t;

/** What the application was told of another peer. */
typedef struct sim_view {
    uint32_t of; /* index of that peer */
    uint8_t is_known;
    uint8_t session; /* nkt_session_state_t */
    uint8_t is_linked;
    uint32_t flags;  /* of the last USER effect */
    char nick[72];
    uint32_t user_count, session_count, rekey_count, link_count; /* effects */
} sim_view_t;

typedef struct sim_held {
    uint32_t ticket;
    uint32_t flags;
    uint8_t *bytes; /* NULL: close */
    size_t bytes_size;
} sim_held_t;

/** A link as the core knows it, and what it is in the world. */
typedef struct sim_link {
    uint32_t link;
    uint32_t id; /* of the socket, or the end */
    uint8_t is_rtc;
    uint8_t is_closed; /* by the core; what it sent before still waits */
    sim_held_t *held;
    size_t held_count, held_capacity;
} sim_link_t;

typedef struct sim_record {
    char *name;
    uint8_t *bytes;
    size_t bytes_size;
} sim_record_t;

typedef struct sim_put {
    uint32_t ticket;
    uint64_t put_ms; /* when it was asked for */
    sim_record_t record; /* bytes NULL: delete */
} sim_put_t;

/** Counted since the last sim_peer_count_reset(). */
typedef struct sim_peer_counts {
    uint64_t steps, effects, rtc_frames, relay_frames, tracker_frames, socket_opens, rtc_offers, rtc_answers, puts;
    uint64_t rtc_count_max; /* WebRTC links at one time */
    uint64_t sent_size, put_size; /* bytes */
    uint64_t messages, rekeys, links_up, links_down, user_effects, drops, pins, unpins, ignored;
} sim_peer_counts_t;

typedef enum sim_peer_state { SIM_OFF, SIM_ON, SIM_ASLEEP } sim_peer_state_t;

struct sim_peer {
    sim_t *sim;
    uint32_t index;
    uint32_t life; /* counts starts */
    sim_peer_state_t state;
    char name[8];
    sim_peer_options_t options;
    nkt_core_t *core;
    nkt_address_t address;
    int has_address;
    sim_random_t entropy;
    uint64_t entropy_count;      /* calls */
    uint64_t entropy_fails_from; /* the call from which on it fails, 0: never */
    int entropy_has_failed;
    void (*watch)(int is_inside); /* called before and after the core runs, when set: lets a test make malloc fail */
    uint32_t past_from[4]; /* of PAST, by who said it */
    uint32_t past_count, past_open_count; /* of PAST: all, and those not settled */
    uint64_t past_ms;            /* when what was told last was said (own) or heard */
    int may_die;                 /* a fatal code ends the peer, not the test */
    int fatal_code;
    uint64_t timer_ms;           /* of the world's clock, UINT64_MAX: none */
    uint64_t wake_ms, slept_ms;  /* when a sleep ends and began */
    uint64_t frozen_ms;          /* by which its monotonic clock is behind */
    uint64_t offline_ms;         /* until when it has no network */
    uint64_t blocked_ms;         /* until when it reaches no server */
    int clock_stops;
    uint64_t burst_ms, burst_count; /* steps within one millisecond */
    sim_link_t *links;
    size_t link_count, link_capacity;
    sim_record_t *records;       /* durable */
    size_t record_count, record_capacity;
    sim_put_t *puts;             /* not durable yet */
    size_t put_count, put_capacity;
    uint32_t put_done;
    uint64_t put_pipe_ms;
    sim_view_t **views;          /* by a hash of the other's index: a power of two of places, NULL: free. None in a
                                    world with options.is_light */
    uint32_t view_count, view_capacity;
    uint32_t *neighbours;        /* indices of those whom LINK says to be linked, in no order */
    uint32_t neighbour_count, neighbour_capacity;
    uint64_t started_ms;         /* when this life began ... */
    uint64_t ended_ms;           /* ... and when the last one ended */
    uint8_t side;                /* of a split world: 0-31 */
    uint8_t is_hostile;          /* a test drives it: safety is not asked of it */
    uint8_t is_sister, has_sisters; /* another core of the identity of `home`; others are of this one's: family.c */
    uint32_t home;               /* index */
    char room_id[NKT_ROOM_TEXT_SIZE]; /* of who has sisters, of its last life */
    int64_t core_size;           /* bytes on the heap that its core holds; 0 when nothing measures */
    int64_t core_size_max;
    uint64_t cpu_ns;             /* spent in its core, with options.is_timed */
    sim_peer_counts_t counts;
    uint32_t heard_count;        /* messages, in all its lives */
    uint64_t line_up_us, line_down_us; /* until when its line is busy: line.h */
    sim_holding_t holding;       /* of the world's content */
    int is_pressed;
    int last_error;              /* of the last step that returned one */
    uint32_t connect_ticket;
    int connect_result;          /* of the last CONNECTED effect, 1: none yet */
    char *invited;               /* text of the last INVITED effect (heap), NULL: none since it was asked for */
    uint64_t invited_until_ms;   /* by the wall clock of whoever invited */
    sim_tape_t *tape;            /* records facts and effects when set */
};

/** All relays and trackers, WebRTC, the world's room. */
sim_peer_options_t sim_peer_defaults(sim_t *sim);

/** options NULL: the defaults. It is off. */
sim_peer_t *sim_peer_add(sim_t *sim, const sim_peer_options_t *options);
/** The defaults, but for a wall clock that is off by so much more. */
sim_peer_t *sim_peer_add_skewed(sim_t *sim, int64_t skew_ms);
/** Another core of that one's identity, for another room, with a store of its own; to be started when the first has stored who it is. */
sim_peer_t *sim_sister_add(sim_peer_t *home, const char *room);
/** Of different people, and both name the same room. */
int sim_peers_may_meet(const sim_peer_t *a, const sim_peer_t *b);
/** Adds and starts so many, one every gap_ms. */
void sim_peers_start(sim_t *sim, uint32_t count, uint64_t gap_ms);
void sim_peers_free(sim_t *sim);

/** Starts it, for the first time or again, with the records that are stored. */
void sim_peer_start(sim_peer_t *peer);
/** Says good-bye. */
void sim_peer_stop(sim_peer_t *peer);
/** The process ends without a word: sockets close, WebRTC falls silent. */
void sim_peer_crash(sim_peer_t *peer);
/** One or the other. */
void sim_peer_leave(sim_peer_t *peer, int is_silent);
/** No steps until then; clock_stops: its monotonic clock stands still meanwhile and the host says WAKE. */
void sim_peer_sleep(sim_peer_t *peer, uint64_t ms, int clock_stops);

/** Its wall clock is set by so much, forward or back. */
void sim_peer_clock_jump(sim_peer_t *peer, int64_t ms);

/** No network: sockets break, WebRTC stands still until it is back. */
void sim_peer_offline(sim_peer_t *peer, uint64_t ms);
/** Relays and trackers are out of its reach: sockets break, WebRTC goes on. */
void sim_peer_block(sim_peer_t *peer, uint64_t ms);

/** Forgets stored records; keep: name of those to keep (a prefix), NULL: none. */
void sim_peer_forget(sim_peer_t *peer, const char *keep);
sim_record_t *sim_peer_record(sim_peer_t *peer, const char *prefix, size_t skip);

/** Reports a fact (times are filled in), carries out what follows. */
int sim_peer_step(sim_peer_t *peer, nkt_event_t *event);

void sim_peer_connect(sim_peer_t *peer, const nkt_address_t *target, uint32_t wait_ms);
/** Asks for an invite; hands one in; hands in the answer to one. Text comes to peer->invited, the end to connect_result. */
int sim_peer_invite(sim_peer_t *peer);
int sim_peer_accept(sim_peer_t *peer, const char *text);
int sim_peer_complete(sim_peer_t *peer, const char *text);
void sim_peer_set_flags(sim_peer_t *peer, const sim_peer_t *other, int flags);
void sim_peer_count_reset(sim_peer_t *peer);

/** Does LINK say that they are linked? */
int sim_peer_is_linked(const sim_peer_t *peer, const sim_peer_t *other);

/** A number out of nkt_health_json(), by a path such as "dropped.NKT_E_LINK_AUTH"; 0 if it is not there. */
double sim_peer_health(sim_peer_t *peer, const char *path);

/** All zero when nothing was told. Valid until the peer ends. */
const sim_view_t *sim_view(const sim_peer_t *peer, const sim_peer_t *of);

/** A core made as the peer's was in that life, for a replay; random is its entropy and must outlive it. */
nkt_core_t *sim_peer_core_again(sim_peer_t *peer, uint32_t life, sim_random_t *random);

/* ---- for the world ---- */

/** Who has that address, for who is in the room of `by`; NULL: nobody. */
sim_peer_t *sim_peer_seen(const sim_peer_t *by, const nkt_address_t *address);
/** Before it starts for the first time: who it is. */
void sim_family_seed(sim_peer_t *peer);
/** All of that peer's identity are told of its rooms, and who of them is found by address. */
void sim_family_tell(sim_t *sim, uint32_t of);

/** The view to be written; NULL in a world with options.is_light. */
sim_view_t *sim_view_make(sim_peer_t *peer, const sim_peer_t *of);
void sim_views_clear(sim_peer_t *peer);
void sim_peer_linked(sim_peer_t *peer, const sim_peer_t *other, int is_up);

void sim_peer_wake(sim_peer_t *peer);
/** Carries out one effect. */
void sim_host_effect(sim_peer_t *peer, const nkt_effect_t *fx);
/** What is durable at once becomes so; returns whether anything did. */
int sim_host_commit(sim_peer_t *peer);
/** Links, and writes that are not durable, are gone. */
void sim_host_reset(sim_peer_t *peer, int is_gone);
void sim_host_records_free(sim_peer_t *peer);

sim_link_t *sim_peer_link(sim_peer_t *peer, uint32_t link);
/** Reports a fact of that link, unless the core has closed it. */
void sim_peer_link_step(sim_peer_t *peer, nkt_event_t *event);
/** The world closed it: forgotten, the core is told. */
void sim_peer_link_down(sim_peer_t *peer, uint32_t link, const char *reason);

#endif
