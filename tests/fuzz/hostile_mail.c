/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mail: what a hostile keeper hands over, and what hostile authors give others to keep. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hostile.h"
#include "relay/relay.h"

static void expect(int holds, const char *what, double saw)
{
    if (!holds) {
        fprintf(stderr, "saw %g\n", saw);
        hostile_fail("mail", what, 0, 0);
    }
    hostile_pass();
}

static double health(stage_t *stage, const char *what)
{
    return sim_peer_health(stage->victim, what);
}

/* ---- a hostile keeper ---- */

/* Mallory hands over `count` times what is in that buffer. */
static void handed_row(stage_t *stage, const char *what, const uint8_t *frame, size_t size, size_t count, int expected)
{
    Nkt__Mail mail = NKT__MAIL__INIT;
    ProtobufCBinaryData frames[NKT_LETTER_BATCH_COUNT + 1];
    nkt_buf_t payload = {0};
    for (size_t i = 0; i < count; i++)
        frames[i] = play_lend(frame, size);
    mail.frame = frames;
    mail.n_frame = count;
    play_pack(&payload, &mail.base);
    hostile_rest(stage);
    hostile_view_t before = hostile_before(stage, expected);
    forge_envelope(&stage->mallory, NKT_KIND_MAIL, &stage->victim->address, payload.data, payload.size, stage_wall_ms(stage));
    int code = stage_put_directed(stage, stage->mallory.frame.data, stage->mallory.frame.size);
    nkt_buf_free(&payload);
    hostile_after(stage, &before, "mail", what, code);
}

static void keeper_rows(stage_t *stage)
{
    static const uint8_t junk[200] = {NKT_FRAME_ENVELOPE, 0x00, 0xff, 0xff};
    static const uint8_t old[200] = {0x11, 0x00, 0xff};
    const nkt_address_t *victim = &stage->victim->address, *other_address = &stage->friend_->address;
    uint64_t wall_ms = stage_wall_ms(stage);
    uint8_t long_junk[200];
    forge_t other;
    forge_init(&other, 920, "sim", "other", wall_ms);
    memset(long_junk, 0xff, sizeof long_junk);
    long_junk[0] = NKT_FRAME_ENVELOPE;

    hostile_view_t before = hostile_before(stage, NKT_E_PAYLOAD);
    forge_envelope(&stage->mallory, NKT_KIND_MAIL, victim, junk + 2, 3, wall_ms);
    hostile_after(stage, &before, "mail", "junk",
                  stage_put_directed(stage, stage->mallory.frame.data, stage->mallory.frame.size));
    handed_row(stage, "nothing in it", NULL, 0, 0, NKT_OK);
    handed_row(stage, "more than one holds", junk, sizeof junk, NKT_LETTER_BATCH_COUNT + 1, NKT_E_PAYLOAD);
    handed_row(stage, "an empty frame", junk, 0, 1, NKT_E_FRAME_LENGTH);
    handed_row(stage, "no envelope", junk + 1, sizeof junk - 1, 1, NKT_E_VERSION);
    handed_row(stage, "an envelope of version 1", old, sizeof old, 1, NKT_E_VERSION);
    handed_row(stage, "an envelope of junk", long_junk, sizeof long_junk, NKT_MAIL_BATCH_COUNT, NKT_E_FRAME_SYNTAX);
    forge_envelope(&other, NKT_KIND_SESSION, victim, junk, sizeof junk, wall_ms);
    handed_row(stage, "of nobody known", other.frame.data, other.frame.size, 1, NKT_E_SENDER);
    const nkt_signed_record_t record = forge_record(&stage->mallory), own = forge_record(&other);
    forge_envelope_with(&other, NKT_KIND_SESSION, victim, junk, sizeof junk, wall_ms, &record);
    handed_row(stage, "with another's record", other.frame.data, other.frame.size, 1, NKT_E_USER_RECORD);
    forge_envelope_with(&other, NKT_KIND_SESSION, victim, junk, sizeof junk, wall_ms, &own);
    other.frame.data[NKT_HEADER_SIZE] ^= 1;
    handed_row(stage, "not signed by its author", other.frame.data, other.frame.size, 1, NKT_E_SIGNATURE);
    forge_envelope(&other, NKT_KIND_SESSION, other_address, junk, sizeof junk, wall_ms);
    handed_row(stage, "for somebody else", other.frame.data, other.frame.size, 1, NKT_E_PAYLOAD);
    other.is_urgent = 1;
    forge_envelope_with(&other, NKT_KIND_SESSION, victim, junk, sizeof junk, wall_ms, &own);
    handed_row(stage, "not to be kept, as a call", other.frame.data, other.frame.size, 1, NKT_E_PAYLOAD);
    other.is_urgent = 0;
    static const unsigned kinds[] = {NKT_KIND_GREETING, NKT_KIND_DIGEST, NKT_KIND_RECORDS, NKT_KIND_SIGNAL, NKT_KIND_CLEAR,
                                     NKT_KIND_BYE,      NKT_KIND_GROUP,  NKT_KIND_WALK,    NKT_KIND_MAIL};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        forge_envelope(&other, kinds[i], victim, junk, sizeof junk, wall_ms);
        handed_row(stage, "of a kind that nobody keeps", other.frame.data, other.frame.size, 1, NKT_E_PAYLOAD);
    }
    forge_envelope(&other, NKT_KIND_SESSION, victim, junk, sizeof junk, wall_ms - 2 * 3600000);
    double expired = health(stage, "dropped.NKT_E_EXPIRED");
    handed_row(stage, "expired", other.frame.data, other.frame.size, 2, NKT_OK);
    expect(health(stage, "dropped.NKT_E_EXPIRED") == expired + 2, "each that expired is counted", expired);
    forge_deinit(&other);
}

/* The genuine words of another, as often as a hostile keeper likes: heard once. */
static void handed_again(stage_t *stage)
{
    const stage_kept_t *kept = stage_catch(stage, NKT_KIND_SESSION);
    uint64_t heard = stage->victim->counts.messages;
    Nkt__Mail mail = NKT__MAIL__INIT;
    ProtobufCBinaryData frames[] = {play_lend(kept->bytes, kept->size), play_lend(kept->bytes, kept->size)};
    nkt_buf_t payload = {0};
    mail.frame = frames;
    mail.n_frame = 2;
    play_pack(&payload, &mail.base);
    for (int i = 0; i < 5; i++) {
        forge_envelope(&stage->mallory, NKT_KIND_MAIL, &stage->victim->address, payload.data, payload.size,
                       stage_wall_ms(stage) + (uint64_t)i);
        int code = stage_put_directed(stage, stage->mallory.frame.data, stage->mallory.frame.size);
        expect(code == NKT_OK, "a friend's words are taken from a keeper", code);
    }
    expect(stage->victim->counts.messages <= heard + 1, "and heard once", (double)(stage->victim->counts.messages - heard));
    nkt_buf_free(&payload);
}

/* ---- hostile authors ---- */

/* Known to the victim, and gone. */
static void gone_make(stage_t *stage, forge_t *gone, uint64_t seed)
{
    forge_init(gone, seed, "sim", "gone", stage_wall_ms(stage));
    forge_greeting(gone, NULL, stage_wall_ms(stage));
    if (stage_put_broadcast(stage, gone->frame.data, gone->frame.size) < 0)
        hostile_fail("mail", "let in", 0, 0);
    sim_run(stage->sim, 100);
    forge_envelope(gone, NKT_KIND_BYE, NULL, NULL, 0, stage_wall_ms(stage));
    if (stage_put_broadcast(stage, gone->frame.data, gone->frame.size) < 0)
        hostile_fail("mail", "good-bye", 0, 0);
}

static void give(stage_t *stage, forge_t *author, unsigned kind, const nkt_address_t *to, size_t size)
{
    static uint8_t noise[NKT_FRAME_SIZE_MAX];
    static uint32_t number;
    memcpy(noise, &number, sizeof number);
    number++;
    const nkt_signed_record_t own = forge_record(author);
    forge_envelope_with(author, kind, to, noise, size, stage_wall_ms(stage), &own);
    author->frame.data[1] = 3;
    int code = stage_put_broadcast(stage, author->frame.data, author->frame.size);
    if (code != NKT_OK && code != NKT_E_RATE)
        hostile_fail("mail", "given", code, NKT_OK);
}

static void author_rows(stage_t *stage)
{
    enum { FLOOD_COUNT = 400, CROWD_COUNT = 150, SIZE = 3000 };
    forge_t *mallory = &stage->mallory, gone, nobody, honest;
    forge_init(&nobody, 930, "sim", "nobody", stage_wall_ms(stage));
    forge_init(&honest, 931, "sim", "honest", stage_wall_ms(stage));
    gone_make(stage, &gone, 932);
    give(stage, mallory, NKT_KIND_SESSION, &nobody.identity.address, 100);
    give(stage, mallory, NKT_KIND_SIGNAL, &gone.identity.address, 100);
    give(stage, mallory, NKT_KIND_SESSION, &stage->friend_->address, 100);
    mallory->is_urgent = 1;
    give(stage, mallory, NKT_KIND_SESSION, &gone.identity.address, 100);
    mallory->is_urgent = 0;
    expect(health(stage, "mailbox.count") == 0, "nothing is kept for strangers, those who are here, of other kinds, unasked",
           health(stage, "mailbox.count"));
    give(stage, &honest, NKT_KIND_SESSION, &gone.identity.address, 500);
    expect(health(stage, "mailbox.count") == 1, "kept", health(stage, "mailbox.count"));
    for (int i = 0; i < FLOOD_COUNT; i++)
        give(stage, mallory, NKT_KIND_SESSION, &gone.identity.address, i % 2 == 0 ? SIZE : 10);
    expect(health(stage, "mailbox.count") <= NKT_MAIL_FROM_COUNT_MAX + 1, "one author's share", health(stage, "mailbox.count"));
    expect(health(stage, "mailbox.bytes") <= NKT_MAIL_FROM_SIZE_MAX + 2000, "in bytes", health(stage, "mailbox.bytes"));
    sim_run(stage->sim, 1000);
    for (uint32_t i = 0; i < CROWD_COUNT; i++) {
        forge_t author;
        forge_init(&author, 2000 + i, "sim", "crowd", stage_wall_ms(stage));
        for (int k = 0; k < 6; k++)
            give(stage, &author, NKT_KIND_SESSION, &gone.identity.address, SIZE);
        forge_deinit(&author);
    }
    expect(health(stage, "mailbox.count") <= NKT_MAIL_TO_COUNT_MAX, "one recipient's share", health(stage, "mailbox.count"));
    expect(health(stage, "mailbox.bytes") <= NKT_MAIL_TO_SIZE_MAX, "in bytes", health(stage, "mailbox.bytes"));

    double left = health(stage, "mailbox.count");
    forge_greeting(&gone, NULL, stage_wall_ms(stage) - 5000);
    stage_put_broadcast(stage, gone.frame.data, gone.frame.size);
    sim_run(stage->sim, 5000);
    expect(health(stage, "mailbox.count") == left, "what it said before it went is no return", health(stage, "mailbox.count"));
    forge_greeting(&gone, NULL, stage_wall_ms(stage));
    stage_put_broadcast(stage, gone.frame.data, gone.frame.size);
    uint64_t frames = stage->victim->counts.relay_frames + stage->victim->counts.rtc_frames;
    sim_run(stage->sim, 60000);
    /* what the friend says to it meanwhile is kept in its turn */
    expect(health(stage, "mailbox.count") <= 3, "handed over", health(stage, "mailbox.count"));
    double handed = health(stage, "counters.mailHanded");
    expect(handed >= left && handed <= left + 3, "once", handed);
    frames = stage->victim->counts.relay_frames + stage->victim->counts.rtc_frames - frames;
    expect(frames < 400, "in few frames", (double)frames);
    forge_deinit(&gone);
    forge_deinit(&nobody);
    forge_deinit(&honest);
}

/* ---- one who costs himself his place ---- */

static void pin(stage_t *stage, const nkt_address_t *address)
{
    sim_peer_step(stage->victim, &(nkt_event_t){.kind = NKT_EV_PIN, .address = *address, .value = 1});
}

/* An envelope for several, none of whom is here, of somebody whom nobody knows. */
static void shared_of(forge_t *author, const nkt_address_t *to, uint64_t wall_ms)
{
    Nkt__Shared shared = NKT__SHARED__INIT;
    Nkt__SharedPart part = NKT__SHARED_PART__INIT, *parts[] = {&part};
    nkt_buf_t payload = {0};
    const nkt_signed_record_t own = forge_record(author);
    part.to = play_lend(to->b, NKT_ADDRESS_SIZE);
    part.message = part.kem = part.body = shared.content = play_lend("x", 1);
    shared.part = parts;
    shared.n_part = 1;
    play_pack(&payload, &shared.base);
    forge_envelope_with(author, NKT_KIND_SHARED, NULL, payload.data, payload.size, wall_ms, &own);
    nkt_buf_free(&payload);
}

/* A keeper, for whom nothing speaks but that he is heard, hands over mail of as many as nobody knows. */
static void mail_of_unknown(stage_t *stage, forge_t *keeper, uint32_t number)
{
    Nkt__Mail mail = NKT__MAIL__INIT;
    ProtobufCBinaryData frames[NKT_LETTER_BATCH_COUNT];
    forge_t authors[NKT_LETTER_BATCH_COUNT];
    nkt_buf_t payload = {0};
    uint64_t wall_ms = stage_wall_ms(stage);
    for (uint32_t i = 0; i < NKT_LETTER_BATCH_COUNT; i++) {
        forge_init(&authors[i], 3100 + NKT_LETTER_BATCH_COUNT * number + i, "sim", "a", wall_ms);
        shared_of(&authors[i], &stage->friend_->address, wall_ms);
        frames[i] = play_lend(authors[i].frame.data, authors[i].frame.size);
    }
    mail.frame = frames;
    mail.n_frame = NKT_LETTER_BATCH_COUNT;
    play_pack(&payload, &mail.base);
    const nkt_signed_record_t own = forge_record(keeper);
    forge_envelope_with(keeper, NKT_KIND_MAIL, &stage->victim->address, payload.data, payload.size, wall_ms + number, &own);
    keeper->frame.data[1] = 3; /* by others: no way of his own leads to him */
    int code = stage_put_directed(stage, keeper->frame.data, keeper->frame.size);
    expect(code == NKT_OK, "mail of many unknown", code);
    nkt_buf_free(&payload);
    for (uint32_t i = 0; i < NKT_LETTER_BATCH_COUNT; i++)
        forge_deinit(&authors[i]);
}

/* In a vast swarm whoever is only known makes room for the next: a keeper that nothing else speaks for as well, while it is
 * heard what he hands over. It is vast once more were known than all know of one another, whatever a server says. */
static void evicting_rows(stage_t *stage)
{
    enum { DEAR_COUNT = 16, MAIL_COUNT = NKT_USER_IDLE_COUNT_MAX / NKT_LETTER_BATCH_COUNT + 2 };
    static const uint8_t welcome[] = {NKT_RELAY_WELCOME, NKT_RELAY_VERSION, 0, 0, 4, 0};
    forge_t keeper;
    hostile_rest(stage);
    uint64_t wall_ms = stage_wall_ms(stage);
    stage_put(stage, STAGE_RELAY, welcome, sizeof welcome);
    pin(stage, &stage->mallory.identity.address);
    for (uint32_t i = 0; i < DEAR_COUNT; i++) {
        forge_t dear;
        forge_init(&dear, 3000 + i, "sim", "dear", wall_ms);
        pin(stage, &dear.identity.address);
        forge_greeting(&dear, NULL, wall_ms);
        stage_put_broadcast(stage, dear.frame.data, dear.frame.size);
        forge_deinit(&dear);
    }
    forge_init(&keeper, 3099, "sim", "keeper", wall_ms);
    for (uint32_t i = 0; i < MAIL_COUNT; i++) {
        sim_run(stage->sim, NKT_STRANGER_MS + 1); /* whoever came before is no newcomer any more */
        mail_of_unknown(stage, &keeper, i);
        double users = health(stage, "users");
        if (i == 1)
            expect(users > NKT_USER_VAST_COUNT_MAX, "that a server says so makes no swarm vast", users);
    }
    expect(health(stage, "users") <= NKT_USER_VAST_COUNT_MAX, "no more are known than have a place", health(stage, "users"));
    forge_deinit(&keeper);
}

void hostile_mail(uint64_t seed)
{
    stage_t *stage = stage_new(seed);
    keeper_rows(stage);
    handed_again(stage);
    stage_check_talk(stage);
    author_rows(stage);
    stage_check_talk(stage);
    stage_free(stage);
    stage = stage_new(seed);
    evicting_rows(stage);
    stage_check_talk(stage);
    stage_free(stage);
}
