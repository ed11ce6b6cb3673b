/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/changes.h"

#include <assert.h>
#include <stddef.h>

void nkt_change_join(nkt_change_t *change, nkt_changes_t *list, void *owner)
{
    assert(change->list == NULL && !change->is_noted);
    *change = (nkt_change_t){.list = list, .owner = owner};
}

void nkt_change_leave(nkt_change_t *change)
{
    nkt_change_seen(change);
    change->list = NULL;
}

void nkt_change_note(nkt_change_t *change)
{
    nkt_changes_t *list = change->list;
    if (list == NULL || change->is_noted)
        return;
    change->is_noted = 1;
    change->next = NULL;
    change->before = list->last;
    if (list->last == NULL)
        list->first = change;
    else
        list->last->next = change;
    list->last = change;
}

void nkt_change_seen(nkt_change_t *change)
{
    if (!change->is_noted)
        return;
    nkt_changes_t *list = change->list;
    if (change->before == NULL)
        list->first = change->next;
    else
        change->before->next = change->next;
    if (change->next == NULL)
        list->last = change->before;
    else
        change->next->before = change->before;
    change->next = change->before = NULL;
    change->is_noted = 0;
}
