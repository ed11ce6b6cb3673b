/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim --scenario NAME --seeds A..B [--peers N] [--trace]: one line of figures per seed; a failure ends the program. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenarios.h"

typedef struct sim_scenario {
    const char *name;
    const char *text;
    void (*run)(const sim_run_options_t *run);
} sim_scenario_t;

static const sim_scenario_t scenarios[] = {
#define X(name, text) {#name, text, scenario_##name},
    SIM_SCENARIOS(X)
#undef X
};

enum { SCENARIO_COUNT = sizeof scenarios / sizeof scenarios[0] };

void sim_figures(const sim_t *sim, const char *name, ...)
{
    va_list arguments;
    printf("{\"seed\":%llu", (unsigned long long)sim->options.seed);
    va_start(arguments, name);
    while (name != NULL) {
        printf(",\"%s\":%g", name, va_arg(arguments, double));
        name = va_arg(arguments, const char *);
    }
    va_end(arguments);
    puts("}");
    fflush(stdout);
}

static int usage(void)
{
    puts("sim --scenario NAME [--seeds A..B] [--peers N] [--trace]");
    for (size_t i = 0; i < SCENARIO_COUNT; i++)
        printf("  %-12s %s\n", scenarios[i].name, scenarios[i].text);
    return 2;
}

int main(int argc, char **argv)
{
    const char *name = NULL;
    unsigned long long first = 1, last = 1;
    sim_run_options_t run = {0};
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : "";
        if (strcmp(argv[i], "--trace") == 0) {
            setenv("SIM_TRACE", "1", 1);
            continue;
        }
        if (strcmp(argv[i], "--scenario") == 0)
            name = value;
        else if (strcmp(argv[i], "--peers") == 0)
            run.peer_count = (uint32_t)strtoul(value, NULL, 10);
        else if (strcmp(argv[i], "--seeds") == 0 && sscanf(value, "%llu..%llu", &first, &last) == 1)
            last = first;
        else if (strcmp(argv[i], "--seeds") != 0)
            return usage();
        i++;
    }
    for (size_t i = 0; name != NULL && i < SCENARIO_COUNT; i++) {
        if (strcmp(scenarios[i].name, name) != 0)
            continue;
        for (run.seed = first; run.seed <= last; run.seed++)
            scenarios[i].run(&run);
        return 0;
    }
    return usage();
}
