/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "overlay/mail.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/place.h"

enum { SLOT_COUNT = 2 * NKT_MAIL_COUNT_MAX }; /* a power of two */

static int is_same(const nkt_address_t *a, const nkt_address_t *b)
{
    return memcmp(a->b, b->b, NKT_ADDRESS_SIZE) == 0;
}

static void at_drop(nkt_mailbox_t *box, size_t at)
{
    assert(at < box->count);
    nkt_mail_t *mail = box->mails[at];
    box->count--;
    box->size -= mail->size;
    memmove(&box->mails[at], &box->mails[at + 1], (box->count - at) * sizeof(nkt_mail_t *));
    free(mail);
    if (box->count == 0) { /* most of the time there is none */
        free(box->mails);
        box->mails = NULL;
    }
}

void nkt_mailbox_init(nkt_mailbox_t *box, uint64_t seed)
{
    *box = (nkt_mailbox_t){.factor = seed | 1};
}

void nkt_mailbox_deinit(nkt_mailbox_t *box)
{
    while (box->count > 0)
        at_drop(box, box->count - 1);
    free(box->mails);
    *box = (nkt_mailbox_t){.factor = box->factor};
}

/* ---- who has how much ---- */

/** Which of the mail is meant; NULL: whatever. */
typedef struct nkt_mail_filter {
    const nkt_address_t *from, *to;
    const uint32_t *via;
} nkt_mail_filter_t;

/* Place among its recipients; to_count: it is not for that one. */
static size_t recipient_find(const nkt_mail_t *mail, const nkt_address_t *to)
{
    size_t i = 0;
    while (i < mail->to_count && !is_same(&mail->to[i], to))
        i++;
    return i;
}

static int is_meant(const nkt_mail_filter_t *filter, const nkt_mail_t *mail)
{
    return (filter->from == NULL || is_same(filter->from, &mail->from)) &&
           (filter->to == NULL || recipient_find(mail, filter->to) < mail->to_count) && (filter->via == NULL || *filter->via == mail->via);
}

static int is_over(const nkt_mailbox_t *box, const nkt_mail_filter_t *filter, size_t size, size_t count_max, size_t size_max)
{
    size_t count = 1;
    for (size_t i = 0; i < box->count; i++) {
        if (!is_meant(filter, box->mails[i]))
            continue;
        count++;
        size += box->mails[i]->size;
    }
    return count > count_max || size > size_max;
}

/* The oldest of those who have most, by link or by author. */
static size_t heaviest(nkt_mailbox_t *box, const nkt_mail_filter_t *filter, int by_author)
{
    uint16_t slots[SLOT_COUNT] = {0}; /* 1 + place of the oldest of a group */
    size_t sums[NKT_MAIL_COUNT_MAX], best = NKT_MAIL_COUNT_MAX;
    for (size_t i = 0; i < box->count; i++) {
        const nkt_mail_t *mail = box->mails[i];
        if (!is_meant(filter, mail))
            continue;
        size_t slot =
            by_author ? nkt_place_of(mail->from.b, box->factor, SLOT_COUNT) : nkt_place(mail->via, box->factor, SLOT_COUNT);
        for (; slots[slot] != 0; slot = (slot + 1) % SLOT_COUNT) {
            box->probe_count++;
            const nkt_mail_t *other = box->mails[slots[slot] - 1];
            if (by_author ? is_same(&mail->from, &other->from) : mail->via == other->via)
                break;
        }
        if (slots[slot] == 0) {
            slots[slot] = (uint16_t)(i + 1);
            sums[i] = 0;
        }
        size_t first = slots[slot] - 1u;
        sums[first] += mail->size;
        if (best == NKT_MAIL_COUNT_MAX || sums[first] > sums[best])
            best = first;
    }
    return best;
}

/* Of what is for others too, that recipient alone loses it. */
static void at_take(nkt_mailbox_t *box, size_t at, const nkt_address_t *to)
{
    nkt_mail_t *mail = box->mails[at];
    size_t place = recipient_find(mail, to);
    if (place < mail->to_count)
        mail->to[place] = mail->to[--mail->to_count];
    if (mail->to_count == 0)
        at_drop(box, at);
}

/* `to` NULL: of all. There is some. */
static void room_make(nkt_mailbox_t *box, const nkt_address_t *to)
{
    _Static_assert(NKT_MAIL_FROM_SIZE_MAX <= NKT_MAIL_TO_SIZE_MAX && NKT_MAIL_TO_SIZE_MAX <= NKT_MAIL_SIZE_MAX,
                   "one that finds no other to make room for it must have room");
    nkt_mail_filter_t filter = {.to = to};
    size_t at = heaviest(box, &filter, 0);
    assert(at < box->count);
    uint32_t via = box->mails[at]->via;
    filter.via = &via;
    at = heaviest(box, &filter, 1);
    if (to == NULL)
        at_drop(box, at);
    else
        at_take(box, at, to);
}

static int oldest_drop(nkt_mailbox_t *box, const nkt_mail_filter_t *filter)
{
    for (size_t i = 0; i < box->count; i++) {
        if (is_meant(filter, box->mails[i])) {
            at_drop(box, i);
            return 1;
        }
    }
    return 0;
}

/* ---- keeping ---- */

int nkt_mailbox_add(nkt_mailbox_t *box, const nkt_mail_t *head, const uint8_t *frame, size_t size)
{
    const nkt_mail_filter_t author = {.from = &head->from}, all = {0};
    if (size > NKT_MAIL_FROM_SIZE_MAX)
        return NKT_E_SIZE;
    for (size_t i = 0; i < box->count; i++) {
        if (memcmp(box->mails[i]->id, head->id, NKT_ID_SIZE) == 0)
            return NKT_E_DUPLICATE;
    }
    nkt_mail_t *mail = malloc(sizeof *mail + size + head->to_count * sizeof *head->to);
    if (mail == NULL)
        return NKT_E_MEMORY;
    *mail = *head;
    mail->size = size;
    memcpy(mail->frame, frame, size);
    mail->to = (nkt_address_t *)(mail->frame + size); /* bytes, of no alignment */
    memcpy(mail->to, head->to, head->to_count * sizeof *head->to);
    /* an author makes room for himself; then those with most */
    while (is_over(box, &author, size, NKT_MAIL_FROM_COUNT_MAX, NKT_MAIL_FROM_SIZE_MAX) && oldest_drop(box, &author))
        ;
    for (size_t i = 0; i < head->to_count; i++) {
        const nkt_mail_filter_t recipient = {.to = &head->to[i]};
        while (is_over(box, &recipient, size, NKT_MAIL_TO_COUNT_MAX, NKT_MAIL_TO_SIZE_MAX))
            room_make(box, &head->to[i]);
    }
    while (is_over(box, &all, size, NKT_MAIL_COUNT_MAX, NKT_MAIL_SIZE_MAX))
        room_make(box, NULL);
    if (box->mails == NULL)
        box->mails = calloc(NKT_MAIL_COUNT_MAX, sizeof(nkt_mail_t *));
    if (box->mails == NULL) {
        free(mail);
        return NKT_E_MEMORY;
    }
    box->mails[box->count++] = mail;
    box->size += size;
    return NKT_OK;
}

static const nkt_mail_t *from_on(const nkt_mailbox_t *box, size_t at, const nkt_address_t *to)
{
    while (at < box->count && recipient_find(box->mails[at], to) == box->mails[at]->to_count)
        at++;
    return at < box->count ? box->mails[at] : NULL;
}

static size_t place_of(const nkt_mailbox_t *box, const nkt_mail_t *mail)
{
    size_t at = 0;
    while (at < box->count && box->mails[at] != mail)
        at++;
    return at;
}

const nkt_mail_t *nkt_mailbox_next(const nkt_mailbox_t *box, const nkt_address_t *to)
{
    return from_on(box, 0, to);
}

const nkt_mail_t *nkt_mailbox_after(const nkt_mailbox_t *box, const nkt_mail_t *mail, const nkt_address_t *to)
{
    return from_on(box, place_of(box, mail) + 1, to);
}

void nkt_mailbox_handed(nkt_mailbox_t *box, const nkt_mail_t *mail, const nkt_address_t *to)
{
    size_t at = place_of(box, mail);
    if (at < box->count)
        at_take(box, at, to);
}

void nkt_mailbox_expire(nkt_mailbox_t *box, uint64_t now_ms)
{
    while (box->count > 0 && now_ms - box->mails[0]->kept_ms >= NKT_MAIL_MS)
        at_drop(box, 0);
}
