/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "overlay/invite.h"

#include <string.h>

#include <sodium.h>

#include "base/hash.h"
#include "identity/seal.h"
#include "identity/xeddsa.h"
#include "nkt.pb-c.h"
#include "overlay/sdp.h"
#include "wire/pack.h"

enum {
    VERSION = 2, /* the protocol's */
    HEAD_SIZE = 3, /* version, size: 4 characters of Base64 exactly */
    SUM_SIZE = 4,
    PREFIX_SIZE = 11,
    BASE64 = sodium_base64_VARIANT_URLSAFE_NO_PADDING,
    BYTES_SIZE_MAX = (NKT_INVITE_TEXT_SIZE_MAX - PREFIX_SIZE) / 4 * 3,
};

static const char *const prefixes[] = {"nkt-invite-", "nkt-answer-"};

static void sum_of(uint8_t sum[SUM_SIZE], const uint8_t *bytes, size_t size)
{
    NKT_HASH(sum, SUM_SIZE, NULL, NKT_LABEL_INVITE_SUM, {bytes, size});
}

/* The address names the inviter's signing key as well: who invites with another's identity key gets
 * nothing opened there. */
static nkt_seal_for_t seal_for(const nkt_invite_seal_t *seal)
{
    return (nkt_seal_for_t){.public_key = seal->identity_public,
                            .context = seal->inviter->b,
                            .context_size = NKT_ADDRESS_SIZE};
}

/* ---- out ---- */

static int body_pack(nkt_buf_t *out, const nkt_invite_t *invite, const nkt_buf_t *description, int is_answer)
{
    Nkt__Invite message = NKT__INVITE__INIT;
    message.nonce = nkt_pack_lend(invite->nonce, NKT_NONCE_SIZE);
    message.sign_key = nkt_pack_lend(invite->sign_key, NKT_CURVE_KEY_SIZE);
    message.identity_key = nkt_pack_lend(invite->identity_key, NKT_CURVE_KEY_SIZE);
    message.description = nkt_pack_lend(description->data, description->size);
    if (is_answer) {
        message.has_attempt = 1;
        message.attempt = nkt_pack_lend(invite->attempt, NKT_ATTEMPT_SIZE);
    } else {
        message.has_expires_s = 1;
        message.expires_s = invite->expires_s;
        message.nick = (char *)(uintptr_t)invite->nick;
        message.has_room = invite->has_room;
        message.room = invite->room;
    }
    return nkt_pack(out, &message.base);
}

/* Head and sum around the bytes, in Base64 behind the prefix. */
static int text_write(nkt_buf_t *text, const nkt_buf_t *body, int is_answer)
{
    nkt_buf_t bytes = {0};
    const uint8_t head[HEAD_SIZE] = {VERSION, (uint8_t)(body->size >> 8), (uint8_t)body->size};
    uint8_t sum[SUM_SIZE];
    if (HEAD_SIZE + body->size + SUM_SIZE > BYTES_SIZE_MAX)
        return NKT_E_PAYLOAD;
    int err = nkt_buf_append(&bytes, head, sizeof head);
    if (err == NKT_OK)
        err = nkt_buf_append(&bytes, body->data, body->size);
    if (err == NKT_OK) {
        sum_of(sum, bytes.data, bytes.size);
        err = nkt_buf_append(&bytes, sum, SUM_SIZE);
    }
    size_t size = sodium_base64_encoded_len(bytes.size, BASE64); /* with its NUL */
    nkt_buf_clear(text);
    if (err == NKT_OK)
        err = nkt_buf_append(text, prefixes[is_answer], PREFIX_SIZE);
    if (err == NKT_OK)
        err = nkt_buf_reserve(text, size);
    if (err == NKT_OK) {
        sodium_bin2base64((char *)text->data + text->size, size, bytes.data, bytes.size, BASE64);
        text->size += size - 1;
    }
    nkt_buf_free(&bytes);
    return err;
}

int nkt_invite_encode(nkt_buf_t *text, const nkt_invite_t *invite, const char *sdp, size_t sdp_size,
                      const nkt_invite_seal_t *seal)
{
    nkt_buf_t description = {0}, body = {0}, sealed = {0};
    int err = nkt_sdp_pack(&description, sdp, sdp_size);
    if (err == NKT_OK)
        err = body_pack(&body, invite, &description, seal != NULL);
    if (err == NKT_OK && seal != NULL) {
        const nkt_seal_for_t recipient = seal_for(seal);
        err = nkt_seal_to(&sealed, &recipient, body.data, body.size, seal->host);
    }
    if (err == NKT_OK)
        err = text_write(text, seal != NULL ? &sealed : &body, seal != NULL);
    nkt_buf_free(&description);
    nkt_buf_free(&body);
    nkt_buf_free(&sealed);
    return err;
}

/* ---- in ---- */

/* One sign of a text that was passed by hand. */
typedef struct nkt_sign {
    size_t size;  /* bytes that it takes */
    size_t count; /* characters of Base64 that it stands for; 0: it may stand anywhere */
    char chars[2];
} nkt_sign_t;

static int is_base64(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

/* What mail programs put in: line ends, and quotation marks at the beginning of lines. */
static int is_filler(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r') || c == '>' || c == '|';
}

static int hex_value(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/*
 * What is not ASCII: signs that nobody sees (zero width, soft hyphen, byte order mark, those that turn the direction of writing), spaces,
 * and the dashes that a telephone or a word processor writes for - and --. First and last of a range, in UTF-8.
 */
static const struct {
    uint32_t first, last;
    const char *chars;
} foreign[] = {
    {0xc2a0, 0xc2a0, ""},     {0xc2ad, 0xc2ad, ""},     {0xcd8f, 0xcd8f, ""},      {0xe1a08e, 0xe1a08e, ""},
    {0xe28080, 0xe2808f, ""}, {0xe28090, 0xe28093, "-"}, {0xe28094, 0xe28094, "--"}, {0xe280a8, 0xe280af, ""},
    {0xe2819f, 0xe281af, ""}, {0xe28892, 0xe28892, "-"}, {0xe38080, 0xe38080, ""},  {0xefb880, 0xefb88f, ""},
    {0xefbbbf, 0xefbbbf, ""},
};

/* Of two or three bytes. 0 if it is none of those. */
static int foreign_read(nkt_sign_t *sign, const char *at, size_t size)
{
    size_t length = (uint8_t)*at >= 0xe0 ? 3 : 2;
    uint32_t code = 0;
    for (size_t i = 0; i < length && i < size; i++)
        code = code << 8 | (uint8_t)at[i];
    for (size_t i = 0; size >= length && i < sizeof foreign / sizeof *foreign; i++) {
        if (code < foreign[i].first || code > foreign[i].last)
            continue;
        *sign = (nkt_sign_t){.size = length, .count = strlen(foreign[i].chars)};
        memcpy(sign->chars, foreign[i].chars, sign->count);
        return 1;
    }
    return 0;
}

/* 0 at the end, and at what no invite has in it. */
static int sign_read(nkt_sign_t *sign, const char *at, const char *end)
{
    size_t size = (size_t)(end - at);
    if (size == 0)
        return 0;
    if ((uint8_t)*at >= 0x80)
        return foreign_read(sign, at, size);
    char c = *at;
    *sign = (nkt_sign_t){.size = 1};
    if (c == '=' && size > 1 && (at[1] == '\r' || at[1] == '\n'))
        return 1; /* a line that a mail program wrapped */
    if (c == '%' && size > 2 && hex_value(at[1]) >= 0 && hex_value(at[2]) >= 0) {
        c = (char)(hex_value(at[1]) << 4 | hex_value(at[2])); /* in a link */
        sign->size = 3;
    }
    sign->count = is_base64(c) ? 1 : 0;
    sign->chars[0] = c;
    return is_base64(c) || is_filler(c);
}

/* Passes over a prefix with whatever stands in between, in whatever case; 0 if it is not there. */
static int prefix_take(const char **at, const char *end, const char *prefix)
{
    const char *next = *at;
    size_t have = 0;
    nkt_sign_t sign;
    while (have < PREFIX_SIZE && sign_read(&sign, next, end)) {
        for (size_t i = 0; i < sign.count; i++, have++) {
            char c = sign.chars[i];
            if (have == PREFIX_SIZE || (c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c) != prefix[have])
                return 0;
        }
        next += sign.size;
    }
    if (have < PREFIX_SIZE)
        return 0;
    *at = next;
    return 1;
}

/* The next `count` characters of Base64, appended as bytes; advances. */
static int chars_take(nkt_buf_t *out, const char **at, const char *end, size_t count)
{
    char chars[NKT_INVITE_TEXT_SIZE_MAX + 1];
    size_t have = 0, size = 0;
    nkt_sign_t sign;
    if (count > NKT_INVITE_TEXT_SIZE_MAX)
        return NKT_E_INVITE_TEXT;
    for (; have < count && sign_read(&sign, *at, end); *at += sign.size) {
        memcpy(chars + have, sign.chars, sign.count); /* one too many is refused by the sum */
        have += sign.count;
    }
    if (have < count)
        return NKT_E_INVITE_TEXT;
    int err = nkt_buf_reserve(out, count);
    if (err == NKT_OK && sodium_base642bin(out->data + out->size, count, chars, count, NULL, &size, NULL, BASE64) != 0)
        err = NKT_E_INVITE_TEXT;
    if (err == NKT_OK)
        out->size += size;
    return err;
}

/* Replaces bytes by head, body and sum, and checks the sum. What follows in the text does not matter. */
static int body_take(nkt_buf_t *bytes, const char *at, const char *end)
{
    uint8_t sum[SUM_SIZE];
    nkt_buf_clear(bytes);
    int err = chars_take(bytes, &at, end, 4);
    if (err < 0)
        return err;
    if (bytes->data[0] != VERSION)
        return NKT_E_INVITE_VERSION;
    size_t rest = (size_t)(bytes->data[1] << 8 | bytes->data[2]) + SUM_SIZE;
    err = rest > BYTES_SIZE_MAX ? NKT_E_INVITE_TEXT : chars_take(bytes, &at, end, (rest * 8 + 5) / 6);
    if (err < 0)
        return err;
    sum_of(sum, bytes->data, bytes->size - SUM_SIZE);
    return memcmp(sum, bytes->data + bytes->size - SUM_SIZE, SUM_SIZE) == 0 ? NKT_OK : NKT_E_INVITE_TEXT;
}

/* The first one in the text that is whole: a mail may quote it, or speak of it, before. */
static int text_read(nkt_buf_t *bytes, const char *text, size_t size, int is_answer)
{
    const char *end = text + size;
    int first = NKT_OK, is_other = 0;
    if (size > NKT_INVITE_INPUT_SIZE_MAX)
        return NKT_E_INVITE_TEXT;
    for (const char *at = text; at < end; at++) {
        const char *next = at;
        if (*at != 'n' && *at != 'N')
            continue;
        if (!prefix_take(&next, end, prefixes[is_answer])) {
            is_other |= prefix_take(&next, end, prefixes[!is_answer]);
            continue;
        }
        int err = body_take(bytes, next, end);
        if (err != NKT_E_INVITE_TEXT && err != NKT_E_INVITE_VERSION)
            return err;
        if (first == NKT_OK)
            first = err;
    }
    return first != NKT_OK ? first : is_other ? NKT_E_INVITE_KIND : NKT_E_INVITE_TEXT;
}

static int message_is_ok(const Nkt__Invite *message, int is_answer)
{
    size_t nick_size = message->nick == NULL ? 0 : strlen(message->nick);
    if (message->nonce.len != NKT_NONCE_SIZE || message->sign_key.len != NKT_CURVE_KEY_SIZE ||
        message->identity_key.len != NKT_CURVE_KEY_SIZE || nkt_curve_key_check(message->identity_key.data) < 0)
        return 0;
    if (is_answer)
        return message->has_attempt && message->attempt.len == NKT_ATTEMPT_SIZE;
    return message->has_expires_s && nick_size <= NKT_NICK_SIZE_MAX && nkt_text_is_clean(message->nick, nick_size);
}

static int body_read(nkt_invite_t *invite, nkt_buf_t *sdp, const uint8_t *bytes, size_t size, int is_answer)
{
    Nkt__Invite *message = nkt_unpack(&nkt__invite__descriptor, size, bytes);
    if (message == NULL)
        return NKT_E_INVITE_TEXT;
    int err = NKT_E_INVITE_TEXT;
    if (message_is_ok(message, is_answer))
        err = nkt_sdp_unpack(sdp, message->description.data, message->description.len);
    if (err == NKT_OK) {
        *invite = (nkt_invite_t){.expires_s = message->expires_s, .has_room = message->has_room, .room = message->room};
        memcpy(invite->nonce, message->nonce.data, NKT_NONCE_SIZE);
        memcpy(invite->attempt, is_answer ? message->attempt.data : message->nonce.data, NKT_ATTEMPT_SIZE);
        memcpy(invite->sign_key, message->sign_key.data, NKT_CURVE_KEY_SIZE);
        memcpy(invite->identity_key, message->identity_key.data, NKT_CURVE_KEY_SIZE);
        if (message->nick != NULL)
            memcpy(invite->nick, message->nick, strlen(message->nick) + 1);
    }
    nkt__invite__free_unpacked(message, NULL);
    return err == NKT_E_PAYLOAD ? NKT_E_INVITE_TEXT : err;
}

int nkt_invite_decode(nkt_invite_t *invite, nkt_buf_t *sdp, const char *text, size_t size, const nkt_invite_seal_t *seal)
{
    nkt_buf_t bytes = {0}, plain = {0};
    int err = text_read(&bytes, text, size, seal != NULL);
    if (err == NKT_OK && seal != NULL) {
        const nkt_seal_for_t recipient = seal_for(seal);
        err = nkt_seal_open_from(&plain, seal->identity_private, &recipient, bytes.data + HEAD_SIZE,
                                 bytes.size - HEAD_SIZE - SUM_SIZE);
        if (err == NKT_E_PAYLOAD)
            err = NKT_E_INVITE_FOREIGN;
        if (err == NKT_OK)
            err = body_read(invite, sdp, plain.data, plain.size, 1);
    } else if (err == NKT_OK) {
        err = body_read(invite, sdp, bytes.data + HEAD_SIZE, bytes.size - HEAD_SIZE - SUM_SIZE, 0);
    }
    nkt_buf_free(&bytes);
    nkt_buf_free(&plain);
    return err;
}
