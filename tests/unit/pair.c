/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pair.h"

#include <stdlib.h>
#include <string.h>

#include "session/content.h"
#include "session/internal.h"

void person_init(person_t *person, uint64_t seed)
{
    *person = (person_t){.entropy = {.seed = seed}};
    person->host = check_host(&person->entropy);
    CHECK_OK(nkt_identity_create(&person->identity, &person->host));
    CHECK_OK(nkt_sessions_new(&person->identity, &person->host, &person->sessions));
}

void person_deinit(person_t *person)
{
    nkt_sessions_free(person->sessions);
    nkt_identity_wipe(&person->identity);
}

void end_init(end_t *end, person_t *person, person_t *other)
{
    *end = (end_t){.person = person, .other = other};
    end->session.address = other->identity.address;
    memcpy(end->session.identity_key, other->identity.identity_public, 32);
}

void end_deinit(end_t *end)
{
    nkt_session_deinit(&end->session);
}

int end_initiate(end_t *end, uint32_t prekey_id, const uint8_t *prekey)
{
    const nkt_identity_t *other = &end->other->identity;
    const nkt_session_bundle_t bundle = {
        .registration_id = other->registration_id,
        .signed_prekey_id = other->signed_prekey_id,
        .signed_prekey = other->signed_prekey_public,
        .signed_prekey_signature = other->signed_prekey_signature,
        .prekey_id = prekey_id,
        .prekey = prekey,
        .kem_key_id = NKT_KEM_KEY_LASTING,
        .kem_key = other->kem_public,
    };
    return nkt_session_initiate(end->person->sessions, &end->session, &bundle);
}

static void part_put(letter_t *letter, nkt_part_t part)
{
    CHECK(letter->size + part.size <= sizeof letter->bytes);
    if (part.size > 0)
        memcpy(letter->bytes + letter->size, part.bytes, part.size);
    letter->size += part.size;
}

static void letter_put(letter_t *letter, const nkt_ciphertext_t *from)
{
    letter->type = from->type;
    letter->kem_size = from->kem.size;
    letter->message_size = from->message.size;
    letter->size = 0;
    part_put(letter, from->kem);
    part_put(letter, from->message);
    part_put(letter, from->content);
}

void letter_write(end_t *from, const char *text, letter_t *letter)
{
    nkt_ciphertext_t out;
    CHECK_OK(nkt_session_encrypt(from->person->sessions, &from->session, (const uint8_t *)text,
                                 strlen(text), &out));
    letter_put(letter, &out);
}

static nkt_part_t part_take(const uint8_t **at, size_t *left, size_t size)
{
    const nkt_part_t part = {*at, size < *left ? size : *left};
    *at += part.size;
    *left -= part.size;
    return part;
}

int letter_decrypt(end_t *to, const letter_t *letter, nkt_buf_t *out)
{
    uint8_t *exact = malloc(letter->size == 0 ? 1 : letter->size); /* a byte read past it is seen */
    if (exact != NULL) /* where allocations fail on purpose this may be the one */
        memcpy(exact, letter->bytes, letter->size);
    const uint8_t *at = exact != NULL ? exact : letter->bytes;
    size_t left = letter->size;
    nkt_ciphertext_t in = {.type = letter->type};
    in.kem = part_take(&at, &left, letter->kem_size);
    in.message = part_take(&at, &left, letter->message_size);
    in.content = part_take(&at, &left, left);
    int err = nkt_session_decrypt(to->person->sessions, &to->session, &in, out);
    free(exact);
    return err;
}

void letter_read(end_t *to, const letter_t *letter, const char *text)
{
    nkt_buf_t out = {0};
    CHECK_OK(letter_decrypt(to, letter, &out));
    CHECK_EQ(out.size, strlen(text));
    CHECK_BYTES(out.data, text, out.size);
    nkt_buf_free(&out);
}

void letter_refuse(end_t *to, const letter_t *letter, int err)
{
    snapshot_t before;
    nkt_buf_t out = {0};
    snapshot_take(&before, to);
    CHECK_ERR(letter_decrypt(to, letter, &out), err);
    CHECK_EQ(out.size, 0);
    snapshot_compare(&before, to);
    nkt_buf_free(&out);
}

void letter_pass(end_t *from, end_t *to, const char *text)
{
    letter_t letter;
    letter_write(from, text, &letter);
    letter_read(to, &letter, text);
}

const nkt_buf_t *end_record(end_t *end)
{
    if (end->session.live != NULL && end->session.live->kem_count > 0)
        nkt_buf_clear(&end->session.record); /* packed once more: an operation that failed must not have changed what it worked with */
    CHECK_OK(nkt_session_pack(&end->session));
    return &end->session.record;
}

void snapshot_take(snapshot_t *snapshot, end_t *end)
{
    const nkt_session_t *session = &end->session;
    end_record(end);
    *snapshot = (snapshot_t){
        .record = malloc(session->record.size + 1),
        .record_size = session->record.size,
        .prekey_id = session->prekey_id,
        .is_dirty = session->is_dirty,
    };
    CHECK(snapshot->record != NULL);
    if (session->record.size > 0)
        memcpy(snapshot->record, session->record.data, session->record.size);
    memcpy(snapshot->prekey_private, session->prekey_private, 32);
}

void snapshot_compare(snapshot_t *snapshot, end_t *end)
{
    const nkt_session_t *session = &end->session;
    end_record(end);
    CHECK_EQ(session->record.size, snapshot->record_size);
    CHECK_BYTES(session->record.data, snapshot->record, snapshot->record_size);
    CHECK_EQ(session->prekey_id, snapshot->prekey_id);
    CHECK_BYTES(session->prekey_private, snapshot->prekey_private, 32);
    CHECK_EQ(session->is_dirty, snapshot->is_dirty);
    CHECK_BYTES(session->identity_key, end->other->identity.identity_public, 32);
    free(snapshot->record);
}

void snapshot_restore(snapshot_t *snapshot, end_t *end)
{
    nkt_session_t *session = &end->session;
    CHECK_OK(nkt_session_restore(session, snapshot->record, snapshot->record_size));
    nkt_session_restore_prekey(session, snapshot->prekey_id, snapshot->prekey_private);
    session->is_dirty = snapshot->is_dirty;
    free(snapshot->record);
}

__attribute__((weak)) void __lsan_disable(void);
__attribute__((weak)) void __lsan_enable(void);

void leaks_allow(int are_allowed)
{
    void (*const call)(void) = are_allowed ? __lsan_disable : __lsan_enable;
    if (call != NULL)
        call();
}

void letter_inner(const letter_t *letter, letter_t *inner)
{
    *inner = (letter_t){.type = letter->type, .size = letter->message_size};
    memcpy(inner->bytes, letter->bytes + letter->kem_size, inner->size);
}

void cover_take(cover_t *cover, end_t *from)
{
    nkt_ratchets_t ratchets;
    const nkt_buf_t *record = end_record(from);
    CHECK_OK(nkt_ratchets_parse(&ratchets, record->data, record->size));
    *cover = (cover_t){{0}};
    CHECK_OK(nkt_buf_set(&cover->kem, ratchets.kem[0].bytes, ratchets.kem[0].size));
}

void cover_deinit(cover_t *cover)
{
    nkt_buf_free(&cover->kem);
}

void letter_cover(const cover_t *cover, const letter_t *inner, letter_t *letter)
{
    static const uint8_t no_half[NKT_HALF_SIZE];
    nkt_kem_t kem = {0};
    nkt_buf_t header = {0}, sealed = {0};
    uint8_t key[32];
    const letter_t message = *inner;
    CHECK_OK(nkt_kem_read(&kem, cover->kem.data, cover->kem.size));
    CHECK_OK(nkt_kem_say(&kem, &header, key));
    nkt_ciphertext_t whole = {
        .type = message.type, .kem = {header.data, header.size}, .message = {message.bytes, message.size}};
    const nkt_content_t content = {
        .label = NKT_LABEL_MESSAGE, .kem_key = key, .half = no_half, .bound = {whole.kem, whole.message}, .bound_count = 2};
    CHECK_OK(nkt_content_seal(&sealed, &content, (const uint8_t *)"", 0));
    whole.content = (nkt_part_t){sealed.data, sealed.size};
    letter_put(letter, &whole);
    nkt_buf_free(&header);
    nkt_buf_free(&sealed);
    nkt_kem_deinit(&kem);
}

void pair_init(pair_t *pair, int has_prekey)
{
    uint8_t prekey[32];
    person_init(&pair->alice, 1);
    person_init(&pair->bob, 2);
    end_init(&pair->of_alice, &pair->alice, &pair->bob);
    end_init(&pair->of_bob, &pair->bob, &pair->alice);
    if (has_prekey)
        CHECK_OK(nkt_session_give_prekey(pair->bob.sessions, &pair->of_bob.session, prekey));
    CHECK_OK(end_initiate(&pair->of_alice, pair->of_bob.session.prekey_id, prekey));
}

void pair_init_established(pair_t *pair)
{
    pair_init(pair, 1);
    letter_pass(&pair->of_alice, &pair->of_bob, "first");
    letter_pass(&pair->of_bob, &pair->of_alice, "answer");
}

void pair_deinit(pair_t *pair)
{
    end_deinit(&pair->of_alice);
    end_deinit(&pair->of_bob);
    person_deinit(&pair->alice);
    person_deinit(&pair->bob);
}
