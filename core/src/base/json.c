/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/json.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "base/bytes.h"

typedef struct nkt_json {
    const uint8_t *at, *end;
} nkt_json_t;

/* What may come next. */
typedef enum nkt_json_next {
    VALUE,
    FIRST_VALUE, /* or the end of the list */
    KEY,
    FIRST_KEY, /* or the end of the object */
    BEHIND,    /* a comma, or the end of what it is in */
} nkt_json_next_t;

static int peek(const nkt_json_t *json)
{
    return json->at < json->end ? *json->at : -1;
}

static int take(nkt_json_t *json, int byte)
{
    if (peek(json) != byte)
        return 0;
    json->at++;
    return 1;
}

/* RFC 8259, section 2: ws. */
static void space_skip(nkt_json_t *json)
{
    while (peek(json) == ' ' || peek(json) == '\t' || peek(json) == '\n' || peek(json) == '\r')
        json->at++;
}

static int is_hex(int c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* RFC 8259, section 7: what follows a backslash. */
static int escape_take(nkt_json_t *json)
{
    int c = peek(json);
    if (c < 0 || c == '\0' || strchr("\"\\/bfnrtu", c) == NULL)
        return 0;
    json->at++;
    for (int i = 0; c == 'u' && i < 4; i++) {
        if (!is_hex(peek(json)))
            return 0;
        json->at++;
    }
    return 1;
}

/* RFC 8259, section 7, in UTF-8 (8.1). A lone surrogate may be written as an escape: JSON.parse() reads it (8.2). */
static int string_take(nkt_json_t *json)
{
    if (!take(json, '"'))
        return 0;
    while (json->at < json->end) {
        uint8_t c = *json->at;
        size_t length =
            c >= 0x20 && c < 0x80 ? 1 : nkt_utf8_length(json->at, (size_t)(json->end - json->at));
        if (c < 0x20 || length == 0)
            return 0;
        json->at += length;
        if (c == '"')
            return 1;
        if (c == '\\' && !escape_take(json))
            return 0;
    }
    return 0;
}

/* The digits from here on; how many. */
static size_t digits_take(nkt_json_t *json)
{
    const uint8_t *from = json->at;
    while (peek(json) >= '0' && peek(json) <= '9')
        json->at++;
    return (size_t)(json->at - from);
}

static int word_take(nkt_json_t *json, const char *word)
{
    size_t size = strlen(word);
    if ((size_t)(json->end - json->at) < size || memcmp(json->at, word, size) != 0)
        return 0;
    json->at += size;
    return 1;
}

/* Is 0.DIGITS times ten to that power below what becomes Infinity? The digits may hold a point and
 * begin with zeros. */
static int is_finite(const uint8_t *digits, size_t size, int64_t power)
{
    static const char most[] =
        "17976931348623157"; /* of 1.7976931348623157e308: written so by everybody who has it */
    size_t i = 0;
    while (i < size && (digits[i] == '0' || digits[i] == '.')) {
        power -= digits[i] == '0';
        i++;
    }
    if (i == size || power < 309)
        return 1;
    if (power > 309)
        return 0;
    for (size_t k = 0; k < sizeof most - 1; i++) {
        if (i < size && digits[i] == '.')
            continue;
        int digit = i < size ? digits[i] : '0';
        if (digit != most[k])
            return digit < most[k];
        k++;
    }
    return 1;
}

/* RFC 8259, section 6, which leaves the range to the reader. */
static int number_take(nkt_json_t *json)
{
    take(json, '-');
    const uint8_t *from = json->at;
    int is_zero = peek(json) == '0';
    size_t whole = digits_take(json);
    if (whole == 0 || (is_zero && whole > 1))
        return 0;
    if (take(json, '.') && digits_take(json) == 0)
        return 0;
    size_t size = (size_t)(json->at - from);
    int64_t power = (int64_t)whole;
    if (peek(json) == 'e' || peek(json) == 'E') {
        json->at++;
        int sign = take(json, '-') ? -1 : 1;
        if (sign > 0)
            take(json, '+');
        const uint8_t *exponent = json->at;
        size_t count = digits_take(json);
        if (count == 0)
            return 0;
        int64_t value = 0;
        for (size_t i = 0; i < count && value < INT32_MAX; i++) /* a text is shorter than that */
            value = value * 10 + (exponent[i] - '0');
        power += sign * value;
    }
    return is_finite(from, size, power);
}

static int scalar_take(nkt_json_t *json)
{
    switch (peek(json)) {
    case '"':
        return string_take(json);
    case 't':
        return word_take(json, "true");
    case 'f':
        return word_take(json, "false");
    case 'n':
        return word_take(json, "null");
    default:
        return number_take(json);
    }
}

static int key_take(nkt_json_t *json)
{
    if (!string_take(json))
        return 0;
    space_skip(json);
    return take(json, ':');
}

int nkt_json_is_value(const char *text, size_t size, size_t depth_max, size_t item_max)
{
    nkt_json_t json = {.at = (const uint8_t *)text, .end = (const uint8_t *)text + size};
    nkt_json_next_t next = VALUE;
    uint64_t objects = 0; /* which of the levels are objects; the lowest bit is the innermost */
    size_t depth = 0, item_count = 0;
    assert(depth_max <= NKT_JSON_LEVEL_MAX);
    for (;;) {
        space_skip(&json);
        int c = peek(&json);
        if (c < 0)
            return depth == 0 && next == BEHIND;
        int is_object = depth > 0 && objects & 1;
        if (next != VALUE && next != KEY && depth > 0 && c == (is_object ? '}' : ']')) {
            json.at++;
            depth--;
            objects >>= 1;
            next = BEHIND;
        } else if (next == BEHIND) {
            if (depth == 0 || !take(&json, ','))
                return 0;
            next = is_object ? KEY : VALUE;
        } else if (next == KEY || next == FIRST_KEY) {
            if (!key_take(&json))
                return 0;
            next = VALUE;
        } else if (++item_count > item_max) {
            return 0;
        } else if (c == '{' || c == '[') {
            json.at++;
            if (++depth > depth_max)
                return 0;
            objects = objects << 1 | (c == '{');
            next = c == '{' ? FIRST_KEY : FIRST_VALUE;
        } else if (!scalar_take(&json)) {
            return 0;
        } else {
            next = BEHIND;
        }
    }
}
