/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A fact arrived, and what follows from it in all rooms below: bytes on a link, an envelope, a tracker's word, a way that opened or
 * closed, time that passed.
 *
 * Promises  checked cheapest first; nothing follows from an envelope before its signature and its time were judged; whoever sends
 *           rubbish is not listened to for a while.
 * Never     keeps a secret or a key.
 * Owns      user->gossip, link->pulse, endpoints but for what they announce, swarm->gossip.
 * Enter by  nkt_link_data(); nkt_user_reachability() when a way opened or closed.
 */
#ifndef NKT_INBOUND_INBOUND_H
#define NKT_INBOUND_INBOUND_H

#include "state/swarm.h"

/* ---- waking.c ---- */

/** Every step begins with it. 1: the wall clock was set forward, or the machine slept. */
int nkt_clock_step(struct nkt_swarm *swarm);
/** The machine slept, or was cut off: who makes others' records look old in that time is not
 * forgotten for a while. */
void nkt_clock_woke(struct nkt_swarm *swarm);
/** It was we who did not listen: no link and nobody is taken for silent. */
void nkt_silence_excuse(nkt_swarm_t *swarm);

/* ---- news.c ---- */

/** What follows from all that was reported. At the end of each fact and each timer: whoever was forgotten is freed here. */
void nkt_news_heed(nkt_swarm_t *swarm);

/* ---- presence.c ---- */

/** A verified envelope of that user arrived directly through relay `relay` (-1: otherwise). */
void nkt_user_heard(nkt_swarm_t *swarm, nkt_user_t *user, int relay);
/** The relay says, or a lost socket means, that it is not there any more. */
void nkt_user_left_relay(nkt_swarm_t *swarm, nkt_user_t *user, uint32_t relay_bits);
/** They are no crowd after all: each gets what it would have got. */
void nkt_crowd_ended(nkt_swarm_t *swarm);
/** NKT_USER_MUTED and NKT_USER_UNREACHABLE as they shall be, and what follows: the one way in which either is set in mid-life, ... */
void nkt_user_set_flags(nkt_swarm_t *swarm, nkt_user_t *user, uint8_t flags);
/** ... and that by which the core itself gives somebody up: it can not be reached any more, by whatever was seen. */
void nkt_user_give_up(nkt_swarm_t *swarm, nkt_user_t *user);
/** A way to it opened or closed: arms what depends on it. */
void nkt_user_reachability(nkt_swarm_t *swarm, nkt_user_t *user);
void nkt_user_absent(nkt_swarm_t *swarm, nkt_user_t *user);
void nkt_users_expire(nkt_swarm_t *swarm);
/** Lets go what is too old to be held, gives up who is silent for too long, forgets who makes too many. */
void nkt_away_tidy(nkt_swarm_t *swarm);

/* ---- welcome.c ---- */

int nkt_mesh_proof(nkt_swarm_t *swarm, nkt_link_t *link, const uint8_t *bytes, size_t size);
/** Who is at its other end found us by address, or an invite, and is in a room where another core of ours is: what there is to say is said
 *  there. NKT_E_NETWORK. */
int nkt_mesh_part(nkt_swarm_t *swarm, nkt_link_t *link);
/** A proven link tells the key of a secret room. 0 or -2xx. */
int nkt_invite_room(nkt_swarm_t *swarm, nkt_link_t *link, const uint8_t *frame, size_t size);

/* ---- endpoint.c ---- */

void nkt_endpoints_start(nkt_swarm_t *swarm);
/** Adds relays and trackers of options that are not there yet. NKT_E_OPTIONS, NKT_E_MEMORY, NKT_E_SIZE. */
int nkt_endpoints_add(nkt_swarm_t *swarm, const char *json, size_t size);
void nkt_endpoints_deinit(nkt_swarm_t *swarm);
void nkt_endpoint_timer(nkt_swarm_t *swarm, nkt_endpoint_t *endpoint);
/** It was believed long enough. */
void nkt_endpoint_claim_timer(nkt_swarm_t *swarm, nkt_endpoint_t *endpoint);
void nkt_endpoint_up(nkt_swarm_t *swarm, nkt_endpoint_t *endpoint);
/** It did not open in time. */
void nkt_endpoint_late(nkt_swarm_t *swarm, nkt_endpoint_t *endpoint);
void nkt_endpoint_down(nkt_swarm_t *swarm, nkt_endpoint_t *endpoint, const char *reason, size_t size);
void nkt_endpoint_failed(nkt_endpoint_t *endpoint, const char *reason, size_t size);
/** Connects at once what waits for its back-off (after sleep). */
void nkt_endpoints_hurry(nkt_swarm_t *swarm);

/* ---- spread.c ---- */

/** created_ms: of its envelope. */
int nkt_spread_greeting(nkt_swarm_t *swarm, nkt_user_t *user, const nkt_greeting_t *greeting, uint64_t created_ms,
                        int is_directed);
/** Answers one who said hello and got no place. */
int nkt_spread_reply(nkt_swarm_t *swarm, nkt_link_t *link, const nkt_address_t *to, const nkt_greeting_t *greeting,
                     int is_directed);
int nkt_spread_digest(nkt_swarm_t *swarm, nkt_user_t *user, const nkt_envelope_t *envelope);
int nkt_spread_want(nkt_swarm_t *swarm, nkt_user_t *user, const nkt_envelope_t *envelope);
int nkt_spread_records(nkt_swarm_t *swarm, nkt_user_t *user, const nkt_envelope_t *envelope);
void nkt_spread_digest_to(nkt_swarm_t *swarm, nkt_user_t *user);
void nkt_spread_start(nkt_swarm_t *swarm);
void nkt_spread_timer(nkt_swarm_t *swarm);
void nkt_spread_ask(nkt_swarm_t *swarm, nkt_link_t *link, const nkt_address_t *address);

/* ---- mailbox.c ---- */

/** Its author, a member, gave it to us to keep: verified. */
void nkt_mailbox_take(nkt_swarm_t *swarm, const nkt_envelope_t *envelope);
/** The user said something at created_ms, by its clock. */
void nkt_mailbox_heard(nkt_swarm_t *swarm, nkt_user_t *user, uint64_t created_ms);
void nkt_mailbox_timer(nkt_swarm_t *swarm);
void nkt_mailbox_tidy(nkt_swarm_t *swarm);

/* ---- doubt.c ---- */

/** An envelope of whose time nothing can be said, or nothing good. */
typedef struct nkt_doubt {
    nkt_freshness_t freshness;      /* not NKT_FRESH */
    const uint8_t *sign_key;        /* whose hash the address is */
    nkt_user_t *sender;             /* NULL: nobody known */
    int is_member;                  /* shown, by the record in it, or known */
    int has_leave;                  /* wanted though it is none */
    const nkt_greeting_t *greeting; /* NULL: it is none */
} nkt_doubt_t;

/** From here on it is the author who is to blame for what is wrong, not the neighbour who passed it on. */
void nkt_blame_author(nkt_swarm_t *swarm, const nkt_envelope_t *envelope);
/** Its author is at the other end of this authenticated link: nobody else can say anything here in his name. */
int nkt_is_of_its_link(const nkt_link_t *link, const nkt_envelope_t *envelope);
/** Is it its author's? By his own link, or by the signature. NKT_E_SIGNATURE. */
int nkt_sender_verify(const nkt_link_t *link, const nkt_envelope_t *envelope, int is_to_us, const uint8_t sign_key[32]);
/** What comes over it was said since it came up, a moment ago, and has not waited here while we slept. */
int nkt_is_new_link(const nkt_swarm_t *swarm, const nkt_link_t *link);
nkt_freshness_t nkt_freshness_of(nkt_swarm_t *swarm, const nkt_link_t *link, const nkt_envelope_t *envelope,
                                 const nkt_user_t *sender);
/** NKT_OK: it is to be believed all the same. NKT_E_EXPIRED: its author may be asked for his time; or what is wrong with it. */
int nkt_doubt_receive(nkt_swarm_t *swarm, nkt_link_t *link, nkt_envelope_t *envelope, const nkt_doubt_t *doubt);

/* ---- sender.c: 0 or -2xx ---- */

/** Of an envelope that brings a record along. link NULL: out of a mailbox, its time is judged elsewhere. */
int nkt_sender_of_record(nkt_swarm_t *swarm, nkt_link_t *link, nkt_envelope_t *envelope, int is_to_us, nkt_user_t **sender);
/** Of a greeting, which is to be freed if it is good. *sender NULL: unknown, and stays so. */
int nkt_sender_of_greeting(nkt_swarm_t *swarm, nkt_link_t *link, nkt_envelope_t *envelope, int is_to_us,
                           nkt_greeting_t *greeting, nkt_user_t **sender);
/** Without a record: of one who is known. */
int nkt_sender_check(nkt_swarm_t *swarm, nkt_link_t *link, nkt_envelope_t *envelope, nkt_user_t *sender, int is_to_us);

/* ---- kept.c ---- */

/** MAIL. NKT_E_PAYLOAD, or what is wrong with an envelope in it that no honest keeper has. */
int nkt_mailbox_receive(nkt_swarm_t *swarm, nkt_user_t *sender, const nkt_envelope_t *envelope);

/* ---- receive.c ---- */

/** A frame between peers arrived on a link (WebRTC, or out of the relay's wrapping). 0 or -2xx. */
int nkt_receive(nkt_swarm_t *swarm, nkt_link_t *link, const uint8_t *frame, size_t size);
/** A direct frame, from whom is at the link's other end. */
int nkt_receive_direct(nkt_swarm_t *swarm, nkt_link_t *link, const uint8_t *frame, size_t size);

/* ---- relayed.c ---- */

int nkt_relay_data(nkt_swarm_t *swarm, nkt_link_t *link, const uint8_t *bytes, size_t size);
/** It closed the connection, with that code. Does it speak another version, as far as can be told? */
int nkt_relay_closed(nkt_endpoint_t *relay, int32_t code);
/** Others are at that relay: is one of them heard yet? If not, the room is greeted again. */
void nkt_relay_greet_timer(nkt_swarm_t *swarm, nkt_endpoint_t *endpoint);

/* ---- tracker_in.c ---- */

int nkt_tracker_data(nkt_swarm_t *swarm, nkt_link_t *link, const uint8_t *bytes, size_t size);

/* ---- link.c ---- */

/** The host says a link is up or down; code: of a WebSocket that was closed, or 0. */
void nkt_link_up(nkt_swarm_t *swarm, nkt_link_t *link);
void nkt_link_down(nkt_swarm_t *swarm, nkt_link_t *link, int32_t code, const char *reason, size_t size);
/** Bytes arrived. 0 or an error of -2xx. */
int nkt_link_data(nkt_swarm_t *swarm, nkt_link_t *link, const uint8_t *bytes, size_t size);
/** The host takes no more for it, or does again. */
void nkt_link_pressed(nkt_swarm_t *swarm, nkt_link_t *link, int is_pressed);

/* ---- pulse.c ---- */

enum { NKT_PING_FRAME_SIZE = 5 };

void nkt_link_timer(nkt_swarm_t *swarm, nkt_link_t *link);
void nkt_link_suspect(nkt_swarm_t *swarm, nkt_link_t *link, int is_suspect);
/** Its other end has a newer record, and tells so by another way: it may have begun anew, and know nothing of the link. Asks it. */
void nkt_link_renewed(nkt_swarm_t *swarm, nkt_link_t *link);
/** Sends a ping on every live link and asks for quick answers (after sleep). */
void nkt_links_probe(nkt_swarm_t *swarm);

#endif
