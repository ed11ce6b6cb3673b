/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A parcel's position and its end. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "delivery/delivery.h"
#include "state/state.h"
#include "state/swarm.h"

/* Looks for an absent user again, after a little more than that. */
void nkt_outbox_look_later(nkt_swarm_t *swarm, nkt_user_t *user, uint64_t wait_ms)
{
    wait_ms += wait_ms / 4 + nkt_chance_below(swarm, wait_ms / 4);
    nkt_alarm_set_by(swarm, &user->delivery.retry_timer, swarm->now_ms + wait_ms);
}

void nkt_message_release(nkt_swarm_t *swarm, nkt_message_t *message)
{
    assert(message->parcel_count > 0);
    if (--message->parcel_count > 0)
        return;
    assert(swarm->outbox.count > 0);
    swarm->outbox.count--;
    swarm->outbox.size -= message->size;
    nkt_journal_settled(swarm, message);
}

void nkt_parcel_end(nkt_swarm_t *swarm, nkt_user_t *user, nkt_parcel_t *parcel, nkt_delivery_state_t state, int err)
{
    if (user != NULL) {
        user->group.parcel_count -= parcel->is_group;
        user->delivery.letter_count -= nkt_parcel_is_letter(parcel);
    }
    nkt_message_t *message = parcel->message;
    nkt_parcel_tell(swarm, parcel, state, err);
    if (!parcel->is_quiet)
        *(state == NKT_DELIVERY_DELIVERED ? &message->delivered_count : &message->failed_count) += 1;
    if (parcel->before != NULL)
        parcel->before->sibling = parcel->sibling;
    else
        message->parcels = parcel->sibling;
    if (parcel->sibling != NULL)
        parcel->sibling->before = parcel->before;
    nkt_journal_changed(swarm, message);
    nkt_message_release(swarm, message);
    swarm->outbox.parcel_count--;
    free(parcel);
}

int nkt_parcel_stream(nkt_swarm_t *swarm, nkt_user_t *user)
{
    if (user->delivery.stream_id != 0)
        return NKT_OK;
    user->delivery.sequence = 0;
    return nkt_talk_stream(swarm, &user->delivery.stream_id);
}

/* Gives it its position, which it keeps whatever happens: what is stored now may be said again in another life. */
void nkt_parcel_position(const nkt_swarm_t *swarm, nkt_user_t *user, nkt_parcel_t *parcel)
{
    const nkt_message_t *message = parcel->message;
    parcel->is_group = message->group_position != 0 && nkt_group_may_read(swarm, user);
    /* whoever left may still hear the broadcast one day: told later, it has its position */
    int is_shared = parcel->is_group || message->shared_stream_id != 0 || (parcel->is_quiet && message->group_position != 0);
    parcel->stream_id = !is_shared                       ? user->delivery.stream_id
                        : message->shared_stream_id != 0 ? message->shared_stream_id
                                                         : message->group_stream_id;
    parcel->sequence = is_shared ? message->group_position : ++user->delivery.sequence;
    parcel->is_group &= parcel->stream_id == swarm->group.stream_id;
    parcel->is_written = message->is_written && nkt_letter_is_away(swarm, user);
    if (parcel->is_group && user->group.parcel_count++ == 0)
        user->group.low = parcel->sequence;
}

void nkt_outbox_add_quiet(nkt_swarm_t *swarm, nkt_user_t *user, nkt_message_t *message)
{
    nkt_parcel_t *parcel = nkt_parcel_stream(swarm, user) < 0 ? NULL : nkt_parcel_new(swarm, message, &user->address);
    if (parcel == NULL)
        return;
    if (message->parcel_count == 1) { /* it was settled, and held */
        swarm->outbox.count++;
        swarm->outbox.size += message->size;
    }
    parcel->is_quiet = 1;
    nkt_parcel_position(swarm, user, parcel);
    nkt_parcel_queue(swarm, user, parcel);
    if (message->page != NULL) /* at once: what is stored of the user next says no more that it missed this */
        nkt_page_want(swarm, message->page, swarm->now_ms);
}
