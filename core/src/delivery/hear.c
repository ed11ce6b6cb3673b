/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A message arrived, in whatever way: is its position new? Then it is acknowledged, stored and told. */
#include <string.h>

#include "base/base58.h"
#include "base/json.h"
#include "delivery/delivery.h"
#include "nkt.pb-c.h"
#include "people/people.h"
#include "state/state.h"
#include "state/swarm.h"
#include "wire/pack.h"

static void message_tell(nkt_swarm_t *swarm, const nkt_user_t *user, unsigned flags, const uint8_t *id,
                         uint64_t date_ms, const ProtobufCBinaryData *json, const nkt_said_t *said)
{
    char text[NKT_ROOM_TEXT_SIZE];
    nkt_effect_t fx = {
        .kind = NKT_FX_MESSAGE,
        .flags = flags,
        .time_ms = date_ms,
        .address = user->address,
        .bytes = json->data,
        .bytes_size = json->len,
    };
    memcpy(fx.id, id, NKT_ID_SIZE);
    nkt_said_lend(swarm, &fx, said, text);
    nkt_count(swarm, NKT_TALLY_MESSAGES_IN, 1);
    nkt_emit(swarm, &fx);
}

static int is_value_ok(const ProtobufCBinaryData *id, const ProtobufCBinaryData *json)
{
    return id->len == NKT_ID_SIZE && json->len > 0 && json->len <= NKT_VALUE_SIZE_MAX &&
           nkt_json_is_value((const char *)json->data, json->len, NKT_JSON_DEPTH_MAX, NKT_JSON_ITEM_MAX);
}

/* 0 if this position of that stream is new, and marked now. NKT_E_REPLAY, NKT_E_MEMORY; NKT_E_EXPIRED: nobody knows any more. */
static int position_take(nkt_user_t *user, uint64_t stream_id, uint64_t sequence)
{
    nkt_window_t *window;
    int err = nkt_windows_of(&user->windows, NKT_STREAM_PER_USER_MAX, stream_id, &user->letters.floor, &window);
    if (window == NULL || nkt_window_is_past(window, sequence))
        return err < 0 ? err : NKT_E_EXPIRED;
    return nkt_window_is_new(window, sequence) ? nkt_window_mark(window, sequence) : NKT_E_REPLAY;
}

/* An envelope to everybody holds what was said to everybody, whatever stands in it. What was said to us alone was said where we are:
 * it is between two people, of whom the other may be in another room, or in none. */
static nkt_said_t said_of(const nkt_swarm_t *swarm, const nkt_envelope_t *envelope, const Nkt__Say *say)
{
    int is_cast = nkt_address_is_zero(&envelope->to);
    nkt_said_t said = {.network = say->has_network ? say->network.data : envelope->network};
    said.is_to_all = (uint8_t)(is_cast || (say->has_all && say->all));
    said.is_to_one = (uint8_t)(!said.is_to_all && (say->has_all || say->has_call)); /* calls are for one */
    if (said.is_to_one)
        said.network = swarm->room.network;
    return said;
}

int nkt_talk_hear(nkt_swarm_t *swarm, nkt_user_t *user, const nkt_envelope_t *envelope, const Nkt__Say *say, uint64_t ack_ms)
{
    if (user->standing.is_ignored) { /* not shown, not stored, not acknowledged: as if nobody were here */
        nkt_count(swarm, NKT_TALLY_MESSAGES_IGNORED, 1);
        return NKT_OK;
    }
    if (say->stream_id == 0 || say->sequence == 0 || !is_value_ok(&say->id, &say->json) ||
        (say->has_network && (say->network.len != NKT_NETWORK_SIZE || envelope->kind == NKT_KIND_GROUP)))
        return NKT_E_PAYLOAD;
    nkt_said_t said = said_of(swarm, envelope, say);
    int err = position_take(user, say->stream_id, say->sequence);
    if (err == NKT_E_EXPIRED && nkt_journal_knows(swarm, user, say))
        err = NKT_E_REPLAY;
    if (err == NKT_E_MEMORY || err == NKT_E_EXPIRED)
        return err; /* not shown, or perhaps not: not acknowledged */
    nkt_user_prove(swarm, user, NKT_PROOF_TALKED);
    user->delivery.is_ack_lost |= err == NKT_E_REPLAY;
    nkt_talk_ack(swarm, user, say->stream_id, say->sequence, ack_ms);
    int is_call = say->has_call && say->call;
    unsigned flags = is_call ? NKT_SAY_CALL : say->has_content && say->content ? NKT_SAY_CONTENT : 0;
    if (err == NKT_OK && !is_call && nkt_journal_knows(swarm, user, say))
        err = NKT_E_REPLAY;
    if (err == NKT_OK && !is_call)
        nkt_journal_heard(swarm, user, say, &said);
    if (err == NKT_OK)
        message_tell(swarm, user, flags, say->id.data, nkt_clock_local(swarm, user, say->date_ms), &say->json, &said);
    return err;
}

int nkt_talk_each(nkt_swarm_t *swarm, int before, int one)
{
    if (one >= 0)
        return before;
    int result = before == NKT_E_MEMORY ? before : one, other = result == one ? before : one;
    if (other < 0)
        nkt_drop(swarm, other);
    return result;
}

int nkt_talk_receive_clear(nkt_swarm_t *swarm, nkt_user_t *user, const nkt_envelope_t *envelope)
{
    if (user->standing.is_ignored) {
        nkt_count(swarm, NKT_TALLY_MESSAGES_IGNORED, 1);
        return NKT_OK;
    }
    Nkt__Clear *clear = nkt_unpack(&nkt__clear__descriptor, envelope->payload_size, envelope->payload);
    if (clear == NULL)
        return NKT_E_PAYLOAD;
    int err = NKT_E_PAYLOAD;
    if (clear->stream_id != 0 && clear->sequence != 0 && is_value_ok(&clear->id, &clear->json))
        err = position_take(user, clear->stream_id, clear->sequence);
    if (err == NKT_OK)
        nkt_user_touch(user); /* its replay window: heard once, over a reload as well */
    nkt_said_t said = {.network = envelope->network, .is_to_all = 1};
    if (err == NKT_OK)
        message_tell(swarm, user, NKT_SAY_CLEAR, clear->id.data, nkt_clock_date(swarm, user, envelope->created_ms), &clear->json, &said);
    nkt__clear__free_unpacked(clear, NULL);
    return err;
}
