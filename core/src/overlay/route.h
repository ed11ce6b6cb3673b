/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which ways an envelope takes. A directed one goes over every direct way (WebRTC and relay); else to the neighbour through
 * whom its recipient was heard last; else it floods, bounded by hops and the seen-set. A broadcast goes over the relay and
 * from link to link: flooded in a small swarm; in a large one pushed while few have it, then announced and fetched.
 */
#ifndef NKT_OVERLAY_ROUTE_H
#define NKT_OVERLAY_ROUTE_H

/** What is known of the way to a recipient. */
typedef struct nkt_route_view {
    int is_linked;   /* an authenticated WebRTC link to it is up */
    int is_on_relay; /* it was heard directly through a relay that is up */
    int is_relay_up; /* some relay is up */
    int has_path;    /* a neighbour passed on what it sent */
} nkt_route_view_t;

enum {
    NKT_ROUTE_LINK = 1,      /* over the link to the recipient */
    NKT_ROUTE_RELAY_TO = 2,  /* directed, through the relays it is on */
    NKT_ROUTE_RELAY_ALL = 4, /* broadcast on all relays */
    NKT_ROUTE_PATH = 8,      /* to the neighbour through whom it was heard */
    NKT_ROUTE_FLOOD = 16,    /* over WebRTC links but the one it came by */
};

/** Where it came from. */
typedef enum nkt_route_origin {
    NKT_ROUTE_OWN,
    NKT_ROUTE_FROM_LINK,
    NKT_ROUTE_FROM_RELAY,
} nkt_route_origin_t;

/** Ways for an envelope to one recipient (not to this peer). */
unsigned nkt_route_directed(nkt_route_origin_t origin, const nkt_route_view_t *view);

/** Is a broadcast put on the relays as well? is_author_on_relay: its author was heard on the relay itself. */
int nkt_route_broadcast_relay(nkt_route_origin_t origin, int is_relay_up, int is_author_on_relay);

/** A broadcast and one link that it did not come by. */
typedef struct nkt_route_edge {
    nkt_route_origin_t origin;
    int is_flood;             /* small swarm and small message: over all links */
    int is_early;             /* few have it yet: hardly anybody would get it twice */
    int is_relay_up;
    int is_author_on_relay;
    int is_neighbour_on_relay;
} nkt_route_edge_t;

typedef enum nkt_route_choice {
    NKT_ROUTE_SKIP,
    NKT_ROUTE_PUSH,     /* send it */
    NKT_ROUTE_ANNOUNCE, /* tell of it: who misses it fetches it */
} nkt_route_choice_t;

nkt_route_choice_t nkt_route_broadcast_edge(const nkt_route_edge_t *edge);

#endif
