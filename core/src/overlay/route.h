/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which ways an envelope takes. Small swarms are a full mesh: a directed envelope goes over every direct way (WebRTC and
 * relay), and where there is none it floods, bounded by hops and the seen-set.
 */
#ifndef NKT_OVERLAY_ROUTE_H
#define NKT_OVERLAY_ROUTE_H

/** What is known of the way to a recipient. */
typedef struct nkt_route_view {
    int is_linked;   /* an authenticated WebRTC link to it is up */
    int is_on_relay; /* it was heard directly through a relay that is up */
    int is_relay_up; /* some relay is up */
} nkt_route_view_t;

enum {
    NKT_ROUTE_LINK = 1,        /* over the link to the recipient */
    NKT_ROUTE_RELAY_TO = 2,    /* directed, through the relays it is on */
    NKT_ROUTE_RELAY_ALL = 4,   /* broadcast on all relays */
    NKT_ROUTE_FLOOD = 8,       /* over all WebRTC links but the one it came by */
    NKT_ROUTE_FLOOD_OFF_RELAY = 16, /* as FLOOD, but only to neighbours that are not on the relay */
};

/** Where it came from. */
typedef enum nkt_route_origin {
    NKT_ROUTE_OWN,
    NKT_ROUTE_FROM_LINK,
    NKT_ROUTE_FROM_RELAY,
} nkt_route_origin_t;

/** Ways for an envelope to one recipient (not to this peer). 0: nowhere. */
unsigned nkt_route_directed(nkt_route_origin_t origin, const nkt_route_view_t *view);

/** Ways for an envelope to everybody. is_sender_on_relay: its author was heard on the relay itself. */
unsigned nkt_route_broadcast(nkt_route_origin_t origin, int is_relay_up, int is_sender_on_relay);

#endif
