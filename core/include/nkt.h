/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * nkt: the peer, as a pure state machine. Facts in, effects out.
 *
 * The core performs no I/O, never asks for the time and never blocks. The host reports facts with
 * nkt_step(), drains the answers with nkt_poll() until it returns NKT_FX_NONE, and calls nkt_step()
 * with NKT_EV_TIME no later than nkt_deadline_ms(). Same seed, same facts in the same order: the same
 * effects, byte for byte.
 *
 *     nkt_core_t *core;
 *     if (nkt_new(&options, &host, &core) < 0) ...
 *     nkt_step(core, &(nkt_event_t){.kind = NKT_EV_START, .now_ms = now, .wall_ms = wall});
 *     while (nkt_poll(core, &fx) == 1) carry_out(&fx);
 *
 * Units: time in milliseconds. `now_ms` is monotonic with any origin and drives every timer; `wall_ms`
 * is Unix time and is used only for expiry and display. Sizes are bytes, counts are items.
 *
 * Ownership: bytes and text of an event are lent for the duration of nkt_step(). Bytes and text of an
 * effect belong to the core and are valid until the next call of nkt_poll() or nkt_step() on it.
 *
 * Errors: 0 (or a count) or one of nkt_err.def. A -2xx code from nkt_step() reports what a peer sent; it is
 * counted in nkt_health_json() already and needs no action. After -3xx only nkt_free() may be called.
 *
 * Threads: none. A core may be used from one thread at a time; cores are independent of each other. The host
 * must not call nkt_step() from within a hook.
 */
#ifndef NKT_H
#define NKT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define NKT_VERSION "0.1.0"

enum {
    NKT_ADDRESS_SIZE = 20,      /**< raw address: BLAKE2b-160 over both public keys */
    NKT_ADDRESS_TEXT_SIZE = 36, /**< Base58Check text with terminating NUL (34 characters at most 35) */
    NKT_ID_SIZE = 16,           /**< message id */
    NKT_SEED_SIZE = 32,
    NKT_KEY_SIZE = 32,
    NKT_SAFETY_DIGIT_COUNT = 60, /**< of a safety number */
    NKT_ROOM_TEXT_SIZE = 33,    /**< what names a room, as text with terminating NUL */
};

/** Raw address. All zero stands for "everybody" or "nobody" and is no valid address. */
typedef struct nkt_address {
    uint8_t b[NKT_ADDRESS_SIZE];
} nkt_address_t;

typedef enum nkt_err {
#define X(name, code, text) name = (code),
#include "nkt_err.def"
#undef X
} nkt_err_t;

/** Facts, see nkt_event_t. */
typedef enum nkt_event_kind {
#define X(name) NKT_EV_##name,
#include "nkt_event.def"
#undef X
    NKT_EV_COUNT
} nkt_event_kind_t;

/** Effects, see nkt_effect_t. */
typedef enum nkt_effect_kind {
#define X(name) NKT_FX_##name,
#include "nkt_effect.def"
#undef X
    NKT_FX_COUNT
} nkt_effect_kind_t;

/** Flags of a user: the value of SET_FLAGS and the low bits of `flags` in USER. */
enum {
    NKT_USER_MUTED = 1,       /**< dontSendTo: nothing is sent to it */
    NKT_USER_UNREACHABLE = 2, /**< no delivery is tried until it is heard of again */
    NKT_USER_NEW = 4,         /**< effect only: became known, or reachable by another way */
    NKT_USER_GONE = 8,        /**< effect only: forgotten (record expired or evicted) */
    NKT_USER_ON_RELAY = 16,   /**< effect only: heard through the relay */
    NKT_USER_LINKED = 32,     /**< effect only: an authenticated WebRTC link is up */
    NKT_USER_IGNORED = 64,    /**< effect only: see IGNORE */
    NKT_USER_KEEPER = 256,    /**< effect only: it keeps for days what is said to members who are away */
    NKT_USER_LEFT = 1024,     /**< effect only: said good-bye, or was given up long ago; no recipient of messages to everybody */
    NKT_USER_LOST = 2048,     /**< effect only: its last direct way was lost, and it was not heard of since */
};

/** `flags` in SAY, and in MESSAGE as they were said. */
enum {
    NKT_SAY_CLEAR = 1, /**< signed, not encrypted, to everybody; no delivery states */
    NKT_SAY_CALL = 2,  /**< from program to program (a remote call, or its answer): the flag travels inside the encryption, beside
                            the value, so that no value can be taken for one. To one recipient; not with NKT_SAY_CLEAR */
    NKT_SAY_CONTENT = 4, /**< the value tells of a content: its manifest is in it. Beside the value, as above; not with the others */
    NKT_SAY_UNTOLD = 8,  /**< MESSAGE and PAST only: whoever said it speaks a version that does not tell whether it is for others, too */
};

/** `flags` in EPHEMERAL: RAW in the fact and the effect, the other in the effect. */
enum {
    NKT_EPHEMERAL_RAW = 1, /**< bytes from program to program, which are no JSON: no value can be taken for them. To one recipient, who
                                said that he understands them: older versions drop them */
    NKT_EPHEMERAL_OF_ROOM = 2, /**< its sender may have what is said to everybody in the room: nkt_is_of_room() */
};

/** `flags` in SEND. */
enum {
    NKT_SEND_TEXT = 1, /**< a text frame (trackers speak JSON), otherwise binary */
    NKT_SEND_BULK = 2, /**< part of a content: among themselves in order, in a queue of their own if the link can have one; waits for no
                            PUT, nor behind what does; LINK_QUEUED is to be reported when that has run low, and when it is empty */
    NKT_SEND_LOSSY = 4, /**< may be lost, and may overtake others: over an unreliable channel if there is one; not at all if much waits */
};

/** `flags` in the facts and effects about contents. */
enum {
    NKT_CONTENT_AGAIN = 1,  /**< SHARE: the host can give its plaintext again, so no piece of it is to be written */
    NKT_CONTENT_LAST = 2,   /**< PLAIN, TEXT: the last piece; WRITE: the last that is under way */
    NKT_CONTENT_CLEAR = 4,  /**< PIECE: plaintext of a content that was shared here with AGAIN */
    NKT_CONTENT_FAILED = 8, /**< WRITTEN: it was not, there is no room */
    NKT_CONTENT_ENOUGH = 16, /**< GET: nobody waits for it any more */
};

enum { NKT_HOLDER_SIZE = 24 }; /**< of one neighbour in CONTENT: NKT_ADDRESS_SIZE and 4 bytes */

enum { NKT_CONTENT_RELAYED = 0x80 }; /**< CONTENT: there is no link, it comes over a relay, slowly */

/** Low 7 bits of `flags` in CONTENT; above the low byte the number of neighbours who know that content. */
typedef enum nkt_content_state {
    NKT_CONTENT_WAITING,  /**< nobody is here who has what is missing */
    NKT_CONTENT_FETCHING,
    NKT_CONTENT_COMPLETE,
    NKT_CONTENT_PAUSED,
    NKT_CONTENT_FULL,     /**< the host has no room: PAUSE (value 0) tries again */
} nkt_content_state_t;

/** `flags` in FRAME. */
enum {
    NKT_FRAME_OUT = 1,    /**< went out; otherwise came in */
    NKT_FRAME_WEBRTC = 2, /**< over WebRTC; otherwise over the relay */
};

/** `flags` in RTC_OFFER and RTC_ANSWER. */
enum {
    NKT_RTC_PATIENT = 1, /**< passed by hand: the other side may come minutes later, so ICE that failed is not the end */
};

/** `flags` in PAST. */
enum {
    NKT_PAST_SAID = 1,
    NKT_PAST_CONTENT = 2, /**< said with NKT_SAY_CONTENT */
    NKT_PAST_FAILED_SHIFT = 8,
};

/** `value` in SESSION, and of USER (bits 0-7). */
typedef enum nkt_session_state {
    NKT_SESSION_NONE,
    NKT_SESSION_PENDING,
    NKT_SESSION_ESTABLISHED,
    NKT_SESSION_REKEYED, /**< SESSION effect only: established anew after a loss; shown as established */
} nkt_session_state_t;

/** `value` in DELIVERY. */
typedef enum nkt_delivery_state {
    NKT_DELIVERY_QUEUED,
    NKT_DELIVERY_SENT,
    NKT_DELIVERY_DELIVERED,
    NKT_DELIVERY_FAILED,
} nkt_delivery_state_t;

/**
 * A fact. Fields not named for a kind are ignored. `now_ms` (below 2^43) and `wall_ms` are needed in every one.
 *
 * RESTORE        before START: a stored record is handed back. text: its name, bytes: as PUT gave them.
 *                NKT_E_RECORD: damaged; the core has asked (PUT without bytes) to delete it, unless it is one of the two
 *                with the identity ("identity" and "spare"): START goes on with the other, or as somebody else.
 *                NKT_E_NEWER: of a version not known here; it is left as it is, as all that cannot be read after it, and START answers
 *                the same. NKT_E_ARGUMENT: no name of this version; it is left as it is.
 * IMPORT         before START: bytes: a key of NKT_KEY_SIZE and behind it what EXPORTED gave for that key. NKT_E_PASSPHRASE:
 *                another key, or altered; NKT_E_NEWER: of a version not known here; NKT_E_STATE: another identity was restored already.
 * START          creates the identity if none was restored, goes online. Answered by SELF.
 * TIME           time passed.
 * LINK_UP        link: the socket or data channel is open.
 * LINK_DOWN      link: it failed or closed (also when it never opened); text: reason for people, may be empty; value: the
 *                close code of a WebSocket, 0: none.
 *                Not reported for a link that the core closed itself.
 * LINK_DATA      link, bytes: one message arrived, whole; flags: NKT_SEND_TEXT if it was a text frame.
 * LINK_PRESSURE  link, value: 1 = more than the high-water mark is queued in the host, 0 = drained below the low one.
 * LINK_SUSPECT   link, value: 1 = the platform reports it disconnected, 0 = connected again.
 * RTC_LOCAL      link, text: the local description (SDP) asked for by RTC_OFFER or RTC_ANSWER, with candidates.
 * PUT_DONE       ticket: that PUT, and all before it, are durable.
 * SAY            ticket (chosen by the host, comes back), bytes: JSON text, address: recipient or zero for everybody,
 *                flags. Answered by SAID and DELIVERY effects unless it returns an error.
 * HISTORY        ticket, value: how many messages at most (0: all that are kept). Answered by PAST effects, the oldest of
 *                the newest so many first; nkt_step() returns their number.
 * FORGET         clears the history. What is not delivered yet is, and is forgotten then.
 * EXPORT         ticket, bytes: a key of NKT_KEY_SIZE. Answered by EXPORTED: the identity's keys, sealed with it.
 * CONNECT        ticket, address, value: time-out in ms (0: the default). Answered by CONNECTED with that ticket.
 * CANCEL         ticket: gives up a CONNECT, INVITE or ACCEPT; answered by CONNECTED with NKT_E_CANCELLED. With an address: gives
 *                up a SAY with NKT_SAY_CALL to that user, if it waits or is not acknowledged; answered by DELIVERY. It may have arrived.
 * SET_FLAGS      address, value: NKT_USER_MUTED | NKT_USER_UNREACHABLE as they shall be.
 * SET_NICK       text: the new nick.
 * PIN            address, text: nick, value: 1 = its safety number was compared: remember it under that nick (again: under another),
 *                0 = not any more. Answered by PIN when that changes anything. Kept with persist, also when the user is forgotten.
 * IGNORE         address, text: nick, value: 1 = nothing that user says is told, stored or acknowledged from now on, 0 = not any
 *                more. Answered by IGNORED when that changes anything. Kept with persist, also when the user is forgotten or
 *                was never known. What he passes on for others is as before, and what is said to him. NKT_E_SELF,
 *                NKT_E_IGNORED_FULL; NKT_E_UNKNOWN_USER: he was not ignored.
 * WAKE           the platform says that it was frozen or offline and is back: probe links, connect at once.
 * DROPPED        value: an error code of -2xx that the host found itself (for instance a call that is none): counted.
 * INVITE         ticket. Makes an invite: a text by which one peer joins with no server. Answered by INVITED, and later, also
 *                when it expires, by CONNECTED. NKT_E_INVITE_FULL.
 * ACCEPT         ticket, text: with an invite of somebody in it. Answered by INVITED and CONNECTED as above.
 *                NKT_E_INVITE_*, NKT_E_SELF.
 * COMPLETE       ticket, text: with the answer to an invite of ours in it. Answered by CONNECTED with this ticket, and with that
 *                of the INVITE. NKT_E_INVITE_*, NKT_E_SELF, NKT_E_MUTED.
 * SERVERS        text: JSON with relays and trackers as in the options: those that are not there yet are added, as many as
 *                there is room for (NKT_URL_COUNT_MAX of each), and told of in the own record. None is given up.
 *                NKT_E_OPTIONS, NKT_E_MEMORY, NKT_E_SIZE.
 * SISTERS        for a host that has a core of the same identity for each of several rooms, at work or not. bytes: what names their
 *                rooms, 16 each, which nkt_room_id() gives in hexadecimal (zeros for "-"): what is said to us there is for them, and passed
 *                over here.
 *                value: 1 = who looks for us by address is to find this core, as is so from the beginning; 0 = another one.
 *                NKT_E_ARGUMENT; NKT_E_SIZE: more than NKT_SISTER_COUNT_MAX.
 * LINK_QUEUED    link, value: bytes in its queue (bufferedAmount). After SENDs with NKT_SEND_BULK: as soon as not more than
 *                NKT_BULK_LOW_SIZE are left (at once if that is so already), and once more when nothing is; in between as often
 *                as the host likes. Where a link has two queues, of the one that these go to.
 * CONTENT_SHARE  ticket (the host's name of this content from now on, not 0), text: JSON {"size": bytes (none: not known), "type",
 *                "name"}, flags: NKT_CONTENT_AGAIN. Its bytes follow as CONTENT_PLAIN. NKT_E_ARGUMENT, NKT_E_MANIFEST, NKT_E_CONTENTS_FULL.
 * CONTENT_PLAIN  ticket, value: index of the piece, from 0 on in order, bytes: NKT_PIECE_PLAIN_SIZE of them; flags: NKT_CONTENT_LAST with
 *                the last one, which may be shorter, or empty if it is the only one. Answered by CONTENT_WRITE, the last one also by
 *                CONTENT_KEEP_LEAVES and CONTENT_MADE. NKT_E_SIZE, NKT_E_CONTENT_UNKNOWN; NKT_E_CONTENT_CHANGED: not the size that
 *                was said.
 * CONTENT_LOOK   ticket (any: it comes back), bytes: a manifest, or a slip. Answered by CONTENT_LOOKED; nothing is opened. NKT_E_MANIFEST.
 * CONTENT_OPEN   ticket, bytes: a manifest, or a slip (to serve without reading), address: who said it, zero: not known. Nothing
 *                follows before CONTENT_HELD. NKT_E_ARGUMENT: the ticket is used; NKT_E_MANIFEST, NKT_E_CONTENTS_FULL.
 * CONTENT_LEAVES ticket, bytes: of CONTENT_KEEP_LEAVES, of a content that was shared here; before CONTENT_HELD. NKT_E_CONTENT_CHANGED.
 * CONTENT_HELD   ticket, bytes: a bit for each piece that is stored (the highest bit of the first byte is piece 0); none: nothing
 *                is. With CONTENT_LEAVES all are. From now on it is fetched and served.
 * CONTENT_PIECE  ticket, value: index, bytes: as CONTENT_WRITE gave them (none: they are not there any more), flags: NKT_CONTENT_CLEAR.
 *                Answers CONTENT_READ. NKT_E_CONTENT_CHANGED: damaged, and fetched again.
 * CONTENT_WRITTEN ticket, value: index, flags: NKT_CONTENT_FAILED. Answers CONTENT_WRITE, once it is durable.
 * CONTENT_LOST   ticket, value: index of a piece that was dropped; -1: all.
 * CONTENT_GET    ticket, value: index of a piece that is to be read; the pieces behind it come next. Answered by CONTENT_TEXT, when it is
 *                here; not at all after another one with flags: NKT_CONTENT_ENOUGH.
 *                NKT_E_CONTENT_UNKNOWN, NKT_E_CONTENTS_FULL: NKT_BLOB_GET_COUNT_MAX wait.
 * CONTENT_PAUSE  ticket, value: 1 = nothing of it is fetched, 0 = it is.
 * CONTENT_CLOSE  ticket: it is neither fetched nor served any more, and its ticket may be used again.
 * EPHEMERAL      bytes: JSON text of at most NKT_EPHEMERAL_SIZE_MAX bytes, or with the flag NKT_EPHEMERAL_RAW any so many; address:
 *                recipient or zero for everybody. Encrypted and sent now, over links, or once over a relay; neither stored nor
 *                acknowledged nor repeated. nkt_step() returns to how many it left: 0 if nobody can be reached at once, or more than
 *                NKT_EPHEMERAL_PER_S a second were said. NKT_E_ARGUMENT, NKT_E_SIZE, NKT_E_VALUE, NKT_E_SELF, NKT_E_UNKNOWN_USER,
 *                NKT_E_MUTED.
 * TALK           address, value: 1 = somebody is about to talk with that user: a session with it is set up, also where there are too many
 *                for one with each; until there is one, or 0 = it is not wanted any more. Answered by SESSION. NKT_E_UNKNOWN_USER.
 * STOP           leaves: says good-bye, closes every link; with persist, what is not delivered goes on in the next life.
 *                Only nkt_poll() and nkt_free() afterwards.
 */
typedef struct nkt_event {
    nkt_event_kind_t kind;
    uint32_t link;
    uint32_t ticket;
    uint32_t flags;
    int32_t value;
    uint64_t now_ms;
    uint64_t wall_ms;
    nkt_address_t address;
    const uint8_t *bytes;
    size_t bytes_size;
    const char *text; /**< UTF-8, need not be terminated */
    size_t text_size;
} nkt_event_t;

/**
 * An effect: what the host shall do or tell.
 *
 * SOCKET_OPEN  link, text: URL. Open a WebSocket (binaryType arraybuffer); answer LINK_UP or LINK_DOWN.
 * LINK_CLOSE   link: close the socket or peer connection and forget it. Ids are never used again.
 * SEND         link, bytes, flags. ticket: hold until PUT_DONE of that ticket was reported (0: at once). Order within a
 *              link must be kept. A SEND on a link that is not open any more is to be ignored.
 * RTC_OFFER    link, flags, value: ms to gather candidates at most. Create a peer connection with one reliable, ordered data
 *              channel (label "nkt", negotiated, id 0; perhaps others: docs/protocol.md, 11) and an offer;
 *              answer RTC_LOCAL.
 * RTC_ANSWER   link, text: the other side's offer, flags and value as above. Create a peer connection (channel as above) and an
 *              answer; answer RTC_LOCAL.
 * RTC_ACCEPT   link, text: the other side's answer to our offer.
 * RTC_RESTART  link, value as in RTC_OFFER: its path broke. Make an offer that restarts ICE on the connection that is there;
 *              answer RTC_LOCAL. RTC_ANSWER and RTC_ACCEPT of a link that is open belong to such a restart; until the core
 *              closes it the host does not report the link as down for having no path.
 * PUT          ticket, text: name, bytes: a record to store (none: to delete). Only with options.persist.
 * SELF         address, text: nick. The identity is there, or the nick changed.
 * USER         address, text: nick, flags, value: session state | links << 8, time_ms: wall time it was last heard.
 * SESSION      address, value: nkt_session_state_t.
 * LINK         address, value: 1 = an authenticated WebRTC link came up, 0 = the last one went down; link.
 * MESSAGE      address: the proven sender, id, time_ms: its date, flags: NKT_SAY_*, bytes: JSON text as sent. It is
 *              what RFC 8259 says, in UTF-8, within the limits of depth and items, no number of it beyond a double: anything
 *              else is dropped (NKT_E_PAYLOAD) and never acknowledged.
 *              peer: oneself, or zero for everybody, as the sender says inside the encryption. text: the room in which it was said, as
 *              nkt_room_id() writes it: another than ours if it was said to everybody there. What is for us alone is of the room in
 *              which we are.
 * SAID         ticket, id, value: number of recipients. After START also, with ticket 0, for what an earlier life had not
 *              delivered: value is the number of recipients who are still to acknowledge it, of whom DELIVERY tells.
 * DELIVERY     ticket (of the SAY, 0 in a later life), id, address: recipient, value: state; text: reason when failed.
 * PAST         ticket (of the HISTORY), id, time_ms: its date, bytes: JSON text; flags: NKT_PAST_SAID: said by us, address:
 *              the recipient or zero for everybody, link: number of recipients, value: of those so many acknowledged it,
 *              flags >> NKT_PAST_FAILED_SHIFT: for so many it failed. Otherwise heard, address: the sender, peer and NKT_SAY_UNTOLD as in
 *              MESSAGE. text: the room, as there; empty: an older version stored it, and not in which room.
 * EXPORTED     ticket, bytes. No session is in it: whoever imports it sets up new ones.
 * PRESSURE     value: 1 = the outbox is above its high-water mark, callers should wait; 0 = below again.
 * CONNECTED    ticket, address, value: 0 or an error of -1xx/-4xx; text: the reason.
 * INVITED      ticket (of the INVITE or ACCEPT), text: the invite, or the answer to give back; time_ms: wall time until which it
 *              can be used. Of an ACCEPT also address: who invited, bytes: the nick that the invite gives him.
 * FRAME        address: sender, peer: recipient (zero: everybody), id, text: kind, flags, value: size, time_ms: created.
 * PIN          address, text: nick, value: 1 = pinned (at START each that was restored), 0 = not any more.
 * IGNORED      address, text: nick, value: 1 = ignored (at START each that was restored, before any USER), 0 = not any more.
 * CONTENT_LOOKED ticket, id, text: JSON {"size", "type", "name"}, checked: as CONTENT_SHARE takes them. Of a slip type and name are empty.
 *                bytes: its slip: for who is to hold and serve it, and not to read it. Of a slip itself.
 * CONTENT_MADE ticket, id, bytes: the manifest, to be said to whom it is for.
 * CONTENT_KEEP_LEAVES ticket, bytes: 32 for each piece, to be stored beside the pieces of a content that was shared here.
 * CONTENT_READ ticket, value: index. Answer CONTENT_PIECE.
 * CONTENT_WRITE ticket, value: index, bytes: the piece, NKT_PIECE_SIZE of them or less if it is the last, and behind it, unless it was
 *              shared here, up to NKT_PIECE_PATH_COUNT_MAX times 32. flags: NKT_CONTENT_LAST: no other of it is under way, so a host that
 *              stores several at once need not wait for more. Answer CONTENT_WRITTEN; a CONTENT_READ may come before that.
 * CONTENT_TEXT ticket, value: index, bytes: plaintext, flags: NKT_CONTENT_LAST.
 * CONTENT      ticket, id, value: pieces that are stored, flags: state, neighbours (see nkt_content_state_t), bytes: NKT_HOLDER_SIZE for
 *              each of these: address, and in 4 bytes, the highest first, how many pieces he says he has. At most every NKT_TELL_MS.
 * EPHEMERAL    address: the proven sender, peer: oneself, or zero for everybody; time_ms: when it was said, bytes: JSON text as sent, or
 *              with the flag NKT_EPHEMERAL_RAW whatever they are. Of one sender each is later than all before it.
 * STATUS       connectivity changed; nkt_health_json() tells how.
 */
typedef struct nkt_effect {
    nkt_effect_kind_t kind;
    uint32_t link;
    uint32_t ticket;
    uint32_t flags;
    int32_t value;
    uint64_t time_ms;
    nkt_address_t address;
    nkt_address_t peer;
    uint8_t id[NKT_ID_SIZE];
    const uint8_t *bytes;
    size_t bytes_size;
    const char *text; /**< UTF-8, not terminated */
    size_t text_size;
} nkt_effect_t;

/** What the host lends. */
typedef struct nkt_host {
    /** Fills buf with unpredictable bytes for key material. 0, or negative on failure (fatal: NKT_E_ENTROPY). */
    int (*entropy)(void *context, uint8_t *buf, size_t size);
    void *context;
} nkt_host_t;

/** Where to connect to and as whom. All text is copied by nkt_new(). */
typedef struct nkt_options {
    const char *nick;            /**< UTF-8, terminated, at most NKT_NICK_SIZE_MAX bytes; NULL: empty */
    const char *room;            /**< room name, NULL: no room */
    const char *secret;          /**< room secret, NULL: none */
    const char *const *relays;   /**< ws:// or wss:// URLs */
    size_t relay_count;
    const char *const *trackers; /**< ws:// or wss:// URLs */
    size_t tracker_count;
    uint32_t link_count_max;     /**< cap of WebRTC links, 0: the default */
    int persist;                 /**< emit PUT effects; store_key must be set */
    int keeper;                  /**< with persist: keep for days what members say to others who are away, up to 64 MiB */
    int history;                 /**< with persist: keep messages after they arrived, for HISTORY */
    uint8_t store_key[NKT_KEY_SIZE]; /**< encrypts stored records; copied, wiped by nkt_free() */
    uint8_t seed[NKT_SEED_SIZE];     /**< seeds jitter and choices among equals, never key material */
} nkt_options_t;

typedef struct nkt_core nkt_core_t;

/**
 * Creates a core. *core is to be freed with nkt_free().
 * NKT_E_OPTIONS, NKT_E_MEMORY, NKT_E_CRYPTO.
 */
int nkt_new(const nkt_options_t *options, const nkt_host_t *host, nkt_core_t **core);

/** As nkt_new() with the options as a JSON object: {nick, room, secret, relays, trackers, linkCountMax, persist, history, keeper};
 *  store_key and seed are passed beside it (store_key may be NULL when persist is off). */
int nkt_new_json(const char *json, size_t json_size, const uint8_t *store_key, const uint8_t seed[NKT_SEED_SIZE],
                 const nkt_host_t *host, nkt_core_t **core);

/** Wipes all keys and frees. NULL is allowed. */
void nkt_free(nkt_core_t *core);

/** Reports a fact. 0 (HISTORY: a count) or an error, see above. */
int nkt_step(nkt_core_t *core, const nkt_event_t *event);

/** Takes the next effect. 1, or 0 when there is none (effect->kind is then NKT_FX_NONE). */
int nkt_poll(nkt_core_t *core, nkt_effect_t *effect);

/** All effects are carried out and nothing waits: makes what will be wanted next, so that nobody waits for it then. Changes no effect, and
 *  may be left out. */
void nkt_rest(nkt_core_t *core);

/** When nkt_step() wants to be called at the latest (on the scale of now_ms); UINT64_MAX: no wish. */
uint64_t nkt_deadline_ms(const nkt_core_t *core);

/** The state of everything as JSON text (see `health()` in the JavaScript API). Valid until the next call on the
 *  core. NKT_E_MEMORY. */
int nkt_health_json(nkt_core_t *core, const char **json, size_t *json_size);

/** The safety number of this peer and a known user, terminated: the same at the other side, to be compared by two people who know
 *  each other. Costs as much as 10,400 hashes. NKT_E_ARGUMENT, NKT_E_STATE before START, NKT_E_UNKNOWN_USER, NKT_E_MEMORY. */
int nkt_safety_number(nkt_core_t *core, const nkt_address_t *address, char digits[NKT_SAFETY_DIGIT_COUNT + 1]);

/** What names the room that we are in, terminated: 32 hexadecimal digits, others for each name and secret, or for whoever's swarm
 *  was joined by address or invite; "-" for none. NKT_E_ARGUMENT, NKT_E_STATE before START. */
int nkt_room_id(const nkt_core_t *core, char text[NKT_ROOM_TEXT_SIZE]);

/** 1 if a known user may have what is said to everybody in the room: it proved to know the room, or the room has no secret and is open
 *  to all; 0 if it only knows our address. NKT_E_ARGUMENT, NKT_E_STATE before START, NKT_E_UNKNOWN_USER. */
int nkt_is_of_room(nkt_core_t *core, const nkt_address_t *address);

/**
 * A key from a passphrase: Argon2id with one lane. Takes its time and memory_kib of memory; needs no core.
 * NKT_E_ARGUMENT: outside NKT_KDF_* and NKT_SALT_* of limits.h; NKT_E_MEMORY.
 */
int nkt_passphrase_key(const char *passphrase, size_t passphrase_size, const uint8_t *salt, size_t salt_size,
                       uint32_t pass_count, uint32_t memory_kib, uint8_t key[NKT_KEY_SIZE]);

/** Base58Check text of an address, terminated. */
void nkt_address_format(const nkt_address_t *address, char text[NKT_ADDRESS_TEXT_SIZE]);

/** Reads the text form. NKT_E_ADDRESS. */
int nkt_address_parse(const char *text, size_t text_size, nkt_address_t *address);

/** Name ("NKT_E_SIZE") and text of an error, "NKT_E_UNKNOWN" for others. Static. */
const char *nkt_err_name(int err);
const char *nkt_err_text(int err);

/** Names of kinds ("LINK_UP", "SEND"), NULL past the end. Static. */
const char *nkt_event_name(unsigned kind);
const char *nkt_effect_name(unsigned kind);

#ifdef __cplusplus
}
#endif

#endif
