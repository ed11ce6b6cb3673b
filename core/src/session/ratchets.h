/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A peer's sessions as one record: what libsignal keeps of them, and the KEM ratchet of each,
 * newest first. So the two ratchets never part where they are stored. The record: u32be size, libsignal's record; then for each
 * session u32be size, its KEM ratchet (kem_stored.c).
 */
#ifndef NKT_SESSION_RATCHETS_H
#define NKT_SESSION_RATCHETS_H

#include "session/kem_ratchet.h"

typedef struct nkt_span {
    const uint8_t *bytes;
    size_t size;
} nkt_span_t;

/** A record, taken apart; pointers into it. */
typedef struct nkt_ratchets {
    nkt_span_t signal;
    nkt_span_t kem[NKT_KEM_SESSION_COUNT];
    size_t kem_count;
} nkt_ratchets_t;

/** An empty record has none. NKT_E_RECORD. */
int nkt_ratchets_parse(nkt_ratchets_t *ratchets, const uint8_t *record, size_t size);

/** Which session is that message of? kem_count: none of these. */
size_t nkt_ratchets_find(const nkt_ratchets_t *ratchets, const uint8_t *message, size_t size);

/** The record, into out (replaced). NKT_E_MEMORY. */
int nkt_ratchets_build(nkt_buf_t *out, nkt_span_t signal, nkt_kem_t *const *kem, size_t kem_count);

#endif
