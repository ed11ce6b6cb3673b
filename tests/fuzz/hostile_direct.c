/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Direct frames: what is not signed because its author's own link says whose it is. Whoever else has one can do nothing with it,
 * and no other frame passes for one.
 */
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "hostile.h"
#include "state/swarm.h"

static const char entry[] = "direct";

static nkt_swarm_t *swarm_of(const sim_peer_t *peer)
{
    return (nkt_swarm_t *)(void *)peer->core; /* its first member */
}

/* As the friend's core would write it, or would not: sign_secret NULL: direct. */
static void frame_make(stage_t *stage, nkt_buf_t *out, nkt_envelope_parts_t parts, const uint8_t *sign_secret)
{
    static const uint8_t junk[] = {8, 2, 18, 1, 9};
    parts.network = stage->mallory.room.network;
    if (parts.from == NULL)
        parts.from = &stage->friend_->address;
    if (parts.to == NULL)
        parts.to = &stage->victim->address;
    if (parts.kind == 0)
        parts.kind = NKT_KIND_SESSION;
    if (parts.payload == NULL) {
        parts.payload = junk;
        parts.payload_size = sizeof junk;
    }
    parts.created_ms = stage_wall_ms(stage);
    if (nkt_envelope_encode(out, &parts, sign_secret, NULL) < 0)
        abort();
}

static void put_row(stage_t *stage, const char *what, stage_entry_t by, const nkt_buf_t *frame, int expected)
{
    hostile_frame(stage, entry, what, by, frame->data, frame->size, expected);
}

/* Over the friend's own link, each with one thing that an envelope may be and this may not. */
static void shape_rows(stage_t *stage)
{
    const nkt_signed_record_t record = forge_record(&stage->mallory);
    const struct {
        const char *what;
        nkt_envelope_parts_t parts;
        int expected;
    } rows[] = {
        {"of somebody else", {.from = &stage->mallory.identity.address}, NKT_E_SENDER},
        {"of the victim itself", {.from = &stage->victim->address}, NKT_E_SENDER},
        {"to somebody else", {.to = &stage->mallory.identity.address}, NKT_E_RECIPIENT},
        {"to its author", {.to = &stage->friend_->address}, NKT_E_RECIPIENT},
        {"that may be kept", {.may_keep = 1}, NKT_E_FRAME_SYNTAX},
        {"that a keeper may keep", {.keep_s = 100}, NKT_E_FRAME_SYNTAX},
        {"with a record", {.record = &record}, NKT_E_FRAME_SYNTAX},
        {"that is sought", {.is_sought = 1}, NKT_E_FRAME_SYNTAX},
    };
    nkt_buf_t frame = {0};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        frame_make(stage, &frame, rows[i].parts, NULL);
        put_row(stage, rows[i].what, STAGE_RTC, &frame, rows[i].expected);
    }
    for (unsigned kind = 1; kind <= NKT_KIND_COUNT; kind++) {
        if (kind == NKT_KIND_SESSION)
            continue;
        frame_make(stage, &frame, (nkt_envelope_parts_t){.kind = (nkt_kind_t)kind}, NULL);
        put_row(stage, nkt_kind_name(kind), STAGE_RTC, &frame, NKT_E_FRAME_SYNTAX);
    }
    nkt_buf_free(&frame);
}

static void length_rows(stage_t *stage)
{
    uint8_t *long_frame = sim_alloc(NKT_FRAME_SIZE_MAX + 1, 1);
    long_frame[0] = NKT_FRAME_DIRECT;
    hostile_frame(stage, entry, "of one byte", STAGE_RTC, long_frame, 1, NKT_E_FRAME_LENGTH);
    hostile_frame(stage, entry, "one byte too long", STAGE_RTC, long_frame, NKT_FRAME_SIZE_MAX + 1, NKT_E_FRAME_LENGTH);
    hostile_frame(stage, entry, "of zeros", STAGE_RTC, long_frame, 200, NKT_E_FRAME_SYNTAX);
    long_frame[0] = 0x1a;
    hostile_frame(stage, entry, "of version 1", STAGE_RTC, long_frame, 200, NKT_E_VERSION);
    free(long_frame);
}

/* To everybody: a frame without `to`. */
static void to_all_row(stage_t *stage)
{
    nkt_buf_t whole = {0};
    Nkt__Body body = NKT__BODY__INIT;
    uint8_t frame[200] = {NKT_FRAME_DIRECT};
    body.network = play_lend(stage->mallory.room.network, NKT_NETWORK_SIZE);
    body.from = play_lend(stage->friend_->address.b, NKT_ADDRESS_SIZE);
    body.kind = NKT_KIND_SESSION;
    body.created_ms = stage_wall_ms(stage);
    body.ttl_s = 60;
    body.payload = play_lend("x", 1);
    play_pack(&whole, &body.base);
    memcpy(frame + 1, whole.data, whole.size);
    hostile_frame(stage, entry, "to everybody", STAGE_RTC, frame, 1 + whole.size, NKT_E_RECIPIENT);
    nkt_buf_free(&whole);
}

static void forget_caught(stage_t *stage)
{
    while (stage->kept_count > 0)
        free(stage->kept[--stage->kept_count].bytes);
}

static const stage_kept_t *newest(const stage_t *stage, stage_entry_t by, size_t header, unsigned type)
{
    for (size_t i = stage->kept_count; i-- > 0;) {
        const stage_kept_t *kept = &stage->kept[i];
        if (kept->entry == by && kept->size > header && kept->bytes[header] == type)
            return kept;
    }
    return NULL;
}

/* What the friend says, and that does not arrive: first over its own link alone and not signed, then in another form, every way. */
static void lost_row(stage_t *stage, nkt_buf_t *direct, nkt_buf_t *signed_one)
{
    uint64_t messages = stage->victim->counts.messages;
    forget_caught(stage);
    stage->is_catching = 1;
    sim_say(stage->friend_, stage->victim);
    sim_run(stage->sim, 300);
    const stage_kept_t *first = newest(stage, STAGE_RTC, 0, NKT_FRAME_DIRECT);
    hostile_expect(first != NULL, entry, "what is said first is direct", (double)stage->kept_count);
    int is_twice = newest(stage, STAGE_RELAY, 21, NKT_FRAME_ENVELOPE) != NULL || newest(stage, STAGE_RTC, 0, NKT_FRAME_ENVELOPE) != NULL;
    hostile_expect(!is_twice, entry, "it takes no second way", (double)stage->kept_count);
    if (first == NULL || nkt_buf_set(direct, first->bytes, first->size) < 0)
        abort();
    sim_run(stage->sim, 2500);
    const stage_kept_t *again = newest(stage, STAGE_RTC, 0, NKT_FRAME_ENVELOPE);
    hostile_expect(newest(stage, STAGE_RELAY, 21, NKT_FRAME_ENVELOPE) != NULL && again != NULL, entry,
                   "what is not acknowledged is said again, signed, every way", (double)stage->kept_count);
    if (again == NULL || nkt_buf_set(signed_one, again->bytes, again->size) < 0)
        abort();
    hostile_expect(stage->victim->counts.messages == messages, entry, "nothing of it came through", 0);
}

/* The body of a direct frame, signed by its author all the same. */
static void sign_late(const stage_t *stage, const nkt_buf_t *direct, nkt_buf_t *out)
{
    uint8_t digest[NKT_DIGEST_SIZE], signature[NKT_SIGN_SIZE];
    static const uint8_t head[NKT_HEADER_SIZE] = {NKT_FRAME_ENVELOPE, 0};
    if (nkt_direct_digest(direct->data, direct->size, digest) < 0)
        abort();
    crypto_sign_detached(signature, NULL, digest, sizeof digest, swarm_of(stage->friend_)->identity.sign_secret);
    nkt_buf_clear(out);
    if (nkt_buf_append(out, head, sizeof head) < 0 || nkt_buf_append(out, signature, sizeof signature) < 0 ||
        nkt_buf_append(out, direct->data + 1, direct->size - 1) < 0)
        abort();
}

/* And the other way round. */
static void strip(const nkt_buf_t *envelope, nkt_buf_t *out)
{
    nkt_buf_clear(out);
    if (nkt_buf_append_u8(out, NKT_FRAME_DIRECT) < 0 ||
        nkt_buf_append(out, envelope->data + NKT_HEADER_SIZE + NKT_SIGN_SIZE, envelope->size - NKT_HEADER_SIZE - NKT_SIGN_SIZE) < 0)
        abort();
}

static void mail_row(stage_t *stage, const nkt_buf_t *direct, unsigned kind, int expected)
{
    Nkt__Mail mail = NKT__MAIL__INIT; /* a Keep is the same on the wire */
    ProtobufCBinaryData frame = play_lend(direct->data, direct->size);
    nkt_buf_t payload = {0};
    mail.frame = &frame;
    mail.n_frame = 1;
    play_pack(&payload, &mail.base);
    hostile_payload(stage, entry, kind == NKT_KIND_MAIL ? "inside mail" : "for a keeper", kind, 0, payload.data, payload.size, expected);
    nkt_buf_free(&payload);
}

/* A genuine one, in whatever way that is not its author's link; then by that, once, in either form. */
static void genuine_rows(stage_t *stage)
{
    nkt_buf_t direct = {0}, signed_one = {0}, other = {0};
    lost_row(stage, &direct, &signed_one);
    put_row(stage, "by the relay, to all", STAGE_RELAY, &direct, NKT_E_FRAME_TYPE);
    hostile_rest(stage);
    hostile_view_t before = hostile_before(stage, NKT_E_FRAME_TYPE);
    hostile_after(stage, &before, entry, "by the relay, to one", stage_put_directed(stage, direct.data, direct.size));
    mail_row(stage, &direct, NKT_KIND_MAIL, NKT_E_FRAME_TYPE);
    frame_make(stage, &other, (nkt_envelope_parts_t){0}, stage->mallory.identity.sign_secret);
    memcpy(other.data, (uint8_t[]){NKT_FRAME_ENVELOPE, 0}, NKT_HEADER_SIZE);
    put_row(stage, "its body signed by somebody else, by the relay", STAGE_RELAY, &other, NKT_E_SIGNATURE);

    uint64_t messages = stage->victim->counts.messages;
    int heard = stage_put(stage, STAGE_RTC, direct.data, direct.size);
    hostile_expect(heard == NKT_OK && stage->victim->counts.messages == messages + 1, entry, "a genuine one is heard", heard);
    stage->is_catching = 0;
    put_row(stage, "once more", STAGE_RTC, &direct, NKT_E_DUPLICATE);
    sign_late(stage, &direct, &other);
    put_row(stage, "signed afterwards, over the link", STAGE_RTC, &other, NKT_E_DUPLICATE);
    put_row(stage, "signed afterwards, by the relay", STAGE_RELAY, &other, NKT_E_DUPLICATE);
    /* its repetition has a key of its own, and is the same message */
    int code = stage_put(stage, STAGE_RTC, signed_one.data, signed_one.size);
    hostile_expect(code == NKT_E_REPLAY && stage->victim->counts.messages == messages + 1, entry, "its repetition is not shown", code);
    strip(&signed_one, &other);
    put_row(stage, "an envelope without its signature, afterwards", STAGE_RTC, &other, NKT_E_DUPLICATE);
    nkt_buf_free(&direct);
    nkt_buf_free(&signed_one);
    nkt_buf_free(&other);
}

void hostile_direct(uint64_t seed)
{
    stage_t *stage = stage_new(seed);
    shape_rows(stage);
    length_rows(stage);
    to_all_row(stage);
    stage_check_talk(stage);
    genuine_rows(stage);
    stage_check_talk(stage);
    stage_free(stage);
    stage = stage_new_keeper(seed);
    nkt_buf_t direct = {0};
    frame_make(stage, &direct, (nkt_envelope_parts_t){0}, NULL);
    mail_row(stage, &direct, NKT_KIND_KEEP, NKT_E_FRAME_TYPE);
    nkt_buf_free(&direct);
    stage_free(stage);
}
