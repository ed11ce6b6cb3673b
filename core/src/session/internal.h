/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shared by the files of this folder only. */
#ifndef NKT_SESSION_INTERNAL_H
#define NKT_SESSION_INTERNAL_H

#include <signal_protocol.h>

#include "session/group.h"
#include "session/ratchets.h"
#include "session/session.h"

struct nkt_sessions {
    nkt_identity_t *identity;
    const nkt_host_t *host;
    signal_context *context;
    signal_protocol_store_context *store;
    nkt_session_t *current; /* the peer of the operation at work: all that the store callbacks may see */
    nkt_ratchets_t ratchets; /* its record, taken apart */
    nkt_buf_t signal;        /* libsignal's part as the operation leaves it ... */
    int has_signal;          /* ... if it does */
    nkt_buf_t kem, message, content; /* parts of what was encrypted last, as it travels */
    nkt_buf_t built;         /* a record that is being made */
    nkt_group_key_t *group_key; /* the same for sender keys ... */
    int is_tentative;           /* ... whose record is put into `built`, until the content is open */
    int has_no_entropy;     /* the host's entropy failed during the operation at work */
};

enum { NKT_DJB_TYPE = 5, NKT_DJB_KEY_SIZE = 33 };

/** libsignal's serialised form of a public key. */
void nkt_djb_encode(uint8_t out[NKT_DJB_KEY_SIZE], const uint8_t key[32]);

/** The private keys of the one-time prekey. */
void nkt_prekey_curve_derive(const nkt_session_t *session, uint8_t private_key[32]);
void nkt_prekey_kem_derive(const nkt_session_t *session, uint8_t seed[NKT_KEM_SEED_SIZE]);

/** Installs crypto provider and stores into the contexts. SG_SUCCESS or libsignal's error. */
int nkt_provider_install(nkt_sessions_t *sessions);
int nkt_stores_install(nkt_sessions_t *sessions);
int nkt_group_store_install(nkt_sessions_t *sessions);

#endif
