/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where a key belongs in a table with open addressing whose keys others can choose. Ids and
 * addresses are hashes, but their authors can try until many begin (or end) alike. The upper bits
 * of a product with a secret odd factor put any two of them together by chance alone
 * (Dietzfelbinger et al., A reliable randomized algorithm for the closest-pair problem, 1997).
 */
#ifndef NKT_BASE_PLACE_H
#define NKT_BASE_PLACE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/** Of slot_count, a power of two up to 2^32. factor: secret and odd. */
static inline size_t nkt_place(uint64_t value, uint64_t factor, size_t slot_count)
{
    return (size_t)((value * factor >> 32) * slot_count >> 32);
}

/** The same for the first 8 bytes of a key. */
static inline size_t nkt_place_of(const uint8_t *key, uint64_t factor, size_t slot_count)
{
    uint64_t value;
    memcpy(&value, key, sizeof value);
    return nkt_place(value, factor, slot_count);
}

#endif
