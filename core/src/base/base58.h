/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Base58Check of an address: version byte, 20 bytes, 4 bytes of double SHA-256 (as Bitcoin and Bugout write them). */
#ifndef NKT_BASE_BASE58_H
#define NKT_BASE_BASE58_H

#include <stddef.h>

#include "nkt.h"

enum {
    NKT_ADDRESS_VERSION = 0x19, /* as the addresses of the original: they begin with B */
};

/* nkt_address_format() and nkt_address_parse() of nkt.h are defined here. */

/** Is it the all-zero address (everybody)? */
int nkt_address_is_zero(const nkt_address_t *address);

/** As memcmp: the lower address initiates. */
int nkt_address_compare(const nkt_address_t *a, const nkt_address_t *b);

#endif
