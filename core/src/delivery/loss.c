/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What was lost, as can be told from what is acknowledged (RFC 9002, section 6.1): on one way things keep their order, so what was said
 * before something that arrived, and took the same link, is lost, and is said again at once; so is what took a link that is gone. A
 * message that took several ways, or another one, may still come by the slower: it is given as long as a first retry is, and more with each
 * time. Without this, whoever goes on talking puts off the retry of what was lost (retry_later(), outbox.c), for as long as he talks.
 */
#include "delivery/delivery.h"
#include "state/state.h"
#include "state/swarm.h"

enum { DOUBLINGS_MAX = 5 };

void nkt_loss_acked(nkt_passed_t *passed, const nkt_parcel_t *parcel)
{
    if (parcel->sent_count != 1 || parcel->sent_ms <= passed->sent_ms)
        return; /* which of its sendings arrived is not known (Karn) */
    passed->sent_ms = parcel->sent_ms;
    passed->way = parcel->way;
}

/* Nothing that took the way of that parcel can come after what was acknowledged. */
static int is_behind(nkt_swarm_t *swarm, const nkt_parcel_t *parcel, const nkt_passed_t *passed)
{
    return parcel->way != 0 && (parcel->way == passed->way || nkt_link_find(swarm, parcel->way) == NULL);
}

static uint64_t lost_ms(nkt_swarm_t *swarm, const nkt_parcel_t *parcel, const nkt_passed_t *passed)
{
    const uint64_t trip_ms = swarm->now_ms - passed->sent_ms, soon_ms = swarm->now_ms + NKT_REORDER_MS;
    uint64_t at_ms;
    if (is_behind(swarm, parcel, passed)) {
        at_ms = parcel->sent_ms + trip_ms + trip_ms / NKT_REORDER_SHARE;
    } else {
        const uint32_t doublings = parcel->sent_count - 1u < DOUBLINGS_MAX ? parcel->sent_count - 1u : DOUBLINGS_MAX;
        at_ms = parcel->sent_ms + trip_ms + ((uint64_t)NKT_RETRY_MS_BASE << doublings);
    }
    return at_ms > soon_ms ? at_ms : soon_ms; /* other ranges of the same acknowledgement are read first */
}

void nkt_loss_look(nkt_swarm_t *swarm, nkt_user_t *user, const nkt_passed_t *passed)
{
    for (nkt_parcel_t *parcel = user->delivery.flight_head; parcel != NULL; parcel = parcel->next) {
        if (parcel->sent_ms == 0 || parcel->sent_ms >= passed->sent_ms)
            continue;
        const uint64_t at_ms = lost_ms(swarm, parcel, passed);
        if (parcel->is_lost && parcel->lost_ms <= at_ms)
            continue;
        parcel->is_lost = 1;
        parcel->lost_ms = at_ms; /* due_ms stays: what is said again sooner anyway is not put off */
        nkt_alarm_set_by(swarm, &user->delivery.loss_timer, at_ms);
    }
}

size_t nkt_loss_count(const nkt_swarm_t *swarm, const nkt_parcel_t *parcel)
{
    const uint64_t incarnation = parcel->message->incarnation;
    size_t count = 0, size = 0;
    for (; parcel != NULL && count < NKT_BATCH_COUNT_MAX; parcel = parcel->next, count++) {
        size += parcel->message->size;
        if (!parcel->is_lost || parcel->lost_ms > swarm->now_ms ||
            (count > 0 && (size > NKT_BATCH_SIZE_MAX || parcel->message->incarnation != incarnation)))
            break;
    }
    return count;
}
