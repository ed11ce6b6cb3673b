/* SPDX-License-Identifier: GPL-3.0-or-later */
/* First bytes and kinds of everything that travels between peers. */
#ifndef NKT_WIRE_KINDS_H
#define NKT_WIRE_KINDS_H

/** First byte of a frame between peers: version 1 in the high nibble. */
typedef enum nkt_frame_type {
    NKT_FRAME_ENVELOPE = 0x11, /* hops, signature, body */
    NKT_FRAME_AUTH = 0x12,     /* version, room key or zeros, signature: see overlay/linkauth.h */
    NKT_FRAME_PING = 0x13,     /* 4 opaque bytes */
    NKT_FRAME_PONG = 0x14,     /* the same 4 bytes */
    NKT_FRAME_IHAVE = 0x15,    /* these three: see overlay/treeframe.h */
    NKT_FRAME_GRAFT = 0x16,
    NKT_FRAME_PRUNE = 0x17,
    NKT_FRAME_RECORD = 0x18,   /* a Records with the sender's alone: before the proof of a link that an invite led to */
    NKT_FRAME_ROOM = 0x19,     /* the key of a secret room, 32 bytes: to whom an invite of ours led */
} nkt_frame_type_t;

/** Kind of an envelope's payload; the messages are in nkt.proto. */
typedef enum nkt_kind {
    NKT_KIND_GREETING = 1,
    NKT_KIND_DIGEST = 2,
    NKT_KIND_WANT = 3,
    NKT_KIND_RECORDS = 4,
    NKT_KIND_SIGNAL = 5,
    NKT_KIND_SESSION = 6,
    NKT_KIND_CLEAR = 7,
    NKT_KIND_BYE = 8,
    NKT_KIND_GROUP = 9,
    NKT_KIND_WALK = 10,
    NKT_KIND_MAIL = 11,
    NKT_KIND_KEEP = 12,
    NKT_KIND_RECEIPT = 13,
    NKT_KIND_LETTER = 14,
    NKT_KIND_SHARED = 15,
    NKT_KIND_COUNT
} nkt_kind_t;

/** Signal.type */
typedef enum nkt_signal {
    NKT_SIGNAL_OFFER = 1,
    NKT_SIGNAL_ANSWER = 2,
    NKT_SIGNAL_REJECT = 3,
} nkt_signal_t;

/** UserRecord.capabilities; unknown bits are ignored. */
typedef enum nkt_capability {
    NKT_CAPABILITY_KEEPER = 1, /* keeps letters for members who are away, for days and over its own restarts */
} nkt_capability_t;

/** May an envelope of that kind be for everybody? Those of later versions may. */
int nkt_kind_is_broadcast(unsigned kind);

/** Short name of a kind for people, "unknown" for others. Static. */
const char *nkt_kind_name(unsigned kind);

#endif
