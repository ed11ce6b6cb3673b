/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whole pieces of the protocol against conversation.txt, which was calculated without this project's code: what we make of the same keys
 * and the same chance is the same byte for byte, and what was made elsewhere is read.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "check.h"
#include "delivery/delivery.h"
#include "identity/identity.h"
#include "identity/pad.h"
#include "identity/record.h"
#include "identity/room.h"
#include "identity/seal.h"
#include "identity/xeddsa.h"
#include "nkt.pb-c.h"
#include "overlay/invite.h"
#include "overlay/letterkey.h"
#include "overlay/sdp.h"
#include "overlay/signal.h"
#include "script.h"
#include "session/group.h"
#include "session/session.h"
#include "wire/envelope.h"
#include "wire/pack.h"

static const char file[] = "conversation.txt";

/* ---- padding ---- */

static void pad_size_row(char *const field[CHECK_FIELD_COUNT_MAX])
{
    CHECK_EQ(nkt_padded_size(strtoul(field[1], NULL, 10)), strtoul(field[2], NULL, 10));
}

TEST(padding_has_the_lengths_of_an_independent_calculation)
{
    check_vectors(file, "pad", pad_size_row);
}

static void pad_row(char *const field[CHECK_FIELD_COUNT_MAX])
{
    nkt_buf_t plain = {0}, padded = {0};
    size_t size;
    script_hex(&plain, field[1]);
    script_hex(&padded, field[2]);
    CHECK_OK(nkt_unpad(padded.data, padded.size, &size));
    CHECK_EQ(size, plain.size);
    CHECK_OK(nkt_pad(&plain));
    script_same(&plain, &padded);
    nkt_buf_free(&plain);
    nkt_buf_free(&padded);
}

TEST(padding_is_that_of_an_independent_calculation)
{
    check_vectors(file, "pad.bytes", pad_row);
}

/* ---- sealing ---- */

/* Both ways: made with that ephemeral key, and opened. */
static void seal_check(const char *ephemeral, const char *identity, const nkt_buf_t *context, const char *plain_hex, const char *sealed_hex)
{
    script_t script = {0};
    const nkt_host_t host = script_host(&script);
    uint8_t identity_private[32], identity_public[32];
    nkt_buf_t plain = {0}, expected = {0}, sealed = {0}, opened = {0};
    script_add(&script, ephemeral);
    check_hex(identity, identity_private, sizeof identity_private);
    nkt_curve_key_derive(identity_private, identity_public);
    script_hex(&plain, plain_hex);
    script_hex(&expected, sealed_hex);
    const nkt_seal_for_t recipient = {.public_key = identity_public, .context = context->data, .context_size = context->size};
    CHECK_OK(nkt_seal_to(&sealed, &recipient, plain.data, plain.size, &host));
    script_same(&sealed, &expected);
    CHECK_OK(nkt_seal_open_from(&opened, identity_private, &recipient, expected.data, expected.size));
    script_same(&opened, &plain);
    expected.data[expected.size - 1] ^= 1;
    CHECK_ERR(nkt_seal_open_from(&opened, identity_private, &recipient, expected.data, expected.size), NKT_E_PAYLOAD);
    script_end(&script);
    nkt_buf_free(&plain);
    nkt_buf_free(&expected);
    nkt_buf_free(&sealed);
    nkt_buf_free(&opened);
}

static void seal_row(char *const field[CHECK_FIELD_COUNT_MAX])
{
    nkt_buf_t context = {0};
    script_hex(&context, field[3]);
    seal_check(field[1], field[2], &context, field[4], field[5]);
    nkt_buf_free(&context);
}

TEST(sealing_is_that_of_an_independent_calculation)
{
    check_vectors(file, "seal", seal_row);
}

static void signal_row(char *const field[CHECK_FIELD_COUNT_MAX])
{
    uint8_t network[NKT_NETWORK_SIZE];
    nkt_address_t from, to;
    nkt_signalling_t signal;
    nkt_buf_t context = {0}, plain = {0}, again = {0};
    check_hex(field[3], network, sizeof network);
    check_hex(field[4], from.b, sizeof from.b);
    check_hex(field[5], to.b, sizeof to.b);
    CHECK_OK(nkt_buf_reserve(&context, NKT_ENDS_SIZE));
    nkt_ends_derive(context.data, network, &from, &to);
    context.size = NKT_ENDS_SIZE;
    seal_check(field[1], field[2], &context, field[6], field[7]);
    script_hex(&plain, field[6]);
    CHECK_OK(nkt_signal_decode(&signal, plain.data, plain.size));
    CHECK(signal.type == NKT_SIGNAL_REJECT ? signal.sdp == NULL : strncmp(signal.sdp, "v=0\r\n", 5) == 0);
    CHECK_OK(nkt_signal_encode(&again, &signal));
    script_same(&again, &plain);
    nkt_signal_deinit(&signal);
    nkt_buf_free(&context);
    nkt_buf_free(&plain);
    nkt_buf_free(&again);
}

TEST(sealed_signal_is_that_of_an_independent_calculation)
{
    check_vectors(file, "signal", signal_row);
}

/* ---- a record ---- */

static void identity_read(nkt_identity_t *identity, char *const field[CHECK_FIELD_COUNT_MAX])
{
    nkt_identity_t parts = {.registration_id = (uint32_t)strtoul(field[3], NULL, 10),
                            .signed_prekey_id = (uint32_t)strtoul(field[4], NULL, 10),
                            .next_prekey_id = 1};
    uint8_t random[64], prekey[NKT_PREKEY_SIGNED_SIZE];
    nkt_buf_t stored = {0};
    check_hex(field[1], parts.sign_seed, 32);
    check_hex(field[2], parts.identity_private, 32);
    check_hex(field[5], parts.signed_prekey_private, 32);
    check_hex(field[6], random, sizeof random);
    check_hex(field[7], parts.kem_seed, sizeof parts.kem_seed);
    nkt_curve_key_derive(parts.signed_prekey_private, parts.signed_prekey_public);
    nkt_prekey_signed_form(prekey, parts.signed_prekey_public);
    CHECK_OK(nkt_xeddsa_sign(parts.signed_prekey_signature, parts.identity_private, prekey, sizeof prekey, random));
    CHECK_OK(nkt_identity_encode(&parts, &stored));
    CHECK_OK(nkt_identity_decode(identity, stored.data, stored.size)); /* all that follows from the private halves */
    nkt_buf_free(&stored);
}

static void record_row(char *const field[CHECK_FIELD_COUNT_MAX])
{
    nkt_identity_t identity;
    nkt_record_t record, read;
    nkt_room_t room;
    nkt_buf_t nick = {0}, bytes = {0};
    uint8_t room_key[32], signature[NKT_SIGN_SIZE], membership[NKT_MEMBERSHIP_SIZE], expected[NKT_MEMBERSHIP_SIZE];
    identity_read(&identity, field);
    script_hex(&nick, field[8]);
    CHECK_OK(nkt_buf_append_u8(&nick, 0));
    check_hex(field[10], room_key, sizeof room_key);
    script_hex(&bytes, field[11]);
    check_hex(field[12], signature, sizeof signature);
    check_hex(field[13], expected, sizeof expected);
    const nkt_record_facts_t facts = {.nick = (const char *)nick.data};
    CHECK_OK(nkt_record_create(&record, &identity, &facts, strtoull(field[9], NULL, 10)));
    CHECK_EQ(record.bytes_size, bytes.size);
    CHECK_BYTES(record.bytes, bytes.data, bytes.size);
    CHECK_BYTES(record.signature, signature, sizeof signature);
    CHECK_OK(nkt_record_verify(&read, bytes.data, bytes.size, signature));
    CHECK_TEXT(read.nick, facts.nick);
    nkt_room_from_key(&room, room_key);
    nkt_room_membership(&room, signature, membership);
    CHECK_BYTES(membership, expected, sizeof expected);
    nkt_record_deinit(&record);
    nkt_record_deinit(&read);
    nkt_buf_free(&nick);
    nkt_buf_free(&bytes);
}

TEST(record_with_membership_is_that_of_an_independent_calculation)
{
    check_vectors(file, "record", record_row);
}

/* ---- invites ---- */

static void text_same(const nkt_buf_t *text, const char *expected)
{
    CHECK_EQ(text->size, strlen(expected));
    CHECK_BYTES(text->data, expected, text->size);
}

static void invite_row(char *const field[CHECK_FIELD_COUNT_MAX])
{
    nkt_invite_t invite = {.expires_s = (uint32_t)strtoul(field[4], NULL, 10), .has_room = strcmp(field[6], "-") != 0}, read;
    nkt_buf_t nick = {0}, sdp = {0}, description = {0}, packed = {0}, unpacked = {0}, text = {0}, back = {0};
    check_hex(field[1], invite.nonce, sizeof invite.nonce);
    check_hex(field[2], invite.sign_key, 32);
    check_hex(field[3], invite.identity_key, 32);
    script_hex(&nick, field[5]);
    memcpy(invite.nick, nick.data, nick.size);
    invite.room = invite.has_room ? (uint32_t)strtoul(field[6], NULL, 10) : 0;
    script_hex(&sdp, field[7]);
    script_hex(&description, field[8]);
    CHECK_OK(nkt_sdp_pack(&packed, (const char *)sdp.data, sdp.size));
    script_same(&packed, &description);
    CHECK_OK(nkt_invite_encode(&text, &invite, (const char *)sdp.data, sdp.size, NULL));
    text_same(&text, field[9]);
    CHECK_OK(nkt_invite_decode(&read, &back, field[9], strlen(field[9]), NULL));
    CHECK_BYTES(read.nonce, invite.nonce, sizeof read.nonce);
    CHECK_BYTES(read.attempt, invite.nonce, sizeof read.attempt);
    CHECK_BYTES(read.identity_key, invite.identity_key, 32);
    CHECK_EQ(read.expires_s, invite.expires_s);
    CHECK_EQ(read.room, invite.room);
    CHECK_OK(nkt_sdp_unpack(&unpacked, description.data, description.size));
    script_same(&back, &unpacked);
    nkt_buf_t *const all[] = {&nick, &sdp, &description, &packed, &unpacked, &text, &back};
    for (size_t i = 0; i < COUNT_OF(all); i++)
        nkt_buf_free(all[i]);
}

TEST(invite_is_that_of_an_independent_calculation)
{
    check_vectors(file, "invite", invite_row);
}

static void answer_row(char *const field[CHECK_FIELD_COUNT_MAX])
{
    script_t script = {0};
    const nkt_host_t host = script_host(&script);
    nkt_invite_t answer = {0}, read;
    nkt_address_t inviter;
    uint8_t identity_private[32], identity_public[32];
    nkt_buf_t sdp = {0}, text = {0}, back = {0};
    script_add(&script, field[1]);
    check_hex(field[2], identity_private, sizeof identity_private);
    nkt_curve_key_derive(identity_private, identity_public);
    check_hex(field[3], inviter.b, sizeof inviter.b);
    check_hex(field[4], answer.nonce, sizeof answer.nonce);
    check_hex(field[5], answer.sign_key, 32);
    check_hex(field[6], answer.identity_key, 32);
    check_hex(field[7], answer.attempt, sizeof answer.attempt);
    script_hex(&sdp, field[8]);
    const nkt_invite_seal_t seal = {
        .inviter = &inviter, .identity_public = identity_public, .identity_private = identity_private, .host = &host};
    CHECK_OK(nkt_invite_encode(&text, &answer, (const char *)sdp.data, sdp.size, &seal));
    text_same(&text, field[9]);
    CHECK_OK(nkt_invite_decode(&read, &back, field[9], strlen(field[9]), &seal));
    CHECK_BYTES(read.nonce, answer.nonce, sizeof read.nonce);
    CHECK_BYTES(read.attempt, answer.attempt, sizeof read.attempt);
    CHECK_BYTES(read.sign_key, answer.sign_key, 32);
    script_end(&script);
    nkt_buf_free(&sdp);
    nkt_buf_free(&text);
    nkt_buf_free(&back);
}

TEST(answer_to_an_invite_is_that_of_an_independent_calculation)
{
    check_vectors(file, "invite.answer", answer_row);
}

/* ---- a direct frame ---- */

static void direct_row(char *const field[CHECK_FIELD_COUNT_MAX])
{
    uint8_t network[NKT_NETWORK_SIZE], digest[NKT_DIGEST_SIZE], expected[NKT_DIGEST_SIZE];
    nkt_address_t from, to;
    nkt_envelope_t envelope;
    nkt_buf_t payload = {0}, frame = {0}, made = {0};
    check_hex(field[1], network, sizeof network);
    check_hex(field[2], from.b, sizeof from.b);
    check_hex(field[3], to.b, sizeof to.b);
    script_hex(&payload, field[6]);
    script_hex(&frame, field[7]);
    check_hex(field[8], expected, sizeof expected);
    const nkt_envelope_parts_t parts = {.network = network,
                                        .from = &from,
                                        .to = &to,
                                        .kind = NKT_KIND_SESSION,
                                        .created_ms = strtoull(field[4], NULL, 10),
                                        .ttl_s = (uint32_t)strtoul(field[5], NULL, 10),
                                        .payload = payload.data,
                                        .payload_size = payload.size};
    CHECK_OK(nkt_envelope_encode(&made, &parts, NULL, digest));
    script_same(&made, &frame);
    CHECK_BYTES(digest, expected, sizeof expected);
    CHECK_OK(nkt_direct_digest(frame.data, frame.size, digest));
    CHECK_BYTES(digest, expected, sizeof expected);
    CHECK_OK(nkt_envelope_decode(&envelope, frame.data, frame.size, digest));
    CHECK_BYTES(envelope.from.b, from.b, sizeof from.b);
    CHECK_EQ(envelope.payload_size, payload.size);
    nkt_envelope_deinit(&envelope);
    nkt_buf_free(&payload);
    nkt_buf_free(&frame);
    nkt_buf_free(&made);
}

TEST(direct_frame_is_that_of_an_independent_calculation)
{
    check_vectors(file, "direct", direct_row);
}

/* ---- a session: both ends say, with the chance that is written down, what the vectors say, and read it ---- */

enum { MESSAGE_COUNT = 6 };

/** One end of it. */
typedef struct talker {
    script_t script;
    nkt_host_t host;
    nkt_identity_t identity;
    nkt_sessions_t *sessions;
    nkt_session_t session;
} talker_t;

static talker_t alice, bob;
static const talker_t *last_speaker; /* whoever hears another one turns its ratchet */
static char drawn[MESSAGE_COUNT + 2][3][2 * SCRIPT_ITEM_SIZE_MAX + 1]; /* before each message: ratchet key, offer's seed, KEM's chance */
static uint8_t prekey[32], kem_key[NKT_KEM_KEY_SIZE];
static uint32_t prekey_id;

static talker_t *talker_of(const char *name)
{
    return strcmp(name, "alice") == 0 ? &alice : &bob;
}

static void end_row(char *const field[CHECK_FIELD_COUNT_MAX])
{
    talker_t *talker = talker_of(field[1]), *other = talker == &alice ? &bob : &alice;
    nkt_identity_t parts = {.registration_id = (uint32_t)strtoul(field[4], NULL, 10),
                            .signed_prekey_id = (uint32_t)strtoul(field[5], NULL, 10),
                            .next_prekey_id = 1};
    nkt_buf_t stored = {0};
    check_hex(field[3], parts.identity_private, 32);
    check_hex(field[6], parts.signed_prekey_private, 32);
    check_hex(field[7], parts.signed_prekey_signature, NKT_SIGN_SIZE);
    check_hex(field[8], parts.kem_seed, sizeof parts.kem_seed);
    CHECK_OK(nkt_identity_encode(&parts, &stored));
    CHECK_OK(nkt_identity_decode(&talker->identity, stored.data, stored.size));
    check_hex(field[2], talker->identity.address.b, NKT_ADDRESS_SIZE);
    talker->host = script_host(&talker->script);
    CHECK_OK(nkt_sessions_new(&talker->identity, &talker->host, &talker->sessions));
    other->session.address = talker->identity.address;
    memcpy(other->session.identity_key, talker->identity.identity_public, 32);
    nkt_buf_free(&stored);
}

static void prekey_row(char *const field[CHECK_FIELD_COUNT_MAX])
{
    uint8_t secret[32], private_key[32];
    check_hex(field[2], secret, sizeof secret);
    check_hex(field[3], private_key, sizeof private_key);
    nkt_curve_key_derive(private_key, prekey);
    prekey_id = (uint32_t)strtoul(field[1], NULL, 10);
    nkt_session_restore_prekey(&bob.session, prekey_id, secret);
    CHECK_BYTES(bob.session.prekey_public, prekey, sizeof prekey);
    CHECK_OK(nkt_session_give_kem_key(&bob.session, kem_key));
}

static void begin_row(char *const field[CHECK_FIELD_COUNT_MAX])
{
    const nkt_session_bundle_t bundle = {
        .registration_id = bob.identity.registration_id,
        .signed_prekey_id = bob.identity.signed_prekey_id,
        .signed_prekey = bob.identity.signed_prekey_public,
        .signed_prekey_signature = bob.identity.signed_prekey_signature,
        .prekey_id = prekey_id,
        .prekey = prekey,
        .kem_key_id = prekey_id,
        .kem_key = kem_key,
    };
    for (int i = 1; i <= 3; i++)
        script_add(&alice.script, field[i]);
    CHECK_OK(nkt_session_initiate(alice.sessions, &alice.session, &bundle));
    script_end(&alice.script);
}

static void drawn_row(char *const field[CHECK_FIELD_COUNT_MAX])
{
    unsigned long number = strtoul(field[1], NULL, 10);
    CHECK(number <= MESSAGE_COUNT);
    for (int i = 0; i < 3; i++)
        strcpy(drawn[number][i], field[2 + i]);
}

static nkt_part_t part_of(const nkt_buf_t *bytes)
{
    return (nkt_part_t){bytes->data, bytes->size};
}

static void part_same(nkt_part_t part, const nkt_buf_t *expected)
{
    CHECK_EQ(part.size, expected->size);
    CHECK_BYTES(part.bytes, expected->data, expected->size);
}

static void message_row(char *const field[CHECK_FIELD_COUNT_MAX])
{
    static const char any_key[] = "1111111111111111111111111111111111111111111111111111111111111111";
    unsigned long number = strtoul(field[1], NULL, 10);
    talker_t *from = talker_of(field[2]), *to = from == &alice ? &bob : &alice;
    nkt_buf_t inner = {0}, kem = {0}, message = {0}, content = {0}, plain = {0};
    nkt_ciphertext_t made;
    script_hex(&inner, field[4]);
    script_hex(&kem, field[6]);
    script_hex(&message, field[7]);
    script_hex(&content, field[8]);

    script_add(&from->script, field[5]);
    if (drawn[number][0][0] != '\0')
        script_add(&from->script, drawn[number][1]), script_add(&from->script, drawn[number][2]);
    CHECK_OK(nkt_session_encrypt(from->sessions, &from->session, inner.data, inner.size, &made));
    script_end(&from->script);
    CHECK_EQ(made.type, strtoul(field[3], NULL, 10));
    part_same(made.kem, &kem);
    part_same(made.message, &message);
    part_same(made.content, &content);

    const nkt_ciphertext_t in = {made.type, part_of(&kem), part_of(&message), part_of(&content)};
    if (from != last_speaker)
        script_add(&to->script, drawn[number + 1][0][0] != '\0' ? drawn[number + 1][0] : any_key);
    last_speaker = from;
    CHECK_OK(nkt_session_decrypt(to->sessions, &to->session, &in, &plain));
    script_end(&to->script);
    script_same(&plain, &inner);
    CHECK_ERR(nkt_session_decrypt(to->sessions, &to->session, &in, &plain), NKT_E_DUPLICATE);
    nkt_buf_t *const all[] = {&inner, &kem, &message, &content, &plain};
    for (size_t i = 0; i < COUNT_OF(all); i++)
        nkt_buf_free(all[i]);
}

TEST(session_is_that_of_an_independent_calculation)
{
    check_vectors(file, "session.end", end_row);
    check_vectors(file, "session.prekey", prekey_row);
    check_vectors(file, "session.begin", begin_row);
    check_vectors(file, "session.drawn", drawn_row);
    check_vectors(file, "session.message", message_row);
    talker_t *const both[] = {&alice, &bob};
    for (size_t i = 0; i < COUNT_OF(both); i++) {
        nkt_session_deinit(&both[i]->session);
        nkt_sessions_free(both[i]->sessions);
    }
}

/* ---- a message to everybody ---- */

static nkt_group_key_t own_key, held_key;

static void group_key_row(char *const field[CHECK_FIELD_COUNT_MAX])
{
    nkt_buf_t shared = {0}, expected = {0};
    char id[9];
    uint64_t epoch = strtoull(field[1], NULL, 10);
    const uint32_t number = (uint32_t)strtoul(field[2], NULL, 10);
    snprintf(id, sizeof id, "%02x%02x%02x%02x", number & 255, number >> 8 & 255, number >> 16 & 255, number >> 24);
    script_add(&alice.script, id);
    script_add(&alice.script, field[3]);
    script_add(&alice.script, field[4]);
    script_hex(&expected, field[5]);
    CHECK_OK(nkt_group_key_create(alice.sessions, &own_key, epoch));
    script_end(&alice.script);
    CHECK_OK(nkt_group_key_share(alice.sessions, &own_key, &shared));
    script_same(&shared, &expected);
    CHECK_OK(nkt_group_key_accept(bob.sessions, &held_key, epoch, expected.data, expected.size));
    nkt_buf_free(&shared);
    nkt_buf_free(&expected);
}

static void group_message_row(char *const field[CHECK_FIELD_COUNT_MAX])
{
    nkt_buf_t inner = {0}, message = {0}, content = {0}, plain = {0};
    nkt_ciphertext_t made;
    script_hex(&inner, field[1]);
    script_add(&alice.script, field[2]);
    script_add(&alice.script, field[3]);
    script_hex(&message, field[4]);
    script_hex(&content, field[5]);
    CHECK_OK(nkt_group_encrypt(alice.sessions, &own_key, inner.data, inner.size, &made));
    script_end(&alice.script);
    CHECK_EQ(made.type, 4);
    part_same(made.message, &message);
    part_same(made.content, &content);
    const nkt_ciphertext_t in = {.type = 4, .message = part_of(&message), .content = part_of(&content)};
    CHECK_OK(nkt_group_decrypt(bob.sessions, &held_key, &in, &plain));
    script_same(&plain, &inner);
    nkt_buf_t *const all[] = {&inner, &message, &content, &plain};
    for (size_t i = 0; i < COUNT_OF(all); i++)
        nkt_buf_free(all[i]);
}

TEST(message_to_everybody_is_that_of_an_independent_calculation)
{
    check_vectors(file, "session.end", end_row);
    check_vectors(file, "group.key", group_key_row);
    check_vectors(file, "group.message", group_message_row);
    nkt_group_key_deinit(&own_key);
    nkt_group_key_deinit(&held_key);
    nkt_sessions_free(alice.sessions);
    nkt_sessions_free(bob.sessions);
}

/* ---- what is kept for those who are away ---- */

/* The envelope of what may be kept, made and read. */
static void kept_same(char *const field[CHECK_FIELD_COUNT_MAX], const nkt_envelope_parts_t *about, const nkt_buf_t *payload,
                      const nkt_buf_t *frame)
{
    uint8_t seed[32], sign_public[32], sign_secret[64], network[NKT_NETWORK_SIZE], digest[NKT_DIGEST_SIZE];
    nkt_address_t from;
    nkt_envelope_t read;
    nkt_buf_t made = {0};
    nkt_envelope_parts_t parts = *about;
    check_hex(field[1], seed, sizeof seed);
    check_hex(field[2], network, sizeof network);
    check_hex(field[3], from.b, NKT_ADDRESS_SIZE);
    crypto_sign_seed_keypair(sign_public, sign_secret, seed);
    parts.network = network;
    parts.from = &from;
    parts.ttl_s = NKT_ENVELOPE_TTL_S_MAX;
    parts.may_keep = 1;
    parts.payload = payload->data;
    parts.payload_size = payload->size;
    CHECK_OK(nkt_envelope_encode(&made, &parts, sign_secret, digest));
    script_same(&made, frame);
    CHECK_OK(nkt_envelope_digest(frame->data, frame->size, digest));
    CHECK_OK(nkt_envelope_decode(&read, frame->data, frame->size, digest));
    CHECK_OK(nkt_envelope_verify(&read, sign_public));
    CHECK_EQ(read.payload_size, payload->size);
    CHECK_EQ(read.keep_s, parts.keep_s);
    CHECK(read.may_keep);
    nkt_envelope_deinit(&read);
    nkt_buf_free(&made);
}

static void letter_row(char *const field[CHECK_FIELD_COUNT_MAX])
{
    nkt_letter_key_t key = {.epoch = strtoull(field[6], NULL, 10), .number = strtoull(field[8], NULL, 10)}, held, at = {0};
    uint8_t network[NKT_NETWORK_SIZE];
    nkt_address_t from, to = {{0}};
    const int is_to_all = strcmp(field[4], "-") == 0;
    nkt_buf_t inner = {0}, payload = {0}, frame = {0}, sealed = {0}, made = {0}, plain = {0};
    Nkt__Letter letter = NKT__LETTER__INIT;
    check_hex(field[2], network, sizeof network);
    check_hex(field[3], from.b, NKT_ADDRESS_SIZE);
    if (!is_to_all)
        check_hex(field[4], to.b, NKT_ADDRESS_SIZE);
    check_hex(field[7], key.chain, NKT_CHAIN_SIZE);
    script_hex(&inner, field[9]);
    script_hex(&payload, field[10]);
    script_hex(&frame, field[11]);
    held = key;

    const nkt_letter_place_t place = {.network = network, .from = &from, .to = &to};
    letter.epoch = key.epoch;
    CHECK_OK(nkt_letter_seal(&key, &place, inner.data, inner.size, &sealed, &letter.number));
    letter.sealed = nkt_pack_lend(sealed.data, sealed.size);
    CHECK_OK(nkt_pack(&made, &letter.base));
    script_same(&made, &payload);

    Nkt__Letter *read = nkt_unpack(&nkt__letter__descriptor, payload.size, payload.data);
    CHECK(read != NULL);
    CHECK_OK(nkt_letter_open(&held, &at, read->number, &place, read->sealed.data, read->sealed.len, &plain));
    script_same(&plain, &inner);
    nkt__letter__free_unpacked(read, NULL);
    const nkt_envelope_parts_t about = {.to = is_to_all ? NULL : &to,
                                        .kind = NKT_KIND_LETTER,
                                        .keep_s = NKT_KEEP_S,
                                        .created_ms = strtoull(field[5], NULL, 10)};
    kept_same(field, &about, &payload, &frame);
    nkt_buf_t *const all[] = {&inner, &payload, &frame, &sealed, &made, &plain};
    for (size_t i = 0; i < COUNT_OF(all); i++)
        nkt_buf_free(all[i]);
}

TEST(letter_is_that_of_an_independent_calculation)
{
    check_vectors(file, "letter", letter_row);
}

static char last_message[4][8192]; /* of the session: type, KEM header, libsignal's message, content */

static void last_row(char *const field[CHECK_FIELD_COUNT_MAX])
{
    static const int places[] = {3, 6, 7, 8};
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        CHECK(strlen(field[places[i]]) < sizeof last_message[i]);
        strcpy(last_message[i], field[places[i]]);
    }
}

static void shared_row(char *const field[CHECK_FIELD_COUNT_MAX])
{
    uint8_t key[NKT_CONTENT_KEY_SIZE], digest[NKT_DIGEST_SIZE];
    nkt_buf_t inner = {0}, payload = {0}, frame = {0}, kem = {0}, message = {0}, content = {0}, sealed = {0}, made = {0}, plain = {0};
    Nkt__Shared shared = NKT__SHARED__INIT;
    Nkt__SharedPart part = NKT__SHARED_PART__INIT, *parts[] = {&part};
    check_hex(field[5], key, sizeof key);
    script_hex(&inner, field[6]);
    script_hex(&payload, field[7]);
    script_hex(&frame, field[8]);
    script_hex(&kem, last_message[1]);
    script_hex(&message, last_message[2]);
    script_hex(&content, last_message[3]);

    CHECK_OK(nkt_seal_once(&sealed, key, NULL, 0, inner.data, inner.size));
    part.to = nkt_pack_lend(bob.identity.address.b, NKT_ADDRESS_SIZE);
    part.type = (uint32_t)strtoul(last_message[0], NULL, 10);
    part.kem = nkt_pack_lend(kem.data, kem.size);
    part.message = nkt_pack_lend(message.data, message.size);
    part.body = nkt_pack_lend(content.data, content.size);
    shared.part = parts;
    shared.n_part = 1;
    shared.content = nkt_pack_lend(sealed.data, sealed.size);
    CHECK_OK(nkt_pack(&made, &shared.base));
    script_same(&made, &payload);
    const nkt_envelope_parts_t about = {.kind = NKT_KIND_SHARED, .created_ms = strtoull(field[4], NULL, 10)};
    kept_same(field, &about, &payload, &frame);

    nkt_envelope_t envelope;
    nkt_address_t to[NKT_MAIL_SHARE_COUNT_MAX];
    CHECK_OK(nkt_envelope_digest(frame.data, frame.size, digest));
    CHECK_OK(nkt_envelope_decode(&envelope, frame.data, frame.size, digest));
    CHECK_EQ(nkt_share_recipients(&envelope, to), 1);
    CHECK_BYTES(to[0].b, bob.identity.address.b, NKT_ADDRESS_SIZE);
    nkt_envelope_deinit(&envelope);
    CHECK_OK(nkt_seal_open_once(&plain, key, NULL, 0, shared.content.data, shared.content.len));
    script_same(&plain, &inner);
    nkt_buf_t *const all[] = {&inner, &payload, &frame, &kem, &message, &content, &sealed, &made, &plain};
    for (size_t i = 0; i < COUNT_OF(all); i++)
        nkt_buf_free(all[i]);
}

TEST(shared_mail_is_that_of_an_independent_calculation)
{
    check_vectors(file, "session.end", end_row);
    check_vectors(file, "session.message", last_row);
    check_vectors(file, "shared", shared_row);
    nkt_sessions_free(alice.sessions);
    nkt_sessions_free(bob.sessions);
}

/* ---- what travels through trackers ---- */

static void tracker_row(char *const field[CHECK_FIELD_COUNT_MAX])
{
    enum { BASE64 = sodium_base64_VARIANT_ORIGINAL_NO_PADDING };
    script_t script = {0};
    const nkt_host_t host = script_host(&script);
    uint8_t key[32], sealed[4096];
    size_t size;
    char text[4096];
    nkt_signalling_t signal;
    nkt_buf_t plain = {0}, made = {0}, opened = {0};
    check_hex(field[1], key, sizeof key);
    script_hex(&plain, field[3]);
    CHECK_OK(nkt_signal_decode(&signal, plain.data, plain.size));
    CHECK(signal.has_record && signal.type == NKT_SIGNAL_OFFER);
    CHECK_OK(nkt_signal_encode(&opened, &signal));
    script_same(&opened, &plain);
    nkt_signal_deinit(&signal);

    CHECK_OK(nkt_pad(&opened));
    script_add(&script, field[2]);
    CHECK_OK(nkt_seal_with(&made, key, NULL, 0, opened.data, opened.size, &host));
    script_end(&script);
    CHECK(sodium_bin2base64(text, sizeof text, made.data, made.size, BASE64) != NULL);
    CHECK(strcmp(text, field[4]) == 0);

    CHECK_EQ(sodium_base642bin(sealed, sizeof sealed, field[4], strlen(field[4]), NULL, &size, NULL, BASE64), 0);
    CHECK_OK(nkt_seal_open_with(&opened, key, NULL, 0, sealed, size));
    CHECK_OK(nkt_unpad(opened.data, opened.size, &opened.size));
    script_same(&opened, &plain);
    nkt_buf_t *const all[] = {&plain, &made, &opened};
    for (size_t i = 0; i < COUNT_OF(all); i++)
        nkt_buf_free(all[i]);
}

TEST(description_for_a_tracker_is_that_of_an_independent_calculation)
{
    check_vectors(file, "tracker", tracker_row);
}
