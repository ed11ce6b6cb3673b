/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What time it is: our own, and others'. No two machines' wall clocks have to agree.
 *
 * Our own time (swarm->time_ms) begins at the wall clock or where it stood in an earlier life,
 * whichever is later, runs with now_ms, follows the wall clock forward and never goes back. It is
 * what we write into envelopes and records. Of each author the newest time that was heard and when
 * are kept: a lower bound of his clock. What is older than that by more than its time to live is stale;
 * what is far ahead of it, or comes from a stranger and is not plausible by the swarm's time, is
 * doubted until its author has said a nonce of ours back (or stands at the other end of an
 * authenticated link).
 */
#ifndef NKT_STATE_CLOCK_H
#define NKT_STATE_CLOCK_H

#include "base/bytes.h"
#include "base/timer.h"
#include "nkt.h"
#include "wire/limits.h"

struct nkt_swarm;
struct nkt_user;

typedef enum nkt_freshness {
    NKT_FRESH,
    NKT_STALE, /* older than its time to live, by its author's clock or, if that is not known, by the
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
    uint8_t asks_all;    /* with the next record everybody is asked for his time ... */
    nkt_timer_t ask_timer; /* ... and who does not say it is asked again */
    uint32_t ask_count;    /* so often */
} nkt_clock_t;

/** What is known of another's clock. */
typedef struct nkt_user_clock {
    uint64_t said_ms;                    /* by its clock: the newest that was heard of it ... */
    uint64_t heard_ms;                   /* ... and when, by now_ms and slept_ms */
    uint64_t wall_ms;                    /* its wall clock less our now_ms, modulo 2^64 */
    uint64_t told_ms;                    /* when it was last told our time, because it asked */
    uint8_t nonce[NKT_CLOCK_NONCE_SIZE]; /* to be said back */
    uint8_t is_heard, is_proven, has_wall, has_nonce;
    /* by its clock, too: if that proves to have been set back, they are of a time that has not come yet */
    uint64_t newest_ms; /* of the newest that was heard of it: stored */
    uint64_t opened_ms; /* of the newest that decrypted in its session: stored; ... */
    uint64_t group_opened_ms; /* ... and under its sender key */
    uint64_t bye_ms;    /* when it said good-bye; 0: did not since its record is known */
    uint64_t first_ms;  /* all that it said since then is in its windows; 0: nothing was heard of it */
    uint8_t is_first_new; /* that may have been said again by others: it is set anew by what proves its time */
} nkt_user_clock_t;

#endif
