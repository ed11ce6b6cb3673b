/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The table of users: who gets a place in it, who loses it, who is marked.
 *
 * Promises  a record is verified before it changes anything; who has shown more than a stranger can is never pushed out by strangers.
 * Never     sends anything, opens a link or a session.
 * Owns      a user's record, standing and presence; of the swarm: the table of users, door, pins and ignored; link->door.
 * Enter by  nkt_user_accept().
 */
#ifndef NKT_PEOPLE_PEOPLE_H
#define NKT_PEOPLE_PEOPLE_H

#include "state/swarm.h"

/* ---- pins.c ---- */

/** NKT_E_ARGUMENT, NKT_E_SELF, NKT_E_PINS_FULL, NKT_E_IGNORED_FULL, NKT_E_MEMORY. */
int nkt_pin_set(nkt_swarm_t *swarm, nkt_mark_t mark, const nkt_address_t *address, const char *nick, size_t size);
/** Before the start: whom that address was, that one is now. */
void nkt_pin_move(nkt_swarm_t *swarm, nkt_mark_t mark, const nkt_address_t *from, const nkt_address_t *to);
/** NKT_E_UNKNOWN_USER: it was none. */
int nkt_pin_remove(nkt_swarm_t *swarm, nkt_mark_t mark, const nkt_address_t *address);
int nkt_pins_have(const nkt_pins_t *pins, const nkt_address_t *address);
/** Tells the application of all. */
void nkt_pins_tell(nkt_swarm_t *swarm, nkt_mark_t mark);
const nkt_pins_t *nkt_pins_of(const nkt_swarm_t *swarm, nkt_mark_t mark);
int nkt_pins_encode(const nkt_pins_t *list, nkt_buf_t *out);
/** All or none. NKT_E_RECORD, NKT_E_MEMORY. */
int nkt_pins_decode(nkt_swarm_t *swarm, nkt_mark_t mark, const uint8_t *bytes, size_t size);
/** They are stored as they are. */
void nkt_pins_stored(nkt_swarm_t *swarm, nkt_mark_t mark);
void nkt_pins_deinit(nkt_swarm_t *swarm, nkt_mark_t mark);

/* ---- presence.c ---- */

/** It was heard just now. */
void nkt_presence_heard(const nkt_swarm_t *swarm, nkt_user_t *user);
/** It was we who did not listen: all count as heard now. */
void nkt_presence_excuse(nkt_swarm_t *swarm);
/** It is there directly on these relays; it is not. */
void nkt_presence_on_relays(nkt_user_t *user, uint32_t relay_bits);
void nkt_presence_off_relays(nkt_user_t *user, uint32_t relay_bits);
/** It answers through others only? */
void nkt_presence_bridged(nkt_user_t *user, int is_bridged);
/** There is a way to it. */
void nkt_presence_reached(nkt_user_t *user);
/** NKT_USER_MUTED, NKT_USER_UNREACHABLE, written here alone; returns those that are not as before. */
int nkt_presence_set_flags(nkt_user_t *user, uint8_t flags);
/** Whether it is there is to be looked at then; it is not in doubt. */
void nkt_presence_look(nkt_swarm_t *swarm, nkt_user_t *user, uint64_t at_ms);
void nkt_presence_sure(nkt_swarm_t *swarm, nkt_user_t *user);

/* ---- forget.c ---- */

/** Takes it out of the table, and tells. The user itself stays as long as something may hold it: until news are heeded. */
void nkt_user_forget(nkt_swarm_t *swarm, nkt_user_t *user);
/** Frees one who was forgotten, and for whom nothing waits any more. */
void nkt_user_bury(nkt_swarm_t *swarm, nkt_user_t *user);

/* ---- admit.c ---- */

/** Makes room for one more user. NKT_E_TABLE_FULL: all have shown more than a stranger can. */
int nkt_admit_room(nkt_swarm_t *swarm);
/** May a greeting of somebody unknown be looked at? To be asked before its signature is. NKT_E_RATE. */
int nkt_admit_hello(nkt_swarm_t *swarm, nkt_link_t *link, nkt_hello_t hello);
/** The user has shown that it is no mere stranger: one of its kind may have to go for it. */
void nkt_admit_proven(nkt_swarm_t *swarm, const nkt_user_t *user);
/** Does somebody unknown who said hello get a place? If not he is answered, and nothing is remembered. */
int nkt_admit_has_place(nkt_swarm_t *swarm, int is_trusted);
/** It said back what we said to it: it is there. */
void nkt_user_answered(nkt_swarm_t *swarm, nkt_user_t *user);
/** Somebody known tells of it: if he is proven, it is no stranger any more. */
void nkt_user_vouch(nkt_swarm_t *swarm, nkt_user_t *user, const nkt_address_t *by);
/** It has shown that (NKT_PROOF_...). */
void nkt_user_prove(nkt_swarm_t *swarm, nkt_user_t *user, unsigned proof);

/* ---- user.c ---- */

/**
 * Takes in a record that a peer (introducer) told of: verifies it, checks freshness, caps and membership. author_ms: what its
 * user's clock says, as a fresh envelope proves; 0: not known. out may be NULL, and gets the user. 1: new or newer, 0: known already.
 * NKT_E_EXPIRED: its time is not plausible; NKT_E_USER_RECORD, NKT_E_KEY, NKT_E_SIGNATURE, NKT_E_NETWORK, NKT_E_TABLE_FULL,
 * NKT_E_MEMORY, NKT_E_RATE.
 */
int nkt_user_accept(nkt_swarm_t *swarm, const nkt_signed_record_t *record, const nkt_address_t *introducer, unsigned flags,
                    uint64_t author_ms, nkt_user_t **out);
/** Verifies a record of that user that is not taken in. NKT_OK or as nkt_user_accept(). */
int nkt_user_record_check(nkt_swarm_t *swarm, const nkt_user_t *user,
                          const nkt_signed_record_t *record);
/** Adds a user restored from storage, with a verified record (taken over). NKT_E_TABLE_FULL, NKT_E_MEMORY. */
int nkt_user_add(nkt_swarm_t *swarm, nkt_record_t *record, nkt_user_t **out);
/** An authenticated link leads to it, or it said something now. */
void nkt_user_believe(nkt_user_t *user);
/** Somebody here asked for it by address, or it for us. */
void nkt_user_met(nkt_user_t *user);
/** It knows our room, beyond doubt: what proves it, either can calculate. */
void nkt_user_join(const nkt_swarm_t *swarm, nkt_user_t *user);
/** What was stored of it. membership NULL: none. */
void nkt_user_restore(nkt_user_t *user, int is_met, unsigned proof, uint64_t known_ms, uint64_t age_ms, const uint8_t *membership);
/** Is what proves its membership of our room? If not it is no member. */
int nkt_user_check_membership(const nkt_swarm_t *swarm, nkt_user_t *user);
/** nkt_clock_age() when it was last heard, in whatever life. */
uint64_t nkt_user_heard_age(const nkt_swarm_t *swarm, const nkt_user_t *user);
/** Has its time run out? */
int nkt_user_is_expired(nkt_swarm_t *swarm, const nkt_user_t *user);

#endif
