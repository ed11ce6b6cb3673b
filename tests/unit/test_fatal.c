/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A core that lacks the memory for something that it cannot do without says so by name; it never
 * goes on without it. */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "wire/limits.h"

#define WALL_MS UINT64_C(1700000000000)

static nkt_core_t *core_make(nkt_host_t *host, uint8_t *store_key)
{
    nkt_core_t *core = NULL;
    uint8_t seed[NKT_SEED_SIZE] = {7};
    static const char options[] = "{\"nick\":\"ada\",\"room\":\"den\",\"persist\":true}";
    CHECK_OK(nkt_new_json(options, sizeof options - 1, store_key, seed, host, &core));
    return core;
}

static int step(nkt_core_t *core, nkt_event_kind_t kind, uint64_t now_ms)
{
    return nkt_step(core,
                    &(nkt_event_t){.kind = kind, .now_ms = now_ms, .wall_ms = WALL_MS + now_ms});
}

/* How often the identity was to be stored. */
static int identity_put_count(nkt_core_t *core)
{
    nkt_effect_t fx;
    int count = 0;
    while (nkt_poll(core, &fx))
        count += fx.kind == NKT_FX_PUT && fx.text_size == 8 && memcmp(fx.text, "identity", 8) == 0;
    return count;
}

/* Its own record is renewed after an hour, by a timer set at the start; a peer without that timer
 * is unknown to all after two. */
TEST(fatal_when_a_timer_cannot_be_set)
{
    check_entropy_t entropy = {.seed = 3};
    nkt_host_t host = check_host(&entropy);
    uint8_t store_key[NKT_KEY_SIZE] = {1};
    unsigned n = 0, fatal_count = 0;
    int has_failed;
    do {
        nkt_core_t *core = core_make(&host, store_key);
        check_row("allocation %u", ++n);
        check_allocations_fail_at(n);
        int err = step(core, NKT_EV_START, 1000);
        has_failed = check_allocation_failed();
        check_allocations_fail_at(0);
        CHECK(err == NKT_OK || err == NKT_E_MEMORY);
        if (err == NKT_OK) {
            identity_put_count(core);
            for (uint64_t ms = nkt_deadline_ms(core); ms < 2 * NKT_RECORD_REFRESH_MS;
                 ms = nkt_deadline_ms(core))
                CHECK_OK(step(core, NKT_EV_TIME, ms));
            CHECK(identity_put_count(core) > 0);
        } else {
            CHECK_ERR(step(core, NKT_EV_TIME, 2000), NKT_E_MEMORY); /* and stays so */
            fatal_count++;
        }
        nkt_free(core);
    } while (has_failed);
    CHECK(n > 5 && fatal_count > 3);
}
