/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "verifies.h"

#include <sodium.h>
#include <string.h>

int __real_crypto_sign_verify_detached(const unsigned char *signature, const unsigned char *message, unsigned long long size,
                                       const unsigned char *key);
int __wrap_crypto_sign_verify_detached(const unsigned char *signature, const unsigned char *message, unsigned long long size,
                                       const unsigned char *key);
int __real_crypto_sign_ed25519_verify_detached(const unsigned char *signature, const unsigned char *message, unsigned long long size,
                                               const unsigned char *key);
int __wrap_crypto_sign_ed25519_verify_detached(const unsigned char *signature, const unsigned char *message, unsigned long long size,
                                               const unsigned char *key);

enum { FOUND_COUNT = 8192, ID_SIZE = 32 };

/* what was found; the id is a hash of all that it follows from */
static struct found {
    unsigned char id[ID_SIZE];
    int is_there, result;
} found[FOUND_COUNT];
static int is_remembering;

static uint64_t count;

int __wrap_crypto_sign_verify_detached(const unsigned char *signature, const unsigned char *message, unsigned long long size,
                                       const unsigned char *key)
{
    count++;
    return __real_crypto_sign_verify_detached(signature, message, size, key);
}

/* below the one above, and below XEdDSA */
int __wrap_crypto_sign_ed25519_verify_detached(const unsigned char *signature, const unsigned char *message, unsigned long long size,
                                               const unsigned char *key)
{
    if (!is_remembering)
        return __real_crypto_sign_ed25519_verify_detached(signature, message, size, key);
    unsigned char id[ID_SIZE];
    crypto_generichash_state hash;
    crypto_generichash_init(&hash, NULL, 0, sizeof id);
    crypto_generichash_update(&hash, signature, crypto_sign_BYTES); /* the only part whose size varies comes last */
    crypto_generichash_update(&hash, key, crypto_sign_PUBLICKEYBYTES);
    crypto_generichash_update(&hash, message, size);
    crypto_generichash_final(&hash, id, sizeof id);
    struct found *slot = &found[(id[0] | id[1] << 8) % FOUND_COUNT];
    if (!slot->is_there || memcmp(slot->id, id, sizeof id) != 0) {
        memcpy(slot->id, id, sizeof id);
        slot->is_there = 1;
        slot->result = __real_crypto_sign_ed25519_verify_detached(signature, message, size, key);
    }
    return slot->result;
}

uint64_t sim_verify_count(void)
{
    return count;
}

void sim_verify_count_reset(void)
{
    count = 0;
}

void sim_verify_remember(void)
{
    is_remembering = 1;
}
