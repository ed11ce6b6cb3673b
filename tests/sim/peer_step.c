/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One fact reported to a peer's core, what follows carried out, and its timer. */
#include "digest.h"
#include "peer_core.h"
#include "world.h"

enum { BURST_COUNT_MAX = 20000 };

static void timer_run(sim_t *sim, sim_event_t *event)
{
    sim_peer_t *peer = sim->peers[event->peer];
    uint64_t planned_ms = (uint64_t)event->id << 32 | event->value;
    if (planned_ms == peer->timer_ms) {
        peer->timer_ms = UINT64_MAX;
        sim_peer_step(peer, &(nkt_event_t){.kind = NKT_EV_TIME});
    }
}

static void timer_arm(sim_peer_t *peer)
{
    sim_t *sim = peer->sim;
    nkt_rest(peer->core);
    uint64_t deadline_ms = nkt_deadline_ms(peer->core);
    if (deadline_ms == UINT64_MAX)
        return;
    uint64_t at_ms = deadline_ms - peer->options.origin_ms + peer->frozen_ms;
    if (deadline_ms < peer->options.origin_ms || at_ms < sim->now_ms)
        at_ms = sim->now_ms;
    at_ms += sim_between(sim, sim->options.late_ms);
    if (at_ms >= peer->timer_ms)
        return;
    peer->timer_ms = at_ms;
    sim_later(sim, at_ms - sim->now_ms,
              (sim_event_t){.run = timer_run, .peer = peer->index, .life = peer->life, .id = (uint32_t)(at_ms >> 32),
                            .value = (uint32_t)at_ms});
}

static void code_check(sim_peer_t *peer, const nkt_event_t *event, int code)
{
    if (code >= 0)
        return;
    peer->last_error = code;
    sim_trace(peer->sim, "%s %s: %s", peer->name, nkt_event_name(event->kind), nkt_err_name(code));
    if (code <= -200 && code > -300) {
        peer->counts.drops++;
        return;
    }
    if (code <= -300 && !peer->may_die)
        sim_fail(peer->sim, "%s: %s: %s", peer->name, nkt_event_name(event->kind), nkt_err_name(code));
    int is_of_world = event->kind >= NKT_EV_START && event->kind <= NKT_EV_PUT_DONE;
    if (code > -200 && is_of_world)
        sim_fail(peer->sim, "%s: the host is told %s for %s", peer->name, nkt_err_name(code), nkt_event_name(event->kind));
}

static int step_once(sim_peer_t *peer, nkt_event_t *event)
{
    const sim_t *sim = peer->sim;
    event->now_ms = sim->now_ms + peer->options.origin_ms - peer->frozen_ms;
    event->wall_ms = (uint64_t)((int64_t)SIM_WALL_S * 1000 + (int64_t)sim->now_ms + peer->options.skew_ms);
    if (peer->tape != NULL)
        sim_tape_fact(peer->tape, event);
    int code = sim_core_step(peer, event);
    nkt_effect_t fx;
    peer->counts.steps++;
    while (sim_core_poll(peer, &fx) == 1) {
        peer->counts.effects++;
        if (peer->tape != NULL)
            sim_tape_effect(peer->tape, &fx);
        sim_digest_effect(peer->index, &fx);
        if (code > -300)
            sim_host_effect(peer, &fx);
    }
    if (peer->tape != NULL)
        sim_tape_end_step(peer->tape, code, nkt_deadline_ms(peer->core));
    sim_digest_step(peer->index, sim->now_ms, code, nkt_deadline_ms(peer->core));
    code_check(peer, event, code);
    return code;
}

int sim_peer_step(sim_peer_t *peer, nkt_event_t *event)
{
    sim_t *sim = peer->sim;
    if (peer->core == NULL)
        sim_fail(sim, "%s does not run", peer->name);
    if (peer->burst_ms != sim->now_ms)
        peer->burst_count = 0;
    peer->burst_ms = sim->now_ms;
    if (++peer->burst_count > BURST_COUNT_MAX)
        sim_fail(sim, "%s does not come to rest: %s again and again", peer->name, nkt_event_name(event->kind));
    int code = step_once(peer, event), last = code;
    while (last > -300 && sim_host_commit(peer) && event->kind != NKT_EV_STOP)
        last = step_once(peer, &(nkt_event_t){.kind = NKT_EV_PUT_DONE, .ticket = peer->put_done});
    if (last <= -300) {
        peer->fatal_code = last;
        sim_peer_crash(peer);
        return last;
    }
    timer_arm(peer);
    return code;
}
