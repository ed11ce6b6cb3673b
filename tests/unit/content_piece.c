/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a content is cut, sealed and proven; manifests; frames. */
#include "content/piece.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "check.h"
#include "content/frame.h"
#include "content/manifest.h"
#include "nkt.pb-c.h"
#include "wire/kinds.h"
#include "wire/pack.h"

/* ---- pieces ---- */

TEST(piece_counts_and_sizes)
{
    static const struct {
        uint64_t size;
        uint32_t count;
        size_t last;
    } rows[] = {
        {0, 1, 0}, {1, 1, 1}, {65519, 1, 65519}, {65520, 1, 65520}, {65521, 2, 1}, {100000000, 1527, 16480},
        {(uint64_t)65520 * 262144, 262144, 65520},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        check_row("%llu bytes", (unsigned long long)rows[i].size);
        CHECK_EQ(nkt_piece_count(rows[i].size), rows[i].count);
        CHECK_EQ(nkt_piece_plain_size(rows[i].size, rows[i].count - 1), rows[i].last);
        CHECK_EQ(nkt_piece_sealed_size(rows[i].size, rows[i].count - 1), rows[i].last + 16);
    }
    CHECK_EQ(nkt_piece_count((uint64_t)65520 * 262144 + 1), 0);
    CHECK_EQ(nkt_piece_count(UINT64_MAX), 0);
    CHECK_EQ(nkt_piece_path_count(1, 0), 0);
    CHECK_EQ(nkt_piece_path_count(3, 0), 2);
    CHECK_EQ(nkt_piece_path_count(3, 2), 1);
    CHECK_EQ(nkt_piece_path_count(262144, 77), NKT_PIECE_PATH_COUNT_MAX);
}

TEST(piece_seals_opens_and_is_of_its_place)
{
    uint8_t key[32], plain[1000];
    nkt_buf_t sealed = {0}, again = {0}, out = {0};
    check_fill(key, sizeof key, 1);
    check_fill(plain, sizeof plain, 2);
    CHECK_OK(nkt_piece_seal(&sealed, key, 7, plain, sizeof plain));
    CHECK_OK(nkt_piece_seal(&again, key, 7, plain, sizeof plain));
    CHECK_EQ(sealed.size, sizeof plain + 16);
    CHECK_BYTES(sealed.data, again.data, again.size);
    CHECK_OK(nkt_piece_open(&out, key, 7, sealed.data, sealed.size));
    CHECK_EQ(out.size, sizeof plain);
    CHECK_BYTES(out.data, plain, sizeof plain);
    CHECK_ERR(nkt_piece_open(&out, key, 8, sealed.data, sealed.size), NKT_E_PAYLOAD);
    CHECK_ERR(nkt_piece_open(&out, key, 7, sealed.data, sealed.size - 1), NKT_E_PAYLOAD);
    CHECK_ERR(nkt_piece_open(&out, key, 7, sealed.data, 15), NKT_E_PAYLOAD);
    sealed.data[500] ^= 1;
    CHECK_ERR(nkt_piece_open(&out, key, 7, sealed.data, sealed.size), NKT_E_PAYLOAD);
    key[0] ^= 1;
    CHECK_ERR(nkt_piece_open(&out, key, 7, again.data, again.size), NKT_E_PAYLOAD);
    nkt_buf_free(&sealed);
    nkt_buf_free(&again);
    nkt_buf_free(&out);
}

/* A content of so many pieces of a byte or so: the tree, and every piece with its path. Pieces are as large as they have to be. */
static void tree_row(uint32_t count)
{
    uint64_t size = (uint64_t)count * NKT_PIECE_PLAIN_SIZE;
    nkt_shape_t shape = {.size = size, .piece_count = count};
    uint8_t *sealed = calloc(1, NKT_PIECE_SIZE + NKT_PIECE_PATH_COUNT_MAX * 32);
    uint8_t *tree = calloc(nkt_piece_tree_count(count), 32);
    CHECK(sealed != NULL && tree != NULL);
    for (uint32_t i = 0; i < count; i++) {
        sealed[0] = (uint8_t)i;
        nkt_piece_leaf(tree + 32 * (size_t)i, i, sealed, NKT_PIECE_SIZE);
    }
    nkt_piece_tree_build(tree, size, shape.root);
    for (uint32_t i = 0; i < count; i++) {
        size_t proven = nkt_piece_proven_size(size, i);
        check_row("piece %u of %u", i, count);
        sealed[0] = (uint8_t)i;
        nkt_piece_tree_path(tree, count, i, sealed + NKT_PIECE_SIZE);
        CHECK_OK(nkt_piece_verify(&shape, i, sealed, proven));
        CHECK_ERR(nkt_piece_verify(&shape, i + 1, sealed, proven), NKT_E_PIECE_BAD);
        CHECK_ERR(nkt_piece_verify(&shape, i ^ 1, sealed, proven), NKT_E_PIECE_BAD);
        CHECK_ERR(nkt_piece_verify(&shape, i, sealed, proven - 1), NKT_E_PIECE_BAD);
        CHECK_ERR(nkt_piece_verify(&shape, i, sealed, proven + 32), NKT_E_PIECE_BAD);
        sealed[NKT_PIECE_SIZE - 1] ^= 1;
        CHECK_ERR(nkt_piece_verify(&shape, i, sealed, proven), NKT_E_PIECE_BAD);
        sealed[NKT_PIECE_SIZE - 1] ^= 1;
        for (size_t at = NKT_PIECE_SIZE; at < proven; at += 32) {
            sealed[at] ^= 1;
            CHECK_ERR(nkt_piece_verify(&shape, i, sealed, proven), NKT_E_PIECE_BAD);
            sealed[at] ^= 1;
        }
        shape.size--; /* a manifest that lies about the size, though the number of pieces is the same */
        CHECK_ERR(nkt_piece_verify(&shape, i, sealed, proven), NKT_E_PIECE_BAD);
        shape.size++;
    }
    free(sealed);
    free(tree);
}

TEST(piece_is_proven_by_its_path_alone)
{
    for (uint32_t count = 1; count <= 17; count++)
        tree_row(count);
}

/* ---- manifests ---- */

static nkt_manifest_t manifest_of(uint64_t size)
{
    nkt_manifest_t manifest = {.shape = {.size = size, .piece_count = nkt_piece_count(size)}, .has_key = 1};
    check_fill(manifest.shape.root, 32, 3);
    check_fill(manifest.key, 32, 4);
    strcpy(manifest.type, "image/png");
    strcpy(manifest.name, "Blumen im Mai.png");
    nkt_manifest_derive(&manifest);
    return manifest;
}

TEST(manifest_round_trip)
{
    nkt_manifest_t manifest = manifest_of(1000000), read;
    nkt_buf_t bytes = {0};
    CHECK_OK(nkt_manifest_write(&bytes, &manifest, 0));
    CHECK_OK(nkt_manifest_read(&read, bytes.data, bytes.size));
    CHECK_BYTES(&read, &manifest, sizeof read);
    CHECK_OK(nkt_manifest_write(&bytes, &manifest, 1)); /* a slip: no key, no name */
    CHECK_OK(nkt_manifest_read(&read, bytes.data, bytes.size));
    CHECK(!read.has_key && read.type[0] == '\0' && read.name[0] == '\0' && nkt_is_zero(read.key, 32));
    CHECK_BYTES(read.access, manifest.access, 32);
    nkt_buf_free(&bytes);
}

TEST(manifest_longest_fits)
{
    nkt_manifest_t manifest = manifest_of((uint64_t)NKT_PIECE_COUNT_MAX * NKT_PIECE_PLAIN_SIZE), read;
    nkt_buf_t bytes = {0};
    memset(manifest.name, 'n', NKT_CONTENT_NAME_SIZE_MAX);
    memset(manifest.type, 'a', NKT_CONTENT_TYPE_SIZE_MAX);
    manifest.type[10] = '/';
    CHECK_OK(nkt_manifest_write(&bytes, &manifest, 0));
    CHECK(bytes.size <= NKT_MANIFEST_SIZE_MAX);
    CHECK_OK(nkt_manifest_read(&read, bytes.data, bytes.size));
    nkt_buf_free(&bytes);
}

static int read_of(Nkt__Manifest *message)
{
    nkt_manifest_t read;
    nkt_buf_t bytes = {0};
    CHECK_OK(nkt_pack(&bytes, &message->base));
    int err = nkt_manifest_read(&read, bytes.data, bytes.size);
    nkt_buf_free(&bytes);
    return err;
}

TEST(manifest_that_lies_is_refused)
{
    uint8_t bytes[33] = {1};
    Nkt__Manifest good = NKT__MANIFEST__INIT;
    good.root = nkt_pack_lend(bytes, 32);
    good.size = 1000;
    good.has_key = 1;
    good.key = nkt_pack_lend(bytes, 32);
    CHECK_OK(read_of(&good));
    Nkt__Manifest bad = good;
    bad.root.len = 31;
    CHECK_ERR(read_of(&bad), NKT_E_MANIFEST);
    bad = good, bad.key.len = 33;
    CHECK_ERR(read_of(&bad), NKT_E_MANIFEST);
    bad = good, bad.has_key = 0;
    CHECK_ERR(read_of(&bad), NKT_E_MANIFEST);
    bad = good, bad.has_access = 1, bad.access = nkt_pack_lend(bytes, 32);
    CHECK_ERR(read_of(&bad), NKT_E_MANIFEST);
    bad = good, bad.size = (uint64_t)NKT_PIECE_COUNT_MAX * NKT_PIECE_PLAIN_SIZE + 1;
    CHECK_ERR(read_of(&bad), NKT_E_MANIFEST);
    bad = good, bad.size = UINT64_MAX;
    CHECK_ERR(read_of(&bad), NKT_E_MANIFEST);
    static const char *const names[] = {"../x", "a/b", "a\\b", ".", "..", "a\nb", "\x7f", "\xff", "\xc2\x85",
                                        "a\xe2\x80\xae.exe", "\xe2\x80\xaa", "\xe2\x81\xa6", "a\xe2\x81\xa9"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        check_row("name %zu", i);
        bad = good, bad.name = (char *)(uintptr_t)names[i];
        CHECK_ERR(read_of(&bad), NKT_E_MANIFEST);
    }
    static const char *const types[] = {"x", "/x", "x/", "a b/c", "a/b c", "a/b\n", "a/b;\x7f", "\xc3\xa4/b"};
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        check_row("type %zu", i);
        bad = good, bad.type = (char *)(uintptr_t)types[i];
        CHECK_ERR(read_of(&bad), NKT_E_MANIFEST);
    }
    bad = good, bad.type = (char *)(uintptr_t) "audio/webm;codecs=opus", bad.name = (char *)(uintptr_t) "..a";
    CHECK_OK(read_of(&bad));
    bad.name = (char *)(uintptr_t) "\xe2\x80\xa6 \xd7\x90\xe2\x80\x8f.txt"; /* an ellipsis; Hebrew with its mark */
    CHECK_OK(read_of(&bad));
    nkt_manifest_t read;
    CHECK_ERR(nkt_manifest_read(&read, bytes, 0), NKT_E_MANIFEST);
    CHECK_ERR(nkt_manifest_read(&read, bytes, sizeof bytes), NKT_E_MANIFEST);
}

TEST(content_tag_is_of_both_ends_and_of_the_content)
{
    nkt_address_t a = {{1}}, b = {{2}};
    uint8_t access[32] = {3}, there[16], back[16], other[16];
    nkt_content_tag(there, access, &a, &b);
    nkt_content_tag(back, access, &b, &a);
    access[0]++;
    nkt_content_tag(other, access, &a, &b);
    CHECK(memcmp(there, back, 16) != 0 && memcmp(there, other, 16) != 0);
}

/* ---- frames ---- */

TEST(content_frame_every_length)
{
    static const struct {
        nkt_content_word_t word;
        size_t head, item, max; /* item 0: any number of bytes from 1 on */
    } rows[] = {
        {NKT_CONTENT_OFFER, 2, 16, NKT_CONTENT_OFFER_COUNT},    {NKT_CONTENT_FIELD, 22, 1, NKT_CONTENT_FIELD_SIZE},
        {NKT_CONTENT_HAVE, 18, 4, NKT_CONTENT_HAVE_COUNT},      {NKT_CONTENT_REQUEST, 18, 4, NKT_CONTENT_ASK_COUNT},
        {NKT_CONTENT_CANCEL, 18, 4, NKT_CONTENT_ASK_COUNT},     {NKT_CONTENT_DATA, 23, 1, NKT_PIECE_PART_SIZE},
        {NKT_CONTENT_REFUSE, 18, 4, NKT_CONTENT_ASK_COUNT},     {NKT_CONTENT_ALLOW, 2, 1, 1},
        {NKT_CONTENT_GONE, 2, 16, NKT_CONTENT_OFFER_COUNT},     {NKT_CONTENT_PEERS, 18, 20, NKT_CONTENT_PEERS_COUNT},
    };
    uint8_t *bytes = calloc(1, 20000);
    nkt_content_frame_t frame;
    CHECK(bytes != NULL);
    bytes[0] = NKT_FRAME_CONTENT;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        bytes[1] = (uint8_t)rows[i].word;
        for (size_t size = 0; size < 20000; size++) {
            size_t items = size < rows[i].head ? 0 : (size - rows[i].head) / rows[i].item;
            int is_good = size > rows[i].head && (size - rows[i].head) % rows[i].item == 0 && items <= rows[i].max;
            check_row("word %d, %zu bytes", (int)rows[i].word, size);
            CHECK_ERR(nkt_content_frame_read(&frame, bytes, size), is_good ? NKT_OK : NKT_E_FRAME_LENGTH);
        }
    }
    static const uint8_t words[] = {0, NKT_CONTENT_PEERS + 1, 255};
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        bytes[1] = words[i];
        CHECK_ERR(nkt_content_frame_read(&frame, bytes, 100), NKT_E_FRAME_TYPE);
    }
    free(bytes);
}

TEST(content_frame_bytes_are_as_written_down)
{
    uint8_t tag[16];
    nkt_buf_t out = {0};
    nkt_content_frame_t frame;
    check_fill(tag, sizeof tag, 9);
    CHECK_OK(nkt_content_frame_begin(&out, NKT_CONTENT_REQUEST, tag));
    CHECK_OK(nkt_content_frame_add_index(&out, 0x01020304));
    CHECK_EQ(out.size, 22);
    CHECK_EQ(out.data[0], 0x2b);
    CHECK_EQ(out.data[1], 4);
    CHECK_BYTES(out.data + 2, tag, 16);
    CHECK_BYTES(out.data + 18, "\1\2\3\4", 4);
    CHECK_OK(nkt_content_frame_read(&frame, out.data, out.size));
    CHECK_EQ(frame.count, 1);
    CHECK_EQ(nkt_content_frame_index(&frame, 0), 0x01020304);
    nkt_buf_free(&out);
}
