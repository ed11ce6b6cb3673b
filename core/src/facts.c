/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the application asks for: to start and stop, to say something, to mark people. */
#include <string.h>

#include <sodium.h>

#include "base/base58.h"
#include "base/json.h"
#include "core.h"
#include "delivery/delivery.h"
#include "inbound/inbound.h"
#include "links/links.h"
#include "people/people.h"
#include "routing/routing.h"
#include "state/state.h"
#include "store/store.h"

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
        if (!nkt_user_check_membership(swarm, user) && !user->standing.is_met)
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
    nkt_room_leave(swarm);
}

int nkt_core_start(nkt_swarm_t *swarm)
{
    if (swarm->is_started)
        return NKT_E_STATE;
    if (swarm->store.is_outdated)
        return NKT_E_NEWER;
    int err = nkt_own_create(swarm);
    if (err == NKT_OK)
        err = nkt_clock_start(swarm);
    nkt_persist_start(swarm);
    if (err < 0)
        return err;
    nkt_room_enter(swarm);
    if (swarm->settings.room != NULL && swarm->adopted.is_there)
        adopted_leave(swarm);
    err = nkt_own_record_renew(swarm);
    if (err < 0)
        return err;
    swarm->is_started = 1;
    swarm->incarnation = swarm->own.record.sequence;
    self_tell(swarm);
    nkt_pins_tell(swarm, NKT_MARK_PINNED);
    nkt_pins_tell(swarm, NKT_MARK_IGNORED); /* before anything is told of them */
    nkt_away_start(swarm);
    memberships_check(swarm);
    nkt_journal_start(swarm);
    nkt_keeper_start(swarm);
    nkt_spread_start(swarm);
    nkt_endpoints_start(swarm);
    return NKT_OK;
}

void nkt_core_stop(nkt_swarm_t *swarm)
{
    nkt_share_post(swarm);
    nkt_outbox_pump_rest(swarm);
    if (nkt_buf_append_u8(nkt_lend(swarm, NKT_LENT_PAYLOAD), 0) == NKT_OK)
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

static int bytes_check(const nkt_event_t *event, size_t size_max)
{
    if (event->bytes == NULL || event->bytes_size == 0)
        return NKT_E_ARGUMENT;
    return event->bytes_size > size_max ? NKT_E_SIZE : NKT_OK;
}

static int value_check(const nkt_event_t *event, size_t size_max)
{
    int err = bytes_check(event, size_max);
    if (err < 0)
        return err;
    return nkt_json_is_value((const char *)event->bytes, event->bytes_size, NKT_JSON_DEPTH_MAX, NKT_JSON_ITEM_MAX) ? NKT_OK
                                                                                                              : NKT_E_VALUE;
}

/* Whom something is to be said to; NULL: everybody. */
static int recipient(nkt_swarm_t *swarm, const nkt_address_t *address, nkt_user_t **to)
{
    *to = NULL;
    if (nkt_address_is_zero(address))
        return NKT_OK;
    if (nkt_address_compare(address, &swarm->identity.address) == 0)
        return NKT_E_SELF;
    *to = nkt_user_find(swarm, address);
    if (*to == NULL)
        return NKT_E_UNKNOWN_USER;
    if ((*to)->presence.flags & NKT_USER_MUTED)
        return NKT_E_MUTED;
    nkt_user_prove(swarm, *to, NKT_PROOF_SOUGHT); /* whom somebody here speaks to is no stranger */
    return NKT_OK;
}

int nkt_core_say(nkt_swarm_t *swarm, const nkt_event_t *event)
{
    int wrong = value_check(event, NKT_VALUE_SIZE_MAX);
    if (wrong < 0)
        return wrong;
    if (event->flags & NKT_SAY_CALL && (event->flags & NKT_SAY_CLEAR || nkt_address_is_zero(&event->address)))
        return NKT_E_ARGUMENT;
    if (event->flags & NKT_SAY_CONTENT && event->flags & (NKT_SAY_CLEAR | NKT_SAY_CALL))
        return NKT_E_ARGUMENT;
    if (event->flags & NKT_SAY_CLEAR)
        return nkt_talk_clear(swarm, event->bytes, event->bytes_size, event->ticket);
    nkt_user_t *to = NULL;
    int err = recipient(swarm, &event->address, &to);
    return err < 0 ? err : nkt_outbox_add(swarm, to, event->bytes, event->bytes_size, event->ticket, event->flags);
}

int nkt_core_ephemeral(nkt_swarm_t *swarm, const nkt_event_t *event)
{
    nkt_user_t *to = NULL;
    int is_raw = (event->flags & NKT_EPHEMERAL_RAW) != 0;
    if (is_raw && nkt_address_is_zero(&event->address))
        return NKT_E_ARGUMENT;
    int err = is_raw ? bytes_check(event, NKT_EPHEMERAL_SIZE_MAX) : value_check(event, NKT_EPHEMERAL_SIZE_MAX);
    if (err == NKT_OK)
        err = recipient(swarm, &event->address, &to);
    return err < 0 ? err : nkt_ephemeral_say(swarm, to, event->bytes, event->bytes_size, is_raw);
}

int nkt_core_cancel(nkt_swarm_t *swarm, const nkt_event_t *event)
{
    if (nkt_address_is_zero(&event->address))
        return nkt_connect_cancel(swarm, event->ticket) == NKT_OK ? NKT_OK : nkt_invite_cancel(swarm, event->ticket);
    nkt_user_t *user = nkt_user_find(swarm, &event->address);
    return user == NULL ? NKT_E_UNKNOWN_USER : nkt_outbox_cancel(swarm, user, event->ticket);
}

int nkt_core_set_flags(nkt_swarm_t *swarm, const nkt_event_t *event)
{
    nkt_user_t *user = nkt_user_find(swarm, &event->address);
    if (user == NULL)
        return NKT_E_UNKNOWN_USER;
    nkt_user_set_flags(swarm, user, (uint8_t)event->value);
    return NKT_OK;
}

int nkt_core_talk(nkt_swarm_t *swarm, const nkt_event_t *event)
{
    nkt_user_t *user = nkt_user_find(swarm, &event->address);
    if (user == NULL)
        return NKT_E_UNKNOWN_USER;
    nkt_talk_call(swarm, user, event->value != 0);
    return NKT_OK;
}

int nkt_core_mark(nkt_swarm_t *swarm, nkt_mark_t mark, const nkt_event_t *event)
{
    return event->value != 0 ? nkt_pin_set(swarm, mark, &event->address, event->text, event->text_size)
                             : nkt_pin_remove(swarm, mark, &event->address);
}

int nkt_core_sisters(nkt_swarm_t *swarm, const nkt_event_t *event)
{
    int err = nkt_own_sisters(swarm, event->bytes, event->bytes_size);
    if (err == NKT_OK)
        nkt_announce_findable(swarm, event->value != 0);
    return err;
}

int nkt_core_set_nick(nkt_swarm_t *swarm, const nkt_event_t *event)
{
    if (event->text_size > NKT_NICK_SIZE_MAX || !nkt_text_is_clean(event->text, event->text_size))
        return NKT_E_ARGUMENT;
    char *nick = nkt_text_copy(event->text, event->text_size);
    if (nick == NULL)
        return NKT_E_MEMORY;
    nkt_settings_rename(swarm, nick);
    if (!swarm->is_started)
        return NKT_OK;
    self_tell(swarm);
    return nkt_own_record_renew(swarm);
}
