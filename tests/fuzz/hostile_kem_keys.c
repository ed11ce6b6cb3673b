/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lasting KEM keys, told and asked for: whose they are the record says, and nobody else. */
#include <stdlib.h>
#include <string.h>

#include "base/base58.h"
#include "gossip/gossip.h"
#include "hostile.h"
#include "nkt.pb-c.h"

/* Mallory asks for the key of that one `count` times in one frame. How many the victim tells, by what it sends. */
static unsigned asked(stage_t *stage, const nkt_address_t *whose, size_t count)
{
    nkt_address_t wanted[NKT_KEYS_COUNT_MAX];
    nkt_buf_t payload = {0};
    for (size_t i = 0; i < count; i++)
        wanted[i] = *whose;
    if (nkt_gossip_encode_key_want(&payload, wanted, count) < 0)
        abort();
    sim_run(stage->sim, 1); /* each another envelope */
    forge_envelope(&stage->mallory, NKT_KIND_WANT, &stage->victim->address, payload.data, payload.size, stage_wall_ms(stage));
    uint64_t before = stage->victim->counts.sent_size;
    stage_put_directed(stage, stage->mallory.frame.data, stage->mallory.frame.size);
    nkt_buf_free(&payload);
    return (unsigned)((stage->victim->counts.sent_size - before) / NKT_KEM_KEY_SIZE);
}

/* Mallory says that this is their key. How often that was counted as no key of theirs. */
static double say(stage_t *stage, const char *what, const nkt_address_t *whose, const uint8_t *key)
{
    const nkt_gossip_key_t told = {.address = *whose, .key = key};
    nkt_buf_t payload = {0};
    double counted = sim_peer_health(stage->victim, "dropped.NKT_E_KEY");
    if (nkt_gossip_encode_keys(&payload, &told, 1) < 0)
        abort();
    hostile_payload(stage, "kem key", what, NKT_KIND_RECORDS, 0, payload.data, payload.size, NKT_OK);
    nkt_buf_free(&payload);
    return sim_peer_health(stage->victim, "dropped.NKT_E_KEY") - counted;
}

/* Sizes and numbers that no message has. */
static void form_rows(stage_t *stage)
{
    static uint8_t key[NKT_KEM_KEY_SIZE + 1];
    static const struct {
        const char *what;
        size_t count, address_size, key_size;
    } rows[] = {
        {"too many told", NKT_KEYS_COUNT_MAX + 1, NKT_ADDRESS_SIZE, NKT_KEM_KEY_SIZE},
        {"a byte short", 1, NKT_ADDRESS_SIZE, NKT_KEM_KEY_SIZE - 1},
        {"a byte long", 1, NKT_ADDRESS_SIZE, NKT_KEM_KEY_SIZE + 1},
        {"of a short address", 1, NKT_ADDRESS_SIZE - 1, NKT_KEM_KEY_SIZE},
    };
    nkt_buf_t payload = {0};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        Nkt__Records message = NKT__RECORDS__INIT;
        Nkt__KemKey entry = NKT__KEM_KEY__INIT, *pointers[NKT_KEYS_COUNT_MAX + 1];
        entry.address = play_lend(stage->friend_->address.b, rows[i].address_size);
        entry.key = play_lend(key, rows[i].key_size);
        for (size_t k = 0; k < rows[i].count; k++)
            pointers[k] = &entry;
        message.kem_key = pointers;
        message.n_kem_key = rows[i].count;
        play_pack(&payload, &message.base);
        hostile_payload(stage, "kem key", rows[i].what, NKT_KIND_RECORDS, 0, payload.data, payload.size, NKT_E_PAYLOAD);
    }
    Nkt__Want want = NKT__WANT__INIT;
    ProtobufCBinaryData list[NKT_KEYS_COUNT_MAX + 1];
    for (size_t k = 0; k <= NKT_KEYS_COUNT_MAX; k++)
        list[k] = play_lend(stage->friend_->address.b, NKT_ADDRESS_SIZE);
    want.kem_key = list;
    want.n_kem_key = NKT_KEYS_COUNT_MAX + 1;
    play_pack(&payload, &want.base);
    hostile_payload(stage, "kem key", "too many asked for", NKT_KIND_WANT, 0, payload.data, payload.size, NKT_E_PAYLOAD);
    list[1] = play_lend(stage->friend_->address.b, NKT_ADDRESS_SIZE - 1);
    want.n_kem_key = 2;
    play_pack(&payload, &want.base);
    hostile_payload(stage, "kem key", "of a short address asked for", NKT_KIND_WANT, 0, payload.data, payload.size, NKT_E_PAYLOAD);
    nkt_buf_free(&payload);
}

/* One who asked nobody takes none, not the true one either. */
static void unasked_rows(stage_t *stage)
{
    uint8_t wrong[NKT_KEM_KEY_SIZE] = {1};
    const forge_t *mallory = &stage->mallory;
    hostile_expect(say(stage, "the true one, unasked", &mallory->identity.address, mallory->identity.kem_public) == 0, "kem key",
                   "unasked, is no error", 0);
    hostile_expect(asked(stage, &mallory->identity.address, 1) == 0, "kem key", "unasked, is not passed on", 0);
    hostile_expect(say(stage, "another, unasked", &mallory->identity.address, wrong) == 0, "kem key", "unasked, is not looked at", 0);
}

static void keeper_rows(stage_t *stage)
{
    enum { WANT_COUNT = 40, KEY_COUNT_MAX = NKT_WANT_BURST / 3 + NKT_WANT_PER_S };
    const forge_t *mallory = &stage->mallory;
    const nkt_address_t nobody = {{9}};
    uint8_t wrong[NKT_KEM_KEY_SIZE];
    memcpy(wrong, mallory->identity.kem_public, sizeof wrong);
    wrong[0] ^= 1;
    hostile_expect(say(stage, "another than the record's", &mallory->identity.address, wrong) == 1, "kem key", "is counted", 0);
    hostile_expect(asked(stage, &mallory->identity.address, 1) == 0, "kem key", "that is none is not passed on", 0);
    hostile_expect(say(stage, "of nobody known", &nobody, wrong) == 0, "kem key", "of nobody is no error", 0);
    hostile_expect(say(stage, "the true one", &mallory->identity.address, mallory->identity.kem_public) == 0, "kem key", "is taken", 0);
    hostile_expect(say(stage, "another beside the true one", &mallory->identity.address, wrong) == 1, "kem key", "is counted", 0);
    hostile_expect(asked(stage, &mallory->identity.address, 1) == 1, "kem key", "is told to who asks", 0);
    hostile_expect(asked(stage, &stage->victim->address, 1) == 1, "kem key", "its own is told", 0);
    hostile_rest(stage);
    unsigned count = 0;
    for (int i = 0; i < WANT_COUNT; i++)
        count += asked(stage, &mallory->identity.address, NKT_KEYS_COUNT_MAX);
    hostile_expect(count >= KEY_COUNT_MAX / 2 && count <= KEY_COUNT_MAX, "kem key", "asked for 960 times", count);
}

void hostile_kem_keys(uint64_t seed)
{
    stage_t *stage = stage_new(seed);
    form_rows(stage);
    unasked_rows(stage);
    stage_check_talk(stage);
    stage_free(stage);
    stage = stage_new_keeper(seed);
    form_rows(stage);
    keeper_rows(stage);
    stage_check_talk(stage);
    stage_free(stage);
}
