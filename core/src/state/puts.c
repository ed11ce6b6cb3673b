/* SPDX-License-Identifier: GPL-3.0-or-later */
/* PUTs: one stored record each, sealed with the store key and its own name. Which records there are is store/persist.c. */
#include <assert.h>
#include <string.h>

#include <sodium.h>

#include "base/base58.h"
#include "state/state.h"
#include "state/swarm.h"
#include "wire/pack.h"

void nkt_peer_name(char name[NKT_PEER_NAME_SIZE + 1], const nkt_address_t *address)
{
    memcpy(name, NKT_PEER_PREFIX, sizeof NKT_PEER_PREFIX - 1);
    sodium_bin2hex(name + sizeof NKT_PEER_PREFIX - 1, 2 * NKT_ADDRESS_SIZE + 1, address->b, NKT_ADDRESS_SIZE);
}

void nkt_persist_put(nkt_swarm_t *swarm, const char *name, size_t name_size, const nkt_buf_t *plain)
{
    assert(swarm->settings.persist && plain != nkt_lent(swarm, NKT_LENT_SEALED));
    nkt_buf_t *sealed = nkt_lend(swarm, NKT_LENT_SEALED);
    if (plain != NULL && nkt_seal_with(sealed, swarm->settings.store_key, name, name_size, plain->data,
                                       plain->size, &swarm->host) < 0) {
        nkt_effects_fail(swarm);
        return;
    }
    nkt_emit(swarm, &(nkt_effect_t){
                        .kind = NKT_FX_PUT,
                        .ticket = ++swarm->put_ticket,
                        .bytes = sealed->data,
                        .bytes_size = sealed->size,
                        .text = name,
                        .text_size = name_size,
                    });
}

void nkt_persist_delete_user(nkt_swarm_t *swarm, const nkt_user_t *user)
{
    char name[NKT_PEER_NAME_SIZE + 1];
    if (!swarm->settings.persist || !user->stored.is_stored)
        return;
    nkt_peer_name(name, &user->address);
    nkt_persist_put(swarm, name, NKT_PEER_NAME_SIZE, NULL);
}
