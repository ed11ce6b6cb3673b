/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_mutate [COUNT [SEED]]: so many mutated inputs (10^6) against a living pair. No crash, no finding of the sanitizers,
 * no growth of memory, nothing shown to the application that nobody said, and the pair still talks afterwards.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "mutator.h"
#include "play.h"

enum {
    INPUT_SIZE_MAX = 4096,
    STEP_MS = 6,          /* of virtual time per input */
    CHECK_COUNT = 40,     /* times that the pair is heard in between */
    SPAN_MAX = 4194304,   /* what the tables may hold for a time: most of it ids seen */
    GROWTH_MAX = 262144,  /* what may stay: mallory's session and buffers that grew */
};

/* How often each is played, of 1024. What is signed or sealed here costs its maker as much as its reader. */
static const uint16_t weights[PLAY_MODE_COUNT] = {
    [PLAY_RELAY] = 280,  [PLAY_BROADCAST] = 130, [PLAY_DIRECTED] = 170,     [PLAY_RTC] = 170,   [PLAY_TRACKER] = 140,
    [PLAY_SEALED] = 20,  [PLAY_ANSWER] = 5,      [PLAY_SIGNED] = 20,        [PLAY_SIGNED_TO_ALL] = 6,
    [PLAY_WALK] = 14,    [PLAY_CARRIED] = 6,
    [PLAY_RECORD] = 6,   [PLAY_SIGNAL] = 6,      [PLAY_INNER] = 6,          [PLAY_CIPHER] = 6,
    [PLAY_LOCAL] = 20,   [PLAY_SAY] = 11,      [PLAY_INVITE] = 6,         [PLAY_COMPLETE] = 2,
};

typedef struct tally {
    uint64_t inputs[PLAY_MODE_COUNT], taken[PLAY_MODE_COUNT];
    uint64_t codes[32]; /* by -200 - code */
} tally_t;

static play_mode_t mode_choose(sim_random_t *random)
{
    uint64_t luck = sim_random_below(random, 1024);
    for (int mode = 0; mode < PLAY_MODE_COUNT; mode++) {
        if (luck < weights[mode])
            return (play_mode_t)mode;
        luck -= weights[mode];
    }
    return PLAY_RELAY;
}

static void one(stage_t *stage, sim_random_t *random, nkt_buf_t *sound, nkt_buf_t *other, tally_t *tally)
{
    uint8_t bytes[INPUT_SIZE_MAX];
    play_mode_t mode = mode_choose(random);
    play_sound(stage, mode, sim_random_next(random), sound);
    if (sim_random_below(random, 4) == 0)
        play_sound(stage, mode, sim_random_next(random), other);
    size_t size = sound->size < sizeof bytes ? sound->size : sizeof bytes;
    if (size > 0)
        memcpy(bytes, sound->data, size);
    size = mutate(random, bytes, size, sizeof bytes, other->data, other->size);
    int code = play(stage, mode, bytes, size);
    tally->inputs[mode]++;
    tally->taken[mode] += code >= 0;
    if (code <= -200 && code > -232)
        tally->codes[-200 - code]++;
}

static void report(const tally_t *tally, uint64_t stranger_count)
{
    static const char *const names[PLAY_MODE_COUNT] = {
        "relay", "broadcast", "directed", "rtc", "tracker", "sealed", "answer", "signed", "signed to all",
        "walk", "carried", "record", "signal", "inner", "cipher", "local", "say", "invite", "complete"};
    for (int mode = 0; mode < PLAY_MODE_COUNT; mode++)
        printf("%-14s %8llu, %llu taken\n", names[mode], (unsigned long long)tally->inputs[mode],
               (unsigned long long)tally->taken[mode]);
    for (int i = 1; i < 32; i++) {
        if (tally->codes[i] > 0)
            printf("%-20s %8llu\n", nkt_err_name(-200 - i), (unsigned long long)tally->codes[i]);
    }
    printf("messages of mallory shown: %llu\n", (unsigned long long)stranger_count);
}

/*
 * What the two cores hold on the heap (memory_wrap.c counts every allocation made while one of them runs), of the world
 * around them nothing: the heap of the process holds relay, tracker, mallory and the links they saw as well, which grow
 * with the number of inputs. A leak of a core, or of a library that it calls, is in its count as before.
 */
static double core_size(const stage_t *stage)
{
    return (double)(stage->victim->core_size + stage->friend_->core_size);
}

/* Long enough that whatever is remembered for a time is forgotten. What is left then. */
static double settled_memory_size(stage_t *stage)
{
    for (int i = 0; i < 10; i++) {
        sim_run(stage->sim, 600000);
        stage_check_talk(stage);
    }
    return core_size(stage);
}

int main(int argc, char **argv)
{
    uint64_t count = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000000;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    stage_t *stage = stage_new(seed);
    stage->sim->trace.is_off = !stage->sim->trace.is_loud;
    sim_random_t random;
    nkt_buf_t sound = {0}, other = {0};
    tally_t tally = {0};
    double before = settled_memory_size(stage), most = before;
    SIM_CHECK(stage->sim, before > 0); /* 0: nothing is counted here, and nothing below could fail */
    sim_random_init(&random, seed, 0xf022);
    for (uint64_t i = 0; i < count; i++) {
        one(stage, &random, &sound, &other, &tally);
        sim_run(stage->sim, STEP_MS);
        if (i % (count / CHECK_COUNT + 1) != count / CHECK_COUNT)
            continue;
        stage_check_talk(stage);
        double size = core_size(stage);
        most = size > most ? size : most;
    }
    double after = settled_memory_size(stage);
    report(&tally, stage->sim->book.stranger_count);
    printf("%llu inputs, memory before %.0f, most %.0f, after %.0f bytes\n", (unsigned long long)count, before, most, after);
    SIM_CHECK(stage->sim, most <= before + SPAN_MAX);
    SIM_CHECK(stage->sim, after <= before + GROWTH_MAX);
    nkt_buf_free(&sound);
    nkt_buf_free(&other);
    stage_free(stage);
    return 0;
}
