/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "overlay/letterkey.h"

#include <assert.h>
#include <string.h>

#include <sodium.h>

#include "base/hash.h"
#include "identity/seal.h"

enum {
    BOUND_PART_COUNT = 5,
    BOUND_SIZE = 4 + sizeof "nkt/2 letter" - 1 + BOUND_PART_COUNT * 4 + NKT_NETWORK_SIZE + 2 * NKT_ADDRESS_SIZE + 16,
};

static void derive(uint8_t out[NKT_CHAIN_SIZE], const uint8_t chain[NKT_CHAIN_SIZE], nkt_label_t label)
{
    nkt_hash(out, NKT_CHAIN_SIZE, chain, label, NULL, 0);
}

static void advance(nkt_letter_key_t *key)
{
    uint8_t next[NKT_CHAIN_SIZE];
    derive(next, key->chain, NKT_LABEL_LETTER_NEXT);
    memcpy(key->chain, next, sizeof next);
    sodium_memzero(next, sizeof next);
    key->number++;
}

static void bound_make(uint8_t out[BOUND_SIZE], const nkt_letter_place_t *place, uint64_t epoch, uint64_t number)
{
    uint8_t epoch_bytes[8], number_bytes[8];
    nkt_put_u64be(epoch_bytes, epoch);
    nkt_put_u64be(number_bytes, number);
    const nkt_part_t parts[BOUND_PART_COUNT] = {{place->network, NKT_NETWORK_SIZE},
                                                {place->from->b, NKT_ADDRESS_SIZE},
                                                {place->to->b, NKT_ADDRESS_SIZE},
                                                {epoch_bytes, sizeof epoch_bytes},
                                                {number_bytes, sizeof number_bytes}};
    assert(nkt_form_size(NKT_LABEL_LETTER, parts, BOUND_PART_COUNT) == BOUND_SIZE);
    nkt_form_write(out, NKT_LABEL_LETTER, parts, BOUND_PART_COUNT);
}

int nkt_letter_key_create(nkt_letter_key_t *key, const nkt_host_t *host)
{
    nkt_letter_key_t fresh = {.number = 1};
    if (host->entropy(host->context, fresh.chain, sizeof fresh.chain) < 0 ||
        host->entropy(host->context, (uint8_t *)&fresh.epoch, sizeof fresh.epoch) < 0)
        return NKT_E_ENTROPY;
    fresh.epoch |= 1; /* 0 means none */
    *key = fresh;
    sodium_memzero(&fresh, sizeof fresh);
    return NKT_OK;
}

int nkt_letter_seal(nkt_letter_key_t *key, const nkt_letter_place_t *place, const uint8_t *plain, size_t size, nkt_buf_t *out,
                    uint64_t *number)
{
    uint8_t letter_key[NKT_CHAIN_SIZE];
    uint8_t bound[BOUND_SIZE];
    bound_make(bound, place, key->epoch, key->number);
    derive(letter_key, key->chain, NKT_LABEL_LETTER_KEY);
    int err = nkt_seal_once(out, letter_key, bound, sizeof bound, plain, size);
    sodium_memzero(letter_key, sizeof letter_key);
    if (err < 0)
        return err;
    *number = key->number;
    advance(key);
    return NKT_OK;
}

static int is_within(const nkt_letter_key_t *key, uint64_t number)
{
    return number >= key->number && number - key->number <= NKT_LETTER_SKIP_MAX;
}

/* Else the way begins at the key. */
static int is_on_the_way(const nkt_letter_key_t *key, const nkt_letter_key_t *at, uint64_t number)
{
    return at->epoch == key->epoch && at->number <= number && at->number >= key->number;
}

uint64_t nkt_letter_distance(const nkt_letter_key_t *key, const nkt_letter_key_t *at, uint64_t number)
{
    if (!is_within(key, number))
        return 0;
    return number - (is_on_the_way(key, at, number) ? at->number : key->number);
}

int nkt_letter_open(const nkt_letter_key_t *key, nkt_letter_key_t *at, uint64_t number, const nkt_letter_place_t *place,
                    const uint8_t *sealed, size_t size, nkt_buf_t *out)
{
    uint8_t letter_key[NKT_CHAIN_SIZE];
    uint8_t bound[BOUND_SIZE];
    if (!is_within(key, number))
        return NKT_E_NO_SESSION;
    if (!is_on_the_way(key, at, number))
        *at = *key;
    while (at->number < number)
        advance(at);
    bound_make(bound, place, key->epoch, number);
    derive(letter_key, at->chain, NKT_LABEL_LETTER_KEY);
    int err = nkt_seal_open_once(out, letter_key, bound, sizeof bound, sealed, size);
    sodium_memzero(letter_key, sizeof letter_key);
    return err;
}
