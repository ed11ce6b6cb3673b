/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Trackers, and the two ends of a WebRTC link. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hostile.h"
#include "links/links.h"
#include "overlay/linkauth.h"
#include "overlay/signal.h"
#include "state/state.h"
#include "state/swarm.h"

/* ---- trackers ---- */

static void tracker_row(stage_t *stage, const char *what, const char *text, size_t size, int expected)
{
    hostile_view_t before = hostile_before(stage, expected);
    hostile_after(stage, &before, "tracker", what, stage_put(stage, STAGE_TRACKER, (const uint8_t *)text, size));
}

#define HASH "aaaaaaaaaaaaaaaaaaaa"
#define OFFER(sdp)                                                                                                     \
    "{\"offer\":{\"type\":\"offer\",\"sdp\":" sdp "},\"offer_id\":\"" HASH "\",\"peer_id\":\"" HASH "\",\"info_hash\":\"" HASH "\"}"

static void text_rows(stage_t *stage)
{
    static const struct {
        const char *what, *text;
        int expected;
    } rows[] = {
        {"empty", "", NKT_E_TRACKER},
        {"no JSON", "hello", NKT_E_TRACKER},
        {"half an object", "{\"action\":", NKT_E_TRACKER},
        {"a bare null", "null", NKT_E_TRACKER},
        {"an array", "[1,2]", NKT_E_TRACKER},
        {"a string", "\"announce\"", NKT_E_TRACKER},
        {"nothing in it", "{}", NKT_E_TRACKER},
        {"two objects", "{}{}", NKT_E_TRACKER},
        {"no info hash", "{\"action\":\"announce\",\"interval\":120}", NKT_E_TRACKER},
        {"a short info hash", "{\"info_hash\":\"aaa\",\"interval\":120}", NKT_E_TRACKER},
        {"a long info hash", "{\"info_hash\":\"" HASH "a\"}", NKT_E_TRACKER},
        {"an info hash that is a number", "{\"info_hash\":5}", NKT_E_TRACKER},
        {"a line break in the info hash", "{\"info_hash\":\"aaaaaaaaaaaaaaaaaaa\\n\"}", NKT_E_TRACKER},
        {"another case", "{\"INFO_HASH\":\"" HASH "\"}", NKT_E_TRACKER},
        {"a swarm never asked for", "{\"info_hash\":\"" HASH "\",\"complete\":7}", NKT_OK},
        {"numbers out of range", "{\"info_hash\":\"" HASH "\",\"complete\":-1,\"incomplete\":1e300,\"interval\":1e99}", NKT_OK},
        {"an infinite number", "{\"info_hash\":\"" HASH "\",\"interval\":1e400}", NKT_E_TRACKER},
        {"no UTF-8", "{\"failure reason\":\"a\xff\"}", NKT_E_TRACKER},
        {"an offer without ids", "{\"offer\":{\"sdp\":\"x\"},\"info_hash\":\"" HASH "\"}", NKT_E_TRACKER},
        {"an offer without SDP", "{\"offer\":{},\"offer_id\":\"" HASH "\",\"peer_id\":\"" HASH "\",\"info_hash\":\"" HASH "\"}",
         NKT_E_TRACKER},
        {"an empty SDP", OFFER("\"\""), NKT_E_TRACKER},
        {"an SDP that is a list", OFFER("[]"), NKT_E_TRACKER},
        {"an SDP cut by NUL", OFFER("\"a\\u0000b\""), NKT_E_TRACKER},
        {"an offer in a swarm that is not ours", OFFER("\"abc\""), NKT_OK},
        {"a failure", "{\"failure reason\":\"no\"}", NKT_OK},
        {"a failure that is a number", "{\"failure reason\":7}", NKT_E_TRACKER},
        {"a failure with a line break", "{\"failure reason\":\"a\\nb\"}", NKT_OK},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        tracker_row(stage, rows[i].what, rows[i].text, strlen(rows[i].text), rows[i].expected);
    char *text = sim_alloc(40000, 1);
    memset(text, '[', 40000);
    tracker_row(stage, "33 levels", text, 33, NKT_E_TRACKER);
    tracker_row(stage, "40,000 levels", text, 40000, NKT_E_TRACKER);
    memset(text, ' ', 40000);
    memcpy(text, "{}", 2);
    tracker_row(stage, "too long", text, 2 * NKT_TRACKER_FRAME_SIZE_MAX + 1, NKT_E_TRACKER);
    memset(text, ',', 10000);
    text[0] = '[';
    text[9999] = ']';
    tracker_row(stage, "10,000 values", text, 10000, NKT_E_TRACKER);
    memcpy(text, "{\"a\":\"\0\"}", 9);
    tracker_row(stage, "NUL within a string", text, 9, NKT_E_TRACKER);
    free(text);
    sim_random_t random;
    uint8_t bytes[300];
    sim_random_init(&random, 5, 5);
    for (int i = 0; i < 200; i++) {
        sim_random_fill(&random, bytes, sizeof bytes);
        tracker_row(stage, "random", (const char *)bytes, sizeof bytes, NKT_E_TRACKER);
    }
}

static void signal_fill(const stage_t *stage, nkt_signalling_t *signal, const uint8_t *random)
{
    const forge_t *mallory = &stage->mallory;
    *signal = (nkt_signalling_t){
        .type = NKT_SIGNAL_OFFER,
        .attempt = random,
        .nonce = random,
        .sdp = "a=fingerprint:sha-256 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:"
               "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF\r\n",
        .has_record = 1,
        .record = {.bytes = mallory->record.bytes,
                   .bytes_size = mallory->record.bytes_size,
                   .signature = mallory->record.signature,
                   .membership = mallory->membership},
    };
}

static void sealed_row(stage_t *stage, const char *what, int is_offer, const nkt_signalling_t *signal, int expected)
{
    nkt_buf_t packed = {0};
    if (nkt_signal_encode(&packed, signal) < 0)
        abort();
    forge_tracker(&stage->mallory, is_offer, packed.data, packed.size);
    tracker_row(stage, what, (const char *)stage->mallory.frame.data, stage->mallory.frame.size, expected);
    nkt_buf_free(&packed);
}

static void sealed_rows(stage_t *stage)
{
    forge_t *mallory = &stage->mallory, other;
    uint8_t random[64] = {1};
    const nkt_address_t third = {{3}};
    nkt_signalling_t signal;
    signal_fill(stage, &signal, random);
    signal.type = NKT_SIGNAL_ANSWER;
    sealed_row(stage, "an answer as an offer", 1, &signal, NKT_E_TRACKER);
    signal.type = NKT_SIGNAL_OFFER;
    sealed_row(stage, "an answer to an offer that we did not make", 0, &signal, NKT_OK);
    signal.target = &third;
    sealed_row(stage, "an offer to somebody else", 1, &signal, NKT_E_TRACKER);
    signal.target = NULL;
    signal.has_record = 0;
    sealed_row(stage, "no record", 1, &signal, NKT_E_TRACKER);
    signal.has_record = 1;
    signal.sdp = "v=0";
    sealed_row(stage, "no fingerprint", 1, &signal, NKT_E_PAYLOAD);
    signal_fill(stage, &signal, random);
    forge_init(&other, 800, "another room", "other", stage_wall_ms(stage));
    signal.record = (nkt_signed_record_t){.bytes = other.record.bytes,
                                          .bytes_size = other.record.bytes_size,
                                          .signature = other.record.signature,
                                          .membership = other.membership};
    sealed_row(stage, "the record of another room's member", 1, &signal, NKT_E_NETWORK);
    signal.record.signature = mallory->record.signature;
    nkt_room_membership(&mallory->room, mallory->record.signature, random + 32);
    signal.record.membership = random + 32;
    sealed_row(stage, "a record with another's signature", 1, &signal, NKT_E_SIGNATURE);
    forge_deinit(&other);

    nkt_room_t room = mallory->room;
    memset(mallory->room.seal_key, 7, sizeof mallory->room.seal_key);
    signal_fill(stage, &signal, random);
    sealed_row(stage, "sealed with another key", 1, &signal, NKT_E_PAYLOAD);
    mallory->room = room;
    uint8_t junk[4] = {1, 2, 3, 4};
    forge_tracker(mallory, 1, junk, sizeof junk);
    tracker_row(stage, "sealed junk", (const char *)mallory->frame.data, mallory->frame.size, NKT_E_PAYLOAD);
    char *sdp = strstr((char *)mallory->frame.data, "\"sdp\":\"");
    sdp[8] = '*';
    tracker_row(stage, "no Base64", (const char *)mallory->frame.data, mallory->frame.size, NKT_E_TRACKER);
}

void hostile_tracker(uint64_t seed)
{
    stage_t *stage = stage_new(seed);
    sim_run(stage->sim, 60000); /* offers of the beginning have gone */
    text_rows(stage);
    sealed_rows(stage);
    stage_check_talk(stage);
    stage_free(stage);
}

/* ---- the proof of a link ---- */

typedef struct spoiler {
    int how;
    int count;
    uint8_t kept[NKT_LINKAUTH_FRAME_SIZE]; /* an earlier proof of p1 */
    int has_kept;
} spoiler_t;

enum {
    CUT, LONGER, VERSION, TYPE, ROOM_FLAG,
    ROOM_KEY, SIGNATURE, RANDOM, REFLECTED, REPLAYED, EMPTY, ENVELOPE_FIRST, DIRECT_FIRST, HOW_COUNT
};

static const char *const how_names[HOW_COUNT] = {
    "cut", "longer", "of version 1", "another type", "the room flag changed", "the room key changed", "the signature changed", "random",
    "reflected", "replayed from another link", "empty", "an envelope in its place",
    "a direct frame in its place"};

static sim_verdict_t spoil(void *context, sim_t *sim, const sim_peer_t *from, const sim_peer_t *to, uint8_t *bytes,
                           size_t *size)
{
    spoiler_t *spoiler = context;
    (void)to;
    int is_proof = *size == NKT_LINKAUTH_FRAME_SIZE && bytes[0] == NKT_FRAME_AUTH;
    if (is_proof && from->index == 0 && spoiler->how == REFLECTED)
        memcpy(spoiler->kept, bytes, *size); /* what p0 said of itself */
    if (!is_proof || from->index != 1)
        return SIM_PASS;
    uint8_t sound[NKT_LINKAUTH_FRAME_SIZE];
    memcpy(sound, bytes, sizeof sound);
    spoiler->count++;
    switch (spoiler->how) {
    case CUT:
        *size -= 1;
        break;
    case VERSION:
        bytes[0] = 0x12;
        break;
    case TYPE:
        bytes[0] = NKT_FRAME_PONG;
        break;
    case ROOM_FLAG:
        bytes[1] ^= 1;
        break;
    case ROOM_KEY:
        bytes[5] ^= 1;
        break;
    case SIGNATURE:
        bytes[*size - 3] ^= 1;
        break;
    case RANDOM:
        sim_random_fill(&sim->random, bytes + 1, *size - 1);
        break;
    case REFLECTED:
    case REPLAYED:
        if (spoiler->has_kept || spoiler->how == REFLECTED)
            memcpy(bytes, spoiler->kept, *size);
        break;
    case EMPTY:
        *size = 0;
        break;
    case LONGER: /* the place of the copy has one byte more */
        *size += 1;
        break;
    case DIRECT_FIRST:
        bytes[0] = NKT_FRAME_DIRECT;
        break;
    case ENVELOPE_FIRST:
    default:
        bytes[0] = NKT_FRAME_ENVELOPE;
        break;
    }
    if (spoiler->how == REPLAYED && !spoiler->has_kept) {
        memcpy(spoiler->kept, sound, sizeof sound);
        spoiler->has_kept = 1;
        bytes[*size - 3] ^= 1;
    }
    return SIM_PASS;
}

void hostile_link(uint64_t seed)
{
    for (int how = 0; how < HOW_COUNT; how++) {
        spoiler_t spoiler = {.how = how};
        sim_options_t options = sim_defaults(seed);
        sim_t *sim = sim_new(&options);
        sim_malice_set(sim, &(sim_malice_t){.context = &spoiler, .rtc = spoil});
        sim_peers_start(sim, 2, 50);
        sim_run(sim, how == REPLAYED ? 60000 : 8000);
        const sim_peer_t *victim = sim->peers[0];
        double dropped = sim_peer_health(sim->peers[0], how == EMPTY     ? "dropped.NKT_E_FRAME_LENGTH"
                                                        : how == VERSION ? "dropped.NKT_E_VERSION"
                                                                         : "dropped.NKT_E_LINK_AUTH");
        if (spoiler.count == 0 || dropped < 1 || victim->counts.links_up != 0)
            hostile_fail("proof of a link", how_names[how], victim->last_error, NKT_E_LINK_AUTH);
        spoiler.how = HOW_COUNT; /* nothing is spoilt any more: */
        sim_malice_set(sim, &(sim_malice_t){0});
        sim_until(sim, sim_all_are_linked, 180000, "a link once its proofs are sound");
        hostile_pass();
        sim_free(sim);
    }
}

/* ---- ICE restarted by a neighbour of ill will ---- */

/* What the neighbour says of the link's new path; its own core would not. */
static void restart_row(stage_t *stage, const char *what, const char *sdp, int expected)
{
    nkt_swarm_t *swarm = (nkt_swarm_t *)(void *)stage->friend_->core; /* its first member */
    nkt_link_t *link = nkt_user_find(swarm, &stage->victim->address)->mesh.link;
    const sim_peer_counts_t *counts = &stage->victim->counts;
    uint64_t links = counts->links_up + counts->links_down;
    double dropped = sim_peer_health(stage->victim, "dropped.NKT_E_PAYLOAD");
    double restarts = sim_peer_health(stage->victim, "counters.restarts");
    nkt_mesh_describe(swarm, link, sdp, strlen(sdp));
    sim_peer_step(stage->friend_, &(nkt_event_t){.kind = NKT_EV_TIME}); /* what it said leaves */
    sim_run(stage->sim, 2000);
    int is_answered = link->rtc.is_offerer && expected == NKT_OK;
    if (sim_peer_health(stage->victim, "dropped.NKT_E_PAYLOAD") - dropped != (expected == NKT_E_PAYLOAD) ||
        sim_peer_health(stage->victim, "counters.restarts") - restarts != is_answered ||
        counts->links_up + counts->links_down != links)
        hostile_fail("ICE restart", what, stage->victim->last_error, expected);
    hostile_pass();
}

void hostile_restart(uint64_t seed)
{
    enum { STAGE_COUNT = 6 }; /* so many that both, victim and neighbour, made the link's offer in some */
    int offerer_count = 0;
    for (int i = 0; i < STAGE_COUNT; i++) {
        stage_t *stage = stage_new(seed + (uint64_t)i);
        sim_until(stage->sim, sim_all_are_linked, 30000, "a link");
        nkt_swarm_t *swarm = (nkt_swarm_t *)(void *)stage->friend_->core;
        const nkt_link_t *link = nkt_user_find(swarm, &stage->victim->address)->mesh.link;
        offerer_count += link->rtc.is_offerer;
        char *own = sim_rtc_describe(stage->sim->ends.list[sim_peer_link(stage->friend_, link->id)->id]);
        restart_row(stage, "no fingerprint", "v=0\r\n", NKT_E_PAYLOAD);
        restart_row(stage, "another certificate",
                    "v=0\r\na=fingerprint:sha-256 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:"
                    "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF\r\n",
                    NKT_E_PAYLOAD);
        restart_row(stage, "as it should be, or an answer to nothing", own, NKT_OK);
        free(own);
        stage_check_talk(stage);
        stage_free(stage);
    }
    if (offerer_count == 0 || offerer_count == STAGE_COUNT)
        hostile_fail("ICE restart", "both ends", 0, 0);
}
