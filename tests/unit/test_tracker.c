/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tracker protocol: JSON of strangers in, JSON out. */
#include "tracker/tracker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cJSON.h>

#include "check.h"

#define HASH "ABCDEFGHIJKLMNOPQRST"
#define PEER "abcdefghijklmnopqrst"
#define OFFER "0123456789_-ABCDEFGH"
#define Q(text) "\"" text "\""
#define IDS Q("info_hash") ":" Q(HASH) "," Q("peer_id") ":" Q(PEER) "," Q("offer_id") ":" Q(OFFER)

/* Decodes a copy of exactly that size: a byte read past it is seen. */
static int decode(nkt_tracker_message_t *message, const char *text, size_t size)
{
    uint8_t *copy = malloc(size == 0 ? 1 : size);
    CHECK(copy != NULL);
    memcpy(copy, text, size);
    int err = nkt_tracker_decode(message, copy, size);
    free(copy);
    return err;
}

TEST(tracker_responses_and_failures)
{
    static const struct {
        const char *what;
        const char *text;
        int type;
        uint32_t interval_s, peer_count;
        const char *reason;
    } rows[] = {
        {"response", "{\"info_hash\":\"" HASH "\",\"interval\":120,\"complete\":1,\"incomplete\":2}", NKT_TRACKER_RESPONSE,
         120, 3, ""},
        {"nothing but the hash", "{\"info_hash\":\"" HASH "\"}", NKT_TRACKER_RESPONSE, 0, 0, ""},
        {"action and strangers are ignored", "{\"action\":\"announce\",\"info_hash\":\"" HASH "\",\"x\":[{}],\"__proto__\":{}}",
         NKT_TRACKER_RESPONSE, 0, 0, ""},
        {"negative, fractional", "{\"info_hash\":\"" HASH "\",\"interval\":-1,\"complete\":1.9,\"incomplete\":-5}",
         NKT_TRACKER_RESPONSE, 0, 1, ""},
        {"too large", "{\"info_hash\":\"" HASH "\",\"interval\":1e10,\"complete\":1e300,\"incomplete\":1e9}",
         NKT_TRACKER_RESPONSE, 0, 1000000000, ""},
        {"text, true and null for numbers",
         "{\"info_hash\":\"" HASH "\",\"interval\":\"5\",\"complete\":true,\"incomplete\":null}", NKT_TRACKER_RESPONSE, 0, 0, ""},
        {"offer and answer that are no objects", "{\"info_hash\":\"" HASH "\",\"offer\":\"x\",\"answer\":null}",
         NKT_TRACKER_RESPONSE, 0, 0, ""},
        {"the first of two keys", "{\"info_hash\":\"" HASH "\",\"interval\":1,\"interval\":2}", NKT_TRACKER_RESPONSE, 1, 0, ""},
        {"keys are told apart by case", "{\"INFO_HASH\":5,\"info_hash\":\"" HASH "\",\"Interval\":1}", NKT_TRACKER_RESPONSE, 0,
         0, ""},
        {"failure", "{\"failure reason\":\"too many\"}", NKT_TRACKER_FAILURE, 0, 0, "too many"},
        {"failure with a hash", "{\"failure reason\":\"no\",\"info_hash\":\"" HASH "\"}", NKT_TRACKER_FAILURE, 0, 0, "no"},
        {"failure and an offer: failure", "{\"failure reason\":\"no\"," IDS ",\"offer\":{\"sdp\":\"s\"}}", NKT_TRACKER_FAILURE,
         0, 0, "no"},
        {"failure in another script", "{\"failure reason\":\"zu viele \xc3\xbc\"}", NKT_TRACKER_FAILURE, 0, 0,
         "zu viele \xc3\xbc"},
        {"HTML is text", "{\"failure reason\":\"<img src=x>\"}", NKT_TRACKER_FAILURE, 0, 0, "<img src=x>"},
        {"control characters in the reason", "{\"failure reason\":\"a\\u001b[31m\"}", NKT_TRACKER_FAILURE, 0, 0, ""},
        {"line break in the reason", "{\"failure reason\":\"a\\nb\"}", NKT_TRACKER_FAILURE, 0, 0, ""},
        {"empty reason", "{\"failure reason\":\"\"}", NKT_TRACKER_FAILURE, 0, 0, ""},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        nkt_tracker_message_t message;
        check_row("%s", rows[i].what);
        CHECK_OK(decode(&message, rows[i].text, strlen(rows[i].text)));
        CHECK_EQ(message.type, rows[i].type);
        CHECK_EQ(message.interval_s, rows[i].interval_s);
        CHECK_EQ(message.peer_count, rows[i].peer_count);
        CHECK_TEXT(message.reason, rows[i].reason);
        CHECK(message.sdp == NULL);
        if (message.type == NKT_TRACKER_RESPONSE)
            CHECK_TEXT(message.info_hash.text, HASH);
        nkt_tracker_message_deinit(&message);
    }
}

TEST(tracker_offers_and_answers)
{
    static const struct {
        const char *what;
        const char *text;
        int err;
        int type;
        const char *sdp;
    } rows[] = {
        {"offer", "{" IDS ",\"offer\":{\"type\":\"offer\",\"sdp\":\"s\"}}", NKT_OK, NKT_TRACKER_OFFER, "s"},
        {"answer", "{" IDS ",\"answer\":{\"type\":\"answer\",\"sdp\":\"s\"}}", NKT_OK, NKT_TRACKER_ANSWER, "s"},
        {"type is not looked at", "{" IDS ",\"offer\":{\"type\":7,\"sdp\":\"s\"}}", NKT_OK, NKT_TRACKER_OFFER, "s"},
        {"both: the offer", "{" IDS ",\"answer\":{\"sdp\":\"a\"},\"offer\":{\"sdp\":\"o\"}}", NKT_OK, NKT_TRACKER_OFFER, "o"},
        {"escapes", "{" IDS ",\"offer\":{\"sdp\":\"v=0\\r\\n\\u00fc\"}}", NKT_OK, NKT_TRACKER_OFFER, "v=0\r\n\xc3\xbc"},
        {"the first of two descriptions", "{" IDS ",\"offer\":{\"sdp\":\"1\"},\"offer\":{\"sdp\":\"2\"}}", NKT_OK,
         NKT_TRACKER_OFFER, "1"},
        {"the first of two texts", "{" IDS ",\"offer\":{\"sdp\":\"1\",\"sdp\":\"2\"}}", NKT_OK, NKT_TRACKER_OFFER, "1"},
        {"no text", "{" IDS ",\"offer\":{\"type\":\"offer\"}}", NKT_E_TRACKER, 0, NULL},
        {"empty text", "{" IDS ",\"offer\":{\"sdp\":\"\"}}", NKT_E_TRACKER, 0, NULL},
        {"text is a number", "{" IDS ",\"offer\":{\"sdp\":1}}", NKT_E_TRACKER, 0, NULL},
        {"text is an object", "{" IDS ",\"answer\":{\"sdp\":{\"sdp\":\"s\"}}}", NKT_E_TRACKER, 0, NULL},
        {"SDP by another case", "{" IDS ",\"offer\":{\"SDP\":\"s\"}}", NKT_E_TRACKER, 0, NULL},
        {"no ids", "{\"offer\":{\"sdp\":\"s\"}}", NKT_E_TRACKER, 0, NULL},
        {"no peer id", "{\"info_hash\":\"" HASH "\",\"offer_id\":\"" OFFER "\",\"offer\":{\"sdp\":\"s\"}}", NKT_E_TRACKER, 0, NULL},
        {"no offer id", "{\"info_hash\":\"" HASH "\",\"peer_id\":\"" PEER "\",\"answer\":{\"sdp\":\"s\"}}", NKT_E_TRACKER, 0, NULL},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        nkt_tracker_message_t message;
        check_row("%s", rows[i].what);
        CHECK_ERR(decode(&message, rows[i].text, strlen(rows[i].text)), rows[i].err);
        if (rows[i].err < 0)
            continue;
        CHECK_EQ(message.type, rows[i].type);
        CHECK_TEXT(message.sdp, rows[i].sdp);
        CHECK_TEXT(message.info_hash.text, HASH);
        CHECK_TEXT(message.peer_id.text, PEER);
        CHECK_TEXT(message.offer_id.text, OFFER);
        nkt_tracker_message_deinit(&message);
    }
}

TEST(tracker_ids_are_twenty_printable_characters)
{
    static const struct {
        const char *what;
        const char *json;
        int err;
    } rows[] = {
        {"letters", Q(PEER), NKT_OK},
        {"first and last printable", Q("!!!!!!!!!!~~~~~~~~~~"), NKT_OK},
        {"escaped letters are letters", "\"\\u0061bcdefghijklmnopqrst\"", NKT_OK},
        {"__proto__ and more", Q("__proto____proto____"), NKT_OK},
        {"a number", "12345678901234567890", NKT_E_TRACKER},
        {"true", "true", NKT_E_TRACKER},
        {"null", "null", NKT_E_TRACKER},
        {"a list", "[\"" PEER "\"]", NKT_E_TRACKER},
        {"an object", "{\"a\":\"" PEER "\"}", NKT_E_TRACKER},
        {"empty", Q(""), NKT_E_TRACKER},
        {"one short", Q("abcdefghijklmnopqrs"), NKT_E_TRACKER},
        {"one long", Q("abcdefghijklmnopqrstu"), NKT_E_TRACKER},
        {"a blank", Q("abcdefghij lmnopqrst"), NKT_E_TRACKER},
        {"a line break", Q("abcdefghij\\nlmnopqrst"), NKT_E_TRACKER},
        {"delete", Q("abcdefghij\x7flmnopqrst"), NKT_E_TRACKER},
        {"binary as other clients send it", Q("\\u00ff\\u00fe\\u00fdabcdefghijklmnopq"), NKT_E_TRACKER},
        {"twenty bytes of UTF-8", Q("\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc"),
         NKT_E_TRACKER},
        {"ends early for C, not for JavaScript", "\"" PEER "\\u0000xyz\"", NKT_E_TRACKER},
        {"NUL in front", "\"\\u0000" PEER "\"", NKT_E_TRACKER},
    };
    static const char *const names[] = {"info_hash", "peer_id", "offer_id"};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        for (size_t k = 0; k < COUNT_OF(names); k++) {
            char text[400] = "{";
            nkt_tracker_message_t message;
            for (size_t n = 0; n < COUNT_OF(names); n++) {
                size_t size = strlen(text);
                snprintf(text + size, sizeof text - size, "\"%s\":%s,", names[n], n == k ? rows[i].json : Q(PEER));
            }
            strcat(text, "\"offer\":{\"sdp\":\"s\"}}");
            check_row("%s as %s", rows[i].what, names[k]);
            CHECK_ERR(decode(&message, text, strlen(text)), rows[i].err);
            if (rows[i].err == NKT_OK)
                nkt_tracker_message_deinit(&message);
        }
    }
}

TEST(tracker_text_that_is_malformed)
{
    static const struct {
        const char *what;
        const char *text;
        size_t size; /* 0: all of it */
    } rows[] = {
        {"no JSON", "hello", 0},
        {"an array", "[{\"info_hash\":\"" HASH "\"}]", 0},
        {"a text", "\"" HASH "\"", 0},
        {"a number", "5", 0},
        {"null", "null", 0},
        {"empty object", "{}", 0},
        {"not closed", "{\"info_hash\":\"" HASH "\"", 0},
        {"no value", "{\"info_hash\":}", 0},
        {"single quotes", "{'info_hash':'" HASH "'}", 0},
        {"trailing comma", "{\"info_hash\":\"" HASH "\",}", 0},
        {"broken escape", "{\"info_hash\":\"\\u12\"}", 0},
        {"half a surrogate pair", "{\"info_hash\":\"" HASH "\",\"x\":\"\\ud800\"}", 0},
        {"NUL inside", "{\"info_hash\":\"" HASH "\0\"}", 36},
        {"NUL behind", "{\"info_hash\":\"" HASH "\"}\0", 37},
        {"escaped NUL anywhere", "{\"info_hash\":\"" HASH "\",\"x\":\"\\u0000\"}", 0},
        {"escaped NUL in a key", "{\"info_hash\\u0000x\":\"" HASH "\"}", 0},
        {"failure reason that is no text", "{\"failure reason\":5}", 0},
        {"BOM and NULs of UTF-16", "\xff\xfe{\0}\0", 6},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        nkt_tracker_message_t message;
        check_row("%s", rows[i].what);
        CHECK_ERR(decode(&message, rows[i].text, rows[i].size != 0 ? rows[i].size : strlen(rows[i].text)), NKT_E_TRACKER);
    }
    nkt_tracker_message_t message;
    CHECK_ERR(decode(&message, "", 0), NKT_E_TRACKER);
}

TEST(tracker_message_cut_anywhere_is_refused)
{
    static const char text[] = "{" IDS ",\"answer\":{\"type\":\"answer\",\"sdp\":\"v=0\\r\\n\"},\"x\":[1,{}]}";
    nkt_tracker_message_t message;
    CHECK_OK(decode(&message, text, sizeof text - 1));
    nkt_tracker_message_deinit(&message);
    for (size_t cut = 0; cut < sizeof text - 1; cut++) {
        check_row("%zu bytes", cut);
        CHECK_ERR(decode(&message, text, cut), NKT_E_TRACKER);
    }
}

/* {"info_hash":"...","x":FILL} of count times unit. */
static int decode_filled(const char *unit, size_t count, const char *unit_end)
{
    static char text[80000];
    size_t size = (size_t)snprintf(text, sizeof text, "{\"info_hash\":\"%s\",\"x\":", HASH);
    for (size_t i = 0; i < count; i++)
        size += (size_t)snprintf(text + size, sizeof text - size, "%s", unit);
    for (size_t i = 0; i < count; i++)
        size += (size_t)snprintf(text + size, sizeof text - size, "%s", unit_end);
    CHECK(size + 1 < sizeof text);
    text[size++] = '}';
    nkt_tracker_message_t message;
    return decode(&message, text, size); /* no SDP: nothing to free */
}

TEST(tracker_message_that_is_huge_is_refused)
{
    static const struct {
        const char *what;
        const char *unit;
        size_t count;
        const char *unit_end;
        int err;
    } rows[] = {
        {"as deep as allowed", "[", NKT_JSON_DEPTH_MAX - 1, "]", NKT_OK},
        {"one deeper", "[", NKT_JSON_DEPTH_MAX, "]", NKT_E_TRACKER},
        {"very deep", "[", 15000, "]", NKT_E_TRACKER},
        {"very deep, objects", "{\"a\":", 3000, "}", NKT_E_TRACKER},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        check_row("%s", rows[i].what);
        CHECK_ERR(decode_filled(rows[i].unit, rows[i].count, rows[i].unit_end), rows[i].err);
    }
    static char wide[2 * NKT_TRACKER_FRAME_SIZE_MAX + 2];
    nkt_tracker_message_t message;
    size_t size = (size_t)snprintf(wide, sizeof wide, "{\"info_hash\":\"%s\",\"x\":[0", HASH);
    for (; size + 2 < 2 * NKT_JSON_ITEM_MAX; size += 2)
        memcpy(wide + size, ",0", 2);
    memcpy(wide + size, "]}", 2);
    check_row("not too many items");
    CHECK_OK(decode(&message, wide, size + 2));
    for (; size + 2 <= 2 * NKT_TRACKER_FRAME_SIZE_MAX - 2; size += 2)
        memcpy(wide + size, ",0", 2);
    memcpy(wide + size, "]}", 2);
    check_row("too many items");
    CHECK_ERR(decode(&message, wide, size + 2), NKT_E_TRACKER);
    memset(wide, ' ', sizeof wide);
    size = (size_t)snprintf(wide, sizeof wide, "{\"info_hash\":\"%s\"}", HASH);
    wide[size] = ' ';
    check_row("blanks up to the limit");
    CHECK_OK(decode(&message, wide, 2 * NKT_TRACKER_FRAME_SIZE_MAX));
    check_row("one byte more");
    CHECK_ERR(decode(&message, wide, 2 * NKT_TRACKER_FRAME_SIZE_MAX + 1), NKT_E_TRACKER);
}

TEST(tracker_failure_reason_is_bounded)
{
    char text[400], reason[200];
    nkt_tracker_message_t message;
    for (size_t size = NKT_TRACKER_REASON_SIZE - 2; size <= NKT_TRACKER_REASON_SIZE + 1; size++) {
        memset(reason, 'r', size);
        reason[size] = '\0';
        snprintf(text, sizeof text, "{\"failure reason\":\"%s\"}", reason);
        check_row("%zu bytes", size);
        CHECK_OK(decode(&message, text, strlen(text)));
        CHECK_EQ(message.type, NKT_TRACKER_FAILURE);
        CHECK_EQ(strlen(message.reason), size < NKT_TRACKER_REASON_SIZE ? size : 0);
    }
}

/* ---- what we send ---- */

static cJSON *parsed(const nkt_buf_t *out)
{
    cJSON *tree = cJSON_ParseWithLength((const char *)out->data, out->size);
    CHECK(tree != NULL);
    return tree;
}

static const char *text_of(const cJSON *tree, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(tree, name);
    CHECK(cJSON_IsString(item));
    return item->valuestring;
}

TEST(tracker_announce_says_what_trackers_expect)
{
    const nkt_tracker_id_t peer = {PEER};
    const nkt_tracker_offer_t offers[] = {{{OFFER}, "first"}, {{"ABCDEFGHIJ0123456789"}, "se\"cond\r\n"}};
    nkt_buf_t out = {0};
    CHECK_OK(nkt_tracker_encode_announce(&out, HASH, &peer, "started", offers, 2));
    cJSON *tree = parsed(&out);
    CHECK_TEXT(text_of(tree, "action"), "announce");
    CHECK_TEXT(text_of(tree, "event"), "started");
    CHECK_TEXT(text_of(tree, "info_hash"), HASH);
    CHECK_TEXT(text_of(tree, "peer_id"), PEER);
    CHECK_EQ(cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(tree, "numwant")), 2);
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(tree, "offers");
    CHECK_EQ(cJSON_GetArraySize(list), 2);
    const cJSON *second = cJSON_GetArrayItem(list, 1);
    CHECK_TEXT(text_of(second, "offer_id"), "ABCDEFGHIJ0123456789");
    const cJSON *description = cJSON_GetObjectItemCaseSensitive(second, "offer");
    CHECK_TEXT(text_of(description, "type"), "offer");
    CHECK_TEXT(text_of(description, "sdp"), "se\"cond\r\n");
    cJSON_Delete(tree);
    CHECK_OK(nkt_tracker_encode_announce(&out, HASH, &peer, NULL, NULL, 0));
    tree = parsed(&out);
    CHECK(cJSON_GetObjectItemCaseSensitive(tree, "event") == NULL);
    CHECK(cJSON_GetObjectItemCaseSensitive(tree, "offers") == NULL);
    cJSON_Delete(tree);
    nkt_buf_free(&out);
}

TEST(tracker_answer_is_read_as_it_was_written)
{
    const nkt_tracker_id_t peer = {PEER}, to = {"zyxwvutsrqponmlkjihg"}, offer = {OFFER};
    nkt_tracker_message_t message;
    nkt_buf_t out = {0};
    CHECK_OK(nkt_tracker_encode_answer(&out, HASH, &peer, &to, &offer, "v=0\r\n"));
    cJSON *tree = parsed(&out);
    CHECK_TEXT(text_of(tree, "to_peer_id"), "zyxwvutsrqponmlkjihg");
    cJSON_Delete(tree);
    CHECK_OK(nkt_tracker_decode(&message, out.data, out.size));
    CHECK_EQ(message.type, NKT_TRACKER_ANSWER);
    CHECK_TEXT(message.peer_id.text, PEER);
    CHECK_TEXT(message.offer_id.text, OFFER);
    CHECK_TEXT(message.sdp, "v=0\r\n");
    nkt_tracker_message_deinit(&message);
    nkt_buf_free(&out);
}

TEST(tracker_message_too_large_to_send)
{
    static char sdp[NKT_TRACKER_FRAME_SIZE_MAX];
    const nkt_tracker_id_t id = {PEER};
    nkt_buf_t out = {0};
    memset(sdp, 'x', sizeof sdp - 1);
    CHECK_ERR(nkt_tracker_encode_answer(&out, HASH, &id, &id, &id, sdp), NKT_E_SIZE);
    sdp[sizeof sdp / 2] = '\0';
    CHECK_OK(nkt_tracker_encode_answer(&out, HASH, &id, &id, &id, sdp));
    const nkt_tracker_offer_t offers[] = {{id, sdp}, {id, sdp}};
    CHECK_ERR(nkt_tracker_encode_announce(&out, HASH, &id, NULL, offers, 2), NKT_E_SIZE);
    CHECK_OK(nkt_tracker_encode_announce(&out, HASH, &id, NULL, offers, 1));
    nkt_buf_free(&out);
}

/* The largest description we send, sealed and in Base64, goes through a tracker that allows 16 KiB. */
TEST(tracker_message_of_the_largest_description_fits)
{
    static char sealed[(NKT_SDP_SIZE_MAX + NKT_RECORD_SIZE_MAX + 400) * 4 / 3];
    const nkt_tracker_id_t id = {PEER};
    nkt_buf_t out = {0};
    memset(sealed, 'x', sizeof sealed - 1);
    CHECK_OK(nkt_tracker_encode_answer(&out, HASH, &id, &id, &id, sealed));
    CHECK(out.size <= NKT_TRACKER_FRAME_SIZE_MAX);
    nkt_buf_free(&out);
}

TEST(tracker_ids_are_random_and_printable)
{
    check_entropy_t entropy = {.seed = 4};
    const nkt_host_t host = check_host(&entropy);
    nkt_tracker_id_t a, b;
    CHECK_OK(nkt_tracker_id_create(&a, &host));
    CHECK_OK(nkt_tracker_id_create(&b, &host));
    CHECK_EQ(strlen(a.text), NKT_INFO_HASH_SIZE);
    CHECK(strcmp(a.text, b.text) != 0);
    for (const char *c = a.text; *c != '\0'; c++)
        CHECK(*c > ' ' && *c <= '~' && *c != '"' && *c != '\\');
    entropy.fail_at = 1;
    CHECK_ERR(nkt_tracker_id_create(&a, &host), NKT_E_ENTROPY);
}

TEST(tracker_without_memory)
{
    static const char text[] = "{" IDS ",\"offer\":{\"type\":\"offer\",\"sdp\":\"s\"}}";
    const nkt_tracker_id_t id = {PEER};
    const nkt_tracker_offer_t offers[] = {{id, "s"}, {id, "t"}};
    for (int kind = 0; kind < 3; kind++) {
        int has_failed = 1;
        for (unsigned n = 1; has_failed; n++) {
            nkt_buf_t out = {0};
            nkt_tracker_message_t message = {0};
            int err;
            check_row("kind %d, allocation %u", kind, n);
            check_allocations_fail_at(n);
            if (kind == 0)
                err = nkt_tracker_encode_announce(&out, HASH, &id, "started", offers, 2);
            else if (kind == 1)
                err = nkt_tracker_encode_answer(&out, HASH, &id, &id, &id, "s");
            else
                err = nkt_tracker_decode(&message, (const uint8_t *)text, sizeof text - 1);
            has_failed = check_allocation_failed();
            CHECK_EQ(err < 0, has_failed);
            CHECK(err == NKT_OK || err == NKT_E_MEMORY || (kind == 2 && err == NKT_E_TRACKER));
            if (err == NKT_OK)
                nkt_tracker_message_deinit(&message);
            nkt_buf_free(&out);
            CHECK(has_failed || n > 3);
        }
    }
}
