/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an earlier life left in the outbox finds those it is for; parcels for nobody who is known wait (orphans). */
#include <string.h>

#include "delivery/delivery.h"
#include "state/state.h"
#include "state/swarm.h"

/* What is over since we were here may seem so by a clock that is fast: it has a while yet. */
static uint64_t left_ms_of(const nkt_swarm_t *swarm, uint64_t until_ms)
{
    uint64_t age_ms = nkt_clock_age(swarm), sure_ms = nkt_clock_age_sure(swarm);
    uint64_t left_ms = until_ms > age_ms ? until_ms - age_ms : 0, most_ms = until_ms > sure_ms ? until_ms - sure_ms : 0;
    if (left_ms < NKT_CLOCK_GRACE_MS)
        left_ms = most_ms < NKT_CLOCK_GRACE_MS ? most_ms : NKT_CLOCK_GRACE_MS;
    return left_ms < NKT_KEEP_S * 1000ull ? left_ms : NKT_KEEP_S * 1000ull;
}

/* Passes it to its recipient; to wait, if that one is not known (any more, or yet). */
static void parcel_resume(nkt_swarm_t *swarm, nkt_parcel_t *parcel)
{
    nkt_user_t *user = nkt_user_find(swarm, &parcel->to);
    parcel->next = NULL;
    if (user != NULL) {
        user->delivery.letter_count += nkt_parcel_is_letter(parcel);
        nkt_parcel_queue(swarm, user, parcel);
        if (!nkt_away_has_left(user))
            nkt_outbox_look_later(swarm, user, NKT_RETRY_MS_BASE);
        return;
    }
    if (swarm->outbox.orphan_tail != NULL)
        swarm->outbox.orphan_tail->next = parcel;
    else
        swarm->outbox.orphan_head = parcel;
    swarm->outbox.orphan_tail = parcel;
}

/* Queues what a stored message still has to reach, and tells of it. */
static void outbox_resume(nkt_swarm_t *swarm, nkt_message_t *message)
{
    size_t count = 0;
    for (const nkt_parcel_t *parcel = message->parcels; parcel != NULL; parcel = parcel->sibling)
        count += !parcel->is_quiet;
    nkt_effect_t fx = {.kind = NKT_FX_SAID, .value = (int32_t)count};
    memcpy(fx.id, message->id, NKT_ID_SIZE);
    if (count > 0)
        nkt_emit(swarm, &fx);
    for (nkt_parcel_t *parcel = message->parcels; parcel != NULL; parcel = parcel->sibling) {
        nkt_parcel_tell(swarm, parcel, NKT_DELIVERY_QUEUED, NKT_OK);
        parcel_resume(swarm, parcel);
    }
}

void nkt_journal_start(nkt_swarm_t *swarm)
{
    nkt_journal_t *journal = &swarm->journal;
    if (!swarm->settings.persist)
        return;
    journal->restored = journal->last == NULL ? 0 : journal->last->number;
    journal->incarnation = swarm->time_ms > journal->incarnation ? swarm->time_ms : journal->incarnation + 1;
    for (nkt_page_t *page = journal->first; page != NULL; page = page->next) {
        if (!swarm->settings.history)
            nkt_page_clear(swarm, page, swarm->now_ms); /* it was switched off */
        for (nkt_message_t *message = page->head; message != NULL; message = message->next) {
            message->until_ms = swarm->now_ms + left_ms_of(swarm, message->until_ms);
            if (message->parcels != NULL)
                outbox_resume(swarm, message);
        }
    }
    nkt_lately_trim(swarm); /* not before: what is stored ends by our age, which is no time of this life */
    nkt_history_trim(swarm);
}

void nkt_outbox_adopt(nkt_swarm_t *swarm, nkt_user_t *user)
{
    nkt_parcel_t *parcel = swarm->outbox.orphan_head;
    swarm->outbox.orphan_head = swarm->outbox.orphan_tail = NULL;
    while (parcel != NULL) {
        nkt_parcel_t *next = parcel->next;
        parcel_resume(swarm, parcel);
        parcel = next;
    }
    nkt_outbox_weigh(swarm, user);
}

void nkt_outbox_expire_orphans(nkt_swarm_t *swarm, uint64_t until_ms, int err)
{
    nkt_parcel_t **at = &swarm->outbox.orphan_head;
    swarm->outbox.orphan_tail = NULL;
    while (*at != NULL) {
        nkt_parcel_t *parcel = *at;
        if (parcel->message->until_ms > until_ms) {
            swarm->outbox.orphan_tail = parcel;
            at = &parcel->next;
            continue;
        }
        *at = parcel->next;
        nkt_parcel_end(swarm, NULL, parcel, NKT_DELIVERY_FAILED, err);
    }
}
