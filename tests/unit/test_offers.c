/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Offers and answers on ways that lose them: the same is told again, and is one to who hears both; and links that are heard out. */
#include <stdlib.h>
#include <string.h>

#include "check.h"

#include "base/base58.h"
#include "inbound/inbound.h"
#include "links/links.h"
#include "overlay/signal.h"
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
