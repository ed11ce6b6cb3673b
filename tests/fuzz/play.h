/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What hostile bytes are played as. Most die at the first check that they fail; to get deeper, a known hostile user signs
 * them, seals them or says them inside a session, so that what is behind those checks is reached as well.
 */
#ifndef FUZZ_PLAY_H
#define FUZZ_PLAY_H

#include "nkt.pb-c.h"
#include "stage.h"

typedef enum play_mode {
    PLAY_RELAY,     /* a message of the relay */
    PLAY_BROADCAST, /* a frame between peers, by the relay */
    PLAY_DIRECTED,
    PLAY_RTC,       /* a message over WebRTC */
    PLAY_TRACKER,   /* a message of the tracker */
    PLAY_SEALED,    /* a description sealed with the room's key, as an offer through the tracker */
    PLAY_ANSWER,    /* the same as an answer */
    PLAY_SIGNED,    /* the payload of a signed envelope; the first byte is its kind */
    PLAY_SIGNED_TO_ALL,
    PLAY_WALK,      /* the same with its author's record, over WebRTC */
    PLAY_CARRIED,   /* a user record, signed, in the body of an envelope, over WebRTC */
    PLAY_RECORD,    /* a user record, signed, in a signed greeting */
    PLAY_SIGNAL,    /* in-swarm signalling, sealed to the victim */
    PLAY_INNER,     /* what is said inside a session */
    PLAY_CIPHER,    /* a session's ciphertext */
    PLAY_LOCAL,     /* a local description */
    PLAY_SAY,       /* what the application says */
    PLAY_INVITE,    /* what an invite says, in a text that is whole */
    PLAY_COMPLETE,  /* what an answer says, sealed to the victim */
    PLAY_MODE_COUNT
} play_mode_t;

/** What the victim's core answered. */
int play(stage_t *stage, play_mode_t mode, const uint8_t *bytes, size_t size);

/** A sound input of that mode to begin with; luck chooses among several. Replaces out. */
void play_sound(stage_t *stage, play_mode_t mode, uint64_t luck, nkt_buf_t *out);

/** Packs a message of the schema; replaces out. */
void play_pack(nkt_buf_t *out, const ProtobufCMessage *message);
ProtobufCBinaryData play_lend(const void *bytes, size_t size);

#endif
