/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The WebTorrent tracker protocol: JSON text over WebSocket (BEP 3 semantics, the dialect of bittorrent-tracker).
 * Every id is 20 printable ASCII characters, valid on every server and never in need of escapes.
 */
#ifndef NKT_TRACKER_TRACKER_H
#define NKT_TRACKER_TRACKER_H

#include "base/bytes.h"
#include "nkt.h"
#include "wire/limits.h"

enum { NKT_TRACKER_ID_SIZE = NKT_INFO_HASH_SIZE + 1, NKT_TRACKER_REASON_SIZE = 128 };

/** 20 characters and NUL: an info hash, peer id or offer id. */
typedef struct nkt_tracker_id {
    char text[NKT_TRACKER_ID_SIZE];
} nkt_tracker_id_t;

typedef enum nkt_tracker_type {
    NKT_TRACKER_RESPONSE, /* to an announce */
    NKT_TRACKER_OFFER,
    NKT_TRACKER_ANSWER,
    NKT_TRACKER_FAILURE, /* `reason` says why */
} nkt_tracker_type_t;

typedef struct nkt_tracker_message {
    nkt_tracker_type_t type;
    nkt_tracker_id_t info_hash; /* empty in some failures */
    nkt_tracker_id_t peer_id;   /* the other side's: OFFER, ANSWER */
    nkt_tracker_id_t offer_id;  /* OFFER, ANSWER */
    char *sdp;                  /* OFFER, ANSWER: on the heap, terminated */
    uint32_t interval_s;        /* RESPONSE, 0: not given */
    uint32_t peer_count;        /* RESPONSE: complete + incomplete */
    char reason[NKT_TRACKER_REASON_SIZE]; /* FAILURE: clean text */
} nkt_tracker_message_t;

typedef struct nkt_tracker_offer {
    nkt_tracker_id_t id;
    const char *sdp; /* sealed, Base64, terminated */
} nkt_tracker_offer_t;

/** event: "started", "stopped" or NULL. Replaces out by JSON text. NKT_E_MEMORY, NKT_E_SIZE. */
int nkt_tracker_encode_announce(nkt_buf_t *out, const char *info_hash, const nkt_tracker_id_t *peer_id,
                                const char *event, const nkt_tracker_offer_t *offers, size_t offer_count);

/** Replaces out by JSON text. NKT_E_MEMORY, NKT_E_SIZE. */
int nkt_tracker_encode_answer(nkt_buf_t *out, const char *info_hash, const nkt_tracker_id_t *peer_id,
                              const nkt_tracker_id_t *to_peer_id, const nkt_tracker_id_t *offer_id, const char *sdp);

/** Deinit on success only. NKT_E_TRACKER, NKT_E_MEMORY. */
int nkt_tracker_decode(nkt_tracker_message_t *message, const uint8_t *text, size_t size);
void nkt_tracker_message_deinit(nkt_tracker_message_t *message);

/** 20 random printable characters. */
int nkt_tracker_id_create(nkt_tracker_id_t *id, const nkt_host_t *host);

#endif
