/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/envelope.h"

#include <string.h>

#include <sodium.h>

#include "base/hash.h"
#include "nkt.pb-c.h"
#include "wire/pack.h"

enum { BODY_OFFSET = NKT_HEADER_SIZE + NKT_SIGN_SIZE, DIRECT_OFFSET = 1 };

const char *nkt_kind_name(unsigned kind)
{
    static const char *const names[NKT_KIND_COUNT] = {
        [NKT_KIND_GREETING] = "greeting", [NKT_KIND_DIGEST] = "digest", [NKT_KIND_WANT] = "want",
        [NKT_KIND_RECORDS] = "records",   [NKT_KIND_SIGNAL] = "signal", [NKT_KIND_SESSION] = "session",
        [NKT_KIND_CLEAR] = "clear",       [NKT_KIND_BYE] = "bye",       [NKT_KIND_GROUP] = "group",
        [NKT_KIND_WALK] = "walk",
        [NKT_KIND_MAIL] = "mail",         [NKT_KIND_KEEP] = "keep",     [NKT_KIND_RECEIPT] = "receipt",
        [NKT_KIND_LETTER] = "letter",         [NKT_KIND_SHARED] = "shared",
        [NKT_KIND_CONTENT] = "content",
        [NKT_KIND_EPHEMERAL] = "ephemeral",
    };
    return kind < NKT_KIND_COUNT && names[kind] != NULL ? names[kind] : "unknown";
}

int nkt_kind_is_broadcast(unsigned kind)
{
    return kind == NKT_KIND_GREETING || kind == NKT_KIND_CLEAR || kind == NKT_KIND_BYE || kind == NKT_KIND_GROUP ||
           kind >= NKT_KIND_COUNT;
}

static void body_digest(uint8_t digest[NKT_DIGEST_SIZE], const uint8_t *body, size_t size)
{
    NKT_HASH(digest, NKT_DIGEST_SIZE, NULL, NKT_LABEL_ENVELOPE, {body, size});
}

int nkt_envelope_encode(nkt_buf_t *out, const nkt_envelope_parts_t *parts, const uint8_t sign_secret[64],
                        uint8_t digest[NKT_DIGEST_SIZE])
{
    Nkt__Body body = NKT__BODY__INIT;
    body.network = nkt_pack_lend(parts->network, NKT_NETWORK_SIZE);
    body.from = nkt_pack_lend(parts->from->b, NKT_ADDRESS_SIZE);
    if (parts->to != NULL) {
        body.has_to = 1;
        body.to = nkt_pack_lend(parts->to->b, NKT_ADDRESS_SIZE);
    }
    body.kind = parts->kind;
    body.created_ms = parts->created_ms;
    body.ttl_s = parts->ttl_s != 0 ? parts->ttl_s : NKT_ENVELOPE_TTL_S;
    body.payload = nkt_pack_lend(parts->payload, parts->payload_size);
    body.has_keep = body.keep = parts->may_keep != 0;
    body.has_keep_s = parts->keep_s != 0;
    body.keep_s = parts->keep_s;
    body.has_seek = body.seek = parts->is_sought != 0;

    Nkt__SignedRecord record = NKT__SIGNED_RECORD__INIT;
    if (parts->record != NULL) {
        nkt_pack_lend_record(&record, parts->record);
        body.record = &record;
    }

    size_t body_size = nkt__body__get_packed_size(&body), offset = sign_secret == NULL ? DIRECT_OFFSET : BODY_OFFSET;
    if (BODY_OFFSET + body_size > NKT_FRAME_SIZE_MAX) /* also if it is direct: it may have to be said again in the other form */
        return NKT_E_SIZE;
    nkt_buf_clear(out);
    int err = nkt_buf_reserve(out, offset + body_size);
    if (err < 0)
        return err;
    uint8_t *frame = out->data;
    nkt__body__pack(&body, frame + offset);
    out->size = offset + body_size;

    uint8_t own_digest[NKT_DIGEST_SIZE];
    body_digest(own_digest, frame + offset, body_size);
    frame[0] = sign_secret == NULL ? NKT_FRAME_DIRECT : NKT_FRAME_ENVELOPE;
    if (sign_secret != NULL) {
        frame[1] = 0;
        crypto_sign_detached(frame + NKT_HEADER_SIZE, NULL, own_digest, sizeof own_digest, sign_secret);
    }
    if (digest != NULL)
        memcpy(digest, own_digest, sizeof own_digest);
    return NKT_OK;
}

int nkt_envelope_digest(const uint8_t *frame, size_t size, uint8_t digest[NKT_DIGEST_SIZE])
{
    if (size <= BODY_OFFSET || size > NKT_FRAME_SIZE_MAX)
        return NKT_E_FRAME_LENGTH;
    if (frame[0] != NKT_FRAME_ENVELOPE)
        return nkt_frame_is_ours(frame) ? NKT_E_FRAME_TYPE : NKT_E_VERSION;
    body_digest(digest, frame + BODY_OFFSET, size - BODY_OFFSET);
    return NKT_OK;
}

int nkt_direct_digest(const uint8_t *frame, size_t size, uint8_t digest[NKT_DIGEST_SIZE])
{
    if (size <= DIRECT_OFFSET || size > NKT_FRAME_SIZE_MAX)
        return NKT_E_FRAME_LENGTH;
    if (frame[0] != NKT_FRAME_DIRECT)
        return NKT_E_FRAME_TYPE;
    body_digest(digest, frame + DIRECT_OFFSET, size - DIRECT_OFFSET);
    return NKT_OK;
}

static int body_check(const Nkt__Body *body)
{
    if (body->network.len != NKT_NETWORK_SIZE || body->from.len != NKT_ADDRESS_SIZE ||
        (body->has_to && body->to.len != NKT_ADDRESS_SIZE) || body->kind == 0)
        return NKT_E_FRAME_SYNTAX;
    if (nkt_is_zero(body->from.data, NKT_ADDRESS_SIZE) || (body->has_to && nkt_is_zero(body->to.data, NKT_ADDRESS_SIZE)))
        return NKT_E_FRAME_SYNTAX;
    if (body->has_keep_s && body->keep_s > NKT_KEEP_S_MAX)
        return NKT_E_EXPIRED;
    if (body->ttl_s > NKT_ENVELOPE_TTL_S_MAX || body->created_ms > NKT_TIME_MS_MAX)
        return NKT_E_EXPIRED;
    return NKT_OK;
}

int nkt_envelope_decode(nkt_envelope_t *envelope, const uint8_t *frame, size_t size,
                        const uint8_t digest[NKT_DIGEST_SIZE])
{
    int is_direct = frame[0] == NKT_FRAME_DIRECT;
    size_t offset = is_direct ? DIRECT_OFFSET : BODY_OFFSET;
    Nkt__Body *body = nkt_unpack(&nkt__body__descriptor, size - offset, frame + offset);
    if (body == NULL)
        return NKT_E_FRAME_SYNTAX;
    nkt_signed_record_t record = {0};
    int err = body_check(body);
    if (err == NKT_OK && body->record != NULL && nkt_pack_borrow_record(&record, body->record) < 0)
        err = NKT_E_FRAME_SYNTAX;
    if (err < 0) {
        nkt__body__free_unpacked(body, NULL);
        return err;
    }
    *envelope = (nkt_envelope_t){
        .frame = frame,
        .frame_size = size,
        .hops = is_direct ? 0 : frame[1],
        .signature = is_direct ? NULL : frame + NKT_HEADER_SIZE,
        .kind = body->kind,
        .created_ms = body->created_ms,
        .ttl_s = body->ttl_s,
        .may_keep = body->has_keep && body->keep,
        .keep_s = body->has_keep_s ? body->keep_s : 0,
        .payload = body->payload.data,
        .payload_size = body->payload.len,
        .is_sought = body->seek,
        .has_record = body->record != NULL,
        .record = record,
        .unpacked = body,
    };
    memcpy(envelope->digest, digest, NKT_DIGEST_SIZE);
    memcpy(envelope->network, body->network.data, NKT_NETWORK_SIZE);
    memcpy(envelope->from.b, body->from.data, NKT_ADDRESS_SIZE);
    if (body->has_to)
        memcpy(envelope->to.b, body->to.data, NKT_ADDRESS_SIZE);
    return NKT_OK;
}

int nkt_envelope_verify(const nkt_envelope_t *envelope, const uint8_t sign_key[32])
{
    if (envelope->signature == NULL ||
        crypto_sign_verify_detached(envelope->signature, envelope->digest, sizeof envelope->digest, sign_key) != 0)
        return NKT_E_SIGNATURE;
    return NKT_OK;
}

void nkt_envelope_deinit(nkt_envelope_t *envelope)
{
    if (envelope->unpacked != NULL)
        nkt__body__free_unpacked(envelope->unpacked, NULL);
    envelope->unpacked = NULL;
}
