/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a known user signs: payloads of every kind that are not what they should be. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base58.h"
#include "gossip/gossip.h"
#include "hostile.h"
#include "memory.h"
#include "overlay/signal.h"

/* A payload to the victim; to_all: to everybody. */
static void payload_row(stage_t *stage, const char *entry, const char *what, unsigned kind, int to_all,
                        const uint8_t *payload, size_t size, int expected)
{
    forge_t *mallory = &stage->mallory;
    hostile_rest(stage);
    hostile_view_t before = hostile_before(stage, expected);
    forge_envelope(mallory, kind, to_all ? NULL : &stage->victim->address, payload, size, stage_wall_ms(stage));
    int code = to_all ? stage_put_broadcast(stage, mallory->frame.data, mallory->frame.size)
                      : stage_put_directed(stage, mallory->frame.data, mallory->frame.size);
    hostile_after(stage, &before, entry, what, code);
}

/* Every prefix: dropped, or (a list that ends early is a list) without effect that anybody sees. */
static void prefix_rows(stage_t *stage, const char *entry, unsigned kind, const uint8_t *payload, size_t size)
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

/* ---- lists ---- */

static void list_rows(stage_t *stage)
{
    enum { COUNT = 600 };
    forge_t *mallory = &stage->mallory;
    nkt_gossip_known_t *known = sim_alloc(COUNT, sizeof *known);
    nkt_buf_t payload = {0};
    uint8_t garbage[64];
    for (size_t i = 0; i < COUNT; i++) {
        sim_random_fill(&mallory->random, known[i].address.b, NKT_ADDRESS_SIZE);
        known[i].sequence = UINT64_MAX;
    }
    sim_random_fill(&mallory->random, garbage, sizeof garbage);
    nkt_gossip_encode_digest(&payload, known, NKT_DIGEST_COUNT_MAX + 1, 0);
    payload_row(stage, "digest", "too many entries", NKT_KIND_DIGEST, 0, payload.data, payload.size, NKT_E_PAYLOAD);
    nkt_gossip_encode_digest(&payload, known, NKT_DIGEST_COUNT_MAX, 0);
    payload_row(stage, "digest", "of users that nobody knows", NKT_KIND_DIGEST, 0, payload.data, payload.size, NKT_OK);
    nkt_gossip_encode_digest(&payload, known, 3, 0);
    prefix_rows(stage, "digest", NKT_KIND_DIGEST, payload.data, payload.size);
    payload_row(stage, "digest", "random", NKT_KIND_DIGEST, 0, garbage, sizeof garbage, NKT_E_PAYLOAD);

    Nkt__Want want = NKT__WANT__INIT;
    ProtobufCBinaryData addresses[NKT_WANT_COUNT_MAX + 1];
    for (size_t i = 0; i <= NKT_WANT_COUNT_MAX; i++)
        addresses[i] = play_lend(known[i].address.b, NKT_ADDRESS_SIZE);
    want.address = addresses;
    want.n_address = NKT_WANT_COUNT_MAX + 1;
    play_pack(&payload, &want.base);
    payload_row(stage, "want", "too many addresses", NKT_KIND_WANT, 0, payload.data, payload.size, NKT_E_PAYLOAD);
    want.n_address = 2;
    play_pack(&payload, &want.base);
    prefix_rows(stage, "want", NKT_KIND_WANT, payload.data, payload.size);
    addresses[1].len = NKT_ADDRESS_SIZE - 1;
    play_pack(&payload, &want.base);
    payload_row(stage, "want", "half an address", NKT_KIND_WANT, 0, payload.data, payload.size, NKT_E_PAYLOAD);
    payload_row(stage, "want", "random", NKT_KIND_WANT, 0, garbage, sizeof garbage, NKT_E_PAYLOAD);
    nkt_buf_free(&payload);
    free(known);
}

/* ---- clear messages ---- */

typedef struct clear_row {
    const char *what;
    uint64_t epoch, sequence;
    size_t id_size;
    const char *json;
    size_t json_size;
    int expected;
} clear_row_t;

static char deep[2 * NKT_JSON_DEPTH_MAX + 2]; /* one level too many */
static char wide[2 * NKT_JSON_ITEM_MAX + 1];  /* one value too many */
static char large[NKT_VALUE_SIZE_MAX + 2];

static void texts_make(void)
{
    memset(deep, '[', NKT_JSON_DEPTH_MAX + 1);
    memset(deep + NKT_JSON_DEPTH_MAX + 1, ']', NKT_JSON_DEPTH_MAX + 1);
    for (size_t i = 0; i < sizeof wide; i++)
        wide[i] = i % 2 == 1 ? '1' : ',';
    wide[0] = '[';
    wide[sizeof wide - 1] = ']';
    memset(large, 'x', sizeof large);
    large[0] = large[sizeof large - 1] = '"';
}

static void clear_pack(nkt_buf_t *payload, const clear_row_t *row)
{
    Nkt__Clear clear = NKT__CLEAR__INIT;
    clear.epoch = row->epoch;
    clear.sequence = row->sequence;
    clear.id = play_lend("0123456789abcdefg", row->id_size);
    clear.json = play_lend(row->json, row->json_size);
    play_pack(payload, &clear.base);
}

static void clear_rows(stage_t *stage)
{
    const clear_row_t rows[] = {
        {"no epoch", 0, 1, 16, "1", 1, NKT_E_PAYLOAD},
        {"position 0", 7, 0, 16, "1", 1, NKT_E_PAYLOAD},
        {"a short id", 7, 1, 15, "1", 1, NKT_E_PAYLOAD},
        {"a long id", 7, 1, 17, "1", 1, NKT_E_PAYLOAD},
        {"no text", 7, 1, 16, "", 0, NKT_E_PAYLOAD},
        {"NUL in the text", 7, 1, 16, "[\0]", 3, NKT_E_PAYLOAD},
        {"an open bracket", 7, 1, 16, "[[1]", 4, NKT_E_PAYLOAD},
        {"an open string", 7, 1, 16, "\"abc", 4, NKT_E_PAYLOAD},
        {"no JSON at all", 7, 1, 16, "undefined", 9, NKT_E_PAYLOAD},
        {"two values", 7, 1, 16, "1 2", 3, NKT_E_PAYLOAD},
        {"a comma too many", 7, 1, 16, "[1,]", 4, NKT_E_PAYLOAD},
        {"no UTF-8", 7, 1, 16, "\"a\xff\"", 4, NKT_E_PAYLOAD},
        {"Infinity", 7, 1, 16, "[1e400]", 7, NKT_E_PAYLOAD},
        {"too deep", 7, 1, 16, deep, sizeof deep, NKT_E_PAYLOAD},
        {"too many values", 7, 1, 16, wide, sizeof wide, NKT_E_PAYLOAD},
        {"too large", 7, 1, 16, large, sizeof large, NKT_E_PAYLOAD},
    };
    nkt_buf_t payload = {0};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        clear_pack(&payload, &rows[i]);
        payload_row(stage, "clear message", rows[i].what, NKT_KIND_CLEAR, 1, payload.data, payload.size, rows[i].expected);
    }
    const clear_row_t sound = {"sound", 7, 5, 16, "[1]", 3, NKT_OK};
    clear_pack(&payload, &sound);
    prefix_rows(stage, "clear message", NKT_KIND_CLEAR, payload.data, payload.size);
    uint64_t shown = stage->sim->book.stranger_count;
    forge_envelope(&stage->mallory, NKT_KIND_CLEAR, NULL, payload.data, payload.size, stage_wall_ms(stage));
    stage_put_broadcast(stage, stage->mallory.frame.data, stage->mallory.frame.size);
    if (stage->sim->book.stranger_count != shown + 1)
        hostile_fail("clear message", "a sound one is shown", 0, NKT_OK);
    payload_row(stage, "clear message", "its position again, in a new envelope", NKT_KIND_CLEAR, 1, payload.data,
                payload.size, NKT_E_REPLAY);
    nkt_buf_free(&payload);
}

/* ---- signalling ---- */

#define PRINT "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF"
#define OTHER_PRINT "01:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF"

typedef struct signal_row {
    const char *what;
    unsigned type;
    const char *sdp;
    size_t attempt_size, nonce_size;
    int expected;
} signal_row_t;

static void signal_row(stage_t *stage, const signal_row_t *row)
{
    Nkt__Signal signal = NKT__SIGNAL__INIT;
    nkt_buf_t payload = {0};
    uint8_t random[64] = {1};
    signal.type = row->type;
    signal.attempt = play_lend(random, row->attempt_size);
    signal.has_nonce = row->nonce_size > 0;
    signal.nonce = play_lend(random, row->nonce_size);
    signal.sdp = (char *)(uintptr_t)row->sdp;
    play_pack(&payload, &signal.base);
    sim_run(stage->sim, 2000); /* two a second are listened to */
    hostile_view_t before = hostile_before(stage, row->expected);
    uint64_t answers = stage->victim->counts.rtc_answers;
    forge_signal(&stage->mallory, payload.data, payload.size, stage_wall_ms(stage));
    int code = stage_put_directed(stage, stage->mallory.frame.data, stage->mallory.frame.size);
    hostile_after(stage, &before, "signal", row->what, code);
    if (stage->victim->counts.rtc_answers != answers)
        hostile_fail("signal", row->what, 0, row->expected);
    nkt_buf_free(&payload);
}

static void signal_rows(stage_t *stage)
{
    static char long_sdp[NKT_SDP_SIZE_MAX + 200];
    memset(long_sdp, 'a', sizeof long_sdp - 1);
    memcpy(long_sdp, "a=fingerprint:sha-256 " PRINT "\r\n", 22 + 95 + 2);
    const signal_row_t rows[] = {
        {"type 0", 0, "a=fingerprint:sha-256 " PRINT, 16, 32, NKT_E_PAYLOAD},
        {"type 4", 4, "a=fingerprint:sha-256 " PRINT, 16, 32, NKT_E_PAYLOAD},
        {"a short attempt", NKT_SIGNAL_OFFER, "a=fingerprint:sha-256 " PRINT, 15, 32, NKT_E_PAYLOAD},
        {"no nonce", NKT_SIGNAL_OFFER, "a=fingerprint:sha-256 " PRINT, 16, 0, NKT_E_PAYLOAD},
        {"a long nonce", NKT_SIGNAL_OFFER, "a=fingerprint:sha-256 " PRINT, 16, 33, NKT_E_PAYLOAD},
        {"no SDP", NKT_SIGNAL_OFFER, NULL, 16, 32, NKT_E_PAYLOAD},
        {"an empty SDP", NKT_SIGNAL_OFFER, "", 16, 32, NKT_E_PAYLOAD},
        {"no fingerprint", NKT_SIGNAL_OFFER, "v=0\r\n", 16, 32, NKT_E_PAYLOAD},
        {"SHA-1", NKT_SIGNAL_OFFER, "a=fingerprint:sha-1 " PRINT, 16, 32, NKT_E_PAYLOAD},
        {"a short fingerprint", NKT_SIGNAL_OFFER, "a=fingerprint:sha-256 00:11", 16, 32, NKT_E_PAYLOAD},
        {"two that differ", NKT_SIGNAL_OFFER,
         "a=fingerprint:sha-256 " PRINT "\r\na=fingerprint:sha-256 " OTHER_PRINT "\r\n", 16, 32, NKT_E_PAYLOAD},
        {"a second of another hash", NKT_SIGNAL_OFFER, "a=fingerprint:sha-256 " PRINT "\r\na=fingerprint:sha-1 00:11\r\n", 16,
         32, NKT_E_PAYLOAD},
        {"too long", NKT_SIGNAL_OFFER, long_sdp, 16, 32, NKT_E_PAYLOAD},
        {"an answer to nothing", NKT_SIGNAL_ANSWER, "a=fingerprint:sha-256 " PRINT, 16, 32, NKT_OK},
        {"a refusal of nothing", NKT_SIGNAL_REJECT, NULL, 16, 0, NKT_OK},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        signal_row(stage, &rows[i]);
    uint8_t random[300];
    sim_random_fill(&stage->mallory.random, random, sizeof random);
    sim_run(stage->sim, 2000);
    payload_row(stage, "signal", "not sealed", NKT_KIND_SIGNAL, 0, random, sizeof random, NKT_E_PAYLOAD);
    payload_row(stage, "signal", "empty", NKT_KIND_SIGNAL, 0, random, 0, NKT_E_PAYLOAD);
    sim_run(stage->sim, 5000);
    forge_t *mallory = &stage->mallory;
    uint8_t ends[NKT_ENDS_SIZE];
    const nkt_seal_for_t other = {.public_key = mallory->identity.identity_public, .context = ends, .context_size = sizeof ends};
    forge_ends(mallory, ends);
    nkt_buf_clear(&mallory->sealed);
    nkt_seal_to(&mallory->sealed, &other, random, sizeof random, &mallory->host);
    payload_row(stage, "signal", "sealed to somebody else", NKT_KIND_SIGNAL, 0, mallory->sealed.data, mallory->sealed.size,
                NKT_E_PAYLOAD);
}

void hostile_payloads(uint64_t seed)
{
    stage_t *stage = stage_new(seed);
    texts_make();
    list_rows(stage);
    clear_rows(stage);
    signal_rows(stage);
    stage_check_talk(stage);
    stage_free(stage);
}

/* ---- inside sessions ---- */

static void inner_row(stage_t *stage, const char *what, const Nkt__Inner *inner, int expected)
{
    nkt_buf_t plain = {0};
    play_pack(&plain, &inner->base);
    sim_run(stage->sim, 1500); /* failures are limited to one a second */
    hostile_view_t before = hostile_before(stage, expected);
    forge_session(&stage->mallory, plain.data, plain.size, stage_wall_ms(stage));
    int code = stage_put_directed(stage, stage->mallory.frame.data, stage->mallory.frame.size);
    hostile_after(stage, &before, "session", what, code);
    nkt_buf_free(&plain);
}

typedef struct answers {
    const stage_t *stage;
    uint64_t count; /* envelopes of a session from the victim to mallory */
} answers_t;

static void answer_hear(void *context, stage_entry_t by, const uint8_t *bytes, size_t size)
{
    answers_t *answers = context;
    uint8_t digest[NKT_DIGEST_SIZE];
    nkt_envelope_t envelope;
    (void)by;
    if (nkt_envelope_digest(bytes, size, digest) < 0 ||
        nkt_envelope_decode(&envelope, bytes, size, digest) < 0)
        return;
    answers->count +=
        envelope.kind == NKT_KIND_SESSION &&
        nkt_address_compare(&envelope.to, &answers->stage->mallory.identity.address) == 0;
    nkt_envelope_deinit(&envelope);
}

/* A sound message is: the ears work. */
static void answers_expect(stage_t *stage, answers_t *answers)
{
    Nkt__Inner inner = NKT__INNER__INIT;
    Nkt__Say say = NKT__SAY__INIT;
    Nkt__Say *list[1] = {&say};
    nkt_buf_t plain = {0};
    int code = NKT_OK;
    say.epoch = 9;
    say.id = play_lend("0123456789abcdef", 16);
    say.json = play_lend("\"sound\"", 7);
    inner.say = list;
    inner.n_say = 1;
    /* an answer goes by the relay alone, unheard, until that says that mallory is not there */
    while (code == NKT_OK && answers->count == 0 && say.sequence < 4) {
        say.sequence++;
        play_pack(&plain, &inner.base);
        sim_run(stage->sim, 1500);
        forge_session(&stage->mallory, plain.data, plain.size, stage_wall_ms(stage));
        stage->mallory.frame.data[1] = 1; /* by others, so that it is not taken to be on the relay once more */
        code = stage_put_directed(stage, stage->mallory.frame.data, stage->mallory.frame.size);
        sim_run(stage->sim, 1000);
    }
    if (code != NKT_OK || answers->count == 0)
        hostile_fail("session", "a sound message is acknowledged", code, NKT_OK);
    hostile_pass();
    nkt_buf_free(&plain);
}

/* What the victim does not show it does not acknowledge either: its author is not told that it was heard. */
static void say_rows(stage_t *stage)
{
    answers_t answers = {.stage = stage};
    const clear_row_t rows[] = {
        {"no epoch", 0, 1, 16, "1", 1, NKT_E_PAYLOAD},   {"position 0", 7, 0, 16, "1", 1, NKT_E_PAYLOAD},
        {"a short id", 7, 1, 15, "1", 1, NKT_E_PAYLOAD}, {"no text", 7, 1, 16, "", 0, NKT_E_PAYLOAD},
        {"NUL", 7, 1, 16, "[\0]", 3, NKT_E_PAYLOAD},     {"too deep", 7, 1, 16, deep, sizeof deep, NKT_E_PAYLOAD},
        {"no JSON at all", 7, 1, 16, "undefined", 9, NKT_E_PAYLOAD},
        {"two values", 7, 1, 16, "1 2", 3, NKT_E_PAYLOAD},
        {"a comma too many", 7, 1, 16, "[1,]", 4, NKT_E_PAYLOAD},
        {"no UTF-8", 7, 1, 16, "\"a\xff\"", 4, NKT_E_PAYLOAD},
        {"Infinity", 7, 1, 16, "[1e400]", 7, NKT_E_PAYLOAD},
        {"too many values", 7, 1, 16, wide, sizeof wide, NKT_E_PAYLOAD},
        {"too large", 7, 1, 16, large, sizeof large, NKT_E_PAYLOAD},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        Nkt__Inner inner = NKT__INNER__INIT;
        Nkt__Say say = NKT__SAY__INIT;
        Nkt__Say *list[1] = {&say};
        say.epoch = rows[i].epoch;
        say.sequence = rows[i].sequence;
        say.id = play_lend("0123456789abcdefg", rows[i].id_size);
        say.json = play_lend(rows[i].json, rows[i].json_size);
        inner.say = list;
        inner.n_say = 1;
        inner_row(stage, rows[i].what, &inner, rows[i].expected);
        if (i == 0) {
            sim_run(stage->sim, 5000); /* what was set going before */
            stage->overhear = answer_hear;
            stage->overhear_context = &answers;
        }
    }
    sim_run(stage->sim, 1000);
    if (answers.count != 0)
        hostile_fail("session", "nothing of it is acknowledged", (int)answers.count, 0);
    answers_expect(stage, &answers);
    stage->overhear = NULL;
}

static void count_rows(stage_t *stage)
{
    Nkt__Say says[NKT_BATCH_COUNT_MAX + 1], *say_list[NKT_BATCH_COUNT_MAX + 1];
    Nkt__Ack acks[NKT_ACK_RANGE_COUNT_MAX + 1], *ack_list[NKT_ACK_RANGE_COUNT_MAX + 1];
    Nkt__Inner inner = NKT__INNER__INIT;
    for (size_t i = 0; i <= NKT_BATCH_COUNT_MAX; i++) {
        says[i] = (Nkt__Say)NKT__SAY__INIT;
        says[i].epoch = 7;
        says[i].sequence = 1 + i;
        says[i].id = play_lend("0123456789abcdef", 16);
        says[i].json = play_lend("1", 1);
        say_list[i] = &says[i];
    }
    for (size_t i = 0; i <= NKT_ACK_RANGE_COUNT_MAX; i++) {
        acks[i] = (Nkt__Ack)NKT__ACK__INIT;
        acks[i].epoch = i;
        acks[i].last = UINT64_MAX;
        ack_list[i] = &acks[i];
    }
    inner.say = say_list;
    inner.n_say = NKT_BATCH_COUNT_MAX + 1;
    inner_row(stage, "too many messages", &inner, NKT_E_PAYLOAD);
    inner.n_say = 0;
    inner.ack = ack_list;
    inner.n_ack = NKT_ACK_RANGE_COUNT_MAX + 1;
    inner_row(stage, "too many acknowledgements", &inner, NKT_E_PAYLOAD);
    inner.n_ack = NKT_ACK_RANGE_COUNT_MAX;
    inner_row(stage, "acknowledgements of what was never said", &inner, NKT_OK);
    inner.n_ack = 0;
    inner.n_say = 1;
    uint64_t shown = stage->sim->book.stranger_count;
    nkt_buf_t plain = {0};
    play_pack(&plain, &inner.base);
    forge_session(&stage->mallory, plain.data, plain.size, stage_wall_ms(stage));
    stage_put_directed(stage, stage->mallory.frame.data, stage->mallory.frame.size);
    if (stage->sim->book.stranger_count != shown + 1)
        hostile_fail("session", "a sound message is shown", stage->victim->last_error, NKT_OK);
    nkt_buf_free(&plain);
    inner_row(stage, "a position again", &inner, NKT_E_REPLAY);
}

static void cipher_rows(stage_t *stage)
{
    forge_t *mallory = &stage->mallory;
    uint8_t random[200];
    forge_session(mallory, (const uint8_t *)"", 0, stage_wall_ms(stage));
    nkt_buf_t sound = {0};
    if (nkt_buf_set(&sound, mallory->payload.data, mallory->payload.size) < 0)
        abort();
    sim_random_fill(&mallory->random, random, sizeof random);
    for (size_t at = 0; at < sound.size; at += 9) {
        char what[64];
        snprintf(what, sizeof what, "byte %zu of the ciphertext changed", at);
        sim_run(stage->sim, 1500);
        sound.data[at] ^= 0x11;
        hostile_view_t before = hostile_before(stage, 0);
        forge_envelope(mallory, NKT_KIND_SESSION, &stage->victim->address, sound.data, sound.size, stage_wall_ms(stage));
        int code = stage_put_directed(stage, mallory->frame.data, mallory->frame.size);
        sound.data[at] ^= 0x11;
        if (code == NKT_OK) /* ids that no MAC covers */
            hostile_after(stage, &before, "session", what, code);
        else
            hostile_after_any(stage, &before, "session", what, code);
    }
    sim_run(stage->sim, 30000);
    prefix_rows(stage, "session", NKT_KIND_SESSION, sound.data, sound.size < 64 ? sound.size : 64);
    sim_run(stage->sim, 30000);
    payload_row(stage, "session", "random", NKT_KIND_SESSION, 0, random, sizeof random, NKT_E_PAYLOAD);
    payload_row(stage, "session", "empty", NKT_KIND_SESSION, 0, random, 0, NKT_E_PAYLOAD);
    for (unsigned type = 0; type < 9; type++) {
        const uint8_t ciphertext[] = {8, (uint8_t)type, 18, 4, 0x33, 1, 2, 3};
        sim_run(stage->sim, 1500);
        payload_row(stage, "session", "a ciphertext of four bytes", NKT_KIND_SESSION, 0, ciphertext, sizeof ciphertext,
                    NKT_E_DECRYPT);
    }
    nkt_buf_free(&sound);
}

/* Keys skipped on purpose, in session after session, are not kept without end. */
static void skipping_rows(stage_t *stage)
{
    enum { SESSION_COUNT = 8, SKIP_COUNT = NKT_SIGNAL_SKIP_MAX - 2, GROWTH_MAX = 4 * NKT_SESSION_SIZE_MAX };
    const uint8_t nothing[] = {0x18, 0}; /* hello: false */
    double before = sim_core_memory_size(stage->sim);
    for (int i = 0; i < SESSION_COUNT; i++) {
        nkt_session_drop(&stage->mallory.session);
        for (int k = 0; k < SKIP_COUNT; k++)
            forge_session(&stage->mallory, nothing, sizeof nothing, stage_wall_ms(stage));
        int code = stage_put_directed(stage, stage->mallory.frame.data, stage->mallory.frame.size);
        if (code != NKT_OK || sim_core_memory_size(stage->sim) > before + GROWTH_MAX)
            hostile_fail("session", "keys skipped on purpose", code, NKT_OK);
        hostile_pass();
        sim_run(stage->sim, 1000);
    }
}

void hostile_sessions(uint64_t seed)
{
    stage_t *stage = stage_new(seed);
    Nkt__Inner hello = NKT__INNER__INIT;
    texts_make();
    hello.has_hello = hello.hello = 1;
    inner_row(stage, "hello", &hello, NKT_OK);
    say_rows(stage);
    count_rows(stage);
    cipher_rows(stage);
    skipping_rows(stage);
    sim_run(stage->sim, 60000);
    /* failures beyond the limit are not even tried */
    const uint8_t ciphertext[] = {8, 2, 18, 4, 0x33, 1, 2, 3};
    int code = NKT_OK;
    for (int i = 0; i < NKT_DECRYPT_FAIL_BURST + 1; i++) {
        forge_envelope(&stage->mallory, NKT_KIND_SESSION, &stage->victim->address, ciphertext, sizeof ciphertext,
                       stage_wall_ms(stage) + (uint64_t)i);
        code = stage_put_directed(stage, stage->mallory.frame.data, stage->mallory.frame.size);
    }
    if (code != NKT_E_RATE)
        hostile_fail("session", "one failure too many", code, NKT_E_RATE);
    hostile_pass();
    stage_check_talk(stage);
    stage_free(stage);
}
