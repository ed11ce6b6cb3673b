/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the lengths of frames tell of what people say: 1,000 messages as long as real ones are, in a session and to everybody. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "identity/pad.h"
#include "nkt.pb-c.h"
#include "pair.h"
#include "session/group.h"
#include "wire/envelope.h"
#include "wire/limits.h"
#include "wire/pack.h"

enum {
    COUNT = 1000,
    LENGTH_COUNT_MAX = 16,     /* distinct ones that 1,000 messages may show ... */
    OVERHEAD_PERCENT_MAX = 15, /* ... and how much padding may add to the median frame, in parts of what it would be without */
    TEXT_SIZE_MAX = 3 * 4096,
};

static size_t lengths[COUNT], length_count;

static void lengths_add(char *const field[CHECK_FIELD_COUNT_MAX])
{
    for (unsigned long i = strtoul(field[2], NULL, 10); i > 0; i--) {
        CHECK(length_count < COUNT);
        lengths[length_count++] = strtoul(field[1], NULL, 10);
    }
}

static void lengths_read(const char *kind)
{
    length_count = 0;
    check_vectors("chat_lengths.txt", kind, lengths_add);
    CHECK_EQ(length_count, COUNT);
}

/* One message as it is said in a session (says.c) or to everybody (group.c), its text so many bytes long. */
static void inner_make(nkt_buf_t *plain, size_t text_size, uint64_t sequence, int is_group)
{
    static char json[TEXT_SIZE_MAX + 2];
    static const uint8_t name[32] = {1};
    Nkt__Inner inner = NKT__INNER__INIT;
    Nkt__Say say = NKT__SAY__INIT, *says[1] = {&say};
    Nkt__GroupBinding binding = NKT__GROUP_BINDING__INIT;
    CHECK(text_size <= TEXT_SIZE_MAX);
    memset(json, 'x', text_size + 2);
    json[0] = json[text_size + 1] = '"';
    say.stream_id = UINT64_C(1) << 63;
    say.sequence = sequence;
    say.id = nkt_pack_lend(name, NKT_ID_SIZE);
    say.date_ms = 1;
    say.json = nkt_pack_lend((const uint8_t *)json, text_size + 2);
    inner.say = says;
    inner.n_say = 1;
    inner.has_ends = !is_group;
    inner.ends = nkt_pack_lend(name, NKT_ENDS_SIZE);
    if (is_group) {
        binding.network = nkt_pack_lend(name, NKT_NETWORK_SIZE);
        binding.from = nkt_pack_lend(name, NKT_ADDRESS_SIZE);
        binding.epoch = 1;
        inner.group = &binding;
    }
    CHECK_OK(nkt_pack(plain, &inner.base));
}

/* The frame that brings it, in bytes. */
static size_t frame_make(const pair_t *pair, const nkt_ciphertext_t *sealed, int is_group)
{
    static const uint8_t network[NKT_NETWORK_SIZE] = {1};
    Nkt__Ciphertext ciphertext = NKT__CIPHERTEXT__INIT;
    nkt_buf_t payload = {0}, frame = {0};
    ciphertext.type = sealed->type;
    ciphertext.has_kem = sealed->kem.size > 0;
    ciphertext.kem = nkt_pack_lend(sealed->kem.bytes, sealed->kem.size);
    ciphertext.message = nkt_pack_lend(sealed->message.bytes, sealed->message.size);
    ciphertext.content = nkt_pack_lend(sealed->content.bytes, sealed->content.size);
    ciphertext.has_epoch = is_group;
    CHECK_OK(nkt_pack(&payload, &ciphertext.base));
    const nkt_envelope_parts_t parts = {.network = network,
                                        .from = &pair->alice.identity.address,
                                        .to = is_group ? NULL : &pair->bob.identity.address,
                                        .kind = is_group ? NKT_KIND_GROUP : NKT_KIND_SESSION,
                                        .created_ms = 1,
                                        .payload = payload.data,
                                        .payload_size = payload.size};
    CHECK_OK(nkt_envelope_encode(&frame, &parts, pair->alice.identity.sign_secret, NULL));
    const size_t size = frame.size;
    nkt_buf_free(&payload);
    nkt_buf_free(&frame);
    return size;
}

static int order(const void *a, const void *b)
{
    const size_t x = *(const size_t *)a, y = *(const size_t *)b;
    return (x > y) - (x < y);
}

static size_t distinct_count(size_t *values)
{
    size_t count = 1;
    qsort(values, COUNT, sizeof values[0], order);
    for (size_t i = 1; i < COUNT; i++)
        count += values[i] != values[i - 1];
    return count;
}

/* wide: bytes of a character. Answers come now and then, as in a conversation. */
static void measure(const char *kind, size_t wide, int is_group)
{
    static size_t contents[COUNT], permille[COUNT];
    pair_t pair;
    nkt_group_key_t key = {0};
    nkt_buf_t plain = {0}, out = {0};
    size_t sum = 0, unpadded_sum = 0;
    pair_init_established(&pair);
    CHECK_OK(nkt_group_key_create(pair.alice.sessions, &key, 1));
    lengths_read(kind);
    for (size_t i = 0; i < COUNT; i++) {
        nkt_ciphertext_t sealed;
        inner_make(&plain, lengths[i * 617 % COUNT] * wide, i + 1, is_group);
        if (is_group)
            CHECK_OK(nkt_group_encrypt(pair.alice.sessions, &key, plain.data, plain.size, &sealed));
        else
            CHECK_OK(nkt_session_encrypt(pair.alice.sessions, &pair.of_alice.session, plain.data, plain.size, &sealed));
        const size_t frame_size = frame_make(&pair, &sealed, is_group) - sealed.kem.size;
        const size_t padding = sealed.content.size - 16 - plain.size;
        contents[i] = sealed.content.size;
        permille[i] = padding * 1000 / (frame_size - padding);
        sum += frame_size;
        unpadded_sum += frame_size - padding;
        if (!is_group) {
            CHECK_OK(nkt_session_decrypt(pair.bob.sessions, &pair.of_bob.session, &sealed, &out));
            if (i % 3 == 0)
                letter_pass(&pair.of_bob, &pair.of_alice, "yes");
        }
    }
    const size_t count = distinct_count(contents);
    distinct_count(permille);
    printf("%s%s, %zu bytes a character: %zu lengths, padding adds %.1f %% to the median frame, %.1f %% to all\n", kind,
           is_group ? " to all" : "", wide, count, (double)permille[COUNT / 2] / 10,
           100.0 * (double)(sum - unpadded_sum) / (double)unpadded_sum);
    CHECK(count <= LENGTH_COUNT_MAX);
    CHECK(permille[COUNT / 2] <= 10 * OVERHEAD_PERCENT_MAX);
    nkt_group_key_deinit(&key);
    nkt_buf_free(&plain);
    nkt_buf_free(&out);
    pair_deinit(&pair);
}

TEST(lengths_of_messages_are_few)
{
    measure("ham", 1, 0);
    measure("jabber", 1, 0);
    measure("jabber", 2, 0);
    measure("sms", 1, 0);
    measure("sms", 2, 0);
}

TEST(lengths_of_messages_to_everybody_are_few)
{
    measure("ham", 1, 1);
    measure("jabber", 1, 1);
    measure("jabber", 2, 1);
    measure("sms", 1, 1);
    measure("sms", 2, 1);
}

/* What is no message looks like a short one. */
TEST(lengths_of_all_that_is_small_are_one)
{
    Nkt__Ack ack = NKT__ACK__INIT, *acks[1] = {&ack};
    Nkt__Inner ackings = NKT__INNER__INIT, hello = NKT__INNER__INIT;
    nkt_buf_t plain = {0};
    pair_t pair;
    nkt_ciphertext_t sealed;
    size_t sizes[3];
    pair_init_established(&pair);
    ack.stream_id = 1, ack.first = 1, ack.last = 300;
    ackings.ack = acks;
    ackings.n_ack = 1;
    hello.has_hello = hello.hello = 1;
    CHECK_OK(nkt_session_encrypt(pair.alice.sessions, &pair.of_alice.session, (const uint8_t *)"", 0, &sealed)); /* the turn's offer */
    for (int i = 0; i < 3; i++) {
        if (i == 0)
            inner_make(&plain, 20, 1, 0);
        else
            CHECK_OK(nkt_pack(&plain, i == 1 ? &ackings.base : &hello.base));
        CHECK_OK(nkt_session_encrypt(pair.alice.sessions, &pair.of_alice.session, plain.data, plain.size, &sealed));
        sizes[i] = frame_make(&pair, &sealed, 0) - sealed.kem.size;
    }
    CHECK_EQ(sizes[0], sizes[1]);
    CHECK_EQ(sizes[0], sizes[2]);
    nkt_buf_free(&plain);
    pair_deinit(&pair);
}
