/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The payloads by which user records spread. */
#include "gossip/gossip.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "identity/room.h"
#include "nkt.pb-c.h"

static uint8_t record_bytes[NKT_RECORD_SIZE_MAX + 1], signature[NKT_SIGN_SIZE + 1], membership[NKT_MEMBERSHIP_SIZE + 1];
static const uint8_t prekey[33] = {9};

static nkt_signed_record_t record_of(size_t size, int is_member)
{
    check_fill(record_bytes, sizeof record_bytes, 1);
    check_fill(signature, sizeof signature, 2);
    check_fill(membership, sizeof membership, 3);
    return (nkt_signed_record_t){.bytes = record_bytes,
                                 .bytes_size = size,
                                 .signature = signature,
                                 .membership = is_member ? membership : NULL};
}

static void record_compare(const nkt_signed_record_t *record, size_t size, int is_member)
{
    CHECK_EQ(record->bytes_size, size);
    CHECK_BYTES(record->bytes, record_bytes, size);
    CHECK_BYTES(record->signature, signature, NKT_SIGN_SIZE);
    CHECK_EQ(record->membership != NULL, is_member);
    if (is_member)
        CHECK_BYTES(record->membership, membership, NKT_MEMBERSHIP_SIZE);
}

/* ---- greeting ---- */

TEST(greeting_comes_back)
{
    static const struct {
        size_t size;
        int is_member;
        uint32_t prekey_id;
        unsigned flags;
    } rows[] = {
        {1, 0, 0, 0},
        {300, 1, 1, NKT_GREETING_ANSWER},
        {300, 0, 0xfffffe, NKT_GREETING_SEEK},
        {NKT_RECORD_SIZE_MAX, 1, 7, NKT_GREETING_ANSWER | NKT_GREETING_SEEK},
    };
    nkt_buf_t out = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const nkt_signed_record_t record = record_of(rows[i].size, rows[i].is_member);
        nkt_greeting_t greeting;
        check_row("row %zu", i);
        const nkt_greeting_t said = {.record = record, .prekey_id = rows[i].prekey_id, .prekey = prekey, .flags = rows[i].flags};
        CHECK_OK(nkt_gossip_encode_greeting(&out, &said));
        CHECK_OK(nkt_gossip_decode_greeting(&greeting, out.data, out.size));
        record_compare(&greeting.record, rows[i].size, rows[i].is_member);
        CHECK_EQ(greeting.prekey_id, rows[i].prekey_id);
        if (rows[i].prekey_id != 0)
            CHECK_BYTES(greeting.prekey, prekey, 32);
        else
            CHECK(greeting.prekey == NULL);
        CHECK_EQ(greeting.flags, rows[i].flags);
        nkt_greeting_deinit(&greeting);
    }
    nkt_buf_free(&out);
}

/* A greeting whose parts have these sizes. */
static int greet(size_t record_size, size_t signature_size, size_t membership_size, int has_id, uint32_t id,
                 int has_prekey, size_t prekey_size)
{
    static uint8_t bytes[2 * NKT_RECORD_SIZE_MAX];
    Nkt__Greeting message = NKT__GREETING__INIT;
    Nkt__SignedRecord record = NKT__SIGNED_RECORD__INIT;
    nkt_greeting_t greeting;
    record.record = (ProtobufCBinaryData){.data = record_bytes, .len = record_size};
    record.signature = (ProtobufCBinaryData){.data = signature, .len = signature_size};
    record.has_membership = membership_size != 0;
    record.membership = (ProtobufCBinaryData){.data = membership, .len = membership_size};
    message.record = &record;
    message.has_prekey_id = has_id;
    message.prekey_id = id;
    message.has_prekey = has_prekey;
    message.prekey = (ProtobufCBinaryData){.data = (uint8_t *)(uintptr_t)prekey, .len = prekey_size};
    size_t size = nkt__greeting__pack(&message, bytes);
    int err = nkt_gossip_decode_greeting(&greeting, bytes, size);
    if (err == NKT_OK)
        nkt_greeting_deinit(&greeting);
    return err;
}

TEST(greeting_that_breaks_a_rule_is_refused)
{
    static const struct {
        const char *what;
        size_t record, signature, membership;
        int has_id;
        uint32_t id;
        int has_prekey;
        size_t prekey;
        int err;
    } rows[] = {
        {"plain", 300, 64, 0, 0, 0, 0, 0, NKT_OK},
        {"with prekey", 300, 64, 16, 1, 1, 1, 32, NKT_OK},
        {"no record", 0, 64, 0, 0, 0, 0, 0, NKT_E_PAYLOAD},
        {"record too long", NKT_RECORD_SIZE_MAX + 1, 64, 0, 0, 0, 0, 0, NKT_E_PAYLOAD},
        {"no signature", 300, 0, 0, 0, 0, 0, 0, NKT_E_PAYLOAD},
        {"signature too short", 300, 63, 0, 0, 0, 0, 0, NKT_E_PAYLOAD},
        {"signature too long", 300, 65, 0, 0, 0, 0, 0, NKT_E_PAYLOAD},
        {"membership too short", 300, 64, 15, 0, 0, 0, 0, NKT_E_PAYLOAD},
        {"membership too long", 300, 64, 17, 0, 0, 0, 0, NKT_E_PAYLOAD},
        {"id without prekey", 300, 64, 0, 1, 1, 0, 0, NKT_E_PAYLOAD},
        {"prekey without id", 300, 64, 0, 0, 0, 1, 32, NKT_E_PAYLOAD},
        {"prekey id 0", 300, 64, 0, 1, 0, 1, 32, NKT_E_PAYLOAD},
        {"prekey empty", 300, 64, 0, 1, 1, 1, 0, NKT_E_PAYLOAD},
        {"prekey too short", 300, 64, 0, 1, 1, 1, 31, NKT_E_PAYLOAD},
        {"prekey too long", 300, 64, 0, 1, 1, 1, 33, NKT_E_PAYLOAD},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        check_row("%s", rows[i].what);
        CHECK_ERR(greet(rows[i].record, rows[i].signature, rows[i].membership, rows[i].has_id, rows[i].id,
                        rows[i].has_prekey, rows[i].prekey),
                  rows[i].err);
    }
}

/* ---- digest, want, records ---- */

TEST(digest_comes_back_up_to_its_limit)
{
    static nkt_gossip_known_t known[NKT_DIGEST_COUNT_MAX + 1], back[NKT_DIGEST_COUNT_MAX];
    static const size_t counts[] = {0, 1, 2, NKT_DIGEST_COUNT_MAX, NKT_DIGEST_COUNT_MAX + 1};
    nkt_buf_t out = {0};
    for (size_t i = 0; i < COUNT_OF(known); i++) {
        check_fill(known[i].address.b, NKT_ADDRESS_SIZE, i);
        known[i].sequence = UINT64_MAX - i;
    }
    for (size_t i = 0; i < COUNT_OF(counts); i++) {
        int is_answer = -1;
        check_row("%zu entries", counts[i]);
        CHECK_OK(nkt_gossip_encode_digest(&out, known, counts[i], i % 2 == 1));
        CHECK(out.size < NKT_FRAME_SIZE_MAX - 256);
        int count = nkt_gossip_decode_digest(back, NKT_DIGEST_COUNT_MAX, &is_answer, out.data, out.size);
        if (counts[i] > NKT_DIGEST_COUNT_MAX) {
            CHECK_ERR(count, NKT_E_PAYLOAD);
            continue;
        }
        CHECK_EQ(count, counts[i]);
        CHECK_EQ(is_answer, i % 2 == 1);
        for (size_t k = 0; k < counts[i]; k++) {
            CHECK_BYTES(back[k].address.b, known[k].address.b, NKT_ADDRESS_SIZE);
            CHECK(back[k].sequence == known[k].sequence);
        }
    }
    nkt_buf_free(&out);
}

TEST(want_comes_back_up_to_its_limit)
{
    static nkt_address_t wanted[NKT_WANT_COUNT_MAX + 1];
    static const struct {
        size_t count, arrives;
    } rows[] = {{0, 0}, {1, 1}, {NKT_WANT_COUNT_MAX, NKT_WANT_COUNT_MAX}, {NKT_WANT_COUNT_MAX + 1, NKT_WANT_COUNT_MAX}};
    static nkt_gossip_want_t back;
    nkt_buf_t out = {0};
    for (size_t i = 0; i < COUNT_OF(wanted); i++)
        check_fill(wanted[i].b, NKT_ADDRESS_SIZE, i);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        check_row("%zu addresses", rows[i].count);
        CHECK_OK(nkt_gossip_encode_want(&out, wanted, rows[i].count));
        CHECK_OK(nkt_gossip_decode_want(&back, out.data, out.size));
        CHECK_EQ(back.record_count, rows[i].arrives);
        CHECK_EQ(back.key_count, 0);
        CHECK_BYTES(back.records, wanted, rows[i].arrives * sizeof wanted[0]);
        size_t keys = rows[i].count < NKT_KEYS_COUNT_MAX ? rows[i].count : NKT_KEYS_COUNT_MAX;
        CHECK_OK(nkt_gossip_encode_key_want(&out, wanted, rows[i].count));
        CHECK_OK(nkt_gossip_decode_want(&back, out.data, out.size));
        CHECK_EQ(back.record_count, 0);
        CHECK_EQ(back.key_count, keys);
        CHECK_BYTES(back.keys, wanted, keys * sizeof wanted[0]);
    }
    nkt_buf_free(&out);
}

TEST(want_of_more_than_its_limit_is_refused_whole)
{
    static uint8_t address[NKT_ADDRESS_SIZE], bytes[4096];
    static nkt_gossip_want_t back;
    ProtobufCBinaryData list[NKT_WANT_COUNT_MAX + 1];
    for (size_t i = 0; i < COUNT_OF(list); i++)
        list[i] = (ProtobufCBinaryData){.data = address, .len = NKT_ADDRESS_SIZE};
    Nkt__Want want = NKT__WANT__INIT;
    want.address = list;
    want.n_address = NKT_WANT_COUNT_MAX + 1;
    CHECK_ERR(nkt_gossip_decode_want(&back, bytes, nkt__want__pack(&want, bytes)), NKT_E_PAYLOAD);
    want.n_address = 1;
    want.kem_key = list;
    want.n_kem_key = NKT_KEYS_COUNT_MAX + 1;
    CHECK_ERR(nkt_gossip_decode_want(&back, bytes, nkt__want__pack(&want, bytes)), NKT_E_PAYLOAD);
    want.n_kem_key = NKT_KEYS_COUNT_MAX;
    CHECK_OK(nkt_gossip_decode_want(&back, bytes, nkt__want__pack(&want, bytes)));
    CHECK_EQ(back.record_count, 1);
    CHECK_EQ(back.key_count, NKT_KEYS_COUNT_MAX);
}

TEST(digest_and_want_with_addresses_of_other_sizes_are_refused)
{
    static const size_t sizes[] = {0, 1, 19, 21, 32};
    uint8_t address[32] = {1}, bytes[128];
    nkt_gossip_known_t known[4];
    static nkt_gossip_want_t back;
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        const ProtobufCBinaryData good = {.data = address, .len = NKT_ADDRESS_SIZE};
        const ProtobufCBinaryData bad = {.data = address, .len = sizes[i]};
        int is_answer;
        check_row("%zu bytes", sizes[i]);
        Nkt__Known entries[2] = {NKT__KNOWN__INIT, NKT__KNOWN__INIT};
        Nkt__Known *pointers[] = {&entries[0], &entries[1]};
        Nkt__Digest digest = NKT__DIGEST__INIT;
        entries[0].address = good;
        entries[1].address = bad;
        digest.known = pointers;
        digest.n_known = 2;
        size_t size = nkt__digest__pack(&digest, bytes);
        CHECK_ERR(nkt_gossip_decode_digest(known, 4, &is_answer, bytes, size), NKT_E_PAYLOAD);
        ProtobufCBinaryData list[] = {good, bad};
        Nkt__Want want = NKT__WANT__INIT;
        want.address = list;
        want.n_address = 2;
        size = nkt__want__pack(&want, bytes);
        CHECK_ERR(nkt_gossip_decode_want(&back, bytes, size), NKT_E_PAYLOAD);
        want.n_address = 0;
        want.kem_key = list;
        want.n_kem_key = 2;
        size = nkt__want__pack(&want, bytes);
        CHECK_ERR(nkt_gossip_decode_want(&back, bytes, size), NKT_E_PAYLOAD);
    }
}

typedef struct heard {
    size_t count, bad_count, key_count;
    size_t size_last;
    nkt_address_t address_last;
    uint8_t key_last[NKT_KEM_KEY_SIZE];
} heard_t;

static void record_heard(void *context, const nkt_signed_record_t *record)
{
    heard_t *heard = context;
    if (record == NULL) {
        heard->bad_count++;
        return;
    }
    heard->count++;
    heard->size_last = record->bytes_size;
    record_compare(record, record->bytes_size, record->membership != NULL);
}

static void key_heard(void *context, const nkt_gossip_key_t *key)
{
    heard_t *heard = context;
    heard->key_count++;
    heard->address_last = key->address;
    memcpy(heard->key_last, key->key, NKT_KEM_KEY_SIZE);
}

static int records_read(const uint8_t *bytes, size_t size, heard_t *heard)
{
    const nkt_gossip_heed_t heed = {.on_record = record_heard, .on_key = key_heard, .context = heard};
    return nkt_gossip_decode_records(bytes, size, &heed);
}

TEST(records_come_back_up_to_their_limit)
{
    static const struct {
        size_t count, arrives;
    } rows[] = {{0, 0}, {1, 1}, {NKT_RECORDS_COUNT_MAX, NKT_RECORDS_COUNT_MAX}, {NKT_RECORDS_COUNT_MAX + 1, NKT_RECORDS_COUNT_MAX}};
    nkt_signed_record_t records[NKT_RECORDS_COUNT_MAX + 1];
    nkt_buf_t out = {0};
    for (size_t i = 0; i < COUNT_OF(records); i++)
        records[i] = record_of(NKT_RECORD_SIZE_MAX, i % 2 == 0);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        heard_t heard = {0};
        check_row("%zu records", rows[i].count);
        CHECK_OK(nkt_gossip_encode_records(&out, records, rows[i].count));
        CHECK(out.size < NKT_FRAME_SIZE_MAX - 256); /* the largest fit in one frame */
        CHECK_OK(records_read(out.data, out.size, &heard));
        CHECK_EQ(heard.count, rows[i].arrives);
    }
    nkt_buf_free(&out);
}

TEST(records_too_many_at_once_are_refused_whole)
{
    enum { COUNT = NKT_RECORDS_COUNT_MAX + 1 };
    static uint8_t bytes[COUNT * 400];
    const nkt_signed_record_t record = record_of(300, 0);
    Nkt__SignedRecord entry = NKT__SIGNED_RECORD__INIT;
    Nkt__SignedRecord *pointers[COUNT];
    Nkt__Records message = NKT__RECORDS__INIT;
    heard_t heard = {0};
    entry.record = (ProtobufCBinaryData){.data = record_bytes, .len = record.bytes_size};
    entry.signature = (ProtobufCBinaryData){.data = signature, .len = NKT_SIGN_SIZE};
    for (size_t i = 0; i < COUNT; i++)
        pointers[i] = &entry;
    message.record = pointers;
    message.n_record = COUNT;
    size_t size = nkt__records__pack(&message, bytes);
    CHECK_ERR(records_read(bytes, size, &heard), NKT_E_PAYLOAD);
    CHECK_EQ(heard.count, 0);
    message.n_record = 3; /* one of three malformed: the others count */
    Nkt__SignedRecord bad = entry;
    bad.signature.len = 63;
    pointers[1] = &bad;
    size = nkt__records__pack(&message, bytes);
    CHECK_OK(records_read(bytes, size, &heard));
    CHECK_EQ(heard.count, 2);
    CHECK_EQ(heard.bad_count, 1);
}

TEST(kem_keys_come_back_up_to_their_limit)
{
    static uint8_t keys[NKT_KEYS_COUNT_MAX + 1][NKT_KEM_KEY_SIZE];
    static const size_t counts[] = {0, 1, NKT_KEYS_COUNT_MAX, NKT_KEYS_COUNT_MAX + 1};
    nkt_gossip_key_t told[NKT_KEYS_COUNT_MAX + 1];
    nkt_buf_t out = {0};
    for (size_t i = 0; i < COUNT_OF(told); i++) {
        check_fill(keys[i], NKT_KEM_KEY_SIZE, i);
        check_fill(told[i].address.b, NKT_ADDRESS_SIZE, 100 + i);
        told[i].key = keys[i];
    }
    for (size_t i = 0; i < COUNT_OF(counts); i++) {
        size_t arrives = counts[i] < NKT_KEYS_COUNT_MAX ? counts[i] : NKT_KEYS_COUNT_MAX;
        heard_t heard = {0};
        check_row("%zu keys", counts[i]);
        CHECK_OK(nkt_gossip_encode_keys(&out, told, counts[i]));
        CHECK(out.size < NKT_FRAME_SIZE_MAX / 2);
        CHECK_OK(records_read(out.data, out.size, &heard));
        CHECK_EQ(heard.count, 0);
        CHECK_EQ(heard.key_count, arrives);
        if (arrives == 0)
            continue;
        CHECK_BYTES(heard.address_last.b, told[arrives - 1].address.b, NKT_ADDRESS_SIZE);
        CHECK_BYTES(heard.key_last, keys[arrives - 1], NKT_KEM_KEY_SIZE);
    }
    nkt_buf_free(&out);
}

TEST(kem_keys_of_other_sizes_or_too_many_are_refused_whole)
{
    enum { COUNT = NKT_KEYS_COUNT_MAX + 1 };
    static uint8_t key[NKT_KEM_KEY_SIZE + 1], bytes[COUNT * 1300];
    static const struct {
        size_t count, address_size, key_size;
        int err;
    } rows[] = {
        {COUNT - 1, NKT_ADDRESS_SIZE, NKT_KEM_KEY_SIZE, NKT_OK}, {COUNT, NKT_ADDRESS_SIZE, NKT_KEM_KEY_SIZE, NKT_E_PAYLOAD},
        {2, NKT_ADDRESS_SIZE - 1, NKT_KEM_KEY_SIZE, NKT_E_PAYLOAD}, {2, 0, NKT_KEM_KEY_SIZE, NKT_E_PAYLOAD},
        {2, NKT_ADDRESS_SIZE, NKT_KEM_KEY_SIZE - 1, NKT_E_PAYLOAD}, {2, NKT_ADDRESS_SIZE, NKT_KEM_KEY_SIZE + 1, NKT_E_PAYLOAD},
        {2, NKT_ADDRESS_SIZE, 0, NKT_E_PAYLOAD},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        Nkt__Records message = NKT__RECORDS__INIT;
        Nkt__KemKey good = NKT__KEM_KEY__INIT, bad = NKT__KEM_KEY__INIT, *pointers[COUNT];
        heard_t heard = {0};
        check_row("row %zu", i);
        good.address = (ProtobufCBinaryData){.data = key, .len = NKT_ADDRESS_SIZE};
        good.key = (ProtobufCBinaryData){.data = key, .len = NKT_KEM_KEY_SIZE};
        bad.address = (ProtobufCBinaryData){.data = key, .len = rows[i].address_size};
        bad.key = (ProtobufCBinaryData){.data = key, .len = rows[i].key_size};
        for (size_t k = 0; k < rows[i].count; k++)
            pointers[k] = k == 1 ? &bad : &good;
        message.kem_key = pointers;
        message.n_kem_key = rows[i].count;
        CHECK_ERR(records_read(bytes, nkt__records__pack(&message, bytes), &heard), rows[i].err);
        CHECK_EQ(heard.key_count, rows[i].err == NKT_OK ? rows[i].count : 0);
    }
}

/* ---- bytes of all kinds ---- */

static void decode_all(const uint8_t *bytes, size_t size)
{
    nkt_greeting_t greeting;
    nkt_gossip_known_t known[8];
    static nkt_gossip_want_t want;
    int is_answer;
    uint8_t *copy = malloc(size == 0 ? 1 : size);
    CHECK(copy != NULL);
    memcpy(copy, bytes, size);
    if (nkt_gossip_decode_greeting(&greeting, copy, size) == NKT_OK)
        nkt_greeting_deinit(&greeting);
    CHECK(nkt_gossip_decode_digest(known, 8, &is_answer, copy, size) <= 8);
    CHECK(nkt_gossip_decode_want(&want, copy, size) < 0 || want.record_count <= NKT_WANT_COUNT_MAX);
    free(copy);
}

TEST(payloads_cut_or_random_do_no_harm)
{
    const nkt_signed_record_t record = record_of(300, 1);
    nkt_greeting_t greeting;
    nkt_buf_t out = {0};
    const nkt_greeting_t said = {.record = record, .prekey_id = 1, .prekey = prekey, .flags = NKT_GREETING_SEEK};
    CHECK_OK(nkt_gossip_encode_greeting(&out, &said));
    for (size_t cut = 0; cut < out.size; cut++) {
        check_row("%zu bytes", cut);
        decode_all(out.data, cut);
        int err = nkt_gossip_decode_greeting(&greeting, out.data, cut);
        CHECK(err == NKT_OK || err == NKT_E_PAYLOAD);
        if (err == NKT_OK) /* only what is optional may be missing */
            nkt_greeting_deinit(&greeting);
        CHECK(err == NKT_E_PAYLOAD || cut > 300 + NKT_SIGN_SIZE);
    }
    for (size_t bit = 0; bit < out.size * 8; bit++) {
        out.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        decode_all(out.data, out.size);
        out.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    nkt_buf_free(&out);
    uint8_t random[100];
    for (uint64_t seed = 0; seed < 5000; seed++) {
        check_fill(random, sizeof random, seed * 100);
        decode_all(random, seed % sizeof random);
    }
}

TEST(gossip_without_memory)
{
    const nkt_signed_record_t record = record_of(300, 1);
    const nkt_gossip_known_t known = {.sequence = 1};
    const nkt_address_t address = {{1}};
    for (int kind = 0; kind < 4; kind++) {
        int has_failed = 1;
        for (unsigned n = 1; has_failed; n++) {
            nkt_buf_t out = {0};
            check_row("kind %d, allocation %u", kind, n);
            check_allocations_fail_at(n);
            int err = kind == 0   ? nkt_gossip_encode_greeting(&out, &(nkt_greeting_t){.record = record, .prekey_id = 1, .prekey = prekey})
                      : kind == 1 ? nkt_gossip_encode_digest(&out, &known, 1, 1)
                      : kind == 2 ? nkt_gossip_encode_want(&out, &address, 1)
                                  : nkt_gossip_encode_records(&out, &record, 1);
            has_failed = check_allocation_failed();
            CHECK_ERR(err, has_failed ? NKT_E_MEMORY : NKT_OK);
            nkt_buf_free(&out);
        }
    }
    nkt_buf_t out = {0};
    check_allocations_fail_at(0);
    CHECK_OK(nkt_gossip_encode_greeting(&out, &(nkt_greeting_t){.record = record, .prekey_id = 1, .prekey = prekey}));
    int has_failed = 1;
    for (unsigned n = 1; has_failed; n++) {
        nkt_greeting_t greeting;
        check_allocations_fail_at(n);
        int err = nkt_gossip_decode_greeting(&greeting, out.data, out.size);
        has_failed = check_allocation_failed();
        CHECK_ERR(err, has_failed ? NKT_E_PAYLOAD : NKT_OK);
        if (err == NKT_OK)
            nkt_greeting_deinit(&greeting);
    }
    nkt_buf_free(&out);
}
