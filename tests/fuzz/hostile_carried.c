/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The record that an envelope carries, and what is passed on with it. */
#include <stdlib.h>
#include <string.h>

#include "gossip/gossip.h"
#include "hostile.h"

enum { LATER_KIND = 77 }; /* passed on, not understood: only the envelope is looked at */

/* Puts an envelope of that author with that record: over WebRTC and by the relay. */
static void carried_row(stage_t *stage, const char *what, forge_t *author, const nkt_signed_record_t *record, int expected)
{
    static const uint8_t payload[] = {1, 2, 3};
    for (int by = 0; by < 2; by++) {
        sim_run(stage->sim, 1000);
        forge_envelope_with(author, LATER_KIND, NULL, payload, sizeof payload, stage_wall_ms(stage), record);
        hostile_frame(stage, by == 0 ? "record, WebRTC" : "record, relay", what, by == 0 ? STAGE_RTC : STAGE_RELAY,
            author->frame.data, author->frame.size, expected);
    }
}

static void carried_spoilt(stage_t *stage, forge_t *author)
{
    uint8_t bytes[NKT_RECORD_SIZE_MAX + 1] = {0}, signature[NKT_SIGN_SIZE], membership[NKT_MEMBERSHIP_SIZE];
    nkt_signed_record_t record = forge_record(author);
    memcpy(bytes, record.bytes, record.bytes_size);
    memcpy(signature, record.signature, sizeof signature);
    signature[7] ^= 1;
    nkt_room_membership(&author->room, signature, membership);
    record.signature = signature;
    record.membership = membership;
    carried_row(stage, "not signed by its owner", author, &record, NKT_E_SIGNATURE);
    record = forge_record(author);
    record.bytes = bytes;
    for (size_t size = 1; size < record.bytes_size; size += 9) {
        nkt_signed_record_t cut = record;
        cut.bytes_size = size;
        carried_row(stage, "cut", author, &cut, NKT_E_USER_RECORD);
    }
    nkt_signed_record_t other = record;
    other.bytes_size = 0;
    carried_row(stage, "empty", author, &other, NKT_E_FRAME_SYNTAX);
    other.bytes_size = NKT_RECORD_SIZE_MAX;
    carried_row(stage, "zeros behind it", author, &other, NKT_E_USER_RECORD);
    other.bytes_size = NKT_RECORD_SIZE_MAX + 1;
    carried_row(stage, "too large", author, &other, NKT_E_FRAME_SYNTAX);
    sim_random_fill(&author->random, bytes, sizeof bytes);
    other.bytes_size = 300;
    carried_row(stage, "random", author, &other, NKT_E_USER_RECORD);
    other = forge_record(author);
    other.membership = NULL;
    carried_row(stage, "of no member", author, &other, NKT_E_NETWORK);
    memset(membership, 7, sizeof membership);
    other.membership = membership;
    carried_row(stage, "with a made up membership", author, &other, NKT_E_NETWORK);
}

static void carried_foreign(stage_t *stage, forge_t *author)
{
    forge_t *mallory = &stage->mallory, expired, future;
    const nkt_signed_record_t own = forge_record(author), known = forge_record(mallory);
    carried_row(stage, "of somebody unknown, by somebody known", mallory, &own, NKT_E_USER_RECORD);
    carried_row(stage, "of somebody known, by somebody unknown", author, &known, NKT_E_USER_RECORD);
    forge_init(&expired, 830, "sim", "expired", stage_wall_ms(stage) - NKT_RECORD_TTL_MS - 2 * NKT_CLOCK_SLACK_MS);
    forge_init(&future, 831, "sim", "future", stage_wall_ms(stage) + 2 * (uint64_t)NKT_RECORD_TTL_MS_MAX);
    const nkt_signed_record_t old = forge_record(&expired), late = forge_record(&future);
    carried_row(stage, "expired", &expired, &old, NKT_E_USER_RECORD);
    carried_row(stage, "from the future", &future, &late, NKT_E_USER_RECORD);
    forge_deinit(&expired);
    forge_deinit(&future);

    nkt_identity_t identity = author->identity; /* signed by another than the record names */
    memcpy(author->identity.sign_secret, mallory->identity.sign_secret, sizeof author->identity.sign_secret);
    carried_row(stage, "in an envelope that another signed", author, &own, NKT_E_SIGNATURE);
    author->identity = identity;
}

/* Somebody tells of the record: is it older than the one that the victim knows? */
static int is_outdated(stage_t *stage, const nkt_signed_record_t *record)
{
    forge_t *mallory = &stage->mallory;
    double dropped = sim_peer_health(stage->victim, "dropped.NKT_E_USER_RECORD");
    if (nkt_gossip_encode_records(&mallory->payload, record, 1) < 0)
        abort();
    forge_envelope(mallory, NKT_KIND_RECORDS, &stage->victim->address, mallory->payload.data, mallory->payload.size,
                   stage_wall_ms(stage));
    stage_put_directed(stage, mallory->frame.data, mallory->frame.size);
    return sim_peer_health(stage->victim, "dropped.NKT_E_USER_RECORD") == dropped + 1;
}

/* Of somebody known: what is older changes nothing, what is newer is taken. */
static void carried_older(stage_t *stage)
{
    enum { AGE_COUNT = 3 };
    forge_t *mallory = &stage->mallory;
    nkt_record_t ages[AGE_COUNT];
    nkt_signed_record_t records[AGE_COUNT];
    uint8_t memberships[AGE_COUNT][NKT_MEMBERSHIP_SIZE];
    const nkt_signed_record_t known = forge_record(mallory);
    carried_row(stage, "the known one again", mallory, &known, NKT_OK);
    for (size_t i = 0; i < AGE_COUNT; i++) {
        forge_rename(mallory, "renamed", stage_wall_ms(stage) + 1 + i);
        ages[i] = mallory->record;
        mallory->record = (nkt_record_t){0};
        memcpy(memberships[i], mallory->membership, sizeof memberships[i]);
        records[i] = (nkt_signed_record_t){.bytes = ages[i].bytes,
                                           .bytes_size = ages[i].bytes_size,
                                           .signature = ages[i].signature,
                                           .membership = memberships[i]};
    }
    carried_row(stage, "newer than the known one", mallory, &records[2], NKT_OK);
    hostile_expect(is_outdated(stage, &records[1]), "record", "a newer one is taken", 0);
    carried_row(stage, "older than the known one", mallory, &records[0], NKT_OK);
    hostile_expect(is_outdated(stage, &records[1]), "record", "an older one changes nothing", 0);
    mallory->record = ages[2];
    nkt_record_deinit(&ages[0]);
    nkt_record_deinit(&ages[1]);
}

void hostile_carried(uint64_t seed)
{
    stage_t *stage = stage_new(seed);
    forge_t author;
    forge_init(&author, 820, "sim", "author", stage_wall_ms(stage));
    carried_spoilt(stage, &author);
    carried_foreign(stage, &author);
    carried_older(stage);
    stage_check_talk(stage);
    forge_deinit(&author);
    stage_free(stage);
}

/* ---- what is passed on ---- */

/* Envelopes with that digest that the victim passes on. */
typedef struct ears {
    uint8_t id[NKT_ID_SIZE];
    uint64_t copy_count;
} ears_t;

static void relayed(void *context, stage_entry_t by, const uint8_t *bytes, size_t size)
{
    ears_t *ears = context;
    uint8_t digest[NKT_DIGEST_SIZE];
    if (by == STAGE_RELAY && nkt_envelope_digest(bytes, size, digest) == NKT_OK)
        ears->copy_count += memcmp(ears->id, digest, NKT_ID_SIZE) == 0;
}

/* Copies that the victim passes on, from its link to the relay. */
static uint64_t passed_on(stage_t *stage, ears_t *ears, forge_t *author, const nkt_signed_record_t *record)
{
    static const uint8_t payload[] = {1, 2, 3};
    uint8_t digest[NKT_DIGEST_SIZE];
    sim_run(stage->sim, 1000);
    forge_envelope_with(author, NKT_KIND_CLEAR, NULL, payload, sizeof payload, stage_wall_ms(stage), record);
    if (nkt_envelope_digest(author->frame.data, author->frame.size, digest) < 0)
        abort();
    memcpy(ears->id, digest, NKT_ID_SIZE);
    ears->copy_count = 0;
    stage_put(stage, STAGE_RTC, author->frame.data, author->frame.size);
    sim_run(stage->sim, 1000);
    return ears->copy_count;
}

/*
 * Whoever does not know the author refuses an envelope whose record does not hold, and blames the link that it came by. So
 * nobody may pass one on because he knows the author already.
 */
void hostile_passed_on(uint64_t seed)
{
    stage_t *stage = stage_new(seed);
    ears_t ears = {0};
    forge_t author;
    uint8_t signature[NKT_SIGN_SIZE], membership[NKT_MEMBERSHIP_SIZE];
    stage->overhear = relayed;
    stage->overhear_context = &ears;
    forge_init(&author, 840, "sim", "author", stage_wall_ms(stage));
    nkt_signed_record_t record = forge_record(&author);
    hostile_expect(passed_on(stage, &ears, &author, &record) == 1, "passed on", "a sound record", (double)ears.copy_count);
    record.membership = NULL;
    hostile_expect(passed_on(stage, &ears, &author, &record) == 0, "passed on", "a record without membership", (double)ears.copy_count);
    memcpy(signature, author.record.signature, sizeof signature);
    signature[7] ^= 1;
    nkt_room_membership(&author.room, signature, membership);
    record.signature = signature;
    record.membership = membership;
    hostile_expect(passed_on(stage, &ears, &author, &record) == 0, "passed on", "a record with a wrong signature",
           (double)ears.copy_count);
    stage_check_talk(stage);
    forge_deinit(&author);
    stage_free(stage);
}
