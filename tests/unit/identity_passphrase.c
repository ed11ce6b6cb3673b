/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keys from a passphrase. */
#include <string.h>

#include <sodium.h>

#include "check.h"
#include "nkt.h"
#include "wire/limits.h"

static const char passphrase[] = "password";
static const uint8_t salt[] = "somesalt";

static int key_of(const char *text, size_t text_size, size_t salt_size, uint32_t pass_count, uint32_t memory_kib, uint8_t key[32])
{
    return nkt_passphrase_key(text, text_size, salt, salt_size, pass_count, memory_kib, key);
}

TEST(passphrase_key_is_argon2id)
{
    /* of the reference implementation's own tests: version 19, t = 2, m = 64 MiB, p = 1 */
    static const char expected[] = "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7";
    uint8_t key[32];
    char hex[65];
    CHECK(key_of(passphrase, 8, 8, 2, 65536, key) == NKT_OK);
    CHECK(strcmp(sodium_bin2hex(hex, sizeof hex, key, sizeof key), expected) == 0);
}

TEST(passphrase_key_depends_on_everything)
{
    uint8_t keys[5][32];
    CHECK(key_of(passphrase, 8, 8, 1, 64, keys[0]) == NKT_OK);
    CHECK(key_of(passphrase, 7, 8, 1, 64, keys[1]) == NKT_OK);
    CHECK(key_of(passphrase, 8, 9, 1, 64, keys[2]) == NKT_OK);
    CHECK(key_of(passphrase, 8, 8, 2, 64, keys[3]) == NKT_OK);
    CHECK(key_of(passphrase, 8, 8, 1, 128, keys[4]) == NKT_OK);
    for (int i = 0; i < 5; i++) {
        for (int k = 0; k < i; k++)
            CHECK(memcmp(keys[i], keys[k], 32) != 0);
    }
}

TEST(passphrase_key_refuses_what_a_hostile_file_may_ask_for)
{
    uint8_t key[32];
    CHECK(key_of(passphrase, 0, 8, 1, 64, key) == NKT_E_ARGUMENT);
    CHECK(key_of(passphrase, NKT_PASSPHRASE_SIZE_MAX + 1, 8, 1, 64, key) == NKT_E_ARGUMENT);
    CHECK(key_of(passphrase, 8, NKT_SALT_SIZE_MIN - 1, 1, 64, key) == NKT_E_ARGUMENT);
    CHECK(key_of(passphrase, 8, NKT_SALT_SIZE_MAX + 1, 1, 64, key) == NKT_E_ARGUMENT);
    CHECK(key_of(passphrase, 8, 8, 0, 64, key) == NKT_E_ARGUMENT);
    CHECK(key_of(passphrase, 8, 8, NKT_KDF_PASS_COUNT_MAX + 1, 64, key) == NKT_E_ARGUMENT);
    CHECK(key_of(passphrase, 8, 8, 1, NKT_KDF_MEMORY_KIB_MIN - 1, key) == NKT_E_ARGUMENT);
    CHECK(key_of(passphrase, 8, 8, 1, NKT_KDF_MEMORY_KIB_MAX + 1, key) == NKT_E_ARGUMENT);
}
