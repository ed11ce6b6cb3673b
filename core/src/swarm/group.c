/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Messages to everybody under a sender key: one encryption, one envelope, instead of one for each.
 *
 * The key is handed out inside what is said to a user anyway, from its current place on, and counts as held once that
 * user said so; whoever was not given it reads nothing of it. A message to everybody has one position in one stream, the same
 * for all who may read the broadcast; what a user does not acknowledge is said to it again in its session under that
 * very position (outbox.c), so its replay window shows it once, whichever way it came. Who was never given the key gets
 * a position of its own stream as ever.
 *
 * Our own key is never stored: each life begins a new one, so none of its places is used twice after a crash. Neither
 * are those of others: who lost one asks for it again, and gets what it missed in its session meanwhile.
 */
#include <string.h>

#include <sodium.h>

#include "nkt.pb-c.h"
#include "swarm/swarm.h"
#include "wire/pack.h"

enum {
    CIPHERTEXT_TYPE = 4, /* libsignal's CIPHERTEXT_SENDERKEY_TYPE */
    ASK_DOUBLINGS_MAX = 5,
    DEAF_MISS_COUNT = 3, /* broadcasts in a row that did not reach a user: it is told at once in its session ... */
    DEAF_MS = 60000,     /* ... for so long */
};

/* ---- our key ---- */

int nkt_group_may_read(const nkt_swarm_t *swarm, const nkt_user_t *user)
{
    return swarm->group.key.epoch != 0 && user->group.offered == swarm->group.key.epoch;
}

int nkt_group_holds(const nkt_swarm_t *swarm, const nkt_user_t *user)
{
    return nkt_group_may_read(swarm, user) && user->group.held == user->group.offered && user->flags == 0 &&
           swarm->now_ms >= user->group.deaf_until_ms;
}

/* How far its oldest unacknowledged position is behind. */
static uint64_t lag_of(const nkt_swarm_t *swarm, nkt_user_t *user)
{
    if (user->group.parcel_count == 0)
        return 0;
    if (swarm->group.sequence - user->group.low < NKT_GROUP_LAG_MAX / 2)
        return swarm->group.sequence - user->group.low;
    user->group.low = swarm->group.sequence;
    const nkt_parcel_t *const lists[] = {user->flight_head, user->queue_head};
    for (int i = 0; i < 2; i++) {
        for (const nkt_parcel_t *parcel = lists[i]; parcel != NULL; parcel = parcel->next) {
            if (parcel->is_group && parcel->sequence < user->group.low)
                user->group.low = parcel->sequence;
        }
    }
    return swarm->group.sequence - user->group.low;
}

/* Must there be a new key? Somebody has the present one who is not to read what comes, or it is old, or one who does not
 * keep up would lose what its replay window leaves behind. Counts the holders on the way. */
static int is_stale(nkt_swarm_t *swarm)
{
    nkt_group_t *group = &swarm->group;
    size_t reader_count = 0;
    int has_left = 0;
    group->holder_count = 0;
    if (group->key.epoch == 0 || group->message_count >= NKT_GROUP_KEY_MESSAGE_COUNT ||
        swarm->now_ms - group->made_ms >= NKT_GROUP_KEY_MS)
        return 1;
    for (size_t i = 0; i < swarm->users.count; i++) {
        nkt_user_t *user = swarm->user_list[i];
        if (!nkt_group_may_read(swarm, user))
            continue;
        if (!nkt_user_is_addressed(swarm, user) || lag_of(swarm, user) >= NKT_GROUP_LAG_MAX)
            return 1;
        reader_count++;
        has_left |= user->flags & NKT_USER_UNREACHABLE;
        group->holder_count += (size_t)nkt_group_holds(swarm, user);
    }
    if (reader_count != group->reader_count)
        return 1; /* one was forgotten with the key in its hands */
    /* who left is still entitled to what is said until it is forgotten, so this may wait for the others who leave */
    return has_left && swarm->now_ms - group->made_ms >= NKT_GROUP_LEAVE_MS;
}

int nkt_group_position(nkt_swarm_t *swarm, nkt_message_t *message)
{
    nkt_group_t *group = &swarm->group;
    int err = group->stream == 0 ? nkt_talk_stream(swarm, &group->stream) : NKT_OK;
    if (err == NKT_OK && message->group_position == 0) {
        message->group_position = ++group->sequence;
        message->group_stream = group->stream;
    }
    return err;
}

static int key_renew(nkt_swarm_t *swarm)
{
    nkt_group_t *group = &swarm->group;
    int err = group->stream == 0 ? nkt_talk_stream(swarm, &group->stream) : NKT_OK;
    if (err < 0)
        return err;
    /* higher than in any earlier life: others take a lower one for an old one that was sent again */
    uint64_t epoch = swarm->time_ms;
    if (epoch <= group->key.epoch)
        epoch = group->key.epoch + 1;
    err = nkt_group_key_create(swarm->sessions, &group->key, epoch);
    if (err < 0)
        return err;
    group->made_ms = swarm->now_ms;
    group->message_count = 0;
    group->reader_count = group->holder_count = 0;
    return NKT_OK;
}

void nkt_group_deinit(nkt_swarm_t *swarm)
{
    nkt_group_key_deinit(&swarm->group.key);
    nkt_buf_free(&swarm->group.shared);
}

/* ---- saying ---- */

static int broadcast(nkt_swarm_t *swarm, const nkt_message_t *message)
{
    Nkt__Inner inner = NKT__INNER__INIT;
    Nkt__GroupBinding binding = NKT__GROUP_BINDING__INIT;
    Nkt__Ciphertext ciphertext = NKT__CIPHERTEXT__INIT;
    Nkt__Say say = NKT__SAY__INIT, *says[1] = {&say};
    say.epoch = swarm->group.stream;
    say.sequence = message->group_position;
    say.id = nkt_pack_lend(message->id, NKT_ID_SIZE);
    say.date_ms = message->date_ms;
    say.json = nkt_pack_lend(message->json, message->size);
    binding.network = nkt_pack_lend(swarm->room.network, NKT_NETWORK_SIZE);
    binding.from = nkt_pack_lend(swarm->identity.address.b, NKT_ADDRESS_SIZE);
    binding.epoch = swarm->group.key.epoch;
    inner.say = says;
    inner.n_say = 1;
    inner.group = &binding;
    int err = nkt_talk_seal(swarm, &inner, &ciphertext);
    if (err == NKT_OK)
        err = nkt_group_encrypt(swarm->sessions, &swarm->group.key, swarm->plain.data, swarm->plain.size, &swarm->scratch);
    if (err < 0)
        return err;
    ciphertext.type = CIPHERTEXT_TYPE;
    ciphertext.message = nkt_pack_lend(swarm->scratch.data, swarm->scratch.size);
    ciphertext.has_epoch = 1;
    ciphertext.epoch = binding.epoch;
    err = nkt_pack(&swarm->payload, &ciphertext.base);
    return err < 0 ? err : nkt_post(swarm, NKT_KIND_GROUP, NULL);
}

void nkt_group_say(nkt_swarm_t *swarm, nkt_message_t *message, size_t recipient_count)
{
    nkt_group_t *group = &swarm->group;
    /* half as many later, so that a swarm at the threshold does not go back and forth */
    group->is_wanted = recipient_count >= (group->is_wanted ? group->count_min / 2 : group->count_min);
    if (!group->is_wanted)
        return;
    if (is_stale(swarm)) {
        if (key_renew(swarm) < 0)
            group->is_wanted = 0;
        return; /* this message goes to each, and takes the key along */
    }
    if (group->holder_count < group->count_min / 2)
        return;
    message->group_position = ++group->sequence;
    message->group_stream = group->stream;
    group->message_count++;
    message->is_broadcast = broadcast(swarm, message) > 0;
    swarm->counters.group_out += message->is_broadcast;
}

uint64_t nkt_group_ack_window_ms(nkt_swarm_t *swarm)
{
    uint64_t window_ms = nkt_view_known(swarm) * NKT_GROUP_ACK_PER_USER_MS;
    return window_ms < NKT_GROUP_ACK_MS_MAX ? window_ms : NKT_GROUP_ACK_MS_MAX;
}

void nkt_group_missed(nkt_swarm_t *swarm, nkt_user_t *user)
{
    if (++user->group.miss_count < DEAF_MISS_COUNT)
        return;
    user->group.miss_count = 0;
    user->group.deaf_until_ms = swarm->now_ms + DEAF_MS;
}

/* ---- handing out the key ---- */

int nkt_group_offer(nkt_swarm_t *swarm, nkt_user_t *user, struct Nkt__GroupKey *offer)
{
    nkt_group_t *group = &swarm->group;
    int is_given = nkt_group_may_read(swarm, user);
    if (!group->is_wanted || group->key.epoch == 0 || !nkt_user_is_addressed(swarm, user) || user->flags != 0)
        return 0;
    if (is_given && (user->group.held == group->key.epoch ||
                     (user->group.offered_ms != 0 && swarm->now_ms - user->group.offered_ms < NKT_GROUP_OFFER_MS)))
        return 0;
    if (!is_given && lag_of(swarm, user) >= NKT_GROUP_LAG_MAX / 2)
        return 0; /* it has to catch up first */
    if (nkt_group_key_share(swarm->sessions, &group->key, &group->shared) < 0)
        return 0;
    *offer = (Nkt__GroupKey)NKT__GROUP_KEY__INIT;
    offer->epoch = group->key.epoch;
    offer->key = nkt_pack_lend(group->shared.data, group->shared.size);
    group->reader_count += !is_given;
    user->group.offered = group->key.epoch; /* whatever becomes of it: from now on it may read */
    user->group.offered_ms = swarm->now_ms;
    user->group.miss_count = 0;
    return 1;
}

void nkt_group_held(nkt_swarm_t *swarm, nkt_user_t *user, uint64_t epoch)
{
    if (!nkt_group_may_read(swarm, user) || epoch != swarm->group.key.epoch || user->group.held == epoch)
        return;
    user->group.held = epoch;
    user->group.miss_count = 0;
    user->group.deaf_until_ms = 0;
}

int nkt_group_asked(nkt_swarm_t *swarm, nkt_user_t *user)
{
    if (!nkt_group_may_read(swarm, user))
        return 0; /* it gets everything in its session, and the key with the next message */
    if (user->group.heeded_ms != 0 && swarm->now_ms - user->group.heeded_ms < NKT_GROUP_ASK_MS)
        return 0;
    user->group.heeded_ms = swarm->now_ms;
    user->group.held = 0;
    user->group.offered_ms = 0; /* again with the next thing that is said to it */
    return 1;
}

/* ---- keys of others ---- */

static nkt_group_key_t *key_find(nkt_user_t *user, uint64_t epoch)
{
    for (int i = 0; i < NKT_GROUP_KEY_COUNT; i++) {
        if (user->group.keys[i].epoch == epoch)
            return &user->group.keys[i];
    }
    return NULL;
}

static void news(nkt_swarm_t *swarm, nkt_user_t *user, uint64_t wait_ms)
{
    nkt_timer_set_by(&swarm->timers, &user->ack_timer, swarm->now_ms + wait_ms);
}

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
    news(swarm, user, 1 + nkt_prng_below(&swarm->prng, NKT_GROUP_ASK_DELAY_MS));
}

int nkt_group_key_receive(nkt_swarm_t *swarm, nkt_user_t *user, const struct Nkt__GroupKey *offer)
{
    nkt_group_key_t *key = key_find(user, offer->epoch);
    if (offer->epoch == 0 || offer->key.len > NKT_GROUP_SHARE_SIZE_MAX)
        return NKT_E_PAYLOAD;
    int err = NKT_OK;
    if (key == NULL) {
        nkt_group_key_t fresh = {0};
        if (offer->epoch < user->group.keys[0].epoch)
            return NKT_E_REPLAY; /* an older one never takes the place of a newer */
        err = nkt_group_key_accept(swarm->sessions, &fresh, offer->epoch, offer->key.data, offer->key.len);
        if (err < 0)
            return err;
        nkt_group_key_deinit(&user->group.keys[NKT_GROUP_KEY_COUNT - 1]);
        memmove(&user->group.keys[1], &user->group.keys[0], (NKT_GROUP_KEY_COUNT - 1) * sizeof user->group.keys[0]);
        user->group.keys[0] = fresh;
    } else if (user->group.lost == offer->epoch) {
        err = nkt_group_key_accept(swarm->sessions, key, offer->epoch, offer->key.data, offer->key.len);
        if (err < 0 && err != NKT_E_REPLAY)
            return err;
    } /* else given again: what we have stays as it is */
    if (err == NKT_OK)
        user->group.ask = user->group.lost = user->group.ask_attempt = 0;
    user->group.confirm = offer->epoch;
    news(swarm, user, NKT_ACK_DELAY_MS);
    return NKT_OK;
}

int nkt_group_has_news(const nkt_user_t *user)
{
    return user->group.confirm != 0 || user->group.ask != 0;
}

void nkt_group_take_news(nkt_user_t *user, struct Nkt__Inner *inner)
{
    inner->has_group_held = user->group.confirm != 0;
    inner->group_held = user->group.confirm;
    inner->has_group_asked = user->group.ask != 0;
    inner->group_asked = user->group.ask;
    user->group.confirm = user->group.ask = 0;
}

void nkt_user_group_deinit(nkt_user_t *user)
{
    for (int i = 0; i < NKT_GROUP_KEY_COUNT; i++)
        nkt_group_key_deinit(&user->group.keys[i]);
}

/* ---- hearing ---- */

/* Says what was decrypted that it was said here, by that user, under that key? */
static int is_bound(const nkt_swarm_t *swarm, const nkt_user_t *user, uint64_t epoch, const Nkt__Inner *inner)
{
    const Nkt__GroupBinding *binding = inner->group;
    return binding != NULL && binding->epoch == epoch && binding->network.len == NKT_NETWORK_SIZE &&
           memcmp(binding->network.data, swarm->room.network, NKT_NETWORK_SIZE) == 0 &&
           binding->from.len == NKT_ADDRESS_SIZE &&
           memcmp(binding->from.data, user->address.b, NKT_ADDRESS_SIZE) == 0 && inner->n_say > 0 &&
           inner->n_say <= NKT_BATCH_COUNT_MAX && inner->n_ack == 0 && inner->group_key == NULL &&
           !inner->has_ends && !inner->has_hello && !inner->has_welcome && !inner->has_group_held &&
           !inner->has_group_asked;
}

/* is_news: of its author's, not said again by others (nkt_user_is_news). */
static int decrypt(nkt_swarm_t *swarm, nkt_user_t *user, const Nkt__Ciphertext *ciphertext, int is_news)
{
    nkt_group_key_t *key = key_find(user, ciphertext->epoch);
    if (ciphertext->type != CIPHERTEXT_TYPE || !ciphertext->has_epoch || ciphertext->epoch == 0)
        return NKT_E_PAYLOAD;
    if (key == NULL) {
        if (is_news)
            ask(swarm, user, ciphertext->epoch);
        return NKT_E_NO_SESSION;
    }
    int err = nkt_group_decrypt(swarm->sessions, key, ciphertext->message.data, ciphertext->message.len, &swarm->plain);
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
    int err = decrypt(swarm, user, ciphertext, nkt_user_is_news(swarm, envelope, user->group.opened_ms));
    if (err < 0)
        return err;
    if (envelope->created_ms > user->group.opened_ms)
        user->group.opened_ms = envelope->created_ms;
    Nkt__Inner *inner = NULL;
    err = nkt_talk_open(swarm, ciphertext, NULL, &inner);
    if (err == NKT_OK && !is_bound(swarm, user, ciphertext->epoch, inner))
        err = NKT_E_PAYLOAD;
    for (size_t i = 0; err == NKT_OK && i < inner->n_say; i++) {
        user->is_dirty = 1; /* its replay window */
        uint64_t ack_ms = 1 + nkt_prng_below(&swarm->prng, nkt_group_ack_window_ms(swarm));
        err = inner->say[i]->has_call ? NKT_E_PAYLOAD : nkt_talk_hear(swarm, user, inner->say[i], ack_ms); /* calls are for one */
    }
    if (inner != NULL)
        nkt__inner__free_unpacked(inner, NULL);
    return err;
}

int nkt_group_receive(nkt_swarm_t *swarm, nkt_user_t *user, const nkt_envelope_t *envelope)
{
    int err = NKT_E_RATE;
    /* a bucket of its own: who cannot follow the broadcasts is to be heard in the session all the more */
    int may_fail = nkt_user_is_news(swarm, envelope, user->group.opened_ms)
                       ? nkt_bucket_has(&user->group.decrypt_bucket, swarm->now_ms, NKT_DECRYPT_FAIL_BURST, NKT_DECRYPT_FAIL_PER_S)
                       : nkt_bucket_has(&user->group.stale_bucket, swarm->now_ms, NKT_STALE_FAIL_BURST, NKT_STALE_FAIL_PER_S);
    if (may_fail) {
        Nkt__Ciphertext *ciphertext = nkt_unpack(&nkt__ciphertext__descriptor, envelope->payload_size, envelope->payload);
        err = ciphertext == NULL ? NKT_E_PAYLOAD : receive(swarm, user, envelope, ciphertext);
        nkt__ciphertext__free_unpacked(ciphertext, NULL);
    }
    swarm->counters.group_in += err == NKT_OK;
    if (err != NKT_E_NO_SESSION && err != NKT_E_DECRYPT && err != NKT_E_RATE)
        return err;
    /* everybody gets a broadcast, also who was not given the key: the link that passed it on is not to blame */
    nkt_drop(swarm, err);
    return NKT_OK;
}
