/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "overlay/kept.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"

/* ---- lists ---- */

static void list_append(nkt_kept_list_t *list, nkt_kept_by_t by, nkt_kept_t *kept)
{
    kept->at[by].previous = list->tail;
    kept->at[by].next = NULL;
    *(list->tail == NULL ? &list->head : &list->tail->at[by].next) = kept;
    list->tail = kept;
}

static void list_remove(nkt_kept_list_t *list, nkt_kept_by_t by, nkt_kept_t *kept)
{
    nkt_kept_t *previous = kept->at[by].previous, *next = kept->at[by].next;
    *(previous == NULL ? &list->head : &previous->at[by].next) = next;
    *(next == NULL ? &list->tail : &next->at[by].previous) = previous;
}

/* ---- pages ---- */

static void page_link(nkt_kept_box_t *box, nkt_kept_page_t *page)
{
    nkt_kept_page_t *previous = box->last_page;
    while (previous != NULL && previous->number > page->number)
        previous = previous->previous;
    page->previous = previous;
    page->next = previous == NULL ? box->first_page : previous->next;
    *(previous == NULL ? &box->first_page : &previous->next) = page;
    *(page->next == NULL ? &box->last_page : &page->next->previous) = page;
}

void nkt_kept_page_free(nkt_kept_box_t *box, nkt_kept_page_t *page)
{
    assert(page->count == 0);
    *(page->previous == NULL ? &box->first_page : &page->previous->next) = page->next;
    *(page->next == NULL ? &box->last_page : &page->next->previous) = page->previous;
    free(page);
}

static nkt_kept_page_t *page_find(const nkt_kept_box_t *box, uint32_t number)
{
    nkt_kept_page_t *page = box->last_page;
    while (page != NULL && page->number > number)
        page = page->previous;
    return page != NULL && page->number == number ? page : NULL;
}

/* The one with that number, or that takes in what comes. */
static nkt_kept_page_t *page_open(nkt_kept_box_t *box, uint32_t number, size_t size)
{
    nkt_kept_page_t *last = box->last_page;
    nkt_kept_page_t *page = number != 0 ? page_find(box, number) : last;
    int has_room = page != NULL && (number != 0 || (page->count < NKT_KEPT_PAGE_COUNT_MAX &&
                                                    (page->count == 0 || page->size_stored + size <= NKT_KEPT_PAGE_SIZE_MAX)));
    if (has_room)
        return page;
    page = calloc(1, sizeof *page);
    if (page == NULL)
        return NULL;
    page->number = number != 0 ? number : last == NULL ? 1 : last->number + 1;
    page_link(box, page);
    return page;
}

static void page_want(nkt_kept_box_t *box, nkt_kept_page_t *page)
{
    page->is_dirty = 1;
    box->is_dirty = 1;
}

int nkt_kept_restored(nkt_kept_box_t *box, uint32_t number, int is_keys)
{
    nkt_kept_page_t *page = page_find(box, number);
    if (page == NULL || page->count == 0)
        return 0;
    page->is_dirty = 0;
    page->size_stored = page->size;
    *(is_keys ? &page->has_keys : &page->is_stored) = 1;
    return 1;
}

/* ---- owners ---- */

static nkt_kept_owner_t *owner_of(nkt_map_t *owners, const nkt_address_t *address)
{
    nkt_kept_owner_t *owner = nkt_map_get(owners, address->b);
    if (owner != NULL)
        return owner;
    owner = calloc(1, sizeof *owner);
    if (owner == NULL)
        return NULL;
    owner->address = *address;
    if (nkt_map_put(owners, owner) < 0) {
        free(owner);
        return NULL;
    }
    return owner;
}

static nkt_kept_owner_t *author_of(nkt_kept_box_t *box, const nkt_address_t *address)
{
    size_t count = box->authors.count;
    nkt_kept_owner_t *author = owner_of(&box->authors, address);
    if (author != NULL && box->authors.count > count) {
        author->next = box->author_list;
        if (author->next != NULL)
            author->next->previous = author;
        box->author_list = author;
    }
    return author;
}

static void author_free(nkt_kept_box_t *box, nkt_kept_owner_t *author)
{
    if (author == NULL || author->count > 0)
        return;
    *(author->previous == NULL ? &box->author_list : &author->previous->next) = author->next;
    if (author->next != NULL)
        author->next->previous = author->previous;
    nkt_map_remove(&box->authors, author->address.b);
    free(author);
}

static void recipient_free(nkt_kept_box_t *box, nkt_kept_owner_t *to)
{
    if (to == NULL || to->count > 0)
        return;
    nkt_map_remove(&box->recipients, to->address.b);
    free(to);
}

static void pair_key(uint8_t key[2 * NKT_ADDRESS_SIZE], const nkt_address_t *from, const nkt_address_t *to)
{
    memcpy(key, from->b, NKT_ADDRESS_SIZE);
    memcpy(key + NKT_ADDRESS_SIZE, to->b, NKT_ADDRESS_SIZE);
}

static void pair_free(nkt_kept_box_t *box, nkt_kept_pair_t *pair)
{
    nkt_kept_owner_t *from = pair->from, *to = pair->to;
    if (pair->count == 0) {
        *(pair->previous == NULL ? &to->pairs : &pair->previous->next) = pair->next;
        if (pair->next != NULL)
            pair->next->previous = pair->previous;
        nkt_map_remove(&box->pairs, pair->key);
        free(pair);
    }
    author_free(box, from);
    recipient_free(box, to);
}

static nkt_kept_pair_t *pair_of(nkt_kept_box_t *box, const nkt_address_t *from, const nkt_address_t *to)
{
    uint8_t key[2 * NKT_ADDRESS_SIZE];
    pair_key(key, from, to);
    nkt_kept_pair_t *pair = nkt_map_get(&box->pairs, key);
    if (pair != NULL)
        return pair;
    nkt_kept_owner_t *author = author_of(box, from);
    nkt_kept_owner_t *recipient = owner_of(&box->recipients, to);
    pair = author == NULL || recipient == NULL ? NULL : calloc(1, sizeof *pair);
    if (pair != NULL) {
        memcpy(pair->key, key, sizeof key);
        pair->from = author;
        pair->to = recipient;
    }
    if (pair == NULL || nkt_map_put(&box->pairs, pair) < 0) {
        free(pair);
        author_free(box, author);
        recipient_free(box, recipient);
        return NULL;
    }
    pair->next = recipient->pairs;
    if (pair->next != NULL)
        pair->next->previous = pair;
    recipient->pairs = pair;
    return pair;
}

const nkt_address_t *nkt_kept_from(const nkt_kept_t *kept)
{
    return &kept->pair->from->address;
}

const nkt_address_t *nkt_kept_to(const nkt_kept_t *kept)
{
    return &kept->pair->to->address;
}

uint64_t nkt_kept_key_ms(const nkt_kept_box_t *box, const nkt_address_t *from, const nkt_address_t *to)
{
    uint8_t name[2 * NKT_ADDRESS_SIZE];
    pair_key(name, from, to);
    nkt_kept_pair_t *pair = nkt_map_get(&box->pairs, name);
    if (pair == NULL)
        return UINT64_MAX;
    if (!pair->has_key_ms) {
        pair->key_ms = UINT64_MAX;
        for (const nkt_kept_t *key = pair->lists[1].head; key != NULL; key = key->at[NKT_KEPT_BY_PAIR].next)
            pair->key_ms = key->created_ms < pair->key_ms ? key->created_ms : pair->key_ms;
        pair->has_key_ms = 1;
    }
    return pair->key_ms;
}

nkt_kept_owner_t *nkt_kept_for(const nkt_kept_box_t *box, const nkt_address_t *to)
{
    return nkt_map_get(&box->recipients, to->b);
}

nkt_kept_owner_t *nkt_kept_of(const nkt_kept_box_t *box, const nkt_address_t *from)
{
    return nkt_map_get(&box->authors, from->b);
}

/* ---- dropping ---- */

void nkt_kept_drop(nkt_kept_box_t *box, nkt_kept_t *kept)
{
    nkt_kept_pair_t *pair = kept->pair;
    nkt_kept_page_t *page = kept->page;
    size_t *const sizes[] = {&box->size, &pair->size, &pair->from->size, &pair->to->size, &page->size};
    size_t *const counts[] = {&pair->count, &pair->from->count, &pair->to->count, &page->count};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        *sizes[i] -= kept->size;
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
        *counts[i] -= 1;
    list_remove(&box->list, NKT_KEPT_BY_ORDER, kept);
    list_remove(&pair->from->lists[kept->is_key], NKT_KEPT_BY_AUTHOR, kept);
    list_remove(&pair->lists[kept->is_key], NKT_KEPT_BY_PAIR, kept);
    list_remove(&page->list, NKT_KEPT_BY_PAGE, kept);
    if (kept->is_key && kept->created_ms == pair->key_ms)
        pair->has_key_ms = 0;
    if (kept->is_strangers) {
        list_remove(&box->strangers, NKT_KEPT_BY_STRANGER, kept);
        box->stranger_size -= kept->size;
        box->stranger_count--;
    }
    nkt_map_remove(&box->ids, kept->id);
    if (page->count == 0 || page->size * 2 < page->size_stored)
        page_want(box, page); /* its record is deleted; or written without what is gone: half as much each time */
    pair_free(box, pair);
    free(kept);
}

static nkt_kept_t *oldest(const nkt_kept_list_t lists[2])
{
    return lists[0].head != NULL ? lists[0].head : lists[1].head;
}

static nkt_kept_owner_t *heaviest_author(const nkt_kept_box_t *box)
{
    nkt_kept_owner_t *best = box->author_list;
    for (nkt_kept_owner_t *author = best; author != NULL; author = author->next)
        best = author->size > best->size ? author : best;
    return best;
}

static nkt_kept_pair_t *heaviest_pair(const nkt_kept_owner_t *to)
{
    nkt_kept_pair_t *best = to->pairs;
    for (nkt_kept_pair_t *pair = best; pair != NULL; pair = pair->next)
        best = pair->size > best->size ? pair : best;
    return best;
}

static int is_over(const nkt_kept_owner_t *owner, size_t size, size_t size_max, size_t count_max)
{
    return owner != NULL && (owner->size + size > size_max || owner->count >= count_max);
}

/* The oldest of who has most, or, if he would have more with what comes, of his own. NKT_E_SIZE: there is none. */
static int oldest_drop(nkt_kept_box_t *box, const nkt_kept_list_t heaviest[2], size_t heaviest_size, const nkt_kept_list_t own[2],
                       size_t own_size)
{
    nkt_kept_t *kept = heaviest_size >= own_size ? oldest(heaviest) : own != NULL ? oldest(own) : NULL;
    if (kept == NULL)
        return NKT_E_SIZE;
    nkt_kept_drop(box, kept);
    return NKT_OK;
}

static int author_makes_room(nkt_kept_box_t *box, const nkt_address_t *from, size_t size)
{
    const nkt_kept_owner_t *author = nkt_kept_of(box, from), *heaviest = heaviest_author(box);
    return oldest_drop(box, heaviest->lists, heaviest->size, author == NULL ? NULL : author->lists,
                       size + (author == NULL ? 0 : author->size));
}

static int pair_makes_room(nkt_kept_box_t *box, const nkt_kept_head_t *head, size_t size)
{
    uint8_t key[2 * NKT_ADDRESS_SIZE];
    pair_key(key, &head->from, &head->to);
    const nkt_kept_pair_t *own = nkt_map_get(&box->pairs, key), *heaviest = heaviest_pair(nkt_kept_for(box, &head->to));
    return oldest_drop(box, heaviest->lists, heaviest->size, own == NULL ? NULL : own->lists, size + (own == NULL ? 0 : own->size));
}

/* An author makes room for himself; then those with most. */
static int room_make(nkt_kept_box_t *box, const nkt_kept_head_t *head, size_t size)
{
    int is_to_all = nkt_is_zero(head->to.b, NKT_ADDRESS_SIZE), err = NKT_OK;
    size_t to_size = is_to_all ? NKT_KEPT_ALL_SIZE_MAX : NKT_KEPT_TO_SIZE_MAX;
    size_t to_count = is_to_all ? NKT_KEPT_ALL_COUNT_MAX : NKT_KEPT_TO_COUNT_MAX;
    while (is_over(nkt_kept_of(box, &head->from), size, NKT_KEPT_FROM_SIZE_MAX, NKT_KEPT_FROM_COUNT_MAX))
        nkt_kept_drop(box, oldest(nkt_kept_of(box, &head->from)->lists));
    while (head->is_strangers && box->strangers.head != NULL &&
           (box->stranger_size + size > NKT_KEPT_FROM_SIZE_MAX || box->stranger_count >= NKT_KEPT_FROM_COUNT_MAX))
        nkt_kept_drop(box, box->strangers.head);
    while (err == NKT_OK && is_over(nkt_kept_for(box, &head->to), size, to_size, to_count))
        err = pair_makes_room(box, head, size);
    while (err == NKT_OK && (box->size + size > NKT_KEPT_SIZE_MAX || box->ids.count >= NKT_KEPT_COUNT_MAX))
        err = author_makes_room(box, &head->from, size);
    return err;
}

/* ---- keeping ---- */

void nkt_kept_init(nkt_kept_box_t *box, uint64_t seed)
{
    *box = (nkt_kept_box_t){0};
    nkt_map_init(&box->ids, NKT_ID_SIZE, offsetof(nkt_kept_t, id), NKT_KEPT_COUNT_MAX + 1, seed);
    nkt_map_init(&box->authors, NKT_ADDRESS_SIZE, offsetof(nkt_kept_owner_t, address), NKT_KEPT_COUNT_MAX + 1, seed);
    nkt_map_init(&box->recipients, NKT_ADDRESS_SIZE, offsetof(nkt_kept_owner_t, address), NKT_KEPT_COUNT_MAX + 1, seed);
    nkt_map_init(&box->pairs, 2 * NKT_ADDRESS_SIZE, offsetof(nkt_kept_pair_t, key), NKT_KEPT_COUNT_MAX + 1, seed);
}

void nkt_kept_deinit(nkt_kept_box_t *box)
{
    while (box->list.tail != NULL)
        nkt_kept_drop(box, box->list.tail);
    while (box->first_page != NULL)
        nkt_kept_page_free(box, box->first_page);
    nkt_map_deinit(&box->ids);
    nkt_map_deinit(&box->authors);
    nkt_map_deinit(&box->recipients);
    nkt_map_deinit(&box->pairs);
}

static void kept_link(nkt_kept_box_t *box, nkt_kept_t *kept)
{
    nkt_kept_pair_t *pair = kept->pair;
    size_t *const sizes[] = {&box->size, &pair->size, &pair->from->size, &pair->to->size, &kept->page->size, &kept->page->size_stored};
    size_t *const counts[] = {&pair->count, &pair->from->count, &pair->to->count, &kept->page->count};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        *sizes[i] += kept->size;
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
        *counts[i] += 1;
    list_append(&box->list, NKT_KEPT_BY_ORDER, kept);
    list_append(&pair->from->lists[kept->is_key], NKT_KEPT_BY_AUTHOR, kept);
    list_append(&pair->lists[kept->is_key], NKT_KEPT_BY_PAIR, kept);
    list_append(&kept->page->list, NKT_KEPT_BY_PAGE, kept);
    if (kept->is_key && pair->has_key_ms && kept->created_ms < pair->key_ms)
        pair->key_ms = kept->created_ms;
    if (kept->is_strangers) {
        list_append(&box->strangers, NKT_KEPT_BY_STRANGER, kept);
        box->stranger_size += kept->size;
        box->stranger_count++;
    }
    page_want(box, kept->page);
}

int nkt_kept_add(nkt_kept_box_t *box, const nkt_kept_head_t *head, const uint8_t *frame, size_t size)
{
    if (size > NKT_KEPT_FROM_SIZE_MAX)
        return NKT_E_SIZE;
    if (nkt_kept_find(box, head->id) != NULL)
        return NKT_E_DUPLICATE;
    int err = room_make(box, head, size);
    nkt_kept_t *kept = err < 0 ? NULL : calloc(1, sizeof *kept + size);
    if (kept == NULL)
        return err < 0 ? err : NKT_E_MEMORY;
    memcpy(kept->id, head->id, NKT_ID_SIZE);
    kept->is_key = (uint8_t)(head->is_key != 0);
    kept->is_strangers = (uint8_t)(head->is_strangers != 0);
    kept->created_ms = head->created_ms;
    kept->kept_ms = head->kept_ms;
    kept->until_ms = head->until_ms;
    kept->size = size;
    memcpy(kept->frame, frame, size);
    kept->page = page_open(box, head->page, size);
    kept->pair = kept->page == NULL || nkt_map_put(&box->ids, kept) < 0 ? NULL : pair_of(box, &head->from, &head->to);
    if (kept->pair == NULL) {
        if (nkt_kept_find(box, head->id) == kept)
            nkt_map_remove(&box->ids, kept->id);
        free(kept);
        return NKT_E_MEMORY;
    }
    kept->order = ++box->order;
    kept_link(box, kept);
    return NKT_OK;
}

nkt_kept_t *nkt_kept_find(const nkt_kept_box_t *box, const uint8_t id[NKT_ID_SIZE])
{
    return nkt_map_get(&box->ids, id);
}

const nkt_kept_t *nkt_kept_after(const nkt_kept_box_t *box, uint64_t order)
{
    const nkt_kept_t *first = NULL;
    for (const nkt_kept_page_t *page = box->last_page; page != NULL; page = page->previous) {
        if (page->list.tail != NULL && page->list.tail->order <= order)
            break;
        first = page->list.head != NULL ? page->list.head : first;
    }
    while (first != NULL && first->order <= order)
        first = first->at[NKT_KEPT_BY_ORDER].next;
    return first;
}

void nkt_kept_expire(nkt_kept_box_t *box, uint64_t age_ms, uint64_t now_ms)
{
    for (nkt_kept_t *kept = box->list.head, *next; kept != NULL; kept = next) {
        next = kept->at[NKT_KEPT_BY_ORDER].next;
        if (age_ms >= kept->until_ms || (kept->done_ms != 0 && now_ms - kept->done_ms >= NKT_KEPT_LINGER_MS))
            nkt_kept_drop(box, kept);
    }
}

void nkt_kept_sort(nkt_kept_box_t *box, uint64_t age_ms)
{
    for (nkt_kept_page_t *page = box->first_page; page != NULL; page = page->next) {
        for (nkt_kept_t *kept = page->list.head; kept != NULL; kept = kept->at[NKT_KEPT_BY_PAGE].next) {
            nkt_kept_pair_t *pair = kept->pair;
            list_remove(&box->list, NKT_KEPT_BY_ORDER, kept);
            list_remove(&pair->from->lists[kept->is_key], NKT_KEPT_BY_AUTHOR, kept);
            list_remove(&pair->lists[kept->is_key], NKT_KEPT_BY_PAIR, kept);
            list_append(&box->list, NKT_KEPT_BY_ORDER, kept);
            list_append(&pair->from->lists[kept->is_key], NKT_KEPT_BY_AUTHOR, kept);
            list_append(&pair->lists[kept->is_key], NKT_KEPT_BY_PAIR, kept);
            kept->order = ++box->order;
            if (kept->kept_ms > age_ms) {
                kept->until_ms -= kept->kept_ms - age_ms;
                kept->kept_ms = age_ms;
            }
        }
    }
}
