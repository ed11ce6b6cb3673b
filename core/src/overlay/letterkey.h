/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Keys of letters, which keepers keep for days. A session allows 512 places to be skipped, a keeper may lose more; so what is
 * kept is sealed under a chain of keys of its own, and the session carries the chain's key once, from the place on where
 * it is given (as it carries the key of what is long, nkt.proto Ciphertext.content):
 *
 *     key(n)     = H_32(chain(n); T("letter key"))      XChaCha20-Poly1305, used for one letter
 *     chain(n+1) = H_32(chain(n); T("letter next"))     (base/hash.h)
 *
 * Whoever is given chain(n) reads nothing older. Its author forgets what it used, and never stores a chain: each life
 * begins new ones. Who wrote a letter, in which room and to whom is associated data,
 * T("letter", network, from, to, epoch, number); that he did is proven by the envelope.
 */
#ifndef NKT_OVERLAY_LETTERKEY_H
#define NKT_OVERLAY_LETTERKEY_H

#include "base/bytes.h"
#include "nkt.h"
#include "wire/limits.h"

enum { NKT_CHAIN_SIZE = 32 };

typedef struct nkt_letter_key {
    uint64_t epoch;  /* by chance; 0: none */
    uint64_t number; /* of the next letter, from 1 */
    uint8_t chain[NKT_CHAIN_SIZE];
} nkt_letter_key_t;

/** Whose letter, where, to whom: bound to it. */
typedef struct nkt_letter_place {
    const uint8_t *network;  /* NKT_NETWORK_SIZE bytes */
    const nkt_address_t *from, *to; /* to: zero for everybody */
} nkt_letter_place_t;

/** A new chain. NKT_E_ENTROPY. */
int nkt_letter_key_create(nkt_letter_key_t *key, const nkt_host_t *host);

/** Appends the sealed form to out and goes on in the chain; *number: its place. NKT_E_MEMORY: unchanged. */
int nkt_letter_seal(nkt_letter_key_t *key, const nkt_letter_place_t *place, const uint8_t *plain, size_t size, nkt_buf_t *out,
                    uint64_t *number);

/** How many steps of the chain it takes from there to that place; 0 as well where nkt_letter_open() refuses to go. */
uint64_t nkt_letter_distance(const nkt_letter_key_t *key, const nkt_letter_key_t *at, uint64_t number);

/** Replaces out by the plaintext of the letter at that place. The key stays where it is. at: a place in the same chain to
 *  begin from, moved to the letter's; epoch 0: none yet. NKT_E_NO_SESSION: the place is before the key, or too far behind it;
 *  NKT_E_PAYLOAD: altered, or of another place; NKT_E_MEMORY. */
int nkt_letter_open(const nkt_letter_key_t *key, nkt_letter_key_t *at, uint64_t number, const nkt_letter_place_t *place,
                    const uint8_t *sealed, size_t size, nkt_buf_t *out);

#endif
