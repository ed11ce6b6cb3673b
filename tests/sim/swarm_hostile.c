/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A swarm that ten times as many hostile peers join. They are real cores, so that links to them come up; what leaves
 * their hosts is another matter: they pass nothing on, repeat old frames, change them, make frames up, and some do
 * nothing but look for one victim.
 */
#include <stdlib.h>
#include <string.h>

#include "swarm.h"
#include "wire/envelope.h"
#include "wire/kinds.h"

enum {
    HOSTILE_PER_HONEST = 10,
    ATTACK_MS = 60000,
    ATTACK_TICK_MS = 1000,
    ATTACKS_PER_LINK = 4,   /* frames made up per link and second, on the average */
    FLOODER_COUNT = 10,     /* who say signed messages of their own ... */
    FLOOD_PER_TICK = 10,    /* ... so many a second */
    HUNTER_PART = 5,        /* one of so many looks for the victim */
    HUNT_MS = 10000,
    KEPT_COUNT = 512,
    KEPT_SIZE_MAX = 2048,
    TWICE_PART = 8,         /* one of so many that are made up is sent twice */
    PASS_PERMILLE = 20,     /* of others' frames are passed on all the same, so as not to be too plain */
};

/** A frame that a hostile peer got hold of. */
typedef struct sim_loot {
    uint8_t bytes[KEPT_SIZE_MAX];
    size_t size;
} sim_loot_t;

typedef struct sim_attack {
    sim_t *sim;
    int is_on;
    int is_ours; /* what is sent now was made up here */
    sim_loot_t *loot;
    uint32_t loot_count; /* of all so far; KEPT_COUNT of them are there, old ones as likely as new ones */
    uint64_t made_up_count, swallowed_count;
} sim_attack_t;

/* ---- what others see of them ---- */

int sim_swarm_is_own(const sim_peer_t *peer, const uint8_t *bytes, size_t size)
{
    uint8_t digest[NKT_DIGEST_SIZE];
    nkt_envelope_t envelope;
    if (nkt_envelope_digest(bytes, size, digest) != NKT_OK ||
        nkt_envelope_decode(&envelope, bytes, size, digest) != NKT_OK)
        return 1; /* no envelope: of the link itself */
    int is_so = memcmp(envelope.from.b, peer->address.b, NKT_ADDRESS_SIZE) == 0;
    nkt_envelope_deinit(&envelope);
    return is_so;
}

static void keep(sim_attack_t *attack, const uint8_t *bytes, size_t size)
{
    if (size > KEPT_SIZE_MAX || size == 0)
        return;
    uint64_t place = attack->loot_count < KEPT_COUNT ? attack->loot_count
                                                     : sim_random_below(&attack->sim->random, attack->loot_count);
    attack->loot_count++;
    if (place >= KEPT_COUNT)
        return;
    sim_loot_t *loot = &attack->loot[place];
    memcpy(loot->bytes, bytes, size);
    loot->size = size;
}

/* Hostile peers pass nothing on, and remember what honest ones send them. */
static sim_verdict_t swallow(void *context, sim_t *sim, const sim_peer_t *from, const sim_peer_t *to, uint8_t *bytes,
                             size_t *size)
{
    sim_attack_t *attack = context;
    if (to->is_hostile && !from->is_hostile && sim_random_below(&sim->random, 8) == 0)
        keep(attack, bytes, *size);
    if (!attack->is_on || !from->is_hostile || attack->is_ours || sim_swarm_is_own(from, bytes, *size) ||
        sim_random_below(&sim->random, 1000) < PASS_PERMILLE)
        return attack->is_ours && sim_random_below(&sim->random, TWICE_PART) == 0 ? SIM_TWICE : SIM_PASS;
    attack->swallowed_count++;
    return SIM_DROP;
}

/* ---- what they make up ---- */

/* Frames of the types between neighbours, and of some that later versions may give a meaning: a false IHAVE is ids that nobody has. */
static size_t small_frame(sim_random_t *random, uint8_t *bytes)
{
    enum { TYPE_FIRST = 0x25, TYPE_LAST = 0x2f, ID_COUNT_MAX = 64 };
    static const uint8_t heads[] = {0, 1, 2, 4, 8}; /* bytes before the ids: nobody knows yet */
    size_t head = 1 + heads[sim_random_below(random, sizeof heads)];
    size_t size = head + NKT_ID_SIZE * (size_t)sim_random_below(random, ID_COUNT_MAX + 1);
    if (sim_random_below(random, 4) == 0)
        size = 1 + (size_t)sim_random_below(random, 64);
    sim_random_fill(random, bytes, size);
    bytes[0] = (uint8_t)(TYPE_FIRST + sim_random_below(random, TYPE_LAST - TYPE_FIRST + 1));
    if (bytes[0] == NKT_FRAME_IHAVE)
        size = 2 + (1 + NKT_ID_SIZE) * (size_t)sim_random_below(random, ID_COUNT_MAX);
    return size;
}

/* Old ones as they were (stale records among them), with other hops, with bytes changed, cut short. */
static size_t looted_frame(sim_attack_t *attack, uint8_t *bytes)
{
    sim_random_t *random = &attack->sim->random;
    uint32_t count = attack->loot_count < KEPT_COUNT ? attack->loot_count : KEPT_COUNT;
    const sim_loot_t *loot = &attack->loot[sim_random_below(random, count)];
    size_t size = loot->size;
    memcpy(bytes, loot->bytes, size);
    switch (sim_random_below(random, 4)) {
    case 0:
        if (size > 1)
            bytes[1] = (uint8_t)sim_random_below(random, 256);
        break;
    case 1:
        for (uint64_t i = 1 + sim_random_below(random, 4); i > 0; i--)
            bytes[sim_random_below(random, size)] ^= (uint8_t)(1 + sim_random_below(random, 255));
        break;
    case 2:
        size = 1 + (size_t)sim_random_below(random, size);
        break;
    default:
        break;
    }
    return size;
}

static void attack_links(sim_attack_t *attack, sim_peer_t *peer)
{
    sim_t *sim = attack->sim;
    uint8_t bytes[KEPT_SIZE_MAX];
    attack->is_ours = 1;
    for (size_t i = 0; i < peer->link_count; i++) {
        uint64_t count = peer->links[i].is_rtc ? sim_random_below(&sim->random, 2 * ATTACKS_PER_LINK + 1) : 0;
        for (; count > 0; count--) {
            int is_looted = attack->loot_count > 0 && sim_random_below(&sim->random, 3) > 0;
            size_t size = is_looted ? looted_frame(attack, bytes) : small_frame(&sim->random, bytes);
            sim_rtc_send(sim, peer->links[i].id, bytes, size, 0);
            attack->made_up_count++;
        }
    }
    attack->is_ours = 0;
}

static void attack_tick(sim_attack_t *attack, sim_peer_t *victim, uint32_t honest_count)
{
    sim_t *sim = attack->sim;
    for (uint32_t i = honest_count; i < sim->peer_count; i++) {
        sim_peer_t *peer = sim->peers[i];
        uint32_t number = i - honest_count;
        attack_links(attack, peer);
        for (int k = 0; number < FLOODER_COUNT && k < FLOOD_PER_TICK; k++)
            sim_say_clear(peer);
        if (number % HUNTER_PART == 0 && sim->now_ms / HUNT_MS != (sim->now_ms - ATTACK_TICK_MS) / HUNT_MS &&
            !sim_peer_is_linked(peer, victim))
            sim_peer_connect(peer, &victim->address, HUNT_MS);
    }
}

/* ---- the run ---- */

void sim_swarm_hostile_join(sim_t *sim, uint32_t count, uint64_t over_ms)
{
    uint64_t begun_ms = sim->now_ms;
    for (uint32_t i = 0; i < count; i++) {
        sim_peer_t *peer = sim_peer_add(sim, NULL);
        peer->is_hostile = 1;
        sim_run(sim, begun_ms + over_ms * i / count - sim->now_ms);
        sim_peer_start(peer);
    }
}

double sim_swarm_hostile_share(const sim_t *sim, const sim_peer_t *peer)
{
    sim_share_t share = {.of = peer->neighbour_count};
    for (uint32_t i = 0; i < peer->neighbour_count; i++)
        share.count += sim->peers[peer->neighbours[i]]->is_hostile;
    return sim_share(&share);
}

/* Of what honest ones said, what honest ones heard: all, and what the victim heard and said. */
void sim_swarm_victim_shares(const sim_t *sim, uint32_t first, const sim_peer_t *victim, sim_share_t *all, sim_share_t *of_victim)
{
    for (uint32_t i = first; i < sim->book.said_count; i++) {
        const sim_said_t *said = &sim->book.said[i];
        if (sim->peers[said->from]->is_hostile)
            continue;
        sim_swarm_heard(sim, i, 0, all);
        if (said->from == victim->index) {
            sim_swarm_heard(sim, i, 0, of_victim);
        } else {
            of_victim->of++;
            of_victim->count += said->heard[victim->index] != 0;
        }
    }
}

static double cpu_worst_ns(const sim_t *sim, uint32_t honest_count, const uint64_t *before)
{
    double worst = 0;
    for (uint32_t i = 0; i < honest_count; i++) {
        double spent = (double)(sim->peers[i]->cpu_ns - before[i]);
        worst = spent > worst ? spent : worst;
    }
    return worst;
}

void scenario_hostile(const sim_run_options_t *run)
{
    enum { JOIN_MS = 60000, ALLOWED_KB = 8389, ALLOWED_CPU_MS = 50, LATE_MS = 30000 };
    sim_options_t options = sim_swarm_options(run);
    uint32_t honest_count = sim_swarm_size(run, 100), hostile_count = honest_count * HOSTILE_PER_HONEST;
    options.is_timed = 1;
    sim_t *sim = sim_swarm_new(&options, honest_count, hostile_count);
    sim_attack_t attack = {.sim = sim, .loot = sim_alloc(KEPT_COUNT, sizeof(sim_loot_t))};
    sim_malice_set(sim, &(sim_malice_t){.context = &attack, .rtc = swallow});
    sim_swarm_join(sim, honest_count, sim_swarm_join_ms(honest_count));
    sim_run(sim, SIM_SETTLE_MS);
    sim_peer_t *victim = sim->peers[0];
    sim_swarm_hostile_join(sim, hostile_count, JOIN_MS);
    attack.is_on = 1;
    uint64_t *before = sim_alloc(honest_count, sizeof *before);
    for (uint32_t i = 0; i < honest_count; i++)
        before[i] = sim->peers[i]->cpu_ns;
    uint32_t first = sim->book.said_count;
    for (uint32_t tick = 0; tick < ATTACK_MS / ATTACK_TICK_MS; tick++) {
        attack_tick(&attack, victim, honest_count);
        sim_say_clear(sim_swarm_any(sim));
        if (tick % 5 == 0)
            sim_say_clear(victim);
        sim_run(sim, ATTACK_TICK_MS);
    }
    double cpu_ns = cpu_worst_ns(sim, honest_count, before);
    sim_run(sim, LATE_MS);
    sim_share_t all = {0}, of_victim = {0};
    sim_figure_list_t figures = {.count = 0};
    sim_swarm_victim_shares(sim, first, victim, &all, &of_victim);
    sim_figure_least(&figures, "delivered_share", sim_share(&all), 0.95);
    sim_figure_least(&figures, "victim_share", sim_share(&of_victim), 0.95);
    sim_figure(&figures, "victim_hostile_links", sim_swarm_hostile_share(sim, victim));
    sim_figure(&figures, "made_up", (double)attack.made_up_count);
    sim_figure(&figures, "swallowed", (double)attack.swallowed_count);
    sim_figure_most(&figures, "cpu_worst_ms_per_s", cpu_ns / 1e6 / (ATTACK_MS / 1000), ALLOWED_CPU_MS);
    sim_figure(&figures, "frames_checked", (double)sim->witness.checked_count);
    sim_figure(&figures, "frames_unknown", (double)sim->witness.unknown_count);
    double size_max = 0;
    for (uint32_t i = 0; i < honest_count; i++)
        size_max = (double)sim->peers[i]->core_size_max > size_max ? (double)sim->peers[i]->core_size_max : size_max;
    sim_figure_most(&figures, "memory_worst_kb", size_max / 1000, ALLOWED_KB);
    sim_figure_least(&figures, "connected_share", sim_swarm_connected(sim), 0);
    sim_swarm_caps(sim, &figures);
    sim_figures_print(sim, &figures);
    sim_free(sim);
    free(before);
    free(attack.loot);
}
