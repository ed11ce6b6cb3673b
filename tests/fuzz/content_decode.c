/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "content_decode.h"

#include <stdlib.h>
#include <string.h>

#include "content/content.h"
#include "state/state.h"

enum { REAL_COUNT_MAX = 16, PIECE_COUNT = 3, SIZE = 2 * NKT_PIECE_PLAIN_SIZE + 20, LAST = PIECE_COUNT - 1, TICKET = 1 };

typedef struct reals {
    nkt_buf_t bytes[REAL_COUNT_MAX];
    unsigned count;
} reals_t;

static reals_t reals[CONTENT_DECODE_COUNT];
static nkt_shape_t shape;
static nkt_swarm_t *swarm;
content_decode_counts_t content_decode_counts;
const char *const content_decoder_names[CONTENT_DECODE_COUNT] = {"manifest", "frame", "share", "piece", "name", "type"};

static void check(int condition)
{
    if (!condition)
        abort();
}

/* ---- real ones ---- */

static nkt_buf_t *real_new(content_decoder_t which)
{
    check(reals[which].count < REAL_COUNT_MAX);
    return &reals[which].bytes[reals[which].count++];
}

static void real_text(content_decoder_t which, const char *text)
{
    check(nkt_buf_append(real_new(which), text, strlen(text)) == NKT_OK);
}

static void piece_make(nkt_manifest_t *manifest)
{
    static uint8_t plain[NKT_PIECE_PLAIN_SIZE], tree[8 * NKT_PIECE_NODE_SIZE], path[NKT_PIECE_PATH_COUNT_MAX * NKT_PIECE_NODE_SIZE];
    nkt_buf_t sealed = {0}, *last = real_new(CONTENT_DECODE_PIECE);
    for (uint32_t i = 0; i < PIECE_COUNT; i++) {
        nkt_buf_t *out = i == LAST ? last : &sealed;
        check(nkt_piece_seal(out, manifest->key, i, plain, nkt_piece_plain_size(SIZE, i)) == NKT_OK);
        nkt_piece_leaf(tree + i * NKT_PIECE_NODE_SIZE, i, out->data, out->size);
        nkt_buf_clear(&sealed);
    }
    nkt_buf_free(&sealed);
    nkt_piece_tree_build(tree, SIZE, manifest->shape.root);
    nkt_piece_tree_path(tree, PIECE_COUNT, LAST, path);
    check(nkt_buf_append(last, path, nkt_piece_path_count(PIECE_COUNT, LAST) * NKT_PIECE_NODE_SIZE) == NKT_OK);
    shape = manifest->shape;
}

static void manifests_make(void)
{
    nkt_manifest_t manifest = {.shape = {.size = SIZE, .piece_count = PIECE_COUNT}, .has_key = 1, .name = "a film.webm"};
    memcpy(manifest.type, "video/webm", sizeof "video/webm");
    piece_make(&manifest);
    nkt_manifest_derive(&manifest);
    check(nkt_manifest_write(real_new(CONTENT_DECODE_MANIFEST), &manifest, 0) == NKT_OK);
    check(nkt_manifest_write(real_new(CONTENT_DECODE_MANIFEST), &manifest, 1) == NKT_OK);
    manifest.name[0] = manifest.type[0] = '\0';
    check(nkt_manifest_write(real_new(CONTENT_DECODE_MANIFEST), &manifest, 0) == NKT_OK);
}

static void frames_make(void)
{
    static const uint8_t tag[NKT_CONTENT_TAG_SIZE] = {7}, rest[NKT_ADDRESS_SIZE] = {0, 0, 0, 8, 1};
    for (unsigned word = NKT_CONTENT_OFFER; word <= NKT_CONTENT_PEERS; word++) {
        int is_of_tags = word == NKT_CONTENT_OFFER || word == NKT_CONTENT_GONE, is_allow = word == NKT_CONTENT_ALLOW;
        int has_bytes = word == NKT_CONTENT_FIELD || word == NKT_CONTENT_DATA;
        nkt_buf_t *out = real_new(CONTENT_DECODE_FRAME);
        check(nkt_content_frame_begin(out, (nkt_content_word_t)word, is_of_tags || is_allow ? NULL : tag) == NKT_OK);
        size_t size = is_allow ? 1 : is_of_tags ? NKT_CONTENT_TAG_SIZE : word == NKT_CONTENT_PEERS ? NKT_ADDRESS_SIZE : has_bytes ? 9 : 8;
        check(nkt_buf_append(out, rest, size) == NKT_OK);
    }
}

static int entropy(void *context, uint8_t *buf, size_t size)
{
    (void)context;
    memset(buf, 6, size);
    return NKT_OK;
}

static void all_make(void)
{
    swarm = calloc(1, sizeof *swarm);
    check(swarm != NULL);
    swarm->host.entropy = entropy;
    nkt_map_init(&swarm->users, NKT_ADDRESS_SIZE, offsetof(nkt_user_t, address), NKT_USER_COUNT_MAX, 1);
    nkt_timer_init(&swarm->contents.timer, NKT_TIMER_CONTENT, swarm);
    manifests_make();
    frames_make();
    real_text(CONTENT_DECODE_SHARE, "{\"size\":131060,\"type\":\"video/webm\",\"name\":\"a film.webm\"}");
    real_text(CONTENT_DECODE_SHARE, "{\"size\":1e3}");
    real_text(CONTENT_DECODE_SHARE, "{\"name\":\"\\u00e4\\ud83d\\ude00 x\"}");
    real_text(CONTENT_DECODE_NAME, "a film.webm");
    real_text(CONTENT_DECODE_NAME, "..");
    real_text(CONTENT_DECODE_NAME, "\xd0\xb0 \xe2\x80\x99 \xf0\x9f\x98\x80.txt");
    real_text(CONTENT_DECODE_TYPE, "text/html; charset=utf-8");
    real_text(CONTENT_DECODE_TYPE, "application/vnd.a+b");
}

/* ---- what must be true of what was accepted ---- */

static int is_name(const char *name, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if ((uint8_t)name[i] < ' ' || name[i] == 0x7f || name[i] == '/' || name[i] == '\\')
            return 0;
    }
    return size <= NKT_CONTENT_NAME_SIZE_MAX && !(size == 1 && name[0] == '.') && !(size == 2 && name[0] == '.' && name[1] == '.');
}

static int is_type(const char *type, size_t size)
{
    const char *slash = size == 0 ? NULL : memchr(type, '/', size);
    for (size_t i = 0; i < size; i++) {
        if (type[i] < ' ' || type[i] > '~')
            return 0;
    }
    return size <= NKT_CONTENT_TYPE_SIZE_MAX && (size == 0 || (slash != NULL && slash > type && slash + 1 < type + size));
}

static int manifest_decode(const uint8_t *bytes, size_t size)
{
    nkt_manifest_t manifest, again;
    nkt_buf_t written = {0};
    nkt_effect_t fx;
    int err = nkt_manifest_read(&manifest, bytes, size);
    check(err == NKT_OK || err == NKT_E_MANIFEST);
    check((nkt_content_look(swarm, TICKET, bytes, size) == NKT_OK) == (err == NKT_OK));
    if (err < 0)
        return 0;
    check(nkt_effects_poll(swarm, &fx) == 1 && fx.kind == NKT_FX_CONTENT_LOOKED && nkt_effects_poll(swarm, &fx) == 0);
    check(is_name(manifest.name, strlen(manifest.name)) && is_type(manifest.type, strlen(manifest.type)));
    check(manifest.shape.piece_count == nkt_piece_count(manifest.shape.size) && manifest.shape.piece_count <= NKT_PIECE_COUNT_MAX);
    check(nkt_manifest_write(&written, &manifest, 0) == NKT_OK && nkt_manifest_read(&again, written.data, written.size) == NKT_OK);
    check(memcmp(&manifest.access, &again.access, 32) == 0 && manifest.shape.size == again.shape.size);
    check(strcmp(manifest.name, again.name) == 0 && strcmp(manifest.type, again.type) == 0);
    nkt_buf_free(&written);
    return 1;
}

static int frame_decode(const uint8_t *bytes, size_t size)
{
    nkt_content_frame_t frame;
    uint32_t sum = 0;
    if (nkt_content_frame_read(&frame, bytes, size) < 0)
        return 0;
    check(frame.word >= NKT_CONTENT_OFFER && frame.word <= NKT_CONTENT_PEERS);
    int has_indices = frame.word == NKT_CONTENT_HAVE || frame.word == NKT_CONTENT_REQUEST || frame.word == NKT_CONTENT_CANCEL ||
                      frame.word == NKT_CONTENT_REFUSE;
    for (size_t i = 0; has_indices && i < frame.count; i++)
        sum += nkt_content_frame_index(&frame, i);
    for (size_t i = 0; frame.tag != NULL && i < NKT_CONTENT_TAG_SIZE; i++)
        sum += frame.tag[i];
    for (size_t i = 0; i < frame.bytes_size; i++)
        sum += frame.bytes[i];
    volatile uint32_t read = sum; /* every byte that it claims was there */
    (void)read;
    check(frame.bytes_size > 0 && frame.bytes + frame.bytes_size == bytes + size);
    return 1;
}

static int share_decode(const char *json, size_t size)
{
    if (nkt_content_share(swarm, TICKET, json, size, 0) < 0)
        return 0;
    const nkt_blob_t *blob = nkt_blob_find(swarm, TICKET);
    check(is_name(blob->name, strlen(blob->name)) && is_type(blob->type, strlen(blob->type)));
    check(blob->size == UINT64_MAX || nkt_piece_count(blob->size) > 0);
    check(nkt_content_end(swarm, TICKET) == NKT_OK);
    return 1;
}

static int piece_decode(const uint8_t *bytes, size_t size)
{
    const nkt_buf_t *real = &reals[CONTENT_DECODE_PIECE].bytes[0];
    int is_accepted = nkt_piece_verify(&shape, LAST, bytes, size) == NKT_OK;
    check(is_accepted == (size == real->size && memcmp(bytes, real->data, size) == 0));
    return is_accepted;
}

static int decode(content_decoder_t which, const uint8_t *bytes, size_t size)
{
    const char *text = (const char *)bytes;
    switch (which) {
    case CONTENT_DECODE_MANIFEST:
        return manifest_decode(bytes, size);
    case CONTENT_DECODE_FRAME:
        return frame_decode(bytes, size);
    case CONTENT_DECODE_SHARE:
        return share_decode(text, size);
    case CONTENT_DECODE_PIECE:
        return piece_decode(bytes, size);
    case CONTENT_DECODE_NAME: {
        int is_ok = nkt_content_name_is_ok(text, size);
        check(!is_ok || is_name(text, size));
        return is_ok;
    }
    default: {
        int is_ok = nkt_content_type_is_ok(text, size);
        check(!is_ok || is_type(text, size));
        return is_ok;
    }
    }
}

/* The place of an edit reaches the whole of a piece: 16 bits. */
static void edit(uint8_t *bytes, size_t length, const uint8_t *edits, size_t size)
{
    for (size_t at = 0; at + 2 < size; at += 3)
        bytes[((size_t)edits[at] << 8 | edits[at + 1]) % length] = edits[at + 2];
}

void content_decode_as(content_decoder_t which, const uint8_t *data, size_t size)
{
    if (swarm == NULL)
        all_make();
    if (size < 2)
        return;
    const nkt_buf_t *real = &reals[which].bytes[data[1] % reals[which].count];
    int is_edit = (data[0] & 0x80) != 0;
    size_t length = is_edit ? real->size : size - 2;
    uint8_t *bytes = malloc(length); /* of its own, so that a byte too far is seen */
    check(bytes != NULL || length == 0);
    if (length > 0)
        memcpy(bytes, is_edit ? real->data : data + 2, length);
    if (is_edit)
        edit(bytes, length, data + 2, size - 2);
    int is_accepted = decode(which, bytes, length);
    content_decode_counts.accepted[which] += (uint64_t)is_accepted;
    content_decode_counts.refused[which] += (uint64_t)!is_accepted;
    free(bytes);
}

void content_decode(const uint8_t *data, size_t size)
{
    if (size > 0)
        content_decode_as(data[0] % CONTENT_DECODE_COUNT, data, size);
}
