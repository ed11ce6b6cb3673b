/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/content.h"

#include <sodium.h>

#include "identity/seal.h"
#include "wire/limits.h"

/* The key, and what the content is bound to; the caller frees the one and wipes the other. */
static int prepare(uint8_t key[32], nkt_buf_t *bound, const nkt_content_t *content)
{
    const size_t size = nkt_form_size(content->label, content->bound, content->bound_count);
    int err = nkt_buf_reserve(bound, size);
    if (err < 0)
        return err;
    nkt_form_write(bound->data, content->label, content->bound, content->bound_count);
    bound->size = size;
    NKT_HASH(key, 32, content->kem_key, content->label, {content->half, NKT_HALF_SIZE});
    return NKT_OK;
}

int nkt_content_seal(nkt_buf_t *out, const nkt_content_t *content, const uint8_t *plain, size_t size)
{
    uint8_t key[32];
    nkt_buf_t bound = {0};
    nkt_buf_clear(out);
    int err = prepare(key, &bound, content);
    if (err == NKT_OK) {
        err = nkt_seal_once_from(out, key, bound.data, bound.size, plain, size, content->pad_min > 0 ? content->pad_min : NKT_PAD_SIZE_MIN);
        sodium_memzero(key, sizeof key);
    }
    nkt_buf_free(&bound);
    return err;
}

int nkt_content_open(nkt_buf_t *out, const nkt_content_t *content, const uint8_t *sealed, size_t sealed_size)
{
    uint8_t key[32];
    nkt_buf_t bound = {0};
    nkt_buf_clear(out);
    int err = prepare(key, &bound, content);
    if (err == NKT_OK) {
        err = nkt_seal_open_once(out, key, bound.data, bound.size, sealed, sealed_size);
        sodium_memzero(key, sizeof key);
    }
    if (err < 0)
        nkt_buf_clear(out);
    nkt_buf_free(&bound);
    return err == NKT_E_PAYLOAD ? NKT_E_DECRYPT : err;
}
