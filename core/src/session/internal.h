/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shared by the files of this folder only. */
#ifndef NKT_SESSION_INTERNAL_H
#define NKT_SESSION_INTERNAL_H

#include <signal_protocol.h>
#include <sodium.h>

#include "session/group.h"
#include "session/live.h"
#include "session/ratchets.h"
#include "session/session.h"

enum {
    NKT_HMAC_KEY_SIZE = 32,
    NKT_HMAC_KEY_COUNT = 3, /* of a message: the chain's, HKDF's, the MAC's */
};

/* An HMAC key and the state after its two pads, so that they are hashed once for all that an operation does with it. */
typedef struct nkt_hmac_key {
    uint8_t key[NKT_HMAC_KEY_SIZE];
    uint8_t is_there;
    crypto_auth_hmacsha256_state state;
} nkt_hmac_key_t;

struct nkt_sessions {
    nkt_identity_t *identity;
    const nkt_host_t *host;
    signal_context *context;
    signal_protocol_store_context *store;
    nkt_session_t *current; /* the peer of the operation at work: all that the store callbacks may see */
    session_record *stored;  /* libsignal's record as the operation leaves it; NULL: as it was */
    nkt_live_t *newest, *oldest; /* sessions that are taken apart, by use */
    size_t live_count;
    nkt_buf_t kem, message, content; /* parts of what was encrypted last, as it travels */
    nkt_group_key_t *group_key; /* as current, for sender keys ... */
    nkt_buf_t built;            /* ... the record that is being made ... */
    int is_tentative;           /* ... here, until the content is open */
    int has_no_entropy;     /* the host's entropy failed during the operation at work */
    nkt_hmac_key_t no_salt; /* HKDF's salt of zeros */
    nkt_hmac_key_t hmac_keys[NKT_HMAC_KEY_COUNT]; /* those of the operation at work, in turn */
    size_t hmac_at;
    crypto_auth_hmacsha256_state hmac; /* the one that is being calculated ... */
    uint8_t is_hmac_taken;             /* ... if one is */
};

enum { NKT_DJB_TYPE = 5, NKT_DJB_KEY_SIZE = 33 };

/** libsignal's serialised form of a public key. */
void nkt_djb_encode(uint8_t out[NKT_DJB_KEY_SIZE], const uint8_t key[32]);

/** The private keys of the one-time prekey. */
void nkt_prekey_curve_derive(const nkt_session_t *session, uint8_t private_key[32]);
void nkt_prekey_kem_derive(const nkt_session_t *session, uint8_t seed[NKT_KEM_SEED_SIZE]);

/** Installs crypto provider and stores into the contexts. SG_SUCCESS or libsignal's error. */
int nkt_provider_install(nkt_sessions_t *sessions);

/** An operation is over: no key of it stays. */
void nkt_provider_rest(nkt_sessions_t *sessions);

int nkt_stores_install(nkt_sessions_t *sessions);
int nkt_group_store_install(nkt_sessions_t *sessions);

#endif
