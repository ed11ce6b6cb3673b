/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Buffers that all rooms use: what is held is lent to nobody, and what was posted is posted once. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "state/state.h"

static nkt_swarm_t *swarm_new(void)
{
    nkt_swarm_t *swarm = calloc(1, sizeof *swarm);
    CHECK(swarm != NULL);
    return swarm;
}

static void swarm_free(nkt_swarm_t *swarm)
{
    for (int i = 0; i < NKT_LENT_COUNT; i++)
        nkt_buf_free(&swarm->loans[i].buf);
    free(swarm);
}

/* Does it trap? In a process of its own. */
static int traps(void (*act)(nkt_swarm_t *swarm), nkt_swarm_t *swarm)
{
    int status = 0;
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        fclose(stderr);
        act(swarm);
        _exit(0);
    }
    CHECK(pid > 0 && waitpid(pid, &status, 0) == pid);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static void frame_lend(nkt_swarm_t *swarm)
{
    nkt_lend(swarm, NKT_LENT_FRAME);
}

static void frame_hold(nkt_swarm_t *swarm)
{
    nkt_hold(swarm, NKT_LENT_FRAME);
}

static void frame_let_go(nkt_swarm_t *swarm)
{
    nkt_let_go(swarm, NKT_LENT_FRAME);
}

static void payload_take(nkt_swarm_t *swarm)
{
    nkt_take(swarm, NKT_LENT_PAYLOAD);
}

TEST(what_is_held_is_lent_to_nobody)
{
    nkt_swarm_t *swarm = swarm_new();
    CHECK(!traps(frame_lend, swarm));
    nkt_buf_t *frame = nkt_lend(swarm, NKT_LENT_FRAME);
    CHECK_OK(nkt_buf_append_u8(frame, 7));
    nkt_hold(swarm, NKT_LENT_FRAME);
    CHECK(traps(frame_lend, swarm) && traps(frame_hold, swarm));
    CHECK(nkt_lend(swarm, NKT_LENT_PLAIN) != frame); /* the others are nobody's */
    CHECK(nkt_lent(swarm, NKT_LENT_FRAME)->size == 1 && frame->data[0] == 7);
    nkt_let_go(swarm, NKT_LENT_FRAME);
    CHECK(traps(frame_let_go, swarm));
    CHECK(!traps(frame_lend, swarm));
    CHECK(nkt_lend(swarm, NKT_LENT_FRAME)->size == 0); /* empty, whatever was in it */
    swarm_free(swarm);
}

TEST(what_was_taken_is_taken_once)
{
    nkt_swarm_t *swarm = swarm_new();
    CHECK(traps(payload_take, swarm)); /* nothing was filled in yet */
    CHECK_OK(nkt_buf_append_u8(nkt_lend(swarm, NKT_LENT_PAYLOAD), 7));
    CHECK(nkt_take(swarm, NKT_LENT_PAYLOAD)->size == 1);
    CHECK(traps(payload_take, swarm));
    nkt_lend(swarm, NKT_LENT_PAYLOAD);
    CHECK(!traps(payload_take, swarm));
    swarm_free(swarm);
}
