/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What others kept for us, handed over in MAIL: mail of minutes ago, letters of days ago. */
#include <string.h>

#include "base/base58.h"
#include "delivery/delivery.h"
#include "inbound/inbound.h"
#include "nkt.pb-c.h"
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
    if (receipt->n_id > 0 && nkt_pack(nkt_lend(swarm, NKT_LENT_PAYLOAD), &receipt->base) == NKT_OK)
        nkt_post_after(swarm, NKT_KIND_RECEIPT, keeper, is_news ? NKT_TICKET_STEP : swarm->put_ticket);
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
        err = nkt_sender_of_record(swarm, NULL, envelope, 1, &sender);
        nkt_blame_excuse(swarm, is_blameless); /* whoever kept it should have looked */
    } else if (sender == NULL || !sender->record.is_bound) {
        return NKT_E_SENDER;
    } else {
        err = nkt_envelope_verify(envelope, sender->record.sign_key);
    }
    if (err == NKT_OK && is_to_keep)
        nkt_mailbox_take(swarm, envelope);
    if (err == NKT_OK && is_to_us)
        err = nkt_once(swarm, envelope->digest);
    if (err < 0 || !is_to_us)
        return err;
    return is_shared ? nkt_share_receive(swarm, sender, envelope) : nkt_talk_receive(swarm, sender, envelope);
}

/*
 * A key of letters by one of whom nothing was ever heard: it brings its author's record along, and all that he wrote from then on is
 * news. If it may be that he was heard once and forgotten since, it is not: he may have written it before that. So nothing is taken
 * from before the time at which the last was heard who was forgotten; and nothing by who forgets all when he goes.
 */
static int author_meet(nkt_swarm_t *swarm, nkt_envelope_t *envelope, nkt_user_t **author)
{
    nkt_freshness_t fresh = nkt_clock_judge(swarm, *author, envelope->created_ms, (uint64_t)envelope->keep_s * 1000);
    int was_known = *author != NULL;
    if (!swarm->settings.persist || envelope->created_ms <= swarm->identity.forgotten_ms || fresh != NKT_FRESH)
        return NKT_E_EXPIRED;
    int err = nkt_sender_of_record(swarm, NULL, envelope, 1, author);
    if (err == NKT_OK && !was_known) {
        nkt_away_begin(swarm, *author);
        nkt_away_leave(swarm, *author);
    }
    return err;
}

static int unheard_receive(nkt_swarm_t *swarm, nkt_envelope_t *envelope, nkt_user_t *author)
{
    int err = author_meet(swarm, envelope, &author);
    if (err == NKT_OK)
        err = nkt_talk_receive(swarm, author, envelope);
    if (err == NKT_OK)
        nkt_clock_first(swarm, author, envelope->created_ms);
    return err;
}

/* A letter, or a key of letters: fresh or not, its replay is the windows' and the session's concern. */
static int letter_receive(nkt_swarm_t *swarm, nkt_envelope_t *envelope)
{
    int is_key = envelope->kind == NKT_KIND_SESSION && envelope->may_keep;
    int is_to_us = nkt_address_compare(&envelope->to, &swarm->identity.address) == 0;
    int is_to_all = nkt_address_is_zero(&envelope->to) && envelope->kind == NKT_KIND_LETTER;
    if ((!is_to_us && !is_to_all) || (!is_key && envelope->kind != NKT_KIND_LETTER))
        return NKT_E_PAYLOAD;
    nkt_user_t *sender = nkt_user_find(swarm, &envelope->from);
    if (is_key && envelope->has_record && (sender == NULL || sender->clock.first_ms == 0))
        return unheard_receive(swarm, envelope, sender);
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
int nkt_mailbox_receive(nkt_swarm_t *swarm, nkt_user_t *sender, const nkt_envelope_t *envelope)
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
            nkt_count(swarm, NKT_TALLY_MAIL_GOT, 1);
    }
    if (sender != NULL)
        receipt_post(swarm, sender, &receipt, is_news);
    nkt__mail__free_unpacked(mail, NULL);
    return err;
}
