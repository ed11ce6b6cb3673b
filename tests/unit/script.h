/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Chance that is written down: a host whose entropy gives just what a vector says, in its order, and bytes out of vectors. */
#ifndef NKT_TESTS_UNIT_SCRIPT_H
#define NKT_TESTS_UNIT_SCRIPT_H

#include "base/bytes.h"
#include "check.h"

enum { SCRIPT_ITEM_MAX = 8, SCRIPT_ITEM_SIZE_MAX = 64 };

/** What is drawn next. All zero: nothing. */
typedef struct script {
    uint8_t items[SCRIPT_ITEM_MAX][SCRIPT_ITEM_SIZE_MAX];
    size_t sizes[SCRIPT_ITEM_MAX];
    size_t count, next;
} script_t;

/** Each draw must be of the size of the item whose turn it is. */
nkt_host_t script_host(script_t *script);

/** Appends what is to be drawn; "-": nothing. */
void script_add(script_t *script, const char *hex);

/** All was drawn; the script is empty again. */
void script_end(script_t *script);

/** Replaces out by the bytes of a field; "-": none. */
void script_hex(nkt_buf_t *out, const char *hex);

void script_same(const nkt_buf_t *bytes, const nkt_buf_t *expected);

#endif
