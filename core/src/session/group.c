/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/group.h"

#include <assert.h>
#include <string.h>

#include <curve.h>
#include <group_cipher.h>
#include <group_session_builder.h>
#include <protocol.h>
#include <sender_key.h>
#include <sender_key_record.h>
#include <sender_key_state.h>
#include <sodium.h>

#include "identity/xeddsa.h"
#include "session/content.h"
#include "session/internal.h"

enum {
    CHAIN_KEY_SIZE = 32,
    ITERATION_MAX = 0x7fffffff, /* libsignal counts on without looking; a key is renewed long before */
    DEVICE_ID = 1,
};

/* The store sees the key of the operation at work alone, so names name nothing. */
static const signal_protocol_sender_key_name any_name = {
    .group_id = "", .group_id_len = 0, .sender = {.name = "", .name_len = 0, .device_id = DEVICE_ID}};

void nkt_group_key_deinit(nkt_group_key_t *key)
{
    nkt_buf_free(&key->record);
    key->epoch = 0;
}

/* ---- libsignal's store ---- */

static int key_load(signal_buffer **record, signal_buffer **user_record, const signal_protocol_sender_key_name *name,
                    void *user_data)
{
    (void)name;
    const nkt_group_key_t *key = ((nkt_sessions_t *)user_data)->group_key;
    *user_record = NULL;
    if (key->record.size == 0)
        return 0;
    *record = signal_buffer_create(key->record.data, key->record.size);
    return *record == NULL ? SG_ERR_NOMEM : 1;
}

static int key_store(const signal_protocol_sender_key_name *name, uint8_t *record, size_t size, uint8_t *user_record,
                     size_t user_record_size, void *user_data)
{
    (void)name, (void)user_record, (void)user_record_size;
    nkt_sessions_t *sessions = user_data;
    nkt_buf_t *to = sessions->is_tentative ? &sessions->built : &sessions->group_key->record;
    return nkt_buf_set(to, record, size) < 0 ? SG_ERR_NOMEM : SG_SUCCESS;
}

int nkt_group_store_install(nkt_sessions_t *sessions)
{
    const signal_protocol_sender_key_store funcs = {
        .store_sender_key = key_store, .load_sender_key = key_load, .user_data = sessions};
    return signal_protocol_store_context_set_sender_key_store(sessions->store, &funcs);
}

static void operation_begin(nkt_sessions_t *sessions, nkt_group_key_t *key)
{
    assert(sessions->group_key == NULL);
    sessions->group_key = key;
    sessions->has_no_entropy = 0;
}

/* Our error for libsignal's; other: for those that say what a peer sent. */
static int operation_end(nkt_sessions_t *sessions, int result, int other)
{
    sessions->group_key = NULL;
    nkt_provider_rest(sessions);
    if (result < 0 && sessions->has_no_entropy)
        return NKT_E_ENTROPY;
    if (result >= 0)
        return NKT_OK;
    switch (result) {
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

/* ---- giving keys ---- */

/* Makes the key if there is none. */
static int builder_share(nkt_sessions_t *sessions, nkt_group_key_t *key, sender_key_distribution_message **message)
{
    group_session_builder *builder = NULL;
    operation_begin(sessions, key);
    int result = group_session_builder_create(&builder, sessions->store, sessions->context);
    if (result == SG_SUCCESS)
        result = group_session_builder_create_session(builder, message, &any_name);
    if (result == SG_SUCCESS && ciphertext_message_get_serialized((ciphertext_message *)*message) == NULL)
        result = SG_ERR_NOMEM; /* libsignal calls it a success when it could not copy the chain's key */
    if (builder != NULL)
        group_session_builder_free(builder);
    return operation_end(sessions, result, NKT_E_NO_SESSION);
}

int nkt_group_key_create(nkt_sessions_t *sessions, nkt_group_key_t *key, uint64_t epoch)
{
    nkt_group_key_t fresh = {.epoch = epoch};
    sender_key_distribution_message *message = NULL;
    int err = builder_share(sessions, &fresh, &message);
    SIGNAL_UNREF(message);
    if (err < 0) {
        nkt_group_key_deinit(&fresh);
        return err == NKT_E_ENTROPY ? err : NKT_E_MEMORY;
    }
    nkt_group_key_deinit(key);
    *key = fresh;
    return NKT_OK;
}

int nkt_group_key_share(nkt_sessions_t *sessions, nkt_group_key_t *key, nkt_buf_t *out)
{
    sender_key_distribution_message *message = NULL;
    if (key->epoch == 0 || key->record.size == 0)
        return NKT_E_NO_SESSION;
    int err = builder_share(sessions, key, &message);
    if (err == NKT_OK) {
        const signal_buffer *bytes = ciphertext_message_get_serialized((ciphertext_message *)message);
        err = nkt_buf_set(out, signal_buffer_const_data(bytes), signal_buffer_len(bytes));
    }
    SIGNAL_UNREF(message);
    return err;
}

/* ---- taking keys ---- */

static int shared_check(const sender_key_distribution_message *message)
{
    /* its getters take no const */
    sender_key_distribution_message *shared = (sender_key_distribution_message *)(uintptr_t)message;
    signal_buffer *bytes = NULL;
    if (signal_buffer_len(sender_key_distribution_message_get_chain_key(shared)) != CHAIN_KEY_SIZE ||
        sender_key_distribution_message_get_iteration(shared) > ITERATION_MAX)
        return NKT_E_KEY;
    if (ec_public_key_serialize(&bytes, sender_key_distribution_message_get_signature_key(shared)) < 0)
        return NKT_E_MEMORY;
    int err = signal_buffer_len(bytes) == NKT_DJB_KEY_SIZE ? nkt_curve_key_check(signal_buffer_data(bytes) + 1) : NKT_E_KEY;
    signal_buffer_free(bytes);
    return err;
}

/* Where the chain stands. */
static int iteration_of(nkt_sessions_t *sessions, nkt_group_key_t *key, uint32_t *iteration)
{
    sender_key_record *record = NULL;
    sender_key_state *state = NULL;
    operation_begin(sessions, key);
    int result = signal_protocol_sender_key_load_key(sessions->store, &record, &any_name);
    if (result >= 0)
        result = sender_key_record_get_sender_key_state(record, &state);
    if (result >= 0)
        *iteration = sender_chain_key_get_iteration(sender_key_state_get_chain_key(state));
    SIGNAL_UNREF(record);
    return operation_end(sessions, result, NKT_E_KEY);
}

static int fresh_build(nkt_sessions_t *sessions, nkt_group_key_t *fresh, sender_key_distribution_message *message)
{
    group_session_builder *builder = NULL;
    operation_begin(sessions, fresh);
    int result = group_session_builder_create(&builder, sessions->store, sessions->context);
    if (result == SG_SUCCESS)
        result = group_session_builder_process_session(builder, &any_name, message);
    if (builder != NULL)
        group_session_builder_free(builder);
    return operation_end(sessions, result, NKT_E_KEY);
}

int nkt_group_key_accept(nkt_sessions_t *sessions, nkt_group_key_t *key, uint64_t epoch, const uint8_t *shared, size_t size)
{
    sender_key_distribution_message *message = NULL;
    nkt_group_key_t fresh = {.epoch = epoch};
    uint32_t held = 0;
    int result = sender_key_distribution_message_deserialize(&message, shared, size, sessions->context);
    int err = result >= 0 ? shared_check(message) : result == SG_ERR_NOMEM ? NKT_E_MEMORY : NKT_E_KEY;
    if (err == NKT_OK && key->epoch == epoch) {
        err = iteration_of(sessions, key, &held);
        if (err == NKT_OK && sender_key_distribution_message_get_iteration(message) <= held)
            err = NKT_E_REPLAY;
    }
    if (err == NKT_OK)
        err = fresh_build(sessions, &fresh, message);
    SIGNAL_UNREF(message);
    if (err < 0) {
        nkt_group_key_deinit(&fresh);
        return err;
    }
    nkt_group_key_deinit(key);
    *key = fresh;
    return NKT_OK;
}

/* ---- messages ---- */

static nkt_content_t content_of(const uint8_t half[NKT_HALF_SIZE], nkt_part_t message)
{
    return (nkt_content_t){.label = NKT_LABEL_GROUP_MESSAGE, .half = half, .bound = {message}, .bound_count = 1};
}

/* Random bytes, encrypted into sessions->message. */
static int half_say(nkt_sessions_t *sessions, nkt_group_key_t *key, const uint8_t half[NKT_HALF_SIZE])
{
    group_cipher *cipher = NULL;
    ciphertext_message *message = NULL;
    operation_begin(sessions, key);
    int result = group_cipher_create(&cipher, sessions->store, &any_name, sessions->context);
    if (result == SG_SUCCESS)
        result = group_cipher_encrypt(cipher, half, NKT_HALF_SIZE, &message);
    int err = operation_end(sessions, result, NKT_E_NO_SESSION);
    if (err == NKT_OK) {
        const signal_buffer *bytes = ciphertext_message_get_serialized(message);
        err = nkt_buf_set(&sessions->message, signal_buffer_const_data(bytes), signal_buffer_len(bytes));
        SIGNAL_UNREF(message);
    }
    if (cipher != NULL)
        group_cipher_free(cipher);
    return err;
}

int nkt_group_encrypt(nkt_sessions_t *sessions, nkt_group_key_t *key, const uint8_t *plain, size_t size, nkt_ciphertext_t *out)
{
    uint8_t half[NKT_HALF_SIZE];
    if (key->record.size == 0)
        return NKT_E_NO_SESSION;
    if (sessions->host->entropy(sessions->host->context, half, sizeof half) < 0)
        return NKT_E_ENTROPY;
    int err = half_say(sessions, key, half);
    if (err == NKT_OK) {
        out->type = CIPHERTEXT_SENDERKEY_TYPE;
        out->kem = (nkt_part_t){0};
        out->message = (nkt_part_t){sessions->message.data, sessions->message.size};
        const nkt_content_t content = content_of(half, out->message);
        err = nkt_content_seal(&sessions->content, &content, plain, size);
        out->content = (nkt_part_t){sessions->content.data, sessions->content.size};
    }
    sodium_memzero(half, sizeof half);
    return err;
}

/* libsignal's part; the record that follows is in sessions->built. */
static int half_hear(nkt_sessions_t *sessions, nkt_group_key_t *key, nkt_part_t message, uint8_t half[NKT_HALF_SIZE])
{
    group_cipher *cipher = NULL;
    sender_key_message *parsed = NULL;
    signal_buffer *plain = NULL;
    operation_begin(sessions, key);
    sessions->is_tentative = 1;
    int result = sender_key_message_deserialize(&parsed, message.bytes, message.size, sessions->context);
    if (result == SG_SUCCESS)
        result = group_cipher_create(&cipher, sessions->store, &any_name, sessions->context);
    if (result == SG_SUCCESS)
        result = group_cipher_decrypt(cipher, parsed, NULL, &plain);
    sessions->is_tentative = 0;
    int err = operation_end(sessions, result, NKT_E_DECRYPT);
    if (err == NKT_OK && signal_buffer_len(plain) != NKT_HALF_SIZE)
        err = NKT_E_DECRYPT;
    if (err == NKT_OK)
        memcpy(half, signal_buffer_data(plain), NKT_HALF_SIZE);
    signal_buffer_bzero_free(plain);
    SIGNAL_UNREF(parsed);
    if (cipher != NULL)
        group_cipher_free(cipher);
    return err;
}

int nkt_group_decrypt(nkt_sessions_t *sessions, nkt_group_key_t *key, const nkt_ciphertext_t *in, nkt_buf_t *out)
{
    uint8_t half[NKT_HALF_SIZE];
    nkt_buf_clear(out);
    if (key->record.size == 0)
        return NKT_E_NO_SESSION;
    int err = half_hear(sessions, key, in->message, half);
    if (err == NKT_OK) {
        const nkt_content_t content = content_of(half, in->message);
        err = nkt_content_open(out, &content, in->content.bytes, in->content.size);
    }
    if (err == NKT_OK) {
        const nkt_buf_t before = key->record;
        key->record = sessions->built;
        sessions->built = before;
    }
    if (sessions->built.size > 0)
        sodium_memzero(sessions->built.data, sessions->built.size);
    sodium_memzero(half, sizeof half);
    return err;
}
