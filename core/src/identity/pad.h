/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Padding of all that is sealed (docs/protocol.md, 2): 80, then zeros, up to one of few lengths, so that a length says little.
 * Padmé (Nikitin et al., 2019) with fewer steps, and one size for everything small.
 */
#ifndef NKT_IDENTITY_PAD_H
#define NKT_IDENTITY_PAD_H

#include "base/bytes.h"
#include "nkt.h"

/** The length that so many bytes are padded to: more than size, at most a quarter more than it and the mark if that is
 *  NKT_PAD_SIZE_MIN or more. */
size_t nkt_padded_size(size_t size);
/** The same with another length for everything small, of a kind of which all is nearly as long. */
size_t nkt_padded_size_from(size_t size, size_t size_min);

/** Pads what lies at bytes, where there is room for padded_size, which is more than size. */
void nkt_pad_fill(uint8_t *bytes, size_t size, size_t padded_size);

/** Pads the contents. NKT_E_MEMORY: unchanged. */
int nkt_pad(nkt_buf_t *buf);

/** How long was it before? Any amount of padding is taken. NKT_E_PAYLOAD: it does not end as padding does. */
int nkt_unpad(const uint8_t *bytes, size_t size, size_t *plain_size);

#endif
