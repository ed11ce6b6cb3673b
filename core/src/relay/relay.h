/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The relay's protocol, client side. Binary WebSocket messages; the first byte is the type. The relay sees rooms,
 * addresses and sizes, never plaintext, and is never trusted: what it says is a hint.
 *
 *     to the relay      0x01 HELLO     version u8, room 20, address 20
 *                       0x02 BROADCAST frame: to all others in the room
 *                       0x03 DIRECTED  address 20, frame: to whoever said HELLO with that address
 *                       0x05 PING      4 bytes
 *                       0x06 PROOF     sign key 32, identity key 32, signature 64: the address is ours
 *     from the relay    0x81 WELCOME   version u8, others in the room u32 (big endian)
 *                       0x02, 0x03     as they were sent
 *                       0x84 NOBODY    address 20: nobody has it
 *                       0x85 PONG      the same 4 bytes
 *                       0x86 LEFT      address 20: it left the room
 *                       0x87 CHALLENGE 32 bytes, first on every connection: what PROOF signs
 */
#ifndef NKT_RELAY_RELAY_H
#define NKT_RELAY_RELAY_H

#include "base/bytes.h"
#include "nkt.h"
#include "wire/limits.h"

enum {
    NKT_RELAY_VERSION = 2,
    NKT_RELAY_CLOSE_PROTOCOL = 1002, /* close codes of WebSocket: what a relay cannot read, ... */
    NKT_RELAY_CLOSE_VERSION = 4002,  /* ... and a HELLO of another version */
    NKT_RELAY_CHALLENGE_SIZE = 32,
    NKT_RELAY_PROOF_SIGNED_SIZE = 32, /* a hash of the challenge */
};

typedef enum nkt_relay_type {
    NKT_RELAY_HELLO = 0x01,
    NKT_RELAY_BROADCAST = 0x02,
    NKT_RELAY_DIRECTED = 0x03,
    NKT_RELAY_PING = 0x05,
    NKT_RELAY_PROOF = 0x06,
    NKT_RELAY_WELCOME = 0x81,
    NKT_RELAY_NOBODY = 0x84,
    NKT_RELAY_PONG = 0x85,
    NKT_RELAY_LEFT = 0x86,
    NKT_RELAY_CHALLENGE = 0x87,
} nkt_relay_type_t;

/** A parsed message; pointers lead into it. */
typedef struct nkt_relay_message {
    nkt_relay_type_t type;
    nkt_address_t address;
    const uint8_t *frame; /* CHALLENGE: NKT_RELAY_CHALLENGE_SIZE bytes */
    size_t frame_size;
    uint32_t count; /* WELCOME: others; PONG: the opaque number */
} nkt_relay_message_t;

/** Replaces out. NKT_E_MEMORY. */
int nkt_relay_encode_hello(nkt_buf_t *out, const uint8_t room[20], const nkt_address_t *address);
int nkt_relay_encode_ping(nkt_buf_t *out, uint32_t number);

/** What a proof signs: a hash of the challenge, under a label of its own. A relay can have nothing else signed by it. */
void nkt_relay_proof_signed_form(uint8_t out[NKT_RELAY_PROOF_SIGNED_SIZE],
                                 const uint8_t challenge[NKT_RELAY_CHALLENGE_SIZE]);
/** NKT_E_MEMORY */
int nkt_relay_encode_proof(nkt_buf_t *out, const uint8_t sign_key[NKT_CURVE_KEY_SIZE],
                           const uint8_t identity_key[NKT_CURVE_KEY_SIZE], const uint8_t signature[NKT_SIGN_SIZE]);

/** Replaces out by a frame to that address, or to everybody in the room (NULL). NKT_E_MEMORY. */
int nkt_relay_encode_frame(nkt_buf_t *out, const nkt_address_t *to, const uint8_t *frame, size_t size);

/** NKT_E_RELAY; NKT_E_VERSION: a WELCOME of another one. */
int nkt_relay_decode(nkt_relay_message_t *message, const uint8_t *bytes, size_t size);

#endif
