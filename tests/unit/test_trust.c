/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>

#include "check.h"

#include "people/people.h"
#include "state/state.h"
#include "state/swarm.h"

/* Each shows one thing more than the one before: whatever it is, it must not displace those after
 * it. */
static const struct {
    nkt_rank_t rank;
    uint8_t is_member, is_linked, proof, is_pinned, is_open;
} steps[] = {
    {NKT_RANK_SEEKER, 0, 0, 0, 0, 0},
    {NKT_RANK_STRANGER, 1, 0, 0, 0, 1},
    {NKT_RANK_MEMBER, 1, 0, 0, 0, 0},
    {NKT_RANK_LINKED, 1, 1, 0, 0, 1},
    {NKT_RANK_LINKED, 0, 0, NKT_PROOF_LINKED, 0, 1},
    {NKT_RANK_DECRYPTED, 1, 0, NKT_PROOF_DECRYPTED, 0, 1},
    {NKT_RANK_DECRYPTED, 1, 1, NKT_PROOF_LINKED | NKT_PROOF_DECRYPTED, 0, 1},
    {NKT_RANK_TALKED, 1, 0, NKT_PROOF_DECRYPTED | NKT_PROOF_TALKED, 0, 1},
    {NKT_RANK_TALKED, 0, 0, NKT_PROOF_SOUGHT, 0, 0},
    {NKT_RANK_PINNED, 0, 0, 0, 1, 1},
};

static void user_make(nkt_swarm_t *swarm, nkt_user_t *user, nkt_link_t *link, size_t step)
{
    *user = (nkt_user_t){.standing = {.is_member = steps[step].is_member,
                                      .proof = steps[step].proof,
                                      .is_pinned = steps[step].is_pinned,
                                      .met_ms = 1000},
                         .mesh.link = steps[step].is_linked ? link : NULL};
    swarm->room.is_open = steps[step].is_open;
}

TEST(rank_follows_what_a_stranger_cannot_make)
{
    nkt_swarm_t *swarm = calloc(1, sizeof *swarm);
    nkt_link_t link = {0};
    nkt_user_t user;
    CHECK(swarm != NULL);
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        user_make(swarm, &user, &link, i);
        CHECK_EQ(nkt_user_rank(swarm, &user), steps[i].rank);
        CHECK_EQ(nkt_user_is_proven(swarm, &user), steps[i].rank >= NKT_RANK_LINKED);
    }
    free(swarm);
}

TEST(proof_is_kept_and_stored)
{
    nkt_swarm_t *swarm = calloc(1, sizeof *swarm);
    nkt_user_t user = {.standing.is_member = 1};
    CHECK(swarm != NULL);
    nkt_user_prove(swarm, &user, NKT_PROOF_DECRYPTED);
    CHECK_EQ(user.stored.is_dirty, 1);
    user.stored.is_dirty = 0;
    nkt_user_prove(swarm, &user, NKT_PROOF_DECRYPTED); /* nothing new: nothing to store */
    CHECK_EQ(user.stored.is_dirty, 0);
    nkt_user_prove(swarm, &user, NKT_PROOF_TALKED);
    CHECK_EQ(user.stored.is_dirty, 1);
    CHECK_EQ(user.standing.proof, NKT_PROOF_DECRYPTED | NKT_PROOF_TALKED);
    free(swarm);
}

TEST(of_one_rank_the_older_acquaintance_is_dearer)
{
    nkt_swarm_t *swarm = calloc(1, sizeof *swarm);
    nkt_user_t old = {.standing = {.is_member = 1, .met_ms = 1}}, young = {.standing = {.is_member = 1, .met_ms = 2}};
    CHECK(swarm != NULL);
    CHECK(nkt_user_is_dearer(swarm, &old, &young) && !nkt_user_is_dearer(swarm, &young, &old));
    young.standing.proof = NKT_PROOF_LINKED;
    CHECK(nkt_user_is_dearer(swarm, &young, &old) && !nkt_user_is_dearer(swarm, &old, &young));
    free(swarm);
}

/* Whoever came and went pushes out none who was here for longer, or whom somebody here spoke to; all of them talked. */
TEST(of_those_who_left_the_closer_is_remembered)
{
    nkt_swarm_t *swarm = calloc(1, sizeof *swarm);
    enum { MINUTE_MS = 60000, DAY_MS = 86400000 };
    uint64_t now_ms = (uint64_t)20 * DAY_MS;
    nkt_user_t friend = {.standing = {.proof = NKT_PROOF_TALKED, .known_ms = now_ms - 9u * DAY_MS},
                         .away.left_ms = now_ms - 5u * DAY_MS};
    nkt_user_t guest = {.standing = {.proof = NKT_PROOF_TALKED, .known_ms = now_ms - 160 * MINUTE_MS},
                        .away.left_ms = now_ms - 120 * MINUTE_MS};
    nkt_user_t spoken = guest, silent = friend, later = guest;
    CHECK(swarm != NULL);
    spoken.standing.proof |= NKT_PROOF_SOUGHT;
    silent.standing.proof = NKT_PROOF_DECRYPTED;
    later.standing.known_ms += 1000;
    later.away.left_ms += 1000;
    const nkt_user_t *order[] = {&silent, &guest, &later, &friend, &spoken}; /* the closest last */
    for (size_t i = 0; i < 5; i++) {
        for (size_t k = 0; k < 5; k++)
            CHECK_EQ(nkt_user_is_closer(swarm, order[i], order[k]), i > k);
    }
    free(swarm);
}
