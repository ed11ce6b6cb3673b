/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Letters: what is said to those who are away, for keepers to keep for days. Written once for everybody, or for one; sealed
 * under keys (overlay/letterkey.h) that each who is away is given once in its session, by way of the keepers as well. A
 * message has its position in a letter that it has everywhere else, so it is heard once, whichever way it comes first. How they get
 * to those who keep them is keepers.c.
 */
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/base58.h"
#include "delivery/delivery.h"
#include "nkt.pb-c.h"
#include "routing/routing.h"
#include "state/state.h"
#include "state/swarm.h"
#include "wire/pack.h"

/* ---- who is away ---- */

int nkt_letter_is_away(const nkt_swarm_t *swarm, const nkt_user_t *user)
{
    if (!user->standing.is_member || user->presence.flags & NKT_USER_MUTED)
        return 0;
    nkt_reach_t reach = nkt_user_reach(user);
    if (reach == NKT_REACH_NONE)
        return 1;
    /* in a crowd nobody is asked after: who is silent and acknowledges nothing is away as far as we can tell */
    return nkt_user_is_silent(swarm, user);
}

void nkt_letter_heard(nkt_swarm_t *swarm, nkt_user_t *user, uint64_t created_ms)
{
    nkt_user_letters_t *own = &user->letters;
    nkt_clock_first(swarm, user, created_ms);
    own->given = own->own_given = 0; /* when it leaves again it may have lost them: its next life has none */
    own->is_due = 0;
    nkt_key_heard(swarm, user);
    if (nkt_keeper_may_be(user) && swarm->letters.head != NULL)
        nkt_letters_later(swarm, 0);
}

void nkt_letter_want(nkt_swarm_t *swarm, nkt_user_t *user)
{
    if (user->letters.is_due || !nkt_letter_is_away(swarm, user))
        return;
    user->letters.is_due = 1;
    nkt_letters_later(swarm, NKT_LETTER_GATHER_MS);
}

/* ---- writing ---- */

/* created_ms of what is written now: each has its own, so that they have an order. */
static uint64_t date_next(nkt_swarm_t *swarm)
{
    nkt_letters_t *letters = &swarm->letters;
    letters->created_ms = swarm->time_ms > letters->created_ms ? swarm->time_ms : letters->created_ms + 1;
    return letters->created_ms;
}

/* What NKT_LENT_PLAIN says, sealed under that key, to one (NULL: to everybody). */
static int letter_write(nkt_swarm_t *swarm, nkt_letter_key_t *key, const nkt_address_t *to)
{
    const nkt_buf_t *plain = nkt_lent(swarm, NKT_LENT_PLAIN);
    static const nkt_address_t everybody = {{0}};
    Nkt__Letter letter = NKT__LETTER__INIT;
    uint8_t id[NKT_ID_SIZE];
    const nkt_letter_place_t place = {
        .network = swarm->room.network, .from = &swarm->identity.address, .to = to == NULL ? &everybody : to};
    nkt_buf_t *sealed = nkt_lend(swarm, NKT_LENT_SEALED);
    letter.epoch = key->epoch;
    int err = nkt_letter_seal(key, &place, plain->data, plain->size, sealed, &letter.number);
    letter.sealed = nkt_pack_lend(sealed->data, sealed->size);
    if (err == NKT_OK)
        err = nkt_pack(nkt_lend(swarm, NKT_LENT_PAYLOAD), &letter.base);
    if (err == NKT_OK)
        err = nkt_post_write(swarm, NKT_KIND_LETTER, to, NKT_KEEP_S, date_next(swarm), id);
    return err < 0 ? err : nkt_letter_item_add(swarm, id, 0);
}

static int is_given(const nkt_swarm_t *swarm, const nkt_user_t *user)
{
    return user->letters.given == swarm->letters.key.epoch &&
           swarm->now_ms - user->letters.given_ms < NKT_LETTER_KEY_MS;
}

void nkt_letters_renew(nkt_swarm_t *swarm)
{
    swarm->letters.key.epoch = 0;
    swarm->letters.base_ms = 0;
}

static int has_used_up(const nkt_letter_key_t *key)
{
    return key->epoch == 0 || key->number > NKT_LETTER_CHAIN_MAX;
}

/* The keys that one who is away lacks, in its session. 1: given; 0: it lacks none; negative: not now. */
static int keys_give(nkt_swarm_t *swarm, nkt_user_t *user, int has_own)
{
    nkt_letters_t *letters = &swarm->letters;
    nkt_user_letters_t *own = &user->letters;
    Nkt__Inner inner = NKT__INNER__INIT;
    Nkt__LetterKey forms[2], *pointers[2];
    const nkt_letter_key_t *keys[2];
    int gives_all = letters->base_ms != 0 && !is_given(swarm, user);
    int gives_own = has_own && (own->own_given != own->key.epoch || swarm->now_ms - own->own_ms >= NKT_LETTER_KEY_MS);
    /* it opens that letter, and those that came after it */
    uint64_t created_ms = gives_all ? letters->base_ms : date_next(swarm);
    uint8_t id[NKT_ID_SIZE];
    if (gives_all)
        keys[inner.n_letter_key++] = &letters->base;
    if (gives_own)
        keys[inner.n_letter_key++] = &own->key;
    if (inner.n_letter_key == 0)
        return 0;
    for (size_t i = 0; i < inner.n_letter_key; i++) {
        forms[i] = (Nkt__LetterKey)NKT__LETTER_KEY__INIT;
        forms[i].epoch = keys[i]->epoch;
        forms[i].number = keys[i]->number;
        forms[i].chain = nkt_pack_lend(keys[i]->chain, NKT_CHAIN_SIZE);
        pointers[i] = &forms[i];
    }
    inner.letter_key = pointers;
    int err = nkt_talk_write(swarm, user, &inner);
    if (err >= 0) /* who may never have heard of us is told who we are */
        err = nkt_post_write_to(swarm, user, NKT_KEEP_S_MAX, created_ms, err > 0, id);
    if (err == NKT_OK)
        err = nkt_letter_item_add(swarm, id, 1);
    if (err < 0)
        return err;
    if (gives_all) {
        own->given = own->held = letters->base.epoch;
        own->given_ms = swarm->now_ms;
    }
    if (gives_own) {
        own->own_given = own->key.epoch;
        own->own_ms = swarm->now_ms;
    }
    return 1;
}

/* Calls are answered at once or not at all. */
static int is_writable(const nkt_parcel_t *parcel)
{
    return !parcel->is_written && !parcel->message->is_call;
}

static nkt_parcel_t *parcel_next(nkt_parcel_t *parcel)
{
    while (parcel != NULL && !is_writable(parcel))
        parcel = parcel->next;
    return parcel;
}

/* Up to a letter's fill of what waits in that list. How many. */
static size_t parcels_lend(const nkt_swarm_t *swarm, nkt_parcel_t *from, Nkt__Say says[], nkt_parcel_t *parcels[])
{
    size_t count = 0, size = 0;
    for (nkt_parcel_t *parcel = parcel_next(from); parcel != NULL && count < NKT_BATCH_COUNT_MAX;
         parcel = parcel_next(parcel->next)) {
        size += parcel->message->size;
        if (count > 0 && size > NKT_BATCH_SIZE_MAX)
            break;
        nkt_talk_lend(swarm, &says[count], parcel->message, parcel->stream_id, parcel->sequence);
        parcels[count++] = parcel;
    }
    return count;
}

/* It does not fail before its letter does. */
static void wait_for(nkt_swarm_t *swarm, nkt_message_t *message)
{
    uint64_t until_ms = swarm->now_ms + (uint64_t)NKT_KEEP_S * 1000;
    if (message->until_ms >= until_ms)
        return;
    message->until_ms = until_ms;
    nkt_journal_changed(swarm, message);
}

static int parcels_write(nkt_swarm_t *swarm, nkt_user_t *user, nkt_parcel_t *list)
{
    Nkt__Say says[NKT_BATCH_COUNT_MAX], *pointers[NKT_BATCH_COUNT_MAX];
    nkt_parcel_t *parcels[NKT_BATCH_COUNT_MAX];
    size_t count;
    while ((count = parcels_lend(swarm, list, says, parcels)) > 0) {
        Nkt__Inner inner = NKT__INNER__INIT;
        for (size_t i = 0; i < count; i++)
            pointers[i] = &says[i];
        inner.say = pointers;
        inner.n_say = count;
        int err = nkt_letters_may_write(swarm) ? nkt_pack(nkt_lend(swarm, NKT_LENT_PLAIN), &inner.base) : NKT_E_OUTBOX_FULL;
        if (err == NKT_OK)
            err = letter_write(swarm, &user->letters.key, &user->address);
        if (err < 0)
            return err;
        for (size_t i = 0; i < count; i++) {
            parcels[i]->is_written = 1;
            wait_for(swarm, parcels[i]->message);
        }
    }
    return NKT_OK;
}

static int has_pending(const nkt_user_t *user)
{
    return parcel_next(user->delivery.flight_head) != NULL || parcel_next(user->delivery.queue_head) != NULL;
}

/* What one who is away lacks. 1: that cost a ratchet step. Letters to everybody wait a moment for who has its KEM key. */
static int user_write(nkt_swarm_t *swarm, nkt_user_t *user)
{
    nkt_letter_key_t *key = &user->letters.key;
    int has_own = has_pending(user);
    user->letters.is_due = 0;
    if (!nkt_letter_is_away(swarm, user) || (has_own && has_used_up(key) && nkt_letter_key_create(key, &swarm->host) < 0))
        return 0;
    int given = keys_give(swarm, user, has_own);
    user->letters.is_due = (uint8_t)(given == NKT_E_KEY && nkt_key_is_awaited(swarm, user));
    if (given >= 0 && has_own && parcels_write(swarm, user, user->delivery.flight_head) == NKT_OK)
        parcels_write(swarm, user, user->delivery.queue_head);
    return given > 0;
}

/* Those who are to have the key of the next letter to everybody, and have not. */
static size_t absent_mark(nkt_swarm_t *swarm, size_t *ungiven)
{
    size_t count = 0;
    *ungiven = 0;
    for (size_t i = 0; i < swarm->users.count; i++) {
        nkt_user_t *user = swarm->user_list[i];
        if (!nkt_letter_is_away(swarm, user))
            continue;
        count++;
        if (has_pending(user))
            user_write(swarm, user); /* it was said before */
        if (is_given(swarm, user))
            continue;
        user->letters.is_due = 1;
        *ungiven += 1;
    }
    return count;
}

void nkt_letter_say(nkt_swarm_t *swarm, nkt_message_t *message)
{
    nkt_letters_t *letters = &swarm->letters;
    Nkt__Inner inner = NKT__INNER__INIT;
    Nkt__Say say, *says[1] = {&say};
    size_t ungiven;
    nkt_keepers_choose(swarm);
    if (!nkt_letters_may_write(swarm) || (has_used_up(&letters->key) && nkt_letter_key_create(&letters->key, &swarm->host) < 0) ||
        absent_mark(swarm, &ungiven) == 0 || nkt_group_position(swarm, message) < 0)
        return;
    nkt_letter_key_t before = letters->key;
    message->shared_stream_id = swarm->group.stream_id; /* one position for all, whichever way it comes to each */
    nkt_talk_lend(swarm, &say, message, swarm->group.stream_id, message->group_position);
    inner.say = says;
    inner.n_say = 1;
    message->is_written = nkt_pack(nkt_lend(swarm, NKT_LENT_PLAIN), &inner.base) == NKT_OK &&
                          letter_write(swarm, &letters->key, NULL) == NKT_OK;
    if (message->is_written)
        wait_for(swarm, message);
    if (message->is_written && ungiven > 0 && letters->base_ms == 0) {
        letters->base = before;
        letters->base_ms = letters->created_ms;
    }
    sodium_memzero(&before, sizeof before);
    nkt_letters_later(swarm, NKT_LETTER_GATHER_MS);
}

void nkt_letters_timer(nkt_swarm_t *swarm)
{
    nkt_letters_t *letters = &swarm->letters;
    size_t given = 0, left = 0;
    nkt_keepers_choose(swarm);
    for (size_t i = 0; nkt_letters_may_write(swarm) && i < swarm->users.count; i++) {
        nkt_user_t *user = swarm->user_list[i];
        if (!user->letters.is_due)
            continue;
        if (given < NKT_LETTER_GIVE_COUNT)
            given += (size_t)user_write(swarm, user);
        left += user->letters.is_due;
    }
    if (left > 0) {
        nkt_letters_later(swarm, NKT_LETTER_GATHER_MS);
    } else {
        letters->base_ms = 0;
        nkt_letter_items_release(letters);
    }
    nkt_keepers_serve(swarm);
}

void nkt_letters_tidy(nkt_swarm_t *swarm)
{
    int is_due = 0;
    nkt_keepers_choose(swarm);
    nkt_letter_items_sweep(&swarm->letters);
    for (size_t i = 0; nkt_letters_may_write(swarm) && i < swarm->users.count; i++) {
        nkt_user_t *user = swarm->user_list[i];
        if (has_pending(user) && nkt_letter_is_away(swarm, user))
            user->letters.is_due = 1;
        is_due |= user->letters.is_due;
    }
    if (is_due || swarm->letters.head != NULL)
        nkt_letters_later(swarm, NKT_LETTER_GATHER_MS);
}

void nkt_letters_deinit(nkt_swarm_t *swarm)
{
    nkt_letters_t *letters = &swarm->letters;
    while (letters->head != NULL) {
        nkt_letter_item_t *item = letters->head;
        letters->head = item->next;
        free(item);
    }
    sodium_memzero(letters, sizeof *letters);
}
