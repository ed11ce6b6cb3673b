/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What follows from what the rooms below reported: the one place where it is decided, at the end of each fact and each timer, when
 * nobody up the stack holds a user any more. So a room that sees something says so and goes on; nothing changes beneath it.
 */
#include "delivery/delivery.h"
#include "inbound/inbound.h"
#include "links/links.h"
#include "people/people.h"
#include "state/state.h"
#include "state/swarm.h"

/* What was stored for one who was not known finds its way. */
static void met(nkt_swarm_t *swarm, nkt_user_t *user)
{
    if (swarm->outbox.orphan_head != NULL)
        nkt_outbox_adopt(swarm, user); /* also those of others who were met in the same fact */
    if (user->delivery.queue_head == NULL)
        return;
    nkt_outbox_weigh(swarm, user);
    nkt_outbox_hurry(swarm, user); /* who was met a moment ago may have a session or a way already */
}

/* It said good-bye: after its link is lost, so that nobody is looked for in its place. */
static void left(nkt_swarm_t *swarm, nkt_user_t *user)
{
    nkt_user_give_up(swarm, user);
    nkt_away_leave(swarm, user);
}

static void link_lost(nkt_swarm_t *swarm, nkt_user_t *user)
{
    nkt_user_reachability(swarm, user);
    nkt_user_tell(swarm, user, 0);
    nkt_view_renew(swarm);
    nkt_view_want(swarm, 0);
    nkt_announce_lost(swarm);
    if (nkt_clock_has_left(user)) /* by another way, before the link was proven: to us it was there again */
        left(swarm, user);
}

/* It left the table when it was forgotten; what waits for it ends now. */
static void forgotten(nkt_swarm_t *swarm, nkt_user_t *user)
{
    nkt_outbox_drop(swarm, user, NKT_E_NOT_FOUND);
    if (user->letters.held != 0 && user->letters.held == swarm->letters.key.epoch)
        nkt_letters_renew(swarm); /* it holds our key */
    nkt_user_bury(swarm, user);
}

void nkt_news_heed(nkt_swarm_t *swarm)
{
    unsigned news;
    for (nkt_user_t *user = nkt_news_take(swarm, &news); user != NULL; user = nkt_news_take(swarm, &news)) {
        if (news & NKT_NEWS_FORGOTTEN) { /* whatever else there was */
            forgotten(swarm, user);
            continue;
        }
        if (news & NKT_NEWS_MET)
            met(swarm, user);
        if (news & NKT_NEWS_PROVEN) {
            nkt_admit_proven(swarm, user);
            nkt_view_renew(swarm);
        }
        if (news & NKT_NEWS_LINK_LOST)
            link_lost(swarm, user);
        if (news & NKT_NEWS_LEFT)
            left(swarm, user);
    }
}
