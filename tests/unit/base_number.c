/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers in JSON: what cJSON reads and writes with. */
#include "base/number.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <cJSON.h>

#include "check.h"

TEST(number_reads_as_the_c_library)
{
    static const char *const rows[] = {
        "0",
        "-0",
        "7",
        "-12",
        "1e3",
        "1E+3",
        "1e-3",
        "0.5",
        "-0.25",
        "120.000",
        "1.",
        "1e",
        "1e+",
        "1x",
        "1.5.5",
        "12e2e2",
        "4294967296",
        "9007199254740991",
        "-9007199254740991",
        "1000000000000000000",
        "0.1",
        "3.14159265358979",
        "1e22",
        "1e-22",
        "0000012",
        "0.000001",
        "1e308",
        "1e-300",
        "1e999",
        "-1e999",
        "1e-999",
        "0e999999999999999999",
        "1e99999999999999999999",
        "123456789012345678901234567890",
        "0.000000000000000000000000000000000012",
        "1.00000000000000000000000000000000001",
        "-",
        "e5",
        ".5x",
        "",
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const int is_strict =
            rows[i][0] == '.' ||
            strcmp(rows[i], "1.") == 0; /* the C library takes more than JSON has */
        char *end = NULL, *expected_end = NULL;
        const double number = nkt_number_read(rows[i], &end),
                     expected = strtod(rows[i], &expected_end);
        check_row("%s", rows[i]);
        if (is_strict)
            continue;
        CHECK_EQ(end - rows[i], expected_end - rows[i]);
        CHECK(number == expected || fabs(number - expected) <= fabs(expected) * 1e-15);
    }
}

/* Every whole number that a double holds comes back as it was, with all its digits. */
TEST(number_writes_what_it_reads)
{
    static const double rows[] = {
        0, 1, -1, 9, 10, 1e9, 4294967295.0, -4294967296.0, 9007199254740991.0, -9007199254740992.0};
    char text[NKT_NUMBER_TEXT_SIZE], *end;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const int length = nkt_number_write(rows[i], text);
        check_row("%.0f", rows[i]);
        CHECK_EQ(strlen(text), length);
        CHECK(nkt_number_read(text, &end) == rows[i]);
        CHECK_EQ(*end, 0);
    }
    static const double others[] = {0.5, 9007199254740994.0, 1e300, HUGE_VAL, -HUGE_VAL};
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        CHECK_EQ(nkt_number_write(others[i], text), 4);
        CHECK_TEXT(text, "null");
    }
    CHECK_EQ(nkt_number_write(nan(""), text), 4);
}

/* The edits of cJSON: numbers, and control characters in texts. */
TEST(number_in_cjson)
{
    static const char text[] = "{\"a\":[1,-2,3600,1.5e3,12345678901],\"b\":\"\\u0001x\\u001f\\n\"}";
    cJSON *tree = cJSON_Parse(text);
    CHECK(tree != NULL);
    CHECK(cJSON_GetArrayItem(cJSON_GetObjectItem(tree, "a"), 3)->valuedouble == 1500);
    CHECK_EQ(cJSON_GetArrayItem(cJSON_GetObjectItem(tree, "a"), 1)->valueint, -2);
    char *printed = cJSON_PrintUnformatted(tree);
    CHECK_TEXT(printed, "{\"a\":[1,-2,3600,1500,12345678901],\"b\":\"\\u0001x\\u001f\\n\"}");
    cJSON_free(printed);
    cJSON_Delete(tree);
    static const char *const malformed[] = {"[1.]",  "[1e]",  "[-]", "[1.5.5]",
                                            "[--1]", "[1e+]", "[.5]"};
    for (size_t i = 0; i < COUNT_OF(malformed); i++) {
        check_row("%s", malformed[i]);
        CHECK(cJSON_Parse(malformed[i]) == NULL);
    }
}
