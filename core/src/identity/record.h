/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * User records: public keys and addresses in one self-certifying object that any peer may pass on and none can alter.
 */
#ifndef NKT_IDENTITY_RECORD_H
#define NKT_IDENTITY_RECORD_H

#include "base/bytes.h"
#include "base/hash.h"
#include "identity/identity.h"
#include "identity/room.h"
#include "wire/limits.h"

/** A verified record. The bytes as received are kept beside the parsed form: they are what is passed on. */
typedef struct nkt_record {
    nkt_address_t address;
    uint8_t sign_key[32];
    uint8_t identity_key[32];
    uint32_t registration_id;
    uint32_t signed_prekey_id;
    uint8_t signed_prekey[32];
    uint8_t signed_prekey_signature[64];
    uint8_t kem_hash[32]; /* of the lasting ML-KEM key */
    uint8_t binding[NKT_SIGN_SIZE];
    int is_bound; /* the identity key vouches for the signing key; 0 only in what was stored before
                     there was a binding */
    char nick[NKT_NICK_SIZE_MAX + 1];
    uint32_t capabilities;
    uint64_t sequence;
    uint64_t issued_ms, expires_ms; /* by its owner's clock */
    uint8_t *bytes; /* on the heap */
    size_t bytes_size;
    uint8_t signature[NKT_SIGN_SIZE];
} nkt_record_t;

/** What the own record says beside the keys. Text is terminated. */
typedef struct nkt_record_facts {
    const char *nick;
    uint32_t capabilities;
    char *const *relays;
    size_t relay_count;
    char *const *trackers;
    size_t tracker_count;
} nkt_record_facts_t;

/** Frees what the record holds. */
void nkt_record_deinit(nkt_record_t *record);

/** What a record's signature is over. */
void nkt_record_signed_form(uint8_t out[NKT_HASH_SIZE], const uint8_t *bytes, size_t size);

/** Signs a new own record, issued at time_ms by our own clock; identity->sequence becomes max(sequence + 1, time_ms).
 *  NKT_E_MEMORY, NKT_E_SIZE; NKT_E_USER_RECORD, NKT_E_KEY: others would refuse it; NKT_E_SIGNATURE: the identity's key pair is
 *  torn. The signature is not verified. */
int nkt_record_create(nkt_record_t *record, nkt_identity_t *identity, const nkt_record_facts_t *facts,
                      uint64_t time_ms);

/**
 * Parses and verifies: lengths, times, keys, signature, the binding of the keys to each other,
 * cheapest first. The prekey's signature by the identity key is not looked at: in a swarm of
 * thousands a peer takes in hundreds of records for each session that it sets up, and libsignal
 * checks it there (nkt_session_initiate). Whether it is newer than the known one is the
 * caller's question (nkt_record_peek), and so is whether its time has come or gone: that is its
 * owner's clock's (state/clock.h). *record is to be deinit'ed on success only. NKT_E_USER_RECORD,
 * NKT_E_KEY, NKT_E_SIGNATURE, NKT_E_MEMORY.
 */
int nkt_record_verify(nkt_record_t *record, const uint8_t *bytes, size_t size, const uint8_t signature[NKT_SIGN_SIZE]);

/** The same for another record of somebody known: a binding that was verified before is not
 * verified again. */
int nkt_record_verify_again(nkt_record_t *record, const uint8_t *bytes, size_t size,
                            const uint8_t signature[NKT_SIGN_SIZE], const nkt_record_t *known);

/** The same for one of our own storage, which may have no binding. */
int nkt_record_verify_stored(nkt_record_t *record, const uint8_t *bytes, size_t size,
                             const uint8_t signature[NKT_SIGN_SIZE]);

/** Address, sequence and signing key (may be NULL) of record bytes, unverified: to look it up
 * before paying for a signature. */
int nkt_record_peek(const uint8_t *bytes, size_t size, nkt_address_t *address, uint64_t *sequence,
                    uint8_t sign_key[32]);

/** Whose keys are in a record that was stored under version 1: the address that they have now. NKT_E_USER_RECORD. */
int nkt_record_peek_old(const uint8_t *bytes, size_t size, nkt_address_t *address);

#endif
