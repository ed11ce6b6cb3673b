/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The structures of a peer: users, links, endpoints, and all that is kept beside them; message.h has what people say, letter.h what
 * keepers keep, clock.h what is known of the time. What may be done with them is in the doorstep of each room: state/state.h,
 * routing/routing.h, people/people.h, links/links.h, delivery/delivery.h, inbound/inbound.h, store/store.h. Time is in swarm->now_ms
 * (the host's), wall_ms (for people) and time_ms (our own, for others: clock.h), set by every step.
 */
#ifndef NKT_STATE_SWARM_H
#define NKT_STATE_SWARM_H

#include "base/bucket.h"
#include "base/bytes.h"
#include "base/map.h"
#include "base/prng.h"
#include "base/timer.h"
#include "dedup/seen.h"
#include "dedup/window.h"
#include "gossip/gossip.h"
#include "identity/record.h"
#include "identity/room.h"
#include "identity/seal.h"
#include "nkt.h"
#include "overlay/linkauth.h"
#include "overlay/kept.h"
#include "overlay/mail.h"
#include "overlay/missing.h"
#include "overlay/path.h"
#include "overlay/recent.h"
#include "overlay/route.h"
#include "overlay/signal.h"
#include "overlay/treeframe.h"
#include "session/group.h"
#include "session/session.h"
#include "state/clock.h"
#include "state/letter.h"
#include "state/admit.h"
#include "state/message.h"
#include "state/pins.h"
#include "state/trust.h"
#include "tracker/tracker.h"
#include "wire/envelope.h"
#include "wire/kinds.h"
#include "wire/limits.h"

/* of nkt.proto */
struct Nkt__Inner;
struct Nkt__Ciphertext;
struct Nkt__GroupKey;

typedef struct nkt_swarm nkt_swarm_t;
typedef struct nkt_user nkt_user_t;
typedef struct nkt_link nkt_link_t;
typedef struct nkt_endpoint nkt_endpoint_t;
typedef struct nkt_invitation nkt_invitation_t; /* of invite.c */

/** What a timer is for; its owner is the object named. */
typedef enum nkt_timer_kind {
    NKT_TIMER_ACK,       /* user: acknowledgements gathered */
    NKT_TIMER_RETRY,     /* user: unacknowledged parcels */
    NKT_TIMER_PUMP,      /* user: parcels gathered into one envelope */
    NKT_TIMER_SESSION,   /* user: session wanted or not answered */
    NKT_TIMER_MESH,      /* user: link wanted */
    NKT_TIMER_ABSENT,    /* user: no direct way left for a while */
    NKT_TIMER_DIGEST_TO, /* user: tell it whom we know */
    NKT_TIMER_LINK,      /* link: set-up time-out, ping, or loss */
    NKT_TIMER_ENDPOINT,  /* endpoint: connect again, or ping */
    NKT_TIMER_ANNOUNCE,  /* endpoint (tracker): announce */
    NKT_TIMER_RELAY_GREET, /* endpoint (relay): others are there, and none is heard */
    NKT_TIMER_CONNECT,   /* connect request: again, or time-out */
    NKT_TIMER_DIGEST,    /* swarm: periodic digest, expiry */
    NKT_TIMER_REFRESH,   /* swarm: renew the own record */
    NKT_TIMER_VIEW,      /* swarm: more links wanted */
    NKT_TIMER_TIDINGS,   /* swarm: ids gathered for IHAVE */
    NKT_TIMER_FETCH,     /* swarm: broadcasts told of that did not come */
    NKT_TIMER_JOURNAL,   /* swarm: pages of the journal to be stored */
    NKT_TIMER_MAIL,      /* swarm: mail to be handed over, or to be kept for us */
    NKT_TIMER_LETTERS,   /* swarm: letters to be written, or sent to keepers (again) */
    NKT_TIMER_KEEPER,    /* swarm: letters to be handed over (again) */
    NKT_TIMER_SHARE,     /* swarm: what was said to everybody, for those who are away */
    NKT_TIMER_ANNOUNCE_SELF, /* swarm: our record to everybody, once there is a link */
} nkt_timer_kind_t;

/* ---- users ---- */

/** Acknowledgements not sent yet, as ranges of one stream each. */
typedef struct nkt_ack_range {
    uint64_t epoch, first, last;
} nkt_ack_range_t;

/** What one user has to do with messages to everybody (group.c). Epochs name keys. */
typedef struct nkt_user_group {
    nkt_group_key_t keys[NKT_GROUP_KEY_COUNT]; /* by which it speaks to everybody; the newest first */
    uint64_t confirm, ask; /* of its keys: to be confirmed to it, to be asked of it; 0: none */
    uint64_t lost;         /* of its keys: held, but too far behind */
    nkt_bucket_t decrypt_bucket, stale_bucket; /* of broadcasts that do not decrypt: news of its own, what is old */
    uint64_t opened_ms;    /* by its clock: of the newest that decrypted */
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

/** What waits for one user, is under way to it, or is to be acknowledged to it: delivery/ alone writes here. */
typedef struct nkt_user_delivery {
    uint32_t letter_count;   /* parcels waiting for it that are for it alone */
    uint32_t retry_attempt;
    uint64_t epoch;    /* of our stream to it, 0: none yet */
    uint64_t sequence; /* last position used in it */
    nkt_parcel_t *queue_head, *queue_tail;   /* waiting for their first sending */
    nkt_parcel_t *flight_head, *flight_tail; /* sent, not acknowledged; the first sent first */
    uint32_t queue_count, flight_count;
    size_t queue_size, flight_size;
    uint32_t flight_old_count; /* of the flight, those said in an earlier life: all in the same one, ... */
    uint64_t flight_life;      /* ... this */
    uint32_t weight_count; /* what it contributes to swarm->outbox.busy_count and _size */
    size_t weight_size;
    uint64_t sent_ms;
    uint64_t progress_ms; /* when it last acknowledged something, or began to have something waiting */
    nkt_ack_range_t *acks; /* NKT_ACK_RANGE_COUNT_MAX of them, or NULL: there were none yet */
    uint32_t ack_range_count, ack_count;
} nkt_user_delivery_t;

/** Setting up a session with one user, and what may fail in it: delivery/ alone writes here. */
typedef struct nkt_user_talk {
    uint64_t rekey_ms;
    uint32_t session_attempt;
    nkt_bucket_t decrypt_bucket, stale_bucket;
    uint64_t hello_ms; /* when its last hello was answered */
} nkt_user_talk_t;

/** What one user may cost as an author whose words are passed on: routing/ alone writes here. */
typedef struct nkt_user_cast {
    nkt_bucket_t push_bucket, tell_bucket; /* broadcasts pushed, and all of them */
    nkt_bucket_t stray_bucket;             /* envelopes that no way is known for */
} nkt_user_cast_t;

struct nkt_user {
    nkt_address_t address; /* key of the table */
    size_t place;          /* in swarm->user_list */
    nkt_record_t record;
    uint8_t membership[NKT_MEMBERSHIP_SIZE];
    nkt_address_t introducer; /* who told of it first; its own address: itself */
    uint32_t introduced_count;
    nkt_session_t session;
    nkt_window_t windows[NKT_STREAM_PER_USER_MAX];
    nkt_user_group_t group;
    nkt_user_letters_t letters;

    nkt_link_t *link;        /* the authenticated WebRTC link, or NULL */
    uint32_t relay_bits;     /* relays it was heard on directly, by index of the endpoint */
    nkt_user_clock_t clock;
    uint64_t heard_at_ms;   /* nkt_clock_passing() then; 0: not in this life */
    uint64_t bye_ms; /* by its clock, when it said good-bye; 0: did not since its record is known */
    uint64_t left_ms;   /* by our own time, when it left, or was given up (away.c); 0: it is no such */
    uint64_t away_ms;        /* since when it is unreachable; 0: it is not, or was restored so */
    uint64_t missed_from;    /* of what was said to everybody it was given nothing of this order or later; 0: missed nothing */
    uint64_t heard_ms;
    uint64_t greeted_ms;     /* when we last sent it our record */
    uint64_t said_ms;        /* by its clock: of the newest that was heard of it, ... */
    uint64_t opened_ms;      /* ... and of the newest that decrypted in its session; both stored */
    uint64_t offered_ms;     /* by its clock: of the greeting that brought prekey_id */
    uint64_t mailed_ms;      /* since it is away: when the mailboxes were last given all that waits, 0: never ... */
    uint32_t mailed_count;   /* ... and how many envelopes so far; ... */
    size_t mailed_size;      /* ... since mailed_ms, how many bytes */
    uint64_t asked_ms;       /* when it was asked whether it is there, 0: was not */
    uint32_t reserve_ticket; /* the PUT of its session, which reserved places in the sending chain ... */
    uint32_t reserve_left;   /* ... of which so many are left */
    uint32_t rtc_attempt;    /* failed link set-ups in a row */
    nkt_bucket_t signal_bucket, spread_bucket, want_bucket; /* what its signals, greetings and questions may cost us */

    uint32_t prekey_id; /* a one-time prekey it gave us, for the next initiation; 0: none */
    uint8_t prekey[32];

    nkt_timer_t ack_timer, retry_timer, pump_timer, session_timer, mesh_timer, absent_timer, digest_timer;
    uint8_t session_state; /* nkt_session_state_t without REKEYED */
    uint8_t flags;         /* NKT_USER_MUTED, NKT_USER_UNREACHABLE */
    uint8_t is_member;     /* proved to know our room */
    uint8_t is_met;        /* we asked for it by address, or it for us */
    uint8_t is_dirty;      /* to be stored */
    uint8_t was_established;
    uint8_t mail_due;      /* of mailbox.c */
    uint8_t is_bridged;    /* reached through others only, and answers */
    uint8_t is_doubted;    /* its record may be old: nobody is told of it until a link proves that it is there ... */
    uint8_t is_claimed;    /* ... and then that it is a member, by the proof in membership */
    uint8_t proof;         /* of trust.h */
    uint8_t is_pinned, is_ignored; /* of pins.c */
    uint8_t has_answered;  /* a greeting of ours, and said back what was in it: it is there */
    uint8_t is_stored;     /* something of it is in storage */
    uint64_t met_ms, known_ms; /* since when it is known, 0: from an earlier life; by time_ms, over all lives: stored */
    uint8_t is_lost;       /* its last direct way was lost, and it was not heard of since */
    uint8_t is_followed;   /* it left, and gets what is said to everybody all the same: by mail, untold */
    nkt_user_delivery_t delivery;
    nkt_user_talk_t talk;
    nkt_user_cast_t cast;
};

/* ---- links ---- */

typedef enum nkt_link_kind { NKT_LINK_RELAY, NKT_LINK_TRACKER, NKT_LINK_RTC } nkt_link_kind_t;

typedef enum nkt_link_state {
    NKT_LINK_OPENING,  /* socket: waiting for LINK_UP */
    NKT_LINK_OFFERING, /* rtc: waiting for the local offer */
    NKT_LINK_OFFERED,  /* rtc: the offer is out or ready */
    NKT_LINK_ANSWERING,/* rtc: waiting for the local answer */
    NKT_LINK_JOINING,  /* rtc: both descriptions are set */
    NKT_LINK_PROVING,  /* rtc: channel open, waiting for the other side's proof */
    NKT_LINK_LIVE,
} nkt_link_state_t;

/** Where an ICE restart of a live link is. */
typedef enum nkt_restart {
    NKT_RESTART_NONE,
    NKT_RESTART_ASKED,   /* waiting for the local description */
    NKT_RESTART_OFFERED, /* ... and now for the answer */
    NKT_RESTART_DONE,    /* nothing left to do here: the link lives again, or its time is up */
} nkt_restart_t;

/** The link as an edge of the broadcast tree: routing/ alone writes here. */
typedef struct nkt_link_tree {
    uint8_t is_lazy;    /* off the broadcast tree: told of broadcasts, not sent them */
    nkt_buf_t tidings;  /* an IHAVE being gathered ... */
    uint64_t told_ms;   /* ... and when the last one went out */
    nkt_bucket_t tidings_bucket, fetch_bucket;
    uint64_t useful_ms;    /* when it last was first with a broadcast of another's than its other end's, 0: never */
    uint32_t silent_count; /* broadcasts since then that other links were first with */
} nkt_link_tree_t;

struct nkt_link {
    uint32_t id;
    nkt_link_kind_t kind;
    nkt_link_state_t state;
    nkt_endpoint_t *endpoint; /* sockets: whose; rtc: the tracker it is signalled through, NULL: the swarm */
    nkt_timer_t timer;
    uint64_t heard_ms;
    uint64_t ping_ms; /* when the unanswered ping went out, 0: none */
    uint8_t is_shaky, is_pressed;
    nkt_restart_t restart;
    nkt_bucket_t bad_bucket, forward_bucket, stranger_bucket, hello_bucket, walk_bucket, doubt_bucket, stray_bucket;

    /* rtc only */
    int is_offerer;
    nkt_address_t peer;      /* zero: not known yet (an offer at a tracker) */
    uint8_t peer_sign_key[32];
    nkt_address_t target;    /* whom the offer is for, zero: anybody */
    nkt_linkauth_t auth;
    uint8_t attempt[NKT_ATTEMPT_SIZE];
    nkt_tracker_id_t offer_id, remote_peer_id; /* names at the tracker */
    nkt_room_t place;        /* where it is announced: info hash and seal key */
    char *sealed_offer;      /* Base64, ready to be announced */
    nkt_invitation_t *invitation; /* it comes of an invite that is not at its end, or NULL; on the heap */
    uint64_t live_ms;
    nkt_link_origin_t origin;
    uint64_t poor_ms; /* when its other end said last that it has hardly another; 0: never */
    nkt_link_tree_t tree;
};

/* ---- relays and trackers ---- */

struct nkt_endpoint {
    nkt_link_kind_t kind;
    uint32_t index; /* among its kind */
    char *url;
    nkt_link_t *link; /* NULL: waiting for the next attempt */
    nkt_timer_t timer, announce_timer;
    uint32_t attempt;  /* failures in a row */
    uint8_t is_up;
    uint8_t was_up;
    uint8_t is_probing;
    uint8_t is_proved; /* relay: our address was, on this connection */
    char last_error[NKT_TRACKER_REASON_SIZE];
    uint64_t ping_ms;
    uint32_t ping_number;
    uint32_t peer_count; /* as the server says */
    nkt_tracker_id_t peer_id;  /* new for every connection, the same in all places announced on it */
    uint32_t announce_count;   /* since it came up */
    uint32_t blind_count;      /* of them, since a link was lost: in search of those to whom no link leads */
    nkt_bucket_t bad_bucket, welcome_bucket;
};

/** A startWebRTCClient at work. */
typedef struct nkt_connect {
    int is_used;
    uint32_t ticket;
    nkt_address_t target;
    nkt_room_t room; /* where its owner is looked for */
    uint64_t until_ms;
    nkt_timer_t timer;
} nkt_connect_t;

/* ---- everything ---- */

typedef struct nkt_queued_effect {
    nkt_effect_t fx;
    uint8_t *owned; /* holds bytes and text, or NULL */
} nkt_queued_effect_t;

typedef struct nkt_effects {
    nkt_queued_effect_t *ring;
    size_t capacity, first, count;
    uint8_t *lent; /* what the last polled effect points to */
    size_t size;   /* bytes waiting to be polled */
    size_t step_count; /* queued since the step began: those at the end of the ring */
    int failed;    /* no memory: the core is beyond use */
} nkt_effects_t;

typedef struct nkt_settings {
    char *nick, *room, *secret;
    char *relays[NKT_URL_COUNT_MAX], *trackers[NKT_URL_COUNT_MAX];
    size_t relay_count, tracker_count;
    uint32_t link_count_max; /* WebRTC links */
    int persist, history, keeper;
    uint8_t store_key[NKT_KEY_SIZE];
} nkt_settings_t;

enum { NKT_DROP_COUNT = 32 };

typedef struct nkt_counters {
    uint64_t frames_in, frames_out, forwarded, messages_in, messages_out, rekeys, retries, group_in, group_out,
        messages_ignored,
        restarts, mail_kept, mail_handed, mail_got, letters_kept, letters_handed, letters_read;
    uint64_t dropped[NKT_DROP_COUNT]; /* by -200 - error */
} nkt_counters_t;

/** Our side of messages to everybody. */
typedef struct nkt_group {
    nkt_group_key_t key;
    uint64_t stream, sequence; /* of this life; last position used */
    uint64_t made_ms;
    uint32_t message_count; /* under this key */
    size_t reader_count;    /* users who were given it */
    size_t holder_count;    /* ... and said so, when it was last looked */
    size_t count_min;       /* NKT_GROUP_COUNT_MIN, but for benchmarks */
    int is_wanted;          /* the swarm is large enough */
    nkt_buf_t shared;       /* reused */
    size_t busy_count, busy_size; /* parcels in flight by broadcast to users who can be reached now */
} nkt_group_t;

/** All that waits: delivery/ alone writes here. */
typedef struct nkt_outbox {
    nkt_bucket_t look_bucket;
    uint64_t shared_ms; /* when an envelope for several was made last, 0: never */
    size_t count, size, parcel_count;
    nkt_parcel_t *orphan_head, *orphan_tail; /* restored, for users of whom nothing is known now */
    size_t busy_count, busy_size; /* waiting for users who can be reached now: what pressure is measured by */
    int is_pressed;
    uint64_t clear_epoch, clear_sequence; /* our stream of clear messages */
    nkt_bucket_t clear_bucket;            /* ... and what all others pass on of it */
} nkt_outbox_t;

/** The search for links: links/ alone writes here. */
typedef struct nkt_walks {
    uint32_t count;   /* walks under way that brought no offer yet, since ... */
    uint64_t sent_ms;      /* ... the last was sent */
    uint64_t gave_ms[2];   /* when a link was last closed for one who wanted any, or us; 0: never */
    uint32_t attempt; /* rounds of walks in a row that brought no link */
} nkt_walks_t;

/** Those who say hello, all together: people/ alone writes here. */
typedef struct nkt_door {
    nkt_bucket_t stranger_bucket; /* records of strangers verified that came by no link */
    nkt_bucket_t newcomer_bucket, knock_bucket, member_bucket;
    uint64_t crowded_ms; /* when somebody who said hello got no place last, 0: never */
} nkt_door_t;

struct nkt_swarm {
    nkt_host_t lender; /* what the application lends; drawn from through host */
    nkt_host_t host;
    int fatal; /* a code of -3xx: nothing goes on */
    nkt_settings_t settings;
    nkt_prng_t prng;
    nkt_timers_t timers;
    nkt_effects_t effects;
    nkt_counters_t counters;
    uint64_t now_ms, wall_ms, time_ms;
    uint64_t step_number;
    uint64_t life; /* ours: its record's first sequence, higher than all before */
    uint64_t woke_ms; /* when it last slept until, 0: never */
    int is_started, is_stopped;

    nkt_identity_t identity;
    int has_identity;
    nkt_record_t record; /* our own */
    uint8_t membership[NKT_MEMBERSHIP_SIZE];
    nkt_sessions_t *sessions;
    nkt_room_t room;
    nkt_room_t own_place; /* where people look for us by address */

    nkt_map_t users;
    nkt_user_t **user_list; /* dense, for iteration */
    size_t user_capacity;
    nkt_bucket_t ask_bucket, reply_bucket; /* questions whether somebody is there; answers to those who got no place */
    nkt_link_t *from;      /* the link whose bytes are at work, or NULL */
    uint8_t is_blameless;  /* what is wrong with those bytes is another's fault */

    nkt_link_t *links[NKT_LINK_COUNT_MAX];
    size_t link_count;
    uint32_t next_link_id;
    nkt_endpoint_t endpoints[2 * NKT_URL_COUNT_MAX];
    size_t endpoint_count;
    nkt_connect_t connects[NKT_CONNECT_COUNT_MAX];

    nkt_seen_t seen;
    nkt_recent_t recent;
    nkt_missing_t missing;
    nkt_mailbox_t mailbox;
    nkt_letters_t letters;
    nkt_kept_box_t kept;
    nkt_timer_t keeper_timer;
    nkt_paths_t paths;
    uint64_t vast_ms; /* when somebody known was last forgotten for somebody new, 0: never */
    nkt_timer_t digest_timer, refresh_timer, view_timer, tidings_timer, fetch_timer, self_timer, mail_timer, share_timer;
    uint8_t fetch_streak;  /* broadcasts in a row that had to be fetched */
    uint8_t is_announced;  /* our record went to everybody since there were links */

    nkt_journal_t journal;
    nkt_lately_t lately;
    size_t followed_count, left_count; /* of users: see away.c */

    nkt_clock_t clock;
    nkt_pins_t pins, ignored;
    nkt_group_t group;

    uint32_t put_ticket;
    uint32_t restore_failed_count;
    int identity_is_dirty;
    struct {
        uint8_t key[32];
        uint8_t is_open, is_there, is_dirty;
    } adopted; /* somebody else's room that we, who have none of our own, are in: stored */
    int is_outdated; /* what is stored is newer than we are */
    nkt_buf_t frame, payload, plain, sealed, relay_frame, scratch; /* reused: each user clears before use */
    char *health;
    int status_changed;
    nkt_outbox_t outbox;
    nkt_walks_t walks;
    nkt_door_t door;
};

/** Stands for the ticket of this step's last PUT, which is made at its end. */
#define NKT_TICKET_STEP UINT32_MAX

enum {
    NKT_ACCEPT_LEAVE = 1,   /* we want this user though it shows no membership */
    NKT_ACCEPT_DOUBTED = 2, /* also if its time is not plausible: a link that is on its way will prove it */
};

#define NKT_GREETING_ASK 4u /* beside the flags that travel: to be answered with a nonce, though it is an answer */

#endif
