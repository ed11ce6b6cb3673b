/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One end's state as bytes: fixed fields in order, numbers big-endian. Whoever stores it seals it.
 */
#include <string.h>

#include <sodium.h>

#include "session/kem_keys.h"

enum {
    STORED_VERSION = 1,
    IS_INITIATOR = 1,
    IS_OFFERER = 2,
    IS_TURN = 4,
    HAS_KEY = 8,
    HAS_ANSWER = 16
};

static int u32_write(nkt_buf_t *out, uint32_t value)
{
    uint8_t bytes[4];
    nkt_put_u32be(bytes, value);
    return nkt_buf_append(out, bytes, sizeof bytes);
}

static int chain_write(nkt_buf_t *out, const nkt_kem_chain_t *chain)
{
    int err = u32_write(out, chain->epoch);
    if (err == NKT_OK)
        err = u32_write(out, chain->next);
    return err < 0 ? err : nkt_buf_append(out, chain->key, sizeof chain->key);
}

/* A number of them first. */
static int lists_write(const nkt_kem_t *kem, nkt_buf_t *out)
{
    uint8_t chain_count = 0, offer_count = 0;
    while (chain_count < NKT_KEM_CHAIN_COUNT && kem->heard[chain_count].is_used)
        chain_count++;
    while (offer_count < NKT_KEM_OFFER_COUNT && kem->offers[offer_count].id != 0)
        offer_count++;
    int err = nkt_buf_append_u8(out, chain_count);
    for (size_t i = 0; err == NKT_OK && i < chain_count; i++)
        err = chain_write(out, &kem->heard[i]);
    if (err == NKT_OK)
        err = nkt_buf_append_u8(out, offer_count);
    for (size_t i = 0; err == NKT_OK && i < offer_count; i++) {
        err = u32_write(out, kem->offers[i].id);
        if (err == NKT_OK)
            err = nkt_buf_append(out, kem->offers[i].seed, NKT_KEM_SEED_SIZE);
    }
    return err;
}

static int bytes_write(nkt_buf_t *out, uint32_t id, const nkt_buf_t *bytes)
{
    if (bytes->size == 0)
        return NKT_OK;
    int err = u32_write(out, id);
    return err < 0 ? err : nkt_buf_append(out, bytes->data, bytes->size);
}

int nkt_kem_write(const nkt_kem_t *kem, nkt_buf_t *out)
{
    const uint8_t flags =
        (uint8_t)((kem->is_initiator ? IS_INITIATOR : 0) | (kem->is_offerer ? IS_OFFERER : 0) |
                  (kem->is_turn ? IS_TURN : 0) | (kem->key.size > 0 ? HAS_KEY : 0) |
                  (kem->answer.size > 0 ? HAS_ANSWER : 0));
    const uint8_t head[3] = {STORED_VERSION, flags, kem->turn_count};
    int err = nkt_buf_append(out, head, sizeof head);
    if (err == NKT_OK)
        err = nkt_buf_append(out, kem->tag, sizeof kem->tag);
    if (err == NKT_OK)
        err = nkt_buf_append(out, kem->root, sizeof kem->root);
    if (err == NKT_OK)
        err = chain_write(out, &kem->sending);
    if (err == NKT_OK)
        err = u32_write(out, kem->opened_count);
    if (err == NKT_OK)
        err = u32_write(out, kem->offered_at);
    if (err == NKT_OK)
        err = lists_write(kem, out);
    if (err == NKT_OK)
        err = bytes_write(out, kem->key_id, &kem->key);
    if (err == NKT_OK)
        err = bytes_write(out, kem->answer_id, &kem->answer);
    if (err == NKT_OK)
        err = u32_write(out, (uint32_t)(kem->skipped.size / NKT_KEM_ROW_SIZE));
    if (err == NKT_OK && kem->skipped.size > 0)
        err = nkt_buf_append(out, kem->skipped.data, kem->skipped.size);
    return err;
}

enum { TAG_AT = 3 };

int nkt_kem_stored_is_of(const uint8_t *stored, size_t stored_size, const uint8_t *message, size_t size)
{
    return stored_size >= TAG_AT + NKT_KEM_TAG_SIZE && size >= NKT_KEM_HEADER_SIZE &&
           memcmp(stored + TAG_AT, message + 4, NKT_KEM_TAG_SIZE) == 0;
}

/* ---- and back ---- */

typedef struct reader {
    const uint8_t *at;
    size_t left;
    int err;
} reader_t;

static void take(reader_t *reader, void *out, size_t size)
{
    if (reader->err < 0 || reader->left < size) {
        reader->err = NKT_E_RECORD;
        memset(out, 0, size);
        return;
    }
    memcpy(out, reader->at, size);
    reader->at += size;
    reader->left -= size;
}

static uint8_t take_u8(reader_t *reader)
{
    uint8_t value;
    take(reader, &value, 1);
    return value;
}

static uint32_t take_u32(reader_t *reader)
{
    uint8_t bytes[4];
    take(reader, bytes, sizeof bytes);
    return nkt_get_u32be(bytes);
}

static void take_chain(reader_t *reader, nkt_kem_chain_t *chain)
{
    chain->epoch = take_u32(reader);
    chain->next = take_u32(reader);
    chain->is_used = 1;
    take(reader, chain->key, sizeof chain->key);
    if (chain->next > NKT_KEM_PLACE_MAX + 1)
        reader->err = NKT_E_RECORD;
}

static void take_bytes(reader_t *reader, uint32_t *id, nkt_buf_t *bytes, size_t size)
{
    if (id != NULL)
        *id = take_u32(reader);
    if (reader->err < 0 || reader->left < size) {
        reader->err = NKT_E_RECORD;
        return;
    }
    if (size == 0)
        return;
    reader->err = nkt_buf_set(bytes, reader->at, size);
    reader->at += size;
    reader->left -= size;
}

static void take_lists(reader_t *reader, nkt_kem_t *kem)
{
    const uint8_t chain_count = take_u8(reader);
    if (chain_count == 0 || chain_count > NKT_KEM_CHAIN_COUNT)
        reader->err = NKT_E_RECORD;
    for (size_t i = 0; reader->err == NKT_OK && i < chain_count; i++) {
        take_chain(reader, &kem->heard[i]);
        if (kem->heard[i].epoch !=
            kem->epoch - i) /* one after the other, from the present one back */
            reader->err = NKT_E_RECORD;
    }
    const uint8_t offer_count = take_u8(reader);
    if (offer_count > NKT_KEM_OFFER_COUNT)
        reader->err = NKT_E_RECORD;
    for (size_t i = 0; reader->err == NKT_OK && i < offer_count; i++) {
        kem->offers[i].id = take_u32(reader);
        take(reader, kem->offers[i].seed, NKT_KEM_SEED_SIZE);
        if (kem->offers[i].id == 0)
            reader->err = NKT_E_RECORD;
    }
}

int nkt_kem_read(nkt_kem_t *kem, const uint8_t *bytes, size_t size)
{
    reader_t reader = {.at = bytes, .left = size};
    const uint8_t version = take_u8(&reader), flags = take_u8(&reader);
    kem->is_there = 1;
    kem->is_initiator = (flags & IS_INITIATOR) != 0;
    kem->is_offerer = (flags & IS_OFFERER) != 0;
    kem->is_turn = (flags & IS_TURN) != 0;
    kem->turn_count = take_u8(&reader);
    take(&reader, kem->tag, sizeof kem->tag);
    take(&reader, kem->root, sizeof kem->root);
    take_chain(&reader, &kem->sending);
    kem->epoch = kem->sending.epoch;
    kem->opened_count = take_u32(&reader);
    kem->offered_at = take_u32(&reader);
    take_lists(&reader, kem);
    if (flags & HAS_KEY)
        take_bytes(&reader, &kem->key_id, &kem->key, NKT_KEM_KEY_SIZE);
    if (flags & HAS_ANSWER)
        take_bytes(&reader, &kem->answer_id, &kem->answer, NKT_KEM_ANSWER_SIZE);
    const uint32_t row_count = take_u32(&reader);
    if (row_count > NKT_KEM_SKIP_MAX)
        reader.err = NKT_E_RECORD;
    else
        take_bytes(&reader, NULL, &kem->skipped, row_count * NKT_KEM_ROW_SIZE);
    if (reader.err == NKT_OK && (version != STORED_VERSION || reader.left != 0))
        reader.err = NKT_E_RECORD;
    if (reader.err < 0)
        nkt_kem_deinit(kem);
    return reader.err;
}
