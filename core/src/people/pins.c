/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Pins: addresses that the person at this peer has marked, and under which nick they are known to him: those whose safety
 * number he has compared, and those whom he ignores. They outlive what is known of a user otherwise: a stranger could wait
 * until he is forgotten.
 */
#include <stdlib.h>
#include <string.h>

#include "base/base58.h"
#include "nkt.pb-c.h"
#include "people/people.h"
#include "state/state.h"
#include "state/swarm.h"
#include "wire/pack.h"

static nkt_pin_t *pin_find(const nkt_pins_t *pins, const nkt_address_t *address)
{
    for (size_t i = 0; i < pins->count; i++) {
        if (nkt_address_compare(&pins->list[i].address, address) == 0)
            return &pins->list[i];
    }
    return NULL;
}

int nkt_pins_have(const nkt_pins_t *pins, const nkt_address_t *address)
{
    return pin_find(pins, address) != NULL;
}

static nkt_pins_t *list_of(nkt_swarm_t *swarm, nkt_mark_t mark)
{
    return mark == NKT_MARK_IGNORED ? &swarm->ignored : &swarm->pins;
}

const nkt_pins_t *nkt_pins_of(const nkt_swarm_t *swarm, nkt_mark_t mark)
{
    return mark == NKT_MARK_IGNORED ? &swarm->ignored : &swarm->pins;
}

/* Users know it themselves: it is asked for all of them at a time. */
static void user_mark(nkt_swarm_t *swarm, nkt_mark_t mark, const nkt_address_t *address, int is_set)
{
    nkt_user_t *user = nkt_user_find(swarm, address);
    if (user == NULL)
        return;
    if (mark == NKT_MARK_PINNED) {
        user->standing.is_pinned = (uint8_t)is_set;
        return;
    }
    user->standing.is_ignored = (uint8_t)is_set;
    if (swarm->is_started)
        nkt_user_tell(swarm, user, 0);
}

static void pin_tell(nkt_swarm_t *swarm, nkt_mark_t mark, const nkt_pin_t *pin, int is_set)
{
    nkt_emit(swarm, &(nkt_effect_t){.kind = mark == NKT_MARK_IGNORED ? NKT_FX_IGNORED : NKT_FX_PIN,
                                    .address = pin->address,
                                    .value = is_set,
                                    .text = pin->nick,
                                    .text_size = strlen(pin->nick)});
}

void nkt_pins_tell(nkt_swarm_t *swarm, nkt_mark_t mark)
{
    const nkt_pins_t *pins = nkt_pins_of(swarm, mark);
    for (size_t i = 0; i < pins->count; i++)
        pin_tell(swarm, mark, &pins->list[i], 1);
}

/* A new one, without a nick yet. */
static int pin_add(nkt_swarm_t *swarm, nkt_mark_t mark, const nkt_address_t *address, nkt_pin_t **out)
{
    nkt_pins_t *pins = list_of(swarm, mark);
    if (pins->list == NULL)
        pins->list = calloc(NKT_PIN_COUNT_MAX, sizeof *pins->list);
    if (pins->list == NULL)
        return NKT_E_MEMORY;
    if (pins->count == NKT_PIN_COUNT_MAX)
        return mark == NKT_MARK_IGNORED ? NKT_E_IGNORED_FULL : NKT_E_PINS_FULL;
    *out = &pins->list[pins->count++];
    (*out)->address = *address;
    user_mark(swarm, mark, address, 1);
    return NKT_OK;
}

static void nick_set(nkt_pin_t *pin, const char *nick, size_t size)
{
    memset(pin->nick, 0, sizeof pin->nick);
    if (size > 0)
        memcpy(pin->nick, nick, size);
}

int nkt_pin_set(nkt_swarm_t *swarm, nkt_mark_t mark, const nkt_address_t *address, const char *nick, size_t size)
{
    if (nkt_address_is_zero(address) || size > NKT_NICK_SIZE_MAX || !nkt_text_is_clean(nick, size))
        return NKT_E_ARGUMENT;
    if (nkt_address_compare(address, &swarm->identity.address) == 0)
        return NKT_E_SELF;
    nkt_pins_t *pins = list_of(swarm, mark);
    nkt_pin_t *pin = pin_find(pins, address);
    if (pin != NULL && strlen(pin->nick) == size &&
        (size == 0 || memcmp(pin->nick, nick, size) == 0))
        return NKT_OK;
    int err = pin != NULL ? NKT_OK : pin_add(swarm, mark, address, &pin);
    if (err < 0)
        return err;
    nick_set(pin, nick, size);
    pins->is_dirty = 1;
    pin_tell(swarm, mark, pin, 1);
    return NKT_OK;
}

void nkt_pin_move(nkt_swarm_t *swarm, nkt_mark_t mark, const nkt_address_t *from, const nkt_address_t *to)
{
    nkt_pins_t *pins = list_of(swarm, mark);
    nkt_pin_t *pin = pin_find(pins, from);
    if (pin == NULL || pin_find(pins, to) != NULL)
        return;
    pin->address = *to;
    pins->is_dirty = 1;
}

int nkt_pin_remove(nkt_swarm_t *swarm, nkt_mark_t mark, const nkt_address_t *address)
{
    nkt_pins_t *pins = list_of(swarm, mark);
    nkt_pin_t *pin = pin_find(pins, address);
    if (pin == NULL)
        return NKT_E_UNKNOWN_USER;
    pin_tell(swarm, mark, pin, 0);
    *pin = pins->list[--pins->count];
    pins->is_dirty = 1;
    user_mark(swarm, mark, address, 0);
    return NKT_OK;
}

void nkt_pins_stored(nkt_swarm_t *swarm, nkt_mark_t mark)
{
    list_of(swarm, mark)->is_dirty = 0;
}

void nkt_pins_deinit(nkt_swarm_t *swarm, nkt_mark_t mark)
{
    nkt_pins_t *pins = list_of(swarm, mark);
    for (size_t i = 0; i < pins->count; i++)
        user_mark(swarm, mark, &pins->list[i].address, 0);
    free(pins->list);
    *pins = (nkt_pins_t){0};
}

/* ---- stored ---- */

int nkt_pins_encode(const nkt_pins_t *list, nkt_buf_t *out)
{
    Nkt__StoredPins stored = NKT__STORED_PINS__INIT;
    Nkt__StoredPin pins[NKT_PIN_COUNT_MAX], *pointers[NKT_PIN_COUNT_MAX];
    for (size_t i = 0; i < list->count; i++) {
        nkt_pin_t *pin = &list->list[i];
        pins[i] = (Nkt__StoredPin)NKT__STORED_PIN__INIT;
        pins[i].address = nkt_pack_lend(pin->address.b, NKT_ADDRESS_SIZE);
        pins[i].nick = pin->nick;
        pointers[i] = &pins[i];
    }
    stored.pin = pointers;
    stored.n_pin = list->count;
    return nkt_pack(out, &stored.base);
}

int nkt_pins_decode(nkt_swarm_t *swarm, nkt_mark_t mark, const uint8_t *bytes, size_t size)
{
    Nkt__StoredPins *stored = nkt_unpack(&nkt__stored_pins__descriptor, size, bytes);
    if (stored == NULL)
        return NKT_E_RECORD;
    int err = stored->n_pin <= NKT_PIN_COUNT_MAX && nkt_pins_of(swarm, mark)->count == 0 ? NKT_OK : NKT_E_RECORD;
    for (size_t i = 0; err == NKT_OK && i < stored->n_pin; i++) {
        const Nkt__StoredPin *one = stored->pin[i];
        size_t nick_size = strlen(one->nick);
        nkt_pin_t *pin = NULL;
        nkt_address_t address;
        if (one->address.len != NKT_ADDRESS_SIZE || nick_size > NKT_NICK_SIZE_MAX ||
            !nkt_text_is_clean(one->nick, nick_size)) {
            err = NKT_E_RECORD;
            break;
        }
        memcpy(address.b, one->address.data, NKT_ADDRESS_SIZE);
        err = pin_add(swarm, mark, &address, &pin);
        if (err == NKT_OK)
            nick_set(pin, one->nick, nick_size);
    }
    nkt__stored_pins__free_unpacked(stored, NULL);
    if (err < 0)
        nkt_pins_deinit(swarm, mark);
    return err;
}
