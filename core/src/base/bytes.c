/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/bytes.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "nkt.h"

enum { BUF_SIZE_MIN = 64 };

void nkt_buf_free(nkt_buf_t *buf)
{
    if (buf->data != NULL)
        sodium_memzero(buf->data, buf->capacity);
    free(buf->data);
    *buf = (nkt_buf_t){0};
}

void nkt_buf_clear(nkt_buf_t *buf)
{
    buf->size = 0;
}

int nkt_buf_reserve(nkt_buf_t *buf, size_t more)
{
    assert(buf->size <= buf->capacity);
    if (more <= buf->capacity - buf->size)
        return NKT_OK;
    if (more > SIZE_MAX / 2 - buf->size)
        return NKT_E_MEMORY;
    size_t capacity = more > BUF_SIZE_MIN ? more : BUF_SIZE_MIN; /* what is set at once may lie there for long */
    if (buf->size > 0)
        for (capacity = buf->capacity; capacity < buf->size + more;)
            capacity *= 2;
    /* not realloc: the old bytes must be wiped */
    uint8_t *data = malloc(capacity);
    if (data == NULL)
        return NKT_E_MEMORY;
    if (buf->size > 0)
        memcpy(data, buf->data, buf->size);
    if (buf->data != NULL)
        sodium_memzero(buf->data, buf->capacity);
    free(buf->data);
    buf->data = data;
    buf->capacity = capacity;
    return NKT_OK;
}

/* What is lent from a buffer must not go back into it: it may move on the way. */
static int is_apart(const nkt_buf_t *buf, const void *bytes, size_t size)
{
    uintptr_t at = (uintptr_t)bytes, begin = (uintptr_t)buf->data;
    return at + size <= begin || at >= begin + buf->capacity;
}

int nkt_buf_append(nkt_buf_t *buf, const void *bytes, size_t size)
{
    assert(size == 0 || is_apart(buf, bytes, size));
    int err = nkt_buf_reserve(buf, size);
    if (err < 0)
        return err;
    if (size > 0)
        memcpy(buf->data + buf->size, bytes, size);
    buf->size += size;
    return NKT_OK;
}

int nkt_buf_append_u8(nkt_buf_t *buf, uint8_t byte)
{
    return nkt_buf_append(buf, &byte, 1);
}

int nkt_buf_set(nkt_buf_t *buf, const void *bytes, size_t size)
{
    size_t before = buf->size;
    buf->size = 0;
    int err = nkt_buf_append(buf, bytes, size);
    if (err < 0)
        buf->size = before;
    return err;
}

char *nkt_text_copy(const char *text, size_t size)
{
    char *copy = malloc(size + 1);
    if (copy == NULL)
        return NULL;
    if (size > 0)
        memcpy(copy, text, size);
    copy[size] = '\0';
    return copy;
}

int nkt_is_zero(const uint8_t *bytes, size_t size)
{
    uint8_t any = 0;
    for (size_t i = 0; i < size; i++)
        any |= bytes[i];
    return any == 0;
}

void nkt_put_u32be(uint8_t out[4], uint32_t value)
{
    out[0] = (uint8_t)(value >> 24);
    out[1] = (uint8_t)(value >> 16);
    out[2] = (uint8_t)(value >> 8);
    out[3] = (uint8_t)value;
}

void nkt_put_u64be(uint8_t out[8], uint64_t value)
{
    nkt_put_u32be(out, (uint32_t)(value >> 32));
    nkt_put_u32be(out + 4, (uint32_t)value);
}

uint32_t nkt_get_u32be(const uint8_t in[4])
{
    return (uint32_t)in[0] << 24 | (uint32_t)in[1] << 16 | (uint32_t)in[2] << 8 | in[3];
}

size_t nkt_utf8_length(const uint8_t *text, size_t size)
{
    uint8_t c = text[0];
    size_t length = c < 0x80 ? 1 : c >= 0xc2 && c < 0xe0 ? 2 : c >= 0xe0 && c < 0xf0 ? 3 : c >= 0xf0 && c < 0xf5 ? 4 : 0;
    if (length == 0 || length > size)
        return 0;
    for (size_t i = 1; i < length; i++) {
        if ((text[i] & 0xc0) != 0x80)
            return 0;
    }
    if ((c == 0xe0 && text[1] < 0xa0) || (c == 0xed && text[1] > 0x9f) || (c == 0xf0 && text[1] < 0x90) ||
        (c == 0xf4 && text[1] > 0x8f))
        return 0;
    return length;
}

int nkt_text_is_clean(const char *text, size_t size)
{
    const uint8_t *at = (const uint8_t *)text;
    for (size_t i = 0; i < size;) {
        size_t length = nkt_utf8_length(at + i, size - i);
        if (length == 0)
            return 0;
        if (at[i] < 0x20 || at[i] == 0x7f || (at[i] == 0xc2 && at[i + 1] < 0xa0))
            return 0;
        i += length;
    }
    return 1;
}
