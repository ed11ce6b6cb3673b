/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Mail: envelopes kept for recipients who are away, each for one or for several. Bounded in bytes and count: per recipient, per
 * author and in all. What
 * makes room is the oldest of the author who has most, of those who came by the link that brought most: nobody's mail goes
 * for that of one who fills the box, nor for that of a crowd behind one link.
 */
#ifndef NKT_OVERLAY_MAIL_H
#define NKT_OVERLAY_MAIL_H

#include <stddef.h>
#include <stdint.h>

#include "nkt.h"
#include "wire/limits.h"

typedef struct nkt_mail {
    uint8_t id[NKT_ID_SIZE];
    nkt_address_t from;
    uint32_t via; /* the link it came by */
    uint64_t kept_ms;
    nkt_address_t *to; /* those it is still to be given to, in no order; behind the frame */
    size_t to_count;
    size_t size;
    uint8_t frame[];
} nkt_mail_t;

typedef struct nkt_mailbox {
    nkt_mail_t **mails; /* NKT_MAIL_COUNT_MAX places, the oldest first; NULL: empty */
    size_t count, size;
    uint64_t factor;      /* of base/place.h */
    uint64_t probe_count; /* steps in search of who has most: its tests count the work */
} nkt_mailbox_t;

/** seed: unpredictable. No allocation. */
void nkt_mailbox_init(nkt_mailbox_t *box, uint64_t seed);
/** Empty, and usable. */
void nkt_mailbox_deinit(nkt_mailbox_t *box);

/** Keeps a copy of a frame; head names it: id, from, via, kept_ms, and to and to_count (at least one; copied).
 *  NKT_E_SIZE: more than one author may have kept; NKT_E_DUPLICATE: it is here; NKT_E_MEMORY. */
int nkt_mailbox_add(nkt_mailbox_t *box, const nkt_mail_t *head, const uint8_t *frame, size_t size);

/** The oldest for that recipient, or NULL. Valid until the next add, handed or expire. */
const nkt_mail_t *nkt_mailbox_next(const nkt_mailbox_t *box, const nkt_address_t *to);
/** The next for the same recipient, or NULL. */
const nkt_mail_t *nkt_mailbox_after(const nkt_mailbox_t *box, const nkt_mail_t *mail, const nkt_address_t *to);
/** That recipient has it: dropped when it was the last one. */
void nkt_mailbox_handed(nkt_mailbox_t *box, const nkt_mail_t *mail, const nkt_address_t *to);

/** Drops what was kept for NKT_MAIL_MS. */
void nkt_mailbox_expire(nkt_mailbox_t *box, uint64_t now_ms);

#endif
