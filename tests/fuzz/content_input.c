/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "content_input.h"

#include <stdlib.h>
#include <string.h>

#include "content/content.h"
#include "state/state.h"

enum { LINK_COUNT = 3, OWN = 1, WANTED = 2, SLIP = 3, CONTENT_COUNT = 3, PIECE_COUNT = 3, SIZE = 2 * NKT_PIECE_PLAIN_SIZE + 100 };

/* One content, made once: every piece of it, with its path. */
typedef struct material {
    nkt_manifest_t manifest;
    nkt_buf_t bytes, slip, leaves, proven[PIECE_COUNT];
} material_t;

static material_t materials[CONTENT_COUNT];
content_input_counts_t content_input_counts;

static void check(int condition)
{
    if (!condition)
        abort();
}

static int entropy(void *context, uint8_t *buf, size_t size)
{
    (void)context;
    memset(buf, 6, size);
    return NKT_OK;
}

static void material_make(material_t *material, uint8_t number)
{
    static uint8_t plain[NKT_PIECE_PLAIN_SIZE], tree[8 * NKT_PIECE_NODE_SIZE];
    nkt_manifest_t *manifest = &material->manifest;
    *manifest = (nkt_manifest_t){.shape = {.size = SIZE, .piece_count = PIECE_COUNT}, .has_key = 1};
    manifest->key[0] = plain[0] = number;
    for (uint32_t i = 0; i < PIECE_COUNT; i++) {
        check(nkt_piece_seal(&material->proven[i], manifest->key, i, plain, nkt_piece_plain_size(SIZE, i)) == NKT_OK);
        nkt_piece_leaf(tree + i * NKT_PIECE_NODE_SIZE, i, material->proven[i].data, material->proven[i].size);
    }
    check(nkt_buf_append(&material->leaves, tree, PIECE_COUNT * NKT_PIECE_NODE_SIZE) == NKT_OK);
    nkt_piece_tree_build(tree, SIZE, manifest->shape.root);
    for (uint32_t i = 0; i < PIECE_COUNT; i++) {
        uint8_t path[NKT_PIECE_PATH_COUNT_MAX * NKT_PIECE_NODE_SIZE];
        nkt_piece_tree_path(tree, PIECE_COUNT, i, path);
        check(nkt_buf_append(&material->proven[i], path, nkt_piece_path_count(PIECE_COUNT, i) * NKT_PIECE_NODE_SIZE) == NKT_OK);
    }
    nkt_manifest_derive(manifest);
    check(nkt_manifest_write(&material->bytes, manifest, 0) == NKT_OK && nkt_manifest_write(&material->slip, manifest, 1) == NKT_OK);
}

static nkt_link_t *link_add(nkt_swarm_t *swarm, uint8_t number)
{
    nkt_link_t *link = nkt_link_open(swarm, NKT_LINK_RTC, NULL);
    check(link != NULL);
    link->rtc.peer.b[0] = (uint8_t)(number + 2);
    nkt_link_state_set(link, NKT_LINK_LIVE);
    nkt_content_link_up(swarm, link);
    return link;
}

static nkt_swarm_t *swarm_make(void)
{
    static const uint8_t seed[32] = {1};
    static const nkt_address_t nobody;
    nkt_swarm_t *swarm = calloc(1, sizeof *swarm);
    check(swarm != NULL);
    swarm->host.entropy = entropy;
    swarm->identity.address.b[0] = 1;
    swarm->now_ms = 1000;
    nkt_prng_init(&swarm->prng, seed);
    nkt_map_init(&swarm->users, NKT_ADDRESS_SIZE, offsetof(nkt_user_t, address), NKT_USER_COUNT_MAX, 1);
    nkt_timer_init(&swarm->contents.timer, NKT_TIMER_CONTENT, swarm);
    nkt_timer_init(&swarm->wish.timer, NKT_TIMER_VIEW, swarm);
    for (uint32_t i = 0; i < CONTENT_COUNT; i++) {
        const nkt_buf_t *manifest = i + 1 == SLIP ? &materials[i].slip : &materials[i].bytes;
        check(nkt_content_begin(swarm, i + 1, manifest->data, manifest->size, &nobody) == NKT_OK);
        if (i + 1 == OWN)
            check(nkt_content_leaves(swarm, OWN, materials[i].leaves.data, materials[i].leaves.size) == NKT_OK);
        check(nkt_content_held(swarm, i + 1, NULL, 0) == NKT_OK);
    }
    for (int i = 0; i < LINK_COUNT; i++)
        link_add(swarm, (uint8_t)i);
    return swarm;
}

/* ---- the host: does what it is told, half of the time ---- */

static void effects_run(nkt_swarm_t *swarm, uint8_t luck)
{
    nkt_effect_t fx;
    nkt_content_tend(swarm);
    for (int i = 0; i < 4096 && nkt_effects_poll(swarm, &fx) == 1; i++) {
        uint32_t index = (uint32_t)fx.value, ticket = fx.ticket;
        if (fx.kind == NKT_FX_CONTENT_READ && ticket <= CONTENT_COUNT && luck & 1)
            nkt_content_piece(swarm, ticket, index, materials[ticket - 1].proven[index].data, materials[ticket - 1].proven[index].size, 0);
        if (fx.kind == NKT_FX_CONTENT_WRITE && luck & 2)
            nkt_content_written(swarm, ticket, index, luck & 4 ? NKT_CONTENT_FAILED : 0);
        nkt_link_t *link = fx.kind == NKT_FX_SEND ? nkt_link_find(swarm, fx.link) : NULL;
        if (link != NULL && fx.flags & NKT_SEND_BULK && luck & 8)
            nkt_content_queued(swarm, link, luck);
        nkt_content_tend(swarm);
    }
}

static void counts_check(const nkt_swarm_t *swarm)
{
    const nkt_contents_t *contents = &swarm->contents;
    uint32_t queued = 0, writing = 0;
    for (const nkt_source_t *source = contents->sources; source != NULL; source = source->next) {
        queued += source->queued;
        check(source->queued <= NKT_BULK_QUEUE_SIZE && source->request_count <= NKT_REQUEST_COUNT_MAX);
        check(source->arriving.size <= NKT_PIECE_SIZE + NKT_PIECE_PATH_COUNT_MAX * NKT_PIECE_NODE_SIZE);
    }
    for (const nkt_blob_t *blob = contents->blobs; blob != NULL; blob = blob->next) {
        uint32_t held = 0, taken = 0;
        for (uint32_t i = 0; blob->is_ready && i < blob->piece_count; i++) {
            held += (uint32_t)nkt_blob_holds(blob, i);
            taken += blob->taken[i] != 0;
            writing += blob->taken[i] == NKT_BLOB_WRITING;
        }
        check(held == blob->held_count && taken == blob->taken_count);
    }
    check(queued == contents->bulk_size && queued <= NKT_BULK_TOTAL_SIZE && writing == contents->writing_count);
}

/* ---- acts ---- */

static void frame_act(nkt_swarm_t *swarm, uint8_t from, const uint8_t *bytes, size_t size, int has_tag)
{
    nkt_link_t *link = swarm->link_count == 0 ? NULL : swarm->links[from % swarm->link_count];
    nkt_buf_t frame = {0};
    uint8_t tag[NKT_CONTENT_TAG_SIZE];
    if (link == NULL || size == 0)
        return;
    const material_t *material = &materials[(from >> 2) % CONTENT_COUNT];
    nkt_content_tag(tag, material->manifest.access, &link->rtc.peer, &swarm->identity.address);
    check(nkt_buf_append_u8(&frame, NKT_FRAME_CONTENT) == NKT_OK && nkt_buf_append_u8(&frame, bytes[0]) == NKT_OK);
    if (has_tag)
        check(nkt_buf_append(&frame, tag, sizeof tag) == NKT_OK);
    check(nkt_buf_append(&frame, bytes + 1, size - 1) == NKT_OK);
    if (has_tag && bytes[0] == NKT_CONTENT_DATA && size >= 6 && bytes[4] < PIECE_COUNT) { /* the right part of it */
        const nkt_buf_t *proven = &material->proven[bytes[4]];
        size_t at = (size_t)bytes[5] * NKT_PIECE_PART_SIZE;
        frame.size = 2 + sizeof tag + 5;
        if (at < proven->size)
            check(nkt_buf_append(&frame, proven->data + at,
                                 proven->size - at < NKT_PIECE_PART_SIZE ? proven->size - at : NKT_PIECE_PART_SIZE) == NKT_OK);
        if (size > 6 && frame.size > 40)
            frame.data[39] ^= bytes[6];
    }
    int err = nkt_content_frame(swarm, link, frame.data, frame.size);
    content_input_counts.dropped[err < -200 && err > -232 ? -200 - err : 0]++;
    nkt_buf_free(&frame);
}

/* A neighbour as it should be: it knows the content, has some of it, lets us ask, and asks for the first piece. */
static void hello_act(nkt_swarm_t *swarm, uint8_t from, uint8_t luck)
{
    const uint8_t offer[] = {NKT_CONTENT_OFFER}, field[] = {NKT_CONTENT_FIELD, 0, 0, 0, 0, luck & 0xe0}, allow[] = {NKT_CONTENT_ALLOW, 9};
    const uint8_t request[] = {NKT_CONTENT_REQUEST, 0, 0, 0, luck & 1};
    frame_act(swarm, from, offer, sizeof offer, 1);
    frame_act(swarm, from, field, sizeof field, 1);
    frame_act(swarm, from, allow, sizeof allow, 0);
    nkt_content_tend(swarm);
    frame_act(swarm, from, request, sizeof request, 1);
}

/* It answers what was asked of it first; one of eight wrongly. */
static void answer_act(nkt_swarm_t *swarm, uint8_t from, uint8_t luck)
{
    const nkt_source_t *source = swarm->link_count == 0 ? NULL : swarm->links[from % swarm->link_count]->content.source;
    if (source == NULL || source->request_count == 0 || source->requests[0].feed == NULL)
        return;
    const nkt_request_t *request = &source->requests[0];
    uint32_t ticket = request->feed->blob->ticket, index = request->index;
    if (ticket > CONTENT_COUNT || index >= PIECE_COUNT)
        return;
    uint8_t link = (uint8_t)(from % swarm->link_count), data[] = {NKT_CONTENT_DATA, 0, 0, 0, (uint8_t)index, 0, (uint8_t)(luck % 8 == 0)};
    for (int way = 0; way < CONTENT_COUNT * LINK_COUNT; way++) { /* a value that means this link and this content */
        for (int low = 0; low < 4; low++) {
            uint8_t both = (uint8_t)(way << 2 | low);
            if (both % swarm->link_count == link && (both >> 2) % CONTENT_COUNT == (uint8_t)(ticket - 1)) {
                for (data[5] = 0; data[5] < 4; data[5]++)
                    frame_act(swarm, both, data, sizeof data, 1);
                return;
            }
        }
    }
}

static void fact_act(nkt_swarm_t *swarm, uint8_t from, const uint8_t *bytes, size_t size)
{
    uint32_t ticket = from % (CONTENT_COUNT + 1), index = size > 1 ? bytes[1] % (PIECE_COUNT + 1) : 0;
    switch (size == 0 ? 0 : bytes[0] % 9) {
    case 0:
        nkt_content_lost(swarm, ticket, from & 64 ? UINT32_MAX : index);
        break;
    case 1:
        if (from & 64)
            nkt_content_unget(swarm, ticket, index);
        else
            nkt_content_get(swarm, ticket, index);
        break;
    case 2:
        nkt_content_pause(swarm, ticket, from & 1);
        break;
    case 3:
        nkt_content_piece(swarm, ticket, index, bytes, size, from & 64 ? NKT_CONTENT_CLEAR : 0);
        break;
    case 4:
        nkt_content_written(swarm, ticket, index, from & 64 ? NKT_CONTENT_FAILED : 0);
        break;
    case 5:
        nkt_content_end(swarm, ticket);
        break;
    case 6:
        if (nkt_content_share(swarm, ticket, (const char *)bytes, size, from & 1) < 0)
            nkt_content_share(swarm, ticket, "{}", 2, 0);
        nkt_content_plain(swarm, ticket, 0, bytes, size, NKT_CONTENT_LAST);
        break;
    case 7:
        if (swarm->link_count > 0) {
            nkt_link_t *link = swarm->links[from % swarm->link_count];
            nkt_link_remove(swarm, link);
            nkt_link_free(link);
        }
        break;
    default:
        if (swarm->link_count < LINK_COUNT)
            link_add(swarm, from);
        break;
    }
}

static void act(nkt_swarm_t *swarm, uint8_t what, uint8_t from, const uint8_t *bytes, size_t size)
{
    static const nkt_address_t nobody;
    switch (what % 8) {
    case 0:
        frame_act(swarm, from, bytes, size, 0);
        break;
    case 1:
    case 2:
    case 3:
        frame_act(swarm, from, bytes, size, 1);
        break;
    case 4:
        fact_act(swarm, from, bytes, size);
        break;
    case 5:
        swarm->now_ms += (uint64_t)from * from;
        if (nkt_alarm_due(swarm) != NULL)
            nkt_content_timer(swarm);
        break;
    case 6:
        nkt_content_begin(swarm, (uint32_t)from % (CONTENT_COUNT + 2), bytes, size, &nobody);
        nkt_content_held(swarm, (uint32_t)from % (CONTENT_COUNT + 2), bytes, size);
        break;
    default:
        if (from & 64)
            hello_act(swarm, from, size > 0 ? bytes[0] : 0);
        else
            answer_act(swarm, from, size > 0 ? bytes[0] : 1);
        break;
    }
    effects_run(swarm, (uint8_t)(what >> 3));
    counts_check(swarm);
}

void content_input(const uint8_t *data, size_t size)
{
    if (materials[0].bytes.size == 0) {
        for (int i = 0; i < CONTENT_COUNT; i++)
            material_make(&materials[i], (uint8_t)i);
    }
    nkt_swarm_t *swarm = swarm_make();
    effects_run(swarm, 0xff & ~4);
    while (size >= 3) {
        size_t part = data[2] < size - 3 ? data[2] : size - 3;
        act(swarm, data[0], data[1], data + 3, part);
        data += 3 + part;
        size -= 3 + part;
    }
    content_input_counts.got += swarm->counters.counts[NKT_TALLY_PIECES_GOT];
    content_input_counts.given += swarm->counters.counts[NKT_TALLY_PIECES_GIVEN];
    nkt_contents_deinit(swarm);
    check(swarm->contents.bulk_size == 0 && swarm->contents.writing_count == 0 && swarm->contents.piece_total == 0 &&
          swarm->contents.leaf_total == 0);
    nkt_links_deinit(swarm);
    nkt_users_deinit(swarm);
    nkt_effects_deinit(&swarm->effects);
    nkt_timers_deinit(&swarm->timers);
    free(swarm);
}
