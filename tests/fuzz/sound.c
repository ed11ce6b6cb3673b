/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sound input of every kind, for a mutator to begin with. */
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "gossip/gossip.h"
#include "overlay/invite.h"
#include "overlay/signal.h"
#include "overlay/treeframe.h"
#include "play.h"
#include "wire/pack.h"

static const char sdp[] =
    "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n"
    "a=ice-ufrag:00ffff00\r\na=fingerprint:sha-256 "
    "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF\r\na=setup:actpass\r\n";

static void set(nkt_buf_t *out, const void *bytes, size_t size)
{
    if (nkt_buf_set(out, bytes, size) < 0)
        abort();
}

void play_pack(nkt_buf_t *out, const ProtobufCMessage *message)
{
    if (nkt_pack(out, message) < 0)
        abort();
}

ProtobufCBinaryData play_lend(const void *bytes, size_t size)
{
    return nkt_pack_lend(bytes, size);
}

enum { GROUP_EPOCH_COUNT = 4, SHARE_SIZE = 1 + 4 + 34 + 35, GROUP_MESSAGE_SIZE = 1 + 4 + 18 + 64, CONTENT_SIZE = 128 + 16 };

/* A sender key as libsignal writes it: id, iteration, chain key, signing key (the base point). */
static void share_make(uint8_t share[SHARE_SIZE])
{
    static const uint8_t head[] = {0x33, 0x08, 7, 0x10, 0, 0x1a, 32}, tail[] = {0x22, 33, 5, 9};
    memset(share, 0, SHARE_SIZE);
    memcpy(share, head, sizeof head);
    memcpy(share + sizeof head + 32, tail, sizeof tail);
}

/* What is said under it, but for the signature. */
static void group_make(uint64_t luck, nkt_buf_t *out)
{
    const uint8_t head[] = {0x33, 0x08, 7, 0x10, luck >> 8 & 0x7f, 0x1a, 16};
    uint8_t message[GROUP_MESSAGE_SIZE] = {0}, content[CONTENT_SIZE];
    Nkt__Ciphertext ciphertext = NKT__CIPHERTEXT__INIT;
    memcpy(message, head, sizeof head);
    ciphertext.type = 4; /* libsignal's CIPHERTEXT_SENDERKEY_TYPE */
    ciphertext.has_epoch = 1;
    ciphertext.epoch = 1 + (luck >> 16) % GROUP_EPOCH_COUNT;
    ciphertext.message = play_lend(message, sizeof message);
    memset(content, (int)(luck & 0xff), sizeof content);
    ciphertext.content = play_lend(content, luck % 7 == 0 ? 0 : sizeof content); /* and shorter than its seal */
    play_pack(out, &ciphertext.base);
}

static void inner_make(uint64_t luck, nkt_buf_t *out)
{
    Nkt__Inner inner = NKT__INNER__INIT;
    Nkt__GroupKey offer = NKT__GROUP_KEY__INIT;
    uint8_t share[SHARE_SIZE];
    Nkt__Say says[2];
    Nkt__Ack ack = NKT__ACK__INIT;
    Nkt__Say *say_list[2] = {&says[0], &says[1]};
    Nkt__Ack *ack_list[1] = {&ack};
    for (int i = 0; i < 2; i++) {
        says[i] = (Nkt__Say)NKT__SAY__INIT;
        says[i].stream_id = 4711;
        says[i].sequence = 1 + (luck >> 8) % 5000 + (uint64_t)i;
        says[i].id = play_lend("0123456789abcdef", 16);
        says[i].date_ms = luck;
        says[i].json = play_lend("{\"a\":[1,2,{\"b\":null}]}", 22);
    }
    ack.stream_id = luck;
    ack.first = 1;
    ack.last = luck >> 32;
    inner.say = say_list;
    inner.n_say = luck % 3;
    inner.ack = ack_list;
    inner.n_ack = luck >> 2 & 1;
    inner.has_hello = inner.hello = luck >> 3 & 1;
    inner.has_welcome = inner.welcome = luck >> 4 & 1;
    share_make(share);
    offer.epoch = 1 + (luck >> 16) % GROUP_EPOCH_COUNT;
    offer.key = play_lend(share, sizeof share);
    inner.group_key = luck >> 5 & 1 ? &offer : NULL;
    inner.has_group_held = luck >> 6 & 1;
    inner.has_group_asked = luck >> 7 & 1;
    inner.group_held = inner.group_asked = luck;
    play_pack(out, &inner.base);
}

static void signal_make(const forge_t *mallory, uint64_t luck, int has_record, nkt_buf_t *out)
{
    uint8_t random[NKT_ATTEMPT_SIZE + NKT_NONCE_SIZE];
    memset(random, (int)(luck & 0xff), sizeof random);
    nkt_signalling_t signal = {
        .type = (nkt_signal_t)(1 + luck % 3),
        .attempt = random,
        .nonce = random + NKT_ATTEMPT_SIZE,
        .sdp = sdp,
        .has_record = has_record,
        .record = forge_record(mallory),
    };
    if (nkt_signal_encode(out, &signal) < 0)
        abort();
}

/* What a keeper hands over: genuine envelopes of the friend, and one of mallory's. */
static void mail_make(stage_t *stage, uint64_t luck, nkt_buf_t *out)
{
    enum { COUNT = 3 };
    Nkt__Mail mail = NKT__MAIL__INIT;
    ProtobufCBinaryData frames[COUNT];
    forge_envelope(&stage->mallory, NKT_KIND_SESSION, &stage->victim->address, (const uint8_t *)&luck, sizeof luck,
                   stage_wall_ms(stage));
    for (size_t i = 0; i < COUNT; i++) {
        const stage_kept_t *kept = stage->kept_count == 0 ? NULL : &stage->kept[(luck + i) % stage->kept_count];
        frames[i] = kept == NULL || i == 0 ? play_lend(stage->mallory.frame.data, stage->mallory.frame.size)
                                           : play_lend(kept->bytes, kept->size);
    }
    mail.frame = frames;
    mail.n_frame = luck % (COUNT + 1);
    play_pack(out, &mail.base);
}

/* The payload of each kind, its number in front. */
static void payload_make(stage_t *stage, uint64_t luck, nkt_buf_t *out)
{
    static const nkt_kind_t kinds[] = {NKT_KIND_GREETING, NKT_KIND_DIGEST,  NKT_KIND_WANT, NKT_KIND_RECORDS,
                                       NKT_KIND_SIGNAL,   NKT_KIND_SESSION, NKT_KIND_CLEAR, NKT_KIND_BYE,
                                       NKT_KIND_GROUP,    NKT_KIND_MAIL};
    forge_t *mallory = &stage->mallory;
    nkt_kind_t kind = kinds[luck % (sizeof kinds / sizeof kinds[0])];
    const nkt_gossip_known_t known[2] = {{.address = stage->friend_->address, .sequence = luck},
                                         {.address = mallory->identity.address, .sequence = 1}};
    const nkt_address_t wanted[2] = {stage->friend_->address, stage->victim->address};
    const nkt_signed_record_t record = forge_record(mallory);
    nkt_buf_t *payload = &mallory->plain;
    Nkt__Clear clear = NKT__CLEAR__INIT;
    nkt_buf_clear(payload);
    const nkt_greeting_t greeting = {.record = record, .prekey_id = 7, .prekey = mallory->identity.sign_public};
    if (kind == NKT_KIND_GREETING && nkt_gossip_encode_greeting(payload, &greeting) < 0)
        abort();
    if (kind == NKT_KIND_DIGEST && nkt_gossip_encode_digest(payload, known, 2, 0) < 0)
        abort();
    if (kind == NKT_KIND_WANT && nkt_gossip_encode_want(payload, wanted, 2) < 0)
        abort();
    if (kind == NKT_KIND_RECORDS && nkt_gossip_encode_records(payload, &record, 1) < 0)
        abort();
    if (kind == NKT_KIND_CLEAR) {
        clear.stream_id = 99;
        clear.sequence = 1 + (luck >> 16) % 5000;
        clear.id = play_lend("0123456789abcdef", 16);
        clear.json = play_lend("[true,\"\xc3\xa9\"]", 11);
        play_pack(payload, &clear.base);
    }
    if (kind == NKT_KIND_GROUP)
        group_make(luck, payload);
    if (kind == NKT_KIND_MAIL)
        mail_make(stage, luck, payload);
    uint8_t number = (uint8_t)kind;
    set(out, &number, 1);
    if (nkt_buf_append(out, payload->data, payload->size) < 0)
        abort();
}

static void kept_take(const stage_t *stage, stage_entry_t entry, uint64_t luck, nkt_buf_t *out)
{
    size_t count = 0;
    for (size_t i = 0; i < stage->kept_count; i++)
        count += stage->kept[i].entry == entry;
    size_t chosen = count == 0 ? 0 : (size_t)luck % count;
    for (size_t i = 0; i < stage->kept_count; i++) {
        if (stage->kept[i].entry == entry && chosen-- == 0)
            set(out, stage->kept[i].bytes, stage->kept[i].size);
    }
}

/* IHAVE or GRAFT, of what there is and what there is not. */
static void tree_make(const stage_t *stage, uint64_t luck, nkt_buf_t *out)
{
    static const uint8_t types[] = {NKT_FRAME_IHAVE, NKT_FRAME_GRAFT};
    uint8_t type = types[luck % sizeof types], digest[NKT_DIGEST_SIZE] = {0};
    int err = nkt_treeframe_begin(out, type, (unsigned)(luck >> 8 & 1));
    for (uint64_t i = 0; err == NKT_OK && i < (luck >> 9 & 31); i++) {
        const stage_kept_t *kept = stage->kept_count == 0 ? NULL : &stage->kept[(luck + i) % stage->kept_count];
        memcpy(digest, &i, sizeof i);
        memcpy(digest + sizeof i, &luck, sizeof luck);
        if (kept != NULL && kept->entry == STAGE_RTC && (luck >> 14 & 1))
            nkt_envelope_digest(kept->bytes, kept->size, digest);
        err = type == NKT_FRAME_IHAVE ? nkt_treeframe_ihave_add(out, digest, (uint8_t)i) : nkt_treeframe_graft_add(out, digest);
    }
    if (err < 0)
        abort();
}

static void walk_make(uint64_t luck, nkt_buf_t *out)
{
    Nkt__Walk walk = NKT__WALK__INIT;
    nkt_buf_t payload = {0};
    const uint8_t number = NKT_KIND_WALK;
    walk.degree = (uint32_t)(luck & 7);
    walk.number = (uint32_t)(luck >> 8);
    play_pack(&payload, &walk.base);
    set(out, &number, 1);
    if (nkt_buf_append(out, payload.data, payload.size) < 0)
        abort();
    nkt_buf_free(&payload);
}

static void invite_make(stage_t *stage, uint64_t luck, int is_answer, nkt_buf_t *out)
{
    /* setup, ufrag, pwd, mid, fingerprint, one candidate: see overlay/sdp.h */
    uint8_t description[1 + 5 + 25 + 2 + 32 + 1 + 7] = {0, 4, 'a', 'b', 'c', 'd', 24}, nonce[NKT_NONCE_SIZE];
    const forge_t *mallory = &stage->mallory;
    Nkt__Invite message = NKT__INVITE__INIT;
    memset(description + 7, 'p', 24);
    memcpy(description + 31, (const uint8_t[2]){1, '0'}, 2);
    memcpy(description + 65, (const uint8_t[8]){1, 0x10, 192, 0, 2, 2, 0x50, 0}, 8);
    memset(nonce, (int)(luck & 0xff), sizeof nonce);
    message.nonce = play_lend(nonce, sizeof nonce);
    message.sign_key = play_lend(mallory->identity.sign_public, 32);
    message.identity_key = play_lend(mallory->identity.identity_public, 32);
    message.description = play_lend(description, sizeof description);
    message.has_attempt = is_answer;
    message.attempt = play_lend(nonce, NKT_ATTEMPT_SIZE);
    message.has_expires_s = !is_answer;
    message.expires_s = (uint32_t)(stage_wall_ms(stage) / 1000 + luck % 1000);
    message.nick = is_answer ? NULL : (char *)(uintptr_t)"mallory";
    message.has_room = !is_answer;
    message.room = nkt_get_u32be(mallory->room.network);
    play_pack(out, &message.base);
}

static void tracker_make(stage_t *stage, uint64_t luck, nkt_buf_t *out)
{
    static const char response[] = "{\"action\":\"announce\",\"info_hash\":\"aaaaaaaaaaaaaaaaaaaa\",\"complete\":1,"
                                   "\"incomplete\":2,\"interval\":120,\"min interval\":60}";
    static const char failure[] = "{\"failure reason\":\"torrent not found\",\"info_hash\":\"aaaaaaaaaaaaaaaaaaaa\"}";
    forge_t *mallory = &stage->mallory;
    if (luck % 4 == 0) {
        set(out, response, sizeof response - 1);
        for (size_t i = 0; luck & 16 && i < NKT_INFO_HASH_SIZE; i++)
            out->data[34 + i] = (uint8_t)mallory->room.info_hash[i];
    } else if (luck % 4 == 1) {
        set(out, failure, sizeof failure - 1);
    } else {
        signal_make(mallory, luck, 1, &mallory->plain);
        forge_tracker(mallory, luck % 4 == 2, mallory->plain.data, mallory->plain.size);
        set(out, mallory->frame.data, mallory->frame.size);
    }
}

void play_sound(stage_t *stage, play_mode_t mode, uint64_t luck, nkt_buf_t *out)
{
    const forge_t *mallory = &stage->mallory;
    nkt_buf_clear(out);
    switch (mode) {
    case PLAY_RELAY:
        kept_take(stage, STAGE_RELAY, luck, out);
        break;
    case PLAY_RTC:
        if (luck % 4 == 0) {
            tree_make(stage, luck >> 2, out);
            break;
        }
        kept_take(stage, STAGE_RTC, luck, out);
        break;
    case PLAY_BROADCAST:
    case PLAY_DIRECTED:
        kept_take(stage, STAGE_RTC, luck, out);
        break;
    case PLAY_TRACKER:
        tracker_make(stage, luck, out);
        break;
    case PLAY_SEALED:
    case PLAY_ANSWER:
    case PLAY_SIGNAL:
        signal_make(mallory, luck, mode != PLAY_SIGNAL, out);
        break;
    case PLAY_SIGNED:
    case PLAY_SIGNED_TO_ALL:
        payload_make(stage, luck, out);
        break;
    case PLAY_WALK:
        walk_make(luck, out);
        break;
    case PLAY_CARRIED:
    case PLAY_RECORD:
        set(out, mallory->record.bytes, mallory->record.bytes_size);
        break;
    case PLAY_INNER:
        inner_make(luck, out);
        break;
    case PLAY_CIPHER:
        inner_make(luck, &stage->mallory.plain);
        forge_session(&stage->mallory, mallory->plain.data, mallory->plain.size, stage_wall_ms(stage));
        set(out, mallory->payload.data, mallory->payload.size);
        break;
    case PLAY_LOCAL:
        set(out, sdp, sizeof sdp - 1);
        break;
    case PLAY_SAY:
        set(out, "{\"a\":[1,2,{\"b\":null}]}", 22);
        break;
    case PLAY_INVITE:
    case PLAY_COMPLETE:
        invite_make(stage, luck, mode == PLAY_COMPLETE, out);
        break;
    case PLAY_MODE_COUNT:
    default:
        break;
    }
}
