/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A message needs both halves, Signal's and the KEM's: what has one of them alone says nothing and begins nothing. */
#include <string.h>

#include "pair.h"
#include "session/content.h"
#include "session/internal.h"
#include "session/kem_keys.h"

/* The letter with other bytes for its KEM half. */
static letter_t letter_with_kem(const letter_t *letter, const uint8_t *kem, size_t kem_size)
{
    letter_t made = *letter;
    const size_t rest = letter->size - letter->kem_size;
    made.kem_size = kem_size;
    made.size = kem_size + rest;
    memcpy(made.bytes, kem, kem_size);
    memcpy(made.bytes + kem_size, letter->bytes + letter->kem_size, rest);
    return made;
}

/* Nobody talks a session down: what begins one without its ciphertext, with another's, or with that of another message, begins none, and
 * costs nothing that the true one needs. */
TEST(first_letter_without_its_kem_half_is_refused)
{
    enum { HEADER_SIZE = 8, HAS_ANSWER = 2, IS_FIRST = 4 };
    for (int has_prekey = 0; has_prekey < 2; has_prekey++) {
        pair_t pair;
        letter_t first, second, other, bad;
        snapshot_t begun;
        uint8_t header[LETTER_SIZE_MAX] = {0};
        pair_init(&pair, has_prekey);
        letter_write(&pair.of_alice, "first", &first);
        letter_write(&pair.of_alice, "second", &second);
        CHECK_EQ(first.type, PREKEY_TYPE);
        CHECK_EQ(first.kem_size, HEADER_SIZE + 4 + NKT_KEM_ANSWER_SIZE);
        CHECK_EQ(first.bytes[0], HAS_ANSWER | IS_FIRST);
        snapshot_take(&begun, &pair.of_alice);
        CHECK_OK(end_initiate(&pair.of_alice, 0, NULL));
        letter_write(&pair.of_alice, "other", &other);
        snapshot_restore(&begun, &pair.of_alice);
        check_row("with prekey: %d", has_prekey);

        bad = letter_with_kem(&first, header, 0); /* Signal's half alone */
        letter_refuse(&pair.of_bob, &bad, NKT_E_DECRYPT);
        memcpy(header, first.bytes, first.kem_size);
        static const uint8_t flags[] = {0, IS_FIRST, HAS_ANSWER, HAS_ANSWER | IS_FIRST};
        for (size_t i = 0; i < sizeof flags; i++) { /* stripped, whatever its flags say */
            header[0] = flags[i];
            bad = letter_with_kem(&first, header, HEADER_SIZE);
            letter_refuse(&pair.of_bob, &bad, NKT_E_DECRYPT);
        }
        header[0] = HAS_ANSWER; /* there, and not called the first */
        bad = letter_with_kem(&first, header, first.kem_size);
        letter_refuse(&pair.of_bob, &bad, NKT_E_DECRYPT);
        bad = first; /* called no first one by Signal's half */
        bad.type = SIGNAL_TYPE;
        letter_refuse(&pair.of_bob, &bad, NKT_E_NO_SESSION);
        bad = letter_with_kem(&first, other.bytes, other.kem_size); /* of another session of the same two */
        letter_refuse(&pair.of_bob, &bad, NKT_E_DECRYPT);
        bad = letter_with_kem(&first, second.bytes, second.kem_size); /* of the next message */
        letter_refuse(&pair.of_bob, &bad, NKT_E_DECRYPT);
        CHECK(!nkt_session_exists(&pair.of_bob.session));

        letter_read(&pair.of_bob, &first, "first");
        letter_refuse(&pair.of_bob, &first, NKT_E_DUPLICATE);
        letter_read(&pair.of_bob, &second, "second");
        pair_deinit(&pair);
    }
}

/* What is sealed under these keys, in the place of the letter's content. */
static letter_t letter_sealed(const letter_t *letter, const uint8_t *kem_key, const uint8_t *half, const char *text)
{
    letter_t made = *letter;
    nkt_buf_t content = {0};
    const nkt_content_t keys = {.label = NKT_LABEL_MESSAGE,
                                .kem_key = kem_key,
                                .half = half,
                                .bound = {{letter->bytes, letter->kem_size}, {letter->bytes + letter->kem_size, letter->message_size}},
                                .bound_count = 2};
    CHECK_OK(nkt_content_seal(&content, &keys, (const uint8_t *)text, strlen(text)));
    made.size = letter->kem_size + letter->message_size;
    CHECK(made.size + content.size <= sizeof made.bytes);
    memcpy(made.bytes + made.size, content.data, content.size);
    made.size += content.size;
    nkt_buf_free(&content);
    return made;
}

/* Who knows all that X25519 protects has the half, who knows all that ML-KEM protects has the KEM key. Neither writes a letter that is
 * read, whether it stands where the true one was or says that it has no other half. */
static void halves_try(end_t *from, end_t *to)
{
    static const uint8_t zeros[32];
    const check_entropy_t *entropy = &from->person->entropy;
    uint8_t half[NKT_HALF_SIZE], kem_key[32];
    letter_t letter, bad;
    check_fill(half, sizeof half, entropy->seed << 32 | (entropy->call_count + 1)); /* what it will draw (check_host()) */
    nkt_kem_chain_key(&from->session.live->kem[0]->sending, kem_key);
    letter_write(from, "both", &letter);

    bad = letter_sealed(&letter, kem_key, half, "both"); /* these are its keys */
    CHECK_EQ(bad.size, letter.size);
    CHECK_BYTES(bad.bytes, letter.bytes, letter.size);
    const struct {
        const uint8_t *kem_key, *half;
    } one[] = {{NULL, half}, {zeros, half}, {kem_key, zeros}, {NULL, zeros}, {zeros, zeros}};
    for (size_t i = 0; i < COUNT_OF(one); i++) {
        check_row("keys %zu", i);
        bad = letter_sealed(&letter, one[i].kem_key, one[i].half, "one");
        letter_refuse(to, &bad, NKT_E_DECRYPT);
        bad = letter_with_kem(&letter, letter.bytes, 0); /* "there is no KEM half" */
        bad = letter_sealed(&bad, one[i].kem_key, one[i].half, "one");
        letter_refuse(to, &bad, NKT_E_DECRYPT);
    }
    letter_read(to, &letter, "both");
}

TEST(message_key_depends_on_both_ratchets)
{
    for (int has_prekey = 0; has_prekey < 2; has_prekey++) {
        pair_t pair;
        pair_init(&pair, has_prekey);
        halves_try(&pair.of_alice, &pair.of_bob); /* that begins a session */
        letter_pass(&pair.of_bob, &pair.of_alice, "welcome");
        for (int turn = 0; turn < 12; turn++) { /* over epochs of the KEM ratchet */
            end_t *from = turn % 2 ? &pair.of_bob : &pair.of_alice, *to = turn % 2 ? &pair.of_alice : &pair.of_bob;
            check_row("turn %d", turn);
            if (nkt_kem_is_due(from->session.live->kem[0]))
                letter_pass(from, to, "what is due before it");
            halves_try(from, to);
        }
        CHECK(pair.of_alice.session.live->kem[0]->epoch >= 2);
        pair_deinit(&pair);
    }
}
