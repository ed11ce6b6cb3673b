/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who gets a place in the table of users, and what is done for somebody of whom nothing is known. An identity costs its maker
 * two key pairs; so those that only say hello displace one another, and when they come in numbers they get no place at all:
 * each is answered, and nothing is remembered (as with SYN cookies: RFC 4987, 3.6). Who is really there takes the answer
 * for what it is, sets up a session, and is known by that.
 */
#include "base/base58.h"
#include "people/people.h"
#include "routing/routing.h"
#include "state/state.h"
#include "state/swarm.h"

/* What waited for that: a link, and to be told of the others. */
static void no_stranger_now(nkt_swarm_t *swarm, nkt_user_t *user)
{
    nkt_mesh_want(swarm, user, 0);
    nkt_digest_want(swarm, user, swarm->now_ms + nkt_chance_jitter(swarm, NKT_DIGEST_FIRST_MS));
}

void nkt_user_answered(nkt_swarm_t *swarm, nkt_user_t *user)
{
    int was_stranger = nkt_user_is_stranger(swarm, user);
    user->standing.has_answered = 1;
    if (was_stranger)
        no_stranger_now(swarm, user);
}

void nkt_user_vouch(nkt_swarm_t *swarm, nkt_user_t *user, const nkt_address_t *by)
{
    nkt_user_t *voucher = nkt_user_find(swarm, by), *introducer = nkt_user_find(swarm, &user->standing.introducer);
    if (voucher == NULL || voucher == user || !nkt_user_is_proven(swarm, voucher) || !nkt_user_is_stranger(swarm, user) ||
        voucher->standing.introduced_count >= NKT_USER_PER_INTRODUCER_MAX)
        return;
    if (introducer != NULL && introducer != user && introducer->standing.introduced_count > 0)
        introducer->standing.introduced_count--;
    voucher->standing.introduced_count++;
    user->standing.introducer = *by;
    no_stranger_now(swarm, user);
}

/** Classes of those who may make room, the first goes first. */
typedef enum nkt_place {
    PLACE_SEEKER,
    PLACE_NEWCOMER,
    PLACE_KNOWN,    /* one whom others told of, and nothing else is known of him */
    PLACE_STRANGER, /* the same, and he was heard of directly */
    PLACE_PROVEN,
    PLACE_KEPT,
} nkt_place_t;

/* ---- who makes room ---- */

/* Somebody, or something that is under way, depends on it. What is said to everybody is no such thing: it is addressed to
 * every stranger in an open room. */
static int is_needed(nkt_swarm_t *swarm, const nkt_user_t *user)
{
    return user->mesh.link != NULL || user->standing.is_pinned || user->presence.flags & NKT_USER_MUTED ||
           nkt_connect_find(swarm, &user->address) != NULL ||
           (nkt_user_is_proven(swarm, user) ? nkt_user_is_owed(user) : nkt_mesh_is_pending(swarm, &user->address));
}

/* Known from others, or from storage, and with no way to it that was heard of. */
static int is_only_known(const nkt_user_t *user)
{
    return user->presence.relay_bits == 0 && !user->standing.is_met && !nkt_session_exists(&user->session) &&
           !nkt_user_is_owed(user);
}

static nkt_place_t place_of(nkt_swarm_t *swarm, const nkt_user_t *user)
{
    if (is_needed(swarm, user))
        return PLACE_KEPT;
    if (nkt_user_is_proven(swarm, user))
        return PLACE_PROVEN;
    if (nkt_user_rank(swarm, user) == NKT_RANK_SEEKER)
        return PLACE_SEEKER;
    if (nkt_user_is_newcomer(swarm, user))
        return PLACE_NEWCOMER;
    return is_only_known(user) ? PLACE_KNOWN : PLACE_STRANGER;
}

enum {
    IDLE_MS = 60000, /* not heard for so long: may make room, if those who were heard need not */
};

/* Which of two of one class goes first. Of the proven: the lower rank, those who are silent, and whoever is known for less
 * long: who fills the table with sessions pushes out his own. Of the others: the one not heard for longest. */
static int goes_before(const nkt_swarm_t *swarm, nkt_place_t place, const nkt_user_t *user, const nkt_user_t *other)
{
    if (place != PLACE_PROVEN)
        return user->presence.heard_ms < other->presence.heard_ms;
    nkt_rank_t rank = nkt_user_rank(swarm, user), other_rank = nkt_user_rank(swarm, other);
    int is_idle = swarm->now_ms - user->presence.heard_ms >= IDLE_MS, is_other_idle = swarm->now_ms - other->presence.heard_ms >= IDLE_MS;
    if (rank != other_rank)
        return rank < other_rank;
    if (nkt_away_has_left(user) || nkt_away_has_left(other))
        return nkt_away_has_left(user) && (!nkt_away_has_left(other) || nkt_user_is_closer(swarm, other, user));
    return is_idle != is_other_idle ? is_idle : nkt_user_is_dearer(swarm, other, user);
}

/* The first to go of those classes, but for `not_this`; how many there are of them. */
static nkt_user_t *victim_find(nkt_swarm_t *swarm, nkt_place_t first, nkt_place_t last, const nkt_user_t *not_this, size_t *count)
{
    nkt_user_t *victim = NULL;
    nkt_place_t victim_place = PLACE_KEPT;
    *count = 0;
    for (size_t i = 0; i < swarm->users.count; i++) {
        nkt_user_t *user = swarm->user_list[i];
        nkt_place_t place = place_of(swarm, user);
        if (place < first || place > last)
            continue;
        ++*count;
        if (user != not_this &&
            (victim == NULL || place < victim_place || (place == victim_place && goes_before(swarm, place, user, victim)))) {
            victim = user;
            victim_place = place;
        }
    }
    return victim;
}

/* Forgets of those classes until there are fewer than count_max. */
static void thin_out(nkt_swarm_t *swarm, nkt_place_t first, nkt_place_t last, const nkt_user_t *not_this, size_t count_max)
{
    for (;;) {
        size_t count;
        nkt_user_t *victim = victim_find(swarm, first, last, not_this, &count);
        if (victim == NULL || count < count_max)
            return;
        nkt_user_forget(swarm, victim);
    }
}

void nkt_admit_proven(nkt_swarm_t *swarm, const nkt_user_t *user)
{
    thin_out(swarm, PLACE_PROVEN, PLACE_PROVEN, user, NKT_PROVEN_COUNT_MAX + 1);
}

void nkt_user_prove(nkt_swarm_t *swarm, nkt_user_t *user, unsigned proof)
{
    if ((user->standing.proof | proof) == user->standing.proof)
        return;
    int was_proven = nkt_user_is_proven(swarm, user), was_stranger = nkt_user_is_stranger(swarm, user);
    user->standing.proof |= (uint8_t)proof;
    nkt_user_touch(user);
    if (was_proven || !swarm->is_started)
        return;
    nkt_news_report(swarm, user, NKT_NEWS_PROVEN);
    if (was_stranger || nkt_strangers_are_many(swarm))
        no_stranger_now(swarm, user);
}

/*
 * In a large swarm those who are only known make room for one another; the proven fill the table to its end, less what is
 * left for those who come. Once it shows that not all can be known, fewer are kept: a sample is as good for a hundred as for
 * two.
 */
int nkt_admit_room(nkt_swarm_t *swarm)
{
    thin_out(swarm, PLACE_SEEKER, PLACE_SEEKER, NULL, NKT_SEEKER_COUNT_MAX);
    thin_out(swarm, PLACE_NEWCOMER, PLACE_NEWCOMER, NULL, NKT_NEWCOMER_COUNT_MAX);
    size_t count, idle_max = nkt_view_seen(swarm) > NKT_DIGEST_USER_COUNT_MAX ? NKT_USER_VAST_COUNT_MAX : NKT_USER_IDLE_COUNT_MAX;
    while (swarm->users.count >= idle_max) {
        nkt_user_t *victim = victim_find(swarm, PLACE_NEWCOMER, PLACE_KNOWN, NULL, &count);
        if (victim == NULL || (!is_only_known(victim) && swarm->users.count < NKT_USER_COUNT_MAX))
            break;
        if (!nkt_strangers_are_many(swarm) && !nkt_away_has_left(victim)) /* who left says nothing of how many are here */
            swarm->door.vast_ms = swarm->now_ms;
        nkt_user_forget(swarm, victim);
    }
    if (swarm->users.count < NKT_USER_COUNT_MAX)
        return NKT_OK;
    nkt_user_t *victim = victim_find(swarm, PLACE_SEEKER, PLACE_STRANGER, NULL, &count);
    if (victim == NULL)
        return NKT_E_TABLE_FULL;
    nkt_user_forget(swarm, victim);
    return NKT_OK;
}

/* ---- those who say hello ---- */

int nkt_admit_hello(nkt_swarm_t *swarm, nkt_link_t *link, nkt_hello_t hello)
{
    uint64_t now_ms = swarm->now_ms;
    int is_relay = link->kind == NKT_LINK_RELAY, is_ok;
    if (hello == NKT_HELLO_TRUSTED)
        is_ok = nkt_bucket_take(&swarm->door.member_bucket, now_ms, NKT_HELLO_MEMBER_BURST, NKT_HELLO_MEMBER_PER_S);
    else if (is_relay)
        is_ok = nkt_bucket_take(&link->door.hello_bucket, now_ms, NKT_HELLO_RELAY_BURST, NKT_HELLO_RELAY_PER_S);
    else
        is_ok = nkt_bucket_take(&link->door.hello_bucket, now_ms, NKT_HELLO_LINK_BURST, NKT_HELLO_LINK_PER_S);
    if (is_ok && hello == NKT_HELLO_ANSWER)
        is_ok = nkt_bucket_take(&swarm->door.knock_bucket, now_ms, NKT_KNOCK_BURST, NKT_KNOCK_PER_S);
    if (!is_ok)
        nkt_blame_excuse(swarm, 1); /* a neighbour may pass on what others flood him with */
    return is_ok ? NKT_OK : NKT_E_RATE;
}

int nkt_admit_has_place(nkt_swarm_t *swarm, int is_trusted)
{
    if (is_trusted || nkt_bucket_take(&swarm->door.newcomer_bucket, swarm->now_ms, NKT_NEWCOMER_BURST, NKT_NEWCOMER_PER_S))
        return 1;
    swarm->door.crowded_ms = swarm->now_ms;
    return 0;
}
