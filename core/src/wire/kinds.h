/* SPDX-License-Identifier: GPL-3.0-or-later */
/* First bytes and kinds of everything that travels between peers. */
#ifndef NKT_WIRE_KINDS_H
#define NKT_WIRE_KINDS_H

/** First byte of a frame between peers: the version in the high nibble. What is of another one is refused (NKT_E_VERSION). */
typedef enum nkt_frame_type {
    NKT_FRAME_ENVELOPE = 0x21, /* hops, signature, body */
    NKT_FRAME_AUTH = 0x22,     /* version, room key or zeros, signature: see overlay/linkauth.h */
    NKT_FRAME_PING = 0x23,     /* 4 opaque bytes */
    NKT_FRAME_PONG = 0x24,     /* the same 4 bytes */
    NKT_FRAME_IHAVE = 0x25,    /* these two: see overlay/treeframe.h */
    NKT_FRAME_GRAFT = 0x26,
    NKT_FRAME_RECORD = 0x28,   /* a Records with the sender's alone: before the proof of a link that an invite led to */
    NKT_FRAME_ROOM = 0x29,     /* the key of a secret room, 32 bytes: to whom an invite of ours led */
    NKT_FRAME_DIRECT = 0x2a,   /* a session message to whom is at the other end, not signed: body */
    NKT_FRAME_CONTENT = 0x2b,  /* about pieces of contents: see content/frame.h */
    NKT_FRAME_EPHEMERAL = 0x2c, /* what is said and may be lost: see delivery/ephemeral.c */
} nkt_frame_type_t;

enum { NKT_PROTOCOL_VERSION = 2 };

/** A frame of size > 0: is it of our version? */
static inline int nkt_frame_is_ours(const unsigned char *frame)
{
    return frame[0] >> 4 == NKT_PROTOCOL_VERSION;
}

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
    NKT_KIND_CONTENT = 16,
    NKT_KIND_EPHEMERAL = 17,
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
