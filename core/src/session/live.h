/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sessions at work, as their ratchets work with them. Reading a record and writing the next one costs more than a message's
 * cryptography, so it is done when a session was not used for long, and when somebody wants the bytes (nkt_session_pack()).
 *
 * As long as the bytes are behind they are not there: whoever would store or read them without packing finds no session, and never
 * one whose places were used.
 *
 * An operation changes nothing in here: libsignal gets a copy of its record (nkt_record_load()) and hands back what follows
 * (nkt_record_store()); of the KEM half a copy is changed, or what cannot fail any more. nkt_live_commit() puts both in
 * place when all of it went well.
 */
#ifndef NKT_SESSION_LIVE_H
#define NKT_SESSION_LIVE_H

#include <session_record.h>

#include "session/kem_ratchet.h"
#include "session/session.h"

struct nkt_live {
    nkt_sessions_t *sessions;
    nkt_session_t *session;    /* whose it is */
    nkt_live_t *newer, *older; /* by use */
    session_record *signal;    /* libsignal's; NULL: none yet */
    nkt_kem_t *kem[NKT_KEM_SESSION_COUNT]; /* newest first */
    size_t kem_count;
};

/** session->live is there, and the last one used; without a session it is empty. NKT_E_RECORD: what is stored is malformed;
 * NKT_E_MEMORY. */
int nkt_live_open(nkt_sessions_t *sessions, nkt_session_t *session);

/** Wipes and frees it; what was not packed is lost. NULL is fine. */
void nkt_live_close(nkt_live_t *live);

/** Which of its KEM ratchets is that message of? kem_count: none of these. */
size_t nkt_live_find(const nkt_live_t *live, nkt_part_t header);

/** An empty KEM ratchet; NULL: no memory. A copy of one; NKT_E_MEMORY. The caller frees both, or commits them. */
nkt_kem_t *nkt_live_kem_new(void);
int nkt_live_kem_copy(const nkt_kem_t *kem, nkt_kem_t **copy);
void nkt_live_kem_free(nkt_kem_t *kem);

/**
 * The session after an operation: what libsignal stored, if it did, and kem in the first place, instead of the one at `index`
 * (kem_count: none, the oldest falls out if there are too many). Takes kem. Cannot fail.
 */
void nkt_live_commit(nkt_live_t *live, nkt_kem_t *kem, size_t index);

/** The operation is over: forgets what libsignal stored and was not committed, and packs what was not used for longest. */
void nkt_live_rest(nkt_sessions_t *sessions);

/** All of them; those that cannot be packed for want of memory are lost. */
void nkt_live_close_all(nkt_sessions_t *sessions);

/** libsignal's store (tools/setup/edits.mjs). */
int nkt_record_load(void *user_data, session_record **record);
int nkt_record_store(void *user_data, session_record *record);

#endif
