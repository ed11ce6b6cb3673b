/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who gets a place: in the table of users (admit.c), and who wanted a link (worth.c). */
#ifndef NKT_SWARM_ADMIT_H
#define NKT_SWARM_ADMIT_H

#include <stddef.h>

typedef struct nkt_swarm nkt_swarm_t;
typedef struct nkt_user nkt_user_t;
typedef struct nkt_link nkt_link_t;

/** Who wanted a WebRTC link. */
typedef enum nkt_link_origin {
    NKT_ORIGIN_ASKED, /* its other end, with us and nobody else */
    NKT_ORIGIN_GIVEN, /* its other end, and came upon us; or we were free */
    NKT_ORIGIN_OURS,
} nkt_link_origin_t;

/** What a greeting of somebody unknown is. */
typedef enum nkt_hello {
    NKT_HELLO_NEW,    /* it says that it is there, or looks for us */
    NKT_HELLO_ANSWER, /* it had a greeting of ours */
    NKT_HELLO_TRUSTED, /* of one who knows our secret */
} nkt_hello_t;

/** Makes room for one more user. NKT_E_TABLE_FULL: all have shown more than a stranger can. */
int nkt_admit_room(nkt_swarm_t *swarm);
/** The user has shown that it is no mere stranger: one of its kind may have to go for it. */
void nkt_admit_proven(nkt_swarm_t *swarm, const nkt_user_t *user);
/** May a greeting of somebody unknown be looked at? To be asked before its signature is. NKT_E_RATE. */
int nkt_admit_hello(nkt_swarm_t *swarm, nkt_link_t *link, nkt_hello_t hello);
/** Does somebody unknown who said hello get a place? If not he is answered, and nothing is remembered. */
int nkt_admit_has_place(nkt_swarm_t *swarm, int is_trusted);
/** Do so many say hello that not all got a place? */
int nkt_strangers_are_many(const nkt_swarm_t *swarm);
/** Known users; less those who only said hello, if there are many. */
size_t nkt_users_known(nkt_swarm_t *swarm);
/** Is it one of those? */
int nkt_user_is_counted(nkt_swarm_t *swarm, const nkt_user_t *user);

#endif
