/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Letters that a keeper hands over, and their keys. Keys are stored with the session that brought them, until newer ones
 * take their place: a crash between a key and its letters, or a second keeper, must not cost what the first one lost.
 *
 * What is kept for days may be repeated for days. A letter of one of whom nothing was heard before it was written is
 * refused: of all that was said since, the replay windows know what was heard.
 */
#include <stdlib.h>
#include <string.h>

#include "delivery/delivery.h"
#include "nkt.pb-c.h"
#include "state/state.h"
#include "state/swarm.h"
#include "wire/pack.h"

static nkt_letter_key_t *key_find(const nkt_user_t *user, uint64_t epoch)
{
    for (int i = 0; user->letters.chains != NULL && i < NKT_LETTER_KEY_COUNT; i++) {
        if (user->letters.chains->keys[i].epoch == epoch)
            return &user->letters.chains->keys[i];
    }
    return NULL;
}

int nkt_letter_key_receive(nkt_swarm_t *swarm, nkt_user_t *user, const Nkt__LetterKey *given)
{
    (void)swarm;
    nkt_user_letters_t *own = &user->letters;
    if (given->epoch == 0 || given->number == 0 || given->chain.len != NKT_CHAIN_SIZE)
        return NKT_E_PAYLOAD;
    if (own->chains == NULL)
        own->chains = calloc(1, sizeof *own->chains);
    if (own->chains == NULL)
        return NKT_E_MEMORY;
    nkt_letter_key_t *key = key_find(user, given->epoch);
    if (key != NULL && key->number <= given->number)
        return NKT_OK; /* what we have opens more */
    if (key == NULL) {
        nkt_letter_key_t *keys = own->chains->keys;
        memmove(&keys[1], &keys[0], (NKT_LETTER_KEY_COUNT - 1) * sizeof keys[0]);
        key = &keys[0];
    }
    key->epoch = given->epoch;
    key->number = given->number;
    memcpy(key->chain, given->chain.data, NKT_CHAIN_SIZE);
    nkt_user_touch(user);
    return NKT_OK;
}

int nkt_letter_is_expired(nkt_swarm_t *swarm, const nkt_user_t *user, const nkt_envelope_t *envelope)
{
    int is_stale = nkt_clock_judge(swarm, user, envelope->created_ms, (uint64_t)envelope->keep_s * 1000) == NKT_STALE;
    return is_stale || user->clock.first_ms == 0 || envelope->created_ms < user->clock.first_ms;
}

/* Nothing but what was said: all else belongs into sessions. */
static int is_plain(const Nkt__Inner *inner)
{
    return inner->n_say > 0 && inner->n_say <= NKT_BATCH_COUNT_MAX && inner->n_ack == 0 && inner->group_key == NULL &&
           inner->group == NULL && inner->n_letter_key == 0 && !inner->has_hello && !inner->has_welcome &&
           !inner->has_content_key && !inner->has_group_held && !inner->has_group_asked &&
           inner->ephemeral_key == NULL && !inner->has_ephemeral_asked;
}

static int inner_hear(nkt_swarm_t *swarm, nkt_user_t *user, const nkt_envelope_t *envelope, const Nkt__Inner *inner)
{
    int err = is_plain(inner) ? NKT_OK : NKT_E_PAYLOAD;
    uint64_t ack_ms = nkt_user_reach(user) == NKT_REACH_NONE ? NKT_LETTER_ACK_MS : NKT_ACK_DELAY_MS;
    for (size_t i = 0; err == NKT_OK && i < inner->n_say; i++)
        err = inner->say[i]->has_call ? NKT_E_PAYLOAD : NKT_OK;
    int result = err;
    for (size_t i = 0; err == NKT_OK && i < inner->n_say; i++)
        result = nkt_talk_each(swarm, result, nkt_talk_hear(swarm, user, envelope, inner->say[i], ack_ms));
    return result;
}

/* The place from which the way is the shortest; where it begins anew, the one that was begun longest ago. Several keepers hand
 * over the same letters at the same time. */
static nkt_letter_key_t *place_pick(nkt_user_letters_t *own, const nkt_letter_key_t *key, uint64_t number)
{
    nkt_letter_key_t *places = own->chains->at, *nearest = NULL;
    uint64_t from_key = number - key->number;
    for (int i = 0; i < NKT_KEEPER_COUNT_MAX; i++) {
        uint64_t distance = nkt_letter_distance(key, &places[i], number);
        if (places[i].epoch == key->epoch && distance < from_key &&
            (nearest == NULL || distance < nkt_letter_distance(key, nearest, number)))
            nearest = &places[i];
    }
    if (nearest != NULL)
        return nearest;
    own->at_next = (uint8_t)((own->at_next + 1) % NKT_KEEPER_COUNT_MAX);
    return &places[own->at_next];
}

/* Opens it into NKT_LENT_PLAIN. Its author chose the number: a way to and fro is his to pay for. */
static int letter_open(nkt_swarm_t *swarm, nkt_user_t *user, const nkt_envelope_t *envelope, const Nkt__Letter *letter)
{
    const nkt_letter_place_t place = {.network = swarm->room.network, .from = &envelope->from, .to = &envelope->to};
    const nkt_letter_key_t *key = letter->epoch == 0 ? NULL : key_find(user, letter->epoch);
    if (key == NULL)
        return NKT_E_NO_SESSION;
    nkt_letter_key_t *at = place_pick(&user->letters, key, letter->number);
    uint64_t steps = nkt_letter_distance(key, at, letter->number);
    if (!nkt_bucket_take_many(&user->letters.step_bucket, swarm->now_ms, NKT_LETTER_STEP_BURST, NKT_LETTER_STEP_PER_S,
                              (uint32_t)(steps / NKT_LETTER_STEP_UNIT)))
        return NKT_E_RATE;
    return nkt_letter_open(key, at, letter->number, &place, letter->sealed.data, letter->sealed.len, nkt_lend(swarm, NKT_LENT_PLAIN));
}

int nkt_letter_receive(nkt_swarm_t *swarm, nkt_user_t *user, const nkt_envelope_t *envelope)
{
    const nkt_buf_t *plain = nkt_lent(swarm, NKT_LENT_PLAIN);
    Nkt__Letter *letter = nkt_unpack(&nkt__letter__descriptor, envelope->payload_size, envelope->payload);
    if (letter == NULL)
        return NKT_E_PAYLOAD;
    int err = letter_open(swarm, user, envelope, letter);
    nkt__letter__free_unpacked(letter, NULL);
    if (err < 0)
        return err;
    Nkt__Inner *inner = nkt_unpack(&nkt__inner__descriptor, plain->size, plain->data);
    if (inner == NULL)
        return NKT_E_PAYLOAD;
    nkt_user_touch(user); /* its windows */
    err = inner_hear(swarm, user, envelope, inner);
    nkt__inner__free_unpacked(inner, NULL);
    nkt_count(swarm, NKT_TALLY_LETTERS_READ, err == NKT_OK);
    return err;
}
