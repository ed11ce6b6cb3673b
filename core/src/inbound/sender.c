/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who says it? By the record that an envelope brings along, the greeting that it is, or what is known of him here. Nothing is changed
 * before its signature holds.
 */
#include <string.h>

#include "base/base58.h"
#include "delivery/delivery.h"
#include "inbound/inbound.h"
#include "people/people.h"
#include "routing/routing.h"
#include "state/state.h"
#include "state/swarm.h"

/* A newer record came that way. */
static void renewed(nkt_swarm_t *swarm, const nkt_link_t *way, const nkt_user_t *user)
{
    if (way != NULL && user->mesh.link != NULL && user->mesh.link != way)
        nkt_link_renewed(swarm, user->mesh.link);
}

/*
 * An envelope whose sender may not be known here brings his record along: it proves the address,
 * the envelope's signature the rest. As with greetings nothing is changed before both hold. link
 * NULL: out of a mailbox, its time is judged elsewhere.
 */
int nkt_sender_of_record(nkt_swarm_t *swarm, nkt_link_t *link, nkt_envelope_t *envelope,
                         int is_to_us, nkt_user_t **sender)
{
    int is_passing = envelope->kind == NKT_KIND_WALK || (!is_to_us && !nkt_address_is_zero(&envelope->to));
    nkt_address_t address;
    uint64_t sequence;
    uint8_t sign_key[32];
    int err = nkt_record_peek(envelope->record.bytes, envelope->record.bytes_size, &address, &sequence, sign_key);
    if (err < 0)
        return err;
    if (nkt_address_compare(&address, &envelope->from) != 0)
        return NKT_E_USER_RECORD;
    nkt_doubt_t doubt = {
        .sign_key = sign_key, .sender = nkt_user_find(swarm, &address), .freshness = NKT_FRESH};
    if (link != NULL)
        doubt.freshness = nkt_freshness_of(swarm, link, envelope, doubt.sender);
    if (doubt.freshness == NKT_FRESH) {
        err = nkt_envelope_verify(envelope, sign_key); /* the address is the hash of that key */
    } else {
        doubt.is_member = nkt_user_is_record_member(swarm, &envelope->record);
        err = nkt_doubt_receive(swarm, link, envelope, &doubt);
    }
    if (err < 0)
        return err;
    nkt_blame_author(swarm, envelope);
    if (!is_to_us && !nkt_user_is_record_member(swarm, &envelope->record))
        return NKT_E_NETWORK;
    *sender = doubt.sender;
    if (*sender != NULL && nkt_user_is_record_known(*sender, &envelope->record))
        return NKT_OK;
    if (*sender == NULL && is_passing)
        return NKT_OK; /* the envelope is all that is passed on in our name; its recipient looks at the record */
    if (*sender != NULL && sequence == (*sender)->record.sequence)
        return NKT_E_USER_RECORD; /* an author has one record of a number */
    if (*sender != NULL && sequence < (*sender)->record.sequence)
        return nkt_user_record_check(swarm, *sender,
                                     &envelope->record); /* said before he renewed it, and late */
    unsigned flags = link == NULL && envelope->keep_s != 0 ? NKT_ACCEPT_AWAY : 0;
    err = envelope->is_doubted ? nkt_user_accept(swarm, &envelope->record, &envelope->from,
                                                 NKT_ACCEPT_DOUBTED, 0, sender)
                               : nkt_user_accept(swarm, &envelope->record, &envelope->from, flags,
                                                 envelope->created_ms, sender);
    if (err > 0)
        renewed(swarm, link, *sender);
    return err < 0 ? err : NKT_OK;
}

/* May its sender be taken in? Before its signature is paid for what it says of time is judged. */
static int greeting_check(nkt_swarm_t *swarm, nkt_link_t *link, nkt_envelope_t *envelope,
                          int is_to_us, int has_leave, const nkt_greeting_t *greeting,
                          const uint8_t sign_key[32])
{
    nkt_doubt_t doubt = {.sign_key = sign_key,
                         .sender = nkt_user_find(swarm, &envelope->from),
                         .has_leave = has_leave,
                         .greeting = greeting};
    int is_echo = is_to_us && nkt_clock_is_ours(swarm, greeting->echo);
    doubt.freshness = is_echo ? NKT_FRESH : nkt_freshness_of(swarm, link, envelope, doubt.sender);
    if (doubt.freshness == NKT_FRESH)
        return nkt_envelope_verify(envelope, sign_key); /* before anything is changed */
    doubt.is_member = nkt_user_is_record_member(swarm, &greeting->record);
    return nkt_doubt_receive(swarm, link, envelope, &doubt);
}

/* What a fresh greeting shows beyond that: its sender's very time. */
static void greeting_prove(nkt_swarm_t *swarm, const nkt_link_t *link,
                           const nkt_envelope_t *envelope, int is_to_us,
                           const nkt_greeting_t *greeting, nkt_user_t *sender)
{
    int is_echo = is_to_us && nkt_clock_is_ours(swarm, greeting->echo);
    int is_late = envelope->created_ms + NKT_CLOCK_NONCE_MS < nkt_clock_of(swarm, sender);
    if (is_echo || (nkt_is_of_its_link(link, envelope) && (nkt_is_new_link(swarm, link) || !is_late)))
        nkt_clock_proven(swarm, sender, envelope->created_ms, greeting->wall_ms);
}

/* Of those unknown here: what costs nothing first, then what they may cost all together; then comes the signature. */
static int stranger_check(nkt_swarm_t *swarm, nkt_link_t *link, const nkt_greeting_t *greeting, int is_to_us, int has_leave,
                          int is_dear, int *is_trusted)
{
    int is_member = nkt_user_is_record_member(swarm, &greeting->record);
    *is_trusted = is_dear || (is_member && !swarm->room.is_open);
    if (is_dear)
        return NKT_OK;
    if (!is_member && !has_leave)
        return NKT_E_NETWORK;
    int is_answer = is_member && is_to_us && greeting->flags & NKT_GREETING_ANSWER;
    return nkt_admit_hello(swarm, link, *is_trusted ? NKT_HELLO_TRUSTED : is_answer ? NKT_HELLO_ANSWER : NKT_HELLO_NEW);
}

/* Does somebody unknown who said hello get a place? */
static int has_place(nkt_swarm_t *swarm, int is_trusted)
{
    int were_many = nkt_strangers_are_many(swarm);
    if (nkt_admit_has_place(swarm, is_trusted))
        return 1;
    if (!were_many)
        nkt_crowd_ended(swarm);
    return 0;
}

/*
 * A greeting brings its sender's keys along: the record proves the address, the envelope's signature the rest. sender NULL:
 * unknown, and stays so.
 */
int nkt_sender_of_greeting(nkt_swarm_t *swarm, nkt_link_t *link, nkt_envelope_t *envelope, int is_to_us,
                           nkt_greeting_t *greeting, nkt_user_t **sender)
{
    int is_passing = !is_to_us && !nkt_address_is_zero(&envelope->to);
    nkt_address_t address;
    uint64_t sequence;
    uint8_t sign_key[32];
    int err = nkt_gossip_decode_greeting(greeting, envelope->payload, envelope->payload_size);
    if (err < 0)
        return err;
    err = nkt_record_peek(greeting->record.bytes, greeting->record.bytes_size, &address, &sequence, sign_key);
    if (err == NKT_OK && nkt_address_compare(&address, &envelope->from) != 0)
        err = NKT_E_USER_RECORD;
    *sender = err < 0 ? NULL : nkt_user_find(swarm, &address);
    int is_unknown = *sender == NULL, is_answer = is_to_us && greeting->flags & NKT_GREETING_ANSWER;
    int has_leave = 0, is_trusted = 0;
    if (err == NKT_OK) {
        int is_sought = is_to_us && nkt_connect_find(swarm, &address) != NULL;
        int is_seeking = is_to_us && greeting->flags & NKT_GREETING_SEEK && !swarm->own.is_hidden &&
                         !nkt_pins_have(&swarm->ignored, &address);
        has_leave = is_sought || is_seeking;
        if (is_unknown)
            err = stranger_check(swarm, link, greeting, is_to_us, has_leave,
                                 is_sought || nkt_pins_have(&swarm->pins, &address), &is_trusted);
    }
    if (err == NKT_OK)
        err = greeting_check(swarm, link, envelope, is_to_us, has_leave, greeting, sign_key);
    if (err == NKT_OK)
        nkt_blame_author(swarm, envelope);
    int is_let_in = !is_unknown || (err == NKT_OK && !is_passing && has_place(swarm, is_trusted || is_answer));
    if (err == NKT_OK && is_let_in) {
        err = nkt_user_accept(swarm, &greeting->record, &envelope->from, has_leave ? NKT_ACCEPT_LEAVE : 0,
                              envelope->created_ms, sender);
        if (err == NKT_E_USER_RECORD && (*sender = nkt_user_find(swarm, &address)) != NULL) {
            if (sequence >= (*sender)->record.sequence)
                nkt_drop(swarm, err); /* else it was renewed meanwhile */
            err = NKT_OK; /* of somebody known: the greeting itself may still be good */
        }
        if (err > 0)
            renewed(swarm, link, *sender);
        if (err >= 0) {
            if (is_answer && nkt_clock_is_ours(swarm, greeting->echo))
                nkt_user_answered(swarm, *sender);
            greeting_prove(swarm, link, envelope, is_to_us, greeting, *sender);
        }
    }
    if (err < 0)
        nkt_greeting_deinit(greeting);
    return err < 0 ? err : NKT_OK; /* new or not is all the same here */
}

/* Without a record: of one who is known. */
int nkt_sender_check(nkt_swarm_t *swarm, nkt_link_t *link, nkt_envelope_t *envelope,
                       nkt_user_t *sender, int is_to_us)
{
    nkt_doubt_t doubt = {.sign_key = sender->record.sign_key,
                         .sender = sender,
                         .is_member = sender->standing.is_member || sender->standing.is_claimed,
                         .has_leave = sender->standing.is_met};
    doubt.freshness = nkt_freshness_of(swarm, link, envelope, sender);
    if (doubt.freshness != NKT_FRESH)
        return nkt_doubt_receive(swarm, link, envelope, &doubt);
    return nkt_sender_verify(link, envelope, is_to_us, sender->record.sign_key);
}
