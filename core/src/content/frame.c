/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "content/frame.h"

#include "wire/kinds.h"

enum {
    HEAD_SIZE = 2,
    TAG_SIZE = NKT_CONTENT_TAG_SIZE,
    INDEX_SIZE = 4,
};

/* What a frame consists of behind its head. */
typedef struct nkt_frame_form {
    uint8_t has_tag;
    uint8_t item_size; /* 0: bytes */
    uint16_t count_max;
} nkt_frame_form_t;

static const nkt_frame_form_t forms[] = {
    [NKT_CONTENT_OFFER] = {0, TAG_SIZE, NKT_CONTENT_OFFER_COUNT},
    [NKT_CONTENT_FIELD] = {1, 0, NKT_CONTENT_FIELD_SIZE},
    [NKT_CONTENT_HAVE] = {1, INDEX_SIZE, NKT_CONTENT_HAVE_COUNT},
    [NKT_CONTENT_REQUEST] = {1, INDEX_SIZE, NKT_CONTENT_ASK_COUNT},
    [NKT_CONTENT_CANCEL] = {1, INDEX_SIZE, NKT_CONTENT_ASK_COUNT},
    [NKT_CONTENT_DATA] = {1, 0, NKT_PIECE_PART_SIZE},
    [NKT_CONTENT_REFUSE] = {1, INDEX_SIZE, NKT_CONTENT_ASK_COUNT},
    [NKT_CONTENT_ALLOW] = {0, 1, 1},
    [NKT_CONTENT_GONE] = {0, TAG_SIZE, NKT_CONTENT_OFFER_COUNT},
    [NKT_CONTENT_PEERS] = {1, NKT_ADDRESS_SIZE, NKT_CONTENT_PEERS_COUNT},
};

/* FIELD and DATA: an index, DATA a part as well, then bytes. */
static int bytes_read(nkt_content_frame_t *frame, size_t size_max)
{
    size_t head = frame->word == NKT_CONTENT_DATA ? INDEX_SIZE + 1 : INDEX_SIZE;
    if (frame->bytes_size <= head || frame->bytes_size - head > size_max)
        return NKT_E_FRAME_LENGTH;
    frame->index = nkt_get_u32be(frame->bytes);
    frame->part = frame->word == NKT_CONTENT_DATA ? frame->bytes[INDEX_SIZE] : 0;
    frame->bytes += head;
    frame->bytes_size -= head;
    return NKT_OK;
}

int nkt_content_frame_read(nkt_content_frame_t *frame, const uint8_t *bytes, size_t size)
{
    if (size <= HEAD_SIZE)
        return NKT_E_FRAME_LENGTH;
    unsigned word = bytes[1];
    if (word == 0 || word >= sizeof forms / sizeof forms[0])
        return NKT_E_FRAME_TYPE;
    const nkt_frame_form_t *form = &forms[word];
    size_t head = HEAD_SIZE + (form->has_tag ? TAG_SIZE : 0);
    if (size <= head)
        return NKT_E_FRAME_LENGTH;
    *frame = (nkt_content_frame_t){
        .word = (nkt_content_word_t)word,
        .tag = form->has_tag ? bytes + HEAD_SIZE : NULL,
        .bytes = bytes + head,
        .bytes_size = size - head,
    };
    if (form->item_size == 0)
        return bytes_read(frame, form->count_max);
    frame->count = frame->bytes_size / form->item_size;
    frame->number = frame->bytes[0];
    return frame->bytes_size % form->item_size != 0 || frame->count > form->count_max ? NKT_E_FRAME_LENGTH : NKT_OK;
}

uint32_t nkt_content_frame_index(const nkt_content_frame_t *frame, size_t i)
{
    return nkt_get_u32be(frame->bytes + i * INDEX_SIZE);
}

int nkt_content_frame_begin(nkt_buf_t *out, nkt_content_word_t word, const uint8_t *tag)
{
    nkt_buf_clear(out);
    int err = nkt_buf_reserve(out, HEAD_SIZE + TAG_SIZE);
    if (err < 0)
        return err;
    err = nkt_buf_append_u8(out, NKT_FRAME_CONTENT);
    if (err == NKT_OK)
        err = nkt_buf_append_u8(out, (uint8_t)word);
    return err < 0 || tag == NULL ? err : nkt_buf_append(out, tag, TAG_SIZE);
}

int nkt_content_frame_add_index(nkt_buf_t *out, uint32_t index)
{
    uint8_t bytes[INDEX_SIZE];
    nkt_put_u32be(bytes, index);
    return nkt_buf_append(out, bytes, sizeof bytes);
}
