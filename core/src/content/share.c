/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A content is made here: plaintext comes piece by piece, and leaves sealed; what is kept of it is the tree. */
#include <string.h>

#include <cJSON.h>
#include <sodium.h>

#include "content/content.h"
#include "state/state.h"

/* ---- what it is ---- */

static int text_take(char *out, const cJSON *item, int (*is_ok)(const char *text, size_t size))
{
    if (item == NULL)
        return NKT_OK;
    if (!cJSON_IsString(item) || !is_ok(item->valuestring, strlen(item->valuestring)))
        return NKT_E_MANIFEST;
    memcpy(out, item->valuestring, strlen(item->valuestring) + 1);
    return NKT_OK;
}

static int parts_take(nkt_blob_t *blob, const cJSON *tree)
{
    const cJSON *size = cJSON_GetObjectItemCaseSensitive(tree, "size");
    if (!cJSON_IsObject(tree))
        return NKT_E_ARGUMENT;
    blob->size = UINT64_MAX; /* not known */
    if (size != NULL) {
        if (!cJSON_IsNumber(size) || !(size->valuedouble >= 0) ||
            size->valuedouble > (double)NKT_PIECE_COUNT_MAX * NKT_PIECE_PLAIN_SIZE ||
            size->valuedouble != (double)(uint64_t)size->valuedouble)
            return NKT_E_MANIFEST;
        blob->size = (uint64_t)size->valuedouble;
    }
    int err = text_take(blob->type, cJSON_GetObjectItemCaseSensitive(tree, "type"), nkt_content_type_is_ok);
    return err < 0 ? err : text_take(blob->name, cJSON_GetObjectItemCaseSensitive(tree, "name"), nkt_content_name_is_ok);
}

int nkt_content_share(nkt_swarm_t *swarm, uint32_t ticket, const char *json, size_t size, unsigned flags)
{
    nkt_blob_t *blob;
    int err = nkt_blob_new(swarm, ticket, &blob);
    if (err < 0)
        return err;
    cJSON *tree = cJSON_ParseWithLength(json, size);
    err = tree == NULL ? NKT_E_ARGUMENT : parts_take(blob, tree);
    cJSON_Delete(tree);
    blob->has_key = blob->is_own = 1;
    blob->is_clear = (flags & NKT_CONTENT_AGAIN) != 0;
    blob->author = swarm->identity.address;
    if (err == NKT_OK && swarm->host.entropy(swarm->host.context, blob->key, sizeof blob->key) < 0)
        err = NKT_E_ENTROPY;
    if (err < 0)
        nkt_blob_free(swarm, blob);
    return err;
}

/* ---- piece by piece ---- */

static void made_tell(nkt_swarm_t *swarm, const nkt_blob_t *blob)
{
    nkt_manifest_t manifest = {.shape = nkt_blob_shape(blob), .has_key = 1};
    nkt_effect_t fx = {.kind = NKT_FX_CONTENT_MADE, .ticket = blob->ticket};
    memcpy(manifest.key, blob->key, sizeof manifest.key);
    memcpy(manifest.type, blob->type, sizeof manifest.type);
    memcpy(manifest.name, blob->name, sizeof manifest.name);
    if (nkt_manifest_write(&swarm->contents.plain, &manifest, 0) < 0) {
        nkt_effects_fail(swarm); /* nobody would ever learn of it */
    } else {
        memcpy(fx.id, blob->id, sizeof fx.id);
        fx.bytes = swarm->contents.plain.data;
        fx.bytes_size = swarm->contents.plain.size;
        nkt_emit(swarm, &fx);
    }
    sodium_memzero(&manifest, sizeof manifest);
    nkt_buf_clear(&swarm->contents.plain);
}

/* All leaves are there: the tree, the root, and what follows from it. */
static int tree_grow(nkt_swarm_t *swarm, nkt_blob_t *blob, uint64_t size)
{
    size_t leaves_size = blob->tree.size, tree_size = nkt_piece_tree_count(nkt_piece_count(size)) * NKT_PIECE_NODE_SIZE;
    int err = nkt_buf_reserve(&blob->tree, tree_size - leaves_size);
    if (err == NKT_OK)
        err = nkt_blob_size(swarm, blob, size);
    if (err < 0)
        return err;
    nkt_piece_tree_build(blob->tree.data, size, blob->root);
    blob->tree.size = tree_size;
    for (uint32_t i = 0; i < blob->piece_count; i++)
        nkt_blob_hold(blob, i);
    return NKT_OK;
}

static int share_end(nkt_swarm_t *swarm, nkt_blob_t *blob, uint64_t size)
{
    nkt_manifest_t manifest = {.shape = {.size = size}};
    int err = tree_grow(swarm, blob, size);
    if (err < 0)
        return err;
    memcpy(manifest.shape.root, blob->root, sizeof manifest.shape.root);
    memcpy(manifest.key, blob->key, sizeof manifest.key);
    nkt_manifest_derive(&manifest);
    memcpy(blob->access, manifest.access, sizeof blob->access);
    sodium_memzero(&manifest, sizeof manifest);
    nkt_content_id(blob->id, blob->access);
    nkt_emit(swarm, &(nkt_effect_t){.kind = NKT_FX_CONTENT_KEEP_LEAVES,
                                    .ticket = blob->ticket,
                                    .bytes = blob->tree.data,
                                    .bytes_size = (size_t)blob->piece_count * NKT_PIECE_NODE_SIZE});
    made_tell(swarm, blob);
    blob->is_open = 1;
    nkt_show_begin(blob);
    nkt_content_announce(swarm, blob);
    nkt_blob_changed(swarm, blob);
    return NKT_OK;
}

static int plain_check(const nkt_swarm_t *swarm, const nkt_blob_t *blob, uint32_t index, size_t size, int is_last)
{
    uint64_t all = (uint64_t)index * NKT_PIECE_PLAIN_SIZE + size;
    if (index != blob->tree.size / NKT_PIECE_NODE_SIZE || size > NKT_PIECE_PLAIN_SIZE || (!is_last && size < NKT_PIECE_PLAIN_SIZE) ||
        (size == 0 && index > 0))
        return NKT_E_SIZE;
    if (blob->size != UINT64_MAX && (is_last ? all != blob->size : all >= blob->size))
        return NKT_E_CONTENT_CHANGED;
    return index >= NKT_PIECE_COUNT_MAX || swarm->contents.leaf_total >= NKT_BLOB_LEAVES_TOTAL_MAX ? NKT_E_CONTENTS_FULL : NKT_OK;
}

int nkt_content_plain(nkt_swarm_t *swarm, uint32_t ticket, uint32_t index, const uint8_t *plain, size_t size, unsigned flags)
{
    uint8_t leaf[NKT_PIECE_NODE_SIZE];
    nkt_buf_t *sealed = &swarm->contents.plain;
    nkt_blob_t *blob = nkt_blob_find(swarm, ticket);
    int is_last = (flags & NKT_CONTENT_LAST) != 0;
    if (blob == NULL || !blob->is_own || blob->is_ready)
        return NKT_E_CONTENT_UNKNOWN;
    int err = plain_check(swarm, blob, index, size, is_last);
    nkt_buf_clear(sealed);
    if (err == NKT_OK)
        err = nkt_piece_seal(sealed, blob->key, index, plain, size);
    if (err < 0)
        return err;
    nkt_piece_leaf(leaf, index, sealed->data, sealed->size);
    err = nkt_buf_append(&blob->tree, leaf, sizeof leaf);
    if (err < 0)
        return err;
    swarm->contents.leaf_total++;
    if (!blob->is_clear)
        nkt_emit(swarm, &(nkt_effect_t){.kind = NKT_FX_CONTENT_WRITE,
                                        .ticket = ticket,
                                        .flags = flags & NKT_CONTENT_LAST,
                                        .value = (int32_t)index,
                                        .bytes = sealed->data,
                                        .bytes_size = sealed->size});
    return is_last ? share_end(swarm, blob, (uint64_t)index * NKT_PIECE_PLAIN_SIZE + size) : NKT_OK;
}
