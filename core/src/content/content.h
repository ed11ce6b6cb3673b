/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Contents: bytes of any number, cut into sealed pieces that whoever has them gives to whoever knows the content.
 *
 * Promises  what is stored, served or read was verified against the root, piece by piece; a message waits for one part of a
 *           content at most on its link; every request is answered once; who sends a bad piece is not asked again.
 * Never     holds a whole content, or says to anybody what he did not show that he knows.
 * Owns      swarm->contents, link->content.
 * Enter by  nkt_content_frame() for what neighbours say, nkt_content_share() and the others of hosted.c and share.c for what the host says;
 *           nkt_content_tend() at the end of each step, where everything that goes out is decided.
 */
#ifndef NKT_CONTENT_CONTENT_H
#define NKT_CONTENT_CONTENT_H

#include "content/frame.h"
#include "content/manifest.h"
#include "content/piece.h"
#include "state/swarm.h"

/* ---- table.c ---- */

nkt_blob_t *nkt_blob_find(const nkt_swarm_t *swarm, uint32_t ticket);
/** One that has a ticket and nothing else. NKT_E_ARGUMENT: it is used, or 0; NKT_E_CONTENTS_FULL, NKT_E_MEMORY. */
int nkt_blob_new(nkt_swarm_t *swarm, uint32_t ticket, nkt_blob_t **out);
/** Its tables, once its size is known. NKT_E_CONTENTS_FULL, NKT_E_MEMORY. */
int nkt_blob_size(nkt_swarm_t *swarm, nkt_blob_t *blob, uint64_t size);
nkt_shape_t nkt_blob_shape(const nkt_blob_t *blob);
int nkt_blob_holds(const nkt_blob_t *blob, uint32_t index);
void nkt_blob_hold(nkt_blob_t *blob, uint32_t index);
void nkt_blob_lose(nkt_swarm_t *swarm, nkt_blob_t *blob, uint32_t index);
void nkt_blob_lose_all(nkt_swarm_t *swarm, nkt_blob_t *blob);
int nkt_blob_is_whole(const nkt_blob_t *blob);
/** The application is to be told, soon. */
void nkt_blob_changed(nkt_swarm_t *swarm, nkt_blob_t *blob);

/** Of a link, or (NULL) of one who is reached over a relay. NULL: no memory. */
nkt_source_t *nkt_source_new(nkt_swarm_t *swarm, nkt_link_t *link, const nkt_address_t *address);
/** Of that link, made if there is none. NULL: no memory. */
nkt_source_t *nkt_source_of(nkt_swarm_t *swarm, nkt_link_t *link);
/** To the end of the list: others are given, and asked, before it. */
void nkt_source_behind(nkt_swarm_t *swarm, nkt_source_t *source);
/** Nothing is sent to it (dontSendTo). */
int nkt_source_is_muted(nkt_swarm_t *swarm, const nkt_address_t *address);
int nkt_source_is_known_bad(const nkt_swarm_t *swarm, const nkt_address_t *address);

/** How it names that content: calculated once, since whatever is offered is looked for among all that are open. */
const uint8_t *nkt_source_tag(const nkt_swarm_t *swarm, nkt_source_t *source, const nkt_blob_t *blob);

nkt_feed_t *nkt_feed_find(const nkt_source_t *source, const uint8_t *tag_in);
nkt_feed_t *nkt_feed_of(const nkt_source_t *source, const nkt_blob_t *blob);
/** NULL: there are too many, or no memory. */
nkt_feed_t *nkt_feed_new(nkt_swarm_t *swarm, nkt_source_t *source, nkt_blob_t *blob);
int nkt_feed_has(const nkt_feed_t *feed, uint32_t index);
/** It has that piece; it has not. */
void nkt_feed_gain(nkt_feed_t *feed, uint32_t index);
void nkt_feed_lose(nkt_feed_t *feed, uint32_t index);

/** It asked for that piece, or has it: of those that it was shown. */
void nkt_feed_settle(nkt_feed_t *feed, uint32_t index, int is_asked);

/* ---- ends.c ---- */

void nkt_contents_deinit(nkt_swarm_t *swarm);
/** Nobody refers to it any more. */
void nkt_blob_free(nkt_swarm_t *swarm, nkt_blob_t *blob);
void nkt_source_free(nkt_swarm_t *swarm, nkt_source_t *source);
void nkt_feed_free(nkt_swarm_t *swarm, nkt_source_t *source, nkt_feed_t *feed);

/* ---- words.c ---- */

/** A frame arrived on a live link. 0 or -2xx. */
int nkt_content_frame(nkt_swarm_t *swarm, nkt_link_t *link, const uint8_t *bytes, size_t size);
/** The same of one that was read. */
int nkt_content_word(nkt_swarm_t *swarm, nkt_source_t *source, const nkt_content_frame_t *frame);

/* ---- send.c ---- */

/** Is it neither at a link nor at a relay any more? */
int nkt_source_is_gone(const nkt_source_t *source);
/** Of the parts of a piece: larger over a link than over a relay. */
size_t nkt_content_part_size(const nkt_source_t *source);
/** Sends what contents->frame was filled with. */
void nkt_content_send(nkt_swarm_t *swarm, nkt_source_t *source, unsigned flags);
/** The timer, soon. */
void nkt_content_later(nkt_swarm_t *swarm);

/* ---- tend.c ---- */

/** The end of every step: what follows from all that happened in it. */
void nkt_content_tend(nkt_swarm_t *swarm);
void nkt_content_timer(nkt_swarm_t *swarm);

/* ---- offers.c ---- */

void nkt_content_link_up(nkt_swarm_t *swarm, nkt_link_t *link);
/** Whether anything is sent to that user changed: what is served to it ends at once, or is offered again. */
void nkt_content_muted(nkt_swarm_t *swarm, const nkt_user_t *user);
/** It takes part from now on; it does not any more. */
void nkt_content_announce(nkt_swarm_t *swarm, nkt_blob_t *blob);
void nkt_content_withdraw(nkt_swarm_t *swarm, nkt_blob_t *blob);
int nkt_content_offered(nkt_swarm_t *swarm, nkt_source_t *source, const nkt_content_frame_t *frame);
int nkt_content_field(nkt_swarm_t *swarm, nkt_feed_t *feed, const nkt_content_frame_t *frame);
int nkt_content_have(nkt_swarm_t *swarm, nkt_feed_t *feed, const nkt_content_frame_t *frame);
int nkt_content_gone(nkt_swarm_t *swarm, nkt_source_t *source, const nkt_content_frame_t *frame);
int nkt_content_peers(nkt_swarm_t *swarm, nkt_feed_t *feed, const nkt_content_frame_t *frame);
/** What is new here, and who else is there, is told to those who know a content. 1: there is more to come. */
int nkt_content_tell(nkt_swarm_t *swarm);

/** We know this content. */
void nkt_content_offer_one(nkt_swarm_t *swarm, nkt_source_t *source, const uint8_t *tag);
/** The other end knows a content that we know too: it is told so, and what we have of it. */
void nkt_content_feed_begin(nkt_swarm_t *swarm, nkt_source_t *source, nkt_blob_t *blob);

/* ---- show.c ---- */

/** It is nowhere but here, as far as is known. */
void nkt_show_begin(nkt_blob_t *blob);
void nkt_show_forget(nkt_feed_t *feed);
/** Those who may ask are shown something to ask for. */
void nkt_show_more(nkt_swarm_t *swarm);

/* ---- relayed.c ---- */

/** Links are sought with others who have what is missing, and a relay is used while there is none. */
void nkt_content_seek(nkt_swarm_t *swarm, nkt_blob_t *blob);
/** A frame out of an envelope. 0 or -2xx. */
int nkt_content_relayed(nkt_swarm_t *swarm, const nkt_user_t *user, const uint8_t *bytes, size_t size);
/** From time to time: 1 if there is anybody. */
int nkt_content_relayed_tend(nkt_swarm_t *swarm);

/* ---- fetch.c ---- */

/** Is something of it missing that may be fetched? */
int nkt_blob_is_wanted(const nkt_blob_t *blob);
/** Asks for as much as is to be under way. */
void nkt_content_ask(nkt_swarm_t *swarm);
int nkt_content_data(nkt_swarm_t *swarm, nkt_source_t *source, const nkt_content_frame_t *frame);
int nkt_content_refused(nkt_swarm_t *swarm, nkt_source_t *source, const nkt_content_frame_t *frame);
/** Nothing that was asked of it is waited for: it is told, and answers all the same. */
void nkt_content_release(nkt_swarm_t *swarm, nkt_source_t *source);
/** Nothing that was asked of it for that feed will be answered: it, or we, forgot that content. */
void nkt_content_forget(nkt_source_t *source, const nkt_feed_t *feed);
/** Who has been silent for too long is asked no more. 1: something is under way. */
int nkt_content_stalled(nkt_swarm_t *swarm);
/** We slept: nobody is late for that. */
void nkt_content_excuse(nkt_swarm_t *swarm);

/* ---- serve.c ---- */

int nkt_content_asked(nkt_swarm_t *swarm, nkt_source_t *source, nkt_feed_t *feed, const nkt_content_frame_t *frame);
int nkt_content_cancelled(nkt_swarm_t *swarm, nkt_source_t *source, nkt_feed_t *feed, const nkt_content_frame_t *frame);
/** Parts go out, pieces are asked of the host. */
void nkt_content_give(nkt_swarm_t *swarm);
/** The host gave a piece, verified. */
void nkt_content_loaded(nkt_swarm_t *swarm, nkt_blob_t *blob, uint32_t index, const nkt_buf_t *proven);
/** What is asked for and not held any more is refused. */
void nkt_content_unload(nkt_swarm_t *swarm, const nkt_blob_t *blob);
/** The host says what is left in a link's queue. */
void nkt_content_queued(nkt_swarm_t *swarm, nkt_link_t *link, uint32_t size);
/** What waits there for that feed (NULL: any) is not sent; refuse: its other end is told. */
void nkt_asked_drop(nkt_swarm_t *swarm, nkt_source_t *source, const nkt_feed_t *feed, int refuse);

/* ---- turns.c ---- */

/** Free places of those who may ask are filled. */
void nkt_turns_fill(nkt_swarm_t *swarm);
/** Decides anew who may ask, if it is time. 1: somebody asks, or waits for a place. */
int nkt_turns_round(nkt_swarm_t *swarm);

/* ---- share.c, look.c, hosted.c: facts; errors as in nkt.h ---- */

int nkt_content_share(nkt_swarm_t *swarm, uint32_t ticket, const char *json, size_t size, unsigned flags);
int nkt_content_plain(nkt_swarm_t *swarm, uint32_t ticket, uint32_t index, const uint8_t *plain, size_t size, unsigned flags);
int nkt_content_begin(nkt_swarm_t *swarm, uint32_t ticket, const uint8_t *bytes, size_t size, const nkt_address_t *author);
int nkt_content_look(nkt_swarm_t *swarm, uint32_t ticket, const uint8_t *bytes, size_t size);
int nkt_content_leaves(nkt_swarm_t *swarm, uint32_t ticket, const uint8_t *leaves, size_t size);
int nkt_content_held(nkt_swarm_t *swarm, uint32_t ticket, const uint8_t *bits, size_t size);
int nkt_content_piece(nkt_swarm_t *swarm, uint32_t ticket, uint32_t index, const uint8_t *bytes, size_t size, unsigned flags);
int nkt_content_written(nkt_swarm_t *swarm, uint32_t ticket, uint32_t index, unsigned flags);
int nkt_content_lost(nkt_swarm_t *swarm, uint32_t ticket, uint32_t index);
int nkt_content_get(nkt_swarm_t *swarm, uint32_t ticket, uint32_t index);
int nkt_content_unget(nkt_swarm_t *swarm, uint32_t ticket, uint32_t index);
int nkt_content_pause(nkt_swarm_t *swarm, uint32_t ticket, int is_paused);
int nkt_content_end(nkt_swarm_t *swarm, uint32_t ticket);

#endif
