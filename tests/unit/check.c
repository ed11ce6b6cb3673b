/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "check.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static check_case_t *first_case;
static check_case_t **last_case = &first_case;
static char row[256];

void check_register(check_case_t *one)
{
    *last_case = one;
    last_case = &one->next;
}

void check_row(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(row, sizeof row, format, args);
    va_end(args);
}

__attribute__((noreturn, format(printf, 3, 4))) static void fail(const char *file, int line, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fprintf(stderr, "%s:%d: ", file, line);
    vfprintf(stderr, format, args);
    fprintf(stderr, "%s%s%s\n", row[0] == '\0' ? "" : " (", row, row[0] == '\0' ? "" : ")");
    va_end(args);
    fflush(NULL);
    _Exit(1); /* without the leak checker: what is left is no news then */
}

void check_true(int ok, const char *what, const char *file, int line)
{
    if (!ok)
        fail(file, line, "not so: %s", what);
}

void check_int(int64_t value, int64_t expected, const char *what, const char *file, int line)
{
    if (value != expected)
        fail(file, line, "%s is %" PRId64 ", not %" PRId64, what, value, expected);
}

void check_err(int value, int expected, const char *what, const char *file, int line)
{
    if (value != expected)
        fail(file, line, "%s is %s (%d), not %s", what, nkt_err_name(value), value, nkt_err_name(expected));
}

void check_bytes(const void *bytes, const void *expected, size_t size, const char *what, const char *file, int line)
{
    const uint8_t *a = bytes, *b = expected;
    for (size_t i = 0; i < size; i++) {
        if (a[i] != b[i])
            fail(file, line, "%s differs at byte %zu of %zu: %02x, not %02x", what, i, size, a[i], b[i]);
    }
}

void check_text(const char *text, const char *expected, const char *what, const char *file, int line)
{
    if (strcmp(text, expected) != 0)
        fail(file, line, "%s is \"%s\", not \"%s\"", what, text, expected);
}

static unsigned nibble(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *digit = c == '\0' ? NULL : strchr(digits, c);
    CHECK(digit != NULL);
    return (unsigned)(digit - digits);
}

void check_hex(const char *hex, uint8_t *out, size_t size)
{
    CHECK_EQ(strlen(hex), 2 * size);
    for (size_t i = 0; i < size; i++)
        out[i] = (uint8_t)(nibble(hex[2 * i]) << 4 | nibble(hex[2 * i + 1]));
}

void check_vectors(const char *file, const char *kind, void (*row_of)(char *const field[CHECK_FIELD_COUNT_MAX]))
{
    char path[512], line[8192];
    int count = 0;
    snprintf(path, sizeof path, "%s/%s", NKT_VECTORS, file);
    FILE *stream = fopen(path, "r");
    CHECK(stream != NULL);
    for (int number = 1; fgets(line, sizeof line, stream) != NULL; number++) {
        char *field[CHECK_FIELD_COUNT_MAX] = {NULL}, *at = line;
        line[strcspn(line, "\n")] = '\0';
        for (size_t i = 0; at != NULL && i < CHECK_FIELD_COUNT_MAX; i++) {
            field[i] = at;
            at = strchr(at, ' ');
            if (at != NULL)
                *at++ = '\0';
        }
        if (strcmp(field[0], kind) != 0)
            continue;
        check_row("%s:%d", file, number);
        row_of(field);
        count++;
    }
    fclose(stream);
    CHECK(count > 0);
}

void check_fill(uint8_t *out, size_t size, uint64_t seed)
{
    for (size_t i = 0; i < size; i++) { /* splitmix64 (Steele, Lea, Flood 2014) */
        uint64_t z = seed += UINT64_C(0x9e3779b97f4a7c15);
        z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
        z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
        out[i] = (uint8_t)((z ^ z >> 31) >> 24);
    }
}

static int entropy_give(void *context, uint8_t *buf, size_t size)
{
    check_entropy_t *entropy = context;
    entropy->call_count++;
    if (entropy->fail_at != 0 && entropy->call_count >= entropy->fail_at)
        return -1;
    check_fill(buf, size, entropy->seed << 32 | entropy->call_count);
    return 0;
}

nkt_host_t check_host(check_entropy_t *entropy)
{
    return (nkt_host_t){.entropy = entropy_give, .context = entropy};
}

/* ---- allocation: the linker sends malloc & Co. here (see CMakeLists.txt) ---- */

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);

static unsigned allocation_count, allocation_fail_at;

void check_allocations_fail_at(unsigned n)
{
    allocation_fail_at = n;
    allocation_count = 0;
}

int check_allocation_failed(void)
{
    return allocation_fail_at != 0 && allocation_count >= allocation_fail_at;
}

static int is_refused(void)
{
    return ++allocation_count == allocation_fail_at;
}

void *__wrap_malloc(size_t size)
{
    return is_refused() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return is_refused() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *memory, size_t size)
{
    return is_refused() ? NULL : __real_realloc(memory, size);
}

int main(int argc, char **argv)
{
    int count = 0;
    for (check_case_t *one = first_case; one != NULL; one = one->next) {
        if (argc > 1 && strcmp(argv[1], one->name) != 0)
            continue;
        row[0] = '\0';
        check_allocations_fail_at(0);
        printf("%s\n", one->name);
        fflush(stdout);
        one->run();
        count++;
    }
    if (count == 0)
        fprintf(stderr, "no such case: %s\n", argc > 1 ? argv[1] : "(none at all)");
    return count == 0;
}
