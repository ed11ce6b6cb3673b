/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Keys that somebody made and threw away say hello once each, and a member of the room, linked and trusted, vouches for them by passing
 * on their records. What is said to all waits for them: how often an honest peer then asks each for the key of a session, and others for
 * it. And how many offers of links they get of him, and walks he makes, where they are too many for a full mesh and too few for a crowd.
 * Others go on speaking, and never answer. And a week of others, who come and go: what grows, and who is pushed out.
 */
#include <stdlib.h>
#include <string.h>

#include "base/base58.h"
#include "forge.h"
#include "nkt.pb-c.h"
#include "relay/relay.h"
#include "state/state.h"
#include "state/swarm.h"
#include "swarm.h"
#include "wire/envelope.h"
#include "wire/kinds.h"
#include "wire/limits.h"
#include "wire/pack.h"

enum {
    HONEST_COUNT = 3,
    PHANTOM_COUNT = 80, /* with them it is a crowd, in which nobody asks after everybody */
    AT_ONCE_COUNT = 20, /* records in one frame */
    GREETING_GAP_MS = 50,
    TOLD_GAP_MS = 1000, /* so fast records are taken from one */
    HAUNT_MS = 15 * 60000,
    ATTEMPT_COUNT = 16, /* asked every 8 s it would be 110 */
    TALK_GAP_MS = 1500, /* between what they say: of 40 each once a minute, so nobody is silent ... */
    TALK_FRAME_COUNT = 10, /* ... and yet each peer says no more than so many frames a second; 12 when walks go on as they began */
    WALK_COUNT = 10, /* of its own each makes in a minute: 3 to 4, and 44 as they began */
    LOST_MS = 20000,      /* so soon after a link was lost ... */
    LOST_WALK_COUNT = 6, /* ... each who had it makes so many: 9 to 12; up to 3 if it were no news */
    WANT_COUNT = 20, /* and so often it asks: 10, and 330 when each silence begins anew */
    SPEECH_MS = 2 * 3600000,
    SPEECH_GAP_MS = 5000,
    SPEECH_ATTEMPT_COUNT = 24, /* seven until they are 10 minutes apart, then 11; 40 to 80 when each silence begins anew */
    FEW_COUNT = 40,     /* each may be offered a link, as a neighbour knows a way to them */
    OFFER_COUNT = 20,   /* in a minute: 12 after the first 32, and those at the tracker; 31 if each pair has its own wait alone */
    PASS_GAP_MS = 2000,
    PASS_AT_ONCE_COUNT = 250, /* so fast come so many: more than can all be known, and places get scarce; ... */
    PASS_LATER_MS = 427000,   /* ... the others of ... */
    PASS_COUNT = 350,   /* ... half a day ... */
    PASS_PARTS = 14,    /* ... of a week */
    PASS_MINUTES = 720,
    FLAT_PERCENT = 120, /* of what it was on the second half day */
    RETURN_MS = 10000,  /* hears what was said to him meanwhile */
    HEARD_MS = 3000,
    HEARD_COUNT = 5, /* asked anew, at the pace of those who are there */
};

typedef struct sim_haunt {
    sim_t *sim;
    sim_peer_t *member;
    forge_t *phantoms[PHANTOM_COUNT];
    uint32_t honest_count, phantom_count;
    int has_storage;
    int is_linked; /* they say hello over the member's links, not over his socket */
    uint64_t own_counts[NKT_KIND_COUNT]; /* envelopes of their own that honest ones sent over links */
} sim_haunt_t;

static nkt_swarm_t *swarm_of(const sim_peer_t *peer)
{
    return (nkt_swarm_t *)(void *)peer->core; /* which it begins with */
}

static const sim_link_t *link_find(const sim_peer_t *peer, uint32_t id)
{
    for (size_t i = 0; i < peer->link_count; i++) {
        if (peer->links[i].link == id)
            return &peer->links[i];
    }
    return NULL;
}

/* What one of them says goes through the member's socket, or over his links. */
static void frame_out(sim_haunt_t *haunt, const nkt_buf_t *frame)
{
    sim_t *sim = haunt->sim;
    nkt_buf_t message = {0};
    SIM_CHECK(sim, nkt_relay_encode_frame(&message, NULL, frame->data, frame->size) == NKT_OK);
    for (size_t i = 0; i < haunt->member->link_count; i++) {
        const sim_link_t *way = &haunt->member->links[i];
        const nkt_link_t *link = nkt_link_find(swarm_of(haunt->member), way->link);
        if (link == NULL)
            continue;
        if (!haunt->is_linked && link->kind == NKT_LINK_RELAY)
            sim_socket_send(sim, way->id, message.data, message.size, 0);
        else if (haunt->is_linked && link->kind == NKT_LINK_RTC && link->state == NKT_LINK_LIVE)
            sim_rtc_send(sim, way->id, frame->data, frame->size, 0);
    }
    nkt_buf_free(&message);
}

/* One frame of records to each neighbour, signed by the member's own key as any other of his. */
static void tell(sim_haunt_t *haunt, uint32_t first)
{
    sim_t *sim = haunt->sim;
    const nkt_swarm_t *swarm = swarm_of(haunt->member);
    Nkt__Records records = NKT__RECORDS__INIT;
    Nkt__SignedRecord signed_records[AT_ONCE_COUNT], *record_list[AT_ONCE_COUNT];
    nkt_buf_t payload = {0}, frame = {0};
    for (uint32_t i = 0; i < AT_ONCE_COUNT; i++) {
        const nkt_signed_record_t record = forge_record(haunt->phantoms[first + i]);
        nkt_pack_lend_record(&signed_records[i], &record);
        record_list[i] = &signed_records[i];
    }
    records.n_record = AT_ONCE_COUNT;
    records.record = record_list;
    SIM_CHECK(sim, nkt_pack(&payload, &records.base) == NKT_OK);
    nkt_envelope_parts_t parts = {
        .network = swarm->room.network,
        .from = &swarm->identity.address,
        .kind = NKT_KIND_RECORDS,
        .created_ms = swarm->time_ms,
        .ttl_s = 0,
        .payload = payload.data,
        .payload_size = payload.size,
    };
    for (size_t i = 0; i < swarm->users.count; i++) {
        const nkt_user_t *user = swarm->user_list[i];
        const sim_link_t *link = user->mesh.link == NULL ? NULL : link_find(haunt->member, user->mesh.link->id);
        if (link == NULL)
            continue;
        parts.to = &user->address;
        SIM_CHECK(sim, nkt_envelope_encode(&frame, &parts, swarm->identity.sign_secret, NULL) == NKT_OK);
        sim_rtc_send(sim, link->id, frame.data, frame.size, 0);
    }
    nkt_buf_free(&payload);
    nkt_buf_free(&frame);
}

static sim_verdict_t own_count(void *context, sim_t *sim, const sim_peer_t *from, const sim_peer_t *to, uint8_t *bytes, size_t *size)
{
    sim_haunt_t *haunt = context;
    uint8_t digest[NKT_DIGEST_SIZE];
    nkt_envelope_t envelope;
    (void)sim;
    (void)to;
    if (from->is_hostile || nkt_envelope_digest(bytes, *size, digest) < 0 || nkt_envelope_decode(&envelope, bytes, *size, digest) < 0)
        return SIM_PASS;
    if (envelope.kind < NKT_KIND_COUNT && nkt_address_compare(&envelope.from, &from->address) == 0)
        haunt->own_counts[envelope.kind]++;
    nkt_envelope_deinit(&envelope);
    return SIM_PASS;
}

/* What the honest peers send or make from now on, in that time: frames and offers of all of them. */
typedef struct sim_spending {
    double frames, offers, walks, wants;
} sim_spending_t;

static void spend_begin(sim_haunt_t *haunt)
{
    for (uint32_t i = 0; i < haunt->honest_count; i++)
        sim_peer_count_reset(haunt->sim->peers[i]);
    memset(haunt->own_counts, 0, sizeof haunt->own_counts);
}

static sim_spending_t spend_end(const sim_haunt_t *haunt)
{
    sim_spending_t sum = {.walks = (double)haunt->own_counts[NKT_KIND_WALK], .wants = (double)haunt->own_counts[NKT_KIND_WANT]};
    for (uint32_t i = 0; i < haunt->honest_count; i++) {
        const sim_peer_t *peer = haunt->sim->peers[i];
        sum.frames += (double)(peer->counts.rtc_frames + peer->counts.relay_frames);
        sum.offers += (double)peer->counts.rtc_offers;
    }
    return sum;
}

static sim_spending_t spend(sim_haunt_t *haunt, uint64_t for_ms)
{
    spend_begin(haunt);
    sim_run(haunt->sim, for_ms);
    return spend_end(haunt);
}

/* Of one honest peer a second. */
static double each_s(const sim_haunt_t *haunt, double count, uint64_t for_ms)
{
    return count * 1000 / (double)for_ms / haunt->honest_count;
}

/* Of all attempts at a session with one of them, since it was begun, the most. From this phantom on. */
static double attempts_most(const sim_haunt_t *haunt, uint32_t first, uint32_t count)
{
    double most = 0;
    for (uint32_t i = 0; i < haunt->honest_count; i++) {
        for (uint32_t k = first; k < first + count; k++) {
            const nkt_user_t *user = nkt_user_find(swarm_of(haunt->sim->peers[i]), &haunt->phantoms[k]->identity.address);
            SIM_CHECK(haunt->sim, user != NULL);
            most = user->talk.attempt > most ? user->talk.attempt : most;
        }
    }
    return most;
}

/* A room at work, and the phantoms known in it. */
static void begin(sim_haunt_t *haunt, const sim_run_options_t *run, uint32_t phantom_count)
{
    sim_options_t options = sim_defaults(run->seed);
    haunt->honest_count = sim_swarm_size(run, HONEST_COUNT);
    haunt->phantom_count = phantom_count;
    options.room = "room";
    options.cut_permille = 0;
    options.persist = haunt->has_storage;
    options.has_progress = !run->is_quiet;
    options.peer_count_max = haunt->honest_count + 1;
    sim_t *sim = haunt->sim = sim_new(&options);
    sim_malice_set(sim, &(sim_malice_t){.context = haunt, .has_strangers = 1, .rtc = own_count});
    sim_peers_start(sim, haunt->honest_count + 1, 50);
    haunt->member = sim->peers[haunt->honest_count];
    sim_until(sim, sim_all_have_sessions, 90000, "sessions");
    haunt->member->is_hostile = 1;
    sim_run(sim, SIM_SETTLE_MS);
    for (uint32_t i = 0; i < phantom_count; i++) {
        haunt->phantoms[i] = sim_alloc(1, sizeof *haunt->phantoms[i]);
        forge_init(haunt->phantoms[i], run->seed << 32 | i, options.room, "x", sim_wall_ms(sim));
    }
}

static void vouch(sim_haunt_t *haunt)
{
    for (uint32_t i = 0; i < haunt->phantom_count; i++) {
        forge_greeting(haunt->phantoms[i], NULL, sim_wall_ms(haunt->sim));
        frame_out(haunt, &haunt->phantoms[i]->frame);
        sim_run(haunt->sim, GREETING_GAP_MS);
    }
    for (uint32_t i = 0; i < haunt->phantom_count; i += AT_ONCE_COUNT) {
        tell(haunt, i);
        sim_run(haunt->sim, TOLD_GAP_MS);
    }
}

static void end(sim_haunt_t *haunt)
{
    sim_free(haunt->sim);
    for (uint32_t i = 0; i < haunt->phantom_count; i++) {
        forge_deinit(haunt->phantoms[i]);
        free(haunt->phantoms[i]);
    }
    free(haunt);
}

void scenario_phantoms(const sim_run_options_t *run)
{
    sim_haunt_t *haunt = sim_alloc(1, sizeof *haunt);
    begin(haunt, run, PHANTOM_COUNT);
    sim_t *sim = haunt->sim;
    double before = spend(haunt, SIM_SETTLE_MS).frames;
    vouch(haunt);
    for (uint32_t i = 0; i < haunt->honest_count; i++)
        sim_say(sim->peers[i], NULL); /* so something waits for each of them */
    sim_figure_list_t figures = {.count = 0};
    sim_figure(&figures, "frames_before_per_s", each_s(haunt, before, SIM_SETTLE_MS));
    sim_figure(&figures, "frames_per_s", each_s(haunt, spend(haunt, HAUNT_MS).frames, HAUNT_MS));
    sim_figure_most(&figures, "attempts_most", attempts_most(haunt, 0, PHANTOM_COUNT), ATTEMPT_COUNT);
    forge_envelope(haunt->phantoms[0], NKT_KIND_WANT, NULL, NULL, 0, sim_wall_ms(sim)); /* it is there after all */
    frame_out(haunt, &haunt->phantoms[0]->frame);
    sim_run(sim, HEARD_MS);
    sim_figure_most(&figures, "attempts_heard", attempts_most(haunt, 0, 1), HEARD_COUNT);
    sim_figures_print(sim, &figures);
    end(haunt);
}

/* Each says hello again by turns. */
static void speak(sim_haunt_t *haunt, uint32_t times)
{
    for (uint32_t i = 0; i < times; i++) {
        forge_t *phantom = haunt->phantoms[i % haunt->phantom_count];
        forge_greeting(phantom, NULL, sim_wall_ms(haunt->sim));
        frame_out(haunt, &phantom->frame);
        sim_run(haunt->sim, TALK_GAP_MS);
    }
}

void scenario_phantoms_talk(const sim_run_options_t *run)
{
    sim_haunt_t *haunt = sim_alloc(1, sizeof *haunt);
    begin(haunt, run, FEW_COUNT);
    haunt->is_linked = 1;
    vouch(haunt);
    speak(haunt, 3 * FEW_COUNT); /* what is done at once is done */
    spend_begin(haunt);
    speak(haunt, HAUNT_MS / TALK_GAP_MS);
    const sim_spending_t spent = spend_end(haunt);
    sim_figure_list_t figures = {.count = 0};
    sim_figure_most(&figures, "frames_per_s", each_s(haunt, spent.frames, HAUNT_MS), TALK_FRAME_COUNT);
    sim_figure_most(&figures, "walks_per_min", each_s(haunt, spent.walks, HAUNT_MS) * 60, WALK_COUNT);
    sim_figures_print(haunt->sim, &figures);
    end(haunt);
}

/* They are given up soon after each hello, as no neighbour passes it on, and something waits for them: others are asked for their keys. */
void scenario_phantoms_wanted(const sim_run_options_t *run)
{
    sim_haunt_t *haunt = sim_alloc(1, sizeof *haunt);
    begin(haunt, run, FEW_COUNT);
    vouch(haunt);
    for (uint32_t i = 0; i < haunt->honest_count; i++)
        sim_say(haunt->sim->peers[i], NULL);
    speak(haunt, 3 * FEW_COUNT);
    spend_begin(haunt);
    speak(haunt, HAUNT_MS / TALK_GAP_MS);
    const sim_spending_t spent = spend_end(haunt);
    sim_figure_list_t figures = {.count = 0};
    sim_figure(&figures, "frames_per_s", each_s(haunt, spent.frames, HAUNT_MS));
    sim_figure_most(&figures, "wants_per_min", each_s(haunt, spent.wants, HAUNT_MS) * 60, WANT_COUNT);
    sim_figures_print(haunt->sim, &figures);
    end(haunt);
}

/* Nobody vouches for the one stranger, who never answers but goes on speaking. */
void scenario_stranger_talks(const sim_run_options_t *run)
{
    sim_haunt_t *haunt = sim_alloc(1, sizeof *haunt);
    begin(haunt, run, 1);
    forge_t *stranger = haunt->phantoms[0];
    uint64_t *last_ms = sim_alloc(haunt->honest_count, sizeof *last_ms);
    double count = 0;
    haunt->is_linked = 1;
    forge_greeting(stranger, NULL, sim_wall_ms(haunt->sim));
    frame_out(haunt, &stranger->frame);
    for (uint32_t i = 0; i < SPEECH_MS / SPEECH_GAP_MS; i++) {
        sim_run(haunt->sim, SPEECH_GAP_MS);
        forge_envelope(stranger, NKT_KIND_WANT, NULL, NULL, 0, sim_wall_ms(haunt->sim));
        frame_out(haunt, &stranger->frame);
        for (uint32_t k = 0; k < haunt->honest_count; k++) {
            const nkt_user_t *user = nkt_user_find(swarm_of(haunt->sim->peers[k]), &stranger->identity.address);
            SIM_CHECK(haunt->sim, user != NULL);
            count += user->talk.attempt_ms != last_ms[k];
            last_ms[k] = user->talk.attempt_ms;
        }
    }
    sim_figure_list_t figures = {.count = 0};
    sim_figure_most(&figures, "attempts_each", count / haunt->honest_count, SPEECH_ATTEMPT_COUNT);
    sim_figures_print(haunt->sim, &figures);
    free(last_ms);
    end(haunt);
}

void scenario_phantoms_linked(const sim_run_options_t *run)
{
    sim_haunt_t *haunt = sim_alloc(1, sizeof *haunt);
    begin(haunt, run, FEW_COUNT);
    haunt->is_linked = 1;
    vouch(haunt);
    const sim_spending_t spent = spend(haunt, HAUNT_MS);
    sim_figure_list_t figures = {.count = 0};
    sim_figure(&figures, "frames_per_s", each_s(haunt, spent.frames, HAUNT_MS));
    sim_figure_most(&figures, "offers_per_min", each_s(haunt, spent.offers, HAUNT_MS) * 60, OFFER_COUNT);
    sim_figure_most(&figures, "walks_per_min", each_s(haunt, spent.walks, HAUNT_MS) * 60, WALK_COUNT);
    sim_peer_leave(haunt->sim->peers[0], 0); /* a link is lost: that is news */
    sim_figure_least(&figures, "walks_after", spend(haunt, LOST_MS).walks / (haunt->honest_count - 1), LOST_WALK_COUNT);
    sim_figures_print(haunt->sim, &figures);
    end(haunt);
}

/* ---- those who come and go ---- */

/* Of the honest but for the first: memory of the largest, and how many it knows. */
static void sizes_take(const sim_haunt_t *haunt, double *memory, double *known)
{
    *memory = *known = 0;
    for (uint32_t i = 1; i < haunt->honest_count; i++) {
        const sim_peer_t *peer = haunt->sim->peers[i];
        const double count = (double)swarm_of(peer)->users.count;
        *memory = (double)peer->core_size > *memory ? (double)peer->core_size : *memory;
        *known = count > *known ? count : *known;
    }
}

/* So many by turns, each in the place of one before. Tells of the sizes when most are there. */
static void pass(sim_haunt_t *haunt, uint64_t seed, uint32_t count, double *memory, double *known)
{
    for (uint32_t n = 0; n < count; n++) {
        const uint32_t i = n % PHANTOM_COUNT;
        forge_t *phantom = haunt->phantoms[i];
        if (n >= PHANTOM_COUNT && n % 2 == 0) { /* each other one says that he goes */
            forge_envelope(phantom, NKT_KIND_BYE, NULL, NULL, 0, sim_wall_ms(haunt->sim));
            frame_out(haunt, &phantom->frame);
        }
        forge_deinit(phantom);
        forge_init(phantom, seed + n, "room", "x", sim_wall_ms(haunt->sim));
        forge_greeting(phantom, NULL, sim_wall_ms(haunt->sim));
        frame_out(haunt, &phantom->frame);
        sim_run(haunt->sim, n < PASS_AT_ONCE_COUNT ? PASS_GAP_MS : PASS_LATER_MS);
        if (n % AT_ONCE_COUNT == AT_ONCE_COUNT - 1)
            tell(haunt, i + 1 - AT_ONCE_COUNT);
        if (n == PASS_AT_ONCE_COUNT)
            sizes_take(haunt, memory, known);
    }
}

void scenario_phantoms_pass(const sim_run_options_t *run)
{
    sim_haunt_t *haunt = sim_alloc(1, sizeof *haunt);
    double memory[2], known[2], steps[2] = {0};
    uint64_t part_ms = 0;
    sim_spending_t spent[2];
    haunt->has_storage = 1;
    begin(haunt, run, PHANTOM_COUNT);
    sim_t *sim = haunt->sim;
    sim_peer_t *friend = sim->peers[0];
    sim_peer_leave(friend, 1);
    sim_run(sim, SIM_SETTLE_MS);
    uint32_t said = 0;
    const uint32_t parts = run->minutes > 0 ? 2 + run->minutes / PASS_MINUTES : PASS_PARTS;
    for (uint32_t part = 0; part < parts; part++) {
        const int is_last = part == parts - 1;
        if (is_last)
            said = sim_say(sim->peers[1], friend);
        spend_begin(haunt);
        part_ms = sim->now_ms;
        pass(haunt, (run->seed << 32 | 1u << 20) + part * PASS_COUNT, PASS_COUNT, &memory[is_last], &known[is_last]);
        part_ms = sim->now_ms - part_ms;
        if (part != 1 && !is_last)
            continue;
        spent[is_last] = spend_end(haunt);
        for (uint32_t i = 1; i < haunt->honest_count; i++)
            steps[is_last] += (double)sim->peers[i]->counts.steps;
    }
    for (uint32_t i = 1; i < haunt->honest_count; i++) {
        for (uint32_t k = 0; k < haunt->honest_count; k++) {
            const nkt_user_t *user = nkt_user_find(swarm_of(sim->peers[i]), &sim->peers[k]->address);
            SIM_CHECK(sim, k == i || (user != NULL && (k == 0 || user->mesh.link != NULL))); /* nobody is pushed out */
        }
    }
    sim_peer_start(friend);
    const uint64_t begun_ms = sim->now_ms;
    while (sim->now_ms < begun_ms + SIM_SETTLE_MS && sim_heard_count(sim, said, friend) == 0)
        sim_run(sim, SIM_TICK_MS);
    sim_figure_list_t figures = {.count = 0};
    sim_figure_most(&figures, "heard_ms", (double)(sim->now_ms - begun_ms), RETURN_MS);
    sim_figure(&figures, "frames_per_s_early", each_s(haunt, spent[0].frames, part_ms));
    sim_figure_most(&figures, "frames_per_s", each_s(haunt, spent[1].frames, part_ms),
                    each_s(haunt, spent[0].frames, part_ms) * FLAT_PERCENT / 100);
    sim_figure(&figures, "steps_early", steps[0]);
    sim_figure_most(&figures, "steps", steps[1], steps[0] * FLAT_PERCENT / 100);
    sim_figure(&figures, "memory_early", memory[0]);
    sim_figure_most(&figures, "memory", memory[1], memory[0] * FLAT_PERCENT / 100);
    sim_figure(&figures, "known_early", known[0]);
    sim_figure_most(&figures, "known", known[1], NKT_USER_VAST_COUNT_MAX + HONEST_COUNT + 1); /* of what there is room for, 256 */
    sim_figures_print(sim, &figures);
    end(haunt);
}
