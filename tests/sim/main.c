/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs a scenario for some seeds: one line of figures each. Whatever is not safe ends the program at once. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agrees.h"
#include "digest.h"
#include "scenarios.h"
#include "verifies.h"

typedef struct sim_scenario {
    const char *name;
    const char *text;
    void (*run)(const sim_run_options_t *run);
    int is_swarm;
} sim_scenario_t;

static const sim_scenario_t scenarios[] = {
#define X(name, text) {#name, text, scenario_##name, 0},
    SIM_SCENARIOS(X)
#undef X
#define X(name, text) {#name, text, scenario_##name, 1},
    SIM_SWARM_SCENARIOS(X)
#undef X
};

enum { SCENARIO_COUNT = sizeof scenarios / sizeof scenarios[0], SIZE_COUNT_MAX = 8 };

/** What the command line asks for. */
typedef struct sim_command {
    const char *name;
    unsigned long long first, last; /* seeds */
    uint32_t sizes[SIZE_COUNT_MAX]; /* numbers of peers, one run after the other */
    size_t size_count;
    int is_json, is_digest, has_no_bars;
    sim_run_options_t run;
} sim_command_t;

static void scenarios_print(int is_swarm)
{
    for (size_t i = 0; i < SCENARIO_COUNT; i++) {
        if (scenarios[i].is_swarm == is_swarm)
            printf("  %-12s %s\n", scenarios[i].name, scenarios[i].text);
    }
}

static int usage(int code)
{
    puts("sim --scenario NAME [--seeds A..B] [--peers N] [--trace] [--json]\n"
         "\n"
         "  --json        every line tells the options of its world\n"
         "  --trace       what happens, line by line\n"
         "  --digest      a line per seed with a digest of all that the cores answered\n"
         "  --no-bars     do not fail for a bar that was missed\n"
         "  --remember    calculate once what several cores do: quicker, with less CPU time in the figures than it takes\n"
         "\n"
         "Swarms; those take these as well:\n"
         "  --peers N[,N] peers, one run for each number\n"
         "  --degree D    WebRTC links a peer wants\n"
         "  --relays R, --trackers T\n"
         "  --loss L      of 1000 messages, how many are lost once (and come late)\n"
         "  --cut C       of 1000 pairs, how many can never connect\n"
         "  --bandwidth B bytes per second of a link\n"
         "  --minutes M   of churn\n"
         "  --pieces P    of a content\n"
         "  --away A      so many left, in empty_chairs\n"
         "  --cpu         measure CPU time in every scenario\n"
         "  --quiet       no progress on stderr\n");
    scenarios_print(1);
    puts("\nSmall worlds:\n");
    scenarios_print(0);
    return code;
}

static int number_read(const char *text, unsigned long max, unsigned long *value)
{
    char *end;
    *value = strtoul(text, &end, 10);
    return *text >= '0' && *text <= '9' && *end == '\0' && *value <= max;
}

static int sizes_read(sim_command_t *command, const char *text)
{
    while (command->size_count < SIZE_COUNT_MAX && *text >= '1' && *text <= '9') {
        char *end;
        command->sizes[command->size_count++] = (uint32_t)strtoul(text, &end, 10);
        if (*end == '\0')
            return 1;
        text = *end == ',' ? end + 1 : "";
    }
    return 0;
}

static int seeds_read(sim_command_t *command, const char *text)
{
    int count = sscanf(text, "%llu..%llu", &command->first, &command->last);
    if (count == 1)
        command->last = command->first;
    return count >= 1 && command->last >= command->first;
}

static int flag_read(sim_command_t *command, const char *name)
{
    if (strcmp(name, "--trace") == 0)
        return setenv("SIM_TRACE", "1", 1) == 0;
    if (strcmp(name, "--json") == 0)
        return command->is_json = 1;
    if (strcmp(name, "--digest") == 0)
        return command->is_digest = 1;
    if (strcmp(name, "--no-bars") == 0)
        return command->has_no_bars = 1;
    if (strcmp(name, "--remember") == 0) {
        sim_agree_remember();
        sim_verify_remember();
        return 1;
    }
    if (strcmp(name, "--cpu") == 0)
        return command->run.is_timed = 1;
    if (strcmp(name, "--quiet") == 0)
        return command->run.is_quiet = 1;
    return 0;
}

static int value_read(sim_command_t *command, const char *name, const char *value)
{
    const struct {
        const char *name;
        void *to; /* int and uint32_t are as wide */
        unsigned long max;
    } numbers[] = {
        {"--degree", &command->run.degree, 1000},       {"--relays", &command->run.relay_count, 4},
        {"--trackers", &command->run.tracker_count, 4}, {"--loss", &command->run.loss_permille, 1000},
        {"--cut", &command->run.cut_permille, 1000},    {"--bandwidth", &command->run.bytes_per_s, 1000000000},
        {"--minutes", &command->run.minutes, 100000},   {"--pieces", &command->run.pieces, 100000},
        {"--away", &command->run.away, 1000},
    };
    if (strcmp(name, "--scenario") == 0)
        return (command->name = value) != NULL;
    if (strcmp(name, "--peers") == 0)
        return sizes_read(command, value);
    if (strcmp(name, "--seeds") == 0)
        return seeds_read(command, value);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        unsigned long number;
        if (strcmp(name, numbers[i].name) != 0)
            continue;
        if (!number_read(value, numbers[i].max, &number))
            return 0;
        const uint32_t narrow = (uint32_t)number;
        memcpy(numbers[i].to, &narrow, sizeof narrow);
        return 1;
    }
    return 0;
}

static void run_one(const sim_command_t *command, const sim_scenario_t *scenario)
{
    char digest[SIM_DIGEST_TEXT_SIZE];
    if (command->is_digest)
        sim_digest_begin();
    scenario->run(&command->run);
    if (command->is_digest) {
        const uint64_t count = sim_digest_end(digest);
        printf("digest %s %llu %s of %llu effects\n", scenario->name, (unsigned long long)command->run.seed, digest,
               (unsigned long long)count);
    }
}

static int run_all(sim_command_t *command, const sim_scenario_t *scenario)
{
    unsigned missed_count = 0;
    if (command->size_count == 0)
        command->sizes[command->size_count++] = 0;
    if (!command->run.is_quiet && scenario->is_swarm)
        fprintf(stderr, "%s, seeds %llu..%llu: %s\n", scenario->name, command->first, command->last, scenario->text);
    for (size_t k = 0; k < command->size_count; k++) {
        sim_figures_begin(scenario->name, command->is_json);
        command->run.peer_count = command->sizes[k];
        for (command->run.seed = command->first; command->run.seed <= command->last; command->run.seed++)
            run_one(command, scenario);
        missed_count += sim_figures_end();
    }
    return missed_count > 0 && !command->has_no_bars ? 1 : 0;
}

int main(int argc, char **argv)
{
    sim_command_t command = {
        .first = 1,
        .last = 1,
        .run = {.relay_count = -1, .tracker_count = -1, .loss_permille = -1, .cut_permille = -1},
    };
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0)
            return usage(0);
        if (flag_read(&command, argv[i]))
            continue;
        if (i + 1 == argc || !value_read(&command, argv[i], argv[i + 1]))
            return usage(2);
        i++;
    }
    for (size_t i = 0; command.name != NULL && i < SCENARIO_COUNT; i++) {
        if (strcmp(scenarios[i].name, command.name) == 0)
            return run_all(&command, &scenarios[i]);
    }
    return usage(2);
}
