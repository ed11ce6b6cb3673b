/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crossings.h"

#include <stdlib.h>
#include <string.h>

#include "relay/relay.h"
#include "wire/envelope.h"

enum { SEEN_COUNT = 1 << 20, START_GAP_MS = 40 };

/* Is it counted for the first time? */
static int is_first(sim_cross_t *cross, uint64_t key)
{
    key |= 1; /* 0 is free */
    size_t place = (size_t)(key >> 1) % SEEN_COUNT;
    for (size_t i = 0; i < SEEN_COUNT; i++, place = (place + 1) % SEEN_COUNT) {
        if (cross->seen[place] == key)
            return 0;
        if (cross->seen[place] == 0) {
            cross->seen[place] = key;
            return 1;
        }
    }
    sim_fail(cross->sim, "more frames than are counted");
}

static uint64_t key_of(const uint8_t digest[NKT_DIGEST_SIZE], uint64_t factor)
{
    uint64_t key;
    memcpy(&key, digest, sizeof key);
    return (key ^ factor * UINT64_C(0x9e3779b97f4a7c15)) << 1;
}

static sim_verdict_t look(void *context, sim_t *sim, const sim_peer_t *from, const sim_peer_t *to, const uint8_t *bytes, size_t size)
{
    sim_cross_t *cross = context;
    size_t head = bytes[0] == NKT_RELAY_DIRECTED ? 1 + NKT_ADDRESS_SIZE : 1;
    const uint8_t *frame = bytes + head;
    uint8_t digest[NKT_DIGEST_SIZE];
    nkt_envelope_t envelope;
    if (nkt_envelope_digest(frame, size - head, digest) < 0 || nkt_envelope_decode(&envelope, frame, size - head, digest) < 0)
        return SIM_PASS;
    const sim_peer_t *author = sim_peer_of(sim, &envelope.from);
    if (author == NULL ? from->options.relay_bits != 1 : author != from) {
        int is_new = is_first(cross, key_of(digest, 1)), is_copy = is_first(cross, key_of(digest, from->index + 2));
        int is_hostile = author == NULL || author->is_hostile;
        cross->frame_count += !is_hostile && is_new;
        cross->copy_count += !is_hostile && is_copy;
        cross->hostile_copies += is_hostile && is_copy;
    }
    if (cross->overheard != NULL && to == NULL && is_first(cross, key_of(digest, from->index + UINT64_C(0x100000000))))
        cross->overheard(cross->context, sim, from, frame, size - head);
    nkt_envelope_deinit(&envelope);
    return SIM_PASS;
}

sim_cross_t sim_cross_new(uint64_t seed, uint32_t relay_count, uint32_t peer_count_max)
{
    sim_options_t options = sim_defaults(seed);
    options.relay_count = relay_count;
    options.tracker_count = 0;
    options.peer_count_max = peer_count_max;
    return (sim_cross_t){.sim = sim_new(&options), .seen = sim_alloc(SEEN_COUNT, sizeof(uint64_t))};
}

void sim_cross_add(sim_cross_t *cross, uint32_t count, uint32_t relay_bits)
{
    sim_t *sim = cross->sim;
    sim->malice.context = cross;
    sim->malice.relay = look;
    sim_peer_options_t options = sim_peer_defaults(sim);
    options.has_rtc = cross->has_rtc;
    options.tracker_bits = 0;
    options.relay_bits = relay_bits;
    for (uint32_t i = 0; i < count; i++) {
        sim_peer_start(sim_peer_add(sim, &options));
        sim_run(sim, START_GAP_MS);
    }
}

void sim_cross_reset(sim_cross_t *cross)
{
    cross->frame_count = cross->copy_count = cross->hostile_copies = 0;
}

double sim_cross_copies(const sim_cross_t *cross)
{
    return cross->frame_count == 0 ? 0 : (double)cross->copy_count / (double)cross->frame_count;
}

void sim_cross_free(sim_cross_t *cross)
{
    sim_free(cross->sim);
    free(cross->seen);
}
