/* SPDX-License-Identifier: GPL-3.0-or-later */
/* People with sessions between them, and the letters they exchange. For the tests of the session
 * room. */
#ifndef NKT_TESTS_UNIT_PAIR_H
#define NKT_TESTS_UNIT_PAIR_H

#include "check.h"
#include "session/session.h"

typedef struct person {
    check_entropy_t entropy;
    nkt_host_t host;
    nkt_identity_t identity;
    nkt_sessions_t *sessions;
} person_t;

void person_init(person_t *person, uint64_t seed);
void person_deinit(person_t *person);

/** Bytes a letter may have: padded text, libsignal's message, a KEM key and a ciphertext. */
enum { LETTER_SIZE_MAX = 768 + NKT_KEM_KEY_SIZE + NKT_KEM_ANSWER_SIZE };

enum {
    PREKEY_TYPE = 3,
    SIGNAL_TYPE = 2
}; /* libsignal's CIPHERTEXT_PREKEY_TYPE, CIPHERTEXT_SIGNAL_TYPE */

typedef struct letter {
    uint32_t type;
    size_t kem_size, message_size; /* of its first two parts; the rest is the content */
    size_t size;
    uint8_t bytes[LETTER_SIZE_MAX];
} letter_t;

/** One person's end of a session. */
typedef struct end {
    person_t *person;
    person_t *other;
    nkt_session_t session;
} end_t;

/** An end without a session yet. */
void end_init(end_t *end, person_t *person, person_t *other);
void end_deinit(end_t *end);

/** X3DH with what the other publishes and a one-time prekey (id 0: none). Returns
 * nkt_session_initiate()'s error. */
int end_initiate(end_t *end, uint32_t prekey_id, const uint8_t *prekey);

/** Encrypts text. */
void letter_write(end_t *from, const char *text, letter_t *letter);

/** Decrypts; nkt_session_decrypt()'s error. */
int letter_decrypt(end_t *to, const letter_t *letter, nkt_buf_t *out);

/** Decrypts: it must be that text. */
void letter_read(end_t *to, const letter_t *letter, const char *text);

/** Decrypting must fail so, and must leave the end as it was, byte for byte. */
void letter_refuse(end_t *to, const letter_t *letter, int err);

/** Writes and reads one. */
void letter_pass(end_t *from, end_t *to, const char *text);

/** Its record, packed afresh from what it works with. */
const nkt_buf_t *end_record(end_t *end);

/** What an end knows, to be compared. */
typedef struct snapshot {
    uint8_t *record;
    size_t record_size;
    uint32_t prekey_id;
    uint8_t prekey_private[32];
    uint8_t is_dirty;
} snapshot_t;

void snapshot_take(snapshot_t *snapshot, end_t *end);
/** The end must be as it was; releases the snapshot. */
void snapshot_compare(snapshot_t *snapshot, end_t *end);
/** Puts the end back to what it was; releases the snapshot. */
void snapshot_restore(snapshot_t *snapshot, end_t *end);

/** What is libsignal's in a letter. */
void letter_inner(const letter_t *letter, letter_t *inner);

/** The state in which an end is about to write a letter: so another message of libsignal's can be put into the same place. What is
 *  said in that is nothing: it does not open. */
typedef struct cover {
    nkt_buf_t kem;
} cover_t;

void cover_take(cover_t *cover, end_t *from);
void cover_deinit(cover_t *cover);
void letter_cover(const cover_t *cover, const letter_t *inner, letter_t *letter);

/** libsignal loses track of what it allocated when it runs out of memory (the core is freed then): leaks are not looked for. */
void leaks_allow(int are_allowed);

/** Alice and Bob. */
typedef struct pair {
    person_t alice, bob;
    end_t of_alice, of_bob;
} pair_t;

/** Alice has initiated, with a one-time prekey of Bob's or without; nothing was sent yet. */
void pair_init(pair_t *pair, int has_prekey);

/** As above, and one letter went each way. */
void pair_init_established(pair_t *pair);
void pair_deinit(pair_t *pair);

#endif
