/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a peer's application was told of others: sparse, as in a large swarm everybody knows few. */
#include <stdlib.h>

#include "world.h"

enum { VIEW_CAPACITY_MIN = 16, NEIGHBOUR_CAPACITY_MIN = 8 };

static sim_view_t **place_of(sim_view_t **views, uint32_t capacity, uint32_t of)
{
    uint32_t i = of * 2654435761u & (capacity - 1);
    while (views[i] != NULL && views[i]->of != of)
        i = (i + 1) & (capacity - 1);
    return &views[i];
}

static void grow(sim_peer_t *peer)
{
    uint32_t capacity = peer->view_capacity == 0 ? VIEW_CAPACITY_MIN : peer->view_capacity * 2;
    sim_view_t **views = sim_alloc(capacity, sizeof(sim_view_t *));
    for (uint32_t i = 0; i < peer->view_capacity; i++) {
        if (peer->views[i] != NULL)
            *place_of(views, capacity, peer->views[i]->of) = peer->views[i];
    }
    free(peer->views);
    peer->views = views;
    peer->view_capacity = capacity;
}

sim_view_t *sim_view_make(sim_peer_t *peer, const sim_peer_t *of)
{
    if (peer->sim->options.is_light)
        return NULL;
    if ((peer->view_count + 1) * 2 > peer->view_capacity)
        grow(peer);
    sim_view_t **place = place_of(peer->views, peer->view_capacity, of->index);
    if (*place == NULL) {
        *place = sim_alloc(1, sizeof **place);
        (*place)->of = of->index;
        peer->view_count++;
    }
    return *place;
}

const sim_view_t *sim_view(const sim_peer_t *peer, const sim_peer_t *of)
{
    static const sim_view_t nothing;
    const sim_view_t *view =
        peer->view_capacity == 0 ? NULL : *place_of(peer->views, peer->view_capacity, of->index);
    return view == NULL ? &nothing : view;
}

void sim_views_clear(sim_peer_t *peer)
{
    for (uint32_t i = 0; i < peer->view_capacity; i++) {
        free(peer->views[i]);
        peer->views[i] = NULL;
    }
    peer->view_count = 0;
}

static uint32_t neighbour_find(const sim_peer_t *peer, uint32_t other)
{
    uint32_t i = 0;
    while (i < peer->neighbour_count && peer->neighbours[i] != other)
        i++;
    return i;
}

void sim_peer_linked(sim_peer_t *peer, const sim_peer_t *other, int is_up)
{
    uint32_t i = neighbour_find(peer, other->index);
    if (!is_up && i < peer->neighbour_count)
        peer->neighbours[i] = peer->neighbours[--peer->neighbour_count];
    if (!is_up || i < peer->neighbour_count)
        return;
    if (peer->neighbour_count == peer->neighbour_capacity) {
        peer->neighbour_capacity = peer->neighbour_capacity == 0 ? NEIGHBOUR_CAPACITY_MIN : peer->neighbour_capacity * 2;
        peer->neighbours = realloc(peer->neighbours, peer->neighbour_capacity * sizeof *peer->neighbours);
        if (peer->neighbours == NULL)
            abort();
    }
    peer->neighbours[peer->neighbour_count++] = other->index;
}

int sim_peer_is_linked(const sim_peer_t *peer, const sim_peer_t *other)
{
    return neighbour_find(peer, other->index) < peer->neighbour_count;
}
