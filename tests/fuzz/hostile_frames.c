/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages of the relay, and envelopes by every way they can come. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hostile.h"
#include "relay/relay.h"

/* ---- what the relay says itself ---- */

typedef struct relay_row {
    const char *what;
    size_t size;
    uint8_t bytes[40];
    int expected;
} relay_row_t;

static const relay_row_t relay_rows[] = {
    {"empty", 0, {0}, NKT_E_RELAY},
    {"type 0", 1, {0}, NKT_E_RELAY},
    {"type 4", 5, {4, 1, 2, 3, 4}, NKT_E_RELAY},
    {"type 0xff", 5, {0xff, 1, 2, 3, 4}, NKT_E_RELAY},
    {"a HELLO, which only clients say", 1, {NKT_RELAY_HELLO}, NKT_E_RELAY},
    {"a PING, which only clients say", 5, {NKT_RELAY_PING, 1, 2, 3, 4}, NKT_E_RELAY},
    {"WELCOME without anything", 1, {NKT_RELAY_WELCOME}, NKT_E_RELAY},
    {"WELCOME truncated", 5, {NKT_RELAY_WELCOME, NKT_RELAY_VERSION, 0, 0, 0}, NKT_E_RELAY},
    {"WELCOME too long", 7, {NKT_RELAY_WELCOME, NKT_RELAY_VERSION, 0, 0, 0, 0, 0}, NKT_E_RELAY},
    {"NOBODY truncated", 20, {NKT_RELAY_NOBODY}, NKT_E_RELAY},
    {"NOBODY too long", 22, {NKT_RELAY_NOBODY}, NKT_E_RELAY},
    {"NOBODY of nobody known", 21, {NKT_RELAY_NOBODY, 9}, 0},
    {"LEFT truncated", 20, {NKT_RELAY_LEFT}, NKT_E_RELAY},
    {"LEFT of nobody known", 21, {NKT_RELAY_LEFT, 9}, 0},
    {"PONG truncated", 4, {NKT_RELAY_PONG, 1, 2, 3}, NKT_E_RELAY},
    {"PONG never asked for", 5, {NKT_RELAY_PONG, 1, 2, 3, 4}, 0},
    {"DIRECTED without an address", 1, {NKT_RELAY_DIRECTED}, NKT_E_RELAY},
    {"DIRECTED with half an address", 11, {NKT_RELAY_DIRECTED}, NKT_E_RELAY},
    {"DIRECTED to somebody else", 30, {NKT_RELAY_DIRECTED, 7}, NKT_E_RECIPIENT},
    {"BROADCAST without a frame", 1, {NKT_RELAY_BROADCAST}, NKT_E_FRAME_LENGTH},
    {"BROADCAST of version 1", 100, {NKT_RELAY_BROADCAST, 0x11}, NKT_E_VERSION},
    {"BROADCAST of one byte", 2, {NKT_RELAY_BROADCAST, NKT_FRAME_ENVELOPE}, NKT_E_FRAME_LENGTH},
};

static void relay_put(stage_t *stage, const char *what, const uint8_t *bytes, size_t size, int expected)
{
    hostile_view_t before = hostile_before(stage, expected);
    hostile_after(stage, &before, "relay", what, stage_put(stage, STAGE_RELAY, bytes, size));
}

void hostile_relay(uint64_t seed)
{
    stage_t *stage = stage_new(seed);
    sim_random_t random;
    uint8_t *large = sim_alloc(100000, 1);
    for (size_t i = 0; i < sizeof relay_rows / sizeof relay_rows[0]; i++)
        relay_put(stage, relay_rows[i].what, relay_rows[i].bytes, relay_rows[i].size, relay_rows[i].expected);
    large[0] = NKT_RELAY_BROADCAST;
    relay_put(stage, "more than a frame and its header", large, NKT_FRAME_SIZE_MAX + 22, NKT_E_RELAY);
    relay_put(stage, "a frame that is too long", large, NKT_FRAME_SIZE_MAX + 2, NKT_E_FRAME_LENGTH);
    relay_put(stage, "100 kB", large, 100000, NKT_E_RELAY);
    large[0] = NKT_RELAY_DIRECTED;
    memcpy(large + 1, stage->victim->address.b, NKT_ADDRESS_SIZE);
    relay_put(stage, "DIRECTED without a frame", large, 21, NKT_E_FRAME_LENGTH);
    sim_random_init(&random, seed, 7);
    for (int i = 0; i < 500; i++) { /* types 0x81 and so on may be sound by luck: then short */
        size_t size = 23 + (size_t)sim_random_below(&random, 2000);
        sim_random_fill(&random, large, size);
        if (large[0] == NKT_RELAY_WELCOME)
            large[1] = NKT_RELAY_VERSION; /* of another one it is the relay's last word */
        hostile_view_t before = hostile_before(stage, 0);
        hostile_after_any(stage, &before, "relay", "random", stage_put(stage, STAGE_RELAY, large, size));
    }
    stage_check_talk(stage);
    free(large);
    stage_free(stage);
}

/* ---- envelopes ---- */

typedef enum way { BY_DIRECTED, BY_BROADCAST, BY_RTC, WAY_COUNT } way_t;

static const char *const way_names[WAY_COUNT] = {"envelope, relay to one", "envelope, relay to all", "envelope, WebRTC"};

static int put_by(stage_t *stage, way_t way, const uint8_t *frame, size_t size)
{
    return way == BY_DIRECTED    ? stage_put_directed(stage, frame, size)
           : way == BY_BROADCAST ? stage_put_broadcast(stage, frame, size)
                                 : stage_put(stage, STAGE_RTC, frame, size);
}

static void row(stage_t *stage, way_t way, const char *what, const uint8_t *frame, size_t size, int expected)
{
    hostile_rest(stage);
    hostile_view_t before = hostile_before(stage, expected);
    hostile_after(stage, &before, way_names[way], what, put_by(stage, way, frame, size));
}

/* A genuine frame with one byte changed. */
static void changed_row(stage_t *stage, way_t way, const char *what, const stage_kept_t *sound, size_t at, uint8_t flip,
                        int expected)
{
    sound->bytes[at] ^= flip;
    row(stage, way, what, sound->bytes, sound->size, expected);
    sound->bytes[at] ^= flip;
}

/* Everything that can be done to a genuine frame before it is delivered. */
static void frame_rows(stage_t *stage, way_t way, unsigned kind)
{
    const stage_kept_t *caught = stage_catch(stage, kind);
    stage_kept_t sound = {.bytes = sim_copy(caught->bytes, caught->size), .size = caught->size};
    char what[64];
    for (size_t size = 0; size < sound.size; size += size < 80 ? 1 : 7) {
        snprintf(what, sizeof what, "%s cut to %zu bytes", nkt_kind_name(kind), size);
        if (size % 35 == 0)
            hostile_rest(stage);
        hostile_view_t before = hostile_before(stage, 0);
        hostile_after_any(stage, &before, way_names[way], what, put_by(stage, way, sound.bytes, size));
    }
    sim_run(stage->sim, 5000);
    changed_row(stage, way, "version 1", &sound, 0, 0x30, NKT_E_VERSION);
    changed_row(stage, way, "version 3", &sound, 0, 0x10, NKT_E_VERSION);
    changed_row(stage, way, "another type", &sound, 0, 0x0e, NKT_E_FRAME_TYPE);
    if (way != BY_RTC || kind != NKT_KIND_SESSION) { /* over its author's link a session message needs no signature */
        changed_row(stage, way, "signature, first byte", &sound, NKT_HEADER_SIZE, 1, NKT_E_SIGNATURE);
        changed_row(stage, way, "signature, last byte", &sound, NKT_HEADER_SIZE + NKT_SIGN_SIZE - 1, 0x20, NKT_E_SIGNATURE);
        changed_row(stage, way, "last byte of the payload", &sound, sound.size - 1, 1, NKT_E_SIGNATURE);
    }
    changed_row(stage, way, "length of the network id", &sound, NKT_HEADER_SIZE + NKT_SIGN_SIZE + 1, 1, NKT_E_FRAME_SYNTAX);
    uint8_t *longer = sim_alloc(NKT_FRAME_SIZE_MAX + 1, 1);
    memcpy(longer, sound.bytes, sound.size);
    row(stage, way, "a zero byte behind it", longer, sound.size + 1, NKT_E_FRAME_SYNTAX);
    row(stage, way, "too long", longer, NKT_FRAME_SIZE_MAX + 1, way == BY_DIRECTED ? NKT_E_RELAY : NKT_E_FRAME_LENGTH);
    free(longer);
    free(sound.bytes);
}

/* What a known user may sign and is refused all the same. */
static void forged_rows(stage_t *stage, way_t way)
{
    forge_t *mallory = &stage->mallory;
    forge_t stranger, elsewhere;
    uint64_t wall_ms = stage_wall_ms(stage);
    const uint8_t payload[] = {1, 2, 3};
    const nkt_address_t *victim = &stage->victim->address;
    const nkt_address_t third = {{3}};
    nkt_buf_t *frame = &mallory->frame;
    const unsigned later_kind = 77;

    forge_envelope(mallory, later_kind, victim, payload, sizeof payload, wall_ms - 3600000);
    row(stage, way, "expired", frame->data, frame->size, NKT_E_EXPIRED);
    forge_envelope(mallory, later_kind, victim, payload, sizeof payload, wall_ms + 3600000);
    row(stage, way, "from the future", frame->data, frame->size, NKT_E_EXPIRED);
    forge_envelope(mallory, 0, victim, payload, sizeof payload, wall_ms);
    row(stage, way, "kind 0", frame->data, frame->size, NKT_E_FRAME_SYNTAX);
    forge_envelope(mallory, later_kind, victim, payload, sizeof payload, wall_ms + way);
    row(stage, way, "a kind of a later version", frame->data, frame->size, NKT_OK);
    row(stage, way, "the same again", frame->data, frame->size, NKT_E_DUPLICATE);
    frame->data[1] = 3;
    row(stage, way, "the same with other hops", frame->data, frame->size, NKT_E_DUPLICATE);
    forge_envelope(mallory, later_kind, &third, payload, sizeof payload, wall_ms + way);
    row(stage, way, "to somebody else", frame->data, frame->size, NKT_OK);

    forge_init(&stranger, 99 + way, "sim", "stranger", wall_ms);
    forge_envelope(&stranger, later_kind, victim, payload, sizeof payload, wall_ms);
    row(stage, way, "of a sender never heard of", stranger.frame.data, stranger.frame.size, NKT_E_SENDER);
    stranger.identity.address = *victim;
    forge_envelope(&stranger, later_kind, NULL, payload, sizeof payload, wall_ms);
    row(stage, way, "in the victim's own name", stranger.frame.data, stranger.frame.size, NKT_E_DUPLICATE);
    stranger.identity.address = stage->friend_->address;
    forge_envelope(&stranger, NKT_KIND_BYE, NULL, payload, sizeof payload, wall_ms);
    row(stage, way, "in the friend's name", stranger.frame.data, stranger.frame.size, NKT_E_SIGNATURE);
    stranger.identity.address = (nkt_address_t){{0}};
    forge_envelope(&stranger, later_kind, NULL, payload, sizeof payload, wall_ms);
    row(stage, way, "of nobody", stranger.frame.data, stranger.frame.size, NKT_E_FRAME_SYNTAX);

    forge_init(&elsewhere, 199, "another room", "mallory", wall_ms);
    elsewhere.identity = mallory->identity;
    forge_envelope(&elsewhere, NKT_KIND_CLEAR, NULL, payload, sizeof payload, wall_ms);
    row(stage, way, "of another network", elsewhere.frame.data, elsewhere.frame.size, NKT_E_NETWORK);
    forge_deinit(&stranger);
    forge_deinit(&elsewhere);
}

static void hops_row(stage_t *stage)
{
    const uint8_t payload[] = {9};
    double before = sim_peer_health(stage->victim, "dropped.NKT_E_HOPS");
    forge_envelope(&stage->mallory, 78, NULL, payload, 1, stage_wall_ms(stage));
    stage->mallory.frame.data[1] = NKT_HOPS_MAX;
    row(stage, BY_RTC, "at the hop limit", stage->mallory.frame.data, stage->mallory.frame.size, NKT_OK);
    if (sim_peer_health(stage->victim, "dropped.NKT_E_HOPS") != before + 1)
        hostile_fail("envelope", "the hop limit is counted", 0, NKT_E_HOPS);
}

/* Shown once, whatever comes again, and never once it is too old. */
static void replay_rows(stage_t *stage, unsigned kind)
{
    const stage_kept_t *caught = stage_catch(stage, kind);
    stage_kept_t sound = {.bytes = sim_copy(caught->bytes, caught->size), .size = caught->size};
    uint64_t before = stage->victim->counts.messages;
    if (stage_put_directed(stage, sound.bytes, sound.size) != NKT_OK || stage->victim->counts.messages != before + 1)
        hostile_fail("envelope", "a genuine message is shown", stage->victim->last_error, NKT_OK);
    for (int way = 0; way < WAY_COUNT; way++)
        row(stage, (way_t)way, "replayed", sound.bytes, sound.size, NKT_E_DUPLICATE);
    sim_run(stage->sim, 3 * 3600000);
    for (int way = 0; way < WAY_COUNT; way++)
        row(stage, (way_t)way, "replayed hours later", sound.bytes, sound.size, NKT_E_EXPIRED);
    free(sound.bytes);
}

void hostile_envelopes(uint64_t seed)
{
    stage_t *stage = stage_new(seed);
    for (int way = 0; way < WAY_COUNT; way++) {
        frame_rows(stage, (way_t)way, NKT_KIND_SESSION);
        frame_rows(stage, (way_t)way, NKT_KIND_CLEAR);
        frame_rows(stage, (way_t)way, NKT_KIND_GREETING);
        forged_rows(stage, (way_t)way);
    }
    hops_row(stage);
    stage_check_talk(stage);
    replay_rows(stage, NKT_KIND_CLEAR);
    replay_rows(stage, NKT_KIND_SESSION);
    stage_check_talk(stage);
    stage_free(stage);
}
