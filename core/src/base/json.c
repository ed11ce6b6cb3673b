/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/json.h"

/* Index of the closing quote of the string that opens at text[i], or size. */
static size_t string_end(const char *text, size_t size, size_t i)
{
    for (i++; i < size && text[i] != '"'; i++) {
        if (text[i] == '\\')
            i++;
        if (i < size && text[i] == '\0')
            return size;
    }
    return i;
}

int nkt_json_is_bounded(const char *text, size_t size, size_t depth_max, size_t item_max)
{
    size_t depth = 0;
    size_t item_count = 1;
    for (size_t i = 0; i < size; i++) {
        switch (text[i]) {
        case '"':
            i = string_end(text, size, i);
            if (i >= size)
                return 0;
            break;
        case '[':
        case '{':
            item_count++;
            if (++depth > depth_max)
                return 0;
            break;
        case ']':
        case '}':
            if (depth-- == 0)
                return 0;
            break;
        case ',':
            item_count++;
            break;
        case '\0':
            return 0;
        default:
            break;
        }
        if (item_count > item_max)
            return 0;
    }
    return size > 0 && depth == 0;
}
