/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Unknown key share: a hostile member who wants others' words heard under its own name, or its own
 * under theirs. It puts the friend's identity key into its record, the friend's ciphertext into its
 * envelopes, and other names inside its own.
 */
#include <stdlib.h>
#include <string.h>

#include "hostile.h"

/* The friend's record as the victim knows it: out of a greeting that goes round. */
static void friend_learn(forge_t *spy, stage_t *stage)
{
    const stage_kept_t *kept = stage_catch(stage, NKT_KIND_GREETING);
    if (!forge_learn_victim(spy, kept->bytes, kept->size))
        abort();
}

/* ---- records ---- */

static void record_rows(stage_t *stage, const nkt_record_t *friend_record)
{
    const struct {
        const char *what;
        int has_own_binding;
    } rows[] = {{"the friend's identity key, and the friend's binding", 0},
                {"the friend's identity key, and an own binding", 1}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        forge_t thief;
        uint8_t bytes[NKT_RECORD_SIZE_MAX];
        forge_init(&thief, 900 + i, "sim", "friend", stage_wall_ms(stage));
        Nkt__UserRecord *message =
            nkt__user_record__unpack(NULL, thief.record.bytes_size, thief.record.bytes);
        if (message == NULL)
            abort();
        memcpy(message->identity_key.data, friend_record->identity_key, 32);
        memcpy(message->signed_prekey.data, friend_record->signed_prekey, 32);
        memcpy(message->signed_prekey_signature.data, friend_record->signed_prekey_signature, 64);
        message->signed_prekey_id = friend_record->signed_prekey_id;
        message->registration_id = friend_record->registration_id;
        if (!rows[i].has_own_binding)
            memcpy(message->binding.data, friend_record->binding, 64);
        size_t size = nkt__user_record__pack(message, bytes);
        nkt_address_derive(&thief.identity.address, thief.identity.sign_public,
                           friend_record->identity_key);
        for (int is_directed = 0; is_directed < 2; is_directed++) {
            hostile_rest(stage);
            hostile_view_t before = hostile_before(stage, NKT_E_SIGNATURE);
            forge_greeting_of(&thief, bytes, size, is_directed ? &stage->victim->address : NULL,
                              stage_wall_ms(stage));
            int code = is_directed ? stage_put_directed(stage, thief.frame.data, thief.frame.size)
                                   : stage_put_broadcast(stage, thief.frame.data, thief.frame.size);
            hostile_after(stage, &before, "record", rows[i].what, code);
        }
        nkt__user_record__free_unpacked(message, NULL);
        forge_deinit(&thief);
    }
}

/* ---- what was said to one by another ---- */

/* A genuine envelope of the friend's, its payload in one of mallory's. */
static void forwarded_row(stage_t *stage, const char *what, unsigned kind, int expected)
{
    uint8_t digest[NKT_DIGEST_SIZE];
    nkt_envelope_t envelope;
    const stage_kept_t *kept = stage_catch(stage, kind);
    if (nkt_envelope_digest(kept->bytes, kept->size, digest) < 0 ||
        nkt_envelope_decode(&envelope, kept->bytes, kept->size, digest) < 0)
        abort();
    double rekeys = sim_peer_health(stage->victim, "rekeys");
    hostile_view_t before = hostile_before(stage, expected);
    forge_envelope(&stage->mallory, kind, &stage->victim->address, envelope.payload,
                   envelope.payload_size, stage_wall_ms(stage));
    int code = stage_put_directed(stage, stage->mallory.frame.data, stage->mallory.frame.size);
    hostile_after(stage, &before, "forwarded", what, code);
    /* it is as good as ever where it belongs: the friend's ratchet is where it was */
    code = stage_put(stage, kept->entry, kept->bytes, kept->size);
    if (code < 0 || sim_peer_health(stage->victim, "rekeys") > rekeys + (kind == NKT_KIND_SESSION))
        hostile_fail("forwarded", "the friend's own envelope afterwards", code, NKT_OK);
    hostile_pass();
    nkt_envelope_deinit(&envelope);
}

/* ---- names inside a session of one's own ---- */

static void ends_row(stage_t *stage, const char *what, const nkt_address_t *claims, int is_endless)
{
    forge_t *mallory = &stage->mallory;
    Nkt__Inner inner = NKT__INNER__INIT;
    Nkt__Say say = NKT__SAY__INIT, *list[1] = {&say};
    nkt_buf_t plain = {0};
    say.stream_id = 7;
    say.sequence = 1;
    say.id = play_lend("0123456789abcdef", 16);
    say.json = play_lend("1", 1);
    inner.say = list;
    inner.n_say = 1;
    play_pack(&plain, &inner.base);
    mallory->claims = claims;
    mallory->is_endless = is_endless;
    sim_run(stage->sim, 1500);
    hostile_view_t before = hostile_before(stage, NKT_E_ENDS);
    forge_session(mallory, plain.data, plain.size, stage_wall_ms(stage));
    hostile_after(stage, &before, "ends", what,
                  stage_put_directed(stage, mallory->frame.data, mallory->frame.size));
    mallory->claims = NULL;
    mallory->is_endless = 0;
    nkt_buf_free(&plain);
}

static void signal_row(stage_t *stage)
{
    static const uint8_t reject[] = {
        8, NKT_SIGNAL_REJECT, 18, 16, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
    forge_t *mallory = &stage->mallory;
    sim_run(stage->sim, 3000);
    hostile_view_t sound = hostile_before(stage, NKT_OK),
                   before = hostile_before(stage, NKT_E_PAYLOAD);
    forge_signal(mallory, reject, sizeof reject, stage_wall_ms(stage));
    hostile_after(stage, &sound, "ends", "a signal of its own",
                  stage_put_directed(stage, mallory->frame.data, mallory->frame.size));
    mallory->claims = &stage->friend_->address;
    forge_signal(mallory, reject, sizeof reject, stage_wall_ms(stage));
    hostile_after(stage, &before, "ends", "a signal that was sealed by somebody else",
                  stage_put_directed(stage, mallory->frame.data, mallory->frame.size));
    mallory->claims = NULL;
}

void hostile_ends(uint64_t seed)
{
    stage_t *stage = stage_new(seed);
    forge_t spy;
    forge_init(&spy, 899, "sim", "spy", stage_wall_ms(stage));
    friend_learn(&spy, stage);
    record_rows(stage, &spy.victim);
    ends_row(stage, "the friend's name", &stage->friend_->address, 0);
    ends_row(stage, "the victim's name", &stage->victim->address, 0);
    ends_row(stage, "no name", NULL, 1);
    signal_row(stage);
    forwarded_row(stage, "the friend's ciphertext", NKT_KIND_SESSION, NKT_E_DECRYPT);
    stage_check_talk(stage);
    forge_deinit(&spy);
    stage_free(stage);
}
