/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * libFuzzer: hostile bytes against a living pair, the same ways as test_mutate. An input is up to 16 acts on a fresh stage,
 * so that what it finds it finds again:
 *
 *     act = mode u8 | 0x80: raw, length u16 (little endian), that many bytes: played as they are
 *     act = mode u8, luck u8, edit count u8, edits of 4 bytes: a sound input, with bytes changed, inserted or cut
 */
#include <stdlib.h>
#include <string.h>

#include "play.h"

enum { ACT_COUNT_MAX = 16, RAW = 0x80, EDIT_SIZE = 4, INPUT_SIZE_MAX = 8192 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct reader {
    const uint8_t *at;
    size_t left;
} reader_t;

static const uint8_t *take(reader_t *reader, size_t size)
{
    if (size > reader->left)
        size = reader->left;
    const uint8_t *taken = reader->at;
    reader->at += size;
    reader->left -= size;
    return taken;
}

static uint8_t take_u8(reader_t *reader)
{
    return reader->left > 0 ? *take(reader, 1) : 0;
}

/* offset u16, what, value */
static size_t edit(uint8_t *bytes, size_t size, const uint8_t rule[EDIT_SIZE])
{
    size_t at = size == 0 ? 0 : (size_t)(rule[0] | rule[1] << 8) % size;
    switch (rule[2] % 5) {
    case 0:
        if (size > 0)
            bytes[at] = rule[3];
        return size;
    case 1:
        if (size > 0)
            bytes[at] ^= rule[3];
        return size;
    case 2:
        return at; /* cut */
    case 3: /* insert */
        if (size + rule[3] > INPUT_SIZE_MAX)
            return size;
        memmove(bytes + at + rule[3], bytes + at, size - at);
        memset(bytes + at, rule[0], rule[3]);
        return size + rule[3];
    default: { /* remove */
        size_t count = rule[3] < size - at ? rule[3] : size - at;
        memmove(bytes + at, bytes + at + count, size - at - count);
        return size - count;
    }
    }
}

static void edited_act(stage_t *stage, play_mode_t mode, reader_t *reader, nkt_buf_t *sound)
{
    uint8_t bytes[INPUT_SIZE_MAX];
    uint64_t luck = take_u8(reader);
    size_t edit_count = take_u8(reader);
    play_sound(stage, mode, luck * 0x0101010101010101u, sound);
    size_t size = sound->size < sizeof bytes ? sound->size : sizeof bytes;
    if (size > 0)
        memcpy(bytes, sound->data, size);
    for (size_t i = 0; i < edit_count && reader->left >= EDIT_SIZE; i++)
        size = edit(bytes, size, take(reader, EDIT_SIZE));
    play(stage, mode, bytes, size);
}

static void raw_act(stage_t *stage, play_mode_t mode, reader_t *reader)
{
    size_t size = take_u8(reader);
    size |= (size_t)take_u8(reader) << 8;
    size = size < reader->left ? size : reader->left;
    play(stage, mode, take(reader, size), size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    reader_t reader = {.at = data, .left = size};
    nkt_buf_t sound = {0};
    stage_t *stage = stage_new(1);
    stage->sim->trace.is_off = 1;
    for (int i = 0; i < ACT_COUNT_MAX && reader.left > 0; i++) {
        uint8_t head = take_u8(&reader);
        play_mode_t mode = (play_mode_t)((head & ~RAW) % PLAY_MODE_COUNT);
        if (head & RAW)
            raw_act(stage, mode, &reader);
        else
            edited_act(stage, mode, &reader, &sound);
        sim_run(stage->sim, 50);
    }
    stage_check_talk(stage);
    nkt_buf_free(&sound);
    stage_free(stage);
    return 0;
}
