/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A record of a user arrived: verified, judged, and taken in. */
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/base58.h"
#include "people/people.h"
#include "routing/routing.h"
#include "state/state.h"
#include "state/swarm.h"

enum {
    IDLE_MS = 60000,        /* one whose record may be old, and who was not heard for so long: forgotten */
    STORED_MS = 691200000,  /* 8 days: a keeper keeps letters for 7, their keys for 8 (NKT_KEEP_S_MAX) */
    STRANGER_BURST = 400,   /* records of strangers verified at once, of one link: each costs two signatures ... */
    STRANGER_PER_S = 100,   /* ... and so many a second */
};

static int list_reserve(nkt_swarm_t *swarm)
{
    if (swarm->users.count < swarm->user_capacity)
        return NKT_OK;
    size_t capacity = swarm->user_capacity == 0 ? 16 : swarm->user_capacity * 2;
    nkt_user_t **list = realloc(swarm->user_list, capacity * sizeof(nkt_user_t *));
    if (list == NULL)
        return NKT_E_MEMORY;
    swarm->user_list = list;
    swarm->user_capacity = capacity;
    return NKT_OK;
}

int nkt_user_add(nkt_swarm_t *swarm, nkt_record_t *record, nkt_user_t **out)
{
    int err = nkt_admit_room(swarm);
    if (err < 0)
        return err;
    nkt_user_t *user = nkt_user_make(swarm, record);
    if (user == NULL)
        return NKT_E_MEMORY;
    err = list_reserve(swarm);
    if (err == NKT_OK)
        err = nkt_map_put(&swarm->users, user);
    if (err < 0) {
        free(user);
        return err;
    }
    nkt_user_note(swarm, user);
    user->place = swarm->users.count - 1;
    swarm->user_list[user->place] = user;
    user->record = *record;
    *record = (nkt_record_t){0};
    user->standing.is_pinned = (uint8_t)nkt_pins_have(&swarm->pins, &user->address);
    user->standing.is_ignored = (uint8_t)nkt_pins_have(&swarm->ignored, &user->address);
    if (nkt_user_was_muted(swarm, &user->address))
        nkt_presence_set_flags(user, NKT_USER_MUTED);
    if (nkt_connect_find(swarm, &user->address) != NULL)
        nkt_user_prove(swarm, user, NKT_PROOF_SOUGHT);
    nkt_news_report(swarm, user, NKT_NEWS_MET);
    *out = user;
    return NKT_OK;
}

/* user: whose it is, NULL: somebody new */
static int record_verify(nkt_swarm_t *swarm, const nkt_signed_record_t *record,
                         const nkt_user_t *user, nkt_record_t *verified)
{
    nkt_bucket_t *bucket = swarm->blame.from != NULL ? &swarm->blame.from->door.stranger_bucket : &swarm->door.stranger_bucket;
    if (!nkt_bucket_take(bucket, swarm->now_ms, STRANGER_BURST, STRANGER_PER_S))
        return NKT_E_RATE;
    return nkt_record_verify_again(verified, record->bytes, record->bytes_size, record->signature,
                                   user == NULL ? NULL : &user->record);
}

/* Has its time come, and not gone? NKT_E_EXPIRED: not as far as can be said here. */
static int record_judge(nkt_swarm_t *swarm, const nkt_user_t *user, const nkt_record_t *record,
                        uint64_t author_ms)
{
    if (author_ms == 0)
        return nkt_clock_judge(swarm, user, record->issued_ms,
                               record->expires_ms - record->issued_ms) == NKT_FRESH
                   ? NKT_OK
                   : NKT_E_EXPIRED;
    /* by one clock, its own: exactly, but for what may have been signed before and said after */
    return record->issued_ms <= author_ms + NKT_CLOCK_SLACK_MS &&
                   record->expires_ms + NKT_CLOCK_SLACK_MS >= author_ms
               ? NKT_OK
               : NKT_E_USER_RECORD;
}

int nkt_user_record_check(nkt_swarm_t *swarm, const nkt_user_t *user,
                          const nkt_signed_record_t *record)
{
    nkt_record_t verified;
    int err = record_verify(swarm, record, user, &verified);
    if (err == NKT_OK)
        nkt_record_deinit(&verified);
    return err;
}

typedef struct nkt_manner {
    unsigned flags;
    uint64_t author_ms;
} nkt_manner_t;

/* A newer record of somebody known. Its sequence is his incarnation number (SWIM, 4.2): nobody but he can raise it. */
static int user_renew(nkt_swarm_t *swarm, nkt_user_t *user, const nkt_signed_record_t *record,
                      int is_member, uint64_t author_ms)
{
    nkt_record_t verified;
    int err = record_verify(swarm, record, user, &verified);
    if (err < 0)
        return err;
    err = record_judge(swarm, user, &verified, author_ms);
    if (err < 0) {
        nkt_record_deinit(&verified);
        return err;
    }
    nkt_record_deinit(&user->record);
    user->record = verified;
    nkt_clock_bye(user, 0); /* a new life */
    user->standing.is_member = (uint8_t)(is_member && !user->standing.is_doubted);
    user->standing.is_claimed = (uint8_t)is_member;
    if (is_member)
        memcpy(user->standing.membership, record->membership, NKT_MEMBERSHIP_SIZE);
    nkt_user_touch(user);
    nkt_user_tell(swarm, user, 0);
    return 1;
}

static int user_meet(nkt_swarm_t *swarm, const nkt_signed_record_t *record,
                     const nkt_address_t *introducer, int is_member, const nkt_manner_t *how,
                     nkt_user_t **user)
{
    nkt_record_t verified;
    nkt_user_t *by = nkt_user_find(swarm, introducer);
    if (by != NULL && by->standing.introduced_count >= NKT_USER_PER_INTRODUCER_MAX)
        return NKT_E_TABLE_FULL;
    int err = record_verify(swarm, record, NULL, &verified);
    if (err < 0)
        return err;
    err = record_judge(swarm, NULL, &verified, how->author_ms);
    int is_doubted = err == NKT_E_EXPIRED && how->flags & NKT_ACCEPT_DOUBTED;
    if (err == NKT_OK || is_doubted)
        err = nkt_user_add(swarm, &verified, user);
    if (err < 0) {
        nkt_record_deinit(&verified);
        return err;
    }
    by = nkt_user_find(swarm, introducer); /* the table may have given it up */
    if (by != NULL && by != *user)
        by->standing.introduced_count++;
    (*user)->standing.introducer = *introducer;
    (*user)->standing.is_member = (uint8_t)(is_member && !is_doubted);
    (*user)->standing.is_claimed = (uint8_t)is_member;
    (*user)->standing.is_doubted = (uint8_t)is_doubted;
    if (is_member)
        memcpy((*user)->standing.membership, record->membership, NKT_MEMBERSHIP_SIZE);
    if (is_doubted) {
        nkt_presence_set_flags(*user, (*user)->presence.flags | NKT_USER_UNREACHABLE); /* until it is heard */
        nkt_user_withhold(*user);
        return 1;
    }
    nkt_user_touch(*user);
    if (how->flags & NKT_ACCEPT_AWAY)
        nkt_presence_set_flags(*user, (*user)->presence.flags | NKT_USER_UNREACHABLE);
    else
        nkt_presence_look(swarm, *user, swarm->now_ms + NKT_ABSENT_MS); /* told of is not heard of */
    nkt_user_tell(swarm, *user, NKT_USER_NEW);
    nkt_status_changed(swarm);
    return 1;
}

int nkt_user_accept(nkt_swarm_t *swarm, const nkt_signed_record_t *record,
                    const nkt_address_t *introducer, unsigned flags, uint64_t author_ms,
                    nkt_user_t **out)
{
    const nkt_manner_t how = {.flags = flags, .author_ms = author_ms};
    int has_leave = (flags & NKT_ACCEPT_LEAVE) != 0;
    nkt_address_t address;
    uint64_t sequence;
    int err = nkt_record_peek(record->bytes, record->bytes_size, &address, &sequence, NULL);
    if (err < 0)
        return err;
    if (nkt_address_compare(&address, &swarm->identity.address) == 0)
        return NKT_E_DUPLICATE;
    nkt_user_t *user = nkt_user_find(swarm, &address);
    int is_member = nkt_user_is_record_member(swarm, record);
    if (user == NULL) {
        if (!is_member && !has_leave)
            return NKT_E_NETWORK;
        err = user_meet(swarm, record, introducer, is_member, &how, &user);
    } else if (sequence > user->record.sequence) {
        /* whoever passes a record on may leave its membership out: that costs nobody a proof given
         * before */
        err = is_member || !user->standing.is_member ? user_renew(swarm, user, record, is_member, author_ms)
              : has_leave                   ? 0
                                            : NKT_E_NETWORK;
    } else if (sequence < user->record.sequence) {
        err = NKT_E_USER_RECORD;
    } else if (memcmp(record->signature, user->record.signature, NKT_SIGN_SIZE) != 0) {
        err = NKT_E_USER_RECORD; /* he has one of a number */
    } else {
        if (is_member && !user->standing.is_member) {
            user->standing.is_claimed = 1;
            user->standing.is_member = !user->standing.is_doubted;
            memcpy(user->standing.membership, record->membership, NKT_MEMBERSHIP_SIZE);
            nkt_user_touch(user);
            nkt_digest_want(swarm, user, swarm->now_ms); /* may be told of the others now */
        }
        err = 0;
    }
    if (err == 0)
        nkt_user_vouch(swarm, user, introducer);
    if (err >= 0 && has_leave)
        user->standing.is_met = 1;
    if (err >= 0 && out != NULL)
        *out = user;
    return err;
}

void nkt_user_believe(nkt_user_t *user)
{
    if (!user->standing.is_doubted)
        return;
    user->standing.is_doubted = 0;
    user->standing.is_member = user->standing.is_claimed;
    nkt_user_touch(user);
}

void nkt_user_met(nkt_user_t *user)
{
    user->standing.is_met = 1;
}

void nkt_user_join(const nkt_swarm_t *swarm, nkt_user_t *user)
{
    nkt_room_membership(&swarm->room, user->record.signature, user->standing.membership);
    user->standing.is_member = 1;
    nkt_user_touch(user);
}

void nkt_user_restore(nkt_user_t *user, int is_met, unsigned proof, uint64_t known_ms, uint64_t age_ms, const uint8_t *membership)
{
    user->standing.is_met = (uint8_t)is_met;
    user->standing.proof = (uint8_t)(proof & NKT_PROOF_ALL);
    user->standing.known_ms = known_ms;
    user->standing.age_ms = age_ms;
    user->standing.is_member = membership != NULL;
    if (membership != NULL)
        memcpy(user->standing.membership, membership, NKT_MEMBERSHIP_SIZE);
}

int nkt_user_check_membership(const nkt_swarm_t *swarm, nkt_user_t *user)
{
    uint8_t expected[NKT_MEMBERSHIP_SIZE];
    nkt_room_membership(&swarm->room, user->record.signature, expected);
    if (sodium_memcmp(expected, user->standing.membership, sizeof expected) != 0)
        user->standing.is_member = 0;
    return user->standing.is_member;
}

uint64_t nkt_user_heard_age(const nkt_swarm_t *swarm, const nkt_user_t *user)
{
    if (user->standing.met_ms == 0 && user->presence.heard_at_ms == 0)
        return user->standing.age_ms;
    uint64_t age_ms = nkt_clock_age(swarm), silent_ms = swarm->now_ms - user->presence.heard_ms;
    return age_ms > silent_ms ? age_ms - silent_ms : 0; /* it was made less where the clock was set back since */
}

/* By its own clock: who is there renews his record twice in its life. Ours may be wrong for a while, or just have run through a sleep:
 * those whom it makes look old get time to be heard again. Nor is anybody old because a clock was set forward, be it by a year:
 * so long must have passed here as well. */
int nkt_user_is_expired(nkt_swarm_t *swarm, const nkt_user_t *user)
{
    if (user->standing.is_doubted)
        return swarm->now_ms - user->presence.heard_ms >= IDLE_MS;
    if (swarm->now_ms < swarm->clock.grace_ms)
        return 0;
    /* a session outlives the record: its replay windows keep old messages from showing twice, and who slept is back with what was
     * not acknowledged. So does what waits for it alone: a keeper may come who has its key */
    uint64_t keep_ms = nkt_session_exists(&user->session) || nkt_user_is_owed(user) ? STORED_MS : NKT_CLOCK_SLACK_MS;
    uint64_t until_ms = user->record.expires_ms + keep_ms;
    if (until_ms >= nkt_clock_of(swarm, user))
        return 0;
    return nkt_clock_age(swarm) >= nkt_user_heard_age(swarm, user) + keep_ms;
}
