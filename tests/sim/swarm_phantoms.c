/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Keys that somebody made and threw away say hello once each, and a member of the room, linked and trusted, vouches for them by passing
 * on their records. What is said to all waits for them: how often an honest peer then asks each for the key of a session.
 */
#include <stdlib.h>

#include "forge.h"
#include "nkt.pb-c.h"
#include "relay/relay.h"
#include "state/state.h"
#include "state/swarm.h"
#include "swarm.h"
#include "wire/envelope.h"
#include "wire/kinds.h"
#include "wire/pack.h"

enum {
    HONEST_COUNT = 3,
    PHANTOM_COUNT = 80, /* with them it is a crowd, in which nobody asks after everybody */
    AT_ONCE_COUNT = 20, /* records in one frame */
    GREETING_GAP_MS = 50,
    TOLD_GAP_MS = 1000, /* so fast records are taken from one */
    HAUNT_MS = 15 * 60000,
    ATTEMPT_COUNT = 16, /* asked every 8 s it would be 110 */
    HEARD_MS = 3000,
    HEARD_COUNT = 5, /* asked anew, at the pace of those who are there */
};

typedef struct sim_haunt {
    sim_t *sim;
    sim_peer_t *member;
    forge_t *phantoms[PHANTOM_COUNT];
    uint32_t honest_count;
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

/* What one of them says goes through the member's socket. */
static void frame_out(sim_haunt_t *haunt, const nkt_buf_t *frame)
{
    sim_t *sim = haunt->sim;
    nkt_buf_t message = {0};
    SIM_CHECK(sim, nkt_relay_encode_frame(&message, NULL, frame->data, frame->size) == NKT_OK);
    for (size_t i = 0; i < haunt->member->link_count; i++) {
        const nkt_link_t *link = nkt_link_find(swarm_of(haunt->member), haunt->member->links[i].link);
        if (link != NULL && link->kind == NKT_LINK_RELAY)
            sim_socket_send(sim, haunt->member->links[i].id, message.data, message.size, 0);
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

/* Frames of one honest peer a second, in that time. */
static double frames_of(const sim_haunt_t *haunt, uint64_t for_ms)
{
    double frames = 0;
    for (uint32_t i = 0; i < haunt->honest_count; i++)
        sim_peer_count_reset(haunt->sim->peers[i]);
    sim_run(haunt->sim, for_ms);
    for (uint32_t i = 0; i < haunt->honest_count; i++)
        frames += (double)(haunt->sim->peers[i]->counts.rtc_frames + haunt->sim->peers[i]->counts.relay_frames);
    return frames * 1000 / (double)for_ms / haunt->honest_count;
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

void scenario_phantoms(const sim_run_options_t *run)
{
    sim_options_t options = sim_defaults(run->seed);
    sim_haunt_t *haunt = sim_alloc(1, sizeof *haunt);
    haunt->honest_count = sim_swarm_size(run, HONEST_COUNT);
    options.room = "room";
    options.cut_permille = 0;
    options.has_progress = !run->is_quiet;
    options.peer_count_max = haunt->honest_count + 1;
    sim_t *sim = haunt->sim = sim_new(&options);
    sim_malice_set(sim, &(sim_malice_t){.has_strangers = 1});
    sim_peers_start(sim, haunt->honest_count + 1, 50);
    haunt->member = sim->peers[haunt->honest_count];
    sim_until(sim, sim_all_have_sessions, 90000, "sessions");
    haunt->member->is_hostile = 1;
    sim_run(sim, SIM_SETTLE_MS);
    double before = frames_of(haunt, SIM_SETTLE_MS);
    for (uint32_t i = 0; i < PHANTOM_COUNT; i++) {
        haunt->phantoms[i] = sim_alloc(1, sizeof *haunt->phantoms[i]);
        forge_init(haunt->phantoms[i], run->seed << 32 | i, options.room, "x", sim_wall_ms(sim));
    }
    for (uint32_t i = 0; i < PHANTOM_COUNT; i++) {
        forge_greeting(haunt->phantoms[i], NULL, sim_wall_ms(sim));
        frame_out(haunt, &haunt->phantoms[i]->frame);
        sim_run(sim, GREETING_GAP_MS);
    }
    for (uint32_t i = 0; i < PHANTOM_COUNT; i += AT_ONCE_COUNT) {
        tell(haunt, i);
        sim_run(sim, TOLD_GAP_MS);
    }
    for (uint32_t i = 0; i < haunt->honest_count; i++)
        sim_say(sim->peers[i], NULL); /* so something waits for each of them */
    sim_figure_list_t figures = {.count = 0};
    sim_figure(&figures, "frames_before_per_s", before);
    sim_figure(&figures, "frames_per_s", frames_of(haunt, HAUNT_MS));
    sim_figure_most(&figures, "attempts_most", attempts_most(haunt, 0, PHANTOM_COUNT), ATTEMPT_COUNT);
    forge_envelope(haunt->phantoms[0], NKT_KIND_WANT, NULL, NULL, 0, sim_wall_ms(sim)); /* it is there after all */
    frame_out(haunt, &haunt->phantoms[0]->frame);
    sim_run(sim, HEARD_MS);
    sim_figure_most(&figures, "attempts_heard", attempts_most(haunt, 0, 1), HEARD_COUNT);
    sim_figures_print(sim, &figures);
    sim_free(sim);
    for (uint32_t i = 0; i < PHANTOM_COUNT; i++) {
        forge_deinit(haunt->phantoms[i]);
        free(haunt->phantoms[i]);
    }
    free(haunt);
}
