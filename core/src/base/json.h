/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What JSON text may be before any parser sees it. What passes here is parsed by every parser, to
 * the same value: no message is acknowledged that the application cannot read.
 */
#ifndef NKT_BASE_JSON_H
#define NKT_BASE_JSON_H

#include <stddef.h>

/** Most levels that may be asked for. */
enum { NKT_JSON_LEVEL_MAX = 64 };

/**
 * Is the text one JSON value (RFC 8259) in valid UTF-8, of at most depth_max levels and item_max
 * values (keys do not count), each number within what a double holds? Escapes of NUL and of lone
 * surrogates in strings are allowed. Linear in size, no memory.
 */
int nkt_json_is_value(const char *text, size_t size, size_t depth_max, size_t item_max);

#endif
