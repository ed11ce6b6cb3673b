/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sessions that are kept taken apart (session/live.h): as good as those that are read from storage for each operation, no more of
 * them than are allowed, and never one in storage that is behind. */
#include <stdlib.h>
#include <string.h>

#include "base/prng.h"
#include "check.h"
#include "pair.h"
#include "session/internal.h"

/* ---- one is what it would be if it had been stored and read back ---- */

enum { SPOOL_SIZE = 24 };

/* Two who talk, and what is on the way. */
typedef struct talk {
    pair_t pair;
    end_t *ends[2];
    letter_t spool[2][SPOOL_SIZE]; /* to whom */
    size_t count[2];
} talk_t;

static void talk_init(talk_t *talk)
{
    pair_init(&talk->pair, 1);
    talk->ends[0] = &talk->pair.of_alice;
    talk->ends[1] = &talk->pair.of_bob;
    talk->count[0] = talk->count[1] = 0;
}

/* The end is as after a restart: what it knows comes from bytes. */
static void end_reload(end_t *end)
{
    nkt_buf_t bytes = {0};
    CHECK_OK(nkt_session_pack(&end->session));
    CHECK_OK(nkt_buf_set(&bytes, end->session.record.data, end->session.record.size));
    CHECK_OK(nkt_session_restore(&end->session, bytes.data, bytes.size));
    CHECK(end->session.live == NULL);
    nkt_buf_free(&bytes);
}

typedef enum act { ACT_SAY, ACT_HEAR, ACT_LOSE, ACT_FORGED, ACT_ANEW, ACT_SKIP } act_t;

static act_t act_draw(nkt_prng_t *prng)
{
    static const uint8_t weights[] = {[ACT_SAY] = 44, [ACT_HEAR] = 40, [ACT_LOSE] = 8, [ACT_FORGED] = 5, [ACT_ANEW] = 2, [ACT_SKIP] = 1};
    uint64_t at = nkt_prng_below(prng, 100);
    act_t act = ACT_SAY;
    while (at >= weights[act])
        at -= weights[act++];
    return act;
}

/* One of them does something; its error. The same with the same arguments. */
static int talk_act(talk_t *talk, int who, act_t act, uint32_t pick)
{
    end_t *end = talk->ends[who];
    letter_t *spool = talk->spool[who];
    size_t *count = &talk->count[who];
    nkt_buf_t out = {0};
    int err = NKT_OK;
    if (act == ACT_ANEW)
        return end_initiate(end, 0, NULL);
    if (act == ACT_SKIP)
        return nkt_session_skip(end->person->sessions, &end->session, pick % 5);
    if (act == ACT_SAY) {
        if (talk->count[!who] == SPOOL_SIZE || !nkt_session_exists(&end->session))
            return NKT_OK;
        letter_write(end, "what is said", &talk->spool[!who][talk->count[!who]]);
        talk->count[!who]++;
        return NKT_OK;
    }
    if (*count == 0)
        return NKT_OK;
    letter_t letter = spool[pick % *count];
    if (act == ACT_FORGED) {
        letter.bytes[pick % letter.size] ^= (uint8_t)(1u << pick % 8);
        err = letter_decrypt(end, &letter, &out);
        nkt_buf_free(&out);
        return err;
    }
    spool[pick % *count] = spool[--*count];
    if (act == ACT_HEAR)
        err = letter_decrypt(end, &letter, &out);
    nkt_buf_free(&out);
    return err;
}

static void ends_compare(end_t *kept, end_t *reloaded)
{
    const size_t size = nkt_session_size(&kept->session);
    const nkt_buf_t *one = end_record(kept), *other = end_record(reloaded);
    CHECK_EQ(one->size, other->size);
    CHECK_BYTES(one->data, other->data, one->size);
    CHECK_EQ(kept->session.prekey_id, reloaded->session.prekey_id);
    CHECK(size <= one->size + one->size / 4 + 2048 && one->size <= size + size / 4 + 512);
}

TEST(session_kept_is_what_it_would_be_if_it_were_read_from_storage)
{
    static talk_t kept, reloaded;
    enum { SEED_COUNT = 12, STEP_COUNT = 250 };
    unsigned heard_count = 0, refused_count = 0;
    for (uint64_t seed = 0; seed < SEED_COUNT; seed++) {
        nkt_prng_t prng;
        uint8_t bytes[32];
        check_fill(bytes, sizeof bytes, seed);
        nkt_prng_init(&prng, bytes);
        talk_init(&kept);
        talk_init(&reloaded);
        for (int step = 0; step < STEP_COUNT; step++) {
            const int who = (int)nkt_prng_below(&prng, 2);
            const act_t act = act_draw(&prng);
            const uint32_t pick = (uint32_t)nkt_prng_below(&prng, 1u << 20);
            check_row("seed %u, step %d, %d does %d", (unsigned)seed, step, who, (int)act);
            const int err = talk_act(&kept, who, act, pick);
            CHECK_EQ(talk_act(&reloaded, who, act, pick), err);
            heard_count += act == ACT_HEAR && err == NKT_OK;
            refused_count += act == ACT_FORGED && err < 0;
            end_reload(reloaded.ends[who]);
            ends_compare(kept.ends[who], reloaded.ends[who]);
        }
        pair_deinit(&kept.pair);
        pair_deinit(&reloaded.pair);
    }
    CHECK(heard_count > SEED_COUNT * 40 && refused_count > SEED_COUNT * 3);
}

/* ---- what is not packed is not there ---- */

TEST(session_in_storage_is_never_behind)
{
    pair_t pair;
    letter_t letter;
    nkt_buf_t out = {0};
    pair_init_established(&pair);
    end_t *ends[] = {&pair.of_alice, &pair.of_bob};
    for (int i = 0; i < 2; i++) {
        CHECK(end_record(ends[i])->size > 0);
        letter_write(ends[i], "x", &letter);
        CHECK_EQ(ends[i]->session.record.size, 0);
        CHECK(nkt_session_exists(&ends[i]->session));
        CHECK(end_record(ends[!i])->size > 0);
        letter_read(ends[!i], &letter, "x");
        CHECK_EQ(ends[!i]->session.record.size, 0);
        CHECK(end_record(ends[!i])->size > 0);
        CHECK_ERR(letter_decrypt(ends[!i], &letter, &out), NKT_E_DUPLICATE); /* changes nothing: what is packed holds */
        CHECK(ends[!i]->session.record.size > 0);
    }
    nkt_buf_free(&out);
    pair_deinit(&pair);
}

/* Packing without memory: no half of a record, and the session goes on. */
TEST(session_is_packed_whole_or_not_at_all)
{
    int has_failed = 1;
    unsigned n = 0;
    while (has_failed) {
        pair_t pair;
        pair_init_established(&pair);
        letter_pass(&pair.of_alice, &pair.of_bob, "x");
        nkt_buf_free(&pair.of_bob.session.record);
        check_row("allocation %u", ++n);
        leaks_allow(1);
        check_allocations_fail_at(n);
        const int err = nkt_session_pack(&pair.of_bob.session);
        has_failed = check_allocation_failed();
        check_allocations_fail_at(0);
        leaks_allow(0);
        CHECK_EQ(err, has_failed ? NKT_E_MEMORY : NKT_OK);
        CHECK_EQ(pair.of_bob.session.record.size > 0, !has_failed);
        letter_pass(&pair.of_bob, &pair.of_alice, "y");
        pair_deinit(&pair);
    }
    CHECK(n > 10);
}

/* ---- as many as are allowed ---- */

enum { CROWD_COUNT = NKT_SESSION_LIVE_MAX + 6 };

typedef struct crowd {
    person_t hub, people[CROWD_COUNT];
    end_t theirs[CROWD_COUNT], of_hub[CROWD_COUNT];
} crowd_t;

static void crowd_init(crowd_t *crowd)
{
    person_init(&crowd->hub, 100);
    for (int i = 0; i < CROWD_COUNT; i++) {
        person_init(&crowd->people[i], (uint64_t)i + 1);
        end_init(&crowd->theirs[i], &crowd->people[i], &crowd->hub);
        end_init(&crowd->of_hub[i], &crowd->hub, &crowd->people[i]);
        CHECK_OK(end_initiate(&crowd->theirs[i], 0, NULL));
        letter_pass(&crowd->theirs[i], &crowd->of_hub[i], "hello");
    }
}

static void crowd_deinit(crowd_t *crowd)
{
    for (int i = 0; i < CROWD_COUNT; i++) {
        end_deinit(&crowd->theirs[i]);
        end_deinit(&crowd->of_hub[i]);
        person_deinit(&crowd->people[i]);
    }
    CHECK_EQ(crowd->hub.sessions->live_count, 0);
    CHECK(crowd->hub.sessions->newest == NULL && crowd->hub.sessions->oldest == NULL);
    person_deinit(&crowd->hub);
}

/* Whoever was not used for longest is packed, whole, and comes back from that. */
TEST(sessions_kept_are_no_more_than_allowed)
{
    static crowd_t crowd;
    crowd_init(&crowd);
    for (int i = 0; i < CROWD_COUNT; i++) {
        const nkt_session_t *session = &crowd.of_hub[i].session;
        const int is_kept = i >= CROWD_COUNT - NKT_SESSION_LIVE_MAX;
        check_row("person %d", i);
        CHECK_EQ(session->live != NULL, is_kept);
        CHECK_EQ(session->record.size > 0, !is_kept);
    }
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < CROWD_COUNT; i++) {
            check_row("round %d, person %d", round, i);
            letter_pass(&crowd.of_hub[i], &crowd.theirs[i], "you");
            letter_pass(&crowd.theirs[i], &crowd.of_hub[i], "me");
            CHECK_EQ(crowd.hub.sessions->live_count, NKT_SESSION_LIVE_MAX);
        }
    }
    /* without memory nobody is packed, so nobody is lost; then there are as many as before */
    check_row("memory");
    for (int i = 0; i < CROWD_COUNT; i++) {
        letter_t letter;
        nkt_buf_t out = {0};
        letter_write(&crowd.theirs[i], "x", &letter);
        for (unsigned n = 1, has_failed = 1; has_failed && n < 400; n += 7) {
            leaks_allow(1);
            check_allocations_fail_at(n);
            int err = letter_decrypt(&crowd.of_hub[i], &letter, &out);
            has_failed = (unsigned)check_allocation_failed();
            check_allocations_fail_at(0);
            leaks_allow(0);
            if (err == NKT_OK)
                break;
        }
        CHECK(crowd.hub.sessions->live_count <= NKT_SESSION_LIVE_MAX + 1);
        nkt_buf_free(&out);
        letter_pass(&crowd.of_hub[i], &crowd.theirs[i], "still there");
        CHECK_EQ(crowd.hub.sessions->live_count, NKT_SESSION_LIVE_MAX);
    }
    crowd_deinit(&crowd);
}

TEST(sessions_that_end_leave_what_was_said_in_the_records)
{
    pair_t pair;
    letter_t letter;
    pair_init_established(&pair);
    letter_write(&pair.of_alice, "x", &letter);
    nkt_sessions_free(pair.alice.sessions);
    CHECK(pair.of_alice.session.live == NULL);
    CHECK(pair.of_alice.session.record.size > 0);
    CHECK_OK(nkt_sessions_new(&pair.alice.identity, &pair.alice.host, &pair.alice.sessions));
    letter_read(&pair.of_bob, &letter, "x");
    letter_pass(&pair.of_alice, &pair.of_bob, "y");
    letter_pass(&pair.of_bob, &pair.of_alice, "z");
    pair_deinit(&pair);
}

/* ---- keys of HMACs ---- */

static void keys_are_gone(const nkt_sessions_t *sessions)
{
    CHECK(nkt_is_zero((const uint8_t *)sessions->hmac_keys, sizeof sessions->hmac_keys));
    CHECK(nkt_is_zero((const uint8_t *)&sessions->hmac, sizeof sessions->hmac));
    CHECK_EQ(sessions->is_hmac_taken, 0);
}

TEST(session_keeps_no_hmac_key_between_operations)
{
    pair_t pair;
    letter_t letter;
    nkt_buf_t out = {0};
    pair_init_established(&pair);
    keys_are_gone(pair.alice.sessions);
    letter_write(&pair.of_alice, "x", &letter);
    keys_are_gone(pair.alice.sessions);
    letter.bytes[letter.kem_size + letter.message_size / 2] ^= 1;
    CHECK_ERR(letter_decrypt(&pair.of_bob, &letter, &out), NKT_E_DECRYPT);
    keys_are_gone(pair.bob.sessions);
    letter.bytes[letter.kem_size + letter.message_size / 2] ^= 1;
    letter_read(&pair.of_bob, &letter, "x");
    keys_are_gone(pair.bob.sessions);
    nkt_buf_free(&out);
    pair_deinit(&pair);
}
