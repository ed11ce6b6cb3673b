/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What people say: a message, a parcel of it for each recipient, the page it is stored in. For swarm.h. */
#ifndef NKT_STATE_MESSAGE_H
#define NKT_STATE_MESSAGE_H

#include "base/timer.h"
#include "nkt.h"
#include "wire/limits.h"

struct Nkt__Say; /* of nkt.proto */
struct nkt_ack_range;

typedef struct nkt_swarm nkt_swarm_t;
typedef struct nkt_user nkt_user_t;
typedef struct nkt_message nkt_message_t;
typedef struct nkt_parcel nkt_parcel_t;
typedef struct nkt_page nkt_page_t;

/** What was said, until all have it, or heard; and for as long as the history keeps it. */
struct nkt_message {
    uint8_t id[NKT_ID_SIZE];
    uint32_t ticket;
    uint32_t parcel_count; /* references; 0: settled */
    nkt_parcel_t *parcels; /* by sibling */
    uint64_t date_ms;
    uint64_t until_ms;
    uint64_t group_position; /* in the stream to everybody, 0: none ... */
    uint64_t group_stream_id; /* ... this */
    uint64_t incarnation;    /* of ours, in which it was said */
    nkt_page_t *page;        /* where it is stored, NULL: nowhere */
    nkt_message_t *next;     /* in that page */
    nkt_address_t peer;      /* whose words, or whom they are for; zero: everybody */
    uint32_t recipient_count, delivered_count, failed_count;
    uint8_t is_broadcast;    /* went out under the sender key */
    uint8_t is_said, is_hidden;
    uint8_t is_call;         /* NKT_SAY_CALL: stored nowhere */
    uint8_t is_content;      /* NKT_SAY_CONTENT */
    uint64_t shared_stream_id; /* not 0: in that stream group_position is its position for every recipient */
    uint8_t is_written;      /* in a letter to everybody who is away */
    uint8_t is_held;         /* in swarm->lately, for those who missed it; its page keeps it */
    uint32_t share_mark;     /* of share.c: its place in the envelope being made, plus one */
    uint64_t order;          /* among what we said to everybody, over all lives; 0: it is for one */
    uint8_t network[NKT_NETWORK_SIZE]; /* in which room: it is told to nobody of another; zero: not known */
    uint8_t is_to_all, is_to_one; /* of what was heard; neither: not known */
    nkt_message_t *later;    /* the next that is held */
    size_t size;
    uint8_t json[];
};

struct nkt_parcel {
    nkt_message_t *message;
    nkt_parcel_t *next;             /* in the recipient's queue or flight */
    nkt_parcel_t *sibling, *before; /* of the same message */
    nkt_address_t to;
    uint64_t stream_id, sequence; /* its position: in our stream to the recipient (is_group: to everybody), for ever */
    uint64_t due_ms;          /* not said again before, ... */
    uint64_t lost_ms;         /* ... unless it is lost, as later acknowledgements tell then, with is_lost */
    uint64_t sent_ms;         /* when it was said last in its recipient's session, 0: never */
    uint32_t way;             /* the one link that it took then; 0: several, or through others */
    uint8_t sent_count;       /* how often; stays at 255 */
    uint8_t is_lost;          /* what was said after it is acknowledged: said again when it is due */
    uint8_t is_group;
    uint8_t is_mailed;   /* given to the mailboxes while its recipient was away */
    uint8_t is_written;  /* in a letter to its recipient */
    uint8_t is_repeated; /* the broadcast was not acknowledged in time */
    uint8_t is_quiet;    /* its recipient had left: the application is told nothing of it */
};

/** What was said to everybody of late, the oldest first (away.c). */
typedef struct nkt_lately {
    nkt_message_t *first, *last;
    size_t count, size; /* of text */
    uint64_t order;     /* the last one given */
} nkt_lately_t;

/** A stored record with some messages (journal.c). */
struct nkt_page {
    nkt_page_t *next, *previous;
    uint32_t number;
    uint32_t count;
    size_t size; /* of text */
    nkt_message_t *head, *tail;
    uint8_t is_dirty, is_stored;
};

typedef struct nkt_journal {
    nkt_page_t *first, *last;
    uint64_t incarnation;        /* this one: higher than all before it; 0: nothing is stored */
    size_t kept_count, kept_size; /* settled, and kept for the history */
    uint64_t due_ms;  /* when something is to be stored, 0: nothing is */
    uint64_t free_ms; /* not before */
    uint64_t said_ms; /* when something was said last */
    uint32_t restored; /* number of the last page of the life before, 0: none */
    nkt_timer_t timer;
} nkt_journal_t;

/* ---- journal.c ---- */

enum { NKT_PAGE_NUMBER_SIZE = 8 };

/** Names of its records: this and the page's number, eight hexadecimal digits. */
#define NKT_PAGE_PREFIX "log/"

#endif
