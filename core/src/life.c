/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A core is made and ended: all parts of the swarm at once. Beside state/make.c nothing else touches what is not its own. */
#include <stdlib.h>
#include <string.h>

#include <cJSON.h>
#include <sodium.h>

#include "content/content.h"
#include "core.h"
#include "delivery/delivery.h"
#include "inbound/inbound.h"
#include "people/people.h"
#include "state/state.h"

/* The host's entropy. Whatever its failure prevented, the step in which it failed is the last one. */
static int entropy_draw(void *context, uint8_t *buf, size_t size)
{
    nkt_swarm_t *swarm = context;
    int err = swarm->callbacks.entropy(swarm->callbacks.context, buf, size);
    if (err < 0)
        swarm->fatal = NKT_E_ENTROPY;
    return err;
}

static void swarm_init(nkt_swarm_t *swarm, const nkt_host_t *host, const uint8_t seed[NKT_SEED_SIZE])
{
    swarm->callbacks = *host;
    swarm->host = (nkt_host_t){.entropy = entropy_draw, .context = swarm};
    nkt_prng_init(&swarm->prng, seed);
    nkt_map_init(&swarm->users, NKT_ADDRESS_SIZE, offsetof(nkt_user_t, address), NKT_USER_COUNT_MAX,
                 nkt_prng_next(&swarm->prng));
    nkt_seen_init(&swarm->seen, NKT_SEEN_COUNT_MAX, swarm->users.seed);
    nkt_recent_init(&swarm->recent, swarm->users.seed);
    nkt_mailbox_init(&swarm->mailbox, swarm->users.seed);
    nkt_paths_init(&swarm->paths, nkt_prng_next(&swarm->prng));
    swarm->group.count_min = NKT_GROUP_COUNT_MIN;
    nkt_timer_init(&swarm->gossip.timer, NKT_TIMER_DIGEST, swarm);
    nkt_timer_init(&swarm->own.timer, NKT_TIMER_REFRESH, swarm);
    nkt_timer_init(&swarm->clock.ask_timer, NKT_TIMER_CLOCK, swarm);
    nkt_timer_init(&swarm->wish.timer, NKT_TIMER_VIEW, swarm);
    nkt_timer_init(&swarm->tree.ihave_timer, NKT_TIMER_IHAVE, swarm);
    nkt_timer_init(&swarm->tree.fetch_timer, NKT_TIMER_FETCH, swarm);
    nkt_timer_init(&swarm->bridging.timer, NKT_TIMER_BRIDGE, swarm);
    nkt_timer_init(&swarm->mail_timer, NKT_TIMER_MAIL, swarm);
    nkt_timer_init(&swarm->letters.timer, NKT_TIMER_LETTERS, swarm);
    nkt_timer_init(&swarm->keeper_timer, NKT_TIMER_KEEPER, swarm);
    nkt_timer_init(&swarm->keyring.timer, NKT_TIMER_KEYS, swarm);
    nkt_kept_init(&swarm->kept, nkt_prng_next(&swarm->prng));
    nkt_timer_init(&swarm->outbox.share_timer, NKT_TIMER_SHARE, swarm);
    nkt_timer_init(&swarm->walks.self_timer, NKT_TIMER_ANNOUNCE_SELF, swarm);
    nkt_timer_init(&swarm->contents.timer, NKT_TIMER_CONTENT, swarm);
    nkt_timer_init(&swarm->journal.timer, NKT_TIMER_JOURNAL, swarm);
}

static int core_new(const nkt_host_t *host, const uint8_t seed[NKT_SEED_SIZE], nkt_core_t **out)
{
    if (host == NULL || host->entropy == NULL || seed == NULL || out == NULL)
        return NKT_E_ARGUMENT;
    nkt_core_t *core = calloc(1, sizeof *core);
    if (core == NULL)
        return NKT_E_MEMORY;
    swarm_init(&core->swarm, host, seed);
    *out = core;
    return NKT_OK;
}

/* Takes the core back if its settings are bad. */
static int core_check(nkt_core_t **core, int err)
{
    if (err == NKT_OK)
        err = nkt_sessions_new(&(*core)->swarm.identity, &(*core)->swarm.host, &(*core)->swarm.sessions);
    if (err < 0) {
        nkt_free(*core);
        *core = NULL;
    }
    return err;
}

int nkt_new(const nkt_options_t *options, const nkt_host_t *host, nkt_core_t **core)
{
    if (options == NULL)
        return NKT_E_ARGUMENT;
    int err = core_new(host, options->seed, core);
    return err < 0 ? err : core_check(core, nkt_settings_copy(&(*core)->swarm.settings, options));
}

int nkt_new_json(const char *json, size_t json_size, const uint8_t *store_key, const uint8_t seed[NKT_SEED_SIZE],
                 const nkt_host_t *host, nkt_core_t **core)
{
    int err = core_new(host, seed, core);
    if (err < 0)
        return err;
    nkt_settings_t *settings = &(*core)->swarm.settings;
    err = nkt_settings_parse(settings, json, json_size);
    if (err == NKT_OK && settings->persist && store_key == NULL)
        err = NKT_E_OPTIONS;
    if (err == NKT_OK && settings->persist)
        memcpy(settings->store_key, store_key, NKT_KEY_SIZE);
    return core_check(core, err);
}

void nkt_free(nkt_core_t *core)
{
    if (core == NULL)
        return;
    nkt_swarm_t *swarm = &core->swarm;
    swarm->is_stopped = 1;
    for (size_t i = 0; i < swarm->users.count; i++)
        nkt_outbox_drop(swarm, swarm->user_list[i], NKT_E_STOPPED);
    nkt_outbox_expire_orphans(swarm, UINT64_MAX, NKT_E_STOPPED);
    nkt_away_deinit(swarm);
    nkt_journal_deinit(swarm);
    nkt_endpoints_deinit(swarm); /* first: it takes timers out of the heap, which knows those of users and links */
    nkt_contents_deinit(swarm);  /* the same: what a neighbour takes along is told, in time */
    nkt_users_deinit(swarm);
    nkt_links_deinit(swarm);
    nkt_group_deinit(swarm);
    nkt_pins_deinit(swarm, NKT_MARK_PINNED);
    nkt_pins_deinit(swarm, NKT_MARK_IGNORED);
    nkt_sessions_free(swarm->sessions);
    nkt_record_deinit(&swarm->own.record);
    nkt_seen_deinit(&swarm->seen);
    nkt_recent_deinit(&swarm->recent);
    nkt_mailbox_deinit(&swarm->mailbox);
    nkt_letters_deinit(swarm);
    nkt_kept_deinit(&swarm->kept);
    nkt_missing_deinit(&swarm->missing);
    nkt_bridge_deinit(&swarm->bridging.waiting);
    nkt_paths_deinit(&swarm->paths);
    nkt_timers_deinit(&swarm->timers);
    nkt_effects_deinit(&swarm->effects);
    nkt_settings_deinit(&swarm->settings);
    for (int i = 0; i < NKT_LENT_COUNT; i++)
        nkt_buf_free(&swarm->loans[i].buf);
    cJSON_free(swarm->store.health);
    free(swarm->store.moved);
    sodium_memzero(core, sizeof *core);
    free(core);
}
