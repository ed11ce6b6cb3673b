/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Letters: what hostile authors give a keeper, what anybody may say of letters to who is none. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gossip/gossip.h"
#include "hostile.h"
#include "overlay/letterkey.h"
#include "relay/relay.h"

static const uint8_t noise[] = {0x09, 1, 2, 3, 4, 5, 6, 7, 8, 0x10, 1, 0x1a, 3, 'a', 'b', 'c'}; /* a Letter, and no more */

static void expect(int holds, const char *what, double saw)
{
    if (!holds) {
        fprintf(stderr, "saw %g\n", saw);
        hostile_fail("keeper", what, 0, 0);
    }
    hostile_pass();
}

static double health(stage_t *stage, const char *what)
{
    return sim_peer_health(stage->victim, what);
}

/* A frame of that author's, for `to` (NULL: everybody), that says it may be kept for keep_s. */
static nkt_buf_t letter_of(forge_t *author, unsigned kind, const nkt_address_t *to, uint32_t keep_s, uint64_t wall_ms)
{
    nkt_buf_t frame = {0};
    author->keep_s = keep_s;
    forge_envelope(author, kind, to, noise, sizeof noise, wall_ms);
    author->keep_s = 0;
    if (nkt_buf_set(&frame, author->frame.data, author->frame.size) < 0)
        abort();
    return frame;
}

/* `count` times that frame, in a Keep or a Mail (they look alike) of mallory's. Takes the frame. */
static void given_row(stage_t *stage, unsigned kind, const char *what, nkt_buf_t frame, size_t count, int expected)
{
    ProtobufCBinaryData frames[NKT_LETTER_BATCH_COUNT + 1];
    Nkt__Keep keep = NKT__KEEP__INIT;
    nkt_buf_t payload = {0};
    for (size_t i = 0; i < count; i++)
        frames[i] = play_lend(frame.data, frame.size);
    keep.frame = frames;
    keep.n_frame = count;
    play_pack(&payload, &keep.base);
    hostile_rest(stage);
    hostile_view_t before = hostile_before(stage, expected);
    forge_envelope(&stage->mallory, kind, &stage->victim->address, payload.data, payload.size, stage_wall_ms(stage));
    int code = stage_put_directed(stage, stage->mallory.frame.data, stage->mallory.frame.size);
    nkt_buf_free(&payload);
    nkt_buf_free(&frame);
    hostile_after(stage, &before, "keeper", what, code);
}

static void plain_row(stage_t *stage, unsigned kind, const nkt_address_t *to, const char *what, const uint8_t *bytes, size_t size,
                      int expected)
{
    hostile_rest(stage);
    hostile_view_t before = hostile_before(stage, expected);
    forge_envelope(&stage->mallory, kind, to, bytes, size, stage_wall_ms(stage));
    int code = to == NULL ? stage_put_broadcast(stage, stage->mallory.frame.data, stage->mallory.frame.size)
                          : stage_put_directed(stage, stage->mallory.frame.data, stage->mallory.frame.size);
    hostile_after(stage, &before, "keeper", what, code);
}

static void ordinary_rows(stage_t *stage)
{
    static const uint8_t junk[] = {0xff, 0xff, 0xff};
    uint8_t receipt[18] = {0x0a, 16};
    const nkt_address_t *victim = &stage->victim->address;
    forge_t *mallory = &stage->mallory;
    uint64_t wall_ms = stage_wall_ms(stage);
    given_row(stage, NKT_KIND_KEEP, "who is none keeps nothing", letter_of(mallory, NKT_KIND_LETTER, NULL, 1000, wall_ms), 1,
              NKT_E_RECIPIENT);
    plain_row(stage, NKT_KIND_LETTER, victim, "a letter by itself", noise, sizeof noise, NKT_E_PAYLOAD);
    plain_row(stage, NKT_KIND_LETTER, NULL, "a letter by itself, to all", noise, sizeof noise, NKT_E_PAYLOAD);
    plain_row(stage, NKT_KIND_RECEIPT, victim, "a receipt of junk", junk, sizeof junk, NKT_E_PAYLOAD);
    plain_row(stage, NKT_KIND_RECEIPT, victim, "a receipt for nothing that was given", receipt, sizeof receipt, NKT_OK);
    plain_row(stage, NKT_KIND_RECEIPT, victim, "a receipt for no id", receipt, 5, NKT_E_PAYLOAD);
    given_row(stage, NKT_KIND_MAIL, "handed over more than one holds", letter_of(mallory, NKT_KIND_LETTER, victim, 9, wall_ms),
              NKT_LETTER_BATCH_COUNT + 1, NKT_E_PAYLOAD);
    given_row(stage, NKT_KIND_MAIL, "a letter to another", letter_of(mallory, NKT_KIND_LETTER, &stage->friend_->address, 9, wall_ms), 1,
              NKT_E_PAYLOAD);
    double counted = health(stage, "dropped.NKT_E_NO_SESSION");
    given_row(stage, NKT_KIND_MAIL, "letters without a key", letter_of(mallory, NKT_KIND_LETTER, NULL, 1000, wall_ms), 3, NKT_OK);
    expect(health(stage, "dropped.NKT_E_NO_SESSION") == counted + 3, "are counted", counted);
    counted = health(stage, "dropped.NKT_E_EXPIRED");
    given_row(stage, NKT_KIND_MAIL, "a letter over its time", letter_of(mallory, NKT_KIND_LETTER, NULL, 60, wall_ms - 3600000), 1, NKT_OK);
    given_row(stage, NKT_KIND_MAIL, "from before it was known", letter_of(mallory, NKT_KIND_LETTER, NULL, 86400, wall_ms - 3600000), 1,
              NKT_OK);
    expect(health(stage, "dropped.NKT_E_EXPIRED") == counted + 2, "are counted", counted);
}

static void keeper_rows(stage_t *stage)
{
    enum { FLOOD = 3 * NKT_KEPT_FROM_SIZE_MAX / NKT_LETTER_BATCH_SIZE };
    static const uint8_t junk[] = {0xff, 0xff, 0xff};
    static uint8_t large[NKT_LETTER_BATCH_SIZE];
    const nkt_address_t *victim = &stage->victim->address, *to = &stage->friend_->address;
    forge_t *mallory = &stage->mallory, other;
    uint64_t wall_ms = stage_wall_ms(stage);
    forge_init(&other, 940, "sim", "other", wall_ms);
    plain_row(stage, NKT_KIND_KEEP, victim, "junk", junk, sizeof junk, NKT_E_PAYLOAD);
    given_row(stage, NKT_KIND_KEEP, "no envelope", (nkt_buf_t){0}, 1, NKT_E_FRAME_LENGTH);
    given_row(stage, NKT_KIND_KEEP, "more than one holds", letter_of(mallory, NKT_KIND_LETTER, to, 9, wall_ms), NKT_LETTER_BATCH_COUNT + 1,
              NKT_E_PAYLOAD);
    given_row(stage, NKT_KIND_KEEP, "another's letter", letter_of(&other, NKT_KIND_LETTER, to, 9, wall_ms), 1, NKT_E_PAYLOAD);
    given_row(stage, NKT_KIND_KEEP, "of a kind that nobody keeps", letter_of(mallory, NKT_KIND_CLEAR, NULL, 9, wall_ms), 1, NKT_E_PAYLOAD);
    given_row(stage, NKT_KIND_KEEP, "a key to all", letter_of(mallory, NKT_KIND_SESSION, NULL, 9, wall_ms), 1, NKT_E_PAYLOAD);
    given_row(stage, NKT_KIND_KEEP, "for longer than is agreed to", letter_of(mallory, NKT_KIND_LETTER, to, NKT_KEEP_S_MAX + 1, wall_ms), 1,
              NKT_E_EXPIRED);
    nkt_buf_t spoilt = letter_of(mallory, NKT_KIND_LETTER, to, 9, wall_ms);
    spoilt.data[NKT_HEADER_SIZE] ^= 1;
    given_row(stage, NKT_KIND_KEEP, "not signed", spoilt, 1, NKT_E_SIGNATURE);
    given_row(stage, NKT_KIND_KEEP, "not to be kept", letter_of(mallory, NKT_KIND_LETTER, to, 0, wall_ms), 1, NKT_OK);
    given_row(stage, NKT_KIND_KEEP, "for the keeper itself", letter_of(mallory, NKT_KIND_LETTER, victim, 9, wall_ms), 1, NKT_OK);
    expect(health(stage, "keeper.count") == 0, "nothing of that is kept", health(stage, "keeper.count"));
    given_row(stage, NKT_KIND_KEEP, "one, several times", letter_of(mallory, NKT_KIND_LETTER, NULL, 1000, wall_ms), 5, NKT_OK);
    expect(health(stage, "keeper.count") == 1, "is kept once", health(stage, "keeper.count"));
    for (uint32_t i = 0; i < FLOOD; i++) {
        memcpy(large, &i, sizeof i);
        mallory->keep_s = 100000;
        forge_envelope(mallory, NKT_KIND_LETTER, i % 2 == 0 ? NULL : to, large, sizeof large, wall_ms + i);
        mallory->keep_s = 0;
        nkt_buf_t frame = {0};
        if (nkt_buf_set(&frame, mallory->frame.data, mallory->frame.size) < 0)
            abort();
        given_row(stage, NKT_KIND_KEEP, "a flood", frame, 1, NKT_OK);
    }
    expect(health(stage, "keeper.bytes") <= NKT_KEPT_FROM_SIZE_MAX, "has an author's share", health(stage, "keeper.bytes"));
    sim_run(stage->sim, 60000);
    sim_peer_stop(stage->victim);
    sim_peer_start(stage->victim);
    expect(health(stage, "keeper.bytes") <= NKT_KEPT_FROM_SIZE_MAX && health(stage, "keeper.bytes") > NKT_KEPT_FROM_SIZE_MAX / 2,
           "over a restart", health(stage, "keeper.bytes"));
    forge_deinit(&other);
}

/* ---- who leads a reader to and fro ---- */

static void letter_key_give(stage_t *stage, const nkt_letter_key_t *key)
{
    Nkt__Inner inner = NKT__INNER__INIT;
    Nkt__LetterKey form = NKT__LETTER_KEY__INIT, *forms[] = {&form};
    nkt_buf_t plain = {0};
    form.epoch = key->epoch;
    form.number = key->number;
    form.chain = play_lend(key->chain, NKT_CHAIN_SIZE);
    inner.letter_key = forms;
    inner.n_letter_key = 1;
    play_pack(&plain, &inner.base);
    if (!forge_session(&stage->mallory, plain.data, plain.size, stage_wall_ms(stage)))
        hostile_fail("keeper", "a session", 0, 0);
    int code = stage_put_directed(stage, stage->mallory.frame.data, stage->mallory.frame.size);
    expect(code == NKT_OK, "a key of letters", code);
    nkt_buf_free(&plain);
}

/* The letter at the key's place, as a keeper has it; the key goes on. */
static nkt_buf_t letter_seal(forge_t *author, nkt_letter_key_t *key, const uint8_t *plain, size_t size, uint64_t wall_ms)
{
    static const nkt_address_t everybody = {{0}};
    Nkt__Letter letter = NKT__LETTER__INIT;
    const nkt_letter_place_t place = {.network = author->room.network, .from = &author->identity.address, .to = &everybody};
    nkt_buf_t sealed = {0}, payload = {0}, frame = {0};
    letter.epoch = key->epoch;
    if (nkt_letter_seal(key, &place, plain, size, &sealed, &letter.number) < 0)
        abort();
    letter.sealed = play_lend(sealed.data, sealed.size);
    play_pack(&payload, &letter.base);
    author->keep_s = 1000;
    forge_envelope(author, NKT_KIND_LETTER, NULL, payload.data, payload.size, wall_ms);
    author->keep_s = 0;
    if (nkt_buf_set(&frame, author->frame.data, author->frame.size) < 0)
        abort();
    nkt_buf_free(&sealed);
    nkt_buf_free(&payload);
    return frame;
}

/* Each letter costs the way from the key to its place, if none that was read before is nearer: the last comes first. */
static void reading_row(stage_t *stage)
{
    enum { COUNT = NKT_LETTER_BATCH_COUNT, STRIDE = NKT_LETTER_SKIP_MAX / COUNT, ROUND_COUNT = 6 };
    forge_t *mallory = &stage->mallory;
    Nkt__Inner inner = NKT__INNER__INIT;
    Nkt__Say say = NKT__SAY__INIT, *says[] = {&say};
    Nkt__Mail mail = NKT__MAIL__INIT;
    nkt_buf_t plain = {0}, payload = {0}, letters[COUNT];
    ProtobufCBinaryData frames[COUNT];
    static const uint8_t id[NKT_ID_SIZE] = {1};
    nkt_letter_key_t key;
    hostile_rest(stage);
    if (nkt_letter_key_create(&key, &mallory->host) < 0)
        abort();
    letter_key_give(stage, &key);
    say.stream_id = say.sequence = 1;
    say.id = play_lend(id, sizeof id);
    say.json = play_lend("1", 1);
    inner.say = says;
    inner.n_say = 1;
    play_pack(&plain, &inner.base);
    for (size_t i = 0; i < COUNT; i++) {
        letters[i] = letter_seal(mallory, &key, plain.data, plain.size, stage_wall_ms(stage));
        frames[COUNT - 1 - i] = play_lend(letters[i].data, letters[i].size);
        for (int k = 1; k < STRIDE; k++) {
            nkt_buf_t skipped = letter_seal(mallory, &key, plain.data, plain.size, stage_wall_ms(stage));
            nkt_buf_free(&skipped);
        }
    }
    mail.frame = frames;
    mail.n_frame = COUNT;
    play_pack(&payload, &mail.base);
    double read = health(stage, "counters.lettersRead");
    for (uint64_t i = 0; i < ROUND_COUNT; i++) {
        forge_envelope(mallory, NKT_KIND_MAIL, &stage->victim->address, payload.data, payload.size, stage_wall_ms(stage) + i);
        int code = stage_put_directed(stage, mallory->frame.data, mallory->frame.size);
        expect(code == NKT_OK, "letters, the last one first", code);
    }
    expect(health(stage, "counters.lettersRead") == read + 1, "are heard once", health(stage, "counters.lettersRead"));
    double rate = health(stage, "dropped.NKT_E_RATE");
    expect(rate >= 3 * COUNT, "and cost their author what he has", rate);
    nkt_buf_free(&plain);
    nkt_buf_free(&payload);
    for (size_t i = 0; i < COUNT; i++)
        nkt_buf_free(&letters[i]);
}

/* ---- of whom nothing was known ---- */

static void nonce_overhear(void *context, stage_entry_t by, const uint8_t *bytes, size_t size)
{
    uint8_t digest[NKT_DIGEST_SIZE];
    nkt_envelope_t envelope;
    nkt_greeting_t greeting;
    (void)by;
    if (nkt_envelope_digest(bytes, size, digest) < 0 || nkt_envelope_decode(&envelope, bytes, size, digest) < 0)
        return;
    if (envelope.kind == NKT_KIND_GREETING &&
        nkt_gossip_decode_greeting(&greeting, envelope.payload, envelope.payload_size) == NKT_OK) {
        if (greeting.nonce != NULL)
            memcpy(context, greeting.nonce, NKT_CLOCK_NONCE_SIZE);
        nkt_greeting_deinit(&greeting);
    }
    nkt_envelope_deinit(&envelope);
}

/* What is heard first of an author may have been said again by others: letters written since then are taken until he proves what
 * time he has, and from then on none that is older than that. */
static void floor_rows(stage_t *stage)
{
    enum { MINUTE_MS = 60000 };
    static const uint8_t welcome[] = {NKT_RELAY_WELCOME, NKT_RELAY_VERSION, 0, 0, 0, 2};
    uint8_t nonce[NKT_CLOCK_NONCE_SIZE] = {0};
    const nkt_address_t *victim = &stage->victim->address;
    uint64_t wall_ms = stage_wall_ms(stage);
    forge_t author;
    hostile_rest(stage);
    stage->overhear = nonce_overhear;
    stage->overhear_context = nonce;
    forge_init(&author, 941, "sim", "author", wall_ms - 9 * MINUTE_MS);
    forge_greeting(&author, NULL, wall_ms - 9 * MINUTE_MS);
    stage_put_broadcast(stage, author.frame.data, author.frame.size);
    stage_put(stage, STAGE_RELAY, welcome, sizeof welcome); /* greets everybody: there its nonce can be read */
    sim_run(stage->sim, 1000);
    expect(!nkt_is_zero(nonce, sizeof nonce), "asks whom it meets for his time", 0);
    double unread = health(stage, "dropped.NKT_E_NO_SESSION"), expired = health(stage, "dropped.NKT_E_EXPIRED");
    given_row(stage, NKT_KIND_MAIL, "since it was heard", letter_of(&author, NKT_KIND_LETTER, NULL, 9999, wall_ms - 3 * MINUTE_MS), 1,
              NKT_OK);
    expect(health(stage, "dropped.NKT_E_NO_SESSION") == unread + 1, "is taken", unread);
    const nkt_signed_record_t record = forge_record(&author);
    nkt_greeting_t greeting = {.record = record, .flags = NKT_GREETING_ANSWER, .echo = nonce, .wall_ms = stage_wall_ms(stage)};
    if (nkt_gossip_encode_greeting(&author.payload, &greeting) < 0)
        abort();
    forge_envelope(&author, NKT_KIND_GREETING, victim, author.payload.data, author.payload.size, stage_wall_ms(stage));
    stage_put_directed(stage, author.frame.data, author.frame.size);
    given_row(stage, NKT_KIND_MAIL, "before it proved its time",
              letter_of(&author, NKT_KIND_LETTER, NULL, 9999, wall_ms - 2 * MINUTE_MS), 1, NKT_OK);
    expect(health(stage, "dropped.NKT_E_EXPIRED") == expired + 1, "is refused", health(stage, "dropped.NKT_E_EXPIRED"));
    given_row(stage, NKT_KIND_MAIL, "after that", letter_of(&author, NKT_KIND_LETTER, NULL, 9999, stage_wall_ms(stage) + 100), 1, NKT_OK);
    expect(health(stage, "dropped.NKT_E_NO_SESSION") == unread + 2, "is taken again", unread);
    stage->overhear = NULL;
    forge_deinit(&author);
}

void hostile_keeper(uint64_t seed)
{
    stage_t *stage = stage_new(seed);
    reading_row(stage);
    stage_check_talk(stage);
    ordinary_rows(stage);
    floor_rows(stage);
    stage_check_talk(stage);
    stage_free(stage);
    stage = stage_new_keeper(seed);
    keeper_rows(stage);
    stage_free(stage);
}
