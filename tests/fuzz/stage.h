/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where hostile input is played: a victim and its friend, real cores with a session and every kind of link between them,
 * and a hostile user known to the victim. Bytes are put in front of the victim as if they came over one of its links.
 */
#ifndef FUZZ_STAGE_H
#define FUZZ_STAGE_H

#include "forge.h"
#include "world.h"

enum { STAGE_KEPT_COUNT = 64 };

typedef enum stage_entry { STAGE_RELAY, STAGE_RTC, STAGE_TRACKER } stage_entry_t;

/** One message as it travelled to the victim. */
typedef struct stage_kept {
    stage_entry_t entry;
    uint8_t *bytes;
    size_t size;
} stage_kept_t;

typedef struct stage {
    sim_t *sim;
    sim_peer_t *victim, *friend_;
    forge_t mallory;
    stage_kept_t kept[STAGE_KEPT_COUNT];
    size_t kept_count;
    int is_catching; /* messages of the friend over the relay are kept and not passed on */
    /** Frames that the victim sends, when set. */
    void (*overhear)(void *context, stage_entry_t by, const uint8_t *bytes, size_t size);
    void *overhear_context;
} stage_t;

stage_t *stage_new(uint64_t seed);
/** The same with a victim who stores, and keeps letters of others. */
stage_t *stage_new_keeper(uint64_t seed);
void stage_free(stage_t *stage);

/** What the victim's core returns for a message on that link; NKT_E_LINK when there is no such link now. */
int stage_put(stage_t *stage, stage_entry_t entry, const uint8_t *bytes, size_t size);
/** A frame between peers, as the relay passes it on: to the victim alone, or to the room. */
int stage_put_directed(stage_t *stage, const uint8_t *frame, size_t size);
int stage_put_broadcast(stage_t *stage, const uint8_t *frame, size_t size);

/** The victim's wall clock. */
uint64_t stage_wall_ms(const stage_t *stage);

/** A genuine frame of that kind from the friend to the victim, which the victim has not seen; fails if there is none. */
const stage_kept_t *stage_catch(stage_t *stage, unsigned kind);

/** Does the pair still talk? Ends the program when it does not. */
void stage_check_talk(stage_t *stage);

#endif
