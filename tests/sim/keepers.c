/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An author, one who is away, and keepers. */
#include "keepers.h"

#include "world.h"

enum { MINUTE_MS = 60000 };

static sim_peer_t *keeper_add(sim_t *sim)
{
    sim_peer_options_t options = sim_peer_defaults(sim);
    options.keeper = 1;
    return sim_peer_add(sim, &options);
}

keepers_t keepers_make(uint64_t seed, int keeper_count, uint32_t others)
{
    sim_options_t options = sim_defaults(seed);
    options.persist = 1;
    options.put_ms = (sim_range_t){1, 10};
    options.peer_count_max = 8 + others;
    keepers_t cast = {.sim = sim_new(&options)};
    cast.a = sim_peer_add(cast.sim, NULL);
    cast.b = sim_peer_add(cast.sim, NULL);
    cast.keeper = keeper_add(cast.sim);
    cast.second = keeper_count > 1 ? keeper_add(cast.sim) : NULL;
    for (uint32_t i = 0; i < cast.sim->peer_count; i++)
        sim_peer_start(cast.sim->peers[i]);
    sim_peers_start(cast.sim, others, 20);
    sim_until(cast.sim, others > 10 ? sim_all_know_all : sim_all_are_linked, 60000, "links");
    sim_until(cast.sim, sim_all_have_sessions, 60000, "sessions");
    return cast;
}

double keepers_figure(const sim_peer_t *keeper, const char *what)
{
    sim_peer_t *peer = (sim_peer_t *)(uintptr_t)keeper;
    return sim_peer_health(peer, what);
}

uint64_t keepers_all_heard(sim_t *sim, const sim_peer_t *by, uint32_t first, uint32_t end, uint64_t limit_ms)
{
    uint64_t begun_ms = sim->now_ms;
    for (uint32_t n = first; n < end;) {
        const sim_said_t *said = &sim->book.said[n];
        if (said->to != SIM_NOBODY && said->to != by->index)
            n++;
        else if (sim_heard_count(sim, n, by) > 0)
            n++;
        else if (sim->now_ms - begun_ms >= limit_ms)
            sim_fail(sim, "%s did not hear #%u of %u-%u", by->name, n, first, end - 1);
        else
            sim_run(sim, 10);
    }
    uint64_t took_ms = sim->now_ms - begun_ms;
    uint32_t before = 0;
    for (uint32_t n = first; n < end; n++) {
        const sim_said_t *said = &sim->book.said[n];
        if (said->to != SIM_NOBODY && said->to != by->index)
            continue;
        SIM_CHECK(sim, sim_heard_count(sim, n, by) == 1);
        if (said->heard_place[by->index] <= before)
            sim_fail(sim, "%s heard #%u out of order", by->name, n);
        before = said->heard_place[by->index];
    }
    return took_ms;
}

void keepers_all_kept(sim_t *sim, sim_peer_t *author)
{
    uint64_t begun_ms = sim->now_ms;
    do {
        sim_run(sim, 200);
        SIM_CHECK(sim, sim->now_ms - begun_ms < 20000);
    } while (sim_peer_health(author, "keeper.toKeepers") > 0);
}

void keepers_restart(sim_t *sim, sim_peer_t *keeper, int is_crash)
{
    sim_peer_leave(keeper, is_crash);
    sim_run(sim, MINUTE_MS);
    sim_peer_start(keeper);
}

void keepers_speak_and_go(keepers_t *cast, uint32_t count, uint32_t gap_ms)
{
    for (uint32_t i = 0; i < count; i++) {
        sim_say(cast->a, i % 3 == 0 ? NULL : cast->b);
        sim_run(cast->sim, gap_ms);
    }
    keepers_all_kept(cast->sim, cast->a);
    sim_peer_crash(cast->a);
}
