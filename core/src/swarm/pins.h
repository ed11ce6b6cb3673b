/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pins: users whom the person at this peer has marked: as verified (swarm->pins), or to be ignored (swarm->ignored). */
#ifndef NKT_SWARM_PINS_H
#define NKT_SWARM_PINS_H

#include "base/bytes.h"
#include "nkt.h"
#include "wire/limits.h"

typedef struct nkt_swarm nkt_swarm_t;

typedef struct nkt_pin {
    nkt_address_t address;
    char nick[NKT_NICK_SIZE_MAX + 1];
} nkt_pin_t;

typedef struct nkt_pins {
    nkt_pin_t *list; /* NKT_PIN_COUNT_MAX of them, or NULL: there were none yet */
    size_t count;
    uint8_t is_dirty;
} nkt_pins_t;

/** NKT_E_ARGUMENT, NKT_E_SELF, NKT_E_PINS_FULL, NKT_E_IGNORED_FULL, NKT_E_MEMORY. */
int nkt_pin_set(nkt_swarm_t *swarm, nkt_pins_t *pins, const nkt_address_t *address, const char *nick, size_t size);
/** NKT_E_UNKNOWN_USER: it was none. */
int nkt_pin_remove(nkt_swarm_t *swarm, nkt_pins_t *pins, const nkt_address_t *address);
int nkt_pins_have(const nkt_pins_t *pins, const nkt_address_t *address);
/** Tells the application of all. */
void nkt_pins_tell(nkt_swarm_t *swarm, const nkt_pins_t *pins);
int nkt_pins_encode(const nkt_pins_t *pins, nkt_buf_t *out);
/** All or none. NKT_E_RECORD, NKT_E_MEMORY. */
int nkt_pins_decode(nkt_swarm_t *swarm, nkt_pins_t *pins, const uint8_t *bytes, size_t size);
void nkt_pins_deinit(nkt_swarm_t *swarm, nkt_pins_t *pins);

#endif
