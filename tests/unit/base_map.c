/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The capped hash map. */
#include "base/map.h"

#include <stddef.h>
#include <string.h>

#include "base/prng.h"
#include "check.h"

enum { KEY_SIZE = 20, ITEM_COUNT = 600 };

typedef struct item {
    int number;
    uint8_t key[KEY_SIZE];
    int is_in;
} item_t;

static item_t items[ITEM_COUNT];

static void items_init(void)
{
    for (int i = 0; i < ITEM_COUNT; i++) {
        items[i] = (item_t){.number = i};
        check_fill(items[i].key, KEY_SIZE, (uint64_t)i + 1);
    }
}

static void map_make(nkt_map_t *map, size_t count_max)
{
    items_init();
    nkt_map_init(map, KEY_SIZE, offsetof(item_t, key), count_max, 12345);
}

TEST(map_that_is_empty_has_nothing)
{
    nkt_map_t map;
    map_make(&map, 8);
    CHECK(nkt_map_get(&map, items[0].key) == NULL);
    CHECK(nkt_map_remove(&map, items[0].key) == NULL);
    CHECK_OK(nkt_map_put(&map, &items[0]));
    CHECK(nkt_map_remove(&map, items[0].key) == &items[0]);
    CHECK(nkt_map_remove(&map, items[0].key) == NULL);
    CHECK(nkt_map_get(&map, items[0].key) == NULL);
    nkt_map_deinit(&map);
    CHECK(nkt_map_get(&map, items[0].key) == NULL);
}

TEST(map_refuses_past_its_cap_and_takes_again_after_a_removal)
{
    static const size_t caps[] = {0, 1, 12, 13, 16, 100};
    for (size_t i = 0; i < COUNT_OF(caps); i++) {
        nkt_map_t map;
        map_make(&map, caps[i]);
        check_row("cap %zu", caps[i]);
        for (size_t k = 0; k < caps[i]; k++)
            CHECK_OK(nkt_map_put(&map, &items[k]));
        CHECK_ERR(nkt_map_put(&map, &items[caps[i]]), NKT_E_TABLE_FULL);
        CHECK_EQ(map.count, caps[i]);
        CHECK(nkt_map_get(&map, items[caps[i]].key) == NULL);
        if (caps[i] > 0) {
            CHECK(nkt_map_remove(&map, items[0].key) == &items[0]);
            CHECK_OK(nkt_map_put(&map, &items[caps[i]]));
            CHECK(nkt_map_get(&map, items[caps[i]].key) == &items[caps[i]]);
        }
        nkt_map_deinit(&map);
    }
}

/* Where a key's slot would be in an otherwise empty map of 16 slots. */
static size_t home_of(const item_t *item)
{
    nkt_map_t map;
    nkt_map_init(&map, KEY_SIZE, offsetof(item_t, key), 16, 12345);
    item_t copy = *item;
    CHECK_OK(nkt_map_put(&map, &copy));
    size_t home = 0;
    while (map.slots[home].value == NULL)
        home++;
    nkt_map_deinit(&map);
    return home;
}

/* Items whose home is that slot; how many of them were asked for must exist. */
static void items_at(size_t home, item_t **out, size_t count)
{
    size_t found = 0;
    for (int i = 0; i < ITEM_COUNT && found < count; i++) {
        if (home_of(&items[i]) == home)
            out[found++] = &items[i];
    }
    CHECK_EQ(found, count);
}

/* Ten items that all want one slot, or it and the next, wrapped around the end; any one is removed, the others stay. */
TEST(map_closes_the_gap_of_any_removed_item)
{
    static const size_t homes[] = {0, 7, 14, 15}, strides[] = {1, 3, 7, 9};
    for (size_t h = 0; h < COUNT_OF(homes); h++) {
        item_t *crowd[10];
        nkt_map_t map;
        map_make(&map, 64);
        items_at(homes[h], crowd, 6);
        items_at((homes[h] + 1) % 16, crowd + 6, 4);
        for (size_t run = 0; run < COUNT_OF(crowd) * COUNT_OF(strides); run++) {
            size_t gone = run / COUNT_OF(strides), stride = strides[run % COUNT_OF(strides)];
            check_row("slot %zu, stride %zu, item %zu removed", homes[h], stride, gone);
            nkt_map_init(&map, KEY_SIZE, offsetof(item_t, key), 64, 12345);
            for (size_t i = 0; i < COUNT_OF(crowd); i++)
                CHECK_OK(nkt_map_put(&map, crowd[i * stride % COUNT_OF(crowd)])); /* both homes mixed */
            CHECK_EQ(map.slot_count, 16);
            CHECK(nkt_map_remove(&map, crowd[gone]->key) == crowd[gone]);
            for (size_t i = 0; i < COUNT_OF(crowd); i++)
                CHECK(nkt_map_get(&map, crowd[i]->key) == (i == gone ? NULL : crowd[i]));
            CHECK_EQ(map.count, COUNT_OF(crowd) - 1);
            nkt_map_deinit(&map);
        }
    }
}

TEST(map_keys_that_differ_in_one_byte_are_apart)
{
    static item_t similar[KEY_SIZE];
    nkt_map_t map;
    map_make(&map, 64);
    for (size_t i = 0; i < KEY_SIZE; i++) {
        similar[i] = (item_t){.number = (int)i};
        similar[i].key[i] = 1;
        CHECK_OK(nkt_map_put(&map, &similar[i]));
    }
    for (size_t i = 0; i < KEY_SIZE; i++)
        CHECK(nkt_map_get(&map, similar[i].key) == &similar[i]);
    uint8_t none[KEY_SIZE] = {0};
    CHECK(nkt_map_get(&map, none) == NULL);
    nkt_map_deinit(&map);
}

TEST(map_agrees_with_a_plain_list)
{
    uint8_t seed[32] = {3};
    nkt_prng_t prng;
    nkt_map_t map;
    size_t count = 0;
    nkt_prng_init(&prng, seed);
    map_make(&map, 400);
    for (int step = 0; step < 40000; step++) {
        item_t *item = &items[nkt_prng_below(&prng, ITEM_COUNT)];
        check_row("step %d, item %d", step, item->number);
        CHECK(nkt_map_get(&map, item->key) == (item->is_in ? item : NULL));
        if (item->is_in) {
            CHECK(nkt_map_remove(&map, item->key) == item);
            item->is_in = 0;
            count--;
        } else if (count == 400) {
            CHECK_ERR(nkt_map_put(&map, item), NKT_E_TABLE_FULL);
        } else {
            CHECK_OK(nkt_map_put(&map, item));
            item->is_in = 1;
            count++;
        }
        CHECK_EQ(map.count, count);
    }
    for (int i = 0; i < ITEM_COUNT; i++)
        CHECK(nkt_map_get(&map, items[i].key) == (items[i].is_in ? &items[i] : NULL));
    CHECK(map.slot_count <= 1024);
    nkt_map_deinit(&map);
}

/* Whoever makes addresses can try until many begin or end alike: they must not stand in one row all
 * the same. */
TEST(map_stays_quick_whoever_chose_the_keys)
{
    static const size_t alike[] = {0, 2, 3, 4};
    static item_t crowd[1000];
    for (size_t row = 0; row < 4 * COUNT_OF(alike); row++) {
        size_t count = alike[row / 4], at = row % 4 * 4; /* within any of the words that are looked at */
        size_t longest = 0, run = 0;
        nkt_map_t map;
        nkt_map_init(&map, KEY_SIZE, offsetof(item_t, key), COUNT_OF(crowd), 0x5dee5dee5dee5dee);
        for (size_t i = 0; i < COUNT_OF(crowd); i++) {
            check_fill(crowd[i].key, KEY_SIZE, i + 1);
            memset(crowd[i].key + at, 0x5a, count);
            CHECK_OK(nkt_map_put(&map, &crowd[i]));
        }
        for (size_t i = 0; i < 2 * map.slot_count; i++) { /* around its end */
            run = map.slots[i % map.slot_count].value != NULL ? run + 1 : 0;
            longest = run > longest ? run : longest;
        }
        check_row("%zu bytes alike at %zu", count, at);
        CHECK(longest < 100);
        nkt_map_deinit(&map);
    }
}

TEST(map_without_memory_is_unchanged)
{
    nkt_map_t map;
    map_make(&map, 64);
    check_allocations_fail_at(1);
    CHECK_ERR(nkt_map_put(&map, &items[0]), NKT_E_MEMORY);
    CHECK_EQ(map.count, 0);
    for (int i = 0; i < 12; i++)
        CHECK_OK(nkt_map_put(&map, &items[i]));
    check_allocations_fail_at(1);
    CHECK_ERR(nkt_map_put(&map, &items[12]), NKT_E_MEMORY);
    CHECK_EQ(map.count, 12);
    for (int i = 0; i < 13; i++)
        CHECK(nkt_map_get(&map, items[i].key) == (i < 12 ? &items[i] : NULL));
    CHECK_OK(nkt_map_put(&map, &items[12]));
    nkt_map_deinit(&map);
}
