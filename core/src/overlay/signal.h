/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Signalling: offers and answers of WebRTC links, and what is read from their SDP. */
#ifndef NKT_OVERLAY_SIGNAL_H
#define NKT_OVERLAY_SIGNAL_H

#include "base/bytes.h"
#include "gossip/gossip.h"
#include "nkt.h"
#include "wire/kinds.h"
#include "wire/limits.h"

typedef struct nkt_signalling {
    nkt_signal_t type;
    const uint8_t *attempt; /* NKT_ATTEMPT_SIZE bytes */
    const uint8_t *nonce;   /* NKT_NONCE_SIZE bytes; NULL in REJECT */
    const char *sdp;        /* terminated; NULL in REJECT */
    int has_record;
    nkt_signed_record_t record;  /* the sender's */
    const nkt_address_t *target; /* NULL: whoever is there */
    int is_restart;              /* of ICE, on the link that the attempt made */
    void *unpacked;
} nkt_signalling_t;

/** Replaces out. NKT_E_MEMORY, NKT_E_SIZE. */
int nkt_signal_encode(nkt_buf_t *out, const nkt_signalling_t *signal);

/** NKT_E_PAYLOAD; deinit on success only. */
int nkt_signal_decode(nkt_signalling_t *signal, const uint8_t *bytes, size_t size);
void nkt_signal_deinit(nkt_signalling_t *signal);

/** The SHA-256 fingerprint of the DTLS certificate (RFC 8122). NKT_E_PAYLOAD: none, or several that differ. */
int nkt_sdp_fingerprint(const char *sdp, size_t size, uint8_t fingerprint[NKT_FINGERPRINT_SIZE]);

#endif
