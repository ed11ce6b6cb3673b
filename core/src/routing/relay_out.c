/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames to a relay, in its wrapping. */
#include "base/base58.h"
#include "relay/relay.h"
#include "routing/routing.h"
#include "state/state.h"
#include "state/swarm.h"

void nkt_relay_hello(nkt_swarm_t *swarm, nkt_link_t *link)
{
    if (nkt_relay_encode_hello(&swarm->relay_frame, swarm->room.relay_room, &swarm->identity.address) == NKT_OK)
        nkt_emit_send(swarm, link, swarm->relay_frame.data, swarm->relay_frame.size, 0, 0);
}

void nkt_relay_send(nkt_swarm_t *swarm, nkt_link_t *link, const nkt_address_t *to, const uint8_t *frame, size_t size,
                    uint32_t ticket)
{
    if (nkt_relay_encode_frame(&swarm->relay_frame, to, frame, size) == NKT_OK)
        nkt_emit_send(swarm, link, swarm->relay_frame.data, swarm->relay_frame.size, 0, ticket);
}
