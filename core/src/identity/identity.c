/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "identity/identity.h"

#include <string.h>

#include <sodium.h>

#include "base/hash.h"
#include "identity/xeddsa.h"
#include "nkt.pb-c.h"
#include "wire/pack.h"

enum {
    REGISTRATION_ID_COUNT = 16380, /* libsignal: 14 bits, never 0 */
    DJB_TYPE = 5,                  /* libsignal's key type byte */
};

void nkt_address_derive(nkt_address_t *address, const uint8_t sign_key[32], const uint8_t identity_key[32])
{
    NKT_HASH(address->b, NKT_ADDRESS_SIZE, NULL, NKT_LABEL_ADDRESS, {sign_key, 32}, {identity_key, 32});
}

static void binding_form(uint8_t out[NKT_HASH_SIZE], const uint8_t sign_key[32])
{
    NKT_HASH(out, NKT_HASH_SIZE, NULL, NKT_LABEL_BINDING, {sign_key, 32});
}

int nkt_binding_verify(const uint8_t binding[NKT_SIGN_SIZE], const uint8_t sign_key[32],
                       const uint8_t identity_key[32])
{
    uint8_t form[NKT_HASH_SIZE];
    binding_form(form, sign_key);
    return nkt_xeddsa_verify(binding, identity_key, form, sizeof form);
}

/* The random part follows from a secret, as Ed25519's does: one message, one signature, and whoever
 * has verified it once knows it again. */
static int binding_make(nkt_identity_t *identity)
{
    uint8_t form[NKT_HASH_SIZE], random[64];
    binding_form(form, identity->sign_public);
    NKT_HASH(random, sizeof random, identity->sign_seed, NKT_LABEL_BINDING_CHANCE, {identity->sign_public, 32});
    int err =
        nkt_xeddsa_sign(identity->binding, identity->identity_private, form, sizeof form, random);
    sodium_memzero(random, sizeof random);
    return err;
}

void nkt_ends_derive(uint8_t ends[NKT_ENDS_SIZE], const uint8_t network[NKT_NETWORK_SIZE],
                     const nkt_address_t *from, const nkt_address_t *to)
{
    NKT_HASH(ends, NKT_ENDS_SIZE, NULL, NKT_LABEL_ENDS, {network, NKT_NETWORK_SIZE}, {from->b, NKT_ADDRESS_SIZE},
             {to->b, NKT_ADDRESS_SIZE});
}

/* Everything that follows from the private halves. */
static int identity_expand(nkt_identity_t *identity)
{
    crypto_sign_seed_keypair(identity->sign_public, identity->sign_secret, identity->sign_seed);
    nkt_curve_key_derive(identity->identity_private, identity->identity_public);
    nkt_curve_key_derive(identity->signed_prekey_private, identity->signed_prekey_public);
    if (crypto_kem_mlkem768_seed_keypair(identity->kem_public, identity->kem_secret, identity->kem_seed) != 0)
        return NKT_E_CRYPTO;
    nkt_address_derive(&identity->address, identity->sign_public, identity->identity_public);
    return binding_make(identity);
}

int nkt_identity_create(nkt_identity_t *identity, const nkt_host_t *host)
{
    struct {
        uint8_t sign_seed[32], identity_private[32], signed_prekey_private[32], sign_random[64], ids[8], kem_seed[NKT_KEM_SEED_SIZE];
    } fresh;
    memset(identity, 0, sizeof *identity);
    if (host->entropy(host->context, (uint8_t *)&fresh, sizeof fresh) < 0)
        return NKT_E_ENTROPY;
    memcpy(identity->sign_seed, fresh.sign_seed, 32);
    memcpy(identity->identity_private, fresh.identity_private, 32);
    memcpy(identity->signed_prekey_private, fresh.signed_prekey_private, 32);
    memcpy(identity->kem_seed, fresh.kem_seed, sizeof fresh.kem_seed);
    identity->version = NKT_RECORD_VERSION;
    identity->registration_id = 1 + nkt_get_u32be(fresh.ids) % REGISTRATION_ID_COUNT;
    identity->next_prekey_id = 1 + nkt_get_u32be(fresh.ids + 4) % NKT_PREKEY_ID_MAX;
    identity->signed_prekey_id = nkt_identity_next_prekey_id(identity);
    int err = identity_expand(identity);

    uint8_t prekey[NKT_PREKEY_SIGNED_SIZE];
    nkt_prekey_signed_form(prekey, identity->signed_prekey_public);
    if (err == NKT_OK)
        err = nkt_xeddsa_sign(identity->signed_prekey_signature, identity->identity_private, prekey,
                              sizeof prekey, fresh.sign_random);
    sodium_memzero(&fresh, sizeof fresh);
    return err < 0 ? NKT_E_CRYPTO : NKT_OK;
}

void nkt_prekey_signed_form(uint8_t out[NKT_PREKEY_SIGNED_SIZE], const uint8_t prekey[32])
{
    out[0] = DJB_TYPE;
    memcpy(out + 1, prekey, 32);
}

void nkt_kem_key_hash(uint8_t hash[32], const uint8_t key[NKT_KEM_KEY_SIZE])
{
    NKT_HASH(hash, 32, NULL, NKT_LABEL_KEM_KEY, {key, NKT_KEM_KEY_SIZE});
}

int nkt_identity_encode(const nkt_identity_t *identity, nkt_buf_t *out)
{
    Nkt__StoredIdentity stored = NKT__STORED_IDENTITY__INIT;
    stored.sign_seed = nkt_pack_lend(identity->sign_seed, 32);
    stored.identity_private = nkt_pack_lend(identity->identity_private, 32);
    stored.registration_id = identity->registration_id;
    stored.signed_prekey_id = identity->signed_prekey_id;
    stored.signed_prekey_private = nkt_pack_lend(identity->signed_prekey_private, 32);
    stored.signed_prekey_signature = nkt_pack_lend(identity->signed_prekey_signature, 64);
    stored.next_prekey_id = identity->next_prekey_id;
    stored.has_kem_seed = 1;
    stored.kem_seed = nkt_pack_lend(identity->kem_seed, NKT_KEM_SEED_SIZE);
    stored.sequence = identity->sequence;
    stored.has_version = 1;
    stored.version = NKT_RECORD_VERSION;
    stored.has_wall_ms = identity->wall_ms != 0;
    stored.wall_ms = identity->wall_ms;
    stored.has_age_ms = identity->age_ms != 0;
    stored.age_ms = identity->age_ms;
    stored.has_most_wall_ms = stored.has_most_age_ms = identity->most_wall_ms != 0;
    stored.most_wall_ms = identity->most_wall_ms;
    stored.most_age_ms = identity->most_age_ms;
    stored.has_forgotten_ms = identity->forgotten_ms != 0;
    stored.forgotten_ms = identity->forgotten_ms;
    return nkt_pack(out, &stored.base);
}

int nkt_identity_decode(nkt_identity_t *identity, const uint8_t *bytes, size_t size)
{
    Nkt__StoredIdentity *stored = nkt_unpack(&nkt__stored_identity__descriptor, size, bytes);
    if (stored == NULL)
        return NKT_E_RECORD;
    int err = stored->version > NKT_RECORD_VERSION ? NKT_E_NEWER : NKT_E_RECORD;
    memset(identity, 0, sizeof *identity);
    if (err == NKT_E_NEWER || stored->sign_seed.len != 32 || stored->identity_private.len != 32 ||
        stored->signed_prekey_private.len != 32 || stored->signed_prekey_signature.len != 64 ||
        (stored->has_kem_seed ? stored->kem_seed.len != NKT_KEM_SEED_SIZE : stored->version >= NKT_RECORD_VERSION_ADDRESS) ||
        stored->registration_id == 0 || stored->signed_prekey_id == 0 || stored->next_prekey_id == 0 ||
        stored->next_prekey_id > NKT_PREKEY_ID_MAX)
        goto out;
    memcpy(identity->sign_seed, stored->sign_seed.data, 32);
    memcpy(identity->identity_private, stored->identity_private.data, 32);
    memcpy(identity->signed_prekey_private, stored->signed_prekey_private.data, 32);
    memcpy(identity->signed_prekey_signature, stored->signed_prekey_signature.data, 64);
    if (stored->has_kem_seed)
        memcpy(identity->kem_seed, stored->kem_seed.data, NKT_KEM_SEED_SIZE);
    else /* there was none; of the seed nobody knows anything, whatever becomes of the key that was made of it */
        nkt_hash(identity->kem_seed, NKT_KEM_SEED_SIZE, identity->sign_seed, NKT_LABEL_KEM_SEED, NULL, 0);
    identity->registration_id = stored->registration_id;
    identity->signed_prekey_id = stored->signed_prekey_id;
    identity->next_prekey_id = stored->next_prekey_id;
    identity->sequence = stored->sequence;
    identity->version = stored->has_version ? stored->version : 1;
    identity->wall_ms = stored->has_wall_ms ? stored->wall_ms : 0;
    identity->age_ms = stored->has_age_ms && stored->age_ms <= NKT_WALL_MS_MAX ? stored->age_ms : 0;
    identity->forgotten_ms = stored->has_forgotten_ms && stored->forgotten_ms <= NKT_TIME_MS_MAX ? stored->forgotten_ms : 0;
    if (stored->has_most_wall_ms && stored->has_most_age_ms && stored->most_age_ms <= NKT_WALL_MS_MAX) {
        identity->most_wall_ms = stored->most_wall_ms;
        identity->most_age_ms = stored->most_age_ms;
    }
    err = identity_expand(identity) < 0 ? NKT_E_RECORD : NKT_OK;
out:
    if (stored->sign_seed.data != NULL)
        sodium_memzero(stored->sign_seed.data, stored->sign_seed.len);
    if (stored->identity_private.data != NULL)
        sodium_memzero(stored->identity_private.data, stored->identity_private.len);
    if (stored->signed_prekey_private.data != NULL)
        sodium_memzero(stored->signed_prekey_private.data, stored->signed_prekey_private.len);
    if (stored->has_kem_seed)
        sodium_memzero(stored->kem_seed.data, stored->kem_seed.len);
    nkt__stored_identity__free_unpacked(stored, NULL);
    return err;
}

void nkt_identity_wipe(nkt_identity_t *identity)
{
    sodium_memzero(identity, sizeof *identity);
}

uint32_t nkt_identity_next_prekey_id(nkt_identity_t *identity)
{
    uint32_t id = identity->next_prekey_id;
    identity->next_prekey_id = id >= NKT_PREKEY_ID_MAX ? 1 : id + 1;
    return id;
}
