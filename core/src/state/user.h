/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is kept of one user, in parts: each belongs to one room, which alone changes it (tools/tidy/rooms.mjs says which). Times of one
 * part may be by different clocks: where nothing is said, by now_ms; "by its clock" is the created_ms of what that user signed.
 */
#ifndef NKT_STATE_USER_H
#define NKT_STATE_USER_H

#include "base/bucket.h"
#include "base/bytes.h"
#include "base/changes.h"
#include "base/timer.h"
#include "dedup/window.h"
#include "identity/record.h"
#include "identity/room.h"
#include "session/group.h"
#include "session/session.h"
#include "state/clock.h"
#include "state/letter.h"
#include "state/message.h"
#include "wire/limits.h"

typedef struct nkt_user nkt_user_t;
typedef struct nkt_link nkt_link_t;

/* ---- of delivery/ ---- */

/** Acknowledgements not sent yet, as ranges of one stream each. */
typedef struct nkt_ack_range {
    uint64_t stream_id, first, last;
} nkt_ack_range_t;

/** What one user has to do with messages to everybody (group.c). Epochs name keys. */
typedef struct nkt_user_group {
    nkt_group_key_t keys[NKT_GROUP_KEY_COUNT]; /* by which it speaks to everybody; the newest first */
    uint64_t confirm, ask; /* of its keys: to be confirmed to it, to be asked of it; 0: none */
    uint64_t lost;         /* of its keys: held, but too far behind */
    nkt_bucket_t decrypt_bucket, stale_bucket; /* of broadcasts that do not decrypt: news of its own, what is old */
    uint64_t asked_ms;
    uint32_t ask_attempt;
    uint64_t offered, held; /* of ours: the last it was given, the last it confirmed */
    uint64_t offered_ms;    /* 0: to be given again at once */
    uint64_t heeded_ms;     /* when its last asking was heeded */
    uint64_t deaf_until_ms; /* broadcasts do not reach it */
    uint32_t miss_count;    /* ... so many in a row */
    uint32_t parcel_count;  /* parcels with positions of the stream to everybody ... */
    uint64_t low;           /* ... none of which is lower than this */
    uint32_t flight_count;  /* those in flight: in the user's flight_count as well */
    size_t flight_size;
    uint32_t weight_count; /* what it contributes to swarm->group.busy_count and _size */
    size_t weight_size;
} nkt_user_group_t;

/** What waits for one user, is under way to it, or is to be acknowledged to it. */
typedef struct nkt_user_delivery {
    uint32_t letter_count;   /* parcels waiting for it that are for it alone */
    uint32_t retry_attempt;
    uint64_t stream_id; /* of our stream to it, 0: none yet */
    uint64_t sequence; /* last position used in it */
    nkt_parcel_t *queue_head, *queue_tail;   /* waiting for their first sending */
    nkt_parcel_t *flight_head, *flight_tail; /* sent, not acknowledged; the first sent first */
    uint32_t queue_count, flight_count;
    size_t queue_size, flight_size;
    uint32_t flight_old_count; /* of the flight, those said in an earlier life: all in the same one, ... */
    uint64_t flight_incarnation; /* ... this */
    uint32_t weight_count; /* what it contributes to swarm->outbox.busy_count and _size */
    size_t weight_size;
    uint64_t sent_ms;
    uint64_t progress_ms; /* when it last acknowledged something, or began to have something waiting */
    nkt_ack_range_t *acks; /* NKT_ACK_RANGE_COUNT_MAX of them, or NULL: there were none yet */
    uint32_t ack_range_count, ack_count;
    uint8_t is_ack_lost; /* something came again that was acknowledged: by the way it took, that did not arrive */
    nkt_timer_t ack_timer, retry_timer, pump_timer, loss_timer;
} nkt_user_delivery_t;

/** Setting up a session with one user, and what may fail in it. */
typedef struct nkt_user_talk {
    uint8_t state; /* nkt_session_state_t without REKEYED */
    uint8_t was_established;
    uint8_t is_called;     /* the application waits for a session with it, though nothing is said */
    uint8_t is_key_asked;  /* a session is to begin as soon as its KEM key is here */
    uint8_t is_key_wanted; /* it asked for ours: the next greeting to it brings it */
    uint64_t key_told_ms;  /* when it asked, and was answered at once; 0: never */
    uint64_t key_sought_ms; /* when a greeting of ours last asked for its; 0: never */
    uint64_t rekey_ms;
    uint64_t unread_ms; /* when it last said what cannot be read here, 0: never: it is owed another session, though nothing waits for it */
    uint32_t attempt;    /* so many at a session since it was last begun ... */
    uint64_t attempt_ms; /* ... of which this was the last, ... */
    uint64_t turn_ms;    /* ... and the next is due */
    nkt_timer_t timer;
    nkt_bucket_t decrypt_bucket, stale_bucket;
    uint64_t hello_ms;       /* when its last hello was answered */
    uint32_t prekey_id;      /* a one-time prekey it gave us, for the next initiation; 0: none ... */
    uint8_t prekey[32];
    nkt_buf_t kem_once;      /* ... the KEM key beside it, which is as fresh; empty: none */
    nkt_buf_t kem_key;       /* its lasting KEM key, as it or somebody else told it: to be compared with the record; empty: none */
    uint64_t key_again_ms;   /* others, or at a keeper's it, are asked for that then (keyring.c) ... */
    uint32_t key_attempt;    /* ... and were asked so often */
    uint8_t is_key_lacked;   /* something is to be said to it while it is away, and its key is lacking */
    uint32_t used_prekey_id; /* with which the newest session was begun */
    uint64_t offered_ms;     /* ... and by its clock: of the greeting that brought it */
    uint32_t reserve_ticket; /* the PUT of its session, which reserved places in the sending chain ... */
    uint32_t reserve_left;   /* ... of which so many are left */
} nkt_user_talk_t;

/** A key of what may be lost, made before it is wanted. */
typedef struct nkt_ephemeral_ahead {
    uint8_t key[32];
    uint32_t number; /* whose it is; 0: there is none */
} nkt_ephemeral_ahead_t;

/** What is said to one user, or by it, and may be lost (ephemeral.c). Never stored. */
typedef struct nkt_user_ephemeral {
    uint64_t epoch_out, epoch_in;   /* name the keys; 0: none */
    uint32_t number_out, number_in; /* the last that was said under it; the newest that was heard */
    uint8_t key_out[32], key_in[32];
    nkt_ephemeral_ahead_t ahead_out, ahead_in;
    uint64_t made_ms, told_ms;      /* ours; told last */
    uint64_t asked_ms;              /* for its key; 0: never */
    nkt_bucket_t out_bucket, relay_bucket, in_bucket;
} nkt_user_ephemeral_t;

/* ---- of routing/ ---- */

/** What one user may cost as an author whose words are passed on. */
typedef struct nkt_user_cast {
    nkt_bucket_t push_bucket, tell_bucket; /* broadcasts pushed, and all of them */
    nkt_bucket_t stray_bucket;             /* envelopes that no way is known for */
    nkt_bucket_t bridge_bucket;            /* what is put on another relay */
    /* relays on which others said what it said, by index of the endpoint: it is on another beyond them; since far_ms, and in the
     * NKT_BRIDGE_FAR_MS before */
    uint32_t far_bits, far_former_bits;
    uint64_t far_ms;
} nkt_user_cast_t;

/** What it was told of us and of the others. */
typedef struct nkt_user_greeting {
    uint64_t greeted_ms;      /* when we last sent it our record */
    uint64_t asked_ms;        /* when it was asked whether it is there, 0: was not */
    nkt_timer_t digest_timer; /* tell it whom we know */
} nkt_user_greeting_t;

/** Mail for one who is away: what was given to mailboxes since, and what is due. */
typedef struct nkt_user_mail {
    uint64_t given_ms;    /* when they were last given all that waits, 0: never ... */
    uint32_t given_count; /* ... and how many envelopes since it is away; ... */
    size_t given_size;    /* ... since given_ms, how many bytes */
    uint8_t due;          /* NKT_DUE_POST, NKT_DUE_HAND */
} nkt_user_mail_t;

/** Letters kept here for one user: where the handing over stands. */
typedef struct nkt_user_kept {
    uint64_t looked_order;      /* there was nothing more for it up to this one */
    uint64_t order, last_order; /* it has all up to this one; the last of what is under way to it, 0: nothing is */
    uint64_t again_ms;
    uint32_t attempt;
    uint8_t is_waiting; /* for again_ms, or for being handed over something */
} nkt_user_kept_t;

/* ---- of people/ ---- */

/** Whose word there is for it, and how far it is believed. */
typedef struct nkt_user_standing {
    nkt_address_t introducer; /* who told of it first; its own address: itself */
    uint32_t introduced_count;
    uint8_t membership[NKT_MEMBERSHIP_SIZE];
    uint8_t is_member;     /* proved to know our room */
    uint8_t is_met;        /* we asked for it by address, or it for us */
    uint8_t is_doubted;    /* its record may be old: nobody is told of it until a link proves that it is there ... */
    uint8_t is_claimed;    /* ... and then that it is a member, by the proof in membership */
    uint8_t proof;         /* of trust.h */
    uint8_t is_pinned, is_ignored; /* of pins.c */
    uint8_t has_answered;  /* a greeting of ours, and said back what was in it: it is there, and had it */
    uint64_t age_ms; /* of one who was not heard in this life: nkt_clock_age() when it was, as far as that was stored */
    uint64_t met_ms, known_ms; /* since when it is known, 0: from an earlier life; by time_ms, over all lives: stored */
} nkt_user_standing_t;

/** Whether it is there, and by which way it was heard; but for the link. */
typedef struct nkt_user_presence {
    uint32_t relay_bits;  /* relays it was heard on directly, by index of the endpoint */
    uint64_t heard_at_ms; /* nkt_clock_passing() then; 0: not in this life */
    uint64_t heard_ms;
    uint8_t flags;        /* NKT_USER_MUTED, NKT_USER_UNREACHABLE */
    uint8_t is_bridged;   /* reached through others only, and answers */
    nkt_timer_t absent_timer;
} nkt_user_presence_t;

/* ---- of links/ ---- */

/** The link to it, or the search for one. */
typedef struct nkt_user_mesh {
    nkt_link_t *link; /* the authenticated WebRTC link, or NULL */
    uint32_t attempt; /* failed link set-ups in a row */
    nkt_bucket_t signal_bucket; /* what its signals may cost us */
} nkt_user_mesh_t;

/* ---- of inbound/ ---- */

/** What its greetings and questions may cost us. */
typedef struct nkt_user_gossip {
    nkt_bucket_t spread_bucket, want_bucket;
} nkt_user_gossip_t;

/* ---- of state/ ---- */

/** Since when it is away, whether it left for good, and what it missed: delivery/away.c decides. */
typedef struct nkt_user_away {
    uint64_t since_ms;    /* since when it is unreachable; 0: it is not, or was restored so */
    uint64_t left_ms;     /* by our own time, when it left, or was given up; 0: it is no such */
    uint64_t missed_from; /* of what was said to everybody it was given nothing of this order or later; 0: missed nothing */
    uint8_t is_lost;      /* its last direct way was lost, and it was not heard of since */
    uint8_t is_followed;  /* it left, and gets what is said to everybody all the same: by mail, untold */
} nkt_user_away_t;

/** What was seen of a user, and has consequences in rooms above the one that saw it (news.c). */
typedef enum nkt_news {
    NKT_NEWS_MET = 1,        /* it is new in the table */
    NKT_NEWS_PROVEN = 2,     /* it has shown for the first time more than that it can sign */
    NKT_NEWS_LINK_LOST = 4,  /* its link is gone */
    NKT_NEWS_LEFT = 8,       /* it said good-bye */
    NKT_NEWS_FORGOTTEN = 16, /* it is in the table no more, and lives on until this is heeded */
} nkt_news_t;

/** News of it that were not heeded yet. */
typedef struct nkt_user_news {
    nkt_user_t *next; /* the next user of whom there are any */
    uint8_t kinds;    /* NKT_NEWS_* */
} nkt_user_news_t;

/** A link with it is wanted: when one is tried (wishes.c). */
typedef struct nkt_user_wish {
    nkt_timer_t timer;
} nkt_user_wish_t;

typedef struct nkt_user_stored {
    nkt_change_t change; /* in swarm->changes, if this or the session changed */
    uint8_t is_dirty;    /* to be stored */
    uint8_t is_stored;   /* something of it is in storage */
} nkt_user_stored_t;

struct nkt_user {
    nkt_address_t address; /* key of the table */
    size_t place;          /* in swarm->user_list */
    nkt_record_t record;
    nkt_user_standing_t standing;
    nkt_user_presence_t presence;
    nkt_user_away_t away;
    nkt_user_clock_t clock;
    nkt_user_mesh_t mesh;
    nkt_user_wish_t wish;
    nkt_user_gossip_t gossip;
    nkt_user_greeting_t greeting;
    nkt_user_cast_t cast;
    nkt_user_mail_t mail;
    nkt_user_kept_t kept;
    nkt_session_t session;
    nkt_user_talk_t talk;
    nkt_user_delivery_t delivery;
    nkt_user_group_t group;
    nkt_user_letters_t letters;
    nkt_user_ephemeral_t *ephemeral; /* NULL: nothing of the kind was said to it, or by it */
    nkt_windows_t windows;
    nkt_user_stored_t stored;
    nkt_user_news_t news;
};

#endif
