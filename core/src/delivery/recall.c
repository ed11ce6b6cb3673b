/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pages of the journal, read back: what was said and heard in earlier lives. */
#include <stdlib.h>
#include <string.h>

#include "base/base58.h"
#include "delivery/delivery.h"
#include "nkt.pb-c.h"
#include "state/state.h"
#include "state/swarm.h"

enum { NUMBER_SIZE = NKT_PAGE_NUMBER_SIZE };

static const char digits[] = "0123456789abcdef";

static int number_read(const char *text, size_t size, uint32_t *number)
{
    *number = 0;
    for (size_t i = 0; i < size; i++) {
        const char *digit = size == NUMBER_SIZE ? memchr(digits, text[i], 16) : NULL;
        if (digit == NULL)
            return NKT_E_RECORD;
        *number = *number << 4 | (uint32_t)(digit - digits);
    }
    return size == NUMBER_SIZE ? NKT_OK : NKT_E_RECORD;
}

static int parcels_restore(nkt_swarm_t *swarm, nkt_message_t *message, const Nkt__StoredMessage *stored,
                           const Nkt__StoredPage *page)
{
    /* each goes before those that are there: from the last one on */
    for (size_t at = stored->n_waiting; at >= 2; at -= 2) {
        uint64_t number = stored->waiting[at - 2];
        if (number / 2 >= page->n_to || page->to[number / 2]->address.len != NKT_ADDRESS_SIZE)
            return NKT_E_RECORD;
        if (page->to[number / 2]->stream_id == 0 || stored->waiting[at - 1] == 0)
            return NKT_E_RECORD; /* it has a position since it was said */
        nkt_address_t to;
        memcpy(to.b, page->to[number / 2]->address.data, NKT_ADDRESS_SIZE);
        nkt_parcel_t *parcel = nkt_parcel_new(swarm, message, &to);
        if (parcel == NULL)
            return NKT_E_MEMORY;
        parcel->stream_id = page->to[number / 2]->stream_id;
        parcel->sequence = stored->waiting[at - 1];
        parcel->is_quiet = number & 1;
    }
    return NKT_OK;
}

static int message_restore(nkt_swarm_t *swarm, nkt_page_t *page, const Nkt__StoredMessage *stored,
                           const Nkt__StoredPage *stored_page)
{
    if (stored->id.len != NKT_ID_SIZE || (stored->has_peer && stored->peer.len != NKT_ADDRESS_SIZE) ||
        (stored->n_waiting > 0 && (!stored->said || stored->n_waiting % 2 != 0)))
        return NKT_E_RECORD;
    nkt_message_t *message = nkt_message_new(stored->json.data, stored->json.len);
    if (message == NULL)
        return NKT_E_MEMORY;
    memcpy(message->id, stored->id.data, NKT_ID_SIZE);
    message->date_ms = stored->date_ms;
    message->is_said = (uint8_t)(stored->said != 0);
    message->is_hidden = (uint8_t)(stored->has_hidden && stored->hidden);
    message->is_content = (uint8_t)(stored->has_content && stored->content);
    message->is_to_all = (uint8_t)(stored->has_all && stored->all);
    message->is_to_one = (uint8_t)(stored->has_all && !stored->all);
    if (stored->has_peer)
        memcpy(message->peer.b, stored->peer.data, NKT_ADDRESS_SIZE);
    message->recipient_count = stored->recipients;
    message->delivered_count = stored->delivered;
    message->failed_count = stored->failed;
    message->until_ms = stored->until_ms; /* by our own clock, which begins with the start */
    message->incarnation = stored->incarnation;
    message->shared_stream_id = stored->has_shared_stream_id ? stored->shared_stream_id : 0;
    message->group_position = message->shared_stream_id != 0 ? stored->shared_sequence : 0;
    if (stored->incarnation > swarm->journal.incarnation)
        swarm->journal.incarnation = stored->incarnation;
    nkt_page_append(page, message);
    if (stored->has_network && stored->network.len == NKT_NETWORK_SIZE)
        memcpy(message->network, stored->network.data, NKT_NETWORK_SIZE);
    if (stored->has_order && stored->order > 0) {
        message->order = stored->order;
        if (stored->has_stream_id) {
            message->group_stream_id = stored->stream_id;
            message->group_position = stored->position;
        }
        nkt_away_restore(swarm, message);
    }
    int err = parcels_restore(swarm, message, stored, stored_page);
    if (message->parcels != NULL) {
        swarm->outbox.count++;
        swarm->outbox.size += message->size;
    } else if (!message->is_held) {
        swarm->journal.kept_count++;
        swarm->journal.kept_size += nkt_journal_weight(message);
    }
    return err;
}

int nkt_journal_restore(nkt_swarm_t *swarm, const char *name, size_t name_size)
{
    const nkt_buf_t *plain = nkt_lent(swarm, NKT_LENT_PLAIN);
    uint32_t number;
    if (number_read(name, name_size, &number) < 0)
        return NKT_E_RECORD;
    for (const nkt_page_t *page = swarm->journal.first; page != NULL; page = page->next) {
        if (page->number == number)
            return NKT_E_RECORD;
    }
    Nkt__StoredPage *stored = nkt_unpack(&nkt__stored_page__descriptor, plain->size, plain->data);
    if (stored == NULL)
        return NKT_E_RECORD;
    nkt_page_t *page = calloc(1, sizeof *page);
    int err = page == NULL                              ? NKT_E_MEMORY
              : stored->version > NKT_RECORD_VERSION    ? NKT_E_NEWER
              : stored->n_message <= NKT_PAGE_COUNT_MAX ? NKT_OK
                                                        : NKT_E_RECORD;
    if (page != NULL) {
        page->number = number;
        page->is_stored = 1;
        nkt_page_link(&swarm->journal, page);
    }
    for (size_t i = 0; err == NKT_OK && i < stored->n_message; i++)
        err = message_restore(swarm, page, stored->message[i], stored);
    nkt__stored_page__free_unpacked(stored, NULL);
    return err;
}

static const nkt_address_t *moved_to(const nkt_moved_t *moved, size_t count, const nkt_address_t *from)
{
    for (size_t i = 0; i < count; i++) {
        if (nkt_address_compare(&moved[i].from, from) == 0)
            return &moved[i].to;
    }
    return from;
}

void nkt_journal_move(nkt_swarm_t *swarm, const nkt_moved_t *moved, size_t count)
{
    for (nkt_page_t *page = swarm->journal.first; page != NULL; page = page->next) {
        int is_changed = 0;
        for (nkt_message_t *message = page->head; message != NULL; message = message->next) {
            const nkt_address_t *peer = moved_to(moved, count, &message->peer);
            is_changed |= peer != &message->peer;
            message->peer = *peer;
            for (nkt_parcel_t *parcel = message->parcels; parcel != NULL; parcel = parcel->sibling) {
                const nkt_address_t *to = moved_to(moved, count, &parcel->to);
                is_changed |= to != &parcel->to;
                parcel->to = *to;
            }
        }
        if (is_changed)
            nkt_page_want(swarm, page, swarm->now_ms);
    }
}
