/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Those who keep letters for us: who they are, and what is on its way to them. A letter goes to a few keepers, over the way that leads
 * there, and is sent again until each gave a receipt for it. What is under way to a keeper is one frame of them at a time, so they stay
 * in order.
 */
#include <stdlib.h>
#include <string.h>

#include "base/base58.h"
#include "delivery/delivery.h"
#include "nkt.pb-c.h"
#include "routing/routing.h"
#include "state/state.h"
#include "state/swarm.h"
#include "wire/pack.h"

/* ---- those who keep ---- */

int nkt_keeper_may_be(const nkt_user_t *user)
{
    return user->record.capabilities & NKT_CAPABILITY_KEEPER && user->standing.is_member && nkt_user_is_open(user);
}

int nkt_keeper_is_chosen(const nkt_letters_t *letters, const nkt_address_t *address)
{
    for (int i = 0; i < NKT_KEEPER_COUNT_MAX; i++) {
        if (letters->keepers[i].is_used && nkt_address_compare(&letters->keepers[i].address, address) == 0)
            return 1;
    }
    return 0;
}

static void items_mark(nkt_letters_t *letters, int place, int is_new)
{
    uint8_t bit = (uint8_t)(1u << place);
    for (nkt_letter_item_t *item = letters->head; item != NULL; item = item->next) {
        item->waiting_bits &= (uint8_t)~bit;
        item->sent_bits &= (uint8_t)~bit;
        if (is_new && !item->is_taken)
            item->waiting_bits |= bit;
    }
}

/* Drops what no keeper has to be given any more. */
void nkt_letter_items_sweep(nkt_letters_t *letters)
{
    nkt_letter_item_t **at = &letters->head;
    letters->tail = NULL;
    while (*at != NULL) {
        nkt_letter_item_t *item = *at;
        if (item->waiting_bits != 0 || !item->is_taken) {
            letters->tail = item;
            at = &item->next;
            continue;
        }
        *at = item->next;
        letters->size -= item->size;
        free(item);
    }
}

/* The keys of those letters are written: they go behind them. */
void nkt_letter_items_release(nkt_letters_t *letters)
{
    nkt_letter_item_t *held = NULL, **held_end = &held, **at = &letters->head;
    letters->tail = NULL;
    while (*at != NULL) {
        nkt_letter_item_t *item = *at;
        if (!item->is_held) {
            letters->tail = item;
            at = &item->next;
            continue;
        }
        *at = item->next;
        item->is_held = 0;
        item->next = NULL;
        *held_end = item;
        held_end = &item->next;
    }
    *at = held;
    for (nkt_letter_item_t *item = held; item != NULL; item = item->next)
        letters->tail = item;
}

/* The dearest of those who may and are not chosen, or NULL. */
static const nkt_user_t *candidate_find(nkt_swarm_t *swarm)
{
    const nkt_user_t *found = NULL;
    for (size_t i = 0; i < swarm->users.count; i++) {
        const nkt_user_t *user = swarm->user_list[i];
        if (nkt_keeper_may_be(user) && (found == NULL || nkt_user_is_dearer(swarm, user, found)) &&
            !nkt_keeper_is_chosen(&swarm->letters, &user->address))
            found = user;
    }
    return found;
}

/* A free place, or that of the least dear keeper. Those who are gone make room on the way. */
static int place_find(nkt_swarm_t *swarm, const nkt_user_t **least)
{
    nkt_letters_t *letters = &swarm->letters;
    int found = 0;
    *least = NULL;
    for (int i = 0; i < NKT_KEEPER_COUNT_MAX; i++) {
        nkt_letter_keeper_t *keeper = &letters->keepers[i];
        const nkt_user_t *user = keeper->is_used ? nkt_user_find(swarm, &keeper->address) : NULL;
        if (keeper->is_used && (user == NULL || !nkt_keeper_may_be(user))) {
            *keeper = (nkt_letter_keeper_t){0};
            items_mark(letters, i, 0);
        }
        if (i > 0 && !letters->keepers[found].is_used)
            continue;
        if (!keeper->is_used || *least == NULL || nkt_user_is_dearer(swarm, *least, user)) {
            found = i;
            *least = keeper->is_used ? user : NULL;
        }
    }
    return found;
}

/* Anybody may say that he keeps, give receipts, and keep nothing: those who are dearer take the place of others. */
void nkt_keepers_choose(nkt_swarm_t *swarm)
{
    nkt_letters_t *letters = &swarm->letters;
    for (int i = 0; i < NKT_KEEPER_COUNT_MAX; i++) {
        const nkt_user_t *least, *user;
        int place = place_find(swarm, &least);
        user = candidate_find(swarm);
        if (user == NULL || (least != NULL && !nkt_user_is_dearer(swarm, user, least)))
            return;
        letters->keepers[place] = (nkt_letter_keeper_t){.address = user->address, .is_used = 1};
        items_mark(letters, place, 1);
        nkt_keys_afresh(swarm); /* it may have what the others had not */
    }
}

/* Is there a keeper who could take letters now? */
int nkt_letters_may_write(const nkt_swarm_t *swarm)
{
    for (int i = 0; i < NKT_KEEPER_COUNT_MAX; i++) {
        if (swarm->letters.keepers[i].is_used)
            return swarm->letters.size < NKT_LETTER_QUEUE_SIZE_MAX;
    }
    return 0;
}

/* ---- on the way to them ---- */

void nkt_letters_later(nkt_swarm_t *swarm, uint64_t wait_ms)
{
    nkt_alarm_set_by(swarm, &swarm->letters.timer, swarm->now_ms + wait_ms);
}

/* Takes in the frame in NKT_LENT_FRAME. */
int nkt_letter_item_add(nkt_swarm_t *swarm, const uint8_t id[NKT_ID_SIZE], int is_key)
{
    const nkt_buf_t *frame = nkt_lent(swarm, NKT_LENT_FRAME);
    nkt_letters_t *letters = &swarm->letters;
    nkt_letter_item_t *item = calloc(1, sizeof *item + frame->size);
    if (item == NULL)
        return NKT_E_MEMORY;
    memcpy(item->id, id, NKT_ID_SIZE);
    item->size = frame->size;
    item->is_held = (uint8_t)!is_key;
    item->step = is_key ? swarm->step_number : 0;
    memcpy(item->frame, frame->data, frame->size);
    for (int i = 0; i < NKT_KEEPER_COUNT_MAX; i++)
        item->waiting_bits |= (uint8_t)(letters->keepers[i].is_used << i);
    *(letters->tail == NULL ? &letters->head : &letters->tail->next) = item;
    letters->tail = item;
    letters->size += item->size;
    return NKT_OK;
}

/* One frame of those that wait for that keeper, the oldest first. */
static void keeper_send(nkt_swarm_t *swarm, int place)
{
    nkt_letters_t *letters = &swarm->letters;
    nkt_letter_keeper_t *keeper = &letters->keepers[place];
    ProtobufCBinaryData frames[NKT_LETTER_BATCH_COUNT];
    Nkt__Keep keep = NKT__KEEP__INIT;
    uint8_t bit = (uint8_t)(1u << place);
    size_t size = 0;
    uint32_t ticket = 0;
    nkt_user_t *user = nkt_user_find(swarm, &keeper->address);
    for (nkt_letter_item_t *item = letters->head; item != NULL && keep.n_frame < NKT_LETTER_BATCH_COUNT; item = item->next) {
        if (!(item->waiting_bits & bit) || item->is_held)
            continue;
        size += item->size;
        if (keep.n_frame > 0 && size > NKT_LETTER_BATCH_SIZE)
            break;
        /* a session's place is used once: it waits for the PUT of the step that used it, or a later one */
        if (item->step == swarm->step_number)
            ticket = NKT_TICKET_STEP;
        else if (item->step != 0 && ticket == 0)
            ticket = swarm->put_ticket;
        frames[keep.n_frame++] = nkt_pack_lend(item->frame, item->size);
        item->sent_bits |= bit;
    }
    keeper->again_ms = 0;
    keep.frame = frames;
    if (keep.n_frame == 0 || user == NULL || nkt_pack(nkt_lend(swarm, NKT_LENT_PAYLOAD), &keep.base) < 0)
        return;
    nkt_post_after(swarm, NKT_KIND_KEEP, user, ticket);
    uint64_t wait_ms = (uint64_t)NKT_LETTER_AGAIN_MS << (keeper->attempt < 5 ? keeper->attempt : 5);
    keeper->again_ms = swarm->now_ms + (wait_ms < NKT_LETTER_AGAIN_MS_MAX ? wait_ms : NKT_LETTER_AGAIN_MS_MAX);
    keeper->attempt++;
}

void nkt_keepers_serve(nkt_swarm_t *swarm)
{
    for (int i = 0; i < NKT_KEEPER_COUNT_MAX; i++) {
        nkt_letter_keeper_t *keeper = &swarm->letters.keepers[i];
        if (keeper->is_used && swarm->now_ms >= keeper->again_ms)
            keeper_send(swarm, i);
        if (keeper->again_ms != 0)
            nkt_alarm_set_by(swarm, &swarm->letters.timer, keeper->again_ms);
    }
}

static nkt_letter_item_t *item_find(nkt_letters_t *letters, const ProtobufCBinaryData *id)
{
    nkt_letter_item_t *item = letters->head;
    while (item != NULL && (id->len != NKT_ID_SIZE || memcmp(item->id, id->data, NKT_ID_SIZE) != 0))
        item = item->next;
    return item;
}

/* What is under way to a keeper is at the head of the list: finding it takes a step or two. */
static void keeper_receipt(nkt_swarm_t *swarm, int place, const Nkt__Receipt *receipt)
{
    nkt_letters_t *letters = &swarm->letters;
    nkt_letter_keeper_t *keeper = &letters->keepers[place];
    uint8_t bit = (uint8_t)(1u << place), is_under_way = 0;
    for (size_t i = 0; i < receipt->n_id + receipt->n_refused; i++) {
        int is_kept = i < receipt->n_id;
        nkt_letter_item_t *item = item_find(letters, is_kept ? &receipt->id[i] : &receipt->refused[i - receipt->n_id]);
        if (item == NULL || !(item->sent_bits & bit))
            continue;
        item->waiting_bits &= (uint8_t)~bit;
        item->sent_bits &= (uint8_t)~bit;
        item->is_taken |= (uint8_t)is_kept;
    }
    for (const nkt_letter_item_t *item = letters->head; item != NULL; item = item->next)
        is_under_way |= item->sent_bits & bit;
    nkt_letter_items_sweep(letters);
    if (is_under_way)
        return;
    keeper->attempt = 0;
    keeper->again_ms = 0;
    nkt_keepers_serve(swarm);
}

int nkt_letter_receipt(nkt_swarm_t *swarm, nkt_user_t *user, const nkt_envelope_t *envelope)
{
    Nkt__Receipt *receipt = nkt_unpack(&nkt__receipt__descriptor, envelope->payload_size, envelope->payload);
    if (receipt == NULL)
        return NKT_E_PAYLOAD;
    int err = receipt->n_id > NKT_LETTER_BATCH_COUNT || receipt->n_refused > NKT_LETTER_BATCH_COUNT ? NKT_E_PAYLOAD : NKT_OK;
    for (int i = 0; err == NKT_OK && i < NKT_KEEPER_COUNT_MAX; i++) {
        const nkt_letter_keeper_t *keeper = &swarm->letters.keepers[i];
        if (keeper->is_used && nkt_address_compare(&keeper->address, &user->address) == 0)
            keeper_receipt(swarm, i, receipt);
    }
    if (err == NKT_OK && swarm->settings.keeper)
        nkt_keeper_receipt(swarm, user, receipt->id, receipt->n_id);
    nkt__receipt__free_unpacked(receipt, NULL);
    return err;
}
