/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The own keys: an Ed25519 signing key and a Signal identity key with its signed prekey. Both public keys are hashed
 * to the address, so nobody can claim it without them.
 */
#ifndef NKT_IDENTITY_IDENTITY_H
#define NKT_IDENTITY_IDENTITY_H

#include "base/bytes.h"
#include "nkt.h"
#include "wire/limits.h"

typedef struct nkt_identity {
    uint8_t sign_seed[32];
    uint8_t sign_secret[64];
    uint8_t sign_public[32];
    uint8_t identity_private[32];
    uint8_t identity_public[32];
    uint32_t registration_id; /* 1..16380 */
    uint32_t signed_prekey_id;
    uint8_t signed_prekey_private[32];
    uint8_t signed_prekey_public[32];
    uint8_t signed_prekey_signature[64];
    uint32_t next_prekey_id; /* 1..NKT_PREKEY_ID_MAX, wraps */
    uint64_t sequence;       /* of the last user record that was signed: our own time then ... */
    uint64_t wall_ms;        /* ... and the wall clock's; 0: not known */
    uint64_t age_ms;         /* ... and for how long it had been, in all its lives: nkt_clock_age() */
    uint64_t most_wall_ms;   /* the latest that the wall clock ever said ... */
    uint64_t most_age_ms;    /* ... and the age then */
    uint64_t forgotten_ms;   /* of users who were heard in a session and then forgotten, the newest that they said, by their clocks */
    uint32_t version;        /* of the stored form that it came from */
    nkt_address_t address;
    uint8_t kem_seed[NKT_KEM_SEED_SIZE];     /* the ML-KEM-768 key that whoever has no other begins a session with, ... */
    uint8_t kem_secret[NKT_KEM_SECRET_SIZE]; /* ... expanded, ... */
    uint8_t kem_public[NKT_KEM_KEY_SIZE];    /* ... and what is told of it */
    uint8_t binding[NKT_SIGN_SIZE]; /* of the signing key, by the identity key; always the same */
} nkt_identity_t;

enum {
    NKT_PREKEY_ID_MAX = 0xfffffe, /* libsignal never deletes 0xffffff; 0 is invalid */
    NKT_PREKEY_SIGNED_SIZE = 33,  /* type byte and key */
    NKT_ENDS_SIZE = 16,           /* who speaks to whom, and where */
};

/** The form of a prekey that its signature covers (libsignal's serialised key). */
void nkt_prekey_signed_form(uint8_t out[NKT_PREKEY_SIGNED_SIZE], const uint8_t prekey[32]);

/** What a record says of the lasting KEM key. */
void nkt_kem_key_hash(uint8_t hash[32], const uint8_t key[NKT_KEM_KEY_SIZE]);

/** New keys. NKT_E_ENTROPY, NKT_E_CRYPTO. */
int nkt_identity_create(nkt_identity_t *identity, const nkt_host_t *host);

/** Stored form (protobuf StoredIdentity). NKT_E_MEMORY. */
int nkt_identity_encode(const nkt_identity_t *identity, nkt_buf_t *out);

/** NKT_E_RECORD: damaged or inconsistent; NKT_E_NEWER. */
int nkt_identity_decode(nkt_identity_t *identity, const uint8_t *bytes, size_t size);

void nkt_identity_wipe(nkt_identity_t *identity);

/** A fresh id for a one-time prekey. */
uint32_t nkt_identity_next_prekey_id(nkt_identity_t *identity);

/** Address of these public keys. */
void nkt_address_derive(nkt_address_t *address, const uint8_t sign_key[32], const uint8_t identity_key[32]);

/**
 * Does the owner of the identity key say that the signing key is his? Without it anybody could put
 * another's identity key beside a signing key of his own, and hear that other's words under his own
 * name. NKT_E_SIGNATURE.
 */
int nkt_binding_verify(const uint8_t binding[NKT_SIGN_SIZE], const uint8_t sign_key[32],
                       const uint8_t identity_key[32]);

/** Names both ends and the network inside what one encrypts to the other. */
void nkt_ends_derive(uint8_t ends[NKT_ENDS_SIZE], const uint8_t network[NKT_NETWORK_SIZE],
                     const nkt_address_t *from, const nkt_address_t *to);

#endif
