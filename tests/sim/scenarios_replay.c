/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A relay that kept all that it passed on says it again to one who comes back: what people say then is heard as soon as
 * without it, nothing is heard twice, no session begins anew.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scenarios.h"
#include "server.h"

enum {
    TALK_MS = 60000,    /* recorded; or as many minutes as asked for */
    AFTER_MS = 20000,   /* with old frames among the new ones */
    SAY_GAP_MS = 250,
    REPLAY_GAP_MS = 20, /* 50 a second */
    LOOT_COUNT_MAX = 65536,
    CALM_MS_MAX = 200,     /* to the relay and from it 120 at most: nothing waits to be said again to who was away */
};

typedef struct sim_replay {
    sim_peer_t *victim;
    int is_recording;
    uint8_t **frames;
    size_t *sizes;
    uint32_t count, next;
} sim_replay_t;

static sim_verdict_t record(void *context, sim_t *sim, const sim_peer_t *from, const sim_peer_t *to, const uint8_t *bytes,
                            size_t size)
{
    sim_replay_t *replay = context;
    (void)sim;
    if (replay->is_recording && from != replay->victim && (to == NULL || to == replay->victim) &&
        replay->count < LOOT_COUNT_MAX) {
        replay->frames[replay->count] = sim_copy(bytes, size);
        replay->sizes[replay->count++] = size;
    }
    return SIM_PASS;
}

/* The relay's socket to the victim. */
static sim_socket_t *socket_of(sim_t *sim, const sim_peer_t *peer)
{
    for (size_t i = 0; i < peer->link_count; i++) {
        sim_socket_t *socket = peer->links[i].is_rtc ? NULL : sim_socket_find(sim, peer->links[i].id);
        if (socket != NULL && socket->is_open && !sim->servers[socket->server].is_tracker)
            return socket;
    }
    return NULL;
}

static void say_again(sim_t *sim, sim_replay_t *replay)
{
    sim_socket_t *socket = socket_of(sim, replay->victim);
    if (socket == NULL || replay->count == 0)
        return;
    /* the newest first, and on from there: all of it comes by in an order that its author never chose */
    uint32_t i = replay->count - 1 - replay->next++ % replay->count;
    if (i % 2 == 1)
        i = (uint32_t)sim_random_below(&sim->random, replay->count);
    sim_socket_answer(sim, socket, replay->frames[i], replay->sizes[i], 0);
}

static void talk(sim_t *sim, uint32_t turn)
{
    uint32_t from = turn % sim->peer_count;
    if (turn % 7 == 0)
        sim_say_clear(sim->peers[from]);
    else if (from == 0 || turn % 2 == 0)
        sim_say(sim->peers[from], NULL);
    else
        sim_say(sim->peers[from], sim->peers[0]);
}

static int order(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static uint32_t p99_since(const sim_t *sim, size_t first)
{
    size_t count = sim->book.wait_count - first;
    uint32_t *waits = sim_alloc(count + 1, sizeof *waits);
    memcpy(waits, sim->book.waits_ms + first, count * sizeof *waits);
    qsort(waits, count, sizeof *waits, order);
    uint32_t wait_ms = waits[count * 99 / 100];
    free(waits);
    return wait_ms;
}

static double rekeys_of(sim_t *sim)
{
    double sum = 0;
    for (uint32_t i = 0; i < sim->peer_count; i++)
        sum += sim_peer_health(sim->peers[i], "rekeys");
    return sum;
}

typedef struct sim_replay_figures {
    double p99_ms, rekeys, replayed;
} sim_replay_figures_t;

/* The world when people have talked, and the relay has kept it. */
static sim_t *talk_begin(const sim_run_options_t *run, uint32_t peer_count, sim_replay_t *replay)
{
    *replay = (sim_replay_t){.is_recording = 1};
    sim_options_t options = sim_defaults(run->seed);
    options.tracker_count = 0;
    options.cut_permille = 1000; /* the relay sees all */
    options.persist = 1;
    options.peer_count_max = peer_count;
    replay->frames = sim_alloc(LOOT_COUNT_MAX, sizeof *replay->frames);
    replay->sizes = sim_alloc(LOOT_COUNT_MAX, sizeof *replay->sizes);
    sim_t *sim = sim_new(&options);
    sim_malice_set(sim, &(sim_malice_t){.context = replay, .relay = record});
    sim_peers_start(sim, peer_count, 50);
    replay->victim = sim->peers[0];
    sim_until(sim, sim_all_have_sessions, 30000, "sessions");
    uint32_t talk_ms = run->minutes > 0 ? run->minutes * 60000 : TALK_MS;
    for (uint32_t turn = 0; turn < talk_ms / SAY_GAP_MS; turn++) {
        talk(sim, turn);
        sim_run(sim, SAY_GAP_MS);
    }
    sim_until(sim, sim_all_delivered, 15000, "delivered before");
    replay->is_recording = 0;
    return sim;
}

static void talk_end(sim_t *sim, sim_replay_t *replay)
{
    sim_malice_set(sim, &(sim_malice_t){0});
    sim_free(sim);
    for (uint32_t i = 0; i < replay->count; i++)
        free(replay->frames[i]);
    free(replay->frames);
    free(replay->sizes);
}

/* The victim's next life. */
static sim_replay_figures_t life(sim_t *sim, sim_replay_t *replay, int is_crash, int is_replayed)
{
    if (is_crash)
        sim_peer_crash(replay->victim);
    else
        sim_peer_stop(replay->victim);
    sim_run(sim, 500);
    sim_peer_start(replay->victim);
    double rekeys = rekeys_of(sim);
    size_t first = sim->book.wait_count;
    for (uint32_t turn = 0; turn < AFTER_MS / SAY_GAP_MS; turn++) {
        if (turn > 0)
            talk(sim, turn);
        for (uint32_t ms = 0; ms < SAY_GAP_MS; ms += REPLAY_GAP_MS) {
            if (is_replayed)
                say_again(sim, replay);
            sim_run(sim, ms + REPLAY_GAP_MS > SAY_GAP_MS ? SAY_GAP_MS - ms : REPLAY_GAP_MS);
        }
    }
    sim_until(sim, sim_all_delivered, 30000, "delivered among old frames");
    return (sim_replay_figures_t){.p99_ms = p99_since(sim, first), .rekeys = rekeys_of(sim) - rekeys, .replayed = replay->next};
}

/* The same in a copy of this process: four lives follow one talk, which is most of the work. */
static sim_replay_figures_t life_apart(sim_t *sim, sim_replay_t *replay, int is_crash, int is_replayed)
{
    int ends[2], status;
    SIM_CHECK(sim, pipe(ends) == 0);
    fflush(NULL); /* or what waits there is written twice */
    pid_t pid = fork();
    SIM_CHECK(sim, pid >= 0);
    if (pid == 0) {
        const sim_replay_figures_t figures = life(sim, replay, is_crash, is_replayed);
        SIM_CHECK(sim, write(ends[1], &figures, sizeof figures) == (ssize_t)sizeof figures);
        talk_end(sim, replay); /* and leaks of this life are looked for */
        exit(EXIT_SUCCESS);
    }
    sim_replay_figures_t figures;
    close(ends[1]);
    ssize_t size = read(ends[0], &figures, sizeof figures);
    close(ends[0]);
    SIM_CHECK(sim, waitpid(pid, &status, 0) == pid);
    if (status != 0)
        exit(EXIT_FAILURE); /* it has said why */
    SIM_CHECK(sim, size == (ssize_t)sizeof figures);
    return figures;
}

void scenario_replays(const sim_run_options_t *run)
{
    const uint32_t counts[] = {4, 20}; /* in sessions, and under sender keys */
    sim_figure_list_t list = {.count = 0};
    for (int i = 0; i < 2; i++) {
        static const char *const names[2][2][4] = {
            {{"calm_p99_ms", "p99_ms", "rekeys", "replayed"},
             {"calm_crash_p99_ms", "crash_p99_ms", "crash_rekeys", "crash_replayed"}},
            {{"calm_group_p99_ms", "group_p99_ms", "group_rekeys", "group_replayed"},
             {"calm_group_crash_p99_ms", "group_crash_p99_ms", "group_crash_rekeys", "group_crash_replayed"}}};
        sim_replay_t replay;
        sim_t *sim = talk_begin(run, counts[i], &replay);
        for (int is_crash = 0; is_crash < 2; is_crash++) {
            const sim_replay_figures_t calm = life_apart(sim, &replay, is_crash, 0),
                                       disturbed = life_apart(sim, &replay, is_crash, 1);
            sim_figure_most(&list, names[i][is_crash][0], calm.p99_ms, CALM_MS_MAX);
            sim_figure_most(&list, names[i][is_crash][1], disturbed.p99_ms, 2 * calm.p99_ms);
            sim_figure_most(&list, names[i][is_crash][2], disturbed.rekeys, calm.rekeys);
            sim_figure_least(&list, names[i][is_crash][3], disturbed.replayed, 900);
        }
        if (i == 1)
            sim_figures_print(sim, &list);
        talk_end(sim, &replay);
    }
}
