/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A data-only SDP in a few dozen bytes, for invites: only what differs from one description to the next. At the other side
 * an SDP is built anew from those bytes, every one of them checked, so nothing of a foreign text reaches the platform.
 *
 *     setup u8 | ufrag, pwd, mid: size u8 and characters | fingerprint 32 | count u8 | count x candidate
 *     candidate = type and family u8 | address 4 (IPv4), 16 (IPv6, or the UUID of an mDNS name) | port u16
 *
 * Kept are UDP candidates; those of the loopback only when there are no others. Priorities follow from type and order.
 */
#ifndef NKT_OVERLAY_SDP_H
#define NKT_OVERLAY_SDP_H

#include "base/bytes.h"
#include "nkt.h"
#include "wire/limits.h"

/** Replaces out. NKT_E_PAYLOAD: something needed is missing, odd or too long; NKT_E_MEMORY. */
int nkt_sdp_pack(nkt_buf_t *out, const char *sdp, size_t size);

/** Replaces out by the SDP, not terminated. The bytes must close exactly. NKT_E_PAYLOAD, NKT_E_MEMORY. */
int nkt_sdp_unpack(nkt_buf_t *out, const uint8_t *bytes, size_t size);

#endif
