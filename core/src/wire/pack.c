/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/pack.h"

#include "nkt.h"

ProtobufCBinaryData nkt_pack_lend(const uint8_t *bytes, size_t size)
{
    static const uint8_t nothing = 0; /* not NULL: it goes to memcpy */
    if (bytes == NULL)
        bytes = &nothing;
    return (ProtobufCBinaryData){.data = (uint8_t *)(uintptr_t)bytes, .len = size};
}

int nkt_pack(nkt_buf_t *out, const ProtobufCMessage *message)
{
    nkt_buf_clear(out);
    int err = nkt_buf_reserve(out, protobuf_c_message_get_packed_size(message) + 1); /* an empty one has bytes as well */
    if (err == NKT_OK)
        out->size = protobuf_c_message_pack(message, out->data);
    return err;
}
