/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Invites and answers as text: what comes back, what people do to them, what is refused and how it is called. */
#include "overlay/invite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "identity/identity.h"

static const char sdp[] =
    "v=0\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=candidate:1 1 udp 1 192.0.2.2 56652 typ host\r\n"
    "a=ice-ufrag:o8hW\r\na=ice-pwd:AbsuH27nQqMKNyQ4/qzkq7hw\r\na=fingerprint:sha-256 "
    "D1:88:3C:71:0D:4A:A6:5B:FD:E6:50:56:F1:0F:98:D5:18:4B:B0:F3:1D:4E:CD:3A:8F:D9:55:99:D8:BE:58:2D\r\n"
    "a=setup:actpass\r\na=mid:0\r\n";

/** The inviter, and what both texts say. */
typedef struct scene {
    check_entropy_t entropy;
    nkt_host_t host;
    nkt_identity_t own;
    nkt_invite_t invite;
    nkt_buf_t text, back;
} scene_t;

static void scene_init(scene_t *scene)
{
    *scene = (scene_t){.entropy = {.seed = 5}};
    scene->host = check_host(&scene->entropy);
    CHECK_OK(nkt_identity_create(&scene->own, &scene->host));
    check_fill(scene->invite.nonce, NKT_NONCE_SIZE, 1);
    memcpy(scene->invite.attempt, scene->invite.nonce, NKT_ATTEMPT_SIZE);
    memcpy(scene->invite.sign_key, scene->own.sign_public, 32);
    memcpy(scene->invite.identity_key, scene->own.identity_public, 32);
    scene->invite.expires_s = 1700000900;
    scene->invite.has_room = 1;
    scene->invite.room = 0xdeadbeef;
    strcpy(scene->invite.nick, "Ada");
}

static void scene_deinit(scene_t *scene)
{
    nkt_buf_free(&scene->text);
    nkt_buf_free(&scene->back);
}

static nkt_invite_seal_t seal_of(const scene_t *scene)
{
    return (nkt_invite_seal_t){.inviter = &scene->own.address,
                               .identity_public = scene->own.identity_public,
                               .identity_private = scene->own.identity_private,
                               .host = &scene->host};
}

/* Reads the text from an allocation of exactly its size. */
static int decode(scene_t *scene, nkt_invite_t *out, const char *text, size_t size, int is_answer)
{
    const nkt_invite_seal_t seal = seal_of(scene);
    char *exact = malloc(size > 0 ? size : 1);
    CHECK(exact != NULL);
    memcpy(exact, text, size);
    int err = nkt_invite_decode(out, &scene->back, exact, size, is_answer ? &seal : NULL);
    free(exact);
    return err;
}

static void encode(scene_t *scene, int is_answer)
{
    const nkt_invite_seal_t seal = seal_of(scene);
    CHECK_OK(nkt_invite_encode(&scene->text, &scene->invite, sdp, sizeof sdp - 1, is_answer ? &seal : NULL));
}

TEST(invite_comes_back)
{
    scene_t scene;
    nkt_invite_t back;
    scene_init(&scene);
    encode(&scene, 0);
    CHECK(scene.text.size < 320);
    CHECK_OK(decode(&scene, &back, (const char *)scene.text.data, scene.text.size, 0));
    CHECK_BYTES(&back, &scene.invite, sizeof back);
    CHECK(strstr((const char *)scene.back.data, " 192.0.2.2 56652 typ host") != NULL);
    for (size_t i = 0; i < scene.text.size; i++) /* fits into the fragment of a URL as it is */
        CHECK(strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", scene.text.data[i]) != NULL);
    scene_deinit(&scene);
}

TEST(invite_answer_comes_back_to_the_inviter_alone)
{
    scene_t scene, other;
    nkt_invite_t back;
    scene_init(&scene);
    scene_init(&other);
    CHECK_OK(nkt_identity_create(&other.own, &scene.host));
    encode(&scene, 1);
    CHECK(scene.text.size < 400);
    CHECK_OK(decode(&scene, &back, (const char *)scene.text.data, scene.text.size, 1));
    CHECK_BYTES(back.nonce, scene.invite.nonce, NKT_NONCE_SIZE);
    CHECK_BYTES(back.attempt, scene.invite.attempt, NKT_ATTEMPT_SIZE);
    CHECK_BYTES(back.sign_key, scene.invite.sign_key, 32);
    CHECK_ERR(decode(&other, &back, (const char *)scene.text.data, scene.text.size, 1), NKT_E_INVITE_FOREIGN);
    scene_deinit(&scene);
    scene_deinit(&other);
}

TEST(invite_is_found_in_what_people_paste)
{
    static const char *const frames[] = {
        "%", "  %\n", "http://localhost:3000/#room=tea&invite=%", "http://localhost:3000/?x=1#invite=%&room=tea",
        "<http://localhost:3000/#invite=%>", "Come in!\r\n\r\n%\r\n\r\nBest regards, Ada", "\"%\"",
    };
    scene_t scene;
    nkt_invite_t back;
    scene_init(&scene);
    encode(&scene, 0);
    for (size_t i = 0; i < COUNT_OF(frames); i++) {
        char text[2000] = "";
        const char *hole = strchr(frames[i], '%');
        check_row("%s", frames[i]);
        strncat(text, frames[i], (size_t)(hole - frames[i]));
        strncat(text, (const char *)scene.text.data, scene.text.size);
        strcat(text, hole + 1);
        CHECK_OK(decode(&scene, &back, text, strlen(text), 0));
    }
    char wrapped[2000] = ""; /* as a mail program quotes it */
    for (size_t at = 0; at < scene.text.size; at += 60) {
        if (at > 0)
            strcat(wrapped, "\r\n> ");
        strncat(wrapped, (const char *)scene.text.data + at, scene.text.size - at < 60 ? scene.text.size - at : 60);
    }
    CHECK_OK(decode(&scene, &back, wrapped, strlen(wrapped), 0));
    scene_deinit(&scene);
}

/* Every character but the letters and digits as `as` writes it, `between` after every `step` characters, the prefix in capitals or not. */
static size_t mangle(char *out, const nkt_buf_t *text, const char *between, size_t step, const char *dash, int is_upper)
{
    out[0] = 0;
    for (size_t i = 0; i < text->size; i++) {
        char one[2] = {(char)text->data[i], 0};
        if (is_upper && i < 11 && one[0] >= 'a' && one[0] <= 'z')
            one[0] = (char)(one[0] - 'a' + 'A');
        strcat(out, one[0] == '-' && dash != NULL ? dash : one);
        if (i % step == step - 1)
            strcat(out, between);
    }
    return strlen(out);
}

TEST(invite_is_read_whatever_its_way_did_to_it)
{
    static const struct {
        const char *what, *between;
        size_t step;
        const char *dash;
        int is_upper;
    } ways[] = {
        {"zero-width spaces", "\xe2\x80\x8b", 1, NULL, 0},
        {"zero-width joiners", "\xe2\x80\x8d\xe2\x80\x8c", 7, NULL, 0},
        {"word joiners", "\xe2\x81\xa0", 3, NULL, 0},
        {"no-break spaces", "\xc2\xa0", 5, NULL, 0},
        {"narrow no-break spaces", "\xe2\x80\xaf", 5, NULL, 0},
        {"soft hyphens", "\xc2\xad", 2, NULL, 0},
        {"soft hyphens where it wraps", "\xc2\xad\r\n", 20, NULL, 0},
        {"byte order marks", "\xef\xbb\xbf", 30, NULL, 0},
        {"directions of writing", "\xe2\x80\x8e\xe2\x81\xa6", 40, NULL, 0},
        {"variation selectors", "\xef\xb8\x8f", 9, NULL, 0},
        {"quotes of quotes", "\n> > | ", 33, NULL, 0},
        {"lines that a mail program wrapped", "=\r\n", 8, NULL, 0},
        {"line separators, wide spaces", "\xe2\x80\xa8\xe3\x80\x80\v\f", 12, NULL, 0},
        {"another dash", "", 1, "\xe2\x80\x91", 0},
        {"an en dash, capitals", "", 1, "\xe2\x80\x93", 1},
        {"percent signs", "", 1, "%2D", 0},
        {"percent signs and line ends of a link", "%0A", 9, "%2d", 1},
    };
    for (int is_answer = 0; is_answer <= 1; is_answer++) {
        scene_t scene;
        nkt_invite_t back;
        scene_init(&scene);
        encode(&scene, is_answer);
        for (size_t i = 0; i < COUNT_OF(ways); i++) {
            static char text[16000];
            check_row("%s", ways[i].what);
            size_t size = mangle(text, &scene.text, ways[i].between, ways[i].step, ways[i].dash, ways[i].is_upper);
            CHECK_OK(decode(&scene, &back, text, size, is_answer));
            CHECK_BYTES(back.nonce, scene.invite.nonce, NKT_NONCE_SIZE);
            if (text[size - 1] == (char)scene.text.data[scene.text.size - 1])
                CHECK_ERR(decode(&scene, &back, text, size - 1, is_answer), NKT_E_INVITE_TEXT);
        }
        scene_deinit(&scene);
    }
}

TEST(invite_that_is_whole_is_found_behind_those_that_are_not)
{
    scene_t scene;
    nkt_invite_t back;
    static char text[8000];
    scene_init(&scene);
    encode(&scene, 0);
    sprintf(text, "Use the nkt-invite-text below (not nkt-answer-)!\n> nkt-invite-%.*s...\n\nNKT-invite-%.*s\n", 100,
            (char *)scene.text.data + 11, (int)scene.text.size - 11, (char *)scene.text.data + 11);
    CHECK_OK(decode(&scene, &back, text, strlen(text), 0));
    CHECK_ERR(decode(&scene, &back, text, strlen(text) - 3, 0), NKT_E_INVITE_VERSION); /* of the first */
    scene_deinit(&scene);
}

TEST(invite_cut_or_changed_anywhere_is_refused)
{
    for (int is_answer = 0; is_answer <= 1; is_answer++) {
        scene_t scene;
        nkt_invite_t back;
        scene_init(&scene);
        encode(&scene, is_answer);
        char *text = (char *)scene.text.data;
        for (size_t size = 0; size < scene.text.size; size++) {
            check_row("%s cut to %zu", is_answer ? "answer" : "invite", size);
            CHECK_ERR(decode(&scene, &back, text, size, is_answer), NKT_E_INVITE_TEXT);
        }
        for (size_t at = 0; at < scene.text.size; at++) {
            char kept = text[at];
            static const char instead[] = "AQz_-9 .\xc3";
            for (size_t k = 0; k < sizeof instead - 1; k++) {
                text[at] = instead[k];
                check_row("%s, '%c' at %zu", is_answer ? "answer" : "invite", instead[k], at);
                int err = decode(&scene, &back, text, scene.text.size, is_answer);
                int is_same = text[at] == kept || (at < 11 && (text[at] | 0x20) == kept); /* a capital in the prefix */
                CHECK(is_same ? err == NKT_OK : err == NKT_E_INVITE_TEXT || err == NKT_E_INVITE_VERSION);
            }
            text[at] = kept;
        }
        scene_deinit(&scene);
    }
}

TEST(invite_that_is_none_has_a_name)
{
    static const char of_version_1[] =
        "nkt-invite-AQDCCiAbFrHfU4uhLcP5ftu4XKpwUNRsFIE0KQ_rqA-CNsg9uRIgiojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIA"
        "bQPb1waIM6NOtHMtjPse3DBeBSlx27NApaFBQ00R0W6BYcOWH1ZIlAAAQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyAhI"
        "iMkJSYnKCkqKywtLi8wMTIzNDU2Nzg5Ojs8PT4_QEFCQ0RFRkdISUpLTE1OTzWAO7FqOgNhbm4M9q2m";
    static char long_text[NKT_INVITE_INPUT_SIZE_MAX + 2];
    scene_t scene;
    nkt_invite_t back;
    scene_init(&scene);
    memset(long_text, ' ', sizeof long_text - 1);
    CHECK_ERR(decode(&scene, &back, "", 0, 0), NKT_E_INVITE_TEXT);
    CHECK_ERR(decode(&scene, &back, "hello", 5, 0), NKT_E_INVITE_TEXT);
    CHECK_ERR(decode(&scene, &back, "nkt-invite-", 11, 0), NKT_E_INVITE_TEXT);
    CHECK_ERR(decode(&scene, &back, "nkt-invite-AQAA", 15, 0), NKT_E_INVITE_VERSION);
    CHECK_ERR(decode(&scene, &back, "nkt-invite-AwAA", 15, 0), NKT_E_INVITE_VERSION);
    CHECK_ERR(decode(&scene, &back, of_version_1, strlen(of_version_1), 0), NKT_E_INVITE_VERSION);
    CHECK_ERR(decode(&scene, &back, "nkt-invite-Av__", 15, 0), NKT_E_INVITE_TEXT);
    encode(&scene, 0);
    CHECK_ERR(decode(&scene, &back, (const char *)scene.text.data, scene.text.size, 1), NKT_E_INVITE_KIND);
    memcpy(long_text, scene.text.data, scene.text.size);
    CHECK_OK(decode(&scene, &back, long_text, NKT_INVITE_INPUT_SIZE_MAX, 0));
    CHECK_ERR(decode(&scene, &back, long_text, NKT_INVITE_INPUT_SIZE_MAX + 1, 0), NKT_E_INVITE_TEXT);
    encode(&scene, 1);
    CHECK_ERR(decode(&scene, &back, (const char *)scene.text.data, scene.text.size, 0), NKT_E_INVITE_KIND);
    scene_deinit(&scene);
}

TEST(invite_with_a_key_of_low_order_is_refused)
{
    scene_t scene;
    nkt_invite_t back;
    scene_init(&scene);
    memset(scene.invite.identity_key, 0, 32);
    encode(&scene, 0);
    CHECK_ERR(decode(&scene, &back, (const char *)scene.text.data, scene.text.size, 0), NKT_E_INVITE_TEXT);
    scene_deinit(&scene);
}

TEST(invite_at_its_longest_still_fits)
{
    scene_t scene;
    nkt_invite_t back;
    scene_init(&scene);
    char full[4000] = "a=ice-ufrag:0123456789012345678901234567890123456789012345678901234567890123\r\n"
                      "a=ice-pwd:0123456789012345678901234567890123456789012345678901234567890123\r\n"
                      "a=mid:0123456789abcdef\r\na=setup:active\r\na=fingerprint:sha-256 "
                      "D1:88:3C:71:0D:4A:A6:5B:FD:E6:50:56:F1:0F:98:D5:18:4B:B0:F3:1D:4E:CD:3A:8F:D9:55:99:D8:BE:58:2D\r\n";
    for (int i = 0; i < NKT_SDP_CANDIDATE_COUNT_MAX; i++)
        strcat(full, "a=candidate:1 1 udp 1 fd00::2 56652 typ host\r\n");
    memset(scene.invite.nick, 'x', NKT_NICK_SIZE_MAX);
    const nkt_invite_seal_t seal = seal_of(&scene);
    CHECK_OK(nkt_invite_encode(&scene.text, &scene.invite, full, strlen(full), NULL));
    CHECK(scene.text.size <= NKT_INVITE_TEXT_SIZE_MAX);
    CHECK_OK(decode(&scene, &back, (const char *)scene.text.data, scene.text.size, 0));
    CHECK_OK(nkt_invite_encode(&scene.text, &scene.invite, full, strlen(full), &seal));
    CHECK(scene.text.size <= NKT_INVITE_TEXT_SIZE_MAX);
    CHECK_OK(decode(&scene, &back, (const char *)scene.text.data, scene.text.size, 1));
    scene_deinit(&scene);
}

TEST(invite_without_memory_or_entropy_says_so)
{
    for (int is_answer = 0; is_answer <= 1; is_answer++) {
        for (unsigned n = 1, failed = 1; failed; n++) {
            scene_t scene;
            nkt_invite_t back;
            scene_init(&scene);
            const nkt_invite_seal_t seal = seal_of(&scene);
            check_row("allocation %u", n);
            check_allocations_fail_at(n);
            int err = nkt_invite_encode(&scene.text, &scene.invite, sdp, sizeof sdp - 1, is_answer ? &seal : NULL);
            if (err == NKT_OK)
                err = nkt_invite_decode(&back, &scene.back, (const char *)scene.text.data, scene.text.size,
                                        is_answer ? &seal : NULL);
            failed = (unsigned)check_allocation_failed();
            check_allocations_fail_at(0);
            CHECK(failed ? err == NKT_E_MEMORY || err == NKT_E_INVITE_TEXT || err == NKT_E_INVITE_FOREIGN : err == NKT_OK);
            scene_deinit(&scene);
        }
    }
    scene_t scene;
    scene_init(&scene);
    const nkt_invite_seal_t seal = seal_of(&scene);
    scene.entropy.fail_at = scene.entropy.call_count + 1;
    CHECK_ERR(nkt_invite_encode(&scene.text, &scene.invite, sdp, sizeof sdp - 1, &seal), NKT_E_ENTROPY);
    scene_deinit(&scene);
}
