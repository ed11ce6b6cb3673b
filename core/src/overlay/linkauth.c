/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "overlay/linkauth.h"

#include <string.h>

#include <sodium.h>

#include "base/hash.h"
#include "wire/kinds.h"

enum { TRANSCRIPT_SIZE = NKT_HASH_SIZE, ROOM_OFFSET = 1, SIGNATURE_OFFSET = 1 + 1 + 32 };

static void transcript(uint8_t out[TRANSCRIPT_SIZE], const nkt_linkauth_t *auth, int is_offerer,
                       const uint8_t room[1 + 32])
{
    const uint8_t role = is_offerer ? 1 : 2;
    NKT_HASH(out, TRANSCRIPT_SIZE, NULL, NKT_LABEL_LINK, {auth->offerer.b, NKT_ADDRESS_SIZE}, {auth->answerer.b, NKT_ADDRESS_SIZE},
             {auth->offerer_fingerprint, NKT_FINGERPRINT_SIZE}, {auth->answerer_fingerprint, NKT_FINGERPRINT_SIZE},
             {auth->offerer_nonce, NKT_NONCE_SIZE}, {auth->answerer_nonce, NKT_NONCE_SIZE}, {&role, 1}, {room, 1}, {room + 1, 32});
}

void nkt_linkauth_sign(uint8_t frame[NKT_LINKAUTH_FRAME_SIZE], const nkt_linkauth_t *auth, int is_offerer,
                       const uint8_t *room_key, const uint8_t sign_secret[64])
{
    uint8_t hash[TRANSCRIPT_SIZE];
    memset(frame, 0, NKT_LINKAUTH_FRAME_SIZE);
    frame[0] = NKT_FRAME_AUTH;
    if (room_key != NULL) {
        frame[ROOM_OFFSET] = 1;
        memcpy(frame + ROOM_OFFSET + 1, room_key, 32);
    }
    transcript(hash, auth, is_offerer, frame + ROOM_OFFSET);
    crypto_sign_detached(frame + SIGNATURE_OFFSET, NULL, hash, sizeof hash, sign_secret);
}

int nkt_linkauth_verify(const uint8_t *frame, size_t size, const nkt_linkauth_t *auth, int is_offerer,
                        const uint8_t sign_key[32], const uint8_t **room_key)
{
    uint8_t hash[TRANSCRIPT_SIZE];
    if (size != NKT_LINKAUTH_FRAME_SIZE || frame[0] != NKT_FRAME_AUTH || frame[ROOM_OFFSET] > 1)
        return NKT_E_LINK_AUTH;
    transcript(hash, auth, is_offerer, frame + ROOM_OFFSET);
    if (crypto_sign_verify_detached(frame + SIGNATURE_OFFSET, hash, sizeof hash, sign_key) != 0)
        return NKT_E_LINK_AUTH;
    *room_key = frame[ROOM_OFFSET] == 1 ? frame + ROOM_OFFSET + 1 : NULL;
    return NKT_OK;
}
