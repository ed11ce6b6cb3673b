/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a known user says to everybody under sender keys, and hands out as such, that is not what it should be. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hostile.h"
#include "session/group.h"

enum { GROUP_TYPE = 4, EPOCH = 1000, STREAM = 77 };

static void must(int err)
{
    if (err < 0)
        abort();
}

/* What is not the fault of the link: no error, but counted. */
static void quiet_row(stage_t *stage, const char *what, const uint8_t *payload, size_t size, int dropped)
{
    char path[64];
    snprintf(path, sizeof path, "dropped.%s", nkt_err_name(dropped));
    hostile_rest(stage);
    double count = sim_peer_health(stage->victim, path);
    hostile_view_t before = hostile_before(stage, NKT_OK);
    forge_envelope(&stage->mallory, NKT_KIND_GROUP, NULL, payload, size, stage_wall_ms(stage));
    int code = stage_put_broadcast(stage, stage->mallory.frame.data, stage->mallory.frame.size);
    hostile_after(stage, &before, "group", what, code);
    if (sim_peer_health(stage->victim, path) != count + 1)
        hostile_fail("group", what, code, dropped);
}

/* A payload of kind GROUP; directed: to the victim alone. */
static void payload_row(stage_t *stage, const char *what, int is_directed, const uint8_t *payload, size_t size, int expected)
{
    forge_t *mallory = &stage->mallory;
    hostile_rest(stage);
    hostile_view_t before = hostile_before(stage, expected);
    forge_envelope(mallory, NKT_KIND_GROUP, is_directed ? &stage->victim->address : NULL, payload, size, stage_wall_ms(stage));
    int code = is_directed ? stage_put_directed(stage, mallory->frame.data, mallory->frame.size)
                           : stage_put_broadcast(stage, mallory->frame.data, mallory->frame.size);
    hostile_after(stage, &before, "group", what, code);
}

static void ciphertext_pack(nkt_buf_t *out, uint32_t type, int has_epoch, uint64_t epoch, const uint8_t *bytes, size_t size)
{
    Nkt__Ciphertext ciphertext = NKT__CIPHERTEXT__INIT;
    ciphertext.type = type;
    ciphertext.has_epoch = has_epoch;
    ciphertext.epoch = epoch;
    ciphertext.message = ciphertext.content = play_lend(bytes, size);
    play_pack(out, &ciphertext.base);
}

static void envelope_rows(stage_t *stage)
{
    uint8_t random[100];
    nkt_buf_t payload = {0};
    sim_random_fill(&stage->mallory.random, random, sizeof random);
    payload_row(stage, "random", 0, random, sizeof random, NKT_E_PAYLOAD);
    payload_row(stage, "empty", 0, random, 0, NKT_E_PAYLOAD);
    ciphertext_pack(&payload, GROUP_TYPE, 0, 0, random, sizeof random);
    payload_row(stage, "no epoch", 0, payload.data, payload.size, NKT_E_PAYLOAD);
    ciphertext_pack(&payload, GROUP_TYPE, 1, 0, random, sizeof random);
    payload_row(stage, "epoch 0", 0, payload.data, payload.size, NKT_E_PAYLOAD);
    for (uint32_t type = 0; type < 4; type++) {
        ciphertext_pack(&payload, type, 1, EPOCH, random, sizeof random);
        payload_row(stage, "another type", 0, payload.data, payload.size, NKT_E_PAYLOAD);
    }
    ciphertext_pack(&payload, GROUP_TYPE, 1, EPOCH, random, sizeof random);
    payload_row(stage, "to one", 1, payload.data, payload.size, NKT_E_PAYLOAD);
    for (uint64_t i = 0; i < 30; i++) { /* keys that nobody has are no failures to be limited: they are asked for */
        ciphertext_pack(&payload, GROUP_TYPE, 1, EPOCH + i, random, sizeof random);
        quiet_row(stage, "a key that was never given", payload.data, payload.size, NKT_E_NO_SESSION);
    }
    nkt_buf_free(&payload);
}

/* ---- keys, inside sessions ---- */

static void inner_row(stage_t *stage, const char *what, const Nkt__Inner *inner, int expected)
{
    nkt_buf_t plain = {0};
    play_pack(&plain, &inner->base);
    hostile_rest(stage);
    hostile_view_t before = hostile_before(stage, expected);
    forge_session(&stage->mallory, plain.data, plain.size, stage_wall_ms(stage));
    int code = stage_put_directed(stage, stage->mallory.frame.data, stage->mallory.frame.size);
    hostile_after(stage, &before, "group key", what, code);
    nkt_buf_free(&plain);
}

static void key_row(stage_t *stage, const char *what, uint64_t epoch, const uint8_t *key, size_t size, int expected)
{
    Nkt__Inner inner = NKT__INNER__INIT;
    Nkt__GroupKey offer = NKT__GROUP_KEY__INIT;
    offer.epoch = epoch;
    offer.key = play_lend(key, size);
    inner.group_key = &offer;
    inner_row(stage, what, &inner, expected);
}

static void key_rows(stage_t *stage, nkt_group_key_t *own)
{
    nkt_buf_t shared = {0};
    uint8_t large[NKT_GROUP_SHARE_SIZE_MAX + 1] = {0x33};
    must(nkt_group_key_share(stage->mallory.sessions, own, &shared));
    key_row(stage, "epoch 0", 0, shared.data, shared.size, NKT_E_PAYLOAD);
    key_row(stage, "too large", EPOCH, large, sizeof large, NKT_E_PAYLOAD);
    key_row(stage, "zeros", EPOCH, large, sizeof large - 1, NKT_E_KEY);
    for (size_t cut = 0; cut < shared.size; cut += 7)
        key_row(stage, "cut", EPOCH, shared.data, cut, NKT_E_KEY);
    shared.data[shared.size - 1] |= 0x80;
    key_row(stage, "a second form of a point", EPOCH, shared.data, shared.size, NKT_E_KEY);
    must(nkt_group_key_share(stage->mallory.sessions, own, &shared));
    key_row(stage, "sound", EPOCH, shared.data, shared.size, NKT_OK);
    key_row(stage, "again", EPOCH, shared.data, shared.size, NKT_OK);
    key_row(stage, "an older one", EPOCH - 1, shared.data, shared.size, NKT_E_REPLAY);

    Nkt__Inner inner = NKT__INNER__INIT;
    inner.has_group_held = inner.has_group_asked = 1;
    inner.group_held = inner.group_asked = UINT64_MAX;
    inner_row(stage, "confirmed and asked for, never given", &inner, NKT_OK);
    Nkt__Inner bound = NKT__INNER__INIT;
    Nkt__GroupBinding binding = NKT__GROUP_BINDING__INIT;
    binding.network = play_lend(large, 1);
    binding.from = play_lend(large, 1);
    bound.group = &binding;
    inner_row(stage, "bound to a group inside a session", &bound, NKT_E_PAYLOAD);
    nkt_buf_free(&shared);
}

/* ---- messages under a key that the victim holds ---- */

typedef struct words {
    Nkt__Inner inner;
    Nkt__GroupBinding binding;
    Nkt__Say say, *says[1];
    nkt_group_key_t *key;
    uint64_t epoch; /* as the envelope says */
} words_t;

/* Sound ones; a row changes what it is about. */
static void words_init(stage_t *stage, words_t *words, nkt_group_key_t *key, uint64_t sequence)
{
    *words = (words_t){.inner = NKT__INNER__INIT, .binding = NKT__GROUP_BINDING__INIT, .say = NKT__SAY__INIT};
    words->binding.network = play_lend(stage->mallory.room.network, NKT_NETWORK_SIZE);
    words->binding.from = play_lend(stage->mallory.identity.address.b, NKT_ADDRESS_SIZE);
    words->binding.epoch = words->epoch = EPOCH;
    words->say.stream_id = STREAM;
    words->say.sequence = sequence;
    words->say.id = play_lend("0123456789abcdef", NKT_ID_SIZE);
    words->say.json = play_lend("[1]", 3);
    words->says[0] = &words->say;
    words->inner.say = words->says;
    words->inner.n_say = 1;
    words->inner.group = &words->binding;
    words->key = key;
}

static void words_seal(stage_t *stage, words_t *words, nkt_buf_t *payload)
{
    nkt_buf_t plain = {0};
    nkt_ciphertext_t sealed;
    words->inner.say = words->says;
    words->says[0] = &words->say;
    play_pack(&plain, &words->inner.base);
    must(nkt_group_encrypt(stage->mallory.sessions, words->key, plain.data, plain.size, &sealed));
    forge_ciphertext(payload, &sealed, words->epoch);
    nkt_buf_free(&plain);
}

static void words_row(stage_t *stage, const char *what, words_t *words, int expected)
{
    nkt_buf_t payload = {0};
    words_seal(stage, words, &payload);
    payload_row(stage, what, 0, payload.data, payload.size, expected);
    nkt_buf_free(&payload);
}

static void binding_rows(stage_t *stage, nkt_group_key_t *own)
{
    static const uint8_t other[NKT_ADDRESS_SIZE] = {1};
    Nkt__Ack ack = NKT__ACK__INIT, *acks[1] = {&ack};
    Nkt__GroupKey offer = NKT__GROUP_KEY__INIT;
    words_t words;
    words_init(stage, &words, own, 1);
    words.binding.network = play_lend(other, NKT_NETWORK_SIZE);
    words_row(stage, "of another network", &words, NKT_E_PAYLOAD);
    words_init(stage, &words, own, 1);
    words.binding.network.len = NKT_NETWORK_SIZE - 1;
    words_row(stage, "of a short network", &words, NKT_E_PAYLOAD);
    words_init(stage, &words, own, 1);
    words.binding.from = play_lend(stage->friend_->address.b, NKT_ADDRESS_SIZE);
    words_row(stage, "of another sender", &words, NKT_E_PAYLOAD);
    words_init(stage, &words, own, 1);
    words.binding.epoch = EPOCH + 1;
    words_row(stage, "of another key", &words, NKT_E_PAYLOAD);
    words_init(stage, &words, own, 1);
    words.inner.group = NULL;
    words_row(stage, "bound to nothing", &words, NKT_E_PAYLOAD);
    words_init(stage, &words, own, 1);
    words.inner.n_say = 0;
    words_row(stage, "nothing said", &words, NKT_E_PAYLOAD);
    words_init(stage, &words, own, 1);
    words.inner.ack = acks;
    words.inner.n_ack = 1;
    words_row(stage, "with an acknowledgement", &words, NKT_E_PAYLOAD);
    words_init(stage, &words, own, 1);
    words.inner.has_hello = words.inner.hello = 1;
    words_row(stage, "with a hello", &words, NKT_E_PAYLOAD);
    words_init(stage, &words, own, 1);
    offer.epoch = EPOCH + 5;
    offer.key = play_lend(other, 1);
    words.inner.group_key = &offer;
    words_row(stage, "with a key", &words, NKT_E_PAYLOAD);
    words_init(stage, &words, own, 1);
    words.inner.has_content_key = 1;
    words.inner.content_key = play_lend("0123456789abcdef0123456789abcdef", 32);
    words_row(stage, "with the key of no content", &words, NKT_E_PAYLOAD);
    words_init(stage, &words, own, 1);
    words.say.has_call = words.say.call = 1;
    words_row(stage, "a call, to everybody", &words, NKT_E_PAYLOAD);
    words_init(stage, &words, own, 0);
    words_row(stage, "position 0", &words, NKT_E_PAYLOAD);
    words_init(stage, &words, own, 1);
    words.say.json = play_lend("[[1]", 4);
    words_row(stage, "an open bracket", &words, NKT_E_PAYLOAD);
}

static void shown(stage_t *stage, const char *what, const uint8_t *payload, size_t size)
{
    uint64_t before = stage->sim->book.stranger_count;
    hostile_rest(stage);
    forge_envelope(&stage->mallory, NKT_KIND_GROUP, NULL, payload, size, stage_wall_ms(stage));
    int code = stage_put_broadcast(stage, stage->mallory.frame.data, stage->mallory.frame.size);
    if (code != NKT_OK || stage->sim->book.stranger_count != before + 1)
        hostile_fail("group", what, code, NKT_OK);
    hostile_pass();
}

static void once_rows(stage_t *stage, nkt_group_key_t *own)
{
    nkt_buf_t payload = {0};
    words_t words;
    words_init(stage, &words, own, 1);
    words_seal(stage, &words, &payload);
    for (size_t at = 0; at < payload.size; at += 11) {
        char what[64];
        snprintf(what, sizeof what, "byte %zu changed", at);
        payload.data[at] ^= 0x11;
        hostile_rest(stage);
        hostile_view_t before = hostile_before(stage, 0);
        forge_envelope(&stage->mallory, NKT_KIND_GROUP, NULL, payload.data, payload.size, stage_wall_ms(stage));
        int code = stage_put_broadcast(stage, stage->mallory.frame.data, stage->mallory.frame.size);
        if (code == NKT_OK)
            hostile_after(stage, &before, "group", what, code);
        else
            hostile_after_any(stage, &before, "group", what, code);
        payload.data[at] ^= 0x11;
    }
    sim_run(stage->sim, 30000);
    shown(stage, "a sound one is shown", payload.data, payload.size);
    payload_row(stage, "the same in a new envelope", 0, payload.data, payload.size, NKT_E_REPLAY);
    words_init(stage, &words, own, 1);
    words_row(stage, "its position again", &words, NKT_E_REPLAY);

    Nkt__Inner inner = NKT__INNER__INIT; /* as it is said again when no acknowledgement came */
    inner.say = words.says;
    inner.n_say = 1;
    inner_row(stage, "its position again, in the session", &inner, NKT_E_REPLAY);
    words.say.sequence = 2;
    words_seal(stage, &words, &payload);
    uint64_t before = stage->sim->book.stranger_count;
    nkt_buf_t plain = {0};
    play_pack(&plain, &inner.base);
    forge_session(&stage->mallory, plain.data, plain.size, stage_wall_ms(stage));
    stage_put_directed(stage, stage->mallory.frame.data, stage->mallory.frame.size);
    if (stage->sim->book.stranger_count != before + 1)
        hostile_fail("group", "the session is quicker than the broadcast", 0, NKT_OK);
    payload_row(stage, "a position that the session brought", 0, payload.data, payload.size, NKT_E_REPLAY);
    nkt_buf_free(&plain);
    nkt_buf_free(&payload);
}

/* Keys of many epochs do not pile up, and failures beyond the limit are not even tried. */
static void limit_rows(stage_t *stage, nkt_group_key_t *own)
{
    nkt_buf_t shared = {0}, payload = {0};
    uint8_t random[100] = {0x33};
    for (uint64_t i = 1; i <= 20; i++) {
        must(nkt_group_key_create(stage->mallory.sessions, own, EPOCH + i));
        must(nkt_group_key_share(stage->mallory.sessions, own, &shared));
        key_row(stage, "a newer one", EPOCH + i, shared.data, shared.size, NKT_OK);
    }
    ciphertext_pack(&payload, GROUP_TYPE, 1, EPOCH + 18, random, sizeof random);
    quiet_row(stage, "a key that two newer ones have replaced", payload.data, payload.size, NKT_E_NO_SESSION);
    ciphertext_pack(&payload, GROUP_TYPE, 1, EPOCH + 20, random, sizeof random);
    quiet_row(stage, "random, under a key that is held", payload.data, payload.size, NKT_E_DECRYPT);
    ciphertext_pack(&payload, GROUP_TYPE, 1, EPOCH + 20, random, sizeof random);
    sim_run(stage->sim, 60000);
    double tried = sim_peer_health(stage->victim, "dropped.NKT_E_DECRYPT");
    for (int i = 0; i < NKT_DECRYPT_FAIL_BURST + 5; i++) {
        forge_envelope(&stage->mallory, NKT_KIND_GROUP, NULL, payload.data, payload.size, stage_wall_ms(stage) + (uint64_t)i);
        stage_put_broadcast(stage, stage->mallory.frame.data, stage->mallory.frame.size);
    }
    tried = sim_peer_health(stage->victim, "dropped.NKT_E_DECRYPT") - tried;
    if (tried != NKT_DECRYPT_FAIL_BURST || sim_peer_health(stage->victim, "dropped.NKT_E_RATE") < 5)
        hostile_fail("group", "failures beyond the limit", (int)tried, NKT_E_RATE);
    hostile_pass();
    nkt_buf_free(&shared);
    nkt_buf_free(&payload);
}

void hostile_groups(uint64_t seed)
{
    stage_t *stage = stage_new(seed);
    nkt_group_key_t own = {0};
    must(nkt_group_key_create(stage->mallory.sessions, &own, EPOCH));
    envelope_rows(stage);
    key_rows(stage, &own);
    binding_rows(stage, &own);
    once_rows(stage, &own);
    limit_rows(stage, &own);
    stage_check_talk(stage);
    nkt_group_key_deinit(&own);
    stage_free(stage);
}
