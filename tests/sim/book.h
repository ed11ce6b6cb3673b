/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who said what, who heard it. The checks of safety: every message that an application hears was said, by the user that
 * the event names, to that hearer, and is heard once.
 */
#ifndef SIM_BOOK_H
#define SIM_BOOK_H

#include <stdint.h>

#include "nkt.h"
#include "sim.h"

/** Ticket of what a test says past the book. */
#define SIM_TICKET_FOREIGN UINT32_MAX

/** What became of a message at one peer: bits of sim_said_t.heard. */
enum {
    SIM_HEARD = 1,     /* since that peer last lost its records */
    SIM_HEARD_ONCE = 2, /* before that */
};

/** Of what is said, in bytes: its number and its author stand within. */
enum { SIM_TEXT_SIZE_MIN = 32 };

/** In sim_said_t.states: it had left, as its author knew, and is told of it when it is back; or it may hear it, out of a mailbox,
 *  but its author has forgotten it. */
enum { SIM_STATE_LEFT = -2, SIM_STATE_FORGOTTEN = -3 };

typedef struct sim_said {
    uint32_t from, to; /* index; SIM_NOBODY: everybody */
    int is_clear;
    unsigned flags; /* NKT_SAY_* */
    uint32_t recipient_count; /* as SAID told; UINT32_MAX: not told yet */
    uint32_t life;            /* of the sender */
    uint64_t said_ms;
    uint8_t id[NKT_ID_SIZE];
    uint32_t copy_count; /* frames with it that arrived over WebRTC, in a world with options.is_counted ... */
    uint32_t relayed_count; /* ... and by a relay */
    uint32_t heard_count;
    uint32_t resumed_count; /* lives of the sender that went on with it */
    int is_kept;            /* by the sender's storage, when the life ended in which it was said */
    uint8_t *heard;      /* by index of the peer, as the next two */
    int8_t *states;      /* nkt_delivery_state_t, -1: not a recipient, or SIM_STATE_LEFT. NULL: said in clear */
    uint32_t *heard_place; /* among all that it heard, from 1; NULL as the next */
    uint64_t *heard_ms;  /* NULL in a world with options.is_light */
} sim_said_t;

typedef struct sim_book {
    sim_said_t *said;
    uint32_t said_count, said_capacity;
    uint64_t stranger_count; /* messages of users that a test made up */
    uint32_t *waits_ms; /* from say to hearing, of every hearing */
    size_t wait_count, wait_capacity;
    uint64_t hop_counts[256]; /* by the hop byte of the frame that was heard */
    int arriving_hops;        /* of what a peer is told right now, -1: no frame */
} sim_book_t;

void sim_book_deinit(sim_book_t *book);
/** Forgets all messages: their numbers go on. For runs in which nothing may grow. */
void sim_book_clear(sim_t *sim);

/** What the application was told. */
void sim_book_message(sim_peer_t *peer, const nkt_effect_t *fx);
void sim_book_said(sim_peer_t *peer, const nkt_effect_t *fx);
void sim_book_delivery(sim_peer_t *peer, const nkt_effect_t *fx);
/** Its history: what it said or heard, in that order. */
void sim_book_past(sim_peer_t *peer, const nkt_effect_t *fx);

/** On stderr: up to count_max of what sim_all_delivered() waits for. */
void sim_book_owed_print(const sim_t *sim, uint32_t count_max);

/** Its author does not know any more that peer, who had left: it is owed nothing. */
void sim_book_forgot(sim_t *sim, uint32_t from, uint32_t to);
/** The peer lost its records of since_ms and later: what it heard then it may hear again. */
void sim_book_lost(sim_t *sim, uint32_t peer, uint64_t since_ms);
/** A life of the peer ends: what it said in it before that is stored, and owed by its next lives as well. 0: its storage is gone,
 *  nothing is. */
void sim_book_kept(sim_t *sim, uint32_t peer, uint64_t until_ms);

/** Around every frame that arrives, over WebRTC or by a relay: which message it carries, how far it came. */
void sim_book_arrives(sim_t *sim, const uint8_t *bytes, size_t size, int is_rtc);
void sim_book_arrived(sim_t *sim);

/** Share (0-100) of the waits that are at most the result, in ms. */
uint32_t sim_book_wait_ms(sim_t *sim, unsigned percent);
/** The same for the hops of the copies that were heard first. */
uint32_t sim_book_hops(const sim_t *sim, unsigned percent);

#endif
