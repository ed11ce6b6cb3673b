/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files about links offer each other and the rest of the swarm. Comes with swarm.h, which has the structures. */
#ifndef NKT_SWARM_LINKS_H
#define NKT_SWARM_LINKS_H

#include "swarm/swarm.h"

/* ---- link.c ---- */

nkt_link_t *nkt_link_open(nkt_swarm_t *swarm, nkt_link_kind_t kind, nkt_endpoint_t *endpoint);
nkt_link_t *nkt_link_find(nkt_swarm_t *swarm, uint32_t id);
/** Forgets the link; tells the host to close it unless it reported the end itself. */
void nkt_link_close(nkt_swarm_t *swarm, nkt_link_t *link, int tell_host);
void nkt_links_deinit(nkt_swarm_t *swarm);
void nkt_link_timer(nkt_swarm_t *swarm, nkt_link_t *link);
/** The host says a link is up or down. */
void nkt_link_up(nkt_swarm_t *swarm, nkt_link_t *link);
void nkt_link_down(nkt_swarm_t *swarm, nkt_link_t *link, const char *reason, size_t size);
/** Bytes arrived. 0 or an error of -2xx. */
int nkt_link_data(nkt_swarm_t *swarm, nkt_link_t *link, const uint8_t *bytes, size_t size);
void nkt_link_shaky(nkt_swarm_t *swarm, nkt_link_t *link, int is_shaky);
/** Sends a ping on every live link and asks for quick answers (after sleep). */
void nkt_links_probe(nkt_swarm_t *swarm);
/** A live WebRTC link whose path is not in doubt? */
int nkt_link_is_steady(const nkt_link_t *link);
size_t nkt_rtc_count(const nkt_swarm_t *swarm, int live_only);

/* ---- endpoint.c ---- */

void nkt_endpoints_start(nkt_swarm_t *swarm);
/** Adds relays and trackers of options that are not there yet. NKT_E_OPTIONS, NKT_E_MEMORY, NKT_E_SIZE. */
int nkt_endpoints_add(nkt_swarm_t *swarm, const char *json, size_t size);
void nkt_endpoints_deinit(nkt_swarm_t *swarm);
void nkt_endpoint_timer(nkt_swarm_t *swarm, nkt_endpoint_t *endpoint);
void nkt_endpoint_up(nkt_swarm_t *swarm, nkt_endpoint_t *endpoint);
void nkt_endpoint_down(nkt_swarm_t *swarm, nkt_endpoint_t *endpoint, const char *reason, size_t size);
void nkt_endpoint_failed(nkt_endpoint_t *endpoint, const char *reason, size_t size);
/** Connects at once what waits for its back-off (after sleep). */
void nkt_endpoints_hurry(nkt_swarm_t *swarm);
int nkt_endpoints_up(const nkt_swarm_t *swarm, nkt_link_kind_t kind);

/* ---- relayed.c ---- */

int nkt_relay_data(nkt_swarm_t *swarm, nkt_link_t *link, const uint8_t *bytes, size_t size);
void nkt_relay_hello(nkt_swarm_t *swarm, nkt_link_t *link);
/** Others are at that relay: is one of them heard yet? If not, the room is greeted again. */
void nkt_relay_greet_timer(nkt_swarm_t *swarm, nkt_endpoint_t *endpoint);
/** to NULL: everybody. */
void nkt_relay_send(nkt_swarm_t *swarm, nkt_link_t *link, const nkt_address_t *to, const uint8_t *frame, size_t size,
                    uint32_t ticket);

/* ---- announce.c ---- */

void nkt_announce_start(nkt_swarm_t *swarm, nkt_endpoint_t *endpoint);
void nkt_announce_timer(nkt_swarm_t *swarm, nkt_endpoint_t *endpoint);
/** A link is gone: it may have been what held two parts together. */
void nkt_announce_lost(nkt_swarm_t *swarm);
/** A relay is not there: look through the trackers now. */
void nkt_announce_hurry(nkt_swarm_t *swarm);
/** An own offer for a tracker is ready. */
void nkt_announce_offer(nkt_swarm_t *swarm, nkt_link_t *link);
void nkt_announce_answer(nkt_swarm_t *swarm, nkt_link_t *link, const char *sdp, size_t size);
void nkt_announce_stop(nkt_swarm_t *swarm, nkt_endpoint_t *endpoint);
int nkt_tracker_data(nkt_swarm_t *swarm, nkt_link_t *link, const uint8_t *bytes, size_t size);
/** Makes offers for whoever is in the place (room or address looked for). */
void nkt_announce_want(nkt_swarm_t *swarm, nkt_endpoint_t *endpoint, const nkt_room_t *place,
                       const nkt_address_t *target, size_t count);
/** Seals and encodes one description for a tracker. The result is on the heap, NULL on failure. */
char *nkt_announce_seal(nkt_swarm_t *swarm, const nkt_link_t *link, nkt_signal_t type, const char *sdp, size_t size);

/* ---- mesh.c ---- */

/** Sets up a link to the user soon, if there is room and a way. */
void nkt_mesh_want(nkt_swarm_t *swarm, nkt_user_t *user, int at_once);
void nkt_mesh_timer(nkt_swarm_t *swarm, nkt_user_t *user);
/** The host made a local description. */
void nkt_mesh_local(nkt_swarm_t *swarm, nkt_link_t *link, const char *sdp, size_t size);
int nkt_mesh_signal(nkt_swarm_t *swarm, nkt_user_t *user, const nkt_envelope_t *envelope);
/** Offers and answers, once known whose they are. via: the tracker, NULL: the swarm. */
int nkt_mesh_offer(nkt_swarm_t *swarm, nkt_user_t *user, const nkt_signalling_t *signal, nkt_endpoint_t *via,
                   nkt_link_t **link);
int nkt_mesh_answer(nkt_swarm_t *swarm, nkt_link_t *link, nkt_user_t *user, const nkt_signalling_t *signal);
nkt_link_t *nkt_mesh_new(nkt_swarm_t *swarm, int is_offerer, nkt_endpoint_t *via);
/** Offers a link to a user, through relay or swarm. 0: not now. */
int nkt_mesh_offer_to(nkt_swarm_t *swarm, nkt_user_t *user, nkt_link_origin_t origin);
/** Is an attempt with that peer under way? */
int nkt_mesh_is_pending(nkt_swarm_t *swarm, const nkt_address_t *peer);
/** The channel is open: send our proof. */
void nkt_mesh_opened(nkt_swarm_t *swarm, nkt_link_t *link);
int nkt_mesh_proof(nkt_swarm_t *swarm, nkt_link_t *link, const uint8_t *bytes, size_t size);
/** A link, or an attempt, is gone. */
void nkt_mesh_lost(nkt_swarm_t *swarm, nkt_link_t *link);
/** Sends our description of a link to its other end, through relay or swarm. */
void nkt_mesh_describe(nkt_swarm_t *swarm, const nkt_link_t *link, const char *sdp, size_t size);

/** Joins the room with that key, as its own is none: told over a link by one whom it looked for or who invited it. */
void nkt_mesh_adopt(nkt_swarm_t *swarm, const uint8_t *room_key, int is_open);

/* ---- restart.c ---- */

/** Tries to save a live link that does not answer. 0: nothing can be done. */
int nkt_restart_begin(nkt_swarm_t *swarm, nkt_link_t *link);
/** Is an offer or answer about restarting that link (NULL: none)? */
int nkt_restart_is_meant(const nkt_link_t *link, const nkt_signalling_t *signal);
/** NKT_E_PAYLOAD. */
int nkt_restart_signal(nkt_swarm_t *swarm, nkt_link_t *link, const nkt_signalling_t *signal);
void nkt_restart_local(nkt_swarm_t *swarm, nkt_link_t *link, const char *sdp, size_t size);

/* ---- connect.c ---- */

int nkt_connect_begin(nkt_swarm_t *swarm, const nkt_address_t *target, uint32_t ticket, uint64_t wait_ms);
int nkt_connect_cancel(nkt_swarm_t *swarm, uint32_t ticket);
void nkt_connect_timer(nkt_swarm_t *swarm, nkt_connect_t *connect);
void nkt_connect_live(nkt_swarm_t *swarm, const nkt_address_t *address);
void nkt_connect_stop(nkt_swarm_t *swarm);
nkt_connect_t *nkt_connect_find(nkt_swarm_t *swarm, const nkt_address_t *target);
/** An endpoint came up: look there as well. */
void nkt_connect_endpoint(nkt_swarm_t *swarm, nkt_endpoint_t *endpoint);

/* ---- view.c ---- */

/** Is the swarm so small that everybody is linked with everybody? */
int nkt_view_is_mesh(nkt_swarm_t *swarm);
/** How many peers the swarm has, as far as can be seen from here: a hint, servers may say anything. */
size_t nkt_view_size(nkt_swarm_t *swarm);
/** Of those known, how many have not left. */
size_t nkt_view_known(nkt_swarm_t *swarm);
/** Links that are there or under way with a known peer. */
size_t nkt_view_taken(const nkt_swarm_t *swarm);
/** Links that are sought actively, and the most there may be. */
size_t nkt_view_target(const nkt_swarm_t *swarm);
size_t nkt_view_cap(const nkt_swarm_t *swarm);
/** A link may be missing: looks for more soon; has_failed: not at once, an attempt has just failed. */
void nkt_view_want(nkt_swarm_t *swarm, int has_failed);
void nkt_view_timer(nkt_swarm_t *swarm);
/** A link is there. */
void nkt_view_gained(nkt_swarm_t *swarm);
/** Somebody offers a link through the swarm: 1 if a walk of ours may have found him. */
int nkt_view_offered(nkt_swarm_t *swarm);
/** A walk came by; its seeker is NULL if he is not known. 0 or -2xx. */
int nkt_view_walk(nkt_swarm_t *swarm, nkt_link_t *from, const nkt_envelope_t *envelope, nkt_user_t *seeker);
/** Tells everybody of us, once, when there is a link. */
void nkt_view_announce_self(nkt_swarm_t *swarm);

/* ---- worth.c ---- */

/** For whom a link is to give way. */
typedef enum nkt_room_for {
    NKT_ROOM_FOR_OURS,   /* whom we look for, or invited */
    NKT_ROOM_FOR_OTHERS, /* who wants a link of anybody: what we chose, and what is useful, stays */
    NKT_ROOM_FOR_ASKED,  /* who looks for us, as long as such have not their part of the view */
} nkt_room_for_t;

/** A broadcast of that author came by that link, before it came by any other. */
void nkt_worth_heard(nkt_swarm_t *swarm, nkt_link_t *from, const nkt_address_t *author);
/** Closes the link that is worth least. 0: there is none to close. */
int nkt_view_make_room(nkt_swarm_t *swarm, nkt_room_for_t whom);
/** Links that there may be with those who ask for us. */
size_t nkt_view_asked_max(const nkt_swarm_t *swarm);
/** Is there a place for a link that is offered, of that origin (not OURS), perhaps that of another of its kind? */
int nkt_view_admit(nkt_swarm_t *swarm, nkt_link_origin_t origin);

/* ---- tree.c ---- */

/** Is a broadcast of that size flooded here, rather than sent along the tree? */
int nkt_tree_is_flood(nkt_swarm_t *swarm, size_t size);
/** IHAVE, GRAFT or PRUNE from a neighbour. 0 or -2xx. */
int nkt_tree_frame(nkt_swarm_t *swarm, nkt_link_t *link, const uint8_t *frame, size_t size);
/** Tells a neighbour of a broadcast, soon and with others. */
void nkt_tree_announce(nkt_swarm_t *swarm, nkt_link_t *link, const nkt_broadcast_t *broadcast);
/** A broadcast came for the first time (told: who has it as well), or once more. */
void nkt_tree_arrived(nkt_swarm_t *swarm, const uint8_t *id, nkt_missing_entry_t *told);
void nkt_tree_duplicate(nkt_swarm_t *swarm, nkt_link_t *link, const uint8_t *id);
/** Tells one neighbour, at random, of all recent broadcasts. */
void nkt_tree_digest(nkt_swarm_t *swarm);
void nkt_tree_link_up(nkt_swarm_t *swarm, nkt_link_t *link);
void nkt_tree_link_down(nkt_swarm_t *swarm, nkt_link_t *link);
void nkt_tree_tidings_timer(nkt_swarm_t *swarm);
void nkt_tree_fetch_timer(nkt_swarm_t *swarm);

#endif
