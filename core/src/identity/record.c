/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "identity/record.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "identity/xeddsa.h"
#include "nkt.pb-c.h"
#include "wire/pack.h"

void nkt_record_signed_form(uint8_t out[NKT_HASH_SIZE], const uint8_t *bytes, size_t size)
{
    NKT_HASH(out, NKT_HASH_SIZE, NULL, NKT_LABEL_RECORD, {bytes, size});
}

void nkt_record_deinit(nkt_record_t *record)
{
    free(record->bytes);
    *record = (nkt_record_t){0};
}

/* kem_hash: 32 bytes that live as long as the message. */
static void message_fill(Nkt__UserRecord *message, const nkt_identity_t *identity, uint8_t *kem_hash,
                         const nkt_record_facts_t *facts, uint64_t time_ms)
{
    message->sign_key = nkt_pack_lend(identity->sign_public, 32);
    message->identity_key = nkt_pack_lend(identity->identity_public, 32);
    message->registration_id = identity->registration_id;
    message->signed_prekey_id = identity->signed_prekey_id;
    message->signed_prekey = nkt_pack_lend(identity->signed_prekey_public, 32);
    message->signed_prekey_signature = nkt_pack_lend(identity->signed_prekey_signature, 64);
    nkt_kem_key_hash(kem_hash, identity->kem_public);
    message->has_kem_hash = 1;
    message->kem_hash = nkt_pack_lend(kem_hash, 32);
    message->has_binding = 1;
    message->binding = nkt_pack_lend(identity->binding, sizeof identity->binding);
    message->nick = (char *)(uintptr_t)facts->nick;
    message->capabilities = facts->capabilities;
    message->relays = (char **)(uintptr_t)facts->relays;
    message->n_relays = facts->relay_count < NKT_RECORD_URL_COUNT_MAX ? facts->relay_count : NKT_RECORD_URL_COUNT_MAX;
    message->trackers = (char **)(uintptr_t)facts->trackers;
    message->n_trackers =
        facts->tracker_count < NKT_RECORD_URL_COUNT_MAX ? facts->tracker_count : NKT_RECORD_URL_COUNT_MAX;
    message->sequence = identity->sequence;
    message->issued_ms = time_ms;
    message->expires_ms = time_ms + NKT_RECORD_TTL_MS;
}

static int is_text_ok(const char *text, size_t size_max)
{
    size_t size = strlen(text);
    return size <= size_max && nkt_text_is_clean(text, size);
}

static int message_is_ok(const Nkt__UserRecord *message)
{
    if (message->sign_key.len != 32 || message->identity_key.len != 32 ||
        message->signed_prekey.len != 32 || message->signed_prekey_signature.len != 64 ||
        !message->has_kem_hash || message->kem_hash.len != 32 ||
        (message->has_binding && message->binding.len != NKT_SIGN_SIZE))
        return 0;
    if (message->registration_id == 0 || message->signed_prekey_id == 0 ||
        message->signed_prekey_id > NKT_PREKEY_ID_MAX || message->sequence == 0)
        return 0;
    if (message->n_relays > NKT_RECORD_URL_COUNT_MAX || message->n_trackers > NKT_RECORD_URL_COUNT_MAX)
        return 0;
    for (size_t i = 0; i < message->n_relays; i++) {
        if (!is_text_ok(message->relays[i], NKT_URL_SIZE_MAX))
            return 0;
    }
    for (size_t i = 0; i < message->n_trackers; i++) {
        if (!is_text_ok(message->trackers[i], NKT_URL_SIZE_MAX))
            return 0;
    }
    return is_text_ok(message->nick, NKT_NICK_SIZE_MAX);
}

/* No life longer than is allowed, and none at the end of all numbers. */
static int are_times_ok(const Nkt__UserRecord *message)
{
    return message->sequence <= NKT_TIME_MS_MAX &&
           message->expires_ms <= NKT_TIME_MS_MAX + NKT_RECORD_TTL_MS_MAX &&
           message->issued_ms <= message->expires_ms &&
           message->expires_ms - message->issued_ms <= NKT_RECORD_TTL_MS_MAX;
}

/* All but the signatures. */
static int message_check(const Nkt__UserRecord *message)
{
    if (!message_is_ok(message) || !are_times_ok(message))
        return NKT_E_USER_RECORD;
    if (nkt_curve_key_check(message->identity_key.data) < 0 || nkt_curve_key_check(message->signed_prekey.data) < 0)
        return NKT_E_KEY;
    return NKT_OK;
}

static int signature_check(const Nkt__UserRecord *message, const uint8_t *bytes, size_t size,
                           const uint8_t signature[NKT_SIGN_SIZE])
{
    uint8_t to_verify[NKT_HASH_SIZE];
    nkt_record_signed_form(to_verify, bytes, size);
    if (crypto_sign_verify_detached(signature, to_verify, sizeof to_verify, message->sign_key.data) != 0)
        return NKT_E_SIGNATURE;
    return NKT_OK;
}

/* The dearest check, and the same for all records of one address, which is the hash of both keys:
 * one proof is enough. */
static int binding_check(const Nkt__UserRecord *message, const nkt_record_t *known)
{
    if (known != NULL && known->is_bound &&
        memcmp(known->binding, message->binding.data, NKT_SIGN_SIZE) == 0 &&
        memcmp(known->sign_key, message->sign_key.data, 32) == 0 &&
        memcmp(known->identity_key, message->identity_key.data, 32) == 0)
        return NKT_OK;
    return nkt_binding_verify(message->binding.data, message->sign_key.data,
                              message->identity_key.data);
}

/* From a message that was checked. */
static int record_fill(nkt_record_t *record, const Nkt__UserRecord *message, const uint8_t *bytes,
                       size_t size, const uint8_t signature[NKT_SIGN_SIZE])
{
    *record = (nkt_record_t){
        .registration_id = message->registration_id,
        .signed_prekey_id = message->signed_prekey_id,
        .capabilities = message->capabilities,
        .is_bound = message->has_binding,
        .sequence = message->sequence,
        .issued_ms = message->issued_ms,
        .expires_ms = message->expires_ms,
        .bytes = malloc(size),
        .bytes_size = size,
    };
    if (record->bytes == NULL)
        return NKT_E_MEMORY;
    memcpy(record->bytes, bytes, size);
    memcpy(record->signature, signature, NKT_SIGN_SIZE);
    memcpy(record->sign_key, message->sign_key.data, 32);
    memcpy(record->identity_key, message->identity_key.data, 32);
    memcpy(record->signed_prekey, message->signed_prekey.data, 32);
    memcpy(record->signed_prekey_signature, message->signed_prekey_signature.data, 64);
    memcpy(record->kem_hash, message->kem_hash.data, 32);
    if (message->has_binding)
        memcpy(record->binding, message->binding.data, NKT_SIGN_SIZE);
    memcpy(record->nick, message->nick, strlen(message->nick) + 1);
    nkt_address_derive(&record->address, record->sign_key, record->identity_key);
    return NKT_OK;
}

int nkt_record_create(nkt_record_t *record, nkt_identity_t *identity,
                      const nkt_record_facts_t *facts, uint64_t time_ms)
{
    uint8_t kem_hash[32];
    Nkt__UserRecord message = NKT__USER_RECORD__INIT;
    identity->sequence = identity->sequence + 1 > time_ms ? identity->sequence + 1 : time_ms;
    message_fill(&message, identity, kem_hash, facts, time_ms);
    int err = message_check(&message); /* a text may be unclean */
    if (err < 0)
        return err;
    size_t size = nkt__user_record__get_packed_size(&message);
    if (size > NKT_RECORD_SIZE_MAX)
        return NKT_E_SIZE;
    uint8_t *bytes = malloc(size);
    if (bytes == NULL)
        return NKT_E_MEMORY;
    nkt__user_record__pack(&message, bytes);
    uint8_t to_sign[NKT_HASH_SIZE], signature[NKT_SIGN_SIZE];
    nkt_record_signed_form(to_sign, bytes, size);
    crypto_sign_detached(signature, NULL, to_sign, sizeof to_sign, identity->sign_secret);
    /* What verifying it would find, at a hundredth of the price: a secret key has its public half behind the seed, and signs for that */
    err = memcmp(identity->sign_secret + 32, message.sign_key.data, 32) == 0 ? NKT_OK : NKT_E_SIGNATURE;
    if (err == NKT_OK)
        err = record_fill(record, &message, bytes, size, signature);
    free(bytes);
    return err;
}

static int verify(nkt_record_t *record, const uint8_t *bytes, size_t size,
                  const uint8_t signature[NKT_SIGN_SIZE], const nkt_record_t *known, int is_stored)
{
    if (size > NKT_RECORD_SIZE_MAX)
        return NKT_E_USER_RECORD;
    Nkt__UserRecord *message = nkt_unpack(&nkt__user_record__descriptor, size, bytes);
    if (message == NULL)
        return NKT_E_USER_RECORD;
    int err = !message->has_binding && !is_stored ? NKT_E_USER_RECORD : message_check(message);
    if (err == NKT_OK)
        err = signature_check(message, bytes, size, signature);
    if (err == NKT_OK && message->has_binding)
        err = binding_check(message, known);
    if (err == NKT_OK)
        err = record_fill(record, message, bytes, size, signature);
    nkt__user_record__free_unpacked(message, NULL);
    return err;
}

int nkt_record_verify(nkt_record_t *record, const uint8_t *bytes, size_t size,
                      const uint8_t signature[NKT_SIGN_SIZE])
{
    return verify(record, bytes, size, signature, NULL, 0);
}

int nkt_record_verify_again(nkt_record_t *record, const uint8_t *bytes, size_t size,
                            const uint8_t signature[NKT_SIGN_SIZE], const nkt_record_t *known)
{
    return verify(record, bytes, size, signature, known, 0);
}

int nkt_record_verify_stored(nkt_record_t *record, const uint8_t *bytes, size_t size,
                             const uint8_t signature[NKT_SIGN_SIZE])
{
    return verify(record, bytes, size, signature, NULL, 1);
}

/* is_old: stored under version 1, when there was no KEM key. */
static int peek(const uint8_t *bytes, size_t size, int is_old, nkt_address_t *address, uint64_t *sequence, uint8_t sign_key[32])
{
    if (size > NKT_RECORD_SIZE_MAX)
        return NKT_E_USER_RECORD;
    Nkt__UserRecord *message = nkt_unpack(&nkt__user_record__descriptor, size, bytes);
    if (message == NULL)
        return NKT_E_USER_RECORD;
    int err = NKT_E_USER_RECORD;
    if (message->sign_key.len == 32 && message->identity_key.len == 32 && message->has_binding &&
        (message->has_kem_hash || is_old)) {
        nkt_address_derive(address, message->sign_key.data, message->identity_key.data);
        *sequence = message->sequence;
        if (sign_key != NULL)
            memcpy(sign_key, message->sign_key.data, 32);
        err = NKT_OK;
    }
    nkt__user_record__free_unpacked(message, NULL);
    return err;
}

int nkt_record_peek(const uint8_t *bytes, size_t size, nkt_address_t *address, uint64_t *sequence,
                    uint8_t sign_key[32])
{
    return peek(bytes, size, 0, address, sequence, sign_key);
}

int nkt_record_peek_old(const uint8_t *bytes, size_t size, nkt_address_t *address)
{
    uint64_t sequence;
    return peek(bytes, size, 1, address, &sequence, NULL);
}
