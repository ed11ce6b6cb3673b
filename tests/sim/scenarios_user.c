/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Users that are muted, leave, crash and return. */
#include "scenarios.h"

static int all_gave_up_p1(sim_t *sim)
{
    for (uint32_t i = 0; i < sim->peer_count; i++) {
        const sim_view_t *view = sim_view(sim->peers[i], sim->peers[1]);
        if (i != 1 && (view->is_linked || !(view->flags & NKT_USER_UNREACHABLE)))
            return 0;
    }
    return 1;
}

/* Frames from p0 to p1 alone; pings keep the link alive and say nothing. */
typedef struct sim_listener {
    uint32_t frames;
} sim_listener_t;

static sim_verdict_t relay_listen(void *context, sim_t *sim, const sim_peer_t *from, const sim_peer_t *to,
                                  const uint8_t *bytes, size_t size)
{
    (void)sim, (void)bytes, (void)size;
    ((sim_listener_t *)context)->frames += from->index == 0 && to != NULL && to->index == 1;
    return SIM_PASS;
}

static sim_verdict_t rtc_listen(void *context, sim_t *sim, const sim_peer_t *from, const sim_peer_t *to, uint8_t *bytes,
                                size_t *size)
{
    (void)sim, (void)bytes;
    ((sim_listener_t *)context)->frames += from->index == 0 && to->index == 1 && *size > 5;
    return SIM_PASS;
}

void scenario_muted(const sim_run_options_t *run)
{
    sim_options_t options = sim_defaults(run->seed);
    sim_listener_t listener = {0};
    sim_t *sim = sim_new(&options);
    sim_malice_set(sim, &(sim_malice_t){.context = &listener, .relay = relay_listen, .rtc = rtc_listen});
    sim_peers_start(sim, 3, 50);
    sim_peer_t *a = sim->peers[0], *b = sim->peers[1], *c = sim->peers[2];
    sim_until(sim, sim_all_are_linked, 30000, "links");
    sim_run(sim, 2000);
    sim_peer_set_flags(a, b, NKT_USER_MUTED);
    listener.frames = 0;
    uint32_t to_all = sim_say(a, NULL);
    nkt_event_t to_muted = {.kind = NKT_EV_SAY, .bytes = (const uint8_t *)"1", .bytes_size = 1, .address = b->address};
    SIM_CHECK(sim, sim_peer_step(a, &to_muted) == NKT_E_MUTED);
    uint32_t from_muted = sim_say(b, NULL);
    sim_until(sim, sim_all_delivered, 3000, "delivered to the others");
    sim_run(sim, 60000);
    SIM_CHECK(sim, sim_heard_count(sim, to_all, b) == 0 && sim_heard_count(sim, to_all, c) == 1);
    SIM_CHECK(sim, sim_heard_count(sim, from_muted, a) == 1);
    SIM_CHECK(sim, listener.frames <= 2); /* the acknowledgement of what it said, by both ways */
    sim_figures(sim, "frames_to_muted", (double)listener.frames, NULL);
    sim_peer_set_flags(a, b, 0);
    uint32_t after = sim_say(a, NULL);
    sim_until(sim, sim_all_delivered, 3000, "delivered to all");
    SIM_CHECK(sim, sim_heard_count(sim, to_all, b) == 0 && sim_heard_count(sim, after, b) == 1);

    /* what waits for a user when it is muted has failed, and says so */
    sim_peer_crash(b);
    uint32_t waiting = sim_say(a, b);
    sim_run(sim, 1000);
    sim_peer_set_flags(a, b, NKT_USER_MUTED);
    SIM_CHECK(sim, sim_delivery_state(sim, waiting, b) == NKT_DELIVERY_FAILED);
    sim_free(sim);
}

void scenario_leave(const sim_run_options_t *run)
{
    sim_options_t options = sim_defaults(run->seed);
    options.persist = 1;
    sim_t *sim = sim_new(&options);
    sim_peers_start(sim, 3, 50);
    sim_peer_t *a = sim->peers[0], *b = sim->peers[1];
    sim_until(sim, sim_all_are_linked, 30000, "links");

    sim_peer_stop(b);
    uint64_t bye_ms = sim_until(sim, all_gave_up_p1, 500, "the good-bye");
    uint32_t waiting = sim_say(a, b);
    sim_run(sim, 60000);
    SIM_CHECK(sim, sim_delivery_state(sim, waiting, b) == NKT_DELIVERY_QUEUED);
    sim_peer_start(b);
    uint64_t return_ms = sim_until(sim, sim_all_delivered, 10000, "delivered after the return");
    SIM_CHECK(sim, sim_heard_count(sim, waiting, b) == 1);
    sim_until(sim, sim_all_are_linked, 20000, "links again");

    sim_peer_crash(b);
    uint64_t death_ms = sim_until(sim, all_gave_up_p1, 40000, "the death");
    waiting = sim_say(a, b);
    sim_say(sim->peers[2], NULL);
    sim_run(sim, 600000);
    sim_peer_start(b);
    uint64_t second_ms = sim_until(sim, sim_all_delivered, 10000, "delivered after the second return");
    SIM_CHECK(sim, sim_heard_count(sim, waiting, b) == 1);
    SIM_CHECK(sim, b->counts.rekeys == 0 && a->counts.rekeys == 0); /* the sessions were kept */
    sim_figures(sim, "bye_ms", (double)bye_ms, "return_ms", (double)return_ms, "death_ms", (double)death_ms, "second_ms",
                (double)second_ms, NULL);
    sim_free(sim);
}
