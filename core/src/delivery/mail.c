/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The author's side of mail: what waits for one who is away is given to some who keep it. */
#include "base/base58.h"
#include "delivery/delivery.h"
#include "routing/routing.h"
#include "state/state.h"
#include "state/swarm.h"

/* Soon, all that was said to everybody and still has to reach some who are away goes to the mailboxes, in one envelope. */
static void share_want(nkt_swarm_t *swarm)
{
    uint64_t at_ms = swarm->outbox.shared_ms + NKT_MAIL_SHARE_MS;
    int is_early = swarm->outbox.shared_ms != 0 && at_ms > swarm->now_ms;
    nkt_alarm_set_by(swarm, &swarm->outbox.share_timer, is_early ? at_ms : swarm->now_ms);
}

int nkt_mailbox_may_post(const nkt_swarm_t *swarm, nkt_user_t *user)
{
    return nkt_user_is_given_up(user) && user->standing.is_member && (nkt_session_exists(&user->session) || nkt_key_may_begin(user)) &&
           user->mail.given_count < NKT_MAIL_POST_COUNT_MAX && user->mail.given_size < NKT_MAIL_FROM_SIZE_MAX &&
           swarm->effects.size < NKT_EFFECT_SIZE_HIGH && nkt_post_can_reach(swarm, user) && nkt_mailbox_has_keeper(swarm, user);
}

void nkt_mailbox_want(nkt_swarm_t *swarm, nkt_user_t *user)
{
    nkt_mailbox_afresh(user);
    for (nkt_parcel_t *parcel = user->delivery.flight_head; parcel != NULL; parcel = parcel->next)
        parcel->is_mailed = 0;
    for (nkt_parcel_t *parcel = user->delivery.queue_head; parcel != NULL; parcel = parcel->next)
        parcel->is_mailed = 0;
    nkt_letter_want(swarm, user);
    if (user->delivery.flight_head != NULL || user->delivery.queue_head != NULL)
        nkt_mailbox_due(swarm, user, NKT_DUE_POST);
}

/* How many parcels from this one on travel in one envelope of mail. */
static size_t batch_count(const nkt_swarm_t *swarm, const nkt_parcel_t *parcel)
{
    size_t count = 0, size = 0;
    for (; parcel != NULL && count < NKT_BATCH_COUNT_MAX; parcel = parcel->next) {
        size += parcel->message->size;
        int is_letter = !nkt_address_is_zero(&parcel->message->peer); /* the others: share.c */
        if (!is_letter || parcel->is_mailed || !nkt_mailbox_may_keep(swarm, parcel) || (count > 0 && size > NKT_BATCH_SIZE_MAX))
            break;
        count++;
    }
    return count;
}

/* The parcels from this one on, for others to keep: they stay where they are. 0: no more now. */
static int parcels_post(nkt_swarm_t *swarm, nkt_user_t *user, nkt_parcel_t *parcel)
{
    while (parcel != NULL) {
        size_t count = batch_count(swarm, parcel);
        if (count == 0) {
            parcel = parcel->next;
            continue;
        }
        if (!nkt_mailbox_may_post(swarm, user) || nkt_talk_ready(swarm, user) < 0 || nkt_talk_say(swarm, user, parcel, count) <= 0)
            return 0;
        for (; count > 0; count--, parcel = parcel->next)
            parcel->is_mailed = 1;
    }
    return 1;
}

void nkt_mailbox_post(nkt_swarm_t *swarm, nkt_user_t *user)
{
    if (nkt_user_is_given_up(user) && !nkt_session_exists(&user->session) && !nkt_key_may_begin(user))
        nkt_key_lack(swarm, user);
    if (!nkt_mailbox_may_post(swarm, user))
        return;
    if (user->delivery.flight_count + user->delivery.queue_count > user->delivery.letter_count)
        share_want(swarm);
    if (user->delivery.letter_count > 0 && parcels_post(swarm, user, user->delivery.flight_head))
        parcels_post(swarm, user, user->delivery.queue_head);
}
