/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Signalling payloads, and the fingerprint in an SDP. */
#include "overlay/signal.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "identity/room.h"
#include "nkt.pb-c.h"

static const uint8_t attempt[NKT_ATTEMPT_SIZE] = {1}, nonce[NKT_NONCE_SIZE] = {2}, record_bytes[300] = {3};
static const uint8_t signature[NKT_SIGN_SIZE] = {4}, membership[NKT_MEMBERSHIP_SIZE] = {5};
static const nkt_address_t target = {{6}};

static nkt_signalling_t offer_of(const char *sdp)
{
    return (nkt_signalling_t){
        .type = NKT_SIGNAL_OFFER,
        .attempt = attempt,
        .nonce = nonce,
        .sdp = sdp,
        .has_record = 1,
        .record = {.bytes = record_bytes, .bytes_size = sizeof record_bytes, .signature = signature, .membership = membership},
        .target = &target,
    };
}

TEST(signal_comes_back)
{
    nkt_signalling_t signal = offer_of("v=0\r\n"), back;
    nkt_buf_t out = {0};
    CHECK_OK(nkt_signal_encode(&out, &signal));
    CHECK_OK(nkt_signal_decode(&back, out.data, out.size));
    CHECK_EQ(back.type, NKT_SIGNAL_OFFER);
    CHECK_BYTES(back.attempt, attempt, sizeof attempt);
    CHECK_BYTES(back.nonce, nonce, sizeof nonce);
    CHECK_TEXT(back.sdp, "v=0\r\n");
    CHECK(back.has_record);
    CHECK_EQ(back.record.bytes_size, sizeof record_bytes);
    CHECK_BYTES(back.record.signature, signature, sizeof signature);
    CHECK_BYTES(back.record.membership, membership, sizeof membership);
    CHECK_BYTES(back.target->b, target.b, sizeof target.b);
    nkt_signal_deinit(&back);
    signal = (nkt_signalling_t){.type = NKT_SIGNAL_REJECT, .attempt = attempt};
    CHECK_OK(nkt_signal_encode(&out, &signal));
    CHECK_OK(nkt_signal_decode(&back, out.data, out.size));
    CHECK_EQ(back.type, NKT_SIGNAL_REJECT);
    CHECK(back.nonce == NULL && back.sdp == NULL && back.target == NULL && !back.has_record);
    nkt_signal_deinit(&back);
    nkt_signal_deinit(&back);
    nkt_buf_free(&out);
}

#define CHANGE(name) static void name(Nkt__Signal *it)
static char long_sdp[NKT_SDP_SIZE_MAX + 2];
static uint8_t more[NKT_RECORD_SIZE_MAX + 1];
CHANGE(nothing) { (void)it; }
CHANGE(type_0) { it->type = 0; }
CHANGE(type_4) { it->type = 4; }
CHANGE(type_huge) { it->type = UINT32_MAX; }
CHANGE(answer) { it->type = NKT_SIGNAL_ANSWER; }
CHANGE(attempt_short) { it->attempt.len--; }
CHANGE(attempt_empty) { it->attempt.len = 0; }
CHANGE(nonce_none) { it->has_nonce = 0; }
CHANGE(nonce_short) { it->nonce.len--; }
CHANGE(nonce_long) { it->nonce = (ProtobufCBinaryData){.data = more, .len = NKT_NONCE_SIZE + 1}; }
CHANGE(sdp_none) { it->sdp = NULL; }
CHANGE(sdp_empty) { it->sdp = long_sdp + NKT_SDP_SIZE_MAX + 1; }
CHANGE(sdp_longest) { it->sdp = long_sdp + 1; }
CHANGE(sdp_too_long) { it->sdp = long_sdp; }
CHANGE(record_none) { it->record = NULL; }
CHANGE(record_too_long) { it->record->record = (ProtobufCBinaryData){.data = more, .len = sizeof more}; }
CHANGE(record_signature_short) { it->record->signature.len--; }
CHANGE(record_membership_short) { it->record->membership.len--; }
CHANGE(target_none) { it->has_target = 0; }
CHANGE(target_short) { it->target.len--; }
CHANGE(reject_bare) { it->type = NKT_SIGNAL_REJECT, it->has_nonce = 0, it->sdp = NULL; }
CHANGE(reject_with_short_nonce) { it->type = NKT_SIGNAL_REJECT, it->nonce.len--; }
#undef CHANGE

TEST(signal_that_breaks_a_rule_is_refused)
{
    static const struct {
        const char *what;
        void (*change)(Nkt__Signal *it);
        int err;
    } rows[] = {
        {"nothing", nothing, NKT_OK},
        {"type 0", type_0, NKT_E_PAYLOAD},
        {"type 4", type_4, NKT_E_PAYLOAD},
        {"type of 32 bits", type_huge, NKT_E_PAYLOAD},
        {"answer", answer, NKT_OK},
        {"attempt too short", attempt_short, NKT_E_PAYLOAD},
        {"attempt empty", attempt_empty, NKT_E_PAYLOAD},
        {"no nonce", nonce_none, NKT_E_PAYLOAD},
        {"nonce too short", nonce_short, NKT_E_PAYLOAD},
        {"nonce too long", nonce_long, NKT_E_PAYLOAD},
        {"no SDP", sdp_none, NKT_E_PAYLOAD},
        {"empty SDP", sdp_empty, NKT_E_PAYLOAD},
        {"longest SDP", sdp_longest, NKT_OK},
        {"SDP too long", sdp_too_long, NKT_E_PAYLOAD},
        {"no record", record_none, NKT_OK},
        {"record too long", record_too_long, NKT_E_PAYLOAD},
        {"record's signature too short", record_signature_short, NKT_E_PAYLOAD},
        {"record's membership too short", record_membership_short, NKT_E_PAYLOAD},
        {"no target", target_none, NKT_OK},
        {"target too short", target_short, NKT_E_PAYLOAD},
        {"reject", reject_bare, NKT_OK},
        {"reject, nonce too short", reject_with_short_nonce, NKT_E_PAYLOAD},
    };
    static uint8_t bytes[NKT_SDP_SIZE_MAX + 2 * NKT_RECORD_SIZE_MAX];
    const nkt_signalling_t signal = offer_of("v=0\r\n");
    nkt_buf_t out = {0};
    memset(long_sdp, 's', NKT_SDP_SIZE_MAX + 1);
    CHECK_OK(nkt_signal_encode(&out, &signal));
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        Nkt__Signal *message = nkt__signal__unpack(NULL, out.size, out.data);
        nkt_signalling_t back;
        CHECK(message != NULL);
        Nkt__Signal copy = *message;
        Nkt__SignedRecord record = *message->record;
        copy.record = &record;
        rows[i].change(&copy);
        size_t size = nkt__signal__pack(&copy, bytes);
        nkt__signal__free_unpacked(message, NULL);
        check_row("%s", rows[i].what);
        CHECK_ERR(nkt_signal_decode(&back, bytes, size), rows[i].err);
        if (rows[i].err == NKT_OK)
            nkt_signal_deinit(&back);
    }
    nkt_signalling_t large = offer_of(long_sdp);
    CHECK_ERR(nkt_signal_encode(&out, &large), NKT_E_SIZE);
    large = offer_of(long_sdp + 1);
    CHECK_OK(nkt_signal_encode(&out, &large));
    nkt_buf_free(&out);
}

TEST(signal_cut_flipped_or_random_does_no_harm)
{
    const nkt_signalling_t signal = offer_of("v=0\r\n");
    nkt_signalling_t back;
    nkt_buf_t out = {0};
    CHECK_OK(nkt_signal_encode(&out, &signal));
    for (size_t cut = 0; cut < out.size; cut++) {
        uint8_t *copy = malloc(cut + 1);
        CHECK(copy != NULL);
        memcpy(copy, out.data, cut);
        if (nkt_signal_decode(&back, copy, cut) == NKT_OK)
            nkt_signal_deinit(&back);
        free(copy);
    }
    for (size_t bit = 0; bit < out.size * 8; bit++) {
        out.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        if (nkt_signal_decode(&back, out.data, out.size) == NKT_OK)
            nkt_signal_deinit(&back);
        out.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    int has_failed = 1;
    for (unsigned n = 1; has_failed; n++) {
        check_allocations_fail_at(n);
        int err = nkt_signal_decode(&back, out.data, out.size);
        has_failed = check_allocation_failed();
        CHECK_ERR(err, has_failed ? NKT_E_PAYLOAD : NKT_OK);
    }
    check_allocations_fail_at(0);
    nkt_signal_deinit(&back);
    nkt_buf_free(&out);
    check_allocations_fail_at(1);
    CHECK_ERR(nkt_signal_encode(&out, &signal), NKT_E_MEMORY);
}

/* ---- fingerprints ---- */

#define HEX_UP "01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF"
#define HEX_LOW "01:23:45:67:89:ab:cd:ef:01:23:45:67:89:ab:cd:ef:01:23:45:67:89:ab:cd:ef:01:23:45:67:89:ab:cd:ef"
#define HEX_OTHER "00:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF"
#define SHA1 "01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67"
#define LINE "a=fingerprint:sha-256 "

TEST(sdp_fingerprints)
{
    static const struct {
        const char *what;
        const char *sdp;
        int err;
    } rows[] = {
        {"one, CRLF", "v=0\r\n" LINE HEX_UP "\r\na=setup:actpass\r\n", NKT_OK},
        {"one, LF", "v=0\n" LINE HEX_UP "\na=setup:actpass\n", NKT_OK},
        {"lower case digits", "v=0\r\n" LINE HEX_LOW "\r\n", NKT_OK},
        {"upper case name of the hash", "a=fingerprint:SHA-256 " HEX_UP "\r\n", NKT_OK},
        {"upper case attribute", "A=FINGERPRINT:sha-256 " HEX_UP "\r\n", NKT_OK},
        {"last line without an end", "v=0\r\n" LINE HEX_UP, NKT_OK},
        {"first line", LINE HEX_UP "\r\n", NKT_OK},
        {"blanks behind it", LINE HEX_UP "  \r\n", NKT_OK},
        {"two that are equal", LINE HEX_UP "\r\nm=application\r\n" LINE HEX_LOW "\r\n", NKT_OK},
        {"empty lines", "\n\n\r\n" LINE HEX_UP "\n\n", NKT_OK},
        {"none", "v=0\r\na=setup:actpass\r\n", NKT_E_PAYLOAD},
        {"empty", "", NKT_E_PAYLOAD},
        {"two that differ", LINE HEX_UP "\r\n" LINE HEX_OTHER "\r\n", NKT_E_PAYLOAD},
        {"two that differ, the other way round", LINE HEX_OTHER "\r\n" LINE HEX_UP "\r\n", NKT_E_PAYLOAD},
        {"sha-1 alone", "a=fingerprint:sha-1 " SHA1 "\r\n", NKT_E_PAYLOAD},
        {"sha-1 behind a good one", LINE HEX_UP "\r\na=fingerprint:sha-1 " SHA1 "\r\n", NKT_E_PAYLOAD},
        {"sha-1 before a good one", "a=fingerprint:sha-1 " SHA1 "\r\n" LINE HEX_UP "\r\n", NKT_E_PAYLOAD},
        {"sha-512 of the right length", "a=fingerprint:sha-512 " HEX_UP "\r\n", NKT_E_PAYLOAD},
        {"no hash named", "a=fingerprint:" HEX_UP "\r\n", NKT_E_PAYLOAD},
        {"nothing behind the name", "a=fingerprint:sha-256\r\n", NKT_E_PAYLOAD},
        {"nothing at all", "a=fingerprint:\r\n", NKT_E_PAYLOAD},
        {"two blanks", "a=fingerprint:sha-256  " HEX_UP "\r\n", NKT_E_PAYLOAD},
        {"a byte short", LINE SHA1 "\r\n", NKT_E_PAYLOAD},
        {"a byte long", LINE HEX_UP ":00\r\n", NKT_E_PAYLOAD},
        {"a digit missing", LINE "1:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF0\r\n",
         NKT_E_PAYLOAD},
        {"no colons", LINE "01 23 45 67 89 AB CD EF 01 23 45 67 89 AB CD EF 01 23 45 67 89 AB CD EF 01 23 45 67 89 AB CD EF\r\n",
         NKT_E_PAYLOAD},
        {"not hexadecimal", LINE "0G:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF\r\n",
         NKT_E_PAYLOAD},
        {"within another line only", "a=x:a=fingerprint:sha-256 " HEX_UP "\r\n", NKT_E_PAYLOAD},
    };
    uint8_t expected[NKT_FINGERPRINT_SIZE];
    check_hex("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", expected, sizeof expected);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        uint8_t fingerprint[NKT_FINGERPRINT_SIZE] = {0};
        size_t size = strlen(rows[i].sdp);
        char *exact = malloc(size == 0 ? 1 : size); /* a byte read past it is seen */
        CHECK(exact != NULL);
        memcpy(exact, rows[i].sdp, size);
        check_row("%s", rows[i].what);
        CHECK_ERR(nkt_sdp_fingerprint(exact, size, fingerprint), rows[i].err);
        if (rows[i].err == NKT_OK)
            CHECK_BYTES(fingerprint, expected, sizeof expected);
        free(exact);
    }
}

TEST(sdp_cut_anywhere_has_its_whole_fingerprint_or_none)
{
    static const char sdp[] = "v=0\r\n" LINE HEX_UP "\r\na=x\r\n";
    const size_t whole = sizeof "v=0\r\n" LINE HEX_UP - 1;
    for (size_t cut = 0; cut < sizeof sdp; cut++) {
        uint8_t fingerprint[NKT_FINGERPRINT_SIZE];
        char *exact = malloc(cut + 1);
        CHECK(exact != NULL);
        memcpy(exact, sdp, cut);
        check_row("%zu bytes", cut);
        CHECK_ERR(nkt_sdp_fingerprint(exact, cut, fingerprint), cut < whole ? NKT_E_PAYLOAD : NKT_OK);
        free(exact);
    }
}
