/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The state of a peer, and questions to it.
 *
 * Promises  one answer to every question that several rooms ask: how large is the swarm, who counts, who can be reached, who is
 *           dearer; effects and PUTs in the order in which they were asked for; what was reported is heeded once. A wish for a
 *           link is a timer here.
 * Never     decides, sends to a peer, or calls anything above it.
 * Owns      the structures (swarm.h, message.h and the other headers here), the queue of effects, news, the table of links as such.
 * Enter by  nkt_user_find(), nkt_user_reach(), nkt_link_find(), nkt_emit(), nkt_news_report(), nkt_view_size().
 */
#ifndef NKT_STATE_STATE_H
#define NKT_STATE_STATE_H

#include "state/swarm.h"

/** Name of a peer's record: this and its address in hexadecimal. */
#define NKT_PEER_PREFIX "peer/"
enum { NKT_PEER_NAME_SIZE = sizeof NKT_PEER_PREFIX - 1 + 2 * NKT_ADDRESS_SIZE };

/* ---- effects.c ---- */

void nkt_effects_deinit(nkt_effects_t *effects);
/** Queues an effect with copies of its bytes and text. */
void nkt_emit(nkt_swarm_t *swarm, const nkt_effect_t *fx);
/** SEND of a frame, after the PUT with that ticket (0: at once). */
void nkt_emit_send(nkt_swarm_t *swarm, const nkt_link_t *link, const uint8_t *bytes, size_t size, unsigned flags,
                   uint32_t ticket);
/** Writes the ticket into the SENDs of this step that wait for it. */
void nkt_effects_bind(nkt_effects_t *effects, uint32_t ticket);
int nkt_effects_poll(nkt_effects_t *effects, nkt_effect_t *out);
/** Counts what was dropped; returns err. */
int nkt_drop(nkt_swarm_t *swarm, int err);

/* ---- options.c ---- */

/** Parses into settings (to be freed with nkt_settings_deinit even on error). NKT_E_OPTIONS, NKT_E_MEMORY. */
int nkt_settings_parse(nkt_settings_t *settings, const char *json, size_t size);
int nkt_settings_copy(nkt_settings_t *settings, const nkt_options_t *options);
void nkt_settings_deinit(nkt_settings_t *settings);

/* ---- clock.c ---- */

/** Our own time begins, once the identity is known. NKT_E_ENTROPY. */
int nkt_clock_start(struct nkt_swarm *swarm);
/** It is at least so late. */
void nkt_clock_reach(struct nkt_swarm *swarm, uint64_t time_ms);
/** Our record is about to be signed anew: our own time goes on to where it has to be. Only then, so
 * that nothing is said at a time at which the record in others' hands has run out. */
void nkt_clock_catch_up(struct nkt_swarm *swarm);
/** now_ms, and what it may have missed in our sleep: what waited for us is as old as that. If instead the wall clock was only
 * set forward all others look slow, until they have told us their time. Never goes back. */
uint64_t nkt_clock_passing(const struct nkt_swarm *swarm);
/**
 * For how long our identity has been: in its lives as it ran, between them as the wall clock says.
 * What is kept for days is measured by it, as setting the wall clock does not move it; only what the
 * clock said between two lives is taken back when it is set back in the second.
 */
uint64_t nkt_clock_age(const struct nkt_swarm *swarm);
/** The same, for what is deleted by it: soon after a start the clock that says how long we were away may be wrong. */
uint64_t nkt_clock_age_sure(const struct nkt_swarm *swarm);
/** That user's clock now: at least, if it was heard; otherwise the swarm's. */
uint64_t nkt_clock_of(struct nkt_swarm *swarm, const struct nkt_user *user);
/** Is what was made then, by its author's clock, and lives for so long, fresh? user NULL: nobody
 * known. */
nkt_freshness_t nkt_clock_judge(struct nkt_swarm *swarm, const struct nkt_user *user,
                                uint64_t created_ms, uint64_t life_ms);
/** A fresh envelope of that user. */
void nkt_clock_heard(struct nkt_swarm *swarm, struct nkt_user *user, uint64_t created_ms);
/** It said that just now, beyond doubt. wall_ms 0: not told. */
void nkt_clock_proven(struct nkt_swarm *swarm, struct nkt_user *user, uint64_t created_ms,
                      uint64_t wall_ms);
/** Somebody is not there any more, or its wall clock is not known any more. */
void nkt_clock_forget(struct nkt_swarm *swarm);
/** What is to be said back to us, by anybody, within a minute or two. */
void nkt_clock_nonce(const struct nkt_swarm *swarm, uint8_t nonce[NKT_CLOCK_NONCE_SIZE]);
int nkt_clock_is_ours(const struct nkt_swarm *swarm, const uint8_t *nonce);
/** Should it be asked, as too few others have told us their time? */
int nkt_clock_is_curious(const struct nkt_swarm *swarm, const struct nkt_user *user);
/** May that address be asked now? Counts it as asked. */
int nkt_clock_may_ask(struct nkt_swarm *swarm, const nkt_address_t *address);
/** A date by that user's wall clock, by ours; never later than now. */
uint64_t nkt_clock_local(const struct nkt_swarm *swarm, const struct nkt_user *user,
                         uint64_t date_ms);
/** A time by that user's own clock (created_ms), by our wall clock; never later than now. */
uint64_t nkt_clock_date(struct nkt_swarm *swarm, const struct nkt_user *user, uint64_t created_ms);
/** By how much our wall clock is ahead of most others' (less than 0: behind), and from how many
 * that was learned. When it is one against one, nobody is off. */
int64_t nkt_clock_offset(struct nkt_swarm *swarm, uint32_t *people_count);

/* ---- trust.c ---- */

nkt_rank_t nkt_user_rank(const nkt_swarm_t *swarm, const nkt_user_t *user);
/** NKT_RANK_LINKED or better. */
int nkt_user_is_proven(const nkt_swarm_t *swarm, const nkt_user_t *user);
/** It said hello, or somebody of its kind told of it, and nothing shows that it got anything of ours. It is answered, gets
 * one hello of a session, and no more until it shows itself: its name may have been made up for this one greeting. */
int nkt_user_is_stranger(nkt_swarm_t *swarm, const nkt_user_t *user);
/** Which of two goes last: the better rank, then whoever is known for longer. A strict order, but
 * for those met in one millisecond. */
int nkt_user_is_dearer(const nkt_swarm_t *swarm, const nkt_user_t *user, const nkt_user_t *than);
/** Which of two who left is remembered for longer: the better rank, then whom we asked for or said something alone, then who was
 * here for longer, then who left later. */
int nkt_user_is_closer(const nkt_swarm_t *swarm, const nkt_user_t *user, const nkt_user_t *than);

/* ---- news.c ---- */

/** NKT_NEWS_* of that user, to be heeded before the fact that is at work is done with. */
void nkt_news_report(nkt_swarm_t *swarm, nkt_user_t *user, unsigned kinds);
/** The first user of whom there are any, and which; NULL: there are none. */
nkt_user_t *nkt_news_take(nkt_swarm_t *swarm, unsigned *kinds);

/* ---- links.c ---- */

nkt_link_t *nkt_link_open(nkt_swarm_t *swarm, nkt_link_kind_t kind, nkt_endpoint_t *endpoint);
nkt_link_t *nkt_link_find(nkt_swarm_t *swarm, uint32_t id);
/** Forward only (asserted): OPENING, OFFERING, ..., LIVE. */
void nkt_link_state_set(nkt_link_t *link, nkt_link_state_t state);
void nkt_links_deinit(nkt_swarm_t *swarm);
/** A live WebRTC link whose path is not in doubt? */
int nkt_link_is_steady(const nkt_link_t *link);
size_t nkt_rtc_count(const nkt_swarm_t *swarm, int live_only);
/** Is an attempt with that peer under way? */
int nkt_mesh_is_pending(nkt_swarm_t *swarm, const nkt_address_t *peer);
/** A WebRTC link that is proven? */
int nkt_link_is_live(const nkt_link_t *link);
/** An attempt to link with that address that is under way, or NULL. */
nkt_link_t *nkt_link_pending(nkt_swarm_t *swarm, const nkt_address_t *peer);
void nkt_link_free(nkt_link_t *link);

/* ---- users.c ---- */

nkt_user_t *nkt_user_find(nkt_swarm_t *swarm, const nkt_address_t *address);
/** Does a record prove that its user knows our room? */
int nkt_user_is_record_member(const nkt_swarm_t *swarm, const nkt_signed_record_t *record);
/** An authenticated link leads to it, or it said something now. */
void nkt_user_believe(nkt_user_t *user);
/** Is it, byte for byte, the one we have of that user? */
int nkt_user_is_record_known(const nkt_user_t *user, const nkt_signed_record_t *record);
void nkt_users_deinit(nkt_swarm_t *swarm);
/**
 * Is an envelope news of its author's, or may anybody say it again? News came over his own link, or was said after what
 * he said at newest_ms, by his clock. Only news spends his budgets, and only news shows that something is amiss.
 */
int nkt_user_is_news(const nkt_swarm_t *swarm, const nkt_envelope_t *envelope, uint64_t newest_ms);
void nkt_user_tell(nkt_swarm_t *swarm, const nkt_user_t *user, uint32_t flags);
void nkt_user_lend_record(const nkt_user_t *user, nkt_signed_record_t *record);
void nkt_own_lend_record(const nkt_swarm_t *swarm, nkt_signed_record_t *record);
/** Is it no recipient of what is said to everybody? */
int nkt_away_has_left(const nkt_user_t *user);
/** It is forgotten. */
void nkt_away_forget(nkt_swarm_t *swarm, nkt_user_t *user);
/** Nobody given our present key may read on: who has it is not to any more. */
void nkt_letters_renew(nkt_swarm_t *swarm);
/** Wipes and frees it; it is in no table any more. */
void nkt_user_free(nkt_user_t *user);
/** It is no more one of those who left last, and get quiet parcels. */
void nkt_away_unfollow(nkt_swarm_t *swarm, nkt_user_t *user);

/* ---- reach.c ---- */

/** How a user is reached, as far as is known here. The later, the better. */
typedef enum nkt_reach {
    NKT_REACH_NONE,   /* given up: it said good-bye, does not answer, was not heard in this life yet, or the application says so */
    NKT_REACH_LOST,   /* its last direct way was lost, and it was not heard of since */
    NKT_REACH_OTHERS, /* through others, as nothing speaks against it */
    NKT_REACH_DIRECT, /* there is a link, or a relay on which it was heard */
} nkt_reach_t;

/** The one answer to whether it can be reached. */
nkt_reach_t nkt_user_reach(const nkt_user_t *user);
/** Its last direct way was lost; or there is one, or it was heard of. */
void nkt_user_set_lost(nkt_user_t *user, int is_lost);
/** Neither muted nor given up: what is said to it is sent. */
int nkt_user_is_open(const nkt_user_t *user);
/** Given up, and not muted: what is said to it waits. */
int nkt_user_is_given_up(const nkt_user_t *user);

/* ---- extent.c ---- */

/** In a mesh: has it no direct way any more, and no other is known? Nothing is said to it until it answers or is given up. */
int nkt_user_is_lost(nkt_swarm_t *swarm, const nkt_user_t *user);
/** Is there a way to it that was heard of? */
int nkt_user_is_near(const nkt_swarm_t *swarm, const nkt_user_t *user);
/** Is there no way to the user, as far as is known? */
int nkt_mailbox_is_away(nkt_swarm_t *swarm, const nkt_user_t *user);
/** Is there any way to send to it at all? */
int nkt_post_can_reach(const nkt_swarm_t *swarm, const nkt_user_t *user);
/** Is a message to everybody meant for it? */
int nkt_user_is_addressed(nkt_swarm_t *swarm, const nkt_user_t *user);
int nkt_endpoints_up(const nkt_swarm_t *swarm, nkt_link_kind_t kind);
nkt_connect_t *nkt_connect_find(nkt_swarm_t *swarm, const nkt_address_t *target);
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
/** Do so many say hello that not all got a place? */
int nkt_strangers_are_many(const nkt_swarm_t *swarm);
/** Known users; less those who only said hello, if there are many. */
size_t nkt_users_known(nkt_swarm_t *swarm);
/** Is it one of those? */
int nkt_user_is_counted(nkt_swarm_t *swarm, const nkt_user_t *user);
/** One who came a short while ago, and has shown nothing but that he can sign? */
int nkt_user_is_newcomer(nkt_swarm_t *swarm, const nkt_user_t *user);

/* ---- wishes.c ---- */

/** A link is gone: it may have been what held two parts together. */
void nkt_announce_lost(nkt_swarm_t *swarm);
/** A relay is not there: look through the trackers now. */
void nkt_announce_hurry(nkt_swarm_t *swarm);
/** Sets up a link to the user soon, if there is room and a way. */
void nkt_mesh_want(nkt_swarm_t *swarm, nkt_user_t *user, int at_once);
/** A link may be missing: looks for more soon; has_failed: not at once, an attempt has just failed. */
void nkt_view_want(nkt_swarm_t *swarm, int has_failed);
/** Are there others at that tracker to whom no link leads? */
int nkt_announce_is_blind(nkt_swarm_t *swarm, const nkt_endpoint_t *endpoint);

/* ---- puts.c ---- */

/** PUT of a record, sealed; plain NULL: to be deleted. */
void nkt_persist_put(nkt_swarm_t *swarm, const char *name, size_t name_size, const nkt_buf_t *plain);
/** The PUT that what is encrypted to this user next has to wait for. To be called before each. */
uint32_t nkt_persist_ticket(nkt_user_t *user);
void nkt_persist_delete_user(nkt_swarm_t *swarm, const nkt_user_t *user);
/** Name of the record of that peer. */
void nkt_peer_name(char name[NKT_PEER_NAME_SIZE + 1], const nkt_address_t *address);

#endif
