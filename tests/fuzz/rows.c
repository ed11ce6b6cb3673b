/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows that several groups of hostile input are made of. */
#include <stdio.h>
#include <string.h>

#include "hostile.h"

enum { FRAME_GAP_MS = 200 }; /* frames of a link come no faster */

void hostile_payload(stage_t *stage, const char *entry, const char *what, unsigned kind, int to_all, const uint8_t *payload,
                     size_t size, int expected)
{
    forge_t *mallory = &stage->mallory;
    hostile_rest(stage);
    hostile_view_t before = hostile_before(stage, expected);
    forge_envelope(mallory, kind, to_all ? NULL : &stage->victim->address, payload, size, stage_wall_ms(stage));
    int code = to_all ? stage_put_broadcast(stage, mallory->frame.data, mallory->frame.size)
                      : stage_put_directed(stage, mallory->frame.data, mallory->frame.size);
    hostile_after(stage, &before, entry, what, code);
}

void hostile_prefixes(stage_t *stage, const char *entry, unsigned kind, const uint8_t *payload, size_t size)
{
    char what[64];
    for (size_t cut = 0; cut < size; cut += cut < 64 ? 1 : 5) {
        snprintf(what, sizeof what, "cut to %zu of %zu bytes", cut, size);
        hostile_rest(stage);
        hostile_view_t before = hostile_before(stage, 0);
        forge_envelope(&stage->mallory, kind, &stage->victim->address, payload, cut, stage_wall_ms(stage));
        int code = stage_put_directed(stage, stage->mallory.frame.data, stage->mallory.frame.size);
        if (code == NKT_OK)
            hostile_after(stage, &before, entry, what, code);
        else
            hostile_after_any(stage, &before, entry, what, code);
    }
}

void hostile_frame(stage_t *stage, const char *entry, const char *what, stage_entry_t by, const uint8_t *frame, size_t size,
                   int expected)
{
    sim_run(stage->sim, FRAME_GAP_MS);
    hostile_view_t before = hostile_before(stage, expected);
    int code = by == STAGE_RTC ? stage_put(stage, STAGE_RTC, frame, size) : stage_put_broadcast(stage, frame, size);
    hostile_after(stage, &before, entry, what, code);
}

void hostile_expect(int ok, const char *entry, const char *what, double seen)
{
    if (!ok) {
        fprintf(stderr, "seen: %g\n", seen);
        hostile_fail(entry, what, 0, 0);
    }
    hostile_pass();
}

char hostile_deep[2 * NKT_JSON_DEPTH_MAX + 2];
char hostile_wide[2 * NKT_JSON_ITEM_MAX + 1];
char hostile_large[NKT_VALUE_SIZE_MAX + 2];

void hostile_values_make(void)
{
    memset(hostile_deep, '[', NKT_JSON_DEPTH_MAX + 1);
    memset(hostile_deep + NKT_JSON_DEPTH_MAX + 1, ']', NKT_JSON_DEPTH_MAX + 1);
    for (size_t i = 0; i < sizeof hostile_wide; i++)
        hostile_wide[i] = i % 2 == 1 ? '1' : ',';
    hostile_wide[0] = '[';
    hostile_wide[sizeof hostile_wide - 1] = ']';
    memset(hostile_large, 'x', sizeof hostile_large);
    hostile_large[0] = hostile_large[sizeof hostile_large - 1] = '"';
}
