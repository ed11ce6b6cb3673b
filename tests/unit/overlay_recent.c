/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Recent broadcasts: what is kept, what makes room. */
#include "overlay/recent.h"

#include <string.h>

#include "check.h"

#define SEED UINT64_C(0x5dee5dee5dee5dee)

static const nkt_address_t nobody = {{0}};

/* An id whose first 8 bytes, which choose its place in the table, are the hash. */
static const uint8_t *id_of(uint64_t hash, uint64_t rest)
{
    static uint8_t id[NKT_ID_SIZE];
    memcpy(id, &hash, sizeof hash);
    memcpy(id + sizeof hash, &rest, sizeof rest);
    return id;
}

static nkt_broadcast_t *add(nkt_recent_t *recent, uint64_t hash, size_t size, uint64_t now_ms)
{
    static uint8_t frame[NKT_FRAME_SIZE_MAX];
    nkt_address_t author = {{0}}; /* each of another */
    memcpy(author.b, &hash, sizeof hash);
    memset(frame, (int)(hash & 0xff), size);
    return nkt_recent_add(recent, id_of(hash, 0), &author, frame, size, now_ms);
}

static int has(const nkt_recent_t *recent, uint64_t hash)
{
    return nkt_recent_find(recent, id_of(hash, 0)) != NULL;
}

/* The list, from the oldest on, the table and the sums say the same. */
static void check_sound(const nkt_recent_t *recent)
{
    size_t count = 0, size = 0, slot_count = 0;
    uint64_t before_ms = 0;
    for (const nkt_broadcast_t *entry = recent->oldest; entry != NULL; entry = entry->newer) {
        CHECK(nkt_recent_find(recent, entry->id) == entry);
        CHECK(entry->arrived_ms >= before_ms);
        CHECK(entry->newer != NULL || entry == recent->newest);
        before_ms = entry->arrived_ms;
        size += entry->size;
        count++;
    }
    for (size_t i = 0; i < recent->slot_count; i++)
        slot_count += recent->slots[i] != NULL;
    CHECK_EQ(recent->count, count);
    CHECK_EQ(recent->size, size);
    CHECK_EQ(slot_count, count);
    CHECK((recent->oldest == NULL) == (count == 0) && (recent->newest == NULL) == (count == 0));
    CHECK(count <= NKT_RECENT_COUNT_MAX && size <= NKT_RECENT_SIZE_MAX);
    CHECK(recent->slot_count == 0 || recent->slot_count >= 2 * count);
}

TEST(recent_keeps_a_copy_and_finds_it)
{
    nkt_recent_t recent;
    nkt_recent_init(&recent, SEED);
    uint8_t frame[] = {1, 2, 3, 4, 5};
    CHECK(nkt_recent_find(&recent, id_of(7, 0)) == NULL);
    nkt_broadcast_t *entry = nkt_recent_add(&recent, id_of(7, 0), &nobody, frame, sizeof frame, 33);
    CHECK(entry != NULL);
    memset(frame, 0, sizeof frame);
    static const uint8_t expected[] = {1, 2, 3, 4, 5};
    CHECK(nkt_recent_find(&recent, id_of(7, 0)) == entry);
    CHECK_EQ(entry->size, sizeof expected);
    CHECK_BYTES(entry->frame, expected, sizeof expected);
    CHECK_BYTES(entry->id, id_of(7, 0), NKT_ID_SIZE);
    CHECK_EQ(entry->arrived_ms, 33);
    CHECK_EQ(entry->hops, 0u);
    CHECK_EQ(entry->given_once | entry->given_twice, 0u);
    CHECK(!has(&recent, 8));
    CHECK(nkt_recent_find(&recent, id_of(7, 1)) == NULL); /* the same place, another id */
    check_sound(&recent);
    nkt_recent_deinit(&recent);
    CHECK(!has(&recent, 7)); /* empty and usable */
    CHECK(add(&recent, 7, 0, 1) != NULL);
    check_sound(&recent);
    nkt_recent_deinit(&recent);
}

TEST(recent_keeps_what_it_has_when_the_same_comes_again)
{
    nkt_recent_t recent;
    nkt_recent_init(&recent, SEED);
    nkt_broadcast_t *entry = add(&recent, 1, 10, 5);
    entry->hops = 3;
    add(&recent, 2, 10, 6);
    CHECK(add(&recent, 1, 20, 7) == entry);
    CHECK_EQ(entry->size, 10);
    CHECK_EQ(entry->arrived_ms, 5); /* else it would live for ever */
    CHECK_EQ(entry->hops, 3);
    CHECK_EQ(recent.count, 2);
    check_sound(&recent);
    nkt_recent_deinit(&recent);
}

TEST(recent_expires_in_time)
{
    static const struct {
        uint64_t now_ms;
        int has[3];
    } rows[] = {
        {2000, {1, 1, 1}},
        {1000 + NKT_RECENT_MS - 1, {1, 1, 1}},
        {1000 + NKT_RECENT_MS, {0, 1, 1}},
        {2000 + NKT_RECENT_MS - 1, {0, 1, 1}},
        {2000 + NKT_RECENT_MS, {0, 0, 0}},
        {UINT64_MAX, {0, 0, 0}},
    };
    nkt_recent_t recent;
    nkt_recent_init(&recent, SEED);
    nkt_recent_expire(&recent, UINT64_MAX); /* nothing there */
    add(&recent, 0, 10, 1000);
    add(&recent, 1, 10, 2000);
    add(&recent, 2, 10, 2000);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        nkt_recent_expire(&recent, rows[i].now_ms);
        for (uint64_t id = 0; id < 3; id++) {
            check_row("row %zu, id %u", i, (unsigned)id);
            CHECK_EQ(has(&recent, id), rows[i].has[id]);
        }
        check_sound(&recent);
    }
    CHECK(add(&recent, 0, 10, 5000) != NULL); /* it may come again */
    check_sound(&recent);
    nkt_recent_deinit(&recent);
}

TEST(recent_outlives_what_it_is_for)
{
    CHECK(NKT_RECENT_MS >= NKT_ENVELOPE_TTL_S * 1000 + NKT_CLOCK_SLACK_MS); /* limits.h: as long as one can be valid */
    CHECK(NKT_RECENT_MS < NKT_SEEN_GENERATION_MS); /* what is fetched again must be told to be a duplicate */
}

TEST(recent_is_capped_in_count_and_the_oldest_goes_first)
{
    enum { MORE = 100 };
    nkt_recent_t recent;
    nkt_recent_init(&recent, SEED);
    for (uint64_t id = 0; id < NKT_RECENT_COUNT_MAX + MORE; id++) {
        CHECK(add(&recent, id, 1, id) != NULL);
        CHECK(recent.count <= NKT_RECENT_COUNT_MAX);
    }
    check_sound(&recent);
    CHECK_EQ(recent.count, NKT_RECENT_COUNT_MAX);
    for (uint64_t id = 0; id < NKT_RECENT_COUNT_MAX + MORE; id++) {
        check_row("id %u", (unsigned)id);
        CHECK_EQ(has(&recent, id), id >= MORE);
    }
    CHECK_EQ(recent.slot_count, 2 * NKT_RECENT_COUNT_MAX);
    nkt_recent_deinit(&recent);
}

TEST(recent_is_capped_in_bytes)
{
    enum { FULL = NKT_RECENT_SIZE_MAX / NKT_FRAME_SIZE_MAX };
    nkt_recent_t recent;
    nkt_recent_init(&recent, SEED);
    for (uint64_t id = 0; id < FULL; id++)
        add(&recent, id, NKT_FRAME_SIZE_MAX, id);
    CHECK_EQ(recent.size, NKT_RECENT_SIZE_MAX); /* exactly full: nothing had to go */
    CHECK_EQ(recent.count, FULL);
    add(&recent, FULL, 1, FULL);
    CHECK(!has(&recent, 0) && has(&recent, 1) && has(&recent, FULL));
    add(&recent, FULL + 1, NKT_FRAME_SIZE_MAX - 1, FULL); /* fills what the first left */
    CHECK(has(&recent, 1));
    add(&recent, FULL + 2, NKT_FRAME_SIZE_MAX, FULL);
    CHECK(!has(&recent, 1) && has(&recent, 2));
    check_sound(&recent);
    nkt_recent_deinit(&recent);
}

/* Ids made to meet in one place cost time, and nothing else: each is found, whichever of them goes. */
TEST(recent_finds_ids_that_collide)
{
    enum { COUNT = 200 };
    nkt_recent_t recent;
    nkt_recent_init(&recent, SEED);
    uint8_t frame[8] = {0};
    for (uint64_t i = 0; i < COUNT; i++) {
        /* the last places of the table and its first: probing goes round the end */
        CHECK(nkt_recent_add(&recent, id_of(i % 3 == 0 ? UINT64_MAX : UINT64_MAX - i % 3, i), &nobody, frame, sizeof frame, i) != NULL);
        CHECK(add(&recent, i % 2, sizeof frame, i) != NULL);
    }
    CHECK_EQ(recent.count, COUNT + 2);
    check_sound(&recent);
    for (uint64_t gone = 0; gone < COUNT; gone++) {
        nkt_recent_expire(&recent, gone + NKT_RECENT_MS);
        check_sound(&recent);
        for (uint64_t i = 0; i < COUNT; i++) {
            check_row("%u gone, id %u", (unsigned)gone, (unsigned)i);
            CHECK_EQ(nkt_recent_find(&recent, id_of(i % 3 == 0 ? UINT64_MAX : UINT64_MAX - i % 3, i)) != NULL, i > gone);
        }
    }
    CHECK_EQ(recent.count, 0);
    nkt_recent_deinit(&recent);
}

/* Steps that looking up all that is there takes. */
static size_t longest_run(const nkt_recent_t *recent)
{
    size_t longest = 0, run = 0;
    for (size_t i = 0; i < 2 * recent->slot_count; i++) { /* around its end */
        run = recent->slots[i % recent->slot_count] != NULL ? run + 1 : 0;
        longest = run > longest ? run : longest;
    }
    return longest;
}

/* A row of all 2,048 made one broadcast cost 8.5 ms: each that goes moves up what stands behind it.
 */
TEST(recent_stays_quick_whoever_chose_the_ids)
{
    static const size_t alike[] = {0, 2, 3, 4}; /* bytes that are the same in all, at either end of what is looked at */
    for (size_t at_end = 0; at_end < 2; at_end++) {
        for (size_t i = 0; i < COUNT_OF(alike); i++) {
            nkt_recent_t recent;
            nkt_recent_init(&recent, SEED);
            for (uint64_t number = 0; number < 2 * NKT_RECENT_COUNT_MAX; number++) {
                uint8_t id[NKT_ID_SIZE], frame[8] = {0};
                check_fill(id, sizeof id, number);
                memset(id + (at_end ? 8 - alike[i] : 0), 0x5a, alike[i]);
                const nkt_address_t author = {{(uint8_t)number, (uint8_t)(number >> 8)}};
                CHECK(nkt_recent_add(&recent, id, &author, frame, sizeof frame, 5) != NULL);
            }
            check_row("%zu bytes alike at the %s", alike[i], at_end ? "end" : "beginning");
            CHECK(longest_run(&recent) < 100);
            nkt_recent_deinit(&recent);
        }
    }
}

TEST(recent_without_memory_goes_on_with_what_it_has)
{
    nkt_recent_t recent;
    nkt_recent_init(&recent, SEED);
    unsigned n = 0;
    do { /* the table, then the entry */
        check_allocations_fail_at(++n);
        nkt_broadcast_t *entry = add(&recent, 1, 10, 5);
        check_row("allocation %u", n);
        CHECK_EQ(entry == NULL, check_allocation_failed());
        check_sound(&recent);
    } while (check_allocation_failed());
    check_allocations_fail_at(0);
    CHECK_EQ(n, 3);
    while (recent.count * 2 < recent.slot_count)
        add(&recent, 10 + recent.count, 10, 6);
    check_allocations_fail_at(1); /* growing */
    CHECK(add(&recent, 5000, 10, 7) == NULL);
    check_allocations_fail_at(0);
    check_sound(&recent);
    CHECK(has(&recent, 1) && !has(&recent, 5000));
    CHECK(add(&recent, 5000, 10, 7) != NULL);
    check_sound(&recent);
    nkt_recent_deinit(&recent);
}

/* Half is the most that one author fills, in count and in bytes; of others nothing goes for him. */
TEST(recent_of_one_author_leaves_room_for_others)
{
    static const struct {
        size_t size, left;
    } rows[] = {{8, NKT_RECENT_AUTHOR_COUNT_MAX}, {8192, NKT_RECENT_AUTHOR_SIZE_MAX / 8192}};
    static const nkt_address_t flooder = {{7, 7}};
    static uint8_t frame[8192];
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        nkt_recent_t recent;
        nkt_recent_init(&recent, SEED);
        for (uint64_t n = 0; n < 50; n++)
            CHECK(add(&recent, n, 100, 5) != NULL);
        for (uint64_t n = 100; n < 5000; n++)
            CHECK(nkt_recent_add(&recent, id_of(n, 1), &flooder, frame, rows[i].size, 6) != NULL);
        check_row("%zu bytes each", rows[i].size);
        check_sound(&recent);
        CHECK_EQ(recent.count, 50 + rows[i].left);
        for (uint64_t n = 0; n < 50; n++)
            CHECK(has(&recent, n));
        CHECK(nkt_recent_find(&recent, id_of(4999, 1)) != NULL && nkt_recent_find(&recent, id_of(100, 1)) == NULL);
        nkt_recent_deinit(&recent);
    }
}
