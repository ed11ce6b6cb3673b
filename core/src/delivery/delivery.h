/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From "say" to "delivered": messages, sessions, sender keys, acknowledgements, what waits for those who are away, the journal.
 *
 * Promises  each message is heard once by each recipient, however often it is sent; nothing is acknowledged that was not heard
 *           and stored; no plaintext leaves but by nkt_talk_clear().
 * Never     knows by which link something goes: it does not meet links/.
 * Owns      of a user: session, talk, delivery, group, letters, windows; of the swarm: outbox, group, letters, journal, lately, sessions;
 *           messages, parcels, pages.
 * Enter by  nkt_outbox_add() on the way out, nkt_talk_receive() on the way in, nkt_outbox_pump() when a way opened.
 */
#ifndef NKT_DELIVERY_DELIVERY_H
#define NKT_DELIVERY_DELIVERY_H

#include "state/swarm.h"

/** To whom and in which room something was said. */
typedef struct nkt_said {
    const uint8_t *network; /* NKT_NETWORK_SIZE bytes, lent; all zero: not known */
    uint8_t is_to_all, is_to_one; /* neither: not known */
} nkt_said_t;

/* ---- greet.c ---- */

/** Our record to one user, with one-time keys if it is to begin the session. NKT_GREETING_* flags. */
void nkt_greet(nkt_swarm_t *swarm, nkt_user_t *user, unsigned flags);
/** That greeting of its, to us, may ask for our KEM key: the next to it brings one. 1: it is to be answered now. */
int nkt_greet_wanted(nkt_swarm_t *swarm, nkt_user_t *user, const nkt_greeting_t *greeting);
/** The same over that link only. */
void nkt_greet_via(nkt_swarm_t *swarm, nkt_user_t *user, unsigned flags, nkt_link_t *link);
/** Asks whether it is there, through others, once. */
void nkt_user_ask(nkt_swarm_t *swarm, nkt_user_t *user);
/** While too few clocks are known: asks some of those who are there and have not said what time it is, and them or others again later. */
void nkt_clock_ask_some(nkt_swarm_t *swarm);

/* ---- message.c ---- */

/** May others keep it for its recipient? */
int nkt_mailbox_may_keep(const nkt_swarm_t *swarm, const nkt_parcel_t *parcel);
/** Fills in what is said, at that position of a stream; lent from the message. */
void nkt_talk_lend(const nkt_swarm_t *swarm, struct Nkt__Say *say, const nkt_message_t *message, uint64_t stream_id, uint64_t sequence);
/** Fills in of an effect to whom and where it was said: peer, text, which lies at `text` then, and in flags what is not known. */
void nkt_said_lend(const nkt_swarm_t *swarm, nkt_effect_t *fx, const nkt_said_t *said, char text[NKT_ROOM_TEXT_SIZE]);
/** Names a new stream of ours: higher than all of earlier lives. NKT_E_ENTROPY. */
int nkt_talk_stream(nkt_swarm_t *swarm, uint64_t *stream_id);
/** Adds a parcel to its message; the caller puts it into a list. NULL: no memory, or too many. */
nkt_parcel_t *nkt_parcel_new(nkt_swarm_t *swarm, nkt_message_t *message, const nkt_address_t *to);
/** A message with a copy of the text; not counted anywhere yet. NULL: no memory. */
nkt_message_t *nkt_message_new(const uint8_t *json, size_t size);
void nkt_message_free(nkt_message_t *message);
/** Tells the application how far it is, unless it is quiet. */
void nkt_parcel_tell(nkt_swarm_t *swarm, const nkt_parcel_t *parcel, nkt_delivery_state_t state, int err);
/** 1 if it is for its recipient alone. */
unsigned nkt_parcel_is_letter(const nkt_parcel_t *parcel);
/** Behind what waits for the user. */
void nkt_parcel_queue(const nkt_swarm_t *swarm, nkt_user_t *user, nkt_parcel_t *parcel);
/** A held message, restored; lists are in the order of restoring until nkt_away_start(). */
void nkt_away_restore(nkt_swarm_t *swarm, nkt_message_t *message);
void nkt_lately_append(nkt_lately_t *lately, nkt_message_t *message);

/* ---- cipher.c ---- */

/** The PUT that what is encrypted to this user next has to wait for. To be called before each. */
uint32_t nkt_talk_ticket(nkt_user_t *user);
/** That PUT reserves places in its chain. */
void nkt_talk_reserve(nkt_user_t *user, uint32_t ticket);
/** Its session as bytes, in user->session.record. NKT_E_MEMORY. */
int nkt_talk_packed(nkt_user_t *user);

/** Its session is stored as it is. */
void nkt_talk_stored(nkt_user_t *user);
/** What was encrypted, as a Ciphertext into NKT_LENT_PAYLOAD; to has what else is in it. NKT_E_MEMORY. */
int nkt_talk_pack(nkt_swarm_t *swarm, const nkt_ciphertext_t *from, struct Nkt__Ciphertext *to);
/** The parts of a Ciphertext, lent. */
nkt_ciphertext_t nkt_talk_parts(const struct Nkt__Ciphertext *from);
/** What was decrypted into NKT_LENT_PLAIN, to be freed. ends: NULL where they are named otherwise. NKT_E_PAYLOAD, NKT_E_ENDS. */
int nkt_talk_open(nkt_swarm_t *swarm, const uint8_t *ends, struct Nkt__Inner **out);
/** Encrypts inner, with both ends named in it, padded to pad_min at least; sealed is lent until the next. *ticket: the PUT that it
 *  has to wait for.
 *  NKT_E_NO_SESSION: there is none, or it is at its end, and another is about to take its place. */
int nkt_talk_seal(nkt_swarm_t *swarm, nkt_user_t *user, Nkt__Inner *inner, size_t pad_min, nkt_ciphertext_t *sealed, uint32_t *ticket);
/** Encrypts into NKT_LENT_PAYLOAD; *ticket: what it has to wait for. 1: it begins a session, as far as the other side is known to
 *  know; NKT_OK; as nkt_talk_seal(), NKT_E_MEMORY. */
int nkt_talk_encrypt(nkt_swarm_t *swarm, nkt_user_t *user, Nkt__Inner *inner, uint32_t *ticket);
/** Encrypts and sends; links it went over, or an error. how, way: as of nkt_post_session(). */
int nkt_talk_post(nkt_swarm_t *swarm, nkt_user_t *user, Nkt__Inner *inner, unsigned how, uint32_t *way);
/** The same of what nobody waits for when the user is back. */
int nkt_talk_send(nkt_swarm_t *swarm, nkt_user_t *user, Nkt__Inner *inner);

/* ---- pressure.c ---- */

/** Is it there, and takes what it is sent? */
int nkt_outbox_is_active(const nkt_swarm_t *swarm, const nkt_user_t *user);
/** Its reachability or its parcels changed: keeps the measure of pressure right. */
void nkt_outbox_weigh(nkt_swarm_t *swarm, nkt_user_t *user);

/* ---- pages.c ---- */

/** The state of a message changed: to be stored some time. */
void nkt_journal_changed(nkt_swarm_t *swarm, nkt_message_t *message);
/** What a kept message counts for, in bytes. */
size_t nkt_journal_weight(const nkt_message_t *message);
/** Takes out one that is settled; its page is to be stored by then. */
void nkt_journal_clear(nkt_swarm_t *swarm, nkt_message_t *message, uint64_t due_ms);
void nkt_page_link(nkt_journal_t *journal, nkt_page_t *page);
/** Takes it out and frees it. */
void nkt_page_unlink(nkt_journal_t *journal, nkt_page_t *page);
void nkt_page_append(nkt_page_t *page, nkt_message_t *message);
void nkt_page_remove(nkt_page_t *page, nkt_message_t *message);
/** It is to be stored by then. */
void nkt_page_want(nkt_swarm_t *swarm, nkt_page_t *page, uint64_t due_ms);
/** The page that takes a text of that size next; NULL: no memory. */
nkt_page_t *nkt_page_open(nkt_swarm_t *swarm, size_t size);
/** Clears all in it that is settled. */
void nkt_page_clear(nkt_swarm_t *swarm, nkt_page_t *page, uint64_t due_ms);

/* ---- history.c ---- */

/** Makes room when more is kept than may be. */
void nkt_history_trim(nkt_swarm_t *swarm);

/* ---- journal.c ---- */

/** Takes in what was just said. */
void nkt_journal_said(nkt_swarm_t *swarm, nkt_message_t *message);
/** Was it heard at the end of the life before, whose replay window was not stored any more? */
int nkt_journal_knows(const nkt_swarm_t *swarm, const nkt_user_t *user, const struct Nkt__Say *say);
/** ... or heard, there. */
void nkt_journal_heard(nkt_swarm_t *swarm, const nkt_user_t *user, const struct Nkt__Say *say, const nkt_said_t *said);
/** It reached all it will reach: kept for the history, or freed. */
void nkt_journal_settled(nkt_swarm_t *swarm, nkt_message_t *message);
/** Emits PUTs of what is due, or of everything (is_last). */
void nkt_journal_flush(nkt_swarm_t *swarm, int is_last);
/** Tells the newest `count` messages, the oldest first. How many. */
int nkt_journal_tell(nkt_swarm_t *swarm, size_t count, uint32_t ticket);
/** Forgets what is settled now, and the rest when it is. */
void nkt_journal_forget(nkt_swarm_t *swarm);
void nkt_journal_deinit(nkt_swarm_t *swarm);

/* ---- group.c ---- */

/** Was it given our present key? Then its copy of a message to everybody has the position of the broadcast. */
int nkt_group_may_read(const nkt_swarm_t *swarm, const nkt_user_t *user);
/** ... and confirmed it, and is there: the broadcast is all it needs. */
int nkt_group_holds(const nkt_swarm_t *swarm, const nkt_user_t *user);
/** Broadcasts the message if that pays; sets its group_position and is_broadcast. Before any parcel of it is made. */
void nkt_group_say(nkt_swarm_t *swarm, nkt_message_t *message, size_t recipient_count);
/** Gives a message to everybody its position in the stream to everybody, if it has none. NKT_E_ENTROPY. */
int nkt_group_position(nkt_swarm_t *swarm, nkt_message_t *message);
/** Over how long the acknowledgements of a broadcast are spread. */
uint64_t nkt_group_ack_window_ms(nkt_swarm_t *swarm);
/** A broadcast was not acknowledged in time. */
void nkt_group_missed(nkt_swarm_t *swarm, nkt_user_t *user);
/** Lends our key for what is said to the user now: 1, or 0 when it needs none. */
int nkt_group_offer(nkt_swarm_t *swarm, nkt_user_t *user, struct Nkt__GroupKey *offer);
/** What the user says of our key: it holds it; it cannot read. 1: what was broadcast to it is to be said again in its session. */
void nkt_group_held(nkt_swarm_t *swarm, nkt_user_t *user, uint64_t epoch);
int nkt_group_asked(nkt_swarm_t *swarm, nkt_user_t *user);
/** It may hold our key no more. What is said next goes in its session, and brings the key again. */
void nkt_group_unheld(nkt_user_t *user);
/** NKT_E_PAYLOAD, NKT_E_KEY, NKT_E_REPLAY, NKT_E_MEMORY. */
int nkt_group_key_receive(nkt_swarm_t *swarm, nkt_user_t *user, const struct Nkt__GroupKey *offer);
/** Is there anything to tell the user of its key? Moves it into a message that goes out now. */
int nkt_group_has_news(const nkt_user_t *user);
void nkt_group_take_news(nkt_user_t *user, struct Nkt__Inner *inner);
void nkt_group_deinit(nkt_swarm_t *swarm);
/** That key of the user, or NULL. */
nkt_group_key_t *nkt_group_key_find(nkt_user_t *user, uint64_t epoch);
/** Something of keys is to be told to the user, after so long at the latest. */
void nkt_group_news(nkt_swarm_t *swarm, nkt_user_t *user, uint64_t wait_ms);

/* ---- session.c ---- */

/** Wants a session with the user: initiates now or when it is our turn. 1: it was begun, and what waits may go out in it. */
int nkt_talk_seek(nkt_swarm_t *swarm, nkt_user_t *user);
/** The session's timer. 1 as above. */
int nkt_talk_session_due(nkt_swarm_t *swarm, nkt_user_t *user);
/** A session to say something in to one who may be away, begun if there is none. NKT_E_KEY: its KEM key is not here, and is asked for, or
 *  is odd; NKT_E_MEMORY. */
int nkt_talk_ready(nkt_swarm_t *swarm, nkt_user_t *user);
/** Encrypts into NKT_LENT_PAYLOAD and sends nothing; begins a session if there is none. The frame made of it has to wait for this
 *  step's PUT. As nkt_talk_encrypt(); NKT_E_KEY. */
int nkt_talk_write(nkt_swarm_t *swarm, nkt_user_t *user, struct Nkt__Inner *inner);
/** Tells of it as well. */
void nkt_talk_state_set(nkt_swarm_t *swarm, nkt_user_t *user, nkt_session_state_t state);
/** Something of its session decrypted. 1: the first, so what waits may go out. */
int nkt_talk_established(nkt_swarm_t *swarm, nkt_user_t *user);
/** A new session, from its record and a KEM key; without one it is asked for it, again and again, until it is there.
 *  1: what waits may go out in it. */
int nkt_talk_initiate(nkt_swarm_t *swarm, nkt_user_t *user);
/** Its greeting may bring a one-time prekey for the next initiation. */
void nkt_talk_offered(nkt_swarm_t *swarm, nkt_user_t *user, const nkt_greeting_t *greeting, uint64_t created_ms);
/** It was heard: an attempt at a session that waits long for one who was silent comes soon. */
void nkt_talk_heard(nkt_swarm_t *swarm, nkt_user_t *user);
/** It is about to know what our hello needs: if one is out, it is said again soon. */
void nkt_talk_hello_again(nkt_swarm_t *swarm, nkt_user_t *user);
/** NKT_E_KEY, NKT_E_MEMORY. */
int nkt_talk_safety_number(nkt_swarm_t *swarm, const nkt_user_t *user, char digits[NKT_SAFETY_DIGIT_COUNT + 1]);

/* ---- recall.c ---- */

/** A stored page, opened, is in NKT_LENT_PLAIN. NKT_E_RECORD, NKT_E_MEMORY. */
int nkt_journal_restore(nkt_swarm_t *swarm, const char *name, size_t name_size);
/** Before the start: whose words they are, and whom they are for, under the addresses of now. */
void nkt_journal_move(nkt_swarm_t *swarm, const nkt_moved_t *moved, size_t count);

/* ---- restore.c ---- */

void nkt_talk_restore(nkt_swarm_t *swarm, nkt_user_t *user, const struct Nkt__StoredPeer *stored);

/* ---- say.c ---- */

void nkt_talk_flush_acks(nkt_swarm_t *swarm, nkt_user_t *user);
/** Encrypts and sends `count` parcels, from that one on, in one envelope, and notes it in them. Links it went over, or an error. */
int nkt_talk_say(nkt_swarm_t *swarm, nkt_user_t *user, nkt_parcel_t *first, size_t count);
int nkt_talk_clear(nkt_swarm_t *swarm, const uint8_t *json, size_t size, uint32_t ticket);
/** To be acknowledged within wait_ms. */
void nkt_talk_ack(nkt_swarm_t *swarm, nkt_user_t *user, uint64_t stream_id, uint64_t sequence, uint64_t wait_ms);

/* ---- keepers.c ---- */

/** Is it one who keeps letters for others? */
int nkt_keeper_may_be(const nkt_user_t *user);
/** The timer of letters, by then. */
void nkt_letters_later(nkt_swarm_t *swarm, uint64_t wait_ms);
/** Lets go what nobody waits for any more. */
void nkt_letter_items_sweep(nkt_letters_t *letters);
/** Letters may go out: the keys of those who are to read them have. */
void nkt_letter_items_release(nkt_letters_t *letters);
/** Who is to keep for us, as things are now. */
void nkt_keepers_choose(nkt_swarm_t *swarm);
/** Is there anybody, and room for more? */
int nkt_letters_may_write(const nkt_swarm_t *swarm);
/** Takes in the frame in NKT_LENT_FRAME. */
int nkt_letter_item_add(nkt_swarm_t *swarm, const uint8_t id[NKT_ID_SIZE], int is_key);
/** What waits for them goes out. */
void nkt_keepers_serve(nkt_swarm_t *swarm);
/** To the author from a keeper, or to a keeper from a recipient. NKT_E_PAYLOAD. */
int nkt_letter_receipt(nkt_swarm_t *swarm, nkt_user_t *user, const nkt_envelope_t *envelope);

/** Is it one of those who keep for us? */
int nkt_keeper_is_chosen(const nkt_letters_t *letters, const nkt_address_t *address);

/* ---- keyring.c ---- */

/** Its lasting KEM key, which is that of its record; NULL: not here. */
const uint8_t *nkt_key_of(nkt_user_t *user);
/** Is there a KEM key to begin a session by, the lasting one or one for us alone? */
int nkt_key_may_begin(nkt_user_t *user);
/** That is its lasting key. NKT_E_KEY: the record has the hash of another; NKT_E_MEMORY. */
int nkt_key_take(nkt_user_t *user, const uint8_t key[NKT_KEM_KEY_SIZE]);
/** The same, as somebody else says: it is taken if we asked. 1: something waited for it. */
int nkt_key_told(nkt_swarm_t *swarm, nkt_user_t *user, const uint8_t key[NKT_KEM_KEY_SIZE]);
/** Something is to be said to one who is away, and can not for want of its key: others are asked for it. */
void nkt_key_lack(nkt_swarm_t *swarm, nkt_user_t *user);
/** They were; again later. */
void nkt_key_asked(const nkt_swarm_t *swarm, nkt_user_t *user);
/** Are they about to be asked for the first time, or were a moment ago? */
int nkt_key_is_awaited(const nkt_swarm_t *swarm, const nkt_user_t *user);
/** It is here: a keeper asks it. */
void nkt_key_heard(nkt_swarm_t *swarm, nkt_user_t *user);
/** There is somebody new to ask. */
void nkt_keys_afresh(nkt_swarm_t *swarm);

/* ---- keyask.c ---- */

void nkt_keys_timer(nkt_swarm_t *swarm);

/* ---- letter.c ---- */

/** Before parcels are made of a message to everybody: writes it to those who are away. */
void nkt_letter_say(nkt_swarm_t *swarm, nkt_message_t *message);
/** Is the user one of those to whom a letter to everybody is written? */
int nkt_letter_is_away(const nkt_swarm_t *swarm, const nkt_user_t *user);
/** Something waits for one who is away. */
void nkt_letter_want(nkt_swarm_t *swarm, nkt_user_t *user);
/** The user is here: what it is told from now on needs no letters. */
void nkt_letter_heard(nkt_swarm_t *swarm, nkt_user_t *user, uint64_t created_ms);
/** Nobody given our present key may read on: who has it is not to any more. */
void nkt_letters_renew(nkt_swarm_t *swarm);
void nkt_letters_timer(nkt_swarm_t *swarm);
/** From time to time: those who went silent. */
void nkt_letters_tidy(nkt_swarm_t *swarm);
void nkt_letters_deinit(nkt_swarm_t *swarm);

/* ---- mail.c ---- */

/** May something to a user who is away be posted now, for others to keep? Each envelope is to be counted by _posted(). */
int nkt_mailbox_may_post(const nkt_swarm_t *swarm, nkt_user_t *user);
/** Gives what waits for one who is away to the mailboxes, if they do not have it. */
void nkt_mailbox_post(nkt_swarm_t *swarm, nkt_user_t *user);
/** All that waits for the user is to be kept by others, soon. */
void nkt_mailbox_want(nkt_swarm_t *swarm, nkt_user_t *user);

/* ---- share.c ---- */

/** Now: the timer, and the end. */
void nkt_share_post(nkt_swarm_t *swarm);
/** Who else is to get it: addresses out of a SHARED envelope's payload. How many, or NKT_E_PAYLOAD. */
int nkt_share_recipients(const nkt_envelope_t *envelope, nkt_address_t to[NKT_MAIL_SHARE_COUNT_MAX]);
/** Our part of it. NKT_OK also if there is none; errors as of nkt_talk_receive(). */
int nkt_share_receive(nkt_swarm_t *swarm, nkt_user_t *user, const nkt_envelope_t *envelope);

/* ---- parcel.c ---- */

/** A parcel of a message to everybody that its recipient was not counted for; queued. */
void nkt_outbox_add_quiet(nkt_swarm_t *swarm, nkt_user_t *user, nkt_message_t *message);
/** Looks for an absent user again, after a little more than that. */
void nkt_outbox_look_later(nkt_swarm_t *swarm, nkt_user_t *user, uint64_t wait_ms);
/** Ends a parcel of the user (NULL: of nobody known) that is in no list any more. */
void nkt_parcel_end(nkt_swarm_t *swarm, nkt_user_t *user, nkt_parcel_t *parcel, nkt_delivery_state_t state, int err);
/** One reference less: it may be settled. */
void nkt_message_release(nkt_swarm_t *swarm, nkt_message_t *message);
/** There is a stream to that user, from here on. NKT_E_ENTROPY. */
int nkt_parcel_stream(nkt_swarm_t *swarm, nkt_user_t *user);
/** Gives it its position, which it keeps whatever happens. */
void nkt_parcel_position(const nkt_swarm_t *swarm, nkt_user_t *user, nkt_parcel_t *parcel);

/* ---- away.c ---- */

/** It said good-bye, or has been unreachable for too long. */
void nkt_away_leave(nkt_swarm_t *swarm, nkt_user_t *user);
/** It is of another room, from which we came: as good as gone, and not told. */
void nkt_away_elsewhere(nkt_swarm_t *swarm, nkt_user_t *user);
/** It is sent nothing any more: what is said meanwhile it did not miss. */
void nkt_away_exclude(nkt_swarm_t *swarm, nkt_user_t *user);
/** It was heard of: gets what it missed. */
void nkt_away_return(nkt_swarm_t *swarm, nkt_user_t *user);
/** A message to everybody, before it is stored: held for those who missed it; quiet parcels for those who left last. */
void nkt_away_said(nkt_swarm_t *swarm, nkt_message_t *message);
void nkt_away_start(nkt_swarm_t *swarm);
void nkt_away_deinit(nkt_swarm_t *swarm);
void nkt_away_miss_next(nkt_swarm_t *swarm, nkt_user_t *user);
/** Lets go what is too old, or too much, to be held. */
void nkt_lately_trim(nkt_swarm_t *swarm);

/* ---- resume.c ---- */

/** A user is new: what was stored for it finds its way. */
void nkt_outbox_adopt(nkt_swarm_t *swarm, nkt_user_t *user);
/** The same as nkt_outbox_expire() for those who are not known, or the end of all of them (err). */
void nkt_outbox_expire_orphans(nkt_swarm_t *swarm, uint64_t until_ms, int err);
/** Goes on where the last life ended. */
void nkt_journal_start(nkt_swarm_t *swarm);

/* ---- outbox.c ---- */

/** to NULL: everybody. NKT_E_*. */
int nkt_outbox_add(nkt_swarm_t *swarm, nkt_user_t *to, const uint8_t *json, size_t size, uint32_t ticket, unsigned flags);
/** Sends what may be sent to the user. */
void nkt_outbox_pump(nkt_swarm_t *swarm, nkt_user_t *user);
/** The same for everybody: a way opened. Where that is much, the others have their turn a little later, so that a host can do
 * other work in between. */
void nkt_outbox_pump_all(nkt_swarm_t *swarm);
/** There is no later: sends to those who wait for their turn, or for company. */
void nkt_outbox_pump_rest(nkt_swarm_t *swarm);
void nkt_outbox_acked(nkt_swarm_t *swarm, nkt_user_t *user, const struct nkt_ack_range *range);
void nkt_outbox_expire(nkt_swarm_t *swarm, nkt_user_t *user);
void nkt_outbox_retry(nkt_swarm_t *swarm, nkt_user_t *user);
/** Sends again soon what is unacknowledged: a session or link is new. */
void nkt_outbox_hurry(nkt_swarm_t *swarm, nkt_user_t *user);
/** Wants a session with the user, and sends what waits as soon as it is begun. */
void nkt_talk_want(nkt_swarm_t *swarm, nkt_user_t *user);
/** The application waits for a session with the user, however large the swarm is; or does not any more. */
void nkt_talk_call(nkt_swarm_t *swarm, nkt_user_t *user, int is_called);
void nkt_talk_session_timer(nkt_swarm_t *swarm, nkt_user_t *user);
/** Says again soon, in its session, what was broadcast to it. */
void nkt_outbox_say_again(nkt_swarm_t *swarm, nkt_user_t *user);
/** Says again what later messages overtook. */
void nkt_outbox_lost(nkt_swarm_t *swarm, nkt_user_t *user);
/** Every message to the user fails for that reason. */
void nkt_outbox_drop(nkt_swarm_t *swarm, nkt_user_t *user, int err);

/* ---- loss.c ---- */

/** What one acknowledgement ends, for nkt_loss_look(). */
typedef struct nkt_passed {
    uint64_t sent_ms; /* of what was said last of it, and once; 0: nothing was */
    uint32_t way;     /* as of nkt_post_session() */
} nkt_passed_t;

/** That parcel is acknowledged. */
void nkt_loss_acked(nkt_passed_t *passed, const nkt_parcel_t *parcel);
/** What was said before, and is under way still, is probably lost, and said again soon. */
void nkt_loss_look(nkt_swarm_t *swarm, nkt_user_t *user, const nkt_passed_t *passed);
/** How many parcels of the flight, from that one on, are lost, are due, and travel in one envelope? */
size_t nkt_loss_count(const nkt_swarm_t *swarm, const nkt_parcel_t *parcel);

/* ---- calls.c ---- */

/** Gives up the call to the user with that ticket. NKT_E_ARGUMENT: none waits. */
int nkt_outbox_cancel(nkt_swarm_t *swarm, nkt_user_t *user, uint32_t ticket);

/* ---- hear.c ---- */

int nkt_talk_receive_clear(nkt_swarm_t *swarm, nkt_user_t *user, const nkt_envelope_t *envelope);
/** Shows a message whose position is new, out of that envelope; acknowledges it, after ack_ms at the latest. NKT_E_PAYLOAD, NKT_E_REPLAY,
 *  NKT_E_MEMORY. */
int nkt_talk_hear(nkt_swarm_t *swarm, nkt_user_t *user, const nkt_envelope_t *envelope, const struct Nkt__Say *say, uint64_t ack_ms);
/** Of several things in one each that is refused is dropped and counted by itself: what is to be returned, before this one and with it. */
int nkt_talk_each(nkt_swarm_t *swarm, int before, int one);

/* ---- reading.c ---- */

/** NKT_E_PAYLOAD, NKT_E_REPLAY, NKT_E_MEMORY. */
int nkt_letter_key_receive(nkt_swarm_t *swarm, nkt_user_t *user, const struct Nkt__LetterKey *given);
/** What a keeper kept, verified. NKT_E_EXPIRED, NKT_E_NO_SESSION, NKT_E_PAYLOAD, NKT_E_REPLAY, NKT_E_RATE, NKT_E_MEMORY. */
int nkt_letter_receive(nkt_swarm_t *swarm, nkt_user_t *user, const nkt_envelope_t *envelope);
/** Is it too old, or from before the time of which all is known? */
int nkt_letter_is_expired(nkt_swarm_t *swarm, const nkt_user_t *user, const nkt_envelope_t *envelope);

/* ---- ephemeral.c ---- */

/** Says what may be lost: to one, or (NULL) to all who can be reached at once. To how many it left. NKT_E_ENTROPY, NKT_E_MEMORY. */
int nkt_ephemeral_say(nkt_swarm_t *swarm, nkt_user_t *to, const uint8_t *bytes, size_t size, int is_raw);
/** A frame of that kind over a link, whole; the payload of an envelope of that kind. NKT_E_FRAME_LENGTH or NKT_E_PAYLOAD, NKT_E_SENDER,
 *  NKT_E_RATE, NKT_E_NO_SESSION: the key is not here, and is asked for; NKT_E_REPLAY: late or repeated; NKT_E_DECRYPT, NKT_E_EXPIRED,
 *  NKT_E_MEMORY. */
int nkt_ephemeral_frame(nkt_swarm_t *swarm, const nkt_link_t *link, const uint8_t *bytes, size_t size);
int nkt_ephemeral_receive(nkt_swarm_t *swarm, nkt_user_t *user, const uint8_t *bytes, size_t size);
/** Nothing waits: makes the keys that are wanted next, of those to whom or by whom something was said. */
void nkt_ephemeral_rest(nkt_swarm_t *swarm);
/** It told its key. NKT_E_PAYLOAD. It asked for ours. */
int nkt_ephemeral_key_receive(nkt_user_t *user, const struct Nkt__EphemeralKey *given);
void nkt_ephemeral_asked(nkt_swarm_t *swarm, nkt_user_t *user, uint64_t epoch);

/* ---- receive.c ---- */

int nkt_talk_receive(nkt_swarm_t *swarm, nkt_user_t *user, const nkt_envelope_t *envelope);
/** Decrypts what is in its session, and names these ends; *inner is to be freed by the caller, on success only. Errors as of
 *  nkt_talk_receive(). */
int nkt_talk_decrypt(nkt_swarm_t *swarm, nkt_user_t *user, const nkt_envelope_t *envelope,
                     const struct Nkt__Ciphertext *ciphertext, const uint8_t ends[NKT_ENDS_SIZE], struct Nkt__Inner **inner);
/** What cannot be read is counted here and is no error of the link's. NKT_E_PAYLOAD, NKT_E_REPLAY, NKT_E_MEMORY. */
int nkt_group_receive(nkt_swarm_t *swarm, nkt_user_t *user, const nkt_envelope_t *envelope);

#endif
