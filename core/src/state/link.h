/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is kept of a link and of the server at the other end of some, in parts: each belongs to one room (tools/tidy/rooms.mjs). */
#ifndef NKT_STATE_LINK_H
#define NKT_STATE_LINK_H

#include "base/bucket.h"
#include "base/bytes.h"
#include "base/timer.h"
#include "identity/identity.h"
#include "identity/room.h"
#include "overlay/linkauth.h"
#include "overlay/signal.h"
#include "state/admit.h"
#include "state/blob.h"
#include "tracker/tracker.h"
#include "wire/limits.h"

typedef struct nkt_link nkt_link_t;
typedef struct nkt_endpoint nkt_endpoint_t;
typedef struct nkt_invitation nkt_invitation_t; /* of links/links.h */

typedef enum nkt_link_kind { NKT_LINK_RELAY, NKT_LINK_TRACKER, NKT_LINK_RTC } nkt_link_kind_t;

typedef enum nkt_link_state {
    NKT_LINK_OPENING,  /* socket: waiting for LINK_UP */
    NKT_LINK_OFFERING, /* rtc: waiting for the local offer */
    NKT_LINK_OFFERED,  /* rtc: the offer is out or ready */
    NKT_LINK_ANSWERING,/* rtc: waiting for the local answer */
    NKT_LINK_JOINING,  /* rtc: both descriptions are set */
    NKT_LINK_PROVING,  /* rtc: channel open, waiting for the other side's proof */
    NKT_LINK_LIVE,
    NKT_LINK_DRAINING, /* rtc: another took its place; heard until what is in the air has arrived, sent nothing */
} nkt_link_state_t;

/** Where an ICE restart of a live link is. */
typedef enum nkt_restart {
    NKT_RESTART_NONE,
    NKT_RESTART_ASKED,   /* waiting for the local description */
    NKT_RESTART_OFFERED, /* ... and now for the answer */
    NKT_RESTART_DONE,    /* nothing left to do here: the link lives again, or its time is up */
} nkt_restart_t;

/** How it was set up, with whom; RTC only. Of links/. */
typedef struct nkt_link_rtc {
    int is_offerer;
    nkt_address_t peer;      /* zero: not known yet (an offer at a tracker) */
    uint8_t peer_sign_key[32];
    nkt_address_t target;    /* whom the offer is for, zero: anybody */
    nkt_linkauth_t auth;
    uint8_t attempt[NKT_ATTEMPT_SIZE];
    nkt_tracker_id_t offer_id, remote_peer_id; /* names at the tracker */
    nkt_room_t place;        /* where it is announced: info hash and seal key */
    char *sealed_offer;      /* Base64, ready to be announced */
    char *told;              /* our description as it was told through relay or swarm, until it is known to have come; NULL: none */
    uint8_t told_again_count;
    uint64_t until_ms;       /* an attempt that is no link by then is given up */
    nkt_invitation_t *invitation; /* it comes of an invite that is not at its end, or NULL; on the heap */
    uint64_t begun_ms; /* when both its ends were known to us: an offer goes or comes, or one at a tracker is answered */
    uint64_t live_ms;
    nkt_link_origin_t origin;
    nkt_restart_t restart;
    uint8_t gives_way; /* to one whose offer came over it: closed when that is answered */
    uint64_t poor_ms; /* when its other end said last that it has hardly another; 0: never */
    nkt_bucket_t walk_bucket;
} nkt_link_rtc_t;

/** Broadcasts over it. Of routing/. */
typedef struct nkt_link_tree {
    uint8_t doubt;      /* it was asked for broadcasts in vain, and gave few since; 0: none */
    uint16_t give_ms;   /* from asking it for one until that came, smoothed; 0: not known */
    nkt_buf_t ihave;    /* an IHAVE being gathered ... */
    uint64_t ihave_ms;  /* ... and when the last one went out */
    nkt_bucket_t frame_bucket, fetch_bucket;
    uint64_t useful_ms;    /* when it last was first with a broadcast of another's than its other end's, 0: never */
    uint32_t silent_count; /* broadcasts since then that other links were first with */
} nkt_link_tree_t;

/** What its other end may have passed on. Of routing/. */
typedef struct nkt_link_cast {
    nkt_bucket_t forward_bucket, stray_bucket;
} nkt_link_cast_t;

/** Whether anybody is at its other end, and how much rubbish came of him. Of inbound/. */
typedef struct nkt_link_pulse {
    uint64_t heard_ms;
    uint64_t ping_ms; /* when the unanswered ping went out, 0: none */
    uint8_t is_suspect, is_pressed;
    nkt_bucket_t bad_bucket, doubt_bucket;
} nkt_link_pulse_t;

/** Strangers who say hello over it. Of people/. */
typedef struct nkt_link_door {
    nkt_bucket_t stranger_bucket, hello_bucket;
} nkt_link_door_t;

/** Pieces of contents that its two ends exchange. Of content/. */
typedef struct nkt_link_content {
    nkt_source_t *source; /* NULL: there are no contents in common, as far as is known */
} nkt_link_content_t;

struct nkt_link {
    uint32_t id;
    nkt_link_kind_t kind;
    nkt_link_state_t state;
    nkt_endpoint_t *endpoint; /* sockets: whose; rtc: the tracker it is signalled through, NULL: the swarm */
    nkt_timer_t timer;
    nkt_link_pulse_t pulse;
    nkt_link_door_t door;
    nkt_link_cast_t cast;
    nkt_link_tree_t tree;
    nkt_link_content_t content;
    nkt_link_rtc_t rtc;
};

/* ---- relays and trackers ---- */

/** A tracker's announcements. Of links/. */
typedef struct nkt_endpoint_announce {
    uint32_t count; /* since it came up */
} nkt_endpoint_announce_t;

/** Links are wanted through it: when is announced there next. Of state/ (wishes.c). */
typedef struct nkt_endpoint_wish {
    nkt_timer_t timer;
    uint32_t blind_count; /* since a link was lost: announced in search of those to whom no link leads */
} nkt_endpoint_wish_t;

/** The connection, as it is now. Of inbound/. */
typedef struct nkt_endpoint_socket {
    nkt_timer_t timer;
    uint32_t attempt;  /* failures in a row */
    uint8_t patience;  /* doublings of the time in which it has to open */
    uint64_t begun_ms; /* when this connection was begun */
    uint8_t is_up;
    uint8_t was_up;     /* once; a relay: and it let us in */
    uint8_t is_welcome; /* relay: it let us in, on this connection */
    uint8_t is_foreign; /* relay: it speaks another version, as far as can be told */
    uint8_t refused_count; /* relay: closed in a row for not understanding our first words */
    uint8_t is_probing;
    uint8_t is_proved; /* relay: our address was, on this connection */
    char last_error[NKT_TRACKER_REASON_SIZE];
    uint64_t ping_ms;
    uint32_t ping_number;
    uint32_t peer_count; /* as the server says */
    uint64_t claimed_ms; /* since when that had time to show: this connection, or one shortly before it */
    nkt_timer_t claim_timer; /* what it says is not believed without a sign of it from then on */
    nkt_tracker_id_t peer_id;  /* new for every connection, the same in all places announced on it */
    nkt_bucket_t bad_bucket, welcome_bucket;
    nkt_timer_t greet_timer;   /* relay: nobody there has answered yet */
    uint32_t greet_count;
} nkt_endpoint_socket_t;

struct nkt_endpoint {
    nkt_link_kind_t kind;
    uint32_t index; /* among its kind */
    const char *url; /* the settings' */
    nkt_link_t *link; /* NULL: waiting for the next attempt */
    nkt_endpoint_socket_t socket;
    nkt_endpoint_announce_t announce;
    nkt_endpoint_wish_t wish;
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

#endif
