/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Authentication of a WebRTC link: as soon as the channel is open both ends sign both DTLS fingerprints and both nonces
 * (which travelled with the SDPs). Whoever swapped an SDP on the way finds the link refused, not himself in the middle.
 *
 *     frame = 0x22 | has_room u8 | room key 32 | signature 64
 *     signature: Ed25519 over H_32(T("link", offerer, answerer, both fingerprints, both nonces, role, has_room, key)) (base/hash.h)
 *
 * The room key is told only where the room has no secret; a peer without a room joins the one it is told.
 */
#ifndef NKT_OVERLAY_LINKAUTH_H
#define NKT_OVERLAY_LINKAUTH_H

#include "base/bytes.h"
#include "nkt.h"
#include "wire/limits.h"

enum { NKT_LINKAUTH_FRAME_SIZE = 1 + 1 + 32 + NKT_SIGN_SIZE };

/** What both ends agree on, each from its own view of the two descriptions. */
typedef struct nkt_linkauth {
    nkt_address_t offerer;
    nkt_address_t answerer;
    uint8_t offerer_fingerprint[NKT_FINGERPRINT_SIZE];
    uint8_t answerer_fingerprint[NKT_FINGERPRINT_SIZE];
    uint8_t offerer_nonce[NKT_NONCE_SIZE];
    uint8_t answerer_nonce[NKT_NONCE_SIZE];
} nkt_linkauth_t;

/** Writes the frame of the offerer (is_offerer) or answerer. room_key NULL: not told. */
void nkt_linkauth_sign(uint8_t frame[NKT_LINKAUTH_FRAME_SIZE], const nkt_linkauth_t *auth, int is_offerer,
                       const uint8_t *room_key, const uint8_t sign_secret[64]);

/** Checks the other side's frame. *room_key leads into the frame, or is NULL. NKT_E_LINK_AUTH. */
int nkt_linkauth_verify(const uint8_t *frame, size_t size, const nkt_linkauth_t *auth, int is_offerer,
                        const uint8_t sign_key[32], const uint8_t **room_key);

#endif
