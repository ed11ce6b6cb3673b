/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * libsignal's stores. They see nothing but the peer of the operation at work: a message from one
 * peer can neither read nor change another's state, whatever names it carries.
 */
#include <string.h>

#include <curve.h>
#include <session_pre_key.h>
#include <sodium.h>

#include "base/hash.h"
#include "session/internal.h"

void nkt_djb_encode(uint8_t out[NKT_DJB_KEY_SIZE], const uint8_t key[32])
{
    out[0] = NKT_DJB_TYPE;
    memcpy(out + 1, key, 32);
}

/* ---- sessions ---- */

void nkt_session_drop(nkt_session_t *session)
{
    nkt_live_close(session->live);
    nkt_buf_free(&session->record);
    nkt_session_touch(session);
}

/* Reading and writing: nkt_record_load(), nkt_record_store() (live.c). */
static int session_contains(const signal_protocol_address *address, void *user_data)
{
    (void)address;
    const nkt_sessions_t *sessions = user_data;
    return sessions->stored != NULL || sessions->current->live->signal != NULL;
}

static int session_delete(const signal_protocol_address *address, void *user_data)
{
    (void)address;
    (void)user_data;
    return SG_ERR_INVAL; /* nkt_session_drop() alone does that */
}

static int session_delete_all(const char *name, size_t name_size, void *user_data)
{
    (void)name;
    (void)name_size;
    (void)user_data;
    return SG_ERR_INVAL;
}

static int session_sub_devices(signal_int_list **list, const char *name, size_t name_size,
                               void *user_data)
{
    (void)name;
    (void)name_size;
    (void)user_data;
    *list = signal_int_list_alloc();
    return *list == NULL ? SG_ERR_NOMEM : 0;
}

/* ---- prekeys ---- */

void nkt_prekey_curve_derive(const nkt_session_t *session, uint8_t private_key[32])
{
    nkt_hash(private_key, 32, session->prekey_private, NKT_LABEL_PREKEY_CURVE, NULL, 0);
}

void nkt_prekey_kem_derive(const nkt_session_t *session, uint8_t seed[NKT_KEM_SEED_SIZE])
{
    nkt_hash(seed, NKT_KEM_SEED_SIZE, session->prekey_private, NKT_LABEL_PREKEY_KEM, NULL, 0);
}

static int key_pair_create(nkt_sessions_t *sessions, const uint8_t private_key[32],
                           const uint8_t public_key[32], ec_key_pair **pair)
{
    ec_private_key *private_half = NULL;
    ec_public_key *public_half = NULL;
    uint8_t encoded[NKT_DJB_KEY_SIZE];
    nkt_djb_encode(encoded, public_key);
    int result = curve_decode_private_point(&private_half, private_key, 32, sessions->context);
    if (result == SG_SUCCESS)
        result = curve_decode_point(&public_half, encoded, sizeof encoded, sessions->context);
    if (result == SG_SUCCESS)
        result = ec_key_pair_create(pair, public_half, private_half);
    SIGNAL_UNREF(public_half);
    SIGNAL_UNREF(private_half);
    return result;
}

static int prekey_load(signal_buffer **record, uint32_t id, void *user_data)
{
    nkt_sessions_t *sessions = user_data;
    const nkt_session_t *session = sessions->current;
    if (id == 0 || session->prekey_id != id)
        return SG_ERR_INVALID_KEY_ID;
    ec_key_pair *pair = NULL;
    session_pre_key *prekey = NULL;
    uint8_t private_key[32];
    nkt_prekey_curve_derive(session, private_key);
    int result = key_pair_create(sessions, private_key, session->prekey_public, &pair);
    sodium_memzero(private_key, sizeof private_key);
    if (result == SG_SUCCESS)
        result = session_pre_key_create(&prekey, id, pair);
    if (result == SG_SUCCESS)
        result = session_pre_key_serialize(record, prekey);
    SIGNAL_UNREF(prekey);
    SIGNAL_UNREF(pair);
    return result;
}

static int prekey_store(uint32_t id, uint8_t *record, size_t size, void *user_data)
{
    (void)id;
    (void)record;
    (void)size;
    (void)user_data;
    return SG_ERR_INVAL; /* prekeys are made by nkt_session_give_prekey() alone */
}

static int prekey_contains(uint32_t id, void *user_data)
{
    return id != 0 && ((nkt_sessions_t *)user_data)->current->prekey_id == id;
}

/* X3DH, 3.4: a one-time prekey is deleted once its message decrypted. */
static int prekey_remove(uint32_t id, void *user_data)
{
    nkt_session_t *session = ((nkt_sessions_t *)user_data)->current;
    if (id != 0 && session->prekey_id == id) {
        session->prekey_id = 0;
        sodium_memzero(session->prekey_private, sizeof session->prekey_private);
        nkt_session_touch(session);
    }
    return SG_SUCCESS;
}

static int signed_prekey_load(signal_buffer **record, uint32_t id, void *user_data)
{
    nkt_sessions_t *sessions = user_data;
    const nkt_identity_t *identity = sessions->identity;
    if (id != identity->signed_prekey_id)
        return SG_ERR_INVALID_KEY_ID;
    ec_key_pair *pair = NULL;
    session_signed_pre_key *prekey = NULL;
    int result = key_pair_create(sessions, identity->signed_prekey_private,
                                 identity->signed_prekey_public, &pair);
    if (result == SG_SUCCESS)
        result =
            session_signed_pre_key_create(&prekey, id, 0, pair, identity->signed_prekey_signature,
                                          sizeof identity->signed_prekey_signature);
    if (result == SG_SUCCESS)
        result = session_signed_pre_key_serialize(record, prekey);
    SIGNAL_UNREF(prekey);
    SIGNAL_UNREF(pair);
    return result;
}

static int signed_prekey_contains(uint32_t id, void *user_data)
{
    return id == ((nkt_sessions_t *)user_data)->identity->signed_prekey_id;
}

static int signed_prekey_remove(uint32_t id, void *user_data)
{
    (void)id;
    (void)user_data;
    return SG_ERR_INVAL;
}

/* ---- identities ---- */

static int identity_key_pair(signal_buffer **public_data, signal_buffer **private_data,
                             void *user_data)
{
    const nkt_identity_t *identity = ((nkt_sessions_t *)user_data)->identity;
    uint8_t public_key[NKT_DJB_KEY_SIZE];
    nkt_djb_encode(public_key, identity->identity_public);
    *public_data = signal_buffer_create(public_key, sizeof public_key);
    *private_data = signal_buffer_create(identity->identity_private, 32);
    if (*public_data != NULL && *private_data != NULL)
        return SG_SUCCESS;
    signal_buffer_free(*public_data);
    signal_buffer_bzero_free(*private_data);
    *public_data = *private_data = NULL;
    return SG_ERR_NOMEM;
}

static int identity_registration_id(void *user_data, uint32_t *registration_id)
{
    *registration_id = ((nkt_sessions_t *)user_data)->identity->registration_id;
    return SG_SUCCESS;
}

/* The address is a hash of the key: there is nothing to learn and nothing to save. */
static int identity_is_known(const nkt_session_t *session, const uint8_t *key, size_t size)
{
    return size == NKT_DJB_KEY_SIZE && key != NULL && key[0] == NKT_DJB_TYPE &&
           sodium_memcmp(key + 1, session->identity_key, 32) == 0;
}

static int identity_is_trusted(const signal_protocol_address *address, uint8_t *key, size_t size,
                               void *user_data)
{
    (void)address;
    return identity_is_known(((nkt_sessions_t *)user_data)->current, key, size);
}

static int identity_save(const signal_protocol_address *address, uint8_t *key, size_t size,
                         void *user_data)
{
    (void)address;
    return identity_is_known(((nkt_sessions_t *)user_data)->current, key, size)
               ? SG_SUCCESS
               : SG_ERR_UNTRUSTED_IDENTITY;
}

int nkt_stores_install(nkt_sessions_t *sessions)
{
    const signal_protocol_session_store session_funcs = {
        .get_sub_device_sessions_func = session_sub_devices,
        .contains_session_func = session_contains,
        .delete_session_func = session_delete,
        .delete_all_sessions_func = session_delete_all,
        .user_data = sessions,
    };
    const signal_protocol_pre_key_store prekey_funcs = {
        .load_pre_key = prekey_load,
        .store_pre_key = prekey_store,
        .contains_pre_key = prekey_contains,
        .remove_pre_key = prekey_remove,
        .user_data = sessions,
    };
    const signal_protocol_signed_pre_key_store signed_prekey_funcs = {
        .load_signed_pre_key = signed_prekey_load,
        .store_signed_pre_key = prekey_store,
        .contains_signed_pre_key = signed_prekey_contains,
        .remove_signed_pre_key = signed_prekey_remove,
        .user_data = sessions,
    };
    const signal_protocol_identity_key_store identity_funcs = {
        .get_identity_key_pair = identity_key_pair,
        .get_local_registration_id = identity_registration_id,
        .save_identity = identity_save,
        .is_trusted_identity = identity_is_trusted,
        .user_data = sessions,
    };
    int result = signal_protocol_store_context_set_session_store(sessions->store, &session_funcs);
    if (result == SG_SUCCESS)
        result = signal_protocol_store_context_set_pre_key_store(sessions->store, &prekey_funcs);
    if (result == SG_SUCCESS)
        result = signal_protocol_store_context_set_signed_pre_key_store(sessions->store,
                                                                        &signed_prekey_funcs);
    if (result == SG_SUCCESS)
        result =
            signal_protocol_store_context_set_identity_key_store(sessions->store, &identity_funcs);
    return result;
}
