/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was stored of a user's session, of what it said, and of the keys of its letters. */
#include <string.h>

#include <sodium.h>

#include "delivery/delivery.h"
#include "nkt.pb-c.h"
#include "state/state.h"
#include "state/swarm.h"

static void session_restore(nkt_swarm_t *swarm, nkt_user_t *user, const Nkt__StoredPeer *stored)
{
    /* version 1 proved less of whose session it is: a new one is begun when the user is heard */
    if (user->record.is_bound && stored->has_session && stored->session.len > 0 &&
        nkt_session_restore(&user->session, stored->session.data, stored->session.len) == NKT_OK &&
        nkt_session_skip(swarm->sessions, &user->session, NKT_RESERVE_COUNT) == NKT_OK) {
        /* the other side may have lost its half; the first message, or its silence, will tell */
        user->talk.state = NKT_SESSION_ESTABLISHED;
        user->talk.was_established = 1;
    }
    if (stored->has_prekey_id && stored->has_prekey_private && stored->prekey_private.len == 32)
        nkt_session_restore_prekey(&user->session, stored->prekey_id, stored->prekey_private.data);
    for (size_t i = 0; i < stored->n_heard && i < NKT_STREAM_PER_USER_MAX; i++) {
        const Nkt__StoredStream *stream = stored->heard[i];
        if (stream->stream_id == 0 || stream->bits.len == 0 || stream->bits.len > NKT_WINDOW_BYTE_COUNT)
            continue;
        nkt_window_t *window;
        int err = nkt_windows_of(&user->windows, NKT_STREAM_PER_USER_MAX, stream->stream_id, &user->letters.floor, &window);
        if (err < 0 || window == NULL || nkt_window_mark(window, 1) < 0)
            continue;
        window->top = stream->top;
        memset(window->bits, 0, NKT_WINDOW_BYTE_COUNT);
        memcpy(window->bits, stream->bits.data, stream->bits.len);
    }
}

static void letters_restore(nkt_swarm_t *swarm, nkt_user_t *user, const Nkt__StoredPeer *stored)
{
    for (size_t i = stored->n_letter_key; i-- > 0;) { /* the newest ends up in front */
        if (i < NKT_LETTER_KEY_COUNT)
            nkt_letter_key_receive(swarm, user, stored->letter_key[i]);
        sodium_memzero(stored->letter_key[i]->chain.data, stored->letter_key[i]->chain.len);
    }
    user->letters.floor = stored->floor;
}

void nkt_talk_restore(nkt_swarm_t *swarm, nkt_user_t *user, const Nkt__StoredPeer *stored)
{
    session_restore(swarm, user, stored);
    letters_restore(swarm, user, stored);
    if (stored->has_kem_key && stored->kem_key.len == NKT_KEM_KEY_SIZE)
        nkt_buf_set(&user->talk.kem_key, stored->kem_key.data, NKT_KEM_KEY_SIZE); /* compared with the record when it is used */
    nkt_talk_stored(user); /* written again it would skip more, restart after restart */
}
