/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a member can make others send: counted, against what it sent itself. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base58.h"
#include "gossip/gossip.h"
#include "hostile.h"
#include "relay/relay.h"

static double sent_by(const stage_t *stage)
{
    const sim_peer_counts_t *counts = &stage->victim->counts;
    return (double)(counts->relay_frames + counts->rtc_frames);
}

static void count_check(const char *what, double count, double least, double most)
{
    if (count < least || count > most) {
        char text[128];
        snprintf(text, sizeof text, "%s: %g, %g to %g allowed", what, count, least, most);
        hostile_fail("cost", text, 0, 0);
    }
    hostile_pass();
}

/* Kinds that are for one mean nothing to all, and are not passed on. */
static void kind_rows(stage_t *stage)
{
    static const unsigned kinds[] = {NKT_KIND_DIGEST, NKT_KIND_WANT, NKT_KIND_RECORDS, NKT_KIND_SIGNAL, NKT_KIND_SESSION,
                                     NKT_KIND_MAIL,   NKT_KIND_KEEP, NKT_KIND_RECEIPT};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        hostile_view_t before = hostile_before(stage, NKT_E_RECIPIENT);
        forge_envelope(&stage->mallory, kinds[i], NULL, (const uint8_t *)"", 0, stage_wall_ms(stage) + i);
        int code = stage_put_broadcast(stage, stage->mallory.frame.data, stage->mallory.frame.size);
        hostile_after(stage, &before, "for everybody", nkt_kind_name(kinds[i]), code);
    }
}

/* 64 times the same, again and again. */
static void want_row(stage_t *stage)
{
    enum { WANT_COUNT = 40 };
    nkt_address_t wanted[NKT_WANT_COUNT_MAX];
    forge_t *mallory = &stage->mallory;
    for (size_t i = 0; i < NKT_WANT_COUNT_MAX; i++)
        wanted[i] = stage->friend_->address;
    double before = sent_by(stage);
    for (uint64_t i = 0; i < WANT_COUNT; i++) {
        if (nkt_gossip_encode_want(&mallory->payload, wanted, NKT_WANT_COUNT_MAX) < 0)
            abort();
        forge_envelope(mallory, NKT_KIND_WANT, &stage->victim->address, mallory->payload.data, mallory->payload.size,
                       stage_wall_ms(stage) + i);
        stage_put_directed(stage, mallory->frame.data, mallory->frame.size);
    }
    count_check("frames of records for 40 wants", sent_by(stage) - before, 3, 20);
}

/* Over the link, to addresses that nobody has. Of so many the frames that the victim passed on. */
static double stray_count(stage_t *stage, forge_t *author)
{
    enum { COUNT = 300 };
    double before = sent_by(stage);
    for (uint64_t i = 0; i < COUNT; i++) {
        nkt_address_t nobody = {{1, (uint8_t)i, (uint8_t)(i >> 8)}};
        forge_envelope(author, NKT_KIND_SESSION, &nobody, (const uint8_t *)"x", 1, stage_wall_ms(stage) + i);
        stage_put(stage, STAGE_RTC, author->frame.data, author->frame.size);
    }
    return sent_by(stage) - before;
}

/* Each would go to all on the relay; where its author is there himself, none does. */
static void stray_row(stage_t *stage)
{
    forge_t far;
    forge_init(&far, 702, "sim", "far", stage_wall_ms(stage));
    forge_greeting(&far, NULL, stage_wall_ms(stage));
    stage_put(stage, STAGE_RTC, far.frame.data, far.frame.size);
    count_check("frames passed on for 300 to nobody, of one who is at the relay", stray_count(stage, &stage->mallory), 0, 0);
    count_check("frames passed on for 300 to nobody, of one who is not", stray_count(stage, &far), 1,
                2.0 * NKT_STRAY_BURST / NKT_STRAY_LOST_COST);
    forge_deinit(&far);
}

static const uint8_t welcome[] = {NKT_RELAY_WELCOME, NKT_RELAY_VERSION, 0, 0, 0, 2};

/* A relay's word that we are welcome is answered by a greeting to everybody. */
static void welcome_row(stage_t *stage)
{
    enum { COUNT = 300 };
    hostile_rest(stage);
    double before = sent_by(stage);
    for (int i = 0; i < COUNT; i++)
        stage_put(stage, STAGE_RELAY, welcome, sizeof welcome);
    count_check("frames for 300 welcomes of a relay", sent_by(stage) - before, 1, 20);
}

/* ---- liars about the time ---- */

typedef struct nonce {
    uint8_t bytes[NKT_CLOCK_NONCE_SIZE];
    int is_there;
    unsigned greeting_count; /* to everybody */
} nonce_t;

static void nonce_overhear(void *context, stage_entry_t by, const uint8_t *bytes, size_t size)
{
    nonce_t *nonce = context;
    uint8_t digest[NKT_DIGEST_SIZE];
    nkt_envelope_t envelope;
    nkt_greeting_t greeting;
    if (nkt_envelope_digest(bytes, size, digest) < 0 || nkt_envelope_decode(&envelope, bytes, size, digest) < 0)
        return;
    if (envelope.kind == NKT_KIND_GREETING &&
        nkt_gossip_decode_greeting(&greeting, envelope.payload, envelope.payload_size) == NKT_OK) {
        nonce->greeting_count += by == STAGE_RELAY && nkt_address_is_zero(&envelope.to);
        nonce->is_there |= greeting.nonce != NULL;
        if (greeting.nonce != NULL)
            memcpy(nonce->bytes, greeting.nonce, sizeof nonce->bytes);
        nkt_greeting_deinit(&greeting);
    }
    nkt_envelope_deinit(&envelope);
}

static void time_tell(stage_t *stage, forge_t *liar, const nonce_t *nonce, uint64_t wall_ms, uint64_t created_ms)
{
    const nkt_greeting_t greeting = {.record = forge_record(liar),
                                     .flags = NKT_GREETING_ANSWER,
                                     .echo = nonce->bytes,
                                     .wall_ms = wall_ms};
    if (nkt_gossip_encode_greeting(&liar->payload, &greeting) < 0)
        abort();
    forge_envelope(liar, NKT_KIND_GREETING, &stage->victim->address, liar->payload.data, liar->payload.size, created_ms);
    int code = stage_put_directed(stage, liar->frame.data, liar->frame.size);
    if (code < 0)
        hostile_fail("cost", "what time it is, they say", code, NKT_OK);
}

/* Most of those who say what time it is are liars, and say it again and again: whoever goes after them signs his record anew,
 * greets all and asks them. First it is ever later; then it is later than any clock may be. */
static void time_row(stage_t *stage)
{
    enum { LIAR_COUNT = 4, COUNT = 50 };
    forge_t liars[LIAR_COUNT];
    nonce_t nonce = {0};
    stage->overhear = nonce_overhear;
    stage->overhear_context = &nonce;
    uint64_t start_ms = stage_wall_ms(stage);
    for (uint32_t i = 0; i < LIAR_COUNT; i++) {
        forge_init(&liars[i], 4000 + i, "sim", "liar", start_ms);
        forge_greeting(&liars[i], NULL, start_ms);
        stage_put_broadcast(stage, liars[i].frame.data, liars[i].frame.size);
    }
    stage_put(stage, STAGE_RELAY, welcome, sizeof welcome);
    sim_run(stage->sim, 100);
    count_check("nonces of the victim", nonce.is_there, 1, 1);
    nonce.greeting_count = 0;
    for (uint64_t k = 1; k <= COUNT; k++) {
        for (uint32_t i = 0; i < LIAR_COUNT; i++)
            time_tell(stage, &liars[i], &nonce, start_ms + k * 3600000, stage_wall_ms(stage) + k);
    }
    sim_run(stage->sim, 4000);
    count_check("greetings to all, when it is said to be later 50 times", nonce.greeting_count, 1, 4);
    for (uint32_t i = 0; i < LIAR_COUNT; i++)
        time_tell(stage, &liars[i], &nonce, NKT_WALL_MS_MAX, stage_wall_ms(stage) + COUNT + 1);
    sim_run(stage->sim, 4000);
    nonce.greeting_count = 0;
    for (uint64_t k = 1; k <= COUNT; k++)
        time_tell(stage, &liars[0], &nonce, NKT_WALL_MS_MAX, stage_wall_ms(stage) + COUNT + k);
    sim_run(stage->sim, 4000);
    count_check("greetings to all, when it is as late as can be", nonce.greeting_count, 0, 0);
    for (uint32_t i = 0; i < LIAR_COUNT; i++)
        forge_deinit(&liars[i]);
    stage->overhear = NULL;
}

/* Of one who only said hello: a digest, wants and records, each of which would have an answer. */
static void stranger_row(stage_t *stage)
{
    forge_t stranger, other;
    nkt_buf_t payload = {0};
    const nkt_address_t *victim = &stage->victim->address;
    forge_init(&stranger, 700, "sim", "stranger", stage_wall_ms(stage));
    forge_init(&other, 701, "sim", "other", stage_wall_ms(stage));
    const nkt_gossip_known_t known = {.address = other.identity.address, .sequence = 1};
    const nkt_signed_record_t record = forge_record(&other);
    forge_greeting(&stranger, NULL, stage_wall_ms(stage));
    stage_put_broadcast(stage, stranger.frame.data, stranger.frame.size);
    sim_run(stage->sim, 1000);
    double before = sent_by(stage);
    for (int i = 0; i < 3; i++) {
        int err = i == 0   ? nkt_gossip_encode_digest(&payload, &known, 1, 0)
                  : i == 1 ? nkt_gossip_encode_want(&payload, &stage->friend_->address, 1)
                           : nkt_gossip_encode_records(&payload, &record, 1);
        if (err < 0)
            abort();
        hostile_view_t counted = hostile_before(stage, NKT_E_RATE);
        const unsigned kind = i == 0 ? NKT_KIND_DIGEST : i == 1 ? NKT_KIND_WANT : NKT_KIND_RECORDS;
        forge_envelope(&stranger, kind, victim, payload.data, payload.size, stage_wall_ms(stage));
        int code = stage_put_directed(stage, stranger.frame.data, stranger.frame.size);
        hostile_after(stage, &counted, "gossip of", "a stranger", code);
    }
    count_check("frames for a stranger's gossip", sent_by(stage) - before, 0, 0);
    nkt_buf_free(&payload);
    forge_deinit(&stranger);
    forge_deinit(&other);
}

void hostile_costs(uint64_t seed)
{
    stage_t *stage = stage_new(seed);
    welcome_row(stage);
    stage_check_talk(stage);
    hostile_rest(stage);
    time_row(stage);
    stage_check_talk(stage);
    stage_free(stage);
    stage = stage_new(seed);
    stranger_row(stage);
    kind_rows(stage);
    want_row(stage);
    stray_row(stage);
    stage_check_talk(stage);
    stage_free(stage);
}
