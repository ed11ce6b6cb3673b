/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is said inside sessions, encrypted and decrypted. What is long travels sealed under a key of its own, and the session
 * carries the key (as Signal's attachments do).
 */
#include <string.h>

#include <sodium.h>

#include "delivery/delivery.h"
#include "identity/seal.h"
#include "nkt.pb-c.h"
#include "routing/routing.h"
#include "state/state.h"
#include "state/swarm.h"
#include "wire/pack.h"

static int content_seal(nkt_swarm_t *swarm, const Nkt__Inner *inner, Nkt__Ciphertext *ciphertext)
{
    const nkt_buf_t *plain = nkt_lent(swarm, NKT_LENT_PLAIN);
    uint8_t key[NKT_CONTENT_KEY_SIZE];
    if (swarm->host.entropy(swarm->host.context, key, sizeof key) < 0)
        return NKT_E_ENTROPY;
    Nkt__Inner carrier = NKT__INNER__INIT;
    carrier.has_content_key = 1;
    carrier.content_key = nkt_pack_lend(key, sizeof key);
    carrier.has_ends = inner->has_ends; /* in what the ratchet itself protects */
    carrier.ends = inner->ends;
    nkt_buf_t *sealed = nkt_lend(swarm, NKT_LENT_SEALED);
    int err = nkt_seal_with(sealed, key, "", 0, plain->data, plain->size, &swarm->host);
    if (err == NKT_OK)
        err = nkt_pack(nkt_lend(swarm, NKT_LENT_PLAIN), &carrier.base);
    sodium_memzero(key, sizeof key);
    ciphertext->has_content = 1;
    ciphertext->content = nkt_pack_lend(sealed->data, sealed->size);
    return err;
}

/* ---- places in the chain ---- */

uint32_t nkt_talk_ticket(nkt_user_t *user)
{
    if (user->stored.is_dirty || user->session.is_dirty || user->talk.reserve_left == 0)
        return NKT_TICKET_STEP;
    user->talk.reserve_left--;
    return user->talk.reserve_ticket;
}

void nkt_talk_reserve(nkt_user_t *user, uint32_t ticket)
{
    user->talk.reserve_ticket = ticket;
    user->talk.reserve_left = NKT_RESERVE_COUNT;
}

void nkt_talk_stored(nkt_user_t *user)
{
    user->session.is_dirty = 0;
}

/* ---- encrypting ---- */

int nkt_talk_seal(nkt_swarm_t *swarm, const Nkt__Inner *inner, Nkt__Ciphertext *ciphertext)
{
    int err = nkt_pack(nkt_lend(swarm, NKT_LENT_PLAIN), &inner->base);
    if (err == NKT_OK && nkt_lent(swarm, NKT_LENT_PLAIN)->size > NKT_INLINE_SIZE_MAX)
        err = content_seal(swarm, inner, ciphertext);
    return err;
}

/* Encrypts into NKT_LENT_PAYLOAD. *ticket: what it has to wait for. */
int nkt_talk_encrypt(nkt_swarm_t *swarm, nkt_user_t *user, Nkt__Inner *inner, uint32_t *ticket)
{
    const nkt_buf_t *plain = nkt_lent(swarm, NKT_LENT_PLAIN);
    const nkt_buf_t *cipher = nkt_lent(swarm, NKT_LENT_CIPHER);
    Nkt__Ciphertext ciphertext = NKT__CIPHERTEXT__INIT;
    uint8_t ends[NKT_ENDS_SIZE];
    nkt_ends_derive(ends, swarm->room.network, &swarm->identity.address, &user->address);
    inner->has_ends = 1;
    inner->ends = nkt_pack_lend(ends, sizeof ends);
    int err = nkt_talk_seal(swarm, inner, &ciphertext);
    *ticket = nkt_talk_ticket(user);
    if (err == NKT_OK)
        err = nkt_session_encrypt(swarm->sessions, &user->session, plain->data, plain->size,
                                  nkt_lend(swarm, NKT_LENT_CIPHER), &ciphertext.type);
    if (err == NKT_E_NO_SESSION && nkt_session_exists(&user->session)) { /* at its end: another takes its place */
        nkt_session_drop(&user->session);
        nkt_alarm_set(swarm, &user->talk.timer, swarm->now_ms);
    }
    if (err < 0)
        return err;
    if (user->session.has_stepped)
        *ticket = NKT_TICKET_STEP;
    user->session.is_dirty = *ticket == NKT_TICKET_STEP; /* else a place that the stored state has left behind */
    ciphertext.message = nkt_pack_lend(cipher->data, cipher->size);
    return nkt_pack(nkt_lend(swarm, NKT_LENT_PAYLOAD), &ciphertext.base);
}

/* Encrypts and sends; links it went over, or an error. may_keep: by others, if the user is away. */
int nkt_talk_post(nkt_swarm_t *swarm, nkt_user_t *user, Nkt__Inner *inner, int may_keep)
{
    uint32_t ticket;
    int err = nkt_talk_encrypt(swarm, user, inner, &ticket);
    return err < 0 ? err : nkt_post_session(swarm, user, ticket, may_keep);
}

/* What nobody waits for when the user is back. */
int nkt_talk_send(nkt_swarm_t *swarm, nkt_user_t *user, Nkt__Inner *inner)
{
    return nkt_talk_post(swarm, user, inner, 0);
}

/* Are both ends named in it, as they are in the envelope? ends NULL: they are named otherwise. */
int nkt_talk_ends_check(const Nkt__Inner *inner, const uint8_t *ends)
{
    if (ends == NULL || (inner->has_ends && inner->ends.len == NKT_ENDS_SIZE &&
                         memcmp(inner->ends.data, ends, NKT_ENDS_SIZE) == 0))
        return NKT_OK;
    return NKT_E_ENDS;
}

int nkt_talk_open(nkt_swarm_t *swarm, const Nkt__Ciphertext *ciphertext, const uint8_t *ends,
                  Nkt__Inner **out)
{
    const nkt_buf_t *plain = nkt_lent(swarm, NKT_LENT_PLAIN);
    Nkt__Inner *inner = nkt_unpack(&nkt__inner__descriptor, plain->size, plain->data);
    if (inner == NULL)
        return NKT_E_PAYLOAD;
    int err = nkt_talk_ends_check(inner, ends);
    if (err == NKT_OK && inner->has_content_key) {
        err = NKT_E_PAYLOAD;
        if (inner->content_key.len == NKT_CONTENT_KEY_SIZE && ciphertext->has_content)
            err = nkt_seal_open_with(nkt_lend(swarm, NKT_LENT_PLAIN), inner->content_key.data, "", 0,
                                     ciphertext->content.data, ciphertext->content.len);
        nkt__inner__free_unpacked(inner, NULL);
        inner = err < 0 ? NULL : nkt_unpack(&nkt__inner__descriptor, plain->size, plain->data);
        err = err == NKT_OK && inner == NULL ? NKT_E_PAYLOAD : err;
    }
    if (err < 0 && inner != NULL) {
        nkt__inner__free_unpacked(inner, NULL);
        inner = NULL;
    }
    *out = inner;
    return err;
}
