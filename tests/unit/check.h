/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the C tests need and no more: named cases, checks that say what they saw, entropy that repeats and can be made
 * to fail, allocation that can be made to fail.
 *
 *     TEST(map_refuses_past_its_cap)
 *     {
 *         CHECK_ERR(nkt_map_put(&map, &value), NKT_E_TABLE_FULL);
 *     }
 *
 * `test_base` runs all cases of the file(s), `test_base map_refuses_past_its_cap` one. A check that fails ends the program.
 */
#ifndef NKT_TESTS_UNIT_CHECK_H
#define NKT_TESTS_UNIT_CHECK_H

#include <stddef.h>
#include <stdint.h>

#include "nkt.h"

typedef struct check_case {
    const char *name;
    void (*run)(void);
    struct check_case *next;
} check_case_t;

void check_register(check_case_t *one);

/** A case; it is known to the program, and by CMakeLists.txt to CTest, because it is there. */
#define TEST(name)                                                                                                     \
    static void name(void);                                                                                            \
    __attribute__((constructor)) static void name##_register(void)                                                     \
    {                                                                                                                  \
        static check_case_t one = {#name, name, NULL};                                                                 \
        check_register(&one);                                                                                          \
    }                                                                                                                  \
    static void name(void)

/** Names the row of a table (or the step of a loop) that a failed check is to be reported with. */
__attribute__((format(printf, 1, 2))) void check_row(const char *format, ...);

#define CHECK(condition) check_true((condition) != 0, #condition, __FILE__, __LINE__)
#define CHECK_EQ(value, expected) check_int((int64_t)(value), (int64_t)(expected), #value, __FILE__, __LINE__)
#define CHECK_ERR(value, expected) check_err((value), (expected), #value, __FILE__, __LINE__)
#define CHECK_OK(value) check_err((value), NKT_OK, #value, __FILE__, __LINE__)
#define CHECK_BYTES(bytes, expected, size) check_bytes((bytes), (expected), (size), #bytes, __FILE__, __LINE__)
#define CHECK_TEXT(text, expected) check_text((text), (expected), #text, __FILE__, __LINE__)

void check_true(int ok, const char *what, const char *file, int line);
void check_int(int64_t value, int64_t expected, const char *what, const char *file, int line);
void check_err(int value, int expected, const char *what, const char *file, int line);
void check_bytes(const void *bytes, const void *expected, size_t size, const char *what, const char *file, int line);
void check_text(const char *text, const char *expected, const char *what, const char *file, int line);

enum { CHECK_FIELD_COUNT_MAX = 16 };

/** Calls row for each line of tests/vectors/FILE that begins with kind; field[0] is the kind. There must be one. */
void check_vectors(const char *file, const char *kind, void (*row)(char *const field[CHECK_FIELD_COUNT_MAX]));

#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])

/** Bytes of a hexadecimal text that fills out exactly. */
void check_hex(const char *hex, uint8_t *out, size_t size);

/** Bytes that follow from a seed. */
void check_fill(uint8_t *out, size_t size, uint64_t seed);

/** Entropy for a host: the same for the same seed. The call number fail_at (from 1) and all after it fail; 0: none. */
typedef struct check_entropy {
    uint64_t seed;
    unsigned call_count;
    unsigned fail_at;
} check_entropy_t;

nkt_host_t check_host(check_entropy_t *entropy);

/** From now on the n-th allocation (from 1) fails, once; 0: none does. Counts from 0 again. */
void check_allocations_fail_at(unsigned n);

/** Did the allocation that was to fail? If not, the work needs fewer: the loop over n is at its end. */
int check_allocation_failed(void);

#endif
