/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sessions as they should go, and in the wrong order, twice, from both ends at once. */
#include <stdio.h>
#include <string.h>

#include "base/prng.h"
#include "check.h"
#include "identity/pad.h"
#include "pair.h"

TEST(session_is_established_with_and_without_one_time_prekey)
{
    for (int has_prekey = 0; has_prekey < 2; has_prekey++) {
        pair_t pair;
        letter_t letter;
        pair_init(&pair, has_prekey);
        check_row("prekey %d", has_prekey);
        for (int i = 0; i < 3; i++) { /* until the other answers, each may be the first to arrive */
            letter_write(&pair.of_alice, "hello", &letter);
            CHECK_EQ(letter.type, PREKEY_TYPE);
            letter_read(&pair.of_bob, &letter, "hello");
        }
        CHECK_EQ(pair.of_bob.session.prekey_id, 0);
        letter_write(&pair.of_bob, "hi", &letter);
        CHECK_EQ(letter.type, SIGNAL_TYPE);
        letter_read(&pair.of_alice, &letter, "hi");
        letter_write(&pair.of_alice, "again", &letter);
        CHECK_EQ(letter.type, SIGNAL_TYPE);
        letter_read(&pair.of_bob, &letter, "again");
        for (int i = 0; i < 20; i++) {
            letter_pass(&pair.of_alice, &pair.of_bob, "ping");
            letter_pass(&pair.of_bob, &pair.of_alice, "pong");
        }
        pair_deinit(&pair);
    }
}

TEST(session_carries_texts_of_all_sizes)
{
    static const size_t sizes[] = {0, 1, 15, 16, 17, 31, 32, 33, 1000, NKT_VALUE_SIZE_MAX};
    static uint8_t plain[NKT_VALUE_SIZE_MAX];
    nkt_buf_t out = {0};
    pair_t pair;
    pair_init_established(&pair);
    check_fill(plain, sizeof plain, 1);
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        nkt_ciphertext_t sealed;
        check_row("%zu bytes", sizes[i]);
        CHECK_OK(nkt_session_encrypt(pair.alice.sessions, &pair.of_alice.session, plain, sizes[i], &sealed));
        CHECK_EQ(sealed.content.size, nkt_padded_size(sizes[i]) + 16);
        CHECK(sealed.message.size <= 99);
        CHECK(sealed.kem.size == 8 || sealed.kem.size == 8 + 4 + NKT_KEM_KEY_SIZE); /* an offer, now and then */
        CHECK_OK(nkt_session_decrypt(pair.bob.sessions, &pair.of_bob.session, &sealed, &out));
        CHECK_EQ(out.size, sizes[i]);
        CHECK_BYTES(out.data, plain, sizes[i]);
    }
    nkt_buf_free(&out);
    pair_deinit(&pair);
}

/* Letters of three turns of the ratchet arrive backwards; then all of them again. */
TEST(session_reads_letters_out_of_order_and_each_once)
{
    enum { TURN_COUNT = 3, PER_TURN = 20, COUNT = TURN_COUNT * PER_TURN };
    static letter_t letters[COUNT];
    char text[16];
    pair_t pair;
    pair_init_established(&pair);
    for (int i = 0; i < COUNT; i++) {
        snprintf(text, sizeof text, "letter %d", i);
        letter_write(&pair.of_alice, text, &letters[i]);
        if (i % PER_TURN == PER_TURN - 1)
            letter_pass(&pair.of_bob, &pair.of_alice,
                        "turn"); /* Alice's next ones are on a new chain */
        if (i % PER_TURN == 0)
            letter_read(&pair.of_bob, &letters[i], text); /* or Bob would stay on his */
    }
    for (int i = COUNT - 1; i >= 0; i--) {
        snprintf(text, sizeof text, "letter %d", i);
        check_row("%s", text);
        if (i % PER_TURN != 0)
            letter_read(&pair.of_bob, &letters[i], text);
    }
    for (int i = 0; i < COUNT; i++) {
        check_row("letter %d again", i);
        letter_refuse(&pair.of_bob, &letters[i], NKT_E_DUPLICATE);
    }
    pair_deinit(&pair);
}

TEST(session_reads_past_as_many_lost_letters_as_are_allowed)
{
    enum { SKIP_MAX = NKT_SIGNAL_SKIP_MAX };
    static letter_t lost[SKIP_MAX];
    letter_t next;
    pair_t pair;
    pair_init_established(&pair);
    for (int i = 0; i < SKIP_MAX; i++)
        letter_write(&pair.of_alice, "late", &lost[i]);
    letter_write(&pair.of_alice, "next", &next);
    letter_read(&pair.of_bob, &next, "next");
    size_t size = end_record(&pair.of_bob)->size;
    printf("a session record with %d skipped keys: %zu bytes\n", SKIP_MAX, size);
    CHECK(size < 256 * SKIP_MAX); /* bounded: this is what a peer can make another store */
    for (int i = 0; i < SKIP_MAX; i++) {
        check_row("%d", i);
        letter_read(&pair.of_bob, &lost[i], "late");
    }
    CHECK(end_record(&pair.of_bob)->size < 4096);
    pair_deinit(&pair);
}

TEST(twenty_people_initiate_with_one_at_once)
{
    enum { COUNT = 20, LETTER_COUNT = 3 };
    static person_t bob, people[COUNT];
    static end_t theirs[COUNT], of_bob[COUNT];
    static letter_t letters[COUNT][LETTER_COUNT];
    person_init(&bob, 100);
    for (int i = 0; i < COUNT; i++) { /* all ask and all are answered before any is heard of */
        uint8_t prekey[32];
        person_init(&people[i], (uint64_t)i + 1);
        end_init(&theirs[i], &people[i], &bob);
        end_init(&of_bob[i], &bob, &people[i]);
        if (i % 4 != 3) /* every fourth goes without a prekey */
            CHECK_OK(nkt_session_give_prekey(bob.sessions, &of_bob[i].session, prekey));
        CHECK_OK(end_initiate(&theirs[i], of_bob[i].session.prekey_id, prekey));
        for (int k = 0; k < i; k++)
            CHECK(of_bob[i].session.prekey_id == 0 ||
                  of_bob[i].session.prekey_id != of_bob[k].session.prekey_id);
        for (int k = 0; k < LETTER_COUNT; k++)
            letter_write(&theirs[i], "hello", &letters[i][k]);
    }
    for (int k = LETTER_COUNT - 1; k >= 0; k--) {
        for (int i = 0; i < COUNT; i++) {
            check_row("person %d, letter %d", i, k);
            letter_read(&of_bob[i], &letters[i][k], "hello");
            letter_pass(&of_bob[i], &theirs[i], "hi");
        }
    }
    for (int i = 0; i < COUNT; i++) {
        check_row("person %d", i);
        letter_pass(&theirs[i], &of_bob[i], "bye");
        CHECK_EQ(of_bob[i].session.prekey_id, 0);
        end_deinit(&theirs[i]);
        end_deinit(&of_bob[i]);
        person_deinit(&people[i]);
    }
    person_deinit(&bob);
}

/* libsignal keeps the chains of five turns of the ratchet: a letter that is later than that is
 * lost, and no more. */
TEST(session_loses_letters_that_are_more_than_five_turns_late)
{
    enum { CHAIN_COUNT = 5 };
    for (int turn_count = 1; turn_count <= CHAIN_COUNT + 1; turn_count++) {
        pair_t pair;
        letter_t late;
        pair_init_established(&pair);
        letter_write(&pair.of_alice, "late", &late);
        for (int i = 0; i < turn_count; i++) {
            letter_pass(&pair.of_alice, &pair.of_bob, "ping");
            letter_pass(&pair.of_bob, &pair.of_alice, "pong");
        }
        check_row("%d turns", turn_count);
        if (turn_count <= CHAIN_COUNT)
            letter_read(&pair.of_bob, &late, "late");
        else
            letter_refuse(&pair.of_bob, &late, NKT_E_DECRYPT);
        letter_pass(&pair.of_alice, &pair.of_bob, "fine");
        pair_deinit(&pair);
    }
}

/* ---- both initiate ---- */

enum { MAIL_COUNT = 24, UNREAD_SPAN = 4 };

/* Letters of one person to the other. */
typedef struct mail {
    letter_t letters[MAIL_COUNT];
    int is_read[MAIL_COUNT];
    int written_count;
    int oldest; /* that is not read */
} mail_t;

static void mail_write(mail_t *mail, end_t *from)
{
    char text[16];
    snprintf(text, sizeof text, "%d", mail->written_count);
    letter_write(from, text, &mail->letters[mail->written_count++]);
}

static void mail_read(mail_t *mail, end_t *to, int i)
{
    char text[16];
    snprintf(text, sizeof text, "%d", i);
    letter_read(to, &mail->letters[i], text);
    mail->is_read[i] = 1;
    while (mail->oldest < mail->written_count && mail->is_read[mail->oldest])
        mail->oldest++;
}

/* Both have initiated; now letters are written and delivered in an order that follows from the
 * seed. None waits for more than UNREAD_SPAN later ones, so for no more turns of the ratchet. */
static void both_talk(pair_t *pair, uint64_t seed)
{
    static mail_t mails[2];
    end_t *ends[2] = {&pair->of_alice, &pair->of_bob};
    uint8_t prng_seed[32] = {0};
    nkt_prng_t prng;
    memset(mails, 0, sizeof mails);
    memcpy(prng_seed, &seed, sizeof seed);
    nkt_prng_init(&prng, prng_seed);
    while (mails[0].oldest < MAIL_COUNT || mails[1].oldest < MAIL_COUNT) {
        int who = (int)nkt_prng_below(&prng, 2);
        mail_t *mail = &mails[who];
        int span = mail->written_count - mail->oldest;
        if (span < UNREAD_SPAN && mail->written_count < MAIL_COUNT &&
            nkt_prng_below(&prng, 2) == 0) {
            mail_write(mail, ends[who]);
        } else if (span > 0) {
            int i = mail->oldest + (int)nkt_prng_below(&prng, (uint64_t)span);
            check_row("seed %u, letter %d from %d", (unsigned)seed, i, who);
            if (!mail->is_read[i])
                mail_read(mail, ends[1 - who], i);
        }
    }
}

TEST(session_that_both_initiate_converges)
{
    for (uint64_t seed = 0; seed < 60; seed++) {
        uint8_t prekey[32];
        pair_t pair;
        letter_t letter;
        pair_init(&pair, seed % 2 == 0);
        if (seed % 4 < 2) {
            CHECK_OK(nkt_session_give_prekey(pair.alice.sessions, &pair.of_alice.session, prekey));
        }
        CHECK_OK(end_initiate(&pair.of_bob, pair.of_alice.session.prekey_id, prekey));
        both_talk(&pair, seed);
        check_row("seed %u", (unsigned)seed);
        letter_pass(&pair.of_alice, &pair.of_bob, "one");
        letter_pass(&pair.of_bob, &pair.of_alice, "two");
        letter_write(&pair.of_alice, "three", &letter);
        CHECK_EQ(letter.type, SIGNAL_TYPE);
        letter_read(&pair.of_bob, &letter, "three");
        letter_write(&pair.of_bob, "four", &letter);
        CHECK_EQ(letter.type, SIGNAL_TYPE);
        letter_read(&pair.of_alice, &letter, "four");
        pair_deinit(&pair);
    }
}

/* The crossing itself, in slow motion: both first letters are under way when either arrives. */
TEST(session_that_both_initiate_loses_no_letter)
{
    uint8_t prekey[32];
    pair_t pair;
    letter_t from_alice[3], from_bob[3];
    pair_init(&pair, 1);
    CHECK_OK(nkt_session_give_prekey(pair.alice.sessions, &pair.of_alice.session, prekey));
    CHECK_OK(end_initiate(&pair.of_bob, pair.of_alice.session.prekey_id, prekey));
    for (int i = 0; i < 3; i++) {
        letter_write(&pair.of_alice, "a", &from_alice[i]);
        letter_write(&pair.of_bob, "b", &from_bob[i]);
    }
    for (int i = 2; i >= 0; i--) {
        letter_read(&pair.of_bob, &from_alice[i], "a");
        letter_read(&pair.of_alice, &from_bob[i], "b");
    }
    for (int i = 0; i < 10; i++) {
        letter_pass(&pair.of_alice, &pair.of_bob, "ping");
        letter_pass(&pair.of_bob, &pair.of_alice, "pong");
    }
    pair_deinit(&pair);
}

/* ---- one-time prekeys ---- */

TEST(prekey_given_to_one_is_of_no_use_to_another)
{
    person_t alice, bob, eve;
    end_t of_alice, of_eve, bob_alice, bob_eve;
    uint8_t prekey[32];
    letter_t letter;
    person_init(&alice, 1);
    person_init(&bob, 2);
    person_init(&eve, 3);
    end_init(&of_alice, &alice, &bob);
    end_init(&of_eve, &eve, &bob);
    end_init(&bob_alice, &bob, &alice);
    end_init(&bob_eve, &bob, &eve);
    CHECK_OK(nkt_session_give_prekey(bob.sessions, &bob_alice.session, prekey));
    uint32_t id = bob_alice.session.prekey_id;
    CHECK_OK(end_initiate(&of_eve, id, prekey));
    letter_write(&of_eve, "I am Eve", &letter);
    letter_refuse(&bob_eve, &letter, NKT_E_DECRYPT);
    letter_refuse(&bob_alice, &letter, NKT_E_DECRYPT); /* and not as a letter of Alice's */
    CHECK_EQ(bob_alice.session.prekey_id, id);
    CHECK_OK(end_initiate(&of_alice, id, prekey));
    letter_pass(&of_alice, &bob_alice, "I am Alice");
    CHECK_OK(end_initiate(&of_eve, 0, NULL)); /* without one Eve is as welcome as anybody */
    letter_pass(&of_eve, &bob_eve, "I am Eve");
    end_deinit(&of_alice);
    end_deinit(&of_eve);
    end_deinit(&bob_alice);
    end_deinit(&bob_eve);
    person_deinit(&alice);
    person_deinit(&bob);
    person_deinit(&eve);
}

TEST(prekey_works_once_and_is_wiped)
{
    static const uint8_t zeros[32] = {0};
    uint8_t prekey[32];
    pair_t pair;
    letter_t letter;
    person_init(&pair.alice, 1);
    person_init(&pair.bob, 2);
    end_init(&pair.of_alice, &pair.alice, &pair.bob);
    end_init(&pair.of_bob, &pair.bob, &pair.alice);
    CHECK_OK(nkt_session_give_prekey(pair.bob.sessions, &pair.of_bob.session, prekey));
    uint32_t id = pair.of_bob.session.prekey_id;
    CHECK_OK(end_initiate(&pair.of_alice, id, prekey));
    pair.of_bob.session.is_dirty = 0;
    letter_pass(&pair.of_alice, &pair.of_bob, "once");
    CHECK_EQ(pair.of_bob.session.prekey_id, 0);
    CHECK_BYTES(pair.of_bob.session.prekey_private, zeros, sizeof zeros);
    CHECK(pair.of_bob.session.is_dirty);
    CHECK_OK(end_initiate(&pair.of_alice, id, prekey));
    letter_write(&pair.of_alice, "twice", &letter);
    letter_refuse(&pair.of_bob, &letter, NKT_E_DECRYPT);
    pair_deinit(&pair);
}

/* What was begun with it may be on its way: to be asked once more must not make it void. */
TEST(prekey_is_the_same_until_it_is_used)
{
    uint8_t first[32], again[32];
    pair_t pair;
    letter_t late;
    pair_init(&pair, 1); /* Alice has initiated with it */
    const uint32_t id = pair.of_bob.session.prekey_id;
    memcpy(first, pair.of_bob.session.prekey_public, sizeof first);
    letter_write(&pair.of_alice, "late", &late);
    CHECK_OK(nkt_session_give_prekey(pair.bob.sessions, &pair.of_bob.session, again));
    CHECK_EQ(pair.of_bob.session.prekey_id, id);
    CHECK_BYTES(again, first, sizeof first);
    letter_read(&pair.of_bob, &late, "late");
    CHECK_OK(nkt_session_give_prekey(pair.bob.sessions, &pair.of_bob.session, again));
    CHECK(pair.of_bob.session.prekey_id != id);
    CHECK(memcmp(again, first, sizeof first) != 0);
    CHECK_OK(end_initiate(&pair.of_alice, pair.of_bob.session.prekey_id, again));
    letter_pass(&pair.of_alice, &pair.of_bob, "now");
    pair_deinit(&pair);
}

TEST(prekey_comes_back_from_storage)
{
    pair_t pair;
    uint8_t private_key[32];
    pair_init(&pair, 1);
    uint32_t id = pair.of_bob.session.prekey_id;
    memcpy(private_key, pair.of_bob.session.prekey_private, sizeof private_key);
    end_deinit(&pair.of_bob);
    end_init(&pair.of_bob, &pair.bob, &pair.alice);
    nkt_session_restore_prekey(&pair.of_bob.session, id, private_key);
    letter_pass(&pair.of_alice, &pair.of_bob, "after a restart");
    pair_deinit(&pair);
}

/* ---- life ---- */

TEST(session_survives_a_restart_of_both)
{
    pair_t pair;
    letter_t under_way;
    pair_init_established(&pair);
    letter_write(&pair.of_alice, "under way", &under_way);
    for (int i = 0; i < 2; i++) {
        end_t *end = i == 0 ? &pair.of_alice : &pair.of_bob;
        nkt_buf_t stored = {0};
        snapshot_t record;
        CHECK_OK(nkt_identity_encode(&end->person->identity, &stored));
        snapshot_take(&record, end);
        end_deinit(end);
        nkt_sessions_free(end->person->sessions);
        nkt_identity_wipe(&end->person->identity);
        CHECK_OK(nkt_identity_decode(&end->person->identity, stored.data, stored.size));
        CHECK_OK(
            nkt_sessions_new(&end->person->identity, &end->person->host, &end->person->sessions));
        nkt_buf_free(&stored);
        end_init(end, i == 0 ? &pair.alice : &pair.bob, i == 0 ? &pair.bob : &pair.alice);
        snapshot_restore(&record, end);
    }
    letter_read(&pair.of_bob, &under_way, "under way");
    letter_pass(&pair.of_bob, &pair.of_alice, "still here");
    pair_deinit(&pair);
}

TEST(session_dropped_by_one_is_renewed)
{
    pair_t pair;
    letter_t letter;
    pair_init_established(&pair);
    pair.of_bob.session.is_dirty = 0;
    nkt_session_drop(&pair.of_bob.session);
    CHECK(!nkt_session_exists(&pair.of_bob.session));
    CHECK(pair.of_bob.session.is_dirty);
    letter_write(&pair.of_alice, "lost", &letter);
    letter_refuse(&pair.of_bob, &letter, NKT_E_NO_SESSION);
    CHECK_OK(end_initiate(&pair.of_bob, 0, NULL));
    letter_pass(&pair.of_bob, &pair.of_alice, "anew");
    letter_pass(&pair.of_alice, &pair.of_bob, "fine");
    letter_refuse(&pair.of_bob, &letter, NKT_E_DECRYPT); /* what was lost stays lost */
    pair_deinit(&pair);
}

TEST(session_that_is_not_there)
{
    nkt_ciphertext_t out;
    pair_t pair;
    letter_t letter;
    pair_init(&pair, 0);
    CHECK_ERR(nkt_session_encrypt(pair.bob.sessions, &pair.of_bob.session, (const uint8_t *)"x", 1, &out),
              NKT_E_NO_SESSION);
    letter_write(&pair.of_alice, "x", &letter);
    static const uint32_t types[] = {0, 1, SIGNAL_TYPE, 4, 5, UINT32_MAX};
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        letter.type = types[i];
        check_row("type %u", (unsigned)types[i]);
        letter_refuse(&pair.of_bob, &letter, NKT_E_NO_SESSION);
    }
    letter.type = PREKEY_TYPE;
    letter_read(&pair.of_bob, &letter, "x");
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        letter.type = types[i];
        check_row("type %u, with a session", (unsigned)types[i]);
        /* a type is no part of what is sealed: what another one makes of it does not parse */
        letter_refuse(&pair.of_bob, &letter, types[i] == SIGNAL_TYPE ? NKT_E_DUPLICATE : NKT_E_DECRYPT);
    }
    pair_deinit(&pair);
}

TEST(session_changes_are_marked)
{
    pair_t pair;
    pair_init(&pair, 0);
    end_t *ends[] = {&pair.of_alice, &pair.of_bob};
    CHECK(pair.of_alice.session.is_dirty);
    for (int i = 0; i < 6; i++) {
        ends[0]->session.is_dirty = ends[1]->session.is_dirty = 0;
        letter_pass(ends[i % 2], ends[1 - i % 2], "x");
        CHECK(ends[0]->session.is_dirty && ends[1]->session.is_dirty);
    }
    pair_deinit(&pair);
}

/* ---- what a message may look like ---- */

TEST(letter_with_any_bit_flipped_changes_nothing)
{
    pair_t pair;
    letter_t letter;
    pair_init_established(&pair);
    letter_write(&pair.of_alice, "secret", &letter);
    for (size_t bit = 0; bit < letter.size * 8; bit++) {
        letter.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        check_row("byte %zu, bit %zu", bit / 8, bit % 8);
        /* the lowest bit of its place says that it is the one before, which was used */
        letter_refuse(&pair.of_bob, &letter, bit == 3 * 8 ? NKT_E_DUPLICATE : NKT_E_DECRYPT);
        letter.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    letter_read(&pair.of_bob, &letter, "secret");
    pair_deinit(&pair);
}

TEST(letter_cut_or_lengthened_changes_nothing)
{
    for (int is_first = 0; is_first < 2; is_first++) {
        pair_t pair;
        letter_t letter;
        if (is_first)
            pair_init(&pair, 1);
        else
            pair_init_established(&pair);
        letter_write(&pair.of_alice, "secret", &letter);
        size_t size = letter.size;
        for (letter.size = 0; letter.size < size; letter.size++) {
            check_row("first %d, %zu of %zu bytes", is_first, letter.size, size);
            letter_refuse(&pair.of_bob, &letter, NKT_E_DECRYPT);
        }
        letter.size = size + 1;
        letter.bytes[size] = 0;
        letter_refuse(&pair.of_bob, &letter, NKT_E_DECRYPT);
        letter.size = size;
        letter_read(&pair.of_bob, &letter, "secret");
        pair_deinit(&pair);
    }
}

TEST(letter_of_random_bytes_changes_nothing)
{
    pair_t pair;
    letter_t letter;
    pair_init_established(&pair);
    for (uint64_t seed = 0; seed < 2000; seed++) {
        letter.type = seed % 2 == 0 ? PREKEY_TYPE : SIGNAL_TYPE;
        letter.size = seed % 200;
        check_fill(letter.bytes, sizeof letter.bytes, seed * 1000);
        letter.bytes[0] = seed % 3 == 0 ? letter.bytes[0] : 0x33;
        check_row("seed %u", (unsigned)seed);
        letter_refuse(&pair.of_bob, &letter, NKT_E_DECRYPT);
    }
    letter_pass(&pair.of_alice, &pair.of_bob, "fine");
    pair_deinit(&pair);
}

TEST(letter_sent_back_or_to_another_changes_nothing)
{
    person_t eve;
    end_t eve_alice;
    pair_t pair;
    letter_t letter;
    pair_init_established(&pair);
    person_init(&eve, 3);
    end_init(&eve_alice, &eve, &pair.alice);
    CHECK_OK(end_initiate(&eve_alice, 0, NULL));
    letter_write(&pair.of_alice, "to Bob", &letter);
    letter_refuse(&pair.of_alice, &letter, NKT_E_DECRYPT);
    letter_refuse(&eve_alice, &letter, NKT_E_DECRYPT);
    letter_read(&pair.of_bob, &letter, "to Bob");
    end_deinit(&eve_alice);
    person_deinit(&eve);
    pair_deinit(&pair);
}

/* ---- what a bundle may look like ---- */

TEST(bundle_that_is_odd_is_refused)
{
    static uint8_t zero[32] = {0}, one[32] = {1}, top[32], other[32] = {9};
    static uint8_t wrong_signature[64], odd_kem_key[NKT_KEM_KEY_SIZE] = {0xff, 0xff, 0xff};
    pair_t pair;
    person_init(&pair.alice, 1);
    person_init(&pair.bob, 2);
    const nkt_identity_t *bob = &pair.bob.identity;
    memcpy(top, bob->signed_prekey_public, 32);
    top[31] |= 0x80;
    memcpy(wrong_signature, bob->signed_prekey_signature, 64);
    wrong_signature[0] ^= 1;
    const struct {
        const char *what;
        const uint8_t *identity_key, *signed_prekey, *signature;
        uint32_t prekey_id;
        const uint8_t *prekey;
        int err;
    } rows[] = {
        {"good", bob->identity_public, bob->signed_prekey_public, bob->signed_prekey_signature, 0,
         NULL, NKT_OK},
        {"good, with prekey", bob->identity_public, bob->signed_prekey_public,
         bob->signed_prekey_signature, 1, other, NKT_OK},
        {"identity key zero", zero, bob->signed_prekey_public, bob->signed_prekey_signature, 0,
         NULL, NKT_E_KEY},
        {"somebody else's identity", other, bob->signed_prekey_public, bob->signed_prekey_signature,
         0, NULL, NKT_E_KEY},
        {"signed prekey zero", bob->identity_public, zero, bob->signed_prekey_signature, 0, NULL,
         NKT_E_KEY},
        {"signed prekey with its top bit", bob->identity_public, top, bob->signed_prekey_signature,
         0, NULL, NKT_E_KEY},
        {"another signed prekey", bob->identity_public, other, bob->signed_prekey_signature, 0,
         NULL, NKT_E_KEY},
        {"wrong signature", bob->identity_public, bob->signed_prekey_public, wrong_signature, 0,
         NULL, NKT_E_KEY},
        {"prekey zero", bob->identity_public, bob->signed_prekey_public,
         bob->signed_prekey_signature, 1, zero, NKT_E_KEY},
        {"prekey of order 4", bob->identity_public, bob->signed_prekey_public,
         bob->signed_prekey_signature, 1, one, NKT_E_KEY},
        {"prekey with its top bit", bob->identity_public, bob->signed_prekey_public,
         bob->signed_prekey_signature, 1, top, NKT_E_KEY},
        {"KEM key that is not canonical", bob->identity_public, bob->signed_prekey_public,
         bob->signed_prekey_signature, 0, NULL, NKT_E_KEY},
        {"no KEM key", bob->identity_public, bob->signed_prekey_public,
         bob->signed_prekey_signature, 0, NULL, NKT_E_KEY},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        end_init(&pair.of_alice, &pair.alice, &pair.bob);
        memcpy(pair.of_alice.session.identity_key, rows[i].identity_key, 32);
        const nkt_session_bundle_t bundle = {
            .registration_id = 1,
            .signed_prekey_id = 1,
            .signed_prekey = rows[i].signed_prekey,
            .signed_prekey_signature = rows[i].signature,
            .prekey_id = rows[i].prekey_id,
            .prekey = rows[i].prekey,
            .kem_key = i + 1 == COUNT_OF(rows)   ? NULL
                       : i + 2 == COUNT_OF(rows) ? odd_kem_key
                                                 : bob->kem_public,
        };
        check_row("%s", rows[i].what);
        CHECK_ERR(nkt_session_initiate(pair.alice.sessions, &pair.of_alice.session, &bundle),
                  rows[i].err);
        CHECK_EQ(nkt_session_exists(&pair.of_alice.session), rows[i].err == NKT_OK);
        end_deinit(&pair.of_alice);
    }
    person_deinit(&pair.alice);
    person_deinit(&pair.bob);
}

/* What a crash takes away is what was written last: the session is put back to an older state, and
 * skips. */
TEST(session_skips_what_it_may_have_used)
{
    enum { RESERVE = 8 };
    for (int is_prekey = 0; is_prekey < 2; is_prekey++) {
        pair_t pair;
        snapshot_t stored;
        letter_t lost[RESERVE], fresh;
        check_row("prekey messages: %d", is_prekey);
        is_prekey ? pair_init(&pair, 1) : pair_init_established(&pair);
        snapshot_take(&stored, &pair.of_alice);
        for (int i = 0; i < RESERVE; i++)
            letter_write(&pair.of_alice, "lost", &lost[i]);
        snapshot_restore(&stored, &pair.of_alice);
        CHECK_OK(nkt_session_skip(pair.alice.sessions, &pair.of_alice.session, RESERVE));
        letter_write(&pair.of_alice, "fresh", &fresh);
        letter_read(&pair.of_bob, &fresh, "fresh");
        for (int i = RESERVE; i-- > 0;)
            letter_read(&pair.of_bob, &lost[i], "lost"); /* each with a key of its own */
        letter_pass(&pair.of_bob, &pair.of_alice, "answer");
        nkt_session_drop(&pair.of_alice.session);
        CHECK_ERR(nkt_session_skip(pair.alice.sessions, &pair.of_alice.session, 1),
                  NKT_E_NO_SESSION);
        pair_deinit(&pair);
    }
}
