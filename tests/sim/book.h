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

/** What became of a message at one peer. */
typedef struct sim_entry {
    uint8_t heard;    /* times, since that peer last lost its records */
    uint8_t was_heard; /* before that */
    int8_t state;     /* nkt_delivery_state_t, -1: not a recipient */
    uint64_t heard_ms;
} sim_entry_t;

typedef struct sim_said {
    uint32_t from, to; /* index; SIM_NOBODY: everybody */
    int is_clear;
    uint32_t recipient_count; /* as SAID told; UINT32_MAX: not told yet */
    uint32_t life;            /* of the sender */
    uint64_t said_ms;
    uint8_t id[NKT_ID_SIZE];
    sim_entry_t *entries; /* by index of the peer */
} sim_said_t;

typedef struct sim_book {
    sim_said_t *said;
    uint32_t said_count, said_capacity;
    uint64_t stranger_count; /* messages of users that a test made up */
    uint32_t *waits_ms; /* from say to hearing, of every hearing */
    size_t wait_count, wait_capacity;
} sim_book_t;

void sim_book_deinit(sim_book_t *book);
/** Forgets all messages: their numbers go on. For runs in which nothing may grow. */
void sim_book_clear(sim_t *sim);

/** What the application was told. */
void sim_book_message(sim_peer_t *peer, const nkt_effect_t *fx);
void sim_book_said(sim_peer_t *peer, const nkt_effect_t *fx);
void sim_book_delivery(sim_peer_t *peer, const nkt_effect_t *fx);

/** The peer lost its records of since_ms and later: what it heard then it may hear again. */
void sim_book_lost(sim_t *sim, uint32_t peer, uint64_t since_ms);

/** Share (0-100) of the waits that are at most the result, in ms. */
uint32_t sim_book_wait_ms(sim_t *sim, unsigned percent);

#endif
