/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one place where a link is closed for good: nothing else frees one while the core lives (tests/glue/calls.test.mjs). */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/base58.h"
#include "links/links.h"
#include "routing/routing.h"
#include "state/state.h"
#include "state/swarm.h"

void nkt_invite_tell(nkt_swarm_t *swarm, const nkt_link_t *link, uint32_t ticket, int err)
{
    const char *reason = err == NKT_OK ? "" : nkt_err_text(err);
    if (ticket != 0)
        nkt_emit(swarm, &(nkt_effect_t){.kind = NKT_FX_CONNECTED,
                                        .ticket = ticket,
                                        .address = link->rtc.peer,
                                        .value = err,
                                        .text = reason,
                                        .text_size = strlen(reason)});
}

/* The invite has come to its end, the link may go on. */
void nkt_invite_end(nkt_swarm_t *swarm, nkt_link_t *link, int err)
{
    nkt_invitation_t *invitation = link->rtc.invitation;
    link->rtc.invitation = NULL;
    nkt_invite_tell(swarm, link, invitation->ticket, err);
    nkt_invite_tell(swarm, link, invitation->complete_ticket, err);
    free(invitation);
}

/* Such a link is being closed. */
static void invite_lost(nkt_swarm_t *swarm, nkt_link_t *link)
{
    nkt_link_state_t waiting = link->rtc.invitation->is_inviter ? NKT_LINK_OFFERED : NKT_LINK_JOINING;
    int is_late = swarm->now_ms >= link->rtc.invitation->until_ms && link->state <= waiting;
    nkt_invite_end(swarm, link, swarm->is_stopped ? NKT_E_STOPPED : is_late ? NKT_E_INVITE_EXPIRED : NKT_E_INVITE_LOST);
}

/* A link, or an attempt, is gone: nobody refers to it any more. What follows from a link that is lost is decided above. */
static void mesh_lost(nkt_swarm_t *swarm, const nkt_link_t *link)
{
    nkt_user_t *user = nkt_address_is_zero(&link->rtc.peer) ? NULL : nkt_user_find(swarm, &link->rtc.peer);
    int is_its_link = user != NULL && user->mesh.link == link;
    if (is_its_link)
        user->mesh.link = NULL;
    if (user == NULL || swarm->is_stopped)
        return;
    if (is_its_link) {
        nkt_emit(swarm, &(nkt_effect_t){.kind = NKT_FX_LINK, .address = user->address, .link = link->id, .value = 0});
        nkt_news_report(swarm, user, NKT_NEWS_LINK_LOST);
    } else if (user->mesh.link == NULL && link->state < NKT_LINK_LIVE) {
        user->mesh.attempt++;
        nkt_mesh_want(swarm, user, 0);
    }
}

/* The one that was heard longest of those that are heard out, of that pair alone (NULL: of all); and how many there are. */
static nkt_link_t *drained_first(const nkt_swarm_t *swarm, const nkt_address_t *peer, size_t *count)
{
    nkt_link_t *first = NULL;
    *count = 0;
    for (size_t i = 0; i < swarm->link_count; i++) {
        nkt_link_t *link = swarm->links[i];
        if (link->state != NKT_LINK_DRAINING || (peer != NULL && nkt_address_compare(&link->rtc.peer, peer) != 0))
            continue;
        (*count)++;
        if (first == NULL || link->timer.at_ms < first->timer.at_ms ||
            (link->timer.at_ms == first->timer.at_ms && link->timer.order < first->timer.order))
            first = link;
    }
    return first;
}

/* Who proves one link after another, or has many names, is not heard over all of them: each is a connection of the platform. */
static void drained_make_room(nkt_swarm_t *swarm, const nkt_address_t *peer)
{
    size_t count;
    nkt_link_t *first = drained_first(swarm, peer, &count);
    if (count < NKT_RTC_DRAIN_COUNT) {
        first = drained_first(swarm, NULL, &count);
        if (count < NKT_RTC_DRAIN_COUNT_MAX)
            return;
    }
    nkt_link_close(swarm, first, 1);
}

/* Its other end may have sent on it before it knew: a session message goes over one link alone. As QUIC ends a connection (RFC 9000,
 * 10.2.2): nothing is sent any more, what arrives is still heard. Both ends do, and each closes it after its time. */
void nkt_link_drain(nkt_swarm_t *swarm, nkt_link_t *link)
{
    if (link->rtc.invitation != NULL) {
        nkt_link_close(swarm, link, 1);
        return;
    }
    drained_make_room(swarm, &link->rtc.peer);
    nkt_tree_link_down(swarm, link);
    nkt_link_state_set(link, NKT_LINK_DRAINING);
    nkt_link_alarm(swarm, link, swarm->now_ms + NKT_RTC_DRAIN_MS);
    nkt_status_changed(swarm);
}

void nkt_link_close(nkt_swarm_t *swarm, nkt_link_t *link, int tell_host)
{
    nkt_link_remove(swarm, link);
    nkt_tree_link_down(swarm, link);
    if (tell_host)
        nkt_emit(swarm, &(nkt_effect_t){.kind = NKT_FX_LINK_CLOSE, .link = link->id});
    if (link->rtc.invitation != NULL)
        invite_lost(swarm, link);
    if (link->kind == NKT_LINK_RTC)
        mesh_lost(swarm, link);
    else
        nkt_link_unplug(link);
    nkt_status_changed(swarm);
    assert(link->rtc.invitation == NULL && !nkt_timer_is_set(&link->timer));
    nkt_link_free(link);
}
