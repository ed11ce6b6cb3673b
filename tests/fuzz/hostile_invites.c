/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Invites of ill will: texts that were changed on their way, and what a link that came of one must not be told. */
#include <stdlib.h>
#include <string.h>

#include "gossip/gossip.h"
#include "hostile.h"
#include "overlay/invite.h"
#include "wire/kinds.h"

enum { WAIT_MS = 40000 };

static int texts_are_there(sim_t *sim)
{
    return sim->peers[0]->invited != NULL && (sim->peers[1]->connect_ticket == 0 || sim->peers[1]->invited != NULL);
}

static sim_t *world_new(uint64_t seed, const char *secret)
{
    sim_options_t options = sim_defaults(seed);
    options.relay_count = options.tracker_count = 0;
    options.secret = secret;
    sim_t *sim = sim_new(&options);
    sim_peers_start(sim, 2, 50);
    return sim;
}

static void steps_run(sim_t *sim, int (*change)(sim_t *sim, char **invite))
{
    sim_peer_t *host = sim->peers[0], *guest = sim->peers[1];
    sim_peer_invite(host);
    sim_until(sim, texts_are_there, 5000, "an invite");
    char *invite = (char *)sim_copy((const uint8_t *)host->invited, strlen(host->invited) + 1);
    int is_changed = change == NULL ? 0 : change(sim, &invite);
    int code = sim_peer_accept(guest, invite);
    if (code != NKT_OK)
        hostile_fail("invite", "accepting", code, NKT_OK);
    sim_until(sim, texts_are_there, 5000, "an answer");
    code = sim_peer_complete(host, guest->invited);
    if (is_changed == 2 ? code != NKT_E_INVITE_FOREIGN : code != NKT_OK)
        hostile_fail("invite", "completing", code, NKT_OK);
    sim_run(sim, WAIT_MS);
    free(invite);
}

/* ---- texts changed on their way ---- */

static nkt_invite_t opened(const char *text, nkt_buf_t *sdp)
{
    nkt_invite_t invite;
    if (nkt_invite_decode(&invite, sdp, text, strlen(text), NULL) < 0)
        abort();
    return invite;
}

static void closed(char **text, const nkt_invite_t *invite, const char *sdp, size_t size)
{
    nkt_buf_t made = {0};
    if (nkt_invite_encode(&made, invite, sdp, size, NULL) < 0)
        abort();
    free(*text);
    *text = nkt_text_copy((const char *)made.data, made.size);
    nkt_buf_free(&made);
}

/* Somebody else's description in the place of the inviter's. */
static int description_swap(sim_t *sim, char **text)
{
    char *to_answerer, *to_offerer;
    nkt_buf_t sdp = {0};
    const nkt_invite_t invite = opened(*text, &sdp);
    char *own = nkt_text_copy((const char *)sdp.data, sdp.size);
    sim_rtc_intercept(sim, own, &to_answerer, &to_offerer);
    closed(text, &invite, to_answerer, strlen(to_answerer));
    free(own);
    free(to_answerer);
    free(to_offerer);
    nkt_buf_free(&sdp);
    return 1;
}

static int byte_change(char **text, size_t offset)
{
    nkt_buf_t sdp = {0};
    nkt_invite_t invite = opened(*text, &sdp);
    ((uint8_t *)&invite)[offset] ^= 1;
    closed(text, &invite, (const char *)sdp.data, sdp.size);
    nkt_buf_free(&sdp);
    return 1;
}

static int sign_key_change(sim_t *sim, char **text)
{
    (void)sim;
    byte_change(text, offsetof(nkt_invite_t, sign_key));
    return 2; /* the answer is sealed to an address that is not the inviter's */
}

static int identity_key_change(sim_t *sim, char **text)
{
    (void)sim;
    byte_change(text, offsetof(nkt_invite_t, identity_key));
    return 2; /* the answer is sealed to another */
}

static int nonce_change(sim_t *sim, char **text)
{
    (void)sim;
    return byte_change(text, offsetof(nkt_invite_t, nonce) + NKT_NONCE_SIZE - 1);
}

static void text_rows(uint64_t seed)
{
    static const struct {
        const char *what;
        int (*change)(sim_t *sim, char **invite);
    } rows[] = {{"another description", description_swap},
                {"another signing key", sign_key_change},
                {"another identity key", identity_key_change},
                {"another nonce", nonce_change}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sim_t *sim = world_new(seed, NULL);
        steps_run(sim, rows[i].change);
        for (int k = 0; k < 2; k++) {
            if (sim->peers[k]->counts.links_up != 0)
                hostile_fail("invite", rows[i].what, 0, NKT_E_LINK_AUTH);
        }
        hostile_pass();
        sim_free(sim);
    }
}

/* ---- over the link ---- */

typedef struct spoiler {
    int how;
    uint32_t by; /* whose frames are spoilt */
    int count;
    forge_t mallory;
} spoiler_t;

enum { RECORD_CUT, RECORD_CHANGED, RECORD_OF_OTHER, RECORD_EMPTY, RECORD_NONE, ROOM_CUT, ROOM_OTHER, HOW_COUNT };

static const char *const how_names[HOW_COUNT] = {"record cut",   "record changed", "another's record", "empty record",
                                                 "no record",    "room key cut",   "another room's key"};

static sim_verdict_t spoil(void *context, sim_t *sim, const sim_peer_t *from, const sim_peer_t *to, uint8_t *bytes, size_t *size)
{
    spoiler_t *spoiler = context;
    (void)sim, (void)to;
    int is_room = *size > 0 && bytes[0] == NKT_FRAME_ROOM, is_record = *size > 0 && bytes[0] == NKT_FRAME_RECORD;
    const nkt_signed_record_t other = forge_record(&spoiler->mallory);
    nkt_buf_t *records = &spoiler->mallory.plain;
    if (from->index != spoiler->by || (spoiler->how < ROOM_CUT ? !is_record : !is_room))
        return SIM_PASS;
    spoiler->count++;
    switch (spoiler->how) {
    case RECORD_CUT:
    case ROOM_CUT:
        *size -= 1;
        break;
    case RECORD_CHANGED:
        bytes[*size / 2] ^= 1;
        break;
    case RECORD_OF_OTHER: /* a genuine one, and shorter by its nick */
        if (nkt_gossip_encode_records(records, &other, 1) < 0 || records->size >= *size)
            abort();
        memcpy(bytes + 1, records->data, records->size);
        *size = 1 + records->size;
        break;
    case RECORD_EMPTY:
        *size = 1;
        break;
    case RECORD_NONE:
        return SIM_DROP;
    case ROOM_OTHER:
    default:
        bytes[7] ^= 1;
        break;
    }
    return SIM_PASS;
}

static void frame_rows(uint64_t seed)
{
    for (int how = 0; how < HOW_COUNT; how++) {
        int is_of_room = how >= ROOM_CUT;
        spoiler_t spoiler = {.how = how, .by = is_of_room ? 0 : 1};
        sim_t *sim = world_new(seed, is_of_room ? "pssst" : NULL);
        forge_init(&spoiler.mallory, seed, sim->options.room, "", (uint64_t)SIM_WALL_S * 1000);
        sim_malice_set(sim, &(sim_malice_t){.context = &spoiler, .rtc = spoil});
        steps_run(sim, NULL);
        const sim_peer_t *host = sim->peers[0], *guest = sim->peers[1];
        int is_right = is_of_room ? guest->connect_result != NKT_OK : host->counts.links_up == 0;
        if (spoiler.count != 1 || !is_right || (how == ROOM_OTHER && guest->connect_result != NKT_E_INVITE_ROOM))
            hostile_fail("a link of an invite", how_names[how], guest->connect_result, NKT_E_LINK_AUTH);
        hostile_pass();
        forge_deinit(&spoiler.mallory);
        sim_free(sim);
    }
}

/* On a link that came of no invite these frames mean nothing. */
static void stray_rows(uint64_t seed)
{
    stage_t *stage = stage_new(seed);
    uint8_t frame[33] = {NKT_FRAME_ROOM};
    hostile_view_t before = hostile_before(stage, NKT_E_FRAME_TYPE);
    hostile_after(stage, &before, "a link of no invite", "a room's key", stage_put(stage, STAGE_RTC, frame, sizeof frame));
    frame[0] = NKT_FRAME_RECORD;
    before = hostile_before(stage, NKT_E_FRAME_TYPE);
    hostile_after(stage, &before, "a link of no invite", "a record", stage_put(stage, STAGE_RTC, frame, sizeof frame));
    stage_check_talk(stage);
    stage_free(stage);
}

void hostile_invites(uint64_t seed)
{
    text_rows(seed);
    frame_rows(seed);
    stray_rows(seed);
}
