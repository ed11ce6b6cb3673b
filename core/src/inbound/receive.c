/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Envelopes on their way in. Checked cheapest first: length and type, duplicate, syntax and expiry, network, sender,
 * signature; only then is anything decrypted, answered or forwarded.
 */
#include <string.h>

#include "base/base58.h"
#include "content/content.h"
#include "delivery/delivery.h"
#include "inbound/inbound.h"
#include "links/links.h"
#include "nkt.pb-c.h"
#include "people/people.h"
#include "routing/routing.h"
#include "state/state.h"
#include "state/swarm.h"

static void frame_tell(nkt_swarm_t *swarm, const nkt_link_t *link, const nkt_envelope_t *envelope)
{
    const char *name = nkt_kind_name(envelope->kind);
    nkt_effect_t fx = {
        .kind = NKT_FX_FRAME,
        .flags = link->kind == NKT_LINK_RTC ? NKT_FRAME_WEBRTC : 0,
        .value = (int32_t)envelope->frame_size,
        .time_ms = envelope->created_ms,
        .address = envelope->from,
        .peer = envelope->to,
        .text = name,
        .text_size = strlen(name),
    };
    memcpy(fx.id, envelope->digest, NKT_ID_SIZE);
    nkt_emit(swarm, &fx);
}

/* By its clock: the newest that is known to be of that user. */
static uint64_t newest_of(const nkt_user_t *user)
{
    return user->clock.newest_ms > user->clock.opened_ms ? user->clock.newest_ms : user->clock.opened_ms;
}

/*
 * Gossip finds its way at once or not at all. What was said long before the newest that is known of its author is said
 * again by somebody: it answers nothing, asks for nothing, is no sign of life, and goes no further.
 */
static int is_old_gossip(const nkt_swarm_t *swarm, const nkt_user_t *sender, const nkt_envelope_t *envelope)
{
    uint64_t newest_ms = newest_of(sender);
    switch (envelope->kind) {
    case NKT_KIND_GREETING:
    case NKT_KIND_DIGEST:
    case NKT_KIND_WANT:
    case NKT_KIND_RECORDS:
    case NKT_KIND_SIGNAL:
    case NKT_KIND_BYE:
    case NKT_KIND_WALK:
    case NKT_KIND_MAIL:
        return newest_ms > NKT_LATE_MS && !nkt_user_is_news(swarm, envelope, newest_ms - NKT_LATE_MS);
    default:
        return 0; /* said again by those who keep it, with leave */
    }
}

/* Gossip of one who is a stranger here. Who is there tells us when we have told him, and that is no sooner. */
static int is_premature(nkt_swarm_t *swarm, const nkt_user_t *sender, unsigned kind)
{
    if (kind != NKT_KIND_DIGEST && kind != NKT_KIND_WANT && kind != NKT_KIND_RECORDS && kind != NKT_KIND_CONTENT &&
        kind != NKT_KIND_EPHEMERAL)
        return 0;
    return nkt_user_is_stranger(swarm, sender);
}

static int payload_receive(nkt_swarm_t *swarm, nkt_user_t *sender, const nkt_envelope_t *envelope, int is_to_us)
{
    if (is_premature(swarm, sender, envelope->kind)) {
        nkt_blame_excuse(swarm, 1);
        return is_to_us ? NKT_E_RATE : NKT_OK;
    }
    switch (envelope->kind) {
    case NKT_KIND_DIGEST:
        return is_to_us ? nkt_spread_digest(swarm, sender, envelope) : NKT_OK;
    case NKT_KIND_WANT:
        return is_to_us ? nkt_spread_want(swarm, sender, envelope) : NKT_OK;
    case NKT_KIND_RECORDS:
        return is_to_us ? nkt_spread_records(swarm, sender, envelope) : NKT_OK;
    case NKT_KIND_SIGNAL:
        return is_to_us ? nkt_mesh_signal(swarm, sender, envelope) : NKT_OK;
    case NKT_KIND_SESSION:
        return is_to_us ? nkt_talk_receive(swarm, sender, envelope) : NKT_OK;
    case NKT_KIND_MAIL:
        return is_to_us ? nkt_mailbox_receive(swarm, sender, envelope) : NKT_OK;
    case NKT_KIND_KEEP:
        return is_to_us ? nkt_keeper_receive(swarm, sender, envelope) : NKT_OK;
    case NKT_KIND_RECEIPT:
        return is_to_us ? nkt_letter_receipt(swarm, sender, envelope) : NKT_OK;
    case NKT_KIND_SHARED:
        return NKT_E_PAYLOAD; /* never alone */
    case NKT_KIND_CONTENT:
        return is_to_us ? nkt_content_relayed(swarm, sender, envelope->payload, envelope->payload_size) : NKT_OK;
    case NKT_KIND_EPHEMERAL:
        return is_to_us ? nkt_ephemeral_receive(swarm, sender, envelope->payload, envelope->payload_size) : NKT_OK;
    case NKT_KIND_CLEAR:
        return nkt_talk_receive_clear(swarm, sender, envelope);
    case NKT_KIND_GROUP:
        return is_to_us ? NKT_E_PAYLOAD : nkt_group_receive(swarm, sender, envelope);
    case NKT_KIND_BYE:
        if (newest_of(sender) > 0 && !nkt_user_is_news(swarm, envelope, newest_of(sender) - 1))
            return NKT_E_REPLAY; /* it said more since */
        if (envelope->created_ms < sender->record.sequence)
            return NKT_E_REPLAY; /* of an earlier life: it is back (a sequence is at least its wall time) */
        if (nkt_bucket_take(&sender->gossip.spread_bucket, swarm->now_ms, NKT_DIGEST_BURST, NKT_DIGEST_PER_S))
            nkt_greet_renew(sender); /* whoever comes back wants an answer, at once but not for ever */
        nkt_clock_bye(sender, envelope->created_ms);
        nkt_user_left_relay(swarm, sender, UINT32_MAX);
        if (sender->mesh.link != NULL)
            nkt_link_close(swarm, sender->mesh.link, 1);
        nkt_news_report(swarm, sender, NKT_NEWS_LEFT);
        return NKT_OK;
    case NKT_KIND_WALK:
    default:
        return NKT_OK; /* of a later version: forwarded, not understood */
    }
}

static int relay_index(const nkt_link_t *link, const nkt_envelope_t *envelope)
{
    return link->kind == NKT_LINK_RELAY && envelope->hops == 0 ? (int)link->endpoint->index : -1;
}

static int verified_receive(nkt_swarm_t *swarm, nkt_link_t *link, nkt_envelope_t *envelope, nkt_user_t *sender,
                            const nkt_greeting_t *greeting)
{
    int is_to_us = nkt_address_compare(&envelope->to, &swarm->identity.address) == 0;
    int is_to_all = nkt_address_is_zero(&envelope->to);
    int err = nkt_once(swarm, envelope->digest);
    if (err < 0)
        return err;
    if (sender != NULL && is_old_gossip(swarm, sender, envelope))
        return NKT_E_REPLAY;
    if (link->kind == NKT_LINK_RTC && nkt_address_compare(&link->rtc.peer, &envelope->from) != 0)
        nkt_way_learn(swarm, envelope, link, sender != NULL && nkt_user_is_proven(swarm, sender));
    if (sender != NULL)
        nkt_bridge_learn(swarm, sender, link, envelope);
    if (envelope->kind == NKT_KIND_WALK)
        return link->kind == NKT_LINK_RTC ? nkt_view_walk(swarm, link, envelope, sender) : NKT_E_PAYLOAD;
    frame_tell(swarm, link, envelope);
    int is_overtaken =
        sender != NULL && envelope->created_ms <= sender->clock.bye_ms; /* by its good-bye */
    if (sender != NULL && envelope->kind != NKT_KIND_BYE && !is_overtaken &&
        !envelope->is_doubted) {
        nkt_user_believe(sender);
        nkt_clock_heard(swarm, sender, envelope->created_ms);
        nkt_user_heard(swarm, sender, relay_index(link, envelope));
        nkt_mailbox_heard(swarm, sender, envelope->created_ms);
    }
    if (is_to_all && !nkt_kind_is_broadcast(envelope->kind))
        return NKT_E_RECIPIENT;
    /* forward first: what follows may close the link */
    if (!is_to_us)
        nkt_forward(swarm, envelope, link, sender);
    if (!is_to_us && !is_to_all)
        return NKT_OK;
    if (greeting != NULL && sender == NULL)
        return nkt_spread_reply(swarm, link, &envelope->from, greeting, is_to_us);
    if (greeting != NULL)
        return nkt_spread_greeting(swarm, sender, greeting, envelope->created_ms, is_to_us);
    return payload_receive(swarm, sender, envelope, is_to_us);
}

static int parsed_receive(nkt_swarm_t *swarm, nkt_link_t *link, nkt_envelope_t *envelope)
{
    int is_to_us = nkt_address_compare(&envelope->to, &swarm->identity.address) == 0;
    if (!is_to_us && memcmp(envelope->network, swarm->room.network, NKT_NETWORK_SIZE) != 0)
        return NKT_E_NETWORK;
    if (is_to_us && nkt_own_is_sisters(swarm, envelope->network))
        return nkt_is_of_its_link(link, envelope) ? nkt_mesh_part(swarm, link)
                                                  : NKT_OK; /* nothing is wrong: a relay hands it to all cores that have the address */
    if (nkt_address_compare(&envelope->from, &swarm->identity.address) == 0)
        return NKT_E_DUPLICATE; /* our own, come back */
    if (envelope->kind == NKT_KIND_WALK && !nkt_address_is_zero(&envelope->to))
        return NKT_E_FRAME_SYNTAX;
    if (envelope->kind == NKT_KIND_LETTER)
        return NKT_E_PAYLOAD; /* travels inside of others only: nothing that is kept for days is passed on by itself */
    nkt_user_t *sender = NULL;
    nkt_greeting_t greeting;
    int is_greeting = envelope->kind == NKT_KIND_GREETING;
    int err = NKT_OK;
    if (is_greeting) {
        err = nkt_sender_of_greeting(swarm, link, envelope, is_to_us, &greeting, &sender);
        if (err < 0)
            return err;
    } else if (envelope->has_record) {
        err = nkt_sender_of_record(swarm, link, envelope, is_to_us, &sender);
        if (err < 0)
            return err;
    } else {
        sender = nkt_user_find(swarm, &envelope->from);
        if (sender == NULL || !sender->record.is_bound) {
            nkt_spread_ask(swarm, link, &envelope->from);
            return NKT_E_SENDER;
        }
        err = nkt_sender_check(swarm, link, envelope, sender, is_to_us);
    }
    if (err == NKT_OK)
        nkt_blame_author(swarm, envelope);
    if (err == NKT_OK)
        err = verified_receive(swarm, link, envelope, sender, is_greeting ? &greeting : NULL);
    if (is_greeting)
        nkt_greeting_deinit(&greeting);
    return err;
}

/*
 * What came quicker over WebRTC and now by the relay says that its author, who is linked, is on the relay as well: the
 * second way to it. A hint like all that the relay says; nobody is thought alive for it.
 */
static void relay_learn(nkt_swarm_t *swarm, const nkt_link_t *link, const uint8_t *frame, size_t size,
                        const uint8_t digest[NKT_DIGEST_SIZE])
{
    nkt_envelope_t envelope;
    if (link->kind != NKT_LINK_RELAY || nkt_envelope_decode(&envelope, frame, size, digest) < 0)
        return;
    nkt_user_t *sender = nkt_user_find(swarm, &envelope.from);
    int relay = relay_index(link, &envelope);
    if (sender != NULL && nkt_user_reach(sender) == NKT_REACH_DIRECT && relay >= 0 && !(sender->presence.relay_bits >> relay & 1)) {
        nkt_presence_on_relays(sender, 1u << relay);
        nkt_user_tell(swarm, sender, 0);
    }
    nkt_envelope_deinit(&envelope);
}

int nkt_receive(nkt_swarm_t *swarm, nkt_link_t *link, const uint8_t *frame, size_t size)
{
    uint8_t digest[NKT_DIGEST_SIZE];
    nkt_envelope_t envelope;
    int err = nkt_envelope_digest(frame, size, digest);
    if (err < 0)
        return err;
    if (nkt_seen_has(&swarm->seen, digest)) {
        relay_learn(swarm, link, frame, size, digest);
        return NKT_E_DUPLICATE;
    }
    err = nkt_envelope_decode(&envelope, frame, size, digest);
    if (err < 0)
        return err;
    err = parsed_receive(swarm, link, &envelope);
    nkt_envelope_deinit(&envelope);
    return err;
}

/* The link stands for the signature: so all that follows from one is refused that is not its author's own, to us, here and now. */
static int direct_check(const nkt_swarm_t *swarm, const nkt_link_t *link, const nkt_envelope_t *envelope)
{
    if (!nkt_is_of_its_link(link, envelope))
        return NKT_E_SENDER;
    if (nkt_address_compare(&envelope->to, &swarm->identity.address) != 0)
        return NKT_E_RECIPIENT;
    if (envelope->kind != NKT_KIND_SESSION || envelope->may_keep || envelope->keep_s != 0 || envelope->has_record || envelope->is_sought)
        return NKT_E_FRAME_SYNTAX;
    return NKT_OK;
}

int nkt_receive_direct(nkt_swarm_t *swarm, nkt_link_t *link, const uint8_t *frame, size_t size)
{
    uint8_t digest[NKT_DIGEST_SIZE];
    nkt_envelope_t envelope;
    int err = nkt_direct_digest(frame, size, digest);
    if (err < 0)
        return err;
    if (nkt_seen_has(&swarm->seen, digest))
        return NKT_E_DUPLICATE;
    err = nkt_envelope_decode(&envelope, frame, size, digest);
    if (err < 0)
        return err;
    err = direct_check(swarm, link, &envelope);
    if (err == NKT_OK)
        err = parsed_receive(swarm, link, &envelope);
    nkt_envelope_deinit(&envelope);
    return err;
}
