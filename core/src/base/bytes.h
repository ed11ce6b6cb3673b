/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Bounded, growing byte buffers. The memory is wiped before it is given back: it may have held keys or plaintext.
 */
#ifndef NKT_BASE_BYTES_H
#define NKT_BASE_BYTES_H

#include <stddef.h>
#include <stdint.h>

typedef struct nkt_buf {
    uint8_t *data;
    size_t size; /* bytes in use */
    size_t capacity;
} nkt_buf_t;

/** Releases the memory; the buffer is empty and usable again. */
void nkt_buf_free(nkt_buf_t *buf);

/** Keeps the memory, forgets the contents. */
void nkt_buf_clear(nkt_buf_t *buf);

/** Makes room for `more` bytes behind the ones in use. NKT_E_MEMORY: unchanged. */
int nkt_buf_reserve(nkt_buf_t *buf, size_t more);

/** NKT_E_MEMORY: unchanged. bytes must not point into buf. */
int nkt_buf_append(nkt_buf_t *buf, const void *bytes, size_t size);
int nkt_buf_append_u8(nkt_buf_t *buf, uint8_t byte);

/** Replaces the contents. NKT_E_MEMORY: unchanged. bytes must not point into buf. */
int nkt_buf_set(nkt_buf_t *buf, const void *bytes, size_t size);

/** A copy on the heap of text, terminated; NULL when there is no memory. To be freed with free(). */
char *nkt_text_copy(const char *text, size_t size);

/** Constant time for secrets is sodium_memcmp; this one is for public bytes. */
int nkt_is_zero(const uint8_t *bytes, size_t size);

void nkt_put_u32be(uint8_t out[4], uint32_t value);
uint32_t nkt_get_u32be(const uint8_t in[4]);
void nkt_put_u64be(uint8_t out[8], uint64_t value);

/** Length of the valid UTF-8 sequence that text begins with, 0 if there is none (RFC 3629, section 4: no overlong forms, no surrogates).
 *  size > 0. */
size_t nkt_utf8_length(const uint8_t *text, size_t size);

/** Is this valid UTF-8 without NUL and without control characters (nicks, URLs)? */
int nkt_text_is_clean(const char *text, size_t size);

#endif
