/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A hostile user: a room member with keys of its own, who signs whatever it likes. It is no core: its envelopes are made
 * here, with the core's own encoders, so that what is wrong with them is wrong on purpose.
 */
#ifndef FUZZ_FORGE_H
#define FUZZ_FORGE_H

#include "identity/record.h"
#include "identity/room.h"
#include "identity/seal.h"
#include "random.h"
#include "session/session.h"
#include "wire/envelope.h"

typedef struct forge {
    sim_random_t random;
    nkt_host_t host;
    nkt_identity_t identity;
    nkt_record_t record;
    nkt_room_t room;
    uint8_t membership[NKT_MEMBERSHIP_SIZE];
    nkt_sessions_t *sessions;
    nkt_session_t session; /* with the victim, once it was begun */
    nkt_record_t victim;   /* the victim's record ... */
    const uint8_t *victim_kem_key; /* ... and its lasting KEM key; NULL: not asked for */
    int has_victim;
    uint8_t nonce[NKT_CLOCK_NONCE_SIZE]; /* of a greeting of the victim's, if has_nonce */
    int has_nonce;
    uint32_t keep_s; /* how long keepers may keep them; 0: not */
    int is_urgent; /* its envelopes are not to be kept by others */
    const nkt_address_t *claims; /* who it says inside sessions and seals that it is; NULL: it says the truth */
    int is_endless; /* it names no ends inside sessions */
    nkt_buf_t payload, plain, sealed, frame; /* results: valid until the next call that fills them */
} forge_t;

void forge_init(forge_t *forge, uint64_t seed, const char *room, const char *nick, uint64_t wall_ms);
void forge_deinit(forge_t *forge);

/** Signs its record anew, with another nick. */
void forge_rename(forge_t *forge, const char *nick, uint64_t wall_ms);

/** Takes the victim's record, and its nonce if there is one, out of a greeting that it sent; 0 when the frame is none. */
int forge_learn_victim(forge_t *forge, const uint8_t *frame, size_t size);

/** All of these leave an envelope in forge->frame; to NULL: everybody. */
void forge_envelope(forge_t *forge, unsigned kind, const nkt_address_t *to, const uint8_t *payload, size_t size,
                    uint64_t wall_ms);
/** The same with a record in its body, whatever it is. */
void forge_envelope_with(forge_t *forge, unsigned kind, const nkt_address_t *to, const uint8_t *payload, size_t size,
                         uint64_t wall_ms, const nkt_signed_record_t *record);
/** Its own record, lent: what an honest author puts there. */
nkt_signed_record_t forge_record(const forge_t *forge);
/** Its payload stays in forge->payload. */
void forge_greeting(forge_t *forge, const nkt_address_t *to, uint64_t wall_ms);
/** To the victim, with its nonce: it knows then that somebody is there. */
void forge_answer(forge_t *forge, uint64_t wall_ms);
/** Replaces out by a Ciphertext of these parts. epoch 0: none. */
void forge_ciphertext(nkt_buf_t *out, const nkt_ciphertext_t *parts, uint64_t epoch);
/** Encrypts in a session with the victim, beginning one if there is none. 0: not possible. */
int forge_session(forge_t *forge, const uint8_t *inner, size_t size, uint64_t wall_ms);
/** Names the two ends of what it says to the victim. */
void forge_ends(const forge_t *forge, uint8_t ends[NKT_ENDS_SIZE]);
/** Seals to the victim's identity key (in-swarm signalling). */
int forge_signal(forge_t *forge, const uint8_t *signal, size_t size, uint64_t wall_ms);

/** Record bytes of its own making, signed with its key, as the payload of a greeting. */
void forge_greeting_of(forge_t *forge, const uint8_t *record, size_t size, const nkt_address_t *to, uint64_t wall_ms);

/** The same in the body of an envelope of that kind, without a payload. */
void forge_carried(forge_t *forge, unsigned kind, const uint8_t *record, size_t size, uint64_t wall_ms);

/** What a tracker would pass on: JSON text in forge->frame, terminated. is_offer: else an answer. */
void forge_tracker(forge_t *forge, int is_offer, const uint8_t *signal, size_t size);

#endif
