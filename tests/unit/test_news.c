/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is reported below and heeded above: once, in order, and with nobody freed whom somebody may hold. */
#include <stdlib.h>
#include <string.h>

#include "check.h"

#include "base/base58.h"
#include "delivery/delivery.h"
#include "inbound/inbound.h"
#include "links/links.h"
#include "people/people.h"
#include "state/state.h"
#include "state/swarm.h"

static int entropy(void *context, uint8_t *buf, size_t size)
{
    (void)context;
    memset(buf, 7, size);
    return NKT_OK;
}

static nkt_swarm_t *swarm_make(void)
{
    nkt_swarm_t *swarm = calloc(1, sizeof *swarm);
    CHECK(swarm != NULL);
    swarm->host.entropy = entropy;
    nkt_map_init(&swarm->users, NKT_ADDRESS_SIZE, offsetof(nkt_user_t, address), NKT_USER_COUNT_MAX, 1);
    nkt_timer_init(&swarm->wish.timer, NKT_TIMER_VIEW, swarm);
    swarm->settings.link_count_max = 8;
    swarm->room.is_open = 1;
    swarm->now_ms = 1000;
    return swarm;
}

static nkt_user_t *user_add(nkt_swarm_t *swarm, uint32_t number)
{
    nkt_user_t *user = NULL;
    nkt_record_t record = {.address = {{(uint8_t)number, (uint8_t)(number >> 8), 1}}};
    CHECK_OK(nkt_user_add(swarm, &record, &user));
    user->standing.is_member = 1;
    return user;
}

static void swarm_free(nkt_swarm_t *swarm)
{
    nkt_news_heed(swarm);
    nkt_users_deinit(swarm);
    nkt_links_deinit(swarm);
    nkt_away_deinit(swarm);
    nkt_effects_deinit(&swarm->effects);
    nkt_timers_deinit(&swarm->timers);
    free(swarm);
}

TEST(news_of_one_user_are_one_and_come_in_the_order_of_the_first)
{
    nkt_swarm_t *swarm = calloc(1, sizeof *swarm);
    nkt_user_t a = {0}, b = {0};
    unsigned kinds;
    CHECK(swarm != NULL);
    CHECK(nkt_news_take(swarm, &kinds) == NULL);
    nkt_news_report(swarm, &a, NKT_NEWS_MET);
    nkt_news_report(swarm, &b, NKT_NEWS_LINK_LOST);
    nkt_news_report(swarm, &a, NKT_NEWS_PROVEN);
    nkt_news_report(swarm, &b, NKT_NEWS_LINK_LOST);
    CHECK(nkt_news_take(swarm, &kinds) == &a);
    CHECK_EQ(kinds, NKT_NEWS_MET | NKT_NEWS_PROVEN);
    nkt_news_report(swarm, &a, NKT_NEWS_MET); /* while the first are heeded */
    CHECK(nkt_news_take(swarm, &kinds) == &b);
    CHECK_EQ(kinds, NKT_NEWS_LINK_LOST);
    CHECK(nkt_news_take(swarm, &kinds) == &a);
    CHECK_EQ(kinds, NKT_NEWS_MET);
    CHECK(nkt_news_take(swarm, &kinds) == NULL);
    free(swarm);
}

/* Whoever holds it up the stack may ask it, change it and arm it: it is only not found any more. */
TEST(who_is_forgotten_lives_until_that_is_heeded)
{
    nkt_swarm_t *swarm = swarm_make();
    nkt_user_t *user = user_add(swarm, 1);
    const nkt_address_t address = user->address;
    nkt_news_heed(swarm);
    CHECK_OK(nkt_outbox_add(swarm, user, (const uint8_t *)"1", 1, 5, 0));
    CHECK_EQ(swarm->outbox.parcel_count, 1);
    nkt_user_forget(swarm, user);
    CHECK(nkt_user_find(swarm, &address) == NULL);
    CHECK_EQ(swarm->users.count, 0);
    nkt_timer_set(&swarm->timers, &user->wish.timer, 2000);
    nkt_user_prove(swarm, user, NKT_PROOF_TALKED);
    nkt_away_leave(swarm, user);
    CHECK_EQ(user->delivery.queue_count, 1);
    nkt_user_t *again = user_add(swarm, 1); /* the same, before the other is buried */
    CHECK(again != user && nkt_user_find(swarm, &address) == again);

    nkt_news_heed(swarm);
    CHECK(nkt_user_find(swarm, &address) == again);
    CHECK_EQ(swarm->outbox.parcel_count, 0);
    CHECK_EQ(swarm->away.left_count, 0);
    CHECK_EQ(nkt_timers_next_ms(&swarm->timers), UINT64_MAX);
    swarm_free(swarm);
}

/* What an earlier life left for one who was not known: his, and no other's. */
TEST(what_waits_for_one_who_was_not_known_is_his_when_that_is_heeded)
{
    nkt_swarm_t *swarm = swarm_make();
    nkt_message_t *message = nkt_message_new((const uint8_t *)"1", 1);
    const nkt_address_t address = {{2, 0, 1}};
    CHECK(message != NULL);
    swarm->outbox.count = swarm->outbox.size = 1;
    message->until_ms = swarm->now_ms + 1000;
    nkt_parcel_t *parcel = nkt_parcel_new(swarm, message, &address);
    CHECK(parcel != NULL);
    parcel->stream_id = parcel->sequence = 1;
    swarm->outbox.orphan_head = swarm->outbox.orphan_tail = parcel;
    nkt_user_t *other = user_add(swarm, 1);
    nkt_news_heed(swarm);
    CHECK(swarm->outbox.orphan_head != NULL && other->delivery.queue_count == 0);
    nkt_user_t *user = user_add(swarm, 2);
    CHECK_EQ(user->delivery.queue_count, 0);
    nkt_news_heed(swarm);
    CHECK(swarm->outbox.orphan_head == NULL);
    CHECK_EQ(user->delivery.queue_count, 1);
    nkt_user_forget(swarm, user);
    nkt_news_heed(swarm);
    CHECK_EQ(swarm->outbox.parcel_count, 0);
    swarm_free(swarm);
}

/* One frame may bring the records of several: each is looked after, though the first of them takes up what waits for all. */
TEST(what_waits_for_two_who_are_met_at_once_is_begun_for_both)
{
    nkt_swarm_t *swarm = swarm_make();
    nkt_user_t *users[2];
    swarm->endpoints[0] = (nkt_endpoint_t){.kind = NKT_LINK_RELAY, .socket = {.is_up = 1}};
    swarm->endpoint_count = 1;
    memset(swarm->identity.address.b, 0xff, NKT_ADDRESS_SIZE); /* they begin the sessions, and we wait a little for that */
    nkt_message_t *message = nkt_message_new((const uint8_t *)"1", 1);
    CHECK(message != NULL);
    swarm->outbox.count = swarm->outbox.size = 1;
    message->until_ms = swarm->now_ms + 1000;
    for (uint8_t i = 0; i < 2; i++) {
        nkt_parcel_t *parcel = nkt_parcel_new(swarm, message, &(nkt_address_t){{(uint8_t)(1 + i), 0, 1}});
        CHECK(parcel != NULL);
        parcel->stream_id = parcel->sequence = 1;
        parcel->next = swarm->outbox.orphan_head;
        swarm->outbox.orphan_head = parcel;
        if (i == 0)
            swarm->outbox.orphan_tail = parcel;
    }
    for (uint8_t i = 0; i < 2; i++) {
        users[i] = user_add(swarm, 1 + i);
        users[i]->record.is_bound = 1;
        users[i]->presence.relay_bits = 1;
    }
    nkt_news_heed(swarm);
    for (uint8_t i = 0; i < 2; i++) {
        CHECK_EQ(users[i]->delivery.queue_count, 1);
        CHECK(nkt_timer_is_set(&users[i]->talk.timer));
        nkt_user_forget(swarm, users[i]);
    }
    swarm_free(swarm);
}

/* GONE, and then the end of what waited for it: nothing is told of one who is not there. */
TEST(what_waits_for_one_who_is_forgotten_fails_once)
{
    nkt_swarm_t *swarm = swarm_make();
    nkt_user_t *user = user_add(swarm, 1);
    nkt_effect_t fx;
    int gone_count = 0, failed_count = 0;
    CHECK_OK(nkt_outbox_add(swarm, user, (const uint8_t *)"1", 1, 5, 0));
    nkt_user_forget(swarm, user);
    nkt_news_heed(swarm);
    nkt_news_heed(swarm);
    while (nkt_effects_poll(swarm, &fx)) {
        gone_count += fx.kind == NKT_FX_USER && fx.flags & NKT_USER_GONE;
        failed_count += fx.kind == NKT_FX_DELIVERY && fx.value == NKT_DELIVERY_FAILED;
    }
    CHECK_EQ(gone_count, 1);
    CHECK_EQ(failed_count, 1);
    swarm_free(swarm);
}

/* Who makes room leaves the table at once: its cap holds however late that is heeded. */
TEST(the_table_keeps_its_cap_while_nothing_is_heeded)
{
    nkt_swarm_t *swarm = swarm_make();
    for (uint32_t i = 0; i < NKT_USER_COUNT_MAX + 200; i++) {
        swarm->now_ms++;
        user_add(swarm, i);
        CHECK(swarm->users.count <= NKT_USER_COUNT_MAX);
    }
    swarm_free(swarm);
}

/* The core is stopped, or not: no user keeps a link that is no more. */
TEST(no_user_keeps_a_link_that_is_closed)
{
    for (int is_stopped = 0; is_stopped < 2; is_stopped++) {
        nkt_swarm_t *swarm = swarm_make();
        nkt_user_t *user = user_add(swarm, 1);
        nkt_link_t *link = nkt_link_open(swarm, NKT_LINK_RTC, NULL);
        CHECK(link != NULL);
        link->rtc.peer = user->address;
        link->state = NKT_LINK_LIVE;
        user->mesh.link = link;
        nkt_news_heed(swarm);
        swarm->is_stopped = is_stopped;
        nkt_link_close(swarm, link, 1);
        CHECK(user->mesh.link == NULL);
        CHECK_EQ(swarm->link_count, 0);
        CHECK_EQ(user->news.kinds, is_stopped ? 0u : (unsigned)NKT_NEWS_LINK_LOST);
        swarm_free(swarm);
    }
}

/*
 * Who leaves while a link to it comes up says good-bye by every way, and the last proof of the link may come after it: to us it is there
 * again, until that link is closed. Then it left; but not who said something since.
 */
TEST(who_said_good_bye_before_its_link_was_proven_has_left_when_that_is_lost)
{
    static const struct {
        uint64_t bye_ms, said_ms;
        int has_left;
    } table[] = {{5000, 4000, 1}, {5000, 5000, 1}, {5000, 6000, 0}, {0, 4000, 0}};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        nkt_swarm_t *swarm = swarm_make();
        nkt_user_t *user = user_add(swarm, 1);
        nkt_link_t *link = nkt_link_open(swarm, NKT_LINK_RTC, NULL);
        CHECK(link != NULL);
        user->clock.is_heard = 1;
        user->clock.said_ms = table[i].said_ms;
        nkt_clock_bye(user, table[i].bye_ms);
        link->rtc.peer = user->address;
        link->state = NKT_LINK_LIVE;
        user->mesh.link = link;
        nkt_presence_reached(user);
        nkt_news_heed(swarm);
        nkt_link_close(swarm, link, 1);
        nkt_news_heed(swarm);
        CHECK_EQ(nkt_away_has_left(user), table[i].has_left);
        CHECK_EQ(nkt_user_reach(user) == NKT_REACH_NONE, table[i].has_left);
        swarm_free(swarm);
    }
}

TEST(a_proof_of_its_time_that_its_good_bye_overtook_does_not_take_that_back)
{
    static const struct {
        uint64_t bye_ms;
        int is_kept;
    } table[] = {{60000, 1}, {60001, 1}, {60000 + NKT_LATE_MS, 1}, {60001 + NKT_LATE_MS, 0}};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        nkt_swarm_t *swarm = swarm_make();
        nkt_user_t *user = user_add(swarm, 1);
        nkt_clock_bye(user, table[i].bye_ms);
        nkt_clock_proven(swarm, user, 60000, 0); /* by a clock that was set back, if it is much */
        CHECK_EQ(user->clock.bye_ms, table[i].is_kept ? table[i].bye_ms : 0);
        CHECK_EQ(nkt_clock_has_left(user), table[i].is_kept);
        swarm_free(swarm);
    }
}

/* It is by then that counts: one that has a link again has lost nothing. */
TEST(what_follows_is_decided_by_what_is_so_when_it_is_heeded)
{
    nkt_swarm_t *swarm = swarm_make();
    nkt_user_t *lost = user_add(swarm, 1), *back = user_add(swarm, 2);
    nkt_link_t link = {.kind = NKT_LINK_RTC, .state = NKT_LINK_LIVE};
    nkt_news_heed(swarm);
    nkt_news_report(swarm, lost, NKT_NEWS_LINK_LOST);
    nkt_news_report(swarm, back, NKT_NEWS_LINK_LOST);
    back->mesh.link = &link;
    nkt_news_heed(swarm);
    CHECK(lost->away.is_lost && nkt_timer_is_set(&lost->presence.absent_timer));
    CHECK(!back->away.is_lost && !nkt_timer_is_set(&back->presence.absent_timer));
    back->mesh.link = NULL;
    swarm_free(swarm);
}

/* ---- can it be reached? ---- */

TEST(there_is_one_answer_to_whether_a_user_can_be_reached)
{
    nkt_link_t link = {.kind = NKT_LINK_RTC, .state = NKT_LINK_LIVE};
    nkt_user_t user = {0};
    CHECK_EQ(nkt_user_reach(&user), NKT_REACH_OTHERS);
    CHECK(nkt_user_is_open(&user) && !nkt_user_is_given_up(&user));
    user.away.is_lost = 1;
    CHECK_EQ(nkt_user_reach(&user), NKT_REACH_LOST);
    user.away.is_lost = 0;
    user.presence.relay_bits = 2;
    CHECK_EQ(nkt_user_reach(&user), NKT_REACH_DIRECT);
    user.presence.relay_bits = 0;
    user.mesh.link = &link;
    CHECK_EQ(nkt_user_reach(&user), NKT_REACH_DIRECT);
    user.presence.flags = NKT_USER_MUTED;
    CHECK_EQ(nkt_user_reach(&user), NKT_REACH_DIRECT); /* which is another question than whether we want to */
    CHECK(!nkt_user_is_open(&user));
    user.presence.flags = NKT_USER_UNREACHABLE; /* the application's word counts more than a link */
    CHECK_EQ(nkt_user_reach(&user), NKT_REACH_NONE);
    CHECK(!nkt_user_is_open(&user) && nkt_user_is_given_up(&user));
    user.presence.flags = NKT_USER_UNREACHABLE | NKT_USER_MUTED;
    CHECK_EQ(nkt_user_reach(&user), NKT_REACH_NONE);
    CHECK(!nkt_user_is_given_up(&user));
}
