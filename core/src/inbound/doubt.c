/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When was it said? What is not of now, as far as can be told, is doubted: its author is asked for his time. */
#include <string.h>

#include "base/base58.h"
#include "inbound/inbound.h"
#include "people/people.h"
#include "routing/routing.h"
#include "state/state.h"
#include "state/swarm.h"

/* From here on it is the author who is to blame for what is wrong, not the neighbour who passed it on. */
void nkt_blame_author(nkt_swarm_t *swarm, const nkt_envelope_t *envelope)
{
    const nkt_link_t *from = swarm->blame.from;
    nkt_blame_excuse(swarm, from != NULL && nkt_address_compare(&from->rtc.peer, &envelope->from) != 0);
}

/* Its author is at the other end of this authenticated link: nobody else can say anything here in
 * his name. */
int nkt_is_of_its_link(const nkt_link_t *link, const nkt_envelope_t *envelope)
{
    return link->kind == NKT_LINK_RTC && link->state >= NKT_LINK_LIVE &&
           nkt_address_compare(&link->rtc.peer, &envelope->from) == 0;
}

/*
 * A session message to us that came straight over the authenticated link of its own author needs no second proof: DTLS
 * and the link's authentication prove every byte on it, and it goes no further. Mostly it has none (a direct frame). Whatever came
 * another way, or may be passed on, is verified.
 */
static int is_proven_by_link(const nkt_link_t *link, const nkt_envelope_t *envelope, int is_to_us)
{
    return nkt_is_of_its_link(link, envelope) && envelope->kind == NKT_KIND_SESSION && is_to_us;
}

int nkt_sender_verify(const nkt_link_t *link, const nkt_envelope_t *envelope, int is_to_us, const uint8_t sign_key[32])
{
    return is_proven_by_link(link, envelope, is_to_us) ? NKT_OK : nkt_envelope_verify(envelope, sign_key);
}

/* What comes over it was said since it came up, a moment ago, and has not waited here while we slept. */
int nkt_is_new_link(const nkt_swarm_t *swarm, const nkt_link_t *link)
{
    int has_slept = swarm->woke_ms != 0 && swarm->woke_ms >= link->rtc.live_ms;
    return !has_slept && swarm->now_ms - link->rtc.live_ms < NKT_CLOCK_NONCE_MS;
}

nkt_freshness_t nkt_freshness_of(nkt_swarm_t *swarm, const nkt_link_t *link,
                                 const nkt_envelope_t *envelope, const nkt_user_t *sender)
{
    int is_his_link = nkt_is_of_its_link(link, envelope);
    if (is_his_link && envelope->kind == NKT_KIND_GREETING && nkt_is_new_link(swarm, link))
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
int nkt_doubt_receive(nkt_swarm_t *swarm, nkt_link_t *link, nkt_envelope_t *envelope,
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
        nkt_blame_excuse(swarm, doubt->freshness == NKT_AHEAD);
        return NKT_E_EXPIRED;
    }
    int err = nkt_sender_verify(link, envelope, is_to_us, doubt->sign_key);
    if (err < 0)
        return err;
    nkt_blame_author(swarm, envelope);
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
    if (may_pass && !is_to_us && nkt_once(swarm, envelope->digest) == NKT_OK) {
        if (link->kind == NKT_LINK_RTC)
            nkt_way_learn(swarm, envelope, link, 0);
        nkt_forward(swarm, envelope, link, doubt->sender);
    }
    int is_chosen = !is_crowd || !is_to_all ||
                    nkt_chance_below(swarm, swarm->users.count) < NKT_GREETING_ANSWER_COUNT;
    if ((is_to_us || is_to_all) && is_chosen && envelope->kind != NKT_KIND_BYE)
        nkt_greet_doubted(swarm, link, &envelope->from, doubt->is_member,
                          doubt->greeting != NULL ? doubt->greeting->nonce : NULL);
    return NKT_E_EXPIRED;
}
