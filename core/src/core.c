/* SPDX-License-Identifier: GPL-3.0-or-later */
/* new, free, step, poll: where facts enter and effects leave. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <cJSON.h>
#include <sodium.h>

#include "base/base58.h"
#include "base/json.h"
#include "delivery/delivery.h"
#include "inbound/inbound.h"
#include "links/links.h"
#include "people/people.h"
#include "routing/routing.h"
#include "session/fingerprint.h"
#include "state/state.h"
#include "state/swarm.h"
#include "store/store.h"

struct nkt_core {
    nkt_swarm_t swarm;
};

/* ---- life ---- */

/* The host's entropy. Whatever its failure prevented, the step in which it failed is the last one. */
static int entropy_draw(void *context, uint8_t *buf, size_t size)
{
    nkt_swarm_t *swarm = context;
    int err = swarm->lender.entropy(swarm->lender.context, buf, size);
    if (err < 0)
        swarm->fatal = NKT_E_ENTROPY;
    return err;
}

static void swarm_init(nkt_swarm_t *swarm, const nkt_host_t *host, const uint8_t seed[NKT_SEED_SIZE])
{
    swarm->lender = *host;
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
    nkt_timer_init(&swarm->walks.timer, NKT_TIMER_VIEW, swarm);
    nkt_timer_init(&swarm->tree.tidings_timer, NKT_TIMER_TIDINGS, swarm);
    nkt_timer_init(&swarm->tree.fetch_timer, NKT_TIMER_FETCH, swarm);
    nkt_timer_init(&swarm->mail_timer, NKT_TIMER_MAIL, swarm);
    nkt_timer_init(&swarm->letters.timer, NKT_TIMER_LETTERS, swarm);
    nkt_timer_init(&swarm->keeper_timer, NKT_TIMER_KEEPER, swarm);
    nkt_kept_init(&swarm->kept, nkt_prng_next(&swarm->prng));
    nkt_timer_init(&swarm->outbox.share_timer, NKT_TIMER_SHARE, swarm);
    nkt_timer_init(&swarm->walks.self_timer, NKT_TIMER_ANNOUNCE_SELF, swarm);
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
    nkt_users_deinit(swarm);
    nkt_links_deinit(swarm);
    nkt_group_deinit(swarm);
    nkt_pins_deinit(swarm, &swarm->pins);
    nkt_pins_deinit(swarm, &swarm->ignored);
    nkt_sessions_free(swarm->sessions);
    nkt_record_deinit(&swarm->own.record);
    nkt_seen_deinit(&swarm->seen);
    nkt_recent_deinit(&swarm->recent);
    nkt_mailbox_deinit(&swarm->mailbox);
    nkt_letters_deinit(swarm);
    nkt_kept_deinit(&swarm->kept);
    nkt_missing_deinit(&swarm->missing);
    nkt_paths_deinit(&swarm->paths);
    nkt_timers_deinit(&swarm->timers);
    nkt_effects_deinit(&swarm->effects);
    nkt_settings_deinit(&swarm->settings);
    nkt_buf_t *const buffers[] = {&swarm->frame,  &swarm->payload,     &swarm->plain,
                                  &swarm->sealed, &swarm->relay_frame, &swarm->scratch};
    for (size_t i = 0; i < sizeof buffers / sizeof buffers[0]; i++)
        nkt_buf_free(buffers[i]);
    cJSON_free(swarm->store.health);
    sodium_memzero(core, sizeof *core);
    free(core);
}

/* ---- start and stop ---- */

static void self_tell(nkt_swarm_t *swarm)
{
    nkt_emit(swarm, &(nkt_effect_t){.kind = NKT_FX_SELF,
                                    .address = swarm->identity.address,
                                    .text = swarm->settings.nick,
                                    .text_size = strlen(swarm->settings.nick)});
}

/* Restored users belong to our room only if their proof is of this room. */
static void memberships_check(nkt_swarm_t *swarm)
{
    for (size_t i = 0; i < swarm->users.count; i++) {
        nkt_user_t *user = swarm->user_list[i];
        uint8_t expected[NKT_MEMBERSHIP_SIZE];
        nkt_room_membership(&swarm->room, user->record.signature, expected);
        user->standing.is_member = user->standing.is_member && sodium_memcmp(expected, user->standing.membership, sizeof expected) == 0;
        if (!user->standing.is_member && !user->standing.is_met)
            nkt_away_elsewhere(swarm, user);
        nkt_user_tell(swarm, user, NKT_USER_NEW);
    }
}

/* Left for good: its people are forgotten, whoever was met there by an invite as well. */
static void adopted_leave(nkt_swarm_t *swarm)
{
    nkt_room_t room;
    nkt_room_from_key(&room, swarm->adopted.key);
    for (size_t i = swarm->users.count; i-- > 0;) {
        nkt_user_t *user = swarm->user_list[i];
        uint8_t expected[NKT_MEMBERSHIP_SIZE];
        nkt_room_membership(&room, user->record.signature, expected);
        if (user->standing.is_member && sodium_memcmp(expected, user->standing.membership, sizeof expected) == 0)
            nkt_user_forget(swarm, user);
    }
    sodium_memzero(&room, sizeof room);
    sodium_memzero(swarm->adopted.key, sizeof swarm->adopted.key);
    swarm->adopted.is_there = 0;
    swarm->adopted.is_dirty = 1;
}

/* The room that was named; who named none goes back to the one where he was taken in. */
static void room_enter(nkt_swarm_t *swarm)
{
    nkt_room_derive(&swarm->room, swarm->settings.room, swarm->settings.secret, &swarm->identity.address);
    if (!swarm->adopted.is_there)
        return;
    if (swarm->settings.room == NULL) {
        nkt_room_from_key(&swarm->room, swarm->adopted.key);
        swarm->room.is_open = swarm->adopted.is_open;
    } else {
        adopted_leave(swarm);
    }
}

static int start(nkt_swarm_t *swarm)
{
    if (swarm->is_started)
        return NKT_E_STATE;
    if (swarm->store.is_outdated)
        return NKT_E_NEWER;
    if (!swarm->own.is_there) {
        int err = nkt_identity_create(&swarm->identity, &swarm->host);
        if (err < 0)
            return err;
        swarm->own.is_there = 1;
        swarm->own.is_dirty = 1;
    }
    int err = nkt_clock_start(swarm);
    if (err < 0)
        return err;
    room_enter(swarm);
    nkt_room_of_address(&swarm->own.place, &swarm->identity.address);
    err = nkt_own_record_renew(swarm);
    if (err < 0)
        return err;
    swarm->is_started = 1;
    swarm->life = swarm->own.record.sequence;
    self_tell(swarm);
    nkt_pins_tell(swarm, &swarm->pins);
    nkt_pins_tell(swarm, &swarm->ignored); /* before anything is told of them */
    nkt_away_start(swarm);
    memberships_check(swarm);
    nkt_journal_start(swarm);
    nkt_keeper_start(swarm);
    nkt_timer_set(&swarm->timers, &swarm->gossip.timer, swarm->now_ms + nkt_prng_jitter(&swarm->prng, NKT_DIGEST_MS));
    nkt_endpoints_start(swarm);
    return NKT_OK;
}

static void stop(nkt_swarm_t *swarm)
{
    nkt_share_post(swarm);
    nkt_buf_clear(&swarm->payload);
    if (nkt_buf_append_u8(&swarm->payload, 0) == NKT_OK)
        nkt_post(swarm, NKT_KIND_BYE, NULL);
    for (size_t i = 0; i < swarm->endpoint_count; i++) {
        if (swarm->endpoints[i].kind == NKT_LINK_TRACKER)
            nkt_announce_stop(swarm, &swarm->endpoints[i]);
    }
    nkt_connect_stop(swarm);
    nkt_persist_flush(swarm, 1); /* what waits goes on in the next life */
    for (size_t i = 0; !swarm->settings.persist && i < swarm->users.count; i++)
        nkt_outbox_drop(swarm, swarm->user_list[i], NKT_E_STOPPED);
    swarm->is_stopped = 1;
    while (swarm->link_count > 0)
        nkt_link_close(swarm, swarm->links[0], 1);
}

/* ---- the application's facts ---- */

static int say(nkt_swarm_t *swarm, const nkt_event_t *event)
{
    if (event->bytes == NULL || event->bytes_size == 0)
        return NKT_E_ARGUMENT;
    if (event->bytes_size > NKT_VALUE_SIZE_MAX)
        return NKT_E_SIZE;
    if (!nkt_json_is_value((const char *)event->bytes, event->bytes_size, NKT_JSON_DEPTH_MAX, NKT_JSON_ITEM_MAX))
        return NKT_E_VALUE;
    if (event->flags & NKT_SAY_CALL && (event->flags & NKT_SAY_CLEAR || nkt_address_is_zero(&event->address)))
        return NKT_E_ARGUMENT;
    if (event->flags & NKT_SAY_CLEAR)
        return nkt_talk_clear(swarm, event->bytes, event->bytes_size, event->ticket);
    nkt_user_t *to = NULL;
    if (!nkt_address_is_zero(&event->address)) {
        if (nkt_address_compare(&event->address, &swarm->identity.address) == 0)
            return NKT_E_SELF;
        to = nkt_user_find(swarm, &event->address);
        if (to == NULL)
            return NKT_E_UNKNOWN_USER;
        if (to->presence.flags & NKT_USER_MUTED)
            return NKT_E_MUTED;
        nkt_user_prove(swarm, to, NKT_PROOF_SOUGHT); /* whom somebody here speaks to is no stranger */
    }
    return nkt_outbox_add(swarm, to, event->bytes, event->bytes_size, event->ticket, (event->flags & NKT_SAY_CALL) != 0);
}

static int cancel(nkt_swarm_t *swarm, const nkt_event_t *event)
{
    if (nkt_address_is_zero(&event->address))
        return nkt_connect_cancel(swarm, event->ticket) == NKT_OK ? NKT_OK : nkt_invite_cancel(swarm, event->ticket);
    nkt_user_t *user = nkt_user_find(swarm, &event->address);
    return user == NULL ? NKT_E_UNKNOWN_USER : nkt_outbox_cancel(swarm, user, event->ticket);
}

static int set_flags(nkt_swarm_t *swarm, const nkt_event_t *event)
{
    nkt_user_t *user = nkt_user_find(swarm, &event->address);
    if (user == NULL)
        return NKT_E_UNKNOWN_USER;
    nkt_user_set_flags(swarm, user, (uint8_t)event->value);
    return NKT_OK;
}

static int pin(nkt_swarm_t *swarm, nkt_pins_t *pins, const nkt_event_t *event)
{
    return event->value != 0 ? nkt_pin_set(swarm, pins, &event->address, event->text, event->text_size)
                             : nkt_pin_remove(swarm, pins, &event->address);
}

static int set_nick(nkt_swarm_t *swarm, const nkt_event_t *event)
{
    if (event->text_size > NKT_NICK_SIZE_MAX || !nkt_text_is_clean(event->text, event->text_size))
        return NKT_E_ARGUMENT;
    char *nick = nkt_text_copy(event->text, event->text_size);
    if (nick == NULL)
        return NKT_E_MEMORY;
    free(swarm->settings.nick);
    swarm->settings.nick = nick;
    if (!swarm->is_started)
        return NKT_OK;
    self_tell(swarm);
    return nkt_own_record_renew(swarm);
}

/* ---- the platform's facts ---- */

static int link_event(nkt_swarm_t *swarm, const nkt_event_t *event)
{
    nkt_link_t *link = nkt_link_find(swarm, event->link);
    if (link == NULL)
        return NKT_E_LINK;
    switch (event->kind) {
    case NKT_EV_LINK_UP:
        nkt_link_up(swarm, link);
        return NKT_OK;
    case NKT_EV_LINK_DOWN:
        nkt_link_down(swarm, link, event->text, event->text_size);
        return NKT_OK;
    case NKT_EV_LINK_DATA:
        return nkt_link_data(swarm, link, event->bytes, event->bytes_size);
    case NKT_EV_LINK_PRESSURE:
        link->pulse.is_pressed = event->value != 0;
        if (!link->pulse.is_pressed)
            nkt_outbox_pump_all(swarm);
        return NKT_OK;
    case NKT_EV_LINK_SHAKY:
        nkt_link_shaky(swarm, link, event->value != 0);
        return NKT_OK;
    case NKT_EV_RTC_LOCAL:
        if (event->text == NULL)
            return NKT_E_ARGUMENT;
        nkt_mesh_local(swarm, link, event->text, event->text_size);
        return NKT_OK;
    default:
        return NKT_E_ARGUMENT;
    }
}

static void wake(nkt_swarm_t *swarm)
{
    swarm->woke_ms = swarm->now_ms;
    nkt_clock_woke(swarm);
    nkt_links_probe(swarm);
    nkt_endpoints_hurry(swarm);
}

static int dropped(nkt_swarm_t *swarm, const nkt_event_t *event)
{
    if (event->value >= -200 || event->value <= -300)
        return NKT_E_ARGUMENT;
    nkt_drop(swarm, event->value);
    return NKT_OK;
}

static int event_run(nkt_swarm_t *swarm, const nkt_event_t *event)
{
    if (!swarm->is_started && event->kind != NKT_EV_RESTORE && event->kind != NKT_EV_IMPORT && event->kind != NKT_EV_START &&
        event->kind != NKT_EV_SET_NICK && event->kind != NKT_EV_PUT_DONE)
        return NKT_E_STATE;
    switch (event->kind) {
    case NKT_EV_RESTORE:
        return swarm->is_started ? NKT_E_STATE
                                 : nkt_persist_restore(swarm, event->text, event->text_size, event->bytes,
                                                       event->bytes_size);
    case NKT_EV_IMPORT:
        return swarm->is_started ? NKT_E_STATE : nkt_persist_import(swarm, event->bytes, event->bytes_size);
    case NKT_EV_EXPORT:
        return nkt_persist_export(swarm, event->bytes, event->bytes_size, event->ticket);
    case NKT_EV_START:
        return start(swarm);
    case NKT_EV_TIME:
    case NKT_EV_PUT_DONE: /* the host holds back SENDs until then, nothing waits here */
        return NKT_OK;
    case NKT_EV_SAY:
        return say(swarm, event);
    case NKT_EV_HISTORY:
        return nkt_journal_tell(swarm, event->value > 0 ? (size_t)event->value : SIZE_MAX, event->ticket);
    case NKT_EV_FORGET:
        nkt_journal_forget(swarm);
        return NKT_OK;
    case NKT_EV_CONNECT:
        return nkt_connect_begin(swarm, &event->address, event->ticket, event->value < 0 ? 0 : (uint64_t)event->value);
    case NKT_EV_CANCEL:
        return cancel(swarm, event);
    case NKT_EV_INVITE:
        return nkt_invite_begin(swarm, event->ticket);
    case NKT_EV_ACCEPT:
        return nkt_invite_accept(swarm, event->text, event->text_size, event->ticket);
    case NKT_EV_COMPLETE:
        return nkt_invite_complete(swarm, event->text, event->text_size, event->ticket);
    case NKT_EV_SET_FLAGS:
        return set_flags(swarm, event);
    case NKT_EV_SET_NICK:
        return set_nick(swarm, event);
    case NKT_EV_PIN:
        return pin(swarm, &swarm->pins, event);
    case NKT_EV_IGNORE:
        return pin(swarm, &swarm->ignored, event);
    case NKT_EV_WAKE:
        wake(swarm);
        return NKT_OK;
    case NKT_EV_DROPPED:
        return dropped(swarm, event);
    case NKT_EV_SERVERS:
        return nkt_endpoints_add(swarm, event->text, event->text_size);
    case NKT_EV_STOP:
        stop(swarm);
        return NKT_OK;
    default:
        return link_event(swarm, event);
    }
}

/* ---- time ---- */

static void timer_run(nkt_swarm_t *swarm, nkt_timer_t *timer)
{
    switch ((nkt_timer_kind_t)timer->kind) {
    case NKT_TIMER_ACK:
        nkt_talk_flush_acks(swarm, timer->owner);
        break;
    case NKT_TIMER_RETRY:
        nkt_outbox_retry(swarm, timer->owner);
        break;
    case NKT_TIMER_PUMP:
        nkt_outbox_pump(swarm, timer->owner);
        break;
    case NKT_TIMER_SESSION:
        nkt_talk_session_timer(swarm, timer->owner);
        break;
    case NKT_TIMER_MESH:
        nkt_mesh_timer(swarm, timer->owner);
        break;
    case NKT_TIMER_ABSENT:
        nkt_user_absent(swarm, timer->owner);
        break;
    case NKT_TIMER_DIGEST_TO:
        nkt_spread_digest_to(swarm, timer->owner);
        break;
    case NKT_TIMER_LINK:
        nkt_link_timer(swarm, timer->owner);
        break;
    case NKT_TIMER_ENDPOINT:
        nkt_endpoint_timer(swarm, timer->owner);
        break;
    case NKT_TIMER_ANNOUNCE:
        nkt_announce_timer(swarm, timer->owner);
        break;
    case NKT_TIMER_RELAY_GREET:
        nkt_relay_greet_timer(swarm, timer->owner);
        break;
    case NKT_TIMER_CONNECT:
        nkt_connect_timer(swarm, timer->owner);
        break;
    case NKT_TIMER_DIGEST:
        nkt_spread_timer(swarm);
        break;
    case NKT_TIMER_REFRESH:
        nkt_own_record_renew(swarm);
        break;
    case NKT_TIMER_VIEW:
        nkt_view_timer(swarm);
        break;
    case NKT_TIMER_TIDINGS:
        nkt_tree_tidings_timer(swarm);
        break;
    case NKT_TIMER_FETCH:
        nkt_tree_fetch_timer(swarm);
        break;
    case NKT_TIMER_JOURNAL: /* every step ends with it */
        break;
    case NKT_TIMER_LETTERS:
        nkt_letters_timer(swarm);
        break;
    case NKT_TIMER_KEEPER:
        nkt_keeper_timer(swarm);
        break;
    case NKT_TIMER_SHARE:
        nkt_share_post(swarm);
        break;
    case NKT_TIMER_MAIL:
        nkt_mailbox_timer(swarm);
        break;
    case NKT_TIMER_ANNOUNCE_SELF:
        nkt_view_announce_self(swarm);
        break;
    }
}

/* A machine that slept must not take its own silence for that of others. */
static void sleep_check(nkt_swarm_t *swarm)
{
    uint64_t due_ms = nkt_timers_next_ms(&swarm->timers);
    if (due_ms == UINT64_MAX || swarm->now_ms < due_ms + NKT_SLEEP_GAP_MS)
        return;
    for (size_t i = 0; i < swarm->link_count; i++)
        swarm->links[i]->pulse.heard_ms = swarm->now_ms;
    for (size_t i = 0; i < swarm->users.count; i++)
        swarm->user_list[i]->presence.heard_ms = swarm->now_ms;
    wake(swarm);
}

static void timers_run(nkt_swarm_t *swarm)
{
    /* each at most once a step: a timer that re-arms itself for now runs in the next one */
    for (size_t budget = swarm->timers.count; budget > 0; budget--) {
        nkt_timer_t *timer = nkt_timers_due(&swarm->timers, swarm->now_ms);
        if (timer == NULL)
            return;
        timer_run(swarm, timer);
        nkt_news_heed(swarm);
    }
}

/* ---- the contract ---- */

/* What a step returns: after a fatal code there is no other. */
static int conclude(nkt_swarm_t *swarm, int err)
{
    assert(swarm->news.first == NULL); /* whoever was forgotten in it is freed in it */
    if (swarm->fatal == 0 && (swarm->effects.failed || swarm->timers.failed))
        swarm->fatal = NKT_E_MEMORY;
    if (swarm->fatal == 0 && err <= -300 && err > -400)
        swarm->fatal = err;
    return swarm->fatal < 0 ? swarm->fatal : err;
}

int nkt_step(nkt_core_t *core, const nkt_event_t *event)
{
    if (core == NULL || event == NULL || (unsigned)event->kind >= NKT_EV_COUNT ||
        (event->bytes == NULL && event->bytes_size > 0) || (event->text == NULL && event->text_size > 0))
        return NKT_E_ARGUMENT;
    nkt_swarm_t *swarm = &core->swarm;
    if (swarm->is_stopped)
        return NKT_E_STATE;
    if (swarm->fatal < 0)
        return swarm->fatal;
    if (event->now_ms > swarm->now_ms)
        swarm->now_ms = event->now_ms;
    swarm->wall_ms = event->wall_ms < NKT_WALL_MS_MAX ? event->wall_ms : NKT_WALL_MS_MAX;
    assert(swarm->blame.from == NULL); /* nobody's bytes are at work between steps */
    swarm->effects.step_count = 0;
    swarm->step_number++;
    if (nkt_clock_step(swarm))
        wake(swarm);
    if (swarm->is_started)
        sleep_check(swarm);

    int err = event_run(swarm, event);
    nkt_news_heed(swarm);
    if (swarm->is_stopped)
        return conclude(swarm, err);
    timers_run(swarm);
    nkt_persist_flush(swarm, 0);
    if (swarm->status_changed && swarm->is_started) {
        swarm->status_changed = 0;
        nkt_emit(swarm, &(nkt_effect_t){.kind = NKT_FX_STATUS});
    }
    return conclude(swarm, err);
}

int nkt_poll(nkt_core_t *core, nkt_effect_t *effect)
{
    return nkt_effects_poll(&core->swarm.effects, effect);
}

uint64_t nkt_deadline_ms(const nkt_core_t *core)
{
    return core->swarm.is_stopped ? UINT64_MAX : nkt_timers_next_ms(&core->swarm.timers);
}

int nkt_safety_number(nkt_core_t *core, const nkt_address_t *address, char digits[NKT_SAFETY_DIGIT_COUNT + 1])
{
    if (core == NULL || address == NULL || digits == NULL)
        return NKT_E_ARGUMENT;
    nkt_swarm_t *swarm = &core->swarm;
    if (!swarm->is_started || swarm->is_stopped)
        return NKT_E_STATE;
    const nkt_user_t *user = nkt_user_find(swarm, address);
    if (user == NULL)
        return NKT_E_UNKNOWN_USER;
    return nkt_fingerprint(swarm->sessions, &swarm->identity.address, swarm->identity.identity_public, &user->address,
                           user->record.identity_key, digits);
}

int nkt_health_json(nkt_core_t *core, const char **json, size_t *json_size)
{
    return nkt_health_print(&core->swarm, json, json_size);
}
