/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Mail for those who are away. A few keep it, and hand it over, once, when they hear of the recipient. They are chosen by distance
 * (the envelope's id against addresses) by its author, who gives it to each of them alone; what floods all the same, since its author
 * believes its recipient to be there, is kept by those who find themselves nearest. It is handed over inside an envelope of the keeper's
 * own: those on the way have seen what it holds.
 *
 * Nothing here is trusted: what comes out of a mailbox passes the same checks as what comes straight from its author,
 * and is no sign of his life. An author who is still there says it all again: that it is heard once is the replay
 * windows' work.
 */
#include <string.h>

#include "base/base58.h"
#include "nkt.pb-c.h"
#include "swarm/swarm.h"

/* In user->mail_due */
enum { DUE_HAND = 1, DUE_POST = 2 };

enum { AGAIN_MS_MAX = 3600000 }; /* what was said to everybody is not kept afresh for who is away longer than an hour */

static int is_near(const nkt_swarm_t *swarm, const nkt_user_t *user)
{
    if (user->flags & NKT_USER_UNREACHABLE)
        return 0;
    return user->link != NULL || user->relay_bits != 0 || nkt_paths_get(&swarm->paths, &user->address) != 0;
}

int nkt_mailbox_is_away(nkt_swarm_t *swarm, const nkt_user_t *user)
{
    if (user->flags & NKT_USER_UNREACHABLE)
        return 1;
    /* where each has few links, no way is known to many who are there, and ways are known to some who left */
    return nkt_view_is_mesh(swarm) ? !is_near(swarm, user)
                                   : user->link == NULL && user->relay_bits == 0 &&
                                         swarm->now_ms - user->heard_ms >= NKT_MAIL_SILENT_MS;
}

static void due_set(nkt_swarm_t *swarm, nkt_user_t *user, uint8_t due)
{
    user->mail_due |= due;
    nkt_timer_set_by(&swarm->timers, &swarm->mail_timer, swarm->now_ms + NKT_MAIL_DELAY_MS);
}

/* ---- keeping ---- */

static uint32_t distance(const nkt_address_t *address, const uint8_t id[NKT_ID_SIZE])
{
    return nkt_get_u32be(address->b) ^ nkt_get_u32be(id); /* hashes, both */
}

/* Are we among the nearest of those who may keep it, as far as we know them? Of more than we know, a share. */
static int is_keeper(nkt_swarm_t *swarm, const nkt_envelope_t *envelope)
{
    uint32_t own = distance(&swarm->identity.address, envelope->digest);
    size_t nearer = 0, count = 1;
    for (size_t i = 0; i < swarm->users.count; i++) {
        const nkt_user_t *user = swarm->user_list[i];
        if (user->flags & NKT_USER_UNREACHABLE || nkt_address_compare(&user->address, &envelope->from) == 0 ||
            nkt_address_compare(&user->address, &envelope->to) == 0)
            continue;
        count++;
        nearer += distance(&user->address, envelope->digest) < own;
    }
    size_t size = nkt_view_size(swarm);
    return nearer * (size > count ? size : count) < NKT_MAIL_KEEPER_COUNT * count;
}

static void keep(nkt_swarm_t *swarm, const nkt_envelope_t *envelope, uint32_t via, nkt_address_t *to, size_t to_count)
{
    nkt_mail_t head = {.from = envelope->from, .via = via, .kept_ms = swarm->now_ms, .to = to, .to_count = to_count};
    memcpy(head.id, envelope->digest, NKT_ID_SIZE);
    if (nkt_mailbox_add(&swarm->mailbox, &head, envelope->frame, envelope->frame_size) == NKT_OK)
        swarm->counters.mail_kept++;
}

void nkt_mailbox_keep(nkt_swarm_t *swarm, const nkt_envelope_t *envelope, const nkt_link_t *from, const nkt_user_t *to)
{
    if (envelope->kind != NKT_KIND_SESSION || !envelope->may_keep || to == NULL || !to->is_member ||
        !nkt_mailbox_is_away(swarm, to) || !is_keeper(swarm, envelope))
        return;
    nkt_address_t recipient = envelope->to;
    keep(swarm, envelope, from->id, &recipient, 1);
}

/* A way alone does not say so: it leads to where the recipient was, for as long as nobody is told that he is gone. */
static int is_there(const nkt_swarm_t *swarm, const nkt_user_t *user)
{
    if (user->flags & NKT_USER_UNREACHABLE)
        return 0;
    return (user->link != NULL && nkt_link_is_steady(user->link)) || user->relay_bits != 0 ||
           (is_near(swarm, user) && swarm->now_ms - user->heard_ms < NKT_MAIL_SILENT_MS);
}

/* Its author did not find the recipient: whoever hears of him now hands it over at once, others when they do. */
void nkt_mailbox_take(nkt_swarm_t *swarm, const nkt_envelope_t *envelope)
{
    nkt_address_t to[NKT_MAIL_SHARE_COUNT_MAX] = {envelope->to};
    int count = envelope->kind == NKT_KIND_SHARED ? nkt_share_recipients(envelope, to) : 1;
    size_t kept_count = 0;
    for (int i = 0; i < count; i++) {
        nkt_user_t *user = nkt_user_find(swarm, &to[i]);
        if (nkt_address_compare(&to[i], &swarm->identity.address) == 0 || (user != NULL && user->flags & NKT_USER_MUTED))
            continue;
        to[kept_count++] = to[i];
        if (user != NULL && is_there(swarm, user))
            due_set(swarm, user, DUE_HAND);
    }
    if (kept_count > 0)
        keep(swarm, envelope, swarm->from != NULL ? swarm->from->id : 0, to, kept_count);
}

/* ---- handing over ---- */

void nkt_mailbox_heard(nkt_swarm_t *swarm, nkt_user_t *user, uint64_t created_ms)
{
    if (created_ms <= user->said_ms)
        return; /* said before something that we know: late, or a replay, and no sign of life */
    user->said_ms = created_ms;
    nkt_letter_heard(swarm, user, created_ms);
    nkt_keeper_heard(swarm, user);
    user->mailed_ms = 0;
    user->mailed_count = 0;
    user->mail_due &= (uint8_t)~DUE_POST;
    if (swarm->mailbox.count > 0 && nkt_mailbox_next(&swarm->mailbox, &user->address) != NULL)
        due_set(swarm, user, DUE_HAND);
}

/* One envelope of mail; returns whether there is more. */
static int hand_over(nkt_swarm_t *swarm, nkt_user_t *user)
{
    ProtobufCBinaryData frames[NKT_MAIL_BATCH_COUNT];
    const nkt_mail_t *mails[NKT_MAIL_BATCH_COUNT];
    Nkt__Mail message = NKT__MAIL__INIT;
    size_t size = 0, count = 0;
    const nkt_mail_t *mail = nkt_mailbox_next(&swarm->mailbox, &user->address);
    for (; mail != NULL && count < NKT_MAIL_BATCH_COUNT; mail = nkt_mailbox_after(&swarm->mailbox, mail, &user->address)) {
        size += mail->size;
        if (count > 0 && size > NKT_BATCH_SIZE_MAX)
            break;
        frames[count] = nkt_pack_lend(mail->frame, mail->size);
        mails[count++] = mail;
    }
    message.frame = frames;
    message.n_frame = count;
    int err = count == 0 ? NKT_OK : nkt_pack(&swarm->payload, &message.base);
    if (err == NKT_OK && count > 0)
        err = nkt_post(swarm, NKT_KIND_MAIL, user);
    if (err == NKT_E_MEMORY || (err == 0 && count > 0))
        return 0; /* another time: no memory, or no way */
    for (size_t i = 0; i < count; i++)
        nkt_mailbox_handed(&swarm->mailbox, mails[i], &user->address);
    swarm->counters.mail_handed += count;
    return mail != NULL;
}

/* ---- the author's side ---- */

static int may_be_keeper(const nkt_swarm_t *swarm, const nkt_user_t *user)
{
    return user->is_member && user->flags == 0 && !user->is_lost && is_near(swarm, user);
}

/* Is there anybody who could keep something for that user? */
static int has_keeper(const nkt_swarm_t *swarm, const nkt_user_t *away)
{
    for (size_t i = 0; i < swarm->users.count; i++) {
        const nkt_user_t *user = swarm->user_list[i];
        if (user != away && may_be_keeper(swarm, user))
            return 1;
    }
    return 0;
}

static int is_among(const nkt_user_t *user, nkt_user_t *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (list[i] == user)
            return 1;
    }
    return 0;
}

/* The nearest of those who may keep it, the nearest first. */
static size_t keepers_pick(nkt_swarm_t *swarm, const uint8_t id[NKT_ID_SIZE], nkt_user_t *const *to, size_t to_count,
                           nkt_user_t *keepers[NKT_MAIL_KEEPER_COUNT])
{
    size_t count = 0, count_max = to_count > 1 ? NKT_MAIL_SHARED_KEEPER_COUNT : NKT_MAIL_KEEPER_COUNT;
    for (size_t i = 0; i < swarm->users.count; i++) {
        nkt_user_t *user = swarm->user_list[i];
        if (!may_be_keeper(swarm, user) || is_among(user, to, to_count))
            continue;
        size_t place = count;
        while (place > 0 && distance(&user->address, id) < distance(&keepers[place - 1]->address, id))
            place--;
        if (place == count_max)
            continue;
        count += count < count_max;
        memmove(&keepers[place + 1], &keepers[place], (count - 1 - place) * sizeof keepers[0]);
        keepers[place] = user;
    }
    return count;
}

int nkt_mailbox_give(nkt_swarm_t *swarm, const uint8_t id[NKT_ID_SIZE], nkt_user_t *const *to, size_t to_count, uint32_t ticket)
{
    nkt_user_t *keepers[NKT_MAIL_KEEPER_COUNT];
    Nkt__Mail mail = NKT__MAIL__INIT;
    ProtobufCBinaryData frame = nkt_pack_lend(swarm->frame.data, swarm->frame.size);
    size_t keeper_count = keepers_pick(swarm, id, to, to_count, keepers);
    mail.frame = &frame;
    mail.n_frame = 1;
    int given_count = 0, err = keeper_count == 0 ? NKT_OK : nkt_pack(&swarm->payload, &mail.base);
    for (size_t i = 0; err == NKT_OK && i < keeper_count; i++)
        given_count += nkt_post_mail(swarm, keepers[i], ticket) > 0;
    return err < 0 ? err : given_count;
}

int nkt_mailbox_may_post(const nkt_swarm_t *swarm, const nkt_user_t *user)
{
    return user->flags == NKT_USER_UNREACHABLE && user->is_member && nkt_session_exists(&user->session) &&
           user->mailed_count < NKT_MAIL_POST_COUNT_MAX && user->mailed_size < NKT_MAIL_FROM_SIZE_MAX &&
           swarm->effects.size < NKT_EFFECT_SIZE_HIGH && nkt_post_can_reach(swarm, user) && has_keeper(swarm, user);
}

void nkt_mailbox_posted(nkt_swarm_t *swarm, nkt_user_t *user, size_t size)
{
    user->mailed_count++;
    user->mailed_size += size;
    if (user->mailed_ms == 0)
        user->mailed_ms = swarm->now_ms;
}

void nkt_mailbox_want(nkt_swarm_t *swarm, nkt_user_t *user)
{
    user->mailed_size = 0;
    for (nkt_parcel_t *parcel = user->flight_head; parcel != NULL; parcel = parcel->next)
        parcel->is_mailed = 0;
    for (nkt_parcel_t *parcel = user->queue_head; parcel != NULL; parcel = parcel->next)
        parcel->is_mailed = 0;
    nkt_letter_want(swarm, user);
    if (user->flight_head != NULL || user->queue_head != NULL)
        due_set(swarm, user, DUE_POST);
}

/* Calls are answered at once or not at all, and may be given up. What earlier lives left goes out life by life: a replay
 * window knows but two. */
int nkt_mailbox_may_keep(const nkt_swarm_t *swarm, const nkt_parcel_t *parcel)
{
    return !parcel->message->is_call && parcel->message->life == swarm->journal.life;
}

/* How many parcels from this one on travel in one envelope of mail. */
static size_t batch_count(const nkt_swarm_t *swarm, const nkt_parcel_t *parcel)
{
    size_t count = 0, size = 0;
    for (; parcel != NULL && count < NKT_BATCH_COUNT_MAX; parcel = parcel->next) {
        size += parcel->message->size;
        int is_letter = !nkt_address_is_zero(&parcel->message->peer); /* the others: share.c */
        if (!is_letter || parcel->is_mailed || !nkt_mailbox_may_keep(swarm, parcel) || (count > 0 && size > NKT_BATCH_SIZE_MAX))
            break;
        count++;
    }
    return count;
}

/* The parcels from this one on, for others to keep: they stay where they are. 0: no more now. */
static int parcels_post(nkt_swarm_t *swarm, nkt_user_t *user, nkt_parcel_t *parcel)
{
    while (parcel != NULL) {
        size_t count = batch_count(swarm, parcel);
        if (count == 0) {
            parcel = parcel->next;
            continue;
        }
        if (!nkt_mailbox_may_post(swarm, user) || nkt_talk_say(swarm, user, parcel, count) <= 0)
            return 0;
        for (; count > 0; count--, parcel = parcel->next)
            parcel->is_mailed = 1;
    }
    return 1;
}

void nkt_mailbox_post(nkt_swarm_t *swarm, nkt_user_t *user)
{
    if (!nkt_mailbox_may_post(swarm, user))
        return;
    if (user->flight_count + user->queue_count > user->letter_count)
        nkt_share_want(swarm);
    if (user->letter_count > 0 && parcels_post(swarm, user, user->flight_head))
        parcels_post(swarm, user, user->queue_head);
}

/* ---- from time to time ---- */

void nkt_mailbox_timer(nkt_swarm_t *swarm)
{
    int is_left = 0;
    for (size_t i = 0; i < swarm->users.count; i++) {
        nkt_user_t *user = swarm->user_list[i];
        uint8_t due = user->mail_due;
        user->mail_due = 0;
        if (due & DUE_POST)
            nkt_mailbox_post(swarm, user);
        if (due & DUE_HAND && !(user->flags & NKT_USER_UNREACHABLE) && hand_over(swarm, user)) {
            user->mail_due |= DUE_HAND;
            is_left = 1;
        }
    }
    if (is_left)
        nkt_timer_set_by(&swarm->timers, &swarm->mail_timer, swarm->now_ms + NKT_MAIL_PACE_MS);
}

void nkt_mailbox_tidy(nkt_swarm_t *swarm)
{
    nkt_mailbox_expire(&swarm->mailbox, swarm->now_ms);
    nkt_keeper_tidy(swarm);
    nkt_letters_tidy(swarm);
    for (size_t i = 0; i < swarm->users.count; i++) {
        nkt_user_t *user = swarm->user_list[i];
        if (user->flags != NKT_USER_UNREACHABLE)
            continue;
        /* it waits here for those who are not followed any more */
        int is_old = user->letter_count == 0 && ((nkt_away_has_left(user) && !user->is_followed) ||
                                                 swarm->now_ms - user->away_ms >= AGAIN_MS_MAX);
        if (user->mailed_ms == 0 || (swarm->now_ms - user->mailed_ms >= NKT_MAIL_AGAIN_MS && !is_old)) {
            user->mailed_ms = 0; /* until something is posted: there may be nobody now who could keep it */
            nkt_mailbox_want(swarm, user);
        }
    }
}

/* ---- getting mail ---- */

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
        int one = nkt_receive_kept(swarm, sender, mail->frame[i].data, mail->frame[i].len, &is_letter);
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
