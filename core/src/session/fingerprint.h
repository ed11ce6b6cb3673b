/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Safety numbers: what two people compare, to know that nobody stands between them. By libsignal's fingerprint. */
#ifndef NKT_SESSION_FINGERPRINT_H
#define NKT_SESSION_FINGERPRINT_H

#include "session/session.h"

/**
 * The number of two users, the same from both sides: terminated text of NKT_SAFETY_DIGIT_COUNT digits. Stable identifiers are the
 * addresses in text, so it covers the signing keys as well. Takes 10,400 hashes. NKT_E_KEY, NKT_E_MEMORY.
 */
int nkt_fingerprint(nkt_sessions_t *sessions, const nkt_address_t *own, const uint8_t own_key[32],
                    const nkt_address_t *other, const uint8_t other_key[32], char digits[NKT_SAFETY_DIGIT_COUNT + 1]);

#endif
