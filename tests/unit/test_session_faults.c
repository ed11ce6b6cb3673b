/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The known faults of libsignal-protocol-c 2.3.3, one case each: that the fault is there (where it
 * can be shown), and that it costs us nothing. What stands before the session room (envelope,
 * record, replay window, seal) takes part where it is what helps.
 */
#include <stdio.h>
#include <string.h>

#include <LocalStorageProtocol.pb-c.h>
#include <WhisperTextProtocol.pb-c.h>
#include <sodium.h>

#include "check.h"
#include "dedup/window.h"
#include "identity/seal.h"
#include "identity/xeddsa.h"
#include "pair.h"
#include "session/ratchets.h"
#include "wire/envelope.h"

enum {
    MAC_SIZE = 8,
    SKIP_MAX = NKT_SIGNAL_SKIP_MAX,
    STATE_COUNT_MAX = NKT_SIGNAL_ARCHIVED_MAX + 1
};

/* ---- taking letters apart ---- */

typedef Textsecure__SignalMessage signal_message_t;
typedef Textsecure__PreKeySignalMessage prekey_message_t;

/* A message without version byte and MAC. */
static signal_message_t *signal_unpack(const uint8_t *bytes, size_t size)
{
    signal_message_t *message =
        textsecure__signal_message__unpack(NULL, size - 1 - MAC_SIZE, bytes + 1);
    CHECK(message != NULL);
    return message;
}

/* Puts a changed message back into the letter; version and MAC stay as they were. */
static void signal_repack(letter_t *letter, const signal_message_t *message)
{
    uint8_t mac[MAC_SIZE];
    memcpy(mac, letter->bytes + letter->size - MAC_SIZE, MAC_SIZE);
    size_t size = textsecure__signal_message__pack(message, letter->bytes + 1);
    memcpy(letter->bytes + 1 + size, mac, MAC_SIZE);
    letter->size = 1 + size + MAC_SIZE;
}

static prekey_message_t *prekey_unpack(const letter_t *letter)
{
    prekey_message_t *message =
        textsecure__pre_key_signal_message__unpack(NULL, letter->size - 1, letter->bytes + 1);
    CHECK(message != NULL);
    return message;
}

static void prekey_repack(letter_t *letter, const prekey_message_t *message)
{
    letter->size = 1 + textsecure__pre_key_signal_message__pack(message, letter->bytes + 1);
    CHECK(letter->size <= sizeof letter->bytes);
}

static void counter_forge(letter_t *letter, uint32_t counter)
{
    signal_message_t *message = signal_unpack(letter->bytes, letter->size);
    message->counter = counter;
    signal_repack(letter, message);
    textsecure__signal_message__free_unpacked(message, NULL);
}

/* Another key for the one of the sender's ratchet. */
static void ratchet_key_forge(letter_t *letter, const uint8_t key[32])
{
    signal_message_t *message = signal_unpack(letter->bytes, letter->size);
    CHECK_EQ(message->ratchetkey.len, 33);
    memcpy(message->ratchetkey.data + 1, key, 32);
    signal_repack(letter, message);
    textsecure__signal_message__free_unpacked(message, NULL);
}

static void base_key_forge(letter_t *letter, const uint8_t key[32])
{
    prekey_message_t *message = prekey_unpack(letter);
    CHECK_EQ(message->basekey.len, 33);
    memcpy(message->basekey.data + 1, key, 32);
    prekey_repack(letter, message);
    textsecure__pre_key_signal_message__free_unpacked(message, NULL);
}

/* ---- work, told in HMACs: each skipped key costs six ---- */

static unsigned hmac_count;

int __real_crypto_auth_hmacsha256_final(crypto_auth_hmacsha256_state *state, unsigned char *out);
int __wrap_crypto_auth_hmacsha256_final(crypto_auth_hmacsha256_state *state, unsigned char *out);

int __wrap_crypto_auth_hmacsha256_final(crypto_auth_hmacsha256_state *state, unsigned char *out)
{
    hmac_count++;
    return __real_crypto_auth_hmacsha256_final(state, out);
}

/* ---- the faults ---- */

/* "It stores a sender's identity key before it checks the message's MAC: one forged first message
 * makes the real owner untrusted." Eve's first message under Alice's name, and Alice's with Eve's
 * identity put in. */
TEST(a_forged_identity_is_never_saved)
{
    person_t eve;
    end_t of_eve;
    pair_t pair;
    letter_t letter, inner, forged;
    cover_t cover;
    pair_init_established(&pair);
    person_init(&eve, 3);
    end_init(&of_eve, &eve, &pair.bob);
    CHECK_OK(end_initiate(&of_eve, 0, NULL));
    letter_write(&of_eve, "I am Alice", &forged);
    letter_refuse(&pair.of_bob, &forged, NKT_E_DECRYPT);

    CHECK_OK(end_initiate(&pair.of_alice, 0, NULL));
    cover_take(&cover, &pair.of_alice);
    letter_write(&pair.of_alice, "I am Alice", &letter);
    letter_inner(&letter, &inner);
    forged = inner;
    prekey_message_t *message = prekey_unpack(&forged);
    CHECK_EQ(message->identitykey.len, 33);
    memcpy(message->identitykey.data + 1, eve.identity.identity_public, 32);
    prekey_repack(&forged, message);
    textsecure__pre_key_signal_message__free_unpacked(message, NULL);
    letter_cover(&cover, &forged, &forged);
    letter_refuse(&pair.of_bob, &forged, NKT_E_DECRYPT);

    forged = inner; /* and the MAC altered, all else genuine */
    forged.bytes[forged.size - 10] ^= 1;
    letter_cover(&cover, &forged, &forged);
    letter_refuse(&pair.of_bob, &forged, NKT_E_DECRYPT);
    cover_deinit(&cover);

    letter_read(&pair.of_bob, &letter, "I am Alice");
    letter_pass(&pair.of_bob, &pair.of_alice, "I know");
    end_deinit(&of_eve);
    person_deinit(&eve);
    pair_deinit(&pair);
}

/* The same where Bob has no session yet: the forged message leaves none behind, and his prekey for
 * Alice unused. */
TEST(a_forged_first_message_leaves_no_session)
{
    person_t eve;
    end_t of_eve;
    pair_t pair;
    letter_t forged;
    pair_init(&pair, 1);
    person_init(&eve, 3);
    end_init(&of_eve, &eve, &pair.bob);
    CHECK_OK(end_initiate(&of_eve, 0, NULL));
    letter_write(&of_eve, "I am Alice", &forged);
    letter_refuse(&pair.of_bob, &forged, NKT_E_DECRYPT);
    CHECK(!nkt_session_exists(&pair.of_bob.session));
    letter_pass(&pair.of_alice, &pair.of_bob, "I am Alice");
    end_deinit(&of_eve);
    person_deinit(&eve);
    pair_deinit(&pair);
}

static void registration_id(prekey_message_t *it)
{
    it->registrationid ^= 1;
}
static void prekey_id(prekey_message_t *it)
{
    it->prekeyid ^= 1;
}
static void prekey_id_none(prekey_message_t *it)
{
    it->has_prekeyid = 0;
}
static void prekey_id_zero(prekey_message_t *it)
{
    it->prekeyid = 0;
}
static void prekey_id_never_deleted(prekey_message_t *it)
{
    it->prekeyid = 0xffffff;
}
static void signed_prekey_id(prekey_message_t *it)
{
    it->signedprekeyid ^= 1;
}

/* "The registration id and prekey ids in a PreKeySignalMessage are not under the MAC." They are
 * under the envelope's signature; and without it a changed one could neither use up a prekey nor
 * leave a trace. */
TEST(ids_outside_the_mac_are_under_the_signature)
{
    static const struct {
        const char *what;
        void (*change)(prekey_message_t *it);
        int err;
    } rows[] = {
        {"registration id", registration_id, NKT_E_DECRYPT}, /* the fault: libsignal takes it, but what is said is bound to it */
        {"prekey id", prekey_id, NKT_E_DECRYPT},
        {"no prekey id", prekey_id_none, NKT_E_DECRYPT},
        {"prekey id 0", prekey_id_zero, NKT_E_DECRYPT},
        {"prekey id 0xffffff", prekey_id_never_deleted, NKT_E_DECRYPT},
        {"signed prekey id", signed_prekey_id, NKT_E_DECRYPT},
    };
    static const uint8_t network[NKT_NETWORK_SIZE] = {1};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        pair_t pair;
        letter_t letter, changed, inner;
        cover_t cover;
        uint8_t digest[NKT_DIGEST_SIZE];
        nkt_envelope_t envelope;
        nkt_buf_t frame = {0};
        pair_init(&pair, 1);
        cover_take(&cover, &pair.of_alice);
        letter_write(&pair.of_alice, "hello", &letter);
        letter_inner(&letter, &inner);
        changed = inner;
        prekey_message_t *message = prekey_unpack(&inner);
        rows[i].change(message);
        prekey_repack(&changed, message);
        textsecure__pre_key_signal_message__free_unpacked(message, NULL);
        letter_cover(&cover, &changed, &changed);
        cover_deinit(&cover);
        check_row("%s", rows[i].what);
        CHECK(memcmp(changed.bytes, letter.bytes, letter.size) != 0);

        const nkt_envelope_parts_t parts = {.network = network,
                                            .from = &pair.alice.identity.address,
                                            .to = &pair.bob.identity.address,
                                            .kind = NKT_KIND_SESSION,
                                            .payload = letter.bytes,
                                            .payload_size = changed.size};
        CHECK_OK(nkt_envelope_encode(&frame, &parts, pair.alice.identity.sign_secret, NULL));
        memcpy(frame.data + frame.size - changed.size, changed.bytes, changed.size);
        CHECK_OK(nkt_envelope_digest(frame.data, frame.size, digest));
        CHECK_OK(nkt_envelope_decode(&envelope, frame.data, frame.size, digest));
        CHECK_ERR(nkt_envelope_verify(&envelope, pair.alice.identity.sign_public), NKT_E_SIGNATURE);
        nkt_envelope_deinit(&envelope);
        nkt_buf_free(&frame);

        letter_refuse(&pair.of_bob, &changed, rows[i].err);
        letter_read(&pair.of_bob, &letter, "hello");
        pair_deinit(&pair);
    }
}

/* Alice renews the session so often that Bob has as many archived ones as are kept. */
static void archive_fill(pair_t *pair)
{
    for (int i = 0; i < STATE_COUNT_MAX + 2; i++) {
        CHECK_OK(end_initiate(&pair->of_alice, 0, NULL));
        letter_pass(&pair->of_alice, &pair->of_bob, "anew");
        letter_pass(&pair->of_bob, &pair->of_alice, "yes");
    }
}

static size_t archived_count(end_t *end)
{
    nkt_ratchets_t ratchets;
    const nkt_buf_t *stored = end_record(end);
    CHECK_OK(nkt_ratchets_parse(&ratchets, stored->data, stored->size));
    CHECK_EQ(ratchets.kem_count, NKT_KEM_SESSION_COUNT);
    Textsecure__RecordStructure *record =
        textsecure__record_structure__unpack(NULL, ratchets.signal.size, ratchets.signal.bytes);
    CHECK(record != NULL);
    size_t count = record->n_previoussessions;
    textsecure__record_structure__free_unpacked(record, NULL);
    return count;
}

/* "A forged 67-byte message with a huge counter costs 37-147 ms of CPU (2000 skipped keys are
 * derived before the MAC fails), 1.7 s with 40 archived sessions." */
TEST(a_forged_counter_costs_bounded_work)
{
    static const struct {
        const char *what;
        uint32_t ahead;
        int has_new_ratchet_key;
        unsigned hmac_count_max;
    } rows[] = {
        {"genuine but for its MAC", 0, 0, STATE_COUNT_MAX * 30},
        {"as far ahead as is allowed", SKIP_MAX, 0, STATE_COUNT_MAX * (6 * SKIP_MAX + 30)},
        {"the same on a new chain in every state", SKIP_MAX, 1,
         STATE_COUNT_MAX * (6 * SKIP_MAX + 30)},
        {"one further", SKIP_MAX + 1, 0, STATE_COUNT_MAX * 30},
        {"one further on a new chain", SKIP_MAX + 1, 1, STATE_COUNT_MAX * 30},
        {"2,000 ahead", 2000, 0, STATE_COUNT_MAX * 30},
        {"four billion ahead", UINT32_MAX, 0, STATE_COUNT_MAX * 30},
        {"four billion ahead on a new chain", UINT32_MAX, 1, STATE_COUNT_MAX * 30},
    };
    uint8_t private_key[32] = {7}, ratchet_key[32];
    pair_t pair;
    letter_t letter, inner;
    cover_t cover;
    pair_init_established(&pair);
    archive_fill(&pair);
    CHECK_EQ(archived_count(&pair.of_bob), NKT_SIGNAL_ARCHIVED_MAX);
    CHECK_EQ(archived_count(&pair.of_alice), NKT_SIGNAL_ARCHIVED_MAX);
    letter_pass(&pair.of_alice, &pair.of_bob, "the chain is known");
    cover_take(&cover, &pair.of_alice);
    letter_write(&pair.of_alice, "genuine", &letter);
    letter_inner(&letter, &inner);
    nkt_curve_key_derive(private_key, ratchet_key);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        letter_t forged = inner;
        if (rows[i].has_new_ratchet_key)
            ratchet_key_forge(&forged, ratchet_key);
        /* the genuine one is number 1 on its chain; a new chain begins at 0 */
        counter_forge(&forged, rows[i].ahead +
                                   (rows[i].ahead != UINT32_MAX && !rows[i].has_new_ratchet_key));
        forged.bytes[forged.size - 1] ^= 1;
        letter_cover(&cover, &forged, &forged);
        check_row("%s", rows[i].what);
        hmac_count = 0;
        letter_refuse(&pair.of_bob, &forged, NKT_E_DECRYPT);
        printf("%s: %u HMACs\n", rows[i].what, hmac_count);
        CHECK(hmac_count <= rows[i].hmac_count_max);
    }
    cover_deinit(&cover);
    letter_read(&pair.of_bob, &letter, "genuine");
    pair_deinit(&pair);
}

/* "More than 2000 lost messages on one chain wedge the session for good: re-key automatically."
 * Here 512. */
TEST(too_many_lost_messages_need_a_new_session_and_get_it)
{
    pair_t pair;
    letter_t letter;
    pair_init_established(&pair);
    for (int i = 0; i < SKIP_MAX + 1; i++)
        letter_write(&pair.of_alice, "lost", &letter);
    for (int i = 0; i < 5; i++) {
        letter_write(&pair.of_alice, "wedged", &letter);
        letter_refuse(&pair.of_bob, &letter, NKT_E_DECRYPT);
    }
    CHECK_OK(end_initiate(&pair.of_alice, 0, NULL));
    letter_pass(&pair.of_alice, &pair.of_bob, "anew");
    letter_pass(&pair.of_bob, &pair.of_alice, "fine");
    letter_pass(&pair.of_alice, &pair.of_bob, "good");
    pair_deinit(&pair);

    pair_init_established(&pair); /* and when the one who cannot read renews it, as ours does */
    for (int i = 0; i < SKIP_MAX + 1; i++)
        letter_write(&pair.of_alice, "lost", &letter);
    letter_write(&pair.of_alice, "wedged", &letter);
    letter_refuse(&pair.of_bob, &letter, NKT_E_DECRYPT);
    CHECK_OK(end_initiate(&pair.of_bob, 0, NULL));
    letter_pass(&pair.of_bob, &pair.of_alice, "anew");
    letter_pass(&pair.of_alice, &pair.of_bob, "fine");
    pair_deinit(&pair);
}

/* "A prekey message without a one-time key decrypts again after its session was deleted: dedup must
 * outlive sessions." What it says names a stream and a position in it, and the window of that
 * stream is not the session's. */
TEST(a_message_replayed_after_its_session_was_dropped_is_caught)
{
    enum { EPOCH = 4711, POSITION = 1 };
    nkt_window_t windows[NKT_STREAM_PER_USER_MAX] = {{0}};
    uint64_t floor = 0;
    for (int has_prekey = 0; has_prekey < 2; has_prekey++) {
        pair_t pair;
        letter_t letter;
        pair_init(&pair, has_prekey);
        check_row("prekey %d", has_prekey);
        letter_write(&pair.of_alice, "4711:1", &letter);
        letter_read(&pair.of_bob, &letter, "4711:1");
        nkt_window_t *window = nkt_window_of(windows, NKT_STREAM_PER_USER_MAX, EPOCH, &floor);
        CHECK_EQ(nkt_window_is_new(window, POSITION), !has_prekey);
        CHECK_OK(nkt_window_mark(window, POSITION));
        letter_refuse(&pair.of_bob, &letter, NKT_E_DUPLICATE);

        nkt_session_drop(&pair.of_bob.session);
        if (has_prekey)
            letter_refuse(&pair.of_bob, &letter, NKT_E_DECRYPT); /* its one-time prekey is gone */
        else
            letter_read(&pair.of_bob, &letter, "4711:1"); /* the fault */
        CHECK(!nkt_window_is_new(nkt_window_of(windows, NKT_STREAM_PER_USER_MAX, EPOCH, &floor),
                                 POSITION));
        pair_deinit(&pair);
    }
    for (int i = 0; i < NKT_STREAM_PER_USER_MAX; i++)
        nkt_window_deinit(&windows[i]);
}

/* As above without dropping anything: another form of the base key (the top bit is ignored in an
 * agreement) made the same message pass for the first of another session. */
TEST(a_base_key_in_a_second_form_is_refused)
{
    uint8_t key[32];
    pair_t pair;
    letter_t letter, inner, copy;
    cover_t cover;
    pair_init(&pair, 0);
    cover_take(&cover, &pair.of_alice);
    letter_write(&pair.of_alice, "once", &letter);
    letter_inner(&letter, &inner);
    prekey_message_t *message = prekey_unpack(&inner);
    memcpy(key, message->basekey.data + 1, sizeof key);
    textsecure__pre_key_signal_message__free_unpacked(message, NULL);
    key[31] |= 0x80;
    copy = inner;
    base_key_forge(&copy, key);
    letter_cover(&cover, &copy, &copy);
    cover_deinit(&cover);
    letter_refuse(&pair.of_bob, &copy, NKT_E_DECRYPT);
    letter_read(&pair.of_bob, &letter, "once");
    letter_refuse(&pair.of_bob, &copy, NKT_E_DUPLICATE); /* the place of its cover was used */
    letter_refuse(&pair.of_bob, &letter, NKT_E_DUPLICATE);
    pair_deinit(&pair);
}

/* "XEdDSA verification accepts S+L copies, keys with the top bit set and the all-zero key": the
 * comparison with the original is in identity_xeddsa.c; here it is what libsignal itself calls. */
TEST(a_copy_of_a_prekey_signature_is_refused)
{
    pair_t pair;
    uint8_t order[32], *signature;
    unsigned carry = 0;
    person_init(&pair.alice, 1);
    person_init(&pair.bob, 2);
    end_init(&pair.of_alice, &pair.alice, &pair.bob);
    CHECK_OK(end_initiate(&pair.of_alice, 0, NULL));
    nkt_session_drop(&pair.of_alice.session);
    signature = pair.bob.identity.signed_prekey_signature;
    uint8_t sign = signature[63] & 0x80;
    signature[63] &= 0x7f;
    check_hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010", order,
              sizeof order);
    for (size_t i = 0; i < 32; i++) {
        carry += (unsigned)signature[32 + i] + order[i];
        signature[32 + i] = (uint8_t)carry;
        carry >>= 8;
    }
    signature[63] |= sign;
    CHECK_ERR(end_initiate(&pair.of_alice, 0, NULL), NKT_E_KEY);
    CHECK(!nkt_session_exists(&pair.of_alice.session));
    end_deinit(&pair.of_alice);
    person_deinit(&pair.alice);
    person_deinit(&pair.bob);
}

/* "... reject bad points and zero agreements": as the key of the sender's ratchet, and as the base
 * key of a session. */
TEST(a_zero_agreement_is_refused)
{
    static const char *const keys[] = {
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    };
    pair_t pair, fresh;
    letter_t letter, first, forged, letter_in, first_in;
    cover_t cover, first_cover;
    uint8_t key[32];
    pair_init_established(&pair);
    pair_init(&fresh, 0);
    cover_take(&cover, &pair.of_alice);
    cover_take(&first_cover, &fresh.of_alice);
    letter_write(&pair.of_alice, "x", &letter);
    letter_write(&fresh.of_alice, "x", &first);
    letter_inner(&letter, &letter_in);
    letter_inner(&first, &first_in);
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        check_hex(keys[i], key, sizeof key);
        check_row("%s", keys[i]);
        forged = letter_in;
        ratchet_key_forge(&forged, key);
        letter_cover(&cover, &forged, &forged);
        letter_refuse(&pair.of_bob, &forged, NKT_E_DECRYPT);
        forged = first_in;
        base_key_forge(&forged, key);
        letter_cover(&first_cover, &forged, &forged);
        letter_refuse(&fresh.of_bob, &forged, NKT_E_DECRYPT);
    }
    cover_deinit(&cover);
    cover_deinit(&first_cover);
    letter_read(&pair.of_bob, &letter, "x");
    letter_read(&fresh.of_bob, &first, "x");
    pair_deinit(&pair);
    pair_deinit(&fresh);
}

/* "Corrupt stored records can crash it": none gets there. */
TEST(a_corrupt_stored_record_does_not_get_as_far)
{
    static const uint8_t key[NKT_KEY_SIZE] = {1};
    nkt_buf_t sealed = {0}, out = {0};
    pair_t pair;
    pair_init_established(&pair);
    const nkt_buf_t *record = end_record(&pair.of_bob);
    CHECK_OK(
        nkt_seal_with(&sealed, key, "peer/alice", 10, record->data, record->size, &pair.bob.host));
    CHECK_OK(nkt_seal_open_with(&out, key, "peer/alice", 10, sealed.data, sealed.size));
    CHECK_EQ(out.size, record->size);
    CHECK_BYTES(out.data, record->data, record->size);
    for (size_t i = 0; i < sealed.size; i++) {
        for (unsigned change = 1; change < 256; change <<= 1) {
            sealed.data[i] ^= (uint8_t)change;
            check_row("byte %zu ^ %02x", i, change);
            CHECK_ERR(nkt_seal_open_with(&out, key, "peer/alice", 10, sealed.data, sealed.size),
                      NKT_E_PAYLOAD);
            CHECK_EQ(out.size, 0);
            sealed.data[i] ^= (uint8_t)change;
        }
    }
    CHECK_ERR(nkt_seal_open_with(&out, key, "peer/carol", 10, sealed.data, sealed.size),
              NKT_E_PAYLOAD);
    nkt_buf_free(&sealed);
    nkt_buf_free(&out);
    pair_deinit(&pair);
}

/* And if one got there: no single bit of it crashes what reads it (with the two edits below). */
TEST(a_corrupt_stored_record_crashes_nothing)
{
    pair_t pair;
    letter_t letters[2];
    nkt_buf_t whole = {0}, corrupt = {0}, out = {0};
    int read_count = 0;
    pair_init_established(&pair);
    letter_write(&pair.of_alice, "x", &letters[0]);
    letter_write(&pair.of_alice, "y", &letters[1]);
    nkt_session_t *session = &pair.of_bob.session;
    CHECK_OK(nkt_buf_set(&whole, end_record(&pair.of_bob)->data, session->record.size));
    CHECK_OK(nkt_buf_set(&corrupt, whole.data, whole.size));
    for (size_t bit = 0; bit < whole.size * 8; bit++) {
        nkt_ciphertext_t sealed;
        check_row("bit %zu", bit);
        corrupt.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        CHECK_OK(nkt_session_restore(session, corrupt.data, corrupt.size));
        corrupt.data[bit / 8] = whole.data[bit / 8];
        for (size_t i = 0; i < COUNT_OF(letters); i++)
            read_count += letter_decrypt(&pair.of_bob, &letters[i], &out) == NKT_OK;
        (void)nkt_session_encrypt(pair.bob.sessions, session, (const uint8_t *)"z", 1, &sealed);
    }
    CHECK(read_count > 0 && (size_t)read_count < whole.size * 8 * 2);
    nkt_buf_free(&whole);
    nkt_buf_free(&corrupt);
    nkt_buf_free(&out);
    pair_deinit(&pair);
}

/* "... use-after-free in hkdf_create on a bad session version": mended in the source
 * (tools/setup/edits.mjs). */
TEST(a_stored_session_of_another_version_is_an_error)
{
    static const uint32_t versions[] = {0, 1, 4, 77, UINT32_MAX};
    for (size_t i = 0; i < COUNT_OF(versions); i++) {
        pair_t pair;
        letter_t letter;
        uint8_t bytes[2048];
        pair_init_established(&pair);
        letter_write(&pair.of_alice, "x", &letter);
        const nkt_buf_t *stored = end_record(&pair.of_bob);
        nkt_buf_t changed = {0};
        nkt_ratchets_t ratchets;
        nkt_kem_t kem = {0};
        CHECK_OK(nkt_ratchets_parse(&ratchets, stored->data, stored->size));
        Textsecure__RecordStructure *record =
            textsecure__record_structure__unpack(NULL, ratchets.signal.size, ratchets.signal.bytes);
        CHECK(record != NULL);
        record->currentsession->sessionversion = versions[i];
        size_t size = textsecure__record_structure__pack(record, bytes);
        CHECK(size <= sizeof bytes);
        textsecure__record_structure__free_unpacked(record, NULL);
        CHECK_OK(nkt_kem_read(&kem, ratchets.kem[0].bytes, ratchets.kem[0].size));
        nkt_kem_t *const kems[] = {&kem};
        CHECK_OK(nkt_ratchets_build(&changed, (nkt_span_t){bytes, size}, kems, 1));
        nkt_kem_deinit(&kem);
        CHECK_OK(nkt_session_restore(&pair.of_bob.session, changed.data, changed.size));
        nkt_buf_free(&changed);
        check_row("version %u", (unsigned)versions[i]);
        letter_refuse(&pair.of_bob, &letter, NKT_E_DECRYPT);
        nkt_session_drop(&pair.of_bob.session); /* what the swarm does: anew */
        CHECK_OK(end_initiate(&pair.of_bob, 0, NULL));
        letter_pass(&pair.of_bob, &pair.of_alice, "anew");
        pair_deinit(&pair);
    }
}

/* "... an assert on a signed prekey without signature": an identity without one is not accepted. */
TEST(an_identity_without_prekey_signature_is_refused)
{
    pair_t pair;
    nkt_buf_t stored = {0};
    nkt_identity_t back;
    pair_init(&pair, 0);
    CHECK_OK(nkt_identity_encode(&pair.bob.identity, &stored));
    CHECK_OK(nkt_identity_decode(&back, stored.data, stored.size));
    for (size_t i = 0; i + 66 <= stored.size; i++) { /* the field: tag, length 64, bytes */
        if (stored.data[i] == (6 << 3 | 2) && stored.data[i + 1] == 64 &&
            memcmp(stored.data + i + 2, pair.bob.identity.signed_prekey_signature, 64) == 0) {
            memmove(stored.data + i + 2, stored.data + i + 66, stored.size - i - 66);
            stored.data[i + 1] = 0;
            stored.size -= 64;
        }
    }
    CHECK_ERR(nkt_identity_decode(&back, stored.data, stored.size), NKT_E_RECORD);
    nkt_buf_free(&stored);
    pair_deinit(&pair);
}

/* "Prekey id 0 is invalid, 0xFFFFFF is never deleted: use 1..0xFFFFFE." */
TEST(prekey_ids_leave_out_the_two_that_do_not_work)
{
    uint32_t before = 0xfffffc;
    static const uint32_t expected[] = {0xfffffc, 0xfffffd, 0xfffffe, 1, 2};
    pair_t pair;
    uint8_t prekey[32];
    person_init(&pair.alice, 1);
    person_init(&pair.bob, 2);
    end_init(&pair.of_alice, &pair.alice, &pair.bob);
    end_init(&pair.of_bob, &pair.bob, &pair.alice);
    pair.bob.identity.next_prekey_id = before;
    for (size_t i = 0; i < COUNT_OF(expected); i++) {
        CHECK_OK(nkt_session_give_prekey(pair.bob.sessions, &pair.of_bob.session, prekey));
        check_row("%u", (unsigned)expected[i]);
        CHECK_EQ(pair.of_bob.session.prekey_id, expected[i]);
        CHECK_OK(end_initiate(&pair.of_alice, expected[i], prekey));
        letter_pass(&pair.of_alice, &pair.of_bob, "x");
        CHECK_EQ(pair.of_bob.session.prekey_id, 0); /* used and deleted */
    }
    pair_deinit(&pair);
}

/* "If a sender crashes after sending but before its ratchet state is stored, it reuses a message
 * key and the receiver drops the next message as a duplicate." So a SEND waits for its PUT (the
 * swarm's tests); and if it happens all the same, the receiver keeps its state and can tell. */
TEST(a_message_key_used_twice_is_a_duplicate_and_changes_nothing)
{
    pair_t pair;
    letter_t sent, again;
    snapshot_t stored;
    pair_init_established(&pair);
    snapshot_take(&stored, &pair.of_alice);
    letter_write(&pair.of_alice, "sent, then crashed", &sent);
    snapshot_restore(&stored, &pair.of_alice); /* the state that was on disk */
    letter_write(&pair.of_alice, "after the restart", &again);
    letter_read(&pair.of_bob, &sent, "sent, then crashed");
    letter_refuse(&pair.of_bob, &again, NKT_E_DUPLICATE);
    letter_pass(&pair.of_alice, &pair.of_bob, "the next one is fine");
    pair_deinit(&pair);
}
