/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who gets a place: in the table of users (admit.c), and who wanted a link (worth.c). */
#ifndef NKT_STATE_ADMIT_H
#define NKT_STATE_ADMIT_H

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

#endif
