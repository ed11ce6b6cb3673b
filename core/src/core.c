/* SPDX-License-Identifier: GPL-3.0-or-later */
/* step, poll: where facts enter and effects leave. */
#include <assert.h>

#include "content/content.h"
#include "core.h"
#include "delivery/delivery.h"
#include "inbound/inbound.h"
#include "links/links.h"
#include "people/people.h"
#include "routing/routing.h"
#include "state/state.h"
#include "state/swarm.h"
#include "store/store.h"

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
        nkt_link_down(swarm, link, event->value, event->text, event->text_size);
        return NKT_OK;
    case NKT_EV_LINK_DATA:
        return nkt_link_data(swarm, link, event->bytes, event->bytes_size);
    case NKT_EV_LINK_PRESSURE:
        nkt_link_pressed(swarm, link, event->value != 0);
        return NKT_OK;
    case NKT_EV_LINK_SUSPECT:
        nkt_link_suspect(swarm, link, event->value != 0);
        return NKT_OK;
    case NKT_EV_LINK_QUEUED:
        nkt_content_queued(swarm, link, event->value < 0 ? 0 : (uint32_t)event->value);
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
    nkt_view_renew(swarm);
    nkt_endpoints_hurry(swarm);
}

static int dropped(nkt_swarm_t *swarm, const nkt_event_t *event)
{
    if (event->value >= -200 || event->value <= -300)
        return NKT_E_ARGUMENT;
    nkt_drop(swarm, event->value);
    return NKT_OK;
}

static int content_event(nkt_swarm_t *swarm, const nkt_event_t *event)
{
    uint32_t index = (uint32_t)event->value;
    switch (event->kind) {
    case NKT_EV_CONTENT_SHARE:
        return nkt_content_share(swarm, event->ticket, event->text, event->text_size, event->flags);
    case NKT_EV_CONTENT_PLAIN:
        return nkt_content_plain(swarm, event->ticket, index, event->bytes, event->bytes_size, event->flags);
    case NKT_EV_CONTENT_LOOK:
        return nkt_content_look(swarm, event->ticket, event->bytes, event->bytes_size);
    case NKT_EV_CONTENT_OPEN:
        return nkt_content_begin(swarm, event->ticket, event->bytes, event->bytes_size, &event->address);
    case NKT_EV_CONTENT_LEAVES:
        return nkt_content_leaves(swarm, event->ticket, event->bytes, event->bytes_size);
    case NKT_EV_CONTENT_HELD:
        return nkt_content_held(swarm, event->ticket, event->bytes, event->bytes_size);
    case NKT_EV_CONTENT_PIECE:
        return nkt_content_piece(swarm, event->ticket, index, event->bytes, event->bytes_size, event->flags);
    case NKT_EV_CONTENT_WRITTEN:
        return nkt_content_written(swarm, event->ticket, index, event->flags);
    case NKT_EV_CONTENT_LOST:
        return nkt_content_lost(swarm, event->ticket, index);
    case NKT_EV_CONTENT_GET:
        return event->flags & NKT_CONTENT_ENOUGH ? nkt_content_unget(swarm, event->ticket, index)
                                                 : nkt_content_get(swarm, event->ticket, index);
    case NKT_EV_CONTENT_PAUSE:
        return nkt_content_pause(swarm, event->ticket, event->value != 0);
    case NKT_EV_CONTENT_CLOSE:
        return nkt_content_end(swarm, event->ticket);
    default:
        return NKT_E_ARGUMENT;
    }
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
        return nkt_core_start(swarm);
    case NKT_EV_TIME:
    case NKT_EV_PUT_DONE: /* the host holds back SENDs until then, nothing waits here */
        return NKT_OK;
    case NKT_EV_SAY:
        return nkt_core_say(swarm, event);
    case NKT_EV_EPHEMERAL:
        return nkt_core_ephemeral(swarm, event);
    case NKT_EV_HISTORY:
        return nkt_journal_tell(swarm, event->value > 0 ? (size_t)event->value : SIZE_MAX, event->ticket);
    case NKT_EV_FORGET:
        nkt_journal_forget(swarm);
        return NKT_OK;
    case NKT_EV_CONNECT:
        return nkt_connect_begin(swarm, &event->address, event->ticket, event->value < 0 ? 0 : (uint64_t)event->value);
    case NKT_EV_CANCEL:
        return nkt_core_cancel(swarm, event);
    case NKT_EV_INVITE:
        return nkt_invite_begin(swarm, event->ticket);
    case NKT_EV_ACCEPT:
        return nkt_invite_accept(swarm, event->text, event->text_size, event->ticket);
    case NKT_EV_COMPLETE:
        return nkt_invite_complete(swarm, event->text, event->text_size, event->ticket);
    case NKT_EV_SET_FLAGS:
        return nkt_core_set_flags(swarm, event);
    case NKT_EV_TALK:
        return nkt_core_talk(swarm, event);
    case NKT_EV_SET_NICK:
        return nkt_core_set_nick(swarm, event);
    case NKT_EV_PIN:
        return nkt_core_mark(swarm, NKT_MARK_PINNED, event);
    case NKT_EV_IGNORE:
        return nkt_core_mark(swarm, NKT_MARK_IGNORED, event);
    case NKT_EV_WAKE:
        wake(swarm);
        return NKT_OK;
    case NKT_EV_DROPPED:
        return dropped(swarm, event);
    case NKT_EV_SISTERS:
        return nkt_core_sisters(swarm, event);
    case NKT_EV_SERVERS:
        return nkt_endpoints_add(swarm, event->text, event->text_size);
    case NKT_EV_STOP:
        nkt_core_stop(swarm);
        return NKT_OK;
    case NKT_EV_LINK_UP:
    case NKT_EV_LINK_DOWN:
    case NKT_EV_LINK_DATA:
    case NKT_EV_LINK_PRESSURE:
    case NKT_EV_LINK_SUSPECT:
    case NKT_EV_LINK_QUEUED:
    case NKT_EV_RTC_LOCAL:
        return link_event(swarm, event);
    default:
        return content_event(swarm, event);
    }
}

/* ---- time ---- */

static void user_timer_run(nkt_swarm_t *swarm, nkt_timer_kind_t kind, nkt_user_t *user)
{
    switch (kind) {
    case NKT_TIMER_ACK:
        nkt_talk_flush_acks(swarm, user);
        break;
    case NKT_TIMER_RETRY:
        nkt_outbox_retry(swarm, user);
        break;
    case NKT_TIMER_PUMP:
        nkt_outbox_pump(swarm, user);
        break;
    case NKT_TIMER_LOSS:
        nkt_outbox_lost(swarm, user);
        break;
    case NKT_TIMER_SESSION:
        nkt_talk_session_timer(swarm, user);
        break;
    case NKT_TIMER_MESH:
        nkt_mesh_timer(swarm, user);
        break;
    case NKT_TIMER_ABSENT:
        nkt_user_absent(swarm, user);
        break;
    case NKT_TIMER_DIGEST_TO:
        nkt_spread_digest_to(swarm, user);
        break;
    default:
        break;
    }
}

static void endpoint_timer_run(nkt_swarm_t *swarm, unsigned kind, nkt_endpoint_t *endpoint)
{
    if (kind == NKT_TIMER_ENDPOINT)
        nkt_endpoint_timer(swarm, endpoint);
    else if (kind == NKT_TIMER_ANNOUNCE)
        nkt_announce_timer(swarm, endpoint);
    else if (kind == NKT_TIMER_CLAIM)
        nkt_endpoint_claim_timer(swarm, endpoint);
    else
        nkt_relay_greet_timer(swarm, endpoint);
}

static void timer_run(nkt_swarm_t *swarm, nkt_timer_t *timer)
{
    switch ((nkt_timer_kind_t)timer->kind) {
    case NKT_TIMER_ACK:
    case NKT_TIMER_RETRY:
    case NKT_TIMER_PUMP:
    case NKT_TIMER_LOSS:
    case NKT_TIMER_SESSION:
    case NKT_TIMER_MESH:
    case NKT_TIMER_ABSENT:
    case NKT_TIMER_DIGEST_TO:
        user_timer_run(swarm, timer->kind, timer->owner);
        break;
    case NKT_TIMER_LINK:
        nkt_link_timer(swarm, timer->owner);
        break;
    case NKT_TIMER_ENDPOINT:
    case NKT_TIMER_ANNOUNCE:
    case NKT_TIMER_CLAIM:
    case NKT_TIMER_RELAY_GREET:
        endpoint_timer_run(swarm, timer->kind, timer->owner);
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
    case NKT_TIMER_CLOCK:
        nkt_clock_ask_some(swarm);
        break;
    case NKT_TIMER_VIEW:
        nkt_view_timer(swarm);
        break;
    case NKT_TIMER_IHAVE:
        nkt_tree_ihave_timer(swarm);
        break;
    case NKT_TIMER_FETCH:
        nkt_tree_fetch_timer(swarm);
        break;
    case NKT_TIMER_BRIDGE:
        nkt_bridge_timer(swarm);
        break;
    case NKT_TIMER_JOURNAL: /* every step ends with it */
        break;
    case NKT_TIMER_LETTERS:
        nkt_letters_timer(swarm);
        break;
    case NKT_TIMER_KEEPER:
        nkt_keeper_timer(swarm);
        break;
    case NKT_TIMER_KEYS:
        nkt_keys_timer(swarm);
        break;
    case NKT_TIMER_SHARE:
        nkt_share_post(swarm);
        break;
    case NKT_TIMER_MAIL:
        nkt_mailbox_timer(swarm);
        break;
    case NKT_TIMER_CONTENT:
        nkt_content_timer(swarm);
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
    nkt_silence_excuse(swarm);
    wake(swarm);
}

static void timers_run(nkt_swarm_t *swarm)
{
    /* each at most once a step: a timer that re-arms itself for now runs in the next one */
    for (size_t budget = swarm->timers.count; budget > 0; budget--) {
        nkt_timer_t *timer = nkt_alarm_due(swarm);
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
        (event->bytes == NULL && event->bytes_size > 0) || (event->text == NULL && event->text_size > 0) ||
        event->now_ms > NKT_WALL_MS_MAX)
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
    nkt_effects_begin(swarm);
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
    nkt_content_tend(swarm);
    nkt_persist_flush(swarm, 0);
    nkt_status_tell(swarm);
    return conclude(swarm, err);
}

int nkt_poll(nkt_core_t *core, nkt_effect_t *effect)
{
    return nkt_effects_poll(&core->swarm, effect);
}

void nkt_rest(nkt_core_t *core)
{
    if (core->swarm.is_started && !core->swarm.is_stopped && core->swarm.fatal == 0)
        nkt_ephemeral_rest(&core->swarm);
}

uint64_t nkt_deadline_ms(const nkt_core_t *core)
{
    if (core->swarm.is_stopped)
        return UINT64_MAX;
    uint64_t timer_ms = nkt_timers_next_ms(&core->swarm.timers), clock_ms = nkt_clock_due_ms(&core->swarm);
    return timer_ms < clock_ms ? timer_ms : clock_ms;
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
    return nkt_talk_safety_number(swarm, user, digits);
}

int nkt_room_id(const nkt_core_t *core, char text[NKT_ROOM_TEXT_SIZE])
{
    if (core == NULL || text == NULL)
        return NKT_E_ARGUMENT;
    if (!core->swarm.is_started)
        return NKT_E_STATE;
    nkt_room_name(&core->swarm, core->swarm.room.network, text);
    return NKT_OK;
}

int nkt_is_of_room(nkt_core_t *core, const nkt_address_t *address)
{
    if (core == NULL || address == NULL)
        return NKT_E_ARGUMENT;
    if (!core->swarm.is_started || core->swarm.is_stopped)
        return NKT_E_STATE;
    const nkt_user_t *user = nkt_user_find(&core->swarm, address);
    if (user == NULL)
        return NKT_E_UNKNOWN_USER;
    return nkt_user_is_of_room(&core->swarm, user);
}

int nkt_health_json(nkt_core_t *core, const char **json, size_t *json_size)
{
    return nkt_health_print(&core->swarm, json, json_size);
}
