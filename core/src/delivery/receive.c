/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What arrives encrypted, in a session or under a sender key: decrypted, and everything in it done. What does not decrypt begins
 * the session anew, or asks for the key.
 */
#include <string.h>

#include "delivery/delivery.h"
#include "nkt.pb-c.h"
#include "people/people.h"
#include "state/state.h"
#include "state/swarm.h"
#include "wire/pack.h"

enum {
    CIPHERTEXT_TYPE = 4, /* libsignal's CIPHERTEXT_SENDERKEY_TYPE */
    ASK_DOUBLINGS_MAX = 5,
};

/* Asks soon: the key may be on its way. A key that does not come is asked for less and less often. */
static void ask(nkt_swarm_t *swarm, nkt_user_t *user, uint64_t epoch)
{
    uint64_t gap_ms = (uint64_t)NKT_GROUP_ASK_MS << user->group.ask_attempt;
    if (epoch < user->group.keys[0].epoch || user->group.ask != 0 ||
        (user->group.asked_ms != 0 && swarm->now_ms - user->group.asked_ms < gap_ms))
        return;
    user->group.ask = epoch;
    user->group.asked_ms = swarm->now_ms;
    if (user->group.ask_attempt < ASK_DOUBLINGS_MAX)
        user->group.ask_attempt++;
    nkt_talk_want(swarm, user);
    nkt_group_news(swarm, user, 1 + nkt_chance_below(swarm, NKT_GROUP_ASK_DELAY_MS));
}

/* Says what was decrypted that it was said here, by that user, under that key? */
static int is_bound(const nkt_swarm_t *swarm, const nkt_user_t *user, uint64_t epoch, const Nkt__Inner *inner)
{
    const Nkt__GroupBinding *binding = inner->group;
    return binding != NULL && binding->epoch == epoch && binding->network.len == NKT_NETWORK_SIZE &&
           memcmp(binding->network.data, swarm->room.network, NKT_NETWORK_SIZE) == 0 &&
           binding->from.len == NKT_ADDRESS_SIZE &&
           memcmp(binding->from.data, user->address.b, NKT_ADDRESS_SIZE) == 0 && inner->n_say > 0 &&
           inner->n_say <= NKT_BATCH_COUNT_MAX && inner->n_ack == 0 && inner->group_key == NULL &&
           !inner->has_ends && !inner->has_content_key && inner->n_letter_key == 0 && inner->n_place == 0 &&
           !inner->has_hello && !inner->has_welcome && !inner->has_group_held &&
           !inner->has_group_asked && inner->ephemeral_key == NULL && !inner->has_ephemeral_asked;
}

/* is_news: of its author's, not said again by others (nkt_user_is_news). */
static int decrypt(nkt_swarm_t *swarm, nkt_user_t *user, const Nkt__Ciphertext *ciphertext, int is_news)
{
    nkt_group_key_t *key = nkt_group_key_find(user, ciphertext->epoch);
    if (ciphertext->type != CIPHERTEXT_TYPE || !ciphertext->has_epoch || ciphertext->epoch == 0)
        return NKT_E_PAYLOAD;
    if (key == NULL) {
        if (is_news)
            ask(swarm, user, ciphertext->epoch);
        return NKT_E_NO_SESSION;
    }
    const nkt_ciphertext_t parts = nkt_talk_parts(ciphertext);
    int err = nkt_group_decrypt(swarm->sessions, key, &parts, nkt_lend(swarm, NKT_LENT_PLAIN));
    if (err == NKT_OK || err == NKT_E_MEMORY)
        return err;
    if (is_news && err != NKT_E_DUPLICATE) /* from before the key was given, it may be anybody's saying again */
        nkt_bucket_take(&user->group.decrypt_bucket, swarm->now_ms, NKT_DECRYPT_FAIL_BURST, NKT_DECRYPT_FAIL_PER_S);
    else
        nkt_bucket_take(&user->group.stale_bucket, swarm->now_ms, NKT_STALE_FAIL_BURST, NKT_STALE_FAIL_PER_S);
    if (err == NKT_E_DECRYPT && is_news) { /* perhaps too many were missed: then a key from further on helps */
        user->group.lost = ciphertext->epoch;
        ask(swarm, user, ciphertext->epoch);
    }
    return err == NKT_E_DUPLICATE ? NKT_E_REPLAY : err;
}

static int receive(nkt_swarm_t *swarm, nkt_user_t *user, const nkt_envelope_t *envelope, const Nkt__Ciphertext *ciphertext)
{
    int err = decrypt(swarm, user, ciphertext, nkt_user_is_news(swarm, envelope, user->clock.group_opened_ms));
    if (err < 0)
        return err;
    nkt_clock_group_opened(user, envelope->created_ms);
    Nkt__Inner *inner = NULL;
    err = nkt_talk_open(swarm, NULL, &inner);
    if (err == NKT_OK && !is_bound(swarm, user, ciphertext->epoch, inner))
        err = NKT_E_PAYLOAD;
    int is_good = err == NKT_OK;
    for (size_t i = 0; inner != NULL && is_good && i < inner->n_say; i++) {
        nkt_user_touch(user); /* its replay window */
        uint64_t ack_ms = 1 + nkt_chance_below(swarm, nkt_group_ack_window_ms(swarm));
        int is_call = inner->say[i]->has_call; /* those are for one */
        int one = is_call ? NKT_E_PAYLOAD : nkt_talk_hear(swarm, user, envelope, inner->say[i], ack_ms);
        err = nkt_talk_each(swarm, err, one);
    }
    if (inner != NULL)
        nkt__inner__free_unpacked(inner, NULL);
    return err;
}

/* Has its author, or those who say again what he said, failures left? */
static int may_fail(nkt_swarm_t *swarm, nkt_user_t *user, const nkt_envelope_t *envelope)
{
    return nkt_user_is_news(swarm, envelope, user->clock.opened_ms)
               ? nkt_bucket_has(&user->talk.decrypt_bucket, swarm->now_ms, NKT_DECRYPT_FAIL_BURST, NKT_DECRYPT_FAIL_PER_S)
               : nkt_bucket_has(&user->talk.stale_bucket, swarm->now_ms, NKT_STALE_FAIL_BURST, NKT_STALE_FAIL_PER_S);
}

int nkt_group_receive(nkt_swarm_t *swarm, nkt_user_t *user, const nkt_envelope_t *envelope)
{
    int err = NKT_E_RATE;
    /* a bucket of its own: who cannot follow the broadcasts is to be heard in the session all the more */
    int may_fail = nkt_user_is_news(swarm, envelope, user->clock.group_opened_ms)
                       ? nkt_bucket_has(&user->group.decrypt_bucket, swarm->now_ms, NKT_DECRYPT_FAIL_BURST, NKT_DECRYPT_FAIL_PER_S)
                       : nkt_bucket_has(&user->group.stale_bucket, swarm->now_ms, NKT_STALE_FAIL_BURST, NKT_STALE_FAIL_PER_S);
    if (may_fail) {
        Nkt__Ciphertext *ciphertext = nkt_unpack(&nkt__ciphertext__descriptor, envelope->payload_size, envelope->payload);
        err = ciphertext == NULL ? NKT_E_PAYLOAD : receive(swarm, user, envelope, ciphertext);
        nkt__ciphertext__free_unpacked(ciphertext, NULL);
    }
    nkt_count(swarm, NKT_TALLY_GROUP_IN, err == NKT_OK);
    if (err != NKT_E_NO_SESSION && err != NKT_E_DECRYPT && err != NKT_E_RATE)
        return err;
    /* everybody gets a broadcast, also who was not given the key: the link that passed it on is not to blame */
    nkt_drop(swarm, err);
    return NKT_OK;
}

/* A session that cannot decrypt is replaced by a new one; what is unacknowledged is said again in it. */
static void rekey(nkt_swarm_t *swarm, nkt_user_t *user)
{
    user->talk.unread_ms = swarm->now_ms;
    if (user->talk.rekey_ms != 0 && swarm->now_ms - user->talk.rekey_ms < NKT_REKEY_MS_MIN)
        return;
    if (!nkt_user_is_open(user))
        return;
    nkt_count(swarm, NKT_TALLY_REKEYS, 1);
    if (nkt_talk_initiate(swarm, user))
        nkt_outbox_hurry(swarm, user);
}

static int inner_receive(nkt_swarm_t *swarm, nkt_user_t *user, const nkt_envelope_t *envelope, const Nkt__Inner *inner)
{
    int err = NKT_OK;
    if (inner->n_say > NKT_BATCH_COUNT_MAX || inner->n_ack > NKT_ACK_RANGE_COUNT_MAX || inner->group != NULL)
        return NKT_E_PAYLOAD;
    for (size_t i = 0; i < inner->n_ack; i++) {
        const nkt_ack_range_t range = {
            .stream_id = inner->ack[i]->stream_id, .first = inner->ack[i]->first, .last = inner->ack[i]->last};
        if (range.stream_id == 0 || range.first == 0 || range.first > range.last)
            err = nkt_talk_each(swarm, err, NKT_E_PAYLOAD);
        else
            nkt_outbox_acked(swarm, user, &range);
    }
    if (inner->group_key != NULL)
        err = nkt_talk_each(swarm, err, nkt_group_key_receive(swarm, user, inner->group_key));
    for (size_t i = 0; i < inner->n_letter_key && i < NKT_LETTER_KEY_COUNT; i++)
        err = nkt_talk_each(swarm, err, nkt_letter_key_receive(swarm, user, inner->letter_key[i]));
    if (inner->ephemeral_key != NULL)
        err = nkt_talk_each(swarm, err, nkt_ephemeral_key_receive(user, inner->ephemeral_key));
    if (inner->has_ephemeral_asked)
        nkt_ephemeral_asked(swarm, user, inner->ephemeral_asked);
    if (inner->has_group_held)
        nkt_group_held(swarm, user, inner->group_held);
    if (inner->has_group_asked && nkt_group_asked(swarm, user))
        nkt_outbox_say_again(swarm, user);
    for (size_t i = 0; i < inner->n_say; i++)
        err = nkt_talk_each(swarm, err, nkt_talk_hear(swarm, user, envelope, inner->say[i], NKT_ACK_DELAY_MS));
    if (inner->has_hello && inner->hello) {
        Nkt__Inner answer = NKT__INNER__INIT;
        answer.has_welcome = answer.welcome = 1;
        nkt_talk_send(swarm, user, &answer);
        if (user->talk.hello_ms == 0 || swarm->now_ms - user->talk.hello_ms >= NKT_REKEY_MS_MIN)
            nkt_outbox_hurry(swarm, user);
        user->talk.hello_ms = swarm->now_ms;
    }
    return err;
}

/* Decrypts. What does not is no sign of anything unless it is news: else anybody who kept a copy could have us begin anew. */
static int session_open(nkt_swarm_t *swarm, nkt_user_t *user, const nkt_envelope_t *envelope,
                        const Nkt__Ciphertext *ciphertext)
{
    const nkt_ciphertext_t parts = nkt_talk_parts(ciphertext);
    int is_news = nkt_user_is_news(swarm, envelope, user->clock.opened_ms);
    if (!nkt_user_is_news(swarm, envelope, user->clock.opened_ms < NKT_PREKEY_LATE_MS ? 0 : user->clock.opened_ms - NKT_PREKEY_LATE_MS) &&
        nkt_session_is_begun_by(&user->session, &parts))
        return NKT_E_REPLAY; /* X3DH, 4.2: a session of long ago would take the place of the present one */
    int err = nkt_session_decrypt(swarm->sessions, &user->session, &parts, nkt_lend(swarm, NKT_LENT_PLAIN));
    if (err == NKT_OK)
        nkt_clock_opened(user, envelope->created_ms);
    if (err == NKT_OK || err == NKT_E_MEMORY || err == NKT_E_ENTROPY)
        return err;
    if (is_news && err != NKT_E_NO_SESSION) /* which costs nothing */
        nkt_bucket_take(&user->talk.decrypt_bucket, swarm->now_ms, NKT_DECRYPT_FAIL_BURST, NKT_DECRYPT_FAIL_PER_S);
    else if (!is_news && err == NKT_E_DECRYPT)
        nkt_bucket_take(&user->talk.stale_bucket, swarm->now_ms, NKT_STALE_FAIL_BURST, NKT_STALE_FAIL_PER_S);
    if (is_news)
        rekey(swarm, user);
    return err == NKT_E_DUPLICATE ? NKT_E_REPLAY : err;
}

/* Something of it decrypted. */
static void established(nkt_swarm_t *swarm, nkt_user_t *user)
{
    nkt_user_prove(swarm, user, NKT_PROOF_DECRYPTED);
    if (nkt_talk_established(swarm, user))
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
    nkt_user_touch(user);
    err = nkt_talk_open(swarm, ends, inner);
    if (err == NKT_OK)
        established(swarm, user);
    return err;
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
        nkt_user_touch(user);
        nkt_ends_derive(ends, envelope->network, &envelope->from, &envelope->to);
        err = nkt_talk_open(swarm, ends, &inner);
    }
    nkt__ciphertext__free_unpacked(ciphertext, NULL);
    if (err < 0)
        return err;
    established(swarm, user);
    err = inner->n_place > 0 || inner->has_content_key ? NKT_E_PAYLOAD : inner_receive(swarm, user, envelope, inner);
    nkt__inner__free_unpacked(inner, NULL);
    if (nkt_session_size(&user->session) > NKT_SESSION_SIZE_MAX) {
        /* so many keys were skipped, on chain after chain: begin anew rather than keep them all */
        nkt_session_drop(&user->session);
        nkt_talk_state_set(swarm, user, NKT_SESSION_NONE);
        nkt_talk_want(swarm, user);
    }
    return err;
}
