/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "overlay/signal.h"

#include <string.h>
#include <strings.h>

#include "identity/room.h"
#include "nkt.pb-c.h"
#include "wire/pack.h"

int nkt_signal_encode(nkt_buf_t *out, const nkt_signalling_t *signal)
{
    Nkt__Signal message = NKT__SIGNAL__INIT;
    Nkt__SignedRecord record = NKT__SIGNED_RECORD__INIT;
    message.type = signal->type;
    message.attempt = nkt_pack_lend(signal->attempt, NKT_ATTEMPT_SIZE);
    if (signal->nonce != NULL) {
        message.has_nonce = 1;
        message.nonce = nkt_pack_lend(signal->nonce, NKT_NONCE_SIZE);
    }
    message.sdp = (char *)(uintptr_t)signal->sdp;
    message.has_restart = message.restart = signal->is_restart != 0;
    if (signal->has_record) {
        nkt_pack_lend_record(&record, &signal->record);
        message.record = &record;
    }
    if (signal->target != NULL) {
        message.has_target = 1;
        message.target = nkt_pack_lend(signal->target->b, NKT_ADDRESS_SIZE);
    }
    if (signal->sdp != NULL && strlen(signal->sdp) > NKT_SDP_SIZE_MAX)
        return NKT_E_SIZE;
    return nkt_pack(out, &message.base);
}

static int message_is_ok(const Nkt__Signal *message)
{
    if (message->attempt.len != NKT_ATTEMPT_SIZE || (message->has_nonce && message->nonce.len != NKT_NONCE_SIZE) ||
        (message->has_target && message->target.len != NKT_ADDRESS_SIZE))
        return 0;
    if (message->type == NKT_SIGNAL_REJECT)
        return 1;
    if (message->type != NKT_SIGNAL_OFFER && message->type != NKT_SIGNAL_ANSWER)
        return 0;
    return message->has_nonce && message->sdp != NULL && message->sdp[0] != '\0' &&
           strlen(message->sdp) <= NKT_SDP_SIZE_MAX;
}

int nkt_signal_decode(nkt_signalling_t *signal, const uint8_t *bytes, size_t size)
{
    Nkt__Signal *message = nkt_unpack(&nkt__signal__descriptor, size, bytes);
    if (message == NULL)
        return NKT_E_PAYLOAD;
    const Nkt__SignedRecord *record = message->record;
    if (!message_is_ok(message) ||
        (record != NULL && (record->signature.len != NKT_SIGN_SIZE || record->record.len > NKT_RECORD_SIZE_MAX ||
                            (record->has_membership && record->membership.len != NKT_MEMBERSHIP_SIZE)))) {
        nkt__signal__free_unpacked(message, NULL);
        return NKT_E_PAYLOAD;
    }
    *signal = (nkt_signalling_t){
        .type = (nkt_signal_t)message->type,
        .attempt = message->attempt.data,
        .nonce = message->has_nonce ? message->nonce.data : NULL,
        .sdp = message->sdp,
        .has_record = record != NULL,
        .target = message->has_target ? (const nkt_address_t *)(const void *)message->target.data : NULL,
        .is_restart = message->has_restart && message->restart,
        .unpacked = message,
    };
    if (record != NULL)
        nkt_pack_borrow_record(&signal->record, record); /* its lengths are checked */
    return NKT_OK;
}

void nkt_signal_deinit(nkt_signalling_t *signal)
{
    nkt__signal__free_unpacked(signal->unpacked, NULL);
    signal->unpacked = NULL;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* "AA:BB:..." of 32 bytes, ending with the line. */
static int read_hex(const char *text, size_t size, uint8_t out[NKT_FINGERPRINT_SIZE])
{
    if (size != NKT_FINGERPRINT_SIZE * 3 - 1)
        return 0;
    for (size_t i = 0; i < NKT_FINGERPRINT_SIZE; i++) {
        int high = hex_digit(text[i * 3]), low = hex_digit(text[i * 3 + 1]);
        if (high < 0 || low < 0 || (i + 1 < NKT_FINGERPRINT_SIZE && text[i * 3 + 2] != ':'))
            return 0;
        out[i] = (uint8_t)(high << 4 | low);
    }
    return 1;
}

int nkt_sdp_fingerprint(const char *sdp, size_t size, uint8_t fingerprint[NKT_FINGERPRINT_SIZE])
{
    static const char prefix[] = "a=fingerprint:";
    static const char sha256[] = "sha-256 ";
    int found = 0;
    for (size_t at = 0; at < size;) {
        const char *line = sdp + at;
        const char *newline = memchr(line, '\n', size - at);
        size_t line_size = newline == NULL ? size - at : (size_t)(newline - line);
        at += line_size + 1;
        while (line_size > 0 && (line[line_size - 1] == '\r' || line[line_size - 1] == ' '))
            line_size--;
        if (line_size < sizeof prefix - 1 || strncasecmp(line, prefix, sizeof prefix - 1) != 0)
            continue;
        /* another hash would be one that we do not check and the browser does */
        uint8_t value[NKT_FINGERPRINT_SIZE];
        line += sizeof prefix - 1;
        line_size -= sizeof prefix - 1;
        if (line_size < sizeof sha256 - 1 || strncasecmp(line, sha256, sizeof sha256 - 1) != 0 ||
            !read_hex(line + sizeof sha256 - 1, line_size - (sizeof sha256 - 1), value))
            return NKT_E_PAYLOAD;
        if (found && memcmp(value, fingerprint, NKT_FINGERPRINT_SIZE) != 0)
            return NKT_E_PAYLOAD;
        memcpy(fingerprint, value, NKT_FINGERPRINT_SIZE);
        found = 1;
    }
    return found ? NKT_OK : NKT_E_PAYLOAD;
}
