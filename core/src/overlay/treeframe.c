/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "overlay/treeframe.h"

enum { HEAD_SIZE = 2, IHAVE_ENTRY_SIZE = 1 + NKT_ID_SIZE };

int nkt_treeframe_begin(nkt_buf_t *out, uint8_t type, unsigned flags)
{
    nkt_buf_clear(out);
    int err = nkt_buf_append_u8(out, type);
    return err < 0 ? err : nkt_buf_append_u8(out, (uint8_t)flags);
}

int nkt_treeframe_ihave_add(nkt_buf_t *out, const uint8_t id[NKT_ID_SIZE], uint8_t hops)
{
    int err = nkt_buf_reserve(out, IHAVE_ENTRY_SIZE); /* all of it or nothing: half an entry would spoil all that follow */
    if (err == NKT_OK)
        err = nkt_buf_append_u8(out, hops);
    return err < 0 ? err : nkt_buf_append(out, id, NKT_ID_SIZE);
}

int nkt_treeframe_graft_add(nkt_buf_t *out, const uint8_t id[NKT_ID_SIZE])
{
    return nkt_buf_append(out, id, NKT_ID_SIZE);
}

static int count_of(size_t size, size_t item_size, size_t count_max)
{
    if (size < HEAD_SIZE || (size - HEAD_SIZE) % item_size != 0 || (size - HEAD_SIZE) / item_size > count_max)
        return NKT_E_FRAME_LENGTH;
    return (int)((size - HEAD_SIZE) / item_size);
}

int nkt_treeframe_ihave_count(size_t size)
{
    return count_of(size, IHAVE_ENTRY_SIZE, NKT_IHAVE_COUNT_MAX);
}

int nkt_treeframe_graft_count(size_t size)
{
    return count_of(size, NKT_ID_SIZE, NKT_GRAFT_COUNT_MAX);
}

nkt_ihave_t nkt_treeframe_ihave_get(const uint8_t *frame, size_t i)
{
    const uint8_t *at = frame + HEAD_SIZE + i * IHAVE_ENTRY_SIZE;
    return (nkt_ihave_t){.hops = at[0], .id = at + 1};
}

const uint8_t *nkt_treeframe_graft_get(const uint8_t *frame, size_t i)
{
    return frame + HEAD_SIZE + i * NKT_ID_SIZE;
}
