/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Remote calls are messages with a flag; what is special about them: whoever waits may give up. */
#include "delivery/delivery.h"
#include "state/swarm.h"

/* Takes the call with that ticket out of a list; NULL: it is not in it. */
static nkt_parcel_t *call_take(nkt_parcel_t **head, nkt_parcel_t **tail, uint32_t ticket)
{
    nkt_parcel_t *before = NULL;
    for (nkt_parcel_t *parcel = *head; parcel != NULL; before = parcel, parcel = parcel->next) {
        if (!parcel->message->is_call || parcel->message->ticket != ticket)
            continue;
        *(before == NULL ? head : &before->next) = parcel->next;
        if (*tail == parcel)
            *tail = before;
        return parcel;
    }
    return NULL;
}

int nkt_outbox_cancel(nkt_swarm_t *swarm, nkt_user_t *user, uint32_t ticket)
{
    nkt_parcel_t *parcel = call_take(&user->delivery.queue_head, &user->delivery.queue_tail, ticket);
    if (parcel != NULL) {
        user->delivery.queue_count--;
        user->delivery.queue_size -= parcel->message->size;
    } else {
        parcel = call_take(&user->delivery.flight_head, &user->delivery.flight_tail, ticket);
        if (parcel == NULL)
            return NKT_E_ARGUMENT;
        user->delivery.flight_count--;
        user->delivery.flight_size -= parcel->message->size;
    }
    nkt_parcel_end(swarm, user, parcel, NKT_DELIVERY_FAILED, NKT_E_CANCELLED);
    nkt_outbox_pump(swarm, user);
    nkt_outbox_weigh(swarm, user);
    return NKT_OK;
}
