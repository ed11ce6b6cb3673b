/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Letters of those who were never heard: a key that brings its author's record along has him taken in; not again when he was forgotten. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hostile.h"
#include "malice.h"
#include "nkt.pb-c.h"
#include "overlay/letterkey.h"

/** One who wrote a letter to the victim, and gave both to a keeper. */
typedef struct writer {
    forge_t forge;
    nkt_buf_t frames[2]; /* the key, the letter */
    uint64_t wall_ms;
} writer_t;

static void frame_take(nkt_buf_t *frame, const forge_t *forge)
{
    if (nkt_buf_set(frame, forge->frame.data, forge->frame.size) < 0)
        abort();
}

/* The key, in a session that is begun by it. */
static void key_write(writer_t *writer, const nkt_letter_key_t *key, const nkt_signed_record_t *record, uint32_t keep_s)
{
    forge_t *forge = &writer->forge;
    Nkt__Inner inner = NKT__INNER__INIT;
    Nkt__LetterKey form = NKT__LETTER_KEY__INIT, *forms[] = {&form};
    nkt_buf_t plain = {0};
    form.epoch = key->epoch;
    form.number = key->number;
    form.chain = play_lend(key->chain, NKT_CHAIN_SIZE);
    inner.letter_key = forms;
    inner.n_letter_key = 1;
    play_pack(&plain, &inner.base);
    if (!forge_session(forge, plain.data, plain.size, writer->wall_ms))
        abort();
    forge->keep_s = keep_s;
    forge_envelope_with(forge, NKT_KIND_SESSION, &forge->victim.address, forge->payload.data, forge->payload.size, writer->wall_ms, record);
    frame_take(&writer->frames[0], forge);
    nkt_buf_free(&plain);
}

static void letter_write(writer_t *writer, nkt_letter_key_t *key)
{
    static const uint8_t id[NKT_ID_SIZE] = {7};
    forge_t *forge = &writer->forge;
    Nkt__Inner inner = NKT__INNER__INIT;
    Nkt__Say say = NKT__SAY__INIT, *says[] = {&say};
    Nkt__Letter letter = NKT__LETTER__INIT;
    nkt_buf_t plain = {0}, sealed = {0}, payload = {0};
    const nkt_letter_place_t place = {
        .network = forge->room.network, .from = &forge->identity.address, .to = &forge->victim.address};
    say.stream_id = say.sequence = 1;
    say.id = play_lend(id, sizeof id);
    say.json = play_lend("1", 1);
    inner.say = says;
    inner.n_say = 1;
    play_pack(&plain, &inner.base);
    letter.epoch = key->epoch;
    if (nkt_letter_seal(key, &place, plain.data, plain.size, &sealed, &letter.number) < 0)
        abort();
    letter.sealed = play_lend(sealed.data, sealed.size);
    play_pack(&payload, &letter.base);
    forge->keep_s = NKT_KEEP_S;
    forge_envelope(forge, NKT_KIND_LETTER, &forge->victim.address, payload.data, payload.size, writer->wall_ms + 1);
    frame_take(&writer->frames[1], forge);
    nkt_buf_free(&plain);
    nkt_buf_free(&sealed);
    nkt_buf_free(&payload);
}

static void writer_make(writer_t *writer, const stage_t *stage, uint64_t seed, uint64_t ago_ms, const char *room)
{
    *writer = (writer_t){.wall_ms = stage_wall_ms(stage) - ago_ms};
    forge_init(&writer->forge, seed, room, "writer", writer->wall_ms - 1000);
    writer->forge.victim = stage->mallory.victim; /* lent */
    writer->forge.has_victim = 1;
    writer->forge.victim_kem_key = stage->mallory.victim_kem_key;
    writer->forge.session.address = writer->forge.victim.address;
    memcpy(writer->forge.session.identity_key, writer->forge.victim.identity_key, 32);
}

/* Both, the key with that record (NULL: none). */
static void writer_write(writer_t *writer, const nkt_signed_record_t *record, uint32_t keep_s)
{
    nkt_letter_key_t key;
    if (nkt_letter_key_create(&key, &writer->forge.host) < 0)
        abort();
    key_write(writer, &key, record, keep_s);
    letter_write(writer, &key);
}

static void writer_free(writer_t *writer)
{
    writer->forge.victim = (nkt_record_t){0};
    forge_deinit(&writer->forge);
    nkt_buf_free(&writer->frames[0]);
    nkt_buf_free(&writer->frames[1]);
}

/* A keeper, mallory, hands both over. How many messages the victim shows for it. */
static unsigned hand_over(stage_t *stage, const writer_t *writer)
{
    ProtobufCBinaryData frames[2];
    Nkt__Mail mail = NKT__MAIL__INIT;
    nkt_buf_t payload = {0};
    hostile_rest(stage);
    uint64_t shown = stage->sim->book.stranger_count;
    for (int i = 0; i < 2; i++)
        frames[i] = play_lend(writer->frames[i].data, writer->frames[i].size);
    mail.frame = frames;
    mail.n_frame = 2;
    play_pack(&payload, &mail.base);
    forge_envelope(&stage->mallory, NKT_KIND_MAIL, &stage->victim->address, payload.data, payload.size, stage_wall_ms(stage));
    stage_put_directed(stage, stage->mallory.frame.data, stage->mallory.frame.size);
    nkt_buf_free(&payload);
    return (unsigned)(stage->sim->book.stranger_count - shown);
}

/* Written by somebody, and refused: nothing is shown, nobody taken in, and it is counted so. */
static void refused_row(stage_t *stage, const char *what, writer_t *writer, const nkt_signed_record_t *record, uint32_t keep_s,
                        int expected)
{
    char path[64];
    snprintf(path, sizeof path, "dropped.%s", nkt_err_name(expected));
    writer_write(writer, record, keep_s);
    double users = sim_peer_health(stage->victim, "users"), counted = sim_peer_health(stage->victim, path);
    unsigned shown = hand_over(stage, writer);
    hostile_expect(shown == 0 && sim_peer_health(stage->victim, "users") == users, what, "changes nothing", shown);
    hostile_expect(sim_peer_health(stage->victim, path) > counted, what, "is counted", counted);
    writer_free(writer);
}

static void refused_rows(stage_t *stage, int is_storing)
{
    enum { HOUR_MS = 3600000, DAY_MS = 86400000 };
    writer_t writer, other;
    writer_make(&other, stage, 970, HOUR_MS, "sim");
    writer_make(&writer, stage, 971, HOUR_MS, "sim");
    refused_row(stage, "without a record", &writer, NULL, NKT_KEEP_S_MAX, NKT_E_SENDER);
    writer_make(&writer, stage, 972, HOUR_MS, "sim");
    nkt_signed_record_t record = forge_record(&other.forge);
    refused_row(stage, "with another's record", &writer, &record, NKT_KEEP_S_MAX, is_storing ? NKT_E_USER_RECORD : NKT_E_EXPIRED);
    writer_make(&writer, stage, 973, HOUR_MS, "another room");
    memcpy(writer.forge.room.network, stage->mallory.room.network, sizeof writer.forge.room.network);
    record = forge_record(&writer.forge);
    refused_row(stage, "of no member", &writer, &record, NKT_KEEP_S_MAX, is_storing ? NKT_E_NETWORK : NKT_E_EXPIRED);
    writer_make(&writer, stage, 974, 9 * (uint64_t)DAY_MS, "sim");
    record = forge_record(&writer.forge);
    refused_row(stage, "of nine days ago", &writer, &record, NKT_KEEP_S_MAX, NKT_E_EXPIRED);
    writer_make(&writer, stage, 975, HOUR_MS, "sim");
    writer.wall_ms -= DAY_MS; /* the record is of a day later */
    record = forge_record(&writer.forge);
    refused_row(stage, "with a record of another day", &writer, &record, NKT_KEEP_S_MAX, is_storing ? NKT_E_USER_RECORD : NKT_E_EXPIRED);
    writer_free(&other);
}

/* Read once; again when it is handed over again; not at all when its author was forgotten meanwhile. */
static void forgotten_rows(stage_t *stage)
{
    enum { HOUR_MS = 3600000 };
    writer_t writer, later;
    writer_make(&writer, stage, 980, HOUR_MS, "sim");
    nkt_signed_record_t record = forge_record(&writer.forge);
    writer_write(&writer, &record, NKT_KEEP_S_MAX);
    double users = sim_peer_health(stage->victim, "users");
    hostile_expect(hand_over(stage, &writer) == 1, "unheard", "its letter is shown", 0);
    hostile_expect(sim_peer_health(stage->victim, "users") == users + 1, "unheard", "its author is known", 0);
    hostile_expect(hand_over(stage, &writer) == 0, "unheard", "again, it is not", 0);
    sim_malice_forget(stage->victim, &writer.forge.identity.address);
    hostile_expect(sim_peer_health(stage->victim, "users") == users, "unheard", "its author was forgotten", 0);
    double expired = sim_peer_health(stage->victim, "dropped.NKT_E_EXPIRED");
    hostile_expect(hand_over(stage, &writer) == 0, "unheard", "of one who was forgotten it is not shown again", 0);
    hostile_expect(sim_peer_health(stage->victim, "dropped.NKT_E_EXPIRED") > expired, "unheard", "that is counted", 0);
    writer_make(&later, stage, 981, HOUR_MS / 2, "sim");
    record = forge_record(&later.forge);
    writer_write(&later, &record, NKT_KEEP_S_MAX);
    hostile_expect(hand_over(stage, &later) == 1, "unheard", "what was written later is shown all the same", 0);
    writer_free(&later);
    writer_free(&writer);
}

/* The records of one who wrote, and of what he said, are damaged: he is unknown then, and was heard all the same. */
static void damaged_rows(stage_t *stage)
{
    char name[64] = "peer/";
    writer_t writer;
    writer_make(&writer, stage, 985, 1000, "sim");
    nkt_signed_record_t record = forge_record(&writer.forge);
    writer_write(&writer, &record, NKT_KEEP_S_MAX);
    hostile_expect(hand_over(stage, &writer) == 1, "damaged", "its letter is shown", 0);
    for (size_t i = 0; i < NKT_ADDRESS_SIZE; i++)
        snprintf(name + 5 + 2 * i, 3, "%02x", writer.forge.identity.address.b[i]);
    sim_peer_stop(stage->victim);
    sim_record_t *stored = sim_peer_record(stage->victim, name, 0);
    hostile_expect(stored != NULL, "damaged", "its author is stored", 0);
    stored->bytes[stored->bytes_size / 2] ^= 1;
    for (size_t i = 0; sim_peer_record(stage->victim, "log/", i) != NULL; i++) /* the history would know it */
        sim_peer_record(stage->victim, "log/", i)->bytes[30] ^= 1;
    sim_peer_start(stage->victim);
    sim_until(stage->sim, sim_all_are_linked, 30000, "the stage's link");
    forge_greeting(&stage->mallory, NULL, stage_wall_ms(stage)); /* mallory is as new to it */
    stage_put_broadcast(stage, stage->mallory.frame.data, stage->mallory.frame.size);
    double expired = sim_peer_health(stage->victim, "dropped.NKT_E_EXPIRED");
    hostile_expect(hand_over(stage, &writer) == 0, "damaged", "it is not shown again", 0);
    hostile_expect(sim_peer_health(stage->victim, "dropped.NKT_E_EXPIRED") > expired, "damaged", "that is counted", 0);
    writer_free(&writer);
}

void hostile_unheard(uint64_t seed)
{
    stage_t *stage = stage_new(seed); /* which stores nothing */
    refused_rows(stage, 0);
    writer_t writer;
    writer_make(&writer, stage, 990, 1000, "sim");
    nkt_signed_record_t record = forge_record(&writer.forge);
    refused_row(stage, "to one who forgets", &writer, &record, NKT_KEEP_S_MAX, NKT_E_EXPIRED);
    stage_free(stage);
    stage = stage_new_keeper(seed);
    refused_rows(stage, 1);
    forgotten_rows(stage);
    damaged_rows(stage);
    stage_check_talk(stage);
    stage_free(stage);
}
