/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Invites: an offer and an answer as text that people pass by hand, by mail or as a QR code.
 *
 *     text = "nkt-invite-" or "nkt-answer-", then in Base64 (URL and filename safe, no padding):
 *     version u8 | size u16 | that many bytes | H_4(T("invite sum", all before))
 *
 * In an invite the bytes are an Invite of nkt.proto; in an answer they are one sealed to the inviter's identity key, so that
 * what is passed back tells nobody else who answers and from where. The sum finds what was not copied whole; it proves
 * nothing. Neither text is signed: the link proves both ends (overlay/linkauth.h), and a changed text leads to no link.
 */
#ifndef NKT_OVERLAY_INVITE_H
#define NKT_OVERLAY_INVITE_H

#include "base/bytes.h"
#include "nkt.h"
#include "wire/limits.h"

typedef struct nkt_invite {
    uint8_t nonce[NKT_NONCE_SIZE];     /* the sender's part of the link's authentication */
    uint8_t attempt[NKT_ATTEMPT_SIZE]; /* the first bytes of the inviter's nonce: an answer is bound to them */
    uint8_t sign_key[NKT_CURVE_KEY_SIZE];
    uint8_t identity_key[NKT_CURVE_KEY_SIZE];
    uint32_t expires_s; /* invites: Unix time */
    char nick[NKT_NICK_SIZE_MAX + 1]; /* invites: a label, until the link proves the keys */
    int has_room;       /* invites: the room is open, and ... */
    uint32_t room;      /* ... its network id begins so */
} nkt_invite_t;

/** How an answer is sealed, or opened; all NULL for an invite. */
typedef struct nkt_invite_seal {
    const nkt_address_t *inviter;
    const uint8_t *identity_public, *identity_private; /* the inviter's; private only to open */
    const nkt_host_t *host;                            /* only to seal */
} nkt_invite_seal_t;

/** Replaces text (not terminated). seal NULL: an invite. NKT_E_PAYLOAD: that SDP cannot be told; NKT_E_ENTROPY, NKT_E_KEY, NKT_E_MEMORY. */
int nkt_invite_encode(nkt_buf_t *text, const nkt_invite_t *invite, const char *sdp, size_t sdp_size,
                      const nkt_invite_seal_t *seal);

/**
 * Finds the text wherever it stands in what a person pasted (a link, a quoted mail) and reads it; sdp is replaced by the
 * description. seal NULL: an invite is expected, otherwise an answer.
 * NKT_E_INVITE_TEXT, NKT_E_INVITE_VERSION, NKT_E_INVITE_KIND, NKT_E_INVITE_FOREIGN (does not open), NKT_E_MEMORY.
 */
int nkt_invite_decode(nkt_invite_t *invite, nkt_buf_t *sdp, const char *text, size_t size, const nkt_invite_seal_t *seal);

#endif
