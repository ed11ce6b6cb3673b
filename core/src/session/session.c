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

#include "base/hash.h"
#include "identity/xeddsa.h"
#include "session/content.h"
#include "session/internal.h"

enum { DEVICE_ID = 1 }; /* one identity lives in one tab */

int nkt_sessions_new(nkt_identity_t *identity, const nkt_host_t *host, nkt_sessions_t **out)
{
    nkt_sessions_t *sessions = calloc(1, sizeof *sessions);
    if (sessions == NULL)
        return NKT_E_MEMORY;
    sessions->identity = identity;
    sessions->host = host;
    if (signal_context_create(&sessions->context, sessions) != SG_SUCCESS ||
        nkt_provider_install(sessions) != SG_SUCCESS ||
        signal_protocol_store_context_create(&sessions->store, sessions->context) != SG_SUCCESS ||
        nkt_stores_install(sessions) != SG_SUCCESS ||
        nkt_group_store_install(sessions) != SG_SUCCESS) {
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
    nkt_live_close_all(sessions);
    if (sessions->store != NULL)
        signal_protocol_store_context_destroy(sessions->store);
    if (sessions->context != NULL)
        signal_context_destroy(sessions->context);
    nkt_buf_free(&sessions->kem);
    nkt_buf_free(&sessions->message);
    nkt_buf_free(&sessions->content);
    nkt_buf_free(&sessions->built);
    free(sessions);
}

void nkt_session_deinit(nkt_session_t *session)
{
    nkt_live_close(session->live);
    nkt_buf_free(&session->record);
    sodium_memzero(session, sizeof *session);
}

int nkt_session_exists(const nkt_session_t *session)
{
    return session->record.size > 0 || (session->live != NULL && session->live->kem_count > 0);
}

/* libsignal's address of a peer; the name is lent. */
static signal_protocol_address address_of(const nkt_session_t *session)
{
    return (signal_protocol_address){.name = (const char *)session->address.b,
                                     .name_len = NKT_ADDRESS_SIZE,
                                     .device_id = DEVICE_ID};
}

/* NKT_E_RECORD, NKT_E_MEMORY; operation_end() is due in any case. */
static int operation_begin(nkt_sessions_t *sessions, nkt_session_t *session)
{
    assert(sessions->current == NULL); /* the stores know one peer at a time */
    sessions->current = session;
    sessions->has_no_entropy = 0;
    return nkt_live_open(sessions, session);
}

static void operation_end(nkt_sessions_t *sessions)
{
    nkt_live_t *live = sessions->current->live;
    sessions->current = NULL;
    nkt_provider_rest(sessions);
    if (live != NULL && live->kem_count == 0)
        nkt_live_close(live);
    nkt_live_rest(sessions);
}

/* Our error for libsignal's; other: for those that say what a peer sent. */
static int error_of(const nkt_sessions_t *sessions, int result, int other)
{
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

static int signal_skip(nkt_sessions_t *sessions, const nkt_session_t *session, uint32_t count)
{
    session_record *record = NULL;
    const signal_protocol_address address = address_of(session);
    int result = signal_protocol_session_load_session(sessions->store, &record, &address);
    if (result == SG_SUCCESS && session_state_has_sender_chain(session_record_get_state(record)))
        result = chain_advance(session_record_get_state(record), count);
    if (result == SG_SUCCESS)
        result = signal_protocol_session_store_session(sessions->store, &address, record);
    SIGNAL_UNREF(record);
    return error_of(sessions, result, NKT_E_NO_SESSION);
}

/* The sending half of Double Ratchet, 2.6: to the peer the places skipped look like messages that were lost. */
int nkt_session_skip(nkt_sessions_t *sessions, nkt_session_t *session, uint32_t count)
{
    int err = operation_begin(sessions, session);
    if (err == NKT_OK && session->live->kem_count == 0)
        err = NKT_E_NO_SESSION;
    if (err == NKT_OK)
        err = signal_skip(sessions, session, count);
    if (err == NKT_OK) {
        nkt_kem_skip(session->live->kem[0], count);
        nkt_live_commit(session->live, session->live->kem[0], 0);
    }
    operation_end(sessions);
    return err == NKT_E_RECORD ? NKT_E_NO_SESSION : err;
}

/* What both must agree on before the KEM secret: who they are, which of them began, with which key.
 */
static void kem_context_derive(const nkt_sessions_t *sessions, const nkt_session_t *session,
                               int is_initiator, uint32_t key_id, uint8_t context[32])
{
    const nkt_identity_t *own = sessions->identity;
    const nkt_part_t self[2] = {{own->address.b, NKT_ADDRESS_SIZE}, {own->identity_public, 32}};
    const nkt_part_t other[2] = {{session->address.b, NKT_ADDRESS_SIZE}, {session->identity_key, 32}};
    const nkt_part_t *from = is_initiator ? self : other, *to = is_initiator ? other : self;
    uint8_t number[4];
    nkt_put_u32be(number, key_id);
    NKT_HASH(context, 32, NULL, NKT_LABEL_KEM_CONTEXT, from[0], from[1], to[0], to[1], {number, sizeof number});
}

/* The KEM half of a session that libsignal has begun. */
static int kem_begin(nkt_sessions_t *sessions, nkt_session_t *session,
                     const nkt_session_bundle_t *bundle)
{
    uint8_t context[32];
    nkt_kem_t *kem = nkt_live_kem_new();
    if (kem == NULL)
        return NKT_E_MEMORY;
    kem_context_derive(sessions, session, 1, bundle->kem_key_id, context);
    int err = nkt_kem_initiate(kem, bundle->kem_key, bundle->kem_key_id, context, sessions->host);
    if (err == NKT_OK)
        nkt_live_commit(session->live, kem, session->live->kem_count);
    else
        nkt_live_kem_free(kem);
    return err;
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
static int signal_begin(nkt_sessions_t *sessions, const nkt_session_t *session, const nkt_session_bundle_t *bundle)
{
    ec_public_key *identity_key = NULL, *signed_prekey = NULL, *prekey = NULL;
    session_pre_key_bundle *signal_bundle = NULL;
    session_builder *builder = NULL;
    const signal_protocol_address address = address_of(session);

    int result = public_key_create(sessions, session->identity_key, &identity_key);
    if (result == SG_SUCCESS)
        result = public_key_create(sessions, bundle->signed_prekey, &signed_prekey);
    if (result == SG_SUCCESS && bundle->prekey_id != 0)
        result = public_key_create(sessions, bundle->prekey, &prekey);
    if (result == SG_SUCCESS)
        result = session_pre_key_bundle_create(&signal_bundle, bundle->registration_id, DEVICE_ID,
                                               bundle->prekey_id, prekey, bundle->signed_prekey_id,
                                               signed_prekey, bundle->signed_prekey_signature, 64,
                                               identity_key);
    if (result == SG_SUCCESS &&
        session_pre_key_bundle_get_signed_pre_key_signature(signal_bundle) == NULL)
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
    return error_of(sessions, result, NKT_E_KEY);
}

int nkt_session_initiate(nkt_sessions_t *sessions, nkt_session_t *session,
                         const nkt_session_bundle_t *bundle)
{
    if (bundle->kem_key == NULL)
        return NKT_E_KEY; /* never without */
    int err = operation_begin(sessions, session);
    if (err == NKT_OK)
        err = signal_begin(sessions, session, bundle);
    if (err == NKT_OK)
        err = kem_begin(sessions, session, bundle);
    operation_end(sessions);
    return err == NKT_E_RECORD ? NKT_E_KEY : err;
}

/* X3DH, 3.2: a one-time prekey. There is no server to hand them out: each is made for, and given to, one peer; the same again until it
 * is used, since what begins a session with it may be on its way. */
int nkt_session_give_prekey(nkt_sessions_t *sessions, nkt_session_t *session, uint8_t prekey[32])
{
    uint8_t private_key[32];
    if (session->prekey_id == 0) {
        if (sessions->host->entropy(sessions->host->context, private_key, sizeof private_key) < 0)
            return NKT_E_ENTROPY;
        nkt_session_restore_prekey(session, nkt_identity_next_prekey_id(sessions->identity), private_key);
        nkt_session_touch(session);
        sodium_memzero(private_key, sizeof private_key);
    }
    memcpy(prekey, session->prekey_public, 32);
    return NKT_OK;
}

void nkt_session_restore_prekey(nkt_session_t *session, uint32_t id, const uint8_t private_key[32])
{
    uint8_t curve_key[32];
    memcpy(session->prekey_private, private_key, 32);
    nkt_prekey_curve_derive(session, curve_key);
    nkt_curve_key_derive(curve_key, session->prekey_public);
    session->prekey_id = id;
    sodium_memzero(curve_key, sizeof curve_key);
}

int nkt_session_give_kem_key(const nkt_session_t *session, uint8_t key[NKT_KEM_KEY_SIZE])
{
    uint8_t seed[NKT_KEM_SEED_SIZE], secret[NKT_KEM_SECRET_SIZE];
    if (session->prekey_id == 0)
        return NKT_E_STATE;
    nkt_prekey_kem_derive(session, seed);
    const int result = crypto_kem_mlkem768_seed_keypair(key, secret, seed);
    sodium_memzero(seed, sizeof seed);
    sodium_memzero(secret, sizeof secret);
    return result == 0 ? NKT_OK : NKT_E_CRYPTO;
}

/* ---- saying ---- */

/* libsignal's half: random bytes, encrypted into sessions->message. */
static int signal_say(nkt_sessions_t *sessions, const nkt_session_t *session, uint8_t half[NKT_HALF_SIZE], uint32_t *type)
{
    session_cipher *cipher = NULL;
    ciphertext_message *message = NULL;
    const signal_protocol_address address = address_of(session);
    if (sessions->host->entropy(sessions->host->context, half, NKT_HALF_SIZE) < 0)
        return NKT_E_ENTROPY;
    int result = session_cipher_create(&cipher, sessions->store, &address, sessions->context);
    if (result == SG_SUCCESS)
        result = session_cipher_encrypt(cipher, half, NKT_HALF_SIZE, &message);
    int err = error_of(sessions, result, NKT_E_DECRYPT);
    if (err == NKT_OK) {
        const signal_buffer *bytes = ciphertext_message_get_serialized(message);
        *type = (uint32_t)ciphertext_message_get_type(message);
        err = nkt_buf_set(&sessions->message, signal_buffer_const_data(bytes), signal_buffer_len(bytes));
    }
    SIGNAL_UNREF(message);
    if (cipher != NULL)
        session_cipher_free(cipher);
    return err;
}

static nkt_part_t part_of(const nkt_buf_t *buf)
{
    return (nkt_part_t){buf->data, buf->size};
}

/* The KEM half, and with both the content. */
static int kem_seal(nkt_sessions_t *sessions, nkt_kem_t *kem, const uint8_t half[NKT_HALF_SIZE], nkt_part_t plain, size_t pad_min)
{
    uint8_t key[32];
    int err = nkt_kem_say(kem, &sessions->kem, key);
    if (err < 0)
        return err;
    const nkt_content_t content = {.label = NKT_LABEL_MESSAGE,
                                   .kem_key = key,
                                   .half = half,
                                   .bound = {part_of(&sessions->kem), part_of(&sessions->message)},
                                   .bound_count = 2,
                                   .pad_min = pad_min};
    err = nkt_content_seal(&sessions->content, &content, plain.bytes, plain.size);
    sodium_memzero(key, sizeof key);
    return err;
}

/* What is due before it is done to a copy: what follows may fail. */
static int kem_say(nkt_sessions_t *sessions, nkt_session_t *session, const uint8_t half[NKT_HALF_SIZE], nkt_part_t plain,
                   size_t pad_min)
{
    nkt_live_t *live = session->live;
    nkt_kem_t *kem = live->kem[0], *copy = NULL;
    int has_changed = 0, err = NKT_OK;
    if (nkt_kem_is_due(kem)) {
        err = nkt_live_kem_copy(kem, &copy);
        kem = copy;
        if (err == NKT_OK)
            err = nkt_kem_prepare(kem, sessions->host, &has_changed);
    }
    if (err == NKT_OK)
        err = kem_seal(sessions, kem, half, plain, pad_min);
    if (err < 0) {
        nkt_live_kem_free(copy);
        return err;
    }
    nkt_kem_said(kem);
    nkt_live_commit(live, kem, 0);
    session->has_stepped = has_changed != 0;
    return NKT_OK;
}

int nkt_session_encrypt(nkt_sessions_t *sessions, nkt_session_t *session, const uint8_t *plain,
                        size_t size, nkt_ciphertext_t *out)
{
    return nkt_session_encrypt_from(sessions, session, plain, size, NKT_PAD_SIZE_MIN, out);
}

int nkt_session_encrypt_from(nkt_sessions_t *sessions, nkt_session_t *session, const uint8_t *plain, size_t size, size_t pad_min,
                             nkt_ciphertext_t *out)
{
    uint8_t half[NKT_HALF_SIZE];
    int err = operation_begin(sessions, session);
    if (err == NKT_OK && session->live->kem_count == 0)
        err = NKT_E_NO_SESSION;
    if (err == NKT_OK)
        err = signal_say(sessions, session, half, &out->type);
    if (err == NKT_OK)
        err = kem_say(sessions, session, half, (nkt_part_t){plain, size}, pad_min);
    operation_end(sessions);
    sodium_memzero(half, sizeof half);
    if (err < 0)
        return err == NKT_E_RECORD ? NKT_E_NO_SESSION : err;
    out->kem = part_of(&sessions->kem);
    out->message = part_of(&sessions->message);
    out->content = part_of(&sessions->content);
    return NKT_OK;
}

/* ---- hearing ---- */

static int is_of_none(const nkt_session_t *session, nkt_part_t header)
{
    nkt_ratchets_t ratchets;
    if (session->live != NULL)
        return nkt_live_find(session->live, header) == session->live->kem_count;
    return nkt_ratchets_parse(&ratchets, session->record.data, session->record.size) < 0 ||
           nkt_ratchets_find(&ratchets, header.bytes, header.size) == ratchets.kem_count;
}

/* X3DH, 4.2: without a one-time prekey an initial message can be replayed. */
int nkt_session_is_begun_by(const nkt_session_t *session, const nkt_ciphertext_t *in)
{
    uint32_t key_id;
    return in->type == CIPHERTEXT_PREKEY_TYPE && nkt_kem_first_key_id(in->kem.bytes, in->kem.size, &key_id) == NKT_OK &&
           is_of_none(session, in->kem);
}

/* X3DH, 3.4, for an initial message; Double Ratchet, 2.6, for one that comes late, out of order or twice. */
static int decrypt_any(nkt_sessions_t *sessions, session_cipher *cipher, const nkt_ciphertext_t *in, signal_buffer **plain)
{
    int result;
    if (in->type == CIPHERTEXT_PREKEY_TYPE) {
        pre_key_signal_message *message = NULL;
        result = pre_key_signal_message_deserialize(&message, in->message.bytes, in->message.size, sessions->context);
        if (result == SG_SUCCESS)
            result = session_cipher_decrypt_pre_key_signal_message(cipher, message, NULL, plain);
        SIGNAL_UNREF(message);
    } else {
        signal_message *message = NULL;
        result = signal_message_deserialize(&message, in->message.bytes, in->message.size, sessions->context);
        if (result == SG_SUCCESS)
            result = session_cipher_decrypt_signal_message(cipher, message, NULL, plain);
        SIGNAL_UNREF(message);
    }
    return result;
}

/* libsignal's half. */
static int signal_hear(nkt_sessions_t *sessions, const nkt_session_t *session, const nkt_ciphertext_t *in, uint8_t half[NKT_HALF_SIZE])
{
    session_cipher *cipher = NULL;
    signal_buffer *plain = NULL;
    const signal_protocol_address address = address_of(session);
    int result = session_cipher_create(&cipher, sessions->store, &address, sessions->context);
    if (result == SG_SUCCESS)
        result = decrypt_any(sessions, cipher, in, &plain);
    int err = error_of(sessions, result, NKT_E_DECRYPT);
    if (err == NKT_OK && signal_buffer_len(plain) != NKT_HALF_SIZE)
        err = NKT_E_DECRYPT;
    if (err == NKT_OK)
        memcpy(half, signal_buffer_data(plain), NKT_HALF_SIZE);
    signal_buffer_bzero_free(plain);
    if (cipher != NULL)
        session_cipher_free(cipher);
    return err;
}

/* The KEM half of a session that the other side begins. */
static int kem_respond(nkt_sessions_t *sessions, const nkt_session_t *session, nkt_part_t header, nkt_kem_t *kem)
{
    uint32_t key_id;
    uint8_t context[32], seed[NKT_KEM_SEED_SIZE], key[NKT_KEM_KEY_SIZE],
        secret[NKT_KEM_SECRET_SIZE];
    if (nkt_kem_first_key_id(header.bytes, header.size, &key_id) < 0)
        return NKT_E_DECRYPT;
    kem_context_derive(sessions, session, 0, key_id, context);
    if (key_id == NKT_KEM_KEY_LASTING)
        return nkt_kem_respond(kem, sessions->identity->kem_secret, header.bytes, header.size, context);
    if (key_id != session->prekey_id)
        return NKT_E_DECRYPT;
    nkt_prekey_kem_derive(session, seed);
    int err = crypto_kem_mlkem768_seed_keypair(key, secret, seed) == 0 ? NKT_OK : NKT_E_CRYPTO;
    if (err == NKT_OK)
        err = nkt_kem_respond(kem, secret, header.bytes, header.size, context);
    sodium_memzero(seed, sizeof seed);
    sodium_memzero(secret, sizeof secret);
    return err;
}

/* The KEM half: the key, and the session that it is of, or that begins with it. */
static int kem_hear(nkt_sessions_t *sessions, nkt_session_t *session, nkt_part_t header, uint8_t key[32],
                    nkt_kem_t **kem, nkt_kem_t **fresh, nkt_kem_news_t *news)
{
    const nkt_live_t *live = session->live;
    const size_t index = nkt_live_find(live, header);
    int err = NKT_OK;
    if (index < live->kem_count) {
        *kem = live->kem[index];
    } else {
        *kem = *fresh = nkt_live_kem_new();
        err = *fresh == NULL ? NKT_E_MEMORY : kem_respond(sessions, session, header, *fresh);
    }
    return err < 0 ? err : nkt_kem_hear(*kem, header.bytes, header.size, key, news);
}

/* Both halves, and with them the content: both ratchets go on together, or neither does. */
static int hear(nkt_sessions_t *sessions, nkt_session_t *session, const nkt_ciphertext_t *in, nkt_buf_t *out)
{
    nkt_kem_news_t news;
    nkt_kem_t *kem, *fresh = NULL;
    uint8_t key[32], half[NKT_HALF_SIZE];
    int err = kem_hear(sessions, session, in->kem, key, &kem, &fresh, &news);
    if (err < 0) {
        nkt_live_kem_free(fresh);
        return err;
    }
    err = signal_hear(sessions, session, in, half);
    if (err == NKT_OK) {
        const nkt_content_t content = {
            .label = NKT_LABEL_MESSAGE, .kem_key = key, .half = half, .bound = {in->kem, in->message}, .bound_count = 2};
        err = nkt_content_open(out, &content, in->content.bytes, in->content.size);
    }
    if (err == NKT_OK) {
        nkt_kem_accept(kem, &news);
        nkt_live_commit(session->live, kem, nkt_live_find(session->live, in->kem));
    } else {
        nkt_kem_reject(&news);
        nkt_live_kem_free(fresh);
    }
    sodium_memzero(key, sizeof key);
    sodium_memzero(half, sizeof half);
    return err;
}

int nkt_session_decrypt(nkt_sessions_t *sessions, nkt_session_t *session, const nkt_ciphertext_t *in, nkt_buf_t *out)
{
    nkt_buf_clear(out);
    if (in->type != CIPHERTEXT_PREKEY_TYPE && !nkt_session_exists(session))
        return NKT_E_NO_SESSION;
    if (in->type != CIPHERTEXT_PREKEY_TYPE && in->type != CIPHERTEXT_SIGNAL_TYPE)
        return NKT_E_DECRYPT;
    const uint32_t prekey_id = session->prekey_id;
    uint8_t prekey_private[32];
    const uint8_t was_dirty = session->is_dirty;
    memcpy(prekey_private, session->prekey_private, sizeof prekey_private);
    int err = operation_begin(sessions, session);
    if (err == NKT_OK)
        err = hear(sessions, session, in, out);
    operation_end(sessions);
    if (err < 0) { /* libsignal may have taken the prekey for used */
        nkt_buf_clear(out);
        session->prekey_id = prekey_id;
        session->is_dirty = was_dirty;
        memcpy(session->prekey_private, prekey_private, sizeof prekey_private);
    }
    sodium_memzero(prekey_private, sizeof prekey_private);
    return err == NKT_E_RECORD ? NKT_E_DECRYPT : err;
}
