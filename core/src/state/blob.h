/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is kept of contents and of the neighbours with whom pieces are exchanged: content/ alone changes it. */
#ifndef NKT_STATE_BLOB_H
#define NKT_STATE_BLOB_H

#include "base/bucket.h"
#include "base/bytes.h"
#include "base/timer.h"
#include "nkt.h"
#include "wire/limits.h"

struct nkt_link;
typedef struct nkt_blob nkt_blob_t;
typedef struct nkt_feed nkt_feed_t;
typedef struct nkt_source nkt_source_t;

#define NKT_FEED_RETELL UINT32_MAX
enum { NKT_BLOB_TAKEN_MASK = 0x3f, NKT_BLOB_WRITING = 0x80 };

/** One content. */
struct nkt_blob {
    nkt_blob_t *next;
    uint32_t ticket; /* the host's name of it */
    uint32_t slot;   /* its place in what there is for each: below NKT_BLOB_COUNT_MAX, no other has it */
    uint8_t id[NKT_ID_SIZE];
    uint64_t size;
    uint32_t piece_count;
    uint8_t root[32], access[32], key[32];
    char type[NKT_CONTENT_TYPE_SIZE_MAX + 1], name[NKT_CONTENT_NAME_SIZE_MAX + 1];
    nkt_address_t author; /* who said it; zero: not known */
    uint8_t has_key;
    uint8_t is_own;       /* the tree is here */
    uint8_t is_clear;     /* own, and the host has its plaintext */
    uint8_t is_open;      /* it takes part; not yet: it is being shared, or what is held was not told */
    uint8_t is_ready;     /* its parts below are there */
    uint8_t is_paused, is_full; /* nothing is fetched: the application's wish; the host has no room */
    nkt_buf_t tree;       /* own: while it is being shared the leaves, then the whole tree */
    uint8_t *held;        /* a bit for each piece that is stored, bit 7 of the first byte being piece 0 */
    uint32_t held_count;
    uint8_t *taken;       /* for each piece: of how many it is asked, NKT_BLOB_WRITING: it is here and being stored */
    uint8_t *known;       /* for each piece: how many feeds have it */
    uint32_t taken_count; /* pieces of which that is not 0 */
    uint8_t *given;       /* for each piece: to how many it was shown; NULL: all that is held is told (show.c) */
    uint32_t *told;       /* pieces in the order in which they came: held_count of them */
    uint32_t gets[NKT_BLOB_GET_COUNT_MAX]; /* pieces a reader waits for, the oldest first */
    uint32_t get_count;
    uint32_t focus;       /* pieces from here on are wanted first */
    uint32_t feed_count;
    uint8_t is_changed;   /* the application is to be told how far it is ... */
    uint64_t told_ms;     /* ... and was then */
    uint64_t opened_ms;
    uint64_t wished_ms;   /* a link with others who have it was wished for last */
};

/** A content that a neighbour knows, and we do. */
struct nkt_feed {
    nkt_feed_t *next;
    nkt_blob_t *blob;
    uint8_t tag_in[NKT_CONTENT_TAG_SIZE], tag_out[NKT_CONTENT_TAG_SIZE];
    uint8_t *bits; /* what it has; NULL: nothing was told */
    uint32_t count;
    uint32_t told; /* so many of blob->told it knows of; NKT_FEED_RETELL: something was lost since */
    uint8_t *shown, *settled; /* bits of pieces that it was shown, and has or asked for since; NULL: none */
    uint8_t is_author;   /* it made the content, and refused nothing of it */
    uint32_t shown_left; /* shown and not settled */
    uint64_t peers_ms, heard_ms; /* it was told who else has it; it told us */
    uint32_t peers_count;        /* how many had it when it was told */
};

/** A piece that was asked for. */
typedef struct nkt_request {
    nkt_feed_t *feed; /* NULL: not wanted any more */
    uint8_t tag[NKT_CONTENT_TAG_SIZE];
    uint32_t index;
    uint32_t proven_size; /* of all its parts */
    uint64_t sent_ms;
} nkt_request_t;

/** A piece that a neighbour asks for. */
typedef struct nkt_serving {
    nkt_feed_t *feed;
    uint32_t index;
    uint8_t is_reading;
    nkt_buf_t proven; /* what the host gave, verified; empty: not there yet */
} nkt_serving_t;

/** A neighbour with whom there are contents in common, or may be. */
struct nkt_source {
    nkt_source_t *next;
    struct nkt_link *link; /* NULL: over a relay; or closed, and this is about to go */
    uint8_t is_relayed, is_ours; /* over a relay; we began it */
    uint64_t relayed_ms;   /* when something came over it */
    nkt_address_t address;
    nkt_feed_t *feeds;
    uint32_t feed_count;
    nkt_bucket_t bucket;
    uint8_t tags[NKT_BLOB_COUNT_MAX][NKT_CONTENT_TAG_SIZE]; /* how it names each content, by slot ... */
    uint8_t is_tagged[NKT_BLOB_COUNT_MAX];                  /* ... where that was calculated */
    /* what is asked of it */
    nkt_request_t requests[NKT_REQUEST_COUNT_MAX]; /* the oldest first */
    uint32_t request_count;
    uint32_t allowed;  /* it lets so many wait */
    nkt_buf_t arriving; /* parts of the oldest */
    uint8_t part;      /* that comes next */
    uint8_t is_bad, is_stalled;
    uint64_t heard_ms, stalled_ms; /* the last part; when none had come for too long */
    uint64_t rate_ms;  /* a measurement began ... */
    uint32_t rate_size; /* ... and since then came so many bytes */
    uint32_t rate;     /* bytes a second, by the last one */
    /* what it asks */
    nkt_serving_t asked[NKT_REQUEST_COUNT_MAX];
    uint32_t asked_count;
    uint32_t sent_part; /* parts of the oldest that are sent */
    uint32_t queued;   /* bytes in the host's queue, as far as is known */
    uint8_t is_allowed; /* it may ask ... */
    uint8_t is_chance; /* ... by chance */
    uint64_t allowed_ms, asked_ms; /* since when, and when it last did */
    uint64_t got_size, given_size; /* bytes from it and to it, lately: halved each round */
};

/** All of it. */
typedef struct nkt_contents {
    nkt_blob_t *blobs;
    size_t count;
    size_t piece_total, leaf_total;
    nkt_source_t *sources;
    size_t source_count;
    nkt_address_t bad[NKT_SOURCE_BAD_COUNT_MAX]; /* who sent a bad piece ... */
    size_t bad_count, bad_next;                  /* ... the oldest makes room */
    uint32_t writing_count;
    uint32_t bulk_size; /* in the host's queues of all links */
    uint8_t is_due;     /* something changed: requests and parts may go out at the end of the step */
    uint64_t round_ms;  /* who may ask was decided */
    uint32_t round_count;
    nkt_timer_t timer;
    nkt_buf_t frame, plain; /* reused */
} nkt_contents_t;

#endif
