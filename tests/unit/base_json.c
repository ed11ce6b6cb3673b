/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bounds of JSON text before a parser sees it. */
#include "base/json.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"

enum { DEPTH_MAX = 3, ITEM_MAX = 8 };

TEST(json_bounds)
{
    static const struct {
        const char *what;
        const char *text;
        size_t size; /* 0: all of it */
        int is_bounded;
    } rows[] = {
        {"number", "1", 0, 1},
        {"text", "\"a\"", 0, 1},
        {"object", "{\"a\":1}", 0, 1},
        {"brackets in text do not count", "\"[[[[[[[[{{{{{{,,,,,,,,,,,\"", 0, 1},
        {"escaped quote", "\"a\\\"[[[[\"", 0, 1},
        {"escaped backslash ends the text", "\"a\\\\\"", 0, 1},
        {"depth at the limit", "[[[1]]]", 0, 1},
        {"depth past it", "[[[[1]]]]", 0, 0},
        {"depth of objects", "{\"a\":{\"a\":{\"a\":{}}}}", 0, 0},
        {"siblings are no depth", "[[],[],[]]", 0, 1},
        {"items at the limit", "[1,2,3,4,5,6,7]", 0, 1},
        {"items past it", "[1,2,3,4,5,6,7,8]", 0, 0},
        {"empty", "", 0, 0},
        {"not closed", "[1", 0, 0},
        {"closed twice", "[1]]", 0, 0},
        {"closed before it is opened", "][", 0, 0},
        {"text not closed", "\"abc", 0, 0},
        {"text not closed behind an escape", "\"abc\\\"", 0, 0},
        {"ends with a backslash", "\"abc\\", 0, 0},
        {"a quote alone", "\"", 0, 0},
        {"NUL", "1\0", 2, 0},
        {"NUL in text", "\"a\0b\"", 5, 0},
        {"NUL behind a backslash", "\"a\\\0b\"", 6, 0},
        {"second quote opens again", "\"a\"\"", 0, 0},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        size_t size = rows[i].size != 0 ? rows[i].size : strlen(rows[i].text);
        char *exact = malloc(size == 0 ? 1 : size); /* a byte read past it is seen */
        CHECK(exact != NULL);
        memcpy(exact, rows[i].text, size);
        check_row("%s", rows[i].what);
        CHECK_EQ(nkt_json_is_bounded(exact, size, DEPTH_MAX, ITEM_MAX), rows[i].is_bounded);
        free(exact);
    }
}

TEST(json_that_is_cut_anywhere_is_not_whole)
{
    static const char text[] = "{\"a\":[1,\"b\\\"]\",{}],\"c\":\"\\\\\"}";
    size_t size = sizeof text - 1;
    CHECK(nkt_json_is_bounded(text, size, DEPTH_MAX, ITEM_MAX));
    for (size_t cut = 0; cut < size; cut++) {
        check_row("%zu of %zu bytes", cut, size);
        CHECK(!nkt_json_is_bounded(text, cut, DEPTH_MAX, ITEM_MAX));
    }
}
