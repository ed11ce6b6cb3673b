/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Descriptions in a few bytes: as browsers write them, as nobody should, and bytes that are none. */
#include "overlay/sdp.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "overlay/signal.h"

#define PRINT "D1:88:3C:71:0D:4A:A6:5B:FD:E6:50:56:F1:0F:98:D5:18:4B:B0:F3:1D:4E:CD:3A:8F:D9:55:99:D8:BE:58:2D"
#define HEAD "v=0\r\no=- 8991605788780091917 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n"
#define MEDIA "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\n"
#define ICE "a=ice-ufrag:o8hW\r\na=ice-pwd:AbsuH27nQqMKNyQ4/qzkq7hw\r\na=ice-options:trickle\r\n"
#define TAIL "a=fingerprint:sha-256 " PRINT "\r\na=setup:actpass\r\na=mid:0\r\na=sctp-port:5000\r\na=max-message-size:262144\r\n"

static const char chromium[] =
    HEAD MEDIA
    "a=candidate:1101743863 1 udp 2113937151 192.0.2.2 56652 typ host generation 0 network-cost 999\r\n"
    "a=candidate:1188637255 1 udp 2113942271 fd00::2 46453 typ host generation 0 network-cost 999\r\n"
    "a=candidate:77 1 udp 1677729535 203.0.113.9 40000 typ srflx raddr 192.0.2.2 rport 56652 generation 0\r\n" ICE TAIL;
static const char chromium_mdns[] =
    HEAD MEDIA
    "a=candidate:3757532841 1 udp 2113937151 0a24d644-d56b-4ca4-a7e9-5cdf4387bf2c.local 52078 typ host generation 0\r\n" ICE TAIL;
static const char wrtc[] =
    HEAD MEDIA
    "a=candidate:3077952869 1 udp 2122265343 fd00::2 55281 typ host generation 0 network-id 2\r\n"
    "a=candidate:3229573512 1 udp 2122194687 192.0.2.2 49364 typ host generation 0 network-id 1\r\n"
    "a=candidate:559267639 1 udp 2122136831 ::1 53994 typ host generation 0 network-id 4\r\n"
    "a=candidate:1510613869 1 udp 2122063615 127.0.0.1 40858 typ host generation 0 network-id 3\r\n"
    "a=candidate:4193659285 1 tcp 1518285567 fd00::2 42479 typ host tcptype passive generation 0 network-id 2\r\n" ICE TAIL;
static const char firefox[] =
    "v=0\r\no=mozilla...THIS_IS_SDPARTA-99.0 5108216163826327142 0 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=sendrecv\r\n"
    "a=fingerprint:sha-256 " PRINT "\r\na=group:BUNDLE 0\r\na=ice-options:trickle\r\na=msid-semantic:WMS *\r\n"
    "m=application 53421 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 192.0.2.7\r\n"
    "a=candidate:0 1 UDP 2122252543 192.0.2.7 53421 typ host\r\n"
    "a=candidate:1 1 TCP 2105524479 192.0.2.7 9 typ host tcptype active\r\n"
    "a=candidate:2 1 UDP 1685987327 203.0.113.9 53421 typ srflx raddr 192.0.2.7 rport 53421\r\n"
    "a=sendrecv\r\na=end-of-candidates\r\na=ice-pwd:c2e4ab17c1a0a4d3d2ccb9f4c9fd66fa\r\na=ice-ufrag:1f8f8a5e\r\na=mid:0\r\n"
    "a=setup:actpass\r\na=sctp-port:5000\r\na=max-message-size:1073741823\r\n";

/* Packs, unpacks; the text is on the heap, terminated. */
static char *through(const char *sdp, size_t *packed_size)
{
    nkt_buf_t packed = {0}, back = {0};
    CHECK_OK(nkt_sdp_pack(&packed, sdp, strlen(sdp)));
    CHECK_OK(nkt_sdp_unpack(&back, packed.data, packed.size));
    char *text = nkt_text_copy((const char *)back.data, back.size);
    CHECK(text != NULL);
    *packed_size = packed.size;
    nkt_buf_free(&packed);
    nkt_buf_free(&back);
    return text;
}

TEST(sdp_of_every_platform_comes_back_with_all_that_matters)
{
    static const struct {
        const char *what, *sdp;
        const char *lines[6];
        const char *gone;
        size_t size_max;
    } rows[] = {
        {"Chromium", chromium,
         {"a=ice-ufrag:o8hW\r\n", "a=ice-pwd:AbsuH27nQqMKNyQ4/qzkq7hw\r\n", " 192.0.2.2 56652 typ host\r\n",
          " FD00:0000:0000:0000:0000:0000:0000:0002 46453 typ host\r\n",
          " 203.0.113.9 40000 typ srflx raddr 0.0.0.0 rport 0\r\n", "a=setup:actpass\r\n"},
         "generation", 110},
        {"Chromium that hides its addresses", chromium_mdns,
         {" 0A24D644-D56B-4CA4-A7E9-5CDF4387BF2C.local 52078 typ host\r\n"}, "generation", 90},
        {"wrtc", wrtc, {" 192.0.2.2 49364 typ host\r\n", " FD00:0000:0000:0000:0000:0000:0000:0002 55281 typ host\r\n"},
         "127.0.0.1 40858", 100},
        {"Firefox", firefox,
         {"a=ice-ufrag:1f8f8a5e\r\n", "a=ice-pwd:c2e4ab17c1a0a4d3d2ccb9f4c9fd66fa\r\n", " 192.0.2.7 53421 typ host\r\n",
          "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n"},
         "tcp", 100},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        uint8_t before[NKT_FINGERPRINT_SIZE], after[NKT_FINGERPRINT_SIZE];
        size_t size;
        check_row("%s", rows[i].what);
        char *text = through(rows[i].sdp, &size);
        for (size_t k = 0; k < COUNT_OF(rows[i].lines) && rows[i].lines[k] != NULL; k++)
            CHECK(strstr(text, rows[i].lines[k]) != NULL);
        CHECK(strstr(text, rows[i].gone) == NULL);
        CHECK_OK(nkt_sdp_fingerprint(rows[i].sdp, strlen(rows[i].sdp), before));
        CHECK_OK(nkt_sdp_fingerprint(text, strlen(text), after));
        CHECK_BYTES(after, before, sizeof before);
        CHECK(size <= rows[i].size_max);
        /* what was built is itself a description, and says the same */
        char *again = through(text, &size);
        CHECK_TEXT(again, text);
        free(again);
        free(text);
    }
}

TEST(sdp_keeps_loopback_only_when_there_is_nothing_else)
{
    size_t size;
    char *text = through(HEAD MEDIA "a=candidate:1 1 udp 1 127.0.0.1 5000 typ host\r\na=candidate:1 1 udp 1 ::1 5001 typ host\r\n"
                         ICE TAIL, &size);
    CHECK(strstr(text, " 127.0.0.1 5000 typ host") != NULL);
    CHECK(strstr(text, ":0001 5001 typ host") != NULL);
    free(text);
}

TEST(sdp_keeps_what_reaches_far_among_many_addresses)
{
    char sdp[NKT_SDP_SIZE_MAX] = HEAD MEDIA;
    size_t size, count = 0;
    for (int i = 0; i < 20; i++)
        strcat(sdp, "a=candidate:1 1 udp 1 192.0.2.2 5000 typ host\r\n");
    strcat(sdp, "a=candidate:1 1 udp 1 203.0.113.9 6000 typ srflx raddr 0.0.0.0 rport 0\r\n" ICE TAIL);
    char *text = through(sdp, &size);
    CHECK(strstr(text, " 203.0.113.9 6000 typ srflx") != NULL);
    for (const char *at = text; (at = strstr(at, "a=candidate:")) != NULL; at++)
        count++;
    CHECK_EQ(count, NKT_SDP_CANDIDATE_COUNT_MAX);
    free(text);
}

TEST(sdp_candidates_that_are_none_are_left_out)
{
    static const char *const bad[] = {
        "1 1 udp 1 192.0.2.2.1 5000 typ host", "1 1 udp 1 192.0.2 5000 typ host", "1 1 udp 1 192.0.2.256 5000 typ host",
        "1 1 udp 1 192.0.2.0002 5000 typ host", "1 1 udp 1 fd00::2::1 5000 typ host", "1 1 udp 1 fd00:1 5000 typ host",
        "1 1 udp 1 1:2:3:4:5:6:7:8:9 5000 typ host", "1 1 udp 1 fe80::1%eth0 5000 typ host", "1 1 udp 1 ::g 5000 typ host",
        "1 1 udp 1 1:2:3:4:5:6:7:8:: 5000 typ host", "1 1 udp 1 12345::1 5000 typ host", "1 1 udp 1 1: 5000 typ host",
        "1 1 udp 1 : 5000 typ host", "1 1 udp 1 example.local 5000 typ host",
        "1 1 udp 1 0a24d644-d56b-4ca4-a7e9-5cdf4387bf2.local 5000 typ host",
        "1 1 udp 1 0a24d644-d56b-4ca4-a7e9-5cdf4387bf2x.local 5000 typ host",
        "1 1 udp 1 0a24d644-d56b-4ca4-a7e95-cdf4387bf2c.local 5000 typ host", "1 2 udp 1 192.0.2.2 5000 typ host",
        "1 1 tcp 1 192.0.2.2 5000 typ host", "1 1 udp 1 192.0.2.2 0 typ host", "1 1 udp 1 192.0.2.2 65536 typ host",
        "1 1 udp 1 192.0.2.2 -1 typ host", "1 1 udp 1 192.0.2.2 50x typ host", "1 1 udp 1 192.0.2.2 5000 typ prflx",
        "1 1 udp 1 192.0.2.2 5000 host", "1 1 udp 1 192.0.2.2", "", "1", " ",
    };
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        char sdp[2000] = HEAD MEDIA "a=candidate:";
        size_t size;
        check_row("%s", bad[i]);
        strcat(strcat(strcat(sdp, bad[i]), "\r\n"), ICE TAIL);
        char *text = through(sdp, &size);
        CHECK(strstr(text, "a=candidate") == NULL);
        free(text);
    }
}

TEST(sdp_without_what_is_needed_is_refused)
{
    static const struct {
        const char *what, *sdp;
    } rows[] = {
        {"empty", ""},
        {"no ICE", HEAD MEDIA TAIL},
        {"no password", HEAD MEDIA "a=ice-ufrag:o8hW\r\n" TAIL},
        {"a short fragment", HEAD MEDIA "a=ice-ufrag:o8h\r\na=ice-pwd:AbsuH27nQqMKNyQ4/qzkq7hw\r\n" TAIL},
        {"a short password", HEAD MEDIA "a=ice-ufrag:o8hW\r\na=ice-pwd:AbsuH27nQqMKNyQ4/qzkq\r\n" TAIL},
        {"an odd character", HEAD MEDIA "a=ice-ufrag:o8 W\r\na=ice-pwd:AbsuH27nQqMKNyQ4/qzkq7hw\r\n" TAIL},
        {"two fragments", HEAD MEDIA ICE "a=ice-ufrag:abcd\r\n" TAIL},
        {"no fingerprint", HEAD MEDIA ICE "a=setup:active\r\na=mid:0\r\n"},
        {"no setup", HEAD MEDIA ICE "a=fingerprint:sha-256 " PRINT "\r\na=mid:0\r\n"},
        {"another setup", HEAD MEDIA ICE "a=fingerprint:sha-256 " PRINT "\r\na=mid:0\r\na=setup:holdconn\r\n"},
        {"no mid", HEAD MEDIA ICE "a=fingerprint:sha-256 " PRINT "\r\na=setup:active\r\n"},
        {"a long mid", HEAD MEDIA ICE "a=fingerprint:sha-256 " PRINT "\r\na=setup:active\r\na=mid:01234567890123456\r\n"},
        {"another port", HEAD MEDIA ICE "a=fingerprint:sha-256 " PRINT "\r\na=setup:active\r\na=mid:0\r\na=sctp-port:5001\r\n"},
    };
    nkt_buf_t out = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        check_row("%s", rows[i].what);
        CHECK_ERR(nkt_sdp_pack(&out, rows[i].sdp, strlen(rows[i].sdp)), NKT_E_PAYLOAD);
    }
    nkt_buf_free(&out);
}

TEST(sdp_bytes_cut_anywhere_or_changed_are_refused_or_sound)
{
    nkt_buf_t packed = {0}, back = {0};
    CHECK_OK(nkt_sdp_pack(&packed, chromium, sizeof chromium - 1));
    for (size_t size = 0; size < packed.size; size++) {
        uint8_t *exact = malloc(size > 0 ? size : 1);
        CHECK(exact != NULL);
        memcpy(exact, packed.data, size);
        check_row("cut to %zu bytes", size);
        CHECK_ERR(nkt_sdp_unpack(&back, exact, size), NKT_E_PAYLOAD);
        free(exact);
    }
    for (size_t at = 0; at < packed.size; at++) {
        for (int value = 0; value < 256; value++) {
            uint8_t kept = packed.data[at];
            check_row("byte %zu is %d", at, value);
            packed.data[at] = (uint8_t)value;
            int err = nkt_sdp_unpack(&back, packed.data, packed.size);
            CHECK(err == NKT_OK || err == NKT_E_PAYLOAD);
            for (size_t i = 0; err == NKT_OK && i < back.size; i++) /* nothing but text and whole line ends */
                CHECK(back.data[i] == '\r'   ? back.data[i + 1] == '\n'
                      : back.data[i] == '\n' ? back.data[i - 1] == '\r'
                                             : back.data[i] >= ' ' && back.data[i] < 127);
            packed.data[at] = kept;
        }
    }
    CHECK_OK(nkt_buf_append_u8(&packed, 0));
    CHECK_ERR(nkt_sdp_unpack(&back, packed.data, packed.size), NKT_E_PAYLOAD);
    nkt_buf_free(&packed);
    nkt_buf_free(&back);
}
