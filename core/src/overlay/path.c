/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "overlay/path.h"

#include <stdlib.h>
#include <string.h>

#include "base/base58.h"
#include "base/place.h"

enum { WAYS = 4 }; /* places an address may have */

void nkt_paths_init(nkt_paths_t *paths, uint64_t seed)
{
    *paths = (nkt_paths_t){.factor = seed | 1};
}

void nkt_paths_deinit(nkt_paths_t *paths)
{
    free(paths->places);
    *paths = (nkt_paths_t){0};
}

static nkt_path_t *set_of(const nkt_paths_t *paths, const nkt_address_t *to)
{
    return &paths->places[nkt_place_of(to->b, paths->factor, NKT_PATH_COUNT_MAX / WAYS) * WAYS];
}

static nkt_path_t *path_find(const nkt_paths_t *paths, const nkt_address_t *to)
{
    if (paths->places == NULL)
        return NULL;
    nkt_path_t *set = set_of(paths, to);
    for (size_t i = 0; i < WAYS; i++) {
        if (nkt_address_compare(&set[i].to, to) == 0)
            return &set[i];
    }
    return NULL;
}

static int is_held(const nkt_path_t *path, uint64_t now_ms)
{
    return path->is_proven && now_ms - path->heard_ms < NKT_PATH_MS;
}

/* The place of the oldest; those that are held go last, and only for one of their kind. */
static nkt_path_t *place_make(nkt_path_t *set, uint64_t now_ms, int is_proven)
{
    nkt_path_t *path = set;
    for (size_t i = 1; i < WAYS; i++) {
        int is_path_held = is_held(path, now_ms), is_other_held = is_held(&set[i], now_ms);
        if (is_path_held != is_other_held ? is_path_held : set[i].heard_ms < path->heard_ms)
            path = &set[i];
    }
    return is_held(path, now_ms) && !is_proven ? NULL : path;
}

void nkt_paths_set(nkt_paths_t *paths, const nkt_address_t *to, uint32_t link, uint8_t hops, uint64_t created_ms, uint64_t now_ms,
                   int is_proven)
{
    uint64_t epoch = created_ms / NKT_PATH_STEP_MS;
    if (paths->places == NULL)
        paths->places = calloc(NKT_PATH_COUNT_MAX, sizeof *paths->places);
    if (paths->places == NULL)
        return;
    nkt_path_t *path = path_find(paths, to);
    int is_worse = path != NULL && (epoch < path->epoch || (epoch == path->epoch && hops > path->hops));
    if (is_worse && now_ms - path->heard_ms < NKT_PATH_MS)
        return;
    if (path == NULL)
        path = place_make(set_of(paths, to), now_ms, is_proven);
    if (path != NULL)
        *path = (nkt_path_t){
            .to = *to, .link = link, .hops = hops, .is_proven = (uint8_t)is_proven, .epoch = epoch, .heard_ms = now_ms};
}

uint32_t nkt_paths_get(const nkt_paths_t *paths, const nkt_address_t *to)
{
    const nkt_path_t *path = path_find(paths, to);
    return path == NULL ? 0 : path->link;
}

void nkt_paths_forget_link(nkt_paths_t *paths, uint32_t link)
{
    for (size_t i = 0; paths->places != NULL && i < NKT_PATH_COUNT_MAX; i++) {
        if (paths->places[i].link == link)
            paths->places[i] = (nkt_path_t){0};
    }
}

void nkt_paths_drop(nkt_paths_t *paths, const nkt_address_t *to)
{
    nkt_path_t *path = path_find(paths, to);
    if (path != NULL)
        *path = (nkt_path_t){0};
}
