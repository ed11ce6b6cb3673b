/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Records that are lost, kept, damaged; sessions that have to begin anew. */
#include <string.h>

#include "malice.h"
#include "scenarios.h"
#include "wire/kinds.h"
#include "wire/limits.h"

void scenario_amnesia(const sim_run_options_t *run)
{
    double slowest_ms = 0;
    for (uint32_t who = 0; who < 2; who++) { /* the lower address and the higher one, in some order */
        sim_options_t options = sim_defaults(run->seed);
        options.persist = 1;
        sim_t *sim = sim_new(&options);
        sim_peers_start(sim, 3, 50);
        sim_peer_t *one = sim->peers[who], *other = sim->peers[1 - who];
        sim_until(sim, sim_all_are_linked, 30000, "links");
        for (int i = 0; i < 5; i++)
            sim_say(other, one);
        sim_until(sim, sim_all_delivered, 3000, "delivered");
        for (int i = 0; i < 5; i++) { /* in the air when it happens */
            sim_say(other, one);
            sim_say(sim->peers[2], NULL);
        }
        sim_peer_crash(one);
        sim_peer_forget(one, "identity");
        sim_run(sim, 500);
        sim_say(other, one);
        sim_peer_start(one);
        sim_run(sim, 300);
        sim_say(other, one);
        uint64_t healed_ms = sim_until(sim, sim_all_delivered, 5000, "delivered in a new session");
        for (uint32_t n = 0; n < sim->book.said_count; n++) {
            if (sim_delivery_state(sim, n, one) >= 0)
                SIM_CHECK(sim, sim_heard_count(sim, n, one) >= 1);
        }
        sim_say(one, NULL);
        sim_until(sim, sim_all_delivered, 3000, "delivered the other way");
        SIM_CHECK(sim, sim_all_have_sessions(sim));
        slowest_ms = (double)healed_ms > slowest_ms ? (double)healed_ms : slowest_ms;
        if (who == 1)
            sim_figures(sim, "healed_ms", slowest_ms, "rekeys", (double)(other->counts.rekeys + one->counts.rekeys), NULL);
        sim_free(sim);
    }
}

static int talk_together(sim_t *sim)
{
    const sim_peer_t *a = sim->peers[0], *b = sim->peers[sim->peer_count - 1];
    return sim_view(a, b)->session == NKT_SESSION_ESTABLISHED && sim_view(b, a)->session == NKT_SESSION_ESTABLISHED;
}

static int are_linked(sim_t *sim)
{
    return sim_view(sim->peers[0], sim->peers[sim->peer_count - 1])->is_linked;
}

/* From some time on all guests are silent, and hear nothing in a session; but their links live. */
typedef struct sim_silence {
    uint32_t frames; /* of the host's, in vain */
    int is_on;
} sim_silence_t;

static sim_verdict_t rtc_silence(void *context, sim_t *sim, const sim_peer_t *from, const sim_peer_t *to, uint8_t *bytes,
                                 size_t *size)
{
    sim_silence_t *silence = context;
    (void)sim, (void)to;
    if (!silence->is_on || *size == 0 || bytes[0] == NKT_FRAME_PING || bytes[0] == NKT_FRAME_PONG)
        return SIM_PASS;
    silence->frames += from->index == 0 && bytes[0] == NKT_FRAME_DIRECT;
    return from->index != 0 || bytes[0] == NKT_FRAME_DIRECT ? SIM_DROP : SIM_PASS;
}

static sim_verdict_t relay_silence(void *context, sim_t *sim, const sim_peer_t *from, const sim_peer_t *to,
                                   const uint8_t *bytes, size_t size)
{
    sim_silence_t *silence = context;
    (void)sim, (void)to, (void)bytes, (void)size;
    return silence->is_on && from->index != 0 ? SIM_DROP : SIM_PASS;
}

/* One who was forgotten, and remembers, speaks to one who has no need to speak to him, and sessions enough. A second one does not answer:
 * he is asked while he speaks, and a little longer. */
void scenario_unread(const sim_run_options_t *run)
{
    enum { GUEST_COUNT = NKT_SESSION_EAGER_COUNT_MAX + 3 };
    sim_options_t options = sim_defaults(run->seed);
    options.persist = 1;
    options.peer_count_max = 1 + GUEST_COUNT;
    sim_t *sim = sim_new(&options);
    sim_silence_t silence = {0};
    sim_malice_set(sim, &(sim_malice_t){.context = &silence, .relay = relay_silence, .rtc = rtc_silence});
    sim_peers_start(sim, 1, 0);
    sim_peer_t *host = sim->peers[0];
    for (uint32_t i = 0; i < GUEST_COUNT; i++) {
        sim_peer_start(sim_peer_add(sim, NULL));
        sim_until(sim, talk_together, 10000, "a session");
        sim_peer_leave(sim->peers[sim->peer_count - 1], 0);
    }
    sim_run(sim, 1000);
    sim_peer_t *last = sim->peers[GUEST_COUNT];
    sim_malice_forget(host, &last->address);
    sim_peer_start(last);
    sim_until(sim, are_linked, 10000, "a link");
    sim_say(last, host);
    double heard_ms = (double)sim_until(sim, sim_all_delivered, 20000, "delivered in a new session");
    sim_peer_leave(last, 0);
    sim_run(sim, 1000);
    sim_malice_forget(host, &last->address);
    sim_peer_start(last);
    sim_until(sim, are_linked, 10000, "a link again");
    sim_say(last, host);
    sim_run(sim, 100);
    silence.is_on = 1;
    sim_run(sim, 10 * 60 * 1000);
    SIM_CHECK(sim, sim_view(host, last)->is_linked);
    sim_figure_list_t figures = {0};
    sim_figure(&figures, "heard_ms", heard_ms);
    sim_figure_most(&figures, "asked_in_vain", silence.frames, 6);
    sim_figures_print(sim, &figures);
    sim_free(sim);
}

void scenario_restart(const sim_run_options_t *run)
{
    sim_options_t options = sim_defaults(run->seed);
    options.persist = 1;
    options.put_ms = (sim_range_t){1, 60};
    sim_t *sim = sim_new(&options);
    sim_peers_start(sim, 3, 50);
    sim_until(sim, sim_all_have_sessions, 10000, "sessions");
    for (uint32_t round = 0; round < 8; round++) {
        sim_peer_t *fragile = sim->peers[round % 3];
        for (int i = 0; i < 12; i++) {
            for (uint32_t k = 0; k < 3; k++)
                sim_say(sim->peers[k], i % 2 == 0 ? NULL : sim->peers[(k + 1) % 3]);
            sim_run(sim, 7);
        }
        sim_peer_crash(fragile);
        sim_run(sim, round % 2 == 0 ? 100 : 20000);
        sim_peer_start(fragile);
        sim_run(sim, 500);
        sim_until(sim, sim_all_delivered, 15000, "delivered after a restart");
    }
    double rekeys = 0;
    for (uint32_t i = 0; i < 3; i++)
        rekeys += (double)sim->peers[i]->counts.rekeys;
    SIM_CHECK(sim, sim_all_have_sessions(sim));
    sim_figures(sim, "deliveries", (double)sim->book.wait_count, "rekeys", rekeys, NULL);
    sim_free(sim);
}

/* Crashes at every moment of a stream of messages, with writes that take their time: places are skipped, none used again. */
void scenario_crashes(const sim_run_options_t *run)
{
    enum { CRASH_COUNT = 60 };
    sim_options_t options = sim_defaults(run->seed);
    options.persist = 1;
    options.put_ms = (sim_range_t){1, 40};
    sim_t *sim = sim_new(&options);
    sim_peers_start(sim, 2, 50);
    sim_peer_t *fragile = sim->peers[0];
    for (uint32_t i = 0; i < CRASH_COUNT; i++) {
        sim_until(sim, sim_all_have_sessions, 15000, "sessions");
        sim_until(sim, sim_all_are_linked, 30000, "links");
        uint64_t count = sim_random_next(&sim->random) % 60;
        for (uint64_t k = 0; k < count; k++) {
            sim_say(fragile, sim->peers[1]);
            sim_run(sim, sim_random_next(&sim->random) % 30);
        }
        if (i % 3 == 0)
            sim_say(sim->peers[1], fragile);
        sim_peer_crash(fragile);
        sim_run(sim, 10);
        sim_peer_start(fragile);
        sim_run(sim, 100);
    }
    sim_say(fragile, NULL);
    sim_say(sim->peers[1], NULL);
    sim_until(sim, sim_all_delivered, 15000, "delivered after the last crash");
    sim_figures(sim, "message_keys", (double)sim->ratchets.count, "rekeys",
                (double)(fragile->counts.rekeys + sim->peers[1]->counts.rekeys), NULL);
    sim_free(sim);
}

enum { STORED_MS = 70 }; /* NKT_JOURNAL_GATHER_MS and the longest PUT: said so long before a crash, it is not lost */

typedef struct sim_crash {
    uint32_t peer;
    uint64_t at_ms;
} sim_crash_t;

/* Everything was heard by whom it was for, but what was said right before its author crashed. */
static uint32_t heard_check(sim_t *sim, const sim_crash_t *crashes, uint32_t crash_count)
{
    uint32_t lost = 0;
    for (uint32_t n = 0; n < sim->book.said_count; n++) {
        const sim_said_t *said = &sim->book.said[n];
        int may_be_lost = 0;
        for (uint32_t i = 0; i < crash_count; i++)
            may_be_lost |= crashes[i].peer == said->from && said->said_ms <= crashes[i].at_ms &&
                           said->said_ms + STORED_MS > crashes[i].at_ms;
        for (uint32_t k = 0; k < sim->peer_count; k++) {
            if (said->states[k] == -1 || sim_heard_count(sim, n, sim->peers[k]) >= 1)
                continue; /* the book knows that it was not twice */
            SIM_CHECK(sim, may_be_lost);
            lost++;
        }
    }
    return lost;
}

/* Two speak with everybody while the third is away, crash and return, life after life; then all meet. */
void scenario_outbox(const sim_run_options_t *run)
{
    enum { LIFE_COUNT = 9, SAY_COUNT = 40 };
    sim_crash_t crashes[2 * LIFE_COUNT];
    uint32_t crash_count = 0, said_count = 0;
    uint64_t resumed = 0;
    sim_options_t options = sim_defaults(run->seed);
    options.persist = 1;
    options.put_ms = (sim_range_t){1, 40};
    sim_t *sim = sim_new(&options);
    sim_peers_start(sim, 4, 50);
    sim_until(sim, sim_all_have_sessions, 10000, "sessions");
    sim_peer_t *away = sim->peers[run->seed % 4];
    sim_peer_stop(away);
    for (uint32_t life = 0; life < LIFE_COUNT; life++) {
        for (uint32_t i = 0; i < SAY_COUNT; i++, said_count++) {
            for (uint32_t k = 0; k < 4; k++) {
                if (sim->peers[k] != away)
                    sim_say(sim->peers[k], i % 3 == 0 ? away : NULL);
            }
            sim_run(sim, sim_random_next(&sim->random) % 20);
        }
        for (uint32_t k = 0; k < 4; k++) {
            sim_peer_t *fragile = sim->peers[k];
            if (fragile == away || (life + k) % 2 != 0)
                continue;
            crashes[crash_count++] = (sim_crash_t){.peer = k, .at_ms = sim->now_ms};
            sim_peer_crash(fragile);
            sim_run(sim, 100);
            sim_peer_start(fragile);
            sim_run(sim, 200);
        }
    }
    sim_peer_start(away);
    uint64_t arrived_ms = sim_until(sim, sim_all_delivered, 15000, "delivered when it is back");
    sim_run(sim, 5000);
    uint32_t lost = heard_check(sim, crashes, crash_count);
    for (uint32_t n = 0; n < sim->book.said_count; n++)
        resumed += sim->book.said[n].resumed_count;
    SIM_CHECK(sim, resumed > SAY_COUNT);
    for (uint32_t k = 0; k < 4; k++)
        SIM_CHECK(sim, sim_peer_health(sim->peers[k], "outbox.count") == 0);
    sim_figures(sim, "arrived_ms", (double)arrived_ms, "resumed", (double)resumed, "not_stored_yet", (double)lost,
                "said", (double)sim->book.said_count, NULL);
    sim_free(sim);
}

/* As much as may wait for one: 5 MiB in more than 1,000 messages, over a restart, then at once. */
void scenario_outbox_full(const sim_run_options_t *run)
{
    enum { SIZE = 5000, COUNT = NKT_QUEUE_SIZE_MAX / SIZE };
    sim_options_t options = sim_defaults(run->seed);
    options.persist = 1;
    sim_t *sim = sim_new(&options);
    sim_peers_start(sim, 2, 50);
    sim_until(sim, sim_all_have_sessions, 10000, "sessions");
    sim_peer_t *a = sim->peers[0], *b = sim->peers[1];
    sim_peer_stop(b);
    sim_run(sim, 2000);
    for (uint32_t i = 0; i < COUNT; i++) {
        sim_say_size(a, b, SIZE);
        sim_run(sim, 5);
    }
    sim_run(sim, 10000); /* a flood is stored a little later */
    sim_peer_crash(a);
    sim_run(sim, 1000);
    sim_peer_start(a);
    sim_run(sim, 5000);
    SIM_CHECK(sim, sim_peer_health(a, "outbox.count") == COUNT);
    sim_peer_start(b);
    uint64_t arrived_ms = sim_until(sim, sim_all_delivered, 10000, "delivered when it is back");
    sim_figures(sim, "arrived_ms", (double)arrived_ms, "messages", (double)COUNT, NULL);
    sim_free(sim);
}

static void damage(sim_record_t *record, uint64_t luck)
{
    record->bytes[luck % record->bytes_size] ^= (uint8_t)(1u << (luck >> 32 & 7));
}

void scenario_corrupt(const sim_run_options_t *run)
{
    enum { COUNT = 4 };
    sim_options_t options = sim_defaults(run->seed);
    options.persist = 1;
    sim_t *sim = sim_new(&options);
    sim_peers_start(sim, COUNT, 50);
    sim_until(sim, sim_all_are_linked, 30000, "links");
    for (uint32_t i = 0; i < COUNT; i++)
        sim_say(sim->peers[i], NULL);
    sim_until(sim, sim_all_delivered, 3000, "delivered");

    sim_peer_t *victim = sim->peers[0];
    sim_peer_stop(victim);
    sim_peer_count_reset(victim);
    damage(sim_peer_record(victim, "peer/", run->seed % (COUNT - 1)), sim_random_next(&sim->random));
    size_t record_count = victim->record_count;
    victim->last_error = 0;
    sim_peer_start(victim);
    SIM_CHECK(sim, victim->last_error == NKT_E_RECORD);
    SIM_CHECK(sim, victim->record_count == record_count - 1);
    SIM_CHECK(sim, sim_peer_health(victim, "counters.recordsQuarantined") == 1);
    uint32_t known = 0;
    for (uint32_t i = 1; i < COUNT; i++)
        known += sim_view(victim, sim->peers[i])->session == NKT_SESSION_ESTABLISHED;
    SIM_CHECK(sim, known == COUNT - 2);
    for (uint32_t i = 0; i < COUNT; i++)
        sim_say(sim->peers[i], NULL);
    sim_until(sim, sim_all_have_sessions, 5000, "a session in place of the damaged one");
    for (uint32_t i = 0; i < COUNT; i++)
        sim_say(sim->peers[i], NULL);
    uint64_t healed_ms = sim_until(sim, sim_all_delivered, 5000, "delivered");
    for (uint32_t i = 1, rekeyed = 0; i < COUNT; i++) {
        rekeyed += sim_view(sim->peers[i], victim)->rekey_count > 0 || sim_view(victim, sim->peers[i])->session_count > 0;
        SIM_CHECK(sim, rekeyed <= 1);
    }

    /* the identity itself: one of its two records is enough */
    nkt_address_t before = victim->address;
    for (int i = 0; i < 2; i++) {
        sim_peer_stop(victim);
        damage(sim_peer_record(victim, i == 0 ? "identity" : "spare", 0), sim_random_next(&sim->random));
        victim->last_error = 0;
        sim_peer_start(victim);
        SIM_CHECK(sim, victim->last_error == NKT_E_RECORD && sim_peer_of(sim, &before) == victim);
        sim_until(sim, sim_all_have_sessions, 5000, "sessions, with an identity from its spare");
    }
    /* both: never taken for good; whoever starts then is somebody else, and can talk */
    sim_peer_stop(victim);
    damage(sim_peer_record(victim, "identity", 0), sim_random_next(&sim->random));
    damage(sim_peer_record(victim, "spare", 0), sim_random_next(&sim->random));
    victim->last_error = 0;
    sim_peer_start(victim);
    SIM_CHECK(sim, victim->last_error == NKT_E_RECORD);
    SIM_CHECK(sim, sim_peer_of(sim, &before) == NULL);
    sim_until(sim, sim_all_have_sessions, 10000, "sessions of the new identity");
    sim_say(sim->peers[1], victim);
    sim_say(victim, NULL);
    sim_until(sim, sim_all_delivered, 10000, "delivered to and by the new identity");
    sim_figures(sim, "healed_ms", (double)healed_ms, NULL);
    sim_free(sim);
}

typedef struct sim_censor {
    uint32_t from;
    int is_on;
    uint32_t dropped_count;
} sim_censor_t;

static sim_verdict_t drop_large(void *context, sim_t *sim, const sim_peer_t *from, const sim_peer_t *to,
                                const uint8_t *bytes, size_t size)
{
    sim_censor_t *censor = context;
    (void)sim;
    (void)bytes;
    if (!censor->is_on || from->index != censor->from || to == NULL || size < 5000)
        return SIM_PASS;
    censor->dropped_count++;
    return SIM_DROP;
}

void scenario_gap(const sim_run_options_t *run)
{
    enum { MESSAGE_COUNT = 24, GAP_COUNT = 2100 };
    sim_censor_t censor = {.is_on = 1};
    sim_options_t options = sim_defaults(run->seed);
    options.tracker_count = 0;
    options.cut_permille = 1000;
    sim_t *sim = sim_new(&options);
    sim_malice_set(sim, &(sim_malice_t){.context = &censor, .relay = drop_large});
    sim_peers_start(sim, 2, 50);
    sim_peer_t *a = sim->peers[0], *b = sim->peers[1];
    sim_until(sim, sim_all_have_sessions, 5000, "sessions");
    for (int i = 0; i < MESSAGE_COUNT; i++)
        sim_say_size(a, b, 15000);
    while (censor.dropped_count < GAP_COUNT)
        sim_run(sim, 10000);
    censor.is_on = 0;
    double waited_ms = (double)sim->now_ms;
    uint32_t next = sim_say(a, b);
    uint64_t healed_ms = 0;
    while (sim_heard_count(sim, next, b) == 0 && healed_ms < 5000) {
        sim_run(sim, 10);
        healed_ms += 10;
    }
    SIM_CHECK(sim, sim_heard_count(sim, next, b) == 1);
    sim_until(sim, sim_all_delivered, 35000, "delivered what was lost");
    SIM_CHECK(sim, a->counts.rekeys + b->counts.rekeys > 0);
    sim_figures(sim, "lost", (double)censor.dropped_count, "over_s", waited_ms / 1000, "healed_ms", (double)healed_ms,
                NULL);
    sim_free(sim);
}
