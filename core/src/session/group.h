/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sender keys (libsignal's group cipher): one encryption for everybody who was given the key. A key is one chain and one
 * signing pair, named by an epoch of our own; each lives in a record of its own, so that nothing evicts another.
 *
 * What libsignal does not do for us, and we do here:
 * - a key that is held is never replaced by itself: a second state of the same id would hide the first, or turn it back;
 * - keys of odd points, lengths and iterations are refused before anything is stored;
 * - callers bind epoch, network and sender inside the plaintext, authenticate the envelope and limit failures.
 */
#ifndef NKT_SESSION_GROUP_H
#define NKT_SESSION_GROUP_H

#include "base/bytes.h"
#include "nkt.h"
#include "session/session.h"

/** A sender key, our own (it can encrypt) or a peer's; embedded in what it belongs to. */
typedef struct nkt_group_key {
    uint64_t epoch;   /* 0: none */
    nkt_buf_t record; /* libsignal's, serialised */
} nkt_group_key_t;

/** Wipes and frees what it holds; there is none then. */
void nkt_group_key_deinit(nkt_group_key_t *key);

/** Replaces key by a new one of our own. On an error nothing has changed. NKT_E_ENTROPY, NKT_E_MEMORY. */
int nkt_group_key_create(nkt_sessions_t *sessions, nkt_group_key_t *key, uint64_t epoch);

/** Replaces out by what lets its owner read from the next message on, and nothing older. NKT_E_NO_SESSION, NKT_E_MEMORY. */
int nkt_group_key_share(nkt_sessions_t *sessions, nkt_group_key_t *key, nkt_buf_t *out);

/**
 * Takes what a peer shared. If key is of that epoch already it is replaced only by one further on (a part of the chain was
 * missed). On an error nothing has changed. NKT_E_KEY: malformed or odd; NKT_E_REPLAY: not further on; NKT_E_MEMORY.
 */
int nkt_group_key_accept(nkt_sessions_t *sessions, nkt_group_key_t *key, uint64_t epoch, const uint8_t *shared, size_t size);

/** *out is lent until the next operation. NKT_E_NO_SESSION: not our own key; NKT_E_ENTROPY; NKT_E_MEMORY. */
int nkt_group_encrypt(nkt_sessions_t *sessions, nkt_group_key_t *key, const uint8_t *plain, size_t size, nkt_ciphertext_t *out);

/**
 * Replaces out by the plaintext; nothing of the message may lie in it. On an error nothing has changed but out, which is empty.
 * NKT_E_DUPLICATE: decrypted before, or older than the key; NKT_E_NO_SESSION, NKT_E_DECRYPT, NKT_E_MEMORY.
 */
int nkt_group_decrypt(nkt_sessions_t *sessions, nkt_group_key_t *key, const nkt_ciphertext_t *in, nkt_buf_t *out);

#endif
