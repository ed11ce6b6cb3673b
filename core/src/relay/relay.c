/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "relay/relay.h"

#include <string.h>

#include "base/hash.h"

int nkt_relay_encode_hello(nkt_buf_t *out, const uint8_t room[20], const nkt_address_t *address)
{
    uint8_t hello[2 + 20 + NKT_ADDRESS_SIZE] = {NKT_RELAY_HELLO, NKT_RELAY_VERSION};
    memcpy(hello + 2, room, 20);
    memcpy(hello + 22, address->b, NKT_ADDRESS_SIZE);
    return nkt_buf_set(out, hello, sizeof hello);
}

int nkt_relay_encode_ping(nkt_buf_t *out, uint32_t number)
{
    uint8_t ping[5] = {NKT_RELAY_PING};
    nkt_put_u32be(ping + 1, number);
    return nkt_buf_set(out, ping, sizeof ping);
}

void nkt_relay_proof_signed_form(uint8_t out[NKT_RELAY_PROOF_SIGNED_SIZE],
                                 const uint8_t challenge[NKT_RELAY_CHALLENGE_SIZE])
{
    NKT_HASH(out, NKT_RELAY_PROOF_SIGNED_SIZE, NULL, NKT_LABEL_RELAY_PROOF, {challenge, NKT_RELAY_CHALLENGE_SIZE});
}

int nkt_relay_encode_proof(nkt_buf_t *out, const uint8_t sign_key[NKT_CURVE_KEY_SIZE],
                           const uint8_t identity_key[NKT_CURVE_KEY_SIZE], const uint8_t signature[NKT_SIGN_SIZE])
{
    uint8_t proof[1 + 2 * NKT_CURVE_KEY_SIZE + NKT_SIGN_SIZE] = {NKT_RELAY_PROOF};
    memcpy(proof + 1, sign_key, NKT_CURVE_KEY_SIZE);
    memcpy(proof + 1 + NKT_CURVE_KEY_SIZE, identity_key, NKT_CURVE_KEY_SIZE);
    memcpy(proof + 1 + 2 * NKT_CURVE_KEY_SIZE, signature, NKT_SIGN_SIZE);
    return nkt_buf_set(out, proof, sizeof proof);
}

int nkt_relay_encode_frame(nkt_buf_t *out, const nkt_address_t *to, const uint8_t *frame, size_t size)
{
    nkt_buf_clear(out);
    int err = nkt_buf_reserve(out, 1 + NKT_ADDRESS_SIZE + size);
    if (err < 0)
        return err;
    nkt_buf_append_u8(out, to == NULL ? NKT_RELAY_BROADCAST : NKT_RELAY_DIRECTED);
    if (to != NULL)
        nkt_buf_append(out, to->b, NKT_ADDRESS_SIZE);
    return nkt_buf_append(out, frame, size);
}

int nkt_relay_decode(nkt_relay_message_t *message, const uint8_t *bytes, size_t size)
{
    if (size == 0 || size > NKT_FRAME_SIZE_MAX + 1 + NKT_ADDRESS_SIZE)
        return NKT_E_RELAY;
    *message = (nkt_relay_message_t){.type = (nkt_relay_type_t)bytes[0]};
    const uint8_t *rest = bytes + 1;
    size_t rest_size = size - 1;
    switch (message->type) {
    case NKT_RELAY_BROADCAST:
        message->frame = rest;
        message->frame_size = rest_size;
        return NKT_OK;
    case NKT_RELAY_DIRECTED:
        if (rest_size < NKT_ADDRESS_SIZE)
            return NKT_E_RELAY;
        memcpy(message->address.b, rest, NKT_ADDRESS_SIZE);
        message->frame = rest + NKT_ADDRESS_SIZE;
        message->frame_size = rest_size - NKT_ADDRESS_SIZE;
        return NKT_OK;
    case NKT_RELAY_WELCOME:
        if (rest_size > 0 && rest[0] != NKT_RELAY_VERSION)
            return NKT_E_VERSION;
        if (rest_size != 5)
            return NKT_E_RELAY;
        message->count = nkt_get_u32be(rest + 1);
        return NKT_OK;
    case NKT_RELAY_PONG:
        if (rest_size != 4)
            return NKT_E_RELAY;
        message->count = nkt_get_u32be(rest);
        return NKT_OK;
    case NKT_RELAY_NOBODY:
    case NKT_RELAY_LEFT:
        if (rest_size != NKT_ADDRESS_SIZE)
            return NKT_E_RELAY;
        memcpy(message->address.b, rest, NKT_ADDRESS_SIZE);
        return NKT_OK;
    case NKT_RELAY_CHALLENGE:
        if (rest_size != NKT_RELAY_CHALLENGE_SIZE)
            return NKT_E_RELAY;
        message->frame = rest;
        message->frame_size = rest_size;
        return NKT_OK;
    case NKT_RELAY_HELLO:
    case NKT_RELAY_PING:
    case NKT_RELAY_PROOF:
    default:
        return NKT_E_RELAY;
    }
}
