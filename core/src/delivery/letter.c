/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Letters: what is said to those who are away, for keepers to keep for days. Written once for everybody, or for one; sealed
 * under keys (overlay/letterkey.h) that each who is away is given once in its session, by way of the keepers as well. A
 * message has its position in a letter that it has everywhere else, so it is heard once, whichever way it comes first.
 *
 * A letter goes to a few keepers, over the way that leads there, and is sent again until each gave a receipt for it. What
 * is under way to a keeper is one frame of them at a time, so they stay in order.
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

/* ---- those who keep ---- */

static int may_be_keeper(const nkt_user_t *user)
{
    return user->record.capabilities & NKT_CAPABILITY_KEEPER && user->standing.is_member && nkt_user_is_open(user);
}

static int is_chosen(const nkt_letters_t *letters, const nkt_address_t *address)
{
    for (int i = 0; i < NKT_KEEPER_COUNT_MAX; i++) {
        if (letters->keepers[i].is_used && nkt_address_compare(&letters->keepers[i].address, address) == 0)
            return 1;
    }
    return 0;
}

static void items_mark(nkt_letters_t *letters, int place, int is_new)
{
    uint8_t bit = (uint8_t)(1u << place);
    for (nkt_letter_item_t *item = letters->head; item != NULL; item = item->next) {
        item->waiting_bits &= (uint8_t)~bit;
        item->sent_bits &= (uint8_t)~bit;
        if (is_new && !item->is_taken)
            item->waiting_bits |= bit;
    }
}

/* Drops what no keeper has to be given any more. */
static void items_sweep(nkt_letters_t *letters)
{
    nkt_letter_item_t **at = &letters->head;
    letters->tail = NULL;
    while (*at != NULL) {
        nkt_letter_item_t *item = *at;
        if (item->waiting_bits != 0 || !item->is_taken) {
            letters->tail = item;
            at = &item->next;
            continue;
        }
        *at = item->next;
        letters->size -= item->size;
        free(item);
    }
}

/* The keys of those letters are written: they go behind them. */
static void items_release(nkt_letters_t *letters)
{
    nkt_letter_item_t *held = NULL, **held_end = &held, **at = &letters->head;
    letters->tail = NULL;
    while (*at != NULL) {
        nkt_letter_item_t *item = *at;
        if (!item->is_held) {
            letters->tail = item;
            at = &item->next;
            continue;
        }
        *at = item->next;
        item->is_held = 0;
        item->next = NULL;
        *held_end = item;
        held_end = &item->next;
    }
    *at = held;
    for (nkt_letter_item_t *item = held; item != NULL; item = item->next)
        letters->tail = item;
}

/* The dearest of those who may and are not chosen, or NULL. */
static const nkt_user_t *candidate_find(nkt_swarm_t *swarm)
{
    const nkt_user_t *found = NULL;
    for (size_t i = 0; i < swarm->users.count; i++) {
        const nkt_user_t *user = swarm->user_list[i];
        if (may_be_keeper(user) && (found == NULL || nkt_user_is_dearer(swarm, user, found)) &&
            !is_chosen(&swarm->letters, &user->address))
            found = user;
    }
    return found;
}

/* A free place, or that of the least dear keeper. Those who are gone make room on the way. */
static int place_find(nkt_swarm_t *swarm, const nkt_user_t **least)
{
    nkt_letters_t *letters = &swarm->letters;
    int found = 0;
    *least = NULL;
    for (int i = 0; i < NKT_KEEPER_COUNT_MAX; i++) {
        nkt_letter_keeper_t *keeper = &letters->keepers[i];
        const nkt_user_t *user = keeper->is_used ? nkt_user_find(swarm, &keeper->address) : NULL;
        if (keeper->is_used && (user == NULL || !may_be_keeper(user))) {
            *keeper = (nkt_letter_keeper_t){0};
            items_mark(letters, i, 0);
        }
        if (i > 0 && !letters->keepers[found].is_used)
            continue;
        if (!keeper->is_used || *least == NULL || nkt_user_is_dearer(swarm, *least, user)) {
            found = i;
            *least = keeper->is_used ? user : NULL;
        }
    }
    return found;
}

/* Anybody may say that he keeps, give receipts, and keep nothing: those who are dearer take the place of others. */
static void keepers_choose(nkt_swarm_t *swarm)
{
    nkt_letters_t *letters = &swarm->letters;
    for (int i = 0; i < NKT_KEEPER_COUNT_MAX; i++) {
        const nkt_user_t *least, *user;
        int place = place_find(swarm, &least);
        user = candidate_find(swarm);
        if (user == NULL || (least != NULL && !nkt_user_is_dearer(swarm, user, least)))
            return;
        letters->keepers[place] = (nkt_letter_keeper_t){.address = user->address, .is_used = 1};
        items_mark(letters, place, 1);
    }
}

/* Is there a keeper who could take letters now? */
static int letters_may_write(const nkt_swarm_t *swarm)
{
    for (int i = 0; i < NKT_KEEPER_COUNT_MAX; i++) {
        if (swarm->letters.keepers[i].is_used)
            return swarm->letters.size < NKT_LETTER_QUEUE_SIZE_MAX;
    }
    return 0;
}

/* ---- on the way to them ---- */

static void later(nkt_swarm_t *swarm, uint64_t wait_ms)
{
    nkt_timer_set_by(&swarm->timers, &swarm->letters.timer, swarm->now_ms + wait_ms);
}

/* Takes in the frame in swarm->frame. */
static int item_add(nkt_swarm_t *swarm, const uint8_t id[NKT_ID_SIZE], int is_key)
{
    nkt_letters_t *letters = &swarm->letters;
    nkt_letter_item_t *item = calloc(1, sizeof *item + swarm->frame.size);
    if (item == NULL)
        return NKT_E_MEMORY;
    memcpy(item->id, id, NKT_ID_SIZE);
    item->size = swarm->frame.size;
    item->is_held = (uint8_t)!is_key;
    item->step = is_key ? swarm->step_number : 0;
    memcpy(item->frame, swarm->frame.data, swarm->frame.size);
    for (int i = 0; i < NKT_KEEPER_COUNT_MAX; i++)
        item->waiting_bits |= (uint8_t)(letters->keepers[i].is_used << i);
    *(letters->tail == NULL ? &letters->head : &letters->tail->next) = item;
    letters->tail = item;
    letters->size += item->size;
    return NKT_OK;
}

/* One frame of those that wait for that keeper, the oldest first. */
static void keeper_send(nkt_swarm_t *swarm, int place)
{
    nkt_letters_t *letters = &swarm->letters;
    nkt_letter_keeper_t *keeper = &letters->keepers[place];
    ProtobufCBinaryData frames[NKT_LETTER_BATCH_COUNT];
    Nkt__Keep keep = NKT__KEEP__INIT;
    uint8_t bit = (uint8_t)(1u << place);
    size_t size = 0;
    uint32_t ticket = 0;
    nkt_user_t *user = nkt_user_find(swarm, &keeper->address);
    for (nkt_letter_item_t *item = letters->head; item != NULL && keep.n_frame < NKT_LETTER_BATCH_COUNT; item = item->next) {
        if (!(item->waiting_bits & bit) || item->is_held)
            continue;
        size += item->size;
        if (keep.n_frame > 0 && size > NKT_LETTER_BATCH_SIZE)
            break;
        /* a session's place is used once: it waits for the PUT of the step that used it, or a later one */
        if (item->step == swarm->step_number)
            ticket = NKT_TICKET_STEP;
        else if (item->step != 0 && ticket == 0)
            ticket = swarm->put_ticket;
        frames[keep.n_frame++] = nkt_pack_lend(item->frame, item->size);
        item->sent_bits |= bit;
    }
    keeper->again_ms = 0;
    keep.frame = frames;
    if (keep.n_frame == 0 || user == NULL || nkt_pack(&swarm->payload, &keep.base) < 0)
        return;
    nkt_post_after(swarm, NKT_KIND_KEEP, user, ticket);
    uint64_t wait_ms = (uint64_t)NKT_LETTER_AGAIN_MS << (keeper->attempt < 5 ? keeper->attempt : 5);
    keeper->again_ms = swarm->now_ms + (wait_ms < NKT_LETTER_AGAIN_MS_MAX ? wait_ms : NKT_LETTER_AGAIN_MS_MAX);
    keeper->attempt++;
}

static void keepers_serve(nkt_swarm_t *swarm)
{
    for (int i = 0; i < NKT_KEEPER_COUNT_MAX; i++) {
        nkt_letter_keeper_t *keeper = &swarm->letters.keepers[i];
        if (keeper->is_used && swarm->now_ms >= keeper->again_ms)
            keeper_send(swarm, i);
        if (keeper->again_ms != 0)
            nkt_timer_set_by(&swarm->timers, &swarm->letters.timer, keeper->again_ms);
    }
}

static nkt_letter_item_t *item_find(nkt_letters_t *letters, const ProtobufCBinaryData *id)
{
    nkt_letter_item_t *item = letters->head;
    while (item != NULL && (id->len != NKT_ID_SIZE || memcmp(item->id, id->data, NKT_ID_SIZE) != 0))
        item = item->next;
    return item;
}

/* What is under way to a keeper is at the head of the list: finding it takes a step or two. */
static void keeper_receipt(nkt_swarm_t *swarm, int place, const Nkt__Receipt *receipt)
{
    nkt_letters_t *letters = &swarm->letters;
    nkt_letter_keeper_t *keeper = &letters->keepers[place];
    uint8_t bit = (uint8_t)(1u << place), is_under_way = 0;
    for (size_t i = 0; i < receipt->n_id + receipt->n_refused; i++) {
        int is_kept = i < receipt->n_id;
        nkt_letter_item_t *item = item_find(letters, is_kept ? &receipt->id[i] : &receipt->refused[i - receipt->n_id]);
        if (item == NULL || !(item->sent_bits & bit))
            continue;
        item->waiting_bits &= (uint8_t)~bit;
        item->sent_bits &= (uint8_t)~bit;
        item->is_taken |= (uint8_t)is_kept;
    }
    for (const nkt_letter_item_t *item = letters->head; item != NULL; item = item->next)
        is_under_way |= item->sent_bits & bit;
    items_sweep(letters);
    if (is_under_way)
        return;
    keeper->attempt = 0;
    keeper->again_ms = 0;
    keepers_serve(swarm);
}

int nkt_letter_receipt(nkt_swarm_t *swarm, nkt_user_t *user, const nkt_envelope_t *envelope)
{
    Nkt__Receipt *receipt = nkt_unpack(&nkt__receipt__descriptor, envelope->payload_size, envelope->payload);
    if (receipt == NULL)
        return NKT_E_PAYLOAD;
    int err = receipt->n_id > NKT_LETTER_BATCH_COUNT || receipt->n_refused > NKT_LETTER_BATCH_COUNT ? NKT_E_PAYLOAD : NKT_OK;
    for (int i = 0; err == NKT_OK && i < NKT_KEEPER_COUNT_MAX; i++) {
        const nkt_letter_keeper_t *keeper = &swarm->letters.keepers[i];
        if (keeper->is_used && nkt_address_compare(&keeper->address, &user->address) == 0)
            keeper_receipt(swarm, i, receipt);
    }
    if (err == NKT_OK && swarm->settings.keeper)
        nkt_keeper_receipt(swarm, user, receipt->id, receipt->n_id);
    nkt__receipt__free_unpacked(receipt, NULL);
    return err;
}

/* ---- who is away ---- */

int nkt_letter_is_away(const nkt_swarm_t *swarm, const nkt_user_t *user)
{
    if (!user->standing.is_member || user->presence.flags & NKT_USER_MUTED)
        return 0;
    nkt_reach_t reach = nkt_user_reach(user);
    if (reach == NKT_REACH_NONE)
        return 1;
    /* in a crowd nobody is asked after: who is silent and acknowledges nothing is away as far as we can tell */
    return reach != NKT_REACH_DIRECT && user->delivery.queue_count + user->delivery.flight_count > 0 &&
           swarm->now_ms - user->presence.heard_ms >= NKT_LETTER_STALL_MS &&
           swarm->now_ms - user->delivery.progress_ms >= NKT_LETTER_STALL_MS;
}

void nkt_letter_heard(nkt_swarm_t *swarm, nkt_user_t *user, uint64_t created_ms)
{
    nkt_user_letters_t *own = &user->letters;
    if (user->clock.first_ms == 0) {
        user->clock.first_ms = user->clock.is_heard ? nkt_clock_of(swarm, user) : created_ms;
        user->clock.is_first_new = !user->clock.is_proven;
        user->stored.is_dirty = 1;
    }
    own->given = own->own_given = 0; /* when it leaves again it may have lost them: its next life has none */
    own->is_due = 0;
    if (may_be_keeper(user) && swarm->letters.head != NULL)
        later(swarm, 0);
}

void nkt_letter_want(nkt_swarm_t *swarm, nkt_user_t *user)
{
    if (user->letters.is_due || !nkt_letter_is_away(swarm, user))
        return;
    user->letters.is_due = 1;
    later(swarm, NKT_LETTER_GATHER_MS);
}

/* ---- writing ---- */

/* created_ms of what is written now: each has its own, so that they have an order. */
static uint64_t date_next(nkt_swarm_t *swarm)
{
    nkt_letters_t *letters = &swarm->letters;
    letters->created_ms = swarm->time_ms > letters->created_ms ? swarm->time_ms : letters->created_ms + 1;
    return letters->created_ms;
}

/* What swarm->plain says, sealed under that key, to one (NULL: to everybody). */
static int letter_write(nkt_swarm_t *swarm, nkt_letter_key_t *key, const nkt_address_t *to)
{
    static const nkt_address_t everybody = {{0}};
    Nkt__Letter letter = NKT__LETTER__INIT;
    uint8_t id[NKT_ID_SIZE];
    const nkt_letter_place_t place = {
        .network = swarm->room.network, .from = &swarm->identity.address, .to = to == NULL ? &everybody : to};
    nkt_buf_clear(&swarm->sealed);
    letter.epoch = key->epoch;
    int err = nkt_letter_seal(key, &place, swarm->plain.data, swarm->plain.size, &swarm->sealed, &letter.number, &swarm->host);
    letter.sealed = nkt_pack_lend(swarm->sealed.data, swarm->sealed.size);
    if (err == NKT_OK)
        err = nkt_pack(&swarm->payload, &letter.base);
    if (err == NKT_OK)
        err = nkt_post_write(swarm, NKT_KIND_LETTER, to, NKT_KEEP_S, date_next(swarm), id);
    return err < 0 ? err : item_add(swarm, id, 0);
}

static int is_given(const nkt_swarm_t *swarm, const nkt_user_t *user)
{
    return user->letters.given == swarm->letters.key.epoch &&
           swarm->now_ms - user->letters.given_ms < NKT_LETTER_KEY_MS;
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
    if (err == NKT_OK)
        err = nkt_post_write(swarm, NKT_KIND_SESSION, &user->address, NKT_KEEP_S_MAX, created_ms, id);
    if (err == NKT_OK)
        err = item_add(swarm, id, 1);
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
static size_t parcels_lend(nkt_parcel_t *from, Nkt__Say says[], nkt_parcel_t *parcels[])
{
    size_t count = 0, size = 0;
    for (nkt_parcel_t *parcel = parcel_next(from); parcel != NULL && count < NKT_BATCH_COUNT_MAX;
         parcel = parcel_next(parcel->next)) {
        size += parcel->message->size;
        if (count > 0 && size > NKT_BATCH_SIZE_MAX)
            break;
        nkt_talk_lend(&says[count], parcel->message, parcel->epoch, parcel->sequence);
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
    while ((count = parcels_lend(list, says, parcels)) > 0) {
        Nkt__Inner inner = NKT__INNER__INIT;
        for (size_t i = 0; i < count; i++)
            pointers[i] = &says[i];
        inner.say = pointers;
        inner.n_say = count;
        int err = letters_may_write(swarm) ? nkt_pack(&swarm->plain, &inner.base) : NKT_E_OUTBOX_FULL;
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

/* What one who is away lacks. 1: that cost a ratchet step. */
static int user_write(nkt_swarm_t *swarm, nkt_user_t *user)
{
    nkt_letter_key_t *key = &user->letters.key;
    int has_own = has_pending(user);
    user->letters.is_due = 0;
    if (!nkt_letter_is_away(swarm, user) || (has_own && has_used_up(key) && nkt_letter_key_create(key, &swarm->host) < 0))
        return 0;
    int given = keys_give(swarm, user, has_own);
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
    keepers_choose(swarm);
    if (!letters_may_write(swarm) || (has_used_up(&letters->key) && nkt_letter_key_create(&letters->key, &swarm->host) < 0) ||
        absent_mark(swarm, &ungiven) == 0 || nkt_group_position(swarm, message) < 0)
        return;
    nkt_letter_key_t before = letters->key;
    message->shared_epoch = swarm->group.stream; /* one position for all, whichever way it comes to each */
    nkt_talk_lend(&say, message, swarm->group.stream, message->group_position);
    inner.say = says;
    inner.n_say = 1;
    message->is_written = nkt_pack(&swarm->plain, &inner.base) == NKT_OK && letter_write(swarm, &letters->key, NULL) == NKT_OK;
    if (message->is_written)
        wait_for(swarm, message);
    if (message->is_written && ungiven > 0 && letters->base_ms == 0) {
        letters->base = before;
        letters->base_ms = letters->created_ms;
    }
    sodium_memzero(&before, sizeof before);
    later(swarm, NKT_LETTER_GATHER_MS);
}

void nkt_letters_timer(nkt_swarm_t *swarm)
{
    nkt_letters_t *letters = &swarm->letters;
    size_t given = 0, left = 0;
    keepers_choose(swarm);
    for (size_t i = 0; letters_may_write(swarm) && i < swarm->users.count; i++) {
        nkt_user_t *user = swarm->user_list[i];
        if (!user->letters.is_due)
            continue;
        if (given < NKT_LETTER_GIVE_COUNT)
            given += (size_t)user_write(swarm, user);
        else
            left++;
    }
    if (left > 0) {
        later(swarm, NKT_LETTER_GATHER_MS);
    } else {
        letters->base_ms = 0;
        items_release(letters);
    }
    keepers_serve(swarm);
}

void nkt_letters_tidy(nkt_swarm_t *swarm)
{
    int is_due = 0;
    keepers_choose(swarm);
    items_sweep(&swarm->letters);
    for (size_t i = 0; letters_may_write(swarm) && i < swarm->users.count; i++) {
        nkt_user_t *user = swarm->user_list[i];
        if (has_pending(user) && nkt_letter_is_away(swarm, user))
            user->letters.is_due = 1;
        is_due |= user->letters.is_due;
    }
    if (is_due || swarm->letters.head != NULL)
        later(swarm, NKT_LETTER_GATHER_MS);
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
