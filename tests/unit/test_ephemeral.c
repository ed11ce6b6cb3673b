/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What may be lost, from a hostile sender: late, repeated, forged, too large, too much, under a key that is not here. */
#include <string.h>

#include <sodium.h>

#include "check.h"

#include "base/base58.h"
#include "base/hash.h"
#include "delivery/delivery.h"
#include "identity/seal.h"
#include "nkt.pb-c.h"
#include "scene.h"
#include "state/state.h"
#include "wire/pack.h"

enum { EPOCH = 77 };

static const uint8_t key[32] = {9};

typedef struct look {
    int told, sent;
    uint32_t flags;
    char text[64];
    int is_to_all, is_raw, is_of_room;
} look_t;

static look_t look(scene_t *scene)
{
    look_t seen = {0};
    nkt_effect_t fx;
    while (nkt_poll(scene->core, &fx)) {
        seen.sent += fx.kind == NKT_FX_SEND;
        if (fx.kind == NKT_FX_SEND)
            seen.flags = fx.flags;
        if (fx.kind != NKT_FX_EPHEMERAL)
            continue;
        seen.told++;
        seen.is_to_all = nkt_address_is_zero(&fx.peer);
        seen.is_raw = (fx.flags & NKT_EPHEMERAL_RAW) != 0;
        seen.is_of_room = (fx.flags & NKT_EPHEMERAL_OF_ROOM) != 0;
        CHECK(fx.bytes_size < sizeof seen.text);
        memcpy(seen.text, fx.bytes, fx.bytes_size);
    }
    return seen;
}

/* As another implementation seals it: epoch, number, pad(Ephemeral) under a key of that number. */
static void seal(nkt_buf_t *out, uint64_t epoch, uint32_t number, const Nkt__Ephemeral *said)
{
    uint8_t head[12], bytes[8], once[32];
    nkt_buf_t plain = {0};
    CHECK_OK(nkt_pack(&plain, &said->base));
    nkt_put_u64be(head, epoch);
    nkt_put_u32be(head + 8, number);
    nkt_put_u64be(bytes, number);
    NKT_HASH(once, sizeof once, key, NKT_LABEL_EPHEMERAL, {bytes, sizeof bytes});
    CHECK_OK(nkt_buf_set(out, head, sizeof head));
    CHECK_OK(nkt_seal_once(out, once, NULL, 0, plain.data, plain.size));
    nkt_buf_free(&plain);
}

static void make(nkt_buf_t *out, uint64_t epoch, uint32_t number, uint64_t created_ms, const char *json, size_t size)
{
    Nkt__Ephemeral said = NKT__EPHEMERAL__INIT;
    said.created_ms = created_ms;
    said.json = nkt_pack_lend((const uint8_t *)json, size);
    seal(out, epoch, number, &said);
}

static int hear(scene_t *scene, uint64_t epoch, uint32_t number, uint64_t created_ms, const char *json, size_t size)
{
    nkt_buf_t out = {0};
    make(&out, epoch, number, created_ms, json, size);
    int err = nkt_ephemeral_receive(scene->swarm, scene->swarm->user_list[0], out.data, out.size);
    nkt_buf_free(&out);
    return err;
}

static scene_t *heard_scene(void)
{
    scene_t *scene = scene_new(1);
    nkt_user_t *user = scene->swarm->user_list[0];
    Nkt__EphemeralKey given = NKT__EPHEMERAL_KEY__INIT;
    given.epoch = EPOCH;
    given.key = nkt_pack_lend(key, sizeof key);
    CHECK_OK(nkt_ephemeral_key_receive(user, &given));
    scene->swarm->now_ms += 1000;
    nkt_clock_heard(scene->swarm, user, scene->swarm->time_ms);
    look(scene);
    return scene;
}

TEST(what_may_be_lost_is_heard_in_order_and_once)
{
    scene_t *scene = heard_scene();
    uint64_t now = scene->swarm->time_ms;
    CHECK_OK(hear(scene, EPOCH, 1, now, "1", 1));
    CHECK_OK(hear(scene, EPOCH, 5, now, "5", 1));
    look_t seen = look(scene);
    CHECK_EQ(seen.told, 2);
    CHECK(!seen.is_to_all && strcmp(seen.text, "5") == 0);
    for (uint32_t number = 1; number <= 5; number++)
        CHECK_ERR(hear(scene, EPOCH, number, now, "x", 1), NKT_E_REPLAY);
    Nkt__EphemeralKey again = NKT__EPHEMERAL_KEY__INIT;
    again.epoch = EPOCH;
    again.key = nkt_pack_lend(key, sizeof key);
    CHECK_OK(nkt_ephemeral_key_receive(scene->swarm->user_list[0], &again)); /* told again: nothing is forgotten */
    CHECK_ERR(hear(scene, EPOCH, 5, now, "x", 1), NKT_E_REPLAY);
    CHECK_OK(hear(scene, EPOCH, 6, now, "6", 1));
    CHECK_EQ(look(scene).told, 1);
    scene_free(scene, 1);
}

TEST(what_may_be_lost_and_is_late_is_dropped)
{
    scene_t *scene = heard_scene();
    uint64_t now = scene->swarm->time_ms;
    CHECK_OK(hear(scene, EPOCH, 1, now - NKT_EPHEMERAL_LATE_MS, "1", 1));
    CHECK_ERR(hear(scene, EPOCH, 2, now - NKT_EPHEMERAL_LATE_MS - 1, "2", 1), NKT_E_EXPIRED);
    CHECK_ERR(hear(scene, EPOCH, 3, NKT_TIME_MS_MAX, "3", 1), NKT_E_PAYLOAD);
    CHECK_EQ(look(scene).told, 1);
    scene_free(scene, 1);
}

TEST(what_may_be_lost_and_is_forged_or_odd_is_dropped)
{
    static char large[NKT_EPHEMERAL_SIZE_MAX + 1];
    memset(large, '1', sizeof large);
    scene_t *scene = heard_scene();
    nkt_user_t *user = scene->swarm->user_list[0];
    uint64_t now = scene->swarm->time_ms;
    nkt_buf_t out = {0};
    make(&out, EPOCH, 9, now, "1", 1);
    for (size_t i = 8; i < out.size; i++) {
        check_row("byte %zu", i);
        out.data[i] ^= 1;
        int err = nkt_ephemeral_receive(scene->swarm, user, out.data, out.size);
        CHECK(err == NKT_E_DECRYPT);
        out.data[i] ^= 1;
        scene->swarm->now_ms += 10;
    }
    for (size_t size = 0; size < out.size; size += 7)
        CHECK(nkt_ephemeral_receive(scene->swarm, user, out.data, size) < 0);
    CHECK_OK(nkt_ephemeral_receive(scene->swarm, user, out.data, out.size)); /* none of these used up its place */
    nkt_buf_free(&out);
    CHECK_EQ(look(scene).told, 1);
    scene->swarm->now_ms += 1000;
    CHECK_ERR(hear(scene, EPOCH, 10, now, "{", 1), NKT_E_PAYLOAD);
    CHECK_ERR(hear(scene, EPOCH, 11, now, "", 0), NKT_E_PAYLOAD);
    CHECK_ERR(hear(scene, EPOCH, 12, now, large, sizeof large), NKT_E_PAYLOAD);
    CHECK_ERR(hear(scene, EPOCH, 0, now, "1", 1), NKT_E_PAYLOAD);
    CHECK_ERR(hear(scene, 0, 13, now, "1", 1), NKT_E_PAYLOAD);
    Nkt__EphemeralKey odd = NKT__EPHEMERAL_KEY__INIT;
    odd.epoch = EPOCH + 1;
    odd.key = nkt_pack_lend(key, sizeof key - 1);
    CHECK_ERR(nkt_ephemeral_key_receive(user, &odd), NKT_E_PAYLOAD);
    CHECK_EQ(look(scene).told, 0);
    scene_free(scene, 1);
}

static int hear_raw(scene_t *scene, uint32_t number, const char *json, const uint8_t *raw, size_t size, int is_to_all)
{
    Nkt__Ephemeral said = NKT__EPHEMERAL__INIT;
    said.created_ms = scene->swarm->time_ms;
    said.json = nkt_pack_lend((const uint8_t *)json, strlen(json));
    said.has_all = said.all = is_to_all;
    said.has_raw = 1;
    said.raw = nkt_pack_lend(raw, size);
    nkt_buf_t out = {0};
    seal(&out, EPOCH, number, &said);
    int err = nkt_ephemeral_receive(scene->swarm, scene->swarm->user_list[0], out.data, out.size);
    nkt_buf_free(&out);
    return err;
}

TEST(what_may_be_lost_and_is_raw_is_told_as_such)
{
    static uint8_t raw[NKT_EPHEMERAL_SIZE_MAX + 1] = {'{', 0xff, 'x'};
    scene_t *scene = heard_scene();
    CHECK_OK(hear_raw(scene, 1, "", raw, 3, 0));
    look_t seen = look(scene);
    CHECK(seen.told == 1 && seen.is_raw && !seen.is_to_all && memcmp(seen.text, raw, 3) == 0);
    CHECK_OK(hear(scene, EPOCH, 2, scene->swarm->time_ms, "1", 1));
    seen = look(scene);
    CHECK(seen.told == 1 && !seen.is_raw);
    CHECK_ERR(hear_raw(scene, 2, "", raw, 3, 0), NKT_E_REPLAY);
    CHECK_ERR(hear_raw(scene, 3, "1", raw, 3, 0), NKT_E_PAYLOAD); /* and a value */
    CHECK_ERR(hear_raw(scene, 4, "", raw, 0, 0), NKT_E_PAYLOAD);
    CHECK_ERR(hear_raw(scene, 5, "", raw, 3, 1), NKT_E_PAYLOAD); /* not all understand it */
    CHECK_ERR(hear_raw(scene, 6, "", raw, sizeof raw, 0), NKT_E_PAYLOAD);
    CHECK_EQ(look(scene).told, 0);
    scene->swarm->user_list[0]->standing.is_ignored = 1;
    CHECK_OK(hear_raw(scene, 7, "", raw, 3, 0));
    CHECK_EQ(look(scene).told, 0);
    scene_free(scene, 1);
}

TEST(what_may_be_lost_tells_whether_its_sender_is_of_the_room)
{
    scene_t *scene = heard_scene();
    nkt_user_t *user = scene->swarm->user_list[0];
    for (uint8_t row = 0; row < 8; row++) {
        check_row("%u", row);
        user->standing.is_member = row & 1;
        scene->swarm->room.is_open = (row & 2) != 0;
        user->standing.is_doubted = (row & 4) != 0;
        CHECK_OK(hear(scene, EPOCH, row + 1u, scene->swarm->time_ms, "1", 1));
        look_t seen = look(scene);
        CHECK_EQ(seen.told, 1);
        CHECK_EQ(seen.is_of_room, (row & 3) != 0 && (row & 4) == 0);
        CHECK_EQ(nkt_is_of_room(scene->core, &user->address), seen.is_of_room);
    }
    scene_free(scene, 1);
}

/* What is made ahead is the key of that number, under that key, and of no other. */
static void check_ahead(const nkt_ephemeral_ahead_t *ahead, const uint8_t under[32], uint32_t number)
{
    uint8_t bytes[8], once[32], none[32] = {0};
    CHECK_EQ(ahead->number, number);
    nkt_put_u64be(bytes, number);
    NKT_HASH(once, sizeof once, under, NKT_LABEL_EPHEMERAL, {bytes, sizeof bytes});
    CHECK(memcmp(ahead->key, number > 0 ? once : none, sizeof once) == 0);
}

static void give_key(nkt_user_t *user, uint64_t epoch, const uint8_t bytes[32])
{
    Nkt__EphemeralKey given = NKT__EPHEMERAL_KEY__INIT;
    given.epoch = epoch;
    given.key = nkt_pack_lend(bytes, 32);
    CHECK_OK(nkt_ephemeral_key_receive(user, &given));
}

TEST(a_key_to_hear_under_is_made_ahead_at_rest_and_wiped_when_used)
{
    static const uint8_t other[32] = {8};
    scene_t *scene = heard_scene();
    nkt_user_t *user = scene->swarm->user_list[0];
    const nkt_ephemeral_ahead_t *ahead = &user->ephemeral->ahead_in;
    uint64_t now = scene->swarm->time_ms;
    nkt_rest(scene->core);
    check_ahead(ahead, key, 0); /* nothing was said */
    CHECK_OK(hear(scene, EPOCH, 1, now, "1", 1));
    check_ahead(ahead, key, 0); /* those who listen come first */
    nkt_rest(scene->core);
    check_ahead(ahead, key, 2);
    CHECK_OK(hear(scene, EPOCH, 2, now, "2", 1));
    check_ahead(ahead, key, 0);
    CHECK_OK(hear(scene, EPOCH, 3, now, "3", 1)); /* no rest between: it is made when it is wanted */
    nkt_rest(scene->core);
    check_ahead(ahead, key, 4);
    CHECK_OK(hear(scene, EPOCH, 7, now, "7", 1)); /* three were lost */
    check_ahead(ahead, key, 0);
    nkt_rest(scene->core);
    check_ahead(ahead, key, 8);
    CHECK_ERR(hear(scene, EPOCH, 7, now, "7", 1), NKT_E_REPLAY);
    nkt_buf_t out = {0};
    make(&out, EPOCH, 8, now, "x", 1);
    out.data[out.size - 1] ^= 1;
    CHECK_ERR(nkt_ephemeral_receive(scene->swarm, user, out.data, out.size), NKT_E_DECRYPT);
    nkt_buf_free(&out);
    check_ahead(ahead, key, 8); /* a forged one uses nothing up */
    CHECK_EQ(look(scene).told, 4);
    CHECK_OK(hear(scene, EPOCH, 8, now, "8", 1));
    CHECK_OK(hear(scene, EPOCH, UINT32_MAX, now, "9", 1));
    nkt_rest(scene->core);
    check_ahead(ahead, key, 0); /* there is no next */
    give_key(user, EPOCH + 1, key);
    CHECK_OK(hear(scene, EPOCH + 1, 1, now, "1", 1));
    nkt_rest(scene->core);
    check_ahead(ahead, key, 2);
    give_key(user, EPOCH + 2, other); /* it began anew: what was made ahead is of the key before */
    check_ahead(ahead, key, 0);
    CHECK_ERR(hear(scene, EPOCH + 2, 2, now, "2", 1), NKT_E_DECRYPT); /* sealed under the old one */
    scene_free(scene, 1);
}

TEST(what_may_be_lost_and_is_too_much_is_dropped)
{
    scene_t *scene = heard_scene();
    uint64_t now = scene->swarm->time_ms;
    uint32_t heard = 0, number = 1;
    for (; number <= 3 * NKT_EPHEMERAL_HEARD_BURST; number++) {
        int err = hear(scene, EPOCH, number, now, "1", 1);
        CHECK(err == NKT_OK || err == NKT_E_RATE);
        heard += err == NKT_OK;
    }
    CHECK_EQ(heard, NKT_EPHEMERAL_HEARD_BURST);
    scene->swarm->now_ms += 1000;
    for (heard = 0; number <= 6 * NKT_EPHEMERAL_HEARD_BURST; number++)
        heard += hear(scene, EPOCH, number, now, "1", 1) == NKT_OK;
    CHECK_EQ(heard, NKT_EPHEMERAL_HEARD_PER_S);
    scene_free(scene, 1);
}

TEST(a_key_that_is_not_here_is_asked_for_now_and_then)
{
    scene_t *scene = heard_scene();
    uint64_t now = scene->swarm->time_ms;
    CHECK_ERR(hear(scene, EPOCH + 1, 1, now, "1", 1), NKT_E_NO_SESSION);
    CHECK_EQ(look(scene).sent, 1);
    for (uint32_t number = 2; number < 50; number++)
        CHECK_ERR(hear(scene, EPOCH + number, number, now, "1", 1), NKT_E_NO_SESSION);
    CHECK_EQ(look(scene).sent, 0);
    scene->swarm->now_ms += NKT_EPHEMERAL_ASK_MS;
    CHECK_ERR(hear(scene, EPOCH + 1, 50, now, "1", 1), NKT_E_NO_SESSION);
    CHECK_EQ(look(scene).sent, 1);
    CHECK_OK(hear(scene, EPOCH, 1, now, "1", 1)); /* what is here is as it was */
    scene->swarm->user_list[0]->standing.is_ignored = 1;
    CHECK_OK(hear(scene, EPOCH, 2, now, "2", 1));
    CHECK_EQ(look(scene).told, 1);
    scene_free(scene, 1);
}

static int say_so(scene_t *scene, const nkt_user_t *to, const void *bytes, size_t size, uint32_t flags)
{
    nkt_event_t event = {.kind = NKT_EV_EPHEMERAL, .now_ms = scene->now_ms, .wall_ms = 1700000000000ull + scene->now_ms,
                         .bytes = bytes, .bytes_size = size, .flags = flags};
    if (to != NULL)
        event.address = to->address;
    return nkt_step(scene->core, &event);
}

static int say(scene_t *scene, const nkt_user_t *to, const char *json, size_t size)
{
    return say_so(scene, to, json, size, 0);
}

TEST(what_may_be_lost_is_said_raw_to_one_and_no_more_of_it)
{
    static const uint8_t raw[NKT_EPHEMERAL_SIZE_MAX + 1] = {0xff};
    scene_t *scene = scene_new(1);
    const nkt_user_t *user = scene->swarm->user_list[0];
    scene->swarm->endpoints[0].socket.is_welcome = 1;
    look(scene);
    CHECK_ERR(say_so(scene, NULL, raw, 1, NKT_EPHEMERAL_RAW), NKT_E_ARGUMENT);
    CHECK_ERR(say_so(scene, user, raw, 0, NKT_EPHEMERAL_RAW), NKT_E_ARGUMENT);
    CHECK_ERR(say_so(scene, user, raw, sizeof raw, NKT_EPHEMERAL_RAW), NKT_E_SIZE);
    CHECK_ERR(say_so(scene, user, raw, 1, 0), NKT_E_VALUE);
    CHECK_EQ(look(scene).sent, 0);
    CHECK_EQ(say_so(scene, user, raw, NKT_EPHEMERAL_SIZE_MAX, NKT_EPHEMERAL_RAW), 1);
    int left = 0;
    for (int i = 0; i < 100; i++)
        left += say_so(scene, user, raw, 1, NKT_EPHEMERAL_RAW);
    CHECK_EQ(left, NKT_EPHEMERAL_RELAY_BURST - 1);
    scene_free(scene, 1);
}

TEST(a_key_to_say_under_is_made_ahead_at_rest_and_wiped_when_used)
{
    scene_t *scene = scene_new(3);
    nkt_swarm_t *swarm = scene->swarm;
    nkt_user_t *user = swarm->user_list[0];
    swarm->endpoints[0].socket.is_welcome = 1;
    CHECK_EQ(say(scene, user, "1", 1), 1);
    nkt_user_ephemeral_t *own = user->ephemeral;
    check_ahead(&own->ahead_out, own->key_out, 0);
    nkt_rest(scene->core);
    check_ahead(&own->ahead_out, own->key_out, 2);
    CHECK_EQ(say(scene, user, "2", 1), 1);
    check_ahead(&own->ahead_out, own->key_out, 0);
    CHECK_EQ(say(scene, NULL, "3", 1), 3);
    nkt_rest(scene->core);
    check_ahead(&own->ahead_out, own->key_out, 4);
    for (size_t i = 1; i < 3; i++)
        check_ahead(&swarm->user_list[i]->ephemeral->ahead_out, swarm->user_list[i]->ephemeral->key_out, 2);
    scene->now_ms += NKT_EPHEMERAL_KEY_MS;
    CHECK_EQ(say(scene, user, "4", 1), 1); /* under another key: none of its was made ahead */
    CHECK_EQ(own->number_out, 1);
    check_ahead(&own->ahead_out, own->key_out, 0);
    nkt_rest(scene->core);
    check_ahead(&own->ahead_out, own->key_out, 2);
    for (int i = 0; i < 2 * NKT_EPHEMERAL_AHEAD_COUNT; i++) /* a host that never rests */
        say(scene, NULL, "5", 1);
    CHECK(swarm->ephemerals.due_count <= NKT_EPHEMERAL_AHEAD_COUNT);
    nkt_rest(scene->core);
    check_ahead(&own->ahead_out, own->key_out, own->number_out + 1);
    look(scene);
    scene_free(scene, 3);
}

/* The first takes the key along, in the session; then nothing but itself, and no more than the caps allow. */
TEST(what_may_be_lost_leaves_within_its_caps)
{
    static char large[NKT_EPHEMERAL_SIZE_MAX + 1];
    memset(large, '1', sizeof large);
    large[0] = large[NKT_EPHEMERAL_SIZE_MAX - 1] = '"';
    scene_t *scene = scene_new(3);
    nkt_swarm_t *swarm = scene->swarm;
    nkt_user_t *user = swarm->user_list[0];
    look(scene);
    CHECK_ERR(say(scene, user, NULL, 0), NKT_E_ARGUMENT);
    CHECK_ERR(say(scene, user, "{", 1), NKT_E_VALUE);
    CHECK_ERR(say(scene, user, large, sizeof large), NKT_E_SIZE);
    CHECK_EQ(look(scene).sent, 0);
    swarm->endpoints[0].socket.is_welcome = 1;
    CHECK_EQ(say(scene, user, large, NKT_EPHEMERAL_SIZE_MAX), 1);
    CHECK_EQ(look(scene).sent, 2); /* over the relay: the key, and it */
    uint64_t epoch = user->ephemeral->epoch_out;
    CHECK(epoch != 0 && user->ephemeral->number_out == 1);
    int left = 0;
    for (int i = 0; i < 100; i++)
        left += say(scene, user, "1", 1);
    CHECK_EQ(left, NKT_EPHEMERAL_RELAY_BURST - 1);
    CHECK_EQ(look(scene).sent, left);
    CHECK_EQ(user->ephemeral->number_out, NKT_EPHEMERAL_RELAY_BURST);
    CHECK_EQ(say(scene, NULL, "2", 1), 2); /* everybody else */
    CHECK_EQ(look(scene).sent, 4);
    swarm->user_list[1]->presence.flags = NKT_USER_MUTED;
    CHECK_EQ(say(scene, NULL, "2", 1), 1);
    CHECK_ERR(say(scene, swarm->user_list[1], "2", 1), NKT_E_MUTED);
    scene->now_ms += NKT_EPHEMERAL_KEY_MS;
    CHECK_EQ(say(scene, user, "3", 1), 1);
    CHECK(user->ephemeral->epoch_out != epoch && user->ephemeral->number_out == 1); /* another key, told again */
    look(scene);
    nkt_ephemeral_asked(swarm, user, user->ephemeral->epoch_out);
    CHECK_EQ(look(scene).sent, 0); /* it was just told */
    swarm->now_ms += NKT_EPHEMERAL_TELL_MS;
    nkt_ephemeral_asked(swarm, user, epoch);
    CHECK_EQ(look(scene).sent, 0); /* of another */
    nkt_ephemeral_asked(swarm, user, user->ephemeral->epoch_out);
    CHECK_EQ(look(scene).sent, 1);
    CHECK_EQ(user->ephemeral->number_out, 1); /* told again, not begun anew */
    scene_free(scene, 3);
}
