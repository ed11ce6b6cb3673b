/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What peers do, to be counted in instructions: `npm run bench:cost` runs this under callgrind. Worlds of the simulator with
 * nothing left to chance, or one core among many (unit/scene.h); so it is the same count each time.
 */
#include <gnu/libc-version.h>
#include <stdio.h>
#include <string.h>

#include "count.h"
#include "scene.h"
#include "world.h"

/* Every third turn the peers change KEM keys, so turns are counted in threes. */
enum { REPEAT_COUNT = 2, TURN_COUNT = 6, FLIGHT_MS = 20, REST_MS = 1000, MINUTE_MS = 60000 };

/* What counts depend on, besides what is counted. */
TEST(made_with)
{
#if defined(__x86_64__)
    const char *machine = "x86_64";
#elif defined(__aarch64__)
    const char *machine = "aarch64";
#else
    const char *machine = "another";
#endif
    printf("made with: %s, glibc %s, %s\n", __VERSION__, gnu_get_libc_version(), machine);
}

static sim_options_t world(int has_relay, int has_tracker)
{
    sim_options_t options = sim_defaults(1);
    options.relay_count = has_relay;
    options.tracker_count = has_tracker;
    options.latency_ms = (sim_range_t){FLIGHT_MS, FLIGHT_MS};
    options.gather_ms = options.setup_ms = (sim_range_t){50, 50};
    options.late_ms = (sim_range_t){0, 0};
    options.cut_permille = has_tracker ? 0 : 1000; /* without one: no WebRTC */
    return options;
}

static sim_t *room(uint32_t count, int persist)
{
    sim_options_t options = world(1, 1);
    options.persist = persist;
    sim_t *sim = sim_new(&options);
    sim_peers_start(sim, count, 100);
    sim_until(sim, sim_all_have_sessions, 10000, "sessions");
    sim_until(sim, sim_all_are_linked, 30000, "links");
    for (int i = 0; i < 2; i++) { /* all keys are used and known at both ends */
        for (uint32_t from = 0; from < count; from++)
            sim_say(sim->peers[from], NULL);
        sim_run(sim, 4 * REST_MS);
    }
    return sim;
}

/* ---- keys ---- */

static void identity_create(void *context)
{
    check_entropy_t *entropy = context;
    const nkt_host_t host = check_host(entropy);
    nkt_identity_t identity;
    CHECK_OK(nkt_identity_create(&identity, &host));
    nkt_identity_wipe(&identity);
}

TEST(identity)
{
    check_entropy_t entropy = {.seed = 1};
    identity_create(&entropy); /* what is set up once in a program */
    count_begin();
    for (int i = 0; i < REPEAT_COUNT; i++)
        count_call(identity_create, &entropy);
    count_end("identity", REPEAT_COUNT);
    count_rest();
}

static void session_make(void *context)
{
    pair_t *pair = context;
    uint8_t prekey[32];
    CHECK_OK(nkt_session_give_prekey(pair->bob.sessions, &pair->of_bob.session, prekey));
    CHECK_OK(end_initiate(&pair->of_alice, pair->of_bob.session.prekey_id, prekey));
    letter_pass(&pair->of_alice, &pair->of_bob, "first");
    letter_pass(&pair->of_bob, &pair->of_alice, "answer");
}

/* One letter each way, and what comes before. */
TEST(session)
{
    pair_t pair;
    person_init(&pair.alice, 1);
    person_init(&pair.bob, 2);
    end_init(&pair.of_alice, &pair.alice, &pair.bob);
    end_init(&pair.of_bob, &pair.bob, &pair.alice);
    count_begin();
    count_call(session_make, &pair);
    count_end("session", 1);
    count_rest();
    pair_deinit(&pair);
}

/* ---- coming ---- */

static void start_count(sim_peer_t *peer, const char *action)
{
    count_begin();
    sim_peer_start(peer);
    count_end(action, 1);
}

/* A peer that is new, and one that was here before; alone, so no more than that. */
TEST(start)
{
    sim_options_t options = world(1, 1);
    options.persist = 1;
    sim_t *sim = sim_new(&options);
    sim_peer_t *peer = sim_peer_add(sim, NULL);
    start_count(peer, "start");
    sim_run(sim, REST_MS);
    sim_peer_stop(peer);
    sim_run(sim, REST_MS);
    start_count(peer, "start_again");
    count_rest();
    sim_free(sim);
}

/* From the start of the second to what each said to the other, heard and acknowledged: both together. */
static void first_contact_count(int has_relay, const char *action)
{
    for (uint64_t seed = 1; seed <= REPEAT_COUNT; seed++) {
        sim_options_t options = world(has_relay, !has_relay);
        options.seed = seed;
        sim_t *sim = sim_new(&options);
        sim_peers_start(sim, 1, 5 * REST_MS);
        count_begin();
        sim_peers_start(sim, 1, 0);
        sim_until(sim, sim_all_have_sessions, MINUTE_MS, "sessions");
        sim_say(sim->peers[1], sim->peers[0]);
        sim_say(sim->peers[0], sim->peers[1]);
        sim_until(sim, sim_all_delivered, MINUTE_MS, "delivered");
        count_end(action, 1);
        count_rest();
        sim_free(sim);
    }
}

TEST(first_contact)
{
    first_contact_count(1, "first_contact_relay");
    first_contact_count(0, "first_contact_webrtc");
}

/* ---- talking, over WebRTC: both ends together ---- */

static void one_way_count(size_t size, int persist, const char *action, const char *acknowledgement)
{
    sim_t *sim = room(2, persist);
    for (int i = 0; i < TURN_COUNT; i++) {
        count_begin();
        uint32_t number = sim_say_size(sim->peers[0], sim->peers[1], size);
        sim_run(sim, FLIGHT_MS);
        count_end(action, 1);
        CHECK_EQ(sim_heard_count(sim, number, sim->peers[1]), 1);
        count_begin();
        sim_run(sim, REST_MS);
        count_end(acknowledgement, 1);
    }
    sim_until(sim, sim_all_delivered, REST_MS, "acknowledged");
    count_rest();
    sim_free(sim);
}

TEST(one_way)
{
    one_way_count(100, 0, "one_way_100", "acknowledgement");
    one_way_count(1024, 0, "one_way_1024", "acknowledgement");
    one_way_count(1024, 1, "one_way_1024_stored", "acknowledgement_stored");
}

/* One turn after the other, each the answer to the last; acknowledgements travel with them. */
static void there_and_back_count(size_t size, int persist, const char *action)
{
    sim_t *sim = room(2, persist);
    for (int i = 0; i < 2; i++) {
        if (i > 0)
            count_begin();
        for (int turn = 0; turn < TURN_COUNT; turn++) {
            sim_say_size(sim->peers[0], sim->peers[1], size);
            sim_run(sim, FLIGHT_MS);
            uint32_t number = sim_say_size(sim->peers[1], sim->peers[0], size);
            sim_run(sim, FLIGHT_MS);
            CHECK_EQ(sim_heard_count(sim, number, sim->peers[0]), 1);
        }
    }
    count_end(action, TURN_COUNT);
    count_rest();
    sim_free(sim);
}

TEST(there_and_back)
{
    there_and_back_count(100, 0, "there_and_back_100");
    there_and_back_count(1024, 0, "there_and_back_1024");
    there_and_back_count(1024, 1, "there_and_back_1024_stored");
}

/* As many as may be said at once, and all that follows. */
TEST(in_a_row)
{
    enum { ROW_COUNT = 32 };
    sim_t *sim = room(2, 0);
    count_begin();
    for (int i = 0; i < ROW_COUNT; i++)
        sim_say_size(sim->peers[0], sim->peers[1], 1024);
    sim_until(sim, sim_all_delivered, MINUTE_MS, "delivered");
    count_end("in_a_row_1024", ROW_COUNT);
    count_rest();
    sim_free(sim);
}

/* ---- what may be lost, as bytes: both ends together ---- */

static void raw_heard(void *context, const sim_peer_t *peer, const nkt_effect_t *fx)
{
    unsigned *count = context;
    (void)peer;
    *count += (fx->flags & NKT_EPHEMERAL_RAW) != 0;
}

/* One after the other, as letters are typed; while the key is new, so by the channel that loses nothing. */
TEST(ephemeral)
{
    static const uint8_t bytes[60] = {'Y'};
    unsigned heard = 0;
    sim_t *sim = room(2, 0);
    sim->ephemeral.heard = raw_heard;
    sim->ephemeral.context = &heard;
    nkt_event_t said = {.kind = NKT_EV_EPHEMERAL,
                        .flags = NKT_EPHEMERAL_RAW,
                        .address = sim->peers[1]->address,
                        .bytes = bytes,
                        .bytes_size = sizeof bytes};
    for (int i = -2; i < TURN_COUNT; i++) { /* the first tells the key, and is answered */
        if (i >= 0)
            count_begin();
        CHECK_EQ(sim_peer_step(sim->peers[0], &said), 1);
        sim_run(sim, FLIGHT_MS);
        if (i >= 0)
            count_end("ephemeral_60", 1);
    }
    CHECK_EQ(heard, TURN_COUNT + 2);
    count_rest();
    sim_free(sim);
}

/* ---- to everybody ---- */

/* Of the author; his keys they have. */
static void broadcast_count(size_t count, const char *action)
{
    static const char text[] = "{\"text\":\"as long as what people say to each other usually is\"}";
    scene_t *scene = scene_new(count);
    for (int i = -2; i < 2 * REPEAT_COUNT; i++) {
        scene->now_ms += 10;
        if (i >= 0)
            count_begin();
        scene_step(scene, &(nkt_event_t){.kind = NKT_EV_SAY, .bytes = (const uint8_t *)text, .bytes_size = sizeof text - 1});
        if (i >= 0)
            count_end(action, 1);
        scene_settle(scene);
    }
    count_rest();
    scene_free(scene, count);
}

TEST(broadcast)
{
    broadcast_count(5, "broadcast_5");
    broadcast_count(20, "broadcast_20");
    broadcast_count(200, "broadcast_200");
}

/* ---- being there ---- */

/* Of all in a room of so many, in a minute in which nobody says anything. */
static void idle_count(uint32_t count, uint32_t minutes, const char *action)
{
    sim_t *sim = room(count, 0);
    sim_run(sim, MINUTE_MS);
    count_begin();
    sim_run(sim, minutes * MINUTE_MS);
    count_end(action, minutes * count);
    count_rest();
    sim_free(sim);
}

TEST(idle)
{
    idle_count(2, 4, "idle_minute_of_2");
    idle_count(8, 2, "idle_minute_of_8");
}
