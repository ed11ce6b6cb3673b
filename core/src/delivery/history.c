/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which of the messages that arrived make room when the history is full: the oldest of whoever has most of what is short, so
 * that nobody pushes out what others said. One's own count as an author who makes room only above half of all there is.
 */
#include <stdlib.h>

#include "base/base58.h"
#include "delivery/delivery.h"
#include "state/swarm.h"

enum {
    SLACK = 32, /* a part of the whole that is cleared beyond what must be: pages are written anew once for many messages */
};

/** Of one author: what of him is kept. Zero address: our own. */
typedef struct nkt_share {
    nkt_address_t author;
    size_t count, size;
    nkt_message_t *oldest;
} nkt_share_t;

static const nkt_address_t *author_of(const nkt_message_t *message)
{
    static const nkt_address_t own;
    return message->is_said ? &own : &message->peer;
}

/* The next that may be cleared from this one on, of that author (NULL: of anybody). What the last page holds stays: it is
 * being written, and tells what was heard at the end of a life. */
static nkt_message_t *settled_from(const nkt_swarm_t *swarm, nkt_page_t *page, nkt_message_t *message,
                                   const nkt_address_t *author)
{
    while (page != NULL && page != swarm->journal.last) {
        for (; message != NULL; message = message->next) {
            if (message->parcel_count == 0 && !message->is_held && (author == NULL || nkt_address_compare(author_of(message), author) == 0))
                return message;
        }
        page = page->next;
        message = page == NULL ? NULL : page->head;
    }
    return NULL;
}

static size_t shares_fill(const nkt_swarm_t *swarm, nkt_share_t *shares, size_t capacity)
{
    nkt_page_t *first = swarm->journal.first;
    size_t count = 0, at = 0;
    nkt_message_t *message = settled_from(swarm, first, first == NULL ? NULL : first->head, NULL);
    while (message != NULL) {
        const nkt_address_t *author = author_of(message);
        if (at >= count || nkt_address_compare(&shares[at].author, author) != 0) { /* mostly as the one before */
            for (at = 0; at < count && nkt_address_compare(&shares[at].author, author) != 0; at++)
                ;
        }
        if (at == count) {
            if (count == capacity)
                return count;
            shares[count++] = (nkt_share_t){.author = *author, .oldest = message};
        }
        shares[at].count++;
        shares[at].size += nkt_journal_weight(message);
        message = settled_from(swarm, message->page, message->next, NULL);
    }
    return count;
}

/* Whose oldest goes; NULL: nothing may. Of equal ones the one who spoke first. */
static nkt_share_t *heaviest(nkt_share_t *shares, size_t count, int is_by_size)
{
    nkt_share_t *found = NULL;
    for (size_t i = 0; i < count; i++) {
        nkt_share_t *share = &shares[i];
        size_t has = is_by_size ? share->size : share->count;
        size_t most = found == NULL ? 0 : is_by_size ? found->size : found->count;
        size_t half = (is_by_size ? NKT_HISTORY_SIZE_MAX : NKT_HISTORY_COUNT_MAX) / 2;
        if (share->oldest == NULL || (nkt_address_is_zero(&share->author) && has <= half))
            continue;
        if (found == NULL || has > most)
            found = share;
    }
    return found;
}

void nkt_history_trim(nkt_swarm_t *swarm)
{
    const nkt_journal_t *journal = &swarm->journal;
    if (journal->kept_count <= NKT_HISTORY_COUNT_MAX && journal->kept_size <= NKT_HISTORY_SIZE_MAX)
        return;
    nkt_share_t *shares = calloc(journal->kept_count, sizeof *shares);
    if (shares == NULL)
        return; /* tried again with the next message */
    size_t count = shares_fill(swarm, shares, journal->kept_count);
    for (;;) {
        int is_by_size = journal->kept_size > NKT_HISTORY_SIZE_MAX - NKT_HISTORY_SIZE_MAX / SLACK;
        if (!is_by_size && journal->kept_count <= NKT_HISTORY_COUNT_MAX - NKT_HISTORY_COUNT_MAX / SLACK)
            break;
        nkt_share_t *share = heaviest(shares, count, is_by_size);
        if (share == NULL)
            break;
        nkt_message_t *gone = share->oldest;
        share->oldest = settled_from(swarm, gone->page, gone->next, &share->author);
        share->count--;
        share->size -= nkt_journal_weight(gone);
        nkt_journal_clear(swarm, gone, swarm->now_ms + NKT_JOURNAL_LAZY_MS);
    }
    free(shares);
}
