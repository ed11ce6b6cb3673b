/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/session.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <curve.h>
#include <protocol.h>
#include <ratchet.h>
#include <session_builder.h>
#include <session_cipher.h>
#include <session_pre_key.h>
#include <session_record.h>
#include <session_state.h>
#include <sodium.h>

#include "identity/xeddsa.h"
#include "session/internal.h"

enum { DEVICE_ID = 1 }; /* one identity lives in one tab */

int nkt_sessions_new(nkt_identity_t *identity, const nkt_host_t *host, nkt_sessions_t **out)
{
    nkt_sessions_t *sessions = calloc(1, sizeof *sessions);
    if (sessions == NULL)
        return NKT_E_MEMORY;
    sessions->identity = identity;
    sessions->host = host;
    if (signal_context_create(&sessions->context, sessions) != SG_SUCCESS || nkt_provider_install(sessions) != SG_SUCCESS ||
        signal_protocol_store_context_create(&sessions->store, sessions->context) != SG_SUCCESS ||
        nkt_stores_install(sessions) != SG_SUCCESS || nkt_group_store_install(sessions) != SG_SUCCESS) {
        nkt_sessions_free(sessions);
        return NKT_E_CRYPTO;
    }
    *out = sessions;
    return NKT_OK;
}

void nkt_sessions_free(nkt_sessions_t *sessions)
{
    if (sessions == NULL)
        return;
    if (sessions->store != NULL)
        signal_protocol_store_context_destroy(sessions->store);
    if (sessions->context != NULL)
        signal_context_destroy(sessions->context);
    free(sessions);
}

void nkt_session_deinit(nkt_session_t *session)
{
    nkt_buf_free(&session->record);
    sodium_memzero(session, sizeof *session);
}

int nkt_session_exists(const nkt_session_t *session)
{
    return session->record.size > 0;
}

/* libsignal's address of a peer; the name is lent. */
static signal_protocol_address address_of(const nkt_session_t *session)
{
    return (signal_protocol_address){
        .name = (const char *)session->address.b, .name_len = NKT_ADDRESS_SIZE, .device_id = DEVICE_ID};
}

static void operation_begin(nkt_sessions_t *sessions, nkt_session_t *session)
{
    assert(sessions->current == NULL); /* the stores know one peer at a time */
    sessions->current = session;
    sessions->has_no_entropy = 0;
}

/* Our error for libsignal's; other: for those that say what a peer sent. */
static int operation_end(nkt_sessions_t *sessions, int result, int other)
{
    sessions->current = NULL;
    if (result != SG_SUCCESS && sessions->has_no_entropy)
        return NKT_E_ENTROPY;
    switch (result) {
    case SG_SUCCESS:
        return NKT_OK;
    case SG_ERR_NOMEM:
        return NKT_E_MEMORY;
    case SG_ERR_NO_SESSION:
        return NKT_E_NO_SESSION;
    case SG_ERR_DUPLICATE_MESSAGE:
        return NKT_E_DUPLICATE;
    default:
        return other;
    }
}

static int chain_advance(session_state *state, uint32_t count)
{
    int result = SG_SUCCESS;
    for (uint32_t i = 0; i < count && result == SG_SUCCESS; i++) {
        ratchet_chain_key *next = NULL;
        result = ratchet_chain_key_create_next(session_state_get_sender_chain_key(state), &next);
        if (result == SG_SUCCESS)
            result = session_state_set_sender_chain_key(state, next);
        SIGNAL_UNREF(next);
    }
    return result;
}

/* The sending half of Double Ratchet, 2.6: to the peer the places skipped look like messages that were lost. */
int nkt_session_skip(nkt_sessions_t *sessions, nkt_session_t *session, uint32_t count)
{
    if (!nkt_session_exists(session))
        return NKT_E_NO_SESSION;
    session_record *record = NULL;
    const signal_protocol_address address = address_of(session);
    operation_begin(sessions, session);
    int result = signal_protocol_session_load_session(sessions->store, &record, &address);
    if (result == SG_SUCCESS && session_state_has_sender_chain(session_record_get_state(record)))
        result = chain_advance(session_record_get_state(record), count);
    if (result == SG_SUCCESS)
        result = signal_protocol_session_store_session(sessions->store, &address, record);
    SIGNAL_UNREF(record);
    return operation_end(sessions, result, NKT_E_NO_SESSION);
}

static int public_key_create(nkt_sessions_t *sessions, const uint8_t key[32], ec_public_key **out)
{
    uint8_t encoded[NKT_DJB_KEY_SIZE];
    if (nkt_curve_key_check(key) < 0)
        return SG_ERR_INVALID_KEY;
    nkt_djb_encode(encoded, key);
    return curve_decode_point(out, encoded, sizeof encoded, sessions->context);
}

/* X3DH, 3.3. libsignal verifies the signature of the signed prekey first, and aborts if it does not hold. */
int nkt_session_initiate(nkt_sessions_t *sessions, nkt_session_t *session, const nkt_session_bundle_t *bundle)
{
    ec_public_key *identity_key = NULL, *signed_prekey = NULL, *prekey = NULL;
    session_pre_key_bundle *signal_bundle = NULL;
    session_builder *builder = NULL;
    const signal_protocol_address address = address_of(session);
    operation_begin(sessions, session);

    int result = public_key_create(sessions, session->identity_key, &identity_key);
    if (result == SG_SUCCESS)
        result = public_key_create(sessions, bundle->signed_prekey, &signed_prekey);
    if (result == SG_SUCCESS && bundle->prekey_id != 0)
        result = public_key_create(sessions, bundle->prekey, &prekey);
    if (result == SG_SUCCESS)
        result = session_pre_key_bundle_create(&signal_bundle, bundle->registration_id, DEVICE_ID, bundle->prekey_id,
                                               prekey, bundle->signed_prekey_id, signed_prekey,
                                               bundle->signed_prekey_signature, 64, identity_key);
    if (result == SG_SUCCESS && session_pre_key_bundle_get_signed_pre_key_signature(signal_bundle) == NULL)
        result = SG_ERR_NOMEM; /* libsignal does not look whether it got its copy */
    if (result == SG_SUCCESS)
        result = session_builder_create(&builder, sessions->store, &address, sessions->context);
    if (result == SG_SUCCESS)
        result = session_builder_process_pre_key_bundle(builder, signal_bundle);

    if (builder != NULL)
        session_builder_free(builder);
    SIGNAL_UNREF(signal_bundle);
    SIGNAL_UNREF(prekey);
    SIGNAL_UNREF(signed_prekey);
    SIGNAL_UNREF(identity_key);
    return operation_end(sessions, result, NKT_E_KEY);
}

/* X3DH, 3.2: a one-time prekey. There is no server to hand them out: each is made for, and given to, one peer. */
int nkt_session_give_prekey(nkt_sessions_t *sessions, nkt_session_t *session, uint8_t prekey[32])
{
    uint8_t private_key[32];
    if (sessions->host->entropy(sessions->host->context, private_key, sizeof private_key) < 0)
        return NKT_E_ENTROPY;
    nkt_session_restore_prekey(session, nkt_identity_next_prekey_id(sessions->identity), private_key);
    memcpy(prekey, session->prekey_public, 32);
    session->is_dirty = 1;
    sodium_memzero(private_key, sizeof private_key);
    return NKT_OK;
}

void nkt_session_restore_prekey(nkt_session_t *session, uint32_t id, const uint8_t private_key[32])
{
    memcpy(session->prekey_private, private_key, 32);
    nkt_curve_key_derive(session->prekey_private, session->prekey_public);
    session->prekey_id = id;
}

int nkt_session_encrypt(nkt_sessions_t *sessions, nkt_session_t *session, const uint8_t *plain, size_t size,
                        nkt_buf_t *out, uint32_t *type)
{
    if (!nkt_session_exists(session))
        return NKT_E_NO_SESSION;
    session_cipher *cipher = NULL;
    ciphertext_message *message = NULL;
    const signal_protocol_address address = address_of(session);
    operation_begin(sessions, session);

    int result = session_cipher_create(&cipher, sessions->store, &address, sessions->context);
    if (result == SG_SUCCESS)
        result = session_cipher_encrypt(cipher, plain, size, &message);
    int err = operation_end(sessions, result, NKT_E_DECRYPT);
    if (err == NKT_OK) {
        const signal_buffer *serialized = ciphertext_message_get_serialized(message);
        *type = (uint32_t)ciphertext_message_get_type(message);
        err = nkt_buf_set(out, signal_buffer_const_data(serialized), signal_buffer_len(serialized));
    }
    SIGNAL_UNREF(message);
    if (cipher != NULL)
        session_cipher_free(cipher);
    return err;
}

/* X3DH, 4.2: without a one-time prekey an initial message can be replayed. */
int nkt_session_is_begun_by(nkt_sessions_t *sessions, nkt_session_t *session, uint32_t type, const uint8_t *bytes,
                            size_t size)
{
    pre_key_signal_message *message = NULL;
    session_record *record = NULL;
    const signal_protocol_address address = address_of(session);
    if (type != CIPHERTEXT_PREKEY_TYPE ||
        pre_key_signal_message_deserialize(&message, bytes, size, sessions->context) != SG_SUCCESS)
        return 0;
    operation_begin(sessions, session);
    int result = signal_protocol_session_load_session(sessions->store, &record, &address);
    int is_known = result == SG_SUCCESS && session_record_has_session_state(record, pre_key_signal_message_get_message_version(message),
                                                                            pre_key_signal_message_get_base_key(message));
    SIGNAL_UNREF(record);
    SIGNAL_UNREF(message);
    operation_end(sessions, SG_SUCCESS, NKT_OK);
    return !is_known;
}

static int decrypt_any(nkt_sessions_t *sessions, session_cipher *cipher, uint32_t type, const uint8_t *bytes,
                       size_t size, signal_buffer **plain)
{
    int result;
    if (type == CIPHERTEXT_PREKEY_TYPE) {
        pre_key_signal_message *message = NULL;
        result = pre_key_signal_message_deserialize(&message, bytes, size, sessions->context);
        if (result == SG_SUCCESS)
            result = session_cipher_decrypt_pre_key_signal_message(cipher, message, NULL, plain);
        SIGNAL_UNREF(message);
    } else if (type == CIPHERTEXT_SIGNAL_TYPE) {
        signal_message *message = NULL;
        result = signal_message_deserialize(&message, bytes, size, sessions->context);
        if (result == SG_SUCCESS)
            result = session_cipher_decrypt_signal_message(cipher, message, NULL, plain);
        SIGNAL_UNREF(message);
    } else {
        result = SG_ERR_INVALID_MESSAGE;
    }
    return result;
}

/* X3DH, 3.4, for an initial message; Double Ratchet, 2.6, for one that comes late, out of order or twice. */
int nkt_session_decrypt(nkt_sessions_t *sessions, nkt_session_t *session, uint32_t type, const uint8_t *message,
                        size_t size, nkt_buf_t *out)
{
    nkt_buf_clear(out);
    if (type != CIPHERTEXT_PREKEY_TYPE && !nkt_session_exists(session))
        return NKT_E_NO_SESSION;
    int err = nkt_buf_reserve(out, size); /* now: once it is decrypted there is no way back */
    if (err < 0)
        return err;
    session_cipher *cipher = NULL;
    signal_buffer *plain = NULL;
    const signal_protocol_address address = address_of(session);
    operation_begin(sessions, session);

    int result = session_cipher_create(&cipher, sessions->store, &address, sessions->context);
    if (result == SG_SUCCESS)
        result = decrypt_any(sessions, cipher, type, message, size, &plain);
    err = operation_end(sessions, result, NKT_E_DECRYPT);
    if (err == NKT_OK)
        err = nkt_buf_set(out, signal_buffer_data(plain), signal_buffer_len(plain));
    signal_buffer_bzero_free(plain);
    if (cipher != NULL)
        session_cipher_free(cipher);
    return err;
}
