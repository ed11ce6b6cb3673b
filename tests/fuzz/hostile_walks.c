/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Walks through the overlay. */
#include <stdlib.h>
#include <string.h>

#include "gossip/gossip.h"
#include "hostile.h"

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
    hostile_frame(stage, "walk", what, by, seeker->frame.data, seeker->frame.size, expected);
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
    hostile_frame(stage, "walk", "replayed", STAGE_RTC, mallory->frame.data, mallory->frame.size, NKT_E_DUPLICATE);
    mallory->frame.data[1] = NKT_WALK_HOPS_MAX;
    hostile_frame(stage, "walk", "replayed with other hops", STAGE_RTC, mallory->frame.data, mallory->frame.size, NKT_E_DUPLICATE);
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
        hostile_frame(stage, "walk", "after any number of hops", STAGE_RTC, mallory->frame.data, mallory->frame.size, NKT_OK);
    }
    mallory->frame.data[NKT_HEADER_SIZE] ^= 1;
    forge_envelope_with(mallory, NKT_KIND_WALK, NULL, payload.data, payload.size, stage_wall_ms(stage) + 1, &own);
    mallory->frame.data[NKT_HEADER_SIZE] ^= 1;
    hostile_frame(stage, "walk", "not signed by the seeker", STAGE_RTC, mallory->frame.data, mallory->frame.size, NKT_E_SIGNATURE);
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
    hostile_expect(heeded > 0 && heeded < FLOOD_COUNT / 2, "walk", "a flood of one seeker is limited", heeded);
    offers = stage->victim->counts.rtc_offers - offers;
    hostile_expect(offers <= 1, "walk", "one offer to one seeker", (double)offers);
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
    hostile_expect(most > 1 && most <= NKT_RTC_LIVE_COUNT_MAX + NKT_RTC_SLACK_COUNT, "walk", "links under way are capped", (double)most);
    hostile_expect(stage->victim->counts.links_up == 0, "walk", "no link to who never answers", 0);
    sim_run(stage->sim, 60000);
    hostile_expect(sim_peer_health(stage->victim, "degree") == 1, "walk", "the friend's link stays",
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
