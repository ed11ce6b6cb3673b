/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whom letters are given to, and who makes their keys anew. */
#include <stdlib.h>

#include "check.h"

#include "base/base58.h"
#include "delivery/delivery.h"
#include "inbound/inbound.h"
#include "people/people.h"
#include "routing/routing.h"
#include "state/state.h"
#include "state/swarm.h"

enum { USER_COUNT = 6 };

typedef struct cast {
    nkt_swarm_t *swarm;
    nkt_user_t *users[USER_COUNT];
} cast_t;

static cast_t cast_make(void)
{
    cast_t cast = {.swarm = calloc(1, sizeof *cast.swarm)};
    nkt_swarm_t *swarm = cast.swarm;
    CHECK(swarm != NULL);
    nkt_map_init(&swarm->users, NKT_ADDRESS_SIZE, offsetof(nkt_user_t, address), NKT_USER_COUNT_MAX, 1);
    nkt_timer_init(&swarm->letters.timer, NKT_TIMER_LETTERS, swarm);
    swarm->room.is_open = 1;
    swarm->now_ms = 1000;
    for (int i = 0; i < USER_COUNT; i++) {
        nkt_record_t record = {.address = {{(uint8_t)(i + 1)}}, .capabilities = NKT_CAPABILITY_KEEPER};
        CHECK_OK(nkt_user_add(swarm, &record, &cast.users[i]));
        cast.users[i]->standing.is_member = 1;
        cast.users[i]->standing.met_ms = 10u * (i + 1u);
    }
    return cast;
}

static void cast_free(cast_t *cast)
{
    nkt_news_heed(cast->swarm);
    nkt_users_deinit(cast->swarm);
    nkt_letters_deinit(cast->swarm);
    nkt_effects_deinit(&cast->swarm->effects);
    nkt_timers_deinit(&cast->swarm->timers);
    free(cast->swarm);
}

static int keeps(const cast_t *cast, int user)
{
    for (int i = 0; i < NKT_KEEPER_COUNT_MAX; i++) {
        const nkt_letter_keeper_t *keeper = &cast->swarm->letters.keepers[i];
        if (keeper->is_used && nkt_address_compare(&keeper->address, &cast->users[user]->address) == 0)
            return 1;
    }
    return 0;
}

static int keeper_count(const cast_t *cast)
{
    int count = 0;
    for (int i = 0; i < USER_COUNT; i++)
        count += keeps(cast, i);
    return count;
}

TEST(letters_go_to_those_keepers_who_are_dearest)
{
    cast_t cast = cast_make();
    for (int i = 3; i < USER_COUNT; i++)
        cast.users[i]->record.capabilities = 0; /* three strangers were here first ... */
    nkt_letters_tidy(cast.swarm);
    CHECK(keeps(&cast, 0) && keeps(&cast, 1) && keeps(&cast, 2));
    for (int i = 3; i < USER_COUNT; i++)
        cast.users[i]->record.capabilities = NKT_CAPABILITY_KEEPER; /* ... and say that they keep: others do too */
    nkt_letters_tidy(cast.swarm);
    CHECK(keeps(&cast, 0) && keeps(&cast, 1) && keeps(&cast, 2)); /* of strangers those who were known first */
    cast.users[4]->standing.proof = NKT_PROOF_TALKED;
    nkt_letters_tidy(cast.swarm);
    CHECK(keeps(&cast, 0) && keeps(&cast, 1) && keeps(&cast, 4));
    cast.users[3]->standing.is_pinned = 1;
    cast.users[5]->standing.proof = NKT_PROOF_TALKED;
    nkt_letters_tidy(cast.swarm);
    CHECK(keeps(&cast, 3) && keeps(&cast, 4) && keeps(&cast, 5));
    cast.users[4]->presence.flags = NKT_USER_UNREACHABLE;
    nkt_letters_tidy(cast.swarm);
    CHECK(keeps(&cast, 3) && keeps(&cast, 0) && keeps(&cast, 5) && keeper_count(&cast) == 3);
    cast.users[4]->presence.flags = 0;
    nkt_letters_tidy(cast.swarm);
    CHECK(keeps(&cast, 3) && keeps(&cast, 4) && keeps(&cast, 5) && keeper_count(&cast) == 3);
    for (int i = 0; i < USER_COUNT; i++)
        cast.users[i]->standing.is_member = 0;
    nkt_letters_tidy(cast.swarm);
    CHECK_EQ(keeper_count(&cast), 0);
    cast_free(&cast);
}

TEST(a_stranger_who_is_forgotten_costs_no_key_of_letters)
{
    cast_t cast = cast_make();
    nkt_swarm_t *swarm = cast.swarm;
    swarm->letters.key.epoch = 7;
    cast.users[1]->letters.held = 5; /* a chain of before */
    cast.users[2]->letters.held = 7;
    nkt_user_forget(swarm, cast.users[0]);
    nkt_user_forget(swarm, cast.users[1]);
    nkt_news_heed(swarm);
    CHECK_EQ(swarm->letters.key.epoch, 7);
    nkt_user_forget(swarm, cast.users[2]);
    nkt_news_heed(swarm);
    CHECK_EQ(swarm->letters.key.epoch, 0); /* it could read on */
    cast_free(&cast);
}

static void letter_keep(nkt_swarm_t *swarm, const nkt_user_t *from, const nkt_user_t *to, int is_key)
{
    static uint8_t next_id;
    next_id++;
    nkt_kept_head_t head = {.id = {next_id}, .from = from->address, .is_key = is_key, .created_ms = next_id, .until_ms = 1000000};
    if (to != NULL)
        head.to = to->address;
    CHECK_OK(nkt_kept_add(&swarm->kept, &head, &next_id, 1));
}

TEST(keeper_looks_once_through_what_is_for_others)
{
    cast_t cast = cast_make();
    nkt_swarm_t *swarm = cast.swarm;
    nkt_user_t *user = cast.users[0];
    swarm->settings.keeper = 1;
    nkt_kept_init(&swarm->kept, 1);
    nkt_timer_init(&swarm->keeper_timer, NKT_TIMER_KEEPER, swarm);
    letter_keep(swarm, cast.users[1], user, 1);
    user->kept.order = swarm->kept.order; /* it has that */
    for (int i = 0; i < 3; i++)
        letter_keep(swarm, cast.users[2], NULL, 0);
    nkt_keeper_heard(swarm, user);
    CHECK_EQ(user->kept.is_waiting, 1);
    swarm->now_ms += 10000;
    nkt_keeper_timer(swarm);
    CHECK_EQ(user->kept.is_waiting, 0);
    nkt_keeper_heard(swarm, user); /* whatever it says */
    CHECK_EQ(user->kept.is_waiting, 0);
    letter_keep(swarm, cast.users[1], user, 0);
    nkt_keeper_heard(swarm, user);
    CHECK_EQ(user->kept.is_waiting, 1);
    nkt_kept_deinit(&swarm->kept);
    cast_free(&cast);
}
