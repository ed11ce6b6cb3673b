/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a known user signs: payloads of every kind that are not what they should be. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gossip/gossip.h"
#include "hostile.h"
#include "overlay/signal.h"

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
    hostile_payload(stage, "digest", "too many entries", NKT_KIND_DIGEST, 0, payload.data, payload.size, NKT_E_PAYLOAD);
    nkt_gossip_encode_digest(&payload, known, NKT_DIGEST_COUNT_MAX, 0);
    hostile_payload(stage, "digest", "of users that nobody knows", NKT_KIND_DIGEST, 0, payload.data, payload.size, NKT_OK);
    nkt_gossip_encode_digest(&payload, known, 3, 0);
    hostile_prefixes(stage, "digest", NKT_KIND_DIGEST, payload.data, payload.size);
    hostile_payload(stage, "digest", "random", NKT_KIND_DIGEST, 0, garbage, sizeof garbage, NKT_E_PAYLOAD);

    Nkt__Want want = NKT__WANT__INIT;
    ProtobufCBinaryData addresses[NKT_WANT_COUNT_MAX + 1];
    for (size_t i = 0; i <= NKT_WANT_COUNT_MAX; i++)
        addresses[i] = play_lend(known[i].address.b, NKT_ADDRESS_SIZE);
    want.address = addresses;
    want.n_address = NKT_WANT_COUNT_MAX + 1;
    play_pack(&payload, &want.base);
    hostile_payload(stage, "want", "too many addresses", NKT_KIND_WANT, 0, payload.data, payload.size, NKT_E_PAYLOAD);
    want.n_address = 2;
    play_pack(&payload, &want.base);
    hostile_prefixes(stage, "want", NKT_KIND_WANT, payload.data, payload.size);
    addresses[1].len = NKT_ADDRESS_SIZE - 1;
    play_pack(&payload, &want.base);
    hostile_payload(stage, "want", "half an address", NKT_KIND_WANT, 0, payload.data, payload.size, NKT_E_PAYLOAD);
    hostile_payload(stage, "want", "random", NKT_KIND_WANT, 0, garbage, sizeof garbage, NKT_E_PAYLOAD);
    nkt_buf_free(&payload);
    free(known);
}

/* ---- clear messages ---- */

static void clear_pack(nkt_buf_t *payload, const hostile_said_t *row)
{
    Nkt__Clear clear = NKT__CLEAR__INIT;
    clear.stream_id = row->epoch;
    clear.sequence = row->sequence;
    clear.id = play_lend("0123456789abcdefg", row->id_size);
    clear.json = play_lend(row->json, row->json_size);
    play_pack(payload, &clear.base);
}

static void clear_rows(stage_t *stage)
{
    const hostile_said_t rows[] = {
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
        {"too deep", 7, 1, 16, hostile_deep, sizeof hostile_deep, NKT_E_PAYLOAD},
        {"too many values", 7, 1, 16, hostile_wide, sizeof hostile_wide, NKT_E_PAYLOAD},
        {"too large", 7, 1, 16, hostile_large, sizeof hostile_large, NKT_E_PAYLOAD},
    };
    nkt_buf_t payload = {0};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        clear_pack(&payload, &rows[i]);
        hostile_payload(stage, "clear message", rows[i].what, NKT_KIND_CLEAR, 1, payload.data, payload.size, rows[i].expected);
    }
    const hostile_said_t sound = {"sound", 7, 5, 16, "[1]", 3, NKT_OK};
    clear_pack(&payload, &sound);
    hostile_prefixes(stage, "clear message", NKT_KIND_CLEAR, payload.data, payload.size);
    uint64_t shown = stage->sim->book.stranger_count;
    forge_envelope(&stage->mallory, NKT_KIND_CLEAR, NULL, payload.data, payload.size, stage_wall_ms(stage));
    stage_put_broadcast(stage, stage->mallory.frame.data, stage->mallory.frame.size);
    if (stage->sim->book.stranger_count != shown + 1)
        hostile_fail("clear message", "a sound one is shown", 0, NKT_OK);
    hostile_payload(stage, "clear message", "its position again, in a new envelope", NKT_KIND_CLEAR, 1, payload.data,
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
    hostile_payload(stage, "signal", "not sealed", NKT_KIND_SIGNAL, 0, random, sizeof random, NKT_E_PAYLOAD);
    hostile_payload(stage, "signal", "empty", NKT_KIND_SIGNAL, 0, random, 0, NKT_E_PAYLOAD);
    sim_run(stage->sim, 5000);
    forge_t *mallory = &stage->mallory;
    uint8_t ends[NKT_ENDS_SIZE];
    const nkt_seal_for_t other = {.public_key = mallory->identity.identity_public, .context = ends, .context_size = sizeof ends};
    forge_ends(mallory, ends);
    nkt_buf_clear(&mallory->sealed);
    nkt_seal_to(&mallory->sealed, &other, random, sizeof random, &mallory->host);
    hostile_payload(stage, "signal", "sealed to somebody else", NKT_KIND_SIGNAL, 0, mallory->sealed.data, mallory->sealed.size,
                NKT_E_PAYLOAD);
}

void hostile_payloads(uint64_t seed)
{
    stage_t *stage = stage_new(seed);
    hostile_values_make();
    list_rows(stage);
    clear_rows(stage);
    signal_rows(stage);
    stage_check_talk(stage);
    stage_free(stage);
}
