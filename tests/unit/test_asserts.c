/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a reader relies on is asserted, in every build: whoever breaks it ends there, and not an hour later somewhere else. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/map.h"
#include "base/timer.h"
#include "check.h"
#include "dedup/window.h"
#include "state/state.h"
#include "state/swarm.h"

/* Does it end by an assert? In a process of its own, which says nothing of it. */
static int is_caught(void (*act)(void))
{
    int status = 0;
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        fclose(stderr);
        act();
        _exit(0);
    }
    CHECK(pid > 0 && waitpid(pid, &status, 0) == pid);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static void nothing(void)
{
}

static nkt_address_t addresses[2];

static nkt_map_t map_with_one(void)
{
    nkt_map_t map;
    nkt_map_init(&map, NKT_ADDRESS_SIZE, 0, 8, 1);
    CHECK_OK(nkt_map_put(&map, &addresses[0]));
    return map;
}

static void key_put_twice(void)
{
    nkt_map_t map = map_with_one();
    nkt_map_put(&map, &addresses[1]); /* the same: zeroes */
}

static void timer_written_over(void)
{
    static nkt_timer_t timer, other;
    nkt_timers_t timers = {0};
    nkt_timer_set(&timers, &other, 1);
    nkt_timer_set(&timers, &timer, 2);
    timer.place = 1;
    nkt_timer_clear(&timers, &timer);
}

static void timer_freed_while_set(void)
{
    static nkt_timer_t timer;
    nkt_timers_t timers = {0};
    nkt_timer_set(&timers, &timer, 1);
    nkt_timers_deinit(&timers);
    nkt_timer_clear(&timers, &timer);
}

static void bytes_appended_to_themselves(void)
{
    nkt_buf_t buf = {0};
    CHECK_OK(nkt_buf_append(&buf, "abcd", 4));
    nkt_buf_append(&buf, buf.data + 1, 2);
}

static void stream_without_id(void)
{
    nkt_window_t windows[2] = {0};
    uint64_t floor = 0;
    nkt_window_of(windows, 2, 0, &floor);
}

static void link_goes_back(void)
{
    static nkt_link_t link;
    nkt_link_state_set(&link, NKT_LINK_LIVE);
    nkt_link_state_set(&link, NKT_LINK_JOINING);
}

static nkt_swarm_t swarm;

static void send_before_its_put(void)
{
    static nkt_link_t link;
    nkt_emit_send(&swarm, &link, (const uint8_t *)"x", 1, 0, 5); /* no PUT was made yet */
}

static void send_that_waits_for_ever(void)
{
    static nkt_link_t link;
    nkt_effect_t fx;
    swarm.settings.persist = 1;
    nkt_emit_send(&swarm, &link, (const uint8_t *)"x", 1, 0, NKT_TICKET_STEP);
    nkt_effects_poll(&swarm, &fx); /* nobody said which PUT */
}

static void put_without_storage(void)
{
    nkt_persist_put(&swarm, "a", 1, NULL);
}

TEST(asserts_catch_what_breaks_an_invariant)
{
    static const struct {
        const char *what;
        void (*act)(void);
    } rows[] = {
        {"a key put twice into a map", key_put_twice},
        {"a timer that was written over", timer_written_over},
        {"a timer that outlives the heap it is in", timer_freed_while_set},
        {"bytes of a buffer appended to it", bytes_appended_to_themselves},
        {"a window of stream 0", stream_without_id},
        {"a link that goes back", link_goes_back},
        {"a SEND that waits for a PUT not made", send_before_its_put},
        {"a SEND that waits for ever", send_that_waits_for_ever},
        {"a PUT where nothing is stored", put_without_storage},
    };
    CHECK(!is_caught(nothing));
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        check_row("%s", rows[i].what);
        CHECK(is_caught(rows[i].act));
    }
}
