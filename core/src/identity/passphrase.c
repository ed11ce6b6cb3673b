/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include <sodium.h>

#include <crypto_pwhash/argon2/argon2.h>
#include "nkt.h"
#include "wire/limits.h"

int nkt_passphrase_key(const char *passphrase, size_t passphrase_size, const uint8_t *salt, size_t salt_size,
                       uint32_t pass_count, uint32_t memory_kib, uint8_t key[NKT_KEY_SIZE])
{
    if (passphrase == NULL || passphrase_size == 0 || passphrase_size > NKT_PASSPHRASE_SIZE_MAX || salt == NULL ||
        salt_size < NKT_SALT_SIZE_MIN || salt_size > NKT_SALT_SIZE_MAX || pass_count == 0 ||
        pass_count > NKT_KDF_PASS_COUNT_MAX || memory_kib < NKT_KDF_MEMORY_KIB_MIN || memory_kib > NKT_KDF_MEMORY_KIB_MAX)
        return NKT_E_ARGUMENT;
    uint8_t words[NKT_PASSPHRASE_SIZE_MAX], grains[NKT_SALT_SIZE_MAX]; /* it wants to be able to write to both */
    memcpy(words, passphrase, passphrase_size);
    memcpy(grains, salt, salt_size);
    argon2_context context = {
        .out = key,
        .outlen = NKT_KEY_SIZE,
        .pwd = words,
        .pwdlen = (uint32_t)passphrase_size,
        .salt = grains,
        .saltlen = (uint32_t)salt_size,
        .t_cost = pass_count,
        .m_cost = memory_kib,
        .lanes = 1,
        .threads = 1,
        .flags = ARGON2_DEFAULT_FLAGS,
    };
    int err = argon2_ctx(&context, Argon2_id);
    sodium_memzero(words, sizeof words);
    return err == ARGON2_OK ? NKT_OK : NKT_E_MEMORY;
}
