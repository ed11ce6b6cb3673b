/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What people say: a message, a parcel of it for each recipient, the page it is stored in. For swarm.h. */
#ifndef NKT_SWARM_MESSAGE_H
#define NKT_SWARM_MESSAGE_H

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
    uint64_t group_stream;   /* ... this */
    uint64_t life;           /* of ours, in which it was said */
    nkt_page_t *page;        /* where it is stored, NULL: nowhere */
    nkt_message_t *next;     /* in that page */
    nkt_address_t peer;      /* whose words, or whom they are for; zero: everybody */
    uint32_t recipient_count, delivered_count, failed_count;
    uint8_t is_broadcast;    /* went out under the sender key */
    uint8_t is_said, is_hidden;
    uint8_t is_call;         /* NKT_SAY_CALL: stored nowhere */
    uint64_t shared_epoch;   /* not 0: in that stream group_position is its position for every recipient */
    uint8_t is_written;      /* in a letter to everybody who is away */
    uint8_t is_held;         /* in swarm->lately, for those who missed it; its page keeps it */
    uint32_t share_mark;     /* of share.c: its place in the envelope being made, plus one */
    uint64_t order;          /* among what we said to everybody, over all lives; 0: it is for one */
    uint8_t network[NKT_NETWORK_SIZE]; /* in which room: it is told to nobody of another */
    nkt_message_t *later;    /* the next that is held */
    size_t size;
    uint8_t json[];
};

struct nkt_parcel {
    nkt_message_t *message;
    nkt_parcel_t *next;             /* in the recipient's queue or flight */
    nkt_parcel_t *sibling, *before; /* of the same message */
    nkt_address_t to;
    uint64_t epoch, sequence; /* its position: in our stream to the recipient (is_group: to everybody), for ever */
    uint64_t due_ms;          /* not said again before */
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
    uint64_t life;               /* this one: higher than all before it; 0: nothing is stored */
    size_t kept_count, kept_size; /* settled, and kept for the history */
    uint64_t due_ms;  /* when something is to be stored, 0: nothing is */
    uint64_t free_ms; /* not before */
    uint64_t said_ms; /* when something was said last */
    uint32_t restored; /* number of the last page of the life before, 0: none */
    nkt_timer_t timer;
} nkt_journal_t;

/* ---- outbox.c ---- */

/** to NULL: everybody. NKT_E_*. */
int nkt_outbox_add(nkt_swarm_t *swarm, nkt_user_t *to, const uint8_t *json, size_t size, uint32_t ticket, int is_call);
/** Sends what may be sent to the user. */
void nkt_outbox_pump(nkt_swarm_t *swarm, nkt_user_t *user);
/** The same for everybody: a way opened. */
void nkt_outbox_pump_all(nkt_swarm_t *swarm);
void nkt_outbox_acked(nkt_swarm_t *swarm, nkt_user_t *user, const struct nkt_ack_range *range);
void nkt_outbox_expire(nkt_swarm_t *swarm, nkt_user_t *user);
void nkt_outbox_retry(nkt_swarm_t *swarm, nkt_user_t *user);
/** Sends again soon what is unacknowledged: a session or link is new. */
void nkt_outbox_hurry(nkt_swarm_t *swarm, nkt_user_t *user);
/** Wants a session with the user, and sends what waits as soon as it is begun. */
void nkt_talk_want(nkt_swarm_t *swarm, nkt_user_t *user);
void nkt_talk_session_timer(nkt_swarm_t *swarm, nkt_user_t *user);
/** Says again soon, in its session, what was broadcast to it. */
void nkt_outbox_say_again(nkt_swarm_t *swarm, nkt_user_t *user);
/** Every message to the user fails for that reason. */
void nkt_outbox_drop(nkt_swarm_t *swarm, nkt_user_t *user, int err);
/** A parcel of a message to everybody that its recipient was not counted for; queued. */
void nkt_outbox_add_quiet(nkt_swarm_t *swarm, nkt_user_t *user, nkt_message_t *message);
/** Adds a parcel to its message; the caller puts it into a list. NULL: no memory, or too many. */
nkt_parcel_t *nkt_parcel_new(nkt_swarm_t *swarm, nkt_message_t *message, const nkt_address_t *to);
/** A message with a copy of the text; not counted anywhere yet. NULL: no memory. */
nkt_message_t *nkt_message_new(const uint8_t *json, size_t size);
void nkt_message_free(nkt_message_t *message);

/** Tells the application how far it is, unless it is quiet. */
void nkt_parcel_tell(nkt_swarm_t *swarm, const nkt_parcel_t *parcel, nkt_delivery_state_t state, int err);
/** 1 if it is for its recipient alone. */
unsigned nkt_parcel_is_letter(const nkt_parcel_t *parcel);
/** Behind what waits for the user. */
void nkt_parcel_queue(const nkt_swarm_t *swarm, nkt_user_t *user, nkt_parcel_t *parcel);
/** Looks for an absent user again, after a little more than that. */
void nkt_outbox_look_later(nkt_swarm_t *swarm, nkt_user_t *user, uint64_t wait_ms);
/** Ends a parcel of the user (NULL: of nobody known) that is in no list any more. */
void nkt_parcel_end(nkt_swarm_t *swarm, nkt_user_t *user, nkt_parcel_t *parcel, nkt_delivery_state_t state, int err);

/* ---- resume.c ---- */

/** Queues what a stored message still has to reach, and tells of it. */
void nkt_outbox_resume(nkt_swarm_t *swarm, nkt_message_t *message);
/** A user is new: what was stored for it finds its way. */
void nkt_outbox_adopt(nkt_swarm_t *swarm, nkt_user_t *user);
/** The same as nkt_outbox_expire() for those who are not known, or the end of all of them (err). */
void nkt_outbox_expire_orphans(nkt_swarm_t *swarm, uint64_t until_ms, int err);

/* ---- away.c ---- */

/** Is it no recipient of what is said to everybody? */
int nkt_away_has_left(const nkt_user_t *user);
/** It said good-bye, or has been unreachable for too long. */
void nkt_away_leave(nkt_swarm_t *swarm, nkt_user_t *user);
/** It is of another room, from which we came: as good as gone, and not told. */
void nkt_away_elsewhere(nkt_swarm_t *swarm, nkt_user_t *user);
/** It is sent nothing any more: what is said meanwhile it did not miss. */
void nkt_away_exclude(nkt_swarm_t *swarm, nkt_user_t *user);
/** It was heard of: gets what it missed. */
void nkt_away_return(nkt_swarm_t *swarm, nkt_user_t *user);
/** It is forgotten. */
void nkt_away_forget(nkt_swarm_t *swarm, nkt_user_t *user);
/** A message to everybody, before it is stored: held for those who missed it; quiet parcels for those who left last. */
void nkt_away_said(nkt_swarm_t *swarm, nkt_message_t *message);
/** A held message, restored; lists are in the order of restoring until nkt_away_start(). */
void nkt_away_restore(nkt_swarm_t *swarm, nkt_message_t *message);
void nkt_away_start(nkt_swarm_t *swarm);
/** Lets go what is too old to be held, gives up who is silent for too long, forgets who makes too many. */
void nkt_away_tidy(nkt_swarm_t *swarm);
void nkt_away_deinit(nkt_swarm_t *swarm);

/* ---- pressure.c ---- */

/** Is it there, and takes what it is sent? */
int nkt_outbox_is_active(const nkt_swarm_t *swarm, const nkt_user_t *user);
/** Its reachability or its parcels changed: keeps the measure of pressure right. */
void nkt_outbox_weigh(nkt_swarm_t *swarm, nkt_user_t *user);

/* ---- calls.c ---- */

/** Gives up the call to the user with that ticket. NKT_E_ARGUMENT: none waits. */
int nkt_outbox_cancel(nkt_swarm_t *swarm, nkt_user_t *user, uint32_t ticket);

/* ---- journal.c ---- */

/** Names of its records: this and the page's number, eight hexadecimal digits. */
#define NKT_PAGE_PREFIX "log/"

/** Takes in what was just said. */
void nkt_journal_said(nkt_swarm_t *swarm, nkt_message_t *message);
/** Was it heard at the end of the life before, whose replay window was not stored any more? */
int nkt_journal_knows(const nkt_swarm_t *swarm, const nkt_user_t *user, const struct Nkt__Say *say);
/** ... or heard. */
void nkt_journal_heard(nkt_swarm_t *swarm, const nkt_user_t *user, const struct Nkt__Say *say);
/** The state of a message changed: to be stored some time. */
void nkt_journal_changed(nkt_swarm_t *swarm, nkt_message_t *message);
/** It reached all it will reach: kept for the history, or freed. */
void nkt_journal_settled(nkt_swarm_t *swarm, nkt_message_t *message);
/** What a kept message counts for, in bytes. */
size_t nkt_journal_weight(const nkt_message_t *message);
/** Takes out one that is settled; its page is to be stored by then. */
void nkt_journal_clear(nkt_swarm_t *swarm, nkt_message_t *message, uint64_t due_ms);
/** Emits PUTs of what is due, or of everything (is_last). */
void nkt_journal_flush(nkt_swarm_t *swarm, int is_last);
/** A stored page, opened, is in swarm->plain. NKT_E_RECORD, NKT_E_MEMORY. */
int nkt_journal_restore(nkt_swarm_t *swarm, const char *name, size_t name_size);
/** Goes on where the last life ended. */
void nkt_journal_start(nkt_swarm_t *swarm);
/** Tells the newest `count` messages, the oldest first. How many. */
int nkt_journal_tell(nkt_swarm_t *swarm, size_t count, uint32_t ticket);
/** Forgets what is settled now, and the rest when it is. */
void nkt_journal_forget(nkt_swarm_t *swarm);
void nkt_journal_deinit(nkt_swarm_t *swarm);

/* ---- history.c ---- */

/** Makes room when more is kept than may be. */
void nkt_history_trim(nkt_swarm_t *swarm);

#endif
