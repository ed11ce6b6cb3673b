/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What version 1 stored of one who was to be sent nothing: he is sent nothing by this one either, whenever he is heard of again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hostile.h"
#include "identity/seal.h"
#include "nkt.pb-c.h"
#include "state/swarm.h"

#define OLD_NAME "peer/0102030405060708090a0b0c0d0e0f1011121314"

static int chance(void *context, uint8_t *bytes, size_t size)
{
    sim_random_fill(context, bytes, size);
    return NKT_OK;
}

/* The record that `of` has of its only other, as if it were of version 1: under its old address, without a session. */
static void age(sim_peer_t *of, const uint8_t store_key[NKT_KEY_SIZE], uint32_t flags)
{
    sim_record_t *record = sim_peer_record(of, "peer/", 0);
    sim_random_t random;
    nkt_buf_t plain = {0}, old = {0}, sealed = {0};
    sim_random_init(&random, 1, 1);
    const nkt_host_t host = {.entropy = chance, .context = &random};
    if (record == NULL ||
        nkt_seal_open_with(&plain, store_key, record->name, strlen(record->name), record->bytes, record->bytes_size) < 0)
        abort();
    Nkt__StoredPeer *stored = nkt__stored_peer__unpack(NULL, plain.size, plain.data);
    if (stored == NULL)
        abort();
    stored->has_version = stored->has_session = 0;
    stored->has_flags = 1;
    stored->flags = flags;
    play_pack(&old, &stored->base);
    nkt__stored_peer__free_unpacked(stored, NULL);
    if (nkt_seal_with(&sealed, store_key, OLD_NAME, sizeof OLD_NAME - 1, old.data, old.size, &host) < 0)
        abort();
    free(record->name);
    free(record->bytes);
    record->name = (char *)sim_copy((const uint8_t *)OLD_NAME, sizeof OLD_NAME); /* with a byte more: its end */
    record->bytes = sim_copy(sealed.data, sealed.size);
    record->bytes_size = sealed.size;
    nkt_buf_free(&plain);
    nkt_buf_free(&old);
    nkt_buf_free(&sealed);
}

static int is_muted(const sim_peer_t *a, const sim_peer_t *b)
{
    const sim_view_t *view = sim_view(a, b);
    return view != NULL && view->is_known && (view->flags & NKT_USER_MUTED) != 0;
}

static void again(sim_peer_t *peer, uint64_t ms)
{
    sim_peer_stop(peer);
    sim_run(peer->sim, 1000);
    sim_peer_start(peer);
    sim_run(peer->sim, ms);
}

static void mark_rows(uint64_t seed, uint32_t flags, int is_there)
{
    enum { MET_MS = 15000 };
    uint8_t store_key[NKT_KEY_SIZE];
    sim_options_t options = sim_defaults(seed);
    options.persist = 1;
    sim_t *sim = sim_new(&options);
    sim_peers_start(sim, 2, 50);
    sim_until(sim, sim_all_have_sessions, 10000, "sessions");
    sim_peer_t *a = sim->peers[0], *b = sim->peers[1];
    memcpy(store_key, ((const nkt_swarm_t *)(const void *)a->core)->settings.store_key, sizeof store_key);
    sim_peer_stop(a);
    sim_run(sim, 1000);
    age(a, store_key, flags);
    if (!is_there) { /* a life in which he is not heard */
        sim_peer_stop(b);
        sim_peer_start(a);
        sim_run(sim, MET_MS);
        hostile_expect((sim_peer_record(a, OLD_NAME, 0) != NULL) == (flags != 0), "stored by version 1", "the mark waits for him", 0);
        sim_peer_stop(a);
        sim_peer_start(b);
        sim_run(sim, 1000);
    }
    sim_peer_start(a);
    sim_run(sim, MET_MS);
    hostile_expect(sim_view(a, b) != NULL && sim_view(a, b)->is_known, "stored by version 1", "he is known again", 0);
    hostile_expect(is_muted(a, b) == (flags != 0), "stored by version 1", "he is sent nothing, if he was sent nothing", flags);
    hostile_expect(sim_peer_record(a, OLD_NAME, 0) == NULL, "stored by version 1", "nothing is left under the old name", 0);
    again(a, MET_MS);
    hostile_expect(is_muted(a, b) == (flags != 0), "stored by version 1", "nor in the life after", flags);
    sim_peer_set_flags(a, b, 0);
    again(a, MET_MS);
    hostile_expect(!is_muted(a, b), "stored by version 1", "who is sent again stays so", 0);
    uint32_t said = sim_say(a, b);
    sim_until(sim, sim_all_delivered, 10000, "delivered");
    hostile_expect(sim_heard_count(sim, said, b) == 1, "stored by version 1", "and hears", 0);
    sim_free(sim);
}

void hostile_stored_old(uint64_t seed)
{
    mark_rows(seed, NKT_USER_MUTED, 1);
    mark_rows(seed, NKT_USER_MUTED, 0);
    mark_rows(seed, 0, 1);
    mark_rows(seed, 0, 0);
}
