/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages and parcels as such: made, lent, queued, told of, freed. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/base58.h"
#include "delivery/delivery.h"
#include "nkt.pb-c.h"
#include "state/state.h"
#include "state/swarm.h"
#include "wire/pack.h"

void nkt_parcel_tell(nkt_swarm_t *swarm, const nkt_parcel_t *parcel, nkt_delivery_state_t state, int err)
{
    const nkt_message_t *message = parcel->message;
    if (parcel->is_quiet)
        return;
    const char *reason = err == NKT_OK ? "" : nkt_err_text(err);
    nkt_effect_t fx = {
        .kind = NKT_FX_DELIVERY,
        .ticket = message->ticket,
        .address = parcel->to,
        .value = state,
        .text = reason,
        .text_size = strlen(reason),
    };
    memcpy(fx.id, message->id, NKT_ID_SIZE);
    nkt_emit(swarm, &fx);
}

nkt_message_t *nkt_message_new(const uint8_t *json, size_t size)
{
    nkt_message_t *message = calloc(1, sizeof *message + size);
    if (message == NULL)
        return NULL;
    message->size = size;
    memcpy(message->json, json, size);
    return message;
}

void nkt_message_free(nkt_message_t *message)
{
    sodium_memzero(message->json, message->size);
    free(message);
}

nkt_parcel_t *nkt_parcel_new(nkt_swarm_t *swarm, nkt_message_t *message, const nkt_address_t *to)
{
    nkt_parcel_t *parcel = swarm->outbox.parcel_count < NKT_PARCEL_COUNT_MAX ? calloc(1, sizeof *parcel) : NULL;
    if (parcel == NULL)
        return NULL;
    parcel->message = message;
    parcel->to = *to;
    parcel->sibling = message->parcels;
    if (parcel->sibling != NULL)
        parcel->sibling->before = parcel;
    message->parcels = parcel;
    message->parcel_count++;
    swarm->outbox.parcel_count++;
    return parcel;
}

unsigned nkt_parcel_is_letter(const nkt_parcel_t *parcel)
{
    return !nkt_address_is_zero(&parcel->message->peer);
}

void nkt_parcel_queue(const nkt_swarm_t *swarm, nkt_user_t *user, nkt_parcel_t *parcel)
{
    assert(parcel->stream_id != 0 && parcel->sequence != 0 && parcel->next == NULL);
    if (!nkt_user_is_owed(user))
        user->delivery.progress_ms = swarm->now_ms;
    if (user->delivery.queue_tail != NULL)
        user->delivery.queue_tail->next = parcel;
    else
        user->delivery.queue_head = parcel;
    user->delivery.queue_tail = parcel;
    user->delivery.queue_count++;
    user->delivery.queue_size += parcel->message->size;
}

void nkt_talk_lend(const nkt_swarm_t *swarm, Nkt__Say *say, const nkt_message_t *message, uint64_t stream_id, uint64_t sequence)
{
    *say = (Nkt__Say)NKT__SAY__INIT;
    say->stream_id = stream_id;
    say->sequence = sequence;
    say->id = nkt_pack_lend(message->id, NKT_ID_SIZE);
    say->date_ms = message->date_ms;
    say->json = nkt_pack_lend(message->json, message->size);
    say->has_call = say->call = message->is_call;
    say->has_content = say->content = message->is_content;
    say->has_all = !message->is_call;
    say->all = nkt_address_is_zero(&message->peer);
    say->has_network = !message->is_call && !sodium_is_zero(message->network, NKT_NETWORK_SIZE) &&
                       memcmp(message->network, swarm->room.network, NKT_NETWORK_SIZE) != 0;
    say->network = nkt_pack_lend(message->network, NKT_NETWORK_SIZE);
}

void nkt_said_lend(const nkt_swarm_t *swarm, nkt_effect_t *fx, const nkt_said_t *said, char text[NKT_ROOM_TEXT_SIZE])
{
    nkt_room_name(swarm, said->network, text);
    fx->text = text;
    fx->text_size = strlen(text);
    fx->flags |= said->is_to_all || said->is_to_one ? 0 : NKT_SAY_UNTOLD;
    if (!said->is_to_all)
        fx->peer = swarm->identity.address;
}

int nkt_talk_stream(nkt_swarm_t *swarm, uint64_t *stream_id)
{
    _Static_assert(NKT_TIME_MS_MAX <= UINT64_MAX >> NKT_STREAM_CHANCE_BITS, "else later lives would be taken for earlier ones");
    uint32_t chance;
    if (swarm->host.entropy(swarm->host.context, (uint8_t *)&chance, sizeof chance) < 0)
        return NKT_E_ENTROPY;
    *stream_id = swarm->incarnation << NKT_STREAM_CHANCE_BITS | (chance & ((1u << NKT_STREAM_CHANCE_BITS) - 1)) | 1; /* 0 means none */
    return NKT_OK;
}

void nkt_lately_append(nkt_lately_t *lately, nkt_message_t *message)
{
    assert(!message->is_held && message->order != 0);
    nkt_message_t **at = &lately->first;
    if (lately->last != NULL && lately->last->order < message->order)
        at = &lately->last->later;
    while (*at != NULL && (*at)->order < message->order)
        at = &(*at)->later;
    message->later = *at;
    *at = message;
    if (message->later == NULL)
        lately->last = message;
    lately->count++;
    lately->size += message->size;
    message->is_held = 1;
}

void nkt_away_restore(nkt_swarm_t *swarm, nkt_message_t *message)
{
    nkt_lately_append(&swarm->lately, message);
}

/* Calls are answered at once or not at all, and may be given up. What earlier lives left goes out life by life: a replay
 * window knows but two. */
int nkt_mailbox_may_keep(const nkt_swarm_t *swarm, const nkt_parcel_t *parcel)
{
    return !parcel->message->is_call && parcel->message->incarnation == swarm->journal.incarnation;
}
