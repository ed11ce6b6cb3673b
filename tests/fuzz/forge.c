/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "forge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "gossip/gossip.h"
#include "identity/pad.h"
#include "nkt.pb-c.h"
#include "sim.h"

enum { BASE64 = sodium_base64_VARIANT_ORIGINAL_NO_PADDING };

static int entropy(void *context, uint8_t *buf, size_t size)
{
    sim_random_fill(context, buf, size);
    return 0;
}

static void must(int code)
{
    if (code < 0) {
        fprintf(stderr, "forge: %s\n", nkt_err_name(code));
        abort();
    }
}

/* ---- who it is ---- */

void forge_rename(forge_t *forge, const char *nick, uint64_t wall_ms)
{
    const nkt_record_facts_t facts = {.nick = nick};
    nkt_record_deinit(&forge->record);
    must(nkt_record_create(&forge->record, &forge->identity, &facts, wall_ms));
    nkt_room_membership(&forge->room, forge->record.signature, forge->membership);
}

void forge_init(forge_t *forge, uint64_t seed, const char *room, const char *nick, uint64_t wall_ms)
{
    *forge = (forge_t){0};
    sim_random_init(&forge->random, seed, 0xf0f0);
    forge->host = (nkt_host_t){.entropy = entropy, .context = &forge->random};
    must(nkt_identity_create(&forge->identity, &forge->host));
    nkt_room_derive(&forge->room, room, NULL, &forge->identity.address);
    must(nkt_sessions_new(&forge->identity, &forge->host, &forge->sessions));
    forge_rename(forge, nick, wall_ms);
}

void forge_deinit(forge_t *forge)
{
    nkt_sessions_free(forge->sessions);
    nkt_session_deinit(&forge->session);
    nkt_record_deinit(&forge->record);
    nkt_record_deinit(&forge->victim);
    nkt_buf_free(&forge->payload);
    nkt_buf_free(&forge->plain);
    nkt_buf_free(&forge->sealed);
    nkt_buf_free(&forge->frame);
}

int forge_learn_victim(forge_t *forge, const uint8_t *frame, size_t size)
{
    uint8_t digest[NKT_DIGEST_SIZE];
    nkt_envelope_t envelope;
    nkt_greeting_t greeting;
    if (nkt_envelope_digest(frame, size, digest) < 0 || nkt_envelope_decode(&envelope, frame, size, digest) < 0)
        return 0;
    int is_learnt = 0;
    if (envelope.kind == NKT_KIND_GREETING &&
        nkt_gossip_decode_greeting(&greeting, envelope.payload, envelope.payload_size) == NKT_OK) {
        nkt_record_deinit(&forge->victim);
        must(nkt_record_verify(&forge->victim, greeting.record.bytes, greeting.record.bytes_size,
                               greeting.record.signature));
        if (greeting.nonce != NULL) {
            memcpy(forge->nonce, greeting.nonce, sizeof forge->nonce);
            forge->has_nonce = 1;
        }
        nkt_greeting_deinit(&greeting);
        forge->session.address = forge->victim.address;
        memcpy(forge->session.identity_key, forge->victim.identity_key, 32);
        is_learnt = forge->has_victim = 1;
    }
    nkt_envelope_deinit(&envelope);
    return is_learnt;
}

/* ---- envelopes ---- */

nkt_signed_record_t forge_record(const forge_t *forge)
{
    return (nkt_signed_record_t){.bytes = forge->record.bytes,
                                 .bytes_size = forge->record.bytes_size,
                                 .signature = forge->record.signature,
                                 .membership = forge->membership};
}

void forge_envelope_with(forge_t *forge, unsigned kind, const nkt_address_t *to, const uint8_t *payload, size_t size,
                         uint64_t wall_ms, const nkt_signed_record_t *record)
{
    const nkt_envelope_parts_t parts = {
        .network = forge->room.network,
        .from = &forge->identity.address,
        .to = to,
        .kind = (nkt_kind_t)kind,
        .created_ms = wall_ms,
        .may_keep = !forge->is_urgent,
        .keep_s = forge->keep_s,
        .payload = payload,
        .payload_size = size,
        .record = record,
    };
    must(nkt_envelope_encode(&forge->frame, &parts, forge->identity.sign_secret, NULL));
}

void forge_envelope(forge_t *forge, unsigned kind, const nkt_address_t *to, const uint8_t *payload, size_t size,
                    uint64_t wall_ms)
{
    forge_envelope_with(forge, kind, to, payload, size, wall_ms, NULL);
}

void forge_greeting(forge_t *forge, const nkt_address_t *to, uint64_t wall_ms)
{
    const nkt_signed_record_t record = forge_record(forge);
    must(nkt_gossip_encode_greeting(&forge->payload, &(nkt_greeting_t){.record = record}));
    forge_envelope(forge, NKT_KIND_GREETING, to, forge->payload.data, forge->payload.size, wall_ms);
}

void forge_answer(forge_t *forge, uint64_t wall_ms)
{
    const nkt_greeting_t greeting = {.record = forge_record(forge), .flags = NKT_GREETING_ANSWER, .echo = forge->nonce};
    must(nkt_gossip_encode_greeting(&forge->payload, &greeting));
    forge_envelope(forge, NKT_KIND_GREETING, &forge->victim.address, forge->payload.data, forge->payload.size, wall_ms);
}

/* Signs whatever it is as a record of its own; lends it. */
static nkt_signed_record_t record_sign(forge_t *forge, const uint8_t *bytes, size_t size, uint8_t signature[NKT_SIGN_SIZE],
                                       uint8_t membership[NKT_MEMBERSHIP_SIZE])
{
    uint8_t to_sign[NKT_HASH_SIZE];
    nkt_record_signed_form(to_sign, bytes, size);
    crypto_sign_detached(signature, NULL, to_sign, sizeof to_sign, forge->identity.sign_secret);
    nkt_room_membership(&forge->room, signature, membership);
    return (nkt_signed_record_t){.bytes = bytes, .bytes_size = size, .signature = signature, .membership = membership};
}

void forge_greeting_of(forge_t *forge, const uint8_t *bytes, size_t size, const nkt_address_t *to, uint64_t wall_ms)
{
    uint8_t signature[NKT_SIGN_SIZE], membership[NKT_MEMBERSHIP_SIZE];
    const nkt_signed_record_t record = record_sign(forge, bytes, size, signature, membership);
    must(nkt_gossip_encode_greeting(&forge->payload, &(nkt_greeting_t){.record = record}));
    forge_envelope(forge, NKT_KIND_GREETING, to, forge->payload.data, forge->payload.size, wall_ms);
}

void forge_carried(forge_t *forge, unsigned kind, const uint8_t *bytes, size_t size, uint64_t wall_ms)
{
    uint8_t signature[NKT_SIGN_SIZE], membership[NKT_MEMBERSHIP_SIZE];
    const nkt_signed_record_t record = record_sign(forge, bytes, size, signature, membership);
    forge_envelope_with(forge, kind, NULL, NULL, 0, wall_ms, &record);
}

static ProtobufCBinaryData part_lend(nkt_part_t part)
{
    return (ProtobufCBinaryData){.data = (uint8_t *)(uintptr_t)part.bytes, .len = part.size};
}

void forge_ciphertext(nkt_buf_t *out, const nkt_ciphertext_t *parts, uint64_t epoch)
{
    Nkt__Ciphertext ciphertext = NKT__CIPHERTEXT__INIT;
    ciphertext.type = parts->type;
    ciphertext.message = part_lend(parts->message);
    ciphertext.content = part_lend(parts->content);
    ciphertext.has_kem = parts->kem.size > 0;
    ciphertext.kem = part_lend(parts->kem);
    ciphertext.has_epoch = epoch != 0;
    ciphertext.epoch = epoch;
    nkt_buf_clear(out);
    must(nkt_buf_reserve(out, nkt__ciphertext__get_packed_size(&ciphertext)));
    out->size = nkt__ciphertext__pack(&ciphertext, out->data);
}

void forge_ends(const forge_t *forge, uint8_t ends[NKT_ENDS_SIZE])
{
    nkt_ends_derive(ends, forge->room.network, forge->claims != NULL ? forge->claims : &forge->identity.address,
                    &forge->victim.address);
}

/* The bytes of an Inner, and its ends behind them: as if it were one of its fields. */
static int inner_encrypt(forge_t *forge, const uint8_t *inner, size_t size, nkt_ciphertext_t *sealed)
{
    uint8_t field[2 + NKT_ENDS_SIZE] = {10 << 3 | 2, NKT_ENDS_SIZE};
    nkt_buf_t whole = {0};
    forge_ends(forge, field + 2);
    must(nkt_buf_append(&whole, inner, size));
    if (!forge->is_endless)
        must(nkt_buf_append(&whole, field, sizeof field));
    int err = nkt_session_encrypt(forge->sessions, &forge->session, size == 0 && forge->is_endless ? field : whole.data,
                                  whole.size, sealed);
    nkt_buf_free(&whole);
    return err;
}

int forge_session(forge_t *forge, const uint8_t *inner, size_t size, uint64_t wall_ms)
{
    const nkt_record_t *victim = &forge->victim;
    nkt_ciphertext_t sealed;
    if (!forge->has_victim)
        return 0;
    if (!nkt_session_exists(&forge->session)) {
        const nkt_session_bundle_t bundle = {
            .registration_id = victim->registration_id,
            .signed_prekey_id = victim->signed_prekey_id,
            .signed_prekey = victim->signed_prekey,
            .signed_prekey_signature = victim->signed_prekey_signature,
            .kem_key_id = NKT_KEM_KEY_LASTING,
            .kem_key = forge->victim_kem_key,
        };
        if (nkt_session_initiate(forge->sessions, &forge->session, &bundle) < 0)
            return 0;
    }
    if (inner_encrypt(forge, inner, size, &sealed) < 0)
        return 0;
    forge_ciphertext(&forge->payload, &sealed, 0);
    forge_envelope(forge, NKT_KIND_SESSION, &victim->address, forge->payload.data, forge->payload.size, wall_ms);
    return 1;
}

int forge_signal(forge_t *forge, const uint8_t *signal, size_t size, uint64_t wall_ms)
{
    if (!forge->has_victim)
        return 0;
    uint8_t ends[NKT_ENDS_SIZE];
    const nkt_seal_for_t recipient = {.public_key = forge->victim.identity_key, .context = ends, .context_size = sizeof ends};
    forge_ends(forge, ends);
    nkt_buf_clear(&forge->sealed);
    must(nkt_seal_to(&forge->sealed, &recipient, signal, size, &forge->host));
    forge_envelope(forge, NKT_KIND_SIGNAL, &forge->victim.address, forge->sealed.data, forge->sealed.size, wall_ms);
    return 1;
}

void forge_tracker(forge_t *forge, int is_offer, const uint8_t *signal, size_t size)
{
    const char *name = is_offer ? "offer" : "answer";
    nkt_buf_clear(&forge->sealed);
    nkt_buf_t padded = {0};
    must(nkt_buf_append(&padded, signal, size));
    must(nkt_pad(&padded));
    must(nkt_seal_with(&forge->sealed, forge->room.seal_key, NULL, 0, padded.data, padded.size, &forge->host));
    nkt_buf_free(&padded);
    size_t text_size = sodium_base64_encoded_len(forge->sealed.size, BASE64);
    char *text = sim_alloc(text_size, 1);
    sodium_bin2base64(text, text_size, forge->sealed.data, forge->sealed.size, BASE64);
    nkt_buf_clear(&forge->frame);
    must(nkt_buf_reserve(&forge->frame, text_size + 300));
    int written = snprintf((char *)forge->frame.data, text_size + 300,
                           "{\"action\":\"announce\",\"%s\":{\"type\":\"%s\",\"sdp\":\"%s\"},\"offer_id\":\"oooooooooooooooooooo\","
                           "\"peer_id\":\"pppppppppppppppppppp\",\"info_hash\":\"%s\"}",
                           name, name, text, forge->room.info_hash);
    forge->frame.size = (size_t)written;
    free(text);
}
