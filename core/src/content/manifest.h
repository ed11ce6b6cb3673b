/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What names a content: a manifest, which opens it, or a slip, with which one can ask for its pieces and serve them and no more.
 *
 *     access            H_32(key; T("content access", root, size u64be))
 *     id                H_16(access; T("content id")): what host and page call it
 *     tag of a way      H_16(access; T("content tag", from, to)): what it is called on the link from one to the other
 */
#ifndef NKT_CONTENT_MANIFEST_H
#define NKT_CONTENT_MANIFEST_H

#include "base/bytes.h"
#include "nkt.h"
#include "content/piece.h"

typedef struct nkt_manifest {
    nkt_shape_t shape;
    uint8_t has_key; /* no: a slip */
    uint8_t key[32], access[32];
    char type[NKT_CONTENT_TYPE_SIZE_MAX + 1]; /* may be empty */
    char name[NKT_CONTENT_NAME_SIZE_MAX + 1];
} nkt_manifest_t;

/** Reads one, checks all of it, and calculates what follows. NKT_E_MANIFEST. */
int nkt_manifest_read(nkt_manifest_t *manifest, const uint8_t *bytes, size_t size);
/** Replaces out by it; as_slip: without what opens it. NKT_E_MEMORY. */
int nkt_manifest_write(nkt_buf_t *out, const nkt_manifest_t *manifest, int as_slip);
/** With root, size and key filled in: the rest. */
void nkt_manifest_derive(nkt_manifest_t *manifest);

/** May it be shown, and offered as the name of a file? UTF-8, no control characters, no / or \, neither . nor .. */
int nkt_content_name_is_ok(const char *name, size_t size);
/** type/subtype, and parameters perhaps. */
int nkt_content_type_is_ok(const char *type, size_t size);

void nkt_content_id(uint8_t id[NKT_ID_SIZE], const uint8_t access[32]);
void nkt_content_tag(uint8_t tag[NKT_CONTENT_TAG_SIZE], const uint8_t access[32], const nkt_address_t *from, const nkt_address_t *to);

#endif
