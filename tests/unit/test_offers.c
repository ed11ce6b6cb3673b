/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Offers and answers on ways that lose them: the same is told again, and is one to who hears both; and links that are heard out. */
#include <stdlib.h>
#include <string.h>

#include "check.h"

#include "base/base58.h"
#include "inbound/inbound.h"
#include "gossip/gossip.h"
#include "links/links.h"
#include "overlay/signal.h"
#include "people/people.h"
#include "scene.h"
#include "state/state.h"

static char sdp[] = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n"
                    "c=IN IP4 0.0.0.0\r\na=ice-ufrag:abcd\r\na=ice-pwd:0123456789abcdef0123456789\r\n"
                    "a=fingerprint:sha-256 00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:10:11:12:13:14:15:16:17:18:19:1A:1B:"
                    "1C:1D:1E:1F\r\na=setup:actpass\r\na=mid:0\r\na=sctp-port:5000\r\n";

typedef struct seen {
    int signals; /* frames that are large enough for a description */
    int answers_asked, closed;
} seen_t;

static seen_t look(scene_t *scene)
{
    seen_t seen = {0};
    nkt_effect_t fx;
    while (nkt_poll(scene->core, &fx)) {
        seen.signals += fx.kind == NKT_FX_SEND && fx.bytes_size > sizeof sdp;
        seen.answers_asked += fx.kind == NKT_FX_RTC_ANSWER;
        seen.closed += fx.kind == NKT_FX_LINK_CLOSE;
    }
    return seen;
}

/* What its timer would do, at the time for which it is set. */
static seen_t pass(scene_t *scene, nkt_link_t *link)
{
    CHECK(nkt_timer_is_set(&link->timer));
    scene->now_ms = scene->swarm->now_ms = link->timer.at_ms;
    nkt_link_timer(scene->swarm, link);
    return look(scene);
}

static nkt_link_t *offer(scene_t *scene, nkt_user_t *user)
{
    nkt_swarm_t *swarm = scene->swarm;
    CHECK(nkt_mesh_offer_to(swarm, user, NKT_ORIGIN_OURS));
    nkt_link_t *link = nkt_link_pending(swarm, &user->address);
    CHECK(link != NULL);
    look(scene);
    nkt_mesh_local(swarm, link, sdp, sizeof sdp - 1);
    CHECK_EQ(look(scene).signals, 1);
    return link;
}

TEST(an_offer_that_is_not_answered_is_told_again_and_then_given_up)
{
    scene_t *scene = scene_new(1);
    nkt_user_t *user = scene->swarm->user_list[0];
    look(scene);
    uint64_t begun_ms = scene->swarm->now_ms;
    nkt_link_t *link = offer(scene, user);
    for (int i = 0; i < NKT_RTC_AGAIN_COUNT; i++) {
        uint64_t from_ms = scene->swarm->now_ms;
        check_row("again %d", i);
        CHECK_EQ(pass(scene, link).signals, 1);
        CHECK(scene->now_ms - from_ms >= (uint64_t)NKT_RTC_AGAIN_MS << i >> 1);
        CHECK(scene->now_ms - from_ms <= (uint64_t)NKT_RTC_AGAIN_MS << i << 1);
    }
    seen_t seen = pass(scene, link);
    CHECK_EQ(seen.signals, 0);
    CHECK_EQ(seen.closed, 1);
    CHECK_EQ(scene->now_ms - begun_ms, NKT_RTC_SETUP_MS);
    CHECK(nkt_link_pending(scene->swarm, &user->address) == NULL);
    scene_free(scene, 1);
}

/* Whoever left, or refuses all that we say, is asked once by each attempt. */
TEST(an_offer_to_one_who_shows_no_sign_of_life_is_told_once)
{
    scene_t *scene = scene_new(1);
    nkt_user_t *user = scene->swarm->user_list[0];
    look(scene);
    scene->now_ms = scene->swarm->now_ms += NKT_RTC_SETUP_MS;
    uint64_t begun_ms = scene->swarm->now_ms;
    seen_t seen = {0};
    nkt_link_t *link = offer(scene, user);
    while (seen.closed == 0) {
        seen = pass(scene, link);
        CHECK_EQ(seen.signals, 0);
    }
    CHECK_EQ(scene->now_ms - begun_ms, NKT_RTC_SETUP_MS);
    link = offer(scene, user);
    pass(scene, link);
    nkt_presence_heard(scene->swarm, user); /* in the midst of it: now he may hear it */
    CHECK_EQ(pass(scene, link).signals, 1);
    scene_free(scene, 1);
}

/* Where others failed only more time tells whether the line is slow; for one of whom others told alone, or amid many, it is as ever. */
TEST(an_attempt_has_more_time_after_others_have_failed)
{
    static const uint32_t doublings[] = {0, 0, 1, 2, 2};
    scene_t *scene = scene_new(1);
    nkt_swarm_t *swarm = scene->swarm;
    nkt_user_t *user = swarm->user_list[0];
    for (int was_heard = 0; was_heard < 2; was_heard++) {
        user->mesh.attempt = 0;
        for (size_t i = 0; i < sizeof doublings / sizeof doublings[0]; i++) {
            check_row("heard %d, %zu failed", was_heard, i);
            CHECK_EQ(user->mesh.attempt, i);
            if (was_heard)
                nkt_presence_heard(swarm, user);
            nkt_link_t *link = offer(scene, user);
            CHECK_EQ(link->rtc.until_ms - swarm->now_ms, (uint64_t)NKT_RTC_SETUP_MS << (was_heard ? doublings[i] : 0));
            while (pass(scene, link).closed == 0)
                ;
        }
    }
    scene_free(scene, 1);
}

TEST(an_offer_that_is_answered_is_not_told_again)
{
    scene_t *scene = scene_new(1);
    nkt_swarm_t *swarm = scene->swarm;
    nkt_user_t *user = swarm->user_list[0];
    nkt_link_t *link = offer(scene, user);
    uint8_t nonce[NKT_NONCE_SIZE] = {5}, other[NKT_NONCE_SIZE] = {6};
    nkt_signalling_t answer = {.type = NKT_SIGNAL_ANSWER, .attempt = link->rtc.attempt, .nonce = nonce, .sdp = sdp};
    CHECK_OK(nkt_mesh_answer(swarm, link, user, &answer));
    CHECK_EQ(link->state, NKT_LINK_JOINING);
    CHECK_OK(nkt_mesh_answer(swarm, link, user, &answer)); /* it is told again as well */
    answer.nonce = other;
    CHECK_ERR(nkt_mesh_answer(swarm, link, user, &answer), NKT_E_PAYLOAD);
    seen_t seen = pass(scene, link);
    CHECK_EQ(seen.signals, 0);
    CHECK_EQ(seen.closed, 1);
    scene_free(scene, 1);
}

TEST(who_hears_an_offer_again_says_his_answer_again_and_begins_nothing)
{
    scene_t *scene = scene_new(1);
    nkt_swarm_t *swarm = scene->swarm;
    nkt_user_t *user = swarm->user_list[0];
    const uint8_t attempt[NKT_ATTEMPT_SIZE] = {1}, nonce[NKT_NONCE_SIZE] = {2}, next[NKT_ATTEMPT_SIZE] = {3};
    nkt_signalling_t signal = {.type = NKT_SIGNAL_OFFER, .attempt = attempt, .nonce = nonce, .sdp = sdp};
    nkt_link_t *link = NULL, *again = NULL;
    look(scene);
    CHECK_OK(nkt_mesh_offer(swarm, user, &signal, NULL, &link));
    CHECK(link != NULL);
    CHECK_EQ(look(scene).answers_asked, 1);
    CHECK_OK(nkt_mesh_offer(swarm, user, &signal, NULL, &again)); /* before the host has made the answer */
    seen_t seen = look(scene);
    CHECK_EQ(seen.answers_asked + seen.signals + seen.closed, 0);
    nkt_mesh_local(swarm, link, sdp, sizeof sdp - 1);
    CHECK_EQ(look(scene).signals, 1);
    for (int i = 0; i < 10; i++) { /* whoever says his offer ten times gets no ten answers */
        CHECK_OK(nkt_mesh_offer(swarm, user, &signal, NULL, &again));
        seen = look(scene);
        check_row("heard again %d", i);
        CHECK_EQ(seen.signals, i < NKT_RTC_AGAIN_COUNT);
        CHECK_EQ(seen.answers_asked + seen.closed, 0);
    }
    nkt_mesh_opened(swarm, link); /* a late copy */
    look(scene);
    CHECK_OK(nkt_mesh_offer(swarm, user, &signal, NULL, &again));
    seen = look(scene);
    CHECK_EQ(seen.signals + seen.answers_asked + seen.closed, 0);
    CHECK(again == NULL && nkt_link_pending(swarm, &user->address) == link);
    signal.attempt = next; /* another one takes its place, as ever */
    CHECK_OK(nkt_mesh_offer(swarm, user, &signal, NULL, &again));
    seen = look(scene);
    CHECK_EQ(seen.answers_asked, 1);
    CHECK_EQ(seen.closed, 1);
    scene_free(scene, 1);
}

static nkt_link_t *drain(nkt_swarm_t *swarm, const nkt_user_t *user)
{
    nkt_link_t *link = nkt_link_open(swarm, NKT_LINK_RTC, NULL);
    CHECK(link != NULL);
    link->rtc.peer = user->address;
    nkt_link_state_set(link, NKT_LINK_LIVE);
    nkt_link_drain(swarm, link);
    return link;
}

static size_t drained_count(const nkt_swarm_t *swarm, const nkt_user_t *user)
{
    size_t count = 0;
    for (size_t i = 0; i < swarm->link_count; i++)
        count += swarm->links[i]->state == NKT_LINK_DRAINING &&
                 (user == NULL || nkt_address_compare(&swarm->links[i]->rtc.peer, &user->address) == 0);
    return count;
}

TEST(so_many_links_of_a_pair_are_heard_out_and_the_oldest_goes)
{
    enum { COUNT = 12 };
    scene_t *scene = scene_new(COUNT);
    nkt_swarm_t *swarm = scene->swarm;
    nkt_user_t *stranger = swarm->user_list[0], *friend = swarm->user_list[1];
    uint32_t of_friend = drain(swarm, friend)->id, last = 0, before = 0;
    for (int i = 0; i < 20; i++) { /* at one time, and later */
        swarm->now_ms += (uint64_t)(i / 10);
        before = last;
        last = drain(swarm, stranger)->id;
    }
    CHECK_EQ(drained_count(swarm, stranger), NKT_RTC_DRAIN_COUNT);
    CHECK(nkt_link_find(swarm, last) != NULL && nkt_link_find(swarm, before) != NULL);
    CHECK(nkt_link_find(swarm, of_friend) != NULL); /* his own went, no other's */
    for (size_t i = 2; i < COUNT; i++) { /* one who has many names */
        drain(swarm, swarm->user_list[i]);
        last = drain(swarm, swarm->user_list[i])->id;
        CHECK(drained_count(swarm, NULL) <= NKT_RTC_DRAIN_COUNT_MAX);
    }
    CHECK_EQ(drained_count(swarm, NULL), NKT_RTC_DRAIN_COUNT_MAX);
    CHECK(nkt_link_find(swarm, last) != NULL);
    scene_free(scene, COUNT);
}

static nkt_link_t *live(nkt_swarm_t *swarm, nkt_user_t *user, nkt_link_origin_t origin)
{
    nkt_link_t *link = nkt_link_open(swarm, NKT_LINK_RTC, NULL);
    CHECK(link != NULL);
    link->rtc.peer = user->address;
    link->rtc.origin = origin;
    nkt_link_state_set(link, NKT_LINK_LIVE);
    link->rtc.live_ms = swarm->now_ms;
    user->mesh.link = link;
    return link;
}

/* Of those who look for us one has the place, and another's offer comes over his link: it is not refused for ever. */
TEST(who_has_the_place_of_those_who_ask_gives_way_to_one_who_asks_over_his_link)
{
    enum { COUNT = 12, DEGREE = 4 };
    for (int is_carrier = 0; is_carrier < 2; is_carrier++) {
        scene_t *scene = scene_new(COUNT);
        nkt_swarm_t *swarm = scene->swarm;
        check_row("the offer comes over his link: %d", is_carrier);
        swarm->settings.link_count_max = DEGREE;
        CHECK(!nkt_view_is_mesh(swarm));
        for (size_t i = 1; i < DEGREE; i++)
            live(swarm, swarm->user_list[i], NKT_ORIGIN_OURS);
        nkt_link_t *asked = live(swarm, swarm->user_list[0], NKT_ORIGIN_ASKED);
        uint32_t id = asked->id;
        swarm->blame.from = is_carrier ? asked : NULL;
        CHECK(!nkt_view_admit(swarm, NKT_ORIGIN_ASKED)); /* it has come a moment ago */
        swarm->now_ms += 60000;
        CHECK(nkt_view_admit(swarm, NKT_ORIGIN_ASKED));
        CHECK_EQ(nkt_link_find(swarm, id) != NULL, is_carrier); /* what came over it is still answered */
        if (is_carrier) {
            CHECK(!nkt_view_admit(swarm, NKT_ORIGIN_ASKED)); /* to one, not to as many as come over it */
            swarm->blame.from = NULL;
            swarm->now_ms = asked->timer.at_ms;
            nkt_link_timer(swarm, asked);
            CHECK(nkt_link_find(swarm, id) == NULL);
        }
        scene_free(scene, COUNT);
    }
}

/* Says hello as one more throw-away, through the relay. */
static void stranger_greet(scene_t *scene)
{
    nkt_swarm_t *swarm = scene->swarm;
    person_t person;
    nkt_record_t record;
    nkt_buf_t payload = {0}, frame = {0};
    nkt_envelope_t envelope;
    nkt_greeting_t heard;
    nkt_user_t *sender = NULL;
    uint8_t membership[NKT_MEMBERSHIP_SIZE], digest[NKT_DIGEST_SIZE];
    char nick[] = "x";
    person_init(&person, 1);
    CHECK_OK(nkt_record_create(&record, &person.identity, &(nkt_record_facts_t){.nick = nick}, swarm->time_ms));
    nkt_room_membership(&swarm->room, record.signature, membership);
    const nkt_greeting_t greeting = {
        .record = {.bytes = record.bytes, .bytes_size = record.bytes_size, .signature = record.signature, .membership = membership}};
    CHECK_OK(nkt_gossip_encode_greeting(&payload, &greeting));
    const nkt_envelope_parts_t parts = {.network = swarm->room.network, .from = &person.identity.address, .kind = NKT_KIND_GREETING,
                                        .created_ms = swarm->time_ms, .payload = payload.data, .payload_size = payload.size};
    CHECK_OK(nkt_envelope_encode(&frame, &parts, person.identity.sign_secret, NULL));
    CHECK_OK(nkt_envelope_digest(frame.data, frame.size, digest));
    CHECK_OK(nkt_envelope_decode(&envelope, frame.data, frame.size, digest));
    CHECK_OK(nkt_sender_of_greeting(swarm, swarm->links[0], &envelope, 0, &heard, &sender));
    CHECK(sender == NULL);
    nkt_greeting_deinit(&heard);
    nkt_envelope_deinit(&envelope);
    nkt_buf_free(&payload);
    nkt_buf_free(&frame);
    nkt_record_deinit(&record);
    person_deinit(&person);
}

/* An offer of that person's arrives, and there is no room for it. */
static int turn_down(scene_t *scene, const person_t *person, const uint8_t *attempt)
{
    nkt_swarm_t *swarm = scene->swarm;
    const nkt_address_t *from = &person->identity.address;
    const uint8_t nonce[NKT_NONCE_SIZE] = {2};
    uint8_t ends[NKT_ENDS_SIZE];
    const nkt_seal_for_t recipient = {.public_key = swarm->identity.identity_public, .context = ends, .context_size = sizeof ends};
    nkt_buf_t plain = {0}, sealed = {0};
    look(scene);
    nkt_ends_derive(ends, swarm->room.network, from, &swarm->identity.address);
    CHECK_OK(nkt_signal_encode(&plain, &(nkt_signalling_t){.type = NKT_SIGNAL_OFFER, .attempt = attempt, .nonce = nonce, .sdp = sdp}));
    CHECK_OK(nkt_seal_to(&sealed, &recipient, plain.data, plain.size, &scene->host));
    nkt_envelope_t envelope = {.from = *from, .to = swarm->identity.address, .payload = sealed.data, .payload_size = sealed.size};
    memcpy(envelope.network, swarm->room.network, sizeof envelope.network);
    int err = nkt_mesh_signal(swarm, nkt_user_find(swarm, from), &envelope);
    CHECK_EQ(look(scene).answers_asked, 0);
    nkt_buf_free(&plain);
    nkt_buf_free(&sealed);
    return err;
}

/* As many links are being set up as may be: no attempt failed for that, and there is time for another in a moment. */
TEST(who_is_busy_with_other_links_offers_one_as_soon_as_he_is_not)
{
    enum { COUNT = NKT_RTC_PENDING_COUNT_MAX + 1 };
    const uint8_t attempt[NKT_ATTEMPT_SIZE] = {1};
    for (int is_asked = 0; is_asked < 2; is_asked++) { /* for his own part; or because he had to turn down an offer */
        scene_t *scene = scene_new(COUNT);
        nkt_swarm_t *swarm = scene->swarm;
        nkt_user_t *last = swarm->user_list[COUNT - 1];
        check_row("he had to turn down an offer: %d", is_asked);
        for (size_t i = 0; i < COUNT; i++)
            nkt_mesh_wish_end(swarm, swarm->user_list[i]);
        for (size_t i = 0; i + 1 < COUNT; i++)
            CHECK(nkt_mesh_offer_to(swarm, swarm->user_list[i], NKT_ORIGIN_OURS));
        CHECK(nkt_mesh_is_busy(swarm));
        if (is_asked)
            CHECK_OK(turn_down(scene, &scene->people[COUNT - 1], attempt));
        else
            nkt_mesh_timer(swarm, last);
        CHECK(nkt_link_pending(swarm, &last->address) == NULL);
        CHECK_EQ(last->mesh.attempt, 0);
        CHECK(nkt_timer_is_set(&last->wish.timer) && last->wish.timer.at_ms - swarm->now_ms <= 1000);
        nkt_link_close(swarm, nkt_link_pending(swarm, &swarm->user_list[0]->address), 1);
        nkt_mesh_wish_end(swarm, last);
        nkt_mesh_timer(swarm, last);
        CHECK(nkt_link_pending(swarm, &last->address) != NULL);
        scene_free(scene, COUNT);
    }
}

/* Links that are heard out are connections of the platform, and none that is being set up. */
TEST(who_hears_links_out_is_not_busy_with_them)
{
    enum { COUNT = NKT_RTC_PENDING_COUNT_MAX };
    scene_t *scene = scene_new(COUNT);
    nkt_swarm_t *swarm = scene->swarm;
    for (size_t i = 0; i < NKT_RTC_DRAIN_COUNT_MAX; i++)
        drain(swarm, swarm->user_list[i]);
    for (size_t i = 0; i < COUNT; i++)
        CHECK(nkt_mesh_offer_to(swarm, swarm->user_list[i], NKT_ORIGIN_OURS));
    CHECK(nkt_mesh_is_busy(swarm));
    scene_free(scene, COUNT);
}

/* A newcomer who takes the first of a flood of throw-aways for a crowd wants no link with each; then it turns out to be none. */
TEST(who_took_strangers_for_a_crowd_wants_links_with_the_few_who_are_there)
{
    enum { COUNT = 20, FRIEND_COUNT = 3 };
    scene_t *scene = scene_new(COUNT);
    nkt_swarm_t *swarm = scene->swarm;
    swarm->now_ms += 1000; /* 0 is never */
    for (size_t i = 0; i < COUNT; i++) {
        nkt_user_t *user = swarm->user_list[i];
        user->standing.met_ms = i < FRIEND_COUNT ? 0 : swarm->now_ms;
        nkt_mesh_wish_end(swarm, user);
    }
    CHECK(!nkt_view_is_mesh(swarm));
    for (size_t i = 0; i < FRIEND_COUNT; i++) {
        nkt_mesh_want(swarm, swarm->user_list[i], 0);
        CHECK(!nkt_timer_is_set(&swarm->user_list[i]->wish.timer));
    }
    while (nkt_bucket_take(&swarm->door.newcomer_bucket, swarm->now_ms, NKT_NEWCOMER_BURST, NKT_NEWCOMER_PER_S))
        ;
    CHECK(!nkt_strangers_are_many(swarm));
    stranger_greet(scene);
    CHECK(nkt_strangers_are_many(swarm) && nkt_view_is_mesh(swarm));
    for (size_t i = 0; i < FRIEND_COUNT; i++) {
        const nkt_timer_t *timer = &swarm->user_list[i]->wish.timer;
        CHECK(nkt_timer_is_set(timer) && timer->at_ms - swarm->now_ms <= NKT_GLARE_MS + NKT_MESH_DELAY_MS);
    }
    scene_free(scene, COUNT);
}
