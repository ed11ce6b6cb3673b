/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Mail kept for those who are away, for minutes: which envelopes that come by are this peer's to keep (overlay/mail.h). Handing
 * over is inbound/mailbox.c, the author's side delivery/mail.c.
 */
#include <string.h>

#include "base/base58.h"
#include "routing/routing.h"
#include "state/state.h"
#include "state/swarm.h"

uint32_t nkt_keep_distance(const nkt_address_t *address, const uint8_t id[NKT_ID_SIZE])
{
    return nkt_get_u32be(address->b) ^ nkt_get_u32be(id); /* hashes, both; near by XOR, as in Kademlia (Maymounkov, Mazieres 2002) */
}

/* Are we among the nearest of those who may keep it, as far as we know them? Of more than we know, a share. */
static int is_keeper(nkt_swarm_t *swarm, const nkt_envelope_t *envelope)
{
    uint32_t own = nkt_keep_distance(&swarm->identity.address, envelope->digest);
    size_t nearer = 0, count = 1;
    for (size_t i = 0; i < swarm->users.count; i++) {
        const nkt_user_t *user = swarm->user_list[i];
        if (nkt_user_reach(user) == NKT_REACH_NONE || nkt_address_compare(&user->address, &envelope->from) == 0 ||
            nkt_address_compare(&user->address, &envelope->to) == 0)
            continue;
        count++;
        nearer += nkt_keep_distance(&user->address, envelope->digest) < own;
    }
    size_t size = nkt_view_size(swarm);
    return nearer * (size > count ? size : count) < NKT_MAIL_KEEPER_COUNT * count;
}

void nkt_keep_mail(nkt_swarm_t *swarm, const nkt_envelope_t *envelope, uint32_t via, nkt_address_t *to, size_t to_count)
{
    nkt_mail_t head = {.from = envelope->from, .via = via, .kept_ms = swarm->now_ms, .to = to, .to_count = to_count};
    memcpy(head.id, envelope->digest, NKT_ID_SIZE);
    if (nkt_mailbox_add(&swarm->mailbox, &head, envelope->frame, envelope->frame_size) == NKT_OK)
        nkt_count(swarm, NKT_TALLY_MAIL_KEPT, 1);
}

void nkt_mailbox_keep(nkt_swarm_t *swarm, const nkt_envelope_t *envelope, const nkt_link_t *from, const nkt_user_t *to)
{
    if (envelope->kind != NKT_KIND_SESSION || !envelope->may_keep || to == NULL || !to->standing.is_member ||
        !nkt_mailbox_is_away(swarm, to) || !is_keeper(swarm, envelope))
        return;
    nkt_address_t recipient = envelope->to;
    nkt_keep_mail(swarm, envelope, from->id, &recipient, 1);
}

void nkt_mailbox_posted(nkt_swarm_t *swarm, nkt_user_t *user, size_t size)
{
    user->mail.given_count++;
    user->mail.given_size += size;
    if (user->mail.given_ms == 0)
        user->mail.given_ms = swarm->now_ms;
}

void nkt_mailbox_due(nkt_swarm_t *swarm, nkt_user_t *user, uint8_t due)
{
    user->mail.due |= due;
    nkt_alarm_set_by(swarm, &swarm->mail_timer, swarm->now_ms + NKT_MAIL_DELAY_MS);
}

uint8_t nkt_mailbox_due_take(nkt_user_t *user)
{
    uint8_t due = user->mail.due;
    user->mail.due = 0;
    return due;
}

void nkt_mailbox_go_on(nkt_user_t *user)
{
    user->mail.due |= NKT_DUE_HAND;
}

void nkt_mailbox_pace(nkt_swarm_t *swarm)
{
    nkt_alarm_set_by(swarm, &swarm->mail_timer, swarm->now_ms + NKT_MAIL_PACE_MS);
}

void nkt_mailbox_again(nkt_user_t *user)
{
    user->mail.given_ms = 0;
}

void nkt_mailbox_afresh(nkt_user_t *user)
{
    user->mail.given_size = 0;
}

void nkt_mailbox_done(nkt_user_t *user)
{
    user->mail.given_ms = 0;
    user->mail.given_count = 0;
    user->mail.due &= (uint8_t)~NKT_DUE_POST;
}

void nkt_keep_handed(nkt_swarm_t *swarm, const nkt_mail_t *mail, const nkt_address_t *to)
{
    nkt_mailbox_handed(&swarm->mailbox, mail, to);
}

void nkt_keep_tidy(nkt_swarm_t *swarm)
{
    nkt_mailbox_expire(&swarm->mailbox, swarm->now_ms);
}
