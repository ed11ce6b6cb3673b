/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The two things every encoder of nkt.proto needs. */
#ifndef NKT_WIRE_PACK_H
#define NKT_WIRE_PACK_H

#include <protobuf-c/protobuf-c.h>

#include "base/bytes.h"
#include "nkt.pb-c.h"

/** A user record with its signature, lent. What is in it is the identity room's concern. */
typedef struct nkt_signed_record {
    const uint8_t *bytes;
    size_t bytes_size;
    const uint8_t *signature;  /* NKT_SIGN_SIZE bytes */
    const uint8_t *membership; /* NKT_MEMBERSHIP_SIZE bytes, NULL: none */
} nkt_signed_record_t;

/** As a field: lent. */
void nkt_pack_lend_record(Nkt__SignedRecord *message, const nkt_signed_record_t *record);

/** Back: lent from the message. NKT_E_PAYLOAD: a length is wrong. */
int nkt_pack_borrow_record(nkt_signed_record_t *record, const Nkt__SignedRecord *message);

/** Bytes as a field: lent, never written to. */
ProtobufCBinaryData nkt_pack_lend(const uint8_t *bytes, size_t size);

/**
 * Unpacks what came from outside: NULL if it is malformed, or has more fields, or more that are not known here, than any
 * message of ours has (NKT_FIELD_*): that is seen before anything is allocated. To be freed as the message it is.
 */
void *nkt_unpack(const ProtobufCMessageDescriptor *descriptor, size_t size, const uint8_t *bytes);

/** Replaces out by the serialised message (pass &message.base). NKT_E_MEMORY. */
int nkt_pack(nkt_buf_t *out, const ProtobufCMessage *message);

#endif
