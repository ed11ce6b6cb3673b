/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Authentication of a link: whatever one end saw differently, the frame is refused. */
#include "overlay/linkauth.h"

#include <string.h>

#include <sodium.h>

#include "check.h"
#include "wire/kinds.h"

static uint8_t offerer_public[32], offerer_secret[64], answerer_public[32], answerer_secret[64];
static const uint8_t room_key[32] = {'r', 'o', 'o', 'm'};

static void auth_make(nkt_linkauth_t *auth)
{
    static const uint8_t one[32] = {1}, two[32] = {2};
    crypto_sign_seed_keypair(offerer_public, offerer_secret, one);
    crypto_sign_seed_keypair(answerer_public, answerer_secret, two);
    check_fill((uint8_t *)auth, sizeof *auth, 7);
}

static int verify(const uint8_t *frame, size_t size, const nkt_linkauth_t *auth, int is_offerer)
{
    const uint8_t *told = NULL;
    return nkt_linkauth_verify(frame, size, auth, is_offerer, is_offerer ? offerer_public : answerer_public, &told);
}

TEST(link_is_authenticated_by_both_ends)
{
    nkt_linkauth_t auth;
    uint8_t frame[NKT_LINKAUTH_FRAME_SIZE];
    const uint8_t *told = frame;
    auth_make(&auth);
    nkt_linkauth_sign(frame, &auth, 1, room_key, offerer_secret);
    CHECK_EQ(frame[0], NKT_FRAME_AUTH);
    CHECK_OK(nkt_linkauth_verify(frame, sizeof frame, &auth, 1, offerer_public, &told));
    CHECK_BYTES(told, room_key, sizeof room_key);
    nkt_linkauth_sign(frame, &auth, 0, NULL, answerer_secret);
    CHECK_OK(nkt_linkauth_verify(frame, sizeof frame, &auth, 0, answerer_public, &told));
    CHECK(told == NULL);
}

static void swap(void *a, void *b, size_t size)
{
    uint8_t *one = a, *two = b;
    for (size_t i = 0; i < size; i++) {
        uint8_t byte = one[i];
        one[i] = two[i];
        two[i] = byte;
    }
}

#define VIEW(name) static void name(nkt_linkauth_t *it)
VIEW(as_it_is) { (void)it; }
VIEW(addresses_swapped) { swap(&it->offerer, &it->answerer, sizeof it->offerer); }
VIEW(fingerprints_swapped) { swap(it->offerer_fingerprint, it->answerer_fingerprint, NKT_FINGERPRINT_SIZE); }
VIEW(nonces_swapped) { swap(it->offerer_nonce, it->answerer_nonce, NKT_NONCE_SIZE); }
VIEW(other_offerer) { it->offerer.b[0] ^= 1; }
VIEW(other_answerer) { it->answerer.b[19] ^= 1; }
VIEW(other_certificate_of_offerer) { it->offerer_fingerprint[31] ^= 0x80; }
VIEW(other_certificate_of_answerer) { it->answerer_fingerprint[0] ^= 1; }
VIEW(other_attempt_of_offerer) { it->offerer_nonce[5] ^= 1; }
VIEW(other_attempt_of_answerer) { it->answerer_nonce[31] ^= 1; }
VIEW(all_zero) { memset(it, 0, sizeof *it); }
#undef VIEW

TEST(link_whose_ends_saw_something_else_is_refused)
{
    static const struct {
        const char *what;
        void (*change)(nkt_linkauth_t *it);
        int err;
    } rows[] = {
        {"nothing else", as_it_is, NKT_OK},
        {"addresses swapped", addresses_swapped, NKT_E_LINK_AUTH},
        {"fingerprints swapped", fingerprints_swapped, NKT_E_LINK_AUTH},
        {"nonces swapped", nonces_swapped, NKT_E_LINK_AUTH},
        {"another offerer", other_offerer, NKT_E_LINK_AUTH},
        {"another answerer", other_answerer, NKT_E_LINK_AUTH},
        {"a certificate in the middle, offerer's side", other_certificate_of_offerer, NKT_E_LINK_AUTH},
        {"a certificate in the middle, answerer's side", other_certificate_of_answerer, NKT_E_LINK_AUTH},
        {"nonce of an earlier offer", other_attempt_of_offerer, NKT_E_LINK_AUTH},
        {"nonce of an earlier answer", other_attempt_of_answerer, NKT_E_LINK_AUTH},
        {"all zero", all_zero, NKT_E_LINK_AUTH},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        for (int is_offerer = 0; is_offerer < 2; is_offerer++) {
            nkt_linkauth_t auth;
            uint8_t frame[NKT_LINKAUTH_FRAME_SIZE];
            auth_make(&auth);
            nkt_linkauth_sign(frame, &auth, is_offerer, room_key, is_offerer ? offerer_secret : answerer_secret);
            rows[i].change(&auth);
            check_row("%s, signed by the %s", rows[i].what, is_offerer ? "offerer" : "answerer");
            CHECK_ERR(verify(frame, sizeof frame, &auth, is_offerer), rows[i].err);
        }
    }
}

TEST(link_frame_sent_back_or_by_another_is_refused)
{
    nkt_linkauth_t auth;
    uint8_t frame[NKT_LINKAUTH_FRAME_SIZE];
    const uint8_t *told;
    auth_make(&auth);
    nkt_linkauth_sign(frame, &auth, 1, room_key, offerer_secret);
    /* reflected: the offerer's own frame as the answerer's */
    CHECK_ERR(nkt_linkauth_verify(frame, sizeof frame, &auth, 0, answerer_public, &told), NKT_E_LINK_AUTH);
    CHECK_ERR(nkt_linkauth_verify(frame, sizeof frame, &auth, 0, offerer_public, &told), NKT_E_LINK_AUTH);
    CHECK_ERR(nkt_linkauth_verify(frame, sizeof frame, &auth, 1, answerer_public, &told), NKT_E_LINK_AUTH);
}

TEST(link_frame_with_any_bit_flipped_or_cut_is_refused)
{
    nkt_linkauth_t auth;
    uint8_t frame[NKT_LINKAUTH_FRAME_SIZE + 1] = {0};
    auth_make(&auth);
    for (int has_room = 0; has_room < 2; has_room++) { /* the room key is under the signature, also when none is told */
        nkt_linkauth_sign(frame, &auth, 1, has_room ? room_key : NULL, offerer_secret);
        for (size_t bit = 0; bit < (size_t)NKT_LINKAUTH_FRAME_SIZE * 8; bit++) {
            frame[bit / 8] ^= (uint8_t)(1u << bit % 8);
            check_row("room %d, byte %zu, bit %zu", has_room, bit / 8, bit % 8);
            CHECK_ERR(verify(frame, NKT_LINKAUTH_FRAME_SIZE, &auth, 1), NKT_E_LINK_AUTH);
            frame[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
        CHECK_OK(verify(frame, NKT_LINKAUTH_FRAME_SIZE, &auth, 1));
    }
    for (size_t size = 0; size < NKT_LINKAUTH_FRAME_SIZE; size++)
        CHECK_ERR(verify(frame, size, &auth, 1), NKT_E_LINK_AUTH);
    CHECK_ERR(verify(frame, NKT_LINKAUTH_FRAME_SIZE + 1, &auth, 1), NKT_E_LINK_AUTH);
}

static void link_row(char *const field[CHECK_FIELD_COUNT_MAX])
{
    nkt_linkauth_t auth;
    uint8_t seed[32], public_key[32], secret[64], key[32], frame[NKT_LINKAUTH_FRAME_SIZE], expected[NKT_LINKAUTH_FRAME_SIZE];
    const uint8_t *told;
    int is_offerer = field[8][0] == '1';
    int has_room = strcmp(field[9], "-") != 0;
    check_hex(field[1], seed, sizeof seed);
    check_hex(field[2], auth.offerer.b, NKT_ADDRESS_SIZE);
    check_hex(field[3], auth.answerer.b, NKT_ADDRESS_SIZE);
    check_hex(field[4], auth.offerer_fingerprint, NKT_FINGERPRINT_SIZE);
    check_hex(field[5], auth.answerer_fingerprint, NKT_FINGERPRINT_SIZE);
    check_hex(field[6], auth.offerer_nonce, NKT_NONCE_SIZE);
    check_hex(field[7], auth.answerer_nonce, NKT_NONCE_SIZE);
    if (has_room)
        check_hex(field[9], key, sizeof key);
    check_hex(field[10], expected, sizeof expected);
    crypto_sign_seed_keypair(public_key, secret, seed);
    nkt_linkauth_sign(frame, &auth, is_offerer, has_room ? key : NULL, secret);
    CHECK_BYTES(frame, expected, sizeof frame);
    CHECK_OK(nkt_linkauth_verify(expected, sizeof expected, &auth, is_offerer, public_key, &told));
}

TEST(link_frame_is_that_of_an_independent_calculation)
{
    check_vectors("derivations.txt", "link", link_row);
}
