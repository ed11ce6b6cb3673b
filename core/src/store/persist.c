/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Stored records: the identity, an adopted room, one per peer with its session and replay windows, and messages (journal.c). Each is
 * sealed with the store key and its own name, so none can be altered, swapped or taken from another identity; a damaged
 * one is put aside and that peer re-keys.
 *
 * No ratchet key is used twice, whatever write was lost: SENDs of ratchet-protected bytes wait for a PUT of a state that
 * is at that place in the sending chain or beyond. So that not every message waits, a stored state stands for the
 * NKT_RESERVE_COUNT places after it, which are skipped when it is read back.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/base58.h"
#include "delivery/delivery.h"
#include "nkt.pb-c.h"
#include "people/people.h"
#include "routing/routing.h"
#include "state/state.h"
#include "state/swarm.h"
#include "store/store.h"
#include "wire/pack.h"

static const char identity_name[] = "identity";

static const char pins_name[] = "pins";

static const char ignored_name[] = "ignored"; /* as pins */

static const char room_name[] = "room";

static const char spare_name[] = "spare"; /* the same once more: one damaged record must not make us somebody else */

static const char file_name[] = "nkt identity file 1";

static const char page_prefix[] = NKT_PAGE_PREFIX;

enum {
    PAGE_PREFIX_SIZE = sizeof page_prefix - 1,
    KEPT_PREFIX_SIZE = sizeof NKT_KEPT_PREFIX - 1,
};

/* ---- writing ---- */

static void room_put(nkt_swarm_t *swarm)
{
    Nkt__StoredRoom stored = NKT__STORED_ROOM__INIT;
    stored.has_version = 1;
    stored.version = NKT_RECORD_VERSION;
    stored.key = nkt_pack_lend(swarm->adopted.key, sizeof swarm->adopted.key);
    stored.open = swarm->adopted.is_open;
    if (swarm->adopted.is_there && nkt_pack(nkt_lend(swarm, NKT_LENT_PLAIN), &stored.base) < 0) {
        nkt_effects_fail(swarm);
        return;
    }
    nkt_persist_put(swarm, room_name, sizeof room_name - 1, swarm->adopted.is_there ? nkt_lent(swarm, NKT_LENT_PLAIN) : NULL);
    nkt_room_stored(swarm);
}

static void pins_put(nkt_swarm_t *swarm, nkt_mark_t mark, const char *name, size_t name_size)
{
    const nkt_pins_t *pins = nkt_pins_of(swarm, mark);
    if (!pins->is_dirty || nkt_pins_encode(pins, nkt_lend(swarm, NKT_LENT_PLAIN)) < 0)
        return;
    nkt_persist_put(swarm, name, name_size, nkt_lent(swarm, NKT_LENT_PLAIN));
    nkt_pins_stored(swarm, mark);
}

/* Takes it out of the list; what was stored of it under its old name goes. */
static void moved_end(nkt_swarm_t *swarm, size_t i)
{
    char name[NKT_PEER_NAME_SIZE + 1];
    nkt_peer_name(name, &swarm->store.moved[i].from);
    nkt_persist_put(swarm, name, NKT_PEER_NAME_SIZE, NULL);
    swarm->store.moved[i] = swarm->store.moved[--swarm->store.moved_count];
}

/* That user is stored under its new name now. */
static void moved_stored(nkt_swarm_t *swarm, const nkt_address_t *address)
{
    for (size_t i = swarm->store.moved_count; i-- > 0;) {
        if (nkt_address_compare(&swarm->store.moved[i].to, address) == 0)
            moved_end(swarm, i);
    }
}

static void peer_put(nkt_swarm_t *swarm, nkt_user_t *user)
{
    Nkt__StoredPeer stored = NKT__STORED_PEER__INIT;
    Nkt__SignedRecord record = NKT__SIGNED_RECORD__INIT;
    Nkt__StoredStream streams[NKT_STREAM_PER_USER_MAX];
    Nkt__StoredStream *heard[NKT_STREAM_PER_USER_MAX];
    Nkt__LetterKey keys[NKT_LETTER_KEY_COUNT], *key_list[NKT_LETTER_KEY_COUNT];
    record.record = nkt_pack_lend(user->record.bytes, user->record.bytes_size);
    record.signature = nkt_pack_lend(user->record.signature, NKT_SIGN_SIZE);
    record.has_membership = user->standing.is_member;
    record.membership = nkt_pack_lend(user->standing.membership, NKT_MEMBERSHIP_SIZE);
    stored.record = &record;
    const int packed = nkt_talk_packed(user);
    stored.has_session = nkt_session_exists(&user->session);
    stored.session = nkt_pack_lend(user->session.record.data, user->session.record.size);
    stored.has_prekey_id = stored.has_prekey_private = user->session.prekey_id != 0;
    stored.prekey_id = user->session.prekey_id;
    stored.prekey_private = nkt_pack_lend(user->session.prekey_private, 32);
    stored.heard = heard;
    for (int i = 0; i < user->windows.count; i++) {
        const nkt_window_t *window = &user->windows.list[i];
        if (window->stream_id == 0 || window->bits == NULL)
            continue;
        Nkt__StoredStream *stream = &streams[stored.n_heard];
        *stream = (Nkt__StoredStream)NKT__STORED_STREAM__INIT;
        stream->stream_id = window->stream_id;
        stream->top = window->top;
        stream->bits = nkt_pack_lend(window->bits, nkt_window_used_size(window));
        heard[stored.n_heard++] = stream;
    }
    stored.letter_key = key_list;
    for (int i = 0; user->letters.chains != NULL && i < NKT_LETTER_KEY_COUNT && user->letters.chains->keys[i].epoch != 0; i++) {
        keys[i] = (Nkt__LetterKey)NKT__LETTER_KEY__INIT;
        keys[i].epoch = user->letters.chains->keys[i].epoch;
        keys[i].number = user->letters.chains->keys[i].number;
        keys[i].chain = nkt_pack_lend(user->letters.chains->keys[i].chain, NKT_CHAIN_SIZE);
        key_list[stored.n_letter_key++] = &keys[i];
    }
    stored.has_first_ms = stored.has_floor = 1;
    stored.first_ms = user->clock.first_ms;
    stored.floor = user->letters.floor;
    stored.has_flags = stored.has_trusted = stored.has_version = 1;
    stored.version = NKT_RECORD_VERSION;
    stored.has_opened_ms = stored.has_said_ms = 1;
    stored.opened_ms = user->clock.opened_ms;
    stored.said_ms = user->clock.newest_ms;
    stored.flags = user->presence.flags & NKT_USER_MUTED;
    stored.trusted = user->standing.is_met;
    stored.has_proof = user->standing.proof != 0;
    stored.proof = user->standing.proof;
    stored.has_left_ms = nkt_away_has_left(user);
    stored.left_ms = user->away.left_ms;
    stored.has_known_ms = 1;
    stored.known_ms = user->standing.known_ms;
    stored.has_heard_age_ms = 1;
    stored.heard_age_ms = nkt_user_heard_age(swarm, user);
    stored.has_missed_from = user->away.missed_from != 0;
    stored.missed_from = user->away.missed_from;
    stored.has_kem_key = user->talk.kem_key.size > 0 && (swarm->settings.keeper || !nkt_session_exists(&user->session));
    stored.kem_key = nkt_pack_lend(user->talk.kem_key.data, user->talk.kem_key.size);

    char name[NKT_PEER_NAME_SIZE + 1];
    nkt_peer_name(name, &user->address);
    if (packed < 0 || nkt_pack(nkt_lend(swarm, NKT_LENT_PLAIN), &stored.base) < 0) {
        nkt_effects_fail(swarm);
        return;
    }
    nkt_persist_put(swarm, name, NKT_PEER_NAME_SIZE, nkt_lent(swarm, NKT_LENT_PLAIN));
    nkt_talk_reserve(user, swarm->put_ticket);
    moved_stored(swarm, &user->address);
}

/* Strangers come and go by the hundred; each is known again by his next greeting. */
static int is_worth_storing(const nkt_swarm_t *swarm, const nkt_user_t *user)
{
    return user->stored.is_stored || user->standing.is_met || user->presence.flags & NKT_USER_MUTED ||
           nkt_user_is_owed(user) || nkt_session_exists(&user->session) || (swarm->settings.keeper && user->talk.kem_key.size > 0) ||
           nkt_user_rank(swarm, user) > NKT_RANK_STRANGER;
}

static int is_changed(const nkt_user_t *user)
{
    return user->stored.is_dirty || user->session.is_dirty;
}

/* Is everybody who changed noted? */
static int changes_are_whole(const nkt_swarm_t *swarm)
{
    for (size_t i = 0; i < swarm->users.count; i++) {
        if (is_changed(swarm->user_list[i]) && !swarm->user_list[i]->stored.change.is_noted)
            return 0;
    }
    return 1;
}

/* Every step ends with it: those who changed are walked, not all who are known. Strangers not worth it stay until they are. */
static void peers_flush(nkt_swarm_t *swarm, int is_last)
{
    assert(!is_last || changes_are_whole(swarm)); /* asked once a life: it is the walk that is spared otherwise */
    for (nkt_change_t *change = swarm->changes.first, *next; change != NULL; change = next) {
        nkt_user_t *user = change->owner;
        next = change->next;
        int is_to_be_stored = is_changed(user);
        if (is_to_be_stored && !is_worth_storing(swarm, user))
            continue;
        nkt_change_seen(change);
        if (is_to_be_stored) {
            nkt_user_stored(user);
            nkt_talk_stored(user);
            peer_put(swarm, user);
        }
    }
}

void nkt_persist_flush(nkt_swarm_t *swarm, int is_last)
{
    const nkt_buf_t *plain = nkt_lent(swarm, NKT_LENT_PLAIN);
    if (!swarm->settings.persist || !swarm->is_started)
        return;
    if (swarm->own.is_dirty && nkt_identity_encode(&swarm->identity, nkt_lend(swarm, NKT_LENT_PLAIN)) == NKT_OK) {
        nkt_persist_put(swarm, identity_name, sizeof identity_name - 1, nkt_lent(swarm, NKT_LENT_PLAIN));
        nkt_persist_put(swarm, spare_name, sizeof spare_name - 1, nkt_lent(swarm, NKT_LENT_PLAIN));
        nkt_own_stored(swarm);
    }
    pins_put(swarm, NKT_MARK_PINNED, pins_name, sizeof pins_name - 1);
    pins_put(swarm, NKT_MARK_IGNORED, ignored_name, sizeof ignored_name - 1);
    if (swarm->adopted.is_dirty)
        room_put(swarm);
    nkt_keeper_flush(swarm);
    nkt_journal_flush(swarm, is_last); /* before the windows that hold for heard what is in it */
    peers_flush(swarm, is_last);
    sodium_memzero(plain->data, plain->capacity); /* what was packed before may have been longer */
    /* also if there was none: whom it was for was forgotten in this very step, and with him the state that would have been stored */
    nkt_effects_bind(swarm, swarm->put_ticket);
}

/* ---- reading ---- */

/* Under protocol 1 the same keys had another address, which is the record's name; and what was signed then counts no more. So of that user
 * nothing is left but who he is: marks and the history go with him (nkt_persist_start()), and he is known again when he is heard. That he
 * is sent nothing is a mark in this record: it stays until then. */
static int peer_moved(nkt_swarm_t *swarm, const Nkt__StoredPeer *stored, const char *name, size_t name_size)
{
    nkt_moved_t moved = {.is_muted = (stored->flags & NKT_USER_MUTED) != 0};
    size_t prefix_size = sizeof NKT_PEER_PREFIX - 1, size = 0;
    if (name_size != NKT_PEER_NAME_SIZE || memcmp(name, NKT_PEER_PREFIX, prefix_size) != 0 ||
        sodium_hex2bin(moved.from.b, NKT_ADDRESS_SIZE, name + prefix_size, name_size - prefix_size, NULL, &size, NULL) != 0 ||
        size != NKT_ADDRESS_SIZE || swarm->store.moved_count == NKT_USER_COUNT_MAX ||
        nkt_record_peek_old(stored->record->record.data, stored->record->record.len, &moved.to) < 0)
        return NKT_E_RECORD;
    if (swarm->store.moved == NULL)
        swarm->store.moved = calloc(NKT_USER_COUNT_MAX, sizeof *swarm->store.moved);
    if (swarm->store.moved == NULL)
        return NKT_E_MEMORY;
    swarm->store.moved[swarm->store.moved_count++] = moved;
    return NKT_OK;
}

void nkt_persist_start(nkt_swarm_t *swarm)
{
    if (swarm->store.failed_count > 0)
        nkt_own_forgot_by(swarm, swarm->time_ms); /* nobody knows whose record that was, nor what he had said */
    for (size_t i = 0; i < swarm->store.moved_count; i++) {
        const nkt_moved_t *moved = &swarm->store.moved[i];
        nkt_pin_move(swarm, NKT_MARK_PINNED, &moved->from, &moved->to);
        nkt_pin_move(swarm, NKT_MARK_IGNORED, &moved->from, &moved->to);
    }
    if (swarm->store.moved_count > 0)
        nkt_journal_move(swarm, swarm->store.moved, swarm->store.moved_count);
    for (size_t i = swarm->store.moved_count; i-- > 0;) {
        if (!swarm->store.moved[i].is_muted || nkt_user_find(swarm, &swarm->store.moved[i].to) != NULL)
            moved_end(swarm, i);
    }
}

static int peer_restore(nkt_swarm_t *swarm, const char *name, size_t name_size)
{
    const nkt_buf_t *plain = nkt_lent(swarm, NKT_LENT_PLAIN);
    Nkt__StoredPeer *stored = nkt_unpack(&nkt__stored_peer__descriptor, plain->size, plain->data);
    if (stored == NULL)
        return NKT_E_RECORD;
    if (!stored->has_version || stored->version < NKT_RECORD_VERSION_ADDRESS) {
        int moved = peer_moved(swarm, stored, name, name_size);
        nkt__stored_peer__free_unpacked(stored, NULL);
        return moved;
    }
    nkt_record_t record;
    nkt_user_t *user = NULL;
    int err = stored->version > NKT_RECORD_VERSION ? NKT_E_NEWER : NKT_E_RECORD;
    if (err == NKT_E_RECORD && stored->record->signature.len == NKT_SIGN_SIZE)
        err = nkt_record_verify_stored(&record, stored->record->record.data, stored->record->record.len,
                                       stored->record->signature.data);
    if (err == NKT_OK) {
        char expected[NKT_PEER_NAME_SIZE + 1];
        nkt_peer_name(expected, &record.address);
        if (name_size != NKT_PEER_NAME_SIZE || memcmp(name, expected, NKT_PEER_NAME_SIZE) != 0 ||
            nkt_user_find(swarm, &record.address) != NULL)
            err = NKT_E_RECORD;
        else
            err = nkt_user_add(swarm, &record, &user);
        if (err < 0)
            nkt_record_deinit(&record);
    }
    if (err == NKT_OK) {
        const ProtobufCBinaryData *membership = &stored->record->membership;
        int is_member = stored->record->has_membership && membership->len == NKT_MEMBERSHIP_SIZE;
        uint64_t known_ms = stored->has_known_ms ? stored->known_ms : UINT64_MAX; /* of an older version: not for long */
        nkt_talk_restore(swarm, user, stored);
        nkt_user_stored(user);
        nkt_presence_set_flags(user, (uint8_t)((stored->flags & NKT_USER_MUTED) | NKT_USER_UNREACHABLE));
        nkt_clock_restore(user, stored->said_ms, stored->opened_ms, stored->first_ms);
        nkt_away_recall(swarm, user, stored->left_ms, stored->missed_from);
        nkt_user_restore(user, stored->has_trusted && stored->trusted, stored->has_proof ? stored->proof : 0, known_ms,
                         stored->heard_age_ms, is_member ? membership->data : NULL);
    }
    if (stored->has_prekey_private)
        sodium_memzero(stored->prekey_private.data, stored->prekey_private.len);
    if (stored->has_session)
        sodium_memzero(stored->session.data, stored->session.len);
    nkt__stored_peer__free_unpacked(stored, NULL);
    return err < 0 && err != NKT_E_MEMORY && err != NKT_E_NEWER ? NKT_E_RECORD : err;
}

static int room_restore(nkt_swarm_t *swarm)
{
    const nkt_buf_t *plain = nkt_lent(swarm, NKT_LENT_PLAIN);
    Nkt__StoredRoom *stored = nkt_unpack(&nkt__stored_room__descriptor, plain->size, plain->data);
    if (stored == NULL)
        return NKT_E_RECORD;
    int err = NKT_OK;
    if (stored->version > NKT_RECORD_VERSION)
        err = NKT_E_NEWER;
    else if (stored->key.len != sizeof swarm->adopted.key)
        err = NKT_E_RECORD;
    if (err == NKT_OK && (!stored->has_version || stored->version < NKT_RECORD_VERSION_ADDRESS))
        nkt_persist_put(swarm, room_name, sizeof room_name - 1, NULL); /* nobody is there any more: its name makes another key */
    else if (err == NKT_OK)
        nkt_room_restore(swarm, stored->key.data, stored->open ? 1 : 0);
    sodium_memzero(stored->key.data, stored->key.len);
    nkt__stored_room__free_unpacked(stored, NULL);
    return err;
}

/* What another version keeps besides is nothing to this one. */
typedef enum nkt_stored_kind {
    STORED_UNKNOWN,
    STORED_IDENTITY,
    STORED_PINS,
    STORED_IGNORED,
    STORED_ROOM,
    STORED_PAGE,
    STORED_KEPT,
    STORED_KEYS,
    STORED_PEER,
} nkt_stored_kind_t;

static nkt_stored_kind_t kind_of(const char *name, size_t size)
{
    static const struct {
        const char *text;
        int is_prefix;
        nkt_stored_kind_t kind;
    } names[] = {
        {identity_name, 0, STORED_IDENTITY},
        {spare_name, 0, STORED_IDENTITY},
        {pins_name, 0, STORED_PINS},
        {ignored_name, 0, STORED_IGNORED},
        {room_name, 0, STORED_ROOM},
        {page_prefix, 1, STORED_PAGE},
        {NKT_KEPT_PREFIX, 1, STORED_KEPT},
        {NKT_KEYS_PREFIX, 1, STORED_KEYS},
        {NKT_PEER_PREFIX, 1, STORED_PEER},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t length = strlen(names[i].text);
        if ((names[i].is_prefix ? size > length : size == length) && memcmp(name, names[i].text, length) == 0)
            return names[i].kind;
    }
    return STORED_UNKNOWN;
}

/* Both records say the same but after a crash: then the second need not be made keys of again, which is most of a start. */
static int is_restored(const nkt_swarm_t *swarm, const nkt_buf_t *plain)
{
    nkt_buf_t ours = {0};
    int is_same = swarm->own.is_there && nkt_identity_encode(&swarm->identity, &ours) == NKT_OK && ours.size == plain->size &&
                  sodium_memcmp(ours.data, plain->data, plain->size) == 0;
    nkt_buf_free(&ours);
    return is_same;
}

static int identity_restore(nkt_swarm_t *swarm)
{
    const nkt_buf_t *plain = nkt_lent(swarm, NKT_LENT_PLAIN);
    nkt_identity_t restored;
    if (is_restored(swarm, plain))
        return NKT_OK;
    int err = nkt_identity_decode(&restored, plain->data, plain->size);
    if (err == NKT_OK)
        nkt_own_restore(swarm, &restored);
    nkt_identity_wipe(&restored);
    return err;
}

static int plain_restore(nkt_swarm_t *swarm, nkt_stored_kind_t kind, const char *name, size_t name_size)
{
    const nkt_buf_t *plain = nkt_lent(swarm, NKT_LENT_PLAIN);
    switch (kind) {
    case STORED_IDENTITY:
        return identity_restore(swarm);
    case STORED_PINS:
        return nkt_pins_decode(swarm, NKT_MARK_PINNED, plain->data, plain->size);
    case STORED_IGNORED:
        return nkt_pins_decode(swarm, NKT_MARK_IGNORED, plain->data, plain->size);
    case STORED_ROOM:
        return room_restore(swarm);
    case STORED_PAGE:
        return nkt_journal_restore(swarm, name + PAGE_PREFIX_SIZE, name_size - PAGE_PREFIX_SIZE);
    case STORED_KEPT:
    case STORED_KEYS:
        return nkt_keeper_restore(swarm, name + KEPT_PREFIX_SIZE, name_size - KEPT_PREFIX_SIZE, kind == STORED_KEYS);
    case STORED_PEER:
    case STORED_UNKNOWN: /* refused before */
        break;
    }
    return peer_restore(swarm, name, name_size);
}

int nkt_persist_restore(nkt_swarm_t *swarm, const char *name, size_t name_size, const uint8_t *bytes, size_t size)
{
    const nkt_buf_t *plain = nkt_lent(swarm, NKT_LENT_PLAIN);
    nkt_stored_kind_t kind = kind_of(name, name_size);
    if (!swarm->settings.persist || kind == STORED_UNKNOWN || name_size > NKT_PEER_NAME_SIZE)
        return NKT_E_ARGUMENT;
    int err = nkt_seal_open_with(nkt_lend(swarm, NKT_LENT_PLAIN), swarm->settings.store_key, name, name_size, bytes, size);
    if (err == NKT_OK) {
        nkt_hold(swarm, NKT_LENT_PLAIN);
        err = plain_restore(swarm, kind, name, name_size);
        sodium_memzero(plain->data, plain->size);
        nkt_let_go(swarm, NKT_LENT_PLAIN);
    }
    swarm->store.is_outdated |= err == NKT_E_NEWER;
    if (err == NKT_E_MEMORY || err == NKT_E_NEWER)
        return err;
    if (err < 0 && swarm->store.is_outdated)
        return NKT_E_NEWER; /* not damaged perhaps, but in a form that is not known here */
    if (err < 0) {
        if (kind == STORED_IDENTITY)
            nkt_own_touch(swarm); /* written again from the other one */
        else
            nkt_persist_put(swarm, name, name_size, NULL);
        swarm->store.failed_count++;
        return NKT_E_RECORD;
    }
    return NKT_OK;
}

/* ---- the identity in a file ---- */

int nkt_persist_export(nkt_swarm_t *swarm, const uint8_t *key, size_t key_size, uint32_t ticket)
{
    const nkt_buf_t *plain = nkt_lent(swarm, NKT_LENT_PLAIN);
    if (key == NULL || key_size != NKT_KEY_SIZE)
        return NKT_E_ARGUMENT;
    int err = nkt_identity_encode(&swarm->identity, nkt_lend(swarm, NKT_LENT_PLAIN));
    nkt_buf_t *sealed = nkt_lend(swarm, NKT_LENT_SEALED);
    if (err == NKT_OK)
        err = nkt_seal_with(sealed, key, file_name, sizeof file_name - 1, plain->data, plain->size,
                            &swarm->host);
    sodium_memzero(plain->data, plain->size);
    if (err < 0)
        return err;
    nkt_emit(swarm, &(nkt_effect_t){.kind = NKT_FX_EXPORTED,
                                    .ticket = ticket,
                                    .bytes = sealed->data,
                                    .bytes_size = sealed->size});
    return NKT_OK;
}

int nkt_persist_import(nkt_swarm_t *swarm, const uint8_t *bytes, size_t size)
{
    const nkt_buf_t *plain = nkt_lent(swarm, NKT_LENT_PLAIN);
    nkt_identity_t imported;
    if (bytes == NULL || size <= NKT_KEY_SIZE)
        return NKT_E_ARGUMENT;
    int err = nkt_seal_open_with(nkt_lend(swarm, NKT_LENT_PLAIN), bytes, file_name, sizeof file_name - 1, bytes + NKT_KEY_SIZE,
                                 size - NKT_KEY_SIZE);
    if (err == NKT_E_PAYLOAD)
        err = NKT_E_PASSPHRASE; /* or altered: it cannot be told */
    if (err == NKT_OK)
        err = nkt_identity_decode(&imported, plain->data, plain->size);
    if (plain->data != NULL)
        sodium_memzero(plain->data, plain->size);
    if (err < 0)
        return err;
    if (!swarm->own.is_there) {
        nkt_own_restore(swarm, &imported);
        nkt_own_touch(swarm);
    } else if (nkt_address_compare(&imported.address, &swarm->identity.address) != 0) {
        err = NKT_E_STATE;
    } /* else what is stored is newer */
    nkt_identity_wipe(&imported);
    return err;
}
