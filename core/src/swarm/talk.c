/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is said inside sessions: setting them up, messages, acknowledgements, and re-keying when a session is lost. There
 * is no path from here to the wire that is not encrypted, except nkt_talk_clear().
 */
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/base58.h"
#include "base/json.h"
#include "identity/seal.h"
#include "nkt.pb-c.h"
#include "swarm/swarm.h"
#include "wire/pack.h"

/* What is long travels sealed under a key of its own, and the session carries the key (as Signal's
 * attachments do). */
static int content_seal(nkt_swarm_t *swarm, const Nkt__Inner *inner, Nkt__Ciphertext *ciphertext)
{
    uint8_t key[NKT_CONTENT_KEY_SIZE];
    if (swarm->host.entropy(swarm->host.context, key, sizeof key) < 0)
        return NKT_E_ENTROPY;
    Nkt__Inner carrier = NKT__INNER__INIT;
    carrier.has_content_key = 1;
    carrier.content_key = nkt_pack_lend(key, sizeof key);
    carrier.has_ends = inner->has_ends; /* in what the ratchet itself protects */
    carrier.ends = inner->ends;
    nkt_buf_clear(&swarm->sealed);
    int err = nkt_seal_with(&swarm->sealed, key, "", 0, swarm->plain.data, swarm->plain.size, &swarm->host);
    if (err == NKT_OK)
        err = nkt_pack(&swarm->plain, &carrier.base);
    sodium_memzero(key, sizeof key);
    ciphertext->has_content = 1;
    ciphertext->content = nkt_pack_lend(swarm->sealed.data, swarm->sealed.size);
    return err;
}

int nkt_talk_seal(nkt_swarm_t *swarm, const Nkt__Inner *inner, Nkt__Ciphertext *ciphertext)
{
    int err = nkt_pack(&swarm->plain, &inner->base);
    if (err == NKT_OK && swarm->plain.size > NKT_INLINE_SIZE_MAX)
        err = content_seal(swarm, inner, ciphertext);
    return err;
}

/* Encrypts into swarm->payload. *ticket: what it has to wait for. */
static int inner_encrypt(nkt_swarm_t *swarm, nkt_user_t *user, Nkt__Inner *inner, uint32_t *ticket)
{
    Nkt__Ciphertext ciphertext = NKT__CIPHERTEXT__INIT;
    uint8_t ends[NKT_ENDS_SIZE];
    nkt_ends_derive(ends, swarm->room.network, &swarm->identity.address, &user->address);
    inner->has_ends = 1;
    inner->ends = nkt_pack_lend(ends, sizeof ends);
    int err = nkt_talk_seal(swarm, inner, &ciphertext);
    *ticket = nkt_persist_ticket(user);
    if (err == NKT_OK)
        err = nkt_session_encrypt(swarm->sessions, &user->session, swarm->plain.data, swarm->plain.size,
                                  &swarm->scratch, &ciphertext.type);
    if (err < 0)
        return err;
    user->session.is_dirty = *ticket == NKT_TICKET_STEP; /* else a place that the stored state has left behind */
    ciphertext.message = nkt_pack_lend(swarm->scratch.data, swarm->scratch.size);
    return nkt_pack(&swarm->payload, &ciphertext.base);
}

/* Encrypts and sends; links it went over, or an error. may_keep: by others, if the user is away. */
static int inner_post(nkt_swarm_t *swarm, nkt_user_t *user, Nkt__Inner *inner, int may_keep)
{
    uint32_t ticket;
    int err = inner_encrypt(swarm, user, inner, &ticket);
    return err < 0 ? err : nkt_post_session(swarm, user, ticket, may_keep);
}

/* What nobody waits for when the user is back. */
static int inner_send(nkt_swarm_t *swarm, nkt_user_t *user, Nkt__Inner *inner)
{
    return inner_post(swarm, user, inner, 0);
}

/* Are both ends named in it, as they are in the envelope? ends NULL: they are named otherwise. */
static int ends_check(const Nkt__Inner *inner, const uint8_t *ends)
{
    if (ends == NULL || (inner->has_ends && inner->ends.len == NKT_ENDS_SIZE &&
                         memcmp(inner->ends.data, ends, NKT_ENDS_SIZE) == 0))
        return NKT_OK;
    return NKT_E_ENDS;
}

int nkt_talk_open(nkt_swarm_t *swarm, const Nkt__Ciphertext *ciphertext, const uint8_t *ends,
                  Nkt__Inner **out)
{
    Nkt__Inner *inner = nkt_unpack(&nkt__inner__descriptor, swarm->plain.size, swarm->plain.data);
    if (inner == NULL)
        return NKT_E_PAYLOAD;
    int err = ends_check(inner, ends);
    if (err == NKT_OK && inner->has_content_key) {
        err = NKT_E_PAYLOAD;
        if (inner->content_key.len == NKT_CONTENT_KEY_SIZE && ciphertext->has_content)
            err = nkt_seal_open_with(&swarm->plain, inner->content_key.data, "", 0,
                                     ciphertext->content.data, ciphertext->content.len);
        nkt__inner__free_unpacked(inner, NULL);
        inner = err < 0 ? NULL : nkt_unpack(&nkt__inner__descriptor, swarm->plain.size, swarm->plain.data);
        err = err == NKT_OK && inner == NULL ? NKT_E_PAYLOAD : err;
    }
    if (err < 0 && inner != NULL) {
        nkt__inner__free_unpacked(inner, NULL);
        inner = NULL;
    }
    *out = inner;
    return err;
}

enum { STRANGER_HELLO_COUNT = 2 }; /* to one who never answered: he begins himself when he had our greeting */

/* ---- sessions ---- */

static void state_set(nkt_swarm_t *swarm, nkt_user_t *user, nkt_session_state_t state)
{
    if (user->session_state == state)
        return;
    user->session_state = (uint8_t)state;
    int is_again = state == NKT_SESSION_ESTABLISHED && user->was_established;
    if (state == NKT_SESSION_ESTABLISHED)
        user->was_established = 1;
    swarm->status_changed = 1;
    nkt_emit(swarm, &(nkt_effect_t){.kind = NKT_FX_SESSION,
                                    .address = user->address,
                                    .value = is_again ? NKT_SESSION_REKEYED : (int32_t)state});
}

static void hello(nkt_swarm_t *swarm, nkt_user_t *user)
{
    Nkt__Inner inner = NKT__INNER__INIT;
    inner.has_hello = inner.hello = 1;
    inner_send(swarm, user, &inner);
    uint64_t wait_ms = (uint64_t)NKT_SESSION_RETRY_MS << (user->session_attempt < 2 ? user->session_attempt : 2);
    user->session_attempt++;
    nkt_timer_set(&swarm->timers, &user->session_timer, swarm->now_ms + nkt_prng_jitter(&swarm->prng, wait_ms));
}

/* A session from the other side's record. */
static int session_begin(nkt_swarm_t *swarm, nkt_user_t *user)
{
    const nkt_session_bundle_t bundle = {
        .registration_id = user->record.registration_id,
        .signed_prekey_id = user->record.signed_prekey_id,
        .signed_prekey = user->record.signed_prekey,
        .signed_prekey_signature = user->record.signed_prekey_signature,
        .prekey_id = user->prekey_id,
        .prekey = user->prekey,
    };
    int err = nkt_session_initiate(swarm->sessions, &user->session, &bundle);
    user->prekey_id = 0; /* one use */
    return err;
}

/* 1: what waits for the user may go out in it. */
static int initiate(nkt_swarm_t *swarm, nkt_user_t *user)
{
    int err = session_begin(swarm, user);
    if (err < 0) {
        nkt_drop(swarm, err);
        return 0;
    }
    user->is_dirty = 1;
    user->rekey_ms = swarm->now_ms;
    user->session_attempt = 0;
    if (user->greeted_ms == 0)
        nkt_greet(swarm, user, NKT_GREETING_ANSWER); /* who does not know us cannot check our signature */
    state_set(swarm, user, NKT_SESSION_PENDING);
    hello(swarm, user);
    return 1;
}

int nkt_talk_write(nkt_swarm_t *swarm, nkt_user_t *user, Nkt__Inner *inner)
{
    uint32_t ticket;
    int err = nkt_session_exists(&user->session) ? NKT_OK : session_begin(swarm, user);
    user->is_dirty = 1; /* whatever is reserved: the frame may go out much later, and waits for this step's PUT at least */
    return err < 0 ? err : inner_encrypt(swarm, user, inner, &ticket);
}

static size_t session_count(const nkt_swarm_t *swarm)
{
    size_t count = 0;
    for (size_t i = 0; i < swarm->users.count; i++)
        count += swarm->user_list[i]->session_state == NKT_SESSION_ESTABLISHED; /* whom we merely ask may be nobody */
    return count;
}

static int is_wanted(nkt_swarm_t *swarm, const nkt_user_t *user)
{
    if (user->flags != 0 || !user->record.is_bound || !nkt_post_can_reach(swarm, user) ||
        (user->is_lost && nkt_view_is_mesh(swarm)))
        return 0;
    if (user->queue_count > 0)
        return 1;
    if (!user->has_answered && !nkt_user_is_counted(swarm, user))
        return 0; /* of many strangers, who is there answers, or begins himself */
    int has_way = user->link != NULL || user->relay_bits != 0 || nkt_paths_get(&swarm->paths, &user->address) != 0;
    if (!has_way && !nkt_view_is_mesh(swarm))
        return 0; /* nothing to say is no reason to flood */
    return nkt_view_size(swarm) <= NKT_CROWD_COUNT_MIN && session_count(swarm) < NKT_SESSION_EAGER_COUNT_MAX;
}

int nkt_talk_seek(nkt_swarm_t *swarm, nkt_user_t *user)
{
    if (user->session_state == NKT_SESSION_ESTABLISHED || !is_wanted(swarm, user))
        return 0;
    if (user->session_state == NKT_SESSION_PENDING) {
        /* a hello that could not be repeated then can be now */
        nkt_timer_set_by(&swarm->timers, &user->session_timer, swarm->now_ms + NKT_SESSION_RETRY_MS);
        return 0;
    }
    /* both would: the lower address does, the other waits a little for it; who answered among many does not know us yet */
    if (nkt_address_compare(&swarm->identity.address, &user->address) < 0 ||
        (user->has_answered && nkt_strangers_are_many(swarm)))
        return initiate(swarm, user);
    nkt_timer_set_by(&swarm->timers, &user->session_timer, swarm->now_ms + NKT_SESSION_PATIENCE_MS);
    return 0;
}

int nkt_talk_session_due(nkt_swarm_t *swarm, nkt_user_t *user)
{
    if (user->session_state == NKT_SESSION_NONE && is_wanted(swarm, user))
        return initiate(swarm, user);
    if (user->session_state == NKT_SESSION_PENDING && is_wanted(swarm, user) &&
        (user->session_attempt < STRANGER_HELLO_COUNT || !nkt_user_is_stranger(swarm, user)))
        hello(swarm, user);
    return 0;
}

/* A session that cannot decrypt is replaced by a new one; what is unacknowledged is said again in it. */
static void rekey(nkt_swarm_t *swarm, nkt_user_t *user)
{
    if (user->rekey_ms != 0 && swarm->now_ms - user->rekey_ms < NKT_REKEY_MS_MIN)
        return;
    if (user->flags != 0)
        return;
    swarm->counters.rekeys++;
    if (initiate(swarm, user))
        nkt_outbox_hurry(swarm, user);
}

/* ---- acknowledgements ---- */

typedef struct nkt_ack_list {
    Nkt__Ack acks[NKT_ACK_RANGE_COUNT_MAX];
    Nkt__Ack *pointers[NKT_ACK_RANGE_COUNT_MAX];
} nkt_ack_list_t;

/* Moves what is to be acknowledged into a message that goes out now. */
static void acks_take(nkt_swarm_t *swarm, nkt_user_t *user, Nkt__Inner *inner, nkt_ack_list_t *list)
{
    for (size_t i = 0; i < user->ack_range_count; i++) {
        list->acks[i] = (Nkt__Ack)NKT__ACK__INIT;
        list->acks[i].epoch = user->acks[i].epoch;
        list->acks[i].first = user->acks[i].first;
        list->acks[i].last = user->acks[i].last;
        list->pointers[i] = &list->acks[i];
    }
    inner->ack = list->pointers;
    inner->n_ack = user->ack_range_count;
    user->ack_range_count = user->ack_count = 0;
    nkt_group_take_news(user, inner);
    nkt_timer_clear(&swarm->timers, &user->ack_timer);
}

void nkt_talk_flush_acks(nkt_swarm_t *swarm, nkt_user_t *user)
{
    Nkt__Inner inner = NKT__INNER__INIT;
    nkt_ack_list_t list;
    if (user->ack_range_count == 0 && !nkt_group_has_news(user))
        return;
    acks_take(swarm, user, &inner, &list);
    inner_post(swarm, user, &inner, 1); /* an author who left is told when he is back */
}

static void ack_add(nkt_swarm_t *swarm, nkt_user_t *user, uint64_t epoch, uint64_t sequence, uint64_t wait_ms)
{
    if (user->acks == NULL)
        user->acks = calloc(NKT_ACK_RANGE_COUNT_MAX, sizeof *user->acks);
    if (user->acks == NULL)
        return; /* it will be said again, and acknowledged then */
    nkt_ack_range_t *last = user->ack_range_count > 0 ? &user->acks[user->ack_range_count - 1] : NULL;
    if (last != NULL && last->epoch == epoch && sequence >= last->first && sequence <= last->last + 1) {
        if (sequence > last->last)
            last->last = sequence;
    } else {
        if (user->ack_range_count == NKT_ACK_RANGE_COUNT_MAX)
            nkt_talk_flush_acks(swarm, user);
        user->acks[user->ack_range_count++] = (nkt_ack_range_t){.epoch = epoch, .first = sequence, .last = sequence};
    }
    /* an answer of the application may take it along; of a broadcast, all acknowledge: a range takes them all along */
    if (wait_ms <= NKT_ACK_DELAY_MS && ++user->ack_count >= NKT_ACK_BATCH_COUNT)
        wait_ms = 0;
    nkt_timer_set_by(&swarm->timers, &user->ack_timer, swarm->now_ms + wait_ms);
}

/* ---- messages out ---- */

void nkt_talk_lend(Nkt__Say *say, const nkt_message_t *message, uint64_t epoch, uint64_t sequence)
{
    *say = (Nkt__Say)NKT__SAY__INIT;
    say->epoch = epoch;
    say->sequence = sequence;
    say->id = nkt_pack_lend(message->id, NKT_ID_SIZE);
    say->date_ms = message->date_ms;
    say->json = nkt_pack_lend(message->json, message->size);
    say->has_call = say->call = message->is_call;
}

int nkt_talk_stream(nkt_swarm_t *swarm, uint64_t *epoch)
{
    _Static_assert(NKT_TIME_MS_MAX <= UINT64_MAX >> NKT_EPOCH_CHANCE_BITS, "else later lives would be taken for earlier ones");
    uint32_t chance;
    if (swarm->host.entropy(swarm->host.context, (uint8_t *)&chance, sizeof chance) < 0)
        return NKT_E_ENTROPY;
    *epoch = swarm->life << NKT_EPOCH_CHANCE_BITS | (chance & ((1u << NKT_EPOCH_CHANCE_BITS) - 1)) | 1; /* 0 means none */
    return NKT_OK;
}

int nkt_talk_say(nkt_swarm_t *swarm, nkt_user_t *user, const nkt_parcel_t *first, size_t count)
{
    Nkt__Inner inner = NKT__INNER__INIT;
    Nkt__Say says[NKT_BATCH_COUNT_MAX];
    Nkt__Say *pointers[NKT_BATCH_COUNT_MAX];
    const nkt_parcel_t *parcel = first;
    int may_keep = 1;
    for (size_t i = 0; i < count; i++, parcel = parcel->next) {
        may_keep = may_keep && nkt_mailbox_may_keep(swarm, parcel);
        nkt_talk_lend(&says[i], parcel->message, parcel->epoch, parcel->sequence);
        pointers[i] = &says[i];
    }
    nkt_ack_list_t list;
    Nkt__GroupKey offer;
    acks_take(swarm, user, &inner, &list);
    if (nkt_group_offer(swarm, user, &offer))
        inner.group_key = &offer;
    inner.say = pointers;
    inner.n_say = count;
    return inner_post(swarm, user, &inner, may_keep);
}

/* ---- messages in ---- */

static void message_tell(nkt_swarm_t *swarm, const nkt_user_t *user, unsigned flags, const uint8_t *id,
                         uint64_t date_ms, const ProtobufCBinaryData *json)
{
    nkt_effect_t fx = {
        .kind = NKT_FX_MESSAGE,
        .flags = flags,
        .time_ms = date_ms,
        .address = user->address,
        .bytes = json->data,
        .bytes_size = json->len,
    };
    memcpy(fx.id, id, NKT_ID_SIZE);
    swarm->counters.messages_in++;
    nkt_emit(swarm, &fx);
}

static int is_value_ok(const ProtobufCBinaryData *id, const ProtobufCBinaryData *json)
{
    return id->len == NKT_ID_SIZE && json->len > 0 && json->len <= NKT_VALUE_SIZE_MAX &&
           nkt_json_is_value((const char *)json->data, json->len, NKT_JSON_DEPTH_MAX, NKT_JSON_ITEM_MAX);
}

/* 0 if this position of that stream is new, and marked now. NKT_E_REPLAY, NKT_E_MEMORY. */
static int position_take(nkt_swarm_t *swarm, nkt_user_t *user, uint64_t epoch, uint64_t sequence)
{
    nkt_window_t *window = nkt_window_of(user->windows, NKT_STREAM_PER_USER_MAX, epoch, swarm->now_ms + 1, &user->letters.floor);
    if (window == NULL)
        return NKT_E_REPLAY;
    return nkt_window_is_new(window, sequence) ? nkt_window_mark(window, sequence) : NKT_E_REPLAY;
}

int nkt_talk_hear(nkt_swarm_t *swarm, nkt_user_t *user, const Nkt__Say *say, uint64_t ack_ms)
{
    if (user->is_ignored) { /* not shown, not stored, not acknowledged: as if nobody were here */
        swarm->counters.messages_ignored++;
        return NKT_OK;
    }
    if (say->epoch == 0 || say->sequence == 0 || !is_value_ok(&say->id, &say->json))
        return NKT_E_PAYLOAD;
    int err = position_take(swarm, user, say->epoch, say->sequence);
    if (err == NKT_E_MEMORY)
        return err; /* not shown: not acknowledged */
    nkt_user_prove(swarm, user, NKT_PROOF_TALKED);
    ack_add(swarm, user, say->epoch, say->sequence, ack_ms);
    int is_call = say->has_call && say->call;
    if (err == NKT_OK && !is_call && nkt_journal_knows(swarm, user, say))
        err = NKT_E_REPLAY;
    if (err == NKT_OK && !is_call)
        nkt_journal_heard(swarm, user, say);
    if (err == NKT_OK)
        message_tell(swarm, user, is_call ? NKT_SAY_CALL : 0, say->id.data, nkt_clock_local(swarm, user, say->date_ms), &say->json);
    return err;
}

static int inner_receive(nkt_swarm_t *swarm, nkt_user_t *user, const Nkt__Inner *inner)
{
    int err = NKT_OK;
    if (inner->n_say > NKT_BATCH_COUNT_MAX || inner->n_ack > NKT_ACK_RANGE_COUNT_MAX || inner->group != NULL)
        return NKT_E_PAYLOAD;
    for (size_t i = 0; i < inner->n_ack; i++) {
        const nkt_ack_range_t range = {
            .epoch = inner->ack[i]->epoch, .first = inner->ack[i]->first, .last = inner->ack[i]->last};
        nkt_outbox_acked(swarm, user, &range);
    }
    if (inner->group_key != NULL)
        err = nkt_group_key_receive(swarm, user, inner->group_key);
    for (size_t i = 0; i < inner->n_letter_key && i < NKT_LETTER_KEY_COUNT && err == NKT_OK; i++)
        err = nkt_letter_key_receive(swarm, user, inner->letter_key[i]);
    if (inner->has_group_held)
        nkt_group_held(swarm, user, inner->group_held);
    if (inner->has_group_asked && nkt_group_asked(swarm, user))
        nkt_outbox_say_again(swarm, user);
    for (size_t i = 0; i < inner->n_say; i++) {
        int one = nkt_talk_hear(swarm, user, inner->say[i], NKT_ACK_DELAY_MS);
        err = one < 0 ? one : err;
    }
    if (inner->has_hello && inner->hello) {
        Nkt__Inner answer = NKT__INNER__INIT;
        answer.has_welcome = answer.welcome = 1;
        inner_send(swarm, user, &answer);
        if (user->hello_ms == 0 || swarm->now_ms - user->hello_ms >= NKT_REKEY_MS_MIN)
            nkt_outbox_hurry(swarm, user);
        user->hello_ms = swarm->now_ms;
    }
    return err;
}

/* Decrypts. What does not is no sign of anything unless it is news: else anybody who kept a copy could have us begin anew. */
static int session_open(nkt_swarm_t *swarm, nkt_user_t *user, const nkt_envelope_t *envelope,
                        const Nkt__Ciphertext *ciphertext)
{
    const uint8_t *message = ciphertext->message.data;
    size_t size = ciphertext->message.len;
    int is_news = nkt_user_is_news(swarm, envelope, user->opened_ms);
    if (!nkt_user_is_news(swarm, envelope, user->opened_ms < NKT_PREKEY_LATE_MS ? 0 : user->opened_ms - NKT_PREKEY_LATE_MS) &&
        nkt_session_is_begun_by(swarm->sessions, &user->session, ciphertext->type, message, size))
        return NKT_E_REPLAY; /* a session of long ago would take the place of the present one */
    int err = nkt_session_decrypt(swarm->sessions, &user->session, ciphertext->type, message, size, &swarm->plain);
    if (err == NKT_OK && envelope->created_ms > user->opened_ms)
        user->opened_ms = envelope->created_ms;
    if (err == NKT_OK || err == NKT_E_MEMORY || err == NKT_E_ENTROPY)
        return err;
    if (is_news && err != NKT_E_NO_SESSION) /* which costs nothing */
        nkt_bucket_take(&user->decrypt_bucket, swarm->now_ms, NKT_DECRYPT_FAIL_BURST, NKT_DECRYPT_FAIL_PER_S);
    else if (!is_news && err == NKT_E_DECRYPT)
        nkt_bucket_take(&user->stale_bucket, swarm->now_ms, NKT_STALE_FAIL_BURST, NKT_STALE_FAIL_PER_S);
    if (is_news)
        rekey(swarm, user);
    return err == NKT_E_DUPLICATE ? NKT_E_REPLAY : err;
}

/* Has its author, or those who say again what he said, failures left? */
static int may_fail(nkt_swarm_t *swarm, nkt_user_t *user, const nkt_envelope_t *envelope)
{
    return nkt_user_is_news(swarm, envelope, user->opened_ms)
               ? nkt_bucket_has(&user->decrypt_bucket, swarm->now_ms, NKT_DECRYPT_FAIL_BURST, NKT_DECRYPT_FAIL_PER_S)
               : nkt_bucket_has(&user->stale_bucket, swarm->now_ms, NKT_STALE_FAIL_BURST, NKT_STALE_FAIL_PER_S);
}

/* Something of it decrypted. */
static void established(nkt_swarm_t *swarm, nkt_user_t *user)
{
    nkt_user_prove(swarm, user, NKT_PROOF_DECRYPTED);
    if (user->session_state == NKT_SESSION_ESTABLISHED)
        return;
    nkt_timer_clear(&swarm->timers, &user->session_timer);
    state_set(swarm, user, NKT_SESSION_ESTABLISHED);
    nkt_outbox_hurry(swarm, user);
}

int nkt_talk_decrypt(nkt_swarm_t *swarm, nkt_user_t *user, const nkt_envelope_t *envelope, const Nkt__Ciphertext *ciphertext,
                     const uint8_t ends[NKT_ENDS_SIZE], Nkt__Inner **inner)
{
    if (!may_fail(swarm, user, envelope))
        return NKT_E_RATE;
    int err = session_open(swarm, user, envelope, ciphertext);
    if (err < 0)
        return err;
    user->is_dirty = 1;
    Nkt__Inner *opened = nkt_unpack(&nkt__inner__descriptor, swarm->plain.size, swarm->plain.data);
    err = opened == NULL ? NKT_E_PAYLOAD : ends_check(opened, ends);
    if (err < 0) {
        if (opened != NULL)
            nkt__inner__free_unpacked(opened, NULL);
        return err;
    }
    established(swarm, user);
    *inner = opened;
    return NKT_OK;
}

int nkt_talk_receive(nkt_swarm_t *swarm, nkt_user_t *user, const nkt_envelope_t *envelope)
{
    if (!may_fail(swarm, user, envelope))
        return NKT_E_RATE;
    Nkt__Ciphertext *ciphertext = nkt_unpack(&nkt__ciphertext__descriptor, envelope->payload_size, envelope->payload);
    if (ciphertext == NULL)
        return NKT_E_PAYLOAD;
    int err = session_open(swarm, user, envelope, ciphertext);
    Nkt__Inner *inner = NULL;
    if (err == NKT_OK) {
        uint8_t ends[NKT_ENDS_SIZE];
        user->is_dirty = 1;
        nkt_ends_derive(ends, envelope->network, &envelope->from, &envelope->to);
        err = nkt_talk_open(swarm, ciphertext, ends, &inner);
    }
    nkt__ciphertext__free_unpacked(ciphertext, NULL);
    if (err < 0)
        return err;
    established(swarm, user);
    err = inner->n_place > 0 ? NKT_E_PAYLOAD : inner_receive(swarm, user, inner);
    nkt__inner__free_unpacked(inner, NULL);
    if (user->session.record.size > NKT_SESSION_SIZE_MAX) {
        /* so many keys were skipped, on chain after chain: begin anew rather than keep them all */
        nkt_session_drop(&user->session);
        state_set(swarm, user, NKT_SESSION_NONE);
        nkt_talk_want(swarm, user);
    }
    return err;
}

/* ---- clear messages: signed, to everybody, not encrypted ---- */

int nkt_talk_clear(nkt_swarm_t *swarm, const uint8_t *json, size_t size, uint32_t ticket)
{
    Nkt__Clear clear = NKT__CLEAR__INIT;
    uint8_t id[NKT_ID_SIZE];
    /* nobody acknowledges these, and others pass on so much of one author's: said here, rather than lost there */
    if (!nkt_bucket_take_many(&swarm->clear_bucket, swarm->now_ms, NKT_CAST_TELL_BURST, NKT_CAST_TELL_PER_S,
                              2 + (uint32_t)(size / NKT_CAST_UNIT_SIZE)))
        return NKT_E_OUTBOX_FULL;
    if (swarm->host.entropy(swarm->host.context, id, sizeof id) < 0)
        return NKT_E_ENTROPY;
    if (swarm->clear_epoch == 0 && nkt_talk_stream(swarm, &swarm->clear_epoch) < 0)
        return NKT_E_ENTROPY;
    clear.epoch = swarm->clear_epoch;
    clear.sequence = ++swarm->clear_sequence;
    clear.id = nkt_pack_lend(id, sizeof id);
    clear.json = nkt_pack_lend(json, size);
    int err = nkt_pack(&swarm->payload, &clear.base);
    if (err == NKT_OK)
        err = nkt_post(swarm, NKT_KIND_CLEAR, NULL);
    if (err < 0)
        return err;
    nkt_effect_t fx = {.kind = NKT_FX_SAID, .ticket = ticket, .value = 0};
    memcpy(fx.id, id, sizeof id);
    nkt_emit(swarm, &fx);
    swarm->counters.messages_out++;
    return NKT_OK;
}

int nkt_talk_receive_clear(nkt_swarm_t *swarm, nkt_user_t *user, const nkt_envelope_t *envelope)
{
    if (user->is_ignored) {
        swarm->counters.messages_ignored++;
        return NKT_OK;
    }
    Nkt__Clear *clear = nkt_unpack(&nkt__clear__descriptor, envelope->payload_size, envelope->payload);
    if (clear == NULL)
        return NKT_E_PAYLOAD;
    int err = NKT_E_PAYLOAD;
    if (clear->epoch != 0 && clear->sequence != 0 && is_value_ok(&clear->id, &clear->json))
        err = position_take(swarm, user, clear->epoch, clear->sequence);
    user->is_dirty |= err == NKT_OK; /* its replay window: heard once, over a reload as well */
    if (err == NKT_OK)
        message_tell(swarm, user, NKT_SAY_CLEAR, clear->id.data, nkt_clock_date(swarm, user, envelope->created_ms), &clear->json);
    nkt__clear__free_unpacked(clear, NULL);
    return err;
}
