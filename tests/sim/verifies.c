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
int __real_crypto_sign_detached(unsigned char *signature, unsigned long long *signature_size, const unsigned char *message,
                                unsigned long long size, const unsigned char *secret);
int __wrap_crypto_sign_detached(unsigned char *signature, unsigned long long *signature_size, const unsigned char *message,
                                unsigned long long size, const unsigned char *secret);

enum { FOUND_COUNT = 8192, SIGNER_COUNT = 1024, ID_SIZE = 32 };

/* what was found; the id is a hash of all that it follows from */
static struct found {
    unsigned char id[ID_SIZE];
    int is_there, result;
} found[FOUND_COUNT];
/* keys that have signed here */
static unsigned char signers[SIGNER_COUNT][crypto_sign_PUBLICKEYBYTES];

static int is_remembering;

static uint64_t count;

static void id_of(unsigned char id[ID_SIZE], const unsigned char *signature, const unsigned char *message, unsigned long long size,
                  const unsigned char *key)
{
    crypto_generichash_state hash;
    crypto_generichash_init(&hash, NULL, 0, ID_SIZE);
    crypto_generichash_update(&hash, signature, crypto_sign_BYTES); /* the only part whose size varies comes last */
    crypto_generichash_update(&hash, key, crypto_sign_PUBLICKEYBYTES);
    crypto_generichash_update(&hash, message, size);
    crypto_generichash_final(&hash, id, ID_SIZE);
}

static struct found *slot_of(const unsigned char *id)
{
    return &found[(id[0] | id[1] << 8) % FOUND_COUNT];
}

/* What was signed here is good, so nobody has to calculate that; but the first of each key is, in case it is not the secret's. */
int __wrap_crypto_sign_detached(unsigned char *signature, unsigned long long *signature_size, const unsigned char *message,
                                unsigned long long size, const unsigned char *secret)
{
    int result = __real_crypto_sign_detached(signature, signature_size, message, size, secret);
    if (!is_remembering || result != 0)
        return result;
    const unsigned char *key = secret + crypto_sign_SEEDBYTES;
    unsigned char *signer = signers[(key[8] | key[9] << 8) % SIGNER_COUNT];
    if (memcmp(signer, key, crypto_sign_PUBLICKEYBYTES) != 0) {
        memcpy(signer, key, crypto_sign_PUBLICKEYBYTES);
        return result;
    }
    struct found made = {.is_there = 1};
    id_of(made.id, signature, message, size, key);
    *slot_of(made.id) = made;
    return result;
}

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
    id_of(id, signature, message, size, key);
    struct found *slot = slot_of(id);
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
