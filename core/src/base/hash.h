/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The one way in which anything of nkt's own is hashed, derived or signed:
 *
 *     L(x)                 = u32be(size of x) || x
 *     T(label, p1, ... pn) = L("nkt/2 " || label) || L(p1) || ... || L(pn)
 *     H_n(k; T(...))       = BLAKE2b with an output of n bytes, keyed with k, or with no key
 *
 * Lengths before everything, so no two lists of parts are the same bytes. What is signed is an H_32 of this form.
 */
#ifndef NKT_BASE_HASH_H
#define NKT_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

typedef enum nkt_label {
#define X(name, text) NKT_LABEL_##name,
#include "base/labels.def"
#undef X
    NKT_LABEL_COUNT,
} nkt_label_t;

enum {
    NKT_HASH_SIZE = 32,     /* of what is signed */
    NKT_HASH_KEY_SIZE = 32,
    NKT_HASH_SIZE_MAX = 64, /* BLAKE2b's */
};

/** A part: bytes and their number. */
typedef struct nkt_part {
    const void *bytes;
    size_t size;
} nkt_part_t;

/** out: size bytes, at most NKT_HASH_SIZE_MAX. key: NKT_HASH_KEY_SIZE bytes, or NULL. Parts are read where they lie, not copied; out may
 *  be one of them. */
void nkt_hash(uint8_t *out, size_t size, const uint8_t *key, nkt_label_t label, const nkt_part_t *parts, size_t count);

/** The same with the parts written out, at least one: NKT_HASH(out, 32, NULL, NKT_LABEL_X, {a, 20}, {b, 32}) */
#define NKT_HASH(out, size, key, label, ...)                                            \
    nkt_hash(out, size, key, label, (const nkt_part_t[]){__VA_ARGS__},                  \
             sizeof((const nkt_part_t[]){__VA_ARGS__}) / sizeof(nkt_part_t))

/** T(...) itself, as associated data: how many bytes, and written there. */
size_t nkt_form_size(nkt_label_t label, const nkt_part_t *parts, size_t count);
void nkt_form_write(uint8_t *out, nkt_label_t label, const nkt_part_t *parts, size_t count);

/** The text of a label, with what stands before all of them. */
const char *nkt_label_text(nkt_label_t label);

#endif
