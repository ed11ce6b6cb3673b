/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "identity/pad.h"

#include <string.h>

#include "wire/limits.h"

enum { PAD_MARK = 0x80 }; /* ISO/IEC 7816-4: so any length can be told from what is behind it */

size_t nkt_padded_size_from(size_t size, size_t size_min)
{
    const size_t least = size + 1 > size_min ? size + 1 : size_min;
    unsigned bits = 0; /* of least: 2^bits <= least */
    while (least >> bits > 1)
        bits++;
    const size_t step = (size_t)1 << (bits - (least < NKT_PAD_LONG_SIZE ? NKT_PAD_BITS : NKT_PAD_LONG_BITS));
    return (least + step - 1) / step * step;
}

size_t nkt_padded_size(size_t size)
{
    return nkt_padded_size_from(size, NKT_PAD_SIZE_MIN);
}

void nkt_pad_fill(uint8_t *bytes, size_t size, size_t padded_size)
{
    bytes[size] = PAD_MARK;
    memset(bytes + size + 1, 0, padded_size - size - 1);
}

int nkt_pad(nkt_buf_t *buf)
{
    const size_t padded_size = nkt_padded_size(buf->size);
    int err = nkt_buf_reserve(buf, padded_size - buf->size);
    if (err < 0)
        return err;
    nkt_pad_fill(buf->data, buf->size, padded_size);
    buf->size = padded_size;
    return NKT_OK;
}

int nkt_unpad(const uint8_t *bytes, size_t size, size_t *plain_size)
{
    while (size > 0 && bytes[size - 1] == 0)
        size--;
    if (size == 0 || bytes[size - 1] != PAD_MARK)
        return NKT_E_PAYLOAD;
    *plain_size = size - 1;
    return NKT_OK;
}
