/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gossip: greetings when somebody comes, digests between neighbours, records where one lacks what the other has. */
#include <stdlib.h>
#include <string.h>

#include "base/base58.h"
#include "delivery/delivery.h"
#include "inbound/inbound.h"
#include "links/links.h"
#include "people/people.h"
#include "routing/routing.h"
#include "state/state.h"
#include "state/swarm.h"

enum {
    REVIVE_COUNT_MAX = 8, /* greetings that follow from one digest: each may flood */
};

/* Does it ask for our time, though it answers? Such a question is heeded once a second. */
static int is_asking(nkt_swarm_t *swarm, nkt_user_t *user, const nkt_greeting_t *greeting,
                     int is_directed)
{
    if (greeting->nonce == NULL || !is_directed ||
        (user->clock.told_ms != 0 && swarm->now_ms - user->clock.told_ms < NKT_GREETING_MS_MIN))
        return 0;
    nkt_clock_told(swarm, user);
    return 1;
}

int nkt_spread_reply(nkt_swarm_t *swarm, nkt_link_t *link, const nkt_address_t *to, const nkt_greeting_t *greeting,
                     int is_directed)
{
    const nkt_greeting_t more = {.echo = greeting->nonce,
                                 .kem_key = greeting->flags & NKT_GREETING_WANT_KEY ? swarm->identity.kem_public : NULL};
    /* through neighbours an answer to one who may not exist floods: a few do, the others hear of him */
    size_t count = link->kind == NKT_LINK_RELAY ? NKT_GREETING_ANSWER_COUNT : NKT_REPLY_LINK_COUNT;
    if ((greeting->flags & NKT_GREETING_ANSWER && !(greeting->flags & NKT_GREETING_WANT_KEY)) ||
        (!is_directed && nkt_chance_below(swarm, nkt_users_known(swarm)) >= count))
        return NKT_OK; /* others answer him */
    int is_member = nkt_user_is_record_member(swarm, &greeting->record);
    if (nkt_bucket_take(&swarm->gossip.reply_bucket, swarm->now_ms, NKT_REPLY_BURST, NKT_REPLY_PER_S) &&
        nkt_greeting_pack(swarm, is_member, NKT_GREETING_ANSWER, &more) == NKT_OK)
        nkt_post_to_address(swarm, link, to);
    return NKT_OK;
}

int nkt_spread_greeting(nkt_swarm_t *swarm, nkt_user_t *user, const nkt_greeting_t *greeting, uint64_t created_ms,
                        int is_directed)
{
    if (is_directed)
        nkt_talk_offered(swarm, user, greeting, created_ms);
    int is_answer = (greeting->flags & NKT_GREETING_ANSWER) != 0;
    nkt_clock_asked_by(user, greeting->nonce);
    int is_recent = user->greeting.greeted_ms != 0 && swarm->now_ms - user->greeting.greeted_ms < NKT_GREETING_MS_MIN;
    size_t known = nkt_view_known(swarm);
    int is_crowd = known >= NKT_CROWD_COUNT_MIN;
    int is_chosen =
        is_directed || !is_crowd || nkt_chance_below(swarm, known) < NKT_GREETING_ANSWER_COUNT;
    int asks = is_asking(swarm, user, greeting, is_directed);
    int wants_key = is_directed && nkt_greet_wanted(swarm, user, greeting);
    if ((!is_answer && !is_recent && is_chosen) || asks || wants_key)
        nkt_greet(swarm, user,
                  NKT_GREETING_ANSWER | (nkt_clock_is_curious(swarm, user) ? NKT_GREETING_ASK : 0));
    if (asks && swarm->time_ms > swarm->wall_ms + NKT_CLOCK_SLACK_MS)
        nkt_talk_hello_again(swarm, user); /* until our answer it takes nothing of one so far ahead */
    nkt_talk_want(swarm, user);
    if (nkt_connect_find(swarm, &user->address) != NULL)
        nkt_mesh_want(swarm, user, 1);
    if (!is_answer && swarm->users.count > 1 && is_chosen && nkt_user_is_counted(swarm, user))
        nkt_digest_want(swarm, user, swarm->now_ms + nkt_chance_jitter(swarm, NKT_DIGEST_FIRST_MS));
    return NKT_OK;
}

/* ---- digests ---- */

/* Is this user's record one that members of our room may be told? */
static int is_tellable(nkt_swarm_t *swarm, const nkt_user_t *user)
{
    return user->standing.is_member && user->record.is_bound && nkt_user_reach(user) > NKT_REACH_LOST &&
           nkt_user_is_counted(swarm, user) && !nkt_user_is_stranger(swarm, user);
}

static const nkt_user_t *user_pick(nkt_swarm_t *swarm, int is_linked, const nkt_user_t *not_this)
{
    const nkt_user_t *picked = NULL;
    uint64_t count = 0;
    for (size_t i = 0; i < swarm->users.count; i++) {
        const nkt_user_t *user = swarm->user_list[i];
        if (user != not_this && is_tellable(swarm, user) && (user->mesh.link != NULL) == is_linked &&
            nkt_chance_below(swarm, ++count) == 0)
            picked = user;
    }
    return picked;
}

/* HyParView, passive view management (SHUFFLE): in a swarm too large to know all, a sample of whom we know, neighbours (ka) and
 * others (kp). Here neighbours send theirs to each other by turns, and nothing is given back. */
static void shuffle(nkt_swarm_t *swarm, nkt_user_t *user)
{
    nkt_signed_record_t records[NKT_SHUFFLE_LINKED_COUNT + NKT_SHUFFLE_KNOWN_COUNT];
    size_t count = 0;
    for (size_t i = 0; i < NKT_SHUFFLE_LINKED_COUNT + NKT_SHUFFLE_KNOWN_COUNT; i++) {
        const nkt_user_t *other = user_pick(swarm, i < NKT_SHUFFLE_LINKED_COUNT, user);
        if (other != NULL)
            nkt_user_lend_record(other, &records[count++]);
    }
    if (count > 0 && nkt_gossip_encode_records(nkt_lend(swarm, NKT_LENT_PAYLOAD), records, count) == NKT_OK)
        nkt_post(swarm, NKT_KIND_RECORDS, user);
}

void nkt_spread_digest_to(nkt_swarm_t *swarm, nkt_user_t *user)
{
    if (!user->standing.is_member || !nkt_user_is_open(user) || nkt_user_is_stranger(swarm, user))
        return;
    if (nkt_user_reach(user) != NKT_REACH_DIRECT && !nkt_view_is_mesh(swarm))
        return; /* its neighbours tell it */
    if (nkt_view_seen(swarm) > NKT_DIGEST_USER_COUNT_MAX) {
        shuffle(swarm, user);
        return;
    }
    size_t capacity = swarm->users.count < NKT_DIGEST_COUNT_MAX ? swarm->users.count : NKT_DIGEST_COUNT_MAX;
    nkt_gossip_known_t *known = calloc(capacity + 1, sizeof *known);
    if (known == NULL)
        return;
    /* a swarm larger than a digest is told of in random parts */
    size_t count = 0;
    size_t start = (size_t)nkt_chance_below(swarm, swarm->users.count);
    for (size_t i = 0; i < swarm->users.count && count < capacity; i++) {
        const nkt_user_t *other = swarm->user_list[(start + i) % swarm->users.count];
        if (other == user || !is_tellable(swarm, other))
            continue;
        known[count++] = (nkt_gossip_known_t){.address = other->address, .sequence = other->record.sequence};
    }
    if (nkt_gossip_encode_digest(nkt_lend(swarm, NKT_LENT_PAYLOAD), known, count, 0) == NKT_OK)
        nkt_post(swarm, NKT_KIND_DIGEST, user);
    free(known);
}

static int address_order(const void *a, const void *b)
{
    return nkt_address_compare(&((const nkt_gossip_known_t *)a)->address, &((const nkt_gossip_known_t *)b)->address);
}

/* Sends the records that are not, or older, in the sorted digest. */
static void records_push(nkt_swarm_t *swarm, nkt_user_t *user, const nkt_gossip_known_t *known, size_t known_count)
{
    nkt_signed_record_t records[NKT_RECORDS_COUNT_MAX];
    size_t count = 0;
    for (size_t i = 0; i < swarm->users.count && count < NKT_RECORDS_COUNT_MAX; i++) {
        const nkt_user_t *other = swarm->user_list[i];
        if (other == user || !is_tellable(swarm, other))
            continue;
        nkt_gossip_known_t key = {.address = other->address};
        const nkt_gossip_known_t *entry = bsearch(&key, known, known_count, sizeof *known, address_order);
        if (entry == NULL || entry->sequence < other->record.sequence)
            nkt_user_lend_record(other, &records[count++]);
    }
    if (count > 0 && nkt_gossip_encode_records(nkt_lend(swarm, NKT_LENT_PAYLOAD), records, count) == NKT_OK)
        nkt_post(swarm, NKT_KIND_RECORDS, user);
}

static void records_want(nkt_swarm_t *swarm, nkt_user_t *user, const nkt_gossip_known_t *known, size_t known_count)
{
    nkt_address_t wanted[NKT_WANT_COUNT_MAX];
    size_t count = 0;
    for (size_t i = 0; i < known_count && count < NKT_WANT_COUNT_MAX; i++) {
        if (nkt_address_compare(&known[i].address, &swarm->identity.address) == 0)
            continue;
        const nkt_user_t *other = nkt_user_find(swarm, &known[i].address);
        if (other == NULL || other->record.sequence < known[i].sequence)
            wanted[count++] = known[i].address;
    }
    if (count > 0 && nkt_gossip_encode_want(nkt_lend(swarm, NKT_LENT_PAYLOAD), wanted, count) == NKT_OK)
        nkt_post(swarm, NKT_KIND_WANT, user);
    if (count == NKT_WANT_COUNT_MAX) /* there are more: its next digest names them, in answer to ours */
        nkt_digest_want(swarm, user, swarm->now_ms + NKT_WANT_MS_MIN);
}

/* Who tells of somebody may know a way to him. What is known better stays. */
static void path_guess(nkt_swarm_t *swarm, const nkt_user_t *user)
{
    if (swarm->blame.from != NULL && swarm->blame.from->kind == NKT_LINK_RTC)
        nkt_way_guess(swarm, &user->address, swarm->blame.from, nkt_user_is_proven(swarm, user));
}

/* Whoever is told of by somebody proven is no stranger, though we knew him before. */
static void users_vouch(nkt_swarm_t *swarm, const nkt_user_t *by, const nkt_gossip_known_t *known, size_t known_count)
{
    for (size_t i = 0; i < known_count; i++) {
        nkt_user_t *other = nkt_user_find(swarm, &known[i].address);
        if (other != NULL)
            nkt_user_vouch(swarm, other, &by->address);
    }
}

/* A neighbour tells of whom it can reach: those whom we gave up may be reached through it. Their answer will tell. */
static void users_revive(nkt_swarm_t *swarm, const nkt_gossip_known_t *known, size_t known_count)
{
    size_t count = 0;
    for (size_t i = 0; i < known_count && count < REVIVE_COUNT_MAX; i++) {
        nkt_user_t *other = nkt_user_find(swarm, &known[i].address);
        if (other == NULL || !nkt_user_is_given_up(other) ||
            (other->greeting.greeted_ms != 0 && swarm->now_ms - other->greeting.greeted_ms < NKT_RETRY_MS_MAX))
            continue;
        path_guess(swarm, other);
        nkt_link_t *by = swarm->blame.from != NULL && swarm->blame.from->kind == NKT_LINK_RTC ? swarm->blame.from : NULL;
        nkt_greet_via(swarm, other, 0, by); /* whoever tells of it has the way: nobody else is asked */
        count++;
    }
}

int nkt_spread_digest(nkt_swarm_t *swarm, nkt_user_t *user, const nkt_envelope_t *envelope)
{
    if (!user->standing.is_member)
        return NKT_E_NETWORK;
    if (!nkt_bucket_take(&user->gossip.spread_bucket, swarm->now_ms, NKT_DIGEST_BURST, NKT_DIGEST_PER_S))
        return NKT_E_RATE;
    nkt_gossip_known_t *known = calloc(NKT_DIGEST_COUNT_MAX, sizeof *known);
    if (known == NULL)
        return NKT_E_MEMORY;
    int is_answer;
    int count = nkt_gossip_decode_digest(known, NKT_DIGEST_COUNT_MAX, &is_answer, envelope->payload,
                                         envelope->payload_size);
    if (count >= 0) {
        int is_known_whole = nkt_view_seen(swarm) <= NKT_DIGEST_USER_COUNT_MAX;
        qsort(known, (size_t)count, sizeof *known, address_order);
        if (is_known_whole)
            records_want(swarm, user, known, (size_t)count);
        users_vouch(swarm, user, known, (size_t)count);
        users_revive(swarm, known, (size_t)count);
        if (is_known_whole && count < NKT_DIGEST_COUNT_MAX) /* a full one is a part: what is not in it is not missing */
            records_push(swarm, user, known, (size_t)count);
    }
    free(known);
    return count < 0 ? count : NKT_OK;
}

/* ---- records and keys asked for, and given ---- */

static int may_tell(nkt_swarm_t *swarm, nkt_user_t *asker, size_t size)
{
    if (nkt_bucket_take_many(&asker->gossip.want_bucket, swarm->now_ms, NKT_WANT_BURST, NKT_WANT_PER_S,
                             1 + (uint32_t)(size / NKT_WANT_UNIT_SIZE)))
        return 1;
    nkt_drop(swarm, NKT_E_RATE);
    return 0;
}

/* KEM keys of members, as far as they are here: our own, and what others told us. */
static void keys_tell(nkt_swarm_t *swarm, nkt_user_t *asker, const nkt_gossip_want_t *want)
{
    nkt_gossip_key_t keys[NKT_KEYS_COUNT_MAX];
    size_t count = 0;
    for (size_t i = 0; asker->standing.is_member && i < want->key_count; i++) {
        const nkt_address_t *address = &want->keys[i];
        const int is_own = nkt_address_compare(address, &swarm->identity.address) == 0;
        nkt_user_t *other = is_own ? NULL : nkt_user_find(swarm, address);
        const uint8_t *key = is_own ? swarm->identity.kem_public : other == NULL || !other->standing.is_member ? NULL : nkt_key_of(other);
        if (key != NULL && may_tell(swarm, asker, NKT_KEM_KEY_SIZE))
            keys[count++] = (nkt_gossip_key_t){.address = *address, .key = key};
    }
    if (count > 0 && nkt_gossip_encode_keys(nkt_lend(swarm, NKT_LENT_PAYLOAD), keys, count) == NKT_OK)
        nkt_post(swarm, NKT_KIND_RECORDS, asker);
}

int nkt_spread_want(nkt_swarm_t *swarm, nkt_user_t *user, const nkt_envelope_t *envelope)
{
    nkt_gossip_want_t want;
    nkt_signed_record_t records[NKT_RECORDS_COUNT_MAX];
    size_t record_count = 0;
    int err = nkt_gossip_decode_want(&want, envelope->payload, envelope->payload_size);
    if (err < 0)
        return err;
    keys_tell(swarm, user, &want);
    for (size_t i = 0; i < want.record_count; i++) {
        if (nkt_address_compare(&want.records[i], &swarm->identity.address) == 0) {
            if (user->greeting.greeted_ms == 0 || swarm->now_ms - user->greeting.greeted_ms >= NKT_GREETING_MS_MIN)
                nkt_greet(swarm, user, NKT_GREETING_ANSWER);
            continue;
        }
        const nkt_user_t *other = nkt_user_find(swarm, &want.records[i]);
        if (other == NULL || !other->standing.is_member || !other->record.is_bound || !user->standing.is_member)
            continue;
        if (may_tell(swarm, user, other->record.bytes_size))
            nkt_user_lend_record(other, &records[record_count++]);
        if (record_count == NKT_RECORDS_COUNT_MAX) {
            if (nkt_gossip_encode_records(nkt_lend(swarm, NKT_LENT_PAYLOAD), records, record_count) == NKT_OK)
                nkt_post(swarm, NKT_KIND_RECORDS, user);
            record_count = 0;
        }
    }
    if (record_count > 0 && nkt_gossip_encode_records(nkt_lend(swarm, NKT_LENT_PAYLOAD), records, record_count) == NKT_OK)
        nkt_post(swarm, NKT_KIND_RECORDS, user);
    return NKT_OK;
}

typedef struct nkt_accepting {
    nkt_swarm_t *swarm;
    const nkt_address_t *introducer;
    nkt_address_t accepted[NKT_RECORDS_COUNT_MAX];
    size_t count;
} nkt_accepting_t;

static void record_accept(void *context, const nkt_signed_record_t *record)
{
    nkt_accepting_t *accepting = context;
    nkt_swarm_t *swarm = accepting->swarm;
    nkt_user_t *user = NULL;
    nkt_address_t address;
    uint64_t sequence;
    int err = record == NULL ? NKT_E_PAYLOAD : nkt_user_accept(swarm, record, accepting->introducer, 0, 0, &user);
    if (err == NKT_E_EXPIRED && swarm->blame.from != NULL && swarm->blame.from->kind != NKT_LINK_TRACKER &&
        nkt_record_peek(record->bytes, record->bytes_size, &address, &sequence, NULL) == NKT_OK)
        nkt_greet_doubted(swarm, swarm->blame.from, &address, 1,
                          NULL); /* if it is there it will say so, and what time it has */
    if (err < 0 && err != NKT_E_DUPLICATE)
        nkt_drop(swarm, err);
    if (err > 0 && accepting->count < NKT_RECORDS_COUNT_MAX)
        accepting->accepted[accepting->count++] = user->address;
}

/* A member's KEM key, as another says. */
static void key_accept(void *context, const nkt_gossip_key_t *told)
{
    nkt_swarm_t *swarm = ((nkt_accepting_t *)context)->swarm;
    nkt_user_t *user = nkt_user_find(swarm, &told->address);
    int err = user == NULL ? NKT_OK : nkt_key_told(swarm, user, told->key);
    if (err < 0)
        nkt_drop(swarm, err);
    if (err <= 0)
        return;
    if (nkt_user_is_given_up(user))
        nkt_mailbox_want(swarm, user);
    nkt_letter_want(swarm, user);
    nkt_letters_later(swarm, 0); /* it may be due already, and waited for that */
}

/* Somebody we are told of for the first time. */
static void user_met(nkt_swarm_t *swarm, nkt_user_t *user)
{
    /* it is told of us the next time it is heard; a link and a session do that */
    path_guess(swarm, user);
    nkt_talk_want(swarm, user);
    nkt_mesh_want(swarm, user, 0);
    if (nkt_view_is_mesh(swarm))
        nkt_greet(swarm, user, 0);
}

int nkt_spread_records(nkt_swarm_t *swarm, nkt_user_t *user, const nkt_envelope_t *envelope)
{
    const nkt_address_t introducer = user->address; /* a record taken in may cost this user its place */
    nkt_accepting_t accepting = {.swarm = swarm, .introducer = &introducer};
    const nkt_gossip_heed_t heed = {.on_record = record_accept, .on_key = key_accept, .context = &accepting};
    int err = nkt_gossip_decode_records(envelope->payload, envelope->payload_size, &heed);
    /* only now: what is done about one depends on how many there are, and one may have cost another its place */
    for (size_t i = 0; i < accepting.count; i++) {
        nkt_user_t *met = nkt_user_find(swarm, &accepting.accepted[i]);
        if (met != NULL)
            user_met(swarm, met);
    }
    return err;
}

void nkt_spread_ask(nkt_swarm_t *swarm, nkt_link_t *link, const nkt_address_t *address)
{
    nkt_user_t *neighbour = link->kind == NKT_LINK_RTC ? nkt_user_find(swarm, &link->rtc.peer) : NULL;
    if (!nkt_ask_may(swarm))
        return;
    if (neighbour != NULL) {
        if (nkt_gossip_encode_want(nkt_lend(swarm, NKT_LENT_PAYLOAD), address, 1) == NKT_OK)
            nkt_post(swarm, NKT_KIND_WANT, neighbour);
    } else if (link->kind == NKT_LINK_RELAY) {
        if (nkt_greeting_pack(swarm, 0, 0, NULL) == NKT_OK)
            nkt_post_to_address(swarm, link, address);
    }
}

/* ---- from time to time ---- */

void nkt_spread_start(nkt_swarm_t *swarm)
{
    nkt_alarm_set(swarm, &swarm->gossip.timer, swarm->now_ms + nkt_chance_jitter(swarm, NKT_DIGEST_MS));
}

void nkt_spread_timer(nkt_swarm_t *swarm)
{
    nkt_users_expire(swarm);
    nkt_away_tidy(swarm);
    nkt_spread_start(swarm);
    size_t start = (size_t)nkt_chance_below(swarm, swarm->users.count);
    nkt_tree_tidy(swarm);
    nkt_mailbox_tidy(swarm);
    if (!nkt_timer_is_set(&swarm->clock.ask_timer)) /* some may be there whose answer to our first greeting was lost */
        nkt_clock_ask_some(swarm);
    nkt_tree_digest(swarm);
    if (swarm->users.count > 0 && nkt_rtc_count(swarm, 1) < swarm->settings.link_count_max)
        nkt_mesh_want(swarm, swarm->user_list[start], 0); /* a link lost to one is replaced by another */
    for (size_t i = 0; i < swarm->users.count; i++) {
        nkt_user_t *user = swarm->user_list[(start + i) % swarm->users.count];
        if (user->standing.is_member && nkt_user_is_open(user) && nkt_user_reach(user) == NKT_REACH_DIRECT &&
            !nkt_user_is_stranger(swarm, user)) {
            nkt_spread_digest_to(swarm, user);
            return;
        }
    }
}
