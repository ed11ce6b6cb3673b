/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How much is known to speak for a user. Everything that has to choose among users, because a
 * table, a budget or a person's patience is limited, asks here: what a stranger can make cheaply
 * ranks low, and never displaces what he cannot.
 */
#ifndef NKT_STATE_TRUST_H
#define NKT_STATE_TRUST_H

#include "nkt.h"

typedef struct nkt_swarm nkt_swarm_t;
typedef struct nkt_user nkt_user_t;

/** What speaks for a user, the best last. From NKT_RANK_LINKED on it is *proven*. */
typedef enum nkt_rank {
    NKT_RANK_SEEKER,   /* shows no membership of our room: costs a signature */
    NKT_RANK_STRANGER, /* of our room, into which anybody may come: costs no more */
    NKT_RANK_MEMBER,   /* knows the secret of our room, and nothing else is known of it */
    NKT_RANK_LINKED,   /* holds or held an authenticated link: costs a set-up of a link, and a place
                          at some neighbour */
    NKT_RANK_DECRYPTED, /* something it encrypted to us was decrypted, if only a hello, in this or
                           an earlier life */
    NKT_RANK_TALKED, /* said something in a session, acknowledged what we said there, or was looked
                        for by its address */
    NKT_RANK_PINNED, /* its safety number was compared */
} nkt_rank_t;

/** What a user has shown so far: bits of nkt_user.proof, which is stored. */
enum {
    NKT_PROOF_LINKED = 1,
    NKT_PROOF_DECRYPTED = 2,
    NKT_PROOF_TALKED = 4,
    NKT_PROOF_SOUGHT = 8, /* somebody at this peer asked for it: by address, with an invite, or said something to it
                                alone */
    NKT_PROOF_ALL = 15,
};

#endif
