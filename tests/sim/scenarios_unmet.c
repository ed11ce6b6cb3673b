/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words for one whom their author never met: known of him are his record, which neighbours told, and the KEM key that a keeper has. */
#include <stdlib.h>
#include <string.h>

#include "keepers.h"
#include "scenarios.h"
#include "wire/limits.h"
#include "world.h"

enum { SECOND_MS = 1000, MINUTE_MS = 60000, HOUR_MS = 3600000, DAY_MS = 86400000, BACK_MS_MAX = 5000 };

static sim_t *world(const sim_run_options_t *run)
{
    sim_options_t options = sim_defaults(run->seed);
    options.persist = 1;
    options.put_ms = (sim_range_t){1, 10};
    return sim_new(&options);
}

static sim_peer_t *keeper_add(sim_t *sim)
{
    sim_peer_options_t options = sim_peer_defaults(sim);
    options.keeper = 1;
    return sim_peer_add(sim, &options);
}

/* B is with the keeper, and crashes; in the moments in which nobody has noticed A comes, and is told of B by the keeper alone.
 * is_resigned: by then that keeps no letters any more. */
static keepers_t unmet_make(const sim_run_options_t *run, int is_resigned)
{
    keepers_t cast = {.sim = world(run)};
    sim_t *sim = cast.sim;
    cast.keeper = keeper_add(sim);
    cast.b = sim_peer_add(sim, NULL);
    cast.a = sim_peer_add(sim, NULL);
    sim_peer_start(cast.keeper);
    sim_peer_start(cast.b);
    sim_until(sim, sim_all_have_sessions, 10000, "sessions");
    sim_run(sim, 10 * SECOND_MS);
    if (is_resigned) {
        sim_peer_stop(cast.keeper);
        cast.keeper->options.keeper = 0;
        sim_peer_start(cast.keeper);
        sim_until(sim, sim_all_are_linked, 30000, "a link");
        sim_run(sim, 10 * SECOND_MS);
    }
    sim_relay_kill(sim, 0); /* it would tell at once */
    sim_peer_crash(cast.b);
    sim_peer_start(cast.a);
    for (uint64_t begun_ms = sim->now_ms; sim_view(cast.a, cast.b) == NULL; sim_run(sim, 10))
        SIM_CHECK(sim, sim->now_ms - begun_ms < 10000);
    sim_relay_revive(sim, 0);
    sim_run(sim, MINUTE_MS); /* B is given up by both */
    return cast;
}

void scenario_keeper_unmet(const sim_run_options_t *run)
{
    keepers_t cast = unmet_make(run, 0);
    sim_t *sim = cast.sim;
    keepers_restart(sim, cast.keeper, run->seed % 2 == 0); /* what it knows of B is what it stored */
    sim_run(sim, 10 * SECOND_MS);
    uint32_t first = sim->book.said_count;
    keepers_speak_and_go(&cast, 6, 300); /* to B, and to all; and closes */
    double kept = keepers_figure(cast.keeper, "keeper.count");
    SIM_CHECK(sim, kept > 0);
    sim_run(sim, DAY_MS);
    keepers_restart(sim, cast.keeper, 1);
    sim_run(sim, DAY_MS);
    sim_peer_start(cast.b);
    uint64_t ms = keepers_all_heard(sim, cast.b, first, sim->book.said_count, BACK_MS_MAX);
    sim_run(sim, MINUTE_MS);
    sim_peer_start(cast.a); /* says again what it does not know to be heard: nothing twice (book.c) */
    sim_until(sim, sim_all_delivered, 60000, "known to be heard");
    sim_figures(sim, "heard_ms", (double)ms, "letters", kept, NULL);
    sim_free(sim);
}

/* Where nobody keeps letters: a neighbour happens to have the key, and keeps for minutes what is said by it. */
void scenario_mail_unmet(const sim_run_options_t *run)
{
    keepers_t cast = unmet_make(run, 1);
    sim_t *sim = cast.sim;
    uint32_t first = sim->book.said_count;
    for (int i = 0; i < 4; i++) {
        sim_say(cast.a, cast.b);
        sim_run(sim, 300);
    }
    sim_run(sim, 5 * SECOND_MS);
    SIM_CHECK(sim, keepers_figure(cast.a, "keeper.count") == 0 && keepers_figure(cast.keeper, "keeper.count") == 0);
    sim_peer_crash(cast.a);
    sim_run(sim, 3 * MINUTE_MS);
    sim_peer_start(cast.b);
    uint64_t ms = keepers_all_heard(sim, cast.b, first, sim->book.said_count, BACK_MS_MAX);
    sim_run(sim, MINUTE_MS);
    sim_peer_start(cast.a);
    sim_until(sim, sim_all_delivered, 60000, "known to be heard");
    sim_figures(sim, "heard_ms", (double)ms, NULL);
    sim_free(sim);
}
