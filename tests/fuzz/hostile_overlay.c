/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The overlay: frames of the broadcast tree on a link, walks, and records carried by envelopes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gossip/gossip.h"
#include "hostile.h"
#include "overlay/missing.h"
#include "overlay/treeframe.h"

enum {
    LATER_KIND = 77,      /* passed on, not understood: only the envelope is looked at */
    FRAME_GAP_MS = 200,   /* frames of a link come no faster, unless they are meant to */
    COLLECT_MS = 10000,   /* every id that never comes was asked for as often as it may, and given up */
    UNKNOWN_COUNT = 1000,
};

static void row(stage_t *stage, const char *entry, const char *what, stage_entry_t by, const uint8_t *frame, size_t size,
                int expected)
{
    sim_run(stage->sim, FRAME_GAP_MS);
    hostile_view_t before = hostile_before(stage, expected);
    int code = by == STAGE_RTC ? stage_put(stage, STAGE_RTC, frame, size) : stage_put_broadcast(stage, frame, size);
    hostile_after(stage, &before, entry, what, code);
}

static void expect(int ok, const char *entry, const char *what, double seen)
{
    if (!ok) {
        fprintf(stderr, "seen: %g\n", seen);
        hostile_fail(entry, what, 0, 0);
    }
    hostile_pass();
}

/* ---- the broadcast tree ---- */

/* What the victim does about it. */
typedef struct ears {
    uint64_t graft_count, grafted_count; /* frames; ids asked for */
    uint64_t envelope_count, copy_count; /* all; with the digest looked for */
    uint8_t id[NKT_ID_SIZE];             /* of the envelope that came last, while is_learning */
    int is_learning;
} ears_t;

static void overhear(void *context, stage_entry_t by, const uint8_t *bytes, size_t size)
{
    ears_t *ears = context;
    uint8_t digest[NKT_DIGEST_SIZE];
    if (by != STAGE_RTC)
        return;
    if (bytes[0] == NKT_FRAME_GRAFT && nkt_treeframe_graft_count(size) >= 0) {
        ears->graft_count++;
        ears->grafted_count += (uint64_t)nkt_treeframe_graft_count(size);
    }
    if (nkt_envelope_digest(bytes, size, digest) < 0)
        return;
    ears->envelope_count++;
    if (ears->is_learning)
        memcpy(ears->id, digest, NKT_ID_SIZE);
    ears->copy_count += memcmp(ears->id, digest, NKT_ID_SIZE) == 0;
}

static void frame_fill(stage_t *stage, nkt_buf_t *frame, uint8_t type, unsigned flags, size_t count)
{
    uint8_t id[NKT_ID_SIZE];
    if (nkt_treeframe_begin(frame, type, flags) < 0)
        abort();
    for (size_t i = 0; i < count; i++) {
        sim_random_fill(&stage->mallory.random, id, sizeof id);
        if (type == NKT_FRAME_IHAVE ? nkt_treeframe_ihave_add(frame, id, (uint8_t)i) : nkt_treeframe_graft_add(frame, id))
            abort();
    }
}

static void length_rows(stage_t *stage)
{
    static const struct {
        uint8_t type;
        size_t item_size, count_max;
        const char *name;
    } types[] = {
        {NKT_FRAME_IHAVE, 1 + NKT_ID_SIZE, NKT_IHAVE_COUNT_MAX, "IHAVE"},
        {NKT_FRAME_GRAFT, NKT_ID_SIZE, NKT_GRAFT_COUNT_MAX, "GRAFT"},
    };
    uint8_t *bytes = sim_alloc(NKT_FRAME_SIZE_MAX + 1, 1);
    char what[64];
    for (size_t t = 0; t < sizeof types / sizeof types[0]; t++) {
        size_t full = 2 + types[t].count_max * types[t].item_size;
        const size_t sizes[] = {full - 1, full, full + 1, full + types[t].item_size, 20000, NKT_FRAME_SIZE_MAX};
        for (size_t i = 0; i < 40 + sizeof sizes / sizeof sizes[0]; i++) {
            size_t size = i < 40 ? 1 + i : sizes[i - 40];
            int is_sound = size >= 2 && size <= full && (size - 2) % types[t].item_size == 0;
            sim_random_fill(&stage->mallory.random, bytes, size);
            bytes[0] = types[t].type;
            snprintf(what, sizeof what, "%zu bytes", size);
            row(stage, types[t].name, what, STAGE_RTC, bytes, size, is_sound ? NKT_OK : NKT_E_FRAME_LENGTH);
        }
        row(stage, types[t].name, "longer than any frame", STAGE_RTC, bytes, NKT_FRAME_SIZE_MAX + 1, NKT_E_FRAME_LENGTH);
        row(stage, types[t].name, "by the relay", STAGE_RELAY, bytes, full, NKT_E_FRAME_TYPE);
    }
    for (size_t size = 1; size < 20; size++) {
        bytes[0] = NKT_FRAME_PRUNE;
        row(stage, "PRUNE", "of that length", STAGE_RTC, bytes, size, size == 1 ? NKT_OK : NKT_E_FRAME_LENGTH);
    }
    row(stage, "PRUNE", "by the relay", STAGE_RELAY, bytes, 100, NKT_E_FRAME_TYPE);
    free(bytes);
}

/* More frames at once than a link may send. */
static void rate_rows(stage_t *stage)
{
    static const uint8_t types[] = {NKT_FRAME_IHAVE, NKT_FRAME_GRAFT, NKT_FRAME_PRUNE};
    nkt_buf_t frame = {0};
    for (size_t t = 0; t < sizeof types; t++) {
        sim_run(stage->sim, COLLECT_MS);
        for (int i = 0; i < NKT_TIDINGS_BURST + 20; i++) {
            frame_fill(stage, &frame, types[t], 0, types[t] == NKT_FRAME_PRUNE ? 0 : 1);
            hostile_view_t before = hostile_before(stage, i < NKT_TIDINGS_BURST ? NKT_OK : NKT_E_RATE);
            hostile_after(stage, &before, "tree", "a flood of frames", stage_put(stage, STAGE_RTC, frame.data, frame.size));
        }
    }
    nkt_buf_free(&frame);
}

/* Ids by the thousand that never come: a quarter of the table, asked for as often as allowed, and then nothing is left. */
static void lies_rows(stage_t *stage, ears_t *ears)
{
    enum { SHARE = NKT_MISSING_COUNT_MAX / 4, FLOOD_MS = 20000 };
    nkt_buf_t frame = {0};
    double most = 0;
    uint64_t told = 0;
    sim_run(stage->sim, COLLECT_MS);
    ears->graft_count = ears->grafted_count = 0;
    for (uint64_t ms = 0; ms < FLOOD_MS; ms += FRAME_GAP_MS) {
        frame_fill(stage, &frame, NKT_FRAME_IHAVE, ms / FRAME_GAP_MS % 2, NKT_IHAVE_COUNT_MAX);
        row(stage, "IHAVE", "of what is not there", STAGE_RTC, frame.data, frame.size, NKT_OK);
        told += NKT_IHAVE_COUNT_MAX;
        double missing = sim_peer_health(stage->victim, "overlay.missing");
        most = missing > most ? missing : most;
    }
    expect(most == SHARE, "IHAVE", "the table of missing ones is capped", most);
    sim_run(stage->sim, COLLECT_MS);
    expect(sim_peer_health(stage->victim, "overlay.missing") == 0, "IHAVE", "what never comes is given up",
           sim_peer_health(stage->victim, "overlay.missing"));
    /* each id of the table is asked for ten times, 250 ms apart: so much asking, however much is told */
    uint64_t allowed = (uint64_t)SHARE * (1 + (FLOOD_MS + COLLECT_MS) / NKT_GRAFT_AGAIN_MS);
    expect(ears->grafted_count > SHARE && ears->grafted_count <= allowed && allowed < told, "IHAVE", "asking is bounded",
           (double)ears->grafted_count);
    uint64_t asked = ears->graft_count;
    sim_run(stage->sim, COLLECT_MS);
    expect(ears->graft_count == asked, "IHAVE", "asking ends", (double)(ears->graft_count - asked));
    nkt_buf_free(&frame);
}

/* A link that is gone takes along what it alone told of. */
static void lost_rows(stage_t *stage)
{
    nkt_buf_t frame = {0};
    frame_fill(stage, &frame, NKT_FRAME_IHAVE, 0, 100);
    row(stage, "IHAVE", "before the link is lost", STAGE_RTC, frame.data, frame.size, NKT_OK);
    expect(sim_peer_health(stage->victim, "overlay.missing") == 100, "IHAVE", "is remembered",
           sim_peer_health(stage->victim, "overlay.missing"));
    for (size_t i = 0; i < stage->victim->link_count; i++) {
        if (stage->victim->links[i].is_rtc)
            sim_rtc_silence(stage->sim, stage->victim->links[i].id, 1);
    }
    for (size_t i = stage->victim->link_count; i-- > 0;) {
        if (stage->victim->links[i].is_rtc)
            sim_peer_link_down(stage->victim, stage->victim->links[i].link, "test");
    }
    expect(sim_peer_health(stage->victim, "overlay.missing") == 0, "IHAVE", "is forgotten with its link",
           sim_peer_health(stage->victim, "overlay.missing"));
    sim_until(stage->sim, sim_all_are_linked, 120000, "another link");
    nkt_buf_free(&frame);
}

static void graft_rows(stage_t *stage, ears_t *ears)
{
    nkt_buf_t frame = {0};
    sim_run(stage->sim, COLLECT_MS);
    uint64_t envelopes = ears->envelope_count;
    for (size_t i = 0; i < UNKNOWN_COUNT / NKT_GRAFT_COUNT_MAX; i++) {
        frame_fill(stage, &frame, NKT_FRAME_GRAFT, i % 2, NKT_GRAFT_COUNT_MAX);
        hostile_view_t before = hostile_before(stage, NKT_OK);
        hostile_after(stage, &before, "GRAFT", "of what is not there", stage_put(stage, STAGE_RTC, frame.data, frame.size));
    }
    expect(ears->envelope_count == envelopes, "GRAFT", "of what is not there is not answered",
           (double)(ears->envelope_count - envelopes));
    ears->is_learning = 1;
    sim_say_clear(stage->victim);
    sim_run(stage->sim, 4); /* before anything else is sent */
    ears->is_learning = 0;
    expect(sim_peer_health(stage->victim, "overlay.recent") > 0, "GRAFT", "a broadcast is kept", 0);
    for (int i = 0; i < 30; i++) { /* the friend hears them all, and shows one */
        if (nkt_treeframe_begin(&frame, NKT_FRAME_GRAFT, 0) < 0)
            abort();
        for (int k = 0; k < NKT_GRAFT_COUNT_MAX; k++) {
            if (nkt_treeframe_graft_add(&frame, ears->id) < 0)
                abort();
        }
        ears->copy_count = i == 0 ? 0 : ears->copy_count;
        row(stage, "GRAFT", "for one id", STAGE_RTC, frame.data, frame.size, NKT_OK);
    }
    sim_run(stage->sim, COLLECT_MS);
    expect(ears->copy_count > 0 && ears->copy_count <= NKT_FETCH_COUNT_MAX + NKT_RTC_LIVE_COUNT_MAX, "GRAFT",
           "copies of one broadcast are limited", (double)ears->copy_count);
    nkt_buf_free(&frame);
}

void hostile_tree(uint64_t seed)
{
    stage_t *stage = stage_new(seed);
    ears_t ears = {0};
    stage->overhear = overhear;
    stage->overhear_context = &ears;
    length_rows(stage);
    rate_rows(stage);
    lies_rows(stage, &ears);
    graft_rows(stage, &ears);
    lost_rows(stage);
    stage_check_talk(stage);
    sim_say_clear(stage->friend_);
    sim_say_clear(stage->victim);
    sim_until(stage->sim, sim_all_delivered, 10000, "broadcasts still go both ways");
    stage_free(stage);
}

/* ---- walks ---- */

static void walk_pack(nkt_buf_t *payload, uint32_t degree, uint32_t number)
{
    Nkt__Walk walk = NKT__WALK__INIT;
    walk.degree = degree;
    walk.number = number;
    play_pack(payload, &walk.base);
}

/* A walk of that seeker, put on the link; the record is his unless another is given. */
static void walk_row(stage_t *stage, const char *what, forge_t *seeker, stage_entry_t by, const nkt_buf_t *payload,
                     const nkt_signed_record_t *record, int expected)
{
    sim_run(stage->sim, 1000); /* two walks a second of one seeker */
    forge_envelope_with(seeker, NKT_KIND_WALK, NULL, payload->data, payload->size, stage_wall_ms(stage), record);
    row(stage, "walk", what, by, seeker->frame.data, seeker->frame.size, expected);
}

static void walk_rows(stage_t *stage)
{
    forge_t *mallory = &stage->mallory, other, elsewhere;
    nkt_buf_t payload = {0};
    const uint8_t junk[] = {0xff, 0xff, 0xff};
    const nkt_signed_record_t own = forge_record(mallory);
    forge_init(&other, 810, "sim", "other", stage_wall_ms(stage));
    forge_init(&elsewhere, 811, "another room", "elsewhere", stage_wall_ms(stage));
    nkt_signed_record_t others = forge_record(&other), foreign = forge_record(&elsewhere);

    walk_row(stage, "empty", mallory, STAGE_RTC, &payload, &own, NKT_E_PAYLOAD);
    if (nkt_buf_set(&payload, junk, sizeof junk) < 0)
        abort();
    walk_row(stage, "junk", mallory, STAGE_RTC, &payload, &own, NKT_E_PAYLOAD);
    walk_pack(&payload, 0, 1);
    payload.size--;
    walk_row(stage, "cut", mallory, STAGE_RTC, &payload, &own, NKT_E_PAYLOAD);
    walk_pack(&payload, UINT32_MAX, 2);
    walk_row(stage, "with more links than there are", mallory, STAGE_RTC, &payload, &own, NKT_OK);
    walk_pack(&payload, 0, 3);
    walk_row(stage, "sound", mallory, STAGE_RTC, &payload, &own, NKT_OK);
    row(stage, "walk", "replayed", STAGE_RTC, mallory->frame.data, mallory->frame.size, NKT_E_DUPLICATE);
    mallory->frame.data[1] = NKT_WALK_HOPS_MAX;
    row(stage, "walk", "replayed with other hops", STAGE_RTC, mallory->frame.data, mallory->frame.size, NKT_E_DUPLICATE);
    walk_pack(&payload, 0, 4);
    walk_row(stage, "without a record, of somebody known", mallory, STAGE_RTC, &payload, NULL, NKT_E_PAYLOAD);
    walk_row(stage, "without a record, of nobody known", &other, STAGE_RTC, &payload, NULL, NKT_E_SENDER);
    walk_row(stage, "with somebody else's record", mallory, STAGE_RTC, &payload, &others, NKT_E_USER_RECORD);
    walk_row(stage, "with the record of another room", &elsewhere, STAGE_RTC, &payload, &foreign, NKT_E_NETWORK);
    others.membership = NULL;
    walk_row(stage, "of no member", &other, STAGE_RTC, &payload, &others, NKT_E_NETWORK);
    walk_pack(&payload, 0, 5);
    walk_row(stage, "by a relay", mallory, STAGE_RELAY, &payload, &own, NKT_E_PAYLOAD);
    for (unsigned hops = 0; hops < 256; hops += 15) {
        walk_pack(&payload, 0, 100 + hops);
        sim_run(stage->sim, 1000);
        forge_envelope_with(mallory, NKT_KIND_WALK, NULL, payload.data, payload.size, stage_wall_ms(stage), &own);
        mallory->frame.data[1] = (uint8_t)hops;
        row(stage, "walk", "after any number of hops", STAGE_RTC, mallory->frame.data, mallory->frame.size, NKT_OK);
    }
    mallory->frame.data[NKT_HEADER_SIZE] ^= 1;
    forge_envelope_with(mallory, NKT_KIND_WALK, NULL, payload.data, payload.size, stage_wall_ms(stage) + 1, &own);
    mallory->frame.data[NKT_HEADER_SIZE] ^= 1;
    row(stage, "walk", "not signed by the seeker", STAGE_RTC, mallory->frame.data, mallory->frame.size, NKT_E_SIGNATURE);
    nkt_buf_free(&payload);
    forge_deinit(&other);
    forge_deinit(&elsewhere);
}

/* One seeker who never rests: some walks are heeded, the others cost nothing, and one offer is made to him at a time. */
static void walk_flood(stage_t *stage)
{
    enum { FLOOD_COUNT = 400 };
    forge_t *mallory = &stage->mallory;
    const nkt_signed_record_t own = forge_record(mallory);
    nkt_buf_t payload = {0};
    uint32_t heeded = 0;
    sim_run(stage->sim, 30000);
    uint64_t offers = stage->victim->counts.rtc_offers;
    for (uint32_t i = 0; i < FLOOD_COUNT; i++) {
        walk_pack(&payload, 0, 1000 + i);
        forge_envelope_with(mallory, NKT_KIND_WALK, NULL, payload.data, payload.size, stage_wall_ms(stage), &own);
        int code = stage_put(stage, STAGE_RTC, mallory->frame.data, mallory->frame.size);
        if (code != NKT_E_RATE && (code != NKT_OK || heeded != i)) /* once refused, always */
            hostile_fail("walk", "a flood of one seeker", code, NKT_E_RATE);
        heeded += code == NKT_OK;
    }
    expect(heeded > 0 && heeded < FLOOD_COUNT / 2, "walk", "a flood of one seeker is limited", heeded);
    offers = stage->victim->counts.rtc_offers - offers;
    expect(offers <= 1, "walk", "one offer to one seeker", (double)offers);
    nkt_buf_free(&payload);
}

/* Seekers made up by the dozen: no more links under way than there may be, and none of it stays. */
static void walk_crowd(stage_t *stage)
{
    enum { SEEKER_COUNT = 60 };
    nkt_buf_t payload = {0};
    sim_run(stage->sim, 30000); /* the flood's limit is forgotten */
    sim_peer_count_reset(stage->victim);
    for (uint32_t i = 0; i < SEEKER_COUNT; i++) {
        forge_t seeker;
        forge_init(&seeker, 900 + i, "sim", "seeker", stage_wall_ms(stage));
        const nkt_signed_record_t own = forge_record(&seeker);
        walk_pack(&payload, 0, i);
        forge_envelope_with(&seeker, NKT_KIND_WALK, NULL, payload.data, payload.size, stage_wall_ms(stage), &own);
        seeker.frame.data[1] = NKT_WALK_HOPS_MAX;
        int code = stage_put(stage, STAGE_RTC, seeker.frame.data, seeker.frame.size);
        if (code != NKT_OK && code != NKT_E_RATE)
            hostile_fail("walk", "of many seekers", code, NKT_OK);
        hostile_pass();
        forge_deinit(&seeker);
    }
    uint64_t most = stage->victim->counts.rtc_count_max;
    expect(most > 1 && most <= NKT_RTC_LIVE_COUNT_MAX + NKT_RTC_SLACK_COUNT, "walk", "links under way are capped", (double)most);
    expect(stage->victim->counts.links_up == 0, "walk", "no link to who never answers", 0);
    sim_run(stage->sim, 60000);
    expect(sim_peer_health(stage->victim, "degree") == 1, "walk", "the friend's link stays",
           sim_peer_health(stage->victim, "degree"));
    nkt_buf_free(&payload);
}

void hostile_walks(uint64_t seed)
{
    stage_t *stage = stage_new(seed);
    walk_rows(stage);
    walk_flood(stage);
    walk_crowd(stage);
    stage_check_talk(stage);
    stage_free(stage);
}

/* ---- the record that an envelope carries ---- */

/* Puts an envelope of that author with that record: over WebRTC and by the relay. */
static void carried_row(stage_t *stage, const char *what, forge_t *author, const nkt_signed_record_t *record, int expected)
{
    static const uint8_t payload[] = {1, 2, 3};
    for (int by = 0; by < 2; by++) {
        sim_run(stage->sim, 1000);
        forge_envelope_with(author, LATER_KIND, NULL, payload, sizeof payload, stage_wall_ms(stage), record);
        row(stage, by == 0 ? "record, WebRTC" : "record, relay", what, by == 0 ? STAGE_RTC : STAGE_RELAY,
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
    expect(is_outdated(stage, &records[1]), "record", "a newer one is taken", 0);
    carried_row(stage, "older than the known one", mallory, &records[0], NKT_OK);
    expect(is_outdated(stage, &records[1]), "record", "an older one changes nothing", 0);
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
    expect(passed_on(stage, &ears, &author, &record) == 1, "passed on", "a sound record", (double)ears.copy_count);
    record.membership = NULL;
    expect(passed_on(stage, &ears, &author, &record) == 0, "passed on", "a record without membership", (double)ears.copy_count);
    memcpy(signature, author.record.signature, sizeof signature);
    signature[7] ^= 1;
    nkt_room_membership(&author.room, signature, membership);
    record.signature = signature;
    record.membership = membership;
    expect(passed_on(stage, &ears, &author, &record) == 0, "passed on", "a record with a wrong signature",
           (double)ears.copy_count);
    stage_check_talk(stage);
    forge_deinit(&author);
    stage_free(stage);
}
