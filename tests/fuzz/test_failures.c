/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_failures entropy|memory [STEP [N]]: a short life of a pair, again and again, in which the n-th request of one of the
 * two for entropy or memory fails. It ends with a clear fatal code, or goes on as if nothing had been; nothing leaks, and
 * whoever starts again after it talks as before.
 *
 * The linker gives us malloc and its kin (--wrap), in the libraries as well.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "world.h"

/* libsignal loses what it had begun to serialise when memory fails then; the core that this happens to is freed. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libsignal-protocol-c/src\n";
}

/* ---- memory that fails ---- */

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);

static int is_counting;
static uint64_t request_count, failing_request;

static int is_refused(void)
{
    return is_counting && ++request_count == failing_request;
}

void *__wrap_malloc(size_t size)
{
    return is_refused() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return is_refused() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *memory, size_t size)
{
    return is_refused() ? NULL : __real_realloc(memory, size);
}

static void watch(int is_inside)
{
    is_counting = is_inside;
}

/* ---- a short life ---- */

typedef struct outcome {
    uint64_t requests; /* how many there were */
    int fatal_code;    /* 0: it lived */
} outcome_t;

static int victim_is_off(sim_t *sim)
{
    return sim->peers[0]->state == SIM_OFF;
}

static int talks_or_is_off(sim_t *sim)
{
    return victim_is_off(sim) || (sim_all_have_sessions(sim) && sim_all_are_linked(sim));
}

static int delivered_or_is_off(sim_t *sim)
{
    return victim_is_off(sim) || sim_all_delivered(sim);
}

static void live(sim_t *sim)
{
    sim_peer_t *victim = sim->peers[0], *other = sim->peers[1];
    sim_until(sim, talks_or_is_off, 120000, "a session and a link, or the end");
    if (victim->state == SIM_ON) {
        sim_say(other, victim);
        if (victim->state == SIM_ON)
            sim_say_size(victim, other, 5000);
        if (victim->state == SIM_ON)
            sim_say_clear(victim);
        if (victim->state == SIM_ON)
            sim_peer_connect(victim, &(nkt_address_t){{5}}, 100);
        if (victim->state == SIM_ON)
            sim_peer_step(victim, &(nkt_event_t){.kind = NKT_EV_SET_NICK, .text = "zoe", .text_size = 3});
    }
    sim_until(sim, delivered_or_is_off, 120000, "delivered, or the end");
    sim_run(sim, 1000);
}

static outcome_t life(uint64_t seed, uint64_t entropy_from, uint64_t memory_at)
{
    sim_options_t options = sim_defaults(seed);
    options.persist = 1;
    options.peer_count_max = 2;
    sim_t *sim = sim_new(&options);
    sim_peer_t *victim = sim_peer_add(sim, NULL), *other = sim_peer_add(sim, NULL);
    victim->may_die = 1;
    victim->entropy_fails_from = entropy_from;
    victim->watch = watch;
    snprintf(sim->note, sizeof sim->note, "request %llu fails: ", (unsigned long long)entropy_from + memory_at);
    request_count = 0;
    failing_request = memory_at;
    sim_peer_start(other);
    sim_peer_start(victim);
    live(sim);
    outcome_t outcome = {.requests = memory_at != 0 ? request_count : victim->entropy_count, .fatal_code = victim->fatal_code};
    if (victim->entropy_has_failed && victim->fatal_code != NKT_E_ENTROPY)
        sim_fail(sim, "entropy failed at call %llu, and the answer is %s", (unsigned long long)entropy_from,
                 nkt_err_name(victim->fatal_code));

    /* as after a crash: with what is stored it comes back and works */
    victim->entropy_fails_from = failing_request = 0;
    victim->entropy_has_failed = victim->fatal_code = 0;
    if (victim->state == SIM_ON)
        sim_peer_crash(victim);
    sim_peer_start(victim);
    sim_until(sim, sim_all_have_sessions, 60000, "sessions after the failure");
    sim_say(other, victim);
    sim_say(victim, other);
    sim_until(sim, sim_all_delivered, 60000, "delivered after the failure");
    sim_free(sim);
    return outcome;
}

int main(int argc, char **argv)
{
    enum { ALL_UP_TO = 100 };
    int is_entropy = argc > 1 && strcmp(argv[1], "entropy") == 0;
    uint64_t stride = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    uint64_t fatal_count = 0, run_count = 0, requests = UINT64_MAX;
    life(1, 0, 0);
    if (argc > 3) { /* this one alone */
        life(1, is_entropy ? strtoull(argv[3], NULL, 10) : 0, is_entropy ? 0 : strtoull(argv[3], NULL, 10));
        return 0;
    }
    size_t before = sim_memory_size();
    for (uint64_t n = 1; n <= requests; n += n < ALL_UP_TO ? 1 : stride) {
        outcome_t outcome = is_entropy ? life(1, n, 0) : life(1, 0, n);
        if (outcome.fatal_code == 0 && outcome.requests < n)
            break; /* that many are not made */
        fatal_count += outcome.fatal_code != 0;
        run_count++;
        if (is_entropy && sim_memory_size() > before) { /* else the sanitizer looks for what is lost */
            fprintf(stderr, "FAILED: %zu bytes are lost when request %llu fails\n", sim_memory_size() - before,
                    (unsigned long long)n);
            return 1;
        }
    }
    printf("%llu runs, %llu ended with a fatal code, %llu went on\n", (unsigned long long)run_count,
           (unsigned long long)fatal_count, (unsigned long long)(run_count - fatal_count));
    return 0;
}
