/* SPDX-License-Identifier: GPL-3.0-or-later */
/* User records: what they claim, who signed them, whose room they prove. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "gossip/gossip.h"
#include "hostile.h"

/* A record to be spoilt, of a newcomer or of mallory. */
typedef struct draft {
    Nkt__UserRecord message;
    uint8_t keys[3][32], signature[64], binding[64], kem_hash[33];
} draft_t;

static void draft_make(draft_t *draft, const forge_t *of, const char *nick, uint64_t wall_ms)
{
    Nkt__UserRecord *message = &draft->message;
    *message = (Nkt__UserRecord)NKT__USER_RECORD__INIT;
    memcpy(draft->keys[0], of->identity.sign_public, 32);
    memcpy(draft->keys[1], of->identity.identity_public, 32);
    memcpy(draft->keys[2], of->identity.signed_prekey_public, 32);
    memcpy(draft->signature, of->identity.signed_prekey_signature, 64);
    message->sign_key = play_lend(draft->keys[0], 32);
    message->identity_key = play_lend(draft->keys[1], 32);
    message->signed_prekey = play_lend(draft->keys[2], 32);
    message->signed_prekey_signature = play_lend(draft->signature, 64);
    memcpy(draft->binding, of->identity.binding, 64);
    message->has_binding = 1;
    message->binding = play_lend(draft->binding, 64);
    nkt_kem_key_hash(draft->kem_hash, of->identity.kem_public);
    message->has_kem_hash = 1;
    message->kem_hash = play_lend(draft->kem_hash, 32);
    message->registration_id = of->identity.registration_id;
    message->signed_prekey_id = of->identity.signed_prekey_id;
    message->nick = (char *)(uintptr_t)nick;
    message->sequence = wall_ms;
    message->issued_ms = wall_ms;
    message->expires_ms = wall_ms + NKT_RECORD_TTL_MS;
}

/* Plays the draft in a greeting of its own author, whose address follows from its keys. */
static int draft_play(stage_t *stage, forge_t *author, draft_t *draft)
{
    nkt_buf_t bytes = {0};
    play_pack(&bytes, &draft->message.base);
    nkt_address_t own = author->identity.address;
    nkt_address_derive(&author->identity.address, draft->keys[0], draft->keys[1]);
    forge_greeting_of(author, bytes.data, bytes.size, NULL, stage_wall_ms(stage));
    author->identity.address = own;
    nkt_buf_free(&bytes);
    return stage_put_broadcast(stage, author->frame.data, author->frame.size);
}

typedef struct draft_row {
    const char *what;
    void (*spoil)(draft_t *draft, uint64_t wall_ms);
    int expected;
} draft_row_t;

static const uint8_t low_order[32] = {0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4, 0x6a,
                                      0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00};

static void zero_key(draft_t *draft, uint64_t wall_ms)
{
    (void)wall_ms;
    memset(draft->keys[1], 0, 32);
}

static void low_order_key(draft_t *draft, uint64_t wall_ms)
{
    (void)wall_ms;
    memcpy(draft->keys[1], low_order, 32);
}

static void top_bit_key(draft_t *draft, uint64_t wall_ms)
{
    (void)wall_ms;
    draft->keys[1][31] |= 0x80;
}

static void unreduced_key(draft_t *draft, uint64_t wall_ms)
{
    (void)wall_ms;
    memset(draft->keys[1], 0xff, 32);
    draft->keys[1][31] = 0x7f;
}

static void zero_prekey(draft_t *draft, uint64_t wall_ms)
{
    (void)wall_ms;
    memset(draft->keys[2], 0, 32);
}

static void low_order_prekey(draft_t *draft, uint64_t wall_ms)
{
    (void)wall_ms;
    memcpy(draft->keys[2], low_order, 32);
}

static void prekey_signature(draft_t *draft, uint64_t wall_ms)
{
    (void)wall_ms;
    draft->signature[5] ^= 1;
}

static void other_prekey(draft_t *draft, uint64_t wall_ms)
{
    (void)wall_ms;
    memset(draft->keys[2], 9, 31);
}

static void short_key(draft_t *draft, uint64_t wall_ms)
{
    (void)wall_ms;
    draft->message.signed_prekey.len = 31;
}

static void expired(draft_t *draft, uint64_t wall_ms)
{
    draft->message.expires_ms = wall_ms - 3600000;
}

static void eternal(draft_t *draft, uint64_t wall_ms)
{
    draft->message.expires_ms = wall_ms + 10 * (uint64_t)NKT_RECORD_TTL_MS_MAX;
}

static void no_sequence(draft_t *draft, uint64_t wall_ms)
{
    (void)wall_ms;
    draft->message.sequence = 0;
}

static void last_sequence(draft_t *draft, uint64_t wall_ms)
{
    (void)wall_ms;
    draft->message.sequence = UINT64_MAX;
}

static void registration(draft_t *draft, uint64_t wall_ms)
{
    (void)wall_ms;
    draft->message.registration_id = 0;
}

static void prekey_id(draft_t *draft, uint64_t wall_ms)
{
    (void)wall_ms;
    draft->message.signed_prekey_id = 0xffffff;
}

static void long_nick(draft_t *draft, uint64_t wall_ms)
{
    (void)wall_ms;
    draft->message.nick = (char *)(uintptr_t)"0123456789012345678901234567890123456789012345678901234567890123x";
}

static void control_nick(draft_t *draft, uint64_t wall_ms)
{
    (void)wall_ms;
    draft->message.nick = (char *)(uintptr_t)"a\nb";
}

static void broken_nick(draft_t *draft, uint64_t wall_ms)
{
    (void)wall_ms;
    draft->message.nick = (char *)(uintptr_t)"a\xc0\xaf";
}

static void no_binding(draft_t *draft, uint64_t wall_ms)
{
    (void)wall_ms;
    draft->message.has_binding = 0;
}

static void no_kem_hash(draft_t *draft, uint64_t wall_ms)
{
    (void)wall_ms;
    draft->message.kem_hash.len = 0;
}

static void missing_kem_hash(draft_t *draft, uint64_t wall_ms)
{
    (void)wall_ms;
    draft->message.has_kem_hash = 0;
}

static void short_kem_hash(draft_t *draft, uint64_t wall_ms)
{
    (void)wall_ms;
    draft->message.kem_hash.len = 31;
}

static void long_kem_hash(draft_t *draft, uint64_t wall_ms)
{
    (void)wall_ms;
    draft->message.kem_hash.len = 33;
}

static void short_binding(draft_t *draft, uint64_t wall_ms)
{
    (void)wall_ms;
    draft->message.binding.len = 63;
}

static void other_binding(draft_t *draft, uint64_t wall_ms)
{
    (void)wall_ms;
    memcpy(draft->binding, draft->signature, 64); /* by the identity key, but of the prekey */
}

static char *many_urls[] = {(char *)(uintptr_t)"ws://a", (char *)(uintptr_t)"ws://b", (char *)(uintptr_t)"ws://c",
                            (char *)(uintptr_t)"ws://d", (char *)(uintptr_t)"ws://e"};

static void urls(draft_t *draft, uint64_t wall_ms)
{
    (void)wall_ms;
    draft->message.relays = many_urls;
    draft->message.n_relays = 5;
}

static const draft_row_t draft_rows[] = {
    {"identity key of zeros", zero_key, NKT_E_KEY},
    {"identity key of low order", low_order_key, NKT_E_KEY},
    {"identity key with its top bit set", top_bit_key, NKT_E_KEY},
    {"identity key that is not reduced", unreduced_key, NKT_E_KEY},
    {"prekey of zeros", zero_prekey, NKT_E_KEY},
    {"prekey of low order", low_order_prekey, NKT_E_KEY},
    {"a short key", short_key, NKT_E_USER_RECORD},
    {"expired", expired, NKT_E_USER_RECORD},
    {"valid for ten days", eternal, NKT_E_USER_RECORD},
    {"no sequence", no_sequence, NKT_E_USER_RECORD},
    {"a sequence that nothing can follow", last_sequence, NKT_E_USER_RECORD},
    {"no registration id", registration, NKT_E_USER_RECORD},
    {"a prekey id that is never deleted", prekey_id, NKT_E_USER_RECORD},
    {"a nick that is too long", long_nick, NKT_E_USER_RECORD},
    {"a nick with a line break", control_nick, NKT_E_USER_RECORD},
    {"a nick that is no UTF-8", broken_nick, NKT_E_USER_RECORD},
    {"too many URLs", urls, NKT_E_USER_RECORD},
    {"keys that are not bound to each other", no_binding, NKT_E_USER_RECORD},
    {"a short binding", short_binding, NKT_E_USER_RECORD},
    {"an empty hash of the KEM key", no_kem_hash, NKT_E_USER_RECORD},
    {"no hash of a KEM key, as in version 1", missing_kem_hash, NKT_E_USER_RECORD},
    {"a short hash of the KEM key", short_kem_hash, NKT_E_USER_RECORD},
    {"a long hash of the KEM key", long_kem_hash, NKT_E_USER_RECORD},
    {"the identity key signed something else", other_binding, NKT_E_SIGNATURE},
};

static void spoilt_rows(stage_t *stage)
{
    for (size_t i = 0; i < sizeof draft_rows / sizeof draft_rows[0]; i++) {
        forge_t author;
        draft_t draft;
        forge_init(&author, 500 + i, "sim", "author", stage_wall_ms(stage));
        draft_make(&draft, &author, "author", stage_wall_ms(stage));
        draft_rows[i].spoil(&draft, stage_wall_ms(stage));
        hostile_view_t before = hostile_before(stage, draft_rows[i].expected);
        hostile_after(stage, &before, "record", draft_rows[i].what, draft_play(stage, &author, &draft));
        forge_deinit(&author);
    }
}

/* The same in a greeting of one who is known: the record is dropped and counted, the greeting heard, what was known stays. */
static void known_rows(stage_t *stage)
{
    forge_t author;
    forge_init(&author, 560, "sim", "author", stage_wall_ms(stage));
    forge_greeting(&author, NULL, stage_wall_ms(stage));
    stage_put_broadcast(stage, author.frame.data, author.frame.size);
    for (size_t i = 0; i < sizeof draft_rows / sizeof draft_rows[0]; i++) {
        draft_t draft;
        hostile_rest(stage);
        draft_make(&draft, &author, "renamed", stage_wall_ms(stage));
        draft_rows[i].spoil(&draft, stage_wall_ms(stage));
        if (draft_rows[i].expected != NKT_E_USER_RECORD || draft.message.sign_key.len != 32 || draft.message.identity_key.len != 32)
            continue; /* of keys that are another's, or none */
        /* of these nobody looks further: it is no record of this protocol */
        int is_peeked = !draft.message.has_binding || !draft.message.has_kem_hash;
        hostile_view_t before = hostile_before(stage, NKT_OK), counted = hostile_before(stage, NKT_E_USER_RECORD);
        int code = draft_play(stage, &author, &draft);
        hostile_after(stage, is_peeked ? &counted : &before, "record of one who is known", draft_rows[i].what, code);
        int is_older = draft.message.sequence < author.record.sequence; /* passed over, as one that was late */
        if (hostile_before(stage, NKT_E_USER_RECORD).dropped != counted.dropped + !is_older)
            hostile_fail("record of one who is known", draft_rows[i].what, code, NKT_E_USER_RECORD);
    }
    forge_deinit(&author);
}

/* Such a record is taken in, as its signature is right; libsignal refuses the session. */
static void prekey_rows(stage_t *stage)
{
    static const draft_row_t rows[] = {
        {"prekey signature changed", prekey_signature, NKT_OK},
        {"prekey that is not the signed one", other_prekey, NKT_OK},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        forge_t author;
        draft_t draft;
        forge_init(&author, 550 + i, "sim", "author", stage_wall_ms(stage));
        draft_make(&draft, &author, "author", stage_wall_ms(stage));
        rows[i].spoil(&draft, stage_wall_ms(stage));
        double sessions = sim_peer_health(stage->victim, "sessions"), users = sim_peer_health(stage->victim, "users");
        int code = draft_play(stage, &author, &draft);
        sim_run(stage->sim, NKT_SESSION_RETRY_MS);
        if (code != NKT_OK || sim_peer_health(stage->victim, "users") != users + 1 ||
            sim_peer_health(stage->victim, "sessions") != sessions)
            hostile_fail("record", rows[i].what, code, NKT_OK);
        hostile_pass();
        forge_deinit(&author);
    }
}

/* ---- whose it is, and of which room ---- */

static int records_play(stage_t *stage, const nkt_signed_record_t *records, size_t count)
{
    forge_t *mallory = &stage->mallory;
    if (nkt_gossip_encode_records(&mallory->payload, records, count) < 0)
        abort();
    forge_envelope(mallory, NKT_KIND_RECORDS, &stage->victim->address, mallory->payload.data, mallory->payload.size,
                   stage_wall_ms(stage));
    return stage_put_directed(stage, mallory->frame.data, mallory->frame.size);
}

/* In a list one bad record is dropped and counted, the frame itself was sound. */
static void told_row(stage_t *stage, const char *what, const nkt_signed_record_t *record, int expected)
{
    hostile_rest(stage);
    hostile_view_t before = hostile_before(stage, NKT_OK);
    hostile_view_t counted = hostile_before(stage, expected);
    hostile_after(stage, &before, "record told by another", what, records_play(stage, record, 1));
    if (hostile_before(stage, expected).dropped != counted.dropped + 1)
        hostile_fail("record told by another", what, NKT_OK, expected);
}

static void told_rows(stage_t *stage)
{
    forge_t *mallory = &stage->mallory, other, elsewhere;
    forge_init(&other, 600, "sim", "other", stage_wall_ms(stage));
    forge_init(&elsewhere, 601, "another room", "elsewhere", stage_wall_ms(stage));
    uint8_t *bytes = sim_copy(other.record.bytes, other.record.bytes_size);
    uint8_t signature[NKT_SIGN_SIZE], membership[NKT_MEMBERSHIP_SIZE];
    nkt_signed_record_t record = {
        .bytes = bytes, .bytes_size = other.record.bytes_size, .signature = signature, .membership = membership};
    memcpy(membership, other.membership, sizeof membership);

    memcpy(signature, other.record.signature, sizeof signature);
    signature[0] ^= 1;
    nkt_room_membership(&other.room, signature, membership);
    told_row(stage, "signature changed", &record, NKT_E_SIGNATURE);
    memcpy(signature, other.record.signature, sizeof signature);
    nkt_room_membership(&other.room, signature, membership);
    bytes[record.bytes_size - 1] ^= 1; /* the binding */
    told_row(stage, "last byte changed", &record, NKT_E_SIGNATURE);
    bytes[record.bytes_size - 1] ^= 1;
    membership[0] ^= 1;
    told_row(stage, "no proof of the room", &record, NKT_E_NETWORK);
    record.membership = NULL;
    told_row(stage, "no membership", &record, NKT_E_NETWORK);
    record.membership = membership;
    record.bytes_size -= 20;
    told_row(stage, "truncated", &record, NKT_E_USER_RECORD);
    record = (nkt_signed_record_t){.bytes = elsewhere.record.bytes,
                                   .bytes_size = elsewhere.record.bytes_size,
                                   .signature = elsewhere.record.signature,
                                   .membership = elsewhere.membership};
    told_row(stage, "of another room", &record, NKT_E_NETWORK);

    /* mallory's own, older than the known one */
    nkt_record_t old = mallory->record;
    mallory->record = (nkt_record_t){0};
    forge_rename(mallory, "renamed", stage_wall_ms(stage) + 1);
    forge_greeting(mallory, NULL, stage_wall_ms(stage));
    stage_put_broadcast(stage, mallory->frame.data, mallory->frame.size);
    nkt_room_membership(&mallory->room, old.signature, membership);
    record = (nkt_signed_record_t){
        .bytes = old.bytes, .bytes_size = old.bytes_size, .signature = old.signature, .membership = membership};
    told_row(stage, "older than the known one", &record, NKT_E_USER_RECORD);
    nkt_record_deinit(&old);
    free(bytes);
    forge_deinit(&other);
    forge_deinit(&elsewhere);
}

static void foreign_rows(stage_t *stage)
{
    forge_t *mallory = &stage->mallory, other;
    forge_init(&other, 602, "sim", "other", stage_wall_ms(stage));
    forge_greeting_of(mallory, other.record.bytes, other.record.bytes_size, NULL, stage_wall_ms(stage));
    hostile_view_t before = hostile_before(stage, NKT_E_USER_RECORD);
    hostile_after(stage, &before, "greeting", "with somebody else's record",
                  stage_put_broadcast(stage, mallory->frame.data, mallory->frame.size));

    Nkt__Records message = NKT__RECORDS__INIT;
    Nkt__SignedRecord entries[NKT_RECORDS_COUNT_MAX + 1], *pointers[NKT_RECORDS_COUNT_MAX + 1];
    for (size_t i = 0; i <= NKT_RECORDS_COUNT_MAX; i++) {
        entries[i] = (Nkt__SignedRecord)NKT__SIGNED_RECORD__INIT;
        entries[i].record = play_lend(other.record.bytes, other.record.bytes_size);
        entries[i].signature = play_lend(other.record.signature, NKT_SIGN_SIZE);
        pointers[i] = &entries[i];
    }
    message.record = pointers;
    message.n_record = NKT_RECORDS_COUNT_MAX + 1;
    nkt_buf_t payload = {0};
    play_pack(&payload, &message.base);
    before = hostile_before(stage, NKT_E_PAYLOAD);
    forge_envelope(mallory, NKT_KIND_RECORDS, &stage->victim->address, payload.data, payload.size, stage_wall_ms(stage));
    hostile_after(stage, &before, "records", "too many",
                  stage_put_directed(stage, mallory->frame.data, mallory->frame.size));
    nkt_buf_free(&payload);
    forge_deinit(&other);
}

/* ---- names ---- */

/* A nick is a label: whatever it says, one user more is known, by its address. */
static void nick_rows(stage_t *stage)
{
    static const char *const nicks[] = {
        "__proto__", "constructor", "hasOwnProperty", "<img src=x onerror=alert(1)>", "<script>alert(1)</script>",
        "\" onclick=\"alert(1)", "'; DROP TABLE users; --", "%s%n%s%n", "../../etc/passwd", ("\xe2\x80\xae" "evil"), "p1",
        "0123456789012345678901234567890123456789012345678901234567890123", "",
    };
    for (size_t i = 0; i < sizeof nicks / sizeof nicks[0]; i++) {
        forge_t author;
        forge_init(&author, 700 + i, "sim", nicks[i], stage_wall_ms(stage));
        double users = sim_peer_health(stage->victim, "users");
        const sim_view_t friend_view = *sim_view(stage->victim, stage->friend_);
        forge_greeting(&author, NULL, stage_wall_ms(stage));
        int code = stage_put_broadcast(stage, author.frame.data, author.frame.size);
        if (code != NKT_OK || sim_peer_health(stage->victim, "users") != users + 1)
            hostile_fail("nick", nicks[i], code, NKT_OK);
        if (strcmp(friend_view.nick, sim_view(stage->victim, stage->friend_)->nick) != 0)
            hostile_fail("nick", nicks[i], code, NKT_OK);
        hostile_pass();
        forge_deinit(&author);
    }
}

void hostile_records(uint64_t seed)
{
    stage_t *stage = stage_new(seed);
    spoilt_rows(stage);
    known_rows(stage);
    prekey_rows(stage);
    told_rows(stage);
    foreign_rows(stage);
    nick_rows(stage);
    stage_check_talk(stage);
    stage_free(stage);
}
