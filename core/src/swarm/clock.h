/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What time it is: our own, and others'. No two machines' wall clocks have to agree.
 *
 * Our own time (swarm->time_ms) begins at the wall clock or where it stood in an earlier life,
 * whichever is later, runs with now_ms, follows the wall clock forward and never goes back. It is
 * what we write into envelopes and records. Of each author the newest time that was heard and when
 * are kept: a lower bound of his clock. What is older than that by more than its life is stale;
 * what is far ahead of it, or comes from a stranger and is not plausible by the swarm's time, is
 * doubted until its author has said a nonce of ours back (or stands at the other end of an
 * authenticated link).
 */
#ifndef NKT_SWARM_CLOCK_H
#define NKT_SWARM_CLOCK_H

#include "base/bytes.h"
#include "nkt.h"
#include "wire/limits.h"

struct nkt_swarm;
struct nkt_user;

typedef enum nkt_freshness {
    NKT_FRESH,
    NKT_STALE, /* older than its life, by its author's clock or, if that is not known, by the
                  swarm's */
    NKT_AHEAD, /* of a time that has not come yet */
} nkt_freshness_t;

/** Somebody was asked for his time. */
typedef struct nkt_asked {
    nkt_address_t address;
    uint64_t at_ms; /* 0: nobody */
    uint32_t count; /* since then */
} nkt_asked_t;

typedef struct nkt_clock {
    uint64_t lead_ms;       /* our own time less now_ms, modulo 2^64; only grows */
    uint64_t difference_ms; /* the wall clock less now_ms, modulo 2^64, when it was last set */
    uint64_t
        slept_ms; /* by which now_ms may have stood still: the wall clock went ahead of it so far */
    uint64_t ahead_ms;  /* of that, what our own time has not followed yet */
    uint64_t age_ms;    /* nkt_clock_age() less now_ms, modulo 2^64 */
    uint64_t gap_ms;    /* of it, between two lives: so the wall clock said at this start */
    uint8_t secret[32]; /* of this life's nonces */
    nkt_asked_t asked[NKT_CLOCK_ASK_COUNT_MAX];
    size_t asked_next;
    int64_t
        offset_ms; /* by which our wall clock is ahead of most others': see nkt_clock_offset() */
    uint32_t people_count; /* from whom that was learned */
    uint64_t counted_ms;
    uint64_t renewed_ms; /* when our record was last signed */
    uint64_t followed_ms; /* ... because most others' clocks were ahead of our own time, 0: never */
    uint64_t grace_ms;   /* until when nobody is forgotten for his age */
    uint8_t is_stale;    /* to be counted anew */
    uint8_t is_off;      /* so far that a person should know */
    uint8_t asks_all;    /* with the next record everybody is asked for his time */
} nkt_clock_t;

/** What is known of another's clock. */
typedef struct nkt_user_clock {
    uint64_t said_ms;                    /* by its clock: the newest that was heard of it ... */
    uint64_t heard_ms;                   /* ... and when, by now_ms and slept_ms */
    uint64_t wall_ms;                    /* its wall clock less our now_ms, modulo 2^64 */
    uint64_t told_ms;                    /* when it was last told our time, because it asked */
    uint8_t nonce[NKT_CLOCK_NONCE_SIZE]; /* to be said back */
    uint8_t is_heard, is_proven, has_wall, has_nonce;
} nkt_user_clock_t;

/** Every step begins with it. 1: the wall clock was set forward, or the machine slept. */
int nkt_clock_step(struct nkt_swarm *swarm);
/** Our own time begins, once the identity is known. NKT_E_ENTROPY. */
int nkt_clock_start(struct nkt_swarm *swarm);
/** The machine slept, or was cut off: who makes others' records look old in that time is not
 * forgotten for a while. */
void nkt_clock_woke(struct nkt_swarm *swarm);
/** It is at least so late. */
void nkt_clock_reach(struct nkt_swarm *swarm, uint64_t time_ms);
/** Our record is about to be signed anew: our own time goes on to where it has to be. Only then, so
 * that nothing is said at a time at which the record in others' hands has run out. */
void nkt_clock_catch_up(struct nkt_swarm *swarm);

/** now_ms, and what it may have missed in our sleep: what waited for us is as old as that. If instead the wall clock was only
 * set forward all others look slow, until they have told us their time. Never goes back. */
uint64_t nkt_clock_passing(const struct nkt_swarm *swarm);
/**
 * For how long our identity has been: in its lives as it ran, between them as the wall clock says.
 * What is kept for days is measured by it, as setting the wall clock does not move it; only what the
 * clock said between two lives is taken back when it is set back in the second.
 */
uint64_t nkt_clock_age(const struct nkt_swarm *swarm);
/** The same, for what is deleted by it: soon after a start the clock that says how long we were away may be wrong. */
uint64_t nkt_clock_age_sure(const struct nkt_swarm *swarm);

/** What time others take it to be: of most wall clocks, or without enough of them our own time. */
uint64_t nkt_clock_swarm_ms(struct nkt_swarm *swarm);
/** That user's clock now: at least, if it was heard; otherwise the swarm's. */
uint64_t nkt_clock_of(struct nkt_swarm *swarm, const struct nkt_user *user);
/** Is what was made then, by its author's clock, and lives for so long, fresh? user NULL: nobody
 * known. */
nkt_freshness_t nkt_clock_judge(struct nkt_swarm *swarm, const struct nkt_user *user,
                                uint64_t created_ms, uint64_t life_ms);

/** A fresh envelope of that user. */
void nkt_clock_heard(struct nkt_swarm *swarm, struct nkt_user *user, uint64_t created_ms);
/** It said that just now, beyond doubt. wall_ms 0: not told. */
void nkt_clock_proven(struct nkt_swarm *swarm, struct nkt_user *user, uint64_t created_ms,
                      uint64_t wall_ms);
/** Somebody is not there any more, or its wall clock is not known any more. */
void nkt_clock_forget(struct nkt_swarm *swarm);

/** What is to be said back to us, by anybody, within a minute or two. */
void nkt_clock_nonce(const struct nkt_swarm *swarm, uint8_t nonce[NKT_CLOCK_NONCE_SIZE]);
int nkt_clock_is_ours(const struct nkt_swarm *swarm, const uint8_t *nonce);
/** Should it be asked, as too few others have told us their time? */
int nkt_clock_is_curious(const struct nkt_swarm *swarm, const struct nkt_user *user);
/** May that address be asked now? Counts it as asked. */
int nkt_clock_may_ask(struct nkt_swarm *swarm, const nkt_address_t *address);

/** A date by that user's wall clock, by ours; never later than now. */
uint64_t nkt_clock_local(const struct nkt_swarm *swarm, const struct nkt_user *user,
                         uint64_t date_ms);
/** A time by that user's own clock (created_ms), by our wall clock; never later than now. */
uint64_t nkt_clock_date(struct nkt_swarm *swarm, const struct nkt_user *user, uint64_t created_ms);
/** By how much our wall clock is ahead of most others' (less than 0: behind), and from how many
 * that was learned. When it is one against one, nobody is off. */
int64_t nkt_clock_offset(struct nkt_swarm *swarm, uint32_t *people_count);

#endif
