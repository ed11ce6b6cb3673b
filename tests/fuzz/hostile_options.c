/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Options that a core is made with: a clear -1xx, and no core. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hostile.h"

static int no_entropy(void *context, uint8_t *buf, size_t size)
{
    (void)context, (void)buf, (void)size;
    return -1;
}

static const nkt_host_t host = {.entropy = no_entropy};

static void options_row(const char *json, size_t size, int expected)
{
    static const uint8_t seed[NKT_SEED_SIZE] = {1};
    nkt_core_t *core = NULL;
    char *exact = malloc(size > 0 ? size : 1);
    if (exact == NULL)
        abort();
    memcpy(exact, json, size);
    int code = nkt_new_json(exact, size, NULL, seed, &host, &core);
    free(exact);
    if (code != expected || (code < 0) != (core == NULL))
        hostile_fail("options", json, code, expected);
    nkt_free(core);
    hostile_pass();
}

static void json_rows(void)
{
    static const char *const bad[] = {
        "", "{", "[]", "null", "1", "\"x\"", "{\"nick\":5}", "{\"nick\":\"a\\nb\"}", "{\"nick\":\"\\ud800\"}",
        "{\"nick\":\"01234567890123456789012345678901234567890123456789012345678901234\"}", "{\"room\":[]}", "{\"secret\":{}}",
        "{\"relays\":\"ws://a\"}", "{\"relays\":[1]}", "{\"relays\":[\"http://a\"]}", "{\"relays\":[\"\"]}",
        "{\"relays\":[\"ws://a\\u0007\"]}", "{\"trackers\":{\"0\":\"ws://a\"}}", "{\"linkCountMax\":-1}", "{\"linkCountMax\":17}",
        "{\"linkCountMax\":1e300}", "{\"linkCountMax\":\"4\"}", "{\"linkCountMax\":[]}", "{\"persist\":true}",
        "{\"relays\":[\"ws://a\",\"ws://a\",\"ws://a\",\"ws://a\",\"ws://a\",\"ws://a\",\"ws://a\",\"ws://a\",\"ws://a\"]}",
    };
    static const char *const good[] = {
        "{}", "{\"nick\":null,\"room\":null,\"relays\":null}", "{\"linkCountMax\":0}", "{\"linkCountMax\":16,\"unknown\":[1,2]}",
        "{\"nick\":\"__proto__\",\"__proto__\":{\"room\":\"x\"}}",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        options_row(bad[i], strlen(bad[i]), NKT_E_OPTIONS);
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        options_row(good[i], strlen(good[i]), NKT_OK);
    options_row("{\"nick\":\"a\0b\"}", 14, NKT_E_OPTIONS);
    char *text = sim_alloc(70000, 1);
    memset(text, '[', 33);
    options_row(text, 33, NKT_E_OPTIONS);
    int head = snprintf(text, 70000, "{\"room\":\"%0300d\"}", 1);
    options_row(text, (size_t)head, NKT_E_OPTIONS);
    head = snprintf(text, 70000, "{\"relays\":[\"ws://%0260d\"]}", 1);
    options_row(text, (size_t)head, NKT_E_OPTIONS);
    free(text);
}

void hostile_options(uint64_t seed)
{
    static const char sound[] = "{\"nick\":\"a\",\"room\":\"r\",\"secret\":\"s\",\"relays\":[\"ws://a\"],\"trackers\":[\"wss://b\"],"
                                "\"linkCountMax\":4,\"persist\":false}";
    static const uint8_t seed_bytes[NKT_SEED_SIZE] = {1};
    sim_random_t random;
    uint8_t bytes[sizeof sound];
    nkt_core_t *core = NULL;
    json_rows();
    options_row(sound, sizeof sound - 1, NKT_OK);
    for (size_t cut = 0; cut < sizeof sound - 1; cut++)
        options_row(sound, cut, NKT_E_OPTIONS);
    sim_random_init(&random, seed, 3);
    for (int i = 0; i < 500; i++) {
        size_t size = 1 + (size_t)sim_random_below(&random, sizeof bytes - 1);
        sim_random_fill(&random, bytes, size);
        options_row((const char *)bytes, size, NKT_E_OPTIONS);
    }
    const nkt_options_t options = {.link_count_max = 3};
    if (nkt_new(NULL, &host, &core) != NKT_E_ARGUMENT || nkt_new(&options, NULL, &core) != NKT_E_ARGUMENT ||
        nkt_new(&options, &(nkt_host_t){0}, &core) != NKT_E_ARGUMENT || nkt_new(&options, &host, NULL) != NKT_E_ARGUMENT ||
        nkt_new_json("{}", 2, NULL, NULL, &host, &core) != NKT_E_ARGUMENT ||
        nkt_new_json(NULL, 2, NULL, seed_bytes, &host, &core) != NKT_E_OPTIONS)
        hostile_fail("options", "NULL", 0, NKT_E_ARGUMENT);
    hostile_pass();
}
