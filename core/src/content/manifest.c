/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "content/manifest.h"

#include <string.h>

#include <sodium.h>

#include "base/hash.h"
#include "nkt.pb-c.h"
#include "wire/pack.h"

/* U+202A to U+202E and U+2066 to U+2069 turn what follows around: "report" and "fdp.exe" behind U+202E read "reportexe.pdf". */
static int is_turn(const char *at, size_t size)
{
    static const char embed[2] = {'\xe2', '\x80'}, isolate[2] = {'\xe2', '\x81'};
    uint8_t last = size < 3 ? 0 : (uint8_t)at[2];
    return (last >= 0xaa && last <= 0xae && memcmp(at, embed, 2) == 0) || (last >= 0xa6 && last <= 0xa9 && memcmp(at, isolate, 2) == 0);
}

int nkt_content_name_is_ok(const char *name, size_t size)
{
    if (size > NKT_CONTENT_NAME_SIZE_MAX || !nkt_text_is_clean(name, size))
        return 0;
    for (size_t i = 0; i < size; i++) {
        if (name[i] == '/' || name[i] == '\\' || is_turn(name + i, size - i))
            return 0;
    }
    return !(size == 1 && name[0] == '.') && !(size == 2 && name[0] == '.' && name[1] == '.');
}

/* RFC 6838, 4.2 */
static int is_type_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c != '\0' && strchr("!#$&-^_.+", c) != NULL);
}

int nkt_content_type_is_ok(const char *type, size_t size)
{
    size_t at = 0, slash;
    if (size > NKT_CONTENT_TYPE_SIZE_MAX)
        return 0;
    while (at < size && is_type_char(type[at]))
        at++;
    slash = at;
    if (slash == 0 || at == size || type[at++] != '/')
        return size == 0;
    while (at < size && is_type_char(type[at]))
        at++;
    if (at == slash + 1 || (at < size && type[at] != ';'))
        return 0;
    for (; at < size; at++) {
        if (type[at] < ' ' || type[at] > '~')
            return 0;
    }
    return 1;
}

void nkt_manifest_derive(nkt_manifest_t *manifest)
{
    uint8_t length[8];
    nkt_put_u64be(length, manifest->shape.size);
    NKT_HASH(manifest->access, 32, manifest->key, NKT_LABEL_CONTENT_ACCESS, {manifest->shape.root, 32}, {length, sizeof length});
}

static int text_take(char *out, const char *text, int (*is_ok)(const char *text, size_t size))
{
    size_t size = text == NULL ? 0 : strlen(text);
    if (!is_ok(text == NULL ? "" : text, size))
        return 0;
    memcpy(out, text == NULL ? "" : text, size + 1);
    return 1;
}

static int parts_take(nkt_manifest_t *manifest, const Nkt__Manifest *from)
{
    if (from->root.len != 32 || from->has_key == from->has_access || (from->has_key && from->key.len != 32) ||
        (from->has_access && (from->access.len != 32 || from->type != NULL || from->name != NULL)))
        return NKT_E_MANIFEST;
    manifest->shape.size = from->size;
    manifest->shape.piece_count = nkt_piece_count(from->size);
    memcpy(manifest->shape.root, from->root.data, 32);
    if (manifest->shape.piece_count == 0 || !text_take(manifest->type, from->type, nkt_content_type_is_ok) ||
        !text_take(manifest->name, from->name, nkt_content_name_is_ok))
        return NKT_E_MANIFEST;
    manifest->has_key = from->has_key != 0;
    if (manifest->has_key) {
        memcpy(manifest->key, from->key.data, 32);
        nkt_manifest_derive(manifest);
    } else {
        memcpy(manifest->access, from->access.data, 32);
    }
    return NKT_OK;
}

int nkt_manifest_read(nkt_manifest_t *manifest, const uint8_t *bytes, size_t size)
{
    *manifest = (nkt_manifest_t){0};
    if (size > NKT_MANIFEST_SIZE_MAX)
        return NKT_E_MANIFEST;
    Nkt__Manifest *from = nkt_unpack(&nkt__manifest__descriptor, size, bytes);
    if (from == NULL)
        return NKT_E_MANIFEST;
    /* written as we write it: a text with a zero inside would end there, and say less here than elsewhere */
    int is_plain = nkt__manifest__get_packed_size(from) == size;
    int err = is_plain ? parts_take(manifest, from) : NKT_E_MANIFEST;
    if (from->has_key)
        sodium_memzero(from->key.data, from->key.len);
    nkt__manifest__free_unpacked(from, NULL);
    if (err < 0)
        sodium_memzero(manifest, sizeof *manifest);
    return err;
}

int nkt_manifest_write(nkt_buf_t *out, const nkt_manifest_t *manifest, int as_slip)
{
    Nkt__Manifest to = NKT__MANIFEST__INIT;
    to.root = nkt_pack_lend(manifest->shape.root, 32);
    to.size = manifest->shape.size;
    if (manifest->has_key && !as_slip) {
        to.has_key = 1;
        to.key = nkt_pack_lend(manifest->key, 32);
        to.type = manifest->type[0] == '\0' ? NULL : (char *)(uintptr_t)manifest->type;
        to.name = manifest->name[0] == '\0' ? NULL : (char *)(uintptr_t)manifest->name;
    } else {
        to.has_access = 1;
        to.access = nkt_pack_lend(manifest->access, 32);
    }
    return nkt_pack(out, &to.base);
}

void nkt_content_id(uint8_t id[NKT_ID_SIZE], const uint8_t access[32])
{
    nkt_hash(id, NKT_ID_SIZE, access, NKT_LABEL_CONTENT_ID, NULL, 0);
}

void nkt_content_tag(uint8_t tag[NKT_CONTENT_TAG_SIZE], const uint8_t access[32], const nkt_address_t *from, const nkt_address_t *to)
{
    NKT_HASH(tag, NKT_CONTENT_TAG_SIZE, access, NKT_LABEL_CONTENT_TAG, {from->b, NKT_ADDRESS_SIZE}, {to->b, NKT_ADDRESS_SIZE});
}
