/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bench_group: what a message to everybody costs its author, told to each in its session and told to all under a sender
 * key, by number of recipients. CPU time of a whole "say" of a real core, effects drained; JSON on stdout. To be run
 * from a release build (`node tools/build.mjs release`); compare ratios of one run, never times of two.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "check.h"
#include "delivery/delivery.h"
#include "pair.h"
#include "people/people.h"
#include "state/swarm.h"

enum { ROUND_COUNT = 31, COUNT_MAX = 200, WALL_MS = 1700000000 };

static const char text[] = "{\"text\":\"as long as what people say to each other usually is\"}";

typedef struct scene {
    check_entropy_t entropy;
    nkt_host_t host;
    nkt_core_t *core;
    nkt_swarm_t *swarm; /* of the core, which it begins with */
    uint64_t now_ms;
    person_t people[COUNT_MAX];
    end_t ends[COUNT_MAX];
} scene_t;

static void drain(scene_t *scene)
{
    nkt_effect_t fx;
    while (nkt_poll(scene->core, &fx))
        ;
}

static void step(scene_t *scene, nkt_event_t *event)
{
    event->now_ms = scene->now_ms;
    event->wall_ms = WALL_MS * 1000ull + scene->now_ms;
    CHECK_OK(nkt_step(scene->core, event));
    drain(scene);
}

/* A session that both ends have used, as it is after a while. */
static void session_make(scene_t *scene, size_t i, nkt_user_t *user)
{
    person_t *person = &scene->people[i];
    end_t *end = &scene->ends[i];
    nkt_ciphertext_t out;
    nkt_buf_t plain = {0};
    const nkt_session_bundle_t bundle = {
        .registration_id = user->record.registration_id,
        .signed_prekey_id = user->record.signed_prekey_id,
        .signed_prekey = user->record.signed_prekey,
        .signed_prekey_signature = user->record.signed_prekey_signature,
        .kem_key = person->identity.kem_public,
    };
    end->person = person;
    end->session.address = scene->swarm->identity.address;
    memcpy(end->session.identity_key, scene->swarm->identity.identity_public, 32);
    CHECK_OK(nkt_session_initiate(scene->swarm->sessions, &user->session, &bundle));
    CHECK_OK(nkt_session_encrypt(scene->swarm->sessions, &user->session, (const uint8_t *)"x", 1, &out));
    CHECK_OK(nkt_session_decrypt(person->sessions, &end->session, &out, &plain));
    CHECK_OK(nkt_session_encrypt(person->sessions, &end->session, (const uint8_t *)"x", 1, &out));
    CHECK_OK(nkt_session_decrypt(scene->swarm->sessions, &user->session, &out, &plain));
    nkt_buf_free(&plain);
    user->talk.state = NKT_SESSION_ESTABLISHED;
}

static void user_make(scene_t *scene, size_t i)
{
    nkt_record_t record;
    nkt_user_t *user;
    char nick[] = "somebody";
    const nkt_record_facts_t facts = {.nick = nick};
    person_init(&scene->people[i], 1000 + i);
    CHECK_OK(nkt_record_create(&record, &scene->people[i].identity, &facts, WALL_MS * 1000ull));
    CHECK_OK(nkt_user_add(scene->swarm, &record, &user));
    user->standing.is_member = 1;
    user->presence.relay_bits = 1;
    session_make(scene, i, user);
}

static scene_t *scene_new(size_t count)
{
    static const char options[] = "{\"nick\":\"Ada\",\"room\":\"tea\",\"relays\":[\"ws://127.0.0.1:1\"]}";
    uint8_t seed[NKT_SEED_SIZE] = {1};
    scene_t *scene = calloc(1, sizeof *scene);
    CHECK(scene != NULL);
    scene->entropy.seed = 7;
    scene->host = check_host(&scene->entropy);
    CHECK_OK(nkt_new_json(options, sizeof options - 1, NULL, seed, &scene->host, &scene->core));
    scene->swarm = (nkt_swarm_t *)(void *)scene->core;
    step(scene, &(nkt_event_t){.kind = NKT_EV_START});
    step(scene, &(nkt_event_t){.kind = NKT_EV_LINK_UP, .link = scene->swarm->links[0]->id});
    for (size_t i = 0; i < count; i++)
        user_make(scene, i);
    return scene;
}

static void scene_free(scene_t *scene, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        end_deinit(&scene->ends[i]);
        person_deinit(&scene->people[i]);
    }
    nkt_free(scene->core);
    free(scene);
}

/* All have heard everything, and hold the key. */
static void settle(scene_t *scene)
{
    nkt_swarm_t *swarm = scene->swarm;
    for (size_t i = 0; i < swarm->users.count; i++) {
        nkt_user_t *user = swarm->user_list[i];
        nkt_outbox_acked(swarm, user, &(nkt_ack_range_t){.stream_id = user->delivery.stream_id, .first = 1, .last = UINT64_MAX});
        nkt_outbox_acked(swarm, user, &(nkt_ack_range_t){.stream_id = swarm->group.stream_id, .first = 1, .last = UINT64_MAX});
        nkt_group_held(swarm, user, swarm->group.key.epoch);
        CHECK(user->delivery.flight_count == 0 && user->delivery.queue_count == 0);
    }
    drain(scene);
}

static double cpu_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static int order(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* Median CPU of one message to everybody, in microseconds. */
static double measure(size_t count, int is_group)
{
    double us[ROUND_COUNT];
    scene_t *scene = scene_new(count);
    scene->swarm->group.count_min = is_group ? 2 : SIZE_MAX;
    for (int i = -2; i < ROUND_COUNT; i++) { /* the first takes the keys along */
        scene->now_ms += 10;
        double start = cpu_us();
        step(scene, &(nkt_event_t){.kind = NKT_EV_SAY, .bytes = (const uint8_t *)text, .bytes_size = sizeof text - 1});
        if (i >= 0)
            us[i] = cpu_us() - start;
        settle(scene);
    }
    CHECK(scene->swarm->counters.counts[NKT_TALLY_GROUP_OUT] == (is_group ? ROUND_COUNT + 1 : 0));
    scene_free(scene, count);
    qsort(us, ROUND_COUNT, sizeof us[0], order);
    return us[ROUND_COUNT / 2];
}

TEST(bench)
{
    static const size_t counts[] = {2, 3, 4, 8, 12, 16, 17, 24, 32, 64, 100, 200};
    printf("{\"bench\":\"group\",\"threshold\":%d,\"rows\":[", NKT_GROUP_COUNT_MIN);
    for (size_t i = 0; i < COUNT_OF(counts); i++) {
        double pairwise = measure(counts[i], 0), group = measure(counts[i], 1);
        printf("%s\n {\"recipients\":%zu,\"pairwise_us\":%.0f,\"group_us\":%.0f,\"ratio\":%.1f}", i > 0 ? "," : "", counts[i],
               pairwise, group, pairwise / group);
        fflush(stdout);
    }
    puts("\n]}");
}
