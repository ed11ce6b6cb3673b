/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The state of a peer, and questions to it.
 *
 * Promises  one answer to every question that several rooms ask: how large is the swarm, who counts, who can be reached, who is
 *           dearer; effects and PUTs in the order in which they were asked for; what was reported is heeded once. A wish for a
 *           link is a timer here.
 * Never     decides, sends to a peer, or calls anything above it.
 * Owns      the structures (swarm.h and the other headers here), and what all change, by functions of this room only: of a user away,
 *           clock, stored and news; the table of links and their timers; of the swarm timers, chance, effects, counters, settings, our
 *           identity, record and room, buffers.
 * Enter by  nkt_user_find(), nkt_user_reach(), nkt_link_find(), nkt_emit(), nkt_news_report(), nkt_view_size().
 */
#ifndef NKT_STATE_STATE_H
#define NKT_STATE_STATE_H

#include "state/swarm.h"

/** Name of a peer's record: this and its address in hexadecimal. */
#define NKT_PEER_PREFIX "peer/"
enum { NKT_PEER_NAME_SIZE = sizeof NKT_PEER_PREFIX - 1 + 2 * NKT_ADDRESS_SIZE };

/* ---- make.c ---- */

/** A user with that record, which stays the caller's, in no table yet. NULL: no memory. */
nkt_user_t *nkt_user_make(const nkt_swarm_t *swarm, const nkt_record_t *record);
/** None of its timers is set any more. */
void nkt_user_still(nkt_swarm_t *swarm, nkt_user_t *user);
/** Wipes and frees it; it is in no table any more. */
void nkt_user_free(nkt_user_t *user);
void nkt_users_deinit(nkt_swarm_t *swarm);
/** NULL: there are too many, or no memory. Of a socket: its endpoint's from now on. */
nkt_link_t *nkt_link_open(nkt_swarm_t *swarm, nkt_link_kind_t kind, nkt_endpoint_t *endpoint);
void nkt_link_free(nkt_link_t *link);
void nkt_links_deinit(nkt_swarm_t *swarm);
/** The next one; there is room. url: the settings', for as long as they are there. */
nkt_endpoint_t *nkt_endpoint_make(nkt_swarm_t *swarm, nkt_link_kind_t kind, size_t index, const char *url);

/* ---- services.c ---- */

/** As nkt_timer_set() and so on of base/timer.h. */
void nkt_alarm_set(nkt_swarm_t *swarm, nkt_timer_t *timer, uint64_t at_ms);
void nkt_alarm_set_by(nkt_swarm_t *swarm, nkt_timer_t *timer, uint64_t at_ms);
void nkt_alarm_clear(nkt_swarm_t *swarm, nkt_timer_t *timer);
/** The next whose time has come, cleared, or NULL. */
nkt_timer_t *nkt_alarm_due(nkt_swarm_t *swarm);
/** As nkt_prng_next() and so on of base/prng.h. */
uint64_t nkt_chance_next(nkt_swarm_t *swarm);
uint64_t nkt_chance_below(nkt_swarm_t *swarm, uint64_t bound);
uint64_t nkt_chance_jitter(nkt_swarm_t *swarm, uint64_t ms);
uint64_t nkt_chance_backoff(nkt_swarm_t *swarm, uint32_t attempt, uint64_t ms_base, uint64_t ms_max);
void nkt_count(nkt_swarm_t *swarm, nkt_tally_t what, uint64_t by);
/** Counts what was dropped; returns err. */
int nkt_drop(nkt_swarm_t *swarm, int err);
/** The application is told at the end of the step. */
void nkt_status_changed(nkt_swarm_t *swarm);
void nkt_status_tell(nkt_swarm_t *swarm);
/** From now on it is noted when something of it, or its session, changes; never again, since it is forgotten. */
void nkt_user_note(nkt_swarm_t *swarm, nkt_user_t *user);
void nkt_user_unnote(nkt_user_t *user);
/** Something of it is to be stored. */
void nkt_user_touch(nkt_user_t *user);
/** Not yet: it is in doubt. */
void nkt_user_withhold(nkt_user_t *user);
/** It is stored as it is. */
void nkt_user_stored(nkt_user_t *user);
/** Bytes of that link are at work: what is wrong with them is its other end's fault, ... */
void nkt_blame_begin(nkt_swarm_t *swarm, nkt_link_t *from);
void nkt_blame_end(nkt_swarm_t *swarm);
/** ... or not. */
void nkt_blame_excuse(nkt_swarm_t *swarm, int is_blameless);

/* ---- lend.c ---- */

/*
 * One rule for all buffers that are lent: who fills one has it until it is lent again, and that may be in any function of another
 * room. So what is in it is used up at once, or it is held while others work: to lend what is held traps, and so does to post (take)
 * what was posted before.
 */

/** To be filled; empty. */
nkt_buf_t *nkt_lend(nkt_swarm_t *swarm, nkt_lent_t which);
/** What it was filled with. */
const nkt_buf_t *nkt_lent(const nkt_swarm_t *swarm, nkt_lent_t which);
/** The same, for the one to whom it was to go: once. */
const nkt_buf_t *nkt_take(nkt_swarm_t *swarm, nkt_lent_t which);
/** Nobody else may have it, until it is let go. */
void nkt_hold(nkt_swarm_t *swarm, nkt_lent_t which);
void nkt_let_go(nkt_swarm_t *swarm, nkt_lent_t which);

/* ---- own.c ---- */

/** An identity, if there is none. As nkt_identity_create(). */
int nkt_own_create(nkt_swarm_t *swarm);
/** One that was stored. */
void nkt_own_restore(nkt_swarm_t *swarm, const nkt_identity_t *identity);
/** The identity is to be stored; it is. */
void nkt_own_touch(nkt_swarm_t *swarm);
void nkt_own_stored(nkt_swarm_t *swarm);
/** Was somebody of that address sent nothing when it was stored under protocol 1, and is not known since? */
int nkt_user_was_muted(const nkt_swarm_t *swarm, const nkt_address_t *address);
/** What some had said up to that time is known to be heard no more. */
void nkt_own_forgot_by(nkt_swarm_t *swarm, uint64_t newest_ms);
/** The same of a user who is being forgotten. */
void nkt_own_forgot(nkt_swarm_t *swarm, const nkt_user_t *user);
void nkt_own_lend_record(const nkt_swarm_t *swarm, nkt_signed_record_t *record);
/** Signs our record anew. On an error the old one stays, and it is tried again soon. As nkt_record_create(). */
int nkt_own_sign(nkt_swarm_t *swarm);
/** It is to be signed anew then at the latest. */
void nkt_own_sign_by(nkt_swarm_t *swarm, uint64_t at_ms);
/** Which rooms have a core of this identity of their own. NKT_E_ARGUMENT, NKT_E_SIZE. */
int nkt_own_sisters(nkt_swarm_t *swarm, const uint8_t *networks, size_t size);
/** Is that the network of one of them? */
int nkt_own_is_sisters(const nkt_swarm_t *swarm, const uint8_t network[NKT_NETWORK_SIZE]);
/** The same by the room's key. */
int nkt_own_is_sisters_room(const nkt_swarm_t *swarm, const uint8_t key[32]);
/** Whether who looks for us by address is to find this core. */
void nkt_own_show(nkt_swarm_t *swarm, int is_findable);
/** The room that was named; who named none goes back to the one where he was taken in. */
void nkt_room_enter(nkt_swarm_t *swarm);
/** Writes what names it as text: see nkt_room_id(); empty for zero. */
void nkt_room_name(const nkt_swarm_t *swarm, const uint8_t network[NKT_NETWORK_SIZE], char text[NKT_ROOM_TEXT_SIZE]);
/** A peer without a room of its own joins the swarm of the one it asked for. 0: it has one, or is there already. */
int nkt_room_adopt(nkt_swarm_t *swarm, const uint8_t *room_key, int is_open);
/** The adopted room is forgotten, restored, stored. */
void nkt_room_leave(nkt_swarm_t *swarm);
void nkt_room_restore(nkt_swarm_t *swarm, const uint8_t key[32], int is_open);
void nkt_room_stored(nkt_swarm_t *swarm);

/* ---- absence.c ---- */

/** Is it no recipient of what is said to everybody? */
int nkt_away_has_left(const nkt_user_t *user);
/** It is out of reach from now on; it is not any more. */
void nkt_away_begin(const nkt_swarm_t *swarm, nkt_user_t *user);
void nkt_away_end(nkt_user_t *user);
/** It left; it did not. */
void nkt_away_mark(nkt_swarm_t *swarm, nkt_user_t *user);
void nkt_away_unmark(nkt_swarm_t *swarm, nkt_user_t *user);
/** 1: too many left, and it is time to look for those who are forgotten. */
int nkt_away_sort_due(nkt_swarm_t *swarm);
/** It misses what is said to everybody from that order on, 0: nothing. */
void nkt_away_miss(nkt_user_t *user, uint64_t from);
/** It is one of those who left last, and get quiet parcels: how many they are. Or no more so. */
size_t nkt_away_follow(nkt_swarm_t *swarm, nkt_user_t *user);
void nkt_away_unfollow(nkt_swarm_t *swarm, nkt_user_t *user);
/** It is forgotten. */
void nkt_away_forget(nkt_swarm_t *swarm, nkt_user_t *user);
void nkt_away_recall(nkt_swarm_t *swarm, nkt_user_t *user, uint64_t left_ms, uint64_t missed_from);

/* ---- effects.c ---- */

void nkt_effects_deinit(nkt_effects_t *effects);
/** A step begins. */
void nkt_effects_begin(nkt_swarm_t *swarm);
/** There is no memory for what must not be lost: the core is beyond use. */
void nkt_effects_fail(nkt_swarm_t *swarm);
/** Queues an effect with copies of its bytes and text. */
void nkt_emit(nkt_swarm_t *swarm, const nkt_effect_t *fx);
/** SEND of a frame, after the PUT with that ticket (0: at once). */
void nkt_emit_send(nkt_swarm_t *swarm, const nkt_link_t *link, const uint8_t *bytes, size_t size, unsigned flags,
                   uint32_t ticket);
/** Writes the ticket into the SENDs of this step that wait for it. */
void nkt_effects_bind(nkt_swarm_t *swarm, uint32_t ticket);
int nkt_effects_poll(nkt_swarm_t *swarm, nkt_effect_t *out);

/* ---- options.c ---- */

/** Parses into settings (to be freed with nkt_settings_deinit even on error). NKT_E_OPTIONS, NKT_E_MEMORY. */
int nkt_settings_parse(nkt_settings_t *settings, const char *json, size_t size);
int nkt_settings_copy(nkt_settings_t *settings, const nkt_options_t *options);
void nkt_settings_deinit(nkt_settings_t *settings);
/** Takes the nick over. */
void nkt_settings_rename(nkt_swarm_t *swarm, char *nick);
/** Takes over the relays and trackers that are not there yet, as far as there is room. How many. */
size_t nkt_settings_adopt(nkt_swarm_t *swarm, nkt_settings_t *wanted);

/* ---- clock.c ---- */

/** The host says how late it is (wall_ms), at the beginning of every step. By how far the wall clock jumped, if that means that it was
 * set or that the machine slept; 0: it did not. */
int64_t nkt_clock_pass(struct nkt_swarm *swarm);
/** For a while nobody is forgotten for his age: time may have passed that did not pass for him. */
void nkt_clock_spare(struct nkt_swarm *swarm);
/** Everybody is to be asked for his time, with our next record. */
void nkt_clock_ask_all(struct nkt_swarm *swarm);
/** Is that so? Asked once, it is done. */
int nkt_clock_asks_all(struct nkt_swarm *swarm);
/** They were: whoever does not say it is asked again, from soon on. */
void nkt_clock_asked_all(struct nkt_swarm *swarm);
/** So many were asked again, and are once more: the later, the more often that has happened. 0: nobody is there to be asked. */
void nkt_clock_asked_some(struct nkt_swarm *swarm, size_t count);
/** When the clocks are to be looked at next, though nothing arrives: others' to be counted, ours perhaps set right by whoever
 * was told that it is wrong. UINT64_MAX: not. */
uint64_t nkt_clock_due_ms(const struct nkt_swarm *swarm);
/** Our record was signed: nothing is said before the record that it is said under. */
void nkt_clock_renewed(struct nkt_swarm *swarm);
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
                                uint64_t created_ms, uint64_t ttl_ms);
/** Somebody is not there any more, or its wall clock is not known any more. */
void nkt_clock_forget(struct nkt_swarm *swarm);
/** What is to be said back to us, by anybody, within a minute or two. */
void nkt_clock_nonce(const struct nkt_swarm *swarm, uint8_t nonce[NKT_CLOCK_NONCE_SIZE]);
int nkt_clock_is_ours(const struct nkt_swarm *swarm, const uint8_t *nonce);
/** Have too few others told us their time? */
int nkt_clock_is_short(const struct nkt_swarm *swarm);
/** Should it be asked, as that is so, and its own is not known? */
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

/* ---- times.c: by the user's own clock ---- */

/** A fresh envelope of that user. */
void nkt_clock_heard(struct nkt_swarm *swarm, struct nkt_user *user, uint64_t created_ms);
/** It said that just now, beyond doubt. wall_ms 0: not told. */
void nkt_clock_proven(struct nkt_swarm *swarm, struct nkt_user *user, uint64_t created_ms,
                      uint64_t wall_ms);
/** It said something at that time: is that later than all before? Then it is noted. */
int nkt_clock_is_newest(struct nkt_user *user, uint64_t created_ms);
/** Something that it said then decrypted: in its session, under its sender key. */
void nkt_clock_opened(struct nkt_user *user, uint64_t created_ms);
void nkt_clock_group_opened(struct nkt_user *user, uint64_t created_ms);
/** It said good-bye then; 0: it is back. */
void nkt_clock_bye(struct nkt_user *user, uint64_t created_ms);
/** It said good-bye, and nothing later is known of it. */
int nkt_clock_has_left(const struct nkt_user *user);
/** All that it says from then on goes into its windows. */
void nkt_clock_first(struct nkt_swarm *swarm, struct nkt_user *user, uint64_t created_ms);
/** It asked for our time, and is told. */
void nkt_clock_told(struct nkt_swarm *swarm, struct nkt_user *user);
/** What is to be said back to it, or NULL: nothing any more. */
void nkt_clock_asked_by(struct nkt_user *user, const uint8_t *nonce);
void nkt_clock_restore(struct nkt_user *user, uint64_t newest_ms, uint64_t opened_ms, uint64_t first_ms);

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

nkt_link_t *nkt_link_find(nkt_swarm_t *swarm, uint32_t id);
/** Forward only (asserted): OPENING, OFFERING, ..., LIVE. */
void nkt_link_state_set(nkt_link_t *link, nkt_link_state_t state);
/** It is looked after next at that time: its timer. */
void nkt_link_alarm(nkt_swarm_t *swarm, nkt_link_t *link, uint64_t at_ms);
void nkt_link_rest(nkt_swarm_t *swarm, nkt_link_t *link);
/** Takes it out of the table; it is nobody's to blame any more. */
void nkt_link_remove(nkt_swarm_t *swarm, nkt_link_t *link);
/** The socket is closed: its endpoint has none. */
void nkt_link_unplug(nkt_link_t *link);
/** A relay at which that user was heard, and which is up; NULL: none. */
nkt_link_t *nkt_relay_of(const nkt_swarm_t *swarm, const nkt_user_t *user);
/** A live WebRTC link whose path is not in doubt? */
int nkt_link_is_steady(const nkt_link_t *link);
size_t nkt_rtc_count(const nkt_swarm_t *swarm, int live_only);
/** Is an attempt with that peer under way? */
int nkt_mesh_is_pending(nkt_swarm_t *swarm, const nkt_address_t *peer);
/** A WebRTC link that is proven? */
int nkt_link_is_live(const nkt_link_t *link);
/** An attempt to link with that address that is under way, or NULL. */
nkt_link_t *nkt_link_pending(nkt_swarm_t *swarm, const nkt_address_t *peer);

/* ---- users.c ---- */

nkt_user_t *nkt_user_find(nkt_swarm_t *swarm, const nkt_address_t *address);
/** Does a record prove that its user knows our room? */
int nkt_user_is_record_member(const nkt_swarm_t *swarm, const nkt_signed_record_t *record);
/** Is it, byte for byte, the one we have of that user? */
int nkt_user_is_record_known(const nkt_user_t *user, const nkt_signed_record_t *record);
/**
 * Is an envelope news of its author's, or may anybody say it again? News came over his own link, or was said after what
 * he said at newest_ms, by his clock. Only news spends his budgets, and only news shows that something is amiss.
 */
int nkt_user_is_news(const nkt_swarm_t *swarm, const nkt_envelope_t *envelope, uint64_t newest_ms);
void nkt_user_tell(nkt_swarm_t *swarm, const nkt_user_t *user, uint32_t flags);
void nkt_user_lend_record(const nkt_user_t *user, nkt_signed_record_t *record);

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
/** Its last direct way was lost, whether it was given up since or not; it was not heard of. */
int nkt_user_was_lost(const nkt_user_t *user);
/** Neither muted nor given up: what is said to it is sent. */
int nkt_user_is_open(const nkt_user_t *user);
/** Something waits for it, or is under way to it and not acknowledged. */
int nkt_user_is_owed(const nkt_user_t *user);
/** Has it no way of its own, and is neither heard nor acknowledges what was said to it five times? */
int nkt_user_is_silent(const nkt_swarm_t *swarm, const nkt_user_t *user);
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
/** May it have what is said to everybody in the room? */
int nkt_user_is_of_room(const nkt_swarm_t *swarm, const nkt_user_t *user);
/** Is a message to everybody meant for it? */
int nkt_user_is_addressed(nkt_swarm_t *swarm, const nkt_user_t *user);
int nkt_endpoints_up(const nkt_swarm_t *swarm, nkt_link_kind_t kind);
const nkt_connect_t *nkt_connect_find(nkt_swarm_t *swarm, const nkt_address_t *target);
/** Is the swarm so small that everybody is linked with everybody? */
int nkt_view_is_mesh(nkt_swarm_t *swarm);
/** How many peers the swarm has, as far as can be seen from here: a hint, servers may say anything. */
size_t nkt_view_size(nkt_swarm_t *swarm);
/** The same by what was heard of them alone: what a server says keeps nobody from knowing all. */
size_t nkt_view_seen(nkt_swarm_t *swarm);
/** Is it likely that as many are there as that server says? */
int nkt_claim_is_likely(nkt_swarm_t *swarm, const nkt_endpoint_t *endpoint);
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
/** Announce there at once; or not, it is down. */
void nkt_announce_soon(nkt_swarm_t *swarm, nkt_endpoint_t *endpoint);
void nkt_announce_rest(nkt_swarm_t *swarm, nkt_endpoint_t *endpoint);
/** The next time after that. */
void nkt_announce_later(nkt_swarm_t *swarm, nkt_endpoint_t *endpoint, uint64_t wait_ms);
/** It was announced there in search of those to whom no link leads; that was before. */
void nkt_announce_was_blind(nkt_endpoint_t *endpoint);
void nkt_announce_wish_again(nkt_endpoint_t *endpoint);
/** Sets up a link to the user soon, if there is room and a way. */
void nkt_mesh_want(nkt_swarm_t *swarm, nkt_user_t *user, int at_once);
/** The same a little later: it is just that too many are being set up. */
void nkt_mesh_want_soon(nkt_swarm_t *swarm, nkt_user_t *user);
/** A link may be missing: looks for more soon; has_failed: not at once, an attempt has just failed. */
void nkt_view_want(nkt_swarm_t *swarm, int has_failed);
/** Not before that; none is missing; there is one with that user. */
void nkt_view_later(nkt_swarm_t *swarm, uint64_t wait_ms);
void nkt_view_wish_end(nkt_swarm_t *swarm);
void nkt_mesh_wish_end(nkt_swarm_t *swarm, nkt_user_t *user);
/** Are there others at that tracker to whom no link leads? */
int nkt_announce_is_blind(nkt_swarm_t *swarm, const nkt_endpoint_t *endpoint);

/* ---- puts.c ---- */

/** PUT of a record, sealed; plain NULL: to be deleted. */
void nkt_persist_put(nkt_swarm_t *swarm, const char *name, size_t name_size, const nkt_buf_t *plain);
void nkt_persist_delete_user(nkt_swarm_t *swarm, const nkt_user_t *user);
/** Name of the record of that peer. */
void nkt_peer_name(char name[NKT_PEER_NAME_SIZE + 1], const nkt_address_t *address);

#endif
