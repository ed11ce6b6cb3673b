/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The table of hostile input: for every entry of the core, every way in which what arrives there can be wrong, and the
 * code that answers it. Beside the code each row asserts what must not change: nothing is shown to the application, no
 * user comes or goes, and what was dropped is counted once.
 */
#ifndef FUZZ_HOSTILE_H
#define FUZZ_HOSTILE_H

#include "play.h"

/** State before an input. */
typedef struct hostile_view {
    uint64_t messages, user_effects, links_up;
    double users, dropped;
    int session; /* with the friend */
    int code; /* whose counter `dropped` is */
} hostile_view_t;

/** expected: the code whose counter will be compared, 0: none. */
hostile_view_t hostile_before(stage_t *stage, int expected);
/** Fails, naming entry and what, unless code is the expected one and nothing else changed. */
void hostile_after(stage_t *stage, const hostile_view_t *before, const char *entry, const char *what, int code);

/** The same for many inputs whose code may be any of -2xx: truncated, random. */
void hostile_after_any(stage_t *stage, const hostile_view_t *before, const char *entry, const char *what, int code);

/** Rows passed so far. */
unsigned hostile_count(void);
void hostile_pass(void);
_Noreturn void hostile_fail(const char *entry, const char *what, int code, int expected);

/** Lets virtual time pass, so that limits of rate do not answer in place of what is tested. */
void hostile_rest(stage_t *stage);

/** What is said, and what is wrong with it. */
typedef struct hostile_said {
    const char *what;
    uint64_t epoch, sequence;
    size_t id_size;
    const char *json;
    size_t json_size;
    int expected;
} hostile_said_t;

/** Values that go beyond one limit each: made once, before they are used. */
extern char hostile_deep[2 * NKT_JSON_DEPTH_MAX + 2]; /* one level too many */
extern char hostile_wide[2 * NKT_JSON_ITEM_MAX + 1];  /* one value too many */
extern char hostile_large[NKT_VALUE_SIZE_MAX + 2];
void hostile_values_make(void);

/** A payload that a known user signs, to the victim; to_all: to everybody. */
void hostile_payload(stage_t *stage, const char *entry, const char *what, unsigned kind, int to_all, const uint8_t *payload,
                     size_t size, int expected);
/** Every prefix of it: dropped, or (a list that ends early is a list) without effect that anybody sees. */
void hostile_prefixes(stage_t *stage, const char *entry, unsigned kind, const uint8_t *payload, size_t size);
/** A frame between peers, over WebRTC or by the relay. */
void hostile_frame(stage_t *stage, const char *entry, const char *what, stage_entry_t by, const uint8_t *frame, size_t size,
                   int expected);
/** A row of another kind; seen: what there was. */
void hostile_expect(int ok, const char *entry, const char *what, double seen);

/** The groups of rows; seed: of the stage. */
void hostile_relay(uint64_t seed);
void hostile_envelopes(uint64_t seed);
void hostile_records(uint64_t seed);
void hostile_payloads(uint64_t seed);
void hostile_sessions(uint64_t seed);
void hostile_groups(uint64_t seed);
void hostile_tracker(uint64_t seed);
void hostile_link(uint64_t seed);
void hostile_restart(uint64_t seed);
void hostile_stored(uint64_t seed);
void hostile_stored_old(uint64_t seed);
void hostile_calls(uint64_t seed);
void hostile_options(uint64_t seed);
void hostile_tree(uint64_t seed);
void hostile_walks(uint64_t seed);
void hostile_carried(uint64_t seed);
void hostile_passed_on(uint64_t seed);
void hostile_invites(uint64_t seed);
void hostile_mail(uint64_t seed);
void hostile_direct(uint64_t seed);
void hostile_ends(uint64_t seed);
void hostile_keeper(uint64_t seed);
void hostile_kem_keys(uint64_t seed);
void hostile_unheard(uint64_t seed);
void hostile_costs(uint64_t seed);

#endif
