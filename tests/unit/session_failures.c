/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Entropy and memory that fail in the middle: a clean error, the state as it was, nothing leaked, and it goes on after. */
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "pair.h"
#include "session/internal.h"

typedef enum operation {
    GIVE_PREKEY,
    INITIATE,
    ENCRYPT,
    ENCRYPT_DUE,    /* and a KEM key is to be answered or offered before */
    DECRYPT_FIRST,  /* a prekey message */
    DECRYPT_SECOND, /* on a chain that is known */
    DECRYPT_TURN,   /* on a new chain: the ratchet turns */
    OPERATION_COUNT
} operation_t;

static const char *const names[OPERATION_COUNT] = {"give prekey",    "initiate",       "encrypt", "encrypt, exchange",
                                                   "decrypt first", "decrypt second", "decrypt turn"};

typedef struct scene {
    pair_t pair;
    letter_t letter;
    uint8_t prekey[32];
    end_t *actor;
} scene_t;

static void scene_init(scene_t *scene, operation_t operation)
{
    pair_t *pair = &scene->pair;
    letter_t lost;
    scene->actor = &pair->of_bob;
    if (operation <= INITIATE) {
        pair_init(pair, operation != GIVE_PREKEY);
    } else if (operation == DECRYPT_FIRST) {
        pair_init(pair, 1);
        letter_write(&pair->of_alice, "x", &scene->letter);
    } else if (operation == ENCRYPT_DUE) {
        pair_init_established(pair);
        end_t *const ends[] = {&pair->of_alice, &pair->of_bob};
        for (int who = 0; !nkt_kem_is_due(scene->actor->session.live->kem[0]); who = !who)
            letter_pass(ends[who], ends[!who], "turn");
    } else {
        pair_init_established(pair);
        if (operation == DECRYPT_SECOND)
            letter_pass(&pair->of_alice, &pair->of_bob, "turn");
        letter_write(&pair->of_alice, "lost", &lost);
        letter_write(&pair->of_alice, "x", &scene->letter);
    }
}

static int scene_run(scene_t *scene, operation_t operation)
{
    nkt_session_t *session = &scene->actor->session;
    nkt_sessions_t *sessions = scene->actor->person->sessions;
    nkt_buf_t out = {0};
    nkt_ciphertext_t sealed;
    int err;
    switch (operation) {
    case GIVE_PREKEY:
        return nkt_session_give_prekey(sessions, session, scene->prekey);
    case INITIATE:
        return end_initiate(scene->actor, 0, NULL);
    case ENCRYPT:
    case ENCRYPT_DUE:
        err = nkt_session_encrypt(sessions, session, (const uint8_t *)"x", 1, &sealed);
        break;
    default:
        err = letter_decrypt(scene->actor, &scene->letter, &out);
        if (err == NKT_OK)
            CHECK_BYTES(out.data, "x", 1);
        break;
    }
    nkt_buf_free(&out);
    return err;
}

TEST(session_without_entropy_is_as_it_was)
{
    /* one for each new key pair, one for a KEM secret, one for the half of a message */
    static const unsigned draws[OPERATION_COUNT] = {1, 3, 1, 2, 1, 0, 1};
    for (operation_t operation = 0; operation < OPERATION_COUNT; operation++) {
        unsigned failed_count = 0;
        for (int err = NKT_E_ENTROPY; err < 0; failed_count++) {
            scene_t scene;
            snapshot_t before;
            scene_init(&scene, operation);
            check_entropy_t *entropy = &scene.actor->person->entropy;
            snapshot_take(&before, scene.actor);
            uint32_t next_prekey_id = scene.actor->person->identity.next_prekey_id;
            entropy->fail_at = entropy->call_count + failed_count + 1;
            check_row("%s, draw %u fails", names[operation], failed_count + 1);
            err = scene_run(&scene, operation);
            entropy->fail_at = 0;
            if (err < 0) {
                CHECK_ERR(err, NKT_E_ENTROPY);
                snapshot_compare(&before, scene.actor);
                CHECK_EQ(scene.actor->person->identity.next_prekey_id, next_prekey_id);
                CHECK_OK(scene_run(&scene, operation));
            } else {
                snapshot_restore(&before, scene.actor);
            }
            pair_deinit(&scene.pair);
        }
        check_row("%s", names[operation]);
        CHECK_EQ(failed_count - 1, draws[operation]);
    }
}

/* libsignal goes on without a part of the session that it could not read, so a failure need not show. */
static int scene_run_without_memory(scene_t *scene, operation_t operation, unsigned n, int *has_failed)
{
    leaks_allow(1);
    check_allocations_fail_at(n);
    int err = scene_run(scene, operation);
    *has_failed = check_allocation_failed();
    check_allocations_fail_at(0);
    leaks_allow(0);
    return err;
}

TEST(session_without_memory_is_as_it_was)
{
    for (operation_t operation = 0; operation < OPERATION_COUNT; operation++) {
        unsigned n = 0;
        for (int has_failed = 1; has_failed;) {
            scene_t scene;
            snapshot_t before;
            scene_init(&scene, operation);
            snapshot_take(&before, scene.actor);
            check_row("%s, allocation %u fails", names[operation], ++n);
            int err = scene_run_without_memory(&scene, operation, n, &has_failed);
            CHECK(has_failed || err == NKT_OK);
            if (err < 0)
                snapshot_compare(&before, scene.actor);
            else
                snapshot_restore(&before, scene.actor);
            if (err < 0)
                CHECK_OK(scene_run(&scene, operation));
            pair_deinit(&scene.pair);
        }
        printf("%s: %u allocations\n", names[operation], n - 1);
    }
}

TEST(sessions_without_memory_are_not_made)
{
    person_t person;
    person_init(&person, 1);
    int has_failed = 1;
    for (unsigned n = 1; has_failed; n++) {
        nkt_sessions_t *sessions = NULL;
        check_row("allocation %u", n);
        check_allocations_fail_at(n);
        int err = nkt_sessions_new(&person.identity, &person.host, &sessions);
        has_failed = check_allocation_failed();
        CHECK_EQ(err < 0, has_failed);
        CHECK(err == NKT_OK || err == NKT_E_MEMORY || err == NKT_E_CRYPTO);
        CHECK((sessions != NULL) == (err == NKT_OK));
        nkt_sessions_free(sessions);
    }
    nkt_sessions_free(NULL);
    person_deinit(&person);
}
