/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/hash.h"

#include <assert.h>
#include <string.h>

#include <sodium.h>

#include "base/bytes.h"

const char *nkt_label_text(nkt_label_t label)
{
    static const char *const texts[NKT_LABEL_COUNT] = {
#define X(name, text) [NKT_LABEL_##name] = "nkt/2 " text,
#include "base/labels.def"
#undef X
    };
    return texts[label];
}

static void take(crypto_generichash_state *state, const void *bytes, size_t size)
{
    uint8_t length[4];
    nkt_put_u32be(length, (uint32_t)size);
    crypto_generichash_update(state, length, sizeof length);
    if (size > 0)
        crypto_generichash_update(state, bytes, size);
}

void nkt_hash(uint8_t *out, size_t size, const uint8_t *key, nkt_label_t label, const nkt_part_t *parts, size_t count)
{
    const char *text = nkt_label_text(label);
    crypto_generichash_state state;
    assert(size > 0 && size <= NKT_HASH_SIZE_MAX);
    crypto_generichash_init(&state, key, key != NULL ? NKT_HASH_KEY_SIZE : 0, size);
    take(&state, text, strlen(text));
    for (size_t i = 0; i < count; i++)
        take(&state, parts[i].bytes, parts[i].size);
    crypto_generichash_final(&state, out, size); /* wipes the state */
}

size_t nkt_form_size(nkt_label_t label, const nkt_part_t *parts, size_t count)
{
    size_t size = 4 + strlen(nkt_label_text(label));
    for (size_t i = 0; i < count; i++)
        size += 4 + parts[i].size;
    return size;
}

static uint8_t *put(uint8_t *out, const void *bytes, size_t size)
{
    nkt_put_u32be(out, (uint32_t)size);
    if (size > 0)
        memcpy(out + 4, bytes, size);
    return out + 4 + size;
}

void nkt_form_write(uint8_t *out, nkt_label_t label, const nkt_part_t *parts, size_t count)
{
    const char *text = nkt_label_text(label);
    out = put(out, text, strlen(text));
    for (size_t i = 0; i < count; i++)
        out = put(out, parts[i].bytes, parts[i].size);
}
