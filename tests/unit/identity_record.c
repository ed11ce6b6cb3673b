/* SPDX-License-Identifier: GPL-3.0-or-later */
/* User records: what is accepted of one, and that none can be altered. */
#include "identity/record.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/base58.h"
#include "check.h"
#include "nkt.pb-c.h"

#define NOW UINT64_C(1700000000000)

static char relay_one[] = "ws://localhost:3000/", relay_two[] = "wss://example.org/relay", tracker[] = "ws://t/";
static char *const urls[] = {relay_one, relay_two, tracker};

static void identity_make(nkt_identity_t *identity, uint64_t seed)
{
    check_entropy_t entropy = {.seed = seed};
    const nkt_host_t host = check_host(&entropy);
    CHECK_OK(nkt_identity_create(identity, &host));
}

static void record_make(nkt_record_t *record, nkt_identity_t *identity)
{
    const nkt_record_facts_t facts = {
        .nick = "Ada", .capabilities = 5, .relays = urls, .relay_count = 2, .trackers = urls + 2, .tracker_count = 1};
    identity_make(identity, 1);
    CHECK_OK(nkt_record_create(record, identity, &facts, NOW));
}

/* Verifies a copy of exactly that size; the result is freed. */
static int verify(const uint8_t *bytes, size_t size, const uint8_t *signature)
{
    uint8_t *copy = malloc(size == 0 ? 1 : size);
    nkt_record_t record;
    CHECK(copy != NULL);
    memcpy(copy, bytes, size);
    int err = nkt_record_verify(&record, copy, size, signature);
    free(copy);
    if (err == NKT_OK)
        nkt_record_deinit(&record);
    return err;
}

/* Signs any bytes as a record. */
static void record_sign(uint8_t signature[NKT_SIGN_SIZE], const nkt_identity_t *identity, const uint8_t *bytes,
                        size_t size)
{
    uint8_t to_sign[NKT_HASH_SIZE];
    nkt_record_signed_form(to_sign, bytes, size);
    crypto_sign_detached(signature, NULL, to_sign, sizeof to_sign, identity->sign_secret);
}

TEST(record_says_what_was_put_in)
{
    nkt_identity_t identity;
    nkt_record_t record;
    nkt_address_t address;
    uint64_t sequence;
    uint8_t sign_key[32];
    record_make(&record, &identity);
    CHECK_BYTES(record.address.b, identity.address.b, NKT_ADDRESS_SIZE);
    CHECK_BYTES(record.sign_key, identity.sign_public, 32);
    CHECK_BYTES(record.identity_key, identity.identity_public, 32);
    CHECK_BYTES(record.signed_prekey, identity.signed_prekey_public, 32);
    CHECK_BYTES(record.signed_prekey_signature, identity.signed_prekey_signature, 64);
    CHECK_EQ(record.registration_id, identity.registration_id);
    CHECK_EQ(record.signed_prekey_id, identity.signed_prekey_id);
    CHECK_TEXT(record.nick, "Ada");
    CHECK_EQ(record.capabilities, 5);
    CHECK_EQ(record.expires_ms, NOW + NKT_RECORD_TTL_MS);
    CHECK_OK(nkt_record_peek(record.bytes, record.bytes_size, &address, &sequence, NULL));
    CHECK_OK(nkt_record_peek(record.bytes, record.bytes_size, &address, &sequence, sign_key));
    CHECK_BYTES(sign_key, identity.sign_public, sizeof sign_key);
    CHECK_EQ(nkt_address_compare(&address, &record.address), 0);
    CHECK_EQ(sequence, record.sequence);
    Nkt__UserRecord *message = nkt__user_record__unpack(NULL, record.bytes_size, record.bytes);
    CHECK(message != NULL);
    CHECK_EQ(message->n_relays, 2);
    CHECK_TEXT(message->relays[1], urls[1]);
    CHECK_EQ(message->n_trackers, 1);
    CHECK_TEXT(message->trackers[0], urls[2]);
    nkt__user_record__free_unpacked(message, NULL);
    nkt_record_deinit(&record);
    CHECK(record.bytes == NULL);
}

TEST(record_sequence_only_rises)
{
    static const struct {
        uint64_t before, time_ms, after;
    } rows[] = {
        {0, NOW, NOW}, {NOW, NOW, NOW + 1}, {NOW + 5, NOW, NOW + 6}, {NOW - 1, NOW, NOW}, {NOW, NOW + 9, NOW + 9},
        {NOW + 90000000, NOW, NOW + 90000001}, /* a clock that was 25 h ahead is no reason to refuse our own */
        {NKT_TIME_MS_MAX - 1, NOW, NKT_TIME_MS_MAX},
    };
    const nkt_record_facts_t facts = {.nick = ""};
    nkt_identity_t identity;
    identity_make(&identity, 1);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        nkt_record_t record;
        identity.sequence = rows[i].before;
        check_row("row %zu", i);
        CHECK_OK(nkt_record_create(&record, &identity, &facts, rows[i].time_ms));
        CHECK_EQ(record.sequence, rows[i].after);
        CHECK_EQ(identity.sequence, rows[i].after);
        nkt_record_deinit(&record);
    }
}

TEST(record_names_four_urls_at_most_and_fits_or_is_refused)
{
    static char url[NKT_URL_SIZE_MAX + 2];
    char *const same[] = {url, url, url, url, url};
    nkt_record_facts_t facts = {.nick = "", .relays = same, .relay_count = 5, .trackers = same, .tracker_count = 5};
    nkt_identity_t identity;
    nkt_record_t record;
    identity_make(&identity, 1);
    memset(url, 'u', 200);
    CHECK_OK(nkt_record_create(&record, &identity, &facts, NOW));
    Nkt__UserRecord *message = nkt__user_record__unpack(NULL, record.bytes_size, record.bytes);
    CHECK(message != NULL);
    CHECK_EQ(message->n_relays, NKT_RECORD_URL_COUNT_MAX);
    CHECK_EQ(message->n_trackers, NKT_RECORD_URL_COUNT_MAX);
    nkt__user_record__free_unpacked(message, NULL);
    nkt_record_deinit(&record);
    memset(url, 'u', NKT_URL_SIZE_MAX);
    CHECK_ERR(nkt_record_create(&record, &identity, &facts, NOW), NKT_E_SIZE);
    facts.tracker_count = 0;
    CHECK_OK(nkt_record_create(&record, &identity, &facts, NOW));
    nkt_record_deinit(&record);
    url[NKT_URL_SIZE_MAX] = 'u';
    CHECK_ERR(nkt_record_create(&record, &identity, &facts, NOW), NKT_E_USER_RECORD);
}

TEST(record_with_any_bit_flipped_is_refused)
{
    nkt_identity_t identity;
    nkt_record_t record;
    record_make(&record, &identity);
    CHECK_OK(verify(record.bytes, record.bytes_size, record.signature));
    for (size_t bit = 0; bit < record.bytes_size * 8; bit++) {
        record.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        check_row("bit %zu of the record", bit);
        int err = verify(record.bytes, record.bytes_size, record.signature);
        CHECK(err == NKT_E_USER_RECORD || err == NKT_E_SIGNATURE || err == NKT_E_KEY);
        CHECK(verify(record.bytes, record.bytes_size, record.signature) < 0);
        record.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    for (size_t bit = 0; bit < NKT_SIGN_SIZE * 8; bit++) {
        record.signature[bit / 8] ^= (uint8_t)(1u << bit % 8);
        check_row("bit %zu of the signature", bit);
        CHECK_ERR(verify(record.bytes, record.bytes_size, record.signature), NKT_E_SIGNATURE);
        record.signature[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    nkt_record_deinit(&record);
}

TEST(record_cut_or_lengthened_is_refused)
{
    nkt_identity_t identity;
    nkt_record_t record;
    nkt_address_t address;
    uint64_t sequence;
    record_make(&record, &identity);
    for (size_t cut = 0; cut < record.bytes_size; cut++) {
        check_row("%zu bytes", cut);
        CHECK_ERR(verify(record.bytes, cut, record.signature), NKT_E_USER_RECORD);
        CHECK_ERR(nkt_record_peek(record.bytes, cut, &address, &sequence, NULL), NKT_E_USER_RECORD);
    }
    static uint8_t longer[NKT_RECORD_SIZE_MAX + 1];
    memcpy(longer, record.bytes, record.bytes_size);
    memcpy(longer + record.bytes_size, "\xa0\x06\x01", 3); /* field 100, of a later version, but not signed */
    CHECK_ERR(verify(longer, record.bytes_size + 3, record.signature), NKT_E_SIGNATURE);
    CHECK_ERR(verify(longer, sizeof longer, record.signature), NKT_E_USER_RECORD);
    CHECK_ERR(nkt_record_peek(longer, sizeof longer, &address, &sequence, NULL), NKT_E_USER_RECORD);
    nkt_record_deinit(&record);
}

TEST(record_of_a_later_version_is_kept_as_it_came)
{
    nkt_identity_t identity;
    nkt_record_t record, later;
    uint8_t bytes[NKT_RECORD_SIZE_MAX], signature[NKT_SIGN_SIZE];
    record_make(&record, &identity);
    size_t size = record.bytes_size;
    memcpy(bytes, record.bytes, size);
    memcpy(bytes + size, "\xa0\x06\x01", 3);
    record_sign(signature, &identity, bytes, size + 3);
    CHECK_OK(nkt_record_verify(&later, bytes, size + 3, signature));
    CHECK_EQ(later.bytes_size, size + 3);
    CHECK_BYTES(later.bytes, bytes, size + 3);
    CHECK_EQ(nkt_address_compare(&later.address, &record.address), 0);
    nkt_record_deinit(&later);
    nkt_record_deinit(&record);
}

/* ---- well signed, and still refused ---- */

static uint8_t bytes65[65] = {1};
static char text[NKT_URL_SIZE_MAX + 2];
static char *texts[5] = {text, text, text, text, text};
static uint8_t key[32];

static void set_nick(Nkt__UserRecord *it, size_t size, const char *nick)
{
    memset(text, 0, sizeof text);
    memset(text, 'n', size);
    it->nick = text;
    if (nick != NULL)
        memcpy(text, nick, strlen(nick) + 1);
}

static void set_key(ProtobufCBinaryData *where, const char *hex)
{
    check_hex(hex, key, sizeof key);
    *where = (ProtobufCBinaryData){.data = key, .len = sizeof key};
}

static void set_signature(Nkt__UserRecord *it)
{
    it->signed_prekey_signature = (ProtobufCBinaryData){.data = bytes65, .len = 64};
}

/* S + L, with the top bit (the sign of the key) left as it is. */
static void add_order(uint8_t scalar[32])
{
    uint8_t order[32], sign = scalar[31] & 0x80;
    unsigned carry = 0;
    scalar[31] &= 0x7f;
    check_hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010", order, sizeof order);
    for (size_t i = 0; i < 32; i++) {
        carry += (unsigned)scalar[i] + order[i];
        scalar[i] = (uint8_t)carry;
        carry >>= 8;
    }
    scalar[31] |= sign;
}

#define CHANGE(name) static void name(Nkt__UserRecord *it)
CHANGE(nothing) { (void)it; }
CHANGE(sign_key_short) { it->sign_key.len = 31; }
CHANGE(sign_key_zero) { set_key(&it->sign_key, "0000000000000000000000000000000000000000000000000000000000000000"); }
CHANGE(sign_key_neutral) { set_key(&it->sign_key, "0100000000000000000000000000000000000000000000000000000000000000"); }
CHANGE(identity_key_long) { it->identity_key = (ProtobufCBinaryData){.data = bytes65, .len = 33}; }
CHANGE(identity_key_empty) { it->identity_key.len = 0; }
CHANGE(prekey_short) { it->signed_prekey.len = 31; }
CHANGE(prekey_signature_long) { it->signed_prekey_signature = (ProtobufCBinaryData){.data = bytes65, .len = 65}; }
CHANGE(prekey_signature_none) { it->signed_prekey_signature.len = 0; }
CHANGE(prekey_signature_flipped) { memcpy(bytes65, it->signed_prekey_signature.data, 64), bytes65[40] ^= 1, set_signature(it); }
CHANGE(prekey_signature_copied) { memcpy(bytes65, it->signed_prekey_signature.data, 64), add_order(bytes65 + 32), set_signature(it); }
CHANGE(prekey_of_another) { set_key(&it->signed_prekey, "0900000000000000000000000000000000000000000000000000000000000000"); }
CHANGE(registration_0) { it->registration_id = 0; }
CHANGE(prekey_id_0) { it->signed_prekey_id = 0; }
CHANGE(prekey_id_last) { it->signed_prekey_id = NKT_PREKEY_ID_MAX; }
CHANGE(prekey_id_never_deleted) { it->signed_prekey_id = 0xffffff; }
CHANGE(prekey_id_huge) { it->signed_prekey_id = UINT32_MAX; }
CHANGE(sequence_0) { it->sequence = 0; }
CHANGE(sequence_last) { it->sequence = NKT_TIME_MS_MAX; }
CHANGE(sequence_far) { it->sequence = NKT_TIME_MS_MAX + 1; }
CHANGE(sequence_end) { it->sequence = UINT64_MAX; }
CHANGE(expires_at_once) { it->expires_ms = it->issued_ms; }
CHANGE(expired) { it->expires_ms = it->issued_ms - 1; }
CHANGE(expires_0) { it->expires_ms = 0; }
CHANGE(expires_last) { it->expires_ms = it->issued_ms + NKT_RECORD_TTL_MS_MAX; }
CHANGE(expires_far) { it->expires_ms = it->issued_ms + NKT_RECORD_TTL_MS_MAX + 1; }
CHANGE(of_1970) { it->sequence = it->issued_ms = 1, it->expires_ms = 2; }
CHANGE(of_the_end) { it->sequence = it->issued_ms = NKT_TIME_MS_MAX, it->expires_ms = NKT_TIME_MS_MAX + NKT_RECORD_TTL_MS_MAX; }
CHANGE(of_after) { it->issued_ms = NKT_TIME_MS_MAX + 1, it->expires_ms = NKT_TIME_MS_MAX + NKT_RECORD_TTL_MS_MAX + 1; }
CHANGE(expires_end) { it->expires_ms = UINT64_MAX; }
CHANGE(nick_empty) { set_nick(it, 0, NULL); }
CHANGE(nick_longest) { set_nick(it, NKT_NICK_SIZE_MAX, NULL); }
CHANGE(nick_long) { set_nick(it, NKT_NICK_SIZE_MAX + 1, NULL); }
CHANGE(nick_html) { set_nick(it, 0, "<img src=x onerror=alert(1)>"); }
CHANGE(nick_proto) { set_nick(it, 0, "__proto__"); }
CHANGE(nick_not_utf8) { set_nick(it, 0, "a\xff"); }
CHANGE(nick_overlong) { set_nick(it, 0, "\xc0\xaf"); }
CHANGE(nick_surrogate) { set_nick(it, 0, "\xed\xa0\x80"); }
CHANGE(nick_cut) { set_nick(it, 0, "a\xe2\x82"); }
CHANGE(nick_line_break) { set_nick(it, 0, "a\nb"); }
CHANGE(nick_escape) { set_nick(it, 0, "\x1b[2J"); }
CHANGE(relays_many) { it->relays = texts, it->n_relays = 5; }
CHANGE(relay_long) { set_nick(it, NKT_URL_SIZE_MAX + 1, NULL), it->nick = NULL, it->relays = texts, it->n_relays = 1; }
CHANGE(relay_unclean) { set_nick(it, 0, "ws://a/\r\n"), it->nick = NULL, it->relays = texts, it->n_relays = 1; }
CHANGE(trackers_many) { it->trackers = texts, it->n_trackers = 5; }
CHANGE(tracker_unclean) { set_nick(it, 0, "ws://\x7f"), it->nick = NULL, it->trackers = texts, it->n_trackers = 1; }
CHANGE(identity_key_zero) { sign_key_zero(it), it->identity_key = it->sign_key; }
#undef CHANGE

typedef struct change_row {
    const char *what;
    void (*change)(Nkt__UserRecord *it);
    int err;
} change_row_t;

/* Changes a record's message, signs it anew and verifies it. */
static int verify_changed(const change_row_t *row, const nkt_record_t *record, const nkt_identity_t *identity)
{
    Nkt__UserRecord *message = nkt__user_record__unpack(NULL, record->bytes_size, record->bytes);
    CHECK(message != NULL);
    Nkt__UserRecord copy = *message;
    static uint8_t bytes[4 * NKT_RECORD_SIZE_MAX];
    uint8_t signature[NKT_SIGN_SIZE];
    row->change(&copy);
    if (copy.nick == NULL)
        copy.nick = message->nick;
    size_t size = nkt__user_record__pack(&copy, bytes);
    nkt__user_record__free_unpacked(message, NULL);
    record_sign(signature, identity, bytes, size);
    check_row("%s", row->what);
    return verify(bytes, size, signature);
}

TEST(record_that_breaks_a_rule_is_refused)
{
    static const change_row_t rows[] = {
        {"nothing", nothing, NKT_OK},
        {"signing key too short", sign_key_short, NKT_E_USER_RECORD},
        {"signing key zero", sign_key_zero, NKT_E_SIGNATURE},
        {"signing key neutral", sign_key_neutral, NKT_E_SIGNATURE},
        {"identity key too long", identity_key_long, NKT_E_USER_RECORD},
        {"identity key empty", identity_key_empty, NKT_E_USER_RECORD},
        {"prekey too short", prekey_short, NKT_E_USER_RECORD},
        {"prekey signature too long", prekey_signature_long, NKT_E_USER_RECORD},
        {"no prekey signature", prekey_signature_none, NKT_E_USER_RECORD},
        {"prekey signature altered: sessions check it", prekey_signature_flipped, NKT_OK},
        {"prekey signature in its other form: sessions check it", prekey_signature_copied, NKT_OK},
        {"prekey that the identity did not sign: sessions check it", prekey_of_another, NKT_OK},
        {"registration id 0", registration_0, NKT_E_USER_RECORD},
        {"prekey id 0", prekey_id_0, NKT_E_USER_RECORD},
        {"last prekey id", prekey_id_last, NKT_OK},
        {"prekey id that is never deleted", prekey_id_never_deleted, NKT_E_USER_RECORD},
        {"prekey id of 32 bits", prekey_id_huge, NKT_E_USER_RECORD},
        {"sequence 0", sequence_0, NKT_E_USER_RECORD},
        {"last sequence", sequence_last, NKT_OK},
        {"sequence too far ahead", sequence_far, NKT_E_USER_RECORD},
        {"sequence that none can follow", sequence_end, NKT_E_USER_RECORD},
        {"expires at once", expires_at_once, NKT_OK},
        {"expired before it was issued", expired, NKT_E_USER_RECORD},
        {"expired in 1970", expires_0, NKT_E_USER_RECORD},
        {"lives as long as allowed", expires_last, NKT_OK},
        {"lives too long", expires_far, NKT_E_USER_RECORD},
        {"lives for ever", expires_end, NKT_E_USER_RECORD},
        {"of any time: whether that is now is its owner's clock's", of_1970, NKT_OK},
        {"of the last time there is", of_the_end, NKT_OK},
        {"of a later one", of_after, NKT_E_USER_RECORD},
        {"no nick", nick_empty, NKT_OK},
        {"longest nick", nick_longest, NKT_OK},
        {"nick too long", nick_long, NKT_E_USER_RECORD},
        {"nick of HTML is a nick", nick_html, NKT_OK},
        {"__proto__ is a nick", nick_proto, NKT_OK},
        {"nick is not UTF-8", nick_not_utf8, NKT_E_USER_RECORD},
        {"nick is overlong UTF-8", nick_overlong, NKT_E_USER_RECORD},
        {"nick has a surrogate", nick_surrogate, NKT_E_USER_RECORD},
        {"nick is cut UTF-8", nick_cut, NKT_E_USER_RECORD},
        {"nick has a line break", nick_line_break, NKT_E_USER_RECORD},
        {"nick has an escape", nick_escape, NKT_E_USER_RECORD},
        {"too many relays", relays_many, NKT_E_USER_RECORD},
        {"relay too long", relay_long, NKT_E_USER_RECORD},
        {"relay with a line break", relay_unclean, NKT_E_USER_RECORD},
        {"too many trackers", trackers_many, NKT_E_USER_RECORD},
        {"tracker with a control character", tracker_unclean, NKT_E_USER_RECORD},
        {"identity key zero", identity_key_zero, NKT_E_KEY},
    };
    nkt_identity_t identity;
    nkt_record_t record;
    record_make(&record, &identity);
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        CHECK_ERR(verify_changed(&rows[i], &record, &identity), rows[i].err);
    nkt_record_deinit(&record);
}

static const char *odd_key;

static void identity_key_odd(Nkt__UserRecord *it)
{
    set_key(&it->identity_key, odd_key);
}

static void prekey_odd(Nkt__UserRecord *it)
{
    set_key(&it->signed_prekey, odd_key);
}

TEST(record_with_an_odd_key_is_refused)
{
    static const char *const keys[] = {
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "f6ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0900000000000000000000000000000000000000000000000000000000000080",
        "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4eea",
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    };
    const change_row_t in_identity = {"identity key", identity_key_odd, NKT_E_KEY};
    const change_row_t in_prekey = {"prekey", prekey_odd, NKT_E_KEY};
    nkt_identity_t identity;
    nkt_record_t record;
    record_make(&record, &identity);
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        odd_key = keys[i];
        CHECK_ERR(verify_changed(&in_identity, &record, &identity), NKT_E_KEY);
        CHECK_ERR(verify_changed(&in_prekey, &record, &identity), NKT_E_KEY);
    }
    nkt_record_deinit(&record);
}

/* Signs what is in the message with Eve's signing key. */
static int message_verify(Nkt__UserRecord *message, const nkt_identity_t *signer, const nkt_record_t *known)
{
    uint8_t bytes[NKT_RECORD_SIZE_MAX], signature[NKT_SIGN_SIZE];
    nkt_record_t record;
    size_t size = nkt__user_record__pack(message, bytes);
    record_sign(signature, signer, bytes, size);
    int err = known == NULL ? nkt_record_verify(&record, bytes, size, signature)
                            : nkt_record_verify_again(&record, bytes, size, signature, known);
    if (err == NKT_OK)
        nkt_record_deinit(&record);
    return err;
}

/* Eve's signing key beside Ada's identity key: what Ada says would be heard as Eve's. Only Ada could vouch for that key. */
TEST(record_with_anothers_identity_key_is_refused)
{
    nkt_identity_t ada, eve;
    nkt_record_t of_ada, of_eve;
    uint8_t odd[NKT_SIGN_SIZE] = {0};
    const nkt_record_facts_t facts = {.nick = "Eve"};
    record_make(&of_ada, &ada);
    identity_make(&eve, 2);
    CHECK_OK(nkt_record_create(&of_eve, &eve, &facts, NOW));
    Nkt__UserRecord *message = nkt__user_record__unpack(NULL, of_eve.bytes_size, of_eve.bytes);
    CHECK(message != NULL);
    CHECK_OK(message_verify(message, &eve, NULL));
    uint8_t *own_key = message->identity_key.data, *own_prekey = message->signed_prekey.data,
            *own_binding = message->binding.data;
    message->identity_key.data = ada.identity_public;
    message->signed_prekey.data = ada.signed_prekey_public; /* and all else that Ada published */
    uint8_t *const bindings[] = {own_binding, ada.binding, ada.signed_prekey_signature, odd};
    for (size_t i = 0; i < COUNT_OF(bindings); i++) {
        check_row("binding %zu", i);
        message->binding.data = bindings[i];
        CHECK_ERR(message_verify(message, &eve, NULL), NKT_E_SIGNATURE);
        CHECK_ERR(message_verify(message, &eve, &of_eve), NKT_E_SIGNATURE); /* what is known of Eve is another key's */
        CHECK_ERR(message_verify(message, &eve, &of_ada), NKT_E_SIGNATURE);
    }
    message->has_binding = 0;
    CHECK_ERR(message_verify(message, &eve, NULL), NKT_E_USER_RECORD);
    message->has_binding = 1;
    message->binding.len = 63;
    CHECK_ERR(message_verify(message, &eve, NULL), NKT_E_USER_RECORD);
    message->binding.len = 64;
    message->identity_key.data = own_key;
    message->signed_prekey.data = own_prekey;
    message->binding.data = odd; /* the own key, not bound: known or not */
    CHECK_ERR(message_verify(message, &eve, &of_eve), NKT_E_SIGNATURE);
    message->binding.data = own_binding;
    nkt__user_record__free_unpacked(message, NULL);
    nkt_record_deinit(&of_ada);
    nkt_record_deinit(&of_eve);
}

/* Stored before there were bindings: read, and known for what it is. */
TEST(record_without_binding_is_read_from_the_own_storage_only)
{
    nkt_identity_t ada;
    nkt_record_t record, old;
    uint8_t bytes[NKT_RECORD_SIZE_MAX], signature[NKT_SIGN_SIZE];
    record_make(&record, &ada);
    CHECK_EQ(record.is_bound, 1);
    Nkt__UserRecord *message = nkt__user_record__unpack(NULL, record.bytes_size, record.bytes);
    CHECK(message != NULL);
    message->has_binding = 0;
    size_t size = nkt__user_record__pack(message, bytes);
    record_sign(signature, &ada, bytes, size);
    CHECK_ERR(verify(bytes, size, signature), NKT_E_USER_RECORD);
    CHECK_OK(nkt_record_verify_stored(&old, bytes, size, signature));
    CHECK_EQ(old.is_bound, 0);
    nkt__user_record__free_unpacked(message, NULL);
    nkt_record_deinit(&record);
    nkt_record_deinit(&old);
}

/* Somebody else's keys in an own record make another address: nobody's place can be taken. */
TEST(record_with_other_keys_is_of_another_address)
{
    nkt_identity_t ada, eve;
    nkt_record_t of_ada, of_eve;
    const nkt_record_facts_t facts = {.nick = "Ada"};
    record_make(&of_ada, &ada);
    identity_make(&eve, 2);
    memcpy(eve.identity_public, ada.identity_public, 32); /* Eve's signing key beside Ada's identity key and ... */
    memcpy(eve.signed_prekey_public, ada.signed_prekey_public, 32); /* ... all that Ada published with it */
    memcpy(eve.signed_prekey_signature, ada.signed_prekey_signature, 64);
    CHECK_OK(nkt_record_create(&of_eve, &eve, &facts, NOW));
    CHECK_BYTES(of_eve.identity_key, of_ada.identity_key, 32);
    CHECK(nkt_address_compare(&of_eve.address, &of_ada.address) != 0);
    CHECK_ERR(verify(of_ada.bytes, of_ada.bytes_size, of_eve.signature), NKT_E_SIGNATURE);
    memcpy(eve.sign_public, ada.sign_public, 32); /* Ada's signing key, but Eve's signature */
    nkt_record_t forged;
    CHECK_ERR(nkt_record_create(&forged, &eve, &facts, NOW), NKT_E_SIGNATURE);
    nkt_record_deinit(&of_ada);
    nkt_record_deinit(&of_eve);
}

TEST(record_without_memory)
{
    nkt_identity_t identity;
    nkt_record_t record, copy;
    nkt_address_t address;
    uint64_t sequence;
    record_make(&record, &identity);
    int has_failed = 1;
    for (unsigned n = 1; has_failed; n++) {
        check_row("allocation %u", n);
        check_allocations_fail_at(n);
        int err = nkt_record_verify(&copy, record.bytes, record.bytes_size, record.signature);
        has_failed = check_allocation_failed();
        CHECK_EQ(err < 0, has_failed);
        CHECK(err == NKT_OK || err == NKT_E_MEMORY || err == NKT_E_USER_RECORD);
        check_allocations_fail_at(n);
        int peeked = nkt_record_peek(record.bytes, record.bytes_size, &address, &sequence, NULL);
        CHECK(peeked == NKT_OK || peeked == NKT_E_USER_RECORD);
    }
    check_allocations_fail_at(0);
    nkt_record_deinit(&copy);
    nkt_record_deinit(&record);
}
