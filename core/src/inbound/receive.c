/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Envelopes on their way in. Checked cheapest first: length and type, duplicate, syntax and expiry, network, sender,
 * signature; only then is anything decrypted, answered or forwarded.
 */
#include <string.h>

#include "base/base58.h"
#include "delivery/delivery.h"
#include "inbound/inbound.h"
#include "links/links.h"
#include "nkt.pb-c.h"
#include "people/people.h"
#include "routing/routing.h"
#include "state/state.h"
#include "state/swarm.h"

/* What is wrong with an envelope that no honest keeper has. */
static int is_keepers_fault(int err)
{
    return err <= -200 && err > -300 && err != NKT_E_DUPLICATE && err != NKT_E_REPLAY && err != NKT_E_EXPIRED &&
           err != NKT_E_DECRYPT && err != NKT_E_NO_SESSION && err != NKT_E_RATE && err != NKT_E_ENDS;
}

/* Letters that were read, or never can be, need not be kept; what is heard is stored by then. */
static void receipt_post(nkt_swarm_t *swarm, nkt_user_t *keeper, const Nkt__Receipt *receipt, int is_news)
{
    if (receipt->n_id > 0 && nkt_pack(&swarm->payload, &receipt->base) == NKT_OK)
        nkt_post_after(swarm, NKT_KIND_RECEIPT, keeper, is_news ? NKT_TICKET_STEP : swarm->put_ticket);
}

/** An envelope of whose time nothing can be said, or nothing good. */
typedef struct nkt_doubt {
    nkt_freshness_t freshness;      /* not NKT_FRESH */
    const uint8_t *sign_key;        /* whose hash the address is */
    nkt_user_t *sender;             /* NULL: nobody known */
    int is_member;                  /* shown, by the record in it, or known */
    int has_leave;                  /* wanted though it is none */
    const nkt_greeting_t *greeting; /* NULL: it is none */
} nkt_doubt_t;

/* From here on it is the author who is to blame for what is wrong, not the neighbour who passed it on. */
static void author_blame(nkt_swarm_t *swarm, const nkt_envelope_t *envelope)
{
    swarm->blame.is_blameless = swarm->blame.from != NULL && nkt_address_compare(&swarm->blame.from->rtc.peer, &envelope->from) != 0;
}

/* ---- is it said now? ---- */

/* Its author is at the other end of this authenticated link: nobody else can say anything here in
 * his name. */
static int is_of_its_link(const nkt_link_t *link, const nkt_envelope_t *envelope)
{
    return link->kind == NKT_LINK_RTC && link->state == NKT_LINK_LIVE &&
           nkt_address_compare(&link->rtc.peer, &envelope->from) == 0;
}

/* What comes over it was said since it came up, a moment ago, and has not waited here while we slept. */
static int is_new(const nkt_swarm_t *swarm, const nkt_link_t *link)
{
    int has_slept = swarm->woke_ms != 0 && swarm->woke_ms >= link->rtc.live_ms;
    return !has_slept && swarm->now_ms - link->rtc.live_ms < NKT_CLOCK_NONCE_MS;
}

static nkt_freshness_t freshness(nkt_swarm_t *swarm, const nkt_link_t *link,
                                 const nkt_envelope_t *envelope, const nkt_user_t *sender)
{
    int is_his_link = is_of_its_link(link, envelope);
    if (is_his_link && envelope->kind == NKT_KIND_GREETING && is_new(swarm, link))
        return NKT_FRESH; /* it says what time he has now */
    nkt_freshness_t freshness =
        nkt_clock_judge(swarm, sender, envelope->created_ms, (uint64_t)envelope->ttl_s * 1000);
    return is_his_link && freshness == NKT_AHEAD ? NKT_FRESH : freshness;
}

/*
 * Nothing follows from it here until its author has shown that he is there: he is asked for his
 * time. NKT_OK: it is to be believed all the same. It is passed on where others may know better:
 * what comes before its time can only have been said by one whose clock is fast, and greetings are
 * how those meet whose clocks differ. What is old is not.
 */
static int doubted_receive(nkt_swarm_t *swarm, nkt_link_t *link, nkt_envelope_t *envelope,
                           const nkt_doubt_t *doubt)
{
    int is_to_us = nkt_address_compare(&envelope->to, &swarm->identity.address) == 0;
    int is_to_all = nkt_address_is_zero(&envelope->to);
    int is_crowd = swarm->users.count >= NKT_CROWD_COUNT_MIN;
    if (!doubt->is_member && !doubt->has_leave)
        return NKT_E_NETWORK;
    if (doubt->sender != NULL && doubt->sender->presence.flags & NKT_USER_MUTED)
        return NKT_E_EXPIRED;
    if (!nkt_bucket_take(&link->pulse.doubt_bucket, swarm->now_ms, NKT_CLOCK_DOUBT_BURST,
                         NKT_CLOCK_DOUBT_PER_S)) {
        swarm->blame.is_blameless = doubt->freshness == NKT_AHEAD;
        return NKT_E_EXPIRED;
    }
    int err = nkt_envelope_verify(envelope, doubt->sign_key);
    if (err < 0)
        return err;
    author_blame(swarm, envelope);
    if (doubt->freshness == NKT_AHEAD && (is_crowd || envelope->kind == NKT_KIND_WALK))
        return NKT_OK; /* a thousand cannot all ask; and a walk ends in an offer, which only one who
                          is there can take */
    int is_of_stranger = doubt->sender == NULL || !doubt->sender->clock.is_heard; /* else it is old by his own clock */
    int is_awaited = (doubt->freshness == NKT_AHEAD || is_of_stranger) &&
                     (nkt_mesh_is_pending(swarm, &envelope->from) || swarm->walks.count > 0);
    if (is_to_us && envelope->kind == NKT_KIND_SIGNAL && is_awaited) {
        envelope->is_doubted = 1;
        return NKT_OK; /* the link will prove it */
    }
    int may_pass = doubt->freshness == NKT_AHEAD
                       ? doubt->sender == NULL || doubt->sender->mesh.link == NULL
                       : doubt->greeting != NULL && !is_to_all;
    if (may_pass && !is_to_us &&
        nkt_seen_add(&swarm->seen, envelope->digest, swarm->now_ms) == NKT_OK) {
        if (link->kind == NKT_LINK_RTC)
            nkt_paths_set(&swarm->paths, &envelope->from, link->id, envelope->hops,
                          envelope->created_ms, swarm->now_ms, 0);
        nkt_forward(swarm, envelope, link, doubt->sender);
    }
    int is_chosen = !is_crowd || !is_to_all ||
                    nkt_prng_below(&swarm->prng, swarm->users.count) < NKT_GREETING_ANSWER_COUNT;
    if ((is_to_us || is_to_all) && is_chosen && envelope->kind != NKT_KIND_BYE)
        nkt_greet_doubted(swarm, link, &envelope->from, doubt->is_member,
                          doubt->greeting != NULL ? doubt->greeting->nonce : NULL);
    return NKT_E_EXPIRED;
}

/*
 * An envelope whose sender may not be known here brings his record along: it proves the address,
 * the envelope's signature the rest. As with greetings nothing is changed before both hold. link
 * NULL: out of a mailbox, its time is judged elsewhere.
 */
static int record_sender(nkt_swarm_t *swarm, nkt_link_t *link, nkt_envelope_t *envelope,
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
        doubt.freshness = freshness(swarm, link, envelope, doubt.sender);
    if (doubt.freshness == NKT_FRESH) {
        err = nkt_envelope_verify(envelope, sign_key); /* the address is the hash of that key */
    } else {
        doubt.is_member = nkt_user_is_record_member(swarm, &envelope->record);
        err = doubted_receive(swarm, link, envelope, &doubt);
    }
    if (err < 0)
        return err;
    author_blame(swarm, envelope);
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
    err = envelope->is_doubted ? nkt_user_accept(swarm, &envelope->record, &envelope->from,
                                                 NKT_ACCEPT_DOUBTED, 0, sender)
                               : nkt_user_accept(swarm, &envelope->record, &envelope->from, 0,
                                                 envelope->created_ms, sender);
    return err < 0 ? err : NKT_OK;
}

static int kept_receive(nkt_swarm_t *swarm, const nkt_user_t *keeper, nkt_envelope_t *envelope)
{
    int is_shared = envelope->kind == NKT_KIND_SHARED && nkt_address_is_zero(&envelope->to);
    int is_to_us = is_shared || nkt_address_compare(&envelope->to, &swarm->identity.address) == 0;
    int is_to_keep = nkt_address_compare(&envelope->from, &keeper->address) == 0 && keeper->standing.is_member;
    if ((envelope->kind != NKT_KIND_SESSION && !is_shared) || !envelope->may_keep || (!is_to_us && !is_to_keep))
        return NKT_E_PAYLOAD; /* what was not to be kept, as calls, is not heard late from whoever kept it */
    if (is_to_keep && memcmp(envelope->network, swarm->room.network, NKT_NETWORK_SIZE) != 0)
        return NKT_E_NETWORK;
    nkt_user_t *sender = nkt_user_find(swarm, &envelope->from);
    nkt_freshness_t fresh =
        nkt_clock_judge(swarm, sender, envelope->created_ms, (uint64_t)envelope->ttl_s * 1000);
    int err = NKT_OK;
    if (fresh == NKT_STALE || (fresh == NKT_AHEAD && sender == NULL))
        return NKT_E_EXPIRED;
    if (envelope->has_record) {
        uint8_t is_blameless = swarm->blame.is_blameless;
        err = record_sender(swarm, NULL, envelope, 1, &sender);
        swarm->blame.is_blameless = is_blameless; /* whoever kept it should have looked */
    } else if (sender == NULL || !sender->record.is_bound) {
        return NKT_E_SENDER;
    } else {
        err = nkt_envelope_verify(envelope, sender->record.sign_key);
    }
    if (err == NKT_OK && is_to_keep)
        nkt_mailbox_take(swarm, envelope);
    if (err == NKT_OK && is_to_us)
        err = nkt_seen_add(&swarm->seen, envelope->digest, swarm->now_ms);
    if (err < 0 || !is_to_us)
        return err;
    return is_shared ? nkt_share_receive(swarm, sender, envelope) : nkt_talk_receive(swarm, sender, envelope);
}

/* A letter, or a key of letters: fresh or not, its replay is the windows' and the session's concern. */
static int letter_receive(nkt_swarm_t *swarm, const nkt_envelope_t *envelope)
{
    int is_key = envelope->kind == NKT_KIND_SESSION && envelope->may_keep;
    int is_to_us = nkt_address_compare(&envelope->to, &swarm->identity.address) == 0;
    int is_to_all = nkt_address_is_zero(&envelope->to) && envelope->kind == NKT_KIND_LETTER;
    if ((!is_to_us && !is_to_all) || (!is_key && envelope->kind != NKT_KIND_LETTER))
        return NKT_E_PAYLOAD;
    nkt_user_t *sender = nkt_user_find(swarm, &envelope->from);
    if (sender == NULL || !sender->record.is_bound)
        return NKT_E_SENDER;
    int err = nkt_envelope_verify(envelope, sender->record.sign_key);
    if (err == NKT_OK && nkt_letter_is_expired(swarm, sender, envelope))
        err = NKT_E_EXPIRED;
    if (err < 0)
        return err;
    return is_key ? nkt_talk_receive(swarm, sender, envelope) : nkt_letter_receive(swarm, sender, envelope);
}

/* An envelope out of a mailbox: as above, but no sign of its author's life, and of what may be kept only. For others, and of the
 *  keeper's own: it is given to us to be kept. *is_letter: a keeper had it, which keeps it until told that it was read. */
static int receive_kept(nkt_swarm_t *swarm, nkt_user_t *keeper, const uint8_t *frame, size_t size, int *is_letter)
{
    uint8_t digest[NKT_DIGEST_SIZE];
    nkt_envelope_t envelope;
    int err = nkt_envelope_digest(frame, size, digest);
    if (err < 0)
        return err;
    if (nkt_seen_has(&swarm->seen, digest))
        return NKT_E_DUPLICATE; /* another kept it too, or it came by itself */
    err = nkt_envelope_decode(&envelope, frame, size, digest);
    if (err < 0)
        return err;
    *is_letter = envelope.keep_s != 0;
    err = *is_letter ? letter_receive(swarm, &envelope) : kept_receive(swarm, keeper, &envelope);
    nkt_envelope_deinit(&envelope);
    return err;
}

/* NKT_E_PAYLOAD, or what is wrong with an envelope in it that no honest keeper has. */
static int mailbox_receive(nkt_swarm_t *swarm, nkt_user_t *sender, const nkt_envelope_t *envelope)
{
    uint8_t ids[NKT_LETTER_BATCH_COUNT][NKT_DIGEST_SIZE];
    ProtobufCBinaryData read[NKT_LETTER_BATCH_COUNT];
    const nkt_address_t keeper = sender->address; /* an author who is taken in may cost this user its place */
    Nkt__Receipt receipt = NKT__RECEIPT__INIT;
    Nkt__Mail *mail = nkt_unpack(&nkt__mail__descriptor, envelope->payload_size, envelope->payload);
    if (mail == NULL)
        return NKT_E_PAYLOAD;
    int err = mail->n_frame > NKT_LETTER_BATCH_COUNT ? NKT_E_PAYLOAD : NKT_OK, is_news = 0;
    receipt.id = read;
    for (size_t i = 0; err == NKT_OK && sender != NULL && i < mail->n_frame; i++) {
        int is_letter = 0;
        int one = receive_kept(swarm, sender, mail->frame[i].data, mail->frame[i].len, &is_letter);
        sender = nkt_user_find(swarm, &keeper);
        if (one == NKT_E_MEMORY && is_letter)
            break; /* it, and those behind it, come again */
        if (is_letter && nkt_envelope_digest(mail->frame[i].data, mail->frame[i].len, ids[i]) == NKT_OK)
            read[receipt.n_id++] = nkt_pack_lend(ids[i], NKT_ID_SIZE);
        is_news |= is_letter && one == NKT_OK;
        int is_unknown = one == NKT_E_SENDER && is_letter; /* of one who is forgotten: a keeper cannot know */
        if (is_keepers_fault(one) && !is_unknown)
            err = one; /* an honest keeper looked at it: nothing more from this one */
        else if (one < 0)
            nkt_drop(swarm, one);
        else
            swarm->counters.mail_got++;
    }
    if (sender != NULL)
        receipt_post(swarm, sender, &receipt, is_news);
    nkt__mail__free_unpacked(mail, NULL);
    return err;
}

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

/* ---- who says it ---- */

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
    doubt.freshness = is_echo ? NKT_FRESH : freshness(swarm, link, envelope, doubt.sender);
    if (doubt.freshness == NKT_FRESH)
        return nkt_envelope_verify(envelope, sign_key); /* before anything is changed */
    doubt.is_member = nkt_user_is_record_member(swarm, &greeting->record);
    return doubted_receive(swarm, link, envelope, &doubt);
}

/* What a fresh greeting shows beyond that: its sender's very time. */
static void greeting_prove(nkt_swarm_t *swarm, const nkt_link_t *link,
                           const nkt_envelope_t *envelope, int is_to_us,
                           const nkt_greeting_t *greeting, nkt_user_t *sender)
{
    int is_echo = is_to_us && nkt_clock_is_ours(swarm, greeting->echo);
    int is_late = envelope->created_ms + NKT_CLOCK_NONCE_MS < nkt_clock_of(swarm, sender);
    if (is_echo || (is_of_its_link(link, envelope) && (is_new(swarm, link) || !is_late)))
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
    for (size_t i = 0; !were_many && i < swarm->users.count; i++) /* those who took them for a crowd did not begin to talk */
        nkt_talk_want(swarm, swarm->user_list[i]);
    return 0;
}

/*
 * A greeting brings its sender's keys along: the record proves the address, the envelope's signature the rest. sender NULL:
 * unknown, and stays so.
 */
static int greeting_sender(nkt_swarm_t *swarm, nkt_link_t *link, nkt_envelope_t *envelope, int is_to_us,
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
        int is_seeking = is_to_us && greeting->flags & NKT_GREETING_SEEK && !nkt_pins_have(&swarm->ignored, &address);
        has_leave = is_sought || is_seeking;
        if (is_unknown)
            err = stranger_check(swarm, link, greeting, is_to_us, has_leave,
                                 is_sought || nkt_pins_have(&swarm->pins, &address), &is_trusted);
    }
    if (err == NKT_OK)
        err = greeting_check(swarm, link, envelope, is_to_us, has_leave, greeting, sign_key);
    if (err == NKT_OK)
        author_blame(swarm, envelope);
    int is_let_in = !is_unknown || (err == NKT_OK && !is_passing && has_place(swarm, is_trusted || is_answer));
    if (err == NKT_OK && is_let_in) {
        err = nkt_user_accept(swarm, &greeting->record, &envelope->from, has_leave ? NKT_ACCEPT_LEAVE : 0,
                              envelope->created_ms, sender);
        if (err == NKT_E_USER_RECORD && (*sender = nkt_user_find(swarm, &address)) != NULL)
            err = NKT_OK; /* an older record of somebody known: the greeting itself may still be good */
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
    if (kind != NKT_KIND_DIGEST && kind != NKT_KIND_WANT && kind != NKT_KIND_RECORDS)
        return 0;
    return nkt_user_is_stranger(swarm, sender);
}

static int payload_receive(nkt_swarm_t *swarm, nkt_user_t *sender, const nkt_envelope_t *envelope, int is_to_us)
{
    if (is_premature(swarm, sender, envelope->kind)) {
        swarm->blame.is_blameless = 1;
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
        return is_to_us ? mailbox_receive(swarm, sender, envelope) : NKT_OK;
    case NKT_KIND_KEEP:
        return is_to_us ? nkt_keeper_receive(swarm, sender, envelope) : NKT_OK;
    case NKT_KIND_RECEIPT:
        return is_to_us ? nkt_letter_receipt(swarm, sender, envelope) : NKT_OK;
    case NKT_KIND_SHARED:
        return NKT_E_PAYLOAD; /* never alone */
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
            sender->greeting.greeted_ms = 0; /* whoever comes back wants an answer, at once but not for ever */
        sender->clock.bye_ms = envelope->created_ms;
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
    int err = nkt_seen_add(&swarm->seen, envelope->digest, swarm->now_ms);
    if (err < 0)
        return err;
    if (sender != NULL && is_old_gossip(swarm, sender, envelope))
        return NKT_E_REPLAY;
    if (link->kind == NKT_LINK_RTC && nkt_address_compare(&link->rtc.peer, &envelope->from) != 0)
        nkt_paths_set(&swarm->paths, &envelope->from, link->id, envelope->hops, envelope->created_ms, swarm->now_ms,
                      sender != NULL && nkt_user_is_proven(swarm, sender));
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

/*
 * A session message to us that came straight over the authenticated link of its own author needs no second proof: DTLS
 * and the link's authentication prove every byte on it, and it goes no further. That is half of what such a message
 * costs. Whatever came another way, or may be passed on, is verified.
 */
static int is_proven_by_link(const nkt_link_t *link, const nkt_envelope_t *envelope, int is_to_us)
{
    return is_of_its_link(link, envelope) && envelope->kind == NKT_KIND_SESSION && is_to_us;
}

/* Without a record: of one who is known. */
static int known_check(nkt_swarm_t *swarm, nkt_link_t *link, nkt_envelope_t *envelope,
                       nkt_user_t *sender, int is_to_us)
{
    nkt_doubt_t doubt = {.sign_key = sender->record.sign_key,
                         .sender = sender,
                         .is_member = sender->standing.is_member || sender->standing.is_claimed,
                         .has_leave = sender->standing.is_met};
    doubt.freshness = freshness(swarm, link, envelope, sender);
    if (doubt.freshness != NKT_FRESH)
        return doubted_receive(swarm, link, envelope, &doubt);
    return is_proven_by_link(link, envelope, is_to_us)
               ? NKT_OK
               : nkt_envelope_verify(envelope, sender->record.sign_key);
}

static int parsed_receive(nkt_swarm_t *swarm, nkt_link_t *link, nkt_envelope_t *envelope)
{
    int is_to_us = nkt_address_compare(&envelope->to, &swarm->identity.address) == 0;
    if (!is_to_us && memcmp(envelope->network, swarm->room.network, NKT_NETWORK_SIZE) != 0)
        return NKT_E_NETWORK;
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
        err = greeting_sender(swarm, link, envelope, is_to_us, &greeting, &sender);
        if (err < 0)
            return err;
    } else if (envelope->has_record) {
        err = record_sender(swarm, link, envelope, is_to_us, &sender);
        if (err < 0)
            return err;
    } else {
        sender = nkt_user_find(swarm, &envelope->from);
        if (sender == NULL || !sender->record.is_bound) {
            nkt_spread_ask(swarm, link, &envelope->from);
            return NKT_E_SENDER;
        }
        err = known_check(swarm, link, envelope, sender, is_to_us);
    }
    if (err == NKT_OK)
        author_blame(swarm, envelope);
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
    if (sender != NULL && sender->mesh.link != NULL && relay >= 0 && !(sender->presence.relay_bits >> relay & 1)) {
        sender->presence.relay_bits |= 1u << relay;
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
        nkt_tree_duplicate(swarm, link, digest);
        return NKT_E_DUPLICATE;
    }
    err = nkt_envelope_decode(&envelope, frame, size, digest);
    if (err < 0)
        return err;
    err = parsed_receive(swarm, link, &envelope);
    nkt_envelope_deinit(&envelope);
    return err;
}
