/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Links that come of invites: what the rest of the swarm calls. */
#ifndef NKT_SWARM_INVITE_H
#define NKT_SWARM_INVITE_H

#include "swarm/swarm.h"

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
/** A proven link tells the key of a secret room. 0 or -2xx. */
int nkt_invite_room(nkt_swarm_t *swarm, nkt_link_t *link, const uint8_t *frame, size_t size);
/** There is a proven link with that user, whichever way it came about. */
void nkt_invite_live(nkt_swarm_t *swarm, nkt_user_t *user);
/** Such a link is being closed. */
void nkt_invite_lost(nkt_swarm_t *swarm, nkt_link_t *link);
int nkt_invite_is_accepted(const nkt_link_t *link);
/** Those that wait, given out and accepted. */
size_t nkt_invite_count(const nkt_swarm_t *swarm);

#endif
