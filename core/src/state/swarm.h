/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * All that is kept of a peer: user.h has what is kept of each user, link.h of links and servers, message.h what people say, letter.h what
 * keepers keep, clock.h what is known of the time. Each part belongs to one room, which alone changes it (tools/tidy/rooms.mjs). What may
 * be done with them is in the doorstep of each room: state/state.h, routing/routing.h, people/people.h, links/links.h,
 * delivery/delivery.h, inbound/inbound.h, store/store.h. Time is in swarm->now_ms (the host's), wall_ms (for people) and time_ms (our
 * own, for others: clock.h), set by every step.
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
#include "overlay/bridge.h"
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
#include "state/blob.h"
#include "state/link.h"
#include "state/message.h"
#include "state/pins.h"
#include "state/trust.h"
#include "state/user.h"
#include "tracker/tracker.h"
#include "wire/envelope.h"
#include "wire/kinds.h"
#include "wire/limits.h"

/* of nkt.proto */
struct Nkt__Inner;
struct Nkt__Ciphertext;
struct Nkt__GroupKey;

typedef struct nkt_swarm nkt_swarm_t;

/** What a timer is for; its owner is the object named. */
typedef enum nkt_timer_kind {
    NKT_TIMER_ACK,       /* user: acknowledgements gathered */
    NKT_TIMER_RETRY,     /* user: unacknowledged parcels */
    NKT_TIMER_PUMP,      /* user: parcels gathered into one envelope */
    NKT_TIMER_LOSS,      /* user: parcels that later ones overtook */
    NKT_TIMER_SESSION,   /* user: session wanted or not answered */
    NKT_TIMER_MESH,      /* user: link wanted */
    NKT_TIMER_ABSENT,    /* user: no direct way left for a while */
    NKT_TIMER_DIGEST_TO, /* user: tell it whom we know */
    NKT_TIMER_LINK,      /* link: set-up time-out, ping, or loss */
    NKT_TIMER_ENDPOINT,  /* endpoint: connect again, or ping */
    NKT_TIMER_ANNOUNCE,  /* endpoint (tracker): announce */
    NKT_TIMER_CLAIM,     /* endpoint: are there as many as it says? */
    NKT_TIMER_RELAY_GREET, /* endpoint (relay): others are there, and none is heard */
    NKT_TIMER_CONNECT,   /* connect request: again, or time-out */
    NKT_TIMER_DIGEST,    /* swarm: periodic digest, expiry */
    NKT_TIMER_REFRESH,   /* swarm: renew the own record */
    NKT_TIMER_CLOCK,     /* swarm: too few have said what time it is */
    NKT_TIMER_VIEW,      /* swarm: more links wanted */
    NKT_TIMER_IHAVE,     /* swarm: ids gathered for IHAVE */
    NKT_TIMER_FETCH,     /* swarm: broadcasts told of that did not come */
    NKT_TIMER_BRIDGE,    /* swarm: a frame to be put on another relay */
    NKT_TIMER_JOURNAL,   /* swarm: pages of the journal to be stored */
    NKT_TIMER_MAIL,      /* swarm: mail to be handed over, or to be kept for us */
    NKT_TIMER_LETTERS,   /* swarm: letters to be written, or sent to keepers (again) */
    NKT_TIMER_KEEPER,    /* swarm: letters to be handed over (again) */
    NKT_TIMER_KEYS,      /* swarm: KEM keys of others that are lacking */
    NKT_TIMER_SHARE,     /* swarm: what was said to everybody, for those who are away */
    NKT_TIMER_CONTENT,   /* swarm: what is new of contents is to be told, who may ask is decided, a piece may be late */
    NKT_TIMER_ANNOUNCE_SELF, /* swarm: our record to everybody, once there is a link */
} nkt_timer_kind_t;

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

/** What is counted; health.c has the names for people. */
typedef enum nkt_tally {
    NKT_TALLY_FRAMES_IN,
    NKT_TALLY_FRAMES_OUT,
    NKT_TALLY_FORWARDED,
    NKT_TALLY_MESSAGES_IN,
    NKT_TALLY_MESSAGES_OUT,
    NKT_TALLY_MESSAGES_IGNORED,
    NKT_TALLY_GROUP_IN,
    NKT_TALLY_GROUP_OUT,
    NKT_TALLY_REKEYS,
    NKT_TALLY_RETRIES,
    NKT_TALLY_RESTARTS,
    NKT_TALLY_MAIL_KEPT,
    NKT_TALLY_MAIL_HANDED,
    NKT_TALLY_MAIL_GOT,
    NKT_TALLY_LETTERS_KEPT,
    NKT_TALLY_LETTERS_HANDED,
    NKT_TALLY_LETTERS_READ,
    NKT_TALLY_PIECES_GOT,
    NKT_TALLY_PIECES_GIVEN,
    NKT_TALLY_PIECES_TWICE,
    NKT_TALLY_BRIDGED,
    NKT_TALLY_BRIDGE_SPARED,
    NKT_TALLY_COUNT,
} nkt_tally_t;

typedef struct nkt_counters {
    uint64_t counts[NKT_TALLY_COUNT];
    uint64_t dropped[NKT_DROP_COUNT]; /* by -200 - error */
} nkt_counters_t;

/** Our side of messages to everybody. */
typedef struct nkt_group {
    nkt_group_key_t key;
    uint64_t stream_id, sequence; /* of this incarnation; last position used */
    uint64_t made_ms;
    uint32_t message_count; /* under this key */
    size_t reader_count;    /* users who were given it */
    size_t holder_count;    /* ... and said so, when it was last looked */
    size_t count_min;       /* NKT_GROUP_COUNT_MIN, but for benchmarks */
    int is_wanted;          /* the swarm is large enough */
    nkt_buf_t shared;       /* reused */
    size_t busy_count, busy_size; /* parcels in flight by broadcast to users who can be reached now */
} nkt_group_t;

/** What may be lost: the bucket is of what goes to those without a link. */
typedef struct nkt_ephemerals {
    nkt_bucket_t relay_bucket;
    size_t first; /* with whom the next round begins: whoever is left out is so in turn */
    nkt_address_t due[NKT_EPHEMERAL_AHEAD_COUNT]; /* for whom a key is to be made ahead: by address, as users are freed meanwhile ... */
    size_t due_count;                             /* ... so many */
} nkt_ephemerals_t;

/** All that waits. */
typedef struct nkt_outbox {
    nkt_bucket_t look_bucket, silent_bucket, heard_bucket; /* who is looked for; sessions with who is silent, or was heard */
    uint64_t shared_ms; /* when an envelope for several was made last, 0: never */
    size_t count, size, parcel_count;
    nkt_parcel_t *orphan_head, *orphan_tail; /* restored, for users of whom nothing is known now */
    size_t busy_count, busy_size; /* waiting for users who can be reached now: what pressure is measured by */
    int is_pressed;
    uint64_t clear_stream_id, clear_sequence; /* our stream of clear messages */
    nkt_bucket_t clear_bucket;            /* ... and what all others pass on of it */
    nkt_timer_t share_timer;              /* what was said to everybody, for those who are away */
} nkt_outbox_t;

/** The search for links. */
typedef struct nkt_walks {
    uint32_t count;   /* walks under way that brought no offer yet, since ... */
    uint64_t sent_ms;      /* ... the last was sent */
    uint64_t gave_ms[2];   /* when a link was last closed for one who wanted any, or us; 0: never */
    uint32_t attempt; /* rounds of walks in a row that brought no link */
    nkt_timer_t self_timer;
    uint8_t is_announced; /* our record went to everybody since there were links */
    nkt_bucket_t hope_buckets[2]; /* offers of ours to those who have shown nothing; to others with whom it failed */
} nkt_walks_t;

/** A link with anybody is wanted: when walks are sent (wishes.c). */
typedef struct nkt_wish {
    nkt_timer_t timer;
} nkt_wish_t;

/** Those who say hello, all together. */
typedef struct nkt_door {
    nkt_bucket_t stranger_bucket; /* records of strangers verified that came by no link */
    nkt_bucket_t newcomer_bucket, knock_bucket, member_bucket;
    uint64_t crowded_ms; /* when somebody who said hello got no place last, 0: never */
    uint64_t vast_ms;    /* when somebody known was last forgotten for somebody new, 0: never */
} nkt_door_t;

/** Broadcasts told of, and fetched; and whom we ask after. */
typedef struct nkt_tree {
    nkt_timer_t ihave_timer, fetch_timer;
    nkt_bucket_t ask_bucket; /* questions whether somebody is there */
} nkt_tree_t;

/** From one relay to another: what waits, and what strangers and all others may cost. */
typedef struct nkt_bridging {
    nkt_bridge_t waiting;
    nkt_timer_t timer;
    nkt_bucket_t bucket, stray_bucket;
} nkt_bridging_t;

/** The lasting KEM keys of others (delivery/keyring.c). */
typedef struct nkt_keyring {
    nkt_timer_t timer;
    uint32_t turn; /* whose turn among the neighbours it is to be asked */
} nkt_keyring_t;

/** What is told of people from time to time. */
typedef struct nkt_gossip {
    nkt_timer_t timer;
    nkt_bucket_t reply_bucket; /* answers to those who got no place */
} nkt_gossip_t;

/** Ourselves, as others are told. */
typedef struct nkt_own {
    uint8_t is_there;    /* there is an identity */
    uint8_t is_dirty;    /* it is to be stored */
    uint8_t is_hidden;   /* another core of this identity is the one that is found by address */
    size_t sister_count; /* rooms that have a core of this identity of their own */
    uint8_t sisters[NKT_SISTER_COUNT_MAX][NKT_NETWORK_SIZE];
    nkt_record_t record;
    uint8_t membership[NKT_MEMBERSHIP_SIZE];
    nkt_room_t place;    /* where people look for us by address */
    uint8_t network[NKT_NETWORK_SIZE]; /* of our own swarm: where nobody's room is */
    nkt_timer_t timer;   /* the record is to be signed anew */
    uint8_t is_renamed; /* stored under protocol 1: its address, and those of all others, were other ones */
} nkt_own_t;

/** Somebody else's room that we, who have none of our own, are in: stored. */
typedef struct nkt_adopted {
    uint8_t key[32];
    uint8_t is_open, is_there, is_dirty;
} nkt_adopted_t;

/** Of users: see delivery/away.c. */
typedef struct nkt_away {
    size_t followed_count, left_count;
    uint64_t sorted_ms; /* when it was looked for who of those is forgotten */
} nkt_away_t;

/** Users of whom there are news, in the order in which the first was reported: see state/news.c. */
typedef struct nkt_news_list {
    nkt_user_t *first, *last;
} nkt_news_list_t;

/** Whose bytes are at work. */
typedef struct nkt_blame {
    nkt_link_t *from;     /* the link they came by, or NULL */
    uint8_t is_blameless; /* what is wrong with them is another's fault */
} nkt_blame_t;

/** A user's address under protocol 1, and the address of the same keys now. */
typedef struct nkt_moved {
    nkt_address_t from, to;
    uint8_t is_muted; /* its record stays as it is until it is stored under its new name */
} nkt_moved_t;

/** What became of storage. */
typedef struct nkt_store {
    uint32_t failed_count; /* records that could not be read back */
    int is_outdated;       /* what is stored is newer than we are */
    nkt_moved_t *moved;    /* users stored under protocol 1: until the start; who was sent nothing, until he is known */
    size_t moved_count;
    char *health;
} nkt_store_t;

/** Buffers that are lent: see nkt_lend(). */
typedef enum nkt_lent {
    NKT_LENT_PAYLOAD, /* what is to be posted */
    NKT_LENT_PLAIN,   /* what is to be encrypted or sealed, or was opened */
    NKT_LENT_SEALED,
    NKT_LENT_FRAME,   /* on its way to a link */
    NKT_LENT_WRAPPED, /* the same, for a relay */
    NKT_LENT_COUNT,
} nkt_lent_t;

typedef struct nkt_loan {
    nkt_buf_t buf;
    uint8_t is_filled, is_held;
} nkt_loan_t;

struct nkt_swarm {
    nkt_host_t callbacks; /* what the application lends; drawn from through host */
    nkt_host_t host;
    int fatal; /* a code of -3xx: nothing goes on */
    int is_started, is_stopped;
    uint64_t now_ms, wall_ms;
    uint64_t step_number;
    uint64_t incarnation; /* ours: its record's first sequence, higher than all before */
    uint64_t woke_ms; /* when it last slept until, 0: never */

    /* of state/: changed through its functions */
    uint64_t time_ms;
    nkt_settings_t settings;
    nkt_prng_t prng;
    nkt_timers_t timers;
    nkt_effects_t effects;
    nkt_counters_t counters;
    nkt_clock_t clock;
    nkt_identity_t identity;
    nkt_own_t own;
    nkt_room_t room;
    nkt_adopted_t adopted;
    nkt_sessions_t *sessions;
    nkt_blame_t blame;
    nkt_away_t away;
    nkt_wish_t wish;
    nkt_news_list_t news;
    nkt_changes_t changes; /* users of whom something may have to be stored; whoever is not in it is as it is stored */
    uint32_t put_ticket;
    int status_changed;
    nkt_link_t *links[NKT_LINK_COUNT_MAX];
    size_t link_count;
    uint32_t next_link_id;
    nkt_loan_t loans[NKT_LENT_COUNT];

    /* of people/ */
    nkt_map_t users;
    nkt_user_t **user_list; /* dense, for iteration */
    size_t user_capacity;
    nkt_door_t door;
    nkt_pins_t pins, ignored;

    /* of routing/ */
    nkt_seen_t seen;
    nkt_recent_t recent;
    nkt_missing_t missing;
    nkt_paths_t paths;
    nkt_tree_t tree;
    nkt_bridging_t bridging;
    nkt_mailbox_t mailbox;
    nkt_timer_t mail_timer;
    nkt_kept_box_t kept;
    nkt_timer_t keeper_timer;

    /* of delivery/ */
    nkt_outbox_t outbox;
    nkt_group_t group;
    nkt_letters_t letters;
    nkt_ephemerals_t ephemerals;
    nkt_keyring_t keyring;
    nkt_journal_t journal;
    nkt_lately_t lately;

    nkt_contents_t contents; /* of content/ */

    /* of links/ */
    nkt_walks_t walks;
    nkt_connect_t connects[NKT_CONNECT_COUNT_MAX];

    /* of inbound/ */
    nkt_endpoint_t endpoints[2 * NKT_URL_COUNT_MAX];
    size_t endpoint_count;
    nkt_gossip_t gossip;

    nkt_store_t store; /* of store/ */
};

/** Stands for the ticket of this step's last PUT, which is made at its end. */
#define NKT_TICKET_STEP UINT32_MAX

enum {
    NKT_ACCEPT_LEAVE = 1,   /* we want this user though it shows no membership */
    NKT_ACCEPT_AWAY = 4,    /* what it said was kept for days: it is not here */
    NKT_ACCEPT_DOUBTED = 2, /* also if its time is not plausible: a link that is on its way will prove it */
};

#define NKT_GREETING_ASK 4u /* beside the flags that travel: to be answered with a nonce, though it is an answer */

#endif
