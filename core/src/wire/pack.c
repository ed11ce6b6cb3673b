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

/* ---- in ---- */

/* Bytes of one message; how many fields may still come, of those that are known here and of those that are not. */
typedef struct nkt_scan {
    const uint8_t *at, *end;
    size_t *field_left, *stranger_left;
} nkt_scan_t;

static int varint_take(nkt_scan_t *scan, uint64_t *value)
{
    *value = 0;
    for (unsigned shift = 0; shift < 70 && scan->at < scan->end; shift += 7) {
        uint8_t byte = *scan->at++;
        *value |= shift < 64 ? (uint64_t)(byte & 0x7f) << shift : 0;
        if (!(byte & 0x80))
            return 1;
    }
    return 0;
}

/* Passes over a value; *inside: where it lies, if it has a length. */
static int value_skip(nkt_scan_t *scan, unsigned wire_type, nkt_scan_t *inside)
{
    uint64_t size = 0;
    switch (wire_type) {
    case PROTOBUF_C_WIRE_TYPE_VARINT:
        return varint_take(scan, &size);
    case PROTOBUF_C_WIRE_TYPE_64BIT:
        size = 8;
        break;
    case PROTOBUF_C_WIRE_TYPE_32BIT:
        size = 4;
        break;
    case PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED:
        if (!varint_take(scan, &size))
            return 0;
        break;
    default:
        return 0;
    }
    if (size > (uint64_t)(scan->end - scan->at))
        return 0;
    *inside = *scan;
    inside->end = scan->at + size;
    scan->at += size;
    return 1;
}

/* A message that is being looked through. */
typedef struct nkt_scan_level {
    const ProtobufCMessageDescriptor *descriptor;
    const uint8_t *end;
} nkt_scan_level_t;

/* How deep they are nested is the sender's choice: a stack of our own, and none of the machine's. */
static int is_bounded(const ProtobufCMessageDescriptor *descriptor, nkt_scan_t scan)
{
    nkt_scan_level_t levels[NKT_FIELD_DEPTH_MAX] = {{.descriptor = descriptor, .end = scan.end}};
    for (size_t depth = 1; depth > 0;) {
        const nkt_scan_level_t *level = &levels[depth - 1];
        uint64_t tag;
        nkt_scan_t inside = scan;
        scan.end = level->end;
        if (scan.at == scan.end) {
            depth--;
            continue;
        }
        if (!varint_take(&scan, &tag) || tag >> 3 > UINT32_MAX || !value_skip(&scan, (unsigned)tag & 7, &inside))
            return 0;
        const ProtobufCFieldDescriptor *field = protobuf_c_message_descriptor_get_field(level->descriptor, (unsigned)(tag >> 3));
        size_t *left = field == NULL ? scan.stranger_left : scan.field_left;
        if ((*left)-- == 0)
            return 0;
        if (field == NULL || field->type != PROTOBUF_C_TYPE_MESSAGE || (tag & 7) != PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED ||
            inside.at == inside.end)
            continue;
        if (depth == NKT_FIELD_DEPTH_MAX)
            return 0;
        scan.at = inside.at;
        levels[depth++] = (nkt_scan_level_t){.descriptor = field->descriptor, .end = inside.end};
    }
    return 1;
}

void *nkt_unpack(const ProtobufCMessageDescriptor *descriptor, size_t size, const uint8_t *bytes)
{
    static const uint8_t nothing = 0;
    size_t field_left = NKT_FIELD_COUNT_MAX, stranger_left = NKT_FIELD_STRANGER_COUNT_MAX;
    nkt_scan_t scan = {.at = size > 0 ? bytes : &nothing, .field_left = &field_left, .stranger_left = &stranger_left};
    scan.end = scan.at + size;
    return is_bounded(descriptor, scan) ? protobuf_c_message_unpack(descriptor, NULL, size, bytes)
                                                             : NULL;
}

/* ---- out ---- */

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
