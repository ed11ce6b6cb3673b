/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The two things every encoder of nkt.proto needs. */
#ifndef NKT_WIRE_PACK_H
#define NKT_WIRE_PACK_H

#include <protobuf-c/protobuf-c.h>

#include "base/bytes.h"

/** Bytes as a field: lent, never written to. */
ProtobufCBinaryData nkt_pack_lend(const uint8_t *bytes, size_t size);

/** Replaces out by the serialised message (pass &message.base). NKT_E_MEMORY. */
int nkt_pack(nkt_buf_t *out, const ProtobufCMessage *message);

#endif
