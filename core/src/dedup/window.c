/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dedup/window.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "nkt.h"

void nkt_window_deinit(nkt_window_t *window)
{
    free(window->bits);
    *window = (nkt_window_t){0};
}

static int bit_get(const nkt_window_t *window, uint64_t position)
{
    uint64_t bit = position % NKT_WINDOW_BIT_COUNT;
    return window->bits[bit / 8] >> (bit % 8) & 1;
}

static void bit_put(nkt_window_t *window, uint64_t position, int on)
{
    uint64_t bit = position % NKT_WINDOW_BIT_COUNT;
    uint8_t mask = (uint8_t)(1u << (bit % 8));
    if (on)
        window->bits[bit / 8] |= mask;
    else
        window->bits[bit / 8] &= (uint8_t)~mask;
}

int nkt_window_is_past(const nkt_window_t *window, uint64_t position)
{
    return position < window->top && window->top - position >= NKT_WINDOW_BIT_COUNT;
}

/* RFC 4303, 3.4.3: right of the window, left of it, or within. */
int nkt_window_is_new(const nkt_window_t *window, uint64_t position)
{
    if (position == 0)
        return 0;
    if (position > window->top)
        return 1;
    if (nkt_window_is_past(window, position))
        return 0;
    return window->bits == NULL || !bit_get(window, position);
}

/* The window moves only here, once what came was authenticated: RFC 4303, 3.4.3. */
int nkt_window_mark(nkt_window_t *window, uint64_t position)
{
    assert(window->stream_id != 0 && position != 0);
    if (window->bits == NULL) {
        window->bits = calloc(1, NKT_WINDOW_BYTE_COUNT);
        if (window->bits == NULL)
            return NKT_E_MEMORY;
    }
    if (position > window->top) {
        /* the bits of what was skipped are those of positions that fell out: RFC 6479 */
        if (position - window->top >= NKT_WINDOW_BIT_COUNT) {
            memset(window->bits, 0, NKT_WINDOW_BYTE_COUNT);
        } else {
            for (uint64_t p = window->top + 1; p < position; p++)
                bit_put(window, p, 0);
        }
        window->top = position;
    }
    bit_put(window, position, 1);
    return NKT_OK;
}

size_t nkt_window_used_size(const nkt_window_t *window)
{
    return window->top / 8 + 1 < NKT_WINDOW_BYTE_COUNT ? (size_t)window->top / 8 + 1 : NKT_WINDOW_BYTE_COUNT;
}

nkt_window_t *nkt_window_of(nkt_window_t *windows, int count, uint64_t stream_id, uint64_t *floor)
{
    nkt_window_t *oldest = &windows[0]; /* an unused one has the lowest id of all */
    assert(count > 0 && stream_id != 0); /* 0 would find any that is unused */
    for (int i = 0; i < count; i++) {
        if (windows[i].stream_id == stream_id)
            return &windows[i];
        if (windows[i].stream_id < oldest->stream_id)
            oldest = &windows[i];
    }
    if (stream_id <= *floor)
        return NULL;
    if (oldest->stream_id > *floor)
        *floor = oldest->stream_id;
    nkt_window_deinit(oldest);
    oldest->stream_id = stream_id;
    return oldest;
}

void nkt_windows_deinit(nkt_windows_t *windows)
{
    for (int i = 0; i < windows->count; i++)
        nkt_window_deinit(&windows->list[i]);
    free(windows->list);
    *windows = (nkt_windows_t){0};
}

/* Is there one of that stream, or one that is unused? */
static int has_place(const nkt_windows_t *windows, uint64_t stream_id)
{
    for (int i = 0; i < windows->count; i++)
        if (windows->list[i].stream_id == stream_id || windows->list[i].stream_id == 0)
            return 1;
    return 0;
}

int nkt_windows_of(nkt_windows_t *windows, int count_max, uint64_t stream_id, uint64_t *floor, nkt_window_t **window)
{
    *window = NULL;
    if (windows->count < count_max && stream_id > *floor && !has_place(windows, stream_id)) {
        int count = windows->count == 0 ? 1 : 2 * windows->count;
        count = count < count_max ? count : count_max;
        nkt_window_t *list = realloc(windows->list, (size_t)count * sizeof *list);
        if (list == NULL)
            return NKT_E_MEMORY;
        memset(list + windows->count, 0, (size_t)(count - windows->count) * sizeof *list);
        *windows = (nkt_windows_t){.list = list, .count = count};
    }
    if (windows->count > 0)
        *window = nkt_window_of(windows->list, windows->count, stream_id, floor);
    return NKT_OK;
}
