/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "malice.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "identity/pad.h"
#include "identity/room.h"
#include "identity/seal.h"
#include "inbound/inbound.h"
#include "overlay/signal.h"
#include "people/people.h"
#include "state/state.h"
#include "state/swarm.h"
#include "world.h"

enum { BASE64 = sodium_base64_VARIANT_ORIGINAL_NO_PADDING };

static int entropy(void *context, uint8_t *buf, size_t size)
{
    sim_random_fill(context, buf, size);
    return 0;
}

char *sim_malice_reseal(sim_t *sim, const char *room_name, const char *sealed,
                        char *(*change)(void *context, sim_t *sim, const char *sdp), void *context)
{
    const nkt_address_t nobody = {{0}};
    nkt_room_t room;
    nkt_signalling_t signal;
    nkt_buf_t plain = {0}, made = {0};
    char *text = NULL;
    size_t size = 0, sealed_size = strlen(sealed);
    uint8_t *bytes = sim_alloc(sealed_size, 1);
    nkt_room_derive(&room, room_name, NULL, &nobody);
    if (sodium_base642bin(bytes, sealed_size, sealed, sealed_size, NULL, &size, NULL, BASE64) == 0 &&
        nkt_seal_open_with(&plain, room.seal_key, NULL, 0, bytes, size) == 0 &&
        nkt_unpad(plain.data, plain.size, &size) == 0 && nkt_signal_decode(&signal, plain.data, size) == 0) {
        char *sdp = change(context, sim, signal.sdp);
        const nkt_host_t host = {.entropy = entropy, .context = &sim->random};
        if (sdp != NULL)
            signal.sdp = sdp;
        nkt_buf_t packed = {0};
        if (nkt_signal_encode(&packed, &signal) == 0 && nkt_pad(&packed) == 0 &&
            nkt_seal_with(&made, room.seal_key, NULL, 0, packed.data, packed.size, &host) == 0) {
            text = sim_alloc(sodium_base64_encoded_len(made.size, BASE64), 1);
            sodium_bin2base64(text, sodium_base64_encoded_len(made.size, BASE64), made.data, made.size, BASE64);
        }
        nkt_buf_free(&packed);
        nkt_signal_deinit(&signal);
        free(sdp);
    }
    free(bytes);
    nkt_buf_free(&plain);
    nkt_buf_free(&made);
    return text;
}

const uint8_t *sim_malice_kem_key(const sim_peer_t *peer)
{
    return ((const nkt_swarm_t *)(const void *)peer->core)->identity.kem_public;
}

void sim_malice_forget(sim_peer_t *peer, const nkt_address_t *address)
{
    nkt_swarm_t *swarm = (nkt_swarm_t *)(void *)peer->core; /* its first member, see core.c */
    nkt_user_t *user = nkt_user_find(swarm, address);
    if (user == NULL)
        sim_fail(peer->sim, "%s does not know whom it is to forget", peer->name);
    nkt_user_forget(swarm, user);
    nkt_news_heed(swarm);
}

void sim_malice_unbound(sim_peer_t *peer)
{
    nkt_swarm_t *swarm = (nkt_swarm_t *)(void *)peer->core; /* its first member, see core.c */
    swarm->outbox.clear_bucket = (nkt_bucket_t){.filled_ms = swarm->now_ms};
}
