/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SISTERS: a core that is told of others of its identity, in other rooms. Whom it hears then: tests/sim/scenarios_rooms.c. */
#include <stdlib.h>
#include <string.h>

#include "check.h"

#include "state/state.h"
#include "state/swarm.h"

enum { ID_SIZE = NKT_NETWORK_SIZE, WALL_S = 1700000000 };

typedef struct seen {
    nkt_core_t *core;
    nkt_swarm_t *swarm; /* of the core, which it begins with */
    uint64_t now_ms;
    uint32_t tracker;                           /* its link, 0: none was asked for */
    unsigned started, stopped, again, in_room; /* announcements in the own place, by event; those in the room's */
} seen_t;

static void look(seen_t *seen, const nkt_effect_t *fx)
{
    char text[NKT_TRACKER_FRAME_SIZE_MAX + 1];
    if (fx->kind == NKT_FX_SOCKET_OPEN)
        seen->tracker = fx->link;
    if (fx->kind != NKT_FX_SEND || !(fx->flags & NKT_SEND_TEXT))
        return;
    CHECK(fx->bytes_size < sizeof text);
    memcpy(text, fx->bytes, fx->bytes_size);
    text[fx->bytes_size] = '\0';
    seen->in_room += strstr(text, seen->swarm->room.info_hash) != NULL;
    if (strstr(text, seen->swarm->own.place.info_hash) == NULL)
        return;
    int is_started = strstr(text, "\"started\"") != NULL, is_stopped = strstr(text, "\"stopped\"") != NULL;
    seen->started += is_started;
    seen->stopped += is_stopped;
    seen->again += !is_started && !is_stopped;
}

/* What it says, from now on, is counted anew. */
static int step(seen_t *seen, nkt_event_t event)
{
    nkt_effect_t fx;
    event.now_ms = seen->now_ms;
    event.wall_ms = WALL_S * 1000ull + seen->now_ms;
    int code = nkt_step(seen->core, &event);
    seen->started = seen->stopped = seen->again = seen->in_room = 0;
    while (nkt_poll(seen->core, &fx) == 1)
        look(seen, &fx);
    return code;
}

static int sisters(seen_t *seen, const uint8_t *ids, size_t size, int is_found)
{
    return step(seen, (nkt_event_t){.kind = NKT_EV_SISTERS, .bytes = ids, .bytes_size = size, .value = is_found});
}

static seen_t seen_new(check_entropy_t *entropy, const char *room)
{
    static const char *const trackers[] = {"ws://tracker"};
    const nkt_host_t host = check_host(entropy);
    const nkt_options_t options = {.nick = "a", .room = room, .trackers = trackers, .tracker_count = 1, .seed = {1}};
    seen_t seen = {.now_ms = 1000};
    CHECK_OK(nkt_new(&options, &host, &seen.core));
    seen.swarm = (nkt_swarm_t *)seen.core;
    return seen;
}

static void up(seen_t *seen)
{
    CHECK(seen->tracker != 0);
    CHECK_OK(step(seen, (nkt_event_t){.kind = NKT_EV_LINK_UP, .link = seen->tracker}));
    seen->now_ms += 5000; /* the offers of the first announcement are made by nobody */
    for (int i = 0; i < 2 && seen->in_room == 0; i++)
        CHECK_OK(step(seen, (nkt_event_t){.kind = NKT_EV_TIME}));
}

TEST(only_whole_names_and_no_more_than_there_is_room_for)
{
    check_entropy_t entropy = {0};
    uint8_t ids[(NKT_SISTER_COUNT_MAX + 1) * ID_SIZE];
    seen_t seen = seen_new(&entropy, "x");
    memset(ids, 7, sizeof ids);
    CHECK_ERR(sisters(&seen, ids, ID_SIZE, 1), NKT_E_STATE);
    CHECK_OK(step(&seen, (nkt_event_t){.kind = NKT_EV_START}));
    CHECK_OK(sisters(&seen, ids, ID_SIZE, 1));
    static const struct {
        size_t size;
        int code;
    } table[] = {{1, NKT_E_ARGUMENT}, {ID_SIZE - 1, NKT_E_ARGUMENT}, {ID_SIZE + 1, NKT_E_ARGUMENT},
                 {sizeof ids, NKT_E_SIZE}, {sizeof ids - 1, NKT_E_ARGUMENT}};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        CHECK_ERR(sisters(&seen, ids, table[i].size, 0), table[i].code);
        CHECK_EQ(seen.swarm->own.sister_count, 1); /* nothing has changed */
        CHECK(!seen.swarm->own.is_hidden);
    }
    CHECK_OK(sisters(&seen, ids, sizeof ids - ID_SIZE, 1));
    CHECK_EQ(seen.swarm->own.sister_count, NKT_SISTER_COUNT_MAX);
    CHECK_OK(sisters(&seen, NULL, 0, 1));
    CHECK_EQ(seen.swarm->own.sister_count, 0);
    nkt_free(seen.core);
}

TEST(the_own_room_is_no_sister_s_though_it_is_in_the_list)
{
    check_entropy_t entropy = {0};
    uint8_t ids[3][ID_SIZE];
    seen_t seen = seen_new(&entropy, "x");
    CHECK_OK(step(&seen, (nkt_event_t){.kind = NKT_EV_START}));
    for (uint8_t i = 0; i < 3; i++)
        memset(ids[i], i + 1, ID_SIZE);
    memcpy(ids[1], seen.swarm->room.network, ID_SIZE);
    CHECK_OK(sisters(&seen, ids[0], sizeof ids, 1));
    CHECK(nkt_own_is_sisters(seen.swarm, ids[0]));
    CHECK(!nkt_own_is_sisters(seen.swarm, ids[1]));
    CHECK(nkt_own_is_sisters(seen.swarm, ids[2]));
    const uint8_t other[ID_SIZE] = {9};
    CHECK(!nkt_own_is_sisters(seen.swarm, other));
    CHECK_OK(sisters(&seen, ids[0], ID_SIZE, 1));
    CHECK(!nkt_own_is_sisters(seen.swarm, ids[2]));
    nkt_free(seen.core);
}

TEST(who_is_not_to_be_found_is_announced_in_the_room_alone_until_she_is)
{
    check_entropy_t entropy = {0};
    seen_t seen = seen_new(&entropy, "x");
    CHECK_OK(step(&seen, (nkt_event_t){.kind = NKT_EV_START}));
    CHECK_OK(sisters(&seen, NULL, 0, 0));
    CHECK_EQ(seen.started + seen.stopped, 0); /* there is no tracker yet */
    up(&seen);
    CHECK(seen.in_room > 0);
    CHECK_EQ(seen.started + seen.stopped + seen.again, 0);
    CHECK_OK(sisters(&seen, NULL, 0, 1));
    CHECK_EQ(seen.started, 1);
    CHECK_OK(sisters(&seen, NULL, 0, 1));
    CHECK_EQ(seen.started + seen.stopped, 0); /* said already */
    CHECK_OK(sisters(&seen, NULL, 0, 0));
    CHECK_EQ(seen.stopped, 1);
    CHECK_OK(sisters(&seen, NULL, 0, 1));
    CHECK_EQ(seen.started, 1);
    CHECK_OK(step(&seen, (nkt_event_t){.kind = NKT_EV_STOP}));
    CHECK_EQ(seen.stopped, 1);
    CHECK_EQ(seen.in_room, 1);
    nkt_free(seen.core);
}

TEST(who_was_not_to_be_found_takes_nothing_back_when_she_stops)
{
    check_entropy_t entropy = {0};
    seen_t seen = seen_new(&entropy, "x");
    CHECK_OK(step(&seen, (nkt_event_t){.kind = NKT_EV_START}));
    CHECK_OK(sisters(&seen, NULL, 0, 0));
    up(&seen);
    CHECK_OK(step(&seen, (nkt_event_t){.kind = NKT_EV_STOP}));
    CHECK_EQ(seen.stopped, 0);
    CHECK_EQ(seen.in_room, 1);
    nkt_free(seen.core);
}

/* Nothing is said to a tracker that is not there; once it is back, what is so then. */
TEST(a_tracker_that_is_gone_is_told_when_it_is_back)
{
    check_entropy_t entropy = {0};
    seen_t seen = seen_new(&entropy, "x");
    CHECK_OK(step(&seen, (nkt_event_t){.kind = NKT_EV_START}));
    up(&seen);
    uint32_t link = seen.tracker;
    seen.tracker = 0;
    CHECK_OK(step(&seen, (nkt_event_t){.kind = NKT_EV_LINK_DOWN, .link = link, .text = "", .text_size = 0}));
    CHECK_OK(sisters(&seen, NULL, 0, 0));
    CHECK_EQ(seen.started + seen.stopped + seen.again, 0);
    for (int i = 0; i < 100 && seen.tracker == 0; i++) {
        seen.now_ms = nkt_deadline_ms(seen.core);
        CHECK_OK(step(&seen, (nkt_event_t){.kind = NKT_EV_TIME}));
    }
    up(&seen);
    CHECK(seen.in_room > 0);
    CHECK_EQ(seen.started + seen.stopped + seen.again, 0);
    nkt_free(seen.core);
}

/* It has no name: zeros stand for it. */
TEST(who_has_no_room_has_a_swarm_of_his_own_which_is_a_sister_s_to_the_others)
{
    check_entropy_t entropy = {0};
    const uint8_t none[ID_SIZE] = {0};
    for (int has_room = 0; has_room < 2; has_room++) {
        seen_t seen = seen_new(&entropy, has_room ? "x" : NULL);
        CHECK_OK(step(&seen, (nkt_event_t){.kind = NKT_EV_START}));
        CHECK(!nkt_own_is_sisters(seen.swarm, seen.swarm->own.network));
        CHECK_OK(sisters(&seen, none, sizeof none, 1));
        CHECK_EQ(nkt_own_is_sisters(seen.swarm, seen.swarm->own.network), has_room);
        nkt_free(seen.core);
    }
}

/* Two cores of one identity in one room would replace each other's sessions. */
TEST(who_has_no_room_does_not_join_that_of_a_sister)
{
    check_entropy_t entropy = {0};
    nkt_room_t room;
    seen_t seen = seen_new(&entropy, NULL);
    nkt_room_derive(&room, "y", NULL, NULL);
    CHECK_OK(step(&seen, (nkt_event_t){.kind = NKT_EV_START}));
    CHECK_OK(sisters(&seen, room.network, ID_SIZE, 1));
    CHECK(nkt_own_is_sisters_room(seen.swarm, room.key));
    CHECK_EQ(nkt_room_adopt(seen.swarm, room.key, 1), 0);
    CHECK(memcmp(seen.swarm->room.network, room.network, ID_SIZE) != 0);
    CHECK_OK(sisters(&seen, NULL, 0, 1));
    CHECK_EQ(nkt_room_adopt(seen.swarm, room.key, 1), 1);
    nkt_free(seen.core);
}
