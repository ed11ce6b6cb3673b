/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "digest.h"

#include <sodium.h>

#include "tape.h"

static struct {
    int is_on;
    uint64_t effect_count;
    sim_tape_t tape; /* one effect at a time */
    crypto_generichash_state state;
} all;

static void numbers_add(uint32_t what, uint32_t peer, uint64_t a, uint64_t b, uint64_t c)
{
    const uint64_t numbers[] = {(uint64_t)what << 32 | peer, a, b, c};
    crypto_generichash_update(&all.state, (const uint8_t *)numbers, sizeof numbers);
}

void sim_digest_begin(void)
{
    all.is_on = 1;
    all.effect_count = 0;
    crypto_generichash_init(&all.state, NULL, 0, SIM_DIGEST_SIZE);
}

void sim_digest_effect(uint32_t peer, const nkt_effect_t *fx)
{
    if (!all.is_on)
        return;
    all.effect_count++;
    all.tape.effects_size = 0;
    sim_tape_effect(&all.tape, fx);
    numbers_add(0, peer, all.tape.effects_size, 0, 0);
    crypto_generichash_update(&all.state, all.tape.effects, all.tape.effects_size);
}

void sim_digest_step(uint32_t peer, uint64_t now_ms, int code, uint64_t deadline_ms)
{
    if (all.is_on)
        numbers_add(1, peer, now_ms, (uint64_t)(int64_t)code, deadline_ms);
}

void sim_digest_report(uint32_t peer, nkt_core_t *core)
{
    const char *json;
    size_t size;
    if (!all.is_on || nkt_health_json(core, &json, &size) < 0)
        return;
    numbers_add(2, peer, size, 0, 0);
    crypto_generichash_update(&all.state, (const uint8_t *)json, size);
}

uint64_t sim_digest_end(char text[SIM_DIGEST_TEXT_SIZE])
{
    uint8_t digest[SIM_DIGEST_SIZE];
    crypto_generichash_final(&all.state, digest, sizeof digest);
    sodium_bin2hex(text, SIM_DIGEST_TEXT_SIZE, digest, sizeof digest);
    sim_tape_deinit(&all.tape);
    all.is_on = 0;
    return all.effect_count;
}
