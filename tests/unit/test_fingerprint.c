/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Safety numbers. */
#include <string.h>

#include "check.h"
#include "pair.h"
#include "session/fingerprint.h"

static void number_of(const person_t *a, const person_t *b, char digits[NKT_SAFETY_DIGIT_COUNT + 1])
{
    CHECK_OK(nkt_fingerprint(a->sessions, &a->identity.address, a->identity.identity_public, &b->identity.address,
                             b->identity.identity_public, digits));
}

TEST(safety_number_is_the_same_on_both_sides_and_another_for_others)
{
    enum { COUNT = 5 };
    person_t people[COUNT];
    char numbers[COUNT][COUNT][NKT_SAFETY_DIGIT_COUNT + 1];
    for (uint64_t i = 0; i < COUNT; i++)
        person_init(&people[i], i + 1);
    for (int a = 0; a < COUNT; a++) {
        for (int b = 0; b < COUNT; b++) {
            if (a != b)
                number_of(&people[a], &people[b], numbers[a][b]);
        }
    }
    for (int a = 0; a < COUNT; a++) {
        for (int b = 0; b < a; b++) {
            CHECK_TEXT(numbers[a][b], numbers[b][a]);
            CHECK_EQ(strspn(numbers[a][b], "0123456789"), NKT_SAFETY_DIGIT_COUNT);
            for (int other = 0; other < COUNT; other++) {
                if (other != a && other != b)
                    CHECK(strcmp(numbers[a][b], numbers[a][other]) != 0 && strcmp(numbers[a][b], numbers[b][other]) != 0);
            }
        }
    }
    for (int i = 0; i < COUNT; i++)
        person_deinit(&people[i]);
}

TEST(safety_number_changes_with_each_key)
{
    person_t alice, bob;
    char number[NKT_SAFETY_DIGIT_COUNT + 1], changed[NKT_SAFETY_DIGIT_COUNT + 1];
    uint8_t key[32];
    person_init(&alice, 1);
    person_init(&bob, 2);
    number_of(&alice, &bob, number);
    for (int at = 0; at < 32; at += 5) {
        memcpy(key, bob.identity.identity_public, sizeof key);
        key[at] ^= 1; /* another identity key, the same address: the record would be refused, the number tells all the same */
        CHECK_OK(nkt_fingerprint(alice.sessions, &alice.identity.address, alice.identity.identity_public, &bob.identity.address,
                                 key, changed));
        CHECK(strcmp(number, changed) != 0);
    }
    nkt_address_t address = bob.identity.address; /* another signing key makes another address */
    address.b[7] ^= 1;
    CHECK_OK(nkt_fingerprint(alice.sessions, &alice.identity.address, alice.identity.identity_public, &address,
                             bob.identity.identity_public, changed));
    CHECK(strcmp(number, changed) != 0);
    person_deinit(&alice);
    person_deinit(&bob);
}

static void vector_row(char *const field[CHECK_FIELD_COUNT_MAX])
{
    person_t anybody;
    nkt_address_t a, b;
    uint8_t a_key[32], b_key[32];
    char number[NKT_SAFETY_DIGIT_COUNT + 1];
    check_hex(field[1], a.b, sizeof a.b);
    check_hex(field[2], a_key, sizeof a_key);
    check_hex(field[3], b.b, sizeof b.b);
    check_hex(field[4], b_key, sizeof b_key);
    person_init(&anybody, 3);
    CHECK_OK(nkt_fingerprint(anybody.sessions, &a, a_key, &b, b_key, number));
    CHECK_TEXT(number, field[5]);
    CHECK_OK(nkt_fingerprint(anybody.sessions, &b, b_key, &a, a_key, number));
    CHECK_TEXT(number, field[5]);
    person_deinit(&anybody);
}

TEST(safety_number_is_that_of_an_independent_calculation)
{
    check_vectors("derivations.txt", "safety", vector_row);
}

TEST(safety_number_without_memory_is_an_error)
{
    person_t alice, bob;
    char number[NKT_SAFETY_DIGIT_COUNT + 1];
    person_init(&alice, 1);
    person_init(&bob, 2);
    for (unsigned n = 1;; n++) {
        check_row("allocation %u", n);
        check_allocations_fail_at(n);
        int err = nkt_fingerprint(alice.sessions, &alice.identity.address, alice.identity.identity_public,
                                  &bob.identity.address, bob.identity.identity_public, number);
        int has_failed = check_allocation_failed();
        check_allocations_fail_at(0);
        if (!has_failed)
            break;
        CHECK(err < 0);
        if (n > 200)
            n += 997; /* the rounds are all alike: 10,400 of them */
    }
    person_deinit(&alice);
    person_deinit(&bob);
}
