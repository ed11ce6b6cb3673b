/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which links to have. A small swarm is a full mesh (handshake.c). In a larger one each peer keeps a partial view, as in
 * HyParView (Leitão, Pereira, Rodrigues 2007): a few links to anybody. A browser cannot dial an address, so a peer that
 * wants links sends walks through the swarm; whoever has room where one ends offers him a link, back along the walk's way.
 * Whom all others turned away pushes out a link, in a crowd at random; its two ends find another.
 *
 * "HyParView" here, in worth.c and in inbound/spread.c is that paper (DSN 2007), its pages as in the authors' copy (dsn07-leitao.pdf).
 */
#include "links/links.h"
#include "nkt.pb-c.h"
#include "people/people.h"
#include "routing/routing.h"
#include "state/state.h"
#include "state/swarm.h"
#include "wire/pack.h"

/*
 * Is a link with him worth an attempt of ours? Who has shown nothing may be nobody, as anybody can tell of hundreds; and with whom it
 * failed over and over it may be impossible. Of each kind together few are tried: so many of them cost no more, and those who have shown
 * nothing keep nobody else from a link.
 */
static int is_worth_offer(nkt_swarm_t *swarm, const nkt_user_t *user)
{
    int is_proven = nkt_user_is_proven(swarm, user);
    if (is_proven && user->mesh.attempt < NKT_RTC_HOPE_COUNT)
        return 1;
    return nkt_bucket_take_many(&swarm->walks.hope_buckets[is_proven], swarm->now_ms, NKT_RTC_HOPE_BURST * NKT_RTC_HOPE_S, 1,
                                NKT_RTC_HOPE_S);
}

void nkt_mesh_timer(nkt_swarm_t *swarm, nkt_user_t *user)
{
    if (user->mesh.link != NULL || nkt_link_pending(swarm, &user->address) != NULL)
        return;
    int is_sought = nkt_connect_find(swarm, &user->address) != NULL;
    if (!is_sought && (!nkt_user_is_open(user) || nkt_rtc_count(swarm, 1) >= swarm->settings.link_count_max))
        return;
    if (!is_sought && (!nkt_view_is_mesh(swarm) || nkt_user_is_stranger(swarm, user)))
        return; /* the swarm has grown meanwhile; or wanted again when it shows itself */
    if (!is_sought && nkt_user_reach(user) == NKT_REACH_LOST && nkt_endpoints_up(swarm, NKT_LINK_RELAY) > 0)
        return; /* it left the relay as well: wanted again when it is heard of */
    if (nkt_mesh_is_busy(swarm)) { /* nothing was tried that could have failed */
        nkt_mesh_want_soon(swarm, user);
        return;
    }
    if (is_sought && nkt_rtc_count(swarm, 1) >= nkt_view_cap(swarm))
        nkt_view_make_room(swarm, NKT_ROOM_FOR_OURS);
    if ((!is_sought && !is_worth_offer(swarm, user)) || !nkt_mesh_offer_to(swarm, user, NKT_ORIGIN_OURS)) {
        user->mesh.attempt++;
        nkt_mesh_want(swarm, user, 0);
    }
}

enum {
    SELF_MS = 400,         /* after the first link: the others of the first moments come as well */
    WALK_BURST = 128,      /* walks from one neighbour at once: of a whole swarm that has lost links ... */
    WALK_PER_S = 32,
};

/* Links that can be relied on. If the path of all is in doubt it is our own network that fails: then all count, as nobody
 * can be asked for others. */
static size_t steady_count(const nkt_swarm_t *swarm)
{
    size_t count = 0;
    for (size_t i = 0; i < swarm->link_count; i++)
        count += (size_t)nkt_link_is_steady(swarm->links[i]);
    return count > 0 ? count : nkt_rtc_count(swarm, 1);
}

/* ---- looking for links ---- */

static nkt_link_t *neighbour_pick(nkt_swarm_t *swarm, const nkt_link_t *from, const nkt_link_t *not_this)
{
    nkt_link_t *picked = NULL;
    uint64_t count = 0;
    for (size_t i = 0; i < swarm->link_count; i++) {
        nkt_link_t *link = swarm->links[i];
        if (nkt_link_is_steady(link) && link != from && link != not_this && nkt_chance_below(swarm, ++count) == 0)
            picked = link;
    }
    return picked;
}

static void walk_send(nkt_swarm_t *swarm, size_t degree)
{
    Nkt__Walk walk = NKT__WALK__INIT;
    nkt_link_t *link = neighbour_pick(swarm, NULL, NULL);
    walk.degree = (uint32_t)degree;
    walk.number = (uint32_t)nkt_chance_next(swarm);
    if (link != NULL && nkt_pack(nkt_lend(swarm, NKT_LENT_PAYLOAD), &walk.base) == NKT_OK)
        nkt_post_over(swarm, NKT_KIND_WALK, link);
}

/* HyParView, active view management, p. 7: a lost neighbour is replaced by a random one of the passive view, which here is the table of
 * users: somebody known who can be asked directly. */
static nkt_user_t *candidate_pick(nkt_swarm_t *swarm, int is_off_relay_ok)
{
    nkt_user_t *picked = NULL;
    uint64_t count = 0;
    for (size_t i = 0; i < swarm->users.count; i++) {
        nkt_user_t *user = swarm->user_list[i];
        int has_path = nkt_link_find(swarm, nkt_paths_get(&swarm->paths, &user->address)) != NULL;
        int has_way = user->presence.relay_bits != 0 || (is_off_relay_ok && has_path);
        int is_waiting = user->mesh.attempt > 0 && nkt_timer_is_set(&user->wish.timer); /* failed a moment ago */
        if (nkt_user_is_open(user) && user->standing.is_member && user->mesh.link == NULL && has_way && !is_waiting &&
            !nkt_user_is_stranger(swarm, user) && !nkt_mesh_is_pending(swarm, &user->address) &&
            nkt_chance_below(swarm, ++count) == 0)
            picked = user;
    }
    return picked;
}

/* Until the next round, after so many that brought nothing. Who is alone sends none: he asks those at his relay, each at its pace. */
static uint64_t round_wait_ms(uint32_t attempt, size_t degree, int is_few)
{
    uint32_t doubled = attempt;
    if (is_few && (degree == 0 || attempt < NKT_WALK_FEW_ROUND_COUNT))
        return attempt == 0 ? NKT_WALK_MS : NKT_WALK_FEW_MS_MAX;
    if (is_few)
        doubled = attempt - NKT_WALK_FEW_ROUND_COUNT + 2;
    uint64_t wait_ms = (uint64_t)NKT_WALK_MS << (doubled < 6 ? doubled : 6);
    return wait_ms < NKT_WALK_MS_MAX ? wait_ms : NKT_WALK_MS_MAX;
}

void nkt_view_timer(nkt_swarm_t *swarm)
{
    size_t degree = steady_count(swarm), target = nkt_view_target(swarm);
    size_t taken = nkt_view_taken(swarm) - (nkt_rtc_count(swarm, 1) - degree);
    if (nkt_view_is_mesh(swarm) || degree >= target)
        return;
    if (swarm->now_ms - swarm->walks.sent_ms >= NKT_WALK_MS)
        swarm->walks.count = 0;
    taken += swarm->walks.count; /* each may still bring an offer */
    size_t wanted = target > taken ? target - taken : 0;
    int is_few = degree < target / 2 || degree <= NKT_WALK_POOR_COUNT;
    size_t walk_count_max = is_few ? NKT_WALK_FEW_COUNT : NKT_WALK_COUNT;
    if (wanted > walk_count_max)
        wanted = walk_count_max;
    int is_crowd = nkt_view_known(swarm) >= NKT_CROWD_COUNT_MIN;
    for (size_t i = 0; i < wanted; i++) {
        /* who is known lies near, or answered the same greeting; a walk ends anywhere, but in a small swarm it often comes
         * where it was before, and ends there unseen: the one and the other by turns, also when one link is missing */
        int is_direct = degree == 0 || (!is_crowd && (i + swarm->walks.attempt) % 2 == 1);
        nkt_user_t *user = is_direct ? candidate_pick(swarm, degree > 0) : NULL;
        if (user == NULL || !is_worth_offer(swarm, user) || !nkt_mesh_offer_to(swarm, user, NKT_ORIGIN_OURS)) {
            walk_send(swarm, degree);
            swarm->walks.count++;
            swarm->walks.sent_ms = swarm->now_ms;
        }
    }
    nkt_view_later(swarm, nkt_chance_jitter(swarm, round_wait_ms(swarm->walks.attempt++, degree, is_few)));
}

void nkt_view_renew(nkt_swarm_t *swarm)
{
    if (swarm->walks.attempt < NKT_WALK_FEW_ROUND_COUNT)
        return; /* the next round is soon */
    swarm->walks.attempt = 0;
    nkt_view_want(swarm, 0);
}

void nkt_view_gained(nkt_swarm_t *swarm)
{
    swarm->walks.attempt = 0;
    nkt_view_wish_end(swarm);
    nkt_view_want(swarm, 0);
    if (!swarm->walks.is_announced)
        nkt_alarm_set_by(swarm, &swarm->walks.self_timer, swarm->now_ms + nkt_chance_jitter(swarm, SELF_MS));
}

void nkt_view_announce_self(nkt_swarm_t *swarm)
{
    if (swarm->walks.is_announced || nkt_rtc_count(swarm, 1) == 0)
        return;
    swarm->walks.is_announced = 1;
    if (nkt_view_seen(swarm) > NKT_DIGEST_USER_COUNT_MAX)
        return; /* where not everybody has to know everybody */
    if (nkt_greeting_pack(swarm, 1, NKT_GREETING_ANSWER, NULL) == NKT_OK)
        nkt_post(swarm, NKT_KIND_GREETING, NULL);
}

int nkt_view_offered(nkt_swarm_t *swarm)
{
    int is_wanted = swarm->walks.count > 0;
    swarm->walks.count -= (uint32_t)is_wanted;
    return is_wanted;
}

/* ---- being found ---- */

/* HyParView, NEIGHBOR: a request of low priority finds a place or none; who has hardly a link, or none, asks with high
 * priority, and where his walk ends somebody makes room. Offers the seeker a link, if there is a place. */
static int accept(nkt_swarm_t *swarm, const nkt_envelope_t *envelope, nkt_user_t *seeker, uint32_t degree, int is_last)
{
    size_t count = nkt_view_taken(swarm);
    int has_room = count < swarm->settings.link_count_max;
    if (!has_room && (!is_last || degree > NKT_WALK_POOR_COUNT))
        return 0;
    if (seeker != NULL && (seeker->mesh.link != NULL || seeker->presence.flags & NKT_USER_MUTED ||
                           nkt_mesh_is_pending(swarm, &seeker->address)))
        return 0;
    if (nkt_mesh_is_busy(swarm))
        return 0;
    int err = seeker != NULL ? NKT_OK : nkt_user_accept(swarm, &envelope->record, &envelope->from, NKT_ACCEPT_DOUBTED, 0, &seeker);
    if (err < 0) {
        nkt_drop(swarm, err);
        return 0;
    }
    /* some of the slack is for those who ask for us */
    if (!has_room && count + nkt_view_asked_max(swarm) > nkt_view_cap(swarm) && !nkt_view_make_room(swarm, NKT_ROOM_FOR_OTHERS))
        return 0;
    return nkt_mesh_offer_to(swarm, seeker, NKT_ORIGIN_GIVEN);
}

/* HyParView, FORWARDJOIN, p. 7: goes ARWL steps at random and is taken in where it ends. Here a walk ends sooner where there is room. */
int nkt_view_walk(nkt_swarm_t *swarm, nkt_link_t *from, const nkt_envelope_t *envelope, nkt_user_t *seeker)
{
    if (!nkt_bucket_take(&from->rtc.walk_bucket, swarm->now_ms, WALK_BURST, WALK_PER_S))
        return NKT_E_RATE;
    if (seeker != NULL && !nkt_bucket_take(&seeker->mesh.signal_bucket, swarm->now_ms, NKT_SIGNAL_PER_ORIGIN_BURST,
                                           NKT_SIGNAL_PER_ORIGIN_PER_S))
        return NKT_E_RATE;
    if (!envelope->has_record)
        return NKT_E_PAYLOAD;
    Nkt__Walk *walk = nkt_unpack(&nkt__walk__descriptor, envelope->payload_size, envelope->payload);
    if (walk == NULL)
        return NKT_E_PAYLOAD;
    uint32_t degree = walk->degree;
    nkt__walk__free_unpacked(walk, NULL);
    if (seeker != NULL && seeker->mesh.link != NULL && degree <= NKT_WALK_POOR_COUNT)
        seeker->mesh.link->rtc.poor_ms = swarm->now_ms;
    nkt_link_t *next = neighbour_pick(swarm, from, seeker == NULL ? NULL : seeker->mesh.link);
    /* in a small swarm a long one would come where it was before, and be dropped there as a duplicate */
    int is_crowd = nkt_view_known(swarm) >= NKT_CROWD_COUNT_MIN;
    int is_last = envelope->hops >= (is_crowd ? NKT_WALK_HOPS_MAX : NKT_WALK_HOPS_MAX_SMALL) || next == NULL;
    /* one who may be cut off next takes what is near: of his walks few come far where many peers die */
    int is_near_ok = !is_crowd || degree <= NKT_WALK_POOR_COUNT;
    int is_far = envelope->hops >= (is_near_ok ? NKT_WALK_HOPS_MIN_SMALL : NKT_WALK_HOPS_MIN) || next == NULL;
    if (is_far && accept(swarm, envelope, seeker, degree, is_last))
        return NKT_OK;
    if (is_last)
        return NKT_OK; /* nobody had room: he will try again */
    nkt_forward_over(swarm, envelope, next);
    return NKT_OK;
}
