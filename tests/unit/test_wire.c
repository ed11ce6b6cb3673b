/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Envelopes: length, type, syntax, expiry, signature; every byte of a frame counts. */
#include "wire/envelope.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/hash.h"
#include "check.h"
#include "nkt.pb-c.h"
#include "wire/pack.h"

#define NOW UINT64_C(1700000000000)

enum { BODY_OFFSET = NKT_HEADER_SIZE + NKT_SIGN_SIZE };

static const uint8_t network[NKT_NETWORK_SIZE] = {'n', 'e', 't'};
static const nkt_address_t ada = {{'a', 'd', 'a'}}, bob = {{'b', 'o', 'b'}};
static uint8_t sign_public[32], sign_secret[64];

static void keys_make(void)
{
    static const uint8_t seed[32] = {1};
    crypto_sign_seed_keypair(sign_public, sign_secret, seed);
}

static void frame_make(nkt_buf_t *frame, const nkt_address_t *to, size_t payload_size)
{
    static uint8_t payload[NKT_FRAME_SIZE_MAX];
    const nkt_envelope_parts_t parts = {.network = network,
                                        .from = &ada,
                                        .to = to,
                                        .kind = NKT_KIND_SESSION,
                                        .created_ms = NOW,
                                        .payload = payload,
                                        .payload_size = payload_size};
    check_fill(payload, sizeof payload, 1);
    keys_make();
    CHECK_OK(nkt_envelope_encode(frame, &parts, sign_secret, NULL));
}

/* All that is checked of a frame, in the order it is; of a copy of exactly that size. */
static int receive(const uint8_t *frame, size_t size)
{
    uint8_t digest[NKT_DIGEST_SIZE], *copy = malloc(size == 0 ? 1 : size);
    nkt_envelope_t envelope;
    CHECK(copy != NULL);
    if (size > 0)
        memcpy(copy, frame, size);
    int err = nkt_envelope_digest(copy, size, digest);
    if (err == NKT_OK)
        err = nkt_envelope_decode(&envelope, copy, size, digest);
    if (err == NKT_OK) {
        err = nkt_envelope_verify(&envelope, sign_public);
        nkt_envelope_deinit(&envelope);
    }
    free(copy);
    return err;
}

static void envelope_row(char *const field[CHECK_FIELD_COUNT_MAX])
{
    uint8_t seed[32], public_key[32], secret[64], net[NKT_NETWORK_SIZE], payload[64], digest[NKT_DIGEST_SIZE];
    static uint8_t expected[1024];
    nkt_address_t from, to;
    size_t payload_size = strcmp(field[7], "-") == 0 ? 0 : strlen(field[7]) / 2;
    int has_to = strcmp(field[4], "-") != 0;
    nkt_buf_t frame = {0};
    check_hex(field[1], seed, sizeof seed);
    check_hex(field[2], net, sizeof net);
    check_hex(field[3], from.b, sizeof from.b);
    if (has_to)
        check_hex(field[4], to.b, sizeof to.b);
    if (payload_size > 0)
        check_hex(field[7], payload, payload_size);
    crypto_sign_seed_keypair(public_key, secret, seed);
    const nkt_envelope_parts_t parts = {.network = net,
                                        .from = &from,
                                        .to = has_to ? &to : NULL,
                                        .kind = (nkt_kind_t)strtoul(field[5], NULL, 10),
                                        .created_ms = strtoull(field[6], NULL, 10),
                                        .may_keep = strcmp(field[0], "envelope.keep") == 0,
                                        .payload = payload,
                                        .payload_size = payload_size};
    CHECK_OK(nkt_envelope_encode(&frame, &parts, secret, digest));
    CHECK_EQ(frame.size, strlen(field[8]) / 2);
    check_hex(field[8], expected, frame.size);
    CHECK_BYTES(frame.data, expected, frame.size);
    nkt_buf_free(&frame);
}

TEST(envelope_is_that_of_an_independent_calculation)
{
    check_vectors("derivations.txt", "envelope", envelope_row);
    check_vectors("derivations.txt", "envelope.keep", envelope_row);
}

TEST(envelope_comes_back)
{
    nkt_buf_t frame = {0};
    nkt_envelope_t envelope;
    uint8_t digest[NKT_DIGEST_SIZE];
    frame_make(&frame, &bob, 100);
    CHECK_OK(nkt_envelope_digest(frame.data, frame.size, digest));
    CHECK_OK(nkt_envelope_decode(&envelope, frame.data, frame.size, digest));
    CHECK_OK(nkt_envelope_verify(&envelope, sign_public));
    CHECK_BYTES(envelope.network, network, sizeof network);
    CHECK_BYTES(envelope.from.b, ada.b, sizeof ada.b);
    CHECK_BYTES(envelope.to.b, bob.b, sizeof bob.b);
    CHECK_EQ(envelope.kind, NKT_KIND_SESSION);
    CHECK_EQ(envelope.created_ms, NOW);
    CHECK_EQ(envelope.ttl_s, NKT_ENVELOPE_TTL_S);
    CHECK_EQ(envelope.payload_size, 100);
    CHECK_EQ(envelope.hops, 0);
    CHECK_EQ(envelope.may_keep, 0);
    nkt_envelope_deinit(&envelope);
    nkt_envelope_deinit(&envelope);
    nkt_buf_free(&frame);
    frame_make(&frame, NULL, 0);
    CHECK_OK(nkt_envelope_digest(frame.data, frame.size, digest));
    CHECK_OK(nkt_envelope_decode(&envelope, frame.data, frame.size, digest));
    CHECK(nkt_is_zero(envelope.to.b, sizeof envelope.to.b));
    CHECK_EQ(envelope.payload_size, 0);
    nkt_envelope_deinit(&envelope);
    nkt_buf_free(&frame);
}

TEST(envelope_that_may_be_kept_says_so_under_its_signature)
{
    nkt_envelope_parts_t parts = {
        .network = network, .from = &ada, .to = &bob, .kind = NKT_KIND_SESSION, .created_ms = NOW, .may_keep = 1};
    nkt_buf_t frame = {0};
    nkt_envelope_t envelope;
    uint8_t digest[NKT_DIGEST_SIZE];
    keys_make();
    CHECK_OK(nkt_envelope_encode(&frame, &parts, sign_secret, NULL));
    CHECK_OK(nkt_envelope_digest(frame.data, frame.size, digest));
    CHECK_OK(nkt_envelope_decode(&envelope, frame.data, frame.size, digest));
    CHECK_EQ(envelope.may_keep, 1);
    nkt_envelope_deinit(&envelope);
    frame.data[frame.size - 1] = 0; /* its last field: a neighbour takes the mark off */
    CHECK_ERR(receive(frame.data, frame.size), NKT_E_SIGNATURE);
    nkt_buf_free(&frame);
}

TEST(envelope_cut_anywhere_is_refused)
{
    nkt_buf_t frame = {0};
    frame_make(&frame, &bob, 100);
    for (size_t cut = 0; cut < frame.size; cut++) {
        check_row("%zu bytes", cut);
        int err = receive(frame.data, cut);
        CHECK_ERR(err, cut <= BODY_OFFSET ? NKT_E_FRAME_LENGTH : NKT_E_FRAME_SYNTAX);
    }
    CHECK_OK(receive(frame.data, frame.size));
    CHECK_OK(nkt_buf_append_u8(&frame, 0));
    CHECK(receive(frame.data, frame.size) < 0);
    nkt_buf_free(&frame);
}

TEST(envelope_with_any_bit_flipped_is_refused_but_for_its_hops)
{
    nkt_buf_t frame = {0};
    frame_make(&frame, &bob, 40);
    for (size_t bit = 0; bit < frame.size * 8; bit++) {
        frame.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        int err = receive(frame.data, frame.size);
        check_row("byte %zu, bit %zu", bit / 8, bit % 8);
        if (bit / 8 == 0)
            CHECK_ERR(err, bit < 4 ? NKT_E_FRAME_TYPE : NKT_E_VERSION);
        else if (bit / 8 == 1)
            CHECK_OK(err);
        else if (bit / 8 < BODY_OFFSET)
            CHECK_ERR(err, NKT_E_SIGNATURE);
        else
            CHECK(err == NKT_E_FRAME_SYNTAX || err == NKT_E_EXPIRED || err == NKT_E_SIGNATURE);
        frame.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    CHECK_OK(receive(frame.data, frame.size));
    nkt_buf_free(&frame);
}

TEST(envelope_by_somebody_else_is_refused)
{
    static const uint8_t seed[32] = {2};
    nkt_buf_t frame = {0};
    frame_make(&frame, &bob, 40);
    crypto_sign_seed_keypair(sign_public, sign_secret, seed);
    CHECK_ERR(receive(frame.data, frame.size), NKT_E_SIGNATURE);
    static const char *const keys[] = {/* of low order: would verify anything for some */
                                       "0000000000000000000000000000000000000000000000000000000000000000",
                                       "0100000000000000000000000000000000000000000000000000000000000000"};
    memset(frame.data + NKT_HEADER_SIZE, 0, NKT_SIGN_SIZE);
    frame.data[NKT_HEADER_SIZE] = 1;
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        check_hex(keys[i], sign_public, sizeof sign_public);
        CHECK_ERR(receive(frame.data, frame.size), NKT_E_SIGNATURE);
    }
    nkt_buf_free(&frame);
}

/* S + L is the only other form of an Ed25519 signature: refused, and the id is of the body anyway. */
TEST(envelope_with_the_order_added_to_its_signature_is_refused)
{
    uint8_t order[32], before[NKT_DIGEST_SIZE], after[NKT_DIGEST_SIZE];
    nkt_buf_t frame = {0};
    unsigned carry = 0;
    frame_make(&frame, &bob, 40);
    CHECK_OK(nkt_envelope_digest(frame.data, frame.size, before));
    check_hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010", order, sizeof order);
    for (size_t i = 0; i < 32; i++) {
        uint8_t *byte = &frame.data[NKT_HEADER_SIZE + 32 + i];
        carry += (unsigned)*byte + order[i];
        *byte = (uint8_t)carry;
        carry >>= 8;
    }
    CHECK_ERR(receive(frame.data, frame.size), NKT_E_SIGNATURE);
    CHECK_OK(nkt_envelope_digest(frame.data, frame.size, after));
    CHECK_BYTES(after, before, sizeof before);
    nkt_buf_free(&frame);
}

/* What is signed of the same bytes under any other label is no envelope's signature. */
TEST(envelope_signature_is_of_envelopes_alone)
{
    nkt_buf_t frame = {0};
    uint8_t to_sign[NKT_HASH_SIZE];
    frame_make(&frame, &bob, 40);
    for (unsigned label = 0; label < NKT_LABEL_COUNT; label++) {
        check_row("%s", nkt_label_text((nkt_label_t)label));
        NKT_HASH(to_sign, sizeof to_sign, NULL, (nkt_label_t)label, {frame.data + BODY_OFFSET, frame.size - BODY_OFFSET});
        crypto_sign_detached(frame.data + NKT_HEADER_SIZE, NULL, to_sign, sizeof to_sign, sign_secret);
        CHECK_ERR(receive(frame.data, frame.size), label == NKT_LABEL_ENVELOPE ? NKT_OK : NKT_E_SIGNATURE);
    }
    nkt_buf_free(&frame);
}

TEST(frame_types)
{
    nkt_buf_t frame = {0};
    frame_make(&frame, &bob, 40);
    for (unsigned type = 0; type < 256; type++) {
        frame.data[0] = (uint8_t)type;
        check_row("type %02x", type);
        CHECK_ERR(receive(frame.data, frame.size), type == NKT_FRAME_ENVELOPE ? NKT_OK : type >> 4 == 2 ? NKT_E_FRAME_TYPE : NKT_E_VERSION);
    }
    nkt_buf_free(&frame);
}

/* ---- bodies of all kinds, well signed ---- */

typedef struct body_row {
    const char *what;
    uint64_t created_ms;
    uint32_t ttl_s;
    size_t network_size, from_size, to_size; /* to_size: no `to` if 99 */
    uint8_t from, to;                        /* first byte of an address that is else zero */
    uint32_t kind;
    int err;
} body_row_t;

enum { NO_TO = 99 };

static int receive_body(const body_row_t *row)
{
    uint8_t from[32] = {row->from}, to[32] = {row->to}, net[32] = {1}, frame[400] = {NKT_FRAME_ENVELOPE};
    uint8_t to_sign[NKT_HASH_SIZE];
    Nkt__Body body = NKT__BODY__INIT;
    body.network = (ProtobufCBinaryData){.data = net, .len = row->network_size};
    body.from = (ProtobufCBinaryData){.data = from, .len = row->from_size};
    body.has_to = row->to_size != NO_TO;
    body.to = (ProtobufCBinaryData){.data = to, .len = body.has_to ? row->to_size : 0};
    body.kind = row->kind;
    body.payload = (ProtobufCBinaryData){.data = net, .len = 0};
    body.created_ms = row->created_ms;
    body.ttl_s = row->ttl_s;
    size_t size = nkt__body__pack(&body, frame + BODY_OFFSET);
    keys_make();
    NKT_HASH(to_sign, sizeof to_sign, NULL, NKT_LABEL_ENVELOPE, {frame + BODY_OFFSET, size});
    crypto_sign_detached(frame + NKT_HEADER_SIZE, NULL, to_sign, sizeof to_sign, sign_secret);
    return receive(frame, BODY_OFFSET + size);
}

#define LIFE_MS ((uint64_t)NKT_ENVELOPE_TTL_S * 1000)

TEST(envelope_bodies)
{
    static const body_row_t rows[] = {
        {"to somebody", NOW, 300, 16, 20, 20, 1, 2, NKT_KIND_SESSION, NKT_OK},
        {"to everybody", NOW, 300, 16, 20, NO_TO, 1, 0, NKT_KIND_CLEAR, NKT_OK},
        {"kind of a later version", NOW, 300, 16, 20, 20, 1, 2, 4711, NKT_OK},
        {"kind 0", NOW, 300, 16, 20, 20, 1, 2, 0, NKT_E_FRAME_SYNTAX},
        {"no network", NOW, 300, 0, 20, 20, 1, 2, 6, NKT_E_FRAME_SYNTAX},
        {"network too short", NOW, 300, 15, 20, 20, 1, 2, 6, NKT_E_FRAME_SYNTAX},
        {"network too long", NOW, 300, 17, 20, 20, 1, 2, 6, NKT_E_FRAME_SYNTAX},
        {"from nobody", NOW, 300, 16, 20, 20, 0, 2, 6, NKT_E_FRAME_SYNTAX},
        {"sender empty", NOW, 300, 16, 0, 20, 1, 2, 6, NKT_E_FRAME_SYNTAX},
        {"sender too short", NOW, 300, 16, 19, 20, 1, 2, 6, NKT_E_FRAME_SYNTAX},
        {"sender too long", NOW, 300, 16, 21, 20, 1, 2, 6, NKT_E_FRAME_SYNTAX},
        {"to nobody", NOW, 300, 16, 20, 20, 1, 0, 6, NKT_E_FRAME_SYNTAX},
        {"recipient empty", NOW, 300, 16, 20, 0, 1, 0, 6, NKT_E_FRAME_SYNTAX},
        {"recipient too short", NOW, 300, 16, 20, 19, 1, 2, 6, NKT_E_FRAME_SYNTAX},
        {"recipient too long", NOW, 300, 16, 20, 32, 1, 2, 6, NKT_E_FRAME_SYNTAX},
        {"of long ago: whether that is fresh is its author's clock's", 1, 300, 16, 20, 20, 1, 2, 6, NKT_OK},
        {"of the last time there is", NKT_TIME_MS_MAX, 300, 16, 20, 20, 1, 2, 6, NKT_OK},
        {"of a later one", NKT_TIME_MS_MAX + 1, 300, 16, 20, 20, 1, 2, 6, NKT_E_EXPIRED},
        {"of the end of all numbers", UINT64_MAX, 300, 16, 20, 20, 1, 2, 6, NKT_E_EXPIRED},
        {"longest life", NOW, NKT_ENVELOPE_TTL_S_MAX, 16, 20, 20, 1, 2, 6, NKT_OK},
        {"life too long", NOW, NKT_ENVELOPE_TTL_S_MAX + 1, 16, 20, 20, 1, 2, 6, NKT_E_EXPIRED},
        {"life of 136 years", NOW, UINT32_MAX, 16, 20, 20, 1, 2, 6, NKT_E_EXPIRED},
        {"no life at all", NOW, 0, 16, 20, 20, 1, 2, 6, NKT_OK},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        check_row("%s", rows[i].what);
        CHECK_ERR(receive_body(&rows[i]), rows[i].err);
    }
}

TEST(envelope_sizes)
{
    static uint8_t frame[NKT_FRAME_SIZE_MAX + 1] = {NKT_FRAME_ENVELOPE};
    static const struct {
        size_t size;
        int err;
    } rows[] = {
        {0, NKT_E_FRAME_LENGTH},
        {1, NKT_E_FRAME_LENGTH},
        {BODY_OFFSET, NKT_E_FRAME_LENGTH},
        {BODY_OFFSET + 1, NKT_OK},
        {NKT_FRAME_SIZE_MAX, NKT_OK},
        {NKT_FRAME_SIZE_MAX + 1, NKT_E_FRAME_LENGTH},
    };
    uint8_t digest[NKT_DIGEST_SIZE];
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        check_row("%zu bytes", rows[i].size);
        CHECK_ERR(nkt_envelope_digest(frame, rows[i].size, digest), rows[i].err);
    }
}

TEST(envelope_of_the_largest_size)
{
    static uint8_t payload[NKT_FRAME_SIZE_MAX];
    nkt_envelope_parts_t parts = {
        .network = network, .from = &ada, .to = &bob, .kind = NKT_KIND_SESSION, .created_ms = NOW, .payload = payload};
    nkt_buf_t frame = {0};
    keys_make();
    size_t size = NKT_VALUE_SIZE_MAX;
    for (;; size++) {
        parts.payload_size = size;
        int err = nkt_envelope_encode(&frame, &parts, sign_secret, NULL);
        if (err == NKT_E_SIZE)
            break;
        CHECK_OK(err);
        CHECK(frame.size <= NKT_FRAME_SIZE_MAX);
    }
    parts.payload_size = size - 1;
    CHECK_OK(nkt_envelope_encode(&frame, &parts, sign_secret, NULL));
    CHECK_EQ(frame.size, NKT_FRAME_SIZE_MAX);
    CHECK_OK(receive(frame.data, frame.size));
    parts.payload_size = sizeof payload;
    CHECK_ERR(nkt_envelope_encode(&frame, &parts, sign_secret, NULL), NKT_E_SIZE);
    nkt_buf_free(&frame);
}

TEST(envelope_of_random_bytes_is_refused)
{
    uint8_t frame[300];
    keys_make();
    for (uint64_t seed = 0; seed < 20000; seed++) {
        size_t size = BODY_OFFSET + 1 + seed % 200;
        check_fill(frame, size, seed * 1000);
        frame[0] = NKT_FRAME_ENVELOPE;
        check_row("seed %u", (unsigned)seed);
        CHECK(receive(frame, size) < 0);
    }
}

TEST(envelope_without_memory)
{
    nkt_buf_t frame = {0};
    frame_make(&frame, &bob, 40);
    int has_failed = 1;
    for (unsigned n = 2; has_failed; n++) { /* the first is the copy of the test's own */
        check_row("allocation %u", n);
        check_allocations_fail_at(n);
        int err = receive(frame.data, frame.size);
        has_failed = check_allocation_failed();
        CHECK_ERR(err, has_failed ? NKT_E_FRAME_SYNTAX : NKT_OK);
    }
    nkt_buf_free(&frame);
    const nkt_envelope_parts_t parts = {.network = network, .from = &ada, .kind = NKT_KIND_BYE};
    check_allocations_fail_at(1);
    CHECK_ERR(nkt_envelope_encode(&frame, &parts, sign_secret, NULL), NKT_E_MEMORY);
}

TEST(pack_of_nothing_is_something)
{
    const Nkt__Want nobody = NKT__WANT__INIT;
    nkt_buf_t out = {0};
    CHECK(nkt_pack_lend(NULL, 0).data != NULL); /* packed by memcpy, which does not take NULL */
    CHECK_EQ(nkt_pack_lend(NULL, 0).len, 0);
    CHECK_OK(nkt_pack(&out, &nobody.base));
    CHECK_EQ(out.size, 0);
    CHECK(out.data != NULL);
    const nkt_envelope_parts_t parts = {.network = network, .from = &ada, .kind = NKT_KIND_BYE, .created_ms = NOW};
    keys_make();
    CHECK_OK(nkt_envelope_encode(&out, &parts, sign_secret, NULL));
    CHECK_OK(receive(out.data, out.size));
    nkt_buf_free(&out);
    check_allocations_fail_at(1);
    CHECK_ERR(nkt_pack(&out, &nobody.base), NKT_E_MEMORY);
}

TEST(kinds_have_names)
{
    static const char *const names[] = {"unknown", "greeting", "digest", "want",   "records",
                                        "signal",  "session",  "clear",  "bye",    "group", "walk", "mail",
                                        "keep",    "receipt",  "letter", "shared", "content", "ephemeral"};
    CHECK_EQ(COUNT_OF(names), NKT_KIND_COUNT);
    for (unsigned kind = 0; kind < NKT_KIND_COUNT; kind++)
        CHECK_TEXT(nkt_kind_name(kind), names[kind]);
    CHECK_TEXT(nkt_kind_name(NKT_KIND_COUNT), "unknown");
    CHECK_TEXT(nkt_kind_name(UINT32_MAX), "unknown");
}

/* ---- the work of unpacking, which comes before any signature ---- */

/* Nothing is allocated for what is refused, and that is all the work there is. */
static void check_refused_unread(const ProtobufCMessageDescriptor *descriptor, const nkt_buf_t *bytes)
{
    check_allocations_fail_at(1);
    CHECK(nkt_unpack(descriptor, bytes->size, bytes->data) == NULL);
    CHECK_EQ(check_allocation_failed(), 0);
    check_allocations_fail_at(0);
}

static void field_put(nkt_buf_t *out, unsigned number, const uint8_t *value, uint8_t size)
{
    const uint8_t head[] = {(uint8_t)(number << 3 | 2), size};
    CHECK_OK(nkt_buf_append(out, head, sizeof head));
    CHECK_OK(nkt_buf_append(out, value, size));
}

static const ProtobufCMessageDescriptor *const all_messages[] = {
    &nkt__body__descriptor, &nkt__user_record__descriptor, &nkt__signed_record__descriptor, &nkt__greeting__descriptor,
    &nkt__digest__descriptor, &nkt__want__descriptor, &nkt__records__descriptor, &nkt__signal__descriptor,
    &nkt__invite__descriptor, &nkt__walk__descriptor, &nkt__mail__descriptor, &nkt__clear__descriptor,
    &nkt__ciphertext__descriptor, &nkt__inner__descriptor,
};

TEST(message_with_thousands_of_unknown_fields_is_refused_unread)
{
    static const uint8_t unknown[] = {0xf0, 0x3f, 0}; /* field 1022, of two bytes and one of value */
    nkt_buf_t bytes = {0};
    for (int i = 0; i < 21000; i++)
        CHECK_OK(nkt_buf_append(&bytes, unknown, sizeof unknown));
    for (size_t i = 0; i < COUNT_OF(all_messages); i++) {
        check_row("%s", all_messages[i]->name);
        check_refused_unread(all_messages[i], &bytes);
    }
    bytes.size = (NKT_FIELD_STRANGER_COUNT_MAX + 1) * sizeof unknown;
    check_refused_unread(&nkt__want__descriptor, &bytes);
    bytes.size -= sizeof unknown; /* as many as a later version may have */
    Nkt__Want *want = nkt_unpack(&nkt__want__descriptor, bytes.size, bytes.data);
    CHECK(want != NULL && want->n_address == 0);
    nkt__want__free_unpacked(want, NULL);
    nkt_buf_free(&bytes);
}

TEST(message_with_fields_hidden_in_its_parts_is_refused_unread)
{
    static const uint8_t unknown[] = {0xf0, 0x3f, 0};
    nkt_buf_t known = {0}, digest = {0};
    for (int i = 0; i < 40; i++)
        CHECK_OK(nkt_buf_append(&known, unknown, sizeof unknown));
    for (int i = 0; i < 500; i++)
        field_put(&digest, 1, known.data, (uint8_t)known.size); /* 40 in each of 500 */
    check_refused_unread(&nkt__digest__descriptor, &digest);
    nkt_buf_free(&known);
    nkt_buf_free(&digest);
}

/* A part's own value ends where the part does, though more bytes follow. */
TEST(message_with_a_value_that_leaves_its_part_is_refused_unread)
{
    static const uint8_t cut[] = {0x0a, 5, 1}; /* an address of five bytes, of which one is there ... */
    static const uint8_t next[] = {0x10, 1};   /* ... and four are the part that follows */
    nkt_buf_t digest = {0};
    field_put(&digest, 1, cut, sizeof cut);
    field_put(&digest, 1, next, sizeof next);
    check_refused_unread(&nkt__digest__descriptor, &digest);
    nkt_buf_free(&digest);
}

TEST(message_with_too_many_of_its_own_fields_is_refused_unread)
{
    nkt_buf_t want = {0};
    for (int i = 0; i <= NKT_FIELD_COUNT_MAX; i++)
        field_put(&want, 1, ada.b, NKT_ADDRESS_SIZE);
    check_refused_unread(&nkt__want__descriptor, &want);
    want.size -= 2 + NKT_ADDRESS_SIZE;
    Nkt__Want *most = nkt_unpack(&nkt__want__descriptor, want.size, want.data);
    CHECK(most != NULL && most->n_address == NKT_FIELD_COUNT_MAX);
    nkt__want__free_unpacked(most, NULL);
    nkt_buf_free(&want);
}

/* The largest that is honest: a digest of 512. */
TEST(message_as_large_as_ours_are_is_unpacked)
{
    nkt_buf_t bytes = {0};
    Nkt__Digest digest = NKT__DIGEST__INIT;
    Nkt__Known entries[NKT_DIGEST_COUNT_MAX], *pointers[NKT_DIGEST_COUNT_MAX];
    for (size_t i = 0; i < NKT_DIGEST_COUNT_MAX; i++) {
        entries[i] = (Nkt__Known)NKT__KNOWN__INIT;
        entries[i].address = nkt_pack_lend(ada.b, NKT_ADDRESS_SIZE);
        pointers[i] = &entries[i];
    }
    digest.known = pointers;
    digest.n_known = NKT_DIGEST_COUNT_MAX;
    digest.has_answer = 1;
    CHECK_OK(nkt_pack(&bytes, &digest.base));
    Nkt__Digest *back = nkt_unpack(&nkt__digest__descriptor, bytes.size, bytes.data);
    CHECK(back != NULL && back->n_known == NKT_DIGEST_COUNT_MAX);
    nkt__digest__free_unpacked(back, NULL);
    nkt_buf_free(&bytes);
}

TEST(message_cut_or_with_odd_varints_is_refused)
{
    static const uint8_t endless[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1};
    static const uint8_t past_end[] = {0x0a, 0x7f, 1}, huge[] = {0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1};
    static const uint8_t group[] = {0x0b, 0x0c}, no_value[] = {0x08}, half[] = {0x0d, 1, 2};
    const struct {
        const uint8_t *bytes;
        size_t size;
    } rows[] = {{endless, sizeof endless}, {past_end, sizeof past_end}, {huge, sizeof huge},
                {group, sizeof group},     {no_value, sizeof no_value}, {half, sizeof half}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        nkt_buf_t exact = {0};
        CHECK_OK(nkt_buf_set(&exact, rows[i].bytes, rows[i].size));
        check_row("row %zu", i);
        CHECK(nkt_unpack(&nkt__want__descriptor, exact.size, exact.data) == NULL);
        nkt_buf_free(&exact);
    }
}
