/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a world has cost. */
#include "spent.h"

#include "world.h"

sim_spent_t sim_spent(const sim_t *sim)
{
    sim_spent_t sum = {0};
    for (uint32_t i = 0; i < sim->peer_count; i++) {
        const sim_peer_t *peer = sim->peers[i];
        sum.frames += (double)(peer->counts.rtc_frames + peer->counts.relay_frames);
        sum.wire_bytes += (double)peer->counts.sent_size;
        sum.put_bytes += (double)peer->counts.put_size;
        sum.cpu_ms += (double)peer->cpu_ns / 1e6;
    }
    return sum;
}

sim_spent_t sim_spent_since(const sim_spent_t *before, const sim_spent_t *now, double share)
{
    return (sim_spent_t){.frames = (now->frames - before->frames) / share,
                         .wire_bytes = (now->wire_bytes - before->wire_bytes) / share,
                         .put_bytes = (now->put_bytes - before->put_bytes) / share,
                         .cpu_ms = (now->cpu_ms - before->cpu_ms) / share};
}

double sim_peer_stored_size(const sim_peer_t *peer)
{
    double size = 0;
    for (size_t i = 0; i < peer->record_count; i++)
        size += (double)peer->records[i].bytes_size;
    return size;
}
