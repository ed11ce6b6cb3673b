/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is said inside sessions, encrypted and decrypted. */
#include <string.h>

#include <sodium.h>

#include "delivery/delivery.h"
#include "identity/seal.h"
#include "nkt.pb-c.h"
#include "routing/routing.h"
#include "state/state.h"
#include "state/swarm.h"
#include "wire/pack.h"

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

int nkt_talk_packed(nkt_user_t *user)
{
    return nkt_session_pack(&user->session);
}

void nkt_talk_stored(nkt_user_t *user)
{
    user->session.is_dirty = 0;
}

/* ---- encrypting ---- */

int nkt_talk_pack(nkt_swarm_t *swarm, const nkt_ciphertext_t *from, Nkt__Ciphertext *to)
{
    to->type = from->type;
    to->has_kem = from->kem.size > 0;
    to->kem = nkt_pack_lend(from->kem.bytes, from->kem.size);
    to->message = nkt_pack_lend(from->message.bytes, from->message.size);
    to->content = nkt_pack_lend(from->content.bytes, from->content.size);
    return nkt_pack(nkt_lend(swarm, NKT_LENT_PAYLOAD), &to->base);
}

nkt_ciphertext_t nkt_talk_parts(const Nkt__Ciphertext *from)
{
    return (nkt_ciphertext_t){
        .type = from->type,
        .kem = {from->has_kem ? from->kem.data : NULL, from->has_kem ? from->kem.len : 0},
        .message = {from->message.data, from->message.len},
        .content = {from->content.data, from->content.len},
    };
}

int nkt_talk_seal(nkt_swarm_t *swarm, nkt_user_t *user, Nkt__Inner *inner, size_t pad_min, nkt_ciphertext_t *sealed, uint32_t *ticket)
{
    const nkt_buf_t *plain = nkt_lent(swarm, NKT_LENT_PLAIN);
    uint8_t ends[NKT_ENDS_SIZE];
    nkt_ends_derive(ends, swarm->room.network, &swarm->identity.address, &user->address);
    inner->has_ends = 1;
    inner->ends = nkt_pack_lend(ends, sizeof ends);
    int err = nkt_pack(nkt_lend(swarm, NKT_LENT_PLAIN), &inner->base);
    *ticket = nkt_talk_ticket(user);
    if (err == NKT_OK)
        err = nkt_session_encrypt_from(swarm->sessions, &user->session, plain->data, plain->size, pad_min, sealed);
    if (err == NKT_E_NO_SESSION && nkt_session_exists(&user->session)) { /* at its end: another takes its place */
        nkt_session_drop(&user->session);
        nkt_alarm_set(swarm, &user->talk.timer, swarm->now_ms);
    }
    if (err < 0)
        return err;
    if (user->session.has_stepped)
        *ticket = NKT_TICKET_STEP;
    if (*ticket == NKT_TICKET_STEP)
        nkt_session_touch(&user->session);
    else
        user->session.is_dirty = 0; /* a place that the stored state has left behind */
    return NKT_OK;
}

int nkt_talk_encrypt(nkt_swarm_t *swarm, nkt_user_t *user, Nkt__Inner *inner, uint32_t *ticket)
{
    Nkt__Ciphertext ciphertext = NKT__CIPHERTEXT__INIT;
    nkt_ciphertext_t sealed;
    int err = nkt_talk_seal(swarm, user, inner, NKT_PAD_SIZE_MIN, &sealed, ticket);
    if (err == NKT_OK)
        err = nkt_talk_pack(swarm, &sealed, &ciphertext);
    return err < 0 ? err : sealed.type == NKT_CIPHERTEXT_FIRST;
}

/* Encrypts and sends; links it went over, or an error. how, way: as of nkt_post_session(). */
int nkt_talk_post(nkt_swarm_t *swarm, nkt_user_t *user, Nkt__Inner *inner, unsigned how, uint32_t *way)
{
    uint32_t ticket;
    int err = nkt_talk_encrypt(swarm, user, inner, &ticket);
    return err < 0 ? err : nkt_post_session(swarm, user, ticket, how, way);
}

/* What nobody waits for when the user is back. */
int nkt_talk_send(nkt_swarm_t *swarm, nkt_user_t *user, Nkt__Inner *inner)
{
    return nkt_talk_post(swarm, user, inner, 0, NULL);
}

/* Are both ends named in it, as they are in the envelope? ends NULL: they are named otherwise. */
static int ends_check(const Nkt__Inner *inner, const uint8_t *ends)
{
    if (ends == NULL || (inner->has_ends && inner->ends.len == NKT_ENDS_SIZE &&
                         memcmp(inner->ends.data, ends, NKT_ENDS_SIZE) == 0))
        return NKT_OK;
    return NKT_E_ENDS;
}

int nkt_talk_open(nkt_swarm_t *swarm, const uint8_t *ends, Nkt__Inner **out)
{
    const nkt_buf_t *plain = nkt_lent(swarm, NKT_LENT_PLAIN);
    Nkt__Inner *inner = nkt_unpack(&nkt__inner__descriptor, plain->size, plain->data);
    int err = inner == NULL ? NKT_E_PAYLOAD : ends_check(inner, ends);
    if (err < 0 && inner != NULL) {
        nkt__inner__free_unpacked(inner, NULL);
        inner = NULL;
    }
    *out = inner;
    return err;
}
