/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is stored, read back and reported. It reads all rooms and decides nothing.
 *
 * Promises  every record is sealed with the store key and its own name; a damaged one is put aside; a SEND of ratchet-protected bytes
 *           waits for the PUT of the state it needs.
 * Never     changes what it stores.
 * Owns      swarm->store.
 * Enter by  nkt_persist_flush() at the end of each step, nkt_persist_restore(), nkt_health_print().
 */
#ifndef NKT_STORE_STORE_H
#define NKT_STORE_STORE_H

#include "state/swarm.h"

/* ---- persist.c ---- */

int nkt_persist_restore(nkt_swarm_t *swarm, const char *name, size_t name_size, const uint8_t *bytes, size_t size);
/** Before the start, when all was read back: marks and history follow those whose addresses changed with the protocol. */
void nkt_persist_start(nkt_swarm_t *swarm);
/** Emits PUTs of all that changed and binds the step's SENDs to them. is_last: of what could wait as well. */
void nkt_persist_flush(nkt_swarm_t *swarm, int is_last);
/** The identity, sealed with a key (the bytes): EXPORTED. NKT_E_ARGUMENT, NKT_E_MEMORY. */
int nkt_persist_export(nkt_swarm_t *swarm, const uint8_t *key, size_t key_size, uint32_t ticket);
/** The reverse, before the start; key and sealed bytes in one. NKT_E_ARGUMENT, NKT_E_PASSPHRASE, NKT_E_RECORD,
 *  NKT_E_NEWER, NKT_E_STATE, NKT_E_MEMORY. */
int nkt_persist_import(nkt_swarm_t *swarm, const uint8_t *bytes, size_t size);

/* ---- health.c ---- */

int nkt_health_print(nkt_swarm_t *swarm, const char **json, size_t *size);

#endif
