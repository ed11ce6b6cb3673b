/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the host says of contents that are open: what is stored of them, what was read, what a reader waits for. */
#include <string.h>

#include <sodium.h>

#include "content/content.h"
#include "state/state.h"

/* One that takes part, or NULL. */
static nkt_blob_t *open_find(const nkt_swarm_t *swarm, uint32_t ticket)
{
    nkt_blob_t *blob = nkt_blob_find(swarm, ticket);
    return blob != NULL && blob->is_open ? blob : NULL;
}

/* ---- begun and ended ---- */

int nkt_content_begin(nkt_swarm_t *swarm, uint32_t ticket, const uint8_t *bytes, size_t size, const nkt_address_t *author)
{
    nkt_manifest_t manifest;
    nkt_blob_t *blob;
    int err = nkt_manifest_read(&manifest, bytes, size);
    if (err < 0)
        return err;
    err = nkt_blob_new(swarm, ticket, &blob);
    if (err == NKT_OK) {
        memcpy(blob->root, manifest.shape.root, sizeof blob->root);
        memcpy(blob->access, manifest.access, sizeof blob->access);
        memcpy(blob->key, manifest.key, sizeof blob->key);
        blob->has_key = manifest.has_key;
        blob->author = *author;
        nkt_content_id(blob->id, blob->access);
        for (const nkt_blob_t *other = swarm->contents.blobs; other != NULL; other = other->next) {
            if (other != blob && memcmp(other->id, blob->id, sizeof blob->id) == 0)
                err = NKT_E_ARGUMENT; /* open under another ticket */
        }
        if (err == NKT_OK)
            err = nkt_blob_size(swarm, blob, manifest.shape.size);
        if (err < 0)
            nkt_blob_free(swarm, blob);
    }
    sodium_memzero(&manifest, sizeof manifest);
    return err;
}

int nkt_content_leaves(nkt_swarm_t *swarm, uint32_t ticket, const uint8_t *leaves, size_t size)
{
    uint8_t root[NKT_PIECE_NODE_SIZE];
    nkt_blob_t *blob = nkt_blob_find(swarm, ticket);
    if (blob == NULL || blob->is_open || !blob->is_ready || blob->is_own)
        return NKT_E_CONTENT_UNKNOWN;
    if (size != (size_t)blob->piece_count * NKT_PIECE_NODE_SIZE)
        return NKT_E_CONTENT_CHANGED;
    if (swarm->contents.leaf_total + blob->piece_count > NKT_BLOB_LEAVES_TOTAL_MAX)
        return NKT_E_CONTENTS_FULL;
    size_t tree_size = nkt_piece_tree_count(blob->piece_count) * NKT_PIECE_NODE_SIZE;
    int err = nkt_buf_reserve(&blob->tree, tree_size);
    if (err < 0)
        return err;
    memcpy(blob->tree.data, leaves, size);
    nkt_piece_tree_build(blob->tree.data, blob->size, root);
    if (memcmp(root, blob->root, sizeof root) != 0)
        return NKT_E_CONTENT_CHANGED;
    blob->tree.size = tree_size;
    blob->is_own = 1;
    swarm->contents.leaf_total += blob->piece_count;
    return NKT_OK;
}

int nkt_content_held(nkt_swarm_t *swarm, uint32_t ticket, const uint8_t *bits, size_t size)
{
    nkt_blob_t *blob = nkt_blob_find(swarm, ticket);
    if (blob == NULL || blob->is_open || !blob->is_ready)
        return NKT_E_CONTENT_UNKNOWN;
    if (size > (blob->piece_count + 7) / 8)
        return NKT_E_SIZE;
    for (uint32_t i = 0; i < blob->piece_count; i++) {
        if (blob->is_own || (i / 8 < size && bits[i / 8] >> (7 - i % 8) & 1))
            nkt_blob_hold(blob, i);
    }
    blob->is_open = 1;
    blob->opened_ms = swarm->now_ms;
    if (blob->is_own)
        nkt_show_begin(blob);
    nkt_content_announce(swarm, blob);
    nkt_blob_changed(swarm, blob);
    if (nkt_blob_is_whole(blob)) /* as below */
        nkt_alarm_set_by(swarm, &swarm->contents.timer, swarm->now_ms);
    return NKT_OK;
}

int nkt_content_pause(nkt_swarm_t *swarm, uint32_t ticket, int is_paused)
{
    nkt_blob_t *blob = open_find(swarm, ticket);
    if (blob == NULL)
        return NKT_E_CONTENT_UNKNOWN;
    blob->is_paused = is_paused != 0;
    blob->is_full = 0;
    swarm->contents.is_due = 1;
    nkt_blob_changed(swarm, blob);
    return NKT_OK;
}

int nkt_content_end(nkt_swarm_t *swarm, uint32_t ticket)
{
    nkt_blob_t *blob = nkt_blob_find(swarm, ticket);
    if (blob == NULL)
        return NKT_E_CONTENT_UNKNOWN;
    nkt_content_withdraw(swarm, blob);
    nkt_blob_free(swarm, blob);
    swarm->contents.is_due = 1;
    return NKT_OK;
}

/* ---- stored, and not any more ---- */

int nkt_content_written(nkt_swarm_t *swarm, uint32_t ticket, uint32_t index, unsigned flags)
{
    nkt_blob_t *blob = nkt_blob_find(swarm, ticket);
    if (blob == NULL || (blob->is_ready && index >= blob->piece_count))
        return NKT_E_CONTENT_UNKNOWN;
    if (!blob->is_ready || blob->taken[index] != NKT_BLOB_WRITING)
        return NKT_OK; /* of one that was shared here, which all pieces count for held of */
    blob->taken[index] = 0;
    blob->taken_count--;
    swarm->contents.writing_count--;
    swarm->contents.is_due = 1;
    nkt_blob_changed(swarm, blob);
    if (flags & NKT_CONTENT_FAILED) {
        blob->is_full = 1;
        return NKT_OK;
    }
    nkt_blob_hold(blob, index);
    if (nkt_blob_is_whole(blob)) /* a person waits for it: said at once */
        nkt_alarm_set_by(swarm, &swarm->contents.timer, swarm->now_ms);
    for (uint32_t i = 0; i < blob->get_count; i++) {
        if (blob->gets[i] != index)
            continue;
        nkt_emit(swarm, &(nkt_effect_t){.kind = NKT_FX_CONTENT_READ, .ticket = ticket, .value = (int32_t)index});
        break;
    }
    return NKT_OK;
}

int nkt_content_lost(nkt_swarm_t *swarm, uint32_t ticket, uint32_t index)
{
    nkt_blob_t *blob = open_find(swarm, ticket);
    if (blob == NULL || (index != UINT32_MAX && index >= blob->piece_count))
        return NKT_E_CONTENT_UNKNOWN;
    if (index == UINT32_MAX)
        nkt_blob_lose_all(swarm, blob);
    else
        nkt_blob_lose(swarm, blob, index);
    nkt_content_unload(swarm, blob);
    return NKT_OK;
}

/* ---- read ---- */

/* What was read is, with its path, in contents->plain. NKT_E_CONTENT_CHANGED. */
static int own_prove(nkt_swarm_t *swarm, const nkt_blob_t *blob, uint32_t index, const uint8_t *bytes, size_t size, unsigned flags)
{
    uint8_t leaf[NKT_PIECE_NODE_SIZE];
    nkt_buf_t *proven = &swarm->contents.plain;
    size_t path_size = nkt_piece_path_count(blob->piece_count, index) * NKT_PIECE_NODE_SIZE;
    size_t sealed_size = nkt_piece_sealed_size(blob->size, index);
    if (size > sealed_size)
        size = sealed_size; /* one that was lost and fetched again has its path with it */
    int err = flags & NKT_CONTENT_CLEAR ? nkt_piece_seal(proven, blob->key, index, bytes, size) : nkt_buf_set(proven, bytes, size);
    if (err < 0)
        return err;
    /* another plaintext under the key of this place would open both: it must not leave */
    nkt_piece_leaf(leaf, index, proven->data, proven->size);
    if (memcmp(leaf, blob->tree.data + (size_t)index * NKT_PIECE_NODE_SIZE, sizeof leaf) != 0)
        return NKT_E_CONTENT_CHANGED;
    err = nkt_buf_reserve(proven, path_size);
    if (err < 0)
        return err;
    nkt_piece_tree_path(blob->tree.data, blob->piece_count, index, proven->data + proven->size);
    proven->size += path_size;
    return NKT_OK;
}

static int prove(nkt_swarm_t *swarm, const nkt_blob_t *blob, uint32_t index, const uint8_t *bytes, size_t size, unsigned flags)
{
    nkt_shape_t shape = nkt_blob_shape(blob);
    nkt_buf_clear(&swarm->contents.plain);
    if (blob->is_own)
        return own_prove(swarm, blob, index, bytes, size, flags);
    if (size == 0 || nkt_piece_verify(&shape, index, bytes, size) < 0)
        return NKT_E_CONTENT_CHANGED;
    return nkt_buf_set(&swarm->contents.plain, bytes, size);
}

/* How many waited for it. */
static uint32_t gets_drop(nkt_blob_t *blob, uint32_t index)
{
    uint32_t left = 0, before = blob->get_count;
    for (uint32_t i = 0; i < before; i++) {
        if (blob->gets[i] != index)
            blob->gets[left++] = blob->gets[i];
    }
    blob->get_count = left;
    return before - left;
}

/* A reader waits for it. */
static int text_tell(nkt_swarm_t *swarm, nkt_blob_t *blob, uint32_t index, const nkt_buf_t *proven)
{
    nkt_buf_t *text = &swarm->contents.frame;
    if (gets_drop(blob, index) == 0)
        return NKT_OK;
    int err = nkt_piece_open(text, blob->key, index, proven->data, nkt_piece_sealed_size(blob->size, index));
    if (err < 0) /* it is under the root, so its author made it so */
        return err == NKT_E_PAYLOAD ? NKT_E_CONTENT_CHANGED : err;
    nkt_emit(swarm, &(nkt_effect_t){.kind = NKT_FX_CONTENT_TEXT,
                                    .ticket = blob->ticket,
                                    .value = (int32_t)index,
                                    .flags = index + 1 == blob->piece_count ? NKT_CONTENT_LAST : 0,
                                    .bytes = text->data,
                                    .bytes_size = text->size});
    nkt_buf_clear(text);
    return NKT_OK;
}

int nkt_content_piece(nkt_swarm_t *swarm, uint32_t ticket, uint32_t index, const uint8_t *bytes, size_t size, unsigned flags)
{
    nkt_blob_t *blob = open_find(swarm, ticket);
    if (blob == NULL || index >= blob->piece_count)
        return NKT_E_CONTENT_UNKNOWN;
    int err = prove(swarm, blob, index, bytes, size, flags);
    if (err == NKT_E_CONTENT_CHANGED) {
        nkt_blob_lose(swarm, blob, index);
        nkt_content_unload(swarm, blob);
    }
    if (err < 0)
        return err;
    nkt_content_loaded(swarm, blob, index, &swarm->contents.plain);
    err = text_tell(swarm, blob, index, &swarm->contents.plain);
    nkt_buf_clear(&swarm->contents.plain);
    return err;
}

int nkt_content_get(nkt_swarm_t *swarm, uint32_t ticket, uint32_t index)
{
    nkt_blob_t *blob = open_find(swarm, ticket);
    if (blob == NULL || index >= blob->piece_count || !blob->has_key)
        return NKT_E_CONTENT_UNKNOWN;
    if (blob->get_count == NKT_BLOB_GET_COUNT_MAX)
        return NKT_E_CONTENTS_FULL;
    blob->gets[blob->get_count++] = index;
    blob->focus = index;
    swarm->contents.is_due = 1;
    if (nkt_blob_holds(blob, index))
        nkt_emit(swarm, &(nkt_effect_t){.kind = NKT_FX_CONTENT_READ, .ticket = ticket, .value = (int32_t)index});
    return NKT_OK;
}

int nkt_content_unget(nkt_swarm_t *swarm, uint32_t ticket, uint32_t index)
{
    nkt_blob_t *blob = open_find(swarm, ticket);
    if (blob == NULL)
        return NKT_E_CONTENT_UNKNOWN;
    gets_drop(blob, index);
    if (blob->get_count > 0)
        blob->focus = blob->gets[blob->get_count - 1];
    return NKT_OK;
}
