/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "overlay/missing.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void nkt_missing_deinit(nkt_missing_t *missing)
{
    free(missing->entries);
    *missing = (nkt_missing_t){0};
}

static nkt_missing_entry_t *entry_find(const nkt_missing_t *missing, const uint8_t *id)
{
    for (size_t i = 0; i < missing->count; i++) {
        if (memcmp(missing->entries[i].id, id, NKT_ID_SIZE) == 0)
            return &missing->entries[i];
    }
    return NULL;
}

/* Ids that this link alone told of: one that tells lies must not fill the table. */
static int is_greedy(const nkt_missing_t *missing, uint32_t link)
{
    size_t count = 0;
    for (size_t i = 0; i < missing->count; i++)
        count += missing->entries[i].link_count == 1 && missing->entries[i].links[0] == link;
    return count >= NKT_MISSING_COUNT_MAX / 4;
}

/* Of a full table: what was asked for in vain most often, and of those what a doubted one was asked for. NULL: all is fresh. */
static nkt_missing_entry_t *entry_vain(const nkt_missing_t *missing)
{
    nkt_missing_entry_t *vain = NULL;
    int most = 0;
    for (size_t i = 0; i < missing->count; i++) {
        nkt_missing_entry_t *entry = &missing->entries[i];
        int score = entry->fetch_count * 2 + entry->is_doubted;
        if (entry->fetch_count > 0 && score > most) {
            most = score;
            vain = entry;
        }
    }
    return vain;
}

static nkt_missing_entry_t *entry_new(nkt_missing_t *missing, nkt_announcer_t by)
{
    if (missing->count >= NKT_MISSING_COUNT_MAX / 4 && is_greedy(missing, by.link))
        return NULL;
    if (missing->count >= NKT_MISSING_COUNT_MAX)
        return by.is_doubted ? NULL : entry_vain(missing);
    if (missing->count == missing->capacity) {
        size_t capacity = missing->capacity == 0 ? 16 : missing->capacity * 2;
        nkt_missing_entry_t *entries = realloc(missing->entries, capacity * sizeof *entries);
        if (entries == NULL)
            return NULL;
        missing->entries = entries;
        missing->capacity = capacity;
    }
    return &missing->entries[missing->count++];
}

/* Those who are not doubted before those who are; of too many the last one goes, if he is doubted and this one is not. */
static void announcer_add(nkt_missing_entry_t *entry, nkt_announcer_t by)
{
    if (entry->link_count == NKT_ANNOUNCER_COUNT_MAX) {
        if (by.is_doubted || entry->sure_count == NKT_ANNOUNCER_COUNT_MAX)
            return;
        entry->link_count--;
    }
    size_t at = by.is_doubted ? entry->link_count : entry->sure_count++;
    memmove(&entry->links[at + 1], &entry->links[at], (entry->link_count - at) * sizeof entry->links[0]);
    entry->links[at] = by.link;
    entry->link_count++;
    assert(entry->sure_count <= entry->link_count && entry->link_count <= NKT_ANNOUNCER_COUNT_MAX);
}

void nkt_missing_add(nkt_missing_t *missing, const uint8_t id[NKT_ID_SIZE], nkt_announcer_t by, uint64_t now_ms,
                     uint32_t wait_ms)
{
    nkt_missing_entry_t *entry = entry_find(missing, id);
    if (entry == NULL) {
        entry = entry_new(missing, by);
        if (entry == NULL)
            return;
        *entry = (nkt_missing_entry_t){.due_ms = now_ms + wait_ms};
        memcpy(entry->id, id, NKT_ID_SIZE);
    }
    for (size_t i = 0; i < entry->link_count; i++) {
        if (entry->links[i] == by.link)
            return;
    }
    /* Plumtree, Receive(IHAVE), waits as long whoever tells; here each further announcer halves it */
    uint64_t due_ms = now_ms + (wait_ms >> entry->link_count);
    if (due_ms < entry->due_ms && (entry->fetch_count == 0 || (entry->is_doubted && !by.is_doubted)))
        entry->due_ms = due_ms;
    announcer_add(entry, by);
}

static void entry_drop(nkt_missing_t *missing, nkt_missing_entry_t *entry)
{
    *entry = missing->entries[--missing->count];
}

nkt_missing_entry_t nkt_missing_take(nkt_missing_t *missing, const uint8_t id[NKT_ID_SIZE])
{
    nkt_missing_entry_t *entry = entry_find(missing, id);
    nkt_missing_entry_t taken = {0};
    if (entry != NULL) {
        taken = *entry;
        entry_drop(missing, entry);
    }
    return taken;
}

static void announcer_drop(nkt_missing_entry_t *entry, size_t i)
{
    entry->link_count--;
    entry->sure_count -= i < entry->sure_count;
    memmove(&entry->links[i], &entry->links[i + 1], (entry->link_count - i) * sizeof entry->links[0]);
}

void nkt_missing_forget_link(nkt_missing_t *missing, uint32_t link, uint64_t now_ms)
{
    for (size_t e = missing->count; e-- > 0;) {
        nkt_missing_entry_t *entry = &missing->entries[e];
        for (size_t i = entry->link_count; i-- > 0;) {
            if (entry->links[i] == link)
                announcer_drop(entry, i);
        }
        if (entry->asked == link) {
            entry->asked = 0;
            entry->due_ms = now_ms;
        }
        if (entry->link_count == 0)
            entry_drop(missing, entry);
    }
}

nkt_missing_entry_t *nkt_missing_due(nkt_missing_t *missing, uint64_t now_ms, uint32_t only)
{
    for (size_t i = 0; i < missing->count; i++) {
        nkt_missing_entry_t *entry = &missing->entries[i];
        assert(entry->link_count > 0); /* an entry without anybody to ask is dropped */
        if (entry->due_ms <= now_ms && (only == 0 || entry->links[0] == only))
            return entry;
    }
    return NULL;
}

void nkt_missing_asked(nkt_missing_t *missing, nkt_missing_entry_t *entry, uint64_t now_ms, uint64_t again_ms, int is_doubted)
{
    uint32_t link = entry->links[0];
    entry->asked = link;
    entry->asked_ms = now_ms;
    entry->is_doubted = (uint8_t)(is_doubted != 0);
    entry->due_ms = again_ms; /* Plumtree, Timer, p. 9: the second, shorter one, for the next announcer */
    if (++entry->fetch_count >= NKT_FETCH_COUNT_MAX) {
        entry_drop(missing, entry);
        return;
    }
    announcer_drop(entry, 0);
    entry->links[entry->link_count++] = link; /* the last in the queue now */
}

uint64_t nkt_missing_next_ms(const nkt_missing_t *missing)
{
    uint64_t next_ms = UINT64_MAX;
    for (size_t i = 0; i < missing->count; i++) {
        if (missing->entries[i].due_ms < next_ms)
            next_ms = missing->entries[i].due_ms;
    }
    return next_ms;
}
