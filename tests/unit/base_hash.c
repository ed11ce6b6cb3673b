/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one way of hashing: labels, parts, keys. */
#include "base/hash.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "check.h"

static int is_listed[NKT_LABEL_COUNT];

/* The text of a vector has _ for a space. */
static nkt_label_t label_of(char *text)
{
    for (char *at = text; *at != '\0'; at++)
        *at = (char)(*at == '_' ? ' ' : *at);
    for (unsigned label = 0; label < NKT_LABEL_COUNT; label++) {
        if (strcmp(nkt_label_text((nkt_label_t)label) + 6, text) == 0)
            return (nkt_label_t)label;
    }
    check_row("no label '%s'", text);
    CHECK(0);
    return NKT_LABEL_COUNT;
}

static void hash_row(char *const field[CHECK_FIELD_COUNT_MAX])
{
    uint8_t key[NKT_HASH_KEY_SIZE], bytes[1024], out[NKT_HASH_SIZE_MAX], expected[NKT_HASH_SIZE_MAX];
    nkt_part_t parts[8];
    size_t size = strtoul(field[1], NULL, 10), count = 0, used = 0;
    int has_key = strcmp(field[2], "-") != 0;
    if (has_key)
        check_hex(field[2], key, sizeof key);
    nkt_label_t label = label_of(field[3]);
    is_listed[label] = 1;
    for (char *at = field[4]; at != NULL && strcmp(field[4], "-") != 0; count++) {
        char *comma = strchr(at, ',');
        if (comma != NULL)
            *comma = '\0';
        parts[count] = (nkt_part_t){.bytes = bytes + used, .size = strlen(at) / 2};
        if (parts[count].size > 0)
            check_hex(at, bytes + used, parts[count].size);
        used += parts[count].size;
        at = comma == NULL ? NULL : comma + 1;
    }
    nkt_hash(out, size, has_key ? key : NULL, label, parts, count);
    check_hex(field[5], expected, size);
    CHECK_BYTES(out, expected, size);
}

TEST(hash_is_that_of_an_independent_calculation)
{
    check_vectors("derivations.txt", "hash", hash_row);
    for (unsigned label = 0; label < NKT_LABEL_COUNT; label++) {
        check_row("%s has a vector", nkt_label_text((nkt_label_t)label));
        CHECK(is_listed[label]);
    }
}

TEST(labels_differ)
{
    for (unsigned a = 0; a < NKT_LABEL_COUNT; a++) {
        CHECK(strncmp(nkt_label_text((nkt_label_t)a), "nkt/2 ", 6) == 0);
        for (unsigned b = 0; b < a; b++)
            CHECK(strcmp(nkt_label_text((nkt_label_t)a), nkt_label_text((nkt_label_t)b)) != 0);
    }
}

/* However the same bytes are cut into parts. */
TEST(hash_of_other_parts_is_another)
{
    static const uint8_t bytes[6] = {0, 0, 0, 1, 7, 9};
    uint8_t whole[32], cut[32];
    NKT_HASH(whole, sizeof whole, NULL, NKT_LABEL_ROOM, {bytes, sizeof bytes});
    for (size_t at = 0; at <= sizeof bytes; at++) {
        check_row("cut at %zu", at);
        NKT_HASH(cut, sizeof cut, NULL, NKT_LABEL_ROOM, {bytes, at}, {bytes + at, sizeof bytes - at});
        CHECK(memcmp(whole, cut, sizeof cut) != 0);
    }
    NKT_HASH(cut, sizeof cut, NULL, NKT_LABEL_ROOM, {bytes, 4}, {bytes + 4, 1}, {bytes + 5, 1});
    CHECK(memcmp(whole, cut, sizeof cut) != 0);
}

TEST(hash_depends_on_key_label_and_length)
{
    static const uint8_t zeros[NKT_HASH_KEY_SIZE] = {0};
    uint8_t plain[64], other[64];
    nkt_hash(plain, 32, NULL, NKT_LABEL_NETWORK, NULL, 0);
    nkt_hash(other, 32, zeros, NKT_LABEL_NETWORK, NULL, 0);
    CHECK(memcmp(plain, other, 32) != 0);
    nkt_hash(other, 32, NULL, NKT_LABEL_RELAY_ROOM, NULL, 0);
    CHECK(memcmp(plain, other, 32) != 0);
    nkt_hash(other, 64, NULL, NKT_LABEL_NETWORK, NULL, 0);
    CHECK(memcmp(plain, other, 32) != 0); /* no truncation */
    nkt_hash(other, 16, NULL, NKT_LABEL_NETWORK, NULL, 0);
    CHECK(memcmp(plain, other, 16) != 0);
}

TEST(hash_goes_where_its_part_is)
{
    uint8_t in[32] = {1, 2, 3}, out[32];
    NKT_HASH(out, sizeof out, NULL, NKT_LABEL_SEAL, {in, sizeof in});
    NKT_HASH(in, sizeof in, NULL, NKT_LABEL_SEAL, {in, sizeof in});
    CHECK_BYTES(in, out, sizeof out);
}

/* The form itself, which is associated data where nothing is hashed: H is BLAKE2b of exactly that. */
TEST(form_is_what_is_hashed)
{
    uint8_t form[64], hash[32], expected[32];
    const nkt_part_t parts[] = {{"ab", 2}, {NULL, 0}, {"c", 1}};
    size_t size = nkt_form_size(NKT_LABEL_LETTER, parts, COUNT_OF(parts));
    CHECK_EQ(size, 4 + 12 + 4 + 2 + 4 + 4 + 1);
    form[size] = 0x77;
    nkt_form_write(form, NKT_LABEL_LETTER, parts, COUNT_OF(parts));
    CHECK_BYTES(form, "\0\0\0\014nkt/2 letter\0\0\0\2ab\0\0\0\0\0\0\0\1c", size);
    CHECK_EQ(form[size], 0x77);
    nkt_hash(hash, sizeof hash, NULL, NKT_LABEL_LETTER, parts, COUNT_OF(parts));
    crypto_generichash(expected, sizeof expected, form, size, NULL, 0);
    CHECK_BYTES(hash, expected, sizeof hash);
}
