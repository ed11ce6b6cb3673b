/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Every number of the protocol and of the core, with unit and reason. Nothing else in core/ holds a bare number.
 */
#ifndef NKT_WIRE_LIMITS_H
#define NKT_WIRE_LIMITS_H

/* ---- times, in ms since 1970: too large for an enum ---- */
#define NKT_WALL_MS_MAX 8796093022208u  /* 2^43, the year 2248: a wall clock beyond it is taken for this ... */
#define NKT_TIME_MS_MAX 17592186044415u /* ... and from 2^44 on, the year 2527, it is refused from others: a peer's own time only
                                           grows, and has 278 years left wherever it begins. Streams are named by a time and
                                           20 bits of chance in one number of 64 bits (NKT_STREAM_CHANCE_BITS) */

enum {
    /* ---- sizes of things on the wire, in bytes ---- */
    NKT_FRAME_SIZE_MAX = 65536,   /* one data channel message in every engine; the relay's maxPayload allows it */
    NKT_VALUE_SIZE_MAX = 60000,   /* JSON text of one message: a frame less ratchet, padding and envelope */
    NKT_NICK_SIZE_MAX = 64,       /* UTF-8; long enough for a name, short enough for a list */
    NKT_ROOM_SIZE_MAX = 256,      /* UTF-8 room name or secret */
    NKT_URL_SIZE_MAX = 256,       /* of a relay or tracker */
    NKT_SDP_SIZE_MAX = 9000,      /* data-only SDP is 716-907 bytes and 100-150 a candidate; sealed and in Base64 it
                                     must fit a tracker message of 16,000 */
    NKT_SDP_TEXT_SIZE_MAX = 64,   /* ICE user fragment or password; browsers take 4-8 and 24-32 characters */
    NKT_SDP_MID_SIZE_MAX = 16,    /* name of the only media section; browsers take "0" */
    NKT_SDP_CANDIDATE_COUNT_MAX = 8, /* told in an invite: 7-19 bytes each; two networks with both kinds of addresses, and
                                     what STUN says of them */
    NKT_INVITE_TEXT_SIZE_MAX = 1024,  /* fits a QR code that telephones read from a screen (version 22); usual are 350 */
    NKT_INVITE_INPUT_SIZE_MAX = 16384, /* what a person pasted: an invite with the mail around it */
    NKT_TRACKER_FRAME_SIZE_MAX = 16000, /* one public server limits frames to 16 KiB */
    NKT_RECORD_SIZE_MAX = 2048,   /* serialised user record with 4 + 4 URLs of usual length */
    NKT_HEADER_SIZE = 2,          /* frame type, hops */
    NKT_SIGN_SIZE = 64,           /* Ed25519 signature */
    NKT_NETWORK_SIZE = 16,        /* network id: 128 bits, collisions cost nothing but noise */
    NKT_NONCE_SIZE = 32,          /* each end's part of a link's authentication */
    NKT_ATTEMPT_SIZE = 16,        /* name of a link attempt */
    NKT_FINGERPRINT_SIZE = 32,    /* DTLS certificate, SHA-256 */
    NKT_MEMBERSHIP_SIZE = 16,     /* proof of knowing a room, beside a record */
    NKT_INFO_HASH_SIZE = 20,      /* characters; BitTorrent */
    NKT_CURVE_KEY_SIZE = 32,      /* Curve25519, Ed25519 */
    NKT_CONTENT_KEY_SIZE = 32,    /* XChaCha20-Poly1305: of one long message */
    NKT_KEM_KEY_SIZE = 1184,      /* ML-KEM-768 (FIPS 203, table 3): a public key, ... */
    NKT_KEM_ANSWER_SIZE = 1088,   /* ... a ciphertext, ... */
    NKT_KEM_SECRET_SIZE = 2400,   /* ... a secret key, and ... */
    NKT_KEM_SEED_SIZE = 64,       /* ... what it is made of */
    NKT_KEM_TAG_SIZE = 4,         /* names a session among the few of two peers; what it does not tell apart does not open */
    NKT_KEM_PLACE_MAX = 65535,    /* of a message in its epoch: 16 bits on the wire; 512 lost ones end a session before */

    /* ---- stored records ---- */
    NKT_RECORD_VERSION = 3,       /* of their meaning: older ones are read and written anew, newer ones refused and left alone;
                                     2: the keys in users' records are bound to each other; 3: addresses and rooms of protocol 2 */
    NKT_RECORD_VERSION_ADDRESS = 3, /* of this and later ones addresses, rooms and what is signed are as now */

    /* ---- keys from a passphrase (Argon2id, one lane) ---- */
    NKT_PASSPHRASE_SIZE_MAX = 1024,   /* bytes of UTF-8 */
    NKT_SALT_SIZE_MIN = 8,            /* bytes, Argon2's own least */
    NKT_SALT_SIZE_MAX = 64,
    NKT_KDF_PASS_COUNT = 3,           /* what new keys are made with: the second choice of RFC 9106, section 4, ... */
    NKT_KDF_MEMORY_KIB = 65536,       /* ... 64 MiB: 0.3 s in wasm, and a phone has them */
    NKT_KDF_PASS_COUNT_MAX = 16,      /* what a file may ask for: a few seconds ... */
    NKT_KDF_MEMORY_KIB_MIN = 8,
    NKT_KDF_MEMORY_KIB_MAX = 131072,  /* ... and 128 MiB, half of what the module may have */

    /* ---- how long what travels is valid ---- */
    NKT_HOPS_MAX = 64,                /* of broadcasts: Plumtree's last hop is 17-20 with 1,000 peers; bounds any loop */
    NKT_DIRECTED_HOPS_MAX = 24,       /* of what follows a path: a walk's length and then some */
    NKT_FLOOD_HOPS_MAX = 6,           /* in a crowd a directed envelope floods no further: reaches 1,000 peers at degree 4 and more */
    NKT_ENVELOPE_TTL_S = 300,         /* longer than any retry gap, shorter than the seen-set remembers */
    NKT_ENVELOPE_TTL_S_MAX = 600,     /* what is accepted from others */
    NKT_CLOCK_SLACK_MS = 600000,      /* 10 min, by which an author's time may seem off: what travels is late, clocks drift */
    NKT_CLOCK_NONCE_MS = 60000,       /* a question for somebody's time is answered within this, or twice this */
    NKT_CLOCK_NONCE_SIZE = 16,
    NKT_CLOCK_PEOPLE_MIN = 3,         /* so many others say what time it is: one or two liars do not */
    NKT_CLOCK_OFF_MS = 120000,        /* a wall clock off by so much is told of: others' times look wrong beside it */
    NKT_CLOCK_RESERVE_MS = 4500000,   /* 75 min: our own time may have run on so far since it was stored, at every renewal of the record */
    NKT_CLOCK_ASK_COUNT_MAX = 32,     /* who was asked for his time a moment ago ... */
    NKT_CLOCK_ASK_MS = 1000,          /* ... is asked in so long at most ... */
    NKT_CLOCK_ASK_BURST = 3,          /* ... so often: one that starts anew at once is not the one that was asked */
    NKT_CLOCK_DOUBT_BURST = 128,      /* envelopes of strangers whose time is not plausible, of one link: each costs a signature and
                                         a greeting. As many as a room may answer to one whose clock is off ... */
    NKT_CLOCK_DOUBT_PER_S = 16,
    NKT_CLOCK_GRACE_MS = 3600000,     /* 1 h after a start or waking before anybody is forgotten for his age: the clock may be wrong */
    NKT_RECORD_TTL_MS = 7200000,      /* 2 h: a user who was not heard of for so long is gone */
    NKT_RECORD_TTL_MS_MAX = 86400000, /* accepted from others: 24 h by their own clock */
    NKT_RECORD_REFRESH_MS = 3600000,  /* half the time to live: one refresh may be lost */

    /* ---- messages of nkt.proto from outside ---- */
    NKT_FIELD_COUNT_MAX = 2048,         /* fields of one, and of all in it: a digest of 512 has 1,537 */
    NKT_FIELD_STRANGER_COUNT_MAX = 64,  /* of them, those that are not known here: a later version adds a few */
    NKT_FIELD_DEPTH_MAX = 8,            /* messages in messages */

    /* ---- JSON from outside ---- */
    NKT_JSON_DEPTH_MAX = 32,   /* levels; cJSON is built with the same limit */
    NKT_JSON_ITEM_MAX = 4096,  /* values in one text: bounds the parser's memory */

    /* ---- tables, in items ---- */
    NKT_USER_COUNT_MAX = 1024,        /* known users; about 4 KiB each with a session: 4 MiB */
    NKT_USER_PER_INTRODUCER_MAX = 256,/* strangers one peer may bring in: a Sybil cannot fill the table alone */
    NKT_PROVEN_COUNT_MAX = 768,       /* of them who have shown more than that they can sign: the rest is left for who comes */
    NKT_NEWCOMER_COUNT_MAX = 128,     /* who only said hello: at 8 a second each has 16 s to do more */
    NKT_SEEKER_COUNT_MAX = 32,        /* who look for us and are not of our room */
    NKT_PIN_COUNT_MAX = 256,          /* verified users, and ignored ones: each was marked by a person; 22 KiB */
    NKT_SISTER_COUNT_MAX = 64,        /* rooms with a core of the same identity of their own, at work or not: 1 KiB */
    NKT_URL_COUNT_MAX = 8,            /* relays, and trackers, in the options */
    NKT_RECORD_URL_COUNT_MAX = 4,     /* relays, and trackers, named in a user record */
    NKT_LINK_COUNT_MAX = 64,          /* of all kinds and states */
    NKT_RTC_LIVE_COUNT_MAX = 16,      /* active view: full mesh up to 17 users (overlay.md) */
    NKT_RTC_SLACK_COUNT = 4,          /* over the active view while links are decided; of a smaller view ... */
    NKT_RTC_SLACK_DIVISOR = 4,        /* ... a quarter of it */
    NKT_RTC_PENDING_COUNT_MAX = 12,   /* being set up at once; Chromium counts closed ones too */
    NKT_SEEN_COUNT_MAX = 65536,       /* envelope ids in each of two generations: 1 MiB */
    NKT_SEEN_COUNT_MIN = 256,         /* what a generation starts with */
    NKT_SEEN_GENERATION_MS = 1860000, /* a generation lives 31 min: longest TTL, the slack of clocks and the grain of this */
    NKT_STREAM_CHANCE_BITS = 20,      /* beside the time at which a life began, in the id of a stream: those of one incarnation differ, and
                                         are ordered by lives */
    NKT_WINDOW_BIT_COUNT = 4096,      /* replay window of a stream: several times the messages in flight */
    NKT_STREAM_PER_USER_MAX = 24,     /* streams remembered per sender, 540 bytes each when used: to us, to everybody, clear
                                         messages, of eight lives; those of older lives are heard no more, nor acknowledged */
    NKT_OUTBOX_COUNT_MAX = 8192,      /* messages of all recipients */
    NKT_OUTBOX_SIZE_MAX = 16777216,   /* 16 MiB of message text */
    NKT_OUTBOX_HIGH_COUNT = 512,      /* above: PRESSURE on; a sender that awaits never gets further */
    NKT_OUTBOX_HIGH_SIZE = 1048576,   /* 1 MiB: as above */
    NKT_OUTBOX_LOW_COUNT = 256,       /* below (and below half the size): PRESSURE off */
    NKT_PARCEL_COUNT_MAX = 32768,     /* message x recipient */
    NKT_FLIGHT_COUNT_MAX = 256,       /* unacknowledged per recipient; half of the skipped keys a session allows */
    NKT_FLIGHT_SIZE_MAX = 524288,     /* 512 KiB unacknowledged per recipient: half a link's high-water mark */
    NKT_SESSION_LIVE_MAX = 64,        /* sessions that are kept taken apart, 2 to 6 KiB each: of those that one talks with at a time */
    NKT_SESSION_SIZE_MAX = 65536,     /* stored ratchet of one peer: 2 KiB, and 100 bytes per key skipped on purpose */
    NKT_RESERVE_COUNT = 32,           /* places in a sending chain that a stored session reserves: so many messages do not
                                         wait for storage; a restart skips as many of the 512 a peer allows */
    NKT_USER_IDLE_COUNT_MAX = 256,    /* above so many users, those who are only known make room for one another ... */
    NKT_USER_VAST_COUNT_MAX = 72,     /* ... and then so many of them are kept, 2 KiB each: a sample of a swarm larger than that,
                                         the 20 links there may be and HyParView's passive view of 48 */
    NKT_PATH_COUNT_MAX = 512,         /* reverse paths: 20 KiB */
    NKT_PATH_MS = 20000,              /* an older path, or a longer one, is not taken before this: an offer's way there and back */
    NKT_PATH_STEP_MS = 2000,          /* what one says within this time is of one age: of the ways it came the shortest is taken */
    NKT_GROUP_SHARE_SIZE_MAX = 128,   /* a sender key as it is handed out: 76 bytes, and room for a long iteration */
    NKT_SESSION_EAGER_COUNT_MAX = 64, /* sessions set up without need; more are set up when something is to be sent */
    NKT_INVITE_COUNT_MAX = 4,         /* invites given out and accepted that wait: each holds a peer connection, and a
                                         third of those that may be set up at once */
    NKT_CONNECT_COUNT_MAX = 16,       /* startWebRTCClient calls at work at once */
    NKT_ACK_RANGE_COUNT_MAX = 32,     /* ranges in one acknowledgement */
    NKT_QUEUE_COUNT_MAX = 2048,       /* waiting for one recipient who is not there; then the oldest fails */
    NKT_QUEUE_SIZE_MAX = 5242880,     /* 5 MiB: as above */
    NKT_PAGE_COUNT_MAX = 32,          /* messages in one stored page of the journal ... */
    NKT_PAGE_SIZE_MAX = 4096,         /* ... and bytes of their text, but for a single longer one: what is written anew when
                                         one is added to it */
    NKT_HISTORY_COUNT_MAX = 2000,     /* messages kept after they arrived: a long day's talk ... */
    NKT_HISTORY_SIZE_MAX = 1048576,   /* ... and 1 MiB of them, in memory as well; of both a fair share for each author */
    NKT_BATCH_COUNT_MAX = 64,         /* messages in one envelope */
    NKT_BATCH_SIZE_MAX = 15000,       /* bytes of text in one envelope of several: with its wrapping under 16 KiB */
    NKT_PAD_SIZE_MIN = 128,           /* bytes that everything small is padded to: four of five chat messages with their wrapping,
                                         acknowledgements, all that is no message; 160 would be a fifth of the median frame */
    NKT_PAD_PART_SIZE_MIN = 96,       /* what one of several recipients of an envelope is told by itself: a key and one place or two, 68
                                         bytes and 17 more */
    NKT_PAD_BITS = 2,                 /* longer: four lengths for each power of two; Padmé's 8 to 16 show 21 to 42 lengths in a
                                         thousand messages, where these show 11 to 15 ... */
    NKT_PAD_LONG_SIZE = 4096,         /* ... and from here on, where a quarter more is much and few have the same length anyway, */
    NKT_PAD_LONG_BITS = 3,            /* ... eight; the longest value still fits into a frame */
    NKT_EFFECT_COUNT_MAX = 65536,     /* undrained effects; the host drains after every step */
    NKT_EFFECT_SIZE_HIGH = 16777216,  /* 16 MiB of undrained effects: retries wait for the next time */
    NKT_DIGEST_COUNT_MAX = 512,       /* entries in one digest: 16 KiB */
    NKT_WANT_COUNT_MAX = 64,          /* records asked for or sent at once: the answer fits in a frame */
    NKT_RECORDS_COUNT_MAX = 24,       /* records in one frame at their largest size */
    NKT_KEYS_COUNT_MAX = 24,          /* KEM keys asked for, and told, in one frame: 29 KB */
    NKT_KEYS_GATHER_MS = 50,          /* KEM keys of several who are away are asked for together, ... */
    NKT_KEYS_MS = 2000,               /* ... and again when nobody had them; so long letters to everybody wait for them. Doubles ... */
    NKT_KEYS_MS_MAX = 300000,         /* ... up to 5 min: a keeper may come who has them */
    NKT_KEYS_LOOK_MS = 1000,          /* a keeper asks members for theirs this long after it met them: links and sessions first */
    NKT_KEYS_LINKED_COUNT = 2,        /* neighbours who are asked beside the keepers: by turns, others each time */

    NKT_RECENT_COUNT_MAX = 2048,      /* broadcasts kept for neighbours who missed them */
    NKT_RECENT_SIZE_MAX = 1048576,    /* 1 MiB of them */
    NKT_RECENT_AUTHOR_COUNT_MAX = 1024, /* of one author: half, so that the rest is for others, whatever he says ... */
    NKT_RECENT_AUTHOR_SIZE_MAX = 524288, /* ... and in bytes */
    NKT_MISSING_COUNT_MAX = 512,      /* broadcasts told of and not here yet: what a digest may bring at once */
    NKT_IHAVE_COUNT_MAX = 512,        /* ids in one frame: 8.7 KiB */
    NKT_GRAFT_COUNT_MAX = 64,         /* broadcasts asked for in one frame */

    /* ---- from one relay to another, by those who are at both (routing/bridge.c) ---- */
    NKT_BRIDGE_CHANCE_MS = 60,        /* whoever is the first of those at both waits up to so long: two may not agree who it is, ... */
    NKT_BRIDGE_STEP_MS = 200,         /* ... and each further one so much longer: from peer to relay to peer it takes 20 to 300 ms */
    NKT_BRIDGE_BEFORE_MAX = 8,        /* further ones wait for 1.6 to 3.2 s: whatever those do who are before them */
    NKT_BRIDGE_AUTHOR_MS = 500,       /* longer, when the author was heard there as well: he says it there himself */
    NKT_BRIDGE_FAR_MS = 3600000,      /* heard through others at a relay, what is for one is put there for 1 to 2 h: who is still there
                                         says at least his record within NKT_RECORD_REFRESH_MS; else he is elsewhere */
    NKT_BRIDGE_HOPS_SLACK = 8,        /* hops that what is heard there may have more than ours: who hears it can still pass it on */
    NKT_BRIDGE_COUNT_MAX = 512,       /* frames that wait, hardly ever for longer than 0.3 s, ... */
    NKT_BRIDGE_SIZE_MAX = 524288,     /* ... and bytes, 512 KiB: without room one by chance is given up, and perhaps said by others */
    NKT_BRIDGE_AUTHOR_COUNT_MAX = 128, /* of one author, and of all strangers: a quarter. Who comes says two to each of a room of 60 */
    NKT_BRIDGE_SHARE_MAX = 63,        /* others who are thought to say their share: more of them cannot make one of nothing */
    NKT_BRIDGE_AUTHOR_BURST = 256,    /* said by all who are at both, of one author, 1 for every NKT_CAST_UNIT_SIZE more: who comes
                                         greets a room of 60, and begins to talk with it; ... */
    NKT_BRIDGE_AUTHOR_PER_S = 32,
    NKT_BRIDGE_STRAY_BURST = 256,     /* ... of all strangers: a room that starts, ... */
    NKT_BRIDGE_STRAY_PER_S = 16,
    NKT_BRIDGE_BURST = 2048,          /* ... and of all others: 2 MiB at once, ... */
    NKT_BRIDGE_PER_S = 128,           /* ... then 128 KiB a second: in a room of 50 a fourth of what a relay lets one connection cost */

    /* ---- the mailbox: what is kept for those who are away ---- */
    NKT_MAIL_COUNT_MAX = 512,         /* envelopes kept for others; one holds up to 64 messages */
    NKT_MAIL_SIZE_MAX = 1048576,      /* 1 MiB of them: a telephone has it to spare */
    NKT_MAIL_TO_COUNT_MAX = 128,      /* of them for one recipient: a quarter, ... */
    NKT_MAIL_TO_SIZE_MAX = 262144,
    NKT_MAIL_FROM_COUNT_MAX = 64,     /* ... and of one author: an eighth. The rest is for others, whatever he sends */
    NKT_MAIL_FROM_SIZE_MAX = 131072,
    NKT_MAIL_SHARE_COUNT_MAX = 8,     /* recipients of one envelope for several, those who left last: 160 bytes and 0.1 ms (wasm)
                                         each. Others who are away are told by its author when they are back */
    NKT_MAIL_SHARE_MS = 1000,         /* what is said to everybody within this time travels to the mailboxes together */
    NKT_MAIL_MS = 1200000,            /* 20 min: an envelope of a session is valid for 10, and 10 of slack */
    NKT_MAIL_KEEPER_COUNT = 4,        /* peers who keep one envelope: three may leave too ... */
    NKT_MAIL_SHARED_KEEPER_COUNT = 3, /* ... and one for several, of 1.7 KB: its author has all of it for a day as well */
    NKT_MAIL_SILENT_MS = 30000,       /* in a swarm that is no full mesh, one not heard for so long may be away: the longest
                                         gap between an author's tries */
    NKT_MAIL_DELAY_MS = 300,          /* from hearing of a recipient to handing over: its greetings and links first ... */
    NKT_MAIL_PACE_MS = 250,           /* ... then one frame of mail in this time */
    NKT_MAIL_BATCH_COUNT = 16,        /* envelopes in one: each costs who gets it two signatures */
    NKT_MAIL_AGAIN_MS = 600000,       /* 10 min: an author who is still there has it kept afresh */
    NKT_MAIL_POST_COUNT_MAX = 128,    /* envelopes for one who is away, until it is heard: a quarter of the 512 keys that a
                                         session lets it skip */

    /* ---- keepers: what is kept for days, by peers with a disk ---- */
    NKT_KEEP_S = 604800,              /* 7 days, what an author asks for: a holiday week less a day, and a long weekend */
    NKT_KEEP_S_MAX = 691200,          /* 8 days, what a keeper agrees to: the key of a letter is kept a day longer than letters */
    NKT_KEPT_SIZE_MAX = 67108864,     /* 64 MiB in all: in memory as well, a quarter of what the module may have */
    NKT_KEPT_COUNT_MAX = 65536,       /* of them: 1 KiB each */
    NKT_KEPT_FROM_SIZE_MAX = 8388608, /* of one author: an eighth ... */
    NKT_KEPT_FROM_COUNT_MAX = 16384,
    NKT_KEPT_TO_SIZE_MAX = 16777216,  /* ... for one recipient as much as of two ... */
    NKT_KEPT_TO_COUNT_MAX = 32768,
    NKT_KEPT_ALL_SIZE_MAX = 33554432, /* ... and half of it for everybody */
    NKT_KEPT_ALL_COUNT_MAX = 32768,
    NKT_KEPT_PAGE_SIZE_MAX = 8192,    /* of one stored record, but for a longer letter: what is written anew when one is added,
                                         and what a flipped byte costs */
    NKT_KEPT_PAGE_COUNT_MAX = 32,
    NKT_KEPT_LINGER_MS = 600000,      /* after a recipient has all that is here for it, its keys stay so long: authors may not know
                                         yet that it is back */
    NKT_KEPT_AGAIN_MS = 2000,         /* what is not acknowledged by its recipient is handed over again; doubles ... */
    NKT_KEPT_TRY_COUNT = 5,           /* ... so many times, then when it is heard of again ... */
    NKT_KEPT_PAUSE_MS = 60000,        /* ... after this */
    NKT_KEEPER_COUNT_MAX = 3,         /* keepers who are given each letter: one may be hostile, another broken */
    NKT_LETTER_BATCH_COUNT = 64,      /* letters in one frame to or from a keeper ... */
    NKT_LETTER_BATCH_SIZE = 48000,    /* ... and bytes, but for a single longer one */
    NKT_LETTER_QUEUE_SIZE_MAX = 4194304, /* 4 MiB on the way to keepers; then none are made until there is room */
    NKT_LETTER_GATHER_MS = 50,        /* what is said within this time to one who is away travels in one letter */
    NKT_LETTER_AGAIN_MS = 3000,       /* a keeper that gives no receipt is sent it again */
    NKT_LETTER_AGAIN_MS_MAX = 60000,
    NKT_LETTER_GIVE_COUNT = 32,       /* keys given to absent members in one step: a ratchet step and a signature each */
    NKT_LETTER_KEY_MS = 86400000,     /* a key is given to one who stays away once a day: it opens letters of 7 days, and is kept 8 */
    NKT_LETTER_KEY_COUNT = 16,        /* keys held of one author: of two a day when it begins anew every day */
    NKT_LETTER_SKIP_MAX = 16384,      /* letters of a chain that may be missing: as many as are kept of one author; 0.4 us each */
    NKT_LETTER_STEP_UNIT = 256,       /* steps of chains to one letter, 0.1 ms. An author's letters may cost so many units ... */
    NKT_LETTER_STEP_BURST = 2048,     /* ... at once: ten times all that keepers can have of one, in order, from each of them; ... */
    NKT_LETTER_STEP_PER_S = 64,       /* ... and a second. Only who leads a reader to and fro in his chain needs more */
    NKT_LETTER_CHAIN_MAX = 16384,     /* letters of one chain: then a new one */
    NKT_SILENT_MS = 20000,            /* one who is silent, has no way of his own and acknowledges none of five tries is taken to be away */
    NKT_LETTER_ACK_MS = 2000,         /* what was said by one who is away is acknowledged this late: for all letters at once */

    /* ---- those who left ---- */
    NKT_GONE_MS = 120000,             /* 2 min: who was given up for so long without a good-bye is no recipient of what is said to
                                         everybody from then on: longer than a reload, a tunnel, a relay's restart */
    NKT_FOLLOWED_MS = 3600000,        /* 1 h: for so long what is said to everybody goes to mailboxes for the few who left last */
    NKT_GONE_COUNT_MAX = 128,         /* of them so many who left last are remembered, 4 KiB each, ... */
    NKT_GONE_CLOSE_COUNT_MAX = 64,    /* ... and so many of those who were here for longest, whoever came and went since; ... */
    NKT_GONE_OWED_COUNT_MAX = 64,     /* ... and so many of those who left while something said to all was on its way to them: what waits
                                         fails after NKT_OUTBOX_TTL_MS, not before. Cheap for a stranger, so the longest here stay; ... */
    NKT_GONE_MS_MIN = 1860000,        /* ... none is forgotten before 31 min: until then what it said could be said again */
    NKT_GONE_SORT_MS = 300000,        /* 5 min: who is forgotten is looked for so often; among 450 who are known it takes 100,000 looks */
    NKT_LATELY_COUNT_MAX = 512,       /* messages to everybody held for those who missed them ... */
    NKT_LATELY_SIZE_MAX = 1048576,    /* ... and 1 MiB of their text: for NKT_OUTBOX_TTL_MS */

    /* ---- acknowledgement and retry ---- */
    NKT_ACK_DELAY_MS = 5,             /* an answer, or the rest of a burst, takes the acknowledgement along: half the
                                         signatures and ratchet steps of a conversation; only "delivered" comes later */
    NKT_ACK_BATCH_COUNT = 64,         /* or at once after so many */
    NKT_BATCH_MS = 3,                 /* under load, what is said within this time travels together: one signature and
                                         one ratchet step for all; a message that comes alone never waits */
    NKT_BATCH_FLIGHT_COUNT = 4,       /* "under load": so many unacknowledged */
    NKT_TURN_EFFORT = 24,             /* what waits for so many goes out in one step, some 0.3 ms each on a slow machine: ... */
    NKT_TURN_SESSION_EFFORT = 6,      /* (a session is to be begun first: costs as much as six messages) */
    NKT_TURN_MS = 10,                 /* ... the next as many have their turn so much later; 200 people 0.1 s, no step above 10 ms */
    NKT_RETRY_MS_BASE = 1000,         /* first retry; doubles, full jitter over the upper half */
    NKT_RETRY_MS_MAX = 30000,
    NKT_REORDER_MS = 25,              /* what went the same way as something that is acknowledged is given so much longer, and ... */
    NKT_REORDER_SHARE = 8,            /* ... an eighth of what that took (RFC 9002, 6.1.2): then it is lost */
    NKT_RETRY_FAST_MS = 250,          /* retry after a new session or link: what was in the air may be lost */
    NKT_OUTBOX_TTL_MS = 86400000,     /* 24 h; then failed, but for what keepers have (NKT_KEEP_S) */
    NKT_JOURNAL_GATHER_MS = 25,       /* one message is stored at once; of those said in a row, what is not acknowledged
                                         by then: most are, and cost no PUT */
    NKT_JOURNAL_LAZY_MS = 1000,       /* a change of state is stored this soon: said twice it is heard once all the same */
    NKT_JOURNAL_BYTES_PER_MS = 2048,  /* pages are written no faster than this: a flood must not become one of the disk */
    NKT_JOURNAL_FLUSH_SIZE = 262144,  /* of pages written in one step: sealing so much takes 2 ms */
    NKT_SESSION_PATIENCE_MS = 400,    /* the higher address waits so long for the lower one before it initiates itself */
    NKT_SESSION_RETRY_MS = 5000,      /* hello without an answer is repeated to a stranger; to others sooner at first */
    NKT_REKEY_MS_MIN = 3000,          /* at most one re-key per peer in this time: a forger cannot make it a storm */

    /* ---- messages to everybody under a sender key ---- */
    NKT_GROUP_COUNT_MIN = 17,         /* recipients. Fewer are a full mesh, where telling each in its session costs
                                         0.5 ms at 16 (native), takes one hop and is acknowledged in 5 ms. A broadcast
                                         costs 0.06-0.08 ms whatever the number: 7-8 times less at 17, 84-91 at 200 (bench_group) */
    NKT_GROUP_KEY_COUNT = 2,          /* keys of one sender: the present one, and the one before for what is on its way */
    NKT_GROUP_KEY_MS = 3600000,       /* 1 h: then a new key */
    NKT_GROUP_KEY_MESSAGE_COUNT = 1000, /* or after so many messages: bounds what a stolen key reads */
    NKT_GROUP_LEAVE_MS = 60000,       /* a key is renewed for those who left at most so often: each renewal goes to all */
    NKT_GROUP_LAG_MAX = 1024,         /* positions that a user may be behind: a quarter of its replay window */
    NKT_GROUP_OFFER_MS = 5000,        /* a key that was not confirmed is given again after this */
    NKT_GROUP_ASK_MS = 2000,          /* a lost key is asked for, and asking is heeded, once in this time */
    NKT_GROUP_ASK_DELAY_MS = 1000,    /* asking waits up to so long: the key may be on its way */
    NKT_GROUP_ACK_PER_USER_MS = 5,    /* acknowledgements of a broadcast are spread over so much per member: one costs its
                                         author up to 1 ms in wasm, so they take a fifth of its time at most */
    NKT_GROUP_ACK_MS_MAX = 5000,      /* but no more than this: 1,000 members */

    /* ---- gossip ---- */
    NKT_DIGEST_MS = 30000,            /* with one random neighbour, +-20 % */
    NKT_DIGEST_FIRST_MS = 60,         /* after a greeting: lets the records that come anyway arrive first */
    NKT_WANT_MS_MIN = 2000,           /* one record is asked for at most once in this time */
    NKT_GREETING_MS_MIN = 1000,       /* greetings to one user are answered at most so often */
    NKT_KEY_TELL_MS_MIN = 500,        /* a KEM key (1.2 KB) is told one user who asks at most so often */
    NKT_GREETING_ANSWER_COUNT = 32,   /* of a crowd that hears a newcomer's greeting so many answer, the others by chance not */
    NKT_CLAIM_MS = 10000,             /* how many others there are a server is believed for so long, and then if half of those ...
                                         answers are known: whoever comes to so many hears of them by then; ... */
    NKT_CLAIM_LONG_MS = 60000,        /* ... after this if as many as make a crowd are: two rounds of digests tell of them */
    NKT_CLAIM_AGAIN_MS = 600000,      /* these times begin anew with a connection after so long: a server that closes each after 10 s would
                                         be believed for ever */
    NKT_CROWD_COUNT_MIN = 64,         /* users from which on a swarm is a crowd: sessions are set up when needed, broadcasts
                                         bring their author's record, nobody greets whom he is only told of */
    NKT_DIGEST_USER_COUNT_MAX = 240,  /* users up to which all know all; a larger swarm shuffles samples */
    NKT_SHUFFLE_LINKED_COUNT = 3,     /* neighbours told of in a shuffle (HyParView's ka and kp) ... */
    NKT_SHUFFLE_KNOWN_COUNT = 4,      /* ... and others */

    /* ---- broadcast (after Plumtree) ---- */
    NKT_FLOOD_USER_COUNT_MAX = 100,   /* up to so many users, and for broadcasts of up to ... */
    NKT_FLOOD_SIZE_MAX = 1024,        /* ... so many bytes, a flood is quicker than a tree and costs little ... */
    NKT_FLOOD_LINK_COUNT_MAX = 8,     /* ... over so many links */
    NKT_PUSH_DIVISOR = 8,             /* broadcasts are pushed until about this part of the swarm was sent them, ... */
    NKT_IHAVE_DELAY_MS = 10,          /* ids gathered for one IHAVE ... */
    NKT_IHAVE_MS_MIN = 100,           /* ... of which one link gets no more than ten a second */
    NKT_GRAFT_FIRST_MS = 50,          /* who is on a relay, which is quicker, fetches what is announced after this, others at once ... */
    NKT_GRAFT_AGAIN_MS = 500,         /* ... and from the next announcer after this, if it is not known how long a link takes, ... */
    NKT_GRAFT_AGAIN_MS_MIN = 100,     /* ... else after twice that and the gap, ... */
    NKT_GRAFT_AGAIN_MS_MAX = 1000,    /* ... at most this: a round trip half around the world takes 300 ms */
    NKT_GRAFT_GAP_MS = 50,
    NKT_DOUBT_COST = 4,               /* for each broadcast that a link did not give it has to be first with so many ... */
    NKT_DOUBT_MAX = 16,               /* ... and no more than this, until it is asked as early as others again */
    NKT_GRAFT_SOON_MS = 20,           /* what a digest tells of is on no way to us */
    NKT_FETCH_COUNT_MAX = 10,         /* times one broadcast is asked for */
    NKT_RECENT_MS = 900000,           /* 15 min, as long as an envelope can be valid: what a partition kept apart meets again */
    NKT_TREE_BURST = 80,              /* IHAVE and GRAFT frames of one link: ten and as many answers a second, and half as many again */
    NKT_TREE_PER_S = 30,

    /* ---- the partial view (HyParView, with walks in place of dialling) ---- */
    NKT_WALK_HOPS_MIN = 5,            /* a walk of so many hops ends anywhere in an expander of 10,000 */
    NKT_WALK_HOPS_MAX = 14,           /* past full peers it goes on so far */
    NKT_WALK_HOPS_MIN_SMALL = 2,      /* below NKT_CROWD_COUNT_MIN: as far as none can come back ... */
    NKT_WALK_HOPS_MAX_SMALL = 4,      /* ... and, with degree 4, anywhere among 64 */
    NKT_WALK_COUNT = 3,               /* walks at once ... */
    NKT_WALK_FEW_COUNT = 6,           /* ... of one with two links, or less than half of those sought: where many die few walks come back */
    NKT_WALK_MS = 3000,               /* a walk without an offer by then ended nowhere; doubles ... */
    NKT_WALK_MS_MAX = 60000,          /* ... up to this when nobody has room */
    NKT_WALK_FEW_MS_MAX = 6000,       /* ... but for one with so few: a walk costs up to 15 frames; ... */
    NKT_WALK_FEW_ROUND_COUNT = 10,    /* ... so many rounds, a minute: then it doubles as well, or names that never were would have a small
                                         swarm walk for ever. A link that came or went, one who proved himself and waking begin anew */
    NKT_LINK_ASKED_DIVISOR = 4,       /* whoever looks for a peer by its address has this part of its view with others who do */
    NKT_LINK_GIVE_MS = 5000,          /* a link is closed for one who says that he has hardly any at most so often: anybody may say it */
    NKT_LINK_USEFUL_MS = 600000,      /* a link that was first with a broadcast is not given up for a stranger for so long ... */
    NKT_LINK_SILENT_COUNT = 96,       /* ... unless others were since with so many: one of 16 is first with one in 16 */
    NKT_WALK_POOR_COUNT = 2,          /* a seeker with at most so many links may push out another's */
    /* ---- links ---- */
    NKT_RTC_GATHER_MS = 1000,         /* candidates through relay or swarm: hosts come at once, STUN in 0.1-0.5 s */
    NKT_RTC_GATHER_TRACKER_MS = 2000, /* trackers cannot trickle: gather 2-3 s at most */
    NKT_RTC_SETUP_MS = 12000,         /* from offer or answer to an authenticated link; ICE needs up to 8 s */
    NKT_RTC_PATIENCE_MAX = 2,         /* from the second failure on twice as long, and four times: twelve trips, of 3 s each */
    NKT_RTC_OFFER_MS = 50000,         /* an offer waiting at a tracker; servers keep them 50-60 s */
    NKT_INVITE_MS = 900000,           /* 15 min from an invite to its answer: people pass both by hand */
    NKT_INVITE_GATHER_MS = 3000,      /* nobody waits for milliseconds: every STUN server may answer */
    NKT_INVITE_SETUP_MS = 30000,      /* from the answer to a link; the other side knocks every 10 s */
    NKT_RTC_DRAIN_MS = 2000,          /* a link whose place another took is heard for so long: a round trip, and what is sent again */
    NKT_RTC_DRAIN_COUNT = 2,          /* of one pair that are heard so: two attempts may race with one that was answered; ... */
    NKT_RTC_DRAIN_COUNT_MAX = 8,      /* ... of all: an eighth of NKT_LINK_COUNT_MAX, a stranger can make them */
    NKT_RTC_AGAIN_MS = 2000,          /* an offer that is not answered is told again after this, then after twice as long: gathering */
    NKT_RTC_AGAIN_COUNT = 2,          /* and two slow trips take 1.7 s, and each costs a frame; so often, as is its answer */
    NKT_RTC_RETRY_MS_BASE = 2000,     /* a pair that failed tries again after this, doubling */
    NKT_RTC_RETRY_MS_MAX = 120000,
    NKT_RTC_HOPE_COUNT = 4,           /* attempts of a pair that failed, half a minute: then, and with whoever has shown nothing yet, ... */
    NKT_RTC_HOPE_BURST = 32,          /* ... so many are made at once, a full mesh twice, ... */
    NKT_RTC_HOPE_S = 5,               /* ... and one in so long: each is a connection of the platform, and four frames */
    NKT_MESH_DELAY_MS = 5,            /* offers go out this soon after a user became known, +-: lets sessions go first */
    NKT_PING_MS = 18000,              /* silence on a link before a ping: with digests <= 1 frame per 15 s when idle */
    NKT_PING_LOST_MS = 8000,          /* no answer in this time: the link is dead */
    NKT_PING_RENEWED_MS = 2000,       /* ... after a newer record of its other end came by another way: two trips and much in between */
    NKT_PING_SUSPECT_MS = 5000,       /* the same after the platform said "disconnected"; then ICE is restarted ... */
    NKT_RTC_RESTART_MS = 8000,        /* ... if its other end can be told; so long it may take: gathering, signalling both ways, ICE */
    NKT_SLEEP_GAP_MS = 15000,         /* a gap between two steps past a deadline by so much: this machine slept */
    NKT_RELAY_PING_MS = 18000,        /* WebSockets stay "open" offline */
    NKT_RELAY_RETRY_MS_BASE = 1000,   /* never reached: back-off from here */
    NKT_RELAY_FOREIGN_MS = 600000,    /* of another version: tried again after half of this, and up to all of it */
    NKT_RELAY_REFUSED_COUNT = 2,      /* closed so often in a row for what we said first: taken to be of another version */
    NKT_RELAY_LOST_MS = 12000,        /* lost after it was up: all return spread over this much, a twelfth a second (bar: a fifth) */
    NKT_RELAY_AGAIN_MS = 8000,        /* not there yet: tried again at RETRY_MS_MAX less up to this, an eighth a second */
    NKT_RELAY_ALONE_MS = 8000,        /* the same with all links lost too: after 1 to 8 s. Mail is heard 10 s after a cut */
    NKT_RELAY_WOKE_MS = 500,          /* the same for one that slept: works again 5 s after waking */
    NKT_RELAY_GREET_MS = 2000,        /* nobody there has shown that he heard us: said again so soon, then after twice as long ... */
    NKT_RELAY_GREET_MS_MAX = 60000,   /* ... and so on up to this: all who are there get it */
    NKT_RELAY_GREET_MISSED_COUNT = 4, /* so often while fewer are heard than the relay counted, or somebody by another way */
    NKT_RELAY_RETRY_MS_MAX = 12000,   /* back <= 15 s after the relay is back */
    NKT_SOCKET_OPEN_MS = 10000,       /* a WebSocket that does not open in this time is given up, and the next one has twice as long; ... */
    NKT_SOCKET_PATIENCE_MAX = 2,      /* ... so often: six trips, of 6 s each */

    /* ---- trackers ---- */
    NKT_TRACKER_RETRY_MS_BASE = 1000,
    NKT_TRACKER_RETRY_MS_MAX = 60000,
    NKT_TRACKER_ALONE_MS_MAX = 12000, /* ... with less than half of the links sought, at one that was there: as a relay */
    NKT_TRACKER_OFFER_COUNT = 3,      /* numwant = offers in one announce */
    NKT_TRACKER_HEAD_START_MS = 1200, /* the relay's: offers go to trackers when it has led to no link by then */
    NKT_TRACKER_FAST_MS = 3000,       /* announce again when isolated, backing off to ... */
    NKT_TRACKER_SLOW_MS = 60000,      /* ... this */
    NKT_TRACKER_CALM_MS = 120000,     /* announce again when there are links ... */
    NKT_TRACKER_CALM_COUNT = 12,      /* ... with an offer from about so many of the whole swarm */
    NKT_TRACKER_BLIND_COUNT = 6,      /* announces after a loss of links, in search of peers whom the tracker counts and no link leads to */
    NKT_TRACKER_POOR_MS = 17500,      /* announce again with less than half of the links wanted */
    NKT_CONNECT_MS = 30000,           /* default time-out of startWebRTCClient */
    NKT_CONNECT_ANNOUNCE_MS = 5000,   /* announce to the looked-for address again */

    /* ---- limits on what others may cost, per link ---- */
    NKT_BAD_BURST = 200,              /* bad frames tolerated at once; then the link is ignored until it refills */
    NKT_BAD_PER_S = 20,
    NKT_HELLO_LINK_BURST = 100,       /* greetings of unknown users through a neighbour: a swarm of 240 that starts at once
                                         comes by several links ... */
    NKT_HELLO_LINK_PER_S = 20,        /* ... each costs a signature to look at, and goes on to all others */
    NKT_HELLO_RELAY_BURST = 1000,     /* the same through a relay, which passes on those of everybody: 60-90 us each, ... */
    NKT_HELLO_RELAY_PER_S = 400,      /* ... 4 % of a core */
    NKT_HELLO_MEMBER_BURST = 256,     /* of unknown users who know the secret of our room: whatever strangers do */
    NKT_HELLO_MEMBER_PER_S = 64,
    NKT_WELCOME_BURST = 4,            /* greetings to everybody for a relay's word that we are in, of one relay: there may be others
                                         now, also when it comes again ... */
    NKT_WELCOME_PER_S = 1,            /* ... but a relay may say it as often as it likes */
    NKT_NEWCOMER_BURST = 32,          /* of them that get a place in the table at once: a room that fills; half of a crowd, ... */
    NKT_NEWCOMER_PER_S = 8,           /* ... and so many a second; others are answered and not remembered */
    NKT_STRANGER_MS = 60000,          /* there are many strangers for so long after the last that got no place */
    NKT_REPLY_BURST = 200,            /* answers to those, who may not even exist: 20 us each, and 600 bytes */
    NKT_REPLY_PER_S = 200,
    NKT_REPLY_LINK_COUNT = 2,         /* of a swarm, so many give one who came through neighbours */
    NKT_KNOCK_BURST = 128,            /* unknown users who answer: a record is verified (300 us), and a session set up */
    NKT_KNOCK_PER_S = 32,
    NKT_FORWARD_BURST = 4096,         /* forwarded frames */
    NKT_FORWARD_PER_S = 2048,
    NKT_SIGNAL_PER_ORIGIN_BURST = 8,  /* SDP frames of one origin */
    NKT_SIGNAL_PER_ORIGIN_PER_S = 2,
    NKT_DECRYPT_FAIL_BURST = 20,      /* messages of one user that do not decrypt: each costs up to 10 ms */
    NKT_DECRYPT_FAIL_PER_S = 1,
    NKT_STALE_FAIL_BURST = 64,        /* the same of messages older than one that decrypted, which anybody may say again: each
                                         costs 1 ms, comes once in a life, and spends nothing of what its author has */
    NKT_STALE_FAIL_PER_S = 16,
    NKT_LATE_MS = 10000,              /* gossip that its author said so long before the newest heard of him, by his own clock,
                                         is said again by somebody: no way round takes so long */
    NKT_PREKEY_LATE_MS = 60000,       /* the same of messages that begin a session: both may begin one, and one way may be slow */
    /* ---- ... and per author, whatever links it comes by; each broadcast costs 1, and 1 for every ... ---- */
    NKT_CAST_UNIT_SIZE = 1024,        /* ... so many bytes */
    NKT_CAST_PUSH_BURST = 128,        /* pushed to neighbours at once: two minutes of a quick typist, 128 KiB; then ... */
    NKT_CAST_PUSH_PER_S = 16,         /* ... so much; what is more is announced, and fetched once by each */
    NKT_CAST_TELL_BURST = 2048,       /* all of an author's: a thousand messages said in a row, and then ... */
    NKT_CAST_TELL_PER_S = 32,         /* ... 32 a second or 32 KiB; what is more is not passed on */
    NKT_CAST_LOUD_COST = 8,           /* greetings and byes to everybody, which are not kept and so not announced: each is
                                         answered by many */
    NKT_STRAY_BURST = 256,            /* directed envelopes that no way is known for, and so asked of all: of one author, ... */
    NKT_STRAY_PER_S = 32,
    NKT_STRAY_LOST_COST = 32,         /* ... at this price each when the recipient is not even known */
    NKT_WANT_BURST = 256,             /* records given to one who asks, 1 for every ... */
    NKT_WANT_UNIT_SIZE = 512,         /* ... so many bytes: a newcomer's whole swarm of NKT_DIGEST_USER_COUNT_MAX, ... */
    NKT_WANT_PER_S = 16,              /* ... then 8 KiB a second */
    NKT_DIGEST_BURST = 6,             /* digests of one user: each may be answered by 24 records */
    NKT_DIGEST_PER_S = 1,

    /* ---- within the swarm's rooms ---- */
    NKT_CLOCK_COUNT_MS = 1000,        /* with many others, how late it is is counted so often */
    NKT_CLOCK_AGAIN_MS = 2000,        /* who was asked with all others and did not tell is asked alone, then after twice as long ... */
    NKT_CLOCK_AGAIN_MS_MAX = 60000,   /* ... and so on up to 1 min, while too few are known: he may never answer */
    NKT_CLOCK_AGAIN_COUNT = 8,        /* of such at a time: as many as are asked for at all */
    NKT_CLOCK_LOOK_MS = 5000,         /* while people are told that their clock is wrong it is looked at so often: they set it right */
    NKT_CLOCK_RENEW_MS_MIN = 2000,    /* a clock that is set over and over makes no storm of records */
    NKT_ABSENT_MS = 10000,      /* without any direct way and unheard for so long: asked whether it is there, through others ... */
    NKT_GLARE_MS = 4000, /* the lower address has had its chance by then */

    /* ---- the ratchet of KEM keys (session/kem_ratchet.h) ---- */
    NKT_KEM_CHAIN_COUNT = 4,      /* epochs whose late messages are heard: an epoch lasts three turns or more, and the Double
                                     Ratchet hears five */
    NKT_KEM_SKIP_MAX = 512,       /* message keys kept for what did not arrive yet; as many as in the Double Ratchet */
    NKT_KEM_OFFER_TURN_COUNT = 2, /* our turn of an epoch in which a key is offered: an exchange every three turns, and after a
                                     break-in four turns at most can be read */
    NKT_KEM_OFFER_MESSAGE_COUNT = 32, /* messages without a turn after which one is offered, or another: half of the 64 that may be
                                     read when one end speaks alone */
    NKT_KEM_OFFER_REPEAT_COUNT = 8, /* of so many messages one brings the offer along: 1,188 bytes */
    NKT_KEM_SESSION_COUNT = 3,    /* of one peer: the present one, the one begun at the same moment by the other, the last one */
    NKT_KEM_OFFER_COUNT = 8,      /* offers that are kept while nobody answers, 68 bytes each: 256 messages */

    /* ---- contents (content/): on the wire ---- */
    NKT_PIECE_SIZE = 65536,       /* of a sealed piece: a page of a file, two parts, 0.1 s at 5 Mbit/s */
    NKT_PIECE_PLAIN_SIZE = 65520, /* ... and of what is in it */
    NKT_PIECE_NODE_SIZE = 32,
    NKT_PIECE_COUNT_MAX = 262144, /* of one content: 16 GiB */
    NKT_PIECE_PATH_COUNT_MAX = 18,
    NKT_PIECE_PART_SIZE = 33056,  /* 32 KiB and half of the longest path: a piece is two frames, as each costs a browser 0.1-2 ms */
    NKT_MANIFEST_SIZE_MAX = 640,  /* the longest has 496 bytes */
    NKT_CONTENT_TYPE_SIZE_MAX = 127,
    NKT_CONTENT_NAME_SIZE_MAX = 255, /* bytes of UTF-8: what file systems take */
    NKT_CONTENT_TAG_SIZE = 16,
    NKT_CONTENT_OFFER_COUNT = 64,    /* tags in one frame */
    NKT_CONTENT_FIELD_SIZE = 16384,  /* bytes of a bit field in one frame: 8.6 GB, two frames for the largest */
    NKT_CONTENT_HAVE_COUNT = 1024,   /* indices in one frame */
    NKT_CONTENT_ASK_COUNT = 64,      /* the same of REQUEST, CANCEL, REFUSE */
    NKT_CONTENT_PEERS_COUNT = 8,

    /* ---- ... in memory ---- */
    NKT_BLOB_COUNT_MAX = 256,       /* contents that are open */
    NKT_BLOB_PIECE_TOTAL_MAX = 524288, /* pieces of all of them, 32 GiB: 6 bytes for each, and a bit for each neighbour */
    NKT_BLOB_LEAVES_TOTAL_MAX = 262144, /* of these so many of own ones, 64 bytes each: 16 MiB */
    NKT_BLOB_GET_COUNT_MAX = 32,    /* pieces a reader waits for at once, of one content */
    NKT_BLOB_WRITING_COUNT_MAX = 16, /* pieces of all contents that the host has not stored yet: 1 MiB; then none are asked for */
    NKT_SOURCE_BAD_COUNT_MAX = 64,  /* who sent a bad piece: remembered so many; each had to know the content and to prove a link */

    /* ---- ... between two neighbours ---- */
    NKT_REQUEST_COUNT_MAX = 32,     /* pieces asked of one neighbour and not answered: 2 MiB, so 40 Mbit/s over a round trip of 0.4 s */
    NKT_REQUEST_WINDOW_MIN = 2,     /* one on its way, one asked for */
    NKT_REQUEST_AHEAD_MS = 500,     /* beyond those, so many as come in this time */
    NKT_REQUEST_RATE_MS = 500,      /* how long a rate is measured ... */
    NKT_REQUEST_FIRST_MS = 50,      /* ... and the first: until then two pieces a round trip come */
    NKT_REQUEST_LATE_MS = 1000,     /* when all that is missing was asked for: what is so late is asked of another as well */
    NKT_REQUEST_STALL_MS = 10000,   /* without a part of what was asked for: it is asked of others */
    NKT_REQUEST_PAUSE_MS = 60000,   /* ... and nothing more of it for so long, unless a part comes */
    NKT_REQUEST_END_COUNT = 2,      /* at the end a piece is asked of so many, then of one more a second while none of them gives */
    NKT_BULK_QUEUE_SIZE = 265216,   /* bytes of contents in the host's queue of one link, eight parts, which a page that is told 12 ms late
                                       fills at 20 MB/s. Messages have a queue of their own and wait for one part ... */
    NKT_BULK_TOTAL_SIZE = 265216,   /* ... and of all links, which may share one line: what is lost when we die, or chosen too early */
    NKT_BULK_LOW_SIZE = 132400,     /* the host says LINK_QUEUED when so little is left: four parts */
    NKT_SERVE_SLOT_COUNT = 4,       /* neighbours who may ask; each of more would get a piece later, and could pass it on later ... */
    NKT_SERVE_CHANCE_COUNT = 1,     /* ... and one by chance: it may give more than those */
    NKT_SERVE_ROUND_MS = 5000,      /* who may ask is decided anew */
    NKT_SERVE_CHANCE_ROUNDS = 3,    /* the one by chance after so many */
    NKT_SERVE_LOADED_COUNT = 8,     /* pieces of one neighbour in memory, 520 KB: four fill its queue, the next four are read at once */
    NKT_TELL_MS = 250,              /* what is new here is told to neighbours, and to the application, so often */
    NKT_RELAYED_SIZE_MAX = 1048576, /* a content so small may go over a relay: half a second of what one allows a connection ... */
    NKT_RELAYED_AFTER_MS = 5000,    /* ... if there is no link with its author by then ... */
    NKT_RELAYED_IDLE_MS = 30000,    /* ... and until nothing was heard for so long; ... */
    NKT_RELAYED_PART_SIZE = 16640,  /* ... a quarter of a piece at once, every 250 ms ... */
    NKT_RELAYED_COUNT_MAX = 4,      /* ... with so many: 67 KB a second each */
    NKT_PEERS_MS = 30000,           /* who else has it is told so often */
    NKT_FEED_FEW_COUNT = 4,         /* with fewer neighbours who know it links with others are sought */
    NKT_CONTENT_BURST = 1024,       /* frames of a link about contents, but for DATA and its like: of all that may be open an offer, its
                                       answer, a field, and what is new of it ... */
    NKT_CONTENT_PER_S = 128,        /* ... then HAVE of 32 contents, four times a second */

    /* ---- what may be lost: typing, cursors, games ---- */
    NKT_EPHEMERAL_SIZE_MAX = 1000,      /* JSON, or raw: sealed and padded 1,053 bytes, one packet, so one loss is the loss of one */
    NKT_EPHEMERAL_BURST = 100,          /* to one user: a cursor's 60 a second, and other things beside it; ... */
    NKT_EPHEMERAL_PER_S = 100,          /* ... what is more is not sent */
    NKT_EPHEMERAL_HEARD_BURST = 400,    /* of one user: a little more, and what a slow line let out at once; ... */
    NKT_EPHEMERAL_HEARD_PER_S = 120,    /* ... 10 us each */
    NKT_EPHEMERAL_RELAY_BURST = 20,     /* to one user without a link: each is signed, 0.1 ms, and costs the relay; ... */
    NKT_EPHEMERAL_RELAY_PER_S = 10,     /* ... enough for who is typing */
    NKT_EPHEMERAL_RELAYS_BURST = 64,    /* ... and to all of them, so that a crowd does not cost more */
    NKT_EPHEMERAL_RELAYS_PER_S = 64,
    NKT_EPHEMERAL_LATE_MS = 5000,       /* older by its author's clock: nobody wants to see it any more */
    NKT_EPHEMERAL_KEY_MS = 600000,      /* a key is used for so long: who takes it reads no more of what went before ... */
    NKT_EPHEMERAL_KEY_COUNT = 1000000,  /* ... or so often: 100 a second take longer */
    NKT_EPHEMERAL_AHEAD_COUNT = 32,     /* of so many users the next key is made ahead in one go: more than are linked; 2 us each */
    NKT_EPHEMERAL_SURE_MS = 2000,       /* after a key was told: in the link's order, behind it */
    NKT_EPHEMERAL_ASK_MS = 2000,        /* one key is asked for so often ... */
    NKT_EPHEMERAL_TELL_MS = 1000,       /* ... and told again */
};

#endif
