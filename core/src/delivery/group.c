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
 * are those of others: who was out of reach, and may have begun anew, is given ours again with what is said to it next; who lost one
 * otherwise asks for it, and gets what it missed in its session meanwhile.
 */
#include <assert.h>
#include <string.h>

#include "delivery/delivery.h"
#include "nkt.pb-c.h"
#include "routing/routing.h"
#include "state/state.h"
#include "state/swarm.h"
#include "wire/pack.h"

enum {
    CIPHERTEXT_TYPE = 4, /* libsignal's CIPHERTEXT_SENDERKEY_TYPE */
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
    return nkt_group_may_read(swarm, user) && user->group.held == user->group.offered && nkt_user_is_open(user) &&
           swarm->now_ms >= user->group.deaf_until_ms;
}

/* How far its oldest unacknowledged position is behind. */
static uint64_t lag_of(const nkt_swarm_t *swarm, nkt_user_t *user)
{
    if (user->group.parcel_count == 0)
        return 0;
    assert(user->group.low <= swarm->group.sequence);
    if (swarm->group.sequence - user->group.low < NKT_GROUP_LAG_MAX / 2)
        return swarm->group.sequence - user->group.low;
    user->group.low = swarm->group.sequence;
    const nkt_parcel_t *const lists[] = {user->delivery.flight_head, user->delivery.queue_head};
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
        has_left |= nkt_user_reach(user) == NKT_REACH_NONE;
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
    int err = group->stream_id == 0 ? nkt_talk_stream(swarm, &group->stream_id) : NKT_OK;
    if (err == NKT_OK && message->group_position == 0) {
        message->group_position = ++group->sequence;
        message->group_stream_id = group->stream_id;
    }
    return err;
}

static int key_renew(nkt_swarm_t *swarm)
{
    nkt_group_t *group = &swarm->group;
    int err = group->stream_id == 0 ? nkt_talk_stream(swarm, &group->stream_id) : NKT_OK;
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
    const nkt_buf_t *plain = nkt_lent(swarm, NKT_LENT_PLAIN);
    nkt_ciphertext_t sealed;
    Nkt__Inner inner = NKT__INNER__INIT;
    Nkt__GroupBinding binding = NKT__GROUP_BINDING__INIT;
    Nkt__Ciphertext ciphertext = NKT__CIPHERTEXT__INIT;
    Nkt__Say say = NKT__SAY__INIT, *says[1] = {&say};
    nkt_talk_lend(swarm, &say, message, swarm->group.stream_id, message->group_position);
    binding.network = nkt_pack_lend(swarm->room.network, NKT_NETWORK_SIZE);
    binding.from = nkt_pack_lend(swarm->identity.address.b, NKT_ADDRESS_SIZE);
    binding.epoch = swarm->group.key.epoch;
    inner.say = says;
    inner.n_say = 1;
    inner.group = &binding;
    int err = nkt_pack(nkt_lend(swarm, NKT_LENT_PLAIN), &inner.base);
    if (err == NKT_OK)
        err = nkt_group_encrypt(swarm->sessions, &swarm->group.key, plain->data, plain->size, &sealed);
    if (err < 0)
        return err;
    ciphertext.has_epoch = 1;
    ciphertext.epoch = binding.epoch;
    err = nkt_talk_pack(swarm, &sealed, &ciphertext);
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
    message->group_stream_id = group->stream_id;
    group->message_count++;
    message->is_broadcast = broadcast(swarm, message) > 0;
    nkt_count(swarm, NKT_TALLY_GROUP_OUT, message->is_broadcast);
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
    if (!group->is_wanted || group->key.epoch == 0 || !nkt_user_is_addressed(swarm, user) || !nkt_user_is_open(user))
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

void nkt_group_unheld(nkt_user_t *user)
{
    user->group.held = 0;
    user->group.offered_ms = 0;
}

int nkt_group_asked(nkt_swarm_t *swarm, nkt_user_t *user)
{
    if (!nkt_group_may_read(swarm, user))
        return 0; /* it gets everything in its session, and the key with the next message */
    if (user->group.heeded_ms != 0 && swarm->now_ms - user->group.heeded_ms < NKT_GROUP_ASK_MS)
        return 0;
    user->group.heeded_ms = swarm->now_ms;
    nkt_group_unheld(user);
    return 1;
}

/* ---- keys of others ---- */

nkt_group_key_t *nkt_group_key_find(nkt_user_t *user, uint64_t epoch)
{
    for (int i = 0; i < NKT_GROUP_KEY_COUNT; i++) {
        if (user->group.keys[i].epoch == epoch)
            return &user->group.keys[i];
    }
    return NULL;
}

void nkt_group_news(nkt_swarm_t *swarm, nkt_user_t *user, uint64_t wait_ms)
{
    nkt_alarm_set_by(swarm, &user->delivery.ack_timer, swarm->now_ms + wait_ms);
}

int nkt_group_key_receive(nkt_swarm_t *swarm, nkt_user_t *user, const struct Nkt__GroupKey *offer)
{
    nkt_group_key_t *key = nkt_group_key_find(user, offer->epoch);
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
        assert(fresh.epoch > user->group.keys[1].epoch); /* the newest first */
    } else if (user->group.lost == offer->epoch) {
        err = nkt_group_key_accept(swarm->sessions, key, offer->epoch, offer->key.data, offer->key.len);
        if (err < 0 && err != NKT_E_REPLAY)
            return err;
    } /* else given again: what we have stays as it is */
    if (err == NKT_OK)
        user->group.ask = user->group.lost = user->group.ask_attempt = 0;
    user->group.confirm = offer->epoch;
    nkt_group_news(swarm, user, NKT_ACK_DELAY_MS);
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
