/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sessions: wanted, begun from a record, asked for again. What is said in them is cipher.c and say.c; there is no path from delivery/
 * to the wire that is not encrypted, except nkt_talk_clear().
 */
#include <string.h>

#include "base/base58.h"
#include "delivery/delivery.h"
#include "nkt.pb-c.h"
#include "routing/routing.h"
#include "session/fingerprint.h"
#include "state/state.h"
#include "state/swarm.h"

enum {
    HELLO_MS = 2500,          /* for an answer to a hello. Then twice as long, ... */
    HELLO_DOUBLED_MAX = 2,    /* ... and so on up to 10 s: where a fifth of all is lost each way one in 3 fails */
    KEY_MS = 1000,            /* until a KEM key is asked for again: a session waits for it. Then twice as long, ... */
    KEY_DOUBLED_MAX = 3,      /* ... and so on up to 8 s */
    SILENT_COUNT = 4,         /* more of either at that pace. Who was not heard since may be nobody: a member can tell of hundreds, ... */
    SILENT_DOUBLED_MAX = 6,   /* ... so they double again, up to 8.5 and 10.7 minutes, until he is heard, ... */
    SILENT_S = 10,            /* ... and of all of them together one in so many seconds, which the whole room passes on, ... */
    SILENT_BURST = 8,         /* ... or so many at once */
    HEARD_BURST = 32,         /* So many who were heard are asked at the usual pace again at once, then one more in SILENT_S: somebody
                                 may keep names that speak and answer nothing */
    STRANGER_HELLO_COUNT = 2, /* to one who never answered: he begins himself when he had our greeting. That may be lost, or ... */
    STRANGER_DOUBLED_MAX = 7, /* ... his answer: after these while he is heard, and up to 10 minutes apart */
};

/* ---- sessions ---- */

void nkt_talk_state_set(nkt_swarm_t *swarm, nkt_user_t *user, nkt_session_state_t state)
{
    if (user->talk.state == state)
        return;
    user->talk.state = (uint8_t)state;
    int is_again = state == NKT_SESSION_ESTABLISHED && user->talk.was_established;
    if (state == NKT_SESSION_ESTABLISHED)
        user->talk.was_established = 1;
    nkt_status_changed(swarm);
    nkt_emit(swarm, &(nkt_effect_t){.kind = NKT_FX_SESSION,
                                    .address = user->address,
                                    .value = is_again ? NKT_SESSION_REKEYED : (int32_t)state});
}

/* For an answer of a stranger to that attempt. */
static uint64_t stranger_wait_ms(uint32_t attempt)
{
    return (uint64_t)NKT_SESSION_RETRY_MS << (attempt < STRANGER_DOUBLED_MAX ? attempt : STRANGER_DOUBLED_MAX);
}

/* A stranger who goes on speaking may never have had the first ones; for one who is silent it is none. */
static int is_worth_hello(nkt_swarm_t *swarm, const nkt_user_t *user)
{
    return user->talk.attempt < STRANGER_HELLO_COUNT || !nkt_user_is_stranger(swarm, user) ||
           swarm->now_ms - user->presence.heard_ms <= stranger_wait_ms(user->talk.attempt - 1);
}

/* One more attempt at a session: is it made, or only waited for the next? base_ms is the first wait, doubled so often at most. */
static int attempt(nkt_swarm_t *swarm, nkt_user_t *user, uint64_t base_ms, uint32_t doubled_max)
{
    const uint32_t patience = doubled_max + SILENT_COUNT;
    uint64_t wait_ms;
    int is_made = 1;
    if (nkt_user_is_stranger(swarm, user)) {
        wait_ms = stranger_wait_ms(user->talk.attempt);
    } else {
        if (user->talk.attempt > doubled_max && user->presence.heard_ms >= user->talk.attempt_ms &&
            nkt_bucket_take_many(&swarm->outbox.heard_bucket, swarm->now_ms, HEARD_BURST * SILENT_S, 1, SILENT_S))
            user->talk.attempt = doubled_max;
        wait_ms = base_ms << (user->talk.attempt < doubled_max ? user->talk.attempt : doubled_max);
        if (user->talk.attempt > patience) {
            const uint32_t doubled = user->talk.attempt - patience;
            wait_ms <<= doubled < SILENT_DOUBLED_MAX ? doubled : SILENT_DOUBLED_MAX;
            is_made = nkt_bucket_take_many(&swarm->outbox.silent_bucket, swarm->now_ms, SILENT_BURST * SILENT_S, 1, SILENT_S);
        }
    }
    user->talk.attempt++;
    user->talk.attempt_ms = swarm->now_ms;
    user->talk.turn_ms = swarm->now_ms + nkt_chance_jitter(swarm, wait_ms);
    nkt_alarm_set(swarm, &user->talk.timer, user->talk.turn_ms);
    return is_made;
}

/* Something happened that lets another be made so soon; a stranger, who comes and goes as he likes, waits for his turn. */
static uint64_t attempt_at(nkt_swarm_t *swarm, const nkt_user_t *user, uint64_t wait_ms)
{
    uint64_t at_ms = swarm->now_ms + wait_ms;
    return user->talk.turn_ms > at_ms && nkt_user_is_stranger(swarm, user) ? user->talk.turn_ms : at_ms;
}

static void hello(nkt_swarm_t *swarm, nkt_user_t *user)
{
    Nkt__Inner inner = NKT__INNER__INIT;
    inner.has_hello = inner.hello = 1;
    const int is_worth = is_worth_hello(swarm, user);
    if (attempt(swarm, user, HELLO_MS, HELLO_DOUBLED_MAX) && is_worth)
        nkt_talk_send(swarm, user, &inner);
}

static void prekey_forget(nkt_user_t *user)
{
    user->talk.prekey_id = 0;
    nkt_buf_free(&user->talk.kem_once);
}

int nkt_talk_established(nkt_swarm_t *swarm, nkt_user_t *user)
{
    user->talk.is_key_asked = 0;
    user->talk.is_called = 0;
    user->talk.unread_ms = 0;
    user->talk.attempt = 0;
    if (user->talk.state == NKT_SESSION_ESTABLISHED)
        return 0;
    if (user->talk.prekey_id == user->talk.used_prekey_id)
        prekey_forget(user); /* said again before it was known to be used */
    nkt_alarm_clear(swarm, &user->talk.timer);
    nkt_talk_state_set(swarm, user, NKT_SESSION_ESTABLISHED);
    return 1;
}

/* A session from the other side's record. */
static int session_begin(nkt_swarm_t *swarm, nkt_user_t *user)
{
    const int has_once = user->talk.kem_once.size > 0; /* with its prekey */
    const nkt_session_bundle_t bundle = {
        .registration_id = user->record.registration_id,
        .signed_prekey_id = user->record.signed_prekey_id,
        .signed_prekey = user->record.signed_prekey,
        .signed_prekey_signature = user->record.signed_prekey_signature,
        .prekey_id = user->talk.prekey_id,
        .prekey = user->talk.prekey,
        .kem_key_id = has_once ? user->talk.prekey_id : NKT_KEM_KEY_LASTING,
        .kem_key = has_once ? user->talk.kem_once.data : nkt_key_of(user),
    };
    int err = nkt_session_initiate(swarm->sessions, &user->session, &bundle);
    user->talk.used_prekey_id = user->talk.prekey_id;
    prekey_forget(user); /* one use */
    return err;
}

/*
 * Without a KEM key of his no session begins: whoever is asked for one answers with it, but not twice in a moment, and what is said once
 * may be lost. So he is asked until it is there, less and less often, as with hello().
 */
static void key_ask(nkt_swarm_t *swarm, nkt_user_t *user)
{
    if (!user->talk.is_key_asked) { /* after this step: the answer to a greeting that is at work now asks as well, and says more */
        user->talk.is_key_asked = 1;
        nkt_alarm_set(swarm, &user->talk.timer, attempt_at(swarm, user, 1));
        return;
    }
    if (user->talk.key_sought_ms != 0 && swarm->now_ms - user->talk.key_sought_ms < NKT_KEY_TELL_MS_MIN) {
        nkt_alarm_set(swarm, &user->talk.timer, swarm->now_ms + nkt_chance_jitter(swarm, NKT_GREETING_MS_MIN));
        return;
    }
    /* a stranger had our question with the answer to his greeting, and has not spoken since; whoever was greeted owes the key alone, not
     * whom else he knows */
    const int is_owing = !nkt_user_is_stranger(swarm, user) || user->presence.heard_ms >= user->greeting.greeted_ms;
    if (attempt(swarm, user, KEY_MS, KEY_DOUBLED_MAX) && is_owing)
        nkt_greet(swarm, user, user->greeting.greeted_ms == 0 ? 0 : NKT_GREETING_ANSWER | NKT_GREETING_ASK);
}

/* 1: what waits for the user may go out in it. */
int nkt_talk_initiate(nkt_swarm_t *swarm, nkt_user_t *user)
{
    if (!nkt_key_may_begin(user)) {
        key_ask(swarm, user);
        return 0;
    }
    user->talk.is_key_asked = 0;
    int err = session_begin(swarm, user);
    if (err < 0) {
        nkt_drop(swarm, err);
        return 0;
    }
    nkt_user_touch(user);
    user->talk.rekey_ms = swarm->now_ms;
    user->talk.attempt = 0;
    if (user->greeting.greeted_ms == 0)
        nkt_greet(swarm, user, NKT_GREETING_ANSWER); /* who does not know us cannot check our signature */
    nkt_talk_state_set(swarm, user, NKT_SESSION_PENDING);
    hello(swarm, user);
    return 1;
}

int nkt_talk_ready(nkt_swarm_t *swarm, nkt_user_t *user)
{
    if (nkt_session_exists(&user->session))
        return NKT_OK;
    if (!nkt_key_may_begin(user)) {
        nkt_key_lack(swarm, user);
        return NKT_E_KEY;
    }
    int err = session_begin(swarm, user);
    if (err < 0)
        nkt_drop(swarm, err); /* what its record says is no good */
    nkt_user_touch(user);
    return err;
}

int nkt_talk_write(nkt_swarm_t *swarm, nkt_user_t *user, Nkt__Inner *inner)
{
    uint32_t ticket;
    int err = nkt_talk_ready(swarm, user);
    if (err < 0)
        return err;
    nkt_user_touch(user); /* whatever is reserved: the frame may go out much later, and waits for this step's PUT at least */
    return nkt_talk_encrypt(swarm, user, inner, &ticket);
}

static size_t session_count(const nkt_swarm_t *swarm)
{
    size_t count = 0;
    for (size_t i = 0; i < swarm->users.count; i++)
        count += swarm->user_list[i]->talk.state == NKT_SESSION_ESTABLISHED; /* whom we merely ask may be nobody */
    return count;
}

static int is_wanted(nkt_swarm_t *swarm, const nkt_user_t *user)
{
    if (!nkt_user_is_open(user) || !user->record.is_bound || !nkt_post_can_reach(swarm, user) ||
        (nkt_user_reach(user) == NKT_REACH_LOST && nkt_view_is_mesh(swarm)))
        return 0;
    if (user->delivery.queue_count > 0 || user->talk.is_called)
        return 1;
    if (!user->standing.has_answered && !nkt_user_is_counted(swarm, user))
        return 0; /* of many strangers, who is there answers, or begins himself */
    if (!nkt_user_is_near(swarm, user) && !nkt_view_is_mesh(swarm))
        return 0; /* nothing to say is no reason to flood */
    return nkt_view_size(swarm) <= NKT_CROWD_COUNT_MIN && session_count(swarm) < NKT_SESSION_EAGER_COUNT_MAX;
}

/* Whoever waits for an answer says it again by then: one who is silent is owed nothing more. */
static int is_unread(const nkt_swarm_t *swarm, const nkt_user_t *user)
{
    return user->talk.unread_ms != 0 && swarm->now_ms - user->talk.unread_ms <= NKT_RETRY_MS_MAX;
}

/* One that cannot decrypt (any more) is replaced though nothing waits: the other side says what nobody reads. */
static int is_missing(nkt_swarm_t *swarm, const nkt_user_t *user)
{
    return is_unread(swarm, user) || user->talk.state == NKT_SESSION_ESTABLISHED
               ? nkt_user_is_open(user) && nkt_post_can_reach(swarm, user)
               : is_wanted(swarm, user);
}

int nkt_talk_seek(nkt_swarm_t *swarm, nkt_user_t *user)
{
    if (user->talk.is_key_asked && nkt_key_may_begin(user) && is_missing(swarm, user))
        return nkt_talk_initiate(swarm, user);
    if (user->talk.state == NKT_SESSION_ESTABLISHED || !is_wanted(swarm, user))
        return 0;
    if (user->talk.is_key_asked) {
        if (!nkt_timer_is_set(&user->talk.timer))
            nkt_alarm_set_by(swarm, &user->talk.timer, attempt_at(swarm, user, nkt_chance_jitter(swarm, NKT_GREETING_MS_MIN)));
        return 0;
    }
    if (user->talk.state == NKT_SESSION_PENDING) {
        /* a hello that could not be repeated then can be now */
        nkt_alarm_set_by(swarm, &user->talk.timer, attempt_at(swarm, user, NKT_SESSION_RETRY_MS));
        return 0;
    }
    /* both would: the lower address does, the other waits a little for it; who answered among many does not know us yet */
    if (nkt_address_compare(&swarm->identity.address, &user->address) < 0 ||
        (user->standing.has_answered && nkt_strangers_are_many(swarm)))
        return nkt_talk_initiate(swarm, user);
    nkt_alarm_set_by(swarm, &user->talk.timer, swarm->now_ms + NKT_SESSION_PATIENCE_MS);
    return 0;
}

void nkt_talk_heard(nkt_swarm_t *swarm, nkt_user_t *user)
{
    if (user->talk.attempt > KEY_DOUBLED_MAX + SILENT_COUNT && nkt_timer_is_set(&user->talk.timer) && !nkt_user_is_stranger(swarm, user))
        nkt_alarm_set_by(swarm, &user->talk.timer, swarm->now_ms + nkt_chance_jitter(swarm, NKT_GREETING_MS_MIN));
}

int nkt_talk_session_due(nkt_swarm_t *swarm, nkt_user_t *user)
{
    if (user->talk.state != NKT_SESSION_NONE && !nkt_session_exists(&user->session))
        nkt_talk_state_set(swarm, user, NKT_SESSION_NONE); /* so much was said in it without an answer that it is at its end */
    if (user->talk.is_key_asked || user->talk.state == NKT_SESSION_NONE) {
        if (is_missing(swarm, user))
            return nkt_talk_initiate(swarm, user);
        user->talk.is_key_asked = 0;
        return 0;
    }
    if (user->talk.state == NKT_SESSION_PENDING && is_missing(swarm, user))
        hello(swarm, user);
    return 0;
}

/* ---- prekeys ---- */

/* One for us alone comes with its prekey, and is as fresh; the lasting one is that of the record. */
static void kem_key_take(nkt_swarm_t *swarm, nkt_user_t *user, const nkt_greeting_t *greeting, uint64_t created_ms)
{
    if (greeting->kem_key == NULL)
        return;
    if (greeting->kem_key_id == NKT_KEM_KEY_LASTING) {
        int err = nkt_key_take(user, greeting->kem_key);
        if (err < 0)
            nkt_drop(swarm, err);
    } else if (user->talk.offered_ms == created_ms && user->talk.prekey_id == greeting->kem_key_id) {
        nkt_buf_set(&user->talk.kem_once, greeting->kem_key, NKT_KEM_KEY_SIZE); /* without memory: the lasting one, or asked again */
    } /* else its prekey was not taken: both were used, or are void */
}

static void prekey_take(nkt_user_t *user, const nkt_greeting_t *greeting, uint64_t created_ms)
{
    /* one that is said again offers what was used, or is void since a later one */
    if (greeting->prekey_id == 0 || created_ms <= user->talk.offered_ms || created_ms <= user->clock.opened_ms)
        return;
    user->talk.offered_ms = created_ms;
    nkt_buf_free(&user->talk.kem_once); /* that of the prekey before */
    user->talk.prekey_id = greeting->prekey_id;
    memcpy(user->talk.prekey, greeting->prekey, sizeof user->talk.prekey);
}

void nkt_talk_offered(nkt_swarm_t *swarm, nkt_user_t *user, const nkt_greeting_t *greeting, uint64_t created_ms)
{
    prekey_take(user, greeting, created_ms);
    kem_key_take(swarm, user, greeting, created_ms);
}

void nkt_talk_hello_again(nkt_swarm_t *swarm, nkt_user_t *user)
{
    if (user->talk.state == NKT_SESSION_PENDING)
        nkt_alarm_set_by(swarm, &user->talk.timer, swarm->now_ms + NKT_RETRY_FAST_MS);
}

int nkt_talk_safety_number(nkt_swarm_t *swarm, const nkt_user_t *user, char digits[NKT_SAFETY_DIGIT_COUNT + 1])
{
    return nkt_fingerprint(swarm->sessions, &swarm->identity.address, swarm->identity.identity_public, &user->address,
                           user->record.identity_key, digits);
}
