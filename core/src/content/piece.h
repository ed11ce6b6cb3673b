/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Pieces of a content: how it is cut, sealed, and proven piece by piece.
 *
 *     piece i   65,520 bytes of plaintext, the last one what is left; an empty content has one empty piece
 *     sealed    XChaCha20-Poly1305(H_32(K; T("piece key", i u64be)), zeros, no associated data, not padded): 16 bytes more
 *     leaf      H_32(T("piece", i u64be, sealed))
 *     node      H_32(T("piece node", left, right)); pairs level by level, an odd one at the end goes up as it is (the shape of
 *               RFC 6962)
 *     root      H_32(T("content root", size u64be, top))
 *     path      the nodes beside the way from a leaf to the top, from below: what proves one piece by itself
 *
 * The same plaintext at the same place under the same key is the same ciphertext: it can be sealed again. Another plaintext there must
 * never be sent: whoever seals again compares the leaf.
 */
#ifndef NKT_CONTENT_PIECE_H
#define NKT_CONTENT_PIECE_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "wire/limits.h"

/** Which content, as far as its pieces are concerned. */
typedef struct nkt_shape {
    uint64_t size;        /* of the plaintext */
    uint32_t piece_count; /* of nkt_piece_count() */
    uint8_t root[32];
} nkt_shape_t;

/** 0: larger than a content may be. */
uint32_t nkt_piece_count(uint64_t size);
size_t nkt_piece_plain_size(uint64_t size, uint32_t index);
size_t nkt_piece_sealed_size(uint64_t size, uint32_t index);
/** Nodes in the path of a piece: NKT_PIECE_PATH_COUNT_MAX at most. */
size_t nkt_piece_path_count(uint32_t piece_count, uint32_t index);
/** Of what is stored and sent for a piece: sealed, and behind it its path. */
size_t nkt_piece_proven_size(uint64_t size, uint32_t index);

/** Appends the sealed piece to out. NKT_E_MEMORY. */
int nkt_piece_seal(nkt_buf_t *out, const uint8_t key[32], uint32_t index, const uint8_t *plain, size_t size);
/** Replaces out by the plaintext. NKT_E_PAYLOAD, NKT_E_MEMORY. */
int nkt_piece_open(nkt_buf_t *out, const uint8_t key[32], uint32_t index, const uint8_t *sealed, size_t size);

void nkt_piece_leaf(uint8_t leaf[32], uint32_t index, const uint8_t *sealed, size_t size);
/** Is that the piece, with its path, of the content with that root? NKT_E_PIECE_BAD. */
int nkt_piece_verify(const nkt_shape_t *shape, uint32_t index, const uint8_t *proven, size_t size);

/** Nodes of the whole tree, leaves included. */
size_t nkt_piece_tree_count(uint32_t piece_count);
/** tree: 32 bytes for each node, the leaves first and filled in; calculates the rest, and the root of a content of that size. */
void nkt_piece_tree_build(uint8_t *tree, uint64_t size, uint8_t root[32]);
/** The path of a piece, out of a whole tree. */
void nkt_piece_tree_path(const uint8_t *tree, uint32_t piece_count, uint32_t index, uint8_t *path);

#endif
