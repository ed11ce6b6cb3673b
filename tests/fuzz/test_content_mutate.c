/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_content_mutate [COUNT [SEED]]: so many inputs by chance (5,000) for content_input(), most acts of them sound; and twenty times as
 * many for content_decode().
 */
#include <stdio.h>
#include <stdlib.h>

#include "content/frame.h"
#include "content_decode.h"
#include "content_input.h"
#include "nkt.h"
#include "random.h"

enum { ACT_COUNT = 40, INPUT_SIZE_MAX = ACT_COUNT * 40, DECODE_COUNT = 20, DECODE_SIZE_MAX = 40, EDIT_COUNT = 3 };

static size_t act_write(uint8_t *out, sim_random_t *random)
{
    size_t size = 1 + (size_t)sim_random_below(random, 24);
    out[0] = (uint8_t)sim_random_next(random);
    out[1] = (uint8_t)sim_random_next(random);
    out[2] = (uint8_t)size;
    sim_random_fill(random, out + 3, size);
    if (out[0] % 8 < 4 && sim_random_below(random, 8) != 0) { /* a word that there is, of a piece that there is */
        out[3] = (uint8_t)(1 + sim_random_below(random, NKT_CONTENT_PEERS));
        out[4] = out[5] = out[6] = 0;
        out[7] = (uint8_t)sim_random_below(random, 4);
        out[8] = (uint8_t)sim_random_below(random, 5);
        size = out[3] == NKT_CONTENT_DATA ? 6 + (size_t)sim_random_below(random, 8) / 7 : out[3] == NKT_CONTENT_FIELD ? 6 : 5;
        out[2] = (uint8_t)size;
    }
    return 3 + size;
}

/* Bytes by chance, most of them few edits of a real one. Whether each decoder accepted some and refused some. */
static int decoders_try(unsigned long count, sim_random_t *random)
{
    uint8_t input[DECODE_SIZE_MAX];
    int is_tried = 1;
    for (unsigned long i = 0; i < count; i++) {
        sim_random_fill(random, input, sizeof input);
        size_t size = 2 + (size_t)sim_random_below(random, input[0] & 0x80 ? 3 * EDIT_COUNT + 1 : DECODE_SIZE_MAX - 1);
        content_decode(input, size);
    }
    for (int i = 0; i < CONTENT_DECODE_COUNT; i++) {
        unsigned long long accepted = content_decode_counts.accepted[i], refused = content_decode_counts.refused[i];
        printf("%s: %llu accepted, %llu refused\n", content_decoder_names[i], accepted, refused);
        is_tried &= accepted > 0 && refused > 0;
    }
    return is_tried;
}

int main(int argc, char **argv)
{
    unsigned long count = argc > 1 ? strtoul(argv[1], NULL, 10) : 5000;
    sim_random_t random;
    sim_random_init(&random, argc > 2 ? strtoul(argv[2], NULL, 10) : 1, 3);
    for (unsigned long i = 0; i < count; i++) {
        uint8_t input[INPUT_SIZE_MAX];
        size_t size = 0;
        uint64_t acts = 1 + sim_random_below(&random, ACT_COUNT);
        for (uint64_t k = 0; k < acts; k++)
            size += act_write(input + size, &random);
        content_input(input, size);
    }
    int is_tried = decoders_try(DECODE_COUNT * count, &random);
    const content_input_counts_t *counts = &content_input_counts;
    printf("%lu inputs, %llu pieces got, %llu given\n", count, (unsigned long long)counts->got, (unsigned long long)counts->given);
    for (int i = 0; i < 32; i++) {
        if (counts->dropped[i] > 0)
            printf("%s %llu\n", nkt_err_name(i == 0 ? NKT_OK : -200 - i), (unsigned long long)counts->dropped[i]);
    }
    is_tried &= counts->got > 0 && counts->given > 0 && counts->dropped[-200 - NKT_E_PIECE_BAD] > 0;
    return is_tried ? 0 : 1;
}
