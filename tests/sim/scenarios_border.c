/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rooms about as large as where a crowd begins. */
#include "scenarios.h"
#include "spent.h"
#include "wire/limits.h"

enum { SECOND_MS = 1000, MINUTE_MS = 60000 };

/* What a relay delivers. */
typedef struct sim_delivered {
    uint64_t copies;
} sim_delivered_t;

static sim_verdict_t relay_count(void *context, sim_t *sim, const sim_peer_t *from, const sim_peer_t *to, const uint8_t *bytes,
                                 size_t size)
{
    (void)sim, (void)from, (void)to, (void)bytes, (void)size;
    ((sim_delivered_t *)context)->copies++;
    return SIM_PASS;
}

/* Some of a crowd fall silent without a word, and many speak: whoever does finds out that they are gone, and asks after them no more. */
void scenario_crowd_gone(const sim_run_options_t *run)
{
    enum { GONE = 3, SPEAKERS = 6 };
    sim_figure_list_t figures = {0};
    sim_options_t options = sim_defaults(run->seed);
    uint32_t count = run->peer_count > 0 ? run->peer_count : NKT_CROWD_COUNT_MIN + GONE + 1;
    options.peer_count_max = count;
    options.link_count_max = 6;
    sim_delivered_t delivered = {0};
    sim_t *sim = sim_new(&options);
    sim_malice_set(sim, &(sim_malice_t){.context = &delivered, .relay = relay_count});
    sim_peers_start(sim, count, 20);
    sim_until(sim, sim_all_know_all, MINUTE_MS, "acquaintance");
    for (uint32_t i = 0; i < SPEAKERS; i++)
        sim_say(sim->peers[i], NULL);
    sim_until(sim, sim_all_delivered, MINUTE_MS, "delivered to all");
    for (uint32_t i = 0; i < GONE; i++)
        sim_peer_crash(sim->peers[count - 1 - i]);
    sim_run(sim, 20 * SECOND_MS);
    delivered.copies = 0;
    sim_spent_t said = sim_spent(sim);
    for (uint32_t i = 0; i < SPEAKERS; i++)
        sim_say(sim->peers[i], NULL);
    sim_until(sim, sim_all_delivered, MINUTE_MS, "delivered to those who are there");
    sim_run(sim, MINUTE_MS);
    sim_spent_t asked = sim_spent(sim), search = sim_spent_since(&said, &asked, SPEAKERS * GONE);
    double relayed = (double)delivered.copies / (SPEAKERS * GONE);
    sim_run(sim, MINUTE_MS);
    sim_spent_t after = sim_spent(sim), rest = sim_spent_since(&asked, &after, (double)(count - GONE) * 60);
    sim_figure(&figures, "frames_for_each", search.frames);
    sim_figure_most(&figures, "relayed_for_each", relayed, 10 * count);
    sim_figure_most(&figures, "frames_per_s_after", rest.frames, 2); /* 1.1 where nobody speaks */
    sim_figures_print(sim, &figures);
    sim_free(sim);
}
