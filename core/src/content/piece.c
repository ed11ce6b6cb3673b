/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "content/piece.h"

#include <assert.h>
#include <string.h>

#include <sodium.h>

#include "base/hash.h"
#include "identity/seal.h"
#include "nkt.h"

enum {
    NODE_SIZE = NKT_PIECE_NODE_SIZE,
    TAG_SIZE = crypto_aead_xchacha20poly1305_ietf_ABYTES,
};

_Static_assert(NKT_PIECE_PLAIN_SIZE + TAG_SIZE == NKT_PIECE_SIZE, "a sealed piece fills its place");
_Static_assert(1u << NKT_PIECE_PATH_COUNT_MAX == NKT_PIECE_COUNT_MAX, "the longest path is that of the largest content");

/* ---- how it is cut ---- */

uint32_t nkt_piece_count(uint64_t size)
{
    if (size > (uint64_t)NKT_PIECE_COUNT_MAX * NKT_PIECE_PLAIN_SIZE)
        return 0;
    return size == 0 ? 1 : (uint32_t)((size + NKT_PIECE_PLAIN_SIZE - 1) / NKT_PIECE_PLAIN_SIZE);
}

size_t nkt_piece_plain_size(uint64_t size, uint32_t index)
{
    uint64_t from = (uint64_t)index * NKT_PIECE_PLAIN_SIZE;
    assert(from <= size);
    return size - from < NKT_PIECE_PLAIN_SIZE ? (size_t)(size - from) : NKT_PIECE_PLAIN_SIZE;
}

size_t nkt_piece_sealed_size(uint64_t size, uint32_t index)
{
    return nkt_piece_plain_size(size, index) + TAG_SIZE;
}

size_t nkt_piece_path_count(uint32_t piece_count, uint32_t index)
{
    size_t count = 0;
    for (uint32_t width = piece_count; width > 1; width = (width + 1) / 2, index /= 2)
        count += (index ^ 1) < width;
    return count;
}

size_t nkt_piece_proven_size(uint64_t size, uint32_t index)
{
    return nkt_piece_sealed_size(size, index) + nkt_piece_path_count(nkt_piece_count(size), index) * NODE_SIZE;
}

/* ---- sealed ---- */

static void key_derive(uint8_t piece_key[32], const uint8_t key[32], uint32_t index)
{
    uint8_t place[8];
    nkt_put_u64be(place, index);
    NKT_HASH(piece_key, 32, key, NKT_LABEL_PIECE_KEY, {place, sizeof place});
}

int nkt_piece_seal(nkt_buf_t *out, const uint8_t key[32], uint32_t index, const uint8_t *plain, size_t size)
{
    uint8_t piece_key[32];
    key_derive(piece_key, key, index);
    int err = nkt_seal_bare(out, piece_key, plain, size);
    sodium_memzero(piece_key, sizeof piece_key);
    return err;
}

int nkt_piece_open(nkt_buf_t *out, const uint8_t key[32], uint32_t index, const uint8_t *sealed, size_t size)
{
    uint8_t piece_key[32];
    key_derive(piece_key, key, index);
    int err = nkt_seal_open_bare(out, piece_key, sealed, size);
    sodium_memzero(piece_key, sizeof piece_key);
    return err;
}

/* ---- proven ---- */

void nkt_piece_leaf(uint8_t leaf[32], uint32_t index, const uint8_t *sealed, size_t size)
{
    uint8_t place[8];
    nkt_put_u64be(place, index);
    NKT_HASH(leaf, NODE_SIZE, NULL, NKT_LABEL_PIECE, {place, sizeof place}, {sealed, size});
}

static void node_of(uint8_t *out, const uint8_t *left, const uint8_t *right)
{
    NKT_HASH(out, NODE_SIZE, NULL, NKT_LABEL_PIECE_NODE, {left, NODE_SIZE}, {right, NODE_SIZE});
}

static void root_of(uint8_t root[32], uint64_t size, const uint8_t *top)
{
    uint8_t length[8];
    nkt_put_u64be(length, size);
    NKT_HASH(root, NODE_SIZE, NULL, NKT_LABEL_CONTENT_ROOT, {length, sizeof length}, {top, NODE_SIZE});
}

int nkt_piece_verify(const nkt_shape_t *shape, uint32_t index, const uint8_t *proven, size_t size)
{
    uint8_t node[NODE_SIZE], root[NODE_SIZE];
    if (index >= shape->piece_count || size != nkt_piece_proven_size(shape->size, index))
        return NKT_E_PIECE_BAD;
    size_t sealed_size = nkt_piece_sealed_size(shape->size, index);
    const uint8_t *beside = proven + sealed_size;
    nkt_piece_leaf(node, index, proven, sealed_size);
    for (uint32_t width = shape->piece_count, at = index; width > 1; width = (width + 1) / 2, at /= 2) {
        if ((at ^ 1) >= width)
            continue;
        if (at & 1)
            node_of(node, beside, node);
        else
            node_of(node, node, beside);
        beside += NODE_SIZE;
    }
    root_of(root, shape->size, node);
    return memcmp(root, shape->root, sizeof root) == 0 ? NKT_OK : NKT_E_PIECE_BAD; /* what is compared is public */
}

/* ---- the whole tree ---- */

size_t nkt_piece_tree_count(uint32_t piece_count)
{
    size_t count = piece_count;
    for (uint32_t width = piece_count; width > 1;)
        count += width = (width + 1) / 2;
    return count;
}

void nkt_piece_tree_build(uint8_t *tree, uint64_t size, uint8_t root[32])
{
    uint8_t *level = tree;
    for (uint32_t width = nkt_piece_count(size); width > 1; width = (width + 1) / 2) {
        uint8_t *above = level + (size_t)width * NODE_SIZE;
        for (uint32_t i = 0; i + 1 < width; i += 2)
            node_of(above + (size_t)(i / 2) * NODE_SIZE, level + (size_t)i * NODE_SIZE, level + (size_t)(i + 1) * NODE_SIZE);
        if (width & 1)
            memcpy(above + (size_t)(width / 2) * NODE_SIZE, level + (size_t)(width - 1) * NODE_SIZE, NODE_SIZE);
        level = above;
    }
    root_of(root, size, level);
}

void nkt_piece_tree_path(const uint8_t *tree, uint32_t piece_count, uint32_t index, uint8_t *path)
{
    for (uint32_t width = piece_count; width > 1; width = (width + 1) / 2, index /= 2) {
        if ((index ^ 1) < width) {
            memcpy(path, tree + (size_t)(index ^ 1) * NODE_SIZE, NODE_SIZE);
            path += NODE_SIZE;
        }
        tree += (size_t)width * NODE_SIZE;
    }
}
