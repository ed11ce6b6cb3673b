/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What goes out in a session: messages, the acknowledgements they take along, and those that go alone; and clear messages. */
#include <stdlib.h>
#include <string.h>

#include "delivery/delivery.h"
#include "nkt.pb-c.h"
#include "routing/routing.h"
#include "state/state.h"
#include "state/swarm.h"
#include "wire/pack.h"

typedef struct nkt_ack_list {
    Nkt__Ack acks[NKT_ACK_RANGE_COUNT_MAX];
    Nkt__Ack *pointers[NKT_ACK_RANGE_COUNT_MAX];
} nkt_ack_list_t;

/* Moves what is to be acknowledged into a message that goes out now. How is it to go? What was acknowledged before, and came all the same,
 * says that the acknowledgement was lost. */
static unsigned acks_take(nkt_swarm_t *swarm, nkt_user_t *user, Nkt__Inner *inner, nkt_ack_list_t *list)
{
    for (size_t i = 0; i < user->delivery.ack_range_count; i++) {
        list->acks[i] = (Nkt__Ack)NKT__ACK__INIT;
        list->acks[i].stream_id = user->delivery.acks[i].stream_id;
        list->acks[i].first = user->delivery.acks[i].first;
        list->acks[i].last = user->delivery.acks[i].last;
        list->pointers[i] = &list->acks[i];
    }
    inner->ack = list->pointers;
    inner->n_ack = user->delivery.ack_range_count;
    user->delivery.ack_range_count = user->delivery.ack_count = 0;
    nkt_group_take_news(user, inner);
    nkt_alarm_clear(swarm, &user->delivery.ack_timer);
    unsigned how = user->delivery.is_ack_lost ? NKT_POST_AGAIN : 0;
    user->delivery.is_ack_lost = 0;
    return how;
}

void nkt_talk_flush_acks(nkt_swarm_t *swarm, nkt_user_t *user)
{
    Nkt__Inner inner = NKT__INNER__INIT;
    nkt_ack_list_t list;
    if (user->delivery.ack_range_count == 0 && !nkt_group_has_news(user))
        return;
    unsigned how = acks_take(swarm, user, &inner, &list);
    nkt_talk_post(swarm, user, &inner, how | NKT_POST_KEEP, NULL); /* an author who left is told when he is back */
}

void nkt_talk_ack(nkt_swarm_t *swarm, nkt_user_t *user, uint64_t stream_id, uint64_t sequence, uint64_t wait_ms)
{
    if (user->delivery.acks == NULL)
        user->delivery.acks = calloc(NKT_ACK_RANGE_COUNT_MAX, sizeof *user->delivery.acks);
    if (user->delivery.acks == NULL)
        return; /* it will be said again, and acknowledged then */
    nkt_ack_range_t *last = user->delivery.ack_range_count > 0 ? &user->delivery.acks[user->delivery.ack_range_count - 1] : NULL;
    if (last != NULL && last->stream_id == stream_id && sequence >= last->first && sequence <= last->last + 1) {
        if (sequence > last->last)
            last->last = sequence;
    } else {
        if (user->delivery.ack_range_count == NKT_ACK_RANGE_COUNT_MAX)
            nkt_talk_flush_acks(swarm, user);
        user->delivery.acks[user->delivery.ack_range_count++] =
            (nkt_ack_range_t){.stream_id = stream_id, .first = sequence, .last = sequence};
    }
    /* an answer of the application may take it along; of a broadcast, all acknowledge: a range takes them all along */
    if (wait_ms <= NKT_ACK_DELAY_MS && ++user->delivery.ack_count >= NKT_ACK_BATCH_COUNT)
        wait_ms = 0;
    nkt_alarm_set_by(swarm, &user->delivery.ack_timer, swarm->now_ms + wait_ms);
}

/* How and when they went last: what loss.c judges by. */
static void said_note(const nkt_swarm_t *swarm, nkt_parcel_t *parcel, size_t count, uint32_t way)
{
    for (; count > 0; count--, parcel = parcel->next) {
        parcel->sent_ms = swarm->now_ms;
        parcel->way = way;
        parcel->sent_count += parcel->sent_count < UINT8_MAX;
        parcel->is_lost = 0;
    }
}

int nkt_talk_say(nkt_swarm_t *swarm, nkt_user_t *user, nkt_parcel_t *first, size_t count)
{
    Nkt__Inner inner = NKT__INNER__INIT;
    Nkt__Say says[NKT_BATCH_COUNT_MAX];
    Nkt__Say *pointers[NKT_BATCH_COUNT_MAX];
    const nkt_parcel_t *parcel = first;
    uint32_t way = 0;
    unsigned how = NKT_POST_KEEP | (first->due_ms <= swarm->now_ms ? NKT_POST_AGAIN : 0);
    for (size_t i = 0; i < count; i++, parcel = parcel->next) {
        if (!nkt_mailbox_may_keep(swarm, parcel))
            how &= ~(unsigned)NKT_POST_KEEP;
        nkt_talk_lend(swarm, &says[i], parcel->message, parcel->stream_id, parcel->sequence);
        pointers[i] = &says[i];
    }
    nkt_ack_list_t list;
    Nkt__GroupKey offer;
    how |= acks_take(swarm, user, &inner, &list);
    if (nkt_group_offer(swarm, user, &offer))
        inner.group_key = &offer;
    inner.say = pointers;
    inner.n_say = count;
    int result = nkt_talk_post(swarm, user, &inner, how, &way);
    if (result > 0)
        said_note(swarm, first, count, way);
    return result;
}

int nkt_talk_clear(nkt_swarm_t *swarm, const uint8_t *json, size_t size, uint32_t ticket)
{
    Nkt__Clear clear = NKT__CLEAR__INIT;
    uint8_t id[NKT_ID_SIZE];
    /* nobody acknowledges these, and others pass on so much of one author's: said here, rather than lost there */
    if (!nkt_bucket_take_many(&swarm->outbox.clear_bucket, swarm->now_ms, NKT_CAST_TELL_BURST, NKT_CAST_TELL_PER_S,
                              2 + (uint32_t)(size / NKT_CAST_UNIT_SIZE)))
        return NKT_E_OUTBOX_FULL;
    if (swarm->host.entropy(swarm->host.context, id, sizeof id) < 0)
        return NKT_E_ENTROPY;
    if (swarm->outbox.clear_stream_id == 0 && nkt_talk_stream(swarm, &swarm->outbox.clear_stream_id) < 0)
        return NKT_E_ENTROPY;
    clear.stream_id = swarm->outbox.clear_stream_id;
    clear.sequence = ++swarm->outbox.clear_sequence;
    clear.id = nkt_pack_lend(id, sizeof id);
    clear.json = nkt_pack_lend(json, size);
    int err = nkt_pack(nkt_lend(swarm, NKT_LENT_PAYLOAD), &clear.base);
    if (err == NKT_OK)
        err = nkt_post(swarm, NKT_KIND_CLEAR, NULL);
    if (err < 0)
        return err;
    nkt_effect_t fx = {.kind = NKT_FX_SAID, .ticket = ticket, .value = 0};
    memcpy(fx.id, id, sizeof id);
    nkt_emit(swarm, &fx);
    nkt_count(swarm, NKT_TALLY_MESSAGES_OUT, 1);
    return NKT_OK;
}
