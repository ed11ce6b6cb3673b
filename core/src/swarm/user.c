/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of users: who is known, by whom, and by which ways they can be reached. */
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/base58.h"
#include "swarm/swarm.h"

enum {
    ABSENT_MS = 10000,      /* without any direct way and unheard for so long: asked whether it is there, through others ... */
    ANSWER_MS = 5000,       /* ... and without an answer in this time not tried until heard of again */
    ALONE_MS = 3000,        /* nobody is left through whom it could be: not waited for longer than a reload takes */
    BRIDGED_MS = 60000,     /* who answers through others is asked so often ... */
    BRIDGED_DIVISOR = 2,    /* ... and more seldom, the more users there are */
    ASK_BURST = 32,         /* of those questions, each of which may flood, at once ... */
    ASK_PER_S = 8,
    VAST_MS = 600000,       /* a swarm too large to know all is taken for one for so long after the last sign of it */
    IDLE_MS = 60000,        /* one whose record may be old, and who was not heard for so long: forgotten */
    STORED_MS = 691200000,  /* 8 days: a keeper keeps letters for 7, their keys for 8 (NKT_KEEP_S_MAX) */
    STRANGER_BURST = 400,   /* records of strangers verified at once, of one link: each costs two signatures ... */
    STRANGER_PER_S = 100,   /* ... and so many a second */
};

nkt_user_t *nkt_user_find(nkt_swarm_t *swarm, const nkt_address_t *address)
{
    return nkt_map_get(&swarm->users, address->b);
}

void nkt_user_lend_record(const nkt_user_t *user, nkt_signed_record_t *record)
{
    *record = (nkt_signed_record_t){.bytes = user->record.bytes,
                                    .bytes_size = user->record.bytes_size,
                                    .signature = user->record.signature,
                                    .membership = user->is_member ? user->membership : NULL};
}

void nkt_own_lend_record(const nkt_swarm_t *swarm, nkt_signed_record_t *record)
{
    *record = (nkt_signed_record_t){.bytes = swarm->record.bytes,
                                    .bytes_size = swarm->record.bytes_size,
                                    .signature = swarm->record.signature,
                                    .membership = swarm->membership};
}

/* For people: when it was heard, by what the wall clock is now. 0: not yet. */
static uint64_t heard_date(const nkt_swarm_t *swarm, const nkt_user_t *user)
{
    uint64_t passed_ms = nkt_clock_passing(swarm) - user->heard_at_ms;
    return user->heard_at_ms == 0 ? 0 : swarm->wall_ms > passed_ms ? swarm->wall_ms - passed_ms : 1;
}

void nkt_user_tell(nkt_swarm_t *swarm, const nkt_user_t *user, uint32_t flags)
{
    swarm->status_changed = 1;
    if (user->is_doubted)
        return;
    nkt_emit(swarm, &(nkt_effect_t){
                        .kind = NKT_FX_USER,
                        .address = user->address,
                        .flags = flags | user->flags | (user->relay_bits != 0 ? NKT_USER_ON_RELAY : 0u) |
                                 (user->link != NULL ? NKT_USER_LINKED : 0u) | (user->is_lost ? NKT_USER_LOST : 0u) |
                                 (nkt_away_has_left(user) ? NKT_USER_LEFT : 0u) | (user->is_ignored ? NKT_USER_IGNORED : 0u) |
                                 (user->record.capabilities & NKT_CAPABILITY_KEEPER ? NKT_USER_KEEPER : 0u),
                        .value = (int32_t)(user->session_state | (user->link != NULL ? 1u << 8 : 0u)),
                        .time_ms = heard_date(swarm, user),
                        .text = user->record.nick,
                        .text_size = strlen(user->record.nick),
                    });
}

int nkt_user_is_addressed(nkt_swarm_t *swarm, const nkt_user_t *user)
{
    if (user->flags & NKT_USER_MUTED || user->is_doubted)
        return 0;
    if (!nkt_user_is_counted(swarm, user))
        return 0; /* not to hundreds who merely said hello: each would cost a session, and floods in search of it */
    return user->is_member || (user->is_met && swarm->room.is_open);
}

/* ---- the table ---- */

static void timers_clear(nkt_swarm_t *swarm, nkt_user_t *user)
{
    nkt_timer_clear(&swarm->timers, &user->ack_timer);
    nkt_timer_clear(&swarm->timers, &user->retry_timer);
    nkt_timer_clear(&swarm->timers, &user->pump_timer);
    nkt_timer_clear(&swarm->timers, &user->session_timer);
    nkt_timer_clear(&swarm->timers, &user->mesh_timer);
    nkt_timer_clear(&swarm->timers, &user->absent_timer);
    nkt_timer_clear(&swarm->timers, &user->digest_timer);
}

static void user_free(nkt_user_t *user)
{
    nkt_record_deinit(&user->record);
    nkt_session_deinit(&user->session);
    free(user->acks);
    nkt_user_group_deinit(user);
    nkt_user_letters_deinit(user);
    for (int i = 0; i < NKT_STREAM_PER_USER_MAX; i++)
        nkt_window_deinit(&user->windows[i]);
    sodium_memzero(user, sizeof *user);
    free(user);
}

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

void nkt_user_forget(nkt_swarm_t *swarm, nkt_user_t *user)
{
    nkt_outbox_drop(swarm, user, NKT_E_NOT_FOUND);
    nkt_away_forget(swarm, user);
    timers_clear(swarm, user);
    nkt_user_t *introducer = nkt_user_find(swarm, &user->introducer);
    if (introducer != NULL && introducer->introduced_count > 0)
        introducer->introduced_count--;
    nkt_map_remove(&swarm->users, user->address.b);
    nkt_user_t *last = swarm->user_list[swarm->users.count];
    swarm->user_list[user->place] = last;
    last->place = user->place;
    user->flags = 0;
    nkt_user_tell(swarm, user, NKT_USER_GONE);
    if (user->letters.held != 0 && user->letters.held == swarm->letters.key.epoch)
        nkt_letters_renew(swarm); /* it holds our key */
    nkt_persist_delete_user(swarm, user);
    user_free(user);
    nkt_clock_forget(swarm);
}

int nkt_users_are_vast(const nkt_swarm_t *swarm)
{
    return swarm->vast_ms != 0 && swarm->now_ms - swarm->vast_ms < VAST_MS;
}

int nkt_user_add(nkt_swarm_t *swarm, nkt_record_t *record, nkt_user_t **out)
{
    int err = nkt_admit_room(swarm);
    if (err < 0)
        return err;
    nkt_user_t *user = calloc(1, sizeof *user);
    if (user == NULL)
        return NKT_E_MEMORY;
    user->address = record->address;
    err = list_reserve(swarm);
    if (err == NKT_OK)
        err = nkt_map_put(&swarm->users, user);
    if (err < 0) {
        free(user);
        return err;
    }
    user->place = swarm->users.count - 1;
    swarm->user_list[user->place] = user;
    user->record = *record;
    *record = (nkt_record_t){0};
    user->introducer = user->address;
    user->session.address = user->address;
    memcpy(user->session.identity_key, user->record.identity_key, 32);
    user->heard_ms = swarm->now_ms;
    user->met_ms = swarm->is_started ? swarm->now_ms : 0;
    user->known_wall_ms = swarm->time_ms;
    user->is_pinned = (uint8_t)nkt_pins_have(&swarm->pins, &user->address);
    user->is_ignored = (uint8_t)nkt_pins_have(&swarm->ignored, &user->address);
    nkt_timer_init(&user->ack_timer, NKT_TIMER_ACK, user);
    nkt_timer_init(&user->retry_timer, NKT_TIMER_RETRY, user);
    nkt_timer_init(&user->pump_timer, NKT_TIMER_PUMP, user);
    nkt_timer_init(&user->session_timer, NKT_TIMER_SESSION, user);
    nkt_timer_init(&user->mesh_timer, NKT_TIMER_MESH, user);
    nkt_timer_init(&user->absent_timer, NKT_TIMER_ABSENT, user);
    nkt_timer_init(&user->digest_timer, NKT_TIMER_DIGEST_TO, user);
    if (nkt_connect_find(swarm, &user->address) != NULL)
        nkt_user_prove(swarm, user, NKT_PROOF_SOUGHT);
    if (swarm->orphan_head != NULL)
        nkt_outbox_adopt(swarm, user);
    *out = user;
    return NKT_OK;
}

void nkt_users_deinit(nkt_swarm_t *swarm)
{
    for (size_t i = 0; i < swarm->users.count; i++)
        user_free(swarm->user_list[i]);
    free(swarm->user_list);
    swarm->user_list = NULL;
    nkt_map_deinit(&swarm->users);
}

/* ---- taking in records ---- */

static int is_membership_ok(const nkt_swarm_t *swarm, const nkt_signed_record_t *record)
{
    uint8_t expected[NKT_MEMBERSHIP_SIZE];
    if (record->membership == NULL)
        return 0;
    nkt_room_membership(&swarm->room, record->signature, expected);
    return sodium_memcmp(expected, record->membership, sizeof expected) == 0;
}

int nkt_user_is_record_member(const nkt_swarm_t *swarm, const nkt_signed_record_t *record)
{
    return is_membership_ok(swarm, record);
}

int nkt_user_is_record_known(const nkt_user_t *user, const nkt_signed_record_t *record)
{
    return user->record.bytes_size == record->bytes_size &&
           memcmp(user->record.bytes, record->bytes, record->bytes_size) == 0 &&
           memcmp(user->record.signature, record->signature, NKT_SIGN_SIZE) == 0;
}

/* user: whose it is, NULL: somebody new */
static int record_verify(nkt_swarm_t *swarm, const nkt_signed_record_t *record,
                         const nkt_user_t *user, nkt_record_t *verified)
{
    nkt_bucket_t *bucket = swarm->from != NULL ? &swarm->from->stranger_bucket : &swarm->stranger_bucket;
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

/* A newer record of somebody known. */
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
    user->bye_ms = 0; /* a new life */
    user->is_member = (uint8_t)(is_member && !user->is_doubted);
    user->is_claimed = (uint8_t)is_member;
    if (is_member)
        memcpy(user->membership, record->membership, NKT_MEMBERSHIP_SIZE);
    user->is_dirty = 1;
    nkt_user_tell(swarm, user, 0);
    return 1;
}

static int user_meet(nkt_swarm_t *swarm, const nkt_signed_record_t *record,
                     const nkt_address_t *introducer, int is_member, const nkt_manner_t *how,
                     nkt_user_t **user)
{
    nkt_record_t verified;
    nkt_user_t *by = nkt_user_find(swarm, introducer);
    if (by != NULL && by->introduced_count >= NKT_USER_PER_INTRODUCER_MAX)
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
        by->introduced_count++;
    (*user)->introducer = *introducer;
    (*user)->is_member = (uint8_t)(is_member && !is_doubted);
    (*user)->is_claimed = (uint8_t)is_member;
    (*user)->is_doubted = (uint8_t)is_doubted;
    if (is_member)
        memcpy((*user)->membership, record->membership, NKT_MEMBERSHIP_SIZE);
    (*user)->is_dirty = (uint8_t)!is_doubted;
    if (is_doubted) {
        (*user)->flags = NKT_USER_UNREACHABLE; /* until it is heard */
        return 1;
    }
    nkt_timer_set(&swarm->timers, &(*user)->absent_timer,
                  swarm->now_ms + ABSENT_MS); /* told of is not heard of */
    nkt_user_tell(swarm, *user, NKT_USER_NEW);
    swarm->status_changed = 1;
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
    int is_member = is_membership_ok(swarm, record);
    if (user == NULL) {
        if (!is_member && !has_leave)
            return NKT_E_NETWORK;
        err = user_meet(swarm, record, introducer, is_member, &how, &user);
    } else if (sequence > user->record.sequence) {
        /* whoever passes a record on may leave its membership out: that costs nobody a proof given
         * before */
        err = is_member || !user->is_member ? user_renew(swarm, user, record, is_member, author_ms)
              : has_leave                   ? 0
                                            : NKT_E_NETWORK;
    } else if (sequence < user->record.sequence) {
        err = NKT_E_USER_RECORD;
    } else {
        if (is_member && !user->is_member &&
            memcmp(record->signature, user->record.signature, NKT_SIGN_SIZE) == 0) {
            user->is_claimed = 1;
            user->is_member = !user->is_doubted;
            memcpy(user->membership, record->membership, NKT_MEMBERSHIP_SIZE);
            user->is_dirty = 1;
            nkt_timer_set_by(&swarm->timers, &user->digest_timer, swarm->now_ms); /* may be told of the others now */
        }
        err = 0;
    }
    if (err == 0)
        nkt_user_vouch(swarm, user, introducer);
    if (err >= 0 && has_leave)
        user->is_met = 1;
    if (err >= 0 && out != NULL)
        *out = user;
    return err;
}

void nkt_user_believe(nkt_user_t *user)
{
    if (!user->is_doubted)
        return;
    user->is_doubted = 0;
    user->is_member = user->is_claimed;
    user->is_dirty = 1;
}

/* ---- ways to reach them ---- */

int nkt_user_is_news(const nkt_swarm_t *swarm, const nkt_envelope_t *envelope, uint64_t newest_ms)
{
    const nkt_link_t *link = swarm->from;
    int is_straight = link != NULL && link->kind == NKT_LINK_RTC && link->state == NKT_LINK_LIVE &&
                      nkt_address_compare(&link->peer, &envelope->from) == 0;
    return is_straight || envelope->created_ms > newest_ms;
}

/* Is anybody there who could pass something on to it? */
static int has_carrier(const nkt_swarm_t *swarm, const nkt_user_t *user)
{
    for (size_t i = 0; i < swarm->users.count; i++) {
        const nkt_user_t *other = swarm->user_list[i];
        if (other != user && (other->link != NULL || other->relay_bits != 0))
            return 1;
    }
    return 0;
}

int nkt_user_is_lost(nkt_swarm_t *swarm, const nkt_user_t *user)
{
    return user->is_lost && nkt_view_is_mesh(swarm) &&
           nkt_link_find(swarm, nkt_paths_get(&swarm->paths, &user->address)) == NULL;
}

void nkt_user_ask(nkt_swarm_t *swarm, nkt_user_t *user)
{
    if (user->asked_ms != 0 || !nkt_bucket_take(&swarm->ask_bucket, swarm->now_ms, ASK_BURST, ASK_PER_S))
        return;
    user->asked_ms = swarm->now_ms;
    nkt_greet(swarm, user, 0);
}

/* is_heard: just now, in whatever way. */
static void ways_changed(nkt_swarm_t *swarm, nkt_user_t *user, int is_heard)
{
    swarm->status_changed = 1;
    nkt_outbox_weigh(swarm, user);
    user->asked_ms = 0;
    if (user->link != NULL || user->relay_bits != 0) {
        user->is_bridged = user->is_lost = 0;
        nkt_timer_clear(&swarm->timers, &user->absent_timer);
    } else {
        user->is_lost = !is_heard && nkt_view_known(swarm) < NKT_CROWD_COUNT_MIN; /* a crowd changes its links all the time */
        uint64_t wait_ms = has_carrier(swarm, user) ? ABSENT_MS : ALONE_MS;
        nkt_timer_set(&swarm->timers, &user->absent_timer, swarm->now_ms + wait_ms);
    }
    nkt_talk_want(swarm, user); /* both look whether there is any way, be it through others */
    nkt_mesh_want(swarm, user, 0);
    nkt_outbox_hurry(swarm, user);
}

void nkt_user_reachability(nkt_swarm_t *swarm, nkt_user_t *user)
{
    ways_changed(swarm, user, 0);
}

void nkt_user_heard(nkt_swarm_t *swarm, nkt_user_t *user, int relay)
{
    user->heard_at_ms = nkt_clock_passing(swarm);
    user->heard_ms = swarm->now_ms;
    uint32_t bit = relay < 0 ? 0 : 1u << relay;
    int was_unreachable = user->flags & NKT_USER_UNREACHABLE;
    int is_new_way = (user->relay_bits & bit) != bit;
    int was_lost = user->is_lost;
    user->is_lost = 0;
    if (!was_unreachable && !is_new_way) {
        if (was_lost) { /* it is there, through others */
            user->asked_ms = 0;
            nkt_user_tell(swarm, user, 0);
            nkt_mesh_want(swarm, user, 0);
            nkt_outbox_hurry(swarm, user);
        }
        return;
    }
    int was_on_relay = user->relay_bits != 0;
    user->relay_bits |= bit;
    user->flags &= (uint8_t)~NKT_USER_UNREACHABLE;
    nkt_away_return(swarm, user);
    if (was_unreachable || !was_on_relay)
        nkt_user_tell(swarm, user, NKT_USER_NEW);
    ways_changed(swarm, user, 1);
}

void nkt_user_left_relay(nkt_swarm_t *swarm, nkt_user_t *user, uint32_t relay_bits)
{
    if ((user->relay_bits & relay_bits) == 0)
        return;
    user->relay_bits &= ~relay_bits;
    if (user->relay_bits == 0) {
        nkt_user_reachability(swarm, user);
        nkt_user_tell(swarm, user, 0);
    }
}

void nkt_user_absent(nkt_swarm_t *swarm, nkt_user_t *user)
{
    if (user->link != NULL || user->relay_bits != 0 || user->flags & NKT_USER_UNREACHABLE)
        return;
    if (nkt_user_is_stranger(swarm, user) && nkt_view_is_mesh(swarm)) { /* nobody floods in search of who may never have been */
        nkt_user_set_flags(swarm, user, user->flags | NKT_USER_UNREACHABLE);
        nkt_away_leave(swarm, user);
        return;
    }
    int is_alone = user->is_lost && !has_carrier(swarm, user);
    if (is_alone || (user->asked_ms != 0 && user->heard_ms < user->asked_ms)) {
        nkt_user_set_flags(swarm, user, user->flags | NKT_USER_UNREACHABLE);
        return;
    }
    user->is_bridged |= user->asked_ms != 0;
    user->asked_ms = 0;
    if (nkt_view_known(swarm) >= NKT_CROWD_COUNT_MIN && !user->is_lost)
        return; /* in a crowd nobody asks after everybody: a record lives until it expires */
    uint64_t bridged_ms = (uint64_t)BRIDGED_MS * (1 + nkt_view_known(swarm) / BRIDGED_DIVISOR);
    int is_known_far = user->is_bridged || (!user->is_lost && !nkt_view_is_mesh(swarm)); /* where most are reached through others */
    uint64_t due_ms = user->heard_ms + (is_known_far ? bridged_ms : ABSENT_MS);
    if (swarm->now_ms < due_ms) {
        nkt_timer_set(&swarm->timers, &user->absent_timer, due_ms);
        return;
    }
    int has_path = nkt_link_find(swarm, nkt_paths_get(&swarm->paths, &user->address)) != NULL;
    if (!nkt_view_is_mesh(swarm) && nkt_endpoints_up(swarm, NKT_LINK_RELAY) == 0 && !has_path) {
        nkt_user_set_flags(swarm, user, user->flags | NKT_USER_UNREACHABLE); /* who wants it asks the whole swarm */
        return;
    }
    nkt_user_ask(swarm, user);
    nkt_timer_set(&swarm->timers, &user->absent_timer, swarm->now_ms + ANSWER_MS);
}

void nkt_user_set_flags(nkt_swarm_t *swarm, nkt_user_t *user, uint8_t flags)
{
    uint8_t before = user->flags;
    user->flags = flags & (NKT_USER_MUTED | NKT_USER_UNREACHABLE);
    if (user->flags == before)
        return;
    user->is_dirty = 1;
    if (user->flags & NKT_USER_UNREACHABLE && !(before & NKT_USER_UNREACHABLE))
        user->away_ms = swarm->now_ms;
    nkt_outbox_weigh(swarm, user);
    nkt_user_tell(swarm, user, 0);
    if (user->flags == NKT_USER_UNREACHABLE)
        nkt_mailbox_want(swarm, user);
    if (user->flags & NKT_USER_MUTED && !(before & NKT_USER_MUTED)) {
        nkt_letters_renew(swarm);
        nkt_away_exclude(swarm, user);
        nkt_outbox_drop(swarm, user, NKT_E_MUTED);
    }
    if (user->flags == 0)
        nkt_outbox_hurry(swarm, user);
}

/* By its own clock: who is there renews his record twice in its life. Ours may be wrong for a
 * while, or just have run through a sleep: those whom it makes look old get time to be heard again.
 */
static int is_expired(nkt_swarm_t *swarm, const nkt_user_t *user)
{
    if (user->is_doubted)
        return swarm->now_ms - user->heard_ms >= IDLE_MS;
    if (swarm->now_ms < swarm->clock.grace_ms)
        return 0;
    /* a stored session outlives the record: its replay windows keep old messages from showing twice
     */
    uint64_t keep_ms = swarm->settings.persist && nkt_session_exists(&user->session)
                           ? STORED_MS
                           : NKT_CLOCK_SLACK_MS;
    return user->record.expires_ms + keep_ms < nkt_clock_of(swarm, user);
}

void nkt_users_expire(nkt_swarm_t *swarm)
{
    nkt_outbox_expire_orphans(swarm, swarm->now_ms, NKT_E_TIMEOUT);
    for (size_t i = swarm->users.count; i-- > 0;) {
        nkt_user_t *user = swarm->user_list[i];
        nkt_outbox_expire(swarm, user);
        if (user->link == NULL && is_expired(swarm, user))
            nkt_user_forget(swarm, user);
    }
}
