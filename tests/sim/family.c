/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One person with a core for each of several rooms, as glue/family.js has it: the same keys, a store each, and each told of the others. */
#include <string.h>

#include <sodium.h>

#include "wire/limits.h"
#include "world.h"

enum { ID_SIZE = 16 };

static uint32_t home_of(const sim_peer_t *peer)
{
    return peer->is_sister ? peer->home : peer->index;
}

static int is_in_room_of(const sim_peer_t *a, const sim_peer_t *b)
{
    return a->options.room != NULL && b->options.room != NULL && strcmp(a->options.room, b->options.room) == 0;
}

int sim_peers_may_meet(const sim_peer_t *a, const sim_peer_t *b)
{
    return home_of(a) != home_of(b) && is_in_room_of(a, b);
}

sim_peer_t *sim_peer_seen(const sim_peer_t *by, const nkt_address_t *address)
{
    sim_t *sim = by->sim;
    const sim_row_t *row = sim_index_find(&sim->by_address, sim_index_key(address->b, NKT_ADDRESS_SIZE));
    for (uint32_t i = 0; row != NULL && row->count > 1 && i < row->count; i++) {
        if (is_in_room_of(by, sim->peers[row->ids[i]]))
            return sim->peers[row->ids[i]];
    }
    return row == NULL ? NULL : sim->peers[row->ids[0]];
}

sim_peer_t *sim_sister_add(sim_peer_t *home, const char *room)
{
    sim_peer_options_t options = home->options;
    options.room = room;
    sim_peer_t *sister = sim_peer_add(home->sim, &options);
    sister->is_sister = 1;
    sister->home = home->index;
    home->has_sisters = 1;
    return sister;
}

void sim_family_seed(sim_peer_t *peer)
{
    sim_peer_t *home = peer->sim->peers[home_of(peer)];
    const sim_record_t *identity = sim_peer_record(home, "identity", 0);
    if (!peer->is_sister || peer->has_address || identity == NULL)
        return;
    sim_peer_step(peer, &(nkt_event_t){.kind = NKT_EV_RESTORE,
                                       .text = identity->name,
                                       .text_size = strlen(identity->name),
                                       .bytes = identity->bytes,
                                       .bytes_size = identity->bytes_size});
}

/* Who looks for them by address finds the first that runs. Rooms that are closed count as well. */
void sim_family_tell(sim_t *sim, uint32_t of)
{
    uint8_t ids[NKT_SISTER_COUNT_MAX][ID_SIZE];
    size_t count = 0;
    sim_peer_t *first = NULL;
    if (!sim->peers[of]->has_sisters && !sim->peers[of]->is_sister)
        return;
    for (uint32_t i = 0; i < sim->peer_count; i++) {
        sim_peer_t *peer = sim->peers[i];
        if (home_of(peer) != home_of(sim->peers[of]))
            continue;
        if (peer->state == SIM_ON)
            nkt_room_id(peer->core, peer->room_id);
        if (first == NULL && peer->state == SIM_ON)
            first = peer;
        if (peer->room_id[0] != '\0' && count < NKT_SISTER_COUNT_MAX)
            sodium_hex2bin(ids[count++], ID_SIZE, peer->room_id, strlen(peer->room_id), NULL, NULL, NULL);
    }
    for (uint32_t i = 0; i < sim->peer_count; i++) {
        sim_peer_t *peer = sim->peers[i];
        if (home_of(peer) == home_of(sim->peers[of]) && peer->state == SIM_ON)
            SIM_CHECK(sim, sim_peer_step(peer, &(nkt_event_t){.kind = NKT_EV_SISTERS,
                                                              .value = peer == first,
                                                              .bytes = ids[0],
                                                              .bytes_size = count * ID_SIZE}) == NKT_OK);
    }
}
