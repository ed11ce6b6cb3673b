/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which way out: own envelopes signed and sent, others' passed on, broadcasts pushed, announced and fetched.
 *
 * Promises  an envelope goes over the ways that serve and no others; a broadcast is passed on once; whoever missed it is told;
 *           what one author costs is bounded.
 * Never     looks into a payload, encrypts, opens or closes a link.
 * Owns      of a user: greeting, cast, mail, kept; of a link: cast, tree; of the swarm: seen, recent, missing, paths, tree, bridging,
 *           mailbox, kept.
 * Enter by  nkt_post(), which takes what NKT_LENT_PAYLOAD was filled with; nkt_forward().
 */
#ifndef NKT_ROUTING_ROUTING_H
#define NKT_ROUTING_ROUTING_H

#include "state/swarm.h"

enum { NKT_DUE_HAND = 1, NKT_DUE_POST = 2 };

/* How something is posted: others may keep it for its recipient; it was said before, and may have been lost on the way that it took;
 * it is not signed, for it takes its recipient's own link alone. */
enum { NKT_POST_KEEP = 1, NKT_POST_AGAIN = 2, NKT_POST_DIRECT = 4 };

/* One signed frame, and what is needed to send it. */
typedef struct nkt_dispatch {
    const uint8_t *frame;
    size_t size;
    nkt_kind_t kind;
    const nkt_address_t *to; /* NULL: everybody */
    nkt_user_t *user;        /* NULL: everybody, or nobody known */
    uint32_t path;           /* the link that leads to the recipient, 0: none */
    uint8_t digest[NKT_DIGEST_SIZE];
    uint32_t ticket; /* of the PUT it has to wait for */
    int is_forwarded;
    int count;
    uint32_t link; /* the last one it went over */
} nkt_dispatch_t;

typedef struct nkt_casting {
    nkt_route_edge_t edge;
    const nkt_link_t *from;     /* where it came from, NULL: our own */
    const nkt_user_t *author;   /* NULL: we */
    nkt_broadcast_t *broadcast; /* NULL: not kept */
    nkt_missing_entry_t told;   /* neighbours who have it: they told us before it came */
    size_t push_count, push_max;
    uint8_t hops;               /* it has behind it, 0: our own */
    int is_told; /* announced only: pushed over no link, and put on no relay */
} nkt_casting_t;

/* ---- relay_out.c ---- */

void nkt_relay_hello(nkt_swarm_t *swarm, nkt_link_t *link);
/** to NULL: everybody. */
void nkt_relay_send(nkt_swarm_t *swarm, nkt_link_t *link, const nkt_address_t *to, const uint8_t *frame, size_t size,
                    uint32_t ticket);

/* ---- greeting.c ---- */

/** Our record as a greeting, in NKT_LENT_PAYLOAD. has_proof: with the proof that we know the room, which in one that is not open is
 *  nobody else's business. flags: NKT_GREETING_*. more: prekey and echo, or NULL. NKT_E_MEMORY. */
int nkt_greeting_pack(nkt_swarm_t *swarm, int has_proof, unsigned flags, const nkt_greeting_t *more);

/* ---- lazy.c ---- */

/** Is a broadcast of that size flooded here, rather than announced? */
int nkt_tree_is_flood(nkt_swarm_t *swarm, size_t size);
/** Tells a neighbour of a broadcast, soon and with others. */
void nkt_tree_announce(nkt_swarm_t *swarm, nkt_link_t *link, const nkt_broadcast_t *broadcast);
/** A broadcast came for the first time, by that link (told: who has it as well). */
void nkt_tree_arrived(nkt_swarm_t *swarm, nkt_link_t *from, const uint8_t *id, nkt_missing_entry_t *told);
/** Over how many links a broadcast that so many hops are behind is pushed. */
size_t nkt_tree_push_max(nkt_swarm_t *swarm, unsigned hops);
/** Tells one neighbour, at random, of all recent broadcasts. */
void nkt_tree_digest(nkt_swarm_t *swarm);
void nkt_tree_link_up(nkt_swarm_t *swarm, nkt_link_t *link);
void nkt_tree_link_down(nkt_swarm_t *swarm, nkt_link_t *link);
void nkt_tree_ihave_timer(nkt_swarm_t *swarm);
/** What is missing is asked for when the first of it is due. */
void nkt_tree_fetch_arm(nkt_swarm_t *swarm);

/* ---- useful.c ---- */

/** A broadcast of that author came by that link, before it came by any other. */
void nkt_worth_heard(nkt_swarm_t *swarm, nkt_link_t *from, const nkt_address_t *author);
/** It was first with something of another's not long ago, and is so now and then? */
int nkt_link_is_useful(const nkt_swarm_t *swarm, const nkt_link_t *link);
/** Do broadcasts come over it, or is it told of them, and other links are quicker? For people to see. */
int nkt_tree_is_way(nkt_swarm_t *swarm, const nkt_link_t *link);

/* ---- way.c ---- */

/** A broadcast that is kept, once more, to a neighbour that missed it. */
void nkt_post_again(nkt_swarm_t *swarm, nkt_link_t *link, const nkt_broadcast_t *broadcast);
/** The link to the neighbour through whom that address was heard, 0: none. */
uint32_t nkt_way_path(const nkt_swarm_t *swarm, const nkt_address_t *to);
/** What is known of the ways to that user. */
nkt_route_view_t nkt_way_view(const nkt_swarm_t *swarm, const nkt_user_t *user, uint32_t path);
/** Over one link; relay_to: to whom the relay hands it, NULL: to all. */
void nkt_way_send(nkt_swarm_t *swarm, nkt_link_t *link, nkt_dispatch_t *dispatch, const nkt_address_t *relay_to);
/** Over the ways given; from: where it came from, whose author sender is not sent it back. */
void nkt_way_directed(nkt_swarm_t *swarm, nkt_dispatch_t *dispatch, unsigned ways, const nkt_link_t *from,
                         const nkt_user_t *sender);
/** Is a broadcast of that kind kept for neighbours who missed it? */
int nkt_way_is_kept(unsigned kind);
/** Over the links that are to have it, and the relays. */
void nkt_way_broadcast(nkt_swarm_t *swarm, nkt_dispatch_t *dispatch, nkt_casting_t *casting);
/** Gossip with one user finds its way or is not missed. */
int nkt_way_is_gossip(unsigned kind);
/** Is what nobody knows the way for worth asking everybody? */
int nkt_way_is_worth_flooding(nkt_swarm_t *swarm, unsigned kind, int is_sought);
/** The ways that are worth it to one who never answered. */
unsigned nkt_way_to_stranger(unsigned ways);

/* ---- keep.c ---- */

/** A verified envelope came by on its way to that user (NULL: unknown): keeps it if that is this peer's turn. */
void nkt_mailbox_keep(nkt_swarm_t *swarm, const nkt_envelope_t *envelope, const nkt_link_t *from, const nkt_user_t *to);
/** An envelope of that size went out, to be kept. */
void nkt_mailbox_posted(nkt_swarm_t *swarm, nkt_user_t *user, size_t size);
/** Between a peer and an envelope: the nearest keep it. */
uint32_t nkt_keep_distance(const nkt_address_t *address, const uint8_t id[NKT_ID_SIZE]);
void nkt_keep_mail(nkt_swarm_t *swarm, const nkt_envelope_t *envelope, uint32_t via, nkt_address_t *to, size_t to_count);
/** That recipient was handed it. */
void nkt_keep_handed(nkt_swarm_t *swarm, const nkt_mail_t *mail, const nkt_address_t *to);
void nkt_keep_tidy(nkt_swarm_t *swarm);
/** Soon, for that user: NKT_DUE_HAND, NKT_DUE_POST. */
void nkt_mailbox_due(nkt_swarm_t *swarm, nkt_user_t *user, uint8_t due);
/** What is due for it; nothing is from then on. */
uint8_t nkt_mailbox_due_take(nkt_user_t *user);
/** There is more to be handed over: when it is time for the next. */
void nkt_mailbox_go_on(nkt_user_t *user);
void nkt_mailbox_pace(nkt_swarm_t *swarm);
/** Of what waits for it: all is to be given to mailboxes again; as much as at first; none, it is back. */
void nkt_mailbox_again(nkt_user_t *user);
void nkt_mailbox_afresh(nkt_user_t *user);
void nkt_mailbox_done(nkt_user_t *user);

/* ---- memory.c ---- */

/** An envelope comes by for the first time? NKT_E_DUPLICATE, NKT_E_MEMORY. */
int nkt_once(nkt_swarm_t *swarm, const uint8_t digest[NKT_DIGEST_SIZE]);
/** It came by that link: a way to its author. */
void nkt_way_learn(nkt_swarm_t *swarm, const nkt_envelope_t *envelope, const nkt_link_t *link, int is_proven);
/** Whoever is at its other end told of that address: perhaps a way, if none is known. */
void nkt_way_guess(nkt_swarm_t *swarm, const nkt_address_t *to, const nkt_link_t *link, int is_proven);
void nkt_way_forget(nkt_swarm_t *swarm, const nkt_address_t *to);
/** Broadcasts too old to be asked for are let go. */
void nkt_tree_tidy(nkt_swarm_t *swarm);

/* ---- post.c ---- */

/** Signs and sends NKT_LENT_PAYLOAD. to NULL: everybody. Returns over how many links it went. */
int nkt_post(nkt_swarm_t *swarm, nkt_kind_t kind, nkt_user_t *to);
/** Ciphertext of a session, after the PUT with that ticket. how: NKT_POST_KEEP (if the user is away), NKT_POST_AGAIN. *way (may be
 *  NULL): the one link that it went over, the recipient's own or a relay's, in the order of what else goes over it; 0: several, or through
 *  others. */
int nkt_post_session(nkt_swarm_t *swarm, nkt_user_t *to, uint32_t ticket, unsigned how, uint32_t *way);
/** NKT_LENT_PAYLOAD as a SHARED envelope, to some who keep it for these; with our record, if one may not know us. To how many. */
int nkt_post_shared(nkt_swarm_t *swarm, nkt_user_t *const *to, size_t to_count, uint32_t ticket, int has_record);
/** As nkt_post(), over one link only. */
int nkt_post_via(nkt_swarm_t *swarm, nkt_kind_t kind, nkt_user_t *to, nkt_link_t *link);
/** As nkt_post(), over one relay only, to whom it is for. */
int nkt_post_relayed(nkt_swarm_t *swarm, nkt_kind_t kind, const nkt_user_t *to, nkt_link_t *relay);
/** Sends NKT_LENT_PAYLOAD as a greeting to an address of whom nothing else is known, through that relay. */
int nkt_post_to_address(nkt_swarm_t *swarm, nkt_link_t *relay, const nkt_address_t *to);
/** The same with our record, saying that we look for it. */
int nkt_post_seek(nkt_swarm_t *swarm, nkt_link_t *relay, const nkt_address_t *to);
/** The same, after the PUT with that ticket. */
int nkt_post_after(nkt_swarm_t *swarm, nkt_kind_t kind, nkt_user_t *to, uint32_t ticket);
/** Signs NKT_LENT_PAYLOAD as what keepers may keep for keep_s, and sends it nowhere: it is in NKT_LENT_FRAME. to NULL: for everybody. */
int nkt_post_write(nkt_swarm_t *swarm, nkt_kind_t kind, const nkt_address_t *to, uint32_t keep_s, uint64_t created_ms,
                   uint8_t id[NKT_ID_SIZE]);
/** The same of a session's ciphertext, to that user; with our record, if it may not know us. */
int nkt_post_write_to(nkt_swarm_t *swarm, const nkt_user_t *to, uint32_t keep_s, uint64_t created_ms, int has_record,
                      uint8_t id[NKT_ID_SIZE]);
/** Signs NKT_LENT_PAYLOAD, with our record, and sends it to one neighbour, whoever it is for. */
void nkt_post_over(nkt_swarm_t *swarm, nkt_kind_t kind, nkt_link_t *link);
/** Is there anybody who could keep something for that user? */
int nkt_mailbox_has_keeper(const nkt_swarm_t *swarm, const nkt_user_t *away);

/* ---- forward.c ---- */

/** Passes on what is for others, once, as far as its author's budget goes. sender: NULL, one who is not known here. */
void nkt_forward(nkt_swarm_t *swarm, const nkt_envelope_t *envelope, nkt_link_t *from, nkt_user_t *sender);
/** Passes it on to one neighbour. */
void nkt_forward_over(nkt_swarm_t *swarm, const nkt_envelope_t *envelope, nkt_link_t *link);

/* ---- bridge.c ---- */

/** The frame that is passed on, of an author or (NULL) of somebody unknown, came by that link: it is said at other relays as well, a little
 *  later, where somebody hears it by no relay else, unless somebody else says it there first. */
void nkt_bridge_broadcast(nkt_swarm_t *swarm, const nkt_envelope_t *envelope, const nkt_dispatch_t *dispatch, const nkt_link_t *from,
                          const nkt_user_t *author);
/** The same, to one: where he was heard. */
void nkt_bridge_directed(nkt_swarm_t *swarm, const nkt_envelope_t *envelope, const nkt_dispatch_t *dispatch, const nkt_link_t *from,
                         const nkt_user_t *author);
/** It came by that link, verified: perhaps a relay on which its author is heard through others. */
void nkt_bridge_learn(const nkt_swarm_t *swarm, nkt_user_t *author, const nkt_link_t *link, const nkt_envelope_t *envelope);
/** That frame was said to everybody on that relay, not verified. */
void nkt_bridge_overheard(nkt_swarm_t *swarm, const nkt_link_t *relay, const uint8_t *frame, size_t size);
void nkt_bridge_timer(nkt_swarm_t *swarm);

/* ---- tree.c ---- */

/** IHAVE or GRAFT from a neighbour. 0 or -2xx. */
int nkt_tree_frame(nkt_swarm_t *swarm, nkt_link_t *link, const uint8_t *frame, size_t size);
void nkt_tree_fetch_timer(nkt_swarm_t *swarm);

/* ---- greet.c ---- */

/** May it be asked whether it is there? Once, until nkt_user_ask_end(). Counts it as asked. */
int nkt_ask_begin(nkt_swarm_t *swarm, nkt_user_t *user);
/** It need not answer that any more, or did. */
void nkt_user_ask_end(nkt_user_t *user);
/** May one more be asked after? Counts it. */
int nkt_ask_may(nkt_swarm_t *swarm);
/** It is to be told our record as if it never was. */
void nkt_greet_renew(nkt_user_t *user);
/** It is told whom we know by then. */
void nkt_digest_want(nkt_swarm_t *swarm, nkt_user_t *user, uint64_t at_ms);
/** Our record to one user, with what it asked us to say back; over that link, or (NULL) whatever way there is. more: a prekey, or nothing;
 * NKT_GREETING_* flags. Whoever greets uses delivery's nkt_greet(). */
void nkt_greeting_post(nkt_swarm_t *swarm, nkt_user_t *user, unsigned flags, const nkt_greeting_t *more, nkt_link_t *link);
/** (Re)signs our own record and tells everybody if we are online. NKT_E_MEMORY, NKT_E_SIZE. */
int nkt_own_record_renew(nkt_swarm_t *swarm);
/** Asks one, of whom something came over that link, for its time, and tells it ours. nonce: what it asked us to say back, or NULL. */
void nkt_greet_doubted(nkt_swarm_t *swarm, nkt_link_t *link, const nkt_address_t *address, int is_member, const uint8_t *nonce);

/* ---- keeper.c ---- */

/** From an author. NKT_E_RECIPIENT: we keep nothing (for that one); NKT_E_PAYLOAD and what is wrong with a frame in it. */
int nkt_keeper_receive(nkt_swarm_t *swarm, nkt_user_t *author, const nkt_envelope_t *envelope);
/** The user was heard of: it is handed over what is kept for it. */
void nkt_keeper_heard(nkt_swarm_t *swarm, nkt_user_t *user);
/** It has read these. */
void nkt_keeper_receipt(nkt_swarm_t *swarm, nkt_user_t *user, const ProtobufCBinaryData *ids, size_t count);
void nkt_keeper_timer(nkt_swarm_t *swarm);
void nkt_keeper_tidy(nkt_swarm_t *swarm);
/** Emits PUTs of what changed. */
void nkt_keeper_flush(nkt_swarm_t *swarm);
/** A stored page, opened, is in NKT_LENT_PLAIN; text: its number. NKT_E_RECORD, NKT_E_NEWER, NKT_E_MEMORY. */
int nkt_keeper_restore(nkt_swarm_t *swarm, const char *text, size_t size, int is_keys);
void nkt_keeper_start(nkt_swarm_t *swarm);

#endif
