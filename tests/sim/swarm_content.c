/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One content for everybody in a swarm. Each peer has a line of its own, up and down alike, which all that it sends and gets shares: 10
 * Mbit/s unless --bandwidth says otherwise. The measure is what one upload of all pieces takes at that rate.
 */
#include <string.h>

#include "content/frame.h"
#include "swarm.h"
#include "wire/kinds.h"

enum {
    PIECE_COUNT = 1000,
    LINE_BYTES_PER_S = 1250000,
    OPEN_MS = 2000,        /* until all have heard of it */
    AWAY_PERCENT_MIN = 10, AWAY_PERCENT_MAX = 30, /* of what one upload takes: those who crash */
    CHURN_PERCENT = 20,
    RATIO_LIMIT = 8,       /* the run ends then, whoever is not done */
    CORRUPT_PERCENT = 10,
};

typedef struct sim_spread {
    sim_t *sim;
    sim_peer_t *author;
    uint32_t count, piece_count;
    uint64_t upload_ms, begun_ms; /* what one upload takes */
    uint32_t crashed_count;
} sim_spread_t;

static void spread_begin(sim_spread_t *spread, const sim_run_options_t *run, uint32_t peer_count)
{
    sim_options_t options = sim_swarm_options(run);
    options.line_bytes_per_s = run->bytes_per_s > 0 ? run->bytes_per_s : LINE_BYTES_PER_S;
    options.bytes_per_s = 0;
    spread->count = sim_swarm_size(run, peer_count);
    spread->piece_count = run->pieces > 0 ? run->pieces : PIECE_COUNT;
    spread->upload_ms = (uint64_t)spread->piece_count * NKT_PIECE_SIZE * 1000 / options.line_bytes_per_s;
    spread->sim = sim_swarm_ready(&options, spread->count);
    spread->author = spread->sim->peers[0];
    spread->begun_ms = spread->sim->now_ms;
    sim_content_share(spread->author, spread->piece_count);
}

static void open_due(const sim_spread_t *spread)
{
    sim_t *sim = spread->sim;
    for (uint32_t i = 1; i < sim->peer_count; i++) {
        sim_peer_t *peer = sim->peers[i];
        uint64_t due_ms = spread->begun_ms + OPEN_MS * (uint64_t)i / sim->peer_count;
        if (peer->state == SIM_ON && sim->now_ms >= due_ms && peer->holding.open_life != peer->life)
            sim_content_open(peer);
    }
}

static int is_done(const sim_spread_t *spread)
{
    const sim_t *sim = spread->sim;
    for (uint32_t i = 0; i < sim->peer_count; i++) {
        if (i != spread->author->index && (sim->peers[i]->state != SIM_ON || !sim->peers[i]->holding.is_done))
            return 0;
    }
    return 1;
}

/* Some are gone for a while, at times by chance while one upload may last; half of them have lost what they had, and need all of it. */
static void churn(sim_spread_t *spread, uint32_t until_permille)
{
    sim_t *sim = spread->sim;
    uint32_t due = (uint32_t)((uint64_t)spread->count * CHURN_PERCENT / 100 * until_permille / 1000);
    for (; spread->crashed_count < due; spread->crashed_count++) {
        sim_peer_t *peer = sim_swarm_any(sim);
        if (peer == NULL || peer == spread->author)
            continue;
        sim_peer_crash(peer);
        if (peer->holding.pieces != NULL && sim_random_below(&sim->random, 2) == 0) {
            memset(peer->holding.pieces, 0, spread->piece_count);
            peer->holding.count = 0;
            peer->holding.is_done = 0;
        }
    }
    for (uint32_t i = 0; i < sim->peer_count; i++) {
        sim_peer_t *peer = sim->peers[i];
        uint64_t away_ms = spread->upload_ms * (AWAY_PERCENT_MIN + i * 7u % (AWAY_PERCENT_MAX - AWAY_PERCENT_MIN)) / 100;
        if (peer->state == SIM_OFF && peer != spread->author && sim->now_ms >= peer->ended_ms + away_ms)
            sim_peer_start(peer);
    }
}

static void spread_end(sim_spread_t *spread, sim_figure_list_t *figures, double ratio_bar)
{
    sim_t *sim = spread->sim;
    uint64_t last_ms = 0, done = 0, of = 0;
    double sum = 0;
    for (uint32_t i = 0; i < sim->peer_count; i++) {
        const sim_peer_t *peer = sim->peers[i];
        if (peer == spread->author || peer->state != SIM_ON)
            continue;
        of++;
        done += peer->holding.is_done;
        uint64_t ms = peer->holding.is_done ? peer->holding.done_ms - spread->begun_ms : RATIO_LIMIT * spread->upload_ms;
        last_ms = ms > last_ms ? ms : last_ms;
        sum += (double)ms;
    }
    double all = (double)spread->piece_count * NKT_PIECE_SIZE;
    sim_figure_least(figures, "done_share", (double)done / (double)of, 1);
    sim_figure_most(figures, "time_ratio", (double)last_ms / (double)spread->upload_ms, ratio_bar);
    sim_figure(figures, "mean_ratio", sum / (double)of / (double)spread->upload_ms);
    sim_figure(figures, "upload_s", (double)spread->upload_ms / 1000);
    sim_figure(figures, "author_sent_ratio", (double)sim->content.given_size / all);
    sim_figure(figures, "fetched_ratio", (double)sim->content.data_size / (double)sim->content.written_size);
}

/* ---- everybody, while some come and go ---- */

void scenario_content(const sim_run_options_t *run)
{
    sim_spread_t spread = {0};
    sim_figure_list_t figures = {.count = 0};
    spread_begin(&spread, run, 1000);
    sim_t *sim = spread.sim;
    uint32_t first = sim->book.said_count, tick = 0;
    while (!is_done(&spread) && sim->now_ms < spread.begun_ms + RATIO_LIMIT * spread.upload_ms) {
        uint64_t passed = (sim->now_ms - spread.begun_ms) * 1000 / spread.upload_ms;
        open_due(&spread);
        churn(&spread, passed < 1000 ? (uint32_t)passed : 1000);
        if (tick++ % 10 == 0)
            sim_say_clear(spread.author); /* who crashes is somebody else when he is back */
        sim_run(sim, SIM_TICK_MS);
    }
    sim_figure(&figures, "crashed", spread.crashed_count);
    spread_end(&spread, &figures, 3);
    sim_figure(&figures, "delivered_share", sim_swarm_delivered(sim, first, sim->book.said_count, SIM_SETTLE_MS));
    sim_swarm_costs(sim, &figures);
    sim_figures_print(sim, &figures);
    sim_free(sim);
}

/* ---- the author dies ---- */

void scenario_content_author_dies(const sim_run_options_t *run)
{
    sim_spread_t spread = {0};
    sim_figure_list_t figures = {.count = 0};
    spread_begin(&spread, run, 100);
    sim_t *sim = spread.sim;
    double died_s = 0;
    while (!is_done(&spread) && sim->now_ms < spread.begun_ms + RATIO_LIMIT * spread.upload_ms) {
        open_due(&spread);
        if (spread.author->state == SIM_ON &&
            sim->content.given_size >= (uint64_t)spread.piece_count * NKT_PIECE_SIZE * 6 / 5) {
            sim_peer_crash(spread.author);
            died_s = (double)(sim->now_ms - spread.begun_ms) / 1000;
        }
        sim_run(sim, SIM_TICK_MS);
    }
    sim_figure(&figures, "author_died_s", died_s);
    spread_end(&spread, &figures, 3);
    sim_figures_print(sim, &figures);
    sim_free(sim);
}

/* ---- a hostile source ---- */

typedef struct sim_corruption {
    const sim_peer_t *source;
    uint64_t size; /* of pieces that were corrupted */
} sim_corruption_t;

static sim_verdict_t corrupt(void *context, sim_t *sim, const sim_peer_t *from, const sim_peer_t *to, uint8_t *bytes, size_t *size)
{
    sim_corruption_t *corruption = context;
    nkt_content_frame_t frame;
    (void)to;
    if (from != corruption->source || *size == 0 || bytes[0] != NKT_FRAME_CONTENT || nkt_content_frame_read(&frame, bytes, *size) < 0 ||
        frame.word != NKT_CONTENT_DATA || frame.part != 0 || sim_random_below(&sim->random, 100) >= CORRUPT_PERCENT)
        return SIM_PASS;
    bytes[*size - 1] ^= 1;
    corruption->size += NKT_PIECE_SIZE;
    return SIM_PASS;
}

void scenario_content_hostile(const sim_run_options_t *run)
{
    sim_spread_t spread = {0};
    sim_figure_list_t figures = {.count = 0};
    spread_begin(&spread, run, 50);
    sim_t *sim = spread.sim;
    sim_corruption_t corruption = {.source = sim->peers[1]};
    sim_malice_set(sim, &(sim_malice_t){.context = &corruption, .rtc = corrupt});
    while (!is_done(&spread) && sim->now_ms < spread.begun_ms + RATIO_LIMIT * spread.upload_ms) {
        open_due(&spread);
        sim_run(sim, SIM_TICK_MS);
    }
    spread_end(&spread, &figures, 3);
    double bad = 0;
    for (uint32_t i = 0; i < sim->peer_count; i++)
        bad += sim_peer_health(sim->peers[i], "dropped.NKT_E_PIECE_BAD");
    double again = (double)sim->content.data_size - (double)sim->content.written_size - bad * NKT_PIECE_SIZE;
    sim_figure_least(&figures, "corrupted", bad, 1);
    sim_figure_most(&figures, "again_share", again / (double)sim->content.written_size, 0.01);
    sim_figures_print(sim, &figures);
    sim_free(sim);
}
