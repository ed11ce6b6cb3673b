/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a known user says inside a session, and ciphertexts that are none. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base58.h"
#include "hostile.h"
#include "memory.h"

static void inner_row(stage_t *stage, const char *what, const Nkt__Inner *inner, int expected)
{
    nkt_buf_t plain = {0};
    play_pack(&plain, &inner->base);
    sim_run(stage->sim, 1500); /* failures are limited to one a second */
    hostile_view_t before = hostile_before(stage, expected);
    forge_session(&stage->mallory, plain.data, plain.size, stage_wall_ms(stage));
    stage->mallory.frame.data[1] = 1; /* by others, so that it is not taken to be on the relay, where an answer goes unheard */
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
    say.stream_id = 9;
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
    const hostile_said_t rows[] = {
        {"no epoch", 0, 1, 16, "1", 1, NKT_E_PAYLOAD},   {"position 0", 7, 0, 16, "1", 1, NKT_E_PAYLOAD},
        {"a short id", 7, 1, 15, "1", 1, NKT_E_PAYLOAD}, {"no text", 7, 1, 16, "", 0, NKT_E_PAYLOAD},
        {"NUL", 7, 1, 16, "[\0]", 3, NKT_E_PAYLOAD},     {"too deep", 7, 1, 16, hostile_deep, sizeof hostile_deep, NKT_E_PAYLOAD},
        {"no JSON at all", 7, 1, 16, "undefined", 9, NKT_E_PAYLOAD},
        {"two values", 7, 1, 16, "1 2", 3, NKT_E_PAYLOAD},
        {"a comma too many", 7, 1, 16, "[1,]", 4, NKT_E_PAYLOAD},
        {"no UTF-8", 7, 1, 16, "\"a\xff\"", 4, NKT_E_PAYLOAD},
        {"Infinity", 7, 1, 16, "[1e400]", 7, NKT_E_PAYLOAD},
        {"too many values", 7, 1, 16, hostile_wide, sizeof hostile_wide, NKT_E_PAYLOAD},
        {"too large", 7, 1, 16, hostile_large, sizeof hostile_large, NKT_E_PAYLOAD},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        Nkt__Inner inner = NKT__INNER__INIT;
        Nkt__Say say = NKT__SAY__INIT;
        Nkt__Say *list[1] = {&say};
        say.stream_id = rows[i].epoch;
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
        says[i].stream_id = 7;
        says[i].sequence = 1 + i;
        says[i].id = play_lend("0123456789abcdef", 16);
        says[i].json = play_lend("1", 1);
        say_list[i] = &says[i];
    }
    for (size_t i = 0; i <= NKT_ACK_RANGE_COUNT_MAX; i++) {
        acks[i] = (Nkt__Ack)NKT__ACK__INIT;
        acks[i].stream_id = 1 + i;
        acks[i].first = 1;
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
    inner.n_ack = 2;
    acks[1].first = 3;
    acks[1].last = 2;
    inner_row(stage, "one that ends before it begins", &inner, NKT_E_PAYLOAD);
    acks[1].first = 0;
    inner_row(stage, "one of position 0", &inner, NKT_E_PAYLOAD);
    acks[1].first = 1;
    acks[1].stream_id = 0;
    inner_row(stage, "one of no stream", &inner, NKT_E_PAYLOAD);
    inner.n_ack = 0;
    inner.n_say = 1;
    uint64_t shown = stage->sim->book.stranger_count;
    nkt_buf_t plain = {0};
    play_pack(&plain, &inner.base);
    forge_session(&stage->mallory, plain.data, plain.size, stage_wall_ms(stage));
    stage_put_directed(stage, stage->mallory.frame.data, stage->mallory.frame.size);
    if (stage->sim->book.stranger_count != shown + 1)
        hostile_fail("session", "a sound message is shown", stage->victim->last_error, NKT_OK);
    inner_row(stage, "a position again", &inner, NKT_E_REPLAY);

    says[0].sequence = 0; /* two that are refused, each counted, and a sound one behind them */
    says[1].sequence = 1;
    says[2].sequence = 9;
    inner.n_say = 3;
    hostile_rest(stage);
    double bad = sim_peer_health(stage->victim, "dropped.NKT_E_PAYLOAD"), again = sim_peer_health(stage->victim, "dropped.NKT_E_REPLAY");
    shown = stage->sim->book.stranger_count;
    play_pack(&plain, &inner.base);
    forge_session(&stage->mallory, plain.data, plain.size, stage_wall_ms(stage));
    stage_put_directed(stage, stage->mallory.frame.data, stage->mallory.frame.size);
    hostile_expect(stage->sim->book.stranger_count == shown + 1, "session", "what is sound among what is not is shown", 0);
    hostile_expect(sim_peer_health(stage->victim, "dropped.NKT_E_PAYLOAD") == bad + 1 &&
                       sim_peer_health(stage->victim, "dropped.NKT_E_REPLAY") == again + 1,
                   "session", "each that is refused is counted", 0);
    nkt_buf_free(&plain);
}

/* Sound, and shown. */
static void inner_shown(stage_t *stage, const char *what, const Nkt__Inner *inner)
{
    nkt_buf_t plain = {0};
    uint64_t shown = stage->sim->book.stranger_count;
    play_pack(&plain, &inner->base);
    sim_run(stage->sim, 1500);
    forge_session(&stage->mallory, plain.data, plain.size, stage_wall_ms(stage));
    stage->mallory.frame.data[1] = 1; /* as above */
    stage_put_directed(stage, stage->mallory.frame.data, stage->mallory.frame.size);
    hostile_expect(stage->sim->book.stranger_count == shown + 1, "session", what, 0);
    nkt_buf_free(&plain);
}

/* Of what fell out of the windows nobody knows whether it was heard: it is not shown, and its author not told that it was. */
static void past_rows(stage_t *stage)
{
    enum { STREAM = 1000, LAST = STREAM + NKT_STREAM_PER_USER_MAX };
    const hostile_said_t rows[] = {
        {"far into a stream", STREAM, NKT_WINDOW_BIT_COUNT + 2, 16, "1", 1, NKT_OK},
        {"the first that may be new there", STREAM, 3, 16, "1", 1, NKT_OK},
        {"one before it", STREAM, 2, 16, "1", 1, NKT_E_EXPIRED},
        {"a position again", STREAM, 3, 16, "1", 1, NKT_E_REPLAY},
        {"a life that was given up", STREAM, NKT_WINDOW_BIT_COUNT + 3, 16, "1", 1, NKT_E_EXPIRED},
        {"the next one is still known", STREAM + 1, 1, 16, "1", 1, NKT_E_REPLAY},
        {"and so is the last", LAST, 1, 16, "1", 1, NKT_E_REPLAY},
    };
    answers_t answers = {.stage = stage};
    Nkt__Inner inner = NKT__INNER__INIT;
    Nkt__Say say = NKT__SAY__INIT;
    Nkt__Say *list[1] = {&say};
    inner.say = list;
    inner.n_say = 1;
    say.id = play_lend("0123456789abcdef", 16);
    say.json = play_lend("1", 1);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (say.sequence = 1, say.stream_id = STREAM + 1; i == 4 && say.stream_id <= LAST; say.stream_id++)
            inner_shown(stage, "of newer lives", &inner);
        say.stream_id = rows[i].epoch;
        say.sequence = rows[i].sequence;
        if (rows[i].expected == NKT_OK) {
            inner_shown(stage, rows[i].what, &inner);
            continue;
        }
        sim_run(stage->sim, 5000);
        answers.count = 0;
        stage->overhear = answer_hear;
        stage->overhear_context = &answers;
        inner_row(stage, rows[i].what, &inner, rows[i].expected);
        sim_run(stage->sim, 1000);
        stage->overhear = NULL;
        hostile_expect((answers.count == 0) == (rows[i].expected == NKT_E_EXPIRED), "session",
                       "what may not have been heard is not acknowledged, what was is", (int)i);
    }
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
    hostile_prefixes(stage, "session", NKT_KIND_SESSION, sound.data, sound.size < 64 ? sound.size : 64);
    sim_run(stage->sim, 30000);
    hostile_payload(stage, "session", "random", NKT_KIND_SESSION, 0, random, sizeof random, NKT_E_PAYLOAD);
    hostile_payload(stage, "session", "empty", NKT_KIND_SESSION, 0, random, 0, NKT_E_PAYLOAD);
    for (unsigned type = 0; type < 9; type++) {
        const uint8_t ciphertext[] = {8, (uint8_t)type, 18, 4, 0x33, 1, 2, 3, 26, 0};
        sim_run(stage->sim, 1500);
        hostile_payload(stage, "session", "a ciphertext of four bytes", NKT_KIND_SESSION, 0, ciphertext, sizeof ciphertext,
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
    hostile_values_make();
    hello.has_hello = hello.hello = 1;
    inner_row(stage, "hello", &hello, NKT_OK);
    say_rows(stage);
    count_rows(stage);
    past_rows(stage);
    cipher_rows(stage);
    skipping_rows(stage);
    sim_run(stage->sim, 60000);
    /* failures beyond the limit are not even tried; where there is no session they cost nothing, and are not counted */
    nkt_session_drop(&stage->mallory.session);
    inner_row(stage, "hello, in a session to fail in", &hello, NKT_OK);
    sim_run(stage->sim, 60000);
    const uint8_t ciphertext[] = {8, 2, 18, 4, 0x33, 1, 2, 3, 26, 0};
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
