/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Buffers, text, errors, the token bucket, the seeded generator. */
#include "base/bytes.h"

#include <stdlib.h>
#include <string.h>

#include "base/bucket.h"
#include "base/prng.h"
#include "check.h"

TEST(buf_grows_and_keeps_its_contents)
{
    nkt_buf_t buf = {0};
    for (unsigned i = 0; i < 5000; i++) {
        CHECK_OK(nkt_buf_append_u8(&buf, (uint8_t)i));
        CHECK_EQ(buf.size, i + 1);
        CHECK(buf.capacity >= buf.size);
    }
    for (unsigned i = 0; i < 5000; i++)
        CHECK_EQ(buf.data[i], (uint8_t)i);
    CHECK_OK(nkt_buf_append(&buf, "xyz", 3));
    CHECK_BYTES(buf.data + 5000, "xyz", 3);
    CHECK_OK(nkt_buf_append(&buf, NULL, 0));
    CHECK_EQ(buf.size, 5003);
    size_t capacity = buf.capacity;
    nkt_buf_clear(&buf);
    CHECK_EQ(buf.size, 0);
    CHECK_EQ(buf.capacity, capacity);
    CHECK_OK(nkt_buf_set(&buf, "abc", 3));
    CHECK_OK(nkt_buf_set(&buf, "de", 2));
    CHECK_EQ(buf.size, 2);
    CHECK_BYTES(buf.data, "de", 2);
    nkt_buf_free(&buf);
    CHECK(buf.data == NULL && buf.size == 0 && buf.capacity == 0);
    nkt_buf_free(&buf);
}

TEST(buf_reserves_exactly_enough)
{
    static const size_t sizes[] = {0, 1, 63, 64, 65, 127, 128, 129, 65536, 65537};
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        nkt_buf_t buf = {0};
        check_row("%zu bytes", sizes[i]);
        CHECK_OK(nkt_buf_reserve(&buf, sizes[i]));
        CHECK_EQ(buf.size, 0);
        CHECK(buf.capacity >= sizes[i]);
        if (sizes[i] > 0)
            memset(buf.data, 1, sizes[i]); /* the sanitizer watches */
        nkt_buf_free(&buf);
    }
}

TEST(buf_without_memory_is_unchanged)
{
    nkt_buf_t buf = {0};
    check_allocations_fail_at(1);
    CHECK_ERR(nkt_buf_append(&buf, "a", 1), NKT_E_MEMORY);
    CHECK(buf.data == NULL && buf.size == 0);
    check_allocations_fail_at(0);
    CHECK_OK(nkt_buf_set(&buf, "abc", 3));
    uint8_t large[256] = {0};
    check_allocations_fail_at(1);
    CHECK_ERR(nkt_buf_append(&buf, large, sizeof large), NKT_E_MEMORY);
    check_allocations_fail_at(1);
    CHECK_ERR(nkt_buf_set(&buf, large, sizeof large), NKT_E_MEMORY);
    check_allocations_fail_at(0);
    CHECK_EQ(buf.size, 3);
    CHECK_BYTES(buf.data, "abc", 3);
    CHECK_ERR(nkt_buf_reserve(&buf, SIZE_MAX), NKT_E_MEMORY);
    CHECK_ERR(nkt_buf_reserve(&buf, SIZE_MAX - 3), NKT_E_MEMORY);
    CHECK_ERR(nkt_buf_reserve(&buf, SIZE_MAX / 2 - 2), NKT_E_MEMORY);
    CHECK_EQ(buf.size, 3);
    nkt_buf_free(&buf);
}

TEST(text_copy_is_terminated)
{
    char *copy = nkt_text_copy("abcdef", 3);
    CHECK_TEXT(copy, "abc");
    free(copy);
    copy = nkt_text_copy(NULL, 0);
    CHECK_TEXT(copy, "");
    free(copy);
    check_allocations_fail_at(1);
    CHECK(nkt_text_copy("a", 1) == NULL);
}

TEST(text_is_clean_or_not)
{
    static const struct {
        const char *what;
        const char *text;
        size_t size;
        int is_clean;
    } rows[] = {
        {"empty", "", 0, 1},
        {"ASCII", "Ada Lovelace <b>", 16, 1},
        {"first and last printable", " ~", 2, 1},
        {"two bytes", "\xc3\xbc", 2, 1},
        {"three bytes", "\xe2\x82\xac", 3, 1},
        {"four bytes", "\xf0\x9f\x98\x80", 4, 1},
        {"smallest of two, three, four bytes past the controls", "\xc2\xa0\xe0\xa0\x80\xf0\x90\x80\x80", 9, 1},
        {"last before the surrogates, first after", "\xed\x9f\xbf\xee\x80\x80", 6, 1},
        {"last code point", "\xf4\x8f\xbf\xbf", 4, 1},
        {"NUL", "a\0b", 3, 0},
        {"tab", "a\tb", 3, 0},
        {"line feed", "a\n", 2, 0},
        {"escape", "\x1b[31m", 5, 0},
        {"unit separator", "\x1f", 1, 0},
        {"delete", "\x7f", 1, 0},
        {"first C1 control", "\xc2\x80", 2, 0},
        {"last C1 control", "\xc2\x9f", 2, 0},
        {"overlong /", "\xc0\xaf", 2, 0},
        {"overlong of two bytes", "\xc1\xbf", 2, 0},
        {"overlong of three bytes", "\xe0\x9f\xbf", 3, 0},
        {"overlong of four bytes", "\xf0\x8f\xbf\xbf", 4, 0},
        {"first surrogate", "\xed\xa0\x80", 3, 0},
        {"last surrogate", "\xed\xbf\xbf", 3, 0},
        {"past the last code point", "\xf4\x90\x80\x80", 4, 0},
        {"F5", "\xf5\x80\x80\x80", 4, 0},
        {"FF", "\xff", 1, 0},
        {"continuation alone", "\x80", 1, 0},
        {"two bytes cut", "\xc3", 1, 0},
        {"three bytes cut", "\xe2\x82", 2, 0},
        {"four bytes cut", "\xf0\x9f\x98", 3, 0},
        {"second byte is no continuation", "\xc3(", 2, 0},
        {"third byte is no continuation", "\xe2\x82(", 3, 0},
        {"fourth byte is no continuation", "\xf0\x9f\x98(", 4, 0},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        /* an exact copy on the heap: a byte read past it is seen */
        uint8_t *copy = malloc(rows[i].size + 1);
        CHECK(copy != NULL);
        uint8_t *exact = realloc(copy, rows[i].size == 0 ? 1 : rows[i].size);
        CHECK(exact != NULL);
        memcpy(exact, rows[i].text, rows[i].size);
        check_row("%s", rows[i].what);
        CHECK_EQ(nkt_text_is_clean((const char *)exact, rows[i].size), rows[i].is_clean);
        free(exact);
    }
}

TEST(numbers_are_big_endian)
{
    static const uint32_t values[] = {0, 1, 0x01020304, 0x80000000, 0xffffffff};
    uint8_t bytes[4];
    nkt_put_u32be(bytes, 0x01020304);
    CHECK_BYTES(bytes, "\1\2\3\4", 4);
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        nkt_put_u32be(bytes, values[i]);
        CHECK_EQ(nkt_get_u32be(bytes), values[i]);
    }
    CHECK(nkt_is_zero(NULL, 0));
    CHECK(nkt_is_zero((const uint8_t *)"\0\0", 2));
    CHECK(!nkt_is_zero((const uint8_t *)"\0\1", 2));
}

TEST(errors_have_names_and_their_fault_in_the_hundreds)
{
    CHECK_TEXT(nkt_err_name(0), "NKT_OK");
    CHECK_TEXT(nkt_err_name(NKT_E_SIGNATURE), "NKT_E_SIGNATURE");
    CHECK_TEXT(nkt_err_name(-1), "NKT_E_UNKNOWN");
    CHECK_TEXT(nkt_err_text(1), "unknown error");
    static const int codes[] = {
#define X(name, code, text) code,
#include "nkt_err.def"
#undef X
    };
    for (size_t i = 0; i < COUNT_OF(codes); i++) {
        check_row("%d", codes[i]);
        CHECK(codes[i] == 0 || (codes[i] <= -101 && codes[i] > -500));
        for (size_t k = 0; k < i; k++)
            CHECK(codes[i] != codes[k]);
        CHECK(strlen(nkt_err_text(codes[i])) > 0);
    }
    CHECK_TEXT(nkt_event_name(0), "RESTORE");
    CHECK_TEXT(nkt_effect_name(0), "NONE");
    CHECK(nkt_event_name(NKT_EV_COUNT) == NULL);
    CHECK(nkt_effect_name(NKT_FX_COUNT) == NULL);
}

/* ---- bucket ---- */

TEST(bucket_allows_a_burst_and_then_its_rate)
{
    static const struct {
        const char *what;
        uint64_t now_ms;
        int takes, gets;
    } rows[] = {
        {"the burst at once", 1000, 5, 3},
        {"no time passed", 1000, 1, 0},
        {"half a token's time", 1249, 1, 0},
        {"a token's time", 1500, 2, 1},
        {"the odd milliseconds count on", 1999, 1, 0},
        {"exactly one more", 2000, 2, 1},
        {"long ago: no more than the burst", 1000000, 10, 3},
        {"an age ago", UINT64_C(4000000000000), 10, 3},
    };
    nkt_bucket_t bucket = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        int got = 0;
        for (int k = 0; k < rows[i].takes; k++)
            got += nkt_bucket_take(&bucket, rows[i].now_ms, 3, 2);
        check_row("%s", rows[i].what);
        CHECK_EQ(got, rows[i].gets);
    }
}

TEST(bucket_has_takes_none)
{
    nkt_bucket_t bucket = {0};
    for (int i = 0; i < 10; i++)
        CHECK(nkt_bucket_has(&bucket, 5, 1, 1));
    CHECK(nkt_bucket_take(&bucket, 5, 1, 1));
    CHECK(!nkt_bucket_has(&bucket, 5, 1, 1));
    CHECK(!nkt_bucket_take(&bucket, 4, 1, 1)); /* a clock that goes back gives nothing */
    CHECK(!nkt_bucket_take(&bucket, 0, 0, 1));
}

TEST(bucket_gives_its_rate_over_time)
{
    nkt_bucket_t bucket = {0};
    uint32_t got = 0;
    for (uint64_t now_ms = 0; now_ms < 100000; now_ms += 3) /* 300 a second are asked for */
        got += (uint32_t)nkt_bucket_take(&bucket, now_ms, 20, 200);
    CHECK(got >= 20000 && got <= 20000 + 20);
}

/* ---- prng ---- */

TEST(prng_repeats_and_depends_on_the_whole_seed)
{
    uint8_t seed[32] = {0};
    nkt_prng_t a, b;
    nkt_prng_init(&a, seed);
    for (size_t i = 0; i < sizeof seed; i++) {
        seed[i] ^= 0x40;
        nkt_prng_init(&b, seed);
        nkt_prng_t copy = a;
        check_row("byte %zu", i);
        CHECK(nkt_prng_next(&copy) != nkt_prng_next(&b));
        seed[i] ^= 0x40;
    }
    nkt_prng_init(&b, seed);
    for (int i = 0; i < 100; i++)
        CHECK(nkt_prng_next(&a) == nkt_prng_next(&b));
}

TEST(prng_stays_in_its_bounds)
{
    uint8_t seed[32] = {7};
    nkt_prng_t prng;
    nkt_prng_init(&prng, seed);
    CHECK_EQ(nkt_prng_below(&prng, 0), 0);
    CHECK_EQ(nkt_prng_below(&prng, 1), 0);
    unsigned seen = 0;
    for (int i = 0; i < 1000; i++) {
        seen |= 1u << nkt_prng_below(&prng, 5);
        uint64_t jitter = nkt_prng_jitter(&prng, 1000);
        CHECK(jitter >= 800 && jitter <= 1200);
        CHECK(nkt_prng_jitter(&prng, 1) == 1 || nkt_prng_jitter(&prng, 0) == 0);
    }
    CHECK_EQ(seen, 31);
}

TEST(backoff_doubles_up_to_its_maximum)
{
    static const struct {
        uint32_t attempt;
        uint64_t ms_base, ms_max, bound;
    } rows[] = {
        {0, 1000, 12000, 1000},          {1, 1000, 12000, 2000},     {3, 1000, 12000, 8000},
        {4, 1000, 12000, 12000},         {31, 1000, 12000, 12000},   {32, 1000, 12000, 12000},
        {UINT32_MAX, 1000, 12000, 12000}, {0, 20000, 12000, 12000},  {5, 0, 12000, 1},
    };
    uint8_t seed[32] = {9};
    nkt_prng_t prng;
    nkt_prng_init(&prng, seed);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        uint64_t highest = 0;
        check_row("attempt %u of base %u", (unsigned)rows[i].attempt, (unsigned)rows[i].ms_base);
        for (int k = 0; k < 2000; k++) {
            uint64_t ms = nkt_prng_backoff(&prng, rows[i].attempt, rows[i].ms_base, rows[i].ms_max);
            CHECK(ms >= 1 && ms <= rows[i].bound);
            highest = ms > highest ? ms : highest;
        }
        CHECK(highest >= rows[i].bound * 9 / 10); /* full jitter: over the whole range */
    }
}
