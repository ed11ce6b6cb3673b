/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames to a relay, in its wrapping. */
#include "base/base58.h"
#include "relay/relay.h"
#include "routing/routing.h"
#include "state/state.h"
#include "state/swarm.h"

void nkt_relay_hello(nkt_swarm_t *swarm, nkt_link_t *link)
{
    const nkt_buf_t *wrapped = nkt_lent(swarm, NKT_LENT_WRAPPED);
    if (nkt_relay_encode_hello(nkt_lend(swarm, NKT_LENT_WRAPPED), swarm->room.relay_room, &swarm->identity.address) == NKT_OK)
        nkt_emit_send(swarm, link, wrapped->data, wrapped->size, 0, 0);
}

void nkt_relay_send(nkt_swarm_t *swarm, nkt_link_t *link, const nkt_address_t *to, const uint8_t *frame, size_t size,
                    uint32_t ticket)
{
    const nkt_buf_t *wrapped = nkt_lent(swarm, NKT_LENT_WRAPPED);
    if (nkt_relay_encode_frame(nkt_lend(swarm, NKT_LENT_WRAPPED), to, frame, size) == NKT_OK)
        nkt_emit_send(swarm, link, wrapped->data, wrapped->size, 0, ticket);
}
