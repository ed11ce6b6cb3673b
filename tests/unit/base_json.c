/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON text before a parser sees it. */
#include "base/json.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"

enum { DEPTH_MAX = 3, ITEM_MAX = 8 };

typedef struct row {
    const char *what;
    const char *text;
    size_t size; /* 0: all of it */
    int is_value;
} row_t;

static void rows_check(const row_t *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t size = rows[i].size != 0 ? rows[i].size : strlen(rows[i].text);
        char *exact = malloc(size == 0 ? 1 : size); /* a byte read past it is seen */
        CHECK(exact != NULL);
        memcpy(exact, rows[i].text, size);
        check_row("%s", rows[i].what);
        CHECK_EQ(nkt_json_is_value(exact, size, DEPTH_MAX, ITEM_MAX), rows[i].is_value);
        free(exact);
    }
}

TEST(json_bounds)
{
    static const row_t rows[] = {
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
        {"an empty list is one item", "[[],[],[],[],[],[],[]]", 0, 1},
        {"keys are no items", "{\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":1,\"f\":1,\"g\":1}", 0, 1},
    };
    rows_check(rows, COUNT_OF(rows));
}

TEST(json_grammar)
{
    static const row_t rows[] = {
        {"space around", " \t\r\n[ 1 , { \"a\" : 2 } ] ", 0, 1},
        {"space alone", " ", 0, 0},
        {"other space",
         "\xc2\xa0"
         "1",
         0, 0},
        {"byte order mark",
         "\xef\xbb\xbf"
         "1",
         0, 0},
        {"words", "[true,false,null]", 0, 1},
        {"part of a word", "tru", 0, 0},
        {"more than a word", "nulls", 0, 0},
        {"a word in capitals", "True", 0, 0},
        {"no JSON: undefined", "undefined", 0, 0},
        {"no JSON: NaN", "NaN", 0, 0},
        {"no JSON: Infinity", "-Infinity", 0, 0},
        {"two values", "1 2", 0, 0},
        {"comma at the end", "[1,]", 0, 0},
        {"comma at the beginning", "[,1]", 0, 0},
        {"comma after the value", "1,", 0, 0},
        {"comma at an object's end", "{\"a\":1,}", 0, 0},
        {"key without a value", "{\"a\"}", 0, 0},
        {"key without quotes", "{a:1}", 0, 0},
        {"a list closed as an object", "[1}", 0, 0},
        {"an object closed as a list", "{\"a\":1]", 0, 0},
        {"a list in an object closed in the wrong order", "{\"a\":[1}]", 0, 0},
        {"colon in a list", "[1:2]", 0, 0},
        {"single quotes", "'a'", 0, 0},
        {"comment", "1/**/", 0, 0},
        {"the same key twice: which one counts is the reader's", "{\"a\":1,\"a\":2}", 0, 1},
    };
    rows_check(rows, COUNT_OF(rows));
}

TEST(json_strings)
{
    static const row_t rows[] = {
        {"every escape", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\"", 0, 1},
        {"escaped NUL", "\"\\u0000\"", 0, 1},
        {"escaped lone surrogate", "\"\\ud800\"", 0, 1},
        {"no such escape", "\"\\x\"", 0, 0},
        {"three digits", "\"\\u00e\"", 0, 0},
        {"a digit that is none", "\"\\u00eg\"", 0, 0},
        {"tab in text", "\"\t\"", 0, 0},
        {"new line in text", "\"\n\"", 0, 0},
        {"DEL and C1 in text", "\"\x7f\xc2\x85\"", 0, 1},
        {"two to four bytes", "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"", 0, 1},
        {"U+FFFD itself", "\"\xef\xbf\xbd\"", 0, 1},
        {"a byte that is no UTF-8", "\"\xff\"", 0, 0},
        {"cut UTF-8", "\"\xe2\x82\"", 0, 0},
        {"overlong UTF-8", "\"\xc0\xaf\"", 0, 0},
        {"a surrogate in UTF-8", "\"\xed\xa0\x80\"", 0, 0},
        {"beyond Unicode", "\"\xf4\x90\x80\x80\"", 0, 0},
        {"no UTF-8 in a key", "{\"\xff\":1}", 0, 0},
    };
    rows_check(rows, COUNT_OF(rows));
}

TEST(json_numbers)
{
    static const row_t rows[] = {
        {"numbers", "[0,-0,10,1.5,-1e5,1E+5,1e-05]", 0, 1},
        {"leading zero", "01", 0, 0},
        {"leading plus", "+1", 0, 0},
        {"minus alone", "-", 0, 0},
        {"point at the end", "1.", 0, 0},
        {"point at the beginning", ".5", 0, 0},
        {"exponent without digits", "1e", 0, 0},
        {"exponent with a sign alone", "1e+", 0, 0},
        {"hexadecimal", "0x10", 0, 0},
        {"the largest double", "1.7976931348623157e308", 0, 1},
        {"the largest double, with its sign", "-1.7976931348623157e+308", 0, 1},
        {"the same written otherwise", "[17976931348623157e292,0.0017976931348623157e311]", 0, 1},
        {"more than the largest double", "1.7976931348623159e308", 0, 0},
        {"ten times as much", "1e309", 0, 0},
        {"Infinity as a number", "-1e400", 0, 0},
        {"an exponent past every integer", "1e99999999999999999999", 0, 0},
        {"... of zero", "[0e99999999999999999999,0.000e400]", 0, 1},
        {"too small is zero", "1e-99999999999999999999", 0, 1},
        {"many zeros first", "0.0000000000000000000001e330", 0, 1},
        {"many zeros first, too large", "0.00000000000000000001e330", 0, 0},
    };
    rows_check(rows, COUNT_OF(rows));
}

TEST(json_that_is_cut_anywhere_is_not_whole)
{
    static const char text[] = "{\"a\":[1,\"b\\\"]\",{}],\"c\":\"\\\\\"}";
    size_t size = sizeof text - 1;
    CHECK(nkt_json_is_value(text, size, DEPTH_MAX, ITEM_MAX));
    for (size_t cut = 0; cut < size; cut++) {
        check_row("%zu of %zu bytes", cut, size);
        CHECK(!nkt_json_is_value(text, cut, DEPTH_MAX, ITEM_MAX));
    }
}
