/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bench.wasm: the session layer alone and the cost of each step, for tools/bench. Built beside core.wasm from the same
 * objects; no part of the product.
 */
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "identity/record.h"
#include "identity/xeddsa.h"
#include "session/session.h"
#include "wire/envelope.h"

#define NKT_EXPORT(name) __attribute__((export_name(#name))) name

enum { MESSAGE_SIZE = 256 };

__attribute__((import_module("host"), import_name("entropy"))) extern int host_entropy(uint8_t *buf, size_t size);

typedef struct nkt_side {
    nkt_identity_t identity;
    nkt_sessions_t *sessions;
    nkt_session_t peer;
    uint32_t reserve_left; /* places in the sending chain that what was stored stands for */
} nkt_side_t;

typedef struct nkt_bench {
    nkt_host_t host;
    nkt_side_t a, b;
    nkt_buf_t cipher, plain;
    uint8_t message[MESSAGE_SIZE];
} nkt_bench_t;

static int entropy_hook(void *context, uint8_t *buf, size_t size)
{
    (void)context;
    return host_entropy(buf, size);
}

static void side_close(nkt_side_t *side)
{
    nkt_sessions_free(side->sessions);
    nkt_session_deinit(&side->peer);
    side->sessions = NULL;
}

static int side_open(nkt_bench_t *bench, nkt_side_t *side)
{
    side_close(side);
    return nkt_sessions_new(&side->identity, &bench->host, &side->sessions);
}

/* What the initiator needs: an identity key pair, as in the rivals' benchmark. */
static int identity_key_create(nkt_identity_t *identity)
{
    if (host_entropy(identity->identity_private, 32) < 0)
        return NKT_E_ENTROPY;
    nkt_curve_key_derive(identity->identity_private, identity->identity_public);
    identity->registration_id = 5;
    return NKT_OK;
}

/* And the responder: a signed prekey beside. */
static int signed_prekey_create(nkt_identity_t *identity)
{
    uint8_t random64[64], encoded[33] = {5};
    if (host_entropy(identity->signed_prekey_private, 32) < 0 || host_entropy(random64, sizeof random64) < 0)
        return NKT_E_ENTROPY;
    nkt_curve_key_derive(identity->signed_prekey_private, identity->signed_prekey_public);
    memcpy(encoded + 1, identity->signed_prekey_public, 32);
    if (host_entropy(identity->kem_seed, sizeof identity->kem_seed) < 0)
        return NKT_E_ENTROPY;
    crypto_kem_mlkem768_seed_keypair(identity->kem_public, identity->kem_secret, identity->kem_seed);
    identity->signed_prekey_id = 22;
    identity->next_prekey_id = 33;
    return nkt_xeddsa_sign(identity->signed_prekey_signature, identity->identity_private, encoded, sizeof encoded,
                           random64);
}

static void side_meet(nkt_side_t *side, const nkt_side_t *other)
{
    side->peer.address = other->identity.address;
    memcpy(side->peer.identity_key, other->identity.identity_public, 32);
}

/* The record as bytes, as often as a core with storage stores it (delivery/cipher.c): before a message leaves if the state changed by
 * more than a place that was reserved, and after each message heard. */
static int store(nkt_side_t *side)
{
    side->reserve_left = NKT_RESERVE_COUNT;
    side->peer.is_dirty = 0;
    return nkt_session_pack(&side->peer);
}

static int say(nkt_bench_t *bench, nkt_side_t *from, nkt_ciphertext_t *sealed)
{
    const int is_step = from->peer.is_dirty || from->reserve_left == 0;
    int err = nkt_session_encrypt(from->sessions, &from->peer, bench->message, MESSAGE_SIZE, sealed);
    if (err < 0)
        return err;
    if (is_step || from->peer.has_stepped)
        return store(from);
    from->peer.is_dirty = 0;
    from->reserve_left--;
    return NKT_OK;
}

static int one_way(nkt_bench_t *bench, nkt_side_t *from, nkt_side_t *to)
{
    nkt_ciphertext_t sealed;
    int err = say(bench, from, &sealed);
    if (err == NKT_OK)
        err = nkt_session_decrypt(to->sessions, &to->peer, &sealed, &bench->plain);
    return err < 0 ? err : store(to);
}

/* Keys of both, X3DH, first message decrypted: the same work as in signal_peers.mjs. */
static int establish(nkt_bench_t *bench, int has_prekey)
{
    uint8_t prekey[32];
    int err = side_open(bench, &bench->a);
    if (err == NKT_OK)
        err = side_open(bench, &bench->b);
    if (err == NKT_OK)
        err = identity_key_create(&bench->a.identity);
    if (err == NKT_OK)
        err = identity_key_create(&bench->b.identity);
    if (err == NKT_OK)
        err = signed_prekey_create(&bench->b.identity);
    if (err < 0)
        return err;
    side_meet(&bench->a, &bench->b);
    side_meet(&bench->b, &bench->a);
    if (has_prekey)
        err = nkt_session_give_prekey(bench->b.sessions, &bench->b.peer, prekey);
    const nkt_session_bundle_t bundle = {
        .registration_id = bench->b.identity.registration_id,
        .signed_prekey_id = bench->b.identity.signed_prekey_id,
        .signed_prekey = bench->b.identity.signed_prekey_public,
        .signed_prekey_signature = bench->b.identity.signed_prekey_signature,
        .prekey_id = bench->b.peer.prekey_id,
        .prekey = prekey,
        .kem_key_id = NKT_KEM_KEY_LASTING,
        .kem_key = bench->b.identity.kem_public,
    };
    if (err == NKT_OK)
        err = nkt_session_initiate(bench->a.sessions, &bench->a.peer, &bundle);
    return err < 0 ? err : one_way(bench, &bench->a, &bench->b);
}

static int establish_many(nkt_bench_t *bench, uint32_t n, int has_prekey)
{
    int err = NKT_OK;
    for (uint32_t i = 0; i < n && err == NKT_OK; i++)
        err = establish(bench, has_prekey);
    return err < 0 ? err : one_way(bench, &bench->b, &bench->a);
}

/** A handle, or an error. */
intptr_t NKT_EXPORT(nkt_bench_new)(void)
{
    nkt_bench_t *bench = calloc(1, sizeof *bench);
    if (bench == NULL)
        return NKT_E_MEMORY;
    bench->host.entropy = entropy_hook;
    memset(bench->message, 7, sizeof bench->message);
    int err = establish_many(bench, 1, 0);
    return err < 0 ? (intptr_t)err : (intptr_t)bench;
}

/** n sessions without a one-time prekey (as libsignal-client's in signal_peers.mjs); the last one is used by what
 *  follows. 0 or an error. */
int NKT_EXPORT(nkt_bench_sessions)(nkt_bench_t *bench, uint32_t n)
{
    return establish_many(bench, n, 0);
}

/** The same with a one-time prekey. */
int NKT_EXPORT(nkt_bench_sessions_prekey)(nkt_bench_t *bench, uint32_t n)
{
    return establish_many(bench, n, 1);
}

/** n messages of 256 bytes in one direction. */
int NKT_EXPORT(nkt_bench_oneway)(nkt_bench_t *bench, uint32_t n)
{
    int err = NKT_OK;
    for (uint32_t i = 0; i < n && err == NKT_OK; i++)
        err = one_way(bench, &bench->a, &bench->b);
    return err;
}

/** n messages in turn, each in a ratchet step of its own. */
int NKT_EXPORT(nkt_bench_pingpong)(nkt_bench_t *bench, uint32_t n)
{
    int err = NKT_OK;
    for (uint32_t i = 0; i < n && err == NKT_OK; i++)
        err = i % 2 == 0 ? one_way(bench, &bench->a, &bench->b) : one_way(bench, &bench->b, &bench->a);
    return err;
}

/* ---- what each step costs ---- */

enum { OP_ED25519_SIGN, OP_ED25519_VERIFY, OP_XEDDSA_SIGN, OP_XEDDSA_VERIFY, OP_KEYGEN, OP_AGREEMENT, OP_BLAKE2B,
       OP_ENCRYPT, OP_ENVELOPE_ENCODE, OP_ENVELOPE_DECODE, OP_IDENTITY, OP_COUNT };

static const char *const op_names[OP_COUNT] = {
    "ed25519 sign", "ed25519 verify", "xeddsa sign", "xeddsa verify", "curve25519 key pair", "curve25519 agreement",
    "blake2b 512 bytes", "session encrypt 256 bytes", "envelope encode and sign", "envelope decode and verify",
    "identity"};

static int envelope_op(nkt_bench_t *bench, int is_decode)
{
    uint8_t digest[NKT_DIGEST_SIZE];
    nkt_envelope_t envelope;
    const nkt_envelope_parts_t parts = {.network = bench->message, .from = &bench->a.identity.address,
                                        .to = &bench->b.identity.address, .kind = NKT_KIND_SESSION, .created_ms = 1,
                                        .payload = bench->message, .payload_size = MESSAGE_SIZE};
    if (!is_decode)
        return nkt_envelope_encode(&bench->plain, &parts, bench->a.identity.sign_secret, NULL);
    int err = nkt_envelope_digest(bench->plain.data, bench->plain.size, digest);
    if (err == NKT_OK)
        err = nkt_envelope_decode(&envelope, bench->plain.data, bench->plain.size, digest);
    if (err < 0)
        return err;
    err = nkt_envelope_verify(&envelope, bench->a.identity.sign_public);
    nkt_envelope_deinit(&envelope);
    return err;
}

static int op_run(nkt_bench_t *bench, uint32_t op)
{
    static const uint8_t random64[64] = {1};
    nkt_identity_t *identity = &bench->a.identity;
    uint8_t out[64], key[32];
    nkt_ciphertext_t sealed;
    switch (op) {
    case OP_ED25519_SIGN:
        return crypto_sign_detached(out, NULL, bench->message, 47, identity->sign_secret);
    case OP_ED25519_VERIFY:
        return crypto_sign_verify_detached(bench->cipher.data, bench->message, 47, identity->sign_public);
    case OP_XEDDSA_SIGN:
        return nkt_xeddsa_sign(out, identity->identity_private, bench->message, 33, random64);
    case OP_XEDDSA_VERIFY:
        return nkt_xeddsa_verify(bench->cipher.data, identity->identity_public, bench->message, 33);
    case OP_KEYGEN:
        memcpy(key, identity->identity_private, 32);
        nkt_curve_key_derive(key, out);
        return 0;
    case OP_AGREEMENT:
        return crypto_scalarmult_curve25519(out, identity->identity_private, bench->b.identity.identity_public);
    case OP_BLAKE2B:
        return crypto_generichash(out, 32, bench->message, MESSAGE_SIZE, NULL, 0) +
               crypto_generichash(out, 32, bench->message, MESSAGE_SIZE, NULL, 0);
    case OP_ENCRYPT:
        return nkt_session_encrypt(bench->a.sessions, &bench->a.peer, bench->message, MESSAGE_SIZE, &sealed);
    case OP_ENVELOPE_ENCODE:
    case OP_ENVELOPE_DECODE:
        return envelope_op(bench, op == OP_ENVELOPE_DECODE);
    case OP_IDENTITY:
        return nkt_identity_create(&bench->b.identity, &bench->host);
    default:
        return NKT_E_ARGUMENT;
    }
}

/** n times that step; 0 or an error. */
int NKT_EXPORT(nkt_bench_op)(nkt_bench_t *bench, uint32_t op, uint32_t n)
{
    static const uint8_t random64[64] = {1};
    int err = nkt_buf_reserve(&bench->cipher, 64);
    nkt_identity_t *a = &bench->a.identity, *b = &bench->b.identity;
    crypto_sign_seed_keypair(a->sign_public, a->sign_secret, bench->message);
    nkt_address_derive(&a->address, a->sign_public, a->identity_public);
    nkt_address_derive(&b->address, b->sign_public, b->identity_public);
    if (err == NKT_OK && op == OP_ED25519_VERIFY)
        err = crypto_sign_detached(bench->cipher.data, NULL, bench->message, 47, bench->a.identity.sign_secret);
    if (err == NKT_OK && op == OP_XEDDSA_VERIFY)
        err = nkt_xeddsa_sign(bench->cipher.data, bench->a.identity.identity_private, bench->message, 33, random64);
    if (err == NKT_OK && op == OP_ENVELOPE_DECODE)
        err = envelope_op(bench, 0);
    for (uint32_t i = 0; i < n && err == NKT_OK; i++)
        err = op_run(bench, op);
    return err;
}

/** Terminated name, 0 past the end. */
const char *NKT_EXPORT(nkt_bench_op_name)(uint32_t op)
{
    return op < OP_COUNT ? op_names[op] : NULL;
}

/* ---- each primitive alone, for tests/glue/primitives.test.mjs: the same vectors as the native build's, in the arithmetic of
 *      this one. A room holds the input, one field behind the other, and then the output. ---- */

enum { ROOM_SIZE = 8192 };

enum { TRY_ED25519, TRY_X25519, TRY_XCHACHA20POLY1305, TRY_HMAC_SHA256, TRY_MLKEM768_KEYGEN, TRY_MLKEM768_ENCAPS,
       TRY_MLKEM768_DECAPS, TRY_ED25519_SIGN, TRY_X25519_BASE, TRY_MLKEM768_DECAPS_KEY };

/** ROOM_SIZE bytes, 0 without memory. */
uint8_t *NKT_EXPORT(nkt_bench_room)(void)
{
    return malloc(ROOM_SIZE);
}

static int hmac_try(uint8_t *room, uint32_t first_size, uint32_t rest_size)
{
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, room, first_size);
    crypto_auth_hmacsha256_update(&state, room + first_size, rest_size);
    return crypto_auth_hmacsha256_final(&state, room);
}

static int mlkem768_try(uint32_t what, uint8_t *room)
{
    uint8_t key[crypto_kem_mlkem768_PUBLICKEYBYTES], secret[crypto_kem_mlkem768_SECRETKEYBYTES],
        text[crypto_kem_mlkem768_CIPHERTEXTBYTES], random[32], shared[crypto_kem_mlkem768_SHAREDSECRETBYTES];
    if (what == TRY_MLKEM768_ENCAPS) {
        memcpy(random, room, sizeof random);
        memcpy(key, room + sizeof random, sizeof key);
        int result = crypto_kem_mlkem768_enc_deterministic(text, shared, key, random);
        memcpy(room, text, sizeof text);
        memcpy(room + sizeof text, shared, sizeof shared);
        return result;
    }
    if (what == TRY_MLKEM768_DECAPS_KEY) {
        memcpy(secret, room, sizeof secret);
        memcpy(text, room + sizeof secret, sizeof text);
        return crypto_kem_mlkem768_dec(room, text, secret);
    }
    int result = crypto_kem_mlkem768_seed_keypair(key, secret, room);
    if (what == TRY_MLKEM768_DECAPS) {
        memcpy(text, room + crypto_kem_mlkem768_SEEDBYTES, sizeof text);
        return result == 0 ? crypto_kem_mlkem768_dec(room, text, secret) : result;
    }
    memcpy(room, key, sizeof key);
    memcpy(room + sizeof key, secret, sizeof secret);
    return result;
}

static int ed25519_sign_try(uint8_t *room, uint32_t message_size)
{
    uint8_t key[crypto_sign_PUBLICKEYBYTES], secret[crypto_sign_SECRETKEYBYTES], signature[crypto_sign_BYTES];
    crypto_sign_seed_keypair(key, secret, room);
    int result = crypto_sign_detached(signature, NULL, room + 32, message_size, secret);
    memcpy(room, key, sizeof key);
    memcpy(room + sizeof key, signature, sizeof signature);
    return result;
}

/** first_size bytes of the field that has no fixed size (associated data, HMAC key), rest_size of the last one (message, ciphertext
 *  and tag). 0 or -1, as libsodium. */
int NKT_EXPORT(nkt_bench_try)(uint32_t what, uint8_t *room, uint32_t first_size, uint32_t rest_size)
{
    unsigned long long size;
    switch (what) {
    case TRY_ED25519: /* key, signature, message */
        return crypto_sign_verify_detached(room + 32, room + 96, rest_size, room);
    case TRY_X25519: { /* public, private: shared */
        uint8_t shared[32];
        int result = crypto_scalarmult_curve25519(shared, room + 32, room);
        memcpy(room, shared, sizeof shared);
        return result;
    }
    case TRY_ED25519_SIGN: /* seed, message: public, signature */
        return ed25519_sign_try(room, rest_size);
    case TRY_X25519_BASE: /* private: public */
        return crypto_scalarmult_curve25519_base(room, room);
    case TRY_XCHACHA20POLY1305: /* key, nonce, associated data, ciphertext and tag: message in place of these */
        return crypto_aead_xchacha20poly1305_ietf_decrypt(room + 56 + first_size, &size, NULL, room + 56 + first_size, rest_size,
                                                          room + 56, first_size, room + 32, room);
    case TRY_HMAC_SHA256: /* key, message: tag */
        return hmac_try(room, first_size, rest_size);
    default: /* seed: keys; random, key: ciphertext, shared; seed or secret key, ciphertext: shared */
        return mlkem768_try(what, room);
    }
}
