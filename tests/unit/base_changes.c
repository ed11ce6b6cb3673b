/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who of many has changed. */
#include "base/changes.h"

#include <stddef.h>

#include "check.h"

/* Their owners are numbers: "103" are those noted, in their order. */
static void order_check(const nkt_changes_t *list, const int *numbers, const char *expected)
{
    const nkt_change_t *before = NULL;
    for (const nkt_change_t *change = list->first; change != NULL; change = change->next) {
        CHECK(change->is_noted && change->list == list && change->before == before);
        CHECK_EQ((const int *)change->owner - numbers, *expected++ - '0');
        before = change;
    }
    CHECK_EQ(*expected, 0);
    CHECK(list->last == before);
}

TEST(changes_are_noted_once_and_seen_from_any_place)
{
    int numbers[4];
    nkt_changes_t list = {0};
    nkt_change_t changes[4] = {0};
    for (int i = 0; i < 4; i++)
        nkt_change_join(&changes[i], &list, &numbers[i]);
    order_check(&list, numbers, "");
    nkt_change_note(&changes[2]);
    nkt_change_note(&changes[0]);
    nkt_change_note(&changes[2]);
    nkt_change_note(&changes[3]);
    nkt_change_note(&changes[1]);
    order_check(&list, numbers, "2031");
    nkt_change_seen(&changes[0]); /* in the middle */
    order_check(&list, numbers, "231");
    nkt_change_seen(&changes[2]); /* the first */
    nkt_change_seen(&changes[2]);
    order_check(&list, numbers, "31");
    nkt_change_seen(&changes[1]); /* the last */
    order_check(&list, numbers, "3");
    nkt_change_note(&changes[2]);
    order_check(&list, numbers, "32");
    nkt_change_seen(&changes[2]);
    nkt_change_seen(&changes[3]);
    order_check(&list, numbers, "");
}

TEST(whoever_left_is_noted_no_more)
{
    int numbers[2];
    nkt_changes_t list = {0};
    nkt_change_t changes[2] = {0};
    nkt_change_note(&changes[0]); /* in nobody's list yet */
    for (int i = 0; i < 2; i++) {
        nkt_change_join(&changes[i], &list, &numbers[i]);
        nkt_change_note(&changes[i]);
    }
    nkt_change_leave(&changes[0]);
    order_check(&list, numbers, "1");
    nkt_change_note(&changes[0]);
    nkt_change_leave(&changes[0]);
    order_check(&list, numbers, "1");
    nkt_change_leave(&changes[1]);
    order_check(&list, numbers, "");
}
