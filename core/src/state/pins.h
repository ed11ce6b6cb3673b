/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pins: users whom the person at this peer has marked: as verified (swarm->pins), or to be ignored (swarm->ignored). */
#ifndef NKT_STATE_PINS_H
#define NKT_STATE_PINS_H

#include "base/bytes.h"
#include "nkt.h"
#include "wire/limits.h"

typedef struct nkt_swarm nkt_swarm_t;

typedef struct nkt_pin {
    nkt_address_t address;
    char nick[NKT_NICK_SIZE_MAX + 1];
} nkt_pin_t;

typedef enum nkt_mark { NKT_MARK_PINNED, NKT_MARK_IGNORED } nkt_mark_t;

typedef struct nkt_pins {
    nkt_pin_t *list; /* NKT_PIN_COUNT_MAX of them, or NULL: there were none yet */
    size_t count;
    uint8_t is_dirty;
} nkt_pins_t;

#endif
