/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What was said and heard, in pages that are stored as one record each: the outbox and the history in one, so that both
 * tell the same after a crash. What is not acknowledged stays until it is or fails; the rest while the history has room.
 *
 * A message heard is stored before its acknowledgement leaves: its page is PUT in the same step as the replay window, and
 * before it. Only a flood (more than NKT_JOURNAL_BYTES_PER_MS) is stored later than that.
 */
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

enum {
    NUMBER_SIZE = NKT_PAGE_NUMBER_SIZE,
    NAME_SIZE = sizeof NKT_PAGE_PREFIX - 1 + NUMBER_SIZE,
};

static const char digits[] = "0123456789abcdef";

static void name_make(char name[NAME_SIZE], uint32_t number)
{
    memcpy(name, NKT_PAGE_PREFIX, sizeof NKT_PAGE_PREFIX - 1);
    for (size_t i = 0; i < NUMBER_SIZE; i++)
        name[NAME_SIZE - 1 - i] = digits[number >> 4 * i & 15];
}

/* ---- the history ---- */

static int is_kept(const nkt_swarm_t *swarm, const nkt_message_t *message)
{
    return swarm->settings.history && !message->is_hidden;
}

static void message_keep(nkt_swarm_t *swarm, const nkt_message_t *message)
{
    swarm->journal.kept_count++;
    swarm->journal.kept_size += nkt_journal_weight(message);
    nkt_history_trim(swarm);
}

/* ---- taking in ---- */

void nkt_journal_said(nkt_swarm_t *swarm, nkt_message_t *message)
{
    nkt_journal_t *journal = &swarm->journal;
    if (!swarm->settings.persist)
        return;
    nkt_page_t *page = nkt_page_open(swarm, message->size);
    if (page == NULL)
        return; /* sent all the same */
    nkt_page_append(page, message);
    int is_alone = journal->said_ms == 0 || swarm->now_ms - journal->said_ms >= NKT_JOURNAL_GATHER_MS;
    nkt_page_want(swarm, page, is_alone ? swarm->now_ms : swarm->now_ms + NKT_JOURNAL_GATHER_MS);
    journal->said_ms = swarm->now_ms;
}

int nkt_journal_knows(const nkt_swarm_t *swarm, const nkt_user_t *user, const Nkt__Say *say)
{
    const nkt_journal_t *journal = &swarm->journal;
    for (const nkt_page_t *page = journal->last; page != NULL && journal->restored != 0; page = page->previous) {
        if (page->number + 1 < journal->restored)
            return 0;
        if (page->number > journal->restored)
            continue;
        for (const nkt_message_t *message = page->head; message != NULL; message = message->next) {
            if (!message->is_said && nkt_address_compare(&message->peer, &user->address) == 0 &&
                memcmp(message->id, say->id.data, NKT_ID_SIZE) == 0)
                return 1;
        }
    }
    return 0;
}

void nkt_journal_heard(nkt_swarm_t *swarm, const nkt_user_t *user, const Nkt__Say *say, const nkt_said_t *said)
{
    if (!swarm->settings.persist || !swarm->settings.history)
        return;
    nkt_message_t *message = nkt_message_new(say->json.data, say->json.len);
    nkt_page_t *page = message == NULL ? NULL : nkt_page_open(swarm, message->size);
    if (page == NULL) {
        free(message);
        return; /* shown all the same: that is what matters */
    }
    memcpy(message->id, say->id.data, NKT_ID_SIZE);
    message->date_ms = nkt_clock_local(swarm, user, say->date_ms);
    message->peer = user->address;
    message->is_content = say->has_content && say->content;
    memcpy(message->network, said->network, NKT_NETWORK_SIZE);
    message->is_to_all = said->is_to_all;
    message->is_to_one = said->is_to_one;
    nkt_page_append(page, message);
    nkt_page_want(swarm, page, swarm->now_ms);
    message_keep(swarm, message);
}

void nkt_journal_settled(nkt_swarm_t *swarm, nkt_message_t *message)
{
    nkt_page_t *page = message->page;
    assert(message->parcel_count == 0 && message->parcels == NULL);
    if (message->is_held)
        return; /* away.c asks again when it lets it go */
    if (page != NULL && is_kept(swarm, message)) {
        message_keep(swarm, message);
        return;
    }
    if (page != NULL)
        nkt_page_remove(page, message);
    nkt_message_free(message);
}

typedef struct nkt_page_form {
    Nkt__StoredMessage messages[NKT_PAGE_COUNT_MAX];
    Nkt__StoredMessage *pointers[NKT_PAGE_COUNT_MAX];
} nkt_page_form_t;

/* Recipients of a page's open messages, each stream once; and what waits for them, two numbers a parcel. */
typedef struct nkt_page_waiting {
    Nkt__StoredStreamTo *to;
    Nkt__StoredStreamTo **pointers;
    size_t to_count;
    uint64_t *numbers;
    size_t number_count;
} nkt_page_waiting_t;

/* ---- writing ---- */

static void waiting_deinit(nkt_page_waiting_t *waiting)
{
    free(waiting->to);
    free(waiting->pointers);
    free(waiting->numbers);
}

static size_t parcel_count_of(const nkt_message_t *message)
{
    size_t count = 0;
    for (const nkt_parcel_t *parcel = message->parcels; parcel != NULL; parcel = parcel->sibling)
        count++;
    return count;
}

/* Which number that stream of that recipient has. What was said in a row is for the same ones, in the same order: looked for from
 * behind the last one on. */
static size_t to_number(nkt_page_waiting_t *waiting, const nkt_parcel_t *parcel, size_t *hint)
{
    for (size_t k = 0; k < waiting->to_count; k++) {
        size_t i = (*hint + k) % waiting->to_count;
        if (waiting->to[i].stream_id == parcel->stream_id && memcmp(waiting->to[i].address.data, parcel->to.b, NKT_ADDRESS_SIZE) == 0) {
            *hint = i + 1;
            return i;
        }
    }
    Nkt__StoredStreamTo *to = &waiting->to[waiting->to_count];
    *to = (Nkt__StoredStreamTo)NKT__STORED_STREAM_TO__INIT;
    to->address = nkt_pack_lend(parcel->to.b, NKT_ADDRESS_SIZE);
    to->stream_id = parcel->stream_id;
    waiting->pointers[waiting->to_count] = to;
    *hint = waiting->to_count + 1;
    return waiting->to_count++;
}

static int waiting_gather(nkt_page_waiting_t *waiting, const nkt_page_t *page)
{
    size_t count = 0, hint = 0;
    for (const nkt_message_t *message = page->head; message != NULL; message = message->next)
        count += parcel_count_of(message);
    *waiting = (nkt_page_waiting_t){0};
    if (count == 0)
        return NKT_OK;
    waiting->to = calloc(count, sizeof *waiting->to);
    waiting->pointers = calloc(count, sizeof *waiting->pointers);
    waiting->numbers = calloc(2 * count, sizeof *waiting->numbers);
    if (waiting->to == NULL || waiting->pointers == NULL || waiting->numbers == NULL)
        return NKT_E_MEMORY;
    for (const nkt_message_t *message = page->head; message != NULL; message = message->next) {
        for (const nkt_parcel_t *parcel = message->parcels; parcel != NULL; parcel = parcel->sibling) {
            waiting->numbers[waiting->number_count++] = 2 * to_number(waiting, parcel, &hint) + parcel->is_quiet;
            waiting->numbers[waiting->number_count++] = parcel->sequence;
        }
    }
    return NKT_OK;
}

static void message_form(const nkt_swarm_t *swarm, const nkt_message_t *message, Nkt__StoredMessage *form)
{
    *form = (Nkt__StoredMessage)NKT__STORED_MESSAGE__INIT;
    form->id = nkt_pack_lend(message->id, NKT_ID_SIZE);
    form->date_ms = message->date_ms;
    form->json = nkt_pack_lend(message->json, message->size);
    form->said = message->is_said;
    form->has_peer = !nkt_address_is_zero(&message->peer);
    form->peer = nkt_pack_lend(message->peer.b, NKT_ADDRESS_SIZE);
    form->has_recipients = form->has_delivered = form->has_failed = message->is_said;
    form->recipients = message->recipient_count;
    form->delivered = message->delivered_count;
    form->failed = message->failed_count;
    form->has_until_ms = form->has_incarnation = message->parcels != NULL || message->is_held;
    form->has_order = message->is_held;
    form->order = message->order;
    form->has_network = !sodium_is_zero(message->network, NKT_NETWORK_SIZE);
    form->network = nkt_pack_lend(message->network, NKT_NETWORK_SIZE);
    form->has_stream_id = form->has_position = message->is_held && message->group_position != 0 && message->shared_stream_id == 0;
    form->stream_id = message->group_stream_id;
    form->position = message->group_position;
    form->until_ms = nkt_clock_age(swarm) + (message->until_ms > swarm->now_ms ? message->until_ms - swarm->now_ms : 0);
    form->incarnation = message->incarnation;
    form->has_shared_stream_id = form->has_shared_sequence = message->shared_stream_id != 0;
    form->shared_stream_id = message->shared_stream_id;
    form->shared_sequence = message->group_position;
    form->has_content = form->content = message->is_content;
    form->has_all = message->is_to_all || message->is_to_one;
    form->all = message->is_to_all;
    form->has_hidden = form->hidden = !is_kept(swarm, message);
}

/* Packs a page into NKT_LENT_PLAIN. */
static int page_pack(nkt_swarm_t *swarm, const nkt_page_t *page)
{
    Nkt__StoredPage stored = NKT__STORED_PAGE__INIT;
    nkt_page_form_t form;
    nkt_page_waiting_t waiting;
    int err = waiting_gather(&waiting, page);
    uint64_t *numbers = waiting.numbers;
    for (const nkt_message_t *message = page->head; err == NKT_OK && message != NULL; message = message->next) {
        Nkt__StoredMessage *one = &form.messages[stored.n_message];
        message_form(swarm, message, one);
        one->n_waiting = 2 * parcel_count_of(message);
        one->waiting = numbers;
        if (one->n_waiting > 0)
            numbers += one->n_waiting;
        form.pointers[stored.n_message++] = one;
    }
    stored.message = form.pointers;
    stored.to = waiting.pointers;
    stored.n_to = waiting.to_count;
    if (err == NKT_OK)
        err = nkt_pack(nkt_lend(swarm, NKT_LENT_PLAIN), &stored.base);
    waiting_deinit(&waiting);
    return err;
}

/* How much was written. */
static size_t page_put(nkt_swarm_t *swarm, nkt_page_t *page)
{
    char name[NAME_SIZE];
    name_make(name, page->number);
    page->is_dirty = 0;
    if (page->count == 0) {
        if (page->is_stored)
            nkt_persist_put(swarm, name, NAME_SIZE, NULL);
        if (page == swarm->journal.last) /* it takes in what comes next */
            page->is_stored = 0;
        else
            nkt_page_unlink(&swarm->journal, page);
        return 0;
    }
    if (page_pack(swarm, page) < 0) {
        nkt_effects_fail(swarm);
        return 0;
    }
    page->is_stored = 1;
    nkt_persist_put(swarm, name, NAME_SIZE, nkt_lent(swarm, NKT_LENT_PLAIN));
    return nkt_lent(swarm, NKT_LENT_PLAIN)->size;
}

void nkt_journal_flush(nkt_swarm_t *swarm, int is_last)
{
    nkt_journal_t *journal = &swarm->journal;
    if (journal->due_ms == 0)
        return;
    uint64_t at_ms = journal->due_ms > journal->free_ms ? journal->due_ms : journal->free_ms;
    if (swarm->now_ms < at_ms && !is_last) {
        nkt_alarm_set(swarm, &journal->timer, at_ms);
        return;
    }
    size_t written = 0;
    journal->due_ms = 0;
    nkt_alarm_clear(swarm, &journal->timer);
    for (nkt_page_t *page = journal->first, *next; page != NULL; page = next) {
        next = page->next;
        if (!page->is_dirty)
            continue;
        if (written >= NKT_JOURNAL_FLUSH_SIZE && !is_last) {
            journal->due_ms = swarm->now_ms;
            break;
        }
        written += page_put(swarm, page);
    }
    journal->free_ms = swarm->now_ms + written / NKT_JOURNAL_BYTES_PER_MS;
    if (journal->due_ms != 0)
        nkt_alarm_set(swarm, &journal->timer, journal->free_ms > swarm->now_ms ? journal->free_ms : swarm->now_ms + 1);
}

/* ---- what the application asks ---- */

static void past_tell(nkt_swarm_t *swarm, const nkt_message_t *message, uint32_t ticket)
{
    char text[NKT_ROOM_TEXT_SIZE];
    nkt_said_t said = {.network = message->network, .is_to_all = message->is_to_all, .is_to_one = message->is_to_one};
    nkt_effect_t fx = {
        .kind = NKT_FX_PAST,
        .ticket = ticket,
        .flags = (message->is_said ? NKT_PAST_SAID | message->failed_count << NKT_PAST_FAILED_SHIFT : 0) |
                 (message->is_content ? NKT_PAST_CONTENT : 0),
        .link = message->recipient_count,
        .value = (int32_t)message->delivered_count,
        .time_ms = message->date_ms,
        .address = message->peer,
        .bytes = message->json,
        .bytes_size = message->size,
    };
    memcpy(fx.id, message->id, NKT_ID_SIZE);
    nkt_said_lend(swarm, &fx, &said, text);
    if (message->is_said)
        fx.flags &= ~(unsigned)NKT_SAY_UNTOLD; /* address tells */
    nkt_emit(swarm, &fx);
}

int nkt_journal_tell(nkt_swarm_t *swarm, size_t count, uint32_t ticket)
{
    size_t all = 0;
    for (const nkt_page_t *page = swarm->journal.first; page != NULL; page = page->next) {
        for (const nkt_message_t *message = page->head; message != NULL; message = message->next)
            all += (size_t)is_kept(swarm, message);
    }
    size_t skip = all > count ? all - count : 0;
    for (const nkt_page_t *page = swarm->journal.first; page != NULL; page = page->next) {
        for (const nkt_message_t *message = page->head; message != NULL; message = message->next) {
            if (!is_kept(swarm, message))
                continue;
            if (skip > 0)
                skip--;
            else
                past_tell(swarm, message, ticket);
        }
    }
    return (int)(all < count ? all : count);
}

void nkt_journal_forget(nkt_swarm_t *swarm)
{
    for (nkt_page_t *page = swarm->journal.first; page != NULL; page = page->next) {
        nkt_page_clear(swarm, page, swarm->now_ms);
        for (nkt_message_t *message = page->head; message != NULL; message = message->next) {
            message->is_hidden = 1;
            nkt_page_want(swarm, page, swarm->now_ms);
        }
    }
}

void nkt_journal_deinit(nkt_swarm_t *swarm)
{
    nkt_journal_t *journal = &swarm->journal;
    while (journal->first != NULL) {
        nkt_page_t *page = journal->first;
        while (page->head != NULL) {
            nkt_message_t *message = page->head;
            nkt_page_remove(page, message);
            nkt_message_free(message);
        }
        nkt_page_unlink(journal, page);
    }
}
