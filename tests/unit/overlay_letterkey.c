/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keys of letters: a chain that goes forward only, bound to who wrote where to whom. */
#include "overlay/letterkey.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "check.h"
#include "identity/pad.h"

static const uint8_t network[NKT_NETWORK_SIZE] = {1, 2, 3};
static const nkt_address_t alice = {{1}}, bob = {{2}}, everybody = {{0}};
static const char text[] = "\x0a\x05said";

typedef struct letter {
    nkt_buf_t sealed;
    uint64_t number;
} letter_t;

static letter_t letter_write(nkt_letter_key_t *key)
{
    letter_t letter = {0};
    const nkt_letter_place_t place = {.network = network, .from = &alice, .to = &bob};
    CHECK_OK(nkt_letter_seal(key, &place, (const uint8_t *)text, sizeof text, &letter.sealed, &letter.number));
    return letter;
}

static int letter_read(const nkt_letter_key_t *key, nkt_letter_key_t *at, const letter_t *letter, const nkt_address_t *from,
                       const nkt_address_t *to)
{
    nkt_buf_t plain = {0};
    const nkt_letter_place_t place = {.network = network, .from = from, .to = to};
    int err = nkt_letter_open(key, at, letter->number, &place, letter->sealed.data, letter->sealed.size, &plain);
    if (err == NKT_OK)
        CHECK_BYTES(plain.data, text, sizeof text);
    nkt_buf_free(&plain);
    return err;
}

/* The key at a place of the chain, tried with the cipher itself. */
static void letter_row(char *const field[CHECK_FIELD_COUNT_MAX])
{
    nkt_letter_key_t key = {.epoch = 1, .number = 1};
    uint8_t letter_key[32], chain[NKT_CHAIN_SIZE];
    letter_t letter;
    check_hex(field[1], key.chain, sizeof key.chain);
    check_hex(field[3], letter_key, sizeof letter_key);
    check_hex(field[4], chain, sizeof chain);
    for (unsigned long steps = strtoul(field[2], NULL, 10); steps > 0; steps--) {
        letter = letter_write(&key);
        nkt_buf_free(&letter.sealed);
    }
    CHECK_BYTES(key.chain, chain, sizeof chain);
    uint8_t bound[] = "\0\0\0\014nkt/2 letter" "\0\0\0\20NNNNNNNNNNNNNNNN" "\0\0\0\24FFFFFFFFFFFFFFFFFFFF" "\0\0\0\24TTTTTTTTTTTTTTTTTTTT"
                      "\0\0\0\10\0\0\0\0\0\0\0\1" "\0\0\0\10\0\0\0\0\0\0\0\0";
    uint8_t plain[NKT_PAD_SIZE_MIN], nonce[24] = {0};
    size_t size = 0;
    memcpy(bound + 20, network, NKT_NETWORK_SIZE);
    memcpy(bound + 40, alice.b, NKT_ADDRESS_SIZE);
    memcpy(bound + 64, bob.b, NKT_ADDRESS_SIZE);
    nkt_put_u32be(bound + 104, (uint32_t)key.number);
    letter = letter_write(&key);
    CHECK_EQ(letter.sealed.size, NKT_PAD_SIZE_MIN + 16);
    CHECK_EQ(crypto_aead_xchacha20poly1305_ietf_decrypt(plain, NULL, NULL, letter.sealed.data, letter.sealed.size, bound,
                                                        sizeof bound - 1, nonce, letter_key), 0);
    CHECK_OK(nkt_unpad(plain, sizeof plain, &size));
    CHECK_EQ(size, sizeof text);
    CHECK_BYTES(plain, text, sizeof text);
    nkt_buf_free(&letter.sealed);
}

TEST(letter_keys_are_those_of_an_independent_calculation)
{
    check_vectors("derivations.txt", "letter", letter_row);
}

TEST(letters_open_from_the_place_where_their_key_was_given)
{
    enum { COUNT = 40, GIVEN = 10 };
    check_entropy_t entropy = {.seed = 1};
    nkt_host_t host = check_host(&entropy);
    nkt_letter_key_t key, given, at = {0};
    letter_t letters[COUNT];
    CHECK_OK(nkt_letter_key_create(&key, &host));
    for (int i = 0; i < COUNT; i++) {
        if (i == GIVEN)
            given = key;
        letters[i] = letter_write(&key);
        CHECK_EQ(letters[i].number, i + 1);
    }
    for (int i = 0; i < COUNT; i++)
        CHECK_ERR(letter_read(&given, &at, &letters[i], &alice, &bob), i < GIVEN ? NKT_E_NO_SESSION : NKT_OK);
    for (int i = COUNT; i-- > GIVEN;) /* in whatever order */
        CHECK_OK(letter_read(&given, &at, &letters[i], &alice, &bob));
    CHECK(memcmp(key.chain, given.chain, sizeof key.chain) != 0);
    for (int i = GIVEN; i < COUNT; i++) { /* what its author has left opens none that is written */
        CHECK_ERR(letter_read(&key, &at, &letters[i], &alice, &bob), NKT_E_NO_SESSION);
        letters[i].number += COUNT;
        CHECK_ERR(letter_read(&key, &at, &letters[i], &alice, &bob), NKT_E_PAYLOAD);
    }
    for (int i = 0; i < COUNT; i++)
        nkt_buf_free(&letters[i].sealed);
}

TEST(distance_is_what_opening_costs)
{
    const nkt_letter_key_t key = {.epoch = 9, .number = 100}, none = {0};
    nkt_letter_key_t at = {.epoch = 9, .number = 150};
    CHECK_EQ(nkt_letter_distance(&key, &none, 100), 0);
    CHECK_EQ(nkt_letter_distance(&key, &none, 170), 70);
    CHECK_EQ(nkt_letter_distance(&key, &at, 170), 20);
    CHECK_EQ(nkt_letter_distance(&key, &at, 149), 49); /* back: from the key on */
    CHECK_EQ(nkt_letter_distance(&key, &at, 99), 0);   /* never */
    CHECK_EQ(nkt_letter_distance(&key, &none, 100 + NKT_LETTER_SKIP_MAX), NKT_LETTER_SKIP_MAX);
    CHECK_EQ(nkt_letter_distance(&key, &none, 101 + NKT_LETTER_SKIP_MAX), 0);
    CHECK_EQ(nkt_letter_distance(&key, &none, UINT64_MAX), 0);
    at.epoch = 8;
    CHECK_EQ(nkt_letter_distance(&key, &at, 170), 70);
}

TEST(letters_are_bound_to_author_recipient_room_and_place)
{
    check_entropy_t entropy = {.seed = 2};
    nkt_host_t host = check_host(&entropy);
    nkt_letter_key_t key, given, at = {0};
    CHECK_OK(nkt_letter_key_create(&key, &host));
    given = key;
    letter_t first = letter_write(&key), second = letter_write(&key);
    CHECK_ERR(letter_read(&given, &at, &first, &bob, &bob), NKT_E_PAYLOAD);
    CHECK_ERR(letter_read(&given, &at, &first, &alice, &alice), NKT_E_PAYLOAD);
    CHECK_ERR(letter_read(&given, &at, &first, &alice, &everybody), NKT_E_PAYLOAD);
    second.number = first.number;
    CHECK_ERR(letter_read(&given, &at, &second, &alice, &bob), NKT_E_PAYLOAD);
    for (size_t i = 0; i < first.sealed.size; i++) {
        first.sealed.data[i] ^= 1;
        CHECK_ERR(letter_read(&given, &at, &first, &alice, &bob), NKT_E_PAYLOAD);
        first.sealed.data[i] ^= 1;
    }
    CHECK_OK(letter_read(&given, &at, &first, &alice, &bob));
    first.number = 1 + NKT_LETTER_SKIP_MAX + 1;
    CHECK_ERR(letter_read(&given, &at, &first, &alice, &bob), NKT_E_NO_SESSION);
    nkt_buf_free(&first.sealed);
    nkt_buf_free(&second.sealed);
}

TEST(letters_without_memory_leave_the_chain_where_it_is)
{
    check_entropy_t entropy = {.seed = 3};
    nkt_host_t host = check_host(&entropy);
    nkt_letter_key_t key, before;
    nkt_buf_t out = {0};
    uint64_t number = 0;
    const nkt_letter_place_t place = {.network = network, .from = &alice, .to = &bob};
    CHECK_OK(nkt_letter_key_create(&key, &host));
    before = key;
    check_allocations_fail_at(1);
    CHECK_ERR(nkt_letter_seal(&key, &place, (const uint8_t *)text, sizeof text, &out, &number), NKT_E_MEMORY);
    CHECK_BYTES(&key, &before, sizeof key);
    CHECK_EQ(out.size, 0);
    entropy.fail_at = entropy.call_count + 1;
    CHECK_ERR(nkt_letter_key_create(&key, &host), NKT_E_ENTROPY);
    nkt_buf_free(&out);
}
