/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "scene.h"

#include <stdlib.h>
#include <string.h>

#include "delivery/delivery.h"
#include "people/people.h"

enum { WALL_S = 1700000000 };

static void drain(scene_t *scene)
{
    nkt_effect_t fx;
    while (nkt_poll(scene->core, &fx))
        ;
}

void scene_step(scene_t *scene, nkt_event_t *event)
{
    event->now_ms = scene->now_ms;
    event->wall_ms = WALL_S * 1000ull + scene->now_ms;
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
    CHECK_OK(nkt_record_create(&record, &scene->people[i].identity, &facts, WALL_S * 1000ull));
    CHECK_OK(nkt_user_add(scene->swarm, &record, &user));
    user->standing.is_member = 1;
    user->presence.relay_bits = 1;
    session_make(scene, i, user);
}

scene_t *scene_new(size_t count)
{
    static const char options[] = "{\"nick\":\"Ada\",\"room\":\"tea\",\"relays\":[\"ws://127.0.0.1:1\"]}";
    uint8_t seed[NKT_SEED_SIZE] = {1};
    scene_t *scene = calloc(1, sizeof *scene);
    CHECK(scene != NULL);
    scene->entropy.seed = 7;
    scene->host = check_host(&scene->entropy);
    CHECK_OK(nkt_new_json(options, sizeof options - 1, NULL, seed, &scene->host, &scene->core));
    scene->swarm = (nkt_swarm_t *)(void *)scene->core;
    scene_step(scene, &(nkt_event_t){.kind = NKT_EV_START});
    scene_step(scene, &(nkt_event_t){.kind = NKT_EV_LINK_UP, .link = scene->swarm->links[0]->id});
    for (size_t i = 0; i < count; i++)
        user_make(scene, i);
    return scene;
}

void scene_free(scene_t *scene, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        end_deinit(&scene->ends[i]);
        person_deinit(&scene->people[i]);
    }
    nkt_free(scene->core);
    free(scene);
}

void scene_settle(scene_t *scene)
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
