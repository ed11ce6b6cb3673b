/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a keeper keeps: its order, its shares, its pages. */
#include "overlay/kept.h"

#include <string.h>

#include "base/bytes.h"
#include "check.h"

enum { EVERYBODY = 0, KEY = 1, LETTER = 0 };

static nkt_address_t address(uint32_t number)
{
    nkt_address_t out = {{0}};
    memcpy(out.b + 4, &number, sizeof number);
    return out;
}

static uint32_t next_id;
static uint8_t frame[NKT_KEPT_FROM_SIZE_MAX + 1];

static int add(nkt_kept_box_t *box, uint32_t from, uint32_t to, int is_key, size_t size, uint64_t until_ms)
{
    nkt_kept_head_t head = {.from = address(from), .to = address(to), .is_key = is_key, .created_ms = ++next_id, .until_ms = until_ms};
    memcpy(head.id, &next_id, sizeof next_id);
    return nkt_kept_add(box, &head, frame, size);
}

/* Every sum is that of what is there, every page and list has its own. */
static void check_sound(const nkt_kept_box_t *box)
{
    size_t count = 0, size = 0, page_count = 0, page_size = 0, author_count = 0, author_size = 0;
    uint64_t order = 0;
    for (const nkt_kept_t *kept = box->list.head; kept != NULL; kept = kept->at[NKT_KEPT_BY_ORDER].next) {
        CHECK(kept->order > order);
        order = kept->order;
        CHECK(nkt_kept_find(box, kept->id) == kept);
        count++;
        size += kept->size;
    }
    for (const nkt_kept_page_t *page = box->first_page; page != NULL; page = page->next) {
        page_count += page->count;
        page_size += page->size;
        CHECK(page->next == NULL || page->next->number > page->number);
    }
    for (const nkt_kept_owner_t *author = box->author_list; author != NULL; author = author->next) {
        CHECK(author->count > 0 && author->count <= NKT_KEPT_FROM_COUNT_MAX && author->size <= NKT_KEPT_FROM_SIZE_MAX);
        author_count += author->count;
        author_size += author->size;
    }
    CHECK_EQ(box->ids.count, count);
    CHECK_EQ(box->size, size);
    CHECK_EQ(page_count, count);
    CHECK_EQ(page_size, size);
    CHECK_EQ(author_count, count);
    CHECK_EQ(author_size, size);
    CHECK(box->size <= NKT_KEPT_SIZE_MAX && count <= NKT_KEPT_COUNT_MAX);
}

static size_t size_of(const nkt_kept_box_t *box, uint32_t from)
{
    const nkt_address_t author = address(from);
    const nkt_kept_owner_t *owner = nkt_kept_of(box, &author);
    return owner == NULL ? 0 : owner->size;
}

TEST(strangers_together_have_what_one_author_has)
{
    enum { STRANGER_COUNT = 20000, SIZE = 4000, HONEST_COUNT = 400 };
    nkt_kept_box_t box;
    nkt_kept_init(&box, 1);
    for (uint32_t i = 0; i < HONEST_COUNT; i++)
        CHECK_OK(add(&box, 1 + i % 2, EVERYBODY, LETTER, SIZE, 1000));
    for (uint32_t i = 0; i < STRANGER_COUNT; i++) { /* 76 MiB, each of another */
        nkt_kept_head_t head = {.from = address(100 + i), .to = address(i % 3), .is_strangers = 1, .created_ms = ++next_id};
        memcpy(head.id, &next_id, sizeof next_id);
        CHECK_OK(nkt_kept_add(&box, &head, frame, SIZE));
    }
    check_sound(&box);
    CHECK_EQ(size_of(&box, 1) + size_of(&box, 2), HONEST_COUNT * SIZE);
    CHECK(box.stranger_size <= NKT_KEPT_FROM_SIZE_MAX && box.stranger_size > NKT_KEPT_FROM_SIZE_MAX - SIZE);
    CHECK_EQ(box.size, box.stranger_size + HONEST_COUNT * SIZE);
    nkt_kept_drop(&box, box.strangers.tail);
    nkt_kept_drop(&box, box.strangers.head->at[NKT_KEPT_BY_STRANGER].next);
    while (box.strangers.head != NULL)
        nkt_kept_drop(&box, box.strangers.head);
    check_sound(&box);
    CHECK_EQ(box.stranger_size + box.stranger_count, 0);
    CHECK_EQ(box.size, HONEST_COUNT * SIZE);
    nkt_kept_deinit(&box);
}

TEST(earliest_key_of_a_pair_is_known_whatever_comes_and_goes)
{
    nkt_kept_box_t box;
    const nkt_address_t from = address(1), to = address(2), other = address(3);
    uint64_t luck = 1;
    nkt_kept_init(&box, 1);
    CHECK_EQ(nkt_kept_key_ms(&box, &from, &to), UINT64_MAX);
    for (uint32_t i = 0; i < 2000; i++) {
        luck = luck * 6364136223846793005u + 1442695040888963407u;
        nkt_kept_head_t head = {.from = from, .to = to, .is_key = luck >> 60 & 1, .created_ms = luck >> 40 & 1023, .until_ms = 1};
        memcpy(head.id, &i, sizeof i);
        CHECK_OK(nkt_kept_add(&box, &head, frame, 10));
        if (luck >> 50 & 1)
            nkt_kept_drop(&box, luck >> 51 & 1 ? box.list.head : box.list.tail);
        uint64_t earliest = UINT64_MAX;
        for (const nkt_kept_t *kept = box.list.head; kept != NULL; kept = kept->at[NKT_KEPT_BY_ORDER].next)
            earliest = kept->is_key && kept->created_ms < earliest ? kept->created_ms : earliest;
        CHECK_EQ(nkt_kept_key_ms(&box, &from, &to), earliest);
        CHECK_EQ(nkt_kept_key_ms(&box, &from, &other), UINT64_MAX);
    }
    nkt_kept_deinit(&box);
}

TEST(kept_letters_are_found_by_their_recipient_in_the_order_they_came)
{
    nkt_kept_box_t box;
    const nkt_address_t one = address(7), nobody = address(8);
    nkt_kept_init(&box, 1);
    for (uint32_t i = 0; i < 100; i++)
        CHECK_OK(add(&box, 1 + i % 3, i % 2 == 0 ? 7 : EVERYBODY, i < 3, 100 + i, 1000));
    check_sound(&box);
    CHECK(nkt_kept_for(&box, &nobody) == NULL);
    CHECK_EQ(nkt_kept_for(&box, &one)->count, 50);
    CHECK_EQ(box.ids.count, 100);
    for (uint32_t i = 0; i < 40; i++) /* holes */
        nkt_kept_drop(&box, i % 3 == 0 ? box.list.head : box.list.head->at[NKT_KEPT_BY_ORDER].next);
    for (uint64_t order = 0; order <= 101; order++) {
        const nkt_kept_t *expected = box.list.head;
        while (expected != NULL && expected->order <= order)
            expected = expected->at[NKT_KEPT_BY_ORDER].next;
        CHECK(nkt_kept_after(&box, order) == expected);
    }
    while (box.list.head != NULL) {
        nkt_kept_drop(&box, box.list.head);
        check_sound(&box);
    }
    CHECK(nkt_kept_for(&box, &one) == NULL && box.authors.count == 0 && box.pairs.count == 0);
    nkt_kept_deinit(&box);
}

TEST(kept_letters_are_kept_once)
{
    nkt_kept_box_t box;
    nkt_kept_head_t head = {.id = {1}, .from = address(1), .to = address(2), .until_ms = 5};
    nkt_kept_init(&box, 1);
    CHECK_OK(nkt_kept_add(&box, &head, frame, 10));
    CHECK_ERR(nkt_kept_add(&box, &head, frame, 10), NKT_E_DUPLICATE);
    head.id[0] = 2;
    CHECK_ERR(nkt_kept_add(&box, &head, frame, NKT_KEPT_FROM_SIZE_MAX + 1), NKT_E_SIZE);
    CHECK_EQ(box.ids.count, 1);
    nkt_kept_deinit(&box);
}

TEST(kept_letters_are_kept_as_long_as_they_say)
{
    nkt_kept_box_t box;
    nkt_kept_init(&box, 1);
    for (uint32_t i = 1; i <= 50; i++)
        CHECK_OK(add(&box, 1, 2, i % 10 == 0, 100, 1000 * (i % 5 + 1)));
    for (uint64_t now_ms = 0; now_ms < 6000; now_ms += 500) {
        nkt_kept_expire(&box, now_ms, 0);
        check_sound(&box);
        uint64_t rounds = now_ms / 1000;
        CHECK_EQ(box.ids.count, rounds >= 5 ? 0 : 50 - 10 * rounds);
    }
    CHECK_OK(add(&box, 1, 2, KEY, 100, UINT64_MAX));
    box.list.head->done_ms = 10000; /* its recipient has all that it opens */
    nkt_kept_expire(&box, 0, 10000 + NKT_KEPT_LINGER_MS - 1);
    CHECK_EQ(box.ids.count, 1);
    nkt_kept_expire(&box, 0, 10000 + NKT_KEPT_LINGER_MS);
    CHECK_EQ(box.ids.count, 0);
    nkt_kept_deinit(&box);
}

TEST(kept_letters_of_one_author_make_room_for_his_own_and_his_keys_stay)
{
    nkt_kept_box_t box;
    const nkt_address_t loud = address(1);
    nkt_kept_init(&box, 1);
    CHECK_OK(add(&box, 2, 9, KEY, 300, 1));
    CHECK_OK(add(&box, 2, 9, LETTER, 300, 1));
    CHECK_OK(add(&box, 1, 9, KEY, 300, 1));
    for (uint32_t i = 0; i < 40; i++)
        CHECK_OK(add(&box, 1, i % 2 == 0 ? EVERYBODY : 9, LETTER, 500000, 1));
    check_sound(&box);
    CHECK_EQ(size_of(&box, 2), 600);
    CHECK_EQ(nkt_kept_of(&box, &loud)->lists[1].head != NULL, 1);
    CHECK(size_of(&box, 1) > NKT_KEPT_FROM_SIZE_MAX - 500000);
    CHECK_OK(add(&box, 1, 9, LETTER, NKT_KEPT_FROM_SIZE_MAX, 1)); /* all of his share, and no more */
    CHECK_EQ(size_of(&box, 1), NKT_KEPT_FROM_SIZE_MAX);
    CHECK_EQ(size_of(&box, 2), 600);
    nkt_kept_deinit(&box);
}

TEST(kept_letters_for_one_or_in_all_are_a_fair_share_of_each_author)
{
    static const struct {
        const char *what;
        uint32_t authors;
        size_t size;
        int is_to_one;
    } rows[] = {
        {"a crowd for one", 60, 400000, 1},
        {"a crowd for everybody", 60, 1000000, 0},
    };
    for (size_t row = 0; row < COUNT_OF(rows); row++) {
        nkt_kept_box_t box;
        check_row("%s", rows[row].what);
        nkt_kept_init(&box, 1);
        CHECK_OK(add(&box, 500, 9, LETTER, 1000, 1));
        CHECK_OK(add(&box, 500, EVERYBODY, LETTER, 1000, 1));
        for (uint32_t i = 0; i < 4 * rows[row].authors; i++)
            CHECK_OK(add(&box, 1 + i % rows[row].authors, rows[row].is_to_one ? 9 : EVERYBODY, LETTER, rows[row].size, 1));
        check_sound(&box);
        CHECK_EQ(size_of(&box, 500), 2000); /* who has little loses nothing */
        size_t least = SIZE_MAX, most = 0;
        for (uint32_t i = 1; i <= rows[row].authors; i++) {
            least = size_of(&box, i) < least ? size_of(&box, i) : least;
            most = size_of(&box, i) > most ? size_of(&box, i) : most;
        }
        CHECK(most - least <= rows[row].size);
        nkt_kept_deinit(&box);
    }
}

TEST(kept_letters_are_no_more_than_64_mib)
{
    nkt_kept_box_t box;
    nkt_kept_init(&box, 1);
    for (uint32_t i = 0; i < 200; i++)
        CHECK_OK(add(&box, 1 + i % 20, 100 + i % 40, LETTER, 600000, 1));
    check_sound(&box);
    CHECK(box.size > NKT_KEPT_SIZE_MAX - 600000);
    for (uint32_t i = 0; i < 2 * NKT_KEPT_COUNT_MAX; i++)
        CHECK_OK(add(&box, 1 + i % 20, 100 + i % 40, LETTER, 10, 1));
    check_sound(&box);
    CHECK_EQ(box.ids.count, NKT_KEPT_COUNT_MAX);
    nkt_kept_deinit(&box);
}

/* Writes what is dirty, and counts the bytes. */
static size_t pages_write(nkt_kept_box_t *box)
{
    size_t written = 0;
    for (nkt_kept_page_t *page = box->first_page, *next; page != NULL; page = next) {
        next = page->next;
        if (!page->is_dirty)
            continue;
        written += page->size;
        page->is_dirty = 0;
        page->size_stored = page->size;
        if (page->count == 0 && page != box->last_page)
            nkt_kept_page_free(box, page);
    }
    box->is_dirty = 0;
    return written;
}

TEST(kept_letters_are_written_a_bounded_number_of_times)
{
    enum { COUNT = 5000, SIZE = 400, PAGE_LETTERS = NKT_KEPT_PAGE_SIZE_MAX / SIZE };
    nkt_kept_box_t box;
    size_t written = 0;
    nkt_kept_init(&box, 1);
    for (uint32_t i = 0; i < COUNT; i++) {
        CHECK_OK(add(&box, 1, 2 + i % 7, LETTER, SIZE, 1));
        written += pages_write(&box);
    }
    CHECK(written <= (size_t)COUNT * SIZE * (PAGE_LETTERS + 1) / 2);
    size_t dropped = 0;
    for (uint32_t to = 2; to < 9; to++) { /* one recipient after the other reads its own */
        const nkt_address_t one = address(to);
        while (nkt_kept_for(&box, &one) != NULL) {
            nkt_kept_drop(&box, nkt_kept_for(&box, &one)->pairs->lists[0].head);
            dropped += pages_write(&box);
        }
    }
    CHECK_EQ(box.ids.count, 0);
    CHECK(dropped <= (size_t)COUNT * SIZE); /* each page is written anew when half of it is gone */
    CHECK(box.first_page == NULL || box.first_page == box.last_page);
    nkt_kept_deinit(&box);
}

TEST(kept_pages_out_of_storage_come_in_any_order)
{
    nkt_kept_box_t box;
    static const uint32_t pages[] = {9, 2, 5, 2, 9, 5};
    nkt_kept_init(&box, 1);
    for (uint32_t i = 0; i < COUNT_OF(pages); i++) {
        nkt_kept_head_t head = {
            .id = {(uint8_t)(i + 1), 0, 0, 0, 1}, .from = address(1), .to = address(2), .until_ms = 9, .page = pages[i]};
        CHECK_OK(nkt_kept_add(&box, &head, frame, 10));
    }
    CHECK(nkt_kept_restored(&box, 2, 0) && nkt_kept_restored(&box, 5, 1) && nkt_kept_restored(&box, 9, 0));
    CHECK(!nkt_kept_restored(&box, 3, 0));
    nkt_kept_sort(&box, 0);
    check_sound(&box);
    uint32_t before = 0;
    for (const nkt_kept_t *kept = box.list.head; kept != NULL; kept = kept->at[NKT_KEPT_BY_ORDER].next) {
        CHECK(kept->page->number >= before && !kept->page->is_dirty);
        before = kept->page->number;
    }
    CHECK_OK(add(&box, 1, 2, LETTER, 10, 1)); /* into the last one, or behind it */
    CHECK(box.list.tail->page->number >= 9);
    nkt_kept_deinit(&box);
}

TEST(kept_letters_without_memory_are_not_kept)
{
    for (unsigned n = 1;; n++) {
        nkt_kept_box_t box;
        nkt_kept_init(&box, 1);
        CHECK_OK(add(&box, 1, 2, LETTER, 100, 1));
        check_allocations_fail_at(n);
        int err = add(&box, 3, 4, LETTER, 100, 1);
        int has_failed = check_allocation_failed();
        check_allocations_fail_at(0);
        CHECK_ERR(err, has_failed ? NKT_E_MEMORY : NKT_OK);
        check_sound(&box);
        CHECK_OK(add(&box, 3, 4, LETTER, 100, 1));
        nkt_kept_deinit(&box);
        if (!has_failed)
            break;
        CHECK(n < 50);
    }
}
