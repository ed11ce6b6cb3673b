/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Bounds of JSON text before any parser sees it: depth and number of values. Checks no syntax beyond strings and
 * brackets; that is the parser's work (cJSON for trackers and options, the application's for messages).
 */
#ifndef NKT_BASE_JSON_H
#define NKT_BASE_JSON_H

#include <stddef.h>

/** Is the text within the bounds, free of NUL, and closed at its end? */
int nkt_json_is_bounded(const char *text, size_t size, size_t depth_max, size_t item_max);

#endif
