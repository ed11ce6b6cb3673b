/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a tracker says: offers and answers, sealed for whoever knows the place. */
#include <string.h>

#include <sodium.h>

#include "base/base58.h"
#include "identity/pad.h"
#include "inbound/inbound.h"
#include "links/links.h"
#include "people/people.h"
#include "state/state.h"
#include "state/swarm.h"

enum { BASE64 = sodium_base64_VARIANT_ORIGINAL_NO_PADDING };

/* Opens the sealed "sdp" into NKT_LENT_PLAIN and parses it. Deinit on success only. */
static int sdp_open(nkt_swarm_t *swarm, const char *text, const uint8_t seal_key[32], nkt_signalling_t *signal)
{
    const nkt_buf_t *plain = nkt_lent(swarm, NKT_LENT_PLAIN);
    size_t text_size = strlen(text), size = 0;
    nkt_buf_t *sealed = nkt_lend(swarm, NKT_LENT_SEALED);
    if (nkt_buf_reserve(sealed, text_size) < 0)
        return NKT_E_MEMORY;
    if (sodium_base642bin(sealed->data, sealed->capacity, text, text_size, NULL, &size, NULL, BASE64) != 0)
        return NKT_E_TRACKER;
    int err = nkt_seal_open_with(nkt_lend(swarm, NKT_LENT_PLAIN), seal_key, NULL, 0, sealed->data, size);
    if (err == NKT_OK)
        err = nkt_unpad(plain->data, plain->size, &size);
    if (err == NKT_OK)
        err = nkt_signal_decode(signal, plain->data, size);
    if (err == NKT_OK && !signal->has_record) {
        nkt_signal_deinit(signal);
        err = NKT_E_TRACKER;
    }
    return err;
}

static int offer_arrived(nkt_swarm_t *swarm, nkt_endpoint_t *endpoint, const nkt_tracker_message_t *message)
{
    const nkt_room_t *place = NULL;
    if (strcmp(message->info_hash.text, swarm->room.info_hash) == 0)
        place = &swarm->room;
    else if (strcmp(message->info_hash.text, swarm->own.place.info_hash) == 0)
        place = &swarm->own.place;
    else
        return NKT_OK; /* of somebody else who looks for whom we look for */
    nkt_signalling_t signal;
    int err = sdp_open(swarm, message->sdp, place->seal_key, &signal);
    if (err < 0)
        return err;
    nkt_user_t *user = NULL;
    nkt_link_t *link = NULL;
    int is_for_us = signal.target == NULL || nkt_address_compare(signal.target, &swarm->identity.address) == 0;
    if (signal.type != NKT_SIGNAL_OFFER || !is_for_us)
        err = NKT_E_TRACKER;
    else
        err = nkt_user_accept(swarm, &signal.record, &swarm->identity.address,
                              NKT_ACCEPT_DOUBTED | (signal.target != NULL ? NKT_ACCEPT_LEAVE : 0u), 0, &user);
    if (err >= 0)
        err = nkt_mesh_offer(swarm, user, &signal, endpoint, &link);
    if (err >= 0 && link != NULL)
        nkt_announce_met(link, place, &message->offer_id, &message->peer_id);
    nkt_signal_deinit(&signal);
    return err == NKT_E_DUPLICATE ? NKT_OK : err;
}

static int answer_arrived(nkt_swarm_t *swarm, const nkt_endpoint_t *endpoint, const nkt_tracker_message_t *message)
{
    nkt_link_t *link = NULL;
    for (size_t i = 0; i < swarm->link_count && link == NULL; i++) {
        nkt_link_t *candidate = swarm->links[i];
        if (candidate->kind == NKT_LINK_RTC && candidate->endpoint == endpoint &&
            candidate->state == NKT_LINK_OFFERED && strcmp(candidate->rtc.offer_id.text, message->offer_id.text) == 0)
            link = candidate;
    }
    if (link == NULL)
        return NKT_OK; /* a second answer, or one that came too late */
    nkt_signalling_t signal;
    int err = sdp_open(swarm, message->sdp, link->rtc.place.seal_key, &signal);
    if (err < 0)
        return err;
    nkt_user_t *user = NULL;
    nkt_address_t address;
    uint64_t sequence;
    if (signal.type != NKT_SIGNAL_ANSWER)
        err = NKT_E_TRACKER;
    else
        err = nkt_record_peek(signal.record.bytes, signal.record.bytes_size, &address, &sequence, NULL);
    if (err == NKT_OK) {
        int is_target = nkt_address_compare(&address, &link->rtc.target) == 0;
        err = nkt_address_is_zero(&link->rtc.target) || is_target
                  ? nkt_user_accept(swarm, &signal.record, &swarm->identity.address,
                                    NKT_ACCEPT_DOUBTED | (is_target ? NKT_ACCEPT_LEAVE : 0u), 0, &user)
                  : NKT_E_TRACKER;
    }
    if (err >= 0)
        err = nkt_mesh_answer(swarm, link, user, &signal);
    nkt_signal_deinit(&signal);
    return err == NKT_E_DUPLICATE ? NKT_OK : err;
}

int nkt_tracker_data(nkt_swarm_t *swarm, nkt_link_t *link, const uint8_t *bytes, size_t size)
{
    nkt_tracker_message_t message;
    nkt_endpoint_t *endpoint = link->endpoint;
    int err = nkt_tracker_decode(&message, bytes, size);
    if (err < 0)
        return err;
    switch (message.type) {
    case NKT_TRACKER_FAILURE:
        nkt_endpoint_failed(endpoint, message.reason, strlen(message.reason));
        nkt_status_changed(swarm);
        break;
    case NKT_TRACKER_RESPONSE:
        if (strcmp(message.info_hash.text, swarm->room.info_hash) == 0)
            endpoint->socket.peer_count = message.peer_count;
        endpoint->socket.attempt = 0; /* it works, not only opens */
        break;
    case NKT_TRACKER_OFFER:
        err = offer_arrived(swarm, endpoint, &message);
        break;
    case NKT_TRACKER_ANSWER:
        err = answer_arrived(swarm, endpoint, &message);
        break;
    }
    nkt_tracker_message_deinit(&message);
    return err;
}
