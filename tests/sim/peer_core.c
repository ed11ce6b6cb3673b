/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A peer's core: made with chance of its own, and whatever runs in it is watched: its memory, its time, its answers. */
#include "peer_core.h"

#include <stdio.h>
#include <time.h>

#include "digest.h"
#include "memory.h"
#include "world.h"

enum { TIMED_PART = 8 };

static int entropy(void *context, uint8_t *buf, size_t size)
{
    sim_peer_t *peer = context;
    peer->entropy_count++;
    if (peer->entropy_fails_from != 0 && peer->entropy_count >= peer->entropy_fails_from) {
        peer->entropy_has_failed = 1;
        return -1;
    }
    sim_random_fill(&peer->entropy, buf, size);
    return 0;
}

static int entropy_again(void *context, uint8_t *buf, size_t size)
{
    sim_random_fill(context, buf, size);
    return 0;
}

static size_t urls_make(sim_peer_t *peer, int is_tracker, char text[][SIM_URL_SIZE], const char **urls)
{
    uint32_t bits = is_tracker ? peer->options.tracker_bits : peer->options.relay_bits;
    uint32_t of_world = is_tracker ? peer->sim->options.tracker_count : peer->sim->options.relay_count;
    size_t count = 0;
    for (uint32_t i = 0; i < of_world && i < SIM_SERVER_COUNT_MAX; i++) {
        if (!(bits >> i & 1))
            continue;
        snprintf(text[count], SIM_URL_SIZE, "ws://%s%u", is_tracker ? "tracker" : "relay", i);
        urls[count] = text[count];
        count++;
    }
    return count;
}

static uint64_t cpu_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/*
 * Before and after everything that runs in the core: what it allocates and the time it takes are its own. To ask for the
 * time costs as much as a short step: one step of TIMED_PART is timed, and stands for the others, unless all are to be.
 */
static void watch(sim_peer_t *peer, int is_inside)
{
    sim_memory_counter = is_inside ? &peer->core_size : NULL;
    if (!is_inside && peer->core_size > peer->core_size_max)
        peer->core_size_max = peer->core_size;
    uint64_t part = peer->sim->options.times_all ? 1 : TIMED_PART;
    if (peer->sim->options.is_timed && peer->counts.steps % part == 0)
        peer->cpu_ns += (is_inside ? 0 - cpu_now_ns() : cpu_now_ns()) * (peer->counts.steps > 0 ? part : 1);
    if (peer->watch != NULL)
        peer->watch(is_inside);
}

int sim_core_step(sim_peer_t *peer, const nkt_event_t *event)
{
    watch(peer, 1);
    int code = nkt_step(peer->core, event);
    watch(peer, 0);
    return code;
}

int sim_core_poll(sim_peer_t *peer, nkt_effect_t *fx)
{
    sim_memory_counter = &peer->core_size;
    int is_there = nkt_poll(peer->core, fx);
    sim_memory_counter = NULL;
    return is_there;
}

static nkt_core_t *core_make(sim_peer_t *peer, uint32_t life, const nkt_host_t *host)
{
    char text[2][SIM_SERVER_COUNT_MAX][SIM_URL_SIZE];
    const char *urls[2][SIM_SERVER_COUNT_MAX];
    nkt_options_t options = {
        .nick = peer->options.nick != NULL ? peer->options.nick : peer->name,
        .room = peer->options.room,
        .secret = peer->options.secret,
        .relays = urls[0],
        .trackers = urls[1],
        .link_count_max = peer->options.link_count_max,
        .persist = peer->options.persist,
        .history = peer->options.history,
        .keeper = peer->options.keeper,
    };
    sim_random_t random;
    options.relay_count = urls_make(peer, 0, text[0], urls[0]);
    options.tracker_count = urls_make(peer, 1, text[1], urls[1]);
    sim_random_init(&random, peer->sim->options.seed, 0x5eed0000u + (peer->is_sister ? peer->home : peer->index));
    sim_random_fill(&random, options.store_key, sizeof options.store_key); /* the same in every life */
    sim_random_init(&random, peer->sim->options.seed, ((uint64_t)life << 32) + peer->index);
    sim_random_fill(&random, options.seed, sizeof options.seed);
    nkt_core_t *core = NULL;
    watch(peer, 1);
    int code = nkt_new(&options, host, &core);
    watch(peer, 0);
    if (code < 0)
        peer->fatal_code = code;
    if (code < 0 && !peer->may_die)
        sim_fail(peer->sim, "%s: nkt_new: %s", peer->name, nkt_err_name(code));
    return core;
}

static void entropy_begin(const sim_peer_t *peer, uint32_t life, sim_random_t *random)
{
    sim_random_init(random, peer->sim->options.seed, ((uint64_t)life << 32 | 0x80000000u) + peer->index);
}

void sim_core_start(sim_peer_t *peer)
{
    entropy_begin(peer, peer->life, &peer->entropy);
    peer->core = core_make(peer, peer->life, &(nkt_host_t){.entropy = entropy, .context = peer});
}

nkt_core_t *sim_peer_core_again(sim_peer_t *peer, uint32_t life, sim_random_t *random)
{
    entropy_begin(peer, life, random);
    return core_make(peer, life, &(nkt_host_t){.entropy = entropy_again, .context = random});
}

void sim_core_free(sim_peer_t *peer)
{
    sim_memory_counter = &peer->core_size;
    if (peer->core != NULL && peer->fatal_code == 0)
        sim_digest_report(peer->index, peer->core);
    nkt_free(peer->core);
    sim_memory_counter = NULL;
    peer->core = NULL;
    peer->core_size = 0; /* what libraries freed for it elsewhere is no debt */
}
