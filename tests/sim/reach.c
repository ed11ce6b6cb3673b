/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who can reach whom: pairs that are cut, sides of a split world, bridges. */
#include "rtc_ends.h"
#include "world.h"

static uint64_t pair_key(uint32_t a, uint32_t b)
{
    const uint32_t both[2] = {a < b ? a : b, a < b ? b : a};
    return sim_index_key(both, sizeof both);
}

void sim_pairs_add(sim_pairs_t *pairs, uint32_t a, uint32_t b)
{
    sim_index_add(&pairs->index, pair_key(a, b), a < b ? a : b);
}

void sim_pairs_remove(sim_pairs_t *pairs, uint32_t a, uint32_t b)
{
    sim_index_remove(&pairs->index, pair_key(a, b), a < b ? a : b);
}

int sim_pairs_has(const sim_pairs_t *pairs, uint32_t a, uint32_t b)
{
    return pairs->index.used > 0 && sim_index_has(&pairs->index, pair_key(a, b), a < b ? a : b);
}

/* On different sides of a split world? */
static int is_apart(const sim_t *sim, uint32_t a, uint32_t b)
{
    return sim->is_split && sim->peers[a]->side != sim->peers[b]->side && !sim_pairs_has(&sim->bridges, a, b);
}

int sim_pair_is_cut(const sim_t *sim, uint32_t a, uint32_t b)
{
    if (a == SIM_NOBODY || b == SIM_NOBODY)
        return 0;
    uint64_t luck = sim_random_of_pair(sim->options.seed, a < b ? a : b, a < b ? b : a) % 1000;
    if (luck < sim->options.cut_permille && !sim_pairs_has(&sim->bridges, a, b))
        return 1;
    return sim_pairs_has(&sim->cut, a, b) || is_apart(sim, a, b);
}

/* What is up between peers that cannot reach each other any more dies as in browsers: both ends notice late. */
static void links_fade(sim_t *sim, const sim_peer_t *peer, const sim_peer_t *other_only)
{
    for (size_t i = 0; i < peer->link_count; i++) {
        const sim_end_t *end = peer->links[i].is_rtc ? sim_end_find(sim, peer->links[i].id) : NULL;
        const sim_end_t *other = end == NULL || !end->is_up ? NULL : sim_end_find(sim, end->remote);
        if (other == NULL || other->peer == SIM_NOBODY || (other_only != NULL && other->peer != other_only->index) ||
            !sim_pair_is_cut(sim, end->peer, other->peer))
            continue;
        sim_end_fade(sim, end);
        if (other_only != NULL)
            sim_end_fade(sim, other);
    }
}

void sim_cut(sim_t *sim, const sim_peer_t *a, const sim_peer_t *b)
{
    sim_pairs_add(&sim->cut, a->index, b->index);
    sim_trace(sim, "%s and %s are cut", a->name, b->name);
    links_fade(sim, a, b);
}

void sim_mend(sim_t *sim, const sim_peer_t *a, const sim_peer_t *b)
{
    sim_pairs_remove(&sim->cut, a->index, b->index);
}

void sim_split(sim_t *sim)
{
    sim->is_split = 1;
    sim_trace(sim, "the world is split");
    for (uint32_t i = 0; i < sim->peer_count; i++) {
        links_fade(sim, sim->peers[i], NULL);
        sim_sockets_drop_apart(sim, sim->peers[i]);
    }
}

void sim_unite(sim_t *sim)
{
    sim->is_split = 0;
    sim_trace(sim, "the world is one again");
}

void sim_bridge(sim_t *sim, const sim_peer_t *a, const sim_peer_t *b)
{
    sim_pairs_add(&sim->bridges, a->index, b->index);
}
