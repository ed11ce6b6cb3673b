/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "verifies.h"

int __real_crypto_sign_verify_detached(const unsigned char *signature, const unsigned char *message, unsigned long long size,
                                       const unsigned char *key);
int __wrap_crypto_sign_verify_detached(const unsigned char *signature, const unsigned char *message, unsigned long long size,
                                       const unsigned char *key);

static uint64_t count;

int __wrap_crypto_sign_verify_detached(const unsigned char *signature, const unsigned char *message, unsigned long long size,
                                       const unsigned char *key)
{
    count++;
    return __real_crypto_sign_verify_detached(signature, message, size, key);
}

uint64_t sim_verify_count(void)
{
    return count;
}

void sim_verify_count_reset(void)
{
    count = 0;
}
