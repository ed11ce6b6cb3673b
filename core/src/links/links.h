/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How WebRTC links come about and end: wanted, offered, described, restarted, judged, closed.
 *
 * Promises  at most so many attempts and links; no SDP that names another's certificate comes up; a link that is closed is closed
 *           everywhere (close.c).
 * Never     knows what people say: it does not meet delivery/.
 * Owns      user->mesh, link->rtc, endpoint->announce; of the swarm: walks, connects; invitations.
 * Enter by  nkt_mesh_want(), nkt_view_want(): a link is wanted; nkt_link_close().
 */
#ifndef NKT_LINKS_LINKS_H
#define NKT_LINKS_LINKS_H

#include "state/swarm.h"

enum { NKT_ROOM_FRAME_SIZE = 1 + 32 };

struct nkt_invitation {
    uint8_t is_inviter;
    uint8_t is_secret; /* accepted: the room's key is told over the link */
    uint8_t has_record;
    uint32_t ticket, complete_ticket;
    uint64_t until_ms;  /* by now_ms */
    uint32_t expires_s; /* Unix time, for people */
    uint8_t identity_key[NKT_CURVE_KEY_SIZE]; /* accepted: the inviter's */
    char nick[NKT_NICK_SIZE_MAX + 1];
};

/* ---- close.c ---- */

/** Forgets the link; tells the host to close it unless it reported the end itself. */
void nkt_link_close(nkt_swarm_t *swarm, nkt_link_t *link, int tell_host);
/** Another link of the same two stays, both ends have proved this one: it is closed when what is on its way over it has arrived. */
void nkt_link_drain(nkt_swarm_t *swarm, nkt_link_t *link);
/** CONNECTED, if that ticket is one. */
void nkt_invite_tell(nkt_swarm_t *swarm, const nkt_link_t *link, uint32_t ticket, int err);
/** The invite has come to its end, the link may go on. */
void nkt_invite_end(nkt_swarm_t *swarm, nkt_link_t *link, int err);

/* ---- attempt.c ---- */

nkt_link_t *nkt_mesh_new(nkt_swarm_t *swarm, int is_offerer, nkt_endpoint_t *via);
/** Are so many links being set up that no other can be begun? */
int nkt_mesh_is_busy(const nkt_swarm_t *swarm);
/** Offers a link to a user, through relay or swarm. 0: not now. */
int nkt_mesh_offer_to(nkt_swarm_t *swarm, nkt_user_t *user, nkt_link_origin_t origin);
/** Doublings of what is waited for on our own line, as the quickest of the servers found it. */
uint32_t nkt_line_patience(const nkt_swarm_t *swarm);
/** Doublings of the time that one attempt with that user may take. */
uint32_t nkt_mesh_patience(const nkt_swarm_t *swarm, const nkt_user_t *user);
/** The attempt has as long from now on as one with him should take, and longer where others failed. */
void nkt_mesh_give_time(nkt_swarm_t *swarm, nkt_link_t *link, const nkt_user_t *user);
/** The attempt has so long from now on. */
void nkt_mesh_until(nkt_swarm_t *swarm, nkt_link_t *link, uint64_t wait_ms);
/** Sends our description of a link to its other end, through relay or swarm; an offer again while it is not answered. */
void nkt_mesh_describe(nkt_swarm_t *swarm, nkt_link_t *link, const char *sdp, size_t size);
/** Nothing came of our description, or its other end asks again: the same once more, if it was not said often enough. 0: its time is up. */
int nkt_mesh_tell_again(nkt_swarm_t *swarm, nkt_link_t *link);
/** Our description has come: it is not told again. */
void nkt_mesh_has_come(nkt_link_t *link);
/** Joins the room with that key, as its own is none: told over a link by one whom it looked for or who invited it. */
void nkt_mesh_adopt(nkt_swarm_t *swarm, const uint8_t *room_key, int is_open);
/** The link is proven: it is that user's now. */
void nkt_mesh_come(nkt_swarm_t *swarm, nkt_link_t *link, nkt_user_t *user);
/** No other is sought. */
void nkt_mesh_settle(nkt_swarm_t *swarm, nkt_user_t *user);
/** Another link with that user takes the place of the one that there is, and nothing else follows. is_good: what is on its way over the
 *  one that there is may still arrive. */
void nkt_mesh_replace(nkt_swarm_t *swarm, nkt_user_t *user, int is_good);
void nkt_mesh_signal_send(nkt_swarm_t *swarm, nkt_user_t *user, const nkt_signalling_t *signal);

/* ---- worth.c ---- */

/** For whom a link is to give way. */
typedef enum nkt_room_for {
    NKT_ROOM_FOR_OURS,   /* whom we look for, or invited */
    NKT_ROOM_FOR_OTHERS, /* who wants a link of anybody: what we chose, and what is useful, stays */
    NKT_ROOM_FOR_ASKED,  /* who looks for us, as long as such have not their part of the view */
} nkt_room_for_t;

/** Closes the link that is worth least. 0: there is none to close. */
int nkt_view_make_room(nkt_swarm_t *swarm, nkt_room_for_t whom);
/** Links that there may be with those who ask for us. */
size_t nkt_view_asked_max(const nkt_swarm_t *swarm);
/** Is there a place for a link that is offered, of that origin (not OURS), perhaps that of another of its kind? */
int nkt_view_admit(nkt_swarm_t *swarm, nkt_link_origin_t origin);

/** Its time has come: was it to give way to another, and is it closed? */
int nkt_view_gave_way(nkt_swarm_t *swarm, nkt_link_t *link);

/* ---- view.c ---- */

void nkt_mesh_timer(nkt_swarm_t *swarm, nkt_user_t *user);
void nkt_view_timer(nkt_swarm_t *swarm);
/** Something happened that may let walks bring links again. */
void nkt_view_renew(nkt_swarm_t *swarm);
/** A link is there. */
void nkt_view_gained(nkt_swarm_t *swarm);
/** Somebody offers a link through the swarm: 1 if a walk of ours may have found him. */
int nkt_view_offered(nkt_swarm_t *swarm);
/** A walk came by; its seeker is NULL if he is not known. 0 or -2xx. */
int nkt_view_walk(nkt_swarm_t *swarm, nkt_link_t *from, const nkt_envelope_t *envelope, nkt_user_t *seeker);
/** Tells everybody of us, once, when there is a link. */
void nkt_view_announce_self(nkt_swarm_t *swarm);

/* ---- announce.c ---- */

void nkt_announce_start(nkt_swarm_t *swarm, nkt_endpoint_t *endpoint);
void nkt_announce_timer(nkt_swarm_t *swarm, nkt_endpoint_t *endpoint);
/** An own offer for a tracker is ready. */
void nkt_announce_offer(nkt_swarm_t *swarm, nkt_link_t *link);
void nkt_announce_answer(nkt_swarm_t *swarm, nkt_link_t *link, const char *sdp, size_t size);
/** An offer that it answers came by the tracker: for whom, and what its ends are called there. */
void nkt_announce_met(nkt_link_t *link, const nkt_room_t *place, const nkt_tracker_id_t *offer_id, const nkt_tracker_id_t *peer_id);
/** The tracker came up: nothing was announced yet. */
void nkt_announce_afresh(nkt_endpoint_t *endpoint);
void nkt_announce_stop(nkt_swarm_t *swarm, nkt_endpoint_t *endpoint);
/** From now on we are announced in our own place, or no longer. */
void nkt_announce_findable(nkt_swarm_t *swarm, int is_findable);
/** Makes offers for whoever is in the place (room or address looked for). */
void nkt_announce_want(nkt_swarm_t *swarm, nkt_endpoint_t *endpoint, const nkt_room_t *place,
                       const nkt_address_t *target, size_t count);
/** Seals and encodes one description for a tracker. The result is on the heap, NULL on failure. */
char *nkt_announce_seal(nkt_swarm_t *swarm, const nkt_link_t *link, nkt_signal_t type, const char *sdp, size_t size);

/* ---- connect.c ---- */

int nkt_connect_begin(nkt_swarm_t *swarm, const nkt_address_t *target, uint32_t ticket, uint64_t wait_ms);
int nkt_connect_cancel(nkt_swarm_t *swarm, uint32_t ticket);
void nkt_connect_timer(nkt_swarm_t *swarm, nkt_connect_t *connect);
void nkt_connect_live(nkt_swarm_t *swarm, const nkt_address_t *address);
void nkt_connect_stop(nkt_swarm_t *swarm);
/** An endpoint came up: look there as well. */
void nkt_connect_endpoint(nkt_swarm_t *swarm, nkt_endpoint_t *endpoint);

/* ---- restart.c ---- */

/** Tries to save a live link that does not answer. 0: nothing can be done. */
int nkt_restart_begin(nkt_swarm_t *swarm, nkt_link_t *link);
/** Is an offer or answer about restarting that link (NULL: none)? */
int nkt_restart_is_meant(const nkt_link_t *link, const nkt_signalling_t *signal);
/** NKT_E_PAYLOAD. */
int nkt_restart_signal(nkt_swarm_t *swarm, nkt_link_t *link, const nkt_signalling_t *signal);
/** The link lives: a restart that was given up or went well is over. */
void nkt_restart_heard(nkt_link_t *link);
void nkt_restart_local(nkt_swarm_t *swarm, nkt_link_t *link, const char *sdp, size_t size);

/* ---- invite.c ---- */

/** The facts INVITE, ACCEPT, COMPLETE and, for those, CANCEL. Errors as in nkt.h. */
int nkt_invite_begin(nkt_swarm_t *swarm, uint32_t ticket);
int nkt_invite_accept(nkt_swarm_t *swarm, const char *text, size_t size, uint32_t ticket);
int nkt_invite_complete(nkt_swarm_t *swarm, const char *text, size_t size, uint32_t ticket);
int nkt_invite_cancel(nkt_swarm_t *swarm, uint32_t ticket);
/** The host made the local description of such a link. */
void nkt_invite_local(nkt_swarm_t *swarm, nkt_link_t *link, const char *sdp, size_t size);
/** The channel of such a link is open: tells who we are, before the proof. */
void nkt_invite_opened(nkt_swarm_t *swarm, const nkt_link_t *link);
/** The other side tells who it is. 0 or -2xx: the link is closed then. */
int nkt_invite_record(nkt_swarm_t *swarm, nkt_link_t *link, const uint8_t *frame, size_t size);
/** There is a proven link with that user, whichever way it came about. */
void nkt_invite_live(nkt_swarm_t *swarm, nkt_user_t *user);
int nkt_invite_is_accepted(const nkt_link_t *link);
/** Those that wait, given out and accepted. */
size_t nkt_invite_count(const nkt_swarm_t *swarm);

/* ---- handshake.c ---- */

/** The host made a local description. */
void nkt_mesh_local(nkt_swarm_t *swarm, nkt_link_t *link, const char *sdp, size_t size);
int nkt_mesh_signal(nkt_swarm_t *swarm, nkt_user_t *user, const nkt_envelope_t *envelope);
/** Offers and answers, once known whose they are. via: the tracker, NULL: the swarm. */
int nkt_mesh_offer(nkt_swarm_t *swarm, nkt_user_t *user, const nkt_signalling_t *signal, nkt_endpoint_t *via,
                   nkt_link_t **out);
int nkt_mesh_answer(nkt_swarm_t *swarm, nkt_link_t *link, nkt_user_t *user, const nkt_signalling_t *signal);
/** The channel is open: send our proof. */
void nkt_mesh_opened(nkt_swarm_t *swarm, nkt_link_t *link);

#endif
