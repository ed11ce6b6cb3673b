/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/number.h"

#include <stdint.h>

enum {
    DIGITS_MAX = 18,      /* of a mantissa: 10^18 fits 64 bits */
    EXPONENT_MAX = 100000 /* beyond it all is infinite or zero, whatever the mantissa */
};
static const double WHOLE_MAX = 9007199254740992.0; /* 2^53 */

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Digits into a mantissa; those that do not fit count as powers of ten. Returns the place behind
 * them. */
static const char *digits_read(const char *at, uint64_t *mantissa, int *count, int64_t *exponent,
                               int is_fraction)
{
    for (; is_digit(*at); at++) {
        const int fits = *count < DIGITS_MAX;
        if (fits)
            *mantissa = *mantissa * 10 + (uint64_t)(*at - '0');
        if (fits && *mantissa != 0)
            (*count)++;
        if (fits == is_fraction)
            *exponent += is_fraction ? -1 : 1;
    }
    return at;
}

static int64_t exponent_read(const char **at)
{
    const char *c = *at + 1;
    const int is_negative = *c == '-';
    int64_t value = 0;
    if (*c == '-' || *c == '+')
        c++;
    if (!is_digit(*c))
        return 0; /* the e is no part of the number */
    for (; is_digit(*c); c++)
        value = value < EXPONENT_MAX ? value * 10 + (*c - '0') : value;
    *at = c;
    return is_negative ? -value : value;
}

/* number * 10^exponent, by squaring; a mantissa of 18 digits is nothing below 10^-350 and too much
 * above 10^310. */
static double scale(double number, int64_t exponent)
{
    if (number == 0 || exponent == 0)
        return number;
    for (; exponent < -300; exponent++) {
        number /= 10;
        if (number == 0)
            return 0;
    }
    uint64_t power = exponent < 0 ? (uint64_t)-exponent : (uint64_t)exponent;
    double factor = 1, base = 10;
    while (power != 0) {
        factor *= power & 1 ? base : 1;
        power >>= 1;
        base *= base;
    }
    return exponent < 0 ? number / factor : number * factor;
}

double nkt_number_read(const char *text, char **end)
{
    const int is_negative = *text == '-';
    const char *start = text + is_negative;
    uint64_t mantissa = 0;
    int64_t exponent = 0;
    int count = 0;
    const char *at = digits_read(start, &mantissa, &count, &exponent, 0);
    *end = (char *)(uintptr_t)text;
    if (at == start)
        return 0;
    if (at[0] == '.' && is_digit(at[1]))
        at = digits_read(at + 1, &mantissa, &count, &exponent, 1);
    if (*at == 'e' || *at == 'E')
        exponent += exponent_read(&at);
    *end = (char *)(uintptr_t)at;
    const double number = scale((double)mantissa, exponent);
    return is_negative ? -number : number;
}

int nkt_number_write(double number, char text[NKT_NUMBER_TEXT_SIZE])
{
    char reversed[NKT_NUMBER_TEXT_SIZE];
    int count = 0, length = 0;
    if (!(number >= -WHOLE_MAX && number <= WHOLE_MAX) || number != (double)(int64_t)number) {
        static const char null_text[] = "null";
        for (; null_text[length] != 0; length++)
            text[length] = null_text[length];
        text[length] = 0;
        return length;
    }
    uint64_t rest = (uint64_t)(number < 0 ? -number : number);
    do
        reversed[count++] = (char)('0' + rest % 10);
    while ((rest /= 10) != 0);
    if (number < 0)
        text[length++] = '-';
    while (count > 0)
        text[length++] = reversed[--count];
    text[length] = 0;
    return length;
}
