/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a member can make others send: counted, against what it sent itself. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gossip/gossip.h"
#include "hostile.h"

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

/* Over the link, to addresses that nobody has: each would go to all on the relay. */
static void stray_row(stage_t *stage)
{
    enum { COUNT = 300 };
    forge_t *mallory = &stage->mallory;
    double before = sent_by(stage);
    for (uint64_t i = 0; i < COUNT; i++) {
        nkt_address_t nobody = {{1, (uint8_t)i, (uint8_t)(i >> 8)}};
        forge_envelope(mallory, NKT_KIND_SESSION, &nobody, (const uint8_t *)"x", 1, stage_wall_ms(stage) + i);
        stage_put(stage, STAGE_RTC, mallory->frame.data, mallory->frame.size);
    }
    count_check("frames passed on for 300 to nobody", sent_by(stage) - before, 1, 2.0 * NKT_STRAY_BURST / NKT_STRAY_LOST_COST);
}

void hostile_costs(uint64_t seed)
{
    stage_t *stage = stage_new(seed);
    kind_rows(stage);
    want_row(stage);
    stray_row(stage);
    stage_check_talk(stage);
    stage_free(stage);
}
