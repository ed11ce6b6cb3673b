/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mail for those who are away: what is kept, for how long, and who makes room for whom. */
#include "overlay/mail.h"

#include <string.h>

#include "check.h"

#define SEED UINT64_C(0x5dee5dee5dee5dee)

enum { RELAY = 1, LINK = 2, OTHER = 3 };

static nkt_address_t address(uint32_t number)
{
    nkt_address_t out = {{0}};
    memcpy(out.b + 4, &number, sizeof number); /* all begin alike: the worst for a table by their first bytes */
    return out;
}

static uint32_t next_id;

static int add(nkt_mailbox_t *box, uint32_t from, uint32_t to, uint32_t via, size_t size, uint64_t now_ms)
{
    static uint8_t frame[NKT_MAIL_SIZE_MAX];
    nkt_address_t recipient = address(to);
    nkt_mail_t head = {.from = address(from), .to = &recipient, .to_count = 1, .via = via, .kept_ms = now_ms};
    next_id++;
    memcpy(head.id, &next_id, sizeof next_id);
    memset(frame, (int)(from & 0xff), size < sizeof frame ? size : sizeof frame);
    return nkt_mailbox_add(box, &head, frame, size);
}

typedef struct tally {
    size_t count, size;
} tally_t;

static int is_for(const nkt_mail_t *mail, const nkt_address_t *to)
{
    for (size_t i = 0; i < mail->to_count; i++) {
        if (memcmp(&mail->to[i], to, sizeof *to) == 0)
            return 1;
    }
    return 0;
}

/* `from`, `to` 0: whoever. */
static tally_t count(const nkt_mailbox_t *box, uint32_t from, uint32_t to)
{
    tally_t tally = {0};
    nkt_address_t author = address(from), recipient = address(to);
    for (size_t i = 0; i < box->count; i++) {
        const nkt_mail_t *mail = box->mails[i];
        if ((from != 0 && memcmp(&mail->from, &author, sizeof author) != 0) ||
            (to != 0 && !is_for(mail, &recipient)))
            continue;
        tally.count++;
        tally.size += mail->size;
    }
    return tally;
}

static void check_sound(const nkt_mailbox_t *box)
{
    CHECK(box->count <= NKT_MAIL_COUNT_MAX && box->size <= NKT_MAIL_SIZE_MAX);
    CHECK_EQ(count(box, 0, 0).size, box->size);
    for (size_t i = 1; i < box->count; i++)
        CHECK(box->mails[i - 1]->kept_ms <= box->mails[i]->kept_ms);
}

TEST(mail_is_kept_and_found_in_the_order_it_came)
{
    nkt_mailbox_t box;
    nkt_mailbox_init(&box, SEED);
    nkt_address_t to = address(9), nobody = address(10);
    CHECK(nkt_mailbox_next(&box, &to) == NULL);
    CHECK_OK(add(&box, 1, 9, LINK, 10, 1));
    CHECK_OK(add(&box, 1, 8, LINK, 11, 2));
    CHECK_OK(add(&box, 2, 9, LINK, 12, 3));
    check_sound(&box);
    const nkt_mail_t *first = nkt_mailbox_next(&box, &to);
    const nkt_mail_t *second = nkt_mailbox_after(&box, first, &to);
    CHECK(first != NULL && second != NULL);
    CHECK_EQ(first->size, 10u);
    CHECK_EQ(second->size, 12u);
    CHECK_EQ(second->frame[11], 2);
    CHECK(nkt_mailbox_after(&box, second, &to) == NULL);
    CHECK(nkt_mailbox_next(&box, &nobody) == NULL);
    nkt_mailbox_handed(&box, first, &to);
    CHECK(nkt_mailbox_next(&box, &to) == second);
    CHECK_EQ(box.count, 2u);
    check_sound(&box);
    nkt_mailbox_deinit(&box);
    CHECK_OK(add(&box, 1, 9, LINK, 0, 4)); /* empty and usable */
    nkt_mailbox_deinit(&box);
}

TEST(mail_that_is_here_is_not_kept_twice)
{
    nkt_mailbox_t box;
    nkt_mailbox_init(&box, SEED);
    CHECK_OK(add(&box, 1, 9, LINK, 10, 1));
    next_id--;
    CHECK_ERR(add(&box, 1, 9, OTHER, 10, 2), NKT_E_DUPLICATE);
    CHECK_EQ(box.count, 1u);
    nkt_mailbox_deinit(&box);
}

TEST(mail_too_large_for_an_author_is_refused)
{
    nkt_mailbox_t box;
    nkt_mailbox_init(&box, SEED);
    CHECK_ERR(add(&box, 1, 9, LINK, NKT_MAIL_FROM_SIZE_MAX + 1, 1), NKT_E_SIZE);
    CHECK_OK(add(&box, 1, 9, LINK, NKT_MAIL_FROM_SIZE_MAX, 1));
    nkt_mailbox_deinit(&box);
}

TEST(mail_is_kept_for_a_bounded_time)
{
    nkt_mailbox_t box;
    nkt_mailbox_init(&box, SEED);
    CHECK_OK(add(&box, 1, 9, LINK, 10, 1000));
    CHECK_OK(add(&box, 1, 9, LINK, 10, 2000));
    nkt_mailbox_expire(&box, 1000 + NKT_MAIL_MS - 1);
    CHECK_EQ(box.count, 2u);
    nkt_mailbox_expire(&box, 1000 + NKT_MAIL_MS);
    CHECK_EQ(box.count, 1u);
    nkt_mailbox_expire(&box, 2000 + NKT_MAIL_MS);
    CHECK_EQ(box.count + box.size, 0u);
    nkt_mailbox_deinit(&box);
}

TEST(mail_of_one_author_makes_room_for_his_own)
{
    nkt_mailbox_t box;
    nkt_mailbox_init(&box, SEED);
    CHECK_OK(add(&box, 1, 9, LINK, 100, 0));
    for (uint32_t i = 0; i < 1000; i++) {
        CHECK_OK(add(&box, 2, i % 50 + 10, LINK, 100, i));
        CHECK(count(&box, 2, 0).count <= NKT_MAIL_FROM_COUNT_MAX);
    }
    CHECK_EQ(count(&box, 2, 0).count, (size_t)NKT_MAIL_FROM_COUNT_MAX);
    CHECK_EQ(box.mails[box.count - 1]->kept_ms, 999); /* the newest are kept */
    for (uint32_t i = 0; i < 20; i++) {
        CHECK_OK(add(&box, 2, 9, LINK, 60000, 1000));
        CHECK(count(&box, 2, 0).size <= NKT_MAIL_FROM_SIZE_MAX);
    }
    CHECK_EQ(count(&box, 1, 9).count, 1u);
    check_sound(&box);
    nkt_mailbox_deinit(&box);
}

/* As many authors as there is room for, each with his full share, all to one who is away, through one link. */
TEST(mail_of_a_crowd_behind_one_link_does_not_push_out_that_of_others)
{
    nkt_mailbox_t box;
    nkt_mailbox_init(&box, SEED);
    for (uint32_t i = 0; i < 5; i++)
        CHECK_OK(add(&box, 1, 9, LINK, 500, 0)); /* the oldest of all */
    CHECK_OK(add(&box, 1, 8, LINK, 500, 0));
    for (uint32_t author = 100; author < 300; author++) {
        for (uint32_t i = 0; i < 3; i++)
            CHECK_OK(add(&box, author, 9, RELAY, 1000, author));
        CHECK(count(&box, 0, 9).count <= NKT_MAIL_TO_COUNT_MAX && count(&box, 0, 9).size <= NKT_MAIL_TO_SIZE_MAX);
    }
    CHECK_EQ(count(&box, 1, 9).count, 5u);
    for (uint32_t author = 300; author < 900; author++)
        CHECK_OK(add(&box, author, author, RELAY, author % 7 * 1000, author));
    check_sound(&box);
    CHECK_EQ(count(&box, 1, 9).count, 5u);
    CHECK_EQ(count(&box, 1, 8).count, 1u);
    CHECK_OK(add(&box, 2, 9, OTHER, 30000, 4000)); /* there is room for who comes later by another way */
    CHECK_EQ(count(&box, 2, 9).count, 1u);
    check_sound(&box);
    nkt_mailbox_deinit(&box);
}

/* All by one link, as behind one relay: who has most makes room. */
TEST(mail_of_who_has_most_goes_first)
{
    nkt_mailbox_t box;
    nkt_mailbox_init(&box, SEED);
    for (uint32_t i = 0; i < 10; i++)
        CHECK_OK(add(&box, 1, 9, RELAY, 300, i));
    for (uint32_t author = 2; author < 6; author++) {
        for (uint32_t i = 0; i < NKT_MAIL_FROM_COUNT_MAX; i++)
            CHECK_OK(add(&box, author, 9, RELAY, 2000, 100));
    }
    CHECK_EQ(count(&box, 1, 9).count, 10u);
    CHECK(count(&box, 0, 9).count <= NKT_MAIL_TO_COUNT_MAX);
    check_sound(&box);
    nkt_mailbox_deinit(&box);
}

TEST(mail_without_memory_is_not_kept)
{
    for (unsigned fail = 1; fail <= 2; fail++) {
        nkt_mailbox_t box;
        nkt_mailbox_init(&box, SEED);
        check_allocations_fail_at(fail);
        CHECK_ERR(add(&box, 1, 9, LINK, 10, 1), NKT_E_MEMORY);
        check_allocations_fail_at(0);
        CHECK_EQ(box.count + box.size, 0u);
        CHECK_OK(add(&box, 1, 9, LINK, 10, 1));
        nkt_mailbox_deinit(&box);
    }
}

/* Who has most is looked for by author: authors whose addresses begin alike must not make that a
 * search through all. */
TEST(mail_stays_quick_whoever_chose_the_addresses)
{
    static const size_t alike[] = {0, 2, 3, 4}; /* bytes that are the same in all, at either end of what is looked at */
    for (size_t at_end = 0; at_end < 2; at_end++) {
        for (size_t i = 0; i < COUNT_OF(alike); i++) {
            nkt_mailbox_t box;
            uint64_t before = 0;
            nkt_mailbox_init(&box, SEED);
            for (uint32_t number = 0; number <= NKT_MAIL_COUNT_MAX; number++) {
                nkt_address_t recipient = address(number / 64);
                nkt_mail_t head = {.to = &recipient, .to_count = 1, .via = LINK, .kept_ms = number};
                check_fill(head.from.b, sizeof head.from.b, number);
                memset(head.from.b + (at_end ? 8 - alike[i] : 0), 0x5a, alike[i]);
                check_fill(head.id, sizeof head.id, number);
                before = box.probe_count;
                CHECK_OK(nkt_mailbox_add(&box, &head, (const uint8_t *)"mail", 4));
            }
            check_row("%zu bytes alike at the %s", alike[i], at_end ? "end" : "beginning");
            CHECK(box.probe_count > before); /* the last one had to find who has most */
            CHECK(box.probe_count - before < 4 * NKT_MAIL_COUNT_MAX);
            nkt_mailbox_deinit(&box);
        }
    }
}
