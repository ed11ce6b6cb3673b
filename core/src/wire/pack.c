/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/pack.h"

#include "nkt.h"
#include "wire/limits.h"

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

void nkt_pack_lend_record(Nkt__SignedRecord *message, const nkt_signed_record_t *record)
{
    *message = (Nkt__SignedRecord)NKT__SIGNED_RECORD__INIT;
    message->record = nkt_pack_lend(record->bytes, record->bytes_size);
    message->signature = nkt_pack_lend(record->signature, NKT_SIGN_SIZE);
    message->has_membership = record->membership != NULL;
    if (record->membership != NULL)
        message->membership = nkt_pack_lend(record->membership, NKT_MEMBERSHIP_SIZE);
}

int nkt_pack_borrow_record(nkt_signed_record_t *record, const Nkt__SignedRecord *message)
{
    if (message->signature.len != NKT_SIGN_SIZE || message->record.len == 0 ||
        message->record.len > NKT_RECORD_SIZE_MAX ||
        (message->has_membership && message->membership.len != NKT_MEMBERSHIP_SIZE))
        return NKT_E_PAYLOAD;
    *record = (nkt_signed_record_t){
        .bytes = message->record.data,
        .bytes_size = message->record.len,
        .signature = message->signature.data,
        .membership = message->has_membership ? message->membership.data : NULL,
    };
    return NKT_OK;
}
