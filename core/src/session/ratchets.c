/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ratchets.h"

#include <string.h>

/* The next part of a record: its size, its bytes. */
static int span_read(nkt_span_t *rest, nkt_span_t *part)
{
    if (rest->size < 4)
        return NKT_E_RECORD;
    part->size = nkt_get_u32be(rest->bytes);
    part->bytes = rest->bytes + 4;
    if (part->size > rest->size - 4)
        return NKT_E_RECORD;
    rest->bytes += 4 + part->size;
    rest->size -= 4 + part->size;
    return NKT_OK;
}

int nkt_ratchets_parse(nkt_ratchets_t *ratchets, const uint8_t *record, size_t size)
{
    nkt_span_t rest = {record, size};
    *ratchets = (nkt_ratchets_t){0};
    if (size == 0)
        return NKT_OK;
    int err = span_read(&rest, &ratchets->signal);
    while (err == NKT_OK && rest.size > 0) {
        if (ratchets->kem_count == NKT_KEM_SESSION_COUNT)
            return NKT_E_RECORD;
        err = span_read(&rest, &ratchets->kem[ratchets->kem_count++]);
    }
    return err == NKT_OK && ratchets->kem_count == 0 ? NKT_E_RECORD : err;
}

size_t nkt_ratchets_find(const nkt_ratchets_t *ratchets, const uint8_t *message, size_t size)
{
    size_t i = 0;
    while (i < ratchets->kem_count &&
           !nkt_kem_stored_is_of(ratchets->kem[i].bytes, ratchets->kem[i].size, message, size))
        i++;
    return i;
}

static int size_append(nkt_buf_t *out, size_t size)
{
    uint8_t bytes[4];
    nkt_put_u32be(bytes, (uint32_t)size);
    return nkt_buf_append(out, bytes, sizeof bytes);
}

int nkt_ratchets_build(nkt_buf_t *out, nkt_span_t signal, nkt_kem_t *const *kem, size_t kem_count)
{
    nkt_buf_clear(out);
    int err = size_append(out, signal.size);
    if (err == NKT_OK)
        err = nkt_buf_append(out, signal.bytes, signal.size);
    for (size_t i = 0; err == NKT_OK && i < kem_count; i++) {
        const size_t at = out->size;
        err = size_append(out, 0);
        if (err == NKT_OK)
            err = nkt_kem_write(kem[i], out);
        if (err == NKT_OK)
            nkt_put_u32be(out->data + at, (uint32_t)(out->size - at - 4));
    }
    return err;
}
