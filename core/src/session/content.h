/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is said, under the keys of a message (docs/protocol.md, 8.4 and 10). libsignal encrypts 32 random bytes, the half; they and
 * the message key of the KEM ratchet make the key of the content. So whoever reads has broken both, and there is one authenticated
 * encryption, of any length.
 */
#ifndef NKT_SESSION_CONTENT_H
#define NKT_SESSION_CONTENT_H

#include "base/bytes.h"
#include "base/hash.h"
#include "nkt.h"

enum { NKT_HALF_SIZE = 32 };

/** Which message it is the content of. */
typedef struct nkt_content {
    nkt_label_t label;
    const uint8_t *kem_key; /* 32 bytes; NULL: none, as under a sender key */
    const uint8_t *half;    /* NKT_HALF_SIZE bytes */
    nkt_part_t bound[2];    /* what it is bound to: all else that travels with it ... */
    size_t bound_count;     /* ... so many parts */
    size_t pad_min;         /* what is small is padded to that; 0: NKT_PAD_SIZE_MIN */
} nkt_content_t;

/** Replaces out by the content, padded and sealed. NKT_E_MEMORY. */
int nkt_content_seal(nkt_buf_t *out, const nkt_content_t *content, const uint8_t *plain, size_t size);

/** Replaces out by the plaintext; it is empty after an error. NKT_E_DECRYPT: altered, or not padded as it must be; NKT_E_MEMORY. */
int nkt_content_open(nkt_buf_t *out, const nkt_content_t *content, const uint8_t *sealed, size_t sealed_size);

#endif
