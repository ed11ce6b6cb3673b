/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The relay's protocol, client side. */
#include "relay/relay.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "check.h"

#define ADDRESS "abcdefghijklmnopqrst"

/* Decodes a copy of exactly that size: a byte read past it is seen. */
static int decode(nkt_relay_message_t *message, uint8_t **copy, const void *bytes, size_t size)
{
    *copy = malloc(size == 0 ? 1 : size);
    CHECK(*copy != NULL);
    if (size > 0)
        memcpy(*copy, bytes, size);
    return nkt_relay_decode(message, *copy, size);
}

TEST(relay_messages)
{
    static const struct {
        const char *what;
        const char *bytes;
        size_t size;
        int err;
        size_t frame_size;
        uint32_t count;
    } rows[] = {
        {"nothing", "", 0, NKT_E_RELAY, 0, 0},
        {"type 0", "\0", 1, NKT_E_RELAY, 0, 0},
        {"type 0xff", "\xff", 1, NKT_E_RELAY, 0, 0},
        {"HELLO is not for us", "\x01\x01", 2, NKT_E_RELAY, 0, 0},
        {"PING is not for us", "\x05\0\0\0\1", 5, NKT_E_RELAY, 0, 0},
        {"WELCOME", "\x81\x02\0\0\1\2", 6, NKT_OK, 0, 258},
        {"WELCOME of the largest room", "\x81\x02\xff\xff\xff\xff", 6, NKT_OK, 0, UINT32_MAX},
        {"WELCOME cut", "\x81\x02\0\0\1", 5, NKT_E_RELAY, 0, 0},
        {"WELCOME empty", "\x81", 1, NKT_E_RELAY, 0, 0},
        {"WELCOME with more", "\x81\x02\0\0\1\2\3", 7, NKT_E_RELAY, 0, 0},
        {"WELCOME of another version", "\x81\x01\0\0\1\2", 6, NKT_E_VERSION, 0, 0},
        {"WELCOME of another version and size", "\x81\x03\0", 3, NKT_E_VERSION, 0, 0},
        {"PONG", "\x85\0\0\0\7", 5, NKT_OK, 0, 7},
        {"PONG cut", "\x85\0\0\0", 4, NKT_E_RELAY, 0, 0},
        {"PONG with more", "\x85\0\0\0\7\0", 6, NKT_E_RELAY, 0, 0},
        {"BROADCAST", "\x02xyz", 4, NKT_OK, 3, 0},
        {"BROADCAST of nothing", "\x02", 1, NKT_OK, 0, 0},
        {"DIRECTED", "\x03" ADDRESS "xyz", 24, NKT_OK, 3, 0},
        {"DIRECTED of nothing", "\x03" ADDRESS, 21, NKT_OK, 0, 0},
        {"DIRECTED with its address cut", "\x03" ADDRESS, 20, NKT_E_RELAY, 0, 0},
        {"DIRECTED without one", "\x03", 1, NKT_E_RELAY, 0, 0},
        {"NOBODY", "\x84" ADDRESS, 21, NKT_OK, 0, 0},
        {"NOBODY cut", "\x84" ADDRESS, 20, NKT_E_RELAY, 0, 0},
        {"NOBODY with more", "\x84" ADDRESS "x", 22, NKT_E_RELAY, 0, 0},
        {"LEFT", "\x86" ADDRESS, 21, NKT_OK, 0, 0},
        {"LEFT cut", "\x86" ADDRESS, 1, NKT_E_RELAY, 0, 0},
        {"LEFT with more", "\x86" ADDRESS "x", 22, NKT_E_RELAY, 0, 0},
        {"CHALLENGE", "\x87xyz.............................", 33, NKT_OK, NKT_RELAY_CHALLENGE_SIZE, 0},
        {"CHALLENGE cut", "\x87xyz............................", 32, NKT_E_RELAY, 0, 0},
        {"CHALLENGE with more", "\x87xyz..............................", 34, NKT_E_RELAY, 0, 0},
        {"PROOF, which is for the relay", "\x06", 1, NKT_E_RELAY, 0, 0},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        nkt_relay_message_t message;
        uint8_t *copy;
        check_row("%s", rows[i].what);
        CHECK_ERR(decode(&message, &copy, rows[i].bytes, rows[i].size), rows[i].err);
        if (rows[i].err == NKT_OK) {
            CHECK_EQ(message.type, (uint8_t)rows[i].bytes[0]);
            CHECK_EQ(message.frame_size, rows[i].frame_size);
            CHECK_EQ(message.count, rows[i].count);
            if (message.frame_size > 0)
                CHECK_BYTES(message.frame, "xyz", 3);
            if (memchr("\x03\x84\x86", message.type, 3) != NULL)
                CHECK_BYTES(message.address.b, ADDRESS, NKT_ADDRESS_SIZE);
        }
        free(copy);
    }
}

TEST(relay_message_of_the_largest_size)
{
    enum { SIZE = 1 + NKT_ADDRESS_SIZE + NKT_FRAME_SIZE_MAX };
    nkt_relay_message_t message;
    uint8_t *copy, *bytes = calloc(1, SIZE + 1);
    CHECK(bytes != NULL);
    bytes[0] = NKT_RELAY_DIRECTED;
    CHECK_OK(decode(&message, &copy, bytes, SIZE));
    CHECK_EQ(message.frame_size, NKT_FRAME_SIZE_MAX);
    free(copy);
    CHECK_ERR(decode(&message, &copy, bytes, SIZE + 1), NKT_E_RELAY);
    free(copy);
    free(bytes);
}

TEST(relay_messages_to_it)
{
    nkt_buf_t out = {0};
    nkt_address_t address;
    memcpy(address.b, ADDRESS, sizeof address.b);
    CHECK_OK(nkt_relay_encode_hello(&out, (const uint8_t *)"ABCDEFGHIJKLMNOPQRST", &address));
    CHECK_EQ(out.size, 42);
    CHECK_BYTES(out.data, "\x01\x02" "ABCDEFGHIJKLMNOPQRST" ADDRESS, 42);
    CHECK_OK(nkt_relay_encode_ping(&out, 0x01020304));
    CHECK_EQ(out.size, 5);
    CHECK_BYTES(out.data, "\x05\1\2\3\4", 5);
    CHECK_OK(nkt_relay_encode_frame(&out, NULL, (const uint8_t *)"xyz", 3));
    CHECK_EQ(out.size, 4);
    CHECK_BYTES(out.data, "\x02xyz", 4);
    CHECK_OK(nkt_relay_encode_frame(&out, &address, (const uint8_t *)"xyz", 3));
    CHECK_EQ(out.size, 24);
    CHECK_BYTES(out.data, "\x03" ADDRESS "xyz", 24);
    nkt_buf_free(&out);
}

static void proof_row(char *const field[CHECK_FIELD_COUNT_MAX])
{
    uint8_t seed[32], public_key[32], secret[64], challenge[NKT_RELAY_CHALLENGE_SIZE], signature[NKT_SIGN_SIZE], expected[NKT_SIGN_SIZE];
    uint8_t to_sign[NKT_RELAY_PROOF_SIGNED_SIZE];
    check_hex(field[1], seed, sizeof seed);
    check_hex(field[2], challenge, sizeof challenge);
    check_hex(field[3], expected, sizeof expected);
    crypto_sign_seed_keypair(public_key, secret, seed);
    nkt_relay_proof_signed_form(to_sign, challenge);
    crypto_sign_detached(signature, NULL, to_sign, sizeof to_sign, secret);
    CHECK_BYTES(signature, expected, sizeof signature);
}

TEST(relay_proof_is_that_of_an_independent_calculation)
{
    check_vectors("derivations.txt", "relay.proof", proof_row);
}

TEST(relay_without_memory)
{
    nkt_buf_t out = {0};
    nkt_address_t address = {{1}};
    check_allocations_fail_at(1);
    CHECK_ERR(nkt_relay_encode_hello(&out, address.b, &address), NKT_E_MEMORY);
    check_allocations_fail_at(1);
    CHECK_ERR(nkt_relay_encode_ping(&out, 1), NKT_E_MEMORY);
    check_allocations_fail_at(1);
    CHECK_ERR(nkt_relay_encode_frame(&out, &address, (const uint8_t *)"xyz", 3), NKT_E_MEMORY);
    nkt_buf_free(&out);
}
