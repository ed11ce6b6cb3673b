/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sender keys: as they should go, in the wrong order, lost, twice, tampered with, given again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "pair.h"
#include "session/group.h"
#include "wire/limits.h"

enum { EPOCH = 1000, SKIP_MAX = NKT_SIGNAL_GROUP_SKIP_MAX };

enum { GROUP_TYPE = 4 }; /* libsignal's CIPHERTEXT_SENDERKEY_TYPE */

typedef struct text {
    size_t message_size; /* libsignal's part; the rest is the content */
    size_t size;
    uint8_t bytes[LETTER_SIZE_MAX];
} text_t;

/* Alice speaks, Bob listens. */
typedef struct scene {
    person_t alice, bob;
    nkt_group_key_t own, held;
} scene_t;

static void share(scene_t *scene, text_t *shared)
{
    nkt_buf_t out = {0};
    CHECK_OK(nkt_group_key_share(scene->alice.sessions, &scene->own, &out));
    CHECK(out.size <= sizeof shared->bytes && out.size <= NKT_GROUP_SHARE_SIZE_MAX);
    memcpy(shared->bytes, out.data, out.size);
    shared->size = out.size;
    nkt_buf_free(&out);
}

static int accept(scene_t *scene, nkt_group_key_t *key, const text_t *shared)
{
    return nkt_group_key_accept(scene->bob.sessions, key, EPOCH, shared->bytes, shared->size);
}

static void scene_init(scene_t *scene)
{
    text_t shared;
    *scene = (scene_t){0};
    person_init(&scene->alice, 1);
    person_init(&scene->bob, 2);
    CHECK_OK(nkt_group_key_create(scene->alice.sessions, &scene->own, EPOCH));
    share(scene, &shared);
    CHECK_OK(accept(scene, &scene->held, &shared));
}

static void scene_deinit(scene_t *scene)
{
    nkt_group_key_deinit(&scene->own);
    nkt_group_key_deinit(&scene->held);
    person_deinit(&scene->alice);
    person_deinit(&scene->bob);
}

static void speak(scene_t *scene, const char *plain, text_t *text)
{
    nkt_ciphertext_t out;
    CHECK_OK(nkt_group_encrypt(scene->alice.sessions, &scene->own, (const uint8_t *)plain, strlen(plain), &out));
    text->message_size = out.message.size;
    text->size = out.message.size + out.content.size;
    CHECK(text->size <= sizeof text->bytes);
    memcpy(text->bytes, out.message.bytes, out.message.size);
    memcpy(text->bytes + out.message.size, out.content.bytes, out.content.size);
}

static int hear(scene_t *scene, nkt_group_key_t *key, const text_t *text, nkt_buf_t *out)
{
    uint8_t *exact = malloc(text->size == 0 ? 1 : text->size); /* a byte read past it is seen */
    if (exact != NULL) /* where allocations fail on purpose this may be the one */
        memcpy(exact, text->bytes, text->size);
    const uint8_t *bytes = exact != NULL ? exact : text->bytes;
    const size_t message_size = text->message_size < text->size ? text->message_size : text->size;
    const nkt_ciphertext_t in = {.type = GROUP_TYPE,
                                 .message = {bytes, message_size},
                                 .content = {bytes + message_size, text->size - message_size}};
    int err = nkt_group_decrypt(scene->bob.sessions, key, &in, out);
    free(exact);
    return err;
}

static void understand(scene_t *scene, nkt_group_key_t *key, const text_t *text, const char *plain)
{
    nkt_buf_t out = {0};
    CHECK_OK(hear(scene, key, text, &out));
    CHECK_EQ(out.size, strlen(plain));
    CHECK_BYTES(out.data, plain, out.size);
    nkt_buf_free(&out);
}

/* It must fail so, and the key must be as it was, byte for byte. */
static void refuse(scene_t *scene, nkt_group_key_t *key, const text_t *text, int err)
{
    nkt_buf_t out = {0}, before = {0};
    CHECK_OK(nkt_buf_set(&before, key->record.data, key->record.size));
    CHECK_ERR(hear(scene, key, text, &out), err);
    CHECK_EQ(out.size, 0);
    CHECK_EQ(key->record.size, before.size);
    CHECK_BYTES(key->record.data, before.data, before.size);
    nkt_buf_free(&out);
    nkt_buf_free(&before);
}

TEST(group_reads_what_is_said_in_order)
{
    scene_t scene;
    text_t text;
    scene_init(&scene);
    for (int i = 0; i < 50; i++) {
        speak(&scene, "hello", &text);
        understand(&scene, &scene.held, &text, "hello");
    }
    speak(&scene, "", &text);
    understand(&scene, &scene.held, &text, "");
    CHECK_ERR(nkt_group_encrypt(scene.bob.sessions, &scene.held, (const uint8_t *)"x", 1, &(nkt_ciphertext_t){0}),
              NKT_E_NO_SESSION); /* whoever listens cannot speak as her */
    scene_deinit(&scene);
}

TEST(group_reads_out_of_order_and_each_once)
{
    enum { COUNT = 40 };
    static text_t texts[COUNT];
    char plain[16];
    scene_t scene;
    scene_init(&scene);
    for (int i = 0; i < COUNT; i++) {
        snprintf(plain, sizeof plain, "text %d", i);
        speak(&scene, plain, &texts[i]);
    }
    for (int i = COUNT - 1; i >= 0; i--) {
        snprintf(plain, sizeof plain, "text %d", i);
        check_row("%s", plain);
        understand(&scene, &scene.held, &texts[i], plain);
    }
    for (int i = 0; i < COUNT; i++) {
        check_row("text %d again", i);
        refuse(&scene, &scene.held, &texts[i], NKT_E_DUPLICATE);
    }
    scene_deinit(&scene);
}

TEST(group_reads_past_as_many_lost_messages_as_are_allowed)
{
    static text_t lost[SKIP_MAX];
    text_t text;
    scene_t scene;
    scene_init(&scene);
    for (int i = 0; i < SKIP_MAX; i++)
        speak(&scene, "lost", &lost[i]);
    speak(&scene, "next", &text);
    understand(&scene, &scene.held, &text, "next");
    printf("a sender key with %d skipped keys: %zu bytes\n", SKIP_MAX, scene.held.record.size);
    CHECK(scene.held.record.size < 64 * SKIP_MAX); /* bounded: this is what a peer can make another keep */
    for (int i = 0; i < SKIP_MAX; i++)
        understand(&scene, &scene.held, &lost[i], "lost");
    CHECK(scene.held.record.size < 256);

    /* one more is too many; a key further on heals it */
    text_t shared;
    for (int i = 0; i <= SKIP_MAX; i++)
        speak(&scene, "lost", &lost[0]);
    speak(&scene, "too far", &text);
    refuse(&scene, &scene.held, &text, NKT_E_DECRYPT);
    share(&scene, &shared);
    CHECK_OK(accept(&scene, &scene.held, &shared));
    speak(&scene, "healed", &text);
    understand(&scene, &scene.held, &text, "healed");
    scene_deinit(&scene);
}

/* However many are skipped, again and again, no more than the cap is kept. */
TEST(group_keeps_no_more_skipped_keys_than_the_cap)
{
    text_t text;
    scene_t scene;
    scene_init(&scene);
    for (int i = 0; i < 3 * SKIP_MAX; i++) {
        speak(&scene, "x", &text);
        if (i % (SKIP_MAX / 2) == SKIP_MAX / 2 - 1)
            understand(&scene, &scene.held, &text, "x");
    }
    CHECK(scene.held.record.size < 64 * SKIP_MAX);
    scene_deinit(&scene);
}

TEST(group_refuses_what_was_tampered_with)
{
    text_t text;
    scene_t scene;
    scene_init(&scene);
    speak(&scene, "hello", &text);
    for (size_t i = 0; i < text.size; i++) {
        check_row("byte %zu", i);
        if (i == 0)
            continue; /* version, below */
        text.bytes[i] ^= 1;
        refuse(&scene, &scene.held, &text, NKT_E_DECRYPT);
        text.bytes[i] ^= 1;
    }
    text.bytes[0] ^= 0x10;
    refuse(&scene, &scene.held, &text, NKT_E_DECRYPT);
    text.bytes[0] ^= 0x10;
    size_t size = text.size;
    for (text.size = 0; text.size < size; text.size++) {
        check_row("cut to %zu", text.size);
        refuse(&scene, &scene.held, &text, NKT_E_DECRYPT);
    }
    understand(&scene, &scene.held, &text, "hello");
    scene_deinit(&scene);
}

/* Bob cannot speak in Alice's name, nor Alice's other key under this one. */
TEST(group_refuses_another_sender)
{
    text_t text;
    scene_t scene, other;
    scene_init(&scene);
    scene_init(&other);
    nkt_group_key_t second = {0};
    CHECK_OK(nkt_group_key_create(other.bob.sessions, &second, EPOCH));
    nkt_group_key_t own = other.own;
    other.own = second;
    speak(&other, "hello", &text);
    refuse(&scene, &scene.held, &text, NKT_E_DECRYPT);
    other.own = own;
    refuse(&scene, &(nkt_group_key_t){0}, &text, NKT_E_NO_SESSION);
    nkt_group_key_deinit(&second);
    scene_deinit(&scene);
    scene_deinit(&other);
}

TEST(group_key_given_again_changes_nothing)
{
    text_t first, again, texts[3];
    scene_t scene;
    nkt_buf_t before = {0};
    scene_init(&scene);
    share(&scene, &first);
    for (int i = 0; i < 3; i++)
        speak(&scene, "late", &texts[i]);
    understand(&scene, &scene.held, &texts[2], "late");
    CHECK_OK(nkt_buf_set(&before, scene.held.record.data, scene.held.record.size));
    share(&scene, &again); /* of the place where Bob is */
    for (int i = 0; i < 10; i++) {
        CHECK_ERR(accept(&scene, &scene.held, &first), NKT_E_REPLAY);
        CHECK_ERR(accept(&scene, &scene.held, &again), NKT_E_REPLAY);
    }
    CHECK_EQ(scene.held.record.size, before.size);
    CHECK_BYTES(scene.held.record.data, before.data, before.size);
    understand(&scene, &scene.held, &texts[0], "late"); /* its skipped keys are still there */
    refuse(&scene, &scene.held, &texts[2], NKT_E_DUPLICATE);
    nkt_buf_free(&before);
    scene_deinit(&scene);
}

TEST(group_newcomer_reads_nothing_older)
{
    enum { COUNT = 5 };
    text_t texts[COUNT], text, shared;
    scene_t scene;
    nkt_group_key_t late = {0};
    scene_init(&scene);
    for (int i = 0; i < COUNT; i++)
        speak(&scene, "before", &texts[i]);
    share(&scene, &shared);
    CHECK_OK(accept(&scene, &late, &shared));
    for (int i = 0; i < COUNT; i++)
        refuse(&scene, &late, &texts[i], NKT_E_DUPLICATE);
    speak(&scene, "after", &text);
    understand(&scene, &late, &text, "after");
    nkt_group_key_deinit(&late);
    scene_deinit(&scene);
}

/* After a renewal whoever was not given the new key reads nothing; who was, still reads what was on its way. */
TEST(group_renewal_excludes)
{
    text_t on_its_way, text, shared;
    scene_t scene;
    nkt_group_key_t next = {0};
    scene_init(&scene);
    speak(&scene, "old", &on_its_way);
    CHECK_OK(nkt_group_key_create(scene.alice.sessions, &scene.own, EPOCH + 1));
    share(&scene, &shared);
    CHECK_OK(nkt_group_key_accept(scene.bob.sessions, &next, EPOCH + 1, shared.bytes, shared.size));
    speak(&scene, "new", &text);
    refuse(&scene, &scene.held, &text, NKT_E_DECRYPT);
    understand(&scene, &next, &text, "new");
    understand(&scene, &scene.held, &on_its_way, "old");
    nkt_group_key_deinit(&next);
    scene_deinit(&scene);
}

TEST(group_refuses_odd_keys)
{
    text_t shared;
    scene_t scene;
    nkt_group_key_t key = {0};
    scene_init(&scene);
    share(&scene, &shared);
    const text_t sound = shared;
    for (size_t i = 0; i < sound.size; i++) { /* cut, and with the key's last byte the top bit */
        shared.size = i;
        check_row("cut to %zu", i);
        CHECK_ERR(accept(&scene, &key, &shared), NKT_E_KEY);
    }
    shared = sound;
    shared.bytes[sound.size - 1] |= 0x80;
    CHECK_ERR(accept(&scene, &key, &shared), NKT_E_KEY);
    memset(shared.bytes + sound.size - 32, 0, 32);
    CHECK_ERR(accept(&scene, &key, &shared), NKT_E_KEY);
    shared = sound;
    shared.bytes[sound.size - 33] = 6; /* type of the key */
    CHECK_ERR(accept(&scene, &key, &shared), NKT_E_KEY);
    shared = sound;
    shared.bytes[0] ^= 0x10;
    CHECK_ERR(accept(&scene, &key, &shared), NKT_E_KEY);
    CHECK_EQ(key.record.size, 0);
    CHECK_EQ(key.epoch, 0);
    CHECK_OK(accept(&scene, &key, &sound));
    nkt_group_key_deinit(&key);
    scene_deinit(&scene);
}

/* ---- memory and entropy that fail ---- */

typedef enum operation { CREATE, SHARE, ACCEPT, ENCRYPT, DECRYPT, OPERATION_COUNT } operation_t;

static int run(scene_t *scene, operation_t operation, const text_t *text, nkt_group_key_t *key)
{
    nkt_buf_t out = {0};
    nkt_ciphertext_t sealed;
    int err = NKT_OK;
    switch (operation) {
    case CREATE:
        err = nkt_group_key_create(scene->alice.sessions, key, EPOCH);
        break;
    case SHARE:
        err = nkt_group_key_share(scene->alice.sessions, &scene->own, &out);
        break;
    case ACCEPT:
        err = accept(scene, key, text);
        break;
    case ENCRYPT:
        err = nkt_group_encrypt(scene->alice.sessions, &scene->own, (const uint8_t *)"x", 1, &sealed);
        break;
    default:
        err = hear(scene, &scene->held, text, &out);
        break;
    }
    nkt_buf_free(&out);
    return err;
}

/* libsignal loses track of what it allocated when it runs out of memory (the core is freed then): leaks are not looked for. */
__attribute__((weak)) void __lsan_disable(void);
__attribute__((weak)) void __lsan_enable(void);

static int run_without_memory(scene_t *scene, operation_t operation, const text_t *text, nkt_group_key_t *key, unsigned n,
                              int *has_failed)
{
    if (__lsan_disable != NULL)
        __lsan_disable();
    check_allocations_fail_at(n);
    int err = run(scene, operation, text, key);
    *has_failed = check_allocation_failed();
    check_allocations_fail_at(0);
    if (__lsan_enable != NULL)
        __lsan_enable();
    return err;
}

TEST(group_without_memory_is_as_it_was)
{
    for (operation_t operation = 0; operation < OPERATION_COUNT; operation++) {
        int has_failed = 1;
        for (unsigned n = 1; has_failed; n++) {
            scene_t scene;
            text_t text, lost;
            nkt_group_key_t key = {0};
            nkt_buf_t before = {0};
            scene_init(&scene);
            speak(&scene, "lost", &lost);
            if (operation == ACCEPT)
                share(&scene, &text);
            else
                speak(&scene, "x", &text);
            CHECK_OK(nkt_buf_set(&before, scene.held.record.data, scene.held.record.size));
            check_row("operation %d, allocation %u", (int)operation, n);
            int err = run_without_memory(&scene, operation, &text, &key, n, &has_failed);
            CHECK(has_failed || err == NKT_OK); /* a stored key that cannot be unpacked has no better name than malformed */
            if (err < 0) { /* goes on as if nothing had been */
                CHECK_EQ(key.epoch, 0);
                CHECK_EQ(scene.held.record.size, before.size);
                CHECK_BYTES(scene.held.record.data, before.data, before.size);
                CHECK_OK(run(&scene, operation, &text, &key));
            }
            nkt_buf_free(&before);
            nkt_group_key_deinit(&key);
            scene_deinit(&scene);
        }
    }
}

TEST(group_without_entropy_is_as_it_was)
{
    scene_t scene;
    text_t text;
    nkt_group_key_t key = {0};
    nkt_ciphertext_t out;
    scene_init(&scene);
    scene.alice.entropy.fail_at = scene.alice.entropy.call_count + 1;
    CHECK_ERR(nkt_group_key_create(scene.alice.sessions, &key, EPOCH), NKT_E_ENTROPY);
    CHECK_EQ(key.epoch, 0);
    CHECK_ERR(nkt_group_encrypt(scene.alice.sessions, &scene.own, (const uint8_t *)"x", 1, &out), NKT_E_ENTROPY);
    scene.alice.entropy.fail_at = 0;
    speak(&scene, "x", &text);
    understand(&scene, &scene.held, &text, "x");
    scene_deinit(&scene);
}
