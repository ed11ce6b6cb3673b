/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Pairwise Signal sessions (X3DH, Double Ratchet) through libsignal-protocol-c, and beside each a ratchet of ML-KEM keys
 * (kem_ratchet.h): what is said needs the keys of both (content.h). Only the files of this folder include libsignal's headers. A
 * peer's state lives in core memory; the caller stores it as one record.
 *
 * What libsignal does not do for us, and we do here:
 * - identity is bound to the address: a key is trusted if and only if it is the one of the peer's verified user
 *   record, and nothing is saved that a failed message brought along (libsignal saves identities before the MAC);
 * - a one-time prekey works for the one peer it was given to, and only once;
 * - callers authenticate the envelope before any byte gets here, and limit failures per sender.
 */
#ifndef NKT_SESSION_SESSION_H
#define NKT_SESSION_SESSION_H

#include "base/bytes.h"
#include "base/changes.h"
#include "base/hash.h"
#include "identity/identity.h"
#include "nkt.h"

typedef struct nkt_live nkt_live_t;

/** One peer's session state; embedded in the caller's user, where it stays. */
typedef struct nkt_session {
    nkt_address_t address;
    uint8_t identity_key[32];   /* from the verified record */
    nkt_buf_t record;           /* both ratchets of each session (ratchets.h), if it is packed ... */
    nkt_live_t *live;           /* ... and as they are worked with, if they were of late (live.h) */
    uint32_t prekey_id;         /* one-time prekey given to this peer, 0: none */
    uint8_t prekey_private[32]; /* what its private keys are made of: Curve25519's, ML-KEM's */
    uint8_t prekey_public[32];
    nkt_change_t *change;       /* of the caller, or NULL: noted when this changes */
    uint8_t is_dirty;           /* changed since the caller stored it: set by nkt_session_touch() */
    uint8_t has_stepped;        /* what was encrypted last may leave only when the state is stored, whatever was reserved */
} nkt_session_t;

/** A peer's public keys for X3DH. */
typedef struct nkt_session_bundle {
    uint32_t registration_id;
    uint32_t signed_prekey_id;
    const uint8_t *signed_prekey;           /* 32 bytes */
    const uint8_t *signed_prekey_signature; /* 64 bytes */
    uint32_t prekey_id;                     /* 0: none */
    const uint8_t *prekey;                  /* 32 bytes */
    uint32_t kem_key_id;                    /* prekey_id, or NKT_KEM_KEY_LASTING */
    const uint8_t *kem_key;                 /* NKT_KEM_KEY_SIZE bytes, whose origin the caller has proved */
} nkt_session_bundle_t;

typedef struct nkt_sessions nkt_sessions_t;

/** A message as it travels; lent. */
typedef struct nkt_ciphertext {
    uint32_t type;       /* libsignal's */
    nkt_part_t kem;      /* the header of the KEM half; of a sender key's: none */
    nkt_part_t message;  /* libsignal's */
    nkt_part_t content;  /* what is said */
} nkt_ciphertext_t;

enum {
    NKT_KEM_KEY_LASTING = 0,  /* the KEM key of the identity, for who was given none of his own */
    NKT_CIPHERTEXT_FIRST = 3, /* type of a message that begins a session: all until something of the other side decrypted */
};

/** identity and host must outlive it. NKT_E_MEMORY, NKT_E_CRYPTO. */
int nkt_sessions_new(nkt_identity_t *identity, const nkt_host_t *host, nkt_sessions_t **out);

/** What was not packed is packed; for want of memory it is lost. */
void nkt_sessions_free(nkt_sessions_t *sessions);

/** Wipes and frees what the session holds. */
void nkt_session_deinit(nkt_session_t *session);

int nkt_session_exists(const nkt_session_t *session);

/** Brings session->record up to date, for who stores it: after an operation it is empty. NKT_E_MEMORY: and stays so. */
int nkt_session_pack(nkt_session_t *session);

/** Puts back a record. NKT_E_MEMORY. */
int nkt_session_restore(nkt_session_t *session, const uint8_t *record, size_t size);

/** About how many bytes the record has, or would have if it were packed. */
size_t nkt_session_size(const nkt_session_t *session);

/** Something of it is to be stored. */
static inline void nkt_session_touch(nkt_session_t *session)
{
    session->is_dirty = 1;
    if (session->change != NULL)
        nkt_change_note(session->change);
}

/** Forgets the ratchet (not the prekey given). */
void nkt_session_drop(nkt_session_t *session);

/** Passes over so many places of the sending chain; a session that cannot send yet stays as it is.
 *  NKT_E_NO_SESSION: there is none, or it is malformed; NKT_E_MEMORY. */
int nkt_session_skip(nkt_sessions_t *sessions, nkt_session_t *session, uint32_t count);

/** Begins a session by X3DH and a KEM secret; the next messages are prekey messages. On an error nothing has changed.
 *  NKT_E_KEY: an odd key, or a signed prekey that the identity did not sign; NKT_E_ENTROPY, NKT_E_MEMORY. */
int nkt_session_initiate(nkt_sessions_t *sessions, nkt_session_t *session, const nkt_session_bundle_t *bundle);

/** The one-time prekey for this peer: made if none was given, or the one given was used. NKT_E_ENTROPY. */
int nkt_session_give_prekey(nkt_sessions_t *sessions, nkt_session_t *session, uint8_t prekey[32]);

/** The KEM key that belongs to the one-time prekey; NKT_E_STATE: none was given. */
int nkt_session_give_kem_key(const nkt_session_t *session, uint8_t key[NKT_KEM_KEY_SIZE]);

/** Puts back a one-time prekey given before, from storage. */
void nkt_session_restore_prekey(nkt_session_t *session, uint32_t id, const uint8_t private_key[32]);

/** *out is lent until the next operation. NKT_E_NO_SESSION; NKT_E_ENTROPY, NKT_E_MEMORY: nothing has changed. */
int nkt_session_encrypt(nkt_sessions_t *sessions, nkt_session_t *session, const uint8_t *plain, size_t size,
                        nkt_ciphertext_t *out);
/** The same, padded as nkt_padded_size_from() says. */
int nkt_session_encrypt_from(nkt_sessions_t *sessions, nkt_session_t *session, const uint8_t *plain, size_t size, size_t pad_min,
                             nkt_ciphertext_t *out);

/** Would that message begin a session that is none of those kept with this peer? 1 or 0. */
int nkt_session_is_begun_by(const nkt_session_t *session, const nkt_ciphertext_t *in);

/**
 * Replaces out by the plaintext; nothing of the message may lie in it. On an error nothing has changed but out, which is empty.
 * NKT_E_DUPLICATE: this very message was decrypted before; NKT_E_NO_SESSION, NKT_E_DECRYPT, NKT_E_ENTROPY, NKT_E_MEMORY.
 */
int nkt_session_decrypt(nkt_sessions_t *sessions, nkt_session_t *session, const nkt_ciphertext_t *in, nkt_buf_t *out);

#endif
