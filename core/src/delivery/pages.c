/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pages of the journal: up to 32 messages each, one stored record. */
#include <assert.h>
#include <stdlib.h>

#include "delivery/delivery.h"
#include "state/swarm.h"

enum {
    WEIGHT = 96, /* of a kept message beside its text */
};

/* Between its neighbours by number. */
void nkt_page_link(nkt_journal_t *journal, nkt_page_t *page)
{
    nkt_page_t *previous = journal->last;
    while (previous != NULL && previous->number > page->number)
        previous = previous->previous;
    page->previous = previous;
    page->next = previous == NULL ? journal->first : previous->next;
    *(previous == NULL ? &journal->first : &previous->next) = page;
    *(page->next == NULL ? &journal->last : &page->next->previous) = page;
}

void nkt_page_unlink(nkt_journal_t *journal, nkt_page_t *page)
{
    assert(page->count == 0 && page->head == NULL && page->size == 0);
    *(page->previous == NULL ? &journal->first : &page->previous->next) = page->next;
    *(page->next == NULL ? &journal->last : &page->next->previous) = page->previous;
    free(page);
}

void nkt_page_append(nkt_page_t *page, nkt_message_t *message)
{
    assert(message->page == NULL && page->count < NKT_PAGE_COUNT_MAX);
    message->page = page;
    message->next = NULL;
    *(page->tail == NULL ? &page->head : &page->tail->next) = message;
    page->tail = message;
    page->count++;
    page->size += message->size;
}

void nkt_page_remove(nkt_page_t *page, nkt_message_t *message)
{
    nkt_message_t *before = NULL;
    assert(message->page == page && page->count > 0);
    for (nkt_message_t *at = page->head; at != message; at = at->next)
        before = at;
    *(before == NULL ? &page->head : &before->next) = message->next;
    if (page->tail == message)
        page->tail = before;
    page->count--;
    page->size -= message->size;
    message->page = NULL;
}

void nkt_page_want(nkt_swarm_t *swarm, nkt_page_t *page, uint64_t due_ms)
{
    nkt_journal_t *journal = &swarm->journal;
    page->is_dirty = 1;
    if (journal->due_ms == 0 || due_ms < journal->due_ms)
        journal->due_ms = due_ms;
}

/* The page that takes in what comes now; NULL: no memory. */
nkt_page_t *nkt_page_open(nkt_swarm_t *swarm, size_t size)
{
    nkt_journal_t *journal = &swarm->journal;
    nkt_page_t *last = journal->last;
    if (last != NULL && last->count < NKT_PAGE_COUNT_MAX && (last->count == 0 || last->size + size <= NKT_PAGE_SIZE_MAX))
        return last;
    nkt_page_t *page = calloc(1, sizeof *page);
    if (page == NULL)
        return NULL;
    page->number = last == NULL ? 1 : last->number + 1;
    nkt_page_link(journal, page);
    return page;
}

size_t nkt_journal_weight(const nkt_message_t *message)
{
    return message->size + WEIGHT;
}

void nkt_journal_clear(nkt_swarm_t *swarm, nkt_message_t *message, uint64_t due_ms)
{
    nkt_page_t *page = message->page;
    assert(page != NULL && swarm->journal.kept_count > 0);
    swarm->journal.kept_count--;
    swarm->journal.kept_size -= nkt_journal_weight(message);
    nkt_page_remove(page, message);
    nkt_message_free(message);
    nkt_page_want(swarm, page, due_ms);
}

/* Takes what is settled out of a page. */
void nkt_page_clear(nkt_swarm_t *swarm, nkt_page_t *page, uint64_t due_ms)
{
    for (nkt_message_t *message = page->head, *next; message != NULL; message = next) {
        next = message->next;
        if (message->parcel_count == 0 && !message->is_held)
            nkt_journal_clear(swarm, message, due_ms);
    }
}

void nkt_journal_changed(nkt_swarm_t *swarm, nkt_message_t *message)
{
    if (message->page != NULL)
        nkt_page_want(swarm, message->page, swarm->now_ms + NKT_JOURNAL_LAZY_MS);
}
