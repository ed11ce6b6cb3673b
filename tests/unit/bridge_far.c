/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is for one who was heard through others at a relay is put there, and not for ever. */
#include <string.h>

#include "people/people.h"
#include "routing/routing.h"
#include "scene.h"
#include "state/state.h"

enum { RELAY_COUNT = 3 };

typedef struct stage {
    scene_t *scene;
    nkt_user_t *author, *to; /* the author is heard at the first relay */
    nkt_link_t *relays[RELAY_COUNT];
} stage_t;

static stage_t stage_new(void)
{
    static const char more[] = "{\"relays\":[\"ws://127.0.0.1:2\",\"ws://127.0.0.1:3\"]}";
    stage_t stage = {.scene = scene_new(2)};
    nkt_swarm_t *swarm = stage.scene->swarm;
    scene_step(stage.scene, &(nkt_event_t){.kind = NKT_EV_SERVERS, .text = more, .text_size = sizeof more - 1});
    stage.author = swarm->user_list[0];
    stage.to = swarm->user_list[1];
    stage.to->presence.relay_bits = 0;
    CHECK_EQ(swarm->endpoint_count, RELAY_COUNT);
    for (size_t i = 0; i < RELAY_COUNT; i++) {
        swarm->endpoints[i].socket.is_welcome = 1;
        stage.relays[i] = swarm->endpoints[i].link;
        CHECK(stage.relays[i] != NULL && swarm->endpoints[i].index == i);
    }
    return stage;
}

static void heard_at(const stage_t *stage, size_t relay, uint8_t hops)
{
    nkt_bridge_learn(stage->scene->swarm, stage->to, stage->relays[relay], &(nkt_envelope_t){.hops = hops});
}

/* To which relays what comes by the first goes on, for that one. */
static uint32_t crosses_to(const stage_t *stage)
{
    nkt_swarm_t *swarm = stage->scene->swarm;
    uint8_t frame[NKT_HEADER_SIZE + 32] = {0};
    const nkt_envelope_t envelope = {.from = stage->author->address, .to = stage->to->address};
    const nkt_dispatch_t dispatch = {.frame = frame, .size = sizeof frame, .user = stage->to};
    nkt_bridge_directed(swarm, &envelope, &dispatch, stage->relays[0], stage->author);
    const nkt_crossing_t *first = nkt_bridge_first(&swarm->bridging.waiting);
    uint32_t relays = first == NULL ? 0 : first->relays;
    if (first != NULL)
        nkt_bridge_drop(&swarm->bridging.waiting, first);
    return relays;
}

static void later(const stage_t *stage, uint64_t ms)
{
    stage->scene->swarm->now_ms += ms;
}

TEST(who_was_heard_through_others_is_sought_there_until_that_is_long_ago)
{
    stage_t stage = stage_new();
    later(&stage, NKT_BRIDGE_FAR_MS / 2);
    CHECK_EQ(crosses_to(&stage), 0);
    heard_at(&stage, 1, 0); /* himself: that is told by his presence */
    CHECK_EQ(crosses_to(&stage), 0);
    heard_at(&stage, 1, 1);
    CHECK_EQ(crosses_to(&stage), 1u << 1);
    later(&stage, NKT_BRIDGE_FAR_MS - 1); /* another generation, and silence */
    CHECK_EQ(crosses_to(&stage), 1u << 1);
    heard_at(&stage, 2, 3); /* he is beyond another one now */
    CHECK_EQ(crosses_to(&stage), 1u << 1 | 1u << 2);
    later(&stage, NKT_BRIDGE_FAR_MS);
    heard_at(&stage, 2, 3);
    CHECK_EQ(crosses_to(&stage), 1u << 2);
    later(&stage, NKT_BRIDGE_FAR_MS);
    CHECK_EQ(crosses_to(&stage), 1u << 2); /* for an hour at least */
    later(&stage, NKT_BRIDGE_FAR_MS);
    CHECK_EQ(crosses_to(&stage), 0);
    later(&stage, 5 * (uint64_t)NKT_BRIDGE_FAR_MS);
    heard_at(&stage, 1, 1); /* nothing of what was comes back */
    CHECK_EQ(crosses_to(&stage), 1u << 1);
    scene_free(stage.scene, 2);
}

TEST(who_says_something_each_hour_is_sought_there_for_ever)
{
    stage_t stage = stage_new();
    for (int hour = 0; hour < 24; hour++) {
        heard_at(&stage, 1, 1);
        later(&stage, NKT_RECORD_REFRESH_MS);
        CHECK_EQ(crosses_to(&stage), 1u << 1);
    }
    scene_free(stage.scene, 2);
}
