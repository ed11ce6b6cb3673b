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
#include "base/base58.h"
#include "delivery/delivery.h"
#include "inbound/inbound.h"
#include "nkt.pb-c.h"
#include "routing/routing.h"
#include "state/state.h"
#include "state/swarm.h"

enum { AGAIN_MS_MAX = 3600000 }; /* what was said to everybody is not kept afresh for who is away longer than an hour */

/* A way alone does not say so: it leads to where the recipient was, for as long as nobody is told that he is gone. */
static int is_there(const nkt_swarm_t *swarm, const nkt_user_t *user)
{
    if (nkt_user_reach(user) == NKT_REACH_NONE)
        return 0;
    return (user->mesh.link != NULL && nkt_link_is_steady(user->mesh.link)) || user->presence.relay_bits != 0 ||
           (nkt_user_is_near(swarm, user) && swarm->now_ms - user->presence.heard_ms < NKT_MAIL_SILENT_MS);
}

/* Its author did not find the recipient: whoever hears of him now hands it over at once, others when they do. */
void nkt_mailbox_take(nkt_swarm_t *swarm, const nkt_envelope_t *envelope)
{
    nkt_address_t to[NKT_MAIL_SHARE_COUNT_MAX] = {envelope->to};
    int count = envelope->kind == NKT_KIND_SHARED ? nkt_share_recipients(envelope, to) : 1;
    size_t kept_count = 0;
    for (int i = 0; i < count; i++) {
        nkt_user_t *user = nkt_user_find(swarm, &to[i]);
        if (nkt_address_compare(&to[i], &swarm->identity.address) == 0 || (user != NULL && user->presence.flags & NKT_USER_MUTED))
            continue;
        to[kept_count++] = to[i];
        if (user != NULL && is_there(swarm, user))
            nkt_mailbox_due(swarm, user, NKT_DUE_HAND);
    }
    if (kept_count > 0)
        nkt_keep_mail(swarm, envelope, swarm->blame.from != NULL ? swarm->blame.from->id : 0, to, kept_count);
}

/* ---- handing over ---- */

void nkt_mailbox_heard(nkt_swarm_t *swarm, nkt_user_t *user, uint64_t created_ms)
{
    if (!nkt_clock_is_newest(user, created_ms))
        return; /* said before something that we know: late, or a replay, and no sign of life */
    nkt_letter_heard(swarm, user, created_ms);
    nkt_keeper_heard(swarm, user);
    nkt_mailbox_done(user);
    if (swarm->mailbox.count > 0 && nkt_mailbox_next(&swarm->mailbox, &user->address) != NULL)
        nkt_mailbox_due(swarm, user, NKT_DUE_HAND);
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
    int err = count == 0 ? NKT_OK : nkt_pack(nkt_lend(swarm, NKT_LENT_PAYLOAD), &message.base);
    if (err == NKT_OK && count > 0)
        err = nkt_post(swarm, NKT_KIND_MAIL, user);
    if (err == NKT_E_MEMORY || (err == 0 && count > 0))
        return 0; /* another time: no memory, or no way */
    for (size_t i = 0; i < count; i++)
        nkt_keep_handed(swarm, mails[i], &user->address);
    nkt_count(swarm, NKT_TALLY_MAIL_HANDED, count);
    return mail != NULL;
}

/* ---- from time to time ---- */

void nkt_mailbox_timer(nkt_swarm_t *swarm)
{
    int is_left = 0;
    for (size_t i = 0; i < swarm->users.count; i++) {
        nkt_user_t *user = swarm->user_list[i];
        uint8_t due = nkt_mailbox_due_take(user);
        if (due & NKT_DUE_POST)
            nkt_mailbox_post(swarm, user);
        if (due & NKT_DUE_HAND && nkt_user_reach(user) != NKT_REACH_NONE && hand_over(swarm, user)) {
            nkt_mailbox_go_on(user);
            is_left = 1;
        }
    }
    if (is_left)
        nkt_mailbox_pace(swarm);
}

void nkt_mailbox_tidy(nkt_swarm_t *swarm)
{
    nkt_keep_tidy(swarm);
    nkt_keeper_tidy(swarm);
    nkt_letters_tidy(swarm);
    for (size_t i = 0; i < swarm->users.count; i++) {
        nkt_user_t *user = swarm->user_list[i];
        if (!nkt_user_is_given_up(user))
            continue;
        /* it waits here for those who are not followed any more */
        int is_old = user->delivery.letter_count == 0 && ((nkt_away_has_left(user) && !user->away.is_followed) ||
                                                 swarm->now_ms - user->away.since_ms >= AGAIN_MS_MAX);
        if (user->mail.given_ms == 0 || (swarm->now_ms - user->mail.given_ms >= NKT_MAIL_AGAIN_MS && !is_old)) {
            nkt_mailbox_again(user); /* until something is posted: there may be nobody now who could keep it */
            nkt_mailbox_want(swarm, user);
        }
    }
}
